//! The signature algorithms, and the tables that a key set is parsed with.
//!
//! A table is the whole choice: what none names leaves the build, and what a set's table does not name, its keys do not verify.
//! HS256 is in no table, because a set that was fetched holds no secret: see `KeySet::parse_with_secrets`.

use super::{Jwk, VerificationKey, eddsa, es256, ps256, ps384, ps512, rs256, rs384, rs512};

/// One algorithm: its name in headers (RFC 7518 §3.1), and how a key of its own is prepared.
///
/// ```
/// use edgeseal::algorithms;
/// let names: Vec<_> = algorithms::ALL.iter().map(|algorithm| algorithm.name()).collect();
/// assert!(names.contains(&"ES256") && !names.contains(&"none") && !names.contains(&"HS256"));
/// ```
#[derive(Clone, Copy)]
pub struct SignatureAlgorithm {
    pub(super) name: &'static str,
    /// `kty` of its keys, and `crv` where that has to be said (RFC 7517 §4.1, RFC 7518 §6.2.1.1).
    pub(super) key_type: &'static str,
    pub(super) curve: Option<&'static str>,
    /// Whether a key that names no algorithm is for this one. Of those that share type and curve one may say so: it is the key
    /// that decides, and a token must not choose.
    pub(super) takes_unnamed: bool,
    /// Prepares a key that is for this algorithm, from its other members; `None` for one that is too weak, or broken.
    pub(super) prepare: fn(&Jwk<'_>) -> Option<Box<dyn VerificationKey>>,
}

impl SignatureAlgorithm {
    /// `alg` in headers and keys.
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// Whether the key says itself that it is for this algorithm (`kty`, `crv`, `alg`: RFC 7517 §4).
    pub(crate) fn is_of(self, jwk: &Jwk<'_>) -> bool {
        let is_named = jwk.text("alg") == Some(self.name) || (self.takes_unnamed && !jwk.has("alg"));
        is_named
            && jwk.text("kty") == Some(self.key_type)
            && self.curve.is_none_or(|curve| jwk.text("crv") == Some(curve))
    }

    /// Whether its keys are of the type of the other one's. No two of them have the type in common and the curve not.
    pub(crate) fn has_keys_like(self, other: &Self) -> bool {
        self.key_type == other.key_type
    }

    /// The key, if it is good enough.
    pub(crate) fn prepare(self, jwk: &Jwk<'_>) -> Option<Box<dyn VerificationKey>> {
        if jwk.is_usable() { (self.prepare)(jwk) } else { None }
    }
}

/// RSASSA-PKCS1-v1_5 with SHA-256. An RSA key that names no algorithm is for this one.
pub const RS256: SignatureAlgorithm = rs256::RS256;
/// RSASSA-PKCS1-v1_5 with SHA-384.
pub const RS384: SignatureAlgorithm = rs384::RS384;
/// RSASSA-PKCS1-v1_5 with SHA-512.
pub const RS512: SignatureAlgorithm = rs512::RS512;
/// RSASSA-PSS with SHA-256.
pub const PS256: SignatureAlgorithm = ps256::PS256;
/// RSASSA-PSS with SHA-384.
pub const PS384: SignatureAlgorithm = ps384::PS384;
/// RSASSA-PSS with SHA-512.
pub const PS512: SignatureAlgorithm = ps512::PS512;
/// ECDSA on P-256 with SHA-256.
pub const ES256: SignatureAlgorithm = es256::ES256;
/// EdDSA on Ed25519. A key on that curve that names no algorithm is for this one.
pub const EDDSA: SignatureAlgorithm = eddsa::EDDSA;
/// The same under its newer name (RFC 9864), for keys that say so.
pub const ED25519: SignatureAlgorithm = eddsa::ED25519;

/// What the providers sign session tokens with.
pub const SESSION_TOKENS: &[SignatureAlgorithm] = &[RS256];

/// All that verify with a public key.
pub const ALL: &[SignatureAlgorithm] = &[RS256, RS384, RS512, PS256, PS384, PS512, ES256, EDDSA, ED25519];

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::signature::HS256;

    #[test]
    fn a_key_is_for_one_algorithm_at_most() {
        let every: Vec<_> = ALL.iter().copied().chain([HS256]).collect();
        for key_type in ["RSA", "EC", "OKP", "oct", "AKP"] {
            for curve in [json!(null), json!("P-256"), json!("P-384"), json!("Ed25519"), json!("X25519")] {
                let named = every.iter().map(|algorithm| json!(algorithm.name()));
                for name in
                    named.chain([json!("none"), json!("rs256"), json!(""), json!(7), json!(["RS256"]), Value::Null])
                {
                    let jwk = json!({ "kty": key_type, "crv": curve, "alg": name });
                    let of: Vec<_> = every.iter().filter(|it| it.is_of(&Jwk::read(&jwk).unwrap())).collect();
                    assert!(of.len() <= 1 && of.iter().all(|it| name == it.name()), "{jwk}");
                }
                let jwk = json!({ "kty": key_type, "crv": curve });
                let of: Vec<_> =
                    every.iter().filter(|it| it.is_of(&Jwk::read(&jwk).unwrap())).map(|it| it.name()).collect();
                let expected: &[&str] = match (key_type, curve.as_str()) {
                    ("RSA", _) => &["RS256"],
                    ("EC", Some("P-256")) => &["ES256"],
                    ("OKP", Some("Ed25519")) => &["EdDSA"],
                    ("oct", _) => &["HS256"],
                    _ => &[],
                };
                assert_eq!(of, expected, "{jwk}");
            }
        }
    }
}
