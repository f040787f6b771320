//! The real program: first start, private files, certificates, kill -9, a stop in good order, backup and doctor.

mod support;

use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::JoinHandle;

use farhand_gateway::db::{Db, Location};
use farhand_protocol::code::Trust;
use serde_json::{Value, json};
use support::process::{Beside, Served, free_port, initialised, program, run, run_well};
use support::wire::{Api, Peer, client, links};

#[test]
fn init_works_once_keeps_its_secrets_private_and_says_so_the_second_time() {
    let temp = tempfile::tempdir().unwrap();
    let data = initialised(temp.path());
    let mode = |path: &str| std::fs::metadata(data.join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(""), 0o700);
    for secret in ["keys/signing.key", "keys/codes.key", "tls/ca.key", "gateway.db", "gateway.toml"] {
        assert_eq!(mode(secret), 0o600, "{secret}");
    }
    let before = std::fs::read(data.join("keys/signing.key")).unwrap();
    let again = run(&[
        "init",
        "--data",
        &data.display().to_string(),
        "--org",
        "B",
        "--admin-email",
        "b@b",
        "--admin-name",
        "B",
    ]);
    assert!(!again.status.success());
    assert!(String::from_utf8_lossy(&again.stderr).contains("already"));
    assert_eq!(std::fs::read(data.join("keys/signing.key")).unwrap(), before);
}

#[test]
fn technicians_are_added_listed_disabled_and_their_passwords_checked() {
    let temp = tempfile::tempdir().unwrap();
    let data = initialised(temp.path()).display().to_string();
    let list = || serde_json::from_str::<Value>(&run_well(&["technician", "list", "--data", &data, "--json"])).unwrap();
    assert_eq!(list()[1]["email"], support::ADA);
    assert!(
        !run(&["technician", "add", "--data", &data, "--email", support::ADA, "--name", "Twice"])
            .status
            .success()
    );
    run_well(&["technician", "disable", "--data", &data, "--email", support::ADA]);
    assert_eq!(list()[1]["disabled"], true);
    run_well(&["technician", "enable", "--data", &data, "--email", support::ADA]);
    run_well(&["technician", "password", "--data", &data, "--email", support::ADA]);
    let weak = program()
        .env("FARHAND_PASSWORD", "short")
        .args(["technician", "password", "--data", &data, "--email", support::ADA])
        .output()
        .unwrap();
    assert!(!weak.status.success());
}

#[tokio::test]
async fn serve_says_where_it_is_and_is_trusted_through_its_own_ca_alone() {
    let temp = tempfile::tempdir().unwrap();
    let data = initialised(temp.path());
    let served = Served::start(&data, &["--listen", "127.0.0.1:0"]);
    let origin = served.lines[0].strip_prefix("listening on ").unwrap().to_owned();
    Trust::parse(served.lines[1].strip_prefix("trust ").unwrap()).unwrap();
    let http = client(Some(&data.join("tls/ca.pem")));
    assert_eq!(
        http.get(format!("{origin}/healthz")).send().await.unwrap().text().await.unwrap(),
        "ok\n"
    );
    assert!(
        client(None).get(format!("{origin}/healthz")).send().await.is_err(),
        "nobody else vouches for it"
    );
    assert!(served.stop().success());
    let served = Served::start(&data, &["--listen", "127.0.0.1:0", "--json", "--public-url", "https://localhost:9"]);
    let said: Value = serde_json::from_str(&served.lines[0]).unwrap();
    assert_eq!(said["url"], "https://localhost:9");
    assert_eq!(said["trust"].as_str().unwrap().len(), 52);
}

#[tokio::test]
async fn two_hundred_events_written_over_kills_are_all_there_in_one_chain() {
    let temp = tempfile::tempdir().unwrap();
    let data = initialised(temp.path());
    let port = free_port();
    let listen = format!("127.0.0.1:{port}");
    let start = || Served::start(&data, &["--listen", &listen, "--behind-proxy"]);
    let api = Api {
        http: client(None),
        origin: format!("http://{listen}"),
    };
    let key = support::applet_key(7);
    let mut served = start();
    let token = api.login().await;
    let (session_id, credential) = api.joined(&token, &[7; 32]).await;
    let chain = links(key, session_id, 200);
    let mut sent = 0;
    while sent < chain.len() {
        let mut applet = Peer::connect(listen.parse().unwrap(), &credential).await;
        // The kill falls into an upload: sent but perhaps not stored, stored but not acknowledged.
        let upto = (sent + 20).min(chain.len());
        applet.upload(session_id, &chain[sent..(sent + 10).min(chain.len())]).await;
        let acknowledged = applet.stored().await as usize;
        applet.upload(session_id, &chain[acknowledged..upto]).await;
        served.kill();
        served = start();
        let mut applet = Peer::connect(listen.parse().unwrap(), &credential).await;
        applet.upload(session_id, &chain[acknowledged..upto]).await;
        sent = applet.stored().await as usize;
        assert_eq!(sent, upto, "what was acknowledged before the kill is on disk");
    }
    let events = api.get(&format!("/sessions/{session_id}/events"), &token).await;
    let stored: Vec<&str> = events
        .as_array()
        .unwrap()
        .iter()
        .filter(|e| e["kind"] == "chat.line")
        .map(|e| e["hash"].as_str().unwrap())
        .collect();
    let written: Vec<String> = chain.iter().map(|link| link.hash().to_string()).collect();
    assert_eq!(stored, written);
    let row = api.get(&format!("/sessions/{session_id}"), &token).await;
    assert_eq!(row["status"], "connecting", "STM-74");
}

#[tokio::test]
async fn a_backup_beside_a_running_gateway_restores_to_the_same_gateway() {
    let temp = tempfile::tempdir().unwrap();
    let data = initialised(temp.path());
    let listen = format!("127.0.0.1:{}", free_port());
    let served = Served::start(&data, &["--listen", &listen, "--behind-proxy"]);
    let api = Api {
        http: client(None),
        origin: format!("http://{listen}"),
    };
    let token = api.login().await;
    let made = api.post("/sessions", &token, json!({ "name": "kept" })).await;
    let file = temp.path().join("backup.tar");
    run_well(&["backup", "--data", &data.display().to_string(), "--to", &file.display().to_string()]);
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    served.kill();
    let restored = temp.path().join("restored");
    std::fs::create_dir(&restored).unwrap();
    assert!(
        Command::new("tar")
            .arg("-xf")
            .arg(&file)
            .arg("-C")
            .arg(&restored)
            .status()
            .unwrap()
            .success()
    );
    std::fs::set_permissions(&restored, std::fs::Permissions::from_mode(0o700)).unwrap();
    run_well(&["doctor", "--data", &restored.display().to_string()]);
    let _served = Served::start(&restored, &["--listen", &listen, "--behind-proxy"]);
    let rows = api.get("/sessions", &token).await;
    assert_eq!(rows[0]["session_id"], made["session_id"]);
}

#[test]
fn doctor_finds_an_open_secret_and_prints_none() {
    let temp = tempfile::tempdir().unwrap();
    let data = initialised(temp.path());
    let shown = data.display().to_string();
    let well = run(&["doctor", "--data", &shown, "--json"]);
    assert!(well.status.success(), "{}", String::from_utf8_lossy(&well.stdout));
    std::fs::set_permissions(data.join("keys/signing.key"), std::fs::Permissions::from_mode(0o644)).unwrap();
    let ill = run(&["doctor", "--data", &shown, "--json"]);
    assert!(!ill.status.success());
    let checks: Value = serde_json::from_slice(&ill.stdout).unwrap();
    let found = checks.as_array().unwrap().iter().find(|c| c["check"] == "permissions").unwrap();
    assert_eq!(found["finding"], "problem");
    let secret = std::fs::read_to_string(data.join("keys/signing.key")).unwrap();
    assert!(!String::from_utf8_lossy(&ill.stdout).contains(secret.trim()));
}

/// A mail server that agrees to whatever one client says; what that was.
fn obliging_mail_server() -> (String, JoinHandle<String>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let server = format!("smtp+plain://{}", listener.local_addr().unwrap());
    let served = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut lines = BufReader::new(stream.try_clone().unwrap());
        stream.write_all(b"220 mail.acme.example\r\n").unwrap();
        let mut told = String::new();
        while lines.read_line(&mut told).unwrap_or(0) > 0 {
            // Whoever hangs up early hears no answer.
            let _ = stream.write_all(b"250 ok\r\n");
        }
        told
    });
    (server, served)
}

/// What `doctor` finds where the environment holds this.
fn doctor_finds(data: &str, environment: &[(&str, &str)]) -> Vec<Value> {
    let done = program()
        .args(["doctor", "--data", data, "--json"])
        .envs(environment.iter().copied())
        .output()
        .unwrap();
    serde_json::from_slice(&done.stdout).unwrap()
}

/// The same at one point.
fn doctor_says(data: &str, name: &str, environment: &[(&str, &str)]) -> String {
    let checks = doctor_finds(data, environment);
    let found = checks.iter().find(|c| c["check"] == name).unwrap();
    format!("{} {}", found["finding"].as_str().unwrap(), found["text"].as_str().unwrap())
}

#[test]
fn doctor_promises_address_discovery_only_where_the_gateway_has_a_certificate() {
    let temp = tempfile::tempdir().unwrap();
    let data = initialised(temp.path()).display().to_string();
    let listen = format!("127.0.0.1:{}", free_port());
    let public = ("FARHAND_PUBLIC_URL", "https://support.acme.example");
    for (variable, says, ports) in [
        (("FARHAND_RELAY_UDP", "on"), "address discovery on UDP", 2),
        (("FARHAND_RELAY_UDP", "off"), "without UDP", 1),
        (
            ("FARHAND_BEHIND_PROXY", "true"),
            "without UDP: behind a proxy there is no address discovery",
            1,
        ),
    ] {
        let environment = [public, ("FARHAND_LISTEN", listen.as_str()), variable];
        let relay = doctor_says(&data, "relay", &environment);
        assert_eq!(relay, format!("good https://support.acme.example, {says}"));
        let checks = doctor_finds(&data, &environment);
        assert_eq!(checks.iter().filter(|c| c["check"] == "port").count(), ports, "{variable:?}");
    }
}

#[test]
fn doctor_says_which_applets_can_be_downloaded_and_warns_where_none_can() {
    let temp = tempfile::tempdir().unwrap();
    let data = initialised(temp.path());
    let shown = data.display().to_string();
    let none = doctor_says(&shown, "downloads", &[]);
    assert!(none.starts_with("warning") && none.contains("linux-x86_64"), "{none}");
    std::fs::write(data.join("downloads/linux-x86_64"), b"ELF").unwrap();
    assert_eq!(
        doctor_says(&shown, "downloads", &[]),
        "good linux-x86_64; without windows-x86_64.exe, macos"
    );
}

#[test]
fn doctor_looks_at_what_the_environment_tells_serve() {
    let temp = tempfile::tempdir().unwrap();
    let data = initialised(temp.path()).display().to_string();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let place = taken.local_addr().unwrap().to_string();
    let missing = temp.path().join("missing.pem").display().to_string();
    let told = |name: &str, environment: &[(&str, &str)]| doctor_says(&data, name, environment);
    assert!(told("certificate", &[]).starts_with("good own CA"));
    let certificate = told(
        "certificate",
        &[("FARHAND_CERT", missing.as_str()), ("FARHAND_KEY", missing.as_str())],
    );
    assert!(certificate.starts_with("problem "), "{certificate}");
    assert_eq!(
        told("certificate", &[("FARHAND_BEHIND_PROXY", "true")]),
        "good the proxy on this machine has it"
    );
    let port = told("port", &[("FARHAND_LISTEN", place.as_str())]);
    assert!(port.starts_with("warning ") && port.contains(&place), "{port}");
    assert!(told("mail", &[]).starts_with("good none is set"));
    let (server, served) = obliging_mail_server();
    let mail_settings = [
        ("FARHAND_MAIL_SERVER", server.as_str()),
        ("FARHAND_MAIL_FROM", "support@acme.example"),
    ];
    let mail = told("mail", &mail_settings);
    assert!(mail.starts_with("good ") && mail.contains(&server), "{mail}");
    assert!(!served.join().unwrap().contains("MAIL"), "nothing is sent");
    let mail = told("mail", &mail_settings);
    assert!(mail.starts_with("problem "), "{mail}");
    let account = ("FARHAND_MAIL_USER", "farhand");
    let settings = told("settings", &[mail_settings[0], mail_settings[1], account]);
    assert!(
        settings.starts_with("problem ") && settings.contains("FARHAND_MAIL_PASSWORD"),
        "{settings}"
    );
    let relay = told("relay", &[("FARHAND_PUBLIC_URL", "https://[2001:db8::1]:8443")]);
    assert!(relay.starts_with("problem "), "{relay}");
}

#[test]
fn a_database_password_is_refused_on_the_command_line_and_taken_from_the_environment() {
    let temp = tempfile::tempdir().unwrap();
    let data = temp.path().join("d").display().to_string();
    let url = "postgres://farhand:secret@127.0.0.1:1/farhand";
    let said = |command: &mut Command| {
        let done = command.output().unwrap();
        let said = String::from_utf8(done.stderr).unwrap();
        assert!(!done.status.success() && !said.contains("secret"), "{said}");
        said
    };
    let flag = said(program().args(["technician", "list", "--data", &data, "--database", url]));
    assert!(flag.contains("FARHAND_DATABASE or gateway.toml"), "{flag}");
    let variable = said(program().args(["technician", "list", "--data", &data]).env("FARHAND_DATABASE", url));
    assert!(variable.contains("PostgreSQL that --database or gateway.toml names"), "{variable}");
}

#[tokio::test]
async fn the_file_is_followed_the_environment_goes_before_it_and_flags_before_both() {
    let temp = tempfile::tempdir().unwrap();
    let data = initialised(temp.path());
    std::fs::write(
        data.join("gateway.toml"),
        "listen = \"127.0.0.1:0\"\npublic_url = \"https://file.example\"\nrelay_udp = false\n",
    )
    .unwrap();
    let url = |served: &Served| {
        serde_json::from_str::<Value>(&served.lines[0]).unwrap()["url"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(url(&Served::start(&data, &["--json"])), "https://file.example");
    assert_eq!(
        url(&Served::start_with(
            &data,
            &["--json"],
            &[("FARHAND_PUBLIC_URL", "https://env.example")]
        )),
        "https://env.example"
    );
    let flag = ["--json", "--public-url", "https://flag.example"];
    assert_eq!(
        url(&Served::start_with(&data, &flag, &[("FARHAND_PUBLIC_URL", "https://env.example")])),
        "https://flag.example"
    );
    std::fs::write(data.join("gateway.toml"), "listne = \"127.0.0.1:0\"\n").unwrap();
    let wrong = run(&["serve", "--data", &data.display().to_string()]);
    assert!(!wrong.status.success() && String::from_utf8_lossy(&wrong.stderr).contains("listne"));
}

#[test]
fn a_second_serve_on_one_folder_is_refused() {
    let temp = tempfile::tempdir().unwrap();
    let data = initialised(temp.path());
    let _first = Served::start(&data, &["--listen", "127.0.0.1:0"]);
    let second = run(&["serve", "--data", &data.display().to_string(), "--listen", "127.0.0.1:0"]);
    assert!(!second.status.success());
    assert!(String::from_utf8_lossy(&second.stderr).contains("another `serve`"));
}

#[tokio::test]
async fn on_postgresql_the_program_does_the_same() {
    let temp = tempfile::tempdir().unwrap();
    let server = support::postgres::Postgres::start();
    let url = server.database("farhand");
    let data = temp.path().join("d");
    let shown = data.display().to_string();
    run_well(&[
        "init",
        "--data",
        &shown,
        "--database",
        &url,
        "--org",
        "ACME",
        "--admin-email",
        support::ADMIN,
        "--admin-name",
        "Root",
    ]);
    run_well(&["technician", "add", "--data", &shown, "--email", support::ADA, "--name", "Ada Kern"]);
    assert!(!data.join("gateway.db").exists());
    let listen = format!("127.0.0.1:{}", free_port());
    let served = Served::start(&data, &["--listen", &listen, "--behind-proxy"]);
    let api = Api {
        http: client(None),
        origin: format!("http://{listen}"),
    };
    let token = api.login().await;
    let key = support::applet_key(7);
    let (session_id, credential) = api.joined(&token, &[7; 32]).await;
    let chain = links(key, session_id, 5);
    Peer::connect(listen.parse().unwrap(), &credential)
        .await
        .upload(session_id, &chain)
        .await;
    served.kill();
    let _served = Served::start(&data, &["--listen", &listen, "--behind-proxy"]);
    let mut applet = Peer::connect(listen.parse().unwrap(), &credential).await;
    applet.upload(session_id, &chain).await;
    assert_eq!(applet.stored().await, 5);
    run_well(&["doctor", "--data", &shown]);
}

#[tokio::test]
async fn a_certificate_from_elsewhere_is_served_and_needs_no_trust_value() {
    let temp = tempfile::tempdir().unwrap();
    let data = initialised(temp.path());
    Served::start(&data, &["--listen", "127.0.0.1:0"]).kill();
    let (cert, key) = (temp.path().join("cert.pem"), temp.path().join("key.pem"));
    std::fs::copy(data.join("tls/leaf.pem"), &cert).unwrap();
    std::fs::copy(data.join("tls/leaf.key"), &key).unwrap();
    let (cert, key) = (cert.display().to_string(), key.display().to_string());
    let served = Served::start(&data, &["--listen", "127.0.0.1:0", "--json", "--cert", &cert, "--key", &key]);
    let said: Value = serde_json::from_str(&served.lines[0]).unwrap();
    assert_eq!(said["trust"], Value::Null);
    let url = format!("{}/api/v1/version", said["url"].as_str().unwrap());
    let version: Value = client(Some(&data.join("tls/ca.pem")))
        .get(url)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(version["organisation"], "ACME");
    drop(served);
    let other = temp.path().join("ca.key").display().to_string();
    std::fs::copy(data.join("tls/ca.key"), &other).unwrap();
    let wrong = run(&[
        "serve",
        "--data",
        &data.display().to_string(),
        "--listen",
        "127.0.0.1:0",
        "--cert",
        &cert,
        "--key",
        &other,
    ]);
    assert!(!wrong.status.success(), "a key of another certificate");
}

#[test]
fn what_keeps_serve_from_serving_is_said_with_what_to_do() {
    let temp = tempfile::tempdir().unwrap();
    let data = initialised(temp.path()).display().to_string();
    let refused = |more: &[&str]| {
        let done = run(&[&["serve", "--data", &data], more].concat());
        assert!(!done.status.success(), "{more:?}");
        String::from_utf8(done.stderr).unwrap()
    };
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let place = taken.local_addr().unwrap().to_string();
    assert!(refused(&["--listen", &place]).contains("no other program uses the port"));
    let (cert, key) = (temp.path().join("cert.pem"), temp.path().join("key.pem"));
    let pair = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::new(vec!["x.example".to_owned()]).unwrap();
    (params.not_before, params.not_after) = (rcgen::date_time_ymd(2020, 1, 1), rcgen::date_time_ymd(2020, 2, 1));
    std::fs::write(&cert, params.self_signed(&pair).unwrap().pem()).unwrap();
    std::fs::write(&key, pair.serialize_pem()).unwrap();
    let (cert, key) = (cert.display().to_string(), key.display().to_string());
    let said = refused(&["--listen", "127.0.0.1:0", "--cert", &cert, "--key", &key]);
    assert!(
        said.contains(&cert) && said.contains("ended 2020-02-01") && said.contains("renew it"),
        "{said}"
    );
    let said = refused(&["--listen", "127.0.0.1:0", "--public-url", "http://support.example.org"]);
    assert!(said.contains("plain http is for a gateway on this machine alone"), "{said}");
    let said = refused(&["--listen", "127.0.0.1:0", "--database", "postgres://postgres@127.0.0.1:1/x"]);
    assert!(
        said.contains("PostgreSQL that --database or gateway.toml names") && said.contains("refused"),
        "{said}"
    );
    std::fs::remove_file(format!("{data}/gateway.db")).unwrap();
    let said = refused(&["--listen", "127.0.0.1:0"]);
    assert!(said.contains("gateway.db is missing") && said.contains("restore"), "{said}");
}

#[tokio::test]
async fn terms_set_beside_a_running_gateway_meet_the_next_customer() {
    let gateway = Beside::start().await;
    assert_eq!(gateway.join(1).await["terms"], Value::Null);
    let text = "Ada's \"terms\"\n\tfür alle – $1\n";
    let file = gateway.file(&format!("\u{feff}{}", text.replace('\n', "\r\n")));
    gateway.command(&["terms", "set", "--file", &file]);
    assert_eq!(gateway.join(2).await["terms"], text);
    gateway.command(&["terms", "set", "--file", &file]);
    assert_eq!(gateway.command(&["terms", "show"]), text);
    gateway.command(&["terms", "remove"]);
    assert_eq!(gateway.join(3).await["terms"], Value::Null);
    assert!(gateway.command(&["terms", "show"]).contains("no terms are set"));
}

#[tokio::test]
async fn words_of_e_mails_set_beside_a_running_gateway_are_those_of_the_next_session() {
    let gateway = Beside::start().await;
    let words = async || {
        let made = gateway.api.post("/sessions", &gateway.token, json!({ "name": "" })).await;
        let said = |name: &str| made[name].as_str().unwrap().to_owned();
        (said("mail_subject"), said("mail_text").replace(&said("link"), "{link}"))
    };
    let built_in = words().await;
    let shows = || gateway.command(&["mail", "show"]);
    assert_eq!(shows(), format!("{}\n\n{}", built_in.0, built_in.1));
    let file = gateway.file("Bitte öffnen:\r\n\r\n{link}\r\n\r\nIhr Team\r\n");
    gateway.command(&["mail", "set", "--subject", "Ihr Link", "--text-file", &file]);
    let text = "Bitte öffnen:\n\n{link}\n\nIhr Team\n";
    assert_eq!(words().await, ("Ihr Link".to_owned(), text.to_owned()));
    assert_eq!(shows(), format!("Ihr Link\n\n{text}"));
    gateway.command(&["mail", "reset", "--group", "Technicians"]);
    assert_eq!(words().await, built_in);
    let file = gateway.file("No place for it");
    let refused: [(&[&str], &str); 4] = [
        (&["--text-file", &file], "{link}"),
        (&["--subject", " "], "1 to 128 characters"),
        (&["--subject", "x", "--group", "Nobody"], "no technician group"),
        (&[], "--subject"),
    ];
    for (more, said) in refused {
        let error = gateway.refused(&[&["mail", "set"], more].concat());
        assert!(error.contains(said), "{more:?}: {error}");
    }
    assert_eq!(words().await, built_in);
}

#[tokio::test]
async fn what_applets_follow_is_set_beside_a_running_gateway_and_meets_the_next_customer() {
    let gateway = Beside::start().await;
    let followed = async |secret| {
        let joined = gateway.join(secret).await;
        let settings = &joined["settings"];
        json!([settings["priority"], settings["pause_key"], settings["ask_at_start"]])
    };
    let shows = || gateway.command(&["applet", "show"]);
    assert_eq!(followed(1).await, json!(["technician", true, false]));
    assert_eq!(shows(), "priority technician\npause-key on\nask-at-start off\n");
    gateway.command(&["applet", "set", "--priority", "customer", "--pause-key", "off"]);
    assert_eq!(followed(2).await, json!(["customer", false, false]));
    gateway.command(&["applet", "set", "--ask-at-start", "on"]);
    assert_eq!(followed(3).await, json!(["customer", false, true]), "the rest is kept");
    assert_eq!(shows(), "priority customer\npause-key off\nask-at-start on\n");
    gateway.command(&["applet", "reset", "--group", "Technicians"]);
    assert_eq!(followed(4).await, json!(["technician", true, false]));
    let refused: [(&[&str], &str); 3] = [
        (&[], "--priority"),
        (&["--priority", "both"], "possible values: technician, customer"),
        (&["--pause-key", "off", "--group", "Nobody"], "no technician group"),
    ];
    for (more, said) in refused {
        let error = gateway.refused(&[&["applet", "set"], more].concat());
        assert!(error.contains(said), "{more:?}: {error}");
    }
    assert_eq!(followed(5).await, json!(["technician", true, false]));
    assert_eq!(audited(&gateway.data, "applet").await, ["applet.set", "applet.set", "applet.reset"]);
}

/// What the audit log says was done to this.
async fn audited(data: &Path, what: &str) -> Vec<String> {
    let db = Db::connect(&Location::File(data.join("gateway.db"))).await.unwrap();
    let rows = sqlx::query("SELECT action FROM audit_log WHERE action LIKE $1 AND target LIKE 'group 1%' ORDER BY audit_id")
        .bind(format!("{what}.%"))
        .fetch_all(db.read())
        .await
        .unwrap();
    let actions = rows.iter().map(|row| sqlx::Row::get::<String, _>(row, 0)).collect();
    db.close().await;
    actions
}

#[test]
fn what_is_no_text_is_refused_as_terms() {
    let temp = tempfile::tempdir().unwrap();
    let data = initialised(temp.path()).display().to_string();
    let file = temp.path().join("terms");
    let shown = file.display().to_string();
    let long = vec![b'a'; (1 << 20) + 1];
    let refused: [(&[u8], &str); 4] = [
        (b" \n", "terms remove"),
        (b"\xff\xfe", "UTF-8"),
        (b"PK\x03\x04", "U+0003"),
        (&long, "longer than"),
    ];
    for (bytes, said) in refused {
        std::fs::write(&file, bytes).unwrap();
        let done = run(&["terms", "set", "--data", &data, "--file", &shown]);
        let error = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(!done.status.success() && error.contains(said), "{error}");
    }
    std::fs::remove_file(&file).unwrap();
    assert!(!run(&["terms", "set", "--data", &data, "--file", &shown]).status.success());
    assert!(run_well(&["terms", "show", "--data", &data]).contains("no terms are set"));
}

#[test]
fn serve_opens_as_many_files_as_it_is_allowed_to() {
    let temp = tempfile::tempdir().unwrap();
    let data = initialised(temp.path()).display().to_string();
    let script = "ulimit -S -n 200 && exec \"$0\" serve --data \"$1\" --listen 127.0.0.1:0";
    let mut child = Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_farhand-gateway"), &data])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let served = Served { child, lines: Vec::new() };
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    assert!(line.starts_with("listening on "), "{line}");
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", served.child.id())).unwrap();
    let files = limits.lines().find_map(|line| line.strip_prefix("Max open files")).unwrap();
    let words: Vec<&str> = files.split_whitespace().collect();
    assert_eq!(words[0], words[1], "{files}");
    assert_ne!(words[0], "200");
}
