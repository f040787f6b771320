//! Starts what a session needs and works it from outside, as a person would: X displays, a private
//! session bus, the real programs, a gateway in a folder of its own.
//!
//! A [`desk::Desk`] is one person's computer. What is on its screen is found by accessible label
//! ([`atspi`]), pressed and typed into by XTEST ([`xtest`]) and looked at ([`screen`]). Everything
//! started here ends with the value that stands for it.

pub mod atspi;
pub mod browser;
pub mod bus;
pub mod cli;
pub mod console;
pub mod desk;
pub mod display;
pub mod gateway;
pub mod lamp;
pub mod meeting;
pub mod process;
pub mod puppet;
pub mod screen;
pub mod wait;
pub mod window;
pub mod xtest;

pub use atspi::{Element, Query};
pub use cli::Cli;
pub use desk::Desk;
pub use display::Display;
pub use gateway::Gateway;
pub use meeting::Meeting;
pub use process::{Program, Running};
pub use puppet::Puppet;
pub use screen::Screen;
pub use window::Windows;
pub use xtest::Hands;
