//! What is loaded, in an isolate's memory, and who may reload it when. Pure: it decides, the host acts.
//!
//! The right to reload is a lease with a deadline, never a flag: a request can vanish at any await. On Workers no request
//! may await another's promise either, so the others look again after a pause of their own.

#[cfg(test)]
mod tests;

use std::rc::Rc;

use super::Loadable;
use super::freshness::Freshness;
use super::missing::MissingKeys;
use super::vouched::VouchedKeys;
use crate::jwks::KeySet;
use crate::limits;
use crate::rbac::Policy;
use crate::time::Timestamp;

/// A key set or a policy, and when it was fetched: newer ones replace older ones, never the reverse.
pub(crate) struct Loaded<T> {
    pub(crate) value: Rc<T>,
    pub(crate) fetched_at: Timestamp,
}

impl<T> Clone for Loaded<T> {
    fn clone(&self) -> Self {
        Self { value: Rc::clone(&self.value), fetched_at: self.fetched_at }
    }
}

/// Older than whatever was loaded.
const PINNED: Timestamp = Timestamp::from_seconds(0);

impl<T> Loaded<T> {
    /// Whether the operator has given it, and nobody has loaded it.
    pub(crate) fn is_pinned(&self) -> bool {
        self.fetched_at == PINNED
    }
}

/// What to do for a request that needs something loaded.
pub(crate) enum Plan<T> {
    /// Use this.
    Use(Loaded<T>),
    /// Reload now; nobody else does.
    Reload {
        /// What will do where the reload fails.
        known: Option<Loaded<T>>,
        /// Whether it has to be waited for, whatever else will do.
        is_awaited: bool,
    },
    /// Somebody else reloads: look again after a pause.
    Wait,
    /// A reload has just failed, and there is nothing to fall back on.
    Unavailable,
    /// Newer keys were asked for a moment ago, and the key was not among them.
    CoolingDown,
}

/// What one isolate has loaded from providers: their keys, and their policies.
#[derive(Default)]
pub struct KeyMemory {
    pub(crate) keys: Memory<KeySet>,
    pub(crate) policies: Memory<Policy>,
    pub(crate) vouched: VouchedKeys,
}

impl KeyMemory {
    /// An empty memory.
    pub const fn new() -> Self {
        Self { keys: Memory::new(), policies: Memory::new(), vouched: VouchedKeys::new() }
    }
}

/// All of one kind in one isolate, the one that was used last at the end. A list, because there are few, and a tree that things are
/// taken out of is 10 KB of wasm more.
pub(crate) struct Memory<T> {
    entries: Vec<Entry<T>>,
}

struct Entry<T> {
    scope: String,
    loaded: Option<Loaded<T>>,
    /// What the operator has given to use until it is loaded.
    pinned: Option<Rc<T>>,
    /// Since when a reload is under way; none once it has been answered. One that was never answered has vanished.
    leased_at: Option<Timestamp>,
    failed_at: Option<Timestamp>,
    /// How far the provider's clock was ahead of ours at the last reload, in seconds.
    clock_skew_seconds: Option<i64>,
    /// When an unknown key id last caused a reload.
    unknown_key_at: Option<Timestamp>,
    /// Key ids that such reloads have not brought.
    missing_keys: MissingKeys,
}

impl<T> Memory<T> {
    const fn new() -> Self {
        Self { entries: Vec::new() }
    }

    fn known(&self, scope: &str) -> Option<&Entry<T>> {
        self.entries.iter().find(|entry| entry.scope == scope)
    }
}

impl<T> Default for Memory<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Loadable> Memory<T> {
    /// What is loaded, where nothing is to be done for it: neither waited nor reloaded.
    #[cfg(any(feature = "js", feature = "gateway"))]
    pub(crate) fn ready(&self, scope: &str, now: Timestamp) -> Option<&Loaded<T>> {
        let entry = self.known(scope)?;
        let loaded = entry.loaded.as_ref()?;
        match T::LIFETIME.freshness(loaded.fetched_at, now) {
            Freshness::Fresh => Some(loaded),
            Freshness::Stale if entry.is_leased(now) || entry.has_just_failed(now) => Some(loaded),
            _ => None,
        }
    }

    /// What to do to have it at all.
    pub(crate) fn plan(&mut self, scope: &str, now: Timestamp) -> Plan<T> {
        let entry = self.entry(scope);
        let freshness = |loaded: &Loaded<T>| T::LIFETIME.freshness(loaded.fetched_at, now);
        let usable = entry.loaded.clone().filter(|loaded| freshness(loaded) != Freshness::Expired);
        let is_fresh = |loaded: &Loaded<T>| freshness(loaded) == Freshness::Fresh;
        match usable {
            Some(loaded) if is_fresh(&loaded) || entry.is_leased(now) || entry.has_just_failed(now) => {
                Plan::Use(loaded)
            }
            None if entry.is_leased(now) => Plan::Wait,
            None if entry.has_just_failed(now) => Plan::Unavailable,
            known => {
                // Where a reload has vanished, what runs beside a request may do so again: this one waits for it.
                let has_vanished = entry.leased_at.is_some();
                let is_served = |loaded: &Loaded<T>| T::LIFETIME.is_served_stale(loaded.fetched_at, now);
                entry.lease(now);
                let is_awaited = has_vanished || !known.as_ref().is_none_or(is_served);
                Plan::Reload { known, is_awaited }
            }
        }
    }

    /// What to do when a token names a key that is not among `known`. One reload per cooldown, whoever asks.
    pub(crate) fn plan_for_unknown_key(
        &mut self,
        scope: &str,
        known: &Loaded<T>,
        key_id: Option<&str>,
        now: Timestamp,
    ) -> Plan<T> {
        let entry = self.entry(scope);
        match &entry.loaded {
            Some(newer) if !Rc::ptr_eq(&newer.value, &known.value) => return Plan::Use(newer.clone()),
            _ => {}
        }
        if entry.is_leased(now) {
            return Plan::Wait;
        }
        if entry.has_just_failed(now) {
            return Plan::Unavailable;
        }
        // A reload that vanished has found nothing out, so it starts no cooldown.
        let has_vanished = entry.leased_at.is_some();
        let since = |at: Timestamp| now.seconds_since(at);
        let has_just_asked =
            entry.unknown_key_at.is_some_and(|at| (0..limits::UNKNOWN_KEY_COOLDOWN_SECONDS).contains(&since(at)));
        let is_given_up = key_id.is_some_and(|key_id| entry.missing_keys.is_given_up(key_id, now));
        if (has_just_asked && !has_vanished) || is_given_up {
            return Plan::CoolingDown;
        }
        entry.unknown_key_at = Some(now);
        entry.lease(now);
        Plan::Reload { known: None, is_awaited: true }
    }

    /// What the operator has given; read once.
    pub(crate) fn pinned(&mut self, scope: &str, text: &[u8]) -> Option<Loaded<T>> {
        let entry = self.entry(scope);
        if entry.pinned.is_none() {
            entry.pinned = T::parse(text).map(Rc::new);
        }
        let value = entry.pinned.clone()?;
        Some(Loaded { value, fetched_at: PINNED })
    }

    /// A reload has not brought the key of this id.
    pub(crate) fn missing_key(&mut self, scope: &str, key_id: &str, now: Timestamp) {
        self.entry(scope).missing_keys.add(key_id, now);
    }

    /// It has arrived. It replaces what is older, and what is from the future: a clock was set back since.
    pub(crate) fn loaded(&mut self, scope: &str, newest: Loaded<T>, now: Timestamp) {
        let entry = self.entry(scope);
        entry.leased_at = None;
        entry.failed_at = None;
        let outdated = |known: &Loaded<T>| known.fetched_at <= newest.fetched_at || known.fetched_at > now;
        if entry.loaded.as_ref().is_none_or(outdated) {
            entry.loaded = Some(newest);
        }
    }

    /// What time the provider says it is.
    pub(crate) fn provider_clock(&mut self, scope: &str, theirs: Timestamp, ours: Timestamp) {
        self.entry(scope).clock_skew_seconds = Some(theirs.seconds_since(ours));
    }

    /// How far the provider's clock is ahead of ours, in seconds; none before something came from the provider itself.
    pub(crate) fn clock_skew_seconds(&self, scope: &str) -> Option<i64> {
        self.known(scope)?.clock_skew_seconds
    }

    /// A reload has failed.
    pub(crate) fn failed(&mut self, scope: &str, now: Timestamp) {
        let entry = self.entry(scope);
        entry.leased_at = None;
        entry.failed_at = Some(now);
        // It has found nothing out about the key, so only the pause after a failure holds.
        entry.unknown_key_at = None;
    }

    /// The entry of a scope. A new one takes the place of the one that was used longest ago, where there are too many.
    fn entry(&mut self, scope: &str) -> &mut Entry<T> {
        let entry = match self.entries.iter().position(|entry| entry.scope == scope) {
            Some(place) => self.entries.remove(place),
            None => {
                if self.entries.len() >= T::MOST {
                    self.entries.remove(0);
                }
                Entry::new(scope.to_owned())
            }
        };
        self.entries.push_mut(entry)
    }
}

impl<T> Entry<T> {
    const fn new(scope: String) -> Self {
        Self {
            scope,
            loaded: None,
            pinned: None,
            leased_at: None,
            failed_at: None,
            clock_skew_seconds: None,
            unknown_key_at: None,
            missing_keys: MissingKeys::new(),
        }
    }

    fn lease(&mut self, now: Timestamp) {
        self.leased_at = Some(now);
    }

    fn is_leased(&self, now: Timestamp) -> bool {
        let since = |at: Timestamp| now.milliseconds().saturating_sub(at.milliseconds());
        self.leased_at.is_some_and(|at| (0..limits::KEYS_LEASE_MILLISECONDS).contains(&since(at)))
    }

    fn has_just_failed(&self, now: Timestamp) -> bool {
        self.failed_at.is_some_and(|at| (0..limits::FAILED_RELOAD_COOLDOWN_SECONDS).contains(&now.seconds_since(at)))
    }
}
