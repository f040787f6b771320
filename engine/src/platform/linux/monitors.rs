//! The arrangement of monitors, from RandR where there is one, else the root window as one monitor.

use x11rb::protocol::randr::{self, ConnectionExt as _};
use x11rb::protocol::xproto::{Atom, AtomEnum, ConnectionExt as _};

use farhand_protocol::geometry::{DesktopLayout, MAX_MONITORS, Monitor, Rect};

use super::connection::{Server, XError};

/// The DPI that counts as 100 %.
const BASE_DPI: f64 = 96.0;
/// Most of the resource database looked at, in units of four bytes.
const RESOURCES_LONGS: u32 = 16_384;

/// Asks the server to report monitors that come, go or move.
pub(super) fn select_changes(server: &Server) -> Result<(), XError> {
    if server.has(randr::X11_EXTENSION_NAME)? {
        server.conn.randr_query_version(1, 5)?.reply()?;
        let mask = randr::NotifyMask::SCREEN_CHANGE | randr::NotifyMask::CRTC_CHANGE | randr::NotifyMask::OUTPUT_CHANGE;
        server.conn.randr_select_input(server.root, mask)?;
    }
    Ok(())
}

/// The monitors as they are now; everything within the root window.
pub(super) fn current(server: &Server, epoch: u32) -> Result<DesktopLayout, XError> {
    let geometry = server.conn.get_geometry(server.root)?.reply()?;
    let root = Rect::new(0, 0, geometry.width.into(), geometry.height.into());
    let scale_percent = scale_percent(server)?;
    let mut monitors = from_randr(server, root, scale_percent)?;
    if covered(&monitors) != root && probe(server)? {
        monitors = from_randr(server, root, scale_percent)?;
    }
    if monitors.is_empty() {
        monitors.push(Monitor {
            id: 0,
            area: root,
            scale_percent,
            primary: true,
            name: "Screen".to_owned(),
        });
    }
    if !monitors.iter().any(|m| m.primary) {
        monitors[0].primary = true;
    }
    Ok(DesktopLayout { epoch, monitors })
}

fn covered(monitors: &[Monitor]) -> Rect {
    monitors.iter().fold(Rect::default(), |all, one| all.union(&one.area))
}

/// Makes the server look at its outputs again. Some (nested ones) list stale monitors until asked
/// to; asking real hardware is slow, so it is asked only when the list does not fit the screen.
fn probe(server: &Server) -> Result<bool, XError> {
    if !server.has(randr::X11_EXTENSION_NAME)? {
        return Ok(false);
    }
    match server.conn.randr_get_screen_resources(server.root)?.reply() {
        Ok(_) => Ok(true),
        Err(x11rb::errors::ReplyError::X11Error(_)) => Ok(false),
        Err(e) => Err(e.into()),
    }
}

fn from_randr(server: &Server, root: Rect, scale_percent: u16) -> Result<Vec<Monitor>, XError> {
    if !server.has(randr::X11_EXTENSION_NAME)? {
        return Ok(Vec::new());
    }
    let reply = match server.conn.randr_get_monitors(server.root, true)?.reply() {
        Ok(reply) => reply,
        Err(x11rb::errors::ReplyError::X11Error(_)) => return Ok(Vec::new()),
        Err(e) => return Err(e.into()),
    };
    let mut monitors: Vec<Monitor> = Vec::new();
    for info in reply.monitors.iter().take(MAX_MONITORS) {
        let area = Rect::new(info.x.into(), info.y.into(), info.width.into(), info.height.into());
        let Some(area) = area.intersection(&root) else { continue };
        // Two outputs that mirror each other are one monitor to look at.
        if monitors.iter().any(|m| m.area == area) {
            continue;
        }
        let id = info.outputs.first().copied().unwrap_or(info.name);
        monitors.push(Monitor {
            id,
            area,
            scale_percent,
            primary: info.primary,
            name: atom_name(server, info.name)?,
        });
    }
    Ok(monitors)
}

fn atom_name(server: &Server, atom: Atom) -> Result<String, XError> {
    match server.conn.get_atom_name(atom)?.reply() {
        Ok(reply) => Ok(String::from_utf8_lossy(&reply.name).into_owned()),
        Err(x11rb::errors::ReplyError::X11Error(_)) => Ok("Screen".to_owned()),
        Err(e) => Err(e.into()),
    }
}

/// X has one scale for all monitors: `Xft.dpi` in the resource database.
fn scale_percent(server: &Server) -> Result<u16, XError> {
    let resources = server.property(server.root, AtomEnum::RESOURCE_MANAGER.into(), AtomEnum::STRING, RESOURCES_LONGS)?;
    let text = resources
        .map(|r| String::from_utf8_lossy(&r.value).into_owned())
        .unwrap_or_default();
    Ok(scale_from_resources(&text))
}

fn scale_from_resources(text: &str) -> u16 {
    let dpi = text
        .lines()
        .find_map(|line| line.strip_prefix("Xft.dpi:"))
        .and_then(|dpi| dpi.trim().parse::<f64>().ok());
    match dpi {
        Some(dpi) if (48.0..=960.0).contains(&dpi) => (dpi / BASE_DPI * 100.0).round() as u16,
        _ => 100,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_comes_from_the_resource_database() {
        assert_eq!(scale_from_resources("Xcursor.size:\t24\nXft.dpi:\t144\n"), 150);
        assert_eq!(scale_from_resources("Xft.dpi: nonsense"), 100);
        assert_eq!(scale_from_resources(""), 100);
    }
}
