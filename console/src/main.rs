//! `farhand-console`: the technician's desktop application.
#![forbid(unsafe_code)]
// Windows: no console window beside our own.
#![windows_subsystem = "windows"]

use std::process::ExitCode;

use clap::Parser;
use farhand_console::app::{Start, arguments::Arguments, window};
use farhand_engine::{folders::Folders, platform};
use farhand_protocol::error::ErrorBody;
use zeroize::Zeroizing;

fn main() -> ExitCode {
    platform::use_callers_console();
    let arguments = Arguments::parse();
    farhand_engine::logging::start("warn");
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(error.code.class().exit_status())
        }
    }
}

fn run(arguments: Arguments) -> Result<(), ErrorBody> {
    let folders = match &arguments.state {
        Some(folder) => Folders::below(folder),
        None => Folders::of_user()?,
    };
    window::run(Start {
        arguments,
        token: std::env::var("FARHAND_TOKEN")
            .ok()
            .filter(|token| !token.is_empty())
            .map(Zeroizing::new),
        system_language: platform::user_locale(),
        folders,
    })
}
