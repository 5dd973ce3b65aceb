//! Following a namespace of an OCI registry.
//!
//! A registry has no index. What there is comes from lists of repositories and tags, which cost one request for many
//! versions; what a version is costs two more, for its manifest and its configuration. So a sync lists everything, looks
//! at the newest version of every chart, and describes some of the others; the next goes on with the rest a minute later,
//! and somebody who opens a version that is not described yet has it described at once. A tag that leads elsewhere is
//! noticed with every sync for the newest version of a chart, and within days for the others.
//!
//! `listing` reads lists, `look` what a tag leads to.

mod listing;
mod look;

use std::collections::BTreeSet;

use futures_util::StreamExt as _;
use model::Timestamp;

use self::listing::Listing;
use self::look::Seen;
use super::engine::{Failure, Syncs, Tally, Why};
use crate::Result;
use crate::blobs::Digest;
use crate::hosted::oci::tag_of;
use crate::settings::RepositorySettings;
use crate::store::{EntryRecord, RegistryVersion, RepositoryRecord, TagLook};
use crate::upstream::{FetchError, Registry, Source};

/// Charts whose newest versions are looked at in one go.
const PAGE: i64 = 500;
/// Older versions that one sync describes, and whose tags it looks at again.
const DESCRIBED_AT_ONCE: i64 = 100;
const LOOKED_AT_AGAIN: i64 = 50;
/// How long the tag of an older version is believed to lead where it led.
const BELIEVED_SECS: i64 = 86_400;
/// How long a tag that is no chart's is left alone.
const OTHER_SECS: i64 = 7 * 86_400;
/// So many requests that failed end a pass: the next sync goes on.
const MAX_FAILURES: usize = 5;
/// What is seen is noted so many at a time.
const NOTE_EVERY: usize = 64;
/// First wait after a failed look, and the longest.
const WAIT_SECS: i64 = 300;
const MAX_WAIT_SECS: i64 = 86_400;

/// How a pass over versions went.
#[derive(Default)]
struct Pass {
    n_failed: usize,
    /// The first failure, in words.
    failure: Option<String>,
    n_changed: u64,
}

impl Syncs {
    /// One sync of a registry. One that is due soon after the last list goes on with what that left.
    pub(super) async fn follow_registry(
        &self,
        repository: &RepositoryRecord,
        settings: &RepositorySettings,
        source: &Source,
        why: Why,
        tally: &mut Tally,
    ) -> Result<(), Failure> {
        let words = |error: FetchError| Failure::Words(error.in_words());
        let registry = source.registry(&settings.url).map_err(words)?;
        let now = self.clock.now();
        let listed_until = repository
            .listed_at
            .0
            .saturating_add_unsigned(self.interval(repository));
        let goes_on = why == Why::Due && now.0 < listed_until;
        let mut failure = None;
        if !goes_on {
            failure = self.list(repository, settings, &registry, tally).await?;
            tally.taken.check_held()?;
            let pass = self.look_at_newest(repository, &registry).await?;
            tally.note(&pass);
            failure = failure.or(pass.failure);
        }
        self.fetch_rest(repository, settings, source, tally).await?;
        if failure.is_none() {
            self.look_at_others(repository, &registry, tally).await?;
        }
        let taken = &tally.taken;
        tally.unchanged = (taken.n_added, taken.n_changed, taken.n_yanked) == (0, 0, 0);
        match failure {
            Some(failure) => Err(Failure::Words(failure)),
            None => Ok(()),
        }
    }

    /// Lists what there is and takes it over; what could not be read is the answer.
    async fn list(
        &self,
        repository: &RepositoryRecord,
        settings: &RepositorySettings,
        registry: &Registry,
        tally: &mut Tally,
    ) -> Result<Option<String>, Failure> {
        let names = match settings.charts.is_empty() {
            true => registry.repositories().await,
            false => Ok(settings.charts.clone()),
        };
        let names = names.map_err(|error| Failure::Words(error.in_words()))?;
        let now = self.clock.now();
        let others_since = Timestamp(now.0 - OTHER_SECS);
        let listing = Listing::new(&self.store, repository.id, registry, others_since).await?;
        let mut aside = listing::Aside::default();
        let listed = futures_util::stream::iter(names)
            .map(|name| listing.read(name))
            .buffered(self.settings.sync.concurrency.max(1))
            .flat_map(|read| futures_util::stream::iter(aside.take(read)));
        tally.taken = self.taking(repository).run_listed(listed).await?;
        if let Some(error) = aside.internal.take() {
            return Err(Failure::Internal(error));
        }
        let mut tx = self.store.begin().await?;
        for (chart, tag, reason) in &aside.others {
            tx.note_other(repository.id, chart, tag, reason, now).await?;
        }
        if tally.taken.held.is_none() {
            tx.note_listed(repository.id, now, others_since).await?;
        }
        tx.commit().await?;
        if tally.taken.held.is_none() {
            let ids = self.store.chart_ids(repository.id).await?;
            let mut tx = self.store.begin().await?;
            for (chart, version, manifest_digest) in &aside.looks {
                if let Some(chart_id) = ids.get(chart) {
                    tx.note_tag(&TagLook {
                        chart_id: *chart_id,
                        version: version.clone(),
                        manifest_digest: manifest_digest.0.to_vec(),
                        at: now,
                    })
                    .await?;
                }
            }
            tx.commit().await?;
        }
        Ok(aside.failure())
    }

    /// Looks where the newest version of every chart leads.
    async fn look_at_newest(
        &self,
        repository: &RepositoryRecord,
        registry: &Registry,
    ) -> Result<Pass, Failure> {
        let mut all = Pass::default();
        let (mut after, now) = (0, self.clock.now());
        while all.n_failed < MAX_FAILURES {
            let page = self
                .store
                .registry_newest(repository.id, after, now, PAGE)
                .await?;
            let Some(last) = page.last() else { break };
            after = last.chart_id;
            all.add(self.look_at(repository, registry, page).await?);
        }
        Ok(all)
    }

    /// Describes some of the versions that are not described yet, and looks again at some that were long ago.
    async fn look_at_others(
        &self,
        repository: &RepositoryRecord,
        registry: &Registry,
        tally: &mut Tally,
    ) -> Result<(), Failure> {
        let now = self.clock.now();
        let store = &self.store;
        let page = store
            .registry_undescribed(repository.id, now, DESCRIBED_AT_ONCE)
            .await?;
        let pass = self.look_at(repository, registry, page).await?;
        tally.note(&pass);
        if pass.n_failed >= MAX_FAILURES {
            tracing::debug!(repository.name = %repository.name, error = ?pass.failure, "the rest is left for later");
            return Ok(());
        }
        let before = Timestamp(now.0 - BELIEVED_SECS);
        let page = store
            .registry_looked_at_before(repository.id, before, now, LOOKED_AT_AGAIN)
            .await?;
        let pass = self.look_at(repository, registry, page).await?;
        tally.note(&pass);
        let left = store.registry_undescribed(repository.id, now, 1).await?;
        tally.is_unfinished = !left.is_empty();
        Ok(())
    }

    /// Looks at these versions and notes what is seen.
    async fn look_at(
        &self,
        repository: &RepositoryRecord,
        registry: &Registry,
        versions: Vec<RegistryVersion>,
    ) -> Result<Pass, Failure> {
        let mut looks = futures_util::stream::iter(versions)
            .map(|version| async move { (look::again(registry, &version).await, version) })
            .buffer_unordered(self.settings.sync.concurrency.max(1));
        let mut pass = Pass::default();
        let mut seen = Vec::new();
        while let Some((look, version)) = looks.next().await {
            pass.count(&look, &version);
            seen.push((look, version));
            if seen.len() >= NOTE_EVERY {
                self.note_seen(repository, std::mem::take(&mut seen)).await?;
            }
            if pass.n_failed >= MAX_FAILURES {
                break;
            }
        }
        drop(looks);
        self.note_seen(repository, seen).await?;
        Ok(pass)
    }

    /// Describes a version that somebody wants to see, if the registry answers.
    pub(crate) async fn describe(
        &self,
        repository: &RepositoryRecord,
        source: &Source,
        version_id: i64,
    ) -> Result<()> {
        let Some(version) = self.store.registry_version(version_id).await? else {
            return Ok(());
        };
        let Ok(registry) = source.registry(&repository.url) else {
            return Ok(());
        };
        let look = look::again(&registry, &version).await;
        self.note_seen(repository, vec![(look, version)]).await?;
        Ok(())
    }

    async fn note_seen(
        &self,
        repository: &RepositoryRecord,
        seen: Vec<(Result<Seen, FetchError>, RegistryVersion)>,
    ) -> Result<(), crate::store::StoreError> {
        if seen.is_empty() {
            return Ok(());
        }
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        // First, as in every transaction that counts a change: locks are taken in one order.
        let is_change = |(look, _): &(Result<Seen, FetchError>, _)| {
            matches!(look, Ok(Seen::Chart { .. } | Seen::Other { .. }))
        };
        let generation = match seen.iter().any(is_change) {
            true => Some(tx.bump_generation().await?),
            false => None,
        };
        let mut charts = BTreeSet::new();
        for (look, version) in seen {
            match look {
                Ok(Seen::Same { manifest }) => tx.note_tag(&tag_look(&version, manifest, now)).await?,
                Ok(Seen::Chart { record, manifest }) => {
                    let record = EntryRecord {
                        chart_id: version.chart_id,
                        ..*record
                    };
                    tx.upsert_entries(&[record]).await?;
                    tx.note_tag(&tag_look(&version, manifest, now)).await?;
                    charts.insert(version.chart_id);
                }
                Ok(Seen::Other { reason }) => {
                    let tag = tag_of(&version.version);
                    tx.note_other(repository.id, &version.name, &tag, &reason, now)
                        .await?;
                    // One that never was a chart's leaves nothing; one that was is a version that is gone.
                    if version.digest.is_some() || !tx.drop_version(version.id).await? {
                        tx.yank_versions(&[version.id], now).await?;
                    }
                    charts.insert(version.chart_id);
                }
                // The next list does not have it.
                Ok(Seen::Gone) => {
                    tx.note_failed_look(version.id, Timestamp(now.0 + WAIT_SECS))
                        .await?;
                }
                Err(error) => {
                    tracing::debug!(
                        chart.name = %version.name, chart.version = %version.version, error = %error,
                        "{} {} could not be looked at", version.name, version.version
                    );
                    let wait = WAIT_SECS << version.attempts.clamp(0, 16);
                    let retry_at = Timestamp(now.0 + wait.min(MAX_WAIT_SECS));
                    tx.note_failed_look(version.id, retry_at).await?;
                }
            }
        }
        if let Some(generation) = generation {
            for chart_id in charts {
                if let Some(newest) = tx.refresh_chart(chart_id, generation).await?
                    && let Some(url) = &newest.icon_url
                {
                    tx.want_icon(repository.id, url).await?;
                }
            }
        }
        tx.commit().await
    }
}

impl Tally {
    fn note(&mut self, pass: &Pass) {
        self.taken.n_changed += pass.n_changed;
    }
}

impl Pass {
    fn count(&mut self, look: &Result<Seen, FetchError>, version: &RegistryVersion) {
        match look {
            Ok(Seen::Chart { .. }) if version.digest.is_some() => self.n_changed += 1,
            Ok(Seen::Chart { .. } | Seen::Same { .. } | Seen::Other { .. } | Seen::Gone) => {}
            Err(error) => {
                self.n_failed += 1;
                let words = || format!("{} {}: {}", version.name, version.version, error.in_words());
                self.failure.get_or_insert_with(words);
            }
        }
    }

    fn add(&mut self, other: Self) {
        self.n_failed += other.n_failed;
        self.failure = self.failure.take().or(other.failure);
        self.n_changed += other.n_changed;
    }
}

fn tag_look(version: &RegistryVersion, manifest: Digest, at: Timestamp) -> TagLook {
    TagLook {
        chart_id: version.chart_id,
        version: version.version.clone(),
        manifest_digest: manifest.0.to_vec(),
        at,
    }
}
