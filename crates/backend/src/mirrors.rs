//! Indexes of the catalog's repositories as Helm reads them: made once for every change, kept compressed, and handed out
//! until the next one is made.
//!
//! An index of a hundred thousand versions is a hundred megabytes of text, so it is never in memory as a whole: versions go
//! from the database through the writer and the compressor, some charts at a time.

use std::collections::HashMap;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use helm::index::{
    ChartKind, IndexDependency, IndexEntry, IndexFormat, IndexMaintainer, IndexWriter, Timestamp,
};

use crate::catalog::Snapshot;
use crate::ops::segment;
use crate::store::IndexedVersion;
use crate::{Backend, Error, Result, Viewer};

/// Versions of one chart that an index lists.
const MAX_VERSIONS: i64 = 10_000;
/// Charts that are compressed at a time.
const CHARTS_AT_A_TIME: usize = 64;

/// Which index.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Which {
    /// The repository; none is all of them.
    pub(crate) repository: Option<String>,
    pub(crate) is_json: bool,
    /// Which charts somebody does not see: [`Snapshot::view_number`].
    pub(crate) view: u64,
}

/// An index that is ready to be sent.
#[derive(Clone, Debug)]
pub(crate) struct Ready {
    /// What it was made from: the count of the last change and the number of charts.
    stamp: (i64, usize),
    pub(crate) gzip: Bytes,
    /// Length of the whole, unpacked.
    pub(crate) size_bytes: u64,
}

/// A chart to list: repository, name, key.
type Chart = (String, String, i64);

/// The indexes that are ready.
#[derive(Default)]
pub(crate) struct Mirrors {
    ready: Mutex<HashMap<Which, Arc<Ready>>>,
    /// Of many that find one missing, one makes it.
    making: tokio::sync::Mutex<()>,
}

impl Mirrors {
    fn get(&self, which: &Which) -> Option<Arc<Ready>> {
        let ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        ready.get(which).cloned()
    }
}

impl Ready {
    /// Weak: it changes when the document does, and is the same in every process.
    pub(crate) fn etag(&self, which: &Which) -> String {
        let (generation, n_charts) = self.stamp;
        let format = if which.is_json { 'j' } else { 'y' };
        let view = match which.view {
            0 => String::new(),
            view => format!("-{view:x}"),
        };
        format!("W/\"m{generation:x}-{n_charts:x}{view}{format}\"")
    }
}

impl Backend {
    /// The index at the catalog's last change. While a repository is being synced, the last one is good enough: its index
    /// changes with every batch.
    pub(crate) async fn mirror(&self, viewer: &Viewer, which: &Which) -> Result<Arc<Ready>> {
        let mirrors = &self.inner().mirrors;
        let (stamp, _) = mirrored(&*self.snapshot(viewer).await?, which);
        let is_good = |ready: &Ready| ready.stamp == stamp || self.is_syncing(which);
        if let Some(ready) = mirrors.get(which).filter(|ready| is_good(ready)) {
            return Ok(ready);
        }
        let _making = mirrors.making.lock().await;
        let snapshot = self.snapshot(viewer).await?;
        // Somebody may have made a chart private since.
        let which = &Which {
            view: snapshot.view_number(),
            ..which.clone()
        };
        let (stamp, charts) = mirrored(&snapshot, which);
        if let Some(ready) = mirrors.get(which).filter(|ready| ready.stamp == stamp) {
            return Ok(ready);
        }
        let ready = Arc::new(self.make_mirror(which, stamp, charts).await?);
        let mut all = mirrors.ready.lock().unwrap_or_else(PoisonError::into_inner);
        // Besides the whole, one view of a repository is kept: that of visitors, as a rule.
        all.retain(|known, _| {
            known.view == 0 || known.view == which.view || known.repository != which.repository
        });
        all.insert(which.clone(), Arc::clone(&ready));
        Ok(ready)
    }

    fn is_syncing(&self, which: &Which) -> bool {
        let board = &self.inner().syncs.board;
        board.reads_index(which.repository.as_deref())
    }

    #[tracing::instrument(name = "mirror.make", skip_all, err)]
    async fn make_mirror(&self, which: &Which, stamp: (i64, usize), charts: Vec<Chart>) -> Result<Ready> {
        let format = if which.is_json {
            IndexFormat::Json
        } else {
            IndexFormat::Yaml
        };
        let is_all = which.repository.is_none();
        let gzip = GzEncoder::new(Vec::new(), Compression::fast());
        let mut writer = IndexWriter::new(
            Counting {
                out: gzip,
                n_bytes: 0,
            },
            format,
        );
        let mut newest = 0;
        for part in charts.chunks(CHARTS_AT_A_TIME) {
            let mut read = Vec::with_capacity(part.len());
            for chart in part {
                let versions = self.inner().store.indexed_versions(chart.2, MAX_VERSIONS).await?;
                let published = versions.iter().filter_map(|version| version.published_at);
                newest = published.fold(newest, i64::max);
                read.push((chart.clone(), versions));
            }
            let write = move || {
                for (chart, versions) in read {
                    write_chart(&mut writer, &chart, &versions, is_all);
                }
                writer
            };
            writer = tokio::task::spawn_blocking(write)
                .await
                .map_err(Error::internal)?;
        }
        // Of what is in it, so that every process writes the same.
        let writer = writer.generated(Timestamp {
            seconds: newest,
            nanoseconds: 0,
        });
        let finish = move || {
            let counting = writer.finish().map_err(Error::internal)?;
            let gzip = counting.out.finish().map_err(Error::internal)?;
            Ok::<_, Error>((Bytes::from(gzip), counting.n_bytes))
        };
        let (gzip, size_bytes) = tokio::task::spawn_blocking(finish)
            .await
            .map_err(Error::internal)??;
        Ok(Ready {
            stamp,
            gzip,
            size_bytes,
        })
    }
}

/// What an index is made from, and its charts by repository and name.
fn mirrored(snapshot: &Snapshot, which: &Which) -> ((i64, usize), Vec<Chart>) {
    let wanted = which.repository.as_deref();
    let charts = snapshot
        .charts
        .iter()
        .filter(|entry| wanted.is_none_or(|name| name == entry.record.repository));
    let mut generation = 0;
    let mut list = Vec::new();
    for entry in charts {
        let record = &entry.record;
        generation = generation.max(record.generation);
        list.push((record.repository.clone(), record.name.clone(), record.id));
    }
    list.sort_unstable();
    ((generation, list.len()), list)
}

fn write_chart<W: Write>(
    writer: &mut IndexWriter<W>,
    chart: &Chart,
    versions: &[IndexedVersion],
    is_all: bool,
) {
    let (repository, name, _) = chart;
    // Two repositories may have charts of one name, and none may take the other's place.
    let key = match is_all {
        true => format!("{repository}/{name}"),
        false => name.clone(),
    };
    for version in versions {
        let entry = entry_of(repository, name, version, is_all);
        // It came from an index, and can stand in one. If it could not, it alone is missing.
        if let Err(error) = writer.entry_under(&key, &entry) {
            tracing::error!(chart.name = %name, error = %error, "a version is left out of a mirror's index");
        }
    }
}

/// An entry with nothing in it that Helm does not know, and with our own address.
fn entry_of(repository: &str, name: &str, version: &IndexedVersion, is_all: bool) -> IndexEntry {
    let details = &version.details;
    let below = match is_all {
        true => format!("{}/", segment(repository)),
        false => String::new(),
    };
    let file = format!("{name}-{}.tgz", version.version);
    let url = format!(
        "{below}charts/{}/{}/{}",
        segment(name),
        segment(&version.version),
        segment(&file)
    );
    let annotations = [
        ("artifacthub.io/license", &details.license),
        ("artifacthub.io/category", &details.category),
        ("artifacthub.io/alternativeName", &details.alternative_name),
    ];
    IndexEntry {
        chart: name.to_owned(),
        name: name.to_owned(),
        version: version.version.clone(),
        urls: vec![url],
        digest: version.certain_digest(),
        created: version.published_at.map(|seconds| Timestamp {
            seconds,
            nanoseconds: 0,
        }),
        deprecated: version.deprecated,
        kind: match details.is_library {
            true => ChartKind::Library,
            false => ChartKind::Application,
        },
        api_version: "v2".to_owned(),
        app_version: version.app_version.clone(),
        kube_version: details.kube_version.clone(),
        description: Some(details.description.clone()),
        home: details.home.clone(),
        icon: details.icon.clone(),
        sources: details.sources.clone(),
        keywords: details.keywords.clone(),
        maintainers: details
            .maintainers
            .iter()
            .map(|person| IndexMaintainer {
                name: person.name.clone(),
                email: person.email.clone(),
                url: person.url.clone(),
            })
            .collect(),
        dependencies: details
            .dependencies
            .iter()
            .map(|dependency| IndexDependency {
                name: dependency.name.clone(),
                version: Some(dependency.version.clone()).filter(|version| !version.is_empty()),
                repository: Some(dependency.repository.clone()),
                condition: dependency.condition.clone(),
                tags: dependency.tags.clone(),
                alias: dependency.alias.clone(),
                ..IndexDependency::default()
            })
            .collect(),
        annotations: annotations
            .into_iter()
            .filter_map(|(key, value)| Some((key.to_owned(), value.clone()?)))
            .collect(),
        ..IndexEntry::default()
    }
}

/// A writer that counts.
struct Counting<W> {
    out: W,
    n_bytes: u64,
}

impl<W: Write> Write for Counting<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let n = self.out.write(bytes)?;
        self.n_bytes += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}
