//! Tickets: the right of one console to meet one applet, and the relay tokens that go with it (DESIGN, "How a session comes to be", 4 and 5).

use farhand_protocol::{
    api::{PeerAddress, TicketAnswer, TicketRequest},
    chain::Body,
    error::ErrorCode,
    gateway::{FromGateway, RelayGrant, TicketIssued},
    ids::{MemberId, PeerKey, SessionId},
    session::{Actor, LegStatus, Party, Status},
    ticket::{FIRST_USE_MILLIS, LEASE_MILLIS, Leg, RelayToken, Signed, Ticket},
    time::Timestamp,
};
use iroh_base::RelayUrl;
use sqlx::any::AnyRow;
use uuid::Uuid;

use super::{
    applet::check_address,
    log, publish,
    record::{self, SessionRecord},
    rows,
};
use crate::{
    accounts::{Member, SignedIn},
    app::Gateway,
    db::{Columns, Tx},
    error::{HttpError, Result},
    live::Notice,
};

/// A year, and so longer than any session, for which an applet is given one token. Whether it is still good is asked at each connection, and the
/// session's end drops those that stand.
const RELAY_TOKEN_MILLIS: i64 = 365 * 24 * 3_600_000;

/// A ticket that may still be used.
#[derive(Debug, Clone)]
pub struct Outstanding {
    /// Who holds the console.
    pub member_id: MemberId,
    /// What the applet is told.
    pub issued: TicketIssued,
}

/// Issues a ticket to somebody who takes part in an Active session, and hands it to the applet.
pub async fn request_ticket(app: &Gateway, by: &SignedIn, session_id: SessionId, request: &TicketRequest) -> Result<TicketAnswer> {
    let member = &by.member;
    check_address(&request.viewer)?;
    // A console, too, meets its applet at no relay but ours.
    let viewer = PeerAddress {
        relay_url: request.viewer.relay_url.as_deref().and_then(|url| our_relay(app, url)),
        ..request.viewer.clone()
    };
    let mut tx = app.db.write().await?;
    let session = record::lock(&mut tx, session_id).await?;
    if !rows::visible_to(&session, member.member_id, member.is_administrator()) {
        return Err(HttpError::no_session());
    }
    let leg = leg_of(&session, member.member_id)?;
    let applet_key = session.applet_key.ok_or_else(HttpError::no_session)?;
    let ticket = new_ticket(app, member, &session, leg, applet_key, request.viewer.key);
    let signed = Signed::seal(&ticket, &app.keys.signing);
    store(&mut tx, &ticket, &signed, &viewer, &by.token_hash).await?;
    let event = log::append(
        &mut tx,
        session_id,
        app.now(),
        "ticket.issued",
        Actor::Technician(member.member_id),
        body_of(&ticket, &signed),
    )
    .await?;
    tx.commit().await?;
    app.metrics.tickets.add(1);
    publish::announce_events(app, &session, &[event]);
    let issued = TicketIssued {
        session_id,
        ticket: signed.clone(),
        peer: viewer,
    };
    app.hub.tell_applet(session_id, &FromGateway::Ticket(issued));
    app.hub.tell_others(&Notice::Ticket(session_id, ticket.ticket_id.to_string()));
    let relay = relay_at(app, relay_of(app, &session), session_id, request.viewer.key);
    let unknown = PeerAddress {
        key: applet_key,
        relay_url: app.settings.relay_url.clone(),
        direct: Vec::new(),
    };
    Ok(TicketAnswer {
        ticket: signed,
        host: session.reachable.unwrap_or(unknown),
        relay,
    })
}

/// The relay where the applet can be met: that of the process it is connected to. Only our own are named to a console, whatever an applet says.
fn relay_of(app: &Gateway, session: &SessionRecord) -> Option<String> {
    let theirs = session.reachable.as_ref().and_then(|address| address.relay_url.as_deref());
    theirs
        .and_then(|theirs| our_relay(app, theirs))
        .or_else(|| app.settings.relay_url.clone())
}

/// The relay of a gateway process, this one or another, that an applet means.
pub(super) fn our_relay(app: &Gateway, theirs: &str) -> Option<String> {
    let theirs: RelayUrl = theirs.parse().ok()?;
    let is_it = |ours: &str| ours.parse::<RelayUrl>().is_ok_and(|ours| ours == theirs);
    let here = app.settings.relay_url.clone().filter(|ours| is_it(ours));
    here.or_else(|| {
        app.hub
            .others(|others| others.relay_urls().find(|ours| is_it(ours)).map(str::to_owned))
    })
}

/// Relay and token for a key of this session; none when this process runs no relay.
pub fn relay_grant(app: &Gateway, session_id: SessionId, key: PeerKey) -> Option<RelayGrant> {
    relay_at(app, app.settings.relay_url.clone(), session_id, key)
}

fn relay_at(app: &Gateway, url: Option<String>, session_id: SessionId, key: PeerKey) -> Option<RelayGrant> {
    let url = url?;
    let token = RelayToken {
        key,
        session_id,
        not_after: app.now().plus_millis(RELAY_TOKEN_MILLIS),
    };
    Some(RelayGrant {
        url,
        token: Signed::seal(&token, &app.keys.signing).to_text(),
    })
}

/// True while a relay token for this session and key is good: the session runs and the key belongs to it, by a ticket whose sign-in has not ended.
pub async fn may_relay(app: &Gateway, session_id: SessionId, key: PeerKey) -> Result<bool> {
    let session = match record::load(&app.db, session_id).await {
        Err(error) if error.code() == ErrorCode::SessionUnknown => return Ok(false),
        loaded => loaded?,
    };
    if session.is_final || session.status().is_none() {
        return Ok(false);
    }
    if session.applet_key == Some(key) {
        return Ok(true);
    }
    let good = sqlx::query("SELECT ticket_id FROM tickets WHERE session_id = $1 AND viewer_key = $2 AND ended_at IS NULL LIMIT 1")
        .bind(session_id.0)
        .bind(key.to_string())
        .fetch_optional(app.db.read())
        .await?;
    Ok(good.is_some())
}

/// True when this member has had a ticket for this console key, and so writes its chain.
pub async fn technician_writes_as(app: &Gateway, member_id: MemberId, session_id: SessionId, key: PeerKey) -> bool {
    holder_of(app, session_id, key).await == Some(member_id)
}

/// Whether a console of this member may have a link in this session: none when no ticket of theirs is for this key, false once the session has ended.
pub async fn link_of(app: &Gateway, member_id: MemberId, session_id: SessionId, key: PeerKey) -> Result<Option<bool>> {
    let row = sqlx::query(
        "SELECT s.is_final FROM tickets t JOIN sessions s ON s.session_id = t.session_id \
         WHERE t.session_id = $1 AND t.member_id = $2 AND t.viewer_key = $3 LIMIT 1",
    )
    .bind(session_id.0)
    .bind(member_id.0)
    .bind(key.to_string())
    .fetch_optional(app.db.read())
    .await?;
    row.map(|row| Ok(row.int("is_final")? == 0)).transpose()
}

/// Tickets an applet that comes back may need.
pub async fn outstanding_tickets(app: &Gateway, session_id: SessionId) -> Result<Vec<TicketIssued>> {
    let session = record::load(&app.db, session_id).await?;
    if session.status() != Some(Status::Active) {
        return Ok(Vec::new());
    }
    let takes_part = |member| {
        session
            .state
            .as_ref()
            .is_some_and(|s| s.participants().any(|party| party == Party::Member(member)))
    };
    Ok(outstanding(app, session_id)
        .await?
        .into_iter()
        .filter(|t| takes_part(t.member_id))
        .map(|t| t.issued)
        .collect())
}

/// Tells an applet that is connected here a ticket that was issued by another process.
pub async fn tell_ticket(app: &Gateway, session_id: SessionId, ticket_id: &str) -> Result<()> {
    if !app.hub.has_applet_here(session_id) {
        return Ok(());
    }
    let row = sqlx::query("SELECT signed, viewer_address FROM tickets WHERE ticket_id = $1 AND session_id = $2")
        .bind(ticket_id)
        .bind(session_id.0)
        .fetch_optional(app.db.read())
        .await?;
    if let Some(row) = row {
        let (ticket, peer) = issued_from(&row)?;
        app.hub
            .tell_applet(session_id, &FromGateway::Ticket(TicketIssued { session_id, ticket, peer }));
    }
    Ok(())
}

fn issued_from(row: &AnyRow) -> Result<(Signed, PeerAddress)> {
    let ticket = Signed::from_text(&row.text("signed")?).ok_or_else(|| HttpError::internal("a stored ticket is damaged"))?;
    Ok((ticket, serde_json::from_str(&row.text("viewer_address")?)?))
}

/// Whose tickets for a session have not ended. A console that has met the applet holds on to it after the lease, too.
pub(super) async fn holders(app: &Gateway, session_id: SessionId) -> Result<Vec<MemberId>> {
    let rows = sqlx::query("SELECT DISTINCT member_id FROM tickets WHERE session_id = $1 AND ended_at IS NULL")
        .bind(session_id.0)
        .fetch_all(app.db.read())
        .await?;
    rows.iter().map(|row| Ok(MemberId(row.int("member_id")?))).collect()
}

/// Tickets of a session whose lease runs, the newest of each console.
async fn outstanding(app: &Gateway, session_id: SessionId) -> Result<Vec<Outstanding>> {
    let rows = sqlx::query("SELECT member_id, viewer_key, viewer_address, signed FROM tickets WHERE session_id = $1 AND lease_until > $2 ORDER BY issued_at DESC")
        .bind(session_id.0)
        .bind(app.now().0)
        .fetch_all(app.db.read())
        .await?;
    let (mut seen, mut out) = (Vec::new(), Vec::new());
    for row in &rows {
        let key = row.text("viewer_key")?;
        if seen.contains(&key) {
            continue;
        }
        seen.push(key);
        let (ticket, peer) = issued_from(row)?;
        out.push(Outstanding {
            member_id: MemberId(row.int("member_id")?),
            issued: TicketIssued { session_id, ticket, peer },
        });
    }
    Ok(out)
}

async fn holder_of(app: &Gateway, session_id: SessionId, key: PeerKey) -> Option<MemberId> {
    let row = sqlx::query("SELECT member_id FROM tickets WHERE session_id = $1 AND viewer_key = $2 LIMIT 1")
        .bind(session_id.0)
        .bind(key.to_string())
        .fetch_optional(app.db.read())
        .await
        .ok()??;
    row.int("member_id").ok().map(MemberId)
}

/// Their part in the session, which must be Active (STM-71).
fn leg_of(session: &SessionRecord, member_id: MemberId) -> Result<Leg> {
    let state = session
        .state
        .as_ref()
        .ok_or_else(|| HttpError::new(ErrorCode::SessionTransition, "the customer has not come yet"))?;
    if state.status.is_final() {
        return Err(HttpError::new(ErrorCode::SessionEnded, "the session has ended"));
    }
    if state.status != Status::Active {
        return Err(HttpError::new(
            ErrorCode::SessionTransition,
            format!("a session that is {} gives no tickets; start it first", state.status.name()),
        ));
    }
    match state.open_leg(Party::Member(member_id)).map(|leg| leg.status) {
        Some(LegStatus::Leading) => Ok(Leg::Lead),
        Some(LegStatus::Collaboration) => Ok(Leg::Collaborator),
        _ => Err(HttpError::new(
            ErrorCode::SessionNotLead,
            "only who takes part in the session may meet the applet",
        )),
    }
}

fn new_ticket(app: &Gateway, member: &Member, session: &SessionRecord, leg: Leg, host_key: PeerKey, viewer_key: PeerKey) -> Ticket {
    let issued_at: Timestamp = app.now();
    Ticket {
        ticket_id: Uuid::now_v7(),
        session_id: session.session_id,
        leg,
        host_key,
        viewer_key,
        technician: app.identity(member.member_id, member.shown_name.clone()),
        ceiling: member.ceiling(),
        recording: member.recording(),
        issued_at,
        first_use_until: issued_at.plus_millis(FIRST_USE_MILLIS),
        lease_until: issued_at.plus_millis(LEASE_MILLIS),
    }
}

async fn store(tx: &mut Tx, ticket: &Ticket, signed: &Signed, viewer: &PeerAddress, token_hash: &str) -> Result<()> {
    sqlx::query(
        "INSERT INTO tickets (ticket_id, session_id, member_id, viewer_key, viewer_address, signed, issued_at, lease_until, token_hash, ceiling) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(ticket.ticket_id.to_string())
    .bind(ticket.session_id.0)
    .bind(ticket.technician.member_id.0)
    .bind(ticket.viewer_key.to_string())
    .bind(serde_json::to_string(viewer)?)
    .bind(signed.to_text())
    .bind(ticket.issued_at.0)
    .bind(ticket.lease_until.0)
    .bind(token_hash)
    .bind(ticket.ceiling.to_string())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn body_of(ticket: &Ticket, signed: &Signed) -> Body {
    Body::from([
        ("ceiling", Body::from(ticket.ceiling.to_string())),
        ("hash", Body::from(data_encoding::HEXLOWER.encode(&signed.hash()))),
        ("member_id", Body::from(ticket.technician.member_id.0)),
        ("ticket_id", Body::from(ticket.ticket_id.to_string())),
        ("viewer_key", Body::from(ticket.viewer_key.to_string())),
    ])
}
