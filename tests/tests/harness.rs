//! The harness itself, tried on programs that are not ours: a terminal that takes what is typed, an
//! editor whose controls are found by label, and a display inside a display.

mod system_support;

use std::fs;
use std::time::Duration;

use farhand_tests::harness::screen::colours;
use farhand_tests::harness::{Desk, Program, Query, wait};
use system_support::click_into;

const PATIENCE: Duration = Duration::from_secs(30);

/// Starts a terminal whose shell copies each line it reads into a file.
fn terminal_that_writes(desk: &Desk, path: &std::path::Path) -> farhand_tests::harness::Running {
    let script = format!("cat > '{}'", path.display());
    let program = Program::at("xterm").args(["-e", "sh", "-c", &script]);
    let terminal = desk.start(program).expect("a terminal");
    desk.screen
        .wait_for("the terminal's window", PATIENCE, |image| colours(image, 3) >= 2)
        .expect("a window");
    terminal
}

#[test]
fn what_is_typed_by_xtest_arrives_in_a_terminal() {
    let mut desk = Desk::new((800, 600)).expect("a desk");
    let file = desk.folder().join("typed");
    let _terminal = terminal_that_writes(&desk, &file);
    desk.hands.click(200, 200).expect("a click");
    let line = "echo \"$((6*7))\" > Grüße_日本; ~|\\{}";
    wait::until("the terminal to read", PATIENCE, || Ok(file.exists().then_some(()))).expect("cat");
    desk.hands.type_text(&format!("{line}\n")).expect("typing");
    let arrived = wait::until("the line", PATIENCE, || {
        let text = fs::read_to_string(&file)?;
        Ok(text.ends_with('\n').then_some(text))
    });
    assert_eq!(arrived.expect("the line arrived"), format!("{line}\n"));
}

#[test]
fn a_control_is_found_by_its_label_and_pressed_where_it_lies() {
    let desk = Desk::new((800, 600)).expect("a desk");
    let program = Program::at("l3afpad");
    let editor = desk.start(program).expect("an editor");
    desk.find(&editor, &Query::label("Help").showing()).expect("the menu bar");
    let pressed = desk.press(&editor, &Query::label("Help")).expect("a press");
    assert!(pressed.bounds.width > 10 && pressed.bounds.height > 10, "{:?}", pressed.bounds);
    desk.find(&editor, &Query::containing("About").showing()).expect("the open menu");
}

#[test]
fn a_missing_control_is_reported_with_what_is_there_instead() {
    let desk = Desk::new((640, 480)).expect("a desk");
    let editor = desk.start(Program::at("l3afpad")).expect("an editor");
    desk.find(&editor, &Query::label("Help")).expect("the window");
    let missing = Query::button("Launch the rocket");
    let error = desk
        .accessibility
        .find(editor.pid(), &missing, Duration::from_millis(50))
        .expect_err("there is none");
    let words = format!("{error:#}");
    assert!(words.contains("Launch the rocket") && words.contains("\"Help\""), "{words}");
}

#[test]
fn a_key_pressed_outside_arrives_inside_a_nested_display() {
    let mut outer = Desk::new((1000, 800)).expect("a desk");
    let inner = Desk::nested(outer.display().name(), "inner", (800, 600)).expect("a nested desk");
    let file = inner.folder().join("typed");
    let terminal = terminal_that_writes(&inner, &file);
    wait::until("the terminal to read", PATIENCE, || Ok(file.exists().then_some(()))).expect("cat");
    // Keys that came before the click has done its work would go nowhere.
    click_into(&outer, 500, 400);
    inner.hands.click(200, 200).expect("a click");
    inner.windows.wait_active(terminal.pid()).expect("the terminal has the keyboard");
    outer.hands.type_text("from outside\n").expect("typing");
    let arrived = wait::until("the line", PATIENCE, || {
        let text = fs::read_to_string(&file)?;
        Ok(text.ends_with('\n').then_some(text))
    });
    assert_eq!(arrived.expect("the line arrived"), "from outside\n");
}

#[test]
fn a_program_ends_with_its_whole_group_when_its_value_goes() {
    let folder = tempfile::tempdir().expect("a folder");
    let script = "sleep 1000 & echo $!; wait";
    let program = Program::at("sh").args(["-c", script]);
    let mut shell = program.spawn(folder.path()).expect("a shell");
    let child: i32 = shell
        .wait_line("the child's id", PATIENCE, |line| line.trim().parse().ok())
        .expect("the child's id");
    let there = || nix::sys::signal::kill(nix::unistd::Pid::from_raw(child), None).is_ok();
    assert!(there());
    drop(shell);
    // A killed orphan may stay a zombie where nothing reaps; its state says it is dead.
    wait::until("the child's end", PATIENCE, || {
        let stat = fs::read_to_string(format!("/proc/{child}/stat")).unwrap_or_default();
        Ok((!there() || stat.contains(") Z ")).then_some(()))
    })
    .expect("the child ended");
}
