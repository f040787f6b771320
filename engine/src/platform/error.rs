//! What can go wrong between us and the operating system. Words here are for logs; what the user
//! reads comes from the Fluent files, chosen by variant.

use thiserror::Error;

/// Why a screen cannot be captured.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CaptureError {
    /// The desktop is Wayland's, which lets no program look at the screen this way.
    #[error("this desktop session is Wayland, whose screen cannot be captured yet; sign in to an X11 session to share the screen")]
    WaylandUnsupported,
    /// There is no desktop here, or its door is shut.
    #[error("no desktop to capture: {0}")]
    NoDisplay(String),
    /// The person at the machine must allow capture in the system's settings first.
    #[error("the system does not allow this program to capture the screen: {0}")]
    Denied(String),
    /// The screen's pixels come in a format nobody here can read.
    #[error("pixel format not understood: {0}")]
    PixelFormat(String),
    /// The display went away while it was in use.
    #[error("the display is gone: {0}")]
    Gone(String),
}

impl CaptureError {
    /// True when opening the screen again may help: a display that is away may come back, and one of a strange size be given another.
    pub fn is_retryable(&self) -> bool {
        !matches!(self, Self::WaylandUnsupported)
    }
}

/// Why input cannot be injected or heard.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InputError {
    /// The desktop is Wayland's, which lets no program act for the user this way.
    #[error("this desktop session is Wayland, which accepts no input from other programs yet")]
    WaylandUnsupported,
    /// There is no desktop here, or its door is shut.
    #[error("no desktop to control: {0}")]
    NoDisplay(String),
    /// The person at the machine must allow it in the system's settings first.
    #[error("the system does not allow this program to act for the user: {0}")]
    Denied(String),
    /// The desktop lacks what injecting or hearing needs.
    #[error("the desktop lacks {0}")]
    Missing(&'static str),
    /// The display went away while it was in use.
    #[error("the display is gone: {0}")]
    Gone(String),
}

/// Why a picture cannot be put into a window past its own drawing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SurfaceError {
    /// Not on this desktop.
    #[error("this desktop has no {0}")]
    Unsupported(&'static str),
    /// The display or the window went away, or refuses from now on.
    #[error("the surface is gone: {0}")]
    Gone(String),
}

/// Why nothing could keep the machine awake.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("nothing could keep the machine awake: {0}")]
pub struct WakeError(pub String);

/// What became of one event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InputOutcome {
    /// It was done, or there was nothing to do.
    Done,
    /// It was not done, on purpose.
    Refused(InputRefusal),
}

/// Why an event was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InputRefusal {
    /// It is, or completes, a key combination that only the person at the machine may press (APP-42).
    StopKey,
    /// It aims at a window of this very process, where consent is given.
    OwnWindow,
    /// Its position belongs to an arrangement of monitors that is no more.
    StaleEpoch,
    /// Nothing on this desktop corresponds to it.
    Unsupported,
    /// Control was withdrawn while it was under way.
    Interrupted,
}
