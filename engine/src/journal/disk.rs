//! The thread on which a program's own files are written, in the order they were handed over. A disk that takes its time holds up what waits for
//! the disk, and nothing else: no link, no right that is taken back, no picture ever waits here.
//!
//! Its queue is bounded by those who fill it: lines that a peer causes hold the peer's place until they are written (see `host::Place`).

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::mpsc,
    time::Duration,
};

use farhand_protocol::error::{ErrorBody, ErrorCode};

type Job = Box<dyn FnOnce() + Send>;

/// The way to the thread; clones are the same thread. It ends, everything done, with the last of them.
#[derive(Debug, Clone)]
pub struct Disk {
    jobs: mpsc::Sender<Job>,
}

impl Disk {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system has no thread to give.
    pub fn start() -> Result<Self, ErrorBody> {
        let (jobs, queue) = mpsc::channel::<Job>();
        let run = move || {
            for job in queue {
                // One job that fails must not keep the next line from the disk.
                if catch_unwind(AssertUnwindSafe(job)).is_err() {
                    tracing::error!("a write to disk broke off");
                }
            }
        };
        std::thread::Builder::new()
            .name("farhand-disk".into())
            .spawn(run)
            .map_err(|e| ErrorBody::new(ErrorCode::Internal, e.to_string()))?;
        Ok(Self { jobs })
    }

    /// Does it after everything handed over before; never blocks.
    pub fn run(&self, job: impl FnOnce() + Send + 'static) {
        // The thread outlives every handle.
        let _ = self.jobs.send(Box::new(job));
    }

    /// Does it after everything handed over before, and answers.
    ///
    /// # Errors
    /// `internal` when the job broke off.
    pub async fn call<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> Result<T, ErrorBody> {
        let (answer, answered) = tokio::sync::oneshot::channel();
        self.run(move || {
            let _ = answer.send(job());
        });
        answered
            .await
            .map_err(|_| ErrorBody::new(ErrorCode::Internal, "a write to disk broke off"))
    }

    /// Waits until everything handed over is done, at most so long; blocks, so it is for the end of a program.
    pub fn settle(&self, within: Duration) {
        let (done, is_done) = mpsc::channel();
        self.run(move || {
            let _ = done.send(());
        });
        let _ = is_done.recv_timeout(within);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn jobs_are_done_in_order_and_one_that_breaks_off_holds_up_no_other() {
        let disk = Disk::start().unwrap();
        let (tell, told) = mpsc::channel();
        for n in 0..3 {
            let tell = tell.clone();
            disk.run(move || tell.send(n).unwrap());
            disk.run(|| panic!("on purpose"));
        }
        assert!(disk.call(|| -> u8 { panic!("on purpose") }).await.is_err());
        assert_eq!(disk.call(|| 7).await.unwrap(), 7);
        assert_eq!(told.try_iter().collect::<Vec<_>>(), [0, 1, 2]);
    }
}
