//! Reading one chart: its facts, its files, its archive.

use bytes::Bytes;
use futures_util::stream::BoxStream;
use model::chart::{ChartDetail, Prose, VersionSummary};
use model::files::{FileEntry, FileView, ValuesView};

use super::authorise::{Action, authorise};
use crate::{Backend, Error, Result, Viewer};

/// Operations on charts. A `version` of `None` means the chart's newest.
pub struct Charts<'a> {
    _backend: &'a Backend,
}

/// An archive on its way out.
pub struct ArchiveDownload {
    /// `name-version.tgz`.
    pub file_name: String,
    /// Lower-case hexadecimal SHA-256 of the whole.
    pub digest: String,
    /// Length of the whole.
    pub size_bytes: u64,
    /// The archive.
    pub body: BoxStream<'static, Result<Bytes>>,
}

impl<'a> Charts<'a> {
    pub(crate) fn new(backend: &'a Backend) -> Self {
        Self { _backend: backend }
    }

    /// Everything the header and the rail of a chart's pages show. An archive that is not here yet is fetched, and
    /// waited for a moment.
    pub async fn get(
        &self,
        viewer: &Viewer,
        _repository: &str,
        name: &str,
        _version: Option<&str>,
    ) -> Result<ChartDetail> {
        authorise(viewer, Action::ReadCharts)?;
        Err(Error::not_found("chart", name))
    }

    /// All versions, newest first.
    pub async fn versions(
        &self,
        viewer: &Viewer,
        _repository: &str,
        name: &str,
    ) -> Result<Vec<VersionSummary>> {
        authorise(viewer, Action::ReadCharts)?;
        Err(Error::not_found("chart", name))
    }

    /// The README as safe HTML, where the chart has one.
    pub async fn readme(
        &self,
        viewer: &Viewer,
        _repository: &str,
        name: &str,
        _version: Option<&str>,
    ) -> Result<Option<Prose>> {
        authorise(viewer, Action::ReadCharts)?;
        Err(Error::not_found("chart", name))
    }

    /// The default values, where the chart has any.
    pub async fn values(
        &self,
        viewer: &Viewer,
        _repository: &str,
        name: &str,
        _version: Option<&str>,
    ) -> Result<Option<ValuesView>> {
        authorise(viewer, Action::ReadCharts)?;
        Err(Error::not_found("chart", name))
    }

    /// The files of the archive in their order.
    pub async fn files(
        &self,
        viewer: &Viewer,
        _repository: &str,
        name: &str,
        _version: Option<&str>,
    ) -> Result<Vec<FileEntry>> {
        authorise(viewer, Action::ReadCharts)?;
        Err(Error::not_found("chart", name))
    }

    /// One text file, highlighted.
    pub async fn file(
        &self,
        viewer: &Viewer,
        _repository: &str,
        name: &str,
        _version: Option<&str>,
        _path: &str,
    ) -> Result<FileView> {
        authorise(viewer, Action::ReadCharts)?;
        Err(Error::not_found("chart", name))
    }

    /// One file as it is, with the media type to serve it as.
    pub async fn raw_file(
        &self,
        viewer: &Viewer,
        _repository: &str,
        name: &str,
        _version: Option<&str>,
        _path: &str,
    ) -> Result<(&'static str, Bytes)> {
        authorise(viewer, Action::ReadCharts)?;
        Err(Error::not_found("chart", name))
    }

    /// A re-encoded icon by its digest, with its media type.
    pub async fn icon(&self, viewer: &Viewer, digest: &str) -> Result<(&'static str, Bytes)> {
        authorise(viewer, Action::ReadCharts)?;
        Err(Error::not_found("icon", digest))
    }

    /// The archive as the upstream published it.
    pub async fn archive(
        &self,
        viewer: &Viewer,
        _repository: &str,
        name: &str,
        _version: Option<&str>,
    ) -> Result<ArchiveDownload> {
        authorise(viewer, Action::ReadCharts)?;
        Err(Error::not_found("chart", name))
    }
}
