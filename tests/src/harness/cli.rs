//! The `farhand` command line as a script uses it: arguments in, JSON out.

use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::process::{Program, Running};

/// A signed-in (or not) user of the command line.
#[derive(Debug, Clone)]
pub struct Cli {
    envs: Vec<(String, String)>,
    prefix: Vec<String>,
}

impl Cli {
    /// One that sees these variables besides the caller's own.
    pub fn new(envs: impl IntoIterator<Item = (String, String)>) -> Self {
        Self {
            envs: envs.into_iter().collect(),
            prefix: Vec::new(),
        }
    }

    /// Starts everything through another program, such as `ip netns exec NAME`.
    pub fn through(mut self, prefix: &[String]) -> Self {
        self.prefix = prefix.to_vec();
        self
    }

    /// Adds a variable, such as `FARHAND_TOKEN`.
    pub fn env(mut self, key: &str, value: &str) -> Self {
        self.envs.push((key.to_owned(), value.to_owned()));
        self
    }

    /// The variables it sees.
    pub fn envs(&self) -> &[(String, String)] {
        &self.envs
    }

    /// `farhand` with these arguments, not yet started.
    pub fn program(&self, args: &[&str]) -> Result<Program> {
        let envs = self.envs.iter().map(|(key, value)| (key, value));
        Ok(Program::farhand("farhand")?.prefixed(&self.prefix).args(args).envs(envs))
    }

    /// Runs `farhand ARGS --json` to its end and reads what it printed.
    pub fn json(&self, args: &[&str]) -> Result<Value> {
        let text = self.program(args)?.arg("--json").run()?;
        serde_json::from_str(&text).with_context(|| format!("`farhand {args:?} --json` printed {text}"))
    }

    /// Runs `farhand ARGS` to its end and gives what it printed.
    pub fn text(&self, args: &[&str]) -> Result<String> {
        self.program(args)?.run()
    }

    /// Starts `farhand ARGS` and leaves it running.
    pub fn start(&self, args: &[&str], log_dir: &Path) -> Result<Running> {
        self.program(args)?.spawn(log_dir)
    }
}

/// A string out of an answer, by key.
pub fn string(answer: &Value, key: &str) -> Result<String> {
    match answer.get(key) {
        Some(Value::String(text)) => Ok(text.clone()),
        Some(Value::Number(number)) => Ok(number.to_string()),
        _ => anyhow::bail!("no `{key}` in {answer}"),
    }
}
