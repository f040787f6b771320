//! What a viewer may do once the gate has let it through: see, act, chat; and what that asks of the machine.

use std::time::Instant;

use farhand_protocol::{
    error::{ErrorBody, ErrorCode},
    input::InputEvent,
    peer::{ChatLine, Done, MAX_CHAT_BYTES, Refused, ScreenState, Subscribe, ViewerBound},
    permission::Capability,
};
use serde_json::json;
use uuid::Uuid;

use super::{Actor, Awake, Command, Leg, send};
use crate::{
    host::{HostEvent, clock::wall_now, gate::Refusal, hands::HandsNews, held::yields_to_customer, pipeline::Order, screen_state},
    platform::{InputRefusal, WakeLock},
};

const TAKE_CONTROL: u16 = 0x0012;
const INPUT: u16 = 0x0013;

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
        let port = (!leg.viewing).then(|| leg.wires.port(&self.runtime));
        let begins = port.is_some();
        leg.viewing = true;
        self.order(Order::Watch {
            viewer: id,
            port,
            subscribe,
        });
        if begins {
            self.journal_of(id, "view.started", json!({}));
            self.tell_presence();
            self.keep_awake();
        }
    }

    pub(super) fn end_view(&mut self, id: u64) {
        let Some(leg) = self.legs.get_mut(&id).filter(|leg| leg.viewing) else {
            return;
        };
        leg.viewing = false;
        self.pipeline.order(Order::Unwatch(id));
        self.journal_of(id, "view.ended", json!({}));
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
        self.hands.open();
        self.journal_of(id, "control.started", json!({}));
        self.tell_presence();
    }

    pub(super) fn end_control(&mut self, id: u64) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let Some(token) = leg.control.take() else { return };
        token.end();
        self.let_go(id);
        self.journal_of(id, "control.ended", json!({}));
    }

    pub(super) fn input(&mut self, id: u64, event: InputEvent) {
        let now = Instant::now();
        let Some(leg) = self.legs.get_mut(&id) else { return };
        // Allowed, but control was not taken or was just left: what is still under way means nothing.
        let Some(token) = leg.control.clone() else { return };
        if yields_to_customer(self.config.settings.priority, &event, self.customer_acted_at, now) {
            return;
        }
        leg.held.handle_input(&event, now);
        match event {
            InputEvent::Beat => {}
            InputEvent::ReleaseAll => self.let_go(id),
            InputEvent::Mark(mark) => self.hands.mark(id, mark, token, self.place.clone()),
            event => self.hands.act(id, event, token, self.place.clone()),
        }
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
        let mut end = text.len().min(MAX_CHAT_BYTES);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
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
        self.chat.keep(line, sent_to);
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
                            kind: TAKE_CONTROL,
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
                        kind: INPUT,
                        key,
                        error: ErrorBody::new(code, format!("refused: {key}")),
                    },
                );
            }
        }
    }

    pub(super) fn keep_awake(&mut self) {
        let is_seen = self.legs.values().any(|leg| leg.viewing);
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
        if !self.legs.values().any(|leg| leg.viewing) {
            self.keep_awake();
        }
    }
}

fn chat_detail(line: &ChatLine) -> serde_json::Value {
    json!({ "line_id": line.line_id.to_string(), "text": line.text, "sent_at": line.sent_at.0 })
}
