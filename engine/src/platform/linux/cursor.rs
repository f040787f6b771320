//! The pointer: its picture by XFixes, told apart by serial, and its place by asking the server
//! whenever something moved. Motion is heard through XI2 raw events, which arrive whoever has the
//! focus or a grab.

use x11rb::cookie::Cookie;
use x11rb::protocol::xfixes::{self, ConnectionExt as _};
use x11rb::protocol::xinput::{self, ConnectionExt as _, XIEventMask};
use x11rb::protocol::xproto::{ConnectionExt as _, QueryPointerReply};
use x11rb::rust_connection::RustConnection;

use farhand_protocol::geometry::Point;

use super::connection::{Server, XError};
use crate::platform::{CursorShape, ScreenEvent};

type PlaceCookie<'s> = Cookie<'s, RustConnection, QueryPointerReply>;

/// The pointer as last reported.
#[derive(Debug, Default)]
pub(super) struct Cursor {
    pub(super) pos: Point,
    visible: bool,
    has_shapes: bool,
    shape_changed: bool,
    may_have_moved: bool,
}

impl Cursor {
    /// Asks the server to report shapes and motion; the first [`Cursor::refresh`] reports both.
    pub(super) fn select(server: &Server) -> Result<Self, XError> {
        let has_shapes = server.has(xfixes::X11_EXTENSION_NAME)?;
        if has_shapes {
            server.conn.xfixes_query_version(5, 0)?.reply()?;
            server
                .conn
                .xfixes_select_cursor_input(server.root, xfixes::CursorNotifyMask::DISPLAY_CURSOR)?;
        }
        if server.has(xinput::X11_EXTENSION_NAME)? {
            server.conn.xinput_xi_query_version(2, 2)?.reply()?;
            let mask = xinput::EventMask {
                deviceid: u16::from(xinput::Device::ALL_MASTER),
                mask: vec![XIEventMask::RAW_MOTION],
            };
            server.conn.xinput_xi_select_events(server.root, &[mask])?;
        }
        let mut cursor = Self {
            has_shapes,
            visible: true,
            shape_changed: true,
            may_have_moved: true,
            ..Self::default()
        };
        cursor.pos = Point { x: i32::MIN, y: i32::MIN };
        Ok(cursor)
    }

    pub(super) fn handle_shape_change(&mut self) {
        self.shape_changed = true;
    }

    pub(super) fn handle_activity(&mut self) {
        self.may_have_moved = true;
    }

    /// Asks where it is, if it may have moved.
    pub(super) fn ask<'s>(&mut self, server: &'s Server) -> Result<Option<PlaceCookie<'s>>, XError> {
        if !std::mem::take(&mut self.may_have_moved) {
            return Ok(None);
        }
        Ok(Some(server.conn.query_pointer(server.root)?))
    }

    /// What changed since the last time; `place` is what the server answered, if it was asked.
    pub(super) fn refresh(
        &mut self,
        server: &Server,
        place: Option<&QueryPointerReply>,
        events: &mut Vec<ScreenEvent>,
    ) -> Result<(), XError> {
        let mut visible = self.visible;
        if std::mem::take(&mut self.shape_changed) && self.has_shapes {
            let shape = current_shape(server)?;
            visible = shape.as_ref().is_some_and(CursorShape::is_visible);
            events.extend(shape.map(ScreenEvent::CursorShape));
        }
        let pos = place.map_or(self.pos, |place| Point {
            x: place.root_x.into(),
            y: place.root_y.into(),
        });
        if pos != self.pos || visible != self.visible {
            self.pos = pos;
            self.visible = visible;
            events.push(ScreenEvent::CursorMoved { pos, visible });
        }
        Ok(())
    }
}

/// The cursor's picture; none while the server has none to show.
fn current_shape(server: &Server) -> Result<Option<CursorShape>, XError> {
    let reply = match server.conn.xfixes_get_cursor_image()?.reply() {
        Ok(reply) => reply,
        Err(x11rb::errors::ReplyError::X11Error(_)) => return Ok(None),
        Err(e) => return Err(e.into()),
    };
    Ok(Some(CursorShape {
        serial: reply.cursor_serial.into(),
        size: (reply.width, reply.height),
        hotspot: (reply.xhot, reply.yhot),
        bgra: reply.cursor_image.iter().flat_map(|argb| argb.to_le_bytes()).collect(),
    }))
}
