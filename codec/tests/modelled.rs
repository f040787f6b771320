//! Modelled pixels: what they cost, that they come back exactly, and bytes that no encoder of ours wrote.

mod support;

use farhand_codec::modelled::{MAX_MODELLED_PIXELS, PixelModel};
use farhand_codec::operations::{Operation, TilesReason, append_operation};
use farhand_codec::{Area, Canvas, DecodeError, EncodeError, FramePainter, TileEncoder};
use support::{Chance, film, noise, palette, same_colours, solid, text};

const SIDE: u32 = 480;

fn update(model: &mut PixelModel, picture: &Canvas, areas: &[Area]) -> Vec<u8> {
    let (mut coded, mut bytes) = (Vec::new(), Vec::new());
    model.encode(&picture.as_picture(), areas, &mut coded).unwrap();
    let (reason, areas, coded) = (TilesReason::Change, areas.into(), &coded);
    append_operation(&Operation::Modelled { reason, areas, coded }, &mut bytes);
    bytes
}

fn reset() -> Vec<u8> {
    let mut bytes = Vec::new();
    append_operation(&Operation::Reset { width: SIDE, height: SIDE }, &mut bytes);
    bytes
}

/// Pieces of the picture from the middle on, as they are made exact.
fn pieces() -> Vec<Area> {
    let starts = || (0..SIDE).step_by(64);
    let mut pieces: Vec<Area> = starts()
        .flat_map(|y| starts().map(move |x| Area::new(x, y, 64.min(SIDE - x), 64.min(SIDE - y))))
        .collect();
    pieces.sort_by_key(|piece| piece.x.abs_diff(200).max(piece.y.abs_diff(200)));
    pieces
}

#[test]
fn every_kind_of_picture_comes_back_exactly_piece_by_piece() {
    let (mut model, mut painter) = (PixelModel::new(), FramePainter::new().unwrap());
    painter.apply(&reset()).unwrap();
    let pictures = [
        text(SIDE, SIDE, 0),
        film(SIDE, SIDE, 1),
        solid(SIDE, SIDE),
        palette(SIDE, SIDE, 300, 4),
        noise(SIDE, SIDE, 3),
        text(SIDE, SIDE, 40),
    ];
    for picture in &pictures {
        for piece in pieces() {
            let painted = painter.apply(&update(&mut model, picture, &[piece])).unwrap();
            assert_eq!(painted.changed, [piece]);
        }
        assert!(same_colours(&painter.frame().unwrap(), &picture.as_picture()));
    }
    // One pixel, one row, one column, and several areas that touch nothing.
    let areas = [
        Area::new(3, 3, 1, 1),
        Area::new(9, 9, 400, 1),
        Area::new(0, 20, 1, 400),
        Area::new(70, 30, 100, 90),
    ];
    painter.apply(&update(&mut model, &pictures[1], &areas)).unwrap();
    for area in areas {
        let shown = painter.frame().unwrap().part(area).unwrap();
        assert!(same_colours(&shown, &pictures[1].as_picture().part(area).unwrap()));
    }
}

#[test]
fn text_made_exact_piece_by_piece_takes_less_than_a_third_of_what_tiles_take() {
    let page = text(SIDE, SIDE, 0);
    let (mut model, mut tiles) = (PixelModel::new(), TileEncoder::new().unwrap());
    let (mut modelled, mut tiled) = (0, 0);
    for piece in pieces() {
        modelled += update(&mut model, &page, &[piece]).len();
        let mut bytes = Vec::new();
        tiles
            .append_operations(&page.as_picture(), &[piece], TilesReason::Change, &mut bytes)
            .unwrap();
        tiled += bytes.len();
    }
    println!("{modelled} bytes modelled, {tiled} as tiles");
    assert!(modelled * 3 < tiled, "{modelled} of {tiled}");
}

#[test]
fn a_reset_begins_the_model_anew_on_both_sides() {
    let page = text(SIDE, SIDE, 0);
    let mut painter = FramePainter::new().unwrap();
    let whole = [Area::of_size(SIDE, SIDE)];
    for _ in 0..2 {
        let mut model = PixelModel::new();
        let bytes = [reset(), update(&mut model, &page, &whole)].concat();
        painter.apply(&bytes).unwrap();
        assert!(same_colours(&painter.frame().unwrap(), &page.as_picture()));
    }
    // Without one, the viewer has learnt what the host has not.
    let other = text(SIDE, SIDE, 40);
    let _ = painter.apply(&update(&mut PixelModel::new(), &other, &whole));
    assert!(!same_colours(&painter.frame().unwrap(), &other.as_picture()));
}

#[test]
fn what_is_too_much_or_outside_is_refused() {
    let picture = Canvas::black(2000, 1000).unwrap();
    let mut model = PixelModel::new();
    let mut out = vec![1, 2, 3];
    let mut try_area = |area| model.encode(&picture.as_picture(), &[area], &mut out);
    assert_eq!(try_area(Area::new(1990, 0, 20, 5)), Err(EncodeError::OutsidePicture));
    assert_eq!(try_area(Area::default()), Err(EncodeError::OutsidePicture));
    assert!(matches!(try_area(Area::of_size(2000, 1000)), Err(EncodeError::Unsupported(_))));
    assert_eq!(out, [1, 2, 3]);

    let mut painter = FramePainter::new().unwrap();
    let paint = |painter: &mut FramePainter, areas: &[Area], coded: &[u8]| {
        let (reason, areas) = (TilesReason::Change, areas.into());
        let mut bytes = Vec::new();
        append_operation(&Operation::Modelled { reason, areas, coded }, &mut bytes);
        painter.apply(&bytes)
    };
    let one = Area::of_size(8, 8);
    assert_eq!(paint(&mut painter, &[one], &[]), Err(DecodeError::OutsideFrame));
    painter.apply(&reset()).unwrap();
    assert_eq!(
        paint(&mut painter, &[Area::new(SIDE - 7, 0, 8, 8)], &[]),
        Err(DecodeError::OutsideFrame)
    );
    assert!(matches!(paint(&mut painter, &[one], &[0; 40]), Err(DecodeError::Malformed(_))));
    // As often as an update likes, but not more pixels than its measure.
    let whole = Area::of_size(SIDE, SIDE);
    let times = (MAX_MODELLED_PIXELS / whole.pixels() + 1) as usize;
    assert!(matches!(
        paint(&mut painter, &vec![whole; times], &[]),
        Err(DecodeError::TooLarge(_))
    ));
    // Nor in several operations, each of which is within it.
    let page = text(SIDE, SIDE, 0);
    let mut model = PixelModel::new();
    let many: Vec<u8> = (0..times).flat_map(|_| update(&mut model, &page, &[whole])).collect();
    let mut painter = FramePainter::new().unwrap();
    painter.apply(&reset()).unwrap();
    assert!(matches!(painter.apply(&many), Err(DecodeError::TooLarge(_))));
}

#[test]
fn whatever_the_bytes_are_nothing_panics() {
    let page = text(SIDE, SIDE, 0);
    let mut model = PixelModel::new();
    let good = update(&mut model, &page, &[Area::new(5, 7, 200, 90)]);
    let mut chance = Chance::new(5);
    for round in 0..300 {
        let mut painter = FramePainter::new().unwrap();
        painter.apply(&reset()).unwrap();
        let mut bytes = good.clone();
        match round % 3 {
            0 => bytes.truncate(chance.below(bytes.len() as u64) as usize),
            1 => {
                let at = 9 + chance.below(bytes.len() as u64 - 9) as usize;
                bytes[at] ^= 1 << chance.below(8);
            }
            _ => {
                let noise = chance.bytes(bytes.len() - 9);
                bytes[9..].copy_from_slice(&noise);
            }
        }
        let _ = painter.apply(&bytes);
    }
}

#[test]
fn modelled_pixels_have_these_bytes_for_ever() {
    // Each end must foresee what the other does, whichever was built when.
    let mut model = PixelModel::new();
    let mut bytes = Vec::new();
    for picture in [text(160, 90, 0), film(160, 90, 2), text(160, 90, 7)] {
        model
            .encode(
                &picture.as_picture(),
                &[Area::new(3, 2, 150, 61), Area::new(0, 70, 9, 18)],
                &mut bytes,
            )
            .unwrap();
    }
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    assert_eq!(
        (bytes.len(), hash),
        (8146, 15_780_189_615_811_762_353),
        "another coding needs another kind of operation"
    );
}
