//! Sessions: codes that start them, the log of what happened, and the row derived from it. Every change of state goes through
//! `protocol::session::step` and is an event in the log; the row changes in the same transaction (STM-67, STM-68, STM-70).
//!
//! ```text
//! create ─ code ─► join (Connecting) ─► customer / technician steps, timers ─► final
//!                     each: lock row ─ step ─ events ─ row ─ commit ─ publish
//! ```

mod applet;
mod ceilings;
mod codes;
mod create;
mod estimate;
mod housekeeping;
mod join;
mod log;
mod mail;
mod publish;
mod record;
mod restart;
mod rows;
mod steps;
mod tickets;
mod timers;
mod transition;

pub use applet::{AppletIdentity, applet_of_credential, handle_customer, handle_reachable, link_changed, peer_link_up, tell_moved};
pub use ceilings::{ceilings_for_applet, ceilings_for_console, check_ceilings, tell as tell_ceiling};
pub use codes::CodeState;
pub use create::create;
pub use housekeeping::{end_sessions_of_disabled, tidy};
pub use join::{CheckedCode, check_code, join, rejoin};
pub use log::{MAX_LINKS, MAX_STORED_BYTES, events_after, upload};
pub use mail::mail_link;
pub use publish::{changed_elsewhere, state_for_applet, tell_uploaded};
pub use record::SessionRecord;
pub use restart::{beat, note_absent, resume_after_restart};
pub use rows::{list_rows, row_for, row_of, visible_to};
pub use steps::{close, console_opened, consoles_gone, hold, signed_out, start};
pub use tickets::{link_of, may_relay, outstanding_tickets, relay_grant, request_ticket, technician_writes_as, tell_ticket};
pub use timers::{run_due, run_timers};
