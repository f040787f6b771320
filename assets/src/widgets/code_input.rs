//! The one field of the customer's first page: a PIN of six to nine digits, shown in groups of three,
//! or a link pasted whole.
//!
//! Spaces, dashes and dots are dropped from digits, so `427-901 358` pasted from a message works; text
//! that looks like a link (`:`, `/` or letters) is left as it is. Grouping is painting only: the value
//! holds digits alone.

use egui::text::{LayoutJob, TextFormat};
use egui::{Align2, Color32, FontFamily, FontId, Id, Key, Response, TextBuffer, TextEdit, Ui};

use super::field::below;
use crate::palette::{Palette, Tone};
use crate::theme::Size;

/// Most characters accepted: a link with its code.
const LONGEST: usize = 2048;
const MOST_DIGITS: usize = 9;

/// A field for a PIN or a link. Show it with [`CodeInput::show`].
#[must_use = "show it with .show(ui)"]
pub struct CodeInput<'a> {
    label: &'a str,
    value: &'a mut String,
    error: Option<&'a str>,
    help: Option<&'a str>,
    id: Option<Id>,
}

/// What came of a [`CodeInput`] in this frame.
#[derive(Clone, Debug)]
pub struct CodeInputOutput {
    /// The text edit's response.
    pub response: Response,
    /// Enter was pressed on a value that may be sent.
    pub submitted: bool,
    /// The value is six to nine digits, or a link.
    pub complete: bool,
}

impl<'a> CodeInput<'a> {
    /// A field for `value`, read aloud as `label`; the caller shows the label as its title.
    pub fn new(label: &'a str, value: &'a mut String) -> Self {
        Self {
            label,
            value,
            error: None,
            help: None,
            id: None,
        }
    }

    /// What is wrong with the code, below the field.
    pub fn error(mut self, error: Option<&'a str>) -> Self {
        self.error = error;
        self
    }

    /// A line of help below.
    pub fn help(mut self, help: &'a str) -> Self {
        self.help = Some(help);
        self
    }

    /// An id of one's own, to give it the focus at the start.
    pub fn id(mut self, id: Id) -> Self {
        self.id = Some(id);
        self
    }

    /// Paints it.
    pub fn show(self, ui: &mut Ui) -> CodeInputOutput {
        let palette = Palette::of(ui);
        let size = Size::of(ui);
        let id = self.id.unwrap_or_else(|| ui.make_persistent_id("code-input"));
        let digits = is_digits(self.value);
        let points = if digits { 2.0 * size.body() } else { size.body() };
        let mut layouter =
            |ui: &Ui, text: &dyn TextBuffer, _width: f32| ui.painter().layout_job(grouped(text.as_str(), points, palette.text));
        let response = ui
            .scope(|ui| {
                ui.spacing_mut().item_spacing.y = 4.0;
                if self.error.is_some() {
                    ui.visuals_mut().widgets.inactive.bg_stroke.color = palette.tone(Tone::Error).text;
                }
                let edit = TextEdit::singleline(self.value)
                    .id(id)
                    .char_limit(LONGEST)
                    .layouter(&mut layouter)
                    .align(if digits { Align2::CENTER_CENTER } else { Align2::LEFT_CENTER })
                    .min_size(egui::vec2(0.0, 2.0 * size.height() - 24.0))
                    .desired_width(f32::INFINITY);
                let response = ui.add(edit).accessible_name(self.label);
                below(ui, &response, self.help, self.error);
                response
            })
            .inner;
        if response.changed() {
            let clean = clean(self.value);
            if *self.value != clean {
                *self.value = clean;
            }
        }
        let complete = is_complete(self.value);
        let entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        CodeInputOutput {
            response,
            submitted: entered && complete,
            complete,
        }
    }
}

/// `427901358` as `427 901 358`; other text unchanged.
#[must_use]
pub fn group_code(code: &str) -> String {
    if !is_digits(code) {
        return code.to_owned();
    }
    let digits: Vec<char> = code.chars().collect();
    digits
        .chunks(3)
        .map(|group| group.iter().collect::<String>())
        .collect::<Vec<_>>()
        .join(" ")
}

fn is_digits(text: &str) -> bool {
    text.chars().all(|letter| letter.is_ascii_digit())
}

fn is_complete(text: &str) -> bool {
    if is_digits(text) {
        return (6..=MOST_DIGITS).contains(&text.len());
    }
    text.contains("://") && text.len() > "farhand://".len()
}

/// True for a text that no more typing makes a PIN or a link: letters that do not begin a link.
#[must_use]
pub fn cannot_be_code(text: &str) -> bool {
    const SCHEMES: [&str; 3] = ["https://", "http://", "farhand:"];
    let text = text.trim().to_ascii_lowercase();
    let begins_link = SCHEMES.iter().any(|scheme| scheme.starts_with(&text) || text.starts_with(scheme));
    !is_digits(&text) && !begins_link
}

/// Digits without their separators, at most nine; a link without the blanks around it.
fn clean(text: &str) -> String {
    let looks_like_link = text
        .chars()
        .any(|letter| letter.is_alphabetic() || matches!(letter, ':' | '/' | '#'));
    if looks_like_link {
        return text.trim().to_owned();
    }
    text.chars().filter(char::is_ascii_digit).take(MOST_DIGITS).collect()
}

/// Digits with a gap after each third, painted but not part of the text.
fn grouped(text: &str, points: f32, color: Color32) -> LayoutJob {
    let mut job = LayoutJob {
        keep_trailing_whitespace: true,
        ..LayoutJob::default()
    };
    let family = if is_digits(text) {
        FontFamily::Monospace
    } else {
        FontFamily::Proportional
    };
    let format = TextFormat {
        font_id: FontId::new(points, family),
        color,
        ..TextFormat::default()
    };
    if !is_digits(text) {
        job.append(text, 0.0, format);
        return job;
    }
    let mut start = 0;
    while start < text.len() {
        let end = (start + 3).min(text.len());
        job.append(&text[start..end], if start == 0 { 0.0 } else { points * 0.6 }, format.clone());
        start = end;
    }
    job
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_pasted_with_separators_are_kept_alone() {
        assert_eq!(clean(" 427-901 358\n"), "427901358");
        assert_eq!(clean("427.901.3589"), "427901358");
    }

    #[test]
    fn a_pasted_link_stays_whole() {
        assert_eq!(clean(" https://help.example/j#ab-12 "), "https://help.example/j#ab-12");
        assert!(is_complete("https://help.example/j#ab-12"));
    }

    #[test]
    fn six_to_nine_digits_are_complete() {
        let complete: Vec<bool> = ["", "12345", "123456", "123456789"].map(is_complete).into();
        assert_eq!(complete, [false, false, true, true]);
    }

    #[test]
    fn letters_are_told_at_once_unless_they_begin_a_link() {
        for wrong in ["12ab34", "hello", "a"] {
            assert!(cannot_be_code(wrong), "{wrong}");
        }
        for right in [
            "",
            "12",
            "427901358",
            "h",
            "http",
            "HTTPS://help.example/j#ab",
            "farhand:join?code=1",
        ] {
            assert!(!cannot_be_code(right), "{right}");
        }
    }

    #[test]
    fn codes_are_grouped_in_threes() {
        assert_eq!(group_code("427901358"), "427 901 358");
        assert_eq!(group_code("4279013"), "427 901 3");
        assert_eq!(group_code("https://x"), "https://x");
    }

    #[test]
    fn grouping_changes_no_character() {
        assert_eq!(grouped("42790135", 20.0, Color32::BLACK).text, "42790135");
    }
}
