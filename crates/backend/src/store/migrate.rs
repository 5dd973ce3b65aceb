//! The schema, step by step: `migrations/{sqlite,postgres}/NNNN_name.sql`, the same numbers and names for both.

use sqlx::SqlSafeStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};

/// Number, name, and the text for SQLite and PostgreSQL. An applied step is never edited.
const MIGRATIONS: &[(i64, &str, &str, &str)] = &[
    (
        1,
        "catalog",
        include_str!("../../migrations/sqlite/0001_catalog.sql"),
        include_str!("../../migrations/postgres/0001_catalog.sql"),
    ),
    (
        2,
        "access",
        include_str!("../../migrations/sqlite/0002_access.sql"),
        include_str!("../../migrations/postgres/0002_access.sql"),
    ),
    (
        3,
        "operations",
        include_str!("../../migrations/sqlite/0003_operations.sql"),
        include_str!("../../migrations/postgres/0003_operations.sql"),
    ),
    (
        4,
        "hosted",
        include_str!("../../migrations/sqlite/0004_hosted.sql"),
        include_str!("../../migrations/postgres/0004_hosted.sql"),
    ),
    (
        5,
        "cluster_tokens",
        include_str!("../../migrations/sqlite/0005_cluster_tokens.sql"),
        include_str!("../../migrations/postgres/0005_cluster_tokens.sql"),
    ),
    (
        6,
        "provenance",
        include_str!("../../migrations/sqlite/0006_provenance.sql"),
        include_str!("../../migrations/postgres/0006_provenance.sql"),
    ),
    (
        7,
        "oci",
        include_str!("../../migrations/sqlite/0007_oci.sql"),
        include_str!("../../migrations/postgres/0007_oci.sql"),
    ),
    (
        8,
        "hosted_care",
        include_str!("../../migrations/sqlite/0008_hosted_care.sql"),
        include_str!("../../migrations/postgres/0008_hosted_care.sql"),
    ),
    (
        9,
        "registries",
        include_str!("../../migrations/sqlite/0009_registries.sql"),
        include_str!("../../migrations/postgres/0009_registries.sql"),
    ),
    (
        10,
        "hosted_retention",
        include_str!("../../migrations/sqlite/0010_hosted_retention.sql"),
        include_str!("../../migrations/postgres/0010_hosted_retention.sql"),
    ),
    (
        11,
        "hosted_webhooks",
        include_str!("../../migrations/sqlite/0011_hosted_webhooks.sql"),
        include_str!("../../migrations/postgres/0011_hosted_webhooks.sql"),
    ),
    (
        12,
        "hosted_grants",
        include_str!("../../migrations/sqlite/0012_hosted_grants.sql"),
        include_str!("../../migrations/postgres/0012_hosted_grants.sql"),
    ),
    (
        13,
        "cosign",
        include_str!("../../migrations/sqlite/0013_cosign.sql"),
        include_str!("../../migrations/postgres/0013_cosign.sql"),
    ),
];

/// Number and name of every step, for the test that compares them with the files.
pub fn migrations() -> impl Iterator<Item = (i64, &'static str)> {
    MIGRATIONS.iter().map(|(number, name, _, _)| (*number, *name))
}

pub(super) fn sqlite() -> Migrator {
    migrator(|(_, _, sqlite, _)| sqlite)
}

pub(super) fn postgres() -> Migrator {
    migrator(|(_, _, _, postgres)| postgres)
}

fn migrator(text: impl Fn(&(i64, &'static str, &'static str, &'static str)) -> &'static str) -> Migrator {
    Migrator::with_migrations(
        MIGRATIONS
            .iter()
            .map(|step| {
                let sql = text(step).into_sql_str();
                Migration::new(step.0, step.1.into(), MigrationType::Simple, sql, false)
            })
            .collect(),
    )
}
