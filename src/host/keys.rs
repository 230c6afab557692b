//! Having keys: memory, then the shared cache, then the provider.
//!
//! What to do is decided by `KeyMemory`; here it is done.

use std::rc::Rc;

use http::StatusCode;
use secrecy::ExposeSecret;

use super::Host;
use crate::error::Rejection;
use crate::http::http_date;
use crate::jwks::{Freshness, KeyPlan, KeyRecord, KeySet, LoadedKeys, freshness};
use crate::limits;
use crate::provider::workos::WorkOs;
use crate::signature::algorithms;

/// The keys of the provider.
///
/// # Errors
/// [`Rejection::KeysUnavailable`] when no cache holds usable ones and the provider does not answer.
pub(crate) async fn keys<H: Host>(host: &H, workos: &WorkOs) -> Result<LoadedKeys, Rejection> {
    let url = workos.jwks_url().to_string();
    loop {
        match host.with_key_memory(|memory| memory.plan(&url, host.now())) {
            KeyPlan::Use(keys) => return Ok(keys),
            KeyPlan::Reload(known) => return reload(host, workos, &url, known).await,
            KeyPlan::Wait => host.sleep(limits::KEYS_POLL_MILLISECONDS).await,
            KeyPlan::Unavailable | KeyPlan::CoolingDown => return Err(Rejection::KeysUnavailable),
        }
    }
}

/// Newer keys than `known`, for a token whose key is not among them. Straight from the provider: a key that was rotated
/// in a moment ago is in no cache.
///
/// # Errors
/// [`Rejection::UnknownKey`] when there are none, [`Rejection::KeysUnavailable`] when the provider does not answer.
pub(crate) async fn keys_after_unknown<H: Host>(
    host: &H,
    workos: &WorkOs,
    known: &LoadedKeys,
) -> Result<LoadedKeys, Rejection> {
    let url = workos.jwks_url().to_string();
    loop {
        match host.with_key_memory(|memory| memory.plan_for_unknown_key(&url, known, host.now())) {
            KeyPlan::Use(keys) => return Ok(keys),
            KeyPlan::Reload(_) => {
                return from_provider(host, workos, &url).await.ok_or(Rejection::KeysUnavailable);
            }
            KeyPlan::Wait => host.sleep(limits::KEYS_POLL_MILLISECONDS).await,
            KeyPlan::Unavailable => return Err(Rejection::KeysUnavailable),
            KeyPlan::CoolingDown => return Err(Rejection::UnknownKey),
        }
    }
}

async fn reload<H: Host>(
    host: &H,
    workos: &WorkOs,
    url: &str,
    known: Option<LoadedKeys>,
) -> Result<LoadedKeys, Rejection> {
    let shared = shared(host, url).await;
    let newest = [known, shared].into_iter().flatten().max_by_key(|keys| keys.fetched_at);
    match newest {
        Some(keys) if freshness(keys.fetched_at, host.now()) == Freshness::Fresh => Ok(remember(host, url, keys)),
        fallback => match from_provider(host, workos, url).await {
            Some(keys) => Ok(keys),
            None => fallback.map(|keys| remember_after_failure(host, url, keys)).ok_or(Rejection::KeysUnavailable),
        },
    }
}

/// The keys that another isolate has left, unless they are too old to be used at all.
async fn shared<H: Host>(host: &H, url: &str) -> Option<LoadedKeys> {
    let text = host.cache_get(&KeyRecord::cache_key(url)).await?;
    let (set, fetched_at) = KeyRecord::read(url, &text)?;
    let keys = LoadedKeys { set: Rc::new(set), fetched_at };
    Some(keys).filter(|keys| freshness(keys.fetched_at, host.now()) != Freshness::Expired)
}

async fn from_provider<H: Host>(host: &H, workos: &WorkOs, url: &str) -> Option<LoadedKeys> {
    let asked_at = host.now();
    let answer = host.fetch(workos.jwks_request()).await.ok();
    let answer = answer.filter(|response| response.status() == StatusCode::OK);
    if let Some(theirs) = answer.as_ref().and_then(http_date) {
        host.with_key_memory(|memory| memory.provider_clock(url, theirs, host.now()));
    }
    let text = answer.and_then(|response| String::from_utf8(response.body().expose_secret().to_vec()).ok());
    let keys = text.and_then(|text| {
        Some((KeySet::parse(text.as_bytes(), algorithms::SESSION_TOKENS).filter(|keys| !keys.is_empty())?, text))
    });
    let Some((set, text)) = keys else {
        host.with_key_memory(|memory| memory.failed(url, host.now()));
        return None;
    };
    if let Some(record) = KeyRecord::write(url, &text, asked_at) {
        host.cache_put(KeyRecord::cache_key(url), record, KeyRecord::seconds_to_live());
    }
    Some(remember(host, url, LoadedKeys { set: Rc::new(set), fetched_at: asked_at }))
}

fn remember<H: Host>(host: &H, url: &str, keys: LoadedKeys) -> LoadedKeys {
    host.with_key_memory(|memory| memory.loaded(url, keys.clone(), host.now()));
    keys
}

/// Keys that will do although the provider failed; the pause before it is asked again goes on.
fn remember_after_failure<H: Host>(host: &H, url: &str, keys: LoadedKeys) -> LoadedKeys {
    host.with_key_memory(|memory| {
        memory.loaded(url, keys.clone(), host.now());
        memory.failed(url, host.now());
    });
    keys
}
