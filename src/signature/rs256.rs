//! RS256: RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 §3.3), verification only.
//!
//! Of the RSA algorithms this is the one that a key verifies which names none.

use sha2::{Digest, Sha256};

use super::SignatureAlgorithm;
use super::rsa::{KEY_TYPE, PreparedModulus, Scheme, prepare, verify_pkcs1};

/// See the file.
pub(super) const RS256: SignatureAlgorithm = SignatureAlgorithm {
    name: Rs256::NAME,
    key_type: KEY_TYPE,
    curve: None,
    takes_unnamed: true,
    prepare: prepare::<Rs256>,
};

/// DER of `DigestInfo` up to the digest, for SHA-256 (RFC 8017 §9.2, note 1).
pub(super) const DIGEST_INFO: [u8; 19] =
    [0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20];

struct Rs256;

impl Scheme for Rs256 {
    const NAME: &'static str = "RS256";

    fn verify(key: &PreparedModulus, signed: &[u8], signature: &[u8]) -> bool {
        verify_pkcs1(key, &DIGEST_INFO, &Sha256::digest(signed), signature)
    }
}
