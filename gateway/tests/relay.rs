//! The relay admits keys with a good token for a running session only, passes bytes between them, and drops them at the end.

mod support;

use std::time::Duration;

use farhand_protocol::{
    gateway::{CustomerStep, FromGateway, ToGateway},
    ids::{PeerKey, SessionId},
    session::Status,
    ticket::{RelayToken, Signed},
};
use futures_util::{SinkExt, StreamExt};
use iroh_base::{RelayUrl, SecretKey};
use iroh_dns::dns::DnsResolver;
use iroh_relay::{
    client::{Client, ClientBuilder},
    protos::relay::{ClientToRelayMsg, Datagrams, RelayToClientMsg},
    tls::{CaTlsConfig, default_provider},
};
use rustls::pki_types::pem::PemObject;
use serde_json::json;
use support::wire::{Live, PATIENCE, Peer};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

fn key_of(secret: &SecretKey) -> PeerKey {
    PeerKey(*secret.public().as_bytes())
}

async fn connect(live: &Live, secret: &SecretKey, token: Option<&str>) -> Option<Client> {
    let url: RelayUrl = format!("http://{}", live.address).parse().unwrap();
    let tls = CaTlsConfig::default().client_config(default_provider()).unwrap();
    let builder = ClientBuilder::new(url, secret.clone(), DnsResolver::new()).tls_client_config(tls);
    let builder = match token {
        Some(token) => builder.auth_token(token),
        None => builder,
    };
    builder.connect().await.ok()
}

fn token(live: &Live, key: PeerKey, session_id: SessionId, minutes: i64) -> String {
    let token = RelayToken {
        key,
        session_id,
        not_after: live.app.now().plus_millis(minutes * 60_000),
    };
    Signed::seal(&token, &live.app.keys.signing).to_text()
}

fn bytes_relayed(live: &Live) -> u64 {
    live.app.relay.metrics().bytes_recv.get() + live.app.relay.metrics().bytes_sent.get()
}

#[tokio::test]
async fn a_client_without_a_good_token_is_refused_and_relays_nothing() {
    let live = Live::start().await;
    let api = live.api();
    let technician = api.login().await;
    let host = SecretKey::from_bytes(&[1; 32]);
    let stranger = SecretKey::from_bytes(&[2; 32]);
    let (session_id, _) = api.joined(&technician, &host.to_bytes()).await;
    let good = token(&live, key_of(&host), session_id, 5);
    let mut forged = Signed::from_text(&good).unwrap();
    forged.signature[0] ^= 1;
    let tries = [
        ("none", &host, None),
        ("nonsense", &host, Some("nonsense".to_owned())),
        ("forged", &host, Some(forged.to_text())),
        ("of another key", &stranger, Some(good.clone())),
        ("expired", &host, Some(token(&live, key_of(&host), session_id, -1))),
        (
            "of a session that is not there",
            &host,
            Some(token(&live, key_of(&host), SessionId(999), 5)),
        ),
        (
            "for a key that has no part in the session",
            &stranger,
            Some(token(&live, key_of(&stranger), session_id, 5)),
        ),
    ];
    let count = tries.len() as u64;
    for (what, secret, token) in tries {
        assert!(connect(&live, secret, token.as_deref()).await.is_none(), "{what}");
    }
    assert_eq!(live.app.metrics.relay_refused.value(), count);
    let admitted = connect(&live, &host, Some(&good)).await;
    assert!(admitted.is_some());
    drop(admitted);
    api.post(&format!("/sessions/{session_id}/close"), &technician, json!({})).await;
    assert!(connect(&live, &host, Some(&good)).await.is_none(), "of a session that ended");
    assert_eq!(bytes_relayed(&live), 0);
    live.stop().await;
}

/// An Active session with a ticket, and what both its ends have of the relay.
struct Meeting {
    session_id: SessionId,
    host_token: String,
    viewer_token: String,
    /// The applet is here for as long as it is held.
    _applet: Peer,
}

async fn meet(live: &Live, technician: &str, host: &SecretKey, viewer: &SecretKey) -> Meeting {
    let api = live.api();
    let (session_id, credential) = api.joined(technician, &host.to_bytes()).await;
    let mut applet = live.socket(&credential).await;
    applet.say(&ToGateway::Customer(CustomerStep::Ready)).await;
    applet
        .until(|m| matches!(m, FromGateway::Session(is) if is.status == Status::Waiting).then_some(()))
        .await;
    api.post(&format!("/sessions/{session_id}/start"), technician, json!({})).await;
    let body = json!({ "viewer": { "key": key_of(viewer).to_string(), "relay_url": null, "direct": [] } });
    let answer = api.post(&format!("/sessions/{session_id}/ticket"), technician, body).await;
    let rejoined = api.get("/rejoin", &credential).await;
    let token = |of: &serde_json::Value| of["relay"]["token"].as_str().unwrap().to_owned();
    Meeting {
        session_id,
        host_token: token(&rejoined),
        viewer_token: token(&answer),
        _applet: applet,
    }
}

async fn is_dropped(line: &mut Client) {
    let ended = tokio::time::timeout(Duration::from_secs(5), async { while let Some(Ok(_)) = line.next().await {} });
    ended.await.expect("the relay drops it");
}

#[tokio::test]
async fn with_its_sign_in_a_console_loses_the_relay_and_an_end_that_went_unheard_is_found() {
    let live = Live::start().await;
    let technician = live.api().login().await;
    let (host, viewer) = (SecretKey::from_bytes(&[3; 32]), SecretKey::from_bytes(&[4; 32]));
    let meeting = meet(&live, &technician, &host, &viewer).await;
    let mut host_line = connect(&live, &host, Some(&meeting.host_token)).await.expect("it is good");
    let mut viewer_line = connect(&live, &viewer, Some(&meeting.viewer_token)).await.expect("it is good");
    live.app.relay.drop_ended(&live.app).await;
    live.api().post("/logout", &technician, json!({})).await;
    is_dropped(&mut viewer_line).await;
    assert!(connect(&live, &viewer, Some(&meeting.viewer_token)).await.is_none());
    assert!(
        connect(&live, &host, Some(&meeting.host_token)).await.is_some(),
        "the session goes on"
    );
    // As another process may have done while nothing was heard of it.
    sqlx::query("UPDATE sessions SET is_final = 1 WHERE session_id = $1")
        .bind(meeting.session_id.0)
        .execute(live.app.db.read())
        .await
        .unwrap();
    live.app.relay.drop_ended(&live.app).await;
    is_dropped(&mut host_line).await;
    live.stop().await;
}

#[tokio::test]
async fn both_ends_of_a_ticket_meet_through_the_relay_until_the_session_ends() {
    let live = Live::start().await;
    let api = live.api();
    let technician = api.login().await;
    let (host, viewer) = (SecretKey::from_bytes(&[3; 32]), SecretKey::from_bytes(&[4; 32]));
    let meeting = meet(&live, &technician, &host, &viewer).await;
    let mut host_line = connect(&live, &host, Some(&meeting.host_token))
        .await
        .expect("the applet's token is good");
    let mut viewer_line = connect(&live, &viewer, Some(&meeting.viewer_token))
        .await
        .expect("the console's token is good");
    let datagrams = Datagrams::from(&b"hello"[..]);
    viewer_line
        .send(ClientToRelayMsg::Datagrams {
            dst_endpoint_id: host.public(),
            datagrams,
        })
        .await
        .unwrap();
    let heard = tokio::time::timeout(PATIENCE, async {
        while let Some(Ok(message)) = host_line.next().await {
            if let RelayToClientMsg::Datagrams {
                remote_endpoint_id,
                datagrams,
            } = message
            {
                return Some((remote_endpoint_id, datagrams.contents));
            }
        }
        None
    });
    assert_eq!(heard.await.unwrap(), Some((viewer.public(), bytes::Bytes::from_static(b"hello"))));
    assert!(bytes_relayed(&live) > 0);
    api.post(&format!("/sessions/{}/close", meeting.session_id), &technician, json!({}))
        .await;
    is_dropped(&mut host_line).await;
    is_dropped(&mut viewer_line).await;
    live.stop().await;
}

/// The own CA's certificate as the only root, as a pin makes it.
fn pinned(ca: &std::path::Path) -> CaTlsConfig {
    let pem = std::fs::read(ca).unwrap();
    let root = rustls::pki_types::CertificateDer::from_pem_slice(&pem).unwrap();
    CaTlsConfig::custom_roots([root])
}

#[tokio::test]
async fn relay_and_address_discovery_stand_on_the_port_of_https_under_the_same_certificate() {
    let temp = tempfile::tempdir().unwrap();
    let data = support::process::initialised(temp.path());
    let served = support::process::Served::start(&data, &["--listen", "127.0.0.1:0"]);
    let origin = served.lines[0].strip_prefix("listening on ").unwrap().to_owned();
    let api = support::wire::Api {
        http: support::wire::client(Some(&data.join("tls/ca.pem"))),
        origin: origin.clone(),
    };
    let technician = api.login().await;
    let host = SecretKey::from_bytes(&[1; 32]);
    let (_, credential) = api.joined(&technician, &host.to_bytes()).await;
    let grant = api.get("/rejoin", &credential).await["relay"].clone();
    assert_eq!(grant["url"], origin.as_str());
    let tls = pinned(&data.join("tls/ca.pem")).client_config(default_provider()).unwrap();
    let url: RelayUrl = origin.parse().unwrap();
    let builder = ClientBuilder::new(url, host, DnsResolver::new()).tls_client_config(tls.clone());
    builder
        .auth_token(grant["token"].as_str().unwrap())
        .connect()
        .await
        .expect("the relay admits over TLS");
    let endpoint = noq::Endpoint::client("127.0.0.1:0".parse().unwrap()).unwrap();
    let own = endpoint.local_addr().unwrap();
    let server = origin.strip_prefix("https://").unwrap().parse().unwrap();
    let connection = iroh_relay::quic::QuicClient::new(endpoint, tls)
        .create_conn(server, "127.0.0.1")
        .await
        .unwrap();
    let seen = tokio::time::timeout(PATIENCE, connection.observed_external_addr().next())
        .await
        .unwrap()
        .unwrap();
    assert_eq!((seen.ip().to_canonical(), seen.port()), (own.ip(), own.port()));
}

#[tokio::test]
async fn a_client_that_never_proves_its_key_is_dropped() {
    let live = Live::start().await;
    let mut request = format!("ws://{}/relay", live.address).into_client_request().unwrap();
    let version = iroh_relay::http::ProtocolVersion::V2.to_str();
    request.headers_mut().insert("sec-websocket-protocol", version.parse().unwrap());
    let stream = tokio::net::TcpStream::connect(live.address).await.unwrap();
    let (mut socket, _) = tokio_tungstenite::client_async(request, stream).await.unwrap();
    // From here on time goes on by itself whenever nothing else does.
    tokio::time::pause();
    let ended = async { while let Some(Ok(_)) = socket.next().await {} };
    tokio::time::timeout(Duration::from_secs(60), ended).await.expect("it is dropped");
    tokio::time::resume();
    live.stop().await;
}
