//! The thread that acts on the customer's desktop, and the switch that stops it. Live input must neither wait for the
//! network nor hold it up, so it has a thread of its own; STOP must not wait for that thread, so [`Switch::cut`] reaches past it.
//!
//! ```text
//! actor ── Act(event, token) ──► thread ──► InputSink        Switch::cut: tokens dead, typing interrupted; then ReleaseAll
//!                                                            Switch::end: the same for one token and its own typing; then Release
//! ```

use std::sync::{
    Arc, Weak,
    atomic::{AtomicBool, Ordering},
    mpsc,
};

use farhand_protocol::{geometry::DesktopLayout, input::InputEvent};
use parking_lot::Mutex;

use super::Place;
use crate::platform::{InputError, InputOutcome, InputRefusal, InputSink, Platform};

type Interrupter = Arc<dyn Fn() + Send + Sync>;

/// The right of one leg to act, for one period of control; dead once control ends for whatever reason.
#[derive(Debug, Clone)]
pub(super) struct Token(Arc<AtomicBool>);

impl Token {
    /// Ends the right; what is queued under it is not done any more.
    fn end(&self) {
        self.0.store(false, Ordering::SeqCst);
    }

    fn is_alive(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// Stops all control at once, from any thread.
#[derive(Default)]
pub(super) struct Switch {
    tokens: Mutex<Vec<Weak<AtomicBool>>>,
    interrupter: Mutex<Option<Interrupter>>,
    acting: Mutex<Option<Acting>>,
}

/// What the thread does at this moment.
struct Acting {
    /// Under whose right.
    token: Token,
    was_interrupted: bool,
}

impl Switch {
    /// A right to act.
    pub(super) fn issue(&self) -> Token {
        let token = Arc::new(AtomicBool::new(true));
        let mut tokens = self.tokens.lock();
        tokens.retain(|known| known.strong_count() > 0);
        tokens.push(Arc::downgrade(&token));
        Token(token)
    }

    /// Ends every right and the text being typed. Whoever calls sees to it that [`Hands::release_all`] follows.
    pub(super) fn cut(&self) {
        for token in self.tokens.lock().drain(..).filter_map(|token| token.upgrade()) {
            token.store(false, Ordering::SeqCst);
        }
        self.interrupt();
    }

    /// Ends one right, and the text being typed if it is typed under this one. Others act on, and hold what they hold: the thread takes the
    /// interruption back by itself once it has noticed. Whoever calls sees to it that what was held under this right is let go.
    pub(super) fn end(&self, token: &Token) {
        token.end();
        // Kept locked while interrupting, so that the thread has not gone on to somebody else meanwhile.
        let mut acting = self.acting.lock();
        if let Some(acting) = acting.as_mut().filter(|acting| Arc::ptr_eq(&acting.token.0, &token.0)) {
            acting.was_interrupted = true;
            self.interrupt();
        }
    }

    fn interrupt(&self) {
        let interrupter = self.interrupter.lock().clone();
        if let Some(interrupt) = interrupter {
            interrupt();
        }
    }

    fn begin_act(&self, token: &Token) {
        *self.acting.lock() = Some(Acting {
            token: token.clone(),
            was_interrupted: false,
        });
    }

    /// True when the act was interrupted for its token alone.
    fn end_act(&self) -> bool {
        self.acting.lock().take().is_some_and(|acting| acting.was_interrupted)
    }
}

/// Something the thread has to tell.
#[derive(Debug)]
pub(super) enum HandsNews {
    /// Input cannot be given to this desktop.
    Unavailable(InputError),
    /// An event of this leg was refused on purpose.
    Refused(u64, InputRefusal),
    /// All that this leg had queued before its mark is behind us.
    Done(u64, u32),
}

enum Job {
    Open,
    Layout(DesktopLayout),
    Act {
        leg: u64,
        event: InputEvent,
        token: Token,
        _place: Option<Place>,
    },
    Mark {
        leg: u64,
        mark: u32,
        token: Token,
        _place: Option<Place>,
    },
    Release(Vec<InputEvent>),
    ReleaseAll,
}

/// The way to the thread; it ends, with everything released, when this is dropped.
pub(super) struct Hands {
    jobs: mpsc::Sender<Job>,
}

impl Hands {
    /// Starts the thread; the desktop is opened when first needed. `note_typed` is called with each key, before it is pressed.
    ///
    /// # Errors
    /// When the system has no thread to give.
    pub(super) fn start(
        platform: Arc<dyn Platform>,
        switch: Arc<Switch>,
        note_typed: impl Fn() + Send + 'static,
        tell: impl Fn(HandsNews) + Send + 'static,
    ) -> std::io::Result<Self> {
        let (jobs, queue) = mpsc::channel();
        let worker = Worker {
            platform,
            switch,
            note_typed: Box::new(note_typed),
            tell: Box::new(tell),
            sink: None,
            layout: None,
        };
        std::thread::Builder::new()
            .name("farhand-input".into())
            .spawn(move || worker.run(&queue))?;
        Ok(Self { jobs })
    }

    /// Opens the desktop ahead of the first event, so that a failure is told when control is taken.
    pub(super) fn open(&self) {
        self.send(Job::Open);
    }

    /// Positions count against this layout from now on.
    pub(super) fn set_layout(&self, layout: DesktopLayout) {
        self.send(Job::Layout(layout));
    }

    /// Does an event while the token lives; the place bounds what one viewer may queue.
    pub(super) fn act(&self, leg: u64, event: InputEvent, token: Token, place: Option<Place>) {
        self.send(Job::Act {
            leg,
            event,
            token,
            _place: place,
        });
    }

    /// Tells, while the token lives, when everything before is done.
    pub(super) fn mark(&self, leg: u64, mark: u32, token: Token, place: Option<Place>) {
        self.send(Job::Mark {
            leg,
            mark,
            token,
            _place: place,
        });
    }

    /// Lets go of what one viewer held.
    pub(super) fn release(&self, events: Vec<InputEvent>) {
        self.send(Job::Release(events));
    }

    /// Lets go of everything.
    pub(super) fn release_all(&self) {
        self.send(Job::ReleaseAll);
    }

    fn send(&self, job: Job) {
        // The thread outlives this handle, so the queue is there.
        let _ = self.jobs.send(job);
    }
}

struct Worker {
    platform: Arc<dyn Platform>,
    switch: Arc<Switch>,
    note_typed: Box<dyn Fn() + Send>,
    tell: Box<dyn Fn(HandsNews) + Send>,
    sink: Option<Box<dyn InputSink>>,
    layout: Option<DesktopLayout>,
}

impl Worker {
    fn run(mut self, queue: &mpsc::Receiver<Job>) {
        while let Ok(job) = queue.recv() {
            match job {
                Job::Open => {
                    self.opened();
                }
                Job::Layout(layout) => {
                    if let Some(sink) = &mut self.sink {
                        sink.set_layout(&layout);
                    }
                    self.layout = Some(layout);
                }
                Job::Act { leg, event, token, .. } => self.act_under(&token, leg, &event),
                Job::Mark { leg, mark, token, .. } => {
                    if token.is_alive() {
                        (self.tell)(HandsNews::Done(leg, mark));
                    }
                }
                Job::Release(events) => events.iter().for_each(|event| self.act(None, event)),
                Job::ReleaseAll => self.release_all(),
            }
        }
        self.release_all();
        *self.switch.interrupter.lock() = None;
    }

    fn opened(&mut self) -> Option<&mut Box<dyn InputSink>> {
        if self.sink.is_none() {
            match self.platform.open_input() {
                Ok(mut sink) => {
                    if let Some(layout) = &self.layout {
                        sink.set_layout(layout);
                    }
                    *self.switch.interrupter.lock() = Some(sink.interrupter());
                    self.sink = Some(sink);
                }
                Err(error) => (self.tell)(HandsNews::Unavailable(error)),
            }
        }
        self.sink.as_mut()
    }

    fn act_under(&mut self, token: &Token, leg: u64, event: &InputEvent) {
        // Said before the token is looked at: whoever ends it after that finds it here.
        self.switch.begin_act(token);
        // Looked at once more when the hands are open: before that there was nothing to interrupt.
        if token.is_alive() && self.opened().is_some() && token.is_alive() {
            self.act(Some(leg), event);
        }
        if self.switch.end_act()
            && let Some(sink) = &mut self.sink
        {
            // Until then everybody's input would be refused as interrupted. What this leg holds the actor lets go by name; others hold on.
            sink.resume();
        }
    }

    fn act(&mut self, leg: Option<u64>, event: &InputEvent) {
        let is_typed = matches!(event, InputEvent::Key(_) | InputEvent::Text(_));
        if is_typed {
            (self.note_typed)();
        }
        let Some(sink) = self.opened() else { return };
        match sink.handle_input(event) {
            Ok(InputOutcome::Done) => {}
            Ok(InputOutcome::Refused(refusal)) => {
                if let Some(leg) = leg {
                    (self.tell)(HandsNews::Refused(leg, refusal));
                }
            }
            Err(error) => self.lose(error),
        }
    }

    fn release_all(&mut self) {
        if let Some(Err(error)) = self.sink.as_mut().map(|sink| sink.release_all()) {
            self.lose(error);
        }
    }

    fn lose(&mut self, error: InputError) {
        tracing::warn!(%error, "input to the desktop failed");
        self.sink = None;
        *self.switch.interrupter.lock() = None;
        (self.tell)(HandsNews::Unavailable(error));
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::platform::{
        CaptureError, DesktopSession, LocalInput, LocalInputWatch, ScreenSource, SystemFacts, WakeError, WakeLock, fake::FakePlatform,
    };

    /// A desktop on which typing takes for ever, unless it is interrupted.
    struct Slow {
        fake: FakePlatform,
        interrupted: Arc<AtomicBool>,
        told: Mutex<mpsc::Sender<&'static str>>,
    }

    struct SlowSink(Arc<AtomicBool>, mpsc::Sender<&'static str>);

    impl InputSink for SlowSink {
        fn handle_input(&mut self, event: &InputEvent) -> Result<InputOutcome, InputError> {
            let _ = self.1.send("typing");
            let give_up = Instant::now() + Duration::from_secs(10);
            while matches!(event, InputEvent::Text(_)) && !self.0.load(Ordering::SeqCst) && Instant::now() < give_up {
                std::thread::yield_now();
            }
            Ok(InputOutcome::Refused(InputRefusal::Interrupted))
        }
        fn release_all(&mut self) -> Result<(), InputError> {
            self.0.store(false, Ordering::SeqCst);
            let _ = self.1.send("released");
            Ok(())
        }
        fn resume(&mut self) {
            self.0.store(false, Ordering::SeqCst);
            let _ = self.1.send("resumed");
        }
        fn set_layout(&mut self, _: &DesktopLayout) {}
        fn is_holding(&self) -> bool {
            false
        }
        fn interrupter(&self) -> Interrupter {
            let interrupted = self.0.clone();
            Arc::new(move || interrupted.store(true, Ordering::SeqCst))
        }
    }

    impl Platform for Slow {
        fn name(&self) -> &'static str {
            "slow"
        }
        fn session(&self) -> DesktopSession {
            self.fake.session()
        }
        fn open_screen(&self) -> Result<Box<dyn ScreenSource>, CaptureError> {
            self.fake.open_screen()
        }
        fn open_input(&self) -> Result<Box<dyn InputSink>, InputError> {
            Ok(Box::new(SlowSink(self.interrupted.clone(), self.told.lock().clone())))
        }
        fn watch_local_input(&self, on: Box<dyn Fn(LocalInput) + Send>, stop_key: bool) -> Result<Box<dyn LocalInputWatch>, InputError> {
            self.fake.watch_local_input(on, stop_key)
        }
        fn hold_awake(&self, reason: &str) -> Result<Box<dyn WakeLock>, WakeError> {
            self.fake.hold_awake(reason)
        }
        fn facts(&self) -> SystemFacts {
            self.fake.facts()
        }
    }

    #[test]
    fn the_switch_stops_a_long_text_and_everything_queued_behind_it() {
        let switch = Arc::new(Switch::default());
        let (told, heard) = mpsc::channel();
        let slow = Slow {
            fake: FakePlatform::new(8, 8),
            interrupted: Arc::default(),
            told: Mutex::new(told),
        };
        let hands = Hands::start(Arc::new(slow), switch.clone(), || {}, |_| {}).unwrap();
        let token = switch.issue();
        for _ in 0..100 {
            hands.act(1, InputEvent::Text("a very long text".into()), token.clone(), None);
        }
        assert_eq!(heard.recv_timeout(Duration::from_secs(5)), Ok("typing"));
        let pressed = Instant::now();
        switch.cut();
        hands.release_all();
        assert_eq!(heard.recv_timeout(Duration::from_secs(5)), Ok("released"), "nothing more is typed");
        assert!(pressed.elapsed() < Duration::from_millis(200));
    }

    #[test]
    fn control_that_is_left_ends_its_own_long_text_and_nobody_elses_and_lets_go_of_nothing() {
        let switch = Arc::new(Switch::default());
        let (told, heard) = mpsc::channel();
        let slow = Slow {
            fake: FakePlatform::new(8, 8),
            interrupted: Arc::default(),
            told: Mutex::new(told),
        };
        let hands = Hands::start(Arc::new(slow), switch.clone(), || {}, |_| {}).unwrap();
        let (left, other) = (switch.issue(), switch.issue());
        hands.act(1, InputEvent::Text("a very long text".into()), left.clone(), None);
        hands.act(2, InputEvent::Text("another".into()), other.clone(), None);
        assert_eq!(heard.recv_timeout(Duration::from_secs(5)), Ok("typing"));
        let ended = Instant::now();
        switch.end(&left);
        assert_eq!(heard.recv_timeout(Duration::from_secs(5)), Ok("resumed"));
        assert!(ended.elapsed() < Duration::from_millis(200));
        assert_eq!(heard.recv_timeout(Duration::from_secs(5)), Ok("typing"), "the other types on");
        // Its own end is not the end of what somebody else types.
        switch.end(&left);
        assert!(heard.recv_timeout(Duration::from_millis(50)).is_err());
        switch.end(&other);
        assert_eq!(heard.recv_timeout(Duration::from_secs(5)), Ok("resumed"));
    }

    #[test]
    fn a_mark_is_told_once_all_before_it_is_done_and_never_after_the_end_of_control() {
        let platform = FakePlatform::new(8, 8);
        let switch = Arc::new(Switch::default());
        let (told, heard) = mpsc::channel();
        let hands = Hands::start(Arc::new(platform.clone()), switch.clone(), || {}, move |news| drop(told.send(news))).unwrap();
        let (ended, alive) = (switch.issue(), switch.issue());
        ended.end();
        hands.mark(1, 1, ended, None);
        hands.act(2, InputEvent::Text("done".into()), alive.clone(), None);
        hands.mark(2, 7, alive, None);
        let news = heard.recv_timeout(Duration::from_secs(10)).unwrap();
        assert!(matches!(news, HandsNews::Done(2, 7)), "{news:?}");
        assert_eq!(*platform.events().lock(), vec![InputEvent::Text("done".into())]);
    }

    #[test]
    fn what_one_viewer_had_queued_dies_with_its_token_and_not_with_anothers() {
        let platform = FakePlatform::new(8, 8);
        let switch = Arc::new(Switch::default());
        let hands = Hands::start(Arc::new(platform.clone()), switch.clone(), || {}, |_| {}).unwrap();
        let (ended, alive) = (switch.issue(), switch.issue());
        ended.end();
        hands.act(1, InputEvent::Text("no".into()), ended, None);
        hands.act(2, InputEvent::Text("yes".into()), alive, None);
        let until = Instant::now() + Duration::from_secs(10);
        while platform.events().lock().is_empty() && Instant::now() < until {
            std::thread::yield_now();
        }
        assert_eq!(*platform.events().lock(), vec![InputEvent::Text("yes".into())]);
    }
}
