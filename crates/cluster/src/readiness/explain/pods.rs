//! The cause that keeps one pod from being ready.

use serde_json::Value;

use super::events::Events;
use super::{Cause, Rank, sentence};
use crate::readiness::fields::{Conditions, int_or, text_or};

const IMAGE: &[&str] = &[
    "ImagePullBackOff",
    "ErrImagePull",
    "ErrImageNeverPull",
    "InvalidImageName",
    "ImageInspectError",
    "RegistryUnavailable",
    "SignatureValidationFailed",
];

/// States that every container passes.
const PASSING: &[&str] = &["ContainerCreating", "PodInitializing", ""];

pub(super) fn cause(pod: &Value, events: &Events<'_>) -> Option<Cause> {
    let conditions = Conditions::of(pod).unwrap_or_default();
    let has = |kind, status| {
        conditions
            .iter()
            .find(|condition| condition.kind == kind && condition.status == status)
    };
    let phase = text_or(pod, &["status", "phase"], "");
    if phase == "Succeeded" || (has("Ready", "True").is_some() && phase != "Failed") {
        return None;
    }
    let failed_probe = events.failed_probe(pod);
    let stuck = ["initContainerStatuses", "containerStatuses"]
        .into_iter()
        .flat_map(|list| containers(pod, list).map(move |status| (list == "initContainerStatuses", status)))
        .filter_map(|(is_init, status)| container_cause(pod, status, is_init, failed_probe.is_some()))
        .min();
    if stuck.is_some() {
        return stuck;
    }
    if let Some(condition) = has("PodScheduled", "False").filter(|condition| !condition.message.is_empty()) {
        let text = format!("cannot be scheduled: {}", nodes(condition.message));
        return Some(Cause::new(Rank::Node, text));
    }
    if phase == "Failed" {
        let reason = text_or(pod, &["status", "reason"], "");
        let message = text_or(pod, &["status", "message"], "");
        let text = match (reason, message) {
            ("", "") => "failed".to_owned(),
            (one, "") | ("", one) => format!("failed: {}", sentence(one)),
            (reason, message) => format!("failed: {} ({reason})", sentence(message)),
        };
        return Some(Cause::new(Rank::Other, text));
    }
    if phase == "Running" {
        return failed_probe.map(|(message, container)| Cause::new(Rank::Probe, probe(message, container)));
    }
    if let Some(message) = events.of_object(pod, &["FailedMount", "FailedAttachVolume"]) {
        let text = format!("cannot mount a volume: {}", sentence(message));
        return Some(Cause::new(Rank::Volume, text));
    }
    let message = events.of_object(
        pod,
        &["FailedCreatePodSandBox", "FailedScheduling", "NetworkNotReady"],
    )?;
    Some(Cause::new(
        Rank::Other,
        format!("cannot be started: {}", sentence(message)),
    ))
}

fn containers<'p>(pod: &'p Value, list: &str) -> impl Iterator<Item = &'p Value> {
    pod.get("status")
        .and_then(|status| status.get(list))
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

fn container_cause(pod: &Value, status: &Value, is_init: bool, has_failed_probe: bool) -> Option<Cause> {
    if status.get("ready").and_then(Value::as_bool) == Some(true) {
        return None;
    }
    let name = text_or(status, &["name"], "");
    let container = if is_init {
        format!("init container {name}")
    } else {
        format!("container {name}")
    };
    let reason = text_or(status, &["state", "waiting", "reason"], "");
    let message = text_or(status, &["state", "waiting", "message"], "");
    if IMAGE.contains(&reason) {
        let image = image(pod, status, name);
        let detail = pull_error(message, image).unwrap_or(reason);
        let text = format!(
            "cannot pull the image {image} of {container}: {}",
            sentence(detail)
        );
        return Some(Cause::new(Rank::Image, text));
    }
    let ended = ["state", "lastState"]
        .into_iter()
        .find_map(|state| status.get(state)?.get("terminated"))
        .filter(|ended| int_or(ended, &["exitCode"], 0) != 0 || reason == "CrashLoopBackOff");
    if let Some(ended) = ended {
        // Killed for a probe, or running again: then the probe tells more than the exit code.
        let is_signal = matches!(int_or(ended, &["exitCode"], 0), 137 | 143);
        let is_running = status
            .get("state")
            .is_some_and(|state| state.get("running").is_some());
        let is_memory = text_or(ended, &["reason"], "") == "OOMKilled";
        if has_failed_probe && !is_memory && (is_signal || is_running) {
            return None;
        }
        return Some(crash(pod, ended, name, &container));
    }
    if PASSING.contains(&reason) || reason == "CrashLoopBackOff" {
        return None;
    }
    let detail = if message.is_empty() { reason } else { message };
    Some(Cause::new(
        Rank::Configuration,
        format!("cannot start {container}: {}", sentence(detail)),
    ))
}

fn crash(pod: &Value, ended: &Value, name: &str, container: &str) -> Cause {
    let reason = text_or(ended, &["reason"], "");
    if reason == "OOMKilled" {
        let limit =
            spec_of(pod, name).map_or("", |spec| text_or(spec, &["resources", "limits", "memory"], ""));
        let limit = match limit {
            "" => String::new(),
            limit => format!(", its limit is {limit}"),
        };
        let text = format!("ran out of memory in {container} (OOMKilled{limit})");
        return Cause::new(Rank::Memory, text);
    }
    let code = int_or(ended, &["exitCode"], 0);
    let mut text = match reason {
        "" => format!("crashed in {container}: exit code {code}"),
        reason => format!("crashed in {container}: exit code {code} ({reason})"),
    };
    let message = text_or(ended, &["message"], "");
    if !message.is_empty() {
        text.push_str(": ");
        text.push_str(&sentence(message));
    }
    Cause::new(Rank::Crash, text)
}

/// The specification of a container, by its name.
fn spec_of<'p>(pod: &'p Value, name: &str) -> Option<&'p Value> {
    let spec = pod.get("spec")?;
    ["containers", "initContainers"]
        .into_iter()
        .filter_map(|list| spec.get(list)?.as_array())
        .flatten()
        .find(|container| text_or(container, &["name"], "") == name)
}

/// The image as it was asked for; the status may show what a registry made of it.
fn image<'p>(pod: &'p Value, status: &'p Value, name: &str) -> &'p str {
    let asked = spec_of(pod, name).map_or("", |spec| text_or(spec, &["image"], ""));
    if asked.is_empty() {
        text_or(status, &["image"], "?")
    } else {
        asked
    }
}

/// What a registry said, out of `Back-off pulling image "x": ErrImagePull: rpc error: …: not found`; `None` when the
/// message only repeats that the image is not there.
fn pull_error<'m>(message: &'m str, image: &str) -> Option<&'m str> {
    let rest = match message.strip_prefix("Back-off pulling image ") {
        None => message,
        Some(rest) => rest.split_once("\": ").map_or("", |(_, rest)| rest),
    };
    let rest = rest.strip_prefix("ErrImagePull: ").unwrap_or(rest);
    // `rpc error: code = NotFound desc = failed to pull and unpack image "x": …`
    let rest = match rest.split_once(" desc = ") {
        Some((head, rest)) if head.starts_with("rpc error") => rest,
        _ => rest,
    };
    let repeated = format!("Back-off pulling image \"{image}\"");
    (!rest.is_empty() && rest != repeated).then_some(rest)
}

/// `0/1 nodes are available: 1 Insufficient cpu. preemption: …`, without what no person needs.
fn nodes(message: &str) -> String {
    let message = message.split(" preemption: ").next().unwrap_or(message);
    // About devices, of a scheduler that has none to give back either.
    let message = message
        .trim_end_matches("no new claims to deallocate,")
        .trim_end();
    let message = sentence(message);
    let Some((head, reasons)) = message.split_once(" nodes are available: ") else {
        return message;
    };
    let reasons = reasons.replace(" Insufficient ", " insufficient ");
    let n_all = head.split_once('/').map_or("", |(_, all)| all);
    // One reason for all nodes needs no number.
    let reasons = match reasons.split_once(' ') {
        Some((n_nodes, reason)) if n_nodes == n_all => reason,
        _ => &reasons,
    };
    format!("{head} nodes available: {reasons}")
}

/// `Readiness probe failed: HTTP probe failed with statuscode: 503`.
fn probe(message: &str, container: &str) -> String {
    let of = match container {
        "" => String::new(),
        container => format!(" of container {container}"),
    };
    match message.split_once(" probe failed: ") {
        Some((which, detail)) => {
            format!(
                "failed the {} probe{of}: {}",
                which.to_lowercase(),
                sentence(detail)
            )
        }
        None => format!("failed a probe{of}: {}", sentence(message)),
    }
}
