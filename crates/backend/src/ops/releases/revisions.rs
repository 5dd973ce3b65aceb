//! What a revision holds: its place in the history, values, manifest, hooks and notes.

use cluster::StoredRelease;
use helm::release::{Release, ReleaseStatus, computed_values};
use helm::values::Tree;
use model::release::{History, ReleaseId, RevisionManifest, RevisionSummary, RevisionValues};
use serde_json::Value;

use super::catalog::Origins;
use super::redact::{hook_part, manifest_parts};
use super::{Releases, summary};
use crate::clusters::Connection;
use crate::{Error, Result, Viewer};

/// Revisions that a history shows at most.
const MAX_REVISIONS: usize = 256;

impl Releases<'_> {
    /// The revisions of a release, the newest first.
    #[tracing::instrument(name = "op.release.history", skip_all, fields(release.name = %id.name), err)]
    pub async fn history(&self, viewer: &Viewer, id: &ReleaseId) -> Result<History> {
        let connection = self.open(viewer, id).await?;
        let cluster = &connection.cluster;
        let (history, origins) = tokio::join!(
            cluster.history(&id.namespace, &id.name, MAX_REVISIONS),
            cluster.origins(Some(&id.namespace), Some(&id.name)),
        );
        let (revisions, damaged) = history.map_err(|error| connection.explain(&error))?;
        let origins = Origins::new(origins.unwrap_or_default());
        let revisions = revisions.iter().rev().map(|stored| {
            let revision = summary(&id.cluster, &stored.release);
            let origin = origins.of(&id.namespace, &id.name, revision.revision);
            RevisionSummary {
                by: origin
                    .map(|origin| origin.origin.by.clone())
                    .filter(|by| !by.is_empty()),
                revision: revision.revision,
                status: revision.status,
                description: revision.description,
                chart: revision.chart,
                chart_version: revision.chart_version,
                app_version: revision.app_version,
                updated: revision.updated,
            }
        });
        Ok(History {
            revisions: revisions.collect(),
            damaged: damaged
                .iter()
                .map(|(head, error)| crate::clusters::damaged(head, error))
                .collect(),
        })
    }

    /// The values of a revision, or of the newest.
    #[tracing::instrument(name = "op.release.values", skip_all, fields(release.name = %id.name), err)]
    pub async fn values(
        &self,
        viewer: &Viewer,
        id: &ReleaseId,
        revision: Option<i64>,
    ) -> Result<RevisionValues> {
        let connection = self.open(viewer, id).await?;
        let release = self.revision(&connection, id, revision).await?;
        let typed = connection
            .cluster
            .typed_values(&id.namespace, &id.name, release.revision)
            .await
            .unwrap_or_default()
            .filter(|text| says_what_is_recorded(text, &release));
        let computed = computed_values(&release).map_err(|error| Error::Conflict {
            what: format!("values of revision {}", release.revision),
            reason: error.to_string(),
        })?;
        Ok(RevisionValues {
            revision: release.revision,
            is_as_typed: typed.is_some(),
            user: typed.unwrap_or_else(|| user_values(&release)),
            computed: yaml(&Tree::Table(computed)),
        })
    }

    /// The objects of a revision, or of the newest, without what is in Secrets.
    #[tracing::instrument(name = "op.release.manifest", skip_all, fields(release.name = %id.name), err)]
    pub async fn manifest(
        &self,
        viewer: &Viewer,
        id: &ReleaseId,
        revision: Option<i64>,
    ) -> Result<RevisionManifest> {
        let connection = self.open(viewer, id).await?;
        let release = self.revision(&connection, id, revision).await?;
        Ok(RevisionManifest {
            revision: release.revision,
            objects: manifest_parts(&release.manifest, &self.backend.inner().marks),
        })
    }

    /// The hooks of a revision, or of the newest, without what is in Secrets.
    #[tracing::instrument(name = "op.release.hooks", skip_all, fields(release.name = %id.name), err)]
    pub async fn hooks(
        &self,
        viewer: &Viewer,
        id: &ReleaseId,
        revision: Option<i64>,
    ) -> Result<RevisionManifest> {
        let connection = self.open(viewer, id).await?;
        let release = self.revision(&connection, id, revision).await?;
        let marks = &self.backend.inner().marks;
        Ok(RevisionManifest {
            revision: release.revision,
            objects: release.hooks.iter().map(|hook| hook_part(hook, marks)).collect(),
        })
    }

    /// The notes of a revision, or of the newest.
    #[tracing::instrument(name = "op.release.notes", skip_all, fields(release.name = %id.name), err)]
    pub async fn notes(
        &self,
        viewer: &Viewer,
        id: &ReleaseId,
        revision: Option<i64>,
    ) -> Result<(i64, String)> {
        let connection = self.open(viewer, id).await?;
        let release = self.revision(&connection, id, revision).await?;
        let notes = release.info.map_or_else(String::new, |info| info.notes);
        Ok((release.revision, notes))
    }

    /// The record of a revision, or of the newest.
    pub(super) async fn revision(
        &self,
        connection: &Connection,
        id: &ReleaseId,
        revision: Option<i64>,
    ) -> Result<Release> {
        Ok(self.stored(connection, id, revision).await?.release)
    }

    /// The same with its labels.
    pub(super) async fn stored(
        &self,
        connection: &Connection,
        id: &ReleaseId,
        revision: Option<i64>,
    ) -> Result<StoredRelease> {
        let cluster = &connection.cluster;
        let stored = match revision {
            Some(revision) => cluster.revision(&id.namespace, &id.name, revision).await,
            None => cluster.newest(&id.namespace, &id.name).await,
        };
        stored.map_err(|error| connection.explain(&error))
    }

    /// The revision whose objects are meant to be in the cluster: the deployed one, else the newest.
    pub(super) async fn deployed(&self, connection: &Connection, id: &ReleaseId) -> Result<Release> {
        let heads = connection
            .cluster
            .heads(Some(&id.namespace), Some(&id.name))
            .await;
        let heads = heads.map_err(|error| connection.explain(&error))?;
        let deployed = heads
            .iter()
            .filter(|head| head.status == ReleaseStatus::Deployed)
            .map(|head| head.revision)
            .max();
        self.revision(connection, id, deployed).await
    }
}

/// The text was kept when the revision was made; whoever may write there may have changed it since.
fn says_what_is_recorded(text: &str, release: &Release) -> bool {
    helm::values::parse_values(text.as_bytes())
        .is_ok_and(|values| Tree::Table(values).to_json() == Value::Object(release.config.clone()))
}

/// The user's values as YAML; nothing where none were given.
pub(super) fn user_values(release: &Release) -> String {
    if release.config.is_empty() {
        return String::new();
    }
    yaml(&Tree::from_json(&Value::Object(release.config.clone())))
}

fn yaml(tree: &Tree) -> String {
    let mut text = engine::yaml::encode(&tree.to_value(), usize::MAX).unwrap_or_default();
    text.push('\n');
    text
}
