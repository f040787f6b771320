//! The operating system and the network: capture, input, links, and the two sides of a session.
//!
//! ```text
//! technician (console, farhand)          customer (applet)
//!   ├─ gateway: sign-in, live line         ├─ gateway: join, live line, event chain
//!   └─ viewer: one per session   ◄─link─►  └─ host: capture → compare → encode, input, grants
//! ```
//!
//! Programs talk to [`technician`] or [`customer`] alone: commands in, events out. Operating systems differ in [`platform`] alone.

pub mod clock;
pub mod customer;
pub mod folders;
pub mod gateway;
pub mod host;
pub mod journal;
pub mod keystore;
pub mod link;
pub mod logging;
pub mod platform;
pub mod random;
pub mod technician;
pub mod viewer;
