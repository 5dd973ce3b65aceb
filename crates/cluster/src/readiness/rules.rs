//! What counts as ready, kind by kind.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;

use super::fields::{Condition, Conditions, creation, int_at, int_or, list_at, text_at, text_or};
use super::{ObjectStatus, Readiness, Verdict};

/// How long a pod may be without a node.
const SCHEDULE_WINDOW: Duration = Duration::from_secs(15);

/// The deadline of a deployment that has none.
const NO_DEADLINE: i64 = i32::MAX as i64;

/// What an object is, whatever its version.
pub(super) struct GroupKind<'o> {
    group: &'o str,
    kind: &'o str,
}

impl<'o> GroupKind<'o> {
    pub(super) const POD: Self = Self {
        group: "",
        kind: "Pod",
    };

    pub(super) fn of(object: &'o Value) -> Self {
        let kind = text_or(object, &["kind"], "");
        let api_version = text_or(object, &["apiVersion"], "");
        match api_version.split_once('/') {
            None => Self { group: "", kind },
            Some((_, version)) if version.contains('/') => Self { group: "", kind: "" },
            Some((group, _)) => Self { group, kind },
        }
    }

    pub(super) fn is(&self, group: &str, kind: &str) -> bool {
        self.group == group && self.kind == kind
    }
}

fn current(message: impl Into<String>) -> Verdict {
    Ok(ObjectStatus::new(Readiness::Current, message))
}

fn in_progress(message: impl Into<String>) -> Verdict {
    Ok(ObjectStatus::new(Readiness::InProgress, message))
}

fn failed(message: impl Into<String>) -> Verdict {
    Ok(ObjectStatus::new(Readiness::Failed, message))
}

/// The status of an object: what holds for all kinds first, then the rules of its own, then a condition `Ready`.
pub(super) fn compute(object: &Value, kind: &GroupKind<'_>, now: SystemTime) -> Verdict {
    if let Some(status) = common(object)? {
        return Ok(status);
    }
    match (kind.group, kind.kind) {
        ("", "Service") => service(object),
        ("", "Pod") => pod(object, now),
        ("", "Secret" | "ConfigMap") | ("batch", "CronJob") => current("Resource is always ready"),
        ("", "PersistentVolumeClaim") => claim(object),
        ("apps", "StatefulSet") => stateful_set(object),
        ("apps" | "extensions", "DaemonSet") => daemon_set(object),
        ("apps" | "extensions", "Deployment") => deployment(object),
        ("apps" | "extensions", "ReplicaSet") => replica_set(object),
        ("policy", "PodDisruptionBudget") => current("AllowedDisruptions has been computed."),
        ("batch", "Job") => started_job(object),
        ("apiextensions.k8s.io", "CustomResourceDefinition") => definition(object),
        _ => other(object),
    }
}

fn common(object: &Value) -> Result<Option<ObjectStatus>, String> {
    let deleted = text_at(object, &["metadata", "deletionTimestamp"])
        .map_err(|error| format!("looking up metadata.deletionTimestamp from resource: {error}"))?;
    if deleted.is_some_and(|time| !time.is_empty()) {
        let message = "Resource scheduled for deletion";
        return Ok(Some(ObjectStatus::new(Readiness::Terminating, message)));
    }
    if let Some(wanted) = generation(object)?
        && let Some(seen) = observed_generation(object)?
        && wanted != seen
    {
        let kind = text_or(object, &["kind"], "");
        let message = format!("{kind} generation is {wanted}, but latest observed generation is {seen}");
        return in_progress(message).map(Some);
    }
    for condition in Conditions::of(object)? {
        match (condition.kind, condition.status) {
            ("Reconciling", "True") => return in_progress(condition.message).map(Some),
            ("Stalled", "True") => return failed(condition.message).map(Some),
            _ => {}
        }
    }
    Ok(None)
}

fn generation(object: &Value) -> Result<Option<i64>, String> {
    int_at(object, &["metadata", "generation"])
        .map_err(|error| format!("looking up metadata.generation from resource: {error}"))
}

fn observed_generation(object: &Value) -> Result<Option<i64>, String> {
    int_at(object, &["status", "observedGeneration"])
        .map_err(|error| format!("looking up status.observedGeneration from resource: {error}"))
}

fn other(object: &Value) -> Verdict {
    for condition in Conditions::of(object)? {
        match (condition.kind, condition.status) {
            ("Ready", "True") => return current("Resource is Ready"),
            ("Ready", "False" | "Unknown") => return in_progress(condition.message),
            _ => {}
        }
    }
    current("Resource is current")
}

fn service(object: &Value) -> Verdict {
    let is_balancer = text_or(object, &["spec", "type"], "ClusterIP") == "LoadBalancer";
    if is_balancer && text_or(object, &["spec", "clusterIP"], "").is_empty() {
        return in_progress("ClusterIP not set. Service type: LoadBalancer");
    }
    current("Service is ready")
}

fn claim(object: &Value) -> Verdict {
    match text_or(object, &["status", "phase"], "unknown") {
        "Bound" => current("PVC is Bound"),
        phase => in_progress(format!("PVC is not Bound. phase: {phase}")),
    }
}

fn pod(object: &Value, now: SystemTime) -> Verdict {
    let conditions = Conditions::of(object)?;
    match text_or(object, &["status", "phase"], "") {
        "Succeeded" => current("Pod has completed successfully"),
        "Failed" => current("Pod has completed, but not successfully"),
        "Running" => {
            if find(&conditions, "Ready", "True").is_some() {
                return current("Pod is Ready");
            }
            let crashing = crashing_containers(object)?;
            if !crashing.is_empty() {
                return failed(format!("Containers in CrashLoop state: {}", crashing.join(",")));
            }
            in_progress("Pod is running but is not Ready")
        }
        "Pending" => {
            let unscheduled = find(&conditions, "PodScheduled", "False");
            if unscheduled.is_none_or(|condition| condition.reason != "Unschedulable") {
                return in_progress("Pod is in the Pending phase");
            }
            let now = now.duration_since(UNIX_EPOCH).unwrap_or_default();
            let window_start = now.as_secs().cast_signed() - SCHEDULE_WINDOW.as_secs().cast_signed();
            if window_start < creation(object) {
                return in_progress("Pod has not been scheduled");
            }
            failed("Pod could not be scheduled")
        }
        "" => in_progress("Pod phase not available"),
        phase => Err(format!("unknown phase {phase}")),
    }
}

/// The first condition of a type that has a status.
fn find<'c, 'o>(conditions: &'c [Condition<'o>], kind: &str, status: &str) -> Option<&'c Condition<'o>> {
    conditions
        .iter()
        .find(|condition| condition.kind == kind && condition.status == status)
}

fn crashing_containers(object: &Value) -> Result<Vec<&str>, String> {
    let containers = list_at(object, &["status", "containerStatuses"])?;
    let is_crashing =
        |container: &Value| text_or(container, &["state", "waiting", "reason"], "") == "CrashLoopBackOff";
    Ok(containers
        .into_iter()
        .flatten()
        .filter(|container| is_crashing(container))
        .filter_map(|container| container.get("name")?.as_str())
        .collect())
}

fn stateful_set(object: &Value) -> Verdict {
    let status = |name| int_or(object, &["status", name], 0);
    if text_or(object, &["spec", "updateStrategy", "type"], "") == "OnDelete" {
        return current("StatefulSet is using the ondelete update strategy");
    }
    let wanted = int_or(object, &["spec", "replicas"], 1);
    let (existing, ready) = (status("replicas"), status("readyReplicas"));
    if wanted > existing {
        return in_progress(format!("Replicas: {existing}/{wanted}"));
    }
    if wanted > ready {
        return in_progress(format!("Ready: {ready}/{wanted}"));
    }
    if existing > wanted {
        return surplus(existing, wanted);
    }
    let partition = int_or(
        object,
        &["spec", "updateStrategy", "rollingUpdate", "partition"],
        -1,
    );
    if partition != -1 {
        let (updated, to_update) = (status("updatedReplicas"), wanted.saturating_sub(partition));
        if updated < to_update {
            return in_progress(format!("updated: {updated}/{to_update}"));
        }
        return current(format!("Partition rollout complete. updated: {updated}"));
    }
    let at_revision = status("currentReplicas");
    if wanted > at_revision {
        return in_progress(format!("current: {at_revision}/{wanted}"));
    }
    let revision = |name| text_or(object, &["status", name], "");
    if revision("currentRevision") != revision("updateRevision") {
        return in_progress("Waiting for updated revision to match current");
    }
    current(format!(
        "All replicas scheduled as expected. Replicas: {existing}"
    ))
}

fn surplus(existing: i64, wanted: i64) -> Verdict {
    in_progress(format!(
        "Pending termination: {}",
        existing.saturating_sub(wanted)
    ))
}

fn deployment(object: &Value) -> Verdict {
    // Without a deadline the controller does not report progress.
    let mut has_progressed = int_or(object, &["spec", "progressDeadlineSeconds"], NO_DEADLINE) == NO_DEADLINE;
    let mut is_available = false;
    for condition in Conditions::of(object)? {
        match condition.kind {
            "Progressing" if condition.reason == "ProgressDeadlineExceeded" => {
                return failed("Progress deadline exceeded");
            }
            "Progressing" if condition.status == "True" && condition.reason == "NewReplicaSetAvailable" => {
                has_progressed = true;
            }
            "Available" if condition.status == "True" => is_available = true,
            _ => {}
        }
    }
    let status = |name| int_or(object, &["status", name], 0);
    let wanted = int_or(object, &["spec", "replicas"], 1);
    let (existing, updated) = (status("replicas"), status("updatedReplicas"));
    let (available, ready) = (status("availableReplicas"), status("readyReplicas"));
    if wanted > existing {
        return in_progress(format!("Replicas: {existing}/{wanted}"));
    }
    if wanted > updated {
        return in_progress(format!("Updated: {updated}/{wanted}"));
    }
    if existing > wanted {
        return surplus(existing, wanted);
    }
    if updated > available {
        return in_progress(format!("Available: {available}/{updated}"));
    }
    if wanted > ready {
        return in_progress(format!("Ready: {ready}/{wanted}"));
    }
    if !has_progressed {
        return in_progress("ReplicaSet not Available");
    }
    if !is_available {
        return in_progress("Deployment not Available");
    }
    current(format!("Deployment is available. Replicas: {existing}"))
}

fn replica_set(object: &Value) -> Verdict {
    if find(&Conditions::of(object)?, "ReplicaFailure", "True").is_some() {
        return in_progress("Replica Failure condition. Check Pods");
    }
    let status = |name| int_or(object, &["status", name], 0);
    let wanted = int_or(object, &["spec", "replicas"], 1);
    let existing = status("replicas");
    for (word, count) in [
        ("Labelled", status("fullyLabeledReplicas")),
        ("Available", status("availableReplicas")),
        ("Ready", status("readyReplicas")),
    ] {
        if wanted > count {
            return in_progress(format!("{word}: {count}/{wanted}"));
        }
    }
    if existing > wanted {
        return surplus(existing, wanted);
    }
    current(format!("ReplicaSet is available. Replicas: {existing}"))
}

fn daemon_set(object: &Value) -> Verdict {
    let kind = text_or(object, &["kind"], "");
    if generation(object)?.is_none() {
        return in_progress(format!("{kind} metadata.generation not found"));
    }
    if observed_generation(object)?.is_none() {
        return in_progress(format!("{kind} status.observedGeneration not found"));
    }
    let status = |name| int_or(object, &["status", name], 0);
    let wanted = int_or(object, &["status", "desiredNumberScheduled"], -1);
    if wanted == -1 {
        return in_progress("Missing .status.desiredNumberScheduled");
    }
    for (word, count) in [
        ("Current", status("currentNumberScheduled")),
        ("Updated", status("updatedNumberScheduled")),
        ("Available", status("numberAvailable")),
        ("Ready", status("numberReady")),
    ] {
        if wanted > count {
            return in_progress(format!("{word}: {count}/{wanted}"));
        }
    }
    current(format!("All replicas scheduled as expected. Replicas: {wanted}"))
}

/// What a job is for `--wait`: one that has started is no longer waited for.
fn started_job(object: &Value) -> Verdict {
    if let Some(status) = ended_job(object)? {
        return Ok(status);
    }
    if text_or(object, &["status", "startTime"], "").is_empty() {
        return in_progress("Job not started");
    }
    let status = |name| int_or(object, &["status", name], 0);
    let (succeeded, active, failed) = (status("succeeded"), status("active"), status("failed"));
    current(format!(
        "Job in progress. success:{succeeded}, active: {active}, failed: {failed}"
    ))
}

/// What a job is where its end is waited for. Helm looks at nothing else of it.
pub(super) fn finished_job(object: &Value) -> Verdict {
    match ended_job(object)? {
        Some(status) => Ok(status),
        None => in_progress("Job in progress"),
    }
}

fn ended_job(object: &Value) -> Result<Option<ObjectStatus>, String> {
    let parallelism = int_or(object, &["spec", "parallelism"], 1);
    let wanted = int_or(object, &["spec", "completions"], parallelism);
    let status = |name| int_or(object, &["status", name], 0);
    for condition in Conditions::of(object)? {
        match (condition.kind, condition.status) {
            ("Complete", "True") => {
                let succeeded = status("succeeded");
                return current(format!("Job Completed. succeeded: {succeeded}/{wanted}")).map(Some);
            }
            ("Failed", "True") => {
                return failed(format!("Job Failed. failed: {}/{wanted}", status("failed"))).map(Some);
            }
            _ => {}
        }
    }
    Ok(None)
}

/// What a pod is as a hook.
pub(super) fn finished_pod(object: &Value) -> ObjectStatus {
    let name = text_or(object, &["metadata", "name"], "");
    match text_or(object, &["status", "phase"], "") {
        "Succeeded" => ObjectStatus::new(Readiness::Current, format!("pod {name} succeeded")),
        "Failed" => ObjectStatus::new(Readiness::Failed, format!("pod {name} failed")),
        _ => ObjectStatus::new(Readiness::InProgress, "Pod in progress"),
    }
}

fn definition(object: &Value) -> Verdict {
    for condition in Conditions::of(object)? {
        match (condition.kind, condition.status) {
            ("NamesAccepted", "False") => return failed(condition.message),
            ("Established", "False") if condition.reason != "Installing" => return failed(condition.message),
            ("Established", "True") => return current("CRD is established"),
            _ => {}
        }
    }
    in_progress("Install in progress")
}
