//! Chromium under chromedriver (W3C WebDriver), as far as the public pages need it. Gone with the value.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use data_encoding::BASE64;
use serde_json::{Value, json};

use super::process::free_port;
use super::wire::client;

const PATIENCE: Duration = Duration::from_secs(60);
/// Name of an element's number (WebDriver, 12.2).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

pub struct Browser {
    driver: Child,
    port: u16,
    http: reqwest::Client,
    session: String,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// A fresh browser whose owner reads these languages.
    pub async fn start(languages: &str) -> Self {
        let (port, profile) = (free_port(), tempfile::tempdir().unwrap());
        let driver = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver is installed");
        let mut browser = Self {
            driver,
            port,
            http: client(None),
            session: String::new(),
            _profile: profile,
        };
        let flags = [
            "--headless=new".to_owned(),
            "--no-sandbox".into(),
            "--disable-gpu".into(),
            "--disable-dev-shm-usage".into(),
            "--disable-background-networking".into(),
            "--disable-component-update".into(),
            "--disable-sync".into(),
            "--no-first-run".into(),
            format!("--accept-lang={languages}"),
            format!("--user-data-dir={}", browser._profile.path().display()),
        ];
        let options = json!({ "binary": "/usr/bin/chromium", "args": flags, "prefs": { "intl.accept_languages": languages } });
        let wanted = json!({ "capabilities": { "alwaysMatch": { "goog:chromeOptions": options } } });
        let made = tokio::time::timeout(PATIENCE, async {
            loop {
                let asked = browser.http.post(browser.url("")).timeout(PATIENCE).json(&wanted).send().await;
                match asked {
                    Ok(answer) => break answer.json::<Value>().await.unwrap(),
                    Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
                }
            }
        });
        let made = made.await.expect("the browser starts");
        browser.session = made["value"]["sessionId"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned();
        browser
    }

    fn url(&self, path: &str) -> String {
        let session = if self.session.is_empty() {
            String::new()
        } else {
            format!("/{}", self.session)
        };
        format!("http://127.0.0.1:{}/session{session}{path}", self.port)
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let answer = self.http.post(self.url(path)).timeout(PATIENCE).json(&body).send().await.unwrap();
        let ok = answer.status().is_success();
        let body: Value = answer.json().await.unwrap();
        assert!(ok, "{path}: {body}");
        body["value"].clone()
    }

    pub async fn open(&self, url: &str) {
        self.post("/url", json!({ "url": url })).await;
    }

    async fn element(&self, css: &str) -> String {
        let found = self.post("/element", json!({ "using": "css selector", "value": css })).await;
        found[ELEMENT].as_str().unwrap().to_owned()
    }

    pub async fn type_into(&self, css: &str, text: &str) {
        let element = self.element(css).await;
        self.post(&format!("/element/{element}/value"), json!({ "text": text })).await;
    }

    pub async fn click(&self, css: &str) {
        let element = self.element(css).await;
        self.post(&format!("/element/{element}/click"), json!({})).await;
    }

    /// What an expression of the page is.
    pub async fn value(&self, expression: &str) -> Value {
        self.post("/execute/sync", json!({ "script": format!("return {expression}"), "args": [] }))
            .await
    }

    /// What can be read of an element; nothing when it is hidden or not there.
    pub async fn text(&self, css: &str) -> String {
        let expression = format!(
            "(e => e && e.offsetParent ? e.innerText : '')(document.querySelector({}))",
            json!(css)
        );
        self.value(&expression).await.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until an element says this.
    pub async fn until(&self, css: &str, text: &str) {
        let mut last = String::new();
        let waited = tokio::time::timeout(PATIENCE, async {
            loop {
                last = self.text(css).await;
                if last.contains(text) {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        });
        assert!(waited.await.is_ok(), "{css} says {last:?}, not {text:?}");
    }

    /// A command of the browser's own protocol.
    pub async fn order(&self, command: &str, params: Value) {
        self.post("/goog/cdp/execute", json!({ "cmd": command, "params": params })).await;
    }

    pub async fn set_width(&self, width: u32) {
        let size = json!({ "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": false });
        self.order("Emulation.setDeviceMetricsOverride", size).await;
    }

    pub async fn set_dark(&self, dark: bool) {
        let value = if dark { "dark" } else { "light" };
        self.order(
            "Emulation.setEmulatedMedia",
            json!({ "features": [{ "name": "prefers-color-scheme", "value": value }] }),
        )
        .await;
    }

    /// The page as a PNG.
    pub async fn picture(&self, file: &Path) {
        let answer: Value = self.http.get(self.url("/screenshot")).send().await.unwrap().json().await.unwrap();
        std::fs::write(file, BASE64.decode(answer["value"].as_str().unwrap().as_bytes()).unwrap()).unwrap();
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if let Ok(mut driver) = TcpStream::connect(("127.0.0.1", self.port)) {
            let _ = driver.set_read_timeout(Some(Duration::from_secs(5)));
            let _ = write!(
                driver,
                "DELETE /session/{} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n",
                self.session
            );
            let _ = driver.read(&mut [0; 1024]);
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
