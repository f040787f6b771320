//! Every colour of both applications, for light and dark.
//!
//! Text colours reach 4.5:1 on every surface they are meant for, edges of inputs 3:1; the tests at the
//! bottom compute it. Nothing else names a colour, save the logo and QR codes, which never change.

use egui::{Color32, Context, Ui};

/// Foreground, quiet background and edge of one meaning.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ToneColors {
    /// Text and shapes, readable on `background` and on every surface.
    pub text: Color32,
    /// Fill of pills and banners.
    pub background: Color32,
    /// Line around such a fill.
    pub edge: Color32,
}

/// What a colour means. Each tone also has a shape of its own in the status pill.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tone {
    /// Nothing to say: closed, offline, unknown.
    #[default]
    Neutral,
    /// Information, and the product's own colour.
    Info,
    /// Somebody waits: amber.
    Waiting,
    /// It works: green.
    Active,
    /// Held: blue.
    Hold,
    /// On its way to somebody else: violet.
    Transferring,
    /// Failed or refused: red.
    Error,
}

impl Tone {
    /// All tones, in the order of the gallery.
    pub const ALL: [Self; 7] = [
        Self::Neutral,
        Self::Info,
        Self::Waiting,
        Self::Active,
        Self::Hold,
        Self::Transferring,
        Self::Error,
    ];
}

/// The colours of one mode.
#[derive(Clone, Debug, PartialEq)]
pub struct Palette {
    /// Whether this is the dark palette.
    pub dark: bool,
    /// Behind everything: window background, side bars.
    pub canvas: Color32,
    /// Panels and cards on the canvas.
    pub surface: Color32,
    /// Menus, windows, tooltips.
    pub raised: Color32,
    /// Wells: tab strip, track of a segmented control, disabled fills.
    pub sunken: Color32,
    /// Background of text fields.
    pub field: Color32,
    /// Under the pointer.
    pub hover: Color32,
    /// Under a pressed button.
    pub pressed: Color32,
    /// Hairlines between and around panels.
    pub line: Color32,
    /// Edges of controls; 3:1 against the surfaces.
    pub edge: Color32,
    /// Body text.
    pub text: Color32,
    /// Labels, times, hints; still 4.5:1.
    pub secondary: Color32,
    /// Text of what cannot be used now.
    pub disabled: Color32,
    /// The product's colour: primary buttons, the chosen tab, focus.
    pub accent: Color32,
    /// Accent under the pointer.
    pub accent_hover: Color32,
    /// Accent pressed.
    pub accent_pressed: Color32,
    /// Text on the three accents.
    pub on_accent: Color32,
    /// Accent as text: links, chosen items.
    pub accent_text: Color32,
    /// Selection and chosen rows.
    pub accent_weak: Color32,
    /// Buttons that stop or destroy.
    pub danger: Color32,
    /// Danger under the pointer.
    pub danger_hover: Color32,
    /// Danger pressed.
    pub danger_pressed: Color32,
    /// Text on the three dangers.
    pub on_danger: Color32,
    /// Around what has the keyboard.
    pub focus: Color32,
    /// Shadow under menus and windows.
    pub shadow: Color32,
    /// Chat bubble of the one who reads.
    pub bubble_mine: Color32,
    /// Chat bubble of the other side.
    pub bubble_theirs: Color32,
    tones: [ToneColors; 7],
}

const fn rgb(hex: u32) -> Color32 {
    Color32::from_rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

const fn tone(text: u32, background: u32, edge: u32) -> ToneColors {
    ToneColors {
        text: rgb(text),
        background: rgb(background),
        edge: rgb(edge),
    }
}

/// The light palette.
pub static LIGHT: Palette = Palette {
    dark: false,
    canvas: rgb(0xF3_F5_F7),
    surface: rgb(0xFF_FF_FF),
    raised: rgb(0xFF_FF_FF),
    sunken: rgb(0xE8_EC_F0),
    field: rgb(0xFF_FF_FF),
    hover: rgb(0xEB_EF_F2),
    pressed: rgb(0xDD_E3_E8),
    line: rgb(0xDB_E0_E6),
    edge: rgb(0x82_8D_99),
    text: rgb(0x1A_21_28),
    secondary: rgb(0x50_5B_67),
    disabled: rgb(0x8A_94_9F),
    accent: rgb(0x0B_6A_7C),
    accent_hover: rgb(0x09_59_69),
    accent_pressed: rgb(0x07_48_56),
    on_accent: rgb(0xFF_FF_FF),
    accent_text: rgb(0x0A_60_71),
    accent_weak: rgb(0xD5_EC_F1),
    danger: rgb(0xB8_25_1D),
    danger_hover: rgb(0x9E_1D_17),
    danger_pressed: rgb(0x85_17_11),
    on_danger: rgb(0xFF_FF_FF),
    focus: rgb(0x0B_6A_7C),
    shadow: Color32::from_black_alpha(34),
    bubble_mine: rgb(0xD5_EC_F1),
    bubble_theirs: rgb(0xEB_EF_F2),
    tones: [
        tone(0x4A_55_61, 0xE8_EC_F0, 0xC6_CE_D6),
        tone(0x0A_60_71, 0xD9_EE_F2, 0xA5_D3_DD),
        tone(0x7D_51_00, 0xFF_F0_CC, 0xEC_CF_88),
        tone(0x11_62_30, 0xDC_F3_E3, 0xA4_D9_B5),
        tone(0x1C_4B_B0, 0xE0_E9_FD, 0xB3_C8_F5),
        tone(0x63_31_AB, 0xEE_E5_FC, 0xD0_BB_F2),
        tone(0xA8_20_19, 0xFC_E4_E2, 0xF0_B4_AF),
    ],
};

/// The dark palette.
pub static DARK: Palette = Palette {
    dark: true,
    canvas: rgb(0x13_17_1B),
    surface: rgb(0x1A_1F_24),
    raised: rgb(0x22_28_2E),
    sunken: rgb(0x0E_11_14),
    field: rgb(0x13_17_1B),
    hover: rgb(0x29_31_38),
    pressed: rgb(0x35_3E_47),
    line: rgb(0x2E_36_3E),
    edge: rgb(0x70_7C_88),
    text: rgb(0xE4_E9_ED),
    secondary: rgb(0xA6_B1_BB),
    disabled: rgb(0x6B_76_81),
    accent: rgb(0x4F_B3_C8),
    accent_hover: rgb(0x6C_C6_D9),
    accent_pressed: rgb(0x3C_9D_B2),
    on_accent: rgb(0x04_1C_22),
    accent_text: rgb(0x6C_C6_D9),
    accent_weak: rgb(0x17_3E_47),
    danger: rgb(0xCF_3A_30),
    danger_hover: rgb(0xBD_2F_26),
    danger_pressed: rgb(0xA5_26_1E),
    on_danger: rgb(0xFF_FF_FF),
    focus: rgb(0x6C_C6_D9),
    shadow: Color32::from_black_alpha(120),
    bubble_mine: rgb(0x17_3E_47),
    bubble_theirs: rgb(0x29_31_38),
    tones: [
        tone(0xB3_BD_C7, 0x29_31_38, 0x45_50_5A),
        tone(0x6C_C6_D9, 0x12_33_3B, 0x24_57_63),
        tone(0xF0_B7_4C, 0x38_2B_10, 0x62_4C_1C),
        tone(0x63_CF_8E, 0x14_33_22, 0x25_5A_3C),
        tone(0x8B_B0_FF, 0x1B_2A_4E, 0x33_4A_80),
        tone(0xC4_A2_FB, 0x32_23_4E, 0x53_3D_7E),
        tone(0xFF_8F_86, 0x45_1B_1B, 0x74_30_2D),
    ],
};

impl Palette {
    /// The palette this `Ui` is painted with.
    #[must_use]
    pub fn of(ui: &Ui) -> &'static Self {
        Self::for_mode(ui.visuals().dark_mode)
    }

    /// The palette of the context's current theme, where no `Ui` is at hand.
    #[must_use]
    pub fn of_context(ctx: &Context) -> &'static Self {
        Self::for_mode(ctx.theme() == egui::Theme::Dark)
    }

    /// The palette of a mode.
    #[must_use]
    pub fn for_mode(dark: bool) -> &'static Self {
        if dark { &DARK } else { &LIGHT }
    }

    /// The colours of a meaning.
    #[must_use]
    pub fn tone(&self, tone: Tone) -> ToneColors {
        self.tones[tone as usize]
    }
}

/// Contrast ratio of two opaque colours, 1 to 21 (WCAG 2.2, "contrast ratio").
#[must_use]
pub fn contrast(a: Color32, b: Color32) -> f32 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

fn luminance(color: Color32) -> f32 {
    let linear = |channel: u8| {
        let value = f32::from(channel) / 255.0;
        if value <= 0.040_45 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * linear(color.r()) + 0.7152 * linear(color.g()) + 0.0722 * linear(color.b())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_contrast(what: &str, palette: &Palette, front: Color32, back: Color32, least: f32) {
        let ratio = contrast(front, back);
        assert!(ratio >= least, "{what} (dark: {}): {ratio:.2} < {least}", palette.dark);
    }

    #[test]
    fn contrast_of_black_on_white_is_21() {
        assert!((contrast(Color32::BLACK, Color32::WHITE) - 21.0).abs() < 0.01);
    }

    #[test]
    fn text_is_readable_on_every_surface_in_both_modes() {
        for palette in [&LIGHT, &DARK] {
            let surfaces = [palette.canvas, palette.surface, palette.raised, palette.sunken, palette.field];
            for back in surfaces {
                assert_contrast("text", palette, palette.text, back, 4.5);
                assert_contrast("secondary", palette, palette.secondary, back, 4.5);
                assert_contrast("accent text", palette, palette.accent_text, back, 4.5);
            }
            for back in [palette.hover, palette.pressed, palette.accent_weak, palette.bubble_theirs] {
                assert_contrast("text on state", palette, palette.text, back, 4.5);
            }
            for back in [palette.hover, palette.accent_weak, palette.bubble_mine, palette.bubble_theirs] {
                assert_contrast("secondary on state", palette, palette.secondary, back, 4.5);
                assert_contrast("accent text on state", palette, palette.accent_text, back, 4.5);
            }
        }
    }

    #[test]
    fn accent_and_danger_carry_their_text_in_every_state() {
        for palette in [&LIGHT, &DARK] {
            for back in [palette.accent, palette.accent_hover, palette.accent_pressed] {
                assert_contrast("on accent", palette, palette.on_accent, back, 4.5);
            }
            for back in [palette.danger, palette.danger_hover, palette.danger_pressed] {
                assert_contrast("on danger", palette, palette.on_danger, back, 4.5);
            }
        }
    }

    #[test]
    fn every_status_colour_is_readable_on_its_fill_and_on_every_surface() {
        for palette in [&LIGHT, &DARK] {
            for tone in Tone::ALL {
                let colors = palette.tone(tone);
                let backs = [colors.background, palette.canvas, palette.surface, palette.raised, palette.sunken];
                for back in backs {
                    assert_contrast(&format!("{tone:?}"), palette, colors.text, back, 4.5);
                }
            }
        }
    }

    #[test]
    fn edges_and_focus_rings_reach_three_to_one() {
        for palette in [&LIGHT, &DARK] {
            for back in [palette.canvas, palette.surface, palette.field, palette.raised] {
                assert_contrast("edge", palette, palette.edge, back, 3.0);
                assert_contrast("focus", palette, palette.focus, back, 3.0);
            }
        }
    }
}
