//! What a technician's program asks of the engine and hears from it. The console folds [`EngineEvent`]s into its state; the command line
//! prints them. Nothing here blocks and nothing here paints.

use farhand_protocol::{
    api::{LoginAnswer, MailLink, NewSession, SessionCreated, SessionEvent, SessionRow},
    error::ErrorBody,
    ids::SessionId,
    input::InputEvent,
    peer::{Quality, Subscribe},
};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::viewer::ViewerEvent;

/// How a technician proves who they are.
#[derive(Clone)]
pub enum Credential {
    /// E-mail and password.
    Password {
        /// Address of the account.
        email: String,
        /// Wiped from memory after use.
        password: Zeroizing<String>,
    },
    /// A token from `farhand login` or from the key ring.
    Token(Zeroizing<String>),
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credential(…)")
    }
}

/// What a technician's program wants.
#[derive(Debug, Clone)]
pub enum TechnicianCommand {
    /// Sign in at a gateway; answered by [`EngineEvent::SignedIn`] or [`EngineEvent::SignInFailed`].
    SignIn {
        /// Address as typed.
        gateway: String,
        /// Trust value as typed; none for a gateway with a public certificate.
        trust: Option<String>,
        /// Proof of identity.
        credential: Credential,
        /// Keep the token in the key ring (or its fallback) for the next start.
        remember: bool,
    },
    /// Sign in with the token kept by an earlier `remember`, if any; answered like `SignIn`, or by [`EngineEvent::NothingRemembered`].
    SignInRemembered,
    /// Sign out here, or everywhere; forgets the token that is kept of this account. Answered by [`EngineEvent::SignedOut`] at once, and by
    /// [`EngineEvent::Failed`] where `everywhere` did not reach the gateway.
    SignOut {
        /// Every token of the account.
        everywhere: bool,
    },
    /// Change the password; signs out everywhere else. Answered by [`EngineEvent::Done`] or [`EngineEvent::Failed`].
    ChangePassword {
        /// Present password.
        current: Zeroizing<String>,
        /// New password.
        new: Zeroizing<String>,
    },
    /// Make a session; answered by [`EngineEvent::SessionCreated`] with the same request id.
    NewSession {
        /// Names the request.
        request_id: Uuid,
        /// What to make.
        session: NewSession,
    },
    /// Have the gateway send the link of a session (EML-09, EML-11); answered by [`EngineEvent::LinkMailed`], or by [`EngineEvent::Failed`] with the mail
    /// server's reason (EML-22).
    MailLink {
        /// The session.
        session_id: SessionId,
        /// Link and address.
        mail: MailLink,
    },
    /// Waiting, On hold → Active, and open the link (STM-30, STM-40).
    Start(SessionId),
    /// Open the link to a session that is already Active with this technician as lead.
    Open(SessionId),
    /// Active → On hold (STM-39).
    Hold(SessionId),
    /// End the session (STM-59).
    Close(SessionId),
    /// Close the link and the tab; the session goes on.
    Leave(SessionId),
    /// Ask the gateway for the events of a session; answered by [`EngineEvent::Events`].
    Events(SessionId),
    /// See monitors, or stop. Asks for consent first where it is missing.
    Subscribe {
        /// The session.
        session_id: SessionId,
        /// Which.
        subscribe: Subscribe,
    },
    /// Take or leave mouse and keyboard. Asks for consent first where it is missing.
    TakeControl {
        /// The session.
        session_id: SessionId,
        /// True to take.
        on: bool,
    },
    /// One act of the hands; dropped while control is not held or the session is not open here.
    Input {
        /// The session.
        session_id: SessionId,
        /// The act.
        event: InputEvent,
    },
    /// A chat line to the customer.
    Chat {
        /// The session.
        session_id: SessionId,
        /// Plain text.
        text: String,
    },
    /// Wishes for the coding.
    Quality {
        /// The session.
        session_id: SessionId,
        /// The wish.
        quality: Quality,
    },
    /// The whole picture anew.
    Refresh(SessionId),
}

/// What the engine tells a technician's program.
#[derive(Debug, Clone)]
pub enum EngineEvent {
    /// Signed in; rows follow.
    SignedIn(Box<SignedIn>),
    /// Sign-in failed; the error says why and what to do.
    SignInFailed(ErrorBody),
    /// No token was kept, or it is of no use any more.
    NothingRemembered,
    /// No longer signed in: asked for, or ended elsewhere.
    SignedOut(Option<ErrorBody>),
    /// The token could not go to the key ring; says where it is instead.
    KeptElsewhere(String),
    /// The live line to the gateway.
    Gateway(GatewayState),
    /// The whole session list, at sign-in and after each reconnection.
    Sessions(Vec<SessionRow>),
    /// One row is new or changed.
    SessionChanged(SessionRow),
    /// One row left the list.
    SessionRemoved(SessionId),
    /// A session was made.
    SessionCreated {
        /// The request.
        request_id: Uuid,
        /// PIN and link.
        created: SessionCreated,
    },
    /// A mail server has taken over the message with the link of a session.
    LinkMailed {
        /// The session.
        session_id: SessionId,
        /// Whom it is for.
        to: String,
    },
    /// Stored events of a session.
    Events {
        /// The session.
        session_id: SessionId,
        /// Oldest first.
        events: Vec<SessionEvent>,
    },
    /// An event of a session was stored just now.
    EventStored(SessionEvent),
    /// Something the peer link of a session tells.
    Session {
        /// The session.
        session_id: SessionId,
        /// What it tells.
        event: ViewerEvent,
    },
    /// A command without an answer of its own was carried out.
    Done {
        /// Name of the command: `password`, the only one.
        what: &'static str,
    },
    /// A command failed.
    Failed {
        /// Name of the command.
        what: &'static str,
        /// The session it was about, if any.
        session_id: Option<SessionId>,
        /// Why.
        error: ErrorBody,
    },
}

/// A sign-in that succeeded.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The account.
    pub account: LoginAnswer,
    /// Gateway, normalised.
    pub gateway: String,
    /// Pin of the gateway's own CA.
    pub trust: Option<String>,
}

/// State of the live line to the gateway.
#[derive(Debug, Clone, PartialEq)]
pub enum GatewayState {
    /// It stands.
    Up,
    /// It is down; the next try comes in so many milliseconds.
    Down {
        /// Why.
        error: ErrorBody,
        /// Until the next try.
        retry_in_millis: u64,
    },
}
