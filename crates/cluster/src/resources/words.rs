//! How objects are, in words: a state and a reason for each, what containers do, and one sentence about all of them.
//!
//! What counts as ready is `readiness`' business. Here jobs are ready when they are through, and a pod that has failed is
//! none that has ended well: nobody waits for them, somebody looks at them.

use serde_json::Value;

use super::{Container, Resource, ResourceState};
use crate::manifest::text;
use crate::readiness::{
    ObjectStatus, Readiness, explain, int_or, object_status_with_jobs, object_status_with_pods, text_or,
};

/// Characters of a text of the cluster that are repeated.
const MAX_TEXT_CHARS: usize = 400;
/// Containers of one pod that are shown.
const MAX_CONTAINERS: usize = 50;

/// How an object is, and why; of one that is ready what is worth telling.
pub(super) struct Verdict {
    pub(super) state: ResourceState,
    pub(super) message: String,
}

/// How an object is, by itself, its pods, and what was reported of it.
pub(super) fn verdict(object: &Value, pods: &[&Value], reported: &[Value]) -> Verdict {
    let status = status(object, pods);
    let state = match status.readiness {
        Readiness::Current if has_failed(object) => ResourceState::Failed,
        Readiness::Current => ResourceState::Ready,
        Readiness::InProgress | Readiness::Terminating => ResourceState::Progressing,
        Readiness::Failed => ResourceState::Failed,
        Readiness::NotFound => ResourceState::Missing,
        Readiness::Unknown => ResourceState::Unknown,
    };
    let message = match (state, status.readiness) {
        (_, Readiness::Terminating) => "it is being deleted".to_owned(),
        (ResourceState::Ready, _) => clip(&worth_telling(object)),
        _ => {
            let pods: Vec<Value> = pods.iter().map(|pod| (*pod).clone()).collect();
            clip(&explain(object, &pods, reported).unwrap_or(status.message))
        }
    };
    Verdict { state, message }
}

fn status(object: &Value, pods: &[&Value]) -> ObjectStatus {
    match text_or(object, &["kind"], "") {
        "Job" => object_status_with_jobs(object),
        "StatefulSet" | "ReplicaSet" => {
            let pods: Vec<Value> = pods.iter().map(|pod| (*pod).clone()).collect();
            object_status_with_pods(object, &pods)
        }
        _ => object_status_with_pods(object, &[]),
    }
}

fn has_failed(object: &Value) -> bool {
    text_or(object, &["kind"], "") == "Pod" && text_or(object, &["status", "phase"], "") == "Failed"
}

fn worth_telling(object: &Value) -> String {
    let status = |name| int_or(object, &["status", name], 0);
    let number = |name: &str| object.pointer(name).and_then(Value::as_i64);
    match text_or(object, &["kind"], "") {
        "Deployment" | "ReplicaSet" | "StatefulSet" | "ReplicationController" => {
            let wanted = int_or(object, &["spec", "replicas"], 1);
            format!("{} of {wanted} replicas", status("readyReplicas"))
        }
        "DaemonSet" => format!(
            "{} of {} nodes",
            status("numberReady"),
            status("desiredNumberScheduled")
        ),
        "Job" => "completed".to_owned(),
        "CronJob" => {
            let schedule = text_or(object, &["spec", "schedule"], "");
            let is_suspended = object.pointer("/spec/suspend") == Some(&Value::Bool(true));
            let suffix = if is_suspended { ", suspended" } else { "" };
            format!("schedule {schedule}{suffix}")
        }
        "Pod" => match text_or(object, &["status", "phase"], "") {
            "Succeeded" => "completed".to_owned(),
            _ => match text_or(object, &["spec", "nodeName"], "") {
                "" => "running".to_owned(),
                node => format!("running on {node}"),
            },
        },
        "PersistentVolumeClaim" => match text_or(object, &["status", "capacity", "storage"], "") {
            "" => "bound".to_owned(),
            size => format!("bound, {size}"),
        },
        "Service" => text_or(object, &["spec", "type"], "ClusterIP").to_owned(),
        "HorizontalPodAutoscaler" => match (
            number("/status/currentReplicas"),
            number("/spec/minReplicas"),
            number("/spec/maxReplicas"),
        ) {
            (Some(current), minimum, Some(maximum)) => {
                format!("{current} replicas, {} to {maximum}", minimum.unwrap_or(1))
            }
            _ => String::new(),
        },
        _ => String::new(),
    }
}

/// The containers of a pod, those that run first before the others.
pub(super) fn containers(pod: &Value) -> Vec<Container> {
    let lists = [
        ("/spec/initContainers", "/status/initContainerStatuses"),
        ("/spec/containers", "/status/containerStatuses"),
    ];
    let items = |pointer| {
        pod.pointer(pointer)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
    };
    let mut containers = Vec::new();
    for (specifications, statuses) in lists {
        for specification in items(specifications) {
            let name = text_or(specification, &["name"], "");
            let status = items(statuses).find(|status| text(status, "/name") == Some(name));
            containers.push(Container {
                name: name.to_owned(),
                image: clip(text_or(specification, &["image"], "")),
                is_init: specifications == "/spec/initContainers",
                is_ready: status.and_then(|status| status.get("ready")) == Some(&Value::Bool(true)),
                state: status.map_or_else(|| "not started".to_owned(), container_state),
                n_restarts: status.map_or(0, |status| int_or(status, &["restartCount"], 0)),
            });
        }
    }
    containers.truncate(MAX_CONTAINERS);
    containers
}

fn container_state(status: &Value) -> String {
    let state = |name: &str| status.get("state").and_then(|state| state.get(name));
    if state("running").is_some() {
        return "running".to_owned();
    }
    if let Some(ended) = state("terminated") {
        let code = int_or(ended, &["exitCode"], 0);
        let reason = text_or(ended, &["reason"], if code == 0 { "Completed" } else { "Error" });
        return match code {
            0 => format!("terminated: {}", clip(reason)),
            code => format!("terminated: {} (exit code {code})", clip(reason)),
        };
    }
    match state("waiting").map(|waiting| text_or(waiting, &["reason"], "")) {
        None | Some("") => "waiting".to_owned(),
        Some(reason) => format!("waiting: {}", clip(reason)),
    }
}

/// One sentence about all objects: the worst of them, the first of its state.
pub(super) fn summary(objects: &[Resource]) -> String {
    let n_ready = objects
        .iter()
        .filter(|object| object.state == ResourceState::Ready)
        .count();
    // The last of equals is the maximum, so that the order is turned around.
    let worst = objects
        .iter()
        .rev()
        .max_by_key(|object| object.state)
        .filter(|object| object.state != ResourceState::Ready);
    let Some(worst) = worst else {
        return match objects.len() {
            0 => "The release has no objects".to_owned(),
            1 => "The object is ready".to_owned(),
            n_all => format!("All {n_all} objects are ready"),
        };
    };
    let message = match worst.message.as_str() {
        "" => worst.state.as_str(),
        message => message,
    };
    let label = label(&worst.kind, worst.namespace.as_deref(), &worst.name);
    format!(
        "{n_ready} of {} objects are ready; {label}: {message}",
        objects.len()
    )
}

/// `Deployment shop/web`, for people.
pub(super) fn label(kind: &str, namespace: Option<&str>, name: &str) -> String {
    match namespace {
        None | Some("") => format!("{kind} {name}"),
        Some(namespace) => format!("{kind} {namespace}/{name}"),
    }
}

/// A text of the cluster on one line, not without end.
pub(super) fn clip(text: &str) -> String {
    // Bounded before anything is made of it: a message may be a megabyte.
    let start = text.chars().take(MAX_TEXT_CHARS * 4);
    let shown: String = start.filter(|char| !hides(*char)).collect();
    let line = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MAX_TEXT_CHARS) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}

/// Characters that nobody sees and that change how the others are read: controls, and marks for the direction of text.
fn hides(char: char) -> bool {
    char.is_control() && !char.is_whitespace()
        || matches!(char, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

impl ResourceState {
    /// The word in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Unknown => "unknown",
            Self::Progressing => "progressing",
            Self::Missing => "missing",
            Self::Failed => "failed",
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn containers_are_told_in_words() {
        let pod = json!({
            "spec": {
                "initContainers": [{ "name": "migrate", "image": "example.org/migrate:1" }],
                "containers": [
                    { "name": "web", "image": "example.org/web:1" }, { "name": "pull", "image": "x" },
                    { "name": "crash", "image": "x" }, { "name": "odd", "image": "x" }, { "name": "new" },
                ],
            },
            "status": {
                "initContainerStatuses": [{ "name": "migrate", "ready": true, "restartCount": 0,
                    "state": { "terminated": { "exitCode": 0, "reason": "Completed" } } }],
                "containerStatuses": [
                    { "name": "web", "ready": true, "restartCount": 3, "state": { "running": {} } },
                    { "name": "pull", "state": { "waiting": { "reason": "ImagePullBackOff", "message": "…" } } },
                    { "name": "crash", "state": { "terminated": { "exitCode": 1, "reason": "Error" } } },
                    { "name": "odd", "ready": "yes", "state": 7 },
                ],
            },
        });
        let found: Vec<_> = containers(&pod)
            .into_iter()
            .map(|container| {
                (
                    container.name,
                    container.is_init,
                    container.is_ready,
                    container.state,
                    container.n_restarts,
                )
            })
            .collect();
        let expected = [
            ("migrate", true, true, "terminated: Completed", 0),
            ("web", false, true, "running", 3),
            ("pull", false, false, "waiting: ImagePullBackOff", 0),
            ("crash", false, false, "terminated: Error (exit code 1)", 0),
            ("odd", false, false, "waiting", 0),
            ("new", false, false, "not started", 0),
        ];
        let expected = expected.map(|(name, is_init, is_ready, state, n_restarts)| {
            (name.to_owned(), is_init, is_ready, state.to_owned(), n_restarts)
        });
        assert_eq!(found, expected);
    }

    #[test]
    fn states_have_reasons_in_words() {
        let conditions = |kind: &str, status: &str, more: Value| {
            let mut condition = json!({ "type": kind, "status": status });
            for (field, value) in more.as_object().unwrap() {
                condition[field] = value.clone();
            }
            json!([condition])
        };
        let unscheduled = json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "web-1" },
            "status": { "phase": "Pending", "conditions": conditions("PodScheduled", "False", json!({
                "reason": "Unschedulable",
                "message": "0/1 nodes are available: 1 Insufficient ephemeral-storage. preemption: none.",
            })) },
        });
        let deployment = |ready: i64| {
            json!({
                "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "web", "generation": 1 },
                "spec": { "replicas": 1, "selector": {} },
                "status": { "observedGeneration": 1, "replicas": 1, "updatedReplicas": 1,
                    "readyReplicas": ready, "availableReplicas": ready,
                    "conditions": conditions("Available", "True", json!({})) },
            })
        };
        let ended = |phase: &str| json!({ "apiVersion": "v1", "kind": "Pod", "status": { "phase": phase, "reason": "Evicted" } });
        let job = json!({ "apiVersion": "batch/v1", "kind": "Job", "status": { "startTime": "2026-01-02T03:04:05Z" } });
        let leaving = json!({ "apiVersion": "v1", "kind": "Service", "metadata": { "deletionTimestamp": "2026-01-02T03:04:05Z" } });
        let cron = json!({ "apiVersion": "batch/v1", "kind": "CronJob", "spec": { "schedule": "0 3 * * *", "suspend": true } });
        let cases = [
            (deployment(1), vec![], ResourceState::Ready, "1 of 1 replicas"),
            (
                deployment(0),
                vec![&unscheduled],
                ResourceState::Progressing,
                "the pod cannot be scheduled: 0/1 nodes available: insufficient ephemeral-storage",
            ),
            (
                deployment(0),
                vec![],
                ResourceState::Progressing,
                "Available: 0/1",
            ),
            (
                ended("Failed"),
                vec![],
                ResourceState::Failed,
                "the pod failed: Evicted",
            ),
            (ended("Succeeded"), vec![], ResourceState::Ready, "completed"),
            (job, vec![], ResourceState::Progressing, "Job in progress"),
            (leaving, vec![], ResourceState::Progressing, "it is being deleted"),
            (
                cron,
                vec![],
                ResourceState::Ready,
                "schedule 0 3 * * *, suspended",
            ),
        ];
        for (object, pods, state, message) in cases {
            let verdict = verdict(&object, &pods, &[]);
            assert_eq!(
                (verdict.state, verdict.message.as_str()),
                (state, message),
                "{object}"
            );
        }
    }

    #[test]
    fn the_worst_object_is_named() {
        let resource = |name: &str, state, message: &str| Resource {
            api_version: "v1".to_owned(),
            kind: "Deployment".to_owned(),
            namespace: Some("shop".to_owned()),
            name: name.to_owned(),
            state,
            message: message.to_owned(),
            created: None,
            containers: Vec::new(),
            children: Vec::new(),
        };
        let ready = || resource("web", ResourceState::Ready, "1 of 1 replicas");
        let missing = |name| resource(name, ResourceState::Missing, "it is not in the cluster");
        let slow = resource("slow", ResourceState::Progressing, "Available: 0/1");
        assert_eq!(summary(&[]), "The release has no objects");
        assert_eq!(summary(&[ready()]), "The object is ready");
        assert_eq!(summary(&[ready(), ready()]), "All 2 objects are ready");
        assert_eq!(
            summary(&[ready(), slow, missing("one"), missing("two")]),
            "1 of 4 objects are ready; Deployment shop/one: it is not in the cluster"
        );
    }

    #[test]
    fn texts_are_cut() {
        assert_eq!(clip(" a\n b "), "a b");
        assert_eq!(clip("a\u{202e}b\u{1b}[1m"), "ab[1m");
        assert_eq!(clip(&"ä".repeat(1_000_000)).chars().count(), MAX_TEXT_CHARS + 1);
    }
}
