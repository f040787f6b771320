//! The session row: the projection of the log, locked while something changes it.

use farhand_protocol::{
    api::PeerAddress,
    ids::{MemberId, PeerKey, SessionId},
    session::{SessionState, Since, Status, Timer, timers_of},
    time::Timestamp,
};
use sqlx::any::AnyRow;

use crate::{
    db::{Columns, Db, Tx},
    error::{HttpError, Result},
    live::Moment,
};

/// A lost line to the applet counts as a lost link only after this, so that a redial is not taken for one.
pub(super) const LINK_GRACE_MILLIS: i64 = 5_000;
const MINUTE: i64 = 60_000;

/// One session.
#[derive(Debug, Clone)]
pub struct SessionRecord {
    /// Its number.
    pub session_id: SessionId,
    /// Grows whenever somebody locks the row, so that of two readings the newer is known.
    pub revision: i64,
    /// Who made the code.
    pub issued_by: MemberId,
    /// Group whose settings and permissions hold.
    pub group_id: i64,
    /// Name field.
    pub name: String,
    /// CField1 to CField5.
    pub fields: Vec<String>,
    /// Last comment.
    pub comment: String,
    /// SES-15.
    pub auto_start: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// End of its code.
    pub expires_at: Timestamp,
    /// None while only the code exists.
    pub state: Option<SessionState>,
    /// Since when it has this state.
    pub since: Timestamp,
    /// The same moved by the time the gateway was down; timers count from it.
    pub timer_since: Timestamp,
    /// It has ended, or its code expired unused.
    pub is_final: bool,
    /// When.
    pub ended_at: Option<Timestamp>,
    /// Key of the applet.
    pub applet_key: Option<PeerKey>,
    /// Hash of the applet's credential.
    pub credential_hash: Option<String>,
    /// Operating system.
    pub platform: Option<String>,
    /// Host name.
    pub device: Option<String>,
    /// Version of the applet.
    pub applet_version: Option<String>,
    /// Where the applet can be dialled.
    pub reachable: Option<PeerAddress>,
    /// SES-54, as it held when the session was made (SES-64).
    pub connecting_minutes: i64,
    /// SES-55.
    pub waiting_minutes: i64,
    /// SES-56.
    pub idle_minutes: i64,
    /// SES-58.
    pub last_action_at: Timestamp,
    /// The applet's line to the gateway is gone since then.
    pub link_lost_at: Option<Timestamp>,
    /// The lead has had no console since then.
    pub console_gone_at: Option<Timestamp>,
    /// Bytes of the events that peers have handed in.
    pub stored_bytes: i64,
}

impl SessionRecord {
    /// Its state.
    pub fn status(&self) -> Option<Status> {
        self.state.as_ref().map(|state| state.status)
    }

    /// Where in its history this reading stands.
    pub(super) fn moment(&self) -> Moment {
        Moment {
            session_id: self.session_id,
            revision: self.revision,
            is_final: self.is_final,
        }
    }

    /// Lead technician, once there is one.
    pub fn lead(&self) -> Option<MemberId> {
        self.state.as_ref().and_then(|state| state.lead)
    }

    /// When this timer runs out; none while it does not run.
    pub(super) fn deadline(&self, timer: Timer) -> Option<Timestamp> {
        let from = match timer.since() {
            Since::StateEntered => self.timer_since,
            Since::LastAction => self.last_action_at.max(self.timer_since),
            Since::LinkLost => self.link_lost_at?,
            Since::ConsoleGone => self.console_gone_at?,
        };
        let minutes = match timer {
            Timer::Connecting => self.connecting_minutes.max(1),
            Timer::Waiting => self.waiting_minutes,
            Timer::Idle => self.idle_minutes,
            _ => 0,
        };
        match timer.length() {
            farhand_protocol::session::Length::FixedMillis(millis) => Some(from.plus_millis(millis)),
            farhand_protocol::session::Length::Configured => (minutes > 0).then(|| from.plus_millis(minutes * MINUTE)),
        }
    }

    /// When the waiting limit of the session runs out, while one runs.
    pub(super) fn waiting_ends_at(&self) -> Option<Timestamp> {
        let is_waiting = |status: &Status| timers_of(*status).contains(&Timer::Waiting);
        self.status().filter(is_waiting)?;
        self.deadline(Timer::Waiting)
    }

    /// The next moment at which something is due.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        if self.is_final {
            return None;
        }
        let Some(status) = self.status() else {
            return Some(self.expires_at);
        };
        let link = (status == Status::Active)
            .then(|| self.link_lost_at.map(|at| at.plus_millis(LINK_GRACE_MILLIS)))
            .flatten();
        timers_of(status).iter().filter_map(|timer| self.deadline(*timer)).chain(link).min()
    }

    /// Writes everything that can change.
    pub(super) async fn save(&self, tx: &mut Tx) -> Result<()> {
        sqlx::query(
            "UPDATE sessions SET comment = $1, status = $2, state = $3, since = $4, timer_since = $5, is_final = $6, ended_at = $7, class = $8, \
             lead = $9, applet_key = $10, credential_hash = $11, platform = $12, device = $13, applet_version = $14, reachable = $15, \
             last_action_at = $16, link_lost_at = $17, console_gone_at = $18, next_due = $19, stored_bytes = $20 \
             WHERE session_id = $21",
        )
        .bind(&self.comment)
        .bind(self.status().map(Status::code))
        .bind(self.state.as_ref().map(serde_json::to_string).transpose()?)
        .bind(self.since.0)
        .bind(self.timer_since.0)
        .bind(i64::from(self.is_final))
        .bind(self.ended_at.map(|t| t.0))
        .bind(self.class()?)
        .bind(self.lead().map(|m| m.0))
        .bind(self.applet_key.map(|k| k.to_string()))
        .bind(&self.credential_hash)
        .bind(&self.platform)
        .bind(&self.device)
        .bind(&self.applet_version)
        .bind(self.reachable.as_ref().map(serde_json::to_string).transpose()?)
        .bind(self.last_action_at.0)
        .bind(self.link_lost_at.map(|t| t.0))
        .bind(self.console_gone_at.map(|t| t.0))
        .bind(self.next_due().map(|t| t.0))
        .bind(self.stored_bytes)
        .bind(self.session_id.0)
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    fn class(&self) -> Result<Option<String>> {
        let Some(class) = self.state.as_ref().and_then(SessionState::class) else {
            return Ok(None);
        };
        Ok(serde_json::to_value(class)?.as_str().map(str::to_owned))
    }
}

/// The session for reading.
pub(super) async fn load(db: &Db, session_id: SessionId) -> Result<SessionRecord> {
    let row = sqlx::query("SELECT * FROM sessions WHERE session_id = $1")
        .bind(session_id.0)
        .fetch_optional(db.read())
        .await?;
    row.as_ref().map(from_row).transpose()?.ok_or_else(HttpError::no_session)
}

/// The session for changing: its row stays locked until the transaction ends.
pub(super) async fn lock(tx: &mut Tx, session_id: SessionId) -> Result<SessionRecord> {
    let row = sqlx::query("UPDATE sessions SET revision = revision + 1 WHERE session_id = $1 RETURNING *")
        .bind(session_id.0)
        .fetch_optional(&mut **tx)
        .await?;
    row.as_ref().map(from_row).transpose()?.ok_or_else(HttpError::no_session)
}

pub(super) fn from_row(row: &AnyRow) -> Result<SessionRecord> {
    let key = row.text_or_none("applet_key")?;
    Ok(SessionRecord {
        session_id: SessionId(row.int("session_id")?),
        revision: row.int("revision")?,
        issued_by: MemberId(row.int("issued_by")?),
        group_id: row.int("group_id")?,
        name: row.text("name")?,
        fields: serde_json::from_str(&row.text("fields")?)?,
        comment: row.text("comment")?,
        auto_start: row.int("auto_start")? != 0,
        created_at: Timestamp(row.int("created_at")?),
        expires_at: Timestamp(row.int("expires_at")?),
        state: row.text_or_none("state")?.map(|text| serde_json::from_str(&text)).transpose()?,
        since: Timestamp(row.int("since")?),
        timer_since: Timestamp(row.int("timer_since")?),
        is_final: row.int("is_final")? != 0,
        ended_at: row.int_or_none("ended_at")?.map(Timestamp),
        applet_key: key.as_deref().and_then(PeerKey::parse),
        credential_hash: row.text_or_none("credential_hash")?,
        platform: row.text_or_none("platform")?,
        device: row.text_or_none("device")?,
        applet_version: row.text_or_none("applet_version")?,
        reachable: row.text_or_none("reachable")?.map(|text| serde_json::from_str(&text)).transpose()?,
        connecting_minutes: row.int("connecting_minutes")?,
        waiting_minutes: row.int("waiting_minutes")?,
        idle_minutes: row.int("idle_minutes")?,
        last_action_at: Timestamp(row.int("last_action_at")?),
        link_lost_at: row.int_or_none("link_lost_at")?.map(Timestamp),
        console_gone_at: row.int_or_none("console_gone_at")?.map(Timestamp),
        stored_bytes: row.int("stored_bytes")?,
    })
}
