//! Every repository as a Helm repository of ours, and all of them as one: whoever adds it needs no upstream.

use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;

use super::authorise::Action;
use crate::mirrors::Which;
use crate::{Backend, Error, Result, Viewer};

/// Operations on mirrors.
pub struct Mirrors<'a> {
    backend: &'a Backend,
}

/// The index of a mirror.
#[derive(Clone, Debug)]
pub struct MirrorIndex {
    /// The document, compressed.
    pub gzip: Bytes,
    /// Length of the whole, unpacked.
    pub size_bytes: u64,
    /// With its quotes; weak.
    pub etag: String,
}

impl<'a> Mirrors<'a> {
    pub(crate) fn new(backend: &'a Backend) -> Self {
        Self { backend }
    }

    /// The index of a repository, or of all of them, in which a chart is called `repository/name`.
    #[tracing::instrument(name = "op.mirror.index", skip_all, err)]
    pub async fn index(
        &self,
        viewer: &Viewer,
        repository: Option<&str>,
        is_json: bool,
    ) -> Result<MirrorIndex> {
        self.backend.authorise(viewer, Action::ReadCharts)?;
        if let Some(name) = repository
            && self.backend.inner().store.find_repository(name).await?.is_none()
        {
            return Err(Error::not_found("repository", name));
        }
        let which = Which {
            repository: repository.map(str::to_owned),
            is_json,
        };
        let ready = self.backend.mirror(&which).await?;
        Ok(MirrorIndex {
            gzip: ready.gzip.clone(),
            size_bytes: ready.size_bytes,
            etag: ready.etag(&which),
        })
    }

    /// The provenance file of a version: of hosted charts where one was uploaded.
    #[tracing::instrument(name = "op.mirror.provenance", skip_all, fields(chart.name = %name))]
    pub async fn provenance(
        &self,
        viewer: &Viewer,
        repository: &str,
        name: &str,
        version: &str,
    ) -> Result<BoxStream<'static, Result<Bytes>>> {
        self.backend.authorise(viewer, Action::ReadCharts)?;
        let missing = || Error::not_found("provenance file", format!("{name} {version}"));
        let record = self.backend.find_version(repository, name, Some(version)).await?;
        let place = record.hosted.ok_or_else(missing)?;
        let file_name = format!("{}.prov", place.file_name);
        let download = self
            .backend
            .hosted()
            .download(viewer, &place.tenant, &file_name)
            .await
            .map_err(|_| missing())?;
        Ok(download.body.boxed())
    }
}
