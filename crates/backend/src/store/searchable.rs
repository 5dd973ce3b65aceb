//! What search needs of a chart beyond its row in a list: its newest version's entry and archive, and all versions' names.

use sqlx::FromRow;

use super::{EntryDetails, Result, Store, StoreError};

const SINCE: &str = "select c.chart_id, r.url as repository_url, v.details, v.contents, v.archive_digest \
    from chart c join repository r on r.repository_id = c.repository_id \
    join chart_version v on v.chart_id = c.chart_id and v.version = c.version \
    where c.generation > $1 and c.chart_id > $2 and c.n_versions > 0 order by c.chart_id limit $3";
const ONE: &str = "select c.chart_id, r.url as repository_url, v.details, v.contents, v.archive_digest \
    from chart c join repository r on r.repository_id = c.repository_id \
    join chart_version v on v.chart_id = c.chart_id and v.version = c.version where c.chart_id = $1";
const VERSIONS: &str = "select version, app_version from chart_version where chart_id = $1 \
    order by sort_key desc, version desc limit $2";

pub(super) const SQL: &[&str] = &[SINCE, ONE, VERSIONS];

/// What search needs of a chart.
#[derive(Clone, Debug)]
pub struct SearchableRecord {
    /// The chart's key.
    pub chart_id: i64,
    /// Where its repository is.
    pub repository_url: String,
    /// The newest version's entry.
    pub details: EntryDetails,
    /// JSON: the summary of its archive, once that was read.
    pub contents: Option<String>,
    /// Its archive in the store.
    pub archive_digest: Option<Vec<u8>>,
}

#[derive(FromRow)]
struct Row {
    chart_id: i64,
    repository_url: String,
    details: String,
    contents: Option<String>,
    archive_digest: Option<Vec<u8>>,
}

impl TryFrom<Row> for SearchableRecord {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        let details = serde_json::from_str(&row.details).map_err(|source| StoreError::Inconsistent {
            table: "chart_version",
            column: "details",
            id: row.chart_id,
            source,
        })?;
        Ok(Self {
            chart_id: row.chart_id,
            repository_url: row.repository_url,
            details,
            contents: row.contents,
            archive_digest: row.archive_digest,
        })
    }
}

impl Store {
    /// The charts that changed after `generation`, in the order of their keys, past the key `after`.
    #[tracing::instrument(name = "db.searchable.since", skip_all, err)]
    pub async fn searchable_since(
        &self,
        generation: i64,
        after: i64,
        limit: i64,
    ) -> Result<Vec<SearchableRecord>> {
        let rows = on_pool!(self, |pool| {
            sqlx::query_as::<_, Row>(SINCE)
                .bind(generation)
                .bind(after)
                .bind(limit)
                .fetch_all(pool)
                .await
        })?;
        rows.into_iter().map(SearchableRecord::try_from).collect()
    }

    /// One chart.
    pub async fn searchable(&self, chart_id: i64) -> Result<Option<SearchableRecord>> {
        let row = on_pool!(self, |pool| {
            sqlx::query_as::<_, Row>(ONE)
                .bind(chart_id)
                .fetch_optional(pool)
                .await
        })?;
        row.map(SearchableRecord::try_from).transpose()
    }

    /// A chart's versions with their app versions, newest first.
    pub async fn version_names(&self, chart_id: i64, limit: i64) -> Result<Vec<(String, Option<String>)>> {
        Ok(on_pool!(self, |pool| {
            sqlx::query_as::<_, (String, Option<String>)>(VERSIONS)
                .bind(chart_id)
                .bind(limit)
                .fetch_all(pool)
                .await
        })?)
    }
}
