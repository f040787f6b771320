//! Values in the `settings` table: of the organisation, and of technician groups, where a group without one follows the group above it.

use crate::{
    accounts::DEEPEST_GROUP,
    db::{Columns, Db, Tx},
    error::Result,
};

const ORGANISATION: &str = "organisation";
const ORGANISATION_ID: i64 = 1;
const GROUP: &str = "group";
/// What a group has itself, and which group is above it.
const OF_GROUP: &str = "SELECT g.parent_id, s.value FROM technician_groups g \
                        LEFT JOIN settings s ON s.scope = 'group' AND s.scope_id = g.group_id AND s.name = $1 WHERE g.group_id = $2";

/// A text setting of the organisation; none while unset or empty.
pub async fn text(db: &Db, name: &str) -> Result<Option<String>> {
    let row = sqlx::query("SELECT value FROM settings WHERE scope = 'organisation' AND scope_id = 1 AND name = $1")
        .bind(name)
        .fetch_optional(db.read())
        .await?;
    let value = row.map(|row| row.text("value")).transpose()?;
    Ok(value.as_deref().and_then(text_in))
}

/// A text setting of a technician group: its own, else that of the nearest group above which has one; none where nobody has set it.
pub async fn group_text(db: &Db, group_id: i64, name: &str) -> Result<Option<String>> {
    let mut group = Some(group_id);
    for _ in 0..DEEPEST_GROUP {
        let Some(id) = group else { break };
        let row = sqlx::query(OF_GROUP).bind(name).bind(id).fetch_optional(db.read()).await?;
        let Some(row) = row else { break };
        if let Some(text) = row.text_or_none("value")?.as_deref().and_then(text_in) {
            return Ok(Some(text));
        }
        group = row.int_or_none("parent_id")?;
    }
    Ok(None)
}

/// Sets a text setting of the organisation; an empty text unsets it.
pub async fn set_text(tx: &mut Tx, name: &str, text: &str) -> std::result::Result<(), sqlx::Error> {
    set(tx, (ORGANISATION, ORGANISATION_ID), name, text).await
}

/// Sets a text setting of a technician group; an empty text unsets it, and the group follows the one above it again.
pub async fn set_group_text(tx: &mut Tx, group_id: i64, name: &str, text: &str) -> std::result::Result<(), sqlx::Error> {
    set(tx, (GROUP, group_id), name, text).await
}

async fn set(tx: &mut Tx, (scope, scope_id): (&str, i64), name: &str, text: &str) -> std::result::Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM settings WHERE scope = $1 AND scope_id = $2 AND name = $3")
        .bind(scope)
        .bind(scope_id)
        .bind(name)
        .execute(&mut **tx)
        .await?;
    if text.is_empty() {
        return Ok(());
    }
    sqlx::query("INSERT INTO settings (scope, scope_id, name, value) VALUES ($1, $2, $3, $4)")
        .bind(scope)
        .bind(scope_id)
        .bind(name)
        .bind(serde_json::Value::from(text).to_string())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// The text in a stored value; none when it is empty or no text.
fn text_in(json: &str) -> Option<String> {
    serde_json::from_str::<String>(json).ok().filter(|text| !text.trim().is_empty())
}

#[cfg(test)]
pub(crate) mod tests {
    use std::path::Path;

    use super::*;
    use crate::db::Location;

    /// A database with these technician groups and the group above each.
    pub(crate) async fn with_groups(folder: &Path, groups: &[(i64, Option<i64>)]) -> Db {
        let db = Db::open(&Location::File(folder.join("gateway.db"))).await.unwrap();
        let mut tx = db.write().await.unwrap();
        for (group_id, parent_id) in groups {
            sqlx::query("INSERT INTO technician_groups (group_id, parent_id, name, created_at) VALUES ($1, $2, 'G', 0)")
                .bind(*group_id)
                .bind(*parent_id)
                .execute(&mut *tx)
                .await
                .unwrap();
        }
        tx.commit().await.unwrap();
        db
    }

    #[tokio::test]
    async fn a_group_without_a_setting_follows_the_group_above_it() {
        let temp = tempfile::tempdir().unwrap();
        let db = with_groups(temp.path(), &[(1, None), (2, Some(1)), (3, Some(2)), (4, Some(1))]).await;
        let set = async |group_id, text: &str| {
            let mut tx = db.write().await.unwrap();
            set_group_text(&mut tx, group_id, "greeting", text).await.unwrap();
            tx.commit().await.unwrap();
        };
        let greetings = async || {
            let mut found = Vec::new();
            for group_id in 1..=5 {
                let text = group_text(&db, group_id, "greeting").await.unwrap();
                found.push(text.unwrap_or_default());
            }
            found.join(",")
        };
        assert_eq!(greetings().await, ",,,,");
        set(1, "hello").await;
        set(2, "bonjour").await;
        assert_eq!(greetings().await, "hello,bonjour,bonjour,hello,");
        set(2, "salut").await;
        set(3, "hallo").await;
        assert_eq!(greetings().await, "hello,salut,hallo,hello,");
        set(2, "").await;
        assert_eq!(greetings().await, "hello,hello,hallo,hello,");
        assert_eq!(text(&db, "greeting").await.unwrap(), None, "the organisation has its own");
    }
}
