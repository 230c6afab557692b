//! `workos.webhooks.constructEvent`: an event, once its signature is checked. Conversion only.

use js_sys::{Date, Error, Promise, Reflect, Uint8Array};
use serde_json::{Map, Value};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::arguments::{Options, timestamp, wrong};
use super::json;
use crate::provider::workos::{WebhookRejection, camel_case_event, verify_webhook};

/// `workos.webhooks`.
#[wasm_bindgen(skip_typescript)]
pub struct Webhooks;

/// The SDK's tolerance, in milliseconds.
const TOLERANCE_MILLISECONDS: f64 = 180_000.0;

#[wasm_bindgen]
impl Webhooks {
    /// `constructEvent({ payload, sigHeader, secret, tolerance? })`.
    #[wasm_bindgen(js_name = constructEvent, skip_typescript)]
    pub fn construct_event(&self, options: &JsValue) -> Promise {
        match construct(options) {
            Ok(event) => Promise::resolve(&event),
            Err(error) => Promise::reject(&error),
        }
    }
}

fn construct(options: &JsValue) -> Result<JsValue, JsValue> {
    let options = Options::new(options)?;
    let body = body(&options.value("payload")?.unwrap_or_default())?;
    let (header, secret) = (options.required("sigHeader")?, options.required("secret")?);
    let tolerance = timestamp("tolerance", options.number("tolerance")?.unwrap_or(TOLERANCE_MILLISECONDS))?;
    let now = timestamp("now", Date::now())?;
    verify_webhook(&body, &header, secret.as_bytes(), tolerance.milliseconds(), now).map_err(thrown)?;
    let event =
        serde_json::from_slice::<Map<String, Value>>(&body).map_err(|_| wrong("payload", "is no JSON object"))?;
    json::plain(&camel_case_event(event).into())
}

/// The body as it arrived: text or bytes. What was parsed already is written down again, as the SDK does.
fn body(payload: &JsValue) -> Result<Vec<u8>, JsValue> {
    if let Some(text) = payload.as_string() {
        return Ok(text.into_bytes());
    }
    if let Some(bytes) = payload.dyn_ref::<Uint8Array>() {
        return Ok(bytes.to_vec());
    }
    if payload.is_object() {
        return json::write("payload", payload).map(String::into_bytes);
    }
    Err(wrong("payload", "has to be the body as it arrived: a string or a Uint8Array"))
}

/// The SDK's error.
fn thrown(rejection: WebhookRejection) -> JsValue {
    let error = Error::new(rejection.message());
    error.set_name("SignatureVerificationException");
    for (name, value) in
        [("reason", "invalid_signature".into()), ("detail", rejection.code().into()), ("retryable", JsValue::FALSE)]
    {
        // A new object takes any member.
        let _ = Reflect::set(&error, &name.into(), &value);
    }
    error.into()
}
