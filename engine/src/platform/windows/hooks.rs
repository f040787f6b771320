//! Hearing the person at the machine through low-level hooks, which say of each event whether some
//! program injected it (APP-36, APP-41, APP-42). Hooks have no argument of their own, so what they
//! tell lives in the thread that runs them.

use std::cell::RefCell;
use std::ptr::null_mut;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use windows_sys::Win32::Foundation::{LPARAM, LRESULT, WPARAM};
use windows_sys::Win32::System::LibraryLoader::GetModuleHandleW;
use windows_sys::Win32::System::Threading::GetCurrentThreadId;
use windows_sys::Win32::UI::Input::KeyboardAndMouse::{
    VK_CANCEL, VK_CONTROL, VK_LCONTROL, VK_LMENU, VK_LSHIFT, VK_MENU, VK_PAUSE, VK_RCONTROL, VK_RMENU, VK_RSHIFT, VK_SHIFT, VK_X,
};
use windows_sys::Win32::UI::WindowsAndMessaging::{
    CallNextHookEx, GetMessageW, HHOOK, KBDLLHOOKSTRUCT, LLKHF_INJECTED, LLKHF_UP, LLMHF_INJECTED, MSG, MSLLHOOKSTRUCT, PM_NOREMOVE,
    PeekMessageW, PostThreadMessageW, SetWindowsHookExW, UnhookWindowsHookEx, WH_KEYBOARD_LL, WH_MOUSE_LL, WM_QUIT,
};

use crate::platform::keys::ChordHeld;
use crate::platform::{InputError, LocalInput, LocalInputWatch};

thread_local! {
    static LISTENER: RefCell<Option<Listener>> = const { RefCell::new(None) };
}

/// A thread with hooks, until this is dropped.
pub(super) struct HookWatch {
    thread_id: u32,
    thread: Option<JoinHandle<()>>,
}

struct Listener {
    on: Box<dyn Fn(LocalInput) + Send>,
    stop_key: bool,
    held: ChordHeld,
}

impl HookWatch {
    pub(super) fn start(on: Box<dyn Fn(LocalInput) + Send>, stop_key: bool) -> Result<Self, InputError> {
        let (started, first) = mpsc::sync_channel(1);
        let run = move || {
            LISTENER.set(Some(Listener {
                on,
                stop_key,
                held: ChordHeld::default(),
            }));
            let mut message = MSG::default();
            // SAFETY: makes the message queue, so that the quit message below finds one.
            unsafe { PeekMessageW(&raw mut message, null_mut(), 0, 0, PM_NOREMOVE) };
            let hooks = [hook(WH_KEYBOARD_LL, keyboard), hook(WH_MOUSE_LL, mouse)];
            // SAFETY: takes nothing.
            let thread_id = unsafe { GetCurrentThreadId() };
            let works = hooks.iter().all(|hook| !hook.is_null());
            if started.send(works.then_some(thread_id)).is_ok() && works {
                let ended = loop {
                    // SAFETY: the message is writable; hooks run inside this call.
                    let more = unsafe { GetMessageW(&raw mut message, null_mut(), 0, 0) };
                    if more <= 0 {
                        break more;
                    }
                };
                // Zero is the end that our own drop asked for; anything else must not pass in silence.
                if ended < 0 {
                    tell(|listener| (listener.on)(LocalInput::Lost));
                }
            }
            for hook in hooks {
                // SAFETY: null or made by this thread; removing null fails harmlessly.
                unsafe { UnhookWindowsHookEx(hook) };
            }
        };
        let thread = thread::Builder::new()
            .name("local-input".to_owned())
            .spawn(run)
            .map_err(|e| InputError::NoDisplay(e.to_string()))?;
        match first.recv() {
            Ok(Some(thread_id)) => Ok(Self {
                thread_id,
                thread: Some(thread),
            }),
            _ => Err(InputError::Missing("low-level hooks")),
        }
    }
}

impl LocalInputWatch for HookWatch {}

impl Drop for HookWatch {
    fn drop(&mut self) {
        // SAFETY: takes integers; a thread that has ended makes it fail harmlessly.
        unsafe { PostThreadMessageW(self.thread_id, WM_QUIT, 0, 0) };
        if let Some(thread) = self.thread.take().filter(|t| t.thread().id() != thread::current().id()) {
            let _ = thread.join();
        }
    }
}

fn hook(kind: i32, procedure: unsafe extern "system" fn(i32, WPARAM, LPARAM) -> LRESULT) -> HHOOK {
    // SAFETY: a null name is this module; a low-level hook for all threads runs on the one that sets it.
    unsafe { SetWindowsHookExW(kind, Some(procedure), GetModuleHandleW(std::ptr::null()), 0) }
}

unsafe extern "system" fn keyboard(code: i32, what: WPARAM, data: LPARAM) -> LRESULT {
    if code >= 0 {
        // SAFETY: for this hook and a code from zero on, Windows passes this structure.
        let event = unsafe { &*(data as *const KBDLLHOOKSTRUCT) };
        if event.flags & LLKHF_INJECTED == 0 {
            tell(|listener| listener.handle_key(event.vkCode as u16, event.flags & LLKHF_UP == 0));
        }
    }
    // SAFETY: hands on what came.
    unsafe { CallNextHookEx(null_mut(), code, what, data) }
}

unsafe extern "system" fn mouse(code: i32, what: WPARAM, data: LPARAM) -> LRESULT {
    if code >= 0 {
        // SAFETY: for this hook and a code from zero on, Windows passes this structure.
        let event = unsafe { &*(data as *const MSLLHOOKSTRUCT) };
        if event.flags & LLMHF_INJECTED == 0 {
            tell(|listener| (listener.on)(LocalInput::Activity));
        }
    }
    // SAFETY: hands on what came.
    unsafe { CallNextHookEx(null_mut(), code, what, data) }
}

fn tell(act: impl FnOnce(&mut Listener)) {
    LISTENER.with(|cell| {
        // A callback that pumps messages could come back here; then the outer call is enough.
        if let Ok(mut listener) = cell.try_borrow_mut()
            && let Some(listener) = listener.as_mut()
        {
            act(listener);
        }
    });
}

impl Listener {
    fn handle_key(&mut self, key: u16, down: bool) {
        match key {
            VK_CONTROL | VK_LCONTROL | VK_RCONTROL => self.held.control = down,
            VK_MENU | VK_LMENU | VK_RMENU => self.held.alt = down,
            VK_SHIFT | VK_LSHIFT | VK_RSHIFT => self.held.shift = down,
            _ => {}
        }
        if !down {
            return;
        }
        // Ctrl+Pause comes as VK_CANCEL.
        let stops = matches!(key, VK_PAUSE | VK_CANCEL) || (key == VK_X && self.held.is_complete());
        if stops && self.stop_key {
            (self.on)(LocalInput::Stop);
        }
        (self.on)(LocalInput::Activity);
    }
}
