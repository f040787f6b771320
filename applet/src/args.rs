//! Flags and environment of `farhand-applet`. A flag wins over the environment; a link, deep link or file name wins over both, because it names the gateway that
//! made it. Nothing here grants anything but `--grant`, which is typed by the person at this machine.

use clap::{Parser, Subcommand};
use farhand_protocol::permission::CapabilitySet;

/// Farhand customer applet: get help from a technician you trust.
#[derive(Debug, Clone, Parser)]
#[command(name = "farhand-applet", version, about)]
pub struct Args {
    /// Link or deep link that names gateway and session.
    pub link: Option<String>,
    /// PIN the technician gave (six to nine digits).
    #[arg(long)]
    pub pin: Option<String>,
    /// Address of the gateway, for a PIN.
    #[arg(long, env = "FARHAND_GATEWAY")]
    pub gateway: Option<String>,
    /// Trust value of a gateway with its own certificate.
    #[arg(long, env = "FARHAND_TRUST")]
    pub trust: Option<String>,
    /// Allow these in advance, without a question: view,control,… (for kiosks and scripts; logged, and shown in the window).
    #[arg(long, value_parser = parse_grant, default_value = "")]
    pub grant: CapabilitySet,
    /// Run without a window or bar, for screens nobody sits at; needs --pin or a link. Ended by Pause/Break, SIGTERM or `farhand-applet stop`.
    #[arg(long)]
    pub no_window: bool,
    /// Ways links may take: any, relay or direct.
    #[arg(long, env = "FARHAND_ROUTE", default_value = "any", hide = true)]
    pub route: String,
    /// Folder for the applet's files instead of the user's own.
    #[arg(long, env = "FARHAND_STATE", hide = true)]
    pub state: Option<std::path::PathBuf>,
    /// What to do instead of opening a session.
    #[command(subcommand)]
    pub command: Option<SubCommand>,
}

/// Other things the applet does.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum SubCommand {
    /// End the sessions of every applet of this user that runs without a window.
    Stop,
}

fn parse_grant(text: &str) -> Result<CapabilitySet, String> {
    CapabilitySet::parse_list(text)
        .map(CapabilitySet::normalised)
        .map_err(|word| format!("\"{word}\" cannot be granted; use a list such as view,control,chat"))
}

impl Args {
    /// What names the session: link, PIN, or the name this program was downloaded under.
    pub fn code(&self, program: Option<&str>) -> Option<String> {
        let downloaded = program.filter(|name| farhand_protocol::code::Invitation::parse(name).is_ok());
        self.link
            .clone()
            .or_else(|| self.pin.clone())
            .or_else(|| downloaded.map(str::to_owned))
    }
}

#[cfg(test)]
mod tests {
    use farhand_protocol::permission::Capability;

    use super::*;

    #[test]
    fn control_brings_view_and_an_unknown_word_is_named() {
        let args = Args::try_parse_from(["farhand-applet", "--grant", "control"]).unwrap();
        assert!(args.grant.has(Capability::View) && args.grant.has(Capability::Control));
        let error = Args::try_parse_from(["farhand-applet", "--grant", "view,fly"])
            .unwrap_err()
            .to_string();
        assert!(error.contains("fly"), "{error}");
    }

    #[test]
    fn a_download_knows_its_session_by_its_name() {
        let args = Args::try_parse_from(["farhand-applet"]).unwrap();
        let name = "Farhand~support.example.org~443~~123456789 (1)";
        assert_eq!(args.code(Some(name)).as_deref(), Some(name));
        assert_eq!(args.code(Some("farhand-applet")), None);
    }
}
