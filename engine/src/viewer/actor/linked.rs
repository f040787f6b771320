//! The viewer while a connection stands: what the host says, what the program wants, and the figures of the link.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

use farhand_protocol::{
    error::{ErrorBody, ErrorCode},
    peer::{ChatLine, ClockProbe, Hello, HostBound, Leave, Present, Refused, Resync, SasPart, TakeControl, ViewerBound, Welcome},
    permission::Capability,
    sas::{PART_BYTES, Role, Sas},
    ticket::{Signed, Ticket},
    wire::Message,
};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::{Act, Actor, BACKOFF, Command, Ended, Heard, LinkState, LinkWires, Report, ViewerEvent, WELCOME_WITHIN, Work};
use crate::{
    host::Clock,
    viewer::{
        LinkPath,
        acks::{Shown, acknowledgement},
        clock::ClockOffset,
        silence::{Silence, Verdict},
        stages::StageRecorder,
        stats::StatsCounter,
    },
};

/// A host that only gives signs of life sends less than this in a second.
const SIGN_OF_LIFE_BYTES: u64 = 1000;
/// Questions about the clock come this often; a first answer is wanted at once.
const PROBE_EVERY: Duration = Duration::from_secs(10);
/// When the device is said to be elsewhere, a connection that is silent for this long is given up for a new one.
const ELSEWHERE_AFTER: Duration = Duration::from_secs(3);
/// The whole picture is asked for at most this often.
const RESYNC_EVERY: Duration = Duration::from_secs(1);
/// Lines sent again after a lost link, in case they were on their way.
const RESENT_CHAT: usize = 16;

/// One connection and what is known of it.
pub(super) struct Linked<'a> {
    actor: &'a mut Actor,
    wires: LinkWires,
    ticket: Ticket,
    /// Hashes of the tickets shown on this link, the one it was opened with first: a renewed one may overtake the welcome for the one before.
    presented: Vec<[u8; 32]>,
    clock: Clock,
    offset: ClockOffset,
    stats: StatsCounter,
    stages: StageRecorder,
    sas: Option<Sas>,
    is_welcome: bool,
    path: LinkPath,
    silence: Silence,
    /// As of the last second.
    received_bytes: u64,
    probed_at: Option<Instant>,
    /// The gateway said that the device can be dialled elsewhere; nothing was heard of it since.
    elsewhere_since: Option<Instant>,
    opened_at: Instant,
    resynced_at: Option<Instant>,
    resync_wanted: Option<String>,
    digest_is_pending: Arc<AtomicBool>,
}

impl<'a> Linked<'a> {
    pub(super) fn new(actor: &'a mut Actor, wires: LinkWires, ticket: Ticket) -> Self {
        let now = Instant::now();
        Self {
            actor,
            wires,
            ticket,
            presented: Vec::new(),
            clock: Clock::start(),
            offset: ClockOffset::default(),
            stats: StatsCounter::default(),
            stages: StageRecorder::default(),
            sas: None,
            is_welcome: false,
            path: LinkPath::Unknown,
            silence: Silence::new(now, SystemTime::now()),
            received_bytes: 0,
            probed_at: None,
            elsewhere_since: None,
            opened_at: now,
            resynced_at: None,
            resync_wanted: None,
            digest_is_pending: Arc::default(),
        }
    }

    pub(super) async fn run(mut self, mut heard: mpsc::Receiver<Heard>, commands: &mut mpsc::UnboundedReceiver<Command>) -> Ended {
        self.wires.say(&HostBound::Hello(Hello::ours(&self.actor.config.agent)));
        self.present(self.actor.ceiling.clone());
        self.actor.emit(ViewerEvent::Link(LinkState::Connecting("console-link-welcome")));
        let mut second = tokio::time::interval(Duration::from_secs(1));
        second.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let done = tokio::select! {
                biased;
                command = commands.recv() => self.handle_command(command),
                heard = heard.recv() => self.handle_heard(heard),
                Some(report) = self.actor.reports.recv() => {
                    self.handle_report(report);
                    Ok(())
                }
                _ = second.tick() => self.handle_second(Instant::now()),
                () = tokio::time::sleep_until(self.silence.poll_deadline().into()) => self.listen(Instant::now()),
            };
            if let Err(ended) = done {
                if matches!(ended, Ended::Left) {
                    self.wires.finish();
                }
                return ended;
            }
        }
    }

    fn handle_command(&mut self, command: Option<Command>) -> Result<(), Ended> {
        let acts = match command {
            None => return Err(self.leave("the program has ended")),
            Some(Command::Leave(reason)) => return Err(self.leave(&reason)),
            Some(Command::Subscribe(subscribe)) => self.actor.wants.handle_subscribe(subscribe, Uuid::now_v7()),
            Some(Command::TakeControl(on)) => self.actor.wants.handle_take_control(on, Uuid::now_v7()),
            Some(Command::Chat(text)) => {
                self.actor.queue_chat(text);
                self.send_chat();
                return Ok(());
            }
            Some(Command::Quality(quality)) => {
                self.actor.quality = Some(quality);
                if self.actor.wants.is_viewing() {
                    self.wires.say(&HostBound::Quality(quality));
                }
                return Ok(());
            }
            Some(Command::Refresh) => {
                self.resync("the technician asks for it".into());
                return Ok(());
            }
            Some(Command::Ticket(ticket)) => {
                self.actor.ticket = ticket;
                self.actor.ceiling = None;
                self.ticket = self.actor.check_ticket().map_err(Ended::Over)?;
                self.present(None);
                return Ok(());
            }
            Some(Command::Ceiling(update)) => {
                if self.is_welcome {
                    self.wires.say(&HostBound::Ceiling(update.clone()));
                }
                self.actor.ceiling = Some(update);
                return Ok(());
            }
            Some(Command::Redial) => {
                let now = Instant::now();
                self.elsewhere_since = Some(now);
                if self.is_welcome {
                    self.probe(now);
                }
                return Ok(());
            }
        };
        self.act(acts);
        Ok(())
    }

    fn present(&mut self, update: Option<Signed>) {
        let ticket = self.actor.ticket.clone();
        self.presented.push(ticket.hash());
        self.wires.say(&HostBound::Present(Present { ticket, update }));
    }

    fn leave(&self, reason: &str) -> Ended {
        self.wires.say(&HostBound::Leave(Leave { reason: reason.to_owned() }));
        Ended::Left
    }

    fn act(&mut self, acts: Vec<Act>) {
        for act in acts {
            match act {
                Act::Request(request_id, capabilities) => {
                    self.wires
                        .say(&HostBound::Request(farhand_protocol::peer::Request { request_id, capabilities }));
                }
                Act::Subscribe(subscribe) => {
                    let on = subscribe.on;
                    self.wires.say(&HostBound::Subscribe(subscribe));
                    if let Some(quality) = self.actor.quality.filter(|_| on) {
                        self.wires.say(&HostBound::Quality(quality));
                    }
                }
                Act::Control(on) => self.wires.set_control(on, &self.actor.gate),
                Act::Viewing(on) => {
                    if on {
                        // The host counts positions anew each time it begins to show its screen, and says the first with it.
                        self.actor.picture.forget_cursor_number();
                    } else {
                        self.stats.clear();
                        // What was seen is not kept; the thread does it in order with updates that are still there.
                        let _ = self.actor.work.send(Work::Clear);
                    }
                    self.actor.emit(ViewerEvent::View(on));
                }
                Act::Controlling(on) => self.actor.emit(ViewerEvent::Control(on)),
            }
        }
    }

    fn handle_heard(&mut self, heard: Option<Heard>) -> Result<(), Ended> {
        match heard {
            None => Err(Ended::Lost(ErrorBody::new(ErrorCode::LinkLost, "the link is lost"))),
            Some(Heard::Gone(error)) if error.code == ErrorCode::LinkProtocol => Err(Ended::Over(error)),
            Some(Heard::Gone(error)) => Err(Ended::Lost(error)),
            Some(Heard::Cursor) => {
                self.actor.emit(ViewerEvent::Picture);
                Ok(())
            }
            Some(Heard::Unreadable(why)) => {
                self.resync(why.to_string());
                Ok(())
            }
            Some(Heard::Message(message)) => self.handle_message(*message),
        }
    }

    fn handle_message(&mut self, message: ViewerBound) -> Result<(), Ended> {
        match message {
            ViewerBound::Hello(hello) => {
                if Hello::ours("").agree(&hello).is_none() {
                    return Err(Ended::Over(ErrorBody::new(
                        ErrorCode::LinkIncompatible,
                        "the device speaks another version",
                    )));
                }
            }
            ViewerBound::Welcome(welcome) => return self.welcome(welcome),
            ViewerBound::Sas(part) => self.handle_sas(&part.bytes)?,
            ViewerBound::Consent(consent) => {
                let (capabilities, acts) = self.actor.wants.handle_consent(consent.request_id, consent.answer);
                self.actor.emit(ViewerEvent::Consent {
                    request_id: consent.request_id,
                    answer: consent.answer,
                    capabilities,
                });
                self.act(acts);
            }
            ViewerBound::Grant(change) => {
                let acts = self.actor.wants.handle_grant(change.granted, change.cause);
                self.actor.emit(ViewerEvent::Grant {
                    granted: change.granted,
                    cause: change.cause,
                });
                self.act(acts);
                self.send_chat();
            }
            ViewerBound::Layout(layout) => {
                if layout.is_sane() {
                    self.actor.emit(ViewerEvent::Layout(layout));
                }
            }
            ViewerBound::Screen(state) => self.actor.emit(ViewerEvent::Screen(state)),
            ViewerBound::Cursor(image) => {
                self.actor.picture.handle_cursor_image(image);
                self.tell_picture();
            }
            ViewerBound::Chat(line) => self.hear_chat(line),
            ViewerBound::Digest(digest) => {
                // One at a time: a host that sends more than can be compared has no need of them.
                if !self.digest_is_pending.swap(true, Ordering::AcqRel) {
                    let _ = self.actor.work.send(Work::Digest(digest, self.digest_is_pending.clone()));
                }
            }
            ViewerBound::Timing(timing) => self.stages.handle_timing(&timing),
            ViewerBound::Clock(answer) => {
                self.offset.handle_answer(&answer, self.clock.now_micros());
                self.silence.handle_answer();
                self.elsewhere_since = None;
            }
            ViewerBound::Done(done) => self.actor.emit(ViewerEvent::Done(done.mark)),
            ViewerBound::Participants(participants) => self.actor.emit(ViewerEvent::Participants(participants.present)),
            ViewerBound::Refused(refused) => self.handle_refused(refused),
            ViewerBound::Goodbye(goodbye) => return Err(self.goodbye(goodbye.error)),
        }
        Ok(())
    }

    fn handle_refused(&mut self, refused: Refused) {
        tracing::info!(kind = refused.kind, error = %refused.error, "the host refused");
        self.actor.emit(ViewerEvent::Refused(refused.error));
        if refused.kind == HostBound::TakeControl(TakeControl { on: true }).kind() {
            // Says so on the input stream too, which closes the gate for the hands.
            let acts = self.actor.wants.handle_control_refused();
            self.act(acts);
        }
    }

    /// Some ends are for now: the host could not ask the gateway, or stopped and may be back.
    fn goodbye(&self, error: ErrorBody) -> Ended {
        match error.code {
            ErrorCode::GatewayUnreachable | ErrorCode::LinkLost | ErrorCode::LinkUnreachable => Ended::Lost(error),
            // It was said of the old ticket; a newer one has come since.
            ErrorCode::TicketExpired | ErrorCode::TicketInvalid | ErrorCode::TicketForeign
                if self.presented.first().is_some_and(|first| *first != self.actor.ticket.hash()) =>
            {
                Ended::Lost(error)
            }
            _ => Ended::Over(error),
        }
    }

    fn welcome(&mut self, welcome: Welcome) -> Result<(), Ended> {
        let Some(ticket_hash) = self.presented.iter().copied().find(|hash| welcome.ticket_hash == *hash) else {
            return Err(Ended::Over(ErrorBody::new(
                ErrorCode::TicketInvalid,
                "the device was shown another ticket",
            )));
        };
        let granted = welcome.granted;
        if std::mem::replace(&mut self.is_welcome, true) {
            self.actor.emit(ViewerEvent::Welcome(Box::new(welcome)));
            return Ok(());
        }
        self.actor.backoff = BACKOFF.0;
        self.path = self.wires.path().0;
        self.actor.emit(ViewerEvent::Link(LinkState::Up(self.path)));
        self.actor.emit(ViewerEvent::Welcome(Box::new(welcome)));
        self.begin_sas(ticket_hash);
        self.probe(Instant::now());
        let acts = self.actor.wants.handle_link(granted);
        self.act(acts);
        // Nothing says whether the last lines of the link before arrived; the host knows them by their ids.
        for line in self.actor.sent_chat.iter().rev().take(RESENT_CHAT).rev() {
            self.wires.say(&HostBound::Chat(line.clone()));
        }
        self.send_chat();
        Ok(())
    }

    /// The device binds the string to the ticket it welcomed first, whichever came since.
    fn begin_sas(&mut self, ticket_hash: [u8; 32]) {
        let mut nonce = [0; PART_BYTES];
        if getrandom::fill(&mut nonce).is_ok() {
            let Ticket {
                session_id,
                viewer_key,
                host_key,
                ..
            } = self.ticket;
            let sas = Sas::new(Role::Viewer, session_id, viewer_key, host_key, ticket_hash, nonce);
            self.wires.say(&HostBound::Sas(SasPart {
                bytes: sas.commitment().to_vec(),
            }));
            self.sas = Some(sas);
        }
    }

    fn handle_sas(&mut self, part: &[u8]) -> Result<(), Ended> {
        let Some(sas) = &mut self.sas else { return Ok(()) };
        match sas.handle_part(part) {
            Ok(answer) => {
                if let Some(bytes) = answer {
                    self.wires.say(&HostBound::Sas(SasPart { bytes: bytes.to_vec() }));
                }
                if let Some(digits) = sas.digits() {
                    self.actor.emit(ViewerEvent::Sas(digits.to_string()));
                }
                Ok(())
            }
            Err(error) => Err(Ended::Over(ErrorBody::new(ErrorCode::LinkProtocol, error.to_string()))),
        }
    }

    fn hear_chat(&mut self, line: ChatLine) {
        if line.text.len() <= farhand_protocol::peer::MAX_CHAT_BYTES && self.actor.is_new_line(line.line_id) {
            self.actor.emit(ViewerEvent::Chat {
                line_id: line.line_id,
                mine: false,
                at: line.sent_at,
                text: line.text,
            });
        }
    }

    /// Hands over lines that wait, once chat is allowed.
    fn send_chat(&mut self) {
        if !self.is_welcome || !self.actor.wants.granted().has(Capability::Chat) {
            return;
        }
        while let Some(line) = self.actor.chat.pop_front() {
            self.wires.say(&HostBound::Chat(line.clone()));
            let event = ViewerEvent::Chat {
                line_id: line.line_id,
                mine: true,
                at: line.sent_at,
                text: line.text.clone(),
            };
            self.actor.emit(event);
            if self.actor.sent_chat.len() == RESENT_CHAT {
                self.actor.sent_chat.pop_front();
            }
            self.actor.sent_chat.push_back(line);
        }
    }

    fn handle_report(&mut self, report: Report) {
        match report {
            Report::Changed => self.actor.emit(ViewerEvent::Picture),
            Report::Shown(shown) => self.handle_shown(&shown),
            Report::Resync(reason) => self.resync(reason),
            Report::Proven(is_same) => self.stats.handle_proven(is_same),
        }
    }

    fn handle_shown(&mut self, shown: &[Shown]) {
        if let Some(acknowledge) = acknowledgement(shown, Instant::now()) {
            self.wires.say(&HostBound::Acknowledge(acknowledge));
        }
        let micros = |time: Duration| i64::try_from(time.as_micros()).unwrap_or(i64::MAX);
        for shown in shown {
            let arrived_at_micros = self.clock.now_micros().saturating_sub(micros(shown.arrived_at.elapsed()));
            self.stages.handle_shown(shown.update, arrived_at_micros, shown.decode);
            let shown_at_micros = arrived_at_micros.saturating_add(micros(shown.decode));
            let latency = self.offset.age_millis(shown.captured_at_micros, shown_at_micros);
            self.stats.handle_shown(shown.bytes, shown.exact, shown.captured_at_micros, latency);
        }
    }

    fn tell_picture(&self) {
        if self.actor.picture.must_tell() {
            self.actor.emit(ViewerEvent::Picture);
        }
    }

    fn resync(&mut self, reason: String) {
        // What was still being decoded when seeing ended is nobody's any more.
        if !self.actor.wants.is_viewing() {
            self.resync_wanted = None;
            return;
        }
        let now = Instant::now();
        if self.resynced_at.is_some_and(|at| now.duration_since(at) < RESYNC_EVERY) {
            // The next second does it.
            self.resync_wanted = Some(reason);
            return;
        }
        self.resynced_at = Some(now);
        self.resync_wanted = None;
        self.wires.say(&HostBound::Resync(Resync { reason }));
    }

    fn probe(&mut self, now: Instant) {
        self.probed_at = Some(now);
        self.silence.handle_asked(now);
        self.wires.say(&HostBound::Clock(ClockProbe {
            asked_at_micros: self.clock.now_micros(),
            answered_at_micros: 0,
        }));
    }

    /// Says so when nothing is heard any more, and when it is again; asks a host that is quiet.
    fn listen(&mut self, now: Instant) -> Result<(), Ended> {
        let verdict = self.silence.handle_look(self.wires.packets(), now, SystemTime::now());
        let state = match verdict {
            Verdict::Slept => return Err(Ended::Lost(ErrorBody::new(ErrorCode::LinkLost, "this computer stood still"))),
            _ if !self.is_welcome => return Ok(()),
            Verdict::Same => return Ok(()),
            Verdict::Ask => {
                self.probe(now);
                return Ok(());
            }
            Verdict::Silent(quiet) => LinkState::Stalled {
                silent_millis: u64::try_from(quiet.as_millis()).unwrap_or(u64::MAX),
            },
            Verdict::Heard => {
                self.path = self.wires.path().0;
                LinkState::Up(self.path)
            }
        };
        self.actor.emit(ViewerEvent::Link(state));
        Ok(())
    }

    /// Once a second: figures and path.
    fn handle_second(&mut self, now: Instant) -> Result<(), Ended> {
        if !self.is_welcome {
            let is_late = now.duration_since(self.opened_at) > WELCOME_WITHIN;
            return if is_late {
                Err(Ended::Lost(ErrorBody::new(
                    ErrorCode::LinkUnreachable,
                    "the device does not answer",
                )))
            } else {
                Ok(())
            };
        }
        let received_bytes = self.wires.received_bytes();
        let is_receiving = received_bytes - std::mem::replace(&mut self.received_bytes, received_bytes) > SIGN_OF_LIFE_BYTES;
        let _ = self.actor.work.send(Work::Second(now, is_receiving));
        if let Some(reason) = self.resync_wanted.take() {
            self.resync(reason);
        }
        if self.elsewhere_since.is_some_and(|at| now.duration_since(at) >= ELSEWHERE_AFTER) && self.silence.asked_at().is_some() {
            return Err(Ended::Lost(ErrorBody::new(ErrorCode::LinkLost, "the device is elsewhere now")));
        }
        let is_due = self.probed_at.is_none_or(|at| now.duration_since(at) >= PROBE_EVERY);
        if self.silence.asked_at().is_none() && is_due {
            self.probe(now);
        }
        if self.silence.is_silent() {
            // Figures of a link that is not heard are not figures of now.
            return Ok(());
        }
        let (path, rtt_millis) = self.wires.path();
        if path != self.path {
            self.path = path;
            self.actor.emit(ViewerEvent::Link(LinkState::Up(path)));
        }
        let stages = self.stages.latest(&self.offset, self.actor.picture.presented_after());
        if let Some(stats) = self.stats.poll_second(path, rtt_millis, stages) {
            self.actor.emit(ViewerEvent::Stats(stats));
        }
        Ok(())
    }
}
