//! How fast bytes are sent into a path (ADR 0011): as Cubic has it, except that a packet lost here and there on a path without a queue is no sign
//! that the path is full. Radio links lose such packets all day, and a picture must not get coarser for each of them.
//!
//! ```text
//! loss ─► persistent, or marked by a router? ─yes─► Cubic makes its window smaller
//!         more than 2 % of the bytes of the last one to two seconds? ─yes─►
//!         is there a queue (round trip)?     ─yes─►
//!         otherwise: sent again, and nothing else
//! ```
//!
//! On a slow line packets leave one at a time ([`Trickle`]).

use std::{
    any::Any,
    sync::Arc,
    time::{Duration, Instant},
};

use iroh::endpoint::RttEstimator;
use noq::congestion::{Bbr3Config, Controller, ControllerFactory, ControllerMetrics, Cubic, CubicConfig};

use super::trickle::{Arrived, Trickle};

/// From this part of all bytes on, losses are a sign of a full path, queue or not: small buffers drop what large ones delay.
const MANY: f64 = 0.02;
/// So few bytes are not many where little is sent: two packets, if they are not a fifth of it.
const FEW_BYTES: u64 = 3000;
const MUCH_OF_FEW: f64 = 0.2;
/// Losses are counted over one to two times this.
const WINDOW: Duration = Duration::from_secs(1);
/// What arrived in less than this tells no rate.
const SHORTEST: Duration = WINDOW;
/// A round trip longer than the least by this, or by a quarter of the least, is a queue.
const QUEUE: Duration = Duration::from_millis(10);

/// The congestion control of every link. `FARHAND_CONGESTION` takes another for measuring.
pub(super) fn congestion() -> Arc<dyn ControllerFactory + Send + Sync> {
    match std::env::var("FARHAND_CONGESTION").as_deref() {
        Ok("bbr") => Arc::new(Bbr3Config::default()),
        Ok("cubic") => Arc::new(CubicConfig::default()),
        _ => Arc::new(SteadyConfig),
    }
}

#[derive(Debug)]
struct SteadyConfig;

impl ControllerFactory for SteadyConfig {
    fn build(self: Arc<Self>, now: Instant, current_mtu: u16) -> Box<dyn Controller> {
        Box::new(Steady::new(now, current_mtu))
    }
}

/// Cubic that does not mind single losses.
#[derive(Debug, Clone)]
struct Steady {
    cubic: Cubic,
    losses: Losses,
    has_queue: bool,
    /// Whether Cubic knows of the newest loss.
    was_told: bool,
    trickle: Trickle,
    mtu: u16,
}

impl Steady {
    fn new(now: Instant, current_mtu: u16) -> Self {
        Self {
            cubic: Cubic::new(Arc::new(CubicConfig::default()), now, current_mtu),
            losses: Losses::default(),
            has_queue: false,
            was_told: false,
            trickle: Trickle::default(),
            mtu: current_mtu,
        }
    }

    fn note_arrived(&mut self, now: Instant, bytes: u64, rtt: Duration, least_rtt: Duration) {
        self.losses.turn(now);
        self.losses.now.arrived += bytes;
        self.has_queue = rtt > least_rtt + QUEUE.max(least_rtt / 4);
    }
}

impl Controller for Steady {
    fn on_ack(&mut self, now: Instant, sent: Instant, bytes: u64, pn: u64, app_limited: bool, rtt: &RttEstimator) {
        self.note_arrived(now, bytes, rtt.get(), rtt.min());
        let arrived = Arrived {
            // The estimator has not heard of this packet yet.
            rtt: now.saturating_duration_since(sent),
            bytes,
            per_sec: self.losses.arrived_per_sec(now),
            mtu: self.mtu,
        };
        self.trickle.handle_arrived(now, &arrived);
        self.cubic.on_ack(now, sent, bytes, pn, app_limited, rtt);
    }

    fn on_congestion_event(
        &mut self,
        now: Instant,
        sent: Instant,
        is_persistent: bool,
        is_ecn: bool,
        lost_bytes: u64,
        largest_lost_pn: u64,
    ) {
        self.losses.turn(now);
        self.losses.now.lost += lost_bytes;
        self.trickle.handle_lost(now, self.losses.arrived_per_sec(now));
        self.was_told = is_persistent || is_ecn || self.has_queue || self.losses.are_many();
        if self.was_told {
            self.cubic
                .on_congestion_event(now, sent, is_persistent, is_ecn, lost_bytes, largest_lost_pn);
        }
    }

    fn on_spurious_congestion_event(&mut self) {
        self.trickle.handle_not_lost();
        // What Cubic never heard of must not undo what it did for an older loss.
        if self.was_told {
            self.cubic.on_spurious_congestion_event();
        }
    }

    fn on_mtu_update(&mut self, new_mtu: u16) {
        self.mtu = new_mtu;
        self.cubic.on_mtu_update(new_mtu);
    }

    fn window(&self) -> u64 {
        self.cubic.window()
    }

    fn metrics(&self) -> ControllerMetrics {
        let mut metrics = self.cubic.metrics();
        metrics.pacing_rate = self.trickle.rate().or(metrics.pacing_rate);
        metrics
    }

    fn clone_box(&self) -> Box<dyn Controller> {
        Box::new(self.clone())
    }

    fn initial_window(&self) -> u64 {
        self.cubic.initial_window()
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

/// What arrived and what was lost in the last one to two seconds.
#[derive(Debug, Clone, Default)]
struct Losses {
    now: Bytes,
    before: Bytes,
    began: Option<Instant>,
    /// How long `before` was.
    before_lasted: Duration,
}

#[derive(Debug, Clone, Copy, Default)]
struct Bytes {
    arrived: u64,
    lost: u64,
}

impl Losses {
    fn turn(&mut self, now: Instant) {
        let age = self.began.map_or(WINDOW * 2, |began| now.saturating_duration_since(began));
        if age >= WINDOW {
            // What is older than two windows says nothing any more.
            let before = std::mem::take(&mut self.now);
            (self.before, self.before_lasted) = if age < WINDOW * 2 { (before, age) } else { Default::default() };
            self.began = Some(now);
        }
    }

    /// What arrived, in bytes per second.
    fn arrived_per_sec(&self, now: Instant) -> f64 {
        let age = self.began.map_or(Duration::ZERO, |began| now.saturating_duration_since(began));
        let lasted = age + self.before_lasted;
        (self.now.arrived + self.before.arrived) as f64 / lasted.max(SHORTEST).as_secs_f64()
    }

    fn are_many(&self) -> bool {
        let lost = self.now.lost + self.before.lost;
        let all = self.now.arrived + self.before.arrived + lost;
        let is_part = |part: f64| lost as f64 > all as f64 * part;
        is_part(MANY) && (lost > FEW_BYTES || is_part(MUCH_OF_FEW))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RTT: Duration = Duration::from_millis(40);

    fn lost(controller: &mut Steady, now: Instant, bytes: u64) {
        controller.on_congestion_event(now, now, false, false, bytes, 1);
    }

    #[test]
    fn a_packet_lost_here_and_there_does_not_make_the_window_smaller_and_many_do() {
        let start = Instant::now();
        let mut controller = Steady::new(start, 1200);
        let whole = controller.window();
        for half_second in 1..60 {
            let now = start + Duration::from_millis(500) * half_second;
            controller.note_arrived(now, 300_000, RTT, RTT);
            lost(&mut controller, now, 1200);
            assert_eq!(controller.window(), whole, "one in 250 packets");
        }
        lost(&mut controller, start + Duration::from_secs(30), 20_000);
        assert!(controller.window() < whole, "three in a hundred");
    }

    #[test]
    fn a_loss_where_there_is_a_queue_counts() {
        let start = Instant::now();
        let mut controller = Steady::new(start, 1200);
        let whole = controller.window();
        controller.note_arrived(start, 300_000, RTT * 5 / 4, RTT);
        lost(&mut controller, start, 1200);
        assert_eq!(controller.window(), whole);
        controller.note_arrived(start, 300_000, RTT * 2, RTT);
        lost(&mut controller, start + Duration::from_millis(1), 1200);
        assert!(controller.window() < whole);
    }

    #[test]
    fn a_loss_of_a_persistent_kind_or_marked_by_a_router_always_counts() {
        let start = Instant::now();
        for (is_persistent, is_ecn) in [(true, false), (false, true)] {
            let mut controller = Steady::new(start, 1200);
            let whole = controller.window();
            controller.on_congestion_event(start, start, is_persistent, is_ecn, 1200, 1);
            assert!(controller.window() < whole);
        }
    }

    #[test]
    fn where_little_is_sent_one_loss_is_not_many() {
        let start = Instant::now();
        let mut controller = Steady::new(start, 1200);
        let whole = controller.window();
        controller.note_arrived(start, 12_000, RTT, RTT);
        lost(&mut controller, start, 1200);
        assert_eq!(controller.window(), whole);
        lost(&mut controller, start + Duration::from_millis(1), 2400);
        assert!(controller.window() < whole, "three of thirteen packets");
    }

    #[test]
    fn a_loss_that_was_none_does_not_undo_an_older_one() {
        let start = Instant::now();
        let mut controller = Steady::new(start, 1200);
        controller.note_arrived(start, 300_000, RTT, RTT);
        lost(&mut controller, start, 20_000);
        let smaller = controller.window();
        let later = start + WINDOW * 3;
        controller.note_arrived(later, 300_000, RTT, RTT);
        lost(&mut controller, later, 1200);
        controller.on_spurious_congestion_event();
        assert_eq!(controller.window(), smaller);
    }
}
