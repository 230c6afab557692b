//! Signs tokens with a key of its own, fast. edgeseal itself signs nothing.
//!
//! A modulus of 32 primes instead of two can be factored by anybody, and signs a hundred times faster; whoever verifies sees
//! an RSA key of 2048 bits with the exponent 3.

use base64ct::{Base64UrlUnpadded, Encoding};
use rsa::pkcs1v15::SigningKey;
use rsa::sha2::Sha256;
use rsa::signature::{SignatureEncoding, Signer};
use rsa::traits::PublicKeyParts;
use rsa::{BigUint, RsaPrivateKey};
use serde_json::{Value, json};

/// Key id of the test key.
pub(crate) const KEY_ID: &str = "fuzz";

/// Signs any header over any payload, however wrong they are.
pub(crate) fn sign(header: &[u8], payload: &[u8]) -> String {
    let encode = Base64UrlUnpadded::encode_string;
    let signed = format!("{}.{}", encode(header), encode(payload));
    let signature = SIGNING_KEY.with(|key| key.sign(signed.as_bytes()));
    format!("{signed}.{}", encode(&signature.to_bytes()))
}

/// The public half as a JWK under any key id.
pub(crate) fn public_key(key_id: &str) -> Value {
    let number = |number: &BigUint| Base64UrlUnpadded::encode_string(&number.to_bytes_be());
    SIGNING_KEY.with(|key| {
        let key: &RsaPrivateKey = key.as_ref();
        json!({ "kty": "RSA", "kid": key_id, "alg": "RS256", "use": "sig", "n": number(key.n()), "e": number(key.e()) })
    })
}

thread_local! {
    static SIGNING_KEY: SigningKey<Sha256> = {
        let primes = PRIMES.map(BigUint::from).to_vec();
        SigningKey::new(RsaPrivateKey::from_primes(primes, BigUint::from(3_u8)).unwrap())
    };
}

const PRIMES: [u64; 32] = [
    0xf592b89ff910d68b,
    0xfd5ead2afaeb6e81,
    0xf725a76862229e15,
    0xff9dcafe57d7b723,
    0xfb6ea7e44c3c282d,
    0xfc1175457f5239bb,
    0xf95cd9d681632ecf,
    0xfdc47dff33bd6fd3,
    0xf65fb64333e9252d,
    0xf825628af0f1fee7,
    0xf612cb306c8c401b,
    0xfd3638985d01971f,
    0xfdc2f672e31822f5,
    0xf90e2483b23d1b29,
    0xf67095d242abfa55,
    0xfd5c8ff2c0288679,
    0xff2e121ab4166067,
    0xfe4a42826bd91f5f,
    0xfd76db82af33f5e3,
    0xf875dfdd03f702f3,
    0xf81e1869ef43892b,
    0xf89c7ed2be5e7c87,
    0xfe03e7e6d8cf9835,
    0xf653428e75280af9,
    0xfc4d1c8817f3aadb,
    0xfb5586c4dcd75db9,
    0xf6a4cebe0bfbb74d,
    0xfb30f7ab4412f4dd,
    0xfb56ae85bc838b07,
    0xfeec4032016371d3,
    0xf8bdfac134c1a74b,
    0xfbf5d9c6806d8c0d,
];
