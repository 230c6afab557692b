//! What is loaded, in an isolate's memory, and who may reload it when. Pure: it decides, the host acts.
//!
//! The right to reload is a lease with a deadline, never a flag: a request can vanish at any await. On Workers no request
//! may await another's promise either, so the others look again after a pause of their own.

use std::rc::Rc;

use super::Loadable;
use super::freshness::Freshness;
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

/// What to do for a request that needs something loaded.
pub(crate) enum Plan<T> {
    /// Use this.
    Use(Loaded<T>),
    /// Reload now; nobody else does. Where the reload fails, this will do.
    Reload(Option<Loaded<T>>),
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
    /// Since when a reload is under way; none once it has been answered. One that was never answered has vanished.
    leased_at: Option<Timestamp>,
    failed_at: Option<Timestamp>,
    /// How far the provider's clock was ahead of ours at the last reload, in seconds.
    clock_skew_seconds: Option<i64>,
    /// When an unknown key id last caused a reload.
    unknown_key_at: Option<Timestamp>,
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
            fallback => {
                entry.lease(now);
                Plan::Reload(fallback)
            }
        }
    }

    /// What to do when a token names a key that is not among `known`. One reload per cooldown, whoever asks.
    pub(crate) fn plan_for_unknown_key(&mut self, scope: &str, known: &Loaded<T>, now: Timestamp) -> Plan<T> {
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
        if has_just_asked && !has_vanished {
            return Plan::CoolingDown;
        }
        entry.unknown_key_at = Some(now);
        entry.lease(now);
        Plan::Reload(None)
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
        Self { scope, loaded: None, leased_at: None, failed_at: None, clock_skew_seconds: None, unknown_key_at: None }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signature::algorithms;

    const URL: &str = "https://provider.example/jwks";
    const NOW: Timestamp = Timestamp::from_seconds(1_000_000);

    fn keys(fetched_at: Timestamp) -> Loaded<KeySet> {
        Loaded { value: Rc::new(KeySet::parse(br#"{"keys":[]}"#, algorithms::SESSION_TOKENS).unwrap()), fetched_at }
    }

    fn name(plan: &Plan<KeySet>) -> &'static str {
        match plan {
            Plan::Use(_) => "use",
            Plan::Reload(None) => "reload",
            Plan::Reload(Some(_)) => "reload with fallback",
            Plan::Wait => "wait",
            Plan::Unavailable => "unavailable",
            Plan::CoolingDown => "cooling down",
        }
    }

    #[test]
    fn one_request_loads_and_the_others_wait_until_its_lease_ends() {
        let mut memory = Memory::<KeySet>::new();
        assert_eq!(name(&memory.plan(URL, NOW)), "reload");
        assert_eq!(name(&memory.plan(URL, NOW)), "wait");
        assert_eq!(name(&memory.plan(URL, NOW.plus_seconds(5))), "wait");
        assert_eq!(name(&memory.plan(URL, NOW.plus_seconds(6))), "reload", "the first one vanished");
        memory.loaded(URL, keys(NOW), NOW);
        assert_eq!(name(&memory.plan(URL, NOW.plus_seconds(599))), "use");
        assert_eq!(name(&memory.plan("https://other.example", NOW)), "reload", "sets are scoped by URL");
    }

    #[test]
    fn stale_keys_serve_while_one_request_reloads_or_the_provider_is_down() {
        let mut memory = Memory::<KeySet>::new();
        memory.loaded(URL, keys(NOW), NOW);
        let later = NOW.plus_seconds(600);
        assert_eq!(name(&memory.plan(URL, later)), "reload with fallback");
        assert_eq!(name(&memory.plan(URL, later)), "use");
        memory.failed(URL, later);
        assert_eq!(name(&memory.plan(URL, later.plus_seconds(4))), "use");
        assert_eq!(name(&memory.plan(URL, later.plus_seconds(5))), "reload with fallback");
        memory.failed(URL, NOW.plus_seconds(86_400));
        assert_eq!(name(&memory.plan(URL, NOW.plus_seconds(86_400))), "unavailable", "a day is the limit");
    }

    #[test]
    fn unknown_keys_cause_one_reload_per_cooldown() {
        let mut memory = Memory::<KeySet>::new();
        let first = keys(NOW);
        memory.loaded(URL, first.clone(), NOW);
        let soon = NOW.plus_seconds(1);
        assert_eq!(name(&memory.plan_for_unknown_key(URL, &first, soon)), "reload");
        assert_eq!(name(&memory.plan_for_unknown_key(URL, &first, soon)), "wait");
        let second = keys(soon);
        memory.loaded(URL, second.clone(), soon);
        assert_eq!(name(&memory.plan_for_unknown_key(URL, &first, soon)), "use");
        for seconds in [1, 15, 29] {
            let at = soon.plus_seconds(seconds);
            assert_eq!(name(&memory.plan_for_unknown_key(URL, &second, at)), "cooling down", "{seconds}");
        }
        assert_eq!(name(&memory.plan_for_unknown_key(URL, &second, soon.plus_seconds(30))), "reload");
        memory.failed(URL, soon.plus_seconds(30));
        assert_eq!(name(&memory.plan_for_unknown_key(URL, &second, soon.plus_seconds(31))), "unavailable");
        assert_eq!(
            name(&memory.plan_for_unknown_key(URL, &second, soon.plus_seconds(35))),
            "reload",
            "the provider is back"
        );
    }

    #[test]
    fn older_answers_never_overwrite_newer_ones() {
        let mut memory = Memory::<KeySet>::new();
        memory.loaded(URL, keys(NOW), NOW);
        memory.loaded(URL, keys(NOW.plus_seconds(-5)), NOW);
        let Plan::Use(used) = memory.plan(URL, NOW) else { panic!("keys are there") };
        assert_eq!(used.fetched_at, NOW);
    }

    #[test]
    fn an_unknown_key_reload_that_vanished_does_not_silence_the_next_one() {
        let mut memory = Memory::<KeySet>::new();
        let first = keys(NOW);
        memory.loaded(URL, first.clone(), NOW);
        assert_eq!(name(&memory.plan_for_unknown_key(URL, &first, NOW)), "reload");
        assert_eq!(name(&memory.plan_for_unknown_key(URL, &first, NOW.plus_seconds(5))), "wait");
        assert_eq!(name(&memory.plan_for_unknown_key(URL, &first, NOW.plus_seconds(6))), "reload");
    }

    #[test]
    fn a_clock_that_is_set_back_neither_blocks_nor_storms() {
        let mut memory = Memory::<KeySet>::new();
        assert_eq!(name(&memory.plan(URL, NOW)), "reload");
        let earlier = NOW.plus_seconds(-3600);
        assert_eq!(name(&memory.plan(URL, earlier)), "reload", "a lease from the future is none");
        memory.loaded(URL, keys(NOW), NOW);
        assert_eq!(name(&memory.plan(URL, earlier)), "reload with fallback");
        memory.loaded(URL, keys(earlier), earlier);
        assert_eq!(name(&memory.plan(URL, earlier)), "use", "keys from the future were replaced");
    }

    #[test]
    fn of_too_many_the_one_that_was_used_longest_ago_goes() {
        let mut memory = Memory::<Policy>::new();
        let policy = || Rc::new(Policy::parse(br#"{"policy":{}}"#).unwrap());
        for index in 0..limits::POLICIES_KEPT {
            let at = NOW.plus_milliseconds(i64::try_from(index).unwrap());
            assert!(matches!(memory.plan(&index.to_string(), at), Plan::Reload(None)));
            memory.loaded(&index.to_string(), Loaded { value: policy(), fetched_at: at }, at);
        }
        let later = NOW.plus_seconds(1);
        assert!(matches!(memory.plan("0", later), Plan::Use(_)), "as many as there may be");
        assert!(matches!(memory.plan("one more", later), Plan::Reload(None)));
        assert_eq!(memory.entries.len(), limits::POLICIES_KEPT);
        assert!(matches!(memory.plan("0", later), Plan::Use(_)), "it was just used");
        assert!(memory.known("1").is_none());
    }

    #[test]
    fn a_reload_within_the_same_millisecond_counts() {
        let mut memory = Memory::<KeySet>::new();
        let (first, second) = (keys(NOW), keys(NOW));
        memory.loaded(URL, first.clone(), NOW);
        assert_eq!(name(&memory.plan_for_unknown_key(URL, &first, NOW)), "reload");
        memory.loaded(URL, second.clone(), NOW);
        let Plan::Use(used) = memory.plan_for_unknown_key(URL, &first, NOW) else { panic!("newer keys are there") };
        assert!(Rc::ptr_eq(&used.value, &second.value));
    }
}
