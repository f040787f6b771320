//! The public join page as a visitor's browser shows it.

use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::harness::{Gateway, Program};

/// Browsers that can draw a page without a display, best first.
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
/// The page is drawn this large.
const SIZE: &str = "--window-size=1100,780";

/// Draws the join page of `gateway` to `path`; the browser keeps its profile in `folder`.
pub fn picture(gateway: &Gateway, folder: &Path, path: &Path) -> Result<()> {
    let browser = BROWSERS.iter().find(|name| on_path(name));
    let browser = browser.context("a browser for the join page: `installers/setup.sh demo`")?;
    let profile = folder.join("browser");
    Program::at(*browser)
        .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", SIZE])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
        .args(["--no-first-run", "--ignore-certificate-errors"])
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(format!("--screenshot={}", path.display()))
        .arg(format!("{}/", gateway.url))
        .env("HOME", folder)
        .run()?;
    if !path.is_file() {
        bail!("{browser} drew nothing");
    }
    Ok(())
}

fn on_path(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(name).is_file())
}
