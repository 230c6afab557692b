//! Long numbers in limbs of 51 bits, each in a floating-point number, and the way there and back.

use super::lanes::Floats;

/// Bits of a limb. The two halves of a product of limbs then fit the 53 bits of a floating-point number (see `columns`).
pub(super) const LIMB_BITS: usize = 51;

/// The lowest limb of a number.
pub(super) const LIMB_MASK: i64 = (1 << LIMB_BITS) - 1;

/// The limbs of a big-endian number followed by so many zero bytes, lowest limb first. It fits: that is for the caller to see to.
pub(super) fn limbs_of(big_endian: &[u8], zero_bytes: usize, count: usize) -> Vec<f64> {
    let mut bytes = vec![0; zero_bytes];
    bytes.extend(big_endian.iter().rev());
    // The last limb is read in a word of eight bytes, too.
    bytes.resize(bytes.len().max(count * LIMB_BITS / 8) + 8, 0);
    let limb = |index: usize| {
        let bit = index * LIMB_BITS;
        let word = bytes.get(bit / 8..).and_then(<[u8]>::first_chunk).map_or(0, |word| i64::from_le_bytes(*word));
        // 51 bits from within the first byte on end before the 59th.
        (word >> (bit % 8) & LIMB_MASK) as f64
    };
    (0..count).map(limb).collect()
}

/// The number of these limbs in words of 32 bits, lowest first; as many as are asked for.
pub(super) fn words_of(limbs: &[f64], count: usize) -> Vec<u32> {
    let limb = |index: usize| limbs.get(index).map_or(0, |limb| integer(*limb));
    let word = |index: usize| {
        let (first, offset) = (index * 32 / LIMB_BITS, index * 32 % LIMB_BITS);
        low_word(limb(first) >> offset | limb(first + 1) << (LIMB_BITS - offset))
    };
    (0..count).map(word).collect()
}

/// A limb as an integer, which it always is.
#[expect(clippy::cast_possible_truncation, reason = "there is no fraction")]
pub(super) const fn integer(limb: f64) -> u64 {
    limb as u64
}

/// The lower half.
#[expect(clippy::cast_possible_truncation, reason = "that is what it is for")]
pub(super) const fn low_word(number: u64) -> u32 {
    number as u32
}

/// A number laid out for being the right-hand factor of a product: beside each other what one vector instruction takes.
///
/// Products add up in columns, four at a time, and a limb `j` on the left meets the limbs `column - j` and the three above it on
/// the right. So the list is of two limbs each, once from every even limb on and once from the odd limb below it on, highest
/// first, with zeros around: entry `i` holds the limbs from `limbs + 2 - 2i` on.
pub(super) struct Pairs(Vec<Pair>);

#[derive(Clone, Copy)]
pub(super) struct Pair {
    /// The limbs `m` and `m + 1`, with `m` even.
    pub(super) even: Floats,
    /// The limbs `m - 1` and `m`.
    pub(super) odd: Floats,
}

impl Pairs {
    /// Of as many limbs; they are even in number.
    pub(super) fn new(limbs: &[f64]) -> Self {
        let zero = Floats::both(0.0);
        let mut pairs = Self(vec![Pair { even: zero, odd: zero }; limbs.len() / 2 + 3]);
        pairs.set(limbs);
        pairs
    }

    /// Lays out another number of the same length.
    #[inline(always)]
    pub(super) fn set(&mut self, limbs: &[f64]) {
        let mut below = 0.0;
        // The lowest entry, of limbs below the number, stays zero, and so does the highest.
        let mut entries = self.0.iter_mut().rev().skip(1);
        for ([first, second], entry) in limbs.as_chunks().0.iter().zip(&mut entries) {
            *entry = Pair { even: Floats::new(*first, *second), odd: Floats::new(below, *first) };
            below = *second;
        }
        if let Some(entry) = entries.next() {
            entry.odd = Floats::new(below, 0.0);
        }
    }

    /// Its entries from this one on.
    #[inline(always)]
    pub(super) fn from(&self, start: usize) -> &[Pair] {
        self.0.get(start..).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_survive_the_way_there_and_back() {
        for bytes in [1_usize, 7, 8, 51, 256, 257, 384, 512] {
            let number: Vec<u8> = (0..bytes).map(|index| u8::try_from(index * 37 % 251 + 1).unwrap()).collect();
            for zero_bytes in [0, 1, 20] {
                let count = ((bytes + zero_bytes) * 8).div_ceil(LIMB_BITS);
                let limbs = limbs_of(&number, zero_bytes, count);
                assert!(limbs.iter().all(|limb| *limb <= LIMB_MASK as f64));
                let words = words_of(&limbs, (bytes + zero_bytes).div_ceil(4) + 2);
                let back: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
                let expected = [vec![0; zero_bytes], number.iter().rev().copied().collect()].concat();
                assert_eq!(back[..expected.len()], expected, "{bytes} bytes");
                assert!(back[expected.len()..].iter().all(|byte| *byte == 0));
            }
        }
    }
}
