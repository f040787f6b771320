//! The readers of peer bytes, shared with the tests that replay old crashes.

#[path = "../../src/decoders.rs"]
pub mod decoders;
