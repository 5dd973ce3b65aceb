//! Where charts come from, and how the work of following them goes.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use model::page::Page;
use model::repository::{
    RepositoryAction, RepositoryDetail, RepositoryKind, RepositorySummary, SyncProgress, SyncRun, SyncState,
};
use tokio::sync::broadcast;

use super::authorise::Action;
use super::part::{self, Start};
use crate::settings::RepositorySettings;
use crate::store::{ManagedBy, NewRepositoryRecord, RepositoryRecord, StoredSettings};
use crate::sync::{Running, Why};
use crate::upstream::split_credentials;
use crate::{Backend, Error, Result, Viewer};

/// Left out entries that a page tells of.
const MAX_SKIPPED: i64 = 100;
/// A watcher hears of the same repository at most this often.
const WATCH_EVERY: Duration = Duration::from_millis(250);

/// Operations on repositories.
pub struct Repositories<'a> {
    backend: &'a Backend,
}

/// A repository to add.
pub type NewRepository = RepositorySettings;

/// A sync that runs; dropping it does not stop it.
pub struct SyncHandle {
    backend: Backend,
    running: Running,
    bell: broadcast::Receiver<String>,
    last: Option<SyncProgress>,
}

impl SyncHandle {
    /// How far it is, whenever that changes; `None` once it is over.
    pub async fn progress(&mut self) -> Option<SyncProgress> {
        loop {
            let now = self
                .backend
                .inner()
                .syncs
                .board
                .progress(&self.running.repository);
            if now.is_some() && now != self.last {
                self.last.clone_from(&now);
                return now;
            }
            tokio::select! {
                // First: what is over has no progress any more.
                biased;
                _ = self.running.finish() => return None,
                // Missed rings are made up for by looking again.
                _ = self.bell.recv() => {}
            }
        }
    }

    /// Waits for the end.
    pub async fn finish(mut self) -> Result<SyncRun> {
        self.running.finish().await
    }
}

impl<'a> Repositories<'a> {
    pub(crate) fn new(backend: &'a Backend) -> Self {
        Self { backend }
    }

    /// All repositories by name.
    #[tracing::instrument(name = "op.repository.list", skip_all, err)]
    pub async fn list(&self, viewer: &Viewer) -> Result<Vec<RepositorySummary>> {
        self.backend.authorise(viewer, Action::ReadRepositories)?;
        let mut list = Vec::new();
        for record in self.seen(viewer).await? {
            list.push(self.backend.summary(viewer, record).await?);
        }
        Ok(list)
    }

    /// Those that the viewer may know of, and the one that a first upload would make for somebody who may begin.
    async fn seen(&self, viewer: &Viewer) -> Result<Vec<RepositoryRecord>> {
        let mut records = self.backend.inner().store.list_repositories().await?;
        if let Some(to_be) = self.backend.hosted_to_be(viewer)
            && records.iter().all(|record| record.name != to_be.name)
        {
            records.push(to_be);
        }
        records.retain(|record| self.backend.sees_repository(viewer, record));
        Ok(records)
    }

    /// One part of the same. `cursor` is one that another part named: the name that its rows come after, and empty for the
    /// first part.
    #[tracing::instrument(name = "op.repository.page", skip_all, err)]
    pub async fn page(&self, viewer: &Viewer, cursor: &str) -> Result<Page<RepositorySummary>> {
        self.backend.authorise(viewer, Action::ReadRepositories)?;
        part::check_cursor(cursor, |name| check_name(name).is_ok())?;
        // The rows are few and small; what is said of one's archives is counted for those alone that are shown.
        let records = self.seen(viewer).await?;
        let part = part::by_name(records, |record| record.name.as_str(), Start::After(cursor));
        let mut items = Vec::new();
        for record in part.items {
            items.push(self.backend.summary(viewer, record).await?);
        }
        Ok(Page {
            items,
            total: part.total,
            first_position: part.first_position,
            next: part.next,
            previous: part.previous,
        })
    }

    /// Those with most charts, by name, and how many repositories there are.
    pub(super) async fn largest(&self, viewer: &Viewer, n: usize) -> Result<(Vec<RepositorySummary>, u64)> {
        self.backend.authorise(viewer, Action::ReadRepositories)?;
        let mut records = self.seen(viewer).await?;
        let n_all = records.len() as u64;
        records.sort_by(|a, b| (b.n_charts, &a.name).cmp(&(a.n_charts, &b.name)));
        records.truncate(n);
        records.sort_by(|a, b| a.name.cmp(&b.name));
        let mut list = Vec::new();
        for record in records {
            list.push(self.backend.summary(viewer, record).await?);
        }
        Ok((list, n_all))
    }

    /// One repository with what was left out of it and its newest runs.
    #[tracing::instrument(name = "op.repository.get", skip_all, fields(repository.name = %name))]
    pub async fn get(&self, viewer: &Viewer, name: &str) -> Result<RepositoryDetail> {
        self.backend.authorise(viewer, Action::ReadRepositories)?;
        let record = self.backend.find_repository(viewer, name).await?;
        let store = &self.backend.inner().store;
        let hosted = match &record.hosted_tenant {
            Some(tenant) => self.backend.hosted().repository(viewer, tenant).await?,
            None => None,
        };
        Ok(RepositoryDetail {
            skipped: store.list_skipped(record.id, MAX_SKIPPED).await?,
            history: store.list_runs(record.id).await?,
            summary: self.backend.summary(viewer, record).await?,
            hosted,
        })
    }

    /// Adds a repository; its first sync is due at once.
    #[tracing::instrument(name = "op.repository.add", skip_all, fields(repository.name = %repository.name))]
    pub async fn add(&self, viewer: &Viewer, repository: NewRepository) -> Result<RepositorySummary> {
        let name = repository.name.clone();
        let work = self.insert(viewer, repository);
        self.backend
            .audited(viewer, Action::ManageRepositories, "repository.add", &name, work)
            .await
    }

    async fn insert(&self, viewer: &Viewer, mut repository: NewRepository) -> Result<RepositorySummary> {
        let inner = self.backend.inner();
        check_name(&repository.name)?;
        let invalid = |error: crate::upstream::FetchError| Error::Invalid {
            field: "url",
            message: error.in_words(),
        };
        split_credentials(&mut repository).map_err(invalid)?;
        inner.upstream.source(&repository).map_err(invalid)?;
        let settings = StoredSettings::from(&repository);
        let record = self
            .backend
            .record(viewer, "repository.add", &repository.name, &repository.url);
        inner
            .store
            .insert_repository(&NewRepositoryRecord {
                name: repository.name.clone(),
                url: repository.url,
                kind: RepositoryKind::Synced,
                managed_by: ManagedBy::Operator,
                settings,
                created_at: inner.clock.now(),
            })
            .await?;
        self.backend.note(record).await;
        inner.due.notify_one();
        inner.syncs.board.ring(&repository.name);
        self.backend
            .summary(viewer, self.find(&repository.name).await?)
            .await
    }

    /// Removes a repository with its charts.
    #[tracing::instrument(name = "op.repository.remove", skip_all, fields(repository.name = %name))]
    pub async fn remove(&self, viewer: &Viewer, name: &str) -> Result<()> {
        let work = async {
            let record = self.find(name).await?;
            if record.kind == RepositoryKind::Hosted {
                return Err(Error::Conflict {
                    what: format!("repository `{name}`"),
                    reason:
                        "its charts are uploaded here: delete them, or switch hosted repositories off in the \
                             configuration"
                            .to_owned(),
                });
            }
            if record.managed_by == ManagedBy::Config {
                return Err(Error::Conflict {
                    what: format!("repository `{name}`"),
                    reason: "it is managed by the configuration file: remove it there".to_owned(),
                });
            }
            let inner = self.backend.inner();
            inner.store.delete_repository(record.id).await?;
            let record = self.backend.record(viewer, "repository.remove", name, "");
            self.backend.note(record).await;
            inner.syncs.board.ring(name);
            Ok(())
        };
        self.backend
            .audited(
                viewer,
                Action::ManageRepositories,
                "repository.remove",
                name,
                work,
            )
            .await
    }

    /// Starts a sync, or joins the one that runs.
    #[tracing::instrument(name = "op.repository.sync", skip_all, fields(repository.name = %name))]
    pub async fn sync_now(&self, viewer: &Viewer, name: &str) -> Result<SyncHandle> {
        self.backend.authorise(viewer, Action::ManageRepositories)?;
        let record = self.find(name).await?;
        if record.kind == RepositoryKind::Samples {
            return Err(Error::Conflict {
                what: format!("repository `{name}`"),
                reason: "its charts came with the program and need no sync".to_owned(),
            });
        }
        if record.kind == RepositoryKind::Hosted {
            return Err(Error::Conflict {
                what: format!("repository `{name}`"),
                reason: "its charts are uploaded here and need no sync".to_owned(),
            });
        }
        let syncs = &self.backend.inner().syncs;
        let bell = syncs.board.listen();
        let running = syncs.start(&record, Why::Asked);
        Ok(SyncHandle {
            backend: self.backend.clone(),
            running,
            bell,
            last: None,
        })
    }

    /// Takes over an index that was held back because it shrank; the next sync, which is due at once, does it.
    #[tracing::instrument(name = "op.repository.accept", skip_all, fields(repository.name = %name))]
    pub async fn accept_held(&self, viewer: &Viewer, name: &str) -> Result<()> {
        let work = async {
            let record = self.find(name).await?;
            let inner = self.backend.inner();
            if !inner.store.accept_held(record.id, inner.clock.now()).await? {
                return Err(Error::Conflict {
                    what: format!("repository `{name}`"),
                    reason: "no index is held back".to_owned(),
                });
            }
            let record = self.backend.record(viewer, "repository.accept", name, "");
            self.backend.note(record).await;
            inner.due.notify_one();
            Ok(())
        };
        self.backend
            .audited(
                viewer,
                Action::ManageRepositories,
                "repository.accept",
                name,
                work,
            )
            .await
    }

    /// The state of every repository whenever it changes, as `(name, state)`.
    pub fn watch(&self, viewer: &Viewer) -> Result<BoxStream<'static, (String, SyncState)>> {
        self.backend.authorise(viewer, Action::ReadRepositories)?;
        let backend = self.backend.clone();
        let bell = backend.inner().syncs.board.listen();
        let watching = (backend, viewer.clone(), bell, Vec::new());
        Ok(futures_util::stream::unfold(watching, next_change).boxed())
    }

    async fn find(&self, name: &str) -> Result<RepositoryRecord> {
        let found = self.backend.inner().store.find_repository(name).await?;
        found.ok_or_else(|| Error::not_found("repository", name))
    }
}

type Watching = (Backend, Viewer, broadcast::Receiver<String>, Vec<String>);

/// The next state; several rings for one repository within a moment are one change.
async fn next_change(
    (backend, viewer, mut bell, mut names): Watching,
) -> Option<((String, SyncState), Watching)> {
    use broadcast::error::{RecvError, TryRecvError};
    loop {
        if names.is_empty() {
            match bell.recv().await {
                Ok(name) => names.push(name),
                Err(RecvError::Lagged(_)) => continue,
                Err(RecvError::Closed) => return None,
            }
            tokio::time::sleep(WATCH_EVERY).await;
            loop {
                match bell.try_recv() {
                    Ok(name) if !names.contains(&name) => names.push(name),
                    Ok(_) | Err(TryRecvError::Lagged(_)) => {}
                    Err(TryRecvError::Empty | TryRecvError::Closed) => break,
                }
            }
        }
        let name = names.pop()?;
        // One that was removed meanwhile has no state, and neither has one that the viewer may not know of.
        if let Ok(record) = backend.find_repository(&viewer, &name).await
            && let Ok(summary) = backend.summary(&viewer, record).await
        {
            return Some(((name, summary.state), (backend, viewer, bell, names)));
        }
    }
}

impl Backend {
    async fn summary(&self, viewer: &Viewer, record: RepositoryRecord) -> Result<RepositorySummary> {
        let inner = self.inner();
        let (n_charts, n_versions) = self.counts(viewer, &record).await?;
        let can = self.can(viewer, &record);
        let policy = record
            .to_settings()
            .archives
            .unwrap_or(inner.settings.sync.archives);
        let board = &inner.syncs.board;
        let asked = (policy, record.last_attempt, record.last_success);
        let (n_archives_pending, n_archives_failed) = match board.counts(&record.name, asked) {
            Ok(counts) => counts,
            Err(mark) => {
                let counts = inner.store.count_archives(record.id, policy).await?;
                // A sync that runs changes them all the time, also one of another process.
                if record.last_attempt.is_some() && board.progress(&record.name).is_none() {
                    board.keep_counts(&record.name, &mark, asked, counts);
                }
                counts
            }
        };
        let is_synced = record.kind == RepositoryKind::Synced;
        let state = SyncState {
            last_success: record.last_success,
            last_attempt: record.last_attempt,
            next_run: (is_synced && inner.settings.sync.enabled).then_some(record.next_run),
            running: inner.syncs.board.progress(&record.name),
            last_error: record.last_error,
            n_skipped: record.n_skipped.unsigned_abs(),
            held: record.held,
            n_archives_pending,
            n_archives_failed,
        };
        Ok(RepositorySummary {
            name: record.name,
            url: record.url,
            kind: record.kind,
            n_charts,
            n_versions,
            state,
            is_private: record.is_private,
            can,
        })
    }

    /// How many charts and versions the viewer may know of.
    async fn counts(&self, viewer: &Viewer, record: &RepositoryRecord) -> Result<(u64, u64)> {
        let all = (record.n_charts.unsigned_abs(), record.n_versions.unsigned_abs());
        if record.hosted_tenant.is_none() {
            return Ok(all);
        }
        let snapshot = self.snapshot(viewer).await?;
        if snapshot.view_number() == 0 {
            return Ok(all);
        }
        let charts = snapshot.charts.iter().map(|entry| &entry.record);
        let charts = charts.filter(|chart| chart.repository == record.name);
        Ok(charts.fold((0, 0), |(n_charts, n_versions), chart| {
            (n_charts + 1, n_versions + chart.n_versions.unsigned_abs())
        }))
    }

    /// What the viewer may do with a repository.
    fn can(&self, viewer: &Viewer, record: &RepositoryRecord) -> Vec<RepositoryAction> {
        use RepositoryAction as Can;
        let mut can = Vec::new();
        let may = |action| self.authorise(viewer, action).is_ok();
        match (&record.hosted_tenant, record.kind) {
            (Some(tenant), _) => {
                let actions = [
                    (Can::Pull, Action::PullHosted { tenant }),
                    (Can::Push, Action::PushHosted { tenant }),
                    (Can::Delete, Action::DeleteHosted { tenant }),
                    (Can::Manage, Action::ManageHosted { tenant }),
                ];
                can.extend(
                    actions
                        .into_iter()
                        .filter(|(_, action)| may(*action))
                        .map(|(can, _)| can),
                );
            }
            (None, kind) => {
                if may(Action::ReadCharts) {
                    can.push(Can::Pull);
                }
                if may(Action::ManageRepositories) {
                    can.push(Can::Manage);
                    if kind == RepositoryKind::Synced {
                        can.push(Can::Sync);
                    }
                }
            }
        }
        can
    }
}

/// A repository's name is a segment of URLs and a word on command lines.
pub(crate) fn check_name(name: &str) -> Result<()> {
    let is_inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    let is_outer = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    let is_valid = name.len() <= 63
        && name.chars().all(is_inner)
        && is_outer(name.chars().next())
        && is_outer(name.chars().next_back());
    if is_valid {
        return Ok(());
    }
    Err(Error::Invalid {
        field: "name",
        message: "is made of at most 63 lower-case letters, digits, `-` and `.`, and begins and ends with a letter \
                  or digit"
            .to_owned(),
    })
}
