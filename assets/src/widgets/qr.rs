//! A QR code of a link: black on white in both themes, with the quiet zone of four modules that
//! scanners need (ISO/IEC 18004).

use egui::{Color32, Rect, Response, Role, Sense, Ui, Widget, WidgetInfo, pos2, vec2};
use qrcodegen::{QrCode, QrCodeEcc};

/// Light modules around the code.
const QUIET: i32 = 4;

/// A text as QR code. Encoding takes about a millisecond: make it once and keep it.
#[derive(Clone)]
pub struct QrImage {
    code: QrCode,
}

impl std::fmt::Debug for QrImage {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("QrImage").field("modules", &self.code.size()).finish()
    }
}

impl QrImage {
    /// Encodes a text; `None` when it is longer than a QR code holds (about 2,300 bytes).
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        QrCode::encode_text(text, QrCodeEcc::Medium).ok().map(|code| Self { code })
    }

    /// The widget: at most `side` points wide, each module a whole number of pixels; `label` is read aloud.
    pub fn show<'a>(&'a self, side: f32, label: &'a str) -> impl Widget + 'a {
        move |ui: &mut Ui| self.paint(ui, side, label)
    }

    fn paint(&self, ui: &mut Ui, side: f32, label: &str) -> Response {
        let modules = self.code.size() + 2 * QUIET;
        let pixels_per_point = ui.pixels_per_point();
        let module_px = (side * pixels_per_point / modules as f32).floor().max(1.0);
        let module = module_px / pixels_per_point;
        let total = module * modules as f32;
        let (rect, response) = ui.allocate_exact_size(vec2(total, total), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, label));
        if ui.is_rect_visible(rect) {
            let corner = pos2(
                (rect.left() * pixels_per_point).round() / pixels_per_point,
                (rect.top() * pixels_per_point).round() / pixels_per_point,
            );
            ui.painter()
                .rect_filled(Rect::from_min_size(corner, rect.size()), 4.0, Color32::WHITE);
            self.paint_modules(ui, corner, module);
        }
        response
    }

    /// One rectangle per run of dark modules in a row.
    fn paint_modules(&self, ui: &Ui, corner: egui::Pos2, module: f32) {
        let mut mesh = egui::Mesh::default();
        for y in 0..self.code.size() {
            let mut x = 0;
            while x < self.code.size() {
                let start = x;
                while x < self.code.size() && self.code.get_module(x, y) {
                    x += 1;
                }
                if x > start {
                    let from = corner + vec2((start + QUIET) as f32, (y + QUIET) as f32) * module;
                    let run = Rect::from_min_size(from, vec2((x - start) as f32, 1.0) * module);
                    mesh.add_colored_rect(run, Color32::BLACK);
                }
                x += 1;
            }
        }
        ui.painter().add(mesh);
    }
}
