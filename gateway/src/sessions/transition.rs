//! One step of a session inside a transaction: the state machine decides, the log gets the transitions, the row and the legs follow.

use farhand_protocol::{
    api::SessionEvent as StoredEvent,
    chain::Body,
    ids::{MemberId, SessionId},
    session::{Actor, LegStatus, Party, SessionEvent, SessionState, Status, Step, Transition, step},
};
use sqlx::Row;

use super::{log, record::SessionRecord};
use crate::{
    app::Gateway,
    db::Tx,
    error::{HttpError, Result},
};
use farhand_protocol::error::ErrorCode;

/// Sessions of a lead that take a slot (SES-75).
const TAKEN: &str =
    "SELECT COUNT(*) FROM sessions WHERE lead = $1 AND is_final = 0 AND status IN ('active', 'rebooting', 'reconnecting', 'offline')";

/// A session after a step, to be told once the transaction is through.
#[derive(Debug)]
pub(super) struct Changed {
    /// The row as stored.
    pub session: SessionRecord,
    /// New entries of the log.
    pub events: Vec<StoredEvent>,
}

/// Takes one step. The caller holds the row's lock, commits, then publishes.
pub(super) async fn take(app: &Gateway, tx: &mut Tx, session: SessionRecord, event: &SessionEvent, comment: &str) -> Result<Changed> {
    let Some(state) = &session.state else {
        return Err(HttpError::new(ErrorCode::SessionTransition, "the customer has not come yet"));
    };
    let taken = step(state, event)?;
    apply(app, tx, session, taken, comment).await
}

/// Stores a step that was allowed.
pub(super) async fn apply(app: &Gateway, tx: &mut Tx, mut session: SessionRecord, taken: Step, comment: &str) -> Result<Changed> {
    let now = app.now();
    let mut events = Vec::with_capacity(taken.transitions.len());
    for transition in &taken.transitions {
        events.push(
            log::append(
                tx,
                session.session_id,
                now,
                "session.status",
                transition.actor,
                body_of(transition, comment),
            )
            .await?,
        );
    }
    if !comment.is_empty() {
        session.comment = comment.to_owned();
    }
    // What has ended keeps its times: only the name of the end changes then (STM-61).
    if !taken.transitions.is_empty() && !session.is_final {
        (session.since, session.timer_since, session.last_action_at) = (now, now, now);
    }
    let status = taken.state.status;
    session.console_gone_at = match (status, taken.state.lead) {
        (Status::Active, Some(lead)) if !app.hub.has_console(lead) => Some(now),
        _ => None,
    };
    if status.is_final() && session.ended_at.is_none() {
        (session.is_final, session.ended_at, session.link_lost_at) = (true, Some(now), None);
    }
    save_legs(tx, session.session_id, &taken.state).await?;
    session.state = Some(taken.state);
    session.save(tx).await?;
    Ok(Changed { session, events })
}

/// Locks the member while sessions are counted, so that two starts at once cannot both take the last slot. True while one is free (CON-38): sessions that
/// are led take one also while their customer's device is away, and none on hold (SES-75).
pub(super) async fn below_limit(tx: &mut Tx, member_id: MemberId) -> Result<bool> {
    let row = sqlx::query("UPDATE members SET revision = revision + 1 WHERE member_id = $1 RETURNING max_active_sessions")
        .bind(member_id.0)
        .fetch_optional(&mut **tx)
        .await?;
    let Some(row) = row else { return Ok(false) };
    let most: i64 = row.try_get(0)?;
    let active = sqlx::query(TAKEN).bind(member_id.0).fetch_one(&mut **tx).await?;
    let active: i64 = active.try_get(0)?;
    Ok(active < most)
}

fn body_of(transition: &Transition, comment: &str) -> Body {
    let text = |status: Status| Body::from(status.code());
    let mut fields = vec![
        ("new".to_owned(), text(transition.new)),
        ("old".to_owned(), transition.old.map_or(Body::Null, text)),
    ];
    match transition.actor {
        Actor::Technician(member) | Actor::Administrator(member) => fields.push(("member_id".to_owned(), Body::from(member.0))),
        Actor::Customer | Actor::System => {}
    }
    if !comment.is_empty() {
        fields.push(("comment".to_owned(), Body::from(comment)));
    }
    Body::Map(fields.into_iter().collect())
}

/// Legs as rows, so that lists and reports can ask for a technician's sessions.
async fn save_legs(tx: &mut Tx, session_id: SessionId, state: &SessionState) -> Result<()> {
    sqlx::query("DELETE FROM session_legs WHERE session_id = $1")
        .bind(session_id.0)
        .execute(&mut **tx)
        .await?;
    for (number, leg) in state.legs.iter().enumerate() {
        let (party, member) = match leg.party {
            Party::Member(member) => (format!("member:{member}"), Some(member.0)),
            Party::External(invite) => (format!("external:{invite}"), None),
        };
        let status = match leg.status {
            LegStatus::Leading => "leading".to_owned(),
            LegStatus::Handing => "handing".to_owned(),
            LegStatus::Invited => "invited".to_owned(),
            LegStatus::Collaboration => "collaboration".to_owned(),
            LegStatus::Ended(status) => format!("ended:{}", status.code()),
        };
        sqlx::query("INSERT INTO session_legs (session_id, leg_no, party, member_id, status, is_open) VALUES ($1, $2, $3, $4, $5, $6)")
            .bind(session_id.0)
            .bind(number as i64)
            .bind(party)
            .bind(member)
            .bind(status)
            .bind(i64::from(leg.is_open()))
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}
