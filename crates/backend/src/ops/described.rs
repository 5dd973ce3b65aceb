//! Charts and versions with what their index entries say, for answers of other programs' APIs.

use std::collections::HashMap;

use model::Timestamp;
use model::catalog::{CatalogQuery, ChartSummary};
use model::chart::Maintainer;

use super::authorise::Action;
use super::listing::Listed;
use crate::blobs::Digest;
use crate::store::IndexedVersion;
use crate::{Error, Result, Viewer};

/// Versions of a chart that are told.
const MAX_VERSIONS: i64 = 5_000;
/// Charts that one search answers at most.
const MAX_FOUND: usize = 1_000;

/// A chart with its newest version's entry.
#[derive(Clone, Debug)]
pub struct DescribedChart {
    /// Its row of a list.
    pub summary: ChartSummary,
    /// Its repository's URL as it is followed; a path for a hosted one, empty for the samples.
    pub repository_url: String,
    /// Its makers' page.
    pub home: Option<String>,
    /// Pages of its source code.
    pub sources: Vec<String>,
    /// Words to find it by.
    pub keywords: Vec<String>,
    /// Who looks after it.
    pub maintainers: Vec<Maintainer>,
    /// Its licence, where an annotation names it.
    pub license: Option<String>,
    /// The newest version.
    pub newest: DescribedVersion,
}

/// A version as its entry says.
#[derive(Clone, Debug)]
pub struct DescribedVersion {
    /// As the index says.
    pub version: String,
    /// Free text.
    pub app_version: Option<String>,
    /// When the index says it was published.
    pub created: Option<Timestamp>,
    /// Lower-case hexadecimal SHA-256 of the archive, where it is known for certain.
    pub digest: Option<String>,
    /// Its makers ask to use another.
    pub deprecated: bool,
}

impl From<&IndexedVersion> for DescribedVersion {
    fn from(version: &IndexedVersion) -> Self {
        Self {
            version: version.version.clone(),
            app_version: version.app_version.clone(),
            created: version.published_at.map(Timestamp),
            digest: version.certain_digest(),
            deprecated: version.deprecated,
        }
    }
}

impl IndexedVersion {
    /// The digest of whatever is handed out as the archive. Helm takes a digest for a key of its cache, so that a wrong one
    /// does harm: while the index says one thing and the store has another, there is none.
    pub(crate) fn certain_digest(&self) -> Option<String> {
        let is_certain = self.archive_digest.is_none() || self.archive_digest == self.digest;
        let digest = self.digest.as_deref().filter(|_| is_certain)?;
        Digest::from_slice(digest).map(Digest::to_hex)
    }
}

impl super::Catalog<'_> {
    /// These charts with what their newest versions' entries say, in the same order.
    #[tracing::instrument(name = "op.catalog.describe", skip_all, err)]
    pub async fn describe(&self, viewer: &Viewer, charts: &[Listed<'_>]) -> Result<Vec<DescribedChart>> {
        let backend = self.backend();
        backend.authorise(viewer, Action::ReadCharts)?;
        let ids: Vec<i64> = charts.iter().map(Listed::id).collect();
        let found = backend.inner().store.newest_versions(&ids).await?;
        let mut found: HashMap<i64, _> = found
            .into_iter()
            .map(|(id, url, version)| (id, (url, version)))
            .collect();
        let described = charts.iter().filter_map(|chart| {
            let (repository_url, version) = found.remove(&chart.id())?;
            let newest = DescribedVersion::from(&version);
            let details = version.details;
            let maintainers = details.maintainers.into_iter();
            Some(DescribedChart {
                summary: chart.summary(),
                repository_url,
                home: details.home,
                sources: details.sources,
                keywords: details.keywords,
                maintainers: maintainers
                    .map(|person| Maintainer {
                        name: person.name,
                        email: person.email,
                        url: person.url,
                    })
                    .collect(),
                license: details.license,
                newest,
            })
        });
        Ok(described.collect())
    }

    /// The charts that match, best first: so many at most and never more than a thousand. The number is that of all.
    #[tracing::instrument(name = "op.catalog.find", skip_all, err)]
    pub async fn find(
        &self,
        viewer: &Viewer,
        query: CatalogQuery,
        limit: usize,
    ) -> Result<(Vec<ChartSummary>, u64)> {
        let backend = self.backend();
        backend.authorise(viewer, Action::ReadCharts)?;
        let snapshot = backend.snapshot(viewer).await?;
        let now = backend.inner().clock.now();
        let limit = limit.clamp(1, MAX_FOUND);
        let list = move || snapshot.list(&query, limit, now);
        let page = tokio::task::spawn_blocking(list)
            .await
            .map_err(Error::internal)??;
        let total = page.charts.total;
        Ok((
            page.charts.items.into_iter().map(|hit| hit.chart).collect(),
            total,
        ))
    }

    /// A chart's versions that are in its index, the newest first.
    #[tracing::instrument(name = "op.catalog.versions", skip_all, err)]
    pub async fn versions(&self, viewer: &Viewer, chart: &Listed<'_>) -> Result<Vec<DescribedVersion>> {
        let backend = self.backend();
        backend.authorise(viewer, Action::ReadCharts)?;
        let versions = backend
            .inner()
            .store
            .indexed_versions(chart.id(), MAX_VERSIONS)
            .await?;
        Ok(versions.iter().map(DescribedVersion::from).collect())
    }
}
