//! Sessions that nobody sealed: anybody can write one, so only what is signed counts.

use edgeseal::{Client, SealFormat, SealFormats};
use pollster::block_on;
use serde_json::{Value, json};

use super::mint;
use super::provider::{Provider, claims, ring, workos};

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
