//! `ScreenSource` on X11: XDamage says where something changed, RandR that the monitors did, XFixes
//! and XI2 that the pointer did, and the screen saver and D-Bus that there is nothing to see. The
//! thread that waits sleeps in `poll(2)` on the connection and the waker.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use x11rb::connection::Connection;
use x11rb::cookie::Cookie;
use x11rb::protocol::Event;
use x11rb::protocol::damage::{self, ConnectionExt as _};
use x11rb::protocol::screensaver::{self, ConnectionExt as _};
use x11rb::protocol::xfixes::{self, ConnectionExt as _};
use x11rb::protocol::xproto::{ChangeWindowAttributesAux, ConnectionExt as _, EventMask};
use x11rb::rust_connection::RustConnection;

use farhand_protocol::geometry::{DesktopLayout, Point, Rect};

use super::connection::{Server, XError};
use super::cursor::Cursor;
use super::grab::{Grabbed, Grabber};
use super::lock_watch::LockWatch;
use super::segment::CapturePath;
use super::waiting::{Signal, wait_readable};
use super::{monitors, same_monitors};
use crate::platform::{CaptureError, DamageList, Frame, ScreenEvent, ScreenSource};

type RegionCookie<'s> = Cookie<'s, RustConnection, xfixes::FetchRegionReply>;

/// The desktop of one X server.
pub struct X11Screen {
    server: Server,
    layout: DesktopLayout,
    grabber: Grabber,
    damage: DamageTracker,
    pending: DamageList,
    cursor: Cursor,
    monitors_changed: bool,
    woken: Arc<Signal>,
    lock: Lock,
    gone: Option<String>,
    _lock_watch: Option<LockWatch>,
}

/// Who says that there is nothing to see.
struct Lock {
    by_desktop: Arc<AtomicBool>,
    by_saver: bool,
    reported: bool,
}

impl X11Screen {
    /// Opens the screen of this display by the best way the server offers.
    ///
    /// # Errors
    /// When there is no such display, it refuses us, or its pixels cannot be read.
    pub fn open(display: &str) -> Result<Self, CaptureError> {
        Self::open_by(display, CapturePath::SharedDescriptor)
    }

    /// Opens the screen by a way no better than `best`, to try the others.
    ///
    /// # Errors
    /// As [`X11Screen::open`].
    pub fn open_by(display: &str, best: CapturePath) -> Result<Self, CaptureError> {
        let server = Server::connect(display)?;
        let root_events = ChangeWindowAttributesAux::new().event_mask(EventMask::STRUCTURE_NOTIFY);
        server
            .conn
            .change_window_attributes(server.root, &root_events)
            .map_err(XError::from)?;
        monitors::select_changes(&server)?;
        let cursor = Cursor::select(&server)?;
        let by_saver = select_saver(&server)?;
        let damage = DamageTracker::start(&server)?;
        let grabber = Grabber::new(&server, best)?;
        let layout = monitors::current(&server, 1)?;
        let woken = Arc::new(Signal::new().map_err(|e| CaptureError::NoDisplay(e.to_string()))?);
        let by_desktop = Arc::new(AtomicBool::new(false));
        let lock_watch = watch_lock(&by_desktop, &woken);
        let mut pending = DamageList::default();
        pending.add(&layout.bounds(), &layout.bounds());
        tracing::info!(path = ?grabber.path(), monitors = layout.monitors.len(), "screen opened");
        let lock = Lock {
            by_desktop,
            by_saver,
            reported: false,
        };
        let (monitors_changed, gone) = (false, None);
        Ok(Self {
            server,
            layout,
            grabber,
            damage,
            pending,
            cursor,
            monitors_changed,
            woken,
            lock,
            gone,
            _lock_watch: lock_watch,
        })
    }

    /// How pixels come from the server.
    pub fn path(&self) -> CapturePath {
        self.grabber.path()
    }

    /// Takes in everything the server has sent, then asks what it takes to report it.
    fn collect(&mut self) -> Result<Vec<ScreenEvent>, XError> {
        while let Some(event) = self.server.conn.poll_for_event()? {
            self.handle_event(event);
        }
        let mut events = Vec::new();
        self.refresh_layout(&mut events)?;
        // Both questions go together: each by itself is a sleep and a waking.
        let region = self.damage.take(&self.server)?;
        let place = self.cursor.ask(&self.server)?;
        let bounds = self.layout.bounds();
        for r in region.map(Cookie::reply).transpose()?.iter().flat_map(|region| &region.rectangles) {
            self.pending
                .add(&Rect::new(r.x.into(), r.y.into(), r.width.into(), r.height.into()), &bounds);
        }
        let place = place.map(Cookie::reply).transpose()?;
        self.cursor.refresh(&self.server, place.as_ref(), &mut events)?;
        if let Some(locked) = self.lock.change() {
            events.push(ScreenEvent::Locked(locked));
        }
        if !self.pending.is_empty() {
            events.push(ScreenEvent::Damage(self.pending.take()));
        }
        Ok(events)
    }

    fn handle_event(&mut self, event: Event) {
        self.cursor.handle_activity();
        match event {
            Event::DamageNotify(_) => self.damage.is_pending = true,
            Event::XfixesCursorNotify(_) => self.cursor.handle_shape_change(),
            Event::RandrNotify(_) | Event::RandrScreenChangeNotify(_) | Event::ConfigureNotify(_) => self.monitors_changed = true,
            Event::ScreensaverNotify(notify) => self.lock.by_saver = notify.state == screensaver::State::ON,
            Event::Error(error) => tracing::debug!(kind = ?error.error_kind, request = error.request_name, "the X server complains"),
            _ => {}
        }
    }

    fn refresh_layout(&mut self, events: &mut Vec<ScreenEvent>) -> Result<(), XError> {
        if !std::mem::take(&mut self.monitors_changed) {
            return Ok(());
        }
        let layout = monitors::current(&self.server, self.layout.epoch.wrapping_add(1))?;
        if !same_monitors(&layout, &self.layout) {
            self.layout = layout;
            self.pending.take();
            self.pending.add(&self.layout.bounds(), &self.layout.bounds());
            events.push(ScreenEvent::Layout(self.layout.clone()));
        }
        Ok(())
    }

    fn wait_for_events(&mut self, timeout: Duration) -> Result<Vec<ScreenEvent>, XError> {
        let deadline = Instant::now() + timeout;
        loop {
            let was_woken = self.woken.take();
            let mut events = self.collect()?;
            if was_woken {
                events.push(ScreenEvent::Woken);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if !events.is_empty() || left.is_zero() {
                return Ok(events);
            }
            self.server.conn.flush()?;
            // Replies may have brought events along that the descriptor no longer announces.
            if let Some(event) = self.server.conn.poll_for_event()? {
                self.handle_event(event);
                continue;
            }
            wait_readable(self.server.fd(), &self.woken, Some(left)).map_err(|e| XError::Lost(e.to_string()))?;
        }
    }
}

impl ScreenSource for X11Screen {
    fn layout(&self) -> &DesktopLayout {
        &self.layout
    }

    fn waker(&self) -> Arc<dyn Fn() + Send + Sync> {
        let woken = Arc::clone(&self.woken);
        Arc::new(move || woken.raise())
    }

    fn wait(&mut self, timeout: Duration) -> Result<Vec<ScreenEvent>, CaptureError> {
        if let Some(reason) = &self.gone {
            return Ok(vec![ScreenEvent::Gone(reason.clone())]);
        }
        match self.wait_for_events(timeout) {
            Ok(events) => Ok(events),
            Err(XError::Lost(reason)) => {
                self.gone = Some(reason.clone());
                Ok(vec![ScreenEvent::Gone(reason)])
            }
            // A request can be refused because what it named has just gone; the next round asks anew.
            Err(XError::Refused(reason)) => {
                tracing::debug!(reason, "the X server refused a question");
                self.monitors_changed = true;
                self.cursor.handle_activity();
                Ok(Vec::new())
            }
            Err(error) => Err(error.into()),
        }
    }

    fn capture(&mut self, rects: &[Rect], frame: &mut Frame) -> Result<(), CaptureError> {
        let bounds = self.layout.bounds();
        let whole = [bounds];
        let clipped: Vec<Rect> = rects.iter().filter_map(|r| r.intersection(&bounds)).collect();
        let rects = if frame.fit(bounds) { &whole[..] } else { &clipped[..] };
        if self.grabber.grab(&self.server, rects, frame)? == Grabbed::OutOfBounds {
            // The screen shrank; the next wait reports its new layout and a damage of everything.
            self.monitors_changed = true;
        }
        Ok(())
    }

    fn pointer(&self) -> Point {
        self.cursor.pos
    }
}

impl Lock {
    fn change(&mut self) -> Option<bool> {
        let locked = self.by_saver || self.by_desktop.load(Ordering::Relaxed);
        (locked != std::mem::replace(&mut self.reported, locked)).then_some(locked)
    }
}

/// Hears when the server's own saver covers the screen; true when it does already.
fn select_saver(server: &Server) -> Result<bool, XError> {
    if !server.has(screensaver::X11_EXTENSION_NAME)? {
        return Ok(false);
    }
    server.conn.screensaver_select_input(server.root, screensaver::Event::NOTIFY_MASK)?;
    let info = server.conn.screensaver_query_info(server.root)?.reply()?;
    Ok(info.state == u8::from(screensaver::State::ON))
}

fn watch_lock(by_desktop: &Arc<AtomicBool>, woken: &Arc<Signal>) -> Option<LockWatch> {
    let (by_desktop, woken) = (Arc::clone(by_desktop), Arc::clone(woken));
    LockWatch::start(move |locked| {
        by_desktop.store(locked, Ordering::Relaxed);
        woken.raise();
    })
}

/// XDamage on the root window. The server sends one event when something changed after nothing had,
/// and the exact region is fetched when asked for: a storm of drawing costs one event.
struct DamageTracker {
    damage: damage::Damage,
    region: xfixes::Region,
    is_pending: bool,
}

impl DamageTracker {
    fn start(server: &Server) -> Result<Self, CaptureError> {
        if !server.has(damage::X11_EXTENSION_NAME)? || !server.has(xfixes::X11_EXTENSION_NAME)? {
            return Err(CaptureError::NoDisplay("this X server has no DAMAGE extension".to_owned()));
        }
        Self::create(server).map_err(CaptureError::from)
    }

    fn create(server: &Server) -> Result<Self, XError> {
        server.conn.damage_query_version(1, 1)?.reply()?;
        let damage = server.conn.generate_id()?;
        server
            .conn
            .damage_create(damage, server.root, damage::ReportLevel::NON_EMPTY)?
            .check()?;
        let region = server.conn.generate_id()?;
        server.conn.xfixes_create_region(region, &[])?.check()?;
        Ok(Self {
            damage,
            region,
            is_pending: false,
        })
    }

    /// Takes what is damaged and asks what it is. It is taken before pixels are, so that what is drawn in between is reported again rather than lost.
    fn take<'s>(&mut self, server: &'s Server) -> Result<Option<RegionCookie<'s>>, XError> {
        if !std::mem::take(&mut self.is_pending) {
            return Ok(None);
        }
        server.conn.damage_subtract(self.damage, x11rb::NONE, self.region)?;
        Ok(Some(server.conn.xfixes_fetch_region(self.region)?))
    }
}
