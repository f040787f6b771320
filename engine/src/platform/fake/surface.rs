//! The fake surface: pixels in memory, and what was presented of them, for tests to look at.

use std::sync::Arc;
use std::time::{Duration, Instant};

use farhand_codec::{Area, PictureMut};
use farhand_protocol::geometry::{Point, Rect};
use parking_lot::{Condvar, Mutex};

use crate::platform::{BYTES_PER_PIXEL, PictureSurface, SurfaceError, SurfacePlace};

/// A surface; clones are the same one.
#[derive(Clone, Default)]
pub struct FakeSurface(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    place: SurfacePlace,
    /// What a person sees: drawn and presented.
    seen: Vec<u8>,
    presented: Vec<Rect>,
    moved: u32,
    woken: bool,
    gone: bool,
}

impl FakeSurface {
    /// What a person sees at this point of it, as B, G, R.
    pub fn pixel(&self, at: Point) -> Option<[u8; 3]> {
        let state = self.0.state.lock();
        let start = (at.y as usize * state.place.area.width as usize + at.x as usize) * BYTES_PER_PIXEL;
        state.seen.get(start..start + 3)?.try_into().ok()
    }

    /// What was presented since this was called last.
    pub fn take_presented(&self) -> Vec<Rect> {
        std::mem::take(&mut self.0.state.lock().presented)
    }

    /// How often something shown was moved.
    pub fn moved(&self) -> u32 {
        self.0.state.lock().moved
    }

    /// Where it is.
    pub fn place(&self) -> SurfacePlace {
        self.0.state.lock().place.clone()
    }

    /// Its window is destroyed.
    pub fn destroy(&self) {
        self.0.state.lock().gone = true;
        self.0.changed.notify_all();
    }

    /// Waits until it looks like that; false when it does not in time.
    pub fn wait_until(&self, timeout: Duration, mut looks: impl FnMut(&Self) -> bool) -> bool {
        let deadline = Instant::now() + timeout;
        while !looks(self) {
            let mut state = self.0.state.lock();
            if self
                .0
                .changed
                .wait_until(&mut state, deadline.min(Instant::now() + Duration::from_millis(20)))
                .timed_out()
                && Instant::now() >= deadline
            {
                return false;
            }
        }
        true
    }

    /// The surface as the engine takes it.
    pub fn surface(&self) -> Box<dyn PictureSurface> {
        Box::new(Held {
            surface: self.clone(),
            pixels: Vec::new(),
        })
    }
}

/// The engine's end: what is drawn lies here until it is presented.
struct Held {
    surface: FakeSurface,
    pixels: Vec<u8>,
}

impl Held {
    fn size(&self) -> (u32, u32) {
        let area = self.surface.0.state.lock().place.area;
        (area.width, area.height)
    }
}

impl PictureSurface for Held {
    fn place(&mut self, place: &SurfacePlace) -> Result<(), SurfaceError> {
        let mut state = self.surface.0.state.lock();
        if (state.place.area.width, state.place.area.height) != (place.area.width, place.area.height) {
            let len = place.area.width as usize * place.area.height as usize * BYTES_PER_PIXEL;
            // Undefined means that nobody may rely on it.
            self.pixels = vec![0x55; len];
            state.seen = vec![0x55; len];
        }
        state.place = place.clone();
        self.surface.0.changed.notify_all();
        Ok(())
    }

    fn pixels(&mut self) -> Result<Option<PictureMut<'_>>, SurfaceError> {
        let (width, height) = self.size();
        if width == 0 || height == 0 {
            return Ok(None);
        }
        Ok(PictureMut::new(width, height, width as usize * BYTES_PER_PIXEL, &mut self.pixels))
    }

    fn present(&mut self, rects: &[Rect]) -> Result<(), SurfaceError> {
        let (width, _) = self.size();
        let mut state = self.surface.0.state.lock();
        for rect in rects {
            for y in rect.y..rect.bottom() {
                let start = (y as usize * width as usize + rect.x as usize) * BYTES_PER_PIXEL;
                let row = start..start + rect.width as usize * BYTES_PER_PIXEL;
                state.seen[row.clone()].copy_from_slice(&self.pixels[row]);
            }
        }
        state.presented.extend_from_slice(rects);
        self.surface.0.changed.notify_all();
        Ok(())
    }

    fn move_shown(&mut self, from: Point, to: &Rect) -> Result<bool, SurfaceError> {
        let (width, height) = self.size();
        let whole = PictureMut::new(width, height, width as usize * BYTES_PER_PIXEL, &mut self.pixels);
        let area = Area::new(to.x as u32, to.y as u32, to.width, to.height);
        // Nobody may rely on them.
        if let Some(mut undefined) = whole {
            let mut undefined = undefined.part(area).ok_or(SurfaceError::Unsupported("a move to outside"))?;
            (0..to.height).for_each(|y| undefined.row_mut(y).fill(0x55));
        }
        let mut state = self.surface.0.state.lock();
        let seen = PictureMut::new(width, height, width as usize * BYTES_PER_PIXEL, &mut state.seen);
        let is_moved = seen.is_some_and(|mut seen| seen.copy_within(from.x as u32, from.y as u32, area));
        state.moved += u32::from(is_moved);
        self.surface.0.changed.notify_all();
        Ok(is_moved)
    }

    fn waker(&self) -> Arc<dyn Fn() + Send + Sync> {
        let shared = self.surface.0.clone();
        Arc::new(move || {
            shared.state.lock().woken = true;
            shared.changed.notify_all();
        })
    }

    fn wait(&mut self) -> Result<(), SurfaceError> {
        let shared = self.surface.0.clone();
        let mut state = shared.state.lock();
        loop {
            if state.gone {
                return Err(SurfaceError::Gone("its window is gone".to_owned()));
            }
            if std::mem::take(&mut state.woken) {
                return Ok(());
            }
            shared.changed.wait(&mut state);
        }
    }
}
