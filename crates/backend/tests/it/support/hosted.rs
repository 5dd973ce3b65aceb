//! Hosted repositories on each of the databases, and what tests do with them.

use std::path::Path;
use std::sync::Arc;

use backend::clock::FixedClock;
use backend::ops::NewUpload;
use backend::secret::SecretString;
use backend::{Backend, Bytes, Settings, Viewer};
use futures_util::TryStreamExt as _;
use model::catalog::CatalogQuery;

use super::block_on;
use super::databases::PostgresDatabase;
use super::upstream::Chart;
use super::world::{NOW, settings};

/// A backend on one of the databases.
pub(crate) struct Place {
    pub(crate) backend: Backend,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) dir: tempfile::TempDir,
}

impl Place {
    /// How many files of deleted charts there are.
    pub(crate) fn kept(&self) -> usize {
        std::fs::read_dir(self.dir.path().join("hosted/.kept"))
            .map(|entries| entries.count())
            .unwrap_or_default()
    }
}

async fn open(dir: &Path, url: &str, clock: &Arc<FixedClock>, change: &impl Fn(&mut Settings)) -> Backend {
    let mut settings = Settings {
        database: backend::settings::DatabaseSettings {
            url: SecretString::new(url),
            ..Default::default()
        },
        ..settings(dir)
    };
    settings.hosted.undo_secs = 3_600;
    change(&mut settings);
    Backend::open_with_clock(settings, Arc::clone(clock) as Arc<_>)
        .await
        .expect("it opens")
}

/// Runs a test on an empty backend on each of the databases.
pub(crate) fn on_each<F: Future<Output = Place>>(test: impl Fn(Place) -> F) {
    on_each_with(|_| {}, test);
}

/// The same with settings of the test's own.
pub(crate) fn on_each_with<F: Future<Output = Place>>(
    change: impl Fn(&mut Settings),
    test: impl Fn(Place) -> F,
) {
    block_on(async {
        let place = async |url: &str| {
            let dir = tempfile::tempdir().expect("a directory");
            let clock = Arc::new(FixedClock::new(NOW));
            let backend = open(dir.path(), url, &clock, &change).await;
            Place { backend, clock, dir }
        };
        test(place("").await).await.backend.close().await;
        match PostgresDatabase::create().await {
            Some(database) => {
                test(place(&database.url).await).await.backend.close().await;
                database.drop().await;
            }
            None => eprintln!("skipped on PostgreSQL: TEST_DATABASE_URL is not set"),
        }
    });
}

pub(crate) async fn push(backend: &Backend, tenant: &str, name: &str, version: &str) {
    let new = NewUpload {
        archive: Some(Bytes::from(Chart::new(name, version).archive())),
        ..NewUpload::default()
    };
    let uploaded = backend.hosted().upload(&Viewer::system(), tenant, new).await;
    uploaded.expect("it is taken");
}

pub(crate) async fn index(backend: &Backend, viewer: &Viewer, tenant: &str) -> String {
    let index = backend.hosted().index(viewer, tenant).await.expect("an index");
    String::from_utf8(index.text.plain().concat()).expect("text")
}

/// Charts that somebody finds, with their versions.
pub(crate) async fn found(backend: &Backend, viewer: &Viewer) -> Vec<String> {
    let query = CatalogQuery {
        deprecated: true,
        ..CatalogQuery::default()
    };
    let page = backend.catalog().list(viewer, query).await.expect("a list");
    let mut found: Vec<String> = page
        .charts
        .items
        .into_iter()
        .map(|hit| format!("{} {}", hit.chart.name, hit.chart.version))
        .collect();
    found.sort();
    found
}

/// The bytes of a file, where the viewer may have it.
pub(crate) async fn archive(backend: &Backend, viewer: &Viewer, tenant: &str, file: &str) -> Option<Vec<u8>> {
    let download = backend.hosted().download(viewer, tenant, file).await.ok()?;
    let pieces: Vec<Bytes> = download.body.try_collect().await.expect("it reads");
    Some(pieces.concat())
}

/// What was written down, the last first: `action object: detail`.
pub(crate) async fn log(backend: &Backend) -> Vec<String> {
    let page = backend.audit().list(&Viewer::system(), None, None).await;
    let entries = page.expect("it reads").entries.into_iter();
    entries
        .map(|entry| format!("{} {}: {}", entry.action, entry.object, entry.detail))
        .collect()
}
