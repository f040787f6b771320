//! A technician on strings: a process of its own with the engine that console and `farhand` use, told
//! what to do one JSON line at a time. For what the one-shot commands of `farhand` cannot do: keys that
//! stay down, wheel and drags, hundreds of chat lines over one link, the time of every picture.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use farhand_protocol::{
    geometry::Point,
    input::{Button, InputEvent, KeyEvent, KeyLayout, Press},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::cli::Cli;
use super::process::{Program, Running};
use super::wait;

/// What the process can be told.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Order {
    /// Take the link of an active session up.
    Open,
    /// See the screen, or stop.
    View {
        /// True to see.
        on: bool,
    },
    /// Take mouse and keyboard, or leave them.
    Control {
        /// True to take.
        on: bool,
    },
    /// One act of the hands; an epoch of 0 stands for the newest layout.
    Input {
        /// The act.
        event: InputEvent,
    },
    /// A chat line.
    Chat {
        /// Plain text.
        text: String,
    },
    /// Write the picture as it is now.
    Save {
        /// PNG.
        file: String,
    },
    /// Leave the link; the session goes on.
    Leave,
}

/// An order and the session it is for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Told {
    /// The session's number.
    pub session: i64,
    /// What to do.
    #[serde(flatten)]
    pub order: Order,
}

/// The running process.
#[derive(Debug)]
pub struct Puppet {
    /// The process.
    pub process: Running,
}

impl Puppet {
    /// Starts one that acts as `cli` does; its words lie in `folder` under `name`.
    pub fn start(cli: &Cli, folder: &Path, name: &str) -> Result<Self> {
        Self::start_in(cli, folder, name, &[], &[])
    }

    /// Starts one through `prefix` with more variables, and waits until the gateway's line stands.
    pub fn start_in(cli: &Cli, folder: &Path, name: &str, prefix: &[&str], envs: &[(&str, &str)]) -> Result<Self> {
        let state = folder.join(format!("{name}.state"));
        let program = Program::farhand("farhand-puppet")?
            .named(name)
            .prefixed(prefix)
            .envs(cli.envs().iter().map(|(key, value)| (key, value)))
            .env("FARHAND_STATE", &state)
            .envs(envs.iter().copied())
            .listening();
        let mut process = program.spawn(folder)?;
        process.wait_line("the gateway's line", Duration::from_secs(30), |line| {
            (event_of(line)?["event"] == "gateway_up").then_some(())
        })?;
        Ok(Self { process })
    }

    /// Tells it something.
    pub fn tell(&mut self, session: &str, order: Order) -> Result<()> {
        let session = session.parse().context("a session's number")?;
        self.process.say(&serde_json::to_string(&Told { session, order })?)
    }

    /// Tells it an act of the hands.
    pub fn act(&mut self, session: &str, event: InputEvent) -> Result<()> {
        self.tell(session, Order::Input { event })
    }

    /// Everything it has told so far.
    pub fn events(&self) -> Vec<Value> {
        self.process.stdout().lines().filter_map(event_of).collect()
    }

    /// How many events it has told; for [`Puppet::wait_after`].
    pub fn told(&self) -> usize {
        self.events().len()
    }

    /// Waits for an event of a session by its name.
    pub fn wait(&mut self, session: &str, event: &str, timeout: Duration) -> Result<Value> {
        self.wait_after(0, session, event, timeout, |_| true)
    }

    /// Waits for an event after the first `skip` ones that `wanted` accepts.
    pub fn wait_after(
        &mut self,
        skip: usize,
        session: &str,
        event: &str,
        timeout: Duration,
        wanted: impl Fn(&Value) -> bool,
    ) -> Result<Value> {
        let number: i64 = session.parse()?;
        let found = wait::until(&format!("{event:?} of session {session}"), timeout, || {
            let events = self.events();
            let mut after = events.into_iter().skip(skip);
            Ok(after.find(|said| said["session"] == number && said["event"] == event && wanted(said)))
        });
        found.map_err(|error| error.context(format!("{}{}", self.process.stdout(), self.process.log())))
    }

    /// Opens the link of an active session and waits for the welcome.
    pub fn open(&mut self, session: &str, timeout: Duration) -> Result<()> {
        let before = self.told();
        self.tell(session, Order::Open)?;
        self.wait_after(before, session, "welcome", timeout, |_| true).map(drop)
    }

    /// Sees the screen and waits for the first whole picture.
    pub fn view(&mut self, session: &str, timeout: Duration) -> Result<()> {
        let before = self.told();
        self.tell(session, Order::View { on: true })?;
        self.wait_after(before, session, "picture", timeout, |_| true).map(drop)
    }

    /// Whether mouse and keyboard are held, as far as was told: what a link that is back gives back is not told again.
    fn has_control(&self, session: &str) -> Result<bool> {
        let number: i64 = session.parse()?;
        let events = self.events();
        let mut newest_first = events.iter().rev();
        let last = newest_first.find(|said| said["session"] == number && said["event"] == "control");
        Ok(last.is_some_and(|said| said["on"] == true))
    }

    /// Takes mouse and keyboard and waits until they are held.
    pub fn control(&mut self, session: &str, timeout: Duration) -> Result<()> {
        let before = self.told();
        self.tell(session, Order::Control { on: true })?;
        if self.has_control(session)? {
            return Ok(());
        }
        self.wait_after(before, session, "control", timeout, |said| said["on"] == true)
            .map(drop)
    }
}

fn event_of(line: &str) -> Option<Value> {
    serde_json::from_str(line).ok()
}

/// The key of a USB HID usage going down or up, by its place on the customer's keyboard.
pub fn key(usage: u16, press: Press) -> InputEvent {
    InputEvent::Key(KeyEvent {
        usage,
        press,
        logical: None,
        text: None,
        layout: KeyLayout::There,
    })
}

/// The pointer moving to a place.
pub fn move_to(x: i32, y: i32) -> InputEvent {
    InputEvent::PointerMove {
        epoch: 0,
        pos: Point { x, y },
    }
}

/// A button going down or up at a place.
pub fn button(x: i32, y: i32, button: Button, press: Press) -> InputEvent {
    InputEvent::PointerButton {
        epoch: 0,
        pos: Point { x, y },
        button,
        press,
    }
}

/// The wheel turning at a place, in 120ths of a detent: to the trailing side, and away from the person.
pub fn wheel(x: i32, y: i32, dx: i32, dy: i32) -> InputEvent {
    InputEvent::Wheel {
        epoch: 0,
        pos: Point { x, y },
        dx,
        dy,
    }
}
