//! What changed, what of it moved, and how it is to go: comparing, the search for copies, planning. No pixel is coded here.

use anyhow::Result;
use farhand_codec::{Area, Canvas, CopyFinder, RegionPlanner, planner::PlannerConfig, tiles::is_costly};
use farhand_engine::{host::Comparer, platform::Frame};

use super::{
    measure::{time, time_with},
    report::{Beside, Record},
    scene::{LETTER, SCROLL_ROWS, Scene, changed_tiles, frame_of, rect_of},
};

/// From one picture of a film to the next.
const FRAME_MILLIS: u64 = 33;

/// The engine's own comparer. All of the screen is called a film, where nothing is looked for that only moved: that is the next stage.
pub fn compare(scene: &Scene<'_>, record: &mut Record<'_>) -> Result<()> {
    let (now, letter, next) = (frame_of(scene.now), frame_of(&scene.with_letter()?), frame_of(scene.next));
    let cases = [
        ("unchanged, all damaged", &now, now.area),
        ("letter, all damaged", &letter, now.area),
        ("letter 9×18", &letter, rect_of(&LETTER)),
        ("whole screen", &next, now.area),
    ];
    for (what, other, damage) in cases {
        let time = time_with(
            || Ok(comparer_of(&now)),
            |comparer| Ok(comparer.handle_capture(other, &[damage], &[now.area])),
        )?;
        record.note(what, time);
    }
    let compared = || {
        let mut comparer = comparer_of(&now);
        comparer.handle_capture(&next, &[now.area], &[now.area]);
        Ok(comparer)
    };
    let time = time_with(compared, |comparer| {
        comparer.settle(&next);
        Ok(())
    })?;
    record.note("keeping a whole screen", time);
    Ok(())
}

/// One that has seen this frame.
fn comparer_of(frame: &Frame) -> Comparer {
    let mut comparer = Comparer::default();
    comparer.handle_capture(frame, &[], &[]);
    comparer.settle(frame);
    comparer
}

/// What only moved.
pub fn copies(scene: &Scene<'_>, record: &mut Record<'_>) -> Result<()> {
    let (once, twice) = (scene.scrolled(SCROLL_ROWS), scene.scrolled(2 * SCROLL_ROWS));
    let fresh = || Ok(CopyFinder::new());
    let has_found = || {
        let mut finder = CopyFinder::new();
        finder.find(&scene.now.as_picture(), &once.as_picture(), &tiles(scene.now, &once));
        Ok(finder)
    };
    search("scrolled 54 rows", scene.now, &once, fresh, record)?;
    search("scrolled on", &once, &twice, has_found, record)?;
    search("window dragged", &scene.with_window(0)?, &scene.with_window(1)?, fresh, record)?;
    search("nothing moved", scene.now, scene.next, fresh, record)
}

fn tiles(before: &Canvas, now: &Canvas) -> Vec<Area> {
    changed_tiles(&before.as_picture(), &now.as_picture())
}

fn search(
    what: &'static str,
    before: &Canvas,
    now: &Canvas,
    finder: impl Fn() -> Result<CopyFinder>,
    record: &mut Record<'_>,
) -> Result<()> {
    let changed = tiles(before, now);
    let mut found = 0;
    let time = time_with(finder, |finder| {
        let moves = finder.find(&before.as_picture(), &now.as_picture(), &changed);
        found = moves.copies.iter().map(|copy| copy.to.pixels()).sum();
        Ok(moves)
    })?;
    let all: u64 = changed.iter().map(Area::pixels).sum();
    record.note_with(what, time, Beside::Found(found as f64 / all.max(1) as f64));
    Ok(())
}

/// What goes how.
pub fn plan(scene: &Scene<'_>, record: &mut Record<'_>) -> Result<()> {
    let (picture, whole) = (scene.now.as_picture(), scene.whole());
    let fresh = || Ok(RegionPlanner::new(whole.width, whole.height, PlannerConfig::default()));
    for (what, damage) in [("letter 9×18", LETTER), ("whole screen", whole)] {
        let time = time_with(fresh, |planner| {
            Ok(planner.plan_with(&[damage], 0, &[], |area| is_costly(&picture, area)))
        })?;
        record.note(what, time);
    }
    let (mut planner, mut now_millis) = (fresh()?, 0);
    let time = time(|| {
        now_millis += FRAME_MILLIS;
        Ok(planner.plan_with(&[whole], now_millis, &[], |area| is_costly(&picture, area)))
    })?;
    record.note("whole screen, 30 a second", time);
    Ok(())
}
