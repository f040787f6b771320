//! The gateway of Farhand: accounts, codes, the session log, signalling and the relay of one organisation in one process. It relays what it
//! cannot read: of this workspace it knows `protocol` only.
//!
//! ```text
//! cli ─► serve ─► api (route table) ─► sessions (log and projection) ─► db
//!                  │                     ▲            │
//!                  ├─► live (WebSockets) ┘            ├─► live, relay: told after commit
//!                  └─► pages, relay                   └─► mail (links, by the mail server of the organisation)
//! ```
#![forbid(unsafe_code)]

pub mod cli;
pub mod serve;

pub mod accounts;
pub mod api;
pub mod app;
pub mod applet_rules;
pub mod audit;
mod certificate;
pub mod clock;
pub mod db;
pub mod error;
pub mod folder;
pub mod limits;
pub mod live;
pub mod mail;
pub mod metrics;
pub mod pages;
pub mod relay;
pub mod secret;
pub mod sessions;
pub mod settings;
pub mod slots;
pub mod tls;
