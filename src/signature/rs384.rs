//! RS384: RSASSA-PKCS1-v1_5 with SHA-384 (RFC 7518 §3.3), verification only.

use sha2::{Digest, Sha384};

use super::SignatureAlgorithm;
use super::rsa::{KEY_TYPE, PreparedModulus, Scheme, prepare, verify_pkcs1};

/// See the file.
pub(super) const RS384: SignatureAlgorithm = SignatureAlgorithm {
    name: Rs384::NAME,
    key_type: KEY_TYPE,
    curve: None,
    takes_unnamed: false,
    prepare: prepare::<Rs384>,
};

/// DER of `DigestInfo` up to the digest, for SHA-384 (RFC 8017 §9.2, note 1).
const DIGEST_INFO: [u8; 19] =
    [0x30, 0x41, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02, 0x05, 0x00, 0x04, 0x30];

struct Rs384;

impl Scheme for Rs384 {
    const NAME: &'static str = "RS384";

    fn verify(key: &PreparedModulus, signed: &[u8], signature: &[u8]) -> bool {
        verify_pkcs1(key, &DIGEST_INFO, &Sha384::digest(signed), signature)
    }
}
