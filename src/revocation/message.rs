//! What goes between a gateway and the object that keeps the list, as JSON. Both ends may be of neighbouring versions: what is not
//! known is ignored, and nothing that is there is ever given another meaning.

use serde_json::{Map, Value, json};

use super::{Entry, Identity, Kind, Refused, Revocation, Subject};
use crate::json;

/// What the object is asked or told.
pub enum Message {
    /// To revoke this. Answer: [`answer_added`].
    Add {
        /// What.
        revocation: Revocation,
        /// The webhook that says so, by hash.
        delivery: Option<u64>,
    },
    /// What is said about a token. Answer: [`answer_check`].
    Check(Identity),
    /// For the list, as nothing of use stands in KV. Answer: the text of a [`Snapshot`](super::Snapshot).
    Read,
}

/// What became of something that was to be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// It is revoked.
    Yes,
    /// Nothing has changed.
    No(Refused),
}

impl Message {
    /// Reads a message; none where it is none.
    pub fn read(text: &str) -> Option<Self> {
        let members = json::parse_object(text.as_bytes())?;
        match members.get("action")?.as_str()? {
            "add" => {
                let revocation = read_revocation(members.get("revocation")?)?;
                Some(Self::Add { revocation, delivery: members.get("delivery").and_then(read_hash) })
            }
            "check" => {
                let issued_at = number(&members, "issued_at")?;
                let subjects = members.get("subjects")?.as_array()?;
                let subject = |index: usize| subjects.get(index).and_then(read_hash).map(Subject);
                Some(Self::Check(Identity { subjects: [subject(0), subject(1), subject(2)], issued_at }))
            }
            "read" => Some(Self::Read),
            _ => None,
        }
    }
}

/// Revokes this, as a webhook says, or as somebody else does.
pub fn add_message(revocation: &Revocation, delivery: Option<u64>) -> String {
    let revocation = write_revocation(revocation);
    json!({ "action": "add", "revocation": revocation, "delivery": delivery.map(hash) }).to_string()
}

/// Asks what is said about a token.
pub fn check_message(identity: &Identity) -> String {
    let subjects: Vec<_> = identity.subjects.iter().map(|subject| subject.map(|Subject(id)| hash(id))).collect();
    json!({ "action": "check", "subjects": subjects, "issued_at": identity.issued_at }).to_string()
}

/// Asks for the list.
pub fn read_message() -> String {
    json!({ "action": "read" }).to_string()
}

/// The answer to [`Message::Add`].
pub fn answer_added(outcome: Result<(), Refused>) -> String {
    json!({ "refused": outcome.err().map(|refused| refused.to_string()) }).to_string()
}

/// Reads it; none where it is none.
pub fn read_added(text: &str) -> Option<Added> {
    match json::parse_object(text.as_bytes())?.get("refused")? {
        Value::Null => Some(Added::Yes),
        Value::String(code) => {
            [Refused::Replayed, Refused::Full].into_iter().find(|it| it.to_string() == *code).map(Added::No)
        }
        _ => None,
    }
}

/// The answer to [`Message::Check`].
pub fn answer_check(kind: Option<Kind>) -> String {
    json!({ "kind": kind.map(Kind::code) }).to_string()
}

/// Reads it; none where it is none. A kind that is not known is taken for the strictest.
pub fn read_check(text: &str) -> Option<Option<Kind>> {
    match json::parse_object(text.as_bytes())?.get("kind")? {
        Value::Null => Some(None),
        Value::String(code) => Some(Some(Kind::from_code(code).unwrap_or(Kind::Ended))),
        _ => None,
    }
}

/// As it stands in a message.
fn write_revocation(revocation: &Revocation) -> Value {
    match revocation {
        Revocation::Everything { kind, not_before } => json!({ "kind": kind.code(), "not_before": not_before }),
        Revocation::Of(entry) => json!({
            "subject": hash(entry.subject.0),
            "kind": entry.kind.code(),
            "not_before": entry.not_before,
            "until": entry.until,
            "is_final": entry.is_final,
            "is_ours_alone": entry.is_ours_alone,
        }),
    }
}

/// Reads it; none where it is none.
fn read_revocation(value: &Value) -> Option<Revocation> {
    let members = value.as_object()?;
    let kind = Kind::from_code(members.get("kind")?.as_str()?)?;
    let not_before = number(members, "not_before")?;
    let Some(subject) = members.get("subject") else {
        return Some(Revocation::Everything { kind, not_before });
    };
    let is_set = |name: &str| members.get(name).and_then(Value::as_bool);
    Some(Revocation::Of(Entry {
        subject: Subject(read_hash(subject)?),
        kind,
        not_before,
        until: number(members, "until")?,
        is_final: is_set("is_final")?,
        is_ours_alone: is_set("is_ours_alone")?,
    }))
}

/// A number of JSON has 53 bits.
fn hash(id: u64) -> String {
    format!("{id:016x}")
}

fn read_hash(value: &Value) -> Option<u64> {
    u64::from_str_radix(value.as_str()?, 16).ok()
}

fn number(members: &Map<String, Value>, name: &str) -> Option<u32> {
    members.get(name)?.as_u64()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;

    const NOW: Timestamp = Timestamp::from_seconds(1_763_640_000);

    #[test]
    fn messages_arrive_as_they_were_meant() {
        for sent in [
            Revocation::session("s", "session_1", NOW),
            Revocation::user("s", "user_1", Kind::Stale, NOW),
            Revocation::organization("s", "org_1", Kind::Ended, NOW).enforced_by_us_alone(1_000_000, NOW),
            Revocation::everything(Kind::Stale, NOW),
        ] {
            for sent_delivery in [None, Some(u64::MAX), Some(1)] {
                let Some(Message::Add { revocation, delivery }) = Message::read(&add_message(&sent, sent_delivery))
                else {
                    panic!("no addition");
                };
                assert_eq!((revocation, delivery), (sent, sent_delivery));
            }
        }
        for identity in [
            Identity::new("s", Some("session_1"), None, Some("org_1"), Some(NOW.seconds())),
            Identity::new("s", None, Some("user_1"), None, None),
        ] {
            let Some(Message::Check(arrived)) = Message::read(&check_message(&identity)) else {
                panic!("no question");
            };
            assert_eq!(arrived, identity);
        }
        assert!(matches!(Message::read(&read_message()), Some(Message::Read)));
    }

    #[test]
    fn answers_arrive_and_what_is_none_decides_nothing() {
        assert_eq!(read_added(&answer_added(Ok(()))), Some(Added::Yes));
        for refused in [Refused::Replayed, Refused::Full] {
            assert_eq!(read_added(&answer_added(Err(refused))), Some(Added::No(refused)));
        }
        for kind in [None, Some(Kind::Ended), Some(Kind::Stale)] {
            assert_eq!(read_check(&answer_check(kind)), Some(kind));
        }
        assert_eq!(read_check(r#"{"kind":"from_the_future"}"#), Some(Some(Kind::Ended)));
        for text in ["", "{}", "null", "[]", r#"{"kind":1}"#, r#"{"refused":1}"#, r#"{"refused":"from_the_future"}"#] {
            assert_eq!((read_check(text), read_added(text)), (None, None), "{text}");
        }
        for text in ["", "{}", r#"{"action":"sing"}"#, r#"{"action":"add"}"#, r#"{"action":"check","subjects":[]}"#] {
            assert!(Message::read(text).is_none(), "{text}");
        }
        // One that lacks a part would otherwise revoke everything, or nothing.
        let entry = add_message(&Revocation::session("s", "session_1", NOW), None);
        for member in ["kind", "not_before", "until", "is_final", "is_ours_alone"] {
            assert!(Message::read(&entry.replace(&format!("\"{member}\""), "\"other\"")).is_none(), "{member}");
        }
    }
}
