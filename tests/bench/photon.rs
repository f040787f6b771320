//! Key to photon: an XTEST key on the technician's display to the changed pixel there, in full screen at 1:1 and in the tab with *fit*.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use atspi::Role;
use farhand_tests::harness::{Cli, Desk, Gateway, Meeting, Program, Query, Running, atspi::Rect, wait};
use image::Rgb;
use x11rb::protocol::xproto::Keysym;

use crate::{
    figures::Figures,
    lamp::{COLOURS, Lamp},
};

const PATIENCE: Duration = Duration::from_secs(40);
const GOAL_MILLIS: f64 = 80.0;
/// The key that is pressed: the letter a.
const KEY: Keysym = 0x61;

/// Measures both ways to look.
pub fn run(figures: &mut Figures, presses: usize) -> Result<()> {
    let gateway = Gateway::start()?;
    let cli = gateway.sign_in(&gateway.technician)?;
    let customer = Desk::new((1920, 1080))?;
    let lamp = Lamp::open(customer.display())?;
    let meeting = Meeting::start(&gateway, &cli, &customer, "view,control")?;
    for (name, flags) in [("full screen", &["--fullscreen"][..]), ("tab with fit", &[][..])] {
        let mut technician = Desk::new((1920, 1080))?;
        let console = console(&gateway, &cli, &technician, &meeting.session.id, flags)?;
        let spot = find_lamp(&technician)?;
        if flags.is_empty() {
            technician.find(&console, &Query::containing("Control").role(Role::ToggleButton))?;
        }
        technician.hands.click(spot.x, spot.y)?;
        let values = presses_of(&mut technician, spot, presses).with_context(|| console.log())?;
        figures.series(format!("key to photon, {name}"), "ms", GOAL_MILLIS, values);
    }
    drop(lamp);
    Ok(())
}

fn console(gateway: &Gateway, cli: &Cli, desk: &Desk, session: &str, flags: &[&str]) -> Result<Running> {
    let program = Program::farhand("farhand-console")?
        .envs(gateway.envs())
        .envs(cli.envs().iter().map(|(k, v)| (k, v)));
    desk.start(program.args(["--session", session, "--control"]).args(flags))
}

/// A pixel in the middle of the lamp, as the technician sees it.
fn find_lamp(desk: &Desk) -> Result<Rect> {
    wait::until("the lamp on the technician's screen", PATIENCE, || {
        let image = desk.screen.grab()?;
        let hits: Vec<(u32, u32)> = image
            .enumerate_pixels()
            .filter(|(_, _, p)| colour_of(p).is_some())
            .map(|(x, y, _)| (x, y))
            .collect();
        if hits.len() < 400 {
            return Ok(None);
        }
        let middle = |values: Vec<u32>| (values.iter().min().copied().unwrap_or(0) + values.iter().max().copied().unwrap_or(0)) / 2;
        let (x, y) = (
            middle(hits.iter().map(|h| h.0).collect()),
            middle(hits.iter().map(|h| h.1).collect()),
        );
        Ok(Some(Rect {
            x: x as i32,
            y: y as i32,
            width: 1,
            height: 1,
        }))
    })
}

fn presses_of(desk: &mut Desk, spot: Rect, presses: usize) -> Result<Vec<f64>> {
    let mut values = Vec::with_capacity(presses);
    // The first presses warm caches and are not counted.
    for press in 0..presses + 5 {
        let before = seen(desk, spot)?;
        let began = Instant::now();
        desk.hands.tap(KEY)?;
        while seen(desk, spot)? == before {
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

fn seen(desk: &Desk, spot: Rect) -> Result<Option<usize>> {
    Ok(colour_of(desk.screen.grab_part(spot)?.get_pixel(0, 0)))
}

/// Which of the lamp's colours a pixel has; video may be off by a little.
fn colour_of(pixel: &Rgb<u8>) -> Option<usize> {
    COLOURS.iter().position(|colour| {
        let [_, r, g, b] = colour.to_be_bytes();
        pixel.0.iter().zip([r, g, b]).all(|(seen, lamp)| seen.abs_diff(lamp) <= 24)
    })
}
