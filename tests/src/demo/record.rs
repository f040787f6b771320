//! What the demo leaves behind besides pictures: the session as the gateway knows it, and logs.

use std::path::Path;

use anyhow::Result;
use serde_json::{Value, json};

use crate::harness::{Cli, Running};

/// Writes the session's details and its events, as `farhand` gives them, to `path`, and gives them.
pub fn write(cli: &Cli, session_id: &str, path: &Path) -> Result<Value> {
    let events = cli.json(&["session", "events", session_id])?;
    let session = row(cli, session_id, &["--ended"])?.or(row(cli, session_id, &[])?);
    let record = json!({ "session_id": session_id, "session": session, "events": events });
    std::fs::write(path, format!("{record:#}\n"))?;
    Ok(record)
}

/// A session's row in a list.
pub fn row(cli: &Cli, session_id: &str, flags: &[&str]) -> Result<Option<Value>> {
    let list = cli.json(&[&["session", "list"], flags].concat())?;
    let id: i64 = session_id.parse()?;
    let mut rows = list.as_array().into_iter().flatten();
    Ok(rows.find(|row| row["session_id"].as_i64() == Some(id)).cloned())
}

/// Copies everything a program said to `path`.
pub fn keep_log(program: &Running, path: &Path) -> Result<()> {
    Ok(std::fs::write(path, format!("{}{}", program.stdout(), program.log()))?)
}
