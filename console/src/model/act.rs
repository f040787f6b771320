//! What the person at the console asks for.

use farhand_engine::technician::TechnicianCommand;
use farhand_protocol::{
    api::MAX_NAME_CHARS,
    ids::SessionId,
    input::{InputEvent, KeyEvent, KeyLayout, Press},
    peer::{MAX_CHAT_BYTES, Subscribe},
    permission::Capability,
    session::Status,
};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{
    Combination, Command, ConsoleState, Dialog, Effect, NoteText, PictureQuality, Step, Wish,
    command::Field,
    dialog::{DialogKind, NewSessionForm, NewSessionProgress, Palette, PasswordForm, PasswordProgress, Question},
    fold::{ask, note, see, tell_quality},
    placement::Zoom,
    sign_in::Password,
    tab::{Notice, TabLink},
};

impl ConsoleState {
    /// Carries out one wish; returns what is to be done outside.
    pub fn handle_command(&mut self, command: Command) -> Vec<Effect> {
        match command {
            Command::EditSignIn(form) => {
                self.sign_in = form;
                Vec::new()
            }
            Command::SignIn => self.ask_to_sign_in(),
            Command::SignInAgain => self.sign_in_again(),
            Command::SignOut { everywhere } if self.running_count() > 0 => self.ask(Question::SignOut { everywhere }),
            Command::SignOut { everywhere } | Command::SignOutNow { everywhere } => {
                self.dialog = None;
                vec![Effect::Send(TechnicianCommand::SignOut { everywhere })]
            }
            Command::OpenDialog(kind) => self.open_dialog(kind),
            Command::CloseDialog => {
                self.dialog = None;
                Vec::new()
            }
            Command::EditPassword(form) => {
                self.dialog = Some(Dialog::Password(form));
                Vec::new()
            }
            Command::ChangePassword => self.change_password(),
            Command::EditSettings(settings) => self.edit_settings(settings),
            Command::EditPalette(palette) => {
                self.dialog = Some(Dialog::Palette(palette));
                Vec::new()
            }
            Command::FocusField(field) => self.focus_field(field),
            Command::Quit if self.running_count() > 0 => self.ask(Question::Quit),
            Command::Quit | Command::QuitNow => vec![Effect::Quit],
            Command::ListWidth(width) => {
                self.settings.list_width = width;
                vec![Effect::SaveSettings]
            }
            Command::FoldList(folded) => self.fold_list(folded),
            Command::ChatWidth(width) => {
                self.settings.chat_width = width;
                vec![Effect::SaveSettings]
            }
            Command::ChatHeight(height) => {
                self.settings.chat_height = height;
                vec![Effect::SaveSettings]
            }
            Command::PlaceChat(place) => {
                self.settings.chat_place = place;
                self.see_chat();
                vec![Effect::SaveSettings]
            }
            Command::Copy { what, text } => vec![Effect::Copy(text), note(false, NoteText::Key(what))],
            command => self.handle_session_command(command),
        }
    }

    fn handle_session_command(&mut self, command: Command) -> Vec<Effect> {
        match command {
            Command::ShowList(kind) => {
                self.list.kind = kind;
                return self.fold_list(false);
            }
            Command::Filter(text) => self.list.filter = text,
            Command::Sort(column) => {
                self.list.descending = self.list.sort == column && !self.list.descending;
                self.list.sort = column;
            }
            Command::Select(session_id) => return self.select(session_id),
            Command::Activate(session_id) => return self.activate(session_id),
            Command::Start(id) => return self.step(Step::Start, id, TechnicianCommand::Start(id)),
            Command::Resume(id) => return self.step(Step::Resume, id, TechnicianCommand::Start(id)),
            Command::Hold(id) => return self.step(Step::Hold, id, TechnicianCommand::Hold(id)),
            Command::Close(id) => return self.ask_to_close(id),
            Command::CloseNow(id) => {
                self.dialog = None;
                return self.step(Step::Close, id, TechnicianCommand::Close(id));
            }
            Command::ShowTab(session_id) => return self.show_tab(session_id),
            Command::CloseTab(session_id) if self.tab(session_id).is_some_and(|tab| self.is_running(tab)) => {
                return self.ask(Question::CloseTab(session_id));
            }
            Command::CloseTab(session_id) => return self.close_tab(session_id),
            Command::CloseTabNow(session_id) => {
                self.dialog = None;
                return self.close_tab(session_id);
            }
            Command::Reconnect(session_id) => return self.reconnect(session_id),
            Command::StepTab { back } => return self.step_tab(back),
            Command::EditNewSession { name, auto_start } => self.edit_new_session(&name, auto_start),
            Command::CreateSession => return self.create_session(),
            Command::ShowWay(way) => self.with_new_session(|form| form.way = way),
            command => return self.handle_mail_command(command),
        }
        Vec::new()
    }

    /// Tools that are about keys bring the keyboard to the picture. Those that are about what is seen leave it with whoever has it: they give back what
    /// the press on them took, and no more.
    pub(in crate::model) fn handle_desktop_command(&mut self, command: Command) -> Vec<Effect> {
        let is_lent = self.keyboard_lent;
        let tool = match &command {
            Command::SendKeys(id, _) | Command::Keyboard(id, _) => Some(*id),
            Command::Zoom(id, _)
            | Command::StepZoom { session_id: id, .. }
            | Command::Monitors(id, _)
            | Command::Quality(id, _)
            | Command::Refresh(id)
                if is_lent =>
            {
                Some(*id)
            }
            _ => None,
        };
        let mut effects = self.desktop_command(command);
        if tool.and_then(|session_id| self.tab(session_id)).is_some_and(|tab| tab.control) {
            effects.push(self.focus_picture());
        }
        effects
    }

    fn focus_picture(&mut self) -> Effect {
        (self.picture_focused, self.keyboard_lent) = (true, false);
        Effect::PictureFocus(true)
    }

    fn desktop_command(&mut self, command: Command) -> Vec<Effect> {
        match command {
            Command::View(session_id, on) => self.view(session_id, on),
            Command::Control(session_id, on) => self.control(session_id, on),
            Command::Zoom(session_id, zoom) => self.with_tab(session_id, |tab| tab.zoom = zoom),
            Command::StepZoom { session_id, larger } => self.with_tab(session_id, |tab| tab.zoom = Zoom::step(tab.shown_scale, larger)),
            Command::FullScreen(on) => {
                self.full_screen = on;
                self.see_chat();
                let mut effects = vec![Effect::FullScreen(on)];
                // Whoever fills the screen with a desktop under control means to work there.
                if on && self.current_tab().is_some_and(|tab| tab.control) {
                    effects.push(self.focus_picture());
                }
                effects
            }
            Command::SendKeys(session_id, keys) => press(session_id, keys),
            Command::Monitors(session_id, monitors) => self.choose_monitors(session_id, monitors),
            Command::Quality(session_id, quality) => self.choose_quality(session_id, quality),
            Command::Keyboard(session_id, layout) => self.with_tab(session_id, |tab| tab.keyboard = layout),
            Command::Refresh(session_id) => vec![Effect::Send(TechnicianCommand::Refresh(session_id))],
            Command::Placed(session_id, placement) => {
                self.with_tab(session_id, |tab| tab.shown_scale = placement.scale);
                vec![Effect::Placed(session_id, placement)]
            }
            Command::FocusPicture(_) => vec![self.focus_picture()],
            Command::LeavePicture => {
                (self.picture_focused, self.keyboard_lent) = (false, false);
                vec![Effect::PictureFocus(false)]
            }
            Command::LendKeyboard => {
                self.keyboard_lent |= std::mem::take(&mut self.picture_focused);
                vec![Effect::PictureFocus(false)]
            }
            Command::KeepKeyboard => {
                self.keyboard_lent = false;
                Vec::new()
            }
            Command::EditReply(session_id, text) => self.with_tab(session_id, |tab| tab.reply = text),
            Command::SendReply(session_id) => self.send_reply(session_id),
            Command::DismissNotice(session_id) => self.with_tab(session_id, |tab| tab.notice = Notice::None),
            _ => Vec::new(),
        }
    }

    fn with_tab(&mut self, session_id: SessionId, change: impl FnOnce(&mut super::SessionTab)) -> Vec<Effect> {
        if let Some(tab) = self.tab_mut(session_id) {
            change(tab);
        }
        Vec::new()
    }

    pub(in crate::model) fn with_new_session(&mut self, change: impl FnOnce(&mut NewSessionForm)) {
        if let Some(Dialog::NewSession(form)) = &mut self.dialog {
            change(form);
        }
    }

    /// Choosing alone begins no viewing and asks no customer.
    fn choose_monitors(&mut self, session_id: SessionId, monitors: Vec<u32>) -> Vec<Effect> {
        let Some(tab) = self.tab_mut(session_id) else { return Vec::new() };
        tab.monitors = monitors;
        tab.monitors_wait = !tab.view;
        if tab.view { vec![see(tab)] } else { Vec::new() }
    }

    /// Where no link stands, the next one hears of it when it does.
    fn choose_quality(&mut self, session_id: SessionId, quality: PictureQuality) -> Vec<Effect> {
        let Some(tab) = self.tab_mut(session_id) else { return Vec::new() };
        tab.quality = quality;
        tab.quality_waits = !tab.is_linked();
        if tab.quality_waits { Vec::new() } else { vec![tell_quality(tab)] }
    }

    /// Nobody types into a field that full screen hides.
    fn focus_field(&mut self, field: Field) -> Vec<Effect> {
        let hidden = match field {
            Field::Filter => self.full_screen,
            Field::Reply => !self.shows_chat(),
        };
        let mut effects = if hidden {
            self.desktop_command(Command::FullScreen(false))
        } else {
            Vec::new()
        };
        (self.picture_focused, self.keyboard_lent) = (false, false);
        if field == Field::Filter {
            effects.extend(self.fold_list(false));
        }
        effects.extend([Effect::FocusField(field), Effect::PictureFocus(false)]);
        effects
    }

    fn fold_list(&mut self, folded: bool) -> Vec<Effect> {
        if std::mem::replace(&mut self.settings.list_folded, folded) == folded {
            return Vec::new();
        }
        vec![Effect::SaveSettings]
    }

    fn open_dialog(&mut self, kind: DialogKind) -> Vec<Effect> {
        if kind == DialogKind::NewSession && self.new_session_refusal().is_some() {
            return Vec::new();
        }
        self.dialog = Some(match kind {
            DialogKind::NewSession => Dialog::NewSession(Box::default()),
            DialogKind::Settings => Dialog::Settings,
            DialogKind::Password => Dialog::Password(PasswordForm::default()),
            DialogKind::Shortcuts => Dialog::Shortcuts,
            DialogKind::Palette => Dialog::Palette(Palette::default()),
        });
        self.picture_focused = false;
        vec![Effect::PictureFocus(false)]
    }

    fn ask(&mut self, question: Question) -> Vec<Effect> {
        self.dialog = Some(Dialog::Confirm(question));
        self.picture_focused = false;
        vec![Effect::PictureFocus(false)]
    }

    /// What would be refused is refused at once, without a question.
    fn ask_to_close(&mut self, session_id: SessionId) -> Vec<Effect> {
        let before = self.selected.replace(session_id);
        if let Some(refusal) = self.step_refusal(Step::Close) {
            self.selected = before;
            return vec![note(true, NoteText::Refusal(refusal))];
        }
        self.ask(Question::CloseSession(session_id))
    }

    fn change_password(&mut self) -> Vec<Effect> {
        let Some(Dialog::Password(form)) = &mut self.dialog else {
            return Vec::new();
        };
        if !form.is_complete() || form.progress == PasswordProgress::Asking {
            return Vec::new();
        }
        form.progress = PasswordProgress::Asking;
        let secret = |password: &Password| Zeroizing::new(password.0.clone());
        vec![Effect::Send(TechnicianCommand::ChangePassword {
            current: secret(&form.current),
            new: secret(&form.new),
        })]
    }

    fn edit_settings(&mut self, settings: super::Settings) -> Vec<Effect> {
        let look = settings.theme != self.settings.theme || settings.language != self.settings.language;
        self.settings = settings;
        let mut effects = vec![Effect::SaveSettings];
        effects.extend(look.then_some(Effect::ApplySettings));
        effects
    }

    fn select(&mut self, session_id: SessionId) -> Vec<Effect> {
        self.selected = Some(session_id);
        if self.tab(session_id).is_some() {
            self.show_tab(session_id)
        } else {
            Vec::new()
        }
    }

    /// The next thing to do with a row: show its tab, open it, start it, resume it, or say why there is none.
    fn activate(&mut self, session_id: SessionId) -> Vec<Effect> {
        self.selected = Some(session_id);
        if self.tab(session_id).is_some() {
            return self.show_tab(session_id);
        }
        let Some(me) = self.me() else { return Vec::new() };
        match self.selected_row().map(|row| (row.status, super::list::is_mine(row, me))) {
            Some((Some(Status::Active), true)) => {
                let effects = self.open_tab(session_id, TechnicianCommand::Open(session_id));
                self.current = Some(session_id);
                effects
            }
            Some((Some(Status::OnHold), true)) => self.step(Step::Resume, session_id, TechnicianCommand::Start(session_id)),
            Some((Some(status), _)) if status.can_be_started() => self.step(Step::Start, session_id, TechnicianCommand::Start(session_id)),
            Some((None, true)) => self.show_code(session_id),
            _ => {
                let refusal = self.step_refusal(Step::Start);
                refusal.map(|refusal| note(true, NoteText::Refusal(refusal))).into_iter().collect()
            }
        }
    }

    /// The PIN and the link of a session once more, until its customer has come.
    fn show_code(&mut self, session_id: SessionId) -> Vec<Effect> {
        let Some(created) = self.codes.get(&session_id).cloned() else {
            return vec![note(true, NoteText::Key("new-session-elsewhere"))];
        };
        let form = NewSessionForm::again(self.name_of(session_id), created);
        self.dialog = Some(Dialog::NewSession(Box::new(form)));
        self.picture_focused = false;
        vec![Effect::PictureFocus(false)]
    }

    /// Leaves what is over and opens the link anew; what was wished for is asked for again when it stands.
    fn reconnect(&mut self, session_id: SessionId) -> Vec<Effect> {
        if !self.tab(session_id).is_some_and(|tab| self.may_reconnect(tab)) {
            return Vec::new();
        }
        let mut effects = vec![Effect::ReleaseAll(session_id), Effect::Send(TechnicianCommand::Leave(session_id))];
        if let Some(tab) = self.tab_mut(session_id) {
            tab.link = TabLink::Opening;
        }
        effects.extend(self.open_tab(session_id, TechnicianCommand::Open(session_id)));
        effects
    }

    fn step(&mut self, step: Step, session_id: SessionId, command: TechnicianCommand) -> Vec<Effect> {
        let before = self.selected.replace(session_id);
        if let Some(refusal) = self.step_refusal(step) {
            self.selected = before;
            return vec![note(true, NoteText::Refusal(refusal))];
        }
        match step {
            Step::Start | Step::Resume => self.open_tab(session_id, command),
            Step::Hold | Step::Close => vec![Effect::Send(command)],
        }
    }

    fn show_tab(&mut self, session_id: SessionId) -> Vec<Effect> {
        if self.tab(session_id).is_none() {
            return Vec::new();
        }
        self.selected = Some(session_id);
        let changed = self.current.replace(session_id) != Some(session_id);
        self.see_chat();
        if !changed {
            return Vec::new();
        }
        // Whoever goes through the tabs by keys must not end in a customer's keyboard; a click into the picture takes it there.
        (self.picture_focused, self.keyboard_lent) = (false, false);
        vec![Effect::PictureFocus(false)]
    }

    fn close_tab(&mut self, session_id: SessionId) -> Vec<Effect> {
        let Some(place) = self.tabs.iter().position(|tab| tab.session_id == session_id) else {
            return Vec::new();
        };
        self.tabs.remove(place);
        // Whoever closes the session the command line named does not want it back.
        self.kiosk = self.kiosk.filter(|kiosk| kiosk.session_id != session_id);
        let mut effects = vec![Effect::ReleaseAll(session_id), Effect::Send(TechnicianCommand::Leave(session_id))];
        let names_end = self.led_until_time_out(session_id);
        effects.extend(names_end.then_some(Effect::Send(TechnicianCommand::Close(session_id))));
        if self.current == Some(session_id) {
            self.current = None;
            self.picture_focused = false;
            effects.push(Effect::PictureFocus(false));
            let next = place.min(self.tabs.len().saturating_sub(1));
            if let Some(next) = self.tabs.get(next).map(|tab| tab.session_id) {
                effects.extend(self.show_tab(next));
            } else if std::mem::take(&mut self.full_screen) {
                effects.push(Effect::FullScreen(false));
            }
        }
        effects
    }

    /// True for a session of this technician's whose time ran out: its end has another name once they have closed its tab (STM-61).
    fn led_until_time_out(&self, session_id: SessionId) -> bool {
        let timed_out = self.rows.get(&session_id).filter(|row| row.status == Some(Status::TimedOut));
        timed_out.is_some_and(|row| self.me().is_some_and(|me| super::list::leads(row, me)))
    }

    fn step_tab(&mut self, back: bool) -> Vec<Effect> {
        let count = self.tabs.len();
        let Some(place) = self.tabs.iter().position(|tab| Some(tab.session_id) == self.current) else {
            return Vec::new();
        };
        let next = if back { place + count - 1 } else { place + 1 } % count;
        self.show_tab(self.tabs[next].session_id)
    }

    fn edit_new_session(&mut self, name: &str, auto_start: bool) {
        let name = name.chars().take(MAX_NAME_CHARS).collect();
        self.with_new_session(|form| {
            form.name = name;
            form.auto_start = auto_start;
            if matches!(form.progress, NewSessionProgress::Failed(_)) {
                form.progress = NewSessionProgress::Form;
            }
        });
    }

    fn create_session(&mut self) -> Vec<Effect> {
        self.requests += 1;
        let request_id = Uuid::from_u64_pair(self.now.at.0.unsigned_abs(), self.requests);
        let Some(Dialog::NewSession(form)) = &mut self.dialog else {
            return Vec::new();
        };
        if matches!(form.progress, NewSessionProgress::Creating(_) | NewSessionProgress::Created(_)) {
            return Vec::new();
        }
        form.progress = NewSessionProgress::Creating(request_id);
        vec![Effect::Send(TechnicianCommand::NewSession {
            request_id,
            session: form.request(),
        })]
    }

    /// What the button would refuse the shortcut refuses too, and says why.
    fn refused(&self, session_id: SessionId, capability: Capability) -> Option<Vec<Effect>> {
        let refusal = self.desktop_refusal(self.tab(session_id)?, capability)?;
        Some(vec![note(true, NoteText::Refusal(refusal))])
    }

    fn view(&mut self, session_id: SessionId, on: bool) -> Vec<Effect> {
        if on && let Some(refused) = self.refused(session_id, Capability::View) {
            return refused;
        }
        let Some(tab) = self.tab_mut(session_id) else { return Vec::new() };
        if on {
            tab.wish = Wish::View;
            tab.notice = Notice::None;
            return ask(tab);
        }
        tab.wish = Wish::Nothing;
        let monitors = tab.monitors.clone();
        let mut effects = if tab.control { self.control(session_id, false) } else { Vec::new() };
        if let Some(tab) = self.tab_mut(session_id) {
            tab.wish = Wish::Nothing;
        }
        let subscribe = Subscribe { monitors, on: false };
        effects.push(Effect::Send(TechnicianCommand::Subscribe { session_id, subscribe }));
        effects
    }

    fn control(&mut self, session_id: SessionId, on: bool) -> Vec<Effect> {
        if on && let Some(refused) = self.refused(session_id, Capability::Control) {
            return refused;
        }
        let Some(tab) = self.tab_mut(session_id) else { return Vec::new() };
        if on {
            tab.wish = Wish::Control;
            tab.notice = Notice::None;
            return ask(tab);
        }
        tab.wish = if tab.view { Wish::View } else { Wish::Nothing };
        self.picture_focused = false;
        vec![
            Effect::ReleaseAll(session_id),
            Effect::Send(TechnicianCommand::TakeControl { session_id, on: false }),
            Effect::PictureFocus(false),
        ]
    }

    fn send_reply(&mut self, session_id: SessionId) -> Vec<Effect> {
        let Some(tab) = self.tab_mut(session_id) else { return Vec::new() };
        let text = tab.reply.trim().to_owned();
        if text.is_empty() || text.len() > MAX_CHAT_BYTES {
            return Vec::new();
        }
        tab.reply.clear();
        vec![Effect::Send(TechnicianCommand::Chat { session_id, text })]
    }
}

/// All keys down in order, then up in reverse.
fn press(session_id: SessionId, keys: Combination) -> Vec<Effect> {
    let usages = keys.usages();
    let event = |usage: u16, press: Press| {
        let key = KeyEvent {
            usage,
            press,
            logical: None,
            text: None,
            layout: KeyLayout::There,
        };
        Effect::Send(TechnicianCommand::Input {
            session_id,
            event: InputEvent::Key(key),
        })
    };
    let down = usages.iter().map(|usage| event(*usage, Press::Down));
    let up = usages.iter().rev().map(|usage| event(*usage, Press::Up));
    down.chain(up).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use farhand_engine::{technician::EngineEvent, viewer::ViewerEvent};
    use farhand_protocol::error::{ErrorBody, ErrorCode};

    use super::super::{Refusal, list::ListKind, placement::Placement, sample};
    use super::*;

    /// What is to go to the engine.
    pub(in crate::model) fn sent(effects: &[Effect]) -> Vec<&TechnicianCommand> {
        effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::Send(command) => Some(command),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn a_list_that_is_folded_away_comes_back_for_who_looks_for_something_in_it() {
        let mut state = sample::busy();
        let save = |effects: &[Effect]| effects.iter().any(|effect| matches!(effect, Effect::SaveSettings));
        for wanted in [
            Command::FocusField(Field::Filter),
            Command::ShowList(ListKind::Queue),
            Command::FoldList(false),
        ] {
            assert!(save(&state.handle_command(Command::FoldList(true))) && state.settings.list_folded);
            assert!(!save(&state.handle_command(Command::FoldList(true))), "it is already");
            assert!(save(&state.handle_command(wanted)) && !state.settings.list_folded);
        }
    }

    #[test]
    fn a_combination_goes_down_in_order_and_up_in_reverse() {
        let mut state = sample::controlling();
        let effects = state.handle_command(Command::SendKeys(SessionId(1), Combination::CtrlAltDelete));
        let keys: Vec<(u16, Press)> = sent(&effects)
            .into_iter()
            .filter_map(|command| match command {
                TechnicianCommand::Input {
                    event: InputEvent::Key(key),
                    ..
                } => Some((key.usage, key.press)),
                _ => None,
            })
            .collect();
        let down = Press::Down;
        assert_eq!(
            keys,
            [
                (0xe0, down),
                (0xe2, down),
                (0x4c, down),
                (0x4c, Press::Up),
                (0xe2, Press::Up),
                (0xe0, Press::Up)
            ]
        );
    }

    #[test]
    fn a_refused_step_reaches_no_engine() {
        let mut state = sample::busy();
        let effects = state.handle_command(Command::Hold(SessionId(2)));
        assert!(sent(&effects).is_empty() && matches!(effects[0], Effect::Note { bad: true, .. }));
    }

    #[test]
    fn starting_opens_a_tab_and_an_eleventh_is_refused() {
        let mut state = sample::busy();
        let effects = state.handle_command(Command::Start(SessionId(2)));
        assert!(matches!(sent(&effects)[0], TechnicianCommand::Start(SessionId(2))));
        assert_eq!(state.current, Some(SessionId(2)));
        for other in 100..109 {
            state.tabs.push(super::super::SessionTab::new(SessionId(other), KeyLayout::Here));
        }
        assert!(sent(&state.handle_command(Command::Start(SessionId(7)))).is_empty());
    }

    #[test]
    fn closing_the_front_tab_lets_go_and_shows_its_neighbour() {
        let mut state = sample::controlling();
        state.tabs.push(super::super::SessionTab::new(SessionId(3), KeyLayout::Here));
        assert!(sent(&state.handle_command(Command::CloseTab(SessionId(1)))).is_empty());
        assert_eq!(state.dialog, Some(Dialog::Confirm(Question::CloseTab(SessionId(1)))));
        let effects = state.handle_command(Command::CloseTabNow(SessionId(1)));
        assert_eq!(state.dialog, None);
        assert!(matches!(effects[0], Effect::ReleaseAll(SessionId(1))));
        assert!(matches!(sent(&effects)[0], TechnicianCommand::Leave(SessionId(1))));
        assert_eq!(state.current, Some(SessionId(3)));
    }

    #[test]
    fn closing_a_session_is_asked_and_a_refused_one_is_not() {
        let mut state = sample::controlling();
        assert!(sent(&state.handle_command(Command::Close(SessionId(1)))).is_empty());
        assert_eq!(state.dialog, Some(Dialog::Confirm(Question::CloseSession(SessionId(1)))));
        let effects = state.handle_command(Command::CloseNow(SessionId(1)));
        assert!(matches!(sent(&effects)[0], TechnicianCommand::Close(SessionId(1))));
        let effects = state.handle_command(Command::Close(SessionId(5)));
        assert!(
            state.dialog.is_none() && matches!(effects[0], Effect::Note { bad: true, .. }),
            "it is over"
        );
    }

    #[test]
    fn the_window_closes_at_once_only_when_no_session_goes_on() {
        let mut state = sample::controlling();
        assert!(!matches!(state.handle_command(Command::Quit)[..], [Effect::Quit]));
        assert_eq!(state.dialog, Some(Dialog::Confirm(Question::Quit)));
        assert!(matches!(state.handle_command(Command::QuitNow)[..], [Effect::Quit]));
        let mut idle = sample::busy();
        assert!(matches!(idle.handle_command(Command::Quit)[..], [Effect::Quit]));
    }

    #[test]
    fn signing_out_is_asked_while_sessions_go_on() {
        let mut state = sample::controlling();
        let everywhere = true;
        assert!(sent(&state.handle_command(Command::SignOut { everywhere })).is_empty());
        assert_eq!(state.dialog, Some(Dialog::Confirm(Question::SignOut { everywhere })));
        let effects = state.handle_command(Command::SignOutNow { everywhere });
        assert!(matches!(sent(&effects)[0], TechnicianCommand::SignOut { everywhere: true }));
        assert_eq!(state.dialog, None);
        let effects = sample::busy().handle_command(Command::SignOut { everywhere: false });
        assert!(matches!(sent(&effects)[0], TechnicianCommand::SignOut { everywhere: false }));
    }

    #[test]
    fn the_session_the_command_line_named_can_be_closed_and_stays_closed() {
        let mut state = sample::with_tab();
        state.kiosk = Some(super::super::Kiosk {
            session_id: SessionId(1),
            wish: Wish::View,
        });
        state.handle_command(Command::CloseTabNow(SessionId(1)));
        let rows = state.rows.values().cloned().collect();
        assert!(sent(&state.handle_event(EngineEvent::Sessions(rows))).is_empty());
        assert!(state.kiosk.is_none() && state.tabs.is_empty());
    }

    #[test]
    fn a_code_that_was_made_elsewhere_is_said_to_be_there() {
        let mut state = sample::busy();
        let effects = state.handle_command(Command::Activate(SessionId(4)));
        assert!(matches!(
            effects[..],
            [Effect::Note {
                text: NoteText::Key("new-session-elsewhere"),
                ..
            }]
        ));
        state.handle_command(Command::Close(SessionId(4)));
        assert_eq!(state.dialog, Some(Dialog::Confirm(Question::CloseSession(SessionId(4)))));
    }

    #[test]
    fn a_row_with_which_nothing_can_be_done_says_why() {
        let mut state = sample::busy();
        for (status, refusal) in [
            (Status::Offline, Refusal::Away),
            (Status::Rebooting, Refusal::Away),
            (Status::Connecting, Refusal::Connecting),
            (Status::ClosedByCustomer, Refusal::Over),
        ] {
            state.rows.get_mut(&SessionId(1)).unwrap().status = Some(status);
            let effects = state.handle_command(Command::Activate(SessionId(1)));
            let said = matches!(effects[..], [Effect::Note { bad: true, text: NoteText::Refusal(why) }] if why == refusal);
            assert!(said, "{status:?}: {effects:?}");
        }
    }

    #[test]
    fn an_ended_link_of_a_session_that_goes_on_is_opened_again() {
        let mut state = sample::with_tab();
        assert!(state.handle_command(Command::Reconnect(SessionId(1))).is_empty(), "it stands");
        let ended = TabLink::Ended(ErrorBody::new(ErrorCode::LinkIncompatible, ""));
        state.tabs[0].link = ended.clone();
        let effects = state.handle_command(Command::Reconnect(SessionId(1)));
        assert!(matches!(
            sent(&effects)[..],
            [
                TechnicianCommand::Leave(_),
                TechnicianCommand::Open(_),
                TechnicianCommand::Events(_)
            ]
        ));
        assert_eq!(state.tabs[0].link, TabLink::Opening);
        state.tabs[0].link = ended;
        state.rows.get_mut(&SessionId(1)).unwrap().status = Some(Status::OnHold);
        assert!(state.handle_command(Command::Reconnect(SessionId(1))).is_empty());
    }

    #[test]
    fn what_a_button_would_refuse_its_shortcut_refuses_with_the_reason() {
        let mut state = sample::with_tab();
        state.tabs[0].link = TabLink::Connecting("console-link-ticket");
        for command in [Command::View(SessionId(1), true), Command::Control(SessionId(1), true)] {
            let effects = state.handle_command(command);
            assert!(matches!(
                effects[..],
                [Effect::Note {
                    bad: true,
                    text: NoteText::Refusal(Refusal::NoLink)
                }]
            ));
        }
        assert_eq!(state.tabs[0].wish, Wish::Nothing);
    }

    #[test]
    fn a_reply_is_not_typed_into_a_chat_that_full_screen_hides() {
        let mut state = sample::controlling();
        state.handle_command(Command::FullScreen(true));
        let effects = state.handle_command(Command::FocusField(Field::Reply));
        assert!(matches!(
            effects[..],
            [
                Effect::FullScreen(false),
                Effect::FocusField(Field::Reply),
                Effect::PictureFocus(false)
            ]
        ));
        assert!(!state.full_screen);
    }

    #[test]
    fn a_tab_of_a_session_that_is_over_closes_without_a_question() {
        let mut state = sample::controlling();
        state.rows.get_mut(&SessionId(1)).unwrap().status = Some(Status::ClosedByCustomer);
        let effects = state.handle_command(Command::CloseTab(SessionId(1)));
        assert!(matches!(sent(&effects)[0], TechnicianCommand::Leave(SessionId(1))));
    }

    #[test]
    fn the_gateway_hears_that_the_tab_of_a_session_that_timed_out_was_closed_by_who_led_it() {
        for (status, lead, is_told) in [
            (Status::TimedOut, Some(1), true),
            (Status::TimedOut, Some(2), false),
            (Status::TimedOut, None, false),
            (Status::ClosedByCustomer, Some(1), false),
            (Status::Active, Some(1), false),
        ] {
            let mut state = sample::with_tab();
            let row = state.rows.get_mut(&SessionId(1)).unwrap();
            (row.status, row.lead) = (Some(status), lead.map(|lead| sample::identity(lead, "Lead")));
            let effects = state.handle_command(Command::CloseTabNow(SessionId(1)));
            let commands = sent(&effects);
            assert!(matches!(commands[0], TechnicianCommand::Leave(SessionId(1))));
            let closes = commands
                .iter()
                .any(|command| matches!(command, TechnicianCommand::Close(SessionId(1))));
            assert_eq!(closes, is_told, "{status}, led by {lead:?}: STM-61");
            assert!(state.tabs.is_empty());
        }
    }

    #[test]
    fn a_name_holds_128_characters() {
        let mut state = sample::signed_in();
        state.handle_command(Command::OpenDialog(DialogKind::NewSession));
        state.handle_command(Command::EditNewSession {
            name: "é".repeat(200),
            auto_start: true,
        });
        let effects = state.handle_command(Command::CreateSession);
        let TechnicianCommand::NewSession { session, .. } = sent(&effects)[0] else {
            panic!("{effects:?}")
        };
        assert_eq!((session.name.chars().count(), session.auto_start), (128, true));
    }

    #[test]
    fn full_screen_takes_the_keyboard_along_only_under_control() {
        let mut state = sample::controlling();
        state.handle_command(Command::LeavePicture);
        state.handle_command(Command::FullScreen(true));
        assert!(state.picture_focused && state.full_screen);
        let mut viewing = sample::with_tab();
        viewing.handle_command(Command::FullScreen(true));
        assert!(!viewing.picture_focused);
    }

    #[test]
    fn who_has_the_keyboard_keeps_it_when_what_is_seen_is_changed() {
        let id = SessionId(1);
        let has_keyboard = |state: &mut ConsoleState, commands: &[Command]| {
            commands.iter().cloned().for_each(|command| drop(state.handle_command(command)));
            state.picture_focused
        };
        for tool in [Command::Zoom(id, Zoom::ACTUAL), Command::Quality(id, PictureQuality::Modem)] {
            let mut state = sample::controlling();
            let released = [Command::FocusPicture(id), Command::LeavePicture, tool.clone()];
            assert!(!has_keyboard(&mut state, &released));
            let pressed = [Command::FocusPicture(id), Command::LendKeyboard, tool.clone()];
            assert!(has_keyboard(&mut state, &pressed), "the press on the tool alone took it");
            let typed = [Command::LendKeyboard, Command::KeepKeyboard, tool.clone()];
            assert!(!has_keyboard(&mut state, &typed));
            let field = Command::FocusField(Field::Reply);
            let elsewhere = [Command::FocusPicture(id), Command::LendKeyboard, field, tool];
            assert!(!has_keyboard(&mut state, &elsewhere));
            assert!(has_keyboard(&mut state, &[Command::SendKeys(id, Combination::CtrlAltDelete)]));
        }
    }

    #[test]
    fn a_step_of_the_zoom_begins_at_the_size_that_is_shown() {
        let (mut state, session_id) = (sample::controlling(), SessionId(1));
        let area = state.tabs[0].layout.monitors[0].area;
        let placement = Placement::fit(area, [0.0, 0.0, 1152.0, 700.0], 1.0);
        state.handle_command(Command::Placed(session_id, placement));
        for (larger, percent) in [(true, 75), (true, 75), (false, 50)] {
            state.handle_command(Command::StepZoom { session_id, larger });
            assert_eq!(state.tabs[0].zoom, Zoom::Percent(percent));
        }
    }

    #[test]
    fn a_quality_goes_to_the_host_of_its_tab_alone() {
        let mut state = sample::controlling();
        state.tabs.push(super::super::SessionTab::new(SessionId(3), KeyLayout::Here));
        let (id, low) = (SessionId(1), PictureQuality::Low);
        let effects = state.handle_command(Command::Quality(id, low));
        let TechnicianCommand::Quality { session_id, quality } = sent(&effects)[0] else {
            panic!("{effects:?}")
        };
        assert_eq!((*session_id, *quality, effects.len()), (id, low.wish(), 1));
        let chosen: Vec<PictureQuality> = state.tabs.iter().map(|tab| tab.quality).collect();
        assert_eq!(chosen, [low, PictureQuality::Automatic]);
    }

    #[test]
    fn the_place_of_the_chat_is_kept() {
        let mut state = sample::controlling();
        let effects = state.handle_command(Command::PlaceChat(super::super::ChatPlace::Below));
        assert_eq!(state.settings.chat_place, super::super::ChatPlace::Below);
        assert!(matches!(effects[..], [Effect::SaveSettings]));
    }

    #[test]
    fn leaving_sight_leaves_control_first() {
        let mut state = sample::controlling();
        let effects = state.handle_command(Command::View(SessionId(1), false));
        assert!(matches!(sent(&effects)[0], TechnicianCommand::TakeControl { on: false, .. }));
        assert!(matches!(sent(&effects)[1], TechnicianCommand::Subscribe { subscribe, .. } if !subscribe.on));
    }

    #[test]
    fn choosing_monitors_begins_no_viewing_and_is_heeded_once_it_begins() {
        let shown = |effects: Vec<Effect>| match sent(&effects)[..] {
            [] => None,
            [TechnicianCommand::Subscribe { subscribe, .. }] if subscribe.on => Some(subscribe.monitors.clone()),
            _ => panic!("{effects:?}"),
        };
        let (mut state, session_id) = (sample::with_tab(), SessionId(1));
        let choose = |monitor| Command::Monitors(session_id, vec![monitor]);
        assert_eq!(shown(state.handle_command(choose(2))), None);
        assert_eq!(shown(state.handle_command(Command::View(session_id, true))), Some(vec![2]));
        assert_eq!(shown(state.handle_command(choose(3))), None, "the customer is being asked");
        let event = ViewerEvent::View(true);
        assert_eq!(shown(state.handle_event(EngineEvent::Session { session_id, event })), Some(vec![3]));
        assert_eq!(shown(state.handle_command(choose(4))), Some(vec![4]));
    }

    #[test]
    fn tabs_go_round() {
        let mut state = sample::with_tab();
        state.tabs.push(super::super::SessionTab::new(SessionId(3), KeyLayout::Here));
        state.handle_command(Command::StepTab { back: true });
        assert_eq!(state.current, Some(SessionId(3)));
        state.handle_command(Command::StepTab { back: false });
        assert_eq!(state.current, Some(SessionId(1)));
    }
}
