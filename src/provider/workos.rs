//! WorkOS AuthKit: the URLs, requests and answers of its user management API.
//!
//! Network steps are pairs: `x_request()` builds plain data, `exchange_response()` reads plain data. Nothing is sent here.

mod answer;
#[cfg(feature = "js")]
mod api_error;
#[cfg(feature = "js")]
mod authentication;
mod sessions;
mod webhook;

use form_urlencoded::Serializer;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use http::{Method, Uri};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

pub use answer::{ExchangeRejection, exchange_response};
#[cfg(feature = "js")]
pub(crate) use api_error::ApiError;
#[cfg(feature = "js")]
pub(crate) use authentication::{Grant, authentication_response};
pub use sessions::{
    ListMetadata, ListOptions, SessionList, SessionResource, list_sessions_response, revoke_session_response,
};
#[cfg(feature = "js")]
pub(crate) use sessions::{list_sessions, revoke_session};
pub use webhook::WebhookRejection;
#[cfg(feature = "js")]
pub(crate) use webhook::camel_case_event;
pub(crate) use webhook::verify_webhook;

use super::endpoint::{BaseUrl, is_id};
use crate::error::ConfigurationError;
use crate::http::{OutboundRequest, get_json};
use crate::jwks::KeySet;
use crate::jwt::TokenPolicy;
use crate::limits;
use crate::loaded::Source;
use crate::rotation::object_name;

const BASE_URL: &str = "WORKOS_BASE_URL";
const BASE_URL_PROBLEM: &str = "is not usable; write scheme and host only, for example `https://api.workos.com`";

/// Production of WorkOS.
pub const DEFAULT_BASE_URL: &str = "https://api.workos.com";

/// How to reach WorkOS, and as whom.
pub struct WorkOsOptions {
    /// `client_…` of the environment.
    pub client_id: String,
    /// `sk_…`: signs in, refreshes, revokes. Authenticating needs none.
    pub api_key: Option<SecretString>,
    /// Scheme and host of the API, [`DEFAULT_BASE_URL`] unless it is a custom domain or a local provider.
    pub base_url: String,
    /// What is demanded of access tokens.
    pub policy: TokenPolicy,
}

/// A WorkOS environment, checked: every URL parses and every header is legal.
pub struct WorkOs {
    client_id: String,
    api_key: Option<SecretString>,
    base_url: BaseUrl,
    policy: TokenPolicy,
    jwks: Uri,
    authenticate: Uri,
    revoke: Uri,
    authorization: Option<HeaderValue>,
    pinned_keys: Option<Vec<u8>>,
    revocation_scope: String,
}

/// The body of a token request, in the SDK's order; what is not there is not sent.
#[derive(Default, Serialize)]
struct Exchange<'a> {
    grant_type: &'static str,
    client_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code_verifier: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    organization_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invitation_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ip_address: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_agent: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signals_id: Option<&'a str>,
}

/// Where a sign-in goes and comes back to.
pub struct AuthorizationUrl<'a> {
    /// Absolute URL that WorkOS sends the browser back to; registered in the dashboard.
    pub redirect_uri: &'a str,
    /// Comes back unchanged; binds the answer to the browser that asked.
    pub state: &'a str,
    /// base64url of SHA-256 of the verifier (RFC 7636 §4.2).
    pub code_challenge: &'a str,
    /// Sign in for this organization.
    pub organization_id: Option<&'a str>,
    /// `sign-in` or `sign-up`.
    pub screen_hint: Option<&'a str>,
    /// E-mail address to fill in.
    pub login_hint: Option<&'a str>,
}

impl WorkOs {
    /// Checks the options.
    ///
    /// # Errors
    /// The option that cannot work, with what to write instead.
    pub fn new(options: WorkOsOptions) -> Result<Self, ConfigurationError> {
        let WorkOsOptions { client_id, api_key, base_url, policy } = options;
        if !is_id(&client_id) {
            return Err(ConfigurationError::new(
                "WORKOS_CLIENT_ID",
                "is missing or malformed; write the client id of your WorkOS environment, `client_…`",
            ));
        }
        let base_url = BaseUrl::new(&base_url, BASE_URL, BASE_URL_PROBLEM)?;
        let uri = |path: &str| base_url.endpoint(path);
        let jwks = uri(&format!("/sso/jwks/{client_id}"))?;
        let authenticate = uri("/user_management/authenticate")?;
        let revoke = uri("/user_management/sessions/revoke")?;
        let authorization = api_key.as_ref().map(bearer).transpose()?;
        let revocation_scope = format!("workos:{client_id}");
        Ok(Self {
            client_id,
            api_key,
            base_url,
            policy,
            jwks,
            authenticate,
            revoke,
            authorization,
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

    /// What is demanded of access tokens.
    pub const fn policy(&self) -> &TokenPolicy {
        &self.policy
    }

    /// The name of the object that keeps a session of this environment.
    pub fn object_name(&self, session_id: &str) -> String {
        object_name("workos", &self.client_id, session_id)
    }

    /// What is revoked here is revoked in this environment alone: names the object that keeps it, and its snapshot.
    pub fn revocation_scope(&self) -> &str {
        &self.revocation_scope
    }

    /// Where the keys are, `…/sso/jwks/<client id>`.
    pub const fn jwks_url(&self) -> &Uri {
        &self.jwks
    }

    /// Asks for the keys.
    pub fn jwks_request(&self) -> OutboundRequest {
        get_json(self.jwks.clone(), limits::KEYS_TIMEOUT_MILLISECONDS, limits::KEY_SET_BYTES)
    }

    /// Where the browser goes to sign in. Parameters are in alphabetical order, as the SDK's.
    pub fn authorization_url(&self, url: &AuthorizationUrl<'_>) -> String {
        let parameters = [
            ("client_id", Some(self.client_id.as_str())),
            ("code_challenge", Some(url.code_challenge)),
            ("code_challenge_method", Some("S256")),
            ("login_hint", url.login_hint),
            ("organization_id", url.organization_id),
            ("provider", Some("authkit")),
            ("redirect_uri", Some(url.redirect_uri)),
            ("response_type", Some("code")),
            ("screen_hint", url.screen_hint),
            ("state", Some(url.state)),
        ];
        self.url_with_query("/user_management/authorize", &parameters)
    }

    /// The client id of the environment.
    #[cfg(feature = "js")]
    pub(crate) fn client_id(&self) -> &str {
        &self.client_id
    }

    #[cfg(feature = "js")]
    pub(crate) const fn has_api_key(&self) -> bool {
        self.api_key.is_some()
    }

    /// Where the keys of any client are; none for what is no client id.
    #[cfg(feature = "js")]
    pub(crate) fn jwks_url_of(&self, client_id: &str) -> Option<String> {
        is_id(client_id).then(|| format!("{}/sso/jwks/{client_id}", self.base_url.as_str()))
    }

    /// Where the browser goes to sign in, with these parameters.
    #[cfg(feature = "js")]
    pub(crate) fn authorization_url_of(&self, parameters: &[(String, String)]) -> String {
        let parameters: Vec<_> = parameters.iter().map(|(name, value)| (name.as_str(), Some(value.as_str()))).collect();
        self.url_with_query("/user_management/authorize", &parameters)
    }

    /// Where the browser goes so that WorkOS ends the session too. Works for expired tokens: only the id is needed.
    pub fn logout_url(&self, session_id: &str, return_to: Option<&str>) -> String {
        let parameters = [("session_id", Some(session_id)), ("return_to", return_to)];
        self.url_with_query("/user_management/sessions/logout", &parameters)
    }

    /// Exchanges the code of a callback (RFC 6749 §4.1.3, RFC 7636 §4.5). Answer: [`exchange_response`].
    pub fn code_request(&self, code: &str, code_verifier: &SecretString) -> OutboundRequest {
        let grant = Exchange {
            grant_type: "authorization_code",
            code: Some(code),
            code_verifier: Some(code_verifier.expose_secret()),
            ..Exchange::default()
        };
        self.exchange_request(grant, limits::EXCHANGE_TIMEOUT_MILLISECONDS)
    }

    /// Exchanges a refresh token (RFC 6749 §6), which uses it up. Answer: [`exchange_response`].
    pub fn refresh_request(&self, refresh_token: &SecretString, organization_id: Option<&str>) -> OutboundRequest {
        let grant = Exchange {
            grant_type: "refresh_token",
            refresh_token: Some(refresh_token.expose_secret()),
            organization_id,
            ..Exchange::default()
        };
        self.exchange_request(grant, limits::REFRESH_TIMEOUT_MILLISECONDS)
    }

    fn exchange_request<'a>(&'a self, grant: Exchange<'a>, timeout_milliseconds: u32) -> OutboundRequest {
        let client_secret = self.api_key.as_ref().map(ExposeSecret::expose_secret);
        let exchange = Exchange { client_id: &self.client_id, client_secret, ..grant };
        // Strings alone: nothing in it can fail to become JSON.
        let body = serde_json::to_vec(&exchange).unwrap_or_default();
        let mut request = http::Request::new(body.into());
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.authenticate.clone();
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(authorization) = &self.authorization {
            headers.insert(AUTHORIZATION, authorization.clone());
        }
        OutboundRequest { request, timeout_milliseconds, answer_bytes: limits::EXCHANGE_BYTES }
    }

    fn uri(&self, path: &str) -> Result<Uri, ConfigurationError> {
        self.base_url.endpoint(path)
    }

    fn url_with_query(&self, path: &str, parameters: &[(&str, Option<&str>)]) -> String {
        let mut url = format!("{}{path}?", self.base_url.as_str());
        let start = url.len();
        let mut query = Serializer::for_suffix(&mut url, start);
        query.extend_pairs(parameters.iter().filter_map(|(name, value)| Some((name, (*value)?))));
        query.finish().clone()
    }
}

/// The keys of the environment's session tokens.
impl Source<KeySet> for WorkOs {
    fn scope(&self) -> String {
        self.jwks.to_string()
    }

    fn request(&self) -> OutboundRequest {
        self.jwks_request()
    }

    fn pinned(&self) -> Option<&[u8]> {
        self.pinned_keys.as_deref()
    }
}

fn bearer(api_key: &SecretString) -> Result<HeaderValue, ConfigurationError> {
    let mut value = HeaderValue::try_from(format!("Bearer {}", api_key.expose_secret())).map_err(|_| {
        ConfigurationError::new(
            "WORKOS_API_KEY",
            "holds characters that no header may carry; copy the key anew, `sk_…`",
        )
    })?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    pub(super) fn options(client_id: &str, base_url: &str) -> WorkOsOptions {
        WorkOsOptions {
            client_id: client_id.to_owned(),
            api_key: Some("sk_test".into()),
            base_url: base_url.to_owned(),
            policy: TokenPolicy::default(),
        }
    }

    #[test]
    fn urls_are_those_of_the_sdk() {
        let workos = WorkOs::new(options("client_1", "https://api.workos.com/")).unwrap();
        assert_eq!(workos.jwks_url(), "https://api.workos.com/sso/jwks/client_1");
        let url = AuthorizationUrl {
            redirect_uri: "https://app.example/auth/callback",
            state: "s",
            code_challenge: "c",
            organization_id: Some("org_1"),
            screen_hint: None,
            login_hint: Some("a b@example.com"),
        };
        assert_eq!(
            workos.authorization_url(&url),
            "https://api.workos.com/user_management/authorize?client_id=client_1&code_challenge=c\
             &code_challenge_method=S256&login_hint=a+b%40example.com&organization_id=org_1&provider=authkit\
             &redirect_uri=https%3A%2F%2Fapp.example%2Fauth%2Fcallback&response_type=code&state=s"
        );
        assert_eq!(
            workos.logout_url("session_1", Some("https://app.example/a b")),
            "https://api.workos.com/user_management/sessions/logout?session_id=session_1\
             &return_to=https%3A%2F%2Fapp.example%2Fa+b"
        );
    }

    #[test]
    fn a_refresh_is_the_sdks_request() {
        let workos = WorkOs::new(options("client_1", DEFAULT_BASE_URL)).unwrap();
        let OutboundRequest { request, .. } = workos.refresh_request(&"rt".into(), None);
        assert_eq!(request.uri(), "https://api.workos.com/user_management/authenticate");
        assert_eq!(request.headers()["authorization"], "Bearer sk_test");
        let body: Value = serde_json::from_slice(request.body().expose_secret()).unwrap();
        let expected = json!({
            "grant_type": "refresh_token", "client_id": "client_1", "client_secret": "sk_test", "refresh_token": "rt"
        });
        assert_eq!(body, expected);
        assert!(!format!("{request:?}").contains("sk_test"), "a request cannot be printed with its secrets");
    }

    #[test]
    fn settings_that_cannot_work_are_named() {
        for base_url in [
            "",
            "api.workos.com",
            "http://api.workos.com",
            "https://api.workos.com/v1",
            "https://api.workos.com?x",
            "https://user@api.workos.com",
            "ftp://api.workos.com",
        ] {
            let error = WorkOs::new(options("client_1", base_url)).err().unwrap();
            assert_eq!(error.setting(), "WORKOS_BASE_URL", "{base_url}");
        }
        for client_id in ["", "client/../x", "client 1"] {
            let error = WorkOs::new(options(client_id, DEFAULT_BASE_URL)).err().unwrap();
            assert_eq!(error.setting(), "WORKOS_CLIENT_ID");
        }
        assert!(WorkOs::new(options("client_1", "http://127.0.0.1:8788")).is_ok());
        let bad_key = WorkOsOptions { api_key: Some("sk\n".into()), ..options("client_1", DEFAULT_BASE_URL) };
        assert_eq!(WorkOs::new(bad_key).err().unwrap().setting(), "WORKOS_API_KEY");
    }
}
