//! Pictures of a Mac's displays by `scrap`, which streams them from the window server. The desktop space is
//! in points, as are pictures and input; on a Retina display the server scales its picture down to points.
//! The pointer is not in the pictures; an arrow stands for whatever it looks like.

use core_foundation::base::{CFType, TCFType};
use core_foundation::boolean::CFBoolean;
use core_foundation::dictionary::{CFDictionary, CFDictionaryRef};
use core_foundation::string::CFString;
use core_graphics::access::ScreenCaptureAccess;
use core_graphics::display::CGDisplay;
use core_graphics::event::CGEvent;
use core_graphics::event_source::{CGEventSource, CGEventSourceStateID};
use farhand_protocol::geometry::{MAX_MONITORS, Monitor, Point, Rect};
use scrap::quartz;

use crate::platform::padding::padded_stride;
use crate::platform::pasted::paste;
use crate::platform::polled::{Look, PointerLook, Taker};
use crate::platform::{CaptureError, CursorShape, Frame};

/// The arrow: `X` black, `.` white, anything else clear.
const ARROW: [&str; 16] = [
    ".          ",
    "..         ",
    ".X.        ",
    ".XX.       ",
    ".XXX.      ",
    ".XXXX.     ",
    ".XXXXX.    ",
    ".XXXXXX.   ",
    ".XXXXXXX.  ",
    ".XXXXXXXX. ",
    ".XXXXX.....",
    ".XX.XX.    ",
    ".X. .XX.   ",
    "..  .XX.   ",
    ".    .XX.  ",
    "      ..   ",
];

/// Takes pictures of all displays.
pub(super) struct DisplayTaker {
    monitors: Vec<Monitor>,
    streams: Vec<Stream>,
    arrow: Option<CursorShape>,
}

struct Stream {
    area: Rect,
    capturer: scrap::Capturer,
}

impl DisplayTaker {
    /// Asks the person for the permission *Screen Recording* if it is missing; macOS gives it to a program
    /// only when that is started again.
    pub(super) fn open() -> Result<Self, CaptureError> {
        if !ScreenCaptureAccess.preflight() && !ScreenCaptureAccess.request() {
            return Err(CaptureError::Denied(
                "allow it in System Settings, Privacy & Security, Screen Recording, and start it again".to_owned(),
            ));
        }
        Ok(Self {
            monitors: Vec::new(),
            streams: Vec::new(),
            arrow: Some(arrow()),
        })
    }
}

impl Taker for DisplayTaker {
    fn monitors(&mut self) -> Result<Vec<Monitor>, CaptureError> {
        let monitors = monitors()?;
        if monitors != self.monitors {
            self.streams = streams_of(&monitors)?;
            self.monitors.clone_from(&monitors);
        }
        Ok(monitors)
    }

    fn take(&mut self, frame: &mut Frame) -> Result<Look, CaptureError> {
        if is_locked() {
            return Ok(Look::Hidden);
        }
        let mut look = Look::Same;
        for Stream { area, capturer } in &mut self.streams {
            match capturer.frame() {
                Ok(picture) => {
                    paste(frame, area, &picture, padded_stride(picture.len(), area.width, area.height));
                    look = Look::Taken;
                }
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(CaptureError::Gone(error.to_string())),
            }
        }
        Ok(look)
    }

    fn pointer(&mut self) -> PointerLook {
        PointerLook {
            pos: pointer().unwrap_or_default(),
            visible: true,
            shape: self.arrow.take(),
        }
    }
}

/// The displays in use, but one of each mirrored set, in points from the main display's corner.
pub(super) fn monitors() -> Result<Vec<Monitor>, CaptureError> {
    let displays = quartz::Display::online().map_err(|error| CaptureError::NoDisplay(format!("{error:?}")))?;
    let shown = displays
        .into_iter()
        .filter(|display| display.is_active() && CGDisplay::new(display.id()).mirrors_display() == 0);
    let monitors: Vec<Monitor> = shown.take(MAX_MONITORS).map(monitor).collect();
    if monitors.is_empty() {
        return Err(CaptureError::NoDisplay("no display is on".to_owned()));
    }
    Ok(monitors)
}

fn monitor(display: quartz::Display) -> Monitor {
    let corner = CGDisplay::new(display.id()).bounds().origin;
    Monitor {
        id: display.id(),
        area: Rect::new(corner.x as i32, corner.y as i32, display.width() as u32, display.height() as u32),
        scale_percent: 100,
        primary: display.is_primary(),
        name: format!("Display {}", display.id()),
    }
}

/// A stream of each monitor. `scrap` lists displays twice, once with their numbers and once to be captured,
/// both in the window server's order.
fn streams_of(monitors: &[Monitor]) -> Result<Vec<Stream>, CaptureError> {
    let gone = |error: std::io::Error| CaptureError::Gone(error.to_string());
    let ids = quartz::Display::online().map_err(|error| CaptureError::Gone(format!("{error:?}")))?;
    let mut streams = Vec::new();
    for (id, display) in ids.into_iter().zip(scrap::Display::all().map_err(gone)?) {
        let Some(monitor) = monitors.iter().find(|monitor| monitor.id == id.id()) else {
            continue;
        };
        streams.push(Stream {
            area: monitor.area,
            capturer: scrap::Capturer::new(display).map_err(gone)?,
        });
    }
    Ok(streams)
}

fn pointer() -> Option<Point> {
    let source = CGEventSource::new(CGEventSourceStateID::CombinedSessionState).ok()?;
    let pos = CGEvent::new(source).ok()?.location();
    Some(Point {
        x: pos.x as i32,
        y: pos.y as i32,
    })
}

#[link(name = "CoreGraphics", kind = "framework")]
unsafe extern "C" {
    fn CGSessionCopyCurrentDictionary() -> CFDictionaryRef;
}

/// True behind the lock screen, whose picture is not for us.
fn is_locked() -> bool {
    // SAFETY: takes nothing; what it returns is null or ours.
    let session = unsafe { CGSessionCopyCurrentDictionary() };
    if session.is_null() {
        return false;
    }
    // SAFETY: a live dictionary with strings for keys, whose reference is handed over to us.
    let session: CFDictionary<CFString, CFType> = unsafe { CFDictionary::wrap_under_create_rule(session) };
    let locked = session.find(&CFString::from_static_string("CGSSessionScreenIsLocked"));
    locked.and_then(|value| value.downcast::<CFBoolean>()).is_some_and(bool::from)
}

fn arrow() -> CursorShape {
    let bgra = ARROW.iter().flat_map(|row| row.bytes()).flat_map(|dot| match dot {
        b'X' => [0, 0, 0, 255],
        b'.' => [255; 4],
        _ => [0; 4],
    });
    CursorShape {
        serial: 1,
        size: (ARROW[0].len() as u16, ARROW.len() as u16),
        hotspot: (0, 0),
        bgra: bgra.collect(),
    }
}
