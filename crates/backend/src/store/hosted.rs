//! Hosted repositories: which file is which version, and the entries of their indexes.
//!
//! A file's bytes are on the disk before its row says so, and its row says so before they are in their place: `staged`
//! names where they are meanwhile. A removed file is out of sight before it is off the disk: `removing`. So whatever
//! moment a process dies in, the rows are right, and [`Store::unfinished_files`] lists what is left to do.

use sqlx::FromRow;

use super::{Result, Store, Tx};

const FIND: &str = "select h.repository_id, h.tenant, r.name, h.generation, h.floor_generation, h.changed_at, \
    h.is_private from hosted_repository h join repository r on r.repository_id = h.repository_id where h.tenant = $1";
const LIST: &str = "select h.repository_id, h.tenant, r.name, h.generation, h.floor_generation, h.changed_at, \
    h.is_private from hosted_repository h join repository r on r.repository_id = h.repository_id order by h.tenant";
const INSERT: &str = "insert into hosted_repository (repository_id, tenant, changed_at) values ($1, $2, $3) \
    on conflict (tenant) do nothing";
const BUMP: &str = "update hosted_repository set generation = generation + 1, \
    changed_at = case when changed_at < $2 then $2 else changed_at end where repository_id = $1 returning generation";
// Writes nothing and holds the row until the transaction ends, on either database.
const LOCK: &str = "update hosted_repository set tenant = tenant where repository_id = $1";
const STATS: &str = "select file_name, state, size_bytes, modified_at, staged, chart_version_id from hosted_file \
    where repository_id = $1 and state <> 'gone'";
const ENTRIES: &str = "select f.file_name, f.state, f.name, f.version, f.entry, \
    coalesce(c.is_private, false) as is_private, c.deprecated is not null as is_deprecated, \
    y.reason is not null as is_yanked from hosted_file f \
    left join hosted_chart c on c.repository_id = f.repository_id and c.name = f.name \
    left join hosted_yank y on y.repository_id = f.repository_id and y.name = f.name and y.version = f.version \
    where f.repository_id = $1 and f.generation > $2 and ($2 > 0 or f.state = 'live')";
const FILE: &str = "select hosted_file_id, file_name, state, chart_version_id, name, version, digest, size_bytes, \
    modified_at, staged, kept from hosted_file where repository_id = $1 and file_name = $2";
const OF_CHART: &str = "select hosted_file_id, file_name, state, chart_version_id, name, version, digest, size_bytes, \
    modified_at, staged, kept from hosted_file where repository_id = $1 and name = $2 and state = 'live' \
    order by modified_at, hosted_file_id";
const COUNT: &str = "select count(*) from hosted_file where repository_id = $1 and state = 'live'";
const COUNT_OF: &str =
    "select count(*) from hosted_file where repository_id = $1 and name = $2 and state = 'live'";
const PUT: &str = "insert into hosted_file (repository_id, file_name, generation, state, chart_version_id, name, \
    version, digest, size_bytes, modified_at, staged, entry) values ($1, $2, $3, 'live', $4, $5, $6, $7, $8, $9, $10, \
    $11) on conflict (repository_id, file_name) do update set generation = excluded.generation, state = 'live', \
    chart_version_id = excluded.chart_version_id, name = excluded.name, version = excluded.version, \
    digest = excluded.digest, size_bytes = excluded.size_bytes, modified_at = excluded.modified_at, \
    staged = excluded.staged, entry = excluded.entry, kept = null, uploaded_by = ''";
const STAT: &str = "update hosted_file set size_bytes = $3, modified_at = $4, staged = null \
    where repository_id = $1 and file_name = $2";
const REMOVE: &str = "update hosted_file set state = $3, generation = $4, chart_version_id = null, staged = null, \
    kept = $5, entry = '' where repository_id = $1 and file_name = $2";
const REMOVED: &str = "update hosted_file set state = 'gone' where repository_id = $1 and file_name = $2 \
    and state = 'removing'";
const UNFINISHED: &str = "select h.repository_id, r.tenant, h.file_name, h.state, h.staged from hosted_file h \
    join hosted_repository r on r.repository_id = h.repository_id where h.state = 'removing' or h.staged is not null";
const STAGED: &str = "select staged from hosted_file where staged is not null";
const FORGET: &str = "delete from hosted_file where state = 'gone' and repository_id = $1";
const FLOOR: &str = "update hosted_repository set floor_generation = generation where repository_id = $1";
const VERSION_ID: &str =
    "select v.chart_version_id from chart_version v where v.chart_id = $1 and v.version = $2";
const CHART_OF: &str = "select chart_id from chart_version where chart_version_id = $1";
const DELETE_VERSION: &str = "delete from chart_version where chart_version_id = $1";
const DELETE_EMPTY: &str = "delete from chart where chart_id = $1 and not exists \
    (select 1 from chart_version v where v.chart_id = chart.chart_id)";
const COUNTS: &str = "update repository set n_charts = n_charts + $2, n_versions = n_versions + $3, \
    last_success_at = $4, last_attempt_at = $4 where repository_id = $1";
// The cast is for PostgreSQL, which sums bigint to numeric. A blob that several repositories have is on the disk once.
const HELD_BYTES: &str = "select cast((select coalesce(sum(size_bytes), 0) from hosted_file where state <> 'gone') \
    + (select coalesce(sum(size_bytes), 0) from hosted_deleted) \
    + (select coalesce(sum(size_bytes), 0) from (select distinct digest, size_bytes from oci_blob) b) as bigint)";

const WAS_THERE: &str = "select count(*) from hosted_file h join repository r on r.repository_id = h.repository_id \
    where r.name = $1 and h.name = $2 and h.state <> 'live' and ($3 = '' or h.version = $3) and not exists \
    (select 1 from hosted_repository p where p.repository_id = h.repository_id and p.is_private) and not exists \
    (select 1 from hosted_chart c where c.repository_id = h.repository_id and c.name = h.name and c.is_private)";

pub(super) const SQL: &[&str] = &[
    WAS_THERE,
    FIND,
    LIST,
    INSERT,
    BUMP,
    LOCK,
    STATS,
    ENTRIES,
    FILE,
    OF_CHART,
    COUNT,
    COUNT_OF,
    PUT,
    STAT,
    REMOVE,
    REMOVED,
    UNFINISHED,
    STAGED,
    FORGET,
    FLOOR,
    VERSION_ID,
    CHART_OF,
    DELETE_VERSION,
    DELETE_EMPTY,
    COUNTS,
    HELD_BYTES,
];

/// A hosted repository.
#[derive(Clone, Debug, FromRow)]
pub struct HostedRepositoryRecord {
    /// The key, that of `repository`.
    #[sqlx(rename = "repository_id")]
    pub id: i64,
    /// Its place in addresses and in the directory.
    pub tenant: String,
    /// Its name in the catalog.
    pub name: String,
    /// The count of the last change of its index.
    pub generation: i64,
    /// A reader from before it reads everything again.
    #[sqlx(rename = "floor_generation")]
    pub floor: i64,
    /// When the last change was, in milliseconds since 1970.
    #[sqlx(rename = "changed_at")]
    pub changed_ms: i64,
    /// All its charts are private.
    pub is_private: bool,
}

/// What a hosted file is to whoever asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileState {
    /// There.
    Live,
    /// Not there any more, though its file may still be.
    Removing,
    /// Not there any more.
    Gone,
}

impl FileState {
    fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Removing => "removing",
            Self::Gone => "gone",
        }
    }

    fn parse(text: &str) -> Self {
        match text {
            "live" => Self::Live,
            "removing" => Self::Removing,
            _ => Self::Gone,
        }
    }
}

impl From<String> for FileState {
    fn from(text: String) -> Self {
        Self::parse(&text)
    }
}

/// A file as a scan compares it with what is on the disk.
#[derive(Clone, Debug, FromRow)]
pub struct HostedStatRow {
    /// `name-version.tgz` or `name-version.tgz.prov`
    pub file_name: String,
    /// Whether it is there.
    #[sqlx(try_from = "String")]
    pub state: FileState,
    /// Its length.
    pub size_bytes: i64,
    /// When it was changed, in nanoseconds since 1970.
    #[sqlx(rename = "modified_at")]
    pub modified_ns: i64,
    /// Where its bytes are until they are in their place.
    pub staged: Option<String>,
    /// Of an archive.
    pub chart_version_id: Option<i64>,
}

/// An entry of the index, or that it is gone.
#[derive(Clone, Debug, FromRow)]
pub struct HostedEntryRow {
    /// `name-version.tgz`
    pub file_name: String,
    /// Whether it is there.
    #[sqlx(try_from = "String")]
    pub state: FileState,
    /// The chart; empty for a provenance file.
    pub name: String,
    /// The version.
    pub version: String,
    /// JSON.
    pub entry: String,
    /// The chart is private.
    pub is_private: bool,
    /// The chart's people ask to use another.
    pub is_deprecated: bool,
    /// It is had by its exact name alone.
    pub is_yanked: bool,
}

/// A file.
#[derive(Clone, Debug, FromRow)]
pub struct HostedFileRecord {
    /// The key.
    #[sqlx(rename = "hosted_file_id")]
    pub id: i64,
    /// `name-version.tgz` or `name-version.tgz.prov`
    pub file_name: String,
    /// Whether it is there.
    #[sqlx(try_from = "String")]
    pub state: FileState,
    /// Of an archive that is there.
    pub chart_version_id: Option<i64>,
    /// The chart; empty for a provenance file.
    pub name: String,
    /// The version.
    pub version: String,
    /// SHA-256.
    pub digest: Vec<u8>,
    /// Its length.
    pub size_bytes: i64,
    /// When it was changed, in nanoseconds since 1970.
    #[sqlx(rename = "modified_at")]
    pub modified_ns: i64,
    /// Where its bytes are until they are in their place.
    pub staged: Option<String>,
    /// Of one that is being removed: where its bytes stay.
    pub kept: Option<String>,
}

/// A file to note.
#[derive(Clone, Debug)]
pub struct NewHostedFile<'a> {
    /// `name-version.tgz` or `name-version.tgz.prov`
    pub file_name: &'a str,
    /// The count of this change.
    pub generation: i64,
    /// Of an archive.
    pub chart_version_id: Option<i64>,
    /// The chart; empty for a provenance file.
    pub name: &'a str,
    /// The version.
    pub version: &'a str,
    /// SHA-256.
    pub digest: &'a [u8],
    /// Its length.
    pub size_bytes: i64,
    /// When it was changed, in nanoseconds since 1970.
    pub modified_ns: i64,
    /// Where its bytes are.
    pub staged: Option<&'a str>,
    /// JSON.
    pub entry: &'a str,
}

/// Something that a process began with a file and did not end.
#[derive(Clone, Debug, FromRow)]
pub struct Unfinished {
    /// The repository's key.
    pub repository_id: i64,
    /// Its place in the directory.
    pub tenant: String,
    /// The file.
    pub file_name: String,
    /// To be removed, or there.
    #[sqlx(try_from = "String")]
    pub state: FileState,
    /// To be put in its place.
    pub staged: Option<String>,
}

impl Store {
    /// Whether a hosted chart, or a version of it where one is named, was deleted and is not forgotten yet. Of private
    /// ones nobody is told.
    #[tracing::instrument(name = "db.hosted.was_there", skip_all, err)]
    pub async fn was_hosted(&self, repository: &str, name: &str, version: Option<&str>) -> Result<bool> {
        let n = on_pool!(self, |pool| {
            sqlx::query_scalar::<_, i64>(WAS_THERE)
                .bind(repository)
                .bind(name)
                .bind(version.unwrap_or(""))
                .fetch_one(pool)
                .await
        })?;
        Ok(n > 0)
    }

    /// The hosted repository of a tenant.
    #[tracing::instrument(name = "db.hosted.find", skip_all, err)]
    pub async fn find_hosted(&self, tenant: &str) -> Result<Option<HostedRepositoryRecord>> {
        Ok(on_pool!(self, |pool| {
            sqlx::query_as::<_, HostedRepositoryRecord>(FIND)
                .bind(tenant)
                .fetch_optional(pool)
                .await
        })?)
    }

    /// All hosted repositories.
    #[tracing::instrument(name = "db.hosted.list", skip_all, err)]
    pub async fn list_hosted(&self) -> Result<Vec<HostedRepositoryRecord>> {
        Ok(on_pool!(self, |pool| {
            sqlx::query_as::<_, HostedRepositoryRecord>(LIST)
                .fetch_all(pool)
                .await
        })?)
    }

    /// What is known of the files of a repository, those that are gone left out.
    #[tracing::instrument(name = "db.hosted.stats", skip_all, err)]
    pub async fn hosted_stats(&self, repository_id: i64) -> Result<Vec<HostedStatRow>> {
        Ok(on_pool!(self, |pool| {
            sqlx::query_as::<_, HostedStatRow>(STATS)
                .bind(repository_id)
                .fetch_all(pool)
                .await
        })?)
    }

    /// What changed of an index after `generation`; after zero, all that is there.
    #[tracing::instrument(name = "db.hosted.entries", skip_all, err)]
    pub async fn hosted_entries(&self, repository_id: i64, generation: i64) -> Result<Vec<HostedEntryRow>> {
        Ok(on_pool!(self, |pool| {
            sqlx::query_as::<_, HostedEntryRow>(ENTRIES)
                .bind(repository_id)
                .bind(generation)
                .fetch_all(pool)
                .await
        })?)
    }

    /// One file, whatever its state.
    #[tracing::instrument(name = "db.hosted.file", skip_all, err)]
    pub async fn find_hosted_file(
        &self,
        repository_id: i64,
        file_name: &str,
    ) -> Result<Option<HostedFileRecord>> {
        Ok(on_pool!(self, |pool| {
            sqlx::query_as::<_, HostedFileRecord>(FILE)
                .bind(repository_id)
                .bind(file_name)
                .fetch_optional(pool)
                .await
        })?)
    }

    /// What processes began and did not end.
    #[tracing::instrument(name = "db.hosted.unfinished", skip_all, err)]
    pub async fn unfinished_files(&self) -> Result<Vec<Unfinished>> {
        Ok(on_pool!(self, |pool| {
            sqlx::query_as::<_, Unfinished>(UNFINISHED).fetch_all(pool).await
        })?)
    }

    /// The staged files that rows name.
    #[tracing::instrument(name = "db.hosted.staged", skip_all, err)]
    pub async fn staged_files(&self) -> Result<Vec<String>> {
        Ok(on_pool!(self, |pool| sqlx::query_scalar::<_, String>(STAGED)
            .fetch_all(pool)
            .await)?)
    }

    /// Bytes of all hosted files and of the blobs beside them.
    pub async fn held_hosted_bytes(&self) -> Result<u64> {
        let n = on_pool!(self, |pool| {
            sqlx::query_scalar::<_, i64>(HELD_BYTES).fetch_one(pool).await
        })?;
        Ok(n.unsigned_abs())
    }
}

impl Tx {
    /// Makes a repository a hosted one, unless the tenant has one.
    pub async fn insert_hosted(&mut self, repository_id: i64, tenant: &str, now_ms: i64) -> Result<()> {
        on_tx!(self, |c| sqlx::query(INSERT)
            .bind(repository_id)
            .bind(tenant)
            .bind(now_ms)
            .execute(c)
            .await
            .map(drop))?;
        Ok(())
    }

    /// The hosted repository of a tenant.
    pub async fn get_hosted(&mut self, tenant: &str) -> Result<Option<HostedRepositoryRecord>> {
        Ok(on_tx!(self, |c| {
            sqlx::query_as::<_, HostedRepositoryRecord>(FIND)
                .bind(tenant)
                .fetch_optional(c)
                .await
        })?)
    }

    /// Counts a change of a repository's index. Until the transaction ends nobody else changes it.
    pub async fn bump_hosted(&mut self, repository_id: i64, now_ms: i64) -> Result<i64> {
        Ok(on_tx!(self, |c| {
            sqlx::query_scalar::<_, i64>(BUMP)
                .bind(repository_id)
                .bind(now_ms)
                .fetch_one(c)
                .await
        })?)
    }

    /// Until the transaction ends nobody else changes the repository.
    pub async fn lock_hosted(&mut self, repository_id: i64) -> Result<()> {
        on_tx!(self, |c| sqlx::query(LOCK)
            .bind(repository_id)
            .execute(c)
            .await
            .map(drop))?;
        Ok(())
    }

    /// One file, whatever its state.
    pub async fn get_hosted_file(
        &mut self,
        repository_id: i64,
        file_name: &str,
    ) -> Result<Option<HostedFileRecord>> {
        Ok(on_tx!(self, |c| {
            sqlx::query_as::<_, HostedFileRecord>(FILE)
                .bind(repository_id)
                .bind(file_name)
                .fetch_optional(c)
                .await
        })?)
    }

    /// The archives of a chart that are there, the one that was changed first first.
    pub async fn hosted_files_of(&mut self, repository_id: i64, name: &str) -> Result<Vec<HostedFileRecord>> {
        Ok(on_tx!(self, |c| {
            sqlx::query_as::<_, HostedFileRecord>(OF_CHART)
                .bind(repository_id)
                .bind(name)
                .fetch_all(c)
                .await
        })?)
    }

    /// How many files are there.
    pub async fn count_hosted_files(&mut self, repository_id: i64) -> Result<i64> {
        Ok(on_tx!(self, |c| sqlx::query_scalar::<_, i64>(COUNT)
            .bind(repository_id)
            .fetch_one(c)
            .await)?)
    }

    /// How many archives of a chart are there.
    pub async fn count_hosted_files_of(&mut self, repository_id: i64, name: &str) -> Result<i64> {
        Ok(on_tx!(self, |c| sqlx::query_scalar::<_, i64>(COUNT_OF)
            .bind(repository_id)
            .bind(name)
            .fetch_one(c)
            .await)?)
    }

    /// Notes a file that is there, new or in the place of an older one.
    pub async fn put_hosted_file(&mut self, repository_id: i64, file: &NewHostedFile<'_>) -> Result<()> {
        on_tx!(self, |c| {
            sqlx::query(PUT)
                .bind(repository_id)
                .bind(file.file_name)
                .bind(file.generation)
                .bind(file.chart_version_id)
                .bind(file.name)
                .bind(file.version)
                .bind(file.digest)
                .bind(file.size_bytes)
                .bind(file.modified_ns)
                .bind(file.staged)
                .bind(file.entry)
                .execute(c)
                .await
                .map(drop)
        })?;
        Ok(())
    }

    /// Notes that a file is in its place, and how it looks there.
    pub async fn note_hosted_stat(
        &mut self,
        repository_id: i64,
        file_name: &str,
        size_bytes: i64,
        modified_ns: i64,
    ) -> Result<()> {
        on_tx!(self, |c| {
            sqlx::query(STAT)
                .bind(repository_id)
                .bind(file_name)
                .bind(size_bytes)
                .bind(modified_ns)
                .execute(c)
                .await
                .map(drop)
        })?;
        Ok(())
    }

    /// Notes that a file is not there any more; `kept` says where its bytes are to stay.
    pub async fn remove_hosted_file(
        &mut self,
        repository_id: i64,
        file_name: &str,
        state: FileState,
        generation: i64,
        kept: Option<&str>,
    ) -> Result<()> {
        on_tx!(self, |c| {
            sqlx::query(REMOVE)
                .bind(repository_id)
                .bind(file_name)
                .bind(state.as_str())
                .bind(generation)
                .bind(kept)
                .execute(c)
                .await
                .map(drop)
        })?;
        Ok(())
    }

    /// Notes that a file that was out of sight is off the disk.
    pub async fn note_hosted_removed(&mut self, repository_id: i64, file_name: &str) -> Result<()> {
        on_tx!(self, |c| sqlx::query(REMOVED)
            .bind(repository_id)
            .bind(file_name)
            .execute(c)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Forgets the files that are gone; readers of changes read everything again.
    pub async fn forget_gone_files(&mut self, repository_id: i64) -> Result<u64> {
        self.lock_hosted(repository_id).await?;
        let n = on_tx!(&mut *self, |c| sqlx::query(FORGET)
            .bind(repository_id)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?;
        if n > 0 {
            on_tx!(self, |c| sqlx::query(FLOOR)
                .bind(repository_id)
                .execute(c)
                .await
                .map(drop))?;
        }
        Ok(n)
    }

    /// The key of a version.
    pub async fn version_id(&mut self, chart_id: i64, version: &str) -> Result<Option<i64>> {
        Ok(on_tx!(self, |c| {
            sqlx::query_scalar::<_, i64>(VERSION_ID)
                .bind(chart_id)
                .bind(version)
                .fetch_optional(c)
                .await
        })?)
    }

    /// Deletes a version, and its chart if that was the last one. Answers the chart, and whether it is gone.
    pub async fn delete_version(&mut self, id: i64) -> Result<Option<(i64, bool)>> {
        let chart_id = on_tx!(&mut *self, |c| {
            sqlx::query_scalar::<_, i64>(CHART_OF)
                .bind(id)
                .fetch_optional(c)
                .await
        })?;
        let Some(chart_id) = chart_id else {
            return Ok(None);
        };
        on_tx!(&mut *self, |c| sqlx::query(DELETE_VERSION)
            .bind(id)
            .execute(c)
            .await
            .map(drop))?;
        let n = on_tx!(self, |c| sqlx::query(DELETE_EMPTY)
            .bind(chart_id)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(Some((chart_id, n > 0)))
    }

    /// Corrects the counts of a repository that changed by so many charts and versions.
    pub async fn adjust_counts(
        &mut self,
        repository_id: i64,
        n_charts: i64,
        n_versions: i64,
        now: model::Timestamp,
    ) -> Result<()> {
        on_tx!(self, |c| sqlx::query(COUNTS)
            .bind(repository_id)
            .bind(n_charts)
            .bind(n_versions)
            .bind(now.0)
            .execute(c)
            .await
            .map(drop))?;
        Ok(())
    }
}
