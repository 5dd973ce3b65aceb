//! Manifests as data that rules can look at.

use helm::values::Tree;
use model::release::ManifestPart;
use serde_json::Value;

/// An object of a chart, read.
#[derive(Clone, Debug)]
pub(crate) struct Reviewed {
    pub(crate) api_version: String,
    pub(crate) kind: String,
    pub(crate) name: String,
    /// Where its manifest names one.
    pub(crate) namespace: Option<String>,
    /// What it is of the parts that were read, from 0.
    pub(crate) part: usize,
    /// Which item of a list it is, from 0.
    pub(crate) item: Option<usize>,
    /// A hook's object lives for a while only.
    pub(crate) is_hook: bool,
    pub(crate) json: Value,
}

/// Objects that are looked at: a chart of a few lines can print any number (attack: a loop in a template).
const MAX_OBJECTS: usize = 5_000;

/// Kinds that belong to no namespace, of the groups that every cluster serves.
const CLUSTER_KINDS: &[(&str, &str)] = &[
    ("", "Namespace"),
    ("", "Node"),
    ("", "PersistentVolume"),
    ("admissionregistration.k8s.io", "MutatingAdmissionPolicy"),
    ("admissionregistration.k8s.io", "MutatingAdmissionPolicyBinding"),
    ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"),
    ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"),
    ("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding"),
    ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
    ("apiextensions.k8s.io", "CustomResourceDefinition"),
    ("apiregistration.k8s.io", "APIService"),
    ("certificates.k8s.io", "CertificateSigningRequest"),
    ("cert-manager.io", "ClusterIssuer"),
    ("external-secrets.io", "ClusterSecretStore"),
    ("flowcontrol.apiserver.k8s.io", "FlowSchema"),
    ("flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration"),
    ("gateway.networking.k8s.io", "GatewayClass"),
    ("networking.k8s.io", "IngressClass"),
    ("extensions", "PodSecurityPolicy"),
    ("policy", "PodSecurityPolicy"),
    ("node.k8s.io", "RuntimeClass"),
    ("rbac.authorization.k8s.io", "ClusterRole"),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"),
    ("scheduling.k8s.io", "PriorityClass"),
    ("security.openshift.io", "SecurityContextConstraints"),
    ("snapshot.storage.k8s.io", "VolumeSnapshotClass"),
    ("storage.k8s.io", "CSIDriver"),
    ("storage.k8s.io", "CSINode"),
    ("storage.k8s.io", "StorageClass"),
    ("storage.k8s.io", "VolumeAttachment"),
];

impl Reviewed {
    /// The group of its API version; empty for the core group.
    pub(crate) fn group(&self) -> &str {
        self.api_version.split_once('/').map_or("", |(group, _)| group)
    }

    /// Whether it belongs to no namespace, as far as is known of its kind.
    pub(crate) fn is_cluster_wide(&self) -> bool {
        CLUSTER_KINDS.contains(&(self.group(), self.kind.as_str()))
    }

    /// `Kind name`.
    pub(crate) fn title(&self) -> String {
        format!("{} {}", self.kind, self.name)
    }

    /// The value at a path of keys.
    pub(crate) fn at(&self, path: &[&str]) -> &Value {
        at(&self.json, path)
    }

    /// The text at a path of keys, empty where there is none.
    pub(crate) fn text(&self, path: &[&str]) -> &str {
        self.at(path).as_str().unwrap_or_default()
    }

    /// The items at a path of keys.
    pub(crate) fn list(&self, path: &[&str]) -> &[Value] {
        list(self.at(path))
    }
}

/// The value below a value at a path of keys; null where there is none.
pub(crate) fn at<'v>(value: &'v Value, path: &[&str]) -> &'v Value {
    path.iter()
        .try_fold(value, |value, key| value.get(key))
        .unwrap_or(&Value::Null)
}

/// The items of a list; none where it is none.
pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// The texts of a list.
pub(crate) fn texts(value: &Value) -> Vec<String> {
    let texts = list(value).iter().filter_map(Value::as_str);
    texts.map(str::to_owned).collect()
}

/// Reads objects, lists of objects item by item. What is no YAML or no object is passed over: it is shown where it is.
pub(crate) fn review(parts: &[ManifestPart]) -> Vec<Reviewed> {
    let mut all = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        let Ok(value) = engine::yaml::decode(part.yaml.as_bytes()) else {
            continue;
        };
        let json = Tree::from_value(&value).to_json();
        let is_hook = !part.events.is_empty();
        // `List`, `RoleList` and the like.
        match json.get("items").and_then(Value::as_array) {
            Some(items) if part.kind.ends_with("List") => {
                for (n, item) in items.iter().enumerate() {
                    push(&mut all, item.clone(), (at, Some(n)), is_hook);
                }
            }
            _ => push(&mut all, json, (at, None), is_hook),
        }
    }
    all
}

fn push(all: &mut Vec<Reviewed>, json: Value, (part, item): (usize, Option<usize>), is_hook: bool) {
    if !json.is_object() || all.len() >= MAX_OBJECTS {
        return;
    }
    let text = |path: &[&str]| at(&json, path).as_str().unwrap_or_default().to_owned();
    let namespace = text(&["metadata", "namespace"]);
    all.push(Reviewed {
        api_version: text(&["apiVersion"]),
        kind: text(&["kind"]),
        name: text(&["metadata", "name"]),
        namespace: Some(namespace).filter(|namespace| !namespace.is_empty()),
        part,
        item,
        is_hook,
        json,
    });
}

#[cfg(test)]
pub(super) mod tests {
    use model::release::ManifestPart;

    use super::{Reviewed, review};

    /// Objects out of a manifest of several documents.
    pub(in crate::review) fn objects(manifest: &str) -> Vec<Reviewed> {
        review(&parts(manifest))
    }

    pub(in crate::review) fn parts(manifest: &str) -> Vec<ManifestPart> {
        manifest
            .split("---\n")
            .map(|yaml| ManifestPart {
                kind: yaml
                    .lines()
                    .find_map(|line| line.strip_prefix("kind: "))
                    .unwrap_or_default()
                    .to_owned(),
                name: String::new(),
                path: String::new(),
                events: Vec::new(),
                yaml: yaml.to_owned(),
            })
            .collect()
    }

    #[test]
    fn lists_are_read_item_by_item_and_other_texts_passed_over() {
        let read = objects(
            "apiVersion: v1\nkind: List\nitems:\n- {kind: A, metadata: {name: a}}\n- 7\n---\n- 1\n---\n\
             a: [\n---\napiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: b, namespace: x}\n",
        );
        let told: Vec<_> = read
            .iter()
            .map(|object| (object.title(), object.part, object.is_cluster_wide()))
            .collect();
        assert_eq!(
            told,
            [
                ("A a".to_owned(), 0, false),
                ("StorageClass b".to_owned(), 3, true)
            ]
        );
        assert_eq!(read[1].namespace.as_deref(), Some("x"));
    }
}
