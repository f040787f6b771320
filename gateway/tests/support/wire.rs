//! A gateway on a real port of loopback, plain HTTP as behind a proxy, and peers that speak to it over WebSockets.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use ed25519_dalek::SigningKey;
use farhand_gateway::{
    app::App,
    db::Location,
    folder::Folder,
    serve::{ServeOptions, Serving, Tls},
};
use farhand_protocol::{
    api::PeerAddress,
    chain::{Body, Chain, ChainEntry, Origin},
    gateway::{Events, FromGateway, Reachable, ToGateway},
    ids::{PeerKey, SessionId},
    peer::Hello,
    time::Timestamp,
    wire::Message,
};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt, net::TcpStream, sync::watch, task::JoinHandle};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Message as Ws, client::IntoClientRequest},
};

use super::PASSWORD;

pub const PATIENCE: Duration = Duration::from_secs(10);

/// A gateway that serves.
pub struct Live {
    pub app: App,
    pub address: SocketAddr,
    pub http: reqwest::Client,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
    _temp: tempfile::TempDir,
}

impl Live {
    pub async fn start() -> Self {
        let temp = tempfile::tempdir().unwrap();
        let data = super::process::initialised(temp.path());
        let folder = Folder::new(data);
        let serving = Serving::bind(ServeOptions {
            database: Location::File(folder.database_file()),
            listen: "127.0.0.1:0".parse().unwrap(),
            public_url: None,
            relay_url: None,
            tls: Tls::BehindProxy,
            relay_udp: false,
            downloads: folder.downloads(),
            mail: None,
            folder,
        })
        .await
        .unwrap();
        let (app, address) = (serving.app.clone(), serving.listen);
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(async move { serving.run(stopped).await.unwrap() });
        Self {
            app,
            address,
            http: client(None),
            stop,
            task,
            _temp: temp,
        }
    }

    /// Stops in good order.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        tokio::time::timeout(PATIENCE, self.task).await.expect("it stops").unwrap();
    }

    pub fn api(&self) -> Api {
        Api {
            http: self.http.clone(),
            origin: format!("http://{}", self.address),
        }
    }

    pub async fn socket(&self, bearer: &str) -> Peer {
        Peer::connect(self.address, bearer).await
    }
}

/// A client that trusts this CA, or speaks plain HTTP.
pub fn client(ca: Option<&Path>) -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let roots = ca.map(|path| reqwest::Certificate::from_pem(&std::fs::read(path).unwrap()).unwrap());
    reqwest::Client::builder()
        .no_proxy()
        .pool_max_idle_per_host(0)
        .timeout(PATIENCE)
        .tls_certs_only(roots)
        .build()
        .unwrap()
}

/// The JSON API of a gateway on a port.
#[derive(Clone)]
pub struct Api {
    pub http: reqwest::Client,
    pub origin: String,
}

impl Api {
    pub async fn post(&self, path: &str, token: &str, body: Value) -> Value {
        let request = self
            .http
            .post(format!("{}/api/v1{path}", self.origin))
            .bearer_auth(token)
            .json(&body);
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let body: Value = answer.json().await.unwrap_or_default();
        assert!(status.is_success(), "{path}: {status} {body}");
        body
    }

    pub async fn get(&self, path: &str, token: &str) -> Value {
        self.http
            .get(format!("{}/api/v1{path}", self.origin))
            .bearer_auth(token)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap()
    }

    pub async fn login(&self) -> String {
        self.post("/login", "", json!({ "email": super::ADA, "password": PASSWORD })).await["token"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// What an applet with this secret key is answered that joins a new session.
    pub async fn join(&self, token: &str, secret: &[u8; 32]) -> Value {
        let made = self.post("/sessions", token, json!({ "name": "M. Diaz" })).await;
        let body = super::join_body(made["pin"].as_str().unwrap(), &SigningKey::from_bytes(secret), "PC7");
        self.post("/join", "", body).await
    }

    /// A session joined by an applet with this secret key: its number and credential.
    pub async fn joined(&self, token: &str, secret: &[u8; 32]) -> (SessionId, String) {
        let joined = self.join(token, secret).await;
        (
            SessionId(joined["session_id"].as_i64().unwrap()),
            joined["credential"].as_str().unwrap().to_owned(),
        )
    }
}

/// One end of a live WebSocket.
pub struct Peer {
    socket: WebSocketStream<TcpStream>,
}

impl Peer {
    pub async fn connect(address: SocketAddr, bearer: &str) -> Self {
        let mut request = format!("ws://{address}/api/v1/live").into_client_request().unwrap();
        request
            .headers_mut()
            .insert("authorization", format!("Bearer {bearer}").parse().unwrap());
        let stream = TcpStream::connect(address).await.unwrap();
        let (socket, _) = tokio_tungstenite::client_async(request, stream).await.unwrap();
        let mut peer = Self { socket };
        peer.say(&ToGateway::Hello(Hello::ours("test"))).await;
        assert!(matches!(peer.hear().await, Some(FromGateway::Hello(_))));
        peer
    }

    pub async fn say(&mut self, message: &ToGateway) {
        self.socket.send(Ws::Binary(message.to_frame().into())).await.unwrap();
    }

    /// The next message; none when the gateway closes.
    pub async fn hear(&mut self) -> Option<FromGateway> {
        // Pings are not words: time goes on while only they come.
        let until = tokio::time::Instant::now() + PATIENCE;
        loop {
            match tokio::time::timeout_at(until, self.socket.next())
                .await
                .expect("something is said in time")
            {
                Some(Ok(Ws::Binary(bytes))) => {
                    return Some(FromGateway::from_frame(&bytes).unwrap().unwrap());
                }
                Some(Ok(Ws::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }

    /// The next message that this picks out.
    pub async fn until<T>(&mut self, mut pick: impl FnMut(FromGateway) -> Option<T>) -> T {
        loop {
            if let Some(found) = pick(self.hear().await.expect("the gateway goes on")) {
                return found;
            }
        }
    }

    pub async fn reachable(&mut self, key: PeerKey) {
        let address = PeerAddress {
            key,
            relay_url: None,
            direct: vec!["192.0.2.1:7".into()],
        };
        self.say(&ToGateway::Reachable(Reachable { address })).await;
    }

    pub async fn upload(&mut self, session_id: SessionId, entries: &[ChainEntry]) {
        self.say(&ToGateway::Events(Events {
            session_id,
            entries: entries.to_vec(),
        }))
        .await;
    }

    /// Announces a frame of so many bytes, and sends none of them.
    pub async fn begin_frame(&mut self, bytes: u64) {
        // A final binary frame with its length in eight bytes and a mask in four (RFC 6455, section 5.2).
        let mut header = vec![0x82, 0xff];
        header.extend_from_slice(&bytes.to_be_bytes());
        header.extend_from_slice(&[0; 4]);
        self.socket.get_mut().write_all(&header).await.unwrap();
    }

    /// Number of the last stored link.
    pub async fn stored(&mut self) -> u64 {
        self.until(|m| {
            if let FromGateway::Stored(stored) = m {
                Some(stored.seq)
            } else {
                None
            }
        })
        .await
    }
}

/// Links of an applet's chain.
pub fn links(key: PeerKey, session_id: SessionId, count: usize) -> Vec<ChainEntry> {
    let mut chain = Chain::new(Origin::Applet(key), session_id);
    (0..count)
        .map(|n| {
            chain
                .append(
                    Timestamp(super::START.0 + n as i64),
                    "chat.line",
                    Body::from([("text", Body::from(format!("line {n}")))]),
                )
                .unwrap()
        })
        .collect()
}
