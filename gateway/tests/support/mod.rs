//! A gateway in a temporary folder with a clock turned by hand, its router called without a port; and PostgreSQL started for one test.
#![allow(dead_code, reason = "every test file uses its own part")]

pub mod browser;
pub mod postgres;
pub mod process;
pub mod wire;

use std::{
    collections::HashMap,
    sync::{
        Mutex,
        atomic::{AtomicU8, Ordering},
    },
};

use axum::{
    body::{Body, to_bytes},
    http::{Request, Response, header},
};
use ed25519_dalek::SigningKey;
use farhand_gateway::{
    accounts::{NewMember, Passwords, Role, add_member, create_organisation},
    api::{ClientAddress, router},
    app::{App, Settings},
    clock::Clock,
    db::{Db, Location},
    folder::{Folder, Keys},
    live::Outgoing,
    serve::new_app,
};
use farhand_protocol::{
    api::Join,
    gateway::CustomerStep,
    ids::{PeerKey, SessionId},
    time::Timestamp,
};
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use serde_json::{Value, json};
use tokio::sync::mpsc;

pub const START: Timestamp = Timestamp(1_790_000_000_000);
pub const MINUTE: i64 = 60_000;
pub const PASSWORD: &str = "open sesame 42";
pub const ADMIN: &str = "root@acme.example";
pub const ADA: &str = "ada@acme.example";
pub const BEN: &str = "ben@acme.example";

/// An organisation with an administrator and two technicians.
pub struct Lab {
    pub app: App,
    pub router: axum::Router,
    pub folder: Folder,
    pub location: Location,
    keys: AtomicU8,
    /// Lines of applets that are here.
    lines: Mutex<HashMap<SessionId, (u64, mpsc::Receiver<Outgoing>)>>,
    _temp: tempfile::TempDir,
}

/// What an answer said.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

impl Answer {
    /// The body of a success.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert!((200..300).contains(&self.status), "{self:?}");
        self.body
    }

    /// The code of a refusal.
    #[track_caller]
    pub fn refused(&self) -> &str {
        assert!(self.status >= 400, "{self:?}");
        self.body["code"].as_str().unwrap_or_else(|| panic!("{self:?}"))
    }
}

impl Lab {
    pub async fn sqlite() -> Self {
        Self::new(None).await
    }

    /// One with other settings.
    pub async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let mut lab = Self::new(None).await;
        let mut settings = settings(&lab.folder);
        change(&mut settings);
        (lab.app, lab.router) = open_with(&lab.folder, &lab.location, Clock::manual(START), settings).await;
        lab
    }

    /// For what must take real time.
    pub async fn by_the_system_clock() -> Self {
        let mut lab = Self::new(None).await;
        (lab.app, lab.router) = open(&lab.folder, &lab.location, Clock::System).await;
        lab
    }

    pub async fn new(url: Option<String>) -> Self {
        let temp = tempfile::tempdir().unwrap();
        let folder = Folder::new(temp.path().join("d"));
        folder.create().unwrap();
        Keys::generate().unwrap().save(&folder).unwrap();
        let location = url.map_or_else(|| Location::File(folder.database_file()), Location::Url);
        let db = Db::open(&location).await.unwrap();
        people(&db).await;
        db.close().await;
        let (app, router) = open(&folder, &location, Clock::manual(START)).await;
        Self {
            app,
            router,
            folder,
            location,
            keys: AtomicU8::new(1),
            lines: Mutex::default(),
            _temp: temp,
        }
    }

    /// The process ends without a word and another one starts this much later.
    pub async fn kill_and_restart_after(&mut self, millis: i64) {
        let clock = Clock::manual(self.app.now().plus_millis(millis));
        (self.app, self.router) = open(&self.folder, &self.location, clock).await;
        farhand_gateway::sessions::resume_after_restart(&self.app).await.unwrap();
    }

    pub async fn send(&self, method: &str, path: &str, token: &str, body: Option<Value>) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if !token.is_empty() {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let request = match body {
            Some(body) => request
                .header(header::CONTENT_TYPE, "application/json")
                .body(Body::from(body.to_string())),
            None => request.body(Body::empty()),
        };
        let mut request = request.unwrap();
        if path == "/api/v1/join" {
            // Each customer is somebody else.
            request
                .extensions_mut()
                .insert(ClientAddress([10, 9, 0, self.keys.load(Ordering::Relaxed)].into()));
        }
        let response = self.raw(request).await;
        let status = response.status().as_u16();
        let bytes = to_bytes(response.into_body(), 1 << 22).await.unwrap();
        Answer {
            status,
            body: serde_json::from_slice(&bytes).unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned())),
        }
    }

    pub async fn raw(&self, request: Request<Body>) -> Response<Body> {
        TowerToHyperService::new(self.router.clone()).call(request).await.unwrap()
    }

    pub async fn get(&self, path: &str, token: &str) -> Answer {
        self.send("GET", path, token, None).await
    }

    pub async fn post(&self, path: &str, token: &str, body: Value) -> Answer {
        self.send("POST", path, token, Some(body)).await
    }

    pub async fn token(&self, email: &str) -> String {
        let body = self
            .post("/api/v1/login", "", json!({ "email": email, "password": PASSWORD }))
            .await
            .ok();
        body["token"].as_str().unwrap().to_owned()
    }

    /// A session with its PIN.
    pub async fn session(&self, token: &str, more: Value) -> (SessionId, String) {
        let mut body = json!({ "name": "M. Diaz" });
        body.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
        let made = self.post("/api/v1/sessions", token, body).await.ok();
        (
            SessionId(made["session_id"].as_i64().unwrap()),
            made["pin"].as_str().unwrap().to_owned(),
        )
    }

    /// A key no other applet of this lab has.
    pub fn key(&self) -> SigningKey {
        SigningKey::from_bytes(&[self.keys.fetch_add(1, Ordering::Relaxed); 32])
    }

    /// The public half of one.
    pub fn peer_key(&self) -> PeerKey {
        PeerKey(self.key().verifying_key().to_bytes())
    }

    pub async fn try_join(&self, code: &str) -> Answer {
        self.post("/api/v1/join", "", self.join_body(code)).await
    }

    pub fn join_body(&self, code: &str) -> Value {
        join_body(code, &self.key(), "ACME-PC7")
    }

    /// A session whose customer waits.
    pub async fn waiting(&self, token: &str) -> SessionId {
        let (session_id, pin) = self.session(token, json!({})).await;
        self.try_join(&pin).await.ok();
        self.line(session_id, true).await;
        self.customer(session_id, CustomerStep::Ready).await;
        session_id
    }

    /// A session a technician works in.
    pub async fn active(&self, token: &str) -> SessionId {
        let session_id = self.waiting(token).await;
        self.act(session_id, "start", token).await.ok();
        session_id
    }

    /// The applet's line to the gateway comes or goes.
    pub async fn line(&self, session_id: SessionId, up: bool) {
        if up {
            let line = self.app.hub.add_applet(session_id);
            self.lines.lock().unwrap().insert(session_id, line);
        } else if let Some((line, _)) = self.lines.lock().unwrap().remove(&session_id) {
            self.app.hub.remove_applet(session_id, line);
        }
        farhand_gateway::sessions::link_changed(&self.app, session_id).await.unwrap();
    }

    pub async fn customer(&self, session_id: SessionId, step: CustomerStep) {
        farhand_gateway::sessions::handle_customer(&self.app, session_id, step)
            .await
            .unwrap();
    }

    pub async fn act(&self, session_id: SessionId, what: &str, token: &str) -> Answer {
        self.send("POST", &format!("/api/v1/sessions/{session_id}/{what}"), token, None)
            .await
    }

    pub async fn status(&self, session_id: SessionId, token: &str) -> String {
        let row = self.get(&format!("/api/v1/sessions/{session_id}"), token).await.ok();
        row["status"].as_str().unwrap_or("none").to_owned()
    }

    /// The states a session went through, from the log.
    pub async fn path(&self, session_id: SessionId, token: &str) -> Vec<String> {
        let events = self.get(&format!("/api/v1/sessions/{session_id}/events"), token).await.ok();
        let states = events.as_array().unwrap().iter().filter(|e| e["kind"] == "session.status");
        states.map(|e| e["detail"]["new"].as_str().unwrap().to_owned()).collect()
    }

    /// Time passes second by second, as the timers see it.
    pub async fn pass(&self, millis: i64) {
        let steps = (millis / 1000).max(1);
        for _ in 0..steps {
            self.app.clock.advance_millis(millis / steps);
            farhand_gateway::sessions::run_due(&self.app).await.unwrap();
        }
    }

    /// Time passes at once.
    pub async fn jump(&self, millis: i64) {
        self.app.clock.advance_millis(millis);
        farhand_gateway::sessions::run_due(&self.app).await.unwrap();
    }
}

/// What an applet with this key sends to join.
pub fn join_body(code: &str, key: &SigningKey, device: &str) -> Value {
    let mut join = Join {
        code: code.to_owned(),
        applet_key: PeerKey([0; 32]),
        platform: "Debian 12".into(),
        device: device.to_owned(),
        version: "0.1.0".into(),
        signature: String::new(),
        proof: None,
    };
    join.sign(key);
    serde_json::to_value(&join).unwrap()
}

/// The public half of a key made from this byte.
pub fn applet_key(byte: u8) -> PeerKey {
    PeerKey(SigningKey::from_bytes(&[byte; 32]).verifying_key().to_bytes())
}

fn settings(folder: &Folder) -> Settings {
    Settings {
        public_url: "https://support.acme.example".into(),
        trust: None,
        relay_url: Some("https://support.acme.example".into()),
        behind_proxy: false,
        downloads: folder.downloads(),
        mail: None,
    }
}

async fn open(folder: &Folder, location: &Location, clock: Clock) -> (App, axum::Router) {
    open_with(folder, location, clock, settings(folder)).await
}

async fn open_with(folder: &Folder, location: &Location, clock: Clock, settings: Settings) -> (App, axum::Router) {
    let db = Db::open(location).await.unwrap();
    let app = new_app(db, Keys::load(folder).unwrap(), "ACME".into(), settings, clock).unwrap();
    let router = router(app.clone());
    (app, router)
}

/// Everybody has the same password, so it is hashed once.
async fn people(db: &Db) {
    let hash = Passwords::new().unwrap().hash(PASSWORD).await.unwrap();
    let mut tx = db.write().await.unwrap();
    create_organisation(&mut tx, "ACME", START).await.unwrap();
    for (email, name, role) in [
        (ADMIN, "Root", Role::Master),
        (ADA, "Ada Kern", Role::Technician),
        (BEN, "Ben Ito", Role::Technician),
    ] {
        add_member(
            &mut tx,
            &NewMember {
                email,
                name,
                role,
                password_hash: &hash,
            },
            START,
        )
        .await
        .unwrap();
    }
    tx.commit().await.unwrap();
}
