//! Pictures by the URL that charts name.

use model::Timestamp;
use sqlx::FromRow;

use super::{Result, Store, Tx};

const WANT: &str = "insert into icon (url, repository_id) values ($1, $2) on conflict (url) do nothing";
const WANTED: &str = "select url, attempts from icon where repository_id = $1 and digest is null and retry_at <= $2 \
    and url > $3 and exists (select 1 from chart c where c.icon_url = icon.url) order by url limit $4";
const READ: &str = "update icon set digest = $2, media_type = $3, error = null, attempts = 0 where url = $1";
const FAILED: &str = "update icon set attempts = attempts + 1, error = $2, retry_at = $3 where url = $1";
const MEDIA_TYPE: &str = "select media_type from icon where digest = $1 limit 1";

pub(super) const SQL: &[&str] = &[WANT, WANTED, READ, FAILED, MEDIA_TYPE];

/// An icon to fetch.
#[derive(Clone, Debug, FromRow)]
pub struct IconRecord {
    /// Where it is.
    pub url: String,
    /// Failed attempts so far.
    pub attempts: i64,
}

impl Store {
    /// Icons of a repository's charts to fetch, past `after`.
    #[tracing::instrument(name = "db.icon.wanted", skip_all, err)]
    pub async fn wanted_icons(
        &self,
        repository_id: i64,
        now: Timestamp,
        after: &str,
        limit: i64,
    ) -> Result<Vec<IconRecord>> {
        Ok(on_pool!(self, |pool| {
            sqlx::query_as::<_, IconRecord>(WANTED)
                .bind(repository_id)
                .bind(now.0)
                .bind(after)
                .bind(limit)
                .fetch_all(pool)
                .await
        })?)
    }

    /// Notes that an icon could not be had.
    #[tracing::instrument(name = "db.icon.failed", skip_all, err)]
    pub async fn note_icon_failure(&self, url: &str, reason: &str, retry_at: Timestamp) -> Result<()> {
        on_writer!(self, |pool| {
            sqlx::query(FAILED)
                .bind(url)
                .bind(reason)
                .bind(retry_at.0)
                .execute(pool)
                .await
                .map(drop)
        })?;
        Ok(())
    }

    /// The media type of a stored icon.
    #[tracing::instrument(name = "db.icon.media_type", skip_all, err)]
    pub async fn icon_media_type(&self, digest: &[u8]) -> Result<Option<String>> {
        let found = on_pool!(self, |pool| {
            sqlx::query_scalar::<_, Option<String>>(MEDIA_TYPE)
                .bind(digest)
                .fetch_optional(pool)
                .await
        })?;
        Ok(found.flatten())
    }
}

impl Tx {
    /// Wants an icon, unless it is known.
    pub async fn want_icon(&mut self, repository_id: i64, url: &str) -> Result<()> {
        on_tx!(self, |c| sqlx::query(WANT)
            .bind(url)
            .bind(repository_id)
            .execute(c)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Notes that an icon is in the store; lists show it from now on.
    pub async fn note_icon(&mut self, url: &str, digest: &[u8], media_type: &str) -> Result<()> {
        // First, as in every transaction that counts a change: locks are taken in one order.
        let generation = self.bump_generation().await?;
        on_tx!(&mut *self, |c| {
            sqlx::query(READ)
                .bind(url)
                .bind(digest)
                .bind(media_type)
                .execute(c)
                .await
                .map(drop)
        })?;
        self.touch_charts_with_icon(url, generation).await
    }
}
