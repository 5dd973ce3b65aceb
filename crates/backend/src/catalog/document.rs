//! A chart as search knows it: its row, its newest version's entry, and the texts of its archive.
//!
//! Limits of what is indexed are search's own; here it is only kept from reading what it would not keep.

use std::collections::HashMap;
use std::sync::LazyLock;

use engine::semver::{Constraint, Version};
use helm::archive::{ChartFile, ChartFiles};
use helm::contents::Contents;
use search::{Document, Standing, ValueKey};

use crate::content::value_keys;
use crate::store::{ChartRecord, SearchableRecord};
use crate::sync::ArchiveSummary;

/// Bytes of a README, of a file of values, of a custom resource definition that are read.
const MAX_TEXT_BYTES: usize = 400_000;
/// Definitions that are read of a chart.
const MAX_CRDS: usize = 300;
/// The minor versions of Kubernetes 1 that ranges are asked for.
const MINORS: u8 = 64;

/// What only a chart's archive and its other versions tell.
#[derive(Debug, Default)]
pub(super) struct Texts {
    pub(super) readme: String,
    pub(super) values: Vec<ValueKey>,
    pub(super) crd_kinds: Vec<String>,
    pub(super) versions: Vec<String>,
}

impl Texts {
    /// Reads them out of an archive; the versions are the caller's.
    pub(super) fn of(files: &ChartFiles) -> Self {
        let contents = Contents::of(files);
        let text = |file: Option<&ChartFile>| file.and_then(text_of).unwrap_or_default().to_owned();
        let values = contents
            .values
            .and_then(text_of)
            .map(value_keys)
            .unwrap_or_default();
        Self {
            readme: text(contents.readme),
            values: values
                .into_iter()
                .map(|key| ValueKey {
                    depth: key.depth,
                    key: key.name,
                    comment: key.comment,
                })
                .collect(),
            crd_kinds: contents
                .crds
                .iter()
                .take(MAX_CRDS)
                .filter_map(|file| text_of(file))
                .flat_map(crd_kinds)
                .collect(),
            versions: Vec::new(),
        }
    }
}

fn text_of(file: &ChartFile) -> Option<&str> {
    let bytes = file.data.get(..file.data.len().min(MAX_TEXT_BYTES))?;
    // A cut may split the last letter.
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) => std::str::from_utf8(bytes.get(..error.valid_up_to())?).ok(),
    }
}

/// The kinds that custom resource definitions define. A line of `kind:` below `names:` is all that is looked at: the
/// schema of a definition can be megabytes.
fn crd_kinds(text: &str) -> Vec<String> {
    let mut kinds = Vec::new();
    let mut names_at: Option<usize> = None;
    for line in text.lines() {
        let trimmed = line.trim_start();
        let indent = line.len() - trimmed.len();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        match names_at {
            Some(at) if indent > at => {
                if let Some(kind) = trimmed.strip_prefix("kind:") {
                    kinds.push(kind.trim().trim_matches(['"', '\'']).to_owned());
                    names_at = None;
                }
            }
            _ => names_at = (trimmed.trim_end() == "names:").then_some(indent),
        }
    }
    kinds
}

/// Documents of charts; ranges of Kubernetes versions that many charts share are evaluated once.
#[derive(Default)]
pub(super) struct Documents {
    ranges: HashMap<String, u64>,
}

impl Documents {
    pub(super) fn document(
        &mut self,
        record: &ChartRecord,
        more: SearchableRecord,
        texts: Texts,
        standing: Standing,
    ) -> Document {
        let details = more.details;
        let summary: ArchiveSummary = more
            .contents
            .as_deref()
            .and_then(|contents| serde_json::from_str(contents).ok())
            .unwrap_or_default();
        let mut sources = details.sources;
        sources.extend(details.home);
        let mut images = details.images;
        images.extend(summary.images);
        images.dedup();
        let mut versions = texts.versions;
        versions.push(record.version.clone());
        versions.extend(record.app_version.clone());
        let dependencies = details.dependencies.into_iter().chain(summary.dependencies);
        Document {
            id: record.id,
            repository: record.repository.clone(),
            name: record.name.clone(),
            alternative_names: details.alternative_name.into_iter().collect(),
            description: record.description.clone(),
            keywords: record.keywords.clone(),
            category: details.category.unwrap_or_default(),
            license: details.license.unwrap_or_default(),
            maintainers: details
                .maintainers
                .into_iter()
                .map(|maintainer| maintainer.name)
                .collect(),
            sources,
            readme: texts.readme,
            values: texts.values,
            images,
            crd_kinds: texts.crd_kinds,
            dependencies: dependencies.map(|dependency| dependency.name).collect(),
            versions,
            n_versions: u32::try_from(record.n_versions).unwrap_or(u32::MAX),
            updated: record.published_at.map(|at| at.0),
            kubernetes: details
                .kube_version
                .as_deref()
                .map_or(u64::MAX, |range| self.minors(range)),
            is_library: record.is_library,
            is_deprecated: record.deprecated,
            is_yanked: record.yanked,
            is_signed: record.is_signed,
            has_schema: record.has_schema,
            standing,
        }
    }

    fn minors(&mut self, range: &str) -> u64 {
        if let Some(minors) = self.ranges.get(range) {
            return *minors;
        }
        let minors = minors(range);
        self.ranges.insert(range.to_owned(), minors);
        minors
    }
}

/// The minor versions of Kubernetes 1 that a range allows in some patch version, as bits; all where it is no range.
fn minors(range: &str) -> u64 {
    static VERSIONS: LazyLock<Vec<(u8, Vec<Version>)>> = LazyLock::new(|| {
        let patches = |minor| {
            let version = |patch| Version::parse(&format!("1.{minor}.{patch}")).ok();
            [0, 99].into_iter().filter_map(version).collect()
        };
        (0..MINORS).map(|minor| (minor, patches(minor))).collect()
    });
    let Ok(constraint) = Constraint::parse(range) else {
        return u64::MAX;
    };
    VERSIONS
        .iter()
        .filter(|(_, patches)| patches.iter().any(|version| constraint.check(version)))
        .fold(0, |bits, (minor, _)| bits | 1 << minor)
}

#[cfg(test)]
mod tests {
    use super::{crd_kinds, minors};

    #[test]
    fn ranges_become_minor_versions() {
        let of = |from: u32, to: u32| (from..to).fold(0u64, |bits, minor| bits | 1 << minor);
        assert_eq!(minors(">=1.25.0-0"), of(25, 64));
        assert_eq!(minors(">=1.25.3 <1.28.0"), of(25, 28));
        assert_eq!(minors("not a range"), u64::MAX);
    }

    #[test]
    fn kinds_are_those_that_are_defined() {
        let text = "\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: gates.example.com
spec:
  names:
    plural: gates
    # how it is written
    kind: \"Gate\"
  scope: Namespaced
---
kind: CustomResourceDefinition
spec:
  names:
    kind: Fence
";
        assert_eq!(crd_kinds(text), ["Gate", "Fence"]);
        assert!(crd_kinds("kind: ConfigMap\ndata:\n  kind: x\n").is_empty());
    }
}
