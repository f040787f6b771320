//! Session rows as technicians see them, and who may see which.

use std::collections::HashMap;

use farhand_protocol::{
    api::SessionRow,
    ids::{MemberId, SessionId},
    ticket::TechnicianIdentity,
};
use sqlx::any::AnyRow;

use super::record::{self, SessionRecord};
use crate::{
    accounts::Member,
    app::Gateway,
    db::Columns,
    error::{HttpError, Result},
};

const ENDED_PAGE: i64 = 500;

/// True when the member may see and act on the session: it is their own, they take part, or they administer.
pub fn visible_to(session: &SessionRecord, member_id: MemberId, is_administrator: bool) -> bool {
    let takes_part = |id| {
        session
            .state
            .as_ref()
            .is_some_and(|s| s.lead == Some(id) || s.legs.iter().any(|leg| leg.party == farhand_protocol::session::Party::Member(id)))
    };
    is_administrator || session.issued_by == member_id || takes_part(member_id)
}

/// The session, if this member may see it; else it does not exist for them.
pub(super) async fn load_visible(app: &Gateway, session_id: SessionId, member: &Member) -> Result<SessionRecord> {
    let session = record::load(&app.db, session_id).await?;
    if visible_to(&session, member.member_id, member.is_administrator()) {
        Ok(session)
    } else {
        Err(HttpError::no_session())
    }
}

/// One row for a member.
pub async fn row_for(app: &Gateway, session_id: SessionId, member: &Member) -> Result<SessionRow> {
    let session = load_visible(app, session_id, member).await?;
    row_of(app, &session).await
}

/// Rows a member may see: running ones with open codes by number, or the last that ended, the latest first and of those that ended in one moment the one
/// with the highest number. Numbers are unique, so both databases list the same rows in the same order, and a page ends at the same row each time.
pub async fn list_rows(app: &Gateway, member: &Member, ended: bool) -> Result<Vec<SessionRow>> {
    // A code that expired unused never was a session.
    let sql = if ended {
        "SELECT * FROM sessions WHERE is_final = 1 AND status IS NOT NULL AND ($1 = 1 OR issued_by = $2 OR lead = $2 OR session_id IN \
         (SELECT session_id FROM session_legs WHERE member_id = $2)) ORDER BY ended_at DESC, session_id DESC LIMIT $3"
    } else {
        "SELECT * FROM sessions WHERE is_final = 0 AND ($1 = 1 OR issued_by = $2 OR lead = $2 OR session_id IN \
         (SELECT session_id FROM session_legs WHERE member_id = $2)) ORDER BY session_id LIMIT $3"
    };
    let limit = if ended { ENDED_PAGE } else { i64::from(u32::MAX) };
    let rows = sqlx::query(sql)
        .bind(i64::from(member.is_administrator()))
        .bind(member.member_id.0)
        .bind(limit)
        .fetch_all(app.db.read())
        .await?;
    let names = all_names(app).await?;
    rows.iter().map(|row| Ok(row_with(app, &record::from_row(row)?, &names))).collect()
}

/// The row of a session.
pub async fn row_of(app: &Gateway, session: &SessionRecord) -> Result<SessionRow> {
    let mut names = HashMap::new();
    for member_id in [Some(session.issued_by), session.lead()].into_iter().flatten() {
        names.insert(member_id, identity(app, member_id).await?.name);
    }
    Ok(row_with(app, session, &names))
}

fn row_with(app: &Gateway, session: &SessionRecord, names: &HashMap<MemberId, String>) -> SessionRow {
    let called = |member_id| app.identity(member_id, names.get(&member_id).cloned().unwrap_or_default());
    let waits_for_customer = session.state.is_none() && !session.is_final;
    SessionRow {
        session_id: session.session_id,
        name: session.name.clone(),
        fields: session.fields.clone(),
        status: session.status(),
        since: session.since,
        created_at: session.created_at,
        lead: session.lead().map(called),
        issued_by: called(session.issued_by),
        platform: session.platform.clone(),
        device: session.device.clone(),
        comment: session.comment.clone(),
        expires_at: waits_for_customer.then_some(session.expires_at),
        waiting_ends_at: session.waiting_ends_at(),
        customer_online: app.hub.has_applet(session.session_id),
    }
}

/// How a member is called.
pub(super) async fn identity(app: &Gateway, member_id: MemberId) -> Result<TechnicianIdentity> {
    let row = sqlx::query("SELECT name, nickname FROM members WHERE member_id = $1")
        .bind(member_id.0)
        .fetch_optional(app.db.read())
        .await?;
    Ok(app.identity(member_id, row.as_ref().map(shown_name).transpose()?.unwrap_or_default()))
}

async fn all_names(app: &Gateway) -> Result<HashMap<MemberId, String>> {
    let rows = sqlx::query("SELECT member_id, name, nickname FROM members")
        .fetch_all(app.db.read())
        .await?;
    rows.iter()
        .map(|row| Ok((MemberId(row.int("member_id")?), shown_name(row)?)))
        .collect()
}

/// The nickname, else the name (GLO-27).
fn shown_name(row: &AnyRow) -> Result<String> {
    Ok(row
        .text_or_none("nickname")?
        .filter(|nickname| !nickname.is_empty())
        .unwrap_or(row.text("name")?))
}
