//! The customer's engine against a gateway of a few lines: a lost answer costs no PIN, a disk that hangs holds up neither STOP nor the picture, and what
//! is said while waiting leaves the device only with the first link.

mod session_support;

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use ed25519_dalek::SigningKey;
use farhand_engine::{
    customer::{Customer, CustomerCommand, CustomerConfig, CustomerEvent, ReceiptWords},
    folders::Folders,
    journal::Disk,
    link::Route,
    platform::fake::FakePlatform,
    viewer::{LinkState, ViewerEvent},
};
use farhand_protocol::{
    api::{AppletSettings, Join, JoinAnswer, PeerAddress},
    gateway::{EventsStored, FromGateway, TicketIssued, ToGateway},
    geometry::Rect,
    input::{InputEvent, InputPriority, KeyEvent, KeyLayout, Press},
    peer::{GrantCause, Hello, Subscribe},
    permission::{Capability, CapabilitySet},
    session::Status,
    ticket::{GatewayKey, Signed},
    wire::Message,
};
use futures_util::{SinkExt, StreamExt};
use iroh::{EndpointAddr, EndpointId, TransportAddr};
use session_support::{Console, Dialer, Log, SESSION, endpoint, technician, ticket_for, until};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};
use tokio_tungstenite::tungstenite;

const CONTROL: CapabilitySet = CapabilitySet::EMPTY.with(Capability::View).with(Capability::Control);

/// What an applet asked and said.
#[derive(Debug, Clone)]
enum Heard {
    Join(Join),
    Said(ToGateway),
}

/// A gateway that joins everybody to one active session.
struct Gateway {
    origin: String,
    key: SigningKey,
    heard: Arc<Log<Heard>>,
    say: mpsc::UnboundedSender<FromGateway>,
}

impl Gateway {
    /// Loses the answers to so many joins.
    async fn start(answers_lost: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let (key, heard) = (SigningKey::from_bytes(&[7; 32]), Log::new());
        let (say, mut to_say) = mpsc::unbounded_channel();
        let (lost, log, signer) = (Arc::new(AtomicUsize::new(answers_lost)), heard.clone(), key.clone());
        let (lines, mut line) = mpsc::unbounded_channel::<mpsc::UnboundedSender<FromGateway>>();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, log.clone(), lost.clone(), signer.clone(), lines.clone()));
            }
        });
        tokio::spawn(async move {
            let Some(line) = line.recv().await else { return };
            while let Some(message) = to_say.recv().await {
                let _ = line.send(message);
            }
        });
        Self { origin, key, heard, say }
    }

    fn joins(&self) -> Vec<Join> {
        let join = |heard| match heard {
            Heard::Join(join) => Some(join),
            Heard::Said(_) => None,
        };
        self.heard.all().into_iter().filter_map(join).collect()
    }

    /// Kinds of the entries that were handed over, each once.
    fn uploaded(&self) -> Vec<String> {
        let mut entries = std::collections::BTreeMap::new();
        for heard in self.heard.all() {
            if let Heard::Said(ToGateway::Events(events)) = heard {
                entries.extend(events.entries.into_iter().map(|entry| (entry.seq, entry.kind)));
            }
        }
        entries.into_values().collect()
    }

    /// A technician with a ticket for the applet, dialling it.
    async fn technician(&self) -> Console {
        let reachable = |heard: &Heard| match heard {
            Heard::Said(ToGateway::Reachable(reachable)) if !reachable.address.direct.is_empty() => Some(reachable.address.clone()),
            _ => None,
        };
        let address: PeerAddress = self.heard.wait("the applet's address", reachable).await;
        let endpoint = endpoint().await;
        let ticket = ticket_for(address.key, 1, &endpoint, CapabilitySet::all());
        let signed = Signed::seal(&ticket, &self.key);
        let issued = TicketIssued {
            session_id: SESSION,
            ticket: signed.clone(),
            peer: address.clone(),
        };
        self.say.send(FromGateway::Ticket(issued)).unwrap();
        let direct = address.direct.iter().filter_map(|text| text.parse().ok()).map(TransportAddr::Ip);
        let to = EndpointAddr::from_parts(EndpointId::from_bytes(&address.key.0).unwrap(), direct);
        Console::start(ticket, signed, &self.key, Dialer::new(endpoint, to))
    }
}

async fn serve(
    mut stream: TcpStream,
    heard: Arc<Log<Heard>>,
    lost: Arc<AtomicUsize>,
    key: SigningKey,
    lines: mpsc::UnboundedSender<mpsc::UnboundedSender<FromGateway>>,
) {
    let mut start = [0; 16];
    stream.readable().await.unwrap();
    let length = stream.peek(&mut start).await.unwrap();
    if start[..length].starts_with(b"GET /api/v1/live") {
        return talk(stream, heard, lines).await;
    }
    // A question without a body: an applet that takes its session up again.
    let rejoins = start[..length].starts_with(b"GET ");
    if rejoins {
        let mut asked = Vec::new();
        while !asked.ends_with(b"\r\n\r\n") {
            stream.read_buf(&mut asked).await.unwrap();
        }
    } else {
        let join: Join = serde_json::from_slice(&body_of(&mut stream).await).unwrap();
        heard.push(Heard::Join(join));
    }
    if !rejoins
        && lost
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1))
            .is_ok()
    {
        return;
    }
    let json = serde_json::to_string(&answer(&key)).unwrap();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        json.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(json.as_bytes()).await.unwrap();
}

async fn body_of(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        stream.read_buf(&mut bytes).await.unwrap();
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        let Some((head, _)) = text.split_once("\r\n\r\n") else { continue };
        let length: usize = head
            .split("content-length: ")
            .nth(1)
            .unwrap()
            .lines()
            .next()
            .unwrap()
            .parse()
            .unwrap();
        let from = head.len() + 4;
        if bytes.len() >= from + length {
            return bytes.split_off(from);
        }
    }
}

async fn talk(stream: TcpStream, heard: Arc<Log<Heard>>, lines: mpsc::UnboundedSender<mpsc::UnboundedSender<FromGateway>>) {
    let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
    let (say, mut to_say) = mpsc::unbounded_channel();
    let _ = lines.send(say.clone());
    let _ = say.send(FromGateway::Hello(Hello::ours("tests")));
    loop {
        tokio::select! {
            Some(message) = to_say.recv() => {
                let _ = socket.send(tungstenite::Message::Binary(message.to_frame().into())).await;
            }
            incoming = socket.next() => {
                let Some(Ok(incoming)) = incoming else { return };
                let tungstenite::Message::Binary(bytes) = incoming else { continue };
                let Ok(Some(message)) = ToGateway::from_frame(&bytes) else { continue };
                if let ToGateway::Events(events) = &message {
                    let last = events.entries.last().unwrap();
                    let stored = EventsStored { session_id: SESSION, origin: last.origin.to_string(), seq: last.seq };
                    let _ = say.send(FromGateway::Stored(stored));
                }
                heard.push(Heard::Said(message));
            }
        }
    }
}

fn answer(key: &SigningKey) -> JoinAnswer {
    JoinAnswer {
        session_id: SESSION,
        credential: "fha_test".into(),
        status: Status::Active,
        organisation: "ACME".into(),
        technician: technician(1),
        name: "Reception".into(),
        gateway_key: GatewayKey(key.verifying_key().to_bytes()),
        terms: None,
        settings: AppletSettings {
            application_name: "Support".into(),
            pause_key: true,
            priority: InputPriority::Technician,
            single_prompt: false,
            ask_at_start: false,
        },
        relay: None,
    }
}

struct Applet {
    customer: Customer,
    events: Arc<Log<CustomerEvent>>,
    platform: FakePlatform,
    disk: Disk,
}

impl Applet {
    fn start(folder: &Path) -> Self {
        let (events, platform, disk) = (Log::new(), FakePlatform::new(320, 200), Disk::start().unwrap());
        let config = CustomerConfig {
            agent: "tests".into(),
            folders: Folders::below(folder),
            platform: Arc::new(platform.clone()),
            grant_in_advance: CONTROL,
            local_policy: CapabilitySet::all(),
            route: Route::DirectOnly,
        };
        let log = events.clone();
        let customer = Customer::start_with(config, disk.clone(), Arc::new(move |event| log.push(event))).unwrap();
        Self {
            customer,
            events,
            platform,
            disk,
        }
    }

    fn join(&self, gateway: &Gateway) {
        self.customer.send(CustomerCommand::Join {
            gateway: Some(gateway.origin.clone()),
            trust: None,
            code: "427901358".into(),
        });
    }

    async fn joined(&self) {
        let joined = |e: &CustomerEvent| matches!(e, CustomerEvent::Joined(_)).then_some(());
        self.events.wait("the session", joined).await;
    }
}

/// A gateway, the folder an applet keeps its files in, and that applet, in its session.
async fn joined_applet() -> (Gateway, TempDir, Applet) {
    let (gateway, folder) = (Gateway::start(0).await, tempfile::tempdir().unwrap());
    let applet = Applet::start(folder.path());
    applet.join(&gateway);
    applet.joined().await;
    (gateway, folder, applet)
}

/// The same with a technician who sees it.
async fn applet_in_view() -> (Gateway, TempDir, Applet, Console) {
    let (gateway, folder, applet) = joined_applet().await;
    let console = gateway.technician().await;
    console.in_view().await;
    (gateway, folder, applet, console)
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_lost_answer_the_same_key_asks_again_also_after_a_crash() {
    let gateway = Gateway::start(2).await;
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let applet = Applet::start(folder.path());
        applet.join(&gateway);
        let failed = |e: &CustomerEvent| matches!(e, CustomerEvent::JoinFailed(_)).then_some(());
        applet.events.wait("the failure", failed).await;
    }
    let applet = Applet::start(folder.path());
    applet.join(&gateway);
    applet.joined().await;
    let joins = gateway.joins();
    assert!(joins.len() == 3 && joins.iter().all(Join::is_signed));
    assert!(joins.iter().all(|join| join.applet_key == joins[0].applet_key));
    // The session keeps its key itself now: another one, by the same digits, would get another.
    assert!(!folder.path().join("state/joining").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn stop_works_within_200_ms_while_the_disk_hangs_and_what_happened_is_told_once_it_is_written() {
    let (gateway, folder, applet, console) = applet_in_view().await;
    console.takes_control().await;
    let press = |usage| {
        InputEvent::Key(KeyEvent {
            usage,
            press: Press::Down,
            logical: None,
            text: None,
            layout: KeyLayout::There,
        })
    };
    console.viewer.input(press(4));
    until("the hands to act", || !applet.platform.events().lock().is_empty()).await;
    let (go_on, hangs) = std::sync::mpsc::channel::<()>();
    applet.disk.run(move || {
        let _ = hangs.recv();
    });
    // Everything that writes: lines of the journal, the kept session, the receipt.
    (0..20).for_each(|n| console.viewer.chat(format!("line {n}")));
    applet.customer.send(CustomerCommand::Chat("I see nothing".into()));
    applet.customer.send(CustomerCommand::SaveReceipt {
        path: folder.path().join("receipt"),
        words: in_no_words(),
    });
    let last = |e: &CustomerEvent| matches!(e, CustomerEvent::Chat { text, .. } if text == "line 19").then_some(());
    applet.events.wait("the chat to go on", last).await;
    applet.platform.fill(Rect::new(5, 5, 50, 50), [1, 2, 3]);
    console.shows_screen(&applet.platform).await;
    let (ours, theirs) = (applet.events.len(), console.events.len());
    let (releases, before, pressed) = (applet.platform.releases(), gateway.uploaded().len(), Instant::now());
    applet.customer.stop();
    until("the keys to be let go", || applet.platform.releases() > releases).await;
    let gone = |e: &ViewerEvent| {
        matches!(
            e,
            ViewerEvent::Grant {
                cause: GrantCause::StopButton,
                ..
            }
        )
        .then_some(())
    };
    console.events.wait_from(theirs, "the revocation", gone).await;
    let revoked = |e: &CustomerEvent| matches!(e, CustomerEvent::Revoked(GrantCause::StopButton)).then_some(());
    applet.events.wait_from(ours, "the window to hear of it", revoked).await;
    assert!(pressed.elapsed() < Duration::from_millis(200), "{:?}", pressed.elapsed());
    console.controlling(theirs, false).await;
    console.viewing(theirs, false).await;
    // Nothing counts that is not on disk.
    assert_eq!(gateway.uploaded().len(), before);
    assert!(!applet.events.all()[ours..].iter().any(|e| matches!(e, CustomerEvent::Logged(_))));
    drop(go_on);
    let logged = |e: &CustomerEvent| matches!(e, CustomerEvent::Logged(line) if line.kind == "grant.revoked").then_some(());
    applet.events.wait_from(ours, "the line", logged).await;
    until("the upload", || gateway.uploaded().iter().any(|kind| kind == "grant.revoked")).await;
    assert_eq!(gateway.uploaded().iter().filter(|kind| *kind == "chat.line").count(), 21);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_while_waiting_stays_in_the_applet_until_the_first_link() {
    let (gateway, folder, applet) = joined_applet().await;
    applet.customer.send(CustomerCommand::Chat("is somebody there?".into()));
    let shown = |e: &CustomerEvent| matches!(e, CustomerEvent::Chat { from: None, .. }).then_some(());
    applet.events.wait("the line to be shown", shown).await;
    until("the rest of the log", || {
        gateway.uploaded().iter().any(|kind| kind == "consent.in_advance")
    })
    .await;
    applet.disk.call(|| ()).await.unwrap();
    let chain = folder.path().join(format!("state/applet/{SESSION}/journal/chain"));
    let is_written = || String::from_utf8_lossy(&std::fs::read(&chain).unwrap()).contains("is somebody there?");
    assert!(!is_written() && !gateway.uploaded().iter().any(|kind| kind == "chat.line"));
    let console = gateway.technician().await;
    let heard = |e: &ViewerEvent| matches!(e, ViewerEvent::Chat { mine: false, .. }).then_some(());
    console.events.wait("the customer's line", heard).await;
    console.viewer.chat("yes".into());
    until("both lines, each once", || {
        gateway.uploaded().iter().filter(|kind| *kind == "chat.line").count() == 2
    })
    .await;
    assert!(is_written());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_before_a_crash_is_in_the_window_and_the_receipt_of_the_next_run() {
    for with_technician in [false, true] {
        let (gateway, folder, applet) = joined_applet().await;
        applet.customer.send(CustomerCommand::Chat("is somebody there?".into()));
        let mut said = vec![(None, "is somebody there?".to_owned())];
        let mut technicians = None;
        if with_technician {
            let console = gateway.technician().await;
            let heard = |e: &ViewerEvent| matches!(e, ViewerEvent::Chat { mine: false, .. }).then_some(());
            console.events.wait("the customer's line", heard).await;
            console.viewer.chat("yes".into());
            said.push((Some(technician(1).name), "yes".to_owned()));
            technicians = Some(console);
        }
        let shown = |log: &Log<CustomerEvent>| {
            let chat = |e| match e {
                CustomerEvent::Chat { from, text, .. } => Some((from.map(|who| who.name), text)),
                _ => None,
            };
            log.all().into_iter().filter_map(chat).collect::<Vec<_>>()
        };
        until("all to be said", || shown(&applet.events) == said).await;
        applet.disk.call(|| ()).await.unwrap();
        drop((technicians, applet));
        is_given_back(folder.path()).await;
        let applet = Applet::start(folder.path());
        applet.customer.send(CustomerCommand::Resume);
        applet.joined().await;
        until("the same to be shown again", || shown(&applet.events) == said).await;
        let path = folder.path().join("receipt");
        applet.customer.send(CustomerCommand::SaveReceipt {
            path: path.clone(),
            words: in_no_words(),
        });
        let saved = |e: &CustomerEvent| matches!(e, CustomerEvent::ReceiptSaved(_)).then_some(());
        applet.events.wait("the receipt", saved).await;
        assert_eq!(
            std::fs::read_to_string(&path).unwrap().contains("is somebody there?"),
            with_technician
        );
        let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600, "only its owner reads it");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_allowed_before_a_crash_is_told_to_the_window_of_the_next_run() {
    let (gateway, folder, applet) = joined_applet().await;
    let console = gateway.technician().await;
    console.viewer.subscribe(Subscribe {
        monitors: vec![],
        on: true,
    });
    let told = |e: &CustomerEvent| match e {
        CustomerEvent::Allowed(allowed) => Some(*allowed),
        _ => None,
    };
    assert!(applet.events.wait("what is allowed", told).await.has(Capability::View));
    applet.disk.call(|| ()).await.unwrap();
    drop((console, applet));
    is_given_back(folder.path()).await;
    let applet = Applet::start(folder.path());
    applet.customer.send(CustomerCommand::Resume);
    assert!(applet.events.wait("what is allowed", told).await.has(Capability::View));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_given_in_advance_and_taken_back_by_stop_is_not_given_again_by_a_restart() {
    let (gateway, folder) = (Gateway::start(0).await, tempfile::tempdir().unwrap());
    let given = |e: &CustomerEvent| match e {
        CustomerEvent::Joined(joined) => Some(joined.granted_in_advance),
        _ => None,
    };
    let applet = Applet::start(folder.path());
    applet.join(&gateway);
    assert_eq!(applet.events.wait("the session", given).await, CONTROL);
    applet.customer.stop();
    let revoked = |e: &CustomerEvent| matches!(e, CustomerEvent::Revoked(_)).then_some(());
    applet.events.wait("the revocation", revoked).await;
    applet.disk.call(|| ()).await.unwrap();
    drop(applet);
    is_given_back(folder.path()).await;
    let applet = Applet::start(folder.path());
    applet.customer.send(CustomerCommand::Resume);
    assert_eq!(applet.events.wait("the session again", given).await, CapabilitySet::EMPTY);
    applet.customer.send(CustomerCommand::End);
    until("the end of the log", || {
        gateway.uploaded().iter().any(|kind| kind == "session.ended_here")
    })
    .await;
    let lines = gateway.uploaded();
    assert_eq!(lines.iter().filter(|kind| *kind == "consent.in_advance").count(), 1, "{lines:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_linked_hears_why_before_the_links_are_closed_and_the_log_has_its_end() {
    let (_gateway, folder, applet, console) = applet_in_view().await;
    drop(applet);
    let reason = |e: &ViewerEvent| match e {
        ViewerEvent::Link(LinkState::Lost { error, .. }) if error.message == "the applet has stopped" => Some(()),
        _ => None,
    };
    console.events.wait("the reason", reason).await;
    let chain = std::fs::read(folder.path().join(format!("state/applet/{SESSION}/journal/chain"))).unwrap();
    let chain = String::from_utf8_lossy(&chain);
    assert!(chain.contains("link.down"), "{chain}");
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_customer_ends_the_session_the_technician_hears_that_and_the_window_the_end() {
    let (_gateway, _folder, applet, console) = applet_in_view().await;
    applet.customer.send(CustomerCommand::End);
    let reason = |e: &ViewerEvent| match e {
        ViewerEvent::Link(LinkState::Ended(error)) => Some(error.message.clone()),
        _ => None,
    };
    assert_eq!(console.events.wait("the reason", reason).await, "the customer ended the session");
    let over = |e: &CustomerEvent| matches!(e, CustomerEvent::Ended { .. }).then_some(());
    applet.events.wait("the end", over).await;
}

/// Waits until no applet has the session any more.
async fn is_given_back(folder: &Path) {
    let held = folder.join(format!("state/applet/{SESSION}/in-use"));
    until("the first run to be gone", || {
        std::fs::File::open(&held).unwrap().try_lock().is_ok()
    })
    .await;
}

fn in_no_words() -> ReceiptWords {
    ReceiptWords {
        heading: Vec::new(),
        left_out: Arc::new(|count| count.to_string()),
        say: Arc::new(|line| line.kind.clone()),
        chain: String::new(),
    }
}
