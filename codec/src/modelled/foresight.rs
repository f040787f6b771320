//! How likely a decision is, learnt as it goes: what was decided before in the same surroundings, seen five ways, each weighed by how often it was right
//! (logistic mixing, after Mahoney's PAQ). Integers alone once the curve is made, which the compiler does: the same on every machine.

use super::range::{Chance, Decisions};

/// Surroundings are seen in so many ways.
pub(super) const WAYS: usize = 5;
/// So many sets of weights.
pub(super) const SETS: usize = 40;

/// Slots of a way, as a power of two; what shares one by chance spoils it a little.
const SLOT_BITS: u32 = 16;
/// What a slot has seen is trusted up to so many times, so that it follows what changes.
const MOST_SEEN: u32 = 250;
const MOST_SEEN_ALONE: u32 = 1000;
const SEEN_BITS: u32 = 10;
const CHANCE_BITS: u32 = 32 - SEEN_BITS;
/// Steps of the logistic curve: so many to one natural logarithm, from -2047 to 2047.
const STEPS: f64 = 256.0;
const STEEPEST: i32 = 2047;
const CURVE_BITS: u32 = 12;
const WEIGHT_ONE: i32 = 1 << 16;
const LEARNING: i32 = 14;
/// No mixed decision is taken for more certain than this, of 65536.
const CERTAIN: Chance = 24;

/// A chance in the upper bits, how often it was seen in the lower.
#[derive(Clone, Copy)]
struct Slot(u32);

impl Slot {
    const NEW: Self = Self(1 << 31);

    fn chance(self) -> u32 {
        self.0 >> SEEN_BITS
    }

    #[inline]
    fn learn(&mut self, is_so: bool, most_seen: u32) {
        let seen = self.0 & ((1 << SEEN_BITS) - 1);
        let chance = i64::from(self.chance());
        let end = if is_so { (1 << CHANCE_BITS) - 1 } else { 0 };
        let chance = chance + (end - chance) * 2 / i64::from(2 * seen + 3);
        self.0 = (chance as u32) << SEEN_BITS | (seen + 1).min(most_seen);
    }
}

/// The logistic curve and back, in steps.
struct Curve {
    /// Of 4096, by step.
    chance_at: [u16; 1 << CURVE_BITS],
    step_of: [i16; 1 << CURVE_BITS],
}

static CURVE: Curve = Curve::new();

impl Curve {
    const fn new() -> Self {
        let middle = STEEPEST as usize + 1;
        let mut curve = Self {
            chance_at: [2048; 1 << CURVE_BITS],
            step_of: [0; 1 << CURVE_BITS],
        };
        // e to the power of one step; sums, products and quotients are the same on every machine, library functions need not be.
        let x = 1.0 / STEPS;
        let base = 1.0 + x + x * x / 2.0 + x * x * x / 6.0 + x * x * x * x / 24.0;
        let (mut power, mut step) = (1.0, 0);
        while step < middle {
            let high = (4096.0 * power / (1.0 + power)) as u16;
            curve.chance_at[middle + step] = high;
            curve.chance_at[middle - step] = 4096 - high;
            power *= base;
            step += 1;
        }
        curve.chance_at[0] = 1;
        let (mut chance, mut at) = (0, 0);
        while chance < curve.step_of.len() {
            while at + 1 < curve.chance_at.len() && (curve.chance_at[at] as usize) < chance {
                at += 1;
            }
            curve.step_of[chance] = (at as i32 - middle as i32) as i16;
            chance += 1;
        }
        curve
    }

    #[inline]
    fn chance_at(&self, step: i32) -> i32 {
        self.chance_at[(step.clamp(-STEEPEST, STEEPEST) + STEEPEST + 1) as usize].into()
    }
}

/// All that was learnt: 1.3 MB.
#[derive(Clone)]
pub(super) struct Foresight {
    ways: [Vec<Slot>; WAYS],
    alone: Box<[Slot; 1 << 8]>,
    weights: Box<[[i32; WAYS]; SETS]>,
}

impl Foresight {
    /// That nothing was learnt by.
    pub(super) fn new() -> Self {
        Self {
            ways: std::array::from_fn(|_| vec![Slot::NEW; 1 << SLOT_BITS]),
            alone: Box::new([Slot::NEW; 1 << 8]),
            weights: Box::new([[WEIGHT_ONE * 2 / WAYS as i32; WAYS]; SETS]),
        }
    }

    /// A decision in these surroundings; `which` of several that are taken there.
    #[inline]
    pub(super) fn decide(
        &mut self,
        decisions: &mut impl Decisions,
        surroundings: &[u32; WAYS],
        which: u32,
        set: usize,
        is_so: bool,
    ) -> bool {
        let mut steps = [0; WAYS];
        let mut at = [0; WAYS];
        let weights = &mut self.weights[set];
        let mut mixed = 0_i64;
        for way in 0..WAYS {
            at[way] = (surroundings[way]
                .wrapping_add(which.wrapping_mul(0x9e37_79b1))
                .wrapping_mul(0x85eb_ca6b)
                >> (32 - SLOT_BITS)) as usize;
            let chance = self.ways[way][at[way]].chance() >> (CHANCE_BITS - CURVE_BITS);
            steps[way] = i32::from(CURVE.step_of[chance as usize]);
            mixed += i64::from(steps[way]) * i64::from(weights[way]);
        }
        let chance = CURVE.chance_at((mixed >> 16).clamp(-i64::from(STEEPEST), STEEPEST.into()) as i32);
        let yes = (chance << (Chance::BITS - CURVE_BITS)).clamp(CERTAIN.into(), (Chance::MAX - CERTAIN).into());
        let is_so = decisions.decide(yes as Chance, is_so);
        let error = (if is_so { 4095 } else { 0 } - chance) * LEARNING;
        for way in 0..WAYS {
            weights[way] = weights[way].saturating_add((steps[way] * error + (1 << 13)) >> 14);
            self.ways[way][at[way]].learn(is_so, MOST_SEEN);
        }
        is_so
    }

    /// A decision that is nearly always the same, known by one number alone.
    #[inline]
    pub(super) fn decide_alone(&mut self, decisions: &mut impl Decisions, surroundings: u8, is_so: bool) -> bool {
        let slot = &mut self.alone[usize::from(surroundings)];
        let yes = (slot.chance() >> (CHANCE_BITS - Chance::BITS)).clamp(1, Chance::MAX.into());
        let is_so = decisions.decide(yes as Chance, is_so);
        slot.learn(is_so, MOST_SEEN_ALONE);
        is_so
    }
}

/// Makes one number of two that others are unlikely to make.
#[inline]
pub(super) fn hash(a: u32, b: u32) -> u32 {
    a.wrapping_mul(0x2545_f491)
        .wrapping_add(b)
        .wrapping_add(1)
        .wrapping_mul(0x9e37_79b1)
        ^ (a >> 15)
}

#[cfg(test)]
mod tests {
    use super::super::range::{Reader, Writer};
    use super::*;

    #[test]
    fn the_curve_goes_there_and_back() {
        assert_eq!((CURVE.chance_at(0), CURVE.step_of[2048]), (2048, 0));
        assert!(CURVE.chance_at.is_sorted() && CURVE.step_of.is_sorted());
        assert_eq!((CURVE.chance_at(-9999), CURVE.chance_at(9999)), (2, 4094));
        for step in [-1500, -700, -1, 3, 256, 900] {
            let exact = 4096.0 / (1.0 + (-f64::from(step) / STEPS).exp());
            assert!((f64::from(CURVE.chance_at(step)) - exact).abs() < 1.01);
        }
    }

    #[test]
    fn what_repeats_costs_less_and_less_and_comes_back() {
        let decisions = || (0..20_000_u32).map(|at| (at % 7, at % 7 == 3 || at % 7 == 4));
        let surroundings = |at: u32| std::array::from_fn(|way| hash(at, way as u32));
        let mut bytes = Vec::new();
        let (mut foresight, mut writer) = (Foresight::new(), Writer::new(&mut bytes));
        for (at, is_so) in decisions() {
            foresight.decide(&mut writer, &surroundings(at), 0, 0, is_so);
        }
        writer.finish();
        assert!(bytes.len() < 40, "{}", bytes.len());
        let (mut foresight, mut reader) = (Foresight::new(), Reader::new(&bytes));
        assert!(decisions().all(|(at, is_so)| foresight.decide(&mut reader, &surroundings(at), 0, 0, false) == is_so));
    }
}
