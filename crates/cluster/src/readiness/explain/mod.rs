//! Why an object does not become ready, in a sentence for the person who installed it.
//!
//! A status says "Ready: 0/3"; the cause is in the pods, and in what the cluster reported about them. [`pods`] finds the
//! cause of one pod, [`events`] what was reported; here the causes are counted and the most telling one is worded.

mod events;
mod pods;

use std::collections::BTreeMap;

use serde_json::Value;

use super::fields::{Conditions, text_or};
use super::rules::GroupKind;
use events::Events;

/// How telling a cause is: the first ones are mistakes in the release, the last ones may pass by themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Configuration,
    Image,
    Memory,
    Crash,
    Creation,
    Node,
    Volume,
    Probe,
    Other,
}

/// What is wrong, to be read after "2 of 3 pods".
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Cause {
    rank: Rank,
    text: String,
}

impl Cause {
    fn new(rank: Rank, text: impl Into<String>) -> Self {
        Self {
            rank,
            text: text.into(),
        }
    }
}

/// Why `object` is not ready, as far as its pods and the events of its namespace tell; `None` when they tell nothing.
///
/// The most telling cause is named, with the number of pods it concerns.
#[must_use]
pub fn explain(object: &Value, pods: &[Value], events: &[Value]) -> Option<String> {
    let kind = GroupKind::of(object);
    let events = Events::new(events);
    if kind.is("", "PersistentVolumeClaim") {
        return claim(object, &events);
    }
    let is_pod = kind.is("", "Pod");
    let pods = if is_pod {
        std::slice::from_ref(object)
    } else {
        pods
    };
    let pods: Vec<&Value> = pods.iter().filter(|pod| !is_leaving(pod)).collect();
    let mut found: BTreeMap<Cause, usize> = BTreeMap::new();
    for pod in &pods {
        if let Some(cause) = pods::cause(pod, &events) {
            *found.entry(cause).or_default() += 1;
        }
    }
    let from_pods = found
        .into_iter()
        .min_by_key(|(cause, n_pods)| (cause.rank, std::cmp::Reverse(*n_pods)));
    let of_object = if is_pod { None } else { creation(object, &events) };
    match (from_pods, of_object) {
        (Some((cause, n_pods)), of_object)
            if of_object.as_ref().is_none_or(|other| cause.rank < other.rank) =>
        {
            let subject = match pods.len() {
                1 => "the pod".to_owned(),
                n_all => format!("{n_pods} of {n_all} pods"),
            };
            Some(format!("{subject} {}", cause.text))
        }
        (_, Some(cause)) => Some(cause.text),
        (_, None) => condition(object),
    }
}

/// Pods that are being deleted, as in every rollout, explain nothing.
fn is_leaving(pod: &Value) -> bool {
    !text_or(pod, &["metadata", "deletionTimestamp"], "").is_empty()
}

/// Why a workload cannot even make its pods: a quota, an admission webhook, a missing service account.
fn creation(object: &Value, events: &Events<'_>) -> Option<Cause> {
    let conditions = Conditions::of(object).unwrap_or_default();
    let refused = conditions
        .iter()
        .find(|condition| condition.kind == "ReplicaFailure" && condition.status == "True")
        .map(|condition| condition.message)
        .filter(|message| !message.is_empty());
    let message = refused.or_else(|| events.of_workload(object, &["FailedCreate"]))?;
    // `pods "web-5d4f" is forbidden: exceeded quota: …`: the name of a pod that does not exist says nothing.
    let message = match message.split_once(" is forbidden: ") {
        Some((before, after)) if before.contains("pods \"") => after,
        _ => message,
    };
    Some(Cause::new(
        Rank::Creation,
        format!("pods cannot be created: {}", sentence(message)),
    ))
}

fn claim(object: &Value, events: &Events<'_>) -> Option<String> {
    match text_or(object, &["status", "phase"], "Pending") {
        "Bound" => None,
        "Lost" => Some("the claim has lost its volume".to_owned()),
        _ => {
            let reasons = [
                "ProvisioningFailed",
                "FailedBinding",
                "WaitForFirstConsumer",
                "ExternalProvisioning",
            ];
            let class = text_or(object, &["spec", "storageClassName"], "");
            Some(match events.of_object(object, &reasons) {
                Some(message) => format!("the claim is not bound: {}", sentence(message)),
                None if class.is_empty() => "the claim is not bound to a volume".to_owned(),
                None => format!("the claim is not bound: no volume of the storage class {class} yet"),
            })
        }
    }
}

/// What the object says of itself: most controllers write why in a condition.
fn condition(object: &Value) -> Option<String> {
    let conditions = Conditions::of(object).ok()?;
    let telling = [
        ("Stalled", "True"),
        ("Failed", "True"),
        ("NamesAccepted", "False"),
        ("Established", "False"),
        ("Reconciling", "True"),
        ("Ready", "False"),
        ("Progressing", "False"),
        ("Available", "False"),
    ];
    telling
        .iter()
        .find_map(|(kind, status)| {
            conditions
                .iter()
                .find(|condition| condition.kind == *kind && condition.status == *status)
                .filter(|condition| !condition.message.is_empty())
        })
        .map(|condition| sentence(condition.message))
}

/// Characters of a message that are worth repeating.
const MAX_MESSAGE: usize = 300;

/// A message of the cluster as part of a sentence: one line, no dot at its end, not without end.
fn sentence(message: &str) -> String {
    let line = message.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = line.trim_end_matches('.');
    match line.char_indices().nth(MAX_MESSAGE) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests;
