//! Keys in an isolate's memory, and who may reload them when. Pure: it decides, the host acts.
//!
//! The right to reload is a lease with a deadline, never a flag: a request can vanish at any await. On Workers no request
//! may await another's promise either, so the others look again after a pause of their own.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::KeySet;
use super::freshness::{Freshness, freshness};
use crate::limits;
use crate::time::Timestamp;

/// Keys, and when they were fetched: newer ones replace older ones, never the reverse.
#[derive(Clone)]
pub(crate) struct LoadedKeys {
    pub(crate) set: Rc<KeySet>,
    pub(crate) fetched_at: Timestamp,
}

/// What to do for a request that needs keys.
pub(crate) enum KeyPlan {
    /// Use these.
    Use(LoadedKeys),
    /// Reload now; nobody else does. Where the reload fails, these will do.
    Reload(Option<LoadedKeys>),
    /// Somebody else reloads: look again after a pause.
    Wait,
    /// A reload has just failed, and there is nothing to fall back on.
    Unavailable,
    /// Newer keys were asked for a moment ago, and the key was not among them.
    CoolingDown,
}

/// The key sets of one isolate, by URL.
#[derive(Default)]
pub struct KeyMemory {
    entries: BTreeMap<String, Entry>,
}

#[derive(Default)]
struct Entry {
    keys: Option<LoadedKeys>,
    /// Since when a reload is under way; none once it has been answered. One that was never answered has vanished.
    leased_at: Option<Timestamp>,
    failed_at: Option<Timestamp>,
    /// How far the provider's clock was ahead of ours at the last reload, in seconds.
    clock_skew_seconds: Option<i64>,
    /// When an unknown key id last caused a reload.
    unknown_key_at: Option<Timestamp>,
}

impl KeyMemory {
    /// An empty memory.
    pub const fn new() -> Self {
        Self { entries: BTreeMap::new() }
    }

    /// The keys, where nothing is to be done for them: neither waited nor reloaded.
    #[cfg(any(feature = "js", feature = "gateway"))]
    pub(crate) fn ready(&self, url: &str, now: Timestamp) -> Option<&LoadedKeys> {
        let entry = self.entries.get(url)?;
        let keys = entry.keys.as_ref()?;
        match freshness(keys.fetched_at, now) {
            Freshness::Fresh => Some(keys),
            Freshness::Stale if entry.is_leased(now) || entry.has_just_failed(now) => Some(keys),
            _ => None,
        }
    }

    /// What to do to have keys at all.
    pub(crate) fn plan(&mut self, url: &str, now: Timestamp) -> KeyPlan {
        let entry = self.entry(url);
        let usable = entry.keys.clone().filter(|keys| freshness(keys.fetched_at, now) != Freshness::Expired);
        let is_fresh = |keys: &LoadedKeys| freshness(keys.fetched_at, now) == Freshness::Fresh;
        match usable {
            Some(keys) if is_fresh(&keys) || entry.is_leased(now) || entry.has_just_failed(now) => KeyPlan::Use(keys),
            None if entry.is_leased(now) => KeyPlan::Wait,
            None if entry.has_just_failed(now) => KeyPlan::Unavailable,
            fallback => {
                entry.lease(now);
                KeyPlan::Reload(fallback)
            }
        }
    }

    /// What to do when a token names a key that is not among `known`. One reload per cooldown, whoever asks.
    pub(crate) fn plan_for_unknown_key(&mut self, url: &str, known: &LoadedKeys, now: Timestamp) -> KeyPlan {
        let entry = self.entry(url);
        match &entry.keys {
            Some(newer) if !Rc::ptr_eq(&newer.set, &known.set) => return KeyPlan::Use(newer.clone()),
            _ => {}
        }
        if entry.is_leased(now) {
            return KeyPlan::Wait;
        }
        if entry.has_just_failed(now) {
            return KeyPlan::Unavailable;
        }
        // A reload that vanished has found nothing out, so it starts no cooldown.
        let has_vanished = entry.leased_at.is_some();
        let since = |at: Timestamp| now.seconds_since(at);
        let has_just_asked =
            entry.unknown_key_at.is_some_and(|at| (0..limits::UNKNOWN_KEY_COOLDOWN_SECONDS).contains(&since(at)));
        if has_just_asked && !has_vanished {
            return KeyPlan::CoolingDown;
        }
        entry.unknown_key_at = Some(now);
        entry.lease(now);
        KeyPlan::Reload(None)
    }

    /// Keys have arrived. They replace older ones, and ones from the future: a clock was set back since.
    pub(crate) fn loaded(&mut self, url: &str, keys: LoadedKeys, now: Timestamp) {
        let entry = self.entry(url);
        entry.leased_at = None;
        entry.failed_at = None;
        let outdated = |known: &LoadedKeys| known.fetched_at <= keys.fetched_at || known.fetched_at > now;
        if entry.keys.as_ref().is_none_or(outdated) {
            entry.keys = Some(keys);
        }
    }

    /// What time the provider says it is.
    pub(crate) fn provider_clock(&mut self, url: &str, theirs: Timestamp, ours: Timestamp) {
        self.entry(url).clock_skew_seconds = Some(theirs.seconds_since(ours));
    }

    /// How far the provider's clock is ahead of ours, in seconds; none before keys came from the provider itself.
    pub(crate) fn clock_skew_seconds(&mut self, url: &str) -> Option<i64> {
        self.entry(url).clock_skew_seconds
    }

    /// A reload has failed.
    pub(crate) fn failed(&mut self, url: &str, now: Timestamp) {
        let entry = self.entry(url);
        entry.leased_at = None;
        entry.failed_at = Some(now);
        // It has found nothing out about the key, so only the pause after a failure holds.
        entry.unknown_key_at = None;
    }

    fn entry(&mut self, url: &str) -> &mut Entry {
        self.entries.entry(url.to_owned()).or_default()
    }
}

impl Entry {
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

    fn keys(fetched_at: Timestamp) -> LoadedKeys {
        LoadedKeys { set: Rc::new(KeySet::parse(br#"{"keys":[]}"#, algorithms::SESSION_TOKENS).unwrap()), fetched_at }
    }

    fn name(plan: &KeyPlan) -> &'static str {
        match plan {
            KeyPlan::Use(_) => "use",
            KeyPlan::Reload(None) => "reload",
            KeyPlan::Reload(Some(_)) => "reload with fallback",
            KeyPlan::Wait => "wait",
            KeyPlan::Unavailable => "unavailable",
            KeyPlan::CoolingDown => "cooling down",
        }
    }

    #[test]
    fn one_request_loads_and_the_others_wait_until_its_lease_ends() {
        let mut memory = KeyMemory::new();
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
        let mut memory = KeyMemory::new();
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
        let mut memory = KeyMemory::new();
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
        let mut memory = KeyMemory::new();
        memory.loaded(URL, keys(NOW), NOW);
        memory.loaded(URL, keys(NOW.plus_seconds(-5)), NOW);
        let KeyPlan::Use(used) = memory.plan(URL, NOW) else { panic!("keys are there") };
        assert_eq!(used.fetched_at, NOW);
    }

    #[test]
    fn an_unknown_key_reload_that_vanished_does_not_silence_the_next_one() {
        let mut memory = KeyMemory::new();
        let first = keys(NOW);
        memory.loaded(URL, first.clone(), NOW);
        assert_eq!(name(&memory.plan_for_unknown_key(URL, &first, NOW)), "reload");
        assert_eq!(name(&memory.plan_for_unknown_key(URL, &first, NOW.plus_seconds(5))), "wait");
        assert_eq!(name(&memory.plan_for_unknown_key(URL, &first, NOW.plus_seconds(6))), "reload");
    }

    #[test]
    fn a_clock_that_is_set_back_neither_blocks_nor_storms() {
        let mut memory = KeyMemory::new();
        assert_eq!(name(&memory.plan(URL, NOW)), "reload");
        let earlier = NOW.plus_seconds(-3600);
        assert_eq!(name(&memory.plan(URL, earlier)), "reload", "a lease from the future is none");
        memory.loaded(URL, keys(NOW), NOW);
        assert_eq!(name(&memory.plan(URL, earlier)), "reload with fallback");
        memory.loaded(URL, keys(earlier), earlier);
        assert_eq!(name(&memory.plan(URL, earlier)), "use", "keys from the future were replaced");
    }

    #[test]
    fn a_reload_within_the_same_millisecond_counts() {
        let mut memory = KeyMemory::new();
        let (first, second) = (keys(NOW), keys(NOW));
        memory.loaded(URL, first.clone(), NOW);
        assert_eq!(name(&memory.plan_for_unknown_key(URL, &first, NOW)), "reload");
        memory.loaded(URL, second.clone(), NOW);
        let KeyPlan::Use(used) = memory.plan_for_unknown_key(URL, &first, NOW) else { panic!("newer keys are there") };
        assert!(Rc::ptr_eq(&used.set, &second.set));
    }
}
