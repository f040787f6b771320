//! A lost packet made good without asking for it again: over a long path that loses packets, an update is followed by the exclusive or of its bytes, so
//! many apart as a packet holds. Any one run of bytes that is missing, and no longer than that, is what is left when all others are taken out again. So a
//! film or a page that scrolls does not stand still for a round trip with every lost packet.
//!
//! ```text
//! update    a b c d e f g h i j      parity, three apart:  a^d^g^j  b^e^h  c^f^i
//! lost            d e f              d = a ^ g ^ j ^ (a^d^g^j), and so on
//! ```

use std::collections::BTreeMap;

use bytes::{Bytes, BytesMut};
use farhand_protocol::media::{MAX_REPAIRED_BYTES, MAX_UPDATE_BYTES, Repair};

/// More separate runs than this are no honest update: a host sends in order, and few packets are lost or overtaken.
const MOST_RUNS: usize = 4096;

/// The datagrams that follow the update on the stream of this number, of `room` bytes at most; any one run of `width` bytes is made good by them. None for
/// an update that is too large, or where there is too little room.
pub(crate) fn repair_of(stream: u64, update: &[u8], width: usize, room: usize) -> Vec<Bytes> {
    let length = u32::try_from(update.len()).unwrap_or(u32::MAX);
    let width = width.min(update.len());
    if length > MAX_REPAIRED_BYTES || width == 0 {
        return Vec::new();
    }
    let mut parity = vec![0; width];
    mix(&mut parity, 0, update);
    let mut datagrams = Vec::new();
    let mut offset = 0;
    while offset < width {
        let mut datagram = Vec::with_capacity(room);
        let head = Repair {
            stream,
            length,
            width: width as u32,
            offset: offset as u32,
            parity: &[],
        };
        head.append_to(&mut datagram);
        let part = room.saturating_sub(datagram.len()).min(width - offset);
        if part == 0 {
            return Vec::new();
        }
        datagram.extend_from_slice(&parity[offset..offset + part]);
        datagrams.push(datagram.into());
        offset += part;
    }
    datagrams
}

/// Takes bytes that begin at `offset` of an update into its parity, or out of it again.
fn mix(parity: &mut [u8], offset: u64, bytes: &[u8]) {
    let width = parity.len().max(1);
    let first = (offset % width as u64) as usize;
    let (head, rest) = bytes.split_at(bytes.len().min(width - first));
    for (sum, byte) in parity.iter_mut().skip(first).zip(head) {
        *sum ^= byte;
    }
    for row in rest.chunks(width) {
        for (sum, byte) in parity.iter_mut().zip(row) {
            *sum ^= byte;
        }
    }
}

/// The parity of an update, as its parts come.
#[derive(Debug)]
pub(crate) struct Parity {
    length: u64,
    bytes: Vec<u8>,
    /// Where the parts that have come begin, and what follows each. INVARIANT: none empty, none overlap.
    parts: BTreeMap<usize, usize>,
    missing: usize,
}

impl Parity {
    /// Of the first part that came.
    pub(crate) fn begin(repair: &Repair<'_>) -> Self {
        let width = repair.width as usize;
        let mut parity = Self {
            length: repair.length.into(),
            bytes: vec![0; width],
            parts: BTreeMap::new(),
            missing: width,
        };
        parity.add(repair);
        parity
    }

    /// Takes in a part; one that does not belong to the others, or lies over one of them, is left out.
    pub(crate) fn add(&mut self, repair: &Repair<'_>) {
        let is_of_this = (u64::from(repair.length), repair.width as usize) == (self.length, self.bytes.len());
        let begin = repair.offset as usize;
        let end = begin.saturating_add(repair.parity.len());
        let before = self.parts.range(..end).next_back().map_or(0, |(_, end)| *end);
        if !is_of_this || before > begin || begin == end {
            return;
        }
        if let Some(place) = self.bytes.get_mut(begin..end) {
            place.copy_from_slice(repair.parity);
            self.parts.insert(begin, end);
            self.missing -= repair.parity.len();
        }
    }

    fn is_whole(&self) -> bool {
        self.missing == 0 && !self.bytes.is_empty()
    }
}

/// The bytes of an update as they come, in any order.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    /// By where they begin. INVARIANT: none empty, none overlap, none begins where another ends.
    runs: BTreeMap<u64, BytesMut>,
    bytes: u64,
}

/// Bytes that no honest update has.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Beyond;

impl Gathered {
    /// Takes in bytes that begin at `offset`.
    ///
    /// # Errors
    /// When they are beyond the largest update, or in more pieces than one can have.
    pub(crate) fn add(&mut self, offset: u64, bytes: &[u8]) -> Result<(), Beyond> {
        let end = offset.saturating_add(bytes.len() as u64);
        if end > u64::from(MAX_UPDATE_BYTES) {
            return Err(Beyond);
        }
        let before = self.runs.range_mut(..end).next_back();
        let before = before.map(|(at, run)| (*at + run.len() as u64, run));
        let (ends_at, run) = before.map_or((0, None), |(end, run)| (end, Some(run)));
        if ends_at > offset || bytes.is_empty() {
            return Ok(());
        }
        self.bytes += bytes.len() as u64;
        let begin = match run.filter(|_| ends_at == offset) {
            Some(run) => {
                run.extend_from_slice(bytes);
                end - run.len() as u64
            }
            None => {
                self.runs.insert(offset, BytesMut::from(bytes));
                offset
            }
        };
        // What was waited for joins what came before.
        if let Some(next) = self.runs.remove(&end)
            && let Some(run) = self.runs.get_mut(&begin)
        {
            run.extend_from_slice(&next);
        }
        if self.runs.len() > MOST_RUNS { Err(Beyond) } else { Ok(()) }
    }

    /// The whole update, when its stream has ended and nothing is missing; otherwise nothing changes.
    pub(crate) fn whole(&mut self) -> Option<Bytes> {
        match self.runs.len() {
            0 => Some(Bytes::new()),
            1 => Some(self.runs.remove(&0)?.freeze()),
            _ => None,
        }
    }

    /// The whole update, when what is missing is one run that this parity makes good, or nothing.
    pub(crate) fn repaired(&mut self, parity: &Parity) -> Option<Bytes> {
        let missing = parity.length.checked_sub(self.bytes)?;
        let (first, second) = {
            let mut runs = self.runs.iter().map(|(at, run)| (*at, at + run.len() as u64));
            let all = (runs.next(), runs.next());
            if runs.next().is_some() {
                return None;
            }
            all
        };
        let (begin, end) = match (first, second) {
            (Some((0, end)), None) => (end, parity.length),
            (Some((at, _)), None) => (0, at),
            (Some((0, end)), Some((at, _))) => (end, at),
            _ => return None,
        };
        if missing == 0 {
            return self.whole();
        }
        // What comes after the gap must reach the end.
        if end.checked_sub(begin) != Some(missing) || missing > parity.bytes.len() as u64 || !parity.is_whole() {
            return None;
        }
        let mut left = parity.bytes.clone();
        self.runs.iter().for_each(|(at, run)| mix(&mut left, *at, run));
        let first = (begin % left.len() as u64) as usize;
        let lost = left.iter().cycle().skip(first).take(missing as usize).copied();
        let mut whole = BytesMut::with_capacity(parity.length as usize);
        self.runs.range(..begin).for_each(|(_, run)| whole.extend_from_slice(run));
        whole.extend(lost);
        self.runs.range(begin..).for_each(|(_, run)| whole.extend_from_slice(run));
        Some(whole.freeze())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn update(length: usize) -> Vec<u8> {
        (0..length).map(|at| (at * 7 + at / 11) as u8).collect()
    }

    /// All of it but one run, in packets of this size, the last first.
    fn gathered(update: &[u8], lost: std::ops::Range<usize>, packet: usize) -> Gathered {
        let mut gathered = Gathered::default();
        for (begin, part) in [(0, &update[..lost.start]), (lost.end, &update[lost.end..])] {
            for (index, bytes) in part.chunks(packet).enumerate().collect::<Vec<_>>().into_iter().rev() {
                gathered.add((begin + index * packet) as u64, bytes).unwrap();
            }
        }
        gathered
    }

    /// The parity as it comes in datagrams, the last first.
    fn parity(update: &[u8], width: usize, room: usize) -> Parity {
        let datagrams = repair_of(9, update, width, room);
        assert!(datagrams.iter().all(|datagram| datagram.len() <= room));
        let mut parts = datagrams.iter().rev().map(|datagram| Repair::from_bytes(datagram).unwrap());
        let mut parity = Parity::begin(&parts.next().unwrap());
        parts.for_each(|part| parity.add(&part));
        parity
    }

    #[test]
    fn any_one_run_no_longer_than_the_parity_is_made_good() {
        for length in [1, 50, 333, 1000] {
            let update = update(length);
            for room in [70, 120, 5000] {
                let parity = parity(&update, 100, room);
                let most = parity.bytes.len();
                assert_eq!(most, length.min(100));
                for begin in (0..length).step_by(13) {
                    for end in (begin..=length.min(begin + most)).step_by(7) {
                        let mut gathered = gathered(&update, begin..end, 40);
                        let repaired = gathered.repaired(&parity);
                        let is_nothing_there = begin == 0 && end == length;
                        assert!(
                            is_nothing_there || repaired.as_deref() == Some(&update[..]),
                            "{begin} to {end} of {length}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn two_runs_or_a_longer_one_or_half_a_parity_are_waited_for() {
        let update = update(1000);
        let parity = parity(&update, 100, 60);
        assert_eq!(gathered(&update, 300..401, 40).repaired(&parity), None);
        let datagrams = repair_of(9, &update, 100, 60);
        assert_eq!(datagrams.len(), 2);
        let half = Parity::begin(&Repair::from_bytes(&datagrams[0]).unwrap());
        assert_eq!(gathered(&update, 300..320, 40).repaired(&half), None);
        let mut two = gathered(&update[..600], 100..120, 40);
        two.add(620, &update[620..]).unwrap();
        assert_eq!(two.repaired(&parity), None);
        two.add(600, &update[600..620]).unwrap();
        assert_eq!(two.repaired(&parity).as_deref(), Some(&update[..]));
        two.add(100, &update[100..120]).unwrap();
        assert_eq!(two.whole().as_deref(), Some(&update[..]));
    }

    #[test]
    fn what_contradicts_itself_is_no_update_and_no_panic() {
        let mut gathered = Gathered::default();
        assert_eq!(gathered.whole(), Some(Bytes::new()));
        assert_eq!(gathered.add(u64::MAX, b"x"), Err(Beyond));
        assert_eq!(gathered.add(u64::from(MAX_UPDATE_BYTES), b"x"), Err(Beyond));
        // Twice, overlapping, and empty.
        for offset in [5, 5, 4, 6] {
            gathered.add(offset, b"abc").unwrap();
        }
        gathered.add(20, b"").unwrap();
        for length in 0..12 {
            for width in 0..=length {
                for offset in 0..9 {
                    let bytes = vec![1; width as usize];
                    let repair = Repair {
                        stream: 1,
                        length,
                        width,
                        offset,
                        parity: &bytes,
                    };
                    let mut parity = Parity::begin(&repair);
                    parity.add(&Repair { length: 99, ..repair });
                    let repaired = gathered.repaired(&parity);
                    assert!(repaired.is_none_or(|update| update.len() == length as usize));
                }
            }
        }
        assert_eq!(gathered.whole(), None);
        gathered.add(0, b"abcde").unwrap();
        assert_eq!(
            gathered.whole().as_deref(),
            Some(&b"abcdeabc"[..]),
            "what could not be had is still there"
        );
        assert!(repair_of(1, &[1; 50], 50, 3).is_empty());
        assert!(repair_of(1, &vec![1; MAX_REPAIRED_BYTES as usize + 1], 50, 300).is_empty());
    }

    #[test]
    fn parts_that_lie_over_each_other_do_not_make_a_whole_parity() {
        let update = update(300);
        let part = |offset, parity| Repair {
            stream: 1,
            length: 300,
            width: 100,
            offset,
            parity,
        };
        let mut sums = vec![0; 100];
        mix(&mut sums, 0, &update);
        let mut parity = Parity::begin(&part(0, &sums[..60]));
        for (offset, bytes) in [(20, &sums[20..60]), (59, &sums[59..]), (100, &[]), (30, &[])] {
            parity.add(&part(offset, bytes));
            assert_eq!(gathered(&update, 100..200, 40).repaired(&parity), None);
        }
        parity.add(&part(60, &sums[60..]));
        assert_eq!(gathered(&update, 100..200, 40).repaired(&parity).as_deref(), Some(&update[..]));
    }

    #[test]
    fn no_update_is_gathered_that_is_too_large_to_be_painted() {
        assert!(MAX_UPDATE_BYTES as usize <= farhand_codec::operations::MAX_UPDATE_BYTES);
    }

    #[test]
    fn an_update_in_crumbs_is_given_up_and_in_packets_it_is_one_run() {
        let mut crumbs = Gathered::default();
        let ends = (0..).map(|at| crumbs.add(at * 2, b"x")).take(MOST_RUNS + 2).find(Result::is_err);
        assert_eq!(ends, Some(Err(Beyond)));
        let whole = update(100_000);
        let mut packets = gathered(&whole, 50_000..51_000, 1200);
        assert_eq!(packets.runs.len(), 2);
        packets.add(50_000, &whole[50_000..51_000]).unwrap();
        assert_eq!(packets.runs.len(), 1);
        assert_eq!(packets.whole().as_deref(), Some(&whole[..]));
    }
}
