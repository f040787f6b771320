//! What an applet says over its WebSocket, and what follows from its line being there or not.

use farhand_protocol::{
    api::{MAX_ADDRESSES, PeerAddress},
    error::ErrorCode,
    gateway::{CustomerStep, FromGateway, PeerMoved},
    ids::{PeerKey, SessionId},
    session::{Candidate, SessionEvent, Status},
};

use super::{
    publish,
    record::{self, SessionRecord},
    steps, tickets, transition,
};
use crate::{
    app::Gateway,
    db::Tx,
    error::{HttpError, Result},
    live::Notice,
    secret::bearer_hash,
};

/// After the end an applet may still hand in what it wrote, for this long.
const HAND_IN_MILLIS: i64 = 24 * 3_600_000;
const MAX_URL: usize = 512;

/// An applet with a good credential.
#[derive(Debug, Clone)]
pub struct AppletIdentity {
    /// Its session.
    pub session_id: SessionId,
    /// Its key.
    pub applet_key: PeerKey,
}

/// Whose credential this is.
pub async fn applet_of_credential(app: &Gateway, credential: &str) -> Result<AppletIdentity> {
    let row = sqlx::query("SELECT * FROM sessions WHERE credential_hash = $1")
        .bind(bearer_hash(credential))
        .fetch_optional(app.db.read())
        .await?;
    let Some(session) = row.as_ref().map(record::from_row).transpose()? else {
        return Err(HttpError::new(ErrorCode::AuthMissing, "this credential is not known here"));
    };
    let gone = session.ended_at.is_some_and(|at| app.now().since_millis(at) > HAND_IN_MILLIS);
    match session.applet_key {
        Some(applet_key) if !gone => Ok(AppletIdentity {
            session_id: session.session_id,
            applet_key,
        }),
        _ => Err(HttpError::new(ErrorCode::AuthExpired, "this session has ended")),
    }
}

/// The customer did something in the applet (STM-25, STM-26, STM-28, STM-33, STM-60).
pub async fn handle_customer(app: &Gateway, session_id: SessionId, did: CustomerStep) -> Result<()> {
    let mut tx = app.db.write().await?;
    let session = record::lock(&mut tx, session_id).await?;
    let is_connecting = session.status() == Some(Status::Connecting);
    let event = match did {
        // Said again after a lost answer it changes nothing.
        CustomerStep::Ready if !is_connecting => return Ok(()),
        CustomerStep::Ready => SessionEvent::AppletReady {
            terms_settled: true,
            auto_start: auto_start(app, &mut tx, &session).await?,
        },
        CustomerStep::Declined if is_connecting => SessionEvent::TermsRefused,
        // Said before the applet had heard that the session went on.
        CustomerStep::Declined | CustomerStep::Ended => SessionEvent::CustomerEnds,
    };
    let changed = transition::take(app, &mut tx, session, &event, "").await?;
    tx.commit().await?;
    let session = publish::publish(app, changed).await;
    if session.is_final {
        steps::slot_freed(app, &session).await;
    }
    Ok(())
}

/// Whom an auto-started session would go to, with what decides it (SES-15, SES-17).
pub(super) async fn auto_start(app: &Gateway, tx: &mut Tx, session: &SessionRecord) -> Result<Option<Candidate>> {
    if !session.auto_start {
        return Ok(None);
    }
    let technician = session.issued_by;
    let below_limit = transition::below_limit(tx, technician).await?;
    Ok(Some(Candidate {
        technician,
        eligible: true,
        below_limit,
        console_open: app.hub.has_console(technician),
    }))
}

/// The applet can be dialled there; its technicians are told. A relay that is not ours is left out: nobody sends a console to it.
pub async fn handle_reachable(app: &Gateway, session_id: SessionId, address: PeerAddress) -> Result<()> {
    check_address(&address)?;
    let address = PeerAddress {
        relay_url: address.relay_url.as_deref().and_then(|url| tickets::our_relay(app, url)),
        ..address
    };
    let mut tx = app.db.write().await?;
    let mut session = record::lock(&mut tx, session_id).await?;
    if session.applet_key != Some(address.key) {
        return Err(HttpError::new(
            ErrorCode::RequestMalformed,
            "this is not the key the session was joined with",
        ));
    }
    if session.is_final || session.reachable.as_ref() == Some(&address) {
        return Ok(());
    }
    session.reachable = Some(address.clone());
    session.save(&mut tx).await?;
    tx.commit().await?;
    tell_address(app, session_id, address).await?;
    app.hub.tell_others(&Notice::Moved(session_id));
    Ok(())
}

/// Tells the consoles here where an applet can be dialled that said so to another process.
pub async fn tell_moved(app: &Gateway, session_id: SessionId) -> Result<()> {
    match record::load(&app.db, session_id).await?.reachable {
        Some(address) => tell_address(app, session_id, address).await,
        None => Ok(()),
    }
}

async fn tell_address(app: &Gateway, session_id: SessionId, address: PeerAddress) -> Result<()> {
    let members = tickets::holders(app, session_id).await?;
    app.hub
        .tell_technicians(&FromGateway::Peer(PeerMoved { session_id, peer: address }), |viewer| {
            members.contains(&viewer.member_id)
        });
    Ok(())
}

/// Refuses addresses beyond the limits.
pub(super) fn check_address(address: &PeerAddress) -> Result<()> {
    let relay_fits = address.relay_url.as_ref().is_none_or(|url| url.len() <= MAX_URL);
    let direct_fits = address.direct.len() <= MAX_ADDRESSES && address.direct.iter().all(|a| a.parse::<std::net::SocketAddr>().is_ok());
    if relay_fits && direct_fits {
        Ok(())
    } else {
        Err(HttpError::malformed(format!(
            "an address is a relay URL and up to {MAX_ADDRESSES} ip:port"
        )))
    }
}

/// The applet's line to the gateway came or went. A line that came back ends Reconnecting, Rebooting and Offline (STM-49, STM-52, STM-54).
///
/// Whether it is there is asked under the row's lock, so that a late "gone" of an old line cannot cover the "here" of a new one.
pub async fn link_changed(app: &Gateway, session_id: SessionId) -> Result<()> {
    let now = app.now();
    let mut tx = app.db.write().await?;
    let mut session = record::lock(&mut tx, session_id).await?;
    if session.is_final {
        return Ok(());
    }
    let up = app.hub.has_applet(session_id);
    session.link_lost_at = if up { None } else { session.link_lost_at.or(Some(now)) };
    let changed = match session.status() {
        Some(Status::Rebooting | Status::Reconnecting | Status::Offline) if up => {
            Some(transition::take(app, &mut tx, session.clone(), &SessionEvent::AppletBack, "").await?)
        }
        _ => {
            session.save(&mut tx).await?;
            None
        }
    };
    tx.commit().await?;
    match changed {
        Some(changed) => {
            publish::publish(app, changed).await;
        }
        None => publish::announce(app, &session, &[]).await,
    }
    Ok(())
}

/// A console says that its link to the applet stands: a session that counts as cut off is not (STM-52, STM-54).
pub async fn peer_link_up(app: &Gateway, session_id: SessionId) -> Result<()> {
    // Links come up often and are seldom missed: the row is locked only where there is something to change.
    if !is_cut_off(&record::load(&app.db, session_id).await?) {
        return Ok(());
    }
    let mut tx = app.db.write().await?;
    let session = record::lock(&mut tx, session_id).await?;
    if !is_cut_off(&session) || !app.hub.peer_link_stands(session_id) {
        return Ok(());
    }
    let changed = transition::take(app, &mut tx, session, &SessionEvent::AppletBack, "").await?;
    tx.commit().await?;
    publish::publish(app, changed).await;
    Ok(())
}

/// True in the states that say that nobody reaches the applet.
pub(super) fn is_cut_off(session: &SessionRecord) -> bool {
    matches!(session.status(), Some(Status::Reconnecting | Status::Offline))
}
