//! What the whole-system tests share: a gateway with a signed-in technician and a customer's desk, programs on that desk, and the outcome
//! of a command that is meant to fail.
#![allow(dead_code)]

pub mod listening;

use std::{
    fs,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use farhand_tests::harness::{
    Cli, Desk, Gateway, Meeting, Program, Puppet, Query, Running,
    meeting::{NewSession, STEP, new_session},
    puppet::Order,
    wait,
};
use serde_json::Value;
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::ConnectionExt as _;

/// Everything a session needs, signed in.
pub struct Scene {
    /// The customer's computer.
    pub desk: Desk,
    /// The technician's command line.
    pub cli: Cli,
    /// The gateway.
    pub gateway: Gateway,
}

/// A gateway, its technician, and a customer's desk.
pub fn scene() -> Scene {
    scene_on(Desk::new((1024, 768)).expect("a desk"))
}

/// A gateway and its technician, for a customer's desk that stands already.
pub fn scene_on(desk: Desk) -> Scene {
    let gateway = Gateway::start().expect("a gateway");
    let cli = gateway.sign_in(&gateway.technician).expect("a sign-in");
    Scene { desk, cli, gateway }
}

/// A scene whose customer's screen is a window of another desk: what is pressed there comes from real keys, and its size can change.
pub fn nested_scene() -> (Desk, Scene) {
    let outer = Desk::new((1100, 900)).expect("a desk");
    let desk = Desk::nested(outer.display().name(), "customer", (1024, 768)).expect("a nested desk");
    (outer, scene_on(desk))
}

/// A session with a person at the applet's window, and a technician whose link is open.
pub struct Attended {
    /// The session.
    pub session: NewSession,
    /// The applet.
    pub applet: Running,
    /// The technician.
    pub technician: Puppet,
}

impl Attended {
    /// Joins with these flags of the applet, starts, and opens the link.
    pub fn start(scene: &Scene, flags: &[&str]) -> Self {
        let session = new_customer(scene);
        let applet = windowed(scene, &session, flags);
        begin(scene, &applet, &session);
        let mut technician = technician(scene);
        technician.open(&session.id, STEP).expect("the link");
        Self {
            session,
            applet,
            technician,
        }
    }

    /// The technician asks for control, and the person allows it.
    pub fn allow_control(&mut self, scene: &Scene) {
        let id = &self.session.id;
        let told = self.technician.told();
        self.technician.tell(id, Order::Control { on: true }).expect("the wish");
        answer(&scene.desk, &self.applet, "Allow");
        self.technician
            .wait_after(told, id, "control", STEP, |said| said["on"] == true)
            .expect("control");
    }
}

/// A session for the customer of the examples.
pub fn new_customer(scene: &Scene) -> NewSession {
    new_session(&scene.cli, "Maria Diaz", &[]).expect("a session")
}

/// The technician of a scene on strings.
pub fn technician(scene: &Scene) -> Puppet {
    Puppet::start(&scene.cli, scene.desk.folder(), "technician").expect("a technician")
}

/// A session without windows in which the technician has view and control.
pub fn held(scene: &Scene) -> (Meeting, Puppet) {
    let meeting = Meeting::start(&scene.gateway, &scene.cli, &scene.desk, "view,control").expect("a session");
    let mut technician = technician(scene);
    let id = meeting.session.id.as_str();
    technician.open(id, STEP).expect("the link");
    technician.view(id, STEP).expect("the picture");
    technician.control(id, STEP).expect("control");
    (meeting, technician)
}

/// Waits until an applet without a window has joined and waits for its technician.
pub fn wait_waiting(applet: &mut Running) {
    applet
        .wait_line("waiting", STEP, |line| {
            line.to_lowercase().starts_with("status: waiting").then_some(())
        })
        .expect("the join");
}

/// A terminal in which `cat` writes each line it reads to a file.
pub fn terminal(desk: &Desk, file: &Path) -> Running {
    run_in_terminal(desk, &format!("cat > '{}'", file.display()), file)
}

/// A terminal that runs a shell line; ready once `made` exists.
pub fn run_in_terminal(desk: &Desk, script: &str, made: &Path) -> Running {
    run_in_terminal_at(desk, "70x20+10+200", script, made)
}

/// As [`run_in_terminal`], in a window of this size and place.
pub fn run_in_terminal_at(desk: &Desk, geometry: &str, script: &str, made: &Path) -> Running {
    let program = Program::at("xterm").args(["-geometry", geometry, "-e", "sh", "-c", script]);
    let terminal = desk.start(program).expect("a terminal");
    wait::until("the terminal", STEP, || Ok(made.exists().then_some(()))).expect("a terminal");
    terminal
}

/// A terminal whose picture changes ten times a second.
pub fn restless_terminal(desk: &Desk) -> Running {
    restless_terminal_at(desk, "40x8+600+10")
}

/// The same in a window of this size and place; where another window covers it, nothing changes on the screen.
pub fn restless_terminal_at(desk: &Desk, geometry: &str) -> Running {
    let made = desk.folder().join("restless");
    let script = format!("touch '{}'; while :; do date +%N; sleep 0.1; done", made.display());
    run_in_terminal_at(desk, geometry, &script, &made)
}

/// Clicks at a place and waits until the window there has the keyboard.
pub fn click_into(desk: &Desk, x: i32, y: i32) {
    let (connection, screen) = desk.display().connect().expect("the display");
    let root = connection.setup().roots[screen].root;
    let mut clicked = None;
    let has_keyboard = || -> anyhow::Result<Option<()>> {
        // A window that is only just coming up may miss a click.
        if clicked.is_none_or(|at: Instant| at.elapsed() > Duration::from_secs(1)) {
            desk.hands.click(x, y)?;
            clicked = Some(Instant::now());
        }
        let there = connection.query_pointer(root)?.reply()?.child;
        let mut window = connection.get_input_focus()?.reply()?.focus;
        while window > 1 && window != root {
            if window == there {
                return Ok(Some(()));
            }
            window = connection.query_tree(window)?.reply()?.parent;
        }
        Ok(None)
    };
    wait::until("the keyboard in the window that was clicked", STEP, has_keyboard).expect("the keyboard");
}

/// Answers the applet's question as a person does: presses until it is taken, since a question that has only just appeared takes no answer.
pub fn answer(desk: &Desk, applet: &Running, label: &str) {
    let button = Query::button(label);
    let taken = wait::until(&format!("{label} taken"), STEP, || {
        desk.press_after(applet, &Query::button("More below"), &button)?;
        let gone = desk.accessibility.wait_gone(applet.pid(), &button, Duration::from_secs(2));
        Ok(gone.is_ok().then_some(()))
    });
    taken.expect("an answer");
}

/// Waits until a file holds whole lines, and gives them.
pub fn lines_of(file: &Path) -> String {
    let read = wait::until("the line", STEP, || {
        Ok(fs::read_to_string(file).ok().filter(|text| text.ends_with('\n')))
    });
    read.expect("the line arrives")
}

/// How `farhand ARGS --json` ended: its status and the code of its error.
pub fn outcome(cli: &Cli, args: &[&str]) -> (i32, String) {
    let path = farhand_tests::harness::process::binary("farhand").expect("farhand");
    let envs = cli.envs().iter().map(|(key, value)| (key, value));
    let output = Command::new(path).args(args).arg("--json").envs(envs).output().expect("farhand");
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    let code = words.lines().find_map(|line| {
        let error: Value = serde_json::from_str(line).ok()?;
        Some(error["code"].as_str()?.to_owned())
    });
    (output.status.code().unwrap_or(-1), code.unwrap_or(words))
}

/// The applet with its window on a desk.
pub fn windowed(scene: &Scene, session: &NewSession, flags: &[&str]) -> Running {
    let program = Program::farhand("farhand-applet").expect("the applet").envs(scene.gateway.envs());
    scene
        .desk
        .start(program.args(["--pin", &session.pin]).args(flags))
        .expect("the applet")
}

/// Waits until the applet stands on the waiting page, and starts the session.
pub fn begin(scene: &Scene, applet: &Running, session: &NewSession) {
    scene
        .desk
        .find(applet, &Query::containing("Waiting for"))
        .expect("the waiting page");
    scene.cli.text(&["session", "start", &session.id]).expect("the start");
    scene.desk.find(applet, &Query::button("STOP")).expect("the session page");
}

/// The events of a session as the gateway stores them.
pub fn events(cli: &Cli, session: &str) -> Vec<Value> {
    let answer = cli.json(&["session", "events", session]).expect("the events");
    answer.as_array().expect("a list").clone()
}

/// How many stored events are of a kind.
pub fn count(events: &[Value], kind: &str) -> usize {
    events.iter().filter(|event| event["kind"] == kind).count()
}

/// Waits for a stored event of a kind.
pub fn wait_event(cli: &Cli, session: &str, kind: &str) -> Value {
    let found = wait::until(&format!("an event {kind}"), STEP, || {
        let events = cli.json(&["session", "events", session])?;
        Ok(events
            .as_array()
            .and_then(|events| events.iter().find(|event| event["kind"] == kind).cloned()))
    });
    found.unwrap_or_else(|error| panic!("{error:#}: {:#?}", events(cli, session)))
}

/// The status of a session as the technician's list shows it.
pub fn status(cli: &Cli, session: &str) -> Option<String> {
    let rows = cli.json(&["session", "list"]).expect("the list");
    let row = rows
        .as_array()?
        .iter()
        .find(|row| row["session_id"].as_i64() == session.parse().ok())?
        .clone();
    row["status"].as_str().map(str::to_owned)
}

/// A short wait, for what happens within a moment.
pub const SOON: Duration = Duration::from_secs(10);
