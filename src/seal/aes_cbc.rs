//! AES-CBC with PKCS #7 padding, of Fe26.2 (AES-256) and Fernet (AES-128). It authenticates nothing: whoever decrypts has checked a
//! MAC before, so what the padding is like tells nobody anything.

use aes::cipher::block_padding::{NoPadding, Padding, Pkcs7};
use aes::cipher::consts::U16;
use aes::cipher::{
    BlockCipherDecrypt, BlockCipherEncrypt, BlockModeDecrypt, BlockModeEncrypt, BlockSizeUser, Key, KeyInit, KeyIvInit,
};
use cbc::{Decryptor, Encryptor};

pub(super) const IV_BYTES: usize = 16;
const BLOCK_BYTES: usize = 16;

/// As many blocks as the cipher takes at once. What is left over it would take one by one, each as slowly as all of them.
const BLOCKS_AT_ONCE: usize = 8;

/// Decrypts in place, so that the plaintext is in memory once. `None` for what is not whole blocks, or not padded.
pub(super) fn decrypt<C>(key: &Key<C>, iv: &[u8; IV_BYTES], mut bytes: Vec<u8>) -> Option<Vec<u8>>
where
    C: BlockCipherDecrypt + BlockSizeUser<BlockSize = U16> + KeyInit,
{
    let length = bytes.len();
    if !length.is_multiple_of(BLOCK_BYTES) {
        return None;
    }
    // What follows changes nothing about what stands before, and is cut off again.
    bytes.resize(length.next_multiple_of(BLOCKS_AT_ONCE * BLOCK_BYTES), 0);
    Decryptor::<C>::new(key, iv.into()).decrypt_padded::<NoPadding>(&mut bytes).ok()?;
    bytes.truncate(length);
    let padding = BLOCK_BYTES - Pkcs7::raw_unpad(bytes.last_chunk::<BLOCK_BYTES>()?).ok()?.len();
    bytes.truncate(length - padding);
    Some(bytes)
}

pub(super) fn encrypt<C>(key: &Key<C>, iv: &[u8; IV_BYTES], plaintext: &[u8]) -> Vec<u8>
where
    C: BlockCipherEncrypt + BlockSizeUser<BlockSize = U16> + KeyInit,
{
    Encryptor::<C>::new(key, iv.into()).encrypt_padded_vec::<Pkcs7>(plaintext)
}

#[cfg(test)]
mod tests;
