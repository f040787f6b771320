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

fn main() -> ExitCode {
    platform::use_callers_console();
    let args = Args::parse();
    farhand_engine::logging::start("warn");
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
        return match stop::stop_all(&folders) {
            0 => Err(ErrorBody::new(
                ErrorCode::AppletNotRunning,
                "no applet of this user runs without a window, so there is nothing to stop",
            )),
            1 => {
                println!("asked the running applet to end");
                Ok(())
            }
            many => {
                println!("asked {many} running applets to end");
                Ok(())
            }
        };
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
