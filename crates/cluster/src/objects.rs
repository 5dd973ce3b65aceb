//! The objects of a release as they are in the cluster now, and the pods that belong to them.

use std::collections::{BTreeMap, HashMap};

use helm::Compat;
use helm::manifest::split_documents;
use helm::values::Tree;
use serde::Deserialize;
use serde_json::Value;

use crate::api::{JSON, Question, escape};
use crate::{Cluster, Error};

/// Objects, or tables of one row each, by version and kind (`v1/Service`); under `v1/Pod(related)` a list, or a table, of
/// the pods of each workload.
pub type LiveObjects = BTreeMap<String, Vec<Value>>;

const TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
const RELATED_PODS: &str = "v1/Pod(related)";

#[derive(Deserialize)]
struct Resources {
    resources: Vec<Resource>,
}

#[derive(Deserialize, Clone)]
struct Resource {
    name: String,
    kind: String,
    namespaced: bool,
}

/// Where an object of a manifest is.
struct Place {
    version: String,
    kind: String,
    resource: String,
    namespace: Option<String>,
    /// The path of all objects of its kind.
    collection: String,
}

impl Cluster {
    /// What there is of the objects of `manifest`; what is gone, or may not be seen, is left out, as helm does.
    ///
    /// `as_tables` asks for what kubectl prints instead of whole objects.
    pub async fn live_objects(
        &self,
        manifest: &str,
        namespace: &str,
        as_tables: bool,
    ) -> Result<LiveObjects, Error> {
        let mut known = HashMap::new();
        let mut found = LiveObjects::new();
        let mut seen_selectors = Vec::new();
        let (accept, query): (_, &[_]) = if as_tables {
            (TABLE, &[("includeObject", "Object")])
        } else {
            (JSON, &[])
        };
        for object in objects(manifest)? {
            let place = self.place(&object, namespace, &mut known).await?;
            let name = text(&object, "/metadata/name").unwrap_or_default();
            let question = Question {
                verb: "get",
                resource: &place.resource,
                namespace: place.namespace.as_deref(),
                path: format!("{}/{}", place.collection, escape(name)),
                query,
                accept,
            };
            let live: Value = match self.ask(question).await {
                Ok(live) => live,
                Err(Error::Refused { .. } | Error::Forbidden { .. }) => continue,
                Err(error) => return Err(error),
            };
            let key = format!("{}/{}", place.version, place.kind);
            found.entry(key).or_default().push(live);
            let Some(selector) = pod_selector(&object) else {
                continue;
            };
            if seen_selectors.contains(&selector) {
                continue;
            }
            let pods = self.pods(
                place.namespace.as_deref().unwrap_or(namespace),
                &selector,
                accept,
                query,
            );
            match pods.await {
                Ok(pods) => found.entry(RELATED_PODS.to_owned()).or_default().push(pods),
                Err(Error::Refused { .. } | Error::Forbidden { .. }) => {}
                Err(error) => return Err(error),
            }
            seen_selectors.push(selector);
        }
        Ok(found)
    }

    async fn pods(
        &self,
        namespace: &str,
        selector: &str,
        accept: &str,
        query: &[(&str, &str)],
    ) -> Result<Value, Error> {
        let mut query = query.to_vec();
        query.push(("labelSelector", selector));
        let question = Question {
            verb: "list",
            resource: "pods",
            namespace: Some(namespace),
            path: format!("/api/v1/namespaces/{}/pods", escape(namespace)),
            query: &query,
            accept,
        };
        let mut answer: Value = self.ask(question).await?;
        let pods = answer.get_mut("items").and_then(Value::as_array_mut);
        for pod in pods.into_iter().flatten() {
            // Items of a list do not say what they are; Helm's client adds it.
            if let Value::Object(pod) = pod {
                pod.insert("apiVersion".to_owned(), "v1".into());
                pod.insert("kind".to_owned(), "Pod".into());
            }
        }
        Ok(answer)
    }

    async fn place(
        &self,
        object: &Value,
        namespace: &str,
        known: &mut HashMap<String, Vec<Resource>>,
    ) -> Result<Place, Error> {
        let api_version = text(object, "/apiVersion").unwrap_or_default();
        let kind = text(object, "/kind").unwrap_or_default();
        let unknown = || Error::UnknownKind {
            api_version: api_version.to_owned(),
            kind: kind.to_owned(),
        };
        let root = match api_version.split_once('/') {
            None => format!("/api/{}", escape(api_version)),
            Some((group, version)) => format!("/apis/{}/{}", escape(group), escape(version)),
        };
        if !known.contains_key(api_version) {
            let question = Question {
                verb: "get",
                resource: api_version,
                namespace: None,
                path: root.clone(),
                query: &[],
                accept: JSON,
            };
            let resources: Resources = match self.ask(question).await {
                Err(Error::Refused { code: 404, .. }) => return Err(unknown()),
                answer => answer?,
            };
            known.insert(api_version.to_owned(), resources.resources);
        }
        let resource = known
            .get(api_version)
            .into_iter()
            .flatten()
            // `deployments/scale` is a part, not a kind.
            .find(|resource| resource.kind == kind && !resource.name.contains('/'))
            .ok_or_else(unknown)?;
        let own = text(object, "/metadata/namespace").filter(|own| !own.is_empty());
        let namespace = resource.namespaced.then(|| own.unwrap_or(namespace).to_owned());
        let collection = match &namespace {
            None => format!("{root}/{}", escape(&resource.name)),
            Some(namespace) => format!(
                "{root}/namespaces/{}/{}",
                escape(namespace),
                escape(&resource.name)
            ),
        };
        Ok(Place {
            version: api_version.rsplit('/').next().unwrap_or_default().to_owned(),
            kind: kind.to_owned(),
            resource: resource.name.clone(),
            namespace,
            collection,
        })
    }
}

/// The objects of a manifest, lists unfolded.
fn objects(manifest: &str) -> Result<Vec<Value>, Error> {
    let mut objects = Vec::new();
    for (number, document) in split_documents(manifest, Compat::Helm4_3).into_iter().enumerate() {
        let invalid = || Error::Manifest { number: number + 1 };
        let value = engine::yaml::decode(document.text.as_bytes()).map_err(|_| invalid())?;
        match Tree::from_value(&value).to_json() {
            Value::Null => {}
            Value::Object(mut object) => {
                let is_list = object
                    .get("kind")
                    .and_then(Value::as_str)
                    .is_some_and(|kind| kind.ends_with("List"));
                match object.get_mut("items").map(Value::take) {
                    Some(Value::Array(items)) if is_list => objects.extend(items),
                    Some(items) => {
                        object.insert("items".to_owned(), items);
                        objects.push(Value::Object(object));
                    }
                    None => objects.push(Value::Object(object)),
                }
            }
            _ => return Err(invalid()),
        }
    }
    Ok(objects)
}

/// How a workload finds its pods, as the text of a selector.
fn pod_selector(object: &Value) -> Option<String> {
    let labels = match text(object, "/kind")? {
        "ReplicaSet" | "Deployment" | "StatefulSet" | "DaemonSet" | "Job" => "/spec/selector/matchLabels",
        "ReplicationController" => "/spec/selector",
        _ => return None,
    };
    let labels = object.pointer(labels)?.as_object()?;
    let pairs: Option<Vec<String>> = labels
        .iter()
        .map(|(label, value)| Some(format!("{label}={}", value.as_str()?)))
        .collect();
    Some(pairs?.join(","))
}

fn text<'o>(object: &'o Value, pointer: &str) -> Option<&'o str> {
    object.pointer(pointer).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manifests_become_objects() {
        let manifest =
            "---\n# Source: a\nkind: A\n---\n# nothing\n---\nkind: BList\nitems:\n- kind: B\n- kind: C\n";
        let kinds: Vec<String> = objects(manifest)
            .unwrap()
            .iter()
            .map(|object| text(object, "/kind").unwrap().to_owned())
            .collect();
        assert_eq!(kinds, ["A", "B", "C"]);
        assert!(matches!(objects("- 1\n"), Err(Error::Manifest { number: 1 })));
        assert!(matches!(objects("a: b: c\n"), Err(Error::Manifest { number: 1 })));
    }

    #[test]
    fn workloads_say_which_pods_are_theirs() {
        let deployment = serde_json::json!({
            "kind": "Deployment",
            "spec": { "selector": { "matchLabels": { "b": "2", "a": "1" } } },
        });
        assert_eq!(pod_selector(&deployment).as_deref(), Some("a=1,b=2"));
        assert_eq!(pod_selector(&serde_json::json!({ "kind": "Service" })), None);
    }
}
