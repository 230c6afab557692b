//! How a list is stored: its entries on pages, by the first byte of their subject's hash, so that one revocation rewrites one page.
//! Nothing is decided here.

use base64ct::{Base64, Encoding};

use super::{Entry, Kind, Subject};
use crate::encoding::decode_base64;

/// Subject 8, `not_before` 4, `until` 4, flags 1.
const ENTRY_BYTES: usize = 17;

const STALE: u8 = 1;
const FINAL: u8 = 2;
const OURS_ALONE: u8 = 4;

/// The page that an entry stands on.
pub(super) const fn page_of(entry: &Entry) -> u8 {
    let [first, ..] = entry.subject.0.to_be_bytes();
    first
}

/// The entries of one page.
pub(super) fn write<'a>(entries: impl Iterator<Item = &'a Entry>) -> String {
    let bytes: Vec<u8> = entries.flat_map(packed).collect();
    Base64::encode_string(&bytes)
}

/// Reads them again; those of a page that is none are lost.
pub(super) fn read(text: &str) -> Vec<Entry> {
    let bytes = decode_base64(text).unwrap_or_default();
    let (entries, _) = bytes.as_chunks::<ENTRY_BYTES>();
    entries.iter().map(unpacked).collect()
}

fn packed(entry: &Entry) -> [u8; ENTRY_BYTES] {
    let flag = |is_set, flag| if is_set { flag } else { 0 };
    let flags =
        flag(entry.kind == Kind::Stale, STALE) | flag(entry.is_final, FINAL) | flag(entry.is_ours_alone, OURS_ALONE);
    let [a, b, c, d, e, f, g, h] = entry.subject.0.to_be_bytes();
    let [i, j, k, l] = entry.not_before.to_be_bytes();
    let [m, n, o, p] = entry.until.to_be_bytes();
    [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, flags]
}

const fn unpacked(bytes: &[u8; ENTRY_BYTES]) -> Entry {
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, flags] = *bytes;
    Entry {
        subject: Subject(u64::from_be_bytes([a, b, c, d, e, f, g, h])),
        kind: if flags & STALE == 0 { Kind::Ended } else { Kind::Stale },
        not_before: u32::from_be_bytes([i, j, k, l]),
        until: u32::from_be_bytes([m, n, o, p]),
        is_final: flags & FINAL != 0,
        is_ours_alone: flags & OURS_ALONE != 0,
    }
}
