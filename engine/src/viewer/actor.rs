//! The driver of the viewer side: dials, presents the ticket, keeps wishes and rights in line, and dials again with growing
//! patience when the link is lost.
//!
//! ```text
//! dial ──► hello, present ──► welcome: Up ──► lost: wait ──► dial …
//!   └─ fails: wait               └─ goodbye: Ended; a newer ticket revives it
//! ```

mod linked;

use std::{collections::VecDeque, sync::Arc, time::Duration};

use farhand_protocol::{
    error::{ErrorBody, ErrorCode},
    ids::PeerKey,
    peer::{ChatLine, MAX_CHAT_BYTES, Quality, Subscribe},
    permission::CapabilitySet,
    ticket::{CeilingUpdate, Signed, Ticket},
};
use tokio::sync::mpsc;
use uuid::Uuid;

use self::linked::Linked;
use super::{
    ViewerConfig, ViewerEvents,
    decode::{self, Report, Work},
    event::{LinkState, ViewerEvent},
    input::{self, InputGate},
    link::{Heard, LinkWires},
    picture::SharedPicture,
    wants::{Act, Wants},
};
use crate::host::wall_now;

/// First and longest wait between attempts.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(10));
/// A host must welcome within this time.
const WELCOME_WITHIN: Duration = Duration::from_secs(20);
/// A ticket that was not accepted, and not replaced, is shown again after this time.
const TICKET_AGAIN: Duration = Duration::from_secs(30);
const DIAL_WITHIN: Duration = Duration::from_secs(30);
/// Lines that wait for a link.
const MOST_CHAT: usize = 200;
/// Messages of the host that wait for the actor.
const QUEUED: usize = 256;

/// What the program asks for.
#[derive(Debug)]
pub(super) enum Command {
    Subscribe(Subscribe),
    TakeControl(bool),
    Chat(String),
    Quality(Quality),
    Refresh,
    Leave(String),
    Ticket(Signed),
    Ceiling(Signed),
    Redial,
}

/// How a stretch of work ended.
enum Ended {
    /// Try again.
    Lost(ErrorBody),
    /// The host, or the lease, ended it.
    Over(ErrorBody),
    /// The program left.
    Left,
}

/// The viewer's state over all links.
pub(super) struct Actor {
    config: ViewerConfig,
    ticket: Signed,
    ceiling: Option<Signed>,
    emit: ViewerEvents,
    runtime: tokio::runtime::Handle,
    picture: Arc<SharedPicture>,
    gate: InputGate,
    wants: Wants,
    quality: Option<Quality>,
    chat: VecDeque<ChatLine>,
    /// Lines given to the present or last link; sent again on the next, since nothing says that they arrived.
    sent_chat: VecDeque<ChatLine>,
    heard_chat: VecDeque<Uuid>,
    work: mpsc::UnboundedSender<Work>,
    reports: mpsc::UnboundedReceiver<Report>,
    backoff: Duration,
}

impl Actor {
    /// A viewer with its decode thread, before its first dial.
    pub(super) fn new(
        config: ViewerConfig,
        picture: Arc<SharedPicture>,
        gate: InputGate,
        runtime: tokio::runtime::Handle,
        emit: ViewerEvents,
    ) -> Self {
        let (work, queue) = mpsc::unbounded_channel();
        let (tell, reports) = mpsc::unbounded_channel();
        let started = decode::start(picture.clone(), queue, move |report| {
            let _ = tell.send(report);
        });
        if let Err(error) = started {
            // The link still serves chat; without the thread updates are not acknowledged and stop.
            tracing::error!(%error, "no thread to decode pictures");
        }
        Self {
            ticket: config.ticket.clone(),
            ceiling: None,
            config,
            emit,
            runtime,
            picture,
            gate,
            wants: Wants::default(),
            quality: None,
            chat: VecDeque::new(),
            sent_chat: VecDeque::new(),
            heard_chat: VecDeque::new(),
            work,
            reports,
            backoff: BACKOFF.0,
        }
    }

    /// Works until the program leaves.
    pub(super) async fn run(mut self, mut commands: mpsc::UnboundedReceiver<Command>) {
        loop {
            let ended = self.link_once(&mut commands).await;
            input::close(&self.gate);
            self.wants.handle_lost();
            let go_on = match ended {
                Ended::Left => return,
                Ended::Lost(error) => self.wait(error, &mut commands).await,
                Ended::Over(error) => self.rest(error, &mut commands).await,
            };
            if !go_on {
                return;
            }
        }
    }

    /// One connection from dial to end.
    async fn link_once(&mut self, commands: &mut mpsc::UnboundedReceiver<Command>) -> Ended {
        let ticket = match self.check_ticket() {
            Ok(ticket) => ticket,
            Err(error) => return Ended::Over(error),
        };
        self.emit(ViewerEvent::Link(LinkState::Connecting("console-link-dialling")));
        let dial = self.config.dial.clone();
        let dialled = self
            .while_obeying(commands, async move { tokio::time::timeout(DIAL_WITHIN, dial.dial()).await })
            .await;
        let conn = match dialled {
            None => return Ended::Left,
            Some(Ok(Ok(conn))) => conn,
            Some(Ok(Err(error))) => return Ended::Lost(error),
            Some(Err(_)) => return Ended::Lost(ErrorBody::new(ErrorCode::LinkUnreachable, "the device does not answer")),
        };
        if PeerKey(*conn.remote_id().as_bytes()) != self.config.host_key {
            return Ended::Over(ErrorBody::new(
                ErrorCode::TicketForeign,
                "the other end is not the device the ticket names",
            ));
        }
        let (heard_by, heard) = mpsc::channel(QUEUED);
        let opened = LinkWires::open(conn, heard_by, self.work.clone(), self.picture.clone(), &self.runtime).await;
        let wires = match opened {
            Ok(wires) => wires,
            Err(error) => return Ended::Lost(error),
        };
        self.picture.forget_cursor_number();
        let _ = self.work.send(Work::NewLink);
        Linked::new(self, wires, ticket).run(heard, commands).await
    }

    /// The ticket, if it is the gateway's and for this session and device; the host checks the rest.
    fn check_ticket(&self) -> Result<Ticket, ErrorBody> {
        let ticket: Ticket = self
            .ticket
            .open(&self.config.gateway_key)
            .map_err(|error| ErrorBody::new(error.code(), error.to_string()))?;
        if ticket.session_id != self.config.session_id || ticket.host_key != self.config.host_key {
            return Err(ErrorBody::new(
                ErrorCode::TicketForeign,
                "the ticket is for another session or device",
            ));
        }
        let updated = self
            .ceiling
            .as_ref()
            .and_then(|update| update.open::<CeilingUpdate>(&self.config.gateway_key).ok());
        let lease_until = updated
            .filter(|update| update.ticket_id == ticket.ticket_id)
            .map_or(ticket.lease_until, |update| update.lease_until);
        if wall_now() > lease_until {
            return Err(ErrorBody::new(ErrorCode::TicketExpired, "the ticket's lease is over"));
        }
        Ok(ticket)
    }

    /// Waits before the next attempt; false when the program left.
    async fn wait(&mut self, error: ErrorBody, commands: &mut mpsc::UnboundedReceiver<Command>) -> bool {
        tracing::info!(%error, "the link is lost");
        let until = tokio::time::Instant::now() + self.backoff;
        let retry_in_millis = self.backoff.as_millis() as u64;
        self.backoff = (self.backoff * 2).min(BACKOFF.1);
        self.emit(ViewerEvent::Link(LinkState::Lost { error, retry_in_millis }));
        loop {
            tokio::select! {
                () = tokio::time::sleep_until(until) => return true,
                command = commands.recv() => match command {
                    None | Some(Command::Leave(_)) => return false,
                    Some(command) => if self.obey_unlinked(command) {
                        return true;
                    },
                },
                Some(report) = self.reports.recv() => self.handle_late_report(&report),
            }
        }
    }

    /// Over, unless a newer ticket comes; false when the program left.
    async fn rest(&mut self, error: ErrorBody, commands: &mut mpsc::UnboundedReceiver<Command>) -> bool {
        // The other side may yet learn of the ticket, so it is shown again now and then.
        let may_yet_count = matches!(error.code, ErrorCode::TicketInvalid | ErrorCode::TicketExpired);
        let again_at = tokio::time::Instant::now() + TICKET_AGAIN;
        self.emit(ViewerEvent::Link(LinkState::Ended(error)));
        let _ = self.work.send(Work::Clear);
        self.tell_nothing_is_granted();
        loop {
            tokio::select! {
                () = tokio::time::sleep_until(again_at), if may_yet_count => return true,
                command = commands.recv() => match command {
                    None | Some(Command::Leave(_)) => return false,
                    Some(Command::Ticket(ticket)) => {
                        self.ticket = ticket;
                        self.backoff = BACKOFF.0;
                        return true;
                    }
                    Some(command) => {
                        self.obey_unlinked(command);
                    }
                },
                Some(report) = self.reports.recv() => self.handle_late_report(&report),
            }
        }
    }

    /// What is shown of a link that is gone is nobody's any more, but the window is to look at it.
    fn handle_late_report(&self, report: &Report) {
        if *report == Report::Changed {
            self.emit(ViewerEvent::Picture);
        }
    }

    fn tell_nothing_is_granted(&mut self) {
        for act in self
            .wants
            .handle_grant(CapabilitySet::EMPTY, farhand_protocol::peer::GrantCause::Ended)
        {
            match act {
                Act::Viewing(on) => self.emit(ViewerEvent::View(on)),
                Act::Controlling(on) => self.emit(ViewerEvent::Control(on)),
                _ => {}
            }
        }
    }

    /// Does commands while something else goes on; none when the program left.
    async fn while_obeying<T>(&mut self, commands: &mut mpsc::UnboundedReceiver<Command>, work: impl Future<Output = T>) -> Option<T> {
        tokio::pin!(work);
        loop {
            tokio::select! {
                done = &mut work => return Some(done),
                command = commands.recv() => match command {
                    None | Some(Command::Leave(_)) => return None,
                    Some(command) => {
                        self.obey_unlinked(command);
                    }
                },
            }
        }
    }

    /// Does a command without a link; true when it is worth dialling at once.
    fn obey_unlinked(&mut self, command: Command) -> bool {
        match command {
            Command::Subscribe(subscribe) => {
                let acts = self.wants.handle_subscribe(subscribe, Uuid::now_v7());
                self.tell_acts(acts);
            }
            Command::TakeControl(on) => {
                let acts = self.wants.handle_take_control(on, Uuid::now_v7());
                self.tell_acts(acts);
            }
            Command::Chat(text) => self.queue_chat(text),
            Command::Quality(quality) => self.quality = Some(quality),
            Command::Ceiling(update) => self.ceiling = Some(update),
            Command::Refresh | Command::Leave(_) => {}
            Command::Ticket(ticket) => {
                self.ticket = ticket;
                self.ceiling = None;
                return true;
            }
            Command::Redial => {
                self.backoff = BACKOFF.0;
                return true;
            }
        }
        false
    }

    fn tell_acts(&self, acts: Vec<Act>) {
        for act in acts {
            match act {
                Act::Viewing(on) => self.emit(ViewerEvent::View(on)),
                Act::Controlling(on) => self.emit(ViewerEvent::Control(on)),
                Act::Request(..) | Act::Subscribe(_) | Act::Control(_) => {}
            }
        }
    }

    fn queue_chat(&mut self, mut text: String) {
        text.truncate(text.floor_char_boundary(MAX_CHAT_BYTES));
        if self.chat.len() == MOST_CHAT {
            self.chat.pop_front();
        }
        self.chat.push_back(ChatLine {
            line_id: Uuid::now_v7(),
            sent_at: wall_now(),
            text,
        });
    }

    fn emit(&self, event: ViewerEvent) {
        (self.emit)(event);
    }

    /// True for a line of the customer that was not heard before.
    fn is_new_line(&mut self, line_id: Uuid) -> bool {
        let is_new = !self.heard_chat.contains(&line_id);
        if is_new {
            if self.heard_chat.len() == 2 * MOST_CHAT {
                self.heard_chat.pop_front();
            }
            self.heard_chat.push_back(line_id);
        }
        is_new
    }
}
