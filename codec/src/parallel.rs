//! Work on many alike things by several threads, where there is enough of it. Threads live for one call: starting one takes far less time than the work
//! that makes it worth while, and nothing stays behind.

use std::num::NonZero;
use std::thread;

/// More threads than this fight for memory rather than share it.
const MOST_THREADS: usize = 4;

/// What `work` makes of `items`, in their order. They are cut into parts of no fewer than `least`, one for each thread; where there are too few for two, the
/// caller does it all.
///
/// # Panics
/// When `work` does.
pub fn in_parts<T: Sync, R: Send>(items: &[T], least: usize, work: impl Fn(&[T]) -> Vec<R> + Sync) -> Vec<R> {
    let parts = items.len() / least.max(1);
    // Most work is small, and asking how many processors there are costs something.
    let parts = if parts < 2 { 1 } else { parts.min(threads()) };
    if parts < 2 {
        return work(items);
    }
    let (first, rest) = items.split_at(items.len() / parts);
    let work = &work;
    thread::scope(|scope| {
        let chunks = rest.chunks(rest.len().div_ceil(parts - 1).max(1));
        let begun: Vec<_> = chunks
            .map(|part| (part, thread::Builder::new().spawn_scoped(scope, move || work(part))))
            .collect();
        let mut made = work(first);
        for (part, other) in begun {
            match other.map(thread::ScopedJoinHandle::join) {
                Ok(Ok(part)) => made.extend(part),
                Ok(Err(panic)) => std::panic::resume_unwind(panic),
                // The system has no thread to give.
                Err(_) => made.extend(work(part)),
            }
        }
        made
    })
}

fn threads() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get).min(MOST_THREADS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_come_back_in_their_order_however_many_there_are() {
        for length in [0, 1, 2, 3, 7, 100, 1001] {
            let items: Vec<usize> = (0..length).collect();
            for least in [0, 1, 3, 500] {
                let made = in_parts(&items, least, |part| part.iter().filter(|at| *at % 3 != 1).copied().collect());
                let expected: Vec<usize> = (0..length).filter(|at| at % 3 != 1).collect();
                assert_eq!(made, expected, "{length} in parts of {least}");
            }
        }
    }
}
