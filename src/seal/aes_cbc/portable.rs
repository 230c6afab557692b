//! Decryption by the crates `aes` and `cbc`: where there are no vectors of wasm, and what our own code is compared with.

use aes::cipher::block_padding::NoPadding;
use aes::cipher::{BlockModeDecrypt, KeyIvInit};
use aes::{Aes128, Aes256};
use cbc::Decryptor;

use super::{BLOCK_BYTES, IV_BYTES, Key};

pub(super) fn decrypt_blocks(key: Key<'_>, iv: &[u8; IV_BYTES], blocks: &mut [[u8; BLOCK_BYTES]]) {
    let bytes = blocks.as_flattened_mut();
    // Fails only where the bytes are no whole blocks.
    let _ = match key {
        Key::Aes128(key) => Decryptor::<Aes128>::new(key.into(), iv.into()).decrypt_padded::<NoPadding>(bytes),
        Key::Aes256(key) => Decryptor::<Aes256>::new(key.into(), iv.into()).decrypt_padded::<NoPadding>(bytes),
    };
}
