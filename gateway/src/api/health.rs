//! Whether it works, what it counts, and what serves here.

use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use farhand_protocol::api::Version;

use crate::{app::App, error::Result, metrics};

pub(super) async fn healthz(State(app): State<App>) -> Result<&'static str> {
    sqlx::query("SELECT value FROM counters WHERE name = 'session'")
        .fetch_one(app.db.read())
        .await?;
    Ok("ok\n")
}

pub(super) async fn metrics(State(app): State<App>) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], metrics::render(&app)).into_response()
}

pub(super) async fn version(State(app): State<App>) -> Json<Version> {
    Json(Version {
        version: env!("CARGO_PKG_VERSION").into(),
        organisation: app.organisation.clone(),
        api: vec![1],
    })
}

pub(super) async fn relay_probe() -> Response {
    (
        [(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"), (header::CACHE_CONTROL, "no-store")],
        "",
    )
        .into_response()
}
