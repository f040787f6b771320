//! How a connection becomes a leg: hello, ticket, welcome, short authentication string; and how it ends. The journal tells of technicians, not of
//! their links: one who has several is connected with the first and gone with the last.

use std::time::Instant;

use farhand_protocol::{
    error::{ErrorBody, ErrorCode},
    ids::{MemberId, PeerKey},
    peer::{GrantCause, Hello, HostBound, Participants, Present, SasPart, ViewerBound, Welcome},
    sas::{PART_BYTES, Role, Sas},
    ticket::{Signed, TicketError},
    wire::Message,
};
use serde_json::json;
use uuid::Uuid;

use super::{ANNOUNCED_WITHIN, Actor, Leg, MOST_STRANGERS, TICKET_WITHIN, Wires};
use crate::host::{
    HostEvent,
    clock::wall_now,
    gate::{Refusal, RefusalLog},
    held::Held,
    pipeline::Order,
    tickets::{Announced, Presented},
};

impl Actor {
    /// A connection was accepted; it has little time to show a ticket.
    pub(super) fn connect(&mut self, conn: iroh::endpoint::Connection) {
        let peer = PeerKey(*conn.remote_id().as_bytes());
        let is_expected = self.tickets.is_expected(peer);
        // Whom the gateway has announced is kept out by nobody who merely dials; how often one may is measured for each key.
        let is_crowded = !is_expected && self.strangers() >= MOST_STRANGERS;
        if is_crowded || !self.callers.admit(peer, is_expected, Instant::now()) {
            tracing::info!(%peer, "too many connections");
            conn.close(iroh::endpoint::VarInt::from_u32(2), b"too many connections");
            return;
        }
        let id = self.next_leg;
        self.next_leg += 1;
        let wires = Wires::serve(conn, id, self.leg_events.clone(), &self.runtime);
        wires.say(&ViewerBound::Hello(Hello::ours(&self.config.agent)));
        let leg = Leg {
            peer,
            wires,
            greeted: false,
            ticket_within: Instant::now() + TICKET_WITHIN,
            waiting: None,
            ticket: None,
            told: Default::default(),
            viewing: None,
            control: None,
            held: Held::default(),
            passed_over: false,
            refusals: RefusalLog::default(),
            sas: None,
        };
        self.legs.insert(id, leg);
    }

    /// Connections without a ticket, of keys that the gateway has announced none for.
    fn strangers(&self) -> usize {
        let is_stranger = |leg: &&Leg| leg.ticket.is_none() && !self.tickets.is_expected(leg.peer);
        self.legs.values().filter(is_stranger).count()
    }

    pub(super) fn greet(&mut self, id: u64, hello: &Hello) {
        if Hello::ours("").agree(hello).is_none() {
            return self.dismiss(
                id,
                &ErrorBody::new(ErrorCode::LinkIncompatible, "the other end speaks another version"),
            );
        }
        if let Some(leg) = self.legs.get_mut(&id) {
            leg.greeted = true;
        }
    }

    /// The gateway announces a ticket; connections that wait for it go on.
    pub(super) fn handle_ticket(&mut self, ticket: &Signed) {
        let held: Vec<Uuid> = self
            .legs
            .values()
            .filter_map(|leg| leg.ticket.as_ref())
            .map(|(held, _)| *held)
            .collect();
        let announced = match self.tickets.handle_announced(ticket, &held, wall_now()) {
            Ok(announced) => announced,
            Err(error) => return tracing::warn!(%error, "a ticket from the gateway was not taken"),
        };
        self.replace(&announced);
        let waiting: Vec<u64> = self
            .legs
            .iter()
            .filter(|(_, leg)| leg.waiting.is_some())
            .map(|(id, _)| *id)
            .collect();
        for id in waiting {
            if let Some(present) = self.legs.get_mut(&id).and_then(|leg| leg.waiting.take()) {
                self.present(id, present);
            }
        }
    }

    /// A console whose ticket was renewed goes on under the new one; whoever is the lead no more is dismissed.
    fn replace(&mut self, announced: &Announced) {
        let of_replaced = |leg: &Leg| leg.ticket.as_ref().is_some_and(|(ticket, _)| announced.replaced.contains(ticket));
        let (same, others): (Vec<_>, Vec<_>) = self
            .legs
            .iter_mut()
            .filter(|(_, leg)| of_replaced(leg))
            .partition(|(_, leg)| leg.peer == announced.viewer_key);
        for (_, leg) in same {
            if let Some((ticket, _)) = &mut leg.ticket {
                *ticket = announced.ticket_id;
            }
        }
        let others: Vec<u64> = others.into_iter().map(|(id, _)| *id).collect();
        for id in others {
            self.dismiss(
                id,
                &ErrorBody::new(ErrorCode::SessionNotParticipant, "another technician leads the session now"),
            );
        }
        self.refresh(GrantCause::Ceiling);
    }

    pub(super) fn present(&mut self, id: u64, present: Present) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        match self.tickets.handle_presented(&present.ticket, leg.peer, wall_now()) {
            Ok(Presented::Accepted(ticket_id)) => {
                if let Some(update) = &present.update {
                    // Stale when the gateway's own came first, which is as good.
                    let _ = self.tickets.handle_update(update);
                }
                self.welcome(id, ticket_id);
            }
            Ok(Presented::NotAnnounced) => {
                // Once only: repeating it buys no time.
                if leg.waiting.replace(present).is_none() {
                    leg.ticket_within = leg.ticket_within.min(Instant::now() + ANNOUNCED_WITHIN);
                }
            }
            Err(error) => self.refuse_ticket(id, present, &error),
        }
    }

    fn refuse_ticket(&mut self, id: u64, present: Present, error: &TicketError) {
        let body = ErrorBody::new(error.code(), error.to_string());
        self.refuse(
            id,
            &Refusal {
                kind: HostBound::Present(present).kind(),
                key: "ticket",
                error: body.clone(),
            },
        );
        self.dismiss(id, &body);
    }

    fn welcome(&mut self, id: u64, ticket_id: Uuid) {
        let Some(entry) = self.tickets.entry(ticket_id) else { return };
        let (hash, technician, ceiling) = (entry.hash, entry.ticket.technician.clone(), entry.ticket.ceiling);
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let peer = leg.peer;
        let is_new = leg.ticket.is_none();
        leg.ticket = Some((ticket_id, technician.clone()));
        // Before what the same console left hanging goes.
        let was_here = self.has_another_link(id, technician.member_id, |_| true);
        // A console has one link; what it left hanging ends now.
        let stale: Vec<u64> = self
            .legs
            .iter()
            .filter(|(other, leg)| **other != id && leg.peer == peer && leg.ticket.is_some())
            .map(|(other, _)| *other)
            .collect();
        for other in stale {
            self.dismiss(other, &ErrorBody::new(ErrorCode::LinkLost, "the same console has dialled again"));
        }
        let Some(leg) = self.legs.get(&id) else { return };
        let granted = self.effective(leg);
        let welcome = Welcome {
            ticket_hash: hash.to_vec(),
            granted,
            ceiling: self.grants.scope(ceiling),
            device: self.config.device.clone(),
            system: self.config.system.clone(),
            priority: self.config.settings.priority,
        };
        leg.wires.say(&ViewerBound::Welcome(welcome));
        if let Some(leg) = self.legs.get_mut(&id) {
            leg.told = granted;
        }
        if is_new {
            self.emit(HostEvent::Link {
                technician: technician.clone(),
                peer,
                up: true,
            });
            if !was_here {
                self.journal_of(id, "link.up", json!({}));
            }
            self.begin_sas(id, hash);
            self.ask_at_start(id);
            // A link of before may still stand here and carry nothing any more.
            self.chat.doubt(technician.member_id, Instant::now());
        }
        self.send_missed_chat(id);
        self.refresh(GrantCause::Allowed);
        self.tell_participants();
        self.tell_presence();
    }

    pub(super) fn send_missed_chat(&mut self, id: u64) {
        let Some(leg) = self.legs.get(&id) else { return };
        let Some((_, technician)) = &leg.ticket else { return };
        if self.effective(leg).has(farhand_protocol::permission::Capability::Chat) {
            let unsent = self.chat.take_unsent(technician.member_id, Instant::now());
            for (line, _) in &unsent {
                leg.wires.say(&ViewerBound::Chat(line.clone()));
            }
            unsent
                .iter()
                .filter(|(_, is_first)| *is_first)
                .for_each(|(line, _)| self.journal_said(line));
        }
    }

    pub(super) fn tell_participants(&self) {
        let present = self
            .legs
            .values()
            .filter_map(|leg| Some((leg.ticket.as_ref()?.1.clone(), leg.told)))
            .collect();
        let message = ViewerBound::Participants(Participants { present });
        self.legs
            .values()
            .filter(|leg| leg.ticket.is_some())
            .for_each(|leg| leg.wires.say(&message));
    }

    fn begin_sas(&mut self, id: u64, ticket_hash: [u8; 32]) {
        let mut nonce = [0; PART_BYTES];
        if getrandom::fill(&mut nonce).is_err() {
            // Without randomness there is no string to compare; the link itself does not need it.
            return;
        }
        let (session_id, own_key) = (self.config.session_id, self.config.host_key);
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let sas = Sas::new(Role::Host, session_id, own_key, leg.peer, ticket_hash, nonce);
        leg.wires.say(&ViewerBound::Sas(SasPart {
            bytes: sas.commitment().to_vec(),
        }));
        leg.sas = Some(sas);
    }

    pub(super) fn handle_sas(&mut self, id: u64, part: &[u8]) {
        let technician = self.technician(id);
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let Some(sas) = &mut leg.sas else { return };
        match sas.handle_part(part) {
            Ok(answer) => {
                if let Some(bytes) = answer {
                    leg.wires.say(&ViewerBound::Sas(SasPart { bytes: bytes.to_vec() }));
                }
                if let (Some(digits), Some(technician)) = (sas.digits(), technician) {
                    self.emit(HostEvent::Sas {
                        technician,
                        digits: digits.to_string(),
                    });
                    self.tell_presence();
                }
            }
            Err(error) => self.dismiss(id, &ErrorBody::new(ErrorCode::LinkProtocol, error.to_string())),
        }
    }

    /// The technician leaves on purpose: open questions go with them, and so does the ticket, which nobody will show again.
    pub(super) fn leave(&mut self, id: u64) {
        let left = self.legs.get(&id).and_then(|leg| leg.ticket.clone());
        if let Some(leg) = self.legs.get(&id) {
            leg.wires.close();
        }
        self.remove(id);
        let Some((ticket_id, technician)) = left else { return };
        let others = || self.legs.values().filter_map(|leg| leg.ticket.as_ref());
        let is_held = others().any(|(held, _)| *held == ticket_id);
        let is_still_here = others().any(|(_, other)| other.member_id == technician.member_id);
        if !is_held {
            self.tickets.forget(ticket_id);
        }
        if !is_still_here {
            for settled in self.consent.withdraw(Some(technician.member_id)) {
                self.settle(settled);
            }
        }
    }

    /// The connection is over. What its viewer holds is let go after the silence the technician had at most, that is at once:
    /// QUIC has given up on it long after that.
    pub(super) fn remove(&mut self, id: u64) {
        self.end_view(id);
        self.end_control(id);
        self.tell_repeated(id);
        let gone = self.legs.get(&id).and_then(|leg| leg.ticket.clone());
        if let Some((_, technician)) = &gone
            && !self.has_another_link(id, technician.member_id, |_| true)
        {
            self.journal_of(id, "link.down", json!({}));
        }
        let Some(leg) = self.legs.remove(&id) else { return };
        self.pipeline.order(Order::Forget(id));
        if let Some((_, technician)) = gone {
            self.chat.doubt(technician.member_id, Instant::now());
            self.emit(HostEvent::Link {
                technician,
                peer: leg.peer,
                up: false,
            });
            self.tell_participants();
            self.tell_presence();
        }
    }

    /// Whether a technician has a link beside this one that is like that.
    pub(super) fn has_another_link(&self, id: u64, member: MemberId, is_meant: impl Fn(&Leg) -> bool) -> bool {
        let links = self.legs.iter().filter(|(_, leg)| is_meant(leg));
        has_another(
            links.filter_map(|(id, leg)| Some((*id, leg.ticket.as_ref()?.1.member_id))),
            id,
            member,
        )
    }
}

/// True where a technician has a link among these beside that of this number.
fn has_another(mut links: impl Iterator<Item = (u64, MemberId)>, id: u64, member: MemberId) -> bool {
    links.any(|(other, theirs)| other != id && theirs == member)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_technician_is_connected_with_the_first_link_and_gone_with_the_last() {
        let (ada, bo) = (MemberId(1), MemberId(2));
        let mut links = BTreeMap::from([(1, ada), (2, bo)]);
        let has_more =
            |links: &BTreeMap<u64, MemberId>, id, member| has_another(links.iter().map(|(id, member)| (*id, *member)), id, member);
        assert!(!has_more(&links, 1, ada), "the first, whoever else is there");
        links.insert(3, ada);
        assert!(has_more(&links, 3, ada), "her console again, or a command of hers");
        assert!(has_more(&links, 1, ada), "the old link goes, the new one stands");
        links.remove(&1);
        assert!(!has_more(&links, 3, ada), "the last");
    }
}
