//! The guess limits on real sockets: while strangers guess PINs from many addresses as fast as the gateway answers, customers with a right PIN get in
//! soon, and few guesses are evaluated. (The whole fifteen minutes and a million guesses are played on a virtual clock in the gateway.)

mod system_support;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use ed25519_dalek::SigningKey;
use farhand_protocol::api::Join;
use farhand_protocol::proof::{Challenge, solve_some};
use farhand_tests::harness::Gateway;
use farhand_tests::harness::meeting::new_session;
use serde_json::{Value, json};

/// Codes that are good while the attack is under way.
const LIVE: usize = 100;
/// Customers who come with one of them.
const CUSTOMERS: usize = 20;
/// Strangers who guess without a pause.
const STRANGERS: u64 = 4;
/// 95 of a hundred customers are in within this time.
const P95: Duration = Duration::from_secs(5);

/// One request as it comes through a proxy from `address`; the status and the answer.
fn post(place: &str, path: &str, address: &str, body: &Value) -> Result<(u16, Value)> {
    let body = body.to_string();
    let mut line = TcpStream::connect(place)?;
    line.set_read_timeout(Some(Duration::from_secs(20)))?;
    write!(
        line,
        "POST {path} HTTP/1.1\r\nHost: {place}\r\nX-Forwarded-For: {address}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    line.read_to_string(&mut answer)?;
    let status = answer.split(' ').nth(1).context("a status")?.parse()?;
    let (_, json) = answer.split_once("\r\n\r\n").context("a body")?;
    Ok((status, serde_json::from_str(json).unwrap_or_default()))
}

fn join(code: &str, key: u64, proof: Option<Value>) -> Value {
    let mut body = json!({ "code": code, "applet_key": format!("{key:064x}"), "platform": "Linux", "device": "kiosk", "version": "test" });
    if let Some(proof) = proof {
        body["proof"] = proof;
    }
    body
}

/// The same from an applet that has the key.
fn signed(code: &str, number: u64, proof: Option<Value>) -> Value {
    let mut secret = [7; 32];
    secret[..8].copy_from_slice(&number.to_be_bytes());
    let mut join: Join = serde_json::from_value(join(code, 0, proof)).expect("a join");
    join.sign(&SigningKey::from_bytes(&secret));
    serde_json::to_value(join).expect("JSON")
}

/// How long one honest customer takes to be let in.
fn come(place: &str, number: u64, pin: &str) -> Result<Duration> {
    let from = Instant::now();
    let address = format!("203.0.113.{}", number + 1);
    let mut proof = None;
    loop {
        let (status, answer) = post(place, "/api/v1/join", &address, &signed(pin, number, proof.take()))?;
        match (status, answer["code"].as_str()) {
            (200, _) => return Ok(from.elapsed()),
            (429, Some("code.proof_of_work")) => {
                let challenge: Challenge = serde_json::from_value(answer["challenge"].clone())?;
                let solved = solve_some(&challenge, pin, 0, u64::MAX).context("a solution")?;
                proof = Some(serde_json::to_value(solved)?);
            }
            _ => anyhow::bail!("an honest customer was refused: {status} {answer}"),
        }
    }
}

#[test]
fn twenty_customers_get_in_within_five_seconds_while_strangers_guess() {
    let gateway = Gateway::start_behind_proxy().expect("a gateway");
    let cli = gateway.sign_in(&gateway.technician).expect("a sign-in");
    let pins = live_pins(&gateway, &cli);
    let place = gateway.url.trim_start_matches("http://").to_owned();
    let attack = Arc::new(AtomicBool::new(true));
    let (guesses, evaluated) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let strangers: Vec<_> = (0..STRANGERS)
        .map(|stranger| {
            let (place, attack, guesses, evaluated) = (place.clone(), attack.clone(), guesses.clone(), evaluated.clone());
            thread::spawn(move || {
                while attack.load(Ordering::SeqCst) {
                    let n = guesses.fetch_add(1, Ordering::SeqCst);
                    let address = format!("10.{stranger}.{}.{}", n / 250 % 250, n % 250 + 1);
                    let pin = format!("{:09}", (n * 7_919 + 13) % 1_000_000_000);
                    // A gateway that is busy may drop a stranger.
                    if let Ok((404 | 410, _)) = post(&place, "/api/v1/join", &address, &join(&pin, n, None)) {
                        evaluated.fetch_add(1, Ordering::SeqCst);
                    }
                }
            })
        })
        .collect();
    farhand_tests::harness::wait::until("the attack", Duration::from_secs(60), || {
        Ok((guesses.load(Ordering::SeqCst) > 1_000).then_some(()))
    })
    .expect("an attack");
    let customers: Vec<_> = pins
        .into_iter()
        .take(CUSTOMERS)
        .zip(0..)
        .map(|(pin, number)| {
            let place = place.clone();
            let customer = thread::spawn(move || come(&place, number, &pin));
            // They come one after the other, as customers do.
            thread::sleep(Duration::from_millis(250));
            customer
        })
        .collect();
    let mut waits: Vec<Duration> = customers
        .into_iter()
        .map(|customer| customer.join().expect("a customer").expect("a customer is let in"))
        .collect();
    attack.store(false, Ordering::SeqCst);
    strangers.into_iter().for_each(|stranger| stranger.join().expect("a stranger"));
    waits.sort();
    let p95 = waits[CUSTOMERS * 95 / 100 - 1];
    let (guesses, evaluated) = (guesses.load(Ordering::SeqCst), evaluated.load(Ordering::SeqCst));
    assert!(p95 < P95, "{waits:?}");
    assert!(evaluated * 4 < guesses, "{evaluated} of {guesses} guesses were evaluated");
}

/// Makes the sessions over the gateway's interface, as a console does; starting `farhand` a hundred times would take longer than the test.
fn live_pins(gateway: &Gateway, cli: &farhand_tests::harness::Cli) -> Vec<String> {
    let first = new_session(cli, "Maria Diaz", &[]).expect("a session");
    let token = cli
        .envs()
        .iter()
        .find(|(key, _)| key == "FARHAND_TOKEN")
        .map(|(_, value)| value.clone())
        .expect("a token");
    let body = json!({ "name": "Customer", "auto_start": false, "fields": [] });
    let script = r#"for i in $(seq "$3"); do curl -sf -X POST -H "Authorization: Bearer $2" -H 'Content-Type: application/json' -d "$4" "$1/api/v1/sessions"; echo; done"#;
    let made = farhand_tests::harness::Program::at("sh")
        .args(["-c", script, "sh", &gateway.url, &token, &(LIVE - 1).to_string(), &body.to_string()])
        .run()
        .expect("sessions");
    let pins = made.lines().map(|line| {
        serde_json::from_str::<Value>(line).expect("JSON")["pin"]
            .as_str()
            .expect("a PIN")
            .to_owned()
    });
    let pins: Vec<String> = std::iter::once(first.pin).chain(pins).collect();
    assert_eq!(pins.len(), LIVE);
    pins
}
