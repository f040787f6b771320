//! A session without windows: an applet that was told its PIN and what to allow, on a customer's desk, and
//! the command line as technician. The shortest way to a real session between real processes.

use std::time::Duration;

use anyhow::Result;

use super::cli::{Cli, string};
use super::desk::Desk;
use super::gateway::Gateway;
use super::process::{Program, Running};

/// How long a step between processes may take.
pub const STEP: Duration = Duration::from_secs(30);

/// A session as `farhand session new` made it.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// What the other commands name it by.
    pub id: String,
    /// Nine digits.
    pub pin: String,
    /// The address that leads to it.
    pub link: String,
}

/// Makes a session; `flags` such as `--auto-start`.
pub fn new_session(cli: &Cli, name: &str, flags: &[&str]) -> Result<NewSession> {
    let answer = cli.json(&[&["session", "new", "--name", name], flags].concat())?;
    Ok(NewSession {
        id: string(&answer, "session_id")?,
        pin: string(&answer, "pin")?,
        link: string(&answer, "link")?,
    })
}

/// An applet without a window on `desk`, allowing `grant` in advance; not yet started.
pub fn applet(gateway: &Gateway, desk: &Desk, pin: &str, grant: &str) -> Result<Program> {
    let program = Program::farhand("farhand-applet")?.envs(gateway.envs()).envs(desk.envs());
    Ok(program.args(["--no-window", "--pin", pin, "--grant", grant]))
}

/// A customer whose applet has joined.
#[derive(Debug)]
pub struct Meeting {
    /// The session.
    pub session: NewSession,
    /// The applet.
    pub applet: Running,
}

impl Meeting {
    /// Makes a session, joins it from `desk`, and starts it.
    pub fn start(gateway: &Gateway, cli: &Cli, desk: &Desk, grant: &str) -> Result<Self> {
        let session = new_session(cli, "Maria Diaz", &[])?;
        let mut applet = desk.start(applet(gateway, desk, &session.pin, grant)?)?;
        applet.wait_line("the join", STEP, |line| line.starts_with("joined:").then_some(()))?;
        applet.wait_line("waiting", STEP, |line| is_status(line, "waiting").then_some(()))?;
        cli.text(&["session", "start", &session.id])?;
        applet.wait_line("the start", STEP, |line| is_status(line, "active").then_some(()))?;
        Ok(Self { session, applet })
    }

    /// Waits until the applet says it is over.
    pub fn wait_end(&mut self) -> Result<String> {
        self.applet
            .wait_line("the end", STEP, |line| line.strip_prefix("ended: ").map(str::to_owned))
    }
}

fn is_status(line: &str, status: &str) -> bool {
    line.strip_prefix("status: ")
        .is_some_and(|rest| rest.to_lowercase().starts_with(status))
}
