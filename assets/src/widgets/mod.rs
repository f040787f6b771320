//! The controls both applications are made of.
//!
//! All are painted by us, so that none looks like egui's default; each has an AccessKit label, takes
//! part in the tab order and shows a ring when it has the keyboard. Heights follow the installed
//! [`Size`](crate::Size) unless `.size(…)` says otherwise. Words come in as text: nothing here knows
//! Fluent, a clock or a file.
//!
//! ```no_run
//! # fn paint(ui: &mut egui::Ui, pin: &mut String, name: &mut String) {
//! use farhand_assets::{icons, widgets::*, Tone};
//! if ui.add(Button::primary("New session…").icon(icons::PLUS)).clicked() {}
//! ui.add(Button::secondary("Start").disabled_because(Some("Select a waiting session")));
//! ui.add(Button::icon_alone(icons::GEAR, "Settings"));
//! TextField::new("Name", name).hint("Optional").show(ui);
//! if CodeInput::new("Code", pin).show(ui).submitted {}
//! ui.add(StatusPill::new(Tone::Waiting, "Waiting"));
//! Banner::warning("The gateway is not reachable").detail("Next try in 4 s").action("Try now").show(ui);
//! # }
//! ```
//!
//! | control | file |
//! |---|---|
//! | [`Button`] | `button.rs` |
//! | [`TextField`] | `field.rs` |
//! | [`CodeInput`], [`group_code`] | `code_input.rs` |
//! | [`StatusPill`], [`status_dot`] | `status.rs` |
//! | [`Banner`], [`BannerOutput`] | `banner.rs` |
//! | [`card`], [`section_title`], [`EmptyState`], [`hairline`] | `card.rs` |
//! | [`Dialog`], [`DialogOutput`], [`dialog_buttons`] | `dialog.rs` |
//! | [`QrImage`] | `qr.rs` |
//! | [`TabStrip`], [`Tab`], [`TabEvent`] | `tabs.rs` |
//! | [`SplitHandle`], [`SplitAxis`] | `split.rs` |
//! | [`ChatList`], [`ChatLine`], [`ChatKind`], [`expandable`] | `chat.rs` |
//! | [`StatusStrip`] | `strip.rs` |
//! | [`segmented`], [`segmented_with_shortcuts`] | `segmented.rs` |
//! | [`menu_button`], [`MenuItem`] | `menu.rs` |
//! | [`logo`] | `logo.rs` |
//! | [`Progress`] | `progress.rs` |
//! | [`tooltip`] | `tooltip.rs` |
//! | [`Toasts`] | `toast.rs` |

mod banner;
mod button;
mod card;
mod chat;
mod code_input;
mod dialog;
mod field;
mod logo;
mod menu;
mod paint;
mod progress;
mod qr;
mod segmented;
mod split;
mod status;
mod strip;
mod tabs;
mod toast;
mod tooltip;

pub use banner::{Banner, BannerOutput};
pub use button::Button;
pub use card::{EmptyState, card, hairline, section_title};
pub use chat::{ChatKind, ChatLine, ChatList, expandable};
pub use code_input::{CodeInput, CodeInputOutput, cannot_be_code, group_code};
pub use dialog::{Dialog, DialogOutput, dialog_buttons};
pub use field::TextField;
pub use logo::logo;
pub use menu::{MenuItem, menu_button};
pub use progress::Progress;
pub use qr::QrImage;
pub use segmented::{segmented, segmented_with_shortcuts};
pub use split::{SplitAxis, SplitHandle};
pub use status::{StatusPill, status_dot};
pub use strip::StatusStrip;
pub use tabs::{Tab, TabEvent, TabStrip};
pub use toast::Toasts;
pub use tooltip::tooltip;
