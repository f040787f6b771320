//! What a session that is over still owes the gateway: the customer's last step and the end of the journal. Handed in beside whatever the applet does now; what
//! cannot be handed in stays on disk for the next start.

use std::{fs::File, sync::Arc, time::Duration};

use farhand_protocol::{
    chain::Origin,
    gateway::{Events, FromGateway, ToGateway},
    ids::PeerKey,
};
use tokio::time::{Instant, timeout_at};

use super::{Own, store::KeptSession};
use crate::{
    gateway::{GatewayClient, Live, LiveEvent},
    journal::Journal,
};

const PATIENCE: Duration = Duration::from_secs(20);

/// Uploads what is left of this session, then removes it from disk.
pub(super) async fn hand_in(own: Own, client: GatewayClient, mut kept: KeptSession, taken: File) {
    let key = PeerKey(*iroh::SecretKey::from_bytes(&kept.key).public().as_bytes());
    let folder = kept.folder(&own.config.folders).join("journal");
    // Nothing is written to it any more, so nothing is told.
    let opened = Journal::open(&own.disk, folder, Origin::Applet(key), kept.session_id, Arc::new(drop)).await;
    let Ok(mut journal) = opened else { return };
    let until = Instant::now() + PATIENCE;
    let (live, mut events) = Live::open(client, own.config.agent.clone());
    let upload = |journal: &Journal| {
        let entries = journal.pending();
        if !entries.is_empty() {
            live.send(ToGateway::Events(Events {
                session_id: journal.session_id(),
                entries,
            }));
        }
    };
    while !(journal.is_uploaded() && kept.unsaid.is_none()) {
        match timeout_at(until, events.recv()).await {
            Ok(Some(LiveEvent::Up)) => {
                if let Some(step) = kept.unsaid {
                    live.send(ToGateway::Customer(step));
                }
                upload(&journal);
            }
            Ok(Some(LiveEvent::Message(message))) => match *message {
                FromGateway::Stored(stored) if journal.handle_stored(stored.seq) => upload(&journal),
                FromGateway::Session(is) if is.status.is_final() => kept.unsaid = None,
                _ => {}
            },
            Ok(Some(LiveEvent::Ended(error))) => {
                tracing::info!(code = %error.code, "the gateway takes nothing more of a session");
                break;
            }
            Ok(Some(LiveEvent::Down { .. })) => {}
            Ok(None) | Err(_) => return,
        }
    }
    remove(&own, kept, taken);
}

/// Removes a session from disk, and gives it back.
pub(super) fn remove(own: &Own, kept: KeptSession, taken: File) {
    let folders = own.config.folders.clone();
    own.disk.run(move || {
        drop(taken);
        kept.remove(&folders);
    });
}
