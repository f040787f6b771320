//! A joined session while it lasts: one task between the live line, the link endpoint, the host side and the window.

use std::{fs::File, sync::Arc, time::Duration};

use farhand_protocol::{
    api::JoinAnswer,
    chain::{ChainEntry, Origin},
    error::{ErrorBody, ErrorCode},
    gateway::{CustomerStep, Events, FromGateway, LinkReport, Reachable, ToGateway},
    peer::{GrantCause, ScreenState},
    session::Status,
};
use tokio::{sync::mpsc, time::Instant};

use super::{CustomerCommand, CustomerConfig, CustomerEvent, Joined, LogLine, OnCustomerEvent, receipt, store::KeptSession};
use crate::{
    gateway::{GatewayClient, Live, LiveEvent},
    host::{Host, HostConfig, HostEvent},
    journal::Journal,
    link::LinkEndpoint,
    platform::{DesktopSession, Platform},
    technician::GatewayState,
};

/// How long the end waits for the gateway to take the last events.
const LAST_WORDS: Duration = Duration::from_secs(3);

/// What the receipt of a session that is over needs.
pub(super) struct Finished {
    pub(super) answer: JoinAnswer,
    pub(super) lines: Vec<LogLine>,
    pub(super) last_entry: Option<ChainEntry>,
}

pub(super) struct Running {
    on_event: OnCustomerEvent,
    config: CustomerConfig,
    kept: KeptSession,
    /// Holds the session for this process.
    taken: File,
    answer: JoinAnswer,
    live: Live,
    live_events: mpsc::UnboundedReceiver<LiveEvent>,
    link: LinkEndpoint,
    host: Host,
    host_events: mpsc::UnboundedReceiver<HostEvent>,
    connections: mpsc::UnboundedReceiver<iroh::endpoint::Connection>,
    addresses: mpsc::UnboundedReceiver<farhand_protocol::api::PeerAddress>,
    journal: Journal,
    lines: Vec<LogLine>,
    last_entry: Option<ChainEntry>,
    status: Status,
    line_up: bool,
    /// Set once the session must end; the last events go out until then.
    ending: Option<Instant>,
    /// The gateway knows that it is over.
    is_answered: bool,
}

impl Running {
    pub(super) async fn start(
        config: &CustomerConfig,
        on_event: OnCustomerEvent,
        client: GatewayClient,
        kept: KeptSession,
        answer: JoinAnswer,
        taken: File,
    ) -> Result<Self, ErrorBody> {
        let link = LinkEndpoint::bind(kept.key, client.address(), answer.relay.as_ref(), config.route).await?;
        let journal = Journal::open(
            &kept.folder(&config.folders).join("journal"),
            Origin::Applet(link.key()),
            answer.session_id,
        )?;
        let (host_tx, host_events) = mpsc::unbounded_channel();
        let facts = config.platform.facts();
        let host = Host::start(
            HostConfig {
                session_id: answer.session_id,
                host_key: link.key(),
                gateway_key: answer.gateway_key,
                settings: answer.settings.clone(),
                local_policy: config.local_policy,
                grant_in_advance: config.grant_in_advance,
                device: facts.host_name.clone(),
                system: format!("{} {}", facts.os_name, facts.os_version).trim().to_owned(),
                agent: config.agent.clone(),
                platform: config.platform.clone(),
            },
            tokio::runtime::Handle::current(),
            Arc::new(move |event| drop(host_tx.send(event))),
        )
        .map_err(|e| ErrorBody::new(ErrorCode::Internal, e.to_string()))?;
        host.restore(kept.allowed.clone());
        host.set_status(answer.status);
        let (live, live_events) = Live::open(client, config.agent.clone());
        let joined = Joined {
            session_id: answer.session_id,
            organisation: answer.organisation.clone(),
            application_name: answer.settings.application_name.clone(),
            technician: answer.technician.clone(),
            terms: answer.terms.clone().filter(|_| !kept.ready),
            pause_key: answer.settings.pause_key,
            granted_in_advance: config.grant_in_advance,
            screen: screen_state(config.platform.as_ref()),
        };
        on_event(CustomerEvent::Joined(Box::new(joined)));
        let (connections, addresses) = watch(&link);
        let status = answer.status;
        let mut running = Self {
            on_event,
            config: config.clone(),
            kept,
            taken,
            answer,
            live,
            live_events,
            link,
            host,
            host_events,
            connections,
            addresses,
            journal,
            lines: Vec::new(),
            last_entry: None,
            status,
            line_up: false,
            ending: None,
            is_answered: false,
        };
        if !config.grant_in_advance.is_empty() {
            running.log(
                "consent.in_advance",
                "customer",
                serde_json::json!({ "capabilities": config.grant_in_advance.to_string() }),
            );
        }
        Ok(running)
    }

    pub(super) async fn run(mut self, inbox: &mut mpsc::UnboundedReceiver<CustomerCommand>) -> Finished {
        loop {
            let is_told = self.journal.is_uploaded() && self.is_answered;
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
                Some(event) = self.host_events.recv() => self.handle_host(event),
                Some(connection) = self.connections.recv() => self.host.handle_connection(connection),
                Some(_) = self.addresses.recv() => self.say_address(),
                () = tokio::time::sleep_until(until) => {}
            }
        }
        self.link.close().await;
        // What the gateway does not know yet stays on disk and is handed in at the next start.
        if self.is_answered && self.journal.is_uploaded() {
            drop(self.taken);
            self.kept.remove(&self.config.folders);
        }
        (self.on_event)(CustomerEvent::Ended {
            status: Some(self.status).filter(|s| s.is_final()),
        });
        Finished {
            answer: self.answer,
            lines: self.lines,
            last_entry: self.last_entry,
        }
    }

    fn handle_command(&mut self, command: CustomerCommand) {
        match command {
            CustomerCommand::AcceptTerms => {
                let hash = self.answer.terms.as_deref().map(super::hex_sha256).unwrap_or_default();
                self.log("terms.accepted", "customer", serde_json::json!({ "sha256": hash }));
                self.kept.ready = true;
                self.keep();
                self.say_ready();
            }
            CustomerCommand::DeclineTerms => {
                self.log("terms.declined", "customer", serde_json::Value::Null);
                self.end_here(CustomerStep::Declined, Status::DeclinedByCustomer);
            }
            CustomerCommand::Answer { request_id, allowed } => self.host.answer_consent_with(request_id, allowed),
            CustomerCommand::Chat(text) => self.host.send_chat(text),
            CustomerCommand::Stop => self.host.revoke(GrantCause::StopButton),
            CustomerCommand::End => {
                self.host
                    .end(ErrorBody::new(ErrorCode::SessionEnded, "the customer ended the session"));
                self.log("session.ended_here", "customer", serde_json::Value::Null);
                let (step, status) = match self.status {
                    Status::Connecting => (CustomerStep::Declined, Status::DeclinedByCustomer),
                    Status::Waiting => (CustomerStep::Ended, Status::ClosedByWaitingCustomer),
                    _ => (CustomerStep::Ended, Status::ClosedByCustomer),
                };
                self.end_here(step, status);
            }
            CustomerCommand::SaveReceipt(path) => {
                let saved = receipt::write(&path, &self.answer, &self.lines, self.last_entry.as_ref());
                (self.on_event)(saved.map_or_else(CustomerEvent::Failed, |()| CustomerEvent::ReceiptSaved(path)));
            }
            CustomerCommand::Join { .. } | CustomerCommand::Resume => {
                (self.on_event)(CustomerEvent::Failed(ErrorBody::new(
                    ErrorCode::SessionTransition,
                    "a session is already open; end it first",
                )));
            }
        }
    }

    fn handle_live(&mut self, event: LiveEvent) {
        match event {
            LiveEvent::Up => {
                self.line_up = true;
                self.say_address();
                match self.kept.unsaid {
                    Some(step) => self.live.send(ToGateway::Customer(step)),
                    None if self.kept.ready => self.say_ready(),
                    None => {}
                }
                self.upload();
                (self.on_event)(CustomerEvent::Gateway(GatewayState::Up));
            }
            LiveEvent::Down { error, pause } => {
                self.line_up = false;
                let retry_in_millis = u64::try_from(pause.as_millis()).unwrap_or_default();
                (self.on_event)(CustomerEvent::Gateway(GatewayState::Down { error, retry_in_millis }));
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
                    (self.on_event)(event);
                } else if self.ending.is_none() {
                    self.begin_end(is.status);
                }
            }
            FromGateway::Ticket(issued) => self.host.handle_ticket(issued.ticket),
            FromGateway::Ceiling(is) => self.host.handle_ceiling(is.update),
            FromGateway::Stored(stored) if self.journal.handle_stored(stored.seq) => self.upload(),
            FromGateway::Refused(error) => {
                tracing::warn!(code = %error.code, message = error.message, "the gateway refused something");
                (self.on_event)(CustomerEvent::Failed(error));
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
                (self.on_event)(CustomerEvent::ConsentAsked {
                    request_id,
                    technician,
                    capabilities,
                    answer_within_millis,
                });
            }
            HostEvent::ConsentSettled { request_id, answer } => (self.on_event)(CustomerEvent::ConsentSettled { request_id, answer }),
            HostEvent::Allowed(allowed) => {
                self.kept.allowed = allowed;
                self.keep();
            }
            HostEvent::Revoked(cause) => (self.on_event)(CustomerEvent::Revoked(cause)),
            HostEvent::Grant {
                technician,
                granted,
                cause,
            } => (self.on_event)(CustomerEvent::Grant {
                technician,
                granted,
                cause,
            }),
            HostEvent::Present(present) => (self.on_event)(CustomerEvent::Present(present)),
            HostEvent::Chat { line_id, from, at, text } => (self.on_event)(CustomerEvent::Chat { line_id, from, at, text }),
            HostEvent::Screen(state) => (self.on_event)(CustomerEvent::Screen(state)),
            HostEvent::Sas { technician, digits } => (self.on_event)(CustomerEvent::Sas { technician, digits }),
            HostEvent::Journal { kind, actor, detail } => self.log(kind, actor, detail),
            HostEvent::Link { peer, up, .. } => self.live.send(ToGateway::Link(LinkReport {
                session_id: self.answer.session_id,
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

    fn log(&mut self, kind: &str, actor: &str, detail: serde_json::Value) {
        match self.journal.append(kind, actor, &detail) {
            Ok(entry) => {
                let line = LogLine {
                    at: entry.occurred_at,
                    kind: kind.to_owned(),
                    actor: actor.to_owned(),
                    detail,
                };
                self.last_entry = Some(entry);
                self.lines.push(line.clone());
                (self.on_event)(CustomerEvent::Logged(line));
                self.upload();
            }
            Err(error) => (self.on_event)(CustomerEvent::Failed(error)),
        }
    }

    fn upload(&self) {
        let entries = self.journal.pending();
        if self.line_up && !entries.is_empty() {
            self.live.send(ToGateway::Events(Events {
                session_id: self.answer.session_id,
                entries,
            }));
        }
    }

    fn keep(&self) {
        if let Err(error) = self.kept.save(&self.config.folders) {
            (self.on_event)(CustomerEvent::Failed(error));
        }
    }

    /// The customer ends it: on disk first, then said until the gateway has heard it.
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

/// Whether the screen can be shared here, said before anything is asked.
fn screen_state(platform: &dyn Platform) -> ScreenState {
    match platform.session() {
        DesktopSession::Wayland => ScreenState::Unavailable(ErrorBody::new(
            ErrorCode::ScreenWayland,
            "this desktop runs under Wayland; chat and files work, the screen cannot be shown. Sign in again with an X11 session to share it",
        )),
        DesktopSession::None { reason } => ScreenState::Unavailable(ErrorBody::new(ErrorCode::ScreenUnavailable, reason)),
        _ => ScreenState::Shown,
    }
}

type Watched = (
    mpsc::UnboundedReceiver<iroh::endpoint::Connection>,
    mpsc::UnboundedReceiver<farhand_protocol::api::PeerAddress>,
);

/// Accepts peers and watches the endpoint's addresses until it closes.
fn watch(link: &LinkEndpoint) -> Watched {
    let (connections_tx, connections) = mpsc::unbounded_channel();
    let (addresses_tx, addresses) = mpsc::unbounded_channel();
    let (accepting, watching) = (link.clone(), link.clone());
    tokio::spawn(async move {
        let hand_over = move |connection| drop(connections_tx.send(connection));
        accepting.accept_all(hand_over).await;
    });
    tokio::spawn(async move { watching.watch_address(|address| drop(addresses_tx.send(address))).await });
    (connections, addresses)
}
