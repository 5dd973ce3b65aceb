//! Roles and bindings that would give what is missing, as a file for `kubectl apply`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use super::MissingRight;

const API: &str = "rbac.authorization.k8s.io";

/// Who is to get rights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    User { name: String },
    Group { name: String },
    ServiceAccount { namespace: String, name: String },
}

impl Subject {
    /// Of the name that a cluster tells.
    pub fn of_user_name(name: &str) -> Self {
        let account = name
            .strip_prefix("system:serviceaccount:")
            .and_then(|rest| rest.split_once(':'));
        match account {
            Some((namespace, name)) => Self::ServiceAccount {
                namespace: namespace.to_owned(),
                name: name.to_owned(),
            },
            None => Self::User {
                name: name.to_owned(),
            },
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::User { name } | Self::Group { name } | Self::ServiceAccount { name, .. } => name,
        }
    }

    fn yaml(&self) -> String {
        let name = quoted(self.name());
        match self {
            Self::User { .. } => format!("- kind: User\n  apiGroup: {API}\n  name: {name}\n"),
            Self::Group { .. } => format!("- kind: Group\n  apiGroup: {API}\n  name: {name}\n"),
            Self::ServiceAccount { namespace, .. } => {
                let namespace = quoted(namespace);
                format!("- kind: ServiceAccount\n  namespace: {namespace}\n  name: {name}\n")
            }
        }
    }
}

/// The verbs on each resource of a group.
type Rules<'r> = BTreeMap<(&'r str, &'r str), BTreeSet<&'r str>>;

/// A Role with its binding for each namespace, and a ClusterRole with its binding for what is in none; empty if nothing
/// is missing.
///
/// They are named after what they allow, so that applying them takes back nothing that others allowed earlier.
pub fn role_yaml(missing: &[MissingRight], subject: &Subject) -> String {
    let mut by_namespace: BTreeMap<Option<&str>, Rules<'_>> = BTreeMap::new();
    for right in missing {
        by_namespace
            .entry(right.namespace.as_deref())
            .or_default()
            .entry((&right.group, &right.resource))
            .or_default()
            .insert(right.verb);
    }
    let documents: Vec<String> = by_namespace
        .iter()
        .map(|(namespace, rules)| role(*namespace, &rules_yaml(rules), subject))
        .collect();
    documents.concat()
}

/// Resources with the same verbs share a rule.
fn rules_yaml(rules: &Rules<'_>) -> String {
    let mut merged: BTreeMap<(&str, &BTreeSet<&str>), Vec<&str>> = BTreeMap::new();
    for ((group, resource), verbs) in rules {
        merged.entry((group, verbs)).or_default().push(resource);
    }
    let mut text = String::new();
    for ((group, verbs), resources) in merged {
        let list = |items: Vec<&str>| {
            let quoted: Vec<String> = items.into_iter().map(quoted).collect();
            quoted.join(", ")
        };
        let _ = write!(
            text,
            "- apiGroups: [{}]\n  resources: [{}]\n  verbs: [{}]\n",
            quoted(group),
            list(resources),
            list(verbs.iter().copied().collect())
        );
    }
    text
}

fn role(namespace: Option<&str>, rules: &str, subject: &Subject) -> String {
    let kind = if namespace.is_some() {
        "Role"
    } else {
        "ClusterRole"
    };
    let digest = Sha256::digest(format!("{namespace:?} {rules} {}", subject.yaml()));
    let mut suffix = String::new();
    for byte in digest.iter().take(4) {
        let _ = write!(suffix, "{byte:02x}");
    }
    // What a name in a path may not hold.
    let readable = subject.name().replace(['/', '%'], "-");
    let name = quoted(&format!("chartroom-{readable}-{suffix}"));
    let mut metadata = format!("metadata:\n  name: {name}\n");
    if let Some(namespace) = namespace {
        let _ = writeln!(metadata, "  namespace: {}", quoted(namespace));
    }
    format!(
        "---\napiVersion: {API}/v1\nkind: {kind}\n{metadata}rules:\n{rules}\
         ---\napiVersion: {API}/v1\nkind: {kind}Binding\n{metadata}\
         roleRef:\n  apiGroup: {API}\n  kind: {kind}\n  name: {name}\n\
         subjects:\n{}",
        subject.yaml()
    )
}

/// A string that no reader takes for anything else: JSON's strings are YAML's, too.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_merged_and_places_are_kept_apart() {
        let right = |verb, group: &str, resource: &str, namespace: Option<&str>| MissingRight {
            verb,
            group: group.to_owned(),
            resource: resource.to_owned(),
            namespace: namespace.map(str::to_owned),
        };
        let missing = [
            right("create", "apps", "deployments", Some("shop")),
            right("patch", "apps", "deployments", Some("shop")),
            right("create", "apps", "statefulsets", Some("shop")),
            right("patch", "apps", "statefulsets", Some("shop")),
            right("get", "", "secrets", Some("shop")),
            right("create", "", "namespaces", None),
        ];
        let subject = Subject::User {
            name: "a/b: c".to_owned(),
        };
        let yaml = role_yaml(&missing, &subject);
        let documents: Vec<serde_json::Value> = yaml
            .split("---\n")
            .skip(1)
            .map(|text| {
                let value = engine::yaml::decode(text.as_bytes()).unwrap();
                helm::values::Tree::from_value(&value).to_json()
            })
            .collect();
        let kinds: Vec<&str> = documents
            .iter()
            .map(|document| document["kind"].as_str().unwrap())
            .collect();
        assert_eq!(
            kinds,
            ["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"]
        );
        assert_eq!(
            documents[2]["rules"],
            serde_json::json!([
                { "apiGroups": [""], "resources": ["secrets"], "verbs": ["get"] },
                { "apiGroups": ["apps"], "resources": ["deployments", "statefulsets"], "verbs": ["create", "patch"] },
            ])
        );
        assert_eq!(documents[3]["subjects"][0]["name"], "a/b: c");
        assert_eq!(documents[3]["roleRef"]["name"], documents[2]["metadata"]["name"]);
        assert_eq!(role_yaml(&[], &subject), "");
    }
}
