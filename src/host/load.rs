//! Having keys and policies: memory, then the shared cache, then the provider.
//!
//! What to do is decided by `loaded::Memory`; here it is done.

use std::rc::Rc;

use http::StatusCode;
use secrecy::ExposeSecret;

use super::Host;
use crate::error::Rejection;
use crate::http::{OutboundRequest, http_date};
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
    let pinned = || {
        let text = source.pinned()?;
        host.with_key_memory(|memory| T::memory(memory).pinned(&scope, text))
    };
    loop {
        let plan = host.with_key_memory(|memory| T::memory(memory).plan(&scope, host.now()));
        match plan {
            Plan::Use(loaded) => return Ok(loaded),
            Plan::Reload { known, is_awaited } => {
                let reload = PendingReload::of(source, &scope, known.clone());
                let usable = known.or_else(pinned);
                let awaited = match &usable {
                    Some(_) if !is_awaited => T::reload_beside(host, reload),
                    _ => Some(reload),
                };
                let reloaded = match awaited {
                    Some(reload) => reload.run(host).await,
                    None => Err(T::UNAVAILABLE),
                };
                return reloaded.or_else(|rejection| usable.ok_or(rejection));
            }
            Plan::Wait | Plan::Unavailable if let Some(pinned) = pinned() => return Ok(pinned),
            Plan::Wait => host.sleep(limits::KEYS_POLL_MILLISECONDS).await,
            Plan::Unavailable | Plan::CoolingDown => return Err(T::UNAVAILABLE),
        }
    }
}

/// A reload that has been decided, as plain data: it can go on when the request that began it has its answer.
pub struct PendingReload<T> {
    scope: String,
    request: OutboundRequest,
    where_absent: Option<&'static str>,
    known: Option<Loaded<T>>,
}

impl<T> PendingReload<T> {
    fn of(source: &dyn Source<T>, scope: &str, known: Option<Loaded<T>>) -> Self {
        Self { scope: scope.to_owned(), request: source.request(), where_absent: source.where_absent(), known }
    }

    async fn run<H: Host>(self, host: &H) -> Result<Loaded<T>, Rejection>
    where
        T: Loadable,
    {
        let Self { scope, request, where_absent, known } = self;
        let shared = shared(host, &scope).await;
        let newest = [known, shared].into_iter().flatten().max_by_key(|loaded| loaded.fetched_at);
        match newest {
            Some(loaded) if T::LIFETIME.freshness(loaded.fetched_at, host.now()) == Freshness::Fresh => {
                Ok(remember(host, &scope, loaded))
            }
            fallback => match from_provider(host, request, where_absent, &scope).await {
                Some(loaded) => Ok(loaded),
                None => fallback.map(|loaded| remember_after_failure(host, &scope, loaded)).ok_or(T::UNAVAILABLE),
            },
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
    key_id: Option<&str>,
) -> (Reload, Result<Loaded<KeySet>, Rejection>) {
    let scope = source.scope();
    loop {
        match host.with_key_memory(|memory| memory.keys.plan_for_unknown_key(&scope, known, key_id, host.now())) {
            Plan::Use(keys) => return (Reload::Another, Ok(keys)),
            Plan::Reload { .. } => {
                let Some(keys) = from_provider::<_, KeySet>(host, source.request(), None, &scope).await else {
                    return (Reload::Own, Err(Rejection::KeysUnavailable));
                };
                if let Some(key_id) = key_id.filter(|key_id| !keys.value.has_id(key_id)) {
                    host.with_key_memory(|memory| memory.keys.missing_key(&scope, key_id, host.now()));
                }
                return (Reload::Own, Ok(keys));
            }
            Plan::Wait => host.sleep(limits::KEYS_POLL_MILLISECONDS).await,
            Plan::Unavailable => return (Reload::Another, Err(Rejection::KeysUnavailable)),
            Plan::CoolingDown => return (Reload::Another, Err(Rejection::UnknownKey)),
        }
    }
}

impl PendingReload<KeySet> {
    /// Asks the shared cache, then the provider. What comes of it is in memory for whoever needs it next.
    pub async fn finish<H: Host>(self, host: &H) {
        // Whoever needs the keys reads from memory why there are none.
        let _ = self.run(host).await;
    }
}

/// What another isolate has left, unless it is too old to be used at all.
async fn shared<H: Host, T: Loadable>(host: &H, scope: &str) -> Option<Loaded<T>> {
    let text = host.cache_get(&record::cache_key::<T>(scope)).await?;
    let loaded = record::read::<T>(scope, &text)?;
    Some(loaded).filter(|loaded| T::LIFETIME.freshness(loaded.fetched_at, host.now()) != Freshness::Expired)
}

async fn from_provider<H: Host, T: Loadable>(
    host: &H,
    request: OutboundRequest,
    where_absent: Option<&'static str>,
    scope: &str,
) -> Option<Loaded<T>> {
    let asked_at = host.now();
    let answer = host.fetch(request).await.ok();
    let text = answer.and_then(|response| match response.status() {
        StatusCode::OK => {
            if let Some(theirs) = http_date(&response) {
                host.with_key_memory(|memory| T::memory(memory).provider_clock(scope, theirs, host.now()));
            }
            String::from_utf8(response.body().expose_secret().to_vec()).ok()
        }
        StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => where_absent.map(str::to_owned),
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
