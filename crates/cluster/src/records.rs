//! Records: their heads (names and labels, without data), and one record whole.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::{StreamExt as _, TryStreamExt as _};
use helm::chart::validate_release_name;
use helm::release::{
    RECORD_KEY, Release, ReleaseStatus, decode, parse_record_name, record_name, user_labels,
};
use serde::Deserialize;

use crate::api::{JSON, Payload, Question, check_namespace, escape};
use crate::{Cluster, Driver, Error};

/// Heads that are asked for at once.
const PAGE: &str = "500";
/// Records that are asked for at the same time.
pub(crate) const AT_ONCE: usize = 32;
/// How often a list is begun anew because the cluster forgot where it was.
const MAX_RESTARTS: usize = 3;

/// What every record has.
pub(crate) const ALL_RECORDS: &str = "owner=helm";

const HEADS: &str = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

/// What is known of a revision without reading its record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordHead {
    pub namespace: String,
    pub name: String,
    pub revision: i64,
    pub status: ReleaseStatus,
    /// All labels, Helm's own among them.
    pub labels: BTreeMap<String, String>,
    /// The name of the Secret or ConfigMap.
    pub(crate) object: String,
}

/// A revision as it is stored.
#[derive(Debug, Clone)]
pub struct StoredRelease {
    /// Its `labels` are the user's.
    pub release: Release,
    /// All labels of the Secret or ConfigMap, Helm's own among them.
    pub labels: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    metadata: PageMetadata,
    /// Null where there are none.
    items: Option<Vec<Item>>,
}

#[derive(Deserialize, Default)]
struct PageMetadata {
    #[serde(default, rename = "continue")]
    next: Option<String>,
    #[serde(default, rename = "resourceVersion")]
    version: String,
}

#[derive(Deserialize)]
struct Item {
    metadata: Metadata,
    #[serde(default)]
    data: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize, Default)]
pub(crate) struct Metadata {
    #[serde(default)]
    name: String,
    #[serde(default)]
    namespace: String,
    #[serde(default)]
    labels: Option<BTreeMap<String, String>>,
    #[serde(default, rename = "resourceVersion")]
    pub(crate) version: String,
}

/// A head, and the version of its object.
#[derive(Debug)]
pub(crate) struct VersionedHead {
    pub(crate) head: RecordHead,
    pub(crate) version: String,
}

/// A revision as it is stored, and the version of its object, which changes with every write.
pub(crate) struct VersionedRecord {
    pub(crate) stored: StoredRelease,
    pub(crate) version: String,
}

impl Cluster {
    /// The heads of all records of a namespace, or of all namespaces; of one release if it is named.
    pub async fn heads(&self, namespace: Option<&str>, name: Option<&str>) -> Result<Vec<RecordHead>, Error> {
        let selector = match name {
            None => ALL_RECORDS.to_owned(),
            Some(name) => {
                validate_release_name(name).map_err(|_| invalid_name(name))?;
                format!("name={name},owner=helm")
            }
        };
        let mut restarts = 0;
        loop {
            let mut heads = Vec::new();
            let listed = self.each_head(namespace, &selector, |versioned| {
                heads.push(versioned.head);
                Ok(())
            });
            match listed.await {
                Ok(_) => return Ok(heads),
                // The place in the list has expired.
                Err(Error::Refused { code: 410, .. }) if restarts < MAX_RESTARTS => restarts += 1,
                Err(error) => return Err(error),
            }
        }
    }

    /// Gives all heads to `visit`, page by page and in the order of the cluster's names, and answers the version of the
    /// list, from which it can be watched. An error of `visit` ends it.
    pub(crate) async fn each_head(
        &self,
        namespace: Option<&str>,
        selector: &str,
        mut visit: impl FnMut(VersionedHead) -> Result<(), Error>,
    ) -> Result<String, Error> {
        let path = self.record_collection(namespace)?;
        let mut next = String::new();
        loop {
            let mut query = vec![("labelSelector", selector), ("limit", PAGE)];
            if !next.is_empty() {
                query.push(("continue", &next));
            }
            let question = Question {
                verb: "list",
                resource: self.driver.resource(),
                namespace,
                path: path.clone(),
                query: &query,
                accept: HEADS,
                payload: Payload::Nothing,
            };
            let page: Page = self.ask(question).await?;
            let items = page.items.into_iter().flatten();
            for versioned in items.filter_map(|item| versioned_head(item.metadata)) {
                visit(versioned)?;
            }
            match page.metadata.next.filter(|token| !token.is_empty()) {
                Some(token) => next = token,
                None => return Ok(page.metadata.version),
            }
        }
    }

    /// One revision.
    pub async fn revision(&self, namespace: &str, name: &str, revision: i64) -> Result<StoredRelease, Error> {
        validate_release_name(name).map_err(|_| invalid_name(name))?;
        self.record(namespace, &record_name(name, revision)).await
    }

    /// The newest revision, whatever its status.
    pub async fn newest(&self, namespace: &str, name: &str) -> Result<StoredRelease, Error> {
        let heads = self.heads(Some(namespace), Some(name)).await?;
        let newest = heads.into_iter().max_by_key(|head| head.revision);
        let newest = newest.ok_or(Error::NotFound)?;
        self.record(namespace, &newest.object).await
    }

    /// The newest `max` revisions, the oldest of them first. Records that cannot be read come as heads and reasons.
    pub async fn history(
        &self,
        namespace: &str,
        name: &str,
        max: usize,
    ) -> Result<(Vec<StoredRelease>, Vec<(RecordHead, Error)>), Error> {
        let mut heads = self.heads(Some(namespace), Some(name)).await?;
        if heads.is_empty() {
            return Err(Error::NotFound);
        }
        heads.sort_by_key(|head| head.revision);
        let heads = heads.split_off(heads.len().saturating_sub(max));
        self.read_all(heads, |stored| stored).await
    }

    /// Reads records, some at a time, and keeps of each what `keep` makes of it; in the order of `heads`.
    ///
    /// Records that have gone meanwhile are left out, and those that cannot be decoded are told apart: one damaged record
    /// must not hide the others.
    pub(crate) async fn read_all<T: Send>(
        &self,
        heads: Vec<RecordHead>,
        keep: impl Fn(StoredRelease) -> T + Sync,
    ) -> Result<(Vec<T>, Vec<(RecordHead, Error)>), Error> {
        let (mut read, mut damaged) = (Vec::new(), Vec::new());
        let keep = &keep;
        // One task polls them all, so that no two records are unpacked in memory at the same time.
        let mut answers = futures_util::stream::iter(heads)
            .map(
                async |head| match self.record(&head.namespace, &head.object).await {
                    Ok(stored) => Ok(Some(Ok(keep(stored)))),
                    Err(Error::NotFound) => Ok(None),
                    Err(error @ Error::Record { .. }) => Ok(Some(Err((head, error)))),
                    Err(error) => Err(error),
                },
            )
            .buffered(AT_ONCE)
            .boxed();
        while let Some(answer) = answers.try_next().await? {
            match answer {
                Some(Ok(kept)) => read.push(kept),
                Some(Err(reason)) => damaged.push(reason),
                None => {}
            }
        }
        Ok((read, damaged))
    }

    pub(crate) async fn record(&self, namespace: &str, object: &str) -> Result<StoredRelease, Error> {
        let record = self.versioned_record(namespace, object).await?;
        Ok(record.stored)
    }

    /// A record and the version that it was read at, for who writes it only if nobody else has meanwhile.
    pub(crate) async fn versioned_record(
        &self,
        namespace: &str,
        object: &str,
    ) -> Result<VersionedRecord, Error> {
        let question = Question {
            verb: "get",
            resource: self.driver.resource(),
            namespace: Some(namespace),
            path: format!("{}/{}", self.record_collection(Some(namespace))?, escape(object)),
            query: &[],
            accept: JSON,
            payload: Payload::Nothing,
        };
        let item: Item = match self.ask(question).await {
            Err(Error::Refused { code: 404, .. }) => return Err(Error::NotFound),
            answer => answer?,
        };
        let damaged = |source| {
            let (name, revision) = parse_record_name(object).unwrap_or((object, 0));
            let (namespace, name) = (namespace.to_owned(), name.to_owned());
            Error::Record {
                namespace,
                name,
                revision,
                source,
            }
        };
        let stored = item
            .data
            .and_then(|mut data| data.remove(RECORD_KEY))
            .unwrap_or_default();
        let stored = match self.driver {
            Driver::ConfigMaps => stored.into_bytes(),
            Driver::Secrets => STANDARD
                .decode(stored)
                .map_err(|source| damaged(helm::release::DecodeError::Base64(source)))?,
        };
        let mut release = decode(&stored).map_err(damaged)?;
        let labels = item.metadata.labels.unwrap_or_default();
        release.labels = user_labels(&labels);
        Ok(VersionedRecord {
            stored: StoredRelease { release, labels },
            version: item.metadata.version,
        })
    }

    pub(crate) fn record_collection(&self, namespace: Option<&str>) -> Result<String, Error> {
        let resource = self.driver.resource();
        let Some(namespace) = namespace else {
            return Ok(format!("/api/v1/{resource}"));
        };
        check_namespace(namespace)?;
        Ok(format!("/api/v1/namespaces/{namespace}/{resource}"))
    }
}

/// The head of a record with its version; nothing where it has none.
pub(crate) fn versioned_head(mut metadata: Metadata) -> Option<VersionedHead> {
    let version = std::mem::take(&mut metadata.version);
    head(metadata).map(|head| VersionedHead { head, version })
}

/// The head of a record; nothing where neither name nor labels say which revision it is.
fn head(metadata: Metadata) -> Option<RecordHead> {
    let labels = metadata.labels.unwrap_or_default();
    let (name, revision) = match parse_record_name(&metadata.name) {
        Some((name, revision)) => (name.to_owned(), revision),
        None => (labels.get("name")?.clone(), labels.get("version")?.parse().ok()?),
    };
    let status = labels.get("status").cloned().unwrap_or_default().into();
    Some(RecordHead {
        namespace: metadata.namespace,
        name,
        revision,
        status,
        labels,
        object: metadata.name,
    })
}

fn invalid_name(name: &str) -> Error {
    Error::ReleaseName {
        name: name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_come_from_the_name_else_from_labels() {
        let metadata = |name: &str, labels: &[(&str, &str)]| Metadata {
            name: name.to_owned(),
            namespace: "n".to_owned(),
            labels: Some(
                labels
                    .iter()
                    .map(|(label, value)| ((*label).to_owned(), (*value).to_owned()))
                    .collect(),
            ),
            version: String::new(),
        };
        let named = head(metadata("sh.helm.release.v1.web.v12", &[("status", "failed")])).unwrap();
        assert_eq!((named.name.as_str(), named.revision), ("web", 12));
        assert_eq!(named.status, ReleaseStatus::Failed);
        let labelled = head(metadata("odd", &[("name", "web"), ("version", "3")])).unwrap();
        assert_eq!((labelled.name.as_str(), labelled.revision), ("web", 3));
        assert_eq!(head(metadata("odd", &[("name", "web")])), None);
    }
}
