//! `farhand-bench`: what a person feels of Farhand, measured between real processes on displays of its own. Prints a table and, with `--json FILE`, writes the
//! figures. Never a test: machines are noisy, and nothing here fails because of a figure.
//!
//! ```text
//! farhand-bench [connect] [photon] [still] [memory] [--rounds N] [--json FILE]
//! farhand-bench codec [--json FILE]
//! farhand-bench stages [--json FILE]
//! farhand-bench dictionary FILE
//! farhand-bench glass [--products farhand,tigervnc,…] [--workloads typing,…] [--seconds N] [--wan DELAY_MS,LOSS_%,KBIT/S,QUEUE_MS] [--json FILE]
//! farhand-bench slow [--products farhand,tigervnc,…] [--seconds N] [--json FILE]
//! farhand-bench page [--only glass,wan,…] [--seconds N] [--page FILE]
//! ```
//!
//! `codec` compares the exact tiles with other lossless codings, over screens of real programs; `stages` says what each stage of
//! the path of a frame costs over the same. `glass` compares with other products, glass to glass, and needs root for its network namespaces.
//! `slow` does so on slow lines, and looks at whole pages too. `page` measures what docs/benchmarks.md shows, and writes it there.
//! `dictionary` makes codec/src/tiles/dictionary.zstd anew.
#![forbid(unsafe_code)]

mod codec;
mod connect;
mod figures;
mod glass;
mod page;
mod photon;
mod process;
mod random;
mod stages;
mod still;
mod table;

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use figures::Figures;

fn main() -> Result<()> {
    if std::env::args().nth(1).as_deref() == Some(glass::wan::END) {
        return glass::wan::end();
    }
    if let [_, word, from, to] = std::env::args().collect::<Vec<_>>().as_slice()
        && word == glass::mirror::WORD
    {
        return glass::mirror::run(from, to);
    }
    if std::env::args().nth(1).as_deref() == Some("dictionary") {
        let path = std::env::args_os().nth(2).context("dictionary needs the file to write")?;
        println!("learnt from {} pieces", codec::dictionary::make(path.as_ref())?);
        return Ok(());
    }
    let arguments = Arguments::read(std::env::args().skip(1))?;
    if arguments.is_named("page") {
        return page::run(&arguments.page, &arguments.only, arguments.seconds);
    }
    let (json, table) = if arguments.is_named("glass") {
        let seconds = arguments.seconds.unwrap_or(glass::USUAL_SECONDS);
        let outcome = glass::run(&arguments.products, &arguments.workloads, seconds, arguments.wan)?;
        (serde_json::to_vec_pretty(&outcome)?, glass::markdown(&outcome))
    } else if arguments.is_named("slow") {
        let seconds = arguments.seconds.unwrap_or(glass::slow::USUAL_SECONDS);
        let outcome = glass::slow::run(&arguments.products, seconds)?;
        (serde_json::to_vec_pretty(&outcome)?, glass::slow::markdown(&outcome))
    } else if arguments.is_named("codec") {
        let rows = codec::run()?;
        (serde_json::to_vec_pretty(&rows)?, codec::markdown(&rows))
    } else if arguments.is_named("stages") {
        let report = stages::run()?;
        (serde_json::to_vec_pretty(&report)?, stages::markdown(&report))
    } else {
        let figures = figures_of(&arguments)?;
        (serde_json::to_vec_pretty(&figures)?, table::markdown(&figures))
    };
    print!("{table}");
    if let Some(path) = arguments.json {
        std::fs::write(path, json)?;
    }
    Ok(())
}

fn figures_of(arguments: &Arguments) -> Result<Figures> {
    let is_wanted = |name: &str| arguments.wanted.is_empty() || arguments.is_named(name);
    let mut figures = Figures::default();
    if is_wanted("connect") {
        connect::run(&mut figures, arguments.rounds)?;
    }
    if is_wanted("photon") {
        photon::run(&mut figures, arguments.rounds * 5)?;
    }
    if is_wanted("still") || is_wanted("memory") {
        still::run(&mut figures)?;
    }
    Ok(figures)
}

struct Arguments {
    wanted: Vec<String>,
    rounds: usize,
    json: Option<String>,
    products: Vec<&'static glass::Kind>,
    workloads: Vec<glass::Workload>,
    seconds: Option<f64>,
    wan: Option<glass::wan::Shape>,
    page: PathBuf,
    only: Vec<String>,
}

impl Arguments {
    fn read(mut args: impl Iterator<Item = String>) -> Result<Self> {
        let mut read = Self {
            wanted: Vec::new(),
            rounds: 10,
            json: None,
            products: vec![glass::Kind::named("farhand")?, glass::Kind::named("tigervnc")?],
            workloads: glass::Workload::ALL.to_vec(),
            seconds: None,
            wan: None,
            page: PathBuf::from("docs/benchmarks.md"),
            only: Vec::new(),
        };
        while let Some(arg) = args.next() {
            if !arg.starts_with("--") {
                read.wanted.push(arg);
                continue;
            }
            let value = args.next().with_context(|| format!("{arg} needs a value"))?;
            match arg.as_str() {
                "--rounds" => read.rounds = value.parse().context("--rounds takes a number")?,
                "--seconds" => read.seconds = Some(value.parse().context("--seconds takes a number")?),
                "--wan" => read.wan = Some(glass::wan::Shape::parse(&value)?),
                "--json" => read.json = Some(value),
                "--products" => read.products = value.split(',').map(glass::Kind::named).collect::<Result<_>>()?,
                "--workloads" => read.workloads = value.split(',').map(workload).collect::<Result<_>>()?,
                "--page" => read.page = PathBuf::from(value),
                "--only" => read.only = value.split(',').map(str::to_owned).collect(),
                _ => bail!("no flag {arg}; there are --rounds, --seconds, --wan, --json, --products, --workloads, --page and --only"),
            }
        }
        const KNOWN: [&str; 9] = ["connect", "photon", "still", "memory", "codec", "stages", "glass", "slow", "page"];
        if let Some(odd) = read.wanted.iter().find(|name| !KNOWN.contains(&name.as_str())) {
            bail!("nothing to measure is called {odd}; there are {}", KNOWN.join(", "));
        }
        Ok(read)
    }

    fn is_named(&self, name: &str) -> bool {
        self.wanted.iter().any(|wanted| wanted == name)
    }
}

fn workload(name: &str) -> Result<glass::Workload> {
    let known = glass::Workload::ALL.into_iter().find(|workload| workload.name() == name);
    known.with_context(|| {
        let names = glass::Workload::ALL.map(glass::Workload::name);
        format!("no workload {name}; there are {}", names.join(", "))
    })
}
