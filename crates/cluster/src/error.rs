//! What can go wrong between here and a cluster.

use helm::release::DecodeError;

use crate::SelectorError;

/// Why a cluster did not give what was asked for. No variant holds anything of a record.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("kubeconfig cannot be used")]
    Kubeconfig(#[source] Box<kube::config::KubeconfigError>),
    #[error("no kubeconfig was found and this is no pod of a cluster")]
    NoCluster(#[source] Box<kube::config::KubeconfigError>),
    #[error("setting `{setting}` of the connection is invalid")]
    Setting { setting: &'static str },
    #[error("connection to the cluster cannot be prepared")]
    Client(#[source] Box<kube::Error>),
    #[error("kubernetes cluster unreachable")]
    Unreachable(#[source] Box<kube::Error>),
    #[error("the answer of the cluster broke off or is larger than {limit_bytes} bytes")]
    Answer { limit_bytes: usize },
    #[error("the answer of the cluster to `{what}` is not what Kubernetes answers")]
    Unreadable {
        what: String,
        #[source]
        source: serde_json::Error,
    },
    /// 403. The sentence is complete, so that a person knows what right to ask for.
    #[error("no right to {verb} {resource} {}", place(.namespace.as_deref()))]
    Forbidden {
        verb: &'static str,
        resource: String,
        /// `None` means all namespaces, or an object outside of them.
        namespace: Option<String>,
    },
    #[error("the cluster does not know who is asking: it answered 401 (unauthorized)")]
    Unauthorized,
    #[error("{message}")]
    Refused { code: u16, message: String },
    #[error("Release name is invalid: {name}")]
    ReleaseName { name: String },
    #[error("invalid namespace {name:?}")]
    Namespace { name: String },
    #[error("release: not found")]
    NotFound,
    #[error("revision {revision} of release {name} in namespace {namespace} cannot be read")]
    Record {
        namespace: String,
        name: String,
        revision: i64,
        #[source]
        source: DecodeError,
    },
    #[error("resource mapping not found for kind {kind:?} in version {api_version:?}")]
    UnknownKind { api_version: String, kind: String },
    #[error("object {number} of the manifest is no Kubernetes object")]
    Manifest { number: usize },
    #[error(transparent)]
    Selector(#[from] SelectorError),
    #[error("{pattern}")]
    Filter { pattern: String },
}

fn place(namespace: Option<&str>) -> String {
    namespace.map_or_else(
        || "in all namespaces".to_owned(),
        |namespace| format!("in the namespace {namespace}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_right_is_a_sentence() {
        let error = |namespace: Option<&str>| {
            let (resource, namespace) = ("secrets".to_owned(), namespace.map(str::to_owned));
            let verb = "list";
            Error::Forbidden {
                verb,
                resource,
                namespace,
            }
            .to_string()
        };
        assert_eq!(
            error(Some("shop")),
            "no right to list secrets in the namespace shop"
        );
        assert_eq!(error(None), "no right to list secrets in all namespaces");
    }
}
