//! `farhand-applet`: flags, then a window, or none with `--no-window`.
#![forbid(unsafe_code)]
// Windows: no console window beside our own.
#![windows_subsystem = "windows"]

use std::{process::ExitCode, sync::Arc};

use clap::Parser;
use farhand_applet::{
    app,
    args::{Args, SubCommand},
    farewell, headless, stop,
};
use farhand_engine::{customer::CustomerConfig, folders::Folders, link::Route, platform};
use farhand_protocol::{
    error::{ErrorBody, ErrorCode},
    permission::CapabilitySet,
};

/// What is logged unless `FARHAND_LOG` says otherwise: not what the libraries below think of a sound server that closes or of a locale
/// without a language.
const LOG: &str = "warn,pulseaudio=off,egui_system_font_provider=error";

fn main() -> ExitCode {
    platform::use_callers_console();
    let args = Args::parse();
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::try_from_env("FARHAND_LOG").unwrap_or_else(|_| LOG.into()))
        .with_writer(std::io::stderr)
        .init();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(error.code.class().exit_status())
        }
    }
}

fn run(args: &Args) -> Result<(), ErrorBody> {
    let folders = match &args.state {
        Some(folder) => Folders::below(folder),
        None => Folders::of_user()?,
    };
    if args.command == Some(SubCommand::Stop) {
        println!("asked {} running applets to end", stop::stop_all(&folders));
        return Ok(());
    }
    let program = std::env::current_exe().map_err(|e| ErrorBody::new(ErrorCode::Internal, e.to_string()))?;
    let name = program.file_name().and_then(|name| name.to_str());
    let code = args.code(name);
    let files = folders.clone();
    let config = CustomerConfig {
        agent: concat!("farhand-applet/", env!("CARGO_PKG_VERSION")).to_owned(),
        folders,
        platform: Arc::clone(&platform::current()),
        grant_in_advance: args.grant,
        local_policy: CapabilitySet::all(),
        route: Route::parse(&args.route)?,
    };
    let result = if args.no_window {
        headless::run(config, args.gateway.clone(), args.trust.clone(), code)
    } else {
        let locale = platform::user_locale();
        app::run(args, config, code, &locale)
    };
    // A session that was never joined leaves the download for another try.
    if result.as_ref().is_ok_and(|ended| *ended) {
        farewell::remove_download(&program, &files);
    }
    result.map(drop)
}
