//! The router: one table of routes, each with its policy, which is enforced here and nowhere else; bodies are those of `protocol::api`.

mod account;
mod auth;
mod health;
mod join;
mod live;
mod openapi;
mod sessions;

use std::time::Duration;

use axum::{
    Json, Router,
    body::Body,
    extract::{DefaultBodyLimit, FromRequest, FromRequestParts, Query, Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{MethodRouter, get, post},
};
use farhand_protocol::error::ErrorCode;
use serde::de::DeserializeOwned;

pub use auth::ClientAddress;

use crate::{
    app::App,
    error::{HttpError, Result},
    pages, relay,
};

/// Prefix of the JSON API.
pub const PREFIX: &str = "/api/v1";
const MAX_BODY_BYTES: usize = 64 * 1024;
const PATIENCE: Duration = Duration::from_secs(30);

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// Anyone.
    Public,
    /// Anyone, within the limits on guesses at codes.
    Guess,
    /// Anyone, within the limits on sign-ins.
    SignIn,
    /// A technician's token.
    Technician,
    /// An applet's credential.
    Applet,
    /// Either of both.
    Peer,
    /// From this machine, or with an administrator's token.
    Operator,
    /// A relay token, checked after the key is proven.
    RelayToken,
}

/// A line of the table.
pub struct Route {
    /// Method.
    pub method: Method,
    /// Path as axum writes it.
    pub path: &'static str,
    /// Who may use it.
    pub policy: Policy,
    /// What it does, for the description of the API.
    pub about: &'static str,
    handler: MethodRouter<App>,
}

fn route(method: Method, path: &'static str, policy: Policy, about: &'static str, handler: MethodRouter<App>) -> Route {
    Route {
        method,
        path,
        policy,
        about,
        handler,
    }
}

/// Every route there is.
pub fn routes() -> Vec<Route> {
    use Policy::{Applet, Guess, Operator, Peer, Public, RelayToken, SignIn, Technician};
    let (get_, post_) = (Method::GET, Method::POST);
    vec![
        route(post_.clone(), "/api/v1/login", SignIn, "Signs a member in", post(account::login)),
        route(
            post_.clone(),
            "/api/v1/logout",
            Technician,
            "Ends this sign-in, or all of the member's",
            post(account::logout),
        ),
        route(
            post_.clone(),
            "/api/v1/password",
            Technician,
            "Changes the password and signs out everywhere else",
            post(account::password),
        ),
        route(get_.clone(), "/api/v1/me", Technician, "Who is signed in", get(account::me)),
        route(
            post_.clone(),
            "/api/v1/sessions",
            Technician,
            "Makes a session with a PIN and a link",
            post(sessions::create),
        ),
        route(
            get_.clone(),
            "/api/v1/sessions",
            Technician,
            "Sessions that run, or the last that ended",
            get(sessions::list),
        ),
        route(get_.clone(), "/api/v1/sessions/{id}", Technician, "One session", get(sessions::one)),
        route(
            get_.clone(),
            "/api/v1/sessions/{id}/events",
            Technician,
            "The log of a session",
            get(sessions::events),
        ),
        route(
            post_.clone(),
            "/api/v1/sessions/{id}/start",
            Technician,
            "Starts or resumes a session",
            post(sessions::start),
        ),
        route(
            post_.clone(),
            "/api/v1/sessions/{id}/hold",
            Technician,
            "Puts a session on hold",
            post(sessions::hold),
        ),
        route(
            post_.clone(),
            "/api/v1/sessions/{id}/close",
            Technician,
            "Ends a session",
            post(sessions::close),
        ),
        route(
            post_.clone(),
            "/api/v1/sessions/{id}/mail",
            Technician,
            "E-mails the link of a session to its customer",
            post(sessions::mail),
        ),
        route(
            post_.clone(),
            "/api/v1/sessions/{id}/ticket",
            Technician,
            "Issues the right to meet the applet",
            post(sessions::ticket),
        ),
        route(
            post_.clone(),
            "/api/v1/join",
            Guess,
            "A customer arrives with a code",
            post(join::join),
        ),
        route(
            post_.clone(),
            "/api/v1/codes/check",
            Guess,
            "Whether a code is open, without using it up",
            post(join::check),
        ),
        route(
            get_.clone(),
            "/api/v1/rejoin",
            Applet,
            "The session again, for an applet that was restarted",
            get(join::rejoin),
        ),
        route(
            get_.clone(),
            "/api/v1/live",
            Peer,
            "WebSocket of applets and consoles",
            get(live::live),
        ),
        route(get_.clone(), "/api/v1/version", Public, "What serves here", get(health::version)),
        route(
            get_.clone(),
            "/api/openapi.json",
            Public,
            "This description",
            get(openapi::document),
        ),
        route(
            get_.clone(),
            "/healthz",
            Public,
            "Whether the gateway and its database answer",
            get(health::healthz),
        ),
        route(get_.clone(), "/metrics", Operator, "Counters for Prometheus", get(health::metrics)),
        route(get_.clone(), "/relay", RelayToken, "The relay", get(relay::handle_relay)),
        route(get_.clone(), "/ping", Public, "Probe of relay clients", get(health::relay_probe)),
        route(
            get_.clone(),
            "/",
            Public,
            "The page where a customer types a PIN",
            get(pages::pin_page),
        ),
        route(get_.clone(), "/join", Public, "The page a link leads to", get(pages::link_page)),
        route(post_, "/join", Guess, "The PIN form", post(pages::pin_form)),
        route(
            get_.clone(),
            "/download/{system}/{name}",
            Public,
            "The applet",
            get(pages::download),
        ),
        route(get_, "/assets/{name}", Public, "Style and script of the pages", get(pages::asset)),
    ]
}

/// The whole service. Tests call it without a port.
pub fn router(app: App) -> Router {
    let table = routes().into_iter().fold(Router::new(), |router, route| {
        let guarded = route.handler.layer(from_fn_with_state((app.clone(), route.policy), auth::enforce));
        router.route(route.path, guarded)
    });
    table
        .fallback(not_found)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(from_fn(patience))
        .layer(from_fn(security_headers))
        .layer(from_fn_with_state(app.clone(), count))
        .with_state(app)
}

async fn not_found(State(app): State<App>, visitor: pages::Visitor, request: Request) -> Response {
    if request.uri().path().starts_with("/api/") {
        return HttpError::new(ErrorCode::RequestNotFound, "there is no such resource").into_response();
    }
    pages::not_found(&app, &visitor)
}

async fn wrong_method() -> Response {
    let mut response = HttpError::new(ErrorCode::RequestNotFound, "this resource does not know the method").into_response();
    *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    response
}

/// Nobody waits for ever; sockets have left this layer when they are upgraded.
async fn patience(request: Request, next: Next) -> Response {
    match tokio::time::timeout(PATIENCE, next.run(request)).await {
        Ok(response) => response,
        Err(_) => HttpError::new(ErrorCode::StorageFailed, "this took too long; try again").into_response(),
    }
}

async fn count(State(app): State<App>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    app.metrics.requests.add(1);
    if response.status().is_server_error() {
        app.metrics.errors.add(1);
    }
    response
}

async fn security_headers(request: Request, next: Next) -> Response {
    let api = request.uri().path().starts_with("/api/");
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "no-referrer");
    set(header::X_FRAME_OPTIONS, "DENY");
    set(header::CONTENT_SECURITY_POLICY, pages::CONTENT_SECURITY_POLICY);
    set(
        HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), geolocation=()",
    );
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    if api {
        set(header::CACHE_CONTROL, "no-store");
    }
    response
}

/// A JSON body, refused with our own error.
pub struct JsonBody<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for JsonBody<T> {
    type Rejection = HttpError;

    async fn from_request(request: Request<Body>, app: &App) -> Result<Self> {
        match Json::<T>::from_request(request, app).await {
            Ok(Json(body)) => Ok(Self(body)),
            Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => Err(HttpError::new(
                ErrorCode::RequestTooLarge,
                format!("a body has at most {MAX_BODY_BYTES} bytes"),
            )),
            Err(rejection) => Err(HttpError::malformed(rejection.body_text())),
        }
    }
}

/// A JSON body that may be left out.
pub struct OptionalJson<T>(pub T);

impl<T: DeserializeOwned + Default> FromRequest<App> for OptionalJson<T> {
    type Rejection = HttpError;

    async fn from_request(request: Request<Body>, app: &App) -> Result<Self> {
        if request.headers().contains_key(header::CONTENT_TYPE) {
            JsonBody::from_request(request, app).await.map(|JsonBody(body)| Self(body))
        } else {
            Ok(Self(T::default()))
        }
    }
}

/// What stands after the question mark, refused with our own error.
pub struct UrlQuery<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<App> for UrlQuery<T> {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        match Query::<T>::from_request_parts(parts, app).await {
            Ok(Query(asked)) => Ok(Self(asked)),
            Err(rejection) => Err(HttpError::malformed(rejection.body_text())),
        }
    }
}
