//! What macOS knows about windows and keys, for the hands.

use core_foundation::base::{CFType, TCFType};
use core_foundation::dictionary::CFDictionary;
use core_foundation::number::CFNumber;
use core_foundation::string::{CFString, CFStringRef};
use core_graphics::geometry::{CGPoint, CGRect};
use core_graphics::window::{
    copy_window_info, kCGNullWindowID, kCGWindowBounds, kCGWindowLayer, kCGWindowListExcludeDesktopElements,
    kCGWindowListOptionOnScreenOnly, kCGWindowOwnerPID,
};
use enigo::{Coordinate, Direction, Enigo, Keyboard, Mouse};
use farhand_protocol::geometry::Point;
use farhand_protocol::input::Press;
use objc2_app_kit::NSWorkspace;

use crate::platform::enigo_hands::Desk;

/// Layer of ordinary windows; menus, panels and the Dock are above it.
const ORDINARY: i32 = 0;

/// The desktop of this process.
pub(super) struct MacDesk;

impl Desk for MacDesk {
    fn move_pointer(&self, enigo: &mut Enigo, pos: Point) -> bool {
        enigo.move_mouse(pos.x, pos.y, Coordinate::Abs).is_ok()
    }

    /// Ours is what lies topmost there, but for windows of others above the ordinary ones: some of those cover
    /// the whole screen and let clicks through, so they protect nothing.
    fn owns_window_at(&self, pos: Point) -> bool {
        let point = CGPoint::new(pos.x.into(), pos.y.into());
        let ours = i64::from(std::process::id());
        let topmost = windows().into_iter().find(|window| {
            let covers = window.bounds.contains(&point);
            covers && (window.owner == ours || window.layer == ORDINARY)
        });
        topmost.is_some_and(|window| window.owner == ours)
    }

    fn has_focus(&self) -> bool {
        let front = NSWorkspace::sharedWorkspace().frontmostApplication();
        front.is_some_and(|front| u32::try_from(front.processIdentifier()) == Ok(std::process::id()))
    }

    fn key_code(&self, usage: u16) -> Option<u16> {
        key_code(usage)
    }

    fn send_key_code(&self, enigo: &mut Enigo, code: u16, press: Press) -> bool {
        let direction = match press {
            Press::Down => Direction::Press,
            Press::Up => Direction::Release,
        };
        enigo.raw(code, direction).is_ok()
    }
}

struct Window {
    owner: i64,
    layer: i32,
    bounds: CGRect,
}

/// The windows on the screen, topmost first.
fn windows() -> Vec<Window> {
    let option = kCGWindowListOptionOnScreenOnly | kCGWindowListExcludeDesktopElements;
    let Some(list) = copy_window_info(option, kCGNullWindowID) else {
        return Vec::new();
    };
    list.get_all_values().into_iter().filter_map(window).collect()
}

fn window(entry: *const std::ffi::c_void) -> Option<Window> {
    // SAFETY: the list holds dictionaries with strings for keys and outlives this call, which takes its own
    // reference.
    let entry: CFDictionary<CFString, CFType> = unsafe { CFDictionary::wrap_under_get_rule(entry.cast()) };
    // SAFETY: constants of the framework, there as long as the process.
    let (owner, layer, bounds) = unsafe { (kCGWindowOwnerPID, kCGWindowLayer, kCGWindowBounds) };
    let bounds = find(&entry, bounds)?.downcast::<CFDictionary>()?;
    Some(Window {
        owner: find(&entry, owner)?.downcast::<CFNumber>()?.to_i64()?,
        layer: find(&entry, layer)?.downcast::<CFNumber>()?.to_i32()?,
        bounds: CGRect::from_dict_representation(&bounds)?,
    })
}

fn find(entry: &CFDictionary<CFString, CFType>, key: CFStringRef) -> Option<CFType> {
    // SAFETY: `key` is a live string of the framework; this takes its own reference.
    let key = unsafe { CFString::wrap_under_get_rule(key) };
    entry.find(&key).map(|value| value.clone())
}

/// Virtual key codes (HIToolbox's `Events.h`) by USB HID usage; the two have nothing in common. Above 0x7f
/// stands what has no code.
#[rustfmt::skip]
const CODE_BY_USAGE: [u8; 0x68] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x0b, 0x08, 0x02, 0x0e, 0x03, 0x05, 0x04, 0x22, 0x26, 0x28, 0x25, // a to l
    0x2e, 0x2d, 0x1f, 0x23, 0x0c, 0x0f, 0x01, 0x11, 0x20, 0x09, 0x0d, 0x07, 0x10, 0x06, 0x12, 0x13, // m to z, 1, 2
    0x14, 0x15, 0x17, 0x16, 0x1a, 0x1c, 0x19, 0x1d, 0x24, 0x35, 0x33, 0x30, 0x31, 0x1b, 0x18, 0x21, // 3 to 0, Enter, …
    0x1e, 0x2a, 0x2a, 0x29, 0x27, 0x32, 0x2b, 0x2f, 0x2c, 0x39, 0x7a, 0x78, 0x63, 0x76, 0x60, 0x61, // ] \ … F1 to F6
    0x62, 0x64, 0x65, 0x6d, 0x67, 0x6f, 0x69, 0x6b, 0x71, 0x72, 0x73, 0x74, 0x75, 0x77, 0x79, 0x7c, // F7 … PageDown, Right
    0x7b, 0x7d, 0x7e, 0x47, 0x4b, 0x43, 0x4e, 0x45, 0x4c, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, // Left … keypad 7
    0x5b, 0x5c, 0x52, 0x41, 0x0a, 0x6e, 0xff, 0x51,                                                 // keypad 8 to =
];

fn key_code(usage: u16) -> Option<u16> {
    let code = match usage {
        // Control, Shift, Option, Command; left, then right.
        0xe0..=0xe7 => [0x3b, 0x38, 0x3a, 0x37, 0x3e, 0x3c, 0x3d, 0x36][usize::from(usage - 0xe0)],
        0x68 => 0x69, // F13
        0x69 => 0x6b, // F14
        0x6a => 0x71, // F15
        0x6b => 0x6a, // F16
        0x6c => 0x40, // F17
        0x6d => 0x4f, // F18
        0x6e => 0x50, // F19
        0x6f => 0x5a, // F20
        _ => *CODE_BY_USAGE.get(usize::from(usage))?,
    };
    (code <= 0x7f).then_some(code.into())
}
