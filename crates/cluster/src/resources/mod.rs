//! What is live of a release: its objects with those they own, how they are, what was reported of them, and how they are
//! reached.
//!
//! [`look`] asks the cluster, each part on its own, so that what may not be seen hides nothing else; the rest is pure:
//! [`tree`] puts owners and owned together, [`words`] says how they are, [`events`] what was reported, [`access`] how
//! they are reached. [`logs`] reads what containers print, [`belongs`] says whose a pod is. How objects differ from the
//! manifest is a plan's question: see `plan::drift`.

mod access;
mod belongs;
mod events;
mod logs;
mod look;
mod problems;
mod tree;
mod words;

use helm::release::Release;

pub use logs::{LogOptions, MAX_LOG_LINES, PodLog};
pub use problems::Problem;
pub(crate) use problems::Problems;

use crate::manifest::{Located, UnknownKind, locate_known};
use crate::{Cluster, Error};

/// Objects of one release that are looked at. A record may hold more; nobody reads them on a page.
const MAX_OBJECTS: usize = 1_000;

/// The objects of a release as they are in the cluster, and what can be said of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resources {
    /// The worst state of the objects; `None` where there are none.
    pub state: Option<ResourceState>,
    /// One sentence without a dot: what is not well and why, or that all is.
    pub summary: String,
    /// Those of the manifest, in its order.
    pub objects: Vec<Resource>,
    /// Those with an address first.
    pub access: Vec<AccessPoint>,
    /// The newest first; at most 100.
    pub events: Vec<ClusterEvent>,
    /// What could not be looked at.
    pub problems: Vec<Problem>,
}

/// How an object is, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResourceState {
    Ready,
    /// It could not be looked at.
    Unknown,
    Progressing,
    /// It is not there.
    Missing,
    Failed,
}

/// An object, with those it owns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// `v1`, or `apps/v1`.
    pub api_version: String,
    pub kind: String,
    /// `None` for what is in no namespace.
    pub namespace: Option<String>,
    /// Empty where the cluster made a name that nobody recorded.
    pub name: String,
    pub state: ResourceState,
    /// Why it is not ready; what a ready one is worth telling ("3 of 3 replicas").
    pub message: String,
    /// Seconds since 1970.
    pub created: Option<i64>,
    /// Of a pod; those that run first before the others.
    pub containers: Vec<Container>,
    pub children: Vec<Self>,
}

/// A container of a pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Container {
    pub name: String,
    pub image: String,
    pub is_init: bool,
    pub is_ready: bool,
    /// In words: `running`, `waiting: ImagePullBackOff`, `terminated: Error (exit code 1)`.
    pub state: String,
    pub n_restarts: i64,
}

/// A way to reach what a release runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessPoint {
    /// `Ingress shop/web`.
    pub object: String,
    /// What to open: `http` or `https`, with a host that can be one.
    pub url: Option<String>,
    /// A command that makes it reachable, where there is no address.
    pub command: Option<String>,
    /// What is known of it otherwise: that an address is not there yet, a port and a protocol.
    pub note: String,
}

/// An event of the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterEvent {
    /// The last time it was seen, in seconds since 1970.
    pub at: Option<i64>,
    pub is_warning: bool,
    pub reason: String,
    /// `Pod shop/web-0`.
    pub object: String,
    /// One line of limited length.
    pub message: String,
    /// How often it was seen.
    pub count: i64,
}

impl Cluster {
    /// What is live of a revision's objects. Hooks are no part of it.
    ///
    /// What may not be looked at, or cannot be now, becomes a problem and leaves the rest as it is; an error means that
    /// the cluster says nothing at all. A few requests: the kinds of the cluster, each object of the manifest, and one
    /// list per namespace of each kind that these own. Of a kind that Kubernetes does not bring, those are workloads,
    /// services, claims and the other kinds of its group.
    pub async fn resources(&self, release: &Release) -> Result<Resources, Error> {
        let discovery = self.discover().await?;
        let mut problems = Problems::default();
        let mut located = match locate_known(&release.manifest, &release.namespace, &discovery) {
            Ok(located) => located,
            Err(error) => {
                problems.say(format!("the manifest cannot be read: {}", error.chain()));
                Located::default()
            }
        };
        let n_all = located.objects.len() + located.unknown.len();
        located.objects.truncate(MAX_OBJECTS);
        located.unknown.truncate(MAX_OBJECTS);
        let n_shown = located.objects.len() + located.unknown.len();
        if n_shown < n_all {
            problems.say(format!(
                "the release has {n_all} objects, of which {n_shown} are shown"
            ));
        }
        let seen = look::objects(self, &located.objects, &mut problems).await;
        let mut owned = look::owned(self, &discovery, &seen, &mut problems).await;
        let reported = look::reports(self, &seen, &mut owned, &mut problems).await;
        let mut objects = tree::build(&seen, &owned, &reported);
        objects.extend(located.unknown.iter().map(of_unknown_kind));
        Ok(Resources {
            state: objects.iter().map(|object| object.state).max(),
            summary: words::summary(&objects),
            access: access::points(&seen),
            events: events::shown(&reported),
            objects,
            problems: problems.into_list(),
        })
    }
}

/// What the cluster has no kind for cannot be there.
fn of_unknown_kind(unknown: &UnknownKind) -> Resource {
    Resource {
        api_version: unknown.api_version.clone(),
        kind: unknown.kind.clone(),
        namespace: Some(unknown.namespace.clone()).filter(|namespace| !namespace.is_empty()),
        name: unknown.name.clone(),
        state: ResourceState::Missing,
        message: format!(
            "the cluster does not have the kind {} of {}",
            unknown.kind, unknown.api_version
        ),
        created: None,
        containers: Vec::new(),
        children: Vec::new(),
    }
}
