//! Commands and flags of `farhand`. Flags win over the environment; secrets come from the environment, from the key ring or from the keyboard, never from
//! arguments.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand};
use farhand_protocol::ids::SessionId;

/// Farhand on the command line: the same engine as the console, for scripts.
#[derive(Debug, Parser)]
#[command(name = "farhand", version, about)]
pub struct Args {
    /// Address of the gateway.
    #[arg(long, env = "FARHAND_GATEWAY", global = true)]
    pub gateway: Option<String>,
    /// Trust value of a gateway with its own certificate.
    #[arg(long, env = "FARHAND_TRUST", global = true)]
    pub trust: Option<String>,
    /// Print one JSON value (or one per line, where there are many) instead of text.
    #[arg(long, global = true)]
    pub json: bool,
    /// Give up after so many seconds; 60 unless given, and never for `watch`.
    #[arg(long, global = true)]
    pub timeout: Option<u64>,
    /// Ways links may take: any, relay or direct.
    #[arg(long, env = "FARHAND_ROUTE", default_value = "any", hide = true, global = true)]
    pub route: String,
    /// Folder for files instead of the user's own.
    #[arg(long, env = "FARHAND_STATE", hide = true, global = true)]
    pub state: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What `farhand` can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Sign in and print a token (password from FARHAND_PASSWORD, or asked for).
    Login {
        /// Address of the account.
        #[arg(long)]
        email: String,
        /// Keep the token for later commands, in the key ring where there is one.
        #[arg(long)]
        keep: bool,
    },
    /// Sign out.
    Logout {
        /// Every sign-in of the account.
        #[arg(long)]
        everywhere: bool,
    },
    /// Make, mail, list, start, hold and close sessions.
    #[command(subcommand)]
    Session(SessionCommand),
    /// Print what happens in a session until it ends.
    Watch {
        /// The session.
        id: SessionId,
        /// See the screen too, so that its figures are printed.
        #[arg(long)]
        view: bool,
    },
    /// Type text exactly, whatever the layout.
    Type {
        /// The session.
        id: SessionId,
        /// The text; `\n` is Enter, and `\\` a backslash, so that `C:\\new` can be typed.
        text: String,
    },
    /// Press a key or a chord, such as Enter, Ctrl+C, Ctrl++ or Ctrl+Alt+Delete.
    Key {
        /// The session.
        id: SessionId,
        /// The chord.
        chord: String,
    },
    /// Click at a place of the desktop, in physical pixels.
    Click(Click),
    /// Move the pointer.
    Move {
        /// The session.
        id: SessionId,
        /// Pixels from the origin to the trailing side.
        #[arg(allow_negative_numbers = true)]
        x: i32,
        /// Pixels from the origin down.
        #[arg(allow_negative_numbers = true)]
        y: i32,
    },
    /// Save what the screen shows as PNG.
    Screenshot {
        /// The session.
        id: SessionId,
        /// File to write.
        file: PathBuf,
    },
    /// Send a chat line.
    Chat {
        /// The session.
        id: SessionId,
        /// The line.
        text: String,
    },
    /// Check this machine and the way to the gateway.
    Doctor {
        /// Also write a bundle for support, without secrets, to this file.
        #[arg(long)]
        bundle: Option<PathBuf>,
    },
}

/// What can be done with sessions.
#[derive(Debug, Subcommand)]
pub enum SessionCommand {
    /// Make a session; prints PIN and link.
    New {
        /// Name of the customer.
        #[arg(long)]
        name: String,
        /// Active without a click when the customer arrives.
        #[arg(long)]
        auto_start: bool,
        /// Minutes the code lives.
        #[arg(long)]
        valid_minutes: Option<u32>,
    },
    /// Have the gateway e-mail the link of a session that waits for its customer; the link is read from standard input.
    Mail {
        /// The session.
        id: SessionId,
        /// Address of the customer.
        #[arg(long, value_name = "ADDRESS")]
        to: String,
    },
    /// List the sessions that have not ended.
    List {
        /// Those that have ended instead.
        #[arg(long)]
        ended: bool,
    },
    /// Make a waiting or held session active.
    Start {
        /// The session.
        id: SessionId,
    },
    /// Put an active session on hold.
    Hold {
        /// The session.
        id: SessionId,
    },
    /// End a session.
    Close {
        /// The session.
        id: SessionId,
    },
    /// Print what happened in a session.
    Events {
        /// The session.
        id: SessionId,
    },
}

/// A click.
#[derive(Debug, ClapArgs)]
pub struct Click {
    /// The session.
    pub id: SessionId,
    /// Pixels from the origin to the trailing side.
    #[arg(allow_negative_numbers = true)]
    pub x: i32,
    /// Pixels from the origin down.
    #[arg(allow_negative_numbers = true)]
    pub y: i32,
    /// left, middle, right, back or forward.
    #[arg(long, default_value = "left")]
    pub button: String,
    /// Twice.
    #[arg(long)]
    pub double: bool,
}
