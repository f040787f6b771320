//! Ready-made values for tests of views and painters, with one fixed moment for all of them.

use farhand_engine::{
    technician::SignedIn,
    viewer::{LinkPath, LinkStats, Stages},
};
use farhand_protocol::{
    api::{LoginAnswer, SessionCreated, SessionRow},
    geometry::{DesktopLayout, Monitor, Rect},
    ids::{MemberId, SessionId},
    input::KeyLayout,
    permission::{Capability, CapabilitySet, Permission},
    session::Status,
    ticket::{GatewayKey, TechnicianIdentity},
    time::Timestamp,
};
use uuid::Uuid;

use super::{
    ConsoleState, Dialog, Now, SessionTab, Settings,
    dialog::{MailSender, NewSessionForm, Way},
    log::Writer,
    tab::TabLink,
};

/// 22 November 2026, 14:05:00 UTC.
pub const NOW: Timestamp = Timestamp(1_795_356_300_000);

/// A technician.
pub fn identity(member_id: i64, name: &str) -> TechnicianIdentity {
    TechnicianIdentity {
        member_id: MemberId(member_id),
        name: name.into(),
        organisation: "ACME Support".into(),
    }
}

/// A row of Ada Kern's, in its state for four minutes.
pub fn row(session_id: i64, name: &str, status: Option<Status>) -> SessionRow {
    let known = status.is_some();
    let led = !matches!(status, None | Some(Status::Waiting | Status::Connecting));
    SessionRow {
        session_id: SessionId(session_id),
        name: name.into(),
        fields: vec![],
        status,
        since: NOW.plus_millis(-250_000),
        created_at: NOW.plus_millis(-300_000),
        lead: led.then(|| identity(1, "Ada Kern")),
        issued_by: identity(1, "Ada Kern"),
        platform: known.then(|| "Debian 12".into()),
        device: known.then(|| format!("PC-{session_id}")),
        comment: String::new(),
        expires_at: (!known).then(|| NOW.plus_millis(754_000)),
        waiting_ends_at: None,
        customer_online: known,
    }
}

/// Ada Kern, signed in, with no sessions.
pub fn signed_in() -> ConsoleState {
    let account = LoginAnswer {
        token: String::new(),
        expires_at: NOW.plus_millis(86_400_000),
        technician: identity(1, "Ada Kern"),
        email: "ada@acme.example".into(),
        gateway_key: GatewayKey([7; 32]),
        permissions: Permission::ALL.iter().map(|permission| permission.key().to_owned()).collect(),
        pin_page: "https://support.acme.example/join".into(),
        max_active_sessions: 10,
        sends_mail: false,
    };
    let mut state = ConsoleState::new(Settings::default());
    state.now = Now {
        at: NOW,
        utc_offset_minutes: 0,
    };
    state.rows_known = false;
    state.account = Some(SignedIn {
        account,
        gateway: "https://support.acme.example".into(),
        trust: None,
    });
    state
}

/// The list of a busy hour.
pub fn busy() -> ConsoleState {
    let mut state = signed_in();
    state.rows_known = true;
    let mut rows = vec![
        row(1, "M. Diaz", Some(Status::Active)),
        row(2, "J. Ono", Some(Status::Waiting)),
        row(3, "ACME-PC7", Some(Status::OnHold)),
        row(4, "Priya Raman", None),
        row(5, "B. Fischer", Some(Status::ClosedByCustomer)),
        row(6, "Reception", Some(Status::Connecting)),
        row(7, "K. Larsen", Some(Status::Waiting)),
    ];
    rows[2].since = NOW.plus_millis(-31_000);
    rows[4].since = NOW.plus_millis(-7_500_000);
    rows[5].since = NOW.plus_millis(-9_000);
    rows[6].issued_by = identity(2, "Tom Baker");
    rows[6].since = NOW.plus_millis(-400_000);
    state.rows = rows.into_iter().map(|row| (row.session_id, row)).collect();
    state
}

/// The code of session 4 in its dialog, to be mailed by the gateway.
pub fn mailing() -> ConsoleState {
    let mut state = busy();
    if let Some(signed_in) = &mut state.account {
        signed_in.account.sends_mail = true;
    }
    let link = "https://support.acme.example/join#ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let created = SessionCreated {
        session_id: SessionId(4),
        pin: "427901358".into(),
        link: link.into(),
        expires_at: NOW.plus_millis(754_000),
        mail_subject: "Your support session link".into(),
        mail_text: format!("To ask for live support, please open this link:\n\n{link}\n\nKind regards, your support team\n"),
    };
    let form = NewSessionForm {
        way: Way::Email,
        mail_sender: MailSender::Gateway,
        ..NewSessionForm::again("Priya Raman", created)
    };
    state.dialog = Some(Dialog::NewSession(Box::new(form)));
    state
}

/// A linked tab of session 1 in front, nothing asked yet.
pub fn with_tab() -> ConsoleState {
    let mut state = busy();
    let mut tab = SessionTab::new(SessionId(1), KeyLayout::Here);
    tab.link = TabLink::Up(LinkPath::Direct);
    tab.device = "PC-1".into();
    tab.system = "Debian 12".into();
    tab.ceiling = CapabilitySet::all();
    tab.sas = Some("42 17 93".into());
    state.tabs.push(tab);
    state.current = Some(SessionId(1));
    state.selected = Some(SessionId(1));
    state
}

/// The same, controlling a desktop of 1920 by 1080, with a conversation.
pub fn controlling() -> ConsoleState {
    let mut state = with_tab();
    let tab = &mut state.tabs[0];
    tab.granted = CapabilitySet::EMPTY.with(Capability::Control).with(Capability::Chat).normalised();
    tab.view = true;
    tab.control = true;
    tab.layout = DesktopLayout {
        epoch: 1,
        monitors: vec![Monitor {
            id: 1,
            area: Rect::new(0, 0, 1920, 1080),
            scale_percent: 100,
            primary: true,
            name: "HDMI-1".into(),
        }],
    };
    tab.stats = LinkStats {
        path: LinkPath::Direct,
        rtt_millis: 12,
        received_bps: 340_000,
        updates_per_second: 14,
        exact: true,
        latency_millis: Some(31),
        stages: Some(Stages {
            capture_micros: 700,
            compare_micros: 1_900,
            encode_micros: 2_400,
            network_micros: 9_300,
            decode_micros: 1_100,
            present_micros: Some(15_600),
            offset_micros: -2_310_400,
            offset_error_micros: 5_900,
        }),
    };
    let line = |id: u128, from: Writer, ago: i64, text: &str| (Uuid::from_u128(id), from, NOW.plus_millis(-ago), text.to_owned());
    for (id, from, at, text) in [
        line(1, Writer::Customer, 200_000, "The printer says it is offline."),
        line(2, Writer::Me, 170_000, "Thank you, I will have a look at the settings with you."),
        line(3, Writer::Customer, 30_000, "There it is!"),
    ] {
        tab.log.add_chat(id, from, at, text);
    }
    state
}
