//! `WorkOS` and its `userManagement`, in the shape of the Node SDK. Conversion only: what a session is, the core decides.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::arguments::{Options, wrong};
use super::cookie_session::{CookieChecker, CookieSession};
use super::environment::{Environment, Scope};
use super::webhooks::Webhooks;
use crate::client::Client;
use crate::host::JsHost;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("workos.d.ts");

/// What the objects of one client share.
pub(super) struct Shared {
    pub(super) environment: Rc<Environment>,
    pub(super) host: JsHost,
    cookie_password: JsValue,
    /// One per cookie password that was used, most often one.
    checkers: RefCell<Vec<(Rc<Scope>, JsValue)>>,
}

/// `new WorkOS(key?, options)`.
#[wasm_bindgen(js_name = WorkOS, skip_typescript)]
pub struct WorkOSClient {
    user_management: JsValue,
    webhooks: JsValue,
}

/// `workos.userManagement`.
#[wasm_bindgen(js_name = UserManagement, skip_typescript)]
pub struct UserManagement {
    shared: Rc<Shared>,
}

impl UserManagement {
    pub(super) const fn of(shared: Rc<Shared>) -> Self {
        Self { shared }
    }

    pub(super) const fn shared(&self) -> &Rc<Shared> {
        &self.shared
    }

    /// `session: { sealSession, cookiePassword }`: with which passwords to seal, if at all.
    pub(super) fn seal_options(&self, options: &Options<'_>) -> Result<Option<Rc<Scope>>, JsValue> {
        let Some(session) = options.value("session")? else {
            return Ok(None);
        };
        let session = Options::new(&session)?;
        if !session.boolean("sealSession")?.unwrap_or_default() {
            return Ok(None);
        }
        self.scope(session.value("cookiePassword")?.unwrap_or_default()).map(Some)
    }

    /// The client's own password where none is given.
    fn scope(&self, cookie_password: JsValue) -> Result<Rc<Scope>, JsValue> {
        let own = cookie_password.is_undefined();
        self.shared.environment.scope(if own { &self.shared.cookie_password } else { &cookie_password })
    }
}

#[wasm_bindgen]
extern "C" {
    /// `{ sessionData, cookiePassword }`.
    pub type SessionOptions;
    #[wasm_bindgen(method, getter, structural, js_name = sessionData)]
    fn session_data(this: &SessionOptions) -> JsValue;
    #[wasm_bindgen(method, getter, structural, js_name = cookiePassword)]
    fn cookie_password(this: &SessionOptions) -> JsValue;
}

#[wasm_bindgen(js_class = WorkOS)]
impl WorkOSClient {
    /// A client. It may be made for one request only: what it learns belongs to the module.
    ///
    /// # Errors
    /// A TypeError that names the argument that cannot work.
    #[wasm_bindgen(constructor, skip_typescript)]
    pub fn new(key: &JsValue, options: &JsValue) -> Result<Self, JsValue> {
        let api_key = match key.as_string() {
            None if !key.is_undefined() && !key.is_null() => return Err(wrong("key", "has to be a string")),
            key => key,
        };
        let options = Options::new(options)?;
        let environment = Environment::of(api_key, &options)?;
        let revocation_memory = Rc::clone(&environment.revocation_memory);
        let shared = Shared {
            environment,
            host: JsHost {
                now: options.function("now")?,
                fetch: options.function("fetch")?,
                key_cache: options.with_methods("keyCache", ["get", "put"])?,
                sessions: options.with_methods("sessions", ["idFromName", "get"])?,
                revocations: options.with_methods("revocations", ["idFromName", "get"])?,
                revocation_memory,
            },
            cookie_password: options.value("cookiePassword")?.unwrap_or_default(),
            checkers: RefCell::default(),
        };
        Ok(Self { user_management: UserManagement::of(Rc::new(shared)).into(), webhooks: Webhooks.into() })
    }

    /// The sessions of the environment.
    #[wasm_bindgen(getter, js_name = userManagement, skip_typescript)]
    pub fn user_management(&self) -> JsValue {
        self.user_management.clone()
    }

    /// Events that WorkOS sends.
    #[wasm_bindgen(getter, skip_typescript)]
    pub fn webhooks(&self) -> JsValue {
        self.webhooks.clone()
    }
}

#[wasm_bindgen(js_class = UserManagement)]
impl UserManagement {
    /// `loadSealedSession({ sessionData, cookiePassword })`: nothing is opened yet.
    ///
    /// # Errors
    /// A TypeError for a password that cannot be one.
    #[wasm_bindgen(js_name = loadSealedSession, skip_typescript)]
    pub fn load_sealed_session(&self, options: &SessionOptions) -> Result<CookieSession, JsValue> {
        if !options.is_object() {
            return Err(wrong("options", "has to be an object"));
        }
        let scope = self.scope(options.cookie_password())?;
        Ok(CookieSession::new(&self.shared.checker(scope), options.session_data()))
    }

    /// `authenticateWithSessionCookie({ sessionData, cookiePassword })`: both of the above in one.
    #[wasm_bindgen(js_name = authenticateWithSessionCookie, skip_typescript)]
    pub fn authenticate_with_session_cookie(&self, options: &SessionOptions) -> Promise {
        match self.load_sealed_session(options) {
            Ok(session) => session.authenticate(),
            Err(error) => Promise::reject(&error),
        }
    }
}

impl Shared {
    pub(super) fn client(&self) -> Client<'_, JsHost> {
        Client::new(&self.environment.workos, &self.host)
    }

    pub(super) fn checker(self: &Rc<Self>, scope: Rc<Scope>) -> JsValue {
        let mut checkers = self.checkers.borrow_mut();
        if let Some((_, checker)) = checkers.iter().find(|(other, _)| Rc::ptr_eq(other, &scope)) {
            return checker.clone();
        }
        let checker: JsValue = CookieChecker::new(Rc::clone(self), Rc::clone(&scope)).into();
        checkers.push((scope, checker.clone()));
        checker
    }
}
