//! The keeper's rules, one by one, as its callers meet them.

use base64ct::{Base64UrlUnpadded, Encoding};
use edgeseal::provider::workos::ExchangeRejection;
use edgeseal::rotation::{Exchange, Question, SessionKeeper, Step, TokenHash};
use edgeseal::{PasswordRing, Rejection, SealEntropy, SealFormat, SealFormats, Timestamp, UnsealedSession, seal};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

/// A generation of `session_1`: made now, good for five minutes.
fn generation(refresh_token: &str, changes: &Value) -> UnsealedSession {
    let mut claims = json!({ "sid": "session_1", "org_id": "org_1", "iat": NOW.seconds(), "exp": NOW.seconds() + 300 });
    claims.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    let part = |value: &Value| Base64UrlUnpadded::encode_string(value.to_string().as_bytes());
    let access_token = format!("{}.{}.AAAA", part(&json!({ "alg": "RS256", "kid": "key_1" })), part(&claims));
    let session = json!({ "accessToken": access_token, "refreshToken": refresh_token }).to_string();
    let entropy = SealEntropy::from_source(|bytes| bytes.fill(5));
    let sealed = seal(session.as_bytes(), SealFormat::Iron, &ring(), entropy, NOW, None).unwrap();
    UnsealedSession::open(Some(&sealed), &ring(), SealFormats::DEFAULT, NOW).ok().unwrap()
}

fn good(refresh_token: &str) -> UnsealedSession {
    generation(refresh_token, &json!({}))
}

fn ring() -> PasswordRing {
    PasswordRing::single("a password of at least 32 characters".into()).unwrap()
}

fn begin(keeper: &mut SessionKeeper, refresh_token: &str, organization: Option<&str>, now: Timestamp) -> Step {
    keeper.begin(&mut Question::new(good(refresh_token), organization.map(str::to_owned)), now)
}

/// The exchange that is to be made: its refresh token, and the organization that is asked for.
fn exchange(step: Step) -> Exchange {
    match step {
        Step::Exchange(exchange) => exchange,
        other => panic!("no exchange but {}", describe(&other)),
    }
}

fn token(session: &UnsealedSession) -> String {
    session.refresh_token().unwrap().expose_secret().to_owned()
}

fn describe(step: &Step) -> String {
    match step {
        Step::Answer(Ok(session)) => format!("answer {}", token(session)),
        Step::Answer(Err(refused)) => format!("refuse {} {:?}", refused.rejection, refused.retry_after),
        Step::Exchange(exchange) => {
            format!("exchange {} {}", token(&exchange.session), exchange.organization_id.as_deref().unwrap_or("-"))
        }
        Step::Wait(_) => "wait".to_owned(),
    }
}

/// A keeper after `rt_0` was exchanged for `rt_1`.
fn after_one() -> SessionKeeper {
    let mut keeper = SessionKeeper::default();
    let made = exchange(begin(&mut keeper, "rt_0", None, NOW));
    keeper.finish(&made, Ok(good("rt_1")), NOW);
    keeper
}

fn refuse(rejection: Rejection, retry_after: Option<u64>) -> Result<UnsealedSession, ExchangeRejection> {
    Err(ExchangeRejection { rejection, retry_after })
}

#[test]
fn whoever_comes_while_an_exchange_is_under_way_waits_and_gets_its_result() {
    let mut keeper = SessionKeeper::default();
    let made = exchange(begin(&mut keeper, "rt_0", None, NOW));
    assert_eq!((token(&made.session), made.organization_id.as_deref()), ("rt_0".to_owned(), Some("org_1")));
    assert_eq!(describe(&begin(&mut keeper, "rt_0", None, NOW.plus_seconds(4))), "wait");
    keeper.finish(&made, Ok(good("rt_1")), NOW.plus_seconds(5));
    assert_eq!(describe(&begin(&mut keeper, "rt_0", None, NOW.plus_seconds(5))), "answer rt_1");
}

#[test]
fn while_the_newest_is_exchanged_it_is_good_enough_for_whoever_has_less() {
    let mut keeper = after_one();
    exchange(begin(&mut keeper, "rt_1", None, NOW.plus_seconds(1)));
    assert_eq!(describe(&begin(&mut keeper, "rt_0", None, NOW.plus_seconds(2))), "answer rt_1");
    assert_eq!(describe(&begin(&mut keeper, "rt_1", None, NOW.plus_seconds(2))), "wait");
}

#[test]
fn an_exchange_that_vanished_is_made_again_once_its_lease_is_over() {
    let mut keeper = SessionKeeper::default();
    exchange(begin(&mut keeper, "rt_0", None, NOW));
    assert_eq!(describe(&begin(&mut keeper, "rt_0", None, NOW.plus_milliseconds(10_999))), "wait");
    assert_eq!(describe(&begin(&mut keeper, "rt_0", None, NOW.plus_seconds(11))), "exchange rt_0 org_1");
    let mut keeper = SessionKeeper::default();
    exchange(begin(&mut keeper, "rt_0", None, NOW));
    let set_back = NOW.plus_seconds(-3600);
    assert_eq!(describe(&begin(&mut keeper, "rt_0", None, set_back)), "exchange rt_0 org_1", "no lease of an hour");
}

#[test]
fn the_newest_is_handed_out_while_it_is_good_and_exchanged_once_it_is_not() {
    let mut keeper = after_one();
    assert_eq!(describe(&begin(&mut keeper, "rt_0", None, NOW.plus_seconds(299))), "answer rt_1");
    assert_eq!(describe(&begin(&mut keeper, "rt_0", None, NOW.plus_seconds(300))), "exchange rt_1 org_1");
}

#[test]
fn a_generation_that_comes_expired_is_good_to_those_who_waited_for_it() {
    let mut keeper = SessionKeeper::default();
    let made = exchange(begin(&mut keeper, "rt_0", None, NOW));
    let expired = generation("rt_1", &json!({ "exp": NOW.seconds() - 60 }));
    keeper.finish(&made, Ok(expired), NOW);
    assert_eq!(describe(&begin(&mut keeper, "rt_0", None, NOW.plus_milliseconds(4_999))), "answer rt_1");
    assert_eq!(describe(&begin(&mut keeper, "rt_0", None, NOW.plus_seconds(5))), "exchange rt_1 org_1");
}

#[test]
fn who_has_the_newest_gets_the_next_but_not_twice_in_a_second() {
    let mut keeper = after_one();
    assert_eq!(describe(&begin(&mut keeper, "rt_1", None, NOW.plus_milliseconds(999))), "answer rt_1");
    assert_eq!(describe(&begin(&mut keeper, "rt_1", None, NOW.plus_seconds(1))), "exchange rt_1 org_1");
}

#[test]
fn a_switch_follows_the_refresh_that_is_under_way_and_a_refresh_the_switch() {
    let mut keeper = SessionKeeper::default();
    let refresh = exchange(begin(&mut keeper, "rt_0", None, NOW));
    assert_eq!(describe(&begin(&mut keeper, "rt_0", Some("org_2"), NOW)), "wait");
    keeper.finish(&refresh, Ok(good("rt_1")), NOW);
    let switch = exchange(begin(&mut keeper, "rt_0", Some("org_2"), NOW));
    assert_eq!((token(&switch.session), switch.organization_id.as_deref()), ("rt_1".to_owned(), Some("org_2")));
    keeper.finish(&switch, Ok(generation("rt_2", &json!({ "org_id": "org_2" }))), NOW);
    assert_eq!(describe(&begin(&mut keeper, "rt_0", None, NOW)), "answer rt_2", "the newest organization");
    assert_eq!(describe(&begin(&mut keeper, "rt_0", Some("org_2"), NOW)), "answer rt_2", "both tabs wanted it");
    assert_eq!(describe(&begin(&mut keeper, "rt_0", None, NOW.plus_seconds(300))), "exchange rt_2 org_2");
}

#[test]
fn a_provider_that_ignores_the_organization_is_not_asked_for_ever() {
    let mut keeper = SessionKeeper::default();
    let mut question = Question::new(good("rt_0"), Some("org_2".to_owned()));
    for next in ["rt_1", "rt_2"] {
        let made = exchange(keeper.begin(&mut question, NOW));
        keeper.finish(&made, Ok(good(next)), NOW);
    }
    assert_eq!(describe(&keeper.begin(&mut question, NOW)), "answer rt_2");
}

#[test]
fn a_provider_that_hands_out_nothing_but_expired_tokens_is_not_asked_for_ever_either() {
    let mut keeper = SessionKeeper::default();
    let mut question = Question::new(good("rt_0"), None);
    for (seconds, next) in [(0, "rt_1"), (6, "rt_2")] {
        let made = exchange(keeper.begin(&mut question, NOW.plus_seconds(seconds)));
        let expired = generation(next, &json!({ "exp": NOW.seconds() - 60 }));
        keeper.finish(&made, Ok(expired), NOW.plus_seconds(seconds));
    }
    let late = describe(&keeper.begin(&mut question, NOW.plus_seconds(12)));
    assert_eq!(late, "refuse provider_answer_invalid None", "to be tried again, and no session that is over");
}

#[test]
fn what_the_provider_refused_stands_for_a_moment_and_a_definite_word_for_a_minute() {
    for (rejection, retry_after, stands) in [
        (Rejection::ProviderUnavailable, None, 1),
        (Rejection::ProviderRateLimited, Some(7), 7),
        (Rejection::OrganizationRefused, None, 1),
        (Rejection::InvalidGrant, None, 60),
    ] {
        let mut keeper = SessionKeeper::default();
        let made = exchange(begin(&mut keeper, "rt_0", None, NOW));
        keeper.finish(&made, refuse(rejection, retry_after), NOW);
        let refused = format!("refuse {rejection} {retry_after:?}");
        let last = NOW.plus_milliseconds(stands * 1000 - 1);
        assert_eq!(describe(&begin(&mut keeper, "rt_0", None, last)), refused);
        assert_eq!(describe(&begin(&mut keeper, "rt_0", None, NOW.plus_seconds(stands))), "exchange rt_0 org_1");
    }
}

#[test]
fn the_end_of_the_newest_ends_the_session_and_that_of_an_old_token_ends_nothing() {
    let mut keeper = after_one();
    let old = exchange(begin(&mut keeper, "rt_old", None, NOW));
    keeper.finish(&old, refuse(Rejection::InvalidGrant, None), NOW);
    assert_eq!(describe(&begin(&mut keeper, "rt_0", None, NOW)), "answer rt_1");
    let newest = exchange(begin(&mut keeper, "rt_1", None, NOW.plus_seconds(1)));
    keeper.finish(&newest, refuse(Rejection::InvalidGrant, None), NOW.plus_seconds(1));
    assert_eq!(describe(&begin(&mut keeper, "rt_1", None, NOW.plus_seconds(1))), "refuse invalid_grant None");
    assert_eq!(
        describe(&begin(&mut keeper, "rt_0", None, NOW.plus_seconds(1))),
        "exchange rt_0 org_1",
        "nothing is known"
    );
}

#[test]
fn what_was_begun_and_never_answered_comes_first_with_what_it_asked_for() {
    let mut keeper = after_one();
    exchange(begin(&mut keeper, "rt_1", Some("org_2"), NOW.plus_seconds(2)));
    let entropy = SealEntropy::from_source(|bytes| bytes.fill(7));
    let stored = keeper.seal(&ring(), &entropy).unwrap();
    let reopen = || SessionKeeper::open(Some(&stored), &ring(), NOW);
    // Whose cookie it is and what they want does not matter: the newest token may be used up.
    let in_time = NOW.plus_seconds(31);
    assert_eq!(describe(&begin(&mut reopen(), "rt_0", None, in_time)), "exchange rt_1 org_2");
    assert_eq!(describe(&begin(&mut reopen(), "rt_1", Some("org_3"), in_time)), "exchange rt_1 org_2");
    assert_eq!(
        describe(&begin(&mut reopen(), "rt_0", None, NOW.plus_seconds(32))),
        "answer rt_1",
        "too late to repeat"
    );

    // While the provider fails, what is known has to do.
    let mut keeper = reopen();
    let again = exchange(begin(&mut keeper, "rt_0", None, in_time));
    keeper.finish(&again, refuse(Rejection::ProviderUnavailable, None), in_time);
    assert_eq!(describe(&begin(&mut keeper, "rt_0", None, in_time)), "answer rt_1");
}

#[test]
fn an_exchange_without_an_answer_is_tried_again_while_the_provider_repeats_itself() {
    let mut keeper = SessionKeeper::default();
    let made = exchange(begin(&mut keeper, "rt_0", None, NOW));
    assert!(!keeper.try_again(&made, NOW), "it is under way");
    keeper.finish(&made, refuse(Rejection::ProviderTimeout, None), NOW);
    assert!(keeper.is_unanswered(&made, NOW.plus_seconds(29)) && !keeper.is_unanswered(&made, NOW.plus_seconds(30)));
    assert!(keeper.try_again(&made, NOW.plus_seconds(4)));
    assert_eq!(describe(&begin(&mut keeper, "rt_0", None, NOW.plus_seconds(5))), "wait");
    keeper.finish(&made, Ok(good("rt_1")), NOW.plus_seconds(5));
    assert!(!keeper.is_unanswered(&made, NOW.plus_seconds(5)) && !keeper.try_again(&made, NOW.plus_seconds(5)));
}

#[test]
fn a_definite_answer_leaves_nothing_to_try_again() {
    for rejection in [Rejection::InvalidGrant, Rejection::SsoRequired, Rejection::OrganizationRefused] {
        let mut keeper = SessionKeeper::default();
        let made = exchange(begin(&mut keeper, "rt_0", None, NOW));
        keeper.finish(&made, refuse(rejection, None), NOW);
        assert!(!keeper.is_unanswered(&made, NOW), "{rejection}");
    }
}

#[test]
fn a_session_under_a_new_id_is_handed_on_even_expired_and_its_own_keeper_goes_on() {
    let mut keeper = SessionKeeper::default();
    let made = exchange(begin(&mut keeper, "rt_0", None, NOW));
    keeper.finish(&made, Ok(generation("rt_1", &json!({ "sid": "session_2" }))), NOW);
    let later = NOW.plus_seconds(3600);
    assert_eq!(describe(&begin(&mut keeper, "rt_0", None, later)), "answer rt_1");
    assert_eq!(describe(&begin(&mut keeper, "rt_0", Some("org_2"), later)), "answer rt_1");
}

#[test]
fn what_other_software_made_is_adopted_unless_it_is_older() {
    let mut keeper = after_one();
    let hash = |token: &str| TokenHash::of(&token.into());
    keeper.adopt(hash("rt_1"), &generation("rt_old", &json!({ "iat": NOW.seconds() - 1 })), NOW);
    assert_eq!(describe(&begin(&mut keeper, "rt_0", None, NOW)), "answer rt_1");
    keeper.adopt(hash("rt_1"), &good("rt_2"), NOW);
    for known in ["rt_0", "rt_1"] {
        assert_eq!(describe(&begin(&mut keeper, known, None, NOW)), "answer rt_2");
    }
}

#[test]
fn after_sign_out_nobody_is_brought_back() {
    let mut keeper = after_one();
    let made = exchange(begin(&mut keeper, "rt_1", None, NOW.plus_seconds(1)));
    keeper.end(NOW.plus_seconds(2));
    keeper.finish(&made, Ok(good("rt_2")), NOW.plus_seconds(3));
    keeper.adopt(TokenHash::of(&"rt_1".into()), &good("rt_3"), NOW);
    for known in ["rt_0", "rt_1", "rt_2", "rt_3"] {
        assert_eq!(describe(&begin(&mut keeper, known, None, NOW.plus_seconds(3))), "refuse invalid_grant None");
    }
    assert_eq!(keeper.kept_until(400 * 24 * 3600), NOW.plus_seconds(2 + 600));
    let stored = keeper.seal(&ring(), &SealEntropy::from_source(|bytes| bytes.fill(7))).unwrap();
    let mut keeper = SessionKeeper::open(Some(&stored), &ring(), NOW);
    assert_eq!(describe(&begin(&mut keeper, "rt_1", None, NOW.plus_seconds(9))), "refuse invalid_grant None");
}

#[test]
fn a_record_is_kept_for_30_days_or_as_long_as_the_cookie() {
    let keeper = after_one();
    assert_eq!(keeper.kept_until(400 * 24 * 3600), NOW.plus_seconds(30 * 24 * 3600));
    assert_eq!(keeper.kept_until(3600), NOW.plus_seconds(3600));
}

#[test]
fn a_session_without_a_refresh_token_is_refused_and_changes_nothing() {
    let mut keeper = after_one();
    let entropy = SealEntropy::from_source(|bytes| bytes.fill(5));
    let sealed = seal(br#"{"accessToken":"a.b.c"}"#, SealFormat::Iron, &ring(), entropy, NOW, None).unwrap();
    let session = UnsealedSession::open(Some(&sealed), &ring(), SealFormats::DEFAULT, NOW).ok().unwrap();
    let step = keeper.begin(&mut Question::new(session, None), NOW);
    assert_eq!(describe(&step), "refuse refresh_token_missing None");
    assert_eq!(describe(&begin(&mut keeper, "rt_0", None, NOW)), "answer rt_1");
}
