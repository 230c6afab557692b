//! Access tokens, of machines and of apps that act for a person: checked here, never by asking, and never good as a session.

use serde::Serialize;
use serde_json::{Map, Value};

use super::session::{custom_claims, object, required, text};
use super::token::{self, Kind, ORGANIZATION_CLAIM};
use super::{Stytch, TokenTimes, Vertical};
use crate::error::Rejection;
use crate::jwks::KeySet;
use crate::jwt::{Claims, UnverifiedToken};
use crate::rbac::{AuthorizationCheck, Policy, has_scopes, scopes};
use crate::time::Timestamp;

/// What `m2m.authenticateToken` takes.
#[derive(Clone, Copy, Default)]
pub struct AuthenticateToken<'a> {
    /// The access token.
    pub access_token: &'a str,
    /// Scopes that it has to have, all of them.
    pub required_scopes: &'a [&'a str],
    /// What is demanded of its times.
    pub times: TokenTimes,
}

/// What `idp.introspectTokenLocal` takes.
#[derive(Clone, Copy, Default)]
pub struct IntrospectToken<'a> {
    /// The access token.
    pub token: &'a str,
    /// What its scopes have to allow.
    pub authorization_check: Option<&'a AuthorizationCheck>,
    /// How far clocks may differ, in seconds.
    pub clock_tolerance_seconds: i64,
    /// The time, where it is not the host's.
    pub current_date: Option<Timestamp>,
}

/// A machine's token that was checked. Serialized as the SDK gives it.
#[derive(Clone, Serialize, PartialEq)]
#[non_exhaustive]
pub struct M2mToken {
    /// `m2m-client-…`.
    pub client_id: String,
    /// What it may do, as `action:resource`.
    pub scopes: Vec<String>,
    /// The claims of the project's own.
    pub custom_claims: Map<String, Value>,
}

/// An access token that was checked. Serialized as the SDK's `introspectTokenLocal` gives it.
#[derive(Clone, Serialize, PartialEq)]
#[non_exhaustive]
pub struct AccessToken {
    /// The person, or the machine (`sub`).
    pub subject: String,
    /// `exp`, in seconds since 1970.
    pub expires_at: i64,
    /// `aud`, as it stands there.
    pub audience: Value,
    /// `iat`, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issued_at: Option<i64>,
    /// `iss`.
    pub issuer: String,
    /// `nbf`, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_before: Option<i64>,
    /// The scopes, separated by spaces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// `access_token`.
    pub token_type: &'static str,
    /// The claims of the project's own.
    pub custom_claims: Map<String, Value>,
    /// The member's organization; B2B alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<TokenOrganization>,
}

/// The organization in an access token.
#[derive(Clone, Serialize, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenOrganization {
    /// `organization-…`.
    pub organization_id: String,
    /// Its name in URLs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
}

impl Stytch {
    /// Checks a machine's token. Synchronous, and final: there is nobody to ask.
    ///
    /// # Errors
    /// The first step that refuses. After [`Rejection::UnknownKey`] it is worth trying newer keys once.
    pub fn verify_m2m_token(
        &self,
        call: &AuthenticateToken<'_>,
        keys: &KeySet,
        now: Timestamp,
    ) -> Result<M2mToken, Rejection> {
        self.verify_parsed_m2m_token(&token::parse(call.access_token)?, call, keys, now)
    }

    pub(crate) fn verify_parsed_m2m_token(
        &self,
        token: &UnverifiedToken<'_>,
        call: &AuthenticateToken<'_>,
        keys: &KeySet,
        now: Timestamp,
    ) -> Result<M2mToken, Rejection> {
        let claims = token::verify(token, keys, self.token_policy(), Kind::Access, call.times, now)?;
        let members = claims.members();
        let scope = text(members, "scope")?.ok_or(Rejection::ClaimMissing)?;
        let scopes: Vec<String> = scopes(&scope).map(str::to_owned).collect();
        if !has_scopes(&scopes, call.required_scopes) {
            return Err(Rejection::MissingScopes);
        }
        Ok(M2mToken { client_id: required(members, "sub")?, scopes, custom_claims: custom_claims(members, &["scope"]) })
    }

    /// Checks an access token. Synchronous, and final: whether it was revoked, only Stytch knows.
    ///
    /// # Errors
    /// The first step that refuses. After [`Rejection::UnknownKey`] it is worth trying newer keys once.
    pub fn verify_access_token(
        &self,
        token: &str,
        keys: &KeySet,
        clock_tolerance_seconds: i64,
        now: Timestamp,
    ) -> Result<AccessToken, Rejection> {
        self.verify_parsed_access_token(&token::parse(token)?, keys, clock_tolerance_seconds, now)
    }

    pub(crate) fn verify_parsed_access_token(
        &self,
        token: &UnverifiedToken<'_>,
        keys: &KeySet,
        clock_tolerance_seconds: i64,
        now: Timestamp,
    ) -> Result<AccessToken, Rejection> {
        let times = TokenTimes { clock_tolerance_seconds, max_token_age_seconds: None };
        let claims = token::verify(token, keys, self.token_policy(), Kind::Access, times, now)?;
        AccessToken::read(self.vertical(), &claims)
    }
}

impl AccessToken {
    fn read(vertical: Vertical, claims: &Claims) -> Result<Self, Rejection> {
        let members = claims.members();
        let organization = match vertical {
            Vertical::Consumer => None,
            Vertical::B2b => {
                let organization = object(members, ORGANIZATION_CLAIM)?.ok_or(Rejection::ClaimMissing)?;
                Some(TokenOrganization {
                    organization_id: required(organization, "organization_id")?,
                    slug: text(organization, "slug")?,
                })
            }
        };
        let own: &[&str] = if organization.is_some() { &["scope", ORGANIZATION_CLAIM] } else { &["scope"] };
        Ok(Self {
            subject: required(members, "sub")?,
            expires_at: claims.expires_at().seconds(),
            audience: members.get("aud").cloned().unwrap_or_default(),
            issued_at: claims.issued_at().map(Timestamp::seconds),
            issuer: required(members, "iss")?,
            not_before: members.get("nbf").and_then(Value::as_i64),
            scope: text(members, "scope")?,
            token_type: "access_token",
            custom_claims: custom_claims(members, own),
            organization,
        })
    }

    /// Whether the token is of the organization that is asked about. Costs nothing, so it comes before policies are loaded.
    ///
    /// # Errors
    /// [`Rejection::TenancyMismatch`].
    pub fn check_tenancy(&self, check: &AuthorizationCheck) -> Result<(), Rejection> {
        match &self.organization {
            Some(organization) if check.organization_id.as_ref() != Some(&organization.organization_id) => {
                Err(Rejection::TenancyMismatch)
            }
            _ => Ok(()),
        }
    }

    /// Whether the token's scopes allow it, by the project's policy.
    ///
    /// # Errors
    /// [`Rejection::TenancyMismatch`], or [`Rejection::PermissionDenied`], also where the token has no scopes.
    pub fn authorize(&self, check: &AuthorizationCheck, project: &Policy) -> Result<(), Rejection> {
        self.check_tenancy(check)?;
        let held: Vec<&str> = scopes(self.scope.as_deref().unwrap_or_default().trim()).collect();
        if project.allows_scopes(&held, check) { Ok(()) } else { Err(Rejection::PermissionDenied) }
    }
}
