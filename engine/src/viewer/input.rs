//! The technician's hands on their way to the host: in order, never dropped while control is held, merged only where a later
//! pointer position makes an earlier one meaningless, and accompanied by beats while something is down.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use farhand_protocol::{
    input::{BEAT_MILLIS, InputEvent, MAX_TEXT_BYTES},
    peer::{HostBound, TakeControl},
    wire::Message,
};
use iroh::endpoint::SendStream;
use parking_lot::Mutex;
use tokio::sync::mpsc;

use crate::host::Held;

/// Most events that wait for a link that takes none; then the person's hands are let go instead.
const MOST_WAITING: usize = 4096;

/// Something for the input stream.
#[derive(Debug)]
enum Job {
    Control(bool),
    Event(InputEvent),
    /// Events were lost: let go of everything.
    Overflow,
}

/// Where the program's input goes: nowhere, unless control is held.
#[derive(Debug, Clone, Default)]
pub(super) struct InputGate {
    open: Arc<Mutex<Option<InputLine>>>,
}

impl InputGate {
    /// Takes in an event of the person's hands.
    pub(super) fn handle_input(&self, event: InputEvent) {
        let line = self.open.lock().clone();
        let Some(line) = line else { return };
        match event {
            InputEvent::Text(text) => pieces(&text).for_each(|piece| line.push(InputEvent::Text(piece.to_owned()))),
            event => line.push(event),
        }
    }

    fn set(&self, line: Option<InputLine>) {
        *self.open.lock() = line;
    }
}

/// The way to the input stream of one link.
#[derive(Debug, Clone)]
pub(super) struct InputLine {
    jobs: mpsc::UnboundedSender<Job>,
    waiting: Arc<AtomicUsize>,
}

impl InputLine {
    /// Starts writing to the stream; ends with it.
    pub(super) fn start(send: SendStream, runtime: &tokio::runtime::Handle) -> Self {
        let (jobs, queue) = mpsc::unbounded_channel();
        let waiting = Arc::new(AtomicUsize::new(0));
        runtime.spawn(write(send, queue, waiting.clone()));
        Self { jobs, waiting }
    }

    /// Takes or leaves control; said on the input stream itself, so that it stays in order with what the hands do.
    pub(super) fn set_control(&self, on: bool, gate: &InputGate) {
        let _ = self.jobs.send(Job::Control(on));
        gate.set(on.then(|| self.clone()));
    }

    fn push(&self, event: InputEvent) {
        let waiting = self.waiting.fetch_add(1, Ordering::SeqCst);
        let job = match waiting.cmp(&MOST_WAITING) {
            std::cmp::Ordering::Less => Job::Event(event),
            std::cmp::Ordering::Equal => Job::Overflow,
            std::cmp::Ordering::Greater => {
                self.waiting.fetch_sub(1, Ordering::SeqCst);
                return;
            }
        };
        let _ = self.jobs.send(job);
    }
}

/// Closes the gate: the link is lost.
pub(super) fn close(gate: &InputGate) {
    gate.set(None);
}

async fn write(mut send: SendStream, mut queue: mpsc::UnboundedReceiver<Job>, waiting: Arc<AtomicUsize>) {
    let mut held = Held::default();
    let mut beat = tokio::time::interval(Duration::from_millis(BEAT_MILLIS));
    beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        let mut jobs = Vec::new();
        tokio::select! {
            biased;
            received = queue.recv_many(&mut jobs, 256) => if received == 0 { return },
            _ = beat.tick(), if held.is_holding() => jobs.push(Job::Event(InputEvent::Beat)),
        }
        let counted = jobs
            .iter()
            .filter(|job| !matches!(job, Job::Control(_) | Job::Event(InputEvent::Beat)))
            .count();
        let mut bytes = Vec::new();
        for message in messages(jobs, &mut held) {
            bytes.extend_from_slice(&message.to_frame());
        }
        if send.write_all(&bytes).await.is_err() {
            return;
        }
        beat.reset();
        waiting.fetch_sub(counted.min(waiting.load(Ordering::SeqCst)), Ordering::SeqCst);
    }
}

/// Frames for some jobs. A pointer position directly followed by another of the same layout is left out.
fn messages(jobs: Vec<Job>, held: &mut Held) -> Vec<HostBound> {
    let now = Instant::now();
    let mut messages: Vec<HostBound> = Vec::with_capacity(jobs.len());
    for job in jobs {
        let event = match job {
            Job::Control(on) => {
                if !on {
                    *held = Held::default();
                }
                messages.push(HostBound::TakeControl(TakeControl { on }));
                continue;
            }
            Job::Event(event) => event,
            Job::Overflow => InputEvent::ReleaseAll,
        };
        held.handle_input(&event, now);
        if let (InputEvent::PointerMove { epoch, .. }, Some(HostBound::Input(InputEvent::PointerMove { epoch: before, .. }))) =
            (&event, messages.last())
            && epoch == before
        {
            messages.pop();
        }
        messages.push(HostBound::Input(event));
    }
    messages
}

/// A text in pieces that one event may carry, cut between characters.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (piece, after) = rest.split_at(rest.floor_char_boundary(MAX_TEXT_BYTES));
        rest = after;
        (!piece.is_empty()).then_some(piece)
    })
}

#[cfg(test)]
mod tests {
    use farhand_protocol::{
        geometry::Point,
        input::{Button, Press},
    };

    use super::*;

    fn at(epoch: u32, x: i32) -> InputEvent {
        InputEvent::PointerMove {
            epoch,
            pos: Point { x, y: 0 },
        }
    }

    #[test]
    fn only_positions_that_nothing_depends_on_are_merged() {
        let click = InputEvent::PointerButton {
            epoch: 1,
            pos: Point::default(),
            button: Button::Left,
            press: Press::Down,
        };
        let events = [at(1, 1), at(1, 2), click.clone(), at(1, 3), at(2, 4), at(2, 5)];
        let mut held = Held::default();
        let sent = messages(events.map(Job::Event).into(), &mut held);
        let kept = [at(1, 2), click, at(1, 3), at(2, 5)].map(HostBound::Input);
        assert_eq!(sent, kept);
        assert!(held.is_holding());
        messages(vec![Job::Control(false)], &mut held);
        assert!(!held.is_holding());
    }

    #[test]
    fn long_text_is_cut_between_characters_and_stays_whole() {
        let text = "é".repeat(MAX_TEXT_BYTES);
        let cut: Vec<&str> = pieces(&text).collect();
        assert!(cut.iter().all(|piece| piece.len() <= MAX_TEXT_BYTES) && cut.len() >= 2);
        assert_eq!(cut.concat(), text);
        assert_eq!(pieces("").count(), 0);
    }
}
