//! The viewer's frame: whole updates, and updates that a host must not send.

mod support;

use farhand_codec::operations::{Operation, TilesReason, VideoKind, append_operation};
use farhand_codec::painter::MAX_VIDEO_STREAMS;
use farhand_codec::planner::{PlannerConfig, RegionPlanner};
use farhand_codec::video::{Content, VideoConfig};
use farhand_codec::{Area, Canvas, DecodeError, FramePainter, TileEncoder, VideoEncoder};
use support::{Chance, film, psnr, same_colours, text, with_letter};

fn update(operations: &[Operation<'_>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    operations.iter().for_each(|operation| append_operation(operation, &mut bytes));
    bytes
}

fn reset(width: u32, height: u32) -> Vec<u8> {
    update(&[Operation::Reset { width, height }])
}

fn tiles(picture: &Canvas, areas: &[Area]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = TileEncoder::new().unwrap();
    encoder
        .append_operations(&picture.as_picture(), areas, TilesReason::Change, &mut bytes)
        .unwrap();
    bytes
}

fn encoder(width: u32, height: u32) -> VideoEncoder {
    let (bitrate_bps, max_bitrate_bps) = (4_000_000, 20_000_000);
    VideoEncoder::new(VideoConfig {
        width,
        height,
        bitrate_bps,
        max_bitrate_bps,
        fps_max: 30,
        content: Content::Camera,
    })
    .unwrap()
}

fn video(stream: u16, encoder: &mut VideoEncoder, picture: &Canvas, area: Area, painted: &[Area]) -> Vec<u8> {
    let part = picture.as_picture().part(area).unwrap();
    let coded = encoder.encode(&part, 0).unwrap().unwrap();
    update(&[Operation::Video {
        stream,
        kind: coded.kind,
        area,
        painted: painted.into(),
        bytes: coded.bytes,
    }])
}

#[test]
fn a_frame_is_begun_painted_scrolled_and_begun_anew() {
    let page = text(800, 600, 0);
    let mut painter = FramePainter::new().unwrap();
    assert!(painter.frame().is_none());
    let painted = painter
        .apply(&[reset(800, 600), tiles(&page, &[Area::of_size(800, 600)])].concat())
        .unwrap();
    assert!(painted.resized);
    assert_eq!(painted.changed, [Area::of_size(800, 600)]);
    assert!(same_colours(&painter.frame().unwrap(), &page.as_picture()));

    // The page scrolls by 40 rows under its title: a copy, and tiles for what came into view.
    let scrolled = text(800, 600, 40);
    let mut bytes = update(&[Operation::Copy {
        from_x: 0,
        from_y: 64,
        to: Area::new(0, 24, 800, 536),
    }]);
    bytes.extend(tiles(&scrolled, &[Area::new(0, 560, 800, 40)]));
    let painted = painter.apply(&bytes).unwrap();
    assert_eq!(painted.changed, [Area::new(0, 24, 800, 536), Area::new(0, 560, 800, 40)]);
    assert!(same_colours(&painter.frame().unwrap(), &scrolled.as_picture()));

    assert!(painter.apply(&reset(16, 9)).unwrap().resized);
    assert!(same_colours(&painter.frame().unwrap(), &Canvas::black(16, 9).unwrap().as_picture()));
}

#[test]
fn video_is_shown_only_where_it_is_told_to_be() {
    let page = text(640, 480, 0);
    let area = Area::new(128, 64, 256, 192);
    let mut painter = FramePainter::new().unwrap();
    painter
        .apply(&[reset(640, 480), tiles(&page, &[Area::of_size(640, 480)])].concat())
        .unwrap();
    let moving = film(640, 480, 1);
    let mut encoder = encoder(256, 192);
    let part = Area::new(192, 128, 64, 64);
    let painted = painter.apply(&video(3, &mut encoder, &moving, area, &[part])).unwrap();
    assert_eq!((painted.changed, painted.keys_wanted), (vec![part], vec![]));
    let frame = painter.frame().unwrap();
    assert!(psnr(&frame.part(part).unwrap(), &moving.as_picture().part(part).unwrap()) > 30.0);
    for rest in Area::of_size(640, 480).without(&part) {
        assert!(same_colours(&frame.part(rest).unwrap(), &page.as_picture().part(rest).unwrap()));
    }
    let painted = painter.apply(&video(3, &mut encoder, &moving, area, &[area])).unwrap();
    assert_eq!(painted.changed, [area]);
    // A picture of which nothing is shown is what the next one depends on.
    let pixels = |painter: &FramePainter| (0..480).flat_map(|y| painter.frame().unwrap().row(y).to_vec()).collect::<Vec<u8>>();
    let before = pixels(&painter);
    let next = film(640, 480, 40);
    let painted = painter.apply(&video(3, &mut encoder, &next, area, &[])).unwrap();
    assert_eq!((painted.changed, painted.keys_wanted), (vec![], vec![]));
    assert!(pixels(&painter) == before);
    let next = film(640, 480, 41);
    painter.apply(&video(3, &mut encoder, &next, area, &[area])).unwrap();
    let part = painter.frame().unwrap().part(area).unwrap();
    assert!(psnr(&part, &next.as_picture().part(area).unwrap()) > 30.0);
}

#[test]
fn a_lost_picture_asks_for_a_key_and_the_rest_goes_on() {
    let moving = film(320, 240, 0);
    let area = Area::of_size(320, 240);
    let mut encoder = encoder(320, 240);
    let lost = video(7, &mut encoder, &moving, area, &[area]);
    let delta = video(7, &mut encoder, &film(320, 240, 1), area, &[area]);
    let page = text(320, 240, 0);
    let letter = Area::new(8, 32, 12, 13);
    let mut painter = FramePainter::new().unwrap();
    let painted = painter.apply(&[reset(320, 240), delta, tiles(&page, &[letter])].concat()).unwrap();
    assert_eq!(painted.keys_wanted, [7]);
    assert!(same_colours(
        &painter.frame().unwrap().part(letter).unwrap(),
        &page.as_picture().part(letter).unwrap()
    ));
    // A key that comes mends it, also within one update.
    let delta = video(7, &mut encoder, &film(320, 240, 2), area, &[area]);
    let painted = painter.apply(&[delta, lost].concat()).unwrap();
    assert_eq!((painted.keys_wanted, painted.changed), (vec![], vec![area]));
    let end = update(&[Operation::EndVideo { stream: 7 }]);
    painter.apply(&end).unwrap();
    let delta = video(7, &mut encoder, &film(320, 240, 3), area, &[area]);
    assert_eq!(painter.apply(&delta).unwrap().keys_wanted, [7]);
}

#[test]
fn a_stream_gets_another_size_with_a_key() {
    let moving = film(640, 480, 0);
    let mut painter = FramePainter::new().unwrap();
    painter.apply(&reset(640, 480)).unwrap();
    let small = Area::new(64, 64, 192, 128);
    painter.apply(&video(1, &mut encoder(192, 128), &moving, small, &[small])).unwrap();
    let large = Area::new(0, 64, 320, 256);
    let painted = painter.apply(&video(1, &mut encoder(320, 256), &moving, large, &[large])).unwrap();
    assert_eq!((painted.changed, painted.keys_wanted), (vec![large], vec![]));
    let part = painter.frame().unwrap().part(large).unwrap();
    assert!(psnr(&part, &moving.as_picture().part(large).unwrap()) > 30.0);
}

#[test]
fn what_lies_outside_the_frame_is_refused() {
    let big = text(640, 480, 0);
    let mut painter = FramePainter::new().unwrap();
    let letter = tiles(&big, &[Area::new(0, 0, 12, 13)]);
    assert_eq!(painter.apply(&letter), Err(DecodeError::OutsideFrame), "before there is a frame");
    painter.apply(&reset(320, 240)).unwrap();
    assert_eq!(
        painter.apply(&tiles(&big, &[Area::new(310, 0, 12, 13)])),
        Err(DecodeError::OutsideFrame)
    );
    let copy = update(&[Operation::Copy {
        from_x: 0,
        from_y: 239,
        to: Area::new(0, 0, 10, 2),
    }]);
    assert_eq!(painter.apply(&copy), Err(DecodeError::OutsideFrame));
    let area = Area::new(0, 0, 336, 240);
    let outside = video(1, &mut encoder(336, 240), &film(640, 480, 0), area, &[area]);
    assert_eq!(painter.apply(&outside), Err(DecodeError::OutsideFrame));
}

#[test]
fn streams_and_work_are_bounded() {
    let mut painter = FramePainter::new().unwrap();
    painter.apply(&reset(640, 480)).unwrap();
    let moving = film(640, 480, 0);
    let area = Area::new(0, 0, 64, 64);
    for stream in 0..MAX_VIDEO_STREAMS as u16 {
        painter.apply(&video(stream, &mut encoder(64, 64), &moving, area, &[area])).unwrap();
    }
    let one_more = video(99, &mut encoder(64, 64), &moving, area, &[area]);
    assert_eq!(painter.apply(&one_more), Err(DecodeError::TooLarge("number of video streams")));
    let copy = Operation::Copy {
        from_x: 0,
        from_y: 0,
        to: Area::of_size(640, 480),
    };
    painter.apply(&update(&[copy; 16])).unwrap();
    assert_eq!(
        painter.apply(&update(&[copy; 17])),
        Err(DecodeError::TooLarge("work of one update"))
    );
}

#[test]
fn many_changes_are_told_as_one() {
    let mut painter = FramePainter::new().unwrap();
    painter.apply(&reset(640, 480)).unwrap();
    let copies: Vec<_> = (0..3000)
        .map(|at| Operation::Copy {
            from_x: 0,
            from_y: 0,
            to: Area::new(at % 600, at % 400, 3, 3),
        })
        .collect();
    let painted = painter.apply(&update(&copies)).unwrap();
    assert!(painted.changed.len() <= 1024);
    let all = painted.changed.iter().fold(Area::default(), |all, area| all.union(area));
    assert_eq!(all, Area::new(0, 0, 602, 402));
}

#[test]
fn changed_and_random_updates_never_panic() {
    let page = text(320, 240, 0);
    let mut encoder = encoder(128, 128);
    let area = Area::new(64, 64, 128, 128);
    let mut good = [reset(320, 240), tiles(&page, &[Area::of_size(320, 240)])].concat();
    good.extend(update(&[Operation::Copy {
        from_x: 0,
        from_y: 9,
        to: Area::new(0, 0, 300, 200),
    }]));
    good.extend(video(1, &mut encoder, &film(320, 240, 0), area, &[Area::new(64, 64, 64, 64)]));
    good.extend(video(1, &mut encoder, &film(320, 240, 1), area, &[area]));
    let mut painter = FramePainter::new().unwrap();
    for length in 0..good.len() {
        let _ = painter.apply(&good[..length]);
    }
    let mut chance = Chance::new(21);
    for round in 0..3000 {
        let mut bytes = good.clone();
        if round % 4 == 0 {
            let length = chance.below(64) as usize;
            bytes = chance.bytes(length);
        }
        for _ in 0..chance.below(5) {
            if !bytes.is_empty() {
                let at = chance.below(bytes.len().min(1 << (4 + round % 14)) as u64) as usize;
                bytes[at] = chance.next() as u8;
            }
        }
        let _ = painter.apply(&bytes);
    }
    painter.apply(&good).unwrap();
}

/// A host and a viewer joined by bytes alone: pages, typing, a film, and stillness.
#[test]
fn a_session_ends_with_exactly_the_screen() {
    let (width, height) = (800, 600);
    let film_area = Area::new(200, 150, 400, 300);
    let mut planner = RegionPlanner::new(width, height, PlannerConfig::default());
    let mut tile_encoder = TileEncoder::new().unwrap();
    let mut stream: Option<VideoEncoder> = None;
    let mut painter = FramePainter::new().unwrap();
    let mut screen = text(width, height, 0);
    let mut videos = 0;
    for step in 0..160_u64 {
        let mut damage = match step {
            0 => vec![Area::of_size(width, height)],
            _ => Vec::new(),
        };
        if (10..60).contains(&step) {
            let moving = film(width, height, step as u32);
            for y in film_area.y..film_area.bottom() {
                let columns = film_area.x as usize * 4..film_area.right() as usize * 4;
                screen.as_picture_mut().row_mut(y)[columns.clone()].copy_from_slice(&moving.as_picture().row(y)[columns]);
            }
            damage.push(film_area);
        }
        if step % 3 == 0 {
            let letter = Area::new(8 + (step as u32 * 8) % 700, 40, 8, 13);
            screen = with_letter(&screen, letter, step as u8);
            damage.push(letter);
        }
        let plan = planner.plan(&damage, step * 40, &[(400, 300)]);
        let mut bytes = if step == 0 { reset(width, height) } else { Vec::new() };
        let picture = screen.as_picture();
        tile_encoder
            .append_operations(&picture, &plan.tiles, TilesReason::Change, &mut bytes)
            .unwrap();
        if plan.video_restarted && stream.take().is_some() {
            append_operation(&Operation::EndVideo { stream: 5 }, &mut bytes);
        }
        if let Some(plan) = &plan.video {
            videos += 1;
            let area = plan.area;
            let encoder = stream.get_or_insert_with(|| encoder(area.width, area.height));
            let coded = encoder.encode(&picture.part(area).unwrap(), step * 40).unwrap().unwrap();
            let painted = plan.painted.as_slice().into();
            append_operation(
                &Operation::Video {
                    stream: 5,
                    kind: coded.kind,
                    area,
                    painted,
                    bytes: coded.bytes,
                },
                &mut bytes,
            );
            assert_eq!(coded.kind == VideoKind::Key, videos == 1);
        }
        tile_encoder
            .append_operations(&picture, &plan.refine, TilesReason::Refine, &mut bytes)
            .unwrap();
        let painted = painter.apply(&bytes).unwrap();
        assert_eq!(painted.keys_wanted, Vec::<u16>::new());
        assert!(psnr(&painter.frame().unwrap(), &picture) > 30.0, "step {step}");
    }
    assert!(videos > 30 && stream.is_none());
    assert_eq!(planner.lossy_pixels(), 0);
    assert!(same_colours(&painter.frame().unwrap(), &screen.as_picture()));
}
