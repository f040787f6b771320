//! The moving rectangle of one viewer as H.264, coded on a thread of its own, so that text beside it never waits for it.
//!
//! One picture at a time: while it is coded the next one is not even converted, so what comes out is never older than one coding.
//!
//! ```text
//!   give ─► converted here ─► coded on "farhand-film" ─► wakes the picture's thread ─► take
//! ```

use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use farhand_codec::{
    EncodeError, VideoEncoder,
    operations::VideoKind,
    picture::{Area, Picture},
    video::{I420, VideoConfig},
};
use parking_lot::Mutex;

use super::stream::CaptureTook;

/// A picture that is not coded by then never will be.
const LONGEST_CODING: Duration = Duration::from_secs(10);

/// Called when a picture is coded.
pub(super) type Wake = Arc<dyn Fn() + Send + Sync>;

/// A video stream and its thread, which ends when this is dropped.
pub(super) struct Film {
    stream: u16,
    jobs: mpsc::Sender<Job>,
    done: Arc<Mutex<Option<Done>>>,
    /// Planes to convert the next picture into, while none is under way.
    planes: Option<I420>,
    under_way: Option<(Shot, Instant)>,
}

/// What a picture of the film is of.
#[derive(Debug, Clone)]
pub(super) struct Shot {
    /// The stream's rectangle.
    pub(super) area: Area,
    /// Which parts of it are to be shown.
    pub(super) painted: Vec<Area>,
    /// When it was captured, by the host's clock.
    pub(super) captured_at_micros: i64,
    /// How long that took.
    pub(super) took: CaptureTook,
}

/// A picture that was coded.
pub(super) struct Coded {
    /// Of what.
    pub(super) shot: Shot,
    /// Its bytes; none when the encoder left it out to keep to its rate.
    pub(super) video: Option<(VideoKind, Vec<u8>)>,
    /// How long that took, without the wait for the thread.
    pub(super) encode: Duration,
}

struct Job {
    planes: I420,
    bitrate_bps: u32,
    at_millis: u64,
}

struct Done {
    planes: I420,
    video: Result<Option<(VideoKind, Vec<u8>)>, EncodeError>,
    encode: Duration,
}

impl Film {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the encoder refuses the size, or the system has no thread to give.
    pub(super) fn start(stream: u16, config: VideoConfig, wake: Wake) -> Result<Self, EncodeError> {
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
            stream,
            jobs,
            done,
            planes: Some(I420::new(config.width, config.height)),
            under_way: None,
        })
    }

    /// Number of the stream.
    pub(super) fn stream(&self) -> u16 {
        self.stream
    }

    /// What is being coded, or is coded and waits to be taken.
    pub(super) fn under_way(&self) -> Option<&Shot> {
        self.under_way.as_ref().map(|(shot, _)| shot)
    }

    /// A coded picture waits to be taken.
    pub(super) fn is_ready(&self) -> bool {
        self.done.lock().is_some()
    }

    /// Hands over the next picture. False when it was not taken, because one is under way or the thread is gone.
    ///
    /// # Errors
    /// When the picture has another size than the stream.
    pub(super) fn give(&mut self, picture: &Picture<'_>, shot: Shot, bitrate_bps: u32, at_millis: u64) -> Result<bool, EncodeError> {
        let Some(mut planes) = self.planes.take() else {
            return Ok(false);
        };
        planes.convert(picture)?;
        let job = Job {
            planes,
            bitrate_bps,
            at_millis,
        };
        let is_given = self.jobs.send(job).is_ok();
        self.under_way = is_given.then(|| (shot, Instant::now()));
        Ok(is_given)
    }

    /// Takes the coded picture, if one waits.
    ///
    /// # Errors
    /// When it could not be coded, or not in any reasonable time; the stream should be ended then.
    pub(super) fn take(&mut self) -> Result<Option<Coded>, EncodeError> {
        let Some(Done { planes, video, encode }) = self.done.lock().take() else {
            let is_lost = self
                .under_way
                .as_ref()
                .is_some_and(|(_, given_at)| given_at.elapsed() > LONGEST_CODING);
            let error = EncodeError::Library {
                step: "code a picture in time",
                code: 0,
            };
            return if is_lost { Err(error) } else { Ok(None) };
        };
        self.planes = Some(planes);
        let shot = self.under_way.take();
        let video = video?;
        Ok(shot.map(|(shot, _)| Coded { shot, video, encode }))
    }
}

fn code_all(mut encoder: VideoEncoder, queue: &mpsc::Receiver<Job>, done: &Mutex<Option<Done>>, wake: &Wake) {
    while let Ok(job) = queue.recv() {
        let began = Instant::now();
        let video = code(&mut encoder, &job);
        *done.lock() = Some(Done {
            planes: job.planes,
            video,
            encode: began.elapsed(),
        });
        wake();
    }
}

fn code(encoder: &mut VideoEncoder, job: &Job) -> Result<Option<(VideoKind, Vec<u8>)>, EncodeError> {
    let now = encoder.config().bitrate_bps;
    if now.abs_diff(job.bitrate_bps) > job.bitrate_bps / 4 {
        encoder.set_bitrate_bps(job.bitrate_bps)?;
    }
    let coded = encoder.encode_planes(&job.planes, job.at_millis)?;
    Ok(coded.map(|coded| (coded.kind, coded.bytes.to_vec())))
}
