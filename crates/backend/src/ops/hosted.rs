//! Hosted charts: what ChartMuseum's clients, and later our own pages, do with them.
//!
//! Answers that clients of ChartMuseum parse are made here as far as they are about charts; their statuses and headers are
//! the server's.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use model::hosted::DeletedVersions;
use tokio_util::io::ReaderStream;

use super::authorise::Action;
use crate::blobs::Digest;
pub(super) use crate::hosted::object_of as of;
use crate::hosted::{
    ARCHIVE, Document, Hosted, Index, KeptVersion, NoVersion, OpenFile, PROVENANCE, Package, PackageError,
    Provenance, Upload, UploadError,
};
use crate::{Backend, Error, Result, Viewer};

/// Operations on hosted charts. A tenant is `org/repo` as in addresses; the repository without one has the empty name.
pub struct HostedCharts<'a> {
    pub(super) backend: &'a Backend,
}

/// An index that is ready to be sent.
#[derive(Clone, Debug)]
pub struct IndexDocument {
    /// YAML, or JSON where that is configured.
    pub text: Document,
    /// With its quotes.
    pub etag: String,
    /// Not for everybody: no cache may share it.
    pub is_private: bool,
}

/// A hosted file on its way out.
pub struct HostedDownload {
    /// Lower-case hexadecimal SHA-256 of the whole.
    pub digest: String,
    /// Length of the whole.
    pub size_bytes: u64,
    /// Whether it is a provenance file.
    pub is_provenance: bool,
    /// Not for everybody: no cache may share it.
    pub is_private: bool,
    /// The file.
    pub body: BoxStream<'static, Result<Bytes>>,
}

/// What is uploaded together.
#[derive(Clone, Debug, Default)]
pub struct NewUpload {
    /// A chart's archive.
    pub archive: Option<Bytes>,
    /// A provenance file.
    pub provenance: Option<Bytes>,
    /// What is there may be replaced, if the settings allow that.
    pub force: bool,
}

/// What an upload left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Uploaded {
    /// The version, if an archive was uploaded.
    pub version: Option<UploadedVersion>,
    /// The name of the provenance file, if one was uploaded.
    pub provenance: Option<String>,
}

/// A version that was uploaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadedVersion {
    /// The chart.
    pub name: String,
    /// The version.
    pub version: String,
    /// Lower-case hexadecimal SHA-256 of the archive.
    pub digest: String,
    /// `name-version.tgz`
    pub file_name: String,
    /// What is odd about the archive without making it useless, in words.
    pub oddities: Vec<String>,
}

impl From<KeptVersion> for UploadedVersion {
    fn from(kept: KeptVersion) -> Self {
        Self {
            name: kept.name,
            version: kept.version,
            digest: kept.digest,
            file_name: kept.file_name,
            oddities: kept.oddities,
        }
    }
}

/// Why something was not done with hosted charts.
#[derive(Clone, Debug, thiserror::Error)]
pub enum HostedError {
    /// There is no such thing; the words are Helm's where Helm has some.
    #[error("{text}")]
    Missing {
        /// In words.
        text: String,
    },
    /// What was uploaded is no chart.
    #[error("{reason}")]
    NotAChart {
        /// In words.
        reason: String,
    },
    /// What was uploaded is no provenance file.
    #[error("invalid provenance file")]
    NotProvenance,
    /// A chart's name and version make no name of a file.
    #[error("{file_name} is improperly formatted")]
    Misnamed {
        /// What they make.
        file_name: String,
    },
    /// It is there, and may not be replaced.
    #[error("{file_name} exists already")]
    Exists {
        /// The file.
        file_name: String,
    },
    /// The tenant has as many files as it may have.
    #[error("the repository has reached its limit of {limit} files")]
    TooManyFiles {
        /// See `hosted.max_objects`.
        limit: u64,
    },
    /// There is no room on the disk, or none that hosted charts may use.
    #[error("there is no room for {n_bytes} more bytes")]
    Full {
        /// How much was to be kept.
        n_bytes: u64,
    },
    /// Anything else.
    #[error(transparent)]
    Other(#[from] Error),
}

impl From<PackageError> for HostedError {
    fn from(error: PackageError) -> Self {
        match error {
            PackageError::NotAChart { reason } => Self::NotAChart { reason },
            PackageError::NotProvenance => Self::NotProvenance,
            PackageError::Misnamed { file_name } => Self::Misnamed { file_name },
        }
    }
}

impl From<UploadError> for HostedError {
    fn from(error: UploadError) -> Self {
        match error {
            UploadError::Exists { file_name } => Self::Exists { file_name },
            UploadError::TooManyFiles { limit } => Self::TooManyFiles { limit },
            UploadError::Full { n_bytes } => Self::Full { n_bytes },
            UploadError::Other(error) => Self::Other(error),
        }
    }
}

impl From<NoVersion> for HostedError {
    fn from(error: NoVersion) -> Self {
        Self::Missing {
            text: error.to_string(),
        }
    }
}

impl<'a> HostedCharts<'a> {
    pub(crate) fn new(backend: &'a Backend) -> Self {
        Self { backend }
    }

    /// Whether the viewer may do something; for doors that answer before there is anything to do.
    pub fn check(&self, viewer: &Viewer, action: Action<'_>) -> Result<()> {
        self.backend.authorise(viewer, action)
    }

    /// The index of a tenant; one that nobody uploaded to has an empty one.
    #[tracing::instrument(name = "op.hosted.index", skip_all)]
    pub async fn index(&self, viewer: &Viewer, tenant: &str) -> Result<IndexDocument> {
        let (hosted, index) = self.index_for(viewer, tenant).await?;
        Ok(IndexDocument {
            is_private: index.has_private(),
            etag: index.etag(&hosted.manner),
            text: index.document(&hosted.manner),
        })
    }

    /// Charts with their versions as a JSON object: all, or a part by name.
    #[tracing::instrument(name = "op.hosted.list", skip_all)]
    pub async fn list(
        &self,
        viewer: &Viewer,
        tenant: &str,
        offset: usize,
        limit: Option<usize>,
    ) -> Result<Document> {
        let (_, index) = self.index_for(viewer, tenant).await?;
        tokio::task::spawn_blocking(move || index.entries(offset, limit))
            .await
            .map_err(Error::internal)
    }

    /// The versions of a chart as a JSON list.
    #[tracing::instrument(name = "op.hosted.versions", skip_all, fields(chart.name = %name))]
    pub async fn versions(&self, viewer: &Viewer, tenant: &str, name: &str) -> Result<Bytes, HostedError> {
        let (_, index) = self.index_for(viewer, tenant).await?;
        index.versions(name).ok_or_else(|| HostedError::Missing {
            text: "chart not found".to_owned(),
        })
    }

    /// The version that helm would take for `wanted`, which may be `latest` or a constraint, as a JSON object.
    #[tracing::instrument(name = "op.hosted.version", skip_all, fields(chart.name = %name))]
    pub async fn version(
        &self,
        viewer: &Viewer,
        tenant: &str,
        name: &str,
        wanted: &str,
    ) -> Result<Bytes, HostedError> {
        let (_, index) = self.index_for(viewer, tenant).await?;
        Ok(index.resolve(name, wanted)?.json())
    }

    /// The templates of that version and its default values, as a JSON object.
    #[tracing::instrument(name = "op.hosted.templates", skip_all, fields(chart.name = %name))]
    pub async fn templates(
        &self,
        viewer: &Viewer,
        tenant: &str,
        name: &str,
        wanted: &str,
    ) -> Result<Bytes, HostedError> {
        let files = self.files(viewer, tenant, name, wanted).await?;
        let chart = tokio::task::spawn_blocking(move || helm::chart::Chart::from_files(files.files.clone()))
            .await
            .map_err(Error::internal)?
            .map_err(Error::internal)?;
        let templates: Vec<_> = chart
            .templates
            .iter()
            .map(|file| serde_json::json!({ "name": file.path, "data": STANDARD.encode(&file.data) }))
            .collect();
        let values = helm::values::Tree::Table(chart.values).to_json();
        let answer = serde_json::json!({ "templates": templates, "values": values });
        Ok(Bytes::from(answer.to_string()))
    }

    /// The default values of that version, as they are written.
    #[tracing::instrument(name = "op.hosted.values", skip_all, fields(chart.name = %name))]
    pub async fn values(
        &self,
        viewer: &Viewer,
        tenant: &str,
        name: &str,
        wanted: &str,
    ) -> Result<Bytes, HostedError> {
        let files = self.files(viewer, tenant, name, wanted).await?;
        let values = files.find("values.yaml").ok_or_else(|| HostedError::Missing {
            text: "values.yaml not found".to_owned(),
        })?;
        Ok(values.data.clone())
    }

    /// An archive or a provenance file.
    #[tracing::instrument(name = "op.hosted.download", skip_all)]
    pub async fn download(
        &self,
        viewer: &Viewer,
        tenant: &str,
        file_name: &str,
    ) -> Result<HostedDownload, HostedError> {
        let hosted = self.pull(viewer, tenant)?;
        let missing = || HostedError::Missing {
            text: "object not found".to_owned(),
        };
        let is_provenance = file_name.ends_with(PROVENANCE);
        if !is_provenance && !file_name.ends_with(ARCHIVE) {
            return Err(missing());
        }
        let open = hosted.open_file(tenant, file_name).await?.ok_or_else(missing)?;
        let is_private = hosted.is_file_private(tenant, file_name).await?;
        if is_private && !self.backend.sees_private(viewer, tenant) {
            return Err(missing());
        }
        Ok(HostedDownload {
            is_private,
            digest: hex::encode(&open.record.digest),
            size_bytes: open.size_bytes,
            is_provenance,
            body: stream(open.file, 0, open.size_bytes),
        })
    }

    /// Takes an upload. When this answers, it is in the index, in the catalog and on every page, of every process that
    /// shares the database; or it left nothing.
    #[tracing::instrument(name = "op.hosted.upload", skip_all)]
    pub async fn upload(
        &self,
        viewer: &Viewer,
        tenant: &str,
        new: NewUpload,
    ) -> Result<Uploaded, HostedError> {
        self.upload_as(viewer, tenant, new, &|_, _| Ok(())).await
    }

    /// The same for a door that knows name and version already: `expected` says what is wrong with others.
    pub(super) async fn upload_as(
        &self,
        viewer: &Viewer,
        tenant: &str,
        new: NewUpload,
        expected: &(dyn Fn(&str, &str) -> Result<(), String> + Sync),
    ) -> Result<Uploaded, HostedError> {
        let object = if tenant.is_empty() {
            "hosted charts"
        } else {
            tenant
        };
        let work = async { Ok(self.take(viewer, tenant, new, expected).await) };
        self.backend
            .audited(viewer, Action::PushHosted { tenant }, "hosted.push", object, work)
            .await?
    }

    async fn take(
        &self,
        viewer: &Viewer,
        tenant: &str,
        new: NewUpload,
        expected: &(dyn Fn(&str, &str) -> Result<(), String> + Sync),
    ) -> Result<Uploaded, HostedError> {
        let hosted = self.hosted(tenant)?;
        let package = match new.archive {
            Some(bytes) => Some(hosted.read_package(bytes).await?),
            None => None,
        };
        if let Some(package) = &package {
            let metadata = &package.metadata;
            expected(&metadata.name, &metadata.version)
                .map_err(|reason| HostedError::NotAChart { reason })?;
        }
        let provenance = new.provenance.map(Provenance::read).transpose()?;
        let object: Vec<&str> = package
            .iter()
            .map(|package| package.file_name.as_str())
            .chain(provenance.iter().map(|provenance| provenance.file_name.as_str()))
            .collect();
        let audit = self
            .backend
            .record(viewer, "hosted.push", &of(tenant, &object.join(", ")), "");
        let settings = &hosted.settings;
        let upload = Upload {
            package,
            provenance,
            may_replace: settings.allow_overwrite || (settings.allow_force_overwrite && new.force),
            restored: None,
            copied: None,
            audit,
        };
        // On its own: it comes to its end when the client has gone.
        let tenant = tenant.to_owned();
        let hosted = Arc::clone(hosted);
        let taken = tokio::spawn(async move { hosted.upload(&tenant, upload).await })
            .await
            .map_err(Error::internal)??;
        Ok(Uploaded {
            version: taken.package.map(UploadedVersion::from),
            provenance: taken.provenance,
        })
    }

    /// Deletes a version and its provenance file.
    #[tracing::instrument(name = "op.hosted.delete", skip_all, fields(chart.name = %name))]
    pub async fn delete(
        &self,
        viewer: &Viewer,
        tenant: &str,
        name: &str,
        version: &str,
    ) -> Result<(), HostedError> {
        self.delete_some(viewer, tenant, name, Some(version))
            .await
            .map(drop)
    }

    /// The same, or of all versions of a chart where none is named. The answer says what can come back for a while.
    #[tracing::instrument(name = "op.hosted.delete_some", skip_all, fields(chart.name = %name))]
    pub async fn delete_some(
        &self,
        viewer: &Viewer,
        tenant: &str,
        name: &str,
        version: Option<&str>,
    ) -> Result<DeletedVersions, HostedError> {
        let object = match version {
            Some(version) => of(tenant, &format!("{name} {version}")),
            None => of(tenant, name),
        };
        let work = async {
            let hosted = Arc::clone(self.hosted(tenant)?);
            let audit = self.backend.record(viewer, "hosted.delete", &object, "");
            let (tenant, name, by) = (tenant.to_owned(), name.to_owned(), audit.actor.clone());
            let version = version.map(str::to_owned);
            // On its own: it comes to its end when the client has gone.
            tokio::spawn(async move {
                let version = version.as_deref();
                hosted.delete(&tenant, &name, version, &by, audit).await
            })
            .await
            .map_err(Error::internal)?
        };
        let action = Action::DeleteHosted { tenant };
        let deleted = self
            .backend
            .audited(viewer, action, "hosted.delete", &object, work)
            .await?;
        if deleted.n_versions == 0 {
            return Err(HostedError::Missing {
                text: match version {
                    Some(version) => format!("no chart version found for {name}-{version}"),
                    None => "no chart name found".to_owned(),
                },
            });
        }
        Ok(DeletedVersions {
            n_versions: deleted.n_versions as u64,
            restorable: deleted.ids,
        })
    }

    /// The files of the version that helm would take for `wanted`.
    async fn files(
        &self,
        viewer: &Viewer,
        tenant: &str,
        name: &str,
        wanted: &str,
    ) -> Result<Arc<helm::archive::ChartFiles>, HostedError> {
        let (hosted, index) = self.index_for(viewer, tenant).await?;
        let file_name = index.resolve(name, wanted)?.file_name.clone();
        let open = hosted
            .open_file(tenant, &file_name)
            .await?
            .ok_or_else(|| HostedError::Missing {
                text: "object not found".to_owned(),
            })?;
        Ok(self.backend.hosted_files(hosted, open).await?)
    }

    /// As much of a tenant's index as the viewer may see.
    async fn index_for(&self, viewer: &Viewer, tenant: &str) -> Result<(&'a Arc<Hosted>, Arc<Index>)> {
        let hosted = self.pull(viewer, tenant)?;
        let index = hosted.index(tenant).await?;
        let seen = index.seen(self.backend.sees_private(viewer, tenant), &hosted.manner);
        Ok((hosted, seen))
    }

    fn pull(&self, viewer: &Viewer, tenant: &str) -> Result<&'a Arc<Hosted>> {
        self.backend.authorise(viewer, Action::PullHosted { tenant })?;
        self.hosted(tenant)
    }

    pub(super) fn hosted(&self, tenant: &str) -> Result<&'a Arc<Hosted>> {
        let hosted = self.backend.inner().hosted.as_ref();
        hosted
            .filter(|hosted| hosted.is_place(tenant))
            .ok_or_else(|| Error::not_found("repository", tenant))
    }
}

impl Backend {
    /// The files of a hosted archive, from memory where it was looked at lately.
    pub(super) async fn hosted_files(
        &self,
        hosted: &Hosted,
        open: OpenFile,
    ) -> Result<Arc<helm::archive::ChartFiles>> {
        let inner = self.inner();
        let digest = Digest::from_slice(&open.record.digest);
        if let Some(files) = digest.and_then(|digest| inner.files.get(digest)) {
            return Ok(files);
        }
        let bytes = hosted.read(open).await?;
        let files = inner.archives.unpack(bytes).await?;
        if let Some(digest) = digest {
            inner.files.put(digest, &files);
        }
        Ok(files)
    }
}

impl Hosted {
    /// Reads an archive on a thread that may block; few at a time, for each can cost its whole unpacked size.
    pub(super) async fn read_package(&self, bytes: Bytes) -> Result<Package, HostedError> {
        let (limits, permit) = self.reading().await?;
        let read = tokio::task::spawn_blocking(move || Package::read(bytes, &limits))
            .await
            .map_err(Error::internal)?;
        drop(permit);
        Ok(read?)
    }
}

/// The body of a file.
pub(super) fn stream(mut file: std::fs::File, first: u64, n_bytes: u64) -> BoxStream<'static, Result<Bytes>> {
    use std::io::{Seek as _, SeekFrom};

    use tokio::io::AsyncReadExt as _;
    if first > 0
        && let Err(error) = file.seek(SeekFrom::Start(first))
    {
        return futures_util::stream::once(async { Err(Error::from(error)) }).boxed();
    }
    let file = tokio::fs::File::from_std(file).take(n_bytes);
    ReaderStream::with_capacity(file, 64 * 1024)
        .map(|piece| piece.map_err(Error::from))
        .boxed()
}
