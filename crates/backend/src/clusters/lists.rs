//! Lists of releases as one identity sees them, kept up to date for as long as somebody looks at them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use cluster::{ListOptions, ReleaseWatch};
use helm::release::Release;
use model::release::DamagedRecord;

use super::{Connection, Identity};

/// Lists that nobody looked at for so long are given up.
const IDLE: Duration = Duration::from_secs(300);
/// A cluster that does not say for so long whether a list may be shown is away.
const PATIENCE: Duration = Duration::from_secs(2);
/// Lists that are kept at most; the one that nobody looked at for longest goes first.
const MAX_LISTS: usize = 64;

/// The newest revisions of the releases of a scope.
#[derive(Clone, Debug, Default)]
pub(crate) struct Listing {
    pub(crate) releases: Vec<Arc<Release>>,
    pub(crate) damaged: Vec<DamagedRecord>,
    /// Why it is not up to date, if it is not.
    pub(crate) trouble: Option<String>,
}

/// What a list is of: never of two identities.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Scope {
    identity: Identity,
    /// `None` is all of them.
    namespace: Option<String>,
}

impl Scope {
    fn of(connection: &Connection, namespace: Option<&str>) -> Self {
        Self {
            identity: connection.identity.clone(),
            namespace: namespace.map(str::to_owned),
        }
    }
}

struct Kept {
    watch: Arc<ReleaseWatch>,
    last_used: Instant,
}

/// Lists that are kept.
#[derive(Default)]
pub(crate) struct Lists {
    kept: Mutex<HashMap<Scope, Kept>>,
}

impl Lists {
    /// The releases of a namespace, or of all that the identity of the connection may see at once.
    ///
    /// The cluster is asked each time whether it still may: a list that is followed would end only when its watch is made
    /// anew, a minute later.
    pub(crate) async fn get(
        &self,
        connection: &Connection,
        namespace: Option<&str>,
    ) -> Result<Listing, cluster::Error> {
        let watch = self.watch(connection, namespace);
        let asked = tokio::time::timeout(PATIENCE, connection.cluster.may_list_records(namespace));
        let (releases, asked) = tokio::join!(watch.releases(), asked);
        match asked {
            Ok(Ok(false)) => {
                self.kept().remove(&Scope::of(connection, namespace));
                return Err(connection.cluster.no_right_to_list_records(namespace));
            }
            Ok(Err(cluster::Error::Unauthorized)) => {
                self.forget(&connection.identity);
                return Err(cluster::Error::Unauthorized);
            }
            // A cluster that is away takes no rights back.
            Ok(Ok(true) | Err(_)) | Err(_) => {}
        }
        match releases {
            Ok(snapshot) => Ok(Listing {
                releases: snapshot
                    .releases
                    .iter()
                    .map(|watched| Arc::clone(&watched.release))
                    .collect(),
                damaged: snapshot
                    .damaged
                    .iter()
                    .map(|record| watched_damaged(record))
                    .collect(),
                trouble: watch.trouble().map(|trouble| trouble.error.chain()),
            }),
            // Who may list and not watch gets a list all the same.
            Err(cluster::Error::Forbidden { verb: "watch", .. }) => once(connection, namespace).await,
            Err(error) => Err(error),
        }
    }

    /// Changes whenever the list does.
    pub(crate) fn changes(
        &self,
        connection: &Connection,
        namespace: Option<&str>,
    ) -> tokio::sync::watch::Receiver<u64> {
        self.watch(connection, namespace).changes()
    }

    /// Gives up the lists of an identity.
    pub(super) fn forget(&self, identity: &Identity) {
        self.kept().retain(|scope, _| scope.identity != *identity);
    }

    fn watch(&self, connection: &Connection, namespace: Option<&str>) -> Arc<ReleaseWatch> {
        let scope = Scope::of(connection, namespace);
        let now = Instant::now();
        let mut kept = self.kept();
        kept.retain(|_, list| now.duration_since(list.last_used) < IDLE && !list.watch.is_over());
        if let Some(list) = kept.get_mut(&scope) {
            list.last_used = now;
            return Arc::clone(&list.watch);
        }
        if kept.len() >= MAX_LISTS
            && let Some(oldest) = kept
                .iter()
                .min_by_key(|(_, list)| list.last_used)
                .map(|(scope, _)| scope.clone())
        {
            kept.remove(&oldest);
        }
        let watch = Arc::new(ReleaseWatch::start(&connection.cluster, namespace));
        kept.insert(
            scope,
            Kept {
                watch: Arc::clone(&watch),
                last_used: now,
            },
        );
        watch
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<Scope, Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn once(connection: &Connection, namespace: Option<&str>) -> Result<Listing, cluster::Error> {
    let options = ListOptions {
        namespace: namespace.map(str::to_owned),
        ..ListOptions::default()
    };
    let listed = connection.cluster.list(&options).await?;
    Ok(Listing {
        releases: listed.releases.into_iter().map(Arc::new).collect(),
        damaged: listed
            .damaged
            .iter()
            .map(|(head, error)| damaged(head, error))
            .collect(),
        trouble: None,
    })
}

fn watched_damaged(record: &cluster::DamagedRelease) -> DamagedRecord {
    DamagedRecord {
        namespace: record.namespace.clone(),
        name: record.name.clone(),
        revision: record.revision,
        reason: record.error.chain(),
    }
}

/// A record that cannot be read.
pub(crate) fn damaged(head: &cluster::RecordHead, error: &cluster::Error) -> DamagedRecord {
    DamagedRecord {
        namespace: head.namespace.clone(),
        name: head.name.clone(),
        revision: head.revision,
        reason: error.chain(),
    }
}
