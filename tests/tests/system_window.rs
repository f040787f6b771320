//! The technician's real window through what goes wrong: its own death, the gateway's death on either path, a machine without a key ring. What it
//! says is found by label, what it shows is judged by pixels: a lamp on the customer's screen changes its colour all the time.

mod system_support;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::thread;
use std::time::{Duration, Instant};

use atspi::Role;
use farhand_tests::harness::bus::Keyring;
use farhand_tests::harness::lamp::{self, Lamp, Switch, Watch};
use farhand_tests::harness::meeting::{Meeting, STEP, applet};
use farhand_tests::harness::{Desk, Display, Gateway, Hands, Program, Query, Running, console, wait};
use system_support::{Scene, answer, begin, click_into, count, events, new_customer, scene, terminal, wait_waiting, windowed};

/// After the gateway's restart everything must be back within this time.
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

/// A session without windows at the customer's, seen in the technician's window; links go by `route` alone.
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
        let program = applet(&scene.gateway, &scene.desk, &session.pin, "view").expect("an applet");
        let mut joined = scene.desk.start(program.env("FARHAND_ROUTE", route)).expect("an applet");
        wait_waiting(&mut joined);
        scene.cli.text(&["session", "start", &session.id]).expect("the start");
        let technician = Desk::new(SCREEN).expect("a technician's desk");
        let program = console::program(&scene.gateway, &scene.cli).expect("the console");
        let program = program
            .args(["--session", &session.id, "--view"])
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

    scene.gateway.start_again().expect("the gateway again");
    let restarted = Instant::now();
    seen.watch.wait_changes(1, BACK).expect("the picture goes on");
    seen.watch.wait_changes(10, BACK).expect("and goes on");
    for gone in [frozen(), countdown()] {
        let left = BACK.saturating_sub(restarted.elapsed());
        seen.technician
            .accessibility
            .wait_gone(seen.console.pid(), &gone, left)
            .expect("no banner any more");
    }
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
