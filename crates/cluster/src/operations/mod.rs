//! Operations on releases, with Helm's semantics: what is done in which order, and what is recorded when.
//!
//! Each is a struct of its options with one `run`. A revision is recorded as pending before anything is applied, so
//! that its name is the lock, and ends as deployed or failed, whatever happens in between.

pub(crate) mod install;
mod render;
pub(crate) mod rollback;
mod settle;
mod test;
pub(crate) mod uninstall;
pub(crate) mod upgrade;

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use engine::Host;
use helm::release::{Release, SYSTEM_LABELS};
use tokio::sync::watch;

pub use install::Install;
pub use rollback::{MAX_DESCRIPTION_CHARS, Rollback};
pub use settle::Settled;
pub use test::{Test, TestRun};
pub use uninstall::{Uninstall, Uninstalled};
pub use upgrade::{MissingRelease, Upgrade};

use crate::apply::{Applier, Cascade, Method};
use crate::discovery::Discovery;
use crate::error::{During as _, Step};
use crate::hooks::HookRunner;
use crate::manifest::{Located, ManifestObject, locate_known};
use crate::wait::Goal;
use crate::{Cluster, Error, Observer, Wait, ownership};

/// How long helm lets each step take that waits for something.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(300);
/// How long an operation goes on asking an API server that is away, so that a restart of it ends nothing halfway.
const PATIENCE: Duration = Duration::from_secs(90);

/// What every operation needs.
#[derive(Clone)]
pub struct Context<'a> {
    pub(crate) cluster: Cluster,
    host: Arc<dyn Host + Send + Sync>,
    observer: &'a dyn Observer,
    cancel: Cancel,
}

impl<'a> Context<'a> {
    /// `host` is what templates see of the world besides the cluster.
    pub fn new(cluster: &Cluster, host: Arc<dyn Host + Send + Sync>, observer: &'a dyn Observer) -> Self {
        Self {
            cluster: cluster.with_patience(PATIENCE),
            host,
            observer,
            cancel: Cancel::never(),
        }
    }

    /// An operation that ends early, as failed, once `cancel` says so.
    #[must_use]
    pub fn with_cancel(self, cancel: Cancel) -> Self {
        Self { cancel, ..self }
    }

    /// The same, told to somebody else.
    pub(crate) fn observed_by<'b>(&self, observer: &'b dyn Observer) -> Context<'b> {
        Context {
            cluster: self.cluster.clone(),
            host: Arc::clone(&self.host),
            observer,
            cancel: self.cancel.clone(),
        }
    }

    fn applier<'s>(&'s self, discovery: &'s Discovery, method: Method) -> Applier<'s> {
        Applier::new(&self.cluster, discovery, self.observer, method)
    }
}

/// Tells an operation to end.
#[derive(Debug, Clone)]
pub struct Cancel {
    receiver: watch::Receiver<bool>,
}

impl Cancel {
    /// A switch, and what it switches.
    pub fn new() -> (watch::Sender<bool>, Self) {
        let (sender, receiver) = watch::channel(false);
        (sender, Self { receiver })
    }

    fn never() -> Self {
        Self::new().1
    }

    /// Waits until it is said.
    pub async fn canceled(&self) {
        let mut receiver = self.receiver.clone();
        // A switch that is gone switches nothing any more.
        if receiver.wait_for(|is_canceled| *is_canceled).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Runs `work` until it is done or canceled.
    async fn unless<T>(&self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        tokio::select! {
            result = work => result,
            () = self.canceled() => Err(Error::Canceled),
        }
    }
}

/// An operation without consequences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DryRun {
    /// Nothing is asked of the cluster that templates could see.
    Client,
    /// Templates see the cluster, and objects are compared with it.
    Server,
}

/// The objects of a revision as they are applied: marked as the release's.
pub(crate) fn targets(release: &Release, namespace: &str, discovery: &Discovery) -> Result<Located, Error> {
    let mut located = locate_known(&release.manifest, namespace, discovery)?;
    ownership::mark(&mut located.objects, &release.name, namespace);
    Ok(located)
}

/// Waits as an operation was told to.
async fn wait_for(
    context: &Context<'_>,
    objects: &[ManifestObject],
    wait: Wait,
    timeout: Duration,
) -> Result<(), Error> {
    let goal = match wait {
        Wait::Hooks => return Ok(()),
        Wait::Objects => Goal::Ready,
        Wait::ObjectsAndJobs => Goal::ReadyWithJobs,
    };
    context
        .cluster
        .wait(objects, goal, timeout, context.observer)
        .await
}

/// Labels that a user gives must not be Helm's own.
fn check_labels(labels: &BTreeMap<String, String>) -> Result<(), Error> {
    if labels.keys().any(|label| SYSTEM_LABELS.contains(&label.as_str())) {
        return Err(Error::SystemLabels);
    }
    Ok(())
}

/// The word of a record for how its objects were applied.
pub(crate) fn is_server_side(release: &Release) -> bool {
    release.apply_method == "ssa"
}

/// How objects are applied where an upgrade or rollback is not told: as the revision it starts from was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ServerSide {
    #[default]
    Auto,
    Yes,
    No,
}

impl ServerSide {
    fn for_release(self, release: &Release) -> bool {
        match self {
            Self::Auto => is_server_side(release),
            Self::Yes => true,
            Self::No => false,
        }
    }
}

/// Deletes what a failed operation created, and gives its error back; an error if that fails, too.
async fn clean_up(
    applier: &Applier<'_>,
    created: &[ManifestObject],
    operation: &'static str,
    error: Error,
) -> Result<Error, Error> {
    let errors = applier.delete(created, Cascade::Background).await;
    Error::of_several(errors, ", ")
        .during(|| Step::CleanUp {
            operation,
            original: error.chain(),
        })
        .map(|()| error)
}

/// Flags that exclude each other.
fn check_method(method: &Method) -> Result<(), Error> {
    let problem = if method.force_conflicts && method.force_replace {
        "cannot use force conflicts and force replace together"
    } else if method.server_side && method.force_replace {
        "cannot use server-side apply and force replace together"
    } else if method.force_conflicts && !method.server_side {
        "forceConflicts enabled when serverSideApply disabled"
    } else {
        return Ok(());
    };
    Err(Error::Options { problem })
}

fn hooks<'a>(applier: &'a Applier<'a>, timeout: Duration) -> HookRunner<'a> {
    HookRunner { applier, timeout }
}
