//! Tiles that are coded once for all viewers that lack the same.

use farhand_codec::{
    EncodeError, TileEncoder,
    operations::TilesReason,
    picture::{Area, Picture},
};
use farhand_protocol::geometry::Rect;

/// Codes tiles once for all viewers that lack the same.
pub(super) struct SharedTiles {
    encoder: TileEncoder,
    /// What was coded last, kept only while there are several viewers.
    last: Option<CodedTiles>,
    is_shared: bool,
}

struct CodedTiles {
    area: Rect,
    captured_at_micros: i64,
    tiles: Vec<Area>,
    bytes: Vec<u8>,
}

impl SharedTiles {
    /// Ready to code.
    pub(super) fn new() -> Result<Self, EncodeError> {
        Ok(Self {
            encoder: TileEncoder::new()?,
            last: None,
            is_shared: false,
        })
    }

    /// Whether it is worth keeping what was coded for the next viewer.
    pub(super) fn set_shared(&mut self, is_shared: bool) {
        self.is_shared = is_shared;
        self.last.take_if(|_| !is_shared);
    }

    /// Appends tiles that changed, as they are in the picture of `area` that was captured then.
    pub(super) fn append(
        &mut self,
        picture: &Picture<'_>,
        area: Rect,
        captured_at_micros: i64,
        tiles: &[Area],
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        let same = self
            .last
            .as_ref()
            .filter(|last| (last.area, last.captured_at_micros) == (area, captured_at_micros) && last.tiles == tiles);
        if let Some(coded) = same {
            out.extend_from_slice(&coded.bytes);
            return Ok(());
        }
        let before = out.len();
        self.encoder.append_operations(picture, tiles, TilesReason::Change, out)?;
        if self.is_shared && !tiles.is_empty() {
            let bytes = out.get(before..).unwrap_or_default().to_vec();
            self.last = Some(CodedTiles {
                area,
                captured_at_micros,
                tiles: tiles.to_vec(),
                bytes,
            });
        }
        Ok(())
    }

    /// Appends tiles that are made exact; no two viewers lack the same of these.
    pub(super) fn append_refined(&mut self, picture: &Picture<'_>, tiles: &[Area], out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.encoder.append_operations(picture, tiles, TilesReason::Refine, out)
    }
}
