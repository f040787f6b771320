//! Exact tiles come back exactly, and bytes that are not tiles are refused.

mod support;

use farhand_codec::operations::{Operation, TilesReason, decode_operations};
use farhand_codec::tiles::{MAX_TILES_PIXELS, is_costly};
use farhand_codec::{Area, Canvas, DecodeError, EncodeError, Picture, PictureMut, TileDecoder, TileEncoder};
use support::{Chance, film, gradient, noise, palette, same_colours, solid, text};

fn decode(areas: &[Area], coded: &[u8], into: &mut Canvas) -> Result<(), DecodeError> {
    TileDecoder::new().unwrap().decode(areas.into(), coded, &mut into.as_picture_mut())
}

#[test]
fn every_kind_of_picture_in_every_odd_size_comes_back_exactly() {
    let mut encoder = TileEncoder::new().unwrap();
    let mut decoder = TileDecoder::new().unwrap();
    for (width, height) in [
        (1, 1),
        (2, 3),
        (12, 13),
        (63, 65),
        (64, 64),
        (65, 64),
        (129, 200),
        (333, 77),
        (640, 480),
    ] {
        let pictures = [
            noise(width, height, 7),
            solid(width, height),
            palette(width, height, 2, 1),
            palette(width, height, 3, 4),
            palette(width, height, 5, 5),
            palette(width, height, 16, 6),
            palette(width, height, 17, 7),
            palette(width, height, 200, 2),
            palette(width, height, 257, 3),
            gradient(width, height),
            film(width, height, 3),
            text(width, height, 5),
        ];
        for (kind, original) in pictures.iter().enumerate() {
            let mut coded = Vec::new();
            let whole = [Area::of_size(width, height)];
            encoder.encode(&original.as_picture(), &whole, &mut coded).unwrap();
            let mut decoded = Canvas::black(width, height).unwrap();
            decoder
                .decode(whole.as_slice().into(), &coded, &mut decoded.as_picture_mut())
                .unwrap();
            assert!(decoded == *original, "picture {kind} of {width} x {height}");
        }
    }
}

#[test]
fn exactly_as_many_colours_as_a_palette_holds() {
    for colours in [255, 256, 257] {
        let mut original = Canvas::black(64, 64).unwrap();
        for y in 0..64 {
            for (x, pixel) in original.as_picture_mut().row_mut(y).chunks_exact_mut(4).enumerate() {
                let colour = (y as usize * 64 + x) % colours;
                pixel.copy_from_slice(&[colour as u8, (colour >> 8) as u8, 9, 255]);
            }
        }
        let areas = [Area::of_size(64, 64)];
        let mut coded = Vec::new();
        TileEncoder::new()
            .unwrap()
            .encode(&original.as_picture(), &areas, &mut coded)
            .unwrap();
        let mut decoded = Canvas::black(64, 64).unwrap();
        decode(&areas, &coded, &mut decoded).unwrap();
        assert!(decoded == original, "{colours} colours");
    }
}

#[test]
fn only_the_areas_are_painted_and_from_their_own_place() {
    let original = text(400, 300, 0);
    let areas = [Area::new(1, 1, 12, 13), Area::new(70, 30, 130, 70), Area::new(399, 0, 1, 300)];
    let mut coded = Vec::new();
    TileEncoder::new()
        .unwrap()
        .encode(&original.as_picture(), &areas, &mut coded)
        .unwrap();
    let before = solid(400, 300);
    let mut decoded = before.clone();
    decode(&areas, &coded, &mut decoded).unwrap();
    for y in 0..300 {
        for x in 0..400 {
            let point = Area::new(x, y, 1, 1);
            let source = if areas.iter().any(|area| area.contains(&point)) {
                &original
            } else {
                &before
            };
            let [got, wanted] = [&decoded, source].map(|canvas| canvas.as_picture().part(point).unwrap().row(0).to_vec());
            assert_eq!(got, wanted, "at {x}, {y}");
        }
    }
}

#[test]
fn the_fourth_byte_does_not_matter_and_comes_back_as_255() {
    let mut chance = Chance::new(4);
    let mut bytes: Vec<u8> = [10, 20, 30, 0].repeat(100);
    bytes.chunks_exact_mut(4).for_each(|pixel| pixel[3] = chance.next() as u8);
    let areas = [Area::of_size(10, 10)];
    let mut coded = Vec::new();
    TileEncoder::new()
        .unwrap()
        .encode(&Picture::new(10, 10, 40, &bytes).unwrap(), &areas, &mut coded)
        .unwrap();
    assert_eq!(coded, [0, 0, 10, 20, 30]);
    let mut decoded = vec![0; 400];
    let mut into = PictureMut::new(10, 10, 40, &mut decoded).unwrap();
    TileDecoder::new()
        .unwrap()
        .decode(areas.as_slice().into(), &coded, &mut into)
        .unwrap();
    assert_eq!(decoded, [10, 20, 30, 255].repeat(100));
}

#[test]
fn a_whole_screen_goes_into_several_operations_that_decode_one_by_one() {
    let original = text(1920, 1080, 0);
    let mut update = Vec::new();
    let areas = [Area::of_size(1920, 1080)];
    let mut encoder = TileEncoder::new().unwrap();
    encoder
        .append_operations(&original.as_picture(), &areas, TilesReason::Refine, &mut update)
        .unwrap();
    let mut decoded = Canvas::black(1920, 1080).unwrap();
    let mut decoder = TileDecoder::new().unwrap();
    let mut count = 0;
    for operation in decode_operations(&update) {
        let Ok(Operation::Tiles { reason, areas, coded }) = operation else {
            panic!("{operation:?}")
        };
        assert_eq!(reason, TilesReason::Refine);
        assert!(areas.iter().map(|area| area.pixels()).sum::<u64>() <= MAX_TILES_PIXELS);
        decoder.decode(areas, coded, &mut decoded.as_picture_mut()).unwrap();
        count += 1;
    }
    assert_eq!(count, 9);
    assert!(same_colours(&decoded.as_picture(), &original.as_picture()));
}

#[test]
fn areas_outside_or_too_large_are_refused_and_leave_nothing_behind() {
    let picture = Canvas::black(2000, 1000).unwrap();
    let mut encoder = TileEncoder::new().unwrap();
    let mut out = vec![1, 2, 3];
    let mut try_area = |area| encoder.encode(&picture.as_picture(), &[area], &mut out);
    assert_eq!(try_area(Area::new(1990, 0, 20, 5)), Err(EncodeError::OutsidePicture));
    assert_eq!(try_area(Area::default()), Err(EncodeError::OutsidePicture));
    assert!(matches!(try_area(Area::of_size(2000, 1000)), Err(EncodeError::Unsupported(_))));
    assert_eq!(out, [1, 2, 3]);
    let outside = [Area::new(5, 5, 5, 5), Area::new(0, 999, 1, 2)];
    let result = encoder.append_operations(&picture.as_picture(), &outside, TilesReason::Change, &mut out);
    assert_eq!((result, out.len()), (Err(EncodeError::OutsidePicture), 3));
}

#[test]
fn tiles_cut_short_anywhere_are_refused() {
    for original in [text(150, 70, 0), film(80, 70, 1), noise(20, 20, 3), solid(70, 70)] {
        let areas = [original.as_picture().area()];
        let mut coded = Vec::new();
        TileEncoder::new()
            .unwrap()
            .encode(&original.as_picture(), &areas, &mut coded)
            .unwrap();
        let mut into = original.clone();
        for length in 0..coded.len() {
            assert!(decode(&areas, &coded[..length], &mut into).is_err(), "{length} of {}", coded.len());
        }
        coded.push(0);
        assert!(decode(&areas, &coded, &mut into).is_err(), "one byte too many");
    }
}

#[test]
fn changed_and_random_bytes_never_panic() {
    let mut chance = Chance::new(99);
    let mut decoder = TileDecoder::new().unwrap();
    let areas = [Area::new(3, 4, 100, 70), Area::new(0, 0, 2, 2)];
    let mut originals = Vec::new();
    for picture in [text(150, 90, 0), film(150, 90, 1), noise(150, 90, 2)] {
        let mut coded = Vec::new();
        TileEncoder::new()
            .unwrap()
            .encode(&picture.as_picture(), &areas, &mut coded)
            .unwrap();
        originals.push(coded);
        // As they are before zstd, too, so that the blocks themselves are damaged.
        let coded = originals.last().unwrap();
        if coded[0] == 1 {
            let blocks = zstd::bulk::decompress(&coded[1..], 1 << 20).unwrap();
            originals.push([&[0], &blocks[..]].concat());
        }
    }
    let mut into = Canvas::black(150, 90).unwrap();
    for round in 0..20_000 {
        let mut bytes = match round % 4 {
            0 => {
                let length = chance.below(300) as usize;
                chance.bytes(length)
            }
            _ => originals[chance.below(originals.len() as u64) as usize].clone(),
        };
        for _ in 0..chance.below(4) {
            if !bytes.is_empty() {
                let at = chance.below(bytes.len() as u64) as usize;
                bytes[at] = chance.next() as u8;
            }
        }
        let _ = decoder.decode(areas.as_slice().into(), &bytes, &mut into.as_picture_mut());
    }
    // And it still works afterwards.
    decoder
        .decode(areas.as_slice().into(), &originals[0], &mut into.as_picture_mut())
        .unwrap();
}

#[test]
fn a_frame_that_states_too_much_is_refused_before_it_is_unpacked() {
    let bomb = zstd::bulk::compress(&vec![0; 32 << 20], 1).unwrap();
    let coded = [&[1], &bomb[..]].concat();
    let mut into = Canvas::black(64, 64).unwrap();
    assert_eq!(
        decode(&[Area::of_size(64, 64)], &coded, &mut into),
        Err(DecodeError::TooLarge("decompressed tiles"))
    );
}

#[test]
fn two_frames_and_frames_without_a_size_are_refused() {
    let blocks = vec![0, 1, 2, 3];
    let one = zstd::bulk::compress(&blocks, 1).unwrap();
    let mut into = Canvas::black(8, 8).unwrap();
    let areas = [Area::of_size(8, 8)];
    decode(&areas, &[&[1], &one[..]].concat(), &mut into).unwrap();
    assert!(decode(&areas, &[&[1], &one[..], &one[..]].concat(), &mut into).is_err());
    let mut unsized_frame = Vec::new();
    zstd::stream::copy_encode(&blocks[..], &mut unsized_frame, 1).unwrap();
    assert!(decode(&areas, &[&[1], &unsized_frame[..]].concat(), &mut into).is_err());
    assert_eq!(
        decode(&areas, &[3, 0], &mut into),
        Err(DecodeError::Malformed("unknown coding of tiles"))
    );
}

#[test]
fn short_frames_are_one_and_of_few_bytes_and_come_without_their_magic_number() {
    const MAGIC_BYTES: usize = 4;
    let mut into = Canvas::black(64, 64).unwrap();
    let areas = [Area::of_size(64, 64)];
    let whole = zstd::bulk::compress(&[0, 1, 2, 3], 1).unwrap();
    let short = [&[2], &whole[MAGIC_BYTES..]].concat();
    assert_eq!(decode(&areas, &short, &mut into), Ok(()), "one that makes no use of the dictionary");
    assert_eq!(
        decode(&areas, &[&[2], &whole[..]].concat(), &mut into),
        Err(DecodeError::Malformed("not one zstd frame"))
    );
    assert!(decode(&areas, &[&short[..], &whole[..]].concat(), &mut into).is_err());
    assert!(decode(&areas, &[2, 0], &mut into).is_err());
    let large = zstd::bulk::compress(&vec![0; 33 << 10], 1).unwrap();
    let (wide, all) = ([Area::of_size(512, 256)], &mut Canvas::black(512, 256).unwrap());
    assert_eq!(
        decode(&wide, &[&[2], &large[MAGIC_BYTES..]].concat(), all),
        Err(DecodeError::TooLarge("decompressed tiles"))
    );
    let bytes = vec![0x5a; 64 << 10];
    assert_eq!(
        decode(&wide, &[&[2], &bytes[..]].concat(), all),
        Err(DecodeError::TooLarge("a short zstd frame"))
    );
}

#[test]
fn the_dictionary_makes_letters_shorter_and_nothing_longer() {
    let page = text(1920, 1080, 0);
    let mut encoder = TileEncoder::new().unwrap();
    let mut gain_of = |area| {
        let mut coded = Vec::new();
        encoder.encode(&page.as_picture(), &[area], &mut coded).unwrap();
        let blocks = encoder.blocks(&page.as_picture(), &[area]).unwrap();
        // Without the magic number, and with what says how it is coded.
        let alone = zstd::bulk::compress(blocks, 1).unwrap().len() - 4 + 1;
        alone - coded.len()
    };
    assert!(gain_of(Area::new(80, 80, 12, 13)) > 5);
    gain_of(Area::new(80, 80, 400, 13));
}

#[test]
fn packed_indices_are_read_for_small_blocks_of_few_colours_alone() {
    const PLAIN: u8 = 0;
    const NEW_PACKED: u8 = 5;
    let block = |colours: u8, indices: usize| {
        let mut coded = vec![PLAIN, NEW_PACKED, colours - 1];
        coded.extend((0..colours).flat_map(|colour| [colour; 3]));
        coded.extend(vec![0x55; indices]);
        coded
    };
    let mut into = Canvas::black(64, 64).unwrap();
    let small = [Area::of_size(9, 1)];
    assert_eq!(decode(&small, &block(2, 2), &mut into), Ok(()));
    let row: Vec<u8> = into.as_picture().row(0).chunks_exact(4).take(10).map(|pixel| pixel[0]).collect();
    assert_eq!(row, [1, 0, 1, 0, 1, 0, 1, 0, 1, 0]);
    assert_eq!(decode(&small, &block(2, 1), &mut into), Err(DecodeError::Truncated));
    assert!(decode(&small, &block(17, 9), &mut into).is_err());
    assert_eq!(decode(&small, &block(3, 3), &mut into), Ok(()));
    assert!(decode(&[Area::of_size(64, 64)], &block(2, 512), &mut into).is_err());
}

#[test]
fn a_letter_takes_few_bytes() {
    let page = text(1920, 1080, 0);
    let mut update = Vec::new();
    let mut encoder = TileEncoder::new().unwrap();
    encoder
        .append_operations(&page.as_picture(), &[Area::new(80, 80, 12, 13)], TilesReason::Change, &mut update)
        .unwrap();
    assert!(update.len() < 75, "{} bytes", update.len());
}

#[test]
fn film_is_costly_and_text_is_not() {
    let (width, height) = (640, 480);
    let whole = |picture: &Canvas, wanted: bool| {
        for y in (0..height).step_by(64) {
            for x in (0..width).step_by(64) {
                let tile = Area::new(x, y, 64.min(width - x), 64.min(height - y));
                assert_eq!(is_costly(&picture.as_picture(), tile), wanted, "{tile:?}");
            }
        }
    };
    whole(&film(width, height, 0), true);
    whole(&noise(width, height, 0), true);
    whole(&text(width, height, 0), false);
    whole(&solid(width, height), false);
    assert!(!is_costly(&solid(10, 10).as_picture(), Area::new(5, 5, 10, 10)));
}
