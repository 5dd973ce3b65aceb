//! The task of a watch: lists, reads what is new, watches, and begins anew where it must.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::{FutureExt as _, StreamExt as _, TryStreamExt as _};
use tokio::sync::Notify;

use super::events::{Event, Events};
use super::ledger::{Found, Ledger, Unread, summary};
use super::{DamagedRelease, Teller};
use crate::api::{Payload, Question};
use crate::records::{ALL_RECORDS, AT_ONCE};
use crate::{Cluster, Error};

const HEAD: &str = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
/// In seconds; less than a connection may be silent before it is given up, and bookmarks come once a minute.
const ONE_WATCH: &str = "50";
/// A watch that ends sooner without a word was not served.
const SHORTEST_WATCH: Duration = Duration::from_secs(5);

/// The first pause after something went wrong; it doubles up to the last.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// The pause after there was too much to list: finding that out takes many requests, and it seldom changes.
const PAUSE_AFTER_TOO_MUCH: Duration = Duration::from_secs(60);
/// How long reading a record is tried while the cluster is overloaded, before the watch itself is begun anew.
const PATIENCE: Duration = Duration::from_secs(10);

/// Events that are taken together before records are read.
const MAX_BATCH: usize = 1_000;

pub(super) struct Follower {
    cluster: Cluster,
    namespace: Option<String>,
    teller: Teller,
    /// Somebody wants to see a list that could not be made.
    retry: Arc<Notify>,
    ledger: Ledger,
    /// Where a watch goes on; `None` where all has to be listed.
    version: Option<String>,
    /// Whether something is known that was not told.
    has_news: bool,
    pause: Duration,
}

impl Follower {
    pub(super) fn new(
        cluster: &Cluster,
        namespace: Option<&str>,
        teller: Teller,
        retry: Arc<Notify>,
    ) -> Self {
        Self {
            cluster: cluster.with_patience(Duration::ZERO),
            namespace: namespace.map(str::to_owned),
            teller,
            retry,
            ledger: Ledger::default(),
            version: None,
            has_news: true,
            pause: FIRST_PAUSE,
        }
    }

    /// Until it is dropped, or the identity may not see what it follows.
    pub(super) async fn run(mut self) {
        loop {
            let Err(error) = self.follow().await else {
                continue;
            };
            match error {
                Error::Forbidden { .. } | Error::Unauthorized | Error::Namespace { .. } => {
                    return self.teller.over(error);
                }
                Error::TooManyRecords { .. } | Error::ListTooLarge { .. } => {
                    // Nothing of it is of use, and it takes room.
                    self.ledger = Ledger::default();
                    self.version = None;
                    self.teller.withdrawn(error);
                    tokio::time::sleep(PAUSE_AFTER_TOO_MUCH).await;
                    continue;
                }
                // The cluster does not remember the place in a list, or what happened since the version to watch from.
                Error::Refused { code: 410, .. } => self.version = None,
                error => self.teller.troubled(error),
            }
            self.rest().await;
        }
    }

    async fn rest(&mut self) {
        let begun = Instant::now();
        tokio::select! {
            () = tokio::time::sleep(self.pause) => {}
            () = self.retry.notified() => {
                // Who asks again and again does not have the cluster asked as often.
                tokio::time::sleep(FIRST_PAUSE.saturating_sub(begun.elapsed())).await;
            }
        }
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
    }

    /// Lists where that has to be, and watches once.
    async fn follow(&mut self) -> Result<(), Error> {
        let version = match self.version.clone() {
            Some(version) => version,
            None => self.list().await?,
        };
        self.catch_up().await?;
        self.watch(&version).await
    }

    async fn list(&mut self) -> Result<String, Error> {
        let mut ledger = Ledger::default();
        let version = self
            .cluster
            .each_head(self.namespace.as_deref(), ALL_RECORDS, |versioned| {
                ledger.put(versioned)
            })
            .await?;
        ledger.inherit(std::mem::take(&mut self.ledger));
        self.ledger = ledger;
        self.has_news = true;
        self.version = Some(version.clone());
        Ok(version)
    }

    /// Reads what has to be read, and tells what is new.
    async fn catch_up(&mut self) -> Result<(), Error> {
        if !self.has_news {
            return Ok(());
        }
        let cluster = self.cluster.with_patience(PATIENCE);
        let cluster = &cluster;
        // One task polls them all, so that no two records are unpacked in memory at the same time.
        let mut answers = futures_util::stream::iter(self.ledger.unread())
            .map(async |unread| read(cluster, unread).await)
            .buffer_unordered(AT_ONCE);
        while let Some((unread, version, found)) = answers.try_next().await? {
            self.ledger.read(unread, version, found)?;
        }
        self.teller.listed(self.ledger.snapshot());
        self.has_news = false;
        self.pause = FIRST_PAUSE;
        Ok(())
    }

    /// Follows what happens after `version` until the cluster ends it.
    async fn watch(&mut self, version: &str) -> Result<(), Error> {
        let question = Question {
            verb: "watch",
            resource: self.cluster.driver.resource(),
            namespace: self.namespace.as_deref(),
            path: self.cluster.record_collection(self.namespace.as_deref())?,
            query: &[
                ("watch", "true"),
                ("labelSelector", ALL_RECORDS),
                ("resourceVersion", version),
                ("allowWatchBookmarks", "true"),
                ("timeoutSeconds", ONE_WATCH),
            ],
            accept: HEAD,
            payload: Payload::Nothing,
        };
        let answer = self.cluster.open(&self.cluster.client, question).await?;
        let mut events = Events::new(answer.into_body());
        self.teller.is_connected();
        let begun = Instant::now();
        let mut is_silent = true;
        while let Some(event) = events.next().await? {
            is_silent = false;
            self.pause = FIRST_PAUSE;
            self.take(event)?;
            let mut n_taken = 1;
            // What has come already is taken together: an operation writes its record several times.
            while n_taken < MAX_BATCH
                && let Some(next) = events.next().now_or_never()
                && let Some(event) = next?
            {
                n_taken += 1;
                self.take(event)?;
            }
            self.catch_up().await?;
        }
        if is_silent && begun.elapsed() < SHORTEST_WATCH {
            return Err(Error::BrokenOff);
        }
        Ok(())
    }

    fn take(&mut self, event: Event) -> Result<(), Error> {
        match event {
            Event::Is(versioned) => {
                self.version = Some(versioned.version.clone());
                self.ledger.put(versioned)?;
                self.has_news = true;
            }
            Event::IsGone(versioned) => {
                self.version = Some(versioned.version.clone());
                self.ledger.delete(versioned);
                self.has_news = true;
            }
            // Without a version it would go on from any time the cluster likes.
            Event::Passed(version) if version.is_empty() => {}
            Event::Passed(version) => self.version = Some(version),
        }
        Ok(())
    }
}

/// Reads one record and keeps what a list shows. One that cannot be read must not hide the others.
async fn read(cluster: &Cluster, unread: Unread) -> Result<(Unread, String, Found), Error> {
    let record = cluster.versioned_record(unread.namespace(), &unread.object).await;
    match record {
        Ok(record) => {
            let release = Arc::new(summary(record.stored.release));
            Ok((unread, record.version, Found::Release(release)))
        }
        Err(Error::NotFound) => Ok((unread, String::new(), Found::Gone)),
        Err(error @ (Error::Record { .. } | Error::Unreadable { .. } | Error::Answer { .. })) => {
            let damaged = DamagedRelease {
                namespace: unread.namespace().to_owned(),
                name: unread.name().to_owned(),
                revision: unread.revision,
                status: unread.status.clone(),
                error,
            };
            Ok((unread, String::new(), Found::Damaged(Arc::new(damaged))))
        }
        Err(error) => Err(error),
    }
}
