//! The fake hands: they record what they do, under the same rules as real ones.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use farhand_protocol::geometry::DesktopLayout;
use farhand_protocol::input::{Button, InputEvent, KeyEvent, Press};
use parking_lot::Mutex;

use super::screen::Stage;
use crate::platform::keys::{ChordHeld, is_stop_key};
use crate::platform::{InputError, InputOutcome, InputRefusal, InputSink};

/// What all fake hands of one machine did.
#[derive(Default)]
pub(super) struct Hands {
    pub(super) events: Arc<Mutex<Vec<InputEvent>>>,
    pub(super) refusal: Option<InputRefusal>,
    pub(super) releases: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Held {
    Key(u16),
    Button(Button),
}

/// One pair of hands.
pub(super) struct FakeInput {
    hands: Arc<Mutex<Hands>>,
    stage: Arc<Stage>,
    epoch: u32,
    held: BTreeSet<Held>,
    interrupted: Arc<AtomicBool>,
}

impl FakeInput {
    pub(super) fn open(hands: &Arc<Mutex<Hands>>, stage: &Arc<Stage>) -> Self {
        let epoch = stage.layout().epoch;
        Self {
            hands: Arc::clone(hands),
            stage: Arc::clone(stage),
            epoch,
            held: BTreeSet::new(),
            interrupted: Arc::default(),
        }
    }

    fn refusal(&self, event: &InputEvent) -> Option<InputRefusal> {
        if event.is_release() {
            return None;
        }
        if self.interrupted.load(Ordering::Relaxed) {
            return Some(InputRefusal::Interrupted);
        }
        if event.epoch().is_some_and(|epoch| epoch != self.epoch) {
            return Some(InputRefusal::StaleEpoch);
        }
        match event {
            InputEvent::Key(key) if is_stop_key(key, self.chord()) => Some(InputRefusal::StopKey),
            _ => self.hands.lock().refusal,
        }
    }

    fn chord(&self) -> ChordHeld {
        let any = |usages: [u16; 2]| usages.iter().any(|usage| self.held.contains(&Held::Key(*usage)));
        ChordHeld {
            control: any([0xe0, 0xe4]),
            shift: any([0xe1, 0xe5]),
            alt: any([0xe2, 0xe6]),
        }
    }

    fn hold(&mut self, event: &InputEvent) {
        let (what, press) = match event {
            InputEvent::Key(KeyEvent { usage, press, .. }) => (Held::Key(*usage), *press),
            InputEvent::PointerButton { button, press, .. } => (Held::Button(*button), *press),
            InputEvent::ReleaseAll => return self.held.clear(),
            _ => return,
        };
        match press {
            Press::Down => self.held.insert(what),
            Press::Up => self.held.remove(&what),
        };
    }
}

impl InputSink for FakeInput {
    fn handle_input(&mut self, event: &InputEvent) -> Result<InputOutcome, InputError> {
        if let Some(refusal) = self.refusal(event) {
            return Ok(InputOutcome::Refused(refusal));
        }
        self.hold(event);
        if let InputEvent::PointerMove { pos, .. } = event {
            self.stage.move_pointer(*pos, true);
        }
        let hands = self.hands.lock();
        hands.events.lock().push(event.clone());
        Ok(InputOutcome::Done)
    }

    fn release_all(&mut self) -> Result<(), InputError> {
        self.interrupted.store(false, Ordering::Relaxed);
        self.held.clear();
        self.hands.lock().releases += 1;
        Ok(())
    }

    fn set_layout(&mut self, layout: &DesktopLayout) {
        self.epoch = layout.epoch;
    }

    fn is_holding(&self) -> bool {
        !self.held.is_empty()
    }

    fn interrupter(&self) -> Arc<dyn Fn() + Send + Sync> {
        let interrupted = Arc::clone(&self.interrupted);
        Arc::new(move || interrupted.store(true, Ordering::Relaxed))
    }

    fn resume(&mut self) {
        self.interrupted.store(false, Ordering::Relaxed);
    }
}
