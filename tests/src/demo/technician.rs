//! The technician: a computer with the console, signed in.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use atspi::Role;
use image::RgbImage;

use super::customer::Customer;
use super::{record, words};
use crate::harness::atspi::Rect;
use crate::harness::cli::string;
use crate::harness::screen::colours;
use crate::harness::{Cli, Desk, Gateway, Query, Running, console, wait};

const PATIENCE: Duration = Duration::from_secs(30);
/// How long a picture must not change to count as still.
const STILL: Duration = Duration::from_secs(1);
/// A picture of a desktop has more colours than an empty panel.
const PICTURE_COLOURS: usize = 24;

/// The person who helps.
#[derive(Debug)]
pub struct Technician {
    /// The console's process.
    pub console: Running,
    /// The computer.
    pub desk: Desk,
    cli: Cli,
    session_id: Option<String>,
}

impl Technician {
    /// Opens the console on `desk`, signed in by the token of `cli`.
    pub fn sit_down(desk: Desk, gateway: &Gateway, cli: &Cli) -> Result<Self> {
        let console = desk.start(console::program(gateway, cli)?)?;
        desk.find(&console, &Query::label(words::NEW_SESSION))?;
        if desk.is_own() {
            desk.windows.maximise(console.pid())?;
        }
        Ok(Self {
            console,
            desk,
            cli: cli.clone(),
            session_id: None,
        })
    }

    /// Makes a session through the dialog, with pointer and keys, and reads the PIN off it.
    pub fn make_pin(&mut self, customer: &str, cli: &Cli) -> Result<String> {
        self.desk.press(&self.console, &Query::label(words::NEW_SESSION))?;
        self.desk.fill(&self.console, &Query::field(words::NAME_FIELD), customer)?;
        self.desk.press(&self.console, &Query::button(words::CREATE))?;
        let pin = self.read_pin()?;
        self.desk.press(&self.console, &Query::button(words::DONE))?;
        self.remember_session(cli)?;
        Ok(pin)
    }

    /// The same as a screen reader would do it, leaving the person's pointer alone.
    pub fn make_pin_quietly(&mut self, customer: &str, cli: &Cli) -> Result<String> {
        let activate = |query: &Query| -> Result<()> {
            let element = self.desk.find(&self.console, query)?;
            self.desk.accessibility.activate(&element)
        };
        activate(&Query::label(words::NEW_SESSION))?;
        let field = self.desk.find(&self.console, &Query::field(words::NAME_FIELD))?;
        self.desk.accessibility.set_text(&field, customer)?;
        activate(&Query::button(words::CREATE))?;
        let pin = self.read_pin()?;
        activate(&Query::button(words::DONE))?;
        self.remember_session(cli)?;
        Ok(pin)
    }

    /// The PIN as the dialog shows it, without the gaps between its groups.
    fn read_pin(&self) -> Result<String> {
        let label = self.desk.find(&self.console, &Query::matching("a PIN", is_pin))?;
        Ok(label.name.chars().filter(char::is_ascii_digit).collect())
    }

    fn remember_session(&mut self, cli: &Cli) -> Result<()> {
        let sessions = cli.json(&["session", "list"])?;
        let rows = sessions.as_array().context("a list of sessions")?;
        let newest = rows
            .iter()
            .max_by_key(|row| row["session_id"].as_i64())
            .context("the session is in the list")?;
        self.session_id = Some(string(newest, "session_id")?);
        Ok(())
    }

    /// The id of the session made.
    pub fn session_id(&self) -> Result<String> {
        self.session_id.clone().context("a session was made")
    }

    /// Selects the waiting customer and presses *Start*.
    pub fn start_session(&self) -> Result<()> {
        let row = Query::containing(words::CUSTOMER_NAME).role(Role::TableRow);
        self.desk.press(&self.console, &row)?;
        self.desk.press(&self.console, &Query::button(words::START)).map(drop)
    }

    /// Asks to see and control.
    pub fn ask_for_control(&self) -> Result<()> {
        self.desk.press(&self.console, &Query::label(words::CONTROL)).map(drop)
    }

    /// Waits until the customer's desktop is there, not an empty panel.
    pub fn wait_for_picture(&self) -> Result<()> {
        let place = self.picture()?;
        let screen = &self.desk.screen;
        wait::until("the customer's desktop", PATIENCE, || {
            let seen = colours(&screen.grab_part(place)?, PICTURE_COLOURS);
            Ok((seen >= PICTURE_COLOURS).then_some(()))
        })
    }

    fn picture(&self) -> Result<Rect> {
        console::picture(&self.desk, &self.console)
    }

    /// Clicks into the customer's terminal through the picture and types.
    pub fn type_into_remote(&mut self, customer: &Customer) -> Result<()> {
        let (x, y) = console::fitted(self.picture()?, customer.desk.display().size_px(), customer.place_in_terminal());
        self.desk.hands.click(x, y)?;
        customer.wait_for_terminal()?;
        self.desk.hands.type_text(&customer.line())
    }

    /// Waits until the technician sees what the typing did: the picture changes and then stands still.
    pub fn wait_until_seen(&self, before: &RgbImage) -> Result<()> {
        let place = self.picture()?;
        let look = || self.desk.screen.grab_part(place);
        let mut last = look()?;
        let mut since = Instant::now();
        wait::until("the outcome in the picture", PATIENCE, || {
            let now = look()?;
            if now != last {
                last = now;
                since = Instant::now();
            }
            Ok((last != *before && since.elapsed() >= STILL).then_some(()))
        })
    }

    /// What the picture shows now.
    pub fn look(&self) -> Result<RgbImage> {
        self.desk.screen.grab_part(self.picture()?)
    }

    /// Ends the session and waits until the gateway says so.
    pub fn close(&self) -> Result<()> {
        let session_id = self.session_id()?;
        self.cli.text(&["session", "close", &session_id])?;
        wait::until("the session's end", PATIENCE, || {
            let ended = record::row(&self.cli, &session_id, &["--ended"])?;
            Ok(ended.map(drop))
        })
    }

    /// Copies what the console said to `out`.
    pub fn keep_logs(&self, out: &Path) -> Result<()> {
        record::keep_log(&self.console, &out.join("console.log"))
    }
}

/// Nine digits in groups, and nothing else.
fn is_pin(label: &str) -> bool {
    let digits = label.chars().filter(char::is_ascii_digit).count();
    digits == 9 && label.chars().all(|c| c.is_ascii_digit() || c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_nine_digits_in_groups_and_nothing_else() {
        assert!(is_pin("427 901 358"));
        assert!(is_pin("427\u{2009}901\u{2009}358"));
        assert!(!is_pin("427 901 35"));
        assert!(!is_pin("PIN 427 901 358"));
    }
}
