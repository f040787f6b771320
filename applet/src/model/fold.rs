//! How each event of the engine changes what the applet knows. Pure: `now` comes in.

use farhand_engine::{customer::CustomerEvent, technician::GatewayState};
use farhand_protocol::{code::Invitation, error::ErrorCode, permission::CapabilitySet, session::Status};

use super::{AppletState, Line, Page, Question, Session};

/// Most lines kept in the window; the receipt has them all.
const MAX_LINES: usize = 2000;

impl AppletState {
    /// Takes in one event; `now` is the window's clock in seconds.
    pub fn handle_event(&mut self, event: CustomerEvent, now: f64) {
        match event {
            CustomerEvent::Progress(key) => self.progress = Some(key),
            CustomerEvent::Joined(joined) => {
                let joined = *joined;
                self.progress = None;
                self.join_error = None;
                self.met = None;
                self.page = if joined.terms.is_some() { Page::Terms } else { Page::Waiting };
                self.session = Some(Session {
                    number: joined.session_id.to_string(),
                    organisation: joined.organisation,
                    application_name: joined.application_name,
                    technician: joined.technician,
                    terms: joined.terms,
                    pause_key: joined.pause_key,
                    is_unguarded: false,
                    granted_in_advance: joined.granted_in_advance,
                    screen: joined.screen,
                });
            }
            CustomerEvent::JoinFailed(error) => {
                self.progress = None;
                // What is wrong with the connection is mended where it is typed.
                self.shows_connection |= matches!(
                    error.code,
                    ErrorCode::GatewayUnpinned | ErrorCode::GatewayUntrusted | ErrorCode::GatewayUnreachable
                );
                // A link says which gateway it means, but not always how to know it.
                if let (ErrorCode::GatewayUnpinned, Ok(invitation)) = (error.code, Invitation::parse(&self.code)) {
                    self.gateway = invitation.gateway;
                }
                self.join_error = Some(error);
                self.page = Page::Code;
            }
            CustomerEvent::NothingToResume => self.progress = None,
            CustomerEvent::Status {
                status,
                lead,
                estimated_wait_minutes,
            } => {
                self.wait_minutes = estimated_wait_minutes;
                self.status = Some(status);
                if let (Some(session), Some(lead)) = (&mut self.session, lead) {
                    session.technician = lead;
                }
                self.page = match (self.page, status) {
                    (Page::End, _) => Page::End,
                    (Page::Terms, Status::Connecting) => Page::Terms,
                    (_, Status::Connecting | Status::Waiting) => Page::Waiting,
                    _ => Page::Session,
                };
            }
            CustomerEvent::ConsentAsked {
                request_id,
                technician,
                capabilities,
                answer_within_millis,
            } => {
                self.page = Page::Session;
                self.questions.push(Question {
                    request_id,
                    technician,
                    capabilities,
                    shown_at: None,
                    is_read: false,
                    is_ready: false,
                    until: now + answer_within_millis as f64 / 1000.0,
                });
            }
            CustomerEvent::ConsentSettled { request_id, .. } => self.questions.retain(|q| q.request_id != request_id),
            CustomerEvent::Grant { technician, granted, .. } => {
                self.grants.retain(|(member, _)| *member != technician.member_id);
                self.grants.push((technician.member_id, granted));
                self.granted = self.grants.iter().fold(CapabilitySet::EMPTY, |all, (_, one)| all.or(*one));
            }
            CustomerEvent::Revoked(_) => {
                self.granted = CapabilitySet::EMPTY;
                self.allowed = CapabilitySet::EMPTY;
                if let Some(session) = &mut self.session {
                    session.granted_in_advance = CapabilitySet::EMPTY;
                }
            }
            CustomerEvent::Present(present) => {
                // The lead may have changed since they were told.
                self.note_met();
                self.present = present;
                self.note_met();
            }
            CustomerEvent::Allowed(allowed) => self.allowed = allowed,
            CustomerEvent::Chat { line_id, from, at, text } => {
                let known = self
                    .lines
                    .iter()
                    .any(|line| matches!(line, Line::Chat { line_id: known, .. } if *known == line_id));
                if !known {
                    self.push(Line::Chat {
                        line_id,
                        from: from.map(|t| t.name),
                        at,
                        text,
                    });
                }
            }
            // Chat lines are in the conversation already; the log line of one would only repeat it.
            CustomerEvent::Logged(line) if line.kind != "chat.line" => self.push(Line::Log(line)),
            CustomerEvent::Logged(_) => {}
            CustomerEvent::Gateway(GatewayState::Up) => self.gateway_lost = None,
            CustomerEvent::Gateway(GatewayState::Down { error, .. }) => self.gateway_lost = Some(error),
            CustomerEvent::Layout(layout) => {
                let primary = layout.monitors.iter().find(|monitor| monitor.primary);
                self.monitor = primary.or(layout.monitors.first()).map(|monitor| monitor.area);
            }
            CustomerEvent::Screen(state) => {
                if let Some(session) = &mut self.session {
                    session.screen = state;
                }
            }
            CustomerEvent::StopKey { is_heard } => {
                if let Some(session) = &mut self.session {
                    session.is_unguarded = !is_heard;
                }
            }
            CustomerEvent::ReceiptSaved(path) => {
                self.receipt = Some(path.display().to_string());
                self.asks_receipt = false;
            }
            CustomerEvent::Ended { status } => {
                self.ended = status;
                self.questions.clear();
                self.present.clear();
                self.granted = CapabilitySet::EMPTY;
                self.allowed = CapabilitySet::EMPTY;
                self.gateway_lost = None;
                self.asks_end = false;
                self.page = Page::End;
            }
            CustomerEvent::Failed(error) => self.failure = Some(error),
        }
    }

    fn push(&mut self, line: Line) {
        if self.lines.len() >= MAX_LINES {
            self.lines.drain(..MAX_LINES / 10);
        }
        self.lines.push(line);
    }
}

#[cfg(test)]
mod tests {
    use farhand_protocol::{
        error::{ErrorBody, ErrorCode},
        ids::MemberId,
        permission::Capability,
        ticket::TechnicianIdentity,
        time::Timestamp,
    };
    use uuid::Uuid;

    use super::*;

    fn ada() -> TechnicianIdentity {
        TechnicianIdentity {
            member_id: MemberId(1),
            name: "Ada Kern".into(),
            organisation: "ACME".into(),
        }
    }

    #[test]
    fn a_question_brings_the_session_forward_and_goes_when_it_is_settled() {
        let mut state = AppletState::default();
        let request_id = Uuid::from_u128(9);
        let capabilities = CapabilitySet::EMPTY.with(Capability::View);
        state.handle_event(
            CustomerEvent::ConsentAsked {
                request_id,
                technician: ada(),
                capabilities,
                answer_within_millis: 120_000,
            },
            5.0,
        );
        assert_eq!((state.page, state.questions[0].until), (Page::Session, 125.0));
        let answer = farhand_protocol::peer::ConsentAnswer::Allowed;
        state.handle_event(CustomerEvent::ConsentSettled { request_id, answer }, 6.0);
        assert!(state.questions.is_empty());
    }

    #[test]
    fn a_refused_code_leaves_the_reason_on_the_first_page() {
        let mut state = AppletState {
            progress: Some("x"),
            ..AppletState::default()
        };
        state.handle_event(CustomerEvent::JoinFailed(ErrorBody::new(ErrorCode::CodeExpired, "late")), 0.0);
        assert_eq!((state.page, state.progress), (Page::Code, None));
        assert_eq!(state.join_error.unwrap().code, ErrorCode::CodeExpired);
    }

    #[test]
    fn a_repeated_chat_line_is_shown_once_and_the_end_takes_everything_back() {
        let mut state = AppletState {
            granted: CapabilitySet::all(),
            ..AppletState::default()
        };
        for _ in 0..2 {
            let event = CustomerEvent::Chat {
                line_id: Uuid::from_u128(1),
                from: Some(ada()),
                at: Timestamp(0),
                text: "hello".into(),
            };
            state.handle_event(event, 0.0);
        }
        assert_eq!(state.lines.len(), 1);
        state.handle_event(
            CustomerEvent::Ended {
                status: Some(Status::ClosedByTechnician),
            },
            0.0,
        );
        assert_eq!((state.page, state.granted), (Page::End, CapabilitySet::EMPTY));
    }
}
