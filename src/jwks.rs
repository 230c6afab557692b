//! Key sets (RFC 7517): parsed once, then exactly one key is selected per token.
//!
//! How long a set is believed stands in `freshness`; fetching it is the host's part.

mod freshness;
mod memory;
mod record;

use base64ct::{Base64UrlUnpadded, Encoding};
pub use freshness::{Freshness, freshness};
pub use memory::KeyMemory;
pub(crate) use memory::{KeyPlan, LoadedKeys};
pub(crate) use record::KeyRecord;
use serde_json::{Map, Value};

use crate::error::Rejection;
use crate::json;
use crate::jwt::Header;
use crate::limits;
use crate::signature::{VerificationKey, rs256};

/// The public keys of one issuer at one URL. Keys that cannot be used are left out.
///
/// There is no lookup by bare key id across sets: a set belongs to whoever fetched it.
pub struct KeySet {
    keys: Vec<Key>,
}

struct Key {
    id: Option<String>,
    prepared: Box<dyn VerificationKey>,
}

impl KeySet {
    /// Parses a JWK Set (RFC 7517 §5). A key of another kind, for another use, or too weak is skipped, so that one
    /// odd key does not take the others along. `None` when the text is no key set, or over the limits.
    ///
    /// ```
    /// use edgeseal::KeySet;
    /// assert!(KeySet::parse(br#"{"keys":[]}"#).is_some_and(|keys| keys.is_empty()));
    /// assert!(KeySet::parse(b"<html>").is_none());
    /// ```
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        if bytes.len() > limits::KEY_SET_BYTES {
            return None;
        }
        let mut set = json::parse_object(bytes)?;
        match set.remove("keys")? {
            Value::Array(keys) if keys.len() <= limits::KEY_SET_KEYS => {
                Some(Self { keys: keys.iter().filter_map(Key::prepare).collect() })
            }
            _ => None,
        }
    }

    /// Selects the one key for a token: same algorithm, and same key id where the token names one.
    ///
    /// # Errors
    /// [`Rejection::AlgorithmNotAllowed`], [`Rejection::UnknownKey`] or [`Rejection::AmbiguousKey`].
    pub fn select(&self, header: &Header) -> Result<&dyn VerificationKey, Rejection> {
        if header.algorithm() != rs256::NAME {
            return Err(Rejection::AlgorithmNotAllowed);
        }
        let mut fitting = self.keys.iter().filter(|key| {
            key.prepared.algorithm() == header.algorithm()
                && header.key_id().is_none_or(|key_id| key.id.as_deref() == Some(key_id))
        });
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => Ok(&*key.prepared),
            (Some(_), Some(_)) => Err(Rejection::AmbiguousKey),
            (None, _) => Err(Rejection::UnknownKey),
        }
    }

    /// How many keys can be used.
    pub const fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether no key can be used.
    pub const fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }
}

impl Key {
    fn prepare(jwk: &Value) -> Option<Self> {
        let jwk = jwk.as_object()?;
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        let is_rs256 = text("kty") == Some("RSA") && optional(jwk, "alg", |alg| alg == rs256::NAME);
        if !is_rs256 || !optional(jwk, "use", |usage| usage == "sig") || !may_verify(jwk) {
            return None;
        }
        let id = match jwk.get("kid") {
            None => None,
            Some(Value::String(id)) if id.len() <= limits::KEY_ID_BYTES => Some(id.clone()),
            Some(_) => return None,
        };
        let number = |name: &str| Base64UrlUnpadded::decode_vec(text(name)?).ok();
        Some(Self { id, prepared: rs256::prepare(&number("n")?, &number("e")?)? })
    }
}

/// A member that may be missing, and holds what is expected where it is there.
fn optional(jwk: &Map<String, Value>, name: &str, expected: impl Fn(&str) -> bool) -> bool {
    jwk.get(name).is_none_or(|value| value.as_str().is_some_and(&expected))
}

/// `key_ops` (RFC 7517 §4.3): where it is there, it has to allow verifying.
fn may_verify(jwk: &Map<String, Value>) -> bool {
    jwk.get("key_ops")
        .is_none_or(|operations| operations.as_array().is_some_and(|operations| operations.contains(&"verify".into())))
}
