//! Whole sessions between real processes, without windows: gateway, applet with what it allows given in
//! advance, and the command line as technician.

mod system_support;

use farhand_tests::harness::Meeting;
use farhand_tests::harness::meeting::STEP;
use farhand_tests::harness::screen::colours;
use system_support::{click_into, lines_of, outcome, scene, terminal};

#[test]
fn typed_text_arrives_exactly_and_the_picture_is_the_screen() {
    let scene = scene();
    let file = scene.desk.folder().join("typed");
    let _terminal = terminal(&scene.desk, &file);
    let mut meeting = Meeting::start(&scene.gateway, &scene.cli, &scene.desk, "view,control").expect("a session");
    let id = meeting.session.id.clone();
    click_into(&scene.desk, 200, 300);
    scene
        .cli
        .text(&["type", &id, "Grüße, 日本 🦀 \"$((6*7))\" ~|\\\\\\n"])
        .expect("typing");
    assert_eq!(lines_of(&file), "Grüße, 日本 🦀 \"$((6*7))\" ~|\\\n");
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
