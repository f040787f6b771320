//! Windows. Capture by GDI, which sees every monitor and works in virtual machines, remote sessions
//! and wine, where Desktop Duplication does not; input by `enigo`; the person's own hands through
//! low-level hooks. Not there yet: Desktop Duplication for less work per picture, and a service that
//! follows to the secure desktop.
//!
//! Checked by compiler and under wine, not yet on real machines.

mod gdi;
mod hooks;
mod input;
mod native;
mod wake;

use farhand_protocol::geometry::DesktopLayout;
use sysinfo::System;

use super::polled::PolledScreen;
use super::{
    CaptureError, DesktopSession, InputError, InputSink, LocalInput, LocalInputWatch, Platform, ScreenSource, SystemFacts, WakeError,
    WakeLock,
};

/// This Windows machine.
#[derive(Debug, Clone, Copy)]
pub struct WindowsPlatform;

impl Platform for WindowsPlatform {
    fn name(&self) -> &'static str {
        "windows"
    }

    fn session(&self) -> DesktopSession {
        DesktopSession::Windows
    }

    fn open_screen(&self) -> Result<Box<dyn ScreenSource>, CaptureError> {
        Ok(Box::new(PolledScreen::start(gdi::GdiTaker::open)?))
    }

    fn open_input(&self) -> Result<Box<dyn InputSink>, InputError> {
        let monitors = native::monitors();
        if monitors.is_empty() {
            return Err(InputError::NoDisplay("no monitor".to_owned()));
        }
        Ok(Box::new(input::EnigoInput::open(DesktopLayout { epoch: 1, monitors })?))
    }

    fn watch_local_input(&self, on: Box<dyn Fn(LocalInput) + Send>, stop_key: bool) -> Result<Box<dyn LocalInputWatch>, InputError> {
        Ok(Box::new(hooks::HookWatch::start(on, stop_key)?))
    }

    fn hold_awake(&self, _reason: &str) -> Result<Box<dyn WakeLock>, WakeError> {
        Ok(Box::new(wake::ExecutionState::hold()?))
    }

    fn facts(&self) -> SystemFacts {
        SystemFacts {
            os_name: System::name().unwrap_or_else(|_| "Windows".to_owned()),
            os_version: System::os_version().unwrap_or_default(),
            host_name: System::host_name().unwrap_or_default(),
            user_name: std::env::var("USERNAME").unwrap_or_default(),
            display_server: "Windows".to_owned(),
        }
    }
}
