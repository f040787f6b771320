//! The technician's real window: what hands do in it arrives at the customer's, and it lives through what goes wrong: its own death, the
//! gateway's death on either path, a machine without a key ring. What it says is found by label, what it shows is judged by pixels: a lamp on
//! the customer's screen changes its colour all the time.

mod system_support;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::thread;
use std::time::{Duration, Instant};

use atspi::Role;
use farhand_tests::harness::atspi::Rect;
use farhand_tests::harness::bus::Keyring;
use farhand_tests::harness::lamp::{self, Lamp, Switch, Watch};
use farhand_tests::harness::meeting::{Meeting, STEP, applet};
use farhand_tests::harness::xtest::key;
use farhand_tests::harness::{Desk, Display, Gateway, Hands, Program, Query, Running, console, wait};
use system_support::listening::{Heard, Window};
use system_support::{Scene, answer, begin, click_into, count, events, new_customer, scene, terminal, wait_waiting, windowed};

/// From the gateway's restart on everything must be back within this time.
const BACK: Duration = Duration::from_secs(10);
/// How often the lamp changes.
const BLINK: Duration = Duration::from_millis(100);
/// The size of the technician's screen.
const SCREEN: (u16, u16) = (1280, 800);

fn blinking(scene: &Scene) -> Lamp {
    Lamp::open(scene.desk.display(), Switch::Every(BLINK)).expect("a lamp")
}

fn nobody_was_asked_again(scene: &Scene, session: &str, times: usize) {
    let log = events(&scene.cli, session);
    assert_eq!(count(&log, "consent.asked"), times, "{log:#?}");
}

/// A session without windows at the customer's, seen or controlled in the technician's window; links go by `route` alone.
struct Seen {
    watch: Watch,
    technician: Desk,
    console: Running,
    session: String,
    _applet: Running,
    _lamp: Lamp,
}

impl Seen {
    fn by(scene: &Scene, route: &str, flags: &[&str]) -> Self {
        let lamp = blinking(scene);
        let session = new_customer(scene);
        let (grant, flag) = if flags.contains(&"--control") {
            ("view,control", None)
        } else {
            ("view", Some("--view"))
        };
        let program = applet(&scene.gateway, &scene.desk, &session.pin, grant).expect("an applet");
        let mut joined = scene.desk.start(program.env("FARHAND_ROUTE", route)).expect("an applet");
        wait_waiting(&mut joined);
        scene.cli.text(&["session", "start", &session.id]).expect("the start");
        let technician = Desk::new(SCREEN).expect("a technician's desk");
        let program = console::program(&scene.gateway, &scene.cli).expect("the console");
        let program = program
            .args(["--session", &session.id])
            .args(flag)
            .args(flags)
            .env("FARHAND_ROUTE", route);
        let console = technician.start(program).expect("the console");
        let spot = lamp::find(&technician).expect("the lamp is seen");
        let watch = Watch::start(technician.display(), spot).expect("an eye");
        watch.wait_changes(10, STEP).expect("the picture goes on");
        Self {
            watch,
            technician,
            console,
            session: session.id,
            _applet: joined,
            _lamp: lamp,
        }
    }

    fn says(&self, query: &Query) -> bool {
        self.technician
            .accessibility
            .is_there(self.console.pid(), query)
            .expect("what the window says")
    }
}

/// What the window says while nothing comes from the customer.
fn frozen() -> Query {
    Query::containing("Nothing is heard from the customer's computer")
}

/// What it says of the gateway: when it is tried again.
fn countdown() -> Query {
    Query::containing("Next try in")
}

#[test]
fn on_a_relayed_path_a_dead_gateway_freezes_the_picture_under_a_banner_that_counts_down() {
    let mut scene = scene();
    let seen = Seen::by(&scene, "relay", &[]);
    scene.gateway.kill_hard().expect("the end of the gateway");
    seen.technician.find(&seen.console, &frozen()).expect("the banner");
    // Two different times to the next try are a countdown.
    let first = seen.technician.find(&seen.console, &countdown()).expect("a countdown").name;
    wait::until("the countdown to go on", STEP, || {
        let labels = seen.technician.accessibility.all(seen.console.pid(), &countdown())?;
        Ok(labels.iter().any(|label| label.name != first).then_some(()))
    })
    .expect("it counts");
    assert!(seen.says(&frozen()));
    let spot = lamp::find(&seen.technician).expect("the picture stays, frozen");
    let before = seen.watch.changes().len();
    let colour = lamp::colour_at(&seen.technician.screen, spot).expect("a colour");
    thread::sleep(BLINK * 10);
    assert_eq!(lamp::colour_at(&seen.technician.screen, spot).expect("a colour"), colour);
    assert_eq!(seen.watch.changes().len(), before, "nothing moves under the banner");

    // From the moment it is started, not from when it says that it serves.
    let restarted = Instant::now();
    let left = || BACK.saturating_sub(restarted.elapsed());
    scene.gateway.start_again().expect("the gateway again");
    seen.watch.wait_changes(1, left()).expect("the picture goes on");
    for gone in [frozen(), countdown()] {
        seen.technician
            .accessibility
            .wait_gone(seen.console.pid(), &gone, left())
            .expect("no banner any more");
    }
    seen.watch.wait_changes(10, STEP).expect("and goes on");
    nobody_was_asked_again(&scene, &seen.session, 0);
}

#[test]
fn on_a_direct_path_the_picture_in_the_window_goes_on_without_a_gap_while_the_gateway_is_dead() {
    let mut scene = scene();
    // In full screen no banner comes and moves the picture, so that one pixel tells of every change.
    let seen = Seen::by(&scene, "direct", &["--fullscreen"]);
    let from = Instant::now();
    scene.gateway.kill_hard().expect("the end of the gateway");
    seen.watch.wait_changes(40, STEP).expect("the picture goes on");
    assert!(!seen.says(&frozen()), "nothing is frozen");
    scene.gateway.start_again().expect("the gateway again");
    seen.watch.wait_changes(40, STEP).expect("the picture goes on");
    let gap = seen.watch.longest_gap(from);
    assert!(gap < Duration::from_millis(1_500), "the picture stood still for {gap:?}");
    assert_eq!(count(&events(&scene.cli, &seen.session), "view.ended"), 0);
}

/// What shows pictures past the window, what follows the pointer over them and what draws the window wait for one another in turn.
#[test]
fn pictures_come_on_for_as_long_as_the_pointer_moves_over_them() {
    const LONG: Duration = Duration::from_secs(20);
    let scene = scene();
    let seen = Seen::by(&scene, "any", &["--control"]);
    let spot = lamp::find(&seen.technician).expect("the lamp is seen");
    let began = Instant::now();
    while began.elapsed() < LONG {
        // Around the lamp, never over it.
        let turn = began.elapsed().as_secs_f64() * 6.0;
        let at = |centre: i32, along: f64| centre + (along * 120.0) as i32;
        let (x, y) = (at(spot.x + spot.width / 2, turn.cos()), at(spot.y + spot.height / 2, turn.sin()));
        seen.technician.hands.move_to(x, y).expect("the pointer moves");
        thread::sleep(Duration::from_millis(4));
    }
    seen.watch.wait_changes(10, STEP).expect("the picture goes on");
    let gap = seen.watch.longest_gap(began);
    assert!(gap < Duration::from_secs(3), "the picture stood still for {gap:?}");
}

#[test]
fn a_killed_console_that_fills_the_screen_is_back_at_the_same_picture() {
    let scene = scene();
    let _lamp = blinking(&scene);
    let meeting = Meeting::start(&scene.gateway, &scene.cli, &scene.desk, "view,control").expect("a session");
    let technician = Desk::new(SCREEN).expect("a technician's desk");
    let program = console::program(&scene.gateway, &scene.cli).expect("the console").args([
        "--session",
        &meeting.session.id,
        "--control",
        "--fullscreen",
    ]);
    let mut first = technician.start(program.clone()).expect("the console");
    lamp::find(&technician).expect("the lamp is seen");
    first.kill_hard().expect("the end of the console");
    lamp::wait_gone(&technician).expect("the window is gone");
    let _again = technician.start(program.named("again")).expect("the console again");
    let spot = lamp::find(&technician).expect("the lamp is seen again");
    let watch = Watch::start(technician.display(), spot).expect("an eye");
    watch.wait_changes(10, STEP).expect("the picture goes on");
    nobody_was_asked_again(&scene, &meeting.session.id, 0);
}

/// Signs in by hand at a desk, staying signed in.
fn sign_in(gateway: &Gateway, technician: &mut Desk) -> Running {
    let program = Program::farhand("farhand-console").expect("the console").envs(gateway.envs());
    let console = technician.start(program).expect("the console");
    technician
        .fill(&console, &Query::field("E-mail"), &gateway.technician.email)
        .expect("the address");
    let password = Query::label("Password").role(Role::PasswordText);
    technician
        .fill(&console, &password, &gateway.technician.password)
        .expect("the password");
    technician.press(&console, &Query::button("Sign in")).expect("Sign in");
    technician.find(&console, &Query::label("New session…")).expect("signed in");
    console
}

/// Opens the console as from the menu, with nothing but what it kept.
fn from_the_menu(technician: &Desk, name: &str) -> Running {
    let program = Program::farhand("farhand-console").expect("the console").named(name);
    technician.start(program).expect("the console")
}

#[test]
fn a_killed_console_window_is_signed_in_and_back_in_its_session_and_nobody_is_asked_again() {
    let scene = scene();
    let _lamp = blinking(&scene);
    let mut technician = Desk::new(SCREEN).expect("a technician's desk");
    let mut first = sign_in(&scene.gateway, &mut technician);
    let session = new_customer(&scene);
    let applet = windowed(&scene, &session, &[]);
    begin(&scene, &applet, &session);
    scene.cli.text(&["chat", &session.id, "said before the crash"]).expect("a line");
    technician
        .press(&first, &Query::label("View").role(Role::ToggleButton))
        .expect("View");
    answer(&scene.desk, &applet, "Allow");
    lamp::find(&technician).expect("the lamp is seen");

    first.kill_hard().expect("the end of the console");
    let again = from_the_menu(&technician, "again");
    technician
        .find(&again, &Query::containing("said before the crash"))
        .expect("it is back in its session");
    technician
        .press(&again, &Query::label("View").role(Role::ToggleButton))
        .expect("View");
    lamp::find(&technician).expect("the lamp is seen again");
    nobody_was_asked_again(&scene, &session.id, 1);
}

/// A desk whose session offers a key ring; with `password`, one that is open.
fn with_key_ring(password: Option<&str>) -> (Desk, Option<Running>) {
    let folder = tempfile::tempdir().expect("a folder");
    let display = Display::virtual_screen(SCREEN, folder.path()).expect("a display");
    let display = display.with_window_manager(folder.path()).expect("a window manager");
    let desk = Desk::on(display, Keyring::Offered).expect("a desk");
    let daemon = password.map(|password| {
        let program = Program::at("gnome-keyring-daemon").args(["--unlock", "--components=secrets", "--foreground"]);
        let mut daemon = desk.start(program.listening()).expect("a key ring");
        daemon.say_all(password).expect("its password");
        daemon
    });
    (desk, daemon)
}

fn kept(technician: &Desk) -> (std::path::PathBuf, std::path::PathBuf) {
    let folder = technician.home().join(".config/farhand");
    (folder.join("sign-in.json"), folder.join("token"))
}

const NO_KEY_RING: &str = "The system's key ring cannot be used";

#[test]
fn the_sign_in_is_kept_in_the_key_ring_and_in_no_file() {
    let gateway = Gateway::start().expect("a gateway");
    let (mut technician, daemon) = with_key_ring(Some("opens the ring"));
    let mut first = sign_in(&gateway, &mut technician);
    let (sign_in_file, token_file) = kept(&technician);
    wait::until("the kept sign-in", STEP, || Ok(sign_in_file.exists().then_some(()))).expect("it is kept");
    first.kill_hard().expect("the end of the console");
    assert!(!token_file.exists(), "the token lies in no file");
    let mut again = from_the_menu(&technician, "again");
    technician
        .find(&again, &Query::label("New session…"))
        .expect("signed in from the key ring");
    again.kill_hard().expect("the end of the console");

    // The ring and nothing else: without it, the form asks again, with all but the password filled in.
    drop(daemon);
    fs::remove_dir_all(technician.home().join(".local/share/keyrings")).expect("the ring's files");
    let without = from_the_menu(&technician, "without");
    let password = Query::label("Password").role(Role::PasswordText);
    technician.find(&without, &password).expect("the form");
    let email = technician.find(&without, &Query::field("E-mail")).expect("the address");
    assert_eq!(technician.accessibility.text(&email).expect("a text"), gateway.technician.email);
}

fn falls_back_to_a_private_file(gateway: &Gateway, technician: &mut Desk) {
    let mut first = sign_in(gateway, technician);
    technician
        .find(&first, &Query::containing(NO_KEY_RING))
        .expect("it says where the sign-in is kept");
    let (_, token_file) = kept(technician);
    let mode = fs::metadata(&token_file).expect("the file it names").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    first.kill_hard().expect("the end of the console");
    let again = from_the_menu(technician, "again");
    technician
        .find(&again, &Query::label("New session…"))
        .expect("signed in from the file");
}

#[test]
fn without_a_key_ring_the_sign_in_is_kept_in_a_private_file_and_the_window_says_so() {
    let gateway = Gateway::start().expect("a gateway");
    let mut technician = Desk::new(SCREEN).expect("a technician's desk");
    falls_back_to_a_private_file(&gateway, &mut technician);
}

#[test]
fn beside_a_key_ring_that_stays_locked_the_sign_in_is_kept_in_a_private_file_too() {
    let gateway = Gateway::start().expect("a gateway");
    let (mut technician, _) = with_key_ring(None);
    falls_back_to_a_private_file(&gateway, &mut technician);
}

#[test]
fn accents_typed_on_a_keyboard_that_has_them_arrive_through_the_window_exactly() {
    let scene = scene();
    let file = scene.desk.folder().join("typed");
    let _terminal = terminal(&scene.desk, &file);
    let meeting = Meeting::start(&scene.gateway, &scene.cli, &scene.desk, "view,control").expect("a session");
    let technician = Desk::new(SCREEN).expect("a technician's desk");
    Program::at("setxkbmap")
        .arg("fr")
        .envs(technician.envs())
        .run()
        .expect("a French keyboard");
    let mut hands = Hands::on(technician.display()).expect("its keys");
    let program = console::program(&scene.gateway, &scene.cli)
        .expect("the console")
        .args(["--session", &meeting.session.id, "--control"]);
    let console = technician.start(program).expect("the console");
    click_into(&scene.desk, 200, 300);
    technician.windows.wait_active(console.pid()).expect("the window has the keyboard");
    let picture = console::picture(&technician, &console).expect("the picture");
    technician
        .find(&console, &Query::containing("Exact"))
        .expect("the whole picture is there");
    let (x, y) = console::fitted(picture, scene.desk.display().size_px(), (200, 300));
    hands.click(x, y).expect("a click into the picture");
    let mut typed = String::new();
    for round in 0..6 {
        for character in "é è ç à ù ".chars() {
            hands.type_text(&character.to_string()).expect("a key");
            typed.push(character);
            // As fast as a quick typist.
            thread::sleep(Duration::from_millis(80));
        }
        hands.type_text(if round == 5 { "\n" } else { "." }).expect("a key");
        typed.push(if round == 5 { '\n' } else { '.' });
    }
    let arrived = wait::until("the line", STEP, || {
        Ok(Some(fs::read_to_string(&file)?).filter(|text| text.ends_with('\n')))
    });
    assert_eq!(arrived.expect("the line arrives"), typed);
}

/// A technician's desk with the customer's whole screen fitted into the window, under control.
struct Controlling {
    technician: Desk,
    _console: Running,
    _meeting: Meeting,
    picture: Rect,
}

impl Controlling {
    fn start(scene: &Scene) -> Self {
        let meeting = Meeting::start(&scene.gateway, &scene.cli, &scene.desk, "view,control").expect("a session");
        let technician = Desk::new(SCREEN).expect("a technician's desk");
        let program = console::program(&scene.gateway, &scene.cli).expect("the console");
        let console = technician
            .start(program.args(["--session", &meeting.session.id, "--control"]))
            .expect("the console");
        technician.windows.wait_active(console.pid()).expect("the window has the keyboard");
        let picture = console::picture(&technician, &console).expect("the picture");
        technician
            .find(&console, &Query::containing("Exact"))
            .expect("the whole picture is there");
        Self {
            technician,
            _console: console,
            _meeting: meeting,
            picture,
        }
    }

    /// Where a place of the customer's screen is seen.
    fn at(&self, scene: &Scene, place: (i32, i32)) -> (i32, i32) {
        console::fitted(self.picture, scene.desk.display().size_px(), place)
    }

    /// Clicks at a place of the customer's screen until the window of program `pid` has the keyboard there: control is not there at once.
    fn click_into(&self, scene: &Scene, place: (i32, i32), pid: u32) {
        let (x, y) = self.at(scene, place);
        let mut clicked: Option<Instant> = None;
        wait::until("the keyboard in the customer's window", STEP, || {
            if clicked.is_none_or(|at| at.elapsed() > Duration::from_secs(1)) {
                self.technician.hands.click(x, y)?;
                clicked = Some(Instant::now());
            }
            Ok((scene.desk.windows.active()? == Some(pid)).then_some(()))
        })
        .expect("the click arrives");
    }
}

/// Where the listening window lies on the customer's screen, and its size.
const LISTENING: (i16, i16, u16, u16) = (300, 100, 600, 500);
/// A pixel of a fitted picture stands for more than one of the customer's, and its place in the window is told in whole ones.
const NEAR: i32 = 4;

/// Whether a place heard in the listening window is that of the customer's screen, as well as a fitted picture can tell.
fn is_near(x: i16, y: i16, place: (i32, i32)) -> bool {
    let near = |heard: i16, origin: i16, wanted: i32| (i32::from(heard) + i32::from(origin) - wanted).abs() <= NEAR;
    near(x, LISTENING.0, place.0) && near(y, LISTENING.1, place.1)
}

#[test]
fn the_wheel_and_a_drag_in_the_window_arrive_at_the_customers() {
    let scene = scene();
    let (x, y, width, height) = LISTENING;
    let window = Window::open(&scene.desk, x, y, width, height);
    let controlling = Controlling::start(&scene);
    let hands = &controlling.technician.hands;

    let middle = (600, 350);
    let (x, y) = controlling.at(&scene, middle);
    let mut step = 0;
    wait::until("the pointer at the customer's", STEP, || {
        // Control is not there at once, and a pointer that stays where it is tells nothing.
        step += 1;
        hands.move_to(x + step % 2, y)?;
        Ok((!window.heard()?.is_empty()).then_some(()))
    })
    .expect("the pointer is felt");
    hands.move_to(x, y).expect("a move");
    hands.wheel(2).expect("the wheel, down");
    hands.wheel(-3).expect("the wheel, up");
    let turned = |heard: &[Heard]| -> Vec<u8> {
        let downs = heard.iter().filter_map(|heard| match heard {
            Heard::Down(button, x, y) if is_near(*x, *y, middle) => Some(*button),
            _ => None,
        });
        downs.collect()
    };
    let heard = window.listen("five turns of the wheel", |heard| turned(heard).len() >= 5);
    // X numbers the wheel: 4 up, 5 down.
    assert_eq!(turned(&heard), [5, 5, 4, 4, 4], "{heard:?}");

    let (from, to) = ((380, 180), (820, 520));
    hands
        .drag(controlling.at(&scene, from), controlling.at(&scene, to), 12)
        .expect("a drag");
    let is_up = |heard: &Heard| matches!(heard, Heard::Up(1, ..));
    let heard = window.listen("the end of the drag", |heard| heard.iter().any(is_up));
    let down = heard
        .iter()
        .position(|heard| matches!(heard, Heard::Down(1, x, y) if is_near(*x, *y, from)));
    let drag = &heard[down.unwrap_or_else(|| panic!("the button goes down where the drag begins: {heard:?}"))..];
    let has_moved = drag.iter().any(|heard| matches!(heard, Heard::At(..)));
    let up = drag.iter().find(|heard| is_up(heard));
    assert!(
        has_moved && matches!(up, Some(Heard::Up(_, x, y)) if is_near(*x, *y, to)),
        "the button stays down on the way and comes up at its end: {drag:?}"
    );
}

#[test]
fn ctrl_s_and_ctrl_c_in_the_window_mean_at_the_customers_what_they_mean_to_their_programs() {
    let scene = scene();
    let file = scene.desk.folder().join("typed");
    let mut terminal = terminal(&scene.desk, &file);
    let letter = scene.desk.folder().join("letter.txt");
    fs::write(&letter, "").expect("a file");
    let editor = scene.desk.start(Program::at("l3afpad").arg(&letter)).expect("an editor");
    let beside = Rect {
        x: 520,
        y: 420,
        width: 460,
        height: 300,
    };
    scene.desk.windows.place(editor.pid(), beside).expect("the editor in its place");
    scene.desk.windows.wait_active(editor.pid()).expect("the editor has the keyboard");
    let mut controlling = Controlling::start(&scene);
    // The keyboard goes from the editor to the terminal, so that the click is known to have done it, and back.
    controlling.click_into(&scene, (200, 300), terminal.pid());
    controlling.click_into(&scene, (750, 570), editor.pid());
    let hands = &mut controlling.technician.hands;
    hands.type_text("a letter").expect("typing");
    hands.chord(&[key::CONTROL, u32::from('s')]).expect("Ctrl+S");
    let saved = wait::until("the saved letter", STEP, || {
        Ok(Some(fs::read_to_string(&letter)?).filter(|text| !text.is_empty()))
    });
    assert_eq!(saved.expect("Ctrl+S saves").trim_end(), "a letter");

    controlling.click_into(&scene, (200, 300), terminal.pid());
    let hands = &mut controlling.technician.hands;
    hands.type_text("a line\nthrown away").expect("typing");
    hands.chord(&[key::CONTROL, u32::from('c')]).expect("Ctrl+C");
    terminal.wait_exit(STEP).expect("Ctrl+C ends the terminal with its program");
    assert_eq!(fs::read_to_string(&file).expect("the file"), "a line\n");
}
