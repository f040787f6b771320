//! What a slow link is sent: a screen in pieces of 64 × 64 from its middle on, each a message of its own, as modelled pixels and as tiles.

use anyhow::{Context as _, Result, ensure};
use farhand_codec::{Area, Canvas, TileDecoder, TileEncoder, modelled::PixelModel};

use super::{Row, corpus::Screen, least};

const PIECE: u32 = 64;

/// Both, over one screen.
///
/// # Errors
/// When something is lost.
pub fn rows(screen: &Screen) -> Result<[Row; 2]> {
    let pieces = pieces(&screen.picture.as_picture().area());
    Ok([modelled(screen, &pieces)?, tiles(screen, &pieces)?])
}

fn modelled(screen: &Screen, pieces: &[Area]) -> Result<Row> {
    let picture = screen.picture.as_picture();
    let (encode, coded) = least(|| {
        let mut model = PixelModel::new();
        coded(pieces, |piece, out| Ok(model.encode(&picture, &[piece], out)?))
    })?;
    let mut shown = Canvas::black(picture.width(), picture.height()).context("memory")?;
    let (decode, ()) = least(|| {
        let mut model = PixelModel::new();
        let mut both = pieces.iter().zip(&coded);
        both.try_for_each(|(piece, coded)| Ok(model.decode([*piece].as_slice().into(), coded, &mut shown.as_picture_mut())?))
    })?;
    ensure!(
        shown.bytes() == screen.picture.bytes(),
        "the model lost something of the {}",
        screen.name
    );
    let bytes = coded.iter().map(Vec::len).sum();
    Ok(Row::new(screen, "Farhand modelled, in pieces", bytes, Some(encode), Some(decode)))
}

fn tiles(screen: &Screen, pieces: &[Area]) -> Result<Row> {
    let picture = screen.picture.as_picture();
    let mut encoder = TileEncoder::new()?;
    let (encode, coded) = least(|| coded(pieces, |piece, out| Ok(encoder.encode(&picture, &[piece], out)?)))?;
    let mut decoder = TileDecoder::new()?;
    let mut shown = Canvas::black(picture.width(), picture.height()).context("memory")?;
    let (decode, ()) = least(|| {
        let mut both = pieces.iter().zip(&coded);
        both.try_for_each(|(piece, coded)| Ok(decoder.decode([*piece].as_slice().into(), coded, &mut shown.as_picture_mut())?))
    })?;
    ensure!(
        shown.bytes() == screen.picture.bytes(),
        "pieces of the {} lost something",
        screen.name
    );
    let bytes = coded.iter().map(Vec::len).sum();
    Ok(Row::new(screen, "Farhand tiles, in pieces", bytes, Some(encode), Some(decode)))
}

fn coded(pieces: &[Area], mut code: impl FnMut(Area, &mut Vec<u8>) -> Result<()>) -> Result<Vec<Vec<u8>>> {
    let coded = pieces.iter().map(|piece| {
        let mut out = Vec::new();
        code(*piece, &mut out).map(|()| out)
    });
    coded.collect()
}

/// From the middle on.
fn pieces(all: &Area) -> Vec<Area> {
    let mut pieces: Vec<Area> = all.pieces(PIECE).collect();
    let (x, y) = (all.width / 2, all.height / 2);
    pieces.sort_by_key(|piece| piece.x.abs_diff(x).max(piece.y.abs_diff(y)));
    pieces
}
