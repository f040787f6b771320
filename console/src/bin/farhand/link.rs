//! Commands that need the session itself: a link is taken up, the wish is carried out, and the link is left again; the session goes on.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use farhand_engine::{
    keystore::KeyStore,
    technician::{Credential, EngineEvent, GatewayState, Technician, TechnicianCommand, TechnicianConfig},
    viewer::{LinkState, ViewerEvent},
};
use farhand_protocol::{
    error::{ErrorBody, ErrorCode},
    geometry::{DesktopLayout, Point},
    ids::SessionId,
    input::InputEvent,
    peer::{ConsentAnswer, Subscribe},
};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};

use super::Context;

/// A year, which every clock can count to.
const FOR_EVER: Duration = Duration::from_secs(31_536_000);
/// Stands behind the last input of a command.
const LAST: u32 = 1;
/// Longest the last words are given to arrive before the link is left.
const DRAIN: Duration = Duration::from_millis(400);

/// A link to one session.
pub struct SessionLink {
    engine: Technician,
    events: Receiver<EngineEvent>,
    session_id: SessionId,
    until: Instant,
}

impl SessionLink {
    /// Signs in with the token and takes the link up.
    ///
    /// # Errors
    /// Why it could not, or that the time was up.
    pub fn open(context: &Context, session_id: SessionId) -> Result<Self, ErrorBody> {
        let (sender, events) = channel();
        let config = TechnicianConfig {
            agent: context.agent.clone(),
            folders: context.folders.clone(),
            keys: KeyStore::files_only(&context.folders),
            route: context.route,
        };
        let engine = Technician::start(config, Arc::new(move |event| drop(sender.send(event))))?;
        let (address, token) = context.signed_in()?;
        engine.send(TechnicianCommand::SignIn {
            gateway: address.origin.clone(),
            trust: address.trust.map(String::from),
            credential: Credential::Token(token),
            remember: false,
        });
        let mut link = Self {
            engine,
            events,
            session_id,
            until: context.until,
        };
        link.wait("the sign-in", |event| match event {
            EngineEvent::Gateway(GatewayState::Up) => Some(Ok(())),
            EngineEvent::SignInFailed(error) => Some(Err(error.clone())),
            _ => None,
        })?;
        link.engine.send(TechnicianCommand::Open(session_id));
        link.wait_session("the link", |event| match event {
            ViewerEvent::Welcome(_) => Some(Ok(())),
            ViewerEvent::Link(LinkState::Ended(error)) => Some(Err(error.clone())),
            _ => None,
        })?;
        Ok(link)
    }

    /// Never gives up.
    pub fn without_end(mut self) -> Self {
        self.until = Instant::now() + FOR_EVER;
        self
    }

    /// The session.
    pub fn session_id(&self) -> SessionId {
        self.session_id
    }

    /// Takes mouse and keyboard, does these at a place of the desktop, and lets go. The function gets the epoch of the desktop's layout, which
    /// the host tells those who see the screen; control brings view.
    ///
    /// # Errors
    /// That there is no such place, the customer did not allow it, their computer refused it, or the link broke.
    pub fn act_at(&mut self, pos: Point, events: impl FnOnce(u32) -> Vec<InputEvent>) -> Result<(), ErrorBody> {
        self.subscribe();
        let layout = self.take_control(true)?;
        check_place(&layout, pos)?;
        self.do_and_let_go(events(layout.epoch))
    }

    /// Takes mouse and keyboard, does these, and lets go.
    ///
    /// # Errors
    /// That the customer did not allow it, or the link broke.
    pub fn act(&mut self, events: Vec<InputEvent>) -> Result<(), ErrorBody> {
        self.take_control(false)?;
        self.do_and_let_go(events)
    }

    /// Waits for mouse and keyboard and, where places matter, for the layout they count against, and gives it.
    fn take_control(&mut self, with_layout: bool) -> Result<DesktopLayout, ErrorBody> {
        self.engine.send(TechnicianCommand::TakeControl {
            session_id: self.session_id,
            on: true,
        });
        let (mut places, mut controls) = (None, false);
        self.wait_session("control", |event| {
            match event {
                ViewerEvent::Layout(layout) => places = Some(layout.clone()),
                ViewerEvent::Control(on) => controls = *on,
                other => return refusal(other),
            }
            (controls && (places.is_some() || !with_layout)).then_some(Ok(()))
        })?;
        Ok(places.unwrap_or_default())
    }

    /// Returns once the customer's computer has done it all: what is still queued there when control is left means nothing any more.
    fn do_and_let_go(&mut self, events: Vec<InputEvent>) -> Result<(), ErrorBody> {
        let id = self.session_id;
        for event in events.into_iter().chain([InputEvent::Mark(LAST)]) {
            self.engine.send(TechnicianCommand::Input { session_id: id, event });
        }
        self.wait_session("the end of the input", |event| match event {
            ViewerEvent::Done(LAST) => Some(Ok(())),
            ViewerEvent::Control(false) => Some(Err(ErrorBody::new(ErrorCode::PermissionNotGranted, "control was taken back"))),
            other => refusal(other),
        })?;
        self.engine.send(TechnicianCommand::TakeControl { session_id: id, on: false });
        Ok(())
    }

    /// Sees the screen until its first whole picture.
    ///
    /// # Errors
    /// That the customer did not allow it, or the screen cannot be shown.
    pub fn picture(&mut self) -> Result<(u32, u32, Vec<u8>), ErrorBody> {
        let id = self.session_id;
        self.engine.send(TechnicianCommand::Subscribe {
            session_id: id,
            subscribe: Subscribe {
                monitors: Vec::new(),
                on: true,
            },
        });
        loop {
            self.wait_session("the picture", |event| match event {
                ViewerEvent::Picture | ViewerEvent::Stats(_) => Some(Ok(())),
                other => refusal(other),
            })?;
            let Some(picture) = self.engine.picture(id) else { continue };
            let guard = picture.lock();
            let (width, height) = guard.size();
            if guard.is_exact() && width > 0 {
                return Ok((width, height, to_rgb(guard.frame(), guard.stride(), width, height)));
            }
        }
    }

    /// Sends a chat line and waits until it was handed over.
    ///
    /// # Errors
    /// That the link broke.
    pub fn chat(&mut self, text: &str) -> Result<(), ErrorBody> {
        self.engine.send(TechnicianCommand::Chat {
            session_id: self.session_id,
            text: text.to_owned(),
        });
        self.wait_session("the chat line", |event| match event {
            ViewerEvent::Chat { mine: true, .. } => Some(Ok(())),
            ViewerEvent::Refused(error) => Some(Err(error.clone())),
            _ => None,
        })?;
        self.drain();
        Ok(())
    }

    /// Asks to see the screen without waiting for the answer.
    pub fn subscribe(&self) {
        let subscribe = Subscribe {
            monitors: Vec::new(),
            on: true,
        };
        self.engine.send(TechnicianCommand::Subscribe {
            session_id: self.session_id,
            subscribe,
        });
    }

    /// The next event, whatever it is; `None` when the time is up.
    pub fn next_event(&self) -> Option<EngineEvent> {
        self.events.recv_timeout(self.until.saturating_duration_since(Instant::now())).ok()
    }

    fn wait_session(&mut self, what: &str, mut look: impl FnMut(&ViewerEvent) -> Option<Result<(), ErrorBody>>) -> Result<(), ErrorBody> {
        let id = self.session_id;
        self.wait(what, |event| match event {
            EngineEvent::Session { session_id, event } if *session_id == id => look(event),
            EngineEvent::Failed {
                session_id: Some(failed),
                error,
                ..
            } if *failed == id => Some(Err(error.clone())),
            EngineEvent::SignedOut(Some(error)) => Some(Err(error.clone())),
            _ => None,
        })
    }

    fn wait(&mut self, what: &str, mut look: impl FnMut(&EngineEvent) -> Option<Result<(), ErrorBody>>) -> Result<(), ErrorBody> {
        loop {
            match self.events.recv_timeout(self.until.saturating_duration_since(Instant::now())) {
                Ok(event) => {
                    if let Some(result) = look(&event) {
                        return result;
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    return Err(ErrorBody::new(
                        ErrorCode::LinkUnreachable,
                        format!("waited for {what} in vain; try a longer --timeout"),
                    ));
                }
                Err(RecvTimeoutError::Disconnected) => return Err(ErrorBody::new(ErrorCode::Internal, "the engine ended")),
            }
        }
    }

    /// Gives what was sent a moment to arrive, while events are taken in.
    fn drain(&self) {
        let until = Instant::now() + DRAIN;
        while self.events.recv_timeout(until.saturating_duration_since(Instant::now())).is_ok() {}
    }
}

impl Drop for SessionLink {
    fn drop(&mut self) {
        // The engine says farewell before it ends.
        self.engine.send(TechnicianCommand::Leave(self.session_id));
    }
}

/// Positions off the screen would be moved to its edge, where nobody meant to click.
fn check_place(layout: &DesktopLayout, pos: Point) -> Result<(), ErrorBody> {
    if layout.monitors.iter().any(|monitor| monitor.area.contains(pos)) {
        return Ok(());
    }
    let places: Vec<String> = layout
        .monitors
        .iter()
        .map(|m| format!("{},{} to {},{}", m.area.x, m.area.y, m.area.right() - 1, m.area.bottom() - 1))
        .collect();
    Err(ErrorBody::new(
        ErrorCode::InputOffScreen,
        format!(
            "{},{} is not on the customer's screen, which goes from {}",
            pos.x,
            pos.y,
            places.join(" and from ")
        ),
    ))
}

fn refusal(event: &ViewerEvent) -> Option<Result<(), ErrorBody>> {
    match event {
        ViewerEvent::Consent {
            answer: ConsentAnswer::Refused | ConsentAnswer::TimedOut,
            ..
        } => Some(Err(ErrorBody::new(
            ErrorCode::PermissionNotGranted,
            "the customer did not allow it",
        ))),
        ViewerEvent::Refused(error) | ViewerEvent::Link(LinkState::Ended(error)) => Some(Err(error.clone())),
        ViewerEvent::Screen(farhand_protocol::peer::ScreenState::Unavailable(error)) => Some(Err(error.clone())),
        _ => None,
    }
}

fn to_rgb(bgra: &[u8], stride: usize, width: u32, height: u32) -> Vec<u8> {
    let (width, height) = (width as usize, height as usize);
    let mut rgb = Vec::with_capacity(width * height * 3);
    for row in bgra.chunks(stride.max(1)).take(height) {
        for pixel in row.chunks_exact(4).take(width) {
            rgb.extend([pixel[2], pixel[1], pixel[0]]);
        }
    }
    rgb
}

#[cfg(test)]
mod tests {
    use farhand_protocol::geometry::{Monitor, Rect};

    use super::*;

    #[test]
    fn a_place_between_or_beyond_the_monitors_is_refused_with_where_they_are() {
        let monitor = |area| Monitor {
            id: 1,
            area,
            scale_percent: 100,
            primary: true,
            name: String::new(),
        };
        let layout = DesktopLayout {
            epoch: 1,
            monitors: vec![monitor(Rect::new(-800, 0, 800, 600)), monitor(Rect::new(0, 0, 1920, 1080))],
        };
        for (x, y) in [(-800, 0), (-1, 599), (0, 0), (1919, 1079)] {
            assert_eq!(check_place(&layout, Point { x, y }), Ok(()));
        }
        for (x, y) in [(-1, 600), (1920, 5), (99_999, 5), (5, -1)] {
            let error = check_place(&layout, Point { x, y }).unwrap_err();
            assert_eq!(error.code, ErrorCode::InputOffScreen);
            assert!(error.message.contains("-800,0 to -1,599 and from 0,0 to 1919,1079"), "{error}");
        }
    }
}
