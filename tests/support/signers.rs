//! Signs with every algorithm, for tests: edgeseal itself signs nothing.

use base64ct::{Base64UrlUnpadded, Encoding};
use hmac::{Hmac, KeyInit, Mac};
use p256::ecdsa::signature::Signer as _;
use rsa::sha2::{Digest, Sha256, Sha384, Sha512};
use rsa::traits::PublicKeyParts;
use rsa::{BigUint, Pkcs1v15Sign, Pss, RsaPrivateKey};
use serde_json::{Value, json};

use crate::vectors;

/// Every algorithm by name.
pub(crate) const ALL: [&str; 10] =
    ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "EdDSA", "Ed25519", "HS256"];

pub(crate) const SECRET: [u8; 32] = [7; 32];

/// Signs bytes.
pub(crate) fn signature(algorithm: &str, signed: &[u8]) -> Vec<u8> {
    let key = rsa_key();
    match algorithm {
        "RS256" => key.sign(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(signed)).unwrap(),
        "RS384" => key.sign(Pkcs1v15Sign::new::<Sha384>(), &Sha384::digest(signed)).unwrap(),
        "RS512" => key.sign(Pkcs1v15Sign::new::<Sha512>(), &Sha512::digest(signed)).unwrap(),
        "PS256" => key.sign_with_rng(&mut Counter(0), Pss::new::<Sha256>(), &Sha256::digest(signed)).unwrap(),
        "PS384" => key.sign_with_rng(&mut Counter(0), Pss::new::<Sha384>(), &Sha384::digest(signed)).unwrap(),
        "PS512" => key.sign_with_rng(&mut Counter(0), Pss::new::<Sha512>(), &Sha512::digest(signed)).unwrap(),
        "ES256" => {
            let signature: p256::ecdsa::Signature = p256_key().sign(signed);
            signature.to_bytes().to_vec()
        }
        "EdDSA" | "Ed25519" => ed25519_dalek::Signer::sign(&ed25519_key(), signed).to_bytes().to_vec(),
        "HS256" => hmac(&SECRET, signed),
        other => panic!("nothing signs {other}"),
    }
}

pub(crate) fn hmac(secret: &[u8], signed: &[u8]) -> Vec<u8> {
    Hmac::<sha2::Sha256>::new_from_slice(secret).unwrap().chain_update(signed).finalize().into_bytes().to_vec()
}

/// A token under this header, with the signature that this makes of it.
pub(crate) fn token(header: &Value, claims: &Value, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let encode = |value: &Value| Base64UrlUnpadded::encode_string(value.to_string().as_bytes());
    let signed = format!("{}.{}", encode(header), encode(claims));
    format!("{signed}.{}", Base64UrlUnpadded::encode_string(&sign(signed.as_bytes())))
}

/// A good token of this algorithm, without a key id.
pub(crate) fn good_token(algorithm: &str) -> String {
    let sign = |signed: &[u8]| signature(algorithm, signed);
    token(&json!({ "alg": algorithm }), &json!({ "exp": 1_900_000_000, "sub": "user_1" }), sign)
}

/// The JWK of this algorithm's key, naming the algorithm.
pub(crate) fn jwk(algorithm: &str) -> Value {
    let encode = Base64UrlUnpadded::encode_string;
    let mut jwk = match algorithm {
        "ES256" => {
            let point = p256_key().verifying_key().to_sec1_point(false);
            json!({ "kty": "EC", "crv": "P-256", "x": encode(point.x().unwrap()), "y": encode(point.y().unwrap()) })
        }
        "EdDSA" | "Ed25519" => {
            json!({ "kty": "OKP", "crv": "Ed25519", "x": encode(ed25519_key().verifying_key().as_bytes()) })
        }
        "HS256" => json!({ "kty": "oct", "k": encode(&SECRET) }),
        _ => {
            let key = rsa_key().to_public_key();
            json!({ "kty": "RSA", "n": encode(&key.n().to_bytes_be()), "e": encode(&key.e().to_bytes_be()) })
        }
    };
    jwk["alg"] = algorithm.into();
    jwk
}

/// The test key of `workos-seals.json`.
pub(crate) fn rsa_key() -> RsaPrivateKey {
    thread_local! {
        static KEY: RsaPrivateKey = {
            let jwk = &vectors::workos()["private_jwk"];
            let bytes = |name: &str| Base64UrlUnpadded::decode_vec(jwk[name].as_str().unwrap()).unwrap();
            let number = |name: &str| BigUint::from_bytes_be(&bytes(name));
            let primes = vec![number("p"), number("q")];
            RsaPrivateKey::from_components(number("n"), number("e"), number("d"), primes).unwrap()
        };
    }
    KEY.with(Clone::clone)
}

fn p256_key() -> p256::ecdsa::SigningKey {
    p256::ecdsa::SigningKey::from_slice(&[9; 32]).unwrap()
}

fn ed25519_key() -> ed25519_dalek::SigningKey {
    ed25519_dalek::SigningKey::from_bytes(&[11; 32])
}

/// Salts that come out the same each time, from this one on.
pub(crate) struct Counter(pub(crate) u64);

impl rsa::rand_core::RngCore for Counter {
    fn next_u32(&mut self) -> u32 {
        self.0 += 1;
        u32::try_from(self.0).unwrap()
    }

    fn next_u64(&mut self) -> u64 {
        self.next_u32().into()
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            *byte = self.next_u32().to_le_bytes()[0];
        }
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rsa::rand_core::Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl rsa::rand_core::CryptoRng for Counter {}
