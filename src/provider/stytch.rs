//! Stytch, consumer and B2B: the URLs and requests of its session API, what its tokens say, and what its answers mean.
//!
//! Network steps are pairs: `x_request()` builds plain data, `x_response()` reads plain data. Nothing is sent here, and whether
//! anything is to be sent at all stands in `fallback`.

mod access_token;
mod answer;
mod error;
mod fallback;
mod request;
mod session;
mod token;

pub use access_token::{AccessToken, AuthenticateToken, IntrospectToken, M2mToken, TokenOrganization};
pub use answer::{RemoteSession, StytchAnswer, answer_response, revoke_response, session_response};
use base64ct::{Base64, Encoding};
pub use error::{ApiError, StytchError, StytchRejection};
pub use fallback::{Circumstances, FallbackReason, fallback};
use http::Uri;
use http::header::HeaderValue;
pub use request::{Authenticate, Exchange, GetSessions, Revoke};
use secrecy::{ExposeSecret, SecretString};
pub use session::{LocalSession, MemberSession, StytchSession, VerifiedSession};
pub use token::TokenTimes;
pub(crate) use token::parse as parse_token;

use super::endpoint::{BaseUrl, is_id};
use crate::error::ConfigurationError;
use crate::http::OutboundRequest;
use crate::jwks::KeySet;
use crate::jwt::TokenPolicy;
use crate::limits;
use crate::loaded::Source;
use crate::rbac::Policy;

/// Stytch's host for `project-test-…`.
pub const TEST_BASE_URL: &str = "https://test.stytch.com";
/// Stytch's host for `project-live-…`.
pub const LIVE_BASE_URL: &str = "https://api.stytch.com";

/// Which of Stytch's two products a project is of. They have sessions, URLs and policies of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vertical {
    /// Users.
    Consumer,
    /// Members of organizations.
    B2b,
}

/// How to reach Stytch, and as which project.
pub struct StytchOptions {
    /// `project-test-…` or `project-live-…`.
    pub project_id: String,
    /// `secret-…`. Verifying tokens needs none; policies and everything that asks the API do.
    pub secret: SecretString,
    /// Scheme and host of the API, for a custom domain or a local provider. None: [`LIVE_BASE_URL`] for a live project, else
    /// [`TEST_BASE_URL`].
    pub base_url: Option<String>,
    /// Of users, or of members.
    pub vertical: Vertical,
}

/// A Stytch project, checked: every URL parses and every header is legal.
pub struct Stytch {
    project_id: String,
    vertical: Vertical,
    base_url: BaseUrl,
    authorization: HeaderValue,
    policy: TokenPolicy,
    endpoints: Endpoints,
    pinned_keys: Option<Vec<u8>>,
    revocation_scope: String,
}

struct Endpoints {
    jwks: Uri,
    authenticate: Uri,
    revoke: Uri,
    exchange: Uri,
    policy: Uri,
}

const BASE_URL: &str = "STYTCH_BASE_URL";
const BASE_URL_PROBLEM: &str = "is not usable; write scheme and host only, for example `https://login.example.com`";

impl Stytch {
    /// Checks the options.
    ///
    /// ```
    /// use edgeseal::provider::stytch::{Stytch, StytchOptions, Vertical};
    /// let options = |project_id: &str| StytchOptions {
    ///     project_id: project_id.into(),
    ///     secret: "secret-test-1".into(),
    ///     base_url: None,
    ///     vertical: Vertical::Consumer,
    /// };
    /// let stytch = Stytch::new(options("project-test-1"))?;
    /// assert_eq!(stytch.jwks_url(), "https://test.stytch.com/v1/sessions/jwks/project-test-1");
    /// assert_eq!(Stytch::new(options("")).err().map(|error| error.setting()), Some("STYTCH_PROJECT_ID"));
    /// # Ok::<(), edgeseal::ConfigurationError>(())
    /// ```
    ///
    /// # Errors
    /// The option that cannot work, with what to write instead.
    pub fn new(options: StytchOptions) -> Result<Self, ConfigurationError> {
        let StytchOptions { project_id, secret, base_url, vertical } = options;
        if !is_id(&project_id) {
            return Err(ConfigurationError::new(
                "STYTCH_PROJECT_ID",
                "is missing or malformed; write the id of your Stytch project, `project-test-…` or `project-live-…`",
            ));
        }
        let is_live = project_id.starts_with("project-live-");
        let stytchs_own = if is_live { LIVE_BASE_URL } else { TEST_BASE_URL };
        let base_url = BaseUrl::new(base_url.as_deref().unwrap_or(stytchs_own), BASE_URL, BASE_URL_PROBLEM)?;
        let prefix = vertical.prefix();
        let uri = |path: &str| base_url.endpoint(&format!("{prefix}{path}"));
        let endpoints = Endpoints {
            jwks: uri(&format!("/sessions/jwks/{project_id}"))?,
            authenticate: uri("/sessions/authenticate")?,
            revoke: uri("/sessions/revoke")?,
            exchange: uri("/sessions/exchange")?,
            policy: uri("/rbac/policy")?,
        };
        let policy = TokenPolicy {
            // With a domain of the customer's own, tokens carry its URL.
            issuers: vec![format!("stytch.com/{project_id}"), base_url.as_str().to_owned()],
            audiences: vec![project_id.clone()],
            leeway_seconds: 0,
        };
        let authorization = basic(&project_id, &secret)?;
        let revocation_scope = format!("stytch:{project_id}");
        Ok(Self {
            project_id,
            vertical,
            base_url,
            authorization,
            policy,
            endpoints,
            pinned_keys: None,
            revocation_scope,
        })
    }

    /// Keys to use until the provider's own are loaded: then nobody has to be asked before the first request, and an outage right after a
    /// deployment refuses nobody. As soon as the provider has answered, its keys take their place.
    ///
    /// # Errors
    /// `PINNED_KEYS`, for what is no key set, or one without a key for session tokens.
    pub fn with_pinned_keys(self, jwks: &[u8]) -> Result<Self, ConfigurationError> {
        KeySet::check_pinned(jwks)?;
        Ok(Self { pinned_keys: Some(jwks.to_vec()), ..self })
    }

    /// The project's id, which tokens name as their audience.
    pub fn project_id(&self) -> &str {
        &self.project_id
    }

    /// What is revoked here is revoked in this project alone: names the object that keeps it, and its snapshot.
    pub fn revocation_scope(&self) -> &str {
        &self.revocation_scope
    }

    /// Of users, or of members.
    pub const fn vertical(&self) -> Vertical {
        self.vertical
    }

    /// Where the keys are, `…/sessions/jwks/<project id>`.
    pub const fn jwks_url(&self) -> &Uri {
        &self.endpoints.jwks
    }

    /// What is demanded of every token: its issuer and audience. How far clocks may differ, each call says.
    pub const fn token_policy(&self) -> &TokenPolicy {
        &self.policy
    }

    pub(crate) const fn project_policy(&self) -> ProjectPolicy<'_> {
        ProjectPolicy(self)
    }

    /// The policy of one organization; none for an id that no URL can hold.
    pub(crate) fn organization_policy(&self, organization_id: &str) -> Option<OrganizationPolicy<'_>> {
        let is_usable = is_id(organization_id) && organization_id.len() <= limits::ORGANIZATION_ID_BYTES;
        let path = format!("{}/rbac/organizations/{organization_id}", self.vertical.prefix());
        let url = is_usable.then(|| self.base_url.endpoint(&path).ok()).flatten()?;
        Some(OrganizationPolicy { stytch: self, url })
    }
}

impl Vertical {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Consumer => "/v1",
            Self::B2b => "/v1/b2b",
        }
    }

    /// Stytch's name of a session in answers.
    const fn session_member(self) -> &'static str {
        match self {
            Self::Consumer => "session",
            Self::B2b => "member_session",
        }
    }

    /// Stytch's name of a session's id, in a session and in calls.
    const fn session_id_member(self) -> &'static str {
        match self {
            Self::Consumer => "session_id",
            Self::B2b => "member_session_id",
        }
    }
}

/// The keys of the project's tokens. They are public.
impl Source<KeySet> for Stytch {
    fn scope(&self) -> String {
        self.endpoints.jwks.to_string()
    }

    fn request(&self) -> OutboundRequest {
        self.keys_request()
    }

    fn pinned(&self) -> Option<&[u8]> {
        self.pinned_keys.as_deref()
    }
}

/// What the roles and scopes of the project allow.
pub(crate) struct ProjectPolicy<'a>(&'a Stytch);

impl Source<Policy> for ProjectPolicy<'_> {
    fn scope(&self) -> String {
        // The URL is every project's.
        format!("{}#{}", self.0.endpoints.policy, self.0.project_id)
    }

    fn request(&self) -> OutboundRequest {
        self.0.policy_request(self.0.endpoints.policy.clone())
    }
}

/// What the roles of one organization allow, beside those of the project.
pub(crate) struct OrganizationPolicy<'a> {
    stytch: &'a Stytch,
    url: Uri,
}

impl Source<Policy> for OrganizationPolicy<'_> {
    fn scope(&self) -> String {
        format!("{}#{}", self.url, self.stytch.project_id)
    }

    fn request(&self) -> OutboundRequest {
        self.stytch.policy_request(self.url.clone())
    }

    /// Where roles of organizations are not switched on, there are none.
    fn where_absent(&self) -> Option<&'static str> {
        Some(r#"{"org_policy":{"roles":[]}}"#)
    }
}

fn basic(project_id: &str, secret: &SecretString) -> Result<HeaderValue, ConfigurationError> {
    let problem =
        ConfigurationError::new("STYTCH_SECRET", "is missing; write the secret of your Stytch project, `secret-…`");
    if secret.expose_secret().is_empty() {
        return Err(problem);
    }
    let credentials = Base64::encode_string(format!("{project_id}:{}", secret.expose_secret()).as_bytes());
    let mut value = HeaderValue::try_from(format!("Basic {credentials}")).map_err(|_| problem)?;
    value.set_sensitive(true);
    Ok(value)
}
