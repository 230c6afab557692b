//! Stytch's tokens, signed here since nobody else's would get this far: no token is a session and an access token at once, what a
//! session says stands in its claims, and only what may have changed since is worth a question.

use std::sync::LazyLock;

use edgeseal::provider::stytch::{
    AuthenticateToken, Circumstances, LocalSession, Stytch, StytchOptions, TokenTimes, Vertical, fallback,
};
use edgeseal::rbac::{AuthorizationCheck, Policy};
use edgeseal::{Rejection, Timestamp};
use serde_json::Value;

use super::input::Input;
use super::jwt::KEYS;
use super::known::NOW;
use super::signer;

pub(crate) const PROJECT: &str = "project-test-1";
const SESSION: &str = "https://stytch.com/session";
const ORGANIZATION: &str = "https://stytch.com/organization";

static PROJECTS: LazyLock<[Stytch; 2]> = LazyLock::new(|| {
    [Vertical::Consumer, Vertical::B2b].map(|vertical| {
        let secret = "secret-test-1".into();
        Stytch::new(StytchOptions { project_id: PROJECT.into(), secret, base_url: None, vertical }).unwrap()
    })
});

pub(crate) fn check(input: &[u8]) {
    let mut input = Input::new(input);
    let stytch = input.pick(&*PROJECTS);
    let now = *input.pick(&[NOW, Timestamp::from_seconds(0), Timestamp::from_milliseconds(i64::MAX)]);
    let max_token_age_seconds = *input.pick(&[None, Some(0), Some(60), Some(i64::MAX), Some(i64::MIN)]);
    let times = TokenTimes { max_token_age_seconds, clock_tolerance_seconds: input.byte().into() };
    let (header, claims) = (input.line(), input.rest());
    let token = signer::sign(header, claims);
    let session = KEYS.with(|keys| stytch.verify_session(&token, keys, times, now));
    let call = AuthenticateToken { access_token: &token, times, ..AuthenticateToken::default() };
    let machine = KEYS.with(|keys| stytch.verify_m2m_token(&call, keys, now));
    let access = KEYS.with(|keys| stytch.verify_access_token(&token, keys, times.clock_tolerance_seconds, now));
    assert!(session.is_err() || (machine.is_err() && access.is_err()), "two kinds at once");

    let members: Value = serde_json::from_slice(claims).unwrap_or_default();
    if let Ok(session) = &session {
        assert_eq!(session.session().session_id(), members[SESSION]["id"]);
        assert_eq!(session.session().person_id(), members["sub"]);
        assert_eq!(session.issued_at().seconds(), members["iat"]);
        assert!(!session.session().custom_claims().contains_key("sub"));
        assert!(
            members["aud"] == PROJECT || members["aud"].as_array().is_some_and(|list| list.contains(&PROJECT.into()))
        );
        let is_member = matches!(session.session(), LocalSession::Member(_));
        assert_eq!(is_member, stytch.vertical() == Vertical::B2b);
        if is_member {
            assert_eq!(session.session().organization_id().unwrap(), members[ORGANIZATION]["organization_id"]);
        }
        let none = Policy::parse(br#"{"policy":{}}"#).unwrap();
        assert!(
            session.authorize(&AuthorizationCheck::default(), &none, None).is_err(),
            "an empty policy allows nothing"
        );
    } else if machine.is_ok() || access.is_ok() {
        assert!(members.get(SESSION).is_none());
    }
    if let Err(rejection) = session.map(|_| ()) {
        assert!(!rejection.is_retryable() && !rejection.ends_session(), "{rejection}");
        let asks = fallback(Err(rejection), Circumstances { is_max_age_zero: true, ..Circumstances::default() });
        let may_change = [Rejection::TokenExpired, Rejection::TokenTooOld, Rejection::TokenNotYetValid];
        assert_eq!(asks.is_some(), may_change.contains(&rejection), "{rejection}");
    }
}
