//! The public pages in a real browser: the code in a link's fragment reaches the gateway by script alone, a typed PIN goes through a proof of work,
//! and everything but those works without script, in three languages, on narrow and wide windows.

mod support;

use ed25519_dalek::SigningKey;
use serde_json::json;
use support::browser::Browser;
use support::join_body;
use support::wire::{Api, Live};

async fn place() -> (Live, Api, String) {
    let live = Live::start().await;
    std::fs::write(live.app.settings.downloads.join("linux-x86_64"), b"ELF").unwrap();
    let api = live.api();
    let token = api.login().await;
    (live, api, token)
}

async fn made(api: &Api, token: &str) -> (String, String) {
    let made = api.post("/sessions", token, json!({ "name": "M. Diaz" })).await;
    (made["pin"].as_str().unwrap().to_owned(), made["link"].as_str().unwrap().to_owned())
}

/// Five wrong PINs, and this address must prove that it is not guessing: its browser does.
async fn guess_wrong(live: &Live, api: &Api) {
    for _ in 0..5 {
        let body = json!({ "code": "000000001" });
        let asked = live.http.post(format!("{}/api/v1/codes/check", api.origin)).json(&body);
        assert_eq!(asked.send().await.unwrap().status(), 404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_leads_to_the_download_even_while_guesses_are_limited_and_a_wrong_one_says_so() {
    let (live, api, token) = place().await;
    let (pin, link) = made(&api, &token).await;
    let browser = Browser::start("en").await;
    browser.open(&link).await;
    browser.until("#download", "Download for Linux").await;
    let href = browser.value("document.getElementById('download').href").await;
    assert!(
        href.as_str().unwrap().contains("/download/linux-x86_64/Farhand~127.0.0.1~"),
        "{href}"
    );
    // Another language is the same link.
    browser.click("nav a[lang=fr]").await;
    browser.until("#download", "Télécharger pour Linux").await;
    browser.click("nav a[lang=en]").await;
    guess_wrong(&live, &api).await;
    browser.open(&format!("{}/?", api.origin)).await;
    browser.open(&format!("{}/join#{pin}", api.origin)).await;
    browser.until("#download", "Download for Linux").await;
    assert_eq!(live.app.metrics.proofs_asked.value(), 1);
    browser.open(&format!("{}/?", api.origin)).await;
    browser.open(&format!("{}/join#AAAAAAAAAAAAAAAAAAAAAAAAAA", api.origin)).await;
    browser.until("#heading", "This link does not work").await;
    browser.until("#status", "No session waits").await;
    drop(browser);
    live.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_was_used_asks_for_a_new_link_and_offers_no_pin() {
    let (live, api, token) = place().await;
    let (pin, link) = made(&api, &token).await;
    api.post("/join", "", join_body(&pin, &SigningKey::from_bytes(&[7; 32]), "PC7"))
        .await;
    let browser = Browser::start("en").await;
    browser.open(&link).await;
    browser.until("#heading", "This link does not work").await;
    browser.until("#status", "ask for a new link").await;
    assert!(browser.text("#other").await.is_empty(), "its PIN leads nowhere either");
    drop(browser);
    live.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_typed_pin_stands_in_groups_and_leads_through_a_proof_of_work_to_the_download() {
    let (live, api, token) = place().await;
    let (pin, _) = made(&api, &token).await;
    let browser = Browser::start("en").await;
    guess_wrong(&live, &api).await;
    browser.open(&api.origin).await;
    browser.type_into("#pin", &pin).await;
    let grouped = format!("{} {} {}", &pin[..3], &pin[3..6], &pin[6..]);
    assert_eq!(browser.value("document.getElementById('pin').value").await, grouped);
    browser.click("#pin-form button").await;
    browser.until("#heading", "Your PIN is right").await;
    browser.until("#download", "Download for Linux").await;
    assert_eq!(live.app.metrics.proofs_asked.value(), 1, "it was asked for a proof, and gave one");
    assert_eq!(browser.value("document.activeElement.id").await, "download");
    assert!(
        browser.text("#pin").await.is_empty() && browser.text("#next").await.is_empty(),
        "the form has gone"
    );
    let deep_link = browser.value("document.getElementById('deep-link').href").await;
    assert!(
        deep_link.as_str().unwrap().starts_with("farhand:join?gateway=http://127.0.0.1"),
        "{deep_link}"
    );
    // With dashes, as it may be pasted; by now somebody has used it.
    let body = json!({ "code": pin, "applet_key": "07".repeat(32), "platform": "x", "device": "x", "version": "0",
        "proof": null });
    let refused = live
        .http
        .post(format!("{}/api/v1/join", api.origin))
        .json(&body)
        .send()
        .await
        .unwrap();
    assert_eq!(refused.status(), 429, "without a proof not even the right PIN");
    browser.open(&api.origin).await;
    browser.type_into("#pin", "000-000-002").await;
    browser.click("#pin-form button").await;
    browser.until("#status", "No session waits under this PIN").await;
    assert_eq!(browser.value("document.querySelector('#pin-form button').disabled").await, false);
    assert_eq!(browser.value("document.activeElement.id").await, "pin");
    drop(browser);
    live.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_script_the_pages_work_in_the_visitors_language_and_in_a_chosen_one() {
    let (live, api, token) = place().await;
    let (pin, link) = made(&api, &token).await;
    let browser = Browser::start("fr-CH,fr;q=0.9,en;q=0.5").await;
    browser
        .order("Emulation.setScriptExecutionDisabled", json!({ "value": true }))
        .await;
    browser.open(&api.origin).await;
    browser.until("h1", "Saisissez le PIN").await;
    assert_eq!(browser.value("document.documentElement.lang").await, "fr");
    browser.click("nav a[lang=de]").await;
    browser.until("h1", "Geben Sie die PIN ein").await;
    browser.type_into("#pin", "000 000 003").await;
    browser.click("#pin-form button").await;
    browser.until("#problem", "Unter dieser PIN wartet keine Sitzung").await;
    browser.type_into("#pin", &pin).await;
    browser.click("#pin-form button").await;
    browser.until("h1", "Ihre PIN ist richtig").await;
    browser.until("a.button", "Für Linux herunterladen").await;
    browser.click("button[value=en]").await;
    browser.until("h1", "Your PIN is right").await;
    browser.until("a.button", "Download for Linux").await;
    browser.open(&api.origin).await;
    browser.until("h1", "Type the PIN").await;
    browser.open(&link).await;
    browser.until("noscript", "This link needs JavaScript").await;
    browser.open(&format!("{}/nowhere", api.origin)).await;
    browser.until("h1", "There is no such page").await;
    drop(browser);
    live.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_is_wider_than_a_small_phone_in_any_language() {
    let (live, api, token) = place().await;
    let (_, link) = made(&api, &token).await;
    let browser = Browser::start("en").await;
    browser.set_width(320).await;
    for language in ["en", "fr", "de"] {
        for page in ["/", "/nowhere"] {
            browser.open(&format!("{}{page}?lang={language}", api.origin)).await;
            fits(&browser, page).await;
        }
        let (before, code) = link.split_once('#').unwrap();
        browser.open(&format!("{before}?lang={language}#{code}")).await;
        browser.until("#download", "Linux").await;
        fits(&browser, "link").await;
    }
    drop(browser);
    live.stop().await;
}

async fn fits(browser: &Browser, page: &str) {
    let width = browser.value("document.documentElement.scrollWidth").await;
    assert!(width.as_u64().unwrap() <= 320, "{page}: {width}");
}
