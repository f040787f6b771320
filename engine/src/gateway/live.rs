//! The live line: a WebSocket to `/api/v1/live` that carries frames both ways and comes back by itself after a loss, sooner at first and
//! later after repeated failures.
//!
//! ```text
//! connecting ──hello──▶ up ──silence, close, error──▶ down ──after a pause──▶ connecting
//!      └───────────── refused for good (signed out, session over) ─────────▶ ended
//! ```

use std::time::Duration;

use farhand_protocol::{
    error::{ErrorBody, ErrorClass, ErrorCode},
    gateway::{FromGateway, SILENCE_MILLIS, ToGateway},
    peer::Hello,
    wire::Message,
};
use futures_util::{Sink, SinkExt, Stream, StreamExt};
use tokio::{sync::mpsc, time::Instant};
use tokio_tungstenite::tungstenite::{self, client::IntoClientRequest, protocol::WebSocketConfig};

use super::{GatewayClient, proxy, tls};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// Whoever was cut off is back within ten seconds of the gateway, its own start included.
const LONGEST_PAUSE: Duration = Duration::from_secs(4);
const MAX_MESSAGE_BYTES: usize = 2 << 20;

/// What the live line tells its owner.
#[derive(Debug)]
pub enum LiveEvent {
    /// It stands (again): say everything the gateway must know anew.
    Up,
    /// A message.
    Message(Box<FromGateway>),
    /// It broke; the next try comes after the pause.
    Down {
        /// Why.
        error: ErrorBody,
        /// Until the next try.
        pause: Duration,
    },
    /// The gateway will not have this credential any more.
    Ended(ErrorBody),
}

/// Our end of the live line. Dropping it ends the line.
#[derive(Debug)]
pub struct Live {
    out: mpsc::UnboundedSender<ToGateway>,
    task: tokio::task::JoinHandle<()>,
}

impl Live {
    /// Opens the line and keeps it; events come in order on the channel.
    pub fn open(client: GatewayClient, agent: String) -> (Self, mpsc::UnboundedReceiver<LiveEvent>) {
        let (out, out_rx) = mpsc::unbounded_channel();
        let (events_tx, events) = mpsc::unbounded_channel();
        let task = tokio::spawn(run(client, agent, out_rx, events_tx));
        (Self { out, task }, events)
    }

    /// Sends a message; lost if the line is down, so whatever must arrive is said again at [`LiveEvent::Up`].
    pub fn send(&self, message: ToGateway) {
        let _ = self.out.send(message);
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn run(client: GatewayClient, agent: String, mut out: mpsc::UnboundedReceiver<ToGateway>, events: mpsc::UnboundedSender<LiveEvent>) {
    let mut pause = FIRST_PAUSE;
    loop {
        let broke = match tokio::time::timeout(CONNECT_TIMEOUT, connect(&client)).await {
            Ok(Ok(socket)) => {
                while out.try_recv().is_ok() {}
                let (was_up, error) = talk(socket, &client.address().origin, &agent, &mut out, &events).await;
                if was_up {
                    pause = FIRST_PAUSE;
                }
                error
            }
            Ok(Err(error)) => error,
            Err(_) => ErrorBody::new(
                ErrorCode::GatewayUnreachable,
                format!("{} does not answer", client.address().origin),
            ),
        };
        if is_final(&broke) {
            let _ = events.send(LiveEvent::Ended(broke));
            return;
        }
        if events.send(LiveEvent::Down { error: broke, pause }).is_err() {
            return;
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// True for refusals that no later try can mend.
fn is_final(error: &ErrorBody) -> bool {
    matches!(
        error.code.class(),
        ErrorClass::Unauthenticated | ErrorClass::Gone | ErrorClass::Forbidden
    ) || matches!(error.code, ErrorCode::VersionTooOld)
}

pub(super) trait Socket:
    Stream<Item = Result<tungstenite::Message, tungstenite::Error>> + Sink<tungstenite::Message, Error = tungstenite::Error> + Send + Unpin
{
}
impl<T> Socket for T where
    T: Stream<Item = Result<tungstenite::Message, tungstenite::Error>>
        + Sink<tungstenite::Message, Error = tungstenite::Error>
        + Send
        + Unpin
{
}

async fn connect(client: &GatewayClient) -> Result<Box<dyn Socket>, ErrorBody> {
    connect_to(client, "/api/v1/live", None).await
}

/// Opens a WebSocket at a path of the gateway, through the proxy of the environment, if any.
pub(super) async fn connect_to(client: &GatewayClient, path: &str, protocol: Option<&'static str>) -> Result<Box<dyn Socket>, ErrorBody> {
    let address = client.address();
    let scheme = if address.is_tls() { "wss" } else { "ws" };
    let place = address.origin.split_once("://").map_or("", |(_, place)| place);
    let malformed = |e: &dyn std::fmt::Display| ErrorBody::new(ErrorCode::RequestMalformed, e.to_string());
    let mut request = format!("{scheme}://{place}{path}")
        .into_client_request()
        .map_err(|e| malformed(&e))?;
    if let Some(token) = client.token() {
        let value = format!("Bearer {token}").parse().map_err(|e| malformed(&e))?;
        request.headers_mut().insert("authorization", value);
    }
    if let Some(protocol) = protocol {
        let value = tungstenite::http::HeaderValue::from_static(protocol);
        request.headers_mut().insert("sec-websocket-protocol", value);
    }
    let config = WebSocketConfig::default()
        .max_message_size(Some(MAX_MESSAGE_BYTES))
        .max_frame_size(Some(MAX_MESSAGE_BYTES));
    let tcp = proxy::connect(address).await?;
    if !address.is_tls() {
        let (socket, _) = tokio_tungstenite::client_async_with_config(request, tcp, Some(config))
            .await
            .map_err(|e| explain(client, e))?;
        return Ok(Box::new(socket));
    }
    let name = rustls::pki_types::ServerName::try_from(address.host().to_owned()).map_err(|e| malformed(&e))?;
    let stream = tokio_rustls::TlsConnector::from(client.tls())
        .connect(name, tcp)
        .await
        .map_err(|e| tls::explain(&e, address.trust.is_some()))?;
    let (socket, _) = tokio_tungstenite::client_async_with_config(request, stream, Some(config))
        .await
        .map_err(|e| explain(client, e))?;
    Ok(Box::new(socket))
}

/// A refused upgrade carries an error body like any other answer.
fn explain(client: &GatewayClient, error: tungstenite::Error) -> ErrorBody {
    if let tungstenite::Error::Http(answer) = &error {
        let body = answer
            .body()
            .as_deref()
            .and_then(|body| serde_json::from_slice::<ErrorBody>(body).ok());
        return body.unwrap_or_else(|| {
            let status = answer.status();
            let code = match status.as_u16() {
                401 => ErrorCode::AuthExpired,
                410 => ErrorCode::SessionEnded,
                _ => ErrorCode::GatewayUnreachable,
            };
            ErrorBody::new(code, format!("{} answered {status}", client.address().origin))
        });
    }
    tls::explain(&error, client.address().trust.is_some())
}

/// Which side is to be renewed, where the versions of both do not meet.
fn no_common_version(ours: &Hello, theirs: &Hello, origin: &str) -> Option<ErrorBody> {
    if ours.agree(theirs).is_some() {
        return None;
    }
    let message = if ours.min > theirs.max {
        format!("the gateway at {origin} is older than this program; ask whoever runs it for a new one, or use the program it offers")
    } else {
        format!("this program is too old for the gateway; fetch the one offered at {origin}")
    };
    Some(ErrorBody::new(ErrorCode::VersionTooOld, message))
}

/// Talks until the line breaks; true when it ever stood.
async fn talk(
    mut socket: Box<dyn Socket>,
    origin: &str,
    agent: &str,
    out: &mut mpsc::UnboundedReceiver<ToGateway>,
    events: &mpsc::UnboundedSender<LiveEvent>,
) -> (bool, ErrorBody) {
    let lost = |what: String| ErrorBody::new(ErrorCode::GatewayUnreachable, what);
    let hello = ToGateway::Hello(Hello::ours(agent)).to_frame();
    if let Err(e) = socket.send(tungstenite::Message::Binary(hello.into())).await {
        return (false, lost(e.to_string()));
    }
    let silence = Duration::from_millis(SILENCE_MILLIS);
    let mut heard = Instant::now();
    let mut ping = tokio::time::interval(silence / 3);
    ping.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut up = false;
    let mut pings: u64 = 0;
    loop {
        tokio::select! {
            incoming = socket.next() => match incoming {
                Some(Ok(tungstenite::Message::Binary(bytes))) => {
                    heard = Instant::now();
                    match FromGateway::from_frame(&bytes) {
                        Ok(Some(FromGateway::Hello(theirs))) => {
                            if let Some(error) = no_common_version(&Hello::ours(agent), &theirs, origin) {
                                return (up, error);
                            }
                            up = true;
                            if events.send(LiveEvent::Up).is_err() {
                                return (up, lost("closed here".into()));
                            }
                        }
                        Ok(Some(FromGateway::Pong(_)) | None) => {}
                        Ok(Some(FromGateway::SignedOut(error))) => return (up, error),
                        Ok(Some(message)) => {
                            let _ = events.send(LiveEvent::Message(Box::new(message)));
                        }
                        Err(e) => return (up, ErrorBody::new(ErrorCode::LinkProtocol, e.to_string())),
                    }
                }
                Some(Ok(tungstenite::Message::Close(frame))) => {
                    let reason = frame.map(|f| f.reason.to_string()).unwrap_or_default();
                    return (up, serde_json::from_str(&reason).unwrap_or_else(|_| lost(format!("the gateway closed the line {reason}"))));
                }
                Some(Ok(_)) => heard = Instant::now(),
                Some(Err(e)) => return (up, lost(e.to_string())),
                None => return (up, lost("the gateway closed the line".into())),
            },
            message = out.recv() => match message {
                Some(message) => {
                    if let Err(e) = socket.send(tungstenite::Message::Binary(message.to_frame().into())).await {
                        return (up, lost(e.to_string()));
                    }
                }
                None => {
                    let _ = socket.close().await;
                    return (up, lost("closed here".into()));
                }
            },
            _ = ping.tick() => {
                if heard.elapsed() > silence {
                    return (up, lost("the gateway went silent".into()));
                }
                pings += 1;
                if let Err(e) = socket.send(tungstenite::Message::Binary(ToGateway::Ping(pings).to_frame().into())).await {
                    return (up, lost(e.to_string()));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_shares_no_version_learns_which_side_is_to_be_renewed() {
        let speaks = |min, max| Hello {
            min,
            max,
            ..Hello::ours("test")
        };
        let said = |theirs: Hello| no_common_version(&speaks(3, 5), &theirs, "https://support.acme.example").map(|error| error.message);
        assert_eq!(said(speaks(5, 6)), None);
        assert!(said(speaks(6, 9)).is_some_and(|said| said.contains("this program is too old")));
        assert!(said(speaks(1, 2)).is_some_and(|said| said.contains("https://support.acme.example is older")));
    }
}
