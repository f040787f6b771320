//! From *Connect* pressed to the first complete frame: auto-start on, view granted in advance, direct and relayed. The technician's side is the engine of the console in
//! a process of its own; the customer's is the applet with its window.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Result;
use farhand_tests::harness::{Cli, Desk, Gateway, Program, Query, meeting, puppet::Order, puppet::Puppet};

use crate::figures::Figures;

const PATIENCE: Duration = Duration::from_secs(30);
const GOAL_MILLIS: f64 = 1500.0;

/// Measures both paths.
pub fn run(figures: &mut Figures, rounds: usize) -> Result<()> {
    let gateway = Gateway::start()?;
    let cli = gateway.sign_in(&gateway.technician)?;
    for route in ["direct", "relay"] {
        let values = (0..rounds)
            .map(|round| once(&gateway, &cli, route, round))
            .collect::<Result<Vec<f64>>>()?;
        figures.series(format!("Connect to first frame, {route}"), "ms", GOAL_MILLIS, values);
    }
    Ok(())
}

fn once(gateway: &Gateway, cli: &Cli, route: &str, round: usize) -> Result<f64> {
    let mut desk = Desk::new((1920, 1080))?;
    let mut puppet = Puppet::start_in(cli, desk.folder(), &format!("technician-{round}"), &[], &[("FARHAND_ROUTE", route)])?;
    let session = meeting::new_session(cli, "Maria Diaz", &["--auto-start"])?;
    let applet = Program::farhand("farhand-applet")?
        .envs(gateway.envs())
        .env("FARHAND_ROUTE", route)
        .args(["--grant", "view"]);
    let applet = desk.start(applet)?;
    desk.fill(&applet, &Query::field("Code"), &session.pin)?;
    let pressed = now_millis();
    desk.press(&applet, &Query::button("Connect"))?;
    puppet.wait_after(0, &session.id, "row", PATIENCE, |row| row["status"] == "active")?;
    puppet.open(&session.id, PATIENCE)?;
    puppet.tell(&session.id, Order::View { on: true })?;
    let picture = puppet.wait(&session.id, "picture", PATIENCE)?;
    // A session whose customer has gone keeps one of the technician's slots for a while (SES-75).
    cli.text(&["session", "close", &session.id])?;
    Ok(picture["at_millis"].as_f64().unwrap_or_default() - pressed)
}

fn now_millis() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as f64
}
