use std::collections::BTreeMap;

use super::*;

const NOW: Timestamp = Timestamp::from_seconds(1_763_640_000);
const SCOPE: &str = "workos:client_1";
const COOKIE: i64 = limits::COOKIE_MAX_AGE_SECONDS;

fn of_user(user: &str, age: i64) -> Identity {
    Identity::new(SCOPE, Some("session_1"), Some(user), None, Some(NOW.seconds() - age))
}

fn reopened(list: &mut RevocationList, stored: &mut BTreeMap<String, String>) -> RevocationList {
    stored.extend(list.take_changes());
    RevocationList::open(stored.iter().map(|(name, text)| (name.as_str(), text.as_str())))
}

/// Numbers from a seed (SplitMix64).
fn numbers(seed: u64) -> impl FnMut(u64) -> u64 {
    let mut state = seed;
    move |below| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut number = state;
        number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (number ^ (number >> 31)) % below
    }
}

#[test]
fn whatever_happens_list_snapshot_and_what_is_stored_say_the_same_and_forget_nothing_too_early() {
    for seed in 0..20 {
        let mut number = numbers(seed);
        let (mut list, mut stored, mut now) = (RevocationList::default(), BTreeMap::new(), NOW);
        // Subject and kind → until when its tokens are hit, and how long that has to be known at least.
        let mut expected: BTreeMap<(u64, Kind), (i64, i64)> = BTreeMap::new();
        for _ in 0..200 {
            now = now.plus_seconds(number(3_600).cast_signed());
            let user = number(40);
            let kind = if number(2) == 0 { Kind::Ended } else { Kind::Stale };
            let revocation = Revocation::user(SCOPE, &user.to_string(), kind, now);
            let is_ours_alone = number(4) == 0 && kind == Kind::Ended;
            let revocation = if is_ours_alone { revocation.enforced_by_us_alone(COOKIE, now) } else { revocation };
            list.add(revocation, None, now).unwrap();
            let hits_until = now.seconds() + if kind == Kind::Ended { limits::GATEWAY_LEEWAY_SECONDS } else { 0 };
            let lives = if is_ours_alone { COOKIE } else { limits::LONGEST_TOKEN_SECONDS };
            let entry = expected.entry((user, kind)).or_default();
            *entry = (hits_until, entry.1.max(now.seconds() + lives));
            list.expire(now);
            expected.retain(|_, (_, until)| *until > now.seconds());
            if number(10) == 0 {
                list = reopened(&mut list, &mut stored);
            }
            let text = list.snapshot().write(SCOPE);
            let snapshot = Snapshot::read(&text, SCOPE, now).unwrap();
            for user in 0..40 {
                let issued_at = now.seconds() - number(100_000).cast_signed();
                let identity = Identity::new(SCOPE, None, Some(&user.to_string()), None, Some(issued_at));
                let is_hit = |kind| expected.get(&(user, kind)).is_some_and(|(at, _)| issued_at <= *at);
                let verdict =
                    if is_hit(Kind::Ended) { Some(Kind::Ended) } else { is_hit(Kind::Stale).then_some(Kind::Stale) };
                assert_eq!(list.check(&identity), verdict, "seed {seed}");
                assert_eq!(snapshot.check(&identity), verdict, "seed {seed}");
            }
        }
    }
}

#[test]
fn entries_are_forgotten_when_the_longest_token_is_over() {
    let (mut list, mut stored) = (RevocationList::default(), BTreeMap::new());
    list.add(Revocation::user(SCOPE, "user_1", Kind::Ended, NOW), None, NOW).unwrap();
    list.add(Revocation::user(SCOPE, "user_2", Kind::Ended, NOW).enforced_by_us_alone(COOKIE, NOW), None, NOW).unwrap();
    list.add(Revocation::everything(Kind::Ended, NOW.plus_seconds(-1_000)), None, NOW).unwrap();
    let mut list = reopened(&mut list, &mut stored);
    assert!(!list.expire(NOW.plus_seconds(limits::LONGEST_TOKEN_SECONDS - 1)));
    assert_eq!(list.expires_at(NOW), Some(NOW.plus_seconds(limits::LONGEST_TOKEN_SECONDS)));
    assert!(list.expire(NOW.plus_seconds(limits::LONGEST_TOKEN_SECONDS)));
    let mut list = reopened(&mut list, &mut stored);
    assert_eq!((list.check(&of_user("user_1", 0)), list.check(&of_user("user_2", 0))), (None, Some(Kind::Ended)));
    assert!(list.expire(NOW.plus_seconds(COOKIE)));
    assert_eq!((list.len(), list.expires_at(NOW)), (0, None));
    assert_eq!(list.check(&of_user("user_2", 1_000)), Some(Kind::Ended), "what was made before a time stays so");
    assert_eq!(list.check(&of_user("user_2", 999)), None);
}

#[test]
fn a_delivery_that_comes_again_changes_nothing() {
    let mut list = RevocationList::default();
    let add = |list: &mut RevocationList, user, delivery, now| {
        list.add(Revocation::user(SCOPE, user, Kind::Ended, now), Some(delivery), now)
    };
    assert_eq!(add(&mut list, "user_1", 7, NOW), Ok(()));
    let mut stored = BTreeMap::new();
    let mut list = reopened(&mut list, &mut stored);
    assert_eq!(add(&mut list, "user_2", 7, NOW), Err(Refused::Replayed));
    // Signed as far ahead as is believed, it would be believed for so long.
    let believed = 2 * limits::WEBHOOK_TOLERANCE_MILLISECONDS / 1000;
    assert_eq!(add(&mut list, "user_2", 7, NOW.plus_seconds(believed)), Err(Refused::Replayed));
    assert_eq!(list.check(&of_user("user_2", 0)), None);
    assert_eq!(add(&mut list, "user_2", 7, NOW.plus_seconds(believed + 1)), Ok(()));
    for delivery in 0..2 * limits::DELIVERIES as u64 {
        assert_eq!(add(&mut list, "user_1", 100 + delivery, NOW.plus_seconds(believed + 2)), Ok(()));
    }
    assert_eq!(list.deliveries.len(), limits::DELIVERIES);
}

#[test]
fn of_two_about_the_same_the_stricter_is_kept() {
    let mut list = RevocationList::default();
    list.add(Revocation::session(SCOPE, "session_1", NOW).enforced_by_us_alone(COOKIE, NOW), None, NOW).unwrap();
    list.add(Revocation::signed_out(SCOPE, "session_1", Some(300), NOW), None, NOW.plus_seconds(1)).unwrap();
    list.expire(NOW.plus_seconds(COOKIE - 1));
    let identity = Identity::new(SCOPE, Some("session_1"), None, None, Some(NOW.seconds() + 1_000_000));
    assert_eq!((list.len(), list.check(&identity)), (1, Some(Kind::Ended)));
}

#[test]
fn each_change_is_later_than_the_one_before() {
    let mut list = RevocationList::default();
    let mut last = list.snapshot().changed_at();
    for now in [NOW, NOW, NOW.plus_seconds(-100), NOW.plus_seconds(1)] {
        list.add(Revocation::everything(Kind::Stale, NOW), None, now).unwrap();
        assert!(list.snapshot().changed_at() > last);
        last = list.snapshot().changed_at();
    }
}

/// As many as a list holds; in the order of their hashes, which is fast.
fn many() -> impl Iterator<Item = Subject> {
    (0..limits::REVOCATIONS as u64).map(Subject)
}

fn ended(subject: Subject, now: Timestamp) -> Revocation {
    Revocation::Of(Entry::new(subject, Kind::Ended, now))
}

fn made_at(subject: Subject, at: Timestamp) -> Identity {
    Identity { subjects: [Some(subject), None, None], issued_at: seconds(at.seconds()) }
}

#[test]
fn a_full_list_lets_nothing_through_that_was_revoked() {
    let mut list = RevocationList::default();
    let (ours, bystander) = (Subject(u64::MAX), Subject(u64::MAX - 1));
    list.add(ended(ours, NOW).enforced_by_us_alone(COOKIE, NOW), None, NOW).unwrap();
    let ten_a_second = |Subject(number): Subject| NOW.plus_seconds(i64::try_from(number / 10).unwrap());
    for subject in many() {
        list.add(ended(subject, ten_a_second(subject)), None, ten_a_second(subject)).unwrap();
    }
    assert!((limits::REVOCATIONS / 3..=limits::REVOCATIONS).contains(&list.len()), "{}", list.len());
    for subject in many().step_by(97) {
        let identity = made_at(subject, ten_a_second(subject));
        assert!(list.check(&identity).is_some(), "{subject:?}");
    }
    let last = NOW.plus_seconds(i64::try_from(limits::REVOCATIONS / 10).unwrap());
    assert_eq!(list.check(&made_at(bystander, last)), None, "who is not revoked and has a new token notices nothing");
    assert_eq!(list.check(&made_at(ours, NOW)), Some(Kind::Ended), "what nobody else enforces has not given way");
}

#[test]
fn one_that_is_full_of_what_nobody_else_enforces_says_so() {
    let mut list = RevocationList::default();
    for subject in many() {
        list.add(ended(subject, NOW).enforced_by_us_alone(COOKIE, NOW), None, NOW).unwrap();
    }
    assert_eq!(list.add(ended(Subject(u64::MAX), NOW), Some(7), NOW), Err(Refused::Full));
    let known = ended(Subject(7), NOW.plus_seconds(60));
    assert_eq!(list.add(known, Some(7), NOW), Ok(()), "that delivery was not used up, and this one needs no room");
}

#[test]
fn what_is_stored_and_cannot_be_read_is_left_out() {
    let mut list = RevocationList::default();
    list.add(Revocation::user(SCOPE, "user_1", Kind::Ended, NOW), None, NOW).unwrap();
    let changes = list.take_changes();
    let stored = changes.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    let garbage = [("marks", "{"), ("page/00", "no base64"), ("page/01", "AAAA"), ("page/02", "")];
    let list = RevocationList::open(garbage.into_iter().chain(stored));
    assert_eq!((list.len(), list.check(&of_user("user_1", 0))), (1, Some(Kind::Ended)));
}
