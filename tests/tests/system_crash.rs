//! Programs that are killed with -9 and come back: the gateway, the applet, the technician's engine. Nothing that was written is lost, the customer
//! is not asked again, and the picture comes back. And several technicians and sessions at once.

mod system_support;

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use farhand_protocol::api::SessionEvent;
use farhand_protocol::chain::{Body, ChainEntry, LinkHash, verify};
use farhand_protocol::input::InputEvent;
use farhand_protocol::wire::from_cbor;
use farhand_tests::harness::meeting::{Meeting, STEP, applet};
use farhand_tests::harness::puppet::Order;
use farhand_tests::harness::{Desk, Gateway, Program, Puppet, Query, Running, wait};
use serde_json::Value;
use system_support::{
    Attended, Scene, answer, click_into, count, events, held, lines_of, new_customer, outcome, restless_terminal, run_in_terminal, scene,
    technician, terminal, wait_event, wait_waiting,
};

/// From its restart on everything must be back within this time.
const BACK: Duration = Duration::from_secs(10);

/// A session without windows whose links go one way only, with a picture that changes ten times a second.
fn watched(scene: &Scene, route: &str) -> (Running, Running, String, Puppet) {
    let restless = restless_terminal(&scene.desk);
    let session = new_customer(scene);
    let program = applet(&scene.gateway, &scene.desk, &session.pin, "view,control").expect("an applet");
    let mut applet = scene.desk.start(program.env("FARHAND_ROUTE", route)).expect("an applet");
    wait_waiting(&mut applet);
    scene.cli.text(&["session", "start", &session.id]).expect("the start");
    let mut technician =
        Puppet::start_in(&scene.cli, scene.desk.folder(), "technician", &[], &[("FARHAND_ROUTE", route)]).expect("a technician");
    technician.open(&session.id, STEP).expect("the link");
    technician.view(&session.id, STEP).expect("the picture");
    wait_pictures(&technician, 20);
    (restless, applet, session.id, technician)
}

fn pictures(technician: &Puppet) -> Vec<u64> {
    let events = technician.events();
    events
        .iter()
        .filter(|said| said["event"] == "picture")
        .filter_map(|said| said["at_millis"].as_u64())
        .collect()
}

fn wait_pictures(technician: &Puppet, more: usize) {
    let before = pictures(technician).len();
    wait::until(&format!("{more} more pictures"), STEP, || {
        Ok((pictures(technician).len() >= before + more).then_some(()))
    })
    .expect("pictures");
}

#[test]
fn on_a_direct_path_the_picture_goes_on_while_the_gateway_is_dead() {
    let mut scene = scene();
    let (_restless, _applet, session, technician) = watched(&scene, "direct");
    let before = pictures(&technician).len();
    scene.gateway.kill_hard().expect("the end of the gateway");
    wait_pictures(&technician, 30);
    scene.gateway.start_again().expect("the gateway again");
    wait_pictures(&technician, 30);
    let at = pictures(&technician);
    let longest = at[before - 1..].windows(2).map(|pair| pair[1] - pair[0]).max().expect("pictures");
    assert!(longest < 1_500, "the longest gap was {longest} ms");
    let lost = technician
        .events()
        .iter()
        .filter(|said| matches!(said["event"].as_str(), Some("lost" | "ended" | "stalled")))
        .count();
    assert_eq!(lost, 0, "{:#?}", technician.events());
    assert_eq!(count(&events(&scene.cli, &session), "view.ended"), 0);
}

#[test]
fn on_a_relayed_path_the_picture_is_back_within_ten_seconds_of_the_restart() {
    let mut scene = scene();
    let (_restless, _applet, session, mut technician) = watched(&scene, "relay");
    for _ in 0..2 {
        scene.gateway.kill_hard().expect("the end of the gateway");
        let told = technician.told();
        technician
            .wait_after(told, &session, "stalled", STEP, |_| true)
            .expect("the technician is told that nothing comes");
        // From the moment it is started, not from when it says that it serves.
        let (restarted, before) = (Instant::now(), technician.told());
        scene.gateway.start_again().expect("the gateway again");
        let left = BACK.saturating_sub(restarted.elapsed());
        technician
            .wait_after(before, &session, "picture", left, |_| true)
            .expect("the picture is back");
        wait_pictures(&technician, 10);
    }
    assert_eq!(count(&events(&scene.cli, &session), "consent.asked"), 0);
}

/// Every whole link of a chain on disk.
fn chain(folder: &Path) -> Vec<ChainEntry> {
    let bytes = fs::read(folder.join("chain")).unwrap_or_default();
    let (mut entries, mut rest) = (Vec::new(), bytes.as_slice());
    while let Some((head, after)) = rest.split_first_chunk::<4>() {
        let Some((body, next)) = after.split_at_checked(u32::from_be_bytes(*head) as usize) else {
            break;
        };
        entries.push(from_cbor(body).expect("a link of the chain"));
        rest = next;
    }
    entries
}

fn journals(below: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(below).expect("the journals");
    entries.flatten().map(|entry| entry.path()).collect()
}

/// The rows of one chain among those of a session.
fn rows_of<'a>(rows: &'a [Value], origin: &str) -> Vec<&'a Value> {
    rows.iter().filter(|row| row["origin"] == origin).collect()
}

/// The link that a row of the gateway tells of, behind the one with this hash: everything a row says goes into it.
fn link_of(row: &Value, prev: LinkHash) -> ChainEntry {
    let row: SessionEvent = serde_json::from_value(row.clone()).expect("a row");
    ChainEntry {
        origin: row.origin.parse().expect("an origin"),
        session_id: row.session_id,
        seq: row.seq,
        occurred_at: row.occurred_at,
        prev,
        kind: row.kind,
        body: Body::from_value(&row.detail).expect("what the kind tells"),
    }
}

#[test]
fn both_peers_chains_equal_the_gateways_rows_after_two_hundred_events_and_twenty_kills() {
    let mut scene = scene();
    let session = new_customer(&scene);
    let state = scene.desk.folder().join("customer.state");
    let program = applet(&scene.gateway, &scene.desk, &session.pin, "view").expect("an applet");
    let mut applet = scene.desk.start(program.env("FARHAND_STATE", &state)).expect("an applet");
    wait_waiting(&mut applet);
    scene.cli.text(&["session", "start", &session.id]).expect("the start");
    let mut technician = technician(&scene);
    technician.open(&session.id, STEP).expect("the link");
    let own = technician_state(&scene).join("state/console");
    for round in 0..20 {
        // Chat is written down where the customer is, seeing and leaving off on both sides.
        let mut write = |lines: Range<u32>| {
            for line in lines {
                let text = format!("line {line} of round {round}");
                technician.tell(&session.id, Order::Chat { text }).expect("a line");
            }
            for on in [true, false] {
                technician.tell(&session.id, Order::View { on }).expect("a wish");
            }
        };
        write(0..5);
        scene.gateway.kill_hard().expect("the end of the gateway");
        write(5..10);
        scene.gateway.start_again().expect("the gateway again");
    }
    let customers = state.join("state/applet").join(&session.id).join("journal");
    let lines = |entries: &[ChainEntry]| entries.iter().filter(|entry| entry.kind == "chat.line").count();
    let views = |entries: &[ChainEntry]| entries.iter().filter(|entry| entry.kind.starts_with("view.")).count();
    let both = wait::until("two hundred lines, and every look on both sides", STEP, || {
        let technicians = journals(&own).into_iter().next().map(|folder| chain(&folder)).unwrap_or_default();
        let customers = chain(&customers);
        let is_all = lines(&customers) == 200 && views(&technicians) >= 40 && views(&customers) >= 40;
        Ok(is_all.then_some([technicians, customers]))
    });
    let both = both.unwrap_or_else(|error| {
        let here: Vec<usize> = journals(&own).iter().map(|folder| views(&chain(folder))).collect();
        let there = chain(&customers);
        panic!(
            "{error:#}: {here:?} here, {} and {} there\n{}",
            lines(&there),
            views(&there),
            technician.process.log()
        );
    });
    for entries in both {
        let origin = entries[0].origin.to_string();
        verify(&entries).expect("the chain holds");
        let same = wait::until(&format!("the rows of {origin}"), STEP, || {
            let all = scene.cli.json(&["session", "events", &session.id])?;
            let rows = rows_of(all.as_array().map_or(&[], Vec::as_slice), &origin).len();
            if rows == entries.len() {
                Ok(Some(all))
            } else {
                Err(anyhow::anyhow!("{rows} rows for {} links", entries.len()))
            }
        });
        let all = same.expect("every link is stored");
        let rows = rows_of(all.as_array().expect("a list"), &origin);
        let mut prev = LinkHash::START;
        for (entry, row) in entries.iter().zip(rows) {
            let link = link_of(row, prev);
            assert_eq!(&link, entry, "in order, each once, and the same in every part");
            prev = link.hash();
            assert_eq!(
                row["hash"],
                prev.to_string(),
                "link {} of {origin} counted again from its row",
                entry.seq
            );
        }
    }
}

fn technician_state(scene: &Scene) -> PathBuf {
    scene.desk.folder().join("technician.state")
}

#[test]
fn a_killed_applet_that_is_opened_again_is_back_in_its_session_and_asks_nothing_again() {
    let scene = scene();
    let file = scene.desk.folder().join("typed");
    let _terminal = terminal(&scene.desk, &file);
    let mut attended = Attended::start(&scene, &[]);
    attended.allow_control(&scene);
    let Attended {
        session,
        mut applet,
        mut technician,
    } = attended;
    let told = technician.told();
    applet.kill_hard().expect("the end of the applet");
    let again = Program::farhand("farhand-applet").expect("the applet").named("again");
    let again = scene.desk.start(again).expect("the applet again");
    scene
        .desk
        .find(&again, &Query::button("STOP"))
        .expect("it is back in its session without a code");
    technician
        .wait_after(told, &session.id, "welcome", STEP, |_| true)
        .expect("the link is back");
    click_into(&scene.desk, 200, 300);
    technician
        .act(&session.id, InputEvent::Text("after the crash\n".to_owned()))
        .expect("typing");
    assert_eq!(lines_of(&file), "after the crash\n");
    wait_event(&scene.cli, &session.id, "link.up");
    let log = events(&scene.cli, &session.id);
    assert_eq!(count(&log, "consent.asked"), 1, "{log:#?}");
}

#[test]
fn a_killed_applet_without_a_window_that_is_started_by_the_same_words_is_back_in_its_session() {
    let scene = scene();
    let file = scene.desk.folder().join("typed");
    let _terminal = terminal(&scene.desk, &file);
    let (mut meeting, mut technician) = held(&scene);
    let id = meeting.session.id.clone();
    let told = technician.told();
    meeting.applet.kill_hard().expect("the end of the applet");
    // As whoever looks after it starts it again: by the same words, although the PIN is used.
    let again = applet(&scene.gateway, &scene.desk, &meeting.session.pin, "view,control").expect("an applet");
    let mut again = scene.desk.start(again.named("again")).expect("the applet again");
    again
        .wait_line("its session", STEP, |line| {
            line.starts_with(&format!("joined: session {id} ")).then_some(())
        })
        .expect("it is back in its session");
    technician
        .wait_after(told, &id, "welcome", STEP, |_| true)
        .expect("the link is back");
    technician.control(&id, STEP).expect("control");
    click_into(&scene.desk, 200, 300);
    technician
        .act(&id, InputEvent::Text("after the crash\n".to_owned()))
        .expect("typing");
    assert_eq!(lines_of(&file), "after the crash\n");
    technician.view(&id, STEP).expect("the picture");
    let log = events(&scene.cli, &id);
    assert_eq!((count(&log, "consent.asked"), count(&log, "consent.refused")), (0, 0), "{log:#?}");
}

#[test]
fn a_killed_technicians_program_is_back_under_the_same_consent() {
    let scene = scene();
    let Attended {
        session,
        applet,
        mut technician,
    } = Attended::start(&scene, &[]);
    technician.tell(&session.id, Order::View { on: true }).expect("the wish");
    answer(&scene.desk, &applet, "Allow");
    technician.wait(&session.id, "picture", STEP).expect("the picture");
    technician.process.kill_hard().expect("the end of the technician's program");
    let mut again = Puppet::start(&scene.cli, scene.desk.folder(), "technician").expect("the technician again");
    again.open(&session.id, STEP).expect("the link");
    again.view(&session.id, STEP).expect("the picture without a question");
    scene
        .cli
        .text(&["screenshot", &session.id, &scene.desk.folder().join("seen.png").to_string_lossy()])
        .expect("the command line too");
    let log = events(&scene.cli, &session.id);
    assert_eq!(count(&log, "consent.asked"), 1, "{log:#?}");
    // What the killed program had written and not uploaded is not lost.
    wait::until("every journal is uploaded", STEP, || {
        let left = journals(&technician_state(&scene).join("state/console"));
        let waiting = left.iter().filter(|folder| {
            let stored: u64 = fs::read_to_string(folder.join("stored"))
                .ok()
                .and_then(|text| text.trim().parse().ok())
                .unwrap_or_default();
            chain(folder).last().is_some_and(|last| last.seq > stored)
        });
        Ok((waiting.count() == 0).then_some(()))
    })
    .expect("every journal is uploaded");
}

#[test]
fn two_technicians_hold_three_sessions_at_once_and_nothing_gets_mixed_up() {
    let gateway = Gateway::start().expect("a gateway");
    let ada = gateway.sign_in(&gateway.technician).expect("a sign-in");
    let ben = gateway
        .sign_in(&gateway.add_technician("Ben Roth").expect("Ben"))
        .expect("a sign-in");
    let desks: Vec<Desk> = (0..3).map(|_| Desk::new((800, 600)).expect("a desk")).collect();
    let owners = [&ada, &ada, &ben];
    let mut sessions = Vec::new();
    for (desk, cli) in desks.iter().zip(owners) {
        let file = desk.folder().join("typed");
        let terminal = run_in_terminal(desk, &format!("cat > '{}'", file.display()), &file);
        click_into(desk, 200, 300);
        let meeting = Meeting::start(&gateway, cli, desk, "view,control").expect("a session");
        sessions.push((meeting, file, terminal));
    }
    let mut puppets = [
        Puppet::start(&ada, desks[0].folder(), "technician").expect("Ada"),
        Puppet::start(&ben, desks[2].folder(), "technician").expect("Ben"),
    ];
    for (at, (meeting, ..)) in sessions.iter().enumerate() {
        let puppet = &mut puppets[at / 2];
        puppet.open(&meeting.session.id, STEP).expect("the link");
        puppet.control(&meeting.session.id, STEP).expect("control");
        puppet.view(&meeting.session.id, STEP).expect("the picture");
    }
    for round in 0..5 {
        for (at, (meeting, ..)) in sessions.iter().enumerate() {
            puppets[at / 2]
                .act(&meeting.session.id, InputEvent::Text(format!("{round} for {at}\n")))
                .expect("typing");
        }
    }
    for (at, (_, file, _)) in sessions.iter().enumerate() {
        let whole: String = (0..5).map(|round| format!("{round} for {at}\n")).collect();
        wait::until("the lines", STEP, || Ok((fs::read_to_string(file)? == whole).then_some(())))
            .unwrap_or_else(|e| panic!("{e:#}: {:?}", lines_of(file)));
    }
    // Ben is no part of Ada's session.
    let foreign = sessions[0].0.session.id.clone();
    let picture = desks[2].folder().join("foreign.png");
    let (status, code) = outcome(&ben, &["screenshot", &foreign, &picture.to_string_lossy()]);
    assert!(
        matches!((status, code.as_str()), (5, "session.unknown") | (4, "session.not_participant")) && !picture.exists(),
        "{status} {code}"
    );
    // One ends, the others go on.
    ada.text(&["session", "close", &foreign]).expect("the end");
    sessions[0].0.wait_end().expect("the applet hears of it");
    thread::yield_now();
    for (at, (meeting, file, _)) in sessions.iter().enumerate().skip(1) {
        puppets[at / 2]
            .act(&meeting.session.id, InputEvent::Text("still here\n".to_owned()))
            .expect("typing");
        wait::until("the line", STEP, || {
            Ok(fs::read_to_string(file)?.ends_with("still here\n").then_some(()))
        })
        .expect("the line");
    }
}
