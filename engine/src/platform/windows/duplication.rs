//! Pictures of the Windows desktop by Desktop Duplication through `scrap`: the graphics card says when
//! something changed, so a still screen costs nothing. GDI takes the first picture, which `scrap` drops, and
//! all of them where there is no duplication: remote sessions, old or missing drivers, turned monitors, wine.

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use farhand_protocol::geometry::{Monitor, Rect};
use scrap::dxgi::{Capturer, Display, Displays};

use super::gdi::GdiTaker;
use super::native;
use crate::platform::pasted::paste;
use crate::platform::polled::{Look, PointerLook, Taker};
use crate::platform::{CaptureError, Frame};

/// After the first picture, so that nobody waits for the graphics card to get it.
const FIRST_TRY: Duration = Duration::from_millis(100);
/// Between two tries while another desktop (lock, password prompt) or program holds the screen.
const RETRY: Duration = Duration::from_secs(2);
/// `DXGI_MODE_ROTATION_IDENTITY`; zero is unspecified, more is turned.
const UPRIGHT: u32 = 1;

/// Takes pictures of the desktop by the best way there is.
pub(super) struct DuplicationTaker {
    gdi: GdiTaker,
    monitors: Vec<Monitor>,
    /// One for each monitor, or none while GDI takes the pictures.
    outputs: Vec<Output>,
    /// When to try duplication next; never until the monitors change, where it cannot work.
    retry_at: Option<Instant>,
}

struct Output {
    area: Rect,
    capturer: Capturer,
}

impl DuplicationTaker {
    pub(super) fn open() -> Result<Self, CaptureError> {
        Ok(Self {
            gdi: GdiTaker::open()?,
            monitors: Vec::new(),
            outputs: Vec::new(),
            retry_at: None,
        })
    }

    fn open_outputs(&mut self) {
        match outputs_of(&self.monitors) {
            Ok(outputs) => {
                tracing::info!(monitors = outputs.len(), "capturing by desktop duplication");
                self.outputs = outputs;
            }
            Err(error) => {
                tracing::info!(%error, "capturing by GDI");
                self.retry_at = is_passing(error.kind()).then(|| Instant::now() + RETRY);
            }
        }
    }
}

impl Taker for DuplicationTaker {
    fn monitors(&mut self) -> Result<Vec<Monitor>, CaptureError> {
        let monitors = native::monitors();
        if monitors != self.monitors {
            self.monitors.clone_from(&monitors);
            self.outputs.clear();
            self.retry_at = Some(Instant::now() + FIRST_TRY);
        }
        Ok(monitors)
    }

    fn take(&mut self, frame: &mut Frame) -> Result<Look, CaptureError> {
        if self.outputs.is_empty() {
            if self.retry_at.take_if(|at| *at <= Instant::now()).is_some() {
                self.open_outputs();
            }
            // Also the picture that what is duplicated from now on changes.
            return self.gdi.take(frame);
        }
        let mut look = Look::Same;
        for output in &mut self.outputs {
            match output.capturer.frame(0) {
                Ok(picture) => {
                    paste(frame, &output.area, picture, picture.len() / output.area.height.max(1) as usize);
                    look = Look::Taken;
                }
                Err(error) if error.kind() == ErrorKind::TimedOut => {}
                Err(error) => {
                    tracing::info!(%error, "desktop duplication ended");
                    self.outputs.clear();
                    self.retry_at = Some(Instant::now() + RETRY);
                    return self.gdi.take(frame);
                }
            }
        }
        Ok(look)
    }

    fn pointer(&mut self) -> PointerLook {
        self.gdi.pointer()
    }
}

/// A duplication of every monitor, or why that cannot be.
fn outputs_of(monitors: &[Monitor]) -> std::io::Result<Vec<Output>> {
    let displays: Vec<Display> = Displays::new()?.collect();
    let output_of = |monitor: &Monitor| {
        let named = |display: &&Display| String::from_utf16_lossy(display.name()) == monitor.name;
        let display = displays.iter().find(named).ok_or(ErrorKind::NotFound)?;
        if display.rotation().0 > UPRIGHT {
            return Err(ErrorKind::Unsupported.into());
        }
        Ok(Output {
            area: monitor.area,
            capturer: Capturer::new(display)?,
        })
    };
    monitors.iter().map(output_of).collect()
}

/// Errors that another try later may not meet: `scrap` turns DXGI's codes into these.
fn is_passing(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::PermissionDenied | ErrorKind::Interrupted | ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted
    )
}
