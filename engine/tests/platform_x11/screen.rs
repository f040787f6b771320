//! What is drawn is seen, exactly and nothing besides.

use super::*;

fn what_is_drawn_is_captured(path: CapturePath) {
    let server = XServer::virtual_screen(640, 480);
    let client = Client::with_window(&server, Rect::new(100, 50, 300, 200));
    let mut screen = X11Screen::open_by(server.display(), path).unwrap();
    assert_eq!(screen.path(), path);
    let mut frame = Frame::default();
    settle(&mut screen, &mut frame);
    assert_eq!(frame.data, client.whole_screen());
    client.draw(Rect::new(10, 20, 30, 40), 0x0012_3456);
    let rects = damage_of(&settle(&mut screen, &mut frame));
    assert_eq!(rects, vec![Rect::new(110, 70, 30, 40)]);
    assert_eq!(frame.pixel(110, 70), Some([0x56, 0x34, 0x12, 255]));
    assert_eq!(frame.data, client.whole_screen());
}

#[test]
fn what_is_drawn_is_captured_by_descriptor() {
    what_is_drawn_is_captured(CapturePath::SharedDescriptor);
}

#[test]
fn what_is_drawn_is_captured_by_system_v_memory() {
    what_is_drawn_is_captured(CapturePath::SharedSysV);
}

#[test]
fn what_is_drawn_is_captured_over_the_socket() {
    what_is_drawn_is_captured(CapturePath::Socket);
}

#[test]
fn a_screen_of_sixteen_bits_is_converted() {
    let server = XServer::start_with_depth(320, 200, 16);
    let client = Client::with_window(&server, Rect::new(0, 0, 320, 200));
    let mut screen = X11Screen::open(server.display()).unwrap();
    client.draw(Rect::new(0, 0, 320, 200), 0xf800);
    let mut frame = Frame::default();
    settle(&mut screen, &mut frame);
    assert_eq!(frame.pixel(7, 7), Some([0, 0, 255, 255]));
}

#[test]
fn a_screen_with_a_palette_is_refused_with_the_reason() {
    let server = XServer::start_with_depth(320, 200, 8);
    let error = X11Screen::open(server.display()).err().unwrap();
    assert!(error.to_string().contains("palette"), "{error}");
}

#[test]
fn many_overlapping_rectangles_are_captured_in_one_call() {
    let server = XServer::virtual_screen(400, 300);
    let client = Client::with_window(&server, Rect::new(0, 0, 400, 300));
    let mut screen = X11Screen::open(server.display()).unwrap();
    let mut frame = Frame::default();
    settle(&mut screen, &mut frame);
    client.draw(Rect::new(0, 0, 400, 300), 0x0000_ff00);
    let rects: Vec<Rect> = (0..10)
        .map(|i| Rect::new(i, i, 390, 290))
        .chain([Rect::new(-50, -50, 500, 500)])
        .collect();
    screen.capture(&rects, &mut frame).unwrap();
    assert_eq!(frame.data, client.whole_screen());
}

#[test]
fn a_letter_typed_into_a_terminal_damages_little() {
    let mut server = XServer::virtual_screen(800, 600);
    let folder = tempfile::tempdir().unwrap();
    let mut input = X11Input::open(server.display()).unwrap();
    let ready = folder.path().join("ready");
    let mut command = server.command("xterm");
    command.args([
        "-geometry",
        "80x24+0+0",
        "-e",
        "sh",
        "-c",
        &format!("touch {}; exec cat", ready.display()),
    ]);
    server.keep(&mut command);
    wait_until("the terminal's start", || ready.exists());
    await_window_under_pointer(&server, &mut input);
    let mut screen = X11Screen::open(server.display()).unwrap();
    let mut frame = Frame::default();
    settle(&mut screen, &mut frame);
    done(&mut input, InputEvent::Text("w".to_owned()));
    let rects = wait_for(&mut screen, |e| {
        if let ScreenEvent::Damage(rects) = e {
            Some(rects.clone())
        } else {
            None
        }
    });
    let pixels: u64 = rects.iter().map(Rect::area).sum();
    assert!(pixels < 40 * 40, "{rects:?}");
}

#[test]
fn the_pointer_is_reported_with_its_shape() {
    let server = XServer::virtual_screen(640, 480);
    let client = Client::with_window(&server, Rect::new(0, 0, 200, 200));
    let mut screen = X11Screen::open(server.display()).unwrap();
    let mut frame = Frame::default();
    let first = settle(&mut screen, &mut frame);
    assert!(first.iter().any(|e| matches!(e, ScreenEvent::CursorShape(_))), "{first:?}");
    let font = client.conn.generate_id().unwrap();
    client.conn.open_font(font, b"cursor").unwrap();
    let cursor = client.conn.generate_id().unwrap();
    client
        .conn
        .create_glyph_cursor(cursor, font, font, 152, 153, 0, 0, 0, !0, !0, !0)
        .unwrap();
    client
        .conn
        .change_window_attributes(client.window, &ChangeWindowAttributesAux::new().cursor(cursor))
        .unwrap();
    client.conn.sync().unwrap();
    let mut input = X11Input::open(server.display()).unwrap();
    done(
        &mut input,
        InputEvent::PointerMove {
            epoch: 1,
            pos: Point { x: 77, y: 88 },
        },
    );
    let events = settle(&mut screen, &mut frame);
    let shape = events
        .iter()
        .find_map(|e| if let ScreenEvent::CursorShape(s) = e { Some(s) } else { None })
        .expect("another shape");
    assert!(shape.is_visible() && shape.bgra.len() == usize::from(shape.size.0) * usize::from(shape.size.1) * 4);
    assert!(
        events.contains(&ScreenEvent::CursorMoved {
            pos: Point { x: 77, y: 88 },
            visible: true
        }),
        "{events:?}"
    );
    assert_eq!(screen.pointer(), Point { x: 77, y: 88 });
    assert!(damage_of(&events).is_empty(), "the pointer is not part of the picture");
}

#[test]
fn a_resized_screen_is_a_new_layout_and_all_damaged() {
    let outer = XServer::virtual_screen(1024, 768);
    let inner = XServer::nested(&outer, 500, 400);
    let mut screen = X11Screen::open(inner.display()).unwrap();
    let mut frame = Frame::default();
    settle(&mut screen, &mut frame);
    assert_eq!((screen.layout().epoch, screen.layout().bounds()), (1, Rect::new(0, 0, 500, 400)));
    outer.run("xdotool", &["search", "--sync", "--name", "Xephyr", "windowsize", "640", "300"]);
    let layout = wait_for(&mut screen, |e| {
        if let ScreenEvent::Layout(layout) = e {
            (layout.bounds() == Rect::new(0, 0, 640, 300)).then(|| layout.clone())
        } else {
            None
        }
    });
    assert!(layout.epoch > 1 && *screen.layout() == layout && layout.is_sane());
    settle(&mut screen, &mut frame);
    screen.capture(&[], &mut frame).unwrap();
    assert_eq!((frame.area, frame.data.len()), (layout.bounds(), 640 * 300 * 4));
}

#[test]
fn two_monitors_of_one_screen_are_listed() {
    let server = XServer::virtual_screen(800, 600);
    let mut screen = X11Screen::open(server.display()).unwrap();
    let mut frame = Frame::default();
    settle(&mut screen, &mut frame);
    server.run("xrandr", &["--setmonitor", "left", "400/100x600/150+0+0", "screen"]);
    server.run("xrandr", &["--setmonitor", "right", "400/100x600/150+400+0", "none"]);
    // Monitors set by hand raise no event of their own; any other change brings them along.
    drop(screen);
    let screen = X11Screen::open(server.display()).unwrap();
    let areas: Vec<Rect> = screen.layout().monitors.iter().map(|m| m.area).collect();
    assert_eq!(areas, vec![Rect::new(0, 0, 400, 600), Rect::new(400, 0, 400, 600)]);
    assert_eq!(screen.layout().monitors.iter().filter(|m| m.primary).count(), 1);
}

#[test]
fn a_still_screen_costs_no_processor_time() {
    let server = XServer::virtual_screen(1920, 1080);
    let _client = Client::with_window(&server, Rect::new(0, 0, 800, 600));
    let mut screen = X11Screen::open(server.display()).unwrap();
    let mut frame = Frame::default();
    settle(&mut screen, &mut frame);
    let before = thread_cpu();
    for _ in 0..4 {
        assert_eq!(screen.wait(Duration::from_millis(500)).unwrap(), vec![]);
    }
    let spent = thread_cpu() - before;
    println!("waiting 2 s on a still screen took {spent:?} of processor time");
    assert!(spent < Duration::from_millis(10), "{spent:?}");
}

#[test]
fn the_waker_ends_a_wait_from_another_thread() {
    let server = XServer::virtual_screen(320, 200);
    let mut screen = X11Screen::open(server.display()).unwrap();
    settle(&mut screen, &mut Frame::default());
    let waker = screen.waker();
    let start = Instant::now();
    let thread = std::thread::spawn(move || waker());
    assert_eq!(screen.wait(PATIENCE).unwrap(), vec![ScreenEvent::Woken]);
    thread.join().unwrap();
    assert!(start.elapsed() < PATIENCE / 2);
}

#[test]
fn a_server_that_dies_is_gone_and_stays_gone() {
    let mut server = XServer::virtual_screen(320, 200);
    let mut screen = X11Screen::open(server.display()).unwrap();
    settle(&mut screen, &mut Frame::default());
    server.kill();
    for _ in 0..2 {
        let events = screen.wait(PATIENCE).unwrap();
        assert!(matches!(&events[..], [ScreenEvent::Gone(_)]), "{events:?}");
    }
}

#[test]
fn a_blanked_screen_is_said_to_be_locked_until_it_is_lit() {
    let server = XServer::virtual_screen(320, 200);
    let client = Client::with_window(&server, Rect::new(0, 0, 10, 10));
    let mut screen = X11Screen::open(server.display()).unwrap();
    settle(&mut screen, &mut Frame::default());
    client
        .conn
        .force_screen_saver(x11rb::protocol::xproto::ScreenSaver::ACTIVE)
        .unwrap();
    client.conn.sync().unwrap();
    assert!(wait_for(&mut screen, |e| if let ScreenEvent::Locked(locked) = e {
        Some(*locked)
    } else {
        None
    }));
    let platform = LinuxPlatform::x11_on(server.display());
    let _awake = platform.hold_awake("a test").unwrap();
    assert!(!wait_for(&mut screen, |e| if let ScreenEvent::Locked(locked) = e {
        Some(*locked)
    } else {
        None
    }));
}

fn thread_cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(stat.split(' ').next().unwrap().parse().unwrap())
}
