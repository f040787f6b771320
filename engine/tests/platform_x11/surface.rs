//! A surface shows its pixels in the window and nothing else, and keys and pointer do not notice it.

use farhand_engine::platform::linux::X11Surface;
use farhand_engine::platform::{PictureSurface, SurfaceError, SurfacePlace};
use farhand_protocol::geometry::Point;
use x11rb::protocol::xproto::ConfigureWindowAux;

use super::*;

const AREA: Rect = Rect::new(20, 30, 100, 80);

fn place(area: Rect, holes: &[Rect]) -> SurfacePlace {
    SurfacePlace {
        area,
        holes: holes.to_vec(),
        hole_radius: 0,
    }
}

/// Fills the whole surface and shows it.
fn fill(surface: &mut X11Surface, value: u8) {
    let mut pixels = surface.pixels().unwrap().unwrap();
    let size = Rect::new(0, 0, pixels.width(), pixels.height());
    pixels.bytes_mut().fill(value);
    surface.present(&[size]).unwrap();
    // Asking for the pixels waits until the server has them.
    surface.pixels().unwrap();
}

fn pixel(client: &Client, x: i32, y: i32) -> [u8; 3] {
    let shot = client.whole_screen();
    let at = (y as usize * 400 + x as usize) * 4;
    [shot[at], shot[at + 1], shot[at + 2]]
}

fn window_and_surface(server: &XServer, path: CapturePath) -> (Client, X11Surface) {
    let client = Client::with_window(server, Rect::new(50, 40, 300, 200));
    let surface = X11Surface::open(server.display(), client.window, path).unwrap();
    (client, surface)
}

fn pixels_arrive(path: CapturePath) {
    let server = XServer::virtual_screen(400, 300);
    let (client, mut surface) = window_and_surface(&server, path);
    assert!(surface.pixels().unwrap().is_none(), "hidden at first");
    surface.place(&place(AREA, &[])).unwrap();
    fill(&mut surface, 77);
    assert_eq!((pixel(&client, 70, 70), pixel(&client, 169, 149)), ([77; 3], [77; 3]));
    assert_eq!((pixel(&client, 69, 70), pixel(&client, 170, 149)), ([255; 3], [255; 3]));
    let mut pixels = surface.pixels().unwrap().unwrap();
    pixels.row_mut(5)[40..44].fill(9);
    pixels.row_mut(6)[40..44].fill(9);
    surface.present(&[Rect::new(10, 5, 1, 1)]).unwrap();
    surface.pixels().unwrap();
    assert_eq!(
        (pixel(&client, 80, 75), pixel(&client, 80, 76)),
        ([9; 3], [77; 3]),
        "what was named, and no more"
    );
    surface.place(&SurfacePlace::default()).unwrap();
    surface.pixels().unwrap();
    wait_until("the window's own drawing below", || pixel(&client, 80, 75) == [255; 3]);
}

#[test]
fn pixels_arrive_by_descriptor() {
    pixels_arrive(CapturePath::SharedDescriptor);
}

#[test]
fn pixels_arrive_by_system_v_memory() {
    pixels_arrive(CapturePath::SharedSysV);
}

#[test]
fn pixels_arrive_over_the_socket() {
    pixels_arrive(CapturePath::Socket);
}

#[test]
fn what_covers_it_is_seen_and_what_was_covered_is_told_to_be_shown_again() {
    let server = XServer::virtual_screen(400, 300);
    let (client, mut surface) = window_and_surface(&server, CapturePath::SharedDescriptor);
    let hole = Rect::new(40, 50, 30, 20);
    surface.place(&place(AREA, &[hole])).unwrap();
    fill(&mut surface, 77);
    assert_eq!(
        (pixel(&client, 90, 90), pixel(&client, 89, 90), pixel(&client, 120, 109)),
        ([255; 3], [77; 3], [77; 3])
    );
    surface.place(&place(AREA, &[])).unwrap();
    let wake = surface.waker();
    let shown = std::thread::spawn(move || {
        loop {
            surface.wait().unwrap();
            let lost = surface.take_lost();
            if lost.is_empty() {
                return;
            }
            surface.present(&lost).unwrap();
        }
    });
    wait_until("the hole filled", || pixel(&client, 90, 90) == [77; 3]);
    let other = Client::with_window(&server, Rect::new(60, 60, 50, 50));
    assert_eq!(pixel(&client, 80, 80), [255; 3]);
    other.conn.destroy_window(other.window).unwrap();
    other.conn.flush().unwrap();
    wait_until("the picture where the other window was", || pixel(&client, 80, 80) == [77; 3]);
    wake();
    shown.join().unwrap();
}

#[test]
fn what_is_shown_is_moved_and_what_was_covered_of_it_is_told() {
    let server = XServer::virtual_screen(400, 300);
    let (client, mut surface) = window_and_surface(&server, CapturePath::SharedDescriptor);
    surface.place(&place(AREA, &[])).unwrap();
    fill(&mut surface, 77);
    let wake = surface.waker();
    // It was new, and all of it to be shown.
    wake();
    surface.wait().unwrap();
    surface.take_lost();
    surface.pixels().unwrap().unwrap().row_mut(40)[40..44].fill(9);
    surface.present(&[Rect::new(10, 40, 1, 1)]).unwrap();
    let up = Rect::new(0, 0, 100, 50);
    assert!(surface.move_shown(Point { x: 0, y: 30 }, &up).unwrap());
    wait_until("the pixel moved up", || pixel(&client, 80, 80) == [9; 3]);
    assert_eq!(pixel(&client, 80, 110), [77; 3], "with all that is around it");
    wake();
    surface.wait().unwrap();
    assert_eq!(surface.take_lost(), []);
    // Under a menu nothing is to be had.
    surface.place(&place(AREA, &[Rect::new(40, 70, 30, 20)])).unwrap();
    assert!(surface.move_shown(Point { x: 0, y: 30 }, &up).unwrap());
    surface.wait().unwrap();
    assert_eq!(surface.take_lost(), [Rect::new(0, 0, 100, 80)]);
}

#[test]
fn pointer_and_keys_are_the_windows_below() {
    let server = XServer::virtual_screen(400, 300);
    let (client, mut surface) = window_and_surface(&server, CapturePath::SharedDescriptor);
    surface.place(&place(AREA, &[])).unwrap();
    fill(&mut surface, 77);
    server.run("xdotool", &["mousemove", "100", "100", "click", "1", "key", "a"]);
    let heard = client.heard();
    assert!(heard.contains(&Heard::Motion(100, 100)), "{heard:?}");
    assert!(
        heard.contains(&Heard::Button(1, true)) && heard.contains(&Heard::Button(1, false)),
        "{heard:?}"
    );
    assert!(heard.iter().any(|one| matches!(one, Heard::Key(_, _, true))), "{heard:?}");
}

#[test]
fn it_moves_with_its_window_and_dies_with_it() {
    let server = XServer::virtual_screen(400, 300);
    let (client, mut surface) = window_and_surface(&server, CapturePath::SharedDescriptor);
    surface.place(&place(AREA, &[])).unwrap();
    fill(&mut surface, 77);
    client
        .conn
        .configure_window(client.window, &ConfigureWindowAux::new().x(0).y(0))
        .unwrap();
    client.conn.sync().unwrap();
    assert_eq!(pixel(&client, 20, 30), [77; 3]);
    client.conn.destroy_window(client.window).unwrap();
    client.conn.sync().unwrap();
    assert!(matches!(surface.wait(), Err(SurfaceError::Gone(_))));
}

#[test]
fn a_display_that_is_not_there_is_said() {
    assert!(matches!(
        X11Surface::open(":4711", 1, CapturePath::SharedDescriptor),
        Err(SurfaceError::Gone(_))
    ));
    let server = XServer::virtual_screen(400, 300);
    assert!(X11Surface::open(server.display(), 4711, CapturePath::SharedDescriptor).is_err());
    assert!(
        LinuxPlatform::x11_on(server.display()).draws_in_software(),
        "Xvfb has no graphics driver"
    );
}
