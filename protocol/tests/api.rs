//! The JSON bodies of the gateway's API: names and forms that scripts and older programs rely on.

mod common;

use std::fmt::Debug;

use farhand_protocol::api::*;
use farhand_protocol::error::{ErrorBody, ErrorClass, ErrorCode};
use farhand_protocol::gateway::RelayGrant;
use farhand_protocol::ids::MemberId;
use farhand_protocol::input::InputPriority;
use farhand_protocol::proof::{Challenge, Solution};
use farhand_protocol::session::Status;
use farhand_protocol::ticket::{Signed, TechnicianIdentity};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// The value is written as this JSON, and the JSON read as this value.
fn assert_json<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T, golden: Value) {
    assert_eq!(serde_json::to_value(value).unwrap(), golden);
    assert_eq!(&serde_json::from_value::<T>(golden).unwrap(), value);
}

fn ada() -> TechnicianIdentity {
    TechnicianIdentity {
        member_id: MemberId(3),
        name: "Ada Kern".into(),
        organisation: "ACME".into(),
    }
}

fn ada_json() -> Value {
    json!({ "member_id": 3, "name": "Ada Kern", "organisation": "ACME" })
}

fn host() -> PeerAddress {
    PeerAddress {
        key: common::HOST,
        relay_url: None,
        direct: vec!["192.0.2.7:4433".into()],
    }
}

fn host_json() -> Value {
    json!({ "key": "11".repeat(32), "relay_url": null, "direct": ["192.0.2.7:4433"] })
}

fn relay() -> RelayGrant {
    RelayGrant {
        url: "https://gw.example:8443".into(),
        token: "oA.AA".into(),
    }
}

#[test]
fn signing_in_is_written_so() {
    let answer = LoginAnswer {
        token: "t".into(),
        expires_at: common::NOW,
        technician: ada(),
        email: "ada@acme.example".into(),
        gateway_key: common::gateway_key(),
        permissions: vec!["chat".into()],
        pin_page: "https://gw.example/".into(),
        max_active_sessions: 10,
        sends_mail: true,
    };
    let key = serde_json::to_value(common::gateway_key()).unwrap();
    assert_eq!(key.as_str().map(str::len), Some(64), "keys are hex");
    assert_json(
        &answer,
        json!({
            "token": "t", "expires_at": "2026-10-30T00:00:00.123Z", "technician": ada_json(), "email": "ada@acme.example",
            "gateway_key": key, "permissions": ["chat"], "pin_page": "https://gw.example/", "max_active_sessions": 10,
            "sends_mail": true
        }),
    );
    let mut earlier = serde_json::to_value(&answer).unwrap();
    earlier.as_object_mut().unwrap().remove("sends_mail");
    assert!(!serde_json::from_value::<LoginAnswer>(earlier).unwrap().sends_mail);
    let login: Login = serde_json::from_value(json!({ "email": "a@b", "password": "p" })).unwrap();
    assert_eq!((login.email.as_str(), login.password.as_str()), ("a@b", "p"));
    let change: PasswordChange = serde_json::from_value(json!({ "current": "a", "new": "b" })).unwrap();
    assert_eq!((change.current.as_str(), change.new.as_str()), ("a", "b"));
    assert_json(&Logout { everywhere: true }, json!({ "everywhere": true }));
    assert_eq!(serde_json::from_value::<Logout>(json!({})).unwrap(), Logout::default());
}

#[test]
fn a_new_session_needs_only_a_name() {
    let minimal: NewSession = serde_json::from_value(json!({ "name": "Reception" })).unwrap();
    assert_eq!(
        minimal,
        NewSession {
            name: "Reception".into(),
            ..NewSession::default()
        }
    );
    let full = NewSession {
        name: "n".into(),
        fields: vec!["a".into()],
        auto_start: true,
        valid_minutes: Some(30),
    };
    assert_json(
        &full,
        json!({ "name": "n", "fields": ["a"], "auto_start": true, "valid_minutes": 30 }),
    );
    let six = json!({ "name": "n", "fields": ["1", "2", "3", "4", "5", "6"] });
    assert!(
        serde_json::from_value::<NewSession>(six).is_err(),
        "there are five custom fields (GLO-88)"
    );
}

#[test]
fn sessions_are_written_so() {
    let created = SessionCreated {
        session_id: common::SESSION,
        pin: "427901358".into(),
        link: "https://gw.example/join#AAAA".into(),
        expires_at: common::NOW,
        mail_subject: "s".into(),
        mail_text: "t".into(),
    };
    assert_json(
        &created,
        json!({
            "session_id": 4711, "pin": "427901358", "link": "https://gw.example/join#AAAA",
            "expires_at": "2026-10-30T00:00:00.123Z", "mail_subject": "s", "mail_text": "t"
        }),
    );
    let row = SessionRow {
        session_id: common::SESSION,
        name: "Reception".into(),
        fields: vec![],
        status: Some(Status::ClosedByTechnician),
        since: common::NOW,
        created_at: common::NOW,
        lead: None,
        issued_by: ada(),
        platform: None,
        device: Some("reception-2".into()),
        comment: "c".into(),
        expires_at: None,
        waiting_ends_at: None,
        customer_online: false,
    };
    let now = "2026-10-30T00:00:00.123Z";
    assert_json(
        &row,
        json!({
            "session_id": 4711, "name": "Reception", "fields": [], "status": "closed_by_technician", "since": now,
            "created_at": now, "lead": null, "issued_by": ada_json(), "platform": null, "device": "reception-2",
            "comment": "c", "expires_at": null, "waiting_ends_at": null, "customer_online": false
        }),
    );
}

#[test]
fn a_link_that_the_gateway_mails_is_written_so() {
    let asked = MailLink {
        to: "m@home.example".into(),
        link: "https://gw.example/join#AAAA".into(),
    };
    assert_json(&asked, json!({ "to": "m@home.example", "link": "https://gw.example/join#AAAA" }));
    assert_json(&MailOutcome::Sent, json!({ "outcome": "sent" }));
    assert_eq!(MailOutcome::Sent.into_result(), Ok(()));
    let reason = String::from("550 no such user");
    for (outcome, code) in [
        (MailOutcome::Refused { reason: reason.clone() }, ErrorCode::MailRefused),
        (MailOutcome::Failed { reason: reason.clone() }, ErrorCode::MailFailed),
    ] {
        assert_eq!(outcome.into_result(), Err(ErrorBody::new(code, reason.clone())));
    }
    assert_json(
        &MailOutcome::Refused { reason: reason.clone() },
        json!({ "outcome": "refused", "reason": reason }),
    );
    assert_json(
        &MailOutcome::Failed { reason: reason.clone() },
        json!({ "outcome": "failed", "reason": reason }),
    );
}

#[test]
fn joining_is_written_so() {
    let join = Join {
        code: "427901358".into(),
        applet_key: common::HOST,
        platform: "Debian 12".into(),
        device: "reception-2".into(),
        version: "0.1.0".into(),
        signature: "5a".repeat(64),
        proof: Some(Solution {
            seed: "s".into(),
            nonce: 7,
        }),
    };
    assert_json(
        &join,
        json!({
            "code": "427901358", "applet_key": "11".repeat(32), "platform": "Debian 12", "device": "reception-2",
            "version": "0.1.0", "signature": "5a".repeat(64), "proof": { "seed": "s", "nonce": 7 }
        }),
    );
    let answer = JoinAnswer {
        session_id: common::SESSION,
        credential: "c".into(),
        status: Status::Connecting,
        organisation: "ACME".into(),
        technician: ada(),
        name: "Reception".into(),
        gateway_key: common::gateway_key(),
        terms: None,
        settings: AppletSettings {
            application_name: "ACME Support".into(),
            pause_key: true,
            priority: InputPriority::Technician,
            single_prompt: true,
            ask_at_start: false,
        },
        relay: Some(relay()),
    };
    assert_json(
        &answer,
        json!({
            "session_id": 4711, "credential": "c", "status": "connecting", "organisation": "ACME", "technician": ada_json(),
            "name": "Reception", "gateway_key": serde_json::to_value(common::gateway_key()).unwrap(), "terms": null,
            "settings": {
                "application_name": "ACME Support", "pause_key": true, "priority": "technician", "single_prompt": true,
                "ask_at_start": false
            },
            "relay": { "url": "https://gw.example:8443", "token": "oA.AA" }
        }),
    );
}

#[test]
fn tickets_travel_as_base64url() {
    let signed = Signed {
        bytes: vec![0xff, 0xfe],
        signature: vec![0; 3],
    };
    assert_json(&TicketRequest { viewer: host() }, json!({ "viewer": host_json() }));
    assert_json(
        &TicketAnswer {
            ticket: signed,
            host: host(),
            relay: None,
        },
        json!({ "ticket": { "bytes": "__4", "signature": "AAAA" }, "host": host_json(), "relay": null }),
    );
}

#[test]
fn errors_carry_code_permission_and_what_to_do() {
    assert_json(
        &ErrorBody::missing("remote_control"),
        json!({ "code": "permission.missing", "message": "the permission remote_control is missing", "permission": "remote_control" }),
    );
    let asked = ErrorBody {
        challenge: Some(Challenge {
            seed: "s".into(),
            difficulty_bits: 18,
        }),
        ..ErrorBody::new(ErrorCode::CodeProofOfWork, "m").retry_after(5)
    };
    assert_json(
        &asked,
        json!({ "code": "code.proof_of_work", "message": "m", "retry_after_secs": 5, "challenge": { "seed": "s", "difficulty_bits": 18 } }),
    );
    let newer: ErrorBody = serde_json::from_value(json!({ "code": "area.of_a_newer_gateway", "message": "m" })).unwrap();
    assert_eq!(
        newer.code,
        ErrorCode::Internal,
        "a code we do not know is not our caller's to handle"
    );
}

#[test]
fn every_error_class_has_its_own_meaning_for_http_and_scripts() {
    for code in ErrorCode::ALL {
        let (http, exit) = (code.class().http_status(), code.class().exit_status());
        assert!((400..600).contains(&http) && (2..=11).contains(&exit), "{code}");
        assert!(
            code.fluent_key().starts_with("error-") && !code.fluent_key().contains(['.', '_']),
            "{code}"
        );
    }
    assert_eq!(ErrorClass::Conflict.http_status(), 409);
}

#[test]
fn malformed_keys_times_and_tickets_are_refused() {
    for key in ["", "11", &"1".repeat(63), &"g".repeat(64), &"1".repeat(66)] {
        assert!(
            serde_json::from_value::<PeerAddress>(json!({ "key": key, "relay_url": null, "direct": [] })).is_err(),
            "{key}"
        );
    }
    for time in [
        json!("yesterday"),
        json!(5),
        json!("2026-02-30"),
        json!("2026-10-30T00:00:00+02:00"),
        json!(null),
    ] {
        let body = json!({ "session_id": 1, "pin": "", "link": "", "expires_at": time, "mail_subject": "", "mail_text": "" });
        assert!(serde_json::from_value::<SessionCreated>(body).is_err(), "{time}");
    }
    assert!(serde_json::from_value::<Signed>(json!({ "bytes": "a", "signature": "" })).is_err());
    assert!(
        serde_json::from_value::<Signed>(json!({ "bytes": "+/+/", "signature": "" })).is_err(),
        "not the URL alphabet"
    );
}

#[test]
fn a_join_is_proven_by_its_key_and_every_part_of_it_counts() {
    let key = ed25519_dalek::SigningKey::from_bytes(&[9; 32]);
    let mut join = Join {
        code: "427901358".into(),
        applet_key: common::HOST,
        platform: "Debian 12".into(),
        device: "reception-2".into(),
        version: "0.1.0".into(),
        signature: String::new(),
        proof: None,
    };
    assert!(!join.is_signed());
    join.sign(&key);
    assert!(join.is_signed());
    assert_eq!(join.applet_key.0, key.verifying_key().to_bytes());
    let others: [fn(&mut Join); 6] = [
        |join| join.code = "427901359".into(),
        |join| join.applet_key = common::HOST,
        |join| join.platform.push('x'),
        |join| (join.platform, join.device) = ("Debian 12re".into(), "ception-2".into()),
        |join| join.version.clear(),
        |join| join.signature.truncate(126),
    ];
    for change in others {
        let mut other = join.clone();
        change(&mut other);
        assert!(!other.is_signed(), "{other:?}");
    }
}
