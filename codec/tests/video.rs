//! H.264 both ways: quality, keys, bit rate, sizes, and hostile bytes.

mod support;

use farhand_codec::operations::VideoKind;
use farhand_codec::video::{Content, VideoConfig};
use farhand_codec::{Area, Canvas, DecodeError, EncodeError, VideoDecoder, VideoEncoder};
use support::{Chance, film, grainy_film, noise, psnr, text};

fn config(width: u32, height: u32) -> VideoConfig {
    VideoConfig {
        width,
        height,
        bitrate_bps: 6_000_000,
        max_bitrate_bps: 40_000_000,
        fps_max: 30,
        content: Content::Screen,
    }
}

fn encode(encoder: &mut VideoEncoder, picture: &Canvas, step: u64) -> (VideoKind, Vec<u8>) {
    let coded = encoder
        .encode(&picture.as_picture(), step * 33)
        .unwrap()
        .expect("no picture is left out");
    (coded.kind, coded.bytes.to_vec())
}

fn decode(decoder: &mut VideoDecoder, bytes: &[u8]) -> Result<Canvas, DecodeError> {
    let (width, height) = decoder.size();
    let mut canvas = Canvas::black(width, height).unwrap();
    decoder
        .decode(bytes)?
        .paint(Area::of_size(width, height), &mut canvas.as_picture_mut())?;
    Ok(canvas)
}

#[test]
fn moving_pictures_come_back_alike_in_even_and_odd_sizes() {
    for (width, height) in [(640, 384), (1, 1), (16, 16), (17, 35), (333, 241), (1366, 768)] {
        for content in [Content::Screen, Content::Camera] {
            let mut encoder = VideoEncoder::new(VideoConfig {
                content,
                ..config(width, height)
            })
            .unwrap();
            let mut decoder = VideoDecoder::new(width, height).unwrap();
            for step in 0..6 {
                let original = film(width, height, step);
                let (kind, bytes) = encode(&mut encoder, &original, u64::from(step));
                let key_expected = step == 0 || (content == Content::Screen && kind == VideoKind::Key);
                assert_eq!(
                    kind == VideoKind::Key,
                    key_expected,
                    "step {step} of {width} x {height} {content:?}"
                );
                let decoded = decode(&mut decoder, &bytes).unwrap();
                let quality = psnr(&original.as_picture(), &decoded.as_picture());
                assert!(quality > 30.0, "{quality:.1} dB at step {step} of {width} x {height} {content:?}");
            }
        }
    }
}

#[test]
fn still_text_gets_sharp() {
    let original = text(640, 480, 0);
    let mut encoder = VideoEncoder::new(config(640, 480)).unwrap();
    let mut decoder = VideoDecoder::new(640, 480).unwrap();
    let mut quality = 0.0;
    for step in 0..8 {
        let (_, bytes) = encode(&mut encoder, &original, step);
        quality = psnr(&original.as_picture(), &decode(&mut decoder, &bytes).unwrap().as_picture());
    }
    assert!(quality > 34.0, "{quality:.1} dB");
}

#[test]
fn a_forced_key_is_decoded_by_a_fresh_decoder_and_nothing_else_is() {
    let mut encoder = VideoEncoder::new(config(320, 240)).unwrap();
    for step in 0..5 {
        encode(&mut encoder, &film(320, 240, step), u64::from(step));
    }
    let (kind, delta) = encode(&mut encoder, &film(320, 240, 5), 5);
    assert_eq!(kind, VideoKind::Delta);
    encoder.request_key();
    let original = film(320, 240, 6);
    let (kind, key) = encode(&mut encoder, &original, 6);
    assert_eq!(kind, VideoKind::Key);
    let (kind, after) = encode(&mut encoder, &film(320, 240, 7), 7);
    assert_eq!(kind, VideoKind::Delta, "one request makes one key");

    let mut decoder = VideoDecoder::new(320, 240).unwrap();
    assert_eq!(decode(&mut decoder, &delta), Err(DecodeError::NeedsKey));
    let decoded = decode(&mut decoder, &key).unwrap();
    assert!(psnr(&original.as_picture(), &decoded.as_picture()) > 30.0);
    decode(&mut decoder, &after).unwrap();
}

#[test]
fn the_bit_rate_changes_while_running_without_a_key() {
    let mut encoder = VideoEncoder::new(VideoConfig {
        content: Content::Camera,
        ..config(640, 384)
    })
    .unwrap();
    let mut decoder = VideoDecoder::new(640, 384).unwrap();
    let mut step = 0;
    let mut measure = |encoder: &mut VideoEncoder| {
        let mut bytes = 0;
        for count in 0..40 {
            let (kind, coded) = encode(encoder, &grainy_film(640, 384, step, 50), u64::from(step));
            assert_eq!(kind == VideoKind::Key, step == 0);
            decode(&mut decoder, &coded).unwrap();
            step += 1;
            // The first pictures after a change are still on the way there.
            if count >= 10 {
                bytes += coded.len();
            }
        }
        bytes
    };
    encoder.set_bitrate_bps(1_000_000).unwrap();
    let slow = measure(&mut encoder);
    encoder.set_bitrate_bps(8_000_000).unwrap();
    let fast = measure(&mut encoder);
    encoder.set_bitrate_bps(1_000_000).unwrap();
    let slow_again = measure(&mut encoder);
    assert!(fast > slow * 3 && fast > slow_again * 3, "{slow} {fast} {slow_again}");
    // Thirty pictures are one second.
    assert!((60_000..250_000).contains(&slow_again), "{slow_again} bytes a second at 1 Mbit/s");
    encoder.set_bitrate_bps(u32::MAX).unwrap();
    assert_eq!(encoder.config().bitrate_bps, 40_000_000);
}

#[test]
fn parts_are_painted_where_they_belong() {
    let original = film(200, 120, 0);
    let mut encoder = VideoEncoder::new(config(200, 120)).unwrap();
    let (_, bytes) = encode(&mut encoder, &original, 0);
    let whole = decode(&mut VideoDecoder::new(200, 120).unwrap(), &bytes).unwrap();
    let mut decoder = VideoDecoder::new(200, 120).unwrap();
    let decoded = decoder.decode(&bytes).unwrap();
    let odd = [
        Area::new(3, 7, 61, 50),
        Area::new(1, 0, 1, 1),
        Area::new(4, 5, 30, 1),
        Area::new(199, 119, 1, 1),
    ];
    for part in [Area::new(64, 0, 64, 64), Area::new(128, 64, 72, 56), Area::new(2, 6, 5, 7)]
        .into_iter()
        .chain(odd)
    {
        let mut canvas = Canvas::black(part.width, part.height).unwrap();
        decoded.paint(part, &mut canvas.as_picture_mut()).unwrap();
        let wanted = whole.as_picture().part(part).unwrap();
        assert!(support::same_colours(&canvas.as_picture(), &wanted), "{part:?}");
    }
    let mut canvas = Canvas::black(64, 64).unwrap();
    assert_eq!(
        decoded.paint(Area::new(150, 0, 64, 64), &mut canvas.as_picture_mut()),
        Err(DecodeError::OutsideFrame)
    );
    assert_eq!(
        decoded.paint(Area::new(0, 0, 32, 64), &mut canvas.as_picture_mut()),
        Err(DecodeError::OutsideFrame)
    );
}

#[test]
fn pictures_of_another_size_are_refused_on_both_sides() {
    let mut encoder = VideoEncoder::new(config(320, 240)).unwrap();
    let result = encoder.encode(&film(320, 242, 0).as_picture(), 0).map(|_| ());
    assert!(matches!(
        result,
        Err(EncodeError::WrongSize {
            width: 320,
            height: 240,
            got_height: 242,
            ..
        })
    ));
    let (_, bytes) = encode(&mut encoder, &film(320, 240, 0), 0);
    for (width, height) in [(320, 242), (322, 240), (320, 256), (160, 120), (3840, 2160)] {
        let result = decode(&mut VideoDecoder::new(width, height).unwrap(), &bytes);
        assert!(matches!(result, Err(DecodeError::Malformed(_))), "{width} x {height}: {result:?}");
    }
    assert!(VideoDecoder::new(3842, 2160).is_err() && VideoDecoder::new(0, 10).is_err());
    assert!(VideoEncoder::new(config(3842, 100)).is_err() && VideoEncoder::new(config(0, 1)).is_err());
    assert!(
        VideoEncoder::new(VideoConfig {
            fps_max: 0,
            ..config(64, 64)
        })
        .is_err()
    );
    VideoEncoder::new(config(2160, 3840)).unwrap();
}

#[test]
fn streams_are_tagged_as_bt709_at_full_range() {
    let mut encoder = VideoEncoder::new(config(64, 64)).unwrap();
    let (_, bytes) = encode(&mut encoder, &film(64, 64, 0), 0);
    let begin = bytes.windows(4).position(|window| window == [0, 0, 1, 0x67]).unwrap() + 3;
    let end = begin + bytes[begin..].windows(3).position(|window| window == [0, 0, 1]).unwrap();
    // The set's bits, as text. Its tag is: signal type present 1, component 000, full range 1, colour described 1, then
    // primaries, transfer and matrix, each 1 in eight bits.
    let bits: String = bytes[begin..end].iter().map(|byte| format!("{byte:08b}")).collect();
    assert!(bits.contains("1000110000000100000001000000 01".replace(' ', "").as_str()), "{bits}");
}

#[test]
fn pictures_cut_short_anywhere_never_panic_and_the_decoder_recovers_with_a_key() {
    let mut encoder = VideoEncoder::new(config(96, 64)).unwrap();
    let (_, key) = encode(&mut encoder, &text(96, 64, 0), 0);
    let (_, delta) = encode(&mut encoder, &text(96, 64, 3), 1);
    let mut decoder = VideoDecoder::new(96, 64).unwrap();
    for length in 0..key.len() {
        let _ = decode(&mut decoder, &key[..length]);
    }
    decode(&mut decoder, &key).unwrap();
    for length in 0..delta.len() {
        if decode(&mut decoder, &delta[..length]).is_err() {
            assert_eq!(decode(&mut decoder, &delta), Err(DecodeError::NeedsKey), "after {length} bytes");
        }
        decode(&mut decoder, &key).unwrap();
    }
    decode(&mut decoder, &delta).unwrap();
}

#[test]
fn changed_and_random_bytes_never_panic() {
    let mut chance = Chance::new(11);
    let mut encoder = VideoEncoder::new(config(128, 96)).unwrap();
    let pictures: Vec<Vec<u8>> = (0..6)
        .map(|step| {
            if step == 4 {
                encoder.request_key();
            }
            let picture = if step % 2 == 0 {
                text(128, 96, step)
            } else {
                noise(128, 96, u64::from(step))
            };
            encode(&mut encoder, &picture, u64::from(step)).1
        })
        .collect();
    let mut decoder = VideoDecoder::new(128, 96).unwrap();
    let mut decoded = 0;
    for round in 0..3000 {
        let mut bytes = match round % 5 {
            0 => {
                let length = chance.below(200) as usize;
                let mut bytes = vec![0, 0, 1, [0x67, 0x68, 0x65, 0x41][chance.below(4) as usize]];
                bytes.extend(chance.bytes(length));
                bytes
            }
            // Undamaged keys, so that what follows has something to build on.
            1 => pictures[0].clone(),
            _ => pictures[chance.below(6) as usize].clone(),
        };
        if round % 5 != 1 {
            for _ in 0..chance.below(4) {
                let at = chance.below(bytes.len() as u64) as usize;
                bytes[at] ^= 1 << chance.below(8);
            }
        }
        decoded += u32::from(decode(&mut decoder, &bytes).is_ok());
    }
    assert!(decoded > 600, "{decoded}");
    decode(&mut decoder, &pictures[0]).unwrap();
}
