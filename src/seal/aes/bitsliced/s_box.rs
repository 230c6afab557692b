//! The S-box of AES, there and back, without a table: the inverse in the field of 256 elements and a linear map, on all bytes of the
//! planes at once. The constant 0x63, which is added on the outside, is in the round keys.
//!
//! # Method
//! The inverse is easy where the field is built in steps, from 4 to 16 to 256 elements (Canright: A Very Compact S-Box for AES, 2005). In
//! each step an element is (a, b) = a · x' + b · x with x + x' = 1 and x · x' = n, where x' is the conjugate of x and n is in the smaller
//! field. Then
//! - (a, b) · (c, d) = (a c + e, b d + e) with e = n (a + b) (c + d), and
//! - (a, b) has the inverse (b / m, a / m) with m = (a, b) · (b, a) = a b + n (a + b)², which is in the smaller field.
//!
//! With W, W + 1 being the elements that the smallest field has beside 0 and 1, x is
//! - W = 0xbc for 4 elements, whose n is 1. The inverse is the square there, and (a, b)² = (b, a);
//! - Z = 0x5c for 16 elements, whose n is W;
//! - Y = 0x42 for 256 elements, whose n is 0xed.
//!
//! The numbers are elements of the field as FIPS 197 writes them. Linear maps go to those eight coordinates and back; on the outside
//! they contain the S-box's own linear map as well. Their sums are arranged to be few.

use core::arch::wasm32::{v128, v128_and, v128_xor};

use super::Planes;

/// An element of the field of 4, a coordinate being a bit.
type Four = [v128; 2];
type Sixteen = [Four; 2];

/// An element of the field of 256.
type Element = [Sixteen; 2];

#[inline(always)]
pub(super) fn substitute(bits: Planes) -> Planes {
    mapped_from_coordinates(invert(to_coordinates(bits)))
}

#[inline(always)]
pub(super) fn substitute_back(bits: Planes) -> Planes {
    from_coordinates(invert(mapped_back_to_coordinates(bits)))
}

#[inline(always)]
fn invert([a, b]: Element) -> Element {
    let inverse = invert_sixteen(add(multiply(a, b), square_times_n(add(a, b))));
    [multiply(inverse, b), multiply(inverse, a)]
}

#[inline(always)]
fn invert_sixteen([a, b]: Sixteen) -> Sixteen {
    let [c, d] = add_four(multiply_four(a, b), square_times_w(add_four(a, b)));
    let inverse = [d, c];
    [multiply_four(inverse, b), multiply_four(inverse, a)]
}

#[inline(always)]
fn multiply([a, b]: Sixteen, [c, d]: Sixteen) -> Sixteen {
    let e = times_w(multiply_four(add_four(a, b), add_four(c, d)));
    [add_four(multiply_four(a, c), e), add_four(multiply_four(b, d), e)]
}

#[inline(always)]
fn multiply_four([a, b]: Four, [c, d]: Four) -> Four {
    let e = v128_and(v128_xor(a, b), v128_xor(c, d));
    [v128_xor(v128_and(a, c), e), v128_xor(v128_and(b, d), e)]
}

#[inline(always)]
fn add([a, b]: Sixteen, [c, d]: Sixteen) -> Sixteen {
    [add_four(a, c), add_four(b, d)]
}

#[inline(always)]
fn add_four([a, b]: Four, [c, d]: Four) -> Four {
    [v128_xor(a, c), v128_xor(b, d)]
}

#[inline(always)]
fn times_w([a, b]: Four) -> Four {
    [v128_xor(a, b), a]
}

#[inline(always)]
fn square_times_w([a, b]: Four) -> Four {
    [v128_xor(a, b), b]
}

/// With n = 0xed, of the step to 256 elements.
#[inline(always)]
fn square_times_n([[a, b], [c, d]]: Sixteen) -> Sixteen {
    let (ab, bc) = (v128_xor(a, b), v128_xor(b, c));
    [[v128_xor(a, bc), v128_xor(bc, d)], [ab, b]]
}

#[inline(always)]
fn mapped_back_to_coordinates([b0, b1, b2, b3, b4, b5, b6, b7]: Planes) -> Element {
    let b01 = v128_xor(b0, b1);
    let b25 = v128_xor(b2, b5);
    let b35 = v128_xor(b3, b5);
    let b256 = v128_xor(b25, b6);
    let high = [[v128_xor(b4, b01), v128_xor(b25, b01)], [b1, v128_xor(b0, b5)]];
    let low = [[v128_xor(b7, b256), v128_xor(b01, b256)], [v128_xor(b4, v128_xor(b1, b35)), v128_xor(b6, b35)]];
    [high, low]
}

#[inline(always)]
fn from_coordinates([[[c0, c1], [c2, c3]], [[c4, c5], [c6, c7]]]: Element) -> Planes {
    let c12 = v128_xor(c1, c2);
    let c45 = v128_xor(c4, c5);
    let c06 = v128_xor(c0, c6);
    let c123 = v128_xor(c3, c12);
    let c045 = v128_xor(c0, c45);
    [
        v128_xor(c1, c45),
        v128_xor(c3, c7),
        v128_xor(c2, c045),
        c12,
        v128_xor(c06, v128_xor(c5, c123)),
        v128_xor(c123, c045),
        c06,
        v128_xor(c6, c7),
    ]
}

#[inline(always)]
fn to_coordinates([b0, b1, b2, b3, b4, b5, b6, b7]: Planes) -> Element {
    let b02 = v128_xor(b0, b2);
    let b17 = v128_xor(b1, b7);
    let b023 = v128_xor(b3, b02);
    let b0236 = v128_xor(b6, b023);
    let b01567 = v128_xor(v128_xor(b0, b5), v128_xor(b6, b17));
    let b02346 = v128_xor(b4, b0236);
    let b0127 = v128_xor(b02, b17);
    let high = [[b023, v128_xor(b3, b01567)], [b01567, v128_xor(b0236, b17)]];
    let low = [[v128_xor(b5, b02346), v128_xor(b4, b0127)], [b0236, v128_xor(b7, b0236)]];
    [high, low]
}

/// The S-box's own linear map goes last.
#[inline(always)]
fn mapped_from_coordinates([[[c0, c1], [c2, c3]], [[c4, c5], [c6, c7]]]: Element) -> Planes {
    let c15 = v128_xor(c1, c5);
    let c06 = v128_xor(c0, c6);
    let c157 = v128_xor(c7, c15);
    let c036 = v128_xor(c3, c06);
    let c12 = v128_xor(c1, c2);
    let c1247 = v128_xor(c4, v128_xor(c7, c12));
    [
        v128_xor(c06, c157),
        c2,
        v128_xor(c3, c12),
        c036,
        v128_xor(c2, v128_xor(c6, c157)),
        v128_xor(c157, c036),
        c15,
        v128_xor(c06, c1247),
    ]
}
