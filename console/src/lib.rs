//! The technician's console. The state and what changes it are in [`model`], what is drawn from it in [`ui`].
//!
//! ```text
//! engine ──EngineEvent──► model ──view data──► ui ──Command──► model ──Effect──► app ──► engine, window, disk, sound
//! ```
#![forbid(unsafe_code)]

pub mod app;
pub mod model;
pub mod ui;
