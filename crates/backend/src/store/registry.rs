//! What is known of the tags of OCI registries: which manifest each led to, and which are no charts.
//!
//! A version that has no digest has not been described yet: all that is known of it is its tag.

use model::Timestamp;
use sqlx::FromRow;

use super::{Result, Store, Tx};

const NEWEST: &str = "select v.chart_version_id, v.chart_id, c.name, v.version, v.digest, t.manifest_digest, \
    coalesce(t.attempts, 0) as attempts from chart c \
    join chart_version v on v.chart_id = c.chart_id and v.version = c.version \
    left join registry_tag t on t.chart_version_id = v.chart_version_id \
    where c.repository_id = $1 and c.chart_id > $2 and v.yanked_at is null \
    and (t.checked_at is null or t.checked_at < $3) order by c.chart_id limit $4";
const UNDESCRIBED: &str = "select v.chart_version_id, v.chart_id, c.name, v.version, v.digest, t.manifest_digest, \
    coalesce(t.attempts, 0) as attempts from chart_version v join chart c on c.chart_id = v.chart_id \
    left join registry_tag t on t.chart_version_id = v.chart_version_id \
    where c.repository_id = $1 and v.digest is null and v.yanked_at is null and coalesce(t.retry_at, 0) <= $2 \
    order by v.is_prerelease, v.sort_key desc, v.chart_version_id limit $3";
const LOOKED_AT_BEFORE: &str = "select v.chart_version_id, v.chart_id, c.name, v.version, v.digest, \
    t.manifest_digest, t.attempts from chart_version v join chart c on c.chart_id = v.chart_id \
    join registry_tag t on t.chart_version_id = v.chart_version_id \
    where c.repository_id = $1 and v.digest is not null and v.yanked_at is null and t.checked_at < $2 \
    and t.retry_at <= $3 order by t.checked_at, v.chart_version_id limit $4";
const ONE: &str = "select v.chart_version_id, v.chart_id, c.name, v.version, v.digest, t.manifest_digest, \
    coalesce(t.attempts, 0) as attempts from chart_version v join chart c on c.chart_id = v.chart_id \
    left join registry_tag t on t.chart_version_id = v.chart_version_id where v.chart_version_id = $1";
const LOOKED: &str = "insert into registry_tag (chart_version_id, manifest_digest, checked_at, attempts, retry_at) \
    values ((select chart_version_id from chart_version where chart_id = $1 and version = $2), $3, $4, 0, 0) \
    on conflict (chart_version_id) do update set manifest_digest = excluded.manifest_digest, \
    checked_at = excluded.checked_at, attempts = 0, retry_at = 0";
// What was known of the tag stays known.
const FAILED: &str = "insert into registry_tag (chart_version_id, checked_at, attempts, retry_at) \
    values ($1, 0, 1, $2) on conflict (chart_version_id) do update set attempts = registry_tag.attempts + 1, \
    retry_at = excluded.retry_at";
const OTHERS: &str =
    "select chart, tag, reason from registry_other where repository_id = $1 and seen_at > $2";
const OTHER: &str = "insert into registry_other (repository_id, chart, tag, reason, seen_at) \
    values ($1, $2, $3, $4, $5) on conflict (repository_id, chart, tag) do update set reason = excluded.reason, \
    seen_at = excluded.seen_at";
const FORGET_OTHERS: &str = "delete from registry_other where repository_id = $1 and seen_at <= $2";
const DROP: &str = "delete from chart_version where chart_version_id = $1 and exists (select 1 \
    from chart_version o where o.chart_id = chart_version.chart_id and o.chart_version_id <> $1)";
const LISTED: &str = "update repository set listed_at = $2 where repository_id = $1";

pub(super) const SQL: &[&str] = &[
    NEWEST,
    UNDESCRIBED,
    LOOKED_AT_BEFORE,
    ONE,
    LOOKED,
    FAILED,
    OTHERS,
    OTHER,
    FORGET_OTHERS,
    DROP,
    LISTED,
];

/// A version of a chart in a registry, to be looked at.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct RegistryVersion {
    /// The version's key.
    #[sqlx(rename = "chart_version_id")]
    pub id: i64,
    /// The chart's key.
    pub chart_id: i64,
    /// The chart's name.
    pub name: String,
    /// As its tag says.
    pub version: String,
    /// SHA-256 of its archive; none while nothing but the tag is known.
    pub digest: Option<Vec<u8>>,
    /// SHA-256 of the manifest that its tag led to.
    pub manifest_digest: Option<Vec<u8>>,
    /// Failed looks in a row.
    pub attempts: i64,
}

/// Where a tag leads, as somebody saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagLook {
    /// The chart's key.
    pub chart_id: i64,
    /// As the tag says.
    pub version: String,
    /// SHA-256 of the manifest.
    pub manifest_digest: Vec<u8>,
    /// When.
    pub at: Timestamp,
}

impl Store {
    /// The newest version of every chart past the chart `after`, unless somebody looked at it since `before`.
    #[tracing::instrument(name = "db.registry.newest", skip_all, err)]
    pub async fn registry_newest(
        &self,
        repository_id: i64,
        after: i64,
        before: Timestamp,
        limit: i64,
    ) -> Result<Vec<RegistryVersion>> {
        Ok(on_pool!(self, |pool| {
            sqlx::query_as::<_, RegistryVersion>(NEWEST)
                .bind(repository_id)
                .bind(after)
                .bind(before.0)
                .bind(limit)
                .fetch_all(pool)
                .await
        })?)
    }

    /// Versions of which nothing but the tag is known, and that may be looked at now: releases and newer ones first.
    #[tracing::instrument(name = "db.registry.undescribed", skip_all, err)]
    pub async fn registry_undescribed(
        &self,
        repository_id: i64,
        now: Timestamp,
        limit: i64,
    ) -> Result<Vec<RegistryVersion>> {
        Ok(on_pool!(self, |pool| {
            sqlx::query_as::<_, RegistryVersion>(UNDESCRIBED)
                .bind(repository_id)
                .bind(now.0)
                .bind(limit)
                .fetch_all(pool)
                .await
        })?)
    }

    /// Versions whose tags nobody has looked at since `before`, the longest ago first.
    #[tracing::instrument(name = "db.registry.looked_at_before", skip_all, err)]
    pub async fn registry_looked_at_before(
        &self,
        repository_id: i64,
        before: Timestamp,
        now: Timestamp,
        limit: i64,
    ) -> Result<Vec<RegistryVersion>> {
        Ok(on_pool!(self, |pool| {
            sqlx::query_as::<_, RegistryVersion>(LOOKED_AT_BEFORE)
                .bind(repository_id)
                .bind(before.0)
                .bind(now.0)
                .bind(limit)
                .fetch_all(pool)
                .await
        })?)
    }

    /// One version.
    #[tracing::instrument(name = "db.registry.version", skip_all, err)]
    pub async fn registry_version(&self, version_id: i64) -> Result<Option<RegistryVersion>> {
        Ok(on_pool!(self, |pool| {
            sqlx::query_as::<_, RegistryVersion>(ONE)
                .bind(version_id)
                .fetch_optional(pool)
                .await
        })?)
    }

    /// Tags that were seen since `since` to be no charts, as `(chart, tag, reason)`.
    #[tracing::instrument(name = "db.registry.others", skip_all, err)]
    pub async fn registry_others(
        &self,
        repository_id: i64,
        since: Timestamp,
    ) -> Result<Vec<(String, String, String)>> {
        Ok(on_pool!(self, |pool| {
            sqlx::query_as::<_, (String, String, String)>(OTHERS)
                .bind(repository_id)
                .bind(since.0)
                .fetch_all(pool)
                .await
        })?)
    }
}

impl Tx {
    /// Notes where the tag of a version that is stored leads.
    pub async fn note_tag(&mut self, look: &TagLook) -> Result<()> {
        on_tx!(self, |c| {
            sqlx::query(LOOKED)
                .bind(look.chart_id)
                .bind(look.version.as_str())
                .bind(look.manifest_digest.as_slice())
                .bind(look.at.0)
                .execute(c)
                .await
                .map(drop)
        })?;
        Ok(())
    }

    /// Notes that a look at a version's tag failed.
    pub async fn note_failed_look(&mut self, version_id: i64, retry_at: Timestamp) -> Result<()> {
        on_tx!(self, |c| {
            sqlx::query(FAILED)
                .bind(version_id)
                .bind(retry_at.0)
                .execute(c)
                .await
                .map(drop)
        })?;
        Ok(())
    }

    /// Remembers that a tag is no chart's.
    pub async fn note_other(
        &mut self,
        repository_id: i64,
        chart: &str,
        tag: &str,
        reason: &str,
        now: Timestamp,
    ) -> Result<()> {
        on_tx!(self, |c| {
            sqlx::query(OTHER)
                .bind(repository_id)
                .bind(chart)
                .bind(tag)
                .bind(reason)
                .bind(now.0)
                .execute(c)
                .await
                .map(drop)
        })?;
        Ok(())
    }

    /// Removes a version that turned out to be none, unless it is its chart's only one.
    pub async fn drop_version(&mut self, version_id: i64) -> Result<bool> {
        let n = on_tx!(self, |c| {
            sqlx::query(DROP)
                .bind(version_id)
                .execute(c)
                .await
                .map(|done| done.rows_affected())
        })?;
        Ok(n == 1)
    }

    /// Notes that the tags were listed, and forgets what was seen up to `forget`.
    pub async fn note_listed(&mut self, repository_id: i64, now: Timestamp, forget: Timestamp) -> Result<()> {
        on_tx!(&mut *self, |c| {
            sqlx::query(LISTED)
                .bind(repository_id)
                .bind(now.0)
                .execute(c)
                .await
                .map(drop)
        })?;
        on_tx!(self, |c| {
            sqlx::query(FORGET_OTHERS)
                .bind(repository_id)
                .bind(forget.0)
                .execute(c)
                .await
                .map(drop)
        })?;
        Ok(())
    }
}
