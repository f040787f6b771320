//! Keeping Windows awake: an execution state belongs to a thread, so a thread holds it.

use std::sync::mpsc;
use std::thread;

use windows_sys::Win32::System::Power::{ES_CONTINUOUS, ES_DISPLAY_REQUIRED, ES_SYSTEM_REQUIRED, SetThreadExecutionState};

use crate::platform::{WakeError, WakeLock};

/// Sleep, screen and with it the lock by idleness are held off until this is dropped.
pub(super) struct ExecutionState {
    _release: mpsc::Sender<()>,
}

impl ExecutionState {
    pub(super) fn hold() -> Result<Self, WakeError> {
        let (release, released) = mpsc::channel::<()>();
        let (tell, told) = mpsc::sync_channel(1);
        let run = move || {
            // SAFETY: takes flags; zero means that it was refused.
            let before = unsafe { SetThreadExecutionState(ES_CONTINUOUS | ES_SYSTEM_REQUIRED | ES_DISPLAY_REQUIRED) };
            if tell.send(before != 0).is_ok() {
                let _ = released.recv();
            }
            // SAFETY: as above.
            unsafe { SetThreadExecutionState(ES_CONTINUOUS) };
        };
        thread::Builder::new()
            .name("wake-lock".to_owned())
            .spawn(run)
            .map_err(|e| WakeError(e.to_string()))?;
        match told.recv() {
            Ok(true) => Ok(Self { _release: release }),
            _ => Err(WakeError("Windows refused the execution state".to_owned())),
        }
    }
}

impl WakeLock for ExecutionState {}
