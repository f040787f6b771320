//! Live WebSockets of this process: applets and consoles, what they are told, and who is there; and the same of other processes on one PostgreSQL.
//!
//! ```text
//! socket ─► hub ─► outbox ─► NOTIFY … LISTEN ─► watch ─► others (who is there), hub (what their sockets are told)
//! ```

mod hub;
mod notice;
mod others;
mod pace;
mod socket;
mod told;
mod watch;

pub use hub::{Hub, Outgoing, Viewer};
pub use notice::{ACCOUNTS_STATEMENT, Notice};
pub use socket::{Side, run};
pub use told::Moment;
pub use watch::{beat, forget_silent, notice_changes, pool_for_notices, run_watch, say_leaving};
