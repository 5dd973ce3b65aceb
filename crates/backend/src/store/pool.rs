//! Connections: an enum of two databases, and the macros that run one expression on either.

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Postgres, Sqlite, Transaction};

use super::{Result, StoreError, migrate};
use crate::settings::DatabaseSettings;

/// A handle to the database; cloning it is cheap.
#[derive(Clone)]
pub struct Store {
    pub(super) pools: Pools,
}

#[derive(Clone)]
pub(super) enum Pools {
    /// SQLite lets one connection write; having exactly one turns waiting for the lock into waiting in a queue.
    Sqlite {
        reader: SqlitePool,
        writer: SqlitePool,
    },
    Postgres(PgPool),
}

/// A transaction that writes.
pub enum Tx {
    /// On SQLite's one writing connection.
    Sqlite(Transaction<'static, Sqlite>),
    /// On any connection.
    Postgres(Transaction<'static, Postgres>),
}

/// Runs an expression that reads on the configured database.
macro_rules! on_pool {
    ($store:expr, |$pool:ident| $body:expr) => {
        match &$store.pools {
            $crate::store::pool::Pools::Sqlite { reader: $pool, .. } => $body,
            $crate::store::pool::Pools::Postgres($pool) => $body,
        }
    };
}

/// Runs an expression that writes, outside any transaction.
macro_rules! on_writer {
    ($store:expr, |$pool:ident| $body:expr) => {
        match &$store.pools {
            $crate::store::pool::Pools::Sqlite { writer: $pool, .. } => $body,
            $crate::store::pool::Pools::Postgres($pool) => $body,
        }
    };
}

/// Runs an expression on a transaction's connection.
macro_rules! on_tx {
    ($tx:expr, |$connection:ident| $body:expr) => {
        match $tx {
            $crate::store::pool::Tx::Sqlite(tx) => {
                let $connection = &mut **tx;
                $body
            }
            $crate::store::pool::Tx::Postgres(tx) => {
                let $connection = &mut **tx;
                $body
            }
        }
    };
}

impl Store {
    /// Opens the database and brings its schema up to date.
    #[tracing::instrument(name = "db.open", skip_all, err)]
    pub async fn open(settings: &DatabaseSettings, data_dir: &Path) -> Result<Self> {
        let url = settings.url.expose();
        let pools = if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            open_postgres(url, settings.max_connections).await?
        } else if url.is_empty() {
            open_sqlite(
                SqliteConnectOptions::new().filename(data_dir.join("chartroom.db")),
                settings,
            )
            .await?
        } else if url.starts_with("sqlite:") {
            let options = SqliteConnectOptions::from_str(url).map_err(|source| StoreError::Open {
                dialect: "SQLite",
                source,
            })?;
            open_sqlite(options, settings).await?
        } else {
            return Err(StoreError::UnknownScheme);
        };
        let store = Self { pools };
        match &store.pools {
            Pools::Sqlite { writer, .. } => migrate::sqlite().run(writer).await,
            Pools::Postgres(pool) => migrate::postgres().run(pool).await,
        }
        .map_err(StoreError::Migrate)?;
        Ok(store)
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<()> {
        on_pool!(self, |pool| sqlx::query("select 1").execute(pool).await.map(drop))?;
        Ok(())
    }

    /// Begins a transaction that writes.
    pub async fn begin(&self) -> Result<Tx> {
        Ok(match &self.pools {
            // Immediate: a transaction that read first and then finds another process writing could not be retried.
            Pools::Sqlite { writer, .. } => Tx::Sqlite(writer.begin_with("begin immediate").await?),
            Pools::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }

    /// Whether this process alone uses the database.
    pub fn is_embedded(&self) -> bool {
        matches!(self.pools, Pools::Sqlite { .. })
    }

    /// Closes every connection; SQLite then folds its log into the database file.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { reader, writer } => {
                reader.close().await;
                writer.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }

    /// Checks that the database understands a statement.
    pub async fn prepare(&self, sql: &'static str) -> Result<()> {
        use sqlx::{Executor, SqlSafeStr};
        match &self.pools {
            Pools::Sqlite { writer, .. } => {
                writer.acquire().await?.prepare(sql.into_sql_str()).await?;
            }
            Pools::Postgres(pool) => {
                pool.acquire().await?.prepare(sql.into_sql_str()).await?;
            }
        }
        Ok(())
    }
}

impl Tx {
    /// Makes what was written last.
    pub async fn commit(self) -> Result<()> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }
}

async fn open_sqlite(options: SqliteConnectOptions, settings: &DatabaseSettings) -> Result<Pools> {
    if let Some(parent) = options.get_filename().parent() {
        std::fs::create_dir_all(parent).map_err(|source| StoreError::Directory {
            path: parent.display().to_string(),
            source,
        })?;
    }
    let options = options
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // With a write-ahead log this loses the last moments at a power cut, never consistency; what is lost is
        // fetched again.
        .synchronous(SqliteSynchronous::Normal)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(10));
    let open = |source| StoreError::Open {
        dialect: "SQLite",
        source,
    };
    let pool = |max| {
        SqlitePoolOptions::new()
            .max_connections(max)
            .max_lifetime(None)
            .idle_timeout(None)
            .test_before_acquire(false)
            .acquire_timeout(Duration::from_secs(30))
    };
    // The writer first: it creates the file.
    let writer = pool(1).connect_with(options.clone()).await.map_err(open)?;
    let reader = pool(settings.max_connections.max(1))
        .connect_with(options)
        .await
        .map_err(open)?;
    Ok(Pools::Sqlite { reader, writer })
}

async fn open_postgres(url: &str, max_connections: u32) -> Result<Pools> {
    let open = |source| StoreError::Open {
        dialect: "PostgreSQL",
        source,
    };
    let options = PgConnectOptions::from_str(url)
        .map_err(open)?
        .application_name("chartroom");
    let pool = PgPoolOptions::new()
        // Two more than read: one writes batches, one renews leases.
        .max_connections(max_connections.max(1) + 2)
        .acquire_timeout(Duration::from_secs(10))
        .connect_with(options)
        .await
        .map_err(open)?;
    Ok(Pools::Postgres(pool))
}
