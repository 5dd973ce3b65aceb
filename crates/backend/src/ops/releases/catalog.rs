//! Which chart of the catalog a release is of, and whether there is a newer one.

use std::collections::HashMap;

use cluster::StoredOrigin;
use engine::semver::Version;
use model::release::{Origin, ReleaseSource, ReleaseSummary};

use super::timestamp;
use crate::catalog::{Entry, Snapshot, icon_path};
use crate::{Backend, Result, Viewer};

/// What is recorded of where revisions came from, by namespace, name and revision.
#[derive(Default)]
pub(super) struct Origins(HashMap<(String, String, i64), StoredOrigin>);

impl Origins {
    pub(super) fn new(found: Vec<StoredOrigin>) -> Self {
        let by_revision = found.into_iter().map(|origin| {
            (
                (origin.namespace.clone(), origin.name.clone(), origin.revision),
                origin,
            )
        });
        Self(by_revision.collect())
    }

    pub(super) fn of(&self, namespace: &str, name: &str, revision: i64) -> Option<&StoredOrigin> {
        self.0.get(&(namespace.to_owned(), name.to_owned(), revision))
    }
}

/// What pages show of an origin.
pub(super) fn shown(stored: &StoredOrigin) -> Option<Origin> {
    Some(Origin {
        revision: stored.revision,
        repository: stored.origin.repository.clone(),
        chart: stored.origin.chart.clone(),
        version: stored.origin.version.clone(),
        digest: stored.origin.digest.clone(),
        by: stored.origin.by.clone(),
        at: timestamp(Some(&stored.created))?,
    })
}

impl Backend {
    /// What the viewer sees of the catalog, for looking charts up.
    pub(super) async fn chart_snapshot(&self, viewer: &Viewer) -> Result<std::sync::Arc<Snapshot>> {
        self.snapshot(viewer).await
    }

    /// Adds who made a revision, its chart in the catalog, and a newer version of that.
    pub(super) async fn complete(
        &self,
        snapshot: &Snapshot,
        origins: &Origins,
        known: &mut KnownVersions,
        summary: &mut ReleaseSummary,
    ) -> Result<()> {
        let id = &summary.id;
        let origin = origins.of(&id.namespace, &id.name, summary.revision);
        summary.by = origin
            .map(|origin| origin.origin.by.clone())
            .filter(|by| !by.is_empty());
        let recorded = origin
            .filter(|origin| origin.origin.chart == summary.chart)
            .and_then(|origin| snapshot.find(&origin.origin.repository, &origin.origin.chart));
        let entry = match recorded {
            Some(entry) => Some(entry),
            None => known.only_chart(self, snapshot, summary).await?,
        };
        let Some(entry) = entry else {
            return Ok(());
        };
        summary.newer_version = newer(entry, &summary.chart_version);
        summary.source = Some(ReleaseSource {
            repository: entry.record.repository.clone(),
            chart: entry.record.name.clone(),
            is_recorded: recorded.is_some(),
            icon: icon_path(entry.record.icon_digest.as_deref()),
        });
        Ok(())
    }
}

/// Which repositories have a chart in a version, asked once for each.
#[derive(Default)]
pub(super) struct KnownVersions(HashMap<(String, String), Option<String>>);

impl KnownVersions {
    /// The only chart of the catalog with the name and version of a release. With several nobody can say which it is.
    async fn only_chart<'s>(
        &mut self,
        backend: &Backend,
        snapshot: &'s Snapshot,
        summary: &ReleaseSummary,
    ) -> Result<Option<&'s std::sync::Arc<Entry>>> {
        let key = (summary.chart.clone(), summary.chart_version.clone());
        if !self.0.contains_key(&key) {
            let mut found = Vec::new();
            for entry in snapshot.named(&summary.chart) {
                let store = &backend.inner().store;
                let (repository, name) = (&entry.record.repository, &entry.record.name);
                let version = Some(summary.chart_version.as_str());
                if store.find_version(repository, name, version).await?.is_some() {
                    found.push(repository.clone());
                }
            }
            let only = match found.as_slice() {
                [only] => Some(only.clone()),
                _ => None,
            };
            self.0.insert(key.clone(), only);
        }
        let repository = self.0.get(&key).and_then(Option::as_deref);
        Ok(repository.and_then(|repository| snapshot.find(repository, &summary.chart)))
    }
}

/// The newest version of a chart, if it is newer than `version`.
fn newer(entry: &Entry, version: &str) -> Option<String> {
    if entry.record.yanked {
        return None;
    }
    let newest = Version::parse(&entry.record.version).ok()?;
    let current = Version::parse(version).ok()?;
    (newest > current).then(|| entry.record.version.clone())
}
