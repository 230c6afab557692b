//! Refreshing: what goes to the provider, what the next seal holds, and which answers end a session.

use edgeseal::http::FetchFault;
use edgeseal::provider::workos::ExchangeRejection;
use edgeseal::{
    Client, PasswordRing, RefreshOptions, RefreshedSession, Rejection, SealEntropy, SealFormat, SealFormats, seal,
    unseal,
};
use pollster::block_on;
use serde_json::{Value, json};

use super::provider::{NOW, Provider, SlowHost, claims, ring, sealed, workos};
use super::{mint, vectors};

/// The formats whose SDKs write `accessToken`.
const CAMEL_CASE: [SealFormat; 2] = [SealFormat::Iron, SealFormat::Remix];

#[test]
fn a_refresh_stays_in_the_organization_of_the_token() {
    let provider = refreshing(&answer(&json!({})));
    refresh(&provider.host(), &cookie(), RefreshOptions::default()).unwrap();
    let expected = json!({
        "grant_type": "refresh_token", "client_id": "client_1", "client_secret": "sk_test",
        "refresh_token": "rt_1", "organization_id": "org_1"
    });
    assert_eq!(provider.exchanges(), [expected]);
}

#[test]
fn a_refresh_switches_to_the_organization_that_is_asked_for() {
    let provider = refreshing(&answer(&json!({ "access_token": token(&json!({ "org_id": "org_2" })) })));
    let options = RefreshOptions { organization_id: Some("org_2"), ..RefreshOptions::default() };
    let refreshed = refresh(&provider.host(), &cookie(), options).unwrap();
    assert_eq!(provider.exchanges()[0]["organization_id"], "org_2");
    assert_eq!(refreshed.authentication.unwrap().session().organization_id.as_deref(), Some("org_2"));
    assert_eq!(open(&refreshed.sealed_session)["organizationId"], "org_2");
}

#[test]
fn without_an_organization_none_is_sent_and_none_is_sealed() {
    let provider = refreshing(&answer(&json!({ "access_token": token(&json!({ "org_id": null })) })));
    let cookie = sealed(&json!({ "accessToken": token(&json!({ "org_id": null })), "refreshToken": "rt_1" }));
    let refreshed = refresh(&provider.host(), &cookie, RefreshOptions::default()).unwrap();
    assert_eq!(provider.exchanges()[0].get("organization_id"), None);
    assert_eq!(open(&refreshed.sealed_session).get("organizationId"), None);
}

#[test]
fn an_expired_session_is_refreshed() {
    let provider = refreshing(&answer(&json!({ "access_token": token(&json!({ "exp": NOW.seconds() + 900 })) })));
    let host = provider.host();
    host.set_now(NOW.plus_seconds(600));
    let refreshed = refresh(&host, &cookie(), RefreshOptions::default()).unwrap();
    assert_eq!(refreshed.authentication.unwrap().session().expires_at, NOW.seconds() + 900);
}

#[test]
fn the_answer_wins_and_what_it_leaves_out_is_kept() {
    let cookie = sealed(&json!({
        "accessToken": token(&json!({})), "refreshToken": "rt_1", "authenticationMethod": "Password",
        "user": { "id": "user_1", "firstName": "Ada" }, "impersonator": { "email": "a@example.com", "reason": "why" },
        "oauthTokens": { "provider": "Google", "nested": [1, null] }, "snake_case": 1
    }));
    let bare = refreshing(&answer(&json!({})));
    let refreshed = refresh(&bare.host(), &cookie, RefreshOptions::default()).unwrap();
    let expected = json!({
        "accessToken": token(&json!({})), "refreshToken": "rt_2", "organizationId": "org_1",
        "authenticationMethod": "Password", "user": { "id": "user_1", "firstName": "Ada" },
        "impersonator": { "email": "a@example.com", "reason": "why" },
        "oauthTokens": { "provider": "Google", "nested": [1, null] }, "snake_case": 1
    });
    assert_eq!(open(&refreshed.sealed_session), expected);

    let full = refreshing(&answer(&json!({
        "authentication_method": "SSO", "impersonator": { "email": "b@example.com", "reason": null },
        "user": { "id": "user_1", "first_name": "Grace", "profile_picture_url": null, "metadata": { "keep_me": 1 } },
        "oauth_tokens": { "unread": true }
    })));
    let next = open(&refresh(&full.host(), &cookie, RefreshOptions::default()).unwrap().sealed_session);
    assert_eq!(next["authenticationMethod"], "SSO");
    assert_eq!(next["impersonator"], json!({ "email": "b@example.com", "reason": null }));
    let user = json!({ "id": "user_1", "firstName": "Grace", "profilePictureUrl": null, "metadata": { "keep_me": 1 } });
    assert_eq!(next["user"], user);
    assert_eq!(next["oauthTokens"]["provider"], "Google");
}

#[test]
fn no_used_up_token_stays_behind_in_any_spelling() {
    let provider = refreshing(&answer(&json!({})));
    let cookie = sealed(&json!({
        "accessToken": token(&json!({})), "refreshToken": "rt_1", "access_token": "old", "refresh_token": "old"
    }));
    let refreshed = refresh(&provider.host(), &cookie, RefreshOptions::default()).unwrap();
    assert_eq!(provider.exchanges()[0]["refresh_token"], "rt_1");
    let next = open(&refreshed.sealed_session);
    assert_eq!((next.get("access_token"), next.get("refresh_token")), (None, None));
}

#[test]
fn the_format_is_kept_with_its_spelling() {
    let key = PasswordRing::single("eV7zSJDqlJSU0p3Iq4rbi1MnVVAqpBxooem5kBLaQHk=".into()).unwrap();
    let session = json!({ "access_token": token(&json!({})), "refresh_token": "rt_1" });
    for format in SealFormat::ALL.iter().copied().filter(|format| format.written() == *format) {
        let provider = refreshing(&answer(&json!({ "user": { "id": "user_1", "first_name": "Ada" } })));
        let entropy = SealEntropy::from_source(|bytes| bytes.fill(1));
        let cookie = seal(session.to_string().as_bytes(), format, &key, entropy, NOW, None).unwrap();
        let options = RefreshOptions { cookie_password: Some(&key), organization_id: None };
        let workos = workos();
        let host = provider.host();
        let client = Client::new(&workos, &host);
        let session = client.load_sealed_session(Some(&cookie), &key).accepting(SealFormats::only(format));
        let refreshed = block_on(session.refresh(options)).unwrap();
        let unsealed = unseal(&refreshed.sealed_session, &key, SealFormats::only(format), NOW).unwrap();
        assert_eq!(unsealed.format(), format);
        let next: Value = serde_json::from_slice(unsealed.plaintext()).unwrap();
        let is_camel_case = next.get("accessToken").is_some();
        assert_eq!(is_camel_case, CAMEL_CASE.contains(&format), "{format:?}");
        let member = |camel: &str, snake: &str| next[if is_camel_case { camel } else { snake }].clone();
        assert_eq!(member("accessToken", "access_token"), token(&json!({})));
        assert_eq!(member("refreshToken", "refresh_token"), "rt_2");
        assert_eq!(member("organizationId", "organization_id"), "org_1");
        assert_eq!(next["user"][if is_camel_case { "firstName" } else { "first_name" }], "Ada");
    }
}

#[test]
fn a_format_that_is_not_written_any_more_or_that_no_password_suits_gives_way() {
    let refresh = |format: SealFormat, current: &PasswordRing, next: &PasswordRing| {
        let provider = refreshing(&answer(&json!({})));
        let sealed = match format {
            SealFormat::RubyLegacy => vectors::workos()["seals"]["workos_ruby_aesgcm_v6_legacy"]["seal"].clone(),
            format => {
                let session = json!({ "access_token": token(&json!({})), "refresh_token": "rt_1" }).to_string();
                let entropy = SealEntropy::from_source(|bytes| bytes.fill(1));
                seal(session.as_bytes(), format, current, entropy, NOW, None).unwrap().into()
            }
        };
        let (workos, host) = (workos(), provider.host());
        let client = Client::new(&workos, &host);
        let options = RefreshOptions { cookie_password: Some(next), organization_id: None };
        let refreshed = block_on(client.load_sealed_session(sealed.as_str(), current).refresh(options)).unwrap();
        unseal(&refreshed.sealed_session, next, SealFormats::DEFAULT, NOW).unwrap().format()
    };
    let old_ruby = PasswordRing::single("alongcookiesecretmadefortestings".into()).unwrap();
    assert_eq!(refresh(SealFormat::RubyLegacy, &old_ruby, &old_ruby), SealFormat::Ruby);
    let key = PasswordRing::single("eV7zSJDqlJSU0p3Iq4rbi1MnVVAqpBxooem5kBLaQHk=".into()).unwrap();
    assert_eq!(refresh(SealFormat::Fernet, &key, &ring()), SealFormat::Iron, "the pair is spent: it has to be sealed");
}

#[test]
fn a_session_of_old_iron_session_becomes_a_current_one() {
    let provider = refreshing(&answer(&json!({})));
    let session = json!({ "persistent": { "accessToken": token(&json!({})), "refreshToken": "rt_1" } });
    let cookie = sealed(&session).replace("~2", "~1");
    let refreshed = refresh(&provider.host(), &cookie, RefreshOptions::default()).unwrap();
    assert!(refreshed.sealed_session.ends_with("~2"));
    assert_eq!(open(&refreshed.sealed_session)["refreshToken"], "rt_2");
}

#[test]
fn a_new_password_seals_and_the_current_one_opens() {
    let provider = refreshing(&answer(&json!({})));
    let new = PasswordRing::single("the new password of 32 characters".into()).unwrap();
    let options = RefreshOptions { cookie_password: Some(&new), ..RefreshOptions::default() };
    let refreshed = refresh(&provider.host(), &cookie(), options).unwrap();
    assert!(unseal(&refreshed.sealed_session, &new, SealFormats::DEFAULT, NOW).is_ok());
    assert_eq!(
        unseal(&refreshed.sealed_session, &ring(), SealFormats::DEFAULT, NOW).err(),
        Some(Rejection::SealBadMac)
    );
}

#[test]
fn a_seal_is_never_made_with_the_salts_of_the_last_one() {
    let provider = refreshing(&answer(&json!({})));
    let host = provider.host();
    let [first, second] = [1, 2].map(|_| refresh(&host, &cookie(), RefreshOptions::default()).unwrap().sealed_session);
    let salts = |sealed: &str| sealed.split('*').map(str::to_owned).collect::<Vec<_>>();
    assert_ne!(salts(&first)[2], salts(&second)[2]);
    assert_ne!(salts(&first)[3], salts(&second)[3]);
}

#[test]
fn a_rotated_session_is_handed_out_even_when_it_cannot_be_checked_now() {
    let provider = refreshing(&answer(&json!({})));
    provider.fail(FetchFault::Unreachable);
    let refreshed = refresh(&provider.host(), &cookie(), RefreshOptions::default()).unwrap();
    assert_eq!(open(&refreshed.sealed_session)["refreshToken"], "rt_2");
    assert_eq!(refreshed.authentication.err(), Some(Rejection::KeysUnavailable));

    let provider = refreshing(&answer(&json!({ "access_token": "opaque" })));
    let refreshed = refresh(&provider.host(), &cookie(), RefreshOptions::default()).unwrap();
    assert_eq!(refreshed.authentication.err(), Some(Rejection::TokenMalformed));
}

#[test]
fn a_session_without_a_refresh_token_costs_no_call() {
    let provider = refreshing(&answer(&json!({})));
    for refresh_token in [Value::Null, json!("")] {
        let cookie = sealed(&json!({ "accessToken": token(&json!({})), "refreshToken": refresh_token }));
        let refused = refresh(&provider.host(), &cookie, RefreshOptions::default()).err().unwrap();
        assert_eq!(refused.rejection, Rejection::RefreshTokenMissing);
    }
    let refused = refresh(&provider.host(), "garbage", RefreshOptions::default()).err().unwrap();
    assert_eq!(refused.rejection, Rejection::SealUnknownFormat);
    assert!(provider.exchanges().is_empty());
}

#[test]
fn only_a_definite_answer_ends_the_session() {
    let definite = [
        (400, r#"{"error":"invalid_grant","error_description":"Session has already ended."}"#, Rejection::InvalidGrant),
        (400, r#"{"error":"invalid_grant"}"#, Rejection::InvalidGrant),
        (403, r#"{"code":"mfa_enrollment","message":"x"}"#, Rejection::MfaEnrollment),
        (403, r#"{"error":"sso_required"}"#, Rejection::SsoRequired),
    ];
    for (status, body, rejection) in definite {
        let refused = refused(Ok((status, body.to_owned())));
        assert_eq!(refused.rejection, rejection, "{body}");
        assert!(rejection.ends_session() && !rejection.is_retryable(), "{body}");
    }
    let of_the_person = [
        (403, r#"{"code":"organization_selection_required"}"#, Rejection::InteractionRequired),
        (403, r#"{"code":"email_verification_required"}"#, Rejection::InteractionRequired),
        (403, r#"{"code":"mfa_challenge"}"#, Rejection::InteractionRequired),
        (403, r#"{"code":"organization_not_member"}"#, Rejection::OrganizationRefused),
    ];
    for (status, body, rejection) in of_the_person {
        assert_eq!(refused(Ok((status, body.to_owned()))).rejection, rejection, "{body}");
        assert!(!rejection.ends_session() && !rejection.is_retryable(), "{body}");
    }
    let outages = [
        (401, r#"{"message":"Unauthorized"}"#, Rejection::ProviderRefusedClient),
        (403, r#"{"message":"Forbidden"}"#, Rejection::ProviderRefusedClient),
        (422, r#"{"code":"unprocessable"}"#, Rejection::ProviderRefusedClient),
        (408, r#"{"error":"invalid_grant"}"#, Rejection::ProviderTimeout),
        (429, r#"{"error":"invalid_grant"}"#, Rejection::ProviderRateLimited),
        (500, r#"{"error":"invalid_grant"}"#, Rejection::ProviderUnavailable),
        (502, "<html>Bad gateway</html>", Rejection::ProviderUnavailable),
        (503, "", Rejection::ProviderUnavailable),
        (200, "<html>", Rejection::ProviderAnswerInvalid),
        (200, "{}", Rejection::ProviderAnswerInvalid),
        (200, r#"{"access_token":"a"}"#, Rejection::ProviderAnswerInvalid),
        (200, r#"{"access_token":"a","refresh_token":null}"#, Rejection::ProviderAnswerInvalid),
        (201, r#"{"access_token":"a","refresh_token":"r"}"#, Rejection::ProviderAnswerInvalid),
        (302, "", Rejection::ProviderAnswerInvalid),
        (400, r#"{"error":"INVALID_GRANT"}"#, Rejection::ProviderAnswerInvalid),
        (404, "", Rejection::ProviderAnswerInvalid),
    ];
    for (status, body, rejection) in outages {
        assert_eq!(refused(Ok((status, body.to_owned()))).rejection, rejection, "{status} {body}");
        assert!(rejection.is_retryable() && !rejection.ends_session(), "{status} {body}");
    }
    for (fault, rejection) in [
        (FetchFault::Timeout, Rejection::ProviderTimeout),
        (FetchFault::Unreachable, Rejection::ProviderUnreachable),
        (FetchFault::TooLarge, Rejection::ProviderAnswerInvalid),
    ] {
        assert_eq!(refused(Err(fault)).rejection, rejection);
        assert!(rejection.is_retryable() && !rejection.ends_session());
    }
}

#[test]
fn a_sign_in_seals_its_first_generation() {
    let provider = refreshing(&answer(&json!({ "user": { "id": "user_1", "email": "ada@example.com" } })));
    let host = provider.host();
    let workos = workos();
    let client = Client::new(&workos, &host);
    let session = block_on(client.authenticate_with_code("code_1", &"verifier_1".into(), SealFormat::Iron)).unwrap();
    let expected = json!({
        "grant_type": "authorization_code", "client_id": "client_1", "client_secret": "sk_test",
        "code": "code_1", "code_verifier": "verifier_1"
    });
    assert_eq!(provider.exchanges(), [expected]);
    let cookie = client.seal(&session, &ring());
    let authenticated = block_on(client.load_sealed_session(Some(&cookie), &ring()).authenticate()).unwrap();
    assert_eq!(authenticated.session().user.as_ref().unwrap().email(), Some("ada@example.com"));
}

fn token(changes: &Value) -> String {
    let mut claims = claims("user_1");
    claims.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    mint::token(mint::KEY_ID, &claims)
}

fn cookie() -> String {
    sealed(&json!({ "accessToken": token(&json!({})), "refreshToken": "rt_1" }))
}

/// The token endpoint's answer: a next generation, with these members.
fn answer(members: &Value) -> Value {
    let mut answer = json!({ "access_token": token(&json!({})), "refresh_token": "rt_2" });
    answer.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    answer
}

fn refreshing(answer: &Value) -> Provider {
    let provider = Provider::new();
    provider.exchange(Ok((200, answer.to_string())));
    provider
}

fn refused(answer: Result<(u16, String), FetchFault>) -> ExchangeRejection {
    let provider = Provider::new();
    provider.exchange(answer);
    refresh(&provider.host(), &cookie(), RefreshOptions::default()).err().unwrap()
}

fn refresh(host: &SlowHost, cookie: &str, options: RefreshOptions<'_>) -> Result<RefreshedSession, ExchangeRejection> {
    let workos = workos();
    let client = Client::new(&workos, host);
    block_on(client.load_sealed_session(Some(cookie), &ring()).refresh(options))
}

fn open(sealed: &str) -> Value {
    serde_json::from_slice(unseal(sealed, &ring(), SealFormats::DEFAULT, NOW).unwrap().plaintext()).unwrap()
}
