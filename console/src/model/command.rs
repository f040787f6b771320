//! What the person at the console asked for, as painters report it.

use farhand_protocol::{ids::SessionId, input::KeyLayout};

use super::{
    dialog::{DialogKind, MailSender, Palette, PasswordForm, Way},
    list::{Column, ListKind},
    placement::{Placement, Zoom},
    quality::PictureQuality,
    settings::{ChatPlace, Settings},
    sign_in::SignInForm,
};

/// A wish of the person at the console.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// The sign-in form was changed.
    EditSignIn(SignInForm),
    /// *Sign in*.
    SignIn,
    /// *Try again* with the kept sign-in.
    SignInAgain,
    /// *Sign out*, here or everywhere: asks first while sessions go on.
    SignOut {
        /// Every token of the account.
        everywhere: bool,
    },
    /// Sign out, having been asked.
    SignOutNow {
        /// Every token of the account.
        everywhere: bool,
    },
    /// Open a dialog.
    OpenDialog(DialogKind),
    /// Close the open dialog.
    CloseDialog,
    /// The password form was changed.
    EditPassword(PasswordForm),
    /// *Change password*.
    ChangePassword,
    /// A setting was changed.
    EditSettings(Settings),
    /// Mine or the queue.
    ShowList(ListKind),
    /// The filter was typed.
    Filter(String),
    /// A column heading was pressed.
    Sort(Column),
    /// A row was chosen.
    Select(SessionId),
    /// A row was chosen twice: do the next thing with it.
    Activate(SessionId),
    /// *Start*.
    Start(SessionId),
    /// *Hold*.
    Hold(SessionId),
    /// *Resume*.
    Resume(SessionId),
    /// *Close session…*: asks first.
    Close(SessionId),
    /// Close it, having been asked.
    CloseNow(SessionId),
    /// Show this tab.
    ShowTab(SessionId),
    /// Close this tab; the session goes on, so it is asked first while it does.
    CloseTab(SessionId),
    /// Close it, having been asked.
    CloseTabNow(SessionId),
    /// The window is to be closed: asks first while sessions go on.
    Quit,
    /// Close it, having been asked.
    QuitNow,
    /// The palette was typed into, or another action chosen.
    EditPalette(Palette),
    /// The keyboard goes to a field.
    FocusField(Field),
    /// *Connect again*: a session goes on whose link is over for good.
    Reconnect(SessionId),
    /// Go to the next tab, or the previous one.
    StepTab {
        /// Towards the leading side.
        back: bool,
    },
    /// The name of a new session was typed.
    EditNewSession {
        /// Name field.
        name: String,
        /// Start automatically.
        auto_start: bool,
    },
    /// *Create*.
    CreateSession,
    /// A way to reach the customer was chosen.
    ShowWay(Way),
    /// It was chosen who sends the e-mail.
    ChooseMailSender(MailSender),
    /// *To* was typed.
    EditMailTo(String),
    /// *E-mail link*, through the gateway.
    MailLink,
    /// Subject or text of the e-mail was changed.
    EditMail {
        /// Subject.
        subject: String,
        /// Text.
        text: String,
    },
    /// *E-mail link*, with the mail program.
    OpenMail,
    /// No mail program took the message.
    MailFailed,
    /// Copy a text; `what` is the key of the note that says so.
    Copy {
        /// Key of the note.
        what: &'static str,
        /// The text.
        text: String,
    },
    /// See the customer's screen, or stop.
    View(SessionId, bool),
    /// Take mouse and keyboard, or leave them.
    Control(SessionId, bool),
    /// How large the picture is shown.
    Zoom(SessionId, Zoom),
    /// One step larger than it is shown now, or smaller.
    StepZoom {
        /// The session.
        session_id: SessionId,
        /// Larger.
        larger: bool,
    },
    /// Full screen, or back.
    FullScreen(bool),
    /// Press a combination of keys at the customer's.
    SendKeys(SessionId, Combination),
    /// Which monitors; empty means all.
    Monitors(SessionId, Vec<u32>),
    /// How good the picture may be.
    Quality(SessionId, PictureQuality),
    /// Whose keyboard layout counts.
    Keyboard(SessionId, KeyLayout),
    /// The whole picture anew.
    Refresh(SessionId),
    /// Where the picture was painted in this frame.
    Placed(SessionId, Placement),
    /// The keyboard goes to the picture.
    FocusPicture(SessionId),
    /// The keyboard comes back to the console.
    LeavePicture,
    /// A press beside the picture takes the keyboard from it; a tool that was pressed gives it back.
    LendKeyboard,
    /// The person types here, so that no tool gives the keyboard back.
    KeepKeyboard,
    /// The reply was typed.
    EditReply(SessionId, String),
    /// *Send*.
    SendReply(SessionId),
    /// The session list is so wide, points.
    ListWidth(u16),
    /// The session list is folded away, or is not.
    FoldList(bool),
    /// The chat is so wide, points.
    ChatWidth(u16),
    /// The chat is so high, points.
    ChatHeight(u16),
    /// The chat goes there.
    PlaceChat(ChatPlace),
    /// Close the console's notice about a session's desktop.
    DismissNotice(SessionId),
}

/// A field that an action leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// The filter of the session list.
    Filter,
    /// The reply.
    Reply,
}

/// Keys pressed together that this side's system would keep for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Combination {
    /// The secure attention sequence.
    CtrlAltDelete,
    /// Task manager.
    CtrlShiftEscape,
    /// Next window.
    AltTab,
    /// Close the window.
    AltF4,
    /// Start menu or overview.
    Super,
    /// Lock or other Super chord.
    SuperL,
    /// Screenshot.
    PrintScreen,
    /// Full screen of the program there.
    F11,
    /// Switch to a text console.
    CtrlAltF1,
    /// Help of the program there.
    F1,
}

impl Combination {
    /// In the order of the menu.
    pub const ALL: [Self; 10] = [
        Self::CtrlAltDelete,
        Self::CtrlShiftEscape,
        Self::AltTab,
        Self::AltF4,
        Self::Super,
        Self::SuperL,
        Self::PrintScreen,
        Self::F1,
        Self::F11,
        Self::CtrlAltF1,
    ];

    /// USB HID usages in the order they go down.
    pub const fn usages(self) -> &'static [u16] {
        const CTRL: u16 = 0xe0;
        const SHIFT: u16 = 0xe1;
        const ALT: u16 = 0xe2;
        const SUPER: u16 = 0xe3;
        match self {
            Self::CtrlAltDelete => &[CTRL, ALT, 0x4c],
            Self::CtrlShiftEscape => &[CTRL, SHIFT, 0x29],
            Self::AltTab => &[ALT, 0x2b],
            Self::AltF4 => &[ALT, 0x3d],
            Self::Super => &[SUPER],
            Self::SuperL => &[SUPER, 0x0f],
            Self::PrintScreen => &[0x46],
            Self::F11 => &[0x44],
            Self::CtrlAltF1 => &[CTRL, ALT, 0x3a],
            Self::F1 => &[0x3a],
        }
    }

    /// Key of its name.
    pub const fn key(self) -> &'static str {
        match self {
            Self::CtrlAltDelete => "keys-ctrl-alt-delete",
            Self::CtrlShiftEscape => "keys-ctrl-shift-escape",
            Self::AltTab => "keys-alt-tab",
            Self::AltF4 => "keys-alt-f4",
            Self::Super => "keys-super",
            Self::SuperL => "keys-super-l",
            Self::PrintScreen => "keys-print-screen",
            Self::F11 => "keys-f11",
            Self::CtrlAltF1 => "keys-ctrl-alt-f1",
            Self::F1 => "keys-f1",
        }
    }
}
