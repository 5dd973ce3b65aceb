//! The same test on both databases: SQLite always, PostgreSQL where `TEST_DATABASE_URL` names a server.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use backend::secret::SecretString;
use backend::settings::DatabaseSettings;
use backend::store::Store;

/// Runs `test` on an empty database of each kind.
pub(crate) fn on_each<F: Future<Output = ()>>(test: impl Fn(Store) -> F) {
    super::block_on(async {
        let dir = tempfile::tempdir().expect("a directory");
        test(open("", dir.path()).await).await;
        match PostgresDatabase::create().await {
            Some(database) => {
                let store = open(&database.url, dir.path()).await;
                test(store.clone()).await;
                store.close().await;
                database.drop().await;
            }
            None => eprintln!("skipped on PostgreSQL: TEST_DATABASE_URL is not set"),
        }
    });
}

/// The settings of an empty PostgreSQL database, where there is a server.
pub(crate) async fn open(url: &str, data_dir: &Path) -> Store {
    let settings = DatabaseSettings {
        url: SecretString::new(url),
        ..DatabaseSettings::default()
    };
    Store::open(&settings, data_dir)
        .await
        .expect("the database opens")
}

/// A database of one test's own.
pub(crate) struct PostgresDatabase {
    pub(crate) url: String,
    server: String,
    name: String,
}

impl PostgresDatabase {
    pub(crate) async fn create() -> Option<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let server = std::env::var("TEST_DATABASE_URL")
            .ok()
            .filter(|url| !url.is_empty())?;
        let name = format!(
            "chartroom_test_{}_{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        );
        execute(&server, format!("create database {name}")).await;
        let mut url = url::Url::parse(&server).expect("TEST_DATABASE_URL is a URL");
        url.set_path(&name);
        Some(Self {
            url: url.into(),
            server,
            name,
        })
    }

    pub(crate) async fn drop(self) {
        execute(
            &self.server,
            format!("drop database if exists {} with (force)", self.name),
        )
        .await;
    }
}

async fn execute(url: &str, sql: String) {
    use sqlx::{AssertSqlSafe, Connection, Executor};
    let mut connection = sqlx::PgConnection::connect(url)
        .await
        .expect("the test server answers");
    connection
        .execute(AssertSqlSafe(sql))
        .await
        .expect("the test server obeys");
    connection.close().await.expect("the connection closes");
}
