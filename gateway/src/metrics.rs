//! What the gateway counts, in the text format of Prometheus.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::app::Gateway;

/// A number that only grows.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Counts.
    pub fn add(&self, by: u64) {
        self.0.fetch_add(by, Ordering::Relaxed);
    }

    /// The count.
    pub fn value(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

macro_rules! counters {
    ($($name:ident, $metric:literal, $help:literal;)+) => {
        /// All counters of the process.
        #[derive(Debug, Default)]
        pub struct Metrics { $(#[doc = $help] pub $name: Counter,)+ }

        impl Metrics {
            fn write(&self, out: &mut String) {
                $(family(out, $metric, "counter", $help, self.$name.value());)+
            }
        }
    };
}

counters! {
    requests, "farhand_http_requests_total", "HTTP requests answered.";
    errors, "farhand_http_errors_total", "HTTP requests answered with a 5xx status.";
    logins, "farhand_logins_total", "Successful sign-ins.";
    logins_failed, "farhand_logins_failed_total", "Sign-ins with a wrong address or password.";
    sessions_created, "farhand_sessions_created_total", "Sessions made.";
    sessions_ended, "farhand_sessions_ended_total", "Sessions that reached a final state.";
    joins, "farhand_joins_total", "Customers who came with a good code.";
    guesses_wrong, "farhand_pin_guesses_wrong_total", "Wrong PINs that were evaluated.";
    guesses_refused, "farhand_pin_guesses_refused_total", "PINs refused without evaluation.";
    proofs_asked, "farhand_pin_proofs_asked_total", "Proofs of work asked for.";
    tickets, "farhand_tickets_total", "Tickets issued.";
    events_stored, "farhand_events_stored_total", "Events of peers stored.";
    relay_admitted, "farhand_relay_admitted_total", "Relay clients admitted.";
    relay_refused, "farhand_relay_refused_total", "Relay clients refused.";
}

/// Everything, as Prometheus reads it.
pub fn render(app: &Gateway) -> String {
    let mut out = String::with_capacity(4096);
    app.metrics.write(&mut out);
    let relay = app.relay.metrics();
    family(
        &mut out,
        "farhand_relay_bytes_received_total",
        "counter",
        "Bytes the relay took in for others.",
        relay.bytes_recv.get(),
    );
    family(
        &mut out,
        "farhand_relay_bytes_sent_total",
        "counter",
        "Bytes the relay passed on.",
        relay.bytes_sent.get(),
    );
    let (applets, technicians) = app.hub.counts();
    family(
        &mut out,
        "farhand_gateway_processes",
        "gauge",
        "Gateway processes on this database, this one included.",
        app.hub.others(|others| others.count()) as u64 + 1,
    );
    family(
        &mut out,
        "farhand_live_applets",
        "gauge",
        "Applets with an open WebSocket.",
        applets as u64,
    );
    family(
        &mut out,
        "farhand_live_technicians",
        "gauge",
        "Console WebSockets open.",
        technicians as u64,
    );
    out
}

fn family(out: &mut String, name: &str, kind: &str, help: &str, value: u64) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}");
}
