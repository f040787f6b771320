//! The viewer's picture in the size of its window.

use anyhow::{Context as _, Result};
use farhand_codec::{Area, Canvas, Scaler};

use super::{
    measure::time,
    report::{Beside, Record},
    scene::Scene,
};

/// Sizes, in parts of a hundred.
const SIZES: [(&str, u32); 4] = [("1:1", 100), ("150 %", 150), ("2×", 200), ("66 %", 66)];

/// All of it, in each size. What is gone through are the pixels that are made.
pub fn measure(scene: &Scene<'_>, record: &mut Record<'_>) -> Result<()> {
    let picture = scene.now.as_picture();
    let mut scaler = Scaler::default();
    for (what, parts) in SIZES {
        let side = |side: u32| side * parts / 100;
        let (width, height) = (side(picture.width()), side(picture.height()));
        let whole = Area::of_size(width, height);
        let mut drawn = Canvas::black(width, height).context("memory")?;
        let time = time(|| {
            scaler.draw(&picture, (width, height), &whole, &mut drawn.as_picture_mut(), (0, 0));
            Ok(())
        })?;
        record.note_with(what, time, Beside::Pixels(whole.pixels() * 4));
    }
    Ok(())
}
