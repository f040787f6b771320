//! What the technician's hands do arrives exactly at the customer's programs, and what the customer's screen shows arrives exactly at the
//! technician: text of any script, shortcuts, wheel, drags, and a screen that changes its size.

mod system_support;

use std::fs;
use std::time::{Duration, Instant};

use farhand_protocol::input::{Button, Press};
use farhand_tests::harness::meeting::{Meeting, STEP};
use farhand_tests::harness::puppet::{Order, button, key, move_to, wheel};
use farhand_tests::harness::{Program, wait};
use system_support::listening::{Heard, Window};
use system_support::{SOON, click_into, held, lines_of, nested_scene, run_in_terminal, run_in_terminal_at, scene, terminal};
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::ConnectionExt as _;

#[test]
fn text_of_many_scripts_and_the_shortcuts_arrive_exactly_in_a_terminal() {
    let scene = scene();
    let file = scene.desk.folder().join("typed");
    let mut terminal = terminal(&scene.desk, &file);
    let meeting = Meeting::start(&scene.gateway, &scene.cli, &scene.desk, "view,control").expect("a session");
    let id = meeting.session.id.as_str();
    // The click brings the keyboard from another window to the terminal.
    let _other = run_in_terminal_at(&scene.desk, "40x8+600+10", "touch ~/other; cat", &scene.desk.home().join("other"));
    click_into(&scene.desk, 700, 70);
    scene.cli.text(&["click", id, "200", "260"]).expect("a click");
    let lines = [
        "Grüße, naïve façade — œuvre, ßẞ €5",
        "日本語 漢字 한국어",
        "ελληνικά русский",
        "עברית العربية",
        "🦀🎉👍 a̐é",
        "~!@#$%^&*()_+{}|:\"<>?`-=[]\\;',./",
    ];
    for line in lines {
        scene.cli.text(&["type", id, &format!("{line}\\n")]).expect("typing");
    }
    let whole: String = lines.iter().map(|line| format!("{line}\n")).collect();
    wait::until("all lines", STEP, || Ok((fs::read_to_string(&file)? == whole).then_some(())))
        .unwrap_or_else(|error| panic!("{error:#}: {:?}", fs::read_to_string(&file)));
    // Ctrl+C ends the program in the terminal; what was typed before it on the same line is thrown away by the terminal.
    scene.cli.text(&["type", id, "thrown away"]).expect("typing");
    scene.cli.text(&["key", id, "Ctrl+C"]).expect("Ctrl+C");
    terminal.wait_exit(STEP).expect("Ctrl+C ends the terminal with its program");
    assert_eq!(fs::read_to_string(&file).expect("the file"), whole);
}

/// Two hundred characters, no two the same, of which a keyboard has none.
fn many_scripts() -> String {
    let ranges = ['α'..='ω', 'а'..='я', 'א'..='ת', 'ぁ'..='ゖ', '一'..='丿', '가'..='갛', 'ก'..='ฮ'];
    ranges.into_iter().flatten().take(200).collect()
}

/// A burst may take this long on a slow machine; each character waits for no other.
const BURST: Duration = Duration::from_secs(20);

#[test]
fn a_burst_of_two_hundred_foreign_characters_arrives_exactly_in_a_terminal() {
    let scene = scene();
    let file = scene.desk.folder().join("typed");
    let _terminal = terminal(&scene.desk, &file);
    let meeting = Meeting::start(&scene.gateway, &scene.cli, &scene.desk, "view,control").expect("a session");
    click_into(&scene.desk, 200, 300);
    let text = many_scripts();
    assert_eq!(text.chars().count(), 200);
    let began = Instant::now();
    scene
        .cli
        .text(&["type", &meeting.session.id, &format!("{text}\\n")])
        .expect("typing");
    // The command ends when it is done, not when it is sent.
    let took = began.elapsed();
    assert_eq!(lines_of(&file), format!("{text}\n"));
    assert!(took < BURST, "{took:?}");
    println!("a burst into a terminal: {took:?}");
}

#[test]
fn a_burst_of_two_hundred_foreign_characters_arrives_exactly_in_an_editor() {
    let scene = scene();
    let file = scene.desk.folder().join("letter.txt");
    fs::write(&file, "").expect("a file");
    let editor = scene.desk.start(Program::at("l3afpad").arg(&file)).expect("an editor");
    scene.desk.windows.wait_active(editor.pid()).expect("the editor has the keyboard");
    let meeting = Meeting::start(&scene.gateway, &scene.cli, &scene.desk, "view,control").expect("a session");
    let id = meeting.session.id.as_str();
    let text = many_scripts();
    let began = Instant::now();
    scene.cli.text(&["type", id, &format!("{text}\\n")]).expect("typing");
    scene.cli.text(&["key", id, "Ctrl+S"]).expect("saving");
    let saved = wait::until("the saved letter", BURST, || {
        Ok(Some(fs::read_to_string(&file)?).filter(|text| !text.is_empty()))
    });
    assert_eq!(saved.expect("it is saved").trim_end(), text);
    let took = began.elapsed();
    assert!(took < BURST, "{took:?}");
    println!("a burst into an editor: {took:?}");
}

#[test]
fn keys_by_name_edit_a_line_as_on_the_customers_own_keyboard() {
    let scene = scene();
    let file = scene.desk.folder().join("edited");
    let ready = scene.desk.folder().join("ready");
    // A line editor of its own: Home, End, Delete, arrows and Ctrl+K mean what they mean to bash.
    let script = format!(
        "touch '{}'; exec bash --norc -c 'read -e -r line; printf \"%s\\n\" \"$line\" > {}'",
        ready.display(),
        file.display()
    );
    let _terminal = run_in_terminal(&scene.desk, &script, &ready);
    let (meeting, mut technician) = held(&scene);
    let id = meeting.session.id.as_str();
    for press in [Press::Down, Press::Up] {
        technician.act(id, button(200, 260, Button::Left, press)).expect("a click");
    }
    let mut tap = |usages: &[u16]| {
        usages
            .iter()
            .for_each(|usage| technician.act(id, key(*usage, Press::Down)).expect("a key"));
        usages
            .iter()
            .rev()
            .for_each(|usage| technician.act(id, key(*usage, Press::Up)).expect("a key"));
    };
    const SHIFT: u16 = 0xe1;
    const CTRL: u16 = 0xe0;
    // b c x Home A(Shift) End Backspace d Left Ctrl+K e Enter
    for chord in [
        &[0x05][..],
        &[0x06],
        &[0x1b],
        &[0x4a],
        &[SHIFT, 0x04],
        &[0x4d],
        &[0x2a],
        &[0x07],
        &[0x50],
        &[CTRL, 0x0e],
        &[0x08],
        &[0x28],
    ] {
        tap(chord);
    }
    assert_eq!(lines_of(&file), "Abce\n");
}

#[test]
fn the_wheel_turns_both_ways_and_a_drag_keeps_its_button() {
    let scene = scene();
    let window = Window::open(&scene.desk, 300, 100, 600, 500);
    let (meeting, mut technician) = held(&scene);
    let id = meeting.session.id.as_str();
    technician.act(id, wheel(400, 200, 0, 240)).expect("the wheel");
    technician.act(id, wheel(400, 200, 0, -120)).expect("the wheel");
    technician.act(id, wheel(400, 200, 120, 0)).expect("the wheel");
    technician.act(id, wheel(400, 200, -120, 0)).expect("the wheel");
    let turned: Vec<u8> = window
        .until(Heard::Up(6, 100, 100))
        .into_iter()
        .filter_map(|heard| {
            if let Heard::Down(button, 100, 100) = heard {
                Some(button)
            } else {
                None
            }
        })
        .collect();
    // X numbers the wheel: 4 up, 5 down, 6 to the left, 7 to the right.
    assert_eq!(turned, [4, 4, 5, 7, 6]);

    technician.act(id, button(350, 150, Button::Left, Press::Down)).expect("a button");
    for step in 1..=8 {
        technician.act(id, move_to(350 + 50 * step, 150 + 40 * step)).expect("a move");
    }
    technician.act(id, button(750, 470, Button::Left, Press::Up)).expect("a button");
    let drag = window.until(Heard::Up(1, 450, 370));
    let down = drag
        .iter()
        .position(|heard| *heard == Heard::Down(1, 50, 50))
        .expect("the button goes down where the drag began");
    let places: Vec<Heard> = drag[down + 1..]
        .iter()
        .copied()
        .filter(|heard| matches!(heard, Heard::At(..)))
        .collect();
    assert!(
        places.contains(&Heard::At(450, 370)) && !drag[down + 1..drag.len() - 1].iter().any(|heard| matches!(heard, Heard::Up(..))),
        "{drag:?}"
    );

    for (name, number) in [(Button::Right, 3), (Button::Middle, 2), (Button::Back, 8), (Button::Forward, 9)] {
        for press in [Press::Down, Press::Up] {
            technician.act(id, button(310, 110, name, press)).expect("a button");
        }
        let heard = window.until(Heard::Up(number, 10, 10));
        assert!(heard.contains(&Heard::Down(number, 10, 10)), "{heard:?}");
    }
}

#[test]
fn a_screen_that_changes_its_size_is_shown_in_the_new_one_pixel_by_pixel() {
    // Xvfb has one size only; a display inside a display has many.
    let (_outer, scene) = nested_scene();
    let file = scene.desk.folder().join("typed");
    let _terminal = terminal(&scene.desk, &file);
    let (meeting, mut technician) = held(&scene);
    let id = meeting.session.id.as_str();
    for (width, height) in [(800, 600), (1024, 768)] {
        let told = technician.told();
        Program::at("xrandr")
            .args(["-s", &format!("{width}x{height}")])
            .envs(scene.desk.envs())
            .run()
            .expect("the new size");
        technician
            .wait_after(told, id, "layout", STEP, |said| said["width"] == width && said["height"] == height)
            .expect("the new layout");
        let shown = scene.desk.folder().join(format!("{width}.png"));
        wait::until("the exact picture", STEP, || {
            technician.tell(
                id,
                Order::Save {
                    file: shown.to_string_lossy().into_owned(),
                },
            )?;
            wait::until("the file", SOON, || Ok(shown.exists().then_some(())))?;
            let (there, here) = (scene.desk.screen.grab()?, image::open(&shown)?.into_rgb8());
            fs::remove_file(&shown)?;
            if there.dimensions() != (width, height) || here.dimensions() != (width, height) {
                anyhow::bail!("{:?} there, {:?} here", there.dimensions(), here.dimensions());
            }
            let differing = there.pixels().zip(here.pixels()).filter(|(a, b)| a != b).count();
            if differing == 0 {
                Ok(Some(()))
            } else {
                Err(anyhow::anyhow!("{differing} pixels differ"))
            }
        })
        .expect("every pixel");
        // Positions count against the new layout.
        technician.act(id, move_to(width as i32 - 5, height as i32 - 7)).expect("a move");
        let (connection, screen) = scene.desk.display().connect().expect("the display");
        let root = connection.setup().roots[screen].root;
        wait::until("the pointer", SOON, || {
            let at = connection.query_pointer(root)?.reply()?;
            Ok(((i32::from(at.root_x), i32::from(at.root_y)) == (width as i32 - 5, height as i32 - 7)).then_some(()))
        })
        .expect("the pointer is where it was sent");
    }
}
