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
        Plan::Reload { known: None, .. } => "reload",
        Plan::Reload { is_awaited: true, .. } => "reload with fallback",
        Plan::Reload { .. } => "reload beside",
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
    assert_eq!(name(&memory.plan(URL, later)), "reload beside");
    assert_eq!(name(&memory.plan(URL, later)), "use");
    memory.failed(URL, later);
    assert_eq!(name(&memory.plan(URL, later.plus_seconds(4))), "use");
    assert_eq!(name(&memory.plan(URL, later.plus_seconds(5))), "reload beside");
    assert_eq!(name(&memory.plan(URL, later.plus_seconds(11))), "reload with fallback", "the one beside vanished");
    memory.failed(URL, NOW.plus_seconds(3594));
    assert_eq!(name(&memory.plan(URL, NOW.plus_seconds(3599))), "reload beside");
    memory.failed(URL, NOW.plus_seconds(3599));
    assert_eq!(name(&memory.plan(URL, NOW.plus_seconds(3604))), "reload with fallback", "too old to be served first");
    memory.failed(URL, NOW.plus_seconds(86_400));
    assert_eq!(name(&memory.plan(URL, NOW.plus_seconds(86_400))), "unavailable", "a day is the limit");
}

#[test]
fn unknown_keys_cause_one_reload_per_cooldown() {
    let mut memory = Memory::<KeySet>::new();
    let first = keys(NOW);
    memory.loaded(URL, first.clone(), NOW);
    let soon = NOW.plus_seconds(1);
    assert_eq!(name(&memory.plan_for_unknown_key(URL, &first, Some("k"), soon)), "reload");
    assert_eq!(name(&memory.plan_for_unknown_key(URL, &first, Some("k"), soon)), "wait");
    let second = keys(soon);
    memory.loaded(URL, second.clone(), soon);
    assert_eq!(name(&memory.plan_for_unknown_key(URL, &first, Some("k"), soon)), "use");
    for seconds in [1, 15, 29] {
        let at = soon.plus_seconds(seconds);
        assert_eq!(name(&memory.plan_for_unknown_key(URL, &second, Some("k"), at)), "cooling down", "{seconds}");
    }
    assert_eq!(name(&memory.plan_for_unknown_key(URL, &second, Some("k"), soon.plus_seconds(30))), "reload");
    memory.failed(URL, soon.plus_seconds(30));
    assert_eq!(name(&memory.plan_for_unknown_key(URL, &second, Some("k"), soon.plus_seconds(31))), "unavailable");
    assert_eq!(
        name(&memory.plan_for_unknown_key(URL, &second, Some("k"), soon.plus_seconds(35))),
        "reload",
        "the provider is back"
    );
}

#[test]
fn a_key_that_reloads_do_not_bring_is_looked_for_ever_more_rarely() {
    let mut memory = Memory::<KeySet>::new();
    let known = keys(NOW);
    memory.loaded(URL, known.clone(), NOW);
    let mut is_looked_for = |key_id: &str, seconds: i64| {
        let at = NOW.plus_seconds(seconds);
        let is_looked_for = name(&memory.plan_for_unknown_key(URL, &known, Some(key_id), at)) == "reload";
        if is_looked_for {
            memory.missing_key(URL, key_id, at);
            memory.loaded(URL, known.clone(), at);
        }
        is_looked_for
    };
    let found: Vec<_> = (0..3600).filter(|seconds| is_looked_for("withdrawn", *seconds)).collect();
    assert_eq!(found, [0, 30, 90, 210, 450, 930, 1530, 2130, 2730, 3330], "at last as often as keys are loaded anyway");
    assert!(is_looked_for("rotated in", 3600), "another one does not wait for that");
    for (index, seconds) in (3630..).step_by(30).take(limits::MISSING_KEYS).enumerate() {
        assert!(is_looked_for(&format!("other {index}"), seconds));
    }
    assert!(is_looked_for("rotated in", 3630 + 30 * i64::try_from(limits::MISSING_KEYS).unwrap()), "bounded");
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
    assert_eq!(name(&memory.plan_for_unknown_key(URL, &first, Some("k"), NOW)), "reload");
    assert_eq!(name(&memory.plan_for_unknown_key(URL, &first, Some("k"), NOW.plus_seconds(5))), "wait");
    assert_eq!(name(&memory.plan_for_unknown_key(URL, &first, Some("k"), NOW.plus_seconds(6))), "reload");
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
        assert!(matches!(memory.plan(&index.to_string(), at), Plan::Reload { known: None, .. }));
        memory.loaded(&index.to_string(), Loaded { value: policy(), fetched_at: at }, at);
    }
    let later = NOW.plus_seconds(1);
    assert!(matches!(memory.plan("0", later), Plan::Use(_)), "as many as there may be");
    assert!(matches!(memory.plan("one more", later), Plan::Reload { known: None, .. }));
    assert_eq!(memory.entries.len(), limits::POLICIES_KEPT);
    assert!(matches!(memory.plan("0", later), Plan::Use(_)), "it was just used");
    assert!(memory.known("1").is_none());
}

#[test]
fn a_reload_within_the_same_millisecond_counts() {
    let mut memory = Memory::<KeySet>::new();
    let (first, second) = (keys(NOW), keys(NOW));
    memory.loaded(URL, first.clone(), NOW);
    assert_eq!(name(&memory.plan_for_unknown_key(URL, &first, Some("k"), NOW)), "reload");
    memory.loaded(URL, second.clone(), NOW);
    let Plan::Use(used) = memory.plan_for_unknown_key(URL, &first, Some("k"), NOW) else {
        panic!("newer keys are there")
    };
    assert!(Rc::ptr_eq(&used.value, &second.value));
}
