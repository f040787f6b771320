//! `make check`: reads the workspace it is run in (or the folder given) and prints every rule that is
//! broken, one a line. Exits 0 when there is none, 1 when there is, 2 when it could not look.

use std::path::PathBuf;
use std::process::ExitCode;

use farhand_tests::architecture::check_workspace;

fn main() -> ExitCode {
    let root = std::env::args_os().nth(1).map_or_else(|| PathBuf::from("."), PathBuf::from);
    match check_workspace(&root) {
        Ok(violations) if violations.is_empty() => {
            println!("architecture: every rule holds");
            ExitCode::SUCCESS
        }
        Ok(violations) => {
            for violation in &violations {
                eprintln!("{violation}");
            }
            eprintln!("architecture: {} to mend", violations.len());
            ExitCode::from(1)
        }
        Err(error) => {
            eprintln!("architecture: {error}");
            ExitCode::from(2)
        }
    }
}
