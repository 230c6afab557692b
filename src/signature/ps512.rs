//! PS512: RSASSA-PSS with SHA-512, MGF1 on it, and a salt of its length (RFC 7518 §3.5), verification only.

use sha2::Sha512;

use super::SignatureAlgorithm;
use super::rsa::{KEY_TYPE, PreparedModulus, Scheme, prepare_pss, verify_pss};

/// See the file.
pub(super) const PS512: SignatureAlgorithm = SignatureAlgorithm {
    name: Ps512::NAME,
    key_type: KEY_TYPE,
    curve: None,
    takes_unnamed: false,
    prepare: prepare_pss::<Ps512>,
};

struct Ps512;

impl Scheme for Ps512 {
    const NAME: &'static str = "PS512";

    fn verify(key: &PreparedModulus, signed: &[u8], signature: &[u8]) -> bool {
        verify_pss::<Sha512>(key, signed, signature)
    }
}
