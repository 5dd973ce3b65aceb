//! One release as its page shows it first.

use cluster::{MAX_RECORD_SIZE_BYTES, record_size_bytes};
use helm::release::{Release, ReleaseStatus};
use model::access::ReleaseRights;
use model::release::{ReleaseDetail, ReleaseId};
use serde_json::Value;

use super::catalog::{KnownVersions, Origins, shown};
use super::{Releases, summary, timestamp};
use crate::ops::authorise::Action;
use crate::{Result, Viewer};

impl Releases<'_> {
    /// A release: its newest revision, and what else is known of it without looking at its objects.
    #[tracing::instrument(name = "op.release.get", skip_all, fields(release.name = %id.name), err)]
    pub async fn get(&self, viewer: &Viewer, id: &ReleaseId) -> Result<ReleaseDetail> {
        let connection = self.open(viewer, id).await?;
        let cluster = &connection.cluster;
        let (newest, heads, origins) = tokio::join!(
            cluster.newest(&id.namespace, &id.name),
            cluster.heads(Some(&id.namespace), Some(&id.name)),
            cluster.origins(Some(&id.namespace), Some(&id.name)),
        );
        let newest = newest.map_err(|error| connection.explain(&error))?;
        let heads = heads.map_err(|error| connection.explain(&error))?;
        let origins = Origins::new(origins.unwrap_or_default());
        let release = &newest.release;
        let mut summary = summary(&id.cluster, release);
        let snapshot = self.backend.chart_snapshot(viewer).await?;
        self.backend
            .complete(&snapshot, &origins, &mut KnownVersions::default(), &mut summary)
            .await?;
        let operations = self.backend.inner().store.list_operations(id, 1).await?;
        summary.operation = operations
            .into_iter()
            .filter(|operation| !operation.state.has_ended())
            .map(crate::ops::operations::shown)
            .next();
        let deployed = heads.iter().filter(|head| head.status == ReleaseStatus::Deployed);
        let info = release.info.as_ref();
        let now = self.backend.inner().clock.now();
        Ok(ReleaseDetail {
            stuck: super::stuck::stuck(release, &heads, summary.operation.as_ref(), now),
            first_deployed: info.and_then(|info| timestamp(info.first_deployed.as_deref())),
            deployed_revision: deployed.map(|head| head.revision).max(),
            notes: info.map_or_else(String::new, |info| info.notes.clone()),
            labels: release.labels.clone(),
            chart_description: chart_description(release),
            origin: origins
                .of(&id.namespace, &id.name, release.revision)
                .and_then(shown),
            rights: self.rights(viewer, id),
            has_tests: release
                .hooks
                .iter()
                .any(|hook| hook.events.iter().any(|event| event == "test")),
            record_size_bytes: record_size_bytes(release).unwrap_or_default(),
            record_limit_bytes: MAX_RECORD_SIZE_BYTES,
            summary,
        })
    }

    fn rights(&self, viewer: &Viewer, id: &ReleaseId) -> ReleaseRights {
        let (cluster, namespace) = (id.cluster.as_str(), id.namespace.as_str());
        let may = |action| self.backend.authorise(viewer, action).is_ok();
        ReleaseRights {
            read: may(Action::ReadReleases { cluster, namespace }),
            change: may(Action::ChangeReleases { cluster, namespace }),
            read_all_namespaces: may(Action::ReadAllReleases { cluster }),
        }
    }
}

fn chart_description(release: &Release) -> String {
    let metadata = release.chart.as_ref().map(|chart| &chart.metadata);
    let description = metadata.and_then(|metadata| metadata.get("description"));
    description.and_then(Value::as_str).unwrap_or_default().to_owned()
}
