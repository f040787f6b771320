//! A technician's side: sign-in, session list, and the viewer side of up to ten sessions.

mod event;

pub use event::{Credential, EngineEvent, GatewayState, SignedIn, TechnicianCommand};
