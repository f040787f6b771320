//! What the parties of Farhand say to each other: messages, tickets, grants, codes, and the session state machine.
//!
//! This crate knows no socket, clock, thread, operating system or window: bytes and `now` come in, bytes and decisions go out. Start with
//! [`session`] (what a session is), [`peer`] (applet and console), [`gateway`] and [`api`] (everyone and the gateway).
#![forbid(unsafe_code)]

pub mod api;
pub mod chain;
pub mod code;
pub mod error;
pub mod gateway;
pub mod geometry;
pub mod ids;
pub mod input;
pub mod mail;
pub mod media;
pub mod peer;
pub mod permission;
pub mod proof;
pub mod sas;
pub mod session;
pub mod ticket;
pub mod time;
pub mod wire;
