//! What technicians do to a session, and what follows from their consoles coming and going.

use farhand_protocol::{
    api::SessionRow,
    ids::{MemberId, SessionId},
    permission::Permission,
    session::{Actor, Candidate, SessionEvent, StartTarget, Status},
};
use tracing::warn;

use super::{applet, publish, record, rows, timers, transition};
use crate::{
    accounts::Member,
    app::Gateway,
    db::{Columns, Tx},
    error::{HttpError, Result},
};

const MAX_COMMENT_CHARS: usize = 512;
/// What a member leads and works in.
const LED: &str = "SELECT session_id FROM sessions WHERE lead = $1 AND is_final = 0 AND status = 'active'";

/// Starts a waiting session, resumes one on hold, takes over a transferred one (STM-30, STM-40, STM-42). An administrator who takes somebody else's starts it
/// for themselves, and the log says so (STM-31, STM-70).
pub async fn start(app: &Gateway, member: &Member, session_id: SessionId) -> Result<SessionRow> {
    let mut tx = app.db.write().await?;
    let session = lock_visible(&mut tx, session_id, member).await?;
    let technician = member.member_id;
    // Pressed twice, it is already started.
    if session.status() == Some(Status::Active) && session.lead() == Some(technician) {
        // What is read now takes another connection, and everybody who waits for this row holds one.
        tx.rollback().await?;
        return rows::row_of(app, &session).await;
    }
    let below_limit = transition::below_limit(&mut tx, technician).await?;
    let event = match (session.status(), acting(member, &session)) {
        (Some(Status::OnHold), _) => SessionEvent::Resume { technician, below_limit },
        (_, Actor::Administrator(administrator)) => SessionEvent::AdministratorStarts {
            administrator,
            allowed: true,
            target: StartTarget::Technician(Candidate {
                technician,
                eligible: true,
                below_limit,
                // Whoever asks is signed in, be it on the command line.
                console_open: true,
            }),
        },
        _ => SessionEvent::TechnicianStarts {
            technician,
            eligible: true,
            below_limit,
        },
    };
    finish(app, tx, session, &event, "").await
}

/// Puts a session on hold (STM-39).
pub async fn hold(app: &Gateway, member: &Member, session_id: SessionId, comment: &str) -> Result<SessionRow> {
    let comment = checked_comment(comment)?;
    let mut tx = app.db.write().await?;
    let session = lock_visible(&mut tx, session_id, member).await?;
    let event = SessionEvent::Hold {
        by: acting(member, &session),
        allowed: member.may(Permission::HoldSessions),
    };
    let session = step_and_publish(app, tx, session, &event, comment).await?;
    slot_freed(app, &session).await;
    rows::row_of(app, &session).await
}

/// Ends a session (STM-37, STM-55, STM-56, STM-59, STM-61). One whose customer never came loses its code.
pub async fn close(app: &Gateway, member: &Member, session_id: SessionId, comment: &str) -> Result<SessionRow> {
    let comment = checked_comment(comment)?;
    let mut tx = app.db.write().await?;
    let session = lock_visible(&mut tx, session_id, member).await?;
    // Withdrawn already: nothing changes it any more (STM-69).
    if session.is_final && session.state.is_none() {
        tx.rollback().await?;
        return rows::row_of(app, &session).await;
    }
    if session.state.is_none() {
        let by = acting(member, &session);
        let session = timers::withdraw_code(app, tx, session, by).await?;
        return rows::row_of(app, &session).await;
    }
    let event = match session.status() {
        Some(Status::TimedOut) => SessionEvent::TabClosed {
            technician: member.member_id,
        },
        _ => SessionEvent::Close {
            by: acting(member, &session),
            allowed: true,
        },
    };
    let session = step_and_publish(app, tx, session, &event, comment).await?;
    slot_freed(app, &session).await;
    rows::row_of(app, &session).await
}

/// A console of this member is there: nothing counts against the lead any more, and waiting sessions with auto-start begin (SES-17).
pub async fn console_opened(app: &Gateway, member_id: MemberId) {
    for session_id in sessions_where(app, LED, member_id).await {
        note_console(app, session_id, member_id).await;
    }
    auto_start_waiting(app, member_id).await;
}

/// The last console of this member is gone (STM-62 counts from now).
pub async fn consoles_gone(app: &Gateway, member_id: MemberId) {
    for session_id in sessions_where(app, LED, member_id).await {
        note_console(app, session_id, member_id).await;
    }
}

/// The member has signed out for good: what they lead goes on hold at once (STM-62).
pub async fn signed_out(app: &Gateway, member_id: MemberId) {
    for session_id in sessions_where(app, LED, member_id).await {
        if let Err(error) = system_step(app, session_id, &SessionEvent::LeadAbsent).await {
            warn!(%session_id, %error, "a session could not be put on hold");
        }
    }
}

/// A session of theirs is not Active any more: one that waits may take its place (SES-17).
pub(super) async fn slot_freed(app: &Gateway, session: &record::SessionRecord) {
    if session.status() != Some(Status::Active) {
        auto_start_waiting(app, session.lead().unwrap_or(session.issued_by)).await;
    }
}

/// Starts waiting sessions of a member that are to start by themselves, while there are free slots.
pub(super) async fn auto_start_waiting(app: &Gateway, member_id: MemberId) {
    let waiting = "SELECT session_id FROM sessions WHERE issued_by = $1 AND is_final = 0 AND status = 'waiting' AND auto_start = 1 ORDER BY session_id";
    for session_id in sessions_where(app, waiting, member_id).await {
        // At the maximum or without a console it is refused and goes on waiting.
        let _ = try_auto_start(app, session_id).await;
    }
}

async fn try_auto_start(app: &Gateway, session_id: SessionId) -> Result<()> {
    let mut tx = app.db.write().await?;
    let session = record::lock(&mut tx, session_id).await?;
    if session.status() != Some(Status::Waiting) {
        return Ok(());
    }
    let Some(candidate) = applet::auto_start(app, &mut tx, &session).await? else {
        return Ok(());
    };
    finish(app, tx, session, &SessionEvent::AutoStarts(candidate), "").await.map(|_| ())
}

/// A step by rule or timer.
pub(super) async fn system_step(app: &Gateway, session_id: SessionId, event: &SessionEvent) -> Result<()> {
    let mut tx = app.db.write().await?;
    let session = record::lock(&mut tx, session_id).await?;
    finish(app, tx, session, event, "").await.map(|_| ())
}

async fn finish(app: &Gateway, tx: Tx, session: record::SessionRecord, event: &SessionEvent, comment: &str) -> Result<SessionRow> {
    let session = step_and_publish(app, tx, session, event, comment).await?;
    rows::row_of(app, &session).await
}

async fn step_and_publish(
    app: &Gateway,
    mut tx: Tx,
    session: record::SessionRecord,
    event: &SessionEvent,
    comment: &str,
) -> Result<record::SessionRecord> {
    let changed = transition::take(app, &mut tx, session, event, comment).await?;
    tx.commit().await?;
    Ok(publish::publish(app, changed).await)
}

async fn note_console(app: &Gateway, session_id: SessionId, lead: MemberId) {
    let noted = async {
        let mut tx = app.db.write().await?;
        let mut session = record::lock(&mut tx, session_id).await?;
        if session.status() == Some(Status::Active) && session.lead() == Some(lead) {
            session.console_gone_at = if app.hub.has_console(lead) {
                None
            } else {
                session.console_gone_at.or(Some(app.now()))
            };
            session.save(&mut tx).await?;
        }
        tx.commit().await?;
        Ok::<_, HttpError>(())
    };
    if let Err(error) = noted.await {
        warn!(%session_id, %error, "the presence of the lead could not be noted");
    }
}

async fn sessions_where(app: &Gateway, sql: &'static str, member_id: MemberId) -> Vec<SessionId> {
    let rows = sqlx::query(sql).bind(member_id.0).fetch_all(app.db.read()).await;
    match rows {
        Ok(rows) => rows.iter().filter_map(|row| row.int("session_id").ok()).map(SessionId).collect(),
        Err(error) => {
            warn!(%error, "sessions of a member could not be read");
            Vec::new()
        }
    }
}

async fn lock_visible(tx: &mut Tx, session_id: SessionId, member: &Member) -> Result<record::SessionRecord> {
    let session = record::lock(tx, session_id).await?;
    if rows::visible_to(&session, member.member_id, member.is_administrator()) {
        Ok(session)
    } else {
        Err(HttpError::no_session())
    }
}

/// An administrator who neither leads nor issued the session acts as one.
pub(super) fn acting(member: &Member, session: &record::SessionRecord) -> Actor {
    let theirs = session.lead() == Some(member.member_id) || (session.lead().is_none() && session.issued_by == member.member_id);
    if member.is_administrator() && !theirs {
        Actor::Administrator(member.member_id)
    } else {
        Actor::Technician(member.member_id)
    }
}

fn checked_comment(comment: &str) -> Result<&str> {
    let comment = comment.trim();
    // PostgreSQL stores no NUL.
    if comment.chars().count() > MAX_COMMENT_CHARS || comment.contains('\0') {
        return Err(HttpError::malformed(format!(
            "a comment has at most {MAX_COMMENT_CHARS} characters, and no NUL among them"
        )));
    }
    Ok(comment)
}
