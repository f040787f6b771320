//! The applet, under the name that tells it where to go.

use axum::{
    body::{Body, Bytes},
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use farhand_protocol::code::{Invitation, host_and_port};
use futures_util::stream;
use tokio::{fs::File, io::AsyncReadExt};

use super::{Frame, ProblemPage, Visitor, none_for, not_found, show, systems::System};
use crate::app::{App, Gateway};

const CHUNK: usize = 64 * 1024;
const MAX_NAME: usize = 200;

/// `GET /download/{system}/{name}`.
pub async fn download(State(app): State<App>, visitor: Visitor, Path((system, name)): Path<(String, String)>) -> Response {
    let Some(system) = System::from_key(&system) else {
        return not_found(&app, &visitor);
    };
    if !name_is_plain(&name) || !leads_here(&app, &name) {
        return not_found(&app, &visitor);
    }
    let Ok(file) = File::open(system.file(&app.settings.downloads)).await else {
        return missing(&app, &visitor, system);
    };
    let Ok(length) = file.metadata().await.map(|m| m.len()) else {
        return missing(&app, &visitor, system);
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

fn missing(app: &Gateway, visitor: &Visitor, system: System) -> Response {
    let frame = Frame::new(app, visitor, "/");
    let page = ProblemPage {
        heading: frame.text("problem-download-heading"),
        text: none_for(&frame, Some(system)),
        frame,
    };
    show(StatusCode::NOT_FOUND, visitor, &page)
}

/// A name can stand in the header as it is.
fn name_is_plain(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= MAX_NAME
        && !name.starts_with('.')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "~.-_ ()[]".contains(c))
}

/// What is downloaded here comes to this gateway: a link to here with a name that leads elsewhere is somebody's trap. A name with no way in it is good; one
/// that only looks like a way may become one on its way through browser and disk.
fn leads_here(app: &Gateway, name: &str) -> bool {
    let Ok(invitation) = Invitation::parse(name) else {
        return !name.contains('~');
    };
    // The scheme does not stand in a name.
    host_and_port(&invitation.gateway) == host_and_port(&app.settings.public_url) && invitation.trust == app.settings.trust
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
