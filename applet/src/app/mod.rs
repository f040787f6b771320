//! The window: drains the engine's events into the state, draws the page, carries out what the customer did, and keeps the bar on top while
//! anyone watches. It repaints when something happened and not before.

mod placing;
mod row;

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    time::Duration,
};

use egui::{Context, Pos2, Ui, Vec2, ViewportBuilder, ViewportCommand, ViewportId};
use farhand_assets::{Size, Theme, Words, app_icon};
use farhand_engine::{
    customer::{Customer, CustomerCommand, CustomerConfig, CustomerEvent, screen_state},
    folders::Folders,
    platform::{self, FocusOutcome},
};
use farhand_protocol::{
    code::Invitation,
    error::{ErrorBody, ErrorCode},
    geometry::Rect,
    peer::ScreenState,
};
use raw_window_handle::HasWindowHandle as _;

use self::{
    placing::{BarNeeds, Framed, fitting},
    row::Row,
};
use crate::{
    args::Args,
    model::{Act, AppletState, Closing, Page},
    ui::{BarView, applet_ui, bar_size, bar_ui, receipt_words},
};

/// Room for a question about everything, read at one look.
const WINDOW: [f32; 2] = [400.0, 720.0];
const SMALLEST: [f32; 2] = [320.0, 480.0];
/// How long the window may take to be seen.
const APPEAR_SECONDS: f64 = 5.0;
/// While a question is open its clock moves this often.
const QUESTION_TICK: Duration = Duration::from_secs(30);

/// The applet's window and what stands behind it.
pub struct App {
    state: AppletState,
    words: Arc<Words>,
    engine: Customer,
    events: mpsc::Receiver<CustomerEvent>,
    bar_shown: Option<BarView>,
    /// Where the bar stands, and what for.
    bar_at: Option<(BarNeeds, Pos2)>,
    /// The row that the bars of other applets leave to this one's.
    row: Row,
    /// The monitor that the window was put on last.
    stayed_on: Option<Rect>,
    receipts: PathBuf,
    /// The keyboard is still to be asked for, where no window manager hands it out.
    seeks_focus: bool,
    /// The window was measured against its monitor.
    is_fitted: bool,
}

/// Opens the window and runs until it is closed; true when a session was joined and is over.
///
/// # Errors
/// When no window can be opened; the message says what to do.
pub fn run(args: &Args, config: CustomerConfig, code: Option<String>, locale: &str) -> Result<bool, ErrorBody> {
    let words = Arc::new(Words::load(locale));
    let title = words.text("applet-window-title");
    let options = eframe::NativeOptions {
        viewport: ViewportBuilder::default()
            .with_title(&title)
            .with_app_id("farhand-applet")
            .with_inner_size(WINDOW)
            .with_min_inner_size(SMALLEST)
            .with_icon(app_icon::window_icon()),
        // A frame is drawn when something happened; waiting for the display would only make it later.
        glow_options: eframe::egui_glow::GlowConfiguration {
            vsync: false,
            ..Default::default()
        },
        ..Default::default()
    };
    let args = args.clone();
    let ended = Arc::new(AtomicBool::new(false));
    let told = ended.clone();
    let create = move |cc: &eframe::CreationContext<'_>| -> Result<Box<dyn eframe::App>, Box<dyn std::error::Error + Send + Sync>> {
        Theme::install_with(&cc.egui_ctx, Size::Comfortable);
        Ok(Box::new(App::new(&cc.egui_ctx, &args, config, code, words, told)?))
    };
    eframe::run_native(&title, options, Box::new(create)).map_err(|error| {
        // What the window library has to say names its own sources, which helps nobody here.
        tracing::debug!(%error, "no window");
        match error {
            eframe::Error::Winit(_) | eframe::Error::WinitEventLoop(_) => {
                let error = platform::no_window();
                ErrorBody {
                    message: format!("{}, or give --no-window", error.message),
                    ..error
                }
            }
            other => ErrorBody::new(ErrorCode::ScreenUnavailable, format!("no window can be opened: {other}")),
        }
    })?;
    Ok(ended.load(Ordering::Relaxed))
}

impl App {
    fn new(
        ctx: &Context,
        args: &Args,
        config: CustomerConfig,
        code: Option<String>,
        words: Arc<Words>,
        ended: Arc<AtomicBool>,
    ) -> Result<Self, ErrorBody> {
        let (sender, events) = mpsc::channel();
        let repaint = ctx.clone();
        let receipts = receipts_folder(&config.folders);
        // Now and not with the bar: a disk that hangs must not keep STOP from the screen.
        let row = Row::take(&config.folders);
        let no_screen = match screen_state(config.platform.as_ref()) {
            ScreenState::Unavailable(error) => Some(error),
            ScreenState::Shown | ScreenState::Locked => None,
        };
        let engine = Customer::start(
            config,
            Arc::new(move |event| {
                if matches!(event, CustomerEvent::Ended { .. }) {
                    ended.store(true, Ordering::Relaxed);
                }
                let _ = sender.send(event);
                repaint.request_repaint();
            }),
        )?;
        let mut state = AppletState {
            code: code.as_deref().map(as_typed).unwrap_or_default(),
            gateway: args.gateway.clone().unwrap_or_default(),
            trust: args.trust.clone().unwrap_or_default(),
            no_screen,
            ..AppletState::default()
        };
        if let Some(code) = code {
            state.progress = Some("applet-progress-gateway");
            engine.send(CustomerCommand::Join {
                gateway: args.gateway.clone(),
                trust: args.trust.clone(),
                code,
            });
        } else {
            engine.send(CustomerCommand::Resume);
        }
        Ok(Self {
            state,
            words,
            engine,
            events,
            bar_shown: None,
            bar_at: None,
            row,
            stayed_on: None,
            receipts,
            seeks_focus: true,
            is_fitted: false,
        })
    }

    fn carry_out(&mut self, act: Act, ctx: &Context) {
        match act {
            Act::Connect => {
                let typed = |text: &str| Some(text.trim().to_owned()).filter(|t| !t.is_empty());
                self.state.progress = Some("applet-progress-gateway");
                self.engine.send(CustomerCommand::Join {
                    gateway: typed(&self.state.gateway),
                    trust: typed(&self.state.trust),
                    code: self.state.code.clone(),
                });
            }
            Act::AcceptTerms => {
                self.state.page = Page::Waiting;
                self.engine.send(CustomerCommand::AcceptTerms);
            }
            Act::DeclineTerms => self.engine.send(CustomerCommand::DeclineTerms),
            Act::Answer(request_id, allowed) => self.engine.send(CustomerCommand::Answer { request_id, allowed }),
            Act::Send => {
                let text = std::mem::take(&mut self.state.draft);
                self.engine.send(CustomerCommand::Chat(text.trim().to_owned()));
            }
            Act::Stop => self.engine.stop(),
            Act::AskEnd => self.state.asks_end = true,
            Act::KeepOn => self.state.asks_end = false,
            Act::End => self.engine.send(CustomerCommand::End),
            Act::SaveReceipt => {
                let number = self.state.session.as_ref().map_or("session", |s| s.number.as_str());
                let path = self.receipts.join(format!("farhand-receipt-{number}.txt"));
                let words = receipt_words(&self.state, &self.words);
                self.engine.send(CustomerCommand::SaveReceipt { path, words });
            }
            Act::Quit => ctx.send_viewport_cmd(ViewportCommand::Close),
            Act::Dismiss => self.state.failure = None,
        }
    }

    /// On a desktop without a window manager nobody gives the window the keyboard, and nothing could be typed.
    fn seek_focus(&mut self, ctx: &Context, frame: &eframe::Frame, now: f64) {
        if !self.seeks_focus {
            return;
        }
        let Ok(window) = frame.window_handle() else { return };
        let outcome = platform::current().focus_unmanaged(window.as_raw());
        self.seeks_focus = matches!(outcome, Ok(FocusOutcome::NotYet)) && now < APPEAR_SECONDS;
        if self.seeks_focus {
            ctx.request_repaint_after(Duration::from_millis(100));
        }
    }

    /// The first monitor in points: as the session sees it, which follows every change, else as the window was told.
    fn screen(&self, ctx: &Context) -> egui::Rect {
        let Some(area) = self.state.monitor else {
            let size = ctx.input(|i| i.viewport().monitor_size).unwrap_or(egui::vec2(1280.0, 720.0));
            return egui::Rect::from_min_size(Pos2::ZERO, size);
        };
        let scale = ctx.pixels_per_point();
        let corner = egui::pos2(area.x as f32, area.y as f32) / scale;
        egui::Rect::from_min_size(corner, egui::vec2(area.width as f32, area.height as f32) / scale)
    }

    /// A monitor that shrank or went must not take the window, and STOP in it, along.
    fn stay_on_screen(&mut self, ctx: &Context) {
        let monitor = self.state.monitor;
        if self.stayed_on == monitor {
            return;
        }
        self.stayed_on = monitor;
        let Some(window) = framed(ctx) else { return };
        let (corner, size) = window.kept_on(self.screen(ctx));
        if size != window.inner.size() {
            ctx.send_viewport_cmd(ViewportCommand::InnerSize(size));
        }
        if corner != window.outer.min {
            ctx.send_viewport_cmd(ViewportCommand::OuterPosition(corner));
        }
    }

    /// A new window leaves room on its monitor for its own frame and the desktop's bars.
    fn fit_monitor(&mut self, ctx: &Context, now: f64) {
        if self.is_fitted || now > APPEAR_SECONDS {
            return;
        }
        let Some(monitor) = ctx.input(|i| i.viewport().monitor_size) else {
            return;
        };
        self.is_fitted = true;
        let wanted = Vec2::from(WINDOW);
        let size = fitting(wanted, Vec2::from(SMALLEST), monitor);
        if size != wanted {
            ctx.send_viewport_cmd(ViewportCommand::InnerSize(size));
        }
    }

    /// Closing the window asks first about what would be lost (APP-40); the question is to be seen.
    fn close(&mut self, ctx: &Context) {
        let closing = self.state.handle_close();
        if closing == Closing::Now {
            return;
        }
        ctx.send_viewport_cmd(ViewportCommand::CancelClose);
        ctx.send_viewport_cmd(ViewportCommand::Minimized(false));
        ctx.send_viewport_cmd(ViewportCommand::Focus);
        if closing == Closing::Declined {
            self.carry_out(Act::DeclineTerms, ctx);
        }
    }

    /// The bar is a window of its own, above all others and outside the window manager's care, so that nothing covers STOP.
    fn show_bar(&mut self, ctx: &Context) {
        let view = BarView::of(&self.state, &self.words);
        let id = ViewportId::from_hash_of("farhand-bar");
        // A window of its own is painted for reasons of its own: what it says must not stay behind what is.
        if self.bar_shown != view {
            self.bar_shown.clone_from(&view);
            ctx.request_repaint_of(id);
        }
        let Some(view) = view else {
            self.bar_at = None;
            return;
        };
        // Straight to the host: STOP waits for no other window.
        let stop = self.engine.stop_switch();
        let screen = self.screen(ctx);
        let size = bar_size(ctx, &view, screen.width());
        let row = self.row.number();
        let needs = BarNeeds { size, screen, row };
        let stands = self.bar_at.filter(|(before, _)| *before == needs).map(|(_, at)| at);
        let corner = needs.corner(framed(ctx), stands);
        self.bar_at = Some((needs, corner));
        let builder = ViewportBuilder::default()
            .with_title(self.words.text("applet-bar-title"))
            .with_app_id("farhand-applet-bar")
            .with_inner_size(size)
            .with_position(corner)
            .with_decorations(false)
            .with_resizable(false)
            .with_taskbar(false)
            .with_active(false)
            .with_always_on_top()
            .with_override_redirect(true);
        ctx.show_viewport_deferred(id, builder, move |ui, _class| {
            if bar_ui(ui, &view) {
                stop.stop();
            }
        });
    }
}

impl eframe::App for App {
    fn logic(&mut self, ctx: &Context, frame: &mut eframe::Frame) {
        let now = ctx.input(|i| i.time);
        self.fit_monitor(ctx, now);
        self.seek_focus(ctx, frame, now);
        let was_watched = self.state.is_watched();
        self.state.utc_offset_minutes = chrono::Local::now().offset().local_minus_utc() / 60;
        while let Ok(event) = self.events.try_recv() {
            if matches!(event, CustomerEvent::ConsentAsked { .. }) {
                ctx.send_viewport_cmd(ViewportCommand::Minimized(false));
                ctx.send_viewport_cmd(ViewportCommand::RequestUserAttention(egui::UserAttentionType::Critical));
                ctx.send_viewport_cmd(ViewportCommand::Focus);
            }
            self.state.handle_event(event, now);
        }
        if !self.state.questions.is_empty() {
            ctx.request_repaint_after(QUESTION_TICK);
        }
        if was_watched != self.state.is_watched() {
            ctx.request_repaint();
        }
        if self.state.is_declined() {
            ctx.send_viewport_cmd(ViewportCommand::Close);
        }
        self.stay_on_screen(ctx);
        if ctx.input(|i| i.viewport().close_requested()) {
            self.close(ctx);
        }
        self.show_bar(ctx);
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        let now = ui.ctx().input(|i| i.time);
        let mut acts = Vec::new();
        applet_ui(ui, &mut self.state, &self.words, now, &mut acts);
        let ctx = ui.ctx().clone();
        for act in acts {
            self.carry_out(act, &ctx);
        }
    }
}

/// The applet's own window; none where the desktop does not say where it is.
fn framed(ctx: &Context) -> Option<Framed> {
    ctx.input(|i| {
        let window = i.viewport();
        Some(Framed {
            outer: window.outer_rect?,
            inner: window.inner_rect?,
        })
    })
}

/// What a person would have typed or pasted for this code: the link of a download's name, all else as it is.
fn as_typed(code: &str) -> String {
    Invitation::parse(code).map_or_else(|_| code.to_owned(), |invitation| invitation.link())
}

/// Where receipts go: the user's home, else the applet's own state.
fn receipts_folder(folders: &Folders) -> PathBuf {
    std::env::var_os("HOME")
        .or_else(|| std::env::var_os("USERPROFILE"))
        .map_or_else(|| folders.state.clone(), PathBuf::from)
}
