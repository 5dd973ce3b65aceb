//! What people decide about hosted charts: who sees them, what is deprecated or yanked, and what was deleted and can come
//! back.
//!
//! By names and not by keys: it outlives the rows of versions, so that a private chart that is deleted and uploaded again
//! is private.

use model::Timestamp;
use sqlx::FromRow;

use super::{Result, Store, Tx};

const SET_REPOSITORY: &str = "update hosted_repository set is_private = $2 where repository_id = $1";
const SET_PRIVATE: &str = "insert into hosted_chart (repository_id, name, is_private) values ($1, $2, $3) \
    on conflict (repository_id, name) do update set is_private = excluded.is_private";
const SET_DEPRECATED: &str = "insert into hosted_chart (repository_id, name, deprecated) values ($1, $2, $3) \
    on conflict (repository_id, name) do update set deprecated = excluded.deprecated";
const YANK: &str = "insert into hosted_yank (repository_id, name, version, reason) values ($1, $2, $3, $4) \
    on conflict (repository_id, name, version) do update set reason = excluded.reason";
const UNYANK: &str = "delete from hosted_yank where repository_id = $1 and name = $2 and version = $3";
const YANKED: &str = "select reason from hosted_yank where repository_id = $1 and name = $2 and version = $3";
const ALL_YANKED: &str = "select version from hosted_yank where repository_id = $1 and name = $2";
const IS_PRIVATE: &str = "select case when h.is_private or coalesce(c.is_private, false) then 1 else 0 end \
    from hosted_repository h left join hosted_chart c on c.repository_id = h.repository_id and c.name = $2 \
    where h.tenant = $1";
const HAS_PRIVATE: &str = "select case when h.is_private or exists (select 1 from hosted_chart c \
    where c.repository_id = h.repository_id and c.is_private) then 1 else 0 end \
    from hosted_repository h where h.tenant = $1";
const DEPRECATED: &str = "select deprecated from hosted_chart where repository_id = $1 and name = $2";
const MARK_VERSION: &str =
    "update chart_version set deprecated = $2, yanked_at = $3 where chart_version_id = $1";
const ENTRY_OF: &str = "select entry from hosted_file where repository_id = $1 and file_name = $2";
const UPLOADER: &str = "update hosted_file set uploaded_by = $3 where repository_id = $1 and file_name = $2";
const TOUCH_FILES: &str = "update hosted_file set generation = $2 where repository_id = $1 and state = 'live' \
    and ($3 = '' or name = $3)";
const TOUCH_CHARTS: &str =
    "update chart set generation = $2 where repository_id = $1 and ($3 = '' or name = $3)";
const CHART_ID: &str = "select chart_id from chart where repository_id = $1 and name = $2";
const CHARTS: &str = "select f.name, f.version, f.file_name, f.size_bytes, f.modified_at, f.uploaded_by, \
    coalesce(c.is_private, false) as is_private, c.deprecated, y.reason as yanked, \
    case when exists (select 1 from hosted_file p where p.repository_id = f.repository_id \
    and p.file_name = f.file_name || '.prov' and p.state = 'live') then 1 else 0 end as has_provenance \
    from hosted_file f left join hosted_chart c on c.repository_id = f.repository_id and c.name = f.name \
    left join hosted_yank y on y.repository_id = f.repository_id and y.name = f.name and y.version = f.version \
    where f.repository_id = $1 and f.state = 'live' and f.name <> '' order by f.name, f.modified_at desc, f.version";
const DELETED: &str = "select hosted_deleted_id, name, version, archive, provenance, deleted_at, deleted_by \
    from hosted_deleted where repository_id = $1 order by deleted_at desc, hosted_deleted_id desc limit $2";
const KEEP: &str = "insert into hosted_deleted (repository_id, name, version, archive, provenance, size_bytes, \
    deleted_at, deleted_by) values ($1, $2, $3, $4, $5, $6, $7, $8) returning hosted_deleted_id";
const TAKE: &str = "delete from hosted_deleted where repository_id = $1 and hosted_deleted_id = $2 \
    returning hosted_deleted_id, name, version, archive, provenance, deleted_at, deleted_by";
const FIND: &str = "select hosted_deleted_id, name, version, archive, provenance, deleted_at, deleted_by \
    from hosted_deleted where repository_id = $1 and hosted_deleted_id = $2";
const PURGE: &str = "delete from hosted_deleted where deleted_at <= $1 \
    returning hosted_deleted_id, name, version, archive, provenance, deleted_at, deleted_by";
const KEPT: &str = "select archive as kept from hosted_deleted \
    union all select provenance as kept from hosted_deleted where provenance is not null";

pub(super) const SQL: &[&str] = &[
    SET_REPOSITORY,
    SET_PRIVATE,
    SET_DEPRECATED,
    YANK,
    UNYANK,
    YANKED,
    ALL_YANKED,
    IS_PRIVATE,
    HAS_PRIVATE,
    DEPRECATED,
    MARK_VERSION,
    ENTRY_OF,
    UPLOADER,
    TOUCH_FILES,
    TOUCH_CHARTS,
    CHART_ID,
    CHARTS,
    DELETED,
    KEEP,
    TAKE,
    FIND,
    PURGE,
    KEPT,
];

/// A hosted version as its repository's page shows it.
#[derive(Clone, Debug, FromRow)]
pub struct HostedChartRow {
    /// The chart.
    pub name: String,
    /// The version.
    pub version: String,
    /// `name-version.tgz`
    pub file_name: String,
    /// Its length.
    pub size_bytes: i64,
    /// When it came, in nanoseconds since 1970.
    #[sqlx(rename = "modified_at")]
    pub modified_ns: i64,
    /// Whoever uploaded it; empty where it was found in the directory.
    pub uploaded_by: String,
    /// The chart is private, whatever its repository is.
    pub is_private: bool,
    /// Why the chart should not be used any more.
    pub deprecated: Option<String>,
    /// Why the version is had by its exact name alone.
    pub yanked: Option<String>,
    /// 1 where there is a provenance file.
    pub has_provenance: i32,
}

/// A version that was deleted and can come back.
#[derive(Clone, Debug, FromRow)]
pub struct DeletedVersion {
    /// The key.
    #[sqlx(rename = "hosted_deleted_id")]
    pub id: i64,
    /// The chart.
    pub name: String,
    /// The version.
    pub version: String,
    /// Its file among those that are kept.
    pub archive: String,
    /// Its provenance file among those that are kept.
    pub provenance: Option<String>,
    /// Seconds since 1970.
    pub deleted_at: i64,
    /// Whoever did it; empty for nobody in particular.
    pub deleted_by: String,
}

/// A version to note as deleted.
#[derive(Clone, Copy, Debug)]
pub struct NewDeleted<'a> {
    /// The repository's key.
    pub repository_id: i64,
    /// The chart.
    pub name: &'a str,
    /// The version.
    pub version: &'a str,
    /// Its file among those that are kept.
    pub archive: &'a str,
    /// Its provenance file among those that are kept.
    pub provenance: Option<&'a str>,
    /// Of both files.
    pub size_bytes: i64,
    /// Now.
    pub deleted_at: Timestamp,
    /// Whoever does it.
    pub deleted_by: &'a str,
}

impl Store {
    /// Whether a chart of a tenant is private; `None` where the tenant has no repository. One that nobody uploaded yet is
    /// what it would be.
    #[tracing::instrument(name = "db.hosted.is_private", skip_all, err)]
    pub async fn is_hosted_private(&self, tenant: &str, name: &str) -> Result<Option<bool>> {
        let found = on_pool!(self, |pool| {
            sqlx::query_scalar::<_, i32>(IS_PRIVATE)
                .bind(tenant)
                .bind(name)
                .fetch_optional(pool)
                .await
        })?;
        Ok(found.map(|n| n == 1))
    }

    /// Whether a tenant has anything private.
    #[tracing::instrument(name = "db.hosted.has_private", skip_all, err)]
    pub async fn has_hosted_private(&self, tenant: &str) -> Result<bool> {
        let found = on_pool!(self, |pool| {
            sqlx::query_scalar::<_, i32>(HAS_PRIVATE)
                .bind(tenant)
                .fetch_optional(pool)
                .await
        })?;
        Ok(found == Some(1))
    }

    /// The versions of a repository by chart, those that came last first.
    #[tracing::instrument(name = "db.hosted.charts", skip_all, err)]
    pub async fn hosted_charts(&self, repository_id: i64) -> Result<Vec<HostedChartRow>> {
        Ok(on_pool!(self, |pool| {
            sqlx::query_as::<_, HostedChartRow>(CHARTS)
                .bind(repository_id)
                .fetch_all(pool)
                .await
        })?)
    }

    /// What was deleted of a repository and can come back, the last first.
    #[tracing::instrument(name = "db.hosted.deleted", skip_all, err)]
    pub async fn deleted_versions(&self, repository_id: i64, limit: i64) -> Result<Vec<DeletedVersion>> {
        Ok(on_pool!(self, |pool| {
            sqlx::query_as::<_, DeletedVersion>(DELETED)
                .bind(repository_id)
                .bind(limit)
                .fetch_all(pool)
                .await
        })?)
    }

    /// One of them.
    #[tracing::instrument(name = "db.hosted.find_deleted", skip_all, err)]
    pub async fn find_deleted(&self, repository_id: i64, id: i64) -> Result<Option<DeletedVersion>> {
        Ok(on_pool!(self, |pool| {
            sqlx::query_as::<_, DeletedVersion>(FIND)
                .bind(repository_id)
                .bind(id)
                .fetch_optional(pool)
                .await
        })?)
    }

    /// The files that deleted versions name among those that are kept.
    #[tracing::instrument(name = "db.hosted.kept", skip_all, err)]
    pub async fn kept_files(&self) -> Result<Vec<String>> {
        Ok(on_pool!(self, |pool| sqlx::query_scalar::<_, String>(KEPT)
            .fetch_all(pool)
            .await)?)
    }
}

impl Tx {
    /// Whether a chart of a tenant is private, or would be where there is none.
    pub async fn hosted_privacy(&mut self, tenant: &str, name: &str) -> Result<bool> {
        let found = on_tx!(self, |c| {
            sqlx::query_scalar::<_, i32>(IS_PRIVATE)
                .bind(tenant)
                .bind(name)
                .fetch_optional(c)
                .await
        })?;
        Ok(found == Some(1))
    }

    /// The versions of a repository by chart, those that came last first.
    pub async fn hosted_charts(&mut self, repository_id: i64) -> Result<Vec<HostedChartRow>> {
        Ok(on_tx!(self, |c| {
            sqlx::query_as::<_, HostedChartRow>(CHARTS)
                .bind(repository_id)
                .fetch_all(c)
                .await
        })?)
    }

    /// Makes a whole repository private, or public but for charts that are private themselves.
    pub async fn set_hosted_private(&mut self, repository_id: i64, is_private: bool) -> Result<()> {
        on_tx!(self, |c| sqlx::query(SET_REPOSITORY)
            .bind(repository_id)
            .bind(is_private)
            .execute(c)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Makes a chart private or not.
    pub async fn set_chart_private(
        &mut self,
        repository_id: i64,
        name: &str,
        is_private: bool,
    ) -> Result<()> {
        on_tx!(self, |c| sqlx::query(SET_PRIVATE)
            .bind(repository_id)
            .bind(name)
            .bind(is_private)
            .execute(c)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Says why a chart should not be used any more, or that it may be.
    pub async fn set_chart_deprecated(
        &mut self,
        repository_id: i64,
        name: &str,
        reason: Option<&str>,
    ) -> Result<()> {
        on_tx!(self, |c| sqlx::query(SET_DEPRECATED)
            .bind(repository_id)
            .bind(name)
            .bind(reason)
            .execute(c)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Whether people say of a chart that it should not be used any more.
    pub async fn is_chart_deprecated(&mut self, repository_id: i64, name: &str) -> Result<bool> {
        let found = on_tx!(self, |c| sqlx::query_scalar::<_, Option<String>>(DEPRECATED)
            .bind(repository_id)
            .bind(name)
            .fetch_optional(c)
            .await)?;
        Ok(found.flatten().is_some())
    }

    /// Says why a version is had by its exact name alone, or that it is like others.
    pub async fn set_yanked(
        &mut self,
        repository_id: i64,
        name: &str,
        version: &str,
        reason: Option<&str>,
    ) -> Result<()> {
        match reason {
            Some(reason) => on_tx!(self, |c| sqlx::query(YANK)
                .bind(repository_id)
                .bind(name)
                .bind(version)
                .bind(reason)
                .execute(c)
                .await
                .map(drop)),
            None => on_tx!(self, |c| sqlx::query(UNYANK)
                .bind(repository_id)
                .bind(name)
                .bind(version)
                .execute(c)
                .await
                .map(drop)),
        }?;
        Ok(())
    }

    /// Why a version is had by its exact name alone, if it is.
    pub async fn yanked_reason(
        &mut self,
        repository_id: i64,
        name: &str,
        version: &str,
    ) -> Result<Option<String>> {
        Ok(on_tx!(self, |c| sqlx::query_scalar::<_, String>(YANKED)
            .bind(repository_id)
            .bind(name)
            .bind(version)
            .fetch_optional(c)
            .await)?)
    }

    /// The versions of a chart that are had by their exact names alone, whether they are there or not.
    pub async fn yanked_versions(&mut self, repository_id: i64, name: &str) -> Result<Vec<String>> {
        Ok(on_tx!(self, |c| sqlx::query_scalar::<_, String>(ALL_YANKED)
            .bind(repository_id)
            .bind(name)
            .fetch_all(c)
            .await)?)
    }

    /// Marks a version in the catalog.
    pub async fn mark_version(
        &mut self,
        version_id: i64,
        is_deprecated: bool,
        yanked_at: Option<Timestamp>,
    ) -> Result<()> {
        on_tx!(self, |c| sqlx::query(MARK_VERSION)
            .bind(version_id)
            .bind(is_deprecated)
            .bind(yanked_at.map(|at| at.0))
            .execute(c)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Notes who uploaded a file.
    pub async fn note_uploader(&mut self, repository_id: i64, file_name: &str, by: &str) -> Result<()> {
        on_tx!(self, |c| sqlx::query(UPLOADER)
            .bind(repository_id)
            .bind(file_name)
            .bind(by)
            .execute(c)
            .await
            .map(drop))?;
        Ok(())
    }

    /// The entry of a file in the index, as its archive says.
    pub async fn hosted_entry(&mut self, repository_id: i64, file_name: &str) -> Result<Option<String>> {
        Ok(on_tx!(self, |c| sqlx::query_scalar::<_, String>(ENTRY_OF)
            .bind(repository_id)
            .bind(file_name)
            .fetch_optional(c)
            .await)?)
    }

    /// Tells readers of changes of the index and of the catalog to read a chart again; all of them for the empty name.
    pub async fn touch_hosted(
        &mut self,
        repository_id: i64,
        name: &str,
        index_generation: i64,
        generation: i64,
    ) -> Result<()> {
        for (sql, count) in [(TOUCH_FILES, index_generation), (TOUCH_CHARTS, generation)] {
            on_tx!(&mut *self, |c| sqlx::query(sql)
                .bind(repository_id)
                .bind(count)
                .bind(name)
                .execute(c)
                .await
                .map(drop))?;
        }
        Ok(())
    }

    /// The key of a chart.
    pub async fn chart_id(&mut self, repository_id: i64, name: &str) -> Result<Option<i64>> {
        Ok(on_tx!(self, |c| sqlx::query_scalar::<_, i64>(CHART_ID)
            .bind(repository_id)
            .bind(name)
            .fetch_optional(c)
            .await)?)
    }

    /// Notes a version that is deleted and whose bytes are kept.
    pub async fn keep_deleted(&mut self, new: &NewDeleted<'_>) -> Result<i64> {
        Ok(on_tx!(self, |c| {
            sqlx::query_scalar::<_, i64>(KEEP)
                .bind(new.repository_id)
                .bind(new.name)
                .bind(new.version)
                .bind(new.archive)
                .bind(new.provenance)
                .bind(new.size_bytes)
                .bind(new.deleted_at.0)
                .bind(new.deleted_by)
                .fetch_one(c)
                .await
        })?)
    }

    /// Takes one off the list; nothing if somebody else did.
    pub async fn take_deleted(&mut self, repository_id: i64, id: i64) -> Result<Option<DeletedVersion>> {
        Ok(on_tx!(self, |c| {
            sqlx::query_as::<_, DeletedVersion>(TAKE)
                .bind(repository_id)
                .bind(id)
                .fetch_optional(c)
                .await
        })?)
    }

    /// Takes those off the list that were deleted at `before` or earlier.
    pub async fn purge_deleted(&mut self, before: Timestamp) -> Result<Vec<DeletedVersion>> {
        Ok(on_tx!(self, |c| {
            sqlx::query_as::<_, DeletedVersion>(PURGE)
                .bind(before.0)
                .fetch_all(c)
                .await
        })?)
    }
}
