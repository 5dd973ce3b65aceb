//! What an identity may not do, all of it at once, and the roles that would allow it.
//!
//! The API server is asked, with a review for each right: it alone knows all its authorizers.

mod role;

use std::collections::BTreeSet;
use std::fmt;

use futures_util::{StreamExt as _, TryStreamExt as _};
use serde::{Deserialize, Serialize};
use serde_json::json;

pub use role::{Subject, role_yaml};

use crate::api::{JSON, Payload, Question};
use crate::{Cluster, Error};

/// Reviews that are asked for at the same time.
const AT_ONCE: usize = 8;

const REVIEWS: &str = "selfsubjectaccessreviews";

/// A right that something needs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NeededRight {
    /// `create`
    pub verb: &'static str,
    /// Empty for the core.
    pub group: String,
    /// `deployments`
    pub resource: String,
    /// `None` for what is in no namespace.
    pub namespace: Option<String>,
    /// `None` where the right must not depend on a name.
    pub name: Option<String>,
}

/// A right that is missing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct MissingRight {
    pub verb: &'static str,
    /// Empty for the core.
    pub group: String,
    pub resource: String,
    /// `None` for what is in no namespace.
    pub namespace: Option<String>,
}

/// `may not create deployments.apps in the namespace shop`
impl fmt::Display for MissingRight {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "may not {} {}", self.verb, self.resource)?;
        if !self.group.is_empty() {
            write!(formatter, ".{}", self.group)?;
        }
        match &self.namespace {
            None => Ok(()),
            Some(namespace) => write!(formatter, " in the namespace {namespace}"),
        }
    }
}

#[derive(Deserialize)]
struct Review {
    #[serde(default)]
    status: ReviewStatus,
}

#[derive(Deserialize, Default)]
struct ReviewStatus {
    #[serde(default)]
    allowed: bool,
}

/// Those of the `needed` rights that the identity of `cluster` has not got.
///
/// Who has a right for all names is asked only once, however many objects there are.
pub async fn missing_rights(cluster: &Cluster, needed: &[NeededRight]) -> Result<Vec<MissingRight>, Error> {
    let needed: BTreeSet<&NeededRight> = needed.iter().collect();
    let for_all_names: BTreeSet<NeededRight> = needed
        .iter()
        .map(|right| NeededRight {
            name: None,
            ..(*right).clone()
        })
        .collect();
    let denied = denied(cluster, for_all_names).await?;
    let is_denied = |right: &NeededRight| {
        denied.iter().any(|other| {
            (other.verb, &other.group, &other.resource, &other.namespace)
                == (right.verb, &right.group, &right.resource, &right.namespace)
        })
    };
    let (named, nameless): (BTreeSet<_>, BTreeSet<_>) = needed
        .into_iter()
        .filter(|right| is_denied(right))
        .cloned()
        .partition(|right| right.name.is_some());
    let denied_by_name = self::denied(cluster, named).await?;
    let missing: BTreeSet<MissingRight> = nameless
        .into_iter()
        .chain(denied_by_name)
        .map(|right| MissingRight {
            verb: right.verb,
            group: right.group,
            resource: right.resource,
            namespace: right.namespace,
        })
        .collect();
    Ok(missing.into_iter().collect())
}

async fn denied(cluster: &Cluster, rights: BTreeSet<NeededRight>) -> Result<Vec<NeededRight>, Error> {
    let answers = futures_util::stream::iter(rights)
        .map(async |right| {
            let is_allowed = cluster.is_allowed(&right).await?;
            Ok::<_, Error>((!is_allowed).then_some(right))
        })
        .buffered(AT_ONCE)
        .boxed();
    answers
        .try_filter_map(async |right| Ok(right))
        .try_collect()
        .await
}

impl Cluster {
    /// Whether the identity of this connection may list the records of a namespace, or of all of them.
    pub async fn may_list_records(&self, namespace: Option<&str>) -> Result<bool, Error> {
        self.is_allowed(&NeededRight {
            verb: "list",
            group: String::new(),
            resource: self.driver.resource().to_owned(),
            namespace: namespace.map(str::to_owned),
            name: None,
        })
        .await
    }

    /// What is said to who may not list records.
    pub fn no_right_to_list_records(&self, namespace: Option<&str>) -> Error {
        Error::Forbidden {
            verb: "list",
            resource: self.driver.resource().to_owned(),
            namespace: namespace.map(str::to_owned),
        }
    }

    async fn is_allowed(&self, right: &NeededRight) -> Result<bool, Error> {
        // Requests for one namespace count as requests within it.
        let is_namespace = right.resource == "namespaces" && right.group.is_empty();
        let namespace = if is_namespace {
            &right.name
        } else {
            &right.namespace
        };
        let review = json!({
            "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
            "spec": { "resourceAttributes": {
                "verb": right.verb,
                "group": right.group,
                "resource": right.resource,
                "namespace": namespace.as_deref().unwrap_or_default(),
                "name": right.name.as_deref().unwrap_or_default(),
            } },
        });
        let body = serde_json::to_vec(&review).map_err(Error::Encode)?;
        let question = Question {
            verb: "create",
            resource: REVIEWS,
            namespace: None,
            path: format!("/apis/authorization.k8s.io/v1/{REVIEWS}"),
            query: &[],
            accept: JSON,
            payload: Payload::Post(body.into()),
        };
        Ok(self.ask::<Review>(question).await?.status.allowed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_right_is_a_sentence() {
        let right = |group: &str, namespace: Option<&str>| {
            MissingRight {
                verb: "create",
                group: group.to_owned(),
                resource: "deployments".to_owned(),
                namespace: namespace.map(str::to_owned),
            }
            .to_string()
        };
        assert_eq!(
            right("apps", Some("shop")),
            "may not create deployments.apps in the namespace shop"
        );
        assert_eq!(right("", None), "may not create deployments");
    }
}
