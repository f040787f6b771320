//! Hash chains: what is written verifies, what was changed does not, and replaying is idempotent.

use farhand_protocol::chain::*;
use farhand_protocol::gateway::{Events, MAX_EVENTS, ToGateway};
use farhand_protocol::ids::{PeerKey, SessionId};
use farhand_protocol::time::Timestamp;
use farhand_protocol::wire::Message;

const ORIGIN: Origin = Origin::Applet(PeerKey([7; 32]));
const SESSION: SessionId = SessionId(42);

fn entries(count: u64) -> Vec<ChainEntry> {
    let mut chain = Chain::new(ORIGIN, SESSION);
    (1..=count)
        .map(|n| {
            let body = Body::from([("line", Body::from(format!("Grüße {n}"))), ("number", Body::from(n as i64))]);
            chain.append(Timestamp(1_700_000_000_000 + n as i64), "chat.line", body).unwrap()
        })
        .collect()
}

/// A gateway's table of one chain.
#[derive(Default)]
struct Stored(Vec<ChainEntry>);

impl Stored {
    fn head(&self) -> Head {
        self.0.last().map_or(Head::EMPTY, ChainEntry::head)
    }

    fn take(&mut self, incoming: &[ChainEntry]) -> Result<usize, ChainError> {
        let hash_at = |seq: u64| self.0.get(usize::try_from(seq).ok()?.checked_sub(1)?).map(ChainEntry::hash);
        let replay = replay(ORIGIN, SESSION, self.head(), hash_at, incoming)?;
        let fresh = replay.fresh.to_vec();
        let head = replay.head;
        self.0.extend(fresh.iter().cloned());
        assert_eq!(self.head(), head);
        Ok(fresh.len())
    }
}

#[test]
fn a_written_chain_verifies_and_goes_on_after_a_restart() {
    let mut all = entries(5);
    let head = verify(&all).unwrap();
    assert_eq!(head.seq, 5);
    let mut chain = Chain::resume(ORIGIN, SESSION, &all).unwrap();
    assert_eq!(chain.head(), head);
    all.push(chain.append(Timestamp(1), "session.ended", Body::Null).unwrap());
    assert_eq!(verify(&all).unwrap(), chain.head(), "the clock may go back, the order does not");
    assert_eq!(verify(&[]).unwrap(), Head::EMPTY);
}

#[test]
fn any_change_to_any_field_is_found() {
    let good = entries(4);
    type Change = (&'static str, fn(&mut ChainEntry));
    let changes: [Change; 7] = [
        ("origin", |e| e.origin = Origin::Console(PeerKey([7; 32]))),
        ("session", |e| e.session_id = SessionId(43)),
        ("number", |e| e.seq += 1),
        ("time", |e| e.occurred_at = e.occurred_at.plus_millis(1)),
        ("link", |e| e.prev.0[31] ^= 1),
        ("kind", |e| e.kind.push('s')),
        ("body", |e| e.body = Body::Null),
    ];
    for (field, change) in changes {
        let mut forged = good.clone();
        change(&mut forged[1]);
        assert!(verify(&forged).is_err(), "{field}");
    }
    let mut short = good.clone();
    short.remove(1);
    assert_eq!(verify(&short), Err(ChainError::Gap { expected: 2, got: 3 }));
    let mut swapped = good;
    swapped.swap(1, 2);
    assert!(verify(&swapped).is_err());
}

#[test]
fn replaying_any_overlap_in_any_order_stores_each_entry_once() {
    let all = entries(9);
    let mut random = 1u64;
    for _ in 0..500 {
        let mut stored = Stored::default();
        let mut taken = 0;
        while stored.0.len() < all.len() {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let from = (random >> 33) as usize % all.len();
            let to = from + 1 + (random >> 13) as usize % (all.len() - from);
            match stored.take(&all[from..to]) {
                Ok(count) => taken += count,
                Err(ChainError::Gap { expected, got }) => {
                    assert_eq!(expected, stored.0.len() as u64 + 1);
                    assert_eq!(got, from as u64 + 1);
                }
                Err(other) => panic!("{other}"),
            }
            assert_eq!(stored.0, all[..stored.0.len()]);
        }
        assert_eq!(taken, all.len());
        assert_eq!(stored.take(&all), Ok(0));
    }
}

#[test]
fn a_rewritten_past_is_a_fork() {
    let all = entries(4);
    let mut stored = Stored::default();
    stored.take(&all[..3]).unwrap();
    let mut other = Chain::resume(ORIGIN, SESSION, &all[..2]).unwrap();
    let lie = other.append(Timestamp(5), "chat.line", Body::from("another third")).unwrap();
    assert_eq!(stored.take(std::slice::from_ref(&lie)), Err(ChainError::Fork { seq: 3 }));
    let after_lie = other.append(Timestamp(6), "chat.line", Body::Null).unwrap();
    assert_eq!(
        stored.take(&[after_lie]),
        Err(ChainError::Fork { seq: 3 }),
        "it names a third entry we never saw"
    );
    assert_eq!(stored.0.len(), 3);
    assert_eq!(stored.take(&all), Ok(1));
}

#[test]
fn entries_of_other_chains_are_not_taken() {
    let mut foreign = Chain::new(Origin::Applet(PeerKey([8; 32])), SESSION);
    let entry = foreign.append(Timestamp(0), "chat.line", Body::Null).unwrap();
    assert_eq!(
        Stored::default().take(std::slice::from_ref(&entry)),
        Err(ChainError::Foreign { seq: 1 })
    );
    assert_eq!(Chain::resume(ORIGIN, SESSION, &[entry]), Err(ChainError::Foreign { seq: 1 }));
    let mut foreign = Chain::new(ORIGIN, SessionId(1));
    let entry = foreign.append(Timestamp(0), "chat.line", Body::Null).unwrap();
    assert_eq!(Stored::default().take(&[entry]), Err(ChainError::Foreign { seq: 1 }));
}

#[test]
fn a_broken_link_inside_a_replay_stores_nothing() {
    let mut all = entries(4);
    all[2].prev.0[0] ^= 1;
    let mut stored = Stored::default();
    assert_eq!(stored.take(&all), Err(ChainError::Broken { seq: 3 }));
    assert!(stored.0.is_empty());
}

#[test]
fn too_large_entries_are_neither_written_nor_taken() {
    let mut chain = Chain::new(ORIGIN, SESSION);
    let huge = Body::from("x".repeat(MAX_BODY_BYTES));
    assert_eq!(
        chain.append(Timestamp(0), "chat.line", huge.clone()),
        Err(ChainError::TooLarge { seq: 1 })
    );
    assert_eq!(chain.append(Timestamp(0), "", Body::Null), Err(ChainError::TooLarge { seq: 1 }));
    assert_eq!(
        chain.append(Timestamp(0), &"k".repeat(MAX_KIND_BYTES + 1), Body::Null),
        Err(ChainError::TooLarge { seq: 1 })
    );
    assert_eq!(chain.head(), Head::EMPTY, "a refused entry leaves no trace");
    let mut entry = entries(1).remove(0);
    entry.body = huge;
    assert_eq!(Stored::default().take(&[entry]), Err(ChainError::TooLarge { seq: 1 }));
}

#[test]
fn json_and_cbor_carry_the_same_entry_and_hash() {
    let mut chain = Chain::new(ORIGIN, SESSION);
    let body = Body::from([
        ("yes", Body::Bool(true)),
        ("none", Body::Null),
        ("least", Body::Int(i64::MIN)),
        ("list", Body::List(vec![Body::Int(-1), Body::from("日本語 😀")])),
    ]);
    let entry = chain.append(Timestamp(1_700_000_000_123), "test.all", body).unwrap();
    let mut cbor = Vec::new();
    ciborium::into_writer(&entry, &mut cbor).unwrap();
    let from_cbor: ChainEntry = ciborium::from_reader(cbor.as_slice()).unwrap();
    let json = serde_json::to_string(&entry).unwrap();
    let from_json: ChainEntry = serde_json::from_str(&json).unwrap();
    assert_eq!((&from_cbor, &from_json), (&entry, &entry));
    assert_eq!(from_json.hash(), chain.head().hash);
    assert!(
        json.contains("\"origin\":\"applet:0707") && json.contains("2023-11-14T22:13:20.123Z"),
        "{json}"
    );
}

#[test]
fn the_hash_of_a_known_entry_never_changes() {
    let entry = &entries(1)[0];
    assert_eq!(
        entry.hash().to_string(),
        "eb3d443df7f295bb3043fa5b9050e056725a1c1eae1d8731a3c6c88ccc19a108",
        "chains on disk would break"
    );
}

#[test]
fn bodies_hold_only_what_json_and_cbor_share() {
    #[derive(serde::Serialize, serde::Deserialize, PartialEq, Debug)]
    struct Told {
        text: String,
        count: u32,
        maybe: Option<bool>,
    }
    let told = Told {
        text: "a".into(),
        count: 3,
        maybe: None,
    };
    let body = Body::from_value(&told).unwrap();
    assert_eq!(body.field("count").and_then(Body::as_int), Some(3));
    assert_eq!(body.to_value::<Told>().unwrap(), told);
    assert!(Body::from_value(&1.5).is_err());
    assert!(Body::from_value(&u64::MAX).is_err());
    assert!(serde_json::from_str::<Body>("{\"a\":1,\"a\":2}").is_err(), "a key twice");
    assert!(Body::from("x").to_value::<Told>().is_err());
}

#[test]
fn origins_have_one_text_each() {
    for origin in [Origin::Gateway, ORIGIN, Origin::Console(PeerKey([255; 32]))] {
        assert_eq!(origin.to_string().parse::<Origin>(), Ok(origin));
    }
    for text in ["", "Gateway", "gateway:", "applet:", "applet:07", "printer:00", "console"] {
        assert_eq!(text.parse::<Origin>(), Err(ChainError::BadOrigin), "{text}");
    }
}

#[test]
fn what_can_be_written_can_be_read_again() {
    let nested = |depth| (0..depth).fold(Body::Null, |inner, _| Body::List(vec![inner]));
    let wide = |values| Body::List(vec![Body::Null; values - 1]);
    let mut chain = Chain::new(ORIGIN, SESSION);
    for (body, fits) in [
        (nested(MAX_DEPTH), true),
        (nested(MAX_DEPTH + 1), false),
        (wide(MAX_VALUES), true),
        (wide(MAX_VALUES + 1), false),
        (Body::from([("a", wide(MAX_VALUES / 2)), ("b", wide(MAX_VALUES / 2))]), false),
    ] {
        let Ok(entry) = chain.append(Timestamp(0), "test.limits", body) else {
            assert!(!fits);
            continue;
        };
        assert!(fits);
        let events = Events {
            session_id: SESSION,
            entries: vec![entry],
        };
        let frame = ToGateway::Events(events.clone()).to_frame();
        assert_eq!(ToGateway::from_frame(&frame), Ok(Some(ToGateway::Events(events))));
    }
}

#[test]
fn any_backlog_goes_up_in_frames_the_gateway_takes() {
    let mut chain = Chain::new(ORIGIN, SESSION);
    let long = "x".repeat(16 * 1024);
    let backlog: Vec<_> = (0..600)
        .map(|n| {
            let text = if n % 2 == 0 { long.as_str() } else { "short" };
            chain.append(Timestamp(n), "chat.line", Body::from(text)).unwrap()
        })
        .collect();
    let mut rest = backlog.as_slice();
    while !rest.is_empty() {
        let upload = upload_of(rest);
        assert!(!upload.is_empty() && upload.len() <= MAX_EVENTS);
        let events = Events {
            session_id: SESSION,
            entries: upload.to_vec(),
        };
        assert!(matches!(ToGateway::from_frame(&ToGateway::Events(events).to_frame()), Ok(Some(_))));
        rest = &rest[upload.len()..];
    }
    let largest = chain
        .append(Timestamp(0), "chat.line", Body::from("x".repeat(MAX_BODY_BYTES - 8)))
        .unwrap();
    assert_eq!(
        upload_of(std::slice::from_ref(&largest)).len(),
        1,
        "the largest link goes up by itself"
    );
    assert_eq!(upload_of(&entries(300)).len(), MAX_EVENTS);
    assert!(upload_of(&[]).is_empty());
}

#[test]
fn a_time_no_list_could_show_is_not_taken() {
    for (time, good) in [
        (Timestamp::MIN, true),
        (Timestamp::MAX, true),
        (Timestamp(i64::MIN), false),
        (Timestamp(i64::MAX), false),
    ] {
        let mut entry = entries(1).remove(0);
        entry.occurred_at = time;
        let frame = ToGateway::Events(Events {
            session_id: SESSION,
            entries: vec![entry.clone()],
        })
        .to_frame();
        assert_eq!(ToGateway::from_frame(&frame).is_ok(), good, "{}", time.0);
        let json = serde_json::to_string(&entry).unwrap();
        assert_eq!(serde_json::from_str::<ChainEntry>(&json).is_ok(), good, "{json}");
    }
}
