//! An index entry as it is stored.

use std::hash::Hasher;

use helm::contents::{changes_in_annotations, images_in_annotations};
use helm::index::{ChartKind, IndexEntry};
use model::Timestamp;

use super::version_key::version_key;
use crate::blobs::Digest;
use crate::store::{ChangeDetails, DependencyDetails, EntryDetails, EntryRecord, MaintainerDetails};

/// Items of a list that are kept of an entry: enough for every honest chart.
const MAX_ITEMS: usize = 200;

/// The record of an entry, with the chart's key still to be filled in.
pub(crate) fn record_of(entry: IndexEntry) -> EntryRecord {
    record_with(entry, false)
}

/// The same of a chart of which it is known whether a provenance file lies beside its archive.
pub(crate) fn record_with(entry: IndexEntry, has_provenance: bool) -> EntryRecord {
    let key = version_key(&entry.version);
    let digest = entry
        .digest
        .as_deref()
        .and_then(Digest::from_hex)
        .map(|digest| digest.0.to_vec());
    let annotation = |name: &str| entry.annotations.get(name).cloned();
    let images = images_in_annotations(&entry.annotations)
        .into_iter()
        .map(|image| image.reference)
        .collect();
    let changes = changes_in_annotations(&entry.annotations)
        .into_iter()
        .map(|change| ChangeDetails {
            kind: change.kind.to_owned(),
            description: change.description,
            links: change.links,
        })
        .collect();
    let license = annotation("artifacthub.io/license").or_else(|| annotation("licenses"));
    let alternative_name = annotation("artifacthub.io/alternativeName");
    let category = annotation("artifacthub.io/category").or_else(|| annotation("category"));
    let is_signed = has_provenance || entry.annotations.contains_key("artifacthub.io/signKey");
    let details = EntryDetails {
        description: entry.description.unwrap_or_default(),
        icon: entry.icon.filter(|icon| is_fetchable(icon)),
        home: entry.home,
        sources: first(entry.sources),
        keywords: first(entry.keywords),
        maintainers: first(entry.maintainers)
            .into_iter()
            .map(|m| MaintainerDetails {
                name: m.name,
                email: m.email,
                url: m.url,
            })
            .collect(),
        kube_version: entry.kube_version,
        license,
        is_library: entry.kind == ChartKind::Library,
        is_signed,
        dependencies: first(entry.dependencies)
            .into_iter()
            .map(|d| DependencyDetails {
                name: d.name,
                version: d.version.unwrap_or_default(),
                repository: d.repository.unwrap_or_default(),
                alias: d.alias,
                condition: d.condition,
                tags: d.tags,
            })
            .collect(),
        images,
        alternative_name,
        category,
        urls: first(entry.urls),
        changes,
    };
    let mut record = EntryRecord {
        chart_id: 0,
        version: entry.version,
        sort_key: key.bytes,
        is_prerelease: key.is_prerelease,
        entry_hash: 0,
        app_version: entry.app_version,
        published_at: entry.created.map(|at| Timestamp(at.seconds)),
        deprecated: entry.deprecated,
        // Plain data with text keys: there is nothing in it that JSON cannot say.
        details: serde_json::to_string(&details).unwrap_or_else(|_| "{}".to_owned()),
        digest,
    };
    record.entry_hash = hash_of(&record);
    record
}

/// Anything else, such as a path on the packager's machine, cannot be fetched.
fn is_fetchable(icon: &str) -> bool {
    icon.len() <= 2048 && (icon.starts_with("https://") || icon.starts_with("http://"))
}

fn first<T>(mut list: Vec<T>) -> Vec<T> {
    list.truncate(MAX_ITEMS);
    list
}

/// Tells a changed entry from one that is stored already. Stored values outlive the process, so the hash must be the
/// same everywhere and for ever: FNV-1a.
fn hash_of(record: &EntryRecord) -> i64 {
    struct Fnv(u64);
    impl Hasher for Fnv {
        fn finish(&self) -> u64 {
            self.0
        }
        fn write(&mut self, bytes: &[u8]) {
            for byte in bytes {
                self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
            }
        }
    }
    let mut hasher = Fnv(0xcbf2_9ce4_8422_2325);
    let mut field = |bytes: &[u8]| {
        hasher.write(&(bytes.len() as u64).to_le_bytes());
        hasher.write(bytes);
    };
    field(record.app_version.as_deref().unwrap_or_default().as_bytes());
    field(&record.published_at.map_or(i64::MIN, |at| at.0).to_le_bytes());
    field(&[u8::from(record.deprecated)]);
    field(record.details.as_bytes());
    field(record.digest.as_deref().unwrap_or_default());
    hasher.finish().cast_signed()
}
