//! A list through its public face, from the object to an isolate; and what it costs. `EDGESEAL_REVOCATIONS=100000 cargo test --release
//! --test revocation -- --nocapture` measures the largest one; with `--target wasm32-wasip1` as isolates run it.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use edgeseal::Timestamp;
use edgeseal::revocation::{Identity, Kind, Revocation, RevocationList, Snapshot};

const NOW: Timestamp = Timestamp::from_seconds(1_763_640_000);
const SCOPE: &str = "workos:client_01EXAMPLE000000000000000000";

/// Fewer, unless somebody wants to measure: each is a second's work without optimisation.
fn entries() -> usize {
    std::env::var("EDGESEAL_REVOCATIONS").ok().and_then(|number| number.parse().ok()).unwrap_or(2_000)
}

fn id(what: &str, number: usize) -> String {
    format!("{what}_01{number:024}")
}

fn identity(number: usize) -> Identity {
    let (session, user, organization) = (id("session", number), id("user", number), id("org", number));
    Identity::new(SCOPE, Some(&session), Some(&user), Some(&organization), Some(NOW.seconds()))
}

fn timed<R>(what: &str, work: impl FnOnce() -> R) -> R {
    let begin = Instant::now();
    let result = black_box(work());
    println!("{what}: {:?}", begin.elapsed());
    result
}

/// Of one call, on average.
fn timed_each(what: &str, identities: &[Identity], check: impl Fn(&Identity) -> bool) {
    let begin = Instant::now();
    let mut calls = 0_u32;
    while begin.elapsed() < Duration::from_millis(50) {
        for identity in identities {
            black_box(check(black_box(identity)));
            calls += 1;
        }
    }
    println!("{what}: {:?}", begin.elapsed() / calls);
}

#[test]
fn a_list_of_any_size_says_the_same_in_an_isolate_and_after_it_was_stored() {
    let count = entries();
    let mut list = RevocationList::default();
    timed(&format!("{count} entries added"), || {
        for number in 0..count {
            let revocation = if number % 2 == 0 {
                Revocation::session(SCOPE, &id("session", number), NOW)
            } else {
                Revocation::user(SCOPE, &id("user", number), Kind::Stale, NOW)
            };
            // Each change has a time of its own: these came one a millisecond.
            list.add(revocation, None, NOW.plus_milliseconds(i64::try_from(number).unwrap())).unwrap();
        }
    });
    // In the order of their names, as storage lists them.
    let stored: BTreeMap<String, String> = timed("pages written", || list.take_changes()).into_iter().collect();
    println!("{} pages, {} bytes", stored.len(), stored.values().map(String::len).sum::<usize>());
    let reopened = timed("pages read again", || {
        RevocationList::open(stored.iter().map(|(name, text)| (name.as_str(), text.as_str())))
    });
    let text = timed("snapshot written", || reopened.snapshot().write(SCOPE));
    let now = reopened.snapshot().changed_at();
    let snapshot = timed("snapshot read", || Snapshot::read(&text, SCOPE, now).unwrap());
    println!("{} bytes of text", text.len());
    assert!(text.len() <= count * 16 + 300);
    assert_eq!((reopened.len(), snapshot.len()), (count, count));

    for number in (0..count).step_by(7) {
        let expected = if number % 2 == 0 { Kind::Ended } else { Kind::Stale };
        let identity = identity(number);
        assert_eq!([snapshot.check(&identity), reopened.check(&identity)], [Some(expected); 2], "{number}");
    }
    let strangers: Vec<Identity> = (count..count + 1_000).map(identity).collect();
    assert!(strangers.iter().all(|stranger| snapshot.check(stranger).is_none() && reopened.check(stranger).is_none()));
    timed_each("a check of a session that was remembered", &strangers, |it| snapshot.check(it).is_some());
    timed_each("the same while nothing is revoked", &strangers, |it| Snapshot::default().check(it).is_some());
    let begin = Instant::now();
    for number in 0..1_000 {
        black_box(identity(number));
    }
    println!("hashes of a session that was not: {:?}, ids made along with them", begin.elapsed() / 1_000);
}
