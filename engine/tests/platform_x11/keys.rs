//! Keys, buttons and wheel arrive as they should, or not at all.

use super::*;

const CONTROL: u8 = 4;

fn hearing() -> (XServer, Client, X11Input) {
    let server = XServer::virtual_screen(640, 480);
    let client = Client::with_window(&server, Rect::new(0, 0, 640, 480));
    let input = X11Input::open(server.display()).unwrap();
    (server, client, input)
}

#[test]
fn shortcuts_press_the_key_that_means_them() {
    let (server, client, mut input) = hearing();
    done(&mut input, here(0xe0, Press::Down, "Control", None));
    done(&mut input, here(0x06, Press::Down, "c", None));
    done(&mut input, here(0x06, Press::Up, "c", None));
    done(&mut input, here(0xe0, Press::Up, "Control", None));
    assert_eq!(
        client.heard(),
        [
            Heard::Key(37, 0, true),
            Heard::Key(54, CONTROL, true),
            Heard::Key(54, CONTROL, false),
            Heard::Key(37, CONTROL, false)
        ]
    );
    // On a German host Ctrl+Z of a technician with a US keyboard is where "z" lies there.
    server.run("setxkbmap", &["de"]);
    done(&mut input, here(0xe0, Press::Down, "Control", None));
    done(&mut input, here(0x1d, Press::Down, "z", Some("z")));
    done(&mut input, here(0x1d, Press::Up, "z", None));
    done(&mut input, here(0xe0, Press::Up, "Control", None));
    let codes: Vec<Heard> = client.heard();
    assert!(codes.contains(&Heard::Key(29, CONTROL, true)), "{codes:?}");
}

#[test]
fn a_shortcut_of_another_alphabet_falls_back_to_the_position() {
    let (_server, client, mut input) = hearing();
    done(&mut input, here(0xe0, Press::Down, "Control", None));
    done(&mut input, here(0x06, Press::Down, "с", None));
    done(&mut input, InputEvent::ReleaseAll);
    assert!(client.heard().contains(&Heard::Key(54, CONTROL, true)));
    assert!(!input.is_holding());
}

#[test]
fn everything_held_is_released_at_once() {
    let (_server, client, mut input) = hearing();
    done(&mut input, there(0xe1, Press::Down));
    done(&mut input, there(0x04, Press::Down));
    done(
        &mut input,
        InputEvent::PointerButton {
            epoch: 1,
            pos: Point { x: 5, y: 5 },
            button: Button::Left,
            press: Press::Down,
        },
    );
    assert!(input.is_holding());
    client.heard();
    input.release_all().unwrap();
    handled(&mut input);
    assert!(!input.is_holding());
    let heard = client.heard();
    let is_up = |code| heard.iter().any(|h| matches!(h, Heard::Key(c, _, false) if *c == code));
    assert!(is_up(50) && is_up(38) && heard.contains(&Heard::Button(1, false)), "{heard:?}");
    done(&mut input, there(0x04, Press::Up));
    assert!(client.heard().is_empty(), "a release of what is not held is nothing");
}

#[test]
fn dropping_the_sink_releases_what_it_holds() {
    let (_server, client, mut input) = hearing();
    done(&mut input, there(0x04, Press::Down));
    drop(input);
    wait_until("the release", || {
        client.heard().iter().any(|h| matches!(h, Heard::Key(38, _, false)))
    });
}

#[test]
fn whoever_comes_after_a_crash_releases_what_was_held_and_bound() {
    let (server, client, mut input) = hearing();
    let bound = || {
        client
            .conn
            .get_keyboard_mapping(8, 248)
            .unwrap()
            .reply()
            .unwrap()
            .keysyms
            .iter()
            .filter(|s| **s == 0x0100_6f22)
            .count()
    };
    done(&mut input, InputEvent::Text("漢".to_owned()));
    done(&mut input, there(0x04, Press::Down));
    assert!(bound() > 0);
    // The server closes the connection of the sink, as when its process is killed.
    let registry = client
        .conn
        .intern_atom(false, b"_FARHAND_SPARE_KEYS")
        .unwrap()
        .reply()
        .unwrap()
        .atom;
    let entries = client
        .conn
        .get_property(false, client.root, registry, AtomEnum::CARDINAL, 0, 2)
        .unwrap()
        .reply()
        .unwrap();
    client.conn.kill_client(entries.value32().unwrap().next().unwrap()).unwrap();
    client.heard();
    drop(input);
    assert!(bound() > 0);
    let _input = X11Input::open(server.display()).unwrap();
    assert_eq!(bound(), 0);
    assert!(client.heard().iter().any(|h| matches!(h, Heard::Key(38, _, false))));
}

#[test]
fn the_host_never_repeats_a_held_key_by_itself() {
    let (_server, client, mut input) = hearing();
    done(&mut input, there(0x04, Press::Down));
    // The server's own repeat starts after 660 ms.
    std::thread::sleep(Duration::from_millis(1500));
    assert_eq!(client.heard().len(), 1);
    done(&mut input, there(0x04, Press::Down));
    let heard = client.heard();
    assert_eq!(
        heard.iter().filter(|h| matches!(h, Heard::Key(38, _, true))).count(),
        1,
        "{heard:?}"
    );
    done(&mut input, there(0x04, Press::Up));
}

#[test]
fn stop_keys_are_refused_and_nothing_is_pressed() {
    let (_server, client, mut input) = hearing();
    refused(&mut input, there(0x48, Press::Down), InputRefusal::StopKey);
    refused(&mut input, here(0, Press::Down, "Pause", None), InputRefusal::StopKey);
    assert!(client.heard().is_empty());
    for (usage, name) in [(0xe0, "Control"), (0xe2, "Alt"), (0xe1, "Shift")] {
        done(&mut input, here(usage, Press::Down, name, None));
    }
    client.heard();
    refused(&mut input, there(0x1b, Press::Down), InputRefusal::StopKey);
    refused(&mut input, here(0, Press::Down, "X", Some("X")), InputRefusal::StopKey);
    assert!(client.heard().is_empty());
    done(&mut input, there(0x1c, Press::Down));
    assert!(!client.heard().is_empty());
}

#[test]
fn windows_of_this_process_are_left_alone() {
    let (_server, client, mut input) = hearing();
    client.claim();
    let click = |press| InputEvent::PointerButton {
        epoch: 1,
        pos: Point { x: 50, y: 50 },
        button: Button::Left,
        press,
    };
    refused(&mut input, click(Press::Down), InputRefusal::OwnWindow);
    refused(
        &mut input,
        InputEvent::Wheel {
            epoch: 1,
            pos: Point { x: 50, y: 50 },
            dx: 0,
            dy: 120,
        },
        InputRefusal::OwnWindow,
    );
    refused(&mut input, there(0x28, Press::Down), InputRefusal::OwnWindow);
    refused(&mut input, here(0x2c, Press::Down, " ", Some(" ")), InputRefusal::OwnWindow);
    refused(&mut input, InputEvent::Text("yes".to_owned()), InputRefusal::OwnWindow);
    done(&mut input, click(Press::Up));
    let heard = client.heard();
    assert!(heard.iter().all(|h| matches!(h, Heard::Motion(..))), "{heard:?}");
    assert!(!input.is_holding());
}

#[test]
fn a_drag_is_a_press_motions_and_a_release_in_order() {
    let (_server, client, mut input) = hearing();
    let button = |x, press| InputEvent::PointerButton {
        epoch: 1,
        pos: Point { x, y: 10 },
        button: Button::Left,
        press,
    };
    done(&mut input, button(10, Press::Down));
    for x in [20, 30, 40] {
        done(
            &mut input,
            InputEvent::PointerMove {
                epoch: 1,
                pos: Point { x, y: 10 },
            },
        );
    }
    done(&mut input, button(50, Press::Up));
    let heard = client.heard();
    let order = [
        Heard::Button(1, true),
        Heard::Motion(20, 10),
        Heard::Motion(30, 10),
        Heard::Motion(40, 10),
        Heard::Motion(50, 10),
        Heard::Button(1, false),
    ];
    let from = heard.iter().position(|h| *h == order[0]).expect("a press");
    assert_eq!(heard[from..], order);
}

#[test]
fn the_wheel_turns_both_ways_by_whole_detents() {
    let (_server, client, mut input) = hearing();
    let turn = |dx, dy| InputEvent::Wheel {
        epoch: 1,
        pos: Point { x: 10, y: 10 },
        dx,
        dy,
    };
    for event in [turn(0, 60), turn(0, 60), turn(0, -240), turn(120, 0), turn(-120, 0)] {
        done(&mut input, event);
    }
    let presses: Vec<u8> = client
        .heard()
        .iter()
        .filter_map(|h| if let Heard::Button(n, true) = h { Some(*n) } else { None })
        .collect();
    assert_eq!(presses, [4, 5, 5, 7, 6]);
}

#[test]
fn positions_of_another_layout_are_dropped_but_buttons_come_up() {
    let (_server, client, mut input) = hearing();
    let button = |epoch, press| InputEvent::PointerButton {
        epoch,
        pos: Point { x: 9, y: 9 },
        button: Button::Right,
        press,
    };
    done(&mut input, button(1, Press::Down));
    client.heard();
    refused(
        &mut input,
        InputEvent::PointerMove {
            epoch: 2,
            pos: Point { x: 99, y: 99 },
        },
        InputRefusal::StaleEpoch,
    );
    refused(&mut input, button(2, Press::Down), InputRefusal::StaleEpoch);
    done(&mut input, button(2, Press::Up));
    assert_eq!(client.heard(), [Heard::Button(3, false)]);
}

#[test]
fn a_left_handed_person_keeps_their_buttons() {
    let (_server, client, mut input) = hearing();
    client
        .conn
        .set_pointer_mapping(&[3, 2, 1, 4, 5, 6, 7, 8, 9, 10])
        .unwrap()
        .reply()
        .unwrap();
    let press = InputEvent::PointerButton {
        epoch: 1,
        pos: Point { x: 9, y: 9 },
        button: Button::Left,
        press: Press::Down,
    };
    done(&mut input, press);
    assert!(client.heard().contains(&Heard::Button(1, true)));
}
