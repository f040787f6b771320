//! The order in which copies may be carried out: a copy must have read its source before another one paints there.

use super::Copy;

/// The copies in an order in which none overwrites what a later one reads, and those for which there is no such place (two
/// windows that changed places, say); the smallest of a circle are left out.
pub(super) fn in_safe_order(copies: Vec<Copy>) -> (Vec<Copy>, Vec<Copy>) {
    let (mut ordered, mut dropped) = (Vec::with_capacity(copies.len()), Vec::new());
    let mut waiting = copies;
    while !waiting.is_empty() {
        let harmless = (0..waiting.len()).find(|at| {
            let target = waiting[*at].to;
            let others = waiting.iter().enumerate().filter(|(other, _)| other != at);
            others
                .map(|(_, other)| other.from())
                .all(|source| source.intersection(&target).is_none())
        });
        match harmless {
            Some(at) => ordered.push(waiting.remove(at)),
            None => {
                let smallest = (0..waiting.len()).min_by_key(|at| waiting[*at].to.pixels()).unwrap_or_default();
                dropped.push(waiting.remove(smallest));
            }
        }
    }
    (ordered, dropped)
}
