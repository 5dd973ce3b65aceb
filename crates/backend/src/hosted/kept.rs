//! Deleting, and taking that back.
//!
//! What is deleted is gone for every reader at once. Its bytes move to `.kept` and stay there for as long as the settings
//! say, or until there is no room for something new. The row that names them is written in the transaction that deletes,
//! and taken off in the one that restores or purges, before the bytes go: a process that dies in between leaves files
//! that no row names, which [`Hosted::purge`] removes.

use model::Timestamp;
use model::webhook::WebhookEvent;

use super::change::{Change, Restored, Taken, Upload, UploadError};
use super::outbox::Happening;
use super::package::{Package, Provenance};
use super::tenant::{ARCHIVE, PROVENANCE};
use super::{Hosted, blocking, is_file_name};
use crate::store::{AuditRecord, DeletedVersion, FileState, HostedFileRecord, NewDeleted};
use crate::{Error, Result, drawn};

/// What deleting left.
#[derive(Clone, Debug, Default)]
pub(crate) struct Deleted {
    pub(crate) n_versions: usize,
    /// What can come back: fewer than versions, if the settings keep nothing.
    pub(crate) ids: Vec<i64>,
}

impl Hosted {
    /// Deletes a version with its provenance file, or all of a chart where no version is named.
    #[tracing::instrument(name = "hosted.delete", skip_all, fields(tenant = %tenant, chart.name = %name), err)]
    pub(crate) async fn delete(
        &self,
        tenant: &str,
        name: &str,
        version: Option<&str>,
        by: &str,
        audit: AuditRecord,
    ) -> Result<Deleted> {
        let mut deleted = Deleted::default();
        if !self.is_place(tenant) {
            return Ok(deleted);
        }
        match version {
            Some(version) => {
                let files = [
                    format!("{name}-{version}{ARCHIVE}"),
                    format!("{name}-{version}{PROVENANCE}"),
                ];
                if !files.iter().all(|file| is_file_name(file)) {
                    return Ok(deleted);
                }
                let files = files.each_ref().map(String::as_str);
                self.reconcile(tenant, &files).await?;
                self.finish_all(tenant, &files).await?;
            }
            // What somebody put there a moment ago is deleted, too.
            None => drop(self.look(tenant).await?),
        }
        let Some(mut change) = self.begin(tenant, false).await? else {
            return Ok(deleted);
        };
        let repository_id = change.repository.id;
        // By name and version, not by the name of the file, which two charts may share.
        let mut files = change.tx.hosted_files_of(repository_id, name).await?;
        files.retain(|file| version.is_none_or(|version| file.version == version));
        for file in &files {
            deleted.ids.extend(change.delete(file, by).await?);
        }
        deleted.n_versions = files.len();
        if deleted.n_versions > 0 {
            change.tx.append_audit(&audit).await?;
            let done = change.commit().await?;
            self.settle(done).await;
        }
        Ok(deleted)
    }

    /// Brings a deleted version back as it was, unless there is one of its name and version by now.
    #[tracing::instrument(name = "hosted.restore", skip_all, fields(tenant = %tenant))]
    pub(crate) async fn restore(
        &self,
        tenant: &str,
        deleted: DeletedVersion,
        audit: AuditRecord,
    ) -> Result<Taken, UploadError> {
        let missing = || Error::not_found("deleted version", format!("{} {}", deleted.name, deleted.version));
        let archive = self.read_kept(&deleted.archive).await?.ok_or_else(missing)?;
        let provenance = match &deleted.provenance {
            Some(kept) => self.read_kept(kept).await?,
            None => None,
        };
        let (limits, permit) = self.reading().await?;
        let read = blocking(move || {
            let package = Package::read(archive.0, &limits)?;
            let provenance = provenance.map(|(bytes, _)| Provenance::read(bytes)).transpose()?;
            Ok::<_, super::PackageError>((package, provenance))
        });
        let (package, provenance) = read.await?.map_err(Error::internal)?;
        drop(permit);
        let upload = Upload {
            package: Some(package),
            provenance,
            may_replace: false,
            restored: Some(Restored {
                id: deleted.id,
                created_ns: archive.1,
            }),
            copied: None,
            audit,
        };
        let taken = self.upload(tenant, upload).await?;
        self.drop_kept(&[deleted]).await?;
        Ok(taken)
    }

    async fn read_kept(&self, kept: &str) -> Result<Option<(bytes::Bytes, i64)>> {
        let (files, kept, limit) = (
            self.files.clone(),
            kept.to_owned(),
            self.limits.max_compressed_bytes,
        );
        Ok(blocking(move || files.read_kept(&kept, limit)).await??)
    }

    async fn drop_kept(&self, deleted: &[DeletedVersion]) -> Result<()> {
        let names: Vec<String> = deleted
            .iter()
            .flat_map(|deleted| [Some(deleted.archive.clone()), deleted.provenance.clone()])
            .flatten()
            .collect();
        let files = self.files.clone();
        Ok(blocking(move || files.drop_kept(&names)).await??)
    }

    /// Removes for good what was deleted so long ago that nobody may want it back, and files that no row names.
    pub(crate) async fn purge(&self) -> Result<()> {
        let secs = i64::try_from(self.settings.undo_secs).unwrap_or(i64::MAX);
        self.purge_before(Timestamp(self.clock.now().0.saturating_sub(secs)))
            .await?;
        // Listed before the rows are asked for: a file that is there was named before it came.
        let files = self.files.clone();
        let mut unnamed = blocking(move || files.kept_names()).await??;
        if !unnamed.is_empty() {
            let named = self.store.kept_files().await?;
            unnamed.retain(|name| !named.contains(name));
            let files = self.files.clone();
            blocking(move || files.drop_kept(&unnamed)).await??;
        }
        Ok(())
    }

    /// Removes for good all that was deleted; how many versions that were.
    pub(super) async fn purge_all(&self) -> Result<usize> {
        self.purge_before(Timestamp(i64::MAX)).await
    }

    async fn purge_before(&self, before: Timestamp) -> Result<usize> {
        let mut tx = self.store.begin().await?;
        let purged = tx.purge_deleted(before).await?;
        tx.commit().await?;
        self.drop_kept(&purged).await?;
        Ok(purged.len())
    }
}

impl Change<'_> {
    /// Deletes a version with its provenance file; the answer is by what it can come back, where something is kept.
    pub(super) async fn delete(&mut self, file: &HostedFileRecord, by: &str) -> Result<Option<i64>> {
        let provenance = self.known(&format!("{}.prov", file.file_name)).await?;
        let kept = self.name_to_keep(file)?;
        let kept_provenance = match &provenance {
            Some(provenance) => self.name_to_keep(provenance)?,
            None => None,
        };
        self.happened
            .push(Happening::of_file(WebhookEvent::Deleted, file, by));
        self.remove(file, FileState::Removing, kept.as_deref()).await?;
        if let Some(provenance) = &provenance {
            self.remove(provenance, FileState::Removing, kept_provenance.as_deref())
                .await?;
        }
        let Some(archive) = &kept else { return Ok(None) };
        let new = NewDeleted {
            repository_id: self.repository.id,
            name: &file.name,
            version: &file.version,
            archive,
            provenance: kept_provenance.as_deref(),
            size_bytes: file.size_bytes + provenance.map_or(0, |provenance| provenance.size_bytes),
            deleted_at: self.now,
            deleted_by: by,
        };
        Ok(Some(self.tx.keep_deleted(&new).await?))
    }

    /// Where the bytes of a deleted file stay; nowhere if they are not in their place yet, or if nothing is kept.
    fn name_to_keep(&self, file: &HostedFileRecord) -> Result<Option<String>> {
        if self.hosted.settings.undo_secs == 0 || file.staged.is_some() {
            return Ok(None);
        }
        Ok(Some(hex::encode(drawn::bytes::<16>()?)))
    }
}
