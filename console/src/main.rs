//! `farhand-console`: the technician's desktop application.
#![forbid(unsafe_code)]

use clap::Parser;
use farhand_console::app::{Start, arguments::Arguments, window};
use farhand_engine::folders::Folders;
use zeroize::Zeroizing;

/// What is logged unless `FARHAND_LOG` says otherwise: not what the libraries below think of a sound server that closes or of a locale
/// without a language.
const LOG: &str = "warn,pulseaudio=off,egui_system_font_provider=error";

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let filter = tracing_subscriber::EnvFilter::try_from_env("FARHAND_LOG").unwrap_or_else(|_| LOG.into());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    let language = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|value| !value.is_empty());
    window::run(Start {
        arguments,
        token: std::env::var("FARHAND_TOKEN")
            .ok()
            .filter(|token| !token.is_empty())
            .map(Zeroizing::new),
        system_language: language.unwrap_or_default(),
        folders: Folders::of_user()?,
    })
}
