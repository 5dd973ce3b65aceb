//! Finding charts over all repositories.

use model::catalog::{CatalogPage, CatalogQuery, ChartSummary, Home};
use model::site::Suggestions;
use search::Visible;

use super::authorise::Action;
use crate::{Backend, Error, Result, Viewer};

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

    pub(super) fn backend(&self) -> &'a Backend {
        self.backend
    }

    /// What the home page shows.
    #[tracing::instrument(name = "op.catalog.home", skip_all, err)]
    pub async fn home(&self, viewer: &Viewer) -> Result<Home> {
        self.backend.authorise(viewer, Action::ReadCharts)?;
        let snapshot = self.backend.snapshot().await?;
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
        let snapshot = self.backend.snapshot().await?;
        let inner = self.backend.inner();
        let (page_size, now) = (inner.settings.limits.page_size, inner.clock.now());
        // A query may take milliseconds, in which other requests want the thread.
        let list = move || snapshot.list(&query, Visible::All, page_size, now);
        tokio::task::spawn_blocking(list).await.map_err(Error::internal)?
    }

    /// The charts that somebody who has typed so much is likely to look for, best first.
    #[tracing::instrument(name = "op.catalog.complete", skip_all, err)]
    pub async fn complete(&self, viewer: &Viewer, typed: &str) -> Result<Vec<ChartSummary>> {
        self.backend.authorise(viewer, Action::ReadCharts)?;
        let snapshot = self.backend.snapshot().await?;
        let now = self.backend.inner().clock.now();
        let typed = typed.to_owned();
        let complete = move || snapshot.complete(&typed, Visible::All, now);
        tokio::task::spawn_blocking(complete)
            .await
            .map_err(Error::internal)
    }

    /// Waits until all that is in the catalog now can be found by everything that its archives tell.
    #[tracing::instrument(name = "op.catalog.searchable", skip_all, err)]
    pub async fn searchable(&self, viewer: &Viewer) -> Result<()> {
        self.backend.authorise(viewer, Action::ReadCharts)?;
        self.backend.snapshot().await?;
        self.backend.texts_are_read().await;
        Ok(())
    }

    /// The charts whose names are nearest to one that does not exist.
    #[tracing::instrument(name = "op.catalog.suggest", skip_all, err)]
    pub async fn suggest(&self, viewer: &Viewer, repository: &str, name: &str) -> Result<Suggestions> {
        self.backend.authorise(viewer, Action::ReadCharts)?;
        Ok(Suggestions {
            charts: self.backend.snapshot().await?.suggest(repository, name),
        })
    }
}
