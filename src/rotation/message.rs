//! What goes between a gateway and the object that keeps a session, as JSON. Both ends may be of neighbouring versions: what is
//! not known is ignored, and nothing that is there is ever given another meaning.

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::{Question, TokenHash};
use crate::error::Rejection;
use crate::json;
use crate::provider::workos::ExchangeRejection;
use crate::session::UnsealedSession;

/// What an object is asked or told.
pub enum Message {
    /// For the next generation of a session, or for another organization. Answer: [`answer_message`].
    Refresh(Question),
    /// Other software has made this generation of the session that holds the token.
    Adopt {
        /// The token that was used up.
        token: TokenHash,
        /// What has come of it.
        session: UnsealedSession,
    },
    /// The person has signed out.
    End,
}

impl Message {
    /// Reads a message; none where it is none.
    pub fn read(text: &str) -> Option<Self> {
        let mut members = json::parse_object(text.as_bytes())?;
        let mut session = || match members.remove("session") {
            Some(Value::Object(session)) => UnsealedSession::from_members(session),
            _ => None,
        };
        match session() {
            Some(session) => {
                let text = |name: &str| members.get(name).and_then(Value::as_str);
                match text("action")? {
                    "refresh" => {
                        let organization_id = text("organization_id").map(str::to_owned);
                        Some(Self::Refresh(Question::new(session, organization_id)))
                    }
                    "adopt" => Some(Self::Adopt { token: TokenHash::from_text(text("token")?), session }),
                    _ => None,
                }
            }
            None => (members.get("action")? == "end").then_some(Self::End),
        }
    }
}

pub(crate) fn refresh_message(session: &UnsealedSession, organization_id: Option<&str>) -> SecretString {
    let session = session.to_members();
    json!({ "action": "refresh", "session": session, "organization_id": organization_id }).to_string().into()
}

pub(crate) fn adopt_message(token: &TokenHash, session: &UnsealedSession) -> SecretString {
    json!({ "action": "adopt", "token": token.as_str(), "session": session.to_members() }).to_string().into()
}

pub(crate) fn end_message() -> SecretString {
    json!({ "action": "end" }).to_string().into()
}

/// What an object answers to [`Message::Refresh`]: the newest generation, or why there is none.
pub fn answer_message(outcome: &Result<UnsealedSession, ExchangeRejection>) -> SecretString {
    let answer = match outcome {
        Ok(session) => json!({ "session": session.to_members() }),
        Err(ExchangeRejection { rejection, retry_after }) => {
            json!({ "rejection": rejection.code(), "retry_after": retry_after })
        }
    };
    answer.to_string().into()
}

pub(crate) fn read_answer(text: &SecretString) -> Result<UnsealedSession, ExchangeRejection> {
    let mut members = json::parse_object(text.expose_secret().as_bytes()).unwrap_or_default();
    if let Some(Value::Object(session)) = members.remove("session")
        && let Some(session) = UnsealedSession::from_members(session)
    {
        return Ok(session);
    }
    let code = members.get("rejection").and_then(Value::as_str).unwrap_or_default();
    // One that a later version has made up decides nothing here.
    let rejection = Rejection::ALL.iter().copied().find(|rejection| rejection.code() == code);
    let rejection = rejection.unwrap_or(Rejection::CoordinationUnavailable);
    Err(ExchangeRejection { rejection, retry_after: members.get("retry_after").and_then(Value::as_u64) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session() -> UnsealedSession {
        let members =
            json!({ "access_token": "a.b.c", "refresh_token": "rt_1", "user": { "id": "user_1" }, "theirs": 1 });
        UnsealedSession::from_members(members.as_object().unwrap().clone()).unwrap()
    }

    #[test]
    fn a_session_arrives_whole() {
        let Some(Message::Adopt { token, session: arrived }) =
            Message::read(adopt_message(&TokenHash::of(&"rt_0".into()), &session()).expose_secret())
        else {
            panic!("no adoption");
        };
        assert!(token == TokenHash::of(&"rt_0".into()));
        assert_eq!(arrived.to_members(), session().to_members());
        let answered = read_answer(&answer_message(&Ok(session()))).ok().unwrap();
        assert_eq!(answered.to_members(), session().to_members());
        assert!(matches!(
            Message::read(refresh_message(&session(), Some("org_1")).expose_secret()),
            Some(Message::Refresh(_))
        ));
        assert!(matches!(Message::read(end_message().expose_secret()), Some(Message::End)));
    }

    #[test]
    fn a_rejection_arrives_with_its_patience() {
        for rejection in Rejection::ALL.iter().copied() {
            for retry_after in [None, Some(7)] {
                let sent = ExchangeRejection { rejection, retry_after };
                assert_eq!(read_answer(&answer_message(&Err(sent))).err(), Some(sent));
            }
        }
    }

    #[test]
    fn what_is_not_known_decides_nothing() {
        for text in
            ["", "{}", "null", "[]", r#"{"rejection":"from_the_future"}"#, r#"{"session":{}}"#, r#"{"session":7}"#]
        {
            let rejection = read_answer(&text.into()).err().unwrap().rejection;
            assert!(rejection.is_retryable(), "{text}");
        }
        for text in ["", "{}", r#"{"action":"sing"}"#, r#"{"action":"refresh","session":{}}"#, r#"{"action":"adopt"}"#]
        {
            assert!(Message::read(text).is_none(), "{text}");
        }
        let newer = r#"{"action":"end","because":"the future says so"}"#;
        assert!(matches!(Message::read(newer), Some(Message::End)));
    }
}
