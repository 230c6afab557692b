//! `POST /revoke`: the operator ends a session, a person's sessions, those of an organization, or all that began before a time.
//!
//! What the provider can end is ended there too, so that it is not refreshed any more. Where it cannot, or does not answer, the list
//! keeps the entry as long as a cookie may live.

use serde_json::{Map, Value, json};

use super::answer::{self, Answer};
use super::gate::Gate;
use super::inbound::Inbound;
use super::ready;
use super::settings::Settings;
use crate::client::RevocationClient;
use crate::host::Host;
use crate::json;
use crate::limits;
use crate::revocation::{Added, Kind, Refused, Revocation};
use crate::time::Timestamp;

/// What the operator wants: `{ "session" | "user" | "organization": "<id>" }` or `{ "before": <time> }`, and perhaps `"kind"`.
#[derive(Debug, PartialEq, Eq)]
struct Order {
    target: Target,
    kind: Kind,
}

/// Whose sessions.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Target {
    Session(String),
    User(String),
    Organization(String),
    Before(Timestamp),
}

/// Why something could not be added to the list.
pub(super) enum NotAdded {
    /// The object does not answer.
    Unavailable,
    /// It has said no.
    Refused(Refused),
}

impl NotAdded {
    pub(super) fn answer(&self, inbound: &Inbound) -> Answer {
        match self {
            Self::Unavailable => answer::refusal(inbound, 503, "revocations_unavailable"),
            Self::Refused(Refused::Full) => answer::refusal(inbound, 507, "revocations_full"),
            Self::Refused(Refused::Replayed) => answer::bad_request(inbound, "webhook_replayed"),
        }
    }
}

/// Revokes what the body says, if the operator has sent it.
pub(super) async fn serve<H: Host>(
    gate: &Gate<'_, H>,
    settings: &Settings,
    inbound: &Inbound,
    body: Option<&str>,
) -> Answer {
    if !gate.host().has_revocations() {
        return answer::refusal(inbound, 404, "revocation_not_configured");
    }
    if settings.admin_token.is_none() {
        return answer::refusal(inbound, 503, "admin_token_missing");
    }
    if !ready::is_admin(settings, inbound) {
        return answer::refusal(inbound, 401, "admin_token_wrong");
    }
    let now = gate.host().now();
    let order = match body.and_then(|body| json::parse_object(body.as_bytes())) {
        Some(members) => Order::read(&members, now),
        None => Err("The body has to be a JSON object, with each member once."),
    };
    let order = match order {
        Ok(order) => order,
        Err(message) => return answer::explained(400, "revocation_malformed", message),
    };
    let revocation = order.revocation(settings.provider.revocation_scope(), now);
    if let Err(refusal) = add(&gate.revocations(), &revocation, None).await {
        return refusal.answer(inbound);
    }
    let is_at_provider = order.kind == Kind::Ended && gate.end_at_provider(&order.target).await;
    if !is_at_provider {
        let alone = revocation.enforced_by_us_alone(gate.longest_session_seconds(), now);
        if alone != revocation
            && let Err(refusal) = add(&gate.revocations(), &alone, None).await
        {
            return refusal.answer(inbound);
        }
    }
    let seconds = if settings.revocation.is_strict { 0 } else { limits::REVOCATION_ARRIVES_SECONDS };
    answer::json(
        200,
        &json!({ "revoked": true, "kind": order.kind.code(), "atProvider": is_at_provider, "withinSeconds": seconds }),
    )
}

/// Adds to the list.
///
/// # Errors
/// Then nothing is known to have changed.
pub(super) async fn add<H: Host>(
    revocations: &RevocationClient<'_, H>,
    revocation: &Revocation,
    delivery: Option<u64>,
) -> Result<(), NotAdded> {
    match revocations.add(revocation, delivery).await {
        Some(Added::Yes) => Ok(()),
        Some(Added::No(refused)) => Err(NotAdded::Refused(refused)),
        None => Err(NotAdded::Unavailable),
    }
}

impl Order {
    fn read(members: &Map<String, Value>, now: Timestamp) -> Result<Self, &'static str> {
        let (mut target, mut kind) = (None, Kind::Ended);
        for (name, value) in members {
            let id = || value.as_str().map(str::to_owned).filter(|id| !id.is_empty() && id.len() <= limits::ID_BYTES);
            let found = match name.as_str() {
                "kind" => {
                    kind = value.as_str().and_then(Kind::from_code).ok_or("`kind` is `ended` or `stale`.")?;
                    continue;
                }
                "session" => id().map(Target::Session),
                "user" => id().map(Target::User),
                "organization" => id().map(Target::Organization),
                "before" => Some(Target::Before(moment(value, now)?)),
                _ => return Err("There are `session`, `user`, `organization`, `before` and `kind`."),
            };
            let found = found.ok_or("An id is a text that is not empty, of 256 bytes at most.")?;
            if target.replace(found).is_some() {
                return Err("One thing at a time: `session`, `user`, `organization` or `before`.");
            }
        }
        let target = target.ok_or("Name one of `session`, `user`, `organization` and `before`.")?;
        if kind == Kind::Stale && matches!(target, Target::Session(_)) {
            return Err("A session is ended; `stale` is for a user, an organization or `before`.");
        }
        Ok(Self { target, kind })
    }

    fn revocation(&self, scope: &str, now: Timestamp) -> Revocation {
        match &self.target {
            Target::Session(id) => Revocation::session(scope, id, now),
            Target::User(id) => Revocation::user(scope, id, self.kind, now),
            Target::Organization(id) => Revocation::organization(scope, id, self.kind, now),
            Target::Before(moment) => Revocation::everything(self.kind, *moment),
        }
    }
}

/// Seconds since 1970, a time as RFC 3339 writes it, or `now`. What is to come would lock everybody out until then.
fn moment(value: &Value, now: Timestamp) -> Result<Timestamp, &'static str> {
    let moment = match value {
        Value::String(text) if text == "now" => Some(now),
        Value::String(text) => Timestamp::from_rfc3339(text),
        value => value.as_i64().filter(|seconds| *seconds > 0).map(Timestamp::from_seconds),
    };
    let moment = moment.ok_or("`before` is a time as `2026-01-31T12:00:00Z`, seconds since 1970, or `now`.")?;
    if moment > now {
        return Err("`before` is a time that has passed: until it came, nobody could sign in.");
    }
    Ok(moment)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_763_640_000);

    fn read(body: &str) -> Result<Order, &'static str> {
        Order::read(&json::parse_object(body.as_bytes()).unwrap(), NOW)
    }

    #[test]
    fn an_order_names_one_target() {
        let ended = |target| Ok(Order { target, kind: Kind::Ended });
        assert_eq!(read(r#"{"session":"session_1"}"#), ended(Target::Session("session_1".into())));
        assert_eq!(read(r#"{"organization":"org_1","kind":"ended"}"#), ended(Target::Organization("org_1".into())));
        let stale = Order { target: Target::User("user_1".into()), kind: Kind::Stale };
        assert_eq!(read(r#"{"kind":"stale","user":"user_1"}"#), Ok(stale));
        for before in ["1763639999", r#""2025-11-20T11:59:59Z""#] {
            let body = format!(r#"{{"before":{before}}}"#);
            assert_eq!(read(&body), ended(Target::Before(NOW.plus_seconds(-1))), "{before}");
        }
        assert_eq!(read(r#"{"before":"now"}"#), ended(Target::Before(NOW)));
    }

    #[test]
    fn what_is_no_order_says_what_one_is() {
        for body in [
            "{}",
            r#"{"kind":"ended"}"#,
            r#"{"session":"a","user":"b"}"#,
            r#"{"session":""}"#,
            r#"{"session":7}"#,
            r#"{"sessions":"session_1"}"#,
            r#"{"user":"user_1","kind":"gone"}"#,
            r#"{"session":"session_1","kind":"stale"}"#,
            r#"{"before":1763640001}"#,
            r#"{"before":"2100-01-01T00:00:00Z"}"#,
            r#"{"before":0}"#,
            r#"{"before":"yesterday"}"#,
            r#"{"before":null}"#,
        ] {
            assert!(read(body).is_err(), "{body}");
        }
        assert!(read(&format!(r#"{{"user":"{}"}}"#, "x".repeat(limits::ID_BYTES + 1))).is_err());
    }
}
