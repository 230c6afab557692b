//! Key sets (RFC 7517): parsed once, then exactly one key is selected per token.
//!
//! Which algorithms its keys may verify, whoever parses it says; never the token, and never the set alone. Having one, and for how long it is believed, stands in `loaded`.

use serde_json::Value;

use crate::error::{ConfigurationError, Rejection};
use crate::host::{Host, PendingReload};
use crate::json;
use crate::jwt::Header;
use crate::limits;
use crate::loaded::{KEYS, KeyMemory, Lifetime, Loadable, Memory};
use crate::signature::{HS256, Jwk, SignatureAlgorithm, VerificationKey, algorithms};

/// The keys of one issuer at one URL. Keys that cannot be used are left out.
///
/// There is no lookup by bare key id across sets: a set belongs to whoever fetched it.
pub struct KeySet {
    algorithms: &'static [SignatureAlgorithm],
    keys: Vec<Key>,
}

struct Key {
    id: Option<String>,
    /// The one that it verifies.
    algorithm: SignatureAlgorithm,
    /// It says so itself. Other readers take one that does not for any algorithm of its type.
    names_algorithm: bool,
    /// None for a key that cannot be used. It still counts where a token has to name exactly one.
    prepared: Option<Box<dyn VerificationKey>>,
}

impl KeySet {
    /// Parses a JWK Set (RFC 7517 §5) for these algorithms. A key of another kind, for another use, or too weak is skipped,
    /// so that one odd key does not take the others along; so is a private key, and a secret. `None` when the text is no key
    /// set, or over the limits.
    ///
    /// ```
    /// use edgeseal::{KeySet, algorithms};
    /// assert!(KeySet::parse(br#"{"keys":[]}"#, algorithms::ALL).is_some_and(|keys| keys.is_empty()));
    /// assert!(KeySet::parse(b"<html>", algorithms::ALL).is_none());
    /// let secret = br#"{"keys":[{"kty":"oct","k":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}]}"#;
    /// assert!(KeySet::parse(secret, algorithms::ALL).is_some_and(|keys| keys.is_empty()));
    /// ```
    pub fn parse(bytes: &[u8], algorithms: &'static [SignatureAlgorithm]) -> Option<Self> {
        Some(Self::prepare(&jwks(bytes)?, algorithms))
    }

    /// The same for keys that the caller itself gives: where all of them are secrets (`kty` is `oct`), they verify HS256.
    ///
    /// A set that also holds anything else is somebody's published one. Its secrets are none, and are skipped.
    ///
    /// ```
    /// use edgeseal::{KeySet, algorithms};
    /// let secret = br#"{"keys":[{"kty":"oct","k":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}]}"#;
    /// assert!(KeySet::parse_with_secrets(secret, algorithms::ALL).is_some_and(|keys| keys.len() == 1));
    /// ```
    pub fn parse_with_secrets(bytes: &[u8], algorithms: &'static [SignatureAlgorithm]) -> Option<Self> {
        let jwks = jwks(bytes)?;
        let is_secret = |jwk: &Value| jwk.get("kty").is_some_and(|key_type| key_type == "oct");
        let are_secrets = !jwks.is_empty() && jwks.iter().all(is_secret);
        Some(Self::prepare(&jwks, if are_secrets { &[HS256] } else { algorithms }))
    }

    /// Whether an operator may give these keys in the place of the provider's.
    ///
    /// # Errors
    /// `PINNED_KEYS`, for what is no key set, or one without a key for session tokens.
    pub(crate) fn check_pinned(jwks: &[u8]) -> Result<(), ConfigurationError> {
        const PROBLEM: &str = "is no JSON Web Key Set with a key for session tokens; write what your provider publishes, `{\"keys\":[…]}`";
        <Self as Loadable>::parse(jwks).map(drop).ok_or(ConfigurationError::new("PINNED_KEYS", PROBLEM))
    }

    fn prepare(jwks: &[Value], algorithms: &'static [SignatureAlgorithm]) -> Self {
        let keys = jwks.iter().filter_map(|jwk| Key::prepare(&Jwk::read(jwk)?, algorithms)).collect();
        Self { algorithms, keys }
    }

    /// Selects the one key for a token: same algorithm, and same key id where the token names one.
    ///
    /// # Errors
    /// [`Rejection::AlgorithmNotAllowed`] when the set was parsed for others, or the key of this id is for another one;
    /// [`Rejection::UnknownKey`] or [`Rejection::AmbiguousKey`].
    pub fn select(&self, header: &Header) -> Result<&dyn VerificationKey, Rejection> {
        let mut table = self.algorithms.iter();
        let algorithm = table.find(|algorithm| algorithm.name() == header.algorithm());
        let algorithm = algorithm.ok_or(Rejection::AlgorithmNotAllowed)?;
        let has_id = |key: &Key| header.key_id().is_none_or(|key_id| key.id.as_deref() == Some(key_id));
        let mut fitting = self.keys.iter().filter(|key| key.may_be_for(algorithm) && has_id(key));
        let is_named = |key: &Key| key.id.is_some() && key.id.as_deref() == header.key_id();
        match (fitting.next(), fitting.next()) {
            (Some(key), None) if key.algorithm.name() != algorithm.name() => Err(Rejection::AlgorithmNotAllowed),
            (Some(key), None) => key.prepared.as_deref().ok_or(Rejection::UnknownKey),
            (Some(_), Some(_)) => Err(Rejection::AmbiguousKey),
            (None, _) if self.usable().any(is_named) => Err(Rejection::AlgorithmNotAllowed),
            (None, _) => Err(Rejection::UnknownKey),
        }
    }

    /// Whether a key of this id can be used.
    pub(crate) fn has_id(&self, key_id: &str) -> bool {
        self.usable().any(|key| key.id.as_deref() == Some(key_id))
    }

    /// How many keys can be used.
    pub fn len(&self) -> usize {
        self.usable().count()
    }

    /// Whether no key can be used.
    pub fn is_empty(&self) -> bool {
        self.usable().next().is_none()
    }

    fn usable(&self) -> impl Iterator<Item = &Key> {
        self.keys.iter().filter(|key| key.prepared.is_some())
    }
}

/// A set that a provider publishes, for the tokens of sessions. One without a key of use is none.
impl Loadable for KeySet {
    const KIND: &'static str = "keys";
    const MEMBER: &'static str = "jwks";
    const LIFETIME: Lifetime = KEYS;
    // Their URLs come from settings, so there are few.
    const MOST: usize = usize::MAX;
    const UNAVAILABLE: Rejection = Rejection::KeysUnavailable;

    fn parse(text: &[u8]) -> Option<Self> {
        Self::parse(text, algorithms::SESSION_TOKENS).filter(|keys| !keys.is_empty())
    }

    fn reload_beside<H: Host>(host: &H, reload: PendingReload<Self>) -> Option<PendingReload<Self>> {
        host.reload_beside(reload)
    }

    fn memory(memory: &mut KeyMemory) -> &mut Memory<Self> {
        &mut memory.keys
    }
}

impl Key {
    /// Prepares it for the algorithm that it is for; there is one at most.
    fn prepare(jwk: &Jwk<'_>, algorithms: &[SignatureAlgorithm]) -> Option<Self> {
        let algorithm = algorithms.iter().find(|algorithm| algorithm.is_of(jwk))?;
        Some(Self {
            id: jwk.id().map(str::to_owned),
            algorithm: *algorithm,
            names_algorithm: jwk.has("alg"),
            prepared: algorithm.prepare(jwk),
        })
    }

    /// Whether somebody might take it for a key of this algorithm, so that it counts where exactly one has to be left.
    fn may_be_for(&self, algorithm: &SignatureAlgorithm) -> bool {
        self.algorithm.name() == algorithm.name() || (!self.names_algorithm && self.algorithm.has_keys_like(algorithm))
    }
}

/// The members of `keys`: objects, whatever they hold. A set with anything else among them is none, as in jose.
fn jwks(bytes: &[u8]) -> Option<Vec<Value>> {
    if bytes.len() > limits::KEY_SET_BYTES {
        return None;
    }
    match json::parse_object(bytes)?.remove("keys")? {
        Value::Array(keys) if keys.len() <= limits::KEY_SET_KEYS && keys.iter().all(Value::is_object) => Some(keys),
        _ => None,
    }
}
