//! Having the next generation of a session: from this isolate's memory, from the session's object, or from the provider.
//!
//! What to do is decided by `SessionKeeper`; here it is done.

use std::pin::pin;

use super::Host;
use super::in_time::in_time;
use crate::client::Client;
use crate::error::Rejection;
use crate::http::FetchFault;
use crate::limits;
use crate::provider::workos::ExchangeRejection;
use crate::rotation::{Exchange, Question, Step, TokenHash, read_answer, refresh_message};
use crate::session::UnsealedSession;

/// The next generation, however many ask for it.
///
/// # Errors
/// What the provider refuses, or why it cannot be asked.
pub(crate) async fn rotate<H: Host>(
    client: &Client<'_, H>,
    session: &UnsealedSession,
    organization_id: Option<&str>,
) -> Result<UnsealedSession, ExchangeRejection> {
    let mut next = rotate_once(client, session, organization_id).await?;
    let mut asked = session.session_id();
    for _ in 0..limits::SESSION_IDS_FOLLOWED {
        // Under another id it has another keeper, which may know more by now.
        let has_moved = next.session_id() != asked;
        let is_wanted = organization_id.is_none_or(|wanted| next.organization_id().as_deref() == Some(wanted));
        let is_good = next.expires_at().is_some_and(|expires_at| expires_at > client.host().now());
        if !has_moved || (is_wanted && is_good) {
            break;
        }
        asked = next.session_id();
        next = rotate_once(client, &next, organization_id).await?;
    }
    Ok(next.in_format_of(session))
}

/// Refreshes before the token ends, unless somebody in this isolate is at it already. What comes of it is remembered.
pub(crate) async fn rotate_ahead<H: Host>(
    client: &Client<'_, H>,
    session: &UnsealedSession,
) -> Option<UnsealedSession> {
    let host = client.host();
    let name = client.object_name(session)?;
    if !host.with_rotation_memory(|memory| memory.start_ahead(&name, host.now())) {
        return None;
    }
    let next = rotate(client, session, None).await;
    host.with_rotation_memory(|memory| memory.finish_ahead(&name, next.is_err(), host.now()));
    next.ok()
}

async fn rotate_once<H: Host>(
    client: &Client<'_, H>,
    session: &UnsealedSession,
    organization_id: Option<&str>,
) -> Result<UnsealedSession, ExchangeRejection> {
    let token = session.refresh_token().map(TokenHash::of).ok_or(Rejection::RefreshTokenMissing)?;
    let Some(name) = client.object_name(session) else {
        return client.exchange(session, organization_id).await;
    };
    if !client.host().has_session_objects() {
        return rotate_in_isolate(client, &name, session, organization_id).await;
    }
    let successor = client.successor(session).filter(|_| organization_id.is_none());
    if let Some(successor) = successor {
        return Ok(successor);
    }
    let host = client.host();
    let half_time = host.now().plus_milliseconds(i64::from(limits::REFRESH_WAIT_MILLISECONDS) / 2);
    let ask = async || host.ask_session_object(&name, refresh_message(session, organization_id)).await;
    let answer = match ask().await {
        // It was evicted, or is being moved: the next one goes on where it stopped, if there is time.
        Err(FetchFault::Unreachable) if host.now() < half_time => ask().await,
        answer => answer,
    };
    // What the object has done meanwhile is not known here; it is, to the next who asks.
    let next = read_answer(&answer.map_err(|_| Rejection::CoordinationUnavailable)?)?;
    host.with_rotation_memory(|memory| memory.adopt(&name, token, &next, host.now()));
    Ok(next)
}

/// Without objects: once in this isolate, and the provider's own patience with replays between isolates.
async fn rotate_in_isolate<H: Host>(
    client: &Client<'_, H>,
    name: &str,
    session: &UnsealedSession,
    organization_id: Option<&str>,
) -> Result<UnsealedSession, ExchangeRejection> {
    let host = client.host();
    let mut question = Question::new(session.clone(), organization_id.map(str::to_owned));
    let deadline = host.now().plus_milliseconds(limits::REFRESH_WAIT_MILLISECONDS.into());
    loop {
        match host.with_rotation_memory(|memory| memory.begin(name, &mut question, host.now())) {
            Step::Answer(answer) => return answer,
            Step::Exchange(exchange) => {
                let outcome = exchange_holding(client, name, &exchange).await;
                host.with_rotation_memory(|memory| memory.finish(name, &exchange, &outcome, host.now()));
            }
            Step::Wait(_) if host.now() >= deadline => return Err(Rejection::ProviderTimeout.into()),
            Step::Wait(_) => host.sleep(limits::REFRESH_POLL_MILLISECONDS).await,
        }
    }
}

/// Makes the exchange, and says all the while that it is still at it: one that vanished is noticed by its silence.
async fn exchange_holding<H: Host>(
    client: &Client<'_, H>,
    name: &str,
    exchange: &Exchange,
) -> Result<UnsealedSession, ExchangeRejection> {
    let host = client.host();
    let mut outcome = pin!(client.exchange(&exchange.session, exchange.organization_id.as_deref()));
    loop {
        host.with_rotation_memory(|memory| memory.hold(name, host.now()));
        let pause = host.sleep(limits::EXCHANGE_LEASE_MILLISECONDS / 2);
        if let Some(outcome) = in_time(outcome.as_mut(), pause).await {
            return outcome;
        }
    }
}
