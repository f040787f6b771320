//! The X11 platform against real X servers: what is drawn is seen exactly, what is pressed arrives
//! exactly, and only the person at the machine can press what stops control.
#![cfg(target_os = "linux")]

mod common;

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
    AtomEnum, ChangeWindowAttributesAux, ConnectionExt as _, CreateGCAux, CreateWindowAux, EventMask, ImageFormat, InputFocus, PropMode, Rectangle,
    Window, WindowClass,
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
        let events = EventMask::KEY_PRESS | EventMask::KEY_RELEASE | EventMask::BUTTON_PRESS | EventMask::BUTTON_RELEASE | EventMask::EXPOSURE;
        let events = events | EventMask::POINTER_MOTION;
        let aux = CreateWindowAux::new().event_mask(events).background_pixel(0x00ff_ffff).override_redirect(1);
        let (x, y, width, height) = (area.x as i16, area.y as i16, area.width as u16, area.height as u16);
        conn.create_window(0, window, root, x, y, width, height, 0, WindowClass::INPUT_OUTPUT, COPY_FROM_PARENT, &aux).unwrap();
        conn.map_window(window).unwrap();
        conn.flush().unwrap();
        let client = Self { conn, root, window };
        client.next(|event| matches!(event, Event::Expose(_)).then_some(()));
        client.conn.set_input_focus(InputFocus::PARENT, window, x11rb::CURRENT_TIME).unwrap();
        client.conn.sync().unwrap();
        client
    }

    fn draw(&self, rect: Rect, colour: u32) {
        let gc = self.conn.generate_id().unwrap();
        self.conn.create_gc(gc, self.window, &CreateGCAux::new().foreground(colour)).unwrap();
        let rect = Rectangle { x: rect.x as i16, y: rect.y as i16, width: rect.width as u16, height: rect.height as u16 };
        self.conn.poly_fill_rectangle(self.window, gc, &[rect]).unwrap();
        self.conn.free_gc(gc).unwrap();
        self.conn.sync().unwrap();
    }

    /// Declares the window as one of this very process.
    fn claim(&self) {
        let pid = self.conn.intern_atom(false, b"_NET_WM_PID").unwrap().reply().unwrap().atom;
        self.conn.change_property32(PropMode::REPLACE, self.window, pid, AtomEnum::CARDINAL, &[std::process::id()]).unwrap();
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

    /// Everything about keys, buttons and motion so far: whoever injected it has flushed, so the
    /// server has handled it before it answers this round trip.
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
        let image = self.conn.get_image(ImageFormat::Z_PIXMAP, self.root, 0, 0, size.width, size.height, !0).unwrap().reply().unwrap();
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
    InputEvent::Key(KeyEvent { usage, press, logical: logical.map(str::to_owned), text: text.map(str::to_owned), layout })
}

fn here(usage: u16, press: Press, logical: &str, text: Option<&str>) -> InputEvent {
    key(usage, press, Some(logical), text, KeyLayout::Here)
}

fn there(usage: u16, press: Press) -> InputEvent {
    key(usage, press, None, None, KeyLayout::There)
}

fn done(input: &mut X11Input, event: InputEvent) {
    assert_eq!(input.handle_input(&event).unwrap(), InputOutcome::Done, "{event:?}");
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
    events.iter().flat_map(|e| if let ScreenEvent::Damage(rects) = e { rects.clone() } else { Vec::new() }).collect()
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
    done(input, InputEvent::PointerMove { epoch: 1, pos: Point { x: 60, y: 60 } });
    typed
}

fn assert_typed(file: &Path, expected: &str) {
    let read = || String::from_utf8_lossy(&std::fs::read(file).unwrap_or_default()).into_owned();
    let deadline = Instant::now() + PATIENCE;
    while read() != expected && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(read(), expected);
}

mod screen {
    use super::*;

    fn what_is_drawn_is_captured(path: CapturePath) {
        let server = XServer::virtual_screen(640, 480);
        let client = Client::with_window(&server, Rect::new(100, 50, 300, 200));
        let mut screen = X11Screen::open_by(server.display(), path).unwrap();
        assert_eq!(screen.path(), path);
        let mut frame = Frame::default();
        settle(&mut screen, &mut frame);
        assert_eq!(frame.data, client.whole_screen());
        client.draw(Rect::new(10, 20, 30, 40), 0x0012_3456);
        let rects = damage_of(&settle(&mut screen, &mut frame));
        assert_eq!(rects, vec![Rect::new(110, 70, 30, 40)]);
        assert_eq!(frame.pixel(110, 70), Some([0x56, 0x34, 0x12, 255]));
        assert_eq!(frame.data, client.whole_screen());
    }

    #[test]
    fn what_is_drawn_is_captured_by_descriptor() {
        what_is_drawn_is_captured(CapturePath::SharedDescriptor);
    }

    #[test]
    fn what_is_drawn_is_captured_by_system_v_memory() {
        what_is_drawn_is_captured(CapturePath::SharedSysV);
    }

    #[test]
    fn what_is_drawn_is_captured_over_the_socket() {
        what_is_drawn_is_captured(CapturePath::Socket);
    }

    #[test]
    fn a_screen_of_sixteen_bits_is_converted() {
        let server = XServer::start_with_depth(320, 200, 16);
        let client = Client::with_window(&server, Rect::new(0, 0, 320, 200));
        let mut screen = X11Screen::open(server.display()).unwrap();
        client.draw(Rect::new(0, 0, 320, 200), 0xf800);
        let mut frame = Frame::default();
        settle(&mut screen, &mut frame);
        assert_eq!(frame.pixel(7, 7), Some([0, 0, 255, 255]));
    }

    #[test]
    fn a_screen_with_a_palette_is_refused_with_the_reason() {
        let server = XServer::start_with_depth(320, 200, 8);
        let error = X11Screen::open(server.display()).err().unwrap();
        assert!(error.to_string().contains("palette"), "{error}");
    }

    #[test]
    fn many_overlapping_rectangles_are_captured_in_one_call() {
        let server = XServer::virtual_screen(400, 300);
        let client = Client::with_window(&server, Rect::new(0, 0, 400, 300));
        let mut screen = X11Screen::open(server.display()).unwrap();
        let mut frame = Frame::default();
        settle(&mut screen, &mut frame);
        client.draw(Rect::new(0, 0, 400, 300), 0x0000_ff00);
        let rects: Vec<Rect> = (0..10).map(|i| Rect::new(i, i, 390, 290)).chain([Rect::new(-50, -50, 500, 500)]).collect();
        screen.capture(&rects, &mut frame).unwrap();
        assert_eq!(frame.data, client.whole_screen());
    }

    #[test]
    fn a_letter_typed_into_a_terminal_damages_little() {
        let mut server = XServer::virtual_screen(800, 600);
        let folder = tempfile::tempdir().unwrap();
        let mut input = X11Input::open(server.display()).unwrap();
        let ready = folder.path().join("ready");
        let mut command = server.command("xterm");
        command.args(["-geometry", "80x24+0+0", "-e", "sh", "-c", &format!("touch {}; exec cat", ready.display())]);
        server.keep(&mut command);
        wait_until("the terminal's start", || ready.exists());
        done(&mut input, InputEvent::PointerMove { epoch: 1, pos: Point { x: 60, y: 60 } });
        let mut screen = X11Screen::open(server.display()).unwrap();
        let mut frame = Frame::default();
        settle(&mut screen, &mut frame);
        done(&mut input, InputEvent::Text("w".to_owned()));
        let rects = wait_for(&mut screen, |e| if let ScreenEvent::Damage(rects) = e { Some(rects.clone()) } else { None });
        let pixels: u64 = rects.iter().map(Rect::area).sum();
        assert!(pixels < 40 * 40, "{rects:?}");
    }

    #[test]
    fn the_pointer_is_reported_with_its_shape() {
        let server = XServer::virtual_screen(640, 480);
        let client = Client::with_window(&server, Rect::new(0, 0, 200, 200));
        let mut screen = X11Screen::open(server.display()).unwrap();
        let mut frame = Frame::default();
        let first = settle(&mut screen, &mut frame);
        assert!(first.iter().any(|e| matches!(e, ScreenEvent::CursorShape(_))), "{first:?}");
        let font = client.conn.generate_id().unwrap();
        client.conn.open_font(font, b"cursor").unwrap();
        let cursor = client.conn.generate_id().unwrap();
        client.conn.create_glyph_cursor(cursor, font, font, 152, 153, 0, 0, 0, !0, !0, !0).unwrap();
        client.conn.change_window_attributes(client.window, &ChangeWindowAttributesAux::new().cursor(cursor)).unwrap();
        client.conn.sync().unwrap();
        let mut input = X11Input::open(server.display()).unwrap();
        done(&mut input, InputEvent::PointerMove { epoch: 1, pos: Point { x: 77, y: 88 } });
        let events = settle(&mut screen, &mut frame);
        let shape = events.iter().find_map(|e| if let ScreenEvent::CursorShape(s) = e { Some(s) } else { None }).expect("another shape");
        assert!(shape.is_visible() && shape.bgra.len() == usize::from(shape.size.0) * usize::from(shape.size.1) * 4);
        assert!(events.contains(&ScreenEvent::CursorMoved { pos: Point { x: 77, y: 88 }, visible: true }), "{events:?}");
        assert_eq!(screen.pointer(), Point { x: 77, y: 88 });
        assert!(damage_of(&events).is_empty(), "the pointer is not part of the picture");
    }

    #[test]
    fn a_resized_screen_is_a_new_layout_and_all_damaged() {
        let outer = XServer::virtual_screen(1024, 768);
        let inner = XServer::nested(&outer, 500, 400);
        let mut screen = X11Screen::open(inner.display()).unwrap();
        let mut frame = Frame::default();
        settle(&mut screen, &mut frame);
        assert_eq!((screen.layout().epoch, screen.layout().bounds()), (1, Rect::new(0, 0, 500, 400)));
        outer.run("xdotool", &["search", "--sync", "--name", "Xephyr", "windowsize", "640", "300"]);
        let layout = wait_for(&mut screen, |e| {
            if let ScreenEvent::Layout(layout) = e { (layout.bounds() == Rect::new(0, 0, 640, 300)).then(|| layout.clone()) } else { None }
        });
        assert!(layout.epoch > 1 && *screen.layout() == layout && layout.is_sane());
        settle(&mut screen, &mut frame);
        screen.capture(&[], &mut frame).unwrap();
        assert_eq!((frame.area, frame.data.len()), (layout.bounds(), 640 * 300 * 4));
    }

    #[test]
    fn two_monitors_of_one_screen_are_listed() {
        let server = XServer::virtual_screen(800, 600);
        let mut screen = X11Screen::open(server.display()).unwrap();
        let mut frame = Frame::default();
        settle(&mut screen, &mut frame);
        server.run("xrandr", &["--setmonitor", "left", "400/100x600/150+0+0", "screen"]);
        server.run("xrandr", &["--setmonitor", "right", "400/100x600/150+400+0", "none"]);
        // Monitors set by hand raise no event of their own; any other change brings them along.
        drop(screen);
        let screen = X11Screen::open(server.display()).unwrap();
        let areas: Vec<Rect> = screen.layout().monitors.iter().map(|m| m.area).collect();
        assert_eq!(areas, vec![Rect::new(0, 0, 400, 600), Rect::new(400, 0, 400, 600)]);
        assert_eq!(screen.layout().monitors.iter().filter(|m| m.primary).count(), 1);
    }

    #[test]
    fn a_still_screen_costs_no_processor_time() {
        let server = XServer::virtual_screen(1920, 1080);
        let _client = Client::with_window(&server, Rect::new(0, 0, 800, 600));
        let mut screen = X11Screen::open(server.display()).unwrap();
        let mut frame = Frame::default();
        settle(&mut screen, &mut frame);
        let before = thread_cpu();
        for _ in 0..4 {
            assert_eq!(screen.wait(Duration::from_millis(500)).unwrap(), vec![]);
        }
        let spent = thread_cpu() - before;
        println!("waiting 2 s on a still screen took {spent:?} of processor time");
        assert!(spent < Duration::from_millis(10), "{spent:?}");
    }

    #[test]
    fn the_waker_ends_a_wait_from_another_thread() {
        let server = XServer::virtual_screen(320, 200);
        let mut screen = X11Screen::open(server.display()).unwrap();
        settle(&mut screen, &mut Frame::default());
        let waker = screen.waker();
        let start = Instant::now();
        let thread = std::thread::spawn(move || waker());
        assert_eq!(screen.wait(PATIENCE).unwrap(), vec![ScreenEvent::Woken]);
        thread.join().unwrap();
        assert!(start.elapsed() < PATIENCE / 2);
    }

    #[test]
    fn a_server_that_dies_is_gone_and_stays_gone() {
        let mut server = XServer::virtual_screen(320, 200);
        let mut screen = X11Screen::open(server.display()).unwrap();
        settle(&mut screen, &mut Frame::default());
        server.kill();
        for _ in 0..2 {
            let events = screen.wait(PATIENCE).unwrap();
            assert!(matches!(&events[..], [ScreenEvent::Gone(_)]), "{events:?}");
        }
    }

    #[test]
    fn a_blanked_screen_is_said_to_be_locked_until_it_is_lit() {
        let server = XServer::virtual_screen(320, 200);
        let client = Client::with_window(&server, Rect::new(0, 0, 10, 10));
        let mut screen = X11Screen::open(server.display()).unwrap();
        settle(&mut screen, &mut Frame::default());
        client.conn.force_screen_saver(x11rb::protocol::xproto::ScreenSaver::ACTIVE).unwrap();
        client.conn.sync().unwrap();
        assert!(wait_for(&mut screen, |e| if let ScreenEvent::Locked(locked) = e { Some(*locked) } else { None }));
        let platform = LinuxPlatform::x11_on(server.display());
        let _awake = platform.hold_awake("a test").unwrap();
        assert!(!wait_for(&mut screen, |e| if let ScreenEvent::Locked(locked) = e { Some(*locked) } else { None }));
    }

    fn thread_cpu() -> Duration {
        let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
        Duration::from_nanos(stat.split(' ').next().unwrap().parse().unwrap())
    }
}

mod typing {
    use super::*;

    fn server_with_terminal() -> (XServer, tempfile::TempDir, X11Input, std::path::PathBuf) {
        let mut server = XServer::virtual_screen(800, 600);
        let folder = tempfile::tempdir().unwrap();
        let mut input = X11Input::open(server.display()).unwrap();
        let file = terminal(&mut server, folder.path(), &mut input);
        (server, folder, input, file)
    }

    #[test]
    fn accents_cjk_and_emoji_arrive_exactly() {
        let (_server, _folder, mut input, file) = server_with_terminal();
        let text = "é 漢 😀 Hello@{}~ ÄÖÜ ß ñ Жук €";
        done(&mut input, InputEvent::Text(text.to_owned()));
        assert_typed(&file, text);
    }

    #[test]
    fn keys_and_text_keep_their_order() {
        let (_server, _folder, mut input, file) = server_with_terminal();
        for round in 0..5 {
            done(&mut input, here(0x04, Press::Down, "a", Some("a")));
            done(&mut input, here(0x04, Press::Up, "a", None));
            done(&mut input, here(0, Press::Down, "字", Some("字")));
            done(&mut input, here(0x28, Press::Down, "Enter", Some("\r")));
            done(&mut input, here(0x28, Press::Up, "Enter", None));
            done(&mut input, InputEvent::Text(format!("{round}é\n")));
            done(&mut input, there(0x1e, Press::Down));
            done(&mut input, there(0x1e, Press::Up));
        }
        let expected: String = (0..5).map(|round| format!("a字\r{round}é\r1")).collect();
        assert_typed(&file, &expected);
        assert!(!input.is_holding());
    }

    #[test]
    fn more_foreign_characters_than_spare_keys_arrive_exactly() {
        let (_server, _folder, mut input, file) = server_with_terminal();
        let text: String = ('一'..='丿').chain('α'..='ω').collect();
        done(&mut input, InputEvent::Text(text.clone()));
        assert_typed(&file, &text);
    }

    #[test]
    fn caps_lock_on_the_host_changes_nothing() {
        let (_server, _folder, mut input, file) = server_with_terminal();
        done(&mut input, there(0x39, Press::Down));
        done(&mut input, there(0x39, Press::Up));
        done(&mut input, InputEvent::Text("aA1! éÉ жЖ".to_owned()));
        assert_typed(&file, "aA1! éÉ жЖ");
        done(&mut input, there(0x39, Press::Down));
        done(&mut input, there(0x39, Press::Up));
    }

    #[test]
    fn another_layout_types_the_same_text_here_and_its_own_there() {
        let (server, _folder, mut input, file) = server_with_terminal();
        server.run("setxkbmap", &["de"]);
        done(&mut input, InputEvent::Text("zy@{[€ñ漢".to_owned()));
        for usage in [0x1c, 0x1d] {
            done(&mut input, there(usage, Press::Down));
            done(&mut input, there(usage, Press::Up));
        }
        assert_typed(&file, "zy@{[€ñ漢zy");
    }

    #[test]
    fn a_layout_without_latin_letters_types_latin_all_the_same() {
        let (server, _folder, mut input, file) = server_with_terminal();
        server.run("setxkbmap", &["ru"]);
        done(&mut input, InputEvent::Text("Привет, hello!".to_owned()));
        assert_typed(&file, "Привет, hello!");
    }

    #[test]
    fn text_comes_through_whatever_is_held() {
        let (_server, _folder, mut input, file) = server_with_terminal();
        done(&mut input, here(0xe0, Press::Down, "Control", None));
        done(&mut input, here(0xe2, Press::Down, "Alt", None));
        done(&mut input, here(0x14, Press::Down, "@", Some("@")));
        done(&mut input, here(0x14, Press::Up, "@", None));
        assert!(input.is_holding());
        done(&mut input, here(0xe2, Press::Up, "Alt", None));
        done(&mut input, here(0xe0, Press::Up, "Control", None));
        done(&mut input, here(0xe1, Press::Down, "Shift", None));
        done(&mut input, here(0x04, Press::Down, "A", Some("A")));
        done(&mut input, InputEvent::Text("b漢".to_owned()));
        done(&mut input, here(0xe1, Press::Up, "Shift", None));
        assert_typed(&file, "@Ab漢");
        assert!(!input.is_holding());
    }

    #[test]
    fn typing_ends_when_interrupted() {
        let (_server, _folder, mut input, file) = server_with_terminal();
        input.interrupter()();
        refused(&mut input, InputEvent::Text("never".to_owned()), InputRefusal::Interrupted);
        done(&mut input, there(0x04, Press::Up));
        input.release_all().unwrap();
        done(&mut input, InputEvent::Text("now".to_owned()));
        assert_typed(&file, "now");
    }

    #[test]
    fn a_long_text_can_be_interrupted_in_the_middle() {
        let (_server, _folder, mut input, file) = server_with_terminal();
        let text: String = ('一'..).take(1000).collect();
        let interrupt = input.interrupter();
        let thread = std::thread::spawn(move || {
            wait_until("the first characters", || std::fs::metadata(&file).is_ok_and(|m| m.len() > 0));
            interrupt();
            Instant::now()
        });
        refused(&mut input, InputEvent::Text(text), InputRefusal::Interrupted);
        let ended = Instant::now();
        let asked = thread.join().unwrap();
        assert!(ended.saturating_duration_since(asked) < Duration::from_millis(150));
    }

    #[test]
    fn borrowed_keys_are_given_back() {
        let (server, _folder, mut input, file) = server_with_terminal();
        let client = Client::with_window(&server, Rect::new(700, 500, 10, 10));
        let mapping = || client.conn.get_keyboard_mapping(8, 248).unwrap().reply().unwrap();
        let count = || mapping().keysyms.iter().filter(|sym| **sym != 0).count();
        let before = count();
        client.conn.set_input_focus(InputFocus::PARENT, InputFocus::POINTER_ROOT, x11rb::CURRENT_TIME).unwrap();
        client.conn.sync().unwrap();
        done(&mut input, InputEvent::Text("漢字".to_owned()));
        assert_typed(&file, "漢字");
        assert!(count() > before);
        drop(input);
        wait_until("the return of the keys", || count() == before);
    }
}

mod keys {
    use super::*;

    const CONTROL: u8 = 4;

    fn hearing() -> (XServer, Client, X11Input) {
        let server = XServer::virtual_screen(640, 480);
        let client = Client::with_window(&server, Rect::new(0, 0, 640, 480));
        let input = X11Input::open(server.display()).unwrap();
        (server, client, input)
    }

    #[test]
    fn shortcuts_press_the_key_that_means_them() {
        let (server, client, mut input) = hearing();
        done(&mut input, here(0xe0, Press::Down, "Control", None));
        done(&mut input, here(0x06, Press::Down, "c", None));
        done(&mut input, here(0x06, Press::Up, "c", None));
        done(&mut input, here(0xe0, Press::Up, "Control", None));
        assert_eq!(client.heard(), [Heard::Key(37, 0, true), Heard::Key(54, CONTROL, true), Heard::Key(54, CONTROL, false), Heard::Key(37, CONTROL, false)]);
        // On a German host Ctrl+Z of a technician with a US keyboard is where "z" lies there.
        server.run("setxkbmap", &["de"]);
        done(&mut input, here(0xe0, Press::Down, "Control", None));
        done(&mut input, here(0x1d, Press::Down, "z", Some("z")));
        done(&mut input, here(0x1d, Press::Up, "z", None));
        done(&mut input, here(0xe0, Press::Up, "Control", None));
        let codes: Vec<Heard> = client.heard();
        assert!(codes.contains(&Heard::Key(29, CONTROL, true)), "{codes:?}");
    }

    #[test]
    fn a_shortcut_of_another_alphabet_falls_back_to_the_position() {
        let (_server, client, mut input) = hearing();
        done(&mut input, here(0xe0, Press::Down, "Control", None));
        done(&mut input, here(0x06, Press::Down, "с", None));
        done(&mut input, InputEvent::ReleaseAll);
        assert!(client.heard().contains(&Heard::Key(54, CONTROL, true)));
        assert!(!input.is_holding());
    }

    #[test]
    fn everything_held_is_released_at_once() {
        let (_server, client, mut input) = hearing();
        done(&mut input, there(0xe1, Press::Down));
        done(&mut input, there(0x04, Press::Down));
        done(&mut input, InputEvent::PointerButton { epoch: 1, pos: Point { x: 5, y: 5 }, button: Button::Left, press: Press::Down });
        assert!(input.is_holding());
        client.heard();
        input.release_all().unwrap();
        assert!(!input.is_holding());
        let heard = client.heard();
        let is_up = |code| heard.iter().any(|h| matches!(h, Heard::Key(c, _, false) if *c == code));
        assert!(is_up(50) && is_up(38) && heard.contains(&Heard::Button(1, false)), "{heard:?}");
        done(&mut input, there(0x04, Press::Up));
        assert!(client.heard().is_empty(), "a release of what is not held is nothing");
    }

    #[test]
    fn dropping_the_sink_releases_what_it_holds() {
        let (_server, client, mut input) = hearing();
        done(&mut input, there(0x04, Press::Down));
        drop(input);
        wait_until("the release", || client.heard().iter().any(|h| matches!(h, Heard::Key(38, _, false))));
    }

    #[test]
    fn whoever_comes_after_a_crash_releases_what_was_held_and_bound() {
        let (server, client, mut input) = hearing();
        let bound = || client.conn.get_keyboard_mapping(8, 248).unwrap().reply().unwrap().keysyms.iter().filter(|s| **s == 0x0100_6f22).count();
        done(&mut input, InputEvent::Text("漢".to_owned()));
        done(&mut input, there(0x04, Press::Down));
        assert!(bound() > 0);
        // The server closes the connection of the sink, as when its process is killed.
        let registry = client.conn.intern_atom(false, b"_FARHAND_SPARE_KEYS").unwrap().reply().unwrap().atom;
        let entries = client.conn.get_property(false, client.root, registry, AtomEnum::CARDINAL, 0, 2).unwrap().reply().unwrap();
        client.conn.kill_client(entries.value32().unwrap().next().unwrap()).unwrap();
        client.heard();
        drop(input);
        assert!(bound() > 0);
        let _input = X11Input::open(server.display()).unwrap();
        assert_eq!(bound(), 0);
        assert!(client.heard().iter().any(|h| matches!(h, Heard::Key(38, _, false))));
    }

    #[test]
    fn the_host_never_repeats_a_held_key_by_itself() {
        let (_server, client, mut input) = hearing();
        done(&mut input, there(0x04, Press::Down));
        // The server's own repeat starts after 660 ms.
        std::thread::sleep(Duration::from_millis(1500));
        assert_eq!(client.heard().len(), 1);
        done(&mut input, there(0x04, Press::Down));
        let heard = client.heard();
        assert_eq!(heard.iter().filter(|h| matches!(h, Heard::Key(38, _, true))).count(), 1, "{heard:?}");
        done(&mut input, there(0x04, Press::Up));
    }

    #[test]
    fn stop_keys_are_refused_and_nothing_is_pressed() {
        let (_server, client, mut input) = hearing();
        refused(&mut input, there(0x48, Press::Down), InputRefusal::StopKey);
        refused(&mut input, here(0, Press::Down, "Pause", None), InputRefusal::StopKey);
        assert!(client.heard().is_empty());
        for (usage, name) in [(0xe0, "Control"), (0xe2, "Alt"), (0xe1, "Shift")] {
            done(&mut input, here(usage, Press::Down, name, None));
        }
        client.heard();
        refused(&mut input, there(0x1b, Press::Down), InputRefusal::StopKey);
        refused(&mut input, here(0, Press::Down, "X", Some("X")), InputRefusal::StopKey);
        assert!(client.heard().is_empty());
        done(&mut input, there(0x1c, Press::Down));
        assert!(!client.heard().is_empty());
    }

    #[test]
    fn windows_of_this_process_are_left_alone() {
        let (_server, client, mut input) = hearing();
        client.claim();
        let click = |press| InputEvent::PointerButton { epoch: 1, pos: Point { x: 50, y: 50 }, button: Button::Left, press };
        refused(&mut input, click(Press::Down), InputRefusal::OwnWindow);
        refused(&mut input, InputEvent::Wheel { epoch: 1, pos: Point { x: 50, y: 50 }, dx: 0, dy: 120 }, InputRefusal::OwnWindow);
        refused(&mut input, there(0x28, Press::Down), InputRefusal::OwnWindow);
        refused(&mut input, here(0x2c, Press::Down, " ", Some(" ")), InputRefusal::OwnWindow);
        refused(&mut input, InputEvent::Text("yes".to_owned()), InputRefusal::OwnWindow);
        done(&mut input, click(Press::Up));
        let heard = client.heard();
        assert!(heard.iter().all(|h| matches!(h, Heard::Motion(..))), "{heard:?}");
        assert!(!input.is_holding());
    }

    #[test]
    fn a_drag_is_a_press_motions_and_a_release_in_order() {
        let (_server, client, mut input) = hearing();
        let button = |x, press| InputEvent::PointerButton { epoch: 1, pos: Point { x, y: 10 }, button: Button::Left, press };
        done(&mut input, button(10, Press::Down));
        for x in [20, 30, 40] {
            done(&mut input, InputEvent::PointerMove { epoch: 1, pos: Point { x, y: 10 } });
        }
        done(&mut input, button(50, Press::Up));
        let heard = client.heard();
        let order = [Heard::Button(1, true), Heard::Motion(20, 10), Heard::Motion(30, 10), Heard::Motion(40, 10), Heard::Motion(50, 10), Heard::Button(1, false)];
        let from = heard.iter().position(|h| *h == order[0]).expect("a press");
        assert_eq!(heard[from..], order);
    }

    #[test]
    fn the_wheel_turns_both_ways_by_whole_detents() {
        let (_server, client, mut input) = hearing();
        let turn = |dx, dy| InputEvent::Wheel { epoch: 1, pos: Point { x: 10, y: 10 }, dx, dy };
        for event in [turn(0, 60), turn(0, 60), turn(0, -240), turn(120, 0), turn(-120, 0)] {
            done(&mut input, event);
        }
        let presses: Vec<u8> = client.heard().iter().filter_map(|h| if let Heard::Button(n, true) = h { Some(*n) } else { None }).collect();
        assert_eq!(presses, [4, 5, 5, 7, 6]);
    }

    #[test]
    fn positions_of_another_layout_are_dropped_but_buttons_come_up() {
        let (_server, client, mut input) = hearing();
        let button = |epoch, press| InputEvent::PointerButton { epoch, pos: Point { x: 9, y: 9 }, button: Button::Right, press };
        done(&mut input, button(1, Press::Down));
        client.heard();
        refused(&mut input, InputEvent::PointerMove { epoch: 2, pos: Point { x: 99, y: 99 } }, InputRefusal::StaleEpoch);
        refused(&mut input, button(2, Press::Down), InputRefusal::StaleEpoch);
        done(&mut input, button(2, Press::Up));
        assert_eq!(client.heard(), [Heard::Button(3, false)]);
    }

    #[test]
    fn a_left_handed_person_keeps_their_buttons() {
        let (_server, client, mut input) = hearing();
        client.conn.set_pointer_mapping(&[3, 2, 1, 4, 5, 6, 7, 8, 9, 10]).unwrap().reply().unwrap();
        let press = InputEvent::PointerButton { epoch: 1, pos: Point { x: 9, y: 9 }, button: Button::Left, press: Press::Down };
        done(&mut input, press);
        assert!(client.heard().contains(&Heard::Button(1, true)));
    }
}

mod local {
    use super::*;

    /// A nested display whose real keyboard is the outer display, and a watch on it.
    fn watched(stop_key: bool) -> (XServer, XServer, mpsc::Receiver<(LocalInput, Instant)>, Box<dyn farhand_engine::platform::LocalInputWatch>) {
        let outer = XServer::virtual_screen(800, 600);
        let inner = XServer::nested(&outer, 400, 300);
        let (tell, heard) = mpsc::channel();
        let platform = LinuxPlatform::x11_on(inner.display());
        let on = Box::new(move |input| tell.send((input, Instant::now())).unwrap_or_default());
        let watch = platform.watch_local_input(on, stop_key).unwrap();
        outer.run("xdotool", &["search", "--sync", "--name", "Xephyr", "windowfocus", "--sync"]);
        outer.run("xdotool", &["mousemove", "100", "100"]);
        assert_eq!(heard.recv_timeout(PATIENCE).unwrap().0, LocalInput::Activity, "the nested display hears its devices");
        while heard.recv_timeout(Duration::from_millis(300)).is_ok() {}
        (outer, inner, heard, watch)
    }

    fn stops(heard: &mpsc::Receiver<(LocalInput, Instant)>) -> usize {
        let mut count = 0;
        while let Ok((input, _)) = heard.recv_timeout(Duration::from_millis(300)) {
            count += usize::from(input == LocalInput::Stop);
        }
        count
    }

    #[test]
    fn pause_on_the_real_keyboard_is_heard_and_an_injected_one_is_not() {
        let (outer, inner, heard, _watch) = watched(true);
        inner.run("xdotool", &["key", "Pause"]);
        inner.run("xdotool", &["key", "ctrl+alt+shift+x"]);
        inner.run("xdotool", &["mousemove", "5", "5", "click", "1"]);
        assert!(heard.recv_timeout(Duration::from_millis(500)).is_err(), "injected input was taken for a person's");
        let pressed = Instant::now();
        outer.run("xdotool", &["key", "--delay", "0", "Pause"]);
        let (input, at) = heard.recv_timeout(PATIENCE).unwrap();
        assert_eq!(input, LocalInput::Stop);
        println!("from starting xdotool to the callback: {:?}", at.saturating_duration_since(pressed));
        assert!(at.saturating_duration_since(pressed) < Duration::from_millis(500));
    }

    #[test]
    fn the_chord_of_keyboards_without_pause_is_heard() {
        let (outer, _inner, heard, _watch) = watched(true);
        outer.run("xdotool", &["key", "ctrl+alt+shift+x"]);
        assert_eq!(stops(&heard), 1);
        outer.run("xdotool", &["key", "ctrl+shift+x"]);
        assert_eq!(stops(&heard), 0);
    }

    #[test]
    fn pause_is_heard_while_the_technician_types_and_another_program_grabs_the_keyboard() {
        let (outer, inner, heard, _watch) = watched(true);
        let client = Client::with_window(&inner, Rect::new(0, 0, 400, 300));
        let mode = x11rb::protocol::xproto::GrabMode::ASYNC;
        client.conn.grab_keyboard(true, client.window, x11rb::CURRENT_TIME, mode, mode).unwrap().reply().unwrap();
        let mut input = X11Input::open(inner.display()).unwrap();
        done(&mut input, there(0xe0, Press::Down));
        outer.run("xdotool", &["key", "Pause"]);
        assert_eq!(stops(&heard), 1);
    }

    #[test]
    fn with_the_stop_key_off_pause_is_only_activity() {
        let (outer, _inner, heard, _watch) = watched(false);
        outer.run("xdotool", &["key", "Pause"]);
        assert_eq!(heard.recv_timeout(PATIENCE).unwrap().0, LocalInput::Activity);
        assert_eq!(stops(&heard), 0);
    }

    #[test]
    fn a_persons_own_keyboard_still_repeats() {
        let (outer, inner, _heard, _watch) = watched(true);
        let client = Client::with_window(&inner, Rect::new(0, 0, 400, 300));
        let _input = X11Input::open(inner.display()).unwrap();
        outer.run("xdotool", &["keydown", "a"]);
        let mut presses = 0;
        wait_until("the repeat", || {
            presses += client.heard().iter().filter(|h| matches!(h, Heard::Key(38, _, true))).count();
            presses > 2
        });
        outer.run("xdotool", &["keyup", "a"]);
    }

    #[test]
    fn a_dropped_watch_is_silent() {
        let (outer, _inner, heard, watch) = watched(true);
        drop(watch);
        outer.run("xdotool", &["key", "Pause"]);
        assert_eq!(heard.recv_timeout(PATIENCE), Err(mpsc::RecvTimeoutError::Disconnected));
    }
}
