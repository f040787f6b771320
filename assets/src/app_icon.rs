//! The application's icon as pixels: a pointer reaching out of a rounded square.
//!
//! Drawn by `assets/icons/draw.py` into `assets/icons`; the window icon is the 64-pixel drawing as raw
//! RGBA, so that no image decoder is needed at start.

use egui::IconData;

const RGBA_64: &[u8] = include_bytes!("../icons/farhand-64.rgba");

/// The icon for windows and task bars: 64 × 64, RGBA, not premultiplied.
#[must_use]
pub fn window_icon() -> IconData {
    IconData {
        rgba: RGBA_64.to_vec(),
        width: 64,
        height: 64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_icon_is_square_and_has_transparent_corners_and_an_opaque_middle() {
        let icon = window_icon();
        assert_eq!(icon.rgba.len(), (icon.width * icon.height * 4) as usize);
        assert_eq!(icon.rgba[3], 0);
        let middle = (32 * 64 + 32) * 4 + 3;
        assert_eq!(icon.rgba[middle], 255);
    }
}
