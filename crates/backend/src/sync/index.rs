//! Taking an index over.
//!
//! The body is parsed on a thread of its own while it arrives; charts come back in batches and are compared with what
//! is stored, so that an index of 20,000 versions of which one is new writes one row. On a first sync every batch is
//! visible at once. Later, changes wait until it is certain that the index did not shrink by more than half: such an
//! index is held back until an operator accepts it, and changes nothing.

use std::collections::{HashMap, HashSet};

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use helm::index::{IndexError, IndexItem, IndexLimits, IndexReader, IndexSummary};
use model::repository::{HeldIndex, SkippedEntry, SyncPhase};
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;

use super::Board;
use super::entry::record_of;
use crate::clock::Clock;
use crate::store::{EntryRecord, RepositoryRecord, Store, StoreError, SyncOutcome};
use crate::upstream::{Body, FetchError};

/// Versions in one batch from the parser, and changes in one transaction.
const BATCH: usize = 500;
/// Reasons for left out entries that are kept.
const MAX_SKIPPED: usize = 100;

/// Where an index comes from.
pub(super) enum IndexBody {
    Upstream(Box<Body>),
    /// In memory, of the bundled charts.
    Ours(Bytes),
}

/// How taking over an index ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct TakenOver {
    pub(super) n_added: u64,
    pub(super) n_changed: u64,
    pub(super) n_yanked: u64,
    /// It shrank too much and changed nothing.
    pub(super) held: Option<HeldIndex>,
}

/// Why an index was not taken over.
#[derive(Debug, thiserror::Error)]
pub(super) enum TakeError {
    #[error(transparent)]
    Fetch(#[from] FetchError),
    #[error("the index cannot be used")]
    Index(#[source] IndexError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the index parser ended early")]
    Parser,
}

/// A chart's versions from the index.
pub(super) struct Group {
    pub(super) chart: String,
    pub(super) entries: Vec<EntryRecord>,
}

/// What a list of a registry's charts, which is no index, says of one of them.
pub(super) enum Listed {
    Chart(Group),
    /// There is something of this name that is left out.
    Skipped(SkippedEntry),
    /// It could not be read: what is stored of the chart is taken for what there is.
    Unread(String),
}

enum FromParser {
    Groups(Vec<Group>),
    Skipped(SkippedEntry),
}

/// Changes to one chart that are not written yet.
struct Change {
    chart: String,
    entries: Vec<EntryRecord>,
}

/// Takes an index over.
pub(super) struct Taking<'a> {
    pub(super) store: &'a Store,
    pub(super) clock: &'a dyn Clock,
    pub(super) board: &'a Board,
    pub(super) repository: &'a RepositoryRecord,
    pub(super) max_bytes: u64,
}

#[derive(Default)]
struct Progress {
    chart_ids: HashMap<String, i64>,
    seen_charts: HashSet<i64>,
    /// Versions that are stored and not in the index.
    gone: Vec<i64>,
    changes: Vec<Change>,
    n_waiting: usize,
    n_versions: u64,
    n_charts: u64,
    n_skipped: u64,
    skipped: Vec<SkippedEntry>,
    result: TakenOver,
}

impl Progress {
    fn skip(&mut self, entry: SkippedEntry) {
        self.n_skipped += 1;
        if self.skipped.len() < MAX_SKIPPED {
            self.skipped.push(entry);
        }
    }
}

impl Taking<'_> {
    /// Reads, compares, writes.
    #[tracing::instrument(name = "sync.index", skip_all, fields(repository.name = %self.repository.name))]
    pub(super) async fn run(self, body: IndexBody) -> Result<TakenOver, TakeError> {
        let (etag, last_modified, is_framed) = match &body {
            IndexBody::Upstream(body) => (body.etag(), body.last_modified(), body.is_framed()),
            IndexBody::Ours(_) => (None, None, true),
        };
        let limits = IndexLimits {
            max_bytes: self.max_bytes,
            ..IndexLimits::default()
        };
        let (to_parser, pieces) = mpsc::channel::<Bytes>(8);
        let (to_us, mut parsed) = mpsc::channel::<FromParser>(4);
        let parser = tokio::task::spawn_blocking(move || parse(limits, pieces, &to_us));

        let mut progress = Progress {
            chart_ids: self.store.chart_ids(self.repository.id).await?,
            ..Progress::default()
        };
        let feed = feed(body, to_parser);
        let take = async {
            let taken = self.take_all(&mut parsed, &mut progress).await;
            // A parser that still wants to send must not wait for us for ever.
            parsed.close();
            taken
        };
        let (fed, taken) = tokio::join!(feed, take);
        taken?;
        fed?;
        let (summary, digest) = parser
            .await
            .map_err(|_| TakeError::Parser)?
            .map_err(TakeError::Index)?;
        let outcome = SyncOutcome {
            etag,
            last_modified,
            digest,
            n_charts: to_i64(progress.n_charts),
            n_versions: to_i64(progress.n_versions),
            n_skipped: to_i64(progress.n_skipped),
        };
        // A YAML index that was cut between two entries is a smaller, valid index. Where neither the document nor the
        // protocol proves that it is whole, nothing is concluded from what is missing.
        let is_whole = summary.is_proven_complete || is_framed;
        self.finish(progress, outcome, is_whole).await
    }

    /// Takes over what a registry lists. It has no validators, and is whole: a list that breaks off is an error before
    /// this.
    #[tracing::instrument(name = "sync.list", skip_all, fields(repository.name = %self.repository.name))]
    pub(super) async fn run_listed(self, listed: impl Stream<Item = Listed>) -> Result<TakenOver, TakeError> {
        let mut progress = Progress {
            chart_ids: self.store.chart_ids(self.repository.id).await?,
            ..Progress::default()
        };
        let mut digest = Sha256::new();
        let mut listed = std::pin::pin!(listed);
        while let Some(item) = listed.next().await {
            match item {
                Listed::Chart(group) => {
                    digest.update(&group.chart);
                    for entry in &group.entries {
                        digest.update(&entry.version);
                    }
                    let is_known = progress.chart_ids.contains_key(&group.chart);
                    if is_known || !group.entries.is_empty() {
                        self.take(vec![group], &mut progress).await?;
                    }
                }
                Listed::Skipped(entry) => progress.skip(entry),
                Listed::Unread(chart) => self.keep(&chart, &mut progress).await?,
            }
        }
        let outcome = SyncOutcome {
            etag: None,
            last_modified: None,
            digest: digest.finalize().to_vec(),
            n_charts: to_i64(progress.n_charts),
            n_versions: to_i64(progress.n_versions),
            n_skipped: to_i64(progress.n_skipped),
        };
        self.finish(progress, outcome, true).await
    }

    /// Takes what is stored of a chart for what there is.
    async fn keep(&self, chart: &str, progress: &mut Progress) -> Result<(), StoreError> {
        if let Some(id) = progress.chart_ids.get(chart).copied() {
            progress.seen_charts.insert(id);
            progress.n_charts += 1;
            progress.n_versions += self.store.listed_versions(id).await?.len() as u64;
        }
        Ok(())
    }

    async fn take_all(
        &self,
        parsed: &mut mpsc::Receiver<FromParser>,
        progress: &mut Progress,
    ) -> Result<(), StoreError> {
        while let Some(message) = parsed.recv().await {
            match message {
                FromParser::Groups(groups) => self.take(groups, progress).await?,
                FromParser::Skipped(entry) => progress.skip(entry),
            }
        }
        Ok(())
    }

    async fn take(&self, groups: Vec<Group>, progress: &mut Progress) -> Result<(), StoreError> {
        for group in groups {
            progress.n_charts += 1;
            progress.n_versions += group.entries.len() as u64;
            self.compare(group, progress).await?;
        }
        // From here on the index cannot turn out to have shrunk too much.
        let is_safe = 2 * progress.n_versions >= self.n_before();
        if is_safe && progress.n_waiting >= BATCH {
            self.write(progress).await?;
        }
        self.board.set(
            &self.repository.name,
            SyncPhase::Index,
            progress.n_versions,
            self.n_before(),
        );
        Ok(())
    }

    fn n_before(&self) -> u64 {
        self.repository.n_versions.unsigned_abs()
    }

    async fn compare(&self, group: Group, progress: &mut Progress) -> Result<(), StoreError> {
        let Some(chart_id) = progress.chart_ids.get(&group.chart).copied() else {
            progress.result.n_added += group.entries.len() as u64;
            progress.n_waiting += group.entries.len();
            progress.changes.push(Change {
                chart: group.chart,
                entries: group.entries,
            });
            return Ok(());
        };
        progress.seen_charts.insert(chart_id);
        let stored = self.store.chart_entries(chart_id).await?;
        let mut stored: HashMap<&str, _> = stored
            .iter()
            .map(|entry| (entry.version.as_str(), entry))
            .collect();
        let mut entries = Vec::new();
        for entry in group.entries {
            match stored.remove(entry.version.as_str()) {
                Some(known) if known.yanked_at.is_none() && known.entry_hash == entry.entry_hash => continue,
                Some(known) if known.yanked_at.is_none() => progress.result.n_changed += 1,
                _ => progress.result.n_added += 1,
            }
            entries.push(entry);
        }
        progress.gone.extend(
            stored
                .values()
                .filter(|entry| entry.yanked_at.is_none())
                .map(|entry| entry.id),
        );
        if !entries.is_empty() {
            progress.n_waiting += entries.len();
            progress.changes.push(Change {
                chart: group.chart,
                entries,
            });
        }
        Ok(())
    }

    /// Writes the changes that wait, in one transaction.
    async fn write(&self, progress: &mut Progress) -> Result<(), StoreError> {
        let changes = std::mem::take(&mut progress.changes);
        progress.n_waiting = 0;
        if changes.is_empty() {
            return Ok(());
        }
        let mut tx = self.store.begin().await?;
        let generation = tx.bump_generation().await?;
        let mut charts = Vec::with_capacity(changes.len());
        let mut entries = Vec::with_capacity(BATCH);
        for change in changes {
            let chart_id = match progress.chart_ids.get(&change.chart) {
                Some(id) => *id,
                None => {
                    let now = self.clock.now();
                    tx.insert_chart(self.repository.id, &change.chart, now, generation)
                        .await?
                }
            };
            progress.seen_charts.insert(chart_id);
            progress.chart_ids.insert(change.chart, chart_id);
            charts.push(chart_id);
            entries.extend(
                change
                    .entries
                    .into_iter()
                    .map(|entry| EntryRecord { chart_id, ..entry }),
            );
        }
        tx.upsert_entries(&entries).await?;
        for chart_id in charts {
            if let Some(newest) = tx.refresh_chart(chart_id, generation).await?
                && let Some(url) = &newest.icon_url
            {
                tx.want_icon(self.repository.id, url).await?;
            }
        }
        tx.commit().await
    }

    async fn finish(
        &self,
        mut progress: Progress,
        outcome: SyncOutcome,
        is_whole: bool,
    ) -> Result<TakenOver, TakeError> {
        let before = self.n_before();
        let now = progress.n_versions;
        let is_accepted = self.repository.held_accepted
            && self
                .repository
                .held
                .as_ref()
                .is_some_and(|held| now >= held.n_versions_now);
        if before > 0 && 2 * now < before && !is_accepted {
            let held = HeldIndex {
                n_versions_before: before,
                n_versions_now: now,
            };
            self.store.hold_index(self.repository.id, &held).await?;
            return Ok(TakenOver {
                held: Some(held),
                ..TakenOver::default()
            });
        }
        self.write(&mut progress).await?;
        if is_whole {
            for id in progress
                .chart_ids
                .values()
                .filter(|id| !progress.seen_charts.contains(id))
            {
                progress.gone.extend(self.store.listed_versions(*id).await?);
            }
            progress.result.n_yanked = progress.gone.len() as u64;
        } else {
            progress.gone.clear();
        }
        let mut tx = self.store.begin().await?;
        if !progress.gone.is_empty() {
            let generation = tx.bump_generation().await?;
            let charts = tx.yank_versions(&progress.gone, self.clock.now()).await?;
            for chart_id in charts {
                tx.refresh_chart(chart_id, generation).await?;
            }
        }
        tx.replace_skipped(self.repository.id, &progress.skipped).await?;
        // Last, and with everything else: a crash before this reads the whole index again, and finds it mostly stored.
        tx.note_index(self.repository.id, &outcome).await?;
        tx.commit().await?;
        Ok(progress.result)
    }
}

/// Hands the body to the parser as it arrives.
async fn feed(body: IndexBody, to_parser: mpsc::Sender<Bytes>) -> Result<(), FetchError> {
    match body {
        IndexBody::Ours(bytes) => {
            // A parser that hung up has its own error to report.
            let _ = to_parser.send(bytes).await;
        }
        IndexBody::Upstream(mut body) => {
            while let Some(piece) = body.chunk().await? {
                if to_parser.send(piece).await.is_err() {
                    break;
                }
            }
        }
    }
    Ok(())
}

/// Parses on a thread that may block. A body that was cut off ends in an error of the feeder's; what the parser makes
/// of the rest does not matter then.
fn parse(
    limits: IndexLimits,
    mut pieces: mpsc::Receiver<Bytes>,
    to_us: &mpsc::Sender<FromParser>,
) -> Result<(IndexSummary, Vec<u8>), IndexError> {
    let mut reader = IndexReader::new(limits);
    let mut hash = Sha256::new();
    let mut groups: Vec<Group> = Vec::new();
    let mut n_entries = 0;
    let mut sink = |item| match item {
        IndexItem::Version(entry) => {
            let is_same = groups.last().is_some_and(|group| group.chart == entry.chart);
            if !is_same {
                if n_entries >= BATCH {
                    // Hung up: the transaction failed, and the rest is of no interest.
                    let _ = to_us.blocking_send(FromParser::Groups(std::mem::take(&mut groups)));
                    n_entries = 0;
                }
                groups.push(Group {
                    chart: entry.chart.clone(),
                    entries: Vec::new(),
                });
            }
            n_entries += 1;
            if let Some(group) = groups.last_mut() {
                group.entries.push(record_of(*entry));
            }
        }
        IndexItem::Skipped(skipped) => {
            let _ = to_us.blocking_send(FromParser::Skipped(SkippedEntry {
                name: skipped.chart.unwrap_or_default(),
                version: skipped.version.unwrap_or_default(),
                reason: skipped.reason.to_string(),
            }));
        }
    };
    while let Some(piece) = pieces.blocking_recv() {
        hash.update(&piece);
        reader.push(&piece, &mut sink)?;
    }
    let summary = reader.finish(&mut sink)?;
    if !groups.is_empty() {
        let _ = to_us.blocking_send(FromParser::Groups(groups));
    }
    Ok((summary, hash.finalize().to_vec()))
}

fn to_i64(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
