use core::array;

use super::*;

/// Bytes without a pattern that the steps of the cipher know.
fn noise(length: usize, seed: u8) -> Vec<u8> {
    let mut state = u32::from(seed) + 1;
    let step = |_| {
        state = state.wrapping_mul(0x0019_660d).wrapping_add(0x3c6e_f35f);
        state.to_be_bytes()[0]
    };
    (0..length).map(step).collect()
}

fn encrypted_and_decrypted<C>(key: &[u8], blocks: &[[u8; 16]]) -> [Vec<[u8; 16]>; 2]
where
    C: BlockCipherEncrypt + BlockCipherDecrypt + BlockSizeUser<BlockSize = U16> + KeyInit,
{
    let cipher = C::new_from_slice(key).unwrap();
    let blocks: Vec<Block<C>> = blocks.iter().map(|block| (*block).into()).collect();
    let (mut encrypted, mut decrypted) = (blocks.clone(), blocks);
    cipher.encrypt_blocks(&mut encrypted);
    cipher.decrypt_blocks(&mut decrypted);
    [encrypted, decrypted].map(|blocks| blocks.into_iter().map(|block| block.0).collect())
}

#[test]
fn it_does_as_the_crate_does_whatever_the_number_of_blocks() {
    for count in 0..=25 {
        let seed = u8::try_from(count).unwrap();
        let key = noise(32, seed);
        let bytes = noise(16 * count, seed + 100);
        let (blocks, _) = bytes.as_chunks();
        assert_eq!(
            encrypted_and_decrypted::<Aes256>(&key, blocks),
            encrypted_and_decrypted::<::aes::Aes256>(&key, blocks)
        );
        assert_eq!(
            encrypted_and_decrypted::<Aes128>(&key[..16], blocks),
            encrypted_and_decrypted::<::aes::Aes128>(&key[..16], blocks)
        );
    }
}

#[test]
fn the_s_box_leads_to_every_byte_of_the_table_and_back() {
    for first in (0..=u8::MAX).step_by(128) {
        let blocks = array::from_fn(|block: usize| {
            array::from_fn::<u8, 16, _>(|byte| first + u8::try_from(16 * block + byte).unwrap())
        });
        let substituted = blocks.map(|block| {
            let bytes = block.map(|byte| {
                let [substituted, ..] = round_keys::substituted(byte.into()).to_le_bytes();
                substituted ^ round_keys::S_BOX_OF_ZERO
            });
            vector(&bytes)
        });
        let there = transposed(substitute(transposed(blocks.map(|block| vector(&block)))));
        assert_eq!(there.map(bytes), substituted.map(bytes));
        let back = transposed(substitute_back(transposed(substituted)));
        assert_eq!(back.map(bytes), blocks);
    }
}

#[test]
fn columns_are_mixed_as_the_standard_does_it_and_back() {
    let mixed = [0x8e, 0x4d, 0xa1, 0xbc, 0x9f, 0xdc, 0x58, 0x9d, 0xd5, 0xd5, 0xd7, 0xd6, 0x4d, 0x7e, 0xbd, 0xf8];
    let columns = [0xdb, 0x13, 0x53, 0x45, 0xf2, 0x0a, 0x22, 0x5c, 0xd4, 0xd4, 0xd4, 0xd5, 0x2d, 0x26, 0x31, 0x4c];
    let planes = |block| transposed([with_rows_for_columns(vector(block)); 8]);
    let blocks = |planes| transposed(planes).map(|block| bytes(with_rows_for_columns(block)));
    assert_eq!(blocks(mix_columns(planes(&columns))), [mixed; 8]);
    assert_eq!(blocks(mix_columns_back(planes(&mixed))), [columns; 8]);
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
