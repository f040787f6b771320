//! Short authentication string: six digits two people read to each other to catch even a gateway
//! that hands each of them a key of its own. Commit, then reveal: each side sends
//! `SHA-256(context ‖ role ‖ session ‖ key ‖ nonce)`, reveals its nonce only once it holds the
//! other's commitment, and derives the digits from both keys, both nonces, the session and the
//! ticket. Whoever sits between must commit before seeing any nonce, so a forgery succeeds once in
//! a million tries, and each failure is heard.
//!
//! ```text
//! both: commitment ──►   on the other's commitment: nonce ──►   on the other's nonce: digits
//! ```
//!
//! Sans-I/O: nonces come from outside, parts travel as [`peer::SasPart`](crate::peer::SasPart).

use std::fmt;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use thiserror::Error;

use crate::ids::{PeerKey, SessionId};

/// Bytes of a commitment and of a nonce.
pub const PART_BYTES: usize = 32;
const COMMIT_CONTEXT: &[u8] = b"farhand sas commit v1\0";
const DIGITS_CONTEXT: &[u8] = b"farhand sas digits v1\0";

/// Which end of the link this side is; bound into the commitment, so that none can be mirrored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// The applet.
    Host,
    /// The console.
    Viewer,
}

impl Role {
    const fn byte(self) -> u8 {
        match self {
            Self::Host => 0,
            Self::Viewer => 1,
        }
    }

    const fn other(self) -> Self {
        match self {
            Self::Host => Self::Viewer,
            Self::Viewer => Self::Host,
        }
    }
}

/// Why the exchange failed; it cannot be taken up again on this link. All of these are the peer's
/// fault, and the second one may be an attack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SasError {
    /// A part of the wrong size, or one after the end.
    #[error("an authentication part came out of order or has the wrong size")]
    OutOfOrder,
    /// The nonce is not the one that was committed to.
    #[error("the revealed nonce does not open the commitment")]
    WrongReveal,
}

/// The six digits both people should see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SasDigits(u32);

impl fmt::Display for SasDigits {
    /// In two groups of three, as they are read aloud.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:03} {:03}", self.0 / 1000, self.0 % 1000)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    AwaitCommitment,
    AwaitNonce { commitment: [u8; PART_BYTES] },
    Done(SasDigits),
    Failed,
}

/// One side of the exchange.
#[derive(Clone)]
pub struct Sas {
    role: Role,
    session_id: SessionId,
    own_key: PeerKey,
    peer_key: PeerKey,
    ticket_hash: [u8; 32],
    nonce: [u8; PART_BYTES],
    state: State,
}

impl Sas {
    /// Begins; `nonce` are fresh random bytes. Send [`Self::commitment`] at once.
    pub fn new(
        role: Role,
        session_id: SessionId,
        own_key: PeerKey,
        peer_key: PeerKey,
        ticket_hash: [u8; 32],
        nonce: [u8; PART_BYTES],
    ) -> Self {
        Self {
            role,
            session_id,
            own_key,
            peer_key,
            ticket_hash,
            nonce,
            state: State::AwaitCommitment,
        }
    }

    /// The first part to send.
    pub fn commitment(&self) -> [u8; PART_BYTES] {
        commitment(self.role, self.session_id, self.own_key, &self.nonce)
    }

    /// Takes in a part of the other side; what it returns is to be sent. After an error every
    /// further part is refused.
    pub fn handle_part(&mut self, part: &[u8]) -> Result<Option<[u8; PART_BYTES]>, SasError> {
        let state = std::mem::replace(&mut self.state, State::Failed);
        let part: [u8; PART_BYTES] = part.try_into().map_err(|_| SasError::OutOfOrder)?;
        match state {
            State::AwaitCommitment => {
                self.state = State::AwaitNonce { commitment: part };
                Ok(Some(self.nonce))
            }
            State::AwaitNonce { commitment: committed } => {
                let opened = commitment(self.role.other(), self.session_id, self.peer_key, &part);
                if !bool::from(opened.ct_eq(&committed)) {
                    return Err(SasError::WrongReveal);
                }
                self.state = State::Done(self.derive(&part));
                Ok(None)
            }
            State::Done(_) | State::Failed => Err(SasError::OutOfOrder),
        }
    }

    /// The digits, once both sides have revealed.
    pub fn digits(&self) -> Option<SasDigits> {
        match self.state {
            State::Done(digits) => Some(digits),
            _ => None,
        }
    }

    fn derive(&self, peer_nonce: &[u8; PART_BYTES]) -> SasDigits {
        let own = (self.own_key, &self.nonce);
        let peer = (self.peer_key, peer_nonce);
        let (host, viewer) = match self.role {
            Role::Host => (own, peer),
            Role::Viewer => (peer, own),
        };
        let hash = Sha256::new()
            .chain_update(DIGITS_CONTEXT)
            .chain_update(self.session_id.0.to_be_bytes())
            .chain_update(host.0.0)
            .chain_update(viewer.0.0)
            .chain_update(host.1)
            .chain_update(viewer.1)
            .chain_update(self.ticket_hash)
            .finalize();
        // 64 bits over a million leave a bias far below one in a billion.
        let head = hash.iter().take(8).fold(0u64, |all, byte| (all << 8) | u64::from(*byte));
        SasDigits((head % 1_000_000) as u32)
    }
}

/// The nonce stays out of logs.
impl fmt::Debug for Sas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sas")
            .field("role", &self.role)
            .field("session_id", &self.session_id)
            .finish_non_exhaustive()
    }
}

fn commitment(role: Role, session_id: SessionId, key: PeerKey, nonce: &[u8; PART_BYTES]) -> [u8; PART_BYTES] {
    Sha256::new()
        .chain_update(COMMIT_CONTEXT)
        .chain_update([role.byte()])
        .chain_update(session_id.0.to_be_bytes())
        .chain_update(key.0)
        .chain_update(nonce)
        .finalize()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: PeerKey = PeerKey([1; 32]);
    const VIEWER: PeerKey = PeerKey([2; 32]);

    fn pair() -> (Sas, Sas) {
        let host = Sas::new(Role::Host, SessionId(7), HOST, VIEWER, [9; 32], [3; 32]);
        let viewer = Sas::new(Role::Viewer, SessionId(7), VIEWER, HOST, [9; 32], [4; 32]);
        (host, viewer)
    }

    fn run(host: &mut Sas, viewer: &mut Sas) -> Result<(), SasError> {
        let to_viewer = host.commitment();
        let to_host = viewer.commitment();
        let from_host = host.handle_part(&to_host)?.expect("a nonce follows the commitment");
        let from_viewer = viewer.handle_part(&to_viewer)?.expect("a nonce follows the commitment");
        assert_eq!(host.handle_part(&from_viewer)?, None);
        assert_eq!(viewer.handle_part(&from_host)?, None);
        Ok(())
    }

    #[test]
    fn both_sides_read_the_same_six_digits() {
        let (mut host, mut viewer) = pair();
        assert_eq!(host.digits(), None);
        run(&mut host, &mut viewer).unwrap();
        assert_eq!(host.digits(), viewer.digits());
        // Golden: a change of the derivation breaks links between versions.
        assert_eq!(host.digits().unwrap().to_string(), "424 842");
    }

    #[test]
    fn the_digits_depend_on_every_input() {
        let digits = |session, host_key, viewer_key, ticket, host_nonce, viewer_nonce| {
            let mut host = Sas::new(
                Role::Host,
                SessionId(session),
                PeerKey([host_key; 32]),
                PeerKey([viewer_key; 32]),
                [ticket; 32],
                [host_nonce; 32],
            );
            let mut viewer = Sas::new(
                Role::Viewer,
                SessionId(session),
                PeerKey([viewer_key; 32]),
                PeerKey([host_key; 32]),
                [ticket; 32],
                [viewer_nonce; 32],
            );
            run(&mut host, &mut viewer).unwrap();
            host.digits().unwrap()
        };
        let all = [
            digits(7, 1, 2, 9, 3, 4),
            digits(8, 1, 2, 9, 3, 4),
            digits(7, 5, 2, 9, 3, 4),
            digits(7, 1, 5, 9, 3, 4),
            digits(7, 1, 2, 5, 3, 4),
            digits(7, 1, 2, 9, 5, 4),
            digits(7, 1, 2, 9, 3, 5),
            digits(7, 2, 1, 9, 4, 3),
        ];
        let distinct: std::collections::HashSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), all.len());
    }

    #[test]
    fn different_tickets_give_different_digits_without_an_error() {
        let (mut host, _) = pair();
        let mut viewer = Sas::new(Role::Viewer, SessionId(7), VIEWER, HOST, [8; 32], [4; 32]);
        run(&mut host, &mut viewer).unwrap();
        assert_ne!(host.digits(), viewer.digits());
    }

    #[test]
    fn a_wrong_reveal_fails_for_good() {
        let (mut host, viewer) = pair();
        host.handle_part(&viewer.commitment()).unwrap();
        assert_eq!(host.handle_part(&[5; 32]), Err(SasError::WrongReveal));
        assert_eq!(
            host.handle_part(&[4; 32]),
            Err(SasError::OutOfOrder),
            "the right nonce comes too late"
        );
        assert_eq!(host.digits(), None);
    }

    #[test]
    fn a_key_in_the_middle_does_not_open_the_commitment() {
        let (mut host, _) = pair();
        let mut middle = Sas::new(Role::Viewer, SessionId(7), PeerKey([6; 32]), HOST, [9; 32], [4; 32]);
        assert_eq!(run(&mut host, &mut middle), Err(SasError::WrongReveal));
    }

    #[test]
    fn mirrored_parts_are_refused() {
        let mut host = Sas::new(Role::Host, SessionId(7), HOST, HOST, [9; 32], [3; 32]);
        let mirrored = host.commitment();
        let nonce = host.handle_part(&mirrored).unwrap().unwrap();
        assert_eq!(host.handle_part(&nonce), Err(SasError::WrongReveal));
    }

    #[test]
    fn parts_of_another_size_and_parts_after_the_end_are_refused() {
        for size in [0, 31, 33] {
            let (mut host, _) = pair();
            assert_eq!(host.handle_part(&vec![0; size]), Err(SasError::OutOfOrder));
        }
        let (mut host, mut viewer) = pair();
        run(&mut host, &mut viewer).unwrap();
        assert_eq!(host.handle_part(&[0; 32]), Err(SasError::OutOfOrder));
    }
}
