//! Key to photon: an XTEST key on the technician's display to the changed pixel there, in full screen at 1:1 and in the tab with *fit*.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use atspi::Role;
use farhand_tests::harness::{
    Desk, Gateway, Meeting, Query,
    atspi::Rect,
    console,
    lamp::{self, Lamp, Switch},
};
use x11rb::protocol::xproto::Keysym;

use crate::figures::Figures;

const GOAL_MILLIS: f64 = 80.0;
/// The key that is pressed: the letter a.
const KEY: Keysym = 0x61;

/// Measures both ways to look.
pub fn run(figures: &mut Figures, presses: usize) -> Result<()> {
    let gateway = Gateway::start()?;
    let cli = gateway.sign_in(&gateway.technician)?;
    let customer = Desk::new((1920, 1080))?;
    let _lamp = Lamp::open(customer.display(), Switch::Key)?;
    let meeting = Meeting::start(&gateway, &cli, &customer, "view,control")?;
    for (name, flags) in [("full screen", &["--fullscreen"][..]), ("tab with fit", &[][..])] {
        let mut technician = Desk::new((1920, 1080))?;
        let program = console::program(&gateway, &cli)?.args(["--session", &meeting.session.id, "--control"]);
        let console = technician.start(program.args(flags))?;
        let spot = lamp::find(&technician)?;
        if flags.is_empty() {
            technician.find(&console, &Query::containing("Control").role(Role::ToggleButton))?;
        }
        technician.hands.click(spot.x, spot.y)?;
        let values = presses_of(&mut technician, spot, presses).with_context(|| console.log())?;
        figures.series(format!("key to photon, {name}"), "ms", GOAL_MILLIS, values);
    }
    Ok(())
}

/// Presses a key again and again, and gives the milliseconds until the spot had another colour.
pub fn presses_of(desk: &mut Desk, spot: Rect, presses: usize) -> Result<Vec<f64>> {
    let mut values = Vec::with_capacity(presses);
    // The first presses warm caches and are not counted.
    for press in 0..presses + 5 {
        let before = lamp::colour_at(&desk.screen, spot)?;
        let began = Instant::now();
        desk.hands.tap(KEY)?;
        while lamp::colour_at(&desk.screen, spot)? == before {
            if began.elapsed() > Duration::from_secs(3) {
                bail!("press {press} was never seen");
            }
            std::thread::sleep(Duration::from_micros(200));
        }
        if press >= 5 {
            values.push(began.elapsed().as_secs_f64() * 1000.0);
        }
        std::thread::sleep(Duration::from_millis(60 + (press as u64 * 7) % 40));
    }
    Ok(values)
}
