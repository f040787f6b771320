//! The customer's side: joining by code, waiting, consent, and the host side of the session.

mod event;

pub use event::{CustomerCommand, CustomerEvent, Joined, LogLine, Presence};
