//! Both ways to multiply, against `BigUint::modpow`. Natively the lanes are arrays, and all else is what runs in wasm; the core suite
//! runs this once more with the vectors of each artefact.

use super::super::{Fused, Whole};
use super::*;

/// How many random pairs are tried; `EDGESEAL_RSA_CASES` says otherwise for a night's run.
const CASES: u64 = 50;

/// Numbers that come out the same each time (splitmix64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    /// Of exactly so many bits. In every other number whole stretches are zeros or ones, as random bits never are.
    fn of_bits(&mut self, bits: usize) -> BigUint {
        let is_patchy = self.next() & 1 == 1;
        let bytes: Vec<u8> = (0..bits.div_ceil(64))
            .flat_map(|_| match self.next() % 4 {
                0 if is_patchy => [0; 8],
                1 if is_patchy => [0xff; 8],
                _ => self.next().to_le_bytes(),
            })
            .collect();
        let top = BigUint::from(1_u32) << (bits - 1);
        BigUint::from_bytes_le(&bytes) % &top + top
    }
}

fn odd(number: BigUint) -> BigUint {
    if &number % 2_u32 == BigUint::from(0_u32) { number + 1_u32 } else { number }
}

fn power_of_two(exponent: usize) -> BigUint {
    BigUint::from(1_u32) << exponent
}

/// Big-endian, as long as the modulus.
fn bytes(number: &BigUint, modulus: &BigUint) -> Vec<u8> {
    let bytes = number.to_bytes_be();
    let mut padded = vec![0; modulus.bits().div_ceil(8) - bytes.len()];
    padded.extend(bytes);
    padded
}

#[track_caller]
fn check<P: Products>(kernel: &Montgomery<P>, modulus: &BigUint, s: &BigUint) {
    let expected = bytes(&s.modpow(&BigUint::from(65_537_u32), modulus), modulus);
    assert_eq!(kernel.power(&bytes(s, modulus)), expected, "{s:x}^65537 mod {modulus:x}");
}

/// The numbers below a modulus that lie at an edge of something.
fn edges<P: Products>(modulus: &BigUint) -> Vec<BigUint> {
    let bits = modulus.bits();
    let mut edges: Vec<_> = [0_u32, 1, 2, 3].into_iter().map(BigUint::from).collect();
    edges.extend([1_u32, 2, 3].map(|less| modulus - less));
    let limb_bits = P::LIMB_BITS;
    edges.extend([1, 2, 3, 4, 20].map(|limbs| power_of_two(limbs * limb_bits)));
    edges.extend([1, 3, 30].map(|limbs| power_of_two(limbs * limb_bits) - 1_u32));
    // Every other limb is zero, or all ones.
    for pattern in [(1_u64 << limb_bits) - 1, 1, 1 << (limb_bits - 1)] {
        let limbs = (0..bits / (2 * limb_bits)).map(|index| BigUint::from(pattern) << (2 * limb_bits * index));
        edges.push(limbs.fold(BigUint::from(0_u32), |sum, limb| sum + limb));
    }
    edges.extend([bits - limb_bits - 1, bits - 2].map(power_of_two));
    edges.push(power_of_two(bits - 1) - 1_u32);
    edges
}

#[test]
fn random_numbers_come_out_as_they_should() {
    let cases = std::env::var("EDGESEAL_RSA_CASES").map_or(CASES, |cases| cases.parse().unwrap());
    let mut numbers = Numbers(cases);
    for case in 0..cases {
        let bits = match case % 4 {
            0 => 2048,
            1 => 3072,
            2 => 4096,
            _ => 2048 + usize::try_from(numbers.next() % 2049).unwrap(),
        };
        let modulus = odd(numbers.of_bits(bits));
        let (fused, whole) = (Montgomery::<Fused>::new(&modulus), Montgomery::<Whole>::new(&modulus));
        // A key is dear to prepare, and serves many signatures.
        for _ in 0..=case % 3 {
            let s = numbers.of_bits(bits) % &modulus;
            check(&fused, &modulus, &s);
            check(&whole, &modulus, &s);
        }
    }
}

#[test]
fn edges_come_out_as_they_should() {
    edges_come_out::<Fused>(44);
    edges_come_out::<Whole>(92);
}

fn edges_come_out<P: Products>(limbs: usize) {
    let mut numbers = Numbers(1);
    // Between the sizes that are in use stand the largest that so many limbs take, and the smallest that takes four more.
    let largest = limbs * P::LIMB_BITS - 32 * Montgomery::<P>::LAST_WORDS;
    for (bits, count) in [(2048, 6), (largest, 2), (largest + 1, 2), (3072, 2), (4096, 2)] {
        let moduli = [
            power_of_two(bits) - 1_u32,
            power_of_two(bits - 1) + 1_u32,
            power_of_two(bits) - 3_u32,
            power_of_two(bits - 1) + power_of_two(153) - 1_u32,
            power_of_two(bits) - power_of_two(bits / 2) + 1_u32,
            odd(numbers.of_bits(bits)),
        ];
        for modulus in moduli.iter().take(count) {
            let kernel = Montgomery::<P>::new(modulus);
            for s in edges::<P>(modulus) {
                check(&kernel, modulus, &s);
            }
        }
    }
}

#[test]
fn what_the_bounds_assume_is_so() {
    assert_eq!(what_the_bounds_assume::<Fused>(160), [44, 64, 84]);
    assert_eq!(what_the_bounds_assume::<Whole>(96), [92, 132, 176]);
}

/// Returns the limbs of the usual sizes.
fn what_the_bounds_assume<P: Products>(last_bits: usize) -> [usize; 3] {
    assert_eq!(Montgomery::<P>::LAST_WORDS * 32, last_bits);
    assert!(last_bits >= 3 * P::LIMB_BITS + 7);
    let mut numbers = Numbers(2);
    for bits in [2048, 2049, 2084, 2085, 2112, 2113, 2560, 3072, 3104, 4095, 4096] {
        for modulus in [power_of_two(bits) - 1_u32, power_of_two(bits - 1) + 1_u32, odd(numbers.of_bits(bits))] {
            let limbs = Montgomery::<P>::new(&modulus).limbs;
            assert!(limbs.is_multiple_of(4) && bits + last_bits <= P::LIMB_BITS * limbs, "{bits} bits");
            let multiple = multiple_before_power::<P>(&modulus);
            assert_eq!(&multiple % &modulus, BigUint::from(0_u32));
            assert_eq!((&multiple + 1_u32) % power_of_two(3 * P::LIMB_BITS), BigUint::from(0_u32));
            assert!(multiple < &modulus * power_of_two(3 * P::LIMB_BITS));
        }
    }
    [2048, 3072, 4096].map(|bits| Montgomery::<P>::new(&(power_of_two(bits) - 1_u32)).limbs)
}

#[test]
fn the_largest_sums_do_not_overflow() {
    the_largest_sums::<Fused>(1 << 60);
    the_largest_sums::<Whole>(1 << 57);
}

/// Those of a number whose limbs are all ones, times itself, and of digits `q` that are all ones, times another such number: no
/// other sums are larger.
fn the_largest_sums<P: Products>(largest: i64) {
    let kernel = Montgomery::<P>::new(&(power_of_two(4096) - 1_u32));
    let count = kernel.limbs;
    let ones = vec![float(P::LIMB_MASK); count];
    let number = Number::new(&ones);
    let sums = |start: usize, offsets: &Offsets, add_product: &dyn Fn(&mut Columns<P>)| {
        let mut columns = Columns::new(kernel.none);
        add_product(&mut columns);
        let known = &ones[start.saturating_sub(count)..count.min(start)];
        columns.add(known, number.entries(count.saturating_sub(start)));
        let [first, second, third] = columns.lower_sums();
        if start < count {
            columns.add_to_upper(float(P::LIMB_MASK), Floats::new(0.0, float(P::LIMB_MASK)));
        }
        let [fourth, above] = columns.upper_sums();
        let mut sums = [first, second, third, fourth, above];
        sums.iter_mut().zip(offsets).for_each(|(sum, offset)| *sum = sum.wrapping_sub(*offset));
        sums
    };
    for (block, start) in (0..2 * count).step_by(4).enumerate() {
        let product = sums(start, &kernel.product_offsets[block], &|columns| {
            kernel.add_product(columns, start, &ones, &number);
        });
        let square = sums(start, &kernel.square_offsets[block], &|columns| kernel.add_square(columns, start, &number));
        assert_eq!(carried::<P>(product), carried::<P>(square), "{start}");
        assert!(product.into_iter().chain(square).all(|sum| sum.abs() < largest), "{start}");
    }
}

/// The same number with each carry where it belongs: halves may be rounded differently, what they add up to may not.
fn carried<P: Products>(sums: [i64; 5]) -> [i64; 5] {
    let mut carry = 0;
    let mut digits = sums.map(|sum| {
        let sum = sum + carry;
        carry = sum >> P::LIMB_BITS;
        sum & P::LIMB_MASK
    });
    digits[4] += carry << P::LIMB_BITS;
    digits
}
