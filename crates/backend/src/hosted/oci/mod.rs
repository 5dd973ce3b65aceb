//! Hosted charts as OCI clients see them, and what such clients push beside charts: signatures, attestations, anything
//! with a manifest.
//!
//! A chart is kept once. A manifest whose configuration is a chart's is an upload like any other: its archive becomes a
//! hosted file, in the index, in the catalog and on the pages in the same transaction. The other way round, a chart that
//! was uploaded otherwise gets a manifest when somebody first asks for it. A chart's tags are its versions, so that none
//! can point at another chart.
//! Whatever else is pushed lies in `.oci` beside the charts, by digest; a row says which repositories have it.

mod artefacts;
mod blobs;
mod manifest;
mod name;
mod signatures;
mod signed;

use std::collections::HashSet;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use model::Timestamp;
use sha2::{Digest as _, Sha256};
use tokio::io::AsyncWriteExt as _;

pub(super) use self::artefacts::Artefacts;
use self::blobs::{OpenError, OpenUpload};
pub(crate) use self::manifest::{INDEX, MANIFEST, MAX_MANIFEST_BYTES, Manifest, Part, of_chart};
pub(crate) use self::name::{
    Reference, Repository, digest, digest_of_tag, is_component, tag_of, version_of, written,
};
pub(crate) use self::signed::{
    OfManifest, from_kept, is_signature, may_be_signature, tag_of_signatures, to_kept,
};
use super::{ARCHIVE, Hosted, OpenFile, PROVENANCE, blocking};
use crate::blobs::Digest;
use crate::store::{AuditRecord, OciManifestRecord};
use crate::{Error, Result, drawn};

/// Tags that one repository can list.
const MAX_TAGS: i64 = 10_000;
/// Manifests of one repository, those of charts included.
const MAX_MANIFESTS: u64 = 20_000;
/// Manifests that say something of one.
const MAX_REFERRERS: i64 = 1_000;
/// Blobs that no manifest names are somebody's push for so long.
const BLOB_KEEP: Duration = Duration::from_secs(24 * 3600);

/// What went wrong with an upload of a blob.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BlobError {
    #[error("there is no such upload")]
    UnknownUpload,
    #[error("another request adds to this upload")]
    Busy,
    #[error("the upload is at byte {at}")]
    OutOfOrder { at: u64 },
    #[error("a blob has at most {limit_bytes} bytes here")]
    TooLarge { limit_bytes: u64 },
    #[error("the bytes are not those of the digest")]
    WrongDigest,
    #[error("there is no room for {n_bytes} more bytes")]
    Full { n_bytes: u64 },
    #[error("too many uploads are open; try again later")]
    TooMany,
    #[error(transparent)]
    Other(#[from] Error),
}

impl From<OpenError> for BlobError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Unknown => Self::UnknownUpload,
            OpenError::Busy => Self::Busy,
            OpenError::Io(error) => Self::Other(error.into()),
        }
    }
}

/// A blob on its way out.
pub(crate) enum OpenBlob {
    File(std::fs::File, u64),
    /// An archive or a provenance file.
    Hosted(OpenFile),
}

impl Hosted {
    /// Reads the name of a repository; none where nothing may be there.
    pub(crate) fn oci_repository(&self, name: &str) -> Option<Repository> {
        Repository::parse(name, &self.settings.name).filter(|repository| self.is_place(&repository.tenant))
    }

    /// Whether there is something in a repository that is for everybody.
    pub(crate) async fn is_oci_public(&self, repository: &Repository) -> Result<bool> {
        if self.is_private(&repository.tenant, &repository.chart).await? {
            return Ok(false);
        }
        Ok(self.oci_tags(repository).await?.is_some())
    }

    /// Begins an upload; the answer is its secret name.
    pub(crate) async fn begin_blob(&self, repository: &Repository) -> Result<String, BlobError> {
        let id = hex::encode(drawn::bytes::<16>()?);
        let name = upload_name(repository, &id).ok_or(BlobError::UnknownUpload)?;
        let files = self.files.clone();
        match blocking(move || files.begin_upload(&name))
            .await?
            .map_err(Error::from)?
        {
            true => Ok(id),
            false => Err(BlobError::TooMany),
        }
    }

    /// How many bytes of an upload came.
    pub(crate) async fn blob_progress(&self, repository: &Repository, id: &str) -> Result<u64, BlobError> {
        Ok(self.open_upload(repository, id).await?.size_bytes)
    }

    /// Adds to an upload, at `at` where the client says where it is; how many bytes there are then.
    pub(crate) async fn append_blob(
        &self,
        repository: &Repository,
        id: &str,
        at: Option<u64>,
        body: BoxStream<'_, Result<Bytes>>,
    ) -> Result<u64, BlobError> {
        let upload = self.open_upload(repository, id).await?;
        Ok(self.append(upload, at, body).await?.size_bytes)
    }

    /// Adds the last bytes and ends an upload: if they are those of the digest, the repository has the blob.
    pub(crate) async fn finish_blob(
        &self,
        repository: &Repository,
        id: &str,
        digest: Digest,
        body: BoxStream<'_, Result<Bytes>>,
    ) -> Result<(), BlobError> {
        let upload = self.open_upload(repository, id).await?;
        let upload = self.append(upload, None, body).await?;
        let files = self.files.clone();
        let kept = blocking(move || files.keep_upload(upload, digest))
            .await?
            .map_err(Error::from)?;
        let n_bytes = kept.ok_or(BlobError::WrongDigest)?;
        self.own_blob(repository, digest, n_bytes).await?;
        self.files.add_used(n_bytes);
        Ok(())
    }

    /// Gives an upload up.
    pub(crate) async fn cancel_blob(&self, repository: &Repository, id: &str) -> Result<(), BlobError> {
        let name = upload_name(repository, id).ok_or(BlobError::UnknownUpload)?;
        let files = self.files.clone();
        match blocking(move || files.drop_upload(&name))
            .await?
            .map_err(Error::from)?
        {
            true => Ok(()),
            false => Err(BlobError::UnknownUpload),
        }
    }

    /// Lets a repository have what another one has; `false` if that has it not.
    pub(crate) async fn mount_blob(
        &self,
        from: &Repository,
        to: &Repository,
        digest: Digest,
    ) -> Result<bool> {
        let Some(size) = self.store.find_oci_blob(&from.key(), &digest.0).await? else {
            return Ok(false);
        };
        self.own_blob(to, digest, size.unsigned_abs()).await?;
        Ok(true)
    }

    async fn own_blob(&self, repository: &Repository, digest: Digest, n_bytes: u64) -> Result<()> {
        let size = i64::try_from(n_bytes).unwrap_or(i64::MAX);
        let mut tx = self.store.begin().await?;
        tx.put_oci_blob(&repository.key(), &digest.0, size, self.clock.now())
            .await?;
        Ok(tx.commit().await?)
    }

    async fn open_upload(&self, repository: &Repository, id: &str) -> Result<OpenUpload, BlobError> {
        let name = upload_name(repository, id).ok_or(BlobError::UnknownUpload)?;
        let files = self.files.clone();
        Ok(blocking(move || files.open_upload(&name)).await??)
    }

    async fn append(
        &self,
        mut upload: OpenUpload,
        at: Option<u64>,
        mut body: BoxStream<'_, Result<Bytes>>,
    ) -> Result<OpenUpload, BlobError> {
        if at.is_some_and(|at| at != upload.size_bytes) {
            return Err(BlobError::OutOfOrder {
                at: upload.size_bytes,
            });
        }
        let limit_bytes = self.settings.max_upload_bytes;
        // The lock is the file's: it is held until this handle, too, is closed.
        let mut file = tokio::fs::File::from_std(upload.file.try_clone().map_err(Error::from)?);
        while let Some(piece) = body.next().await {
            let piece = piece?;
            let size_bytes = upload.size_bytes + piece.len() as u64;
            if size_bytes > limit_bytes {
                return Err(BlobError::TooLarge { limit_bytes });
            }
            if !self.files.has_room(size_bytes) {
                return Err(BlobError::Full { n_bytes: size_bytes });
            }
            let written = async {
                file.write_all(&piece).await?;
                file.flush().await
            };
            written.await.map_err(|error| match error.kind() {
                std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => BlobError::Full {
                    n_bytes: piece.len() as u64,
                },
                _ => BlobError::Other(error.into()),
            })?;
            upload.size_bytes = size_bytes;
        }
        Ok(upload)
    }

    /// A blob of a repository.
    pub(crate) async fn open_oci_blob(
        &self,
        repository: &Repository,
        digest: Digest,
    ) -> Result<Option<OpenBlob>> {
        if self
            .store
            .find_oci_blob(&repository.key(), &digest.0)
            .await?
            .is_some()
        {
            let files = self.files.clone();
            if let Some((file, size)) = blocking(move || files.open_blob(digest)).await?? {
                return Ok(Some(OpenBlob::File(file, size)));
            }
        }
        // Archives and provenance files lie where every other door finds them.
        Ok(self
            .open_of_digest(repository, digest)
            .await?
            .map(OpenBlob::Hosted))
    }

    /// A file of the repository's chart with these bytes.
    async fn open_of_digest(&self, repository: &Repository, digest: Digest) -> Result<Option<OpenFile>> {
        let Some(hosted) = self.store.find_hosted(&repository.tenant).await? else {
            return Ok(None);
        };
        for file_name in self.store.hosted_files_of_digest(hosted.id, &digest.0).await? {
            let archive = match file_name.strip_suffix(PROVENANCE) {
                Some(stem) => format!("{stem}{ARCHIVE}"),
                None => file_name.clone(),
            };
            // `a-service-1.0.0.tgz` is no file of the chart `a`.
            let of = self.store.find_hosted_file(hosted.id, &archive).await?;
            if of.is_none_or(|of| of.name != repository.chart) {
                continue;
            }
            let open = self.open_file(&repository.tenant, &file_name).await?;
            if let Some(open) = open.filter(|open| open.record.digest == digest.0) {
                return Ok(Some(open));
            }
        }
        Ok(None)
    }

    /// A manifest. One of a chart is there as long as its archive is.
    pub(crate) async fn oci_manifest(
        &self,
        repository: &Repository,
        reference: &Reference,
    ) -> Result<Option<OciManifestRecord>> {
        let tag = match reference {
            Reference::Tag(tag) => tag,
            Reference::Digest(digest) => return self.manifest_of_digest(repository, *digest).await,
        };
        if let Some(found) = self.manifest_of_version(repository, &version_of(tag)).await? {
            return Ok(Some(found));
        }
        match self.store.oci_manifest_of_tag(&repository.key(), tag).await? {
            Some(found) => Ok(Some(found)),
            None => match digest_of_tag(tag) {
                Some(digest) => self.manifest_of_digest(repository, digest).await,
                None => Ok(None),
            },
        }
    }

    async fn manifest_of_digest(
        &self,
        repository: &Repository,
        digest: Digest,
    ) -> Result<Option<OciManifestRecord>> {
        let found = self.store.find_oci_manifest(&repository.key(), &digest.0).await?;
        let Some(found) = found else {
            return Ok(None);
        };
        let archive = found.chart_digest.as_deref().and_then(Digest::from_slice);
        Ok(match archive {
            Some(archive) if self.open_of_digest(repository, archive).await?.is_none() => None,
            _ => Some(found),
        })
    }

    /// The manifest of a version, made now if it has none.
    async fn manifest_of_version(
        &self,
        repository: &Repository,
        version: &str,
    ) -> Result<Option<OciManifestRecord>> {
        let Some((open, entry)) = self.open_version(repository, version).await? else {
            return Ok(None);
        };
        let key = repository.key();
        let known = self
            .store
            .oci_manifest_of_chart(&key, &open.record.digest)
            .await?;
        let Some(archive) = Digest::from_slice(&open.record.digest) else {
            return Ok(None);
        };
        // One from before the provenance file came does not have it.
        let provenance = format!("{}-{version}{PROVENANCE}", repository.chart);
        let provenance = self.open_file(&repository.tenant, &provenance).await?;
        let provenance = provenance.and_then(|open| {
            Some(Part {
                digest: Digest::from_slice(&open.record.digest)?,
                size_bytes: open.size_bytes,
            })
        });
        if let Some(known) = known {
            let parts = Manifest::read(&known.content, &known.media_type).ok();
            let chart = parts.and_then(|manifest| manifest.chart);
            if chart.is_some_and(|chart| chart.provenance == provenance) {
                return Ok(Some(known));
            }
        }
        let archive = Part {
            digest: archive,
            size_bytes: open.size_bytes,
        };
        let (config, content) = of_chart(&entry, archive, provenance).map_err(Error::internal)?;
        let config_digest = Digest::of(&config);
        let record = OciManifestRecord {
            digest: Digest::of(&content).0.to_vec(),
            media_type: MANIFEST.to_owned(),
            artifact_type: String::new(),
            chart_digest: Some(archive.digest.0.to_vec()),
            content: content.to_vec(),
        };
        let (files, name, size) = (
            self.files.clone(),
            hex::encode(drawn::bytes::<16>()?),
            i64::try_from(config.len()).unwrap_or(i64::MAX),
        );
        blocking(move || files.keep_blob(config_digest, &config, &name)).await??;
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        tx.put_oci_blob(&key, &config_digest.0, size, now).await?;
        tx.put_oci_manifest(&key, &record, None, now).await?;
        tx.commit().await?;
        Ok(Some(record))
    }

    /// The archive of a version, and its entry in the index.
    async fn open_version(
        &self,
        repository: &Repository,
        version: &str,
    ) -> Result<Option<(OpenFile, String)>> {
        let index = self.index(&repository.tenant).await?;
        let Some(found) = index.find(&repository.chart, version) else {
            return Ok(None);
        };
        let entry = String::from_utf8_lossy(&found.json()).into_owned();
        let open = self.open_file(&repository.tenant, &found.file_name).await?;
        Ok(open.map(|open| (open, entry)))
    }

    /// Name and version of the chart that an archive is.
    pub(crate) async fn version_of_archive(
        &self,
        repository: &Repository,
        archive: &[u8],
    ) -> Result<Option<(String, String)>> {
        let Some(digest) = Digest::from_slice(archive) else {
            return Ok(None);
        };
        let open = self.open_of_digest(repository, digest).await?;
        Ok(open.map(|open| (open.record.name, open.record.version)))
    }

    /// The bytes of a blob of a repository, if it has the size that was said.
    pub(crate) async fn read_oci_blob(&self, repository: &Repository, part: Part) -> Result<Option<Bytes>> {
        match self.open_oci_blob(repository, part.digest).await? {
            Some(OpenBlob::Hosted(open)) if open.size_bytes == part.size_bytes => {
                Ok(Some(self.read(open).await?))
            }
            Some(OpenBlob::File(file, size))
                if size == part.size_bytes && size <= self.limits.max_compressed_bytes =>
            {
                let bytes = blocking(move || {
                    use std::io::Read as _;
                    let mut bytes = Vec::new();
                    file.take(size).read_to_end(&mut bytes)?;
                    std::io::Result::Ok(Bytes::from(bytes))
                });
                Ok(Some(bytes.await??))
            }
            _ => Ok(None),
        }
    }

    /// Whether a repository has all that a manifest names; else what is missing.
    pub(crate) async fn missing_part(
        &self,
        repository: &Repository,
        manifest: &Manifest,
    ) -> Result<Option<Digest>> {
        for part in &manifest.blobs {
            let open = self.open_oci_blob(repository, part.digest).await?;
            let size = open.map(|open| match open {
                OpenBlob::File(_, size) => size,
                OpenBlob::Hosted(open) => open.size_bytes,
            });
            if size != Some(part.size_bytes) {
                return Ok(Some(part.digest));
            }
        }
        for part in &manifest.manifests {
            let reference = Reference::Digest(part.digest);
            if self.oci_manifest(repository, &reference).await?.is_none() {
                return Ok(Some(part.digest));
            }
        }
        Ok(None)
    }

    /// Keeps a manifest, with a tag where one is given. Of a chart the archive is kept already.
    pub(crate) async fn keep_manifest(
        &self,
        repository: &Repository,
        record: &OciManifestRecord,
        subject: Option<Digest>,
        tag: Option<&str>,
        audit: Option<&AuditRecord>,
    ) -> Result<()> {
        let key = repository.key();
        if self.store.count_oci_manifests(&key).await? >= MAX_MANIFESTS {
            return Err(Error::Conflict {
                what: format!("repository `{key}`"),
                reason: format!("it has {MAX_MANIFESTS} manifests, which is the limit"),
            });
        }
        let mut tx = self.store.begin().await?;
        let subject = subject.as_ref().map(|subject| subject.0.as_slice());
        tx.put_oci_manifest(&key, record, subject, self.clock.now())
            .await?;
        if let Some(tag) = tag {
            tx.put_oci_tag(&key, tag, &record.digest).await?;
        }
        if let Some(audit) = audit {
            tx.append_audit(audit).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Forgets a manifest that is not a chart's, or only a tag of one; says whether there was one.
    pub(crate) async fn forget_manifest(
        &self,
        repository: &Repository,
        reference: &Reference,
        audit: &AuditRecord,
    ) -> Result<bool> {
        let key = repository.key();
        let mut tx = self.store.begin().await?;
        let was_there = match reference {
            Reference::Tag(tag) => tx.delete_oci_tag(&key, tag).await?,
            Reference::Digest(digest) => tx.delete_oci_manifest(&key, &digest.0).await?,
        };
        tx.append_audit(audit).await?;
        tx.commit().await?;
        Ok(was_there)
    }

    /// Manifests that say something of one.
    pub(crate) async fn oci_referrers(
        &self,
        repository: &Repository,
        subject: Digest,
    ) -> Result<Vec<OciManifestRecord>> {
        let key = repository.key();
        Ok(self.store.oci_referrers(&key, &subject.0, MAX_REFERRERS).await?)
    }

    /// All tags, sorted as the specification wants: by their bytes. `None` if there is nothing at all.
    pub(crate) async fn oci_tags(&self, repository: &Repository) -> Result<Option<Vec<String>>> {
        let index = self.index(&repository.tenant).await?;
        let mut tags: Vec<String> = index.version_names(&repository.chart).map(tag_of).collect();
        tags.extend(self.store.oci_tags(&repository.key(), MAX_TAGS).await?);
        tags.sort_unstable();
        tags.dedup();
        let is_known = !tags.is_empty() || self.store.count_oci_manifests(&repository.key()).await? > 0;
        Ok(is_known.then_some(tags))
    }

    /// Removes blobs that nothing names any more, and manifests of charts that are gone.
    pub(super) async fn tidy_oci(&self) -> Result<()> {
        let files = self.files.clone();
        blocking(move || files.clear_uploads()).await??;
        let keep = i64::try_from(BLOB_KEEP.as_secs()).unwrap_or(i64::MAX);
        let before = Timestamp(self.clock.now().0.saturating_sub(keep));
        let old = self.store.old_oci_blobs(before).await?;
        let mut of: Option<(String, HashSet<Digest>)> = None;
        for blob in &old {
            if of
                .as_ref()
                .is_none_or(|(repository, _)| *repository != blob.repository)
            {
                of = Some((blob.repository.clone(), self.named_blobs(&blob.repository).await?));
            }
            let named = of.as_ref().map(|(_, named)| named);
            let is_named = Digest::from_slice(&blob.digest)
                .is_some_and(|digest| named.is_some_and(|named| named.contains(&digest)));
            if !is_named {
                let mut tx = self.store.begin().await?;
                tx.delete_oci_blob(blob, before).await?;
                tx.commit().await?;
            }
        }
        let files = self.files.clone();
        for digest in blocking(move || files.old_blobs()).await?? {
            if !self.store.has_oci_blob(&digest.0).await? {
                let files = self.files.clone();
                blocking(move || files.remove_blob(digest)).await??;
            }
        }
        Ok(())
    }

    /// The blobs of `.oci` that manifests of a repository name. What hosted files hold is not among them.
    async fn named_blobs(&self, key: &str) -> Result<HashSet<Digest>> {
        let (tenant, chart) = key.rsplit_once('/').unwrap_or(("", key));
        let repository = Repository {
            tenant: tenant.to_owned(),
            chart: chart.to_owned(),
        };
        let mut named = HashSet::new();
        for record in self.store.oci_manifests(key).await? {
            let Ok(manifest) = Manifest::read(&record.content, &record.media_type) else {
                continue;
            };
            if let Some(chart) = manifest.chart {
                if self
                    .open_of_digest(&repository, chart.archive.digest)
                    .await?
                    .is_none()
                {
                    let mut tx = self.store.begin().await?;
                    tx.delete_oci_manifest(key, &record.digest).await?;
                    tx.commit().await?;
                    continue;
                }
                named.extend(manifest.blobs.first().map(|config| config.digest));
            } else {
                named.extend(manifest.blobs.iter().map(|part| part.digest));
            }
        }
        Ok(named)
    }
}

/// The file of an upload: its secret name, and whose it is; none if the name is not one that was given here.
fn upload_name(repository: &Repository, id: &str) -> Option<String> {
    let is_id = id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    let of = hex::encode(Sha256::digest(repository.key().as_bytes()));
    is_id.then(|| format!("{id}-{}", of.get(..16).unwrap_or_default()))
}
