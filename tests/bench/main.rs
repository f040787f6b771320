//! `farhand-bench`: what a person feels of Farhand, measured between real processes on displays of its own. Prints a table and, with `--json FILE`, writes the
//! figures. Never a test: machines are noisy, and nothing here fails because of a figure.
//!
//! ```text
//! farhand-bench [connect] [photon] [still] [memory] [--rounds N] [--json FILE]
//! ```
#![forbid(unsafe_code)]

mod connect;
mod figures;
mod photon;
mod process;
mod still;
mod table;

use anyhow::Result;
use figures::Figures;

fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let (mut wanted, mut rounds, mut json) = (Vec::new(), 10usize, None);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--rounds" => rounds = args.next().and_then(|n| n.parse().ok()).unwrap_or(rounds),
            "--json" => json = args.next(),
            _ => wanted.push(arg),
        }
    }
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|w| w == name);
    let mut figures = Figures::default();
    if is_wanted("connect") {
        connect::run(&mut figures, rounds)?;
    }
    if is_wanted("photon") {
        photon::run(&mut figures, rounds * 5)?;
    }
    if is_wanted("still") || is_wanted("memory") {
        still::run(&mut figures)?;
    }
    print!("{}", table::markdown(&figures));
    if let Some(path) = json {
        std::fs::write(path, serde_json::to_vec_pretty(&figures)?)?;
    }
    Ok(())
}
