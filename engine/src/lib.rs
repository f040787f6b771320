//! The operating system and the network: capture, input, links, and the two sides of a session.
//!
//! ```text
//! technician (console, farhand)          customer (applet)
//!   ├─ gateway: sign-in, live line         ├─ gateway: join, live line, event chain
//!   └─ viewer: one per session   ◄─link─►  └─ host: capture → compare → encode, input, grants
//! ```
//!
//! Programs talk to [`technician`] or [`customer`] alone: commands in, events out. Operating systems differ in [`platform`] alone.

pub mod platform;
pub mod clock;
pub mod random;
pub mod folders;
pub mod keystore;
pub mod journal;
pub mod gateway;
pub mod link;
pub mod host;
pub mod viewer;
pub mod technician;
pub mod customer;
