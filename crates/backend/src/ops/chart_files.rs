//! Getting at a version's archive: from memory, from the store, or from upstream when somebody looks first.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt as _, TryStreamExt as _};
use helm::archive::ChartFiles;
use model::repository::RepositoryKind;

use super::authorise::Action;
use crate::blobs::{BlobError, BlobStream, Digest};
use crate::hosted::{Hosted, OpenFile};
use crate::store::{ArchiveStatus, PendingArchive, RepositoryRecord, VersionRecord};
use crate::{Backend, Error, Result, Viewer};

impl Backend {
    /// A repository, unless it is one that the viewer may not know of.
    pub(super) async fn find_repository(&self, viewer: &Viewer, name: &str) -> Result<RepositoryRecord> {
        let found = self.inner().store.find_repository(name).await?;
        let found = match found {
            Some(record) => Some(record).filter(|record| self.sees_repository(viewer, record)),
            None => self.hosted_to_be(viewer).filter(|record| record.name == name),
        };
        found.ok_or_else(|| Error::not_found("repository", name))
    }

    /// The repository that the first upload will make, for whoever may upload.
    pub(super) fn hosted_to_be(&self, viewer: &Viewer) -> Option<RepositoryRecord> {
        // Somebody who is here to begin, not the command line.
        viewer.name()?;
        let hosted = self.inner().hosted.as_ref()?;
        self.authorise(viewer, Action::PushHosted { tenant: "" }).ok()?;
        hosted.to_be()
    }

    /// One version, or an error that says what does not exist. What the viewer may not see does not.
    pub(super) async fn find_version(
        &self,
        viewer: &Viewer,
        repository: &str,
        name: &str,
        version: Option<&str>,
    ) -> Result<VersionRecord> {
        let store = &self.inner().store;
        let sees = |record: &VersionRecord| {
            let tenant = record.private_tenant.as_deref();
            tenant.is_none_or(|tenant| self.sees_private(viewer, tenant))
        };
        if let Some(found) = store.find_version(repository, name, version).await?.filter(sees) {
            return Ok(found);
        }
        self.find_repository(viewer, repository).await?;
        match version {
            Some(version)
                if store
                    .find_version(repository, name, None)
                    .await?
                    .is_some_and(|record| sees(&record)) =>
            {
                Err(Error::not_found("version", format!("{name} {version}")))
            }
            _ => Err(Error::not_found("chart", name)),
        }
    }

    /// The version with its archive, if that can be had within the time that a page waits.
    pub(super) async fn with_archive(
        &self,
        repository: &str,
        record: VersionRecord,
    ) -> Result<VersionRecord> {
        let inner = self.inner();
        let is_wanted = match record.archive {
            ArchiveStatus::Read => false,
            ArchiveStatus::Wanted => true,
            // An answer that was no is remembered for a while.
            ArchiveStatus::Failed => record.archive_retry_at <= inner.clock.now(),
        };
        if !is_wanted {
            return Ok(record);
        }
        let has_older = record.archive_digest.is_some();
        let mut done = match inner.archives.take_turn(record.id) {
            Err(done) => done,
            Ok(turn) => {
                let done = turn.done();
                let backend = self.clone();
                let (repository, record) = (repository.to_owned(), record.clone());
                // On its own: it goes on when the visitor has gone.
                tokio::spawn(async move {
                    if let Err(error) = backend.fetch_archive(&repository, &record).await {
                        tracing::error!(error = %error.chain(), "archive of {} cannot be noted", record.name);
                    }
                    drop(turn);
                });
                done
            }
        };
        if has_older {
            // What we have is shown; the new one is for the next visitor.
            return Ok(record);
        }
        let patience = Duration::from_millis(inner.settings.sync.view_wait_ms);
        // The end of the turn closes the channel, which is the signal.
        let _ = tokio::time::timeout(patience, done.changed()).await;
        self.again(repository, &record).await
    }

    /// The version as it is by now; that it may be seen has been checked.
    async fn again(&self, repository: &str, record: &VersionRecord) -> Result<VersionRecord> {
        let version = Some(record.version.as_str());
        self.find_version(&Viewer::system(), repository, &record.name, version)
            .await
    }

    async fn fetch_archive(&self, repository: &str, record: &VersionRecord) -> Result<()> {
        let inner = self.inner();
        let Some(repository) = inner.store.find_repository(repository).await? else {
            return Ok(());
        };
        let source = match repository.kind {
            RepositoryKind::Samples | RepositoryKind::Hosted => None,
            RepositoryKind::Synced => inner.upstream.source(&repository.to_settings()).ok(),
        };
        if !inner.blobs.has_room(inner.settings.sync.max_archive_bytes) {
            inner.archives.make_room().await?;
        }
        let mut record = Cow::Borrowed(record);
        if let Some(source) = &source
            && record.digest.is_none()
            && repository.to_settings().is_registry()
        {
            // Of a registry's older versions only the tag is known until somebody looks.
            inner.syncs.describe(&repository, source, record.id).await?;
            let (name, version) = (record.name.clone(), record.version.clone());
            let found = inner
                .store
                .find_version(&repository.name, &name, Some(&version))
                .await?;
            let Some(found) = found else { return Ok(()) };
            record = Cow::Owned(found);
        }
        let wanted = PendingArchive {
            id: record.id,
            chart_id: record.chart_id,
            name: record.name.clone(),
            version: record.version.clone(),
            digest: record.digest.clone(),
            details: serde_json::to_string(&record.details).map_err(Error::internal)?,
            archive_attempts: 0,
            archive_digest: record.archive_digest.clone(),
        };
        let result = inner.archives.get(source.as_ref(), &wanted).await;
        inner
            .archives
            .note(&[(result, record.version == record.latest_version)])
            .await?;
        inner.syncs.board.ring(&repository.name);
        Ok(())
    }

    /// A version's files.
    pub(super) async fn chart_files(
        &self,
        repository: &str,
        record: VersionRecord,
    ) -> Result<Arc<ChartFiles>> {
        if let Some((hosted, open)) = self.open_hosted(&record).await? {
            return self.hosted_files(hosted, open).await;
        }
        let mut record = self.with_archive(repository, record).await?;
        // Twice: an object that is gone from the disk is fetched again.
        for _ in 0..2 {
            let digest = archive_digest(&record)?;
            if let Some(files) = self.inner().files.get(digest) {
                return Ok(files);
            }
            if let Some(files) = self.unpack(digest).await? {
                return Ok(files);
            }
            record = self.lost(repository, record, digest).await?;
        }
        Err(not_here(&record))
    }

    /// A version's archive.
    pub(super) async fn chart_archive(
        &self,
        repository: &str,
        record: VersionRecord,
    ) -> Result<(Digest, BlobStream)> {
        if let Some((_, open)) = self.open_hosted(&record).await? {
            return hosted_stream(open);
        }
        let mut record = self.with_archive(repository, record).await?;
        for _ in 0..2 {
            let digest = archive_digest(&record)?;
            if let Some(stream) = self.inner().blobs.stream(digest).await? {
                return Ok((digest, stream));
            }
            record = self.lost(repository, record, digest).await?;
        }
        Err(not_here(&record))
    }

    /// A version's archive if it is in the store.
    pub(super) async fn stored_archive(&self, record: &VersionRecord) -> Result<(Digest, BlobStream)> {
        if let Some((_, open)) = self.open_hosted(record).await? {
            return hosted_stream(open);
        }
        let digest = record.archive_digest.as_deref().and_then(Digest::from_slice);
        let digest = digest.ok_or_else(|| not_stored(record))?;
        let stream = self.inner().blobs.stream(digest).await?;
        Ok((digest, stream.ok_or_else(|| not_stored(record))?))
    }

    /// The file of a hosted chart; none for one of another repository.
    async fn open_hosted(&self, record: &VersionRecord) -> Result<Option<(&Hosted, OpenFile)>> {
        let (Some(place), Some(hosted)) = (&record.hosted, &self.inner().hosted) else {
            return Ok(None);
        };
        match hosted.open_place(place).await? {
            Some(open) => Ok(Some((hosted, open))),
            // Deleted while somebody looked.
            None => Err(Error::not_found(
                "version",
                format!("{} {}", record.name, record.version),
            )),
        }
    }

    async fn lost(&self, repository: &str, record: VersionRecord, digest: Digest) -> Result<VersionRecord> {
        tracing::warn!(chart.name = %record.name, "object {} is gone from the store", digest.to_hex());
        self.inner().store.forget_archive(&digest.0).await?;
        let record = self.again(repository, &record).await?;
        self.with_archive(repository, record).await
    }

    async fn unpack(&self, digest: Digest) -> Result<Option<Arc<ChartFiles>>> {
        let inner = self.inner();
        let Some(bytes) = inner.blobs.get(digest).await? else {
            return Ok(None);
        };
        let files = inner.archives.unpack(bytes).await?;
        inner.files.put(digest, &files);
        Ok(Some(files))
    }
}

fn hosted_stream(open: OpenFile) -> Result<(Digest, BlobStream)> {
    let digest = Digest::from_slice(&open.record.digest);
    let digest = digest.ok_or_else(|| Error::internal("a hosted file's digest is not one"))?;
    let size_bytes = open.size_bytes;
    let body = super::hosted::stream(open.file, 0, size_bytes)
        .map_err(|error| BlobError::Stream(error.chain()))
        .boxed();
    Ok((digest, BlobStream { size_bytes, body }))
}

fn archive_digest(record: &VersionRecord) -> Result<Digest> {
    record
        .archive_digest
        .as_deref()
        .and_then(Digest::from_slice)
        .ok_or_else(|| not_here(record))
}

fn not_here(record: &VersionRecord) -> Error {
    Error::Unavailable {
        what: format!("the archive of {} {}", record.name, record.version),
        reason: record
            .archive_error
            .clone()
            .unwrap_or_else(|| "it is being fetched".to_owned()),
        retry_after_secs: Some(5),
    }
}

fn not_stored(record: &VersionRecord) -> Error {
    Error::Unavailable {
        what: format!("the archive of {} {}", record.name, record.version),
        reason: "it has not been fetched yet".to_owned(),
        retry_after_secs: None,
    }
}
