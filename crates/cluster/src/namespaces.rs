//! The namespaces of a cluster, for those who choose one.

use serde::Deserialize;

use crate::api::{Payload, Question};
use crate::{Cluster, Error};

/// More names than these are no choice.
const MAX_NAMESPACES: &str = "500";

const METADATA: &str = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

#[derive(Deserialize)]
struct List {
    /// Null where there are none.
    items: Option<Vec<Item>>,
}

#[derive(Deserialize)]
struct Item {
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Metadata {
    name: String,
    /// There while it is being deleted.
    #[serde(default, rename = "deletionTimestamp")]
    deleted: Option<String>,
}

impl Cluster {
    /// The names of the namespaces in which something can be made, in order; of more than 500 the first.
    pub async fn namespaces(&self) -> Result<Vec<String>, Error> {
        let question = Question {
            verb: "list",
            resource: "namespaces",
            namespace: None,
            path: "/api/v1/namespaces".to_owned(),
            query: &[("limit", MAX_NAMESPACES)],
            accept: METADATA,
            payload: Payload::Nothing,
        };
        let list: List = self.ask(question).await?;
        let there = list
            .items
            .into_iter()
            .flatten()
            .filter(|item| item.metadata.deleted.is_none());
        let mut names: Vec<String> = there.map(|item| item.metadata.name).collect();
        names.sort();
        Ok(names)
    }
}
