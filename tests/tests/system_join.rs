//! How a customer comes to a session: by PIN or by link, once, in time; and what is said when not.

mod system_support;

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use farhand_tests::harness::meeting::{NewSession, STEP, new_session};
use farhand_tests::harness::xtest::key;
use farhand_tests::harness::{Desk, Gateway, Program, Query, Running, process, wait};
use serde_json::Value;
use system_support::{SOON, Scene, events, new_customer, outcome, scene, status, wait_event, windowed};

fn applet(scene: &Scene, name: &str, args: &[&str]) -> Running {
    let program = Program::farhand("farhand-applet").expect("the applet").named(name);
    scene
        .desk
        .start(program.arg("--no-window").args(args).envs(scene.gateway.envs()))
        .expect("an applet")
}

fn joined(applet: &mut Running) -> String {
    applet
        .wait_line("the join", STEP, |line| line.strip_prefix("joined: ").map(str::to_owned))
        .expect("the join")
}

fn refused(scene: &Scene, pin: &str) -> (Option<i32>, String) {
    let mut applet = applet(scene, "refused", &["--pin", pin]);
    let status = applet.wait_exit(STEP).expect("the applet ends");
    (status.code(), applet.log())
}

/// The gateway offers the applet under test to customers.
fn offer(gateway: &Gateway) {
    let offered = gateway.data().join("downloads").join("linux-x86_64");
    std::fs::copy(process::binary("farhand-applet").expect("the applet"), &offered).expect("an applet to offer");
}

/// Whoever joins from now on must accept these terms.
fn set_terms(scene: &Scene, text: &str) {
    let file = scene.desk.folder().join("terms.txt");
    std::fs::write(&file, text).expect("the terms");
    Program::farhand("farhand-gateway")
        .expect("the gateway")
        .args(["terms", "set", "--data"])
        .arg(scene.gateway.data())
        .arg("--file")
        .arg(&file)
        .run()
        .expect("the terms are set");
}

/// Downloads the applet as a visitor without scripts does: types the PIN into the gateway's page, follows the download, and saves the file under the
/// name that comes with it. Gives where it lies.
fn download(gateway: &Gateway, pin: &str, folder: &Path) -> PathBuf {
    let script = "import os, re, ssl, sys, urllib.parse, urllib.request\n\
         origin, pin, folder = sys.argv[1:]\n\
         context = ssl._create_unverified_context()\n\
         agent = {'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64)'}\n\
         get = lambda path, data=None: urllib.request.urlopen(urllib.request.Request(origin + path, data, agent), context=context)\n\
         page = get('/join', urllib.parse.urlencode({'pin': pin}).encode()).read().decode()\n\
         file = get(re.search('href=\"(/download/linux-x86_64/[^\"]+)\"', page).group(1))\n\
         path = os.path.join(folder, file.headers.get_filename())\n\
         open(path, 'wb').write(file.read())\n\
         os.chmod(path, 0o755)\n\
         print(path)\n";
    let saved = Program::at("python3")
        .args(["-c", script, gateway.url.trim_end_matches('/'), pin])
        .arg(folder)
        .run()
        .expect("the download");
    PathBuf::from(saved.trim())
}

/// A session's code whose time is over, made so by turning the gateway's data back while it is down.
fn expire(gateway: &mut Gateway, session: &NewSession) {
    gateway.process().terminate().expect("the gateway ends");
    let script = "import sqlite3, sys\n\
         db = sqlite3.connect(sys.argv[1])\n\
         done = db.execute('UPDATE codes SET expires_at = ? WHERE session_id = ?', (int(sys.argv[2]), int(sys.argv[3])))\n\
         assert done.rowcount == 2, done.rowcount\n\
         db.commit()\n";
    let mut data = std::fs::read_dir(gateway.data())
        .expect("the data")
        .flatten()
        .map(|entry| entry.path());
    let database = data.find(|path| path.extension().is_some_and(|e| e == "db" || e == "sqlite" || e == "sqlite3"));
    let past = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time") - Duration::from_secs(1);
    Program::at("python3")
        .args(["-c", script])
        .arg(database.expect("a database"))
        .args([past.as_millis().to_string(), session.id.clone()])
        .run()
        .expect("the code's time is changed");
    gateway.start_again().expect("the gateway again");
}

#[test]
fn a_pin_with_blanks_joins_its_session_and_the_list_shows_the_customer_waiting() {
    let scene = scene();
    let session = new_customer(&scene);
    let pin = format!(" {} {} {} ", &session.pin[..3], &session.pin[3..6], &session.pin[6..]);
    let mut applet = applet(&scene, "applet", &["--pin", &pin, "--grant", "view"]);
    assert!(joined(&mut applet).starts_with(&format!("session {} at ACME with Ada Kern", session.id)));
    wait_until_waiting(&scene, &session.id);
    // What was allowed in advance is on record, as soon as the applet has handed it in.
    wait_event(&scene.cli, &session.id, "consent.in_advance");
}

fn wait_until_waiting(scene: &Scene, id: &str) {
    wait::until("the status", SOON, || {
        Ok((status(&scene.cli, id).as_deref() == Some("waiting")).then_some(()))
    })
    .expect("waiting");
}

#[test]
fn what_is_downloaded_joins_by_its_own_name_and_removes_itself_when_the_session_is_over() {
    let scene = scene();
    offer(&scene.gateway);
    let session = new_customer(&scene);
    let program = download(&scene.gateway, &session.pin, scene.desk.folder());
    assert!(program.is_file(), "{}", program.display());
    // It is told nothing: its name leads to gateway and session.
    let mut applet = scene
        .desk
        .start(Program::at(&program).named("downloaded").args(["--no-window", "--grant", "view"]))
        .expect("the applet");
    assert!(joined(&mut applet).starts_with(&format!("session {} at ACME with Ada Kern", session.id)));
    wait_until_waiting(&scene, &session.id);
    scene.cli.text(&["session", "start", &session.id]).expect("the start");
    assert!(program.is_file(), "it stays as long as it is needed");
    scene.cli.text(&["session", "close", &session.id]).expect("the end");
    let status = applet.wait_exit(STEP).expect("the applet ends");
    assert!(status.success(), "{}", applet.log());
    assert!(!program.exists(), "nothing is left behind");
}

/// STM-28, APP-48.
#[test]
fn a_download_whose_customer_refuses_the_terms_leaves_and_removes_itself_at_once() {
    let scene = scene();
    offer(&scene.gateway);
    set_terms(&scene, "Be kind to each other.\n");
    let session = new_customer(&scene);
    let program = download(&scene.gateway, &session.pin, scene.desk.folder());
    let mut applet = scene.desk.start(Program::at(&program).named("downloaded")).expect("the applet");
    scene.desk.press(&applet, &Query::button("Decline and leave")).expect("the refusal");
    let ended = applet.wait_exit(STEP).expect("the applet leaves by itself");
    assert!(ended.success(), "{}", applet.log());
    assert!(!program.exists(), "nothing is left behind");
    wait::until("the session's end", SOON, || {
        let log = scene.cli.json(&["session", "events", &session.id])?;
        let is_end = |event: &Value| event["kind"] == "session.status" && event["detail"]["new"] == "declined_by_customer";
        Ok(log.as_array().is_some_and(|log| log.iter().any(is_end)).then_some(()))
    })
    .expect("declined by the customer");
}

#[test]
fn a_link_joins_without_any_other_setting() {
    let scene = scene();
    let session = new_customer(&scene);
    let program = Program::farhand("farhand-applet")
        .expect("the applet")
        .args(["--no-window", &session.link]);
    let mut applet = scene.desk.start(program).expect("the applet");
    assert!(joined(&mut applet).starts_with(&format!("session {} at ACME", session.id)));
}

#[test]
fn wrong_used_malformed_and_expired_codes_are_refused_each_with_its_own_status() {
    let mut scene = scene();
    let session = new_customer(&scene);
    let other = if session.pin == "111222333" { "111222334" } else { "111222333" };
    let (status, words) = refused(&scene, other);
    assert!(status == Some(5) && words.contains("code.unknown"), "{status:?} {words}");
    let (status, words) = refused(&scene, "12ab");
    assert!(status == Some(2) && words.contains("code.malformed"), "{status:?} {words}");

    let mut first = applet(&scene, "first", &["--pin", &session.pin]);
    joined(&mut first);
    let (status, words) = refused(&scene, &session.pin);
    assert!(status == Some(7) && words.contains("code.used"), "{status:?} {words}");
    assert!(first.is_running(), "the one who came first is not disturbed");

    let late = new_session(&scene.cli, "Too Late", &["--valid-minutes", "1"]).expect("a session");
    expire(&mut scene.gateway, &late);
    let (status, words) = refused(&scene, &late.pin);
    assert!(status == Some(7) && words.contains("code.expired"), "{status:?} {words}");
    let mut link = scene
        .desk
        .start(
            Program::farhand("farhand-applet")
                .expect("the applet")
                .named("late")
                .args(["--no-window", &late.link]),
        )
        .expect("an applet");
    let status = link.wait_exit(STEP).expect("the applet ends").code();
    assert!(
        status == Some(7) && link.log().contains("code.expired"),
        "{status:?} {}",
        link.log()
    );
}

#[test]
fn a_gateway_under_another_trust_value_is_refused_before_anything_is_sent() {
    let scene = scene();
    let session = new_customer(&scene);
    let stranger = Gateway::start().expect("another gateway");
    let program = Program::farhand("farhand-applet")
        .expect("the applet")
        .args(["--no-window", "--pin", &session.pin]);
    let wrong = program
        .clone()
        .named("wrong")
        .env("FARHAND_GATEWAY", &scene.gateway.url)
        .env("FARHAND_TRUST", &stranger.trust);
    let none = program.named("none").env("FARHAND_GATEWAY", &scene.gateway.url);
    for (program, code) in [(wrong, "gateway.untrusted"), (none, "gateway.trust_needed")] {
        let mut applet = scene.desk.start(program).expect("an applet");
        let status = applet.wait_exit(STEP).expect("the applet ends").code();
        assert!(status == Some(4) && applet.log().contains(code), "{status:?} {}", applet.log());
    }
    let log = events(&scene.cli, &session.id);
    assert!(!log.iter().any(|event| event["actor"] == "customer"), "{log:#?}");
}

#[test]
fn the_technicians_commands_end_with_the_status_of_their_error() {
    let scene = scene();
    assert_eq!(
        outcome(&scene.cli, &["session", "start", "4711"]),
        (5, "session.unknown".to_owned())
    );
    let session = new_customer(&scene);
    assert_eq!(
        outcome(&scene.cli, &["session", "start", &session.id]),
        (6, "session.refused_transition".to_owned())
    );
    scene.cli.text(&["session", "close", &session.id]).expect("the end");
    let (status, code) = outcome(&scene.cli, &["session", "hold", &session.id]);
    assert!(
        matches!((status, code.as_str()), (6, "session.refused_transition") | (7, "session.ended")),
        "{status} {code}"
    );
    let stranger = scene.cli.clone().env("FARHAND_TOKEN", "nobody");
    assert_eq!(outcome(&stranger, &["session", "list"]), (3, "auth.not_signed_in".to_owned()));
    let (status, words) = refused(&scene, &session.pin);
    assert!(matches!(status, Some(5 | 7)), "{status:?} {words}");
}

#[test]
fn a_window_says_why_a_pin_is_not_good_and_takes_the_right_one_then() {
    let mut scene = Scene {
        desk: Desk::new((800, 900)).expect("a desk"),
        ..scene()
    };
    let session = new_customer(&scene);
    let wrong = NewSession {
        pin: "999999999".to_owned(),
        ..session.clone()
    };
    let applet = windowed(&scene, &wrong, &[]);
    scene.desk.find(&applet, &Query::containing("No session")).expect("the reason");
    let field = Query::field("Code");
    scene.desk.press(&applet, &field).expect("the field");
    scene.desk.find(&applet, &field.focused()).expect("the field has the keyboard");
    scene.desk.hands.tap(key::END).expect("End");
    for _ in 0..12 {
        scene.desk.hands.tap(key::BACKSPACE).expect("Backspace");
    }
    scene.desk.hands.type_text(&session.pin).expect("typing");
    scene.desk.press(&applet, &Query::button("Connect")).expect("Connect");
    scene
        .desk
        .find(&applet, &Query::containing("Waiting for"))
        .expect("the waiting page");
}
