//! The application around the pure state: drains the engine's events, builds views, paints them, carries out what the state asks for.
//!
//! ```text
//! engine thread ─▶ channel + request_repaint ─▶ logic(): fold ─▶ ui(): view, paint, commands ─▶ effects
//! window events ─▶ window.rs ─▶ hands.rs ─▶ engine, or egui
//! ```

pub mod arguments;
pub mod echo;
pub mod hands;
pub mod keyboard;
pub mod keys;
pub mod notify;
pub mod picture;
pub mod settings;
pub mod shrink;
pub mod sound;
pub mod surface;
pub mod window;

use std::{
    cell::RefCell,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, Sender, channel},
    },
    time::Duration,
};

use egui::{Context, ThemePreference, UserAttentionType, ViewportBuilder, ViewportCommand, ViewportId};
use farhand_assets::{Theme, Tone, Words, widgets::Toasts};
use farhand_engine::{
    folders::Folders,
    keystore::{KeptSignIn, KeyStore},
    link::Route,
    technician::{Credential, EngineEvent, Technician, TechnicianCommand, TechnicianConfig},
    viewer::ViewerEvent,
};
use farhand_protocol::{error::ErrorBody, ids::SessionId, time::Timestamp};
use winit::window::WindowId;
use zeroize::Zeroizing;

use self::{
    arguments::Arguments,
    echo::Echo,
    hands::{Hands, HandsWish, Target},
    keyboard::Keyboard,
    notify::Notifier,
    picture::{Drawing, Pictures},
    settings::{Saver, SettingsFile},
    sound::Chime,
    surface::{PictureSpot, Spot},
};
use crate::{
    model::{
        Call, ChatPlace, Command, ConsoleState, Effect, NoteText, Now, ThemeChoice,
        command::Field,
        placement::Placement,
        sign_in::{SignInProgress, only_gateway},
    },
    ui::{
        RootView,
        chat::ChatView,
        full_screen::bar_follows,
        root_ui,
        session::chat_window_ui,
        shortcuts::{field_id, handle_shortcuts},
        text::{error_text, refusal_text},
    },
};

/// What window events and frames share; both happen on the main thread.
#[derive(Default)]
pub struct Shared {
    hands: Hands,
    engine: Option<Rc<Technician>>,
    ctx: Option<Context>,
    wishes: Vec<HandsWish>,
    echo: Echo,
    keyboard: Keyboard,
    monitor_size_px: Option<[f32; 2]>,
    /// The window with the picture, where the hands act.
    main_window: Option<WindowId>,
    /// The windows are closed for good.
    is_over: bool,
}

/// How the console was started.
pub struct Start {
    /// Flags and environment.
    pub arguments: Arguments,
    /// A token from the environment.
    pub token: Option<Zeroizing<String>>,
    /// Language of the system.
    pub system_language: String,
    /// Where files lie.
    pub folders: Folders,
}

/// The running console.
pub struct ConsoleApp {
    state: ConsoleState,
    words: Words,
    system_language: String,
    engine: Rc<Technician>,
    events: Receiver<EngineEvent>,
    later: (Sender<Command>, Receiver<Command>),
    shared: Rc<RefCell<Shared>>,
    pictures: Pictures,
    spot: PictureSpot,
    placement: Option<(SessionId, Placement)>,
    toasts: Toasts,
    saver: Saver,
    chime: Chime,
    notifier: Notifier,
    full_screen_since: Option<f64>,
    /// The full-screen bar is out while the screen is only seen.
    view_bar: bool,
    /// The keyboard goes to the reply in the chat's own window.
    reply_wanted: bool,
    figures_hidden: Arc<AtomicBool>,
    quitting: bool,
}

impl ConsoleApp {
    /// Starts the engine and asks for the first sign-in.
    ///
    /// # Errors
    /// When the system gives no threads, or a flag makes no sense.
    pub fn new(creation: &eframe::CreationContext<'_>, start: Start, shared: Rc<RefCell<Shared>>) -> Result<Self, ErrorBody> {
        let ctx = &creation.egui_ctx;
        let file = SettingsFile::new(&start.folders);
        let keys = KeyStore::new(&start.folders);
        let kept = keys.last_sign_in();
        let mut state = ConsoleState::new(file.load());
        let (sender, events) = channel();
        let wake = ctx.clone();
        let config = TechnicianConfig {
            agent: concat!("farhand-console/", env!("CARGO_PKG_VERSION")).to_owned(),
            folders: start.folders,
            keys,
            route: Route::parse(&start.arguments.route)?,
        };
        let figures_hidden = Arc::new(AtomicBool::new(false));
        let hidden = figures_hidden.clone();
        let echo = shared.borrow().echo.clone();
        let on_event = move |event| {
            // Figures that nobody sees and the echo of one's own pointer are no reason to paint; they are folded with the next event.
            let silent = match &event {
                EngineEvent::Session {
                    event: ViewerEvent::Stats(_),
                    ..
                } => hidden.load(Ordering::Relaxed),
                EngineEvent::Session {
                    session_id,
                    event: ViewerEvent::Picture,
                } => echo.is_only_mine(*session_id),
                _ => false,
            };
            let _ = sender.send(event);
            if !silent {
                // Any wait but none paints once; none would paint twice, to let things settle that do not move here.
                wake.request_repaint_after(Duration::from_nanos(1));
            }
        };
        let engine = Rc::new(Technician::start(config, Arc::new(on_event))?);
        first_sign_in(&mut state, &engine, &start.arguments, start.token, kept.as_ref());
        state.kiosk = start.arguments.kiosk();
        state.full_screen = start.arguments.fullscreen;
        let words = load_words(&state.settings.language, &start.system_language);
        Theme::install(ctx);
        apply_theme(ctx, state.settings.theme);
        {
            let mut shared = shared.borrow_mut();
            shared.engine = Some(engine.clone());
            shared.ctx = Some(ctx.clone());
            if let Some(window) = creation.winit_window() {
                shared.main_window = Some(window.id());
                shared.keyboard.set_window(window.clone());
                shared.keyboard.want_focus(0.0);
            }
        }
        let spot = shared.borrow().keyboard.open_spot(start.arguments.picture);
        Ok(Self {
            full_screen_since: state.full_screen.then_some(0.0),
            view_bar: false,
            reply_wanted: false,
            state,
            words,
            system_language: start.system_language,
            engine,
            events,
            later: channel(),
            shared,
            pictures: Pictures::default(),
            spot,
            placement: None,
            toasts: Toasts::default(),
            saver: Saver::start(file),
            chime: Chime::start(),
            notifier: Notifier::start(),
            figures_hidden,
            quitting: false,
        })
    }

    fn drain(&mut self, ctx: &Context) {
        self.state.now = read_clock();
        // Any of our windows: the chat may have one of its own.
        let focused = ctx.input(|input| {
            let mut windows = input.raw.viewports.values();
            input.viewport().focused.is_none() || windows.any(|window| window.focused == Some(true))
        });
        if focused != self.state.window_focused {
            self.state.window_focused = focused;
            self.state.see_chat();
        }
        let due = self.state.handle_time();
        self.carry_out(ctx, due);
        while let Ok(event) = self.events.try_recv() {
            let event = self.explain(event);
            let effects = self.state.handle_event(event);
            self.carry_out(ctx, effects);
        }
        while let Ok(command) = self.later.1.try_recv() {
            self.obey(ctx, command);
        }
        let wishes = std::mem::take(&mut self.shared.borrow_mut().wishes);
        for wish in wishes {
            self.obey_hands(ctx, wish);
        }
    }

    /// A place without the key ring becomes a sentence here, where the words are.
    fn explain(&self, event: EngineEvent) -> EngineEvent {
        match event {
            EngineEvent::KeptElsewhere(place) => {
                EngineEvent::KeptElsewhere(self.words.with("sign-in-kept-elsewhere", &[("place", place.into())]))
            }
            event => event,
        }
    }

    fn obey_hands(&mut self, ctx: &Context, wish: HandsWish) {
        let session_id = self.shared.borrow().hands.session_id();
        match (wish, session_id) {
            (HandsWish::Focus, Some(session_id)) => self.obey(ctx, Command::FocusPicture(session_id)),
            (HandsWish::Leave, _) => self.obey(ctx, Command::LeavePicture),
            (HandsWish::Lend, _) => self.obey(ctx, Command::LendKeyboard),
            (HandsWish::Keep, _) => self.obey(ctx, Command::KeepKeyboard),
            (HandsWish::ToggleFullScreen, _) => self.obey(ctx, Command::FullScreen(!self.state.full_screen)),
            (HandsWish::Focus | HandsWish::Bar(_), _) => {}
        }
    }

    fn obey(&mut self, ctx: &Context, command: Command) {
        let effects = self.state.handle_command(command);
        self.carry_out(ctx, effects);
    }

    fn carry_out(&mut self, ctx: &Context, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Send(command) => self.engine.send(command),
                Effect::Copy(text) => ctx.copy_text(text),
                Effect::Note { bad, text } => self.note(ctx, bad, &text),
                Effect::OpenMail(address) => self.open_mail(ctx, address),
                Effect::SaveSettings => self.saver.save(&self.state.settings),
                Effect::ApplySettings => {
                    apply_theme(ctx, self.state.settings.theme);
                    self.words = load_words(&self.state.settings.language, &self.system_language);
                }
                Effect::Call(call) => self.call(ctx, &call),
                Effect::FullScreen(on) => {
                    ctx.send_viewport_cmd(ViewportCommand::Fullscreen(on));
                    let time = ctx.input(|input| input.time);
                    self.full_screen_since = on.then_some(time);
                    self.shared.borrow_mut().keyboard.want_focus(time);
                    if !on {
                        ctx.send_viewport_cmd(ViewportCommand::Decorations(true));
                    }
                }
                Effect::Placed(session_id, placement) => self.placement = Some((session_id, placement)),
                Effect::PictureFocus(_) => ctx.request_repaint(),
                Effect::FocusField(Field::Reply) if self.state.settings.chat_place == ChatPlace::Window => {
                    // Each window has a focus of its own.
                    self.reply_wanted = true;
                    ctx.send_viewport_cmd_to(chat_viewport(), ViewportCommand::Focus);
                }
                Effect::FocusField(field) => ctx.memory_mut(|memory| memory.request_focus(field_id(field))),
                Effect::Quit => {
                    self.quitting = true;
                    ctx.send_viewport_cmd(ViewportCommand::Close);
                }
                Effect::ReleaseAll(session_id) => self.release(session_id),
            }
        }
    }

    fn release(&self, session_id: SessionId) {
        let mut shared = self.shared.borrow_mut();
        if shared.hands.session_id() == Some(session_id)
            && let Some((session_id, event)) = shared.hands.set_target(None)
        {
            self.engine.send(TechnicianCommand::Input { session_id, event });
        }
    }

    fn note(&mut self, ctx: &Context, bad: bool, text: &NoteText) {
        let tone = match text {
            _ if bad => Tone::Error,
            // Somebody says something; nothing was done.
            NoteText::Message { .. } => Tone::Info,
            _ => Tone::Active,
        };
        let text = match text {
            NoteText::Key(key) => self.words.text(key),
            NoteText::Refusal(refusal) => refusal_text(&self.words, *refusal),
            NoteText::Error(error) => error_text(&self.words, error),
            NoteText::Text(text) => text.clone(),
            NoteText::Mailed(to) => self.words.with("new-session-mail-sent", &[("address", to.as_str().into())]),
            NoteText::Message { name, text } => {
                let name = self.customer(name);
                self.words
                    .with("note-message", &[("name", name.into()), ("text", text.as_str().into())])
            }
        };
        self.toasts.push(tone, text, ctx.input(|input| input.time));
    }

    /// Who a session is with, in words where its name field is empty.
    fn customer(&self, name: &str) -> String {
        if name.is_empty() {
            self.words.text("chat-customer")
        } else {
            name.to_owned()
        }
    }

    /// Waits for the mail program's start on a thread of its own, to be able to say that there is none.
    fn open_mail(&self, ctx: &Context, address: String) {
        let (later, wake) = (self.later.0.clone(), ctx.clone());
        let thread = std::thread::Builder::new().name("farhand-mail".into());
        let spawned = thread.spawn(move || {
            if open::that(&address).is_err() {
                let _ = later.send(Command::MailFailed);
                wake.request_repaint();
            }
        });
        if spawned.is_err() {
            let _ = self.later.0.send(Command::MailFailed);
        }
    }

    fn call(&mut self, ctx: &Context, call: &Call) {
        if self.state.settings.sounds {
            self.chime.play();
        }
        if self.state.window_focused {
            return;
        }
        ctx.send_viewport_cmd(ViewportCommand::RequestUserAttention(UserAttentionType::Informational));
        if self.state.settings.notifications {
            let (key, name, text) = match call {
                Call::Waiting { name } => ("call-waiting", name, String::new()),
                Call::Message { name, text } => ("call-message", name, text.chars().take(200).collect()),
            };
            let name = self.customer(name);
            self.notifier.show(self.words.with(key, &[("name", name.into())]), text);
        }
    }

    /// The picture of the session in front, as a texture.
    fn picture(&mut self, ctx: &Context) -> (Option<crate::ui::picture::PictureView>, u32) {
        let seen = self.state.current_tab().filter(|tab| tab.view);
        let Some((tab, shared)) = seen.and_then(|tab| Some((tab, self.engine.picture(tab.session_id)?))) else {
            self.pictures.clear();
            self.shared.borrow().echo.show(None);
            return (None, 0);
        };
        let session_id = tab.session_id;
        self.shared.borrow().echo.show(Some((session_id, shared.clone())));
        let echo = self.shared.borrow().echo.clone();
        let how = if self.spot.takes_over(session_id) {
            Drawing::Elsewhere
        } else {
            Drawing::Texture
        };
        match self.pictures.update(ctx, session_id, &shared, how, |pos| echo.follows(pos)) {
            Some((view, epoch)) => (Some(view), epoch),
            None => (None, 0),
        }
    }

    /// Gives the texture, where there is one, what this frame shows of the picture.
    fn fill_picture(&mut self) {
        if let Some((session_id, placement)) = self.placement
            && let Some(picture) = self.engine.picture(session_id)
        {
            self.pictures.fill(session_id, &picture, &placement);
        }
    }

    /// Tells the surface, where there is one, what this frame has done with the picture.
    fn settle_picture(&mut self, ctx: &Context, took_over: bool) {
        let echo = self.shared.borrow().echo.clone();
        let picture = self.placement.and_then(|(session_id, placement)| {
            let tab = self.state.current_tab().filter(|tab| tab.session_id == session_id)?;
            let focused = self.state.picture_focused && tab.control && self.state.dialog.is_none();
            let ring = focused && !self.state.full_screen;
            Some((session_id, self.engine.picture(session_id)?, placement, ring))
        });
        let spot = picture.as_ref().map(|(session_id, picture, placement, ring)| Spot {
            session_id: *session_id,
            picture,
            placement: *placement,
            ring: *ring,
            echo: &echo,
        });
        self.spot.settle(ctx, spot, took_over);
        echo.show_on_surface(self.spot.is_shown());
    }

    /// Whether the full-screen bar is out: always where there is no picture that it could cover.
    fn bar(&mut self, ctx: &Context, no_picture: bool) -> bool {
        let (pos, size) = ctx.input(|input| (input.pointer.latest_pos(), input.content_rect().size()));
        self.view_bar = self.state.full_screen && bar_follows(self.view_bar, pos, size.x, is_covered(ctx, pos));
        let out = if self.state.current_tab().is_some_and(|tab| tab.control) {
            self.shared.borrow().hands.bar()
        } else {
            self.view_bar
        };
        no_picture || out
    }

    /// Tells the hands where they act after this frame, and takes the whole keyboard for them where that is what full screen means.
    fn aim(&mut self, ctx: &Context, epoch: u32) {
        let target = self.state.current_tab().filter(|tab| tab.control && tab.view).and_then(|tab| {
            let (_, placement) = self.placement.filter(|(session_id, _)| *session_id == tab.session_id)?;
            Some(Target {
                session_id: tab.session_id,
                placement,
                epoch,
                layout: tab.keyboard,
                focused: self.state.picture_focused && self.state.dialog.is_none(),
                full_screen: self.state.full_screen,
            })
        });
        if target.is_none() {
            self.shared.borrow().echo.point(None);
        }
        let has_keyboard = ctx.input(|input| input.viewport().focused.unwrap_or(true));
        let whole = target.is_some_and(|target| target.focused && target.full_screen) && has_keyboard;
        let released = {
            let mut shared = self.shared.borrow_mut();
            shared.keyboard.keep(ctx, whole, ctx.input(|input| input.time));
            let told = shared.hands.set_target(target);
            if told.is_some() {
                shared.echo.point(shared.hands.last_sent().filter(|_| shared.hands.is_inside()));
            }
            told
        };
        let held = self.shared.borrow().keyboard.is_held();
        if std::mem::replace(&mut self.state.keyboard_held, held) != held {
            ctx.request_repaint();
        }
        if let Some((session_id, event)) = released {
            self.engine.send(TechnicianCommand::Input { session_id, event });
        }
    }

    /// The chat in a window of its own, while that is where it belongs and a session is open.
    fn chat_window(&mut self, ctx: &Context, commands: &mut Vec<Command>) {
        let reply_wanted = std::mem::take(&mut self.reply_wanted);
        if self.state.account.is_none() || self.state.settings.chat_place != ChatPlace::Window {
            return;
        }
        let Some(tab) = self.state.current_tab() else { return };
        let view = ChatView::new(&self.state, tab, &self.words);
        let mut title = self.words.text("chat-title");
        if !view.customer.is_empty() {
            title = format!("{title} – {}", view.customer);
        }
        let builder = ViewportBuilder::default()
            .with_title(title)
            .with_app_id("farhand-console")
            .with_icon(farhand_assets::app_icon::window_icon())
            .with_inner_size([360.0, 520.0])
            .with_min_inner_size([240.0, 240.0]);
        ctx.show_viewport_immediate(chat_viewport(), builder, |ui, _class| {
            if reply_wanted {
                ui.memory_mut(|memory| memory.request_focus(field_id(Field::Reply)));
            }
            handle_shortcuts(ui.ctx(), &self.state, commands);
            chat_window_ui(ui, &self.words, &view, commands);
            if ui.input(|input| input.viewport().close_requested()) {
                commands.push(Command::PlaceChat(ChatPlace::Trailing));
            }
        });
    }

    /// Without a window manager nobody carries out a wish for full screen; then the window does it alone.
    fn insist_on_full_screen(&mut self, ctx: &Context) {
        let Some(since) = self.full_screen_since else { return };
        let (time, monitor, inner) = ctx.input(|input| {
            (
                input.time,
                input.viewport().monitor_size,
                input.viewport().inner_rect.map(|rect| rect.size()),
            )
        });
        if time - since < 0.4 {
            ctx.request_repaint_after(Duration::from_millis(200));
            return;
        }
        self.full_screen_since = None;
        if let (Some(monitor), Some(inner)) = (monitor, inner)
            && (monitor - inner).length() > 2.0
        {
            ctx.send_viewport_cmd(ViewportCommand::Decorations(false));
            ctx.send_viewport_cmd(ViewportCommand::OuterPosition(egui::Pos2::ZERO));
            ctx.send_viewport_cmd(ViewportCommand::InnerSize(monitor));
        }
    }
}

impl eframe::App for ConsoleApp {
    fn logic(&mut self, ctx: &Context, _frame: &mut eframe::Frame) {
        self.drain(ctx);
        let closing = ctx.input(|input| input.viewport().close_requested());
        if closing && !self.quitting && self.state.running_count() > 0 {
            ctx.send_viewport_cmd(ViewportCommand::CancelClose);
            self.obey(ctx, Command::Quit);
        }
    }

    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        let ctx = ui.ctx().clone();
        self.insist_on_full_screen(&ctx);
        let (picture, epoch) = self.picture(&ctx);
        let took_over = picture.as_ref().is_some_and(|picture| picture.texture.is_none());
        let bar = self.bar(&ctx, picture.is_none());
        let view = RootView::new(&self.state, picture, bar, &self.words);
        self.figures_hidden.store(self.state.full_screen && !bar, Ordering::Relaxed);
        let mut commands = Vec::new();
        if self.state.full_screen && view.is_over() {
            commands.push(Command::FullScreen(false));
        }
        handle_shortcuts(&ctx, &self.state, &mut commands);
        self.placement = None;
        root_ui(ui, &self.words, &view, &mut commands);
        self.toasts.show(&ctx);
        self.chat_window(&ctx, &mut commands);
        let changed = commands.iter().any(|command| !matches!(command, Command::Placed(..)));
        for command in commands {
            self.obey(&ctx, command);
        }
        self.aim(&ctx, epoch);
        self.fill_picture();
        self.settle_picture(&ctx, took_over);
        if changed {
            ctx.request_repaint();
        } else if let Some(millis) = self.state.next_change_millis() {
            ctx.request_repaint_after(Duration::from_millis(millis));
        }
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        self.shared.borrow_mut().is_over = true;
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        visuals.panel_fill.to_normalized_gamma_f32()
    }
}

/// Signs in with what the environment or an earlier start left, and fills in the form for the person otherwise.
fn first_sign_in(
    state: &mut ConsoleState,
    engine: &Technician,
    arguments: &Arguments,
    token: Option<Zeroizing<String>>,
    kept: Option<&KeptSignIn>,
) {
    if let Some(gateway) = &arguments.gateway {
        state.sign_in.gateway.clone_from(gateway);
        state.sign_in.trust = arguments.trust.clone().unwrap_or_default();
        state.sign_in.own_certificate = arguments.trust.is_some();
    }
    let same = arguments
        .gateway
        .as_deref()
        .is_none_or(|gateway| kept.is_some_and(|kept| kept.gateway.trim_end_matches('/') == gateway.trim_end_matches('/')));
    // A token alone belongs to the gateway that was signed in to before, if it can be no other.
    let home = match &arguments.gateway {
        Some(gateway) => Some((gateway.clone(), arguments.trust.clone())),
        None => {
            let settings = &state.settings;
            let of_settings = (
                settings.gateway.as_str(),
                Some(settings.trust.as_str()).filter(|trust| !trust.is_empty()),
            );
            let of_kept = kept.map(|kept| (kept.gateway.as_str(), kept.trust.as_deref()));
            only_gateway(of_kept.into_iter().chain([of_settings]))
        }
    };
    match (token, home) {
        (Some(token), Some((gateway, trust))) => {
            state.sign_in.gateway.clone_from(&gateway);
            state.sign_in.progress = SignInProgress::Asking;
            engine.send(TechnicianCommand::SignIn {
                gateway,
                trust,
                credential: Credential::Token(token),
                remember: false,
            });
        }
        (Some(_), None) => state.sign_in.progress = SignInProgress::TokenWithoutGateway,
        _ if same => {
            state.sign_in.progress = SignInProgress::Remembered;
            engine.send(TechnicianCommand::SignInRemembered);
        }
        _ => {}
    }
}

/// Whether something lies over the picture there.
fn is_covered(ctx: &Context, pos: Option<egui::Pos2>) -> bool {
    let layer = pos.and_then(|pos| ctx.layer_id_at(pos));
    layer.is_some_and(|layer| layer.order != egui::Order::Background)
}

fn chat_viewport() -> ViewportId {
    ViewportId::from_hash_of("farhand-chat")
}

fn load_words(chosen: &str, system: &str) -> Words {
    Words::load(if chosen.is_empty() { system } else { chosen })
}

fn apply_theme(ctx: &Context, choice: ThemeChoice) {
    Theme::prefer(
        ctx,
        match choice {
            ThemeChoice::System => ThemePreference::System,
            ThemeChoice::Light => ThemePreference::Light,
            ThemeChoice::Dark => ThemePreference::Dark,
        },
    );
}

fn read_clock() -> Now {
    let now = chrono::Local::now();
    Now {
        at: Timestamp(now.timestamp_millis()),
        utc_offset_minutes: now.offset().local_minus_utc() / 60,
    }
}
