//! `GET /live`: the WebSocket of applets and consoles.

use axum::{
    Extension,
    extract::{State, WebSocketUpgrade, ws::rejection::WebSocketUpgradeRejection},
    response::Response,
};
use farhand_protocol::wire::{HEADER_BYTES, MAX_BODY_BYTES};

use crate::{
    app::App,
    error::{HttpError, Result},
    live::{self, Side},
    relay::READ_BUFFER_BYTES,
    slots::ConnectionSlot,
};

const MAX_FRAME_BYTES: usize = HEADER_BYTES + MAX_BODY_BYTES;

pub(super) async fn live(
    State(app): State<App>,
    Extension(side): Extension<Side>,
    slot: Option<Extension<ConnectionSlot>>,
    upgrade: std::result::Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response> {
    let upgrade = upgrade.map_err(|e| HttpError::malformed(e.to_string()))?;
    Ok(upgrade
        .max_message_size(MAX_FRAME_BYTES)
        // Else a frame is taken in whole, however large, before the message is refused.
        .max_frame_size(MAX_FRAME_BYTES)
        .read_buffer_size(READ_BUFFER_BYTES)
        .on_upgrade(async move |socket| {
            live::run(app, socket, side).await;
            drop(slot);
        }))
}
