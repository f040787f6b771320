//! The tickets this applet knows: which the gateway announced over the applet's own pinned line, which were used, how their
//! ceilings stand now. A presented ticket must be signed by the gateway, name this session, this applet and the key TLS has
//! proven, be in time, and have been announced with the same hash (DESIGN 4). Sans-I/O.

use std::collections::VecDeque;

use farhand_protocol::{
    ids::{PeerKey, SessionId},
    permission::CapabilitySet,
    ticket::{CLOCK_SKEW_MILLIS, CeilingUpdate, GatewayKey, Leg, Signed, Ticket, TicketError, TicketUse},
    time::Timestamp,
};
use uuid::Uuid;

/// Most tickets remembered, but for those that links stand on: one whose lease is over goes first, then the oldest.
const MAX_TICKETS: usize = 64;

/// One ticket and what became of it.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// As signed, with ceiling and lease as last updated.
    pub(super) ticket: Ticket,
    /// SHA-256 of the bytes announced.
    pub(super) hash: [u8; 32],
    used: TicketUse,
    update: u64,
}

/// Every ticket of the session.
#[derive(Debug)]
pub(super) struct TicketBook {
    session_id: SessionId,
    host_key: PeerKey,
    gateway_key: GatewayKey,
    entries: Vec<Entry>,
    /// Tickets that others took the place of; the oldest goes first.
    replaced: VecDeque<Uuid>,
}

/// A ticket the gateway announced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Announced {
    /// The ticket.
    pub(super) ticket_id: Uuid,
    /// The console it is for.
    pub(super) viewer_key: PeerKey,
    /// Tickets that count no more.
    pub(super) replaced: Vec<Uuid>,
}

/// What a presented ticket is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Presented {
    /// It holds.
    Accepted(Uuid),
    /// It may hold, but the gateway has not told this side of it yet.
    NotAnnounced,
}

impl TicketBook {
    /// An empty book.
    pub(super) fn new(session_id: SessionId, host_key: PeerKey, gateway_key: GatewayKey) -> Self {
        Self {
            session_id,
            host_key,
            gateway_key,
            entries: Vec::new(),
            replaced: VecDeque::new(),
        }
    }

    /// The gateway announces a ticket. Returns it with those that it replaces: older ones of the same console, and with a
    /// new lead those of the lead before. Tickets that are `held` by links keep their place however many come.
    pub(super) fn handle_announced(&mut self, signed: &Signed, held: &[Uuid], now: Timestamp) -> Result<Announced, TicketError> {
        let ticket: Ticket = signed.open(&self.gateway_key)?;
        if ticket.session_id != self.session_id {
            return Err(TicketError::Foreign("session"));
        }
        if ticket.host_key != self.host_key {
            return Err(TicketError::Foreign("applet"));
        }
        if self.entry(ticket.ticket_id).is_some() {
            return Ok(Announced {
                ticket_id: ticket.ticket_id,
                viewer_key: ticket.viewer_key,
                replaced: Vec::new(),
            });
        }
        let newer_stands = self.entries.iter().any(|e| replaces(&e.ticket, &ticket));
        if newer_stands {
            return Err(TicketError::Expired);
        }
        let replaced: Vec<Uuid> = self
            .entries
            .iter()
            .filter(|e| replaces(&ticket, &e.ticket))
            .map(|e| e.ticket.ticket_id)
            .collect();
        self.entries.retain(|e| !replaced.contains(&e.ticket.ticket_id));
        self.replaced.extend(&replaced);
        self.replaced.drain(..self.replaced.len().saturating_sub(MAX_TICKETS));
        self.make_room(held, now);
        let announced = Announced {
            ticket_id: ticket.ticket_id,
            viewer_key: ticket.viewer_key,
            replaced,
        };
        self.entries.push(Entry {
            hash: signed.hash(),
            used: TicketUse::First,
            update: 0,
            ticket,
        });
        Ok(announced)
    }

    /// Forgets a ticket where the book is full. Where links stand on all of them it grows, by no more than there are links.
    fn make_room(&mut self, held: &[Uuid], now: Timestamp) {
        if self.entries.len() < MAX_TICKETS {
            return;
        }
        let is_free = |entry: &Entry| !held.contains(&entry.ticket.ticket_id);
        let is_over = |entry: &Entry| now.since_millis(entry.ticket.lease_until) > CLOCK_SKEW_MILLIS;
        let over = self.entries.iter().position(|entry| is_free(entry) && is_over(entry));
        if let Some(at) = over.or_else(|| self.entries.iter().position(is_free)) {
            self.entries.remove(at);
        }
    }

    /// Forgets the ticket of a console that has left: it comes back under another key, with another ticket.
    pub(super) fn forget(&mut self, ticket_id: Uuid) {
        self.entries.retain(|entry| entry.ticket.ticket_id != ticket_id);
    }

    /// True when a ticket that the gateway announced is for this console.
    pub(super) fn is_expected(&self, viewer: PeerKey) -> bool {
        self.entries.iter().any(|entry| entry.ticket.viewer_key == viewer)
    }

    /// A peer with this proven key presents a ticket. The first use is consumed by acceptance.
    pub(super) fn handle_presented(&mut self, signed: &Signed, remote: PeerKey, now: Timestamp) -> Result<Presented, TicketError> {
        let ticket: Ticket = signed.open(&self.gateway_key)?;
        let known = self.entries.iter_mut().find(|e| e.ticket.ticket_id == ticket.ticket_id);
        let Some(entry) = known else {
            ticket.check(self.session_id, self.host_key, remote, now, TicketUse::First)?;
            if self.replaced.contains(&ticket.ticket_id) {
                return Err(TicketError::Expired);
            }
            return Ok(Presented::NotAnnounced);
        };
        if entry.hash != signed.hash() {
            return Err(TicketError::Malformed("it is not the ticket that was announced".into()));
        }
        entry.ticket.check(self.session_id, self.host_key, remote, now, entry.used)?;
        entry.used = TicketUse::Again;
        Ok(Presented::Accepted(entry.ticket.ticket_id))
    }

    /// A ceiling changed. Returns the ticket it is about.
    pub(super) fn handle_update(&mut self, signed: &Signed) -> Result<Uuid, TicketError> {
        let update: CeilingUpdate = signed.open(&self.gateway_key)?;
        let entry = self
            .entries
            .iter_mut()
            .find(|e| e.ticket.ticket_id == update.ticket_id)
            .ok_or(TicketError::Foreign("ticket"))?;
        update.check(entry.ticket.ticket_id, entry.update)?;
        entry.update = update.number;
        entry.ticket.ceiling = update.ceiling;
        entry.ticket.lease_until = update.lease_until;
        Ok(update.ticket_id)
    }

    /// A ticket by its id.
    pub(super) fn entry(&self, ticket_id: Uuid) -> Option<&Entry> {
        self.entries.iter().find(|e| e.ticket.ticket_id == ticket_id)
    }

    /// Ceiling of a ticket; empty when it is gone.
    pub(super) fn ceiling(&self, ticket_id: Uuid) -> CapabilitySet {
        self.entry(ticket_id).map_or(CapabilitySet::EMPTY, |e| e.ticket.ceiling)
    }
}

/// True when `newer` leaves no room for `older`.
fn replaces(newer: &Ticket, older: &Ticket) -> bool {
    let other_lead = newer.leg == Leg::Lead && older.leg == Leg::Lead && newer.technician.member_id != older.technician.member_id;
    newer.issued_at > older.issued_at && (newer.viewer_key == older.viewer_key || other_lead)
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;
    use farhand_protocol::{
        ids::MemberId,
        permission::{Capability, RecordingPolicy},
        ticket::{FIRST_USE_MILLIS, LEASE_MILLIS, TechnicianIdentity},
    };

    use super::*;

    const HOST: PeerKey = PeerKey([1; 32]);
    const VIEWER: PeerKey = PeerKey([2; 32]);
    const NOW: Timestamp = Timestamp(1_000_000_000);

    fn gateway() -> SigningKey {
        SigningKey::from_bytes(&[7; 32])
    }

    fn book() -> TicketBook {
        TicketBook::new(SessionId(5), HOST, GatewayKey(gateway().verifying_key().to_bytes()))
    }

    fn ticket(id: u128, session: i64, member: i64, issued_at: Timestamp) -> Ticket {
        Ticket {
            ticket_id: Uuid::from_u128(id),
            session_id: SessionId(session),
            leg: Leg::Lead,
            host_key: HOST,
            viewer_key: VIEWER,
            technician: TechnicianIdentity {
                member_id: MemberId(member),
                name: "Ada".into(),
                organisation: "ACME".into(),
            },
            ceiling: CapabilitySet::all(),
            recording: RecordingPolicy::Never,
            issued_at,
            first_use_until: issued_at.plus_millis(FIRST_USE_MILLIS),
            lease_until: issued_at.plus_millis(LEASE_MILLIS),
        }
    }

    fn sealed(ticket: &Ticket) -> Signed {
        Signed::seal(ticket, &gateway())
    }

    /// The ticket of another console, announced while no link stands.
    fn of_console(number: u8, issued_at: Timestamp) -> Signed {
        sealed(&Ticket {
            leg: Leg::Collaborator,
            viewer_key: PeerKey([number; 32]),
            ..ticket(u128::from(number), 5, 1, issued_at)
        })
    }

    #[test]
    fn a_full_book_forgets_who_cannot_come_back_first_and_never_a_ticket_in_use() {
        let mut book = book();
        let last = u8::try_from(MAX_TICKETS).unwrap();
        // The third one's lease is over; the first is in use.
        let over = NOW.plus_millis(-LEASE_MILLIS - CLOCK_SKEW_MILLIS - 1);
        for number in 1..=last {
            let issued_at = if number == 3 { over } else { NOW };
            book.handle_announced(&of_console(number, issued_at), &[], NOW).unwrap();
        }
        let is_known = |book: &TicketBook, number: u8| book.entry(Uuid::from_u128(number.into())).is_some();
        let held = [Uuid::from_u128(1)];
        book.handle_announced(&of_console(last + 1, NOW), &held, NOW).unwrap();
        assert!(is_known(&book, 1) && is_known(&book, 2) && !is_known(&book, 3));
        for number in last + 2..=last + 100 {
            book.handle_announced(&of_console(number, NOW), &held, NOW).unwrap();
        }
        assert!(is_known(&book, 1) && !is_known(&book, 2) && is_known(&book, last + 100));
        assert_eq!(book.entries.len(), MAX_TICKETS);
    }

    #[test]
    fn the_ticket_of_a_console_that_has_left_counts_no_more() {
        let mut book = book();
        let signed = sealed(&ticket(1, 5, 1, NOW));
        book.handle_announced(&signed, &[], NOW).unwrap();
        book.forget(Uuid::from_u128(1));
        assert!(!book.is_expected(VIEWER));
        assert_eq!(book.handle_presented(&signed, VIEWER, NOW), Ok(Presented::NotAnnounced));
    }

    #[test]
    fn a_ticket_counts_once_announced_and_only_for_the_proven_key() {
        let mut book = book();
        let signed = sealed(&ticket(1, 5, 1, NOW));
        assert_eq!(book.handle_presented(&signed, VIEWER, NOW), Ok(Presented::NotAnnounced));
        book.handle_announced(&signed, &[], NOW).unwrap();
        assert_eq!(
            book.handle_presented(&signed, PeerKey([3; 32]), NOW),
            Err(TicketError::Foreign("console"))
        );
        assert_eq!(
            book.handle_presented(&signed, VIEWER, NOW),
            Ok(Presented::Accepted(Uuid::from_u128(1)))
        );
    }

    #[test]
    fn a_ticket_of_another_session_or_gateway_is_refused() {
        let mut book = book();
        let foreign = sealed(&ticket(1, 6, 1, NOW));
        assert_eq!(book.handle_announced(&foreign, &[], NOW), Err(TicketError::Foreign("session")));
        assert_eq!(book.handle_presented(&foreign, VIEWER, NOW), Err(TicketError::Foreign("session")));
        let forged = Signed::seal(&ticket(1, 5, 1, NOW), &SigningKey::from_bytes(&[8; 32]));
        assert_eq!(book.handle_presented(&forged, VIEWER, NOW), Err(TicketError::BadSignature));
    }

    #[test]
    fn the_first_use_is_soon_and_redialling_lasts_for_the_lease() {
        let late = NOW.plus_millis(FIRST_USE_MILLIS + CLOCK_SKEW_MILLIS + 1);
        let signed = sealed(&ticket(1, 5, 1, NOW));
        let mut unused = book();
        unused.handle_announced(&signed, &[], NOW).unwrap();
        assert_eq!(unused.handle_presented(&signed, VIEWER, late), Err(TicketError::Expired));
        let mut used = book();
        used.handle_announced(&signed, &[], NOW).unwrap();
        used.handle_presented(&signed, VIEWER, NOW).unwrap();
        assert!(used.handle_presented(&signed, VIEWER, late).is_ok());
        let over = NOW.plus_millis(LEASE_MILLIS + CLOCK_SKEW_MILLIS + 1);
        assert_eq!(used.handle_presented(&signed, VIEWER, over), Err(TicketError::Expired));
    }

    #[test]
    fn a_new_lead_ends_the_old_leads_ticket_and_an_old_one_cannot_come_back() {
        let mut book = book();
        let old = sealed(&ticket(1, 5, 1, NOW));
        book.handle_announced(&old, &[], NOW).unwrap();
        let new = Ticket {
            viewer_key: PeerKey([9; 32]),
            ..ticket(2, 5, 2, NOW.plus_millis(5))
        };
        let announced = book.handle_announced(&sealed(&new), &[], NOW).unwrap();
        assert_eq!(announced.replaced, vec![Uuid::from_u128(1)]);
        assert_eq!(book.handle_announced(&old, &[], NOW), Err(TicketError::Expired));
        assert_eq!(book.handle_presented(&old, VIEWER, NOW), Err(TicketError::Expired));
    }

    #[test]
    fn ceilings_only_move_on() {
        let mut book = book();
        book.handle_announced(&sealed(&ticket(1, 5, 1, NOW)), &[], NOW).unwrap();
        let update = |number, ceiling| {
            Signed::seal(
                &CeilingUpdate {
                    ticket_id: Uuid::from_u128(1),
                    number,
                    ceiling,
                    lease_until: NOW,
                },
                &gateway(),
            )
        };
        let view = CapabilitySet::EMPTY.with(Capability::View);
        assert_eq!(book.handle_update(&update(2, view)), Ok(Uuid::from_u128(1)));
        assert_eq!(book.ceiling(Uuid::from_u128(1)), view);
        assert!(book.handle_update(&update(1, CapabilitySet::all())).is_err());
        assert_eq!(book.ceiling(Uuid::from_u128(1)), view);
    }
}
