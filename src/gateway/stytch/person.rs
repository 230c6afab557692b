//! What is known of a person from the session alone, in the terms that all providers share. The same whether the JWT says it or Stytch,
//! so that nothing about a person comes and goes from request to request.

use serde_json::{Map, Value};

use crate::provider::stytch::{LocalSession, RemoteSession, VerifiedSession};
use crate::session::{Impersonator, Session, User};

/// A session from a JWT that was checked here.
pub(super) fn of_token(verified: &VerifiedSession) -> Session {
    let factors = match verified.session() {
        LocalSession::User(session) => &session.authentication_factors,
        LocalSession::Member(session) => &session.authentication_factors,
    };
    with_factors(verified.to_session(), factors.as_ref())
}

/// A session from an answer of Stytch's, whose JWT cannot be checked now.
pub(super) fn of_answer(remote: &RemoteSession) -> Session {
    let factors = remote.session().and_then(|session| session.get("authentication_factors"));
    with_factors(remote.to_session(), factors)
}

/// Adds who it is and how they have signed in. Stytch's user is not in the session: it is an id, and the address where the person signed
/// in with one.
fn with_factors(session: Session, factors: Option<&Value>) -> Session {
    let factors: Vec<&Value> = factors.and_then(Value::as_array).into_iter().flatten().collect();
    let text = |pointer: &str| factors.iter().find_map(|factor| factor.pointer(pointer)?.as_str()).map(str::to_owned);
    let mut user = Map::new();
    for (name, value) in [("id", session.user_id.clone()), ("email", text("/email_factor/email_address"))] {
        if let Some(value) = value {
            user.insert(name.to_owned(), value.into());
        }
    }
    let impersonator =
        text("/impersonated_factor/impersonator_email_address").map(|email| Impersonator { email, reason: None });
    Session { user: Some(User::from_members(user)), impersonator, authentication_method: text("/type"), ..session }
}
