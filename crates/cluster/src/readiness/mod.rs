//! Whether an object of a release is ready, by the rules `helm --wait` goes by, and why it is not.
//!
//! Nothing is asked here: an object goes in as the cluster gave it, a status comes out. [`rules`] holds what counts as
//! ready for each kind, [`fields`] how fields are read and what is said of those that are not what they should be,
//! [`explain`] turns pods and events into a sentence.
//!
//! The rules are those of kstatus, with the readers that Helm puts before them for hooks and jobs.

mod explain;
mod fields;
mod rules;

use std::time::SystemTime;

use serde_json::Value;

pub use explain::explain;
use fields::{Conditions, map_at};
pub(crate) use fields::{go_text, int_or, text_or, unix_seconds};
use rules::GroupKind;

/// What is known of an object, in kstatus' words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Readiness {
    /// It is as its specification asks.
    Current,
    InProgress,
    /// It will not become ready by waiting.
    Failed,
    /// It is being deleted.
    Terminating,
    NotFound,
    /// It is not what an object of its kind looks like.
    Unknown,
}

impl Readiness {
    /// The word that Helm prints.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Current => "Current",
            Self::InProgress => "InProgress",
            Self::Failed => "Failed",
            Self::Terminating => "Terminating",
            Self::NotFound => "NotFound",
            Self::Unknown => "Unknown",
        }
    }
}

/// A status and the message that Helm prints with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectStatus {
    pub readiness: Readiness,
    pub message: String,
}

impl ObjectStatus {
    fn new(readiness: Readiness, message: impl Into<String>) -> Self {
        Self {
            readiness,
            message: message.into(),
        }
    }

    /// What an object is that the cluster does not have.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(Readiness::NotFound, "Resource not found")
    }
}

/// A status, or what is wrong with the object.
type Verdict = Result<ObjectStatus, String>;

/// The status `helm --wait` waits to be current, as far as the object itself tells.
///
/// The clock is read for one rule: a pod that finds no node fails after fifteen seconds.
#[must_use]
pub fn object_status(object: &Value) -> ObjectStatus {
    object_status_with_pods(object, &[])
}

/// As [`object_status`], with the pods that the object's selector finds.
///
/// Helm gives up a StatefulSet or a ReplicaSet that is in progress once one of its pods has failed for good. The pods of
/// other kinds change nothing.
#[must_use]
pub fn object_status_with_pods(object: &Value, pods: &[Value]) -> ObjectStatus {
    settle(read(object, pods, SystemTime::now()))
}

/// As [`object_status`] for `--wait-for-jobs`: a job is current when it has completed, not when it has started.
#[must_use]
pub fn object_status_with_jobs(object: &Value) -> ObjectStatus {
    if GroupKind::of(object).is("batch", "Job") {
        return settle(rules::finished_job(object));
    }
    object_status(object)
}

/// The status a hook waits for: jobs and pods have to end, everything else is current at once.
#[must_use]
pub fn hook_status(object: &Value) -> ObjectStatus {
    let kind = GroupKind::of(object);
    if kind.is("batch", "Job") {
        settle(rules::finished_job(object))
    } else if kind.is("", "Pod") {
        rules::finished_pod(object)
    } else {
        ObjectStatus::new(Readiness::Current, "Resource is current")
    }
}

fn settle(verdict: Verdict) -> ObjectStatus {
    verdict.unwrap_or_else(|message| ObjectStatus::new(Readiness::Unknown, message))
}

fn read(object: &Value, pods: &[Value], now: SystemTime) -> Verdict {
    let kind = GroupKind::of(object);
    let has_pods = kind.is("apps", "StatefulSet") || kind.is("apps", "ReplicaSet");
    if (has_pods || kind.is("apps", "Deployment")) && map_at(object, &["spec", "selector"])?.is_none() {
        return Err("no selector found".to_owned());
    }
    let status = rules::compute(object, &kind, now)?;
    if has_pods && status.readiness == Readiness::InProgress {
        let n_failed = pods.iter().filter(|pod| has_failed_for_good(pod, now)).count();
        if n_failed > 0 {
            let message = format!("{n_failed} pods have failed");
            return Ok(ObjectStatus::new(Readiness::Failed, message));
        }
    }
    Ok(status)
}

/// Pods that are on their way out, and pods for which a node may still be added, are no reason to give up.
fn has_failed_for_good(pod: &Value, now: SystemTime) -> bool {
    // Items of a list do not say what they are.
    let status = rules::compute(pod, &GroupKind::POD, now);
    if !status.is_ok_and(|status| status.readiness == Readiness::Failed) {
        return false;
    }
    let is_unschedulable = Conditions::of(pod).is_ok_and(|conditions| {
        conditions.iter().any(|condition| {
            condition.kind == "PodScheduled"
                && condition.status == "False"
                && condition.reason == "Unschedulable"
        })
    });
    text_or(pod, &["metadata", "deletionTimestamp"], "").is_empty() && !is_unschedulable
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::patch::arbitrary_json;

    /// What kstatus and Helm's readers say of each object; made by running them.
    #[test]
    fn the_rules_are_those_of_helm() {
        let vectors = include_str!("../../tests/data/readiness.jsonl");
        let mut n_vectors = 0;
        for line in vectors.lines() {
            let vector: Value = serde_json::from_str(line).unwrap();
            let object = &vector["object"];
            let pods = vector["pods"].as_array().map_or(&[][..], Vec::as_slice);
            let shown = |status: ObjectStatus| json!([status.readiness.as_str(), status.message]);
            let plain = &vector["plain"];
            let jobs = vector.get("jobs").unwrap_or(plain);
            let current = json!(["Current", "Resource is current"]);
            let hook = vector.get("hook").unwrap_or(&current);
            assert_eq!(&shown(object_status_with_pods(object, pods)), plain, "{object}");
            if pods.is_empty() {
                assert_eq!(&shown(object_status(object)), plain, "{object}");
                assert_eq!(&shown(object_status_with_jobs(object)), jobs, "{object}");
            }
            assert_eq!(&shown(hook_status(object)), hook, "{object}");
            n_vectors += 1;
        }
        assert!(n_vectors > 500, "{n_vectors} vectors");
    }

    #[test]
    fn a_pod_without_a_node_fails_after_fifteen_seconds() {
        let pod = json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": { "name": "web", "creationTimestamp": "2026-01-02T03:04:05Z" },
            "status": { "phase": "Pending", "conditions": [
                { "type": "PodScheduled", "status": "False", "reason": "Unschedulable" }
            ] },
        });
        let created = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_767_323_045);
        let after = |seconds| {
            let now = created + std::time::Duration::from_secs(seconds);
            rules::compute(&pod, &GroupKind::POD, now).unwrap().readiness
        };
        assert_eq!(after(14), Readiness::InProgress);
        assert_eq!(after(15), Readiness::Failed);
    }

    proptest! {
        #[test]
        fn any_json_has_a_status(
            mut object in arbitrary_json(),
            kind in "Deployment|Pod|Job|StatefulSet|CustomResourceDefinition",
            pods in proptest::collection::vec(arbitrary_json(), 0..3),
        ) {
            if let Some(object) = object.as_object_mut() {
                object.insert("kind".to_owned(), kind.into());
            }
            let _ = (object_status(&object), object_status_with_jobs(&object), hook_status(&object));
            let _ = (object_status_with_pods(&object, &pods), explain(&object, &pods, &pods));
        }
    }
}
