//! The chime: two soft tones, made here, played on a thread of its own. No sound card is no error.

use std::{
    f32::consts::TAU,
    sync::mpsc::{Receiver, Sender, channel},
    time::{Duration, Instant},
};

use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use farhand_engine::platform;

/// Plays the chime when told; the sound device is open only while it sounds.
pub struct Chime(Sender<()>);

/// Seconds of the whole chime.
const SECONDS: f32 = 0.7;

impl Chime {
    /// Starts the thread.
    pub fn start() -> Self {
        let (sender, receiver) = channel();
        let thread = std::thread::Builder::new().name("farhand-chime".into());
        if let Err(error) = thread.spawn(move || run(&receiver)) {
            tracing::warn!(%error, "no thread for sounds");
        }
        Self(sender)
    }

    /// Plays it once; calls while it sounds are one.
    pub fn play(&self) {
        let _ = self.0.send(());
    }
}

fn run(asked: &Receiver<()>) {
    // Without a sound card the library would print a screenful for every chime.
    platform::current().quiet_sound_library();
    while asked.recv().is_ok() {
        if let Err(error) = play() {
            tracing::debug!(%error, "the chime cannot be played");
        }
        while asked.try_recv().is_ok() {}
    }
}

fn play() -> Result<(), cpal::Error> {
    let Some(device) = cpal::default_host().default_output_device() else {
        return Ok(());
    };
    let mut config: cpal::StreamConfig = device.default_output_config()?.into();
    config.buffer_size = cpal::BufferSize::Default;
    let (rate, channels) = (config.sample_rate as f32, usize::from(config.channels.max(1)));
    let (done, over) = channel();
    let mut at = 0u32;
    let fill = move |samples: &mut [f32], info: &cpal::OutputCallbackInfo| {
        for frame in samples.chunks_mut(channels) {
            frame.fill(sample(at as f32 / rate));
            at = at.saturating_add(1);
        }
        if at as f32 / rate > SECONDS {
            // What is filled is not yet heard: servers of sound take seconds in advance.
            let ahead = info.timestamp().playback.duration_since(info.timestamp().callback);
            let _ = done.send(ahead);
        }
    };
    let failed = |error| tracing::debug!(%error, "the sound device failed");
    let stream = device.build_output_stream(config, fill, failed, None)?;
    let begun = Instant::now();
    stream.play()?;
    let ahead = over.recv_timeout(Duration::from_secs(3)).unwrap_or_default();
    // From the moment it began, the chime takes its own time, the way to the loudspeaker and a little.
    let end = Duration::from_secs_f32(SECONDS) + ahead.min(MOST_AHEAD) + Duration::from_millis(200);
    #[allow(clippy::disallowed_methods, reason = "a thread of its own, until the last tone was heard")]
    std::thread::sleep(end.saturating_sub(begun.elapsed()));
    Ok(())
}

/// Longest way to the loudspeaker that is waited for.
const MOST_AHEAD: Duration = Duration::from_secs(3);

/// Two bells, a fifth apart, the second a moment later; silent at both ends.
fn sample(seconds: f32) -> f32 {
    let bell = |pitch: f32, from: f32| {
        let t = seconds - from;
        if t < 0.0 {
            0.0
        } else {
            (TAU * pitch * t).sin() * (-7.0 * t).exp() * (t * 200.0).min(1.0)
        }
    };
    let fade = ((SECONDS - seconds) * 20.0).clamp(0.0, 1.0);
    0.16 * fade * (bell(659.26, 0.0) + bell(987.77, 0.13))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chime_is_heard_stays_in_range_and_ends_in_silence() {
        let samples: Vec<f32> = (0..48_000).map(|at| sample(at as f32 / 48_000.0)).collect();
        let loudest = samples.iter().fold(0.0f32, |most, sample| most.max(sample.abs()));
        assert!((0.1..0.5).contains(&loudest), "{loudest}");
        assert_eq!(samples[0], 0.0);
        assert!(samples[(SECONDS * 48_000.0) as usize + 1..].iter().all(|sample| *sample == 0.0));
    }
}
