//! The technician's engine against a gateway of a few lines: which list of sessions it believes, what it says and does once its line stands again, and
//! when a tab is closed, opened again, or its session is over, and what its journal says of that.

mod session_support;

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use ed25519_dalek::SigningKey;
use farhand_engine::{
    folders::Folders,
    host::Host,
    keystore::KeyStore,
    link::Route,
    platform::fake::FakePlatform,
    technician::{Credential, EngineEvent, GatewayState, Technician, TechnicianCommand, TechnicianConfig},
    viewer::{LinkState, ViewerEvent},
};
use farhand_protocol::{
    api::{LoginAnswer, MailLink, MailOutcome, PeerAddress, SessionRow, TicketAnswer, TicketRequest},
    error::ErrorCode,
    gateway::{FromGateway, LinkReport, ToGateway},
    ids::PeerKey,
    peer::{Hello, Subscribe},
    permission::CapabilitySet,
    session::Status,
    ticket::{GatewayKey, Signed, Ticket},
    time::Timestamp,
    wire::Message,
};
use futures_util::{SinkExt, StreamExt};
use iroh::Endpoint;
use session_support::{Lab, LabOptions, Log, SESSION, now, technician, ticket_for};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{Semaphore, mpsc},
};
use tokio_tungstenite::tungstenite;
use zeroize::Zeroizing;

/// What a live line is to do.
enum Order {
    Say(Box<FromGateway>),
    Break,
}

/// More tickets than any test asks for.
const TICKETS: usize = 64;

/// A gateway with one session, whose list says that it waits for as long as it is listed.
struct Gateway {
    origin: String,
    inner: Arc<Inner>,
}

struct Inner {
    key: SigningKey,
    host: Host,
    applet: Endpoint,
    /// What was said, with the number of the line.
    heard: Arc<Log<(usize, ToGateway)>>,
    lines: Arc<Log<mpsc::UnboundedSender<Order>>>,
    /// Lists that may be answered.
    lists: Semaphore,
    is_listed: AtomicBool,
    /// Tickets that may be answered.
    tickets: Semaphore,
    /// Keys that a ticket was asked for, in order.
    asked: Arc<Log<PeerKey>>,
    /// Where the applet can be dialled is not said.
    is_astray: AtomicBool,
}

impl Gateway {
    async fn start(lab: &Lab) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let inner = Arc::new(Inner {
            key: lab.gateway.clone(),
            host: lab.host.clone(),
            applet: lab.endpoint.clone(),
            heard: Log::new(),
            lines: Log::new(),
            lists: Semaphore::new(0),
            is_listed: AtomicBool::new(true),
            tickets: Semaphore::new(TICKETS),
            asked: Log::new(),
            is_astray: AtomicBool::new(false),
        });
        let serving = inner.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, serving.clone()));
            }
        });
        Self { origin, inner }
    }

    /// The technician's line of this number, once it stands.
    async fn line(&self, number: usize) -> mpsc::UnboundedSender<Order> {
        self.inner.lines.wait_from(number, "a live line", |line| Some(line.clone())).await
    }

    /// The kinds of the journal's lines, once one of this kind has come.
    async fn journal(&self, kind: &str) -> Vec<String> {
        let pick = |(_, said): &(usize, ToGateway)| match said {
            ToGateway::Events(events) if events.entries.iter().any(|entry| entry.kind == kind) => {
                Some(events.entries.iter().map(|entry| entry.kind.clone()).collect())
            }
            _ => None,
        };
        self.inner.heard.wait(kind, pick).await
    }
}

impl Inner {
    fn account(&self) -> LoginAnswer {
        LoginAnswer {
            token: String::new(),
            expires_at: now().plus_millis(3_600_000),
            technician: technician(1),
            email: "ada@example.com".into(),
            gateway_key: GatewayKey(self.key.verifying_key().to_bytes()),
            permissions: Vec::new(),
            pin_page: String::new(),
            max_active_sessions: 10,
            sends_mail: true,
        }
    }

    /// A ticket for this console, which the applet is told of as well.
    fn ticket(&self, request: &TicketRequest) -> TicketAnswer {
        let key = PeerKey(*self.applet.id().as_bytes());
        let ticket = Ticket {
            viewer_key: request.viewer.key,
            ..ticket_for(key, 1, &self.applet, CapabilitySet::all())
        };
        let signed = Signed::seal(&ticket, &self.key);
        self.host.handle_ticket(signed.clone());
        let sockets = self.applet.bound_sockets();
        let port = sockets.iter().find(|address| address.is_ipv4()).unwrap().port();
        let direct = if self.is_astray.load(Ordering::Relaxed) {
            Vec::new()
        } else {
            vec![format!("127.0.0.1:{port}")]
        };
        TicketAnswer {
            ticket: signed,
            host: PeerAddress {
                key,
                relay_url: None,
                direct,
            },
            relay: None,
        }
    }

    fn listed(&self) -> Vec<SessionRow> {
        let is_listed = self.is_listed.load(Ordering::Relaxed);
        is_listed.then(|| row(Status::Waiting)).into_iter().collect()
    }
}

async fn serve(mut stream: TcpStream, gateway: Arc<Inner>) {
    let mut start = [0; 16];
    stream.readable().await.unwrap();
    let length = stream.peek(&mut start).await.unwrap();
    if start[..length].starts_with(b"GET /api/v1/live") {
        return talk(stream, &gateway).await;
    }
    let (wanted, body) = request_of(&mut stream).await;
    let json = if wanted.starts_with("GET /api/v1/me ") {
        serde_json::to_string(&gateway.account()).unwrap()
    } else if wanted.starts_with("GET /api/v1/sessions?") {
        gateway.lists.acquire().await.unwrap().forget();
        serde_json::to_string(&gateway.listed()).unwrap()
    } else if wanted.starts_with("POST ") && wanted.contains("/mail ") {
        let mail: MailLink = serde_json::from_slice(&body).unwrap();
        serde_json::to_string(&mail_outcome(&mail)).unwrap()
    } else if wanted.starts_with("POST ") && wanted.contains("/ticket ") {
        let request: TicketRequest = serde_json::from_slice(&body).unwrap();
        gateway.asked.push(request.viewer.key);
        gateway.tickets.acquire().await.unwrap().forget();
        serde_json::to_string(&gateway.ticket(&request)).unwrap()
    } else {
        return;
    };
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        json.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(json.as_bytes()).await.unwrap();
}

/// The mail server knows Maria alone.
fn mail_outcome(mail: &MailLink) -> MailOutcome {
    match mail.to.as_str() {
        "maria@home.example" => MailOutcome::Sent,
        _ => MailOutcome::Refused {
            reason: format!("550 no such user for {}", mail.link),
        },
    }
}

/// The first line of a request, and its body.
async fn request_of(stream: &mut TcpStream) -> (String, Vec<u8>) {
    let mut bytes = Vec::new();
    while stream.read_buf(&mut bytes).await.unwrap_or_default() > 0 {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, _)) = text.split_once("\r\n\r\n") else { continue };
        let head_in_lower_case = head.to_lowercase();
        let length = head_in_lower_case
            .split("content-length: ")
            .nth(1)
            .and_then(|rest| rest.lines().next());
        let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
        let from = head.len() + 4;
        if bytes.len() >= from + length {
            return (head.lines().next().unwrap_or_default().to_owned(), bytes.split_off(from));
        }
    }
    (String::new(), Vec::new())
}

async fn talk(stream: TcpStream, gateway: &Inner) {
    let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
    let (orders, mut to_do) = mpsc::unbounded_channel();
    let number = gateway.lines.len();
    gateway.lines.push(orders);
    let hello = FromGateway::Hello(Hello::ours("tests")).to_frame();
    let _ = socket.send(tungstenite::Message::Binary(hello.into())).await;
    loop {
        tokio::select! {
            order = to_do.recv() => match order {
                Some(Order::Say(message)) => {
                    let _ = socket.send(tungstenite::Message::Binary(message.to_frame().into())).await;
                }
                Some(Order::Break) | None => return,
            },
            incoming = socket.next() => {
                let Some(Ok(incoming)) = incoming else { return };
                let tungstenite::Message::Binary(bytes) = incoming else { continue };
                if let Ok(Some(message)) = ToGateway::from_frame(&bytes) {
                    gateway.heard.push((number, message));
                }
            }
        }
    }
}

fn row(status: Status) -> SessionRow {
    SessionRow {
        session_id: SESSION,
        name: "Reception".into(),
        fields: Vec::new(),
        status: Some(status),
        since: Timestamp(0),
        created_at: Timestamp(0),
        lead: None,
        issued_by: technician(1),
        platform: None,
        device: None,
        comment: String::new(),
        expires_at: None,
        waiting_ends_at: None,
        customer_online: true,
    }
}

struct Program {
    engine: Technician,
    events: Arc<Log<EngineEvent>>,
}

impl Program {
    /// Signed in, with its line standing.
    async fn start(gateway: &Gateway, folder: &Path) -> Self {
        let (events, folders) = (Log::new(), Folders::below(folder));
        let config = TechnicianConfig {
            agent: "tests".into(),
            keys: KeyStore::files_only(&folders),
            folders,
            route: Route::DirectOnly,
        };
        let log = events.clone();
        let engine = Technician::start(config, Arc::new(move |event| log.push(event))).unwrap();
        engine.send(TechnicianCommand::SignIn {
            gateway: gateway.origin.clone(),
            trust: None,
            credential: Credential::Token(Zeroizing::new("fht_test".into())),
            remember: false,
        });
        let up = |e: &EngineEvent| matches!(e, EngineEvent::Gateway(GatewayState::Up)).then_some(());
        events.wait("the line", up).await;
        Self { engine, events }
    }

    /// Signed in, with the link to the session standing.
    async fn linked(gateway: &Gateway, folder: &Path) -> Self {
        let program = Self::start(gateway, folder).await;
        program.engine.send(TechnicianCommand::Open(SESSION));
        gateway.inner.heard.wait("the link", link_is(0, true)).await;
        program
    }

    /// Waits until the session's tab is told that the session is over.
    async fn wait_ended(&self) {
        let ended = |e: &EngineEvent| match e {
            EngineEvent::Session {
                event: ViewerEvent::Link(LinkState::Ended(error)),
                ..
            } => Some(error.code),
            _ => None,
        };
        assert_eq!(self.events.wait("the end", ended).await, ErrorCode::SessionEnded);
        assert!(self.engine.picture(SESSION).is_none());
    }
}

/// A report about the session's link on the line of this number.
fn link_is(line: usize, up: bool) -> impl Fn(&(usize, ToGateway)) -> Option<LinkReport> {
    move |(on, said): &(usize, ToGateway)| match said {
        ToGateway::Link(link) if *on == line && link.session_id == SESSION && link.up == up => Some(link.clone()),
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_mailed_by_the_gateway_or_refused_in_the_words_of_the_mail_server() {
    let (lab, folder) = (Lab::new().await, tempfile::tempdir().unwrap());
    let gateway = Gateway::start(&lab).await;
    let program = Program::start(&gateway, folder.path()).await;
    let send = |to: &str| {
        let (to, link) = (to.to_owned(), "https://h/join#A".to_owned());
        program.engine.send(TechnicianCommand::MailLink {
            session_id: SESSION,
            mail: MailLink { to, link },
        });
    };
    send("maria@home.example");
    let mailed = |e: &EngineEvent| match e {
        EngineEvent::LinkMailed { session_id: SESSION, to } => Some(to.clone()),
        _ => None,
    };
    assert_eq!(program.events.wait("the message", mailed).await, "maria@home.example");
    send("nobody@home.example");
    let refused = |e: &EngineEvent| match e {
        EngineEvent::Failed {
            what: "mail",
            session_id: Some(SESSION),
            error,
        } => Some((error.code, error.message.clone())),
        _ => None,
    };
    let said = "550 no such user for https://h/join#A".to_owned();
    assert_eq!(program.events.wait("the refusal", refused).await, (ErrorCode::MailRefused, said));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_was_on_its_way_does_not_undo_what_the_line_has_told_since() {
    let (lab, folder) = (Lab::new().await, tempfile::tempdir().unwrap());
    let gateway = Gateway::start(&lab).await;
    let program = Program::start(&gateway, folder.path()).await;
    let told = Order::Say(Box::new(FromGateway::Row(row(Status::Active))));
    assert!(gateway.line(0).await.send(told).is_ok());
    let changed = |e: &EngineEvent| matches!(e, EngineEvent::SessionChanged(row) if row.status == Some(Status::Active)).then_some(());
    program.events.wait("the row", changed).await;
    gateway.inner.lists.add_permits(1);
    let list = |e: &EngineEvent| match e {
        EngineEvent::Sessions(rows) => Some(rows.clone()),
        _ => None,
    };
    assert_eq!(program.events.wait("the list", list).await, [row(Status::Active)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn once_the_line_stands_again_the_gateway_is_told_which_links_do() {
    let (lab, folder) = (Lab::new().await, tempfile::tempdir().unwrap());
    let gateway = Gateway::start(&lab).await;
    let _program = Program::linked(&gateway, folder.path()).await;
    assert!(gateway.line(0).await.send(Order::Break).is_ok());
    gateway.inner.heard.wait("the link again", link_is(1, true)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_of_a_tab_that_is_closed_is_told_to_be_down() {
    let (lab, folder) = (Lab::new().await, tempfile::tempdir().unwrap());
    let gateway = Gateway::start(&lab).await;
    let program = Program::linked(&gateway, folder.path()).await;
    let before = gateway.inner.heard.len();
    program.engine.send(TechnicianCommand::Leave(SESSION));
    gateway.inner.heard.wait_from(before, "its end", link_is(0, false)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tab_is_told_when_its_session_is_over() {
    let (lab, folder) = (Lab::new().await, tempfile::tempdir().unwrap());
    let gateway = Gateway::start(&lab).await;
    let program = Program::linked(&gateway, folder.path()).await;
    let told = Order::Say(Box::new(FromGateway::Row(row(Status::ClosedByTechnician))));
    assert!(gateway.line(0).await.send(told).is_ok());
    program.wait_ended().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journal_of_a_session_that_is_closed_says_that_sight_and_control_have_ended() {
    let lab = Lab::with(FakePlatform::new(64, 64), LabOptions::in_control()).await;
    let folder = tempfile::tempdir().unwrap();
    let gateway = Gateway::start(&lab).await;
    let program = Program::linked(&gateway, folder.path()).await;
    let (session_id, monitors) = (SESSION, Vec::new());
    let subscribe = Subscribe { monitors, on: true };
    program.engine.send(TechnicianCommand::Subscribe { session_id, subscribe });
    gateway.journal("view.started").await;
    program.engine.send(TechnicianCommand::TakeControl { session_id, on: true });
    gateway.journal("control.started").await;
    let told = Order::Say(Box::new(FromGateway::Row(row(Status::ClosedByTechnician))));
    assert!(gateway.line(0).await.send(told).is_ok());
    assert_eq!(
        gateway.journal("view.ended").await,
        ["link.opened", "view.started", "control.started", "control.ended", "view.ended"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ended_while_the_line_was_down_is_left_when_the_list_comes() {
    let (lab, folder) = (Lab::new().await, tempfile::tempdir().unwrap());
    let gateway = Gateway::start(&lab).await;
    let program = Program::linked(&gateway, folder.path()).await;
    gateway.inner.is_listed.store(false, Ordering::Relaxed);
    assert!(gateway.line(0).await.send(Order::Break).is_ok());
    gateway.line(1).await;
    // For the list of either line; only the newer one counts.
    gateway.inner.lists.add_permits(2);
    program.wait_ended().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tab_that_is_closed_while_it_opens_and_opened_again_has_one_link() {
    let (lab, folder) = (Lab::new().await, tempfile::tempdir().unwrap());
    let gateway = Gateway::start(&lab).await;
    let program = Program::start(&gateway, folder.path()).await;
    assert_eq!(gateway.inner.tickets.forget_permits(TICKETS), TICKETS);
    program.engine.send(TechnicianCommand::Open(SESSION));
    let any = |key: &PeerKey| Some(*key);
    let first = gateway.inner.asked.wait("a ticket to be asked for", any).await;
    program.engine.send(TechnicianCommand::Leave(SESSION));
    program.engine.send(TechnicianCommand::Open(SESSION));
    let second = gateway.inner.asked.wait_from(1, "another ticket to be asked for", any).await;
    gateway.inner.tickets.add_permits(2);
    let link = gateway.inner.heard.wait("the link", link_is(0, true)).await;
    assert!(link.peer == second && first != second);
    let is_welcome = |e: &EngineEvent| {
        matches!(
            e,
            EngineEvent::Session {
                event: ViewerEvent::Welcome(_),
                ..
            }
        )
    };
    assert!(
        program.events.all().iter().filter(|e| is_welcome(e)).count() <= 1,
        "nothing of the first"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_applet_that_moved_while_the_line_was_down_is_dialled_where_it_is_once_the_line_stands_again() {
    let (lab, folder) = (Lab::new().await, tempfile::tempdir().unwrap());
    let gateway = Gateway::start(&lab).await;
    let program = Program::start(&gateway, folder.path()).await;
    gateway.inner.is_astray.store(true, Ordering::Relaxed);
    program.engine.send(TechnicianCommand::Open(SESSION));
    gateway.inner.heard.wait("the lost link", link_is(0, false)).await;
    gateway.inner.is_astray.store(false, Ordering::Relaxed);
    assert!(gateway.line(0).await.send(Order::Break).is_ok());
    gateway.inner.heard.wait("the link", link_is(1, true)).await;
}
