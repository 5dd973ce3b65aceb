//! One sync from claim to report, and who runs which.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use model::Timestamp;
use model::repository::{SyncPhase, SyncRun};
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;

use super::Board;
use super::archives::{Archives, Turn};
use super::index::{IndexBody, TakeError, TakenOver, Taking};
use crate::blobs::Blobs;
use crate::clock::Clock;
use crate::icons::Icons;
use crate::settings::{ArchivePolicy, RepositorySettings, Settings};
use crate::store::{ArchiveResult, PendingArchive, RepositoryRecord, RunRecord, Store};
use crate::upstream::{Answer, Get, Source, Upstream};
use crate::{Error, Result};

/// How long a claim on a repository holds without being renewed.
const CLAIM_SECS: i64 = 60;
/// Archives asked for at a time, and noted at a time.
const PAGE: i64 = 500;
const NOTE_EVERY: usize = 64;
/// After how long a sync goes on that described some versions of a registry and left others.
const CONTINUE_SECS: u64 = 60;
/// Time that a sync has for icons; what is not here by then is tried by the next.
const ICONS_TIME: Duration = Duration::from_secs(60);

/// Runs syncs: one at a time of each repository, so many at a time in all.
pub(crate) struct Syncs {
    pub(crate) settings: Arc<Settings>,
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) upstream: Arc<Upstream>,
    pub(crate) archives: Arc<Archives>,
    pub(crate) icons: Icons,
    pub(crate) board: Arc<Board>,
    /// This process among those that share the database.
    owner: String,
    slots: Semaphore,
    running: Mutex<HashMap<i64, Running>>,
    stop: CancellationToken,
}

/// A sync that runs; cloning it is cheap, dropping it does not stop it.
#[derive(Clone)]
pub(crate) struct Running {
    pub(crate) repository: String,
    done: watch::Receiver<Option<Result<SyncRun>>>,
}

impl Running {
    /// Waits for the end.
    pub(crate) async fn finish(&mut self) -> Result<SyncRun> {
        match self.done.wait_for(Option::is_some).await {
            Ok(result) => result
                .clone()
                .unwrap_or_else(|| Err(interrupted(&self.repository))),
            Err(_) => Err(interrupted(&self.repository)),
        }
    }
}

/// Why a sync runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// Its time has come.
    Due,
    /// Somebody wants to see what there is now.
    Asked,
}

/// A sync's place among the running.
struct Place<'a> {
    syncs: &'a Syncs,
    id: i64,
    name: &'a str,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.syncs
            .running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.id);
        self.syncs.board.clear(self.name);
    }
}

/// Counts of a run so far, kept whether it ends well or not.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) unchanged: bool,
    pub(super) taken: TakenOver,
    n_archives: u64,
    /// There is more to do than a sync does at once.
    pub(super) is_unfinished: bool,
}

impl Syncs {
    pub(crate) fn new(
        settings: Arc<Settings>,
        store: Store,
        clock: Arc<dyn Clock>,
        upstream: Arc<Upstream>,
        archives: Arc<Archives>,
        blobs: Blobs,
    ) -> Self {
        let slots = Semaphore::new(settings.sync.max_repositories.max(1));
        let owner = format!("{}-{}", std::process::id(), clock.now_ms());
        let icons = Icons {
            store: store.clone(),
            blobs,
            clock: Arc::clone(&clock),
            limits: settings.limits.clone(),
        };
        Self {
            settings,
            store,
            clock,
            upstream,
            archives,
            icons,
            board: Arc::new(Board::new()),
            owner,
            slots,
            running: Mutex::default(),
            stop: CancellationToken::new(),
        }
    }

    /// Starts a sync, or joins the one that runs.
    pub(crate) fn start(self: &Arc<Self>, repository: &RepositoryRecord, why: Why) -> Running {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = running.get(&repository.id) {
            return known.clone();
        }
        let (done, waiting) = watch::channel(None);
        let started = Running {
            repository: repository.name.clone(),
            done: waiting,
        };
        running.insert(repository.id, started.clone());
        drop(running);
        let syncs = Arc::clone(self);
        let (id, name) = (repository.id, repository.name.clone());
        tokio::spawn(async move {
            // Also when the sync panics: a repository must not look busy for ever.
            let place = Place {
                syncs: &syncs,
                id,
                name: &name,
            };
            let result = syncs.run(&name, why).await;
            drop(place);
            done.send_replace(Some(result));
        });
        started
    }

    pub(crate) fn is_running(&self, id: i64) -> bool {
        self.running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .contains_key(&id)
    }

    /// Asks every sync to stop where it is and waits until all have.
    pub(crate) async fn shutdown(&self) {
        self.stop.cancel();
        let running: Vec<Running> = self
            .running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .values()
            .cloned()
            .collect();
        for mut sync in running {
            let _ = sync.finish().await;
        }
    }

    async fn run(&self, name: &str, why: Why) -> Result<SyncRun> {
        let _slot = tokio::select! {
            slot = self.slots.acquire() => slot.map_err(Error::internal)?,
            () = self.stop.cancelled() => return Err(interrupted(name)),
        };
        // Read here, not when it was asked for: an accepted index or new settings count.
        let repository = self
            .store
            .find_repository(name)
            .await?
            .ok_or_else(|| Error::not_found("repository", name))?;
        let now = self.clock.now();
        let until = Timestamp(now.0 + CLAIM_SECS);
        if !self
            .store
            .claim_repository(repository.id, &self.owner, until, now)
            .await?
        {
            return Err(Error::Conflict {
                what: format!("repository `{name}`"),
                reason: "another process is syncing it".to_owned(),
            });
        }
        let result = tokio::select! {
            result = self.claimed(&repository, why) => result,
            lost = self.keep_claim(repository.id) => Err(lost),
            () = self.stop.cancelled() => Err(interrupted(name)),
        };
        self.store.release_claim(repository.id, &self.owner).await?;
        result
    }

    /// Renews the claim for as long as it is held.
    async fn keep_claim(&self, id: i64) -> Error {
        loop {
            tokio::time::sleep(Duration::from_secs(CLAIM_SECS.unsigned_abs() / 3)).await;
            let until = Timestamp(self.clock.now().0 + CLAIM_SECS);
            match self.store.renew_claim(id, &self.owner, until).await {
                Ok(true) => {}
                Ok(false) => {
                    return Error::Conflict {
                        what: "the claim on the repository".to_owned(),
                        reason: "another process took it".to_owned(),
                    };
                }
                Err(error) => return error.into(),
            }
        }
    }

    #[tracing::instrument(name = "sync.run", skip_all, fields(repository.name = %repository.name))]
    async fn claimed(&self, repository: &RepositoryRecord, why: Why) -> Result<SyncRun> {
        let started = self.clock.now();
        let clock = Instant::now();
        self.board.set(
            &repository.name,
            SyncPhase::Index,
            0,
            repository.n_versions.unsigned_abs(),
        );
        let mut tally = Tally::default();
        let result = self.steps(repository, why, &mut tally).await;
        let error = match &result {
            Ok(()) => None,
            Err(Failure::Words(words)) => Some(words.clone()),
            Err(Failure::Internal(error)) => {
                tracing::error!(
                    repository.name = %repository.name, error = %error.chain(),
                    "sync of {} failed", repository.name
                );
                Some("internal error".to_owned())
            }
        };
        let run = SyncRun {
            started,
            duration_ms: u64::try_from(clock.elapsed().as_millis()).unwrap_or(u64::MAX),
            unchanged: tally.unchanged,
            n_added: tally.taken.n_added,
            n_changed: tally.taken.n_changed,
            n_yanked: tally.taken.n_yanked,
            n_archives: tally.n_archives,
            error: error.clone(),
        };
        self.report(repository, &run, tally.is_unfinished).await?;
        match result {
            Err(Failure::Internal(error)) => Err(error),
            Ok(()) | Err(Failure::Words(_)) => Ok(run),
        }
    }

    /// How often a repository is looked at, in seconds.
    pub(super) fn interval(&self, repository: &RepositoryRecord) -> u64 {
        let own = repository.to_settings().interval_secs;
        own.unwrap_or(self.settings.sync.interval_secs).max(1)
    }

    async fn report(&self, repository: &RepositoryRecord, run: &SyncRun, is_unfinished: bool) -> Result<()> {
        let now = self.clock.now();
        let interval = self.interval(repository);
        self.store.count_repository(repository.id).await?;
        match &run.error {
            None => {
                let wait = if is_unfinished {
                    interval.min(CONTINUE_SECS)
                } else {
                    interval
                };
                let next = Timestamp(now.0.saturating_add_unsigned(wait));
                self.store.note_success(repository.id, now, next).await?;
                tracing::info!(
                    repository.name = %repository.name, duration_ms = run.duration_ms, unchanged = run.unchanged,
                    n_added = run.n_added, n_archives = run.n_archives, "synced {}", repository.name
                );
            }
            Some(words) => {
                let wait = self.settings.sync.retry_secs.max(1) << repository.n_failures.clamp(0, 16);
                let next = Timestamp(now.0.saturating_add_unsigned(wait.min(interval)));
                self.store.note_failure(repository.id, words, next).await?;
                tracing::warn!(
                    repository.name = %repository.name, error = %words,
                    "sync of {} did not succeed", repository.name
                );
            }
        }
        let record = RunRecord {
            repository_id: repository.id,
            run: run.clone(),
        };
        self.store.insert_run(&record).await?;
        self.board.ring(&repository.name);
        Ok(())
    }

    async fn steps(&self, repository: &RepositoryRecord, why: Why, tally: &mut Tally) -> Result<(), Failure> {
        let settings = repository.to_settings();
        let words = |error: crate::upstream::FetchError| Failure::Words(error.in_words());
        let source = self.upstream.source(&settings).map_err(words)?;
        if settings.is_registry() {
            return self
                .follow_registry(repository, &settings, &source, why, tally)
                .await;
        }
        let url = source.resolve("index.yaml").map_err(words)?;
        let get = Get {
            accept: "application/json, application/yaml, text/yaml, */*;q=0.8",
            gzip: true,
            etag: repository.index_etag.clone(),
            last_modified: repository.index_last_modified.clone(),
            max_bytes: self.settings.sync.max_index_bytes,
            ..Get::default()
        };
        match source.get(&url, &get).await.map_err(words)? {
            Answer::NotModified => tally.unchanged = true,
            Answer::Body(body) => {
                tally.taken = self.take_over(repository, IndexBody::Upstream(body)).await?;
            }
        }
        tally.taken.check_held()?;
        self.fetch_rest(repository, &settings, &source, tally).await
    }

    /// Fetches archives, icons and provenance files, as the policies want them.
    pub(super) async fn fetch_rest(
        &self,
        repository: &RepositoryRecord,
        settings: &RepositorySettings,
        source: &Source,
        tally: &mut Tally,
    ) -> Result<(), Failure> {
        let policy = settings.archives.unwrap_or(self.settings.sync.archives);
        // Icons lie on hosts of their own: one that does not answer must delay neither archives nor the next sync.
        let icons = tokio::time::timeout(ICONS_TIME, self.icons.fetch(source, repository.id));
        let archives = self.fetch_archives(repository, Some(source), policy, tally);
        let (icons, archives) = tokio::join!(icons, archives);
        match icons {
            Ok(fetched) => fetched?,
            Err(_elapsed) => tracing::debug!(
                repository.name = %repository.name, "icons of {} are left for the next sync", repository.name
            ),
        }
        archives?;
        let policy = self.provenance_policy(&repository.name, settings);
        self.fetch_provenance(repository, source, policy).await
    }

    pub(super) async fn take_over(
        &self,
        repository: &RepositoryRecord,
        body: IndexBody,
    ) -> Result<TakenOver, Failure> {
        Ok(self.taking(repository).run(body).await?)
    }

    pub(super) fn taking<'a>(&'a self, repository: &'a RepositoryRecord) -> Taking<'a> {
        Taking {
            store: &self.store,
            clock: &*self.clock,
            board: &self.board,
            repository,
            max_bytes: self.settings.sync.max_index_bytes,
        }
    }

    pub(super) async fn fetch_samples(&self, repository: &RepositoryRecord) -> Result<(), Failure> {
        self.fetch_archives(repository, None, ArchivePolicy::All, &mut Tally::default())
            .await
    }

    /// Fetches what the policy wants: first the newest version of every chart.
    async fn fetch_archives(
        &self,
        repository: &RepositoryRecord,
        source: Option<&Source>,
        policy: ArchivePolicy,
        tally: &mut Tally,
    ) -> Result<(), Failure> {
        if policy == ArchivePolicy::OnDemand {
            return Ok(());
        }
        let (n_wanted, _) = self.store.count_archives(repository.id, policy).await?;
        self.fetch_pass(repository, source, true, n_wanted, tally).await?;
        if policy == ArchivePolicy::All {
            self.fetch_pass(repository, source, false, n_wanted, tally)
                .await?;
        }
        Ok(())
    }

    async fn fetch_pass(
        &self,
        repository: &RepositoryRecord,
        source: Option<&Source>,
        is_newest: bool,
        n_wanted: u64,
        tally: &mut Tally,
    ) -> Result<(), Failure> {
        let mut after = 0;
        loop {
            let now = self.clock.now();
            let page = match is_newest {
                true => self.store.wanted_latest(repository.id, after, now, PAGE).await?,
                false => self.store.wanted_all(repository.id, after, now, PAGE).await?,
            };
            let Some(last) = page.last() else {
                return Ok(());
            };
            if !self.archives.has_room() {
                tracing::warn!("the object store is full: archives are fetched when somebody looks at them");
                return Ok(());
            }
            after = if is_newest { last.chart_id } else { last.id };
            self.fetch_page(repository, source, is_newest, page, n_wanted, tally)
                .await?;
        }
    }

    async fn fetch_page(
        &self,
        repository: &RepositoryRecord,
        source: Option<&Source>,
        is_newest: bool,
        page: Vec<PendingArchive>,
        n_wanted: u64,
        tally: &mut Tally,
    ) -> Result<(), Failure> {
        let mut fetches = futures_util::stream::iter(page)
            .map(|wanted| async move {
                if !self.archives.has_room() {
                    return None;
                }
                // Somebody who looks at the chart fetches it at this moment.
                let turn = self.archives.take_turn(wanted.id).ok()?;
                Some((self.archives.get(source, &wanted).await, turn))
            })
            .buffer_unordered(self.settings.sync.concurrency.max(1));
        let mut results: Vec<(ArchiveResult, bool)> = Vec::new();
        // Turns end when their results are noted: whoever waits for one reads the result next.
        let mut turns: Vec<Turn> = Vec::new();
        while let Some(fetched) = fetches.next().await {
            let Some((result, turn)) = fetched else { continue };
            if matches!(result, ArchiveResult::Read { .. }) {
                tally.n_archives += 1;
            }
            results.push((result, is_newest));
            turns.push(turn);
            if results.len() >= NOTE_EVERY {
                self.archives.note(&results).await?;
                results.clear();
                turns.clear();
                let n_total = n_wanted.max(tally.n_archives);
                self.board
                    .set(&repository.name, SyncPhase::Archives, tally.n_archives, n_total);
            }
        }
        self.archives.note(&results).await?;
        self.board.set(
            &repository.name,
            SyncPhase::Archives,
            tally.n_archives,
            n_wanted.max(tally.n_archives),
        );
        Ok(())
    }
}

/// Why a sync did not succeed.
#[derive(Debug)]
pub(super) enum Failure {
    /// For the repository's page.
    Words(String),
    /// For the log.
    Internal(Error),
}

impl TakenOver {
    /// An index that was held back is a sync that did not succeed.
    pub(super) fn check_held(&self) -> Result<(), Failure> {
        match &self.held {
            None => Ok(()),
            Some(held) => Err(Failure::Words(format!(
                "the index has {} versions where there were {}: it is held back until it is accepted",
                held.n_versions_now, held.n_versions_before
            ))),
        }
    }
}

impl From<TakeError> for Failure {
    fn from(error: TakeError) -> Self {
        match error {
            TakeError::Fetch(error) => Self::Words(error.in_words()),
            TakeError::Index(error) => Self::Words(error.to_string()),
            TakeError::Store(error) => Self::Internal(error.into()),
            TakeError::Parser => Self::Internal(Error::internal(error)),
        }
    }
}

impl From<crate::store::StoreError> for Failure {
    fn from(error: crate::store::StoreError) -> Self {
        Self::Internal(error.into())
    }
}

fn interrupted(name: &str) -> Error {
    Error::Unavailable {
        what: format!("the sync of `{name}`"),
        reason: "the server is stopping".to_owned(),
        retry_after_secs: None,
    }
}
