//! The application's mark, painted from the same geometry as `assets/icons/draw.py`, sharp at any size.

use egui::{Color32, Mesh, Pos2, Rect, Response, Role, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2};

const BACK: Color32 = Color32::from_rgb(0x0B, 0x6A, 0x7C);
const MARK: Color32 = Color32::WHITE;
const ARC: Color32 = Color32::from_rgb(0x8F, 0xD6, 0xE4);
/// The pointer, in a square of 256 units, from its tip around.
const POINTER: [(f32, f32); 7] = [
    (108.0, 100.0),
    (108.0, 214.0),
    (135.0, 189.0),
    (154.0, 230.0),
    (176.0, 220.0),
    (157.0, 180.0),
    (194.0, 178.0),
];
/// Triangles that fill the pointer.
const TRIANGLES: [[u32; 3]; 5] = [[0, 1, 2], [0, 2, 5], [0, 5, 6], [2, 3, 4], [2, 4, 5]];
const ARC_RADII: [f32; 2] = [40.0, 70.0];
const ARC_WIDTH: f32 = 15.0;
/// Ends of the arcs in degrees, clockwise from the right.
const ARC_FROM: f32 = 168.0;
const ARC_TO: f32 = 282.0;

/// Paints the mark in a square of `side` points, read aloud as `label`.
pub fn logo(ui: &mut Ui, side: f32, label: &str) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(side, side), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, label));
    if ui.is_rect_visible(rect) {
        paint(ui, rect);
    }
    response
}

fn paint(ui: &Ui, rect: Rect) {
    let unit = rect.width() / 256.0;
    let at = |(x, y): (f32, f32)| rect.min + vec2(x, y) * unit;
    let painter = ui.painter();
    painter.rect_filled(rect, 56.0 * unit, BACK);
    for radius in ARC_RADII {
        let points: Vec<Pos2> = (0..=24)
            .map(|step| {
                let angle = (ARC_FROM + (ARC_TO - ARC_FROM) * step as f32 / 24.0).to_radians();
                at((POINTER[0].0 + radius * angle.cos(), POINTER[0].1 + radius * angle.sin()))
            })
            .collect();
        for end in [points[0], points[24]] {
            painter.circle_filled(end, ARC_WIDTH / 2.0 * unit, ARC);
        }
        painter.line(points, Stroke::new(ARC_WIDTH * unit, ARC));
    }
    let outline: Vec<Pos2> = POINTER.map(at).into();
    let mut mesh = Mesh::default();
    for point in &outline {
        mesh.colored_vertex(pos2(point.x, point.y), MARK);
    }
    for [a, b, c] in TRIANGLES {
        mesh.add_triangle(a, b, c);
    }
    painter.add(mesh);
    painter.add(Shape::closed_line(outline, Stroke::new(10.0 * unit, MARK)));
}
