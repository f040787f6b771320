//! What the demo leaves behind besides pictures: the session as the gateway knows it, and logs.

use std::path::Path;

use anyhow::Result;
use serde_json::json;

use crate::harness::{Cli, Running};

/// Writes the session's details and its events, as `farhand` gives them, to `path`.
pub fn write(cli: &Cli, session_id: &str, path: &Path) -> Result<()> {
    let events = cli.json(&["session", "events", session_id])?;
    let sessions = cli.json(&["session", "list", "--all"])?;
    let session = sessions.as_array().into_iter().flatten().find(|session| {
        session
            .get("session_id")
            .is_some_and(|id| id.to_string().trim_matches('"') == session_id)
    });
    let record = json!({ "session_id": session_id, "session": session, "events": events });
    std::fs::write(path, format!("{record:#}\n"))?;
    Ok(())
}

/// Copies everything a program said to `path`.
pub fn keep_log(program: &Running, path: &Path) -> Result<()> {
    Ok(std::fs::write(
        path,
        format!("{}{}", program.stdout(), program.log()),
    )?)
}
