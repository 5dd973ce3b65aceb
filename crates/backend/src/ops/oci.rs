//! Hosted charts, and what is kept beside them, for OCI clients: `helm push`, `helm pull oci://…`, `oras`, `cosign`.
//!
//! Names of errors are those of the distribution specification 1.1; their statuses are the server's.

use bytes::Bytes;
use futures_util::stream::BoxStream;

use super::authorise::Action;
use super::hosted::{HostedError, NewUpload, stream};
use crate::blobs::Digest;
use crate::hosted::Hosted;
use crate::hosted::oci::{
    self, BlobError, INDEX, MAX_MANIFEST_BYTES, Manifest, OpenBlob, Reference, Repository, tag_of,
};
use crate::store::OciManifestRecord;
use crate::{Backend, Error, Result, Viewer};

/// Repositories that one list has at most.
const MAX_LISTED: usize = 1_000;

/// Operations of an OCI registry. A repository's name is `hosted/chart` or `hosted/tenant/chart`, where `hosted` is what
/// hosted charts are called in the settings.
pub struct Oci<'a> {
    backend: &'a Backend,
}

/// A blob on its way out.
pub struct OciBlob {
    /// Its length.
    pub size_bytes: u64,
    file: std::fs::File,
}

impl OciBlob {
    /// So many of its bytes after the first so many.
    pub fn part(self, first: u64, n_bytes: u64) -> BoxStream<'static, Result<Bytes>> {
        stream(self.file, first, n_bytes)
    }
}

/// A manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OciManifest {
    /// As it was pushed.
    pub media_type: String,
    /// `sha256:…`
    pub digest: String,
    /// Its bytes.
    pub content: Bytes,
}

/// What pushing a manifest left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OciPushed {
    /// `sha256:…`
    pub digest: String,
    /// The digest of the manifest that it says something of.
    pub subject: Option<String>,
}

/// A part of a list by names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OciPage {
    /// The names.
    pub names: Vec<String>,
    /// Whether there are more.
    pub has_more: bool,
}

/// What a client begins an upload with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OciUpload {
    /// The repository has the blob now.
    Mounted,
    /// The secret name of an upload.
    Begun(String),
}

/// Why a registry did not do something.
#[derive(Clone, Debug, thiserror::Error)]
pub enum OciError {
    /// There is no such repository.
    #[error("there is no repository {name}")]
    NameUnknown {
        /// As it was asked for.
        name: String,
    },
    /// There is no such blob in the repository.
    #[error("there is no such blob in this repository")]
    BlobUnknown,
    /// There is no such upload in the repository.
    #[error("there is no such upload")]
    UploadUnknown,
    /// The upload cannot go on so.
    #[error("{reason}")]
    UploadInvalid {
        /// In words.
        reason: String,
    },
    /// The upload is not where the client thinks.
    #[error("the upload is at byte {at}")]
    OutOfOrder {
        /// How many bytes there are.
        at: u64,
    },
    /// A digest is none, or not that of the bytes.
    #[error("{reason}")]
    DigestInvalid {
        /// In words.
        reason: String,
    },
    /// There is no such manifest.
    #[error("there is no {reference} here")]
    ManifestUnknown {
        /// As it was asked for.
        reference: String,
    },
    /// The manifest cannot be kept.
    #[error("{reason}")]
    ManifestInvalid {
        /// In words.
        reason: String,
    },
    /// Something that the manifest names is not there.
    #[error("the manifest names {digest}, which this repository does not have")]
    PartUnknown {
        /// `sha256:…`
        digest: String,
    },
    /// It is there, and is not replaced.
    #[error("{what} exists already, and versions are not replaced here")]
    Exists {
        /// Name and version.
        what: String,
    },
    /// Something is longer than allowed.
    #[error("{what} has at most {limit_bytes} bytes here")]
    TooLarge {
        /// What it is.
        what: &'static str,
        /// The limit.
        limit_bytes: u64,
    },
    /// There is no room.
    #[error("{reason}")]
    Full {
        /// In words.
        reason: String,
    },
    /// Too much is going on at a time.
    #[error("too many uploads are open; try again later")]
    TooMany,
    /// Anything else.
    #[error(transparent)]
    Other(#[from] Error),
}

impl From<BlobError> for OciError {
    fn from(error: BlobError) -> Self {
        match error {
            BlobError::UnknownUpload => Self::UploadUnknown,
            BlobError::Busy => Self::UploadInvalid {
                reason: error.to_string(),
            },
            BlobError::OutOfOrder { at } => Self::OutOfOrder { at },
            BlobError::TooLarge { limit_bytes } => Self::TooLarge {
                what: "a blob",
                limit_bytes,
            },
            BlobError::WrongDigest => Self::DigestInvalid {
                reason: error.to_string(),
            },
            BlobError::Full { .. } => Self::Full {
                reason: error.to_string(),
            },
            BlobError::TooMany => Self::TooMany,
            BlobError::Other(error) => Self::Other(error),
        }
    }
}

impl<'a> Oci<'a> {
    pub(crate) fn new(backend: &'a Backend) -> Self {
        Self { backend }
    }

    /// Whether anything may be read; for the address by which clients ask who they are.
    pub fn check(&self, viewer: &Viewer) -> Result<()> {
        self.backend.authorise(viewer, Action::PullHosted { tenant: "" })
    }

    /// Whether the viewer may push to a repository; for doors that read a body first.
    pub fn check_push(&self, viewer: &Viewer, name: &str) -> Result<(), OciError> {
        self.to_push(viewer, name).map(drop)
    }

    /// A blob.
    #[tracing::instrument(name = "op.oci.blob", skip_all)]
    pub async fn blob(&self, viewer: &Viewer, name: &str, digest: &str) -> Result<OciBlob, OciError> {
        let (hosted, repository) = self.to_pull(viewer, name).await?;
        let open = hosted.open_oci_blob(&repository, parsed(digest)?).await?;
        Ok(match open.ok_or(OciError::BlobUnknown)? {
            OpenBlob::Hosted(open) => OciBlob {
                size_bytes: open.size_bytes,
                file: open.file,
            },
            OpenBlob::File(file, size_bytes) => OciBlob { size_bytes, file },
        })
    }

    /// Begins an upload, or has the blob at once where `mount` names a repository, which the viewer may read, that has it.
    #[tracing::instrument(name = "op.oci.begin", skip_all)]
    pub async fn begin(
        &self,
        viewer: &Viewer,
        name: &str,
        mount: Option<(&str, &str)>,
    ) -> Result<OciUpload, OciError> {
        let (hosted, repository) = self.to_push(viewer, name)?;
        if let Some((from, digest)) = mount
            && let Ok((_, from)) = self.to_pull(viewer, from).await
            && let Ok(digest) = parsed(digest)
            && hosted.mount_blob(&from, &repository, digest).await?
        {
            return Ok(OciUpload::Mounted);
        }
        Ok(OciUpload::Begun(hosted.begin_blob(&repository).await?))
    }

    /// How many bytes of an upload came.
    #[tracing::instrument(name = "op.oci.progress", skip_all)]
    pub async fn progress(&self, viewer: &Viewer, name: &str, upload: &str) -> Result<u64, OciError> {
        let (hosted, repository) = self.to_push(viewer, name)?;
        Ok(hosted.blob_progress(&repository, upload).await?)
    }

    /// Adds to an upload, at `at` where the client says where it is; how many bytes there are then.
    #[tracing::instrument(name = "op.oci.append", skip_all)]
    pub async fn append(
        &self,
        viewer: &Viewer,
        name: &str,
        upload: &str,
        at: Option<u64>,
        body: BoxStream<'_, Result<Bytes>>,
    ) -> Result<u64, OciError> {
        let (hosted, repository) = self.to_push(viewer, name)?;
        Ok(hosted.append_blob(&repository, upload, at, body).await?)
    }

    /// Adds the last bytes; the repository has the blob then, if they are those of the digest.
    #[tracing::instrument(name = "op.oci.finish", skip_all)]
    pub async fn finish(
        &self,
        viewer: &Viewer,
        name: &str,
        upload: &str,
        digest: &str,
        body: BoxStream<'_, Result<Bytes>>,
    ) -> Result<(), OciError> {
        let (hosted, repository) = self.to_push(viewer, name)?;
        let digest = parsed(digest)?;
        Ok(hosted.finish_blob(&repository, upload, digest, body).await?)
    }

    /// Gives an upload up.
    #[tracing::instrument(name = "op.oci.cancel", skip_all)]
    pub async fn cancel(&self, viewer: &Viewer, name: &str, upload: &str) -> Result<(), OciError> {
        let (hosted, repository) = self.to_push(viewer, name)?;
        Ok(hosted.cancel_blob(&repository, upload).await?)
    }

    /// A manifest by a tag or a digest.
    #[tracing::instrument(name = "op.oci.manifest", skip_all)]
    pub async fn manifest(
        &self,
        viewer: &Viewer,
        name: &str,
        reference: &str,
    ) -> Result<OciManifest, OciError> {
        let (hosted, repository) = self.to_pull(viewer, name).await?;
        let unknown = || OciError::ManifestUnknown {
            reference: reference.chars().take(200).collect(),
        };
        let parsed = Reference::parse(reference).ok_or_else(unknown)?;
        let found = hosted
            .oci_manifest(&repository, &parsed)
            .await?
            .ok_or_else(unknown)?;
        Ok(OciManifest {
            digest: written(&found.digest),
            media_type: found.media_type,
            content: Bytes::from(found.content),
        })
    }

    /// Pushes a manifest. A chart's is an upload: when this answers, the version is in the index, in the catalog and on
    /// every page.
    #[tracing::instrument(name = "op.oci.push", skip_all)]
    pub async fn push(
        &self,
        viewer: &Viewer,
        name: &str,
        reference: &str,
        media_type: &str,
        content: Bytes,
    ) -> Result<OciPushed, OciError> {
        let invalid = |reason: String| OciError::ManifestInvalid { reason };
        let (hosted, repository) = self.to_push(viewer, name)?;
        if content.len() > MAX_MANIFEST_BYTES {
            return Err(OciError::TooLarge {
                what: "a manifest",
                limit_bytes: MAX_MANIFEST_BYTES as u64,
            });
        }
        let reference = Reference::parse(reference)
            .ok_or_else(|| invalid("the tag has characters that tags do not have".to_owned()))?;
        let digest = Digest::of(&content);
        if matches!(reference, Reference::Digest(asked) if asked != digest) {
            return Err(OciError::DigestInvalid {
                reason: "the manifest is not the one of the digest".to_owned(),
            });
        }
        let manifest = Manifest::read(&content, media_type).map_err(invalid)?;
        if let Some(missing) = hosted.missing_part(&repository, &manifest).await? {
            return Err(OciError::PartUnknown {
                digest: oci::written(missing),
            });
        }
        let tag = match &reference {
            Reference::Tag(tag) => Some(tag.as_str()),
            Reference::Digest(_) => None,
        };
        let mut record = OciManifestRecord {
            digest: digest.0.to_vec(),
            media_type: manifest.media_type.clone(),
            artifact_type: manifest.artifact_type.clone(),
            chart_digest: None,
            content: content.to_vec(),
        };
        let subject = manifest.subject;
        if let Some(chart) = manifest.chart {
            let archive = self.bytes(hosted, &repository, chart.archive).await?;
            let provenance = match chart.provenance {
                Some(part) => Some(self.bytes(hosted, &repository, part).await?),
                None => None,
            };
            // The tag of its own digest is no other name of a chart.
            let tag = tag.filter(|tag| oci::digest_of_tag(tag) != Some(digest));
            self.push_chart(viewer, &repository, tag, archive, provenance)
                .await?;
            record.chart_digest = Some(chart.archive.digest.0.to_vec());
            hosted
                .keep_manifest(&repository, &record, subject, None, None)
                .await?;
        } else {
            // The tag of a version is the chart's.
            if let Some(tag) = tag
                && let Some(known) = hosted.oci_manifest(&repository, &reference).await?
                && known.chart_digest.is_some()
            {
                return Err(OciError::Exists {
                    what: format!("{} {tag}", repository.chart),
                });
            }
            let what = format!("{name}:{}", tag.unwrap_or(&oci::written(digest)));
            let audit = self
                .backend
                .record(viewer, "oci.push", &what, &manifest.artifact_type);
            hosted
                .keep_manifest(&repository, &record, subject, tag, Some(&audit))
                .await?;
        }
        Ok(OciPushed {
            digest: oci::written(digest),
            subject: subject.map(oci::written),
        })
    }

    async fn bytes(
        &self,
        hosted: &Hosted,
        repository: &Repository,
        part: oci::Part,
    ) -> Result<Bytes, OciError> {
        let bytes = hosted.read_oci_blob(repository, part).await?;
        bytes.ok_or_else(|| OciError::ManifestInvalid {
            reason: "a layer of it is longer than a chart may be, or its size is not the one that it says"
                .to_owned(),
        })
    }

    async fn push_chart(
        &self,
        viewer: &Viewer,
        repository: &Repository,
        tag: Option<&str>,
        archive: Bytes,
        provenance: Option<Bytes>,
    ) -> Result<(), OciError> {
        let digest = Digest::of(&archive).to_hex();
        let expected = |name: &str, version: &str| {
            if name != repository.chart {
                return Err(format!(
                    "the chart in it is `{name}` and not `{}`",
                    repository.chart
                ));
            }
            match tag {
                Some(tag) if tag != tag_of(version) => {
                    Err(format!("the tag of version {version} is `{}`", tag_of(version)))
                }
                _ => Ok(()),
            }
        };
        let new = NewUpload {
            archive: Some(archive),
            provenance,
            force: false,
        };
        let hosted = self.backend.hosted();
        let uploaded = hosted
            .upload_as(viewer, &repository.tenant, new, &|name, version| {
                expected(name, version)
            })
            .await;
        match uploaded {
            Ok(_) => Ok(()),
            // The same again: only the manifest is another.
            Err(HostedError::Exists { file_name }) => {
                let same = hosted.download(viewer, &repository.tenant, &file_name).await;
                match same {
                    Ok(same) if same.digest == digest => Ok(()),
                    _ => Err(OciError::Exists { what: file_name }),
                }
            }
            Err(
                error @ (HostedError::NotAChart { .. }
                | HostedError::NotProvenance
                | HostedError::Misnamed { .. }
                | HostedError::Missing { .. }),
            ) => Err(OciError::ManifestInvalid {
                reason: error.to_string(),
            }),
            Err(error @ (HostedError::TooManyFiles { .. } | HostedError::Full { .. })) => {
                Err(OciError::Full {
                    reason: error.to_string(),
                })
            }
            Err(HostedError::Other(error)) => Err(error.into()),
        }
    }

    /// Deletes a manifest or a tag. A chart's version goes with either, and everything that shows it.
    #[tracing::instrument(name = "op.oci.delete", skip_all)]
    pub async fn delete(&self, viewer: &Viewer, name: &str, reference: &str) -> Result<(), OciError> {
        let (hosted, repository) = self.repository(name)?;
        let tenant = repository.tenant.as_str();
        let unknown = || OciError::ManifestUnknown {
            reference: reference.chars().take(200).collect(),
        };
        let action = Action::DeleteHosted { tenant };
        self.backend.authorise(viewer, action)?;
        let parsed = Reference::parse(reference).ok_or_else(unknown)?;
        let found = hosted
            .oci_manifest(&repository, &parsed)
            .await?
            .ok_or_else(unknown)?;
        if let Some(archive) = &found.chart_digest {
            let version = hosted.version_of_archive(&repository, archive).await?;
            let (chart, version) = version.ok_or_else(unknown)?;
            return match self
                .backend
                .hosted()
                .delete(viewer, tenant, &chart, &version)
                .await
            {
                Ok(()) => Ok(()),
                Err(HostedError::Missing { .. }) => Err(unknown()),
                Err(HostedError::Other(error)) => Err(error.into()),
                Err(error) => Err(OciError::Other(Error::internal(error.to_string()))),
            };
        }
        let audit = self
            .backend
            .record(viewer, "oci.delete", &format!("{name}:{reference}"), "");
        match hosted.forget_manifest(&repository, &parsed, &audit).await? {
            true => Ok(()),
            false => Err(unknown()),
        }
    }

    /// Tags after `last`, at most `limit`.
    #[tracing::instrument(name = "op.oci.tags", skip_all)]
    pub async fn tags(
        &self,
        viewer: &Viewer,
        name: &str,
        last: Option<&str>,
        limit: Option<usize>,
    ) -> Result<OciPage, OciError> {
        let (hosted, repository) = self.to_pull(viewer, name).await?;
        let tags = hosted.oci_tags(&repository).await?;
        let tags = tags.ok_or_else(|| OciError::NameUnknown {
            name: name.to_owned(),
        })?;
        Ok(page(tags, last, limit.unwrap_or(usize::MAX)))
    }

    /// Repositories that the viewer may read, after `last`, at most `limit`. Charts whose names no OCI client can say are
    /// left out.
    #[tracing::instrument(name = "op.oci.catalog", skip_all)]
    pub async fn catalog(
        &self,
        viewer: &Viewer,
        last: Option<&str>,
        limit: Option<usize>,
    ) -> Result<OciPage> {
        let Some(hosted) = self.backend.inner().hosted.as_ref() else {
            self.check(viewer)?;
            return Ok(page(Vec::new(), None, 0));
        };
        let mut names = Vec::new();
        let mut refusal = self.check(viewer).err();
        for tenant in hosted.tenant_names().await? {
            let action = Action::PullHosted { tenant: &tenant };
            if self.backend.authorise(viewer, action).is_err()
                || !tenant
                    .split('/')
                    .all(|part| part.is_empty() || oci::is_component(part))
            {
                continue;
            }
            refusal = None;
            let below = if tenant.is_empty() { "" } else { "/" };
            let index = hosted.index(&tenant).await?;
            let index = index.seen(self.backend.sees_private(viewer, &tenant), &hosted.manner);
            let charts = index.names().filter(|name| oci::is_component(name));
            names.extend(charts.map(|chart| format!("{}{below}{tenant}/{chart}", hosted.settings.name)));
        }
        if let Some(refusal) = refusal {
            return Err(refusal);
        }
        names.sort_unstable();
        Ok(page(names, last, limit.unwrap_or(MAX_LISTED).min(MAX_LISTED)))
    }

    /// What says something of a manifest, as an image index; of one type only, where one is given.
    #[tracing::instrument(name = "op.oci.referrers", skip_all)]
    pub async fn referrers(
        &self,
        viewer: &Viewer,
        name: &str,
        subject: &str,
        artifact_type: Option<&str>,
    ) -> Result<Bytes, OciError> {
        let (hosted, repository) = self.to_pull(viewer, name).await?;
        let referrers = hosted.oci_referrers(&repository, parsed(subject)?).await?;
        let manifests: Vec<_> = referrers
            .iter()
            .filter(|record| artifact_type.is_none_or(|wanted| wanted == record.artifact_type))
            .map(|record| {
                let read = Manifest::read(&record.content, &record.media_type);
                serde_json::json!({
                    "mediaType": record.media_type,
                    "digest": written(&record.digest),
                    "size": record.content.len(),
                    "artifactType": record.artifact_type,
                    "annotations": read.map(|manifest| manifest.annotations).unwrap_or_default(),
                })
            })
            .collect();
        let index = serde_json::json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": manifests });
        Ok(Bytes::from(index.to_string()))
    }

    async fn to_pull(&self, viewer: &Viewer, name: &str) -> Result<(&'a Hosted, Repository), OciError> {
        let (hosted, repository) = self.repository(name)?;
        let tenant = repository.tenant.as_str();
        self.backend.authorise(viewer, Action::PullHosted { tenant })?;
        if self.backend.sees_private(viewer, tenant)
            || !hosted.has_private(tenant).await?
            || hosted.is_oci_public(&repository).await?
        {
            return Ok((hosted, repository));
        }
        // A client shows its credentials when it is asked for them and not before, so that it has to be asked, for what
        // is private and for what is not there alike.
        if viewer.is_anonymous() {
            let reason = "what is not public here needs a signed-in user".to_owned();
            return Err(Error::Unauthenticated { reason }.into());
        }
        // What is answered for a chart that is not there, because this one is not.
        let nowhere = Repository {
            chart: "/".to_owned(),
            ..repository
        };
        Ok((hosted, nowhere))
    }

    fn to_push(&self, viewer: &Viewer, name: &str) -> Result<(&'a Hosted, Repository), OciError> {
        let (hosted, repository) = self.repository(name)?;
        let tenant = repository.tenant.as_str();
        self.backend.authorise(viewer, Action::PushHosted { tenant })?;
        Ok((hosted, repository))
    }

    fn repository(&self, name: &str) -> Result<(&'a Hosted, Repository), OciError> {
        let unknown = || OciError::NameUnknown {
            name: name.chars().take(300).collect(),
        };
        let hosted = self.backend.inner().hosted.as_deref().ok_or_else(unknown)?;
        let repository = hosted.oci_repository(name).ok_or_else(unknown)?;
        Ok((hosted, repository))
    }
}

fn parsed(digest: &str) -> Result<Digest, OciError> {
    oci::digest(digest).ok_or_else(|| OciError::DigestInvalid {
        reason: "a digest is `sha256:` and 64 characters of lower-case hexadecimal".to_owned(),
    })
}

fn written(digest: &[u8]) -> String {
    format!("sha256:{}", hex::encode(digest))
}

/// Sorted names after `last`.
fn page(names: Vec<String>, last: Option<&str>, limit: usize) -> OciPage {
    let rest = names
        .into_iter()
        .filter(|name| last.is_none_or(|last| name.as_str() > last));
    let mut names: Vec<String> = rest.take(limit.saturating_add(1)).collect();
    let has_more = names.len() > limit;
    names.truncate(limit);
    OciPage { names, has_more }
}
