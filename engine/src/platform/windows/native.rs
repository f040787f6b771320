//! What Windows knows about monitors, windows and keys, in our terms.

use enigo::Enigo;
use windows_sys::Win32::Foundation::{HWND, LPARAM, POINT, RECT};
use windows_sys::Win32::Graphics::Gdi::{EnumDisplayMonitors, GetMonitorInfoW, HDC, HMONITOR, MONITORINFO, MONITORINFOEXW};
use windows_sys::Win32::UI::HiDpi::{
    DPI_AWARENESS_CONTEXT_PER_MONITOR_AWARE_V2, GetDpiForMonitor, MDT_EFFECTIVE_DPI, SetThreadDpiAwarenessContext,
};
use windows_sys::Win32::UI::Input::KeyboardAndMouse::{
    GetKeyboardLayout, INPUT, INPUT_0, INPUT_KEYBOARD, KEYBDINPUT, KEYEVENTF_EXTENDEDKEY, KEYEVENTF_KEYUP, KEYEVENTF_SCANCODE,
    MAPVK_VSC_TO_VK_EX, MapVirtualKeyExW, SendInput,
};
use windows_sys::Win32::UI::WindowsAndMessaging::{
    GetForegroundWindow, GetWindowThreadProcessId, MONITORINFOF_PRIMARY, SetCursorPos, WindowFromPoint,
};
use windows_sys::core::BOOL;

use farhand_protocol::geometry::{MAX_MONITORS, Monitor, Point, Rect};
use farhand_protocol::input::Press;

use crate::platform::enigo_hands::Desk;
use crate::platform::usb_hid;

/// Marks scan codes that follow an E0 byte.
const EXTENDED: u16 = 0xe000;
const BASE_DPI: u32 = 96;

/// Makes this thread see physical pixels on every monitor.
pub(super) fn see_physical_pixels() {
    // SAFETY: takes a constant, changes this thread alone; systems too old for it return null.
    unsafe { SetThreadDpiAwarenessContext(DPI_AWARENESS_CONTEXT_PER_MONITOR_AWARE_V2) };
}

/// The monitors as they are now, in physical pixels.
pub(super) fn monitors() -> Vec<Monitor> {
    see_physical_pixels();
    let mut monitors: Vec<Monitor> = Vec::new();
    let data: *mut Vec<Monitor> = &raw mut monitors;
    // SAFETY: `data` outlives the call, during which alone the callback uses it.
    unsafe { EnumDisplayMonitors(std::ptr::null_mut(), std::ptr::null(), Some(add_monitor), data as LPARAM) };
    monitors
}

unsafe extern "system" fn add_monitor(handle: HMONITOR, _dc: HDC, _area: *mut RECT, data: LPARAM) -> BOOL {
    // SAFETY: `monitors` passes a pointer to its vector, which nobody else uses meanwhile.
    let monitors = unsafe { &mut *(data as *mut Vec<Monitor>) };
    let mut info = MONITORINFOEXW::default();
    info.monitorInfo.cbSize = size_of::<MONITORINFOEXW>() as u32;
    // SAFETY: the structure says its own size and is writable; the longer one starts with the shorter.
    if unsafe { GetMonitorInfoW(handle, (&raw mut info).cast::<MONITORINFO>()) } == 0 {
        return 1;
    }
    let (mut dpi_x, mut dpi_y) = (BASE_DPI, BASE_DPI);
    // SAFETY: both pointers are writable; on failure they keep what they hold.
    unsafe { GetDpiForMonitor(handle, MDT_EFFECTIVE_DPI, &raw mut dpi_x, &raw mut dpi_y) };
    let area = info.monitorInfo.rcMonitor;
    let end = info.szDevice.iter().position(|unit| *unit == 0).unwrap_or(info.szDevice.len());
    let name = String::from_utf16_lossy(&info.szDevice[..end]);
    monitors.push(Monitor {
        id: name
            .bytes()
            .fold(0, |hash: u32, byte| hash.wrapping_mul(31).wrapping_add(byte.into())),
        area: Rect::new(
            area.left,
            area.top,
            (area.right - area.left).max(0) as u32,
            (area.bottom - area.top).max(0) as u32,
        ),
        scale_percent: (dpi_x * 100 / BASE_DPI).clamp(25, 1000) as u16,
        primary: info.monitorInfo.dwFlags & MONITORINFOF_PRIMARY != 0,
        name,
    });
    BOOL::from(monitors.len() < MAX_MONITORS)
}

/// The desktop of this process, for the hands. Positions of keys go as scan codes past `enigo`, which drops
/// the byte that tells extended keys apart, and so does the pointer, which `enigo` keeps to one monitor.
pub(super) struct WindowsDesk;

impl Desk for WindowsDesk {
    fn move_pointer(&self, _enigo: &mut Enigo, pos: Point) -> bool {
        see_physical_pixels();
        // SAFETY: takes integers.
        unsafe { SetCursorPos(pos.x, pos.y) != 0 }
    }

    fn owns_window_at(&self, pos: Point) -> bool {
        see_physical_pixels();
        // SAFETY: takes integers, returns a handle or null.
        is_ours(unsafe { WindowFromPoint(POINT { x: pos.x, y: pos.y }) })
    }

    fn has_focus(&self) -> bool {
        // SAFETY: takes nothing, returns a handle or null.
        is_ours(unsafe { GetForegroundWindow() })
    }

    fn key_code(&self, usage: u16) -> Option<u16> {
        scan_code(usage)
    }

    fn send_key_code(&self, _enigo: &mut Enigo, code: u16, press: Press) -> bool {
        let extended = if code & EXTENDED == EXTENDED { KEYEVENTF_EXTENDEDKEY } else { 0 };
        let up = if press == Press::Up { KEYEVENTF_KEYUP } else { 0 };
        let ki = KEYBDINPUT {
            // Windows looks at the scan code alone, wine at this.
            wVk: virtual_key(code),
            wScan: code & 0xff,
            dwFlags: KEYEVENTF_SCANCODE | extended | up,
            time: 0,
            dwExtraInfo: 0,
        };
        let input = INPUT {
            r#type: INPUT_KEYBOARD,
            Anonymous: INPUT_0 { ki },
        };
        // SAFETY: one event of the size given, alive for the call.
        unsafe { SendInput(1, &raw const input, size_of::<INPUT>() as i32) == 1 }
    }
}

/// What the key of this scan code means on the layout of the window that has the focus; 0 when nothing.
fn virtual_key(code: u16) -> u16 {
    // SAFETY: takes nothing, returns a handle or null.
    let window = unsafe { GetForegroundWindow() };
    // SAFETY: a handle that is null or gone gives 0, which is this thread; null is allowed for the number.
    let thread = unsafe { GetWindowThreadProcessId(window, std::ptr::null_mut()) };
    // SAFETY: takes integers and a layout, which lives as long as the system.
    unsafe { MapVirtualKeyExW(code.into(), MAPVK_VSC_TO_VK_EX, GetKeyboardLayout(thread)) as u16 }
}

fn is_ours(window: HWND) -> bool {
    let mut pid = 0;
    // SAFETY: a handle that is null or gone makes the call fail and leaves `pid` as it is.
    unsafe { GetWindowThreadProcessId(window, &raw mut pid) };
    pid == std::process::id()
}

/// The scan code of the key at this position: the same number as the evdev code for the keys of the
/// first PC keyboards, an extended one for those that came later.
fn scan_code(usage: u16) -> Option<u16> {
    let code = match usb_hid::evdev(usage)? {
        code @ (1..=83 | 86..=88) => u16::from(code),
        96 => EXTENDED | 0x1c,
        97 => EXTENDED | 0x1d,
        98 => EXTENDED | 0x35,
        99 => EXTENDED | 0x37,
        100 => EXTENDED | 0x38,
        102 => EXTENDED | 0x47,
        103 => EXTENDED | 0x48,
        104 => EXTENDED | 0x49,
        105 => EXTENDED | 0x4b,
        106 => EXTENDED | 0x4d,
        107 => EXTENDED | 0x4f,
        108 => EXTENDED | 0x50,
        109 => EXTENDED | 0x51,
        110 => EXTENDED | 0x52,
        111 => EXTENDED | 0x53,
        113 => EXTENDED | 0x20,
        114 => EXTENDED | 0x2e,
        115 => EXTENDED | 0x30,
        125 => EXTENDED | 0x5b,
        126 => EXTENDED | 0x5c,
        127 => EXTENDED | 0x5d,
        code @ 183..=193 => u16::from(code) - 183 + 0x64,
        194 => 0x76,
        89 => 0x73,
        124 => 0x7d,
        _ => return None,
    };
    Some(code)
}
