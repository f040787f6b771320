//! What members and the command line did to the organisation itself; sessions have their own log.

use farhand_protocol::{ids::MemberId, time::Timestamp};

use crate::db::{Tx, next_id};

/// Writes a line. `target` and `address` never hold a secret.
pub async fn record(
    tx: &mut Tx,
    at: Timestamp,
    member: Option<MemberId>,
    action: &str,
    target: &str,
    address: &str,
) -> Result<(), sqlx::Error> {
    let audit_id = next_id(tx, "audit").await?;
    sqlx::query("INSERT INTO audit_log (audit_id, at, member_id, action, target, address) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(audit_id)
        .bind(at.0)
        .bind(member.map(|m| m.0))
        .bind(action)
        .bind(target)
        .bind(address)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
