//! The customer's window, worked as a customer would: found by label, pressed and typed into by XTEST.

use std::fs;

use farhand_tests::harness::meeting::{STEP, new_session};
use farhand_tests::harness::{Desk, Gateway, Program, Query, wait};

#[test]
fn a_customer_types_the_pin_allows_control_and_stops_it() {
    let gateway = Gateway::start().expect("a gateway");
    let cli = gateway.sign_in(&gateway.technician).expect("a sign-in");
    let mut desk = Desk::new((1024, 768)).expect("a desk");
    let file = desk.folder().join("typed");
    let script = format!("cat > '{}'", file.display());
    let program = Program::at("xterm").args(["-geometry", "60x20+10+30", "-e", "sh", "-c", &script]);
    let _terminal = desk.start(program).expect("a terminal");
    wait::until("the terminal", STEP, || Ok(file.exists().then_some(()))).expect("a terminal");

    let session = new_session(&cli, "Maria Diaz", &[]).expect("a session");
    let program = Program::farhand("farhand-applet").expect("the applet").envs(gateway.envs());
    let applet = desk.start(program).expect("the applet");
    desk.fill(&applet, &Query::field("Code"), &session.pin).expect("the code");
    desk.press(&applet, &Query::button("Connect")).expect("Connect");
    desk.find(&applet, &Query::containing("Waiting for")).expect("the waiting page");
    wait::until("the customer in the queue", STEP, || {
        let list = cli.json(&["session", "list"])?;
        let waits = list[0]["status"].as_str().is_some_and(|status| status == "waiting");
        Ok(waits.then_some(()))
    })
    .expect("the customer waits");
    cli.text(&["session", "start", &session.id]).expect("the start");
    desk.find(&applet, &Query::button("STOP")).expect("the session page");

    let typing = cli.start(&["type", &session.id, "by leave\\n"], desk.folder()).expect("farhand");
    let mut typing = typing;
    // The terminal must have the keyboard when the answer is given, not the applet.
    desk.press(&applet, &Query::button("Allow")).expect("Allow");
    desk.hands.click(100, 120).expect("a click into the terminal");
    let status = typing.wait_exit(STEP).expect("farhand type ends");
    assert!(status.success(), "{}", typing.log());
    let line = wait::until("the line", STEP, || {
        Ok(fs::read_to_string(&file).ok().filter(|text| text.ends_with('\n')))
    });
    assert_eq!(line.expect("the line"), "by leave\n");

    desk.press(&applet, &Query::button("STOP")).expect("STOP");
    desk.find(&applet, &Query::containing("Nobody sees your screen"))
        .expect("all taken back");
    desk.screen.save(&desk.folder().join("stopped.png")).expect("a picture");
}
