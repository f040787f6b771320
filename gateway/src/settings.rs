//! Values of the organisation in the `settings` table; groups and channels follow with the Admin Center.

use crate::{
    db::{Columns, Db, Tx},
    error::Result,
};

/// A text setting of the organisation; none while unset or empty.
pub async fn text(db: &Db, name: &str) -> Result<Option<String>> {
    let row = sqlx::query("SELECT value FROM settings WHERE scope = 'organisation' AND scope_id = 1 AND name = $1")
        .bind(name)
        .fetch_optional(db.read())
        .await?;
    let value = row.map(|row| row.text("value")).transpose()?;
    Ok(value
        .and_then(|json| serde_json::from_str::<String>(&json).ok())
        .filter(|text| !text.trim().is_empty()))
}

/// Sets a text setting of the organisation; an empty text unsets it.
pub async fn set_text(tx: &mut Tx, name: &str, text: &str) -> std::result::Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM settings WHERE scope = 'organisation' AND scope_id = 1 AND name = $1")
        .bind(name)
        .execute(&mut **tx)
        .await?;
    if text.is_empty() {
        return Ok(());
    }
    sqlx::query("INSERT INTO settings (scope, scope_id, name, value) VALUES ('organisation', 1, $1, $2)")
        .bind(name)
        .bind(serde_json::Value::from(text).to_string())
        .execute(&mut **tx)
        .await?;
    Ok(())
}
