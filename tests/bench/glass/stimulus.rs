//! Draws the workloads on the customer's display: a page of coloured text rendered by the X server, and on it letters, scrolls, a window that is
//! dragged, or a film. Every frame is stamped and its time is taken when the server has drawn it.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use farhand_engine::platform::{
    PictureSurface, SurfacePlace,
    linux::{CapturePath, X11Surface},
};
use farhand_protocol::geometry::Rect;
use farhand_tests::harness::{Desk, Display, wait};
use x11rb::{
    COPY_DEPTH_FROM_PARENT,
    connection::Connection as _,
    protocol::xproto::{ChangeGCAux, ConnectionExt as _, CreateGCAux, CreateWindowAux, ImageFormat, Rectangle, Window, WindowClass},
    rust_connection::RustConnection,
    wrapper::ConnectionExt as _,
};

use super::{
    SIZE, Workload,
    stamp::{CELL, CELLS, Spot, cells_of},
};
use crate::random::Random;

const WIDTH: usize = SIZE.0 as usize;
const HEIGHT: usize = SIZE.1 as usize;
/// Rows of the page, several screens.
const PAGE_ROWS: usize = 6000;
/// Rows rendered at once.
const BAND_ROWS: usize = 1000;
/// Rows of a step when 20 steps a second are scrolled: three lines of text.
const STEP_ROWS: usize = 54;
/// Rows of a step at 60 a second, which is no whole number of lines.
const SMALL_STEP_ROWS: usize = 24;
/// Pages that have nothing in common.
const PAGES: usize = PAGE_ROWS / HEIGHT;
const DRAGGED: Rect = Rect::new(100, 100, 600, 400);
/// Where the film plays: at no corner of a tile.
pub const FILM: Rect = Rect::new(320, 180, 1280, 720);
/// A window of text that scrolls in front of it.
const FRONT: Rect = Rect::new(700, 400, 500, 300);
/// It begins anew after so many steps of a line.
const FRONT_STEPS: u32 = 100;
const LINE_ROWS: usize = 18;
/// What of that window lies in no tile with an edge of it.
pub const WITHIN_FRONT: Rect = Rect::new(FRONT.x + 64, FRONT.y + 64, FRONT.width - 128, FRONT.height - 128);
const LETTER: (i32, i32) = (9, 18);

/// A window over the whole display that is drawn on.
pub struct Drawing {
    conn: RustConnection,
    window: Window,
    surface: X11Surface,
    pixels: Vec<[u8; 4]>,
    page: Vec<[u8; 4]>,
    letters: Vec<Vec<[u8; 4]>>,
    workload: Workload,
    random: Random,
    state: State,
}

struct State {
    offset: usize,
    page: usize,
    dragged: Rect,
    speed: (i32, i32),
    caret: (i32, i32),
}

impl Drawing {
    /// Opens the window with the page in it.
    pub fn open(display: &Display, workload: Workload) -> Result<Self> {
        let (conn, window) = window_on(display)?;
        let mut surface = X11Surface::open(display.name(), window, CapturePath::SharedDescriptor)?;
        surface.place(&SurfacePlace {
            area: Rect::new(0, 0, SIZE.0.into(), SIZE.1.into()),
            ..SurfacePlace::default()
        })?;
        let mut random = Random(12345);
        let page = page(&conn, window, &mut random)?;
        let letters = letters(&conn, window)?;
        let mut drawing = Self {
            conn,
            window,
            surface,
            pixels: page[..WIDTH * HEIGHT].to_vec(),
            page,
            letters,
            workload,
            random,
            state: State {
                offset: 0,
                page: 0,
                dragged: DRAGGED,
                speed: (9, 5),
                caret: (20, 540),
            },
        };
        drawing.stamp(0);
        drawing.show(&[Rect::new(0, 0, SIZE.0.into(), SIZE.1.into())])?;
        Ok(drawing)
    }

    /// Draws for so long; when each number was on the display. What cannot be drawn in this time is not drawn.
    pub fn run(&mut self, time: Duration) -> Result<BTreeMap<u32, Instant>> {
        let began = Instant::now();
        let pause = self.workload.rate().map_or(time, |rate| Duration::from_secs(1) / rate);
        let mut drawn = BTreeMap::new();
        for number in 1.. {
            let due = began + pause * (number - 1);
            if due.max(Instant::now()) >= began + time {
                break;
            }
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            let mut changed = self.draw(number);
            self.stamp(number);
            changed.push(stamp_area());
            self.show(&changed)?;
            drawn.insert(number, Instant::now());
        }
        std::thread::sleep((began + time).saturating_duration_since(Instant::now()));
        Ok(drawn)
    }

    /// Draws a page that has nothing in common with the one before, dark where that was light; when it was on the display.
    pub fn turn_page(&mut self) -> Result<Instant> {
        self.state.page += 1;
        let start = self.state.page % PAGES * HEIGHT * WIDTH;
        self.pixels.copy_from_slice(&self.page[start..start + HEIGHT * WIDTH]);
        if self.state.page % 2 == 1 {
            for [blue, green, red, _] in &mut self.pixels {
                [*blue, *green, *red] = [255 - *blue, 255 - *green, 255 - *red];
            }
        }
        self.stamp(self.state.page as u32);
        self.show(&[Rect::new(0, 0, SIZE.0.into(), SIZE.1.into())])?;
        Ok(Instant::now())
    }

    fn draw(&mut self, number: u32) -> Vec<Rect> {
        match self.workload {
            Workload::Still | Workload::Keys => Vec::new(),
            Workload::Typing => vec![self.type_letter()],
            Workload::Scrolling => vec![self.scroll(STEP_ROWS)],
            Workload::Scroll60 => vec![self.scroll(SMALL_STEP_ROWS)],
            Workload::Dragging => vec![self.drag()],
            Workload::Film => {
                self.film(number);
                vec![FILM]
            }
            Workload::Front => {
                self.film(number);
                let offset = front_offset(number);
                for row in 0..FRONT.height as usize {
                    let from = (row + offset) % PAGE_ROWS * WIDTH + FRONT.x as usize;
                    let at = (row + FRONT.y as usize) * WIDTH + FRONT.x as usize;
                    let len = FRONT.width as usize;
                    self.pixels[at..at + len].copy_from_slice(&self.page[from..from + len]);
                }
                vec![FILM]
            }
        }
    }

    /// What the text in front of the film can look like, as rows of red, green and blue, where no edge of a film is near.
    pub fn texts_in_front(&self) -> BTreeSet<Vec<u8>> {
        let columns = WITHIN_FRONT.x as usize..WITHIN_FRONT.right() as usize;
        let text_at = |offset: usize| {
            let below = (WITHIN_FRONT.y - FRONT.y) as usize;
            let rows = (below..below + WITHIN_FRONT.height as usize).map(|row| (row + offset) % PAGE_ROWS * WIDTH);
            let pixels = rows.flat_map(|row| &self.page[row + columns.start..row + columns.end]);
            pixels.flat_map(|[blue, green, red, _]| [*red, *green, *blue]).collect()
        };
        (0..FRONT_STEPS).map(front_offset).map(text_at).collect()
    }

    fn scroll(&mut self, rows: usize) -> Rect {
        self.state.offset = (self.state.offset + rows) % PAGE_ROWS;
        for row in 0..HEIGHT {
            let from = (row + self.state.offset) % PAGE_ROWS * WIDTH;
            self.pixels[row * WIDTH..(row + 1) * WIDTH].copy_from_slice(&self.page[from..from + WIDTH]);
        }
        Rect::new(0, 0, SIZE.0.into(), SIZE.1.into())
    }

    fn type_letter(&mut self) -> Rect {
        let letter = self.random.below(26) as usize;
        let (x, y) = self.state.caret;
        let (width, height) = LETTER;
        for row in 0..height {
            let from = (row * width) as usize;
            let to = (y + row) as usize * WIDTH + x as usize;
            self.pixels[to..to + width as usize].copy_from_slice(&self.letters[letter][from..from + width as usize]);
        }
        self.state.caret = if x + width > 1800 {
            (20, if y > 1000 { 540 } else { y + height })
        } else {
            (x + width, y)
        };
        Rect::new(x, y, width as u32, height as u32)
    }

    fn drag(&mut self) -> Rect {
        let (before, state) = (self.state.dragged, &mut self.state);
        let last = (
            i32::from(SIZE.0) - DRAGGED.width as i32,
            i32::from(SIZE.1) - DRAGGED.height as i32 - 20,
        );
        for (at, speed, last) in [
            (&mut state.dragged.x, &mut state.speed.0, last.0),
            (&mut state.dragged.y, &mut state.speed.1, last.1),
        ] {
            *at += *speed;
            if *at < 0 || *at > last {
                *speed = -*speed;
                *at += 2 * *speed;
            }
        }
        let now = state.dragged;
        self.restore(&before);
        for row in 0..now.height as usize {
            let to = (now.y as usize + row) * WIDTH + now.x as usize;
            for column in 0..now.width as usize {
                let mut pixel = self.page[row * WIDTH + column + 500 * WIDTH];
                if row < 24 {
                    pixel = [pixel[0] ^ 0xc0, pixel[1] ^ 0x50, pixel[2] ^ 0x30, 255];
                }
                self.pixels[to + column] = pixel;
            }
        }
        before.union(&now)
    }

    fn restore(&mut self, rect: &Rect) {
        for row in rect.y as usize..rect.bottom() as usize {
            let at = row * WIDTH + rect.x as usize;
            let len = rect.width as usize;
            self.pixels[at..at + len].copy_from_slice(&self.page[at..at + len]);
        }
    }

    /// Waves that move, with grain on them.
    fn film(&mut self, time: u32) {
        let wave = |at: u32| {
            let phase = f64::from(at % 4096);
            let turn = std::f64::consts::TAU;
            (128.0 + 100.0 * (phase * turn / 1024.0).sin() + 20.0 * (phase * turn / 97.0).sin()) as u32
        };
        let waves: Vec<u32> = (0..4096).map(wave).collect();
        let at = |place: u32| waves[(place % 4096) as usize];
        for y in 0..FILM.height {
            let slow = at(y * 5 + time * 7);
            let start = (FILM.y as usize + y as usize) * WIDTH + FILM.x as usize;
            for (x, pixel) in (0..FILM.width).zip(&mut self.pixels[start..start + FILM.width as usize]) {
                let (a, b) = (at(x * 3 + time * 11 + slow), at((x + y) * 2 + time * 5));
                let grain = ((x * 13) ^ (y * 7)).wrapping_add(time * 31) & 15;
                *pixel = [((a + b) / 2) as u8, b as u8, (a + grain).min(255) as u8, 255];
            }
        }
    }

    fn stamp(&mut self, number: u32) {
        let cells = cells_of(number);
        for row in HEIGHT - CELL as usize..HEIGHT {
            for cell in 0..CELLS {
                let at = row * WIDTH + (cell * CELL) as usize;
                let value = if cells >> cell & 1 == 1 { 255 } else { 0 };
                self.pixels[at..at + CELL as usize].fill([value, value, value, 255]);
            }
        }
    }

    fn show(&mut self, rects: &[Rect]) -> Result<()> {
        let mut target = self.surface.pixels()?.context("the drawing is hidden")?;
        for rect in rects {
            for y in rect.y..rect.bottom() {
                let (left, right) = (rect.x as usize, rect.right() as usize);
                let from = &self.pixels[y as usize * WIDTH + left..y as usize * WIDTH + right];
                target.row_mut(y as u32)[left * 4..right * 4].copy_from_slice(from.as_flattened());
            }
        }
        self.surface.present(rects)?;
        // Asking again waits until the server has drawn them.
        self.surface.pixels()?;
        Ok(())
    }
}

impl Drop for Drawing {
    fn drop(&mut self) {
        let _ = self.conn.destroy_window(self.window);
        let _ = self.conn.sync();
    }
}

fn stamp_area() -> Rect {
    Rect::new(0, i32::from(SIZE.1) - CELL as i32, CELLS * CELL, CELL)
}

/// A black window over the whole display.
///
/// # Errors
/// When the display does not answer.
pub fn window_on(display: &Display) -> Result<(RustConnection, Window)> {
    let (conn, screen) = display.connect()?;
    let root = conn.setup().roots[screen].root;
    let window = conn.generate_id()?;
    let looks = CreateWindowAux::new().override_redirect(1).background_pixel(0);
    let class = WindowClass::INPUT_OUTPUT;
    conn.create_window(COPY_DEPTH_FROM_PARENT, window, root, 0, 0, SIZE.0, SIZE.1, 0, class, 0, &looks)?;
    conn.map_window(window)?;
    conn.sync()?;
    Ok((conn, window))
}

/// A white bar on black where the stamp will be, until the technician's display shows it: where it lies there.
pub fn find_stamp(display: &Display, view: &Desk, timeout: Duration) -> Result<Spot> {
    let (conn, window) = window_on(display)?;
    let gc = conn.generate_id()?;
    conn.create_gc(gc, window, &CreateGCAux::new().foreground(0x00ff_ffff))?;
    let area = stamp_area();
    let bar = Rectangle {
        x: area.x as i16,
        y: area.y as i16,
        width: area.width as u16,
        height: area.height as u16,
    };
    conn.poly_fill_rectangle(window, gc, &[bar])?;
    conn.sync()?;
    let found = wait::until("the first picture on the technician's display", timeout, || {
        Ok(bar_in(&view.screen.grab()?))
    });
    conn.destroy_window(window)?;
    conn.sync()?;
    let (left, right, top, bottom) = found?;
    Ok(Spot {
        x: f64::from(left),
        y: f64::from(top + bottom) / 2.0,
        cell: f64::from(right - left) / f64::from(CELLS),
    })
}

/// The white bar on black in the lower third, if it is the only white there: left, right, top, bottom.
fn bar_in(shot: &image::RgbImage) -> Option<(u32, u32, u32, u32)> {
    let is_white = |x: u32, y: u32| shot.get_pixel(x, y).0.iter().all(|value| *value > 200);
    let rows = shot.height() * 2 / 3..shot.height();
    let white: Vec<(u32, u32)> = rows
        .flat_map(|y| (0..shot.width()).filter(move |x| is_white(*x, y)).map(move |x| (x, y)))
        .collect();
    let left = white.iter().map(|(x, _)| *x).min()?;
    let right = white.iter().map(|(x, _)| *x + 1).max()?;
    let top = white.iter().map(|(_, y)| *y).min()?;
    let bottom = white.iter().map(|(_, y)| *y + 1).max()?;
    let is_whole = white.len() as u32 * 10 > (right - left) * (bottom - top) * 9;
    let is_long = (8..32).contains(&((right - left) / (bottom - top)));
    (is_whole && is_long).then_some((left, right, top, bottom))
}

/// Coloured lines of words, as the X server writes them.
fn page(conn: &RustConnection, window: Window, random: &mut Random) -> Result<Vec<[u8; 4]>> {
    const COLOURS: [u32; 6] = [0x20_2020, 0xa0_1515, 0x0b_5c0b, 0x15_20b0, 0x7a_3d00, 0x5c_0b5c];
    let (pixmap, gc) = canvas(conn, window, WIDTH as u16, BAND_ROWS as u16)?;
    let mut page = Vec::with_capacity(PAGE_ROWS * WIDTH);
    while page.len() < PAGE_ROWS * WIDTH {
        let whole = Rectangle {
            x: 0,
            y: 0,
            width: WIDTH as u16,
            height: BAND_ROWS as u16,
        };
        conn.change_gc(gc, &ChangeGCAux::new().foreground(0xfd_fdf6).background(0xfd_fdf6))?;
        conn.poly_fill_rectangle(pixmap, gc, &[whole])?;
        for y in (14..BAND_ROWS as i16).step_by(18) {
            let mut line = String::new();
            for _ in 0..8 + random.below(18) {
                line.extend((0..2 + random.below(9)).map(|_| char::from(b'a' + random.below(26) as u8)));
                line.push(' ');
            }
            line.truncate(200);
            conn.change_gc(gc, &ChangeGCAux::new().foreground(COLOURS[random.below(6) as usize]))?;
            conn.image_text8(pixmap, gc, 20, y, line.as_bytes())?;
            if random.below(9) == 0 {
                let mark = Rectangle {
                    x: 1500,
                    y: y - 12,
                    width: 300,
                    height: 16,
                };
                conn.change_gc(gc, &ChangeGCAux::new().foreground(0xd8_e6ff))?;
                conn.poly_fill_rectangle(pixmap, gc, &[mark])?;
            }
        }
        page.extend(pixels_of(conn, pixmap, WIDTH as u16, BAND_ROWS as u16)?);
    }
    page.truncate(PAGE_ROWS * WIDTH);
    Ok(page)
}

/// The letters a to z.
fn letters(conn: &RustConnection, window: Window) -> Result<Vec<Vec<[u8; 4]>>> {
    let (width, height) = (LETTER.0 as u16, LETTER.1 as u16);
    let (pixmap, gc) = canvas(conn, window, width, height)?;
    conn.change_gc(gc, &ChangeGCAux::new().foreground(0x10_1010).background(0xfd_fdf6))?;
    (b'a'..=b'z')
        .map(|letter| {
            conn.image_text8(pixmap, gc, 0, 13, &[letter])?;
            pixels_of(conn, pixmap, width, height)
        })
        .collect()
}

fn canvas(conn: &RustConnection, window: Window, width: u16, height: u16) -> Result<(u32, u32)> {
    let (font, pixmap, gc) = (conn.generate_id()?, conn.generate_id()?, conn.generate_id()?);
    let depth = conn.get_geometry(window)?.reply()?.depth;
    if conn.open_font(font, b"9x15")?.check().is_err() {
        conn.open_font(font, b"fixed")?
            .check()
            .context("the X server has no fonts of its own")?;
    }
    conn.create_pixmap(depth, pixmap, window, width, height)?;
    conn.create_gc(gc, pixmap, &CreateGCAux::new().font(font))?;
    Ok((pixmap, gc))
}

fn pixels_of(conn: &RustConnection, pixmap: u32, width: u16, height: u16) -> Result<Vec<[u8; 4]>> {
    let image = conn.get_image(ImageFormat::Z_PIXMAP, pixmap, 0, 0, width, height, !0)?.reply()?;
    Ok(image.data.as_chunks::<4>().0.iter().map(|[b, g, r, _]| [*b, *g, *r, 255]).collect())
}

/// Which row of the page is the first in the window in front of the film.
fn front_offset(number: u32) -> usize {
    (number % FRONT_STEPS) as usize * LINE_ROWS
}
