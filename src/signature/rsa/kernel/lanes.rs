//! Two numbers side by side, as the kernel computes with them: on wasm in one vector, elsewhere in an array.
//!
//! Both do the same in every bit, so that what the native tests show of the kernel holds in wasm; what is left to ask there is
//! whether `multiply_add` rounds once, which [`super::Fused::is_exact`] does.

pub(super) use implementation::{Floats, Sums};

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod implementation {
    #[cfg(target_feature = "relaxed-simd")]
    use core::arch::wasm32::f64x2_relaxed_madd;
    use core::arch::wasm32::{
        f64x2, f64x2_add, f64x2_mul, f64x2_splat, f64x2_sub, i64x2_add, i64x2_extract_lane, i64x2_splat, v128,
    };

    /// Two floating-point numbers.
    #[derive(Clone, Copy)]
    pub(in super::super) struct Floats(v128);

    impl Floats {
        #[inline(always)]
        pub(in super::super) fn new(first: f64, second: f64) -> Self {
            Self(f64x2(first, second))
        }

        #[inline(always)]
        pub(in super::super) fn both(value: f64) -> Self {
            Self(f64x2_splat(value))
        }

        /// `self` · `factor`.
        #[inline(always)]
        pub(in super::super) fn times(self, factor: Self) -> Self {
            Self(f64x2_mul(self.0, factor.0))
        }

        /// `self` + `other`.
        #[inline(always)]
        pub(in super::super) fn plus(self, other: Self) -> Self {
            Self(f64x2_add(self.0, other.0))
        }

        /// `self` · `factor` + `summand`, rounded once where the machine has such an instruction.
        #[cfg(target_feature = "relaxed-simd")]
        #[inline(always)]
        pub(in super::super) fn multiply_add(self, factor: Self, summand: Self) -> Self {
            Self(f64x2_relaxed_madd(self.0, factor.0, summand.0))
        }

        /// The same where there is no such instruction, for tests.
        #[cfg(not(target_feature = "relaxed-simd"))]
        pub(in super::super) fn multiply_add(self, factor: Self, summand: Self) -> Self {
            let product = |lane: fn(Sums) -> i64| {
                let [value, factor, summand] =
                    [self, factor, summand].map(|floats| f64::from_bits(lane(floats.bits()).cast_unsigned()));
                value.mul_add(factor, summand)
            };
            Self::new(product(Sums::first), product(Sums::second))
        }

        #[inline(always)]
        pub(in super::super) fn minus(self, other: Self) -> Self {
            Self(f64x2_sub(self.0, other.0))
        }

        /// The bits of both, read as integers.
        #[inline(always)]
        pub(in super::super) const fn bits(self) -> Sums {
            Sums(self.0)
        }
    }

    /// Two sums of integers, modulo 2^64.
    #[derive(Clone, Copy)]
    pub(in super::super) struct Sums(v128);

    impl Sums {
        #[inline(always)]
        pub(in super::super) fn both(value: i64) -> Self {
            Self(i64x2_splat(value))
        }

        #[inline(always)]
        pub(in super::super) fn plus(self, other: Self) -> Self {
            Self(i64x2_add(self.0, other.0))
        }

        #[inline(always)]
        pub(in super::super) fn first(self) -> i64 {
            i64x2_extract_lane::<0>(self.0)
        }

        #[inline(always)]
        pub(in super::super) fn second(self) -> i64 {
            i64x2_extract_lane::<1>(self.0)
        }
    }
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod implementation {
    /// Two floating-point numbers.
    #[derive(Clone, Copy)]
    pub(in super::super) struct Floats([f64; 2]);

    impl Floats {
        pub(in super::super) const fn new(first: f64, second: f64) -> Self {
            Self([first, second])
        }

        pub(in super::super) const fn both(value: f64) -> Self {
            Self([value; 2])
        }

        /// `self` · `factor`.
        pub(in super::super) fn times(self, factor: Self) -> Self {
            let ([first, second], [first_factor, second_factor]) = (self.0, factor.0);
            Self([first * first_factor, second * second_factor])
        }

        /// `self` + `other`.
        pub(in super::super) fn plus(self, other: Self) -> Self {
            let ([first, second], [first_other, second_other]) = (self.0, other.0);
            Self([first + first_other, second + second_other])
        }

        /// `self` · `factor` + `summand`, rounded once.
        pub(in super::super) fn multiply_add(self, factor: Self, summand: Self) -> Self {
            let ([first, second], [first_factor, second_factor], [first_summand, second_summand]) =
                (self.0, factor.0, summand.0);
            Self([first.mul_add(first_factor, first_summand), second.mul_add(second_factor, second_summand)])
        }

        pub(in super::super) fn minus(self, other: Self) -> Self {
            let ([first, second], [first_other, second_other]) = (self.0, other.0);
            Self([first - first_other, second - second_other])
        }

        /// The bits of both, read as integers.
        pub(in super::super) fn bits(self) -> Sums {
            Sums(self.0.map(|value| value.to_bits().cast_signed()))
        }
    }

    /// Two sums of integers, modulo 2^64.
    #[derive(Clone, Copy)]
    pub(in super::super) struct Sums([i64; 2]);

    impl Sums {
        pub(in super::super) const fn both(value: i64) -> Self {
            Self([value; 2])
        }

        pub(in super::super) const fn plus(self, other: Self) -> Self {
            let ([first, second], [first_other, second_other]) = (self.0, other.0);
            Self([first.wrapping_add(first_other), second.wrapping_add(second_other)])
        }

        pub(in super::super) const fn first(self) -> i64 {
            let [first, _] = self.0;
            first
        }

        pub(in super::super) const fn second(self) -> i64 {
            let [_, second] = self.0;
            second
        }
    }
}
