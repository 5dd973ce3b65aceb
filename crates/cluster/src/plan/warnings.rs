//! What a person should know before an operation: what would make it fail, and what reaches beyond a namespace.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use crate::api::{JSON, Payload, Question, escape};
use crate::manifest::{ManifestObject, UnknownKind, text};
use crate::{Cluster, Error};

/// Something to know beforehand. Objects are named as in `Deployment shop/web`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "topic", rename_all = "kebab-case")]
pub enum PlanWarning {
    NamespaceMissing {
        namespace: String,
    },
    NamespaceCreated {
        namespace: String,
    },
    StorageClassMissing {
        object: String,
        storage_class: String,
    },
    /// All of them, with the objects that need them.
    UnknownKinds {
        kinds: Vec<UnknownKind>,
    },
    ClusterScoped {
        objects: Vec<String>,
    },
    /// A version that will go away, in the words of the API server.
    Deprecated {
        object: String,
        message: String,
    },
    /// Anything else the API server warns of.
    ApiServer {
        object: String,
        message: String,
    },
    LoadBalancer {
        object: String,
    },
    /// What lets a container reach its node.
    Privileged {
        object: String,
        fields: Vec<String>,
    },
    RecordSize {
        size_bytes: usize,
        limit_bytes: usize,
    },
    /// What rendering warns of.
    Chart {
        message: String,
    },
}

impl PlanWarning {
    /// Whether the operation would fail.
    pub fn prevents(&self) -> bool {
        match self {
            Self::NamespaceMissing { .. } | Self::UnknownKinds { .. } => true,
            Self::RecordSize {
                size_bytes,
                limit_bytes,
            } => size_bytes > limit_bytes,
            _ => false,
        }
    }

    pub(super) fn of_api_server(object: String, message: String) -> Self {
        if message.contains("is deprecated") {
            Self::Deprecated { object, message }
        } else {
            Self::ApiServer { object, message }
        }
    }
}

impl fmt::Display for PlanWarning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NamespaceMissing { namespace } => {
                write!(
                    formatter,
                    "the namespace {namespace} is not there and will not be created"
                )
            }
            Self::NamespaceCreated { namespace } => write!(
                formatter,
                "the namespace {namespace} will be created; until then the cluster does not check what goes into it"
            ),
            Self::StorageClassMissing {
                object,
                storage_class,
            } => write!(
                formatter,
                "{object} wants the storage class {storage_class}, which the cluster does not have"
            ),
            Self::UnknownKinds { kinds } => {
                formatter.write_str("the cluster does not have these kinds: ")?;
                for (number, kind) in kinds.iter().enumerate() {
                    let comma = if number == 0 { "" } else { ", " };
                    write!(
                        formatter,
                        "{comma}{} {} ({})",
                        kind.api_version, kind.kind, kind.name
                    )?;
                }
                Ok(())
            }
            Self::ClusterScoped { objects } => write!(
                formatter,
                "these objects belong to the whole cluster and not to a namespace: {}",
                objects.join(", ")
            ),
            Self::Deprecated { object, message } | Self::ApiServer { object, message } => {
                write!(formatter, "{object}: {message}")
            }
            Self::LoadBalancer { object } => write!(
                formatter,
                "{object} asks for a load balancer, which may be reached from outside and may cost money"
            ),
            Self::Privileged { object, fields } => {
                write!(formatter, "{object} can reach its node by {}", fields.join(", "))
            }
            Self::RecordSize {
                size_bytes,
                limit_bytes,
            } => write!(
                formatter,
                "the record of the release takes {size_bytes} bytes of the {limit_bytes} that a cluster keeps"
            ),
            Self::Chart { message } => formatter.write_str(message),
        }
    }
}

/// What the objects themselves give reason to warn of.
pub(super) fn of_objects(objects: &[&ManifestObject]) -> Vec<PlanWarning> {
    let mut warnings = Vec::new();
    let outside: Vec<String> = objects
        .iter()
        .filter(|object| object.place.namespace.is_none())
        .map(|object| object.place.label())
        .collect();
    if !outside.is_empty() {
        warnings.push(PlanWarning::ClusterScoped { objects: outside });
    }
    for object in objects {
        let label = object.place.label();
        let is_service = object.place.kind == "Service" && object.place.group().is_empty();
        if is_service && text(&object.value, "/spec/type") == Some("LoadBalancer") {
            warnings.push(PlanWarning::LoadBalancer {
                object: label.clone(),
            });
        }
        let fields = pod_spec(object).map(privileges).unwrap_or_default();
        if !fields.is_empty() {
            warnings.push(PlanWarning::Privileged {
                object: label,
                fields,
            });
        }
    }
    warnings
}

/// The spec of the pods that an object is or makes.
fn pod_spec(object: &ManifestObject) -> Option<&Value> {
    let pointer = match (object.place.group(), object.place.kind.as_str()) {
        ("", "Pod") => "/spec",
        ("batch", "CronJob") => "/spec/jobTemplate/spec/template/spec",
        ("", "ReplicationController" | "PodTemplate") | ("apps" | "batch", _) => "/spec/template/spec",
        _ => return None,
    };
    object.value.pointer(pointer)
}

fn privileges(spec: &Value) -> Vec<String> {
    let items = |field: &str| {
        let list = spec.get(field).and_then(Value::as_array);
        list.into_iter().flatten()
    };
    let name = |item: &Value| text(item, "/name").unwrap_or_default().to_owned();
    let mut found: Vec<String> = ["hostNetwork", "hostPID", "hostIPC"]
        .into_iter()
        .filter(|field| spec.get(field) == Some(&Value::Bool(true)))
        .map(str::to_owned)
        .collect();
    found.extend(
        items("volumes")
            .filter(|volume| volume.get("hostPath").is_some())
            .map(|volume| format!("hostPath (volume {})", name(volume))),
    );
    let containers = items("initContainers").chain(items("containers"));
    found.extend(
        containers
            .filter(|container| container.pointer("/securityContext/privileged") == Some(&Value::Bool(true)))
            .map(|container| format!("privileged (container {})", name(container))),
    );
    found
}

/// The names of storage classes that an object asks for.
fn storage_classes(object: &ManifestObject) -> Vec<&str> {
    let class = |claim| text(claim, "/spec/storageClassName").filter(|class| !class.is_empty());
    match (object.place.group(), object.place.kind.as_str()) {
        ("", "PersistentVolumeClaim") => class(&object.value).into_iter().collect(),
        ("apps", "StatefulSet") => {
            let claims = object
                .value
                .pointer("/spec/volumeClaimTemplates")
                .and_then(Value::as_array);
            claims.into_iter().flatten().filter_map(class).collect()
        }
        _ => Vec::new(),
    }
}

/// Storage classes that are neither in the cluster nor among the objects. Who may not look gets no warning.
pub(super) async fn of_storage_classes(
    cluster: &Cluster,
    objects: &[&ManifestObject],
) -> Result<Vec<PlanWarning>, Error> {
    let mut warnings = Vec::new();
    let mut missing: Vec<&str> = Vec::new();
    let mut there: Vec<&str> = objects
        .iter()
        .filter(|object| object.place.kind == "StorageClass")
        .map(|object| object.place.name.as_str())
        .collect();
    for object in objects {
        for class in storage_classes(object) {
            if !there.contains(&class) && !missing.contains(&class) {
                match cluster.has_storage_class(class).await? {
                    true => there.push(class),
                    false => missing.push(class),
                }
            }
            if missing.contains(&class) {
                warnings.push(PlanWarning::StorageClassMissing {
                    object: object.place.label(),
                    storage_class: class.to_owned(),
                });
            }
        }
    }
    Ok(warnings)
}

impl Cluster {
    async fn has_storage_class(&self, name: &str) -> Result<bool, Error> {
        let path = format!("/apis/storage.k8s.io/v1/storageclasses/{}", escape(name));
        self.has(path, "storageclasses").await
    }

    /// Whether there is such a namespace; who may not look is told that it is.
    pub(super) async fn has_namespace(&self, name: &str) -> Result<bool, Error> {
        self.has(format!("/api/v1/namespaces/{}", escape(name)), "namespaces")
            .await
    }

    async fn has(&self, path: String, resource: &str) -> Result<bool, Error> {
        let question = Question {
            verb: "get",
            resource,
            namespace: None,
            path,
            query: &[],
            accept: JSON,
            payload: Payload::Nothing,
        };
        match self.ask_bytes(question).await {
            Err(error) if error.is_not_found() => Ok(false),
            Ok(_) | Err(Error::Forbidden { .. }) => Ok(true),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::manifest::Place;

    fn object(api_version: &str, kind: &str, spec: Value) -> ManifestObject {
        ManifestObject {
            value: json!({ "spec": spec }),
            place: Place {
                api_version: api_version.to_owned(),
                kind: kind.to_owned(),
                resource: String::new(),
                namespace: Some("shop".to_owned()),
                name: "web".to_owned(),
                collection: String::new(),
            },
        }
    }

    #[test]
    fn what_reaches_beyond_a_pod_is_told() {
        let pod = json!({
            "hostNetwork": true,
            "volumes": [{ "name": "root", "hostPath": { "path": "/" } }, { "name": "other", "emptyDir": {} }],
            "containers": [{ "name": "main", "securityContext": { "privileged": true } }],
        });
        let job = json!({ "jobTemplate": { "spec": { "template": { "spec": pod } } } });
        let objects = [
            object("batch/v1", "CronJob", job),
            object("v1", "Service", json!({ "type": "LoadBalancer" })),
            object("example.org/v1", "Service", json!({ "type": "LoadBalancer" })),
        ];
        let warnings = of_objects(&objects.iter().collect::<Vec<_>>());
        let texts: Vec<String> = warnings.iter().map(PlanWarning::to_string).collect();
        assert_eq!(
            texts,
            [
                "CronJob shop/web can reach its node by hostNetwork, hostPath (volume root), privileged (container main)",
                "Service shop/web asks for a load balancer, which may be reached from outside and may cost money",
            ]
        );
        assert!(!warnings.iter().any(PlanWarning::prevents));
    }

    #[test]
    fn claims_name_storage_classes() {
        let set =
            json!({ "volumeClaimTemplates": [{ "spec": { "storageClassName": "fast" } }, { "spec": {} }] });
        assert_eq!(storage_classes(&object("apps/v1", "StatefulSet", set)), ["fast"]);
        let claim = json!({ "storageClassName": "" });
        assert!(storage_classes(&object("v1", "PersistentVolumeClaim", claim)).is_empty());
    }
}
