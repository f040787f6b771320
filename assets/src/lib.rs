//! What console and applet share on the screen: fonts, theme, icons, widgets, words.
//!
//! No network, no clock, no files: everything is compiled in, and every widget paints from the
//! values it is given. How to begin:
//!
//! ```no_run
//! # fn in_creation(ctx: &egui::Context) {
//! use farhand_assets::{Size, Theme, Words};
//! Theme::install(ctx); // console; the applet: Theme::install_with(ctx, Size::Comfortable)
//! let words = Words::load("fr-CH"); // keep in the application's state
//! # }
//! ```
//!
//! | module | what it holds |
//! |---|---|
//! | [`theme`] | [`Theme::install`], [`Size`], text helpers `title`, `strong`, `secondary`, `code`, spacing constants |
//! | [`palette`] | [`Palette::of`]: every colour, [`Tone`] for status colours, contrast |
//! | [`icons`] | Phosphor glyph constants, `icons::PLUS`; paint with [`theme::icon`] |
//! | [`words`] | [`Words`]: Fluent texts with English behind them |
//! | [`widgets`] | the controls, listed in that module's page |
//! | [`app_icon`] | the application's icon as RGBA |
#![forbid(unsafe_code)]

pub mod app_icon;
pub mod fonts;
pub mod icons;
pub mod palette;
pub mod theme;
pub mod widgets;
pub mod words;

pub use palette::{Palette, Tone};
pub use theme::{Size, Theme};
pub use words::Words;
