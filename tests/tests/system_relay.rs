//! The relay inside a real gateway carries nothing for whoever has no part in a running session: without a token, with another's, with one
//! whose time is over, with one whose session has ended.

mod system_support;

use std::fs;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use ed25519_dalek::SigningKey;
use farhand_protocol::ids::{PeerKey, SessionId};
use farhand_protocol::ticket::{RelayToken, Signed};
use farhand_protocol::time::Timestamp;
use farhand_tests::harness::meeting::{STEP, applet, new_session};
use farhand_tests::harness::{Desk, Gateway, Program, wait};
use iroh_base::{RelayUrl, SecretKey};
use iroh_dns::dns::DnsResolver;
use iroh_relay::client::ClientBuilder;
use iroh_relay::tls::{CaTlsConfig, default_provider};
use serde_json::Value;

/// Whether the relay lets a key in.
fn admits(gateway: &Gateway, secret: &SecretKey, token: Option<&str>) -> bool {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let url: RelayUrl = gateway.url.parse().expect("an address");
        let tls = CaTlsConfig::default().client_config(default_provider()).expect("TLS");
        let mut builder = ClientBuilder::new(url, secret.clone(), DnsResolver::new()).tls_client_config(tls);
        if let Some(token) = token {
            builder = builder.auth_token(token);
        }
        builder.connect().await.is_ok()
    })
}

fn metric(gateway: &Gateway, operator: &str, name: &str) -> u64 {
    let bearer = format!("Authorization: Bearer {operator}");
    let text = Program::at("curl")
        .args(["-s", "-H", &bearer, &format!("{}/metrics", gateway.url)])
        .run()
        .expect("the metrics");
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
    line.unwrap_or_else(|| panic!("no {name} in {text}"))
}

/// What the gateway itself would sign, with the key out of its data folder.
fn sealed(gateway: &Gateway, key: PeerKey, session_id: SessionId, lives_minutes: i64) -> String {
    let hex = fs::read_to_string(gateway.data().join("keys/signing.key")).expect("the gateway's key");
    let seed = data_encoding::HEXLOWER.decode(hex.trim().as_bytes()).expect("hex");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time").as_millis() as i64;
    let token = RelayToken {
        key,
        session_id,
        not_after: Timestamp(now).plus_millis(lives_minutes * 60_000),
    };
    Signed::seal(&token, &SigningKey::from_bytes(&seed.try_into().expect("32 bytes"))).to_text()
}

/// What a running applet keeps: its credential and its key.
fn kept(state: &Path, session: &str) -> (String, SecretKey) {
    let text = fs::read_to_string(state.join("state/applet").join(session).join("session.json")).expect("the kept session");
    let kept: Value = serde_json::from_str(&text).expect("JSON");
    let bytes: Vec<u8> = serde_json::from_value(kept["key"].clone()).expect("a key");
    (
        kept["credential"].as_str().expect("a credential").to_owned(),
        SecretKey::from_bytes(&bytes.try_into().expect("32 bytes")),
    )
}

fn relay_token(gateway: &Gateway, credential: &str) -> String {
    let bearer = format!("Authorization: Bearer {credential}");
    let text = Program::at("curl")
        .args(["-s", "-H", &bearer, &format!("{}/api/v1/rejoin", gateway.url)])
        .run()
        .expect("an answer");
    let answer: Value = serde_json::from_str(&text).expect("JSON");
    answer["relay"]["token"]
        .as_str()
        .unwrap_or_else(|| panic!("no relay token in {answer}"))
        .to_owned()
}

#[test]
fn whoever_has_no_part_in_a_running_session_is_refused_and_not_a_byte_is_relayed() {
    let gateway = Gateway::start_behind_proxy().expect("a gateway");
    let cli = gateway.sign_in(&gateway.technician).expect("a sign-in");
    let administrator = gateway.sign_in(&gateway.administrator).expect("a sign-in");
    let token = administrator.envs().iter().find(|(key, _)| key == "FARHAND_TOKEN");
    let operator = token.map(|(_, value)| value.clone()).expect("a token");
    let desk = Desk::new((640, 480)).expect("a desk");
    let session = new_session(&cli, "Maria Diaz", &[]).expect("a session");
    let state = desk.folder().join("customer");
    // The customer's own program stays off the relay, so that every byte counted would be a stranger's.
    let program = applet(&gateway, &desk, &session.pin, "view")
        .expect("an applet")
        .env("FARHAND_STATE", &state)
        .env("FARHAND_ROUTE", "direct");
    let mut applet = desk.start(program).expect("an applet");
    applet
        .wait_line("the join", STEP, |line| {
            line.to_lowercase().starts_with("status: waiting").then_some(())
        })
        .expect("the join");
    let (credential, own) = kept(&state, &session.id);
    let good = relay_token(&gateway, &credential);
    let stranger = SecretKey::from_bytes(&[9; 32]);
    let (key, strange) = (PeerKey(*own.public().as_bytes()), PeerKey(*stranger.public().as_bytes()));
    let id = SessionId(session.id.parse().expect("a number"));
    let mut forged = Signed::from_text(&good).expect("a token");
    forged.signature[0] ^= 1;
    let tries = [
        ("none", &own, None),
        ("nonsense", &own, Some("nonsense".to_owned())),
        ("forged", &own, Some(forged.to_text())),
        ("of another key", &stranger, Some(good.clone())),
        ("expired", &own, Some(sealed(&gateway, key, id, -1))),
        (
            "of a session that is not there",
            &own,
            Some(sealed(&gateway, key, SessionId(4711), 5)),
        ),
        (
            "for a key that has no part in the session",
            &stranger,
            Some(sealed(&gateway, strange, id, 5)),
        ),
    ];
    let count = tries.len() as u64;
    for (what, secret, token) in tries {
        assert!(!admits(&gateway, secret, token.as_deref()), "{what}");
    }
    assert_eq!(metric(&gateway, &operator, "farhand_relay_refused_total"), count);
    assert_eq!(metric(&gateway, &operator, "farhand_relay_admitted_total"), 0);
    assert!(admits(&gateway, &own, Some(&good)), "the session's own key is let in");

    cli.text(&["session", "close", &session.id]).expect("the end");
    applet.wait_exit(STEP).expect("the applet ends");
    wait::until("the end of the token", STEP, || {
        Ok((!admits(&gateway, &own, Some(&good))).then_some(()))
    })
    .expect("an ended session's token is refused");
    for bytes in ["farhand_relay_bytes_received_total", "farhand_relay_bytes_sent_total"] {
        assert_eq!(metric(&gateway, &operator, bytes), 0, "{bytes}");
    }
}
