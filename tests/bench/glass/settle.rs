//! What becomes of the picture after the last change: how like both displays are at once, and when they are equal.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use farhand_tests::harness::Desk;
use image::RgbImage;
use serde::Serialize;

use super::likeness::Likeness;

/// Rows at the lower edge that a comparison leaves out: the stamp is there.
const STAMP_ROWS: usize = 40;
const LOOKS_APART: Duration = Duration::from_millis(20);
/// Red, green, blue.
const CHANNELS: usize = 3;

/// How it went.
#[derive(Debug, Clone, Serialize)]
pub struct Settled {
    /// At the first look after the last change.
    pub first: Likeness,
    /// At the last look.
    pub last: Likeness,
    /// When every pixel was the same, if it was in time.
    pub exact_after_seconds: Option<f64>,
}

/// Looks at both displays until they show the same but for the stamp, or the time is over.
pub fn wait_equal(host: &Desk, view: &Desk, timeout: Duration) -> Result<Settled> {
    let began = Instant::now();
    let mut first = None;
    loop {
        let (a, b) = (host.screen.grab()?, view.screen.grab()?);
        let at = began.elapsed();
        ensure!(a.dimensions() == b.dimensions(), "the displays differ in size");
        let (a, b) = (without_stamp(&a), without_stamp(&b));
        if a == b || at >= timeout {
            let last = Likeness::of(a, b);
            return Ok(Settled {
                first: first.unwrap_or(last),
                last,
                exact_after_seconds: (last == Likeness::Exact).then_some(at.as_secs_f64()),
            });
        }
        first = first.or_else(|| Some(Likeness::of(a, b)));
        std::thread::sleep(LOOKS_APART);
    }
}

/// The pixels above the stamp.
pub fn without_stamp(image: &RgbImage) -> &[u8] {
    let rows = (image.height() as usize).saturating_sub(STAMP_ROWS);
    &image.as_raw()[..rows * image.width() as usize * CHANNELS]
}
