//! A Stytch project with its keys, policies and answers, for tests: signs tokens, counts and answers what it is asked.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use base64ct::{Base64UrlUnpadded, Encoding};
use edgeseal::Timestamp;
use edgeseal::host::MemoryHost;
use edgeseal::http::{FetchFault, InboundResponse, OutboundRequest};
use edgeseal::provider::stytch::{Stytch, StytchOptions, Vertical};
use rsa::pkcs1v15::SigningKey;
use rsa::sha2::Sha256;
use rsa::signature::{SignatureEncoding, Signer};
use rsa::{BigUint, RsaPrivateKey};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

pub(crate) const CONSUMER: &str = "project-test-11111111-1111-4111-8111-111111111111";
pub(crate) const B2B: &str = "project-test-22222222-2222-4222-8222-222222222222";
pub(crate) const ORGANIZATION: &str = "organization-test-33333333-3333-4333-8333-333333333333";
pub(crate) const KEY_ID: &str = "jwk-test-aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa";
/// When the tokens of the vectors were made.
pub(crate) const MADE_AT: i64 = 1_767_225_600;

/// `tests/vectors/stytch-sessions.json`: tokens, and what the SDK says to them.
pub(crate) fn vectors() -> Value {
    serde_json::from_str(include_str!("../vectors/stytch-sessions.json")).unwrap()
}

pub(crate) fn stytch(vertical: Vertical) -> Stytch {
    let project_id = match vertical {
        Vertical::Consumer => CONSUMER,
        Vertical::B2b => B2B,
    };
    let secret = "secret-test-1".into();
    Stytch::new(StytchOptions { project_id: project_id.into(), secret, base_url: None, vertical }).unwrap()
}

pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

/// What Stytch says, by path; what is not there is unreachable, and so is WorkOS.
#[derive(Clone, Default)]
pub(crate) struct Provider(Rc<State>);

type Answer = Result<(u16, String), FetchFault>;

#[derive(Default)]
struct State {
    answers: RefCell<BTreeMap<String, Answer>>,
    /// What the next request of a path hears instead.
    once: RefCell<BTreeMap<String, FetchFault>>,
    requests: RefCell<Vec<(String, Value)>>,
}

impl Provider {
    /// With the keys and policies of the vectors.
    pub(crate) fn new() -> Self {
        let provider = Self::default();
        let vectors = vectors();
        for (prefix, project_id) in [("/v1", CONSUMER), ("/v1/b2b", B2B)] {
            provider.answer(&format!("{prefix}/sessions/jwks/{project_id}"), 200, &vectors["jwks"]);
            provider.answer(&format!("{prefix}/rbac/policy"), 200, &json!({ "policy": vectors["rbac_policy"] }));
        }
        let organization = json!({ "org_policy": vectors["org_policy"] });
        provider.answer(&format!("/v1/b2b/rbac/organizations/{ORGANIZATION}"), 200, &organization);
        provider
    }

    pub(crate) fn answer(&self, path: &str, status: u16, body: &Value) {
        self.0.answers.borrow_mut().insert(path.to_owned(), Ok((status, body.to_string())));
    }

    pub(crate) fn fail(&self, path: &str, fault: FetchFault) {
        self.0.answers.borrow_mut().insert(path.to_owned(), Err(fault));
    }

    pub(crate) fn fail_once(&self, path: &str, fault: FetchFault) {
        self.0.once.borrow_mut().insert(path.to_owned(), fault);
    }

    pub(crate) fn host(&self, now: Timestamp) -> MemoryHost {
        let provider = self.clone();
        MemoryHost::new(now, move |request| provider.respond(&request))
    }

    /// The paths that were asked, in order.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.0.requests.borrow().iter().map(|(path, _)| path.clone()).collect()
    }

    /// How often a path was asked that ends so.
    pub(crate) fn count(&self, end: &str) -> usize {
        self.asked().iter().filter(|path| path.ends_with(end)).count()
    }

    /// The bodies that were sent to a path that ends so.
    pub(crate) fn bodies(&self, end: &str) -> Vec<Value> {
        let requests = self.0.requests.borrow();
        requests.iter().filter(|(path, _)| path.ends_with(end)).map(|(_, body)| body.clone()).collect()
    }

    fn respond(&self, outbound: &OutboundRequest) -> Result<InboundResponse, FetchFault> {
        let request = &outbound.request;
        let path = request.uri().path().to_owned();
        if request.uri().host() == Some("api.workos.com") {
            self.0.requests.borrow_mut().push((path, Value::Null));
            return Err(FetchFault::Unreachable);
        }
        assert_eq!(request.uri().host(), Some("test.stytch.com"));
        let is_public = path.contains("/sessions/jwks/");
        assert!(is_public || request.headers()["authorization"].to_str().unwrap().starts_with("Basic "), "{path}");
        let body = serde_json::from_slice(request.body().expose_secret()).unwrap_or_default();
        self.0.requests.borrow_mut().push((path.clone(), body));
        if let Some(fault) = self.0.once.borrow_mut().remove(&path) {
            return Err(fault);
        }
        let answer = self.0.answers.borrow().get(&path).cloned();
        let (status, body) = answer.unwrap_or(Err(FetchFault::Unreachable))?;
        Ok(http::Response::builder().status(status).body(body.into_bytes().into()).unwrap())
    }
}

/// The claims of a user's session, of a token made at [`MADE_AT`].
pub(crate) fn user_claims() -> Value {
    json!({
        "aud": [CONSUMER], "iss": format!("stytch.com/{CONSUMER}"), "sub": "user-test-1",
        "iat": MADE_AT, "nbf": MADE_AT, "exp": MADE_AT + 300,
        "https://stytch.com/session": {
            "id": "session-test-1", "started_at": "2025-12-31T23:50:00.123456Z",
            "last_accessed_at": "2026-01-01T00:00:00.654321Z", "expires_at": "2026-01-01T00:50:00.999999Z",
            "attributes": { "user_agent": "", "ip_address": "" }, "authentication_factors": [],
            "roles": ["stytch_user", "editor"],
        },
    })
}

/// The claims of a member's session.
pub(crate) fn member_claims() -> Value {
    let mut claims = user_claims();
    claims["aud"] = json!([B2B]);
    claims["iss"] = json!(format!("stytch.com/{B2B}"));
    claims["sub"] = json!("member-test-1");
    claims["https://stytch.com/session"]["id"] = json!("member-session-test-1");
    claims["https://stytch.com/session"]["roles"] = json!(["stytch_member", "org-custom"]);
    claims["https://stytch.com/organization"] = json!({ "organization_id": ORGANIZATION, "slug": "acme-co" });
    claims
}

/// The claims of a machine's access token.
pub(crate) fn machine_claims() -> Value {
    json!({
        "aud": [CONSUMER], "iss": format!("stytch.com/{CONSUMER}"), "sub": "m2m-client-test-1",
        "iat": MADE_AT, "nbf": MADE_AT, "exp": MADE_AT + 3600, "scope": "read:users write:*", "tier": "gold",
    })
}

/// Signs with the first key of the vectors.
pub(crate) fn token(claims: &Value) -> String {
    token_of(KEY_ID, claims)
}

/// The same under any key id.
pub(crate) fn token_of(key_id: &str, claims: &Value) -> String {
    sign(&json!({ "alg": "RS256", "kid": key_id, "typ": "JWT" }), claims)
}

/// What anybody can make: a session under a key id of their own, and no signature to speak of.
pub(crate) fn forged(key_id: &str) -> String {
    let encode = |json: &Value| Base64UrlUnpadded::encode_string(json.to_string().as_bytes());
    let header = json!({ "alg": "RS256", "kid": key_id, "typ": "JWT" });
    format!("{}.{}.{}", encode(&header), encode(&user_claims()), Base64UrlUnpadded::encode_string(&[1; 256]))
}

pub(crate) fn sign(header: &Value, claims: &Value) -> String {
    let encode = |json: &Value| Base64UrlUnpadded::encode_string(json.to_string().as_bytes());
    let signed = format!("{}.{}", encode(header), encode(claims));
    let signature = SIGNING_KEY.with(|key| key.sign(signed.as_bytes()));
    format!("{signed}.{}", Base64UrlUnpadded::encode_string(&signature.to_bytes()))
}

thread_local! {
    static SIGNING_KEY: SigningKey<Sha256> = {
        let key = &vectors()["private_keys"][KEY_ID];
        let number = |name: &str| {
            BigUint::from_bytes_be(&Base64UrlUnpadded::decode_vec(key[name].as_str().unwrap()).unwrap())
        };
        let primes = vec![number("p"), number("q")];
        SigningKey::new(RsaPrivateKey::from_components(number("n"), number("e"), number("d"), primes).unwrap())
    };
}
