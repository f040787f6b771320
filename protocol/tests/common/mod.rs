//! One sample or more of every message and signed object, shared by the tests of bytes.
#![allow(dead_code, reason = "each test binary uses a part of it")]

use ed25519_dalek::SigningKey;
use farhand_protocol::api::{PeerAddress, SessionEvent, SessionRow};
use farhand_protocol::chain::{Body, Chain, Origin};
use farhand_protocol::error::{ErrorBody, ErrorCode};
use farhand_protocol::gateway::*;
use farhand_protocol::geometry::{DesktopLayout, Monitor, Point, Rect};
use farhand_protocol::ids::{MemberId, PeerKey, SessionId};
use farhand_protocol::input::{Button, InputEvent, InputPriority, KeyEvent, KeyLayout, Press};
use farhand_protocol::media::{CursorPosition, PicturePlace, Repair, UpdateHeader};
use farhand_protocol::peer::*;
use farhand_protocol::permission::{Capability, CapabilitySet, Permission, RecordingPolicy};
use farhand_protocol::proof::Challenge;
use farhand_protocol::session::Status;
use farhand_protocol::ticket::*;
use farhand_protocol::time::Timestamp;
use uuid::Uuid;

pub const NOW: Timestamp = Timestamp(1_793_318_400_123);
pub const SESSION: SessionId = SessionId(4711);
pub const HOST: PeerKey = PeerKey([0x11; 32]);
pub const VIEWER: PeerKey = PeerKey([0x22; 32]);

pub fn signing_key() -> SigningKey {
    SigningKey::from_bytes(&[0x33; 32])
}

pub fn gateway_key() -> GatewayKey {
    GatewayKey(signing_key().verifying_key().to_bytes())
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0000 | number)
}

fn hello() -> Hello {
    Hello {
        min: 1,
        max: 2,
        features: vec!["tiles".into()],
        agent: "farhand-console/0.1.0".into(),
    }
}

fn ada() -> TechnicianIdentity {
    TechnicianIdentity {
        member_id: MemberId(3),
        name: "Ada Kern".into(),
        organisation: "ACME Österreich".into(),
    }
}

fn capabilities() -> CapabilitySet {
    CapabilitySet::EMPTY
        .with(Capability::View)
        .with(Capability::Control)
        .with(Capability::Chat)
}

fn address(key: PeerKey) -> PeerAddress {
    PeerAddress {
        key,
        relay_url: Some("https://gw.example:8443/".into()),
        direct: vec!["192.0.2.7:4433".into(), "[2001:db8::7]:4433".into()],
    }
}

fn error() -> ErrorBody {
    ErrorBody {
        retry_after_secs: Some(30),
        challenge: Some(Challenge {
            seed: "seed".into(),
            difficulty_bits: 20,
        }),
        ..ErrorBody::missing(Permission::RemoteControl.key())
    }
}

fn clock(asked: i64, answered: i64) -> ClockProbe {
    ClockProbe {
        asked_at_micros: asked,
        answered_at_micros: answered,
    }
}

pub fn ticket() -> Ticket {
    Ticket {
        ticket_id: id(1),
        session_id: SESSION,
        leg: Leg::Lead,
        host_key: HOST,
        viewer_key: VIEWER,
        technician: ada(),
        ceiling: capabilities(),
        recording: RecordingPolicy::WithConsent,
        issued_at: NOW,
        first_use_until: NOW.plus_millis(FIRST_USE_MILLIS),
        lease_until: NOW.plus_millis(LEASE_MILLIS),
    }
}

pub fn ceiling_update() -> CeilingUpdate {
    CeilingUpdate {
        ticket_id: id(1),
        number: 2,
        ceiling: CapabilitySet::EMPTY,
        lease_until: NOW,
    }
}

pub fn relay_token() -> RelayToken {
    RelayToken {
        key: HOST,
        session_id: SESSION,
        not_after: NOW,
    }
}

/// The signed objects by name.
pub fn signed() -> Vec<(&'static str, Signed)> {
    let key = signing_key();
    vec![
        ("Ticket", Signed::seal(&ticket(), &key)),
        ("CeilingUpdate", Signed::seal(&ceiling_update(), &key)),
        ("RelayToken", Signed::seal(&relay_token(), &key)),
    ]
}

fn inputs() -> Vec<InputEvent> {
    let (epoch, pos) = (7, Point { x: -1920, y: 1079 });
    vec![
        InputEvent::PointerMove { epoch, pos },
        InputEvent::PointerButton {
            epoch,
            pos,
            button: Button::Left,
            press: Press::Down,
        },
        InputEvent::Wheel {
            epoch,
            pos,
            dx: -120,
            dy: 240,
        },
        InputEvent::Key(KeyEvent {
            usage: 0x04,
            press: Press::Down,
            logical: Some("é".into()),
            text: Some("é".into()),
            layout: KeyLayout::Here,
        }),
        InputEvent::Key(KeyEvent {
            usage: 0xe0,
            press: Press::Up,
            logical: None,
            text: None,
            layout: KeyLayout::There,
        }),
        InputEvent::Text("Grüße, 日本語 😀".into()),
        InputEvent::Beat,
        InputEvent::ReleaseAll,
        InputEvent::Mark(7),
    ]
}

pub fn host_bound() -> Vec<HostBound> {
    let line = ChatLine {
        line_id: id(2),
        sent_at: NOW,
        text: "Good morning".into(),
    };
    let signed = Signed::seal(&ticket(), &signing_key());
    let update = Signed::seal(&ceiling_update(), &signing_key());
    let mut all = vec![
        HostBound::Hello(hello()),
        HostBound::Present(Present {
            ticket: signed.clone(),
            update: None,
        }),
        HostBound::Present(Present {
            ticket: signed,
            update: Some(update.clone()),
        }),
        HostBound::Sas(SasPart { bytes: vec![0xab; 32] }),
        HostBound::Request(Request {
            request_id: id(3),
            capabilities: capabilities(),
        }),
        HostBound::Subscribe(Subscribe {
            monitors: vec![1, 2],
            on: true,
        }),
        HostBound::Subscribe(Subscribe {
            monitors: vec![],
            on: false,
        }),
        HostBound::TakeControl(TakeControl { on: true }),
        HostBound::Chat(line),
        HostBound::Acknowledge(Acknowledge {
            update: 300,
            received_bytes: 123_456,
            shown_after_micros: 16_000,
        }),
        HostBound::Resync(Resync {
            reason: "digest differs".into(),
        }),
        HostBound::Quality(Quality {
            max_bitrate_bps: 2_000_000,
            max_fps: 30,
        }),
        HostBound::Clock(clock(1_000_001, 0)),
        HostBound::Ceiling(update),
        HostBound::Leave(Leave {
            reason: "tab closed".into(),
        }),
    ];
    all.extend(inputs().into_iter().map(HostBound::Input));
    all
}

pub fn viewer_bound() -> Vec<ViewerBound> {
    let monitor = Monitor {
        id: 1,
        area: Rect::new(-1920, 0, 1920, 1080),
        scale_percent: 150,
        primary: true,
        name: "DP-1".into(),
    };
    vec![
        ViewerBound::Hello(hello()),
        ViewerBound::Welcome(Welcome {
            ticket_hash: vec![0xcd; 32],
            granted: CapabilitySet::EMPTY,
            ceiling: capabilities(),
            device: "reception-2".into(),
            system: "Debian 12".into(),
            priority: InputPriority::Technician,
        }),
        ViewerBound::Sas(SasPart { bytes: vec![0xba; 32] }),
        ViewerBound::Consent(Consent {
            request_id: id(3),
            answer: ConsentAnswer::Allowed,
        }),
        ViewerBound::Grant(GrantChanged {
            granted: capabilities(),
            cause: GrantCause::StopKey,
        }),
        ViewerBound::Layout(DesktopLayout {
            epoch: 7,
            monitors: vec![monitor],
        }),
        ViewerBound::Screen(ScreenState::Shown),
        ViewerBound::Screen(ScreenState::Unavailable(ErrorBody::new(ErrorCode::ScreenWayland, "under Wayland"))),
        ViewerBound::Cursor(CursorImage {
            serial: 9,
            width: 2,
            height: 1,
            hot_x: 1,
            hot_y: 0,
            bgra: vec![1, 2, 3, 4, 5, 6, 7, 8],
        }),
        ViewerBound::Chat(ChatLine {
            line_id: id(4),
            sent_at: NOW,
            text: "Hello".into(),
        }),
        ViewerBound::Digest(Digest {
            update: 300,
            sha256: vec![0xef; 32],
        }),
        ViewerBound::Clock(clock(1_000_001, -5)),
        ViewerBound::Done(Done { mark: 7 }),
        ViewerBound::Participants(Participants {
            present: vec![(ada(), capabilities())],
        }),
        ViewerBound::Refused(Refused {
            kind: 0x0013,
            error: error(),
        }),
        ViewerBound::Goodbye(Goodbye {
            error: ErrorBody::new(ErrorCode::SessionEnded, "the session has ended"),
        }),
        ViewerBound::Timing(Timing {
            update: 301,
            capture_micros: 700,
            compare_micros: 70_000,
            encode_micros: 9,
            sent_at_micros: 1_000_002,
        }),
    ]
}

pub fn to_gateway() -> Vec<ToGateway> {
    let mut chain = Chain::new(Origin::Applet(HOST), SESSION);
    let body = Body::from([("text", "hello")]);
    let entry = chain.append(NOW, "chat.line", body).expect("within the limits");
    vec![
        ToGateway::Hello(hello()),
        ToGateway::Reachable(Reachable { address: address(HOST) }),
        ToGateway::Customer(CustomerStep::Ready),
        ToGateway::Events(Events {
            session_id: SESSION,
            entries: vec![entry],
        }),
        ToGateway::Link(LinkReport {
            session_id: SESSION,
            peer: VIEWER,
            up: true,
        }),
        ToGateway::Ping(5),
    ]
}

pub fn from_gateway() -> Vec<FromGateway> {
    let row = SessionRow {
        session_id: SESSION,
        name: "Reception".into(),
        fields: vec!["a".into()],
        status: Some(Status::OnHold),
        since: NOW,
        created_at: NOW.plus_millis(-60_000),
        lead: Some(ada()),
        issued_by: ada(),
        platform: Some("Windows 11".into()),
        device: None,
        comment: String::new(),
        expires_at: None,
        waiting_ends_at: None,
        customer_online: true,
    };
    let event = SessionEvent {
        event_id: 1,
        session_id: SESSION,
        occurred_at: NOW,
        origin: Origin::Gateway.to_string(),
        seq: 1,
        kind: "session.status".into(),
        actor: "customer".into(),
        detail: serde_json::json!({ "new": "waiting" }),
        hash: "00".repeat(32),
    };
    vec![
        FromGateway::Hello(hello()),
        FromGateway::Session(SessionIs {
            session_id: SESSION,
            status: Status::Waiting,
            lead: None,
            estimated_wait_minutes: Some(4),
        }),
        FromGateway::Ticket(TicketIssued {
            session_id: SESSION,
            ticket: Signed::seal(&ticket(), &signing_key()),
            peer: address(VIEWER),
        }),
        FromGateway::Ceiling(CeilingIs {
            session_id: SESSION,
            update: Signed::seal(&ceiling_update(), &signing_key()),
        }),
        FromGateway::Peer(PeerMoved {
            session_id: SESSION,
            peer: address(VIEWER),
        }),
        FromGateway::Stored(EventsStored {
            session_id: SESSION,
            origin: Origin::Applet(HOST).to_string(),
            seq: 200,
        }),
        FromGateway::Row(row),
        FromGateway::Removed(SESSION),
        FromGateway::Event(event),
        FromGateway::SignedOut(ErrorBody::new(ErrorCode::AuthExpired, "signed in elsewhere")),
        FromGateway::Refused(error()),
        FromGateway::Pong(5),
    ]
}

pub fn update_header() -> UpdateHeader {
    UpdateHeader {
        update: 300,
        base: 299,
        captured_at_micros: 1_000_001,
        full: Some(PicturePlace {
            epoch: 7,
            area: Rect::new(-1920, 0, 1920, 1080),
        }),
        exact: true,
    }
}

pub fn update_header_bytes() -> Vec<u8> {
    let mut bytes = Vec::new();
    update_header().append_to(&mut bytes);
    bytes
}

pub fn cursor_position() -> CursorPosition {
    CursorPosition {
        number: 12,
        serial: 9,
        epoch: 7,
        pos: Point { x: -3, y: 4 },
        visible: true,
    }
}

pub fn repair() -> Repair<'static> {
    Repair {
        stream: 300,
        length: 100_000,
        width: 1210,
        offset: 1100,
        parity: &[0xde, 0xad, 0xbe, 0xef],
    }
}

pub fn repair_bytes() -> Vec<u8> {
    let mut bytes = Vec::new();
    repair().append_to(&mut bytes);
    bytes
}
