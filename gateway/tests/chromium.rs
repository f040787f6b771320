//! The link page in a real browser: the code in the fragment reaches the gateway by script alone, also through a proof of work.

mod support;

use std::process::Command;

use serde_json::json;
use support::wire::{Live, PATIENCE};

/// The page as it stands once its scripts have come to rest.
async fn page_after_scripts(url: String) -> String {
    let profile = tempfile::tempdir().unwrap();
    let flags = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
    ];
    let output = tokio::task::spawn_blocking(move || {
        Command::new("chromium")
            .args(flags)
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .args(["--virtual-time-budget=20000", "--dump-dom"])
            .arg(url)
            .output()
            .expect("chromium is installed")
    });
    let output = tokio::time::timeout(6 * PATIENCE, output).await.expect("the browser ends").unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_leads_to_the_download_even_while_guesses_are_limited_and_a_wrong_one_says_so() {
    let live = Live::start().await;
    std::fs::write(live.app.settings.downloads.join("linux-x86_64"), b"ELF").unwrap();
    let api = live.api();
    let token = api.login().await;
    let made = api.post("/sessions", &token, json!({ "name": "M. Diaz" })).await;
    let (pin, link) = (made["pin"].as_str().unwrap(), made["link"].as_str().unwrap());
    let page = page_after_scripts(link.to_owned()).await;
    assert!(
        page.contains("Download for Linux") && page.contains("/download/linux-x86_64/Farhand~127.0.0.1~"),
        "{page}"
    );
    // Five wrong PINs, and this address must prove that it is not guessing: its browser does.
    for _ in 0..5 {
        let body = json!({ "code": "000000001" });
        assert_eq!(
            live.http
                .post(format!("{}/api/v1/codes/check", api.origin))
                .json(&body)
                .send()
                .await
                .unwrap()
                .status(),
            404
        );
    }
    let page = page_after_scripts(format!("{}/join#{pin}", api.origin)).await;
    assert!(page.contains("Download for Linux"), "{page}");
    assert_eq!(live.app.metrics.proofs_asked.value(), 1);
    let page = page_after_scripts(format!("{}/join#AAAAAAAAAAAAAAAAAAAAAAAAAA", api.origin)).await;
    assert!(
        page.contains("This link does not work") && page.contains("No session waits"),
        "{page}"
    );
    live.stop().await;
}
