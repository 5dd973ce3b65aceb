//! What can go wrong between us and the database.

/// A failed database operation.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The configured URL is not one we understand. It is not repeated: it holds a password.
    #[error("`database.url` is neither a sqlite: nor a postgres: URL")]
    UnknownScheme,
    /// The database's place does not exist and cannot be made.
    #[error("the database directory `{path}` is not usable")]
    Directory {
        /// The directory.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The database cannot be opened.
    #[error("the {dialect} database cannot be opened")]
    Open {
        /// `SQLite` or `PostgreSQL`.
        dialect: &'static str,
        /// Why.
        #[source]
        source: sqlx::Error,
    },
    /// The schema cannot be brought up to date.
    #[error("the database schema cannot be brought up to date")]
    Migrate(#[source] sqlx::migrate::MigrateError),
    /// A statement failed.
    #[error("a statement on the database failed")]
    Statement(#[from] sqlx::Error),
    /// A stored datum is not what we store.
    #[error("`{table}.{column}` of row {id} is not valid")]
    Inconsistent {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The row's key.
        id: i64,
        /// Why it is not valid.
        #[source]
        source: serde_json::Error,
    },
    /// The name is taken.
    #[error("`{name}` exists already")]
    Exists {
        /// The name.
        name: String,
    },
}

impl From<StoreError> for crate::Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Exists { name } => Self::Conflict {
                what: format!("`{name}`"),
                reason: "the name is taken".to_owned(),
            },
            other => Self::internal(other),
        }
    }
}
