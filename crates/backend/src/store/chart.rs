//! Charts as lists show them: one row each, described by the newest version.

use std::collections::HashMap;

use model::Timestamp;
use sqlx::FromRow;

use super::{EntryDetails, Result, Store, StoreError, Tx};

const IDS: &str = "select chart_id, name from chart where repository_id = $1";
const INSERT: &str = "insert into chart (repository_id, name, added_at, generation) values ($1, $2, $3, $4) \
    on conflict (repository_id, name) do update set generation = excluded.generation returning chart_id";
// The newest version is the newest release, or the newest pre-release where there is no release; what is gone from
// the index comes last.
const NEWEST: &str = "select chart_version_id, version, app_version, published_at, deprecated, details, yanked_at, \
    contents, (select count(*) from chart_version n where n.chart_id = $1) as n_versions \
    from chart_version where chart_id = $1 \
    order by case when yanked_at is null then 0 else 1 end, is_prerelease, sort_key desc, version desc limit 1";
const UPDATE: &str = "update chart set version = $2, app_version = $3, description = $4, keywords = $5, \
    icon_url = $6, is_library = $7, deprecated = $8, has_schema = $9, is_signed = $10, yanked = $11, \
    published_at = $12, n_versions = $13, generation = $14 where chart_id = $1";
const BUMP: &str = "update catalog_state set generation = generation + 1 returning generation";
const BUMP_FULL: &str =
    "update catalog_state set generation = generation + 1, full_generation = generation + 1";
const GENERATION: &str = "select generation, full_generation from catalog_state";
const CHANGED: &str = "select c.chart_id, r.name as repository, c.name, c.added_at, c.version, c.app_version, \
    c.description, c.keywords, c.icon_url, i.digest as icon_digest, c.is_library, c.deprecated, c.has_schema, \
    c.is_signed, c.yanked, c.published_at, c.n_versions, c.generation, \
    case when coalesce(hr.is_private, false) or coalesce(hc.is_private, false) then hr.tenant end as private_tenant \
    from chart c join repository r on r.repository_id = c.repository_id left join icon i on i.url = c.icon_url \
    left join hosted_repository hr on hr.repository_id = c.repository_id \
    left join hosted_chart hc on hc.repository_id = c.repository_id and hc.name = c.name \
    where c.generation > $1 and c.n_versions > 0";
const TOUCH_ICON: &str = "update chart set generation = $2 where icon_url = $1";

pub(super) const SQL: &[&str] = &[
    IDS, INSERT, NEWEST, UPDATE, BUMP, BUMP_FULL, GENERATION, CHANGED, TOUCH_ICON,
];

/// A chart as a list shows it.
#[derive(Clone, Debug)]
pub struct ChartRecord {
    /// The key.
    pub id: i64,
    /// Its repository's name.
    pub repository: String,
    /// Its name.
    pub name: String,
    /// When it entered the catalog.
    pub added_at: Timestamp,
    /// The newest version.
    pub version: String,
    /// Of the newest version, as everything below.
    pub app_version: Option<String>,
    /// One or two sentences.
    pub description: String,
    /// Lower case, in the chart's order.
    pub keywords: Vec<String>,
    /// Digest of our copy of the icon.
    pub icon_digest: Option<Vec<u8>>,
    /// A chart that cannot be installed by itself.
    pub is_library: bool,
    /// Its makers ask to use another.
    pub deprecated: bool,
    /// It ships a `values.schema.json`.
    pub has_schema: bool,
    /// It says which key signs it.
    pub is_signed: bool,
    /// Every version is gone from the index.
    pub yanked: bool,
    /// When the index says it was published.
    pub published_at: Option<Timestamp>,
    /// How many versions there are.
    pub n_versions: i64,
    /// The count of its last change.
    pub generation: i64,
    /// The tenant whose private chart it is; none of a public one.
    pub private_tenant: Option<String>,
}

/// What [`Tx::refresh_chart`] found to be the newest version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewestVersion {
    /// The version's key.
    pub id: i64,
    /// Where its icon is.
    pub icon_url: Option<String>,
}

#[derive(FromRow)]
struct Row {
    chart_id: i64,
    repository: String,
    name: String,
    added_at: i64,
    version: String,
    app_version: Option<String>,
    description: String,
    keywords: String,
    icon_digest: Option<Vec<u8>>,
    is_library: bool,
    deprecated: bool,
    has_schema: bool,
    is_signed: bool,
    yanked: bool,
    published_at: Option<i64>,
    n_versions: i64,
    generation: i64,
    private_tenant: Option<String>,
}

impl TryFrom<Row> for ChartRecord {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        let keywords = serde_json::from_str(&row.keywords).map_err(|source| StoreError::Inconsistent {
            table: "chart",
            column: "keywords",
            id: row.chart_id,
            source,
        })?;
        Ok(Self {
            id: row.chart_id,
            repository: row.repository,
            name: row.name,
            added_at: Timestamp(row.added_at),
            version: row.version,
            app_version: row.app_version,
            description: row.description,
            keywords,
            icon_digest: row.icon_digest,
            is_library: row.is_library,
            deprecated: row.deprecated,
            has_schema: row.has_schema,
            is_signed: row.is_signed,
            yanked: row.yanked,
            published_at: row.published_at.map(Timestamp),
            n_versions: row.n_versions,
            generation: row.generation,
            private_tenant: row.private_tenant,
        })
    }
}

/// The one thing that lists show of an archive's summary.
#[derive(serde::Deserialize)]
struct SchemaFlag {
    #[serde(default)]
    has_schema: bool,
}

#[derive(FromRow)]
struct NewestRow {
    chart_version_id: i64,
    version: String,
    app_version: Option<String>,
    published_at: Option<i64>,
    deprecated: bool,
    details: String,
    yanked_at: Option<i64>,
    contents: Option<String>,
    n_versions: i64,
}

impl Store {
    /// The keys of a repository's charts by name.
    #[tracing::instrument(name = "db.chart.ids", skip_all, err)]
    pub async fn chart_ids(&self, repository_id: i64) -> Result<HashMap<String, i64>> {
        let rows = on_pool!(self, |pool| {
            sqlx::query_as::<_, (i64, String)>(IDS)
                .bind(repository_id)
                .fetch_all(pool)
                .await
        })?;
        Ok(rows.into_iter().map(|(id, name)| (name, id)).collect())
    }

    /// The count of the last change, and the one from which on everything has to be read again.
    pub async fn generation(&self) -> Result<(i64, i64)> {
        Ok(on_pool!(self, |pool| sqlx::query_as::<_, (i64, i64)>(
            GENERATION
        )
        .fetch_one(pool)
        .await)?)
    }

    /// The charts that changed after `generation`.
    #[tracing::instrument(name = "db.chart.changed", skip_all, err)]
    pub async fn charts_since(&self, generation: i64) -> Result<Vec<ChartRecord>> {
        let rows = on_pool!(self, |pool| {
            sqlx::query_as::<_, Row>(CHANGED)
                .bind(generation)
                .fetch_all(pool)
                .await
        })?;
        rows.into_iter().map(ChartRecord::try_from).collect()
    }
}

impl Tx {
    /// Counts a change that lists can show.
    pub async fn bump_generation(&mut self) -> Result<i64> {
        Ok(on_tx!(self, |c| sqlx::query_scalar::<_, i64>(BUMP)
            .fetch_one(c)
            .await)?)
    }

    /// Counts a change after which readers have to read everything again.
    pub async fn bump_full_generation(&mut self) -> Result<()> {
        on_tx!(self, |c| sqlx::query(BUMP_FULL).execute(c).await.map(drop))?;
        Ok(())
    }

    /// Adds a chart, or finds it.
    pub async fn insert_chart(
        &mut self,
        repository_id: i64,
        name: &str,
        now: Timestamp,
        generation: i64,
    ) -> Result<i64> {
        Ok(on_tx!(self, |c| {
            sqlx::query_scalar::<_, i64>(INSERT)
                .bind(repository_id)
                .bind(name)
                .bind(now.0)
                .bind(generation)
                .fetch_one(c)
                .await
        })?)
    }

    /// Describes a chart anew by its newest version.
    pub async fn refresh_chart(&mut self, chart_id: i64, generation: i64) -> Result<Option<NewestVersion>> {
        let row = on_tx!(self, |c| {
            sqlx::query_as::<_, NewestRow>(NEWEST)
                .bind(chart_id)
                .fetch_optional(&mut *c)
                .await
        })?;
        let Some(row) = row else { return Ok(None) };
        let inconsistent = |column, source| StoreError::Inconsistent {
            table: "chart_version",
            column,
            id: row.chart_version_id,
            source,
        };
        let details: EntryDetails =
            serde_json::from_str(&row.details).map_err(|source| inconsistent("details", source))?;
        let contents = row.contents.as_deref().unwrap_or("{}");
        let SchemaFlag { has_schema } =
            serde_json::from_str(contents).map_err(|source| inconsistent("contents", source))?;
        let keywords: Vec<String> = details
            .keywords
            .iter()
            .map(|keyword| keyword.to_lowercase())
            .collect();
        let keywords = serde_json::to_string(&keywords).map_err(|source| inconsistent("details", source))?;
        on_tx!(self, |c| {
            sqlx::query(UPDATE)
                .bind(chart_id)
                .bind(row.version.as_str())
                .bind(row.app_version.as_deref())
                .bind(details.description.as_str())
                .bind(keywords.as_str())
                .bind(details.icon.as_deref())
                .bind(details.is_library)
                .bind(row.deprecated)
                .bind(has_schema)
                .bind(details.is_signed)
                .bind(row.yanked_at.is_some())
                .bind(row.published_at)
                .bind(row.n_versions)
                .bind(generation)
                .execute(c)
                .await
                .map(drop)
        })?;
        Ok(Some(NewestVersion {
            id: row.chart_version_id,
            icon_url: details.icon,
        }))
    }

    /// Lists show another icon for the charts that name this one.
    pub async fn touch_charts_with_icon(&mut self, url: &str, generation: i64) -> Result<()> {
        on_tx!(self, |c| sqlx::query(TOUCH_ICON)
            .bind(url)
            .bind(generation)
            .execute(c)
            .await
            .map(drop))?;
        Ok(())
    }
}
