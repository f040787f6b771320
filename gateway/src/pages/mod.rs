//! Public pages for customers: the PIN form, which works without script, the page of a link, whose code stands in the fragment, and the applet for the
//! visitor's system (EML-12, EML-13, APP-14, APP-17), each in the visitor's language. Checking a PIN here is a guess within the limits and does not use it up.

mod download;
mod frame;
mod systems;
mod words;

use askama::Template;
use axum::{
    Form,
    extract::{Path, State, rejection::FormRejection},
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use farhand_protocol::{
    code::{Code, Invitation},
    error::ErrorCode,
};
use serde::Deserialize;

pub use download::download;
use frame::Frame;
pub(crate) use systems::downloads_there;
use systems::{Offer, System, offers};
pub use words::Visitor;

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
    ("words.js", "text/javascript; charset=utf-8", include_str!("assets/words.js")),
    ("check.js", "text/javascript; charset=utf-8", include_str!("assets/check.js")),
    ("pin.js", "text/javascript; charset=utf-8", include_str!("assets/pin.js")),
    ("offers.js", "text/javascript; charset=utf-8", include_str!("assets/offers.js")),
    ("link.js", "text/javascript; charset=utf-8", include_str!("assets/link.js")),
];

#[derive(Template)]
#[template(path = "pin.html")]
struct PinPage<'a> {
    frame: Frame<'a>,
    problem: Option<String>,
    offers: Vec<Offer>,
}

#[derive(Template)]
#[template(path = "link.html")]
struct LinkPage<'a> {
    frame: Frame<'a>,
    offers: Vec<Offer>,
}

#[derive(Template)]
#[template(path = "ready.html")]
struct ReadyPage<'a> {
    frame: Frame<'a>,
    mine: Option<Offer>,
    others: Vec<Offer>,
    /// Said when there is none for the visitor.
    none: String,
    deep_link: String,
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage<'a> {
    frame: Frame<'a>,
    heading: String,
    text: String,
}

/// What the form sends.
#[derive(Debug, Default, Deserialize)]
pub struct PinForm {
    #[serde(default)]
    pin: String,
    #[serde(default)]
    lang: Option<String>,
}

/// `GET /`: where a PIN is typed.
pub async fn pin_page(State(app): State<App>, visitor: Visitor) -> Response {
    let page = PinPage {
        frame: Frame::new(&app, &visitor, "/"),
        problem: None,
        offers: offers(&app.settings.downloads, System::of_visitor(&visitor.headers), ""),
    };
    show(StatusCode::OK, &visitor, &page)
}

/// `GET /join`: the page of a link; the code is in the fragment and only its script sees it.
pub async fn link_page(State(app): State<App>, visitor: Visitor) -> Response {
    let page = LinkPage {
        frame: Frame::new(&app, &visitor, "/join"),
        offers: offers(&app.settings.downloads, System::of_visitor(&visitor.headers), ""),
    };
    show(StatusCode::OK, &visitor, &page)
}

/// `POST /join`: the form without script.
pub async fn pin_form(
    State(app): State<App>,
    ClientAddress(address): ClientAddress,
    visitor: Visitor,
    form: Result<Form<PinForm>, FormRejection>,
) -> Response {
    let form = form.map(|Form(form)| form).unwrap_or_default();
    let visitor = visitor.with_choice(form.lang.as_deref());
    match sessions::check_code(&app, &form.pin, None, address).await {
        Ok(checked) => ready(&app, &visitor, checked.code),
        Err(error) => problem(&app, &visitor, &error),
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
pub fn not_found(app: &Gateway, visitor: &Visitor) -> Response {
    problem_page(
        app,
        visitor,
        StatusCode::NOT_FOUND,
        "problem-not-found-heading",
        "problem-not-found",
    )
}

fn ready(app: &Gateway, visitor: &Visitor, code: Code) -> Response {
    let invitation = Invitation {
        gateway: app.settings.public_url.clone(),
        trust: app.settings.trust,
        code,
    };
    let system = System::of_visitor(&visitor.headers);
    let (mut mine, others): (Vec<Offer>, Vec<Offer>) = offers(&app.settings.downloads, system, &invitation.file_stem())
        .into_iter()
        .partition(|o| o.mine);
    let mut frame = Frame::new(app, visitor, "/");
    frame.again = Some(invitation.code.to_string());
    let page = ReadyPage {
        mine: mine.pop(),
        others,
        none: none_for(&frame, system),
        deep_link: invitation.deep_link(),
        frame,
    };
    show(StatusCode::OK, visitor, &page)
}

fn none_for(frame: &Frame<'_>, system: Option<System>) -> String {
    match system {
        Some(system) => frame.with("ready-none", "system", system.label()),
        None => frame.text("ready-none-unknown"),
    }
}

/// A PIN that is only mistyped can be typed again at once; what is over has a page of its own.
fn problem(app: &Gateway, visitor: &Visitor, error: &HttpError) -> Response {
    let page = |heading, text| problem_page(app, visitor, error.status(), heading, text);
    let again = |problem| {
        let frame = Frame::new(app, visitor, "/");
        let page = PinPage {
            problem: Some(frame.text(problem)),
            offers: offers(&app.settings.downloads, System::of_visitor(&visitor.headers), ""),
            frame,
        };
        show(error.status(), visitor, &page)
    };
    match error.code() {
        ErrorCode::CodeMalformed => again("problem-malformed"),
        ErrorCode::CodeUnknown => again("problem-unknown"),
        ErrorCode::CodeExpired => page("problem-expired-heading", "problem-expired"),
        ErrorCode::CodeUsed => page("problem-used-heading", "problem-used"),
        ErrorCode::CodeLimited => page("problem-limited-heading", "problem-limited"),
        ErrorCode::CodeProofOfWork => again("problem-proof"),
        _ => page("problem-other-heading", "problem-other"),
    }
}

fn problem_page(app: &Gateway, visitor: &Visitor, status: StatusCode, heading: &str, text: &str) -> Response {
    let frame = Frame::new(app, visitor, "/");
    let page = ProblemPage {
        heading: frame.text(heading),
        text: frame.text(text),
        frame,
    };
    show(status, visitor, &page)
}

fn show(status: StatusCode, visitor: &Visitor, page: &impl Template) -> Response {
    let html = match page.render() {
        Ok(html) => html,
        Err(error) => return HttpError::internal(error).into_response(),
    };
    let mut response = (status, [(header::CACHE_CONTROL, "no-store")], Html(html)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(visitor.language.code()));
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Language, Cookie"));
    if let Some(cookie) = visitor.cookie().and_then(|cookie| HeaderValue::from_str(&cookie).ok()) {
        headers.insert(header::SET_COOKIE, cookie);
    }
    response
}
