//! What changed from version to version: as the index says of each, and as a file in the archive says.

use helm::contents::Contents;
use model::Timestamp;
use model::chart::{Changelog, ChangelogFile, VersionChanges};

use super::Charts;
use super::authorise::Action;
use super::detail::change;
use crate::{Result, Viewer};

/// Versions that are looked at, the newest first.
const MAX_LOOKED_AT: i64 = 500;
/// Versions whose changes are told.
const MAX_TOLD: usize = 100;

impl Charts<'_> {
    /// What a version and those before it change. Without a version it is the newest.
    ///
    /// An archive that is not here and cannot be had takes nothing from what the index says.
    #[tracing::instrument(name = "op.chart.changelog", skip_all, fields(chart.name = %name), err)]
    pub async fn changelog(
        &self,
        viewer: &Viewer,
        repository: &str,
        name: &str,
        version: Option<&str>,
    ) -> Result<Changelog> {
        self.backend.authorise(viewer, Action::ReadCharts)?;
        let record = self
            .backend
            .find_version(viewer, repository, name, version)
            .await?;
        let shown = record.version.clone();
        let store = &self.backend.inner().store;
        let known = store.indexed_versions(record.chart_id, MAX_LOOKED_AT).await?;
        // One that is gone, or too old to have been looked at, has nothing newer left out for it.
        let from = match version {
            Some(_) => known.iter().position(|version| version.version == shown),
            None => None,
        };
        let versions = known
            .into_iter()
            .skip(from.unwrap_or_default())
            .filter(|version| !version.details.changes.is_empty())
            .take(MAX_TOLD)
            .map(|version| VersionChanges {
                version: version.version,
                created: version.published_at.map(Timestamp),
                changes: version.details.changes.into_iter().map(change).collect(),
            });
        let versions = versions.collect();
        let files = self.backend.chart_files(repository, record).await.ok();
        let path = files
            .as_ref()
            .and_then(|files| Contents::of(files).changelog.map(|file| file.path.clone()));
        let file = match files.zip(path) {
            Some((files, path)) => Some(ChangelogFile {
                path: path.clone(),
                prose: self.prose(files, (repository, name, &shown), path).await?,
            }),
            None => None,
        };
        Ok(Changelog { versions, file })
    }
}
