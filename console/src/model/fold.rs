//! Folding what the engine tells into the state.

use std::collections::BTreeMap;

use farhand_engine::{
    technician::{EngineEvent, GatewayState, SignedIn, TechnicianCommand},
    viewer::ViewerEvent,
};
use farhand_protocol::{
    api::{SessionCreated, SessionRow},
    error::{ErrorBody, ErrorCode},
    ids::SessionId,
    peer::Subscribe,
    permission::Capability,
    session::Status,
};
use uuid::Uuid;

use super::{
    Call, ConsoleState, Dialog, Effect, GatewayLine, NoteText, SessionTab, Wish,
    dialog::{Mailing, NewSessionProgress, PasswordProgress},
    list,
    placement::Zoom,
    sign_in::{Password, RETRY_MILLIS, SignInProgress},
    tab::TabLink,
};

/// Most characters of a message that a note shows.
const NOTE_CHARS: usize = 80;

impl ConsoleState {
    /// Takes in one event of the engine; returns what is to be done outside.
    pub fn handle_event(&mut self, event: EngineEvent) -> Vec<Effect> {
        match event {
            EngineEvent::SignedIn(signed_in) => self.signed_in(*signed_in),
            EngineEvent::SignInFailed(error) => self.sign_in_failed(error),
            EngineEvent::NothingRemembered => {
                // Somebody may have typed a password meanwhile.
                if self.sign_in.progress != SignInProgress::Asking {
                    self.sign_in.progress = SignInProgress::Idle;
                }
                Vec::new()
            }
            EngineEvent::SignedOut(error) => self.signed_out(error),
            EngineEvent::KeptElsewhere(place) => vec![note(false, NoteText::Text(place))],
            EngineEvent::Gateway(state) => self.gateway_is(state),
            EngineEvent::Sessions(rows) => self.rows_are(rows),
            EngineEvent::SessionChanged(row) => self.row_is(row),
            EngineEvent::SessionRemoved(session_id) => {
                self.rows.remove(&session_id);
                self.codes.remove(&session_id);
                Vec::new()
            }
            EngineEvent::SessionCreated { request_id, created } => self.created(request_id, created),
            EngineEvent::LinkMailed { session_id, to } => self.link_mailed(session_id, to),
            EngineEvent::Events { session_id, events } => {
                let me = self.me();
                if let Some(tab) = self.tab_mut(session_id) {
                    events.into_iter().for_each(|event| tab.log.add_event(event, me));
                }
                Vec::new()
            }
            EngineEvent::EventStored(event) => {
                let me = self.me();
                if let Some(tab) = self.tab_mut(event.session_id) {
                    tab.log.add_event(event, me);
                }
                Vec::new()
            }
            EngineEvent::Session { session_id, event } => self.viewer_event(session_id, event),
            EngineEvent::Done { what } => self.done(what),
            EngineEvent::Failed { what, session_id, error } => self.failed(what, session_id, error),
        }
    }

    fn signed_in(&mut self, signed_in: SignedIn) -> Vec<Effect> {
        self.sign_in.password = Password::default();
        self.sign_in.progress = SignInProgress::Idle;
        self.settings.gateway = signed_in.gateway.clone();
        self.settings.trust = signed_in.trust.clone().unwrap_or_default();
        self.settings.email = signed_in.account.email.clone();
        self.settings.stay_signed_in = self.sign_in.stay;
        self.account = Some(signed_in);
        self.gateway = GatewayLine::Up;
        vec![Effect::SaveSettings]
    }

    fn sign_in_failed(&mut self, error: ErrorBody) -> Vec<Effect> {
        self.sign_in.own_certificate |= matches!(error.code, ErrorCode::GatewayUnpinned | ErrorCode::GatewayUntrusted);
        if error.code.as_str().starts_with("auth.") {
            self.sign_in.password = Password::default();
        }
        let kept = matches!(self.sign_in.progress, SignInProgress::Remembered | SignInProgress::Unreached { .. });
        self.sign_in.progress = if kept && !error.code.as_str().starts_with("auth.") {
            // The network may come late; what is kept is good for all that is known.
            SignInProgress::Unreached {
                error,
                retry_at: Some(self.now.at.plus_millis(RETRY_MILLIS)),
            }
        } else {
            SignInProgress::Failed(error)
        };
        Vec::new()
    }

    fn signed_out(&mut self, error: Option<ErrorBody>) -> Vec<Effect> {
        let window_focused = self.window_focused;
        let (now, settings) = (self.now, self.settings.clone());
        let full_screen = std::mem::take(&mut self.full_screen);
        *self = Self {
            now,
            window_focused,
            ..Self::new(settings)
        };
        self.sign_in.progress = SignInProgress::SignedOut(error);
        let mut effects = vec![Effect::PictureFocus(false)];
        effects.extend(full_screen.then_some(Effect::FullScreen(false)));
        effects
    }

    fn gateway_is(&mut self, state: GatewayState) -> Vec<Effect> {
        match state {
            GatewayState::Up => {
                self.gateway = GatewayLine::Up;
                self.missed_events()
            }
            GatewayState::Down { error, retry_in_millis } => {
                self.gateway = GatewayLine::Down {
                    error,
                    retry_at: self.now.at.plus_millis(i64::try_from(retry_in_millis).unwrap_or(i64::MAX)),
                };
                Vec::new()
            }
        }
    }

    /// What was stored while the line was down is told to nobody by itself. The log takes what it knows already only once.
    fn missed_events(&self) -> Vec<Effect> {
        let is_unknown = |tab: &&SessionTab| matches!(&tab.link, TabLink::Ended(error) if error.code == ErrorCode::SessionUnknown);
        self.tabs
            .iter()
            .filter(|tab| !is_unknown(tab))
            .map(|tab| Effect::Send(TechnicianCommand::Events(tab.session_id)))
            .collect()
    }

    /// The whole list. At the first one, sessions this technician has Active are opened again, so that a console that crashed is
    /// back in its sessions; on the command line's wish only the one session is.
    fn rows_are(&mut self, rows: Vec<SessionRow>) -> Vec<Effect> {
        let first = !std::mem::replace(&mut self.rows_known, true);
        let came = if first { Vec::new() } else { self.began_to_wait(&rows) };
        self.replace_rows(rows);
        if let Some(kiosk) = self.kiosk {
            let is_open = self.tab(kiosk.session_id).is_some();
            return if is_open { Vec::new() } else { self.open_kiosk(first) };
        }
        let Some(me) = self.me().filter(|_| first) else { return came };
        let mine: Vec<SessionId> = self
            .rows
            .values()
            .filter(|row| row.status == Some(Status::Active) && list::is_mine(row, me))
            .map(|row| row.session_id)
            .collect();
        mine.into_iter()
            .flat_map(|session_id| self.open_tab(session_id, TechnicianCommand::Open(session_id)))
            .collect()
    }

    /// Calls for the customers who began to wait while the gateway could not be reached.
    fn began_to_wait(&self, rows: &[SessionRow]) -> Vec<Effect> {
        let waited = |row: &SessionRow| self.rows.get(&row.session_id).and_then(|row| row.status) == Some(Status::Waiting);
        let came = rows.iter().filter(|row| row.status == Some(Status::Waiting) && !waited(row));
        came.map(|row| Effect::Call(Call::Waiting { name: row.name.clone() })).collect()
    }

    /// What a new list says, along with sessions that are over and still have their tab: a gateway that was started again does not list them.
    fn replace_rows(&mut self, rows: Vec<SessionRow>) {
        let over = |row: &SessionRow| row.status.is_some_and(Status::is_final);
        let mut known: BTreeMap<SessionId, SessionRow> = rows.into_iter().map(|row| (row.session_id, row)).collect();
        for tab in &mut self.tabs {
            match known.get(&tab.session_id) {
                Some(row) => tab.name.clone_from(&row.name),
                None => known.extend(self.rows.remove_entry(&tab.session_id).filter(|(_, row)| over(row))),
            }
        }
        self.codes
            .retain(|session_id, _| known.get(session_id).is_some_and(|row| row.status.is_none()));
        self.leaving.retain(|session_id| known.get(&session_id).is_some_and(over));
        self.rows = known;
    }

    /// Opens the one session the command line named, or says why that cannot be; `first` when it is asked for the first time.
    fn open_kiosk(&mut self, first: bool) -> Vec<Effect> {
        let Some(kiosk) = self.kiosk else { return Vec::new() };
        let id = kiosk.session_id;
        let refused = |code, message| Err(ErrorBody::new(code, message));
        let command = match self.rows.get(&id).map(|row| row.status) {
            Some(Some(Status::Active)) => Ok(TechnicianCommand::Open(id)),
            Some(Some(Status::Waiting | Status::OnHold | Status::Transferring)) => Ok(TechnicianCommand::Start(id)),
            Some(Some(status)) if status.is_final() => refused(ErrorCode::SessionEnded, "the session has ended"),
            None => refused(ErrorCode::SessionUnknown, "there is no such session in this technician's list"),
            // The customer has not come yet; the session opens when they have.
            Some(_) if first => return vec![note(false, NoteText::Key("kiosk-waiting"))],
            Some(_) => return Vec::new(),
        };
        let command = match command {
            Ok(command) => command,
            Err(error) => return self.kiosk_fails(id, error),
        };
        let full_screen = self.full_screen;
        let effects = self.open_tab(kiosk.session_id, command);
        if let Some(tab) = self.tab_mut(kiosk.session_id) {
            tab.wish = kiosk.wish;
            tab.zoom = if full_screen { Zoom::ACTUAL } else { Zoom::Fit };
        }
        effects
    }

    /// A tab that says why there is nothing in it.
    fn kiosk_fails(&mut self, session_id: SessionId, error: ErrorBody) -> Vec<Effect> {
        let mut tab = SessionTab::new(session_id, self.settings.keyboard);
        tab.name = self.name_of(session_id).to_owned();
        tab.link = TabLink::Ended(error.clone());
        self.tabs.push(tab);
        self.current = Some(session_id);
        let mut effects = vec![note(true, NoteText::Error(error))];
        if std::mem::take(&mut self.full_screen) {
            effects.push(Effect::FullScreen(false));
        }
        effects
    }

    fn row_is(&mut self, row: SessionRow) -> Vec<Effect> {
        let (session_id, status) = (row.session_id, row.status);
        let is_over = |row: &SessionRow| row.status.is_some_and(Status::is_final);
        // An answer that took long is older than what the line told meanwhile, and what is over stays over.
        if !is_over(&row) && self.rows.get(&session_id).is_some_and(is_over) {
            return Vec::new();
        }
        if let Some(tab) = self.tab_mut(session_id) {
            tab.name.clone_from(&row.name);
        }
        if let Some(status) = status.filter(|status| status.is_final()) {
            self.leaving.note(session_id, status, self.now.at);
        }
        let before = self.rows.insert(session_id, row.clone()).and_then(|row| row.status);
        if status.is_some() {
            self.codes.remove(&session_id);
        }
        let mut effects = Vec::new();
        if status == Some(Status::Waiting) && before != status && self.kiosk.is_none() {
            effects.push(Effect::Call(Call::Waiting { name: row.name.clone() }));
        }
        if self.kiosk.is_some_and(|kiosk| kiosk.session_id == session_id) {
            if self.tab(session_id).is_none() {
                effects.extend(self.open_kiosk(false));
            }
            return effects;
        }
        let mine = self.me().is_some_and(|me| list::leads(&row, me));
        let began = status == Some(Status::Active) && before != status;
        if began && mine && self.kiosk.is_none() && self.tab(session_id).is_none() {
            effects.extend(self.open_tab(session_id, TechnicianCommand::Open(session_id)));
        }
        effects
    }

    /// Opens a tab with the command that brings its link, unless ten are open.
    pub(super) fn open_tab(&mut self, session_id: SessionId, command: TechnicianCommand) -> Vec<Effect> {
        if self.tab(session_id).is_none() {
            if self.tabs.len() >= super::MAX_TABS {
                return vec![note(true, NoteText::Refusal(list::Refusal::TooManyTabs))];
            }
            let mut tab = SessionTab::new(session_id, self.settings.keyboard);
            tab.name = self.name_of(session_id).to_owned();
            self.tabs.push(tab);
        }
        if self.current.is_none() || !matches!(command, TechnicianCommand::Open(_)) {
            self.current = Some(session_id);
            self.selected = Some(session_id);
        }
        vec![Effect::Send(command), Effect::Send(TechnicianCommand::Events(session_id))]
    }

    fn created(&mut self, request_id: Uuid, created: SessionCreated) -> Vec<Effect> {
        // The tools act on what is selected, and that stays the session which is seen.
        if self.current.is_none() {
            self.selected = Some(created.session_id);
        }
        self.codes.insert(created.session_id, created.clone());
        if let Some(Dialog::NewSession(form)) = &mut self.dialog
            && form.progress == NewSessionProgress::Creating(request_id)
        {
            form.mail_subject = created.mail_subject.clone();
            form.mail_text = created.mail_text.clone();
            form.progress = NewSessionProgress::Created(created);
        }
        Vec::new()
    }

    fn viewer_event(&mut self, session_id: SessionId, event: ViewerEvent) -> Vec<Effect> {
        let now = self.now;
        let me = self.my_name().to_owned();
        let seen = self.current == Some(session_id) && self.window_focused && self.shows_chat();
        let full_screen = self.full_screen;
        let busy = self.dialog.is_some();
        let name = self.name_of(session_id).to_owned();
        let current = self.current == Some(session_id);
        let Some(tab) = self.tab_mut(session_id) else { return Vec::new() };
        let outcome = tab.handle_event(event, now, &me);
        let mut effects = Vec::new();
        if let Some(text) = outcome.message
            && !seen
        {
            tab.unread += 1;
            if full_screen {
                let (name, text) = (name.clone(), first_words(&text));
                effects.push(note(false, NoteText::Message { name, text }));
            }
            effects.push(Effect::Call(Call::Message { name, text }));
        }
        effects.extend(outcome.tell_quality.then(|| tell_quality(tab)));
        if outcome.ask {
            effects.extend(ask(tab));
        }
        effects.extend(outcome.choose.then(|| see(tab)));
        match outcome.control {
            Some(true) => {
                let typing = busy || !tab.reply.is_empty();
                if current && !typing {
                    self.picture_focused = true;
                    effects.push(Effect::PictureFocus(true));
                }
            }
            Some(false) => {
                effects.push(Effect::ReleaseAll(session_id));
                if current {
                    self.picture_focused = false;
                    effects.push(Effect::PictureFocus(false));
                }
            }
            None => {}
        }
        effects
    }

    fn done(&mut self, what: &'static str) -> Vec<Effect> {
        if what == "password" {
            self.dialog.take_if(|dialog| matches!(dialog, Dialog::Password(_)));
            return vec![note(false, NoteText::Key("password-changed"))];
        }
        Vec::new()
    }

    fn failed(&mut self, what: &'static str, session_id: Option<SessionId>, error: ErrorBody) -> Vec<Effect> {
        let mailed = session_id.filter(|_| what == "mail");
        if let Some(mailing) = mailed.and_then(|session_id| self.mailing_of(session_id)) {
            *mailing = Mailing::Failed(error);
            return Vec::new();
        }
        match &mut self.dialog {
            Some(Dialog::NewSession(form)) if what == "new_session" && matches!(form.progress, NewSessionProgress::Creating(_)) => {
                form.progress = NewSessionProgress::Failed(error);
                return Vec::new();
            }
            Some(Dialog::Password(form)) if what == "password" => {
                form.progress = PasswordProgress::Failed(error);
                return Vec::new();
            }
            _ => {}
        }
        if what == "sign_out" && self.account.is_none() && self.sign_in.progress == SignInProgress::SignedOut(None) {
            self.sign_in.progress = SignInProgress::SignedOutHereAlone(error);
            return Vec::new();
        }
        let is_over = |session_id| self.rows.get(&session_id).and_then(|row| row.status).is_some_and(Status::is_final);
        if what == "close" && session_id.is_some_and(is_over) {
            // It is closed; only the name of its end is not the one that was asked for (STM-61).
            return Vec::new();
        }
        if let Some(tab) = session_id.and_then(|session_id| self.tab_mut(session_id))
            && matches!(tab.link, TabLink::Opening)
            && matches!(what, "start" | "open")
        {
            tab.link = TabLink::Ended(error);
            return Vec::new();
        }
        vec![note(true, NoteText::Error(error))]
    }
}

/// Asks for what the tab wants of the desktop. Control asks for sight along with it, in one question.
pub(super) fn ask(tab: &SessionTab) -> Vec<Effect> {
    let session_id = tab.session_id;
    let take = || Effect::Send(TechnicianCommand::TakeControl { session_id, on: true });
    let may_see = tab.granted.has(Capability::View);
    match tab.wish {
        Wish::Nothing => Vec::new(),
        Wish::View if tab.view => Vec::new(),
        Wish::View => vec![see(tab)],
        // Sight comes first on the wire once it is granted, so that the picture is there when control is.
        Wish::Control if may_see && !tab.view && !tab.control => vec![see(tab), take()],
        Wish::Control if may_see && !tab.view => vec![see(tab)],
        Wish::Control if !tab.control => vec![take()],
        Wish::Control => Vec::new(),
    }
}

/// Asks to see the chosen monitors.
pub(super) fn see(tab: &SessionTab) -> Effect {
    let subscribe = Subscribe {
        monitors: tab.monitors.clone(),
        on: true,
    };
    Effect::Send(TechnicianCommand::Subscribe {
        session_id: tab.session_id,
        subscribe,
    })
}

/// Tells how good the picture may be.
pub(super) fn tell_quality(tab: &SessionTab) -> Effect {
    Effect::Send(TechnicianCommand::Quality {
        session_id: tab.session_id,
        quality: tab.quality.wish(),
    })
}

pub(super) fn note(bad: bool, text: NoteText) -> Effect {
    Effect::Note { bad, text }
}

/// As much of a message as a note has room for.
fn first_words(text: &str) -> String {
    let mut words: String = text.chars().take(NOTE_CHARS).collect();
    if words.len() < text.len() {
        words.push('…');
    }
    words
}

#[cfg(test)]
mod tests {
    use farhand_engine::viewer::LinkState;
    use farhand_protocol::{
        peer::{GrantCause, Quality, Welcome},
        permission::CapabilitySet,
        time::Timestamp,
    };

    use super::super::{ChatPlace, Command, PictureQuality, dialog::DialogKind, leaving::RED_MILLIS, sample};
    use super::*;

    fn sends(effects: &[Effect]) -> Vec<String> {
        effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::Send(command) => Some(format!("{command:?}")),
                _ => None,
            })
            .collect()
    }

    fn welcome() -> ViewerEvent {
        ViewerEvent::Welcome(Box::new(Welcome {
            ticket_hash: vec![],
            granted: CapabilitySet::EMPTY,
            ceiling: CapabilitySet::all(),
            device: String::new(),
            system: String::new(),
            priority: Default::default(),
        }))
    }

    /// The wishes for the picture that an event of the first session's link leads to.
    fn wished(state: &mut ConsoleState, event: ViewerEvent) -> Vec<Quality> {
        let session_id = SessionId(1);
        let effects = state.handle_event(EngineEvent::Session { session_id, event });
        let wish = |effect: Effect| match effect {
            Effect::Send(TechnicianCommand::Quality { quality, .. }) => Some(quality),
            _ => None,
        };
        effects.into_iter().filter_map(wish).collect()
    }

    #[test]
    fn a_console_that_comes_back_opens_its_active_sessions_again() {
        let mut state = sample::signed_in();
        let rows = vec![
            sample::row(1, "M. Diaz", Some(Status::Active)),
            sample::row(2, "J. Ono", Some(Status::Waiting)),
            sample::row(3, "ACME-PC7", Some(Status::Active)),
        ];
        let effects = state.handle_event(EngineEvent::Sessions(rows.clone()));
        assert_eq!(
            sends(&effects),
            [
                "Open(SessionId(1))",
                "Events(SessionId(1))",
                "Open(SessionId(3))",
                "Events(SessionId(3))"
            ]
        );
        assert!(state.handle_event(EngineEvent::Sessions(rows)).is_empty(), "not twice");
    }

    #[test]
    fn what_was_stored_while_the_line_was_down_is_asked_for_and_shown_once() {
        let event = |event_id| farhand_protocol::api::SessionEvent {
            event_id,
            session_id: SessionId(1),
            occurred_at: Timestamp(event_id),
            origin: "gateway".into(),
            seq: 1,
            kind: "session.status".into(),
            actor: "system".into(),
            detail: serde_json::json!({ "new": "active" }),
            hash: String::new(),
        };
        let mut state = sample::with_tab();
        state.handle_event(EngineEvent::EventStored(event(1)));
        let error = ErrorBody::new(ErrorCode::GatewayUnreachable, "");
        let down = GatewayState::Down { error, retry_in_millis: 1 };
        assert!(state.handle_event(EngineEvent::Gateway(down)).is_empty());
        let effects = state.handle_event(EngineEvent::Gateway(GatewayState::Up));
        assert_eq!(sends(&effects), ["Events(SessionId(1))"]);
        let (session_id, events) = (SessionId(1), vec![event(1), event(2)]);
        state.handle_event(EngineEvent::Events { session_id, events });
        let at: Vec<i64> = state.tabs[0].log.entries().iter().map(|entry| entry.at.0).collect();
        assert_eq!(at, [1, 2]);
    }

    #[test]
    fn control_asks_once_and_sees_as_soon_as_it_may() {
        let mut state = sample::with_tab();
        let tab = state.tab_mut(SessionId(1)).unwrap();
        tab.wish = Wish::Control;
        assert_eq!(sends(&ask(tab)), ["TakeControl { session_id: SessionId(1), on: true }"]);
        let granted = CapabilitySet::EMPTY.with(Capability::Control).normalised();
        let allowed = ViewerEvent::Grant {
            granted,
            cause: GrantCause::Allowed,
        };
        let effects = state.handle_event(EngineEvent::Session {
            session_id: SessionId(1),
            event: allowed,
        });
        assert!(sends(&effects)[0].starts_with("Subscribe"), "{effects:?}");
    }

    #[test]
    fn a_link_opened_anew_hears_once_of_the_quality_that_was_chosen() {
        let (mut state, modem) = (sample::with_tab(), PictureQuality::Modem);
        state.handle_command(Command::Quality(SessionId(1), modem));
        let error = ErrorBody::new(ErrorCode::LinkLost, "gone");
        let lost = LinkState::Lost {
            error: error.clone(),
            retry_in_millis: 4_000,
        };
        wished(&mut state, ViewerEvent::Link(lost));
        assert!(wished(&mut state, welcome()).is_empty(), "the viewer repeats it by itself");
        wished(&mut state, ViewerEvent::Link(LinkState::Ended(error)));
        assert_eq!(wished(&mut state, welcome()), [modem.wish()]);
        assert!(wished(&mut state, welcome()).is_empty());
        assert_eq!(state.tabs[0].quality, modem);
    }

    #[test]
    fn a_quality_chosen_before_the_link_stands_is_told_when_it_does() {
        for quality in [PictureQuality::VeryLow, PictureQuality::Automatic] {
            let mut state = sample::with_tab();
            state.tabs[0].link = TabLink::Opening;
            assert!(state.handle_command(Command::Quality(SessionId(1), quality)).is_empty());
            assert_eq!(wished(&mut state, welcome()), [quality.wish()]);
        }
    }

    #[test]
    fn a_kiosk_opens_its_session_alone_and_asks_on_welcome() {
        let mut state = sample::signed_in();
        state.kiosk = Some(super::super::Kiosk {
            session_id: SessionId(3),
            wish: Wish::View,
        });
        let rows = vec![sample::row(1, "x", Some(Status::Active)), sample::row(3, "y", Some(Status::Active))];
        let effects = state.handle_event(EngineEvent::Sessions(rows));
        assert_eq!(sends(&effects), ["Open(SessionId(3))", "Events(SessionId(3))"]);
        let effects = state.handle_event(EngineEvent::Session {
            session_id: SessionId(3),
            event: welcome(),
        });
        assert_eq!(sends(&effects).len(), 1);
    }

    #[test]
    fn a_session_the_command_line_named_and_nobody_knows_is_said_to_be_unknown() {
        let mut state = sample::signed_in();
        state.full_screen = true;
        state.kiosk = Some(super::super::Kiosk {
            session_id: SessionId(999),
            wish: Wish::Control,
        });
        let effects = state.handle_event(EngineEvent::Sessions(vec![sample::row(1, "x", Some(Status::Active))]));
        assert!(sends(&effects).is_empty());
        assert!(effects.iter().any(|effect| matches!(effect, Effect::FullScreen(false))));
        let TabLink::Ended(error) = &state.current_tab().unwrap().link else {
            panic!("nothing is said")
        };
        assert_eq!(error.code, ErrorCode::SessionUnknown);
        assert!(state.handle_event(EngineEvent::Sessions(vec![])).is_empty(), "said once");
    }

    #[test]
    fn a_session_whose_customer_has_not_come_is_waited_for_and_then_opened() {
        let mut state = sample::signed_in();
        state.kiosk = Some(super::super::Kiosk {
            session_id: SessionId(4),
            wish: Wish::View,
        });
        let effects = state.handle_event(EngineEvent::Sessions(vec![sample::row(4, "Priya", None)]));
        assert!(matches!(
            effects[..],
            [Effect::Note {
                bad: false,
                text: NoteText::Key("kiosk-waiting")
            }]
        ));
        let effects = state.handle_event(EngineEvent::SessionChanged(sample::row(4, "Priya", Some(Status::Waiting))));
        assert_eq!(sends(&effects), ["Start(SessionId(4))", "Events(SessionId(4))"]);
    }

    #[test]
    fn a_session_that_is_over_keeps_its_name_and_row_when_the_gateway_lists_it_no_more() {
        let mut state = sample::signed_in();
        state.handle_event(EngineEvent::Sessions(vec![sample::row(1, "M. Diaz", Some(Status::Active))]));
        state.handle_event(EngineEvent::SessionChanged(sample::row(
            1,
            "M. Diaz",
            Some(Status::ClosedByCustomer),
        )));
        state.handle_event(EngineEvent::Sessions(vec![]));
        assert_eq!(state.rows[&SessionId(1)].status, Some(Status::ClosedByCustomer));
        // One that ended unseen is not listed, since nobody knows how it ended, but its tab is still called by its name.
        state.handle_event(EngineEvent::SessionChanged(sample::row(3, "ACME-PC7", Some(Status::Active))));
        state.handle_event(EngineEvent::Sessions(vec![]));
        assert!(!state.rows.contains_key(&SessionId(3)));
        assert_eq!(state.name_of(SessionId(3)), "ACME-PC7");
    }

    #[test]
    fn a_customer_who_begins_to_wait_calls_once() {
        let mut state = sample::signed_in();
        let row = sample::row(2, "J. Ono", Some(Status::Waiting));
        let calls = |effects: Vec<Effect>| effects.iter().filter(|e| matches!(e, Effect::Call(_))).count();
        assert_eq!(calls(state.handle_event(EngineEvent::SessionChanged(row.clone()))), 1);
        assert_eq!(calls(state.handle_event(EngineEvent::SessionChanged(row))), 0);
    }

    #[test]
    fn a_message_in_a_hidden_tab_counts_as_unread_and_calls() {
        let mut state = sample::with_tab();
        let line = |id| ViewerEvent::Chat {
            line_id: Uuid::from_u128(id),
            mine: false,
            at: Timestamp(5),
            text: "hello".into(),
        };
        let session_id = SessionId(1);
        assert!(
            state
                .handle_event(EngineEvent::Session {
                    session_id,
                    event: line(1)
                })
                .is_empty()
        );
        state.window_focused = false;
        assert_eq!(
            state
                .handle_event(EngineEvent::Session {
                    session_id,
                    event: line(2)
                })
                .len(),
            1
        );
        assert_eq!(state.tab(session_id).unwrap().unread, 1);
    }

    #[test]
    fn a_message_in_full_screen_is_noted_and_unread_until_the_chat_is_seen() {
        let said = |state: &mut ConsoleState, id: u128| {
            state.handle_event(EngineEvent::Session {
                session_id: SessionId(1),
                event: ViewerEvent::Chat {
                    line_id: Uuid::from_u128(id),
                    mine: false,
                    at: Timestamp(5),
                    text: "one ".repeat(40),
                },
            })
        };
        let mut state = sample::controlling();
        state.handle_command(Command::FullScreen(true));
        let effects = said(&mut state, 21);
        let Effect::Note {
            bad: false,
            text: NoteText::Message { name, text },
        } = &effects[0]
        else {
            panic!("{effects:?}")
        };
        assert_eq!((name.as_str(), text.chars().count()), ("M. Diaz", NOTE_CHARS + 1));
        assert!(text.ends_with('…'));
        assert_eq!(state.tab(SessionId(1)).unwrap().unread, 1);
        state.handle_command(Command::FullScreen(false));
        assert_eq!(state.tab(SessionId(1)).unwrap().unread, 0);
        state.settings.chat_place = ChatPlace::Window;
        state.handle_command(Command::FullScreen(true));
        assert!(said(&mut state, 22).is_empty(), "the chat has its own window");
    }

    #[test]
    fn customers_who_began_to_wait_during_an_outage_call_when_the_list_comes() {
        let mut state = sample::signed_in();
        let calls = |effects: Vec<Effect>| -> Vec<String> {
            let name = |effect| match effect {
                Effect::Call(Call::Waiting { name }) => Some(name),
                _ => None,
            };
            effects.into_iter().filter_map(name).collect()
        };
        let old = sample::row(2, "J. Ono", Some(Status::Waiting));
        assert!(
            calls(state.handle_event(EngineEvent::Sessions(vec![old.clone()]))).is_empty(),
            "the first list is no news"
        );
        let new = sample::row(7, "K. Larsen", Some(Status::Waiting));
        assert_eq!(calls(state.handle_event(EngineEvent::Sessions(vec![old, new]))), ["K. Larsen"]);
    }

    #[test]
    fn a_code_is_kept_until_its_customer_has_come() {
        let mut state = sample::busy();
        let created = |id| SessionCreated {
            session_id: SessionId(id),
            pin: "427901358".into(),
            link: String::new(),
            expires_at: sample::NOW,
            mail_subject: String::new(),
            mail_text: String::new(),
        };
        for id in [4, 8] {
            let row = sample::row(id, "Priya Raman", None);
            state.handle_event(EngineEvent::SessionChanged(row));
            let request_id = Uuid::nil();
            let created = created(id);
            state.handle_event(EngineEvent::SessionCreated { request_id, created });
        }
        state.handle_command(Command::Activate(SessionId(4)));
        let Some(Dialog::NewSession(form)) = &state.dialog else {
            panic!("{:?}", state.dialog)
        };
        assert_eq!(
            (form.name.as_str(), form.created().unwrap().pin.as_str()),
            ("Priya Raman", "427901358")
        );
        state.handle_event(EngineEvent::SessionChanged(sample::row(4, "Priya Raman", Some(Status::Connecting))));
        assert_eq!(state.codes.keys().copied().collect::<Vec<_>>(), [SessionId(8)]);
        state.handle_event(EngineEvent::SessionRemoved(SessionId(8)));
        assert!(state.codes.is_empty());
    }

    #[test]
    fn an_answer_that_took_long_does_not_bring_back_what_is_over() {
        let mut state = sample::with_tab();
        let row = |status| sample::row(1, "M. Diaz", Some(status));
        state.handle_event(EngineEvent::SessionChanged(row(Status::ClosedByCustomer)));
        assert!(state.handle_event(EngineEvent::SessionChanged(row(Status::OnHold))).is_empty());
        assert_eq!(state.rows[&SessionId(1)].status, Some(Status::ClosedByCustomer));
        state.handle_event(EngineEvent::SessionChanged(row(Status::TimedOut)));
        assert_eq!(state.rows[&SessionId(1)].status, Some(Status::TimedOut));
    }

    #[test]
    fn what_is_over_leaves_the_list_with_its_tab_and_without_one_once_it_was_seen() {
        let mut state = sample::with_tab();
        let listed = |state: &ConsoleState| [1, 2, 7].map(|id| state.is_listed(&state.rows[&SessionId(id)]));
        let changes = |state: &mut ConsoleState, id, status| {
            state.handle_event(EngineEvent::SessionChanged(sample::row(id, "x", Some(status))));
        };
        assert_eq!(listed(&state), [true, true, true]);
        changes(&mut state, 1, Status::ClosedByCustomer);
        changes(&mut state, 2, Status::ClosedByWaitingCustomer);
        changes(&mut state, 7, Status::TimedOut);
        assert_eq!(listed(&state), [true, false, true], "STM-10, STM-11, STM-34");
        changes(&mut state, 2, Status::Waiting);
        assert_eq!(listed(&state), [true, false, true], "an old answer brings nothing back");
        state.now.at = sample::NOW.plus_millis(RED_MILLIS);
        assert_eq!(listed(&state), [true, false, false]);
        state.handle_command(Command::CloseTab(SessionId(1)));
        assert_eq!(listed(&state), [false, false, false]);
    }

    #[test]
    fn the_list_is_made_anew_when_a_red_row_leaves_it() {
        let mut state = sample::signed_in();
        let row = sample::row(2, "J. Ono", Some(Status::TimedOut));
        state.handle_event(EngineEvent::SessionChanged(row));
        assert_eq!(state.next_change_millis(), Some(RED_MILLIS.unsigned_abs()));
        state.now.at = sample::NOW.plus_millis(RED_MILLIS);
        assert_eq!(state.next_change_millis(), None);
    }

    #[test]
    fn each_dialog_hears_of_its_own_question_alone() {
        let mut state = sample::signed_in();
        let fails = |state: &mut ConsoleState, what| {
            let (session_id, error) = (None, ErrorBody::new(ErrorCode::GatewayUnreachable, ""));
            state.handle_event(EngineEvent::Failed { what, session_id, error })
        };
        let progress = |state: &ConsoleState| match &state.dialog {
            Some(Dialog::NewSession(form)) => form.progress.clone(),
            other => panic!("{other:?}"),
        };
        state.handle_command(Command::OpenDialog(DialogKind::NewSession));
        state.handle_command(Command::CreateSession);
        assert!(matches!(
            fails(&mut state, "sessions")[..],
            [Effect::Note {
                bad: true,
                text: NoteText::Error(_)
            }]
        ));
        state.handle_event(EngineEvent::Done { what: "password" });
        assert!(matches!(progress(&state), NewSessionProgress::Creating(_)));
        assert!(fails(&mut state, "new_session").is_empty());
        assert!(matches!(progress(&state), NewSessionProgress::Failed(_)));
        state.handle_command(Command::OpenDialog(DialogKind::Password));
        state.handle_event(EngineEvent::Done { what: "password" });
        assert_eq!(state.dialog, None);
    }

    #[test]
    fn a_session_that_ended_while_the_console_was_cut_off_is_seen_and_controlled_no_more() {
        let mut state = sample::controlling();
        let error = ErrorBody::new(ErrorCode::SessionEnded, "");
        let event = ViewerEvent::Link(LinkState::Ended(error));
        let session_id = SessionId(1);
        let effects = state.handle_event(EngineEvent::Session { session_id, event });
        assert!(effects.iter().any(|effect| matches!(effect, Effect::ReleaseAll(SessionId(1)))));
        let tab = &state.tabs[0];
        assert!(tab.is_ended() && !tab.view && !tab.control && !state.is_running(tab));
    }

    #[test]
    fn only_what_opens_a_session_ends_its_tab_when_it_fails() {
        let mut state = sample::with_tab();
        state.tabs[0].link = TabLink::Opening;
        let fails = |state: &mut ConsoleState, what| {
            state.handle_event(EngineEvent::Failed {
                what,
                session_id: Some(SessionId(1)),
                error: ErrorBody::new(ErrorCode::GatewayUnreachable, ""),
            })
        };
        assert_eq!(fails(&mut state, "events").len(), 1);
        assert_eq!(state.tabs[0].link, TabLink::Opening);
        assert!(fails(&mut state, "start").is_empty());
        assert!(state.tabs[0].is_ended());
    }

    #[test]
    fn a_sign_out_everywhere_that_the_gateway_did_not_hear_is_said() {
        let mut state = sample::signed_in();
        state.handle_event(EngineEvent::SignedOut(None));
        let error = ErrorBody::new(ErrorCode::GatewayUnreachable, "");
        let (what, session_id) = ("sign_out", None);
        state.handle_event(EngineEvent::Failed { what, session_id, error });
        assert!(matches!(state.sign_in.progress, SignInProgress::SignedOutHereAlone(_)));
    }

    #[test]
    fn an_untrusted_gateway_asks_for_its_trust_value() {
        let mut state = ConsoleState::new(Default::default());
        state.handle_event(EngineEvent::SignInFailed(ErrorBody::new(ErrorCode::GatewayUnpinned, "")));
        assert!(state.sign_in.own_certificate);
    }
}
