//! Who may do what. A [`Permission`] is a right of a technician group (ORG-80 to ORG-110 and the ones DESIGN adds); a [`Capability`]
//! is what a technician can do to a device in one session. The applet computes
//! ceiling ∩ local policy ∩ what the customer just allowed, and every message names the capability it needs.

use serde::{Deserialize, Serialize};

macro_rules! permissions {
    ($($(#[$doc:meta])* $variant:ident = $key:literal, $default:literal;)+) => {
        /// A right of a technician group, by the key used in API, refusals and the database.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Permission { $($(#[$doc])* $variant,)+ }

        impl Permission {
            /// Every permission, in the order of the spec.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];
            /// The stable key.
            pub const fn key(self) -> &'static str { match self { $(Self::$variant => $key,)+ } }
            /// Whether a new group has it.
            pub const fn default_on(self) -> bool { match self { $(Self::$variant => $default,)+ } }
            /// The permission behind a key.
            pub fn parse(key: &str) -> Option<Self> { match key { $($key => Some(Self::$variant),)+ _ => None } }
        }
    };
}

permissions! {
    /// ORG-80.
    Chat = "chat", true;
    /// ORG-81.
    ChatToggle = "chat_toggle", true;
    /// ORG-82.
    RemoteControl = "remote_control", true;
    /// ORG-83.
    DesktopViewing = "desktop_viewing", true;
    /// ORG-84.
    SendFiles = "send_files", true;
    /// ORG-85.
    ReceiveFiles = "receive_files", true;
    /// ORG-86.
    FileManagerTab = "file_manager_tab", true;
    /// ORG-87.
    ManageFiles = "manage_files", true;
    /// ORG-88.
    SendUrls = "send_urls", true;
    /// ORG-89.
    ViewSystemInfo = "view_system_info", true;
    /// ORG-90.
    Reboot = "reboot", true;
    /// ORG-91.
    RecordSessions = "record_sessions", true;
    /// ORG-92.
    StartPrivateSessions = "start_private_sessions", true;
    /// ORG-93.
    SinglePrompt = "single_prompt", true;
    /// ORG-94.
    TransferSessions = "transfer_sessions", true;
    /// ORG-95.
    HoldSessions = "hold_sessions", true;
    /// ORG-96.
    RequestCredentials = "request_credentials", true;
    /// ORG-97.
    ClipboardSync = "clipboard_sync", true;
    /// ORG-98.
    DeployCallingCard = "deploy_calling_card", false;
    /// ORG-99.
    ScreenSharing = "screen_sharing", true;
    /// ORG-100.
    InviteCollaborators = "invite_collaborators", true;
    /// ORG-101.
    InviteExternal = "invite_external", false;
    /// ORG-102.
    EditQueueFields = "edit_queue_fields", true;
    /// ORG-103.
    DeployScripts = "deploy_scripts", false;
    /// ORG-104.
    RunEmbeddedScript = "run_embedded_script", false;
    /// ORG-105.
    UnattendedAccess = "unattended_access", false;
    /// ORG-106.
    LanConnect = "lan_connect", false;
    /// ORG-107.
    MobileSettings = "mobile_settings", true;
    /// ORG-108.
    QuickFix = "quick_fix", true;
    /// ORG-109.
    ClassicMobileView = "classic_mobile_view", false;
    /// ORG-110.
    CameraSession = "camera_session", false;
    /// DESIGN, "Permissions beyond the spec's table".
    CommandLine = "command_line", false;
    /// DESIGN: processes and services.
    ManageSystem = "manage_system", false;
    /// DESIGN.
    RemoteSound = "remote_sound", false;
    /// DESIGN.
    VoiceCall = "voice_call", true;
    /// DESIGN.
    Whiteboard = "whiteboard", true;
    /// DESIGN.
    BlockInput = "block_input", false;
    /// DESIGN.
    BlankScreen = "blank_screen", false;
}

macro_rules! capabilities {
    ($($(#[$doc:meta])* $variant:ident = $bit:literal, $key:literal, $permission:ident;)+) => {
        /// What a technician can do in a session; each needs the permission named beside it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Capability { $($(#[$doc])* $variant,)+ }

        impl Capability {
            /// Every capability.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];
            /// The stable key, as in `--grant view,control`.
            pub const fn key(self) -> &'static str { match self { $(Self::$variant => $key,)+ } }
            /// The group permission without which a ticket cannot carry it.
            pub const fn permission(self) -> Permission { match self { $(Self::$variant => Permission::$permission,)+ } }
            const fn bit(self) -> u32 { match self { $(Self::$variant => 1 << $bit,)+ } }
            /// The capability behind a key.
            pub fn parse(key: &str) -> Option<Self> { match key { $($key => Some(Self::$variant),)+ _ => None } }
        }
    };
}

capabilities! {
    /// See the screen (GLO-76).
    View = 0, "view", DesktopViewing;
    /// Use mouse and keyboard (GLO-75); always goes with seeing.
    Control = 1, "control", RemoteControl;
    /// Exchange chat lines; needs no prompt.
    Chat = 2, "chat", Chat;
    /// Keep clipboards in step.
    Clipboard = 3, "clipboard", ClipboardSync;
    /// Send files to the customer.
    SendFiles = 4, "send_files", SendFiles;
    /// Receive files from the customer.
    ReceiveFiles = 5, "receive_files", ReceiveFiles;
    /// Copy, move, rename and delete files.
    ManageFiles = 6, "manage_files", ManageFiles;
    /// See system information.
    SystemInfo = 7, "system_info", ViewSystemInfo;
    /// Restart the device.
    Reboot = 8, "reboot", Reboot;
    /// Run scripts.
    Scripts = 9, "scripts", DeployScripts;
    /// Send addresses to open.
    Urls = 10, "urls", SendUrls;
    /// Record the screen.
    Record = 11, "record", RecordSessions;
    /// A terminal on the device.
    CommandLine = 12, "command_line", CommandLine;
    /// Processes and services.
    ManageSystem = 13, "manage_system", ManageSystem;
    /// Hear the device.
    RemoteSound = 14, "remote_sound", RemoteSound;
    /// Speak with the customer.
    VoiceCall = 15, "voice_call", VoiceCall;
    /// Draw over the screen.
    Whiteboard = 16, "whiteboard", Whiteboard;
    /// Keep the customer's hands out.
    BlockInput = 17, "block_input", BlockInput;
    /// Keep the customer's screen dark.
    BlankScreen = 18, "blank_screen", BlankScreen;
    /// Ask for an administrator's sign-in.
    Credentials = 19, "credentials", RequestCredentials;
    /// Show the technician's own desktop.
    ShareScreen = 20, "share_screen", ScreenSharing;
}

impl std::fmt::Display for Capability {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.key())
    }
}

/// A set of capabilities; on the wire a number of which unknown bits are dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(from = "u32", into = "u32")]
pub struct CapabilitySet(u32);

impl CapabilitySet {
    /// Nothing.
    pub const EMPTY: Self = Self(0);

    /// Every capability.
    pub fn all() -> Self {
        Capability::ALL.iter().copied().collect()
    }

    /// True when `one` is in the set.
    pub const fn has(self, one: Capability) -> bool {
        self.0 & one.bit() != 0
    }

    /// True when every member of `other` is in the set.
    pub const fn has_all(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The set with one more.
    #[must_use]
    pub const fn with(self, one: Capability) -> Self {
        Self(self.0 | one.bit())
    }

    /// The set without one.
    #[must_use]
    pub const fn without(self, one: Capability) -> Self {
        Self(self.0 & !one.bit())
    }

    /// What both hold.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What either holds.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What this holds and `other` does not.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// True when nothing is in it.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The members, in the order of the registry.
    pub fn iter(self) -> impl Iterator<Item = Capability> {
        Capability::ALL.iter().copied().filter(move |c| self.has(*c))
    }

    /// Control without sight makes no sense: adds [`Capability::View`] where Control is.
    #[must_use]
    pub const fn normalised(self) -> Self {
        if self.has(Capability::Control) {
            self.with(Capability::View)
        } else {
            self
        }
    }

    /// Reads `view,control,…`; the error names the word that is not a capability.
    pub fn parse_list(text: &str) -> Result<Self, String> {
        text.split(',')
            .map(str::trim)
            .filter(|w| !w.is_empty())
            .map(|word| Capability::parse(word).ok_or_else(|| word.to_owned()))
            .collect()
    }

    /// What a group with these permissions may be given at most.
    pub fn ceiling(permissions: &[Permission]) -> Self {
        Capability::ALL
            .iter()
            .copied()
            .filter(|c| permissions.contains(&c.permission()))
            .collect()
    }
}

impl FromIterator<Capability> for CapabilitySet {
    fn from_iter<I: IntoIterator<Item = Capability>>(iter: I) -> Self {
        iter.into_iter().fold(Self::EMPTY, Self::with)
    }
}

impl From<u32> for CapabilitySet {
    fn from(bits: u32) -> Self {
        Self(bits).and(Self::all())
    }
}

impl From<CapabilitySet> for u32 {
    fn from(set: CapabilitySet) -> Self {
        set.0
    }
}

impl std::fmt::Display for CapabilitySet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (i, one) in self.iter().enumerate() {
            if i > 0 {
                f.write_str(",")?;
            }
            f.write_str(one.key())?;
        }
        Ok(())
    }
}

/// How recording stands for a session (REC-01 to REC-06).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordingPolicy {
    /// Not allowed.
    #[default]
    Never,
    /// The technician may, after asking the customer each time.
    WithConsent,
    /// The technician may.
    Allowed,
    /// Every view is recorded.
    Mandatory,
}

/// What the customer's side allows one technician right now: the only thing the host side asks before it acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Grant {
    /// From the ticket or the newest signed update.
    pub ceiling: CapabilitySet,
    /// What the device's own policy leaves.
    pub local_policy: CapabilitySet,
    /// What the customer has allowed.
    pub allowed: CapabilitySet,
}

impl Grant {
    /// Capabilities that need no prompt once the ceiling has them.
    pub const PROMPTLESS: CapabilitySet = CapabilitySet(1 << 2);

    /// ceiling ∩ local policy ∩ what the customer allowed (DESIGN, 6).
    pub fn effective(&self) -> CapabilitySet {
        self.ceiling.and(self.local_policy).and(self.allowed.or(Self::PROMPTLESS))
    }

    /// Takes everything back that the customer had allowed (APP-36).
    pub fn revoke(&mut self) {
        self.allowed = CapabilitySet::EMPTY;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_unique_and_parse_back() {
        for one in Permission::ALL {
            assert_eq!(Permission::parse(one.key()), Some(*one));
        }
        for one in Capability::ALL {
            assert_eq!(Capability::parse(one.key()), Some(*one));
        }
        assert_eq!(CapabilitySet::all().iter().count(), Capability::ALL.len());
    }

    #[test]
    fn unknown_bits_are_dropped() {
        assert_eq!(CapabilitySet::from(u32::MAX), CapabilitySet::all());
    }

    #[test]
    fn nothing_is_effective_that_one_of_the_three_lacks() {
        let all = CapabilitySet::all();
        let view = CapabilitySet::EMPTY.with(Capability::View);
        let mut grant = Grant {
            ceiling: all,
            local_policy: all,
            allowed: view,
        };
        assert!(grant.effective().has(Capability::View) && !grant.effective().has(Capability::Control));
        grant.revoke();
        assert_eq!(grant.effective(), Grant::PROMPTLESS);
        grant.ceiling = CapabilitySet::EMPTY;
        assert!(grant.effective().is_empty());
    }

    #[test]
    fn a_grant_list_names_the_word_it_does_not_know() {
        assert_eq!(CapabilitySet::parse_list("view, control").unwrap().to_string(), "view,control");
        assert_eq!(CapabilitySet::parse_list("view,fly"), Err("fly".into()));
    }
}
