//! `farhand-gateway`, the server of an organisation.

use std::process::ExitCode;

fn main() -> ExitCode {
    farhand_gateway::cli::run()
}
