//! Pictures of the whole Windows desktop by GDI: one copy into memory of ours per picture.

use std::ffi::c_void;
use std::ptr::{NonNull, null_mut};

use windows_sys::Win32::Foundation::POINT;
use windows_sys::Win32::Graphics::Gdi::{
    BI_RGB, BITMAPINFO, BITMAPINFOHEADER, BitBlt, CAPTUREBLT, CreateCompatibleDC, CreateDIBSection, DIB_RGB_COLORS, DeleteDC, DeleteObject,
    GetDC, HBITMAP, HDC, HGDIOBJ, ReleaseDC, SRCCOPY, SelectObject,
};
use windows_sys::Win32::UI::WindowsAndMessaging::{
    CURSOR_SHOWING, CURSORINFO, DI_NORMAL, DrawIconEx, GetCursorInfo, GetIconInfo, HCURSOR, ICONINFO,
};

use farhand_protocol::geometry::{Monitor, Point, Rect};

use super::native;
use crate::platform::pasted::paste;
use crate::platform::polled::{Look, PointerLook, Taker};
use crate::platform::{BYTES_PER_PIXEL, CaptureError, CursorShape, Frame};

/// Side of the square that a cursor is drawn into.
const CURSOR_PX: i32 = 64;

/// Takes pictures of the desktop.
pub(super) struct GdiTaker {
    screen: HDC,
    canvas: Option<Canvas>,
    cursor: HCURSOR,
    serial: u64,
}

impl GdiTaker {
    pub(super) fn open() -> Result<Self, CaptureError> {
        native::see_physical_pixels();
        // SAFETY: a null window is the whole desktop; the result is checked.
        let screen = unsafe { GetDC(null_mut()) };
        if screen.is_null() {
            return Err(CaptureError::NoDisplay("the desktop has no device context".to_owned()));
        }
        Ok(Self {
            screen,
            canvas: None,
            cursor: null_mut(),
            serial: 0,
        })
    }

    /// The picture of a cursor: drawn on black and on white, the difference is what shines through.
    fn shape(&mut self, cursor: HCURSOR) -> Option<CursorShape> {
        let mut info = ICONINFO::default();
        // SAFETY: the structure is writable; the bitmaps it returns are ours to delete, below.
        if unsafe { GetIconInfo(cursor, &raw mut info) } == 0 {
            return None;
        }
        for bitmap in [info.hbmMask, info.hbmColor] {
            // SAFETY: a null or live bitmap that nobody else holds.
            unsafe { DeleteObject(bitmap as HGDIOBJ) };
        }
        let mut canvas = Canvas::new(self.screen, CURSOR_PX, CURSOR_PX)?;
        let mut draw = |background: u8| {
            canvas.bytes_mut().fill(background);
            // SAFETY: the context and the cursor are alive; no brush is given.
            unsafe { DrawIconEx(canvas.dc, 0, 0, cursor, 0, 0, 0, null_mut(), DI_NORMAL) };
            canvas.bytes_mut().to_vec()
        };
        let (on_black, on_white) = (draw(0), draw(255));
        self.serial += 1;
        let side = CURSOR_PX as u16;
        let hotspot = (info.xHotspot.min(63) as u16, info.yHotspot.min(63) as u16);
        Some(CursorShape {
            serial: self.serial,
            size: (side, side),
            hotspot,
            bgra: unmix(&on_black, &on_white),
        })
    }
}

impl Taker for GdiTaker {
    fn monitors(&mut self) -> Result<Vec<Monitor>, CaptureError> {
        Ok(native::monitors())
    }

    fn take(&mut self, frame: &mut Frame) -> Result<Look, CaptureError> {
        let Rect { x, y, width, height } = frame.area;
        let (width, height) = (width as i32, height as i32);
        if self
            .canvas
            .as_ref()
            .is_none_or(|canvas| (canvas.width, canvas.height) != (width, height))
        {
            self.canvas = Canvas::new(self.screen, width, height);
        }
        let Some(canvas) = &mut self.canvas else {
            return Err(CaptureError::NoDisplay("no memory for a picture".to_owned()));
        };
        // SAFETY: both contexts are alive, and the target is as large as what is copied.
        let copied = unsafe { BitBlt(canvas.dc, 0, 0, width, height, self.screen, x, y, SRCCOPY | CAPTUREBLT) };
        if copied == 0 {
            // The secure desktop (lock, password prompt) refuses.
            return Ok(Look::Hidden);
        }
        let area = frame.area;
        paste(frame, &area, canvas.bytes_mut(), width as usize * BYTES_PER_PIXEL);
        Ok(Look::Taken)
    }

    fn pointer(&mut self) -> PointerLook {
        let mut info = CURSORINFO {
            cbSize: size_of::<CURSORINFO>() as u32,
            flags: 0,
            hCursor: null_mut(),
            ptScreenPos: POINT { x: 0, y: 0 },
        };
        // SAFETY: the structure says its own size and is writable.
        let known = unsafe { GetCursorInfo(&raw mut info) } != 0;
        let visible = known && info.flags & CURSOR_SHOWING != 0;
        let is_new = visible && info.hCursor != self.cursor && !info.hCursor.is_null();
        let shape = if is_new { self.shape(info.hCursor) } else { None };
        if is_new {
            self.cursor = info.hCursor;
        }
        PointerLook {
            pos: Point {
                x: info.ptScreenPos.x,
                y: info.ptScreenPos.y,
            },
            visible,
            shape,
        }
    }
}

impl Drop for GdiTaker {
    fn drop(&mut self) {
        self.canvas = None;
        // SAFETY: gives back what `open` got.
        unsafe { ReleaseDC(null_mut(), self.screen) };
    }
}

/// Memory that GDI draws into, first row first, four bytes a pixel.
struct Canvas {
    dc: HDC,
    bitmap: HBITMAP,
    replaced: HGDIOBJ,
    bits: NonNull<u8>,
    width: i32,
    height: i32,
}

impl Canvas {
    fn new(screen: HDC, width: i32, height: i32) -> Option<Self> {
        let header = BITMAPINFOHEADER {
            biSize: size_of::<BITMAPINFOHEADER>() as u32,
            biWidth: width,
            // Negative: the first row comes first.
            biHeight: -height,
            biPlanes: 1,
            biBitCount: 32,
            biCompression: BI_RGB,
            ..BITMAPINFOHEADER::default()
        };
        let info = BITMAPINFO {
            bmiHeader: header,
            ..BITMAPINFO::default()
        };
        let mut bits: *mut c_void = null_mut();
        // SAFETY: `screen` is alive.
        let dc = unsafe { CreateCompatibleDC(screen) };
        // SAFETY: the description and the place for the pointer outlive the call.
        let bitmap = unsafe { CreateDIBSection(screen, &raw const info, DIB_RGB_COLORS, &raw mut bits, null_mut(), 0) };
        match NonNull::new(bits.cast::<u8>()) {
            Some(bits) if !dc.is_null() && !bitmap.is_null() => {
                // SAFETY: both were made just now and are used nowhere else.
                let replaced = unsafe { SelectObject(dc, bitmap as HGDIOBJ) };
                Some(Self {
                    dc,
                    bitmap,
                    replaced,
                    bits,
                    width,
                    height,
                })
            }
            _ => {
                // SAFETY: null or made just now; deleting null does nothing.
                unsafe {
                    DeleteObject(bitmap as HGDIOBJ);
                    DeleteDC(dc);
                }
                None
            }
        }
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: the section is width × height × 4 bytes and lives as long as `self`; GDI has finished
        // drawing into it when a call on this thread has returned.
        unsafe { std::slice::from_raw_parts_mut(self.bits.as_ptr(), self.width as usize * self.height as usize * 4) }
    }
}

impl Drop for Canvas {
    fn drop(&mut self) {
        // SAFETY: puts back what was selected before, then deletes what `new` made.
        unsafe {
            SelectObject(self.dc, self.replaced);
            DeleteObject(self.bitmap as HGDIOBJ);
            DeleteDC(self.dc);
        }
    }
}

/// From the same picture on black and on white to premultiplied colours with alpha.
fn unmix(on_black: &[u8], on_white: &[u8]) -> Vec<u8> {
    let pixels = on_black.chunks_exact(4).zip(on_white.chunks_exact(4));
    pixels
        .flat_map(|(black, white)| {
            let through = (0..3).map(|i| white[i].saturating_sub(black[i])).max().unwrap_or(255);
            let alpha = 255 - through;
            [black[0].min(alpha), black[1].min(alpha), black[2].min(alpha), alpha]
        })
        .collect()
}
