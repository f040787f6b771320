//! Whole sessions between real processes, without windows: gateway, applet with what it allows given in
//! advance, and the command line as technician.

use std::fs;
use std::path::Path;
use std::process::Command;

use farhand_tests::harness::meeting::{STEP, applet, new_session};
use farhand_tests::harness::screen::colours;
use farhand_tests::harness::{Cli, Desk, Gateway, Meeting, Program, Running, wait};

/// Everything a session needs, signed in.
struct Scene {
    desk: Desk,
    cli: Cli,
    gateway: Gateway,
}

fn scene() -> Scene {
    let gateway = Gateway::start().expect("a gateway");
    let cli = gateway.sign_in(&gateway.technician).expect("a sign-in");
    let desk = Desk::new((1024, 768)).expect("a desk");
    Scene { desk, cli, gateway }
}

/// A terminal in which `cat` writes each line it reads to a file.
fn terminal(desk: &Desk, file: &Path) -> Running {
    let script = format!("cat > '{}'", file.display());
    let program = Program::at("xterm").args(["-geometry", "80x24+40+60", "-e", "sh", "-c", &script]);
    let terminal = desk.start(program).expect("a terminal");
    wait::until("the terminal", STEP, || Ok(file.exists().then_some(()))).expect("a terminal");
    terminal
}

/// How `farhand ARGS` ends: its status and what it said.
fn outcome(cli: &Cli, args: &[&str]) -> (i32, String) {
    let path = farhand_tests::harness::process::binary("farhand").expect("farhand");
    let envs = cli.envs().iter().map(|(key, value)| (key, value));
    let output = Command::new(path).args(args).arg("--json").envs(envs).output().expect("farhand");
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code().unwrap_or(-1), words)
}

/// How an applet that cannot join ends.
fn refusal(mut applet: Running) -> (Option<i32>, String) {
    let status = applet.wait_exit(STEP).expect("the applet ends");
    (status.code(), applet.log())
}

#[test]
fn typed_text_arrives_exactly_and_the_picture_is_the_screen() {
    let scene = scene();
    let file = scene.desk.folder().join("typed");
    let _terminal = terminal(&scene.desk, &file);
    let mut meeting = Meeting::start(&scene.gateway, &scene.cli, &scene.desk, "view,control").expect("a session");
    let id = meeting.session.id.clone();
    scene.cli.text(&["click", &id, "200", "200"]).expect("a click");
    scene
        .cli
        .text(&["type", &id, "Grüße, 日本 🦀 \"$((6*7))\" ~|\\\\n"])
        .expect("typing");
    let line = wait::until("the line", STEP, || {
        let text = fs::read_to_string(&file)?;
        Ok(text.ends_with('\n').then_some(text))
    });
    assert_eq!(line.expect("the line arrives"), "Grüße, 日本 🦀 \"$((6*7))\" ~|\\\n");
    let picture = scene.desk.folder().join("picture.png");
    scene.cli.text(&["screenshot", &id, &picture.to_string_lossy()]).expect("a picture");
    let seen = image::open(&picture).expect("a picture").into_rgb8();
    assert_eq!(seen.dimensions(), (1024, 768));
    assert!(colours(&seen, 3) >= 2, "the picture is blank");
    scene.cli.text(&["session", "close", &id]).expect("the end");
    let end = meeting.wait_end().expect("the applet hears of it");
    assert!(end.to_lowercase().contains("technician"), "{end}");
}

#[test]
fn what_was_not_granted_is_refused_and_the_chat_still_works() {
    let scene = scene();
    let mut meeting = Meeting::start(&scene.gateway, &scene.cli, &scene.desk, "").expect("a session");
    let id = meeting.session.id.clone();
    let picture = scene.desk.folder().join("picture.png");
    let (status, words) = outcome(&scene.cli, &["screenshot", &id, &picture.to_string_lossy()]);
    assert_eq!(status, 4, "{words}");
    assert!(words.contains("permission."), "{words}");
    assert!(!picture.exists());
    let (status, words) = outcome(&scene.cli, &["type", &id, "x"]);
    assert_eq!(status, 4, "{words}");
    scene.cli.text(&["chat", &id, "hello there"]).expect("a chat line");
    let heard = meeting
        .applet
        .wait_line("the chat line", STEP, |line| line.starts_with("chat: ").then(|| line.to_owned()));
    let heard = heard.expect("the line arrives");
    assert!(heard.ends_with(": hello there"), "{heard}");
}

#[test]
fn a_pin_that_is_wrong_or_used_is_refused_with_its_code() {
    let scene = scene();
    let join = |pin: &str| {
        let program = applet(&scene.gateway, &scene.desk, pin, "").expect("an applet");
        scene.desk.start(program.named("refused")).expect("an applet")
    };
    let (status, words) = refusal(join("123456789"));
    assert_eq!(status, Some(5), "{words}");
    assert!(words.contains("code.unknown"), "{words}");
    let session = new_session(&scene.cli, "Maria Diaz", &[]).expect("a session");
    let program = applet(&scene.gateway, &scene.desk, &session.pin, "").expect("an applet");
    let mut first = scene.desk.start(program).expect("an applet");
    first
        .wait_line("the join", STEP, |line| line.starts_with("joined:").then_some(()))
        .expect("the first use");
    let (status, words) = refusal(join(&session.pin));
    assert_eq!(status, Some(7), "{words}");
    assert!(words.contains("code.used"), "{words}");
}

#[test]
fn stop_ends_a_session_without_a_window() {
    let scene = scene();
    let mut meeting = Meeting::start(&scene.gateway, &scene.cli, &scene.desk, "view").expect("a session");
    let stop = Program::farhand("farhand-applet").expect("the applet").envs(scene.desk.envs());
    stop.arg("stop").run().expect("farhand-applet stop");
    let end = meeting.wait_end().expect("the applet ends");
    assert!(end.to_lowercase().contains("customer"), "{end}");
    let status = meeting.applet.wait_exit(STEP).expect("the process ends");
    assert!(status.success(), "{status}");
}
