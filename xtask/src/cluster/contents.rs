//! What a fresh cluster holds: nodes for kwok to play, namespaces, and what the groups of its users may do.

use serde_json::{Value, json};

/// The namespaces that are there unless others are asked for; the first is the developers'.
pub(super) const NAMESPACES: &[&str] = &["development", "production"];

/// The label that kwok and people know our nodes by.
pub(super) const PLAYED: &str = "kwok.x-k8s.io/node";

/// All of it as one list to apply.
pub(super) fn objects(n_nodes: usize, namespaces: &[String]) -> Value {
    let mut items: Vec<Value> = (1..=n_nodes).map(node).collect();
    for name in namespaces {
        items.push(json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name } }));
    }
    if let Some(first) = namespaces.first() {
        items.push(binding(
            "RoleBinding",
            json!({ "name": "developers", "namespace": first }),
            "edit",
            "developers",
        ));
    }
    for (group, role) in [("operators", "admin"), ("viewers", "view")] {
        items.push(binding(
            "ClusterRoleBinding",
            json!({ "name": group }),
            role,
            group,
        ));
    }
    json!({ "apiVersion": "v1", "kind": "List", "items": items })
}

/// A node that is large enough for most charts and too small for some. Without ephemeral storage none that asks for it
/// is ever scheduled.
fn node(number: usize) -> Value {
    let name = format!("node-{number}");
    let resources = json!({ "cpu": "8", "memory": "32Gi", "pods": "110", "ephemeral-storage": "100Gi" });
    json!({
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "annotations": { PLAYED: "fake" },
            "labels": {
                PLAYED: "fake",
                "kubernetes.io/arch": "amd64",
                "kubernetes.io/hostname": name,
                "kubernetes.io/os": "linux",
                "topology.kubernetes.io/zone": format!("zone-{}", (number - 1) % 3 + 1),
            },
        },
        "status": { "capacity": resources, "allocatable": resources },
    })
}

fn binding(kind: &str, metadata: Value, role: &str, group: &str) -> Value {
    json!({
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": kind,
        "metadata": metadata,
        "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role },
        "subjects": [{ "apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": group }],
    })
}
