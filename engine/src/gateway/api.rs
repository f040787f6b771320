//! The JSON API of `farhand_protocol::api`, as calls. Every failure is an [`ErrorBody`] that says what to do.

use std::{sync::Arc, time::Duration};

use farhand_protocol::{
    api::{
        Comment, Empty, Join, JoinAnswer, Login, LoginAnswer, Logout, MailLink, MailOutcome, NewSession, PasswordChange, SessionCreated,
        SessionEvent, SessionRow, TicketAnswer, TicketRequest, Version,
    },
    error::{ErrorBody, ErrorCode},
    ids::SessionId,
    proof::{Challenge, MAX_DIFFICULTY_BITS, Solution, solve_some},
};
use reqwest::Method;
use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

use super::{GatewayAddress, is_loopback, tls, tls_for};

const TIMEOUT: Duration = Duration::from_secs(20);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(8);
/// Nonces tried between looks at whether the caller has gone.
const PROOF_CHUNK: u64 = 1 << 14;
/// More than a gateway keeps of a session with a few technicians.
const MAX_EVENTS: usize = 1_000_000;

/// Calls to one gateway, with or without a bearer token. Cheap to clone.
#[derive(Clone)]
pub struct GatewayClient {
    address: GatewayAddress,
    http: reqwest::Client,
    tls: Arc<rustls::ClientConfig>,
    token: Option<Arc<Zeroizing<String>>>,
}

impl std::fmt::Debug for GatewayClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GatewayClient")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl GatewayClient {
    /// A client for this gateway; connects to nothing yet.
    ///
    /// # Errors
    /// When TLS cannot be set up on this system.
    pub fn new(address: GatewayAddress, agent: &str) -> Result<Self, ErrorBody> {
        let tls = tls_for(&address)?;
        let builder = reqwest::Client::builder();
        let builder = if is_loopback(address.host()) { builder.no_proxy() } else { builder };
        let http = builder
            .tls_backend_preconfigured((*tls).clone())
            .user_agent(agent)
            .timeout(TIMEOUT)
            .connect_timeout(CONNECT_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|e| ErrorBody::new(ErrorCode::Internal, e.to_string()))?;
        Ok(Self {
            address,
            http,
            tls,
            token: None,
        })
    }

    /// The same client with a bearer token or an applet's credential.
    #[must_use]
    pub fn with_token(mut self, token: &str) -> Self {
        self.token = Some(Arc::new(Zeroizing::new(token.to_owned())));
        self
    }

    /// Where it calls.
    pub fn address(&self) -> &GatewayAddress {
        &self.address
    }

    pub(crate) fn tls(&self) -> Arc<rustls::ClientConfig> {
        self.tls.clone()
    }

    pub(crate) fn token(&self) -> Option<&str> {
        self.token.as_ref().map(|t| t.as_str())
    }

    /// `POST /login`.
    ///
    /// # Errors
    /// `auth.*`, `gateway.*`.
    pub async fn login(&self, email: &str, password: &str) -> Result<LoginAnswer, ErrorBody> {
        self.post(
            "login",
            &Login {
                email: email.to_owned(),
                password: password.to_owned(),
            },
        )
        .await
    }

    /// `POST /logout`.
    ///
    /// # Errors
    /// `auth.*`, `gateway.*`.
    pub async fn logout(&self, everywhere: bool) -> Result<(), ErrorBody> {
        self.call_empty(Method::POST, "logout", Some(&Logout { everywhere })).await
    }

    /// `POST /password`.
    ///
    /// # Errors
    /// `auth.*`, `gateway.*`.
    pub async fn change_password(&self, current: &str, new: &str) -> Result<(), ErrorBody> {
        self.call_empty(
            Method::POST,
            "password",
            Some(&PasswordChange {
                current: current.to_owned(),
                new: new.to_owned(),
            }),
        )
        .await
    }

    /// `GET /me`: the account behind the token.
    ///
    /// # Errors
    /// `auth.*`, `gateway.*`.
    pub async fn me(&self) -> Result<LoginAnswer, ErrorBody> {
        self.fetch("me").await
    }

    /// `GET /version`.
    ///
    /// # Errors
    /// `gateway.*`.
    pub async fn version(&self) -> Result<Version, ErrorBody> {
        self.fetch("version").await
    }

    /// `POST /sessions`.
    ///
    /// # Errors
    /// `permission.missing`, `request.malformed`, `auth.*`, `gateway.*`.
    pub async fn new_session(&self, session: &NewSession) -> Result<SessionCreated, ErrorBody> {
        self.post("sessions", session).await
    }

    /// `GET /sessions`: those that have not ended, or those that have.
    ///
    /// # Errors
    /// `auth.*`, `gateway.*`.
    pub async fn sessions(&self, ended: bool) -> Result<Vec<SessionRow>, ErrorBody> {
        self.fetch(&format!("sessions?final={ended}")).await
    }

    /// `GET /sessions/{id}`.
    ///
    /// # Errors
    /// `session.unknown`, `auth.*`, `gateway.*`.
    pub async fn session(&self, id: SessionId) -> Result<SessionRow, ErrorBody> {
        self.fetch(&format!("sessions/{id}")).await
    }

    /// `GET /sessions/{id}/events`, those after a number. The gateway answers them in pages, oldest first; all of them are fetched, up to a
    /// million.
    ///
    /// # Errors
    /// `session.unknown`, `auth.*`, `gateway.*`.
    pub async fn events(&self, id: SessionId, mut after: i64) -> Result<Vec<SessionEvent>, ErrorBody> {
        let mut events: Vec<SessionEvent> = Vec::new();
        while events.len() < MAX_EVENTS {
            let page: Vec<SessionEvent> = self.fetch(&format!("sessions/{id}/events?after={after}")).await?;
            // One that does not go on would be asked the same for ever.
            let Some(last) = page.last().map(|event| event.event_id).filter(|last| *last > after) else {
                break;
            };
            after = last;
            events.extend(page);
        }
        Ok(events)
    }

    /// `POST /sessions/{id}/start`.
    ///
    /// # Errors
    /// `session.*`, `permission.missing`, `auth.*`, `gateway.*`.
    pub async fn start(&self, id: SessionId) -> Result<SessionRow, ErrorBody> {
        self.post(&format!("sessions/{id}/start"), &Empty {}).await
    }

    /// `POST /sessions/{id}/hold`.
    ///
    /// # Errors
    /// `session.*`, `permission.missing`, `auth.*`, `gateway.*`.
    pub async fn hold(&self, id: SessionId) -> Result<SessionRow, ErrorBody> {
        self.post(&format!("sessions/{id}/hold"), &Comment::default()).await
    }

    /// `POST /sessions/{id}/close`.
    ///
    /// # Errors
    /// `session.*`, `permission.missing`, `auth.*`, `gateway.*`.
    pub async fn close(&self, id: SessionId) -> Result<SessionRow, ErrorBody> {
        self.post(&format!("sessions/{id}/close"), &Comment::default()).await
    }

    /// `POST /sessions/{id}/mail`: the gateway sends the link of a session to one address (EML-09). Once this has succeeded a mail server has the message.
    ///
    /// # Errors
    /// `mail.*`, `code.*`, `session.unknown`, `permission.missing`, `request.*`, `auth.*`, `gateway.*`.
    pub async fn mail_link(&self, id: SessionId, mail: &MailLink) -> Result<(), ErrorBody> {
        let outcome: MailOutcome = self.post(&format!("sessions/{id}/mail"), mail).await?;
        outcome.into_result()
    }

    /// `POST /sessions/{id}/ticket`.
    ///
    /// # Errors
    /// `session.*`, `auth.*`, `gateway.*`.
    pub async fn ticket(&self, id: SessionId, request: &TicketRequest) -> Result<TicketAnswer, ErrorBody> {
        self.post(&format!("sessions/{id}/ticket"), request).await
    }

    /// `POST /join`; solves a proof of work when the gateway asks for one, off the async threads.
    ///
    /// # Errors
    /// `code.*`, `gateway.*`, `version.too_old`.
    pub async fn join(&self, mut join: Join) -> Result<JoinAnswer, ErrorBody> {
        for _ in 0..3 {
            match self.post("join", &join).await {
                Err(ErrorBody {
                    code: ErrorCode::CodeProofOfWork,
                    challenge: Some(challenge),
                    ..
                }) => {
                    join.proof = Some(solve(challenge, join.code.clone()).await?);
                }
                other => return other,
            }
        }
        Err(ErrorBody::new(
            ErrorCode::CodeLimited,
            "the gateway is under attack and asks for more and more work; try again in a minute",
        ))
    }

    /// `GET /rejoin`: the session of an applet's credential.
    ///
    /// # Errors
    /// `session.ended`, `auth.*`, `gateway.*`.
    pub async fn rejoin(&self) -> Result<JoinAnswer, ErrorBody> {
        self.fetch("rejoin").await
    }

    async fn fetch<A: DeserializeOwned>(&self, path: &str) -> Result<A, ErrorBody> {
        let answer = self.send::<Empty>(Method::GET, path, None).await?;
        answer.json().await.map_err(|e| self.explain(&e))
    }

    async fn post<B: Serialize, A: DeserializeOwned>(&self, path: &str, body: &B) -> Result<A, ErrorBody> {
        let answer = self.send(Method::POST, path, Some(body)).await?;
        answer.json().await.map_err(|e| self.explain(&e))
    }

    async fn call_empty<B: Serialize>(&self, method: Method, path: &str, body: Option<&B>) -> Result<(), ErrorBody> {
        self.send(method, path, body).await.map(drop)
    }

    async fn send<B: Serialize>(&self, method: Method, path: &str, body: Option<&B>) -> Result<reqwest::Response, ErrorBody> {
        let mut request = self.http.request(method, format!("{}/api/v1/{path}", self.address.origin));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token.as_str());
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.map_err(|e| self.explain(&e))?;
        if answer.status().is_success() {
            return Ok(answer);
        }
        let status = answer.status();
        let body = answer.json::<ErrorBody>().await;
        Err(body.unwrap_or_else(|_| {
            ErrorBody::new(
                ErrorCode::GatewayUnreachable,
                format!("{} answered {status}; is it a Farhand gateway?", self.address.origin),
            )
        }))
    }

    fn explain(&self, error: &reqwest::Error) -> ErrorBody {
        if error.is_timeout() {
            return ErrorBody::new(ErrorCode::GatewayUnreachable, format!("{} does not answer", self.address.origin));
        }
        let mut body = tls::explain(error, self.address.trust.is_some());
        if body.code == ErrorCode::GatewayUnreachable {
            body.message = format!("{} cannot be reached: {}", self.address.origin, body.message);
        }
        body
    }
}

async fn solve(challenge: Challenge, code: String) -> Result<Solution, ErrorBody> {
    if challenge.difficulty_bits > MAX_DIFFICULTY_BITS {
        return Err(ErrorBody::new(
            ErrorCode::CodeLimited,
            "the gateway asks for more work than is sensible; try again later",
        ));
    }
    let (tx, rx) = tokio::sync::oneshot::channel();
    let worker = move || {
        let mut first = 0;
        while !tx.is_closed() {
            if let Some(solution) = solve_some(&challenge, &code, first, PROOF_CHUNK) {
                let _ = tx.send(solution);
                return;
            }
            first += PROOF_CHUNK;
        }
    };
    std::thread::Builder::new()
        .name("farhand-proof".into())
        .spawn(worker)
        .map_err(|e| ErrorBody::new(ErrorCode::Internal, e.to_string()))?;
    rx.await
        .map_err(|_| ErrorBody::new(ErrorCode::Internal, "the proof of work broke off"))
}

#[cfg(test)]
mod tests {
    use farhand_protocol::time::Timestamp;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;

    fn event(event_id: i64) -> SessionEvent {
        SessionEvent {
            event_id,
            session_id: SessionId(1),
            occurred_at: Timestamp(event_id),
            origin: "gateway".into(),
            seq: event_id.unsigned_abs(),
            kind: "session.status".into(),
            actor: "system".into(),
            detail: serde_json::Value::Null,
            hash: String::new(),
        }
    }

    /// Answers like a gateway that has seven events and shows three at once.
    async fn serve_pages(listener: TcpListener) {
        while let Ok((mut line, _)) = listener.accept().await {
            let (mut asked, mut piece) = (String::new(), [0; 1024]);
            while !asked.contains("\r\n\r\n") {
                let read = line.read(&mut piece).await.expect("a request");
                assert_ne!(read, 0, "{asked}");
                asked.push_str(&String::from_utf8_lossy(&piece[..read]));
            }
            let after = asked
                .split("after=")
                .nth(1)
                .and_then(|rest| rest.split(' ').next())
                .expect("a number");
            let after: i64 = after.parse().expect("a number");
            let page: Vec<SessionEvent> = (after + 1..=7).take(3).map(event).collect();
            let body = serde_json::to_string(&page).expect("JSON");
            let answer = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
            line.write_all(answer.as_bytes()).await.expect("an answer");
        }
    }

    #[tokio::test]
    async fn a_long_log_is_fetched_to_its_end() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let origin = format!("http://{}", listener.local_addr().expect("an address"));
        let gateway = tokio::spawn(serve_pages(listener));
        let trust = "A".repeat(52);
        let address = GatewayAddress::parse(&origin, Some(&trust)).expect("an address");
        let client = GatewayClient::new(address, "test").expect("a client");
        let numbers = async |after: i64| -> Vec<i64> {
            let events = client.events(SessionId(1), after).await.expect("events");
            events.iter().map(|event| event.event_id).collect()
        };
        assert_eq!(numbers(0).await, [1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(numbers(6).await, [7]);
        assert!(numbers(7).await.is_empty());
        gateway.abort();
    }
}
