//! The database: SQLite in the data folder, or PostgreSQL by URL, behind sqlx's `Any`. One writer holds SQLite with `BEGIN IMMEDIATE`;
//! PostgreSQL serialises writers of one session by its row. Every statement is the same on both.

mod migrate;

use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::{
    Any, AnyPool, Connection, Executor, Row,
    any::{AnyPoolOptions, AnyRow},
};
use thiserror::Error;

pub use migrate::pending;

/// A write transaction; dropped without commit it changes nothing.
pub type Tx = sqlx::Transaction<'static, Any>;

const SQLITE_PRAGMAS: [&str; 4] = [
    "PRAGMA busy_timeout = 10000",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
];
const POSTGRES_CONNECTIONS: u32 = 10;
/// A server that is gone is said to be gone soon.
const POSTGRES_PATIENCE: Duration = Duration::from_secs(5);
const SQLITE_READERS: u32 = 3;
const PROBE_PATIENCE: Duration = Duration::from_secs(15);

/// Why the database cannot be used.
#[derive(Debug, Error)]
pub enum DbError {
    /// It does not open.
    #[error("{0} cannot be used: {1}; see that it is there, that its disk can be written and has room, and that it is the one meant")]
    Open(String, sqlx::Error),
    /// It does not answer.
    #[error("the database does not answer: {0}")]
    Sql(sqlx::Error),
    /// A migration in it is unknown here: a newer gateway has used it.
    #[error("the database has migration {0}, which this gateway does not know; use the newer gateway")]
    Newer(i64),
    /// A migration was changed after it had been applied.
    #[error("migration {0} differs from the one that was applied")]
    Changed(i64),
    /// It is older than this program, and only a start of the gateway brings it up to date.
    #[error("the database is of an older version (migration {0} is missing); start the gateway of this version first")]
    Older(i64),
    /// The copy before a migration failed.
    #[error("the database could not be copied before its migration: {0}")]
    Backup(std::io::Error),
}

impl From<sqlx::Error> for DbError {
    fn from(cause: sqlx::Error) -> Self {
        Self::Sql(cause)
    }
}

/// Which database serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DbKind {
    /// A file in the data folder.
    Sqlite,
    /// A server by URL.
    Postgres,
}

/// Where the database is.
#[derive(Debug, Clone)]
pub enum Location {
    /// File of SQLite.
    File(PathBuf),
    /// `postgres://…`.
    Url(String),
}

/// The open database.
#[derive(Debug, Clone)]
pub struct Db {
    kind: DbKind,
    readers: AnyPool,
    writers: AnyPool,
}

impl Db {
    /// Opens the database and brings its tables up to date.
    pub async fn open(location: &Location) -> Result<Self, DbError> {
        let db = Self::connect(location).await?;
        migrate::run(&db, location).await?;
        Ok(db)
    }

    /// Opens the database as it is, to change it beside a gateway that may be running; refuses one of another version.
    pub async fn open_beside(location: &Location) -> Result<Self, DbError> {
        let db = Self::connect(location).await?;
        migrate::require_current(&db).await?;
        Ok(db)
    }

    /// Opens the database as it is, to look at.
    pub async fn connect(location: &Location) -> Result<Self, DbError> {
        sqlx::any::install_default_drivers();
        match location {
            Location::File(path) => Self::open_sqlite(path)
                .await
                .map_err(|cause| DbError::Open(path.display().to_string(), cause)),
            // The URL may hold a password.
            Location::Url(url) => Self::open_postgres(url)
                .await
                .map_err(|cause| DbError::Open("the PostgreSQL that --database or gateway.toml names".into(), cause)),
        }
    }

    async fn open_sqlite(path: &Path) -> Result<Self, sqlx::Error> {
        let url = format!("sqlite://{}?mode=rwc", percent_encode(&path.to_string_lossy()));
        let pool = |connections| {
            AnyPoolOptions::new()
                .max_connections(connections)
                .idle_timeout(None)
                .max_lifetime(None)
                .after_connect(|connection, _| {
                    Box::pin(async move {
                        for pragma in SQLITE_PRAGMAS {
                            connection.execute(pragma).await?;
                        }
                        Ok(())
                    })
                })
        };
        probe(&url, &SQLITE_PRAGMAS).await?;
        let writers = pool(1).connect(&url).await?;
        let readers = pool(SQLITE_READERS).connect_lazy(&url)?;
        Ok(Self {
            kind: DbKind::Sqlite,
            readers,
            writers,
        })
    }

    async fn open_postgres(url: &str) -> Result<Self, sqlx::Error> {
        probe(url, &[]).await?;
        let pool = AnyPoolOptions::new()
            .max_connections(POSTGRES_CONNECTIONS)
            .acquire_timeout(POSTGRES_PATIENCE)
            .connect(url)
            .await?;
        Ok(Self {
            kind: DbKind::Postgres,
            readers: pool.clone(),
            writers: pool,
        })
    }

    /// Which database this is.
    pub fn kind(&self) -> DbKind {
        self.kind
    }

    /// For reading.
    pub fn read(&self) -> &AnyPool {
        &self.readers
    }

    /// Begins to write.
    pub async fn write(&self) -> Result<Tx, sqlx::Error> {
        match self.kind {
            DbKind::Sqlite => match self.writers.begin_with("BEGIN IMMEDIATE").await {
                // On a full disk SQLite rolls back by itself, and the connection counts a transaction that is no more: it is replaced.
                Err(sqlx::Error::InvalidSavePointStatement) => {
                    let _ = self.writers.acquire().await?.close().await;
                    self.writers.begin_with("BEGIN IMMEDIATE").await
                }
                begun => begun,
            },
            DbKind::Postgres => self.writers.begin().await,
        }
    }

    /// Copies a SQLite database, consistent at one moment, into a new file.
    pub async fn copy_to(&self, file: &Path) -> Result<(), sqlx::Error> {
        sqlx::query("VACUUM INTO $1")
            .bind(file.to_string_lossy().into_owned())
            .execute(&self.writers)
            .await
            .map(|_| ())
    }

    /// Finishes what is under way and closes the files.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writers.close().await;
    }
}

/// Connects once, because a pool tries again and again and then says only that it has waited.
async fn probe(url: &str, pragmas: &[&'static str]) -> Result<(), sqlx::Error> {
    let connect = async {
        let mut connection = sqlx::AnyConnection::connect(url).await?;
        for pragma in pragmas {
            connection.execute(*pragma).await?;
        }
        connection.close().await
    };
    tokio::time::timeout(PROBE_PATIENCE, connect)
        .await
        .map_err(|_| sqlx::Error::PoolTimedOut)?
}

/// The next number of a counter; its row stays locked until the transaction ends, so numbers appear in order.
pub async fn next_id(tx: &mut Tx, counter: &str) -> Result<i64, sqlx::Error> {
    let row = sqlx::query("UPDATE counters SET value = value + 1 WHERE name = $1 RETURNING value")
        .bind(counter)
        .fetch_one(&mut **tx)
        .await?;
    row.try_get(0)
}

/// Says with the transaction that an account or a sign-in has changed, to every gateway process on this database.
pub async fn note_accounts(tx: &mut Tx) -> Result<(), sqlx::Error> {
    next_id(tx, "accounts").await?;
    if tx.backend_name() == "PostgreSQL" {
        sqlx::query(crate::live::ACCOUNTS_STATEMENT).execute(&mut **tx).await?;
    }
    Ok(())
}

/// Columns by name with less ceremony.
pub trait Columns {
    /// A text.
    fn text(&self, name: &str) -> Result<String, sqlx::Error>;
    /// A text or nothing.
    fn text_or_none(&self, name: &str) -> Result<Option<String>, sqlx::Error>;
    /// A number.
    fn int(&self, name: &str) -> Result<i64, sqlx::Error>;
    /// A number or nothing.
    fn int_or_none(&self, name: &str) -> Result<Option<i64>, sqlx::Error>;
}

impl Columns for AnyRow {
    fn text(&self, name: &str) -> Result<String, sqlx::Error> {
        self.try_get(name)
    }
    fn text_or_none(&self, name: &str) -> Result<Option<String>, sqlx::Error> {
        self.try_get(name)
    }
    fn int(&self, name: &str) -> Result<i64, sqlx::Error> {
        self.try_get(name)
    }
    fn int_or_none(&self, name: &str) -> Result<Option<i64>, sqlx::Error> {
        self.try_get(name)
    }
}

fn percent_encode(path: &str) -> String {
    path.bytes().fold(String::with_capacity(path.len()), |mut out, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn fresh(folder: &Path) -> (Db, Location) {
        let location = Location::File(folder.join("a b%20?.db"));
        (Db::open(&location).await.unwrap(), location)
    }

    #[tokio::test]
    async fn sqlite_keeps_what_was_committed_and_checks_references() {
        let temp = tempfile::tempdir().unwrap();
        let (db, _) = fresh(temp.path()).await;
        assert!(temp.path().join("a b%20?.db").exists(), "odd names are names");
        for pool in [&db.readers, &db.writers] {
            let number = async |pragma| sqlx::query(pragma).fetch_one(pool).await.unwrap().get::<i64, _>(0);
            assert_eq!(number("PRAGMA synchronous").await, 2, "FULL");
            assert_eq!(number("PRAGMA foreign_keys").await, 1);
            let mode: String = sqlx::query("PRAGMA journal_mode").fetch_one(pool).await.unwrap().get(0);
            assert_eq!(mode, "wal");
        }
        let mut tx = db.write().await.unwrap();
        assert_eq!(next_id(&mut tx, "event").await.unwrap(), 1);
        drop(tx);
        let mut tx = db.write().await.unwrap();
        assert_eq!(next_id(&mut tx, "event").await.unwrap(), 1, "what was not committed never was");
    }

    #[tokio::test]
    async fn after_the_disk_was_full_writing_goes_on() {
        let temp = tempfile::tempdir().unwrap();
        let (db, _) = fresh(temp.path()).await;
        // No page more than there are, on this connection.
        sqlx::query("PRAGMA max_page_count = 1").execute(&db.writers).await.unwrap();
        let mut tx = db.write().await.unwrap();
        let full = sqlx::query("INSERT INTO organisation (organisation_id, name, created_at) VALUES (1, $1, 0)")
            .bind("x".repeat(1 << 20))
            .execute(&mut *tx)
            .await;
        assert!(full.unwrap_err().to_string().contains("full"));
        drop(tx);
        let mut tx = db.write().await.unwrap();
        assert_eq!(next_id(&mut tx, "event").await.unwrap(), 1);
        tx.commit().await.unwrap();
    }

    #[tokio::test]
    async fn a_database_of_a_newer_gateway_or_with_a_changed_migration_is_refused() {
        let temp = tempfile::tempdir().unwrap();
        let (db, location) = fresh(temp.path()).await;
        let run = |sql: &'static str| sqlx::query(sql).execute(&db.writers);
        run("INSERT INTO schema_migrations (version, name, checksum) VALUES (99, 'later', '')")
            .await
            .unwrap();
        assert!(matches!(Db::open(&location).await, Err(DbError::Newer(99))));
        run("DELETE FROM schema_migrations WHERE version = 99").await.unwrap();
        run("UPDATE schema_migrations SET checksum = 'other' WHERE version = 1")
            .await
            .unwrap();
        assert!(matches!(Db::open(&location).await, Err(DbError::Changed(1))));
    }

    #[tokio::test]
    async fn before_a_migration_the_database_is_copied_and_a_failed_one_changes_nothing() {
        let temp = tempfile::tempdir().unwrap();
        let (db, location) = fresh(temp.path()).await;
        // As if the first migration were still to come, on tables that are in its way.
        sqlx::query("DELETE FROM schema_migrations").execute(&db.writers).await.unwrap();
        assert!(Db::open(&location).await.is_err());
        assert_eq!(pending(&db).await.unwrap(), [1, 2, 3, 4, 5]);
        let copy = temp.path().join("a b%20?.before-migration.db");
        let copy = Db::connect(&Location::File(copy)).await.unwrap();
        let counters: i64 = sqlx::query("SELECT COUNT(*) FROM counters")
            .fetch_one(copy.read())
            .await
            .unwrap()
            .get(0);
        assert_eq!(counters, 7);
    }
}
