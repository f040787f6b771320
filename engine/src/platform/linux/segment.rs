//! Memory that the X server writes pixels into, or reads them from: passed by file descriptor where the server can
//! (nobody else can open it), else a System V segment of mode 0600, removed from the name space as
//! soon as both sides hold it.

use std::io;
use std::ops::Range;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::ptr::NonNull;

use x11rb::connection::Connection;
use x11rb::protocol::shm::{self, ConnectionExt};
use x11rb::rust_connection::RustConnection;

use super::connection::{Server, XError};

/// How pixels come from the server to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CapturePath {
    /// MIT-SHM, memory passed as a file descriptor.
    SharedDescriptor,
    /// MIT-SHM, a private System V segment.
    SharedSysV,
    /// Over the socket.
    Socket,
}

/// Who writes into shared memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Writer {
    /// The server, pixels that we read.
    Server,
    /// We, pixels that the server reads.
    Us,
}

/// Memory shared with the server, unmapped and detached when dropped.
pub(super) struct Segment {
    pub(super) seg: shm::Seg,
    base: NonNull<u8>,
    len: usize,
    path: CapturePath,
    writer: Writer,
}

// SAFETY: the mapping belongs to this value alone and is reached only through `&self` and `&mut self`.
unsafe impl Send for Segment {}

impl Segment {
    /// Shares `len` bytes by the wanted path.
    pub(super) fn share(server: &Server, len: usize, path: CapturePath, writer: Writer) -> Result<Self, XError> {
        let version = server.conn.shm_query_version()?.reply()?;
        match path {
            CapturePath::SharedDescriptor if (version.major_version, version.minor_version) >= (1, 2) => {
                Self::by_descriptor(&server.conn, len, writer)
            }
            CapturePath::SharedSysV => Self::by_sysv(&server.conn, len, writer),
            _ => Err(XError::Refused("shared memory by this path".to_owned())),
        }
    }

    fn by_descriptor(conn: &RustConnection, len: usize, writer: Writer) -> Result<Self, XError> {
        let fd = sealed_memory(len).map_err(refused)?;
        let access = libc::PROT_READ | if writer == Writer::Us { libc::PROT_WRITE } else { 0 };
        // SAFETY: a fresh shared mapping of a descriptor of at least `len` bytes; no address is asked for.
        let base = unsafe { libc::mmap(std::ptr::null_mut(), len, access, libc::MAP_SHARED, fd.as_raw_fd(), 0) };
        if base == libc::MAP_FAILED {
            return Err(refused(io::Error::last_os_error()));
        }
        let base = NonNull::new(base.cast()).ok_or_else(|| XError::Refused("a null mapping".to_owned()))?;
        let seg = conn.generate_id()?;
        let segment = Self {
            seg,
            base,
            len,
            path: CapturePath::SharedDescriptor,
            writer,
        };
        conn.shm_attach_fd(seg, fd, writer == Writer::Us)?.check()?;
        Ok(segment)
    }

    fn by_sysv(conn: &RustConnection, len: usize, writer: Writer) -> Result<Self, XError> {
        // SAFETY: takes integers, returns an identifier or -1. Mode 0600: no other user may attach.
        let id = unsafe { libc::shmget(libc::IPC_PRIVATE, len, libc::IPC_CREAT | 0o600) };
        if id < 0 {
            return Err(refused(io::Error::last_os_error()));
        }
        let access = if writer == Writer::Us { 0 } else { libc::SHM_RDONLY };
        // SAFETY: the identifier is ours, no address is asked for.
        let base = unsafe { libc::shmat(id, std::ptr::null(), access) };
        let attached = if base as isize == -1 {
            Err(refused(io::Error::last_os_error()))
        } else {
            attach_sysv(conn, id, writer)
        };
        // SAFETY: marks the identifier for removal; the mappings stay until detached.
        unsafe { libc::shmctl(id, libc::IPC_RMID, std::ptr::null_mut()) };
        match (attached, NonNull::new(base.cast())) {
            (Ok(seg), Some(base)) => Ok(Self {
                seg,
                base,
                len,
                path: CapturePath::SharedSysV,
                writer,
            }),
            (Err(e), _) => Err(e),
            (_, None) => Err(XError::Refused("a null mapping".to_owned())),
        }
    }

    /// A part of the bytes as the server last wrote it, empty beyond the end. Read only after the reply that says it has, and never while another
    /// request for it is under way.
    pub(super) fn bytes(&self, part: Range<usize>) -> &[u8] {
        if part.start > part.end || part.end > self.len {
            return &[];
        }
        // SAFETY: the part lies within the mapping, which is `len` readable bytes for the life of `self`; the server writes it only
        // between a request and its reply, while no slice of it is held.
        unsafe { std::slice::from_raw_parts(self.base.as_ptr().add(part.start), part.len()) }
    }

    /// The bytes to write, empty in memory that the server writes. What the server was told to read is not to be written until a reply says that it
    /// has.
    pub(super) fn bytes_mut(&mut self) -> &mut [u8] {
        if self.writer == Writer::Server {
            return &mut [];
        }
        // SAFETY: the mapping is `len` bytes, readable and writable, for the life of `self`, borrowed exclusively; the server only reads.
        unsafe { std::slice::from_raw_parts_mut(self.base.as_ptr(), self.len) }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Tells the server to let go.
    pub(super) fn detach(self, conn: &RustConnection) {
        if let Ok(cookie) = conn.shm_detach(self.seg) {
            cookie.ignore_error();
        }
    }
}

impl Drop for Segment {
    fn drop(&mut self) {
        match self.path {
            // SAFETY: unmaps exactly what was mapped; no slice outlives `self`.
            CapturePath::SharedDescriptor => unsafe {
                libc::munmap(self.base.as_ptr().cast(), self.len);
            },
            // SAFETY: detaches exactly what was attached; no slice outlives `self`.
            _ => unsafe {
                libc::shmdt(self.base.as_ptr().cast());
            },
        }
    }
}

fn attach_sysv(conn: &RustConnection, id: i32, writer: Writer) -> Result<shm::Seg, XError> {
    let seg = conn.generate_id()?;
    conn.shm_attach(seg, id as u32, writer == Writer::Us)?.check()?;
    Ok(seg)
}

/// Anonymous memory whose size nobody can change any more, so that no side can fault the other.
fn sealed_memory(len: usize) -> io::Result<OwnedFd> {
    // SAFETY: the name is a terminated string constant.
    let fd = unsafe { libc::memfd_create(c"screen".as_ptr(), libc::MFD_CLOEXEC | libc::MFD_ALLOW_SEALING) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: `fd` was returned just now and belongs to nobody else.
    let fd = unsafe { OwnedFd::from_raw_fd(fd) };
    let size = i64::try_from(len).map_err(io::Error::other)?;
    // SAFETY: the descriptor is ours.
    if unsafe { libc::ftruncate(fd.as_raw_fd(), size) } != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the descriptor is ours; a kernel that cannot seal leaves it unsealed, which is no worse.
    unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_ADD_SEALS, libc::F_SEAL_SHRINK | libc::F_SEAL_GROW) };
    Ok(fd)
}

fn refused(error: io::Error) -> XError {
    XError::Refused(error.to_string())
}
