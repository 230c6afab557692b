use core::array;

use super::*;
use crate::seal::aes_cbc::portable;

/// Bytes without a pattern that the steps of the cipher know.
fn noise(length: usize, seed: u8) -> Vec<u8> {
    let mut state = u32::from(seed) + 1;
    let step = |_| {
        state = state.wrapping_mul(0x0019_660d).wrapping_add(0x3c6e_f35f);
        state.to_be_bytes()[0]
    };
    (0..length).map(step).collect()
}

#[test]
fn it_decrypts_as_the_crate_does_whatever_the_number_of_blocks() {
    for count in 0..=25 {
        let seed = u8::try_from(count).unwrap();
        let key: [u8; 32] = noise(32, seed).try_into().unwrap();
        let iv: [u8; IV_BYTES] = noise(IV_BYTES, seed + 100).try_into().unwrap();
        let encrypted = noise(count * BLOCK_BYTES, seed + 200);
        for key in [Key::Aes128(key.first_chunk().unwrap()), Key::Aes256(&key)] {
            let decrypted_by = |decrypt: fn(Key<'_>, &[u8; IV_BYTES], &mut [[u8; BLOCK_BYTES]])| {
                let mut bytes = encrypted.clone();
                decrypt(key, &iv, bytes.as_chunks_mut().0);
                bytes
            };
            assert_eq!(decrypted_by(decrypt_blocks), decrypted_by(portable::decrypt_blocks), "{count} blocks");
        }
    }
}

#[test]
fn the_s_box_leads_back_from_every_byte() {
    for first in (0..=u8::MAX).step_by(128) {
        let blocks = array::from_fn(|block: usize| {
            array::from_fn::<u8, 16, _>(|byte| first + u8::try_from(16 * block + byte).unwrap())
        });
        let substituted = blocks.map(|block| {
            let bytes = block.map(|byte| {
                let [substituted, ..] = key::substituted(byte.into()).to_le_bytes();
                substituted ^ key::S_BOX_OF_ZERO
            });
            vector(&bytes)
        });
        let back = transposed(substitute_back(transposed(substituted)));
        assert_eq!(back.map(bytes), blocks);
    }
}

#[test]
fn columns_are_mixed_back_as_the_standard_does_it() {
    // FIPS 197 §5.1.3, mixed, and what it is then.
    let mixed = [0x8e, 0x4d, 0xa1, 0xbc, 0x9f, 0xdc, 0x58, 0x9d, 0xd5, 0xd5, 0xd7, 0xd6, 0x4d, 0x7e, 0xbd, 0xf8];
    let columns = [0xdb, 0x13, 0x53, 0x45, 0xf2, 0x0a, 0x22, 0x5c, 0xd4, 0xd4, 0xd4, 0xd5, 0x2d, 0x26, 0x31, 0x4c];
    let state = transposed([with_rows_for_columns(vector(&mixed)); 8]);
    let back = transposed(mix_columns_back(state)).map(|block| bytes(with_rows_for_columns(block)));
    assert_eq!(back, [columns; 8]);
}

#[test]
fn bits_are_transposed_and_back() {
    let blocks: Planes = array::from_fn(|block| vector(&noise(16, u8::try_from(block).unwrap()).try_into().unwrap()));
    let planes = transposed(blocks).map(bytes);
    for (plane, plane_bytes) in planes.iter().enumerate() {
        for (block, block_bytes) in blocks.map(bytes).iter().enumerate() {
            for (of_plane, of_block) in plane_bytes.iter().zip(block_bytes) {
                assert_eq!(of_plane >> block & 1, of_block >> plane & 1);
            }
        }
    }
    assert_eq!(transposed(transposed(blocks)).map(bytes), blocks.map(bytes));
}
