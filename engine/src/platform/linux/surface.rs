//! `PictureSurface` on X11: a child of the window with an input shape of nothing, so that pointer and keys go to the window below,
//! and a bounding shape without the parts that the window's menus cover. Its pixels lie in memory shared with the server (else they
//! go over the socket), and are put into it with one request for each rectangle.

use std::sync::Arc;

use farhand_codec::PictureMut;
use farhand_protocol::geometry::{Point, Rect};
use x11rb::connection::{Connection, RequestConnection};
use x11rb::cookie::Cookie;
use x11rb::protocol::Event;
use x11rb::protocol::shape::{self, ConnectionExt as _, SK, SO};
use x11rb::protocol::shm::{self, ConnectionExt as _};
use x11rb::protocol::xproto::{
    ClipOrdering, ConfigureWindowAux, ConnectionExt as _, CreateGCAux, CreateWindowAux, EventMask, Gcontext, GetInputFocusReply, Gravity,
    ImageFormat, Rectangle, Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;

use super::connection::{Server, XError};
use super::grab::PixelFormat;
use super::segment::{CapturePath, Segment, Writer};
use super::waiting::{Signal, wait_readable};
use crate::platform::{BYTES_PER_PIXEL, PictureSurface, SurfaceError, SurfacePlace};

/// What a desktop without such a surface lacks.
pub(super) const WANTED: SurfaceError = SurfaceError::Unsupported("surface beside the window's own drawing");

/// Most bytes of one request over the socket.
const BAND_BYTES: usize = 1 << 20;

/// Extensions that only a server with a graphics driver offers.
const DRIVEN: [&str; 4] = ["DRI3", "DRI2", "NV-GLX", "ATIFGLRXDRI"];

/// True when no graphics driver serves the windows of this display.
pub(super) fn draws_in_software(display: &str) -> bool {
    if std::env::var_os("LIBGL_ALWAYS_SOFTWARE").is_some_and(|value| value == "1" || value == "true") {
        return true;
    }
    let has_driver = || -> Result<bool, XError> {
        let server = Server::connect(display)?;
        let names = server.conn.list_extensions()?.reply()?.names;
        Ok(names.iter().any(|known| DRIVEN.iter().any(|name| known.name == name.as_bytes())))
    };
    has_driver().is_ok_and(|has_driver| !has_driver)
}

/// A child window with a picture.
pub struct X11Surface {
    server: Server,
    window: Window,
    gc: Gcontext,
    /// Tells what could not be copied with it.
    copying: Gcontext,
    depth: u8,
    best: CapturePath,
    place: SurfacePlace,
    memory: Memory,
    woken: Arc<Signal>,
    // INVARIANT: while it is there, the server may still read from the memory.
    under_way: bool,
    /// What was shown as soon as it was drawn.
    shown: Vec<Rect>,
    /// What the server lost.
    lost: Rect,
}

enum Memory {
    Shared(Segment),
    Own(Vec<u8>),
}

impl X11Surface {
    /// A hidden surface in `parent`, a window of any client of this display; its memory is shared by a way no better than `best`.
    ///
    /// # Errors
    /// When the display, the window or the server's shapes are not to be had, or its pixels are not four bytes each.
    pub fn open(display: &str, parent: Window, best: CapturePath) -> Result<Self, SurfaceError> {
        let server = Server::connect(display)?;
        if !server.has(shape::X11_EXTENSION_NAME)? {
            return Err(SurfaceError::Unsupported("windows of any shape"));
        }
        let (window, gc, depth) = make_window(&server, parent)?;
        let copying = server.conn.generate_id().map_err(XError::from)?;
        server
            .conn
            .create_gc(copying, window, &CreateGCAux::new().graphics_exposures(1))
            .map_err(XError::from)?;
        let woken = Arc::new(Signal::new().map_err(|e| SurfaceError::Gone(e.to_string()))?);
        Ok(Self {
            server,
            window,
            gc,
            copying,
            depth,
            best,
            place: SurfacePlace::default(),
            memory: Memory::Own(Vec::new()),
            woken,
            under_way: false,
            shown: Vec::new(),
            lost: Rect::default(),
        })
    }

    fn size(&self) -> (u32, u32) {
        (self.place.area.width, self.place.area.height)
    }

    /// Memory for pixels of this size: the present one where it is large enough.
    fn reserve(&mut self, width: u32, height: u32) -> Result<(), XError> {
        let len = width as usize * height as usize * BYTES_PER_PIXEL;
        let known = match &self.memory {
            Memory::Shared(segment) => segment.len(),
            Memory::Own(bytes) => bytes.len(),
        };
        if known >= len {
            return Ok(());
        }
        if let Memory::Shared(old) = std::mem::replace(&mut self.memory, Memory::Own(Vec::new())) {
            old.detach(&self.server.conn);
        }
        self.memory = match self.share(len)? {
            Some(segment) => Memory::Shared(segment),
            None => Memory::Own(vec![0; len]),
        };
        Ok(())
    }

    fn share(&self, len: usize) -> Result<Option<Segment>, XError> {
        if self.best == CapturePath::Socket || !self.server.has(shm::X11_EXTENSION_NAME)? {
            return Ok(None);
        }
        let paths = [CapturePath::SharedDescriptor, CapturePath::SharedSysV];
        for path in paths.into_iter().skip_while(|path| *path != self.best) {
            match Segment::share(&self.server, len, path, Writer::Us) {
                Ok(segment) => return Ok(Some(segment)),
                Err(XError::Lost(text)) => return Err(XError::Lost(text)),
                Err(error) => tracing::debug!(?path, %error, "no memory is shared this way"),
            }
        }
        Ok(None)
    }

    fn configure(&mut self, place: &SurfacePlace) -> Result<(), XError> {
        let (area, before) = (place.area, self.place.area);
        let conn = &self.server.conn;
        if area.is_empty() {
            if !before.is_empty() {
                conn.unmap_window(self.window)?;
            }
            return Ok(());
        }
        if area != before {
            let there = ConfigureWindowAux::new().x(area.x).y(area.y).width(area.width).height(area.height);
            conn.configure_window(self.window, &there)?;
        }
        if (area, &place.holes, place.hole_radius) != (before, &self.place.holes, self.place.hole_radius) {
            let whole = rectangle(&Rect::new(0, 0, area.width, area.height));
            conn.shape_rectangles(SO::SET, SK::BOUNDING, ClipOrdering::UNSORTED, self.window, 0, 0, &[whole])?;
            let bars: Vec<Rectangle> = place
                .holes
                .iter()
                .flat_map(|hole| rounded(hole, place.hole_radius, &area))
                .collect();
            conn.shape_rectangles(SO::SUBTRACT, SK::BOUNDING, ClipOrdering::UNSORTED, self.window, 0, 0, &bars)?;
        }
        if before.is_empty() {
            conn.map_window(self.window)?;
        }
        Ok(())
    }

    fn picture(&mut self) -> Option<PictureMut<'_>> {
        let (width, height) = self.size();
        if width == 0 || height == 0 {
            return None;
        }
        let bytes = match &mut self.memory {
            Memory::Shared(segment) => segment.bytes_mut(),
            Memory::Own(bytes) => bytes,
        };
        PictureMut::new(width, height, width as usize * BYTES_PER_PIXEL, bytes)
    }

    /// Waits until the server has done all it was told.
    fn settle(&mut self) -> Result<(), XError> {
        if std::mem::take(&mut self.under_way) {
            let done: Cookie<'_, RustConnection, GetInputFocusReply> = self.server.conn.get_input_focus()?;
            done.reply()?;
        }
        Ok(())
    }

    fn put(&mut self, rect: &Rect) -> Result<(), XError> {
        let (width, height) = self.size();
        let Some(rect) = rect.intersection(&Rect::new(0, 0, width, height)) else {
            return Ok(());
        };
        let (x, y) = (rect.x as i16, rect.y as i16);
        match &self.memory {
            Memory::Shared(segment) => {
                self.server.conn.shm_put_image(
                    self.window,
                    self.gc,
                    width as u16,
                    height as u16,
                    rect.x as u16,
                    rect.y as u16,
                    rect.width as u16,
                    rect.height as u16,
                    x,
                    y,
                    self.depth,
                    ImageFormat::Z_PIXMAP.into(),
                    false,
                    segment.seg,
                    0,
                )?;
                self.under_way = true;
            }
            Memory::Own(bytes) => self.put_by_socket(bytes, &rect)?,
        }
        Ok(())
    }

    fn put_by_socket(&self, bytes: &[u8], rect: &Rect) -> Result<(), XError> {
        let conn = &self.server.conn;
        let stride = self.size().0 as usize * BYTES_PER_PIXEL;
        let row = rect.width as usize * BYTES_PER_PIXEL;
        let rows = (BAND_BYTES.min(conn.maximum_request_bytes() / 2) / row.max(1)).max(1) as i32;
        let mut top = rect.y;
        while top < rect.bottom() {
            let bottom = (top + rows).min(rect.bottom());
            let band: Vec<u8> = (top..bottom)
                .flat_map(|y| {
                    let at = y as usize * stride + rect.x as usize * BYTES_PER_PIXEL;
                    bytes.get(at..at + row).unwrap_or(&[])
                })
                .copied()
                .collect();
            let (width, height) = (rect.width as u16, (bottom - top) as u16);
            let (x, y) = (rect.x as i16, top as i16);
            conn.put_image(
                ImageFormat::Z_PIXMAP,
                self.window,
                self.gc,
                width,
                height,
                x,
                y,
                0,
                self.depth,
                &band,
            )?;
            top = bottom;
        }
        Ok(())
    }

    /// Takes in what the server says; true when it lost something.
    fn hear(&mut self) -> Result<bool, XError> {
        while let Some(event) = self.server.conn.poll_for_event()? {
            match event {
                // What was moved since may have come from there: all of it is drawn anew.
                Event::Expose(_) | Event::GraphicsExposure(_) => self.lost = Rect::new(0, 0, self.place.area.width, self.place.area.height),
                Event::DestroyNotify(_) => return Err(XError::Lost("the window is gone".to_owned())),
                Event::Error(error) => {
                    return Err(XError::Refused(format!(
                        "{:?} to {}",
                        error.error_kind,
                        error.request_name.unwrap_or("a request")
                    )));
                }
                _ => {}
            }
        }
        Ok(!self.lost.is_empty())
    }

    fn wait_once(&mut self) -> Result<(), XError> {
        loop {
            if self.woken.take() {
                return self.hear().map(drop);
            }
            if self.hear()? {
                return Ok(());
            }
            self.server.conn.flush()?;
            wait_readable(self.server.fd(), &self.woken, None).map_err(|e| XError::Lost(e.to_string()))?;
        }
    }
}

fn make_window(server: &Server, parent: Window) -> Result<(Window, Gcontext, u8), SurfaceError> {
    let made = || -> Result<(Window, Gcontext, u8, PixelFormat), XError> {
        let conn = &server.conn;
        let depth = conn.get_geometry(parent)?.reply()?.depth;
        let visual = conn.get_window_attributes(parent)?.reply()?.visual;
        let format = PixelFormat::of_visual(server, depth, visual).map_err(|e| XError::Refused(e.to_string()))?;
        let window = conn.generate_id()?;
        let looks = CreateWindowAux::new()
            .border_pixel(0)
            .bit_gravity(Gravity::NORTH_WEST)
            .event_mask(EventMask::EXPOSURE | EventMask::STRUCTURE_NOTIFY);
        // Of the parent's own depth and visual, so no colours need to be given.
        conn.create_window(depth, window, parent, 0, 0, 1, 1, 0, WindowClass::INPUT_OUTPUT, 0, &looks)?
            .check()?;
        // Pointer and keys are the window's below.
        conn.shape_rectangles(SO::SET, SK::INPUT, ClipOrdering::UNSORTED, window, 0, 0, &[])?
            .check()?;
        let gc = conn.generate_id()?;
        conn.create_gc(gc, window, &CreateGCAux::new().graphics_exposures(0))?.check()?;
        Ok((window, gc, depth, format))
    };
    let (window, gc, depth, format) = made()?;
    if !format.is_bgrx() {
        return Err(SurfaceError::Unsupported("pixels of four bytes"));
    }
    Ok((window, gc, depth))
}

/// What a hole with round corners takes out of `area`, in its own coordinates.
fn rounded(hole: &Rect, radius: u32, area: &Rect) -> Vec<Rectangle> {
    let radius = radius.min(hole.width / 2).min(hole.height / 2);
    let inset = |row: u32| {
        // The circle as the middles of its pixels see it.
        let (r, rise) = (f64::from(radius), f64::from(radius) - f64::from(row) - 0.5);
        (r - (r * r - rise * rise).max(0.0).sqrt()).round() as u32
    };
    let bar = |top: u32, height: u32, inset: u32| {
        Rect::new(
            hole.x.saturating_add_unsigned(inset),
            hole.y.saturating_add_unsigned(top),
            hole.width.saturating_sub(2 * inset),
            height,
        )
    };
    let corners = (0..radius).flat_map(|row| [bar(row, 1, inset(row)), bar(hole.height - 1 - row, 1, inset(row))]);
    std::iter::once(bar(radius, hole.height - 2 * radius, 0))
        .chain(corners)
        .filter_map(|bar| bar.intersection(area))
        .map(|bar| rectangle(&Rect::new(bar.x - area.x, bar.y - area.y, bar.width, bar.height)))
        .collect()
}

fn rectangle(rect: &Rect) -> Rectangle {
    Rectangle {
        x: rect.x as i16,
        y: rect.y as i16,
        width: rect.width as u16,
        height: rect.height as u16,
    }
}

impl PictureSurface for X11Surface {
    fn place(&mut self, place: &SurfacePlace) -> Result<(), SurfaceError> {
        let mut place = place.clone();
        // A window cannot be larger, and nobody sees more.
        (place.area.width, place.area.height) = (place.area.width.min(i16::MAX as u32), place.area.height.min(i16::MAX as u32));
        if place == self.place {
            return Ok(());
        }
        if (place.area.width, place.area.height) != self.size() {
            self.settle()?;
            self.reserve(place.area.width, place.area.height)?;
        }
        self.configure(&place)?;
        self.place = place;
        Ok(self.server.conn.flush().map_err(XError::from)?)
    }

    fn pixels(&mut self) -> Result<Option<PictureMut<'_>>, SurfaceError> {
        self.settle()?;
        Ok(self.picture())
    }

    fn draw(&mut self, rects: &[Rect], draw: &mut dyn FnMut(&Rect, &mut PictureMut<'_>)) -> Result<(), SurfaceError> {
        self.settle()?;
        for (place, rect) in rects.iter().enumerate() {
            if rects[..place].iter().any(|before| before.intersection(rect).is_some()) {
                // The server may still read what lies under both.
                self.settle()?;
            }
            let Some(mut pixels) = self.picture() else { return Ok(()) };
            draw(rect, &mut pixels);
            if matches!(self.memory, Memory::Shared(_)) {
                self.put(rect)?;
                self.server.conn.flush().map_err(XError::from)?;
                self.shown.push(*rect);
            }
        }
        Ok(())
    }

    fn present(&mut self, rects: &[Rect]) -> Result<(), SurfaceError> {
        if std::mem::take(&mut self.shown) == rects {
            return Ok(());
        }
        for rect in rects {
            self.put(rect)?;
        }
        Ok(self.server.conn.flush().map_err(XError::from)?)
    }

    fn move_shown(&mut self, from: Point, to: &Rect) -> Result<bool, SurfaceError> {
        let (x, y, width, height) = (to.x as i16, to.y as i16, to.width as u16, to.height as u16);
        let (conn, window) = (&self.server.conn, self.window);
        conn.copy_area(window, window, self.copying, from.x as i16, from.y as i16, x, y, width, height)
            .map_err(XError::from)?;
        conn.flush().map_err(XError::from)?;
        Ok(true)
    }

    fn take_lost(&mut self) -> Vec<Rect> {
        let lost = std::mem::take(&mut self.lost);
        let lost = lost.intersection(&Rect::new(0, 0, self.place.area.width, self.place.area.height));
        lost.into_iter().collect()
    }

    fn waker(&self) -> Arc<dyn Fn() + Send + Sync> {
        let woken = Arc::clone(&self.woken);
        Arc::new(move || woken.raise())
    }

    fn wait(&mut self) -> Result<(), SurfaceError> {
        Ok(self.wait_once()?)
    }
}

impl Drop for X11Surface {
    fn drop(&mut self) {
        // The connection ends with the value, and the window with it; only the server's hold on the memory is given up in order.
        if let Memory::Shared(segment) = std::mem::replace(&mut self.memory, Memory::Own(Vec::new())) {
            segment.detach(&self.server.conn);
            let _ = self.server.conn.flush();
        }
    }
}

impl From<XError> for SurfaceError {
    fn from(error: XError) -> Self {
        Self::Gone(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pixels(bars: &[Rectangle]) -> u32 {
        bars.iter().map(|bar| u32::from(bar.width) * u32::from(bar.height)).sum()
    }

    #[test]
    fn a_hole_is_taken_out_once_and_its_corners_stay() {
        let area = Rect::new(100, 100, 300, 200);
        let hole = Rect::new(150, 120, 50, 40);
        let square = rounded(&hole, 0, &area);
        assert_eq!(square.len(), 1);
        assert_eq!((square[0].x, square[0].y, square[0].width, square[0].height), (50, 20, 50, 40));
        let round = pixels(&rounded(&hole, 8, &area));
        let missing = 2000 - round;
        // A circle leaves out (4 - π) r² of its square.
        assert!((45..=65).contains(&missing), "{missing}");
        assert!(rounded(&Rect::new(0, 0, 50, 50), 4, &area).is_empty());
        assert_eq!(pixels(&rounded(&Rect::new(90, 90, 20, 20), 0, &area)), 100);
        let least = pixels(&rounded(&Rect::new(100, 100, 3, 3), 100, &area));
        assert!((5..=9).contains(&least), "a radius larger than the hole: {least}");
    }
}
