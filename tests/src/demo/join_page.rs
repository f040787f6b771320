//! The public join page as a visitor's browser shows it.

use std::path::Path;

use anyhow::{Result, bail};

use super::proof;
use crate::harness::display::SizePx;
use crate::harness::{Gateway, Program};

/// Browsers that can draw a page without a display, best first.
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
/// The page is drawn this large.
const SIZE_PX: SizePx = (1100, 780);
/// What the drawn page holds when it is the form that a PIN is typed into.
const FORM: [&str; 2] = ["id=\"pin-form\"", "name=\"pin\""];

/// What became of the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drawn {
    /// It shows the form for the PIN.
    Form,
    /// No browser is installed that could draw it.
    NoBrowser,
}

/// Draws the join page of `gateway` to `path`; the browser keeps its profile in `folder`.
pub fn picture(gateway: &Gateway, folder: &Path, path: &Path) -> Result<Drawn> {
    let Some(browser) = BROWSERS.iter().find(|name| on_path(name)) else {
        return Ok(Drawn::NoBrowser);
    };
    let profile = folder.join("browser");
    // The picture is of the very page whose contents are printed.
    let page = Program::at(*browser)
        .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--dump-dom"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
        .args(["--no-first-run", "--ignore-certificate-errors"])
        .arg(format!("--window-size={},{}", SIZE_PX.0, SIZE_PX.1))
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(format!("--screenshot={}", path.display()))
        .arg(format!("{}/", gateway.url))
        .env("HOME", folder)
        .run()?;
    if !FORM.iter().all(|part| page.contains(part)) {
        bail!("{browser} drew a page without the form for the PIN: {page}");
    }
    proof::picture(path, SIZE_PX)?;
    Ok(Drawn::Form)
}

fn on_path(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(name).is_file())
}
