//! Windows as the window manager knows them: which there are, which is active, and asking it to place
//! one, as a taskbar or a person at the title bar would.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ChangeWindowAttributesAux, ClientMessageEvent, ConnectionExt as _, EventMask, MapState, Window,
};
use x11rb::rust_connection::RustConnection;

use super::atspi::Rect;
use super::display::Display;
use super::wait;

/// How long a window or the window manager's answer may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// A window that was just opened may still measure itself against its monitor, which moves it again: it must have stayed in its place for so long.
const SETTLED: Duration = Duration::from_millis(300);
/// `_NET_WM_STATE`: add the states named.
const STATE_ADD: u32 = 1;
/// `_NET_MOVERESIZE_WINDOW`: static gravity, and x, y, width and height are all given.
const MOVE_RESIZE_FLAGS: u32 = 10 | 0b1111 << 8;
/// Who asks: a pager.
const SOURCE_PAGER: u32 = 2;

/// The window manager of one display, asked.
#[derive(Debug)]
pub struct Windows {
    connection: RustConnection,
    root: Window,
}

impl Windows {
    /// Of `display`, which must have a window manager.
    pub fn of(display: &Display) -> Result<Self> {
        let (connection, screen) = display.connect()?;
        let root = connection.setup().roots[screen].root;
        Ok(Self { connection, root })
    }

    /// Fills what no window covers with one colour.
    pub fn paint_background(&self, rgb: u32) -> Result<()> {
        let aux = ChangeWindowAttributesAux::new().background_pixel(rgb);
        self.connection.change_window_attributes(self.root, &aux)?;
        self.connection.clear_area(false, self.root, 0, 0, 0, 0)?.check()?;
        Ok(())
    }

    /// The process whose window can be typed into.
    pub fn active(&self) -> Result<Option<u32>> {
        let active = self.property(self.root, "_NET_ACTIVE_WINDOW")?;
        let owner = active.first().map(|window| self.owner(*window)).transpose()?;
        Ok(owner.flatten())
    }

    /// Waits until a window of process `pid` can be typed into.
    pub fn wait_active(&self, pid: u32) -> Result<()> {
        wait::until(&format!("a window of process {pid} to be active"), PATIENCE, || {
            Ok((self.active()? == Some(pid)).then_some(()))
        })
    }

    /// Asks for the whole screen for the window of process `pid`, and waits until it has it.
    pub fn maximise(&self, pid: u32) -> Result<()> {
        let window = self.window_of(pid)?;
        let horizontally = self.atom("_NET_WM_STATE_MAXIMIZED_HORZ")?;
        let vertically = self.atom("_NET_WM_STATE_MAXIMIZED_VERT")?;
        self.ask(window, "_NET_WM_STATE", [STATE_ADD, horizontally, vertically, SOURCE_PAGER, 0])?;
        wait::until("a maximised window", PATIENCE, || {
            let states = self.property(window, "_NET_WM_STATE")?;
            Ok(states.contains(&horizontally).then_some(()))
        })
    }

    /// Asks for a place for the contents of the window of process `pid`, again where it has left it, until it stays there.
    pub fn place(&self, pid: u32, to: Rect) -> Result<()> {
        let window = self.window_of(pid)?;
        let [x, y, width, height] = [to.x, to.y, to.width, to.height].map(i32::cast_unsigned);
        let flags = MOVE_RESIZE_FLAGS | SOURCE_PAGER << 12;
        let ask = || self.ask(window, "_NET_MOVERESIZE_WINDOW", [flags, x, y, width, height]);
        ask()?;
        let (mut asked_at, mut there_since) = (Instant::now(), None);
        wait::until("a window in its place", PATIENCE, || {
            let at = self.connection.translate_coordinates(window, self.root, 0, 0)?.reply()?;
            if (at.dst_x.into(), at.dst_y.into()) == (to.x, to.y) {
                let since = *there_since.get_or_insert_with(Instant::now);
                return Ok((since.elapsed() >= SETTLED).then_some(()));
            }
            if there_since.take().is_some() || asked_at.elapsed() >= SETTLED {
                ask()?;
                asked_at = Instant::now();
            }
            bail!("it is at {}, {} and not at {}, {}", at.dst_x, at.dst_y, to.x, to.y);
        })
    }

    /// Waits for a window of process `pid` that is none of the window manager's, such as a bar above all others, and gives its place.
    pub fn unmanaged(&self, pid: u32) -> Result<Rect> {
        wait::until(&format!("an unmanaged window of process {pid}"), PATIENCE, || {
            for window in self.connection.query_tree(self.root)?.reply()?.children {
                let looks = self.connection.get_window_attributes(window)?.reply()?;
                if !looks.override_redirect || looks.map_state != MapState::VIEWABLE || self.owner(window)? != Some(pid) {
                    continue;
                }
                let place = self.connection.get_geometry(window)?.reply()?;
                return Ok(Some(Rect {
                    x: place.x.into(),
                    y: place.y.into(),
                    width: place.width.into(),
                    height: place.height.into(),
                }));
            }
            Ok(None)
        })
    }

    fn window_of(&self, pid: u32) -> Result<Window> {
        wait::until(&format!("a window of process {pid}"), PATIENCE, || {
            for window in self.property(self.root, "_NET_CLIENT_LIST")? {
                if self.owner(window)? == Some(pid) {
                    return Ok(Some(window));
                }
            }
            Ok(None)
        })
    }

    fn owner(&self, window: Window) -> Result<Option<u32>> {
        Ok(self.property(window, "_NET_WM_PID")?.first().copied())
    }

    fn property(&self, window: Window, name: &str) -> Result<Vec<u32>> {
        let atom = self.atom(name)?;
        let any = AtomEnum::ANY;
        let reply = self.connection.get_property(false, window, atom, any, 0, 1024)?.reply()?;
        Ok(reply.value32().map(Iterator::collect).unwrap_or_default())
    }

    fn ask(&self, window: Window, message: &str, data: [u32; 5]) -> Result<()> {
        let event = ClientMessageEvent::new(32, window, self.atom(message)?, data);
        let mask = EventMask::SUBSTRUCTURE_REDIRECT | EventMask::SUBSTRUCTURE_NOTIFY;
        self.connection.send_event(false, self.root, mask, event)?.check()?;
        Ok(())
    }

    fn atom(&self, name: &str) -> Result<Atom> {
        let reply = self.connection.intern_atom(false, name.as_bytes())?.reply();
        Ok(reply.context("an atom")?.atom)
    }
}
