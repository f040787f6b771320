//! Numbers that look random and are the same in every run.

/// Where the row of numbers stands; it must not begin with 0.
pub struct Random(pub u32);

impl Random {
    /// The next one, below a bound.
    pub fn below(&mut self, bound: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0 % bound
    }
}
