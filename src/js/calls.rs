//! The calls of the SDK beside sessions' own: sign-ins, URLs, the list of a person's sessions. Conversion only.
//!
//! Whatever rejects in the SDK rejects here, with the same name and members, and `reason`, `detail` and `retryable` besides.

use std::rc::Rc;

use js_sys::{Error, Object, Promise};
use serde_json::Value;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::arguments::{Options, string, wrong};
use super::environment::Scope;
use super::json;
use super::workos::{Shared, UserManagement};
use crate::host::{Host, promise};
use crate::provider::workos::{ApiError, Grant, ListOptions, authentication_response, list_sessions, revoke_session};
use crate::seal::SealFormat;
use crate::session::UnsealedSession;

#[wasm_bindgen(module = "/src/js/session_list.js")]
extern "C" {
    type SessionList;
    #[wasm_bindgen(constructor)]
    fn new(page: JsValue, user_management: JsValue, user_id: &str, options: JsValue) -> SessionList;
}

#[wasm_bindgen(js_class = UserManagement)]
impl UserManagement {
    /// `authenticateWithCode({ code, codeVerifier?, session? })`.
    #[wasm_bindgen(js_name = authenticateWithCode, skip_typescript)]
    pub fn authenticate_with_code(&self, options: &JsValue) -> Promise {
        self.authenticate_with(options, |options| {
            let code_verifier = options.string("codeVerifier")?;
            if code_verifier.as_ref().is_some_and(|verifier| verifier.trim().is_empty()) {
                return Err(wrong("codeVerifier", "is empty"));
            }
            if code_verifier.is_none() && !self.shared().environment.workos.has_api_key() {
                return Err(wrong("codeVerifier", "is missing; a client without an API key needs one"));
            }
            Ok(Grant {
                code: Some(options.required("code")?),
                code_verifier: code_verifier.map(Into::into),
                invitation_token: options.string("invitationToken")?,
                signals_id: options.string("signalsId")?,
                ..Grant::default()
            })
        })
    }

    /// `authenticateWithRefreshToken({ refreshToken, organizationId?, session? })`.
    #[wasm_bindgen(js_name = authenticateWithRefreshToken, skip_typescript)]
    pub fn authenticate_with_refresh_token(&self, options: &JsValue) -> Promise {
        self.authenticate_with(options, |options| {
            Ok(Grant {
                refresh_token: Some(options.required("refreshToken")?.into()),
                organization_id: options.string("organizationId")?,
                ..Grant::default()
            })
        })
    }

    /// `getJwksUrl(clientId)`.
    ///
    /// # Errors
    /// A TypeError for what is no client id.
    #[wasm_bindgen(js_name = getJwksUrl, skip_typescript)]
    pub fn jwks_url(&self, client_id: &JsValue) -> Result<String, JsValue> {
        let client_id = string("clientId", client_id)?;
        let url = self.shared().environment.workos.jwks_url_of(&client_id);
        url.ok_or_else(|| wrong("clientId", "has to be a client id, `client_…`"))
    }

    /// `getLogoutUrl({ sessionId, returnTo? })`.
    ///
    /// # Errors
    /// A TypeError that names the argument that cannot work.
    #[wasm_bindgen(js_name = getLogoutUrl, skip_typescript)]
    pub fn logout_url(&self, options: &JsValue) -> Result<String, JsValue> {
        let options = Options::new(options)?;
        let (session_id, return_to) = (options.required("sessionId")?, options.string("returnTo")?);
        Ok(self.shared().environment.workos.logout_url(&session_id, return_to.as_deref()))
    }

    /// `listSessions(userId, { limit?, order?, before?, after? })`.
    #[wasm_bindgen(js_name = listSessions, skip_typescript)]
    pub fn list_sessions(&self, user_id: &JsValue, options: &JsValue) -> Promise {
        let (user_id, read) = match string("userId", user_id).and_then(|id| Ok((id, list_options(options)?))) {
            Ok(arguments) => arguments,
            Err(error) => return Promise::reject(&error),
        };
        let (shared, options) = (Rc::clone(self.shared()), options.clone());
        let again: JsValue = Self::of(Rc::clone(self.shared())).into();
        promise(async move {
            let request = shared.environment.workos.list_sessions_request(&user_id, &read);
            let request = request.ok_or_else(|| wrong("userId", "has to be a user's id, `user_…`"))?;
            let path = request.request.uri().path().to_owned();
            let page = list_sessions(shared.host.fetch(request).await, &path).map_err(thrown)?;
            Ok(SessionList::new(json::plain(&page.into())?, again, &user_id, options).into())
        })
    }

    /// `revokeSession({ sessionId })`.
    #[wasm_bindgen(js_name = revokeSession, skip_typescript)]
    pub fn revoke_session(&self, options: &JsValue) -> Promise {
        let session_id = match Options::new(options).and_then(|options| options.required("sessionId")) {
            Ok(session_id) => session_id,
            Err(error) => return Promise::reject(&error),
        };
        let shared = Rc::clone(self.shared());
        promise(async move {
            let request = shared.environment.workos.revoke_session_request(&session_id);
            revoke_session(shared.host.fetch(request).await).map_err(thrown)?;
            // A refresh that is under way brings nobody back.
            shared.client().ended(&session_id).await;
            Ok(JsValue::UNDEFINED)
        })
    }

    fn authenticate_with(&self, options: &JsValue, grant: impl Fn(&Options<'_>) -> Result<Grant, JsValue>) -> Promise {
        let read = || {
            let options = Options::new(options)?;
            if options.string("clientId")?.is_some_and(|id| id != self.shared().environment.workos.client_id()) {
                return Err(wrong("clientId", "is another one than the client's; make another client for it"));
            }
            let grant = Grant {
                ip_address: options.string("ipAddress")?,
                user_agent: options.string("userAgent")?,
                ..grant(&options)?
            };
            Ok((grant, self.seal_options(&options)?))
        };
        match read() {
            Ok((grant, scope)) => exchange(Rc::clone(self.shared()), grant, scope),
            Err(error) => Promise::reject(&error),
        }
    }
}

/// Asks the provider, and seals the session of its answer where that is wanted.
fn exchange(shared: Rc<Shared>, grant: Grant, scope: Option<Rc<Scope>>) -> Promise {
    promise(async move {
        let request = shared.environment.workos.grant_request(&grant);
        let (pair, mut answer) = authentication_response(shared.host.fetch(request).await).map_err(thrown)?;
        if let Some(scope) = scope {
            let session = UnsealedSession::first(pair, SealFormat::Iron);
            answer.insert("sealedSession".to_owned(), shared.client().seal(&session, &scope.passwords).into());
        }
        json::plain(&answer.into())
    })
}

fn list_options(options: &JsValue) -> Result<ListOptions, JsValue> {
    if options.is_undefined() {
        return Ok(ListOptions::default());
    }
    let options = Options::new(options)?;
    Ok(ListOptions {
        limit: options.count("limit", 100)?,
        order: options.string("order")?,
        before: options.string("before")?,
        after: options.string("after")?,
    })
}

/// The SDK's error, with what it means.
fn thrown(error: ApiError) -> JsValue {
    let ApiError { name, message, mut members, rejection } = error;
    members.insert("name".to_owned(), name.into());
    members.insert("reason".to_owned(), rejection.rejection.reason().code().into());
    members.insert("detail".to_owned(), rejection.rejection.code().into());
    members.insert("retryable".to_owned(), rejection.rejection.is_retryable().into());
    let error = Error::new(&message);
    match json::plain(&Value::Object(members)) {
        Ok(members) => Object::assign(&error, members.unchecked_ref()).into(),
        Err(error) => error,
    }
}
