//! What the engine starts from: the vectors, in the shape that each target reads. As `folder/name`, ready to be written.

use serde_json::{Value, json};

use super::known::{self, HOSTILE_TOKENS, TOKENS, VECTORS};
use super::{authenticate, signer, stytch};

/// Choices of no filling, and of one that ends at a limit or just above it.
const FILLINGS: [u8; 3] = [0, 253, 254];

/// An input of a target.
pub(crate) struct Seed {
    pub(crate) target: &'static str,
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

pub(crate) fn all() -> Vec<Seed> {
    [cookie_headers(), seals(), tokens(), key_sets(), policies(), stytchs_tokens(), sessions()]
        .into_iter()
        .flatten()
        .collect()
}

fn cookie_headers() -> Vec<Seed> {
    let headers = [
        "s=1; a=2; s=3".to_owned(),
        "s=\"1\"; \ts\t= 6 ;=7; s; s=".to_owned(),
        "s=2, a=1; s=3".to_owned(),
        "a=1, __Host-s=evil; __Host-s=good, b=2; c=, __Host-s=evil".to_owned(),
        "\u{2000}__Host-s=evil; a=1".to_owned(),
        "s.0=2.t.x; s.1=t.y; s.2=t.z".to_owned(),
        format!("wos-session={}", known::seals().next().unwrap()),
        "s.0=2.cM-Vmz6v.ab; s.1=cM-Vmz6v.cd".to_owned(),
    ];
    let name_of = |header: &String| if header.contains("__Host") { 2 } else { u8::from(header.contains("wos")) };
    let read =
        headers.iter().flat_map(|header| [0, 2].map(|kind| [&[name_of(header), kind], header.as_bytes()].concat()));
    let held = "2.tag.x\ntag.y\ntag.z\n\n\nwhole\nseed of the value";
    let split = [100_u16, 4096, 8000, 12_345, 16_000, 17_000];
    let split = split.map(|length| [&[0, 1, 12][..], &length.to_be_bytes(), held.as_bytes()].concat());
    named("cookie_header", read.chain(split))
}

fn seals() -> Vec<Seed> {
    let every_format = [0xff, 0xff];
    let opened = known::seals().flat_map(|seal| {
        let rings = 0..u8::try_from(known::RINGS.len()).unwrap();
        rings.map(move |ring| [&[0, ring], &every_format[..], &[0, 0, 0], seal.as_bytes()].concat())
    });
    let formats = u8::try_from(known::fast_formats().len() - 1).unwrap();
    let session = VECTORS["session_camel"].to_string();
    let sealed = (0..formats).flat_map(|format| {
        let choices = |ring, expiry| [1, format, ring, expiry, 9, 0, 40, 3, 0xff, 0xff];
        [(0, 0), (1, 200), (3, 10), (4, 0)].map(|(ring, expiry)| [&choices(ring, expiry), session.as_bytes()].concat())
    });
    let filled = FILLINGS.map(|filling| [&[0, 0], &every_format[..], &[0, 0, filling], b"es1.1.AAAA"].concat());
    named("unseal", opened.chain(sealed).chain(filled))
}

fn tokens() -> Vec<Seed> {
    let raw = TOKENS.iter().map(|token| [&[0, 0, 0, 0], token.as_bytes()].concat());
    let filled = FILLINGS.map(|filling| [&[0, 0, 0, filling][..], b"eyJhbGciOiJSUzI1NiJ9.e30.AAAA"].concat());
    let claims = claims();
    let signed = (0..5).flat_map(|policy| {
        let plain = [&[1, policy, 0], plain_header().as_bytes(), b"\n", claims.to_string().as_bytes()].concat();
        let flipped =
            [&[2, policy, 0, 0, 90, 1], plain_header().as_bytes(), b"\n", claims.to_string().as_bytes()].concat();
        [plain, flipped]
    });
    let minimal = [&[1, 0, 0], plain_header().as_bytes(), b"\n{\"exp\":1900000000}"].concat();
    named("jwt", raw.chain(signed).chain([minimal]).chain(filled))
}

fn key_sets() -> Vec<Seed> {
    let own = signer::public_key("a");
    let with = |name: &str, value: Value| {
        let mut key = own.clone();
        key[name] = value;
        key
    };
    let elliptic = json!({ "kty": "EC", "crv": "P-256", "kid": "e", "alg": "ES256", "use": "sig",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0" });
    let edwards = json!({ "kty": "OKP", "crv": "Ed25519", "kid": "o", "alg": "EdDSA", "use": "sig",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" });
    let shared = json!({ "kty": "oct", "kid": "h", "alg": "HS256", "k": "AyM1SysPpbyDfgZld3umj1qzKObwVMko" });
    // For points like these signatures of zeros verify, where nobody looks at the point.
    let small_order =
        ["AAAA", "AQAA"].map(|start| json!({ "kty": "OKP", "crv": "Ed25519", "x": format!("{start:A<43}") }));
    let sets = [
        VECTORS["jwks"].clone(),
        VECTORS["jwks_after_rotation"].clone(),
        HOSTILE_TOKENS["jwks"].clone(),
        json!({ "keys": [] }),
        json!({ "keys": [own, own, signer::public_key("b")] }),
        json!({ "keys": [with("key_ops", json!(["verify"])), with("kid", json!(7)), with("use", json!("enc"))] }),
        json!({ "keys": [with("e", json!("Aw")), with("n", json!("AQAB")), with("alg", json!("PS256"))] }),
        json!({ "keys": [elliptic, edwards, shared, own] }),
        json!({ "keys": small_order }),
    ];
    let filled = FILLINGS.map(|filling| [&[filling], &b"{\"keys\":[]}"[..]].concat());
    named("jwks", sets.into_iter().map(|set| [&[0], set.to_string().as_bytes()].concat()).chain(filled))
}

fn policies() -> Vec<Seed> {
    let permission = json!({ "resource_id": "documents", "actions": ["read", "*"] });
    let role = json!({ "role_id": "editor", "description": "", "permissions": [permission] });
    let texts = [
        json!({ "policy": { "roles": [role, { "role_id": "" }], "resources": [], "scopes": [{ "scope": "editor" }] } }),
        json!({ "org_policy": { "roles": [role, role] }, "request_id": "x" }),
        json!({ "policy": { "roles": null } }),
        json!({ "policy": { "roles": [["editor", [["documents", ["*"]]]]] } }),
    ];
    let filled = FILLINGS.map(|filling| [&[filling], &b"a\nb\nc\n{\"policy\":{}}"[..]].concat());
    let input = |text: Value| [&[0], &b"editor x\ndocuments\nread\n"[..], text.to_string().as_bytes()].concat();
    named("policy", texts.into_iter().map(input).chain(filled))
}

fn stytchs_tokens() -> Vec<Seed> {
    let header = json!({ "alg": "RS256", "kid": signer::KEY_ID, "typ": "JWT" }).to_string();
    let plain = json!({
        "aud": [stytch::PROJECT], "iss": format!("stytch.com/{}", stytch::PROJECT), "sub": "user-test-1",
        "iat": 1_800_000_000, "nbf": 1_800_000_000, "exp": 1_800_000_300, "scope": "read:users", "tier": "gold",
    });
    let mut user = plain.clone();
    user["https://stytch.com/session"] = json!({
        "id": "session-test-1", "started_at": "2027-01-15T08:00:00.123456Z", "last_accessed_at": "2027-01-15T08:00:00Z",
        "expires_at": "2027-01-15T09:00:00+01:00", "attributes": {}, "authentication_factors": [], "roles": ["editor"],
    });
    let mut member = user.clone();
    member["https://stytch.com/organization"] = json!({ "organization_id": "organization-test-1", "slug": "acme" });
    let inputs = [plain, user, member].into_iter().flat_map(|claims| {
        let line = [header.as_bytes(), b"\n", claims.to_string().as_bytes()].concat();
        [[0, 0, 0, 0], [1, 0, 0, 0], [0, 0, 1, 5], [1, 0, 2, 0], [0, 1, 3, 0], [1, 2, 4, 255]]
            .map(|choices| [&choices, line.as_slice()].concat())
    });
    named("stytch", inputs)
}

fn sessions() -> Vec<Seed> {
    let placeholder = authenticate::PLACEHOLDER;
    let mut camel = VECTORS["session_camel"].clone();
    camel["accessToken"] = placeholder.into();
    let mut snake = VECTORS["session_snake"].clone();
    snake["access_token"] = placeholder.into();
    let plaintexts = [
        camel.to_string(),
        snake.to_string(),
        VECTORS["session_camel"].to_string(),
        json!({ "persistent": camel }).to_string(),
        format!(r#"{{"accessToken":"{placeholder}","user":{{"id":"user_01TEST","firstName":"\ud83d"}}}}"#),
    ];
    let formats = u8::try_from(known::fast_formats().len()).unwrap();
    let inputs = plaintexts.into_iter().enumerate().flat_map(|(index, plaintext)| {
        (0..formats).map(move |format| {
            let filling = FILLINGS[usize::from(format) % FILLINGS.len()];
            let choices = [format, (format + 1) % formats, 0, 0, u8::try_from(index).unwrap(), filling];
            [&choices, plain_header().as_bytes(), b"\n", claims().to_string().as_bytes(), b"\n", plaintext.as_bytes()]
                .concat()
        })
    });
    named("authenticate", inputs)
}

fn plain_header() -> String {
    json!({ "alg": "RS256", "kid": signer::KEY_ID }).to_string()
}

fn claims() -> Value {
    json!({
        "iss": "https://a", "aud": ["client_1", "x"], "sub": "user_01TEST", "sid": "session_1", "jti": "1", "org_id": "org_1",
        "role": "admin", "roles": ["admin"], "permissions": ["posts:read"], "entitlements": [], "feature_flags": ["beta"],
        "act": { "sub": "admin@example.com" }, "nbf": 1_700_000_000, "iat": 1_700_000_000, "exp": 1_900_000_000
    })
}

fn named(target: &'static str, inputs: impl Iterator<Item = Vec<u8>>) -> Vec<Seed> {
    inputs.enumerate().map(|(index, bytes)| Seed { target, name: format!("seed-{index:02}"), bytes }).collect()
}
