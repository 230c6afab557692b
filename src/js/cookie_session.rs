//! `CookieSession`: one session cookie, to be authenticated. Nothing waits unless keys have to be loaded.

use std::rc::Rc;

use js_sys::Promise;
use js_sys::futures::future_to_promise;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::arguments::wrong;
use super::environment::{Environment, Scope};
use super::text::text;
use super::view;
use super::workos::Shared;
use crate::client::Client;
use crate::error::Rejection;
use crate::host::Host;
use crate::jwks::KeySet;
use crate::session::{AuthenticatedSession, UnsealedSession, Verified};
use crate::time::Timestamp;

/// The cookies of one client that are sealed with the same passwords.
#[wasm_bindgen(skip_typescript)]
pub struct CookieChecker {
    shared: Rc<Shared>,
    scope: Rc<Scope>,
}

#[wasm_bindgen(module = "/src/js/cookie_session.js")]
extern "C" {
    /// What `loadSealedSession` gives.
    pub type CookieSession;
    #[wasm_bindgen(constructor)]
    pub(super) fn new(checker: &JsValue, session_data: JsValue) -> CookieSession;
}

impl CookieChecker {
    pub(super) const fn new(shared: Rc<Shared>, scope: Rc<Scope>) -> Self {
        Self { shared, scope }
    }
}

#[wasm_bindgen]
impl CookieChecker {
    /// Who is signed in: a result, or the promise of one where keys have to be loaded.
    ///
    /// # Errors
    /// A TypeError for session data that is no string.
    #[wasm_bindgen(skip_typescript)]
    pub fn authenticate(&self, session_data: &JsValue) -> Result<JsValue, JsValue> {
        match self.check(session_data)? {
            Check::Done(value) => Ok(value),
            Check::KeysNeeded(session) => Ok(self.check_with_newer_keys(session).into()),
        }
    }
}

enum Check {
    Done(JsValue),
    /// No keys are there, or none of them is the one.
    KeysNeeded(UnsealedSession),
}

impl CookieChecker {
    /// All that can be done without waiting.
    fn check(&self, session_data: &JsValue) -> Result<Check, JsValue> {
        let Shared { environment, host, .. } = &*self.shared;
        if session_data.is_null() || session_data.is_undefined() {
            return view::refused(Rejection::CookieMissing).map(Check::Done);
        }
        let session_data = text(session_data).ok_or_else(|| wrong("sessionData", "has to be a string"))?;
        let now = host.now();
        let keys =
            host.with_key_memory(|memory| memory.ready(&environment.jwks_url, now).map(|keys| Rc::clone(&keys.set)));
        if let Some(keys) = &keys
            && let Some(value) = self.scope.memo.borrow().get(&session_data, keys, now)
        {
            return Ok(Check::Done(value.clone()));
        }
        let opened = UnsealedSession::open(Some(&session_data), &self.scope.passwords, environment.accepted(), now);
        let session = match opened {
            Ok(session) => session,
            Err(rejection) => return view::refused(rejection).map(Check::Done),
        };
        let Some(keys) = keys else {
            return Ok(Check::KeysNeeded(session));
        };
        match session.authenticate(&keys, environment.workos.policy(), now) {
            Ok(authenticated) => self.remember(&session_data, keys, now, &authenticated).map(Check::Done),
            Err(Rejection::UnknownKey) => Ok(Check::KeysNeeded(session)),
            Err(rejection) => view::refused(rejection).map(Check::Done),
        }
    }

    fn remember(
        &self,
        session_data: &str,
        keys: Rc<KeySet>,
        now: Timestamp,
        authenticated: &AuthenticatedSession,
    ) -> Result<JsValue, JsValue> {
        let value = view::authenticated(authenticated)?;
        let leeway_seconds = self.shared.environment.workos.policy().leeway_seconds;
        let until = authenticated.session().expires_at().plus_seconds(leeway_seconds);
        let verified = Verified { keys, at: now, until, value: value.clone() };
        self.scope.memo.borrow_mut().put(session_data, verified);
        Ok(value)
    }

    /// The same once the keys are there; the next call remembers.
    fn check_with_newer_keys(&self, session: UnsealedSession) -> Promise {
        let shared = Rc::clone(&self.shared);
        future_to_promise(async move {
            let Environment { workos, .. } = &*shared.environment;
            match Client::new(workos, &shared.host).authenticate(&session).await {
                Ok(authenticated) => view::authenticated(&authenticated),
                Err(rejection) => view::refused(rejection),
            }
        })
    }
}
