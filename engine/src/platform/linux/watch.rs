//! Hearing the person at the machine: XI2 raw events of every real device, whoever has the focus or
//! a grab. Events of the XTEST devices, through which all injected input comes, are told apart by
//! their source and never count (APP-36, APP-41, APP-42).

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::xinput::{self, ConnectionExt as _, Device, DeviceId, XIEventMask};
use x11rb::protocol::xkb;
use xkeysym::key as k;

use super::connection::{Server, XError};
use super::keymap::{Keymap, is_keymap_change, x_keycode};
use super::waiting::{Signal, wait_readable};
use super::xtest_devices;
use crate::platform::keys::{ChordHeld, USAGE_X};
use crate::platform::{InputError, LocalInput, LocalInputWatch};

/// A thread that listens until this is dropped.
#[derive(Debug)]
pub(super) struct X11InputWatch {
    stop: Arc<Signal>,
    ending: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl X11InputWatch {
    pub(super) fn start(display: &str, on: Box<dyn Fn(LocalInput) + Send>, stop_key: bool) -> Result<Self, InputError> {
        let server = Server::connect(display)?;
        if !server.has(xinput::X11_EXTENSION_NAME)? || !server.has(xkb::X11_EXTENSION_NAME)? {
            return Err(InputError::Missing("the XInput 2 or XKEYBOARD extension"));
        }
        let mut listener = Listener::new(server, on, stop_key)?;
        let stop = Arc::new(Signal::new().map_err(|e| InputError::NoDisplay(e.to_string()))?);
        let ending = Arc::new(AtomicBool::new(false));
        let (heard, over) = (Arc::clone(&stop), Arc::clone(&ending));
        let run = move || {
            // However it ends, by an error or by a bug of ours, it must not end in silence.
            match catch_unwind(AssertUnwindSafe(|| listener.run(&heard, &over))) {
                Ok(Ok(())) => return,
                Ok(Err(error)) => tracing::warn!(%error, "local input is no longer heard"),
                Err(_) => tracing::error!("the watch over local input broke off"),
            }
            if !over.load(Ordering::Acquire) {
                (listener.on)(LocalInput::Lost);
            }
        };
        let thread = thread::Builder::new()
            .name("local-input".to_owned())
            .spawn(run)
            .map_err(|e| InputError::NoDisplay(e.to_string()))?;
        Ok(Self {
            stop,
            ending,
            thread: Some(thread),
        })
    }
}

impl LocalInputWatch for X11InputWatch {}

impl Drop for X11InputWatch {
    fn drop(&mut self) {
        self.ending.store(true, Ordering::Release);
        self.stop.raise();
        // A callback may drop the very watch that called it; a thread cannot join itself.
        if let Some(thread) = self.thread.take().filter(|t| t.thread().id() != thread::current().id()) {
            let _ = thread.join();
        }
    }
}

struct Listener {
    server: Server,
    on: Box<dyn Fn(LocalInput) + Send>,
    stop_key: bool,
    injecting: BTreeSet<DeviceId>,
    keys: StopKeys,
}

impl Listener {
    fn new(server: Server, on: Box<dyn Fn(LocalInput) + Send>, stop_key: bool) -> Result<Self, XError> {
        // Raw events reach us despite the grabs of others only from 2.1 on.
        server.conn.xinput_xi_query_version(2, 2)?.reply()?;
        Keymap::select_changes(&server)?;
        let raw = XIEventMask::RAW_KEY_PRESS
            | XIEventMask::RAW_KEY_RELEASE
            | XIEventMask::RAW_BUTTON_PRESS
            | XIEventMask::RAW_MOTION
            | XIEventMask::RAW_TOUCH_BEGIN;
        let masks = [
            xinput::EventMask {
                deviceid: Device::ALL_MASTER.into(),
                mask: vec![raw],
            },
            xinput::EventMask {
                deviceid: Device::ALL.into(),
                mask: vec![XIEventMask::HIERARCHY],
            },
        ];
        server.conn.xinput_xi_select_events(server.root, &masks)?.check()?;
        let keys = StopKeys::new(&Keymap::load(&server)?);
        let mut listener = Self {
            server,
            on,
            stop_key,
            injecting: BTreeSet::new(),
            keys,
        };
        listener.find_injecting_devices()?;
        Ok(listener)
    }

    fn run(&mut self, stop: &Signal, ending: &AtomicBool) -> Result<(), XError> {
        while !ending.load(Ordering::Acquire) {
            let mut is_active = false;
            while let Some(event) = self.server.conn.poll_for_event()? {
                is_active |= self.handle_event(&event)?;
            }
            if is_active {
                (self.on)(LocalInput::Activity);
                continue;
            }
            self.server.conn.flush()?;
            wait_readable(self.server.fd(), stop, None).map_err(|e| XError::Lost(e.to_string()))?;
        }
        Ok(())
    }

    /// True when the event is something a person did.
    fn handle_event(&mut self, event: &Event) -> Result<bool, XError> {
        match event {
            Event::XinputRawKeyPress(e) if self.is_real(e.sourceid) => {
                if self.keys.handle_press(e.detail) && self.stop_key {
                    (self.on)(LocalInput::Stop);
                }
                Ok(true)
            }
            Event::XinputRawKeyRelease(e) if self.is_real(e.sourceid) => {
                self.keys.handle_release(e.detail);
                Ok(false)
            }
            Event::XinputRawButtonPress(e) => Ok(self.is_real(e.sourceid)),
            Event::XinputRawMotion(e) => Ok(self.is_real(e.sourceid)),
            Event::XinputRawTouchBegin(e) => Ok(self.is_real(e.sourceid)),
            Event::XinputHierarchy(_) => self.find_injecting_devices().map(|()| false),
            event if is_keymap_change(event) => {
                self.keys.handle_new_keymap(&Keymap::load(&self.server)?);
                Ok(false)
            }
            _ => Ok(false),
        }
    }

    fn is_real(&self, device: DeviceId) -> bool {
        !self.injecting.contains(&device)
    }

    fn find_injecting_devices(&mut self) -> Result<(), XError> {
        self.injecting = xtest_devices::all(&self.server)?.into_iter().map(|(device, _)| device).collect();
        Ok(())
    }
}

/// Which physical keys are down, and whether the last one stops control.
#[derive(Debug, Default)]
struct StopKeys {
    pause: BTreeSet<u32>,
    x: BTreeSet<u32>,
    control: BTreeSet<u32>,
    alt: BTreeSet<u32>,
    shift: BTreeSet<u32>,
    down: BTreeSet<u32>,
}

impl StopKeys {
    fn new(keymap: &Keymap) -> Self {
        let mut keys = Self::default();
        keys.handle_new_keymap(keymap);
        keys
    }

    fn handle_new_keymap(&mut self, keymap: &Keymap) {
        let with = |wanted: &[u32]| {
            keymap
                .keycodes()
                .filter(|c| keymap.syms(*c).any(|s| wanted.contains(&s)))
                .map(u32::from)
                .collect()
        };
        self.pause = with(&[k::Pause, k::Break]);
        self.control = with(&[k::Control_L, k::Control_R]);
        self.alt = with(&[k::Alt_L, k::Alt_R]);
        self.shift = with(&[k::Shift_L, k::Shift_R]);
        self.x = with(&[k::x, k::X]);
        if self.x.is_empty() {
            // A layout without Latin letters: the position counts.
            self.x.extend(x_keycode(USAGE_X).map(u32::from));
        }
    }

    /// True when this press stops control; a repeat of it does not again.
    fn handle_press(&mut self, keycode: u32) -> bool {
        let is_new = self.down.insert(keycode);
        is_new && (self.pause.contains(&keycode) || (self.x.contains(&keycode) && self.chord().is_complete()))
    }

    fn handle_release(&mut self, keycode: u32) {
        self.down.remove(&keycode);
    }

    fn chord(&self) -> ChordHeld {
        let any = |set: &BTreeSet<u32>| !self.down.is_disjoint(set);
        ChordHeld {
            control: any(&self.control),
            alt: any(&self.alt),
            shift: any(&self.shift),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> StopKeys {
        let set = |codes: &[u32]| codes.iter().copied().collect();
        StopKeys {
            pause: set(&[127]),
            x: set(&[53]),
            control: set(&[37, 105]),
            alt: set(&[64]),
            shift: set(&[50]),
            down: BTreeSet::new(),
        }
    }

    #[test]
    fn pause_stops_once_per_press() {
        let mut keys = keys();
        assert!(keys.handle_press(127));
        assert!(!keys.handle_press(127));
        keys.handle_release(127);
        assert!(keys.handle_press(127));
    }

    #[test]
    fn the_chord_stops_only_when_all_of_it_is_down() {
        let mut keys = keys();
        for code in [37, 64] {
            assert!(!keys.handle_press(code));
        }
        assert!(!keys.handle_press(53));
        keys.handle_release(53);
        keys.handle_press(50);
        assert!(keys.handle_press(53));
        keys.handle_release(53);
        keys.handle_release(64);
        assert!(!keys.handle_press(53));
    }
}
