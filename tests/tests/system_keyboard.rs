//! The technician's whole keyboard reaches the customer while the picture fills the screen under control, and comes back when it is asked
//! for; and where no window manager hands the keyboard out, the console has it all the same.

mod system_support;

use std::time::Duration;

use farhand_tests::harness::bus::Keyring;
use farhand_tests::harness::meeting::{Meeting, STEP};
use farhand_tests::harness::xtest::key;
use farhand_tests::harness::{Desk, Display, Program, Query, Running, wait};
use system_support::{Scene, scene};
use x11rb::COPY_DEPTH_FROM_PARENT;
use x11rb::connection::Connection as _;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{AtomEnum, ConnectionExt as _, CreateWindowAux, EventMask, GrabMode, GrabStatus, InputFocus, WindowClass};
use x11rb::rust_connection::RustConnection;

/// Key codes as every server with evdev rules has them.
mod code {
    pub const TAB: u8 = 23;
    pub const A: u8 = 38;
    pub const B: u8 = 56;
    pub const ALT: u8 = 64;
    pub const SUPER: u8 = 133;
}

/// A program at the customer's that hears every key, before their window manager does.
struct Listener {
    connection: RustConnection,
    heard: Vec<(u8, bool)>,
}

impl Listener {
    fn start(desk: &Desk) -> Self {
        let (connection, screen) = desk.display().connect().expect("the display");
        let root = connection.setup().roots[screen].root;
        let id = connection.generate_id().expect("an id");
        let mask = EventMask::KEY_PRESS | EventMask::KEY_RELEASE;
        let values = CreateWindowAux::new()
            .event_mask(mask)
            .override_redirect(1)
            .background_pixel(0x0033_6699);
        connection
            .create_window(
                COPY_DEPTH_FROM_PARENT,
                id,
                root,
                0,
                0,
                400,
                300,
                0,
                WindowClass::INPUT_OUTPUT,
                0,
                &values,
            )
            .expect("a window");
        connection.map_window(id).expect("a request");
        wait::until("every key of the customer's", STEP, || {
            let request = connection.grab_keyboard(false, id, x11rb::CURRENT_TIME, GrabMode::ASYNC, GrabMode::ASYNC)?;
            Ok((request.reply()?.status == GrabStatus::SUCCESS).then_some(()))
        })
        .expect("the keyboard");
        Self {
            connection,
            heard: Vec::new(),
        }
    }

    fn listen(&mut self) -> anyhow::Result<()> {
        while let Some(event) = self.connection.poll_for_event()? {
            match event {
                Event::KeyPress(key) => self.heard.push((key.detail, true)),
                Event::KeyRelease(key) => self.heard.push((key.detail, false)),
                _ => {}
            }
        }
        Ok(())
    }

    /// Waits until a key has come up, and gives everything heard up to then.
    fn until_up(&mut self, code: u8) -> Vec<(u8, bool)> {
        let waited = wait::until(&format!("key {code} to come up"), STEP, || {
            self.listen()?;
            Ok(self.heard.contains(&(code, false)).then_some(()))
        });
        let heard = std::mem::take(&mut self.heard);
        waited.unwrap_or_else(|error| panic!("{error:#}, but {heard:?}"));
        heard
    }
}

/// The console over the whole of `desk`'s screen, controlling.
fn full_screen_console(scene: &Scene, desk: &Desk, session: &str) -> Running {
    let token = scene
        .cli
        .envs()
        .iter()
        .find(|(name, _)| name == "FARHAND_TOKEN")
        .expect("a sign-in");
    let program = Program::farhand("farhand-console").expect("the console").envs(scene.gateway.envs());
    let program = program
        .env(&token.0, &token.1)
        .args(["--session", session, "--control", "--fullscreen"]);
    desk.start(program).expect("the console")
}

/// Presses a key at the technician's until the customer hears it: control is not there at once.
fn until_heard(desk: &mut Desk, listener: &mut Listener) {
    wait::until("a key at the customer's", STEP, || {
        desk.hands.tap(u32::from('a'))?;
        listener.listen()?;
        Ok(listener.heard.contains(&(code::A, false)).then_some(()))
    })
    .expect("the customer hears the technician");
}

#[test]
fn in_full_screen_alt_tab_and_super_reach_the_customer_until_the_keyboard_is_taken_back() {
    let scene = scene();
    let mut listener = Listener::start(&scene.desk);
    let meeting = Meeting::start(&scene.gateway, &scene.cli, &scene.desk, "view,control").expect("a session");
    let mut mine = Desk::new((1024, 768)).expect("the technician's desk");
    let other = mine.start(Program::at("xterm").args(["-e", "cat"])).expect("a terminal");
    mine.windows.wait_active(other.pid()).expect("the terminal");
    let console = full_screen_console(&scene, &mine, &meeting.session.id);
    mine.windows.wait_active(console.pid()).expect("the console");
    until_heard(&mut mine, &mut listener);

    // The letter may have been pressed several times; what follows is told apart from it by its own keys.
    mine.hands.chord(&[key::ALT, key::TAB]).expect("Alt+Tab");
    mine.hands.tap(u32::from('b')).expect("a letter");
    let heard: Vec<_> = listener
        .until_up(code::B)
        .into_iter()
        .filter(|(code, _)| *code != code::A)
        .collect();
    let alt_tab = [(code::ALT, true), (code::TAB, true), (code::TAB, false), (code::ALT, false)];
    assert_eq!(heard, [&alt_tab[..], &[(code::B, true), (code::B, false)]].concat());
    assert_eq!(mine.windows.active().expect("the active window"), Some(console.pid()));
    mine.hands.tap(key::SUPER).expect("Super");
    assert_eq!(listener.until_up(code::SUPER), [(code::SUPER, true), (code::SUPER, false)]);

    mine.hands.chord(&[key::CONTROL, key::ALT, key::HOME]).expect("the way back");
    wait::until("Alt+Tab to switch here", STEP, || {
        mine.hands.chord(&[key::ALT, key::TAB])?;
        Ok((mine.windows.active()? == Some(other.pid())).then_some(()))
    })
    .expect("the keyboard is back");
}

/// The process whose window keys go to, where no window manager knows.
fn keyboard_owner(connection: &RustConnection) -> anyhow::Result<Option<u32>> {
    let pid = connection.intern_atom(false, b"_NET_WM_PID")?.reply()?.atom;
    let focus = connection.get_input_focus()?.reply()?.focus;
    if focus <= u32::from(InputFocus::POINTER_ROOT) {
        return Ok(None);
    }
    let owner = connection.get_property(false, focus, pid, AtomEnum::CARDINAL, 0, 1)?.reply()?;
    Ok(owner.value32().and_then(|mut values| values.next()))
}

#[test]
fn without_a_window_manager_the_console_has_the_keyboard_wherever_the_pointer_is() {
    let scene = scene();
    let logs = tempfile::tempdir().expect("a folder");
    let bare = Display::virtual_screen((1600, 1000), logs.path()).expect("a bare display");
    let mut mine = Desk::on(bare, Keyring::Absent).expect("the technician's desk");
    mine.hands.move_to(1590, 990).expect("a corner");
    let program = Program::farhand("farhand-console").expect("the console").envs(scene.gateway.envs());
    let console = mine.start(program).expect("the console");
    let (connection, _) = mine.display().connect().expect("the display");
    wait::until("the keyboard", STEP, || {
        Ok((keyboard_owner(&connection)? == Some(console.pid())).then_some(()))
    })
    .expect("the console has the keyboard");
    let shown = Query::field("E-mail").focused();
    wait::until("the keyboard in a field", STEP, || {
        mine.hands.tap(key::TAB)?;
        Ok(mine.accessibility.find(console.pid(), &shown, Duration::from_millis(500)).ok())
    })
    .expect("Tab walks through the form");
}

#[test]
fn without_a_window_manager_full_screen_needs_no_click() {
    let scene = scene();
    let mut listener = Listener::start(&scene.desk);
    let meeting = Meeting::start(&scene.gateway, &scene.cli, &scene.desk, "view,control").expect("a session");
    let logs = tempfile::tempdir().expect("a folder");
    let bare = Display::virtual_screen((1024, 768), logs.path()).expect("a bare display");
    let mut mine = Desk::on(bare, Keyring::Absent).expect("the technician's desk");
    let _console = full_screen_console(&scene, &mine, &meeting.session.id);
    until_heard(&mut mine, &mut listener);
}
