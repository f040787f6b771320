//! What the programs say at a shell: an error where something was refused, its status, its words, and nothing that only their makers understand.

mod system_support;

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Command, Output},
    time::{Duration, Instant},
};

use farhand_protocol::code::{Invitation, Pin};
use farhand_tests::harness::meeting::{Meeting, STEP, new_session};
use farhand_tests::harness::{Gateway, Program, Puppet, Query, process::binary, wait};
use nix::sys::signal::Signal;
use serde_json::Value;
use system_support::{begin, events, outcome, scene, windowed};

/// One of our programs run to its end, with nothing of the caller's desktop.
fn run(name: &str, args: &[&str], envs: &[(&str, &str)]) -> Output {
    let mut command = Command::new(binary(name).expect("built"));
    for name in ["DISPLAY", "WAYLAND_DISPLAY", "FARHAND_GATEWAY", "FARHAND_TRUST", "FARHAND_TOKEN"] {
        command.env_remove(name);
    }
    command.args(args).envs(envs.iter().copied()).output().expect("it starts")
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn what_the_customers_computer_refuses_is_an_error_of_the_command_line() {
    let scene = scene();
    let meeting = Meeting::start(&scene.gateway, &scene.cli, &scene.desk, "view,control").expect("a session");
    let id = meeting.session.id.as_str();
    assert_eq!(outcome(&scene.cli, &["key", id, "Pause"]), (4, "input.stop_key".to_owned()));
    assert_eq!(
        outcome(&scene.cli, &["click", id, "99999", "5"]),
        (2, "input.off_screen".to_owned())
    );
    assert_eq!(outcome(&scene.cli, &["move", id, "-1", "5"]), (2, "input.off_screen".to_owned()));
    assert_eq!(outcome(&scene.cli, &["move", id, "40", "50"]).0, 0);
    let refused = scene
        .cli
        .program(&["key", id, "Pause"])
        .expect("farhand")
        .run()
        .expect_err("refused");
    assert!(!refused.to_string().contains('\u{1b}'), "colours in a file: {refused:#}");
}

#[test]
fn an_act_that_is_refused_is_one_row_of_the_sessions_events_with_its_key() {
    let scene = scene();
    let meeting = Meeting::start(&scene.gateway, &scene.cli, &scene.desk, "view,control").expect("a session");
    let id = meeting.session.id.as_str();
    assert_eq!(outcome(&scene.cli, &["key", id, "Pause"]), (4, "input.stop_key".to_owned()));
    let is_end =
        |event: &Value| event["kind"] == "link.down" && event["origin"].as_str().is_some_and(|origin| origin.starts_with("applet"));
    // In the customer's chain the end of the command's link stands behind everything that it did.
    let log = wait::until("the end of the command's link", STEP, || {
        Ok(Some(events(&scene.cli, id)).filter(|log| log.iter().any(is_end)))
    });
    let log = log.expect("the events");
    let refused: Vec<&Value> = log.iter().filter(|event| event["kind"] == "refused").collect();
    let [refused] = refused[..] else { panic!("{log:#?}") };
    assert_eq!(
        (
            &refused["detail"]["detail"]["key"],
            &refused["detail"]["detail"]["code"],
            &refused["detail"]["detail"]["technician"]
        ),
        (
            &"stop_key".into(),
            &"input.stop_key".into(),
            &scene.gateway.technician.name.as_str().into()
        ),
        "{refused:#}"
    );
}

#[test]
fn a_click_into_the_applets_own_window_is_an_error_of_the_command_line() {
    let scene = scene();
    let session = new_session(&scene.cli, "Maria Diaz", &[]).expect("a session");
    let applet = windowed(&scene, &session, &["--grant", "view,control"]);
    begin(&scene, &applet, &session);
    let mut technician = Puppet::start(&scene.cli, scene.desk.folder(), "technician").expect("a technician");
    technician.open(&session.id, STEP).expect("the link");
    technician.control(&session.id, STEP).expect("control");
    let stop = scene
        .desk
        .accessibility
        .find_steady(applet.pid(), &Query::button("STOP"), STEP)
        .expect("STOP");
    let (x, y) = stop.bounds.centre();
    let (x, y) = (x.to_string(), y.to_string());
    drop(technician);
    assert_eq!(
        outcome(&scene.cli, &["click", &session.id, &x, &y]),
        (4, "input.own_window".to_owned())
    );
}

#[test]
fn watching_prints_lines_for_people_and_objects_for_programs() {
    let scene = scene();
    let meeting = Meeting::start(&scene.gateway, &scene.cli, &scene.desk, "view").expect("a session");
    let id = meeting.session.id.as_str();
    let text = scene.cli.program(&["watch", id, "--view", "--timeout", "4"]).expect("farhand");
    let text = text.run().expect("watching");
    assert!(text.lines().any(|line| line.starts_with("linked      Ada Kern")), "{text}");
    for odd in ["{", "Some(", "ErrorBody"] {
        assert!(!text.contains(odd), "{text}");
    }
    let objects = scene
        .cli
        .program(&["watch", id, "--view", "--timeout", "4", "--json"])
        .expect("farhand");
    let objects = objects.run().expect("watching");
    let read = |line: &str| serde_json::from_str::<Value>(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    let events: Vec<Value> = objects.lines().map(read).collect();
    let sees = |e: &Value| e["present"][0]["granted"].as_str().is_some_and(|granted| granted.contains("view"));
    assert!(events.iter().any(|e| e["event"] == "participants" && sees(e)), "{objects}");
    assert!(events.iter().any(|e| e["event"] == "view" && e["on"] == true), "{objects}");
}

#[test]
fn closing_a_session_says_how_it_stands_afterwards() {
    let gateway = Gateway::start().expect("a gateway");
    let cli = gateway.sign_in(&gateway.technician).expect("a sign-in");
    let session = new_session(&cli, "Kurt", &[]).expect("a session");
    let said = cli.text(&["session", "close", &session.id]).expect("closing");
    assert!(said.contains("Kurt") && said.contains("code withdrawn"), "{said}");
}

#[test]
fn doctor_on_a_machine_without_a_desktop_names_what_failed_and_tells_the_ways_to_the_gateway() {
    let gateway = Gateway::start().expect("a gateway");
    let cli = gateway.sign_in(&gateway.technician).expect("a sign-in");
    let state = tempfile::tempdir().expect("a folder");
    let mut envs: Vec<(&str, &str)> = cli.envs().iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    envs.push(("FARHAND_STATE", state.path().to_str().expect("a path")));
    let output = run("farhand", &["doctor", "--json"], &envs);
    assert_eq!(output.status.code(), Some(11), "{}", words(&output));
    let error: Value = serde_json::from_str(words(&output).trim()).expect("one object");
    assert_eq!(error["code"], "doctor.checks_failed");
    assert_eq!(error["message"], "2 checks failed: screen, input");
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
    for check in ["system", "files", "gateway", "sign-in", "relay", "udp", "links"] {
        assert_eq!(report[check]["result"], "ok", "{check}: {report:#}");
    }
    assert!(
        report["udp"]["says"].as_str().is_some_and(|says| says.contains("127.0.0.1")),
        "{report:#}"
    );
}

#[test]
fn what_doctor_bundles_for_support_holds_no_secret_and_is_for_its_owner_alone() {
    let gateway = Gateway::start().expect("a gateway");
    let cli = gateway.sign_in(&gateway.technician).expect("a sign-in");
    let session = new_session(&cli, "Maria Diaz", &[]).expect("a session");
    let (state, sent) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let bundle = sent.path().join("bundle.json");
    let password = gateway.technician.password.as_str();
    let mut envs: Vec<(&str, &str)> = cli.envs().iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    envs.push(("FARHAND_STATE", state.path().to_str().expect("a path")));
    envs.push(("FARHAND_PASSWORD", password));
    // A gateway on this machine is never asked through a proxy, but its password stands in the environment.
    envs.push(("HTTPS_PROXY", "http://ada:proxy-password@127.0.0.1:9"));
    let output = run("farhand", &["doctor", "--bundle", bundle.to_str().expect("a path")], &envs);
    // There is no desktop here.
    assert_eq!(output.status.code(), Some(11), "{}", words(&output));
    let bundled: Value = serde_json::from_slice(&fs::read(&bundle).expect("the bundle")).expect("one object");
    assert_eq!(bundled["checks"]["sign-in"]["result"], "ok", "{bundled:#}");
    for set in ["token_set", "trust_set", "proxy_set"] {
        assert_eq!(bundled["settings"][set], true, "{set}: {bundled:#}");
    }
    let &(_, token) = envs.iter().find(|(key, _)| *key == "FARHAND_TOKEN").expect("a token");
    let code = Invitation::parse(&session.link).expect("a link").code.to_string();
    let grouped = Pin::parse(&session.pin).expect("a PIN").grouped();
    let (pin, link) = (session.pin.as_str(), session.link.as_str());
    let secrets: [&str; 7] = [token, password, pin, grouped.as_str(), link, code.as_str(), "proxy-password"];
    for path in files_below(sent.path()).into_iter().filter(|path| path.is_file()) {
        let text = String::from_utf8_lossy(&fs::read(&path).expect("a file")).to_lowercase();
        for secret in secrets {
            assert!(
                !text.contains(&secret.to_lowercase()),
                "{secret} stands in {}: {text}",
                path.display()
            );
        }
        let mode = fs::metadata(&path).expect("a file").permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", path.display());
    }
}

#[test]
fn stopping_where_nothing_runs_is_said_and_is_an_error() {
    let state = tempfile::tempdir().expect("a folder");
    let output = run(
        "farhand-applet",
        &["stop"],
        &[("FARHAND_STATE", state.path().to_str().expect("a path"))],
    );
    assert_eq!(output.status.code(), Some(5), "{}", words(&output));
    assert!(words(&output).contains("nothing to stop"), "{}", words(&output));
}

#[test]
fn without_a_display_the_windows_say_what_to_do() {
    let state = tempfile::tempdir().expect("a folder");
    let own = [("FARHAND_STATE", state.path().to_str().expect("a path"))];
    let gone = [own[0], ("DISPLAY", ":4711")];
    for name in ["farhand-console", "farhand-applet"] {
        for (envs, hint) in [(&own[..], "DISPLAY"), (&gone[..], ":4711")] {
            let output = run(name, &[], envs);
            let said = words(&output);
            assert_eq!(output.status.code(), Some(9), "{name}: {said}");
            assert!(
                said.contains(hint) && !said.contains(".rs") && !said.contains('\u{1b}'),
                "{name}: {said}"
            );
        }
    }
}

#[test]
fn a_console_with_a_folder_of_its_own_keeps_everything_there_and_to_itself() {
    let scene = scene();
    let state = scene.desk.folder().join("apart");
    let other = scene.desk.home().join(".config/farhand");
    fs::create_dir_all(&other).expect("a folder");
    fs::write(other.join("console.toml"), "email = \"somebody@else.example\"\n").expect("a file");
    let program = Program::farhand("farhand-console")
        .expect("the console")
        .env("FARHAND_STATE", &state);
    let envs = scene.cli.envs().iter().map(|(key, value)| (key, value));
    let _console = scene.desk.start(program.envs(envs)).expect("the console");
    let settings = state.join("settings/console.toml");
    wait::until("the settings", STEP, || Ok(settings.is_file().then_some(()))).expect("settings in the folder");
    let text = fs::read_to_string(&settings).expect("the settings");
    assert!(text.contains(&scene.gateway.technician.email), "{text}");
    for entry in files_below(&state) {
        let mode = fs::metadata(&entry).expect("an entry").permissions().mode() & 0o777;
        let wanted = if entry.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode, wanted, "{}", entry.display());
    }
}

fn files_below(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = vec![folder.to_owned()];
    let mut next = 0;
    while next < found.len() {
        if found[next].is_dir() {
            let entries = fs::read_dir(&found[next]).expect("a folder");
            found.extend(entries.flatten().map(|entry| entry.path()));
        }
        next += 1;
    }
    found
}

#[test]
fn a_killed_applet_is_missed_within_seconds() {
    let scene = scene();
    let meeting = Meeting::start(&scene.gateway, &scene.cli, &scene.desk, "view").expect("a session");
    let mut technician = Puppet::start(&scene.cli, scene.desk.folder(), "technician").expect("a technician");
    technician.open(&meeting.session.id, STEP).expect("the link");
    technician.view(&meeting.session.id, STEP).expect("the picture");
    let told = technician.events().len();
    meeting.applet.signal(Signal::SIGKILL).expect("killed");
    let killed = Instant::now();
    technician
        .wait_after(told, &meeting.session.id, "stalled", STEP, |said| {
            said["silent_millis"].as_u64().is_some_and(|millis| millis < 4000)
        })
        .expect("silence is noticed");
    // The person is to know within about two seconds; the rest is this machine's.
    assert!(killed.elapsed() < Duration::from_secs(5), "{:?}", killed.elapsed());
}
