//! The merged view over all repositories, held in memory.
//!
//! A list row of every chart is small (15,000 charts are a few megabytes), so filters, counts and ranking are plain
//! loops over one immutable snapshot. The database counts changes; a query first asks for the count, and reads the
//! charts that changed since. Other processes on the same database do the same, so all answer alike.

mod cursor;
mod query;
mod suggest;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use model::catalog::ChartSummary;
use tokio::sync::Mutex;

use crate::Result;
use crate::blobs::Digest;
use crate::store::{ChartRecord, Store};

/// A chart with what matching needs.
pub(crate) struct Entry {
    pub(crate) record: ChartRecord,
    name: String,
    description: String,
}

impl Entry {
    fn new(record: ChartRecord) -> Self {
        Self {
            name: record.name.to_lowercase(),
            description: record.description.to_lowercase(),
            record,
        }
    }

    /// The row that a list shows.
    pub(crate) fn summary(&self) -> ChartSummary {
        let record = &self.record;
        ChartSummary {
            repository: record.repository.clone(),
            name: record.name.clone(),
            version: record.version.clone(),
            app_version: record.app_version.clone(),
            description: record.description.clone(),
            icon: icon_path(record.icon_digest.as_deref()),
            deprecated: record.deprecated,
            is_library: record.is_library,
            has_schema: record.has_schema,
            is_signed: record.is_signed,
            yanked: record.yanked,
            updated: record.published_at,
            n_versions: u32::try_from(record.n_versions).unwrap_or(u32::MAX),
        }
    }
}

/// Where the server hands out an icon, below its base path.
pub(crate) fn icon_path(digest: Option<&[u8]>) -> Option<String> {
    Some(format!("/icons/{}", Digest::from_slice(digest?)?.to_hex()))
}

/// All charts at one point in time, by name and repository.
#[derive(Default)]
pub(crate) struct Snapshot {
    generation: i64,
    pub(crate) charts: Vec<Arc<Entry>>,
}

impl Snapshot {
    /// The chart of that name.
    pub(crate) fn find(&self, repository: &str, name: &str) -> Option<&Arc<Entry>> {
        let key = (name, repository);
        let at = self
            .charts
            .binary_search_by(|entry| sort_key(entry).cmp(&key))
            .ok()?;
        self.charts.get(at)
    }

    /// The charts of that name, of whatever repository.
    pub(crate) fn named<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s Arc<Entry>> {
        let start = self
            .charts
            .partition_point(|entry| entry.record.name.as_str() < name);
        let rest = self.charts.get(start..).unwrap_or_default();
        rest.iter().take_while(move |entry| entry.record.name == name)
    }
}

fn sort_key(entry: &Entry) -> (&str, &str) {
    (&entry.record.name, &entry.record.repository)
}

/// The snapshot that is current.
#[derive(Default)]
pub(crate) struct CatalogCache {
    current: RwLock<Arc<Snapshot>>,
    /// Of many that find it stale, one reads.
    reading: Mutex<()>,
}

impl CatalogCache {
    /// The charts as they are now.
    pub(crate) async fn snapshot(&self, store: &Store) -> Result<Arc<Snapshot>> {
        let (generation, _) = store.generation().await?;
        if let Some(current) = self.current_at(generation) {
            return Ok(current);
        }
        let _reading = self.reading.lock().await;
        let (generation, full_generation) = store.generation().await?;
        if let Some(current) = self.current_at(generation) {
            return Ok(current);
        }
        let old = Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner));
        let since = if old.generation < full_generation {
            0
        } else {
            old.generation
        };
        let mut charts: HashMap<i64, Arc<Entry>> = match since {
            0 => HashMap::new(),
            _ => old
                .charts
                .iter()
                .map(|entry| (entry.record.id, Arc::clone(entry)))
                .collect(),
        };
        for record in store.charts_since(since).await? {
            charts.insert(record.id, Arc::new(Entry::new(record)));
        }
        let mut charts: Vec<Arc<Entry>> = charts.into_values().collect();
        charts.sort_unstable_by(|a, b| sort_key(a).cmp(&sort_key(b)));
        let snapshot = Arc::new(Snapshot { generation, charts });
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&snapshot);
        Ok(snapshot)
    }

    fn current_at(&self, generation: i64) -> Option<Arc<Snapshot>> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        (current.generation == generation).then(|| Arc::clone(&current))
    }
}
