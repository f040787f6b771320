//! Exact coding of a whole screen and of small changes at places chosen by chance, there and back; and how many bytes others need for the same.

use anyhow::{Context as _, Result, bail, ensure};
use farhand_codec::{
    Area, Canvas, TileDecoder, TileEncoder,
    operations::{Operation, TilesReason, decode_operations},
};

use super::{
    measure::time,
    report::{Beside, Record},
    scene::{CHANGES, Scene},
};
use crate::{
    codec::{
        others::{Coder, Rgb},
        pieces, tight,
    },
    random::Random,
};

/// What ours is held against. PNG as small as it gets.
const OTHERS: [Coder; 3] = [Coder::Qoi, Coder::PngBest, Coder::Webp];

/// To bytes.
pub fn encode(scene: &Scene<'_>, record: &mut Record<'_>) -> Result<()> {
    let mut encoder = TileEncoder::new()?;
    for (what, areas) in changes(scene) {
        let mut bytes = 0;
        let time = time(|| {
            let updates = updates(&mut encoder, scene, &areas)?;
            bytes = updates.iter().map(Vec::len).sum();
            Ok(updates)
        })?;
        record.note_with(what, time.of_each(areas.len()), Beside::Bytes(bytes / areas.len()));
    }
    Ok(())
}

/// And back.
pub fn decode(scene: &Scene<'_>, record: &mut Record<'_>) -> Result<()> {
    let mut encoder = TileEncoder::new()?;
    let mut decoder = TileDecoder::new()?;
    let mut shown = Canvas::black(scene.now.width(), scene.now.height()).context("memory")?;
    for (what, areas) in changes(scene) {
        let updates = updates(&mut encoder, scene, &areas)?;
        let time = time(|| updates.iter().try_for_each(|update| paint(&mut decoder, update, &mut shown)))?;
        record.note(what, time.of_each(areas.len()));
    }
    ensure!(shown.bytes() == scene.now.bytes(), "the tiles lost something");
    Ok(())
}

/// Bytes of the small changes, by all coders.
pub fn sizes(scene: &Scene<'_>, record: &mut Record<'_>) -> Result<()> {
    let small = &changes(scene)[1..];
    let mut encoder = TileEncoder::new()?;
    let all: Vec<Area> = small.iter().flat_map(|(_, areas)| areas).copied().collect();
    let mut tight = match tight::bytes(scene.now, &all) {
        Ok((_, bytes)) => Some(bytes.into_iter()),
        Err(error) => {
            eprintln!("Tight: left out: {error:#}");
            None
        }
    };
    for (change, areas) in small {
        let mean = |bytes: usize| bytes as f64 / areas.len() as f64;
        let ours = updates(&mut encoder, scene, areas)?;
        record.note_size(change, "Farhand tiles", mean(ours.iter().map(Vec::len).sum()));
        for coder in OTHERS {
            record.note_size(change, coder.name(), mean(bytes_of(coder, scene, areas)?));
        }
        if let Some(bytes) = &mut tight {
            record.note_size(change, "Tight", mean(bytes.take(areas.len()).sum()));
        }
    }
    Ok(())
}

/// The whole screen, and of each kind of change some places; those of which there are none are left out.
fn changes(scene: &Scene<'_>) -> Vec<(&'static str, Vec<Area>)> {
    let (picture, mut random) = (scene.now.as_picture(), Random(5));
    let mut changes = vec![("whole screen", vec![picture.area()])];
    changes.extend(CHANGES.iter().map(|(what, kind)| (*what, pieces::of(&picture, kind, &mut random))));
    changes.retain(|(_, areas)| !areas.is_empty());
    changes
}

/// Of each area an update of its own, as when it changes by itself.
fn updates(encoder: &mut TileEncoder, scene: &Scene<'_>, areas: &[Area]) -> Result<Vec<Vec<u8>>> {
    let mut update = |area: &Area| {
        let mut out = Vec::new();
        encoder.append_operations(&scene.now.as_picture(), &[*area], TilesReason::Change, &mut out)?;
        Ok(out)
    };
    areas.iter().map(&mut update).collect()
}

fn paint(decoder: &mut TileDecoder, update: &[u8], shown: &mut Canvas) -> Result<()> {
    for operation in decode_operations(update) {
        let Operation::Tiles { areas, coded, .. } = operation? else {
            bail!("something else than tiles");
        };
        decoder.decode(areas, coded, &mut shown.as_picture_mut())?;
    }
    Ok(())
}

fn bytes_of(coder: Coder, scene: &Scene<'_>, areas: &[Area]) -> Result<usize> {
    let bytes = |area: &Area| -> Result<usize> {
        let part = scene.now.as_picture().part(*area).context("a place on the screen")?;
        Ok(coder.encode(&Rgb::of(&part))?.len())
    };
    areas.iter().map(bytes).sum()
}
