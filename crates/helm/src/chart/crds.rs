//! The `crds/` directory: definitions that are applied before a release and never touched again.

use super::{Chart, ChartFile, extension};

/// One file of `crds/`.
#[derive(Debug, Clone, Copy)]
pub struct Crd<'c> {
    /// The file's name below the whole tree, as in `parent/charts/sub/crds/x.yaml`.
    pub path: &'c str,
    pub file: &'c ChartFile,
}

/// The files of `crds/` of one chart.
pub(crate) fn crds_of(chart: &Chart) -> impl Iterator<Item = &ChartFile> {
    chart.files.iter().filter(|file| {
        let extension = extension(&file.path);
        let is_manifest = [".yaml", ".yml", ".json"]
            .iter()
            .any(|known| extension.eq_ignore_ascii_case(known));
        file.path.starts_with("crds/") && is_manifest
    })
}
