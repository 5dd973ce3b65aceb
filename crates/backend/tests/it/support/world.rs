//! A backend with its data in a temporary directory and a clock that stands still.

use std::path::Path;
use std::sync::Arc;

use backend::clock::FixedClock;
use backend::ops::NewRepository;
use backend::settings::RepositorySettings;
use backend::{Backend, Settings, Viewer};
use model::Timestamp;
use model::repository::{RepositoryDetail, SyncRun};

use super::upstream::Upstream;

pub(crate) const NOW: Timestamp = Timestamp(1_795_000_000);

pub(crate) struct World {
    pub(crate) backend: Backend,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) dir: tempfile::TempDir,
}

/// Settings that wait for nothing longer than a test may.
pub(crate) fn settings(dir: &Path) -> Settings {
    let mut settings = Settings {
        data_dir: dir.to_owned(),
        ..Settings::default()
    };
    settings.storage.fsync = false;
    settings.upstream.retries = 0;
    settings.upstream.retry_base_ms = 1;
    settings.upstream.retry_max_ms = 5;
    settings.upstream.first_byte_timeout_secs = 1;
    settings.upstream.body_timeout_secs = 1;
    settings.upstream.connect_timeout_secs = 1;
    settings
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let mut settings = settings(dir.path());
        change(&mut settings);
        let clock = Arc::new(FixedClock::new(NOW));
        let backend = open(settings, &clock).await;
        Self { backend, clock, dir }
    }

    /// The same data in a new process, as far as the backend can tell.
    pub(crate) async fn restart(self, change: impl FnOnce(&mut Settings)) -> Self {
        let Self { backend, clock, dir } = self;
        backend.close().await;
        let mut settings = settings(dir.path());
        change(&mut settings);
        let backend = open(settings, &clock).await;
        Self { backend, clock, dir }
    }

    /// Adds an upstream as a repository that may be on this machine.
    pub(crate) async fn add(&self, name: &str, upstream: &Upstream) {
        self.add_with(NewRepository::new(name, upstream.url())).await;
    }

    pub(crate) async fn add_with(&self, repository: RepositorySettings) {
        let repository = RepositorySettings {
            allow_private_network: true,
            ..repository
        };
        self.backend
            .repositories()
            .add(&Viewer::system(), repository)
            .await
            .expect("it is added");
    }

    /// Syncs to the end.
    pub(crate) async fn sync(&self, name: &str) -> SyncRun {
        let repositories = self.backend.repositories();
        let handle = repositories
            .sync_now(&Viewer::system(), name)
            .await
            .expect("it starts");
        handle.finish().await.expect("it ends")
    }

    /// Versions of a chart that are there, newest first.
    pub(crate) async fn versions(&self, repository: &str, name: &str) -> Vec<String> {
        let charts = self.backend.charts();
        let list = charts.versions(&Viewer::anonymous(), repository, name).await;
        let list = list.expect("there are some").into_iter();
        list.filter(|version| !version.yanked)
            .map(|version| version.version)
            .collect()
    }

    pub(crate) async fn repository(&self, name: &str) -> RepositoryDetail {
        self.backend
            .repositories()
            .get(&Viewer::anonymous(), name)
            .await
            .expect("it exists")
    }
}

async fn open(settings: Settings, clock: &Arc<FixedClock>) -> Backend {
    Backend::open_with_clock(settings, Arc::clone(clock) as _)
        .await
        .expect("it opens")
}
