//! A record of what was rendered, ready to be stored.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::time::rfc3339;
use super::{Release, ReleaseChart, ReleaseFile, ReleaseHook, ReleaseInfo, ReleaseStatus};
use crate::archive::{ChartFile, Modified};
use crate::chart::Chart;
use crate::manifest::Hook;
use crate::render::{ReleaseManifest, Rendered};
use crate::values::{Table, table_to_json};

/// Go's zero time.
const NEVER: &str = "0001-01-01T00:00:00Z";

/// What a new revision is made from.
#[derive(Debug)]
pub struct NewRevision<'a> {
    pub name: &'a str,
    pub namespace: &'a str,
    pub revision: i64,
    pub chart: &'a Chart,
    pub rendered: &'a Rendered,
    pub manifest: &'a ReleaseManifest,
    /// The user's values, without the chart's defaults.
    pub supplied_values: &'a Table,
    /// RFC 3339; the moment of the first installation, and of this revision.
    pub first_deployed: &'a str,
    pub last_deployed: &'a str,
    pub status: ReleaseStatus,
    pub description: &'a str,
    pub server_side_apply: bool,
}

impl NewRevision<'_> {
    /// The record as Helm 4 would write it.
    pub fn to_release(&self) -> Result<Release, serde_json::Error> {
        Ok(Release {
            name: self.name.to_owned(),
            info: Some(ReleaseInfo {
                first_deployed: Some(self.first_deployed.to_owned()),
                last_deployed: Some(self.last_deployed.to_owned()),
                deleted: None,
                description: self.description.to_owned(),
                status: self.status.clone(),
                notes: self.manifest.notes.clone(),
                other: Map::new(),
            }),
            chart: Some(stored_chart(self.chart, self.rendered)?),
            config: table_to_json(self.supplied_values),
            manifest: self.manifest.manifest.clone(),
            hooks: self.manifest.objects.hooks.iter().map(stored_hook).collect(),
            revision: self.revision,
            namespace: self.namespace.to_owned(),
            apply_method: if self.server_side_apply { "ssa" } else { "csa" }.to_owned(),
            ..Release::default()
        })
    }
}

/// The chart without its subcharts, and with the metadata and values that rendering left.
fn stored_chart(chart: &Chart, rendered: &Rendered) -> Result<ReleaseChart, serde_json::Error> {
    let mut other = Map::new();
    let schema_modified = chart.schema_modified.map_or_else(|| NEVER.to_owned(), moment);
    other.insert("schemamodtime".to_owned(), schema_modified.into());
    if let Some(modified) = chart.metadata_modified {
        other.insert("modtime".to_owned(), moment(modified).into());
    }
    Ok(ReleaseChart {
        metadata: serde_json::to_value(&rendered.metadata)?,
        lock: serde_json::to_value(&chart.lock)?,
        templates: chart.templates.iter().map(stored_file).collect(),
        values: Value::Object(table_to_json(&rendered.default_values)),
        schema: chart.schema.as_ref().map(|schema| STANDARD.encode(schema)),
        files: chart.files.iter().map(stored_file).collect(),
        other,
    })
}

fn stored_file(file: &ChartFile) -> ReleaseFile {
    let mut other = Map::new();
    other.insert("modtime".to_owned(), moment(file.modified).into());
    let data = (!file.data.is_empty()).then(|| STANDARD.encode(&file.data));
    ReleaseFile {
        name: file.path.clone(),
        data,
        other,
    }
}

fn moment(modified: Modified) -> String {
    rfc3339(modified.seconds, modified.nanoseconds)
}

fn stored_hook(hook: &Hook) -> ReleaseHook {
    ReleaseHook {
        name: hook.name.clone(),
        kind: hook.kind.clone(),
        path: hook.path.clone(),
        manifest: hook.manifest.clone(),
        events: hook.event_names(),
        weight: hook.weight,
        delete_policies: hook.delete_policies.clone(),
        output_log_policies: hook.output_log_policies.clone(),
        ..ReleaseHook::default()
    }
}
