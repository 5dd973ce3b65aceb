//! What the index of a repository says of its versions, for whoever writes an index again.

use sqlx::{FromRow, QueryBuilder};

use super::{EntryDetails, Result, Store, StoreError};

const OF_CHART: &str = "select chart_version_id, version, app_version, published_at, deprecated, details, digest, \
    archive_digest from chart_version where chart_id = $1 and yanked_at is null \
    order by sort_key desc, version desc limit $2";

pub(super) const SQL: &[&str] = &[OF_CHART];

/// Charts in one statement.
const CHARTS_PER_STATEMENT: usize = 500;

/// A version as its index says, and what is in the store of it.
#[derive(Clone, Debug)]
pub struct IndexedVersion {
    /// As the index says.
    pub version: String,
    /// Free text.
    pub app_version: Option<String>,
    /// Seconds since 1970.
    pub published_at: Option<i64>,
    /// Its makers ask to use another.
    pub deprecated: bool,
    /// The rest of the entry.
    pub details: EntryDetails,
    /// SHA-256 that the archive should have.
    pub digest: Option<Vec<u8>>,
    /// The archive that is in the store.
    pub archive_digest: Option<Vec<u8>>,
}

#[derive(FromRow)]
struct Row {
    chart_version_id: i64,
    version: String,
    app_version: Option<String>,
    published_at: Option<i64>,
    deprecated: bool,
    details: String,
    digest: Option<Vec<u8>>,
    archive_digest: Option<Vec<u8>>,
}

impl TryFrom<Row> for IndexedVersion {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        let details = serde_json::from_str(&row.details).map_err(|source| StoreError::Inconsistent {
            table: "chart_version",
            column: "details",
            id: row.chart_version_id,
            source,
        })?;
        Ok(Self {
            version: row.version,
            app_version: row.app_version,
            published_at: row.published_at,
            deprecated: row.deprecated,
            details,
            digest: row.digest,
            archive_digest: row.archive_digest,
        })
    }
}

#[derive(FromRow)]
struct NewestRow {
    chart_id: i64,
    repository_url: String,
    #[sqlx(flatten)]
    version: Row,
}

impl Store {
    /// A chart's versions that are in the index, the newest first.
    #[tracing::instrument(name = "db.indexed.of_chart", skip_all, err)]
    pub async fn indexed_versions(&self, chart_id: i64, limit: i64) -> Result<Vec<IndexedVersion>> {
        let rows = on_pool!(self, |pool| {
            sqlx::query_as::<_, Row>(OF_CHART)
                .bind(chart_id)
                .bind(limit)
                .fetch_all(pool)
                .await
        })?;
        rows.into_iter().map(IndexedVersion::try_from).collect()
    }

    /// The newest version of each of these charts: the chart's key, its repository's URL, the version.
    #[tracing::instrument(name = "db.indexed.newest", skip_all, err)]
    pub async fn newest_versions(&self, charts: &[i64]) -> Result<Vec<(i64, String, IndexedVersion)>> {
        let mut out = Vec::with_capacity(charts.len());
        for chunk in charts.chunks(CHARTS_PER_STATEMENT) {
            let rows = on_pool!(self, |pool| {
                let mut query = QueryBuilder::new(
                    "select c.chart_id, r.url as repository_url, v.chart_version_id, v.version, v.app_version, \
                     v.published_at, v.deprecated, v.details, v.digest, v.archive_digest \
                     from chart c join repository r on r.repository_id = c.repository_id \
                     join chart_version v on v.chart_id = c.chart_id and v.version = c.version where c.chart_id in (",
                );
                let mut ids = query.separated(", ");
                for id in chunk {
                    ids.push_bind(*id);
                }
                query.push(")");
                query
                    .build_query_as::<NewestRow>()
                    .persistent(chunk.len() == CHARTS_PER_STATEMENT)
                    .fetch_all(pool)
                    .await
            })?;
            for row in rows {
                out.push((
                    row.chart_id,
                    row.repository_url,
                    IndexedVersion::try_from(row.version)?,
                ));
            }
        }
        Ok(out)
    }
}
