//! No seal at all: the session as plain JSON, where WorkOS's `authkit-*` are heading.
//!
//! Nobody vouches for what it says, so it is read only where an operator names the format, and whoever reads it must
//! believe nothing but what a signature in it proves (`session/data` drops the rest).

use crate::error::Rejection;
use crate::json;

pub(super) fn looks_like(sealed: &str) -> bool {
    sealed.starts_with('{')
}

pub(super) fn unseal(sealed: &str) -> Result<Vec<u8>, Rejection> {
    json::parse_object(sealed.as_bytes()).map(|_| sealed.as_bytes().to_vec()).ok_or(Rejection::SealMalformed)
}
