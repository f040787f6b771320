//! Sessions, for technicians.

use axum::{
    Extension, Json,
    extract::{Path, State},
    http::StatusCode,
};
use farhand_protocol::{
    api::{Comment, MailLink, MailOutcome, NewSession, SessionCreated, SessionEvent, SessionRow, TicketAnswer, TicketRequest},
    ids::SessionId,
};
use serde::Deserialize;

use super::{JsonBody, OptionalJson, UrlQuery};
use crate::{
    accounts::SignedIn,
    app::App,
    error::{HttpError, Result},
    sessions,
};

#[derive(Debug, Default, Deserialize)]
pub(super) struct ListQuery {
    #[serde(default, rename = "final")]
    ended: bool,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct EventsQuery {
    #[serde(default)]
    after: i64,
}

type Caller = Extension<SignedIn>;

fn number(path: &str) -> Result<SessionId> {
    path.parse().map_err(|_| HttpError::no_session())
}

pub(super) async fn create(
    State(app): State<App>,
    Extension(by): Caller,
    JsonBody(new): JsonBody<NewSession>,
) -> Result<(StatusCode, Json<SessionCreated>)> {
    Ok((StatusCode::CREATED, Json(sessions::create(&app, &by, &new).await?)))
}

pub(super) async fn list(
    State(app): State<App>,
    Extension(by): Caller,
    UrlQuery(query): UrlQuery<ListQuery>,
) -> Result<Json<Vec<SessionRow>>> {
    sessions::list_rows(&app, &by.member, query.ended).await.map(Json)
}

pub(super) async fn one(State(app): State<App>, Extension(by): Caller, Path(id): Path<String>) -> Result<Json<SessionRow>> {
    sessions::row_for(&app, number(&id)?, &by.member).await.map(Json)
}

pub(super) async fn events(
    State(app): State<App>,
    Extension(by): Caller,
    Path(id): Path<String>,
    UrlQuery(query): UrlQuery<EventsQuery>,
) -> Result<Json<Vec<SessionEvent>>> {
    let session_id = number(&id)?;
    sessions::row_for(&app, session_id, &by.member).await?;
    sessions::events_after(&app, session_id, query.after).await.map(Json)
}

pub(super) async fn start(State(app): State<App>, Extension(by): Caller, Path(id): Path<String>) -> Result<Json<SessionRow>> {
    sessions::start(&app, &by.member, number(&id)?).await.map(Json)
}

pub(super) async fn hold(
    State(app): State<App>,
    Extension(by): Caller,
    Path(id): Path<String>,
    OptionalJson(body): OptionalJson<Comment>,
) -> Result<Json<SessionRow>> {
    sessions::hold(&app, &by.member, number(&id)?, &body.comment).await.map(Json)
}

pub(super) async fn close(
    State(app): State<App>,
    Extension(by): Caller,
    Path(id): Path<String>,
    OptionalJson(body): OptionalJson<Comment>,
) -> Result<Json<SessionRow>> {
    sessions::close(&app, &by.member, number(&id)?, &body.comment).await.map(Json)
}

pub(super) async fn mail(
    State(app): State<App>,
    Extension(by): Caller,
    Path(id): Path<String>,
    JsonBody(asked): JsonBody<MailLink>,
) -> Result<Json<MailOutcome>> {
    sessions::mail_link(&app, &by, number(&id)?, &asked).await.map(Json)
}

pub(super) async fn ticket(
    State(app): State<App>,
    Extension(by): Caller,
    Path(id): Path<String>,
    JsonBody(request): JsonBody<TicketRequest>,
) -> Result<Json<TicketAnswer>> {
    sessions::request_ticket(&app, &by, number(&id)?, &request).await.map(Json)
}
