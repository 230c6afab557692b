//! RSA: moduli and exponents that are accepted, and signatures that have one spelling.

use base64ct::{Base64UrlUnpadded, Encoding};
use edgeseal::Rejection;
use rsa::sha2::{Digest, Sha256};
use rsa::traits::PublicKeyParts;
use rsa::{BigUint, Pkcs1v15Sign, Pss};
use serde_json::json;

use crate::verdict::{judge, verifies};
use crate::{key_set, signers};

const RSA: [&str; 6] = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];

#[test]
fn weak_moduli_and_exponents_are_skipped_whatever_the_algorithm() {
    let usable = |algorithm: &str, modulus: &BigUint, exponent: &[u8]| {
        let encode = Base64UrlUnpadded::encode_string;
        let jwk = json!({ "kty": "RSA", "alg": algorithm, "n": encode(&modulus.to_bytes_be()), "e": encode(exponent) });
        key_set(&[jwk]).len() == 1
    };
    let odd = |bits: usize| (BigUint::from(1_u32) << bits) - BigUint::from(3_u32);
    for algorithm in RSA {
        for bits in [2048, 3072, 4095, 4096] {
            assert!(usable(algorithm, &odd(bits), &[1, 0, 1]), "{algorithm}, {bits} bits");
        }
        for bits in [512, 1024, 2040, 2047, 4097, 8192] {
            assert!(!usable(algorithm, &odd(bits), &[1, 0, 1]), "{algorithm}, {bits} bits");
        }
        assert!(!usable(algorithm, &(odd(2048) - BigUint::from(1_u32)), &[1, 0, 1]), "{algorithm}, even");
        assert!(usable(algorithm, &odd(2048), &[3]), "{algorithm}, exponent 3");
        for exponent in [&[][..], &[0], &[1], &[2], &[1, 0, 0], &[0xff; 256]] {
            assert!(!usable(algorithm, &odd(2048), exponent), "{algorithm}, exponent {exponent:?}");
        }
        // One bit more than whole octets: the check of PSS would look away from it.
        assert_eq!(usable(algorithm, &odd(2049), &[1, 0, 1]), algorithm.starts_with("RS"), "{algorithm}, 2049 bits");
    }
}

#[test]
fn a_signature_larger_than_the_modulus_is_refused() {
    let key = signers::rsa_key();
    let bound = BigUint::from(1_u32) << 2048;
    let mut found = [false; 2];
    for attempt in 0_u32.. {
        if found == [true; 2] {
            break;
        }
        let text = attempt.to_be_bytes();
        let digest = Sha256::digest(text);
        let pss = key.sign_with_rng(&mut signers::Counter(0), Pss::new::<Sha256>(), &digest).unwrap();
        let pkcs1 = key.sign(Pkcs1v15Sign::new::<Sha256>(), &digest).unwrap();
        for (index, (algorithm, signature)) in [("PS256", pss), ("RS256", pkcs1)].into_iter().enumerate() {
            let keys = key_set(&[signers::jwk(algorithm)]);
            assert!(verifies(&keys, algorithm, &text, &signature));
            let larger = BigUint::from_bytes_be(&signature) + key.n();
            // The same number modulo n, which fits into as many bytes for about one signature in three.
            if larger < bound {
                found[index] = true;
                assert!(!verifies(&keys, algorithm, &text, &larger.to_bytes_be()), "{algorithm}");
            }
        }
    }
}

#[test]
fn salts_are_as_long_as_the_hash() {
    let keys = key_set(&[signers::jwk("PS256")]);
    let key = signers::rsa_key();
    for bytes in [0, 1, 20, 31, 32, 33, 48, 64, 222] {
        let token = signers::token(&json!({ "alg": "PS256" }), &json!({}), |signed| {
            let padding = Pss::new_with_salt::<Sha256>(bytes);
            key.sign_with_rng(&mut signers::Counter(0), padding, &Sha256::digest(signed)).unwrap()
        });
        let expected = if bytes == 32 { Ok(()) } else { Err(Rejection::BadSignature) };
        assert_eq!(judge(&token, &keys), expected, "{bytes} bytes");
    }
}
