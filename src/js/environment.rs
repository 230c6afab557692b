//! What clients of the same options share. A client may be made for one request only; what it has checked, prepared and remembered
//! belongs to the module.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::TypeError;
use secrecy::SecretString;
use wasm_bindgen::JsValue;

use super::arguments::{Options, configuration, is_same_secret, password_ring, password_text, wrong};
use crate::jwt::TokenPolicy;
use crate::limits;
use crate::provider::workos::{DEFAULT_BASE_URL, WorkOs, WorkOsOptions};
use crate::revocation::{Identity, RevocationMemory, RevocationPolicy};
use crate::seal::{PasswordRing, SealFormat, SealFormats};
use crate::session::SessionMemo;

thread_local! {
    static ENVIRONMENTS: RefCell<Vec<(EnvironmentOptions, Rc<Environment>)>> = const { RefCell::new(Vec::new()) };
}

/// A WorkOS environment, as a client's options describe it.
pub(super) struct Environment {
    pub(super) workos: WorkOs,
    pub(super) jwks_url: String,
    /// Those of `acceptFormats`; none: the default, less what a password cannot serve.
    accepted: Option<SealFormats>,
    memo_size: u32,
    pub(super) revocation: RevocationPolicy,
    pub(super) revocation_memory: Rc<RefCell<RevocationMemory>>,
    scopes: RefCell<Vec<Rc<Scope>>>,
}

/// Cookies that are sealed with the same passwords.
pub(super) struct Scope {
    password: SecretString,
    pub(super) passwords: PasswordRing,
    pub(super) memo: RefCell<SessionMemo<Remembered>>,
}

/// What a cookie was found to hold.
#[derive(Clone)]
pub(super) struct Remembered {
    /// As it was handed out.
    pub(super) value: JsValue,
    /// By what it can be revoked; none where nothing can.
    pub(super) identity: Option<Identity>,
}

/// The options that decide what a session is. What decides how it is fetched is the client's own.
struct EnvironmentOptions {
    api_key: Option<SecretString>,
    client_id: String,
    base_url: String,
    issuers: Vec<String>,
    leeway_seconds: i64,
    accepted: Option<SealFormats>,
    memo_size: u32,
    /// None: of whatever was revoked nothing is known.
    revocation: Option<RevocationPolicy>,
}

impl Environment {
    /// The environment of these options.
    ///
    /// # Errors
    /// A TypeError that names the option that cannot work.
    pub(super) fn of(api_key: Option<String>, options: &Options<'_>) -> Result<Rc<Self>, JsValue> {
        let options = EnvironmentOptions::read(api_key, options)?;
        let known = ENVIRONMENTS.with_borrow(|known| {
            known.iter().find(|(other, _)| other.is_same_as(&options)).map(|(_, environment)| Rc::clone(environment))
        });
        if let Some(environment) = known {
            return Ok(environment);
        }
        let environment = Rc::new(Self::new(&options)?);
        ENVIRONMENTS.with_borrow_mut(|known| {
            if known.len() == limits::ENVIRONMENTS_REMEMBERED {
                known.remove(0);
            }
            known.push((options, Rc::clone(&environment)));
        });
        Ok(environment)
    }

    fn new(options: &EnvironmentOptions) -> Result<Self, JsValue> {
        let workos = WorkOs::new(WorkOsOptions {
            client_id: options.client_id.clone(),
            api_key: options.api_key.clone(),
            base_url: options.base_url.clone(),
            policy: TokenPolicy {
                issuers: options.issuers.clone(),
                audiences: Vec::new(),
                leeway_seconds: options.leeway_seconds,
            },
        });
        let workos = workos.map_err(|error| configuration(&error))?;
        Ok(Self {
            jwks_url: workos.jwks_url().to_string(),
            workos,
            accepted: options.accepted,
            memo_size: options.memo_size,
            revocation: options.revocation.unwrap_or_default(),
            revocation_memory: Rc::default(),
            scopes: RefCell::default(),
        })
    }

    /// The cookies of a `cookiePassword`.
    ///
    /// # Errors
    /// A TypeError for one that cannot be a password.
    pub(super) fn scope(&self, cookie_password: &JsValue) -> Result<Rc<Scope>, JsValue> {
        let password: SecretString = password_text("cookiePassword", cookie_password)?.into();
        let is_same = |scope: &&Rc<Scope>| is_same_secret(&scope.password, &password);
        if let Some(scope) = self.scopes.borrow().iter().find(is_same) {
            return Ok(Rc::clone(scope));
        }
        let passwords = password_ring("cookiePassword", cookie_password)?;
        self.check_formats(&passwords)?;
        let memo = RefCell::new(SessionMemo::new(self.memo_size as usize));
        let scope = Rc::new(Scope { password, passwords, memo });
        let mut scopes = self.scopes.borrow_mut();
        if scopes.len() == limits::ENVIRONMENTS_REMEMBERED {
            scopes.remove(0);
        }
        scopes.push(Rc::clone(&scope));
        Ok(scope)
    }

    pub(super) fn accepted(&self) -> SealFormats {
        self.accepted.unwrap_or(SealFormats::DEFAULT)
    }

    /// A format that is named needs a password that suits it.
    fn check_formats(&self, passwords: &PasswordRing) -> Result<(), JsValue> {
        let named = |format: &&SealFormat| self.accepted.is_some_and(|accepted| accepted.contains(**format));
        let unserved = |format: &&SealFormat| format.is_sealed() && passwords.newest_for(**format).is_none();
        match SealFormat::ALL.iter().filter(named).find(unserved) {
            None => Ok(()),
            Some(format) => Err(TypeError::new(&format!("`cookiePassword`: {}", format.password_error())).into()),
        }
    }
}

impl EnvironmentOptions {
    fn read(api_key: Option<String>, options: &Options<'_>) -> Result<Self, JsValue> {
        Ok(Self {
            api_key: api_key.map(Into::into),
            client_id: options.string("clientId")?.ok_or_else(|| {
                wrong("clientId", "is missing; write the client id of your WorkOS environment, `client_…`")
            })?,
            base_url: base_url(options)?,
            issuers: options.strings("issuer")?.unwrap_or_default(),
            leeway_seconds: options.seconds("leewaySeconds")?.unwrap_or_default(),
            accepted: accepted_formats(options)?,
            memo_size: options
                .count("memoSize", limits::MOST_SESSIONS_REMEMBERED)?
                .unwrap_or(limits::SESSIONS_REMEMBERED),
            revocation: revocation_policy(options)?,
        })
    }

    fn is_same_as(&self, other: &Self) -> bool {
        let is_same_key = match (&self.api_key, &other.api_key) {
            (Some(ours), Some(theirs)) => is_same_secret(ours, theirs),
            (ours, theirs) => ours.is_none() && theirs.is_none(),
        };
        is_same_key
            && self.client_id == other.client_id
            && self.base_url == other.base_url
            && self.issuers == other.issuers
            && self.leeway_seconds == other.leeway_seconds
            && self.accepted == other.accepted
            && self.memo_size == other.memo_size
            && self.revocation == other.revocation
    }
}

/// `apiHostname`, `https` and `port`, as the SDK has them.
fn base_url(options: &Options<'_>) -> Result<String, JsValue> {
    let hostname = options.string("apiHostname")?;
    let is_https = options.boolean("https")?.unwrap_or(true);
    let port = options.count("port", u16::MAX.into())?;
    if hostname.is_none() && is_https && port.is_none() {
        return Ok(DEFAULT_BASE_URL.to_owned());
    }
    let scheme = if is_https { "https" } else { "http" };
    let hostname = hostname.as_deref().unwrap_or("api.workos.com");
    Ok(port.map_or_else(|| format!("{scheme}://{hostname}"), |port| format!("{scheme}://{hostname}:{port}")))
}

/// `revocations` and `strict`.
fn revocation_policy(options: &Options<'_>) -> Result<Option<RevocationPolicy>, JsValue> {
    let is_strict = options.boolean("strict")?.unwrap_or_default();
    if options.value("revocations")?.is_some() {
        return Ok(Some(RevocationPolicy { is_strict, ..RevocationPolicy::default() }));
    }
    if is_strict {
        return Err(wrong("strict", "needs `revocations`, the Durable Objects that are to be asked"));
    }
    Ok(None)
}

/// `acceptFormats`. Plain JSON proves nothing by itself, but for the tokens in it.
fn accepted_formats(options: &Options<'_>) -> Result<Option<SealFormats>, JsValue> {
    let Some(names) = options.strings("acceptFormats")? else {
        return Ok(None);
    };
    let format = |name: &String| {
        SealFormat::from_name(name).ok_or_else(|| wrong("acceptFormats", "names a format that does not exist"))
    };
    names.iter().map(format).collect::<Result<_, _>>().map(Some)
}
