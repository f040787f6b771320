//! The picture as a texture, where the window draws it. The pixels stay in the engine's shared picture; only what changed of them is
//! converted and uploaded.
//!
//! ```text
//! 1:1, 2:1, 3:1 … ▶ the desktop's own pixels, each a square of the window's
//! larger          ▶ the desktop's own pixels, filtered by the texture
//! smaller         ▶ the window's pixels of what is to be seen (`app/shrink.rs`)
//! ```

use std::sync::Arc;

use egui::{Color32, ColorImage, Context, CustomCursorImage, TextureHandle, TextureId, TextureOptions};
use farhand_engine::viewer::{PictureGuard, SharedPicture};
use farhand_protocol::{geometry::Rect, ids::SessionId, peer::CursorImage};

use super::shrink::{Pixels, shrunk, touched};
use crate::{
    model::placement::Placement,
    ui::picture::{CursorPixels, CursorView, PictureView},
};

/// How the picture comes into the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drawing {
    /// As a texture.
    Texture,
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
    /// What it holds; nothing yet when it is new.
    look: Option<Look>,
}

/// What a texture holds of a picture.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Look {
    /// All of it, pixel for pixel.
    Whole { size: (u32, u32), options: TextureOptions },
    /// What is to be seen of it, made smaller.
    Shrunk { size: (u32, u32), to: (u32, u32), seen: Rect },
}

impl Look {
    fn of(size: (u32, u32), placement: &Placement) -> Self {
        if !placement.is_shrunk() {
            let options = if placement.is_multiple() {
                TextureOptions::NEAREST
            } else {
                TextureOptions::LINEAR
            };
            return Self::Whole { size, options };
        }
        let [width, height] = placement.size_px();
        // A side that is one pixel already stays it.
        let to = ((width as u32).min(size.0), (height as u32).min(size.1));
        let [left, top, right, bottom] = placement.visible_px;
        let (x, y) = ((left - placement.left_px) as i32, (top - placement.top_px) as i32);
        let seen = Rect::new(x, y, (right - left).max(0.0) as u32, (bottom - top).max(0.0) as u32);
        Self::Shrunk { size, to, seen }
    }

    /// All that it holds, counted as [`Self::upload`] takes it.
    fn all(&self) -> Rect {
        match *self {
            Self::Whole { size, .. } => Rect::new(0, 0, size.0, size.1),
            Self::Shrunk { to, seen, .. } => seen.intersection(&Rect::new(0, 0, to.0, to.1)).unwrap_or_default(),
        }
    }

    /// What of it looks different when `changed` does.
    fn touched(&self, changed: &Rect) -> Option<Rect> {
        let changed = match *self {
            Self::Whole { .. } => *changed,
            Self::Shrunk { size, to, .. } => touched(changed, size, to),
        };
        changed.intersection(&self.all())
    }

    /// Uploads a part of it, or all anew.
    fn upload(&self, guard: &PictureGuard<'_>, part: Option<Rect>, texture: &mut TextureHandle) {
        let all = self.all();
        let rect = part.unwrap_or(all);
        let (image, options) = match *self {
            Self::Whole { options, .. } => (image_of(guard, rect), options),
            Self::Shrunk { size, to, .. } => {
                let from = Pixels {
                    bytes: guard.frame(),
                    stride: guard.stride(),
                    size,
                };
                (shrunk(from, to, &rect), TextureOptions::NEAREST)
            }
        };
        match part {
            Some(part) => texture.set_partial([(part.x - all.x) as usize, (part.y - all.y) as usize], image, options),
            None => texture.set(image, options),
        }
    }
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

    /// What is to be painted; none while there is nothing to show. Returns the layout epoch as well. What the texture holds comes with
    /// [`Self::fill`], once it is known where and how large the frame has it.
    pub fn update(
        &mut self,
        ctx: &Context,
        session_id: SessionId,
        picture: &SharedPicture,
        how: Drawing,
        follows_me: impl Fn(farhand_protocol::geometry::Point) -> bool,
    ) -> Option<(PictureView, u32)> {
        let guard = picture.lock();
        if guard.size() == (0, 0) {
            drop(guard);
            self.clear();
            return None;
        }
        let cursor = guard
            .cursor()
            .filter(|(image, _, visible)| *visible && image.width > 0 && image.height > 0);
        let (area, epoch) = (guard.area(), guard.epoch());
        drop(guard);
        let texture = match how {
            Drawing::Texture => Some(self.texture(ctx, session_id)),
            Drawing::Elsewhere => {
                // Its memory is given back; what is uploaded next is all of it.
                self.shown = None;
                None
            }
        };
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

    /// The texture of a session, empty when it is new: nobody may be shown under another's name.
    fn texture(&mut self, ctx: &Context, session_id: SessionId) -> TextureId {
        let known = self.shown.take().filter(|shown| shown.session_id == session_id);
        let shown = self.shown.insert(known.unwrap_or_else(|| {
            let nothing = ColorImage::filled([1, 1], Color32::BLACK);
            Shown {
                session_id,
                texture: ctx.load_texture("desktop", nothing, TextureOptions::NEAREST),
                look: None,
            }
        }));
        shown.texture.id()
    }

    /// Brings the texture up to date for where a frame of which all is painted has put it. The window takes it with that frame.
    pub fn fill(&mut self, session_id: SessionId, picture: &SharedPicture, placement: &Placement) {
        let Some(shown) = self.shown.as_mut().filter(|shown| shown.session_id == session_id) else {
            return;
        };
        let mut guard = picture.lock();
        if guard.size() == (0, 0) || guard.area() != placement.area {
            // It is of another layout since; the next frame will place what there is now.
            return;
        }
        let look = Look::of(guard.size(), placement);
        if look.all().is_empty() {
            return;
        }
        let dirty = guard.take_dirty();
        if shown.look.replace(look) == Some(look) {
            for part in dirty.iter().filter_map(|rect| look.touched(rect)) {
                look.upload(&guard, Some(part), &mut shown.texture);
            }
        } else {
            look.upload(&guard, None, &mut shown.texture);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_multiples_stay_sharp_and_what_is_smaller_is_made_for_the_window() {
        let (size, area) = ((100, 50), Rect::new(0, 0, 100, 50));
        let look = |scale, space| Look::of(size, &Placement::centred(area, scale, space));
        for (scale, options) in [
            (1.0, TextureOptions::NEAREST),
            (1.5, TextureOptions::LINEAR),
            (2.0, TextureOptions::NEAREST),
            (3.0, TextureOptions::NEAREST),
        ] {
            assert_eq!(look(scale, [0.0, 0.0, 900.0, 900.0]), Look::Whole { size, options }, "{scale}");
        }
        let half = look(0.5, [0.0, 0.0, 900.0, 900.0]);
        assert_eq!(half.all(), Rect::new(0, 0, 50, 25));
        assert_eq!(half.touched(&Rect::new(10, 20, 3, 1)), Some(Rect::new(5, 10, 2, 1)));
    }

    #[test]
    fn of_what_is_scrolled_only_the_part_to_be_seen_is_held() {
        let placed = Placement::scaled(Rect::new(0, 0, 100, 50), 0.5, -20.0, 10.0, [0.0, 0.0, 20.0, 30.0]);
        let look = Look::of((100, 50), &placed);
        assert_eq!(look.all(), Rect::new(20, 0, 20, 20));
        assert_eq!(look.touched(&Rect::new(0, 0, 10, 10)), None);
    }
}
