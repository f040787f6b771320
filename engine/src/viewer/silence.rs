//! Whether the host is still heard. A killed host says no goodbye, and QUIC gives a connection up only after its idle time, so a quiet host is
//! asked, and one that stays silent is said to be silent within two seconds. Any packet counts as heard, so that a slow picture
//! on its way over a thin line is not taken for silence. Sans-I/O.
//!
//! ```text
//! heard ──1 s quiet──► ask ──1 s more, no packet──► silent ──packet──► heard
//! not looked for longer than QUIC's idle time ──► slept: the host has given this connection up, whatever this end still believes
//! ```

use std::time::{Duration, Instant, SystemTime};

use crate::link::IDLE;

/// A host that was quiet for this long is asked.
const ASK_AFTER: Duration = Duration::from_secs(1);
/// No packet at all for this long, and asked meanwhile, means that nothing is heard any more.
const SILENT_AFTER: Duration = Duration::from_millis(1900);
/// Packets arrive, but a question stays without its answer for this long: the host's program hangs.
const HANGS_AFTER: Duration = Duration::from_secs(5);
/// Packets are counted this often while they decide something.
const LOOK_EVERY: Duration = Duration::from_millis(300);

/// What is known of the host's life.
#[derive(Debug)]
pub(super) struct Silence {
    packets: u64,
    heard_at: Instant,
    /// Set while a question waits for its answer.
    asked_at: Option<Instant>,
    looked_at: Instant,
    /// The same by the clock that goes on while the computer sleeps.
    looked_at_wall: SystemTime,
    /// When that clock had jumped: the computer slept, or its clock was set. The host's answer tells.
    jumped_at: Option<Instant>,
    is_silent: bool,
}

/// What follows from a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing new.
    Same,
    /// Ask the host for a sign of life.
    Ask,
    /// Nothing was heard for this long.
    Silent(Duration),
    /// It is heard again.
    Heard,
    /// This computer, or this program, stood still for longer than a connection lives.
    Slept,
}

impl Silence {
    /// A host that was heard just now.
    pub(super) fn new(now: Instant, wall: SystemTime) -> Self {
        Self {
            packets: 0,
            heard_at: now,
            asked_at: None,
            looked_at: now,
            looked_at_wall: wall,
            jumped_at: None,
            is_silent: false,
        }
    }

    /// A question went out, for whatever reason.
    pub(super) fn handle_asked(&mut self, now: Instant) {
        self.asked_at.get_or_insert(now);
    }

    /// An answer came.
    pub(super) fn handle_answer(&mut self) {
        self.asked_at = None;
    }

    /// Since when a question is open.
    pub(super) fn asked_at(&self) -> Option<Instant> {
        self.asked_at
    }

    /// True from [`Verdict::Silent`] to [`Verdict::Heard`].
    pub(super) fn is_silent(&self) -> bool {
        self.is_silent
    }

    /// When to look next.
    pub(super) fn poll_deadline(&self) -> Instant {
        self.looked_at + LOOK_EVERY
    }

    /// Looks at the count of packets that have arrived so far.
    pub(super) fn handle_look(&mut self, packets: u64, now: Instant, wall: SystemTime) -> Verdict {
        let looked_at = std::mem::replace(&mut self.looked_at, now);
        let asleep = wall.duration_since(std::mem::replace(&mut self.looked_at_wall, wall));
        if now.duration_since(looked_at) >= IDLE {
            return Verdict::Slept;
        }
        if asleep.unwrap_or_default() >= IDLE {
            self.jumped_at = Some(now);
            self.packets = packets;
            return Verdict::Ask;
        }
        if packets != self.packets {
            self.jumped_at = None;
        } else if self.jumped_at.is_some_and(|at| now.duration_since(at) >= SILENT_AFTER) {
            return Verdict::Slept;
        }
        if packets != std::mem::replace(&mut self.packets, packets) {
            if now.duration_since(self.heard_at) >= SILENT_AFTER {
                // The question may only now have got through.
                self.asked_at = self.asked_at.map(|_| now);
            }
            self.heard_at = now;
        }
        let quiet = now.duration_since(self.heard_at);
        let unanswered = self.asked_at.map(|at| now.duration_since(at));
        let silent_for = match unanswered {
            Some(_) if quiet >= SILENT_AFTER => Some(quiet),
            Some(open) if open >= HANGS_AFTER => Some(open),
            _ => None,
        };
        match (std::mem::replace(&mut self.is_silent, silent_for.is_some()), silent_for) {
            (false, Some(silent_for)) => Verdict::Silent(silent_for),
            (true, None) => Verdict::Heard,
            (false, None) if unanswered.is_none() && quiet >= ASK_AFTER => Verdict::Ask,
            _ => Verdict::Same,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Looks every 300 ms from `from` to `to`, with this many packets; the times and verdicts that say something.
    fn look(silence: &mut Silence, start: Instant, from: u64, to: u64, packets: impl Fn(u64) -> u64) -> Vec<(u64, Verdict)> {
        let mut said = Vec::new();
        for millis in (from..=to).step_by(300) {
            let now = start + Duration::from_millis(millis);
            let verdict = silence.handle_look(packets(millis), now, SystemTime::UNIX_EPOCH + Duration::from_millis(millis));
            if verdict == Verdict::Ask {
                silence.handle_asked(now);
            }
            if verdict != Verdict::Same {
                said.push((millis, verdict));
            }
        }
        said
    }

    #[test]
    fn a_killed_host_is_missed_within_two_and_a_half_seconds_and_found_again_at_its_first_packet() {
        let start = Instant::now();
        let mut silence = Silence::new(start, SystemTime::UNIX_EPOCH);
        let said = look(&mut silence, start, 0, 6000, |_| 7);
        let [(asked, Verdict::Ask), (missed, Verdict::Silent(quiet))] = said[..] else {
            panic!("{said:?}")
        };
        assert!(asked <= 1300 && missed <= 2500 && quiet >= SILENT_AFTER, "{said:?}");
        assert!(silence.is_silent());
        let said = look(&mut silence, start, 6300, 6300, |_| 8);
        assert_eq!(said, [(6300, Verdict::Heard)]);
    }

    #[test]
    fn packets_of_a_slow_picture_are_a_sign_of_life() {
        let start = Instant::now();
        let mut silence = Silence::new(start, SystemTime::UNIX_EPOCH);
        silence.handle_asked(start);
        assert_eq!(look(&mut silence, start, 300, 4800, |millis| millis), []);
    }

    #[test]
    fn a_host_whose_program_hangs_is_silent_though_its_packets_come() {
        let start = Instant::now();
        let mut silence = Silence::new(start, SystemTime::UNIX_EPOCH);
        silence.handle_asked(start);
        let said = look(&mut silence, start, 300, 6000, |millis| millis);
        assert!(matches!(said[..], [(_, Verdict::Silent(_))]), "{said:?}");
        silence.handle_answer();
        assert_eq!(look(&mut silence, start, 6300, 6300, |millis| millis), [(6300, Verdict::Heard)]);
    }

    #[test]
    fn who_stood_still_for_longer_than_a_connection_lives_has_none_by_either_clock() {
        let (start, wall) = (Instant::now(), SystemTime::UNIX_EPOCH);
        let mut silence = Silence::new(start, wall);
        let shorter = IDLE - Duration::from_secs(1);
        assert_ne!(silence.handle_look(1, start + shorter, wall + shorter), Verdict::Slept);
        assert_eq!(silence.handle_look(2, start + shorter + IDLE, wall + shorter), Verdict::Slept);
        // Where only the clock of the day says so, the host is asked.
        let woke = start + shorter + IDLE;
        assert_eq!(silence.handle_look(3, woke, wall + 2 * IDLE), Verdict::Ask);
        assert_ne!(silence.handle_look(3, woke + LOOK_EVERY, wall + 2 * IDLE), Verdict::Slept);
        assert_eq!(silence.handle_look(3, woke + SILENT_AFTER, wall + 2 * IDLE), Verdict::Slept);
        let mut silence = Silence::new(woke, wall);
        assert_eq!(silence.handle_look(3, woke, wall + IDLE), Verdict::Ask);
        assert_ne!(silence.handle_look(4, woke + LOOK_EVERY, wall + IDLE), Verdict::Slept);
        let heard = silence.handle_look(5, woke + SILENT_AFTER, wall);
        assert_ne!(heard, Verdict::Slept, "the clock was only set, and is set back");
    }
}
