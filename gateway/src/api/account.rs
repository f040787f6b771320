//! Sign-in, sign-out, password, and who is signed in.

use axum::{Extension, Json, extract::State, http::StatusCode};
use farhand_protocol::{
    api::{Login, LoginAnswer, Logout, PasswordChange},
    error::{ErrorBody, ErrorCode},
    gateway::FromGateway,
};

use super::{ClientAddress, JsonBody, OptionalJson};
use crate::{
    accounts::{self, SignedIn},
    app::{App, Gateway},
    error::Result,
    sessions,
};

pub(super) async fn login(
    State(app): State<App>,
    ClientAddress(address): ClientAddress,
    JsonBody(body): JsonBody<Login>,
) -> Result<Json<LoginAnswer>> {
    let (token, signed_in) = accounts::sign_in(&app, &body.email, &body.password, address).await?;
    Ok(Json(answer(&app, &signed_in, token)))
}

pub(super) async fn me(State(app): State<App>, Extension(signed_in): Extension<SignedIn>) -> Json<LoginAnswer> {
    Json(answer(&app, &signed_in, String::new()))
}

pub(super) async fn logout(
    State(app): State<App>,
    Extension(signed_in): Extension<SignedIn>,
    OptionalJson(body): OptionalJson<Logout>,
) -> Result<StatusCode> {
    let gone = accounts::sign_out(&app, &signed_in, body.everywhere).await?;
    let member_id = signed_in.member.member_id;
    app.hub.sign_out(member_id, &ended("you signed out"), |token| {
        body.everywhere || token == signed_in.token_hash
    });
    sessions::check_ceilings(&app).await?;
    if gone {
        sessions::signed_out(&app, member_id).await;
    }
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn password(
    State(app): State<App>,
    Extension(signed_in): Extension<SignedIn>,
    JsonBody(body): JsonBody<PasswordChange>,
) -> Result<StatusCode> {
    accounts::change_password(&app, &signed_in, &body.current, &body.new).await?;
    app.hub
        .sign_out(signed_in.member.member_id, &ended("the password was changed"), |token| {
            token != signed_in.token_hash
        });
    sessions::check_ceilings(&app).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn ended(why: &str) -> FromGateway {
    FromGateway::SignedOut(ErrorBody::new(ErrorCode::AuthExpired, why))
}

fn answer(app: &Gateway, signed_in: &SignedIn, token: String) -> LoginAnswer {
    let member = &signed_in.member;
    LoginAnswer {
        token,
        expires_at: signed_in.expires_at,
        technician: app.identity(member.member_id, member.shown_name.clone()),
        email: member.email.clone(),
        gateway_key: app.keys.gateway_key(),
        permissions: member.permissions.iter().map(|p| p.key().to_owned()).collect(),
        pin_page: format!("{}/", app.settings.public_url),
        max_active_sessions: member.max_active_sessions,
        sends_mail: app.settings.mail.is_some(),
    }
}
