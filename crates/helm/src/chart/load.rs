//! From a list of files to a chart with its subcharts.

use std::collections::BTreeMap;

use super::Chart;
use super::decode::DecodeError;
use super::ignore::{IgnoreError, filter_directory};
use super::metadata::{Draft, Lock, MetadataError, quote};
use crate::archive::{ArchiveError, ArchiveLimits, ChartFile, ChartFiles, NestedArchives};
use crate::values::{ValuesError, parse_values};

/// Why files are no chart. `Display` is Helm's whole message, down through subcharts.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error("{0}")]
    Ignore(IgnoreError),
    #[error("{}", helm_text(.0))]
    Archive(ArchiveError),
    #[error("Chart.yaml file is missing")]
    MissingChartYaml,
    #[error("cannot load {file}: {error}")]
    Decode { file: &'static str, error: DecodeError },
    #[error("cannot load values.yaml: {0}")]
    Values(ValuesError),
    /// Helm has no such limit.
    #[error(
        "Chart.yaml, values.yaml and the like of all charts together are larger than {limit_bytes} bytes"
    )]
    TooMuchYaml { limit_bytes: usize },
    #[error("{0}")]
    Metadata(MetadataError),
    #[error("error unpacking subchart tar in {chart}: expected {expected}, got {got}")]
    SubchartName {
        chart: String,
        expected: String,
        got: String,
    },
    #[error("error unpacking subchart {subchart} in {chart}: {error}")]
    Subchart {
        subchart: String,
        chart: String,
        error: Box<Self>,
    },
}

/// What of a tree of charts is read as YAML: each byte of it becomes up to a few hundred in memory, for as long as the
/// chart is kept. The largest of published charts have one megabyte.
const MAX_YAML_BYTES: usize = 16 << 20;

/// The files that are read as YAML when a chart is loaded.
const YAML_FILES: [&str; 5] = [
    "Chart.lock",
    "Chart.yaml",
    "requirements.lock",
    "requirements.yaml",
    "values.yaml",
];

/// Charts within charts: deeper than any real chart, shallow enough for the stack.
const MAX_DIRECTORIES: usize = 32;

impl Chart {
    /// Loads a chart from the files of an unpacked archive, named relative to the chart's directory.
    pub fn from_files(files: Vec<ChartFile>) -> Result<Self, LoadError> {
        Loader::new(ArchiveLimits::default()).load(files, 0, 0)
    }

    /// Loads a chart from all files of a directory: `.helmignore` applies, byte order marks are dropped.
    pub fn from_directory(files: Vec<ChartFile>) -> Result<Self, LoadError> {
        Self::from_files(filter_directory(files).map_err(LoadError::Ignore)?)
    }

    /// Loads a chart from a `.tgz`.
    pub fn from_archive(bytes: &[u8]) -> Result<Self, LoadError> {
        let files = ChartFiles::from_bytes(bytes, &ArchiveLimits::default()).map_err(LoadError::Archive)?;
        Self::from_files(files.files)
    }
}

/// One budget for the whole tree of charts.
struct Loader {
    archives: NestedArchives,
    yaml_bytes_left: usize,
}

impl Loader {
    fn new(limits: ArchiveLimits) -> Self {
        Self {
            archives: NestedArchives::new(limits),
            yaml_bytes_left: MAX_YAML_BYTES,
        }
    }

    fn load(
        &mut self,
        files: Vec<ChartFile>,
        archives: usize,
        directories: usize,
    ) -> Result<Chart, LoadError> {
        self.spend_on_yaml(&files)?;
        let mut draft = read_chart_yaml(&files)?;
        let mut chart = Chart::default();
        let mut subcharts: BTreeMap<String, Vec<ChartFile>> = BTreeMap::new();
        for file in files {
            let decode = |file: &'static str| move |error| LoadError::Decode { file, error };
            match file.path.as_str() {
                "Chart.yaml" => chart.metadata_modified = Some(file.modified),
                "Chart.lock" => chart.lock = Lock::read(&file.data).map_err(decode("Chart.lock"))?,
                "values.yaml" => {
                    chart.values = parse_values(&file.data).map_err(LoadError::Values)?;
                    chart.values_text = Some(file.data);
                }
                "values.schema.json" => {
                    chart.schema = Some(file.data);
                    chart.schema_modified = Some(file.modified);
                }
                "requirements.yaml" => {
                    let draft = draft.get_or_insert_default();
                    let is_v1 = draft.metadata.api_version == "v1";
                    if !is_v1 {
                        chart.warnings.push("Warning: Dependencies are handled in Chart.yaml since apiVersion \"v2\". We recommend migrating dependencies to Chart.yaml.".to_owned());
                    }
                    draft.read(&file.data).map_err(decode("requirements.yaml"))?;
                    // The file may have changed the API version: it is decoded over all of Chart.yaml.
                    if draft.metadata.api_version == "v1" {
                        chart.files.push(file);
                    }
                }
                "requirements.lock" => {
                    chart.lock = Lock::read(&file.data).map_err(decode("requirements.lock"))?;
                    let draft = draft.get_or_insert_default();
                    if draft.metadata.api_version == "v1" {
                        chart.files.push(file);
                    } else {
                        chart.warnings.push("Warning: Dependency locking is handled in Chart.lock since apiVersion \"v2\". We recommend migrating to Chart.lock.".to_owned());
                    }
                }
                name if name.starts_with("templates/") => chart.templates.push(file),
                name => match name.strip_prefix("charts/") {
                    Some(path) if extension(name) != ".prov" => {
                        let directory = path.split('/').next().unwrap_or(path).to_owned();
                        let path = path.to_owned();
                        subcharts
                            .entry(directory)
                            .or_default()
                            .push(ChartFile { path, ..file });
                    }
                    _ => chart.files.push(file),
                },
            }
        }
        chart.metadata = draft
            .ok_or(LoadError::MissingChartYaml)?
            .validate()
            .map_err(LoadError::Metadata)?;
        for (name, files) in subcharts {
            // Left-overs of editors and version control, and charts that are kept but switched off.
            if name.starts_with(['_', '.']) {
                continue;
            }
            let subchart = self.load_subchart(&name, files, &chart, (archives, directories))?;
            chart.warnings.extend(subchart.warnings.iter().cloned());
            chart.dependencies.push(subchart);
        }
        Ok(chart)
    }

    fn spend_on_yaml(&mut self, files: &[ChartFile]) -> Result<(), LoadError> {
        let yaml = files
            .iter()
            .filter(|file| YAML_FILES.contains(&file.path.as_str()));
        let bytes = yaml.map(|file| file.data.len()).sum();
        self.yaml_bytes_left = self
            .yaml_bytes_left
            .checked_sub(bytes)
            .ok_or(LoadError::TooMuchYaml {
                limit_bytes: MAX_YAML_BYTES,
            })?;
        Ok(())
    }

    fn load_subchart(
        &mut self,
        name: &str,
        mut files: Vec<ChartFile>,
        chart: &Chart,
        (archives, directories): (usize, usize),
    ) -> Result<Chart, LoadError> {
        let parent = || chart.metadata.name.clone();
        let loaded = if directories >= MAX_DIRECTORIES {
            Err(LoadError::Archive(ArchiveError::NestedTooDeep {
                path: name.to_owned(),
                limit: MAX_DIRECTORIES,
            }))
        } else if extension(name) == ".tgz" {
            let Some(file) = files.first() else {
                return Err(LoadError::MissingChartYaml);
            };
            if file.path != name {
                return Err(LoadError::SubchartName {
                    chart: parent(),
                    expected: name.to_owned(),
                    got: file.path.clone(),
                });
            }
            match self.archives.read(archives, name, &file.data) {
                Ok(nested) => self.load(nested.files, archives + 1, directories + 1),
                Err(error) => Err(LoadError::Archive(error)),
            }
        } else {
            // A file directly in `charts/` is no chart, whose loading then fails for want of a Chart.yaml.
            files.retain(|file| file.path.contains('/'));
            for file in &mut files {
                file.path = file
                    .path
                    .split_once('/')
                    .map_or_else(String::new, |(_, path)| path.to_owned());
            }
            self.load(files, archives, directories + 1)
        };
        loaded.map_err(|error| LoadError::Subchart {
            subchart: name.to_owned(),
            chart: parent(),
            error: Box::new(error),
        })
    }
}

/// Chart.yaml comes first, wherever in the archive it stands: other files depend on its API version.
fn read_chart_yaml(files: &[ChartFile]) -> Result<Option<Draft>, LoadError> {
    let mut draft: Option<Draft> = None;
    for file in files.iter().filter(|file| file.path == "Chart.yaml") {
        let draft = draft.get_or_insert_default();
        draft.read(&file.data).map_err(|error| LoadError::Decode {
            file: "Chart.yaml",
            error,
        })?;
        // Helm 2 took charts without an API version.
        if draft.metadata.api_version.is_empty() {
            "v1".clone_into(&mut draft.metadata.api_version);
        }
    }
    Ok(draft)
}

/// `filepath.Ext`: from the last dot of the last component.
pub(crate) fn extension(path: &str) -> &str {
    let base = path.rsplit('/').next().unwrap_or(path);
    base.rfind('.')
        .and_then(|dot| base.get(dot..))
        .unwrap_or_default()
}

/// What Helm says about an archive it refuses, where it says anything of its own.
fn helm_text(error: &ArchiveError) -> String {
    match error {
        ArchiveError::NotGzip => "gzip: invalid header".to_owned(),
        ArchiveError::AbsolutePath { .. } => "chart illegally contains absolute paths".to_owned(),
        ArchiveError::OutsideChart { path } => {
            format!(
                "chart illegally contains content outside the base directory: {}",
                quote(path)
            )
        }
        ArchiveError::EscapingPath { .. } => "chart illegally references parent directory".to_owned(),
        ArchiveError::DrivePath { .. } => "chart contains illegally named files".to_owned(),
        ArchiveError::ChartYamlAtRoot => "chart yaml not in base directory".to_owned(),
        ArchiveError::TooLarge { limit_bytes } => {
            format!("decompressed chart is larger than the maximum size {limit_bytes}")
        }
        ArchiveError::FileTooLarge {
            path, limit_bytes, ..
        } => {
            let path = quote(path);
            format!("decompressed chart file {path} is larger than the maximum file size {limit_bytes}")
        }
        ArchiveError::Empty => "no files in chart archive".to_owned(),
        other => other.to_string(),
    }
}
