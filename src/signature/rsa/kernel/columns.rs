//! The inner loop: products of limbs, added up in four neighbouring columns at a time.

use super::lanes::{Floats, Sums};

/// The sums of two neighbouring columns, by one of the ways to multiply exactly.
///
/// What [`lows`](Self::lows) and [`highs`](Self::highs) say is off by a constant for each step that was taken. The steps are the
/// same whatever the limbs are, so what they leave when all limbs are zero is what to take off ([`super::montgomery`]).
pub(super) trait Products: Copy {
    /// Bits of a limb.
    const LIMB_BITS: usize;

    /// How many limbs on the left [`add_two`](Self::add_two) may see between one [`settle`](Self::settle) and the next. Even.
    const RUN: usize;

    /// The lowest limb of a number.
    const LIMB_MASK: i64 = (1 << Self::LIMB_BITS) - 1;

    /// No products.
    fn none() -> Self;

    /// Adds the products of two limbs on the left, each in both lanes, with the limbs on the right.
    fn add_two(&mut self, left: [Floats; 2], right: [Floats; 2]);

    /// Adds one product in each column.
    fn add(&mut self, left: Floats, right: Floats);

    /// Moves what was added to where there is more room.
    fn settle(&mut self);

    /// What belongs to the two columns themselves.
    fn lows(&self) -> Sums;

    /// What belongs to the column above each.
    fn highs(&self) -> Sums;
}

/// Four neighbouring columns.
pub(super) struct Columns<P> {
    /// The lower two.
    low: P,
    /// The upper two.
    high: P,
}

impl<P: Products> Columns<P> {
    #[inline(always)]
    pub(super) const fn new(none: P) -> Self {
        Self { low: none, high: none }
    }

    /// Adds, for each limb on the left, its products with those limbs on the right that belong to these columns. Each two on the left
    /// take four entries on the right, from two further on than the two before them.
    #[inline(always)]
    pub(super) fn add(&mut self, left: &[f64], right: &[Floats]) {
        let (mut low, mut high, mut right) = (self.low, self.high, right.as_chunks().0);
        for left in left.chunks(P::RUN) {
            for ([even, odd], entries) in left.as_chunks().0.iter().zip(right.windows(2)) {
                let [[even_upper, odd_upper], [even_lower, odd_lower]] = entries else { break };
                let left = [Floats::both(*even), Floats::both(*odd)];
                low.add_two(left, [*even_lower, *odd_lower]);
                high.add_two(left, [*even_upper, *odd_upper]);
            }
            low.settle();
            high.settle();
            right = right.get(P::RUN / 2..).unwrap_or_default();
        }
        (self.low, self.high) = (low, high);
    }

    /// Adds what is left of a square where the left index meets the right one: of the limbs `m` and `m + 1` the squares, and twice
    /// the products with those above, where the columns start at `2m`. The entries are the first three of those for `m`.
    #[inline(always)]
    pub(super) fn add_middle(&mut self, doubled: [f64; 2], [third, second, first]: [Floats; 3]) {
        let once_and_twice = Floats::new(0.5, 1.0);
        let [lower, upper] = doubled.map(Floats::both);
        self.low.add(lower.times(once_and_twice), first);
        self.high.add(lower, third);
        self.high.add(upper.times(once_and_twice), second);
        self.low.settle();
        self.high.settle();
    }

    /// Adds a limb's products in the upper two columns.
    #[inline(always)]
    pub(super) fn add_to_upper(&mut self, left: f64, right: Floats) {
        self.high.add(Floats::both(left), right);
        self.high.settle();
    }

    /// What the first three columns hold.
    #[inline(always)]
    pub(super) fn lower_sums(&self) -> [i64; 3] {
        let [lows, highs] = [self.low.lows(), self.low.highs()];
        [lows.first(), lows.second().wrapping_add(highs.first()), self.high.lows().first().wrapping_add(highs.second())]
    }

    /// What the last column holds, and what it leaves for the next.
    #[inline(always)]
    pub(super) fn upper_sums(&self) -> [i64; 2] {
        let highs = self.high.highs();
        [self.high.lows().second().wrapping_add(highs.first()), highs.second()]
    }
}
