//! What is told to whom once a change is on disk: rows and events to technicians, the state to the applet, the end to the relay.

use farhand_protocol::{
    api::SessionEvent,
    gateway::{FromGateway, SessionIs},
    ids::SessionId,
    session::Status,
};
use tracing::warn;

use super::{
    estimate, log,
    record::{self, SessionRecord},
    rows,
    transition::Changed,
};
use crate::{
    app::Gateway,
    error::Result,
    live::{Moment, Notice},
};

/// Tells everyone about a step that is through; first those whose links it may end.
pub(super) async fn publish(app: &Gateway, changed: Changed) -> SessionRecord {
    let Changed { session, events } = changed;
    tell_applet(app, &session).await;
    if session.is_final {
        app.relay.end_session(session.session_id);
        app.hub.forget_links(session.session_id);
    }
    if has_ended(&session, &events) {
        app.metrics.sessions_ended.add(1);
    }
    announce(app, &session, &events).await;
    session
}

/// True when this step ended the session: one that had ended before only changed the name of its end (STM-61).
fn has_ended(session: &SessionRecord, events: &[SessionEvent]) -> bool {
    let was_final = |event: &SessionEvent| {
        event.detail["old"]
            .as_str()
            .and_then(Status::from_code)
            .is_some_and(Status::is_final)
    };
    session.is_final && events.iter().any(|event| event.kind == "session.status" && !was_final(event))
}

/// Tells the technicians who may see the session, wherever they are connected.
pub(super) async fn announce(app: &Gateway, session: &SessionRecord, events: &[SessionEvent]) {
    announce_here(app, session, events).await;
    tell_others(app, session, events);
}

async fn announce_here(app: &Gateway, session: &SessionRecord, events: &[SessionEvent]) {
    let row = match rows::row_of(app, session).await {
        Ok(row) => row,
        Err(error) => {
            return warn!(session_id = %session.session_id, %error, "a row could not be told");
        }
    };
    let withdrawn = session.is_final && session.state.is_none();
    let message = if withdrawn {
        FromGateway::Removed(session.session_id)
    } else {
        FromGateway::Row(row)
    };
    app.hub.tell_row(session.moment(), &message, |viewer| {
        rows::visible_to(session, viewer.member_id, viewer.is_administrator)
    });
    for event in events {
        tell_event(app, session, event);
    }
}

/// Tells new events to the technicians who may see the session, wherever they are connected.
pub(super) fn announce_events(app: &Gateway, session: &SessionRecord, events: &[SessionEvent]) {
    events.iter().for_each(|event| tell_event(app, session, event));
    tell_others(app, session, events);
}

fn tell_others(app: &Gateway, session: &SessionRecord, events: &[SessionEvent]) {
    let numbers = events.iter().map(|event| event.event_id);
    let range = numbers.clone().min().zip(numbers.max());
    app.hub.tell_others(&Notice::Session(session.session_id, range));
}

/// Another process changed a session: whoever is connected here is told.
pub async fn changed_elsewhere(app: &Gateway, session_id: SessionId, events: Option<(i64, i64)>) -> Result<()> {
    let session = record::load(&app.db, session_id).await?;
    if app.hub.has_applet_here(session_id) {
        tell_applet(app, &session).await;
    }
    if session.is_final {
        app.relay.end_session(session_id);
        app.hub.forget_links(session_id);
    }
    announce_here(app, &session, &[]).await;
    match events {
        Some(range) => tell_events(app, &session, range).await,
        None => Ok(()),
    }
}

/// Tells the events from one number of the log to another, page by page.
async fn tell_events(app: &Gateway, session: &SessionRecord, (first, last): (i64, i64)) -> Result<()> {
    let mut after = first.saturating_sub(1);
    while after < last {
        let page = log::events_between(app, session.session_id, (after, last)).await?;
        let Some(newest) = page.last() else { break };
        after = newest.event_id;
        page.iter().for_each(|event| tell_event(app, session, event));
    }
    Ok(())
}

/// Tells an event to the technicians who may see the session.
fn tell_event(app: &Gateway, session: &SessionRecord, event: &SessionEvent) {
    app.hub.tell_technicians(&FromGateway::Event(event.clone()), |viewer| {
        rows::visible_to(session, viewer.member_id, viewer.is_administrator)
    });
}

/// Where the session stands, for its applet.
async fn session_is(app: &Gateway, session: &SessionRecord) -> Result<Option<SessionIs>> {
    let Some(status) = session.status() else {
        return Ok(None);
    };
    let lead = match session.lead() {
        Some(lead) => Some(rows::identity(app, lead).await?),
        None => None,
    };
    let estimated_wait_minutes = match status {
        Status::Waiting => estimate::estimated_minutes(app, session.issued_by).await?,
        _ => None,
    };
    let session_id = session.session_id;
    Ok(Some(SessionIs {
        session_id,
        status,
        lead,
        estimated_wait_minutes,
    }))
}

async fn tell_applet(app: &Gateway, session: &SessionRecord) {
    match session_is(app, session).await {
        Ok(Some(state)) => app.hub.tell_state(session.moment(), &FromGateway::Session(state)),
        Ok(None) => {}
        Err(error) => {
            warn!(session_id = %session.session_id, %error, "the applet could not be told")
        }
    }
}

/// The state of a session for its applet, and which one it is; none before the customer has come.
pub async fn state_for_applet(app: &Gateway, session_id: SessionId) -> Result<Option<(Moment, SessionIs)>> {
    let session = record::load(&app.db, session_id).await?;
    let state = session_is(app, &session).await?;
    Ok(state.map(|state| (session.moment(), state)))
}

/// Tells events a peer has uploaded.
pub async fn tell_uploaded(app: &Gateway, session_id: SessionId, events: &[SessionEvent]) {
    if events.is_empty() {
        return;
    }
    match record::load(&app.db, session_id).await {
        Ok(session) => announce_events(app, &session, events),
        Err(error) => warn!(%session_id, %error, "events could not be told"),
    }
}
