//! What is taken out of a seal: of one that is none, only what is signed; of an old one, the member that holds the session.

use edgeseal::{Client, SealFormat, SealFormats, UnsealedSession};
use pollster::block_on;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::mint;
use super::provider::{NOW, Provider, claims, ring, sealed, workos};

#[test]
fn of_plain_json_only_the_signed_token_is_believed() {
    let provider = Provider::new();
    let (workos, host) = (workos(), provider.host());
    let client = Client::new(&workos, &host);
    let authenticate = |claims: &Value| {
        let cookie = json!({
            "access_token": mint::token(mint::KEY_ID, claims),
            "refresh_token": "rt_1",
            "user": { "id": "user_1", "email": "root@example.com" },
            "impersonator": { "email": "nobody@example.com", "reason": null },
            "authentication_method": "Passkey"
        });
        let (cookie, ring) = (cookie.to_string(), ring());
        let session = client.load_sealed_session(Some(&cookie), &ring).accepting(SealFormats::only(SealFormat::Json));
        block_on(session.authenticate()).unwrap().session().clone()
    };
    let session = authenticate(&claims("user_1"));
    assert_eq!(session.user_id.as_deref(), Some("user_1"));
    assert!(session.user.is_none() && session.impersonator.is_none() && session.authentication_method.is_none());
    let mut impersonated = claims("user_1");
    impersonated["act"] = json!({ "sub": "admin@example.com" });
    let impersonator = authenticate(&impersonated).impersonator.unwrap();
    assert_eq!((impersonator.email.as_str(), impersonator.reason), ("admin@example.com", None));
}

#[test]
fn of_an_old_seal_the_session_is_in_its_member_and_of_a_new_one_it_is_not() {
    let session = |token: &str| json!({ "accessToken": token, "refreshToken": "rt_1" });
    let both = |inner: &str, outer: &str| {
        let mut both = session(outer);
        both["persistent"] = session(inner);
        sealed(&both)
    };
    let open = |cookie: &str| {
        let session = UnsealedSession::open(Some(cookie), &ring(), SealFormats::DEFAULT, NOW).unwrap();
        session.access_token().expose_secret().to_owned()
    };
    let cookie = both("a.b.inner", "a.b.outer");
    assert_eq!(open(&cookie), "a.b.outer");
    assert_eq!(open(&cookie.replace("~2", "~1")), "a.b.inner");
    assert_eq!(open(&sealed(&session("a.b.flat")).replace("~2", "~1")), "a.b.flat");
}
