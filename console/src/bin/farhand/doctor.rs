//! `farhand doctor`: whether this machine can do its part, check by check, and a bundle for support without secrets.

use std::{fs, io::Write as _, path::Path};

use farhand_engine::{gateway::GatewayClient, link::Route, platform};
use farhand_protocol::error::{ErrorBody, ErrorCode};
use serde_json::{Value, json};

use super::Context;

/// What a check found.
#[derive(Debug)]
enum Finding {
    /// As it should be.
    Good(String),
    /// Not as it could be, but sessions work.
    Limited(ErrorBody),
    /// This machine cannot do that part.
    Failed(ErrorBody),
}

impl From<Result<String, ErrorBody>> for Finding {
    fn from(result: Result<String, ErrorBody>) -> Self {
        result.map_or_else(Self::Failed, Self::Good)
    }
}

impl Finding {
    fn word(&self) -> &'static str {
        match self {
            Self::Good(_) => "ok",
            Self::Limited(_) => "limited",
            Self::Failed(_) => "failed",
        }
    }

    fn says(&self) -> String {
        match self {
            Self::Good(text) => text.clone(),
            Self::Limited(error) | Self::Failed(error) => error.to_string(),
        }
    }

    fn json(&self) -> Value {
        match self {
            Self::Good(text) => json!({ "ok": true, "result": self.word(), "says": text }),
            Self::Limited(error) | Self::Failed(error) => {
                let ok = matches!(self, Self::Limited(_));
                json!({ "ok": ok, "result": self.word(), "code": error.code, "says": error.message })
            }
        }
    }
}

/// Runs every check; prints them and fails when one failed.
///
/// # Errors
/// `doctor.checks_failed`, naming those that failed; or that the bundle cannot be written.
pub fn run(context: &Context, bundle: Option<&Path>) -> Result<(), ErrorBody> {
    let (relay, udp) = (relay(context), udp(context));
    let way = way(context.route, relay.is_ok(), udp.is_ok());
    let checks: [(&str, Finding); 9] = [
        ("system", system().into()),
        ("screen", screen().into()),
        ("input", input().into()),
        ("files", files(context).into()),
        ("gateway", gateway(context).into()),
        ("sign-in", sign_in(context).into()),
        ("relay", relay.into()),
        // Without it links go through the relay, which is slower and just as safe.
        ("udp", udp.map_or_else(Finding::Limited, Finding::Good)),
        ("links", way.into()),
    ];
    let report: Value = checks
        .iter()
        .map(|(name, finding)| ((*name).to_owned(), finding.json()))
        .collect::<serde_json::Map<_, _>>()
        .into();
    if context.json {
        println!("{report}");
    } else {
        for (name, finding) in &checks {
            println!("{:<8} {name:<8} {}", finding.word(), finding.says());
        }
    }
    if let Some(path) = bundle {
        let bundle = json!({ "program": context.agent, "checks": report, "settings": settings(context) });
        write_bundle(path, &serde_json::to_string_pretty(&bundle).unwrap_or_default())?;
    }
    conclude(&checks)
}

/// Only its owner can read the bundle: it names folders of this machine, and whoever sends it on decides who else may know them.
fn write_bundle(path: &Path, text: &str) -> Result<(), ErrorBody> {
    let written = platform::replace_private(path).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.commit()
    });
    written.map_err(|e| ErrorBody::new(ErrorCode::StorageFailed, format!("{}: {e}", path.display())))
}

/// The whole as one result: it names what failed.
fn conclude(checks: &[(&str, Finding)]) -> Result<(), ErrorBody> {
    let failed: Vec<&str> = checks
        .iter()
        .filter(|(_, finding)| matches!(finding, Finding::Failed(_)))
        .map(|(name, _)| *name)
        .collect();
    match failed[..] {
        [] => Ok(()),
        [one] => Err(ErrorBody::new(ErrorCode::DoctorFailed, format!("the check of {one} failed"))),
        _ => Err(ErrorBody::new(
            ErrorCode::DoctorFailed,
            format!("{} checks failed: {}", failed.len(), failed.join(", ")),
        )),
    }
}

fn relay(context: &Context) -> Result<String, ErrorBody> {
    let client = GatewayClient::new(context.address()?, &context.agent)?;
    let after = context.block_on(client.probe_relay())?;
    Ok(format!("takes connections, in {} ms", after.as_millis()))
}

fn udp(context: &Context) -> Result<String, ErrorBody> {
    let client = GatewayClient::new(context.address()?, &context.agent)?;
    let seen = context.block_on(client.probe_udp())?;
    Ok(format!(
        "the gateway sees this machine as {}, in {} ms",
        seen.address,
        seen.after.as_millis()
    ))
}

/// Which way a link from this machine would take.
fn way(route: Route, relay: bool, udp: bool) -> Result<String, ErrorBody> {
    let nothing = |why: &str| Err(ErrorBody::new(ErrorCode::LinkUnreachable, why));
    match (route, relay, udp) {
        (Route::Any, true, true) => Ok("direct where the other side's network allows it too, else through the relay".to_owned()),
        (Route::Any, true, false) => Ok("through the relay; direct only within the same network".to_owned()),
        (Route::Any, false, true) => Ok("direct alone; where the other side's network does not allow it, no link comes about".to_owned()),
        (Route::Any, false, false) => nothing("neither the relay nor UDP can be reached; links work within the same network at most"),
        (Route::RelayOnly, true, _) => Ok("through the relay alone, as FARHAND_ROUTE says".to_owned()),
        (Route::RelayOnly, false, _) => nothing("FARHAND_ROUTE allows the relay alone, and it cannot be reached"),
        (Route::DirectOnly, _, true) => Ok("direct alone, as FARHAND_ROUTE says".to_owned()),
        (Route::DirectOnly, _, false) => nothing("FARHAND_ROUTE allows direct links alone, and UDP gets no answer"),
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

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_bundle_is_for_its_owner_alone_and_its_folder_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let path = folder.path().join("bundle.json");
        fs::write(&path, "an older and longer one").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        write_bundle(&path, "{}").unwrap();
        assert_eq!((fs::read_to_string(&path).unwrap().as_str(), mode(&path)), ("{}", 0o600));
        assert_eq!(mode(folder.path()), 0o755);
        let error = write_bundle(&folder.path().join("none/bundle.json"), "{}").unwrap_err();
        assert_eq!(error.code, ErrorCode::StorageFailed);
    }

    #[test]
    fn the_conclusion_names_what_failed_and_a_limit_is_no_failure() {
        let error = || ErrorBody::new(ErrorCode::ScreenUnavailable, "no display");
        let good = || Finding::Good(String::new());
        assert_eq!(conclude(&[("system", good()), ("udp", Finding::Limited(error()))]), Ok(()));
        let failed = [
            ("screen", Finding::Failed(error())),
            ("files", good()),
            ("input", Finding::Failed(error())),
        ];
        let error = conclude(&failed).unwrap_err();
        assert_eq!(error.to_string(), "doctor.checks_failed: 2 checks failed: screen, input");
        assert_eq!(error.code.class().exit_status(), 11);
    }

    #[test]
    fn the_way_of_a_link_follows_from_what_can_be_reached() {
        let says = |relay, udp| way(Route::Any, relay, udp);
        assert!(says(true, true).unwrap().starts_with("direct where"));
        assert!(says(true, false).unwrap().starts_with("through the relay"));
        assert!(says(false, true).unwrap().starts_with("direct alone"));
        assert_eq!(says(false, false).unwrap_err().code, ErrorCode::LinkUnreachable);
        assert!(way(Route::DirectOnly, true, false).is_err());
    }
}
