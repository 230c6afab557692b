//! `CookieSession`: one session cookie, to be authenticated. Nothing waits unless keys have to be loaded.

use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::arguments::{optional_string, wrong};
use super::environment::{Remembered, Scope};
use super::text::utf8;
use super::view;
use super::workos::Shared;
use crate::error::Rejection;
use crate::host::{Host, beside, promise};
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
    #[wasm_bindgen(method)]
    pub(super) fn authenticate(this: &CookieSession) -> Promise;
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

    /// The same client with another password.
    ///
    /// # Errors
    /// A TypeError for a password that cannot be one.
    #[wasm_bindgen(js_name = withPassword, skip_typescript)]
    pub fn with_password(&self, cookie_password: &JsValue) -> Result<JsValue, JsValue> {
        Ok(self.shared.checker(self.shared.environment.scope(cookie_password)?))
    }

    /// The next generation of a session, sealed for `next`. The organization stays unless another is asked for.
    ///
    /// # Errors
    /// A TypeError for an argument that is no string.
    #[wasm_bindgen(skip_typescript)]
    pub fn refresh(&self, session_data: &JsValue, next: &Self, organization_id: &JsValue) -> Result<Promise, JsValue> {
        let organization_id = optional_string("organizationId", organization_id)?;
        let session = match self.open(session_data)? {
            Ok(session) => session,
            Err(rejection) => return Ok(Promise::resolve(&view::not_refreshed(rejection.into())?)),
        };
        let (shared, scope) = (Rc::clone(&self.shared), Rc::clone(&next.scope));
        Ok(promise(async move {
            let client = shared.client();
            if let Err(rejection) = client.check_refreshable(&session, shared.environment.revocation).await {
                return view::not_refreshed(rejection.into());
            }
            match client.refresh(&session, organization_id.as_deref()).await {
                Ok(_) if client.was_outrun(&session).await => view::not_refreshed(Rejection::SessionRevoked.into()),
                // The pair was rotated: whatever else there is to say of it, it has to reach the browser.
                Ok(next) => {
                    let sealed_session = client.seal(&next, &scope.passwords);
                    view::refreshed(&next, &sealed_session, shared.host.has_session_objects())
                }
                Err(rejection) => view::not_refreshed(rejection),
            }
        }))
    }

    /// Where the browser goes so that the provider ends the session. An expired token will do.
    ///
    /// # Errors
    /// A TypeError for an argument that is no string; an Error with `reason`, `detail` and `retryable` for a cookie that names no
    /// session.
    #[wasm_bindgen(js_name = logoutUrl, skip_typescript)]
    pub fn logout_url(&self, session_data: &JsValue, return_to: &JsValue) -> Result<String, JsValue> {
        let return_to = optional_string("returnTo", return_to)?;
        let session_id =
            self.open(session_data)?.and_then(|session| session.session_id().ok_or(Rejection::SessionMalformed));
        let session_id = session_id.map_err(|rejection| {
            let reason = rejection.reason().code();
            view::error(&format!("Failed to extract session ID for logout URL: {reason}"), rejection)
        })?;
        Ok(self.shared.environment.workos.logout_url(&session_id, return_to.as_deref()))
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
        let session_data = session_bytes(session_data)?;
        let now = host.now();
        let keys = host
            .with_key_memory(|memory| memory.keys.ready(&environment.jwks_url, now).map(|keys| Rc::clone(&keys.value)));
        if let Some(keys) = &keys
            && let Some(known) = self.recall(&session_data, keys, now)
        {
            return self.unless_revoked(known).map(Check::Done);
        }
        let session_data = String::from_utf8(session_data).unwrap_or_default();
        let session = match self.unseal(&session_data) {
            Ok(session) => session,
            Err(rejection) => return view::refused(rejection).map(Check::Done),
        };
        let Some(keys) = keys else {
            return Ok(Check::KeysNeeded(session));
        };
        match session.authenticate(&keys, environment.workos.policy(), now) {
            Ok(authenticated) => {
                let known = self.remember(&session_data, keys, now, &session, &authenticated)?;
                self.unless_revoked(known).map(Check::Done)
            }
            Err(Rejection::UnknownKey) => Ok(Check::KeysNeeded(session)),
            Err(rejection) => view::refused(rejection).map(Check::Done),
        }
    }

    fn open(&self, session_data: &JsValue) -> Result<Result<UnsealedSession, Rejection>, JsValue> {
        let session_data = String::from_utf8(session_bytes(session_data)?).unwrap_or_default();
        Ok(self.unseal(&session_data))
    }

    fn unseal(&self, session_data: &str) -> Result<UnsealedSession, Rejection> {
        let Shared { environment, host, .. } = &*self.shared;
        UnsealedSession::open(Some(session_data), &self.scope.passwords, environment.accepted(), host.now())
    }

    fn recall(&self, session_data: &[u8], keys: &Rc<KeySet>, now: Timestamp) -> Option<Remembered> {
        self.scope.memo.borrow().get(session_data, keys, now).cloned()
    }

    fn remember(
        &self,
        session_data: &str,
        keys: Rc<KeySet>,
        now: Timestamp,
        session: &UnsealedSession,
        authenticated: &AuthenticatedSession,
    ) -> Result<Remembered, JsValue> {
        let identity = self.shared.client().identity(authenticated.session());
        let known = Remembered { value: view::authenticated(authenticated)?, identity };
        let until = session.holds_until(authenticated, self.shared.environment.workos.policy());
        self.scope.memo.borrow_mut().put(session_data, Verified { keys, at: now, until, value: known.clone() });
        Ok(known)
    }

    /// What was found, if it was not revoked: at once, or the promise of it where the list has to be read, or the object asked.
    fn unless_revoked(&self, Remembered { value, identity }: Remembered) -> Result<JsValue, JsValue> {
        let client = self.shared.client();
        if client.revocations().is_due() {
            let shared = Rc::clone(&self.shared);
            beside(async move { shared.client().revocations().reload().await });
        }
        match client.revocations().check_now(identity.as_ref(), self.shared.environment.revocation) {
            Some(Ok(())) => Ok(value),
            Some(Err(rejection)) => view::refused(rejection),
            None => {
                let shared = Rc::clone(&self.shared);
                Ok(promise(async move {
                    match shared.client().revocations().check(identity, shared.environment.revocation).await {
                        Ok(()) => Ok(value),
                        Err(rejection) => view::refused(rejection),
                    }
                })
                .into())
            }
        }
    }

    /// The same once the keys are there; the next call remembers.
    fn check_with_newer_keys(&self, session: UnsealedSession) -> Promise {
        let shared = Rc::clone(&self.shared);
        promise(async move {
            let client = shared.client();
            let check = async {
                let authenticated = client.authenticate(&session).await?;
                let identity = client.identity(authenticated.session());
                client.revocations().check(identity, shared.environment.revocation).await.map(|()| authenticated)
            };
            match check.await {
                Ok(authenticated) => view::authenticated(&authenticated),
                Err(rejection) => view::refused(rejection),
            }
        })
    }
}

/// The value of a cookie, as UTF-8; empty where there is none.
fn session_bytes(session_data: &JsValue) -> Result<Vec<u8>, JsValue> {
    if session_data.is_null() || session_data.is_undefined() {
        return Ok(Vec::new());
    }
    utf8(session_data).ok_or_else(|| wrong("sessionData", "has to be a string"))
}
