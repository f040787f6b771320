//! What the gateway does beside requests: ends what a disabled account was responsible for, and forgets what nobody can ask for any more.

use farhand_protocol::{
    error::ErrorCode,
    ids::{MemberId, SessionId},
    session::{Actor, SessionEvent},
};
use tracing::info;

use super::{record, steps, timers};
use crate::{app::Gateway, db::Columns, error::Result};

/// Codes still answer "expired" or "used" for this long.
const CODES_KEPT_MILLIS: i64 = 30 * 24 * 3_600_000;
/// Tokens still answer "ended" for this long.
const TOKENS_KEPT_MILLIS: i64 = 30 * 24 * 3_600_000;
/// A console may hand in what it wrote for this long after its session has ended; its ticket says that it may.
const TICKETS_KEPT_MILLIS: i64 = 30 * 24 * 3_600_000;
/// Failed sign-ins count for a quarter of this.
const LIMITS_KEPT_MILLIS: i64 = 3_600_000;
/// Who did what to the organisation can be looked up for this long.
const AUDIT_KEPT_MILLIS: i64 = 2 * 366 * 24 * 3_600_000;

/// Sessions whose responsible technician was disabled, on the command line or elsewhere, end (STM-38, STM-58).
pub async fn end_sessions_of_disabled(app: &Gateway) -> Result<()> {
    let rows = sqlx::query(
        "SELECT s.session_id, s.status, m.member_id FROM sessions s JOIN members m ON m.member_id = s.lead OR (s.lead IS NULL AND m.member_id = s.issued_by) \
         WHERE s.is_final = 0 AND m.disabled = 1 LIMIT 100",
    )
    .fetch_all(app.db.read())
    .await?;
    for row in &rows {
        let (session_id, technician) = (SessionId(row.int("session_id")?), MemberId(row.int("member_id")?));
        if row.text_or_none("status")?.is_some() {
            let gone = SessionEvent::TechnicianGone {
                technician,
                responsible: true,
            };
            match steps::system_step(app, session_id, &gone).await {
                // Another process was faster.
                Err(error) if error.code() == ErrorCode::SessionEnded || error.code() == ErrorCode::SessionTransition => continue,
                done => done?,
            }
        } else {
            withdraw(app, session_id).await?;
        }
        info!(%session_id, member_id = %technician, "session ended: its technician is disabled");
    }
    Ok(())
}

/// Forgets old codes, tokens, tickets, pauses of sign-ins and lines of the audit log. Sessions, their legs and their events are the organisation's
/// records and stay; all other tables grow with the people and groups alone.
pub async fn tidy(app: &Gateway) -> Result<()> {
    let now = app.now().0;
    let mut tx = app.db.write().await?;
    sqlx::query("DELETE FROM codes WHERE expires_at < $1 AND (used_at IS NULL OR used_at < $1)")
        .bind(now - CODES_KEPT_MILLIS)
        .execute(&mut *tx)
        .await?;
    sqlx::query("DELETE FROM tokens WHERE expires_at < $1 OR revoked_at < $1")
        .bind(now - TOKENS_KEPT_MILLIS)
        .execute(&mut *tx)
        .await?;
    // Of a session that goes on, the newest ticket of each console says whose its chain is.
    sqlx::query(
        "DELETE FROM tickets WHERE lease_until < $1 AND (\
         session_id IN (SELECT session_id FROM sessions WHERE is_final = 1 AND ended_at < $1) OR EXISTS (SELECT 1 FROM tickets n \
         WHERE n.session_id = tickets.session_id AND n.viewer_key = tickets.viewer_key AND n.issued_at > tickets.issued_at))",
    )
    .bind(now - TICKETS_KEPT_MILLIS)
    .execute(&mut *tx)
    .await?;
    sqlx::query("DELETE FROM audit_log WHERE at < $1")
        .bind(now - AUDIT_KEPT_MILLIS)
        .execute(&mut *tx)
        .await?;
    sqlx::query("DELETE FROM limits WHERE since < $1 AND until < $1")
        .bind(now - LIMITS_KEPT_MILLIS)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(())
}

async fn withdraw(app: &Gateway, session_id: SessionId) -> Result<()> {
    let mut tx = app.db.write().await?;
    let session = record::lock(&mut tx, session_id).await?;
    if session.is_final || session.state.is_some() {
        return Ok(());
    }
    timers::withdraw_code(app, tx, session, Actor::System).await.map(|_| ())
}
