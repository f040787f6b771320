//! The technician's window on a desk: the console signed in, what it shows of the customer's screen and where.

use std::time::Duration;

use anyhow::{Context as _, Result};

use super::atspi::{Query, Rect};
use super::cli::Cli;
use super::desk::Desk;
use super::display::SizePx;
use super::gateway::Gateway;
use super::process::{Program, Running};

/// How long the picture may take to have a place in the window.
const PATIENCE: Duration = Duration::from_secs(30);
/// How the label of the picture begins; the customer's name follows.
const PICTURE: &str = "Desktop of ";

/// The console signed in by the token of `cli`, not yet started.
pub fn program(gateway: &Gateway, cli: &Cli) -> Result<Program> {
    let token = cli.envs().iter().find(|(key, _)| key == "FARHAND_TOKEN");
    let (key, token) = token.context("the technician is signed in")?;
    Ok(Program::farhand("farhand-console")?.envs(gateway.envs()).env(key, token))
}

/// Where the customer's screen is shown on a desk.
pub fn picture(desk: &Desk, console: &Running) -> Result<Rect> {
    let query = Query::containing(PICTURE);
    Ok(desk.accessibility.find_steady(console.pid(), &query, PATIENCE)?.bounds)
}

/// Where a place of the remote screen lies when the whole of it is fitted, centred, into `picture`.
pub fn fitted(picture: Rect, remote_px: SizePx, place: (i32, i32)) -> (i32, i32) {
    let (width, height) = (f64::from(remote_px.0), f64::from(remote_px.1));
    let scale = (f64::from(picture.width) / width).min(f64::from(picture.height) / height);
    let along = |start: i32, length: i32, remote: f64, at: i32| {
        let margin = (f64::from(length) - remote * scale) / 2.0;
        start + (margin + f64::from(at) * scale) as i32
    };
    (
        along(picture.x, picture.width, width, place.0),
        along(picture.y, picture.height, height, place.1),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_found_inside_a_picture_with_margins_at_the_sides() {
        let picture = Rect {
            x: 100,
            y: 50,
            width: 1000,
            height: 400,
        };
        assert_eq!(fitted(picture, (800, 400), (0, 0)), (200, 50));
        assert_eq!(fitted(picture, (1600, 800), (800, 400)), (600, 250));
    }
}
