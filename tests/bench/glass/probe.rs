//! Reads the stamp off the technician's display, a thousand times a second, on a thread of its own.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use anyhow::{Result, anyhow};
use farhand_tests::harness::Display;
use x11rb::{
    protocol::xproto::{ConnectionExt as _, ImageFormat, Window},
    rust_connection::RustConnection,
};

use super::stamp::{self, Spot};

/// A watch under way.
pub struct Probe {
    ending: Arc<AtomicBool>,
    thread: JoinHandle<Result<BTreeMap<u32, Instant>>>,
}

/// Watches from now on.
pub fn start(display: &Display, spot: Spot) -> Result<Probe> {
    let (conn, screen) = display.connect()?;
    let root = x11rb::connection::Connection::setup(&conn).roots[screen].root;
    let ending = Arc::new(AtomicBool::new(false));
    let told = ending.clone();
    let thread = std::thread::Builder::new().name("probe".into()).spawn(move || {
        let mut seen = BTreeMap::new();
        while !told.load(Ordering::Relaxed) {
            if let Some(number) = read(&conn, root, spot)? {
                seen.entry(number).or_insert_with(Instant::now);
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(seen)
    })?;
    Ok(Probe { ending, thread })
}

impl Probe {
    /// Ends the watch: when each number was seen first.
    pub fn stop(self) -> Result<BTreeMap<u32, Instant>> {
        self.ending.store(true, Ordering::Relaxed);
        self.thread.join().map_err(|_| anyhow!("the probe's thread broke"))?
    }
}

fn read(conn: &RustConnection, root: Window, spot: Spot) -> Result<Option<u32>> {
    let width = (spot.cell * f64::from(stamp::CELLS)).ceil() as u16;
    let image = conn
        .get_image(ImageFormat::Z_PIXMAP, root, spot.x as i16, spot.y as i16, width, 1, !0)?
        .reply()?;
    let cells = (0..stamp::CELLS).fold(0, |cells, cell| {
        let at = ((f64::from(cell) + 0.5) * spot.cell) as usize * 4;
        let is_light = image
            .data
            .get(at..at + 3)
            .is_some_and(|pixel| u32::from(pixel[0]) + u32::from(pixel[1]) * 5 + u32::from(pixel[2]) * 2 > 8 * 127);
        cells | u32::from(is_light) << cell
    });
    Ok(stamp::number_of(cells))
}
