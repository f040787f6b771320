//! The customer's application: code → terms → waiting → consent → chat → end, with a bar that stays on top while anyone sees or controls the
//! screen. What it shows is a pure function of [`model::AppletState`]; what it does is the engine's affair.
#![forbid(unsafe_code)]

pub mod app;
pub mod args;
pub mod farewell;
pub mod headless;
pub mod model;
pub mod stop;
pub mod ui;
