//! The task that owns a technician's state: the account, the live line and the open sessions. Calls to the gateway run beside it and report back, so that
//! no command waits for another.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, PoisonError},
};

use farhand_protocol::{
    api::{LoginAnswer, SessionRow},
    error::{ErrorBody, ErrorClass, ErrorCode},
    gateway::{Events, FromGateway, ToGateway},
    ids::SessionId,
    session::Status,
};
use tokio::{sync::mpsc, task::JoinSet};

use super::{
    Credential, EngineEvent, GatewayState, MAX_OPEN_SESSIONS, OnEngineEvent, Pictures, SignedIn, TechnicianCommand, TechnicianConfig,
    journals::{Owner, Writing},
    list::ListFetch,
    open::{Doing, OpenSession, Opening, Standing},
};
use crate::{
    clock,
    gateway::{GatewayAddress, GatewayClient, Live, LiveEvent},
    journal::{Disk, Journal, Line, Written},
    keystore::{Kept, KeptSignIn},
    viewer::{LinkState, ViewerEvent, ViewerEvents},
};

/// What an ended session left is offered to the gateway for as long.
const LEFTOVER_MILLIS: i64 = 24 * 3_600_000;

/// What tasks beside the actor report. A number of an opening says which one it is about.
enum Report {
    SignedIn {
        client: GatewayClient,
        account: LoginAnswer,
        keep: bool,
    },
    SignInFailed {
        error: ErrorBody,
        remembered: bool,
    },
    Opened {
        session_id: SessionId,
        number: u64,
        result: Result<Box<OpenSession>, ErrorBody>,
    },
    Viewer {
        session_id: SessionId,
        number: u64,
        event: ViewerEvent,
    },
    Started(SessionRow),
    /// A list that was fetched, with the number of the fetch.
    Listed {
        number: u64,
        result: Result<Vec<SessionRow>, ErrorBody>,
    },
    Written(Box<Written>),
    /// What earlier runs of this account left.
    Leftovers(Owner, Vec<Journal>),
    TicketSettled {
        session_id: SessionId,
        number: u64,
        result: Result<(), ErrorBody>,
    },
}

struct Account {
    client: GatewayClient,
    answer: LoginAnswer,
    live: Live,
    up: bool,
    writing: Writing,
}

struct Actor {
    config: TechnicianConfig,
    disk: Disk,
    on_event: OnEngineEvent,
    pictures: Pictures,
    reports: mpsc::UnboundedSender<Report>,
    account: Option<Account>,
    open: HashMap<SessionId, Box<OpenSession>>,
    opening: HashMap<SessionId, Opening>,
    /// Openings so far.
    openings: u64,
    list: ListFetch,
    /// Journals of earlier runs that still go up.
    leftovers: Vec<Journal>,
    /// Links that say farewell.
    closing: JoinSet<()>,
}

pub(super) async fn run(
    config: TechnicianConfig,
    disk: Disk,
    on_event: OnEngineEvent,
    pictures: Pictures,
    mut inbox: mpsc::UnboundedReceiver<TechnicianCommand>,
) {
    let (reports, mut reported) = mpsc::unbounded_channel();
    let mut live_events: Option<mpsc::UnboundedReceiver<LiveEvent>> = None;
    let mut actor = Actor {
        config,
        disk,
        on_event,
        pictures,
        reports,
        account: None,
        open: HashMap::new(),
        opening: HashMap::new(),
        openings: 0,
        list: ListFetch::default(),
        leftovers: Vec::new(),
        closing: JoinSet::new(),
    };
    loop {
        let live = async {
            match &mut live_events {
                Some(events) => events.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            command = inbox.recv() => match command {
                Some(command) => actor.handle_command(command),
                None => break,
            },
            Some(report) = reported.recv() => {
                if let Some(events) = actor.handle_report(report) {
                    live_events = Some(events);
                }
            }
            event = live => match event {
                Some(event) => actor.handle_live(event),
                None => live_events = None,
            },
        }
        if actor.account.is_none() {
            live_events = None;
        }
    }
    actor.close_all("the program was closed");
    // Sockets that are dropped without a farewell leave the other side waiting.
    actor.closing.join_all().await;
}

impl Actor {
    fn tell(&self, event: EngineEvent) {
        (self.on_event)(event);
    }

    fn failed(&self, what: &'static str, session_id: Option<SessionId>, error: ErrorBody) {
        self.tell(EngineEvent::Failed { what, session_id, error });
    }

    fn client(&self) -> Result<GatewayClient, ErrorBody> {
        let account = self
            .account
            .as_ref()
            .ok_or_else(|| ErrorBody::new(ErrorCode::AuthMissing, "sign in first"))?;
        Ok(account.client.clone())
    }

    fn handle_command(&mut self, command: TechnicianCommand) {
        match command {
            TechnicianCommand::SignIn {
                gateway,
                trust,
                credential,
                remember,
            } => {
                let (agent, reports) = (self.config.agent.clone(), self.reports.clone());
                tokio::spawn(async move {
                    let report = match sign_in(&gateway, trust.as_deref(), credential, &agent).await {
                        Ok((client, account)) => Report::SignedIn {
                            client,
                            account,
                            keep: remember,
                        },
                        Err(error) => Report::SignInFailed { error, remembered: false },
                    };
                    let _ = reports.send(report);
                });
            }
            TechnicianCommand::SignInRemembered => self.sign_in_remembered(),
            TechnicianCommand::SignOut { everywhere } => self.sign_out(everywhere),
            TechnicianCommand::ChangePassword { current, new } => {
                self.call("password", None, move |client, _| async move {
                    client
                        .change_password(&current, &new)
                        .await
                        .map(|()| EngineEvent::Done { what: "password" })
                });
            }
            TechnicianCommand::NewSession { request_id, session } => {
                self.call("new_session", None, move |client, _| async move {
                    client
                        .new_session(&session)
                        .await
                        .map(|created| EngineEvent::SessionCreated { request_id, created })
                });
            }
            TechnicianCommand::MailLink { session_id, mail } => {
                self.call("mail", Some(session_id), move |client, _| async move {
                    client.mail_link(session_id, &mail).await?;
                    Ok(EngineEvent::LinkMailed { session_id, to: mail.to })
                });
            }
            TechnicianCommand::Start(id) => {
                self.call("start", Some(id), move |client, reports| async move {
                    let row = client.start(id).await?;
                    let _ = reports.send(Report::Started(row.clone()));
                    Ok(EngineEvent::SessionChanged(row))
                });
            }
            TechnicianCommand::Hold(id) => self.call("hold", Some(id), move |client, _| async move {
                client.hold(id).await.map(EngineEvent::SessionChanged)
            }),
            TechnicianCommand::Close(id) => self.call("close", Some(id), move |client, _| async move {
                client.close(id).await.map(EngineEvent::SessionChanged)
            }),
            TechnicianCommand::Events(id) => {
                self.call("events", Some(id), move |client, _| async move {
                    client
                        .events(id, 0)
                        .await
                        .map(|events| EngineEvent::Events { session_id: id, events })
                });
            }
            TechnicianCommand::Open(id) => self.open(id),
            TechnicianCommand::Leave(id) => self.close(id, "the technician closed the tab"),
            TechnicianCommand::Subscribe { session_id, subscribe } => self.with_viewer(session_id, |open| open.viewer.subscribe(subscribe)),
            TechnicianCommand::TakeControl { session_id, on } => self.with_viewer(session_id, |open| open.viewer.take_control(on)),
            TechnicianCommand::Input { session_id, event } => {
                // Hands let go of what they held when a session ends; that there is nothing to let go of is no failure.
                if let Some(open) = self.open.get(&session_id) {
                    open.viewer.input(event);
                }
            }
            TechnicianCommand::Chat { session_id, text } => self.with_viewer(session_id, |open| open.viewer.chat(text)),
            TechnicianCommand::Quality { session_id, quality } => self.with_viewer(session_id, |open| open.viewer.quality(quality)),
            TechnicianCommand::Refresh(session_id) => self.with_viewer(session_id, |open| open.viewer.refresh()),
        }
    }

    /// Runs a call to the gateway beside the actor; its event or its failure is told.
    fn call<F>(
        &self,
        what: &'static str,
        session_id: Option<SessionId>,
        work: impl FnOnce(GatewayClient, mpsc::UnboundedSender<Report>) -> F,
    ) where
        F: Future<Output = Result<EngineEvent, ErrorBody>> + Send + 'static,
    {
        match self.client() {
            Ok(client) => {
                let (work, on_event) = (work(client, self.reports.clone()), self.on_event.clone());
                tokio::spawn(async move { on_event(work.await.unwrap_or_else(|error| EngineEvent::Failed { what, session_id, error })) });
            }
            Err(error) => self.failed(what, session_id, error),
        }
    }

    fn with_viewer(&self, id: SessionId, act: impl FnOnce(&OpenSession)) {
        match self.open.get(&id) {
            Some(open) => act(open),
            None => self.failed(
                "session",
                Some(id),
                ErrorBody::new(ErrorCode::LinkLost, "the session is not open here; start or open it first"),
            ),
        }
    }

    fn sign_in_remembered(&self) {
        let (agent, reports, keys) = (self.config.agent.clone(), self.reports.clone(), self.config.keys.clone());
        let on_event = self.on_event.clone();
        tokio::spawn(async move {
            let Some((kept, token)) = keys.find().await else {
                on_event(EngineEvent::NothingRemembered);
                return;
            };
            let report = match sign_in(&kept.gateway, kept.trust.as_deref(), Credential::Token(token), &agent).await {
                Ok((client, account)) => Report::SignedIn {
                    client,
                    account,
                    keep: false,
                },
                Err(error) => Report::SignInFailed { error, remembered: true },
            };
            let _ = reports.send(report);
        });
    }

    fn sign_out(&mut self, everywhere: bool) {
        self.close_all("the technician signed out");
        let account = self.account.take();
        self.tell(EngineEvent::SignedOut(None));
        let Some(account) = account else { return };
        let (keys, on_event) = (self.config.keys.clone(), self.on_event.clone());
        tokio::spawn(async move {
            // Before the gateway is asked, which may take long or be in vain; whoever signs in meanwhile keeps what is theirs.
            keys.forget_account(&account.client.address().origin, &account.answer.email).await;
            match account.client.logout(everywhere).await {
                Ok(()) => {}
                // Other places are still signed in, and only a person can do something about that.
                Err(error) if everywhere => on_event(EngineEvent::Failed {
                    what: "sign_out",
                    session_id: None,
                    error,
                }),
                Err(error) => tracing::warn!(code = %error.code, "the gateway was not told of the sign-out"),
            }
        });
    }

    fn handle_report(&mut self, report: Report) -> Option<mpsc::UnboundedReceiver<LiveEvent>> {
        match report {
            Report::SignedIn { client, account, keep } => return Some(self.signed_in(client, account, keep)),
            Report::SignInFailed { error, remembered } => {
                let useless = remembered && error.code.class() == ErrorClass::Unauthenticated;
                self.tell(if useless {
                    EngineEvent::NothingRemembered
                } else {
                    EngineEvent::SignInFailed(error)
                });
            }
            Report::Opened {
                session_id,
                number,
                result,
            } => self.opened(session_id, number, result),
            Report::Viewer { session_id, number, event } => self.handle_viewer(session_id, number, &event),
            Report::Started(row) => self.open(row.session_id),
            Report::Listed { number, result } => self.handle_listed(number, result),
            Report::Written(written) => self.handle_written(&written),
            Report::Leftovers(owner, journals) => self.take_leftovers(&owner, journals),
            Report::TicketSettled {
                session_id,
                number,
                result,
            } => self.ticket_settled(session_id, number, result),
        }
        None
    }

    fn signed_in(&mut self, client: GatewayClient, answer: LoginAnswer, keep: bool) -> mpsc::UnboundedReceiver<LiveEvent> {
        let address = client.address().clone();
        if keep {
            let sign_in = KeptSignIn {
                gateway: address.origin.clone(),
                trust: address.trust.map(String::from),
                email: answer.email.clone(),
            };
            let (keys, token, on_event) = (self.config.keys.clone(), answer.token.clone(), self.on_event.clone());
            tokio::spawn(async move {
                match keys.keep(&sign_in, &token).await {
                    Ok(Kept::KeyRing) => {}
                    Ok(Kept::File(path)) => on_event(EngineEvent::KeptElsewhere(path.display().to_string())),
                    Err(error) => on_event(EngineEvent::Failed {
                        what: "remember",
                        session_id: None,
                        error,
                    }),
                }
            });
        }
        let (live, events) = Live::open(client.clone(), self.config.agent.clone());
        // What another account left is none of this one's business, nor what it still asks for.
        self.leftovers.clear();
        self.list.cancel();
        let writing = self.writing_of(&address.origin, &answer);
        self.find_leftovers(client.clone(), writing.clone());
        let mut shown = answer.clone();
        shown.token.clear();
        self.account = Some(Account {
            client,
            answer,
            live,
            up: false,
            writing,
        });
        self.tell(EngineEvent::SignedIn(Box::new(SignedIn {
            account: shown,
            gateway: address.origin,
            trust: address.trust.map(String::from),
        })));
        events
    }

    fn handle_live(&mut self, event: LiveEvent) {
        match event {
            LiveEvent::Up => {
                if let Some(account) = &mut self.account {
                    account.up = true;
                }
                self.tell(EngineEvent::Gateway(GatewayState::Up));
                self.upload_all();
                self.report_links();
                self.renew_links();
                self.fetch_list();
            }
            LiveEvent::Down { error, pause } => {
                if let Some(account) = &mut self.account {
                    account.up = false;
                }
                let retry_in_millis = u64::try_from(pause.as_millis()).unwrap_or_default();
                self.tell(EngineEvent::Gateway(GatewayState::Down { error, retry_in_millis }));
            }
            LiveEvent::Ended(error) => {
                self.close_all("signed out");
                self.account = None;
                self.tell(EngineEvent::SignedOut(Some(error)));
            }
            LiveEvent::Message(message) => self.handle_message(*message),
        }
    }

    /// A gateway that was away knows of no link.
    fn report_links(&self) {
        let Some(account) = &self.account else { return };
        for (id, open) in self.open.iter().filter(|(_, open)| open.standing == Standing::Up) {
            account.live.send(open.report(*id));
        }
    }

    /// While the line was down the applet may have moved unheard, and nobody could have a ticket: what does not stand is taken up anew.
    fn renew_links(&mut self) {
        let is_down = |open: &OpenSession| matches!(open.standing, Standing::Down | Standing::Unticketed);
        let down: Vec<SessionId> = self.open.iter().filter(|(_, open)| is_down(open)).map(|(id, _)| *id).collect();
        down.into_iter().for_each(|id| self.renew(id));
    }

    fn fetch_list(&mut self) {
        let client = match self.client() {
            Ok(client) => client,
            Err(error) => return self.failed("sessions", None, error),
        };
        let (number, reports) = (self.list.begin(), self.reports.clone());
        tokio::spawn(async move {
            let result = client.sessions(false).await;
            let _ = reports.send(Report::Listed { number, result });
        });
    }

    fn handle_listed(&mut self, number: u64, result: Result<Vec<SessionRow>, ErrorBody>) {
        let Some(heard) = self.list.finish(number) else { return };
        if self.account.is_none() {
            return;
        }
        let rows = match result {
            Ok(rows) => heard.over(rows),
            Err(error) => return self.failed("sessions", None, error),
        };
        // Those that ended while the line was down are not listed, and nobody tells of them any more.
        let listed: HashSet<SessionId> = rows.iter().map(|row| row.session_id).collect();
        let gone: Vec<SessionId> = self.open.keys().filter(|id| !listed.contains(*id)).copied().collect();
        self.tell(EngineEvent::Sessions(rows));
        gone.into_iter().for_each(|id| self.end(id, session_ended()));
    }

    fn handle_message(&mut self, message: FromGateway) {
        match message {
            FromGateway::Row(row) => self.handle_row(row),
            FromGateway::Removed(id) => {
                self.list.handle_heard(id, None);
                self.tell(EngineEvent::SessionRemoved(id));
                self.end(id, session_ended());
            }
            FromGateway::Event(event) => self.tell(EngineEvent::EventStored(event)),
            FromGateway::Ceiling(is) => {
                if let Some(open) = self.open.get(&is.session_id) {
                    open.viewer.handle_ceiling(is.update);
                }
            }
            FromGateway::Peer(moved) => {
                if let Some(open) = self.open.get(&moved.session_id) {
                    open.handle_moved(moved.peer);
                }
            }
            FromGateway::Stored(stored) => self.handle_stored(stored.session_id, &stored.origin, stored.seq),
            FromGateway::Refused(error) => self.failed("gateway", None, error),
            _ => {}
        }
    }

    fn handle_row(&mut self, row: SessionRow) {
        let (id, status) = (row.session_id, row.status);
        self.list.handle_heard(id, Some(&row));
        self.tell(EngineEvent::SessionChanged(row));
        let lacks_ticket = self.open.get(&id).is_some_and(|open| open.standing == Standing::Unticketed);
        if status.is_some_and(Status::is_final) {
            self.end(id, session_ended());
        } else if status == Some(Status::Active) && lacks_ticket {
            // On hold there was none to be had.
            self.renew(id);
        }
    }

    /// A session is over for this technician: its link goes, and its tab is told.
    fn end(&mut self, id: SessionId, error: ErrorBody) {
        let is_here = self.open.contains_key(&id) || self.opening.contains_key(&id);
        self.close(id, &error.message);
        if is_here {
            self.tell_ended(id, error);
        }
    }

    fn tell_ended(&self, session_id: SessionId, error: ErrorBody) {
        let event = ViewerEvent::Link(LinkState::Ended(error));
        self.tell(EngineEvent::Session { session_id, event });
    }

    fn open(&mut self, id: SessionId) {
        if self.open.contains_key(&id) || self.opening.contains_key(&id) {
            return;
        }
        if self.open.len() + self.opening.len() >= MAX_OPEN_SESSIONS {
            self.failed(
                "open",
                Some(id),
                ErrorBody::new(ErrorCode::SessionMaximum, "ten sessions are open; close one first"),
            );
            return;
        }
        let Some(account) = &self.account else {
            self.failed("open", Some(id), ErrorBody::new(ErrorCode::AuthMissing, "sign in first"));
            return;
        };
        self.openings += 1;
        let number = self.openings;
        let opening = Opening::new(number, self.viewer_events(id, number));
        self.opening.insert(id, opening.clone());
        let (config, client, key, reports) = (
            self.config.clone(),
            account.client.clone(),
            account.answer.gateway_key,
            self.reports.clone(),
        );
        let writing = account.writing.clone();
        tokio::spawn(async move {
            let result = OpenSession::open(&config, &writing, &client, key, id, opening).await.map(Box::new);
            let report = Report::Opened {
                session_id: id,
                number,
                result,
            };
            // Nobody waits for it any more: the program has ended.
            if let Err(mpsc::error::SendError(Report::Opened { result: Ok(open), .. })) = reports.send(report) {
                open.link.close().await;
            }
        });
    }

    /// Where the events of one opening go: all to the program, and to the actor what may concern it.
    fn viewer_events(&self, session_id: SessionId, number: u64) -> ViewerEvents {
        let (on_event, reports) = (self.on_event.clone(), self.reports.clone());
        Arc::new(move |event: ViewerEvent| {
            // Pictures come often and concern the program alone.
            if !matches!(event, ViewerEvent::Picture | ViewerEvent::Stats(_)) {
                let event = event.clone();
                let _ = reports.send(Report::Viewer { session_id, number, event });
            }
            on_event(EngineEvent::Session { session_id, event });
        })
    }

    fn opened(&mut self, id: SessionId, number: u64, result: Result<Box<OpenSession>, ErrorBody>) {
        let is_wanted = self.opening.get(&id).is_some_and(|opening| opening.number == number);
        if is_wanted {
            self.opening.remove(&id);
        }
        match result {
            Ok(open) if is_wanted && self.account.is_some() => {
                self.pictures
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .insert(id, open.viewer.picture());
                self.open.insert(id, open);
                self.log(id, "link.opened", serde_json::Value::Null);
            }
            Ok(open) => drop(open.close("no longer wanted", &mut self.closing)),
            Err(error) if is_wanted => {
                self.tell_ended(id, error.clone());
                self.failed("open", Some(id), error);
            }
            Err(_) => {}
        }
    }

    fn handle_viewer(&mut self, id: SessionId, number: u64, event: &ViewerEvent) {
        let Some(open) = self.open.get_mut(&id).filter(|open| open.opening.number == number) else {
            return;
        };
        match event {
            ViewerEvent::Link(LinkState::Connecting(_)) => {}
            ViewerEvent::Link(state) => {
                open.standing = Standing::of(state);
                if let Some(account) = &self.account {
                    account.live.send(open.report(id));
                }
                if open.standing == Standing::Unticketed {
                    self.renew(id);
                }
            }
            ViewerEvent::Control(on) => open.handle_doing(Doing::Controlling, *on),
            ViewerEvent::View(on) => open.handle_doing(Doing::Viewing, *on),
            _ => {}
        }
    }

    /// Asks for a fresh ticket, once at a time.
    fn renew(&mut self, id: SessionId) {
        let (Some(account), Some(open)) = (&self.account, self.open.get_mut(&id)) else {
            return;
        };
        if std::mem::replace(&mut open.is_renewing, true) {
            return;
        }
        let work = open.fresh_ticket(account.client.clone(), id);
        let (number, reports) = (open.opening.number, self.reports.clone());
        tokio::spawn(async move {
            let result = work.await;
            let _ = reports.send(Report::TicketSettled {
                session_id: id,
                number,
                result,
            });
        });
    }

    fn ticket_settled(&mut self, id: SessionId, number: u64, result: Result<(), ErrorBody>) {
        let Some(open) = self.open.get_mut(&id).filter(|open| open.opening.number == number) else {
            return;
        };
        open.is_renewing = false;
        let is_over = open.standing == Standing::Unticketed;
        let Err(error) = result else { return };
        match error.code {
            ErrorCode::SessionEnded | ErrorCode::SessionUnknown | ErrorCode::SessionNotLead => self.end(id, error),
            // On hold, or its customer is away: there are tickets again once it is Active.
            ErrorCode::SessionTransition if is_over => self.tell_ended(id, error),
            ErrorCode::SessionTransition => {}
            _ => self.failed("ticket", Some(id), error),
        }
    }

    fn log(&mut self, id: SessionId, kind: &str, detail: serde_json::Value) {
        let Some(open) = self.open.get_mut(&id) else { return };
        open.journal.append(Line::new(kind, "technician", detail));
    }

    /// A line is on disk: now the gateway may have it, also when its session has been left meanwhile.
    fn handle_written(&mut self, written: &Written) {
        if let Err(error) = &written.result {
            self.failed("journal", Some(written.session_id), error.clone());
        }
        let journals = self.open.values_mut().map(|open| &mut open.journal).chain(&mut self.leftovers);
        for journal in journals.filter(|journal| (journal.session_id(), journal.origin()) == (written.session_id, written.origin)) {
            journal.handle_written(written);
        }
        self.upload_journal(written.session_id, &written.origin.to_string());
    }

    /// Sends what one journal still owes.
    fn upload_journal(&self, session_id: SessionId, origin: &str) {
        let journals = self.open.values().map(|open| &open.journal).chain(&self.leftovers);
        for journal in journals.filter(|journal| journal.session_id() == session_id && journal.origin().to_string() == origin) {
            self.upload(owed(journal));
        }
    }

    fn writing_of(&self, gateway: &str, answer: &LoginAnswer) -> Writing {
        let reports = self.reports.clone();
        Writing {
            disk: self.disk.clone(),
            on_written: Arc::new(move |written| drop(reports.send(Report::Written(Box::new(written))))),
            owner: Owner {
                gateway: gateway.to_owned(),
                member_id: answer.technician.member_id,
            },
        }
    }

    fn find_leftovers(&self, client: GatewayClient, writing: Writing) {
        let (reports, folders) = (self.reports.clone(), self.config.folders.clone());
        tokio::spawn(async move {
            let mut found = Vec::new();
            for journal in writing.leftovers(&folders).await {
                match is_wanted(&client, &journal).await {
                    true => found.push(journal),
                    false => journal.remove(),
                }
            }
            let _ = reports.send(Report::Leftovers(writing.owner, found));
        });
    }

    /// What earlier runs of the account that is signed in left goes up now; a journal that is open or known already is not its own leftover.
    fn take_leftovers(&mut self, owner: &Owner, found: Vec<Journal>) {
        if self.account.as_ref().is_none_or(|account| account.writing.owner != *owner) {
            return;
        }
        let known: HashSet<String> = self
            .open
            .values()
            .map(|open| &open.journal)
            .chain(&self.leftovers)
            .map(|j| j.origin().to_string())
            .collect();
        let new = found.into_iter().filter(|journal| !known.contains(&journal.origin().to_string()));
        self.leftovers.extend(new);
        self.leftovers.iter().for_each(|journal| self.upload(owed(journal)));
    }

    fn upload(&self, events: Option<Events>) {
        if let (Some(account), Some(events)) = (&self.account, events)
            && account.up
        {
            account.live.send(ToGateway::Events(events));
        }
    }

    fn upload_all(&self) {
        for journal in self.open.values().map(|open| &open.journal).chain(&self.leftovers) {
            self.upload(owed(journal));
        }
    }

    fn handle_stored(&mut self, id: SessionId, origin: &str, seq: u64) {
        if let Some(open) = self.open.get_mut(&id).filter(|open| open.journal.origin().to_string() == origin) {
            let rest = if open.journal.handle_stored(seq) {
                owed(&open.journal)
            } else {
                None
            };
            self.upload(rest);
            return;
        }
        if let Some(at) = self
            .leftovers
            .iter()
            .position(|j| j.session_id() == id && j.origin().to_string() == origin)
        {
            let progress = self.leftovers[at].handle_stored(seq);
            if self.leftovers[at].is_uploaded() {
                self.leftovers.swap_remove(at).remove();
            } else if progress {
                self.upload(owed(&self.leftovers[at]));
            }
        }
    }

    fn close(&mut self, id: SessionId, reason: &str) {
        if let Some(opening) = self.opening.remove(&id) {
            opening.end();
        }
        self.pictures.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
        let Some(mut open) = self.open.remove(&id) else { return };
        if std::mem::replace(&mut open.standing, Standing::Over) == Standing::Up
            && let Some(account) = &self.account
        {
            account.live.send(open.report(id));
        }
        // What the gateway has not confirmed goes up like the rest of an earlier run.
        while self.closing.try_join_next().is_some() {}
        self.leftovers.extend(open.close(reason, &mut self.closing));
    }

    fn close_all(&mut self, reason: &str) {
        let all: Vec<SessionId> = self.open.keys().chain(self.opening.keys()).copied().collect();
        all.into_iter().for_each(|id| self.close(id, reason));
    }
}

fn session_ended() -> ErrorBody {
    ErrorBody::new(ErrorCode::SessionEnded, "the session has ended")
}

/// False for what the gateway will never take: its session is unknown there, or ended so long ago that it had every chance.
async fn is_wanted(client: &GatewayClient, journal: &Journal) -> bool {
    let last = journal.pending().last().map(|entry| entry.occurred_at);
    let is_old = last.is_none_or(|at| clock::now().since_millis(at) > LEFTOVER_MILLIS);
    match client.session(journal.session_id()).await {
        Ok(row) => !(is_old && row.status.is_some_and(Status::is_final)),
        Err(error) => error.code != ErrorCode::SessionUnknown,
    }
}

/// What the gateway does not have yet of a journal.
fn owed(journal: &Journal) -> Option<Events> {
    let entries = journal.pending();
    (!entries.is_empty()).then(|| Events {
        session_id: journal.session_id(),
        entries,
    })
}

async fn sign_in(
    gateway: &str,
    trust: Option<&str>,
    credential: Credential,
    agent: &str,
) -> Result<(GatewayClient, LoginAnswer), ErrorBody> {
    let client = GatewayClient::new(GatewayAddress::parse(gateway, trust)?, agent)?;
    match credential {
        Credential::Password { email, password } => {
            let answer = client.login(&email, &password).await?;
            Ok((client.with_token(&answer.token), answer))
        }
        Credential::Token(token) => {
            let client = client.with_token(&token);
            let mut answer = client.me().await?;
            answer.token = token.to_string();
            Ok((client, answer))
        }
    }
}
