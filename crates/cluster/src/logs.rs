//! Pods of a namespace and what their containers print.

use serde_json::Value;

use crate::api::{JSON, Payload, Question, check_namespace, escape};
use crate::manifest::text;
use crate::{Cluster, Error};

/// As much of a log as is read at once.
const MAX_LOG_BYTES: &str = "4194304";

/// What one container printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerLog {
    pub pod: String,
    pub container: String,
    pub text: String,
}

impl Cluster {
    /// What the containers of pods printed; with `init`, the init containers first.
    pub(crate) async fn logs_of(
        &self,
        namespace: &str,
        pods: &[Value],
        init: bool,
    ) -> Result<Vec<ContainerLog>, Error> {
        let mut logs = Vec::new();
        for pod in pods {
            let Some(name) = text(pod, "/metadata/name") else {
                continue;
            };
            let names = |pointer: &str| {
                let containers = pod.pointer(pointer).and_then(Value::as_array);
                let containers = containers.into_iter().flatten();
                containers
                    .filter_map(|container| text(container, "/name"))
                    .map(str::to_owned)
                    .collect::<Vec<_>>()
            };
            let mut containers = if init {
                names("/spec/initContainers")
            } else {
                Vec::new()
            };
            containers.extend(names("/spec/containers"));
            for container in containers {
                let text = self.log(namespace, name, &container).await?;
                logs.push(ContainerLog {
                    pod: name.to_owned(),
                    container,
                    text,
                });
            }
        }
        Ok(logs)
    }

    async fn log(&self, namespace: &str, pod: &str, container: &str) -> Result<String, Error> {
        check_namespace(namespace)?;
        let question = Question {
            verb: "get",
            resource: "pods/log",
            namespace: Some(namespace),
            path: format!("/api/v1/namespaces/{namespace}/pods/{}/log", escape(pod)),
            query: &[("container", container), ("limitBytes", MAX_LOG_BYTES)],
            accept: "*/*",
            payload: Payload::Nothing,
        };
        let bytes = self.ask_bytes(question).await?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The pods that a field or label selector finds.
    pub(crate) async fn pods_by(&self, namespace: &str, selector: (&str, &str)) -> Result<Vec<Value>, Error> {
        self.list_items(namespace, "pods", &[selector]).await
    }

    /// Objects of the core in a namespace; none where they cannot be seen.
    pub(crate) async fn items(&self, namespace: &str, resource: &str, query: &[(&str, &str)]) -> Vec<Value> {
        self.list_items(namespace, resource, query)
            .await
            .unwrap_or_default()
    }

    async fn list_items(
        &self,
        namespace: &str,
        resource: &str,
        query: &[(&str, &str)],
    ) -> Result<Vec<Value>, Error> {
        check_namespace(namespace)?;
        let question = Question {
            verb: "list",
            resource,
            namespace: Some(namespace),
            path: format!("/api/v1/namespaces/{namespace}/{resource}"),
            query,
            accept: JSON,
            payload: Payload::Nothing,
        };
        let mut list: Value = self.ask(question).await?;
        match list.get_mut("items").map(Value::take) {
            Some(Value::Array(items)) => Ok(items),
            _ => Ok(Vec::new()),
        }
    }
}
