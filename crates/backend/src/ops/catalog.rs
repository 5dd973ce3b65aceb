//! Finding charts over all repositories.

use std::time::Duration;

use model::catalog::{CatalogPage, CatalogQuery, ChartSummary, Home};
use model::site::Suggestions;

use super::authorise::Action;
use super::charts::blocking;
use crate::catalog::Entry;
use crate::{Backend, Result, Viewer};

/// Charts that are told to be used most.
const N_USED: usize = 6;
/// Repositories that the home page names.
const N_REPOSITORIES: usize = 12;
/// How long the home page waits for clusters to say what runs in them.
const PATIENCE: Duration = Duration::from_millis(250);

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
        let snapshot = self.backend.snapshot(viewer).await?;
        let relations = self.backend.relations(&snapshot).await?;
        let releases = self.backend.releases();
        // A cluster that is slow or away leaves the page as it is for those who see none.
        let counts = tokio::time::timeout(PATIENCE, releases.counts(viewer, &snapshot)).await;
        let counts = counts.ok().and_then(Result::ok).unwrap_or_default();
        let now = self.backend.inner().clock.now();
        let make = move || {
            let n_releases = |entry: &Entry| counts.get(&entry.record.id).copied().unwrap_or_default();
            let most_used = snapshot.most_used(&relations, &n_releases, N_USED);
            (snapshot.front(now), most_used)
        };
        let (front, most_used) = blocking(make).await?;
        let (repositories, n_repositories) = self
            .backend
            .repositories()
            .largest(viewer, N_REPOSITORIES)
            .await?;
        Ok(Home {
            n_charts: front.n_charts,
            n_versions: front.n_versions,
            recently_updated: front.recently_updated.clone(),
            recently_added: front.recently_added.clone(),
            most_used,
            categories: front.categories.clone(),
            keywords: front.keywords.clone(),
            repositories,
            n_repositories,
        })
    }

    /// One part of the charts that match `query`, best match first, with the counts of every filter.
    #[tracing::instrument(name = "op.catalog.list", skip_all, err)]
    pub async fn list(&self, viewer: &Viewer, query: CatalogQuery) -> Result<CatalogPage> {
        self.backend.authorise(viewer, Action::ReadCharts)?;
        let snapshot = self.backend.snapshot(viewer).await?;
        let inner = self.backend.inner();
        let (page_size, now) = (inner.settings.limits.page_size, inner.clock.now());
        // A query may take milliseconds, in which other requests want the thread.
        let list = move || snapshot.list(&query, page_size, now);
        inner.catalog.compute(list).await?
    }

    /// The charts that somebody who has typed so much is likely to look for, best first.
    #[tracing::instrument(name = "op.catalog.complete", skip_all, err)]
    pub async fn complete(&self, viewer: &Viewer, typed: &str) -> Result<Vec<ChartSummary>> {
        self.backend.authorise(viewer, Action::ReadCharts)?;
        let snapshot = self.backend.snapshot(viewer).await?;
        let now = self.backend.inner().clock.now();
        let typed = typed.to_owned();
        let complete = move || snapshot.complete(&typed, now);
        self.backend.inner().catalog.compute(complete).await
    }

    /// Waits until all that is in the catalog now can be found by everything that its archives tell.
    #[tracing::instrument(name = "op.catalog.searchable", skip_all, err)]
    pub async fn searchable(&self, viewer: &Viewer) -> Result<()> {
        self.backend.authorise(viewer, Action::ReadCharts)?;
        self.backend.snapshot(viewer).await?;
        self.backend.texts_are_read().await;
        Ok(())
    }

    /// The charts whose names are nearest to one that does not exist.
    #[tracing::instrument(name = "op.catalog.suggest", skip_all, err)]
    pub async fn suggest(&self, viewer: &Viewer, repository: &str, name: &str) -> Result<Suggestions> {
        self.backend.authorise(viewer, Action::ReadCharts)?;
        Ok(Suggestions {
            charts: self.backend.snapshot(viewer).await?.suggest(repository, name),
        })
    }
}
