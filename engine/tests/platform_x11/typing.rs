//! Text arrives exactly, whatever the layout, in a real terminal.

use super::*;

fn server_with_terminal() -> (XServer, tempfile::TempDir, X11Input, std::path::PathBuf) {
    let mut server = XServer::virtual_screen(800, 600);
    let folder = tempfile::tempdir().unwrap();
    let mut input = X11Input::open(server.display()).unwrap();
    let file = terminal(&mut server, folder.path(), &mut input);
    (server, folder, input, file)
}

#[test]
fn accents_cjk_and_emoji_arrive_exactly() {
    let (_server, _folder, mut input, file) = server_with_terminal();
    let text = "é 漢 😀 Hello@{}~ ÄÖÜ ß ñ Жук €";
    done(&mut input, InputEvent::Text(text.to_owned()));
    assert_typed(&file, text);
}

#[test]
fn keys_and_text_keep_their_order() {
    let (_server, _folder, mut input, file) = server_with_terminal();
    for round in 0..5 {
        done(&mut input, here(0x04, Press::Down, "a", Some("a")));
        done(&mut input, here(0x04, Press::Up, "a", None));
        done(&mut input, here(0, Press::Down, "字", Some("字")));
        done(&mut input, here(0x28, Press::Down, "Enter", Some("\r")));
        done(&mut input, here(0x28, Press::Up, "Enter", None));
        done(&mut input, InputEvent::Text(format!("{round}é\n")));
        done(&mut input, there(0x1e, Press::Down));
        done(&mut input, there(0x1e, Press::Up));
    }
    let expected: String = (0..5).map(|round| format!("a字\r{round}é\r1")).collect();
    assert_typed(&file, &expected);
    assert!(!input.is_holding());
}

#[test]
fn more_foreign_characters_than_spare_keys_arrive_exactly() {
    let (_server, _folder, mut input, file) = server_with_terminal();
    let text: String = ('一'..='丿').chain('α'..='ω').collect();
    done(&mut input, InputEvent::Text(text.clone()));
    assert_typed(&file, &text);
}

#[test]
fn caps_lock_on_the_host_changes_nothing() {
    let (_server, _folder, mut input, file) = server_with_terminal();
    done(&mut input, there(0x39, Press::Down));
    done(&mut input, there(0x39, Press::Up));
    done(&mut input, InputEvent::Text("aA1! éÉ жЖ".to_owned()));
    assert_typed(&file, "aA1! éÉ жЖ");
    done(&mut input, there(0x39, Press::Down));
    done(&mut input, there(0x39, Press::Up));
}

#[test]
fn another_layout_types_the_same_text_here_and_its_own_there() {
    let (server, _folder, mut input, file) = server_with_terminal();
    server.run("setxkbmap", &["de"]);
    done(&mut input, InputEvent::Text("zy@{[€ñ漢".to_owned()));
    for usage in [0x1c, 0x1d] {
        done(&mut input, there(usage, Press::Down));
        done(&mut input, there(usage, Press::Up));
    }
    assert_typed(&file, "zy@{[€ñ漢zy");
}

#[test]
fn a_layout_without_latin_letters_types_latin_all_the_same() {
    let (server, _folder, mut input, file) = server_with_terminal();
    server.run("setxkbmap", &["ru"]);
    done(&mut input, InputEvent::Text("Привет, hello!".to_owned()));
    assert_typed(&file, "Привет, hello!");
}

#[test]
fn text_comes_through_whatever_is_held() {
    let (_server, _folder, mut input, file) = server_with_terminal();
    done(&mut input, here(0xe0, Press::Down, "Control", None));
    done(&mut input, here(0xe2, Press::Down, "Alt", None));
    done(&mut input, here(0x14, Press::Down, "@", Some("@")));
    done(&mut input, here(0x14, Press::Up, "@", None));
    assert!(input.is_holding());
    done(&mut input, here(0xe2, Press::Up, "Alt", None));
    done(&mut input, here(0xe0, Press::Up, "Control", None));
    done(&mut input, here(0xe1, Press::Down, "Shift", None));
    done(&mut input, here(0x04, Press::Down, "A", Some("A")));
    done(&mut input, InputEvent::Text("b漢".to_owned()));
    done(&mut input, here(0xe1, Press::Up, "Shift", None));
    assert_typed(&file, "@Ab漢");
    assert!(!input.is_holding());
}

#[test]
fn typing_ends_when_interrupted() {
    let (_server, _folder, mut input, file) = server_with_terminal();
    input.interrupter()();
    refused(&mut input, InputEvent::Text("never".to_owned()), InputRefusal::Interrupted);
    assert_eq!(input.handle_input(&there(0x04, Press::Up)).unwrap(), InputOutcome::Done);
    input.release_all().unwrap();
    done(&mut input, InputEvent::Text("now".to_owned()));
    assert_typed(&file, "now");
}

#[test]
fn a_long_text_can_be_interrupted_in_the_middle() {
    let (_server, _folder, mut input, file) = server_with_terminal();
    let text: String = ('一'..).take(1000).collect();
    let interrupt = input.interrupter();
    let thread = std::thread::spawn(move || {
        wait_until("the first characters", || std::fs::metadata(&file).is_ok_and(|m| m.len() > 0));
        interrupt();
        Instant::now()
    });
    refused(&mut input, InputEvent::Text(text), InputRefusal::Interrupted);
    let ended = Instant::now();
    let asked = thread.join().unwrap();
    assert!(ended.saturating_duration_since(asked) < Duration::from_millis(150));
}

#[test]
fn borrowed_keys_are_given_back() {
    let (server, _folder, mut input, file) = server_with_terminal();
    let client = Client::with_window(&server, Rect::new(700, 500, 10, 10));
    let mapping = || client.conn.get_keyboard_mapping(8, 248).unwrap().reply().unwrap();
    let count = || mapping().keysyms.iter().filter(|sym| **sym != 0).count();
    let before = count();
    client
        .conn
        .set_input_focus(InputFocus::PARENT, InputFocus::POINTER_ROOT, x11rb::CURRENT_TIME)
        .unwrap();
    client.conn.sync().unwrap();
    done(&mut input, InputEvent::Text("漢字".to_owned()));
    assert_typed(&file, "漢字");
    assert!(count() > before);
    drop(input);
    wait_until("the return of the keys", || count() == before);
}
