//! A lamp on the customer's display: a window of which a patch the size of a word changes colour with each key press. What lies between a key on the technician's display and the
//! lamp's colour there is the product and nothing else.

use std::{
    sync::Arc,
    sync::atomic::{AtomicBool, Ordering},
    thread::JoinHandle,
};

use anyhow::Result;
use farhand_tests::harness::display::Display;
use x11rb::{
    connection::Connection as _,
    protocol::{
        Event,
        xproto::{ChangeWindowAttributesAux, ConnectionExt as _, CreateWindowAux, EventMask, InputFocus, WindowClass},
    },
    wrapper::ConnectionExt as _,
};

/// The two colours, as 0xRRGGBB.
pub const COLOURS: [u32; 2] = [0x20_40_c0, 0xd0_b0_20];

/// Size of the patch, in pixels: a word at a comfortable size.
pub const PATCH: (u16, u16) = (96, 40);

/// The running lamp.
pub struct Lamp {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Lamp {
    /// Opens it and gives it the keyboard.
    pub fn open(display: &Display) -> Result<Self> {
        let (connection, screen) = display.connect()?;
        let (root, width, height) = {
            let screen = &connection.setup().roots[screen];
            (screen.root, screen.width_in_pixels, screen.height_in_pixels)
        };
        let window = connection.generate_id()?;
        let aux = CreateWindowAux::new()
            .background_pixel(COLOURS[0])
            .override_redirect(1)
            .event_mask(EventMask::KEY_PRESS | EventMask::EXPOSURE);
        connection.create_window(
            x11rb::COPY_DEPTH_FROM_PARENT,
            window,
            root,
            (width / 2 - PATCH.0 / 2) as i16,
            (height / 2 - PATCH.1 / 2) as i16,
            PATCH.0,
            PATCH.1,
            0,
            WindowClass::INPUT_OUTPUT,
            0,
            &aux,
        )?;
        connection.map_window(window)?;
        connection.sync()?;
        connection.set_input_focus(InputFocus::PARENT, window, x11rb::CURRENT_TIME)?;
        connection.sync()?;
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let thread = std::thread::spawn(move || {
            let mut colour = 0;
            while !stopped.load(Ordering::Relaxed) {
                match connection.poll_for_event() {
                    Ok(Some(Event::KeyPress(_))) => {
                        colour = 1 - colour;
                        let aux = ChangeWindowAttributesAux::new().background_pixel(COLOURS[colour]);
                        let drawn = connection
                            .change_window_attributes(window, &aux)
                            .and_then(|_| connection.clear_area(false, window, 0, 0, 0, 0))
                            .and_then(|_| connection.flush());
                        if drawn.is_err() {
                            return;
                        }
                    }
                    Ok(Some(_)) => {}
                    Ok(None) => std::thread::sleep(std::time::Duration::from_micros(300)),
                    Err(_) => return,
                }
            }
        });
        Ok(Self {
            stop,
            thread: Some(thread),
        })
    }
}

impl Drop for Lamp {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
