//! Wycheproof's vectors of what the seals are made of. The crates are those that `src/seal/` calls; what it makes of them is
//! tested in `seals.rs`.

use aes::{Aes128, Aes192, Aes256};
use aes_gcm::aead::consts::U12;
use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{AesGcm, KeyInit};
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt, KeyIvInit};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use serde_json::Value;
use sha1::Sha1;
use sha2::Sha256;

use super::{Stricter, bytes, run};

const NONCES: Stricter = &[
    (68..=90, "nonces of other lengths than 96 bits, which no seal has"),
    (157..=175, "nonces of other lengths than 96 bits, which no seal has"),
    (240..=316, "nonces of other lengths than 96 bits, which no seal has"),
];

#[test]
fn aes_cbc() {
    run("aes_cbc_pkcs5_test.json", &[], |group, case| {
        let (key, iv, ciphertext) = (bytes(case, "key"), bytes(case, "iv"), bytes(case, "ct"));
        let plaintext = match group["keySize"].as_u64().unwrap() {
            128 => {
                cbc::Decryptor::<Aes128>::new_from_slices(&key, &iv).unwrap().decrypt_padded_vec::<Pkcs7>(&ciphertext)
            }
            192 => {
                cbc::Decryptor::<Aes192>::new_from_slices(&key, &iv).unwrap().decrypt_padded_vec::<Pkcs7>(&ciphertext)
            }
            _ => cbc::Decryptor::<Aes256>::new_from_slices(&key, &iv).unwrap().decrypt_padded_vec::<Pkcs7>(&ciphertext),
        };
        plaintext.is_ok_and(|plaintext| plaintext == bytes(case, "msg"))
    });
}

#[test]
fn aes_gcm() {
    run("aes_gcm_test.json", NONCES, |group, case| {
        let (key, nonce, aad) = (bytes(case, "key"), bytes(case, "iv"), bytes(case, "aad"));
        let sealed = [bytes(case, "ct"), bytes(case, "tag")].concat();
        let Ok(nonce) = nonce.as_slice().try_into() else { return false };
        let payload = Payload { msg: &sealed, aad: &aad };
        let plaintext = match group["keySize"].as_u64().unwrap() {
            128 => AesGcm::<Aes128, U12>::new_from_slice(&key).unwrap().decrypt(nonce, payload),
            192 => AesGcm::<Aes192, U12>::new_from_slice(&key).unwrap().decrypt(nonce, payload),
            _ => AesGcm::<Aes256, U12>::new_from_slice(&key).unwrap().decrypt(nonce, payload),
        };
        plaintext.is_ok_and(|plaintext| plaintext == bytes(case, "msg"))
    });
}

#[test]
fn hkdf_with_sha256() {
    run("hkdf_sha256_test.json", &[], |_, case| {
        let mut output = vec![0; usize::try_from(case["size"].as_u64().unwrap()).unwrap()];
        let derivation = Hkdf::<Sha256>::new(Some(&bytes(case, "salt")), &bytes(case, "ikm"));
        derivation.expand(&bytes(case, "info"), &mut output).is_ok() && output == bytes(case, "okm")
    });
}

#[test]
fn hmac_with_sha256() {
    run("hmac_sha256_test.json", &[], |group, case| {
        let mac = Hmac::<Sha256>::new_from_slice(&bytes(case, "key")).unwrap().chain_update(bytes(case, "msg"));
        let tag = bytes(case, "tag");
        assert_eq!(u64::try_from(tag.len() * 8).unwrap(), group["tagSize"]);
        mac.verify_truncated_left(&tag).is_ok()
    });
}

#[test]
fn pbkdf2_with_sha1() {
    // The long one is the next test's.
    run("pbkdf2_hmacsha1_test.json", &[], |_, case| rounds(case) > MANY_ROUNDS || derives(case));
}

const MANY_ROUNDS: u32 = 10_000;

fn rounds(case: &Value) -> u32 {
    u32::try_from(case["iterationCount"].as_u64().unwrap()).unwrap()
}

fn derives(case: &Value) -> bool {
    let mut derived = vec![0; usize::try_from(case["dkLen"].as_u64().unwrap()).unwrap()];
    pbkdf2::pbkdf2_hmac::<Sha1>(&bytes(case, "password"), &bytes(case, "salt"), rounds(case), &mut derived);
    derived == bytes(case, "dk")
}
