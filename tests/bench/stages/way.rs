//! The whole way of a change, one stage after the other as the engine goes it, without display and network: from the captured frame to the viewer's
//! picture.

use anyhow::{Context as _, Result, ensure};
use farhand_codec::{
    Canvas, FramePainter, Picture, RegionPlanner, TileEncoder,
    operations::{Operation, TilesReason, append_operation},
    planner::PlannerConfig,
    tiles::is_costly,
};
use farhand_engine::{
    host::{Change, Comparer},
    platform::Frame,
};
use farhand_protocol::geometry::Rect;

use super::{
    measure::time,
    report::{Beside, Record},
    scene::{LETTER, SCROLL_ROWS, Scene, area_of, frame_of, rect_of},
};

/// Far enough apart that nothing becomes a film, which this is not about.
const PAUSE_MILLIS: u64 = 5000;

/// A letter, and a scroll: to and fro.
pub fn measure(scene: &Scene<'_>, record: &mut Record<'_>) -> Result<()> {
    let cases = [
        ("letter 9×18", scene.with_letter()?, rect_of(&LETTER)),
        ("scrolled 54 rows", scene.scrolled(SCROLL_ROWS), rect_of(&scene.whole())),
    ];
    for (what, other, damage) in cases {
        let frames = [frame_of(scene.now), frame_of(&other)];
        let mut way = Way::begin(scene.now)?;
        let (mut number, mut bytes) = (0, 0);
        let time = time(|| {
            number += 1;
            let made = way.go(&frames[number % 2], damage)?;
            // The way back may be to nothing, which costs less.
            if number % 2 == 1 {
                bytes = made;
            }
            Ok(())
        })?;
        way.check([scene.now, &other][number % 2])?;
        record.note_with(what, time, Beside::Bytes(bytes));
    }
    Ok(())
}

struct Way {
    comparer: Comparer,
    planner: RegionPlanner,
    encoder: TileEncoder,
    painter: FramePainter,
    now_millis: u64,
}

impl Way {
    /// With the picture at both ends.
    fn begin(picture: &Canvas) -> Result<Self> {
        let (width, height) = (picture.width(), picture.height());
        let config = PlannerConfig {
            most_costly_pixels: u64::MAX,
            ..PlannerConfig::default()
        };
        let mut way = Self {
            comparer: Comparer::default(),
            planner: RegionPlanner::new(width, height, config),
            encoder: TileEncoder::new()?,
            painter: FramePainter::new()?,
            now_millis: 0,
        };
        let mut update = Vec::new();
        append_operation(&Operation::Reset { width, height }, &mut update);
        let whole = picture.as_picture().area();
        way.encoder
            .append_operations(&picture.as_picture(), &[whole], TilesReason::Change, &mut update)?;
        way.painter.apply(&update)?;
        let frame = frame_of(picture);
        way.comparer.handle_capture(&frame, &[], &[]);
        way.comparer.settle(&frame);
        Ok(way)
    }

    /// Takes a frame from one end to the other; how many bytes that took.
    fn go(&mut self, frame: &Frame, damage: Rect) -> Result<usize> {
        let change = self.comparer.handle_capture(frame, &[damage], &[]);
        let update = self.encode(frame, &change)?;
        self.painter.apply(&update)?;
        self.comparer.settle(frame);
        Ok(update.len())
    }

    fn encode(&mut self, frame: &Frame, change: &Change) -> Result<Vec<u8>> {
        let picture = Picture::new(frame.area.width, frame.area.height, frame.stride, &frame.data).context("a frame with pixels")?;
        let mut update = Vec::new();
        for copy in &change.copies {
            let (from_x, from_y, to) = (copy.from_x, copy.from_y, copy.to);
            append_operation(&Operation::Copy { from_x, from_y, to }, &mut update);
        }
        let damage: Vec<_> = change.rest.iter().map(area_of).collect();
        self.now_millis += PAUSE_MILLIS;
        let plan = self
            .planner
            .plan_with(&damage, self.now_millis, &[], |area| is_costly(&picture, area));
        self.encoder
            .append_operations(&picture, &plan.tiles, TilesReason::Change, &mut update)?;
        Ok(update)
    }

    fn check(&self, picture: &Canvas) -> Result<()> {
        let shown = self.painter.frame().context("a picture")?;
        ensure!(shown.bytes() == picture.bytes(), "the viewer shows something else");
        Ok(())
    }
}
