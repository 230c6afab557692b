//! `resealSession`: a session in the seal of another SDK, for the command `edgeseal reseal`. Not part of the package's API.

use js_sys::{Date, TypeError};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::arguments::{Options, long_string, password_ring, timestamp, wrong};
use super::random::from_source;
use super::view;
use crate::seal::{SealEntropy, SealFormat, SealFormats};
use crate::session::UnsealedSession;

/// `resealSession(sealed, { password, newPassword?, format })`.
///
/// # Errors
/// A TypeError that names the argument that cannot work; an Error with `detail` for a seal that does not open, or holds no session.
#[wasm_bindgen(js_name = resealSession, skip_typescript)]
pub fn reseal_session(sealed: &JsValue, options: &JsValue) -> Result<String, JsValue> {
    let sealed = long_string("sealed", sealed)?;
    let options = Options::new(options)?;
    let passwords = options.passwords()?;
    let new_passwords = options.value("newPassword")?.map(|value| password_ring("newPassword", &value)).transpose()?;
    let format = SealFormat::from_name(&options.required("format")?).filter(|format| format.written() == *format);
    let format = format.ok_or_else(|| wrong("format", "is not one that can be sealed"))?;
    let now = timestamp("now", Date::now())?;
    let session = UnsealedSession::open(Some(&sealed), &passwords, accepted(&sealed), now)
        .map_err(|rejection| view::error("not a session that opens", rejection))?;
    let entropy = from_source(|fill| SealEntropy::from_source(fill))?;
    let name = if new_passwords.is_some() { "newPassword" } else { "password" };
    session
        .seal_as(format, new_passwords.as_ref().unwrap_or(&passwords), entropy, now)
        .map_err(|error| TypeError::new(&format!("`{name}`: {error}")).into())
}

/// One that takes long to open is opened where it can be nothing else: whoever asks holds it in hand.
fn accepted(sealed: &str) -> SealFormats {
    match SealFormat::detect(sealed) {
        [SealFormat::Dotnet] => SealFormats::only(SealFormat::Dotnet),
        _ => SealFormats::DEFAULT,
    }
}
