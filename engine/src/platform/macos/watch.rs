//! Hearing the person at the Mac by an event tap that only listens (APP-36, APP-41, APP-42). What a program
//! posts carries that program's number as its source; what a device sends carries none.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use core_foundation::runloop::{CFRunLoop, kCFRunLoopCommonModes, kCFRunLoopDefaultMode};
use core_graphics::event::{
    CGEvent, CGEventFlags, CGEventTap, CGEventTapLocation, CGEventTapOptions, CGEventTapPlacement, CGEventType, CallbackResult, EventField,
};

use crate::platform::keys::ChordHeld;
use crate::platform::{InputError, LocalInput, LocalInputWatch};

/// F15, which is where PC keyboards have Pause.
const KEY_PAUSE: i64 = 0x71;
const KEY_X: i64 = 0x07;
/// The tap is looked after this often: the system switches off one that was slow.
const SLICE: Duration = Duration::from_secs(1);

#[link(name = "CoreGraphics", kind = "framework")]
unsafe extern "C" {
    fn CGPreflightListenEventAccess() -> bool;
    fn CGRequestListenEventAccess() -> bool;
}

/// True when this program may hear keys; asks the person for the permission *Input Monitoring* if it is missing.
pub(super) fn may_listen() -> bool {
    // SAFETY: both take nothing and return a flag.
    unsafe { CGPreflightListenEventAccess() || CGRequestListenEventAccess() }
}

/// A thread with an event tap, until this is dropped.
pub(super) struct TapWatch {
    run_loop: CFRunLoop,
    ending: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl TapWatch {
    pub(super) fn start(on: Box<dyn Fn(LocalInput) + Send>, stop_key: bool) -> Result<Self, InputError> {
        if !may_listen() {
            return Err(InputError::Denied(
                "allow it in System Settings, Privacy & Security, Input Monitoring, and start it again".to_owned(),
            ));
        }
        let ending = Arc::new(AtomicBool::new(false));
        let (started, first) = mpsc::sync_channel(1);
        let is_ending = Arc::clone(&ending);
        let run = move || {
            let Some((tap, run_loop)) = tap(on, stop_key) else {
                return drop(started.send(None));
            };
            if started.send(Some(run_loop)).is_err() {
                return;
            }
            while !is_ending.load(Ordering::Acquire) {
                tap.enable();
                // SAFETY: a constant of the framework, there as long as the process.
                CFRunLoop::run_in_mode(unsafe { kCFRunLoopDefaultMode }, SLICE, false);
            }
        };
        let thread = thread::Builder::new()
            .name("local-input".to_owned())
            .spawn(run)
            .map_err(|e| InputError::NoDisplay(e.to_string()))?;
        match first.recv() {
            Ok(Some(run_loop)) => Ok(Self {
                run_loop,
                ending,
                thread: Some(thread),
            }),
            _ => Err(InputError::Missing("an event tap")),
        }
    }
}

impl LocalInputWatch for TapWatch {}

impl Drop for TapWatch {
    fn drop(&mut self) {
        self.ending.store(true, Ordering::Release);
        self.run_loop.stop();
        if let Some(thread) = self.thread.take().filter(|t| t.thread().id() != thread::current().id()) {
            let _ = thread.join();
        }
    }
}

/// A tap on this thread's run loop.
fn tap(on: Box<dyn Fn(LocalInput) + Send>, stop_key: bool) -> Option<(CGEventTap<'static>, CFRunLoop)> {
    let heard = vec![
        CGEventType::KeyDown,
        CGEventType::FlagsChanged,
        CGEventType::LeftMouseDown,
        CGEventType::RightMouseDown,
        CGEventType::OtherMouseDown,
        CGEventType::MouseMoved,
        CGEventType::LeftMouseDragged,
        CGEventType::RightMouseDragged,
        CGEventType::OtherMouseDragged,
        CGEventType::ScrollWheel,
    ];
    let held = Cell::new(ChordHeld::default());
    let callback = move |_proxy, kind, event: &CGEvent| {
        if event.get_integer_value_field(EventField::EVENT_SOURCE_UNIX_PROCESS_ID) == 0 {
            if stop_key && is_stop(kind, event, &held) {
                on(LocalInput::Stop);
            }
            on(LocalInput::Activity);
        }
        CallbackResult::Keep
    };
    let tap = CGEventTap::new(
        CGEventTapLocation::Session,
        CGEventTapPlacement::HeadInsertEventTap,
        CGEventTapOptions::ListenOnly,
        heard,
        callback,
    )
    .ok()?;
    let source = tap.mach_port().create_runloop_source(0).ok()?;
    let run_loop = CFRunLoop::get_current();
    // SAFETY: a constant of the framework, there as long as the process.
    run_loop.add_source(&source, unsafe { kCFRunLoopCommonModes });
    Some((tap, run_loop))
}

/// True for Pause and for X with Control, Option and Shift; follows which of them a device holds, because an
/// event's own flags may hold keys that a program pressed.
fn is_stop(kind: CGEventType, event: &CGEvent, held: &Cell<ChordHeld>) -> bool {
    match kind {
        CGEventType::FlagsChanged => {
            let flags = event.get_flags();
            held.set(ChordHeld {
                control: flags.contains(CGEventFlags::CGEventFlagControl),
                alt: flags.contains(CGEventFlags::CGEventFlagAlternate),
                shift: flags.contains(CGEventFlags::CGEventFlagShift),
            });
            false
        }
        CGEventType::KeyDown => match event.get_integer_value_field(EventField::KEYBOARD_EVENT_KEYCODE) {
            KEY_PAUSE => true,
            KEY_X => held.get().is_complete(),
            _ => false,
        },
        _ => false,
    }
}
