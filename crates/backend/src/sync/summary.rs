//! What an archive has in it, as far as it is stored in the database: the files stay in the archive.

use helm::archive::ChartFiles;
use helm::chart::{Dependency, Metadata};
use helm::contents::{Contents, Role, images_in_values, role};
use model::files::FileKind;
use serde::{Deserialize, Serialize};

use crate::store::DependencyDetails;

/// Oddities that are told.
const MAX_ODDITIES: usize = 20;
/// Images that are kept of a chart.
const MAX_IMAGES: usize = 100;
/// Dependencies that are kept of a chart: enough for every honest one.
const MAX_DEPENDENCIES: usize = 200;

/// A summary of an archive; stored as JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ArchiveSummary {
    /// The README's path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) readme: Option<String>,
    /// The path of what says what changed from version to version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) changelog: Option<String>,
    pub(crate) has_values: bool,
    pub(crate) has_schema: bool,
    pub(crate) has_notes: bool,
    pub(crate) n_templates: u32,
    pub(crate) n_crds: u32,
    pub(crate) n_files: u32,
    /// Images that the default values name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) images: Vec<String>,
    /// What `requirements.yaml` asks for: charts of API version 1 have it there, and not every index repeats it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) dependencies: Vec<DependencyDetails>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) oddities: Vec<String>,
}

impl ArchiveSummary {
    /// Summarises an archive.
    pub(crate) fn of(files: &ChartFiles) -> Self {
        let contents = Contents::of(files);
        let requirements = files.find("requirements.yaml");
        let documents = contents.metadata.into_iter().chain(requirements);
        // What cannot be read is told where it matters: when the chart is rendered.
        let metadata = Metadata::as_written(documents.map(|file| file.data.as_ref())).unwrap_or_default();
        let dependencies = match requirements {
            Some(_) => metadata.dependencies.unwrap_or_default(),
            // The index tells of those in Chart.yaml.
            None => Vec::new(),
        };
        let count = |files: usize| u32::try_from(files).unwrap_or(u32::MAX);
        let mut summary = Self {
            readme: contents.readme.map(|file| file.path.clone()),
            changelog: contents.changelog.map(|file| file.path.clone()),
            has_values: contents.values.is_some(),
            has_schema: contents.schema.is_some(),
            has_notes: contents.notes.is_some(),
            n_templates: count(contents.templates.len()),
            n_crds: count(contents.crds.len()),
            n_files: count(files.files.len()),
            images: images(&contents, &metadata.app_version),
            dependencies: dependencies
                .into_iter()
                .take(MAX_DEPENDENCIES)
                .map(details)
                .collect(),
            oddities: Vec::new(),
        };
        summary.oddities = files
            .oddities
            .iter()
            .take(MAX_ODDITIES)
            .map(ToString::to_string)
            .collect();
        summary
    }
}

fn images(contents: &Contents<'_>, app_version: &str) -> Vec<String> {
    let values = contents.values.map(|file| file.data.as_ref()).unwrap_or_default();
    let app_version = Some(app_version).filter(|version| !version.is_empty());
    let images = images_in_values(values, app_version).into_iter();
    images.map(|image| image.reference).take(MAX_IMAGES).collect()
}

fn details(dependency: Dependency) -> DependencyDetails {
    let some = |text: String| (!text.is_empty()).then_some(text);
    DependencyDetails {
        name: dependency.name,
        version: dependency.version,
        repository: dependency.repository,
        alias: some(dependency.alias),
        condition: some(dependency.condition),
        tags: dependency.tags,
    }
}

/// What a file is for, by its path below the chart's directory.
pub(crate) fn kind_of(path: &str) -> FileKind {
    match role(path) {
        Role::Readme => FileKind::Readme,
        Role::Values | Role::ValuesVariant => FileKind::Values,
        Role::Schema => FileKind::Schema,
        Role::Metadata | Role::Lock | Role::Requirements => FileKind::Metadata,
        Role::Notes => FileKind::Notes,
        Role::Template => FileKind::Template,
        Role::Crd => FileKind::Crd,
        Role::License => FileKind::License,
        Role::Changelog => FileKind::Changelog,
        Role::Subchart | Role::Other => FileKind::Other,
    }
}
