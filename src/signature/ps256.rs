//! PS256: RSASSA-PSS with SHA-256, MGF1 on it, and a salt of its length (RFC 7518 §3.5), verification only.

use sha2::Sha256;

use super::SignatureAlgorithm;
use super::rsa::{KEY_TYPE, PreparedModulus, Scheme, prepare_pss, verify_pss};

/// See the file.
pub(super) const PS256: SignatureAlgorithm = SignatureAlgorithm {
    name: Ps256::NAME,
    key_type: KEY_TYPE,
    curve: None,
    takes_unnamed: false,
    prepare: prepare_pss::<Ps256>,
};

struct Ps256;

impl Scheme for Ps256 {
    const NAME: &'static str = "PS256";

    fn verify(key: &PreparedModulus, signed: &[u8], signature: &[u8]) -> bool {
        verify_pss::<Sha256>(key, signed, signature)
    }
}
