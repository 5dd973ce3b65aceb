//! Charts as the commands take them: a directory, an archive, or `repo/name` of the catalog.
//!
//! Paths come first, as with helm; what is no path is looked up in the store of this Chartroom, never in a network.

mod catalog;
mod directory;
mod go_error;
mod version;

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use bytes::Bytes;
use helm::chart::{Chart, LoadError};

use super::{Global, verify};

pub(super) use directory::{cleaned, read_directory};
pub(super) use go_error::{describe, read_file};
pub(super) use version::VersionFlags;

/// Where a chart was found.
pub(super) enum Source {
    Directory(PathBuf),
    Archive(PathBuf),
    /// An archive of the catalog.
    Stored(Bytes),
}

/// The first bytes of every archive.
const GZIP: &[u8] = b"\x1f\x8b\x08";

/// What a chart is found for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To be shown or rendered.
    Look,
    /// To be put into a cluster: by the policy of its repository not without a signature.
    Install,
}

/// Finds what `reference` means. A version counts for charts of the catalog only: a path holds one. What is to be verified
/// is verified before it is read.
pub(super) fn locate(
    global: &Global,
    reference: &str,
    flags: &VersionFlags,
    purpose: Purpose,
) -> Result<Source> {
    let reference = reference.trim();
    if let Ok(metadata) = std::fs::metadata(reference) {
        let path = cleaned(&std::path::absolute(reference)?);
        if let Some(keyring) = flags.keyring() {
            verify::file(&path, keyring)?;
        }
        return Ok(if metadata.is_dir() {
            Source::Directory(path)
        } else {
            Source::Archive(path)
        });
    }
    if Path::new(reference).is_absolute() || reference.starts_with('.') {
        bail!("path {reference:?} not found");
    }
    if reference.contains("://") {
        bail!(
            "charts are not fetched from addresses: download {reference}, or add its repository with `chartroom repo add`"
        );
    }
    let Some((repository, name)) = reference.split_once('/') else {
        bail!("non-absolute URLs should be in form of repo_name/path_to_chart, got: {reference}");
    };
    Ok(Source::Stored(catalog::archive(
        global, repository, name, flags, purpose,
    )?))
}

impl Source {
    /// Loads the chart as `helm template` does, which looks at the API version first.
    pub(super) fn load_installable(&self) -> Result<Chart> {
        match self {
            Self::Directory(path) => {
                // Said before anything else is read.
                let chart_yaml = path.join("Chart.yaml");
                read_file(&chart_yaml).map_err(|error| {
                    anyhow::anyhow!("unable to detect chart at {}: {error}", chart_yaml.display())
                })?;
            }
            Self::Archive(_) | Self::Stored(_) => {}
        }
        let chart = self.load().map_err(|error| match error.downcast_ref() {
            Some(LoadError::MissingChartYaml) => {
                anyhow::anyhow!("unable to detect chart version, no Chart.yaml found")
            }
            Some(LoadError::Archive(details)) if !is_no_gzip(details) => {
                anyhow::anyhow!("unable to load chart archive: {details}")
            }
            _ => error,
        })?;
        match chart.metadata.api_version.as_str() {
            "v1" | "v2" => Ok(chart),
            "v3" => bail!("invalid chart apiVersion"),
            _ => bail!("unsupported chart version"),
        }
    }

    /// Loads the chart, whatever its API version.
    pub(super) fn load(&self) -> Result<Chart> {
        match self {
            Self::Directory(path) => Ok(Chart::from_files(read_directory(path)?)?),
            Self::Archive(path) => {
                let bytes = read_file(path)?;
                ensure_archive(path, &bytes)?;
                Chart::from_archive(&bytes).map_err(|error| match &error {
                    LoadError::Archive(details) if is_no_gzip(details) => anyhow::anyhow!(
                        "file '{}' does not appear to be a valid chart file (details: {error})",
                        path.display()
                    ),
                    _ => error.into(),
                })
            }
            Self::Stored(bytes) => Ok(Chart::from_archive(bytes)?),
        }
    }
}

fn is_no_gzip(error: &helm::archive::ArchiveError) -> bool {
    matches!(error, helm::archive::ArchiveError::NotGzip)
}

/// Says what a file that is no archive looks like.
fn ensure_archive(path: &Path, bytes: &[u8]) -> Result<()> {
    if bytes.starts_with(GZIP) {
        return Ok(());
    }
    let name = path.display().to_string();
    if name.ends_with(".yml") || name.ends_with(".yaml") {
        bail!("file '{name}' seems to be a YAML file, but expected a gzipped archive");
    }
    // Helm looks at 512 bytes, and where a file is shorter, at zeros.
    let head = bytes.get(..512);
    let is_text = head.is_some_and(|head| {
        !head
            .iter()
            .any(|byte| matches!(byte, 0..=8 | 0x0b | 0x0e..=0x1a | 0x1c..=0x1f))
    });
    let kind = if is_text {
        "text/plain; charset=utf-8"
    } else {
        "application/octet-stream"
    };
    bail!("file '{name}' does not appear to be a gzipped archive; got '{kind}'")
}
