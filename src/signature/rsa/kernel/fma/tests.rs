//! The kernel against `BigUint::modpow`. Natively the lanes are arrays, and all else is what runs in wasm; the core suite runs this
//! once more with the real instructions.

use super::*;

/// How many random pairs are tried; `EDGESEAL_RSA_CASES` says otherwise for a night's run.
const CASES: u64 = 100;

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
fn check(kernel: &Kernel, modulus: &BigUint, s: &BigUint) {
    let expected = bytes(&s.modpow(&BigUint::from(65_537_u32), modulus), modulus);
    assert_eq!(kernel.power(&bytes(s, modulus)), expected, "{s:x}^65537 mod {modulus:x}");
}

/// The numbers below a modulus that lie at an edge of something.
fn edges(modulus: &BigUint) -> Vec<BigUint> {
    let bits = modulus.bits();
    let mut edges: Vec<_> = [0_u32, 1, 2, 3].into_iter().map(BigUint::from).collect();
    edges.extend([1_u32, 2, 3].map(|less| modulus - less));
    edges.extend([51, 102, 153, 204, 1020, bits - 52, bits - 2].map(power_of_two));
    edges.extend([51, 153, 1530, bits - 1].map(|exponent| power_of_two(exponent) - 1_u32));
    // Every other limb is zero, or all ones.
    for pattern in [(1_u64 << 51) - 1, 1, 1 << 50] {
        let limbs = (0..bits / 102).map(|index| BigUint::from(pattern) << (102 * index));
        edges.push(limbs.fold(BigUint::from(0_u32), |sum, limb| sum + limb));
    }
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
        let kernel = Kernel::new(&modulus).unwrap();
        // A key is dear to prepare, and serves many signatures.
        for _ in 0..=case % 3 {
            let s = numbers.of_bits(bits) % &modulus;
            check(&kernel, &modulus, &s);
        }
    }
}

#[test]
fn edges_come_out_as_they_should() {
    let mut numbers = Numbers(1);
    // The largest that 44 limbs take, and the smallest that take 48, stand between the sizes that are in use.
    for (bits, count) in [(2048, 6), (2084, 2), (2085, 2), (3072, 2), (4096, 4)] {
        let moduli = [
            power_of_two(bits) - 1_u32,
            power_of_two(bits - 1) + 1_u32,
            power_of_two(bits) - 3_u32,
            power_of_two(bits - 1) + power_of_two(153) - 1_u32,
            power_of_two(bits) - power_of_two(bits / 2) + 1_u32,
            odd(numbers.of_bits(bits)),
        ];
        for modulus in moduli.iter().take(count) {
            let kernel = Kernel::new(modulus).unwrap();
            for s in edges(modulus) {
                check(&kernel, modulus, &s);
            }
        }
    }
}

#[test]
fn what_the_bounds_assume_is_so() {
    let mut numbers = Numbers(2);
    for bits in [2048, 2049, 2084, 2085, 2560, 3072, 3104, 4095, 4096] {
        for modulus in [power_of_two(bits) - 1_u32, power_of_two(bits - 1) + 1_u32, odd(numbers.of_bits(bits))] {
            let kernel = Kernel::new(&modulus).unwrap();
            assert!(
                kernel.limbs.is_multiple_of(4) && bits + 160 <= 51 * kernel.limbs && kernel.limbs <= 84,
                "{bits} bits"
            );
            let multiple = multiple_before_power(&modulus);
            assert_eq!(&multiple % &modulus, BigUint::from(0_u32));
            assert_eq!((&multiple + 1_u32) % power_of_two(153), BigUint::from(0_u32));
            assert!(multiple < &modulus * power_of_two(153));
        }
    }
    assert_eq!([2048, 3072, 4096].map(|bits| Kernel::new(&(power_of_two(bits) - 1_u32)).unwrap().limbs), [44, 64, 84]);
}

/// Products of numbers whose limbs are all ones: no other sums are larger.
#[test]
fn the_largest_sums_do_not_overflow() {
    let modulus = power_of_two(4096) - 1_u32;
    let kernel = Kernel::new(&modulus).unwrap();
    let ones = vec![LIMB_MASK as f64; kernel.limbs];
    let twos = vec![2.0 * LIMB_MASK as f64; kernel.limbs];
    let pairs = Pairs::new(&ones);
    for start in (0..2 * kernel.limbs).step_by(4) {
        let mut product = Columns::new(kernel.splitter);
        let lefts = &ones[start.saturating_sub(kernel.limbs)..kernel.limbs.min(start + 4)];
        product.add(lefts, pairs.from(kernel.first_entry(start)));
        let mut square = Columns::new(kernel.splitter);
        square.add(&twos[start.saturating_sub(kernel.limbs)..start / 2], pairs.from(kernel.first_entry(start)));
        square.add_middle(&ones[start / 2..], &twos[start / 2..], pairs.from((kernel.limbs - start / 2) / 2));
        assert_eq!(carried(product.sums()), carried(square.sums()), "{start}");
        let largest = 1_i64 << 60;
        assert!(product.sums().into_iter().chain(square.sums()).all(|sum| sum.abs() < largest), "{start}");
    }
}

/// The same number with each carry where it belongs: halves may be rounded differently, what they add up to may not.
fn carried(sums: [i64; 5]) -> [i64; 5] {
    let mut carry = 0;
    let mut digits = sums.map(|sum| {
        let sum = sum + carry;
        carry = sum >> LIMB_BITS;
        sum & LIMB_MASK
    });
    digits[4] += carry << LIMB_BITS;
    digits
}

#[test]
fn this_machine_multiplies_exactly() {
    assert!(Kernel::is_exact());
}
