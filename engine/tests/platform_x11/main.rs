//! The X11 platform against real X servers: what is drawn is seen exactly, what is pressed arrives
//! exactly, and only the person at the machine can press what stops control.
#![cfg(target_os = "linux")]

#[path = "../common/mod.rs"]
mod common;
mod keys;
mod local;
mod screen;
mod surface;
mod typing;

use std::path::Path;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use common::XServer;
use farhand_engine::platform::linux::{CapturePath, LinuxPlatform, X11Input, X11Screen};
use farhand_engine::platform::{Frame, InputOutcome, InputRefusal, InputSink, LocalInput, Platform, ScreenEvent, ScreenSource};
use farhand_protocol::geometry::{Point, Rect};
use farhand_protocol::input::{Button, InputEvent, KeyEvent, KeyLayout, Press};
use x11rb::COPY_FROM_PARENT;
use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    AtomEnum, ChangeWindowAttributesAux, ConnectionExt as _, CreateGCAux, CreateWindowAux, EventMask, ImageFormat, InputFocus, PropMode,
    Rectangle, Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// A client with one window that covers part of the screen and hears keys and buttons.
struct Client {
    conn: RustConnection,
    root: Window,
    window: Window,
}

impl Client {
    fn with_window(server: &XServer, area: Rect) -> Self {
        let (conn, screen) = RustConnection::connect(Some(server.display())).unwrap();
        let root = conn.setup().roots[screen].root;
        let window = conn.generate_id().unwrap();
        let events =
            EventMask::KEY_PRESS | EventMask::KEY_RELEASE | EventMask::BUTTON_PRESS | EventMask::BUTTON_RELEASE | EventMask::EXPOSURE;
        let events = events | EventMask::POINTER_MOTION;
        let aux = CreateWindowAux::new()
            .event_mask(events)
            .background_pixel(0x00ff_ffff)
            .override_redirect(1);
        let (x, y, width, height) = (area.x as i16, area.y as i16, area.width as u16, area.height as u16);
        conn.create_window(
            0,
            window,
            root,
            x,
            y,
            width,
            height,
            0,
            WindowClass::INPUT_OUTPUT,
            COPY_FROM_PARENT,
            &aux,
        )
        .unwrap();
        conn.map_window(window).unwrap();
        conn.flush().unwrap();
        let client = Self { conn, root, window };
        client.next(|event| matches!(event, Event::Expose(_)).then_some(()));
        client
            .conn
            .set_input_focus(InputFocus::PARENT, window, x11rb::CURRENT_TIME)
            .unwrap();
        client.conn.sync().unwrap();
        client
    }

    fn draw(&self, rect: Rect, colour: u32) {
        let gc = self.conn.generate_id().unwrap();
        self.conn
            .create_gc(gc, self.window, &CreateGCAux::new().foreground(colour))
            .unwrap();
        let rect = Rectangle {
            x: rect.x as i16,
            y: rect.y as i16,
            width: rect.width as u16,
            height: rect.height as u16,
        };
        self.conn.poly_fill_rectangle(self.window, gc, &[rect]).unwrap();
        self.conn.free_gc(gc).unwrap();
        self.conn.sync().unwrap();
    }

    /// Declares the window as one of this very process.
    fn claim(&self) {
        let pid = self.conn.intern_atom(false, b"_NET_WM_PID").unwrap().reply().unwrap().atom;
        self.conn
            .change_property32(PropMode::REPLACE, self.window, pid, AtomEnum::CARDINAL, &[std::process::id()])
            .unwrap();
        self.conn.sync().unwrap();
    }

    /// The next event that `pick` makes something of.
    fn next<T>(&self, pick: impl Fn(&Event) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            match self.conn.poll_for_event().unwrap() {
                Some(event) => {
                    if let Some(found) = pick(&event) {
                        return found;
                    }
                }
                None => std::thread::sleep(Duration::from_millis(2)),
            }
        }
        panic!("the event never came");
    }

    /// Everything about keys, buttons and motion so far.
    fn heard(&self) -> Vec<Heard> {
        self.conn.sync().unwrap();
        let mut heard = Vec::new();
        while let Some(event) = self.conn.poll_for_event().unwrap() {
            match event {
                Event::KeyPress(e) => heard.push(Heard::Key(e.detail, u16::from(e.state) as u8, true)),
                Event::KeyRelease(e) => heard.push(Heard::Key(e.detail, u16::from(e.state) as u8, false)),
                Event::ButtonPress(e) => heard.push(Heard::Button(e.detail, true)),
                Event::ButtonRelease(e) => heard.push(Heard::Button(e.detail, false)),
                Event::MotionNotify(e) => heard.push(Heard::Motion(e.root_x, e.root_y)),
                _ => {}
            }
        }
        heard
    }

    /// The whole screen by the plainest request there is, opaque.
    fn whole_screen(&self) -> Vec<u8> {
        let size = self.conn.get_geometry(self.root).unwrap().reply().unwrap();
        let image = self
            .conn
            .get_image(ImageFormat::Z_PIXMAP, self.root, 0, 0, size.width, size.height, !0)
            .unwrap()
            .reply()
            .unwrap();
        image.data.chunks_exact(4).flat_map(|p| [p[0], p[1], p[2], 255]).collect()
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Heard {
    /// Key code, modifiers before the event, down.
    Key(u8, u8, bool),
    Button(u8, bool),
    Motion(i16, i16),
}

fn key(usage: u16, press: Press, logical: Option<&str>, text: Option<&str>, layout: KeyLayout) -> InputEvent {
    InputEvent::Key(KeyEvent {
        usage,
        press,
        logical: logical.map(str::to_owned),
        text: text.map(str::to_owned),
        layout,
    })
}

fn here(usage: u16, press: Press, logical: &str, text: Option<&str>) -> InputEvent {
    key(usage, press, Some(logical), text, KeyLayout::Here)
}

fn there(usage: u16, press: Press) -> InputEvent {
    key(usage, press, None, None, KeyLayout::There)
}

fn done(input: &mut X11Input, event: InputEvent) {
    assert_eq!(input.handle_input(&event).unwrap(), InputOutcome::Done, "{event:?}");
    handled(input);
}

/// Returns when the server has handled all that was injected: a dead key does nothing, but asks.
fn handled(input: &mut X11Input) {
    assert_eq!(input.handle_input(&here(0, Press::Down, "Dead", None)).unwrap(), InputOutcome::Done);
}

fn refused(input: &mut X11Input, event: InputEvent, why: InputRefusal) {
    assert_eq!(input.handle_input(&event).unwrap(), InputOutcome::Refused(why), "{event:?}");
}

/// Waits until the screen has nothing more to say, and keeps the frame up to date.
fn settle(screen: &mut dyn ScreenSource, frame: &mut Frame) -> Vec<ScreenEvent> {
    let mut all = Vec::new();
    loop {
        let events = screen.wait(Duration::from_millis(100)).unwrap();
        if events.is_empty() {
            return all;
        }
        for event in &events {
            if let ScreenEvent::Damage(rects) = event {
                screen.capture(rects, frame).unwrap();
            }
        }
        all.extend(events);
    }
}

fn damage_of(events: &[ScreenEvent]) -> Vec<Rect> {
    events
        .iter()
        .flat_map(|e| {
            if let ScreenEvent::Damage(rects) = e {
                rects.clone()
            } else {
                Vec::new()
            }
        })
        .collect()
}

/// Waits for the first event that `pick` makes something of.
fn wait_for<T>(screen: &mut dyn ScreenSource, mut pick: impl FnMut(&ScreenEvent) -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        for event in screen.wait(Duration::from_millis(500)).unwrap() {
            if let Some(found) = pick(&event) {
                return found;
            }
        }
    }
    panic!("the screen never said so");
}

fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "{what} never happened");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A terminal that writes every byte typed into it to a file, and the pointer inside it.
fn terminal(server: &mut XServer, folder: &Path, input: &mut X11Input) -> std::path::PathBuf {
    let (typed, ready) = (folder.join("typed"), folder.join("ready"));
    let script = format!("stty raw -echo; touch {}; exec cat > {}", ready.display(), typed.display());
    let mut command = server.command("xterm");
    command.args(["-u8", "-geometry", "80x24+0+0", "-e", "sh", "-c", &script]);
    server.keep(&mut command);
    wait_until("the terminal's start", || ready.exists() && typed.exists());
    await_window_under_pointer(server, input);
    typed
}

/// Puts the pointer where a program's window will be, and waits until it is: without a window
/// manager keys go to the window under the pointer.
fn await_window_under_pointer(server: &XServer, input: &mut X11Input) {
    let (conn, screen) = RustConnection::connect(Some(server.display())).unwrap();
    let root = conn.setup().roots[screen].root;
    done(
        input,
        InputEvent::PointerMove {
            epoch: 1,
            pos: Point { x: 60, y: 60 },
        },
    );
    wait_until("the window", || {
        conn.query_pointer(root).unwrap().reply().unwrap().child != x11rb::NONE
    });
}

fn assert_typed(file: &Path, expected: &str) {
    let read = || String::from_utf8_lossy(&std::fs::read(file).unwrap_or_default()).into_owned();
    let deadline = Instant::now() + PATIENCE;
    while read() != expected && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(read(), expected);
}
