//! What is known of records: of each its revision, state and version, and of each release a summary of the newest.
//!
//! Pure, and small: a thousand releases with ten revisions each are some megabytes.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use helm::release::{Release, ReleaseStatus, parse_record_name};
use serde::Serialize;

use super::{DamagedRelease, MAX_SUMMARIES_BYTES, MAX_WATCHED_RECORDS, Snapshot, WatchedRelease};
use crate::Error;
use crate::list::without_bulk;
use crate::records::VersionedHead;

/// A release; by name first, as lists are ordered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    name: Box<str>,
    namespace: Box<str>,
}

/// A revision, and the name of its object: nothing stops two objects from claiming to be one revision.
type Revision = (i64, Box<str>);

#[derive(Debug)]
struct Record {
    status: ReleaseStatus,
    version: Box<str>,
}

#[derive(Debug, Default)]
struct Entry {
    records: BTreeMap<Revision, Record>,
    summary: Option<Summary>,
}

/// What was made of a record.
#[derive(Debug)]
struct Summary {
    of: Revision,
    /// The version that it was asked for at, and the one that it had by then.
    versions: [Box<str>; 2],
    found: Found,
    size_bytes: usize,
}

/// What a record turned out to be.
#[derive(Debug)]
pub(super) enum Found {
    Release(Arc<Release>),
    Damaged(Arc<DamagedRelease>),
    /// It was gone before it could be read; that it is will be told.
    Gone,
}

/// A record that has to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unread {
    key: Key,
    pub(super) revision: i64,
    pub(super) object: Box<str>,
    pub(super) status: ReleaseStatus,
    version: Box<str>,
}

impl Unread {
    pub(super) fn namespace(&self) -> &str {
        &self.key.namespace
    }

    pub(super) fn name(&self) -> &str {
        &self.key.name
    }
}

#[derive(Debug, Default)]
pub(super) struct Ledger {
    releases: BTreeMap<Key, Entry>,
    /// Where objects are whose names do not say which revision they are, by namespace and name.
    odd: HashMap<(Box<str>, Box<str>), (Key, i64)>,
    n_records: usize,
    /// Of all summaries.
    size_bytes: usize,
}

impl Ledger {
    /// There is a record, perhaps in a new version.
    pub(super) fn put(&mut self, versioned: VersionedHead) -> Result<(), Error> {
        let VersionedHead { head, version } = versioned;
        let key = Key {
            name: head.name.into(),
            namespace: head.namespace.into(),
        };
        let object: Box<str> = head.object.into();
        if parse_record_name(&object).is_none() {
            self.move_odd(&key, &object, head.revision);
        }
        let record = Record {
            status: head.status,
            version: version.into(),
        };
        let entry = self.releases.entry(key).or_default();
        let before = entry.records.insert((head.revision, object), record);
        if before.is_none() {
            self.n_records += 1;
        }
        if self.n_records > MAX_WATCHED_RECORDS {
            return Err(Error::TooManyRecords {
                limit: MAX_WATCHED_RECORDS,
            });
        }
        Ok(())
    }

    /// Its labels may have moved it to another release.
    fn move_odd(&mut self, key: &Key, object: &str, revision: i64) {
        let place = (key.namespace.clone(), Box::from(object));
        let now = (key.clone(), revision);
        let before = self.odd.insert(place, now.clone());
        if let Some(before) = before.filter(|before| *before != now) {
            self.remove(&before.0, &(before.1, Box::from(object)));
        }
    }

    /// There is no such record any more.
    pub(super) fn delete(&mut self, versioned: VersionedHead) {
        let head = versioned.head;
        let object: Box<str> = head.object.into();
        let key = Key {
            name: head.name.into(),
            namespace: head.namespace.into(),
        };
        let place = (key.namespace.clone(), object);
        let (key, revision) = self.odd.remove(&place).unwrap_or((key, head.revision));
        self.remove(&key, &(revision, place.1));
    }

    fn remove(&mut self, key: &Key, revision: &Revision) {
        let Some(entry) = self.releases.get_mut(key) else {
            return;
        };
        self.n_records -= usize::from(entry.records.remove(revision).is_some());
        if entry.records.is_empty() {
            let summary = self.releases.remove(key).and_then(|entry| entry.summary);
            self.size_bytes -= summary.map_or(0, |summary| summary.size_bytes);
        }
    }

    /// Takes from an older ledger what was read already.
    pub(super) fn inherit(&mut self, older: Self) {
        for (key, entry) in older.releases {
            let (Some(summary), Some(own)) = (entry.summary, self.releases.get_mut(&key)) else {
                continue;
            };
            self.size_bytes += summary.size_bytes;
            own.summary = Some(summary);
        }
    }

    /// The newest records that were not read in their version.
    pub(super) fn unread(&self) -> Vec<Unread> {
        let unread = self.releases.iter().filter_map(|(key, entry)| {
            let (revision, record) = entry.records.last_key_value()?;
            let is_read = entry
                .summary
                .as_ref()
                .is_some_and(|summary| summary.of == *revision && summary.versions.contains(&record.version));
            (!is_read).then(|| Unread {
                key: key.clone(),
                revision: revision.0,
                object: revision.1.clone(),
                status: record.status.clone(),
                version: record.version.clone(),
            })
        });
        unread.collect()
    }

    /// A record was read; `version` is the one that it had by then.
    pub(super) fn read(&mut self, unread: Unread, version: String, found: Found) -> Result<(), Error> {
        let Some(entry) = self.releases.get_mut(&unread.key) else {
            return Ok(());
        };
        let size_bytes = match &found {
            Found::Release(release) => size_of(release),
            Found::Damaged(_) | Found::Gone => 0,
        };
        let summary = Summary {
            of: (unread.revision, unread.object),
            versions: [unread.version, version.into()],
            found,
            size_bytes,
        };
        let before = entry.summary.replace(summary);
        self.size_bytes -= before.map_or(0, |summary| summary.size_bytes);
        self.size_bytes += size_bytes;
        if self.size_bytes > MAX_SUMMARIES_BYTES {
            return Err(Error::ListTooLarge {
                limit_bytes: MAX_SUMMARIES_BYTES,
            });
        }
        Ok(())
    }

    pub(super) fn snapshot(&self) -> Snapshot {
        let mut snapshot = Snapshot::default();
        for entry in self.releases.values() {
            let is_deployed = |record: &Record| record.status == ReleaseStatus::Deployed;
            let mut newest_first = entry.records.iter().rev();
            match entry.summary.as_ref().map(|summary| &summary.found) {
                Some(Found::Release(release)) => snapshot.releases.push(WatchedRelease {
                    release: Arc::clone(release),
                    deployed: newest_first
                        .find(|(_, record)| is_deployed(record))
                        .map(|((revision, _), _)| *revision),
                    revisions: entry.records.len(),
                }),
                Some(Found::Damaged(damaged)) => snapshot.damaged.push(Arc::clone(damaged)),
                Some(Found::Gone) | None => {}
            }
        }
        snapshot
    }
}

/// What a list shows of a release.
pub(super) fn summary(release: Release) -> Release {
    let mut release = without_bulk(release);
    if let Some(info) = &mut release.info {
        info.notes = String::new();
    }
    if let Some(chart) = &mut release.chart {
        chart.lock = serde_json::Value::Null;
    }
    release
}

/// Of the JSON, labels included; in memory it is some times that.
fn size_of(release: &Release) -> usize {
    struct Counter(usize);
    impl std::io::Write for Counter {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut counter = Counter(0);
    let written = (release, &release.labels).serialize(&mut serde_json::Serializer::new(&mut counter));
    // What cannot be written cannot be weighed, and would count as nothing.
    written.map_or(MAX_SUMMARIES_BYTES, |()| counter.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RecordHead;

    fn head(object: &str, release: (&str, i64), status: &str, version: &str) -> VersionedHead {
        VersionedHead {
            head: RecordHead {
                namespace: "shop".to_owned(),
                name: release.0.to_owned(),
                revision: release.1,
                status: status.to_owned().into(),
                labels: BTreeMap::new(),
                object: object.to_owned(),
            },
            version: version.to_owned(),
        }
    }

    fn record(name: &str, revision: i64, status: &str, version: &str) -> VersionedHead {
        let object = helm::release::record_name(name, revision);
        head(&object, (name, revision), status, version)
    }

    fn asked(ledger: &Ledger) -> Vec<(String, i64)> {
        let unread = ledger.unread().into_iter();
        unread
            .map(|unread| (unread.name().to_owned(), unread.revision))
            .collect()
    }

    fn read_all(ledger: &mut Ledger) {
        for unread in ledger.unread() {
            let release = Release {
                name: unread.name().to_owned(),
                revision: unread.revision,
                ..Release::default()
            };
            let version = unread.version.to_string();
            ledger
                .read(unread, version, Found::Release(Arc::new(release)))
                .unwrap();
        }
    }

    fn shown(ledger: &Ledger) -> Vec<(String, i64, Option<i64>, usize)> {
        let releases = ledger.snapshot().releases.into_iter();
        let row = |watched: WatchedRelease| {
            let WatchedRelease {
                release,
                deployed,
                revisions,
            } = watched;
            (release.name.clone(), release.revision, deployed, revisions)
        };
        releases.map(row).collect()
    }

    #[test]
    fn only_what_is_new_or_different_and_newest_is_read() {
        let mut ledger = Ledger::default();
        for revision in 1..=10 {
            let status = if revision == 9 { "deployed" } else { "failed" };
            ledger.put(record("web", revision, status, "1")).unwrap();
        }
        ledger.put(record("api", 1, "deployed", "2")).unwrap();
        assert_eq!(asked(&ledger), [("api".to_owned(), 1), ("web".to_owned(), 10)]);
        assert!(ledger.snapshot().releases.is_empty());
        read_all(&mut ledger);
        assert!(ledger.unread().is_empty());
        assert_eq!(
            shown(&ledger),
            [
                ("api".to_owned(), 1, Some(1), 1),
                ("web".to_owned(), 10, Some(9), 10)
            ]
        );
        // An older revision says nothing new about the newest.
        ledger.put(record("web", 9, "superseded", "3")).unwrap();
        assert!(ledger.unread().is_empty());
        assert_eq!(shown(&ledger)[1], ("web".to_owned(), 10, None, 10));
        // The newest in a new version, a newer one, and the newest one gone.
        ledger.put(record("web", 10, "deployed", "4")).unwrap();
        assert_eq!(asked(&ledger), [("web".to_owned(), 10)]);
        read_all(&mut ledger);
        ledger.put(record("web", 11, "pending-upgrade", "5")).unwrap();
        assert_eq!(asked(&ledger), [("web".to_owned(), 11)]);
        read_all(&mut ledger);
        ledger.delete(record("web", 11, "pending-upgrade", "6"));
        assert_eq!(asked(&ledger), [("web".to_owned(), 10)]);
        ledger.delete(record("api", 1, "deployed", "7"));
        read_all(&mut ledger);
        assert_eq!(shown(&ledger), [("web".to_owned(), 10, Some(10), 10)]);
        assert_eq!(ledger.n_records, 10);
    }

    #[test]
    fn a_version_that_was_read_before_its_event_came_is_not_read_again() {
        let mut ledger = Ledger::default();
        ledger.put(record("web", 1, "pending-install", "1")).unwrap();
        let unread = ledger.unread().remove(0);
        ledger.read(unread, "2".to_owned(), Found::Gone).unwrap();
        assert!(ledger.unread().is_empty());
        ledger.put(record("web", 1, "deployed", "2")).unwrap();
        assert!(ledger.unread().is_empty());
        ledger.put(record("web", 1, "deployed", "3")).unwrap();
        assert_eq!(ledger.unread().len(), 1);
    }

    #[test]
    fn a_list_made_anew_reads_only_what_differs() {
        let mut ledger = Ledger::default();
        for name in ["a", "b", "c"] {
            ledger.put(record(name, 1, "deployed", "1")).unwrap();
        }
        read_all(&mut ledger);
        let mut anew = Ledger::default();
        anew.put(record("a", 1, "deployed", "1")).unwrap();
        anew.put(record("b", 2, "deployed", "2")).unwrap();
        let bytes = ledger.size_bytes;
        anew.inherit(ledger);
        assert_eq!(asked(&anew), [("b".to_owned(), 2)]);
        assert_eq!(anew.size_bytes, bytes / 3 * 2);
        read_all(&mut anew);
        assert_eq!(shown(&anew).len(), 2);
        anew.delete(record("a", 1, "deployed", "3"));
        anew.delete(record("b", 2, "deployed", "3"));
        assert_eq!((anew.size_bytes, anew.n_records), (0, 0));
    }

    #[test]
    fn an_object_with_an_odd_name_is_where_its_labels_say_now() {
        let mut ledger = Ledger::default();
        ledger.put(head("odd", ("web", 3), "deployed", "1")).unwrap();
        ledger.put(head("odd", ("api", 3), "deployed", "2")).unwrap();
        assert_eq!(asked(&ledger), [("api".to_owned(), 3)]);
        ledger.delete(head("odd", ("other", 1), "deployed", "3"));
        assert_eq!(
            (ledger.n_records, ledger.releases.len(), ledger.odd.len()),
            (0, 0, 0)
        );
    }

    #[test]
    fn there_are_limits() {
        let mut ledger = Ledger::default();
        for revision in 1..=50_000 {
            ledger.put(record("web", revision, "failed", "1")).unwrap();
        }
        // What is known already is no record more.
        ledger.put(record("web", 1, "failed", "2")).unwrap();
        let error = ledger.put(record("web", 50_001, "failed", "1")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "there are more than 50000 records of releases to list; choose a namespace"
        );
        let mut ledger = Ledger::default();
        ledger.put(record("web", 1, "failed", "1")).unwrap();
        let large = Release {
            apply_method: "x".repeat(MAX_SUMMARIES_BYTES),
            ..Release::default()
        };
        let unread = ledger.unread().remove(0);
        let error = ledger.read(unread, String::new(), Found::Release(Arc::new(large)));
        assert!(matches!(error, Err(Error::ListTooLarge { .. })));
    }
}
