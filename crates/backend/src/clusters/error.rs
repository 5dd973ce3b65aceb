//! What a cluster's errors mean to whoever asked.

use cluster::{Error as ClusterError, MissingRight, Subject, role_yaml};
use model::release::ClusterProblem;

use super::Identity;
use crate::Error;

/// How the API server says that Chartroom's own account may not speak for others.
const CANNOT_IMPERSONATE: &str = "cannot impersonate";

/// Where a cluster takes nothing but tokens of its users, and there is none.
pub(super) fn needs_token(cluster: &str) -> Error {
    about_token(
        cluster,
        "it is asked with your own token alone; give one on the page Account, or with each request in the header \
         Chartroom-Cluster-Token",
    )
}

fn about_token(cluster: &str, reason: &str) -> Error {
    Error::Forbidden {
        action: format!("asking the cluster \"{cluster}\""),
        reason: reason.to_owned(),
    }
}

/// An error of a cluster, by what its reader can do.
pub(super) fn cluster_error(error: &ClusterError, identity: &Identity, subject: &Subject) -> Error {
    let cluster = identity.cluster.as_str();
    let unavailable = |reason: String| Error::Unavailable {
        what: format!("cluster \"{cluster}\""),
        reason,
        retry_after_secs: None,
    };
    let text = error.chain();
    match error.innermost() {
        ClusterError::Kubeconfig(_)
        | ClusterError::NoCluster(_)
        | ClusterError::NoServiceAccount(_)
        | ClusterError::Setting { .. }
        | ClusterError::Client(_) => {
            // What is in a kubeconfig is for the log alone.
            tracing::warn!(cluster, error = %text, "no connection to the cluster");
            unavailable("its connection is not configured as it should be; the log says why".to_owned())
        }
        ClusterError::Unreachable(_) => {
            tracing::warn!(cluster, error = %text, "the cluster does not answer");
            unavailable("it does not answer".to_owned())
        }
        ClusterError::Unauthorized if identity.is_by_token() => about_token(
            cluster,
            "it does not take your token, which may have run out; give another one, or forget this one on the page \
             Account",
        ),
        ClusterError::Unauthorized => {
            tracing::warn!(
                cluster,
                "the cluster does not accept the credentials of the configuration"
            );
            unavailable("it does not accept the credentials that Chartroom has for it".to_owned())
        }
        ClusterError::Refused {
            message, code: 403, ..
        } if message.contains(CANNOT_IMPERSONATE) => {
            tracing::warn!(cluster, error = %message, "users cannot be impersonated");
            unavailable(
                "Chartroom's account there may not impersonate users and groups; docs/access.md has the role \
                 that it needs"
                    .to_owned(),
            )
        }
        ClusterError::Refused {
            message,
            code: 429 | 500..=599,
            ..
        } => unavailable(message.clone()),
        ClusterError::BrokenOff | ClusterError::Unreadable { .. } | ClusterError::Answer { .. } => {
            unavailable(text)
        }
        ClusterError::Forbidden {
            verb,
            resource,
            namespace,
        } => Error::MissingRights {
            message: text.clone(),
            role_yaml: match CORE.contains(&resource.as_str()) {
                true => role_yaml(&missing(verb, resource, namespace.as_deref()), subject),
                // A refusal does not say of which group; a plan, which asks for every right, does.
                false => String::new(),
            },
        },
        ClusterError::NameInUse
        | ClusterError::Pending
        | ClusterError::RecordExists { .. }
        | ClusterError::AlreadyUninstalled { .. }
        | ClusterError::NoDeployedRevision { .. } => Error::ReleaseBusy {
            reason: text,
            operation: None,
        },
        ClusterError::PlanOutdated { changes } => Error::PlanOutdated {
            changes: changes.clone(),
        },
        ClusterError::ReleaseName { .. } => invalid("name", text),
        ClusterError::Namespace { .. } => invalid("namespace", text),
        ClusterError::Values(_) => invalid("values", text),
        ClusterError::Rendering(_) | ClusterError::Rendered(_) => invalid("chart", text),
        ClusterError::SystemLabels => invalid("labels", text),
        ClusterError::Description { .. } => invalid("description", text),
        ClusterError::Options { .. } => invalid("options", text),
        _ => Error::Conflict {
            what: "the cluster".to_owned(),
            reason: text,
        },
    }
}

fn invalid(field: &'static str, message: String) -> Error {
    Error::Invalid { field, message }
}

/// What is asked for by name in the core, which has no group.
const CORE: [&str; 6] = [
    "secrets",
    "configmaps",
    "namespaces",
    "pods",
    "pods/log",
    "events",
];

/// What reading records takes.
const READING: [&str; 3] = ["get", "list", "watch"];

/// The right that is missing; of those to read records all that will be needed next.
fn missing(verb: &'static str, resource: &str, namespace: Option<&str>) -> Vec<MissingRight> {
    let is_record = matches!(resource, "secrets" | "configmaps") && READING.contains(&verb);
    let verbs: &[&'static str] = if is_record { &READING } else { &[verb] };
    let right = |verb: &&'static str| MissingRight {
        verb,
        group: String::new(),
        resource: resource.to_owned(),
        namespace: namespace.map(str::to_owned),
    };
    verbs.iter().map(right).collect()
}

/// An error as part of an answer that holds other things.
pub(crate) fn problem(error: &Error) -> ClusterProblem {
    ClusterProblem {
        message: error.to_string(),
        role_yaml: match error {
            Error::MissingRights { role_yaml, .. } => Some(role_yaml.clone()).filter(|yaml| !yaml.is_empty()),
            _ => None,
        },
    }
}
