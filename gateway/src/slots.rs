//! The connections the gateway takes at once: so many in all, and so many from one address, so that one machine cannot keep everybody else out.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{app::parking::Guarded, limits::address::Key};

const MOST: usize = 20_000;
/// An office behind one address has a few for each of its people.
const MOST_OF_ADDRESS: usize = 512;

/// How many connections an address has.
type Taken = Arc<Guarded<HashMap<Key, usize>>>;

/// What is free.
#[derive(Debug)]
pub struct Slots {
    pub(crate) all: Arc<Semaphore>,
    /// Taken ones by address; none where the address says nothing of who it is.
    by_address: Option<Taken>,
}

impl Slots {
    /// All are free. Behind a proxy every connection comes from the proxy, and only all together are counted.
    pub fn new(behind_proxy: bool) -> Self {
        Self::of(MOST, (!behind_proxy).then(Arc::default))
    }

    pub(crate) fn of(most: usize, by_address: Option<Taken>) -> Self {
        Self {
            all: Arc::new(Semaphore::new(most)),
            by_address,
        }
    }

    /// A slot for a connection from there; none when too many are taken.
    pub fn take(&self, from: IpAddr) -> Option<ConnectionSlot> {
        let permit = self.all.clone().try_acquire_owned().ok()?;
        let place = match &self.by_address {
            Some(by_address) => Some(Place::take(by_address, Key::of(from))?),
            None => None,
        };
        Some(ConnectionSlot(Arc::new((place, permit))))
    }
}

/// One of the connections the gateway takes at once, held until the last of its sockets is gone, also after an upgrade.
#[derive(Debug, Clone)]
pub struct ConnectionSlot(#[allow(dead_code, reason = "held, not used")] Arc<(Option<Place>, OwnedSemaphorePermit)>);

/// One of the connections of an address.
#[derive(Debug)]
struct Place {
    by_address: Taken,
    key: Key,
}

impl Place {
    fn take(by_address: &Taken, key: Key) -> Option<Self> {
        let mut taken = by_address.lock();
        let count = taken.entry(key).or_default();
        if *count >= MOST_OF_ADDRESS {
            return None;
        }
        *count += 1;
        Some(Self {
            by_address: by_address.clone(),
            key,
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.by_address.lock();
        if let Some(count) = taken.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv6Addr;

    use super::*;

    const HOME: IpAddr = IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 7, 0, 0, 0, 1));
    const NEIGHBOUR: IpAddr = IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 7, 0, 0, 0, 2));
    const ELSEWHERE: IpAddr = IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 8, 0, 0, 0, 1));

    #[test]
    fn one_network_takes_its_share_and_no_more_until_a_connection_ends() {
        let slots = Slots::new(false);
        let mut held: Vec<ConnectionSlot> = (0..MOST_OF_ADDRESS).filter_map(|_| slots.take(HOME)).collect();
        assert_eq!(held.len(), MOST_OF_ADDRESS);
        assert!(slots.take(NEIGHBOUR).is_none());
        assert_eq!(
            slots.all.available_permits(),
            MOST - MOST_OF_ADDRESS,
            "what is refused takes nothing from others"
        );
        assert!(slots.take(ELSEWHERE).is_some());
        let copy = held.pop();
        held.extend(copy.clone());
        drop(copy);
        assert!(slots.take(NEIGHBOUR).is_none(), "its second socket still stands");
        held.pop();
        assert!(slots.take(NEIGHBOUR).is_some());
        held.clear();
        assert_eq!(slots.all.available_permits(), MOST);
        let taken = slots.by_address.expect("addresses are counted");
        assert!(taken.lock().is_empty(), "nothing is kept of who has left");
    }

    #[test]
    fn behind_a_proxy_only_all_together_are_counted() {
        let slots = Slots::new(true);
        let held: Vec<ConnectionSlot> = (0..2 * MOST_OF_ADDRESS).filter_map(|_| slots.take(HOME)).collect();
        assert_eq!(held.len(), 2 * MOST_OF_ADDRESS);
    }
}
