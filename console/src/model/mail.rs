//! The e-mail that carries a link (EML-07 to EML-23): handed to the default mail program as a `mailto:` address, or sent by the gateway.

use farhand_engine::technician::TechnicianCommand;
use farhand_protocol::{ids::SessionId, mail::is_address};

use super::{Command, ConsoleState, Dialog, Effect, NoteText, dialog::Mailing, fold::note};

impl ConsoleState {
    /// What is done in the tab *E-mail*; everything else goes on to the desktop's.
    pub(in crate::model) fn handle_mail_command(&mut self, command: Command) -> Vec<Effect> {
        match command {
            Command::ChooseMailSender(sender) => self.with_new_session(|form| form.mail_sender = sender),
            Command::EditMailTo(to) => self.edit_mail_to(to),
            Command::MailLink => return self.mail_link(),
            Command::EditMail { subject, text } => self.with_new_session(|form| {
                form.mail_subject = subject;
                form.mail_text = text;
            }),
            Command::OpenMail => {
                if let Some(Dialog::NewSession(form)) = &self.dialog {
                    return vec![Effect::OpenMail(mailto(&form.mail_subject, &form.mail_text))];
                }
            }
            Command::MailFailed => self.with_new_session(|form| form.mail_failed = true),
            command => return self.handle_desktop_command(command),
        }
        Vec::new()
    }

    /// What was said of another address is not said of this one; a message that is under way stays so.
    fn edit_mail_to(&mut self, to: String) {
        self.with_new_session(|form| {
            form.mail_to = to;
            form.mail_to_wrong = false;
            if form.mailing != Mailing::Asking {
                form.mailing = Mailing::No;
            }
        });
    }

    /// Has the gateway send the link to one address (EML-09, EML-11).
    fn mail_link(&mut self) -> Vec<Effect> {
        let (can_send, now) = (self.gateway_sends_mail(), self.now);
        let Some(Dialog::NewSession(form)) = &mut self.dialog else {
            return Vec::new();
        };
        let is_alive = form.created().is_some_and(|created| now.seconds_until(created.expires_at) > 0);
        form.mail_to_wrong = can_send && is_alive && !is_address(form.mail_to.trim());
        let Some((session_id, mail)) = form.mail().filter(|_| can_send && is_alive) else {
            return Vec::new();
        };
        form.mailing = Mailing::Asking;
        vec![Effect::Send(TechnicianCommand::MailLink { session_id, mail })]
    }

    /// Said where it was asked for, or in a note where that dialog is gone.
    pub(in crate::model) fn link_mailed(&mut self, session_id: SessionId, to: String) -> Vec<Effect> {
        let Some(mailing) = self.mailing_of(session_id) else {
            return vec![note(false, NoteText::Mailed(to))];
        };
        *mailing = Mailing::Sent(to);
        Vec::new()
    }

    pub(in crate::model) fn mailing_of(&mut self, session_id: SessionId) -> Option<&mut Mailing> {
        match &mut self.dialog {
            Some(Dialog::NewSession(form)) => form.mailing_of(session_id),
            _ => None,
        }
    }
}

/// A `mailto:` address with encoded subject and body and no recipient, which the technician types in their own program.
pub fn mailto(subject: &str, body: &str) -> String {
    let body = body.replace("\r\n", "\n").replace('\n', "\r\n");
    format!("mailto:?subject={}&body={}", encode(subject), encode(&body))
}

/// Percent-encoding by RFC 6068: everything but unreserved characters.
fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 3);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use farhand_engine::technician::EngineEvent;
    use farhand_protocol::error::{ErrorBody, ErrorCode};

    use super::*;
    use crate::model::{act::tests::sent, sample};

    #[test]
    fn subject_and_body_are_encoded_with_line_ends_as_the_rfc_wants() {
        assert_eq!(
            mailto("Your link & more", "Öffnen:\nhttps://h/join#A"),
            "mailto:?subject=Your%20link%20%26%20more&body=%C3%96ffnen%3A%0D%0Ahttps%3A%2F%2Fh%2Fjoin%23A"
        );
    }

    #[test]
    fn the_gateway_mails_a_link_to_one_address_and_once_at_a_time() {
        let mut state = sample::mailing();
        for to in ["", "maria", "maria@home.example, ben@home.example"] {
            state.handle_command(Command::EditMailTo(to.into()));
            assert!(state.handle_command(Command::MailLink).is_empty(), "{to}");
            assert!(
                matches!(&state.dialog, Some(Dialog::NewSession(form)) if form.mail_to_wrong),
                "{to}"
            );
        }
        state.handle_command(Command::EditMailTo(" maria@home.example ".into()));
        let effects = state.handle_command(Command::MailLink);
        let TechnicianCommand::MailLink { session_id, mail } = sent(&effects)[0] else {
            panic!("{effects:?}")
        };
        assert_eq!((*session_id, mail.to.as_str()), (SessionId(4), "maria@home.example"));
        assert!(mail.link.starts_with("https://support.acme.example/join#"));
        assert!(state.handle_command(Command::MailLink).is_empty(), "it is under way");
        let mut without = sample::mailing();
        without.account.as_mut().unwrap().account.sends_mail = false;
        without.handle_command(Command::EditMailTo("maria@home.example".into()));
        assert!(without.handle_command(Command::MailLink).is_empty());
    }

    #[test]
    fn what_became_of_a_mailed_link_is_told_where_it_was_asked_for_or_in_a_note() {
        let (session_id, maria) = (SessionId(4), "maria@home.example");
        let asked = || {
            let mut state = sample::mailing();
            state.handle_command(Command::EditMailTo(maria.into()));
            state.handle_command(Command::MailLink);
            state
        };
        let mailing = |state: &ConsoleState| match &state.dialog {
            Some(Dialog::NewSession(form)) => form.mailing.clone(),
            other => panic!("{other:?}"),
        };
        let sent = || EngineEvent::LinkMailed {
            session_id,
            to: maria.into(),
        };
        let refused = || EngineEvent::Failed {
            what: "mail",
            session_id: Some(session_id),
            error: ErrorBody::new(ErrorCode::MailRefused, "550 no such user"),
        };
        let mut state = asked();
        assert_eq!(mailing(&state), Mailing::Asking);
        assert!(state.handle_event(sent()).is_empty());
        assert_eq!(mailing(&state), Mailing::Sent(maria.into()));
        state.handle_command(Command::EditMailTo("ben@home.example".into()));
        assert_eq!(mailing(&state), Mailing::No, "that is another one");
        let mut state = asked();
        assert!(state.handle_event(refused()).is_empty());
        assert!(matches!(mailing(&state), Mailing::Failed(error) if error.message == "550 no such user"));
        let mut state = asked();
        state.handle_command(Command::CloseDialog);
        let effects = state.handle_event(sent());
        assert!(matches!(&effects[..], [Effect::Note { bad: false, text: NoteText::Mailed(to) }] if to == maria));
        let effects = state.handle_event(refused());
        assert!(matches!(
            effects[..],
            [Effect::Note {
                bad: true,
                text: NoteText::Error(_)
            }]
        ));
    }
}
