//! Which arithmetic RSA keys are prepared for: the kernel where this build has one and this machine multiplies as it needs it,
//! else the integers of crate `rsa`.
//!
//! What `relaxed_madd` does is for the machine to choose, once and for all of an instance. So it is asked at the first key, and not when
//! the instance starts. It is the one thing that the core remembers beside what it is given; no verdict depends on it.

use core::cell::Cell;

use base64ct::{Base64UrlUnpadded, Encoding};
use rsa::BigUint;

use super::kernel::Kernel;
use super::padding;
use crate::signature::rs256;

thread_local! {
    /// Whether the kernel computes rightly; `None` as long as nobody wanted to know.
    static KERNEL_IS_TRUSTED: Cell<Option<bool>> = const { Cell::new(None) };
}

/// What RSA keys are prepared for: the name of the kernel (`relaxed-simd`), or `portable`.
pub fn rsa_arithmetic() -> &'static str {
    if kernel_is_trusted() { Kernel::NAME } else { "portable" }
}

/// Does without the kernel, for keys that are prepared from now on in this thread (on Workers: in this isolate).
pub fn use_portable_rsa_arithmetic() {
    KERNEL_IS_TRUSTED.set(Some(false));
}

/// Does without the kernel for as long as this takes: some tests share one thread.
#[cfg(test)]
pub(super) fn without_kernel<T>(act: impl FnOnce() -> T) -> T {
    use_portable_rsa_arithmetic();
    let result = act();
    KERNEL_IS_TRUSTED.set(None);
    result
}

/// Asked once, and remembered.
pub(super) fn kernel_is_trusted() -> bool {
    KERNEL_IS_TRUSTED.get().unwrap_or_else(|| {
        let is_trusted = Kernel::is_exact() && knows_the_example() == Some(true);
        KERNEL_IS_TRUSTED.set(Some(is_trusted));
        is_trusted
    })
}

/// The example of RFC 7515, appendix A.2, through the whole kernel.
fn knows_the_example() -> Option<bool> {
    let decode = |text| Base64UrlUnpadded::decode_vec(text).ok();
    let kernel = Kernel::new(&BigUint::from_bytes_be(&decode(MODULUS)?))?;
    Some(padding::is_pkcs1(&kernel.power(&decode(SIGNATURE)?), &rs256::DIGEST_INFO, &decode(DIGEST)?))
}

const MODULUS: &str = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS\
                       -pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2\
                       CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9\
                       gb54h4FRWyuXpoQ";
const SIGNATURE: &str = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF\
                         9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383L\
                         cOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWyw\
                         lVmtVrBp0igcN_IoypGlUPQGe77Rw";
/// SHA-256 of what is signed.
const DIGEST: &str = "yIo0hHtP-xKpMm5UDxRLPcxNVRXxhwHn1uDueGbJxwU";

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn the_example_is_the_standards_and_the_kernel_knows_it() {
        let signed = "eyJhbGciOiJSUzI1NiJ9.\
                      eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        assert_eq!(Base64UrlUnpadded::encode_string(&Sha256::digest(signed)), DIGEST);
        assert_eq!(knows_the_example(), Some(true));
    }

    #[test]
    fn the_kernel_is_trusted_unless_somebody_does_without() {
        assert_eq!(rsa_arithmetic(), "relaxed-simd");
        without_kernel(|| assert_eq!(rsa_arithmetic(), "portable"));
    }
}
