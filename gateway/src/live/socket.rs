//! One live WebSocket (`protocol::gateway`): an applet's or a console's. Frames are binary; a peer that breaks the protocol is told why and closed; one that
//! says nothing for 30 s is taken for gone.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message as Ws, WebSocket, close_code};
use bytes::Bytes;
use farhand_protocol::{
    chain::{ChainError, Origin},
    error::{ErrorBody, ErrorCode},
    gateway::{Events, EventsStored, FromGateway, LinkReport, SILENCE_MILLIS, ToGateway},
    ids::PeerKey,
    peer::Hello,
    wire::Message,
};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep, timeout},
};
use tracing::{debug, info, warn};

use super::{
    hub::{Outgoing, Viewer},
    pace::Pace,
};
use crate::{
    accounts::{SignedIn, technician_of_token},
    app::App,
    error::{HttpError, Result},
    sessions::{self, AppletIdentity},
};

const SILENCE: Duration = Duration::from_millis(SILENCE_MILLIS);
const PING_EVERY: Duration = Duration::from_millis(SILENCE_MILLIS / 3);
/// A peer that takes nothing for this long is gone.
const SEND_PATIENCE: Duration = Duration::from_secs(10);
const AGENT: &str = concat!("farhand-gateway/", env!("CARGO_PKG_VERSION"));

/// Whose socket it is, by the token in the request.
#[derive(Debug, Clone)]
pub enum Side {
    /// An applet, by its credential.
    Applet(AppletIdentity),
    /// A console.
    Console(Box<SignedIn>, String),
}

/// Serves the socket until it ends.
pub async fn run(app: App, mut socket: WebSocket, side: Side) {
    match side {
        Side::Applet(applet) => run_applet(&app, &mut socket, &applet).await,
        Side::Console(signed_in, token) => run_console(&app, &mut socket, &signed_in, token).await,
    }
}

/// Why a socket ended.
#[derive(Debug, PartialEq, Eq)]
enum End {
    /// It closed, failed or fell silent.
    Gone,
    /// We close it and say why.
    Closed(&'static str),
}

async fn run_applet(app: &App, socket: &mut WebSocket, applet: &AppletIdentity) {
    let session_id = applet.session_id;
    if !greet(app, socket).await {
        return;
    }
    let (line, mut queue) = app.hub.add_applet(session_id);
    info!(%session_id, "applet is here");
    if let Err(error) = sessions::link_changed(app, session_id).await {
        warn!(%session_id, %error, "the applet's line could not be noted");
    }
    let end = match first_words_to_applet(app, socket, applet).await {
        Ok(()) => pump(app, socket, &mut queue, &Talker::Applet(applet)).await,
        Err(error) => refuse_and_end(socket, error.0).await,
    };
    finish(socket, end).await;
    if app.hub.remove_applet(session_id, line) || !app.hub.has_applet(session_id) {
        info!(%session_id, "applet is gone");
        if let Err(error) = sessions::link_changed(app, session_id).await {
            warn!(%session_id, %error, "the applet's absence could not be noted");
        }
    }
}

async fn run_console(app: &App, socket: &mut WebSocket, signed_in: &SignedIn, token: String) {
    let member = &signed_in.member;
    if !greet(app, socket).await {
        return;
    }
    let viewer = Viewer {
        member_id: member.member_id,
        is_administrator: member.is_administrator(),
    };
    // First the queue, then the rows: what changes meanwhile comes after them.
    let (line, mut queue) = app.hub.add_console(viewer, signed_in.token_hash.clone());
    info!(member_id = %member.member_id, "console is here");
    let end = match send_rows(app, socket, signed_in).await {
        Ok(()) => {
            sessions::console_opened(app, member.member_id).await;
            pump(
                app,
                socket,
                &mut queue,
                &Talker::Console {
                    signed_in,
                    token: &token,
                    line,
                },
            )
            .await
        }
        Err(error) => refuse_and_end(socket, error.0).await,
    };
    finish(socket, end).await;
    if app.hub.remove_console(member.member_id, line) {
        info!(member_id = %member.member_id, "the last console is gone");
        sessions::consoles_gone(app, member.member_id).await;
    }
}

enum Talker<'a> {
    Applet(&'a AppletIdentity),
    Console {
        signed_in: &'a SignedIn,
        token: &'a str,
        line: u64,
    },
}

async fn pump(app: &App, socket: &mut WebSocket, queue: &mut mpsc::Receiver<Outgoing>, talker: &Talker<'_>) -> End {
    let mut stopping = app.hub.stopping();
    let mut pings = tokio::time::interval_at(Instant::now() + PING_EVERY, PING_EVERY);
    let mut heard = Instant::now();
    let mut pace = Pace::new(heard);
    loop {
        let pause = pace.pause(Instant::now());
        tokio::select! {
            () = stopped(&mut stopping) => return End::Closed("the gateway is stopping"),
            outgoing = queue.recv() => match outgoing {
                Some(Outgoing::Frame(frame)) => {
                    if !send(socket, frame).await {
                        return End::Gone;
                    }
                }
                Some(Outgoing::Close(reason)) => return End::Closed(reason),
                None => return End::Closed("too slow; connect again"),
            },
            _ = pings.tick() => {
                if heard.elapsed() > SILENCE || timeout(SEND_PATIENCE, socket.send(Ws::Ping(Bytes::new()))).await.is_err() {
                    return End::Gone;
                }
                if let Talker::Console { token, .. } = talker
                    && let Err(error) = technician_of_token(app, token).await
                    && error.code() != ErrorCode::StorageFailed
                {
                    send_message(socket, &FromGateway::SignedOut(error.0)).await;
                    return End::Closed("signed out");
                }
            }
            () = sleep(pause), if !pause.is_zero() => {}
            received = socket.recv(), if pause.is_zero() => match received {
                Some(Ok(Ws::Binary(bytes))) => {
                    heard = Instant::now();
                    pace.note_frame(heard);
                    if let Err(end) = handle(app, socket, talker, &bytes).await {
                        return end;
                    }
                }
                Some(Ok(Ws::Close(_)) | Err(_)) | None => return End::Gone,
                Some(Ok(Ws::Text(_))) => return refuse_and_end(socket, ErrorBody::new(ErrorCode::LinkProtocol, "frames are binary")).await,
                Some(Ok(Ws::Ping(_) | Ws::Pong(_))) => {
                    heard = Instant::now();
                    pace.note_frame(heard);
                }
            },
        }
    }
}

async fn stopped(stopping: &mut tokio::sync::watch::Receiver<bool>) {
    let _ = stopping.wait_for(|stop| *stop).await;
}

async fn handle(app: &App, socket: &mut WebSocket, talker: &Talker<'_>, bytes: &[u8]) -> std::result::Result<(), End> {
    let message = match ToGateway::from_frame(bytes) {
        Ok(Some(message)) => message,
        Ok(None) => {
            send_message(
                socket,
                &FromGateway::Refused(ErrorBody::new(
                    ErrorCode::RequestUnsupported,
                    "this kind of message is not known here",
                )),
            )
            .await;
            return Ok(());
        }
        Err(error) => {
            return Err(refuse_and_end(socket, ErrorBody::new(ErrorCode::LinkProtocol, error.to_string())).await);
        }
    };
    let done = match (message, talker) {
        (ToGateway::Hello(_), _) => Ok(None),
        (ToGateway::Ping(number), _) => Ok(Some(FromGateway::Pong(number))),
        (ToGateway::Reachable(reachable), Talker::Applet(applet)) => sessions::handle_reachable(app, applet.session_id, reachable.address)
            .await
            .map(|()| None),
        // A console says where it is when it asks for a ticket.
        (ToGateway::Reachable(_), Talker::Console { .. }) => Ok(None),
        (ToGateway::Customer(did), Talker::Applet(applet)) => sessions::handle_customer(app, applet.session_id, did).await.map(|()| None),
        (ToGateway::Customer(_), Talker::Console { .. }) => Err(HttpError::new(
            ErrorCode::SessionNotEligible,
            "only the applet says what the customer does",
        )),
        (ToGateway::Link(report), talker) => note_link(app, talker, &report).await.map(|()| None),
        (ToGateway::Events(events), talker) => store_events(app, socket, talker, &events).await,
    };
    match done {
        Ok(Some(answer)) => send_message(socket, &answer).await.then_some(()).ok_or(End::Gone),
        Ok(None) => Ok(()),
        Err(error) => send_message(socket, &FromGateway::Refused(error.0))
            .await
            .then_some(())
            .ok_or(End::Gone),
    }
}

/// Only consoles count: whether an applet can be reached is not for itself to say. And only about links they may have; what is said of a session that
/// has just ended is late and passed over.
async fn note_link(app: &App, talker: &Talker<'_>, report: &LinkReport) -> Result<()> {
    let (session_id, peer) = (report.session_id, report.peer);
    match talker {
        Talker::Applet(applet) if applet.session_id == session_id => Ok(()),
        Talker::Console { signed_in, line, .. } => {
            let link = sessions::link_of(app, signed_in.member.member_id, session_id, peer).await?;
            match link {
                Some(true) => {
                    app.hub.note_link(*line, session_id, peer, report.up);
                    if report.up {
                        sessions::peer_link_up(app, session_id).await?;
                    }
                }
                Some(false) => {}
                None => return Err(not_a_participant("this link belongs to somebody else")),
            }
            Ok(())
        }
        Talker::Applet(_) => Err(not_a_participant("this link belongs to somebody else")),
    }
}

fn not_a_participant(why: &'static str) -> HttpError {
    HttpError::new(ErrorCode::SessionNotParticipant, why)
}

/// Stores an upload; acknowledged only once it is on disk.
async fn store_events(app: &App, socket: &mut WebSocket, talker: &Talker<'_>, events: &Events) -> Result<Option<FromGateway>> {
    let Some(first) = events.entries.first() else {
        return Ok(None);
    };
    let origin = first.origin;
    check_origin(app, talker, events, origin).await?;
    let stored = sessions::upload(app, events.session_id, origin, &events.entries).await?;
    sessions::tell_uploaded(app, events.session_id, &stored.fresh).await;
    match stored.refused {
        // What is missing is asked for by saying what is there.
        None | Some(ChainError::Gap { .. }) => {}
        Some(error) => {
            warn!(session_id = %events.session_id, %origin, %error, "a chain was refused");
            send_message(socket, &FromGateway::Refused(HttpError::from(error).0)).await;
        }
    }
    Ok(Some(FromGateway::Stored(EventsStored {
        session_id: events.session_id,
        origin: origin.to_string(),
        seq: stored.seq,
    })))
}

async fn check_origin(app: &App, talker: &Talker<'_>, events: &Events, origin: Origin) -> Result<()> {
    let theirs = match (talker, origin) {
        (Talker::Applet(applet), Origin::Applet(key)) => applet.session_id == events.session_id && applet.applet_key == key,
        (Talker::Console { signed_in, .. }, Origin::Console(key)) => writes_as(app, signed_in, events, key).await,
        _ => false,
    };
    if theirs {
        Ok(())
    } else {
        Err(not_a_participant("this chain belongs to somebody else"))
    }
}

async fn writes_as(app: &App, signed_in: &SignedIn, events: &Events, key: PeerKey) -> bool {
    sessions::technician_writes_as(app, signed_in.member.member_id, events.session_id, key).await
}

/// Exchanges hellos. The first frame must be one, and versions must meet.
async fn greet(app: &App, socket: &mut WebSocket) -> bool {
    let ours = Hello::ours(AGENT);
    let theirs = match timeout(SILENCE, socket.recv()).await {
        Ok(Some(Ok(Ws::Binary(bytes)))) => match ToGateway::from_frame(&bytes) {
            Ok(Some(ToGateway::Hello(hello))) => hello,
            _ => {
                let end = refuse_and_end(socket, ErrorBody::new(ErrorCode::LinkProtocol, "the first frame must be a hello")).await;
                finish(socket, end).await;
                return false;
            }
        },
        _ => return false,
    };
    if !send_message(socket, &FromGateway::Hello(ours.clone())).await {
        return false;
    }
    if ours.agree(&theirs).is_none() {
        let end = refuse_and_end(socket, no_common_version(&ours, &theirs, &app.settings.public_url)).await;
        finish(socket, end).await;
        return false;
    }
    debug!(agent = %theirs.agent.chars().take(64).collect::<String>(), "hello");
    true
}

/// The versions of both do not meet: which of the two is to be renewed, and from where.
fn no_common_version(ours: &Hello, theirs: &Hello, public_url: &str) -> ErrorBody {
    let message = if theirs.min > ours.max {
        format!("the gateway at {public_url} is older than this program; ask whoever runs it for a new one, or use the program it offers")
    } else {
        format!("this program is too old for the gateway; fetch the one offered at {public_url}")
    };
    ErrorBody::new(ErrorCode::VersionTooOld, message)
}

async fn first_words_to_applet(app: &App, socket: &mut WebSocket, applet: &AppletIdentity) -> Result<()> {
    // The state goes the way of those that are published meanwhile, so that an older one does not follow it.
    if let Some((moment, state)) = sessions::state_for_applet(app, applet.session_id).await? {
        app.hub.tell_state(moment, &FromGateway::Session(state));
    }
    for issued in sessions::outstanding_tickets(app, applet.session_id).await? {
        send_message(socket, &FromGateway::Ticket(issued)).await;
    }
    for ceiling in sessions::ceilings_for_applet(app, applet.session_id).await? {
        send_message(socket, &FromGateway::Ceiling(ceiling)).await;
    }
    Ok(())
}

async fn send_rows(app: &App, socket: &mut WebSocket, signed_in: &SignedIn) -> Result<()> {
    for row in sessions::list_rows(app, &signed_in.member, false).await? {
        if !send_message(socket, &FromGateway::Row(row)).await {
            return Ok(());
        }
    }
    for ceiling in sessions::ceilings_for_console(app, signed_in.member.member_id).await? {
        send_message(socket, &FromGateway::Ceiling(ceiling)).await;
    }
    Ok(())
}

async fn refuse_and_end(socket: &mut WebSocket, body: ErrorBody) -> End {
    send_message(socket, &FromGateway::Refused(body)).await;
    End::Closed("refused")
}

async fn send_message(socket: &mut WebSocket, message: &FromGateway) -> bool {
    send(socket, Bytes::from(message.to_frame())).await
}

async fn send(socket: &mut WebSocket, frame: Bytes) -> bool {
    matches!(timeout(SEND_PATIENCE, socket.send(Ws::Binary(frame))).await, Ok(Ok(())))
}

async fn finish(socket: &mut WebSocket, end: End) {
    if let End::Closed(reason) = end {
        let frame = CloseFrame {
            code: close_code::AWAY,
            reason: reason.into(),
        };
        let _ = timeout(SEND_PATIENCE, socket.send(Ws::Close(Some(frame)))).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_shares_no_version_is_told_which_side_is_to_be_renewed() {
        let speaks = |min, max| Hello {
            min,
            max,
            ..Hello::ours("test")
        };
        let said = |theirs: Hello| no_common_version(&speaks(3, 5), &theirs, "https://support.acme.example");
        let (old, new) = (said(speaks(1, 2)), said(speaks(6, 9)));
        assert!(old.message.contains("this program is too old") && old.message.contains("https://support.acme.example"));
        assert!(new.message.contains("gateway at https://support.acme.example is older"));
        assert_eq!((old.code, new.code), (ErrorCode::VersionTooOld, ErrorCode::VersionTooOld));
    }
}
