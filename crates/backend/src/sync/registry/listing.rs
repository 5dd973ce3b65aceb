//! Which charts and versions a registry lists.

use std::collections::{HashMap, HashSet};

use engine::semver::Version;
use helm::index::IndexEntry;
use model::Timestamp;
use model::repository::SkippedEntry;

use super::look::{Seen, look};
use crate::Error;
use crate::blobs::Digest;
use crate::hosted::oci::{tag_of, version_of};
use crate::store::{EntryRecord, Store, StoreError};
use crate::sync::entry::record_of;
use crate::sync::index::{Group, Listed};
use crate::sync::version_key::version_key;
use crate::upstream::{FetchError, Registry};

/// New tags of a chart that are looked at to find its newest version.
const MAX_LOOKS: usize = 5;

/// Reads what a registry lists, one chart at a time.
pub(super) struct Listing<'a> {
    store: &'a Store,
    registry: &'a Registry,
    /// The charts that are stored.
    known: HashMap<String, i64>,
    /// Tags that are no charts', and why, by repository and tag.
    others: HashMap<(String, String), String>,
}

/// What was read of one repository.
pub(super) enum Read {
    Chart {
        group: Group,
        /// Where the tag of its newest version leads, if that had to be looked at.
        look: Option<(String, Digest)>,
        /// Tags that turned out to be no charts', and why.
        others: Vec<(String, String)>,
        skipped: Vec<SkippedEntry>,
    },
    /// It holds something else.
    Other {
        chart: String,
        tag: String,
        reason: String,
    },
    /// There is nothing in it.
    Nothing,
    Failed {
        chart: String,
        error: ReadError,
    },
}

/// Why a repository could not be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReadError {
    #[error(transparent)]
    Fetch(#[from] FetchError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is not for taking over, and what a list leaves to be noted.
#[derive(Default)]
pub(super) struct Aside {
    /// Chart, version and digest of the manifest.
    pub(super) looks: Vec<(String, String, Digest)>,
    /// Chart, tag and why it is none.
    pub(super) others: Vec<(String, String, String)>,
    pub(super) internal: Option<Error>,
    n_failed: usize,
    first_failure: Option<String>,
}

impl<'a> Listing<'a> {
    pub(super) async fn new(
        store: &'a Store,
        repository_id: i64,
        registry: &'a Registry,
        others_since: Timestamp,
    ) -> Result<Self, StoreError> {
        let others = store.registry_others(repository_id, others_since).await?;
        Ok(Self {
            store,
            registry,
            known: store.chart_ids(repository_id).await?,
            others: others
                .into_iter()
                .map(|(chart, tag, reason)| ((chart, tag), reason))
                .collect(),
        })
    }

    /// Reads one repository.
    pub(super) async fn read(&self, chart: String) -> Read {
        match self.try_read(&chart).await {
            Ok(read) => read,
            Err(error) => Read::Failed { chart, error },
        }
    }

    async fn try_read(&self, chart: &str) -> Result<Read, ReadError> {
        let tags = self.registry.tags(chart).await?.unwrap_or_default();
        let versions = versions_of(&tags);
        match self.known.get(chart) {
            Some(id) => self.read_known(chart, *id, versions).await,
            None => self.read_new(chart, versions).await,
        }
    }

    /// A chart that is stored. Of versions that are stored, too, nothing is asked; a new one that is the newest now is
    /// looked at, for lists describe the chart by it.
    async fn read_known(&self, chart: &str, id: i64, versions: Vec<String>) -> Result<Read, ReadError> {
        let stored = self.store.chart_entries(id).await?;
        let hashes: HashMap<&str, i64> = stored
            .iter()
            .filter(|entry| entry.yanked_at.is_none())
            .map(|entry| (entry.version.as_str(), entry.entry_hash))
            .collect();
        let (mut entries, mut others, mut skipped) = (Vec::new(), Vec::new(), Vec::new());
        let (mut newest, mut n_looks) = (None, 0);
        for version in versions {
            if let Some(reason) = self.others.get(&(chart.to_owned(), tag_of(&version))) {
                skipped.push(left_out(chart, &version, reason));
                continue;
            }
            if entries.is_empty() && n_looks < MAX_LOOKS && !hashes.contains_key(version.as_str()) {
                n_looks += 1;
                match look(self.registry, chart, &version).await? {
                    Seen::Chart { record, manifest } => {
                        entries.push(*record);
                        newest = Some((version, manifest));
                    }
                    Seen::Other { reason } => {
                        skipped.push(left_out(chart, &version, &reason));
                        others.push((tag_of(&version), reason));
                    }
                    Seen::Same { .. } | Seen::Gone => {}
                }
                continue;
            }
            let mut entry = self.bare(chart, &version);
            if let Some(hash) = hashes.get(version.as_str()) {
                // As it is stored: taking over compares by the hash.
                entry.entry_hash = *hash;
            }
            entries.push(entry);
        }
        let group = Group {
            chart: chart.to_owned(),
            entries,
        };
        Ok(Read::Chart {
            group,
            look: newest,
            others,
            skipped,
        })
    }

    /// A repository that nothing is stored of may hold anything, such as images: its newest version tells.
    async fn read_new(&self, chart: &str, versions: Vec<String>) -> Result<Read, ReadError> {
        let Some(newest) = versions.first() else {
            return Ok(Read::Nothing);
        };
        let other = |reason: String| Read::Other {
            chart: chart.to_owned(),
            tag: tag_of(newest),
            reason,
        };
        if let Some(reason) = self.others.get(&(chart.to_owned(), tag_of(newest))) {
            return Ok(other(reason.clone()));
        }
        let (record, manifest) = match look(self.registry, chart, newest).await? {
            Seen::Chart { record, manifest } => (record, manifest),
            Seen::Other { reason } => return Ok(other(reason)),
            Seen::Same { .. } | Seen::Gone => return Ok(Read::Nothing),
        };
        let look = Some((newest.clone(), manifest));
        let mut entries = vec![*record];
        entries.extend(versions.iter().skip(1).map(|version| self.bare(chart, version)));
        let group = Group {
            chart: chart.to_owned(),
            entries,
        };
        Ok(Read::Chart {
            group,
            look,
            others: Vec::new(),
            skipped: Vec::new(),
        })
    }

    /// All that a tag says of a version.
    fn bare(&self, chart: &str, version: &str) -> EntryRecord {
        record_of(IndexEntry {
            chart: chart.to_owned(),
            name: chart.to_owned(),
            version: version.to_owned(),
            urls: vec![self.registry.address_of(chart, version)],
            ..IndexEntry::default()
        })
    }
}

impl Aside {
    /// Keeps what is to be noted; the rest is to be taken over.
    pub(super) fn take(&mut self, read: Read) -> Vec<Listed> {
        match read {
            Read::Chart {
                group,
                look,
                others,
                skipped,
            } => {
                let chart = &group.chart;
                let others = others.into_iter();
                self.others
                    .extend(others.map(|(tag, reason)| (chart.clone(), tag, reason)));
                self.looks
                    .extend(look.map(|(version, manifest)| (chart.clone(), version, manifest)));
                let skipped = skipped.into_iter().map(Listed::Skipped);
                skipped.chain([Listed::Chart(group)]).collect()
            }
            Read::Other { chart, tag, reason } => {
                let entry = left_out(&chart, &version_of(&tag), &reason);
                self.others.push((chart, tag, reason));
                vec![Listed::Skipped(entry)]
            }
            Read::Nothing => Vec::new(),
            Read::Failed { chart, error } => {
                match error {
                    ReadError::Store(error) => self.internal = Some(error.into()),
                    ReadError::Fetch(error) => {
                        self.n_failed += 1;
                        let words = || format!("{chart}: {}", error.in_words());
                        self.first_failure.get_or_insert_with(words);
                    }
                }
                vec![Listed::Unread(chart)]
            }
        }
    }

    /// What could not be read, in words.
    pub(super) fn failure(&self) -> Option<String> {
        let first = self.first_failure.as_ref()?;
        Some(match self.n_failed {
            1 => first.clone(),
            n => format!("{n} charts could not be read, such as {first}"),
        })
    }
}

fn left_out(chart: &str, version: &str, reason: &str) -> SkippedEntry {
    SkippedEntry {
        name: chart.to_owned(),
        version: version.to_owned(),
        reason: reason.to_owned(),
    }
}

/// The versions that tags name: releases before pre-releases, the newest first. Other tags are left out, such as `latest`
/// and those of signatures (`sha256-….sig`).
fn versions_of(tags: &[String]) -> Vec<String> {
    let mut seen = HashSet::new();
    let mut versions: Vec<_> = tags
        .iter()
        .map(|tag| version_of(tag))
        .filter(|version| is_version(version) && seen.insert(version.clone()))
        .map(|version| (version_key(&version), version))
        .collect();
    versions.sort_by(|(a, a_text), (b, b_text)| {
        let order = a.is_prerelease.cmp(&b.is_prerelease);
        order.then(b.bytes.cmp(&a.bytes)).then(b_text.cmp(a_text))
    });
    versions.into_iter().map(|(_, version)| version).collect()
}

/// Three numbers, as Helm wants them of a tag, and besides that a `v` before them, which it pulls as well.
fn is_version(text: &str) -> bool {
    Version::parse_strict(text.strip_prefix('v').unwrap_or(text)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::versions_of;

    #[test]
    fn versions_are_told_from_other_tags() {
        let tags = [
            "latest",
            "1.0.0",
            "1.10.0",
            "1.9.0_build.5",
            "2.0.0-rc.1",
            "v1.2.3",
            "1.2",
            "7",
            "sha256-4bc1e0d4b5ab7c0b4d4bb5a7d5a1b2b5a0b5a7d5a1b2b5a0b5a7d5a1b2b5a0b5.sig",
            "sha256-4bc1e0d4b5ab7c0b4d4bb5a7d5a1b2b5a0b5a7d5a1b2b5a0b5a7d5a1b2b5a0b5.att",
            "1.0.0",
            "main",
        ];
        let tags = tags.map(str::to_owned);
        assert_eq!(
            versions_of(&tags),
            ["1.10.0", "1.9.0+build.5", "v1.2.3", "1.0.0", "2.0.0-rc.1"]
        );
    }
}
