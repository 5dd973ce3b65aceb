//! The merged view over all repositories, held in memory: a list row of every chart, and the index that finds them.
//!
//! A snapshot never changes. The database counts changes; a query first asks for the count, and reads the charts that
//! changed since. Other processes on the same database do the same, so all answer alike. What only archives tell of a
//! chart (README, values, kinds of custom resources) is read out of them behind the scenes, in `texts`: a chart is found
//! by its row at once, and by the rest a moment later. Nothing of the index is stored, so nothing of it can be damaged.

mod about;
mod document;
mod front;
mod query;
mod relations;
mod suggest;
mod texts;
mod view;

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, LazyLock, OnceLock, PoisonError, RwLock};

use model::catalog::ChartSummary;
use search::{Builder, Change, Document, Index, Lexicon};
use tokio::sync::{Mutex, Semaphore, watch};

use self::about::About;
use self::document::{Documents, Texts};
pub(crate) use self::front::Front;
pub(crate) use self::relations::{Relations, meant};
use self::view::Views;
use crate::blobs::Digest;
use crate::settings::CatalogSettings;
use crate::store::{ChartRecord, Store};
use crate::{Error, Result};

/// Charts that are read and indexed at a time.
const PAGE: i64 = 1_000;

/// A chart with what matching needs.
pub(crate) struct Entry {
    pub(crate) record: ChartRecord,
    name: String,
    /// Its repository is one that the configuration calls official.
    is_official: bool,
    /// Known when it has been indexed.
    about: OnceLock<About>,
}

impl Entry {
    fn new(record: ChartRecord, settings: &CatalogSettings) -> Self {
        Self {
            name: record.name.to_lowercase(),
            is_official: settings.official_repositories.contains(&record.repository),
            record,
            about: OnceLock::new(),
        }
    }

    pub(crate) fn is_official(&self) -> bool {
        self.is_official
    }

    /// What kind of software it is; empty where nothing tells.
    pub(crate) fn category(&self) -> &str {
        &self.about().category
    }

    fn about(&self) -> &About {
        static NOTHING: LazyLock<About> = LazyLock::new(About::default);
        self.about.get().unwrap_or(&NOTHING)
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
            is_official: self.is_official,
            updated: record.published_at,
            n_versions: u32::try_from(record.n_versions).unwrap_or(u32::MAX),
        }
    }
}

/// Where the server hands out an icon, below its base path.
pub(crate) fn icon_path(digest: Option<&[u8]>) -> Option<String> {
    Some(format!("/icons/{}", Digest::from_slice(digest?)?.to_hex()))
}

/// All charts at one point in time that somebody may see, by name and repository. What is left out for them is in no
/// field of it ([`view`]).
pub(crate) struct Snapshot {
    generation: i64,
    pub(crate) charts: Arc<[Arc<Entry>]>,
    by_id: Arc<HashMap<i64, Arc<Entry>>>,
    pub(crate) index: Index,
    /// Charts whose archives' texts are not in the index yet.
    textless: Arc<BTreeSet<i64>>,
    /// Made when somebody first asks. They follow from the charts alone, and are those of all snapshots with the same.
    relations: Arc<OnceLock<Arc<Relations>>>,
    front: Arc<OnceLock<Arc<Front>>>,
    views: Views,
}

impl Snapshot {
    fn empty(lexicon: Arc<Lexicon>) -> Self {
        Self {
            generation: 0,
            charts: Arc::default(),
            by_id: Arc::default(),
            index: Index::new(lexicon),
            textless: Arc::default(),
            relations: Arc::default(),
            front: Arc::default(),
            views: Views::default(),
        }
    }

    /// The count of changes that it is at.
    pub(crate) fn generation(&self) -> i64 {
        self.generation
    }

    /// The chart of that name.
    pub(crate) fn find(&self, repository: &str, name: &str) -> Option<&Arc<Entry>> {
        self.charts.get(self.place(repository, name)?)
    }

    /// Where that chart is in [`Snapshot::charts`].
    pub(crate) fn place(&self, repository: &str, name: &str) -> Option<usize> {
        let key = (name, repository);
        let found = self.charts.binary_search_by(|entry| sort_key(entry).cmp(&key));
        found.ok()
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

fn n_turns() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from)
}

fn sort_key(entry: &Entry) -> (&str, &str) {
    (&entry.record.name, &entry.record.repository)
}

/// The snapshot that is current.
pub(crate) struct CatalogCache {
    current: RwLock<Arc<Snapshot>>,
    lexicon: Arc<Lexicon>,
    settings: CatalogSettings,
    /// Of many that find it stale, one reads.
    reading: Mutex<()>,
    turns: Arc<Semaphore>,
    /// Somebody reads texts out of archives.
    is_reading_texts: AtomicBool,
    /// How many charts are left without their texts.
    n_textless: watch::Sender<usize>,
}

impl CatalogCache {
    pub(crate) fn new(settings: CatalogSettings) -> Self {
        let lexicon = Arc::new(Lexicon::with_synonyms(&settings.synonyms));
        Self {
            current: RwLock::new(Arc::new(Snapshot::empty(Arc::clone(&lexicon)))),
            lexicon,
            settings,
            reading: Mutex::default(),
            turns: Arc::new(Semaphore::new(n_turns())),
            is_reading_texts: AtomicBool::new(false),
            n_textless: watch::Sender::new(0),
        }
    }

    /// Computes something with the catalog on a thread that may be kept busy, when one of as many turns as there are
    /// processors is free.
    ///
    /// Without turns every request that comes meanwhile would have a thread of its own. None of them would be answered
    /// sooner, and each thread keeps some MiB that a search takes, in the allocator's memory for that thread.
    pub(crate) async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        let turn = turn.map_err(Error::internal)?;
        let computed = tokio::task::spawn_blocking(move || {
            // Until it is done, also where nobody waits for it any more.
            let _turn = turn;
            work()
        });
        computed.await.map_err(Error::internal)
    }

    /// The charts as they are now.
    pub(crate) async fn snapshot(&self, store: &Store) -> Result<Arc<Snapshot>> {
        let (generation, _) = store.generation().await?;
        let current = self.current();
        if current.generation == generation {
            return Ok(current);
        }
        let _reading = self.reading.lock().await;
        let (generation, full_generation) = store.generation().await?;
        let old = self.current();
        if old.generation == generation {
            return Ok(old);
        }
        // Where rows were removed, all are read, but only those that changed are indexed again.
        let is_full = old.generation < full_generation;
        let since = if is_full { 0 } else { old.generation };
        let mut by_id: HashMap<i64, Arc<Entry>> = match is_full {
            true => HashMap::new(),
            false => (*old.by_id).clone(),
        };
        let mut changed: HashMap<i64, Arc<Entry>> = HashMap::new();
        for record in store.charts_since(since).await? {
            let id = record.id;
            let known = old
                .by_id
                .get(&id)
                .filter(|known| known.record.generation == record.generation);
            let entry = match known {
                Some(known) => Arc::clone(known),
                None => {
                    let entry = Arc::new(Entry::new(record, &self.settings));
                    changed.insert(id, Arc::clone(&entry));
                    entry
                }
            };
            by_id.insert(id, entry);
        }
        let removed: Vec<i64> = old
            .by_id
            .keys()
            .filter(|id| !by_id.contains_key(id))
            .copied()
            .collect();
        let mut textless = (*old.textless).clone();
        textless.retain(|id| by_id.contains_key(id));
        textless.extend(changed.keys());
        let index = self.index_of(store, &old, &changed, removed, is_full).await?;
        let mut charts: Vec<Arc<Entry>> = by_id.values().map(Arc::clone).collect();
        charts.sort_unstable_by(|a, b| sort_key(a).cmp(&sort_key(b)));
        let snapshot = Snapshot {
            generation,
            charts: charts.into(),
            by_id: Arc::new(by_id),
            index,
            textless: Arc::new(textless),
            relations: Arc::default(),
            front: Arc::default(),
            views: Views::default(),
        };
        Ok(self.replace(snapshot))
    }

    /// The index with the changed charts as their rows tell.
    async fn index_of(
        &self,
        store: &Store,
        old: &Snapshot,
        changed: &HashMap<i64, Arc<Entry>>,
        removed: Vec<i64>,
        is_full: bool,
    ) -> Result<Index> {
        let since = if is_full { 0 } else { old.generation };
        // Made anew, an index is built at once; else it is changed.
        let mut builder = old
            .by_id
            .is_empty()
            .then(|| Builder::new(Arc::clone(&self.lexicon)));
        let mut changes: Vec<Change> = removed.into_iter().map(Change::Remove).collect();
        let mut after = 0;
        loop {
            let page = store.searchable_since(since, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.chart_id;
            let page: Vec<_> = page
                .into_iter()
                .filter_map(|more| Some((Arc::clone(changed.get(&more.chart_id)?), more)))
                .collect();
            let (lexicon, settings) = (Arc::clone(&self.lexicon), self.settings.clone());
            let make = move || -> (Vec<Document>, Option<Builder>) {
                let mut documents = Documents::default();
                let made = page.into_iter().map(|(entry, more)| {
                    let about = entry
                        .about
                        .get_or_init(|| About::of(&entry.record, &more, &lexicon, &settings));
                    let standing = about.standing;
                    documents.document(&entry.record, more, Texts::default(), standing)
                });
                match builder {
                    Some(mut builder) => {
                        made.for_each(|document| builder.add(document));
                        (Vec::new(), Some(builder))
                    }
                    None => (made.collect(), None),
                }
            };
            let (documents, kept) = tokio::task::spawn_blocking(make).await.map_err(Error::internal)?;
            builder = kept;
            changes.extend(
                documents
                    .into_iter()
                    .map(|document| Change::Put(Box::new(document))),
            );
        }
        let old = old.index.clone();
        let finish = move || match builder {
            Some(builder) => builder.finish(),
            None => old.with(changes),
        };
        tokio::task::spawn_blocking(finish).await.map_err(Error::internal)
    }

    fn current(&self) -> Arc<Snapshot> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn replace(&self, snapshot: Snapshot) -> Arc<Snapshot> {
        let n_textless = snapshot.textless.len();
        let snapshot = Arc::new(snapshot);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&snapshot);
        self.n_textless.send_replace(n_textless);
        snapshot
    }
}
