//! The paved path: WorkOS sessions, driven over any [`Host`]. The names are those of WorkOS's Python and Ruby helpers.
//!
//! Only the order of network steps stands here; what they mean is decided in `session`, `provider` and `jwks`.

use secrecy::SecretString;

use crate::error::Rejection;
use crate::host::{Host, keys, keys_after_unknown};
use crate::jwks::KeySet;
use crate::jwt::TokenPolicy;
use crate::provider::workos::{ExchangeRejection, WorkOs, exchange_response};
use crate::seal::{PasswordRing, SealEntropy, SealFormat, SealFormats};
use crate::session::{AuthenticatedSession, UnsealedSession};
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
    /// Since when, in seconds.
    pub age_seconds: i64,
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
        self.with_keys(|keys, policy, now| session.authenticate(keys, policy, now)).await
    }

    /// Verifies an access token that comes without a seal, as API clients send it.
    ///
    /// # Errors
    /// What [`AuthenticatedSession::from_access_token`] refuses, or [`Rejection::KeysUnavailable`].
    pub async fn authenticate_access_token(&self, token: &SecretString) -> Result<AuthenticatedSession, Rejection> {
        self.with_keys(|keys, policy, now| AuthenticatedSession::from_access_token(token, keys, policy, now)).await
    }

    /// Checks against the keys that are known, then once more for a key that is not among them.
    async fn with_keys<R>(
        &self,
        check: impl Fn(&KeySet, &TokenPolicy, Timestamp) -> Result<R, Rejection>,
    ) -> Result<R, Rejection> {
        let known = keys(self.host, self.workos).await?;
        match check(&known.set, self.workos.policy(), self.host.now()) {
            Err(Rejection::UnknownKey) => {
                let newer = keys_after_unknown(self.host, self.workos, &known).await?;
                check(&newer.set, self.workos.policy(), self.host.now())
            }
            result => result,
        }
    }

    /// The provider's keys, as they are cached here: how many, and how old.
    ///
    /// # Errors
    /// [`Rejection::KeysUnavailable`].
    pub async fn keys_status(&self) -> Result<KeysStatus, Rejection> {
        let keys = keys(self.host, self.workos).await?;
        Ok(KeysStatus { count: keys.set.len(), age_seconds: self.host.now().seconds_since(keys.fetched_at) })
    }

    /// How far the provider's clock is ahead of ours, in seconds; none before keys came from the provider itself.
    pub fn clock_skew_seconds(&self) -> Option<i64> {
        let url = self.workos.jwks_url().to_string();
        self.host.with_key_memory(|memory| memory.clock_skew_seconds(&url))
    }

    /// Exchanges the refresh token for the next generation. The organization stays unless another is asked for.
    ///
    /// # Errors
    /// [`Rejection::RefreshTokenMissing`], what the provider refuses, or why it cannot be asked.
    pub async fn refresh(
        &self,
        session: &UnsealedSession,
        organization_id: Option<&str>,
    ) -> Result<UnsealedSession, ExchangeRejection> {
        let refresh_token = session.refresh_token().ok_or(Rejection::RefreshTokenMissing)?;
        let current = session.organization_id();
        let request = self.workos.refresh_request(refresh_token, organization_id.or(current.as_deref()));
        let pair = exchange_response(self.host.fetch(request).await)?;
        Ok(session.next(pair))
    }
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
