//! Bundles: a set of charts with all that belongs to it, taken along in one file and brought in elsewhere.
//!
//! What is in such a file and how it is written is `crate::bundle`; here is what goes in, and what becomes of it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use helm::chart::Chart;
use helm::index::{IndexEntry, IndexFragment, Timestamp};
use serde_json::json;

use super::authorise::Action;
use super::charts::{blocking, choose_version};
use super::{HostedError, NewUpload};
use crate::blobs::Digest;
use crate::bundle::{BundleReader, BundleWriter, BundledChart, IMAGES, Manifest, ReadError, TITLE};
use crate::hosted::oci::{MANIFEST, Part, of_chart, written};
use crate::{Backend, Error, Result, Viewer};

/// Versions in one bundle.
const MAX_CHARTS: usize = 20_000;
/// The configuration of a manifest that has none (the image specification 1.1, "Guidance for an Empty Descriptor").
const EMPTY: &str = "application/vnd.oci.empty.v1+json";

/// Operations on bundles.
pub struct Bundles<'a> {
    backend: &'a Backend,
}

/// Charts to take along: `repository/name`, `repository/name@range`, or `repository/*` for the newest version of all its
/// charts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedCharts {
    repository: String,
    /// None for all.
    name: Option<String>,
    /// The newest where it is empty.
    range: String,
}

impl FromStr for WantedCharts {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (place, range) = text.split_once('@').unwrap_or((text, ""));
        let odd = || format!("`{text}` is none of repository/name, repository/name@version and repository/*");
        let (repository, name) = place.split_once('/').ok_or_else(odd)?;
        let is_named = !repository.is_empty() && !name.is_empty() && !name.contains('/');
        if !is_named || text.ends_with('@') || (name == "*" && !range.is_empty()) {
            return Err(odd());
        }
        Ok(Self {
            repository: repository.to_owned(),
            name: (name != "*").then(|| name.to_owned()),
            range: range.to_owned(),
        })
    }
}

/// What belongs to a chart, and what of it is taken along.
#[derive(Clone, Copy, Debug)]
pub struct ExportOptions {
    /// Charts that other charts depend on, where a repository here has them.
    pub with_dependencies: bool,
    /// The names of images.
    pub with_images: bool,
}

/// What an export has come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// How many versions are in the bundle.
    pub n_charts: usize,
    /// How many of them have a provenance file.
    pub n_signed: usize,
    /// The names of images, sorted.
    pub images: Vec<String>,
    /// Sentences on what is not in the bundle though it may be missed.
    pub concerns: Vec<String>,
    /// Blobs that an earlier export had written.
    pub n_taken_over: u64,
    /// Length of the bundle.
    pub size_bytes: u64,
}

/// What a bundle says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BundleContents {
    /// Its charts.
    pub charts: Vec<BundleEntry>,
    /// The names of images, sorted.
    pub images: Vec<String>,
    /// Sentences on what is damaged; none are made where that was not asked for.
    pub wrong: Vec<String>,
}

/// A version in a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BundleEntry {
    /// Where it was taken from; empty where nothing says so.
    pub repository: String,
    /// The chart.
    pub name: String,
    /// The version.
    pub version: String,
    /// Lower-case hexadecimal SHA-256 of the archive.
    pub digest: String,
    /// Length of the archive.
    pub size_bytes: u64,
    /// Whether its provenance file is in the bundle.
    pub is_signed: bool,
}

impl From<&BundledChart> for BundleEntry {
    fn from(chart: &BundledChart) -> Self {
        Self {
            repository: chart.repository.clone(),
            name: chart.name.clone(),
            version: chart.version.clone(),
            digest: chart.archive.digest.to_hex(),
            size_bytes: chart.archive.size_bytes,
            is_signed: chart.provenance.is_some(),
        }
    }
}

/// Where the charts of a bundle go.
#[derive(Clone, Debug, Default)]
pub struct ImportOptions {
    /// As in addresses; empty for the repository without one.
    pub tenant: String,
    /// The charts of each repository go to a tenant of its name below that one.
    pub keep_repositories: bool,
    /// Versions that are there with other contents are replaced, if the settings allow that.
    pub force: bool,
}

/// What became of a version in a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Imported {
    /// It is there now.
    Added,
    /// It was there already, the same to the last byte.
    Unchanged,
    /// It was not taken; in words.
    Refused(String),
}

/// What goes into a bundle besides its charts.
#[derive(Default)]
struct Beside {
    images: BTreeSet<String>,
    concerns: Vec<String>,
}

/// A version of a chart of a repository.
type Place = (String, String, String);

impl<'a> Bundles<'a> {
    pub(crate) fn new(backend: &'a Backend) -> Self {
        Self { backend }
    }

    /// Writes a bundle. Archives that are not here yet are fetched. One that was cut off is taken up where it ended.
    /// `tell` hears of each version before it is written, and how many there are.
    #[tracing::instrument(name = "op.bundle.export", skip_all, err)]
    pub async fn export(
        &self,
        viewer: &Viewer,
        wanted: &[WantedCharts],
        options: ExportOptions,
        path: &Path,
        tell: &mut (dyn FnMut(&str, usize, usize) + Send),
    ) -> Result<Exported> {
        self.backend.authorise(viewer, Action::ReadCharts)?;
        let mut beside = Beside::default();
        let places = self.places(viewer, wanted, options, &mut beside).await?;
        let to_be = path.to_owned();
        let mut writer = blocking(move || BundleWriter::create(&to_be))
            .await?
            .map_err(|error| unwritable(path, &error))?;
        let n_taken_over = writer.n_taken_over();
        let (mut manifests, mut n_signed) = (Vec::new(), 0);
        for (n, (repository, name, version)) in places.iter().enumerate() {
            tell(&format!("{repository}/{name} {version}"), n, places.len());
            let (blobs, manifest, is_signed) = self
                .blobs(viewer, (repository, name, version), &mut beside)
                .await?;
            writer = write(writer, blobs, path).await?;
            n_signed += usize::from(is_signed);
            manifests.push(manifest);
            if options.with_images {
                self.images(viewer, (repository, name, version), &mut beside)
                    .await?;
            }
        }
        let images: Vec<String> = beside.images.into_iter().collect();
        if options.with_images {
            let (blobs, manifest) = list_of_images(&images);
            writer = write(writer, blobs, path).await?;
            manifests.push(manifest);
        }
        let size_bytes = blocking(move || writer.finish(&manifests))
            .await?
            .map_err(|error| unwritable(path, &error))?;
        Ok(Exported {
            n_charts: places.len(),
            n_signed,
            images,
            concerns: beside.concerns,
            n_taken_over,
            size_bytes,
        })
    }

    /// What is in a bundle. With `is_all_read`, every blob of it is checked.
    #[tracing::instrument(name = "op.bundle.contents", skip_all, err)]
    pub async fn contents(&self, viewer: &Viewer, path: &Path, is_all_read: bool) -> Result<BundleContents> {
        self.backend.authorise(viewer, Action::ReadCharts)?;
        let bundle = open(path).await?;
        let read = move || BundleContents {
            charts: bundle.charts().iter().map(BundleEntry::from).collect(),
            images: bundle.images().to_vec(),
            wrong: if is_all_read { bundle.verify() } else { Vec::new() },
        };
        blocking(read).await
    }

    /// Uploads the charts of a bundle to hosted repositories, each on its own as any other upload: one that is refused
    /// holds up no other, and what is there already stays as it is, so that an import that was cut off is run again.
    #[tracing::instrument(name = "op.bundle.import", skip_all, err)]
    pub async fn import(
        &self,
        viewer: &Viewer,
        path: &Path,
        options: &ImportOptions,
        tell: &mut (dyn FnMut(&BundleEntry, &Imported) + Send),
    ) -> Result<()> {
        let tenant = options.tenant.as_str();
        self.backend.authorise(viewer, Action::PushHosted { tenant })?;
        let bundle = Arc::new(open(path).await?);
        for chart in bundle.charts() {
            let (reader, parts) = (Arc::clone(&bundle), chart.clone());
            let read = move || -> Result<_, ReadError> {
                let archive = reader.read(parts.archive)?;
                let provenance = parts.provenance.map(|part| reader.read(part)).transpose()?;
                Ok((archive, provenance))
            };
            let outcome = match blocking(read).await? {
                Err(error) => Imported::Refused(error.to_string()),
                Ok((archive, provenance)) => {
                    let tenant = match (options.keep_repositories, tenant) {
                        (false, tenant) => tenant.to_owned(),
                        (true, "") => chart.repository.clone(),
                        (true, tenant) => format!("{tenant}/{}", chart.repository),
                    };
                    let upload = NewUpload {
                        archive: Some(archive),
                        provenance,
                        force: options.force,
                    };
                    self.take(viewer, &tenant, chart, upload).await?
                }
            };
            tell(&BundleEntry::from(chart), &outcome);
        }
        Ok(())
    }

    async fn take(
        &self,
        viewer: &Viewer,
        tenant: &str,
        chart: &BundledChart,
        upload: NewUpload,
    ) -> Result<Imported> {
        let hosted = self.backend.hosted();
        // The manifest's words count for nothing against the archive's own.
        let expected = |name: &str, version: &str| match (name, version)
            == (chart.name.as_str(), chart.version.as_str())
        {
            true => Ok(()),
            false => Err(format!(
                "it is {name} {version} and was listed as {} {}",
                chart.name, chart.version
            )),
        };
        let provenance = upload.provenance.clone();
        let file_name = match hosted.upload_as(viewer, tenant, upload, &expected).await {
            Ok(_) => return Ok(Imported::Added),
            Err(HostedError::Exists { file_name }) => file_name,
            Err(HostedError::Other(error @ (Error::Forbidden { .. } | Error::Unauthenticated { .. }))) => {
                return Err(error);
            }
            Err(error) => return Ok(Imported::Refused(error.to_string())),
        };
        let archive = file_name.strip_suffix(".prov").unwrap_or(&file_name);
        let same = match hosted.download(viewer, tenant, archive).await {
            Ok(there) => there.digest == chart.archive.digest.to_hex(),
            Err(_) => false,
        };
        if !same {
            return Ok(Imported::Refused(format!(
                "{file_name} exists already, with other contents; --force replaces it where the settings allow that"
            )));
        }
        // It may have come without its signature.
        let alone = NewUpload {
            provenance,
            ..NewUpload::default()
        };
        if alone.provenance.is_some() && hosted.upload(viewer, tenant, alone).await.is_ok() {
            return Ok(Imported::Added);
        }
        Ok(Imported::Unchanged)
    }

    /// The versions that are meant, and those that they depend on.
    async fn places(
        &self,
        viewer: &Viewer,
        wanted: &[WantedCharts],
        options: ExportOptions,
        beside: &mut Beside,
    ) -> Result<BTreeSet<Place>> {
        let mut queue: VecDeque<Place> = VecDeque::new();
        let snapshot = self.backend.snapshot(viewer).await?;
        for one in wanted {
            let repository = &one.repository;
            let Some(name) = &one.name else {
                self.backend.find_repository(viewer, repository).await?;
                let all = snapshot
                    .charts
                    .iter()
                    .filter(|entry| entry.record.repository == *repository);
                for entry in all {
                    let newest = self
                        .backend
                        .find_version(viewer, repository, &entry.record.name, None)
                        .await?;
                    queue.push_back((repository.clone(), newest.name, newest.version));
                }
                continue;
            };
            let version = match one.range.as_str() {
                "" => {
                    self.backend
                        .find_version(viewer, repository, name, None)
                        .await?
                        .version
                }
                range => choose_version(self.backend, viewer, repository, name, range).await?,
            };
            queue.push_back((repository.clone(), name.clone(), version));
        }
        let mut places = BTreeSet::new();
        while let Some(place) = queue.pop_front() {
            // A chart can be its own dependency, by way of others (attack: a circle).
            if !places.insert(place.clone()) {
                continue;
            }
            if places.len() > MAX_CHARTS {
                return Err(Error::Invalid {
                    field: "charts",
                    message: format!(
                        "are more than {MAX_CHARTS} with what they depend on; make several bundles"
                    ),
                });
            }
            if options.with_dependencies {
                queue.extend(self.dependencies(viewer, &place, beside).await?);
            }
        }
        Ok(places)
    }

    async fn dependencies(&self, viewer: &Viewer, place: &Place, beside: &mut Beside) -> Result<Vec<Place>> {
        let (repository, name, version) = place;
        let charts = self.backend.charts();
        let tree = charts
            .dependencies(viewer, repository, name, Some(version))
            .await?;
        let mut found = Vec::new();
        for node in tree.nodes {
            // What lies in the archive is in the bundle with it; a repository here may have it as a chart of its own, too.
            let Some(known) = node.known_repository else {
                if node.bundled.is_none() {
                    beside.concerns.push(format!(
                        "{repository}/{name} {version} depends on {} {}, which is neither in its archive nor in a \
                         repository here.",
                        node.chart, node.range
                    ));
                }
                continue;
            };
            let bundled = match &node.bundled {
                Some(bundled) => self
                    .backend
                    .find_version(viewer, &known, &node.chart, Some(bundled))
                    .await
                    .is_ok(),
                None => false,
            };
            match (node.bundled.filter(|_| bundled), node.resolved) {
                (Some(chosen), _) | (None, Some(chosen)) => found.push((known, node.chart, chosen)),
                (None, None) => beside.concerns.push(format!(
                    "{repository}/{name} {version} depends on {} {}, and {known} has no such version.",
                    node.chart, node.range
                )),
            }
        }
        Ok(found)
    }

    /// The blobs of a version, its manifest last, and whether it is signed.
    async fn blobs(
        &self,
        viewer: &Viewer,
        (repository, name, version): (&str, &str, &str),
        beside: &mut Beside,
    ) -> Result<(Vec<Bytes>, Manifest, bool)> {
        let backend = self.backend;
        let record = backend
            .find_version(viewer, repository, name, Some(version))
            .await?;
        let files = backend.chart_files(repository, record.clone()).await?;
        let (digest, stream) = backend.chart_archive(repository, record).await?;
        let archive: Vec<Bytes> = stream.body.try_collect().await?;
        let archive = Bytes::from(archive.concat());
        let provenance = match backend
            .mirrors()
            .provenance(viewer, repository, name, version)
            .await
        {
            Ok(body) => Some(body),
            Err(Error::NotFound { .. }) => None,
            Err(error) => {
                beside.concerns.push(format!(
                    "Whether {repository}/{name} {version} has a provenance file could not be found out: {error}."
                ));
                None
            }
        };
        let url = format!("{name}-{version}.tgz");
        let entry = blocking(move || -> Result<String> {
            let metadata = Chart::from_files(files.files.clone())
                .map_err(Error::internal)?
                .metadata;
            let entry = IndexEntry::of_chart(&metadata, url, digest.to_hex(), Timestamp::default());
            Ok(IndexFragment::new(&entry)
                .map_err(Error::internal)?
                .json()
                .to_owned())
        })
        .await??;
        // When it was taken along says nothing about a chart.
        let mut entry: BTreeMap<String, serde_json::Value> =
            serde_json::from_str(&entry).map_err(Error::internal)?;
        entry.remove("created");
        let entry = serde_json::to_string(&entry).map_err(Error::internal)?;
        let (config, manifest) =
            of_chart(&entry, part(&archive), provenance.as_ref().map(part)).map_err(Error::internal)?;
        let named = Manifest::of_chart(part(&manifest), repository, name, version);
        let is_signed = provenance.is_some();
        let mut blobs = vec![archive, config];
        blobs.extend(provenance);
        blobs.push(manifest);
        Ok((blobs, named, is_signed))
    }

    /// The images of a version: of what it comes to with its default values, and those that its annotations and values
    /// name.
    async fn images(
        &self,
        viewer: &Viewer,
        (repository, name, version): (&str, &str, &str),
        beside: &mut Beside,
    ) -> Result<()> {
        let charts = self.backend.charts();
        let detail = charts.get(viewer, repository, name, Some(version)).await?;
        beside.images.extend(detail.version.images);
        let rendered = charts.rendered(viewer, repository, name, Some(version)).await?;
        if let Some(problem) = &rendered.problem {
            let first = problem.message.lines().next().unwrap_or_default();
            beside.concerns.push(format!(
                "{repository}/{name} {version} renders nothing with its default values, so only images that its values \
                 and annotations name are listed: {first}"
            ));
        }
        beside.images.extend(rendered.images);
        beside.images.retain(|image| is_line(image));
        Ok(())
    }
}

/// One name a line: what would be two is left out.
fn is_line(image: &str) -> bool {
    !image.is_empty() && !image.contains(char::is_whitespace) && !image.contains(char::is_control)
}

fn list_of_images(images: &[String]) -> (Vec<Bytes>, Manifest) {
    let mut text = images.join("\n");
    text.push('\n');
    let (text, empty) = (Bytes::from(text), Bytes::from_static(b"{}"));
    let descriptor = |kind: &str, bytes: &Bytes| json!({ "mediaType": kind, "digest": written(Digest::of(bytes)), "size": bytes.len() });
    let mut layer = descriptor("text/plain", &text);
    layer["annotations"] = json!({ TITLE: "images.txt" });
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "artifactType": IMAGES,
        "config": descriptor(EMPTY, &empty),
        "layers": [layer],
    });
    let manifest = Bytes::from(manifest.to_string());
    let named = Manifest::of_images(part(&manifest));
    (vec![empty, text, manifest], named)
}

fn part(bytes: &Bytes) -> Part {
    Part {
        digest: Digest::of(bytes),
        size_bytes: bytes.len() as u64,
    }
}

async fn write(mut writer: BundleWriter, blobs: Vec<Bytes>, path: &Path) -> Result<BundleWriter> {
    let work = move || {
        for blob in &blobs {
            writer.blob(blob)?;
        }
        Ok(writer)
    };
    blocking(work)
        .await?
        .map_err(|error: std::io::Error| unwritable(path, &error))
}

async fn open(path: &Path) -> Result<BundleReader> {
    let file: PathBuf = path.to_owned();
    blocking(move || BundleReader::open(&file))
        .await?
        .map_err(|error| Error::Invalid {
            field: "bundle",
            message: format!("{}: {error}", path.display()),
        })
}

fn unwritable(path: &Path, error: &std::io::Error) -> Error {
    Error::Unavailable {
        what: path.display().to_string(),
        reason: format!("{error}; what was written so far is kept, and the same command goes on with it"),
        retry_after_secs: None,
    }
}

#[cfg(test)]
mod tests {
    use super::WantedCharts;

    #[test]
    fn charts_are_named_by_repository_and_name() {
        let parsed = |text: &str| {
            text.parse::<WantedCharts>()
                .map(|one| (one.repository, one.name, one.range))
        };
        let some = |repository: &str, name: Option<&str>, range: &str| {
            Ok((repository.to_owned(), name.map(str::to_owned), range.to_owned()))
        };
        assert_eq!(parsed("team/web"), some("team", Some("web"), ""));
        assert_eq!(parsed("team/web@^1.2"), some("team", Some("web"), "^1.2"));
        assert_eq!(parsed("team/*"), some("team", None, ""));
        for bad in ["", "web", "team/", "/web", "team/web/x", "team/web@", "team/*@1"] {
            assert!(parsed(bad).is_err(), "{bad}");
        }
    }
}
