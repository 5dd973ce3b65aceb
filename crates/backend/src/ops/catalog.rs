//! Finding charts over all repositories.

use std::sync::Arc;

use model::catalog::{CatalogPage, CatalogQuery, Home};
use model::site::Suggestions;

use super::authorise::Action;
use crate::catalog::Snapshot;
use crate::{Backend, Result, Viewer};

/// Charts and keywords on the home page.
const N_HOME_CHARTS: usize = 8;
const N_HOME_KEYWORDS: usize = 20;

/// Operations on the merged view over all repositories.
pub struct Catalog<'a> {
    backend: &'a Backend,
}

impl<'a> Catalog<'a> {
    pub(crate) fn new(backend: &'a Backend) -> Self {
        Self { backend }
    }

    /// What the home page shows.
    #[tracing::instrument(name = "op.catalog.home", skip_all, err)]
    pub async fn home(&self, viewer: &Viewer) -> Result<Home> {
        self.backend.authorise(viewer, Action::ReadCharts)?;
        let snapshot = self.snapshot().await?;
        let listed = || snapshot.charts.iter().filter(|entry| !entry.record.yanked);
        Ok(Home {
            n_charts: listed().count() as u64,
            n_versions: listed().map(|entry| entry.record.n_versions.unsigned_abs()).sum(),
            recently_updated: snapshot.newest(N_HOME_CHARTS, |entry| entry.record.published_at),
            recently_added: snapshot.newest(N_HOME_CHARTS, |entry| (entry.record.added_at, entry.record.id)),
            keywords: snapshot.keywords(N_HOME_KEYWORDS),
            repositories: self.backend.repositories().list(viewer).await?,
        })
    }

    /// One part of the charts that match `query`, best match first, with the counts of every filter.
    #[tracing::instrument(name = "op.catalog.list", skip_all, err)]
    pub async fn list(&self, viewer: &Viewer, query: CatalogQuery) -> Result<CatalogPage> {
        self.backend.authorise(viewer, Action::ReadCharts)?;
        self.snapshot()
            .await?
            .list(&query, self.backend.inner().settings.limits.page_size)
    }

    /// The charts whose names are nearest to one that does not exist.
    #[tracing::instrument(name = "op.catalog.suggest", skip_all, err)]
    pub async fn suggest(&self, viewer: &Viewer, repository: &str, name: &str) -> Result<Suggestions> {
        self.backend.authorise(viewer, Action::ReadCharts)?;
        Ok(Suggestions {
            charts: self.snapshot().await?.suggest(repository, name),
        })
    }

    async fn snapshot(&self) -> Result<Arc<Snapshot>> {
        let inner = self.backend.inner();
        inner.catalog.snapshot(&inner.store).await
    }
}
