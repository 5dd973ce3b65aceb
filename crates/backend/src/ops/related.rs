//! What a chart has to do with others: who depends on it, and what resembles it.

use std::collections::HashMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::catalog::{Dependent, Relations};
use model::page::Page;

use super::Charts;
use super::authorise::Action;
use super::charts::blocking;
use crate::catalog::{self, Snapshot};
use crate::{Backend, Error, Result, Viewer};

/// Dependents and related charts that a chart's page shows.
const N_SHOWN: usize = 8;
/// Dependents of one part of the list.
const PAGE_SIZE: usize = 50;

impl Backend {
    /// What the charts of a snapshot have to do with one another.
    pub(super) async fn relations(&self, snapshot: &Arc<Snapshot>) -> Result<Arc<catalog::Relations>> {
        if let Some(known) = snapshot.known_relations() {
            return Ok(known);
        }
        let mut repositories = HashMap::new();
        for known in self.inner().store.list_repositories().await? {
            repositories.insert(known.url.trim_end_matches('/').to_owned(), known.name);
        }
        let snapshot = Arc::clone(snapshot);
        blocking(move || snapshot.relations(&repositories)).await
    }
}

impl Charts<'_> {
    /// The first of those that depend on a chart, and those that resemble it.
    #[tracing::instrument(name = "op.chart.relations", skip_all, fields(chart.name = %name), err)]
    pub async fn relations(&self, viewer: &Viewer, repository: &str, name: &str) -> Result<Relations> {
        self.backend.authorise(viewer, Action::ReadCharts)?;
        let (snapshot, chart) = self.placed(viewer, repository, name).await?;
        let relations = self.backend.relations(&snapshot).await?;
        let used_by = snapshot.used_by(&relations, chart, None, N_SHOWN);
        Ok(Relations {
            used_by: used_by.users,
            n_used_by: used_by.total,
            related: snapshot.related(&relations, chart, N_SHOWN),
        })
    }

    /// One part of those that depend on a chart, by name and repository. `cursor` is one that an earlier part named.
    #[tracing::instrument(name = "op.chart.used_by", skip_all, fields(chart.name = %name), err)]
    pub async fn used_by(
        &self,
        viewer: &Viewer,
        repository: &str,
        name: &str,
        cursor: &str,
    ) -> Result<Page<Dependent>> {
        self.backend.authorise(viewer, Action::ReadCharts)?;
        let after = parse(cursor)?;
        let (snapshot, chart) = self.placed(viewer, repository, name).await?;
        let relations = self.backend.relations(&snapshot).await?;
        let after = after
            .as_ref()
            .map(|(name, repository)| (name.as_str(), repository.as_str()));
        // One more than is shown tells whether there is a next part.
        let found = snapshot.used_by(&relations, chart, after, PAGE_SIZE + 1);
        let mut items = found.users;
        let has_next = items.len() > PAGE_SIZE;
        items.truncate(PAGE_SIZE);
        Ok(Page {
            total: found.total,
            first_position: found.n_before + 1,
            next: items
                .last()
                .filter(|_| has_next)
                .map(|last| cursor_of(&last.chart.name, &last.chart.repository)),
            previous: None,
            items,
        })
    }

    async fn placed(&self, viewer: &Viewer, repository: &str, name: &str) -> Result<(Arc<Snapshot>, usize)> {
        let snapshot = self.backend.snapshot(viewer).await?;
        let chart = snapshot
            .place(repository, name)
            .ok_or_else(|| Error::not_found("chart", name))?;
        Ok((snapshot, chart))
    }
}

fn cursor_of(name: &str, repository: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("{name}/{repository}"))
}

fn parse(cursor: &str) -> Result<Option<(String, String)>> {
    if cursor.is_empty() {
        return Ok(None);
    }
    let text = URL_SAFE_NO_PAD
        .decode(cursor)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let pair = text.as_deref().and_then(|text| text.split_once('/'));
    match pair {
        Some((name, repository)) => Ok(Some((name.to_owned(), repository.to_owned()))),
        None => Err(Error::Invalid {
            field: "cursor",
            message: "is not one that a list has given out".to_owned(),
        }),
    }
}
