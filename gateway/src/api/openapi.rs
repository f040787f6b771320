//! The description of the API, made from the table of routes, so that no route can be missing, and from the bodies of `protocol::api`.

use axum::Json;
use serde_json::{Map, Value, json};
use utoipa::openapi::OpenApi;

use super::{PREFIX, Policy, Route, routes};
use crate::error::{HttpError, Result};

/// `GET /api/openapi.json`.
pub(super) async fn document() -> Result<Json<OpenApi>> {
    describe().map(Json)
}

fn describe() -> Result<OpenApi> {
    let mut paths = Map::new();
    for route in routes().iter().filter(|route| route.path.starts_with(PREFIX)) {
        let item = paths.entry(route.path).or_insert_with(|| json!({}));
        item[route.method.as_str().to_ascii_lowercase()] = operation(route);
    }
    let document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Farhand gateway",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Times are RFC 3339 with Z, keys are hex, every error is an ErrorBody with the HTTP status of its class."
        },
        "paths": paths,
        "components": {
            "schemas": schemas(),
            "securitySchemes": {
                "technician": { "type": "http", "scheme": "bearer", "description": "The token of POST /api/v1/login" },
                "applet": { "type": "http", "scheme": "bearer", "description": "The credential of POST /api/v1/join" }
            }
        }
    });
    serde_json::from_value(document).map_err(HttpError::internal)
}

fn operation(route: &Route) -> Value {
    let (body, answer, status) = bodies(route);
    let mut responses = Map::new();
    let success = match answer {
        Some(schema) => {
            json!({ "description": "Done", "content": { "application/json": { "schema": schema } } })
        }
        None => json!({ "description": "Done" }),
    };
    responses.insert(status.to_owned(), success);
    responses.insert(
        "default".into(),
        json!({ "description": "Refused or failed", "content": { "application/json": { "schema": of("ErrorBody") } } }),
    );
    let mut operation = json!({ "summary": route.about, "operationId": operation_id(route), "responses": responses, "security": security(route.policy), "parameters": parameters(route) });
    if let Some(schema) = body {
        operation["requestBody"] = json!({ "required": true, "content": { "application/json": { "schema": schema } } });
    }
    operation
}

fn operation_id(route: &Route) -> String {
    let words = route
        .path
        .trim_start_matches(PREFIX)
        .replace(['/', '{', '}'], "_")
        .replace("__", "_");
    format!("{}_{}", route.method.as_str().to_ascii_lowercase(), words.trim_matches('_'))
}

fn security(policy: Policy) -> Value {
    match policy {
        Policy::Technician | Policy::Operator => json!([{ "technician": [] }]),
        Policy::Applet => json!([{ "applet": [] }]),
        Policy::Peer => json!([{ "technician": [] }, { "applet": [] }]),
        Policy::Public | Policy::Guess | Policy::SignIn | Policy::RelayToken => json!([]),
    }
}

fn parameters(route: &Route) -> Value {
    let query = |name: &str, kind: &str, about: &str| json!({ "name": name, "in": "query", "required": false, "description": about, "schema": { "type": kind } });
    let mut parameters = Vec::new();
    if route.path.contains("{id}") {
        parameters.push(json!({ "name": "id", "in": "path", "required": true, "description": "Number of the session", "schema": { "type": "integer" } }));
    }
    match (route.method.as_str(), route.path) {
        ("GET", "/api/v1/sessions") => parameters.push(query("final", "boolean", "True for sessions that ended")),
        ("GET", "/api/v1/sessions/{id}/events") => parameters.push(query("after", "integer", "Only events after this number of the log")),
        _ => {}
    }
    parameters.into()
}

/// Body, answer and status of a route.
fn bodies(route: &Route) -> (Option<Value>, Option<Value>, &'static str) {
    let list = |name: &str| Some(json!({ "type": "array", "items": of(name) }));
    let some = |name: &str| Some(of(name));
    match (route.method.as_str(), route.path.trim_start_matches(PREFIX)) {
        ("POST", "/login") => (some("Login"), some("LoginAnswer"), "200"),
        ("POST", "/logout") => (some("Logout"), None, "204"),
        ("POST", "/password") => (some("PasswordChange"), None, "204"),
        ("GET", "/me") => (None, some("LoginAnswer"), "200"),
        ("POST", "/sessions") => (some("NewSession"), some("SessionCreated"), "201"),
        ("GET", "/sessions") => (None, list("SessionRow"), "200"),
        ("GET", "/sessions/{id}/events") => (None, list("SessionEvent"), "200"),
        ("POST", "/sessions/{id}/hold" | "/sessions/{id}/close") => (some("Comment"), some("SessionRow"), "200"),
        ("POST", "/sessions/{id}/mail") => (some("MailLink"), some("MailOutcome"), "200"),
        ("POST", "/sessions/{id}/ticket") => (some("TicketRequest"), some("TicketAnswer"), "200"),
        (_, "/sessions/{id}" | "/sessions/{id}/start") => (None, some("SessionRow"), "200"),
        ("POST", "/join") => (some("Join"), some("JoinAnswer"), "200"),
        ("GET", "/rejoin") => (None, some("JoinAnswer"), "200"),
        ("POST", "/codes/check") => (some("CheckRequest"), some("CheckAnswer"), "200"),
        ("GET", "/version") => (None, some("Version"), "200"),
        ("GET", "/live") => (None, None, "101"),
        _ => (None, None, "200"),
    }
}

fn of(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// Kinds of fields: `s` text, `i` number, `b` yes or no, `t` time, `k` key, `o` object, `[x]` list, `Name` another schema; `?` may be absent.
const SCHEMAS: &[(&str, &[(&str, &str)])] = &[
    ("Login", &[("email", "s"), ("password", "s")]),
    (
        "LoginAnswer",
        &[
            ("token", "s"),
            ("expires_at", "t"),
            ("technician", "Technician"),
            ("email", "s"),
            ("gateway_key", "k"),
            ("permissions", "[s]"),
            ("pin_page", "s"),
            ("max_active_sessions", "i"),
            ("sends_mail", "b"),
        ],
    ),
    ("Logout", &[("everywhere", "b?")]),
    ("PasswordChange", &[("current", "s"), ("new", "s")]),
    (
        "NewSession",
        &[("name", "s"), ("fields", "[s]?"), ("auto_start", "b?"), ("valid_minutes", "i?")],
    ),
    (
        "SessionCreated",
        &[
            ("session_id", "i"),
            ("pin", "s"),
            ("link", "s"),
            ("expires_at", "t"),
            ("mail_subject", "s"),
            ("mail_text", "s"),
        ],
    ),
    (
        "SessionRow",
        &[
            ("session_id", "i"),
            ("name", "s"),
            ("fields", "[s]"),
            ("status", "s?"),
            ("since", "t"),
            ("created_at", "t"),
            ("lead", "Technician?"),
            ("issued_by", "Technician"),
            ("platform", "s?"),
            ("device", "s?"),
            ("comment", "s"),
            ("expires_at", "t?"),
            ("waiting_ends_at", "t?"),
            ("customer_online", "b"),
        ],
    ),
    (
        "SessionEvent",
        &[
            ("event_id", "i"),
            ("session_id", "i"),
            ("occurred_at", "t"),
            ("origin", "s"),
            ("seq", "i"),
            ("kind", "s"),
            ("actor", "s"),
            ("detail", "o"),
            ("hash", "s"),
        ],
    ),
    ("Comment", &[("comment", "s?")]),
    ("MailLink", &[("to", "s"), ("link", "s")]),
    ("MailOutcome", &[("outcome", "s"), ("reason", "s?")]),
    ("PeerAddress", &[("key", "k"), ("relay_url", "s?"), ("direct", "[s]")]),
    ("TicketRequest", &[("viewer", "PeerAddress")]),
    (
        "TicketAnswer",
        &[("ticket", "Signed"), ("host", "PeerAddress"), ("relay", "RelayGrant?")],
    ),
    ("Signed", &[("bytes", "s"), ("signature", "s")]),
    ("RelayGrant", &[("url", "s"), ("token", "s")]),
    (
        "Join",
        &[
            ("code", "s"),
            ("applet_key", "k"),
            ("platform", "s"),
            ("device", "s"),
            ("version", "s"),
            ("signature", "s"),
            ("proof", "Solution?"),
        ],
    ),
    (
        "JoinAnswer",
        &[
            ("session_id", "i"),
            ("credential", "s"),
            ("status", "s"),
            ("organisation", "s"),
            ("technician", "Technician"),
            ("name", "s"),
            ("gateway_key", "k"),
            ("terms", "s?"),
            ("settings", "o"),
            ("relay", "RelayGrant?"),
        ],
    ),
    ("CheckRequest", &[("code", "s"), ("proof", "Solution?")]),
    ("CheckAnswer", &[("file_stem", "s"), ("deep_link", "s")]),
    ("Solution", &[("seed", "s"), ("nonce", "i")]),
    ("Challenge", &[("seed", "s"), ("difficulty_bits", "i")]),
    ("Technician", &[("member_id", "i"), ("name", "s"), ("organisation", "s")]),
    ("Version", &[("version", "s"), ("organisation", "s"), ("api", "[i]")]),
    (
        "ErrorBody",
        &[
            ("code", "s"),
            ("message", "s"),
            ("permission", "s?"),
            ("retry_after_secs", "i?"),
            ("challenge", "Challenge?"),
        ],
    ),
];

fn schemas() -> Value {
    SCHEMAS
        .iter()
        .map(|(name, fields)| ((*name).to_owned(), schema(fields)))
        .collect::<Map<_, _>>()
        .into()
}

fn schema(fields: &[(&str, &str)]) -> Value {
    let required: Vec<&str> = fields
        .iter()
        .filter(|(_, kind)| !kind.ends_with('?'))
        .map(|(name, _)| *name)
        .collect();
    let properties: Map<String, Value> = fields
        .iter()
        .map(|(name, kind)| ((*name).to_owned(), kind_of(kind.trim_end_matches('?'))))
        .collect();
    json!({ "type": "object", "properties": properties, "required": required })
}

fn kind_of(kind: &str) -> Value {
    match kind {
        "s" => json!({ "type": "string" }),
        "i" => json!({ "type": "integer", "format": "int64" }),
        "b" => json!({ "type": "boolean" }),
        "t" => json!({ "type": "string", "format": "date-time" }),
        "k" => json!({ "type": "string", "pattern": "^[0-9a-f]{64}$" }),
        "o" => json!({ "type": "object" }),
        list if list.starts_with('[') => {
            json!({ "type": "array", "items": kind_of(list.trim_matches(['[', ']'])) })
        }
        name => of(name),
    }
}

#[cfg(test)]
mod tests {
    use farhand_protocol::{
        api::{
            AppletSettings, Comment, Join, JoinAnswer, Login, LoginAnswer, Logout, MailLink, MailOutcome, NewSession, PasswordChange,
            PeerAddress, SessionCreated, SessionEvent, SessionRow, TicketAnswer, TicketRequest, Version,
        },
        error::{ErrorBody, ErrorCode},
        gateway::RelayGrant,
        ids::{MemberId, PeerKey, SessionId},
        input::InputPriority,
        proof::{Challenge, Solution},
        session::Status,
        ticket::{GatewayKey, Signed, TechnicianIdentity},
        time::Timestamp,
    };
    use serde::Serialize;

    use super::super::join::CheckAnswer;
    use super::*;

    #[test]
    fn every_route_of_the_api_is_described_and_every_reference_resolves() {
        let document = serde_json::to_value(describe().unwrap()).unwrap();
        for route in routes().iter().filter(|route| route.path.starts_with(PREFIX)) {
            let operation = &document["paths"][route.path][route.method.as_str().to_ascii_lowercase()];
            assert!(operation["responses"].is_object(), "{} {}", route.method, route.path);
        }
        let text = document.to_string();
        for reference in text.split("#/components/schemas/").skip(1) {
            let name = reference.split('"').next().unwrap();
            assert!(SCHEMAS.iter().any(|(known, _)| *known == name), "{name}");
        }
    }

    #[test]
    fn the_schemas_name_the_fields_that_are_really_sent() {
        let sent = [of_members(), of_sessions(), of_customers(), of_peers(), of_refusals()].concat();
        for (name, value) in &sent {
            let fields = SCHEMAS.iter().find(|(known, _)| known == name).unwrap().1;
            let mut described: Vec<&str> = fields.iter().map(|(field, _)| *field).collect();
            let mut sent: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
            described.sort_unstable();
            sent.sort_unstable();
            assert_eq!(described, sent, "{name}");
        }
        let all = SCHEMAS.iter().map(|(name, _)| *name);
        let left_out: Vec<&str> = all.filter(|name| sent.iter().all(|(known, _)| known != name)).collect();
        assert_eq!(left_out, ["CheckRequest"], "the gateway only reads it");
    }

    /// A schema and a body of its kind, with everything in it that may be absent.
    type Sent = (&'static str, Value);

    fn sent(name: &'static str, body: impl Serialize) -> Sent {
        (name, serde_json::to_value(body).unwrap())
    }

    fn text() -> String {
        String::new()
    }

    fn technician() -> TechnicianIdentity {
        TechnicianIdentity {
            member_id: MemberId(1),
            name: text(),
            organisation: text(),
        }
    }

    fn peer() -> PeerAddress {
        PeerAddress {
            key: PeerKey([0; 32]),
            relay_url: None,
            direct: vec![],
        }
    }

    fn signed() -> Signed {
        Signed {
            bytes: vec![],
            signature: vec![],
        }
    }

    fn relay() -> RelayGrant {
        RelayGrant {
            url: text(),
            token: text(),
        }
    }

    fn solution() -> Solution {
        Solution { seed: text(), nonce: 0 }
    }

    fn challenge() -> Challenge {
        Challenge {
            seed: text(),
            difficulty_bits: 0,
        }
    }

    fn of_members() -> Vec<Sent> {
        let login = Login {
            email: text(),
            password: text(),
        };
        let answer = LoginAnswer {
            token: text(),
            expires_at: Timestamp(0),
            technician: technician(),
            email: text(),
            gateway_key: GatewayKey([0; 32]),
            permissions: vec![],
            pin_page: text(),
            max_active_sessions: 1,
            sends_mail: false,
        };
        let change = PasswordChange {
            current: text(),
            new: text(),
        };
        vec![
            sent("Login", login),
            sent("LoginAnswer", answer),
            sent("Logout", Logout { everywhere: true }),
            sent("PasswordChange", change),
            sent("Technician", technician()),
        ]
    }

    fn of_sessions() -> Vec<Sent> {
        let new = NewSession {
            valid_minutes: Some(1),
            ..NewSession::default()
        };
        let created = SessionCreated {
            session_id: SessionId(1),
            pin: text(),
            link: text(),
            expires_at: Timestamp(0),
            mail_subject: text(),
            mail_text: text(),
        };
        let row = SessionRow {
            session_id: SessionId(1),
            name: text(),
            fields: vec![],
            status: None,
            since: Timestamp(0),
            created_at: Timestamp(0),
            lead: None,
            issued_by: technician(),
            platform: None,
            device: None,
            comment: text(),
            expires_at: None,
            waiting_ends_at: None,
            customer_online: false,
        };
        let event = SessionEvent {
            event_id: 1,
            session_id: SessionId(1),
            occurred_at: Timestamp(0),
            origin: text(),
            seq: 1,
            kind: text(),
            actor: text(),
            detail: json!({}),
            hash: text(),
        };
        let mail = MailLink { to: text(), link: text() };
        vec![
            sent("NewSession", new),
            sent("SessionCreated", created),
            sent("SessionRow", row),
            sent("SessionEvent", event),
            sent("Comment", Comment::default()),
            sent("MailLink", mail),
            sent("MailOutcome", MailOutcome::Refused { reason: text() }),
        ]
    }

    fn of_customers() -> Vec<Sent> {
        let join = Join {
            code: text(),
            applet_key: PeerKey([0; 32]),
            platform: text(),
            device: text(),
            version: text(),
            signature: text(),
            proof: Some(solution()),
        };
        let answer = JoinAnswer {
            session_id: SessionId(1),
            credential: text(),
            status: Status::Connecting,
            organisation: text(),
            technician: technician(),
            name: text(),
            gateway_key: GatewayKey([0; 32]),
            terms: None,
            settings: AppletSettings {
                application_name: text(),
                pause_key: true,
                priority: InputPriority::default(),
                single_prompt: false,
                ask_at_start: false,
            },
            relay: None,
        };
        let check = CheckAnswer {
            file_stem: text(),
            deep_link: text(),
        };
        vec![
            sent("Join", join),
            sent("JoinAnswer", answer),
            sent("CheckAnswer", check),
            sent("Solution", solution()),
        ]
    }

    fn of_peers() -> Vec<Sent> {
        let ticket = TicketAnswer {
            ticket: signed(),
            host: peer(),
            relay: Some(relay()),
        };
        vec![
            sent("PeerAddress", peer()),
            sent("TicketRequest", TicketRequest { viewer: peer() }),
            sent("TicketAnswer", ticket),
            sent("Signed", signed()),
            sent("RelayGrant", relay()),
        ]
    }

    fn of_refusals() -> Vec<Sent> {
        let version = Version {
            version: text(),
            organisation: text(),
            api: vec![],
        };
        let error = ErrorBody {
            code: ErrorCode::Internal,
            message: text(),
            permission: Some(text()),
            retry_after_secs: Some(1),
            challenge: Some(challenge()),
        };
        vec![sent("Version", version), sent("ErrorBody", error), sent("Challenge", challenge())]
    }
}
