//! What edgeseal does, with the crates of RustCrypto and dalek as they come: opens an iron seal, verifies a token. It holds prepared
//! keys, and checks neither claims nor keys beyond the signature; it is measured, and used for nothing else.
//!
//! JavaScript writes into [`input`], calls, and reads [`output`]: plain exports, so that nothing but the crates costs time.

use std::cell::RefCell;

use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeDecrypt, KeyIvInit};
use base64ct::{Base64UrlUnpadded, Encoding};
use hmac::{Hmac, KeyInit, Mac};
use rsa::signature::Verifier;
use rsa::{BigUint, RsaPublicKey, pkcs1v15, pss};
use sha1::Sha1;
use sha2::Sha256;

/// Length of the public exponent 65537 in front of an RSA modulus.
const EXPONENT_BYTES: usize = 3;
const REFUSED: i32 = -1;

enum Key {
    Rs256(pkcs1v15::VerifyingKey<rsa::sha2::Sha256>),
    Ps256(pss::VerifyingKey<rsa::sha2::Sha256>),
    Es256(p256::ecdsa::VerifyingKey),
    EdDsa(ed25519_dalek::VerifyingKey),
    Hs256(Vec<u8>),
}

thread_local! {
    static INPUT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    static OUTPUT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    static KEYS: RefCell<Vec<Key>> = const { RefCell::new(Vec::new()) };
}

/// Room for that many bytes.
#[unsafe(no_mangle)]
pub extern "C" fn input(length: usize) -> *mut u8 {
    INPUT.with_borrow_mut(|input| {
        input.resize(length, 0);
        input.as_mut_ptr()
    })
}

/// Where the last result is.
#[unsafe(no_mangle)]
pub extern "C" fn output() -> *const u8 {
    OUTPUT.with_borrow(|output| output.as_ptr())
}

/// Prepares the key in the input and returns its number. `algorithm`: 0 RS256, 1 PS256, 2 ES256, 3 EdDSA, 4 HS256.
#[unsafe(no_mangle)]
pub extern "C" fn prepare(algorithm: u32) -> i32 {
    let Some(key) = INPUT.with_borrow(|input| key(algorithm, input)) else { return REFUSED };
    KEYS.with_borrow_mut(|keys| {
        keys.push(key);
        i32::try_from(keys.len() - 1).unwrap_or(REFUSED)
    })
}

/// Verifies the token in the input; the result is its claims, and their length is returned.
#[unsafe(no_mangle)]
pub extern "C" fn verify(key: usize) -> i32 {
    KEYS.with_borrow(|keys| INPUT.with_borrow(|token| put(verified_claims(keys.get(key)?, token))).unwrap_or(REFUSED))
}

/// Opens the seal that follows a password of this length in the input; the result is what it holds, and its length is returned.
#[unsafe(no_mangle)]
pub extern "C" fn unseal(password_length: usize) -> i32 {
    INPUT
        .with_borrow(|input| {
            let (password, sealed) = input.split_at_checked(password_length)?;
            put(unsealed(password, std::str::from_utf8(sealed).ok()?))
        })
        .unwrap_or(REFUSED)
}

fn put(result: Option<Vec<u8>>) -> Option<i32> {
    OUTPUT.replace(result?);
    OUTPUT.with_borrow(|output| i32::try_from(output.len()).ok())
}

fn key(algorithm: u32, bytes: &[u8]) -> Option<Key> {
    let rsa = || {
        let (exponent, modulus) = bytes.split_at_checked(EXPONENT_BYTES)?;
        RsaPublicKey::new(BigUint::from_bytes_be(modulus), BigUint::from_bytes_be(exponent)).ok()
    };
    Some(match algorithm {
        0 => Key::Rs256(pkcs1v15::VerifyingKey::new(rsa()?)),
        1 => Key::Ps256(pss::VerifyingKey::new(rsa()?)),
        2 => Key::Es256(p256::ecdsa::VerifyingKey::from_sec1_bytes(bytes).ok()?),
        3 => Key::EdDsa(ed25519_dalek::VerifyingKey::from_bytes(bytes.try_into().ok()?).ok()?),
        4 => Key::Hs256(bytes.to_vec()),
        _ => return None,
    })
}

fn verified_claims(key: &Key, token: &[u8]) -> Option<Vec<u8>> {
    let (signed, signature) = std::str::from_utf8(token).ok()?.rsplit_once('.')?;
    let (_, claims) = signed.split_once('.')?;
    let signature = Base64UrlUnpadded::decode_vec(signature).ok()?;
    let message = signed.as_bytes();
    match key {
        Key::Rs256(key) => key.verify(message, &signature.as_slice().try_into().ok()?).ok()?,
        Key::Ps256(key) => key.verify(message, &signature.as_slice().try_into().ok()?).ok()?,
        Key::Es256(key) => {
            let signature = p256::ecdsa::Signature::from_slice(&signature).ok()?;
            p256::ecdsa::signature::Verifier::verify(key, message, &signature).ok()?;
        }
        Key::EdDsa(key) => {
            let signature = ed25519_dalek::Signature::from_slice(&signature).ok()?;
            key.verify_strict(message, &signature).ok()?;
        }
        Key::Hs256(secret) => mac(secret, message)?.verify_slice(&signature).ok()?,
    }
    Base64UrlUnpadded::decode_vec(claims).ok()
}

fn unsealed(password: &[u8], sealed: &str) -> Option<Vec<u8>> {
    let sealed = sealed.strip_suffix("~2")?;
    let parts: Vec<&str> = sealed.split('*').collect();
    let &[_, _, encryption_salt, iv, ciphertext, _, integrity_salt, seal_mac] = parts.as_slice() else { return None };
    let authenticated = sealed.get(..sealed.len() - integrity_salt.len() - seal_mac.len() - 2)?;
    let seal_mac = Base64UrlUnpadded::decode_vec(seal_mac).ok()?;
    mac(&derived(password, integrity_salt), authenticated.as_bytes())?.verify_slice(&seal_mac).ok()?;

    let iv: [u8; 16] = Base64UrlUnpadded::decode_vec(iv).ok()?.try_into().ok()?;
    let ciphertext = Base64UrlUnpadded::decode_vec(ciphertext).ok()?;
    let cipher = cbc::Decryptor::<aes::Aes256>::new(&derived(password, encryption_salt).into(), &iv.into());
    cipher.decrypt_padded_vec::<Pkcs7>(&ciphertext).ok()
}

fn mac(key: &[u8], message: &[u8]) -> Option<Hmac<Sha256>> {
    Some(Hmac::<Sha256>::new_from_slice(key).ok()?.chain_update(message))
}

fn derived(password: &[u8], salt: &str) -> [u8; 32] {
    pbkdf2::pbkdf2_hmac_array::<Sha1, 32>(password, salt.as_bytes(), 1)
}
