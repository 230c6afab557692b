//! Stytch sessions, driven over any [`Host`]: in the names of Stytch's SDKs. A token is checked here, and Stytch asked only where that
//! can change the answer.
//!
//! Only the order of network steps stands here; what they mean is decided in `provider::stytch`, `rbac` and `loaded`.

use serde_json::{Map, Value};

use super::KeysStatus;
use crate::error::Rejection;
use crate::host::{Host, Reload, keys_after_unknown, load};
use crate::http::{FetchFault, InboundResponse, OutboundRequest};
use crate::jwks::KeySet;
use crate::jwt::UnverifiedToken;
use crate::provider::stytch::{
    AccessToken, Authenticate, AuthenticateToken, Circumstances, Exchange, FallbackReason, GetSessions,
    IntrospectToken, M2mToken, RemoteSession, Revoke, Stytch, StytchAnswer, StytchRejection, TokenTimes,
    VerifiedSession, answer_response, fallback, parse_token, revoke_response, session_response,
};
use crate::rbac::{AuthorizationCheck, Policy};
use crate::session::Session;
use crate::time::Timestamp;

/// A Stytch project on a host.
pub struct StytchClient<'a, H> {
    stytch: &'a Stytch,
    host: &'a H,
}

/// What `sessions.authenticateJwt` takes.
#[derive(Clone, Copy, Default)]
pub struct AuthenticateJwt<'a> {
    /// `stytch_session_jwt`.
    pub session_jwt: &'a str,
    /// How old it may be to be believed without asking, in seconds; 0: ask always. None: as long as it lives, five minutes.
    pub max_token_age_seconds: Option<i64>,
    /// How far clocks may differ, in seconds.
    pub clock_tolerance_seconds: i64,
    /// The time, where it is not the host's.
    pub current_date: Option<Timestamp>,
    /// What the session has to be allowed.
    pub authorization_check: Option<&'a AuthorizationCheck>,
    /// Ask Stytch where the roles in the token do not allow it, or where what they allow is not known: roles may have been given since.
    pub asks_when_denied: bool,
    /// How long the session lives from now on, in minutes; only where Stytch is asked.
    pub session_duration_minutes: Option<u32>,
    /// Members to set in the session's claims; only where Stytch is asked.
    pub session_custom_claims: Option<&'a Map<String, Value>>,
}

/// A session, and who has checked it.
#[derive(Clone)]
pub enum StytchAuthentication {
    /// It was checked here.
    Local(VerifiedSession),
    /// Stytch was asked.
    Remote {
        /// What it has answered.
        session: RemoteSession,
        /// Why it was asked.
        fallback_reason: FallbackReason,
    },
}

impl StytchAuthentication {
    /// `local` or `remote`.
    pub const fn source(&self) -> &'static str {
        match self {
            Self::Local(_) => "local",
            Self::Remote { .. } => "remote",
        }
    }

    /// Why Stytch was asked, if it was.
    pub const fn fallback_reason(&self) -> Option<FallbackReason> {
        match self {
            Self::Local(_) => None,
            Self::Remote { fallback_reason, .. } => Some(*fallback_reason),
        }
    }

    /// The session in the terms that all providers share.
    pub fn to_session(&self) -> Session {
        match self {
            Self::Local(session) => session.to_session(),
            Self::Remote { session, .. } => session.to_session(),
        }
    }
}

/// A verdict of the local step.
struct Verdict<T> {
    result: Result<T, Rejection>,
    /// Its key was not among those that are known, and it was another request that has asked for newer ones.
    is_behind_another: bool,
}

impl<'a, H: Host> StytchClient<'a, H> {
    /// A client of this project on this host.
    pub const fn new(stytch: &'a Stytch, host: &'a H) -> Self {
        Self { stytch, host }
    }

    /// Who is signed in: from the token where that will do, else from Stytch, if it could know better.
    ///
    /// ```
    /// use edgeseal::provider::stytch::{Stytch, StytchOptions, Vertical};
    /// use edgeseal::{AuthenticateJwt, StytchClient, Timestamp, host::MemoryHost, http::FetchFault};
    ///
    /// # pollster::block_on(async {
    /// let stytch = Stytch::new(StytchOptions {
    ///     project_id: "project-test-1".into(),
    ///     secret: "secret-test-1".into(),
    ///     base_url: None,
    ///     vertical: Vertical::Consumer,
    /// })?;
    /// let host = MemoryHost::new(Timestamp::from_seconds(1_767_225_600), |_| Err(FetchFault::Unreachable));
    /// let client = StytchClient::new(&stytch, &host);
    /// let call = AuthenticateJwt { session_jwt: "garbage", ..AuthenticateJwt::default() };
    /// match client.authenticate_jwt(&call).await {
    ///     Ok(authentication) => println!("{} says so", authentication.source()),
    ///     Err(refused) => assert_eq!(refused.rejection.code(), "token_malformed"),
    /// }
    /// # Ok::<(), edgeseal::ConfigurationError>(()) }).unwrap();
    /// ```
    ///
    /// # Errors
    /// What is refused here, or by Stytch, or why it cannot be asked.
    pub async fn authenticate_jwt(&self, call: &AuthenticateJwt<'_>) -> Result<StytchAuthentication, StytchRejection> {
        let (verdict, fallback_reason) = self.check_jwt(call).await;
        let Some(fallback_reason) = fallback_reason else {
            return verdict.map(StytchAuthentication::Local).map_err(StytchRejection::from);
        };
        let session = self.ask_about(call, fallback_reason).await?;
        Ok(StytchAuthentication::Remote { session, fallback_reason })
    }

    /// The verdict on the token, and why Stytch could know better, if it could.
    pub(crate) async fn check_jwt(
        &self,
        call: &AuthenticateJwt<'_>,
    ) -> (Result<VerifiedSession, Rejection>, Option<FallbackReason>) {
        let token = match parse_token(call.session_jwt) {
            Ok(token) => token,
            Err(rejection) => return (Err(rejection), None),
        };
        let is_max_age_zero = call.max_token_age_seconds == Some(0);
        // Whoever asks anyway need not know what roles allow.
        let check = call.authorization_check.filter(|_| !is_max_age_zero);
        let verdict = self.check_session(&token, call, check).await;
        let circumstances = Circumstances {
            is_max_age_zero,
            asks_when_denied: call.asks_when_denied,
            asks_without_key: !verdict.is_behind_another || self.is_vouched(&token),
        };
        let known = verdict.result.as_ref().map(|_| ()).map_err(|rejection| *rejection);
        (verdict.result, fallback(known, circumstances))
    }

    /// The session of the token from Stytch, which is asked for this reason.
    pub(crate) async fn ask_about(
        &self,
        call: &AuthenticateJwt<'_>,
        fallback_reason: FallbackReason,
    ) -> Result<RemoteSession, StytchRejection> {
        let question = Authenticate {
            session_token: None,
            session_jwt: Some(call.session_jwt),
            session_duration_minutes: call.session_duration_minutes,
            session_custom_claims: call.session_custom_claims,
            authorization_check: call.authorization_check,
        };
        let session =
            self.authenticate_sparingly(&question).await.map_err(|refused| refused.because(fallback_reason))?;
        if fallback_reason == FallbackReason::UnknownKey {
            self.vouch(&parse_token(call.session_jwt)?);
        }
        Ok(session)
    }

    /// Who is signed in, from the token alone; Stytch is asked for keys and policies, and nothing else.
    ///
    /// # Errors
    /// What is refused here.
    pub async fn authenticate_jwt_local(&self, call: &AuthenticateJwt<'_>) -> Result<VerifiedSession, StytchRejection> {
        let token = parse_token(call.session_jwt)?;
        Ok(self.check_session(&token, call, call.authorization_check).await.result?)
    }

    /// Who is signed in, from Stytch.
    ///
    /// # Errors
    /// What Stytch refuses, or why it cannot be asked.
    pub async fn authenticate(&self, call: &Authenticate<'_>) -> Result<RemoteSession, StytchRejection> {
        let asked_at = self.host.now();
        let (answer, _) = self.ask(self.stytch.authenticate_request(call)).await;
        session_response(&answer, self.stytch.vertical(), asked_at)
    }

    /// Ends a session. Its JWT is good for up to five minutes more wherever it is only checked.
    ///
    /// # Errors
    /// As [`Self::authenticate`].
    pub async fn revoke(&self, call: &Revoke<'_>) -> Result<StytchAnswer, StytchRejection> {
        let (answer, is_second) = self.ask(self.stytch.revoke_request(call)).await;
        revoke_response(&answer, is_second)
    }

    /// The sessions of a person.
    ///
    /// # Errors
    /// As [`Self::authenticate`]; [`Rejection::ProviderRefusedCall`] for ids that no URL can hold.
    pub async fn get(&self, call: &GetSessions<'_>) -> Result<StytchAnswer, StytchRejection> {
        let request = self.stytch.get_request(call).ok_or(Rejection::ProviderRefusedCall)?;
        answer_response(&self.ask(request).await.0)
    }

    /// The keys of a project, as Stytch publishes them.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn jwks(&self, project_id: &str) -> Result<StytchAnswer, StytchRejection> {
        let request = self.stytch.get_jwks_request(project_id).ok_or(Rejection::ProviderRefusedCall)?;
        answer_response(&self.ask(request).await.0)
    }

    /// A member's session in another organization. Asked for once: a second time would make a second session.
    ///
    /// # Errors
    /// As [`Self::authenticate`].
    pub async fn exchange(&self, call: &Exchange<'_>) -> Result<StytchAnswer, StytchRejection> {
        answer_response(&self.host.fetch(self.stytch.exchange_request(call)).await)
    }

    /// A machine's token.
    ///
    /// # Errors
    /// What is refused here.
    pub async fn authenticate_token(&self, call: &AuthenticateToken<'_>) -> Result<M2mToken, StytchRejection> {
        let token = parse_token(call.access_token)?;
        let check = |keys: &KeySet| self.stytch.verify_parsed_m2m_token(&token, call, keys, self.host.now());
        Ok(self.with_keys(&token, check).await.result?)
    }

    /// An access token of an app that acts for a person.
    ///
    /// # Errors
    /// What is refused here.
    pub async fn introspect_token_local(&self, call: &IntrospectToken<'_>) -> Result<AccessToken, StytchRejection> {
        let token = parse_token(call.token)?;
        let check = |keys: &KeySet| {
            let now = call.current_date.unwrap_or_else(|| self.host.now());
            self.stytch.verify_parsed_access_token(&token, keys, call.clock_tolerance_seconds, now)
        };
        let access_token = self.with_keys(&token, check).await.result?;
        if let Some(check) = call.authorization_check {
            access_token.check_tenancy(check)?;
            let policy = load::<_, Policy>(self.host, &self.stytch.project_policy()).await?;
            access_token.authorize(check, &policy.value)?;
        }
        Ok(access_token)
    }

    /// The project's keys, as they are cached here: how many, and how old.
    ///
    /// # Errors
    /// [`Rejection::KeysUnavailable`].
    pub async fn keys_status(&self) -> Result<KeysStatus, Rejection> {
        let keys = load::<_, KeySet>(self.host, self.stytch).await?;
        Ok(KeysStatus::of(&keys, self.host.now()))
    }

    /// How far Stytch's clock is ahead of ours, in seconds; none before keys came from Stytch itself.
    pub fn clock_skew_seconds(&self) -> Option<i64> {
        let url = self.stytch.jwks_url().to_string();
        self.host.with_key_memory(|memory| memory.keys.clock_skew_seconds(&url))
    }

    /// The local step: the token, then what its roles allow.
    async fn check_session(
        &self,
        token: &UnverifiedToken<'_>,
        call: &AuthenticateJwt<'_>,
        check: Option<&AuthorizationCheck>,
    ) -> Verdict<VerifiedSession> {
        let times = TokenTimes {
            max_token_age_seconds: call.max_token_age_seconds,
            clock_tolerance_seconds: call.clock_tolerance_seconds,
        };
        let verify = |keys: &KeySet| {
            let now = call.current_date.unwrap_or_else(|| self.host.now());
            self.stytch.verify_parsed_session(token, keys, times, now)
        };
        let verdict = self.with_keys(token, verify).await;
        match (&verdict.result, check) {
            (Ok(session), Some(check)) => match self.authorize(session, check).await {
                Ok(()) => verdict,
                Err(rejection) => Verdict { result: Err(rejection), ..verdict },
            },
            _ => verdict,
        }
    }

    /// Asks, unless Stytch is down: then it is asked once in a while, and all others hear at once what it said last.
    pub(crate) async fn authenticate_sparingly(
        &self,
        call: &Authenticate<'_>,
    ) -> Result<RemoteSession, StytchRejection> {
        let permit = self.host.with_rotation_memory(|memory| memory.stytch_breaker().permit(self.host.now()));
        let permit = permit.map_err(|refused| StytchRejection {
            retry_after: refused.retry_after,
            ..StytchRejection::from(refused.rejection)
        })?;
        let outcome = self.authenticate(call).await;
        let rejection = outcome.as_ref().err().map(|refused| refused.rejection);
        self.host.with_rotation_memory(|memory| memory.stytch_breaker().record(permit, rejection, self.host.now()));
        outcome
    }

    /// Whether Stytch has lately accepted a token of a key that its key set did not have.
    fn is_vouched(&self, token: &UnverifiedToken<'_>) -> bool {
        let scope = self.stytch.jwks_url().to_string();
        let has = |key_id| self.host.with_key_memory(|memory| memory.vouched.has(&scope, key_id, self.host.now()));
        token.header().key_id().is_some_and(has)
    }

    fn vouch(&self, token: &UnverifiedToken<'_>) {
        let scope = self.stytch.jwks_url().to_string();
        if let Some(key_id) = token.header().key_id() {
            self.host.with_key_memory(|memory| memory.vouched.remember(&scope, key_id, self.host.now()));
        }
    }

    /// Whether the session's roles allow it. What is not known allows nothing. The organization's own roles only add to the project's,
    /// so they are loaded where these do not allow it.
    async fn authorize(&self, session: &VerifiedSession, check: &AuthorizationCheck) -> Result<(), Rejection> {
        session.check_tenancy(check)?;
        let project = load::<_, Policy>(self.host, &self.stytch.project_policy()).await?;
        let by_project = session.authorize(check, &project.value, None);
        let organization_id = session.session().organization_id();
        match organization_id.and_then(|organization_id| self.stytch.organization_policy(organization_id)) {
            Some(organization) if by_project == Err(Rejection::PermissionDenied) => {
                let organization = load::<_, Policy>(self.host, &organization).await?;
                session.authorize(check, &project.value, Some(&organization.value))
            }
            _ => by_project,
        }
    }

    /// Checks against the keys that are known, then once more for a key that is not among them.
    async fn with_keys<T>(
        &self,
        token: &UnverifiedToken<'_>,
        check: impl Fn(&KeySet) -> Result<T, Rejection>,
    ) -> Verdict<T> {
        let known = match load::<_, KeySet>(self.host, self.stytch).await {
            Ok(known) => known,
            Err(rejection) => return Verdict { result: Err(rejection), is_behind_another: false },
        };
        match check(&known.value) {
            Err(Rejection::UnknownKey) => {
                let (reload, newer) = keys_after_unknown(self.host, self.stytch, &known, token.header().key_id()).await;
                Verdict {
                    result: newer.and_then(|newer| check(&newer.value)),
                    is_behind_another: reload == Reload::Another,
                }
            }
            result => Verdict { result, is_behind_another: false },
        }
    }

    /// Asks, and once more where the connection broke; says whether it was asked for twice. Only for what may be asked for twice: to
    /// authenticate a session or to end it again changes nothing. Never after a timeout, because the visitor has waited long enough.
    async fn ask(&self, request: OutboundRequest) -> (Result<InboundResponse, FetchFault>, bool) {
        match self.host.fetch(request.clone()).await {
            Err(FetchFault::Unreachable) => (self.host.fetch(request).await, true),
            answer => (answer, false),
        }
    }
}
