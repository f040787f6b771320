//! Work on many alike things by several threads, where there is enough of it. Threads live for one call: starting one takes far less time than the work
//! that makes it worth while, and nothing stays behind.

use std::num::NonZero;
use std::sync::{Mutex, PoisonError};
use std::thread;

/// More threads than this fight for memory rather than share it.
const MOST_THREADS: usize = 4;

/// What `work` makes of `items`, in their order. They are cut into parts of `least` and more (but for the last), one for each thread; where there are too few
/// for two, the caller does it all.
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
    let made = each(items.chunks(items.len().div_ceil(parts)).collect(), work).into_iter();
    let all = made.reduce(|mut all, part| {
        all.extend(part);
        all
    });
    all.unwrap_or_default()
}

/// What `work` makes of each of a few large things, one thread for each but the first, which the caller does.
///
/// # Panics
/// When `work` does.
pub fn each<T: Send, R: Send>(items: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let slots: Vec<Mutex<Option<T>>> = items.into_iter().map(|item| Mutex::new(Some(item))).collect();
    let take = |slot: &Mutex<Option<T>>| slot.lock().unwrap_or_else(PoisonError::into_inner).take().map(&work);
    let take = &take;
    thread::scope(|scope| {
        let mut others = slots.iter();
        let first = others.next();
        let begun: Vec<_> = others.map(|slot| (slot, named().spawn_scoped(scope, move || take(slot)))).collect();
        let mut made: Vec<R> = first.and_then(take).into_iter().collect();
        for (slot, other) in begun {
            match other.map(thread::ScopedJoinHandle::join) {
                Ok(Ok(one)) => made.extend(one),
                Ok(Err(panic)) => std::panic::resume_unwind(panic),
                // The system has no thread to give.
                Err(_) => made.extend(take(slot)),
            }
        }
        made
    })
}

fn named() -> thread::Builder {
    thread::Builder::new().name("farhand-part".into())
}

/// So many threads are worth it for large work.
pub fn threads() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get).min(MOST_THREADS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_thing_is_done_once_and_in_its_place() {
        for length in 0..5 {
            let made = each((0..length).collect(), |item: usize| item * 2);
            assert_eq!(made, (0..length).map(|item| item * 2).collect::<Vec<_>>());
        }
    }

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
