//! The façade: one handle that owns everything and hands out the operations by area.

use std::path::PathBuf;
use std::sync::Arc;

use engine::Library;
use model::Timestamp;
use model::repository::RepositoryKind;
use tokio::sync::Notify;

use crate::attempts::Attempts;
use crate::blobs::Blobs;
use crate::cards::Cards;
use crate::catalog::CatalogCache;
use crate::clock::{Clock, SystemClock};
use crate::clusters::Clusters;
use crate::files::{FileCache, ProseCache};
use crate::hosted::Hosted;
use crate::jobs::Jobs;
use crate::mirrors::Mirrors as MirrorCache;
use crate::operations::Running;
use crate::ops::{
    Accounts, Audit, Bundles, Catalog, Charts, HostedCharts, Marks, Mirrors, Oci, Operations, Plans,
    Previews, Releases, Repositories, Samples, TokenCheck, Turns, check_name,
};
use crate::password::Passwords;
use crate::settings::RepositorySettings;
use crate::store::{ManagedBy, NewRepositoryRecord, Store, StoredSettings};
use crate::sync::{Archives, Board, Syncs, install_samples};
use crate::trust::Trust;
use crate::upstream::{Upstream, split_credentials};
use crate::{Error, Result, Settings};

/// Text of templates that charts have in common, parsed; their trees take a few times as much.
const MAX_LIBRARY_BYTES: usize = 4 << 20;

/// A handle to everything; cloning it is cheap.
#[derive(Clone)]
pub struct Backend {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) settings: Arc<Settings>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) store: Store,
    pub(crate) blobs: Blobs,
    pub(crate) upstream: Arc<Upstream>,
    pub(crate) archives: Arc<Archives>,
    pub(crate) syncs: Arc<Syncs>,
    /// Hosted repositories, where there are any.
    pub(crate) hosted: Option<Arc<Hosted>>,
    pub(crate) token_check: Option<TokenCheck>,
    /// Whose signatures count.
    pub(crate) trust: Arc<Trust>,
    pub(crate) catalog: CatalogCache,
    pub(crate) files: FileCache,
    pub(crate) prose: ProseCache,
    pub(crate) mirrors: MirrorCache,
    pub(crate) cards: Cards,
    pub(crate) passwords: Passwords,
    pub(crate) attempts: Attempts,
    pub(crate) clusters: Clusters,
    pub(crate) plans: Plans,
    pub(crate) previews: Turns,
    pub(crate) samples: Samples,
    /// What charts that are rendered here have in common.
    pub(crate) library: Arc<Library>,
    pub(crate) running: Running,
    pub(crate) marks: Marks,
    /// Wakes the scheduler: a repository became due.
    pub(crate) due: Arc<Notify>,
}

impl Backend {
    /// Opens the database, migrates it and opens the object store. Touches no network.
    pub async fn open(settings: Settings) -> Result<Self> {
        Self::open_with_clock(settings, Arc::new(SystemClock)).await
    }

    /// [`Backend::open`] with a clock of the caller's.
    #[tracing::instrument(name = "backend.open", skip_all)]
    pub async fn open_with_clock(mut settings: Settings, clock: Arc<dyn Clock>) -> Result<Self> {
        let samples = settings.samples.take();
        let settings = Arc::new(settings);
        let upstream = Upstream::new(&settings.upstream).map_err(|range| Error::Invalid {
            field: "upstream.allowed_cidrs",
            message: format!("`{range}` is not a range of addresses such as `10.20.0.0/16`"),
        })?;
        let upstream = Arc::new(upstream);
        let clusters = Clusters::new(&settings.clusters)?;
        let trust = Arc::new(Trust::open(&settings.signatures)?);
        let running = Running::new(settings.releases.max_operations)?;
        let store = Store::open(&settings.database, &settings.data_dir).await?;
        let used_bytes = store.held_archive_bytes().await?;
        let blobs = Blobs::open(&settings.storage, &object_dir(&settings), used_bytes)?;
        let archives = Arc::new(Archives::new(
            &settings,
            store.clone(),
            blobs.clone(),
            Arc::clone(&clock),
        ));
        let syncs = Arc::new(Syncs::new(
            Arc::clone(&settings),
            store.clone(),
            Arc::clone(&clock),
            Arc::clone(&upstream),
            Arc::clone(&archives),
            blobs.clone(),
        ));
        let token_check = TokenCheck::open(&settings.hosted)?;
        configure(&store, &upstream, &settings.repositories, clock.now()).await?;
        let board = Arc::clone(&syncs.board);
        let hosted = open_hosted(&settings, &store, &clock, board).await?;
        if let Some(samples) = samples {
            install_samples(&syncs, &blobs, &samples).await?;
        }
        let catalog = CatalogCache::new(settings.catalog.clone());
        let files = FileCache::new(settings.limits.file_cache_bytes);
        Ok(Self {
            inner: Arc::new(Inner {
                settings,
                clock,
                store,
                blobs,
                upstream,
                archives,
                syncs,
                hosted,
                token_check,
                trust,
                catalog,
                files,
                prose: ProseCache::default(),
                mirrors: MirrorCache::default(),
                cards: Cards::default(),
                passwords: Passwords::new(),
                attempts: Attempts::default(),
                clusters,
                plans: Plans::default(),
                previews: Turns::default(),
                samples: Samples::default(),
                library: Arc::new(Library::new(MAX_LIBRARY_BYTES)),
                running,
                marks: Marks::new()?,
                due: Arc::new(Notify::new()),
            }),
        })
    }

    /// Starts following the repositories in the background.
    pub fn start(&self) -> Jobs {
        Jobs::start(self.clone())
    }

    /// The same where there are no pages: the icons of hosted charts are left to a process that shows them.
    pub fn start_without_pages(&self) -> Jobs {
        Jobs::start_without_pages(self.clone())
    }

    /// Finding charts.
    pub fn catalog(&self) -> Catalog<'_> {
        Catalog::new(self)
    }

    /// Reading one chart.
    pub fn charts(&self) -> Charts<'_> {
        Charts::new(self)
    }

    /// Where charts come from.
    pub fn repositories(&self) -> Repositories<'_> {
        Repositories::new(self)
    }

    /// The catalog as Helm repositories.
    pub fn mirrors(&self) -> Mirrors<'_> {
        Mirrors::new(self)
    }

    /// Charts that are uploaded here.
    pub fn hosted(&self) -> HostedCharts<'_> {
        HostedCharts::new(self)
    }

    /// Charts in files, to be carried elsewhere.
    pub fn bundles(&self) -> Bundles<'_> {
        Bundles::new(self)
    }

    /// The same charts, for OCI clients.
    pub fn oci(&self) -> Oci<'_> {
        Oci::new(self)
    }

    /// What charts and values come to.
    pub fn previews(&self) -> Previews<'_> {
        Previews::new(self)
    }

    /// Releases in clusters.
    pub fn releases(&self) -> Releases<'_> {
        Releases::new(self)
    }

    /// What is done with releases.
    pub fn operations(&self) -> Operations<'_> {
        Operations::new(self)
    }

    /// Users, and how they come in.
    pub fn accounts(&self) -> Accounts<'_> {
        Accounts::new(self)
    }

    /// What everybody did.
    pub fn audit(&self) -> Audit<'_> {
        Audit::new(self)
    }

    /// Whether storage answers. Upstreams and syncs have no say in it.
    pub async fn ready(&self) -> Result<()> {
        self.inner.store.ping().await?;
        self.inner.blobs.ping().await?;
        Ok(())
    }

    /// The present by the clock that everything here goes by, in milliseconds since 1970.
    pub fn now_ms(&self) -> i64 {
        self.inner.clock.now_ms()
    }

    /// Closes the database, after which every operation fails.
    pub async fn close(&self) {
        self.inner.store.close().await;
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.inner
    }
}

fn object_dir(settings: &Settings) -> PathBuf {
    match settings.storage.dir.as_os_str().is_empty() {
        true => settings.data_dir.join("objects"),
        false => settings.storage.dir.clone(),
    }
}

/// Opens the directory of hosted charts. Where there shall be none, those that were there leave the catalog; their files
/// stay.
async fn open_hosted(
    settings: &Settings,
    store: &Store,
    clock: &Arc<dyn Clock>,
    board: Arc<Board>,
) -> Result<Option<Arc<Hosted>>> {
    if !settings.hosted.enabled {
        for repository in store.list_hosted().await? {
            store.delete_repository(repository.id).await?;
        }
        return Ok(None);
    }
    check_name(&settings.hosted.name)?;
    let hosted = Hosted::open(settings, store.clone(), Arc::clone(clock), board).await?;
    hosted.recover().await?;
    Ok(Some(Arc::new(hosted)))
}

/// Makes the stored repositories those of the configuration: new ones are added, changed ones changed, those that are
/// no longer named are removed. What operators added stays.
async fn configure(
    store: &Store,
    upstream: &Upstream,
    configured: &[RepositorySettings],
    now: Timestamp,
) -> Result<()> {
    let stored = store.list_repositories().await?;
    for repository in configured {
        let mut repository = repository.clone();
        check_name(&repository.name)?;
        let invalid = |error: crate::upstream::FetchError| Error::Invalid {
            field: "repositories",
            message: format!("`{}`: {}", repository.name, error.in_words()),
        };
        let mut split = repository.clone();
        split_credentials(&mut split).map_err(invalid)?;
        upstream.source(&split).map_err(invalid)?;
        repository = split;
        let settings = StoredSettings::from(&repository);
        match stored.iter().find(|known| known.name == repository.name) {
            None => {
                store
                    .insert_repository(&NewRepositoryRecord {
                        name: repository.name,
                        url: repository.url,
                        kind: RepositoryKind::Synced,
                        managed_by: ManagedBy::Config,
                        settings,
                        created_at: now,
                    })
                    .await?;
            }
            Some(known) if known.kind != RepositoryKind::Synced => {
                let whose = match known.kind {
                    RepositoryKind::Hosted => "hosted charts have this name",
                    _ => "the bundled charts have this name",
                };
                return Err(Error::Conflict {
                    what: format!("repository `{}`", repository.name),
                    reason: whose.to_owned(),
                });
            }
            Some(known) => {
                let is_same = known.url == repository.url && known.settings == settings;
                if !is_same || known.managed_by != ManagedBy::Config {
                    store
                        .configure_repository(known.id, &repository.url, &settings, ManagedBy::Config, now)
                        .await?;
                }
            }
        }
    }
    for known in &stored {
        let is_configured = configured.iter().any(|repository| repository.name == known.name);
        let is_synced = known.kind == RepositoryKind::Synced;
        if is_synced && known.managed_by == ManagedBy::Config && !is_configured {
            store.delete_repository(known.id).await?;
        }
    }
    Ok(())
}
