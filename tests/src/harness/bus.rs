//! A session bus of its own for one desk, with nothing on it but what is asked for, so that no
//! keyring dialog or portal of the machine gets in the way.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::process::{Program, Running};

const START: Duration = Duration::from_secs(10);
/// Where the system keeps what a session bus may start.
const SERVICES: &str = "/usr/share/dbus-1/services";
/// What brings up the accessibility bus.
const ACCESSIBILITY: &str = "org.a11y.Bus.service";
/// What brings up the keyring.
const SECRETS: &str = "org.freedesktop.secrets.service";

/// Whether the desk's session has a keyring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keyring {
    /// No Secret Service answers.
    Absent,
    /// The system's own may be started by whoever asks.
    Offered,
}

/// A running session bus.
#[derive(Debug)]
pub struct SessionBus {
    address: String,
    _daemon: Running,
}

impl SessionBus {
    /// Starts one whose files lie in `folder`; what it starts sees `envs`.
    pub fn start(folder: &Path, envs: &[(String, String)], keyring: Keyring) -> Result<Self> {
        let services = folder.join("services");
        std::fs::create_dir_all(&services)?;
        offer(&services, ACCESSIBILITY)?;
        if keyring == Keyring::Offered {
            offer(&services, SECRETS)?;
        }
        let config = folder.join("bus.conf");
        std::fs::write(&config, configuration(&folder.join("bus"), &services))?;
        let mut daemon = Program::at("dbus-daemon")
            .envs(envs.iter().map(|(key, value)| (key, value)))
            .arg(format!("--config-file={}", config.display()))
            .args(["--nofork", "--nopidfile", "--print-address=1"])
            .spawn(folder)?;
        let address = daemon.wait_line("a bus address", START, |line| Some(line.trim().to_owned()))?;
        Ok(Self { address, _daemon: daemon })
    }

    /// Its address, as `DBUS_SESSION_BUS_ADDRESS` holds it.
    pub fn address(&self) -> &str {
        &self.address
    }
}

fn offer(services: &Path, name: &str) -> Result<()> {
    let from = PathBuf::from(SERVICES).join(name);
    std::fs::copy(&from, services.join(name)).with_context(|| format!("{}: is its package installed?", from.display()))?;
    Ok(())
}

fn configuration(socket: &Path, services: &Path) -> String {
    format!(
        "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\" \
         \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n\
         <busconfig><type>session</type><listen>unix:path={}</listen><auth>EXTERNAL</auth>\
         <servicedir>{}</servicedir><policy context=\"default\">\
         <allow send_destination=\"*\" eavesdrop=\"true\"/><allow eavesdrop=\"true\"/><allow own=\"*\"/>\
         </policy></busconfig>\n",
        socket.display(),
        services.display()
    )
}
