//! Desktop notifications by org.freedesktop.Notifications, on a thread of their own. Without such a service nothing happens.

use std::{
    collections::HashMap,
    sync::mpsc::{Sender, channel},
};

use zbus::{blocking::Connection, zvariant::Value};

/// Shows notifications.
pub struct Notifier(Sender<(String, String)>);

impl Notifier {
    /// Starts the thread; the bus is asked for at the first notification.
    pub fn start() -> Self {
        let (sender, receiver) = channel::<(String, String)>();
        let thread = std::thread::Builder::new().name("farhand-notify".into());
        let run = move || {
            let mut bus: Option<Connection> = None;
            while let Ok((title, text)) = receiver.recv() {
                let shown = match &bus {
                    Some(bus) => show(bus, &title, &text),
                    None => Connection::session().and_then(|fresh| show(bus.insert(fresh), &title, &text)),
                };
                if let Err(error) = shown {
                    tracing::debug!(%error, "no notification was shown");
                    bus = None;
                }
            }
        };
        if let Err(error) = thread.spawn(run) {
            tracing::warn!(%error, "no thread for notifications");
        }
        Self(sender)
    }

    /// Shows one.
    pub fn show(&self, title: String, text: String) {
        let _ = self.0.send((title, text));
    }
}

fn show(bus: &Connection, title: &str, text: &str) -> zbus::Result<()> {
    let hints: HashMap<&str, Value<'_>> = HashMap::from([("category", Value::from("im.received"))]);
    let actions: [&str; 0] = [];
    // Servers may read markup in the body; a customer's words must not become any.
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    bus.call_method(
        Some("org.freedesktop.Notifications"),
        "/org/freedesktop/Notifications",
        Some("org.freedesktop.Notifications"),
        "Notify",
        &("Farhand", 0u32, "farhand", title, text.as_str(), &actions[..], hints, 8_000i32),
    )?;
    Ok(())
}
