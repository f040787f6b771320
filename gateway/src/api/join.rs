//! Customers: joining with a code, asking what a code is worth, and coming back.

use axum::{Extension, Json, extract::State};
use farhand_protocol::{
    api::{Join, JoinAnswer},
    code::{Code, Invitation},
    proof::Solution,
};
use serde::{Deserialize, Serialize};

use super::{ClientAddress, JsonBody, auth::Bearer};
use crate::{
    app::App,
    error::Result,
    sessions::{self, AppletIdentity},
};

/// Asks what a code is worth.
#[derive(Debug, Deserialize)]
pub(super) struct CheckRequest {
    code: String,
    #[serde(default)]
    proof: Option<Solution>,
}

/// An open code, and how to go on with it.
#[derive(Debug, Serialize)]
pub(super) struct CheckAnswer {
    /// Name of the download without extension (APP-17).
    pub(super) file_stem: String,
    /// Opens an installed applet.
    pub(super) deep_link: String,
}

pub(super) async fn join(
    State(app): State<App>,
    ClientAddress(address): ClientAddress,
    JsonBody(body): JsonBody<Join>,
) -> Result<Json<JoinAnswer>> {
    sessions::join(&app, &body, address).await.map(Json)
}

pub(super) async fn rejoin(
    State(app): State<App>,
    Extension(applet): Extension<AppletIdentity>,
    Extension(Bearer(credential)): Extension<Bearer>,
) -> Result<Json<JoinAnswer>> {
    sessions::rejoin(&app, applet.session_id, credential).await.map(Json)
}

pub(super) async fn check(
    State(app): State<App>,
    ClientAddress(address): ClientAddress,
    JsonBody(body): JsonBody<CheckRequest>,
) -> Result<Json<CheckAnswer>> {
    let checked = sessions::check_code(&app, &body.code, body.proof.as_ref(), address).await?;
    let invitation = invitation(&app, checked.code);
    Ok(Json(CheckAnswer {
        file_stem: invitation.file_stem(),
        deep_link: invitation.deep_link(),
    }))
}

fn invitation(app: &App, code: Code) -> Invitation {
    Invitation {
        gateway: app.settings.public_url.clone(),
        trust: app.settings.trust,
        code,
    }
}
