//! Chart versions: what the index says of each, and how far we are with its archive.

use model::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::{FromRow, QueryBuilder};

use super::{Result, Store, StoreError, Tx};

const ENTRIES: &str = "select chart_version_id, version, entry_hash, yanked_at, digest from chart_version \
    where chart_id = $1";
const YANK: &str = "update chart_version set yanked_at = $2 where chart_version_id = $1 and yanked_at is null \
    returning chart_id";
const IDS: &str = "select chart_version_id from chart_version where chart_id = $1 and yanked_at is null";
const LIST: &str = "select v.version, v.app_version, v.published_at, v.deprecated, v.yanked_at, v.is_prerelease \
    from chart_version v join chart c on c.chart_id = v.chart_id \
    join repository r on r.repository_id = c.repository_id where r.name = $1 and c.name = $2 \
    order by case when v.yanked_at is null then 0 else 1 end, v.sort_key desc, v.version desc limit $3";
const FIND: &str = "select v.chart_version_id, v.chart_id, c.repository_id, c.name, r.url as repository_url, \
    v.version, c.version as latest_version, c.n_versions, v.app_version, v.published_at, v.deprecated, v.details, \
    v.digest, v.yanked_at, v.archive_state, v.archive_retry_at, v.archive_error, v.archive_digest, \
    v.archive_bytes, v.contents, i.digest as icon_digest, hr.tenant as hosted_tenant, h.file_name as hosted_file, \
    h.staged as hosted_staged, \
    case when coalesce(pr.is_private, false) or coalesce(hc.is_private, false) then pr.tenant end as private_tenant, \
    hc.deprecated as hosted_deprecated, hy.reason as hosted_yanked \
    from chart_version v join chart c on c.chart_id = v.chart_id \
    join repository r on r.repository_id = c.repository_id left join icon i on i.url = c.icon_url \
    left join hosted_file h on h.chart_version_id = v.chart_version_id and h.state = 'live' \
    left join hosted_repository hr on hr.repository_id = h.repository_id \
    left join hosted_repository pr on pr.repository_id = c.repository_id \
    left join hosted_chart hc on hc.repository_id = c.repository_id and hc.name = c.name \
    left join hosted_yank hy on hy.repository_id = c.repository_id and hy.name = c.name and hy.version = v.version \
    where r.name = $1 and c.name = $2 and v.version = case when $3 = '' then c.version else $3 end";
const WANTED_LATEST: &str = "select v.chart_version_id, v.chart_id, c.name, v.version, v.digest, v.details, \
    v.archive_attempts, v.archive_digest \
    from chart_version v join chart c on c.chart_id = v.chart_id \
    where c.repository_id = $1 and c.chart_id > $2 and v.version = c.version and v.archive_state <> 1 \
    and v.archive_retry_at <= $3 and v.yanked_at is null order by c.chart_id limit $4";
const WANTED_ALL: &str = "select v.chart_version_id, v.chart_id, c.name, v.version, v.digest, v.details, \
    v.archive_attempts, v.archive_digest \
    from chart_version v join chart c on c.chart_id = v.chart_id \
    where c.repository_id = $1 and v.chart_version_id > $2 and v.archive_state <> 1 \
    and v.archive_retry_at <= $3 and v.yanked_at is null order by v.chart_version_id limit $4";
const READ: &str = "update chart_version set archive_state = 1, archive_attempts = 0, archive_retry_at = 0, \
    archive_error = null, archive_digest = $2, archive_bytes = $3, contents = $4 where chart_version_id = $1";
// All that is known of a hosted version, whose archive was read before its row was written.
const PUT_READ: &str = "insert into chart_version (chart_id, version, sort_key, is_prerelease, entry_hash, app_version, \
    published_at, deprecated, details, digest, archive_state, archive_digest, archive_bytes, contents) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $10, $11, $12) \
    on conflict (chart_id, version) do update set sort_key = excluded.sort_key, \
    is_prerelease = excluded.is_prerelease, entry_hash = excluded.entry_hash, app_version = excluded.app_version, \
    published_at = excluded.published_at, deprecated = excluded.deprecated, details = excluded.details, \
    digest = excluded.digest, yanked_at = null, archive_state = 1, archive_retry_at = 0, archive_attempts = 0, \
    archive_error = null, archive_digest = excluded.archive_digest, archive_bytes = excluded.archive_bytes, \
    contents = excluded.contents returning chart_version_id";
const FAILED: &str = "update chart_version set archive_state = 2, archive_attempts = archive_attempts + 1, \
    archive_error = $2, archive_retry_at = $3 where chart_version_id = $1";
const FORGET: &str = "update chart_version set archive_state = 0, archive_digest = null, archive_bytes = null \
    where archive_digest = $1 and not exists \
    (select 1 from hosted_file h where h.chart_version_id = chart_version.chart_version_id)";
// Hosted charts lie elsewhere.
// The cast is for PostgreSQL, which sums bigint to numeric.
const HELD_BYTES: &str = "select cast(coalesce(sum(archive_bytes), 0) as bigint) from chart_version where archive_digest is not null \
    and not exists (select 1 from hosted_file h where h.chart_version_id = chart_version.chart_version_id)";
const IS_REFERENCED: &str = "select case when exists (select 1 from chart_version where archive_digest = $1) \
    or exists (select 1 from icon where digest = $1) then 1 else 0 end";
const EVICTABLE: &str = "select v.archive_digest, v.archive_bytes from chart_version v \
    join chart c on c.chart_id = v.chart_id where v.archive_digest is not null and v.version <> c.version \
    and not exists (select 1 from hosted_file h where h.chart_version_id = v.chart_version_id) order by v.sort_key limit $1";

pub(super) const SQL: &[&str] = &[
    ENTRIES,
    YANK,
    IDS,
    LIST,
    FIND,
    WANTED_LATEST,
    WANTED_ALL,
    READ,
    PUT_READ,
    FAILED,
    FORGET,
    HELD_BYTES,
    IS_REFERENCED,
    EVICTABLE,
];

/// Rows in one statement: enough to make the statement's own cost vanish, few enough for every parameter limit.
const ROWS_PER_STATEMENT: usize = 64;

/// What the version's own page shows of its index entry; stored as JSON.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct EntryDetails {
    /// One or two sentences.
    #[serde(rename = "d", skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Where its icon is.
    #[serde(rename = "i", skip_serializing_if = "Option::is_none")]
    pub icon: Option<String>,
    /// Its makers' page.
    #[serde(rename = "h", skip_serializing_if = "Option::is_none")]
    pub home: Option<String>,
    /// Pages of its source code.
    #[serde(rename = "s", skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<String>,
    /// Words to find it by.
    #[serde(rename = "k", skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// Who looks after it.
    #[serde(rename = "m", skip_serializing_if = "Vec::is_empty")]
    pub maintainers: Vec<MaintainerDetails>,
    /// The range of Kubernetes versions it is for.
    #[serde(rename = "v", skip_serializing_if = "Option::is_none")]
    pub kube_version: Option<String>,
    /// Its licence, where an annotation names it.
    #[serde(rename = "l", skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
    /// A chart that cannot be installed by itself.
    #[serde(rename = "b", skip_serializing_if = "std::ops::Not::not")]
    pub is_library: bool,
    /// It says which key signs it.
    #[serde(rename = "g", skip_serializing_if = "std::ops::Not::not")]
    pub is_signed: bool,
    /// Its sub-charts.
    #[serde(rename = "p", skip_serializing_if = "Vec::is_empty")]
    pub dependencies: Vec<DependencyDetails>,
    /// Container images that an annotation names.
    #[serde(rename = "o", skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<String>,
    /// Another name that it is known by, where an annotation names it.
    #[serde(rename = "a", skip_serializing_if = "Option::is_none")]
    pub alternative_name: Option<String>,
    /// What kind of software it is, where an annotation says so.
    #[serde(rename = "c", skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Where its archive is, as the index says.
    #[serde(rename = "u", skip_serializing_if = "Vec::is_empty")]
    pub urls: Vec<String>,
    /// What it changes, where an annotation says so.
    #[serde(rename = "x", skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<ChangeDetails>,
}

/// One thing that a version changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChangeDetails {
    /// One of the six words that there are; empty where it says none.
    #[serde(rename = "k", skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// One line.
    #[serde(rename = "d")]
    pub description: String,
    /// Names with addresses.
    #[serde(rename = "l", skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<(String, String)>,
}

/// Who looks after a chart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MaintainerDetails {
    /// A name.
    #[serde(rename = "n")]
    pub name: String,
    /// An address.
    #[serde(rename = "e", skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// A page.
    #[serde(rename = "u", skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// A sub-chart as declared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DependencyDetails {
    /// Its chart's name.
    #[serde(rename = "n")]
    pub name: String,
    /// The range of versions.
    #[serde(rename = "v", skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// Where from.
    #[serde(rename = "r", skip_serializing_if = "String::is_empty")]
    pub repository: String,
    /// What it is called here.
    #[serde(rename = "a", skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    /// The value that switches it.
    #[serde(rename = "c", skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// Groups it is switched with.
    #[serde(rename = "t", skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
}

/// A version to store as its index entry says.
#[derive(Clone, Debug)]
pub struct EntryRecord {
    /// The chart.
    pub chart_id: i64,
    /// As the index says.
    pub version: String,
    /// See `chart_version.sort_key`.
    pub sort_key: Vec<u8>,
    /// Not a release.
    pub is_prerelease: bool,
    /// Over everything below.
    pub entry_hash: i64,
    /// Free text.
    pub app_version: Option<String>,
    /// As the index says.
    pub published_at: Option<Timestamp>,
    /// Its makers ask to use another.
    pub deprecated: bool,
    /// JSON of [`EntryDetails`].
    pub details: String,
    /// SHA-256 that the archive should have.
    pub digest: Option<Vec<u8>>,
}

/// As much of a stored version as a sync compares with.
#[derive(Clone, Debug, FromRow)]
pub struct StoredEntry {
    /// The key.
    #[sqlx(rename = "chart_version_id")]
    pub id: i64,
    /// As the index says.
    pub version: String,
    /// See [`EntryRecord::entry_hash`].
    pub entry_hash: i64,
    /// When it was found to be gone.
    pub yanked_at: Option<i64>,
    /// SHA-256 that the archive should have.
    pub digest: Option<Vec<u8>>,
}

/// A version as the versions tab lists it.
#[derive(Clone, Debug, FromRow)]
pub struct VersionRow {
    /// As the index says.
    pub version: String,
    /// Free text.
    pub app_version: Option<String>,
    /// Seconds since 1970.
    pub published_at: Option<i64>,
    /// Its makers ask to use another.
    pub deprecated: bool,
    /// When it was found to be gone.
    pub yanked_at: Option<i64>,
    /// Not a release.
    pub is_prerelease: bool,
}

/// How far we are with an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArchiveStatus {
    /// Wanted.
    Wanted,
    /// In the store, and as the index says.
    Read,
    /// The last attempt failed.
    Failed,
}

/// Everything about a version.
#[derive(Clone, Debug)]
pub struct VersionRecord {
    /// The key.
    pub id: i64,
    /// The chart's key.
    pub chart_id: i64,
    /// The repository's key.
    pub repository_id: i64,
    /// The chart's name.
    pub name: String,
    /// The repository's URL.
    pub repository_url: String,
    /// As the index says.
    pub version: String,
    /// The chart's newest.
    pub latest_version: String,
    /// The chart's versions.
    pub n_versions: i64,
    /// Free text.
    pub app_version: Option<String>,
    /// As the index says.
    pub published_at: Option<Timestamp>,
    /// Its makers ask to use another.
    pub deprecated: bool,
    /// The rest of the index entry.
    pub details: EntryDetails,
    /// SHA-256 that the archive should have.
    pub digest: Option<Vec<u8>>,
    /// It is gone from the index.
    pub yanked: bool,
    /// How far we are with the archive.
    pub archive: ArchiveStatus,
    /// When a failed archive may be tried again.
    pub archive_retry_at: Timestamp,
    /// Why the last attempt failed.
    pub archive_error: Option<String>,
    /// The archive that is in the store.
    pub archive_digest: Option<Vec<u8>>,
    /// Its size.
    pub archive_bytes: Option<i64>,
    /// JSON: the summary of it.
    pub contents: Option<String>,
    /// Digest of our copy of the chart's icon.
    pub icon_digest: Option<Vec<u8>>,
    /// Where the archive is, of a hosted chart.
    pub hosted: Option<HostedPlace>,
    /// The tenant whose private chart it is; none of a public one.
    pub private_tenant: Option<String>,
    /// Why a hosted chart should not be used any more, where its people say so.
    pub hosted_deprecated: Option<String>,
    /// Why a hosted version is had by its exact name alone, where its people say so.
    pub hosted_yanked: Option<String>,
}

/// Where a hosted chart's archive is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostedPlace {
    /// See `hosted_repository.tenant`.
    pub tenant: String,
    /// `name-version.tgz`
    pub file_name: String,
    /// See `hosted_file.staged`.
    pub staged: Option<String>,
}

/// An archive to fetch.
#[derive(Clone, Debug, FromRow)]
pub struct PendingArchive {
    /// The version's key.
    #[sqlx(rename = "chart_version_id")]
    pub id: i64,
    /// The chart's key.
    pub chart_id: i64,
    /// The chart's name.
    pub name: String,
    /// As the index says.
    pub version: String,
    /// SHA-256 that it should have.
    pub digest: Option<Vec<u8>>,
    /// JSON of [`EntryDetails`].
    pub details: String,
    /// Failed attempts so far.
    pub archive_attempts: i64,
    /// The older archive that is in the store.
    pub archive_digest: Option<Vec<u8>>,
}

/// How fetching an archive ended.
#[derive(Clone, Debug)]
pub enum ArchiveResult {
    /// It is in the store.
    Read {
        /// The version's key.
        id: i64,
        /// The chart's key.
        chart_id: i64,
        /// SHA-256 of what is in the store.
        digest: Vec<u8>,
        /// Its size.
        size_bytes: i64,
        /// JSON: the summary of it.
        contents: String,
    },
    /// It is not.
    Failed {
        /// The version's key.
        id: i64,
        /// In words.
        reason: String,
        /// When to try again.
        retry_at: Timestamp,
    },
}

#[derive(FromRow)]
struct Row {
    chart_version_id: i64,
    chart_id: i64,
    repository_id: i64,
    name: String,
    repository_url: String,
    version: String,
    latest_version: String,
    n_versions: i64,
    app_version: Option<String>,
    published_at: Option<i64>,
    deprecated: bool,
    details: String,
    digest: Option<Vec<u8>>,
    yanked_at: Option<i64>,
    archive_state: i64,
    archive_retry_at: i64,
    archive_error: Option<String>,
    archive_digest: Option<Vec<u8>>,
    archive_bytes: Option<i64>,
    contents: Option<String>,
    icon_digest: Option<Vec<u8>>,
    hosted_tenant: Option<String>,
    hosted_file: Option<String>,
    hosted_staged: Option<String>,
    private_tenant: Option<String>,
    hosted_deprecated: Option<String>,
    hosted_yanked: Option<String>,
}

impl TryFrom<Row> for VersionRecord {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        let details = serde_json::from_str(&row.details).map_err(|source| StoreError::Inconsistent {
            table: "chart_version",
            column: "details",
            id: row.chart_version_id,
            source,
        })?;
        Ok(Self {
            id: row.chart_version_id,
            chart_id: row.chart_id,
            repository_id: row.repository_id,
            name: row.name,
            repository_url: row.repository_url,
            version: row.version,
            latest_version: row.latest_version,
            n_versions: row.n_versions,
            app_version: row.app_version,
            published_at: row.published_at.map(Timestamp),
            deprecated: row.deprecated,
            details,
            digest: row.digest,
            yanked: row.yanked_at.is_some(),
            archive: match row.archive_state {
                1 => ArchiveStatus::Read,
                2 => ArchiveStatus::Failed,
                _ => ArchiveStatus::Wanted,
            },
            archive_retry_at: Timestamp(row.archive_retry_at),
            archive_error: row.archive_error,
            archive_digest: row.archive_digest,
            archive_bytes: row.archive_bytes,
            contents: row.contents,
            icon_digest: row.icon_digest,
            hosted: row
                .hosted_tenant
                .zip(row.hosted_file)
                .map(|(tenant, file_name)| HostedPlace {
                    tenant,
                    file_name,
                    staged: row.hosted_staged,
                }),
            private_tenant: row.private_tenant,
            hosted_deprecated: row.hosted_deprecated,
            hosted_yanked: row.hosted_yanked,
        })
    }
}

impl Store {
    /// What is stored of a chart's versions, to compare an index with.
    pub async fn chart_entries(&self, chart_id: i64) -> Result<Vec<StoredEntry>> {
        Ok(on_pool!(self, |pool| {
            sqlx::query_as::<_, StoredEntry>(ENTRIES)
                .bind(chart_id)
                .fetch_all(pool)
                .await
        })?)
    }

    /// The keys of a chart's versions that are in the index.
    pub async fn listed_versions(&self, chart_id: i64) -> Result<Vec<i64>> {
        Ok(on_pool!(self, |pool| {
            sqlx::query_scalar::<_, i64>(IDS)
                .bind(chart_id)
                .fetch_all(pool)
                .await
        })?)
    }

    /// A chart's versions, newest first, those gone from the index last.
    #[tracing::instrument(name = "db.version.list", skip_all, fields(chart.name = %name), err)]
    pub async fn list_versions(&self, repository: &str, name: &str, limit: i64) -> Result<Vec<VersionRow>> {
        Ok(on_pool!(self, |pool| {
            sqlx::query_as::<_, VersionRow>(LIST)
                .bind(repository)
                .bind(name)
                .bind(limit)
                .fetch_all(pool)
                .await
        })?)
    }

    /// One version; without a version the chart's newest.
    #[tracing::instrument(name = "db.version.find", skip_all, fields(chart.name = %name), err)]
    pub async fn find_version(
        &self,
        repository: &str,
        name: &str,
        version: Option<&str>,
    ) -> Result<Option<VersionRecord>> {
        on_pool!(self, |pool| {
            sqlx::query_as::<_, Row>(FIND)
                .bind(repository)
                .bind(name)
                .bind(version.unwrap_or(""))
                .fetch_optional(pool)
                .await
        })?
        .map(VersionRecord::try_from)
        .transpose()
    }

    /// Archives to fetch: the newest version of every chart past the chart `after`.
    pub async fn wanted_latest(
        &self,
        repository_id: i64,
        after: i64,
        now: Timestamp,
        limit: i64,
    ) -> Result<Vec<PendingArchive>> {
        self.wanted(WANTED_LATEST, repository_id, after, now, limit).await
    }

    /// Archives to fetch: every version past the version `after`.
    pub async fn wanted_all(
        &self,
        repository_id: i64,
        after: i64,
        now: Timestamp,
        limit: i64,
    ) -> Result<Vec<PendingArchive>> {
        self.wanted(WANTED_ALL, repository_id, after, now, limit).await
    }

    #[tracing::instrument(name = "db.version.wanted", skip_all, err)]
    async fn wanted(
        &self,
        sql: &'static str,
        repository_id: i64,
        after: i64,
        now: Timestamp,
        limit: i64,
    ) -> Result<Vec<PendingArchive>> {
        Ok(on_pool!(self, |pool| {
            sqlx::query_as::<_, PendingArchive>(sql)
                .bind(repository_id)
                .bind(after)
                .bind(now.0)
                .bind(limit)
                .fetch_all(pool)
                .await
        })?)
    }

    /// An object is gone: whatever referred to it wants it again.
    #[tracing::instrument(name = "db.version.forget", skip_all, err)]
    pub async fn forget_archive(&self, digest: &[u8]) -> Result<()> {
        on_writer!(self, |pool| sqlx::query(FORGET)
            .bind(digest)
            .execute(pool)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Bytes of all archives that are referred to.
    pub async fn held_archive_bytes(&self) -> Result<u64> {
        let n = on_pool!(self, |pool| {
            sqlx::query_scalar::<_, i64>(HELD_BYTES).fetch_one(pool).await
        })?;
        Ok(n.unsigned_abs())
    }

    /// Whether anything refers to an object.
    pub async fn is_referenced(&self, digest: &[u8]) -> Result<bool> {
        let n = on_pool!(self, |pool| {
            sqlx::query_scalar::<_, i32>(IS_REFERENCED)
                .bind(digest)
                .fetch_one(pool)
                .await
        })?;
        Ok(n == 1)
    }

    /// Archives that may make room: none is its chart's newest; oldest versions first.
    pub async fn evictable_archives(&self, limit: i64) -> Result<Vec<(Vec<u8>, i64)>> {
        Ok(on_pool!(self, |pool| {
            sqlx::query_as::<_, (Vec<u8>, i64)>(EVICTABLE)
                .bind(limit)
                .fetch_all(pool)
                .await
        })?)
    }
}

impl Tx {
    /// Stores what the index says of versions, new or known. A known version whose digest changed keeps the archive it
    /// has and wants the new one.
    pub async fn upsert_entries(&mut self, entries: &[EntryRecord]) -> Result<()> {
        for chunk in entries.chunks(ROWS_PER_STATEMENT) {
            on_tx!(&mut *self, |c| {
                let mut query = QueryBuilder::new(
                    "insert into chart_version (chart_id, version, sort_key, is_prerelease, entry_hash, app_version, \
                     published_at, deprecated, details, digest) ",
                );
                query.push_values(chunk, |mut row, entry| {
                    row.push_bind(entry.chart_id)
                        .push_bind(entry.version.as_str())
                        .push_bind(entry.sort_key.as_slice())
                        .push_bind(entry.is_prerelease)
                        .push_bind(entry.entry_hash)
                        .push_bind(entry.app_version.as_deref())
                        .push_bind(entry.published_at.map(|at| at.0))
                        .push_bind(entry.deprecated)
                        .push_bind(entry.details.as_str())
                        .push_bind(entry.digest.as_deref());
                });
                query.push(
                    " on conflict (chart_id, version) do update set sort_key = excluded.sort_key, \
                     is_prerelease = excluded.is_prerelease, entry_hash = excluded.entry_hash, \
                     app_version = excluded.app_version, published_at = excluded.published_at, \
                     deprecated = excluded.deprecated, details = excluded.details, yanked_at = null, \
                     archive_state = case when excluded.digest is not null and chart_version.archive_state = 1 \
                     and excluded.digest = chart_version.archive_digest then 1 \
                     when excluded.digest is null and chart_version.digest is null \
                     then chart_version.archive_state else 0 end, \
                     archive_retry_at = 0, archive_attempts = 0, digest = excluded.digest",
                );
                // Only whole chunks come again: statements of other sizes are not worth keeping prepared.
                query
                    .build()
                    .persistent(chunk.len() == ROWS_PER_STATEMENT)
                    .execute(c)
                    .await
                    .map(drop)
            })?;
        }
        Ok(())
    }

    /// Stores a version, new or known, with what its archive says: its digest, of which the entry tells, its length, and
    /// what is in it (JSON). Answers its key.
    pub async fn put_read_version(
        &mut self,
        entry: &EntryRecord,
        size_bytes: i64,
        contents: &str,
    ) -> Result<i64> {
        Ok(on_tx!(self, |c| {
            sqlx::query_scalar::<_, i64>(PUT_READ)
                .bind(entry.chart_id)
                .bind(entry.version.as_str())
                .bind(entry.sort_key.as_slice())
                .bind(entry.is_prerelease)
                .bind(entry.entry_hash)
                .bind(entry.app_version.as_deref())
                .bind(entry.published_at.map(|at| at.0))
                .bind(entry.deprecated)
                .bind(entry.details.as_str())
                .bind(entry.digest.as_deref())
                .bind(size_bytes)
                .bind(contents)
                .fetch_one(c)
                .await
        })?)
    }

    /// Marks versions as gone from the index; answers the charts they belong to.
    pub async fn yank_versions(&mut self, ids: &[i64], now: Timestamp) -> Result<Vec<i64>> {
        let mut charts = Vec::new();
        for id in ids {
            let chart = on_tx!(&mut *self, |c| {
                sqlx::query_scalar::<_, i64>(YANK)
                    .bind(*id)
                    .bind(now.0)
                    .fetch_optional(c)
                    .await
            })?;
            charts.extend(chart);
        }
        charts.sort_unstable();
        charts.dedup();
        Ok(charts)
    }

    /// Notes how fetching an archive ended.
    pub async fn note_archive(&mut self, result: &ArchiveResult) -> Result<()> {
        match result {
            ArchiveResult::Read {
                id,
                digest,
                size_bytes,
                contents,
                ..
            } => on_tx!(self, |c| {
                sqlx::query(READ)
                    .bind(*id)
                    .bind(digest.as_slice())
                    .bind(*size_bytes)
                    .bind(contents.as_str())
                    .execute(c)
                    .await
                    .map(drop)
            })?,
            ArchiveResult::Failed { id, reason, retry_at } => on_tx!(self, |c| {
                sqlx::query(FAILED)
                    .bind(*id)
                    .bind(reason.as_str())
                    .bind(retry_at.0)
                    .execute(c)
                    .await
                    .map(drop)
            })?,
        }
        Ok(())
    }
}
