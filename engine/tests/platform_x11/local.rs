//! The person's own keys are heard, injected ones are not: a nested display, whose keyboard is real
//! to it, played on from outside.

use super::*;

/// Outer and inner display, what is heard, and the watch that hears it.
type Watched = (
    XServer,
    XServer,
    mpsc::Receiver<(LocalInput, Instant)>,
    Box<dyn farhand_engine::platform::LocalInputWatch>,
);

/// A nested display whose real keyboard is the outer display, and a watch on it.
fn watched(stop_key: bool) -> Watched {
    let outer = XServer::virtual_screen(800, 600);
    let inner = XServer::nested(&outer, 400, 300);
    let (tell, heard) = mpsc::channel();
    let platform = LinuxPlatform::x11_on(inner.display());
    let on = Box::new(move |input| tell.send((input, Instant::now())).unwrap_or_default());
    let watch = platform.watch_local_input(on, stop_key).unwrap();
    outer.run("xdotool", &["search", "--sync", "--name", "Xephyr", "windowfocus", "--sync"]);
    outer.run("xdotool", &["mousemove", "100", "100"]);
    assert_eq!(
        heard.recv_timeout(PATIENCE).unwrap().0,
        LocalInput::Activity,
        "the nested display hears its devices"
    );
    while heard.recv_timeout(Duration::from_millis(300)).is_ok() {}
    (outer, inner, heard, watch)
}

fn stops(heard: &mpsc::Receiver<(LocalInput, Instant)>) -> usize {
    let mut count = 0;
    while let Ok((input, _)) = heard.recv_timeout(Duration::from_millis(300)) {
        count += usize::from(input == LocalInput::Stop);
    }
    count
}

#[test]
fn pause_on_the_real_keyboard_is_heard_and_an_injected_one_is_not() {
    let (outer, inner, heard, _watch) = watched(true);
    inner.run("xdotool", &["key", "Pause"]);
    inner.run("xdotool", &["key", "ctrl+alt+shift+x"]);
    inner.run("xdotool", &["mousemove", "5", "5", "click", "1"]);
    assert!(
        heard.recv_timeout(Duration::from_millis(500)).is_err(),
        "injected input was taken for a person's"
    );
    let pressed = Instant::now();
    outer.run("xdotool", &["key", "--delay", "0", "Pause"]);
    let (input, at) = heard.recv_timeout(PATIENCE).unwrap();
    assert_eq!(input, LocalInput::Stop);
    println!("from starting xdotool to the callback: {:?}", at.saturating_duration_since(pressed));
    assert!(at.saturating_duration_since(pressed) < Duration::from_millis(500));
}

#[test]
fn the_chord_of_keyboards_without_pause_is_heard() {
    let (outer, _inner, heard, _watch) = watched(true);
    outer.run("xdotool", &["key", "ctrl+alt+shift+x"]);
    assert_eq!(stops(&heard), 1);
    outer.run("xdotool", &["key", "ctrl+shift+x"]);
    assert_eq!(stops(&heard), 0);
}

#[test]
fn pause_is_heard_while_the_technician_types_and_another_program_grabs_the_keyboard() {
    let (outer, inner, heard, _watch) = watched(true);
    let client = Client::with_window(&inner, Rect::new(0, 0, 400, 300));
    let mode = x11rb::protocol::xproto::GrabMode::ASYNC;
    client
        .conn
        .grab_keyboard(true, client.window, x11rb::CURRENT_TIME, mode, mode)
        .unwrap()
        .reply()
        .unwrap();
    let mut input = X11Input::open(inner.display()).unwrap();
    done(&mut input, there(0xe0, Press::Down));
    outer.run("xdotool", &["key", "Pause"]);
    assert_eq!(stops(&heard), 1);
}

#[test]
fn with_the_stop_key_off_pause_is_only_activity() {
    let (outer, _inner, heard, _watch) = watched(false);
    outer.run("xdotool", &["key", "Pause"]);
    assert_eq!(heard.recv_timeout(PATIENCE).unwrap().0, LocalInput::Activity);
    assert_eq!(stops(&heard), 0);
}

#[test]
fn a_persons_own_keyboard_still_repeats() {
    let (outer, inner, _heard, _watch) = watched(true);
    let client = Client::with_window(&inner, Rect::new(0, 0, 400, 300));
    let _input = X11Input::open(inner.display()).unwrap();
    outer.run("xdotool", &["keydown", "a"]);
    let mut presses = 0;
    wait_until("the repeat", || {
        presses += client.heard().iter().filter(|h| matches!(h, Heard::Key(38, _, true))).count();
        presses > 2
    });
    outer.run("xdotool", &["keyup", "a"]);
}

#[test]
fn a_dropped_watch_is_silent() {
    let (outer, _inner, heard, watch) = watched(true);
    drop(watch);
    outer.run("xdotool", &["key", "Pause"]);
    assert_eq!(heard.recv_timeout(PATIENCE), Err(mpsc::RecvTimeoutError::Disconnected));
}
