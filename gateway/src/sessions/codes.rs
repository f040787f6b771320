//! PIN and link of a session: drawn at random, unique while open, kept only as keyed hashes, good for one start (SES-11, SES-12, EML-29).

use data_encoding::HEXLOWER;
use farhand_protocol::{
    code::{Code, LINK_CODE_BYTES, LinkCode, PIN_DIGITS, Pin},
    error::ErrorCode,
    ids::SessionId,
    time::Timestamp,
};

use crate::{
    app::Gateway,
    db::{Columns, Db, Tx},
    error::{HttpError, Result},
    secret::{hmac_sha256, random_bytes},
};

const DRAWS: usize = 64;

/// What a code is worth now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeState {
    /// Starts this session.
    Open(SessionId),
    /// Nobody made it, or long ago.
    Unknown,
    /// It came too late (STM-20, EML-25).
    Expired,
    /// It has started this session already (EML-29).
    Used {
        /// The session.
        session_id: SessionId,
        /// It would still be open, had nobody used it: whoever did may ask again.
        is_alive: bool,
    },
}

impl CodeState {
    /// The session of an open code, or the refusal.
    pub fn session(self) -> Result<SessionId> {
        match self {
            Self::Open(session_id) => Ok(session_id),
            Self::Unknown => Err(HttpError::new(ErrorCode::CodeUnknown, "no session waits under this PIN or link")),
            Self::Expired => Err(HttpError::new(
                ErrorCode::CodeExpired,
                "the PIN or link has expired; ask the technician for a new one",
            )),
            Self::Used { .. } => Err(HttpError::new(ErrorCode::CodeUsed, "this PIN or link is already in use")),
        }
    }
}

/// What is stored of a code.
pub(super) fn code_hash(app: &Gateway, code: &Code) -> String {
    let (kind, text) = match code {
        Code::Pin(_) => (&b"pin\0"[..], code.to_string()),
        Code::Link(_) => (&b"link\0"[..], code.to_string()),
    };
    HEXLOWER.encode(&hmac_sha256(&app.keys.codes, &[b"farhand code v1\0", kind, text.as_bytes()]))
}

/// Draws PIN and link for a session.
pub(super) async fn issue(
    app: &Gateway,
    tx: &mut Tx,
    session_id: SessionId,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(Pin, LinkCode)> {
    sqlx::query("UPDATE codes SET open_key = NULL WHERE open_key IS NOT NULL AND expires_at <= $1")
        .bind(now.0)
        .execute(&mut **tx)
        .await?;
    let link = LinkCode::from_random(random_bytes::<LINK_CODE_BYTES>().map_err(HttpError::internal)?);
    insert(tx, &code_hash(app, &Code::Link(link.clone())), session_id, "link", expires_at).await?;
    for _ in 0..DRAWS {
        let sample = u64::from_le_bytes(random_bytes::<8>().map_err(HttpError::internal)?);
        let Some(pin) = Pin::from_random(sample, PIN_DIGITS) else {
            continue;
        };
        let hash = code_hash(app, &Code::Pin(pin.clone()));
        let taken = sqlx::query("SELECT session_id FROM codes WHERE open_key = $1")
            .bind(&hash)
            .fetch_optional(&mut **tx)
            .await?;
        if taken.is_none() {
            insert(tx, &hash, session_id, "pin", expires_at).await?;
            return Ok((pin, link));
        }
    }
    Err(HttpError::internal("no free PIN was found"))
}

async fn insert(tx: &mut Tx, hash: &str, session_id: SessionId, kind: &str, expires_at: Timestamp) -> Result<()> {
    sqlx::query("INSERT INTO codes (code_hash, open_key, session_id, kind, expires_at, used_at) VALUES ($1, $1, $2, $3, $4, NULL)")
        .bind(hash)
        .bind(session_id.0)
        .bind(kind)
        .bind(expires_at.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// What a code is worth; an open one goes before old ones with the same digits.
pub(super) async fn look_up(db: &Db, hash: &str, now: Timestamp) -> Result<CodeState> {
    let rows = sqlx::query("SELECT session_id, expires_at, used_at FROM codes WHERE code_hash = $1 ORDER BY expires_at DESC")
        .bind(hash)
        .fetch_all(db.read())
        .await?;
    let mut worth = CodeState::Unknown;
    for row in &rows {
        let session_id = SessionId(row.int("session_id")?);
        let used = row.int_or_none("used_at")?.is_some();
        let expired = row.int("expires_at")? <= now.0;
        match (used, expired) {
            (false, false) => return Ok(CodeState::Open(session_id)),
            (true, _) if worth == CodeState::Unknown => {
                let is_alive = !expired;
                worth = CodeState::Used { session_id, is_alive };
            }
            (false, true) if worth == CodeState::Unknown => worth = CodeState::Expired,
            _ => {}
        }
    }
    Ok(worth)
}

/// Takes an open code out of use, PIN and link together. False when somebody was faster.
pub(super) async fn consume(tx: &mut Tx, session_id: SessionId, now: Timestamp) -> Result<bool> {
    let done = sqlx::query("UPDATE codes SET used_at = $1, open_key = NULL WHERE session_id = $2 AND used_at IS NULL AND expires_at > $1")
        .bind(now.0)
        .bind(session_id.0)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() > 0)
}

/// Closes the codes of a session that ends before anyone came. From now on they have expired, and are kept as long as others that have.
pub(super) async fn withdraw(tx: &mut Tx, session_id: SessionId, now: Timestamp) -> Result<()> {
    sqlx::query(
        "UPDATE codes SET open_key = NULL, expires_at = CASE WHEN expires_at > $1 THEN $1 ELSE expires_at END \
         WHERE session_id = $2 AND used_at IS NULL",
    )
    .bind(now.0)
    .bind(session_id.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}
