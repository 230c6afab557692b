//! Signature algorithms, each in a file of its own behind one small trait, so that what a build does not use leaves it.
//!
//! An algorithm is an implementation of `jwt_compact::Algorithm` whose verifying key is prepared once per cached key.
//! Only public keys are handled here.

use jwt_compact::{Algorithm, AlgorithmSignature};

pub(crate) mod rs256;

/// A public key, bound to the one algorithm that it verifies.
pub trait VerificationKey {
    /// The algorithm's name in headers (RFC 7518 §3.1).
    fn algorithm(&self) -> &'static str;

    /// Whether the signature over these bytes is this key's.
    fn verify(&self, signed: &[u8], signature: &[u8]) -> bool;
}

/// A prepared key with its algorithm.
pub(crate) struct Prepared<A: Algorithm> {
    algorithm: A,
    name: &'static str,
    key: A::VerifyingKey,
}

impl<A: Algorithm> Prepared<A> {
    pub(crate) const fn new(algorithm: A, name: &'static str, key: A::VerifyingKey) -> Self {
        Self { algorithm, name, key }
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
