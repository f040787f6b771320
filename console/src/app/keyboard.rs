//! Who has the keyboard: the window where no window manager says so, and the customer's desktop whole, Alt+Tab and Super included, while it
//! fills the screen under control.
//!
//! ```text
//! full screen, control, picture and window have the keyboard ──▶ grab ──▶ every key reaches the window, and so the customer
//! any of these ends, Ctrl+Alt+Home, the window loses the keyboard ──▶ given back at once
//! ```

use std::sync::{
    Arc,
    mpsc::{Receiver, Sender, channel},
};

use egui::Context;
use farhand_engine::platform::{self, FocusOutcome, GrabbedKey, InputError, KeyboardGrab, OwnWindow, Platform};
use raw_window_handle::HasWindowHandle as _;
use winit::window::Window;

use super::surface::{PictureSpot, PictureWay};

/// Another program may hold the keyboard for a moment, as a window manager does while its own keys are down.
const TRY_AGAIN_SECONDS: f64 = 0.2;
/// How long a window may take to be seen.
const APPEAR_SECONDS: f64 = 5.0;
/// How often it is looked whether it is.
const LOOK_SECONDS: f64 = 0.1;

/// The keyboard, as the window has it.
pub struct Keyboard {
    platform: Arc<dyn Platform>,
    window: Option<OwnWindow>,
    grab: Option<Box<dyn KeyboardGrab>>,
    keys: (Sender<GrabbedKey>, Receiver<GrabbedKey>),
    try_at: f64,
    impossible: bool,
    focus_until: Option<f64>,
}

impl Default for Keyboard {
    fn default() -> Self {
        Self {
            platform: platform::current(),
            window: None,
            grab: None,
            keys: channel(),
            try_at: 0.0,
            impossible: false,
            focus_until: None,
        }
    }
}

impl Keyboard {
    /// The window exists now.
    pub fn set_window(&mut self, window: Arc<Window>) {
        let Ok(handle) = window.window_handle().map(|handle| handle.as_raw()) else {
            return;
        };
        self.window = Some(OwnWindow {
            display: window,
            window: handle,
        });
    }

    /// A surface for pictures in the window.
    pub fn open_spot(&self, way: PictureWay) -> PictureSpot {
        let window = self.window.as_ref();
        window
            .map(|window| PictureSpot::open(&*self.platform, window, way))
            .unwrap_or_default()
    }

    /// The window is about to go.
    pub fn forget_window(&mut self) {
        self.grab = None;
        self.window = None;
    }

    /// True while every key goes to the window.
    pub fn is_held(&self) -> bool {
        self.grab.is_some()
    }

    /// Keys the window itself was not told of, oldest first.
    pub fn next_key(&self) -> Option<GrabbedKey> {
        self.keys.1.try_recv().ok()
    }

    /// Gives the keyboard back.
    pub fn give_back(&mut self) {
        if self.grab.take().is_some() {
            tracing::debug!("the keyboard was given back");
        }
    }

    /// The window needs the keyboard, and is to get it where nobody hands it out.
    pub fn want_focus(&mut self, time: f64) {
        self.focus_until = Some(time + APPEAR_SECONDS);
    }

    /// Asks for the keyboard now, as a press into a window that has it not does.
    pub fn seek_focus(&mut self) {
        let Some(window) = &self.window else { return };
        if let Err(error) = self.platform.focus_unmanaged(window.window) {
            tracing::debug!(%error, "the keyboard cannot be asked for");
        }
    }

    /// Takes and gives what is due at `time` (seconds), and asks for a frame when there is more to come.
    pub fn keep(&mut self, ctx: &Context, wanted: bool, time: f64) {
        let focus = self.keep_focus(time);
        let grab = self.keep_grab(ctx, wanted, time);
        if let Some(wait) = focus.into_iter().chain(grab).reduce(f64::min) {
            ctx.request_repaint_after(std::time::Duration::from_secs_f64(wait));
        }
    }

    fn keep_focus(&mut self, time: f64) -> Option<f64> {
        let (until, window) = (self.focus_until?, self.window.as_ref()?);
        match self.platform.focus_unmanaged(window.window) {
            Ok(FocusOutcome::NotYet) if time < until => return Some(LOOK_SECONDS),
            Ok(_) => {}
            Err(error) => tracing::debug!(%error, "the keyboard cannot be asked for"),
        }
        self.focus_until = None;
        None
    }

    fn keep_grab(&mut self, ctx: &Context, wanted: bool, time: f64) -> Option<f64> {
        if !wanted {
            self.give_back();
            return None;
        }
        if self.grab.is_some() || self.impossible {
            return None;
        }
        let window = self.window.as_ref()?;
        if time < self.try_at {
            return Some(self.try_at - time);
        }
        let (sender, wake) = (self.keys.0.clone(), ctx.clone());
        let on_key = Box::new(move |key| {
            let _ = sender.send(key);
            wake.request_repaint();
        });
        match self.platform.grab_keyboard(window, on_key) {
            Ok(grab) => {
                tracing::debug!("every key goes to the window");
                self.grab = Some(grab);
                None
            }
            Err(InputError::Denied(reason)) => {
                tracing::debug!(reason, "the keyboard is not to be had yet");
                self.try_at = time + TRY_AGAIN_SECONDS;
                Some(TRY_AGAIN_SECONDS)
            }
            Err(error) => {
                tracing::info!(%error, "keys of this desktop stay here");
                self.impossible = true;
                None
            }
        }
    }
}
