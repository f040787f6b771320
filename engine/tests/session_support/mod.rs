//! What the session tests share: a gateway that only signs, two endpoints on loopback, a scripted machine, and waits for
//! events instead of sleeps.
#![allow(dead_code, reason = "each test file uses its part")]

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use ed25519_dalek::SigningKey;
use farhand_engine::{
    host::{Host, HostConfig, HostEvent},
    platform::{Platform, fake::FakePlatform},
    viewer::{Dial, Viewer, ViewerConfig, ViewerEvent},
};
use farhand_protocol::{
    api::AppletSettings,
    error::{ErrorBody, ErrorCode},
    ids::{MemberId, PeerKey, SessionId},
    input::InputPriority,
    peer::{ALPN, Hello, HostBound, Present, ViewerBound, Welcome},
    permission::{Capability, CapabilitySet, RecordingPolicy},
    session::Status,
    ticket::{CeilingUpdate, FIRST_USE_MILLIS, GatewayKey, LEASE_MILLIS, Leg, Signed, TechnicianIdentity, Ticket},
    time::Timestamp,
    wire::{FrameReader, Incoming, Message},
};
use iroh::{
    Endpoint, EndpointAddr, RelayMode, TransportAddr,
    endpoint::{Connection, RecvStream, SendStream, presets},
};
use parking_lot::Mutex;
use tokio::sync::Notify;
use uuid::Uuid;

/// Longest wait for anything; a test that waits this long has failed.
pub const LONG: Duration = Duration::from_secs(20);
pub const SESSION: SessionId = SessionId(41);

/// Events as they come, to be waited for.
pub struct Log<E> {
    events: Mutex<Vec<E>>,
    grown: Notify,
}

impl<E: Clone + std::fmt::Debug> Log<E> {
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            events: Mutex::default(),
            grown: Notify::new(),
        })
    }

    pub fn push(&self, event: E) {
        self.events.lock().push(event);
        self.grown.notify_waiters();
    }

    pub fn len(&self) -> usize {
        self.events.lock().len()
    }

    pub fn all(&self) -> Vec<E> {
        self.events.lock().clone()
    }

    /// The first event from `from` on that `pick` picks something from; waits for it.
    pub async fn wait_from<T>(&self, from: usize, what: &str, pick: impl Fn(&E) -> Option<T>) -> T {
        let deadline = tokio::time::Instant::now() + LONG;
        loop {
            let grown = self.grown.notified();
            tokio::pin!(grown);
            grown.as_mut().enable();
            if let Some(found) = self.events.lock().iter().skip(from).find_map(&pick) {
                return found;
            }
            if tokio::time::timeout_at(deadline, grown).await.is_err() {
                panic!(
                    "{what} did not come; there was {:#?}",
                    self.events.lock().iter().skip(from).collect::<Vec<_>>()
                );
            }
        }
    }

    pub async fn wait<T>(&self, what: &str, pick: impl Fn(&E) -> Option<T>) -> T {
        self.wait_from(0, what, pick).await
    }
}

/// One customer's machine with its host side, reachable on loopback.
pub struct Lab {
    pub platform: FakePlatform,
    pub host: Host,
    pub events: Arc<Log<HostEvent>>,
    pub gateway: SigningKey,
    pub endpoint: Endpoint,
}

pub struct LabOptions {
    pub settings: AppletSettings,
    pub local_policy: CapabilitySet,
    pub in_advance: CapabilitySet,
    /// Lines of the journal never reach a disk, so that who caused them keeps waiting.
    pub disk_hangs: bool,
}

impl Default for LabOptions {
    fn default() -> Self {
        let settings = AppletSettings {
            application_name: "Support".into(),
            pause_key: true,
            priority: InputPriority::Technician,
            single_prompt: false,
            ask_at_start: false,
        };
        Self {
            settings,
            local_policy: CapabilitySet::all(),
            in_advance: CapabilitySet::EMPTY,
            disk_hangs: false,
        }
    }
}

impl LabOptions {
    /// Seeing and controlling is allowed from the start.
    pub fn in_control() -> Self {
        Self {
            in_advance: CapabilitySet::EMPTY.with(Capability::View).with(Capability::Control),
            ..Self::default()
        }
    }
}

impl Lab {
    pub async fn new() -> Self {
        Self::with(FakePlatform::new(640, 480), LabOptions::default()).await
    }

    pub async fn with(platform: FakePlatform, options: LabOptions) -> Self {
        Self::on(Arc::new(platform.clone()), platform, options).await
    }

    /// On a platform that passes on to this fake.
    pub async fn on(used: Arc<dyn Platform>, platform: FakePlatform, options: LabOptions) -> Self {
        let gateway = SigningKey::from_bytes(&[7; 32]);
        let endpoint = endpoint().await;
        let events = Log::new();
        let log = events.clone();
        let config = HostConfig {
            session_id: SESSION,
            host_key: PeerKey(*endpoint.id().as_bytes()),
            gateway_key: GatewayKey(gateway.verifying_key().to_bytes()),
            settings: options.settings,
            local_policy: options.local_policy,
            grant_in_advance: options.in_advance,
            device: "fake-host".into(),
            system: "Fake OS 1".into(),
            agent: "tests".into(),
            platform: used,
        };
        let on_event = move |mut event| {
            if let HostEvent::Journal { place, .. } = &mut event {
                // As once the line is on disk.
                place.take_if(|_| !options.disk_hangs);
            }
            log.push(event);
        };
        let host = Host::start(config, tokio::runtime::Handle::current(), Arc::new(on_event)).unwrap();
        host.set_status(Status::Active);
        let (accepting, to) = (endpoint.clone(), host.clone());
        tokio::spawn(async move {
            while let Some(incoming) = accepting.accept().await {
                if let Ok(conn) = incoming.await {
                    to.handle_connection(conn);
                }
            }
        });
        Self {
            platform,
            host,
            events,
            gateway,
            endpoint,
        }
    }

    pub fn ticket(&self, member: i64, viewer: &Endpoint, ceiling: CapabilitySet) -> Ticket {
        ticket_for(PeerKey(*self.endpoint.id().as_bytes()), member, viewer, ceiling)
    }

    pub fn seal(&self, ticket: &Ticket) -> Signed {
        Signed::seal(ticket, &self.gateway)
    }

    pub fn ceiling(&self, ticket: &Ticket, number: u64, ceiling: CapabilitySet) -> Signed {
        Signed::seal(
            &CeilingUpdate {
                ticket_id: ticket.ticket_id,
                number,
                ceiling,
                lease_until: ticket.lease_until,
            },
            &self.gateway,
        )
    }

    pub fn address(&self) -> EndpointAddr {
        loopback(&self.endpoint)
    }

    /// A technician with an announced ticket, dialling.
    pub async fn technician(&self, member: i64) -> Console {
        self.technician_within(member, CapabilitySet::all()).await
    }

    pub async fn technician_within(&self, member: i64, ceiling: CapabilitySet) -> Console {
        let endpoint = endpoint().await;
        let ticket = self.ticket(member, &endpoint, ceiling);
        let signed = self.seal(&ticket);
        self.host.handle_ticket(signed.clone());
        Console::start(ticket, signed, &self.gateway, Dialer::new(endpoint, self.address()))
    }

    /// Answers the next question from `from` on.
    pub async fn answer(&self, from: usize, allow: bool) -> CapabilitySet {
        let pick = |event: &HostEvent| match event {
            HostEvent::ConsentAsked {
                request_id, capabilities, ..
            } => Some((*request_id, *capabilities)),
            _ => None,
        };
        let (request_id, capabilities) = self.events.wait_from(from, "a question", pick).await;
        let allowed = if allow { CapabilitySet::all() } else { CapabilitySet::EMPTY };
        self.host.answer_consent(request_id, allowed);
        capabilities
    }

    /// Journal entries of this kind.
    pub fn journal(&self, wanted: &str) -> Vec<serde_json::Value> {
        let pick = |event: HostEvent| match event {
            HostEvent::Journal { kind, detail, .. } if kind == wanted => Some(detail),
            _ => None,
        };
        self.events.all().into_iter().filter_map(pick).collect()
    }

    pub async fn wait_journal(&self, from: usize, wanted: &str) -> serde_json::Value {
        let pick = |event: &HostEvent| match event {
            HostEvent::Journal { kind, detail, .. } if *kind == wanted => Some(detail.clone()),
            _ => None,
        };
        self.events.wait_from(from, wanted, pick).await
    }

    /// Waits until the hands of the machine did so many things.
    pub async fn wait_hands(&self, count: usize) {
        until("the hands to act", || self.platform.events().lock().len() >= count).await;
    }
}

/// A technician's side.
pub struct Console {
    pub viewer: Viewer,
    pub events: Arc<Log<ViewerEvent>>,
    pub ticket: Ticket,
    pub dialer: Arc<Dialer>,
}

impl Console {
    /// A viewer with this ticket, dialling.
    pub fn start(ticket: Ticket, signed: Signed, gateway: &SigningKey, dialer: Arc<Dialer>) -> Self {
        let events = Log::new();
        let log = events.clone();
        let config = ViewerConfig {
            session_id: SESSION,
            ticket: signed,
            gateway_key: GatewayKey(gateway.verifying_key().to_bytes()),
            host_key: ticket.host_key,
            agent: "tests".into(),
            dial: dialer.clone(),
        };
        let viewer = Viewer::start(config, tokio::runtime::Handle::current(), Arc::new(move |event| log.push(event)));
        Self {
            viewer,
            events,
            ticket,
            dialer,
        }
    }

    pub async fn viewing(&self, from: usize, on: bool) {
        self.events
            .wait_from(from, "the view to change", |event| {
                matches!(event, ViewerEvent::View(now) if *now == on).then_some(())
            })
            .await;
    }

    pub async fn controlling(&self, from: usize, on: bool) {
        self.events
            .wait_from(from, "control to change", |event| {
                matches!(event, ViewerEvent::Control(now) if *now == on).then_some(())
            })
            .await;
    }

    /// Sees a machine that allows it from the start.
    pub async fn in_view(&self) {
        self.viewer.subscribe(farhand_protocol::peer::Subscribe {
            monitors: vec![],
            on: true,
        });
        self.viewing(0, true).await;
    }

    /// Controls a machine that allows it from the start.
    pub async fn takes_control(&self) {
        self.viewer.take_control(true);
        self.controlling(0, true).await;
    }

    /// Sees and controls, with the customer's consent.
    pub async fn in_control(&self, lab: &Lab) {
        let (ours, theirs) = (self.events.len(), lab.events.len());
        self.viewer.take_control(true);
        self.viewer.subscribe(farhand_protocol::peer::Subscribe {
            monitors: vec![],
            on: true,
        });
        lab.answer(theirs, true).await;
        self.controlling(ours, true).await;
        self.viewing(ours, true).await;
    }

    /// Waits until the picture is the machine's screen, pixel for pixel.
    pub async fn shows_screen(&self, platform: &FakePlatform) {
        until("the picture to be the screen's", || self.differs(platform).is_none()).await;
    }

    /// The first place where picture and screen differ; also when there is no picture.
    pub fn differs(&self, platform: &FakePlatform) -> Option<(u32, u32)> {
        let picture = self.viewer.picture();
        let guard = picture.lock();
        let (width, height) = guard.size();
        let area = guard.area();
        let is_whole = platform
            .pixel(farhand_protocol::geometry::Point {
                x: area.right(),
                y: area.y,
            })
            .is_none();
        if width == 0 || !is_whole {
            return Some((width, height));
        }
        for y in 0..height {
            let row = &guard.frame()[y as usize * guard.stride()..];
            for x in 0..width {
                let at = farhand_protocol::geometry::Point {
                    x: area.x + x as i32,
                    y: area.y + y as i32,
                };
                if platform.pixel(at).is_none_or(|pixel| pixel[..3] != row[x as usize * 4..][..3]) {
                    return Some((x, y));
                }
            }
        }
        None
    }
}

/// Dials the lab; keeps the last connection so that tests can cut it.
pub struct Dialer {
    pub endpoint: Endpoint,
    to: EndpointAddr,
    last: Mutex<Option<Connection>>,
}

impl Dialer {
    pub fn new(endpoint: Endpoint, to: EndpointAddr) -> Arc<Self> {
        Arc::new(Self {
            endpoint,
            to,
            last: Mutex::default(),
        })
    }

    pub fn cut(&self) {
        if let Some(conn) = self.last.lock().take() {
            conn.close(9_u32.into(), b"cut by the test");
        }
    }
}

#[async_trait]
impl Dial for Dialer {
    async fn dial(&self) -> Result<Connection, ErrorBody> {
        let conn = self
            .endpoint
            .connect(self.to.clone(), ALPN)
            .await
            .map_err(|error| ErrorBody::new(ErrorCode::LinkUnreachable, error.to_string()))?;
        *self.last.lock() = Some(conn.clone());
        Ok(conn)
    }
}

/// A viewer that speaks frame by frame, as honest or not as the test wants.
pub struct RawViewer {
    pub endpoint: Endpoint,
    pub conn: Connection,
    send: SendStream,
    recv: RecvStream,
    reader: FrameReader,
}

impl RawViewer {
    pub async fn dial(lab: &Lab, endpoint: Endpoint) -> Self {
        Self::try_dial(lab, endpoint).await.unwrap()
    }

    /// None when the host closes the connection at once.
    pub async fn try_dial(lab: &Lab, endpoint: Endpoint) -> Option<Self> {
        let conn = endpoint.connect(lab.address(), ALPN).await.ok()?;
        let (send, recv) = conn.open_bi().await.ok()?;
        let mut raw = Self {
            endpoint,
            conn,
            send,
            recv,
            reader: FrameReader::default(),
        };
        raw.say(&HostBound::Hello(Hello::ours("raw"))).await;
        Some(raw)
    }

    /// Linked under an announced ticket.
    pub async fn linked(lab: &Lab, member: i64, ceiling: CapabilitySet) -> (Self, Ticket) {
        let endpoint = endpoint().await;
        let ticket = lab.ticket(member, &endpoint, ceiling);
        let signed = lab.seal(&ticket);
        lab.host.handle_ticket(signed.clone());
        let mut raw = Self::dial(lab, endpoint).await;
        raw.say(&HostBound::Present(Present {
            ticket: signed,
            update: None,
        }))
        .await;
        raw.hear("welcome", |message| matches!(message, ViewerBound::Welcome(_)).then_some(()))
            .await;
        (raw, ticket)
    }

    pub async fn say(&mut self, message: &HostBound) {
        // The host may have closed already, which some tests want.
        let _ = self.send.write_all(&message.to_frame()).await;
    }

    /// The next message that `pick` picks something from.
    pub async fn hear<T>(&mut self, what: &str, pick: impl Fn(ViewerBound) -> Option<T>) -> T {
        hear_from(async || self.next().await, what, pick).await
    }

    /// The next message; none at the end of the link.
    pub async fn next(&mut self) -> Option<ViewerBound> {
        loop {
            match self.reader.poll_message::<ViewerBound>().unwrap() {
                Some(Incoming::Message(message)) => return Some(message),
                Some(Incoming::Unknown(kind)) => panic!("unknown kind {kind}"),
                None => self.reader.handle_bytes(&self.recv.read_chunk(65536).await.ok()??),
            }
        }
    }
}

/// A host that speaks frame by frame, as honest or not as the test wants.
pub struct RawHost {
    pub conn: Connection,
    send: SendStream,
    recv: RecvStream,
    reader: FrameReader,
}

impl RawHost {
    /// Linked with the next viewer that dials, who may do this.
    pub async fn welcome(endpoint: &Endpoint, granted: CapabilitySet) -> Self {
        let conn = endpoint.accept().await.unwrap().await.unwrap();
        let (send, recv) = conn.accept_bi().await.unwrap();
        let mut raw = Self {
            conn,
            send,
            recv,
            reader: FrameReader::default(),
        };
        let pick = |message| match message {
            HostBound::Present(present) => Some(present.ticket.hash().to_vec()),
            _ => None,
        };
        let ticket_hash = raw.hear("a ticket", pick).await;
        raw.say(&ViewerBound::Hello(Hello::ours("raw"))).await;
        raw.say(&ViewerBound::Welcome(Welcome {
            ticket_hash,
            granted,
            ceiling: granted,
            device: "raw-host".into(),
            system: "Fake OS 1".into(),
            priority: InputPriority::Technician,
        }))
        .await;
        raw
    }

    pub async fn say(&mut self, message: &ViewerBound) {
        self.send.write_all(&message.to_frame()).await.unwrap();
    }

    /// The next message that `pick` picks something from.
    pub async fn hear<T>(&mut self, what: &str, pick: impl Fn(HostBound) -> Option<T>) -> T {
        hear_from(async || self.next().await, what, pick).await
    }

    async fn next(&mut self) -> Option<HostBound> {
        loop {
            match self.reader.poll_message::<HostBound>().unwrap() {
                Some(Incoming::Message(message)) => return Some(message),
                Some(Incoming::Unknown(kind)) => panic!("unknown kind {kind}"),
                None => self.reader.handle_bytes(&self.recv.read_chunk(65536).await.ok()??),
            }
        }
    }
}

/// A ticket for this pair, not signed yet.
pub fn ticket_for(host_key: PeerKey, member: i64, viewer: &Endpoint, ceiling: CapabilitySet) -> Ticket {
    let now = now();
    Ticket {
        ticket_id: Uuid::now_v7(),
        session_id: SESSION,
        leg: Leg::Collaborator,
        host_key,
        viewer_key: PeerKey(*viewer.id().as_bytes()),
        technician: technician(member),
        ceiling,
        recording: RecordingPolicy::Never,
        issued_at: now,
        first_use_until: now.plus_millis(FIRST_USE_MILLIS),
        lease_until: now.plus_millis(LEASE_MILLIS),
    }
}

pub fn technician(member: i64) -> TechnicianIdentity {
    TechnicianIdentity {
        member_id: MemberId(member),
        name: format!("Technician {member}"),
        organisation: "ACME".into(),
    }
}

pub async fn endpoint() -> Endpoint {
    Endpoint::builder(presets::Minimal)
        .relay_mode(RelayMode::Disabled)
        .alpns(vec![ALPN.to_vec()])
        .bind()
        .await
        .unwrap()
}

pub fn loopback(endpoint: &Endpoint) -> EndpointAddr {
    let port = endpoint.bound_sockets().iter().find(|address| address.is_ipv4()).unwrap().port();
    EndpointAddr::from_parts(endpoint.id(), [TransportAddr::Ip(([127, 0, 0, 1], port).into())])
}

pub fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Timestamp(since.as_millis() as i64)
}

/// Waits for something that has no event of its own, looking every few milliseconds.
pub async fn until(what: &str, is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + LONG;
    while !is_so() {
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
}

/// The next message from `next` that `pick` picks something from.
async fn hear_from<M, T>(mut next: impl AsyncFnMut() -> Option<M>, what: &str, pick: impl Fn(M) -> Option<T>) -> T {
    let deadline = tokio::time::Instant::now() + LONG;
    loop {
        let message = tokio::time::timeout_at(deadline, next()).await;
        let message = message.unwrap_or_else(|_| panic!("{what} was not heard"));
        let message = message.unwrap_or_else(|| panic!("the link ended before {what}"));
        if let Some(found) = pick(message) {
            return found;
        }
    }
}
