//! What runs without anybody asking: syncs that are due, operations that another process left, and the removal of what nothing refers to and what ran out.

mod webhooks;

use std::sync::Arc;
use std::time::{Duration, Instant};

use model::Timestamp;
use model::repository::RepositoryKind;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
pub(crate) use webhooks::SECRET_PREFIX;

use crate::hosted::Hosted;
use crate::operations::{forget_old, keep_alive};
use crate::settings::RepositorySettings;
use crate::sync::Why;
use crate::{Backend, Viewer};

/// How often the database is asked what is due: another process may have added a repository.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// An address that leads to nobody (RFC 6761).
const NOWHERE: &str = "https://hosted.invalid/";
/// How often icons of charts that were uploaded are looked for, and the time that one repository's may take.
const ICONS_EVERY: Duration = Duration::from_secs(5);
const ICONS_TIME: Duration = Duration::from_secs(60);
/// How often garbage is collected, and how long after the start for the first time.
const COLLECT_EVERY: Duration = Duration::from_secs(3600);
/// How long messages to webhooks are shown that came to an end.
const KEEP_DELIVERIES_SECS: i64 = 7 * 86_400;
const FIRST_COLLECTION: Duration = Duration::from_secs(60);

/// The background work of a [`Backend`]; dropping it stops the work without waiting.
pub struct Jobs {
    backend: Backend,
    stop: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

impl Jobs {
    pub(crate) fn start(backend: Backend) -> Self {
        let mut jobs = Self::start_without_pages(backend);
        if jobs.backend.inner().hosted.is_some() {
            let icons = fetch_icons(jobs.backend.clone(), jobs.stop.clone());
            jobs.tasks.push(tokio::spawn(icons));
        }
        jobs
    }

    /// Without what is only seen on pages.
    pub(crate) fn start_without_pages(backend: Backend) -> Self {
        let stop = CancellationToken::new();
        let scheduler = tokio::spawn(schedule(backend.clone(), stop.clone()));
        let operations = tokio::spawn(keep_alive(backend.clone(), stop.clone()));
        let collector = tokio::spawn(collect(backend.clone(), stop.clone()));
        let mut tasks = vec![scheduler, collector, operations];
        if let Some(hosted) = &backend.inner().hosted {
            tasks.push(tokio::spawn(watch_hosted(Arc::clone(hosted), stop.clone())));
            let sender = webhooks::send(backend.clone(), Arc::clone(hosted), stop.clone());
            tasks.push(tokio::spawn(sender));
        }
        Self { backend, stop, tasks }
    }

    /// Stops taking up work and waits until what runs has come to a safe end.
    pub async fn shutdown(mut self) {
        // While they go on, others must see that they do.
        self.backend.inner().running.shutdown().await;
        self.stop.cancel();
        for task in self.tasks.drain(..) {
            // A task that panicked has ended, which is all that is asked.
            let _ = task.await;
        }
        self.backend.inner().syncs.shutdown().await;
    }
}

impl Drop for Jobs {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Backend {
    /// Fetches the icons that hosted charts name and that are not here.
    async fn fetch_hosted_icons(&self) -> crate::Result<()> {
        let inner = self.inner();
        for repository in inner.store.list_hosted().await? {
            // Of no host: there are no credentials to send, and no host may be in a private network for its sake.
            let nowhere = RepositorySettings::new(repository.name.as_str(), NOWHERE);
            let source = inner.upstream.source(&nowhere).map_err(crate::Error::internal)?;
            let fetch = inner.syncs.icons.fetch(&source, repository.id);
            match tokio::time::timeout(ICONS_TIME, fetch).await {
                Ok(fetched) => fetched?,
                Err(_elapsed) => {
                    tracing::debug!(repository.name = %repository.name, "icons are left for the next time");
                }
            }
        }
        Ok(())
    }
}

async fn schedule(backend: Backend, stop: CancellationToken) {
    let inner = backend.inner();
    // At the start of the only process that uses the database, whoever held a claim is dead.
    if inner.store.is_embedded()
        && let Err(error) = inner.store.release_all_claims().await
    {
        tracing::error!(error = %error, "claims of an earlier process cannot be given back");
    }
    loop {
        if inner.settings.sync.enabled {
            start_due(&backend).await;
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = inner.due.notified() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

async fn start_due(backend: &Backend) {
    let inner = backend.inner();
    let repositories = match inner.store.list_repositories().await {
        Ok(repositories) => repositories,
        Err(error) => {
            tracing::error!(error = %crate::Error::from(error).chain(), "due repositories cannot be read");
            return;
        }
    };
    let now = inner.clock.now();
    for repository in repositories {
        let is_due = repository.kind == RepositoryKind::Synced && repository.next_run <= now;
        if is_due && !inner.syncs.is_running(repository.id) {
            inner.syncs.start(&repository, Why::Due);
        }
    }
}

/// Notices what others do in the directory of hosted charts.
async fn watch_hosted(hosted: Arc<Hosted>, stop: CancellationToken) {
    let rescan = Duration::from_secs(hosted.settings.rescan_secs.max(1));
    let mut scanned: Option<Instant> = None;
    loop {
        let is_due = scanned.is_none_or(|at| at.elapsed() >= rescan);
        let look = async {
            match is_due {
                true => hosted.scan_all().await,
                false => hosted.look_at_all().await,
            }
        };
        let looked = tokio::select! {
            () = stop.cancelled() => return,
            looked = look => looked,
        };
        if is_due {
            scanned = Some(Instant::now());
        }
        if let Err(error) = looked {
            tracing::error!(error = %error.chain(), "the directory of hosted charts cannot be read");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

/// Fetches the icons that hosted charts name; those of other repositories come with their syncs.
async fn fetch_icons(backend: Backend, stop: CancellationToken) {
    loop {
        let fetched = tokio::select! {
            () = stop.cancelled() => return,
            fetched = backend.fetch_hosted_icons() => fetched,
        };
        if let Err(error) = fetched {
            tracing::error!(error = %error.chain(), "icons of hosted charts cannot be fetched");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(ICONS_EVERY) => {}
        }
    }
}

async fn collect(backend: Backend, stop: CancellationToken) {
    let inner = backend.inner();
    let mut wait = FIRST_COLLECTION;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
        wait = COLLECT_EVERY;
        if let Err(error) = backend.forget_sessions().await {
            tracing::error!(error = %error.chain(), "sessions that ran out cannot be removed");
        }
        if let Err(error) = forget_old(&backend).await {
            tracing::error!(error = %error.chain(), "old operations cannot be removed");
        }
        if let Some(hosted) = &inner.hosted
            && let Err(error) = hosted.tidy().await
        {
            tracing::error!(error = %error.chain(), "what is left of hosted charts cannot be tidied up");
        }
        let delivered_before = Timestamp(inner.clock.now().0 - KEEP_DELIVERIES_SECS);
        if let Err(error) = inner.store.forget_deliveries(delivered_before).await {
            tracing::error!(error = %crate::Error::from(error).chain(), "old messages to webhooks cannot be removed");
        }
        if let Err(error) = backend.hosted().run_retention(&Viewer::system()).await {
            tracing::error!(error = %error.chain(), "retention rules cannot be applied");
        }
        let keep_secs = inner.settings.storage.unreferenced_keep_secs;
        match inner
            .blobs
            .collect(&inner.store, inner.clock.now(), keep_secs)
            .await
        {
            Ok(collected) if collected.n_removed > 0 => tracing::info!(
                n_removed = collected.n_removed,
                n_kept = collected.n_kept,
                size_bytes = collected.kept_bytes,
                "removed {} objects that nothing refers to",
                collected.n_removed
            ),
            Ok(_) => {}
            Err(error) => tracing::error!(error = %error.chain(), "garbage cannot be collected"),
        }
    }
}
