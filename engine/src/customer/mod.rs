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
mod store;

use std::{fs::File, sync::Arc};

use farhand_protocol::{
    api::{Join, JoinAnswer},
    code::{Code, Invitation},
    error::{ErrorBody, ErrorCode},
    ids::PeerKey,
    permission::CapabilitySet,
};
use tokio::sync::mpsc;

pub use event::{CustomerCommand, CustomerEvent, Joined, LogLine, Presence};

use crate::{
    folders::Folders,
    gateway::{GatewayAddress, GatewayClient},
    link::Route,
    platform::Platform,
    random,
};
use running::Running;
use store::KeptSession;

/// Worker threads of the applet's runtime.
const WORKERS: usize = 2;

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

/// Hears what happens; called on engine threads, must not block.
pub type OnCustomerEvent = Arc<dyn Fn(CustomerEvent) + Send + Sync>;

/// The customer's engine. Dropping it ends the links but not the session.
pub struct Customer {
    commands: mpsc::UnboundedSender<CustomerCommand>,
    runtime: Option<tokio::runtime::Runtime>,
}

impl Customer {
    /// Starts the engine; it waits for [`CustomerCommand::Join`] or [`CustomerCommand::Resume`].
    ///
    /// # Errors
    /// When the system gives no threads.
    pub fn start(config: CustomerConfig, on_event: OnCustomerEvent) -> Result<Self, ErrorBody> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(WORKERS)
            .thread_name("farhand-net")
            .enable_all()
            .build()
            .map_err(|e| ErrorBody::new(ErrorCode::Internal, e.to_string()))?;
        let (commands, inbox) = mpsc::unbounded_channel();
        runtime.spawn(run(config, on_event, inbox));
        Ok(Self {
            commands,
            runtime: Some(runtime),
        })
    }

    /// Hands over a command; never blocks.
    pub fn send(&self, command: CustomerCommand) {
        let _ = self.commands.send(command);
    }
}

impl Drop for Customer {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn run(config: CustomerConfig, on_event: OnCustomerEvent, mut inbox: mpsc::UnboundedReceiver<CustomerCommand>) {
    let mut finished = None;
    while let Some(command) = inbox.recv().await {
        let joined = match command {
            CustomerCommand::Join { gateway, trust, code } => match join(&config, &on_event, gateway, trust, &code).await {
                Ok(joined) => joined,
                Err(error) => {
                    on_event(CustomerEvent::JoinFailed(error));
                    continue;
                }
            },
            CustomerCommand::Resume => match resume(&config).await {
                Ok(Some(joined)) => joined,
                Ok(None) => {
                    on_event(CustomerEvent::NothingToResume);
                    continue;
                }
                Err(error) => {
                    on_event(CustomerEvent::JoinFailed(error));
                    continue;
                }
            },
            CustomerCommand::SaveReceipt(path) => {
                if let Some(finished) = &finished {
                    on_event(receipt::save(path, finished));
                }
                continue;
            }
            // Without a session there is nothing these could act on.
            _ => continue,
        };
        let (client, kept, answer, taken) = joined;
        match Running::start(&config, on_event.clone(), client, kept, answer, taken).await {
            Ok(running) => finished = Some(running.run(&mut inbox).await),
            Err(error) => on_event(CustomerEvent::JoinFailed(error)),
        }
    }
}

/// The last part holds the session for this process.
type JoinedSession = (GatewayClient, KeptSession, JoinAnswer, File);

async fn join(
    config: &CustomerConfig,
    on_event: &OnCustomerEvent,
    gateway: Option<String>,
    trust: Option<String>,
    code: &str,
) -> Result<JoinedSession, ErrorBody> {
    let (address, code) = read_code(gateway, trust, code)?;
    let code_hash = hex_sha256(&code.to_string());
    if let Some(kept) = KeptSession::all(&config.folders)
        .into_iter()
        .find(|kept| kept.code_hash == code_hash)
        && let Some(joined) = rejoin(config, kept).await?
    {
        return Ok(joined);
    }
    on_event(CustomerEvent::Progress("applet-progress-gateway"));
    let client = GatewayClient::new(address.clone(), &config.agent)?;
    let key = random::secret_key()?;
    let facts = config.platform.facts();
    let request = Join {
        code: code.to_string(),
        applet_key: PeerKey(*iroh::SecretKey::from_bytes(&key).public().as_bytes()),
        platform: format!("{} {}", facts.os_name, facts.os_version).trim().to_owned(),
        device: facts.host_name,
        version: config.agent.clone(),
        proof: None,
    };
    let answer = client.join(request).await?;
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
    };
    kept.save(&config.folders)?;
    let taken = kept
        .take(&config.folders)
        .ok_or_else(|| ErrorBody::new(ErrorCode::StorageFailed, "the session's folder cannot be used"))?;
    Ok((client.with_token(&answer.credential), kept, answer, taken))
}

/// The gateway and the code behind what was typed, pasted, clicked or found in a file name.
fn read_code(gateway: Option<String>, trust: Option<String>, text: &str) -> Result<(GatewayAddress, Code), ErrorBody> {
    if let Ok(invitation) = Invitation::parse(text) {
        let trust = invitation.trust.map(String::from);
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
async fn resume(config: &CustomerConfig) -> Result<Option<JoinedSession>, ErrorBody> {
    let mut found = None;
    for kept in KeptSession::all(&config.folders) {
        match rejoin(config, kept).await {
            Ok(joined) => found = found.or(joined),
            Err(error) if found.is_none() => return Err(error),
            Err(error) => tracing::info!(code = %error.code, "an older session could not be asked for"),
        }
    }
    Ok(found)
}

/// Takes a kept session up again; one that has ended, or that the customer ended, is handed in instead.
async fn rejoin(config: &CustomerConfig, kept: KeptSession) -> Result<Option<JoinedSession>, ErrorBody> {
    // Another applet of this person may be in the middle of it.
    let Some(taken) = kept.take(&config.folders) else { return Ok(None) };
    let client = GatewayClient::new(kept.address()?, &config.agent)?.with_token(&kept.credential);
    match client.rejoin().await {
        Ok(answer) if !answer.status.is_final() && kept.unsaid.is_none() => Ok(Some((client, kept, answer, taken))),
        Ok(_) => {
            tokio::spawn(hand_in::hand_in(config.clone(), client, kept, taken));
            Ok(None)
        }
        Err(error) if matches!(error.code, ErrorCode::SessionEnded | ErrorCode::SessionUnknown) => {
            tokio::spawn(hand_in::hand_in(config.clone(), client, kept, taken));
            Ok(None)
        }
        Err(error) if matches!(error.code, ErrorCode::AuthExpired | ErrorCode::AuthMissing) => {
            kept.remove(&config.folders);
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
