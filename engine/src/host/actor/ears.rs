//! Whether the stop key is heard (APP-36). A watch over local input that ends by itself is started again; until one stands, nobody controls the device,
//! and the customer is told, whose button remains. Where the key has no function (APP-38) a lost watch takes nothing away.
//!
//! ```text
//! heard ──Lost──► control waits, said ──► start again ──► heard: control as before, said
//!                                             └─ fails ──► pause (1 s, doubled up to 60 s) ──┘
//! ```
//!
//! A watch says on a thread of its own that it has ended, so that may be known before the watch itself: see [`Hearing::Trying`].

use std::time::{Duration, Instant};

use farhand_protocol::{peer::GrantCause, permission::Capability, permission::CapabilitySet};
use serde_json::json;

use super::{Actor, Command, send};
use crate::{
    host::{HostEvent, watch},
    platform::{InputError, LocalInputWatch},
};

/// Between attempts, first and longest.
const PAUSE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));
/// A watch that stood for so long had not just been started in vain.
const STOOD: Duration = Duration::from_secs(60);

/// The watch over local input, or what is done about its absence.
pub(super) struct Ears {
    hearing: Hearing,
    /// Number of the newest attempt to hear.
    attempt: u64,
    since: Instant,
    retry_at: Option<Instant>,
    pause: Duration,
    /// Everybody was told that nothing is heard.
    is_told: bool,
}

/// What hears, or is about to.
enum Hearing {
    /// Nothing; it is tried again in time.
    Nothing,
    /// An attempt is under way, and no other begins meanwhile. Its watch may have been said to have ended already.
    Trying { has_ended: bool },
    /// A watch, held for what its drop does: it ends the watch.
    Watch { _watch: Box<dyn LocalInputWatch> },
}

impl Ears {
    /// Nothing is heard yet; a first attempt is under way.
    pub(super) fn new() -> Self {
        Self {
            hearing: Hearing::Trying { has_ended: false },
            attempt: 1,
            since: Instant::now(),
            retry_at: None,
            pause: Duration::ZERO,
            is_told: false,
        }
    }

    /// Number of the newest attempt to hear.
    pub(super) fn attempt(&self) -> u64 {
        self.attempt
    }

    /// When it is to be tried again.
    pub(super) fn poll_deadline(&self) -> Option<Instant> {
        self.retry_at
    }
}

impl Actor {
    /// True while control must wait because its end might not be heard.
    pub(super) fn is_unguarded(&self) -> bool {
        self.config.settings.pause_key && !matches!(self.ears.hearing, Hearing::Watch { .. })
    }

    /// What the customer gave, without what waits for the stop key to be heard.
    pub(super) fn guarded(&self, granted: CapabilitySet) -> CapabilitySet {
        if self.is_unguarded() {
            granted.without(Capability::Control)
        } else {
            granted
        }
    }

    /// The newest attempt to hear has come to an end.
    pub(super) fn handle_ears(&mut self, started: Result<Box<dyn LocalInputWatch>, InputError>, now: Instant) {
        let has_ended = matches!(self.ears.hearing, Hearing::Trying { has_ended: true });
        self.ears.hearing = Hearing::Nothing;
        match started {
            Ok(watch) if has_ended => {
                drop(watch);
                self.hear_again(now);
            }
            Ok(watch) => {
                self.ears.hearing = Hearing::Watch { _watch: watch };
                self.ears.since = now;
                if std::mem::take(&mut self.ears.is_told) {
                    self.journal("stop_key.heard", "system", json!({}));
                    self.emit(HostEvent::StopKey { is_heard: true });
                    self.refresh(GrantCause::Suspended);
                }
            }
            Err(error) => {
                tracing::warn!(%error, "the stop key cannot be heard");
                self.tell_unguarded(&error.to_string());
                self.try_again_later(now);
            }
        }
    }

    /// The watch of this attempt has ended by itself. Control was cut on the thread that found out.
    pub(super) fn lose_ears(&mut self, attempt: u64, now: Instant) {
        if self.config.settings.pause_key {
            // After every cut, whichever watch it came from: until then the hands refuse everybody.
            self.hands.release_all();
        }
        if attempt != self.ears.attempt {
            return;
        }
        match self.ears.hearing {
            Hearing::Nothing => {}
            Hearing::Trying { .. } => self.ears.hearing = Hearing::Trying { has_ended: true },
            Hearing::Watch { .. } => {
                self.ears.hearing = Hearing::Nothing;
                if now.duration_since(self.ears.since) >= STOOD {
                    self.ears.pause = Duration::ZERO;
                }
                self.hear_again(now);
            }
        }
    }

    /// A watch has ended by itself: says so and starts another, at once unless that was just tried.
    fn hear_again(&mut self, now: Instant) {
        self.tell_unguarded("the watch over local input has ended");
        if self.ears.pause.is_zero() {
            self.listen();
        }
        self.try_again_later(now);
    }

    /// Tries again what could not be heard.
    pub(super) fn handle_ears_time(&mut self, now: Instant) {
        if self.ears.retry_at.is_some_and(|at| at <= now) {
            self.ears.retry_at = None;
            if matches!(self.ears.hearing, Hearing::Nothing) {
                self.listen();
            }
        }
    }

    fn try_again_later(&mut self, now: Instant) {
        self.ears.pause = (self.ears.pause * 2).clamp(PAUSE.0, PAUSE.1);
        self.ears.retry_at = Some(now + self.ears.pause);
    }

    /// Starts a watch beside the actor: the system may take its time.
    fn listen(&mut self) {
        self.ears.attempt += 1;
        self.ears.hearing = Hearing::Trying { has_ended: false };
        let (config, commands, switch) = (self.watching.clone(), self.commands.clone(), self.switch.clone());
        let attempt = self.ears.attempt;
        self.runtime.spawn_blocking(move || {
            let started = watch::start(&config, attempt, commands.clone(), &switch);
            send(&commands, Command::Ears(started));
        });
    }

    /// Says once that nothing is heard, until it is again.
    fn tell_unguarded(&mut self, reason: &str) {
        if self.config.settings.pause_key && !self.ears.is_told {
            self.ears.is_told = true;
            self.journal("stop_key.unavailable", "system", json!({ "reason": reason }));
            self.emit(HostEvent::StopKey { is_heard: false });
            self.refresh(GrantCause::Suspended);
        }
    }
}
