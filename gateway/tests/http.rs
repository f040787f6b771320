//! The edge: who may do what, limits on guesses and sign-ins, bodies, headers and pages.

mod support;

use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use axum::{
    body::{Body, to_bytes},
    http::{Request, header},
};
use farhand_gateway::api::{ClientAddress, Policy, routes};
use farhand_protocol::code::{Invitation, Trust};
use farhand_protocol::proof::{Challenge, solve_some};
use serde_json::{Value, json};
use support::{ADA, ADMIN, Lab, MINUTE, PASSWORD};

#[tokio::test]
async fn every_route_that_needs_a_token_refuses_without_one_and_with_an_unknown_one() {
    let lab = Lab::sqlite().await;
    let mut guarded = 0;
    for route in routes() {
        if !matches!(route.policy, Policy::Technician | Policy::Applet | Policy::Peer) {
            continue;
        }
        guarded += 1;
        let path = route.path.replace("{id}", "1");
        assert_eq!(
            lab.send(route.method.as_str(), &path, "", None).await.refused(),
            "auth.not_signed_in",
            "{path}"
        );
        assert_eq!(
            lab.send(route.method.as_str(), &path, "fht_nonsense", None).await.status,
            401,
            "{path}"
        );
    }
    assert!(guarded >= 13);
}

#[tokio::test]
async fn a_credential_is_no_token_and_a_token_no_credential() {
    let lab = Lab::sqlite().await;
    let ada = lab.token(ADA).await;
    let (_, pin) = lab.session(&ada, json!({})).await;
    let credential = lab.try_join(&pin).await.ok()["credential"].as_str().unwrap().to_owned();
    assert_eq!(lab.get("/api/v1/sessions", &credential).await.status, 401);
    assert_eq!(lab.get("/api/v1/rejoin", &ada).await.status, 401);
    lab.get("/api/v1/rejoin", &credential).await.ok();
}

#[tokio::test]
async fn ten_failed_sign_ins_pause_that_account_and_address() {
    let lab = Lab::sqlite().await;
    let wrong = |email: &'static str| lab.post("/api/v1/login", "", json!({ "email": email, "password": "wrong" }));
    for _ in 0..10 {
        assert_eq!(wrong(ADA).await.refused(), "auth.wrong_credentials");
    }
    let right = json!({ "email": ADA, "password": PASSWORD });
    let paused = lab.post("/api/v1/login", "", right.clone()).await;
    assert_eq!((paused.status, paused.refused()), (429, "auth.too_many_attempts"));
    assert_eq!(
        wrong("nobody@acme.example").await.refused(),
        "auth.wrong_credentials",
        "an unknown account answers alike"
    );
    lab.token(ADMIN).await;
    lab.app.clock.advance_millis(15 * MINUTE + 1);
    lab.post("/api/v1/login", "", right).await.ok();
}

#[tokio::test]
async fn a_burst_of_sign_ins_is_paused_like_a_row_of_them() {
    let lab = Lab::sqlite().await;
    let wrong = || lab.post("/api/v1/login", "", json!({ "email": ADA, "password": "wrong" }));
    let answers = futures_util::future::join_all((0..40).map(|_| wrong())).await;
    let tried = answers.iter().filter(|a| a.refused() == "auth.wrong_credentials").count();
    assert!((10..=11).contains(&tried), "{tried} passwords were tried");
    let long = json!({ "email": format!("{}@acme.example", "x".repeat(300)), "password": "wrong" });
    assert_eq!(lab.post("/api/v1/login", "", long).await.refused(), "auth.wrong_credentials");
    let rows = sqlx::query("SELECT name FROM limits").fetch_all(lab.app.db.read()).await.unwrap();
    assert_eq!(
        rows.len(),
        2,
        "of the account and of the address; an e-mail address nobody can have names no limit"
    );
}

async fn sign_in_from(lab: &Lab, address: impl Into<IpAddr>, email: &str, password: &str) -> u16 {
    let body = json!({ "email": email, "password": password });
    post_from(lab, "/api/v1/login", address, body).await.0
}

#[tokio::test]
async fn neighbours_in_one_ipv6_network_share_the_limit_on_sign_ins() {
    let lab = Lab::sqlite().await;
    let host = |network: u16, number: u16| Ipv6Addr::new(0x2001, 0xdb8, 0, network, 0, 0, 0, number);
    for number in 0..10 {
        assert_eq!(sign_in_from(&lab, host(7, number), ADA, "wrong").await, 401);
    }
    assert_eq!(sign_in_from(&lab, host(7, 99), ADA, PASSWORD).await, 429);
    assert_eq!(sign_in_from(&lab, host(8, 1), ADA, PASSWORD).await, 200);
}

#[tokio::test]
async fn who_tries_one_password_on_every_account_is_paused() {
    let lab = Lab::sqlite().await;
    let (bad, good) = ([192, 0, 2, 1], [192, 0, 2, 2]);
    for number in 0..50 {
        // A right one in between wins no more tries.
        if number == 25 {
            assert_eq!(sign_in_from(&lab, bad, ADA, PASSWORD).await, 200);
        }
        let email = format!("nobody{number}@acme.example");
        assert_eq!(sign_in_from(&lab, bad, &email, "wrong").await, 401, "{number}");
    }
    assert_eq!(sign_in_from(&lab, bad, ADA, PASSWORD).await, 429);
    assert_eq!(sign_in_from(&lab, good, ADA, PASSWORD).await, 200);
    lab.app.clock.advance_millis(15 * MINUTE + 1);
    assert_eq!(sign_in_from(&lab, bad, ADA, PASSWORD).await, 200);
}

#[tokio::test]
async fn a_sign_in_that_overlaps_a_new_password_is_none() {
    let lab = Lab::sqlite().await;
    let new = lab.app.passwords.hash("another one 43").await.unwrap();
    let mut writing = lab.app.db.write().await.unwrap();
    let mut asked = std::pin::pin!(lab.post("/api/v1/login", "", json!({ "email": ADA, "password": PASSWORD })));
    // The old password is verified, and the token waits for its turn to be written.
    assert!(tokio::time::timeout(Duration::from_secs(2), asked.as_mut()).await.is_err());
    farhand_gateway::accounts::set_password(&mut writing, farhand_protocol::ids::MemberId(2), &new, None, lab.app.now())
        .await
        .unwrap();
    writing.commit().await.unwrap();
    assert_eq!(asked.await.refused(), "auth.wrong_credentials");
    let tokens = sqlx::query("SELECT token_hash FROM tokens")
        .fetch_all(lab.app.db.read())
        .await
        .unwrap();
    assert!(tokens.is_empty());
}

#[tokio::test]
async fn what_an_administrator_does_to_an_account_goes_before_a_new_password_under_way() {
    for is_reset in [true, false] {
        let lab = Lab::sqlite().await;
        let ada = lab.token(ADA).await;
        let member_id = farhand_protocol::ids::MemberId(2);
        let reset = lab.app.passwords.hash("set for her 44").await.unwrap();
        let mut writing = lab.app.db.write().await.unwrap();
        let change = json!({ "current": PASSWORD, "new": "another one 43" });
        let mut asked = std::pin::pin!(lab.post("/api/v1/password", &ada, change));
        // The present password is verified, and the new one waits for its turn to be written.
        assert!(tokio::time::timeout(Duration::from_secs(2), asked.as_mut()).await.is_err());
        let done = if is_reset {
            farhand_gateway::accounts::set_password(&mut writing, member_id, &reset, None, lab.app.now()).await
        } else {
            farhand_gateway::accounts::revoke_tokens(&mut writing, member_id, None, lab.app.now()).await
        };
        done.unwrap();
        writing.commit().await.unwrap();
        assert_eq!(asked.await.refused(), "auth.token_expired");
        let good = if is_reset { "set for her 44" } else { PASSWORD };
        let login = json!({ "email": ADA, "password": good });
        lab.post("/api/v1/login", "", login).await.ok();
    }
}

#[tokio::test]
async fn a_disabled_account_cannot_sign_in_and_its_tokens_end() {
    let lab = Lab::sqlite().await;
    let ada = lab.token(ADA).await;
    let mut tx = lab.app.db.write().await.unwrap();
    farhand_gateway::accounts::set_disabled(&mut tx, farhand_protocol::ids::MemberId(2), true, lab.app.now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(lab.get("/api/v1/me", &ada).await.status, 401);
    assert_eq!(
        lab.post("/api/v1/login", "", json!({ "email": ADA, "password": PASSWORD }))
            .await
            .refused(),
        "auth.account_disabled"
    );
}

async fn join_from(lab: &Lab, address: [u8; 4], body: Value) -> (u16, Value) {
    post_from(lab, "/api/v1/join", address, body).await
}

async fn post_from(lab: &Lab, path: &str, address: impl Into<IpAddr>, body: Value) -> (u16, Value) {
    let mut request = Request::post(path)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_string()))
        .unwrap();
    request.extensions_mut().insert(ClientAddress(address.into()));
    let response = lab.raw(request).await;
    let status = response.status().as_u16();
    (
        status,
        serde_json::from_slice(&to_bytes(response.into_body(), 1 << 20).await.unwrap()).unwrap(),
    )
}

#[tokio::test]
async fn after_five_wrong_pins_a_customer_gets_in_with_a_proof_of_work() {
    let lab = Lab::sqlite().await;
    let ada = lab.token(ADA).await;
    let (_, pin) = lab.session(&ada, json!({})).await;
    for _ in 0..5 {
        let (_, body) = join_from(&lab, [192, 0, 2, 1], lab.join_body("000000001")).await;
        assert_eq!(body["code"], "code.unknown");
    }
    let (status, body) = join_from(&lab, [192, 0, 2, 1], lab.join_body(&pin)).await;
    assert_eq!((status, &body["code"]), (429, &json!("code.proof_of_work")));
    let challenge: Challenge = serde_json::from_value(body["challenge"].clone()).unwrap();
    let mut solved = lab.join_body(&pin);
    solved["proof"] = serde_json::to_value(solve_some(&challenge, &pin, 0, 1 << 26).unwrap()).unwrap();
    assert_eq!(join_from(&lab, [192, 0, 2, 1], solved).await.0, 200);
}

#[tokio::test]
async fn a_flood_of_guesses_leaves_links_and_proven_pins_working() {
    let lab = Lab::sqlite().await;
    let ada = lab.token(ADA).await;
    let made = lab.post("/api/v1/sessions", &ada, json!({ "name": "a" })).await.ok();
    let (_, pin) = lab.session(&ada, json!({})).await;
    let mut evaluated = 0;
    for n in 0..400u16 {
        let [a, b] = n.to_be_bytes();
        let (_, body) = join_from(&lab, [10, 1, a, b], lab_body(n)).await;
        evaluated += u32::from(body["code"] == "code.unknown");
    }
    assert_eq!(evaluated, 200, "the clock stands still, so nothing is refilled");
    let code = made["link"].as_str().unwrap().split('#').nth(1).unwrap().to_owned();
    assert_eq!(
        join_from(&lab, [192, 0, 2, 9], lab.join_body(&code)).await.0,
        200,
        "links cannot be guessed and meet no limit"
    );
    let (_, body) = join_from(&lab, [192, 0, 2, 9], lab.join_body(&pin)).await;
    let challenge: Challenge = serde_json::from_value(body["challenge"].clone()).unwrap();
    let mut solved = lab.join_body(&pin);
    solved["proof"] = serde_json::to_value(solve_some(&challenge, &pin, 0, 1 << 26).unwrap()).unwrap();
    assert_eq!(join_from(&lab, [192, 0, 2, 9], solved).await.0, 200);
}

fn lab_body(n: u16) -> Value {
    json!({ "code": format!("{n:09}"), "applet_key": "ab".repeat(32), "platform": "", "device": "", "version": "" })
}

#[tokio::test]
async fn malformed_and_huge_bodies_are_refused_with_our_own_error() {
    let lab = Lab::sqlite().await;
    let ada = lab.token(ADA).await;
    assert_eq!(
        lab.post("/api/v1/sessions", &ada, json!({ "nam": 1 })).await.refused(),
        "request.malformed"
    );
    assert_eq!(
        lab.post("/api/v1/sessions", &ada, json!({ "name": "x".repeat(129) }))
            .await
            .refused(),
        "request.malformed"
    );
    assert_eq!(
        lab.post("/api/v1/sessions", &ada, json!({ "name": "x", "fields": ["y".repeat(65)] }))
            .await
            .refused(),
        "request.malformed"
    );
    let huge = lab.post("/api/v1/sessions", &ada, json!({ "name": "x".repeat(100_000) })).await;
    assert_eq!((huge.status, huge.refused()), (413, "request.too_large"));
    for query in ["sessions?final=perhaps", "sessions/1/events?after=lunch"] {
        assert_eq!(lab.get(&format!("/api/v1/{query}"), &ada).await.refused(), "request.malformed");
    }
    assert_eq!(lab.get("/api/v1/nothing", &ada).await.refused(), "request.not_found");
    assert_eq!(lab.send("DELETE", "/api/v1/me", &ada, None).await.status, 405);
}

async fn page(lab: &Lab, request: Request<Body>) -> (u16, axum::http::HeaderMap, String) {
    let response = lab.raw(request).await;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    (
        status,
        headers,
        String::from_utf8(to_bytes(response.into_body(), 1 << 22).await.unwrap().to_vec()).unwrap(),
    )
}

fn form(pin: &str) -> Request<Body> {
    Request::post("/join")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::USER_AGENT, "Mozilla/5.0 (X11; Linux x86_64)")
        .body(Body::from(format!("pin={pin}")))
        .unwrap()
}

#[tokio::test]
async fn the_pin_form_works_without_script_and_does_not_use_the_pin_up() {
    let lab = Lab::sqlite().await;
    let ada = lab.token(ADA).await;
    let (_, pin) = lab.session(&ada, json!({})).await;
    let (status, headers, body) = page(&lab, Request::get("/").body(Body::empty()).unwrap()).await;
    assert_eq!(status, 200);
    assert!(body.contains("<form method=\"post\" action=\"/join\"") && body.contains("lang=\"en\""));
    for id in [
        "heading",
        "pin-form",
        "status",
        "next",
        "ready",
        "download",
        "deep-link",
        "others",
        "after",
    ] {
        assert!(body.contains(&format!("id=\"{id}\"")), "the script needs {id}");
    }
    let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"));
    assert!(
        !body.contains("<style") && !body.contains("https://"),
        "nothing inline, nothing from elsewhere"
    );
    let (status, _, body) = page(&lab, form(&pin)).await;
    assert_eq!(status, 200);
    assert!(body.contains("There is no program for Linux"), "the folder is empty");
    std::fs::write(lab.folder.downloads().join("linux-x86_64"), b"ELF").unwrap();
    let (_, _, body) = page(&lab, form(&pin)).await;
    let stem = format!("Farhand~support.acme.example~443~~{pin}");
    let href = format!("/download/linux-x86_64/{stem}");
    assert!(
        body.contains(&href) && body.contains("farhand:join?gateway=https://support.acme.example"),
        "{body}"
    );
    assert!(body.contains("chmod +x"), "a browser's download cannot be started as it is");
    let (status, headers, bytes) = page(&lab, Request::get(&href).body(Body::empty()).unwrap()).await;
    assert_eq!((status, bytes.as_str()), (200, "ELF"));
    assert_eq!(headers[header::CONTENT_DISPOSITION], format!("attachment; filename=\"{stem}\""));
    assert_eq!(headers[header::CONTENT_LENGTH], "3");
    lab.try_join(&pin).await.ok();
    let (status, _, body) = page(&lab, form(&pin)).await;
    assert_eq!(status, 410);
    assert!(body.contains("already in use"));
}

#[tokio::test]
async fn wrong_and_expired_pins_have_clear_pages_and_count_as_guesses() {
    let lab = Lab::sqlite().await;
    let ada = lab.token(ADA).await;
    let (_, pin) = lab.session(&ada, json!({ "valid_minutes": 1 })).await;
    let (status, _, body) = page(&lab, form("%3Cscript%3E")).await;
    assert_eq!(status, 400);
    assert!(body.contains("six to nine digits") && !body.contains("<script>"));
    let (status, _, body) = page(&lab, form("000000001")).await;
    assert_eq!(status, 404);
    assert!(body.contains("Check the digits"));
    lab.jump(MINUTE).await;
    let (status, _, body) = page(&lab, form(&pin)).await;
    assert_eq!(status, 410);
    assert!(body.contains("has expired"));
    for _ in 0..3 {
        page(&lab, form("000000001")).await;
    }
    let (status, ..) = page(&lab, form("000000001")).await;
    assert_eq!(status, 429);
}

#[tokio::test]
async fn downloads_that_are_not_there_or_not_plain_are_a_page_and_never_another_file() {
    let lab = Lab::sqlite().await;
    std::fs::write(lab.folder.downloads().join("linux-x86_64"), b"ELF").unwrap();
    for path in [
        "/download/windows-x86_64.exe/Farhand.exe",
        "/download/other/x",
        "/download/linux-x86_64/..%2F..%2Fx",
        "/download/..%2Fkeys/x",
        "/download/linux-x86_64/a%22b",
    ] {
        let (status, _, body) = page(&lab, Request::get(path).body(Body::empty()).unwrap()).await;
        assert_eq!(status, 404, "{path}: {body}");
    }
}

#[tokio::test]
async fn a_download_whose_name_leads_to_another_gateway_is_not_served() {
    let lab = Lab::sqlite().await;
    std::fs::write(lab.folder.downloads().join("linux-x86_64"), b"ELF").unwrap();
    let pinned = format!("Farhand~support.acme.example~443~{}~427901358", "A".repeat(52));
    for (name, status) in [
        ("Farhand", 200),
        ("Farhand~support.acme.example~443~~427901358", 200),
        ("Farhand~support.acme.example~443~~427901358%20(1).exe", 200),
        ("Farhand~evil.example~443~~427901358", 404),
        ("%20Farhand~evil.example~443~~427901358%20(1)", 404),
        ("Farhand~support.acme.example~8443~~427901358", 404),
        (pinned.as_str(), 404),
        // No way in yet; a browser may leave out what keeps it from being one.
        (".~Farhand~evil.example~443~~427901358", 404),
        ("_Farhand~evil.example~443~~427901358", 404),
    ] {
        let path = format!("/download/linux-x86_64/{name}");
        let (found, _, body) = page(&lab, Request::get(&path).body(Body::empty()).unwrap()).await;
        assert_eq!(found, status, "{path}: {body}");
    }
}

#[tokio::test]
async fn at_an_ipv6_address_link_deep_link_and_download_lead_back_to_this_gateway() {
    let trust = Trust([7; 32]);
    let lab = Lab::with(|settings| {
        settings.public_url = "https://[::1]:8443".into();
        settings.trust = Some(trust);
    })
    .await;
    std::fs::write(lab.folder.downloads().join("linux-x86_64"), b"ELF").unwrap();
    let ada = lab.token(ADA).await;
    let made = lab.post("/api/v1/sessions", &ada, json!({ "name": "a" })).await.ok();
    let (pin, link) = (made["pin"].as_str().unwrap(), made["link"].as_str().unwrap());
    assert!(link.starts_with("https://[::1]:8443/join#"), "{link}");
    let invited = Invitation::parse(link).unwrap();
    assert_eq!((invited.gateway.as_str(), invited.trust), ("https://[::1]:8443", Some(trust)));
    // What the script of the page is told.
    let asked = json!({ "code": invited.code.to_string() });
    let open = lab.post("/api/v1/codes/check", "", asked).await.ok();
    for known in ["file_stem", "deep_link"] {
        let text = open[known].as_str().unwrap();
        assert_eq!(Invitation::parse(text).unwrap(), invited, "{text}");
    }
    // What the page has without a script.
    let (_, _, body) = page(&lab, form(pin)).await;
    let href = format!("/download/linux-x86_64/Farhand~%5B--1%5D~8443~{trust}~{pin}");
    assert!(body.contains(&href) && body.contains("gateway=https://%5B::1%5D:8443"), "{body}");
    let name = format!("Farhand~[--1]~8443~{trust}~{pin}");
    for path in [href, format!("/download/linux-x86_64/{name}")] {
        let (status, headers, bytes) = page(&lab, Request::get(&path).body(Body::empty()).unwrap()).await;
        assert_eq!((status, bytes.as_str()), (200, "ELF"), "{path}");
        assert_eq!(headers[header::CONTENT_DISPOSITION], format!("attachment; filename=\"{name}\""));
    }
    let elsewhere = format!("/download/linux-x86_64/Farhand~%5B--2%5D~8443~{trust}~{pin}");
    let (status, ..) = page(&lab, Request::get(&elsewhere).body(Body::empty()).unwrap()).await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn the_link_page_keeps_the_code_in_the_browser_and_says_what_to_do_without_script() {
    let lab = Lab::sqlite().await;
    let (status, _, body) = page(&lab, Request::get("/join").body(Body::empty()).unwrap()).await;
    assert_eq!(status, 200);
    assert!(body.contains("<noscript>") && body.contains("src=\"/assets/link.js\""));
    let (status, headers, script) = page(&lab, Request::get("/assets/check.js").body(Body::empty()).unwrap()).await;
    assert_eq!(
        (status, headers[header::CONTENT_TYPE].to_str().unwrap()),
        (200, "text/javascript; charset=utf-8")
    );
    assert!(script.contains("/api/v1/codes/check"));
}

#[tokio::test]
async fn health_metrics_version_and_description_answer() {
    let lab = Lab::sqlite().await;
    assert_eq!(lab.get("/healthz", "").await.ok(), "ok\n");
    let metrics = lab.get("/metrics", "").await.ok();
    assert!(metrics.as_str().unwrap().contains("\nfarhand_relay_bytes_received_total 0\n"));
    let mut request = Request::get("/metrics").body(Body::empty()).unwrap();
    request.extensions_mut().insert(ClientAddress([192, 0, 2, 1].into()));
    assert_eq!(lab.raw(request).await.status(), 401, "from elsewhere it needs an administrator");
    lab.get("/metrics", &lab.token(ADMIN).await).await.ok();
    assert_eq!(lab.get("/metrics", &lab.token(ADA).await).await.status, 403);
    assert_eq!(lab.get("/api/v1/version", "").await.ok()["organisation"], "ACME");
    let document = lab.get("/api/openapi.json", "").await.ok();
    assert!(document["paths"]["/api/v1/join"]["post"]["requestBody"].is_object());
}

/// Real proofs of work against the real router, while a flood comes from a hundred thousand addresses.
#[tokio::test(flavor = "multi_thread")]
async fn twenty_customers_get_in_within_five_seconds_while_a_flood_guesses_at_a_hundred_live_pins() {
    let lab = std::sync::Arc::new(Lab::by_the_system_clock().await);
    let ada = lab.token(ADA).await;
    let mut pins = Vec::new();
    for _ in 0..100 {
        pins.push(lab.session(&ada, json!({})).await.1);
    }
    let started = std::time::Instant::now();
    let sent = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
    let flood = tokio::spawn({
        let (lab, sent) = (lab.clone(), sent.clone());
        async move {
            loop {
                let n = sent.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                let [_, a, b, c] = (n.wrapping_mul(2_654_435_761) % 100_000).to_be_bytes();
                join_from(&lab, [10, a, b, c], lab_body((n % 60_000) as u16)).await;
            }
        }
    });
    // The customers come when the flood is far beyond the limit, however fast the machine is.
    while sent.load(std::sync::atomic::Ordering::Relaxed) < 1000 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let mut waits = Vec::new();
    for (n, pin) in pins.iter().take(20).enumerate() {
        let came = std::time::Instant::now();
        let mut body = lab.join_body(pin);
        loop {
            let (status, answer) = join_from(&lab, [203, 0, 113, n as u8], body.clone()).await;
            if status == 200 {
                break;
            }
            let challenge: Challenge = serde_json::from_value(answer["challenge"].clone()).unwrap();
            let code = pin.clone();
            let solution = tokio::task::spawn_blocking(move || solve_some(&challenge, &code, 0, u64::MAX))
                .await
                .unwrap();
            body["proof"] = serde_json::to_value(solution).unwrap();
        }
        waits.push(came.elapsed());
    }
    flood.abort();
    let sent = sent.load(std::sync::atomic::Ordering::Relaxed);
    waits.sort_unstable();
    assert!(waits[18].as_secs() < 5, "{waits:?}");
    let evaluated = lab.app.metrics.guesses_wrong.value();
    let bound = 200 + 2 * (started.elapsed().as_secs() + 1);
    assert!(evaluated <= bound, "{evaluated} of {sent} were evaluated");
    assert!(u64::from(sent) > 2 * evaluated, "the flood is far beyond the limit: {sent}");
}
