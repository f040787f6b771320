//! Links by e-mail: in the words of the technician group, and through a mail server, which takes a message over or will not.

mod support;

use std::net::SocketAddr;

use data_encoding::BASE64;
use farhand_gateway::{
    accounts::group_by_name,
    mail::{MailService, set_subject, set_text},
};
use farhand_protocol::gateway::CustomerStep;
use serde_json::{Value, json};
use support::{ADA, ADMIN, BEN, Lab, postgres::Postgres};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
    task::JoinHandle,
};

/// A mail server for one message, which answers this to the recipient; what it was told.
async fn mail_server(to_recipient: &'static str) -> (SocketAddr, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let told = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let (read, mut write) = stream.into_split();
        let (mut read, mut told, mut is_message) = (BufReader::new(read), String::new(), false);
        write.write_all(b"220 mail.acme.example\r\n").await.unwrap();
        loop {
            let before = told.len();
            if read.read_line(&mut told).await.unwrap_or(0) == 0 {
                return told;
            }
            let said = told[before..].trim_end().to_owned();
            let answer = match said.as_str() {
                "." => {
                    is_message = false;
                    "250 queued"
                }
                _ if is_message => continue,
                "DATA" => {
                    is_message = true;
                    "354 go on"
                }
                "QUIT" => return told,
                line if line.starts_with("RCPT") => to_recipient,
                _ => "250 ok",
            };
            write.write_all(format!("{answer}\r\n").as_bytes()).await.unwrap();
        }
    });
    (address, told)
}

fn service(server: &str) -> MailService {
    MailService::new(server.parse().unwrap(), "support@acme.example", None).unwrap()
}

/// A gateway that mails over an open line to a server on this machine.
async fn lab_with(server: SocketAddr) -> Lab {
    let service = service(&format!("smtp+plain://{server}"));
    Lab::with(|settings| settings.mail = Some(service)).await
}

async fn made_for(lab: &Lab, token: &str, name: &str) -> Value {
    lab.post("/api/v1/sessions", token, json!({ "name": name })).await.ok()
}

async fn made(lab: &Lab, token: &str) -> Value {
    made_for(lab, token, "M. Diaz").await
}

fn path(made: &Value) -> String {
    format!("/api/v1/sessions/{}/mail", made["session_id"])
}

/// What the log says of messages that were sent.
async fn mailed(lab: &Lab, made: &Value, token: &str) -> Vec<Value> {
    let path = format!("/api/v1/sessions/{}/events", made["session_id"]);
    let events = lab.get(&path, token).await.ok();
    let mailed = events.as_array().unwrap().iter().filter(|event| event["kind"] == "code.mailed");
    mailed.map(|event| json!([event["actor"], event["detail"]])).collect()
}

/// The text of the message among what the server was told: dots at the beginning of a line stand there twice (RFC 5321, 4.5.2).
fn text_of(told: &str) -> String {
    let (headers, body) = told.split_once("\r\n\r\n").expect("a text");
    let (body, _) = body.split_once("\r\n.\r\n").expect("its end");
    let lines = body.split("\r\n").map(|line| line.strip_prefix('.').unwrap_or(line));
    let text = lines.collect::<Vec<_>>().join("\n");
    if headers.contains("Content-Transfer-Encoding: quoted-printable") {
        unquoted(&text)
    } else {
        assert!(headers.contains("Content-Transfer-Encoding: 7bit"), "{headers}");
        text
    }
}

/// Quoted-printable undone (RFC 2045, 6.7).
fn unquoted(text: &str) -> String {
    let text = text.replace("=\n", "");
    let mut parts = text.split('=');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(&part[..2], 16).unwrap());
        bytes.extend_from_slice(&part.as_bytes()[2..]);
    }
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn a_link_goes_to_the_customer_in_the_technicians_name_and_that_stands_in_the_log() {
    let (server, told) = mail_server("250 ok").await;
    let lab = lab_with(server).await;
    let ada = lab.token(ADA).await;
    assert_eq!(lab.get("/api/v1/me", &ada).await.ok()["sends_mail"], true);
    let made = made(&lab, &ada).await;
    let asked = json!({ "to": "maria@home.example", "link": made["link"] });
    let answer = lab.post(&path(&made), &ada, asked).await.ok();
    assert_eq!(answer, json!({ "outcome": "sent" }));
    let told = told.await.unwrap();
    for line in [
        "MAIL FROM:<support@acme.example>",
        "RCPT TO:<maria@home.example>",
        "To: \"M. Diaz\" <maria@home.example>",
        "Reply-To: ada@acme.example",
        "Subject: Your support session link",
    ] {
        assert!(told.lines().any(|said| said == line), "{line} in {told}");
    }
    let sender = BASE64.encode(b"Ada Kern, ACME");
    assert!(
        told.contains(&format!("From: =?utf-8?b?{sender}?= <support@acme.example>")),
        "{told}"
    );
    assert_eq!(text_of(&told), made["mail_text"].as_str().unwrap());
    let detail = json!({ "member_id": 2, "to": "maria@home.example" });
    assert_eq!(mailed(&lab, &made, &ada).await, [json!(["technician", detail])]);
}

#[tokio::test]
async fn whatever_the_words_are_they_arrive_as_they_were_written() {
    for (text, name) in [
        ("Hello.\n.\n..\n{link}\n.hidden\nQUIT\n", "M. Diaz"),
        ("Öffnen – bitte:\n.\n  {link}\n.\nGrüße = Ihr Team", "María Díaz"),
    ] {
        let (server, told) = mail_server("250 ok").await;
        let lab = lab_with(server).await;
        let ada = lab.token(ADA).await;
        let above = group_by_name(&lab.app.db, None).await.unwrap();
        let mut tx = lab.app.db.write().await.unwrap();
        set_subject(&mut tx, above, "Ihr Link: jetzt öffnen").await.unwrap();
        set_text(&mut tx, above, text).await.unwrap();
        tx.commit().await.unwrap();
        let made = made_for(&lab, &ada, name).await;
        let asked = json!({ "to": "maria@home.example", "link": made["link"] });
        assert_eq!(lab.post(&path(&made), &ada, asked).await.ok()["outcome"], "sent");
        let told = told.await.unwrap();
        assert!(told.is_ascii(), "{told}");
        let wanted = text.replace("{link}", made["link"].as_str().unwrap());
        assert_eq!(text_of(&told), wanted);
        assert_eq!(made["mail_text"], wanted);
        let encoded = BASE64.encode(name.as_bytes());
        assert!(told.contains(name) || told.contains(&encoded), "{name} in {told}");
        assert!(told.contains(&BASE64.encode("öffnen".as_bytes())), "{told}");
    }
}

#[tokio::test]
async fn a_refusal_of_the_mail_server_is_told_with_its_reason_and_one_that_is_gone_is_said_to_be() {
    let (server, told) = mail_server("550-5.1.1 no such user\r\n550 5.1.1 \u{7}here").await;
    let lab = lab_with(server).await;
    let ada = lab.token(ADA).await;
    let made = made(&lab, &ada).await;
    let asked = json!({ "to": "nobody@home.example", "link": made["link"] });
    let answer = lab.post(&path(&made), &ada, asked.clone()).await.ok();
    assert_eq!(answer, json!({ "outcome": "refused", "reason": "550 5.1.1 no such user here" }));
    assert!(!told.await.unwrap().contains("DATA"));
    let answer = lab.post(&path(&made), &ada, asked).await.ok();
    assert_eq!(answer["outcome"], "failed", "{answer}");
    assert!(mailed(&lab, &made, &ada).await.is_empty());
}

#[tokio::test]
async fn nothing_goes_over_a_line_that_was_to_be_encrypted_and_is_not() {
    let (server, told) = mail_server("250 ok").await;
    let service = service(&format!("smtp://{server}"));
    let lab = Lab::with(|settings| settings.mail = Some(service)).await;
    let ada = lab.token(ADA).await;
    let made = made(&lab, &ada).await;
    let asked = json!({ "to": "maria@home.example", "link": made["link"] });
    let answer = lab.post(&path(&made), &ada, asked).await.ok();
    assert_eq!(answer["outcome"], "failed", "{answer}");
    assert!(answer["reason"].as_str().unwrap().contains("STARTTLS"), "{answer}");
    let told = told.await.unwrap();
    assert!(!told.contains("MAIL") && !told.contains("maria"), "{told}");
}

#[tokio::test]
async fn only_the_open_link_of_ones_own_session_is_mailed_and_to_one_address() {
    // Nobody is asked to take a message.
    let lab = lab_with("127.0.0.1:9".parse().unwrap()).await;
    let (ada, ben) = (lab.token(ADA).await, lab.token(BEN).await);
    let (first, second) = (made(&lab, &ada).await, made(&lab, &ada).await);
    let refused = async |token: &str, to: &str, link: &str| {
        let answer = lab.post(&path(&first), token, json!({ "to": to, "link": link })).await;
        answer.refused().to_owned()
    };
    let (maria, link) = ("maria@home.example", first["link"].as_str().unwrap());
    for to in [
        "",
        "maria",
        "maria@home.example, ben@home.example",
        "maria@home.example\r\nBcc: all@home.example",
    ] {
        assert_eq!(refused(&ada, to, link).await, "request.malformed", "{to}");
    }
    let by_pin = format!("https://support.acme.example/join#{}", first["pin"].as_str().unwrap());
    for link in ["", "https://evil.example/", &by_pin] {
        assert_eq!(refused(&ada, maria, link).await, "code.malformed", "{link}");
    }
    let unknown = "https://support.acme.example/join#AAAAAAAAAAAAAAAAAAAAAAAAAA";
    for link in [unknown, second["link"].as_str().unwrap()] {
        assert_eq!(refused(&ada, maria, link).await, "code.unknown", "{link}");
    }
    assert_eq!(refused(&ben, maria, link).await, "session.unknown");
    let session_id = first["session_id"].as_i64().unwrap().into();
    lab.try_join(first["pin"].as_str().unwrap()).await.ok();
    lab.customer(session_id, CustomerStep::Ready).await;
    assert_eq!(refused(&ada, maria, link).await, "code.used");
    sqlx::query("UPDATE group_permissions SET is_on = 0 WHERE permission = 'start_private_sessions'")
        .execute(lab.app.db.read())
        .await
        .unwrap();
    assert_eq!(refused(&ada, maria, link).await, "permission.missing");
}

#[tokio::test]
async fn a_gateway_without_a_mail_server_says_that_it_sends_nothing() {
    let lab = Lab::sqlite().await;
    let ada = lab.token(ADA).await;
    let made = made(&lab, &ada).await;
    let asked = json!({ "to": "maria@home.example", "link": made["link"] });
    assert_eq!(lab.post(&path(&made), &ada, asked).await.refused(), "request.not_found");
    assert_eq!(lab.get("/api/v1/me", &ada).await.ok()["sends_mail"], false);
}

async fn each_group_has_its_words_or_those_above_it(lab: &Lab) {
    let (ada, root) = (lab.token(ADA).await, lab.token(ADMIN).await);
    let above = group_by_name(&lab.app.db, None).await.unwrap();
    for sql in [
        "INSERT INTO technician_groups (group_id, parent_id, name, created_at) VALUES (77, 1, 'Field', 0)",
        "UPDATE members SET group_id = 77 WHERE member_id = 2",
    ] {
        sqlx::query(sql).execute(lab.app.db.read()).await.unwrap();
    }
    assert_eq!(group_by_name(&lab.app.db, Some("Field")).await.unwrap(), 77);
    assert!(group_by_name(&lab.app.db, Some("Office")).await.is_err());
    let words = async |token: &str| {
        let made = made(lab, token).await;
        let said = |name: &str| made[name].as_str().unwrap().to_owned();
        (said("mail_subject"), said("mail_text").replace(&said("link"), "LINK"))
    };
    let (subject, text) = words(&ada).await;
    assert_eq!(subject, "Your support session link");
    assert_eq!(
        text,
        "To ask for live support, please open this link:\n\nLINK\n\nKind regards, your support team\n"
    );
    let set = async |group_id, subject: &str, text: &str| {
        let mut tx = lab.app.db.write().await.unwrap();
        set_subject(&mut tx, group_id, subject).await.unwrap();
        set_text(&mut tx, group_id, text).await.unwrap();
        tx.commit().await.unwrap();
    };
    set(above, "Ihr Link", "Öffnen:\n{link}\nIhr Team").await;
    assert_eq!(words(&ada).await, ("Ihr Link".to_owned(), "Öffnen:\nLINK\nIhr Team".to_owned()));
    set(77, "Votre lien", "").await;
    assert_eq!(words(&ada).await, ("Votre lien".to_owned(), "Öffnen:\nLINK\nIhr Team".to_owned()));
    assert_eq!(words(&root).await.0, "Ihr Link");
    set(77, "", "").await;
    set(above, "", "").await;
    assert_eq!(words(&ada).await, (subject, text), "EML-20: back to the built-in words");
}

#[tokio::test]
async fn each_group_has_its_words_or_those_above_it_on_sqlite() {
    each_group_has_its_words_or_those_above_it(&Lab::sqlite().await).await;
}

#[tokio::test]
async fn each_group_has_its_words_or_those_above_it_on_postgresql() {
    let server = Postgres::start();
    each_group_has_its_words_or_those_above_it(&Lab::new(Some(server.database("farhand"))).await).await;
}
