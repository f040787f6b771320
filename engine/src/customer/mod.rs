//! The customer's side: joining by code, terms, waiting, consent, and the host side of the session. Commands in, events out; the work is done by
//! one task that owns the session.
//!
//! ```text
//! Join ─▶ POST /join ─▶ [terms] ─▶ live line + link endpoint + host ─▶ … ─▶ final state, End, or credential refused ─▶ Ended
//! Resume ─▶ session.json ─▶ GET /rejoin ─┘
//! ```

mod event;
mod hand_in;
mod receipt;
mod running;
mod stop;
mod store;

use std::{fs::File, sync::Arc, time::Duration};

use ed25519_dalek::SigningKey;
use farhand_protocol::{
    api::{Join, JoinAnswer},
    code::{Code, Invitation, parse_gateway},
    error::{ErrorBody, ErrorCode},
    ids::PeerKey,
    permission::CapabilitySet,
};
use parking_lot::Mutex;
use tokio::sync::mpsc;

pub use event::{CustomerCommand, CustomerEvent, Joined, LogLine, Presence, ReceiptWords};
pub use stop::StopSwitch;

pub use crate::host::screen_state;
use crate::{
    folders::Folders,
    gateway::{GatewayAddress, GatewayClient},
    journal::Disk,
    link::Route,
    platform::Platform,
};
use running::{Finished, Running};
use store::{Joining, KeptSession};

/// Worker threads of the applet's runtime: two would wake each other for every letter.
const WORKERS: usize = 1;

/// What the applet is started with.
#[derive(Clone)]
pub struct CustomerConfig {
    /// Program and version, for logs and the gateway.
    pub agent: String,
    /// Where its files lie.
    pub folders: Folders,
    /// The machine.
    pub platform: Arc<dyn Platform>,
    /// What the local person allowed in advance (`--grant`).
    pub grant_in_advance: CapabilitySet,
    /// What this device allows at most, whoever asks.
    pub local_policy: CapabilitySet,
    /// Ways links may take.
    pub route: Route,
}

/// Longest that ending waits for links to be closed in order.
const FAREWELL: Duration = Duration::from_secs(3);

/// Hears what happens; called on engine threads, must not block.
pub type OnCustomerEvent = Arc<dyn Fn(CustomerEvent) + Send + Sync>;

/// What is still being written when the program ends is waited for as long.
const SETTLE: Duration = Duration::from_secs(2);

/// The customer's engine. Dropping it ends the links, for which it waits a moment, but not the session.
pub struct Customer {
    /// Taken when it ends, which tells the engine.
    commands: Option<mpsc::UnboundedSender<CustomerCommand>>,
    ended: Mutex<std::sync::mpsc::Receiver<()>>,
    runtime: Option<tokio::runtime::Runtime>,
    stop: StopSwitch,
    disk: Disk,
}

/// What every part of the customer's side has at hand.
#[derive(Clone)]
struct Own {
    config: CustomerConfig,
    on_event: OnCustomerEvent,
    stop: StopSwitch,
    disk: Disk,
}

impl Own {
    fn tell(&self, event: CustomerEvent) {
        (self.on_event)(event);
    }
}

impl Customer {
    /// Starts the engine; it waits for [`CustomerCommand::Join`] or [`CustomerCommand::Resume`].
    ///
    /// # Errors
    /// When the system gives no threads.
    pub fn start(config: CustomerConfig, on_event: OnCustomerEvent) -> Result<Self, ErrorBody> {
        Self::start_with(config, Disk::start()?, on_event)
    }

    /// The same with this disk, whose thread somebody else may use too.
    ///
    /// # Errors
    /// When the system gives no threads.
    pub fn start_with(config: CustomerConfig, disk: Disk, on_event: OnCustomerEvent) -> Result<Self, ErrorBody> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(WORKERS)
            .thread_name("farhand-net")
            .enable_all()
            .build()
            .map_err(|e| ErrorBody::new(ErrorCode::Internal, e.to_string()))?;
        let (commands, inbox) = mpsc::unbounded_channel();
        let own = Own {
            config,
            on_event,
            stop: StopSwitch::default(),
            disk,
        };
        let (stop, disk) = (own.stop.clone(), own.disk.clone());
        let (over, ended) = std::sync::mpsc::channel::<()>();
        runtime.spawn(async move {
            run(own, inbox).await;
            drop(over);
        });
        Ok(Self {
            commands: Some(commands),
            ended: Mutex::new(ended),
            runtime: Some(runtime),
            stop,
            disk,
        })
    }

    /// The red X and STOP: withdraws everything at once, past every queue; the session stays (APP-40). Input has stopped when this returns.
    pub fn stop(&self) {
        self.stop.stop();
    }

    /// [`Customer::stop`] for whoever does not have the engine at hand, such as another window.
    pub fn stop_switch(&self) -> StopSwitch {
        self.stop.clone()
    }

    /// Hands over a command; never blocks.
    pub fn send(&self, command: CustomerCommand) {
        if let Some(commands) = &self.commands {
            let _ = commands.send(command);
        }
    }
}

impl Drop for Customer {
    fn drop(&mut self) {
        drop(self.commands.take());
        // Nothing is ever sent: it resolves when the engine has ended.
        let _ = self.ended.get_mut().recv_timeout(FAREWELL);
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
        self.disk.settle(SETTLE);
    }
}

async fn run(own: Own, mut inbox: mpsc::UnboundedReceiver<CustomerCommand>) {
    let mut finished = None;
    while let Some(command) = inbox.recv().await {
        let joined = match command {
            CustomerCommand::Join { gateway, trust, code } => match join(&own, gateway, trust, &code).await {
                Ok(joined) => joined,
                Err(error) => {
                    own.tell(CustomerEvent::JoinFailed(error));
                    continue;
                }
            },
            CustomerCommand::Resume => match resume(&own).await {
                Ok(Some(joined)) => joined,
                Ok(None) => {
                    own.tell(CustomerEvent::NothingToResume);
                    continue;
                }
                Err(error) => {
                    own.tell(CustomerEvent::JoinFailed(error));
                    continue;
                }
            },
            CustomerCommand::SaveReceipt { path, words } => {
                if let Some(finished) = &finished {
                    receipt::save(&own, path, words, Finished::clone(finished));
                }
                continue;
            }
            // Without a session there is nothing these could act on.
            _ => continue,
        };
        let (client, kept, answer, taken) = joined;
        match Running::start(&own, client, kept, answer, taken).await {
            Ok(running) => finished = Some(running.run(&mut inbox).await),
            Err(error) => own.tell(CustomerEvent::JoinFailed(error)),
        }
    }
}

/// The last part holds the session for this process.
type JoinedSession = (GatewayClient, KeptSession, JoinAnswer, File);

async fn join(own: &Own, gateway: Option<String>, trust: Option<String>, code: &str) -> Result<JoinedSession, ErrorBody> {
    let (address, code) = read_code(gateway, trust, code)?;
    let code_hash = hex_sha256(&code.to_string());
    let folders = own.config.folders.clone();
    let kept = own.disk.call(move || KeptSession::all(&folders)).await?;
    if let Some(kept) = kept.into_iter().find(|kept| kept.code_hash == code_hash)
        && let Some(joined) = rejoin(own, kept).await?
    {
        return Ok(joined);
    }
    own.tell(CustomerEvent::Progress("applet-progress-gateway"));
    let client = GatewayClient::new(address.clone(), &own.config.agent)?;
    let (folders, origin, hash) = (own.config.folders.clone(), address.origin.clone(), code_hash.clone());
    let key = own.disk.call(move || Joining::begin(&folders, &origin, &hash)).await??.key;
    let answer = client.join(request_for(own, &code, key)).await;
    if answer.as_ref().is_err_and(|error| !is_code_alive(error.code)) {
        let (folders, origin, hash) = (own.config.folders.clone(), address.origin.clone(), code_hash.clone());
        own.disk.run(move || Joining::end(&folders, &origin, &hash));
    }
    let answer = answer?;
    let kept = KeptSession {
        session_id: answer.session_id,
        gateway: address.origin.clone(),
        trust: address.trust.map(String::from),
        credential: answer.credential.clone(),
        key,
        ready: answer.terms.is_none(),
        code_hash,
        unsaid: None,
        allowed: Vec::new(),
        unsent: Vec::new(),
        stopped: false,
    };
    let (folders, saved) = (own.config.folders.clone(), kept.clone());
    let taken = own.disk.call(move || begin(&saved, &folders)).await??;
    Ok((client.with_token(&answer.credential), kept, answer, taken))
}

/// The session is on disk and this process's; only then the key's first place is given up.
fn begin(kept: &KeptSession, folders: &Folders) -> Result<File, ErrorBody> {
    kept.save(folders)?;
    Joining::end(folders, &kept.gateway, &kept.code_hash);
    kept.take(folders)
        .ok_or_else(|| ErrorBody::new(ErrorCode::StorageFailed, "the session's folder cannot be used"))
}

fn request_for(own: &Own, code: &Code, key: [u8; 32]) -> Join {
    let facts = own.config.platform.facts();
    let mut request = Join {
        code: code.to_string(),
        applet_key: PeerKey([0; 32]),
        platform: format!("{} {}", facts.os_name, facts.os_version).trim().to_owned(),
        device: facts.host_name,
        version: own.config.agent.clone(),
        signature: String::new(),
        proof: None,
    };
    request.sign(&SigningKey::from_bytes(&key));
    request
}

/// False once the gateway has said that the code is good for nothing, whoever asks.
fn is_code_alive(refusal: ErrorCode) -> bool {
    !matches!(
        refusal,
        ErrorCode::CodeUnknown | ErrorCode::CodeExpired | ErrorCode::CodeUsed | ErrorCode::CodeMalformed
    )
}

/// The gateway and the code behind what was typed, pasted, clicked or found in a file name.
fn read_code(gateway: Option<String>, trust: Option<String>, text: &str) -> Result<(GatewayAddress, Code), ErrorBody> {
    if let Ok(invitation) = Invitation::parse(text) {
        // A trust value that was typed for this very gateway stands in for one that the link does not carry.
        let same = |typed: &str| parse_gateway(typed).is_ok_and(|origin| origin == invitation.gateway);
        let typed = trust.filter(|_| gateway.as_deref().is_some_and(same));
        let trust = invitation.trust.map(String::from).or(typed);
        return Ok((GatewayAddress::parse(&invitation.gateway, trust.as_deref())?, invitation.code));
    }
    let code = Code::parse(text).map_err(|e| ErrorBody::new(ErrorCode::CodeMalformed, e.to_string()))?;
    let gateway = gateway.filter(|g| !g.trim().is_empty()).ok_or_else(|| {
        ErrorBody::new(
            ErrorCode::GatewayUnreachable,
            "which gateway? open the link you were sent, or give its address (FARHAND_GATEWAY)",
        )
    })?;
    Ok((GatewayAddress::parse(&gateway, trust.as_deref())?, code))
}

/// The newest session left on disk that its gateway still knows; what older ones left is handed in beside.
async fn resume(own: &Own) -> Result<Option<JoinedSession>, ErrorBody> {
    let mut found = None;
    let folders = own.config.folders.clone();
    for kept in own.disk.call(move || KeptSession::all(&folders)).await? {
        match rejoin(own, kept).await {
            Ok(joined) => found = found.or(joined),
            Err(error) if found.is_none() => return Err(error),
            Err(error) => tracing::info!(code = %error.code, "an older session could not be asked for"),
        }
    }
    Ok(found)
}

/// Takes a kept session up again; one that has ended, or that the customer ended, is handed in instead.
async fn rejoin(own: &Own, kept: KeptSession) -> Result<Option<JoinedSession>, ErrorBody> {
    let (folders, wanted) = (own.config.folders.clone(), kept.clone());
    // Another applet of this person may be in the middle of it.
    let Some(taken) = own.disk.call(move || wanted.take(&folders)).await? else {
        return Ok(None);
    };
    let client = GatewayClient::new(kept.address()?, &own.config.agent)?.with_token(&kept.credential);
    match client.rejoin().await {
        Ok(answer) if !answer.status.is_final() && kept.unsaid.is_none() => Ok(Some((client, kept, answer, taken))),
        Ok(_) => {
            tokio::spawn(hand_in::hand_in(own.clone(), client, kept, taken));
            Ok(None)
        }
        Err(error) if matches!(error.code, ErrorCode::SessionEnded | ErrorCode::SessionUnknown) => {
            tokio::spawn(hand_in::hand_in(own.clone(), client, kept, taken));
            Ok(None)
        }
        Err(error) if matches!(error.code, ErrorCode::AuthExpired | ErrorCode::AuthMissing) => {
            hand_in::remove(own, kept, taken);
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// True while a session is on disk that could be taken up again.
pub fn has_kept_session(folders: &Folders) -> bool {
    KeptSession::all(folders).iter().any(|kept| kept.unsaid.is_none())
}

/// SHA-256 of a text, in hex.
pub(super) fn hex_sha256(text: &str) -> String {
    use sha2::{Digest, Sha256};
    data_encoding::HEXLOWER.encode(&Sha256::digest(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_names_its_own_gateway_and_a_pin_needs_one() {
        let (address, code) = read_code(Some("other.example".into()), None, "https://h:8443/join#123456789").unwrap();
        assert_eq!(
            (address.origin.as_str(), code.to_string().as_str()),
            ("https://h:8443", "123456789")
        );
        let error = read_code(None, None, "123 456 789").unwrap_err();
        assert!(error.message.contains("FARHAND_GATEWAY"));
        assert_eq!(read_code(None, None, "hello").unwrap_err().code, ErrorCode::CodeMalformed);
    }
}
