//! PS384: RSASSA-PSS with SHA-384, MGF1 on it, and a salt of its length (RFC 7518 §3.5), verification only.

use sha2::Sha384;

use super::SignatureAlgorithm;
use super::rsa::{KEY_TYPE, PreparedModulus, Scheme, prepare_pss, verify_pss};

/// See the file.
pub(super) const PS384: SignatureAlgorithm = SignatureAlgorithm {
    name: Ps384::NAME,
    key_type: KEY_TYPE,
    curve: None,
    takes_unnamed: false,
    prepare: prepare_pss::<Ps384>,
};

struct Ps384;

impl Scheme for Ps384 {
    const NAME: &'static str = "PS384";

    fn verify(key: &PreparedModulus, signed: &[u8], signature: &[u8]) -> bool {
        verify_pss::<Sha384>(key, signed, signature)
    }
}
