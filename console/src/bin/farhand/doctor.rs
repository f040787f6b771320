//! `farhand doctor`: whether this machine can do its part, check by check, and a bundle for support without secrets.

use std::{fs, path::Path};

use farhand_engine::{gateway::GatewayClient, platform};
use farhand_protocol::error::{ErrorBody, ErrorCode};
use serde_json::{Value, json};

use super::Context;

/// Runs every check; prints them and fails when one failed.
///
/// # Errors
/// When a check failed, or the bundle cannot be written.
pub fn run(context: &Context, bundle: Option<&Path>) -> Result<(), ErrorBody> {
    let checks = [
        ("system", system()),
        ("screen", screen()),
        ("input", input()),
        ("files", files(context)),
        ("gateway", gateway(context)),
        ("sign-in", sign_in(context)),
    ];
    let failed = checks.iter().filter(|(_, result)| result.is_err()).count();
    let report: Value = checks
        .iter()
        .map(|(name, result)| match result {
            Ok(text) => ((*name).to_owned(), json!({ "ok": true, "says": text })),
            Err(error) => (
                (*name).to_owned(),
                json!({ "ok": false, "code": error.code, "says": error.message }),
            ),
        })
        .collect::<serde_json::Map<_, _>>()
        .into();
    if context.json {
        println!("{report}");
    } else {
        for (name, result) in &checks {
            match result {
                Ok(text) => println!("ok      {name:<8} {text}"),
                Err(error) => println!("failed  {name:<8} {error}"),
            }
        }
    }
    if let Some(path) = bundle {
        let bundle = json!({ "program": context.agent, "checks": report, "settings": settings(context) });
        let text = serde_json::to_string_pretty(&bundle).unwrap_or_default();
        fs::write(path, text).map_err(|e| ErrorBody::new(ErrorCode::StorageFailed, format!("{}: {e}", path.display())))?;
    }
    if failed == 0 {
        Ok(())
    } else {
        Err(ErrorBody::new(ErrorCode::Internal, format!("{failed} checks failed")))
    }
}

fn system() -> Result<String, ErrorBody> {
    let facts = platform::current().facts();
    Ok(format!("{} {}, {}", facts.os_name, facts.os_version, facts.display_server))
}

fn screen() -> Result<String, ErrorBody> {
    let screen = platform::current()
        .open_screen()
        .map_err(|e| ErrorBody::new(ErrorCode::ScreenUnavailable, e.to_string()))?;
    let bounds = screen.layout().bounds();
    Ok(format!(
        "{} monitors, {}×{} pixels",
        screen.layout().monitors.len(),
        bounds.width,
        bounds.height
    ))
}

fn input() -> Result<String, ErrorBody> {
    platform::current()
        .open_input()
        .map_err(|e| ErrorBody::new(ErrorCode::InputUnavailable, e.to_string()))?;
    Ok("can be given".to_owned())
}

fn files(context: &Context) -> Result<String, ErrorBody> {
    let probe = context.folders.state.join("doctor.probe");
    farhand_engine::folders::write_private(&probe, b"probe")?;
    fs::remove_file(&probe).map_err(|e| ErrorBody::new(ErrorCode::StorageFailed, e.to_string()))?;
    Ok(context.folders.state.display().to_string())
}

fn gateway(context: &Context) -> Result<String, ErrorBody> {
    let address = context.address()?;
    let client = GatewayClient::new(address, &context.agent)?;
    let version = context.block_on(client.version())?;
    Ok(format!(
        "{} at {}, version {}",
        version.organisation,
        client.address().origin,
        version.version
    ))
}

fn sign_in(context: &Context) -> Result<String, ErrorBody> {
    let client = context.client()?;
    let account = context.block_on(client.me())?;
    Ok(format!("{} <{}>", account.technician.name, account.email))
}

/// What a supporter may know: places and whether secrets are set, never the secrets.
fn settings(context: &Context) -> Value {
    let is_set = |name: &str| std::env::var_os(name).is_some();
    json!({
        "gateway": context.address().map(|a| a.origin).ok(),
        "trust_set": context.address().is_ok_and(|a| a.trust.is_some()),
        "token_set": is_set("FARHAND_TOKEN"),
        "proxy_set": is_set("HTTPS_PROXY") || is_set("https_proxy"),
        "folders": { "settings": context.folders.settings, "state": context.folders.state },
    })
}
