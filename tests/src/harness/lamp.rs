//! A lamp on the customer's display: a window of which a patch the size of a word changes its colour, with each key press or by itself. What lies
//! between the change there and the change in the technician's window is the product and nothing else.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::Result;
use image::Rgb;
use x11rb::connection::Connection as _;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{ChangeWindowAttributesAux, ConnectionExt as _, CreateWindowAux, EventMask, InputFocus, Window, WindowClass};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

use super::atspi::Rect;
use super::desk::Desk;
use super::display::Display;
use super::screen::Screen;
use super::wait;

/// The two colours, as 0xRRGGBB.
const COLOURS: [u32; 2] = [0x20_40_c0, 0xd0_b0_20];
/// The same, as programs take them.
pub const COLOUR_NAMES: [&str; 2] = ["#2040c0", "#d0b020"];
/// Size of the patch, in pixels: a word at a comfortable size.
const PATCH: (u16, u16) = (96, 40);
/// Video may be off by this much in each channel.
const TOLERANCE: u8 = 24;
/// So many pixels of its colours are the lamp, however small the picture is shown.
const ENOUGH: usize = 400;
/// How long the lamp must stay in its place to have found it.
const STEADY: Duration = Duration::from_millis(600);
/// How long the lamp may take to be seen in a technician's window.
const PATIENCE: Duration = Duration::from_secs(40);

/// What changes the lamp's colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Switch {
    /// A key pressed; the lamp has the keyboard.
    Key,
    /// The time that has passed since the last change.
    Every(Duration),
}

/// The running lamp.
#[derive(Debug)]
pub struct Lamp {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Lamp {
    /// Opens it in the middle of a display, above all windows.
    pub fn open(display: &Display, switch: Switch) -> Result<Self> {
        let (connection, screen) = display.connect()?;
        let window = show(&connection, screen)?;
        if switch == Switch::Key {
            connection.set_input_focus(InputFocus::PARENT, window, x11rb::CURRENT_TIME)?;
            connection.sync()?;
        }
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        // A display that goes ends the lamp.
        let thread = std::thread::spawn(move || drop(shine(&connection, window, switch, &stopped)));
        Ok(Self {
            stop,
            thread: Some(thread),
        })
    }
}

impl Drop for Lamp {
    fn drop(&mut self) {
        end(&self.stop, &mut self.thread);
    }
}

fn show(connection: &RustConnection, screen: usize) -> Result<Window> {
    let screen = &connection.setup().roots[screen];
    let window = connection.generate_id()?;
    let aux = CreateWindowAux::new()
        .background_pixel(COLOURS[0])
        .override_redirect(1)
        .event_mask(EventMask::KEY_PRESS | EventMask::EXPOSURE);
    connection.create_window(
        x11rb::COPY_DEPTH_FROM_PARENT,
        window,
        screen.root,
        (screen.width_in_pixels / 2 - PATCH.0 / 2).cast_signed(),
        (screen.height_in_pixels / 2 - PATCH.1 / 2).cast_signed(),
        PATCH.0,
        PATCH.1,
        0,
        WindowClass::INPUT_OUTPUT,
        0,
        &aux,
    )?;
    connection.map_window(window)?;
    connection.sync()?;
    Ok(window)
}

fn shine(connection: &RustConnection, window: Window, switch: Switch, stop: &AtomicBool) -> Result<()> {
    let mut colour = 0;
    let mut since = Instant::now();
    while !stop.load(Ordering::Relaxed) {
        let event = connection.poll_for_event()?;
        let changes = match switch {
            Switch::Key => matches!(event, Some(Event::KeyPress(_))),
            Switch::Every(period) => since.elapsed() >= period,
        };
        if changes {
            colour = 1 - colour;
            since = Instant::now();
            let aux = ChangeWindowAttributesAux::new().background_pixel(COLOURS[colour]);
            connection.change_window_attributes(window, &aux)?;
            connection.clear_area(false, window, 0, 0, 0, 0)?;
            connection.flush()?;
        } else if event.is_none() {
            std::thread::sleep(Duration::from_micros(300));
        }
    }
    Ok(())
}

/// Waits for the lamp on a technician's desk, and gives a pixel of it once its window has found its place.
pub fn find(desk: &Desk) -> Result<Rect> {
    let mut last: Option<(Rect, Instant)> = None;
    wait::until("the lamp on the technician's screen", PATIENCE, || {
        let now = seen(&desk.screen)?;
        match (last, now) {
            (Some((before, since)), Some(now)) if before == now => Ok((since.elapsed() >= STEADY).then_some(now)),
            _ => {
                last = now.map(|spot| (spot, Instant::now()));
                Ok(None)
            }
        }
    })
}

/// Waits until a technician's desk does not show the lamp any more.
pub fn wait_gone(desk: &Desk) -> Result<()> {
    wait::until("the lamp gone from the technician's screen", PATIENCE, || {
        Ok(seen(&desk.screen)?.is_none().then_some(()))
    })
}

/// A pixel of the lamp, if a screen shows it.
fn seen(screen: &Screen) -> Result<Option<Rect>> {
    let image = screen.grab()?;
    let hits = image.enumerate_pixels().filter(|(_, _, pixel)| colour_of(pixel).is_some());
    let pixels: Vec<(u32, u32)> = hits.map(|(x, y, _)| (x, y)).collect();
    if pixels.len() < ENOUGH {
        return Ok(None);
    }
    // Not in the middle, where the pointer is at first.
    let quarter = |along: fn(&(u32, u32)) -> u32| -> Result<i32> {
        let (least, most) = (pixels.iter().map(along).min(), pixels.iter().map(along).max());
        Ok(i32::try_from((least.unwrap_or(0) * 3 + most.unwrap_or(0)) / 4)?)
    };
    Ok(Some(Rect {
        x: quarter(|place| place.0)?,
        y: quarter(|place| place.1)?,
        width: 1,
        height: 1,
    }))
}

/// Which colour of the lamp stands at a place of a screen; none when it is not there.
pub fn colour_at(screen: &Screen, spot: Rect) -> Result<Option<usize>> {
    Ok(colour_of(screen.grab_part(spot)?.get_pixel(0, 0)))
}

/// Looks at the lamp on a technician's screen all the time, and notes when it changed.
#[derive(Debug)]
pub struct Watch {
    stop: Arc<AtomicBool>,
    changes: Arc<Mutex<Vec<Instant>>>,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    /// Looks at `spot` of a display through an eye of its own.
    pub fn start(display: &Display, spot: Rect) -> Result<Self> {
        let screen = Screen::open(display)?;
        let (stop, changes) = (Arc::new(AtomicBool::new(false)), Arc::<Mutex<Vec<Instant>>>::default());
        let (stopped, noted) = (stop.clone(), changes.clone());
        let thread = std::thread::spawn(move || {
            let mut last = None;
            while !stopped.load(Ordering::Relaxed) {
                let Ok(now) = colour_at(&screen, spot) else { return };
                if now.is_some() && now != last {
                    noted.lock().unwrap_or_else(PoisonError::into_inner).push(Instant::now());
                    last = now;
                }
                std::thread::sleep(wait::POLL);
            }
        });
        Ok(Self {
            stop,
            changes,
            thread: Some(thread),
        })
    }

    /// When it changed so far.
    pub fn changes(&self) -> Vec<Instant> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until it has changed `more` times from now on.
    pub fn wait_changes(&self, more: usize, timeout: Duration) -> Result<()> {
        let wanted = self.changes().len() + more;
        wait::until(&format!("{more} changes of the lamp"), timeout, || {
            Ok((self.changes().len() >= wanted).then_some(()))
        })
    }

    /// The longest time without a change from `from` until now.
    pub fn longest_gap(&self, from: Instant) -> Duration {
        let mut times = vec![from];
        times.extend(self.changes().into_iter().filter(|at| *at > from));
        times.push(Instant::now());
        times.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or_default()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        end(&self.stop, &mut self.thread);
    }
}

fn end(stop: &AtomicBool, thread: &mut Option<JoinHandle<()>>) {
    stop.store(true, Ordering::Relaxed);
    if let Some(thread) = thread.take() {
        // What the thread had to say is lost with it; nobody asks any more.
        let _ = thread.join();
    }
}

fn colour_of(pixel: &Rgb<u8>) -> Option<usize> {
    COLOURS.iter().position(|colour| {
        let [_, r, g, b] = colour.to_be_bytes();
        pixel.0.iter().zip([r, g, b]).all(|(seen, lamp)| seen.abs_diff(lamp) <= TOLERANCE)
    })
}
