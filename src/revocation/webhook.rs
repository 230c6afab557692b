//! What a webhook of WorkOS revokes. Its signature is checked first; an event that revokes nothing is fine.

use serde_json::{Map, Value};

use super::{Kind, Revocation, short_hash};
use crate::json;
use crate::limits;
use crate::provider::workos::{WebhookRejection, verify_webhook};
use crate::time::Timestamp;

/// A webhook that WorkOS has signed, a moment ago.
#[derive(Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Of what was signed: the same one again has the same. An event that is sent once more is signed anew, and is another delivery;
    /// to revoke twice what is revoked changes nothing.
    pub id: u64,
    /// What it revokes, if anything.
    pub revocation: Option<Revocation>,
}

/// Reads a webhook: its body as it arrived, and the header `WorkOS-Signature`.
///
/// # Errors
/// Why it is not believed.
pub fn read_workos_webhook(
    body: &str,
    header: &str,
    secret: &[u8],
    scope: &str,
    now: Timestamp,
) -> Result<Delivery, WebhookRejection> {
    let tolerance = limits::WEBHOOK_TOLERANCE_MILLISECONDS;
    let signed_at = verify_webhook(body.as_bytes(), header, secret, tolerance, now)?;
    let id = short_hash(&[&signed_at.milliseconds().to_be_bytes(), body.as_bytes()]);
    let revocation = json::parse_object(body.as_bytes()).and_then(|event| revocation_of(&event, scope, now));
    Ok(Delivery { id, revocation })
}

/// The time of arrival counts, not that of the event: whatever was made in between is to be looked at again.
fn revocation_of(event: &Map<String, Value>, scope: &str, now: Timestamp) -> Option<Revocation> {
    let text = |name: &str| event.get("data")?.get(name)?.as_str().filter(|id| !id.is_empty());
    match event.get("event")?.as_str()? {
        "session.revoked" => Some(Revocation::session(scope, text("id")?, now)),
        "user.deleted" => Some(Revocation::user(scope, text("id")?, Kind::Ended, now)),
        // Who is no member any more is told so at the refresh, and may be one elsewhere.
        "organization_membership.updated" | "organization_membership.deleted" => {
            Some(Revocation::user(scope, text("user_id")?, Kind::Stale, now))
        }
        "organization.deleted" => Some(Revocation::organization(scope, text("id")?, Kind::Stale, now)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use hmac::{Hmac, KeyInit, Mac};
    use sha2::Sha256;

    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_763_640_000);

    fn header(body: &str, at: i64) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(b"secret").unwrap();
        mac.update(format!("{at}.{body}").as_bytes());
        let hex: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        format!("t={at}, v1={hex}")
    }

    fn read(body: &str) -> Delivery {
        read_workos_webhook(body, &header(body, NOW.milliseconds()), b"secret", "s", NOW).unwrap()
    }

    #[test]
    fn each_event_revokes_what_it_says() {
        let event =
            |name: &str, data: &str| read(&format!(r#"{{"id":"event_1","event":"{name}","data":{data}}}"#)).revocation;
        let membership = r#"{"id":"om_1","user_id":"user_1","organization_id":"org_1"}"#;
        let stale = Some(Revocation::user("s", "user_1", Kind::Stale, NOW));
        for (name, data, expected) in [
            (
                "session.revoked",
                r#"{"id":"session_1","user_id":"user_1"}"#,
                Some(Revocation::session("s", "session_1", NOW)),
            ),
            ("user.deleted", r#"{"id":"user_1"}"#, Some(Revocation::user("s", "user_1", Kind::Ended, NOW))),
            ("organization_membership.updated", membership, stale),
            ("organization_membership.deleted", membership, stale),
            (
                "organization.deleted",
                r#"{"id":"org_1"}"#,
                Some(Revocation::organization("s", "org_1", Kind::Stale, NOW)),
            ),
            ("organization_membership.created", membership, None),
            ("session.created", r#"{"id":"session_1"}"#, None),
            ("session.revoked", r#"{"id":""}"#, None),
            ("session.revoked", r#"{"id":7}"#, None),
            ("session.revoked", "[]", None),
        ] {
            assert_eq!(event(name, data), expected, "{name} {data}");
        }
        for body in ["", "[]", "null", r#"{"event":1}"#, r#"{"event":"session.revoked"}"#] {
            assert_eq!(read(body).revocation, None, "{body}");
        }
    }

    #[test]
    fn the_same_delivery_is_recognised_however_it_is_spelled() {
        let body = r#"{"event":"user.deleted","data":{"id":"user_1"}}"#;
        let id = |header: &str| read_workos_webhook(body, header, b"secret", "s", NOW).map(|delivery| delivery.id);
        let first = header(body, NOW.milliseconds());
        assert!(id(&first).is_ok());
        let (time, signature) = first.split_once(", ").unwrap();
        for same in [
            first.replace(", ", ","),
            format!(" {time} ,  {signature} "),
            format!("{time}, v1={}", signature[3..].to_uppercase()),
        ] {
            assert_eq!(id(&same), id(&first), "{same}");
        }
        assert_ne!(id(&header(body, NOW.milliseconds() + 1)), id(&first), "signed anew");
        for other in [first.replace("t=1", "t=01"), first.replace("t=", "t=+")] {
            assert_eq!(id(&other), Err(WebhookRejection::WrongSignature), "{other}");
        }
    }

    #[test]
    fn what_is_not_believed_says_why() {
        let read = |header: &str, secret: &[u8]| read_workos_webhook("{}", header, secret, "s", NOW).err();
        let tolerance = limits::WEBHOOK_TOLERANCE_MILLISECONDS;
        assert_eq!(read("", b"secret"), Some(WebhookRejection::Malformed));
        assert_eq!(read(&header("{}", NOW.milliseconds()), b"other"), Some(WebhookRejection::WrongSignature));
        for late in [-tolerance - 1, tolerance + 1] {
            let rejection = read(&header("{}", NOW.milliseconds() + late), b"secret");
            assert_eq!(rejection, Some(WebhookRejection::OutsideTolerance));
        }
        for in_time in [-tolerance, tolerance] {
            assert_eq!(read(&header("{}", NOW.milliseconds() + in_time), b"secret"), None);
        }
    }
}
