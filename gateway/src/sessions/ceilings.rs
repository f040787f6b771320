//! Ceilings of tickets that are in use: what changed is told to both ends as a signed update within a second (DESIGN, "How a session comes to be", 6),
//! whoever changed it: a sign-out, the command line, or a group that lost a permission.
//!
//! What was told last stands in the ticket's row with the number of the update. Numbers grow by one per ticket and are handed out with the row, so
//! that of several processes that notice one change a single one tells it.

use std::collections::{HashMap, HashSet};

use farhand_protocol::{
    api::SessionEvent,
    chain::Body,
    gateway::{CeilingIs, FromGateway},
    ids::{MemberId, PeerKey, SessionId},
    permission::CapabilitySet,
    session::Actor,
    ticket::{CeilingUpdate, Signed},
    time::Timestamp,
};
use sqlx::any::AnyRow;

use super::{log, publish, record, tickets};
use crate::{
    accounts::ceiling_of_group,
    app::Gateway,
    db::Columns,
    error::{HttpError, Result},
};

/// Tickets looked at in one go; the newest of each console counts.
const MOST_TICKETS: i64 = 20_000;

/// A ticket in use whose ceiling is not what was told last.
#[derive(Debug)]
struct Changed {
    ticket_id: String,
    session_id: SessionId,
    member_id: MemberId,
    /// Number of the last update.
    number: i64,
    ceiling: CapabilitySet,
    /// The sign-in it was issued to has ended: nothing is allowed any more, and it is not taken up again.
    ends: bool,
}

/// Compares every ticket in use with what its technician may do now, and tells both its ends what changed.
pub async fn check_ceilings(app: &Gateway) -> Result<()> {
    for changed in changed_ceilings(app).await? {
        if let Some(event) = store(app, &changed).await? {
            tell(app, &changed.ticket_id).await?;
            app.hub.tell_others(&crate::live::Notice::Ceiling(changed.ticket_id.clone()));
            let session = record::load(&app.db, changed.session_id).await?;
            publish::announce(app, &session, &[event]).await;
        }
    }
    Ok(())
}

async fn changed_ceilings(app: &Gateway) -> Result<Vec<Changed>> {
    let rows = sqlx::query(
        "SELECT t.ticket_id, t.session_id, t.member_id, t.viewer_key, t.ceiling, t.update_number, m.group_id, m.disabled, t.token_hash, \
         k.token_hash AS good FROM tickets t JOIN sessions s ON s.session_id = t.session_id JOIN members m ON m.member_id = t.member_id \
         LEFT JOIN tokens k ON k.token_hash = t.token_hash AND k.revoked_at IS NULL AND k.expires_at > $1 \
         WHERE s.is_final = 0 AND t.ended_at IS NULL ORDER BY t.issued_at DESC LIMIT $2",
    )
    .bind(app.now().0)
    .bind(MOST_TICKETS)
    .fetch_all(app.db.read())
    .await?;
    let (mut groups, mut seen, mut changed) = (HashMap::new(), HashSet::new(), Vec::new());
    for row in &rows {
        let session_id = SessionId(row.int("session_id")?);
        let signed_in = row.text_or_none("good")?.is_some() || row.text("token_hash")?.is_empty();
        let ends = !signed_in || row.int("disabled")? != 0;
        // An older ticket of the same console was replaced by the newer one.
        if !seen.insert((session_id, row.text("viewer_key")?)) && !ends {
            continue;
        }
        let ceiling = if ends {
            CapabilitySet::EMPTY
        } else {
            let group_id = row.int("group_id")?;
            match groups.get(&group_id) {
                Some(known) => *known,
                None => *groups.entry(group_id).or_insert(ceiling_of_group(&app.db, group_id).await?),
            }
        };
        if ends || row.text("ceiling")? != ceiling.to_string() {
            changed.push(Changed {
                ticket_id: row.text("ticket_id")?,
                session_id,
                member_id: MemberId(row.int("member_id")?),
                number: row.int("update_number")?,
                ceiling,
                ends,
            });
        }
    }
    Ok(changed)
}

/// Stores the next update; none when another process has done so.
async fn store(app: &Gateway, changed: &Changed) -> Result<Option<SessionEvent>> {
    let now = app.now();
    let mut tx = app.db.write().await?;
    let session = record::lock(&mut tx, changed.session_id).await?;
    if session.is_final {
        return Ok(None);
    }
    let sql = if changed.ends {
        "UPDATE tickets SET ceiling = $1, update_number = update_number + 1, ended_at = $2, lease_until = $2 \
         WHERE ticket_id = $3 AND update_number = $4 AND ended_at IS NULL"
    } else {
        "UPDATE tickets SET ceiling = $1, update_number = update_number + 1 WHERE ticket_id = $3 AND update_number = $4 AND ended_at IS NULL AND $2 > 0"
    };
    let done = sqlx::query(sql)
        .bind(changed.ceiling.to_string())
        .bind(now.0)
        .bind(&changed.ticket_id)
        .bind(changed.number)
        .execute(&mut *tx)
        .await?;
    if done.rows_affected() == 0 {
        return Ok(None);
    }
    let body = Body::from([
        ("ceiling", Body::from(changed.ceiling.to_string())),
        ("ended", Body::from(changed.ends)),
        ("member_id", Body::from(changed.member_id.0)),
        ("number", Body::from(changed.number + 1)),
        ("ticket_id", Body::from(changed.ticket_id.as_str())),
    ]);
    let event = log::append(&mut tx, changed.session_id, now, "ticket.ceiling", Actor::System, body).await?;
    tx.commit().await?;
    Ok(Some(event))
}

const UPDATED: &str =
    "SELECT ticket_id, session_id, member_id, viewer_key, ceiling, update_number, lease_until, ended_at FROM tickets WHERE ticket_id = $1";

/// Tells the newest update of a ticket to its ends, as far as they are connected here. With its last ticket a console loses the relay.
pub async fn tell(app: &Gateway, ticket_id: &str) -> Result<()> {
    let row = sqlx::query(UPDATED).bind(ticket_id).fetch_optional(app.db.read()).await?;
    let Some(row) = row else { return Ok(()) };
    let (session_id, member_id) = (SessionId(row.int("session_id")?), MemberId(row.int("member_id")?));
    let update = FromGateway::Ceiling(update_of(app, &row)?);
    app.hub.tell_applet(session_id, &update);
    app.hub.tell_technicians(&update, |viewer| viewer.member_id == member_id);
    if row.int_or_none("ended_at")?.is_some()
        && let Some(viewer_key) = PeerKey::parse(&row.text("viewer_key")?)
        && !tickets::may_relay(app, session_id, viewer_key).await?
    {
        app.relay.end_client(session_id, viewer_key);
    }
    Ok(())
}

/// What an applet that comes back may have missed: the newest update of each ticket that has one.
pub async fn ceilings_for_applet(app: &Gateway, session_id: SessionId) -> Result<Vec<CeilingIs>> {
    let sql = "SELECT ticket_id, session_id, ceiling, update_number, lease_until FROM tickets WHERE session_id = $1 AND update_number > 0";
    let rows = sqlx::query(sql).bind(session_id.0).fetch_all(app.db.read()).await?;
    rows.iter().map(|row| update_of(app, row)).collect()
}

/// The same for a technician's console.
pub async fn ceilings_for_console(app: &Gateway, member_id: MemberId) -> Result<Vec<CeilingIs>> {
    let sql = "SELECT t.ticket_id, t.session_id, t.ceiling, t.update_number, t.lease_until FROM tickets t \
               JOIN sessions s ON s.session_id = t.session_id WHERE t.member_id = $1 AND s.is_final = 0 AND t.update_number > 0 AND t.ended_at IS NULL";
    let rows = sqlx::query(sql).bind(member_id.0).fetch_all(app.db.read()).await?;
    rows.iter().map(|row| update_of(app, row)).collect()
}

fn update_of(app: &Gateway, row: &AnyRow) -> Result<CeilingIs> {
    let update = CeilingUpdate {
        ticket_id: row.text("ticket_id")?.parse().map_err(HttpError::internal)?,
        number: row.int("update_number")?.unsigned_abs(),
        ceiling: CapabilitySet::parse_list(&row.text("ceiling")?).map_err(HttpError::internal)?,
        lease_until: Timestamp(row.int("lease_until")?),
    };
    Ok(CeilingIs {
        session_id: SessionId(row.int("session_id")?),
        update: Signed::seal(&update, &app.keys.signing),
    })
}
