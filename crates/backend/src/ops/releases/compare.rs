//! Two revisions side by side.

use model::release::{Comparison, ReleaseId};

use super::redact::manifest_parts;
use super::{Releases, revisions, summary};
use crate::difference::{difference, objects};
use crate::{Result, Viewer};

impl Releases<'_> {
    /// What differs between two revisions. Of Secrets only whether data are the same.
    #[tracing::instrument(name = "op.release.compare", skip_all, fields(release.name = %id.name), err)]
    pub async fn compare(&self, viewer: &Viewer, id: &ReleaseId, from: i64, to: i64) -> Result<Comparison> {
        let connection = self.open(viewer, id).await?;
        let (old, new) = tokio::try_join!(
            self.revision(&connection, id, Some(from)),
            self.revision(&connection, id, Some(to)),
        )?;
        let marks = &self.backend.inner().marks;
        let (before, after) = (
            manifest_parts(&old.manifest, marks),
            manifest_parts(&new.manifest, marks),
        );
        let (objects, n_equal_objects) = objects(&before, &after);
        let chart = [&old, &new].map(|release| {
            let summary = summary(&id.cluster, release);
            format!("{} {}", summary.chart, summary.chart_version)
        });
        let notes = [&old, &new].map(|release| release.info.as_ref().map_or("", |info| info.notes.as_str()));
        let [old_chart, new_chart] = chart;
        Ok(Comparison {
            from,
            to,
            chart: (old_chart != new_chart).then_some((old_chart, new_chart)),
            values: difference(&revisions::user_values(&old), &revisions::user_values(&new)),
            objects,
            n_equal_objects,
            notes: difference(notes[0], notes[1]),
        })
    }
}
