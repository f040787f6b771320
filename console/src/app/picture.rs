//! The picture as a texture. The pixels stay in the engine's shared picture; only what changed is converted and uploaded.

use std::sync::Arc;

use egui::{Color32, ColorImage, Context, CustomCursorImage, TextureHandle, TextureOptions};
use farhand_engine::viewer::{PictureGuard, SharedPicture};
use farhand_protocol::{geometry::Rect, ids::SessionId, peer::CursorImage};

use crate::ui::picture::{CursorPixels, CursorView, PictureView};

/// Changed rectangles beyond which one upload of everything is cheaper.
const MOST_RECTS: usize = 64;

/// How the picture comes into the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drawing {
    /// As a texture, pixel for pixel.
    Sharp,
    /// As a texture, filtered.
    Smooth,
    /// Not by the window's own drawing.
    Elsewhere,
}

/// The texture of the session in front, and of its cursor.
#[derive(Default)]
pub struct Pictures {
    shown: Option<Shown>,
    cursor: Option<ShownCursor>,
}

struct Shown {
    session_id: SessionId,
    texture: TextureHandle,
    size: (u32, u32),
    options: TextureOptions,
}

struct ShownCursor {
    source: Arc<CursorImage>,
    texture: TextureHandle,
    image: Option<Arc<CursorPixels>>,
}

impl Pictures {
    /// Forgets what was shown; the texture's memory is given back.
    pub fn clear(&mut self) {
        self.shown = None;
        self.cursor = None;
    }

    /// Brings the texture up to date; none while there is nothing to show. Returns the layout epoch as well.
    pub fn update(
        &mut self,
        ctx: &Context,
        session_id: SessionId,
        picture: &SharedPicture,
        how: Drawing,
        follows_me: impl Fn(farhand_protocol::geometry::Point) -> bool,
    ) -> Option<(PictureView, u32)> {
        let mut guard = picture.lock();
        if guard.size() == (0, 0) {
            drop(guard);
            self.clear();
            return None;
        }
        let texture = match how {
            Drawing::Elsewhere => None,
            Drawing::Sharp => Some(self.upload(ctx, session_id, &mut guard, TextureOptions::NEAREST)),
            Drawing::Smooth => Some(self.upload(ctx, session_id, &mut guard, TextureOptions::LINEAR)),
        };
        if texture.is_none() {
            // Its memory is given back; what is uploaded next is all of it.
            self.shown = None;
        }
        let cursor = guard
            .cursor()
            .filter(|(image, _, visible)| *visible && image.width > 0 && image.height > 0);
        let (area, epoch) = (guard.area(), guard.epoch());
        drop(guard);
        let cursor = cursor.map(|(image, pos, _)| {
            let shape = self.cursor_shape(ctx, image);
            CursorView {
                texture: shape.texture.id(),
                image: shape.image.clone(),
                pos,
                size_px: [shape.source.width, shape.source.height],
                hot_px: [shape.source.hot_x, shape.source.hot_y],
                follows_me: follows_me(pos),
            }
        });
        Some((PictureView { texture, area, cursor }, epoch))
    }

    fn upload(&mut self, ctx: &Context, session_id: SessionId, guard: &mut PictureGuard<'_>, options: TextureOptions) -> egui::TextureId {
        let size = guard.size();
        let dirty = guard.take_dirty();
        let whole = Rect::new(0, 0, size.0, size.1);
        if let Some(shown) = &mut self.shown
            && (shown.session_id, shown.size) == (session_id, size)
            && dirty.len() <= MOST_RECTS
        {
            for rect in dirty.iter().filter_map(|rect| rect.intersection(&whole)) {
                let at = [rect.x as usize, rect.y as usize];
                shown.texture.set_partial(at, image_of(guard, rect), options);
            }
            if shown.options != options && dirty.is_empty() {
                // The filter goes with an upload; one pixel is enough.
                shown.texture.set_partial([0, 0], image_of(guard, Rect::new(0, 0, 1, 1)), options);
            }
            shown.options = options;
            return shown.texture.id();
        }
        let image = image_of(guard, whole);
        match &mut self.shown {
            Some(shown) => {
                shown.texture.set(image, options);
                (shown.session_id, shown.size, shown.options) = (session_id, size, options);
                shown.texture.id()
            }
            None => {
                let texture = ctx.load_texture("desktop", image, options);
                let id = texture.id();
                self.shown = Some(Shown {
                    session_id,
                    texture,
                    size,
                    options,
                });
                id
            }
        }
    }

    fn cursor_shape(&mut self, ctx: &Context, image: Arc<CursorImage>) -> &ShownCursor {
        let known = self.cursor.take().filter(|shown| Arc::ptr_eq(&shown.source, &image));
        self.cursor.insert(known.unwrap_or_else(|| {
            let size = [usize::from(image.width), usize::from(image.height)];
            let pixels = image
                .bgra
                .chunks_exact(4)
                .map(|p| Color32::from_rgba_premultiplied(p[2], p[1], p[0], p[3]));
            let texture = ctx.load_texture("cursor", ColorImage::new(size, pixels.collect()), TextureOptions::LINEAR);
            ShownCursor {
                texture,
                image: system_cursor(&image),
                source: image,
            }
        }))
    }
}

/// Part of the picture as egui takes it.
fn image_of(guard: &PictureGuard<'_>, rect: Rect) -> ColorImage {
    let (frame, stride) = (guard.frame(), guard.stride());
    let (left, width) = (rect.x as usize * 4, rect.width as usize * 4);
    let mut pixels = Vec::with_capacity(rect.width as usize * rect.height as usize);
    for row in rect.y as usize..(rect.y as usize + rect.height as usize) {
        let line = frame.get(row * stride + left..row * stride + left + width).unwrap_or(&[]);
        pixels.extend(line.chunks_exact(4).map(|p| Color32::from_rgb(p[2], p[1], p[0])));
    }
    pixels.resize(rect.width as usize * rect.height as usize, Color32::BLACK);
    ColorImage::new([rect.width as usize, rect.height as usize], pixels)
}

/// The shape as the window system takes it: straight alpha, and its hot spot inside.
fn system_cursor(image: &CursorImage) -> Option<Arc<CursorPixels>> {
    if image.hot_x >= image.width || image.hot_y >= image.height {
        return None;
    }
    let mut rgba = Vec::with_capacity(image.bgra.len());
    for pixel in image.bgra.chunks_exact(4) {
        let alpha = u32::from(pixel[3]);
        let straight = |value: u8| (u32::from(value) * 255).checked_div(alpha).unwrap_or(0).min(255) as u8;
        rgba.extend([straight(pixel[2]), straight(pixel[1]), straight(pixel[0]), pixel[3]]);
    }
    let (size, hotspot) = ([image.width, image.height], [image.hot_x, image.hot_y]);
    Some(Arc::new(CursorPixels(CustomCursorImage {
        rgba: rgba.into(),
        size,
        hotspot,
    })))
}
