//! The driver of the host side: one task that owns the clock, the legs and the four judges (tickets, consent, grants,
//! gate), so that what is allowed changes at one moment for everything. It never blocks; capture and input have threads of
//! their own.

mod deeds;
mod ears;
mod rights;
mod setup;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use farhand_protocol::{
    error::{ErrorBody, ErrorCode},
    ids::{MemberId, PeerKey},
    input::InputPriority,
    peer::{ChatLine, ClockProbe, Goodbye, GrantCause, HostBound, Refused, Resync, ScreenState, ViewerBound},
    permission::{Capability, CapabilitySet},
    sas::Sas,
    session::Status,
    ticket::{Signed, TechnicianIdentity, TicketError},
    wire::Message,
};
use serde_json::json;
use tokio::sync::mpsc;
use uuid::Uuid;

use self::ears::Ears;
use super::{
    HostConfig, HostEvent, HostEvents, Place,
    chat::Chat,
    clock::{Clock, sleep_until},
    consent::{Consent, Mode},
    gate::{Noted, Refusal, RefusalLog, Verdict, judge},
    grants::Grants,
    hands::{Hands, HandsNews, Switch, Token},
    held::Held,
    leg::{LegEvent, LegEvents, Showing, Wires},
    pipeline::{Order, Pipeline, ScreenNews, TypedAt},
    screen_state,
    throttle::Callers,
    tickets::TicketBook,
    watch::{self, Watching},
};
use crate::{
    customer::Presence,
    platform::{InputError, LocalInputWatch, WakeLock},
    viewer::LinkPath,
};

/// A connection must have an accepted ticket within this time.
const TICKET_WITHIN: Duration = Duration::from_secs(15);
/// A presented ticket must be announced by the gateway within this time.
const ANNOUNCED_WITHIN: Duration = Duration::from_secs(5);
/// Most connections without a ticket at a time.
const MOST_STRANGERS: usize = 8;
/// Most messages of all legs together that wait for the actor.
const QUEUED_EVENTS: usize = 256;
/// How often the paths of links are looked at, while there are any.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// What the actor is told by its own side.
pub(super) enum Command {
    Ticket(Signed),
    Restore {
        allowed: Vec<(MemberId, CapabilitySet)>,
        heard: Vec<Uuid>,
        unsent: Vec<ChatLine>,
    },
    Ceiling(Signed),
    Connection(iroh::endpoint::Connection),
    Status(Status),
    Answer {
        request_id: Uuid,
        allowed: CapabilitySet,
    },
    Chat(String),
    Revoke(GrantCause),
    CustomerActed,
    /// The newest attempt to hear has come to this.
    Ears(Result<Box<dyn LocalInputWatch>, InputError>),
    /// The watch of the attempt of this number has ended by itself.
    Deaf(u64),
    Screen(ScreenNews),
    Hands(HandsNews),
    Awake(Option<Box<dyn WakeLock>>),
    End(ErrorBody),
    Dropped,
}

/// One connection.
struct Leg {
    peer: PeerKey,
    wires: Wires,
    greeted: bool,
    ticket_within: Instant,
    /// Presented, but not announced by the gateway yet.
    waiting: Option<farhand_protocol::peer::Present>,
    /// Accepted.
    ticket: Option<(Uuid, TechnicianIdentity)>,
    /// Rights told to the viewer last.
    told: CapabilitySet,
    /// Sees the screen, for as long as this is not ended.
    viewing: Option<Showing>,
    control: Option<Token>,
    held: Held,
    /// A way of the pointer was not gone, because the customer's hands went first; not told yet.
    passed_over: bool,
    refusals: RefusalLog,
    sas: Option<Sas>,
}

/// The state of the host side.
pub(super) struct Actor {
    config: HostConfig,
    clock: Clock,
    emit: HostEvents,
    commands: mpsc::WeakUnboundedSender<Command>,
    runtime: tokio::runtime::Handle,
    status: Status,
    tickets: TicketBook,
    grants: Grants,
    consent: Consent,
    chat: Chat,
    legs: BTreeMap<u64, Leg>,
    next_leg: u64,
    leg_events: LegEvents,
    leg_queue: Option<mpsc::Receiver<(u64, LegEvent)>>,
    pipeline: Pipeline,
    hands: Hands,
    switch: Arc<Switch>,
    customer_acted_at: Option<Instant>,
    ears: Ears,
    watching: Watching,
    callers: Callers,
    /// The place of the viewer whose message is being done: lines of the journal keep it until they are on disk.
    place: Option<Place>,
    awake: Awake,
    present: Vec<Presence>,
    /// Technicians whose first link was met with the question of APP-27.
    asked_at_start: BTreeSet<MemberId>,
}

/// Keeps the machine awake while somebody sees its screen.
enum Awake {
    Off,
    Asked,
    On { _lock: Box<dyn WakeLock> },
}

/// The actor's work is done.
struct Over;

impl Actor {
    /// An actor with its threads, before its first command.
    pub(super) fn new(
        config: HostConfig,
        commands: &mpsc::UnboundedSender<Command>,
        switch: Arc<Switch>,
        runtime: tokio::runtime::Handle,
        emit: HostEvents,
    ) -> std::io::Result<Self> {
        let clock = Clock::start();
        let weak = commands.downgrade();
        let tell = weak.clone();
        let typed_at = TypedAt::never();
        let pipeline = Pipeline::start(config.platform.clone(), clock, typed_at.clone(), move |news| {
            send(&tell, Command::Screen(news))
        })?;
        let tell = weak.clone();
        let hands = Hands::start(
            config.platform.clone(),
            switch.clone(),
            move || typed_at.note(&clock),
            move |news| send(&tell, Command::Hands(news)),
        )?;
        let (leg_events, leg_queue) = mpsc::channel(QUEUED_EVENTS);
        let watching = Watching {
            platform: config.platform.clone(),
            stop_key: config.settings.pause_key,
            counts: config.settings.priority == InputPriority::Customer,
        };
        let ears = Ears::new();
        // Before the host is there to be asked for anything.
        let _ = commands.send(Command::Ears(watch::start(&watching, ears.attempt(), weak.clone(), &switch)));
        let settings = &config.settings;
        let mode = if settings.single_prompt || settings.ask_at_start {
            Mode::Once
        } else {
            Mode::EachAction
        };
        Ok(Self {
            tickets: TicketBook::new(config.session_id, config.host_key, config.gateway_key),
            grants: Grants::new(config.local_policy, config.grant_in_advance),
            consent: Consent::new(mode),
            clock,
            emit,
            commands: weak,
            runtime,
            status: Status::Waiting,
            chat: Chat::default(),
            legs: BTreeMap::new(),
            next_leg: 1,
            leg_events,
            leg_queue: Some(leg_queue),
            pipeline,
            hands,
            switch,
            customer_acted_at: None,
            ears,
            watching,
            callers: Callers::new(Instant::now()),
            place: None,
            awake: Awake::Off,
            present: Vec::new(),
            asked_at_start: BTreeSet::new(),
            config,
        })
    }

    /// Works until the end of the host.
    pub(super) async fn run(mut self, mut commands: mpsc::UnboundedReceiver<Command>) {
        let Some(mut leg_queue) = self.leg_queue.take() else { return };
        self.tell_screen_before_use();
        let mut look = tokio::time::interval(LOOK_EVERY);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let deadline = self.poll_deadline();
            let done = tokio::select! {
                // Commands first: what the customer takes back counts before anything that is still queued.
                biased;
                command = commands.recv() => match command {
                    Some(command) => self.handle_command(command),
                    None => Err(Over),
                },
                Some((leg, event)) = leg_queue.recv() => {
                    self.handle_leg(leg, event);
                    Ok(())
                }
                () = sleep_until(deadline) => {
                    self.handle_time(Instant::now());
                    Ok(())
                }
                _ = look.tick(), if !self.legs.is_empty() => {
                    self.tell_presence();
                    Ok(())
                }
            };
            if done.is_err() {
                return;
            }
        }
    }

    /// Says before anybody asks that this desktop cannot be shared.
    fn tell_screen_before_use(&self) {
        let state = screen_state(self.config.platform.as_ref());
        if state != ScreenState::Shown {
            self.emit(HostEvent::Screen(state));
        }
    }

    fn handle_command(&mut self, command: Command) -> Result<(), Over> {
        match command {
            Command::Ticket(ticket) => self.handle_ticket(&ticket),
            Command::Restore { allowed, heard, unsent } => {
                for line in unsent {
                    self.chat.keep(line, Vec::new(), Instant::now());
                }
                for line_id in heard {
                    self.chat.is_new(line_id);
                }
                // A program that was killed in the middle of a key press let nothing go; hands that are opened do.
                if allowed.iter().any(|(_, capabilities)| capabilities.has(Capability::Control)) {
                    self.hands.open();
                }
                for (member, capabilities) in allowed {
                    // The question of the start was answered then.
                    self.asked_at_start.insert(member);
                    self.grants.allow(member, capabilities);
                }
                self.refresh(GrantCause::Allowed);
            }
            Command::Ceiling(update) => {
                if let Err(error) = self.update_ceiling(&update)
                    && !matches!(error, TicketError::Stale { .. })
                {
                    tracing::warn!(%error, "a ceiling from the gateway was not taken");
                }
            }
            Command::Connection(conn) => self.connect(conn),
            Command::Status(status) => return self.set_status(status),
            Command::Answer { request_id, allowed } => {
                for settled in self.consent.handle_answer(Instant::now(), request_id, allowed) {
                    self.settle(settled);
                }
            }
            Command::Chat(text) => self.say_chat(text),
            Command::Revoke(cause) => self.revoke(cause),
            Command::CustomerActed => self.customer_acted_at = Some(Instant::now()),
            Command::Ears(started) => self.handle_ears(started, Instant::now()),
            Command::Deaf(attempt) => self.lose_ears(attempt, Instant::now()),
            Command::Screen(ScreenNews::State(state)) => self.emit(HostEvent::Screen(state)),
            Command::Screen(ScreenNews::Layout(layout)) => {
                self.hands.set_layout(layout.clone());
                self.emit(HostEvent::Layout(layout));
            }
            Command::Hands(news) => self.handle_hands(news),
            Command::Awake(lock) => self.set_awake(lock),
            Command::End(error) => {
                self.end(&error);
                return Err(Over);
            }
            Command::Dropped => {
                self.end(&ErrorBody::new(ErrorCode::LinkLost, "the applet has stopped"));
                return Err(Over);
            }
        }
        Ok(())
    }

    fn poll_deadline(&self) -> Option<Instant> {
        let legs = self.legs.values().flat_map(|leg| {
            let ticket = leg.ticket.is_none().then_some(leg.ticket_within);
            [ticket, leg.held.poll_deadline()]
        });
        legs.chain([self.consent.poll_deadline(), self.ears.poll_deadline()])
            .flatten()
            .min()
    }

    fn handle_time(&mut self, now: Instant) {
        self.handle_ears_time(now);
        for settled in self.consent.handle_time(now) {
            self.settle(settled);
        }
        let late: Vec<u64> = self
            .legs
            .iter()
            .filter(|(_, l)| l.ticket.is_none() && l.ticket_within <= now)
            .map(|(id, _)| *id)
            .collect();
        for id in late {
            self.dismiss(
                id,
                &ErrorBody::new(
                    ErrorCode::TicketInvalid,
                    "no ticket that the gateway announced was presented in time",
                ),
            );
        }
        let silent: Vec<u64> = self
            .legs
            .iter()
            .filter(|(_, l)| l.held.poll_deadline().is_some_and(|at| at <= now))
            .map(|(id, _)| *id)
            .collect();
        for id in silent {
            self.let_go(id);
        }
    }

    /// Releases what one viewer holds. Where nobody else holds anything, everything is released, to be safe.
    fn let_go(&mut self, id: u64) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let events = leg.held.release();
        if self.legs.values().any(|leg| leg.held.is_holding()) {
            self.hands.release(events);
        } else {
            self.hands.release_all();
        }
    }

    fn handle_leg(&mut self, id: u64, event: LegEvent) {
        if !self.legs.contains_key(&id) {
            return;
        }
        match event {
            LegEvent::Message(message, place) => {
                self.place = place;
                self.handle_message(id, message);
                self.place = None;
            }
            LegEvent::Slowed(kind) => {
                tracing::info!(leg = id, "a viewer says more than it may and is slowed");
                self.journal_of(id, "link.slowed", json!({ "message": name_of(kind) }));
            }
            LegEvent::Unknown(kind) => {
                let error = ErrorBody::new(ErrorCode::RequestUnsupported, "this message is not known here");
                self.say(id, &ViewerBound::Refused(Refused { kind, error }));
            }
            LegEvent::Broken(error) => self.dismiss(id, &ErrorBody::new(ErrorCode::LinkProtocol, error.to_string())),
            LegEvent::Gone => self.remove(id),
        }
    }

    /// The gate: nothing a viewer says has an effect but through here.
    fn handle_message(&mut self, id: u64, message: HostBound) {
        let Some(leg) = self.legs.get(&id) else { return };
        if !leg.greeted && !matches!(message, HostBound::Hello(_)) {
            return self.dismiss(id, &ErrorBody::new(ErrorCode::LinkProtocol, "the first message must be hello"));
        }
        match judge(&message, &self.standing(leg)) {
            Verdict::Pass => self.obey(id, message),
            Verdict::Ignore => {}
            Verdict::Refuse(refusal) => self.refuse(id, &refusal),
        }
    }

    fn obey(&mut self, id: u64, message: HostBound) {
        match message {
            HostBound::Hello(hello) => self.greet(id, &hello),
            HostBound::Present(present) => self.present(id, present),
            HostBound::Sas(part) => self.handle_sas(id, &part.bytes),
            HostBound::Request(request) => self.request(id, request.request_id, request.capabilities),
            HostBound::Subscribe(subscribe) => self.subscribe(id, subscribe),
            HostBound::TakeControl(take) => self.take_control(id, take.on),
            HostBound::Input(event) => self.input(id, event),
            HostBound::Chat(line) => self.hear_chat(id, line),
            HostBound::Acknowledge(shown) => self.order(Order::Acknowledge(id, shown)),
            HostBound::Resync(Resync { reason }) => {
                tracing::info!(
                    leg = id,
                    reason = reason.chars().take(200).collect::<String>(),
                    "the whole picture is sent anew"
                );
                self.order(Order::Resync(id));
            }
            HostBound::Quality(quality) => self.order(Order::Quality(id, quality)),
            HostBound::Clock(probe) => {
                self.say(
                    id,
                    &ViewerBound::Clock(ClockProbe {
                        answered_at_micros: self.clock.now_micros(),
                        ..probe
                    }),
                );
            }
            HostBound::Ceiling(update) => {
                // The gateway tells both ends: what comes the second way is known already.
                if let Err(error) = self.update_ceiling(&update)
                    && !matches!(error, TicketError::Stale { .. })
                {
                    let error = ErrorBody::new(error.code(), error.to_string());
                    self.refuse(
                        id,
                        &Refusal {
                            kind: HostBound::Ceiling(update).kind(),
                            key: "ticket",
                            error,
                        },
                    );
                }
            }
            HostBound::Leave(leave) => {
                tracing::info!(
                    leg = id,
                    reason = leave.reason.chars().take(200).collect::<String>(),
                    "the viewer leaves"
                );
                self.leave(id);
            }
        }
    }

    /// Answers and journals a refusal; a connection without a ticket is closed for it.
    fn refuse(&mut self, id: u64, refusal: &Refusal) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let noted = leg.refusals.note(refusal, Instant::now());
        let has_ticket = leg.ticket.is_some();
        if noted != Noted::Counted {
            leg.wires.say(&ViewerBound::Refused(Refused {
                kind: refusal.kind,
                error: refusal.error.clone(),
            }));
        }
        if noted == Noted::First {
            let detail = json!({ "message": name_of(refusal.kind), "key": refusal.key, "code": refusal.error.code.as_str() });
            self.journal_of(id, "refused", detail);
        }
        if !has_ticket {
            self.dismiss(id, &refusal.error);
        }
    }

    /// Tells the program and every viewer who is there, if that changed.
    pub(super) fn tell_presence(&mut self) {
        let present: Vec<Presence> = self
            .legs
            .values()
            .filter_map(|leg| {
                let (_, technician) = leg.ticket.clone()?;
                let path = match leg.wires.is_relayed() {
                    None => LinkPath::Unknown,
                    Some(true) => LinkPath::Relayed,
                    Some(false) => LinkPath::Direct,
                };
                Some(Presence {
                    check_number: leg.sas.as_ref().and_then(Sas::digits).map(|digits| digits.to_string()),
                    technician,
                    viewing: leg.viewing.is_some(),
                    controlling: leg.control.is_some(),
                    path,
                })
            })
            .collect();
        if present != self.present {
            self.present.clone_from(&present);
            self.emit(HostEvent::Present(present));
        }
    }

    fn end(&mut self, error: &ErrorBody) {
        self.switch.cut();
        self.hands.release_all();
        for settled in self.consent.withdraw(None) {
            self.settle(settled);
        }
        let all: Vec<u64> = self.legs.keys().copied().collect();
        all.into_iter().for_each(|id| self.dismiss(id, error));
    }

    /// Ends one link for good.
    fn dismiss(&mut self, id: u64, error: &ErrorBody) {
        if let Some(leg) = self.legs.get(&id) {
            leg.wires.say(&ViewerBound::Goodbye(Goodbye { error: error.clone() }));
            leg.wires.close();
        }
        self.remove(id);
    }

    fn say(&self, id: u64, message: &ViewerBound) {
        if let Some(leg) = self.legs.get(&id) {
            leg.wires.say(message);
        }
    }

    fn technician(&self, id: u64) -> Option<TechnicianIdentity> {
        self.legs
            .get(&id)
            .and_then(|leg| leg.ticket.as_ref())
            .map(|(_, technician)| technician.clone())
    }

    fn emit(&self, event: HostEvent) {
        (self.emit)(event);
    }

    /// Journals what a technician did, or what was done about one.
    fn journal_of(&self, id: u64, kind: &'static str, mut detail: serde_json::Value) {
        if let (Some(leg), Some(map)) = (self.legs.get(&id), detail.as_object_mut()) {
            match &leg.ticket {
                Some((_, technician)) => {
                    map.insert("technician".into(), technician.name.clone().into());
                    map.insert("member_id".into(), technician.member_id.0.into());
                }
                None => {
                    map.insert("peer".into(), leg.peer.to_string().into());
                }
            }
        }
        self.journal(kind, "technician", detail);
    }

    /// A line of the journal; whoever caused it keeps the place it takes.
    fn journal(&self, kind: &'static str, actor: &'static str, detail: serde_json::Value) {
        self.emit(HostEvent::Journal {
            kind,
            actor,
            detail,
            place: self.place.clone(),
        });
    }

    /// An order to the picture's thread, with the place of the viewer who caused it.
    fn order(&self, order: Order) {
        self.pipeline.order_for(order, self.place.clone());
    }
}

fn name_of(kind: u16) -> &'static str {
    HostBound::KINDS
        .iter()
        .find(|(known, _)| *known == kind)
        .map_or("unknown", |(_, name)| name)
}

fn send(commands: &mpsc::WeakUnboundedSender<Command>, command: Command) {
    if let Some(commands) = commands.upgrade() {
        let _ = commands.send(command);
    }
}
