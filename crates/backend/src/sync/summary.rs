//! What an archive has in it, as far as it is stored in the database: the files stay in the archive.

use helm::archive::ChartFiles;
use model::files::FileKind;
use serde::{Deserialize, Serialize};

/// Oddities that are told.
const MAX_ODDITIES: usize = 20;

/// A summary of an archive; stored as JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ArchiveSummary {
    /// The README's path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) readme: Option<String>,
    pub(crate) has_values: bool,
    pub(crate) has_schema: bool,
    pub(crate) has_notes: bool,
    pub(crate) n_templates: u32,
    pub(crate) n_crds: u32,
    pub(crate) n_files: u32,
    /// Images that the default values name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) images: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) oddities: Vec<String>,
}

impl ArchiveSummary {
    /// Summarises an archive. `app_version` completes images without a tag.
    pub(crate) fn of(files: &ChartFiles, app_version: Option<&str>) -> Self {
        let mut summary = Self::default();
        for file in &files.files {
            summary.n_files += 1;
            match kind_of(&file.path) {
                FileKind::Readme => {
                    // `README.md` before `readme.txt`, whichever comes first.
                    let is_markdown = file.path.to_ascii_lowercase().ends_with(".md");
                    if summary.readme.is_none() || is_markdown {
                        summary.readme = Some(file.path.clone());
                    }
                }
                FileKind::Values if file.path == "values.yaml" => {
                    summary.has_values = true;
                    let text = String::from_utf8_lossy(&file.data);
                    summary.images = super::images::in_values(&text, app_version);
                }
                FileKind::Schema => summary.has_schema = true,
                FileKind::Notes => summary.has_notes = true,
                FileKind::Template => summary.n_templates += 1,
                FileKind::Crd => summary.n_crds += 1,
                FileKind::Values
                | FileKind::Metadata
                | FileKind::License
                | FileKind::Changelog
                | FileKind::Other => {}
            }
        }
        summary.oddities = files
            .oddities
            .iter()
            .take(MAX_ODDITIES)
            .map(ToString::to_string)
            .collect();
        summary
    }
}

/// What a file is for, by its path below the chart's directory. Names that Helm looks up are exact, names that only
/// people look for are not.
pub(crate) fn kind_of(path: &str) -> FileKind {
    match path {
        "values.yaml" => return FileKind::Values,
        "values.schema.json" => return FileKind::Schema,
        "Chart.yaml" | "Chart.lock" | "requirements.yaml" | "requirements.lock" => return FileKind::Metadata,
        _ => {}
    }
    if let Some(name) = path.strip_prefix("templates/") {
        return if name == "NOTES.txt" {
            FileKind::Notes
        } else {
            FileKind::Template
        };
    }
    if path.starts_with("crds/") {
        return FileKind::Crd;
    }
    if path.contains('/') {
        return FileKind::Other;
    }
    let lower = path.to_ascii_lowercase();
    let (stem, extension) = lower.split_once('.').unwrap_or((&lower, ""));
    match (stem, extension) {
        ("readme", "" | "md" | "markdown" | "txt" | "rst" | "adoc") => FileKind::Readme,
        ("license" | "licence" | "copying" | "unlicense", _) => FileKind::License,
        ("changelog" | "changes" | "history" | "releases", "" | "md" | "markdown" | "txt") => {
            FileKind::Changelog
        }
        (_, "yaml" | "yml") if stem.starts_with("values") => FileKind::Values,
        _ => FileKind::Other,
    }
}

#[cfg(test)]
mod tests {
    use model::files::FileKind;

    use super::kind_of;

    #[test]
    fn paths_tell_what_files_are_for() {
        let rows = [
            ("README.md", FileKind::Readme),
            ("readme.MD", FileKind::Readme),
            ("docs/README.md", FileKind::Other),
            ("charts/sub/README.md", FileKind::Other),
            ("values.yaml", FileKind::Values),
            ("Values-prod.yaml", FileKind::Values),
            ("values.schema.json", FileKind::Schema),
            ("Chart.yaml", FileKind::Metadata),
            ("templates/NOTES.txt", FileKind::Notes),
            ("templates/sub/NOTES.txt", FileKind::Template),
            ("templates/deployment.yaml", FileKind::Template),
            ("crds/a.yaml", FileKind::Crd),
            ("LICENSE", FileKind::License),
            ("CHANGELOG.md", FileKind::Changelog),
            ("ci/test-values.yaml", FileKind::Other),
        ];
        for (path, want) in rows {
            assert_eq!(kind_of(path), want, "{path}");
        }
    }
}
