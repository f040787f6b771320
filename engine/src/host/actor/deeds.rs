//! What a viewer may do once the gate has let it through: see, act, chat; and what that asks of the machine.

use std::time::Instant;

use farhand_protocol::{
    error::{ErrorBody, ErrorCode},
    input::InputEvent,
    peer::{ChatLine, Done, HostBound, MAX_CHAT_BYTES, Refused, ScreenState, Subscribe, TakeControl, ViewerBound},
    permission::Capability,
    wire::Message,
};
use serde_json::json;
use uuid::Uuid;

use super::{Actor, Awake, Command, Leg, send};
use crate::{
    host::{HostEvent, clock::wall_now, gate::Refusal, hands::HandsNews, held::yields_to_customer, pipeline::Order, screen_state},
    platform::{InputRefusal, WakeLock},
};

impl Actor {
    pub(super) fn subscribe(&mut self, id: u64, subscribe: Subscribe) {
        let screen = screen_state(self.config.platform.as_ref());
        let Some(leg) = self.legs.get_mut(&id) else { return };
        if !subscribe.on {
            self.end_view(id);
            return self.tell_presence();
        }
        if screen != ScreenState::Shown {
            return leg.wires.say(&ViewerBound::Screen(screen));
        }
        let begins = leg.viewing.is_none();
        let port = begins.then(|| {
            let (port, showing) = leg.wires.port(&self.runtime);
            leg.viewing = Some(showing);
            port
        });
        self.order(Order::Watch {
            viewer: id,
            port,
            subscribe,
        });
        if begins {
            self.journal_deed(id, "view.started", |leg| leg.viewing.is_some());
            self.tell_presence();
            self.keep_awake();
        }
    }

    pub(super) fn end_view(&mut self, id: u64) {
        let showing = self.legs.get_mut(&id).and_then(|leg| leg.viewing.take());
        let Some(showing) = showing else { return };
        // At once; the pipeline may be in the middle of an update, and hears of it after that.
        showing.end();
        self.pipeline.order(Order::Unwatch(id));
        self.journal_deed(id, "view.ended", |leg| leg.viewing.is_some());
        self.keep_awake();
    }

    pub(super) fn take_control(&mut self, id: u64, on: bool) {
        if !on {
            self.end_control(id);
            return self.tell_presence();
        }
        let Some(leg) = self.legs.get_mut(&id).filter(|leg| leg.control.is_none()) else {
            return;
        };
        leg.control = Some(self.switch.issue());
        leg.passed_over = false;
        self.hands.open();
        self.journal_deed(id, "control.started", |leg| leg.control.is_some());
        self.tell_presence();
    }

    pub(super) fn end_control(&mut self, id: u64) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let Some(token) = leg.control.take() else { return };
        self.switch.end(&token);
        self.let_go(id);
        self.journal_deed(id, "control.ended", |leg| leg.control.is_some());
    }

    /// Journals that the technician of this link began or ended something, unless they do the same over another one. The log is of people: that a link of
    /// before ends late, such as that of a program that was killed, ends nothing for who is back already.
    fn journal_deed(&self, id: u64, kind: &'static str, does: impl Fn(&Leg) -> bool) {
        let member = self.technician(id).map(|technician| technician.member_id);
        if !member.is_some_and(|member| self.has_another_link(id, member, does)) {
            self.journal_of(id, kind, json!({}));
        }
    }

    pub(super) fn input(&mut self, id: u64, event: InputEvent) {
        let now = Instant::now();
        let Some(leg) = self.legs.get_mut(&id) else { return };
        // Allowed, but control was not taken or was just left: what is still under way means nothing.
        let Some(token) = leg.control.clone() else { return };
        if yields_to_customer(self.config.settings.priority, &event, self.customer_acted_at, now) {
            // Two people who both move the pointer need not be told all the time; who waits for a mark is told then.
            if matches!(event, InputEvent::PointerMove { .. }) {
                leg.passed_over = true;
                return;
            }
            return self.refuse_for_customer(id);
        }
        leg.held.handle_input(&event, now);
        match event {
            InputEvent::Beat => {}
            InputEvent::ReleaseAll => self.let_go(id),
            InputEvent::Mark(mark) => {
                let was_passed_over = std::mem::take(&mut leg.passed_over);
                self.hands.mark(id, mark, token, self.place.clone());
                if was_passed_over {
                    self.refuse_for_customer(id);
                }
            }
            event => self.hands.act(id, event, token, self.place.clone()),
        }
    }

    /// What the technician's hands did counts for nothing while the customer's go first (APP-60).
    fn refuse_for_customer(&mut self, id: u64) {
        self.refuse(
            id,
            &Refusal {
                kind: kind_of_input(),
                key: "priority",
                error: ErrorBody::new(
                    ErrorCode::InputPriority,
                    "the customer is using mouse or keyboard, and theirs go first",
                ),
            },
        );
    }

    pub(super) fn hear_chat(&mut self, id: u64, line: ChatLine) {
        let Some(technician) = self.technician(id) else { return };
        if !self.chat.is_new(line.line_id) {
            return;
        }
        self.journal_of(id, "chat.line", chat_detail(&line));
        self.emit(HostEvent::Chat {
            line_id: line.line_id,
            from: Some(technician),
            at: line.sent_at,
            text: line.text,
        });
    }

    pub(super) fn say_chat(&mut self, mut text: String) {
        text.truncate(text.floor_char_boundary(MAX_CHAT_BYTES));
        let line = ChatLine {
            line_id: Uuid::now_v7(),
            sent_at: wall_now(),
            text,
        };
        let may_chat = |leg: &&Leg| self.effective(leg).has(Capability::Chat);
        let mut sent_to = Vec::new();
        for leg in self.legs.values().filter(may_chat) {
            leg.wires.say(&ViewerBound::Chat(line.clone()));
            sent_to.extend(leg.ticket.as_ref().map(|(_, technician)| technician.member_id));
        }
        if !sent_to.is_empty() {
            self.journal_said(&line);
        }
        self.emit(HostEvent::Chat {
            line_id: line.line_id,
            from: None,
            at: line.sent_at,
            text: line.text.clone(),
        });
        self.chat.keep(line, sent_to, Instant::now());
    }

    /// A line of the customer has gone to a technician for the first time: from now on it is part of the session's log.
    pub(super) fn journal_said(&self, line: &ChatLine) {
        self.journal("chat.line", "customer", chat_detail(line));
    }

    pub(super) fn handle_hands(&mut self, news: HandsNews) {
        match news {
            HandsNews::Unavailable(error) => {
                let controlling: Vec<u64> = self
                    .legs
                    .iter()
                    .filter(|(_, leg)| leg.control.is_some())
                    .map(|(id, _)| *id)
                    .collect();
                let error = ErrorBody::new(ErrorCode::InputUnavailable, error.to_string());
                for id in controlling {
                    self.end_control(id);
                    self.say(
                        id,
                        &ViewerBound::Refused(Refused {
                            kind: HostBound::TakeControl(TakeControl { on: true }).kind(),
                            error: error.clone(),
                        }),
                    );
                }
                self.tell_presence();
            }
            HandsNews::Done(id, mark) => self.say(id, &ViewerBound::Done(Done { mark })),
            HandsNews::Refused(id, refusal) => {
                let (key, code) = match refusal {
                    InputRefusal::StopKey => ("stop_key", ErrorCode::InputStopKey),
                    InputRefusal::OwnWindow => ("own_window", ErrorCode::InputOwnWindow),
                    // A click at yesterday's arrangement, a key nobody has, control that just ended: nothing to report.
                    InputRefusal::StaleEpoch | InputRefusal::Unsupported | InputRefusal::Interrupted => return,
                };
                self.refuse(
                    id,
                    &Refusal {
                        kind: kind_of_input(),
                        key,
                        error: ErrorBody::new(code, format!("refused: {key}")),
                    },
                );
            }
        }
    }

    pub(super) fn keep_awake(&mut self) {
        let is_seen = self.legs.values().any(|leg| leg.viewing.is_some());
        match (&self.awake, is_seen) {
            (Awake::Off, true) => {
                self.awake = Awake::Asked;
                let (platform, commands) = (self.config.platform.clone(), self.commands.clone());
                // It may take a second, so not here.
                self.runtime.spawn_blocking(move || {
                    let lock = platform.hold_awake("the screen is being shown to a technician");
                    let lock = lock.inspect_err(|error| tracing::warn!(%error, "the machine may fall asleep")).ok();
                    send(&commands, Command::Awake(lock));
                });
            }
            (Awake::On { .. }, false) => {
                let awake = std::mem::replace(&mut self.awake, Awake::Off);
                self.runtime.spawn_blocking(move || drop(awake));
            }
            _ => {}
        }
    }

    pub(super) fn set_awake(&mut self, lock: Option<Box<dyn WakeLock>>) {
        self.awake = lock.map_or(Awake::Off, |lock| Awake::On { _lock: lock });
        if !self.legs.values().any(|leg| leg.viewing.is_some()) {
            self.keep_awake();
        }
    }
}

/// Kind of the frame that carries what hands do.
fn kind_of_input() -> u16 {
    HostBound::Input(InputEvent::Beat).kind()
}

fn chat_detail(line: &ChatLine) -> serde_json::Value {
    json!({ "line_id": line.line_id.to_string(), "text": line.text, "sent_at": line.sent_at.0 })
}
