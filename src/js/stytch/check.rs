//! All that can be done without waiting: a token against keys that are there, roles against policies that are there, and sessions that
//! were verified a moment ago. Whatever may have to be loaded or asked is left to the core's driver, which begins anew.

use std::rc::Rc;

use wasm_bindgen::JsValue;

use super::Shared;
use super::arguments::{Introspection, SessionJwt};
use super::project::{Project, Remembered};
use super::view;
use crate::error::Rejection;
use crate::host::{Host, JsHost};
use crate::jwks::KeySet;
use crate::loaded::{KeyMemory, Source};
use crate::provider::stytch::{AccessToken, Circumstances, VerifiedSession, fallback};
use crate::rbac::{AuthorizationCheck, Policy};
use crate::session::Verified;
use crate::time::Timestamp;

/// What came of it.
pub(super) enum Check {
    Done(JsValue),
    Refused(Rejection),
    /// It may have to wait.
    NotYet,
}

impl Shared {
    /// `authenticateJwt`, where Stytch need not be asked.
    pub(super) fn check(&self, call: &SessionJwt) -> Check {
        // Whoever asks anyway need not know what roles allow.
        let check = call.authorization_check.as_ref().filter(|_| !call.is_max_age_zero());
        let Some(verdict) = self.verdict(call, check) else {
            return Check::NotYet;
        };
        let circumstances = Circumstances {
            is_max_age_zero: call.is_max_age_zero(),
            asks_when_denied: call.asks_when_denied,
            // Whether newer keys have this one is not known yet.
            asks_without_key: true,
        };
        let known = verdict.as_ref().map(|_| ()).map_err(|rejection| *rejection);
        if fallback(known, circumstances).is_some() { Check::NotYet } else { Check::from(verdict) }
    }

    /// `authenticateJwtLocal`.
    pub(super) fn check_local(&self, call: &SessionJwt) -> Check {
        self.verdict(call, call.authorization_check.as_ref()).map_or(Check::NotYet, Check::from)
    }

    /// `introspectTokenLocal`.
    pub(super) fn introspect(&self, call: &Introspection) -> Option<Result<AccessToken, Rejection>> {
        let Self { project, host } = self;
        let verdict = at_once(project, host, |keys, now| {
            let now = call.current_date.unwrap_or(now);
            project.stytch.verify_access_token(&call.token, keys, call.clock_tolerance_seconds, now)
        })?;
        let (Ok(token), Some(check)) = (&verdict, &call.authorization_check) else {
            return Some(verdict);
        };
        let allowed = token.check_tenancy(check).and_then(|()| {
            let policy =
                self.policy(&project.stytch.project_policy(), host.now()).ok_or(Rejection::PolicyUnavailable)?;
            token.authorize(check, &policy)
        });
        match allowed {
            Ok(()) => Some(verdict),
            Err(Rejection::PolicyUnavailable) => None,
            Err(rejection) => Some(Err(rejection)),
        }
    }

    /// The text that a session is told by, or why it is none; nothing where keys or policies have to be loaded.
    fn verdict(&self, call: &SessionJwt, check: Option<&AuthorizationCheck>) -> Option<Result<JsValue, Rejection>> {
        let Self { project, host } = self;
        let now = host.now();
        let keys = keys(project, host, now)?;
        let authorized = |session: &VerifiedSession, text: &JsValue| match check {
            None => Some(Ok(text.clone())),
            Some(check) => Some(self.authorize(session, check, now)?.map(|()| text.clone())),
        };
        if call.current_date.is_none()
            && let Some(Remembered { session, text }) =
                project.memo.borrow().get(call.session_jwt.as_bytes(), &keys, now)
        {
            return match call.times.max_token_age_seconds {
                Some(oldest) if session.is_older(oldest, now) => Some(Err(Rejection::TokenTooOld)),
                _ => authorized(session, text),
            };
        }
        let moment = call.current_date.unwrap_or(now);
        match project.stytch.verify_session(&call.session_jwt, &keys, call.times, moment) {
            Ok(session) => {
                let text = view::local(&session);
                let verdict = authorized(&session, &text);
                if call.current_date.is_none() {
                    self.remember(&call.session_jwt, keys, now, Remembered { session, text });
                }
                verdict
            }
            Err(Rejection::UnknownKey) => None,
            Err(rejection) => Some(Err(rejection)),
        }
    }

    /// For as long as any call would find the token good, whatever its tolerance.
    fn remember(&self, session_jwt: &str, keys: Rc<KeySet>, now: Timestamp, value: Remembered) {
        if value.session.is_good_at(now) {
            let verified = Verified { keys, at: now, until: value.session.token_expires_at(), value };
            self.project.memo.borrow_mut().put(session_jwt, verified);
        }
    }

    /// Whether the session's roles allow it; nothing where a policy has to be loaded.
    fn authorize(
        &self,
        session: &VerifiedSession,
        check: &AuthorizationCheck,
        now: Timestamp,
    ) -> Option<Result<(), Rejection>> {
        if let Err(rejection) = session.check_tenancy(check) {
            return Some(Err(rejection));
        }
        let stytch = &self.project.stytch;
        let project = self.policy(&stytch.project_policy(), now)?;
        let by_project = session.authorize(check, &project, None);
        let organization = session.session().organization_id().and_then(|id| stytch.organization_policy(id));
        match organization {
            // Its own roles only add to the project's.
            Some(organization) if by_project == Err(Rejection::PermissionDenied) => {
                let organization = self.policy(&organization, now)?;
                Some(session.authorize(check, &project, Some(&organization)))
            }
            _ => Some(by_project),
        }
    }

    fn policy(&self, source: &dyn Source<Policy>, now: Timestamp) -> Option<Rc<Policy>> {
        let scope = source.scope();
        self.host.with_key_memory(|KeyMemory { policies, .. }| {
            policies.ready(&scope, now).map(|known| Rc::clone(&known.value))
        })
    }
}

impl From<Result<JsValue, Rejection>> for Check {
    fn from(verdict: Result<JsValue, Rejection>) -> Self {
        verdict.map_or_else(Self::Refused, Self::Done)
    }
}

/// What becomes of a token by the keys that are there; nothing where keys have to be loaded.
pub(super) fn at_once<T>(
    project: &Project,
    host: &JsHost,
    verify: impl FnOnce(&KeySet, Timestamp) -> Result<T, Rejection>,
) -> Option<Result<T, Rejection>> {
    let now = host.now();
    match verify(&*keys(project, host, now)?, now) {
        Err(Rejection::UnknownKey) => None,
        verdict => Some(verdict),
    }
}

fn keys(project: &Project, host: &JsHost, now: Timestamp) -> Option<Rc<KeySet>> {
    host.with_key_memory(|memory| memory.keys.ready(&project.jwks_url, now).map(|known| Rc::clone(&known.value)))
}
