//! After a restart every session has the state it had, with its timers continued: the time the gateway was down does not count
//! (STM-74; DESIGN, "State: one log").

use farhand_protocol::{ids::MemberId, time::Timestamp};
use tracing::info;

use super::record;
use crate::{
    app::Gateway,
    db::{Columns, DbKind},
    error::Result,
};

/// With several processes on one database, somebody else was alive if the last heartbeat is younger than this.
const OTHERS_ALIVE_MILLIS: i64 = 15_000;
/// By then whoever was here before the start has come back.
const BACK_MILLIS: i64 = 25_000;

/// Notes that the gateway is alive.
pub async fn beat(app: &Gateway) -> Result<()> {
    let mut tx = app.db.write().await?;
    sqlx::query("UPDATE counters SET value = $1 WHERE name = 'heartbeat'")
        .bind(app.now().0)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(())
}

/// Whoever is nowhere although nothing counts against them yet: a process ended without a word.
pub async fn note_absent(app: &Gateway) -> Result<()> {
    let rows = sqlx::query("SELECT session_id FROM sessions WHERE is_final = 0 AND status IS NOT NULL AND link_lost_at IS NULL")
        .fetch_all(app.db.read())
        .await?;
    for row in &rows {
        let session_id = row.int("session_id")?.into();
        if !app.hub.has_applet(session_id) {
            super::link_changed(app, session_id).await?;
        }
    }
    let led =
        "SELECT DISTINCT lead FROM sessions WHERE is_final = 0 AND status = 'active' AND console_gone_at IS NULL AND lead IS NOT NULL";
    for row in &sqlx::query(led).fetch_all(app.db.read()).await? {
        let lead = MemberId(row.int("lead")?);
        if !app.hub.has_console(lead) {
            super::consoles_gone(app, lead).await;
        }
    }
    Ok(())
}

/// Moves timers by the time nobody was here, and counts lost lines from the moment peers can be back.
pub async fn resume_after_restart(app: &Gateway) -> Result<()> {
    let row = sqlx::query("SELECT value FROM counters WHERE name = 'heartbeat'")
        .fetch_one(app.db.read())
        .await?;
    let (now, last) = (app.now(), Timestamp(row.int("value")?));
    let down = if last.0 == 0 { 0 } else { now.since_millis(last).max(0) };
    beat(app).await?;
    if app.db.kind() == DbKind::Postgres && down < OTHERS_ALIVE_MILLIS {
        return Ok(());
    }
    let rows = sqlx::query("SELECT session_id FROM sessions WHERE is_final = 0 AND status IS NOT NULL")
        .fetch_all(app.db.read())
        .await?;
    for row in &rows {
        let mut tx = app.db.write().await?;
        let mut session = record::lock(&mut tx, row.int("session_id")?.into()).await?;
        session.timer_since = session.timer_since.plus_millis(down);
        session.last_action_at = session.last_action_at.plus_millis(down);
        // Lines that stood are down now through us; those that were down before go on counting.
        session.link_lost_at = moved(session.link_lost_at, down).or(Some(after_restart(now)));
        session.console_gone_at = match session.status() {
            Some(farhand_protocol::session::Status::Active) => moved(session.console_gone_at, down).or(Some(after_restart(now))),
            _ => None,
        };
        session.save(&mut tx).await?;
        tx.commit().await?;
    }
    if !rows.is_empty() {
        info!(sessions = rows.len(), down_millis = down, "sessions continue after a restart");
    }
    Ok(())
}

/// The moment a line counts as lost from when the process itself has just started.
const fn after_restart(now: Timestamp) -> Timestamp {
    now.plus_millis(BACK_MILLIS)
}

/// Moved by the length of a downtime, if it is set.
fn moved(at: Option<Timestamp>, by: i64) -> Option<Timestamp> {
    at.map(|at| at.plus_millis(by))
}
