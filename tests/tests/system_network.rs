//! Sessions across real networks: behind routers that translate addresses, without UDP, through a proxy alone, and through what happens on
//! the way: cuts, UDP that is blocked, a gateway that dies.

mod system_lab;
mod system_support;

use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use farhand_protocol::input::{InputEvent, Press};
use farhand_tests::harness::atspi::Rect;
use farhand_tests::harness::gateway::Person;
use farhand_tests::harness::meeting::STEP;
use farhand_tests::harness::puppet::{Order, key};
use farhand_tests::harness::{Cli, Desk, Gateway, Program, Puppet, Query, Running, wait};
use serde_json::Value;
use system_lab::{GATEWAY, Home, Lab, Nat, PROXY, wanted};
use system_support::{SOON, answer, click_into, count, lines_of, restless_terminal, restless_terminal_at, terminal, wait_waiting};

/// A first frame may take its time on a busy machine.
const FRAME: Duration = Duration::from_secs(40);
/// After the gateway's restart everything must be back within this time.
const BACK: Duration = Duration::from_secs(10);
/// Longest time without a picture on a path that the gateway has no part in; the screen changes, and is looked at, ten times a second.
const GAP: Duration = Duration::from_millis(500);
/// A relayed link is tried for a direct path once a minute, and the address that others see is asked for twice in it.
const DIRECT_AGAIN: Duration = Duration::from_secs(120);
/// The contents of the applet's window: clear of the terminal's left half and of the restless one.
const APPLET: Rect = Rect {
    x: 320,
    y: 30,
    width: 400,
    height: 700,
};
/// The restless terminal beside it.
const BESIDE: &str = "40x8+740+10";

/// A session between two homes.
struct Remote {
    technician: Puppet,
    applet: Running,
    session: String,
    cli: Cli,
    desk: Desk,
    gateway: Gateway,
    /// An administrator's token.
    operator: String,
    lab: Lab,
}

/// What the homes have besides their router.
#[derive(Default)]
struct Setting<'a> {
    envs: &'a [(&'a str, &'a str)],
    windowed: bool,
}

/// A person sits at the applet's window.
const ATTENDED: Setting<'static> = Setting { envs: &[], windowed: true };

impl Remote {
    /// The customer joins, the technician starts and opens the link.
    fn start(lab: Lab, setting: &Setting<'_>) -> Self {
        let internet = lab.internet();
        let internet: Vec<&str> = internet.iter().map(String::as_str).collect();
        let gateway = Gateway::start_in(&internet, GATEWAY).expect("a gateway");
        let cli = at_home(&lab, &gateway, setting.envs);
        let operator = token_of(&lab, &cli, &gateway.administrator);
        let desk = Desk::new((1024, 768)).expect("a desk");
        let session = new_session_at_home(&lab, &cli);
        let mut program = Program::farhand("farhand-applet")
            .expect("the applet")
            .args(["--pin", &session.1])
            .envs(gateway.envs());
        if !setting.windowed {
            program = program.args(["--no-window", "--grant", "view,control"]);
        }
        for (name, value) in setting.envs {
            program = program.env(name, value);
        }
        let mut applet = desk.start(lab.program(Home::Customer, program)).expect("the applet");
        let session = session.0;
        if setting.windowed {
            desk.find(&applet, &Query::containing("Waiting for")).expect("the waiting page");
        } else {
            wait_waiting(&mut applet);
        }
        farhand(&lab, &cli, &["session", "start", &session]);
        let prefix = lab.at(Home::Technician);
        let prefix: Vec<&str> = prefix.iter().map(String::as_str).collect();
        let mut technician = Puppet::start_in(&cli, desk.folder(), "technician", &prefix, setting.envs).expect("a technician");
        technician.open(&session, FRAME).expect("the link");
        Self {
            technician,
            applet,
            session,
            cli,
            desk,
            gateway,
            operator,
            lab,
        }
    }

    /// Keys and picture pass.
    fn works(&mut self, file: &Path, word: &str) {
        // A window that came up late may have taken the keyboard.
        click_into(&self.desk, 200, 300);
        self.technician
            .act(&self.session, InputEvent::Text(format!("{word}\n")))
            .expect("typing");
        let line = wait::until("the line", FRAME, || {
            Ok(lines_of(file).ends_with(&format!("{word}\n")).then_some(()))
        });
        line.expect("what was typed arrives");
        let told = self.technician.told();
        self.technician
            .wait_after(told, &self.session, "picture", FRAME, |_| true)
            .expect("the picture goes on");
    }

    /// View and control, with a terminal that has the keyboard.
    fn take(&mut self) -> (Vec<Running>, PathBuf) {
        let file = self.desk.folder().join("typed");
        let restless = restless_terminal(&self.desk);
        let typed = terminal(&self.desk, &file);
        self.technician.view(&self.session, FRAME).expect("the picture");
        self.technician.control(&self.session, FRAME).expect("control");
        (vec![restless, typed], file)
    }

    /// As [`Remote::take`] where a person sits at the applet's window: the technician asks for control, the person allows it.
    fn take_by_leave(&mut self) -> (Vec<Running>, PathBuf) {
        let file = self.desk.folder().join("typed");
        self.desk.windows.place(self.applet.pid(), APPLET).expect("the applet in its place");
        let restless = restless_terminal_at(&self.desk, BESIDE);
        let typed = terminal(&self.desk, &file);
        self.technician.tell(&self.session, Order::Control { on: true }).expect("the wish");
        answer(&self.desk, &self.applet, "Allow");
        self.technician
            .wait_after(0, &self.session, "control", STEP, |said| said["on"] == true)
            .expect("control");
        self.technician.view(&self.session, FRAME).expect("the picture");
        (vec![restless, typed], file)
    }

    fn path(&self) -> Option<String> {
        let events = self.technician.events();
        let paths = events
            .iter()
            .rev()
            .filter(|said| matches!(said["event"].as_str(), Some("stats" | "up")));
        paths.filter_map(|said| said["path"].as_str()).next().map(str::to_owned)
    }

    fn wait_path(&self, path: &str) {
        self.wait_path_for(path, FRAME);
    }

    fn wait_path_for(&self, path: &str, timeout: Duration) {
        wait::until(&format!("the path {path}"), timeout, || {
            Ok((self.path().as_deref() == Some(path)).then_some(()))
        })
        .unwrap_or_else(|error| panic!("{error:#}, but {:?}", self.path()));
    }

    /// Waits for an event of the technician's own line, not of a session, after the first `skip` ones.
    fn wait_line(&self, skip: usize, event: &str, timeout: Duration) {
        wait::until(&format!("{event:?}"), timeout, || {
            let events = self.technician.events();
            Ok(events.iter().skip(skip).any(|said| said["event"] == event).then_some(()))
        })
        .unwrap_or_else(|error| panic!("{error:#}: {:#?}", self.technician.events()));
    }

    fn wait_pictures(&self, more: usize) {
        let before = self.events("picture");
        wait::until(&format!("{more} more pictures"), FRAME, || {
            Ok((self.events("picture") >= before + more).then_some(()))
        })
        .expect("pictures");
    }

    /// The longest time between two pictures from the last of the first `skip` events on.
    fn longest_gap(&self, skip: usize) -> Duration {
        let events = self.technician.events();
        let times = |events: &[Value]| -> Vec<u64> {
            let pictures = events.iter().filter(|said| said["event"] == "picture");
            pictures.filter_map(|said| said["at_millis"].as_u64()).collect()
        };
        let (before, after) = events.split_at(skip);
        let mut at: Vec<u64> = times(before).last().copied().into_iter().collect();
        at.extend(times(after));
        let gaps = at.windows(2).map(|pair| pair[1].saturating_sub(pair[0]));
        Duration::from_millis(gaps.max().expect("pictures"))
    }

    /// After the first `skip` events the connection stayed the same, and nothing of `also` was told either.
    fn assert_unbroken(&self, skip: usize, also: &[&str]) {
        let events = self.technician.events();
        let is_break = |said: &&Value| {
            let event = said["event"].as_str().unwrap_or_default();
            matches!(event, "welcome" | "lost" | "ended" | "connecting") || also.contains(&event)
        };
        assert_eq!(
            events[skip..].iter().filter(is_break).count(),
            0,
            "the same connection: {events:#?}"
        );
    }

    /// The session's events as the gateway stores them.
    fn stored(&self) -> Vec<Value> {
        let log = farhand(&self.lab, &self.cli, &["session", "events", &self.session, "--json"]);
        serde_json::from_str(&log).expect("JSON")
    }

    /// Waits until the gateway has stored a chat line.
    fn wait_stored(&self, text: &str, timeout: Duration) {
        wait::until(&format!("{text:?} at the gateway"), timeout, || {
            let is_it = |event: &Value| event["kind"] == "chat.line" && event["detail"]["detail"]["text"] == text;
            Ok(self.stored().iter().any(is_it).then_some(()))
        })
        .unwrap_or_else(|error| panic!("{error:#}: {:#?}", self.stored()));
    }

    /// Bytes the relay has taken in so far.
    fn relayed(&self) -> u64 {
        relayed(&self.lab, &self.gateway, &self.operator)
    }

    fn events(&self, event: &str) -> usize {
        self.technician.events().iter().filter(|said| said["event"] == event).count()
    }
}

/// `farhand` at the technician's home.
fn farhand(lab: &Lab, cli: &Cli, args: &[&str]) -> String {
    lab.program(Home::Technician, cli.program(args).expect("farhand"))
        .run()
        .expect("farhand")
}

fn at_home(lab: &Lab, gateway: &Gateway, envs: &[(&str, &str)]) -> Cli {
    let mut cli = Cli::new(gateway.envs());
    for (name, value) in envs {
        cli = cli.env(name, value);
    }
    let home = gateway.data().join("../home");
    std::fs::create_dir_all(&home).expect("a folder");
    cli = cli.env("HOME", &home.to_string_lossy());
    let token = token_of(lab, &cli, &gateway.technician);
    cli.env("FARHAND_TOKEN", &token)
}

fn token_of(lab: &Lab, cli: &Cli, person: &Person) -> String {
    let login = cli.clone().env("FARHAND_PASSWORD", &person.password);
    let answer = farhand(lab, &login, &["login", "--email", &person.email, "--json"]);
    let answer: Value = serde_json::from_str(&answer).expect("JSON");
    answer["token"].as_str().expect("a token").to_owned()
}

/// Number and PIN.
fn new_session_at_home(lab: &Lab, cli: &Cli) -> (String, String) {
    let answer = farhand(lab, cli, &["session", "new", "--name", "Maria Diaz", "--json"]);
    let answer: Value = serde_json::from_str(&answer).expect("JSON");
    (answer["session_id"].to_string(), answer["pin"].as_str().expect("a PIN").to_owned())
}

fn relayed(lab: &Lab, gateway: &Gateway, operator: &str) -> u64 {
    metric(lab, gateway, operator, "farhand_relay_bytes_received_total")
}

fn metric(lab: &Lab, gateway: &Gateway, operator: &str, name: &str) -> u64 {
    let bearer = format!("Authorization: Bearer {operator}");
    let url = format!("{}/metrics", gateway.url);
    let text = Program::at("curl")
        .args(["-sk", "-H", &bearer, &url])
        .prefixed(lab.internet())
        .run()
        .expect("the metrics");
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
    line.unwrap_or_else(|| panic!("no {name} in {text}"))
}

#[test]
fn two_homes_behind_ordinary_routers_meet_directly() {
    if !wanted() {
        return;
    }
    let mut remote = Remote::start(Lab::new(Nat::Kind), &Setting::default());
    let (_terminals, file) = remote.take();
    remote.wait_path("Direct");
    remote.works(&file, "direct");
    // A picture that changes ten times a second and goes directly does not pass the relay.
    let before = remote.relayed();
    let pictures = remote.events("picture");
    wait::until("forty pictures", FRAME, || {
        Ok((remote.events("picture") > pictures + 40).then_some(()))
    })
    .expect("pictures");
    let passed = remote.relayed() - before;
    assert!(passed < 20_000, "{passed} bytes passed the relay");
}

#[test]
fn two_homes_whose_routers_give_random_ports_meet_through_the_relay() {
    if !wanted() {
        return;
    }
    let mut remote = Remote::start(Lab::new(Nat::Random), &Setting::default());
    let (_terminals, file) = remote.take();
    let before = remote.relayed();
    remote.works(&file, "relayed");
    remote.wait_path("Relayed");
    wait::until("bytes relayed", FRAME, || Ok((remote.relayed() > before + 2_000).then_some(()))).expect("the relay carries it");
}

#[test]
fn without_udp_everything_goes_through_the_relay_over_tcp() {
    if !wanted() {
        return;
    }
    let lab = Lab::new(Nat::Kind);
    lab.drop_udp(Home::Customer);
    lab.drop_udp(Home::Technician);
    let mut remote = Remote::start(lab, &Setting::default());
    let (_terminals, file) = remote.take();
    remote.works(&file, "no UDP");
    remote.wait_path("Relayed");
}

#[test]
fn where_only_a_proxy_leads_out_the_whole_session_goes_through_connect() {
    if !wanted() {
        return;
    }
    let lab = Lab::new(Nat::Kind);
    let folder = tempfile::tempdir().expect("a folder");
    let mut proxy = Program::farhand("farhand-puppet")
        .expect("the proxy")
        .named("proxy")
        .args(["proxy", PROXY])
        .prefixed(lab.internet())
        .spawn(folder.path())
        .expect("a proxy");
    proxy
        .wait_line("the proxy", STEP, |line| line.starts_with("proxy at").then_some(()))
        .expect("a proxy");
    lab.proxy_only(Home::Customer);
    lab.proxy_only(Home::Technician);
    let url = format!("http://{PROXY}");
    let mut remote = Remote::start(
        lab,
        &Setting {
            envs: &[("HTTPS_PROXY", &url)],
            windowed: false,
        },
    );
    let (_terminals, file) = remote.take();
    remote.works(&file, "by proxy");
    remote.wait_path("Relayed");
    let asked: Vec<String> = proxy.stdout().lines().skip(1).map(str::to_owned).collect();
    assert!(
        !asked.is_empty() && asked.iter().all(|line| line == &format!("CONNECT {GATEWAY}")),
        "{asked:?}"
    );
}

#[test]
fn a_cut_of_eight_seconds_keeps_the_connection_and_what_is_held_is_released() {
    if !wanted() {
        return;
    }
    let mut remote = Remote::start(Lab::new(Nat::Kind), &ATTENDED);
    let (_terminals, file) = remote.take_by_leave();
    remote.wait_path("Direct");
    remote.works(&file, "before");
    remote.technician.act(&remote.session, key(0xe0, Press::Down)).expect("Ctrl");
    let (connection, _) = remote.desk.display().connect().expect("the display");
    let down = || -> anyhow::Result<u32> {
        use x11rb::protocol::xproto::ConnectionExt as _;
        Ok(connection.query_keymap()?.reply()?.keys.iter().map(|byte| byte.count_ones()).sum())
    };
    wait::until("Ctrl held down", SOON, || Ok((down()? == 1).then_some(()))).expect("Ctrl");
    let told = remote.technician.told();
    remote.lab.cut(Home::Customer);
    let cut = Instant::now();
    wait::until("Ctrl released", Duration::from_secs(4), || Ok((down()? == 0).then_some(()))).expect("silence releases what is held");
    // The cut itself is what is waited for.
    thread::sleep(Duration::from_secs(8).saturating_sub(cut.elapsed()));
    remote.lab.mend(Home::Customer);
    remote.technician.act(&remote.session, key(0xe0, Press::Up)).expect("Ctrl");
    remote.works(&file, "after");
    remote.assert_unbroken(told, &[]);
    assert!(remote.applet.is_running());
    let log = remote.stored();
    assert_eq!(count(&log, "consent.asked"), 1, "{log:#?}");
}

#[test]
fn a_cut_of_a_minute_is_dialled_again_and_the_customer_is_not_asked_again() {
    if !wanted() {
        return;
    }
    let mut remote = Remote::start(Lab::new(Nat::Kind), &ATTENDED);
    let (_terminals, file) = remote.take_by_leave();
    let session = remote.session.clone();
    let told = remote.technician.told();
    remote.lab.cut(Home::Customer);
    // The cut itself is what is waited for.
    thread::sleep(Duration::from_secs(60));
    let lost = remote.technician.events().iter().skip(told).any(|said| said["event"] == "lost");
    assert!(lost, "{:#?}", remote.technician.events());
    remote.lab.mend(Home::Customer);
    remote
        .technician
        .wait_after(told, &session, "welcome", FRAME, |_| true)
        .expect("dialled again");
    let dialled = remote.technician.told();
    remote
        .technician
        .wait_after(dialled, &session, "picture", FRAME, |_| true)
        .expect("the picture is back without being asked for");
    click_into(&remote.desk, 200, 300);
    remote
        .technician
        .act(&session, InputEvent::Text("after a minute\n".to_owned()))
        .expect("typing");
    assert_eq!(lines_of(&file), "after a minute\n");
    let log = remote.stored();
    assert_eq!(count(&log, "consent.asked"), 1, "{log:#?}");
}

#[test]
fn udp_that_is_blocked_in_the_middle_moves_the_same_connection_to_the_relay_and_back() {
    if !wanted() {
        return;
    }
    let mut remote = Remote::start(Lab::new(Nat::Kind), &ATTENDED);
    let (_terminals, file) = remote.take_by_leave();
    remote.wait_path("Direct");
    remote.works(&file, "direct");
    let told = remote.technician.told();
    for home in [Home::Customer, Home::Technician] {
        remote.lab.drop_udp(home);
    }
    remote.wait_path("Relayed");
    remote.works(&file, "relayed");
    for home in [Home::Customer, Home::Technician] {
        remote.lab.allow_udp(home);
    }
    remote.wait_path_for("Direct", DIRECT_AGAIN);
    remote.works(&file, "direct again");
    remote.assert_unbroken(told, &[]);
    let log = remote.stored();
    assert_eq!(count(&log, "consent.asked"), 1, "{log:#?}");
}

#[test]
fn on_a_direct_path_between_homes_a_dead_gateway_stops_no_picture_and_takes_every_line_once_it_is_back() {
    if !wanted() {
        return;
    }
    let mut remote = Remote::start(Lab::new(Nat::Kind), &Setting::default());
    let (_terminals, file) = remote.take();
    remote.wait_path("Direct");
    remote.works(&file, "before");
    let say = |remote: &mut Remote, text: &str| {
        let text = text.to_owned();
        remote.technician.tell(&remote.session, Order::Chat { text }).expect("a line");
    };

    let told = remote.technician.told();
    remote.gateway.kill_hard().expect("the end of the gateway");
    remote.wait_line(told, "gateway_down", STEP);
    say(&mut remote, "while it is dead");
    remote.works(&file, "while it is dead");
    remote.wait_pictures(40);

    let dead = remote.technician.told();
    let restarted = Instant::now();
    let left = || BACK.saturating_sub(restarted.elapsed());
    remote.gateway.start_again().expect("the gateway again");
    say(&mut remote, "after its restart");
    remote.wait_line(dead, "gateway_up", left());
    // It is the customer's computer that hands chat in, so that its line is back too.
    remote.wait_stored("after its restart", left());
    remote.wait_stored("while it is dead", left());

    remote.wait_pictures(20);
    let gap = remote.longest_gap(told);
    assert!(gap < GAP, "the longest gap was {gap:?}");
    remote.assert_unbroken(told, &["stalled"]);
    let log = remote.stored();
    assert_eq!((count(&log, "view.ended"), count(&log, "link.down")), (0, 0), "{log:#?}");
}
