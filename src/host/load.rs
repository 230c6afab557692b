//! Having keys and policies: memory, then the shared cache, then the provider.
//!
//! What to do is decided by `loaded::Memory`; here it is done.

use std::rc::Rc;

use http::StatusCode;
use secrecy::ExposeSecret;

use super::Host;
use crate::error::Rejection;
use crate::http::http_date;
use crate::jwks::KeySet;
use crate::limits;
use crate::loaded::{Freshness, Loadable, Loaded, Plan, Source, record};

/// Whose reload it was, for an unknown key id.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reload {
    /// This request's own, of which there is one per cooldown.
    Own,
    /// Another request's.
    Another,
}

/// What is at the source.
///
/// # Errors
/// [`Loadable::UNAVAILABLE`] when no cache holds anything usable and the provider does not answer.
pub(crate) async fn load<H: Host, T: Loadable>(host: &H, source: &dyn Source<T>) -> Result<Loaded<T>, Rejection> {
    let scope = source.scope();
    loop {
        match host.with_key_memory(|memory| T::memory(memory).plan(&scope, host.now())) {
            Plan::Use(loaded) => return Ok(loaded),
            Plan::Reload(known) => return reload(host, source, &scope, known).await,
            Plan::Wait => host.sleep(limits::KEYS_POLL_MILLISECONDS).await,
            Plan::Unavailable | Plan::CoolingDown => return Err(T::UNAVAILABLE),
        }
    }
}

/// Newer keys than `known`, for a token whose key is not among them, and whose reload has brought them or failed to. Straight from the
/// provider: a key that was rotated in a moment ago is in no cache.
///
/// # Errors
/// [`Rejection::UnknownKey`] when there are none, [`Rejection::KeysUnavailable`] when the provider does not answer.
pub(crate) async fn keys_after_unknown<H: Host>(
    host: &H,
    source: &dyn Source<KeySet>,
    known: &Loaded<KeySet>,
) -> (Reload, Result<Loaded<KeySet>, Rejection>) {
    let scope = source.scope();
    loop {
        match host.with_key_memory(|memory| memory.keys.plan_for_unknown_key(&scope, known, host.now())) {
            Plan::Use(keys) => return (Reload::Another, Ok(keys)),
            Plan::Reload(_) => {
                let keys = from_provider(host, source, &scope).await;
                return (Reload::Own, keys.ok_or(Rejection::KeysUnavailable));
            }
            Plan::Wait => host.sleep(limits::KEYS_POLL_MILLISECONDS).await,
            Plan::Unavailable => return (Reload::Another, Err(Rejection::KeysUnavailable)),
            Plan::CoolingDown => return (Reload::Another, Err(Rejection::UnknownKey)),
        }
    }
}

async fn reload<H: Host, T: Loadable>(
    host: &H,
    source: &dyn Source<T>,
    scope: &str,
    known: Option<Loaded<T>>,
) -> Result<Loaded<T>, Rejection> {
    let shared = shared(host, scope).await;
    let newest = [known, shared].into_iter().flatten().max_by_key(|loaded| loaded.fetched_at);
    match newest {
        Some(loaded) if T::LIFETIME.freshness(loaded.fetched_at, host.now()) == Freshness::Fresh => {
            Ok(remember(host, scope, loaded))
        }
        fallback => match from_provider(host, source, scope).await {
            Some(loaded) => Ok(loaded),
            None => fallback.map(|loaded| remember_after_failure(host, scope, loaded)).ok_or(T::UNAVAILABLE),
        },
    }
}

/// What another isolate has left, unless it is too old to be used at all.
async fn shared<H: Host, T: Loadable>(host: &H, scope: &str) -> Option<Loaded<T>> {
    let text = host.cache_get(&record::cache_key::<T>(scope)).await?;
    let loaded = record::read::<T>(scope, &text)?;
    Some(loaded).filter(|loaded| T::LIFETIME.freshness(loaded.fetched_at, host.now()) != Freshness::Expired)
}

async fn from_provider<H: Host, T: Loadable>(host: &H, source: &dyn Source<T>, scope: &str) -> Option<Loaded<T>> {
    let asked_at = host.now();
    let answer = host.fetch(source.request()).await.ok();
    let text = answer.and_then(|response| match response.status() {
        StatusCode::OK => {
            if let Some(theirs) = http_date(&response) {
                host.with_key_memory(|memory| T::memory(memory).provider_clock(scope, theirs, host.now()));
            }
            String::from_utf8(response.body().expose_secret().to_vec()).ok()
        }
        StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => source.where_absent().map(str::to_owned),
        _ => None,
    });
    let Some((value, text)) = text.and_then(|text| Some((T::parse(text.as_bytes())?, text))) else {
        host.with_key_memory(|memory| T::memory(memory).failed(scope, host.now()));
        return None;
    };
    let record = record::write::<T>(scope, &text, asked_at);
    host.cache_put(record::cache_key::<T>(scope), record, record::seconds_to_live::<T>());
    Some(remember(host, scope, Loaded { value: Rc::new(value), fetched_at: asked_at }))
}

fn remember<H: Host, T: Loadable>(host: &H, scope: &str, loaded: Loaded<T>) -> Loaded<T> {
    host.with_key_memory(|memory| T::memory(memory).loaded(scope, loaded.clone(), host.now()));
    loaded
}

/// What will do although the provider failed; the pause before it is asked again goes on.
fn remember_after_failure<H: Host, T: Loadable>(host: &H, scope: &str, loaded: Loaded<T>) -> Loaded<T> {
    host.with_key_memory(|memory| {
        let memory = T::memory(memory);
        memory.loaded(scope, loaded.clone(), host.now());
        memory.failed(scope, host.now());
    });
    loaded
}
