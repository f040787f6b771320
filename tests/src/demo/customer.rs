//! The customer: a computer with a terminal, an editor and the applet.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use super::{record, words};
use crate::harness::atspi::Rect;
use crate::harness::screen::colours;
use crate::harness::{Desk, Gateway, Program, Query, Running, wait};

const PATIENCE: Duration = Duration::from_secs(30);
/// Where on the screen the terminal stands, and how large a cell grid it has.
const TERMINAL_GEOMETRY: &str = "84x20+24+40";
/// What the shell makes of the line the technician types.
const EXPECTED: &str = "typed through Farhand: 42\n";

/// The person in front of the remote computer.
#[derive(Debug)]
pub struct Customer {
    applet: Option<Running>,
    _terminal: Running,
    _editor: Running,
    file: PathBuf,
    /// The computer.
    pub desk: Desk,
}

impl Customer {
    /// Opens the customer's own programs on `desk`.
    pub fn sit_down(desk: Desk) -> Result<Self> {
        let file = desk.home().join("from-technician.txt");
        let notes = desk.home().join("shopping.txt");
        std::fs::write(&notes, "Shopping list\n\n- printer paper\n- coffee\n")?;
        let editor = desk.start(Program::at(EDITOR).args(editor_args()).arg(&notes))?;
        let shell = ["-e", "env", "PS1=maria@diaz-pc:~$ ", "sh"];
        let terminal = Program::at("xterm")
            .args(["-T", "Terminal", "-geometry", TERMINAL_GEOMETRY])
            .args(["-fa", "DejaVu Sans Mono", "-fs", "11"])
            .args(shell);
        let terminal = desk.start(terminal)?;
        desk.screen
            .wait_for("the customer's programs", PATIENCE, |image| {
                colours(image, 8) >= 8
            })?;
        Ok(Self {
            applet: None,
            _terminal: terminal,
            _editor: editor,
            file,
            desk,
        })
    }

    /// Opens the applet, types the PIN and connects.
    pub fn join(&mut self, gateway: &Gateway, pin: &str) -> Result<()> {
        let applet = self
            .desk
            .start(Program::farhand("farhand-applet")?.envs(gateway.envs()))?;
        let applet = self.applet.insert(applet);
        self.desk
            .fill(applet, &Query::field(words::CODE_FIELD), pin)?;
        self.desk.press(applet, &Query::button(words::CONNECT))?;
        self.desk.find(applet, &Query::containing(words::WAITING))?;
        Ok(())
    }

    /// Answers *Allow* to what the applet asks.
    pub fn allow(&self) -> Result<()> {
        self.desk
            .press(self.applet()?, &Query::button(words::ALLOW))
            .map(drop)
    }

    fn applet(&self) -> Result<&Running> {
        self.applet.as_ref().context("the applet was opened")
    }

    /// A place inside the terminal, in pixels of the customer's screen.
    pub fn place_in_terminal(&self) -> (i32, i32) {
        let inside = Rect {
            x: 60,
            y: 80,
            width: 300,
            height: 160,
        };
        inside.centre()
    }

    /// The line whose outcome proves that keys arrived in the customer's shell.
    pub fn line(&self) -> String {
        format!(
            "echo \"typed through Farhand: $((6*7))\" > '{}'\n",
            self.file.display()
        )
    }

    /// Waits for what the shell made of the line.
    pub fn check_arrived(&self) -> Result<()> {
        let text = wait::until("the typed line to arrive", PATIENCE, || {
            Ok(std::fs::read_to_string(&self.file)
                .ok()
                .filter(|text| text.ends_with('\n')))
        })?;
        if text != EXPECTED {
            bail!("{text:?} arrived instead of {EXPECTED:?}");
        }
        Ok(())
    }

    /// Copies what the applet said to `out`.
    pub fn keep_logs(&self, out: &Path) -> Result<()> {
        match &self.applet {
            Some(applet) => record::keep_log(applet, &out.join("applet.log")),
            None => Ok(()),
        }
    }
}

/// A plain editor every desktop has something like.
const EDITOR: &str = "mousepad";

fn editor_args() -> [&'static str; 1] {
    ["--disable-server"]
}
