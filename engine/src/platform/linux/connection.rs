//! One connection to the X server, its root window, and how its errors become ours.

use std::os::fd::{AsFd, BorrowedFd};

use x11rb::connection::{Connection, RequestConnection};
use x11rb::errors::{ConnectError, ConnectionError, ReplyError, ReplyOrIdError};
use x11rb::protocol::xproto::{Atom, AtomEnum, ConnectionExt, GetPropertyReply, Screen, Window};
use x11rb::rust_connection::RustConnection;

use crate::platform::{CaptureError, InputError};

/// A connection and what everybody asks of it.
pub(super) struct Server {
    pub(super) conn: RustConnection,
    pub(super) root: Window,
    screen_index: usize,
}

impl Server {
    pub(super) fn connect(display: &str) -> Result<Self, XError> {
        let (conn, screen_index) = RustConnection::connect(Some(display)).map_err(|e| XError::connect(display, &e))?;
        let root = conn.setup().roots[screen_index].root;
        Ok(Self { conn, root, screen_index })
    }

    pub(super) fn screen(&self) -> &Screen {
        &self.conn.setup().roots[self.screen_index]
    }

    pub(super) fn fd(&self) -> BorrowedFd<'_> {
        self.conn.stream().as_fd()
    }

    /// True when the server has this extension; then its requests may be used.
    pub(super) fn has(&self, extension: &'static str) -> Result<bool, XError> {
        Ok(self.conn.extension_information(extension)?.is_some())
    }

    pub(super) fn atom(&self, name: &str) -> Result<Atom, XError> {
        Ok(self.conn.intern_atom(false, name.as_bytes())?.reply()?.atom)
    }

    /// A property of a window; none when it is unset or the window is gone.
    pub(super) fn property(&self, window: Window, name: Atom, type_: AtomEnum, longs: u32) -> Result<Option<GetPropertyReply>, XError> {
        let reply = self.conn.get_property(false, window, name, type_, 0, longs)?.reply();
        match reply {
            Ok(reply) => Ok((reply.type_ != 0).then_some(reply)),
            Err(ReplyError::X11Error(_)) => Ok(None),
            Err(e) => Err(e.into()),
        }
    }
}

/// What an X connection can answer besides what was asked for.
#[derive(Debug, Clone, thiserror::Error)]
pub(super) enum XError {
    /// No connection to begin with.
    #[error("{0}")]
    Connect(String),
    /// The connection broke.
    #[error("{0}")]
    Lost(String),
    /// The server refused a request.
    #[error("the server refused: {0}")]
    Refused(String),
}

impl XError {
    fn connect(display: &str, error: &ConnectError) -> Self {
        Self::Connect(format!("cannot connect to display {display}: {error}"))
    }
}

impl From<ConnectionError> for XError {
    fn from(error: ConnectionError) -> Self {
        match error {
            ConnectionError::UnsupportedExtension => Self::Refused("an extension is missing".to_owned()),
            other => Self::Lost(other.to_string()),
        }
    }
}

impl From<ReplyError> for XError {
    fn from(error: ReplyError) -> Self {
        match error {
            ReplyError::ConnectionError(e) => e.into(),
            ReplyError::X11Error(e) => Self::Refused(format!("{:?} to {:?}", e.error_kind, e.request_name.unwrap_or("a request"))),
        }
    }
}

impl From<ReplyOrIdError> for XError {
    fn from(error: ReplyOrIdError) -> Self {
        match error {
            ReplyOrIdError::ConnectionError(e) => e.into(),
            ReplyOrIdError::X11Error(e) => ReplyError::X11Error(e).into(),
            ReplyOrIdError::IdsExhausted => Self::Lost("no more identifiers".to_owned()),
        }
    }
}

impl From<XError> for CaptureError {
    fn from(error: XError) -> Self {
        match error {
            XError::Connect(text) => Self::NoDisplay(text),
            XError::Lost(text) => Self::Gone(text),
            XError::Refused(text) => Self::Denied(text),
        }
    }
}

impl From<XError> for InputError {
    fn from(error: XError) -> Self {
        match error {
            XError::Connect(text) => Self::NoDisplay(text),
            XError::Lost(text) => Self::Gone(text),
            XError::Refused(text) => Self::Denied(text),
        }
    }
}
