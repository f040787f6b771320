//! The picture on its way from a scripted screen to a viewer: exact, in time, for several viewers at once.

mod session_support;

use std::time::{Duration, Instant};

use ed25519_dalek::SigningKey;
use farhand_engine::{
    platform::{CursorShape, DesktopSession, fake::FakePlatform},
    viewer::ViewerEvent,
};
use farhand_protocol::{
    error::ErrorCode,
    geometry::{Monitor, Point, Rect},
    ids::PeerKey,
    peer::{HostBound, ScreenState, Subscribe},
    permission::{Capability, CapabilitySet},
    ticket::Signed,
};
use session_support::{Console, Dialer, Lab, LabOptions, RawHost, endpoint, loopback, ticket_for, until};

const VIEW: CapabilitySet = CapabilitySet::EMPTY.with(Capability::View);

fn everything() -> Subscribe {
    Subscribe {
        monitors: vec![],
        on: true,
    }
}

async fn lab_that_shows(platform: FakePlatform) -> Lab {
    Lab::with(
        platform,
        LabOptions {
            in_advance: VIEW,
            ..LabOptions::default()
        },
    )
    .await
}

async fn watching(lab: &Lab, member: i64) -> Console {
    let console = lab.technician(member).await;
    console.viewer.subscribe(everything());
    console.shows_screen(&lab.platform).await;
    console
}

fn noise(seed: u32) -> impl Fn(i32, i32) -> [u8; 3] {
    move |x, y| {
        let mut value = (x as u32).wrapping_mul(0x9e37_79b1) ^ (y as u32).wrapping_mul(0x85eb_ca6b) ^ seed.wrapping_mul(0xc2b2_ae35);
        value ^= value >> 15;
        value = value.wrapping_mul(0x2c1b_3c6d);
        value ^= value >> 12;
        value.to_le_bytes()[..3].try_into().unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_picture_is_the_screen_pixel_for_pixel_after_every_change() {
    let platform = FakePlatform::new(641, 479);
    platform.paint(Rect::new(0, 0, 641, 479), noise(1));
    let lab = lab_that_shows(platform).await;
    let console = watching(&lab, 1).await;
    let changes = [
        Rect::new(3, 5, 9, 14),
        Rect::new(640, 478, 1, 1),
        Rect::new(0, 0, 641, 479),
        Rect::new(100, 60, 300, 200),
    ];
    for (rect, seed) in changes.into_iter().zip(2..) {
        lab.platform.paint(rect, noise(seed));
        console.shows_screen(&lab.platform).await;
    }
    lab.platform.fill(Rect::new(10, 10, 200, 100), [1, 2, 3]);
    console.shows_screen(&lab.platform).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_film_ends_exact_and_the_digest_proves_it() {
    let platform = FakePlatform::new(640, 480);
    let lab = lab_that_shows(platform).await;
    let console = watching(&lab, 1).await;
    for frame in 0..60 {
        lab.platform.paint(Rect::new(64, 64, 512, 384), |x, y| {
            [(x + frame * 5) as u8, (y + frame * 3) as u8, (x + y) as u8]
        });
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    console.shows_screen(&lab.platform).await;
    let from = console.events.len();
    let exact = |event: &ViewerEvent| matches!(event, ViewerEvent::Stats(stats) if stats.exact).then_some(());
    console.events.wait_from(from.saturating_sub(3), "the exact mark", exact).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_is_there_soon() {
    let lab = lab_that_shows(FakePlatform::new(1280, 800)).await;
    let console = watching(&lab, 1).await;
    let mut waits: Vec<Duration> = Vec::new();
    for step in 0..40_u8 {
        let at = Point {
            x: 100 + i32::from(step) * 9,
            y: 300,
        };
        let start = Instant::now();
        lab.platform.fill(Rect::new(at.x, at.y, 8, 14), [step, 200, 100]);
        until("the letter", || pixel(&console, at) == Some([step, 200, 100])).await;
        waits.push(start.elapsed());
    }
    waits.sort();
    assert!(
        waits[20] < Duration::from_millis(30),
        "half of the letters took longer than {:?}",
        waits[20]
    );
}

fn pixel(console: &Console, at: Point) -> Option<[u8; 3]> {
    let picture = console.viewer.picture();
    let guard = picture.lock();
    let place = usize::try_from(at.y).ok()? * guard.stride() + usize::try_from(at.x).ok()? * 4;
    guard.frame().get(place..place + 3)?.try_into().ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resized_screen_is_shown_in_its_new_size_with_a_new_epoch() {
    let lab = lab_that_shows(FakePlatform::new(640, 480)).await;
    let console = watching(&lab, 1).await;
    let before = console.viewer.picture().lock().epoch();
    let monitor = |id, area, primary| Monitor {
        id,
        area,
        scale_percent: 100,
        primary,
        name: format!("Fake {id}"),
    };
    lab.platform.set_monitors(vec![
        monitor(1, Rect::new(0, 0, 800, 600), true),
        monitor(2, Rect::new(-320, 10, 320, 200), false),
    ]);
    lab.platform.paint(Rect::new(-320, 0, 1120, 600), noise(9));
    console.shows_screen(&lab.platform).await;
    {
        let picture = console.viewer.picture();
        let guard = picture.lock();
        assert_eq!((guard.size(), guard.area()), ((1120, 600), Rect::new(-320, 0, 1120, 600)));
        assert!(guard.epoch() > before);
    }
    console.viewer.subscribe(Subscribe {
        monitors: vec![2],
        on: true,
    });
    until("the second monitor alone", || {
        console.viewer.picture().lock().area() == Rect::new(-320, 10, 320, 200)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_viewers_see_the_same_and_one_that_leaves_takes_nothing_along() {
    let lab = lab_that_shows(FakePlatform::new(320, 240)).await;
    let ada = watching(&lab, 1).await;
    lab.platform.paint(Rect::new(0, 0, 320, 240), noise(3));
    let ben = watching(&lab, 2).await;
    ada.shows_screen(&lab.platform).await;
    assert!(lab.platform.is_held_awake());
    let from = lab.events.len();
    ada.viewer.leave("done");
    lab.wait_journal(from, "link.down").await;
    lab.platform.fill(Rect::new(5, 5, 50, 50), [9, 8, 7]);
    ben.shows_screen(&lab.platform).await;
    ben.viewer.subscribe(Subscribe {
        monitors: vec![],
        on: false,
    });
    until("the machine to be let sleep", || !lab.platform.is_held_awake()).await;
    until("the picture to be forgotten", || ben.viewer.picture().lock().size() == (0, 0)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cursor_travels_apart() {
    let lab = lab_that_shows(FakePlatform::new(320, 240)).await;
    let console = watching(&lab, 1).await;
    lab.platform.set_cursor(CursorShape {
        serial: 7,
        size: (2, 2),
        hotspot: (1, 0),
        bgra: vec![255; 16],
    });
    lab.platform.move_pointer(Point { x: 30, y: 40 }, true);
    let at = |console: &Console| {
        console
            .viewer
            .picture()
            .lock()
            .cursor()
            .map(|(image, pos, visible)| (image.serial, pos, visible))
    };
    until("the cursor", || at(&console) == Some((7, Point { x: 30, y: 40 }, true))).await;
    lab.platform.move_pointer(Point { x: 31, y: 40 }, false);
    until("the cursor to hide", || at(&console) == Some((7, Point { x: 31, y: 40 }, false))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cursor_moves_on_after_seeing_was_left_and_taken_up_again() {
    let lab = lab_that_shows(FakePlatform::new(320, 240)).await;
    let console = watching(&lab, 1).await;
    lab.platform.set_cursor(CursorShape {
        serial: 7,
        size: (1, 1),
        hotspot: (0, 0),
        bgra: vec![255; 4],
    });
    let is_at = |x: i32| console.viewer.picture().lock().cursor().is_some_and(|(_, pos, _)| pos.x == x);
    for x in 1..20 {
        lab.platform.move_pointer(Point { x, y: 5 }, true);
        until("the cursor", || is_at(x)).await;
    }
    let from = console.events.len();
    console.viewer.subscribe(Subscribe {
        monitors: vec![],
        on: false,
    });
    console.viewing(from, false).await;
    until("the picture to be forgotten", || console.viewer.picture().lock().size() == (0, 0)).await;
    console.viewer.subscribe(everything());
    console.shows_screen(&lab.platform).await;
    lab.platform.move_pointer(Point { x: 77, y: 5 }, true);
    until("the cursor", || is_at(77)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_screen_is_said_and_not_shown() {
    let lab = lab_that_shows(FakePlatform::new(320, 240)).await;
    let console = watching(&lab, 1).await;
    lab.platform.set_locked(true);
    let state =
        |wanted: ScreenState| move |event: &ViewerEvent| matches!(event, ViewerEvent::Screen(state) if *state == wanted).then_some(());
    console.events.wait("the lock", state(ScreenState::Locked)).await;
    let from = console.events.len();
    let before = pixel(&console, Point { x: 5, y: 5 });
    lab.platform.fill(Rect::new(0, 0, 320, 240), [50, 50, 50]);
    // The cursor comes after the damage, so what would have been sent for it has been.
    lab.platform.set_cursor(CursorShape {
        serial: 3,
        size: (1, 1),
        hotspot: (0, 0),
        bgra: vec![255; 4],
    });
    lab.platform.move_pointer(Point { x: 9, y: 9 }, true);
    until("the cursor", || {
        console.viewer.picture().lock().cursor().is_some_and(|(_, pos, _)| pos.x == 9)
    })
    .await;
    assert_eq!(pixel(&console, Point { x: 5, y: 5 }), before);
    lab.platform.set_locked(false);
    console.events.wait_from(from, "the screen again", state(ScreenState::Shown)).await;
    console.shows_screen(&lab.platform).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wayland_is_said_and_chat_still_works() {
    let lab = lab_that_shows(FakePlatform::new(320, 240).with_session(DesktopSession::Wayland)).await;
    let console = lab.technician(1).await;
    console.viewer.subscribe(everything());
    let code = |event: &ViewerEvent| match event {
        ViewerEvent::Screen(ScreenState::Unavailable(error)) => Some(error.code),
        _ => None,
    };
    assert_eq!(console.events.wait("the reason", code).await, ErrorCode::ScreenWayland);
    lab.host.send_chat("still here".into());
    let text = |event: &ViewerEvent| matches!(event, ViewerEvent::Chat { text, mine: false, .. } if text == "still here").then_some(());
    console.events.wait("the line", text).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn for_an_update_that_cannot_be_read_the_whole_picture_is_asked_for() {
    let (here, there) = (endpoint().await, endpoint().await);
    let gateway = SigningKey::from_bytes(&[7; 32]);
    let ticket = ticket_for(PeerKey(*here.id().as_bytes()), 1, &there, VIEW);
    let signed = Signed::seal(&ticket, &gateway);
    let console = Console::start(ticket, signed, &gateway, Dialer::new(there, loopback(&here)));
    let mut host = RawHost::welcome(&here, VIEW).await;
    console.in_view().await;
    let mut update = host.conn.open_uni().await.unwrap();
    update.write_all(b"no update").await.unwrap();
    update.finish().unwrap();
    let pick = |message| match message {
        HostBound::Resync(resync) => Some(resync.reason),
        _ => None,
    };
    let reason = host.hear("a wish for the whole picture", pick).await;
    assert!(reason.contains("cannot be read"), "{reason}");
}
