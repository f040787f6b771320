//! Frames of a peer link's streams, the same at both ends: an outbox that is bounded in messages and in bytes, the task that writes what is in it, and
//! messages read one by one. Nothing is judged here; what a message may do is the business of `host` and `viewer`.
//!
//! ```text
//! say ──► outbox (full: the connection is given up) ──► write ──► stream ──► next ──► message
//! ```

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use farhand_protocol::wire::{FrameReader, Incoming, Message, WireError};
use iroh::endpoint::{Connection, RecvStream, SendStream, VarInt};
use tokio::sync::mpsc;

/// Most messages that wait to be sent, and most bytes of them; a peer that takes none is given up.
const MOST_WAITING: usize = 1024;
const MOST_WAITING_BYTES: usize = 4 << 20;
/// Last words that are not taken in within this time are not waited for.
const LAST_WORDS_WITHIN: Duration = Duration::from_secs(1);
const READ_BYTES: usize = 16 * 1024;

enum Out {
    Frame(Vec<u8>),
    Close,
}

/// What is said to a peer; clones are the same outbox.
#[derive(Clone)]
pub(crate) struct Outbox {
    conn: Connection,
    queue: mpsc::Sender<Out>,
    waiting_bytes: Arc<AtomicUsize>,
}

/// What waits in an [`Outbox`], for [`Waiting::write`].
pub(crate) struct Waiting {
    conn: Connection,
    queue: mpsc::Receiver<Out>,
    bytes: Arc<AtomicUsize>,
}

impl Outbox {
    /// An empty outbox of this connection.
    pub(crate) fn new(conn: Connection) -> (Self, Waiting) {
        let (sender, queue) = mpsc::channel(MOST_WAITING);
        let bytes = Arc::new(AtomicUsize::new(0));
        let waiting = Waiting {
            conn: conn.clone(),
            queue,
            bytes: bytes.clone(),
        };
        let outbox = Self {
            conn,
            queue: sender,
            waiting_bytes: bytes,
        };
        (outbox, waiting)
    }

    /// Says something; a peer that takes none any more loses the connection.
    pub(crate) fn say(&self, message: &impl Message) {
        let frame = message.to_frame();
        let waiting = self.waiting_bytes.fetch_add(frame.len(), Ordering::AcqRel) + frame.len();
        if waiting > MOST_WAITING_BYTES || self.queue.try_send(Out::Frame(frame)).is_err() {
            self.conn.close(VarInt::from_u32(1), b"not listening");
        }
    }

    /// Closes the connection once what was said is through.
    pub(crate) fn close(&self) {
        if self.queue.try_send(Out::Close).is_err() {
            self.conn.close(VarInt::from_u32(0), b"over");
        }
    }
}

impl Waiting {
    /// Writes what is said until the outbox is closed or nobody holds it any more, and closes the connection then.
    pub(crate) async fn write(mut self, mut send: SendStream) {
        while let Some(Out::Frame(frame)) = self.queue.recv().await {
            if send.write_all(&frame).await.is_err() {
                return;
            }
            self.bytes.fetch_sub(frame.len(), Ordering::AcqRel);
        }
        let _ = send.finish();
        let _ = tokio::time::timeout(LAST_WORDS_WITHIN, send.stopped()).await;
        self.conn.close(VarInt::from_u32(0), b"over");
    }
}

/// A stream that frames come in on.
pub(crate) struct FrameStream {
    recv: RecvStream,
    reader: FrameReader,
}

impl FrameStream {
    /// Nothing was read of the stream yet.
    pub(crate) fn new(recv: RecvStream) -> Self {
        Self {
            recv,
            reader: FrameReader::default(),
        }
    }

    /// The next message, or the bytes that are none, after which nothing more makes sense; none at the end of the stream.
    pub(crate) async fn next<M: Message>(&mut self) -> Option<Result<Incoming<M>, WireError>> {
        loop {
            match self.reader.poll_message::<M>() {
                Ok(Some(incoming)) => return Some(Ok(incoming)),
                Ok(None) => {}
                Err(error) => return Some(Err(error)),
            }
            let chunk = self.recv.read_chunk(READ_BYTES).await.ok()??;
            self.reader.handle_bytes(&chunk);
        }
    }
}
