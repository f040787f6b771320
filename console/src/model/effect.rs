//! What the application has to do outside its state: the only way from the model to engine, window, clipboard, disk and sound.

use farhand_engine::technician::TechnicianCommand;
use farhand_protocol::ids::SessionId;

use super::placement::Placement;

/// Something to do outside.
#[derive(Debug, Clone)]
pub enum Effect {
    /// Tell the engine.
    Send(TechnicianCommand),
    /// Put a text on the clipboard.
    Copy(String),
    /// A short note in the corner: tone by outcome, text by key.
    Note {
        /// Something failed.
        bad: bool,
        /// Ready text.
        text: NoteText,
    },
    /// Hand a message to the default mail program.
    OpenMail(String),
    /// Keep the settings.
    SaveSettings,
    /// Theme or language changed.
    ApplySettings,
    /// A customer waits or wrote: sound, notification and attention, unless the window has the focus.
    Call(Call),
    /// The window fills the screen, or not.
    FullScreen(bool),
    /// The picture was painted here.
    Placed(SessionId, Placement),
    /// The keyboard goes to the picture (true) or comes back.
    PictureFocus(bool),
    /// The keyboard goes to a field of the console.
    FocusField(super::command::Field),
    /// Close the window.
    Quit,
    /// Control of this session ended: let go of everything.
    ReleaseAll(SessionId),
}

/// The text of a note.
#[derive(Debug, Clone, PartialEq)]
pub enum NoteText {
    /// A key of the words.
    Key(&'static str),
    /// Why something cannot be done.
    Refusal(super::Refusal),
    /// An error.
    Error(farhand_protocol::error::ErrorBody),
    /// Ready text.
    Text(String),
    /// A link was mailed to this address.
    Mailed(String),
    /// A customer wrote, and the chat is not to be seen.
    Message {
        /// Name field of the session.
        name: String,
        /// First words.
        text: String,
    },
}

/// What calls for attention.
#[derive(Debug, Clone, PartialEq)]
pub enum Call {
    /// A customer waits.
    Waiting {
        /// Name field of the session.
        name: String,
    },
    /// A customer wrote.
    Message {
        /// Name field of the session.
        name: String,
        /// First words.
        text: String,
    },
}
