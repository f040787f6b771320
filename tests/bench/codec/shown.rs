//! A picture on a display of its own.

use anyhow::{Context as _, Result};
use farhand_codec::Canvas;
use farhand_engine::platform::{
    PictureSurface as _, SurfacePlace,
    linux::{CapturePath, X11Surface},
};
use farhand_protocol::geometry::Rect;
use farhand_tests::harness::Display;
use tempfile::TempDir;
use x11rb::rust_connection::RustConnection;

use crate::glass::window_on;

/// The display and what covers it. Everything ends when it is dropped.
pub struct Shown {
    /// A surface over the whole display.
    pub surface: X11Surface,
    // INVARIANT: the window that the surface is in lives as long as this connection, and both end before the display.
    _connection: RustConnection,
    /// The display, as large as the picture.
    pub display: Display,
    /// What its server says.
    pub folder: TempDir,
}

impl Shown {
    /// Starts the display and shows the picture.
    ///
    /// # Errors
    /// When there is no Xvfb, or it does not answer.
    pub fn start(picture: &Canvas) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let (width, height) = (picture.width(), picture.height());
        let display = Display::virtual_screen((width.try_into()?, height.try_into()?), folder.path())?;
        let (connection, window) = window_on(&display)?;
        let mut surface = X11Surface::open(display.name(), window, CapturePath::SharedDescriptor)?;
        let whole = Rect::new(0, 0, width, height);
        surface.place(&SurfacePlace {
            area: whole,
            ..SurfacePlace::default()
        })?;
        let mut target = surface.pixels()?.context("the display shows nothing")?;
        for y in 0..height {
            target.row_mut(y).copy_from_slice(picture.as_picture().row(y));
        }
        surface.present(&[whole])?;
        // Asking again waits until the server has drawn it.
        surface.pixels()?;
        Ok(Self {
            surface,
            _connection: connection,
            display,
            folder,
        })
    }
}
