//! The paved path: WorkOS sessions, driven over any [`Host`]. The names are those of WorkOS's Python and Ruby helpers.
//!
//! Only the order of network steps stands here; what they mean is decided in `session`, `provider` and `jwks`.

mod revocations;
mod stytch;

pub use revocations::RevocationClient;
use secrecy::{ExposeSecret, SecretString};
pub use stytch::{AuthenticateJwt, StytchAuthentication, StytchClient};

use crate::error::Rejection;
use crate::host::{Host, keys_after_unknown, load, rotate, rotate_ahead};
use crate::jwks::KeySet;
use crate::jwt::{TokenPolicy, UnverifiedToken};
use crate::loaded::Loaded;
use crate::provider::workos::{ExchangeRejection, WorkOs, exchange_response};
use crate::revocation::{Identity, Kind, Revocation, RevocationPolicy};
use crate::rotation::{TokenHash, adopt_message, end_message};
use crate::seal::{PasswordRing, SealEntropy, SealFormat, SealFormats};
use crate::session::{AuthenticatedSession, Session, UnsealedSession};
use crate::time::Timestamp;

/// A WorkOS environment on a host.
pub struct Client<'a, H> {
    workos: &'a WorkOs,
    host: &'a H,
}

/// A session cookie's value, with the passwords that may open it.
pub struct SealedSession<'a, H> {
    client: &'a Client<'a, H>,
    session_data: Option<&'a str>,
    cookie_password: &'a PasswordRing,
    accepted: SealFormats,
}

/// What a refresh may change.
#[derive(Default)]
pub struct RefreshOptions<'a> {
    /// Seal with these passwords from now on.
    pub cookie_password: Option<&'a PasswordRing>,
    /// Switch to this organization.
    pub organization_id: Option<&'a str>,
}

/// The next generation of a session. The old one is used up: whatever else happens, the new seal has to reach the browser.
pub struct RefreshedSession {
    /// The new value of the session cookie.
    pub sealed_session: String,
    /// The session in it, or why it cannot be checked now.
    pub authentication: Result<AuthenticatedSession, Rejection>,
}

/// The keys that are cached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeysStatus {
    /// How many can be used.
    pub count: usize,
    /// Since when, in seconds; none where they are pinned, and none have been loaded yet.
    pub age_seconds: Option<i64>,
}

impl KeysStatus {
    fn of(keys: &Loaded<KeySet>, now: Timestamp) -> Self {
        let age_seconds = (!keys.is_pinned()).then(|| now.seconds_since(keys.fetched_at));
        Self { count: keys.value.len(), age_seconds }
    }
}

impl<'a, H: Host> Client<'a, H> {
    /// A client of this environment on this host.
    pub const fn new(workos: &'a WorkOs, host: &'a H) -> Self {
        Self { workos, host }
    }

    /// Takes the value of a session cookie. Nothing is opened yet, and nothing fails yet.
    ///
    /// ```
    /// use edgeseal::provider::workos::{DEFAULT_BASE_URL, WorkOs, WorkOsOptions};
    /// use edgeseal::{Client, PasswordRing, Rejection, Timestamp, TokenPolicy};
    /// use edgeseal::{host::MemoryHost, http::FetchFault};
    ///
    /// let workos = WorkOs::new(WorkOsOptions {
    ///     client_id: "client_1".into(),
    ///     api_key: None,
    ///     base_url: DEFAULT_BASE_URL.into(),
    ///     policy: TokenPolicy::default(),
    /// })?;
    /// let passwords = PasswordRing::single("a password of at least 32 characters".into())?;
    /// let host = MemoryHost::new(Timestamp::from_seconds(1_763_640_000), |_| Err(FetchFault::Unreachable));
    /// let client = Client::new(&workos, &host);
    /// let session = client.load_sealed_session(Some("garbage"), &passwords);
    /// let rejection = pollster::block_on(session.authenticate()).err();
    /// assert_eq!(rejection.map(|rejection| rejection.reason().code()), Some("invalid_session_cookie"));
    /// # Ok::<(), edgeseal::ConfigurationError>(())
    /// ```
    pub const fn load_sealed_session(
        &'a self,
        session_data: Option<&'a str>,
        cookie_password: &'a PasswordRing,
    ) -> SealedSession<'a, H> {
        SealedSession { client: self, session_data, cookie_password, accepted: SealFormats::DEFAULT }
    }

    /// Finishes a sign-in: exchanges the code of a callback.
    ///
    /// # Errors
    /// What the provider refuses, or why it cannot be asked.
    pub async fn authenticate_with_code(
        &self,
        code: &str,
        code_verifier: &SecretString,
        format: SealFormat,
    ) -> Result<UnsealedSession, ExchangeRejection> {
        let answer = self.host.fetch(self.workos.code_request(code, code_verifier)).await;
        Ok(UnsealedSession::first(exchange_response(answer)?, format))
    }

    /// Seals a session for a cookie.
    pub fn seal(&self, session: &UnsealedSession, passwords: &PasswordRing) -> String {
        let entropy = SealEntropy::from_source(|bytes| self.host.fill_random(bytes));
        session.seal(passwords, entropy, self.host.now())
    }

    /// Verifies the token inside. No network, unless keys have to be loaded; then once more for a key that is not among
    /// them.
    ///
    /// # Errors
    /// The first step that refuses.
    pub async fn authenticate(&self, session: &UnsealedSession) -> Result<AuthenticatedSession, Rejection> {
        self.with_keys(session.access_token(), |keys, policy, now| session.authenticate(keys, policy, now)).await
    }

    /// As [`Self::authenticate`], for a token that has expired no longer than this ago: while the provider is down there is no other.
    ///
    /// # Errors
    /// The first step that refuses.
    pub async fn authenticate_expired(
        &self,
        session: &UnsealedSession,
        seconds: i64,
    ) -> Result<AuthenticatedSession, Rejection> {
        self.with_keys(session.access_token(), |keys, policy, now| {
            let leeway_seconds = policy.leeway_seconds.saturating_add(seconds);
            session.authenticate(keys, &TokenPolicy { leeway_seconds, ..policy.clone() }, now)
        })
        .await
    }

    /// Verifies an access token that comes without a seal, as API clients send it.
    ///
    /// # Errors
    /// What [`AuthenticatedSession::from_access_token`] refuses, or [`Rejection::KeysUnavailable`].
    pub async fn authenticate_access_token(&self, token: &SecretString) -> Result<AuthenticatedSession, Rejection> {
        let check = |keys: &KeySet, policy: &TokenPolicy, now| {
            AuthenticatedSession::from_access_token(token, keys, policy, now)
        };
        self.with_keys(token, check).await
    }

    /// Checks against the keys that are known, then once more for a key that is not among them.
    async fn with_keys<R>(
        &self,
        access_token: &SecretString,
        check: impl Fn(&KeySet, &TokenPolicy, Timestamp) -> Result<R, Rejection>,
    ) -> Result<R, Rejection> {
        let known = load::<_, KeySet>(self.host, self.workos).await?;
        match check(&known.value, self.workos.policy(), self.host.now()) {
            Err(Rejection::UnknownKey) => {
                let token = UnverifiedToken::parse(access_token.expose_secret())?;
                let key_id = token.header().key_id();
                let (_, newer) = keys_after_unknown(self.host, self.workos, &known, key_id).await;
                check(&newer?.value, self.workos.policy(), self.host.now())
            }
            result => result,
        }
    }

    /// The provider's keys, as they are cached here: how many, and how old.
    ///
    /// # Errors
    /// [`Rejection::KeysUnavailable`].
    pub async fn keys_status(&self) -> Result<KeysStatus, Rejection> {
        let keys = load::<_, KeySet>(self.host, self.workos).await?;
        Ok(KeysStatus::of(&keys, self.host.now()))
    }

    /// How far the provider's clock is ahead of ours, in seconds; none before keys came from the provider itself.
    pub fn clock_skew_seconds(&self) -> Option<i64> {
        let url = self.workos.jwks_url().to_string();
        self.host.with_key_memory(|memory| memory.keys.clock_skew_seconds(&url))
    }

    /// The next generation of a session. The organization stays unless another is asked for.
    ///
    /// However many ask at once, on a host with session objects the provider is asked once.
    ///
    /// # Errors
    /// [`Rejection::RefreshTokenMissing`], what the provider refuses, or why it cannot be asked.
    pub async fn refresh(
        &self,
        session: &UnsealedSession,
        organization_id: Option<&str>,
    ) -> Result<UnsealedSession, ExchangeRejection> {
        rotate(self, session, organization_id).await
    }

    /// The next generation before the token ends, so that nobody has to wait for it; none where somebody in this isolate is at
    /// it, or it cannot be had now. Only for hosts with session objects: whoever asks next has to find it.
    pub async fn refresh_ahead(&self, session: &UnsealedSession) -> Option<UnsealedSession> {
        rotate_ahead(self, session).await
    }

    /// The generation that a moment ago has taken the place of this session, as far as this isolate knows.
    pub fn successor(&self, session: &UnsealedSession) -> Option<UnsealedSession> {
        let name = self.object_name(session)?;
        let successor = self.host.with_rotation_memory(|memory| memory.successor(&name, session, self.host.now()))?;
        Some(successor.in_format_of(session))
    }

    /// Asks the provider itself for the next generation; once more when the reply was lost, as the refresh token may have been
    /// used up. Whoever calls this sees to it that nobody else does at the same time.
    ///
    /// # Errors
    /// As [`Self::refresh`].
    pub async fn exchange(
        &self,
        session: &UnsealedSession,
        organization_id: Option<&str>,
    ) -> Result<UnsealedSession, ExchangeRejection> {
        match self.exchange_once(session, organization_id).await {
            Err(rejection) if may_be_lost(rejection.rejection) => self.exchange_once(session, organization_id).await,
            outcome => outcome,
        }
    }

    async fn exchange_once(
        &self,
        session: &UnsealedSession,
        organization_id: Option<&str>,
    ) -> Result<UnsealedSession, ExchangeRejection> {
        let refresh_token = session.refresh_token().ok_or(Rejection::RefreshTokenMissing)?;
        let permit = self.host.with_rotation_memory(|memory| memory.breaker().permit(self.host.now()))?;
        let current = session.organization_id();
        let request = self.workos.refresh_request(refresh_token, organization_id.or(current.as_deref()));
        let outcome = exchange_response(self.host.fetch(request).await);
        let rejection = outcome.as_ref().err().map(|rejection| rejection.rejection);
        self.host.with_rotation_memory(|memory| memory.breaker().record(permit, rejection, self.host.now()));
        outcome.map(|pair| session.next(pair))
    }

    /// Tells the keeper of a session what other software has made of it.
    pub fn adopt(&self, session: &UnsealedSession, next: &UnsealedSession) {
        let Some((name, token)) = self.object_name(session).zip(session.refresh_token().map(TokenHash::of)) else {
            return;
        };
        self.host.with_rotation_memory(|memory| memory.adopt(&name, token.clone(), next, self.host.now()));
        self.host.tell_session_object(name, adopt_message(&token, next));
    }

    /// Tells the keeper of a session that the person has signed out: a refresh that is under way brings nobody back. Where revocations
    /// are kept, its tokens are of no more use either.
    pub fn end(&self, session: &UnsealedSession) {
        let Some(name) = self.object_name(session) else {
            return;
        };
        self.host.with_rotation_memory(|memory| memory.end(&name, self.host.now()));
        self.host.tell_session_object(name, end_message());
        if let Some(id) = session.session_id().filter(|_| self.host.has_revocations()) {
            let expires_at = session.expires_at().map(Timestamp::seconds);
            let token_seconds = expires_at.zip(session.issued_at()).map(|(end, start)| end.saturating_sub(start));
            let scope = self.workos.revocation_scope();
            // Before or after the keeper hears of it: a session that has ended is hit whenever its tokens were made.
            self.revocations().tell(&Revocation::signed_out(scope, &id, token_seconds, self.host.now()));
        }
    }

    /// The same for a session that the provider has just ended, known by its id alone. Once this returns its keeper knows, and the list
    /// of what is revoked.
    #[cfg(feature = "js")]
    pub(crate) async fn ended(&self, session_id: &str) {
        let name = self.workos.object_name(session_id);
        self.host.with_rotation_memory(|memory| memory.end(&name, self.host.now()));
        let tell = async || self.host.ask_session_object(&name, end_message()).await;
        // One that was evicted has not heard it. One that does not answer either will hear it from the provider.
        if self.host.has_session_objects() && tell().await.is_err() {
            let _ = tell().await;
        }
        if self.host.has_revocations() {
            let revocation = Revocation::session(self.workos.revocation_scope(), session_id, self.host.now());
            let tell = async || self.revocations().add(&revocation, None).await;
            if tell().await.is_none() {
                let _ = tell().await;
            }
        }
    }

    /// What is revoked in the environment.
    pub fn revocations(&self) -> RevocationClient<'_, H> {
        RevocationClient::new(self.workos.revocation_scope(), self.host)
    }

    /// What of a session can be revoked; none where nothing can.
    pub fn identity(&self, session: &Session) -> Option<Identity> {
        let Session { session_id, user_id, organization_id, issued_at, .. } = session;
        self.revocations().identity(session_id.as_deref(), user_id.as_deref(), organization_id.as_deref(), *issued_at)
    }

    /// The same of one whose token was not verified, and has expired perhaps: its seal vouches for it.
    fn unverified_identity(&self, session: &UnsealedSession) -> Option<Identity> {
        if !self.host.has_revocations() {
            return None;
        }
        let (session_id, user_id) = (session.session_id(), session.user_id());
        let (organization_id, issued_at) = (session.organization_id(), session.issued_at());
        self.revocations().identity(session_id.as_deref(), user_id.as_deref(), organization_id.as_deref(), issued_at)
    }

    /// Whether a session may be refreshed at all.
    ///
    /// # Errors
    /// As [`RevocationClient::check`], but what is stale is refreshed.
    pub async fn check_refreshable(
        &self,
        session: &UnsealedSession,
        policy: RevocationPolicy,
    ) -> Result<(), Rejection> {
        match self.revocations().check(self.unverified_identity(session), policy).await {
            Err(Rejection::SessionStale) => Ok(()),
            outcome => outcome,
        }
    }

    /// Whether a session was ended whose next generation is there already. A token that was made after the revocation is not hit by
    /// it any more: whoever holds it would have outrun the list on its way to this isolate. So the object itself is asked, each time.
    pub async fn was_outrun(&self, session: &UnsealedSession) -> bool {
        let Some(identity) = self.unverified_identity(session) else {
            return false;
        };
        let has_ended = self.revocations().ask(&identity).await == Some(Some(Kind::Ended));
        if has_ended {
            // What the refresh has brought stays unused.
            self.end(session);
        }
        has_ended
    }

    /// The name of the object that keeps a session; a session without an id has none.
    pub(crate) fn object_name(&self, session: &UnsealedSession) -> Option<String> {
        Some(self.workos.object_name(&session.session_id()?))
    }

    pub(crate) const fn host(&self) -> &H {
        self.host
    }
}

/// Whether the provider may have done what it was asked and the answer was lost.
const fn may_be_lost(rejection: Rejection) -> bool {
    matches!(
        rejection,
        Rejection::ProviderTimeout
            | Rejection::ProviderUnreachable
            | Rejection::ProviderUnavailable
            | Rejection::ProviderAnswerInvalid
    )
}

impl<H: Host> SealedSession<'_, H> {
    /// Accepts these formats instead of [`SealFormats::DEFAULT`].
    #[must_use]
    pub const fn accepting(self, accepted: SealFormats) -> Self {
        Self { accepted, ..self }
    }

    /// Who is signed in.
    ///
    /// # Errors
    /// The first step that refuses.
    pub async fn authenticate(&self) -> Result<AuthenticatedSession, Rejection> {
        self.client.authenticate(&self.open()?).await
    }

    /// The next generation of this session, sealed.
    ///
    /// # Errors
    /// Why there is none; whether to keep the cookie says [`Rejection::ends_session`].
    pub async fn refresh(&self, options: RefreshOptions<'_>) -> Result<RefreshedSession, ExchangeRejection> {
        let next = self.client.refresh(&self.open()?, options.organization_id).await?;
        let passwords = options.cookie_password.unwrap_or(self.cookie_password);
        let sealed_session = self.client.seal(&next, passwords);
        Ok(RefreshedSession { sealed_session, authentication: self.client.authenticate(&next).await })
    }

    /// Where the browser goes so that the provider ends the session. An expired token will do.
    ///
    /// # Errors
    /// The cookie does not open, or its token names no session ([`Rejection::SessionMalformed`]).
    pub fn get_logout_url(&self, return_to: Option<&str>) -> Result<String, Rejection> {
        let session_id = self.open()?.session_id().ok_or(Rejection::SessionMalformed)?;
        Ok(self.client.workos.logout_url(&session_id, return_to))
    }

    fn open(&self) -> Result<UnsealedSession, Rejection> {
        UnsealedSession::open(self.session_data, self.cookie_password, self.accepted, self.client.host.now())
    }
}
