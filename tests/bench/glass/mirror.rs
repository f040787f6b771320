//! The floor of the comparison: a process that copies what changes on the customer's display into a window over the technician's, through memory
//! shared with both X servers. No network and no codec; what it takes is taken by displays and memory alone, and no product can take less.

use std::time::Duration;

use anyhow::Result;
use farhand_codec::PictureMut;
use farhand_engine::platform::{
    BYTES_PER_PIXEL, Frame, PictureSurface as _, ScreenEvent, ScreenSource as _, SurfacePlace,
    linux::{CapturePath, X11Screen, X11Surface},
};
use farhand_protocol::geometry::Rect;
use farhand_tests::harness::Display;

use super::{SIZE, window_on};

/// The word that makes this program the mirror.
pub const WORD: &str = "mirror";
/// Nothing has to be done when nothing happened for so long.
const PATIENCE: Duration = Duration::from_secs(60);

/// Copies from one display to the other, woken by XDamage, until one of them is gone.
///
/// # Errors
/// When a display is not there, or is lost while it is drawn on.
pub fn run(from: &str, to: &str) -> Result<()> {
    let (_conn, window) = window_on(&Display::existing(to)?)?;
    let mut surface = X11Surface::open(to, window, CapturePath::SharedDescriptor)?;
    let area = Rect::new(0, 0, SIZE.0.into(), SIZE.1.into());
    surface.place(&SurfacePlace {
        area,
        ..SurfacePlace::default()
    })?;
    let mut screen = X11Screen::open(from)?;
    let mut frame = Frame::with_area(area);
    loop {
        for event in screen.wait(PATIENCE)? {
            match event {
                ScreenEvent::Damage(rects) => {
                    screen.capture(&rects, &mut frame)?;
                    surface.draw(&rects, &mut |rect, target| copy(&frame, rect, target))?;
                    surface.present(&rects)?;
                }
                ScreenEvent::Gone(_) => return Ok(()),
                _ => {}
            }
        }
    }
}

fn copy(frame: &Frame, rect: &Rect, target: &mut PictureMut<'_>) {
    let (left, len) = (rect.x as usize * BYTES_PER_PIXEL, rect.width as usize * BYTES_PER_PIXEL);
    for y in rect.y..rect.bottom() {
        let from = frame.offset(rect.x, y);
        target.row_mut(y as u32)[left..left + len].copy_from_slice(&frame.data[from..from + len]);
    }
}
