//! Why a subchart is on or off: what Helm decided, and the value or tag that decided it.

use engine::value::Map;

use super::ChartNode;
use super::enabled::{self, deciding, in_range, tags_of};
use crate::chart::{Chart, Dependency};
use crate::values::{Table, TypeMismatch, Warnings, lookup_table, to_map};

/// A declared dependency under given values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Where its parent's values are in those of the root, with a dot at the end; empty for those of the root.
    pub parent: String,
    /// What values know it by: its alias, or its name.
    pub name: String,
    /// The chart's own name.
    pub chart: String,
    /// The range of versions that is asked for.
    pub range: String,
    /// Where it is fetched from, as declared.
    pub repository: String,
    /// As declared; paths with commas between them.
    pub condition: String,
    pub tags: Vec<String>,
    pub is_enabled: bool,
    pub reason: Reason,
    /// The version in `charts/`, where a chart there fits.
    pub bundled: Option<String>,
}

/// What decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// It has neither condition nor tags.
    Always,
    /// A value at a path of the root's values.
    Condition { path: String },
    /// Tags that are true, or, where none is, those that are false.
    Tags { tags: Vec<String> },
    /// Neither its condition nor its tags are set, which leaves it on.
    Unset,
}

impl Chart {
    /// What is decided of every dependency that this chart and its enabled subcharts declare, parents before children.
    pub fn decisions(&self, values: &Table) -> Result<Vec<Decision>, TypeMismatch> {
        let mut decisions = Vec::new();
        let mut node = ChartNode::new(self);
        let warnings = &mut Warnings::default();
        enabled::process(&mut node, &to_map(values), "", warnings, Some(&mut decisions))?;
        Ok(decisions)
    }
}

impl Decision {
    /// `dependency` after it was decided of, under its alias if it has one; `name` is the chart's.
    pub(super) fn of(
        dependency: &Dependency,
        name: String,
        parent: &ChartNode<'_>,
        values: &Map,
        path: &str,
    ) -> Self {
        // Helm has warned already.
        let quiet = &mut Warnings::default();
        let tags = lookup_table(values, "tags").map(|tags| tags_of(dependency, &tags, quiet));
        let reason = match (deciding(dependency, values, path, quiet), tags) {
            (Some((path, _)), _) => Reason::Condition { path },
            (None, Ok((on, _))) if !on.is_empty() => Reason::Tags { tags: on },
            (None, Ok((_, off))) if !off.is_empty() => Reason::Tags { tags: off },
            _ if dependency.condition.trim().is_empty() && dependency.tags.is_empty() => Reason::Always,
            _ => Reason::Unset,
        };
        let bundled = parent.dependencies.iter().find(|subchart| {
            subchart.name() == dependency.name && in_range(&dependency.version, &subchart.metadata.version)
        });
        Self {
            parent: path.to_owned(),
            name: dependency.name.clone(),
            chart: name,
            range: dependency.version.clone(),
            repository: dependency.repository.clone(),
            condition: dependency.condition.clone(),
            tags: dependency.tags.clone(),
            is_enabled: dependency.enabled,
            reason,
            bundled: bundled.map(|subchart| subchart.metadata.version.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Reason;
    use crate::chart::{Chart, ChartFile};
    use crate::values::parse_values;

    fn chart() -> Chart {
        let files = [
            (
                "Chart.yaml",
                "apiVersion: v2\nname: top\nversion: 1.0.0\ndependencies:\n\
                 - {name: always, version: 1.x}\n\
                 - {name: asked, version: 1.x, condition: 'asked.missing,asked.enabled'}\n\
                 - {name: asked, alias: twin, version: 1.x, condition: twin.enabled, tags: [front]}\n\
                 - {name: tagged, version: 1.x, tags: [back, front]}\n\
                 - {name: unset, version: 1.x, condition: nowhere.enabled}\n\
                 - {name: absent, version: 2.x}\n",
            ),
            (
                "values.yaml",
                "asked: {enabled: false}\ntwin: {enabled: true}\ntags: {back: false}\n",
            ),
            (
                "charts/always/Chart.yaml",
                "apiVersion: v2\nname: always\nversion: 1.2.3\ndependencies:\n\
                 - {name: inner, version: 1.x, condition: inner.enabled}\n",
            ),
            ("charts/always/values.yaml", "inner: {enabled: true}\n"),
            (
                "charts/always/charts/inner/Chart.yaml",
                "apiVersion: v2\nname: inner\nversion: 1.0.0\n",
            ),
            (
                "charts/asked/Chart.yaml",
                "apiVersion: v2\nname: asked\nversion: 1.0.0\n",
            ),
            (
                "charts/tagged/Chart.yaml",
                "apiVersion: v2\nname: tagged\nversion: 1.0.0\n",
            ),
            (
                "charts/unset/Chart.yaml",
                "apiVersion: v2\nname: unset\nversion: 1.0.0\n",
            ),
        ];
        let files = files.into_iter().map(|(path, text)| ChartFile::new(path, text));
        Chart::from_files(files.collect()).unwrap()
    }

    fn told(values: &str) -> Vec<(String, bool, String)> {
        let values = parse_values(values.as_bytes()).unwrap();
        let decisions = chart().decisions(&values).unwrap().into_iter();
        decisions
            .map(|decision| {
                let why = match &decision.reason {
                    Reason::Always => "always".to_owned(),
                    Reason::Condition { path } => path.clone(),
                    Reason::Tags { tags } => tags.join("+"),
                    Reason::Unset => "unset".to_owned(),
                };
                (
                    format!("{}{}", decision.parent, decision.name),
                    decision.is_enabled,
                    why,
                )
            })
            .collect()
    }

    #[test]
    fn every_dependency_is_told_with_what_decided() {
        let row = |name: &str, is_enabled, why: &str| (name.to_owned(), is_enabled, why.to_owned());
        assert_eq!(
            told(""),
            [
                row("always", true, "always"),
                row("asked", false, "asked.enabled"),
                row("twin", true, "twin.enabled"),
                row("tagged", false, "back"),
                row("unset", true, "unset"),
                row("absent", true, "always"),
                row("always.inner", true, "always.inner.enabled"),
            ]
        );
        let switched = told("tags: {front: true}\nalways: {inner: {enabled: false}}\n");
        assert_eq!(switched[3], row("tagged", true, "front"));
        assert_eq!(switched[6], row("always.inner", false, "always.inner.enabled"));
        let bundled: Vec<_> = chart()
            .decisions(&parse_values(b"").unwrap())
            .unwrap()
            .into_iter()
            .map(|decision| (decision.chart, decision.bundled))
            .collect();
        assert_eq!(bundled[0], ("always".to_owned(), Some("1.2.3".to_owned())));
        assert_eq!(bundled[2], ("asked".to_owned(), Some("1.0.0".to_owned())));
        assert_eq!(bundled[5], ("absent".to_owned(), None));
    }
}
