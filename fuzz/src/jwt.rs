//! Compact tokens. A stranger's text verifies only if it is a token that was signed; what is signed is judged by its header and
//! claims as another reader sees them; and no claim is read before the signature fits.

use std::cell::RefCell;

use base64ct::{Base64UrlUnpadded, Encoding};
use edgeseal::{
    Claims, KeySet, Rejection, Timestamp, TokenPolicy, UnverifiedToken, VerificationKey, algorithms, limits,
};
use serde_json::{Map, Value, json};

use super::allocations::allocated_by;
use super::input::{Input, filled};
use super::known::{NOW, TOKENS, VECTORS};
use super::signer;

thread_local! {
    /// The vectors' key, and our own.
    pub(crate) static KEYS: KeySet = {
        let vector = &VECTORS["jwks"]["keys"][0];
        KeySet::parse(
            json!({ "keys": [vector, signer::public_key(signer::KEY_ID)] }).to_string().as_bytes(),
            algorithms::SESSION_TOKENS,
        ).unwrap()
    };
}

pub(crate) fn check(input: &[u8]) {
    let mut input = Input::new(input);
    let (kind, policy) = (input.byte() % 3, policy(input.byte()));
    let now = *input.pick(&[NOW, Timestamp::from_seconds(0), Timestamp::from_milliseconds(i64::MAX)]);
    if kind == 0 {
        let filling = input.byte();
        let token = filled(input.text(), filling, limits::TOKEN_BYTES, 'A');
        return check_token(&token, &policy, now, |token, _| TOKENS.contains(token));
    }
    let place = if kind == 1 { None } else { Some((input.number(), input.byte() % 7)) };
    let (header, claims) = (input.line(), input.rest());
    let signed = signer::sign(header, claims);
    let mut token = signed.clone().into_bytes();
    if let Some((place, bit)) = place {
        let place = usize::from(place) % token.len();
        token[place] ^= 1 << bit;
    }
    let token = String::from_utf8(token).unwrap();
    check_token(&token, &policy, now, |token, key_id| token == signed && key_id == Some(signer::KEY_ID));
    if kind == 1 {
        admit_what_is_plain(&token, header, claims, now);
    }
}

/// `is_genuine` tells what was signed, by the key of that id.
fn check_token(token: &str, policy: &TokenPolicy, now: Timestamp, is_genuine: impl Fn(&str, Option<&str>) -> bool) {
    let (parsed, allocated) = allocated_by(|| UnverifiedToken::parse(token));
    if token.len() > limits::TOKEN_BYTES {
        assert!(parsed.is_err_and(|rejection| rejection == Rejection::TokenTooLarge) && allocated == 0);
        return;
    }
    assert!(allocated <= 200 * token.len() + 8 * 1024, "{allocated} of {}", token.len());
    let parsed = match parsed {
        Ok(parsed) => parsed,
        Err(rejection) => {
            assert!(matches!(rejection, Rejection::TokenMalformed | Rejection::CriticalHeader), "{rejection}");
            return;
        }
    };
    let [header, payload, signature] = decode(token);
    let header = read(&header).expect("another reader reads the header too");
    assert_eq!(&header, parsed.header().members());
    assert_eq!(header["alg"], parsed.header().algorithm());
    assert_eq!(header.get("kid").map(|id| id.as_str().unwrap()), parsed.header().key_id());
    assert!(!header.contains_key("crit") && !header.contains_key("b64"));

    verify_with_spies(&parsed, token, &signature);
    KEYS.with(|keys| {
        let Ok(key) = keys.select(parsed.header()) else { return };
        let is_genuine = is_genuine(token, parsed.header().key_id());
        match parsed.verify(key) {
            Err(rejection) => {
                // A signature that fits leaves the claims alone to be wrong.
                let expected = if is_genuine { Rejection::ClaimsMalformed } else { Rejection::BadSignature };
                let may_be_either = TOKENS.contains(token);
                assert!(rejection == expected || may_be_either, "{rejection}: {token}");
            }
            Ok(verified) => {
                assert!(is_genuine, "forged: {token}");
                let members = read(&payload).expect("another reader reads the claims too");
                if let Ok(claims) = verified.validate(policy, now) {
                    assert_eq!(claims.members(), &members);
                    check_claims(&claims, policy, now);
                }
            }
        }
    });
}

/// Keys see what was signed, octet by octet, and only tokens of their own algorithm; and a refusal of theirs is the last word.
fn verify_with_spies(parsed: &UnverifiedToken<'_>, token: &str, signature: &[u8]) {
    let (signed, _) = token.rsplit_once('.').unwrap();
    for algorithm in ["RS256", "ES256", "EdDSA", "HS256", "none"] {
        for fits in [true, false] {
            let spy = Spy { algorithm, fits, seen: RefCell::default() };
            let refused = parsed.verify(&spy).err();
            if parsed.header().algorithm() == algorithm {
                assert_eq!(spy.seen.into_inner(), [(signed.as_bytes().to_vec(), signature.to_vec())]);
                let expected = if fits { Rejection::ClaimsMalformed } else { Rejection::BadSignature };
                assert!(refused == Some(expected) || (fits && refused.is_none()));
            } else {
                assert_eq!(refused, Some(Rejection::AlgorithmNotAllowed));
                assert_eq!(spy.seen.into_inner(), []);
            }
        }
    }
}

struct Spy {
    algorithm: &'static str,
    fits: bool,
    seen: RefCell<Vec<(Vec<u8>, Vec<u8>)>>,
}

impl VerificationKey for Spy {
    fn algorithm(&self) -> &'static str {
        self.algorithm
    }

    fn verify(&self, signed: &[u8], signature: &[u8]) -> bool {
        self.seen.borrow_mut().push((signed.to_vec(), signature.to_vec()));
        self.fits
    }
}

fn check_claims(claims: &Claims, policy: &TokenPolicy, now: Timestamp) {
    let members = claims.members();
    let expires_at = members["exp"].as_i64().unwrap();
    assert_eq!(claims.expires_at().seconds(), expires_at);
    assert!(expires_at.saturating_add(policy.leeway_seconds) > now.seconds());
    assert_eq!(claims.issued_at().map(Timestamp::seconds), members.get("iat").map(|at| at.as_i64().unwrap()));
    let not_before = members.get("nbf").map_or(i64::MIN, |at| at.as_i64().unwrap());
    assert!(not_before <= now.seconds().saturating_add(policy.leeway_seconds));
    let names_one_of = |accepted: &[String], value: Option<&Value>| {
        accepted.is_empty() || value.is_some_and(|value| accepted.iter().any(|one| value == one))
    };
    assert!(names_one_of(&policy.issuers, members.get("iss")));
    let audience = members.get("aud");
    let is_among = audience
        .and_then(Value::as_array)
        .is_some_and(|all| all.iter().any(|one| names_one_of(&policy.audiences, Some(one))));
    assert!(is_among || names_one_of(&policy.audiences, audience));
}

/// Being strict refuses nothing that is plainly good.
fn admit_what_is_plain(token: &str, header: &[u8], claims: &[u8], now: Timestamp) {
    let plain_header = json!({ "alg": "RS256", "kid": signer::KEY_ID });
    let (Some(members), true) = (read(claims), header == plain_header.to_string().as_bytes()) else { return };
    // Written by serde_json it names no member twice, and is no deeper than these.
    let is_plain = Value::from(members.clone()).to_string().as_bytes() == claims
        && members.values().all(|value| !value.is_object() && !value.is_array())
        && ["nbf", "iat", "iss", "sub", "jti", "aud"].iter().all(|name| !members.contains_key(*name));
    let lives = members
        .get("exp")
        .and_then(Value::as_u64)
        .is_some_and(|at| i128::from(at) > now.seconds().into() && at < 1 << 53);
    if is_plain && lives && token.len() <= limits::TOKEN_BYTES {
        let admitted = KEYS.with(|keys| {
            let parsed = UnverifiedToken::parse(token)?;
            parsed.verify(keys.select(parsed.header())?)?.validate(&TokenPolicy::default(), now).map(drop)
        });
        assert_eq!(admitted, Ok(()), "{token}");
    }
}

pub(crate) fn policy(choice: u8) -> TokenPolicy {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    match choice % 5 {
        0 => TokenPolicy::default(),
        1 => TokenPolicy { issuers: texts(&["https://a", "https://b"]), ..TokenPolicy::default() },
        2 => TokenPolicy { audiences: texts(&["client_1"]), leeway_seconds: 5, ..TokenPolicy::default() },
        3 => TokenPolicy { leeway_seconds: i64::MAX, ..TokenPolicy::default() },
        _ => TokenPolicy { leeway_seconds: i64::MIN, ..TokenPolicy::default() },
    }
}

/// The three parts of a token that parses, as another reader decodes them.
fn decode(token: &str) -> [Vec<u8>; 3] {
    let parts = token.split('.').map(|part| {
        let bytes = Base64UrlUnpadded::decode_vec(part).expect("base64url");
        assert_eq!(Base64UrlUnpadded::encode_string(&bytes), part, "one spelling only");
        bytes
    });
    parts.collect::<Vec<_>>().try_into().expect("three parts")
}

fn read(json: &[u8]) -> Option<Map<String, Value>> {
    serde_json::from_slice(json).ok()
}
