//! Every repository as a Helm repository of ours, and all of them as one: whoever adds it needs no upstream.

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use model::repository::RepositoryKind;

use super::authorise::Action;
use super::signatures::Ask;
use crate::blobs::Digest;
use crate::mirrors::Which;
use crate::settings::ProvenancePolicy;
use crate::store::VersionRecord;
use crate::sync::ask_provenance;
use crate::upstream::FetchError;
use crate::{Backend, Error, Result, Viewer};

/// How long an answer that there is no provenance file holds.
const ASK_AGAIN_SECS: i64 = 86_400;

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
        let inner = self.backend.inner();
        // It is about the archive that is handed out.
        let record = self.backend.with_archive(repository, record).await?;
        let Some(digest) = &record.archive_digest else {
            return Ok(None);
        };
        let known = inner.store.find_provenance(record.id).await?;
        let known = known.filter(|known| known.archive_digest == *digest);
        let now = inner.clock.now();
        if let Some(known) = known
            && (known.body.is_some() || now.0 - known.asked_at < ASK_AGAIN_SECS)
        {
            return Ok(known.body.map(Bytes::from));
        }
        let Some(repository) = inner.store.find_repository(repository).await? else {
            return Ok(None);
        };
        let settings = repository.to_settings();
        let policy = settings.provenance.unwrap_or(inner.settings.sync.provenance);
        if repository.kind != RepositoryKind::Synced || policy == ProvenancePolicy::Never {
            return Ok(None);
        }
        let unavailable = |error: FetchError| Error::Unavailable {
            what: format!("the provenance file of {} {}", record.name, record.version),
            reason: error.in_words(),
            retry_after_secs: Some(60),
        };
        let source = inner.upstream.source(&settings).map_err(unavailable)?;
        let body = ask_provenance(&source, &record.details.urls, digest)
            .await
            .map_err(unavailable)?;
        inner
            .store
            .put_provenance(record.id, digest, body.as_deref(), now)
            .await?;
        Ok(body)
    }
}
