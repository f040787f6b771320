//! The log of a program: on its error stream, as much as `FARHAND_LOG` says, in colour only where a person looks at it.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// What libraries say of their own affairs below this is nobody's concern until it is asked for by `FARHAND_LOG`. The one error of iroh's relay
/// transport itself is the end of its own endpoint, which every program comes to; its actor is still heard.
const LIBRARIES: &str = "winit=error,calloop=error,sctk=error,iroh=error,iroh::socket::transports::relay=off,\
     iroh::socket::transports::relay::actor=error,iroh_relay=error,noq=error,noq_proto=error,noq_udp=error,netwatch=error,zbus=error";

/// Starts the log, once, first thing in a program. `level` counts for what is ours where `FARHAND_LOG` says nothing.
pub fn start(level: &str) {
    let filter = EnvFilter::try_from_env("FARHAND_LOG").unwrap_or_else(|_| quiet(level));
    let plain = !std::io::stderr().is_terminal() || std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(!plain)
        .init();
}

fn quiet(level: &str) -> EnvFilter {
    EnvFilter::new(format!("{level},{LIBRARIES}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_directive_for_libraries_is_understood() {
        let all: Result<EnvFilter, _> = format!("warn,{LIBRARIES}").parse();
        assert!(all.is_ok());
        assert!(quiet("warn").to_string().contains("winit=error"));
        assert!(quiet("warn").to_string().contains("iroh::socket::transports::relay=off"));
    }
}
