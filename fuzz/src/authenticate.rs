//! The whole way: seal, cookie, session data, token, session. The seal and the signature are ours, since nobody else's would
//! get this far; all that is inside of them is the engine's.

use edgeseal::{
    AuthenticatedSession, PasswordRing, Reason, Rejection, SealFormat, SealFormats, TokenPolicy, UnsealedSession,
    limits, seal,
};
use secrecy::ExposeSecret;
use serde_json::{Map, Value};

use super::input::{Input, filled};
use super::jwt::{KEYS, policy};
use super::known::{NOW, TOKENS, fast_formats};
use super::signer;
use super::unseal::{entropy, ring};

/// Stands in the session for the token that is signed here.
pub(crate) const PLACEHOLDER: &str = "$TOKEN";

pub(crate) fn check(input: &[u8]) {
    let mut input = Input::new(input);
    let format = *input.pick(&fast_formats());
    let next_format = *input.pick(&fast_formats());
    let (passwords, policy, spelling, filling) = (ring(input.byte()), policy(input.byte()), input.byte(), input.byte());
    let (header, claims) = (input.line(), input.line());
    let token = signer::sign(header, claims);
    // Base64 makes four characters of three bytes; what stands around them differs by format.
    let plaintext =
        filled(input.text().replace(PLACEHOLDER, &token), filling, limits::SEALED_SESSION_BYTES / 4 * 3 - 40, ' ');

    let Ok(sealed) = seal(plaintext.as_bytes(), format, &passwords, entropy(spelling), NOW, None) else { return };
    let cookie = match spelling % 3 {
        0 => sealed.clone(),
        1 => format.cookie_value(sealed.clone()),
        _ => sealed.bytes().map(|byte| format!("%{byte:02X}")).collect(),
    };
    let session = match UnsealedSession::open(Some(&cookie), &passwords, accepting(format), NOW) {
        Ok(session) => session,
        Err(rejection) => return check_refusal(rejection, format, &sealed, &plaintext),
    };
    assert_eq!(session.format(), format);
    let members: Value = serde_json::from_str(&plaintext).unwrap_or_default();
    let authenticated = KEYS.with(|keys| session.authenticate(keys, &policy, NOW));
    match &authenticated {
        Err(rejection) => {
            assert!(!rejection.is_retryable() && !rejection.ends_session(), "{rejection}");
            assert!(
                rejection.reason() == Reason::InvalidJwt || *rejection == Rejection::SessionMalformed,
                "{rejection}"
            );
        }
        Ok(authenticated) => check_session(authenticated, &session, &members, &token, claims),
    }
    if !is_spelled_oddly(&members["user"]) {
        let again = reseal(&session, next_format, &passwords);
        again.into_iter().for_each(|again| is_the_same(&session, &again, &authenticated, &policy));
    }
}

fn accepting(format: SealFormat) -> SealFormats {
    match format {
        SealFormat::Json => SealFormats::only(SealFormat::Json),
        _ => SealFormats::DEFAULT,
    }
}

/// Our own seal opens; so what refuses is its size, or what is inside.
fn check_refusal(rejection: Rejection, format: SealFormat, sealed: &str, plaintext: &str) {
    // Of the formats, only plain JSON can be nothing at all.
    assert_eq!(rejection == Rejection::CookieMissing, sealed.is_empty());
    assert!(sealed.is_empty() || rejection.reason() == Reason::InvalidSessionCookie, "{rejection}");
    let is_large = sealed.len() > limits::SEALED_SESSION_BYTES;
    match rejection {
        Rejection::SessionMalformed => assert!(!is_large),
        Rejection::CookieTooLarge => assert!(is_large),
        // Text that is no JSON is not recognised as such, or may look like anything else.
        _ => assert!(format == SealFormat::Json, "{rejection}: {plaintext}"),
    }
}

/// Who is signed in is who the signed token names, until when it says, and with what it grants.
fn check_session(
    found: &AuthenticatedSession,
    unsealed: &UnsealedSession,
    members: &Value,
    token: &str,
    claims: &[u8],
) {
    let access_token = found.access_token().expose_secret();
    assert_eq!(access_token, unsealed.access_token().expose_secret());
    assert!(access_token == token || TOKENS.contains(access_token), "forged: {access_token}");
    let session = found.session();
    if unsealed.format() == SealFormat::Json {
        assert!(session.user.is_none() && session.authentication_method.is_none());
    }
    if access_token != token {
        return;
    }
    let claims: Map<String, Value> = serde_json::from_slice(claims).unwrap();
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    assert_eq!(session.user_id.as_deref(), text("sub"));
    assert_eq!(session.session_id.as_deref(), text("sid"));
    assert_eq!(session.organization_id.as_deref(), text("org_id"));
    assert_eq!(session.role.as_deref(), text("role"));
    assert_eq!(Some(session.expires_at), claims["exp"].as_i64());
    for (name, found) in [
        ("roles", &session.roles),
        ("permissions", &session.permissions),
        ("entitlements", &session.entitlements),
        ("feature_flags", &session.feature_flags),
    ] {
        let granted = claims.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
        assert!(found.iter().map(String::as_str).eq(granted.iter().filter_map(Value::as_str)), "{name}");
    }
    if let (Some(subject), Some(user)) = (text("sub"), session.user.as_ref().and_then(|user| user.id())) {
        assert_eq!(subject, user, "one person's token beside another's name");
    }
    let is_there = |value: Option<&Value>| value.is_some_and(|value| !value.is_null());
    let is_sealed = unsealed.format() != SealFormat::Json;
    if is_there(claims.get("act")) || (is_sealed && is_there(members.get("impersonator"))) {
        assert!(session.impersonator.is_some(), "that somebody acts in their name is never lost");
    }
}

/// The same session in the next cookie, of any format; `None` where the ring cannot seal it or the limit is in the way.
fn reseal(session: &UnsealedSession, format: SealFormat, passwords: &PasswordRing) -> Option<UnsealedSession> {
    // Plain JSON vouches for less: what is lost on the way there is meant to be.
    if format == SealFormat::Json || session.format() == SealFormat::Json {
        return None;
    }
    let sealed = session.seal_as(format, passwords, entropy(1), NOW).ok()?;
    let opened = UnsealedSession::open(Some(&sealed), passwords, accepting(format), NOW);
    assert!(opened.is_ok() || sealed.len() > limits::SEALED_SESSION_BYTES);
    opened.ok()
}

fn is_the_same(
    session: &UnsealedSession,
    again: &UnsealedSession,
    authenticated: &Result<AuthenticatedSession, Rejection>,
    policy: &TokenPolicy,
) {
    let refresh_token =
        |session: &UnsealedSession| session.refresh_token().map(|token| token.expose_secret().to_owned());
    assert_eq!(session.access_token().expose_secret(), again.access_token().expose_secret());
    assert_eq!(refresh_token(session), refresh_token(again));
    assert_eq!(session.user_id(), again.user_id());
    assert_eq!(session.session_id(), again.session_id());
    assert_eq!(session.organization_id(), again.organization_id());
    assert_eq!(session.issued_at(), again.issued_at());
    match (authenticated, KEYS.with(|keys| again.authenticate(keys, policy, NOW))) {
        (Ok(before), Ok(after)) => assert!(before.session() == after.session()),
        (Err(before), Err(after)) => assert_eq!(*before, after),
        _ => panic!("resealing decides nothing"),
    }
}

/// Whether a user has members whose names do not survive the way from `snake_case` to `camelCase` and back. No provider
/// writes such names.
fn is_spelled_oddly(user: &Value) -> bool {
    let is_word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_lowercase())
            && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    !user.as_object().is_none_or(|user| user.keys().all(|name| name.split('_').all(is_word)))
}
