//! Whether the text around a film, or scrolling in front of it, is exact while the film plays.

use std::fmt;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};
use farhand_protocol::geometry::Rect;
use farhand_tests::harness::Desk;
use image::RgbImage;
use serde::Serialize;

use super::settle::without_stamp;
use super::stimulus::{Drawing, FILM, WITHIN_FRONT};

const TIME: Duration = Duration::from_secs(3);
const LOOKS_APART: Duration = Duration::from_millis(70);
/// Red, green, blue.
const CHANNELS: usize = 3;

/// How often it was the same in every pixel.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Around {
    /// So often.
    pub exact: usize,
    /// Of so many looks.
    pub looks: usize,
}

impl fmt::Display for Around {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.exact, self.looks)
    }
}

/// Lets the film play on and looks at the text around it meanwhile.
pub fn look(drawing: &mut Drawing, host: &Desk, view: &Desk) -> Result<Around> {
    let text = around_film(&host.screen.grab()?);
    watch(drawing, || Ok(around_film(&view.screen.grab()?) == text))
}

/// Lets the film play on and looks at the text that scrolls in front of it meanwhile: it must be one that was drawn, all of it.
pub fn look_at_front(drawing: &mut Drawing, view: &Desk) -> Result<Around> {
    let texts = drawing.texts_in_front();
    watch(drawing, || {
        let Rect { x, y, width, height } = WITHIN_FRONT;
        let [x, y] = [x, y].map(i32::cast_unsigned);
        let shown = image::imageops::crop_imm(&view.screen.grab()?, x, y, width, height).to_image();
        Ok(texts.contains(shown.as_raw()))
    })
}

fn watch(drawing: &mut Drawing, is_exact: impl Fn() -> Result<bool> + Sync) -> Result<Around> {
    std::thread::scope(|scope| {
        let looking = scope.spawn(|| -> Result<Around> {
            let began = Instant::now();
            let mut around = Around { exact: 0, looks: 0 };
            while began.elapsed() < TIME {
                around.exact += usize::from(is_exact()?);
                around.looks += 1;
                std::thread::sleep(LOOKS_APART);
            }
            Ok(around)
        });
        drawing.run(TIME)?;
        looking.join().map_err(|_| anyhow!("the looking thread broke"))?
    })
}

fn around_film(image: &RgbImage) -> Vec<u8> {
    let width = image.width() as usize * CHANNELS;
    let (left, right) = (FILM.x as usize * CHANNELS, FILM.right() as usize * CHANNELS);
    let rows = without_stamp(image).chunks_exact(width).zip(0..);
    let around = rows.flat_map(|(row, y)| {
        let (before, after) = if (FILM.y..FILM.bottom()).contains(&y) {
            (left, right)
        } else {
            (width, width)
        };
        [&row[..before], &row[after..]]
    });
    around.flatten().copied().collect()
}
