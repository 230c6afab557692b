//! Signs tokens with the test key of `workos-seals.json`. edgeseal itself signs nothing.

use base64ct::{Base64UrlUnpadded, Encoding};
use rsa::pkcs1v15::SigningKey;
use rsa::sha2::Sha256;
use rsa::signature::{SignatureEncoding, Signer};
use rsa::{BigUint, RsaPrivateKey};
use serde_json::{Value, json};

use crate::vectors;

/// Key id of the test key.
pub(crate) const KEY_ID: &str = "sso_oidc_key_pair_01TESTVECTOR";

/// Signs with RS256, under the header `{"alg":"RS256","kid":…}`.
pub(crate) fn token(key_id: &str, claims: &Value) -> String {
    let header = json!({ "alg": "RS256", "kid": key_id });
    sign(header.to_string().as_bytes(), claims.to_string().as_bytes())
}

/// Signs any header over any payload, however wrong they are.
pub(crate) fn sign(header: &[u8], payload: &[u8]) -> String {
    let encode = Base64UrlUnpadded::encode_string;
    let signed = format!("{}.{}", encode(header), encode(payload));
    let signature = SIGNING_KEY.with(|key| key.sign(signed.as_bytes()));
    format!("{signed}.{}", encode(&signature.to_bytes()))
}

/// The public half of the test key as a JWK under any key id.
pub(crate) fn public_key(key_id: &str) -> Value {
    let jwk = &vectors::workos()["private_jwk"];
    json!({ "kty": "RSA", "kid": key_id, "alg": "RS256", "use": "sig", "n": jwk["n"], "e": jwk["e"] })
}

thread_local! {
    static SIGNING_KEY: SigningKey<Sha256> = {
        let vectors = vectors::workos();
        let number = |name: &str| {
            let text = vectors["private_jwk"][name].as_str().unwrap();
            BigUint::from_bytes_be(&Base64UrlUnpadded::decode_vec(text).unwrap())
        };
        let primes = vec![number("p"), number("q")];
        SigningKey::new(RsaPrivateKey::from_components(number("n"), number("e"), number("d"), primes).unwrap())
    };
}
