//! The estimated waiting time of a private session: the mean response time of the last ten sessions of its technician (SES-65 to SES-69, APP-56 to
//! APP-58), from the log: entry into Waiting until entry into Active.

use std::collections::BTreeMap;

use farhand_protocol::{
    gateway::FromGateway,
    ids::{MemberId, SessionId},
    session::Status,
};

use super::publish;
use crate::{app::Gateway, db::Columns, error::Result, settings};

const SESSIONS: usize = 10;
/// Status events looked at: enough for ten sessions that were held and transferred a few times.
const EVENTS: i64 = 400;
const MINUTE: i64 = 60_000;

/// Whole minutes, rounded up, at least 1; none without a past session or when the setting is off.
pub(super) async fn estimated_minutes(app: &Gateway, technician: MemberId) -> Result<Option<u32>> {
    if settings::text(&app.db, "show_estimated_wait").await?.as_deref() == Some("off") {
        return Ok(None);
    }
    let rows = sqlx::query(
        "SELECT e.session_id, e.occurred_at, e.detail FROM events e JOIN sessions s ON s.session_id = e.session_id \
         WHERE s.issued_by = $1 AND s.lead IS NOT NULL AND e.kind = 'session.status' AND e.origin = 'gateway' \
         ORDER BY e.event_id DESC LIMIT $2",
    )
    .bind(technician.0)
    .bind(EVENTS)
    .fetch_all(app.db.read())
    .await?;
    let mut log = Vec::with_capacity(rows.len());
    for row in &rows {
        let detail: serde_json::Value = serde_json::from_str(&row.text("detail")?)?;
        let status = detail["new"].as_str().and_then(Status::from_code);
        log.extend(status.map(|status| (row.int("session_id"), row.int("occurred_at"), status)));
    }
    let log = log
        .into_iter()
        .map(|(id, at, status)| Ok((id?, at?, status)))
        .collect::<Result<Vec<_>>>()?;
    Ok(mean_minutes(&log))
}

/// Tells waiting customers how long it may take now.
pub(super) async fn refresh(app: &Gateway) -> Result<()> {
    let rows = sqlx::query("SELECT session_id FROM sessions WHERE is_final = 0 AND status = 'waiting'")
        .fetch_all(app.db.read())
        .await?;
    for row in &rows {
        let session_id = SessionId(row.int("session_id")?);
        if app.hub.has_applet(session_id)
            && let Some((moment, state)) = publish::state_for_applet(app, session_id).await?
        {
            app.hub.tell_state(moment, &FromGateway::Session(state));
        }
    }
    Ok(())
}

/// From states entered, newest first.
fn mean_minutes(log: &[(i64, i64, Status)]) -> Option<u32> {
    let mut waited: BTreeMap<i64, (Option<i64>, Option<i64>)> = BTreeMap::new();
    for (session, at, status) in log {
        let entry = waited.entry(*session).or_default();
        match status {
            // The first entry counts, and older ones come later here.
            Status::Waiting => entry.0 = Some(*at),
            Status::Active => entry.1 = Some(*at),
            _ => {}
        }
    }
    let times: Vec<i64> = waited
        .into_values()
        .rev()
        .filter_map(|(from, until)| Some((until? - from?).max(0)))
        .take(SESSIONS)
        .collect();
    let count = i64::try_from(times.len()).ok().filter(|count| *count > 0)?;
    let mean = times.iter().sum::<i64>() / count;
    u32::try_from(((mean + MINUTE - 1) / MINUTE).max(1)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_of_the_last_ten_is_rounded_up_and_sessions_never_started_do_not_count() {
        assert_eq!(mean_minutes(&[]), None);
        assert_eq!(mean_minutes(&[(1, 5, Status::Waiting)]), None);
        assert_eq!(
            mean_minutes(&[(1, 90, Status::Active), (1, 5, Status::Waiting)]),
            Some(1),
            "at least one"
        );
        let mut log = Vec::new();
        for session in (1..=12).rev() {
            let took = if session <= 2 { 100 } else { 2 };
            // Held and resumed: the first entry into Active counts.
            log.extend([
                (session, 999 * MINUTE, Status::Active),
                (session, took * MINUTE + 1, Status::Active),
                (session, 0, Status::Waiting),
            ]);
        }
        assert_eq!(mean_minutes(&log), Some(3));
    }
}
