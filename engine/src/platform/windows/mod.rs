//! Windows. Capture by Desktop Duplication through `scrap`, and by GDI where there is none: virtual machines,
//! remote sessions, wine; input by `enigo`; the person's own hands through low-level hooks. Not there yet: a
//! service that follows to the secure desktop.
//!
//! Checked by the compiler and under wine, which has no Desktop Duplication; never on real machines
//! (docs/platforms.md).

mod duplication;
mod gdi;
mod hooks;
mod native;
mod wake;

use farhand_protocol::geometry::DesktopLayout;
use sysinfo::System;

use super::enigo_hands::EnigoHands;
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
        Ok(Box::new(PolledScreen::start(duplication::DuplicationTaker::open)?))
    }

    fn open_input(&self) -> Result<Box<dyn InputSink>, InputError> {
        let monitors = native::monitors();
        if monitors.is_empty() {
            return Err(InputError::NoDisplay("no monitor".to_owned()));
        }
        Ok(Box::new(EnigoHands::open(
            native::WindowsDesk,
            DesktopLayout { epoch: 1, monitors },
        )?))
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
