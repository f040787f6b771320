//! The customer: a computer with a terminal, an editor and the applet.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use super::{record, words};
use crate::harness::atspi::Rect;
use crate::harness::screen::colours;
use crate::harness::{Desk, Gateway, Program, Query, Running, wait};

const PATIENCE: Duration = Duration::from_secs(30);
/// Cells of the terminal and its place, as xterm takes them.
const TERMINAL_GEOMETRY: &str = "84x17+440+70";
/// A place inside the terminal.
const IN_TERMINAL: (i32, i32) = (820, 250);
/// Where the contents of the other windows stand: beside each other, all to be seen.
const EDITOR_WINDOW: Rect = Rect {
    x: 560,
    y: 470,
    width: 640,
    height: 290,
};
const APPLET: Rect = Rect {
    x: 30,
    y: 90,
    width: 380,
    height: 640,
};
/// What the screen shows where no window is.
const BACKGROUND: u32 = 0x35_4a_5c;
/// What the shell makes of the line the technician types.
const EXPECTED: &str = "typed through Farhand: 42\n";

/// The person in front of the remote computer.
#[derive(Debug)]
pub struct Customer {
    applet: Option<Running>,
    terminal: Running,
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
        let editor = desk.start(Program::at(EDITOR).arg(&notes))?;
        let shell = ["-e", "env", "PS1=maria@diaz-pc:~$ ", "sh"];
        let terminal = Program::at("xterm")
            .args(["-T", "Terminal", "-geometry", TERMINAL_GEOMETRY])
            .args(["-fa", "DejaVu Sans Mono", "-fs", "11"])
            .args(shell);
        let terminal = desk.start(terminal)?;
        desk.windows.paint_background(BACKGROUND)?;
        desk.windows.place(editor.pid(), EDITOR_WINDOW)?;
        desk.screen
            .wait_for("the customer's programs", PATIENCE, |image| colours(image, 8) >= 8)?;
        Ok(Self {
            applet: None,
            terminal,
            _editor: editor,
            file,
            desk,
        })
    }

    /// Opens the applet, types the PIN and connects.
    pub fn join(&mut self, gateway: &Gateway, pin: &str) -> Result<()> {
        let applet = self.desk.start(Program::farhand("farhand-applet")?.envs(gateway.envs()))?;
        let applet = self.applet.insert(applet);
        self.desk.windows.place(applet.pid(), APPLET)?;
        self.desk.fill(applet, &Query::field(words::CODE_FIELD), pin)?;
        self.desk.press(applet, &Query::button(words::CONNECT))?;
        self.desk.find(applet, &Query::containing(words::WAITING))?;
        Ok(())
    }

    /// Answers *Allow* to what the applet asks.
    pub fn allow(&self) -> Result<()> {
        let (more, allow) = (Query::button(words::MORE), Query::button(words::ALLOW));
        self.desk.press_after(self.applet()?, &more, &allow).map(drop)
    }

    fn applet(&self) -> Result<&Running> {
        self.applet.as_ref().context("the applet was opened")
    }

    /// A place inside the terminal, in pixels of the customer's screen.
    pub fn place_in_terminal(&self) -> (i32, i32) {
        IN_TERMINAL
    }

    /// Waits until the terminal has the keyboard: keys that came before the click has done its work
    /// would rightly be refused, because they would reach the applet's own window.
    pub fn wait_for_terminal(&self) -> Result<()> {
        self.desk.windows.wait_active(self.terminal.pid())
    }

    /// The line whose outcome proves that keys arrived in the customer's shell.
    pub fn line(&self) -> String {
        format!("echo \"typed through Farhand: $((6*7))\" > '{}'\n", self.file.display())
    }

    /// Waits for what the shell made of the line.
    pub fn check_arrived(&self) -> Result<()> {
        let text = wait::until("the typed line to arrive", PATIENCE, || {
            Ok(std::fs::read_to_string(&self.file).ok().filter(|text| text.ends_with('\n')))
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
const EDITOR: &str = "l3afpad";
