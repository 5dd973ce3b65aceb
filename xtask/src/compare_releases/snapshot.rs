//! What a release consists of in the cluster, as text that can be compared.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::Side;

/// Objects and records, by kind and name.
pub(super) struct Snapshot {
    objects: BTreeMap<String, Value>,
}

/// What controllers make, and what would take long to list.
const NOT_LISTED: &[&str] = &[
    "bindings",
    "componentstatuses",
    "controllerrevisions.apps",
    "endpoints",
    "endpointslices.discovery.k8s.io",
    "events",
    "events.events.k8s.io",
    "leases.coordination.k8s.io",
    "nodes",
    "pods",
    "replicasets.apps",
];

impl Snapshot {
    pub(super) fn take(side: &Side<'_>) -> Result<Self> {
        let kinds = side.kubectl(&["api-resources", "--verbs=list", "--output=name"])?;
        let kinds = String::from_utf8_lossy(&kinds.stdout).into_owned();
        let kinds: Vec<&str> = kinds.lines().filter(|kind| !NOT_LISTED.contains(kind)).collect();
        let listed = side.kubectl(&[
            "get",
            &kinds.join(","),
            "--output=json",
            "--show-managed-fields",
            "--ignore-not-found",
        ])?;
        ensure!(
            listed.status.success(),
            "kubectl: {}",
            String::from_utf8_lossy(&listed.stderr)
        );
        let mut objects = BTreeMap::new();
        if listed.stdout.is_empty() {
            return Ok(Self { objects });
        }
        let list: Value = serde_json::from_slice(&listed.stdout).context("kubectl prints JSON")?;
        let items = list.get("items").and_then(Value::as_array);
        for object in items.into_iter().flatten() {
            let text = |pointer: &str| {
                object
                    .pointer(pointer)
                    .and_then(Value::as_str)
                    .unwrap_or_default()
            };
            let own = text("/metadata/namespace");
            // The other worker's objects, in other namespaces and in none, are not of this release.
            let release = text("/metadata/annotations/meta.helm.sh~1release-namespace");
            let is_ours = own == side.namespace || own.is_empty() && release == side.namespace;
            if !is_ours {
                continue;
            }
            let kind = text("/kind");
            let name = text("/metadata/name");
            if text("/type") == "helm.sh/release.v1" {
                objects.insert(format!("record {name}"), record(object, side)?);
            } else if managed_by_helm(object) {
                objects.insert(format!("{kind} {}", side.masked(name)), comparable(object, side)?);
            }
        }
        Ok(Self { objects })
    }

    pub(super) fn len(&self) -> usize {
        self.objects.len()
    }

    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for (name, object) in &self.objects {
            let json = serde_json::to_string_pretty(object).unwrap_or_default();
            text.push_str(&format!("{name}\n{json}\n"));
        }
        text
    }
}

fn managers(object: &Value) -> impl Iterator<Item = &Value> {
    let managers = object
        .pointer("/metadata/managedFields")
        .and_then(Value::as_array);
    managers.into_iter().flatten()
}

fn managed_by_helm(object: &Value) -> bool {
    managers(object).any(|manager| manager.get("manager").and_then(Value::as_str) == Some("helm"))
}

/// An object without what differs between two that were made alike.
fn comparable(object: &Value, side: &Side<'_>) -> Result<Value> {
    let mut object: Value = serde_json::from_str(&side.masked(&object.to_string()))?;
    let helms: Vec<Value> = managers(&object)
        .filter(|manager| manager.get("manager").and_then(Value::as_str) == Some("helm"))
        .cloned()
        .map(|mut manager| {
            remove(&mut manager, "", &["time"]);
            manager
        })
        .collect();
    remove(&mut object, "", &["status"]);
    remove(
        &mut object,
        "/metadata",
        &[
            "uid",
            "resourceVersion",
            "creationTimestamp",
            "generation",
            "managedFields",
            "finalizers",
        ],
    );
    remove(
        &mut object,
        "/metadata/annotations",
        &[
            "deployment.kubernetes.io/revision",
            "deprecated.daemonset.template.generation",
        ],
    );
    remove(
        &mut object,
        "/spec",
        &["clusterIP", "clusterIPs", "healthCheckNodePort", "volumeName"],
    );
    if let Some(ports) = object.pointer_mut("/spec/ports").and_then(Value::as_array_mut) {
        for port in ports {
            remove(port, "", &["nodePort"]);
        }
    }
    // A job's identity is in its selector and its pods' labels.
    for labels in [
        "/metadata/labels",
        "/spec/selector/matchLabels",
        "/spec/template/metadata/labels",
    ] {
        remove(
            &mut object,
            labels,
            &["controller-uid", "batch.kubernetes.io/controller-uid"],
        );
    }
    if let Value::Object(fields) = &mut object {
        fields.insert("managedFields of helm".to_owned(), helms.into());
    }
    Ok(object)
}

fn remove(object: &mut Value, pointer: &str, fields: &[&str]) {
    if let Some(Value::Object(object)) = object.pointer_mut(pointer) {
        for field in fields {
            object.remove(*field);
        }
    }
}

/// A record without moments.
fn record(secret: &Value, side: &Side<'_>) -> Result<Value> {
    let data = secret.pointer("/data/release").and_then(Value::as_str);
    let stored = STANDARD.decode(data.context("a record holds data")?)?;
    let release = helm::release::decode(&stored)?;
    let mut record = serde_json::from_str(&side.masked(&serde_json::to_string(&release)?))?;
    mask_moments(&mut record);
    let mut labels = secret.pointer("/metadata/labels").cloned().unwrap_or_default();
    remove(&mut labels, "", &["createdAt", "modifiedAt"]);
    if let Value::Object(fields) = &mut record {
        fields.insert("labels".to_owned(), labels);
    }
    Ok(record)
}

fn mask_moments(value: &mut Value) {
    const MOMENTS: [&str; 5] = [
        "first_deployed",
        "last_deployed",
        "deleted",
        "started_at",
        "completed_at",
    ];
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                if MOMENTS.contains(&name.as_str()) {
                    *value = "MOMENT".into();
                } else {
                    mask_moments(value);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(mask_moments),
        _ => {}
    }
}
