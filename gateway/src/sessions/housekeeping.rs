//! What the gateway does beside requests: ends what a disabled account was responsible for, and forgets what nobody can ask for any more.

use farhand_protocol::{
    ids::{MemberId, SessionId},
    session::{Actor, SessionEvent},
};
use tracing::info;

use super::{publish, record, steps, timers};
use crate::{app::Gateway, db::Columns, error::Result};

/// Codes still answer "expired" or "used" for this long.
const CODES_KEPT_MILLIS: i64 = 30 * 24 * 3_600_000;
/// Tokens still answer "ended" for this long.
const TOKENS_KEPT_MILLIS: i64 = 30 * 24 * 3_600_000;

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
            steps::system_step(
                app,
                session_id,
                &SessionEvent::TechnicianGone {
                    technician,
                    responsible: true,
                },
            )
            .await?;
        } else {
            withdraw(app, session_id).await?;
        }
        info!(%session_id, member_id = %technician, "session ended: its technician is disabled");
    }
    Ok(())
}

/// Forgets old codes, tokens and tickets.
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
    tx.commit().await?;
    Ok(())
}

async fn withdraw(app: &Gateway, session_id: SessionId) -> Result<()> {
    let mut tx = app.db.write().await?;
    let mut session = record::lock(&mut tx, session_id).await?;
    timers::withdraw_code(app, &mut tx, &mut session, Actor::System).await?;
    tx.commit().await?;
    publish::announce(app, &session, &[]).await;
    Ok(())
}
