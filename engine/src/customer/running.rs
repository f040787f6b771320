//! A joined session while it lasts: one task between the live line, the link endpoint, the host side and the window.

use std::{fs::File, sync::Arc, time::Duration};

use farhand_protocol::{
    api::JoinAnswer,
    chain::{ChainEntry, Origin},
    error::{ErrorBody, ErrorCode},
    gateway::{CustomerStep, Events, FromGateway, LinkReport, Reachable, ToGateway},
    ids::MemberId,
    peer::ChatLine,
    permission::CapabilitySet,
    session::Status,
    ticket::TechnicianIdentity,
    time::Timestamp,
};
use iroh::endpoint::WeakConnectionHandle;
use tokio::{
    sync::mpsc,
    time::{Instant, timeout_at},
};
use uuid::Uuid;

use super::{
    CustomerCommand, CustomerEvent, Joined, LogLine, Own,
    receipt::{self, LogLines},
    store::KeptSession,
};
use crate::{
    gateway::{GatewayClient, Live, LiveEvent},
    host::{Host, HostConfig, HostEvent, screen_state},
    journal::{Journal, Line, Written},
    link::{End, LinkEndpoint},
    technician::GatewayState,
};

/// How long the end waits for the gateway to take the last events.
const LAST_WORDS: Duration = Duration::from_secs(3);
/// How long it waits for viewers to take in why it ends, before it closes the links on them.
const LAST_LINKS: Duration = Duration::from_millis(1500);
/// At the end what is not on disk yet is waited for as long.
const LAST_WRITES: Duration = Duration::from_secs(3);
/// Most connections that wait to be served; more are closed unheard.
const MOST_CONNECTIONS: usize = 16;
/// Most lines of the customer that wait on disk for a technician.
const MOST_UNSENT: usize = 200;
const TERMS_ACCEPTED: &str = "terms.accepted";

/// What the receipt of a session that is over needs.
#[derive(Clone)]
pub(super) struct Finished {
    pub(super) answer: JoinAnswer,
    pub(super) lines: LogLines,
    pub(super) last_entry: Option<ChainEntry>,
}

/// One session. What goes to disk is handed to its thread; nothing here waits for a disk, so that STOP, consent and the end never do.
pub(super) struct Running {
    own: Own,
    kept: KeptSession,
    /// Holds the session for this process.
    taken: File,
    finished: Finished,
    live: Live,
    live_events: mpsc::UnboundedReceiver<LiveEvent>,
    link: LinkEndpoint,
    host: Host,
    /// Unbounded, and yet short: what peers cause holds their places (`host::Place`) and comes at their rate (`host::throttle`).
    host_events: mpsc::UnboundedReceiver<HostEvent>,
    /// The host has ended and said its last.
    host_is_over: bool,
    connections: mpsc::Receiver<iroh::endpoint::Connection>,
    /// Connections that the host was given and that may be open still.
    links: Vec<WeakConnectionHandle>,
    addresses: mpsc::UnboundedReceiver<farhand_protocol::api::PeerAddress>,
    journal: Journal,
    written: mpsc::UnboundedReceiver<Written>,
    status: Status,
    line_up: bool,
    /// Entries are on their way to the gateway; the rest follows when it has them.
    is_uploading: bool,
    /// Set once the session must end; the last events go out until then.
    ending: Option<Instant>,
    /// The gateway knows that it is over.
    is_answered: bool,
}

impl Running {
    pub(super) async fn start(
        own: &Own,
        client: GatewayClient,
        kept: KeptSession,
        answer: JoinAnswer,
        taken: File,
    ) -> Result<Self, ErrorBody> {
        let config = &own.config;
        let link = LinkEndpoint::bind(End::Host, kept.key, client.address(), answer.relay.as_ref(), config.route).await?;
        let (written_tx, written) = mpsc::unbounded_channel();
        let mut journal = Journal::open(
            &own.disk,
            kept.folder(&config.folders).join("journal"),
            Origin::Applet(link.key()),
            answer.session_id,
            Arc::new(move |line| drop(written_tx.send(line))),
        )
        .await?;
        let (host_tx, host_events) = mpsc::unbounded_channel();
        let facts = config.platform.facts();
        let in_advance = kept.in_advance(config.grant_in_advance);
        let host = Host::start(
            HostConfig {
                session_id: answer.session_id,
                host_key: link.key(),
                gateway_key: answer.gateway_key,
                settings: answer.settings.clone(),
                local_policy: config.local_policy,
                grant_in_advance: in_advance,
                device: facts.host_name.clone(),
                system: format!("{} {}", facts.os_name, facts.os_version).trim().to_owned(),
                agent: config.agent.clone(),
                platform: config.platform.clone(),
            },
            tokio::runtime::Handle::current(),
            Arc::new(move |event| drop(host_tx.send(event))),
        )
        .map_err(|e| ErrorBody::new(ErrorCode::Internal, e.to_string()))?;
        let earlier = journal.take_earlier();
        let heard = chat_lines(&earlier);
        let mut kept = kept;
        kept.unsent.retain(|line| !heard.contains(&line.line_id));
        host.restore(kept.allowed.clone(), heard, kept.unsent.clone());
        host.set_status(answer.status);
        own.stop.set(Some(host.clone()));
        let (live, live_events) = Live::open(client, config.agent.clone());
        let joined = Joined {
            session_id: answer.session_id,
            organisation: answer.organisation.clone(),
            application_name: answer.settings.application_name.clone(),
            technician: answer.technician.clone(),
            terms: answer.terms.clone().filter(|_| !kept.ready),
            pause_key: answer.settings.pause_key,
            granted_in_advance: in_advance,
            screen: screen_state(config.platform.as_ref()),
        };
        own.tell(CustomerEvent::Joined(Box::new(joined)));
        if !kept.allowed.is_empty() {
            // Of before a crash: nobody will say it again.
            own.tell(CustomerEvent::Allowed(anybody_may(&kept.allowed)));
        }
        let (connections, addresses) = watch(&link);
        let status = answer.status;
        let mut running = Self {
            own: own.clone(),
            kept,
            taken,
            finished: Finished {
                answer,
                lines: LogLines::default(),
                last_entry: None,
            },
            live,
            live_events,
            link,
            host,
            host_events,
            host_is_over: false,
            connections,
            links: Vec::new(),
            addresses,
            journal,
            written,
            status,
            line_up: false,
            is_uploading: false,
            ending: None,
            is_answered: false,
        };
        running.tell_earlier(earlier);
        if !in_advance.is_empty() {
            let detail = serde_json::json!({ "capabilities": in_advance.to_string() });
            running.journal.append(Line::new("consent.in_advance", "customer", detail));
        }
        Ok(running)
    }

    /// What an earlier run of the program wrote belongs to the window and to the receipt as well.
    fn tell_earlier(&mut self, earlier: Vec<ChainEntry>) {
        for entry in earlier {
            let body = entry.body.to_json();
            let line = LogLine {
                at: entry.occurred_at,
                kind: entry.kind.clone(),
                actor: body["actor"].as_str().unwrap_or_default().to_owned(),
                detail: body["detail"].clone(),
            };
            self.finished.lines.push(line.clone());
            self.finished.last_entry = Some(entry);
            if let Some(said) = said_in(&line, &self.finished.answer.organisation) {
                self.own.tell(said);
            }
            self.own.tell(CustomerEvent::Logged(line));
        }
        for ChatLine { line_id, sent_at, text } in self.kept.unsent.clone() {
            self.own.tell(CustomerEvent::Chat {
                line_id,
                from: None,
                at: sent_at,
                text,
            });
        }
    }

    pub(super) async fn run(mut self, inbox: &mut mpsc::UnboundedReceiver<CustomerCommand>) -> Finished {
        loop {
            // The host's last lines say what ended with it.
            let is_told = self.host_is_over && self.journal.is_uploaded() && self.is_answered;
            if self.ending.is_some_and(|until| is_told || Instant::now() >= until) {
                break;
            }
            let until = self.ending.unwrap_or_else(|| Instant::now() + Duration::from_secs(3600));
            tokio::select! {
                command = inbox.recv() => match command {
                    Some(command) => self.handle_command(command),
                    None => break,
                },
                Some(event) = self.live_events.recv() => self.handle_live(event),
                event = self.host_events.recv(), if !self.host_is_over => match event {
                    Some(event) => self.handle_host(event),
                    None => self.host_is_over = true,
                },
                Some(written) = self.written.recv() => self.handle_written(&written),
                Some(connection) = self.connections.recv() => self.handle_connection(connection),
                Some(_) = self.addresses.recv() => self.say_address(),
                () = tokio::time::sleep_until(until) => {}
            }
        }
        self.finish().await
    }

    async fn finish(mut self) -> Finished {
        self.own.stop.set(None);
        let is_told = self.is_answered && self.journal.is_uploaded();
        self.say_farewell().await;
        self.link.close().await;
        // A disk that hangs keeps nobody from leaving; what is handed over it takes up when it can.
        let until = Instant::now() + LAST_WRITES;
        let _ = timeout_at(until, self.own.disk.call(|| ())).await;
        while let Ok(written) = self.written.try_recv() {
            self.handle_written(&written);
        }
        // What the gateway does not know yet stays on disk and is handed in at the next start.
        if is_told {
            super::hand_in::remove(&self.own, self.kept, self.taken);
        }
        let _ = timeout_at(until, self.own.disk.call(|| ())).await;
        self.own.tell(CustomerEvent::Ended {
            status: Some(self.status).filter(|s| s.is_final()),
        });
        self.finished
    }

    /// The host has ended, or ends now with the program. What it still tells is taken in, and what it said last to viewers arrives, or is given up.
    async fn say_farewell(&mut self) {
        self.host.end(ErrorBody::new(ErrorCode::LinkLost, "the applet has stopped"));
        let until = Instant::now() + LAST_LINKS;
        while !self.host_is_over {
            match timeout_at(until, self.host_events.recv()).await {
                Ok(Some(event)) => self.handle_host(event),
                Ok(None) => self.host_is_over = true,
                Err(_) => break,
            }
        }
        // Each is closed by its writer, once the other end has confirmed the last byte.
        for link in std::mem::take(&mut self.links) {
            let _ = timeout_at(until, link.closed()).await;
        }
    }

    fn handle_connection(&mut self, connection: iroh::endpoint::Connection) {
        self.links.retain(is_open);
        self.links.push(connection.weak_handle());
        self.host.handle_connection(connection);
    }

    fn handle_command(&mut self, command: CustomerCommand) {
        match command {
            CustomerCommand::AcceptTerms => {
                let hash = self.finished.answer.terms.as_deref().map(super::hex_sha256).unwrap_or_default();
                // Counts, and is said, once it is on disk: see `handle_written`.
                self.log(TERMS_ACCEPTED, serde_json::json!({ "sha256": hash }));
            }
            CustomerCommand::DeclineTerms => {
                self.log("terms.declined", serde_json::Value::Null);
                self.end_here(CustomerStep::Declined, Status::DeclinedByCustomer);
            }
            CustomerCommand::Answer { request_id, allowed } => self.host.answer_consent(request_id, allowed),
            CustomerCommand::Chat(text) => self.host.send_chat(text),
            CustomerCommand::End => {
                self.host
                    .end(ErrorBody::new(ErrorCode::SessionEnded, "the customer ended the session"));
                self.log("session.ended_here", serde_json::Value::Null);
                let (step, status) = match self.status {
                    Status::Connecting => (CustomerStep::Declined, Status::DeclinedByCustomer),
                    Status::Waiting => (CustomerStep::Ended, Status::ClosedByWaitingCustomer),
                    _ => (CustomerStep::Ended, Status::ClosedByCustomer),
                };
                self.end_here(step, status);
            }
            CustomerCommand::SaveReceipt { path, words } => {
                receipt::save(&self.own, path, words, self.finished.clone());
            }
            CustomerCommand::Join { .. } | CustomerCommand::Resume => {
                self.own.tell(CustomerEvent::Failed(ErrorBody::new(
                    ErrorCode::SessionTransition,
                    "a session is already open; end it first",
                )));
            }
        }
    }

    fn handle_live(&mut self, event: LiveEvent) {
        match event {
            LiveEvent::Up => {
                (self.line_up, self.is_uploading) = (true, false);
                self.say_address();
                match self.kept.unsaid {
                    Some(step) => self.live.send(ToGateway::Customer(step)),
                    None if self.kept.ready => self.say_ready(),
                    None => {}
                }
                self.upload();
                self.own.tell(CustomerEvent::Gateway(GatewayState::Up));
            }
            LiveEvent::Down { error, pause } => {
                self.line_up = false;
                let retry_in_millis = u64::try_from(pause.as_millis()).unwrap_or_default();
                self.own.tell(CustomerEvent::Gateway(GatewayState::Down { error, retry_in_millis }));
            }
            LiveEvent::Ended(error) => {
                self.line_up = false;
                self.is_answered = true;
                tracing::info!(code = %error.code, "the gateway ended the session's line");
                self.host.end(error);
                self.ending.get_or_insert_with(Instant::now);
            }
            LiveEvent::Message(message) => self.handle_message(*message),
        }
    }

    fn handle_message(&mut self, message: FromGateway) {
        match message {
            FromGateway::Session(is) => {
                self.is_answered = is.status.is_final();
                if self.kept.unsaid.is_some() && !self.is_answered {
                    // Said before the gateway heard what the customer did.
                    return;
                }
                self.status = is.status;
                self.host.set_status(is.status);
                if !is.status.is_final() {
                    let event = CustomerEvent::Status {
                        status: is.status,
                        lead: is.lead,
                        estimated_wait_minutes: is.estimated_wait_minutes,
                    };
                    self.own.tell(event);
                } else if self.ending.is_none() {
                    self.begin_end(is.status);
                }
            }
            FromGateway::Ticket(issued) => self.host.handle_ticket(issued.ticket),
            FromGateway::Ceiling(is) => self.host.handle_ceiling(is.update),
            FromGateway::Stored(stored) => {
                self.is_uploading = false;
                if self.journal.handle_stored(stored.seq) {
                    self.upload();
                }
            }
            FromGateway::Refused(error) => {
                self.is_uploading = false;
                tracing::warn!(code = %error.code, message = error.message, "the gateway refused something");
                self.own.tell(CustomerEvent::Failed(error));
            }
            _ => {}
        }
    }

    fn handle_host(&mut self, event: HostEvent) {
        match event {
            HostEvent::ConsentAsked {
                request_id,
                technician,
                capabilities,
                answer_within_millis,
            } => {
                self.own.tell(CustomerEvent::ConsentAsked {
                    request_id,
                    technician,
                    capabilities,
                    answer_within_millis,
                });
            }
            HostEvent::ConsentSettled { request_id, answer } => self.own.tell(CustomerEvent::ConsentSettled { request_id, answer }),
            HostEvent::Allowed(allowed) => {
                self.own.tell(CustomerEvent::Allowed(anybody_may(&allowed)));
                self.kept.allowed = allowed;
                self.keep();
            }
            HostEvent::Revoked(cause) => {
                self.kept.stopped = true;
                self.keep();
                self.own.tell(CustomerEvent::Revoked(cause));
            }
            HostEvent::Grant {
                technician,
                granted,
                cause,
            } => self.own.tell(CustomerEvent::Grant {
                technician,
                granted,
                cause,
            }),
            HostEvent::Present(present) => self.own.tell(CustomerEvent::Present(present)),
            HostEvent::Chat { line_id, from, at, text } => {
                if from.is_none() {
                    let text = text.clone();
                    self.keep_unsent(ChatLine {
                        line_id,
                        sent_at: at,
                        text,
                    });
                }
                self.own.tell(CustomerEvent::Chat { line_id, from, at, text });
            }
            HostEvent::StopKey { is_heard } => self.own.tell(CustomerEvent::StopKey { is_heard }),
            HostEvent::Screen(state) => self.own.tell(CustomerEvent::Screen(state)),
            HostEvent::Layout(layout) => self.own.tell(CustomerEvent::Layout(layout)),
            // The number of a link comes with its presence.
            HostEvent::Sas { .. } => {}
            HostEvent::Journal {
                kind,
                actor,
                detail,
                place,
            } => self.journal.append(Line {
                place,
                ..Line::new(kind, actor, detail)
            }),
            HostEvent::Link { peer, up, .. } => self.live.send(ToGateway::Link(LinkReport {
                session_id: self.finished.answer.session_id,
                peer,
                up,
            })),
        }
    }

    /// Ready once: from then on the gateway knows it, and repeating it after a reconnection changes nothing.
    fn say_ready(&self) {
        if self.line_up && self.status == Status::Connecting {
            self.live.send(ToGateway::Customer(CustomerStep::Ready));
        }
    }

    fn say_address(&self) {
        self.live.send(ToGateway::Reachable(Reachable {
            address: self.link.address(),
        }));
    }

    fn log(&mut self, kind: &str, detail: serde_json::Value) {
        self.journal.append(Line::new(kind, "customer", detail));
    }

    /// A line is on disk: now it is shown, counts and goes to the gateway.
    fn handle_written(&mut self, written: &Written) {
        self.journal.handle_written(written);
        match &written.result {
            Ok(entry) => {
                let line = LogLine {
                    at: entry.occurred_at,
                    kind: written.line.kind.clone(),
                    actor: written.line.actor.clone(),
                    detail: written.line.detail.clone(),
                };
                self.finished.last_entry = Some(entry.clone());
                self.finished.lines.push(line.clone());
                if let Some(at) = line_id_of(&line.detail).and_then(|id| self.kept.unsent.iter().position(|line| line.line_id == id)) {
                    self.kept.unsent.remove(at);
                    self.keep();
                }
                if line.kind == TERMS_ACCEPTED {
                    self.kept.ready = true;
                    self.keep();
                    self.say_ready();
                }
                self.own.tell(CustomerEvent::Logged(line));
                self.upload();
            }
            Err(error) => self.own.tell(CustomerEvent::Failed(error.clone())),
        }
    }

    /// What the customer says is on disk until the journal has it, so that a crash loses no word; as much as the host keeps.
    fn keep_unsent(&mut self, line: ChatLine) {
        if self.kept.unsent.len() >= MOST_UNSENT {
            self.kept.unsent.remove(0);
        }
        self.kept.unsent.push(line);
        self.keep();
    }

    fn upload(&mut self) {
        if !self.line_up || self.is_uploading {
            return;
        }
        let entries = self.journal.pending();
        if !entries.is_empty() {
            self.is_uploading = true;
            self.live.send(ToGateway::Events(Events {
                session_id: self.finished.answer.session_id,
                entries,
            }));
        }
    }

    fn keep(&self) {
        let (own, kept) = (self.own.clone(), self.kept.clone());
        self.own.disk.run(move || {
            if let Err(error) = kept.save(&own.config.folders) {
                own.tell(CustomerEvent::Failed(error));
            }
        });
    }

    /// The customer ends it: at once here, said until the gateway has heard it, and kept on disk for as long.
    fn end_here(&mut self, step: CustomerStep, status: Status) {
        self.kept.unsaid = Some(step);
        self.keep();
        self.live.send(ToGateway::Customer(step));
        self.begin_end(status);
    }

    /// Every right ends now (STM-75); the last events get a moment to reach the gateway.
    fn begin_end(&mut self, status: Status) {
        self.status = status;
        self.host.set_status(status);
        self.host.end(ErrorBody::new(ErrorCode::SessionEnded, "the session has ended"));
        self.ending = Some(Instant::now() + LAST_WORDS);
        self.upload();
    }
}

fn is_open(link: &WeakConnectionHandle) -> bool {
    link.upgrade().is_some_and(|connection| connection.close_reason().is_none())
}

/// The chat lines among entries of an earlier run.
fn chat_lines(earlier: &[ChainEntry]) -> Vec<Uuid> {
    let line_id = |entry: &ChainEntry| line_id_of(&entry.body.to_json()["detail"]);
    let lines = earlier.iter().filter(|entry| entry.kind == "chat.line");
    lines.filter_map(line_id).collect()
}

fn line_id_of(detail: &serde_json::Value) -> Option<Uuid> {
    detail["line_id"].as_str()?.parse().ok()
}

/// The chat line that stands in a line of the journal.
fn said_in(line: &LogLine, organisation: &str) -> Option<CustomerEvent> {
    let detail = &line.detail;
    let from = detail["technician"].as_str().map(|name| TechnicianIdentity {
        member_id: MemberId(detail["member_id"].as_i64().unwrap_or_default()),
        name: name.to_owned(),
        organisation: organisation.to_owned(),
    });
    (line.kind == "chat.line").then_some(CustomerEvent::Chat {
        line_id: line_id_of(detail)?,
        from,
        at: detail["sent_at"].as_i64().map_or(line.at, Timestamp),
        text: detail["text"].as_str()?.to_owned(),
    })
}

type Watched = (
    mpsc::Receiver<iroh::endpoint::Connection>,
    mpsc::UnboundedReceiver<farhand_protocol::api::PeerAddress>,
);

/// Accepts peers and watches the endpoint's addresses until it closes.
fn watch(link: &LinkEndpoint) -> Watched {
    let (connections_tx, connections) = mpsc::channel(MOST_CONNECTIONS);
    let (addresses_tx, addresses) = mpsc::unbounded_channel();
    let (accepting, watching) = (link.clone(), link.clone());
    tokio::spawn(async move {
        // A connection that finds no place is dropped, which closes it.
        let hand_over = move |connection| drop(connections_tx.try_send(connection));
        accepting.accept_all(hand_over).await;
    });
    tokio::spawn(async move { watching.watch_address(|address| drop(addresses_tx.send(address))).await });
    (connections, addresses)
}

/// What is allowed to anybody.
fn anybody_may(allowed: &[(MemberId, CapabilitySet)]) -> CapabilitySet {
    allowed.iter().fold(CapabilitySet::EMPTY, |all, (_, one)| all.or(*one))
}
