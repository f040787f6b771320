//! Public pages for customers: the PIN form, which works without script, the page of a link, whose code stands in the fragment, and the applet for the
//! visitor's system (EML-12, EML-13, APP-14, APP-17). Checking a PIN here is a guess within the limits and does not use it up.

mod download;
mod systems;

use askama::Template;
use axum::{
    Form,
    extract::{Path, State, rejection::FormRejection},
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use farhand_protocol::{
    code::{Code, Invitation},
    error::ErrorCode,
};
use serde::Deserialize;

pub use download::download;
use systems::{Offer, System, offers};

use crate::{
    api::ClientAddress,
    app::{App, Gateway},
    error::HttpError,
    sessions,
};

/// Nothing comes from anywhere but here, and nothing is inline.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const ASSETS: &[(&str, &str, &str)] = &[
    ("page.css", "text/css; charset=utf-8", include_str!("assets/page.css")),
    ("check.js", "text/javascript; charset=utf-8", include_str!("assets/check.js")),
    ("pin.js", "text/javascript; charset=utf-8", include_str!("assets/pin.js")),
    ("offers.js", "text/javascript; charset=utf-8", include_str!("assets/offers.js")),
    ("link.js", "text/javascript; charset=utf-8", include_str!("assets/link.js")),
];

#[derive(Template)]
#[template(path = "pin.html")]
struct PinPage<'a> {
    organisation: &'a str,
    host: &'a str,
    problem: Option<&'a str>,
    offers: Vec<Offer>,
}

#[derive(Template)]
#[template(path = "link.html")]
struct LinkPage<'a> {
    organisation: &'a str,
    host: &'a str,
    offers: Vec<Offer>,
}

#[derive(Template)]
#[template(path = "ready.html")]
struct ReadyPage<'a> {
    organisation: &'a str,
    host: &'a str,
    mine: Option<Offer>,
    others: Vec<Offer>,
    system_label: &'a str,
    deep_link: String,
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage<'a> {
    organisation: &'a str,
    host: &'a str,
    heading: &'a str,
    text: &'a str,
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub struct PinForm {
    #[serde(default)]
    pin: String,
}

/// `GET /`: where a PIN is typed.
pub async fn pin_page(State(app): State<App>, headers: HeaderMap) -> Response {
    show(
        StatusCode::OK,
        &PinPage {
            organisation: &app.organisation,
            host: host(&app),
            problem: None,
            offers: offers(&app.settings.downloads, System::of_visitor(&headers), ""),
        },
    )
}

/// `GET /join`: the page of a link; the code is in the fragment and only its script sees it.
pub async fn link_page(State(app): State<App>, headers: HeaderMap) -> Response {
    let offers = offers(&app.settings.downloads, System::of_visitor(&headers), "");
    show(
        StatusCode::OK,
        &LinkPage {
            organisation: &app.organisation,
            host: host(&app),
            offers,
        },
    )
}

/// `POST /join`: the form without script.
pub async fn pin_form(
    State(app): State<App>,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    form: Result<Form<PinForm>, FormRejection>,
) -> Response {
    let pin = form.map(|Form(form)| form.pin).unwrap_or_default();
    match sessions::check_code(&app, &pin, None, address).await {
        Ok(checked) => ready(&app, &headers, checked.code),
        Err(error) => problem(&app, &headers, &error),
    }
}

/// `GET /assets/…`: style and script.
pub async fn asset(Path(name): Path<String>) -> Response {
    match ASSETS.iter().find(|(known, ..)| *known == name) {
        Some((_, kind, text)) => ([(header::CONTENT_TYPE, *kind), (header::CACHE_CONTROL, "max-age=300")], *text).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// A page that does not exist.
pub fn not_found() -> Response {
    (StatusCode::NOT_FOUND, Html("<!doctype html><html lang=\"en\"><title>Not found</title><h1>There is no such page</h1><p><a href=\"/\">Type a PIN</a></p></html>")).into_response()
}

fn ready(app: &Gateway, headers: &HeaderMap, code: Code) -> Response {
    let invitation = Invitation {
        gateway: app.settings.public_url.clone(),
        trust: app.settings.trust,
        code,
    };
    let system = System::of_visitor(headers);
    let (mut mine, others): (Vec<Offer>, Vec<Offer>) = offers(&app.settings.downloads, system, &invitation.file_stem())
        .into_iter()
        .partition(|o| o.mine);
    let page = ReadyPage {
        organisation: &app.organisation,
        host: host(app),
        mine: mine.pop(),
        others,
        system_label: system.map_or("this kind of device", System::label),
        deep_link: invitation.deep_link(),
    };
    show(StatusCode::OK, &page)
}

/// A PIN that is only mistyped can be typed again at once; what is over has a page of its own.
fn problem(app: &Gateway, headers: &HeaderMap, error: &HttpError) -> Response {
    let page = |heading, text| {
        show(
            error.status(),
            &ProblemPage {
                organisation: &app.organisation,
                host: host(app),
                heading,
                text,
            },
        )
    };
    let again = |problem| {
        show(
            error.status(),
            &PinPage {
                organisation: &app.organisation,
                host: host(app),
                problem: Some(problem),
                offers: offers(&app.settings.downloads, System::of_visitor(headers), ""),
            },
        )
    };
    match error.code() {
        ErrorCode::CodeMalformed => again("A PIN has six to nine digits."),
        ErrorCode::CodeUnknown => again("No session waits under this PIN. Check the digits with your technician."),
        ErrorCode::CodeExpired => page("This PIN has expired", "Ask your technician for a new one."),
        ErrorCode::CodeUsed => page(
            "This PIN is already in use",
            "A PIN starts one session. If it was not you, tell your technician at once and ask for a new one.",
        ),
        ErrorCode::CodeLimited => page(
            "Too many wrong PINs",
            "Too many wrong PINs came from your network. Wait ten minutes and try again.",
        ),
        ErrorCode::CodeProofOfWork => {
            again("Many wrong PINs are being tried just now. Switch JavaScript on and try again, or wait a few minutes.")
        }
        _ => page("This did not work", "The gateway could not check the PIN. Try again in a moment."),
    }
}

fn show(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => (status, [(header::CACHE_CONTROL, "no-store")], Html(html)).into_response(),
        Err(error) => HttpError::internal(error).into_response(),
    }
}

fn host(app: &Gateway) -> &str {
    app.settings
        .public_url
        .split_once("://")
        .map_or(&app.settings.public_url, |(_, host)| host)
}
