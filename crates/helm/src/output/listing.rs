//! Releases and revisions in rows: `helm list`, `helm history`.

use engine::datetime::Zone;
use serde_json::Value;

use super::node::Node;
use super::table::Table;
use super::time::{ANSIC, GO, format, never};
use super::{Format, print};
use crate::release::{Release, ReleaseChart, ReleaseInfo};

/// How a list is printed.
#[derive(Debug)]
pub struct ListStyle<'a> {
    pub format: Format,
    pub headers: bool,
    /// A layout of Go's `time`, instead of its usual text.
    pub time_format: Option<&'a str>,
    pub local: &'a Zone,
}

/// What `helm list` prints of releases.
pub fn list(releases: &[Release], style: &ListStyle<'_>) -> String {
    let layout = style.time_format.unwrap_or(GO);
    let rows: Vec<[String; 7]> = releases
        .iter()
        .map(|release| {
            let updated = format(last_deployed(release), layout, style.local);
            [
                release.name.clone(),
                release.namespace.clone(),
                release.revision.to_string(),
                updated.unwrap_or_else(|| "-".to_owned()),
                status_word(release).to_owned(),
                chart_name(release.chart.as_ref()),
                app_version(release.chart.as_ref()),
            ]
        })
        .collect();
    let names = [
        "name",
        "namespace",
        "revision",
        "updated",
        "status",
        "chart",
        "app_version",
    ];
    let node = rows.iter().map(|row| {
        let fields = names
            .iter()
            .zip(row)
            .map(|(name, cell)| (*name, Node::text(cell)));
        Node::Struct(fields.collect())
    });
    let node = Node::List(node.collect());
    print(style.format, &node, || {
        let mut table = Table::default();
        if style.headers {
            let headings = [
                "NAME",
                "NAMESPACE",
                "REVISION",
                "UPDATED",
                "STATUS",
                "CHART",
                "APP VERSION",
            ];
            table.row(headings.map(str::to_owned));
        }
        rows.into_iter().for_each(|row| table.row(row));
        table.print()
    })
}

/// What `helm list --short` prints.
pub fn names(names: &[String], format: Format) -> String {
    print(format, &Node::texts(names), || {
        names.iter().map(|name| format!("{name}\n")).collect()
    })
}

/// What `helm history` prints of revisions.
pub fn history(revisions: &[Release], output: Format, shows_rollbacks: bool, local: &Zone) -> String {
    let node = Node::List(revisions.iter().map(history_node).collect());
    print(output, &node, || {
        let mut table = Table::default();
        let mut headings = vec![
            "REVISION",
            "UPDATED",
            "STATUS",
            "CHART",
            "APP VERSION",
            "DESCRIPTION",
        ];
        if shows_rollbacks {
            headings.insert(5, "ROLLBACK");
        }
        table.row(headings.into_iter().map(str::to_owned));
        for release in revisions {
            let updated = format(last_deployed(release), ANSIC, local);
            let mut cells = vec![
                release.revision.to_string(),
                updated.unwrap_or_else(|| never(ANSIC)),
                status_word(release).to_owned(),
                chart_name(release.chart.as_ref()),
                app_version(release.chart.as_ref()),
                description(release).to_owned(),
            ];
            if shows_rollbacks {
                let revision = rollback_revision(release.info.as_ref());
                cells.insert(
                    5,
                    revision.map(|revision| revision.to_string()).unwrap_or_default(),
                );
            }
            table.row(cells);
        }
        table.print()
    })
}

fn history_node(release: &Release) -> Node {
    let mut fields = vec![("revision", Node::int(release.revision))];
    if let Some(updated) = last_deployed(release).filter(|text| is_time(text)) {
        fields.push(("updated", Node::text(updated)));
    }
    fields.push(("status", Node::text(status_word(release))));
    fields.push(("chart", Node::text(&chart_name(release.chart.as_ref()))));
    fields.push(("app_version", Node::text(&app_version(release.chart.as_ref()))));
    if let Some(revision) = rollback_revision(release.info.as_ref()) {
        fields.push(("rollback_revision", Node::int(revision)));
    }
    fields.push(("description", Node::text(description(release))));
    Node::Struct(fields)
}

pub(super) fn is_time(text: &str) -> bool {
    format(Some(text), GO, &Zone::Utc).is_some()
}

pub(super) fn last_deployed(release: &Release) -> Option<&str> {
    release.info.as_ref()?.last_deployed.as_deref()
}

pub(super) fn status_word(release: &Release) -> &str {
    release.info.as_ref().map_or("", |info| info.status.as_str())
}

pub(super) fn description(release: &Release) -> &str {
    release.info.as_ref().map_or("", |info| &info.description)
}

/// The revision that a rollback went back to.
pub(super) fn rollback_revision(info: Option<&ReleaseInfo>) -> Option<i64> {
    let revision = info?.other.get("rollback_revision").and_then(Value::as_i64);
    revision.filter(|revision| *revision != 0)
}

/// Charts without metadata have been seen in the wild, helm says.
const MISSING: &str = "MISSING";

fn chart_name(chart: Option<&ReleaseChart>) -> String {
    match chart.filter(|chart| chart.metadata.is_object()) {
        Some(chart) => format!("{}-{}", chart.name(), chart.version()),
        None => MISSING.to_owned(),
    }
}

fn app_version(chart: Option<&ReleaseChart>) -> String {
    match chart.filter(|chart| chart.metadata.is_object()) {
        Some(chart) => chart.app_version().to_owned(),
        None => MISSING.to_owned(),
    }
}
