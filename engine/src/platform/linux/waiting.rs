//! Waiting without polling: an event descriptor that any thread may signal, and `poll(2)` over it
//! and the X connection.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::time::Duration;

/// A signal that stays raised until taken.
#[derive(Debug)]
pub(super) struct Signal {
    fd: OwnedFd,
}

impl Signal {
    pub(super) fn new() -> io::Result<Self> {
        // SAFETY: `eventfd` takes two integers and returns a new descriptor or -1.
        let fd = unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: `fd` was returned just now and belongs to nobody else.
        let fd = unsafe { OwnedFd::from_raw_fd(fd) };
        Ok(Self { fd })
    }

    /// Raises the signal; a full counter means that it is raised already.
    pub(super) fn raise(&self) {
        let one = 1u64.to_ne_bytes();
        // SAFETY: the buffer is eight readable bytes and the descriptor is ours.
        let _ = unsafe { libc::write(self.fd.as_raw_fd(), one.as_ptr().cast(), one.len()) };
    }

    /// Lowers the signal; true when it was raised.
    pub(super) fn take(&self) -> bool {
        let mut count = [0u8; 8];
        // SAFETY: the buffer is eight writable bytes and the descriptor is ours.
        let read = unsafe { libc::read(self.fd.as_raw_fd(), count.as_mut_ptr().cast(), count.len()) };
        read == count.len() as isize
    }
}

/// Blocks until `fd` is readable, the signal is raised, or `timeout` is over (none waits for ever).
pub(super) fn wait_readable(fd: BorrowedFd<'_>, signal: &Signal, timeout: Option<Duration>) -> io::Result<()> {
    let entry = |fd| libc::pollfd {
        fd,
        events: libc::POLLIN,
        revents: 0,
    };
    let mut entries = [entry(fd.as_raw_fd()), entry(signal.fd.as_raw_fd())];
    let millis = timeout.map_or(-1, |t| t.as_nanos().div_ceil(1_000_000).min(i32::MAX as u128) as i32);
    // SAFETY: `entries` is a writable array of exactly the length given, alive for the call.
    let ready = unsafe { libc::poll(entries.as_mut_ptr(), entries.len() as libc::nfds_t, millis) };
    if ready >= 0 {
        return Ok(());
    }
    match io::Error::last_os_error() {
        e if e.kind() == io::ErrorKind::Interrupted => Ok(()),
        e => Err(e),
    }
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd;
    use std::time::Instant;

    use super::*;

    #[test]
    fn a_raised_signal_ends_the_wait_and_is_taken_once() {
        let (never, _writer) = io::pipe().unwrap();
        let signal = Signal::new().unwrap();
        signal.raise();
        signal.raise();
        let start = Instant::now();
        wait_readable(never.as_fd(), &signal, Some(Duration::from_secs(20))).unwrap();
        assert!(start.elapsed() < Duration::from_secs(5));
        assert!(signal.take());
        assert!(!signal.take());
    }
}
