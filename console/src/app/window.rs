//! The window and its event loop: eframe's own handler, with ours before it, because egui folds and swallows keys that must travel.

use std::{
    cell::RefCell,
    rc::Rc,
    time::{Duration, Instant},
};

use eframe::{EframeWinitApplication, UserEvent};
use egui::{Order, ViewportBuilder, pos2, vec2};
use farhand_engine::{platform, technician::TechnicianCommand};
use farhand_protocol::error::{ErrorBody, ErrorCode};
use winit::{
    application::ApplicationHandler,
    event::{DeviceEvent, DeviceId, ElementState, StartCause, WindowEvent},
    event_loop::{ActiveEventLoop, ControlFlow, EventLoop},
    window::WindowId,
};

use super::{ConsoleApp, Shared, Start};

/// Buttons that stand for a wheel on X11: up, down, left, right.
const WHEEL_BUTTONS: std::ops::RangeInclusive<u32> = 4..=7;
/// A wheel event belongs to the button whose release was told this shortly before.
const BELONGS: Duration = Duration::from_millis(100);

/// Runs the console until its window is closed.
///
/// # Errors
/// When there is no display, with what to do; or the engine cannot start.
pub fn run(start: Start) -> Result<(), ErrorBody> {
    // What the window library has to say names its own sources, which helps nobody here.
    let event_loop = EventLoop::<UserEvent>::with_user_event().build().map_err(|error| {
        tracing::debug!(%error, "no event loop");
        platform::no_window()
    })?;
    event_loop.set_control_flow(ControlFlow::Wait);
    let shared = Rc::new(RefCell::new(Shared::default()));
    let options = options(start.arguments.fullscreen, shared.clone());
    let of_app = shared.clone();
    let creator: eframe::AppCreator<'_> = Box::new(move |creation| {
        let app = ConsoleApp::new(creation, start, of_app)?;
        Ok(Box::new(app))
    });
    let inner = eframe::create_native("Farhand", options, creator, &event_loop);
    let mut shell = Shell {
        inner,
        shared,
        has_keyboard: false,
        wheel_button_up: None,
    };
    event_loop
        .run_app(&mut shell)
        .map_err(|error| ErrorBody::new(ErrorCode::Internal, format!("the window failed: {error}")))
}

/// A monitor of which nothing is known, in points.
const SMALL_MONITOR: [f32; 2] = [1280.0, 800.0];
/// What a new window leaves free of the monitor for its own frame and the desktop's bars.
const BESIDE: [f32; 2] = [80.0, 90.0];
/// No new window is larger.
const LARGEST: [f32; 2] = [1440.0, 900.0];

fn options(full_screen: bool, shared: Rc<RefCell<Shared>>) -> eframe::NativeOptions {
    let icon = farhand_assets::app_icon::window_icon();
    let viewport = ViewportBuilder::default()
        .with_title("Farhand")
        .with_app_id("farhand-console")
        .with_icon(icon)
        .with_min_inner_size(vec2(760.0, 480.0));
    let fit: eframe::WindowBuilderHook = Box::new(move |viewport: ViewportBuilder| {
        let size = shared.borrow().monitor_size_px.unwrap_or(SMALL_MONITOR);
        if !full_screen {
            let side = |at: usize| (size[at] - BESIDE[at]).min(LARGEST[at]);
            return viewport.with_inner_size(vec2(side(0), side(1)));
        }
        // A window that shows someone else's screen at once is put over the whole of ours before it is shown.
        viewport
            .with_fullscreen(true)
            .with_decorations(false)
            .with_position(pos2(0.0, 0.0))
            .with_inner_size(vec2(size[0], size[1]))
    });
    // A picture late by a frame is felt; tearing is not.
    let glow_options = eframe::egui_glow::GlowConfiguration {
        vsync: false,
        ..Default::default()
    };
    eframe::NativeOptions {
        viewport,
        window_builder: Some(fit),
        renderer: eframe::Renderer::Glow,
        glow_options,
        // The picture is exact; dithering would not be.
        dithering: false,
        persist_window: false,
        ..eframe::NativeOptions::default()
    }
}

/// eframe's handler with the hands before it.
struct Shell<'a> {
    inner: EframeWinitApplication<'a>,
    shared: Rc<RefCell<Shared>>,
    has_keyboard: bool,
    /// When a button that stands for a wheel came up.
    wheel_button_up: Option<Instant>,
}

impl Shell<'_> {
    /// True for the second half of a notch: winit tells a wheel made of buttons, as virtual and remote desktops have it, both when the
    /// button goes down and when it comes up.
    fn is_half_a_notch(&mut self, event: &WindowEvent) -> bool {
        matches!(event, WindowEvent::MouseWheel { .. }) && self.wheel_button_up.take().is_some_and(|at| at.elapsed() < BELONGS)
    }

    /// What events say about the keyboard: it is given back at once, and where nobody hands it out a press asks for it.
    fn keyboard(&mut self, event: &WindowEvent) {
        match event {
            WindowEvent::Focused(focused) => {
                self.has_keyboard = *focused;
                if !focused {
                    self.shared.borrow_mut().keyboard.give_back();
                }
            }
            WindowEvent::MouseInput {
                state: ElementState::Pressed,
                ..
            } if !self.has_keyboard => self.shared.borrow_mut().keyboard.seek_focus(),
            _ => {}
        }
    }

    /// Keys that the system told us of past the window.
    fn grabbed_keys(&self) {
        let mut shared = self.shared.borrow_mut();
        let shared = &mut *shared;
        while let Some(key) = shared.keyboard.next_key() {
            let session_id = shared.hands.session_id();
            let event = shared.hands.handle_grabbed(key);
            if let (Some(session_id), Some(event), Some(engine)) = (session_id, event, &shared.engine) {
                engine.send(TechnicianCommand::Input { session_id, event });
            }
        }
    }

    /// True when egui must not see the event.
    fn hands(&self, event: &WindowEvent) -> bool {
        let mut shared = self.shared.borrow_mut();
        let shared = &mut *shared;
        let Some(ctx) = shared.ctx.clone() else { return false };
        let scale = ctx.pixels_per_point();
        let covered = |x: f64, y: f64| {
            let layer = ctx.layer_id_at(pos2(x as f32 / scale, y as f32 / scale));
            layer.is_some_and(|layer| layer.order != Order::Background)
        };
        let session_id = shared.hands.session_id();
        let outcome = shared.hands.handle_event(event, covered);
        if let (Some(session_id), Some(engine)) = (session_id, &shared.engine) {
            for event in outcome.send {
                engine.send(TechnicianCommand::Input { session_id, event });
            }
        }
        shared.echo.point(shared.hands.last_sent().filter(|_| shared.hands.is_inside()));
        if let Some(wish) = outcome.wish {
            shared.wishes.push(wish);
            ctx.request_repaint();
        }
        outcome.swallow
    }
}

impl ApplicationHandler<UserEvent> for Shell<'_> {
    fn resumed(&mut self, event_loop: &ActiveEventLoop) {
        let monitor = event_loop.primary_monitor().or_else(|| event_loop.available_monitors().next());
        if let Some(monitor) = monitor {
            let (size, scale) = (monitor.size(), monitor.scale_factor() as f32);
            self.shared.borrow_mut().monitor_size_px = Some([size.width as f32 / scale, size.height as f32 / scale]);
        }
        self.inner.resumed(event_loop);
    }

    fn window_event(&mut self, event_loop: &ActiveEventLoop, window_id: WindowId, event: WindowEvent) {
        // The chat may have a window of its own, where nothing is controlled.
        let main = self.shared.borrow().main_window.is_none_or(|main| main == window_id);
        if self.is_half_a_notch(&event) {
            return;
        }
        if main {
            self.keyboard(&event);
        }
        if !main || !self.hands(&event) {
            self.inner.window_event(event_loop, window_id, event);
        }
    }

    fn new_events(&mut self, event_loop: &ActiveEventLoop, cause: StartCause) {
        self.inner.new_events(event_loop, cause);
    }

    fn user_event(&mut self, event_loop: &ActiveEventLoop, event: UserEvent) {
        self.grabbed_keys();
        self.inner.user_event(event_loop, event);
    }

    fn device_event(&mut self, event_loop: &ActiveEventLoop, device_id: DeviceId, event: DeviceEvent) {
        if let DeviceEvent::Button { button, state } = event
            && WHEEL_BUTTONS.contains(&button)
        {
            self.wheel_button_up = (state == ElementState::Released).then(Instant::now);
        }
        self.inner.device_event(event_loop, device_id, event);
    }

    fn about_to_wait(&mut self, event_loop: &ActiveEventLoop) {
        self.inner.about_to_wait(event_loop);
        if self.shared.borrow().is_over {
            // The wish to destroy the windows may lie unsent, and then no event would ever say that it is carried out.
            event_loop.exit();
        }
    }

    fn suspended(&mut self, event_loop: &ActiveEventLoop) {
        self.inner.suspended(event_loop);
    }

    fn exiting(&mut self, event_loop: &ActiveEventLoop) {
        self.shared.borrow_mut().keyboard.forget_window();
        self.inner.exiting(event_loop);
    }

    fn memory_warning(&mut self, event_loop: &ActiveEventLoop) {
        self.inner.memory_warning(event_loop);
    }
}
