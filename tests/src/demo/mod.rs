//! The session that `make demo` shows: a gateway, a technician's console and a customer's applet, from
//! a PIN to a line typed through the remote desktop into the customer's own terminal.
//!
//! Without a display ([`Show::Headless`]) both computers are virtual and everything is pressed through
//! the real windows; it succeeds only when the typed line arrived and the files it leaves behind hold
//! what they should. With one ([`Show::OnDisplay`]) the customer's computer is a window of it, and
//! everything stays open for the person to play with.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use self::join_page::Drawn;
use crate::harness::{Cli, Desk, Display, Gateway, Running, bus};

mod customer;
mod join_page;
mod proof;
mod record;
mod technician;
mod words;

pub use customer::Customer;
pub use technician::Technician;

/// The customer's screen; small enough to be read in the technician's window.
const CUSTOMER_SCREEN_PX: (u16, u16) = (1280, 800);
/// The technician's screen.
const TECHNICIAN_SCREEN_PX: (u16, u16) = (1440, 900);

/// How the demo is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Show {
    /// On two displays of its own; ends by itself.
    Headless,
    /// On the person's display, by name; ends with the console.
    OnDisplay(String),
}

impl Show {
    /// What the environment asks for: `HEADLESS=1`, or no `DISPLAY`, means headless.
    pub fn from_environment() -> Self {
        let set = |key: &str| std::env::var(key).ok().filter(|value| !value.is_empty());
        match (set("HEADLESS").filter(|value| value != "0"), set("DISPLAY")) {
            (None, Some(display)) => Self::OnDisplay(display),
            _ => Self::Headless,
        }
    }
}

/// Says what is being done and how long the step before took.
#[derive(Debug)]
struct Steps {
    began: Instant,
}

impl Steps {
    fn say(&self, what: &str) {
        println!("demo {:6.1} s  {what}", self.began.elapsed().as_secs_f32());
    }
}

/// Runs the demo and leaves its files in `out`.
pub fn run(show: &Show, out: &Path) -> Result<()> {
    let out = prepare(out)?;
    let steps = Steps { began: Instant::now() };
    steps.say("a gateway in a temporary folder, an organisation, a technician");
    let gateway = Gateway::start()?;
    let cli = gateway.sign_in(&gateway.technician)?;
    match show {
        Show::Headless => headless(&steps, &gateway, &cli, &out),
        Show::OnDisplay(display) => on_display(&steps, display, &gateway, &cli),
    }
}

fn prepare(out: &Path) -> Result<PathBuf> {
    if out.exists() {
        std::fs::remove_dir_all(out).with_context(|| out.display().to_string())?;
    }
    std::fs::create_dir_all(out)?;
    Ok(out.canonicalize()?)
}

fn headless(steps: &Steps, gateway: &Gateway, cli: &Cli, out: &Path) -> Result<()> {
    steps.say("two computers: the customer's with a terminal and an editor, the technician's");
    let mut customer = Customer::sit_down(Desk::new(CUSTOMER_SCREEN_PX)?)?;
    let mut technician = Technician::sit_down(Desk::new(TECHNICIAN_SCREEN_PX)?, gateway, cli)?;
    let outcome = session(steps, gateway, cli, &mut customer, &mut technician, out);
    // The pictures are most wanted when something went wrong.
    technician.desk.screen.save(&out.join("console.png"))?;
    customer.desk.screen.save(&out.join("applet.png"))?;
    if outcome.is_err() {
        customer.keep_logs(out)?;
        technician.keep_logs(out)?;
    }
    let join_page = outcome?;
    steps.say("what was typed arrived; the session ends");
    technician.close()?;
    let session_id = technician.session_id()?;
    let record = record::write(cli, &session_id, &out.join("session.json"))?;
    proof::record(&record, &session_id)?;
    proof::picture(&out.join("console.png"), TECHNICIAN_SCREEN_PX)?;
    proof::picture(&out.join("applet.png"), CUSTOMER_SCREEN_PX)?;
    let without = match join_page {
        Drawn::Form => "",
        Drawn::NoBrowser => "; without join.png, which takes a browser",
    };
    steps.say(&format!("done; see {}{without}", out.display()));
    Ok(())
}

/// From *New session* to the typed line. Tells what became of the picture of the join page.
fn session(steps: &Steps, gateway: &Gateway, cli: &Cli, customer: &mut Customer, technician: &mut Technician, out: &Path) -> Result<Drawn> {
    steps.say("the technician makes a PIN in the console");
    let pin = technician.make_pin(words::CUSTOMER_NAME, cli)?;
    steps.say("the public join page");
    let join_page = join_page::picture(gateway, customer.desk.folder(), &out.join("join.png"))?;
    if join_page == Drawn::NoBrowser {
        steps.say("no join.png: there is no browser here; `installers/setup.sh demo` installs chromium where it is to be had");
    }
    steps.say(&format!("the customer types {pin}"));
    customer.join(gateway, &pin)?;
    steps.say("the technician starts the session and asks for control");
    technician.start_session()?;
    technician.ask_for_control()?;
    steps.say("the customer allows it");
    customer.allow()?;
    technician.wait_for_picture()?;
    steps.say("the technician types into the customer's terminal");
    let before = technician.look()?;
    technician.type_into_remote(customer)?;
    customer.check_arrived()?;
    technician.wait_until_seen(&before)?;
    Ok(join_page)
}

/// Shows it all on `display` and waits until the console is closed or the demo is interrupted.
fn on_display(steps: &Steps, display: &str, gateway: &Gateway, cli: &Cli) -> Result<()> {
    steps.say("the customer's computer is the window \"The customer's computer\"");
    let desk = Desk::nested(display, "The customer's computer", CUSTOMER_SCREEN_PX)?;
    let mut customer = Customer::sit_down(desk)?;
    let own = Desk::on(Display::existing(display)?, bus::Keyring::Absent)?;
    let mut technician = Technician::sit_down(own, gateway, cli)?;
    steps.say("a PIN made in the console, typed into the applet");
    let pin = technician.make_pin_quietly(words::CUSTOMER_NAME, cli)?;
    customer.join(gateway, &pin)?;
    println!(
        "\nThe console is signed in as {} and the customer waits.\n\
         Select the session, press Start, and allow it in the customer's window.\n\
         The gateway is {} (trust {}).\n\
         Close the console or press Ctrl+C to end the demo.",
        gateway.technician.name, gateway.url, gateway.trust
    );
    wait_for_the_end(&mut technician.console)
}

/// Returns when the console was closed or Ctrl+C was pressed.
fn wait_for_the_end(console: &mut Running) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut interrupted = Box::pin(tokio::signal::ctrl_c());
        let mut look = tokio::time::interval(Duration::from_millis(200));
        loop {
            tokio::select! {
                _ = &mut interrupted => return Ok(()),
                _ = look.tick() => if !console.is_running() { return Ok(()) },
            }
        }
    })
}
