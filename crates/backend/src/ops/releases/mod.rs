//! Releases: finding and reading them, and what would become of them.
//!
//! Everything is asked of the cluster as the viewer; what a viewer may ask at all the one table says first. What is done
//! with releases is in [`Operations`](super::Operations).

mod by_name;
mod catalog;
mod compare;
mod detail;
mod list;
mod live;
mod plan;
mod records;
mod redact;
mod request;
mod revisions;
mod start;
mod stuck;

use engine::datetime::{Time, Zone};
use helm::release::{Release, ReleaseChart};
use model::Timestamp;
use model::release::{ClusterSummary, ReleaseId, ReleaseSummary};

pub use live::LogQuery;
pub use plan::shown as shown_plan;
pub(crate) use plan::{KeptPlan, Plans, shown_before};
pub use records::list_options;
pub(crate) use redact::{Marks, rendered_part};
pub(crate) use request::{
    MAX_VALUES_BYTES, NewOrigin, Prepared, Work, check_installable, check_release_name, load_chart, prepare,
};

use super::authorise::Action;
use crate::clusters::Connection;
use crate::{Backend, Result, Viewer};

/// Operations that read releases and plan their changes.
pub struct Releases<'a> {
    backend: &'a Backend,
}

impl<'a> Releases<'a> {
    pub(crate) fn new(backend: &'a Backend) -> Self {
        Self { backend }
    }

    /// The clusters that the viewer may see something of, in the order of the configuration.
    pub fn clusters(&self, viewer: &Viewer) -> Result<Vec<ClusterSummary>> {
        self.backend.authorise(viewer, Action::ReadClusters)?;
        let mut clusters = self.backend.inner().clusters.summaries();
        clusters.retain(|cluster| viewer.sees_cluster(&cluster.name));
        Ok(clusters)
    }

    /// Whether any cluster is configured at all.
    pub fn has_clusters(&self) -> bool {
        self.backend.inner().clusters.names().next().is_some()
    }

    /// The viewer's connection to the cluster of a release that the viewer may see.
    async fn open(&self, viewer: &Viewer, id: &ReleaseId) -> Result<Connection> {
        let action = Action::ReadReleases {
            cluster: &id.cluster,
            namespace: &id.namespace,
        };
        self.backend.authorise(viewer, action)?;
        let connection = self.backend.inner().clusters.connect(viewer, &id.cluster).await?;
        Ok(connection.about(&id.name))
    }
}

/// A revision as lists show it, as far as its record says.
fn summary(cluster: &str, release: &Release) -> ReleaseSummary {
    let info = release.info.as_ref();
    let chart = release.chart.as_ref();
    let text = |of: fn(&ReleaseChart) -> &str| chart.map_or_else(String::new, |chart| of(chart).to_owned());
    ReleaseSummary {
        id: ReleaseId {
            cluster: cluster.to_owned(),
            namespace: release.namespace.clone(),
            name: release.name.clone(),
        },
        revision: release.revision,
        status: info.map_or_else(String::new, |info| info.status.as_str().to_owned()),
        description: info.map_or_else(String::new, |info| info.description.clone()),
        chart: text(ReleaseChart::name),
        chart_version: text(ReleaseChart::version),
        app_version: text(ReleaseChart::app_version),
        updated: info.and_then(|info| timestamp(info.last_deployed.as_deref())),
        by: None,
        source: None,
        newer_version: None,
        operation: None,
    }
}

/// A time of a record or of an object of Kubernetes; `None` where it is none.
pub(crate) fn timestamp(text: Option<&str>) -> Option<Timestamp> {
    let parsed = Time::parse(b"2006-01-02T15:04:05Z07:00", text?.as_bytes(), &Zone::Utc).ok()?;
    let seconds = parsed.unix();
    // Go's zero time is the year 1.
    (seconds > 0).then_some(Timestamp(seconds))
}
