//! A token bucket.

use farhand_protocol::time::Timestamp;

/// So many at once, then so many per second.
#[derive(Debug)]
pub(super) struct Bucket {
    capacity: f64,
    per_second: f64,
    left: f64,
    cost: f64,
    at: Option<Timestamp>,
}

impl Bucket {
    pub(super) const fn new(capacity: f64, per_second: f64) -> Self {
        Self {
            capacity,
            per_second,
            left: capacity,
            cost: 1.0,
            at: None,
        }
    }

    /// What one costs from now on.
    pub(super) const fn set_cost(&mut self, cost: f64) {
        self.cost = cost;
    }

    /// Takes one if there is one.
    pub(super) fn take(&mut self, now: Timestamp) -> bool {
        self.refill(now);
        let there = self.left >= self.cost;
        if there {
            self.left -= self.cost;
        }
        there
    }

    /// One was not needed after all.
    pub(super) fn give_back(&mut self) {
        self.left = (self.left + self.cost).min(self.capacity);
    }

    /// How full it is, 0 to 1.
    pub(super) fn level(&mut self, now: Timestamp) -> f64 {
        self.refill(now);
        self.left / self.capacity
    }

    /// A clock that was set back refills nothing.
    fn refill(&mut self, now: Timestamp) {
        let passed = self.at.map_or(0, |at| now.since_millis(at)).max(0);
        self.left = (self.left + passed as f64 / 1000.0 * self.per_second).min(self.capacity);
        self.at = Some(self.at.map_or(now, |at| at.max(now)));
    }
}
