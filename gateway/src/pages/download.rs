//! The applet, under the name that tells it where to go.

use axum::{
    body::{Body, Bytes},
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::stream;
use tokio::{fs::File, io::AsyncReadExt};

use super::{ProblemPage, host, not_found, show, systems::System};
use crate::app::{App, Gateway};

const CHUNK: usize = 64 * 1024;
const MAX_NAME: usize = 200;

/// `GET /download/{system}/{name}`.
pub async fn download(State(app): State<App>, Path((system, name)): Path<(String, String)>) -> Response {
    let Some(system) = System::from_key(&system) else {
        return not_found();
    };
    if !name_is_plain(&name) {
        return not_found();
    }
    let Ok(file) = File::open(system.file(&app.settings.downloads)).await else {
        return missing(&app, system);
    };
    let Ok(length) = file.metadata().await.map(|m| m.len()) else {
        return missing(&app, system);
    };
    let mut response = Body::from_stream(chunks(file)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

fn missing(app: &Gateway, system: System) -> Response {
    let text = format!(
        "There is no program for {} on this gateway. Please tell your technician.",
        system.label()
    );
    show(
        StatusCode::NOT_FOUND,
        &ProblemPage {
            organisation: &app.organisation,
            host: host(app),
            heading: "No download for your system",
            text: &text,
        },
    )
}

/// A name can stand in the header as it is.
fn name_is_plain(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= MAX_NAME
        && !name.starts_with('.')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "~.-_ ()[]".contains(c))
}

fn chunks(file: File) -> impl stream::Stream<Item = std::io::Result<Bytes>> {
    stream::unfold(Some(file), |file| async move {
        let mut file = file?;
        let mut chunk = vec![0; CHUNK];
        match file.read(&mut chunk).await {
            Ok(0) => None,
            Ok(read) => {
                chunk.truncate(read);
                Some((Ok(Bytes::from(chunk)), Some(file)))
            }
            Err(error) => Some((Err(error), None)),
        }
    })
}
