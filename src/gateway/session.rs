//! `/session`, `/refresh` and `/switch`: the session as JSON for the site's own scripts. Never a token.

use form_urlencoded::parse;
use http::HeaderName;
use serde::Serialize;
use serde_json::{Map, Value};

use super::admission::Admission;
use super::answer::{self, Answer};
use super::gate::Gate;
use super::identity;
use super::inbound::Inbound;
use super::route::NoEndpoint;
use super::settings::Settings;
use crate::host::Host;
use crate::session::{Impersonator, Session};

/// `GET /session`.
pub(super) async fn show<H: Host>(gate: &Gate<'_, H>, settings: &Settings, inbound: &Inbound) -> Answer {
    respond(settings, inbound, gate.admit(inbound).await)
}

/// `POST /refresh`.
pub(super) async fn refresh<H: Host>(gate: &Gate<'_, H>, settings: &Settings, inbound: &Inbound) -> Answer {
    respond(settings, inbound, gate.renew(inbound).await)
}

/// `POST /switch`.
pub(super) async fn switch<H: Host>(
    gate: &Gate<'_, H>,
    settings: &Settings,
    inbound: &Inbound,
    organization_id: &str,
) -> Answer {
    match gate.switch(inbound, organization_id).await {
        Some(Admission::Refused(refusal)) => answer::switch_refused(settings, inbound, &refusal),
        Some(admission) => respond(settings, inbound, admission),
        None => answer::no_such_endpoint(inbound, NoEndpoint::NotFound),
    }
}

/// The organization of a switch: `{ "organizationId": "…" }`, or the same as a form.
pub(super) fn organization(body: &str) -> Option<String> {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Switch {
        organization_id: String,
    }
    let organization_id = if body.trim_start().starts_with('{') {
        serde_json::from_str::<Switch>(body).ok()?.organization_id
    } else {
        parse(body.as_bytes()).find(|(name, _)| name == "organizationId")?.1.into_owned()
    };
    Some(organization_id).filter(|id| !id.is_empty())
}

fn respond(settings: &Settings, inbound: &Inbound, admission: Admission) -> Answer {
    match admission {
        Admission::Admitted(admitted) => {
            let answer = answer::json(200, &SessionView::of(&admitted.session, settings.provider.name()))
                .with_cookies(admitted.cookies);
            match admitted.degraded {
                Some(rejection) => answer.with_header(HeaderName::from_static(identity::DEGRADED), rejection.code()),
                None => answer,
            }
        }
        Admission::Refused(refusal) => answer::refused_json(settings, inbound, &refusal),
    }
}

/// A session in the spelling of JavaScript.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SessionView<'a> {
    authenticated: bool,
    provider: &'static str,
    user: Option<Map<String, Value>>,
    session_id: Option<&'a str>,
    organization_id: Option<&'a str>,
    role: Option<&'a str>,
    roles: &'a [String],
    permissions: &'a [String],
    entitlements: &'a [String],
    feature_flags: &'a [String],
    impersonator: Option<&'a Impersonator>,
    authentication_method: Option<&'a str>,
    issued_at: Option<i64>,
    expires_at: i64,
}

impl<'a> SessionView<'a> {
    fn of(session: &'a Session, provider: &'static str) -> Self {
        Self {
            authenticated: true,
            provider,
            user: session.user.as_ref().map(|user| user.camel_case()),
            session_id: session.session_id.as_deref(),
            organization_id: session.organization_id.as_deref(),
            role: session.role.as_deref(),
            roles: &session.roles,
            permissions: &session.permissions,
            entitlements: &session.entitlements,
            feature_flags: &session.feature_flags,
            impersonator: session.impersonator.as_ref(),
            authentication_method: session.authentication_method.as_deref(),
            issued_at: session.issued_at,
            expires_at: session.expires_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_organization_comes_as_json_or_form() {
        assert_eq!(organization(r#"{"organizationId":"org_1"}"#).as_deref(), Some("org_1"));
        assert_eq!(organization("organizationId=org_1").as_deref(), Some("org_1"));
        for body in ["", "{}", "[]", r#"{"organizationId":1}"#, r#"{"organizationId":""}"#, "organizationId=", "null"] {
            assert_eq!(organization(body), None, "{body}");
        }
    }
}
