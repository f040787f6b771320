//! What was changed elsewhere reaches whom it concerns: the command line beside a gateway that runs, and two gateway processes on one PostgreSQL.

mod support;

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use ed25519_dalek::SigningKey;
use farhand_gateway::db::{Db, Location};
use farhand_protocol::{
    api::SessionRow,
    gateway::{CustomerStep, FromGateway, ToGateway},
    ids::{PeerKey, SessionId},
    permission::{Capability, CapabilitySet},
    session::Status,
    ticket::{CeilingUpdate, GatewayKey, Ticket},
};
use serde_json::json;
use support::applet_key;
use support::postgres::Postgres;
use support::process::{Served, free_port, initialised, run_well};
use support::wire::{Api, Peer, client, links};

/// The applet's secret key is this byte, many times.
const APPLET: u8 = 7;
const VIEWER: PeerKey = PeerKey([9; 32]);
/// DESIGN, "How a session comes to be", 6.
const SOON: Duration = Duration::from_secs(1);

async fn ceiling(peer: &mut Peer, key: &GatewayKey) -> CeilingUpdate {
    peer.until(|m| match m {
        FromGateway::Ceiling(is) => Some(is.update.open::<CeilingUpdate>(key).unwrap()),
        _ => None,
    })
    .await
}

async fn row(console: &mut Peer, fits: impl Fn(&SessionRow) -> bool) {
    console
        .until(|m| matches!(m, FromGateway::Row(row) if fits(&row)).then_some(()))
        .await;
}

async fn state(applet: &mut Peer, status: Status) {
    applet
        .until(|m| matches!(m, FromGateway::Session(is) if is.status == status).then_some(()))
        .await;
}

async fn gateway_key(api: &Api, token: &str) -> GatewayKey {
    serde_json::from_value(api.get("/me", token).await["gateway_key"].clone()).unwrap()
}

async fn ticket(api: &Api, token: &str, session_id: SessionId, key: &GatewayKey) -> Ticket {
    let body = json!({ "viewer": { "key": VIEWER.to_string(), "relay_url": null, "direct": [] } });
    let answer = api.post(&format!("/sessions/{session_id}/ticket"), token, body).await;
    let signed: farhand_protocol::ticket::Signed = serde_json::from_value(answer["ticket"].clone()).unwrap();
    signed.open(key).unwrap()
}

/// What an administrator changes, from another process.
async fn permit(db: &Db, permission: &str, on: bool) {
    sqlx::query("UPDATE group_permissions SET is_on = $1 WHERE permission = $2")
        .bind(i64::from(on))
        .bind(permission)
        .execute(db.read())
        .await
        .unwrap();
}

#[tokio::test]
async fn what_the_command_line_changes_reaches_both_ends_of_a_link_within_a_second() {
    let temp = tempfile::tempdir().unwrap();
    let data = initialised(temp.path());
    let shown = data.display().to_string();
    let (listen, api) = place();
    let _served = Served::start(&data, &["--listen", &listen, "--behind-proxy"]);
    let address = listen.parse().unwrap();
    let token = api.login().await;
    let key = gateway_key(&api, &token).await;
    let (session_id, credential) = api.joined(&token, &[APPLET; 32]).await;
    let (mut applet, mut console) = (Peer::connect(address, &credential).await, Peer::connect(address, &token).await);
    applet.say(&ToGateway::Customer(CustomerStep::Ready)).await;
    state(&mut applet, Status::Waiting).await;
    api.post(&format!("/sessions/{session_id}/start"), &token, json!({})).await;
    let ticket = ticket(&api, &token, session_id, &key).await;
    let elsewhere = Db::open_beside(&Location::File(data.join("gateway.db"))).await.unwrap();
    for (number, on) in [(1, false), (2, true)] {
        let began = Instant::now();
        permit(&elsewhere, "remote_control", on).await;
        for end in [&mut applet, &mut console] {
            let update = ceiling(end, &key).await;
            assert_eq!((update.ticket_id, update.number), (ticket.ticket_id, number));
            assert_eq!(update.ceiling.has(Capability::Control), on);
            assert!(update.ceiling.has(Capability::View) && update.lease_until == ticket.lease_until);
            assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
        }
    }
    // An applet that was away is told the newest number, not the first.
    permit(&elsewhere, "remote_control", false).await;
    assert_eq!(ceiling(&mut applet, &key).await.number, 3);
    drop(applet);
    let mut applet = Peer::connect(address, &credential).await;
    assert_eq!(ceiling(&mut applet, &key).await.number, 3);
    run_well(&["technician", "sign-out", "--data", &shown, "--email", support::ADA]);
    let began = Instant::now();
    let update = ceiling(&mut applet, &key).await;
    assert_eq!((update.number, update.ceiling), (4, CapabilitySet::EMPTY));
    state(&mut applet, Status::OnHold).await;
    console.until(|m| matches!(m, FromGateway::SignedOut(_)).then_some(())).await;
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    run_well(&["technician", "disable", "--data", &shown, "--email", support::ADA]);
    let began = Instant::now();
    applet
        .until(|m| matches!(m, FromGateway::Session(is) if is.status.is_final()).then_some(()))
        .await;
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    elsewhere.close().await;
}

fn place() -> (String, Api) {
    let listen = format!("127.0.0.1:{}", free_port());
    let origin = format!("http://{listen}");
    let api = Api {
        http: client(None),
        origin,
    };
    (listen, api)
}

/// A second data folder with the same keys, as an operator makes one.
fn second_folder(temp: &Path, data: &str) -> std::path::PathBuf {
    let (file, other) = (temp.join("keys.tar"), temp.join("other"));
    run_well(&["backup", "--data", data, "--to", &file.display().to_string()]);
    std::fs::create_dir(&other).unwrap();
    let done = Command::new("tar").arg("-xf").arg(&file).arg("-C").arg(&other).status().unwrap();
    assert!(done.success());
    other
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_on_one_postgresql_are_one_gateway() {
    let temp = tempfile::tempdir().unwrap();
    let server = Postgres::start();
    let data = temp.path().join("d").display().to_string();
    let org = ["--org", "ACME", "--admin-email", support::ADMIN, "--admin-name", "Root"];
    let url = server.database("farhand");
    run_well(&[&["init", "--data", &data, "--database", &url][..], &org].concat());
    run_well(&["technician", "add", "--data", &data, "--email", support::ADA, "--name", "Ada Kern"]);
    let other = second_folder(temp.path(), &data);
    let ((here, api), (there, api_there)) = (place(), place());
    let _one = Served::start(Path::new(&data), &["--listen", &here, "--behind-proxy"]);
    let two = Served::start(&other, &["--listen", &there, "--behind-proxy"]);
    let token = api.login().await;
    let key = gateway_key(&api_there, &token).await;
    // The console is at one process, the customer comes to the other.
    let mut console = Peer::connect(here.parse().unwrap(), &token).await;
    let made = api.post("/sessions", &token, json!({ "name": "M. Diaz" })).await;
    let pin = made["pin"].as_str().unwrap();
    let body = support::join_body(pin, &SigningKey::from_bytes(&[APPLET; 32]), "PC7");
    let joined = api_there.post("/join", "", body).await;
    let (session_id, credential) = (
        SessionId(made["session_id"].as_i64().unwrap()),
        joined["credential"].as_str().unwrap().to_owned(),
    );
    let mut applet = Peer::connect(there.parse().unwrap(), &credential).await;
    row(&mut console, |row| row.customer_online && row.status == Some(Status::Connecting)).await;
    applet.say(&ToGateway::Customer(CustomerStep::Ready)).await;
    row(&mut console, |row| row.status == Some(Status::Waiting)).await;
    api.post(&format!("/sessions/{session_id}/start"), &token, json!({})).await;
    state(&mut applet, Status::Active).await;
    let ticket = ticket(&api, &token, session_id, &key).await;
    applet.until(|m| matches!(m, FromGateway::Ticket(_)).then_some(())).await;
    // Addresses, events and ceilings go across too.
    applet.reachable(applet_key(APPLET)).await;
    console
        .until(|m| matches!(m, FromGateway::Peer(moved) if moved.peer.key == applet_key(APPLET)).then_some(()))
        .await;
    applet.upload(session_id, &links(applet_key(APPLET), session_id, 3)).await;
    console
        .until(|m| matches!(m, FromGateway::Event(e) if e.kind == "chat.line" && e.seq == 3).then_some(()))
        .await;
    let began = Instant::now();
    run_well(&["technician", "sign-out", "--data", &data, "--email", support::ADA]);
    let update = ceiling(&mut applet, &key).await;
    assert_eq!(
        (update.ticket_id, update.number, update.ceiling),
        (ticket.ticket_id, 1, CapabilitySet::EMPTY)
    );
    console.until(|m| matches!(m, FromGateway::SignedOut(_)).then_some(())).await;
    state(&mut applet, Status::OnHold).await;
    assert!(began.elapsed() < 2 * SOON, "{:?}", began.elapsed());
    // A process that is killed takes its applets with it, and they may come to the other.
    let token = api.login().await;
    let mut console = Peer::connect(here.parse().unwrap(), &token).await;
    row(&mut console, |row| row.customer_online && row.status == Some(Status::OnHold)).await;
    two.kill();
    let began = Instant::now();
    loop {
        let rows = api.get("/sessions", &token).await;
        if rows[0]["customer_online"] == json!(false) {
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(30), "{rows}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let _applet = Peer::connect(here.parse().unwrap(), &credential).await;
    row(&mut console, |row| row.customer_online).await;
}
