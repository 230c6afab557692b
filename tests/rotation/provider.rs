//! The provider of the simulation: refresh tokens for one exchange each, and a grace in which the same exchange brings the same.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use base64ct::{Base64UrlUnpadded, Encoding};
use edgeseal::Timestamp;
use edgeseal::http::{FetchFault, InboundResponse, OutboundRequest};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

#[derive(Clone)]
pub(crate) struct Provider(Rc<RefCell<State>>);

struct State {
    now: Timestamp,
    grace_seconds: i64,
    lifetime_seconds: i64,
    organization: String,
    tokens: BTreeMap<String, Token>,
    /// What becomes of the next requests, the last one first.
    fates: Vec<Fate>,
    lost_replies: usize,
}

#[derive(Default)]
struct Token {
    exchanged: Option<(Timestamp, Value)>,
    replays: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Served,
    ReplyLost,
    Down,
    RateLimited,
}

impl Provider {
    pub(crate) fn new(now: Timestamp, grace_seconds: i64) -> Self {
        let state = State {
            now,
            grace_seconds,
            lifetime_seconds: 300,
            organization: "org_0".to_owned(),
            tokens: BTreeMap::new(),
            fates: Vec::new(),
            lost_replies: 0,
        };
        Self(Rc::new(RefCell::new(state)))
    }

    pub(crate) fn set_now(&self, now: Timestamp) {
        self.0.borrow_mut().now = now;
    }

    /// What becomes of the next request, and of its repetition.
    pub(crate) fn decide(&self, first: Fate, second: Fate) {
        self.0.borrow_mut().fates = vec![second, first];
    }

    pub(crate) fn rotations(&self) -> usize {
        self.0.borrow().tokens.values().filter(|token| token.exchanged.is_some()).count()
    }

    /// How often a token was replayed, all in all.
    pub(crate) fn replays(&self) -> usize {
        self.0.borrow().tokens.values().map(|token| token.replays).sum()
    }

    pub(crate) fn lost_replies(&self) -> usize {
        self.0.borrow().lost_replies
    }

    /// The organization of the session as the provider has it.
    pub(crate) fn organization(&self) -> String {
        self.0.borrow().organization.clone()
    }

    /// The first generation.
    pub(crate) fn sign_in(&self) -> Value {
        self.0.borrow_mut().next()
    }

    pub(crate) fn respond(&self, request: &OutboundRequest) -> Result<InboundResponse, FetchFault> {
        let mut state = self.0.borrow_mut();
        let body: Value = serde_json::from_slice(request.request.body().expose_secret()).unwrap();
        let answer = |status: u16, body: &Value| {
            let builder = http::Response::builder().status(status).header("retry-after", "2");
            Ok(builder.body(body.to_string().into_bytes().into()).unwrap())
        };
        let fate = state.fates.pop().unwrap_or(Fate::Served);
        match fate {
            Fate::Down => return Err(FetchFault::Unreachable),
            Fate::RateLimited => return answer(429, &json!({})),
            Fate::Served | Fate::ReplyLost => {}
        }
        let token = body.get("refresh_token").and_then(Value::as_str).unwrap().to_owned();
        let organization = body.get("organization_id").and_then(Value::as_str).unwrap_or_default().to_owned();
        let reply = state.exchange(&token, &organization);
        match (fate, reply) {
            (Fate::ReplyLost, _) => {
                state.lost_replies += 1;
                Err(FetchFault::Timeout)
            }
            (_, Some(pair)) => answer(200, &pair),
            (_, None) => answer(400, &json!({ "error": "invalid_grant" })),
        }
    }
}

impl State {
    fn exchange(&mut self, token: &str, organization: &str) -> Option<Value> {
        let (now, grace) = (self.now, self.grace_seconds);
        let known = self.tokens.get_mut(token)?;
        if let Some((at, pair)) = &known.exchanged {
            let is_in_grace = now.milliseconds() - at.milliseconds() < grace * 1000;
            known.replays += usize::from(is_in_grace);
            return is_in_grace.then(|| pair.clone());
        }
        organization.clone_into(&mut self.organization);
        let pair = self.next();
        self.tokens.get_mut(token)?.exchanged = Some((now, pair.clone()));
        Some(pair)
    }

    fn next(&mut self) -> Value {
        let refresh_token = format!("rt_{}", self.tokens.len());
        self.tokens.insert(refresh_token.clone(), Token::default());
        let (iat, exp) = (self.now.seconds(), self.now.seconds() + self.lifetime_seconds);
        let claims = json!({ "sid": "session_1", "org_id": self.organization, "iat": iat, "exp": exp });
        // Nobody here verifies a signature: the gateway does, whatever the keeper hands over.
        let part = |value: &Value| Base64UrlUnpadded::encode_string(value.to_string().as_bytes());
        let access_token = format!("{}.{}.AAAA", part(&json!({ "alg": "RS256", "kid": "key_1" })), part(&claims));
        json!({ "access_token": access_token, "refresh_token": refresh_token })
    }
}
