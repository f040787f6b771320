//! What the demo leaves behind, looked at before it reports success: pictures that show something, and a
//! record of the very session that was played, whole and to its end.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use farhand_protocol::api::SessionEvent;
use farhand_protocol::session::Status;
use serde_json::Value;

use crate::harness::display::SizePx;
use crate::harness::screen::colours;

/// A picture with fewer colours is an empty screen, or hardly more.
const COLOURS: usize = 32;
/// What happens in every demo, and whose chain tells it.
const HAPPENED: [(&str, &str); 5] = [
    ("session.created", "gateway"),
    ("consent.asked", "applet"),
    ("consent.allowed", "applet"),
    ("view.started", "applet"),
    ("control.started", "applet"),
];

/// Checks that a picture has its size and shows something.
pub fn picture(path: &Path, size_px: SizePx) -> Result<()> {
    let name = path.display();
    let image = image::open(path).with_context(|| name.to_string())?.into_rgb8();
    let wanted = (u32::from(size_px.0), u32::from(size_px.1));
    if image.dimensions() != wanted {
        bail!("{name} has {:?} pixels instead of {wanted:?}", image.dimensions());
    }
    let seen = colours(&image, COLOURS);
    if seen < COLOURS {
        bail!("{name} has {seen} colours and shows nothing");
    }
    Ok(())
}

/// Checks that a record tells of this session alone, that no chain in it has a gap, and that what happens in every demo happened.
pub fn record(record: &Value, session_id: &str) -> Result<()> {
    let id: i64 = session_id.parse()?;
    let events: Vec<SessionEvent> = serde_json::from_value(record["events"].clone()).context("the record's events")?;
    let mut lengths = BTreeMap::<&str, u64>::new();
    for event in &events {
        let length = lengths.entry(&event.origin).or_default();
        *length += 1;
        if event.session_id.0 != id || event.seq != *length {
            bail!("not row {length} of its origin in session {id}: {event:?}");
        }
    }
    for (kind, origin) in HAPPENED {
        if !events.iter().any(|event| event.kind == kind && event.origin.starts_with(origin)) {
            bail!("the record lacks {kind}");
        }
    }
    let row = &record["session"];
    let status: Status = serde_json::from_value(row["status"].clone()).context("the record's status")?;
    let newest = events.iter().rev().find(|event| event.kind == "session.status");
    let is_told = newest.is_some_and(|event| event.detail["new"] == status.code());
    if row["session_id"] != id || !status.is_final() || !is_told {
        bail!("the session is {row}, but its last state in the record is {newest:?}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A record of what happens in every demo.
    fn whole() -> Value {
        let event = |origin: &str, seq: u64, kind: &str, detail: Value| {
            json!({
                "event_id": 1, "session_id": 7, "occurred_at": "2026-01-31T09:30:00.000Z", "origin": origin, "seq": seq,
                "kind": kind, "actor": "system", "detail": detail, "hash": "",
            })
        };
        let of_applet = |seq, kind| event("applet:01", seq, kind, json!({}));
        let closed = Status::ClosedByTechnician.code();
        json!({
            "session_id": "7",
            "session": { "session_id": 7, "status": closed },
            "events": [
                event("gateway", 1, "session.created", json!({})),
                of_applet(1, "consent.asked"),
                of_applet(2, "consent.allowed"),
                of_applet(3, "view.started"),
                of_applet(4, "control.started"),
                event("gateway", 2, "session.status", json!({ "new": closed })),
            ],
        })
    }

    #[test]
    fn a_whole_record_passes() {
        record(&whole(), "7").expect("it is whole");
    }

    #[test]
    fn a_record_without_events_with_a_gap_or_of_another_session_does_not_pass() {
        let mut empty = whole();
        empty["events"] = json!([]);
        let mut gap = whole();
        gap["events"][3]["seq"] = 9.into();
        let mut foreign = whole();
        foreign["events"][2]["session_id"] = 8.into();
        let mut open = whole();
        open["session"]["status"] = "active".into();
        let mut uncontrolled = whole();
        uncontrolled["events"][4]["kind"] = "control.ended".into();
        for broken in [empty, gap, foreign, open, uncontrolled] {
            assert!(record(&broken, "7").is_err(), "{broken:#}");
        }
    }

    #[test]
    fn a_blank_picture_and_one_of_another_size_do_not_pass() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("picture.png");
        let striped = image::RgbImage::from_fn(64, 32, |x, _| image::Rgb([x as u8, 0, 0]));
        striped.save(&path).expect("a picture");
        picture(&path, (64, 32)).expect("it shows something");
        assert!(picture(&path, (32, 64)).is_err());
        image::RgbImage::new(64, 32).save(&path).expect("a picture");
        assert!(picture(&path, (64, 32)).is_err());
    }
}
