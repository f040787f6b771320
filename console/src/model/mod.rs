//! The state of the console and the two pure functions that change it: [`ConsoleState::handle_event`] folds what the engine tells,
//! [`ConsoleState::handle_command`] what the person asks for. Both return what is to be done outside. No socket, clock, file,
//! lock or environment here.

mod act;
pub mod clock;
pub mod command;
pub mod dialog;
pub mod effect;
mod fold;
pub mod fuzzy;
mod leaving;
pub mod list;
pub mod log;
pub mod mail;
pub mod pause;
pub mod placement;
pub mod quality;
#[doc(hidden)]
pub mod sample;
pub mod settings;
pub mod sign_in;
pub mod tab;

use std::collections::BTreeMap;

use farhand_engine::technician::SignedIn;
use farhand_protocol::{
    api::{SessionCreated, SessionRow},
    error::ErrorBody,
    ids::{MemberId, SessionId},
    permission::{Capability, Permission},
    session::{Status, Tool},
    time::Timestamp,
};

pub use clock::Now;
pub use command::{Combination, Command};
pub use dialog::Dialog;
pub use effect::{Call, Effect, NoteText};
pub use list::{ListState, Refusal};
pub use quality::PictureQuality;
pub use settings::{ChatPlace, Settings, ThemeChoice};
pub use sign_in::{SignInForm, SignInProgress};
pub use tab::{SessionTab, Wish};

use leaving::Leaving;

/// Most session tabs open at once.
pub const MAX_TABS: usize = 10;

/// The live line to the gateway, as the banner shows it.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum GatewayLine {
    /// It stands.
    #[default]
    Up,
    /// It is down; the next try comes at `retry_at`.
    Down {
        /// Why.
        error: ErrorBody,
        /// Next try.
        retry_at: Timestamp,
    },
}

/// Straight into one session, as asked for on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kiosk {
    /// The session.
    pub session_id: SessionId,
    /// What is wanted of its desktop.
    pub wish: Wish,
}

/// Everything the console knows.
#[derive(Debug, Clone, Default)]
pub struct ConsoleState {
    /// The time as last read.
    pub now: Now,
    /// The window has the keyboard.
    pub window_focused: bool,
    /// The window fills the screen with the picture alone.
    pub full_screen: bool,
    /// The keyboard goes to the picture.
    pub picture_focused: bool,
    /// Every key goes to the picture, those of this desktop too.
    pub keyboard_held: bool,
    /// What the technician chose.
    pub settings: Settings,
    /// The sign-in form.
    pub sign_in: SignInForm,
    /// Who is signed in.
    pub account: Option<SignedIn>,
    /// The live line to the gateway.
    pub gateway: GatewayLine,
    /// Every session the gateway lists, and those that have ended since.
    pub rows: BTreeMap<SessionId, SessionRow>,
    /// PINs and links of sessions made here whose customer has not come yet.
    pub codes: BTreeMap<SessionId, SessionCreated>,
    /// The session list has come at least once.
    pub rows_known: bool,
    /// What was chosen for the list.
    pub list: ListState,
    /// The chosen row.
    pub selected: Option<SessionId>,
    /// Open tabs, in order.
    pub tabs: Vec<SessionTab>,
    /// The tab in front.
    pub current: Option<SessionId>,
    /// The open dialog.
    pub dialog: Option<Dialog>,
    /// Straight into one session.
    pub kiosk: Option<Kiosk>,
    /// When rows of sessions that are over leave the list.
    leaving: Leaving,
    /// A press beside the picture took the keyboard from it, and nothing has been typed since.
    keyboard_lent: bool,
    requests: u64,
}

impl ConsoleState {
    /// The beginning: settings read, nothing asked yet.
    pub fn new(settings: Settings) -> Self {
        let sign_in = SignInForm {
            gateway: settings.gateway.clone(),
            trust: settings.trust.clone(),
            own_certificate: !settings.trust.is_empty(),
            email: settings.email.clone(),
            stay: settings.stay_signed_in,
            ..SignInForm::default()
        };
        Self {
            settings,
            sign_in,
            window_focused: true,
            ..Self::default()
        }
    }

    /// The signed-in member.
    pub fn me(&self) -> Option<MemberId> {
        self.account.as_ref().map(|signed_in| signed_in.account.technician.member_id)
    }

    /// The name customers see.
    pub fn my_name(&self) -> &str {
        self.account.as_ref().map_or("", |signed_in| &signed_in.account.technician.name)
    }

    /// Whether the member has a permission.
    pub fn may(&self, permission: Permission) -> bool {
        self.account
            .as_ref()
            .is_some_and(|signed_in| signed_in.account.permissions.iter().any(|key| key == permission.key()))
    }

    /// The tab of a session.
    pub fn tab(&self, session_id: SessionId) -> Option<&SessionTab> {
        self.tabs.iter().find(|tab| tab.session_id == session_id)
    }

    /// True while a row is in the list: a session that is over leaves it with its tab, and without one as soon as it was seen (STM-10 to STM-18).
    pub fn is_listed(&self, row: &SessionRow) -> bool {
        self.tab(row.session_id).is_some() || !self.leaving.has_left(row.session_id, self.now.at)
    }

    /// True while the session of a tab goes on: closing the tab or the window cuts a live connection off.
    pub fn is_running(&self, tab: &SessionTab) -> bool {
        let over = self
            .rows
            .get(&tab.session_id)
            .and_then(|row| row.status)
            .is_some_and(Status::ends_leg);
        !tab.is_ended() && !over
    }

    /// True when the link of a tab is over for good, but this technician's session is not.
    pub fn may_reconnect(&self, tab: &SessionTab) -> bool {
        let row = self.rows.get(&tab.session_id);
        let goes_on = row.is_some_and(|row| row.status == Some(Status::Active) && self.me().is_some_and(|me| list::is_mine(row, me)));
        tab.is_ended() && goes_on
    }

    /// True while the chat of the tab in front is to be seen.
    pub fn shows_chat(&self) -> bool {
        !self.full_screen || self.settings.chat_place == ChatPlace::Window
    }

    /// The lines of the tab in front are seen, where they are shown at all.
    pub fn see_chat(&mut self) {
        let seen = self.current.filter(|_| self.window_focused && self.shows_chat());
        if let Some(tab) = seen.and_then(|session_id| self.tab_mut(session_id)) {
            tab.unread = 0;
        }
    }

    /// How many tabs hold a session that goes on.
    pub fn running_count(&self) -> usize {
        self.tabs.iter().filter(|tab| self.is_running(tab)).count()
    }

    /// The same, to be changed.
    pub fn tab_mut(&mut self, session_id: SessionId) -> Option<&mut SessionTab> {
        self.tabs.iter_mut().find(|tab| tab.session_id == session_id)
    }

    /// Name of a session's customer, from the list or, where the list forgot it, from its tab.
    pub fn name_of(&self, session_id: SessionId) -> &str {
        let listed = self.rows.get(&session_id).map(|row| row.name.as_str());
        let kept = || self.tab(session_id).map_or("", |tab| tab.name.as_str());
        listed.filter(|name| !name.is_empty()).unwrap_or_else(kept)
    }

    /// The tab in front.
    pub fn current_tab(&self) -> Option<&SessionTab> {
        self.current.and_then(|session_id| self.tab(session_id))
    }

    /// The chosen row.
    pub fn selected_row(&self) -> Option<&SessionRow> {
        self.selected.and_then(|session_id| self.rows.get(&session_id))
    }

    /// Sessions this technician has Active now (CON-38).
    pub fn active_count(&self) -> usize {
        let Some(me) = self.me() else { return 0 };
        self.rows
            .values()
            .filter(|row| row.status == Some(Status::Active) && list::is_mine(row, me))
            .count()
    }

    /// True once the customer of this session has come, whatever became of it since.
    pub fn has_joined(&self, session_id: SessionId) -> bool {
        self.rows.get(&session_id).is_some_and(|row| row.status.is_some())
    }

    /// Whether the gateway sends links by e-mail (EML-03).
    pub fn gateway_sends_mail(&self) -> bool {
        self.account.as_ref().is_some_and(|signed_in| signed_in.account.sends_mail)
    }

    /// Why a new session cannot be made, if so (EML-01).
    pub fn new_session_refusal(&self) -> Option<Refusal> {
        if !matches!(self.gateway, GatewayLine::Up) {
            return Some(Refusal::NoGateway);
        }
        let allowed = self.may(Permission::StartPrivateSessions);
        (!allowed).then_some(Refusal::Permission(Permission::StartPrivateSessions))
    }

    /// Why a step cannot be taken with the chosen row, if so.
    pub fn step_refusal(&self, step: Step) -> Option<Refusal> {
        let (Some(row), Some(me)) = (self.selected_row(), self.me()) else {
            return Some(Refusal::NothingSelected);
        };
        if !matches!(self.gateway, GatewayLine::Up) {
            return Some(Refusal::NoGateway);
        }
        let checked = match step {
            Step::Start => list::may_start(row, me).and_then(|()| self.room_for_one_more(row.session_id)),
            Step::Hold => list::may_hold(row, me).and_then(|()| self.needs(Permission::HoldSessions)),
            Step::Resume => list::may_resume(row, me).and_then(|()| self.room_for_one_more(row.session_id)),
            Step::Close => list::may_close(row, me),
        };
        checked.err()
    }

    /// Why a screen cannot be seen or controlled, if so.
    pub fn desktop_refusal(&self, tab: &SessionTab, capability: Capability) -> Option<Refusal> {
        let status = self.rows.get(&tab.session_id).and_then(|row| row.status);
        if tab.is_ended() {
            return Some(Refusal::Over);
        }
        if !status.is_some_and(|status| status.allows(Tool::Remote)) {
            return Some(Refusal::NotActive);
        }
        if !tab.is_linked() {
            return Some(Refusal::NoLink);
        }
        if matches!(tab.notice, tab::Notice::Asking(asked) if asked.has(capability)) {
            return Some(Refusal::Asking);
        }
        let permission = capability.permission();
        let allowed = self.may(permission) && tab.ceiling.has(capability);
        (!allowed).then_some(Refusal::Permission(permission))
    }

    fn needs(&self, permission: Permission) -> Result<(), Refusal> {
        if self.may(permission) {
            Ok(())
        } else {
            Err(Refusal::Permission(permission))
        }
    }

    fn room_for_one_more(&self, session_id: SessionId) -> Result<(), Refusal> {
        let most = self.account.as_ref().map_or(0, |signed_in| signed_in.account.max_active_sessions);
        if most > 0 && self.active_count() >= most as usize {
            return Err(Refusal::Maximum);
        }
        if self.tab(session_id).is_none() && self.tabs.len() >= MAX_TABS {
            return Err(Refusal::TooManyTabs);
        }
        Ok(())
    }

    /// Milliseconds until something shown changes by the passing of time alone; none when nothing does.
    pub fn next_change_millis(&self) -> Option<u64> {
        let now = self.now.at;
        if let SignInProgress::Unreached { retry_at, .. } = &self.sign_in.progress {
            return retry_at.and_then(|at| clock::next_countdown_millis(now, at));
        }
        let me = self.me()?;
        if self.full_screen && self.current_tab().is_some_and(|tab| tab.is_linked()) {
            // No clock is to be seen.
            return None;
        }
        let listed = self
            .rows
            .values()
            .filter(|row| list::belongs(row, self.list.kind, me) || self.tab(row.session_id).is_some());
        let rows = listed.filter_map(|row| match (row.status, row.expires_at) {
            (Some(status), _) if status.is_final() => self.leaving.millis_left(row.session_id, now),
            (Some(_), _) => {
                let red = row.waiting_ends_at.map(|_| list::turns_red_at(row).since_millis(now));
                let red = red.and_then(|millis| u64::try_from(millis).ok()).filter(|millis| *millis > 0);
                red.into_iter().chain([clock::next_change_millis(now, row.since)]).min()
            }
            (None, Some(end)) => clock::next_countdown_millis(now, end),
            (None, None) => None,
        });
        let gateway = match &self.gateway {
            GatewayLine::Down { retry_at, .. } => clock::next_countdown_millis(now, *retry_at),
            GatewayLine::Up => None,
        };
        let links = self.tabs.iter().filter_map(|tab| match &tab.link {
            tab::TabLink::Lost { retry_at, .. } => clock::next_countdown_millis(now, *retry_at),
            _ => None,
        });
        let refused = self.current_tab().and_then(|tab| match &tab.notice {
            tab::Notice::Error(_, Some(until)) => clock::next_countdown_millis(now, *until),
            tab::Notice::Refused(_) | tab::Notice::TimedOut(_) => {
                tab.pause.until().and_then(|until| clock::next_countdown_millis(now, until))
            }
            _ => None,
        });
        let dialog = match &self.dialog {
            Some(Dialog::NewSession(form)) => form
                .created()
                .filter(|created| !self.has_joined(created.session_id))
                .and_then(|created| clock::next_countdown_millis(now, created.expires_at)),
            _ => None,
        };
        rows.chain(gateway).chain(links).chain(refused).chain(dialog).min()
    }
}

/// A step with a session, as the toolbar offers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// *Start*.
    Start,
    /// *Hold*.
    Hold,
    /// *Resume*.
    Resume,
    /// *Close session*.
    Close,
}
