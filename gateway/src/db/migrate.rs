//! Migrations: SQL files that go forward only, each once, all of a start in one transaction. Before any of them a SQLite database is copied beside
//! itself; PostgreSQL is backed up by its own tools.

use std::path::PathBuf;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, Executor, Row};
use tracing::info;

use super::{Db, DbError, DbKind, Location, Tx};

/// Number, name and text of each migration, oldest first.
const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "foundation", include_str!("../../migrations/0001_foundation.sql")),
    (2, "tickets_of_tokens", include_str!("../../migrations/0002_tickets_of_tokens.sql")),
    (
        3,
        "ceilings_and_accounts",
        include_str!("../../migrations/0003_ceilings_and_accounts.sql"),
    ),
    (4, "stored_bytes", include_str!("../../migrations/0004_stored_bytes.sql")),
    (5, "ended_sessions", include_str!("../../migrations/0005_ended_sessions.sql")),
];

const CREATE: &str =
    "CREATE TABLE IF NOT EXISTS schema_migrations (version BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL)";

/// Numbers of the migrations that a start would apply.
pub async fn pending(db: &Db) -> Result<Vec<i64>, DbError> {
    let applied = match sqlx::query("SELECT version FROM schema_migrations").fetch_all(db.read()).await {
        Ok(rows) => rows.iter().map(|row| row.try_get(0)).collect::<Result<Vec<i64>, _>>()?,
        Err(_) => Vec::new(),
    };
    Ok(MIGRATIONS
        .iter()
        .map(|(version, ..)| *version)
        .filter(|version| !applied.contains(version))
        .collect())
}

/// Refuses a database that is older or newer than this program.
pub(super) async fn require_current(db: &Db) -> Result<(), DbError> {
    if let Some(version) = pending(db).await?.first() {
        return Err(DbError::Older(*version));
    }
    applied(&mut db.write().await?).await.map(|_| ())
}

pub(super) async fn run(db: &Db, location: &Location) -> Result<(), DbError> {
    if let (Location::File(path), false) = (location, pending(db).await?.is_empty()) {
        copy_before(db, path.clone()).await?;
    }
    let mut tx = db.write().await?;
    if db.kind() == DbKind::Postgres {
        // Several processes may start at once.
        tx.execute("DO $$ BEGIN PERFORM pg_advisory_xact_lock(7311427); END $$").await?;
    }
    tx.execute(CREATE).await?;
    let applied = applied(&mut tx).await?;
    for (version, name, sql) in MIGRATIONS {
        let checksum = HEXLOWER.encode(&Sha256::digest(sql.as_bytes()));
        match applied.iter().find(|(known, _)| known == version) {
            Some((_, known)) if *known != checksum => return Err(DbError::Changed(*version)),
            Some(_) => {}
            None => {
                for statement in statements(sql) {
                    tx.execute(AssertSqlSafe(statement)).await?;
                }
                sqlx::query("INSERT INTO schema_migrations (version, name, checksum) VALUES ($1, $2, $3)")
                    .bind(*version)
                    .bind(*name)
                    .bind(checksum)
                    .execute(&mut *tx)
                    .await?;
                info!(version, name, "migration applied");
            }
        }
    }
    tx.commit().await?;
    Ok(())
}

async fn applied(tx: &mut Tx) -> Result<Vec<(i64, String)>, DbError> {
    let rows = sqlx::query("SELECT version, checksum FROM schema_migrations")
        .fetch_all(&mut **tx)
        .await?;
    let applied = rows
        .iter()
        .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
        .collect::<Result<Vec<(i64, String)>, sqlx::Error>>()?;
    match applied
        .iter()
        .find(|(version, _)| MIGRATIONS.iter().all(|(known, ..)| known != version))
    {
        Some((version, _)) => Err(DbError::Newer(*version)),
        None => Ok(applied),
    }
}

/// Nothing is copied while there is nothing in it.
async fn copy_before(db: &Db, path: PathBuf) -> Result<(), DbError> {
    let tables = sqlx::query("SELECT name FROM sqlite_master WHERE type = 'table'")
        .fetch_all(db.read())
        .await?;
    if tables.is_empty() {
        return Ok(());
    }
    let copy = path.with_extension("before-migration.db");
    match std::fs::remove_file(&copy) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(DbError::Backup(error));
        }
        _ => {}
    }
    db.copy_to(&copy).await?;
    info!(copy = %copy.display(), "database copied before its migration");
    Ok(())
}

/// Statements end with a semicolon at the end of a line; comments are whole lines.
fn statements(sql: &str) -> Vec<String> {
    let code: Vec<&str> = sql.lines().filter(|line| !line.trim_start().starts_with("--")).collect();
    code.join("\n")
        .split(";\n")
        .map(|s| s.trim().trim_end_matches(';').to_owned())
        .filter(|s| !s.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_split_at_line_ends_and_comments_left_out() {
        assert_eq!(
            statements("-- a; b\nCREATE x (\n  y\n);\n\nINSERT z;\n"),
            ["CREATE x (\n  y\n)", "INSERT z"]
        );
    }

    #[test]
    fn migrations_are_numbered_without_gaps() {
        for (i, (version, ..)) in MIGRATIONS.iter().enumerate() {
            assert_eq!(*version, i as i64 + 1);
        }
    }

    #[tokio::test]
    async fn beside_a_gateway_a_database_of_another_version_is_refused_and_left_as_it_is() {
        let temp = tempfile::tempdir().unwrap();
        let location = Location::File(temp.path().join("gateway.db"));
        assert!(matches!(Db::open_beside(&location).await, Err(DbError::Older(1))));
        let db = Db::open(&location).await.unwrap();
        Db::open_beside(&location).await.unwrap();
        sqlx::query("INSERT INTO schema_migrations (version, name, checksum) VALUES (9999, 'x', 'x')")
            .execute(db.read())
            .await
            .unwrap();
        assert!(matches!(Db::open_beside(&location).await, Err(DbError::Newer(9999))));
    }
}
