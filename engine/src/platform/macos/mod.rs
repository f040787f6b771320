//! macOS, to look at only: capture of the main display by `scrap`. Control is refused, because
//! nothing here can yet tell our own windows from others', nor a person's keys from injected ones,
//! and no control is better than one that nobody at the machine can stop.
//!
//! Checked by compiler, not yet on real machines.

use std::process::{Child, Command, Stdio};

use farhand_protocol::geometry::{Monitor, Point, Rect};
use sysinfo::System;

use super::polled::{Look, PointerLook, PolledScreen, Taker};
use super::{
    CaptureError, DesktopSession, Frame, InputError, InputSink, LocalInput, LocalInputWatch, Platform, ScreenSource, SystemFacts,
    WakeError, WakeLock,
};

/// This Mac.
#[derive(Debug, Clone, Copy)]
pub struct MacPlatform;

impl Platform for MacPlatform {
    fn name(&self) -> &'static str {
        "macos"
    }

    fn session(&self) -> DesktopSession {
        DesktopSession::MacOs
    }

    fn open_screen(&self) -> Result<Box<dyn ScreenSource>, CaptureError> {
        Ok(Box::new(PolledScreen::start(DisplayTaker::open)?))
    }

    fn open_input(&self) -> Result<Box<dyn InputSink>, InputError> {
        Err(InputError::Missing("control by other programs (macOS can be looked at only)"))
    }

    fn watch_local_input(&self, _on: Box<dyn Fn(LocalInput) + Send>, _stop_key: bool) -> Result<Box<dyn LocalInputWatch>, InputError> {
        Err(InputError::Missing("a way to hear a person's keys apart from injected ones"))
    }

    fn hold_awake(&self, _reason: &str) -> Result<Box<dyn WakeLock>, WakeError> {
        let pid = std::process::id().to_string();
        let mut command = Command::new("/usr/bin/caffeinate");
        command
            .args(["-d", "-i", "-s", "-u", "-w", &pid])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        Ok(Box::new(Caffeinate(command.spawn().map_err(|e| WakeError(e.to_string()))?)))
    }

    fn facts(&self) -> SystemFacts {
        SystemFacts {
            os_name: System::name().unwrap_or_else(|_| "macOS".to_owned()),
            os_version: System::os_version().unwrap_or_default(),
            host_name: System::host_name().unwrap_or_default(),
            user_name: std::env::var("USER").unwrap_or_default(),
            display_server: "macOS".to_owned(),
        }
    }
}

/// Apple's own tool keeps the machine awake; it also ends when this process does.
struct Caffeinate(Child);

impl WakeLock for Caffeinate {}

impl Drop for Caffeinate {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Takes pictures of the main display.
struct DisplayTaker {
    capturer: scrap::Capturer,
}

impl DisplayTaker {
    fn open() -> Result<Self, CaptureError> {
        let display = scrap::Display::primary().map_err(|e| CaptureError::NoDisplay(e.to_string()))?;
        let capturer = scrap::Capturer::new(display).map_err(|e| CaptureError::Denied(e.to_string()))?;
        Ok(Self { capturer })
    }

    fn area(&self) -> Rect {
        Rect::new(0, 0, self.capturer.width() as u32, self.capturer.height() as u32)
    }
}

impl Taker for DisplayTaker {
    fn monitors(&mut self) -> Result<Vec<Monitor>, CaptureError> {
        Ok(vec![Monitor {
            id: 1,
            area: self.area(),
            scale_percent: 100,
            primary: true,
            name: "Main display".to_owned(),
        }])
    }

    fn take(&mut self, frame: &mut Frame) -> Result<Look, CaptureError> {
        let area = self.area();
        let picture = match self.capturer.frame() {
            Ok(picture) => picture,
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return Ok(Look::Same),
            Err(error) => return Err(CaptureError::Gone(error.to_string())),
        };
        let stride = picture.len() / (area.height as usize).max(1);
        for (row, y) in picture.chunks_exact(stride).zip(area.y..area.bottom()) {
            for (to, from) in frame.row_mut(&area, y).chunks_exact_mut(4).zip(row.chunks_exact(4)) {
                to.copy_from_slice(&[from[0], from[1], from[2], 255]);
            }
        }
        Ok(Look::Taken)
    }

    /// The system draws the pointer into its pictures or not at all; either way it does not travel apart.
    fn pointer(&mut self) -> PointerLook {
        PointerLook {
            pos: Point::default(),
            visible: false,
            shape: None,
        }
    }
}
