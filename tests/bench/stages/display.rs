//! The stages that need a display: pixels from a real X server, and pixels to one. Both have the picture on an Xvfb of its own.

use std::time::Duration;

use anyhow::{Result, ensure};
use farhand_codec::{Area, Scaler};
use farhand_engine::platform::{
    Frame, PictureSurface, ScreenSource as _,
    linux::{X11Screen, X11Surface},
};
use farhand_protocol::geometry::Rect;

use super::{
    measure::time,
    report::{Beside, Record},
    scene::{LETTER, LINE, Scene, area_of, rect_of},
};
use crate::codec::shown::Shown;

/// A large part is shown in bands of so many pixels, as `farhand_engine::viewer::presenter` does it.
const BAND_PIXELS: u32 = 1 << 18;

/// What is captured and presented besides all of it.
const PARTS: [(&str, Area); 2] = [("line 1200×18", LINE), ("letter 9×18", LETTER)];

/// From the server into the frame.
pub fn capture(scene: &Scene<'_>, record: &mut Record<'_>) -> Result<()> {
    let shown = Shown::start(scene.now)?;
    let mut screen = X11Screen::open(shown.display.name())?;
    screen.wait(Duration::ZERO)?;
    let mut frame = Frame::default();
    let mut capture = |area: Area| time(|| Ok(screen.capture(&[rect_of(&area)], &mut frame)?));
    let whole = capture(scene.whole())?;
    record.note_with("whole screen", whole, Beside::Pixels(scene.now.bytes().len() as u64));
    for (what, area) in PARTS {
        record.note(what, capture(area)?);
    }
    ensure!(frame.data == scene.now.bytes(), "what was captured is not what is shown");
    Ok(())
}

/// From the picture to the server, until the server has drawn it.
pub fn present(scene: &Scene<'_>, record: &mut Record<'_>) -> Result<()> {
    let mut shown = Shown::start(scene.now)?;
    let mut scaler = Scaler::default();
    let mut present = |area: Area| {
        let bands = bands(&area);
        time(|| draw(&mut shown.surface, scene, &bands, &mut scaler))
    };
    let whole = present(scene.whole())?;
    record.note_with("whole screen", whole, Beside::Pixels(scene.now.bytes().len() as u64));
    for (what, area) in PARTS {
        record.note(what, present(area)?);
    }
    Ok(())
}

fn draw(surface: &mut X11Surface, scene: &Scene<'_>, bands: &[Rect], scaler: &mut Scaler) -> Result<()> {
    let picture = scene.now.as_picture();
    let size = (picture.width(), picture.height());
    surface.draw(bands, &mut |rect, pixels| {
        scaler.draw(&picture, size, &area_of(rect), pixels, (0, 0))
    })?;
    surface.present(bands)?;
    // Asking again waits until the server has drawn them.
    surface.pixels()?;
    Ok(())
}

fn bands(area: &Area) -> Vec<Rect> {
    let rows = (BAND_PIXELS / area.width.max(1)).max(1);
    let band = |top: u32| Area {
        y: area.y + top,
        height: rows.min(area.height - top),
        ..*area
    };
    (0..area.height).step_by(rows as usize).map(|top| rect_of(&band(top))).collect()
}
