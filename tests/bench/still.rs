//! A still screen for a minute in the normal window: processor time of applet and console, then memory of all three programs with one 1080p session.

use std::time::Duration;

use anyhow::Result;
use farhand_tests::harness::{Desk, Gateway, Meeting, Query, console, wait};

use crate::{
    figures::Figures,
    process::{cpu_seconds, memory_mb},
};

const WATCHED: Duration = Duration::from_secs(60);
const PATIENCE: Duration = Duration::from_secs(40);

/// Measures one session.
pub fn run(figures: &mut Figures) -> Result<()> {
    let mut gateway = Gateway::start()?;
    let cli = gateway.sign_in(&gateway.technician)?;
    let (customer, technician) = (Desk::new((1920, 1080))?, Desk::new((1920, 1080))?);
    let meeting = Meeting::start(&gateway, &cli, &customer, "view,control")?;
    let program = console::program(&gateway, &cli)?;
    let console = technician.start(program.args(["--session", &meeting.session.id, "--view"]))?;
    let strip = Query::containing("Exact");
    wait::until("an exact picture", PATIENCE, || {
        technician
            .accessibility
            .is_there(console.pid(), &strip)
            .map(|there| there.then_some(()))
    })?;
    // Clocks tick each second in a state's first minute; a person's day is not made of those.
    std::thread::sleep(Duration::from_secs(65));
    let programs = [("applet", meeting.applet.pid()), ("console", console.pid())];
    let before = programs.map(|(_, pid)| cpu_seconds(pid));
    std::thread::sleep(WATCHED);
    for ((name, pid), before) in programs.into_iter().zip(before) {
        let share = (cpu_seconds(pid)? - before?) / WATCHED.as_secs_f64() * 100.0;
        figures.series(format!("still screen, {name}"), "% of a core", 1.0, vec![share]);
    }
    let gateway_pid = gateway.process().pid();
    for (name, pid, goal) in [
        ("applet", programs[0].1, 60.0),
        ("console", programs[1].1, 110.0),
        ("gateway", gateway_pid, 60.0),
    ] {
        figures.series(format!("memory, {name}"), "MB", goal, vec![memory_mb(pid)?]);
    }
    Ok(())
}
