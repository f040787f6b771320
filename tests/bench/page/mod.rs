//! `farhand-bench page`: measures what docs/benchmarks.md shows, and puts the tables where the page's markers are. The prose between them is written
//! by people and stays.

mod markers;

use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};

use crate::glass::{self, Kind, Workload, slow, wan::Shape};
use crate::{codec, stages};

/// A part of the page.
struct Part {
    /// Its name in the markers and behind `--only`.
    name: &'static str,
    /// Measures it, so long a workload or as long as usual, and gives its tables.
    measure: fn(Option<f64>) -> Result<String>,
}

/// All parts. Another subcommand's table comes into the page by one line here and a pair of markers there.
const PARTS: [Part; 5] = [
    Part {
        name: "glass",
        measure: glass_tables,
    },
    Part {
        name: "wan",
        measure: wan_tables,
    },
    Part {
        name: "slow",
        measure: slow_tables,
    },
    Part {
        name: "codec",
        measure: |_| Ok(codec::markdown(&codec::run()?)),
    },
    Part {
        name: "stages",
        measure: |_| Ok(stages::markdown(&stages::run()?)),
    },
];

/// Farhand and all peers.
const BESIDE_ALL: [&str; 7] = ["farhand", "mirror", "tigervnc", "x11vnc", "freerdp", "freerdp-rfx", "ffmpeg"];
/// Farhand and the peer that is made for such links.
const BESIDE_ONE: [&str; 2] = ["farhand", "tigervnc"];
/// 20 ms each way, 0.5 % of packets lost, 5 Mbit/s, a queue of 300 ms.
const WIDE_AREA: &str = "20,0.5,5000,300";

/// Measures these parts, or all when none is named, and writes each into the page as soon as it is there.
///
/// # Errors
/// When a part is not known, the page lacks its markers, or a part could not be measured; the others are written nevertheless.
pub fn run(page: &Path, only: &[String], seconds: Option<f64>) -> Result<()> {
    let parts = wanted(only)?;
    // Before hours of measuring.
    for part in &parts {
        rewrite(page, part.name, None)?;
    }
    let mut failed = Vec::new();
    for part in parts {
        eprintln!("{}:", part.name);
        match (part.measure)(seconds) {
            Ok(tables) => rewrite(page, part.name, Some(&tables))?,
            Err(error) => {
                eprintln!("{}: not measured: {error:#}", part.name);
                failed.push(part.name);
            }
        }
    }
    ensure!(failed.is_empty(), "not measured: {}", failed.join(", "));
    Ok(())
}

fn wanted(only: &[String]) -> Result<Vec<&'static Part>> {
    let names = || PARTS.iter().map(|part| part.name).collect::<Vec<_>>().join(", ");
    if let Some(odd) = only.iter().find(|name| PARTS.iter().all(|part| part.name != name.as_str())) {
        bail!("no part of the page is called {odd}; there are {}", names());
    }
    let is_wanted = |part: &&Part| only.is_empty() || only.iter().any(|name| name == part.name);
    Ok(PARTS.iter().filter(is_wanted).collect())
}

/// Puts tables between a part's markers, or only looks whether they are there. The page is read anew each time: people write prose meanwhile.
fn rewrite(page: &Path, part: &str, tables: Option<&str>) -> Result<()> {
    let name = || page.display().to_string();
    let text = std::fs::read_to_string(page).with_context(name)?;
    let rewritten = markers::replace(&text, part, tables.unwrap_or_default()).with_context(name)?;
    match tables {
        Some(_) => std::fs::write(page, rewritten).with_context(name),
        None => Ok(()),
    }
}

fn kinds(names: &[&str]) -> Result<Vec<&'static Kind>> {
    names.iter().map(|name| Kind::named(name)).collect()
}

fn glass_tables(seconds: Option<f64>) -> Result<String> {
    let seconds = seconds.unwrap_or(glass::USUAL_SECONDS);
    let outcome = glass::run(&kinds(&BESIDE_ALL)?, &Workload::ALL, seconds, None)?;
    Ok(glass::markdown(&outcome))
}

fn wan_tables(seconds: Option<f64>) -> Result<String> {
    let seconds = seconds.unwrap_or(glass::USUAL_SECONDS);
    let workloads = [Workload::Typing, Workload::Scrolling, Workload::Film];
    let outcome = glass::run(&kinds(&BESIDE_ONE)?, &workloads, seconds, Some(Shape::parse(WIDE_AREA)?))?;
    Ok(glass::markdown(&outcome))
}

fn slow_tables(seconds: Option<f64>) -> Result<String> {
    let outcome = slow::run(&kinds(&BESIDE_ONE)?, seconds.unwrap_or(slow::USUAL_SECONDS))?;
    Ok(slow::markdown(&outcome))
}
