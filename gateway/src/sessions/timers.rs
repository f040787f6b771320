//! Timers: what the state machine lets run out, raised at most a second late (SES-64, STM-72). `now` comes from the gateway's clock; what is due
//! stands in the row.

use std::time::Duration;

use farhand_protocol::{
    chain::Body,
    ids::SessionId,
    session::{Actor, SessionEvent, Status, timers_of},
};
use tracing::warn;

use super::{
    applet, codes, log, publish,
    record::{self, LINK_GRACE_MILLIS, SessionRecord},
    steps, transition,
};
use crate::{
    app::{App, Gateway},
    db::{Columns, DbKind, Tx},
    error::Result,
    live,
};

const TICK: Duration = Duration::from_secs(1);
/// How often the gateway notes that it is alive.
const HEARTBEAT_TICKS: u32 = 5;
/// By then whoever was here before a start has come back, and other processes have said who is connected to them.
const SETTLED_TICKS: u32 = 25;
/// How often waiting customers are told how long it may take (SES-69).
const ESTIMATE_TICKS: u32 = 30;
/// How often old codes and tokens are forgotten.
const TIDY_TICKS: u32 = 3600;

/// Raises what is due, every second, for ever.
pub async fn run_timers(app: App) {
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    for count in 0u32.. {
        ticks.tick().await;
        if let Err(error) = tick(&app, count).await {
            warn!(%error, "timers could not be run");
        }
    }
}

async fn tick(app: &Gateway, count: u32) -> Result<()> {
    if count.is_multiple_of(HEARTBEAT_TICKS) {
        super::restart::beat(app).await?;
        live::beat(app);
        live::forget_silent(app).await;
        // What was done elsewhere is noticed sooner; this is for what runs out, and for what went unheard.
        live::notice_changes(app, true).await?;
        if count >= SETTLED_TICKS {
            super::restart::note_absent(app).await?;
        }
    }
    if app.db.kind() == DbKind::Postgres {
        // Who changes a group with a tool of PostgreSQL's own notifies nobody.
        super::check_ceilings(app).await?;
    }
    if count.is_multiple_of(ESTIMATE_TICKS) {
        super::estimate::refresh(app).await?;
    }
    if count.is_multiple_of(TIDY_TICKS) {
        super::housekeeping::tidy(app).await?;
    }
    run_due(app).await
}

/// Raises everything that is due now.
pub async fn run_due(app: &Gateway) -> Result<()> {
    let rows = sqlx::query("SELECT session_id FROM sessions WHERE is_final = 0 AND next_due <= $1 LIMIT 500")
        .bind(app.now().0)
        .fetch_all(app.db.read())
        .await?;
    for row in &rows {
        let session_id = SessionId(row.int("session_id")?);
        if let Err(error) = run_one(app, session_id).await {
            warn!(%session_id, %error, "a timer could not be raised");
        }
    }
    Ok(())
}

async fn run_one(app: &Gateway, session_id: SessionId) -> Result<()> {
    let now = app.now();
    let mut tx = app.db.write().await?;
    let mut session = record::lock(&mut tx, session_id).await?;
    if session.is_final || session.next_due().is_none_or(|due| due > now) {
        return Ok(());
    }
    if session.state.is_none() {
        return withdraw_code(app, tx, session, Actor::System).await.map(|_| ());
    }
    clear_if_back(app, &mut session);
    let Some(event) = due_event(app, &mut session) else {
        // Nothing to raise after all (the applet is back, or the peers still hold the link): note the next moment.
        session.save(&mut tx).await?;
        tx.commit().await?;
        return Ok(());
    };
    let changed = transition::take(app, &mut tx, session, &event, "").await?;
    tx.commit().await?;
    let session = publish::publish(app, changed).await;
    steps::slot_freed(app, &session).await;
    Ok(())
}

/// Peers that are connected to another process may have come before that was known here: nothing counts against them.
fn clear_if_back(app: &Gateway, session: &mut SessionRecord) {
    if app.hub.has_applet(session.session_id) {
        session.link_lost_at = None;
    }
    if session.status() == Some(Status::Active) && session.lead().is_some_and(|lead| app.hub.has_console(lead)) {
        session.console_gone_at = None;
    }
}

/// What is due in this state, if anything.
fn due_event(app: &Gateway, session: &mut SessionRecord) -> Option<SessionEvent> {
    let (now, status) = (app.now(), session.status()?);
    // Whoever is back said so while the loss was being noted, or it could not be noted.
    if applet::is_cut_off(session) && (app.hub.has_applet(session.session_id) || app.hub.peer_link_stands(session.session_id)) {
        return Some(SessionEvent::AppletBack);
    }
    if let Some(timer) = timers_of(status)
        .iter()
        .find(|timer| session.deadline(**timer).is_some_and(|at| at <= now))
    {
        return Some(timer.event(false));
    }
    let lost = session.link_lost_at.filter(|_| status == Status::Active)?;
    if now.since_millis(lost) < LINK_GRACE_MILLIS {
        return None;
    }
    if app.hub.peer_link_stands(session.session_id) {
        // Cut off from us but not from the technician: look again later.
        session.link_lost_at = Some(now);
        return None;
    }
    Some(SessionEvent::LinkLost)
}

/// A session whose customer never came: its code ends, it leaves the list, and everybody who saw it is told. The caller holds the row's lock.
pub(super) async fn withdraw_code(app: &Gateway, mut tx: Tx, mut session: SessionRecord, actor: Actor) -> Result<SessionRecord> {
    let now = app.now();
    codes::withdraw(&mut tx, session.session_id, now).await?;
    let body = match actor {
        Actor::Technician(member) | Actor::Administrator(member) => {
            Body::from([("member_id", Body::from(member.0)), ("unused", Body::from(true))])
        }
        Actor::Customer | Actor::System => Body::from([("unused", true)]),
    };
    let ended = log::append(&mut tx, session.session_id, now, "code.ended", actor, body).await?;
    (session.is_final, session.ended_at) = (true, Some(now));
    session.save(&mut tx).await?;
    tx.commit().await?;
    publish::announce(app, &session, &[ended]).await;
    Ok(session)
}
