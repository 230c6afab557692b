//! `edgeseal/stytch`: a Stytch project, and the calls of the SDK. Conversion only: arguments in, one JSON text out (`view`). What is
//! thrown for a refusal is decided by `npm/lib/stytch_clients.js`, whose calls these are.
//!
//! Nothing waits unless keys or policies have to be loaded, or Stytch has to be asked.

mod arguments;
mod check;
mod project;
mod view;

use std::rc::Rc;

use check::{Check, at_once};
use project::Project;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use self::arguments::{
    Extension, Introspection, SessionJwt, Tokens, authorization_check, strangers_token, times as token_times,
};
use super::arguments::Options;
use crate::client::{StytchAuthentication, StytchClient};
use crate::error::Rejection;
use crate::host::{JsHost, promise};
use crate::provider::stytch::{
    AuthenticateToken, GetSessions, Revoke, StytchAnswer, StytchRejection, VerifiedSession, Vertical,
};

/// A Stytch project on a JavaScript host.
#[wasm_bindgen(skip_typescript)]
pub struct StytchProject {
    shared: Rc<Shared>,
}

/// What the calls of one client share.
struct Shared {
    project: Rc<Project>,
    host: JsHost,
}

#[wasm_bindgen]
impl StytchProject {
    /// A client's options: `{ project_id, secret, env?, custom_base_url?, keyCache?, fetch?, now?, memoSize? }`.
    ///
    /// # Errors
    /// A TypeError that names the option that cannot work.
    #[wasm_bindgen(constructor, skip_typescript)]
    pub fn new(options: &JsValue, is_b2b: bool) -> Result<Self, JsValue> {
        let options = Options::new(options)?;
        let vertical = if is_b2b { Vertical::B2b } else { Vertical::Consumer };
        let shared = Shared {
            project: Project::of(&options, vertical)?,
            host: JsHost {
                now: options.function("now")?,
                fetch: options.function("fetch")?,
                key_cache: options.with_methods("keyCache", ["get", "put"])?,
                sessions: None,
                revocations: None,
                revocation_memory: Rc::default(),
            },
        };
        Ok(Self { shared: Rc::new(shared) })
    }

    /// `sessions.authenticateJwt` and `sessions.check`: a text, or the promise of one.
    ///
    /// # Errors
    /// A TypeError that names the argument that cannot work.
    #[wasm_bindgen(js_name = authenticateJwt, skip_typescript)]
    pub fn authenticate_jwt(&self, options: &JsValue) -> Result<JsValue, JsValue> {
        let call = SessionJwt::read(&Options::new(options)?, self.vertical())?;
        if call.session_jwt.is_empty() {
            return Ok(self.shared.refused(Rejection::CookieMissing));
        }
        match self.shared.check(&call) {
            Check::Done(text) => Ok(text),
            Check::Refused(rejection) => Ok(self.shared.refused(rejection)),
            Check::NotYet => Ok(self.later(async move |shared| {
                Ok(match shared.client().authenticate_jwt(&call.call()).await? {
                    StytchAuthentication::Local(session) => view::local(&session),
                    StytchAuthentication::Remote { session, fallback_reason } => {
                        view::remote(session.answer(), fallback_reason)
                    }
                })
            })),
        }
    }

    /// `sessions.authenticateJwtLocal`: the same.
    ///
    /// # Errors
    /// The same.
    #[wasm_bindgen(js_name = authenticateJwtLocal, skip_typescript)]
    pub fn authenticate_jwt_local(&self, options: &JsValue) -> Result<JsValue, JsValue> {
        let call = SessionJwt::read(&Options::new(options)?, self.vertical())?;
        if call.session_jwt.is_empty() {
            return Ok(self.shared.refused(Rejection::CookieMissing));
        }
        match self.shared.check_local(&call) {
            Check::Done(text) => Ok(text),
            Check::Refused(rejection) => Ok(self.shared.refused(rejection)),
            Check::NotYet => Ok(self.later(async move |shared| {
                let session: VerifiedSession = shared.client().authenticate_jwt_local(&call.call()).await?;
                Ok(view::local(&session))
            })),
        }
    }

    /// `sessions.authenticate`: the promise of a text.
    ///
    /// # Errors
    /// The same.
    #[wasm_bindgen(skip_typescript)]
    pub fn authenticate(&self, options: &JsValue) -> Result<JsValue, JsValue> {
        let options = Options::new(options)?;
        let (tokens, extension) = (Tokens::read(&options)?, Extension::read(&options)?);
        let check = authorization_check(&options, self.vertical())?;
        Ok(self.answered(async move |shared| {
            let call = tokens.authenticate(&extension, check.as_ref());
            Ok(shared.client().authenticate(&call).await?.into_answer())
        }))
    }

    /// `sessions.revoke`: the same.
    ///
    /// # Errors
    /// The same.
    #[wasm_bindgen(skip_typescript)]
    pub fn revoke(&self, options: &JsValue) -> Result<JsValue, JsValue> {
        let options = Options::new(options)?;
        let tokens = Tokens::read(&options)?;
        let (session_id, member_id) = match self.vertical() {
            Vertical::Consumer => (options.string("session_id")?, None),
            Vertical::B2b => (options.string("member_session_id")?, options.string("member_id")?),
        };
        Ok(self.answered(async move |shared| {
            let call = Revoke {
                session_id: session_id.as_deref(),
                session_token: tokens.session_token.as_deref(),
                session_jwt: tokens.session_jwt.as_deref(),
                member_id: member_id.as_deref(),
            };
            shared.client().revoke(&call).await
        }))
    }

    /// `sessions.get`: the same.
    ///
    /// # Errors
    /// The same.
    #[wasm_bindgen(skip_typescript)]
    pub fn get(&self, options: &JsValue) -> Result<JsValue, JsValue> {
        let options = Options::new(options)?;
        let (organization_id, person_id) = match self.vertical() {
            Vertical::Consumer => (None, options.required("user_id")?),
            Vertical::B2b => (Some(options.required("organization_id")?), options.required("member_id")?),
        };
        Ok(self.answered(async move |shared| {
            let call = match &organization_id {
                None => GetSessions::OfUser(&person_id),
                Some(organization_id) => GetSessions::OfMember { organization_id, member_id: &person_id },
            };
            shared.client().get(&call).await
        }))
    }

    /// `sessions.getJWKS`: the same.
    ///
    /// # Errors
    /// The same.
    #[wasm_bindgen(js_name = getJWKS, skip_typescript)]
    pub fn jwks(&self, options: &JsValue) -> Result<JsValue, JsValue> {
        let project_id = Options::new(options)?.required("project_id")?;
        Ok(self.answered(async move |shared| shared.client().jwks(&project_id).await))
    }

    /// `sessions.exchange` of B2B: the same.
    ///
    /// # Errors
    /// The same.
    #[wasm_bindgen(skip_typescript)]
    pub fn exchange(&self, options: &JsValue) -> Result<JsValue, JsValue> {
        let options = Options::new(options)?;
        let (tokens, extension) = (Tokens::read(&options)?, Extension::read(&options)?);
        let (organization_id, locale) = (options.required("organization_id")?, options.string("locale")?);
        Ok(self.answered(async move |shared| {
            shared.client().exchange(&tokens.exchange(&extension, &organization_id, locale.as_deref())).await
        }))
    }

    /// `m2m.authenticateToken`: a text, or the promise of one.
    ///
    /// # Errors
    /// The same.
    #[wasm_bindgen(js_name = authenticateToken, skip_typescript)]
    pub fn authenticate_token(&self, options: &JsValue) -> Result<JsValue, JsValue> {
        let options = Options::new(options)?;
        let access_token = strangers_token(&options, "access_token")?;
        let times = token_times(&options)?;
        let required_scopes = options.list("required_scopes")?;
        let Shared { project, host } = &*self.shared;
        let scopes: Vec<&str> = required_scopes.iter().map(String::as_str).collect();
        let call = AuthenticateToken { access_token: &access_token, required_scopes: &scopes, times };
        match at_once(project, host, |keys, now| project.stytch.verify_m2m_token(&call, keys, now)) {
            Some(Ok(token)) => Ok(view::answer(&token)),
            Some(Err(rejection)) => Ok(self.shared.refused(rejection)),
            None => Ok(self.later(async move |shared| {
                let scopes: Vec<&str> = required_scopes.iter().map(String::as_str).collect();
                let call = AuthenticateToken { access_token: &access_token, required_scopes: &scopes, times };
                Ok(view::answer(&shared.client().authenticate_token(&call).await?))
            })),
        }
    }

    /// `idp.introspectTokenLocal`: the same.
    ///
    /// # Errors
    /// The same.
    #[wasm_bindgen(js_name = introspectTokenLocal, skip_typescript)]
    pub fn introspect_token_local(&self, token: &JsValue, options: &JsValue) -> Result<JsValue, JsValue> {
        let call = Introspection::read(token, options, self.vertical())?;
        match self.shared.introspect(&call) {
            Some(Ok(token)) => Ok(view::answer(&token)),
            Some(Err(rejection)) => Ok(self.shared.refused(rejection)),
            None => Ok(self.later(async move |shared| {
                Ok(view::answer(&shared.client().introspect_token_local(&call.call()).await?))
            })),
        }
    }
}

impl StytchProject {
    fn vertical(&self) -> Vertical {
        self.shared.project.stytch.vertical()
    }

    /// The promise of what a call gives.
    fn later(&self, call: impl AsyncFnOnce(&Shared) -> Result<JsValue, StytchRejection> + 'static) -> JsValue {
        let shared = Rc::clone(&self.shared);
        promise(async move {
            let vertical = shared.project.stytch.vertical();
            Ok(call(&shared).await.unwrap_or_else(|refused| view::refused(&refused, vertical)))
        })
        .into()
    }

    /// The promise of what Stytch answers.
    fn answered(&self, call: impl AsyncFnOnce(&Shared) -> Result<StytchAnswer, StytchRejection> + 'static) -> JsValue {
        self.later(async move |shared| Ok(view::answer(call(shared).await?.members())))
    }
}

impl Shared {
    fn client(&self) -> StytchClient<'_, JsHost> {
        StytchClient::new(&self.project.stytch, &self.host)
    }

    fn refused(&self, rejection: Rejection) -> JsValue {
        view::refused(&rejection.into(), self.project.stytch.vertical())
    }
}
