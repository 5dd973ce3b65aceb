//! What a person reads for what a cluster says.

use serde_json::{Value, json};

use super::explain;

fn deployment() -> Value {
    json!({ "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "web" } })
}

fn pod(name: &str, status: Value) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": { "name": name },
        "spec": {
            "initContainers": [{ "name": "prepare", "image": "busybox:1" }],
            "containers": [{
                "name": "web", "image": "nginx:nope", "resources": { "limits": { "memory": "64Mi" } }
            }],
        },
        "status": status,
    })
}

fn waiting(reason: &str, message: &str) -> Value {
    json!({ "phase": "Pending", "containerStatuses": [{
        "name": "web", "ready": false, "image": "docker.io/library/nginx:nope",
        "state": { "waiting": { "reason": reason, "message": message } },
    }] })
}

fn crashed(code: i64, reason: &str) -> Value {
    json!({ "phase": "Running", "containerStatuses": [{
        "name": "web", "ready": false,
        "state": { "waiting": { "reason": "CrashLoopBackOff" } },
        "lastState": { "terminated": { "exitCode": code, "reason": reason } },
    }] })
}

fn unschedulable(message: &str) -> Value {
    json!({ "phase": "Pending", "conditions": [
        { "type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message }
    ] })
}

fn event(kind: &str, name: &str, reason: &str, message: &str) -> Value {
    json!({
        "kind": "Event", "involvedObject": { "kind": kind, "name": name, "fieldPath": "spec.containers{web}" },
        "reason": reason, "message": message, "lastTimestamp": "2026-01-02T03:04:05Z",
    })
}

fn check(status: Value, expected: &str) {
    let found = explain(&deployment(), &[pod("web-1", status)], &[]);
    assert_eq!(found.as_deref(), Some(expected));
}

#[test]
fn pods_without_a_node() {
    check(
        unschedulable(
            "0/1 nodes are available: 1 Insufficient ephemeral-storage. preemption: 0/1 nodes are available: 1 No \
             preemption victims found for incoming pod.",
        ),
        "the pod cannot be scheduled: 0/1 nodes available: insufficient ephemeral-storage",
    );
    check(
        unschedulable(
            "0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu. preemption: no",
        ),
        "the pod cannot be scheduled: 0/3 nodes available: 1 node(s) had untolerated taint(s), 2 insufficient cpu",
    );
    check(
        unschedulable(
            "0/3 nodes are available: 3 Insufficient cpu. no new claims to deallocate, preemption: 0/3 nodes are \
             available: 3 No preemption victims found for incoming pod.",
        ),
        "the pod cannot be scheduled: 0/3 nodes available: insufficient cpu",
    );
    check(
        unschedulable("pod has unbound immediate PersistentVolumeClaims"),
        "the pod cannot be scheduled: pod has unbound immediate PersistentVolumeClaims",
    );
}

#[test]
fn images_that_cannot_be_pulled() {
    check(
        waiting(
            "ErrImagePull",
            "rpc error: code = NotFound desc = failed to resolve image: not found",
        ),
        "the pod cannot pull the image nginx:nope of container web: failed to resolve image: not found",
    );
    check(
        waiting("ImagePullBackOff", "Back-off pulling image \"nginx:nope\""),
        "the pod cannot pull the image nginx:nope of container web: ImagePullBackOff",
    );
    check(
        waiting(
            "ImagePullBackOff",
            "Back-off pulling image \"nginx:nope\": ErrImagePull: no such host",
        ),
        "the pod cannot pull the image nginx:nope of container web: no such host",
    );
}

#[test]
fn containers_that_crash() {
    check(
        crashed(3, "Error"),
        "the pod crashed in container web: exit code 3 (Error)",
    );
    check(
        crashed(137, "OOMKilled"),
        "the pod ran out of memory in container web (OOMKilled, its limit is 64Mi)",
    );
    check(
        json!({ "phase": "Failed", "containerStatuses": [{
            "name": "web", "ready": false,
            "state": { "terminated": { "exitCode": 1, "reason": "Error", "message": "no\nconfiguration" } },
        }] }),
        "the pod crashed in container web: exit code 1 (Error): no configuration",
    );
    check(
        json!({ "phase": "Pending", "initContainerStatuses": [{
            "name": "prepare", "ready": false,
            "state": { "terminated": { "exitCode": 2, "reason": "Error" } },
        }], "containerStatuses": [{
            "name": "web", "ready": false, "state": { "waiting": { "reason": "PodInitializing" } },
        }] }),
        "the pod crashed in init container prepare: exit code 2 (Error)",
    );
    check(
        json!({ "phase": "Failed", "reason": "Evicted", "message": "The node was low on resource: memory." }),
        "the pod failed: The node was low on resource: memory (Evicted)",
    );
}

#[test]
fn containers_that_cannot_be_made() {
    check(
        waiting("CreateContainerConfigError", "secret \"db\" not found"),
        "the pod cannot start container web: secret \"db\" not found",
    );
    check(
        waiting("RunContainerError", ""),
        "the pod cannot start container web: RunContainerError",
    );
}

#[test]
fn what_only_events_tell() {
    let status = |phase: &str, state: Value| json!({ "phase": phase, "containerStatuses": [{ "name": "web", "ready": false, "state": state }] });
    let running = status("Running", json!({ "running": {} }));
    let creating = status("Pending", json!({ "waiting": { "reason": "ContainerCreating" } }));
    let cases = [
        (
            &running,
            "Unhealthy",
            "Readiness probe failed: HTTP probe failed with statuscode: 503",
            "the pod failed the readiness probe of container web: HTTP probe failed with statuscode: 503",
        ),
        (
            &creating,
            "FailedMount",
            "MountVolume.SetUp failed for volume \"c\" : configmap \"c\" not found",
            "the pod cannot mount a volume: MountVolume.SetUp failed for volume \"c\" : configmap \"c\" not found",
        ),
    ];
    for (status, reason, message, expected) in cases {
        let pods = [pod("web-1", status.clone())];
        let mut older = event("Pod", "web-1", reason, "older");
        older["lastTimestamp"] = "2025-01-02T03:04:05Z".into();
        let events = [
            event("Pod", "web-1", reason, message),
            older,
            event("Pod", "other", reason, "other"),
        ];
        let found = explain(&deployment(), &pods, &events);
        assert_eq!(found.as_deref(), Some(expected));
        let newer = json!({
            "regarding": { "kind": "Pod", "name": "web-1" }, "reason": reason, "note": "newer",
            "eventTime": "2026-01-02T03:04:06.000000Z",
        });
        let events = [events[0].clone(), newer, events[1].clone()];
        assert!(
            explain(&deployment(), &pods, &events)
                .unwrap()
                .ends_with(": newer")
        );
    }
    // A volume that came late explains nothing once the pod runs.
    let late = event("Pod", "web-1", "FailedMount", "late");
    assert_eq!(explain(&deployment(), &[pod("web-1", running)], &[late]), None);
}

#[test]
fn a_probe_that_kills_tells_more_than_the_exit_code() {
    let message = "Liveness probe failed: connection refused";
    let events = [event("Pod", "web-1", "Unhealthy", message)];
    let found = |status| explain(&deployment(), &[pod("web-1", status)], &events).unwrap();
    assert_eq!(
        found(crashed(137, "Error")),
        "the pod failed the liveness probe of container web: connection refused"
    );
    assert!(found(crashed(1, "Error")).contains("exit code 1"));
    assert!(found(crashed(137, "OOMKilled")).contains("out of memory"));
    let mut again = crashed(1, "Error");
    again["containerStatuses"][0]["state"] = json!({ "running": {} });
    assert!(found(again).contains("liveness probe"));
}

#[test]
fn the_most_telling_cause_first_with_the_number_of_pods() {
    let pods = [
        pod(
            "web-1",
            unschedulable("0/1 nodes are available: 1 Insufficient cpu."),
        ),
        pod("web-2", crashed(1, "Error")),
        pod(
            "web-3",
            json!({ "phase": "Running", "conditions": [{ "type": "Ready", "status": "True" }] }),
        ),
        pod("web-4", crashed(1, "Error")),
    ];
    assert_eq!(
        explain(&deployment(), &pods, &[]).as_deref(),
        Some("2 of 4 pods crashed in container web: exit code 1 (Error)")
    );
    let mut leaving = pods[1].clone();
    leaving["metadata"]["deletionTimestamp"] = "2026-01-02T03:04:05Z".into();
    assert_eq!(
        explain(&deployment(), &[pods[0].clone(), leaving], &[]).as_deref(),
        Some("the pod cannot be scheduled: 0/1 nodes available: insufficient cpu")
    );
    assert_eq!(
        explain(&pods[1], &[], &[]).as_deref(),
        Some("the pod crashed in container web: exit code 1 (Error)")
    );
}

#[test]
fn pods_that_cannot_be_created() {
    let expected =
        "pods cannot be created: exceeded quota: small, requested: cpu=2, used: cpu=1, limited: cpu=2";
    let message =
        "pods \"web-5d\" is forbidden: exceeded quota: small, requested: cpu=2, used: cpu=1, limited: cpu=2";
    let mut refused = deployment();
    refused["status"] = json!({ "conditions": [
        { "type": "Progressing", "status": "True" },
        { "type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": message },
    ] });
    assert_eq!(explain(&refused, &[], &[]).as_deref(), Some(expected));
    let event_message = format!("Error creating: {message}");
    let events = [event("ReplicaSet", "web-5d4f", "FailedCreate", &event_message)];
    assert_eq!(explain(&deployment(), &[], &events).as_deref(), Some(expected));
    let of_another = [event(
        "ReplicaSet",
        "web-admin-5d4f",
        "FailedCreate",
        &event_message,
    )];
    assert_eq!(explain(&deployment(), &[], &of_another), None);
    // One that runs and crashes tells more than one that is missing.
    let found = explain(&refused, &[pod("web-1", crashed(1, "Error"))], &[]);
    assert_eq!(
        found.as_deref(),
        Some("the pod crashed in container web: exit code 1 (Error)")
    );
}

#[test]
fn claims_without_a_volume() {
    let mut claim = json!({
        "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": { "name": "data" },
        "spec": { "storageClassName": "fast" }, "status": { "phase": "Pending" },
    });
    let events = [event(
        "PersistentVolumeClaim",
        "data",
        "ProvisioningFailed",
        "storageclass.storage.k8s.io \"fast\" not found",
    )];
    assert_eq!(
        explain(&claim, &[], &events).as_deref(),
        Some("the claim is not bound: storageclass.storage.k8s.io \"fast\" not found")
    );
    assert_eq!(
        explain(&claim, &[], &[]).as_deref(),
        Some("the claim is not bound: no volume of the storage class fast yet")
    );
    claim["status"]["phase"] = "Bound".into();
    assert_eq!(explain(&claim, &[], &events), None);
}

#[test]
fn other_objects_tell_it_in_a_condition() {
    let widget = json!({
        "apiVersion": "example.com/v1", "kind": "Widget", "metadata": { "name": "w" },
        "status": { "conditions": [{ "type": "Ready", "status": "False", "message": "no license." }] },
    });
    assert_eq!(explain(&widget, &[], &[]).as_deref(), Some("no license"));
    assert_eq!(explain(&json!({}), &[], &[]), None);
}

#[test]
fn long_messages_are_cut() {
    let long = "ö ".repeat(1000);
    let found = explain(
        &deployment(),
        &[pod("web-1", waiting("CreateContainerError", &long))],
        &[],
    );
    assert!(found.unwrap().chars().count() < 400);
}
