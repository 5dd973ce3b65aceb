//! Provenance files of charts that others publish: small signed texts, each about one archive.
//!
//! An answer that there is none is kept, too: it cost a request.

use model::Timestamp;
use sqlx::FromRow;

use super::{Result, Store};

const FIND: &str = "select archive_digest, body, asked_at from provenance where chart_version_id = $1";
const PUT: &str = "insert into provenance (chart_version_id, archive_digest, body, asked_at) values ($1, $2, $3, $4) \
    on conflict (chart_version_id) do update set archive_digest = excluded.archive_digest, body = excluded.body, \
    asked_at = excluded.asked_at";
const WANTED_ALL: &str = "select v.chart_version_id, v.archive_digest, v.details from chart_version v \
    join chart c on c.chart_id = v.chart_id where c.repository_id = $1 and v.chart_version_id > $2 \
    and v.archive_state = 1 and v.yanked_at is null and not exists (select 1 from provenance p \
    where p.chart_version_id = v.chart_version_id and p.archive_digest = v.archive_digest) \
    order by v.chart_version_id limit $3";
// `EntryDetails::is_signed` as it is stored; within a text its quotes would be escaped.
const WANTED_SIGNED: &str = "select v.chart_version_id, v.archive_digest, v.details from chart_version v \
    join chart c on c.chart_id = v.chart_id where c.repository_id = $1 and v.chart_version_id > $2 \
    and v.archive_state = 1 and v.yanked_at is null and v.details like '%\"g\":true%' \
    and not exists (select 1 from provenance p \
    where p.chart_version_id = v.chart_version_id and p.archive_digest = v.archive_digest) \
    order by v.chart_version_id limit $3";

pub(super) const SQL: &[&str] = &[FIND, PUT, WANTED_ALL, WANTED_SIGNED];

/// What an upstream answered when it was asked for a provenance file.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct ProvenanceRecord {
    /// SHA-256 of the archive that it is about.
    pub archive_digest: Vec<u8>,
    /// The file; none where there is none.
    pub body: Option<Vec<u8>>,
    /// When that was, in seconds since 1970.
    pub asked_at: i64,
}

/// A version whose archive is in the store, and whose provenance file nobody has asked for.
#[derive(Clone, Debug, FromRow)]
pub struct WantedProvenance {
    /// The version's key.
    #[sqlx(rename = "chart_version_id")]
    pub id: i64,
    /// SHA-256 of its archive.
    pub archive_digest: Vec<u8>,
    /// JSON of [`super::EntryDetails`].
    pub details: String,
}

impl Store {
    /// What is known of the provenance file of a version.
    #[tracing::instrument(name = "db.provenance.find", skip_all, err)]
    pub async fn find_provenance(&self, version_id: i64) -> Result<Option<ProvenanceRecord>> {
        Ok(on_pool!(self, |pool| {
            sqlx::query_as::<_, ProvenanceRecord>(FIND)
                .bind(version_id)
                .fetch_optional(pool)
                .await
        })?)
    }

    /// Notes what an upstream answered of the archive with this digest.
    #[tracing::instrument(name = "db.provenance.put", skip_all, err)]
    pub async fn put_provenance(
        &self,
        version_id: i64,
        archive_digest: &[u8],
        body: Option<&[u8]>,
        now: Timestamp,
    ) -> Result<()> {
        on_writer!(self, |pool| {
            sqlx::query(PUT)
                .bind(version_id)
                .bind(archive_digest)
                .bind(body)
                .bind(now.0)
                .execute(pool)
                .await
                .map(drop)
        })?;
        Ok(())
    }

    /// Versions of a repository past the key `after` to ask for, all or those that say that they are signed.
    #[tracing::instrument(name = "db.provenance.wanted", skip_all, err)]
    pub async fn wanted_provenance(
        &self,
        repository_id: i64,
        signed_only: bool,
        after: i64,
        limit: i64,
    ) -> Result<Vec<WantedProvenance>> {
        let statement = if signed_only { WANTED_SIGNED } else { WANTED_ALL };
        Ok(on_pool!(self, |pool| {
            sqlx::query_as::<_, WantedProvenance>(statement)
                .bind(repository_id)
                .bind(after)
                .bind(limit)
                .fetch_all(pool)
                .await
        })?)
    }
}
