//! `make demo`: plays a whole support session on this machine with the real programs.
//!
//! `farhand-demo [--out FOLDER]`; the folder is emptied first. `HEADLESS=1`, or no `DISPLAY`, makes it
//! bring its own displays; then it exits 0 only if what the technician typed arrived and the files show it.

use std::path::PathBuf;
use std::process::ExitCode;

use farhand_tests::demo::{Show, run};

fn main() -> ExitCode {
    let mut args = std::env::args_os().skip(1);
    let mut out = PathBuf::from("target/demo");
    while let Some(arg) = args.next() {
        match (arg.to_str(), args.next()) {
            (Some("--out"), Some(folder)) => out = PathBuf::from(folder),
            _ => {
                eprintln!("usage: farhand-demo [--out FOLDER]");
                return ExitCode::from(2);
            }
        }
    }
    match run(&Show::from_environment(), &out) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("demo: {error:#}");
            ExitCode::FAILURE
        }
    }
}
