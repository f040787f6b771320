//! Whole pipelines before a fake screen, and what their viewers are sent.

use std::sync::atomic::AtomicBool;

use bytes::Bytes;
use farhand_codec::{Area, FramePainter};
use farhand_protocol::media::{CURSOR_BYTES, MOST_UPDATES_UNDER_WAY, UpdateHeader};

use super::*;
use crate::platform::fake::FakePlatform;

const LONG: Duration = Duration::from_secs(20);

/// A viewer that takes updates and says nothing by itself.
struct Mute(mpsc::Sender<Bytes>, Option<u64>);

impl Port for Mute {
    fn say(&self, _: &ViewerBound) {}
    fn send_update(&self, _: u64, update: Bytes, _: Speed) {
        let _ = self.0.send(update);
    }
    fn written(&self) -> u64 {
        u64::MAX
    }
    fn send_cursor(&self, _: [u8; CURSOR_BYTES]) {}
    fn wake_on_arrival(&self, _: &Arc<dyn Fn() + Send + Sync>) {}
    fn path(&self) -> PathFigures {
        PathFigures {
            cwnd_bytes: u64::MAX,
            rtt: Duration::from_millis(5),
            bandwidth_bps: self.1,
            delivered: 0,
        }
    }
}

fn header_of(update: &Bytes) -> UpdateHeader {
    UpdateHeader::from_bytes(update).unwrap().0
}

fn acknowledge(update: u64) -> Order {
    Order::Acknowledge(
        1,
        Acknowledge {
            update,
            received_bytes: 0,
            shown_after_micros: 0,
        },
    )
}

fn watch(pipeline: &Pipeline, viewer: u64) -> mpsc::Receiver<Bytes> {
    watch_over(pipeline, viewer, None)
}

fn watch_over(pipeline: &Pipeline, viewer: u64, bandwidth_bps: Option<u64>) -> mpsc::Receiver<Bytes> {
    let (port, updates) = mpsc::channel();
    let subscribe = Subscribe {
        monitors: Vec::new(),
        on: true,
    };
    pipeline.order(Order::Watch {
        viewer,
        port: Some(Box::new(Mute(port, bandwidth_bps))),
        subscribe,
    });
    updates
}

#[test]
fn what_is_not_sent_yet_is_replaced_by_newer_state() {
    let platform = FakePlatform::new(200, 100);
    // Too large to be answered together with others.
    let fill = |value: u8| {
        platform.paint(Rect::new(40, 40, 60, 60), |x, y| {
            [value, (x * x * 7 + y * 13) as u8, (y * y * 5 + x * 11) as u8]
        });
    };
    let pipeline = Pipeline::start(Arc::new(platform.clone()), Clock::start(), TypedAt::never(), |_| {}).unwrap();
    let updates = watch(&pipeline, 1);
    let mut painter = FramePainter::new().unwrap();
    let mut take = |updates: &mpsc::Receiver<Bytes>| {
        let update = updates.recv_timeout(LONG).unwrap();
        painter.apply(UpdateHeader::from_bytes(&update).unwrap().1).unwrap();
        (header_of(&update), painter.frame().unwrap().row(50)[200])
    };
    let (first, _) = take(&updates);
    assert!(first.full.is_some() && first.exact && first.update == 1);
    for value in [1, 2] {
        fill(value);
        let (update, pixel) = take(&updates);
        assert_eq!((update.update, update.full.is_some(), pixel), (u64::from(value) + 1, false, value));
    }
    // Two are on their way; whatever happens now waits.
    (3..=9).for_each(fill);
    assert!(updates.recv_timeout(Duration::from_millis(100)).is_err());
    pipeline.order(acknowledge(3));
    let (fourth, pixel) = take(&updates);
    assert_eq!((fourth.update, fourth.base, pixel), (4, 3, 9));
    assert!(updates.recv_timeout(Duration::from_millis(100)).is_err(), "one update holds it all");
}

#[test]
fn damage_without_a_change_sends_nothing_and_a_resync_sends_everything() {
    let platform = FakePlatform::new(200, 100);
    let pipeline = Pipeline::start(Arc::new(platform.clone()), Clock::start(), TypedAt::never(), |_| {}).unwrap();
    let updates = watch(&pipeline, 1);
    updates.recv_timeout(LONG).unwrap();
    pipeline.order(acknowledge(1));
    platform.fill(Rect::new(0, 0, 200, 100), [0, 0, 0]);
    assert!(updates.recv_timeout(Duration::from_millis(150)).is_err());
    pipeline.order(Order::Resync(1));
    assert!(header_of(&updates.recv_timeout(LONG).unwrap()).full.is_some());
}

#[test]
fn a_slow_link_gets_a_reduced_picture_first_and_then_the_exact_one() {
    let platform = FakePlatform::new(640, 480);
    platform.paint(Rect::new(0, 0, 640, 480), |x, y| {
        [(x * 7 % 251) as u8, (y * 5 % 241) as u8, (x ^ y) as u8]
    });
    let pipeline = Pipeline::start(Arc::new(platform.clone()), Clock::start(), TypedAt::never(), |_| {}).unwrap();
    let updates = watch_over(&pipeline, 1, Some(400_000));
    let mut painter = FramePainter::new().unwrap();
    let mut is_first = true;
    loop {
        let update = updates.recv_timeout(LONG).unwrap();
        painter.apply(UpdateHeader::from_bytes(&update).unwrap().1).unwrap();
        let header = header_of(&update);
        assert!(!is_first || !header.exact, "the first picture is a reduced one");
        is_first = false;
        if header.exact {
            break;
        }
        pipeline.order(acknowledge(header.update));
    }
    assert_same(&painter, &platform);
}

/// Every pixel of a screen of 640 × 480.
fn assert_same(painter: &FramePainter, platform: &FakePlatform) {
    let frame = painter.frame().unwrap();
    for y in 0..480 {
        for (x, pixel) in frame.row(y).chunks_exact(4).enumerate() {
            assert_eq!(
                platform.pixel(Point { x: x as i32, y: y as i32 }).unwrap()[..3],
                pixel[..3],
                "{x}, {y}"
            );
        }
    }
}

#[test]
fn what_was_taken_back_and_what_is_begun_anew_leaves_a_slow_viewer_and_its_host_with_the_same() {
    let platform = FakePlatform::new(640, 480);
    let text = |x: i32, y: i32| if (x / 3 + y / 5) % 7 == 0 { [40; 3] } else { [250; 3] };
    platform.paint(Rect::new(0, 0, 640, 480), text);
    let pipeline = Pipeline::start(Arc::new(platform.clone()), Clock::start(), TypedAt::never(), |_| {}).unwrap();
    let updates = watch_over(&pipeline, 1, Some(28_000));
    let mut painter = FramePainter::new().unwrap();
    let until_exact = |painter: &mut FramePainter| {
        let (mut modelled, mut previews) = (0, 0);
        loop {
            let update = updates.recv_timeout(LONG).unwrap();
            let (header, operations) = UpdateHeader::from_bytes(&update).unwrap();
            for operation in farhand_codec::decode_operations(operations) {
                modelled += usize::from(matches!(operation, Ok(farhand_codec::Operation::Modelled { .. })));
                previews += usize::from(matches!(operation, Ok(farhand_codec::Operation::Preview { .. })));
            }
            painter.apply(operations).unwrap();
            pipeline.order(acknowledge(header.update));
            if header.exact {
                return (modelled, previews);
            }
        }
    };
    let (modelled, previews) = until_exact(&mut painter);
    assert!(modelled > 0 && previews > 0, "{modelled}, {previews}");
    // Of what follows, the text is foreseen first, and taken back when what is beside it turns out to take seconds.
    platform.paint(Rect::new(64, 64, 256, 128), |x, y| {
        if x < 192 {
            [(x * x * 7 + y * 13) as u8, (y * y * 5 + x) as u8, (x * y) as u8]
        } else {
            text(x * 5, y * 3)
        }
    });
    let (_, previews) = until_exact(&mut painter);
    assert!(previews > 0, "it was taken back");
    assert_same(&painter, &platform);
    platform.paint(Rect::new(300, 300, 9, 18), |x, y| text(x * 2, y * 2));
    assert!(until_exact(&mut painter).0 > 0);
    assert_same(&painter, &platform);
    pipeline.order(Order::Resync(1));
    until_exact(&mut painter);
    assert_same(&painter, &platform);
}

#[test]
fn a_line_of_28_kbit_gets_a_preview_in_few_bytes_then_what_is_near_the_pointer_and_all_of_it_in_the_end() {
    let platform = FakePlatform::new(640, 480);
    platform.paint(
        Rect::new(0, 0, 640, 480),
        |x, y| if (x / 3 + y / 5) % 7 == 0 { [40; 3] } else { [250; 3] },
    );
    platform.move_pointer(Point { x: 330, y: 250 }, true);
    let pipeline = Pipeline::start(Arc::new(platform.clone()), Clock::start(), TypedAt::never(), |_| {}).unwrap();
    let updates = watch_over(&pipeline, 1, Some(28_000));
    let mut painter = FramePainter::new().unwrap();
    let mut number = 0;
    loop {
        let update = updates.recv_timeout(LONG).unwrap();
        let (header, operations) = UpdateHeader::from_bytes(&update).unwrap();
        let painted = painter.apply(operations).unwrap();
        number += 1;
        match number {
            1 => {
                assert!(!header.exact && update.len() < 3 * 28_000 / 8, "{} bytes", update.len());
                assert!(painter.frame().unwrap().row(240)[320 * 4] > 100, "it is recognisable");
            }
            2 => {
                let near = painted.changed.iter().any(|area| area.contains(&Area::new(330, 250, 1, 1)));
                assert!(near && update.len() < 2 * 28_000 / 8, "{:?}", painted.changed);
            }
            _ => {}
        }
        if header.exact {
            break;
        }
        pipeline.order(acknowledge(header.update));
    }
    assert!(number > 5, "bit by bit");
    for y in 0..480 {
        for (x, pixel) in painter.frame().unwrap().row(y).chunks_exact(4).enumerate() {
            assert_eq!(
                platform.pixel(Point { x: x as i32, y: y as i32 }).unwrap()[..3],
                pixel[..3],
                "{x}, {y}"
            );
        }
    }
}

/// A viewer whose line takes nothing any more.
struct Stuck(mpsc::Sender<u64>);

impl Port for Stuck {
    fn say(&self, _: &ViewerBound) {}
    fn send_update(&self, number: u64, _: Bytes, _: Speed) {
        let _ = self.0.send(number);
    }
    fn written(&self) -> u64 {
        0
    }
    fn send_cursor(&self, _: [u8; CURSOR_BYTES]) {}
    fn wake_on_arrival(&self, _: &Arc<dyn Fn() + Send + Sync>) {}
    fn path(&self) -> PathFigures {
        PathFigures {
            cwnd_bytes: u64::MAX,
            rtt: Duration::from_millis(5),
            bandwidth_bps: None,
            delivered: 0,
        }
    }
}

#[test]
fn a_viewer_that_claims_to_show_what_never_left_is_made_no_more_of_it() {
    let platform = FakePlatform::new(64, 64);
    let pipeline = Pipeline::start(Arc::new(platform.clone()), Clock::start(), TypedAt::never(), |_| {}).unwrap();
    let (honest, (port, sent)) = (watch(&pipeline, 2), mpsc::channel());
    let subscribe = Subscribe {
        monitors: Vec::new(),
        on: true,
    };
    pipeline.order(Order::Watch {
        viewer: 1,
        port: Some(Box::new(Stuck(port))),
        subscribe,
    });
    assert_eq!(sent.recv_timeout(LONG), Ok(1));
    let mut last = header_of(&honest.recv_timeout(LONG).unwrap()).update;
    for step in 0..40 {
        (1..100).for_each(|update| pipeline.order(acknowledge(update)));
        platform.fill(Rect::new(0, 0, 9, 9), [step, 1, 2]);
        let shown = Acknowledge {
            update: last,
            received_bytes: 0,
            shown_after_micros: 0,
        };
        pipeline.order(Order::Acknowledge(2, shown));
        last = header_of(&honest.recv_timeout(LONG).unwrap()).update;
    }
    assert!(
        sent.try_iter().count() < MOST_UPDATES_UNDER_WAY,
        "and no more than may be under way"
    );
}

#[test]
fn who_watches_again_is_sent_everything_under_higher_numbers_and_nobody_else_is_disturbed() {
    let platform = FakePlatform::new(64, 64);
    let pipeline = Pipeline::start(Arc::new(platform.clone()), Clock::start(), TypedAt::never(), |_| {}).unwrap();
    let (ada, ben) = (watch(&pipeline, 1), watch(&pipeline, 2));
    ada.recv_timeout(LONG).unwrap();
    ben.recv_timeout(LONG).unwrap();
    pipeline.order(Order::Unwatch(1));
    let again = watch(&pipeline, 1);
    let header = header_of(&again.recv_timeout(LONG).unwrap());
    assert!(header.full.is_some() && header.update == 2);
    assert!(ben.recv_timeout(Duration::from_millis(100)).is_err());
}

#[test]
fn viewers_of_a_film_are_sent_the_same_bytes_and_end_up_exact_beside_one_who_says_nothing() {
    let platform = FakePlatform::new(640, 448);
    let pipeline = Pipeline::start(Arc::new(platform.clone()), Clock::start(), TypedAt::never(), |_| {}).unwrap();
    let pipeline = &pipeline;
    let film = |step: i32| {
        platform.paint(Rect::new(64, 64, 512, 320), |x, y| {
            let noise = (x * 7919 + y * 104_729 + step * 15_485) as u32;
            [(noise >> 7) as u8, (x + step * 3) as u8, (y + step * 5) as u8]
        });
        // A line of text within the film's rectangle.
        platform.fill(Rect::new(100 + step, 200, 7, 11), [0; 3]);
    };
    let is_over = AtomicBool::new(false);
    let look = |viewer: u64, updates: mpsc::Receiver<Bytes>, is_done: &dyn Fn(&[Vec<u8>], bool) -> bool| {
        let (mut painter, mut films) = (FramePainter::new().unwrap(), Vec::new());
        loop {
            let update = updates.recv_timeout(LONG).unwrap();
            let (header, operations) = UpdateHeader::from_bytes(&update).unwrap();
            let painted = painter.apply(operations).unwrap();
            assert!(painted.keys_wanted.is_empty(), "no picture of the film is missing");
            for operation in farhand_codec::operations::decode_operations(operations) {
                if let farhand_codec::operations::Operation::Video { bytes, .. } = operation.unwrap() {
                    films.push(bytes.to_vec());
                }
            }
            let shown = Acknowledge {
                update: header.update,
                received_bytes: 0,
                shown_after_micros: 0,
            };
            if is_done(&films, header.exact && is_over.load(Ordering::Relaxed)) {
                return (painter, films);
            }
            pipeline.order(Order::Acknowledge(viewer, shown));
        }
    };
    let (ada, ben, cleo) = (watch(pipeline, 1), watch(pipeline, 2), watch(pipeline, 3));
    let (ada, ben) = std::thread::scope(|scope| {
        let ada = scope.spawn(|| look(1, ada, &|_, is_exact| is_exact));
        let ben = scope.spawn(|| look(2, ben, &|_, is_exact| is_exact));
        // Says nothing any more from the first picture of the film on.
        let cleo = scope.spawn(|| look(3, cleo, &|films, _| !films.is_empty()));
        for step in 0..60 {
            film(step);
            std::thread::sleep(Duration::from_millis(30));
        }
        assert!(cleo.is_finished(), "the third was sent the film, too");
        is_over.store(true, Ordering::Relaxed);
        // Something more to be sent, and then it stands still.
        film(60);
        (ada.join().unwrap(), ben.join().unwrap())
    });
    let shared = ada.1.iter().filter(|bytes| ben.1.contains(bytes)).count();
    // One who is not scheduled for a while on a busy machine has another film for a while.
    let fewer = ada.1.len().min(ben.1.len());
    assert!(shared > 3 && fewer > 6, "{shared} of {} and {}", ada.1.len(), ben.1.len());
    for y in 0..448 {
        let rows = [ada.0.frame().unwrap().row(y), ben.0.frame().unwrap().row(y)];
        for (x, (one, other)) in rows[0].chunks_exact(4).zip(rows[1].chunks_exact(4)).enumerate() {
            let pixel = platform.pixel(Point { x: x as i32, y: y as i32 }).unwrap();
            assert_eq!((&one[..3], &other[..3]), (&pixel[..3], &pixel[..3]), "{x}, {y}");
        }
    }
}
