//! Every repository as a Helm repository of ours, and all of them as one: whoever adds it needs no upstream.

use bytes::Bytes;
use futures_util::TryStreamExt as _;

use super::authorise::Action;
use super::signatures::Ask;
use crate::blobs::Digest;
use crate::mirrors::Which;
use crate::store::{Proof, VersionRecord};
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
        if let Some(name) = repository {
            self.backend.find_repository(viewer, name).await?;
        }
        let which = Which {
            repository: repository.map(str::to_owned),
            is_json,
            view: self.backend.snapshot(viewer).await?.view_number(),
        };
        let ready = self.backend.mirror(viewer, &which).await?;
        Ok(MirrorIndex {
            gzip: ready.gzip.clone(),
            size_bytes: ready.size_bytes,
            etag: ready.etag(&which),
        })
    }

    /// The provenance file of a version: of hosted charts where one was uploaded, of others where their repository has
    /// one, which is asked at most once a day unless a setting says never.
    #[tracing::instrument(name = "op.mirror.provenance", skip_all, fields(chart.name = %name))]
    pub async fn provenance(
        &self,
        viewer: &Viewer,
        repository: &str,
        name: &str,
        version: &str,
    ) -> Result<Bytes> {
        self.backend.authorise(viewer, Action::ReadCharts)?;
        let missing = || Error::not_found("provenance file", format!("{name} {version}"));
        let record = self
            .backend
            .find_version(viewer, repository, name, Some(version))
            .await?;
        let Some(place) = &record.hosted else {
            let body = self.of_others(repository, record).await?;
            return body.ok_or_else(missing);
        };
        let file_name = format!("{}.prov", place.file_name);
        let download = self
            .backend
            .hosted()
            .download(viewer, &place.tenant, &file_name)
            .await
            .map_err(|_| missing())?;
        let parts: Vec<Bytes> = download.body.try_collect().await?;
        Ok(parts.concat().into())
    }

    /// The same from the store alone: one that is not there is not asked for.
    #[tracing::instrument(name = "op.mirror.stored_provenance", skip_all, fields(chart.name = %name))]
    pub async fn stored_provenance(
        &self,
        viewer: &Viewer,
        repository: &str,
        name: &str,
        version: &str,
    ) -> Result<Bytes> {
        self.backend.authorise(viewer, Action::ReadCharts)?;
        let record = self
            .backend
            .find_version(viewer, repository, name, Some(version))
            .await?;
        let missing = || Error::not_found("provenance file", format!("{name} {version}"));
        let digest = record.archive_digest.as_deref().and_then(Digest::from_slice);
        let digest = digest.ok_or_else(missing)?;
        let known = self
            .backend
            .provenance_of(repository, &record, digest, Ask::Nobody);
        known.await?.ok_or_else(missing)
    }

    /// Of a chart that is not hosted; [`Mirrors::provenance`] says when its upstream is asked.
    pub(super) async fn of_others(&self, repository: &str, record: VersionRecord) -> Result<Option<Bytes>> {
        // It is about the archive that is handed out.
        let record = self.backend.with_archive(repository, record).await?;
        self.backend
            .proof_of_others(Proof::ProvenanceFile, repository, &record)
            .await
    }
}
