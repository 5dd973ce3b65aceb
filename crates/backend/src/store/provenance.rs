//! What proves who made a chart that others publish: its provenance file, and what cosign put beside it in a registry. Either
//! is about one archive.
//!
//! An answer that there is none is kept, too: it cost a request. Of cosign it is asked again after a while, for whoever signs
//! may do so long after a chart was published.

use model::Timestamp;
use sqlx::FromRow;

use super::{Result, Store};

const FIND: &str = "select archive_digest, body, asked_at from provenance where chart_version_id = $1";
const PUT: &str = "insert into provenance (chart_version_id, archive_digest, body, asked_at) values ($1, $2, $3, $4) \
    on conflict (chart_version_id) do update set archive_digest = excluded.archive_digest, body = excluded.body, \
    asked_at = excluded.asked_at";
const FIND_COSIGN: &str =
    "select archive_digest, body, asked_at from cosign_signature where chart_version_id = $1";
const PUT_COSIGN: &str = "insert into cosign_signature (chart_version_id, archive_digest, body, asked_at) \
    values ($1, $2, $3, $4) on conflict (chart_version_id) do update set \
    archive_digest = excluded.archive_digest, body = excluded.body, asked_at = excluded.asked_at";
// `EntryDetails::urls` as it is stored; within a text its quotes would be escaped.
const WANTED_COSIGN: &str = "select v.chart_version_id, v.archive_digest, v.details from chart_version v \
    join chart c on c.chart_id = v.chart_id where c.repository_id = $1 and v.chart_version_id > $2 \
    and v.archive_state = 1 and v.yanked_at is null and v.details like '%\"u\":[\"oci://%' \
    and not exists (select 1 from cosign_signature s where s.chart_version_id = v.chart_version_id \
    and s.archive_digest = v.archive_digest and s.asked_at > $4) order by v.chart_version_id limit $3";
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

pub(super) const SQL: &[&str] = &[
    FIND,
    PUT,
    WANTED_ALL,
    WANTED_SIGNED,
    FIND_COSIGN,
    PUT_COSIGN,
    WANTED_COSIGN,
];

/// What proves who made a chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// A file of OpenPGP's beside the archive.
    ProvenanceFile,
    /// Signatures of the chart's manifest in a registry: JSON of `hosted::oci::signed`.
    Cosign,
}

/// Of which versions a proof is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WantedOf {
    /// The provenance file of those that say that they are signed.
    Signed,
    /// The provenance file of all.
    All,
    /// What cosign put beside those in registries, where nobody has asked since.
    CosignSince(Timestamp),
}

/// What an upstream answered when it was asked for a proof.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct ProvenanceRecord {
    /// SHA-256 of the archive that it is about.
    pub archive_digest: Vec<u8>,
    /// What there is; none where there is nothing.
    pub body: Option<Vec<u8>>,
    /// When that was, in seconds since 1970.
    pub asked_at: i64,
}

/// A version whose archive is in the store, and whose proof nobody has asked for.
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
    /// What is known of a proof of a version.
    #[tracing::instrument(name = "db.provenance.find", skip_all, err)]
    pub async fn find_provenance(&self, proof: Proof, version_id: i64) -> Result<Option<ProvenanceRecord>> {
        let statement = match proof {
            Proof::ProvenanceFile => FIND,
            Proof::Cosign => FIND_COSIGN,
        };
        Ok(on_pool!(self, |pool| {
            sqlx::query_as::<_, ProvenanceRecord>(statement)
                .bind(version_id)
                .fetch_optional(pool)
                .await
        })?)
    }

    /// Notes what an upstream answered of the archive with this digest.
    #[tracing::instrument(name = "db.provenance.put", skip_all, err)]
    pub async fn put_provenance(
        &self,
        proof: Proof,
        version_id: i64,
        archive_digest: &[u8],
        body: Option<&[u8]>,
        now: Timestamp,
    ) -> Result<()> {
        let statement = match proof {
            Proof::ProvenanceFile => PUT,
            Proof::Cosign => PUT_COSIGN,
        };
        on_writer!(self, |pool| {
            sqlx::query(statement)
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

    /// Versions of a repository past the key `after` to ask for.
    #[tracing::instrument(name = "db.provenance.wanted", skip_all, err)]
    pub async fn wanted_provenance(
        &self,
        repository_id: i64,
        of: WantedOf,
        after: i64,
        limit: i64,
    ) -> Result<Vec<WantedProvenance>> {
        let (statement, since) = match of {
            WantedOf::Signed => (WANTED_SIGNED, None),
            WantedOf::All => (WANTED_ALL, None),
            WantedOf::CosignSince(since) => (WANTED_COSIGN, Some(since.0)),
        };
        Ok(on_pool!(self, |pool| {
            let mut query = sqlx::query_as::<_, WantedProvenance>(statement)
                .bind(repository_id)
                .bind(after)
                .bind(limit);
            if let Some(since) = since {
                query = query.bind(since);
            }
            query.fetch_all(pool).await
        })?)
    }
}
