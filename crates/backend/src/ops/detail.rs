//! A stored version as pages show it.

use std::collections::HashMap;

use model::chart::{
    ArchiveState, Change, ChangeLink, ChartDetail, ChartVersion, Contents, Dependency, Maintainer,
    VersionSummary,
};
use model::signature::SignatureCheck;

use crate::blobs::Digest;
use crate::catalog::{Entry, icon_path, meant};
use crate::store::{ArchiveStatus, ChangeDetails, DependencyDetails, VersionRecord, VersionRow};
use crate::sync::ArchiveSummary;

/// Finds the chart of this catalog that a dependency means: by repository URL and name.
pub(super) struct DependencyLookup<'a> {
    /// The repository of the chart that depends.
    pub(super) own: &'a str,
    /// Repository names by URL without a slash at the end.
    pub(super) repositories: HashMap<String, String>,
    pub(super) has_chart: &'a dyn Fn(&str, &str) -> bool,
}

impl DependencyLookup<'_> {
    fn find(&self, dependency: &DependencyDetails) -> Option<String> {
        let repository = meant(&dependency.repository, self.own, &self.repositories)?;
        (self.has_chart)(repository, &dependency.name).then(|| format!("{repository}/{}", dependency.name))
    }
}

/// Everything the header and the rail of a chart's pages show.
pub(super) fn detail(
    repository: &str,
    record: VersionRecord,
    signature: Option<SignatureCheck>,
    newest: &[VersionRow],
    lookup: &DependencyLookup<'_>,
    entry: Option<&Entry>,
) -> ChartDetail {
    let summary = summary_of(&record);
    let dependencies = declared(&record.details.dependencies, &summary);
    let contents = Contents {
        has_readme: summary.readme.is_some(),
        has_values: summary.has_values,
        has_notes: summary.has_notes,
        has_changelog: summary.changelog.is_some() || !record.details.changes.is_empty(),
        n_templates: summary.n_templates,
        n_crds: summary.n_crds,
        n_files: summary.n_files,
        n_dependencies: u32::try_from(dependencies.len()).unwrap_or(u32::MAX),
    };
    ChartDetail {
        repository: repository.to_owned(),
        repository_url: record.repository_url.clone(),
        name: record.name.clone(),
        latest_version: record.latest_version.clone(),
        newest_versions: newest.iter().map(version_summary).collect(),
        n_versions: u32::try_from(record.n_versions).unwrap_or(u32::MAX),
        is_official: entry.is_some_and(Entry::is_official),
        category: entry.map(Entry::category).unwrap_or_default().to_owned(),
        contents,
        version: version(record, summary, lookup),
        signature,
    }
}

/// The summary of the archive in the store; empty while there is none.
pub(super) fn summary_of(record: &VersionRecord) -> ArchiveSummary {
    record
        .contents
        .as_deref()
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default()
}

/// The dependencies that the index tells of; where it tells of none, those of the archive.
fn declared<'a>(indexed: &'a [DependencyDetails], summary: &'a ArchiveSummary) -> &'a [DependencyDetails] {
    if indexed.is_empty() {
        &summary.dependencies
    } else {
        indexed
    }
}

fn version(record: VersionRecord, summary: ArchiveSummary, lookup: &DependencyLookup<'_>) -> ChartVersion {
    let archive = match record.archive {
        _ if record.archive_digest.is_some() => ArchiveState::Ready,
        ArchiveStatus::Read | ArchiveStatus::Wanted => ArchiveState::Pending,
        ArchiveStatus::Failed => ArchiveState::Failed {
            reason: record.archive_error.unwrap_or_default(),
        },
    };
    let digest = record.archive_digest.or(record.digest);
    let details = record.details;
    let dependencies = declared(&details.dependencies, &summary).to_vec();
    let images = if details.images.is_empty() {
        summary.images
    } else {
        details.images
    };
    let dependencies = dependencies.into_iter().map(|dependency| {
        let chart = lookup.find(&dependency);
        Dependency {
            name: dependency.name,
            version: dependency.version,
            repository: dependency.repository,
            alias: dependency.alias,
            condition: dependency.condition,
            tags: dependency.tags,
            chart,
        }
    });
    ChartVersion {
        version: record.version,
        app_version: record.app_version,
        description: details.description,
        icon: icon_path(record.icon_digest.as_deref()),
        home: details.home,
        sources: details.sources,
        keywords: details.keywords,
        maintainers: details
            .maintainers
            .into_iter()
            .map(|m| Maintainer {
                name: m.name,
                email: m.email,
                url: m.url,
            })
            .collect(),
        kube_version: details.kube_version,
        license: details.license,
        deprecated: record.deprecated,
        is_library: details.is_library,
        has_schema: summary.has_schema,
        is_signed: details.is_signed,
        yanked: record.yanked,
        deprecated_because: record.hosted_deprecated,
        yanked_because: record.hosted_yanked,
        created: record.published_at,
        digest: digest.as_deref().and_then(Digest::from_slice).map(Digest::to_hex),
        size_bytes: record.archive_bytes.map(i64::unsigned_abs),
        dependencies: dependencies.collect(),
        images,
        urls: details.urls,
        archive,
        oddities: summary.oddities,
        changes: details.changes.into_iter().map(change).collect(),
    }
}

/// A change as pages show it.
pub(super) fn change(change: ChangeDetails) -> Change {
    let links = change.links.into_iter();
    Change {
        kind: change.kind,
        description: change.description,
        links: links.map(|(name, url)| ChangeLink { name, url }).collect(),
    }
}

pub(super) fn version_summary(row: &VersionRow) -> VersionSummary {
    VersionSummary {
        version: row.version.clone(),
        app_version: row.app_version.clone(),
        created: row.published_at.map(model::Timestamp),
        deprecated: row.deprecated,
        yanked: row.yanked_at.is_some(),
        is_prerelease: row.is_prerelease,
    }
}
