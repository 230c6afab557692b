//! Which arithmetic RSA keys are prepared for: the fastest that this build has and this machine does rightly.
//!
//! What `relaxed_madd` does is for the machine to choose, once and for all of an instance. So it is asked at the first key, and not when
//! the instance starts. It is the one thing that the core remembers beside what it is given; no verdict depends on it.

use core::cell::Cell;

use base64ct::{Base64UrlUnpadded, Encoding};
use rsa::BigUint;

use super::kernel::{Kernel, fused, fused_is_exact, whole};
use super::padding;
use crate::signature::rs256;

/// Whether this build has multiplications that round once, after an addition. Tests do without the instruction.
const HAS_FUSED: bool = cfg!(any(test, all(target_arch = "wasm32", target_feature = "relaxed-simd")));

/// Whether floating-point products beat the integers of crate `rsa`. They do unless this crate is compiled without vectors and without
/// optimisation: in this repository's dev builds the other is optimised.
const HAS_WHOLE: bool = cfg!(any(test, target_feature = "simd128", not(debug_assertions)));

/// A way to compute.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Arithmetic {
    /// Floating-point products in halves: relaxed SIMD.
    Fused,
    /// Floating-point products in one piece: what any machine does exactly.
    Whole,
    /// The integers of crate `rsa`.
    Portable,
}

thread_local! {
    /// `None` as long as nobody wanted to know.
    static ARITHMETIC: Cell<Option<Arithmetic>> = const { Cell::new(None) };
}

/// What RSA keys are prepared for: `relaxed-simd`, `floating-point` or `portable`, which are the integers of crate `rsa`.
pub fn rsa_arithmetic() -> &'static str {
    match Arithmetic::current() {
        Arithmetic::Fused => "relaxed-simd",
        Arithmetic::Whole => "floating-point",
        Arithmetic::Portable => "portable",
    }
}

/// Does without own code, for keys that are prepared from now on in this thread (on Workers: in this isolate).
pub fn use_portable_rsa_arithmetic() {
    ARITHMETIC.set(Some(Arithmetic::Portable));
}

impl Arithmetic {
    /// Chosen once, and remembered.
    pub(super) fn current() -> Self {
        ARITHMETIC.get().unwrap_or_else(|| {
            let arithmetic = Self::fastest(|| fused_is_exact() && knows_the_example(Self::Fused) == Some(true));
            ARITHMETIC.set(Some(arithmetic));
            arithmetic
        })
    }

    fn fastest(fused_is_right: impl FnOnce() -> bool) -> Self {
        if HAS_FUSED && fused_is_right() {
            Self::Fused
        } else if HAS_WHOLE {
            Self::Whole
        } else {
            Self::Portable
        }
    }

    /// Prepares an odd modulus of a size that is accepted, for exponent 65537; `None` where crate `rsa` is to compute.
    pub(super) fn prepare(self, modulus: &BigUint) -> Option<Box<dyn Kernel>> {
        match self {
            Self::Fused if HAS_FUSED => Some(fused(modulus)),
            Self::Fused | Self::Portable => None,
            Self::Whole => Some(whole(modulus)),
        }
    }

    /// Computes in this way for as long as that takes: some tests share one thread.
    #[cfg(test)]
    pub(super) fn during<T>(self, act: impl FnOnce() -> T) -> T {
        ARITHMETIC.set(Some(self));
        let result = act();
        ARITHMETIC.set(None);
        result
    }
}

/// The example of RFC 7515, appendix A.2, from end to end.
fn knows_the_example(arithmetic: Arithmetic) -> Option<bool> {
    let decode = |text| Base64UrlUnpadded::decode_vec(text).ok();
    let kernel = arithmetic.prepare(&BigUint::from_bytes_be(&decode(MODULUS)?))?;
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
        for arithmetic in [Arithmetic::Fused, Arithmetic::Whole] {
            assert_eq!(knows_the_example(arithmetic), Some(true));
        }
    }

    #[test]
    fn a_machine_that_rounds_twice_computes_with_whole_products() {
        assert!(Arithmetic::fastest(|| false) == Arithmetic::Whole);
        assert!(Arithmetic::fastest(|| true) == Arithmetic::Fused);
    }

    #[test]
    fn the_fastest_is_taken_unless_somebody_wants_another() {
        assert_eq!(rsa_arithmetic(), "relaxed-simd");
        Arithmetic::Whole.during(|| assert_eq!(rsa_arithmetic(), "floating-point"));
        Arithmetic::Portable.during(|| assert_eq!(rsa_arithmetic(), "portable"));
        use_portable_rsa_arithmetic();
        assert_eq!(rsa_arithmetic(), "portable");
        ARITHMETIC.set(None);
    }
}
