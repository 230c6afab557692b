//! The keeper of a session: its rules one by one (`rules.rs`), and in a simulation that is played from seeds: one session, many
//! callers, everything that can go wrong between them.
//!
//! What is simulated is the world around it — tabs that share a cookie jar, answers that overtake each other or are lost, callers
//! that vanish, an object that is evicted, a provider with and without patience. The keeper and the exchange are the real ones.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a helper of a test fails as the test does")]

#[path = "rotation/provider.rs"]
mod provider;
#[path = "rotation/rules.rs"]
mod rules;
#[path = "rotation/world.rs"]
mod world;

use world::{Odds, World};

/// Enough for every odd pair of events to meet; `EDGESEAL_WORLDS` plays more.
fn worlds() -> u64 {
    std::env::var("EDGESEAL_WORLDS").ok().and_then(|worlds| worlds.parse().ok()).unwrap_or(12)
}

fn play(odds: &Odds) -> Totals {
    let mut totals = Totals::default();
    for seed in 0..worlds() {
        let mut world = World::new(seed, odds);
        world.play(400);
        world.calm();
        let provider = world.provider();
        let reasons = provider.lost_replies() + world.evictions();
        assert!(provider.replays() <= reasons, "seed {seed}: {} replays, {reasons} reasons", provider.replays());
        totals.rotations += provider.rotations();
        totals.replays += provider.replays();
        totals.answers += world.answers();
        totals.evictions += world.evictions();
        totals.forgotten += world.forgotten();
    }
    assert!(totals.forgotten * 1_000 < totals.answers, "{totals:?}: an exception, not the rule");
    totals
}

#[derive(Default, Debug)]
struct Totals {
    rotations: usize,
    replays: usize,
    answers: usize,
    evictions: usize,
    forgotten: usize,
}

#[test]
fn without_any_patience_of_the_provider_nobody_is_logged_out() {
    // No reply of the provider is lost and no object dies while it waits for one: then a token could not be saved by anybody.
    let totals = play(&Odds { grace_seconds: 0, lost_reply: 0, eviction: 0, ..Odds::DEFAULT });
    assert_eq!(totals.replays, 0);
    assert!(totals.rotations > 200 && totals.answers > 2_000, "{totals:?}: the worlds are not empty");
}

#[test]
fn with_half_a_minute_of_patience_a_lost_reply_or_an_eviction_costs_one_replay_at_most() {
    let totals = play(&Odds { grace_seconds: 30, ..Odds::DEFAULT });
    assert!(totals.replays > 10 && totals.evictions > 10 && totals.rotations > 200, "{totals:?}");
}

#[test]
fn a_visitor_who_lost_every_answer_is_still_signed_in_weeks_later() {
    let odds = Odds { grace_seconds: 0, lost_reply: 0, eviction: 0, lost_answer: 100, long_pause: 20, ..Odds::DEFAULT };
    let totals = play(&odds);
    assert!(totals.rotations > 200, "{totals:?}");
}

#[test]
fn the_same_world_without_a_keeper_logs_people_out() {
    // The proof that the simulation can tell: every caller exchanges by itself.
    let odds = Odds { grace_seconds: 0, lost_reply: 0, eviction: 0, keeper: false, ..Odds::DEFAULT };
    let losses = (0..20).filter(|seed| {
        let mut world = World::new(*seed, &odds);
        world.play(400);
        world.losses() > 0
    });
    assert!(losses.count() > 15);
}
