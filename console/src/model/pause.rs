//! How long the customer is to be left alone after a no, as the host will have it: 15 s after the first, twice as long after each further one, up to 15 min;
//! a yes ends it (APP-29, APP-33). What is counted here is a guess, since each capability has its pause there and a console that was started anew knows of none
//! before; where it was too short the host says how long it is, and that counts.

use farhand_protocol::time::Timestamp;

const FIRST_MILLIS: i64 = 15_000;
const LONGEST_MILLIS: i64 = 15 * 60 * 1_000;

/// The pause of a tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pause {
    refusals: u32,
    until: Option<Timestamp>,
}

impl Pause {
    /// When it ends, or has ended.
    pub fn until(&self) -> Option<Timestamp> {
        self.until
    }

    /// The customer said no, or nothing.
    pub fn handle_no(&mut self, now: Timestamp) {
        let millis = (FIRST_MILLIS << self.refusals.min(16)).min(LONGEST_MILLIS);
        self.refusals = self.refusals.saturating_add(1);
        self.until = Some(now.plus_millis(millis));
    }

    /// The host said until when.
    pub fn handle_told(&mut self, until: Timestamp) {
        self.until = Some(until);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_no_makes_it_twice_as_long_up_to_a_quarter_of_an_hour() {
        let mut pause = Pause::default();
        let secs: Vec<i64> = (0..8)
            .filter_map(|_| {
                pause.handle_no(Timestamp(0));
                pause.until().map(|until| until.0 / 1_000)
            })
            .collect();
        assert_eq!(secs, [15, 30, 60, 120, 240, 480, 900, 900]);
    }
}
