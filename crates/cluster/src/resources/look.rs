//! Asking the cluster for the objects of a release, those they own, and what was reported of them.
//!
//! Everything is asked for on its own: what fails becomes a problem. Of lists only what belongs to the release is kept,
//! page by page, so that a namespace full of others costs time and no memory.

use std::collections::{BTreeSet, HashSet};

use futures_util::StreamExt as _;
use serde::Deserialize;
use serde_json::Value;

use super::events;
use super::problems::Problems;
use super::words::clip;
use crate::api::{JSON, Payload, Question, escape};
use crate::discovery::{Discovery, root_of};
use crate::manifest::{ManifestObject, Place, text};
use crate::{Cluster, Error};

/// Questions that are asked at the same time.
const AT_ONCE: usize = 16;
/// Objects of one page of a list.
const PAGE: &str = "200";
/// Objects of one kind in one namespace that are gone through.
const MAX_LISTED: usize = 10_000;
/// Objects of one kind in one namespace that are kept for a release.
const MAX_KEPT: usize = 1_000;
/// Kinds of a group that are looked through for what one of them owns.
const MAX_SIBLINGS: usize = 20;

/// All but the content: who may see that a Secret is there need not have it sent.
const HEAD: &str = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";

/// An object of the manifest, and what there is of it.
pub(super) struct Seen {
    pub(super) place: Place,
    pub(super) sight: Sight,
}

pub(super) enum Sight {
    There(Value),
    Missing,
    /// Why it cannot be told.
    Hidden(String),
}

impl Seen {
    pub(super) fn live(&self) -> Option<&Value> {
        match &self.sight {
            Sight::There(live) => Some(live),
            Sight::Missing | Sight::Hidden(_) => None,
        }
    }
}

/// Objects that are owned by those of the manifest, with what lists leave out: version and kind.
#[derive(Default)]
pub(super) struct Owned {
    pub(super) objects: Vec<Value>,
    /// Claims of stateful sets, which say who owns them by their names.
    pub(super) claims: Vec<Value>,
}

/// A kind of objects that others own. Those of a lower level own others of higher ones.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct OwnedKind<'d> {
    level: u8,
    api_version: &'d str,
    kind: &'d str,
    resource: &'d str,
}

const fn owned_kind(
    level: u8,
    api_version: &'static str,
    kind: &'static str,
    resource: &'static str,
) -> OwnedKind<'static> {
    OwnedKind {
        level,
        api_version,
        kind,
        resource,
    }
}

/// What a custom kind owns of its own group.
const CUSTOM_LEVEL: u8 = 0;
const LAST_LEVEL: u8 = 3;

const DEPLOYMENTS: OwnedKind<'static> = owned_kind(1, "apps/v1", "Deployment", "deployments");
const STATEFUL_SETS: OwnedKind<'static> = owned_kind(1, "apps/v1", "StatefulSet", "statefulsets");
const DAEMON_SETS: OwnedKind<'static> = owned_kind(1, "apps/v1", "DaemonSet", "daemonsets");
const CRON_JOBS: OwnedKind<'static> = owned_kind(1, "batch/v1", "CronJob", "cronjobs");
const REPLICA_SETS: OwnedKind<'static> = owned_kind(2, "apps/v1", "ReplicaSet", "replicasets");
const JOBS: OwnedKind<'static> = owned_kind(2, "batch/v1", "Job", "jobs");
const SERVICES: OwnedKind<'static> = owned_kind(2, "v1", "Service", "services");
const CLAIMS: OwnedKind<'static> = owned_kind(2, "v1", "PersistentVolumeClaim", "persistentvolumeclaims");
const PODS: OwnedKind<'static> = owned_kind(LAST_LEVEL, "v1", "Pod", "pods");
const EVENTS: OwnedKind<'static> = owned_kind(LAST_LEVEL, "v1", "Event", "events");

/// What operators make of their own kinds, besides more of these.
const OF_CUSTOM: [OwnedKind<'static>; 9] = [
    DEPLOYMENTS,
    STATEFUL_SETS,
    DAEMON_SETS,
    CRON_JOBS,
    REPLICA_SETS,
    JOBS,
    SERVICES,
    CLAIMS,
    PODS,
];

/// What objects of a kind own.
fn owned_by<'d>(place: &Place, discovery: &'d Discovery) -> Vec<OwnedKind<'d>> {
    if is_custom(place.group()) {
        let of_group = discovery.namespaced(&place.api_version);
        let others = of_group.filter(|resource| resource.kind != place.kind);
        // The version as discovery has it, which lives as long as the names.
        let version = discovery.version_name(&place.api_version);
        let siblings = others.take(MAX_SIBLINGS).filter_map(|resource| {
            Some(OwnedKind {
                level: CUSTOM_LEVEL,
                api_version: version?,
                kind: &resource.kind,
                resource: &resource.name,
            })
        });
        return siblings.chain(OF_CUSTOM).collect();
    }
    match place.kind.as_str() {
        "Deployment" => vec![REPLICA_SETS, PODS],
        "CronJob" => vec![JOBS, PODS],
        "StatefulSet" => vec![CLAIMS, PODS],
        "DaemonSet" | "ReplicaSet" | "Job" | "ReplicationController" => vec![PODS],
        _ => Vec::new(),
    }
}

/// Groups of Kubernetes have no dot, or belong to `k8s.io`.
fn is_custom(group: &str) -> bool {
    group.contains('.') && !group.ends_with(".k8s.io")
}

/// The objects of the manifest, in its order.
pub(super) async fn objects(
    cluster: &Cluster,
    objects: &[ManifestObject],
    problems: &mut Problems,
) -> Vec<Seen> {
    let mut answers = futures_util::stream::iter(objects)
        .map(async |object| (object, live(cluster, object).await))
        .buffered(AT_ONCE);
    let mut seen: Vec<Seen> = Vec::new();
    let mut silence = None;
    while let Some((object, answer)) = answers.next().await {
        let place = object.place.clone();
        let sight = match answer {
            Ok(_) if place.name.is_empty() => {
                Sight::Hidden("the cluster made its name, which no record has".to_owned())
            }
            Ok(None) => Sight::Missing,
            Ok(Some(live)) => Sight::There(live),
            Err(error) => {
                problems.of_error(&error, place.group(), "");
                let why = clip(&error.to_string());
                if matches!(error, Error::Unreachable(_)) {
                    silence = Some(why.clone());
                }
                Sight::Hidden(why)
            }
        };
        seen.push(Seen { place, sight });
        if silence.is_some() {
            break;
        }
    }
    // Each of the others would only take as long again to say the same.
    if let Some(why) = silence {
        let others = objects.iter().skip(seen.len()).map(|object| Seen {
            place: object.place.clone(),
            sight: Sight::Hidden(why.clone()),
        });
        seen.extend(others.collect::<Vec<_>>());
    }
    seen
}

async fn live(cluster: &Cluster, object: &ManifestObject) -> Result<Option<Value>, Error> {
    let place = &object.place;
    if place.name.is_empty() {
        return Ok(None);
    }
    let has_content = !(place.group().is_empty() && matches!(place.kind.as_str(), "Secret" | "ConfigMap"));
    let question = Question {
        accept: if has_content { JSON } else { HEAD },
        ..object.question("get")
    };
    match cluster.ask(question).await {
        Ok(mut live) => {
            name_kind(&mut live, &place.api_version, &place.kind);
            Ok(Some(live))
        }
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

fn name_kind(object: &mut Value, api_version: &str, kind: &str) {
    if let Value::Object(fields) = object {
        fields.insert("apiVersion".to_owned(), api_version.into());
        fields.insert("kind".to_owned(), kind.into());
    }
}

/// What the objects own, and what that owns in turn: level by level.
pub(super) async fn owned(
    cluster: &Cluster,
    discovery: &Discovery,
    seen: &[Seen],
    problems: &mut Problems,
) -> Owned {
    let mut lists = BTreeSet::new();
    for (object, live) in seen.iter().filter_map(|object| Some((object, object.live()?))) {
        if let (Some(namespace), Some(_)) = (&object.place.namespace, uid(live)) {
            let kinds = owned_by(&object.place, discovery).into_iter();
            lists.extend(kinds.map(|kind| (kind, namespace.as_str())));
        }
    }
    let mut owners = uids(seen.iter().filter_map(Seen::live));
    let mut owned = Owned::default();
    for level in CUSTOM_LEVEL..=LAST_LEVEL {
        let of_level: Vec<_> = lists
            .iter()
            .filter(|(kind, _)| kind.level == level)
            .copied()
            .collect();
        let found = list_all(cluster, &of_level, problems, |kind, object| {
            kind == CLAIMS || owner(object).is_some_and(|owner| owners.contains(owner))
        });
        let (claims, objects): (Vec<_>, Vec<_>) = found
            .await
            .into_iter()
            .partition(|object| text(object, "/kind") == Some(CLAIMS.kind));
        owners.extend(uids(&objects));
        owned.objects.extend(objects);
        owned.claims.extend(claims);
    }
    owned
}

/// What was reported of the objects and of those they own.
pub(super) async fn reports(
    cluster: &Cluster,
    seen: &[Seen],
    owned: &mut Owned,
    problems: &mut Problems,
) -> Vec<Value> {
    let live = || seen.iter().filter_map(Seen::live);
    let Owned { objects, claims } = owned;
    claims.retain(|claim| {
        let mut sets = live().chain(&*objects);
        sets.any(|object| super::tree::is_claim_of(claim, object)) && uid(claim).is_some()
    });
    let known = uids(live().chain(&*objects).chain(&*claims));
    let namespaces: BTreeSet<&str> = seen
        .iter()
        .filter(|object| object.live().is_some())
        .filter_map(|object| object.place.namespace.as_deref())
        .collect();
    let lists: Vec<_> = namespaces
        .into_iter()
        .map(|namespace| (EVENTS, namespace))
        .collect();
    list_all(cluster, &lists, problems, |_, event| {
        events::uid_of_object(event).is_some_and(|uid| known.contains(uid))
    })
    .await
}

pub(super) fn uid(object: &Value) -> Option<&str> {
    text(object, "/metadata/uid").filter(|uid| !uid.is_empty())
}

fn uids<'o>(objects: impl IntoIterator<Item = &'o Value>) -> HashSet<String> {
    objects.into_iter().filter_map(uid).map(str::to_owned).collect()
}

/// Whoever controls an object, else its first owner.
pub(super) fn owner_reference(object: &Value) -> Option<&Value> {
    let references = object.pointer("/metadata/ownerReferences")?.as_array()?;
    let is_controller = |reference: &&Value| reference.get("controller") == Some(&Value::Bool(true));
    references.iter().find(is_controller).or(references.first())
}

pub(super) fn owner(object: &Value) -> Option<&str> {
    text(owner_reference(object)?, "/uid")
}

async fn list_all(
    cluster: &Cluster,
    lists: &[(OwnedKind<'_>, &str)],
    problems: &mut Problems,
    keep: impl Fn(OwnedKind<'_>, &Value) -> bool,
) -> Vec<Value> {
    let keep = &keep;
    let mut answers = futures_util::stream::iter(lists)
        .map(async |(kind, namespace)| {
            let found = list(cluster, *kind, namespace, |object| keep(*kind, object)).await;
            (kind, namespace, found)
        })
        .buffered(AT_ONCE);
    let mut all = Vec::new();
    while let Some((kind, namespace, answer)) = answers.next().await {
        let OwnedKind {
            api_version,
            resource,
            ..
        } = kind;
        match answer {
            Ok(found) => {
                if found.is_cut {
                    problems.say(format!(
                        "there are too many {resource} in the namespace {namespace} to show all"
                    ));
                }
                all.extend(found.objects);
            }
            Err(error) => {
                let group = api_version.split_once('/').map_or("", |(group, _)| group);
                problems.of_error(&error, group, &format!(", so no {resource} are shown"));
                if matches!(error, Error::Unreachable(_)) {
                    break;
                }
            }
        }
    }
    all
}

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    metadata: PageMetadata,
    /// Null where there are none.
    items: Option<Vec<Value>>,
}

#[derive(Deserialize, Default)]
struct PageMetadata {
    #[serde(default, rename = "continue")]
    next: Option<String>,
}

struct Found {
    objects: Vec<Value>,
    /// Whether there may be more.
    is_cut: bool,
}

async fn list(
    cluster: &Cluster,
    kind: OwnedKind<'_>,
    namespace: &str,
    keep: impl Fn(&Value) -> bool,
) -> Result<Found, Error> {
    let mut found = Found {
        objects: Vec::new(),
        is_cut: false,
    };
    let (mut n_listed, mut next) = (0, String::new());
    loop {
        let mut query = vec![("limit", PAGE)];
        if !next.is_empty() {
            query.push(("continue", &next));
        }
        let question = Question {
            verb: "list",
            resource: kind.resource,
            namespace: Some(namespace),
            path: format!(
                "{}/namespaces/{}/{}",
                root_of(kind.api_version),
                escape(namespace),
                kind.resource
            ),
            query: &query,
            accept: JSON,
            payload: Payload::Nothing,
        };
        let page: Page = match cluster.ask(question).await {
            // The place in the list has expired: what was read so far is still true enough.
            Err(Error::Refused { code: 410, .. }) => {
                found.is_cut = true;
                return Ok(found);
            }
            answer => answer?,
        };
        for mut object in page.items.into_iter().flatten() {
            n_listed += 1;
            if keep(&object) {
                name_kind(&mut object, kind.api_version, kind.kind);
                found.objects.push(object);
            }
        }
        match page.metadata.next.filter(|token| !token.is_empty()) {
            Some(_) if n_listed >= MAX_LISTED || found.objects.len() >= MAX_KEPT => {
                found.is_cut = true;
                return Ok(found);
            }
            Some(token) => next = token,
            None => return Ok(found),
        }
    }
}
