//! Reading one chart: its facts, its files, its archive.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use bytes::Bytes;
use engine::semver::{Constraint, Version};
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};
use helm::archive::{ChartFile, ChartFiles};
use helm::contents::Contents;
use model::chart::{ChartDetail, Prose, VersionSummary};
use model::files::{FileEntry, FileKind, FileView, ValuesView};
use model::page::Page;

use super::authorise::Action;
use super::detail::{DependencyLookup, detail, version_summary};
use super::signatures::Ask;
use crate::blobs::{BlobStream, Digest};
use crate::content::{self, ImagePolicy, ProseContext};
use crate::store::VersionRecord;
use crate::sync::kind_of;
use crate::{Backend, Error, Result, Viewer};

/// Versions that a chart's header offers.
const N_NEWEST: i64 = 12;
/// Versions that the versions tab lists.
const MAX_VERSIONS: i64 = 5_000;
/// Versions of one part of that list.
const PART: usize = 200;

/// Operations on charts. A `version` of `None` means the chart's newest.
pub struct Charts<'a> {
    pub(super) backend: &'a Backend,
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

impl ArchiveDownload {
    fn new(file_name: String, digest: Digest, stream: BlobStream) -> Self {
        Self {
            file_name,
            digest: digest.to_hex(),
            size_bytes: stream.size_bytes,
            body: stream.body.map_err(Error::from).boxed(),
        }
    }
}

/// The version that `wanted` means. That the viewer may read the catalog has been checked.
pub(crate) async fn choose_version(
    backend: &Backend,
    viewer: &Viewer,
    repository: &str,
    name: &str,
    wanted: &str,
) -> Result<String> {
    // That there is such a chart, and that the viewer may know of it.
    backend.find_version(viewer, repository, name, None).await?;
    let known = backend
        .inner()
        .store
        .list_versions(repository, name, MAX_VERSIONS)
        .await?;
    if known.iter().any(|version| version.version == wanted) {
        return Ok(wanted.to_owned());
    }
    let Ok(range) = Constraint::parse(wanted) else {
        return Err(Error::Invalid {
            field: "version",
            message: format!("improper constraint: {wanted}"),
        });
    };
    let newest = known
        .iter()
        .map(version_summary)
        .filter(|version| !version.yanked)
        .filter_map(|version| Some((Version::parse(&version.version).ok()?, version.version)))
        .filter(|(version, _)| range.check(version))
        .max_by(|(a, _), (b, _)| a.cmp(b));
    newest
        .map(|(_, version)| version)
        .ok_or_else(|| Error::not_found("version", format!("{name} {wanted}")))
}

impl<'a> Charts<'a> {
    pub(crate) fn new(backend: &'a Backend) -> Self {
        Self { backend }
    }

    pub(super) fn backend(&self) -> &'a Backend {
        self.backend
    }

    /// Everything the header and the rail of a chart's pages show. An archive that is not here yet is fetched, and
    /// waited for a moment.
    #[tracing::instrument(name = "op.chart.get", skip_all, fields(chart.name = %name))]
    pub async fn get(
        &self,
        viewer: &Viewer,
        repository: &str,
        name: &str,
        version: Option<&str>,
    ) -> Result<ChartDetail> {
        self.backend.authorise(viewer, Action::ReadCharts)?;
        let inner = self.backend.inner();
        let record = self
            .backend
            .find_version(viewer, repository, name, version)
            .await?;
        let record = self.backend.with_archive(repository, record).await?;
        let newest = inner.store.list_versions(repository, name, N_NEWEST).await?;
        let archive = record.archive_digest.as_deref().and_then(Digest::from_slice);
        let signature = match archive {
            Some(archive) => {
                self.backend
                    .signature(repository, &record, archive, Ask::Nobody)
                    .await?
            }
            None => None,
        };
        let mut repositories = HashMap::new();
        let snapshot = self.backend.snapshot(viewer).await?;
        if !record.details.dependencies.is_empty() {
            for known in inner.store.list_repositories().await? {
                repositories.insert(known.url.trim_end_matches('/').to_owned(), known.name);
            }
        }
        let has_chart = |repository: &str, name: &str| snapshot.find(repository, name).is_some();
        let lookup = DependencyLookup {
            own: repository,
            repositories,
            has_chart: &has_chart,
        };
        let entry = snapshot.find(repository, name).map(AsRef::as_ref);
        Ok(detail(repository, record, signature, &newest, &lookup, entry))
    }

    /// All versions, newest first, those gone from the index last.
    #[tracing::instrument(name = "op.chart.versions", skip_all, fields(chart.name = %name))]
    pub async fn versions(
        &self,
        viewer: &Viewer,
        repository: &str,
        name: &str,
    ) -> Result<Vec<VersionSummary>> {
        self.backend.authorise(viewer, Action::ReadCharts)?;
        self.backend.find_version(viewer, repository, name, None).await?;
        let rows = self
            .backend
            .inner()
            .store
            .list_versions(repository, name, MAX_VERSIONS)
            .await?;
        Ok(rows.iter().map(version_summary).collect())
    }

    /// One part of [`Charts::versions`]. `cursor` is one that an earlier part named: the last version of that part.
    pub async fn versions_from(
        &self,
        viewer: &Viewer,
        repository: &str,
        name: &str,
        cursor: &str,
    ) -> Result<Page<VersionSummary>> {
        let mut items = self.versions(viewer, repository, name).await?;
        let total = items.len() as u64;
        let start = match cursor {
            "" => 0,
            last => {
                let at = items.iter().position(|version| version.version == last);
                1 + at.ok_or_else(|| Error::Invalid {
                    field: "cursor",
                    message: "is not one that a list has given out".to_owned(),
                })?
            }
        };
        items.drain(..start);
        let has_next = items.len() > PART;
        items.truncate(PART);
        let last = items.last().filter(|_| has_next);
        Ok(Page {
            total,
            first_position: start as u64 + 1,
            next: last.map(|last| last.version.clone()),
            previous: None,
            items,
        })
    }

    /// The version that `wanted` means: itself, or of a range the newest that is still published.
    #[tracing::instrument(name = "op.chart.choose_version", skip_all, fields(chart.name = %name))]
    pub async fn choose_version(
        &self,
        viewer: &Viewer,
        repository: &str,
        name: &str,
        wanted: &str,
    ) -> Result<String> {
        self.backend.authorise(viewer, Action::ReadCharts)?;
        choose_version(self.backend, viewer, repository, name, wanted).await
    }

    /// Whether a chart or a version that is not there is known to have been: hosted charts that were deleted are
    /// remembered for a while. What is gone from an upstream index is still there, and says so itself.
    #[tracing::instrument(name = "op.chart.is_gone", skip_all, fields(chart.name = %name))]
    pub async fn is_gone(
        &self,
        viewer: &Viewer,
        repository: &str,
        name: &str,
        version: Option<&str>,
    ) -> Result<bool> {
        self.backend.authorise(viewer, Action::ReadCharts)?;
        let store = &self.backend.inner().store;
        Ok(store.was_hosted(repository, name, version).await?)
    }

    /// The README as safe HTML, where the chart has one.
    #[tracing::instrument(name = "op.chart.readme", skip_all, fields(chart.name = %name))]
    pub async fn readme(
        &self,
        viewer: &Viewer,
        repository: &str,
        name: &str,
        version: Option<&str>,
    ) -> Result<Option<Prose>> {
        self.backend.authorise(viewer, Action::ReadCharts)?;
        let record = self
            .backend
            .find_version(viewer, repository, name, version)
            .await?;
        let inner = self.backend.inner();
        let record_version = record.version.clone();
        let chart = format!(
            "{}/{}/{}",
            segment(repository),
            segment(name),
            segment(&record_version)
        );
        let known = record.archive_digest.as_deref().and_then(Digest::from_slice);
        if let Some(prose) = known.and_then(|digest| inner.prose.get(digest, &chart)) {
            return Ok(Some(prose));
        }
        let files = self.backend.chart_files(repository, record).await?;
        let Some(path) = Contents::of(&files).readme.map(|file| file.path.clone()) else {
            return Ok(None);
        };
        let digest = Digest::from_hex(&files.digest);
        let of = (repository, name, record_version.as_str());
        let prose = self.prose(files, of, path).await?;
        if let Some(digest) = digest {
            inner.prose.put(digest, chart, &prose);
        }
        Ok(Some(prose))
    }

    /// A file of Markdown as safe HTML, with its links leading into the chart's own pages.
    pub(super) async fn prose(
        &self,
        files: Arc<ChartFiles>,
        (repository, name, version): (&str, &str, &str),
        path: String,
    ) -> Result<Prose> {
        let base = &self.backend.inner().settings.base_path;
        let chart = format!("{}/{}/{}", segment(repository), segment(name), segment(version));
        let files_url = format!("{base}/charts/{chart}/files/");
        let raw_url = format!("{base}/raw/{chart}/");
        blocking(move || {
            let text = files.find(&path).and_then(text_of).unwrap_or_default();
            let paths: HashSet<&str> = files.files.iter().map(|file| file.path.as_str()).collect();
            let context = ProseContext {
                files_url: &files_url,
                raw_url: &raw_url,
                path: &path,
                has_file: &|path: &str| paths.contains(path),
                images: ImagePolicy::default(),
            };
            content::prose(text, &context)
        })
        .await
    }

    /// The default values, where the chart has any.
    #[tracing::instrument(name = "op.chart.values", skip_all, fields(chart.name = %name))]
    pub async fn values(
        &self,
        viewer: &Viewer,
        repository: &str,
        name: &str,
        version: Option<&str>,
    ) -> Result<Option<ValuesView>> {
        self.backend.authorise(viewer, Action::ReadCharts)?;
        let files = self.files_of(viewer, repository, name, version).await?;
        let Some(text) = files.find("values.yaml").and_then(text_of) else {
            return Ok(None);
        };
        let text = text.to_owned();
        let has_schema = files.find("values.schema.json").is_some();
        let variants = files
            .files
            .iter()
            .map(|file| file.path.clone())
            .filter(|path| kind_of(path) == FileKind::Values && path != "values.yaml")
            .collect();
        let (html, n_lines, paths) = blocking(move || content::values(&text)).await?;
        Ok(Some(ValuesView {
            html,
            n_lines,
            paths,
            has_schema,
            variants,
        }))
    }

    /// The files of the archive in their order.
    #[tracing::instrument(name = "op.chart.files", skip_all, fields(chart.name = %name))]
    pub async fn files(
        &self,
        viewer: &Viewer,
        repository: &str,
        name: &str,
        version: Option<&str>,
    ) -> Result<Vec<FileEntry>> {
        self.backend.authorise(viewer, Action::ReadCharts)?;
        let files = self.files_of(viewer, repository, name, version).await?;
        let mut seen = HashSet::new();
        // Of two files at one path the last counts, so it is the one that is listed.
        let mut list: Vec<FileEntry> = files
            .files
            .iter()
            .rev()
            .filter(|file| seen.insert(&file.path))
            .map(entry_of)
            .collect();
        list.reverse();
        Ok(list)
    }

    /// One text file, highlighted.
    #[tracing::instrument(name = "op.chart.file", skip_all, fields(chart.name = %name))]
    pub async fn file(
        &self,
        viewer: &Viewer,
        repository: &str,
        name: &str,
        version: Option<&str>,
        path: &str,
    ) -> Result<FileView> {
        self.backend.authorise(viewer, Action::ReadCharts)?;
        let files = self.files_of(viewer, repository, name, version).await?;
        let file = files.find(path).ok_or_else(|| Error::not_found("file", path))?;
        let entry = entry_of(file);
        let Some(text) = text_of(file) else {
            return Ok(FileView {
                entry,
                html: String::new(),
                n_lines: 0,
            });
        };
        let (text, path) = (text.to_owned(), file.path.clone());
        let (html, n_lines) = blocking(move || content::file(&path, &text)).await?;
        Ok(FileView { entry, html, n_lines })
    }

    /// One file as it is, with the media type to serve it as.
    #[tracing::instrument(name = "op.chart.raw_file", skip_all, fields(chart.name = %name))]
    pub async fn raw_file(
        &self,
        viewer: &Viewer,
        repository: &str,
        name: &str,
        version: Option<&str>,
        path: &str,
    ) -> Result<(&'static str, Bytes)> {
        self.backend.authorise(viewer, Action::ReadCharts)?;
        let files = self.files_of(viewer, repository, name, version).await?;
        let file = files.find(path).ok_or_else(|| Error::not_found("file", path))?;
        Ok((media_type(file), file.data.clone()))
    }

    /// A re-encoded icon by its digest, with its media type.
    #[tracing::instrument(name = "op.chart.icon", skip_all)]
    pub async fn icon(&self, viewer: &Viewer, digest: &str) -> Result<(&'static str, Bytes)> {
        self.backend.authorise(viewer, Action::ReadCharts)?;
        let missing = || Error::not_found("icon", digest);
        let inner = self.backend.inner();
        let key = Digest::from_hex(digest).ok_or_else(missing)?;
        if self.backend.snapshot(viewer).await?.hides_icon(&key.0) {
            return Err(missing());
        }
        let media_type = match inner.store.icon_media_type(&key.0).await?.as_deref() {
            Some("image/svg+xml") => "image/svg+xml",
            Some(_) => "image/png",
            None => return Err(missing()),
        };
        let bytes = inner.blobs.get(key).await?.ok_or_else(missing)?;
        Ok((media_type, bytes))
    }

    /// The archive as the upstream published it.
    #[tracing::instrument(name = "op.chart.archive", skip_all, fields(chart.name = %name))]
    pub async fn archive(
        &self,
        viewer: &Viewer,
        repository: &str,
        name: &str,
        version: Option<&str>,
    ) -> Result<ArchiveDownload> {
        self.backend.authorise(viewer, Action::ReadCharts)?;
        let record = self
            .backend
            .find_version(viewer, repository, name, version)
            .await?;
        let file_name = format!("{}-{}.tgz", record.name, record.version);
        let (digest, stream) = self.backend.chart_archive(repository, record).await?;
        Ok(ArchiveDownload::new(file_name, digest, stream))
    }

    /// The same from the store alone: an archive that is not there is not fetched.
    #[tracing::instrument(name = "op.chart.stored_archive", skip_all, fields(chart.name = %name))]
    pub async fn stored_archive(
        &self,
        viewer: &Viewer,
        repository: &str,
        name: &str,
        version: Option<&str>,
    ) -> Result<ArchiveDownload> {
        self.backend.authorise(viewer, Action::ReadCharts)?;
        let (_, _, download) = self.stored(viewer, repository, name, version).await?;
        Ok(download)
    }

    /// The same, to be installed: with what is to be said of its signature, or an error where the policy of its repository
    /// refuses it.
    #[tracing::instrument(name = "op.chart.installable_archive", skip_all, fields(chart.name = %name))]
    pub async fn installable_archive(
        &self,
        viewer: &Viewer,
        repository: &str,
        name: &str,
        version: Option<&str>,
    ) -> Result<(ArchiveDownload, Option<String>)> {
        self.backend.authorise(viewer, Action::ReadCharts)?;
        let (record, digest, download) = self.stored(viewer, repository, name, version).await?;
        let concern = self.backend.may_install(repository, &record, digest).await?;
        Ok((download, concern))
    }

    async fn stored(
        &self,
        viewer: &Viewer,
        repository: &str,
        name: &str,
        version: Option<&str>,
    ) -> Result<(VersionRecord, Digest, ArchiveDownload)> {
        let record = self
            .backend
            .find_version(viewer, repository, name, version)
            .await?;
        let file_name = format!("{}-{}.tgz", record.name, record.version);
        let (digest, stream) = self.backend.stored_archive(&record).await?;
        Ok((record, digest, ArchiveDownload::new(file_name, digest, stream)))
    }

    async fn files_of(
        &self,
        viewer: &Viewer,
        repository: &str,
        name: &str,
        version: Option<&str>,
    ) -> Result<Arc<ChartFiles>> {
        let record = self
            .backend
            .find_version(viewer, repository, name, version)
            .await?;
        self.backend.chart_files(repository, record).await
    }
}

fn entry_of(file: &ChartFile) -> FileEntry {
    FileEntry {
        path: file.path.clone(),
        kind: kind_of(&file.path),
        size_bytes: file.data.len() as u64,
        is_text: text_of(file).is_some(),
    }
}

fn text_of(file: &ChartFile) -> Option<&str> {
    // Text that people wrote has no NUL; what has is binary that happens to be UTF-8.
    std::str::from_utf8(&file.data)
        .ok()
        .filter(|text| !text.contains('\0'))
}

/// What a file is served as: pictures as such, text as plain text, everything else as bytes.
fn media_type(file: &ChartFile) -> &'static str {
    let extension = file
        .path
        .rsplit('.')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    match extension.as_str() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "svg" => "image/svg+xml",
        _ if text_of(file).is_some() => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// A segment of a path: everything but unreserved characters is encoded.
pub(crate) fn segment(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// Rendering a large file takes longer than a server may keep its threads from answering.
pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)
}
