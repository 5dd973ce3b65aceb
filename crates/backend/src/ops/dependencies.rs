//! The sub-charts of a chart: which are on with its default values and why, what their ranges come to, and their own
//! default values.

use std::collections::HashMap;

use engine::semver::{Constraint, Version};
use helm::archive::ChartFiles;
use helm::chart::Chart;
use helm::dependencies::{Decision, Reason};
use helm::values::Table;
use model::review::{DependencyNode, DependencyTree, SubchartValues};

use super::Charts;
use super::authorise::Action;
use super::charts::blocking;
use crate::catalog::meant;
use crate::{Result, Viewer, content};

/// Dependencies that are told: a chart of a few lines can declare any number (attack: aliases of one sub-chart).
const MAX_NODES: usize = 200;
/// Repositories' charts whose versions are looked up.
const MAX_LOOKUPS: usize = 60;
/// Versions of each that are looked at, the newest first.
const MAX_VERSIONS: i64 = 2_000;
/// Sub-charts whose values are shown, and how long they may be together.
const MAX_VALUES: usize = 40;
const MAX_VALUES_BYTES: usize = 512 << 10;

impl Charts<'_> {
    /// The sub-charts of a chart under its default values.
    #[tracing::instrument(name = "op.chart.dependencies", skip_all, fields(chart.name = %name), err)]
    pub async fn dependencies(
        &self,
        viewer: &Viewer,
        repository: &str,
        name: &str,
        version: Option<&str>,
    ) -> Result<DependencyTree> {
        self.backend.authorise(viewer, Action::ReadCharts)?;
        let record = self
            .backend
            .find_version(viewer, repository, name, version)
            .await?;
        let files = self.backend.chart_files(repository, record).await?;
        let mut tree = blocking(move || of_files(&files)).await?;
        self.resolve(viewer, &mut tree, repository).await?;
        Ok(tree)
    }

    /// Finds the charts of this catalog that are meant, and the newest versions that fit.
    async fn resolve(&self, viewer: &Viewer, tree: &mut DependencyTree, own: &str) -> Result<()> {
        let inner = self.backend.inner();
        let snapshot = self.backend.snapshot(viewer).await?;
        let mut repositories = HashMap::new();
        for known in inner.store.list_repositories().await? {
            repositories.insert(known.url.trim_end_matches('/').to_owned(), known.name);
        }
        let mut versions: HashMap<(String, String), Vec<String>> = HashMap::new();
        for node in &mut tree.nodes {
            let Some(repository) = meant(&node.repository, own, &repositories).map(str::to_owned) else {
                continue;
            };
            if snapshot.find(&repository, &node.chart).is_none() {
                continue;
            }
            node.known_repository = Some(repository.clone());
            let key = (repository.clone(), node.chart.clone());
            if !versions.contains_key(&key) {
                if versions.len() == MAX_LOOKUPS {
                    continue;
                }
                let rows = inner
                    .store
                    .list_versions(&repository, &node.chart, MAX_VERSIONS)
                    .await?;
                let rows = rows.into_iter().filter(|row| row.yanked_at.is_none());
                versions.insert(key.clone(), rows.map(|row| row.version).collect());
            }
            node.resolved = versions.get(&key).and_then(|known| newest(&node.range, known));
        }
        Ok(())
    }
}

fn newest(range: &str, versions: &[String]) -> Option<String> {
    let range = Constraint::parse(range).ok()?;
    let parsed = versions
        .iter()
        .filter_map(|text| Some((Version::parse(text).ok()?, text)));
    let newest = parsed
        .filter(|(version, _)| range.check(version))
        .max_by(|(a, _), (b, _)| a.cmp(b));
    newest.map(|(_, text)| text.clone())
}

fn of_files(files: &ChartFiles) -> DependencyTree {
    let mut tree = DependencyTree::default();
    let chart = match Chart::from_files(files.files.clone()) {
        Ok(chart) => chart,
        Err(error) => {
            tree.problem = Some(format!("The chart cannot be loaded: {error}."));
            return tree;
        }
    };
    match chart.decisions(&Table::new()) {
        Ok(decisions) => {
            tree.n_left_out = decisions.len().saturating_sub(MAX_NODES);
            tree.nodes = nodes(decisions);
        }
        Err(error) => tree.problem = Some(format!("Its default values cannot be used: {error}.")),
    }
    tree.values = values(files);
    tree
}

fn nodes(decisions: Vec<Decision>) -> Vec<DependencyNode> {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut nodes = Vec::new();
    for decision in decisions.into_iter().take(MAX_NODES) {
        let place = format!("{}{}.", decision.parent, decision.name);
        let parent = places.get(&decision.parent).copied();
        places.entry(place).or_insert(nodes.len());
        let reason = in_words(&decision);
        nodes.push(DependencyNode {
            parent,
            name: decision.name,
            chart: decision.chart,
            range: decision.range,
            repository: decision.repository,
            condition: decision.condition,
            tags: decision.tags,
            is_enabled: decision.is_enabled,
            reason,
            bundled: decision.bundled,
            known_repository: None,
            resolved: None,
        });
    }
    nodes
}

fn in_words(decision: &Decision) -> String {
    let is = if decision.is_enabled { "true" } else { "false" };
    match &decision.reason {
        Reason::Always => "Always on: it has neither condition nor tags.".to_owned(),
        Reason::Condition { path } => format!("`{path}` is {is}."),
        Reason::Tags { tags } => {
            let paths: Vec<String> = tags.iter().map(|tag| format!("`tags.{tag}`")).collect();
            let verb = if paths.len() == 1 { "is" } else { "are" };
            format!("{} {verb} {is}.", crate::review::listed(&paths))
        }
        Reason::Unset => "On, because no value says otherwise.".to_owned(),
    }
}

/// The values files of sub-charts that lie unpacked in the archive, in their order.
fn values(files: &ChartFiles) -> Vec<SubchartValues> {
    let mut left = MAX_VALUES_BYTES;
    let mut shown: Vec<SubchartValues> = Vec::new();
    for file in &files.files {
        let Some(path) = values_path(&file.path) else {
            continue;
        };
        let (Some(rest), Ok(text)) = (left.checked_sub(file.data.len()), std::str::from_utf8(&file.data))
        else {
            continue;
        };
        if shown.len() == MAX_VALUES || text.trim().is_empty() || text.contains('\0') {
            continue;
        }
        left = rest;
        let (html, n_lines) = content::file("values.yaml", text);
        shown.push(SubchartValues {
            path,
            file: file.path.clone(),
            html,
            n_lines,
        });
    }
    shown
}

/// `a.b` for `charts/a/charts/b/values.yaml`.
fn values_path(path: &str) -> Option<String> {
    let folders = path.strip_suffix("/values.yaml")?;
    let mut parts = folders.split('/');
    let mut names = Vec::new();
    while let Some(charts) = parts.next() {
        if charts != "charts" {
            return None;
        }
        names.push(parts.next()?);
    }
    (!names.is_empty()).then(|| names.join("."))
}

#[cfg(test)]
mod tests {
    use super::{newest, values_path};

    #[test]
    fn the_newest_version_of_a_range_is_found() {
        let versions = ["1.2.0", "1.10.0", "2.0.0", "2.1.0-rc.1", "no version"].map(str::to_owned);
        let rows = [
            ("1.x", Some("1.10.0")),
            ("~1.2.0", Some("1.2.0")),
            (">=1.0.0", Some("2.0.0")),
            ("3.x", None),
            ("no range", None),
        ];
        for (range, want) in rows {
            assert_eq!(newest(range, &versions).as_deref(), want, "{range}");
        }
    }

    #[test]
    fn values_of_subcharts_are_told_from_other_files() {
        let rows = [
            ("charts/a/values.yaml", Some("a")),
            ("charts/a/charts/b/values.yaml", Some("a.b")),
            ("values.yaml", None),
            ("ci/values.yaml", None),
            ("charts/a/templates/values.yaml", None),
            ("charts/values.yaml", None),
        ];
        for (path, want) in rows {
            assert_eq!(values_path(path).as_deref(), want, "{path}");
        }
    }
}
