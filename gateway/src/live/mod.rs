//! Live WebSockets of this process: applets and consoles, what they are told, and who is there.

mod hub;
mod socket;

pub use hub::{Hub, Outgoing, Viewer};
pub use socket::{Side, run};
