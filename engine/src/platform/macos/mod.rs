//! macOS: capture by `scrap`, input by `enigo`, the person's own hands through an event tap. The person must
//! allow three things in the system's settings, which are asked for when first needed: *Screen Recording* to be
//! seen, *Accessibility* to be controlled, *Input Monitoring* so that the stop key is heard. Without the last
//! there is no control: no control is better than one that nobody at the machine can stop.
//!
//! Checked by the compiler alone: it has never run on a Mac (docs/platforms.md).

mod desk;
mod screen;
mod watch;

use std::process::{Child, Command, Stdio};

use core_foundation::array::{CFArray, CFArrayRef};
use core_foundation::base::TCFType;
use core_foundation::string::CFString;
use farhand_protocol::geometry::DesktopLayout;
use sysinfo::System;

use super::enigo_hands::EnigoHands;
use super::polled::PolledScreen;
use super::{
    CaptureError, DesktopSession, InputError, InputSink, LocalInput, LocalInputWatch, Platform, ScreenSource, SystemFacts, WakeError,
    WakeLock,
};

#[link(name = "CoreFoundation", kind = "framework")]
unsafe extern "C" {
    fn CFLocaleCopyPreferredLanguages() -> CFArrayRef;
}

/// The regional language of this user (APP-09): the first of the preferred ones, such as "de-CH".
pub fn user_locale() -> String {
    // SAFETY: takes nothing; what it returns is null or ours.
    let languages = unsafe { CFLocaleCopyPreferredLanguages() };
    if languages.is_null() {
        return super::files::user_locale();
    }
    // SAFETY: a live array of strings, whose reference is handed over to us.
    let languages: CFArray<CFString> = unsafe { CFArray::wrap_under_create_rule(languages) };
    languages.get(0).map_or_else(super::files::user_locale, |first| first.to_string())
}

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
        Ok(Box::new(PolledScreen::start(screen::DisplayTaker::open)?))
    }

    fn open_input(&self) -> Result<Box<dyn InputSink>, InputError> {
        if !watch::may_listen() {
            return Err(InputError::Denied("without Input Monitoring the stop key is not heard".to_owned()));
        }
        let monitors = screen::monitors().map_err(|error| InputError::NoDisplay(error.to_string()))?;
        let layout = DesktopLayout { epoch: 1, monitors };
        Ok(Box::new(EnigoHands::open(desk::MacDesk, layout)?))
    }

    fn watch_local_input(&self, on: Box<dyn Fn(LocalInput) + Send>, stop_key: bool) -> Result<Box<dyn LocalInputWatch>, InputError> {
        Ok(Box::new(watch::TapWatch::start(on, stop_key)?))
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
