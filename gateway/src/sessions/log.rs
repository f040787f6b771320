//! The log: one hash chain per session and origin. The gateway appends its own; peers upload theirs, which is idempotent and refuses a
//! rewritten past (DESIGN, "State: one log").

use farhand_protocol::{
    api::SessionEvent,
    chain::{Body, Chain, ChainEntry, ChainError, Head, LinkHash, Origin, replay},
    error::ErrorCode,
    gateway::MAX_EVENTS,
    ids::SessionId,
    session::Actor,
    time::Timestamp,
};
use sqlx::any::AnyRow;

use crate::{
    app::Gateway,
    db::{Columns, Tx, next_id},
    error::{HttpError, Result},
};

use super::record;

/// Events answered at once.
const PAGE: usize = 2000;
/// Stored text in the events answered at once; the first of them is answered however long it is.
const PAGE_BYTES: usize = 1 << 20;
/// Events read from the database at once, so that no more long ones are read than are answered.
const BATCH: usize = 100;
/// Longest chain of a peer: an event a second for two days.
pub const MAX_LINKS: u64 = 200_000;
/// Most that is stored of what the peers of one session hand in, give or take an upload.
pub const MAX_STORED_BYTES: i64 = 256 << 20;
/// What a link takes beside its kind and body: keys, hashes and times, and their indexes.
const BYTES_BESIDE: usize = 512;

/// What an upload brought.
#[derive(Debug)]
pub struct Uploaded {
    /// Last stored number of the chain.
    pub seq: u64,
    /// What was new, for the technicians who watch.
    pub fresh: Vec<SessionEvent>,
    /// Why the rest was refused, if it was.
    pub refused: Option<ChainError>,
}

/// Who acted, as the log names it (STM-70).
pub(super) const fn actor_code(actor: Actor) -> &'static str {
    match actor {
        Actor::Customer => "customer",
        Actor::Technician(_) => "technician",
        Actor::Administrator(_) => "administrator",
        Actor::System => "system",
    }
}

/// Appends an event of the gateway's own chain.
pub(super) async fn append(
    tx: &mut Tx,
    session_id: SessionId,
    now: Timestamp,
    kind: &str,
    actor: Actor,
    body: Body,
) -> Result<SessionEvent> {
    let head = head_of(tx, session_id, Origin::Gateway).await?;
    let entry = Chain::resume_at(Origin::Gateway, session_id, head).append(now, kind, body)?;
    store(tx, &entry, actor_code(actor), now).await
}

/// Stores what a peer wrote, as far as it follows. The caller has checked that the sender writes for this origin. What is known is taken again also once
/// the session has handed in all it may.
pub async fn upload(app: &Gateway, session_id: SessionId, origin: Origin, entries: &[ChainEntry]) -> Result<Uploaded> {
    if entries.len() > MAX_EVENTS {
        return Err(HttpError::malformed(format!("at most {MAX_EVENTS} events at once")));
    }
    if entries.iter().any(|entry| entry.kind.chars().any(char::is_control)) {
        return Err(HttpError::malformed("the kind of an event has no control characters"));
    }
    let now = app.now();
    let mut tx = app.db.write().await?;
    let mut session = record::lock(&mut tx, session_id).await?;
    let known = head_of(&mut tx, session_id, origin).await?;
    let hashes = hashes_from(&mut tx, session_id, origin, entries).await?;
    let hash_at = |seq: u64| hashes.iter().find(|(at, _)| *at == seq).map(|(_, hash)| *hash);
    let (incoming, head, refused) = match replay(origin, session_id, known, hash_at, entries) {
        Ok(replay) => (replay.fresh, replay.head, None),
        Err(refused) => (&entries[..0], known, Some(refused)),
    };
    if !incoming.is_empty() && (head.seq > MAX_LINKS || session.stored_bytes >= MAX_STORED_BYTES) {
        return Err(HttpError::new(
            ErrorCode::RequestTooLarge,
            "this session has handed in more events than are kept of one; nothing more of it is stored",
        ));
    }
    let actor = if matches!(origin, Origin::Applet(_)) {
        "customer"
    } else {
        "technician"
    };
    let mut fresh = Vec::with_capacity(incoming.len());
    for entry in incoming {
        fresh.push(store(&mut tx, entry, actor, now).await?);
    }
    if !fresh.is_empty() {
        session.last_action_at = now;
        session.stored_bytes = session.stored_bytes.saturating_add(fresh.iter().map(bytes_of).sum());
        session.save(&mut tx).await?;
    }
    tx.commit().await?;
    app.metrics.events_stored.add(fresh.len() as u64);
    Ok(Uploaded {
        seq: head.seq,
        fresh,
        refused,
    })
}

/// Events of a session after a number of the log, oldest first: a page of them, which is empty only when there are none.
pub async fn events_after(app: &Gateway, session_id: SessionId, after: i64) -> Result<Vec<SessionEvent>> {
    events_between(app, session_id, (after, i64::MAX)).await
}

/// The same up to a number of the log, that one included.
pub(super) async fn events_between(app: &Gateway, session_id: SessionId, (mut after, last): (i64, i64)) -> Result<Vec<SessionEvent>> {
    let (mut events, mut bytes) = (Vec::new(), 0);
    loop {
        let rows =
            sqlx::query("SELECT * FROM events WHERE session_id = $1 AND event_id > $2 AND event_id <= $3 ORDER BY event_id LIMIT $4")
                .bind(session_id.0)
                .bind(after)
                .bind(last)
                .bind(BATCH as i64)
                .fetch_all(app.db.read())
                .await?;
        for row in &rows {
            let (event, text_bytes) = event_from(row)?;
            bytes += text_bytes;
            if !events.is_empty() && bytes > PAGE_BYTES {
                return Ok(events);
            }
            after = event.event_id;
            events.push(event);
        }
        if rows.len() < BATCH || events.len() >= PAGE {
            return Ok(events);
        }
    }
}

async fn head_of(tx: &mut Tx, session_id: SessionId, origin: Origin) -> Result<Head> {
    let row = sqlx::query("SELECT seq, hash FROM events WHERE session_id = $1 AND origin = $2 ORDER BY seq DESC LIMIT 1")
        .bind(session_id.0)
        .bind(origin.to_string())
        .fetch_optional(&mut **tx)
        .await?;
    match row {
        Some(row) => Ok(Head {
            seq: row.int("seq")?.unsigned_abs(),
            hash: row.text("hash")?.parse()?,
        }),
        None => Ok(Head::EMPTY),
    }
}

/// Stored hashes of the numbers that came again.
async fn hashes_from(tx: &mut Tx, session_id: SessionId, origin: Origin, entries: &[ChainEntry]) -> Result<Vec<(u64, LinkHash)>> {
    let number = |entry: &ChainEntry| i64::try_from(entry.seq).unwrap_or(i64::MAX);
    let (first, last) = (
        entries.iter().map(number).min().unwrap_or(0),
        entries.iter().map(number).max().unwrap_or(0),
    );
    let rows = sqlx::query("SELECT seq, hash FROM events WHERE session_id = $1 AND origin = $2 AND seq >= $3 AND seq <= $4 LIMIT $5")
        .bind(session_id.0)
        .bind(origin.to_string())
        .bind(first)
        .bind(last)
        .bind(MAX_EVENTS as i64)
        .fetch_all(&mut **tx)
        .await?;
    rows.iter()
        .map(|row| Ok((row.int("seq")?.unsigned_abs(), row.text("hash")?.parse()?)))
        .collect()
}

async fn store(tx: &mut Tx, entry: &ChainEntry, actor: &str, now: Timestamp) -> Result<SessionEvent> {
    let event_id = next_id(tx, "event").await?;
    let detail = entry.body.to_json();
    let hash = entry.hash().to_string();
    sqlx::query(
        "INSERT INTO events (event_id, session_id, origin, seq, occurred_at, stored_at, prev, hash, kind, actor, detail) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(event_id)
    .bind(entry.session_id.0)
    .bind(entry.origin.to_string())
    .bind(i64::try_from(entry.seq).map_err(HttpError::internal)?)
    .bind(entry.occurred_at.0)
    .bind(now.0)
    .bind(entry.prev.to_string())
    .bind(&hash)
    .bind(&entry.kind)
    .bind(actor)
    .bind(detail.to_string())
    .execute(&mut **tx)
    .await?;
    Ok(SessionEvent {
        event_id,
        session_id: entry.session_id,
        occurred_at: entry.occurred_at,
        origin: entry.origin.to_string(),
        seq: entry.seq,
        kind: entry.kind.clone(),
        actor: actor.to_owned(),
        detail,
        hash,
    })
}

fn bytes_of(event: &SessionEvent) -> i64 {
    let bytes = BYTES_BESIDE + event.kind.len() + event.detail.to_string().len();
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// An event, and how long what it tells is.
fn event_from(row: &AnyRow) -> Result<(SessionEvent, usize)> {
    let (kind, detail) = (row.text("kind")?, row.text("detail")?);
    let text_bytes = kind.len() + detail.len();
    let event = SessionEvent {
        event_id: row.int("event_id")?,
        session_id: SessionId(row.int("session_id")?),
        occurred_at: Timestamp(row.int("occurred_at")?),
        origin: row.text("origin")?,
        seq: row.int("seq")?.unsigned_abs(),
        kind,
        actor: row.text("actor")?,
        detail: serde_json::from_str(&detail)?,
        hash: row.text("hash")?,
    };
    Ok((event, text_bytes))
}
