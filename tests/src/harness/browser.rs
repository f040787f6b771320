//! A browser that draws pages without a display.

use std::path::Path;

use anyhow::Result;

use super::Program;
use super::display::SizePx;

/// Browsers that can, best first.
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// Draws the page at `url` to `picture`, this large, and gives the contents of that very page; none where no browser is installed. It keeps its
/// profile in `folder`.
pub fn draw(url: &str, size_px: SizePx, folder: &Path, picture: &Path) -> Result<Option<String>> {
    let Some(browser) = BROWSERS.iter().find(|name| on_path(name)) else {
        return Ok(None);
    };
    let page = Program::at(*browser)
        .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--dump-dom"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
        .args(["--no-first-run", "--ignore-certificate-errors"])
        .arg(format!("--window-size={},{}", size_px.0, size_px.1))
        .arg(format!("--user-data-dir={}", folder.join("browser").display()))
        .arg(format!("--screenshot={}", picture.display()))
        .arg(url)
        .env("HOME", folder)
        .run()?;
    Ok(Some(page))
}

fn on_path(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(name).is_file())
}
