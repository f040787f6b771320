//! The public join page as a visitor's browser shows it.

use std::path::Path;

use anyhow::{Result, bail};

use super::proof;
use crate::harness::display::SizePx;
use crate::harness::{Gateway, browser};

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
    let Some(page) = browser::draw(&format!("{}/", gateway.url), SIZE_PX, folder, path)? else {
        return Ok(Drawn::NoBrowser);
    };
    if !FORM.iter().all(|part| page.contains(part)) {
        bail!("the browser drew a page without the form for the PIN: {page}");
    }
    proof::picture(path, SIZE_PX)?;
    Ok(Drawn::Form)
}
