//! The objects of a release as they are in the cluster now, and the pods that belong to them.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::api::{JSON, Payload, Question, escape};
use crate::manifest::{locate, text};
use crate::{Cluster, Error};

/// Objects, or tables of one row each, by version and kind (`v1/Service`); under `v1/Pod(related)` a list, or a table, of
/// the pods of each workload.
pub type LiveObjects = BTreeMap<String, Vec<Value>>;

const TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
const RELATED_PODS: &str = "v1/Pod(related)";

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
        let mut found = LiveObjects::new();
        let mut seen_selectors = Vec::new();
        let (accept, query): (_, &[_]) = if as_tables {
            (TABLE, &[("includeObject", "Object")])
        } else {
            (JSON, &[])
        };
        let discovery = self.discover().await?;
        for object in locate(manifest, namespace, &discovery)? {
            let question = Question {
                query,
                accept,
                ..object.question("get")
            };
            let live: Value = match self.ask(question).await {
                Ok(live) => live,
                Err(Error::Refused { .. } | Error::Forbidden { .. }) => continue,
                Err(error) => return Err(error),
            };
            let place = object.place();
            let version = place.api_version.rsplit('/').next().unwrap_or_default();
            let key = format!("{version}/{}", place.kind);
            found.entry(key).or_default().push(live);
            let Some(selector) = pod_selector(object.value()) else {
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
            payload: Payload::Nothing,
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
}

/// How a workload finds its pods, as the text of a selector.
pub(crate) fn pod_selector(object: &Value) -> Option<String> {
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

#[cfg(test)]
mod tests {
    use super::*;

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
