//! Finding charts over all repositories.

use model::catalog::{CatalogPage, CatalogQuery, Facets, Home};
use model::page::Page;
use model::site::Suggestions;

use super::authorise::{Action, authorise};
use crate::{Backend, Result, Viewer};

/// Operations on the merged view over all repositories.
pub struct Catalog<'a> {
    _backend: &'a Backend,
}

impl<'a> Catalog<'a> {
    pub(crate) fn new(backend: &'a Backend) -> Self {
        Self { _backend: backend }
    }

    /// What the home page shows.
    pub async fn home(&self, viewer: &Viewer) -> Result<Home> {
        authorise(viewer, Action::ReadCharts)?;
        Ok(Home {
            n_charts: 0,
            n_versions: 0,
            recently_updated: Vec::new(),
            recently_added: Vec::new(),
            keywords: Vec::new(),
            repositories: Vec::new(),
        })
    }

    /// One part of the charts that match `query`, best match first, with the counts of every filter.
    pub async fn list(&self, viewer: &Viewer, _query: CatalogQuery) -> Result<CatalogPage> {
        authorise(viewer, Action::ReadCharts)?;
        Ok(CatalogPage {
            charts: Page {
                items: Vec::new(),
                total: 0,
                first_position: 1,
                next: None,
                previous: None,
            },
            facets: Facets::default(),
        })
    }

    /// The charts whose names are nearest to one that does not exist.
    pub async fn suggest(&self, viewer: &Viewer, _repository: &str, _name: &str) -> Result<Suggestions> {
        authorise(viewer, Action::ReadCharts)?;
        Ok(Suggestions::default())
    }
}
