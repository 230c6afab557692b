use super::*;
use crate::seal::aes::{Aes128, Aes256};
use crate::seal::third_party;

/// NIST SP 800-38A, F.2: the four blocks that all of its examples encrypt.
const PLAINTEXT: &str = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51\
                         30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710";
const IV: &str = "000102030405060708090a0b0c0d0e0f";

fn bytes<const LENGTH: usize>(hex: &str) -> [u8; LENGTH] {
    core::array::from_fn(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap())
}

fn check<C>(key: &Key<C>, ciphertext: &str)
where
    C: BlockCipherEncrypt + BlockCipherDecrypt + BlockSizeUser<BlockSize = U16> + KeyInit,
{
    let ciphertext = bytes::<64>(ciphertext);
    let encrypted = encrypt::<C>(key, &bytes(IV), &bytes::<64>(PLAINTEXT));
    assert_eq!(encrypted[..64], ciphertext);
    assert_eq!(decrypt::<C>(key, &bytes(IV), encrypted), Some(bytes::<64>(PLAINTEXT).to_vec()));
}

#[test]
fn it_is_the_aes_128_of_the_standard() {
    check::<Aes128>(
        &bytes::<16>("2b7e151628aed2a6abf7158809cf4f3c").into(),
        "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2\
         73bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7",
    );
}

#[test]
fn it_is_the_aes_256_of_the_standard() {
    check::<Aes256>(
        &bytes::<32>("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4").into(),
        "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d\
         39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b",
    );
}

#[test]
fn every_length_comes_back() {
    let (key, iv) = ([3; 32].into(), [5; IV_BYTES]);
    for length in 0..200 {
        let plaintext: Vec<u8> = (0..length).collect();
        let encrypted = encrypt::<Aes256>(&key, &iv, &plaintext);
        assert_eq!(decrypt::<Aes256>(&key, &iv, encrypted), Some(plaintext));
    }
}

#[test]
fn what_is_not_whole_blocks_or_not_padded_is_refused() {
    let (key, iv) = ([3; 32].into(), [5; IV_BYTES]);
    // Encrypting a block pads with another one; without it, the padding is what the plaintext ends in.
    let ending_in = |end: &[u8]| {
        let mut plaintext = vec![9; BLOCK_BYTES - end.len()];
        plaintext.extend_from_slice(end);
        encrypt::<Aes256>(&key, &iv, &plaintext)[..BLOCK_BYTES].to_vec()
    };
    assert_eq!(decrypt::<Aes256>(&key, &iv, Vec::new()), None);
    assert_eq!(decrypt::<Aes256>(&key, &iv, ending_in(&[1])[1..].to_vec()), None);
    assert_eq!(decrypt::<Aes256>(&key, &iv, ending_in(&[1])), Some(vec![9; 15]));
    assert_eq!(decrypt::<Aes256>(&key, &iv, ending_in(&[2, 2])), Some(vec![9; 14]));
    assert_eq!(decrypt::<Aes256>(&key, &iv, ending_in(&[16; 16])), Some(Vec::new()));
    for wrong in [&[0][..], &[17], &[1, 2], &[3, 2, 3]] {
        assert_eq!(decrypt::<Aes256>(&key, &iv, ending_in(wrong)), None, "{wrong:?}");
    }
}

#[test]
fn it_decides_as_wycheproof_does() {
    let Some(wycheproof) = third_party::read("wycheproof/aes_cbc_pkcs5_test.json") else { return };
    let mut run = 0;
    for group in wycheproof["testGroups"].as_array().unwrap() {
        for case in group["tests"].as_array().unwrap() {
            let hex = |name: &str| {
                let text = case[name].as_str().unwrap();
                (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
            };
            let (key, iv, ciphertext, message): (Vec<u8>, Vec<u8>, _, _) =
                (hex("key"), hex("iv"), hex("ct"), hex("msg"));
            let expected = (case["result"] == "valid").then_some(message);
            let iv = iv.first_chunk().unwrap();
            let decrypted = match key.len() {
                16 => decrypt::<Aes128>(key.as_slice().try_into().unwrap(), iv, ciphertext),
                32 => decrypt::<Aes256>(key.as_slice().try_into().unwrap(), iv, ciphertext),
                // AES-192, which no seal has.
                _ => continue,
            };
            assert_eq!(decrypted, expected, "{}", case["tcId"]);
            run += 1;
        }
    }
    assert!(run > 100, "{run}");
}
