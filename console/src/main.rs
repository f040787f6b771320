//! `farhand-console`: the technician's desktop application.
#![forbid(unsafe_code)]
// Windows: no console window beside our own.
#![windows_subsystem = "windows"]

use clap::Parser;
use farhand_console::app::{Start, arguments::Arguments, window};
use farhand_engine::{folders::Folders, platform};
use zeroize::Zeroizing;

/// What is logged unless `FARHAND_LOG` says otherwise: not what the libraries below think of a sound server that closes or of a locale
/// without a language.
const LOG: &str = "warn,pulseaudio=off,egui_system_font_provider=error";

fn main() -> anyhow::Result<()> {
    platform::use_callers_console();
    let arguments = Arguments::parse();
    let filter = tracing_subscriber::EnvFilter::try_from_env("FARHAND_LOG").unwrap_or_else(|_| LOG.into());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    window::run(Start {
        arguments,
        token: std::env::var("FARHAND_TOKEN")
            .ok()
            .filter(|token| !token.is_empty())
            .map(Zeroizing::new),
        system_language: platform::user_locale(),
        folders: Folders::of_user()?,
    })
}
