//! Signature algorithms, each in a file of its own behind one small trait, so that what a build does not use leaves it.
//!
//! An algorithm is an implementation of `jwt_compact::Algorithm` whose verifying key is prepared once per cached key. A build
//! picks algorithms by naming them in a table (`algorithms`); nothing here chooses one by a token's header. edgeseal signs
//! nothing.

pub mod algorithms;
mod eddsa;
mod es256;
mod hs256;
mod jwk;
mod ps256;
mod ps384;
mod ps512;
mod rs256;
mod rs384;
mod rs512;
mod rsa;

use jwt_compact::{Algorithm, AlgorithmSignature};

pub use algorithms::SignatureAlgorithm;
pub(crate) use hs256::HS256;
pub(crate) use jwk::Jwk;
pub use rsa::{rsa_arithmetic, use_portable_rsa_arithmetic};

/// A key, bound to the one algorithm that it verifies.
pub trait VerificationKey {
    /// The algorithm's name in headers (RFC 7518 §3.1).
    fn algorithm(&self) -> &'static str;

    /// Whether the signature over these bytes is this key's.
    fn verify(&self, signed: &[u8], signature: &[u8]) -> bool;
}

/// A prepared key with its algorithm.
struct Prepared<A: Algorithm> {
    algorithm: A,
    name: &'static str,
    key: A::VerifyingKey,
}

impl<A: Algorithm + 'static> Prepared<A> {
    fn boxed(algorithm: A, name: &'static str, key: A::VerifyingKey) -> Box<dyn VerificationKey> {
        Box::new(Self { algorithm, name, key })
    }
}

impl<A: Algorithm> VerificationKey for Prepared<A> {
    fn algorithm(&self) -> &'static str {
        self.name
    }

    fn verify(&self, signed: &[u8], signature: &[u8]) -> bool {
        A::Signature::try_from_slice(signature)
            .is_ok_and(|signature| self.algorithm.verify_signature(&signature, &self.key, signed))
    }
}
