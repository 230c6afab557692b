//! Sign-ins as the Node SDK offers them: everything that a token request may carry, and the whole answer in the SDK's spelling.

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};

use super::answer::{fault_rejection, read_exchange, read_json};
use super::{ApiError, Exchange, WorkOs};
use crate::http::{FetchFault, InboundResponse, OutboundRequest};
use crate::limits;
use crate::session::{TokenPair, User};

/// Where every token request goes.
const PATH: &str = "/user_management/authenticate";

/// A token request of the SDK (`authenticateWithCode`, `authenticateWithRefreshToken`).
#[derive(Default)]
pub(crate) struct Grant {
    pub(crate) code: Option<String>,
    pub(crate) code_verifier: Option<SecretString>,
    pub(crate) refresh_token: Option<SecretString>,
    pub(crate) organization_id: Option<String>,
    pub(crate) invitation_token: Option<String>,
    pub(crate) ip_address: Option<String>,
    pub(crate) user_agent: Option<String>,
    pub(crate) signals_id: Option<String>,
}

impl WorkOs {
    /// Asks for tokens. Answer: [`authentication_response`].
    pub(crate) fn grant_request(&self, grant: &Grant) -> OutboundRequest {
        let exchange = Exchange {
            grant_type: if grant.code.is_some() { "authorization_code" } else { "refresh_token" },
            code: grant.code.as_deref(),
            code_verifier: grant.code_verifier.as_ref().map(ExposeSecret::expose_secret),
            refresh_token: grant.refresh_token.as_ref().map(ExposeSecret::expose_secret),
            organization_id: grant.organization_id.as_deref(),
            invitation_token: grant.invitation_token.as_deref(),
            ip_address: grant.ip_address.as_deref(),
            user_agent: grant.user_agent.as_deref(),
            signals_id: grant.signals_id.as_deref(),
            ..Exchange::default()
        };
        self.exchange_request(exchange, limits::EXCHANGE_TIMEOUT_MILLISECONDS)
    }
}

/// Reads the answer: the tokens, and everything in the spelling of the SDK (its `deserializeAuthenticationResponse`).
///
/// # Errors
/// What the SDK throws.
pub(crate) fn authentication_response(
    answer: Result<InboundResponse, FetchFault>,
) -> Result<(TokenPair, Map<String, Value>), ApiError> {
    let response = match &answer {
        Ok(response) => response,
        Err(fault) => return Err(ApiError::of(&answer, PATH, fault_rejection(*fault).into())),
    };
    let pair = read_exchange(response).map_err(|rejection| ApiError::of(&answer, PATH, rejection))?;
    let members = read_json(response.body().expose_secret());
    Ok((pair, members.map(spelled).unwrap_or_default()))
}

/// In `camelCase`, but for members that the SDK does not know: those it passes on as they are.
fn spelled(mut answer: Map<String, Value>) -> Map<String, Value> {
    let mut spelled = Map::new();
    if let Some(Value::Object(user)) = answer.remove("user") {
        spelled.insert("user".to_owned(), User::from_members(user).camel_case().into());
    }
    for (ours, theirs) in [
        ("organizationId", "organization_id"),
        ("accessToken", "access_token"),
        ("refreshToken", "refresh_token"),
        ("authenticationMethod", "authentication_method"),
    ] {
        if let Some(value) = answer.remove(theirs) {
            spelled.insert(ours.to_owned(), value);
        }
    }
    if let Some(Value::Object(mut tokens)) = answer.remove("oauth_tokens") {
        let mut take = |ours: &str, theirs: &str| (ours.to_owned(), tokens.remove(theirs).unwrap_or_default());
        let tokens = [
            take("accessToken", "access_token"),
            take("refreshToken", "refresh_token"),
            take("expiresAt", "expires_at"),
            take("scopes", "scopes"),
        ];
        spelled.insert("oauthTokens".to_owned(), Map::from_iter(tokens).into());
    }
    spelled.append(&mut answer);
    spelled
}
