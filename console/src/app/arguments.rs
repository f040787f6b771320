//! Flags and environment. Secrets come by environment alone.

use std::path::PathBuf;

use clap::Parser;
use farhand_protocol::ids::SessionId;

use super::surface::PictureWay;
use crate::model::{Kiosk, Wish};

/// The technician's console.
#[derive(Debug, Clone, Parser)]
#[command(name = "farhand-console", version, about = "Remote support: the technician's console")]
pub struct Arguments {
    /// Address of the gateway
    #[arg(long, env = "FARHAND_GATEWAY")]
    pub gateway: Option<String>,
    /// Trust value of a gateway with its own certificate
    #[arg(long, env = "FARHAND_TRUST")]
    pub trust: Option<String>,
    /// Open straight into this session
    #[arg(long, value_name = "ID")]
    pub session: Option<SessionId>,
    /// Take mouse and keyboard as soon as possible (with --session)
    #[arg(long, requires = "session", conflicts_with = "view")]
    pub control: bool,
    /// See the screen as soon as possible (with --session)
    #[arg(long, requires = "session")]
    pub view: bool,
    /// Fill the screen with the picture, pixel for pixel (with --session)
    #[arg(long, requires = "session")]
    pub fullscreen: bool,
    /// Ways links may take: any, relay or direct
    #[arg(long, env = "FARHAND_ROUTE", default_value = "any", hide = true)]
    pub route: String,
    /// Way pictures take into the window: auto, surface or texture
    #[arg(long, env = "FARHAND_PICTURE", default_value = "auto", hide = true)]
    pub picture: PictureWay,
    /// Folder for settings and state instead of the user's own
    #[arg(long, env = "FARHAND_STATE", hide = true)]
    pub state: Option<PathBuf>,
}

impl Arguments {
    /// The session to open straight into.
    pub fn kiosk(&self) -> Option<Kiosk> {
        let wish = match (self.control, self.view) {
            (true, _) => Wish::Control,
            (_, true) => Wish::View,
            _ => Wish::Nothing,
        };
        self.session.map(|session_id| Kiosk { session_id, wish })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_may_be_opened_with_control() {
        let parse = |words: &[&str]| Arguments::try_parse_from(words);
        let kiosk = parse(&["farhand-console", "--session", "7", "--control", "--fullscreen"])
            .unwrap()
            .kiosk();
        assert_eq!(
            kiosk,
            Some(Kiosk {
                session_id: SessionId(7),
                wish: Wish::Control
            })
        );
        assert!(parse(&["farhand-console", "--control"]).is_err());
        assert!(parse(&["farhand-console", "--session", "7", "--control", "--view"]).is_err());
    }
}
