//! A moving rectangle as H.264, coded on a thread of its own, so that text beside it never waits for it.
//!
//! One picture at a time: while it is coded the next one is not even converted, so what comes out is never older than one coding.
//!
//! ```text
//!   give ─► converted here ─► coded on "farhand-film" ─► wakes the picture's thread ─► take
//! ```

use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use bytes::Bytes;
use farhand_codec::{
    EncodeError, VideoEncoder,
    operations::VideoKind,
    picture::Picture,
    video::{I420, VideoConfig},
};
use parking_lot::Mutex;

/// A picture that is not coded by then never will be.
const LONGEST_CODING: Duration = Duration::from_secs(10);

/// Called when a picture is coded.
pub(super) type Wake = Arc<dyn Fn() + Send + Sync>;

/// A video stream and its thread, which ends when this is dropped.
pub(super) struct Film {
    jobs: mpsc::Sender<Job>,
    done: Arc<Mutex<Option<Done>>>,
    /// Planes to convert the next picture into, while none is under way.
    planes: Option<I420>,
    given_at: Option<Instant>,
}

/// A picture that was coded.
#[derive(Debug, Clone)]
pub(super) struct Coded {
    /// Its bytes; none when the encoder left it out to keep to its rate.
    pub(super) video: Option<(VideoKind, Bytes)>,
    /// How long that took, without the wait for the thread.
    pub(super) encode: Duration,
}

/// How a picture is to be coded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish {
    /// So that it stands alone, for a viewer that has none before it.
    pub(super) key: bool,
    /// At this rate.
    pub(super) bitrate_bps: u32,
    /// When it was captured, by any clock that only grows.
    pub(super) at_millis: u64,
}

struct Job {
    planes: I420,
    wish: Wish,
}

struct Done {
    planes: I420,
    coded: Result<Coded, EncodeError>,
}

impl Film {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the encoder refuses the size, or the system has no thread to give.
    pub(super) fn start(config: VideoConfig, wake: Wake) -> Result<Self, EncodeError> {
        let encoder = VideoEncoder::new(config)?;
        let (jobs, queue) = mpsc::channel();
        let done = Arc::new(Mutex::new(None));
        let coded = done.clone();
        std::thread::Builder::new()
            .name("farhand-film".into())
            .spawn(move || code_all(encoder, &queue, &coded, &wake))
            .map_err(|_| EncodeError::Library {
                step: "start a thread for",
                code: 0,
            })?;
        Ok(Self {
            jobs,
            done,
            planes: Some(I420::new(config.width, config.height)),
            given_at: None,
        })
    }

    /// A picture is being coded, or is coded and waits to be taken.
    pub(super) fn is_under_way(&self) -> bool {
        self.given_at.is_some()
    }

    /// A coded picture waits to be taken.
    pub(super) fn is_ready(&self) -> bool {
        self.done.lock().is_some()
    }

    /// Hands over the next picture, where none is under way.
    ///
    /// # Errors
    /// When the picture has another size than the film, one is under way, or the thread is gone; the film should be ended then.
    pub(super) fn give(&mut self, picture: &Picture<'_>, wish: Wish) -> Result<(), EncodeError> {
        let gone = EncodeError::Library {
            step: "take a picture for",
            code: 0,
        };
        let mut planes = self.planes.take().ok_or(gone)?;
        planes.convert(picture)?;
        self.jobs.send(Job { planes, wish }).map_err(|_| gone)?;
        self.given_at = Some(Instant::now());
        Ok(())
    }

    /// Takes the coded picture, if one waits.
    ///
    /// # Errors
    /// When it could not be coded, or not in any reasonable time; the stream should be ended then.
    pub(super) fn take(&mut self) -> Result<Option<Coded>, EncodeError> {
        let Some(Done { planes, coded }) = self.done.lock().take() else {
            let is_lost = self.given_at.is_some_and(|given_at| given_at.elapsed() > LONGEST_CODING);
            let error = EncodeError::Library {
                step: "code a picture in time",
                code: 0,
            };
            return if is_lost { Err(error) } else { Ok(None) };
        };
        self.planes = Some(planes);
        self.given_at = None;
        coded.map(Some)
    }
}

fn code_all(mut encoder: VideoEncoder, queue: &mpsc::Receiver<Job>, done: &Mutex<Option<Done>>, wake: &Wake) {
    while let Ok(Job { planes, wish }) = queue.recv() {
        let began = Instant::now();
        let video = code(&mut encoder, &planes, wish);
        let encode = began.elapsed();
        *done.lock() = Some(Done {
            planes,
            coded: video.map(|video| Coded { video, encode }),
        });
        wake();
    }
}

fn code(encoder: &mut VideoEncoder, planes: &I420, wish: Wish) -> Result<Option<(VideoKind, Bytes)>, EncodeError> {
    let now = encoder.config().bitrate_bps;
    if now.abs_diff(wish.bitrate_bps) > wish.bitrate_bps / 4 {
        encoder.set_bitrate_bps(wish.bitrate_bps)?;
    }
    if wish.key {
        encoder.request_key();
    }
    let coded = encoder.encode_planes(planes, wish.at_millis)?;
    Ok(coded.map(|coded| (coded.kind, Bytes::copy_from_slice(coded.bytes))))
}
