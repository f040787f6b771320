//! Looks at what a display shows: the whole root window as an image, saved or compared.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail};
use image::{Rgb, RgbImage};
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{ConnectionExt as _, ImageFormat, ImageOrder, Window};
use x11rb::rust_connection::RustConnection;

use super::atspi::Rect;
use super::display::Display;
use super::wait;

/// An eye on one display.
#[derive(Debug)]
pub struct Screen {
    connection: RustConnection,
    root: Window,
}

impl Screen {
    /// Opens an eye on `display`.
    pub fn open(display: &Display) -> Result<Self> {
        let (connection, screen) = display.connect()?;
        if connection.setup().image_byte_order != ImageOrder::LSB_FIRST {
            bail!("{}: pictures with the high byte first are not read here", display.name());
        }
        let root = connection.setup().roots[screen].root;
        Ok(Self { connection, root })
    }

    /// What the whole screen shows now, in its present size.
    pub fn grab(&self) -> Result<RgbImage> {
        let size = self.connection.get_geometry(self.root)?.reply()?;
        self.grab_rect(0, 0, size.width, size.height)
    }

    /// What a part of the screen shows now; it must lie within the screen.
    pub fn grab_part(&self, part: Rect) -> Result<RgbImage> {
        let at = |value: i32| i16::try_from(value);
        let length = |value: i32| u16::try_from(value);
        self.grab_rect(at(part.x)?, at(part.y)?, length(part.width)?, length(part.height)?)
    }

    fn grab_rect(&self, x: i16, y: i16, width: u16, height: u16) -> Result<RgbImage> {
        let reply = self
            .connection
            .get_image(ImageFormat::Z_PIXMAP, self.root, x, y, width, height, u32::MAX)?
            .reply()?;
        let pixels = usize::from(width) * usize::from(height);
        if reply.depth != 24 || reply.data.len() != pixels * 4 {
            bail!("a screen of depth {} with {} bytes is not read here", reply.depth, reply.data.len());
        }
        let (bytes, _) = reply.data.as_chunks::<4>();
        let row = u32::from(width).max(1);
        let mut image = RgbImage::new(u32::from(width), u32::from(height));
        for (index, [blue, green, red, _]) in (0..).zip(bytes) {
            image.put_pixel(index % row, index / row, Rgb([*red, *green, *blue]));
        }
        Ok(image)
    }

    /// Writes what the screen shows now as PNG.
    pub fn save(&self, path: &Path) -> Result<()> {
        Ok(self.grab()?.save(path)?)
    }

    /// Looks until `wanted` accepts what it sees, and gives that picture.
    pub fn wait_for(&self, what: &str, timeout: Duration, mut wanted: impl FnMut(&RgbImage) -> bool) -> Result<RgbImage> {
        wait::until(what, timeout, || Ok(Some(self.grab()?).filter(|image| wanted(image))))
    }
}

/// How many different colours a picture has, counted up to `enough`: a blank one has one.
pub fn colours(image: &RgbImage, enough: usize) -> usize {
    let mut seen = std::collections::HashSet::new();
    for pixel in image.pixels() {
        seen.insert(pixel.0);
        if seen.len() >= enough {
            break;
        }
    }
    seen.len()
}
