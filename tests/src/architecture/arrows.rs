//! The arrows between the crates, and what may stand behind them, from `cargo metadata`.
//!
//! Direct dependencies are taken of every kind and every target, so that an arrow used only in tests
//! or only on Windows counts; what lies behind them is taken of normal dependencies on this host.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package, PackageId};

use super::{CheckError, Violation};

/// Uses all of ours, and none of ours uses it.
const TESTS: &str = "farhand-tests";
/// Our crates and those of ours they may depend on.
const ARROWS: [(&str, &[&str]); 8] = [
    ("farhand-protocol", &[]),
    ("farhand-resample", &[]),
    ("farhand-codec", &["farhand-resample"]),
    ("farhand-assets", &[]),
    ("farhand-engine", &["farhand-protocol", "farhand-codec"]),
    ("farhand-console", &["farhand-protocol", "farhand-engine", "farhand-assets"]),
    ("farhand-applet", &["farhand-protocol", "farhand-engine", "farhand-assets"]),
    ("farhand-gateway", &["farhand-protocol"]),
];
/// Drawing belongs to these crates.
const UI_CRATES: [&str; 3] = ["farhand-console", "farhand-applet", "farhand-assets"];
/// What draws.
const UI_DEPENDENCIES: [&str; 9] = [
    "eframe",
    "egui",
    "egui-winit",
    "egui_extras",
    "egui_glow",
    "egui_kittest",
    "egui_tiles",
    "glow",
    "winit",
];
/// What serves HTTP and speaks SQL belongs to the gateway.
const GATEWAY_DEPENDENCIES: [&str; 5] = ["axum", "sqlx", "askama", "utoipa", "argon2"];
/// What opens a socket or runs a reactor.
const NETWORK: [&str; 11] = [
    "async-io",
    "hyper",
    "iroh",
    "mio",
    "quinn",
    "reqwest",
    "rustls",
    "smol",
    "socket2",
    "tokio",
    "tungstenite",
];
/// What reaches for the operating system's screen, input or sound.
const SYSTEM: [&str; 8] = ["arboard", "cpal", "enigo", "nix", "scrap", "sysinfo", "winit", "x11rb"];
/// Crates of which nothing behind them may open a socket or reach for the system.
const PURE_CRATES: [&str; 3] = ["farhand-protocol", "farhand-codec", "farhand-resample"];

/// Every arrow between two of our crates that must not be: from where, and to where.
pub fn forbidden() -> Vec<(&'static str, &'static str)> {
    let mut arrows = Vec::new();
    for (from, allowed) in ARROWS {
        let ours = ARROWS.iter().map(|(to, _)| *to).chain([TESTS]);
        arrows.extend(ours.filter(|to| *to != from && !allowed.contains(to)).map(|to| (from, to)));
    }
    arrows
}

/// Checks every arrow of the workspace under `root`.
pub fn check(root: &Path) -> Result<Vec<Violation>, CheckError> {
    let manifest = root.join("Cargo.toml");
    let direct = MetadataCommand::new().manifest_path(&manifest).no_deps().exec()?;
    let mut violations = direct_arrows(&direct);
    let resolved = MetadataCommand::new()
        .manifest_path(&manifest)
        .other_options(["--filter-platform".to_owned(), host_triple()])
        .exec();
    let resolved = match resolved {
        Ok(resolved) => resolved,
        // Arrows in a circle cannot be resolved; the one that closes it is among those found.
        Err(_) if !violations.is_empty() => return Ok(violations),
        Err(error) => return Err(error.into()),
    };
    for crate_name in PURE_CRATES {
        violations.extend(hidden_dependencies(&resolved, crate_name));
    }
    Ok(violations)
}

/// Looks at what each crate names in its own manifest.
fn direct_arrows(metadata: &Metadata) -> Vec<Violation> {
    let mut violations = Vec::new();
    for package in &metadata.packages {
        let name = package.name.as_str();
        let place = place_of(metadata, package);
        let known = ARROWS.iter().find(|(crate_name, _)| *crate_name == name);
        if known.is_none() && name != TESTS {
            let message = format!("`{name}` has no place in the arrows; give it one here first");
            violations.push(Violation::new("arrow", place.clone(), message));
        }
        for dependency in &package.dependencies {
            let to = dependency.name.as_str();
            if let Some((_, allowed)) = known
                && to.starts_with("farhand-")
                && !allowed.contains(&to)
            {
                let message = format!("`{name}` must not depend on `{to}`");
                violations.push(Violation::new("arrow", place.clone(), message));
            }
            if UI_DEPENDENCIES.contains(&to) && !UI_CRATES.contains(&name) {
                let message = format!("`{name}` must not draw: `{to}` belongs to console, applet and assets");
                violations.push(Violation::new("ui-dependency", place.clone(), message));
            }
            if GATEWAY_DEPENDENCIES.contains(&to) && name != "farhand-gateway" {
                let message = format!("`{name}` must not use `{to}`, which belongs to the gateway");
                violations.push(Violation::new("gateway-dependency", place.clone(), message));
            }
        }
    }
    violations
}

/// Looks at everything behind the normal dependencies of `crate_name`.
fn hidden_dependencies(metadata: &Metadata, crate_name: &str) -> Vec<Violation> {
    let names: HashMap<&PackageId, &str> = metadata
        .packages
        .iter()
        .map(|package| (&package.id, package.name.as_str()))
        .collect();
    let Some(start) = metadata.packages.iter().find(|package| package.name == crate_name) else {
        return Vec::new();
    };
    let edges: HashMap<&PackageId, Vec<&PackageId>> = metadata
        .resolve
        .iter()
        .flat_map(|resolve| &resolve.nodes)
        .map(|node| {
            let normal = node
                .deps
                .iter()
                .filter(|dependency| dependency.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal));
            (&node.id, normal.map(|dependency| &dependency.pkg).collect())
        })
        .collect();
    let mut seen = BTreeSet::new();
    let mut waiting = vec![(&start.id, vec![crate_name])];
    let mut violations = Vec::new();
    while let Some((id, path)) = waiting.pop() {
        for next in edges.get(id).into_iter().flatten() {
            let Some(name) = names.get(next) else {
                continue;
            };
            if !seen.insert(*next) {
                continue;
            }
            let mut path = path.clone();
            path.push(name);
            if NETWORK.contains(name) || SYSTEM.contains(name) {
                let place = place_of(metadata, start);
                let what = if NETWORK.contains(name) { "network" } else { "operating system" };
                let message = format!("`{crate_name}` must not reach the {what}: {}", path.join(" → "));
                violations.push(Violation::new("purity", place, message));
            }
            waiting.push((next, path));
        }
    }
    violations
}

/// Where a crate's manifest lies, relative to the workspace.
fn place_of(metadata: &Metadata, package: &Package) -> String {
    let manifest = package.manifest_path.as_path();
    manifest.strip_prefix(&metadata.workspace_root).unwrap_or(manifest).to_string()
}

/// The triple of the machine this was built for; only its dependencies need be downloaded.
fn host_triple() -> String {
    format!(
        "{}-{}",
        std::env::consts::ARCH,
        match std::env::consts::OS {
            "macos" => "apple-darwin",
            "windows" => "pc-windows-gnu",
            _ => "unknown-linux-gnu",
        }
    )
}
