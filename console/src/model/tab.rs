//! One session tab: what the peer link told, what the technician chose, and the log of lines and events.
//!
//! ```text
//! link:    Opening → Connecting → Up ⇄ Stalled → Lost → Connecting …            → Ended
//! desktop: nothing → asking → seen (→ controlled) → refused, timed out or stopped by the customer
//! ```

use farhand_engine::viewer::{LinkPath, LinkState, LinkStats, ViewerEvent};
use farhand_protocol::{
    error::{ErrorBody, ErrorCode},
    geometry::DesktopLayout,
    ids::SessionId,
    input::KeyLayout,
    peer::{ConsentAnswer, GrantCause, ScreenState},
    permission::{Capability, CapabilitySet},
    time::Timestamp,
};

use super::{
    clock::Now,
    log::{SessionLog, Writer},
    pause::Pause,
    placement::Zoom,
    quality::PictureQuality,
};

/// The peer link as the tab shows it.
#[derive(Debug, Clone, PartialEq)]
pub enum TabLink {
    /// The session is being started or opened.
    Opening,
    /// Being dialled; a Fluent key says what is waited for.
    Connecting(&'static str),
    /// Stands.
    Up(LinkPath),
    /// Nothing was heard since then; the connection is kept.
    Stalled {
        /// When the last packet came.
        since: Timestamp,
    },
    /// Lost; dialled again at `retry_at`.
    Lost {
        /// Why.
        error: ErrorBody,
        /// Next try.
        retry_at: Timestamp,
    },
    /// Over for good.
    Ended(ErrorBody),
}

/// What the desktop panel has to say besides the picture.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Notice {
    /// Nothing.
    #[default]
    None,
    /// The customer is being asked for what was pressed, and perhaps more ([`SessionLog::asked_by`]).
    Asking(CapabilitySet),
    /// *Don't allow*.
    Refused(CapabilitySet),
    /// No answer in time (APP-33).
    TimedOut(CapabilitySet),
    /// The customer took everything back (APP-36, APP-40).
    Stopped,
    /// The host refused something else, and may take it from this time on, where it says so.
    Error(ErrorBody, Option<Timestamp>),
}

/// What the technician wants of the desktop as soon as the link stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum Wish {
    /// Nothing yet.
    #[default]
    Nothing,
    /// To see it.
    View,
    /// To see and use it.
    Control,
}

impl Wish {
    /// What is left of it where no more than this is granted.
    fn within(self, granted: CapabilitySet) -> Self {
        match self {
            Self::Control if granted.has(Capability::View) && granted.has(Capability::Control) => Self::Control,
            Self::View | Self::Control if granted.has(Capability::View) => Self::View,
            _ => Self::Nothing,
        }
    }
}

/// A session tab.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionTab {
    /// The session.
    pub session_id: SessionId,
    /// Name of the customer as the list gave it last; the list forgets sessions that are over.
    pub name: String,
    /// The peer link.
    pub link: TabLink,
    /// Host name of the device, once known.
    pub device: String,
    /// Operating system, once known.
    pub system: String,
    /// Effective rights.
    pub granted: CapabilitySet,
    /// Rights that may be asked for.
    pub ceiling: CapabilitySet,
    /// Short authentication string.
    pub sas: Option<String>,
    /// What is to be said about the desktop.
    pub notice: Notice,
    /// How long the customer is not to be asked again.
    pub pause: Pause,
    /// What is wanted as soon as possible.
    pub wish: Wish,
    /// The screen is being seen.
    pub view: bool,
    /// Mouse and keyboard are held.
    pub control: bool,
    /// Monitors of the customer.
    pub layout: DesktopLayout,
    /// Chosen monitors; empty means all.
    pub monitors: Vec<u32>,
    /// They were chosen while nothing was seen, and are asked for when it is.
    pub monitors_wait: bool,
    /// Whether the screen can be shown.
    pub screen: ScreenState,
    /// Size of the picture.
    pub zoom: Zoom,
    /// Pixels here for one there, as it was painted last.
    pub shown_scale: f32,
    /// How good the picture may be.
    pub quality: PictureQuality,
    /// It is to be told when a link stands, whose viewer does not know it.
    pub quality_waits: bool,
    /// Whose keyboard layout counts.
    pub keyboard: KeyLayout,
    /// Figures.
    pub stats: LinkStats,
    /// Chat and what happened.
    pub log: SessionLog,
    /// Lines of the customer not seen yet.
    pub unread: u32,
    /// The reply being typed.
    pub reply: String,
    /// Other technicians in the session.
    pub others: Vec<String>,
}

/// What folding an event means for the rest of the program.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TabOutcome {
    /// The wish can be asked for now.
    pub ask: bool,
    /// Monitors that were chosen before can be asked for now.
    pub choose: bool,
    /// The quality that was chosen before can be told now.
    pub tell_quality: bool,
    /// Control began (true) or ended (false).
    pub control: Option<bool>,
    /// The customer wrote this.
    pub message: Option<String>,
}

impl SessionTab {
    /// A tab whose link is about to be opened.
    pub fn new(session_id: SessionId, keyboard: KeyLayout) -> Self {
        Self {
            session_id,
            name: String::new(),
            link: TabLink::Opening,
            device: String::new(),
            system: String::new(),
            granted: CapabilitySet::EMPTY,
            ceiling: CapabilitySet::EMPTY,
            sas: None,
            notice: Notice::None,
            pause: Pause::default(),
            wish: Wish::Nothing,
            view: false,
            control: false,
            layout: DesktopLayout::default(),
            monitors: Vec::new(),
            monitors_wait: false,
            screen: ScreenState::Shown,
            zoom: Zoom::Fit,
            shown_scale: 1.0,
            quality: PictureQuality::Automatic,
            quality_waits: false,
            keyboard,
            stats: LinkStats::default(),
            log: SessionLog::default(),
            unread: 0,
            reply: String::new(),
            others: Vec::new(),
        }
    }

    /// True while the link stands, stalled or not.
    pub fn is_linked(&self) -> bool {
        matches!(self.link, TabLink::Up(_) | TabLink::Stalled { .. })
    }

    /// True when the link is over for good.
    pub fn is_ended(&self) -> bool {
        matches!(self.link, TabLink::Ended(_))
    }

    /// Takes in what the link told.
    pub fn handle_event(&mut self, event: ViewerEvent, now: Now, me: &str) -> TabOutcome {
        let mut outcome = TabOutcome::default();
        match event {
            ViewerEvent::Link(state) => outcome.control = self.handle_link(state, now),
            ViewerEvent::Welcome(welcome) => {
                self.device = welcome.device;
                self.system = welcome.system;
                self.granted = welcome.granted;
                self.ceiling = welcome.ceiling;
                outcome.ask = self.wish != Wish::Nothing;
                outcome.tell_quality = std::mem::take(&mut self.quality_waits);
            }
            ViewerEvent::Sas(text) => self.sas = Some(text),
            ViewerEvent::Consent { answer, capabilities, .. } => self.handle_consent(answer, capabilities, now),
            ViewerEvent::Grant { granted, cause } => outcome = self.handle_grant(granted, cause),
            ViewerEvent::Layout(layout) => self.handle_layout(layout),
            ViewerEvent::Screen(state) => self.screen = state,
            ViewerEvent::Picture | ViewerEvent::Done(_) => {}
            ViewerEvent::Control(on) => {
                self.control = on;
                self.clear_question(Capability::Control, on);
                outcome.control = Some(on);
            }
            ViewerEvent::View(on) => {
                self.view = on;
                self.clear_question(Capability::View, on);
                outcome.choose = on && std::mem::take(&mut self.monitors_wait);
            }
            ViewerEvent::Chat { line_id, mine, at, text } => {
                let from = if mine { Writer::Me } else { Writer::Customer };
                let is_new = self.log.add_chat(line_id, from, at, text.clone());
                outcome.message = (is_new && !mine).then_some(text);
            }
            ViewerEvent::Participants(present) => {
                self.others = present.into_iter().map(|(who, _)| who.name).filter(|name| name != me).collect();
            }
            // What was still under way when the customer stopped everything is refused, and already explained.
            ViewerEvent::Refused(_) if self.notice == Notice::Stopped => {}
            ViewerEvent::Refused(error) => self.handle_refused(error, now),
            ViewerEvent::Stats(stats) => {
                if let (TabLink::Up(path), true) = (&mut self.link, stats.path != LinkPath::Unknown) {
                    *path = stats.path;
                }
                self.stats = stats;
            }
        }
        outcome
    }

    fn handle_link(&mut self, state: LinkState, now: Now) -> Option<bool> {
        self.link = match state {
            LinkState::Connecting(what) => TabLink::Connecting(what),
            LinkState::Up(path) => TabLink::Up(path),
            LinkState::Stalled { silent_millis } => TabLink::Stalled {
                since: now.at.plus_millis(-i64::try_from(silent_millis).unwrap_or(0)),
            },
            LinkState::Lost { error, retry_in_millis } => TabLink::Lost {
                error,
                retry_at: now.at.plus_millis(i64::try_from(retry_in_millis).unwrap_or(i64::MAX)),
            },
            LinkState::Ended(error) => {
                self.view = false;
                self.granted = CapabilitySet::EMPTY;
                self.notice = Notice::None;
                // A link that is lost keeps its viewer, which repeats the wish; one opened after the end has another.
                self.quality_waits = self.quality != PictureQuality::Automatic;
                TabLink::Ended(error)
            }
        };
        let ended = self.control && matches!(self.link, TabLink::Ended(_));
        if ended {
            self.control = false;
        }
        ended.then_some(false)
    }

    /// That it was asked too soon comes after the no, which stays and is told how long it waits.
    fn handle_refused(&mut self, error: ErrorBody, now: Now) {
        let until = error.retry_after_secs.map(|secs| now.at.plus_millis(i64::from(secs) * 1_000));
        match (&self.notice, until) {
            (Notice::Refused(_) | Notice::TimedOut(_), Some(until)) if error.code == ErrorCode::ConsentTooSoon => {
                self.pause.handle_told(until)
            }
            _ => self.notice = Notice::Error(error, until),
        }
    }

    fn handle_consent(&mut self, answer: ConsentAnswer, capabilities: CapabilitySet, now: Now) {
        // One that was asked at the start of the session, which begins no pause, is none of ours and says no capabilities; one that never came to the
        // customer was not asked.
        let was_asked = matches!(self.notice, Notice::Asking(_)) && !capabilities.is_empty();
        match answer {
            ConsentAnswer::Asking => {}
            ConsentAnswer::Allowed | ConsentAnswer::AllowedInAdvance => self.pause = Pause::default(),
            ConsentAnswer::Refused | ConsentAnswer::TimedOut if was_asked => self.pause.handle_no(now.at),
            ConsentAnswer::Refused | ConsentAnswer::TimedOut => {}
        }
        self.notice = match answer {
            ConsentAnswer::Asking => Notice::Asking(capabilities),
            ConsentAnswer::Allowed | ConsentAnswer::AllowedInAdvance => Notice::None,
            ConsentAnswer::Refused => Notice::Refused(capabilities),
            ConsentAnswer::TimedOut => Notice::TimedOut(capabilities),
        };
        if matches!(self.notice, Notice::Refused(_) | Notice::TimedOut(_)) {
            self.wish = Wish::Nothing;
        }
    }

    fn handle_grant(&mut self, granted: CapabilitySet, cause: GrantCause) -> TabOutcome {
        let had_control = self.control;
        self.granted = granted;
        if matches!(cause, GrantCause::StopKey | GrantCause::StopButton) {
            self.notice = Notice::Stopped;
            self.wish = Wish::Nothing;
        }
        // A hold is lifted by itself; anything else that takes a right away takes the wish with it, as the engine does.
        if !matches!(cause, GrantCause::Suspended | GrantCause::Allowed) {
            self.wish = self.wish.within(granted);
        }
        self.control &= granted.has(Capability::Control);
        self.view &= granted.has(Capability::View);
        let wished = match self.wish {
            Wish::Nothing => false,
            Wish::View => granted.has(Capability::View) && !self.view,
            Wish::Control => granted.has(Capability::Control) && !(self.view && self.control),
        };
        TabOutcome {
            ask: wished,
            control: (had_control && !self.control).then_some(false),
            ..TabOutcome::default()
        }
    }

    fn handle_layout(&mut self, layout: DesktopLayout) {
        self.monitors.retain(|id| layout.monitors.iter().any(|monitor| monitor.id == *id));
        self.layout = layout;
    }

    fn clear_question(&mut self, capability: Capability, on: bool) {
        let settled = match &self.notice {
            Notice::Asking(asked) | Notice::Refused(asked) | Notice::TimedOut(asked) => asked.has(capability),
            Notice::Stopped | Notice::Error(..) => true,
            Notice::None => false,
        };
        if on && settled {
            self.notice = Notice::None;
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn tab() -> SessionTab {
        SessionTab::new(SessionId(1), KeyLayout::Here)
    }

    fn fold(tab: &mut SessionTab, event: ViewerEvent) -> TabOutcome {
        tab.handle_event(event, Now::default(), "Ada Kern")
    }

    fn control() -> CapabilitySet {
        CapabilitySet::EMPTY.with(Capability::Control).normalised()
    }

    #[test]
    fn a_refusal_is_said_and_the_wish_is_not_asked_again() {
        let mut tab = SessionTab {
            wish: Wish::Control,
            ..tab()
        };
        let consent = |answer| ViewerEvent::Consent {
            request_id: Uuid::nil(),
            answer,
            capabilities: control(),
        };
        fold(&mut tab, consent(ConsentAnswer::Asking));
        assert_eq!(tab.notice, Notice::Asking(control()));
        fold(&mut tab, consent(ConsentAnswer::Refused));
        assert_eq!((tab.notice, tab.wish), (Notice::Refused(control()), Wish::Nothing));
    }

    #[test]
    fn after_a_no_it_is_known_when_to_ask_again_and_the_host_knows_better() {
        let mut tab = tab();
        let consent = |answer| ViewerEvent::Consent {
            request_id: Uuid::nil(),
            answer,
            capabilities: control(),
        };
        fold(&mut tab, consent(ConsentAnswer::Asking));
        fold(&mut tab, consent(ConsentAnswer::Refused));
        assert_eq!(tab.pause.until(), Some(Timestamp(15_000)));
        tab.notice = Notice::None;
        fold(&mut tab, consent(ConsentAnswer::Refused));
        let error = ErrorBody::new(ErrorCode::ConsentTooSoon, "").retry_after(12);
        fold(&mut tab, ViewerEvent::Refused(error));
        assert_eq!(
            (&tab.notice, tab.pause.until()),
            (&Notice::Refused(control()), Some(Timestamp(12_000)))
        );
        fold(&mut tab, consent(ConsentAnswer::Allowed));
        assert_eq!(tab.pause, Pause::default());
    }

    #[test]
    fn a_refusal_for_a_while_says_until_when() {
        let mut tab = tab();
        let error = ErrorBody::new(ErrorCode::PermissionNotGranted, "").retry_after(15);
        fold(&mut tab, ViewerEvent::Refused(error.clone()));
        assert_eq!(tab.notice, Notice::Error(error, Some(Timestamp(15_000))));
    }

    #[test]
    fn stop_takes_control_and_sight_at_once() {
        let mut tab = SessionTab {
            view: true,
            control: true,
            granted: control(),
            ..tab()
        };
        let stop = ViewerEvent::Grant {
            granted: CapabilitySet::EMPTY,
            cause: GrantCause::StopKey,
        };
        let outcome = fold(&mut tab, stop);
        assert_eq!(outcome.control, Some(false));
        let late = ErrorBody::new(ErrorCode::PermissionRevoked, "too late");
        fold(&mut tab, ViewerEvent::Refused(late));
        assert_eq!((tab.view, tab.control, tab.notice), (false, false, Notice::Stopped));
    }

    #[test]
    fn what_a_ceiling_takes_away_does_not_come_back_by_itself_and_what_a_hold_takes_does() {
        let grant = |granted, cause| ViewerEvent::Grant { granted, cause };
        let view = CapabilitySet::EMPTY.with(Capability::View);
        for (cause, left) in [(GrantCause::Ceiling, Wish::View), (GrantCause::Suspended, Wish::Control)] {
            let mut tab = SessionTab {
                view: true,
                control: true,
                granted: control(),
                wish: Wish::Control,
                ..tab()
            };
            assert_eq!(fold(&mut tab, grant(view, cause)).control, Some(false));
            assert_eq!((tab.view, tab.wish), (true, left));
            assert_eq!(fold(&mut tab, grant(control(), cause)).ask, left == Wish::Control);
        }
        let mut tab = SessionTab { wish: Wish::View, ..tab() };
        fold(&mut tab, grant(CapabilitySet::EMPTY, GrantCause::Ceiling));
        assert_eq!(tab.wish, Wish::Nothing);
    }

    #[test]
    fn the_wish_is_asked_when_the_host_welcomes_us() {
        let mut tab = SessionTab { wish: Wish::View, ..tab() };
        let welcome = farhand_protocol::peer::Welcome {
            ticket_hash: vec![],
            granted: CapabilitySet::EMPTY,
            ceiling: CapabilitySet::all(),
            device: "ACME-PC7".into(),
            system: "Debian 12".into(),
            priority: Default::default(),
        };
        assert!(fold(&mut tab, ViewerEvent::Welcome(Box::new(welcome))).ask);
        assert_eq!(tab.device, "ACME-PC7");
    }

    #[test]
    fn a_lost_link_keeps_the_tab_and_an_ended_one_says_so() {
        let mut tab = SessionTab {
            control: true,
            view: true,
            ..tab()
        };
        let error = ErrorBody::new(ErrorCode::LinkLost, "gone");
        let lost = LinkState::Lost {
            error: error.clone(),
            retry_in_millis: 4_000,
        };
        assert_eq!(fold(&mut tab, ViewerEvent::Link(lost)).control, None);
        assert_eq!(
            tab.link,
            TabLink::Lost {
                error: error.clone(),
                retry_at: Timestamp(4_000)
            }
        );
        assert_eq!(fold(&mut tab, ViewerEvent::Link(LinkState::Ended(error))).control, Some(false));
        assert!(tab.is_ended() && !tab.view && !tab.control);
    }
}
