//! Where a revision came from, kept beside its record without disturbing Helm.
//!
//! An object of the record's own kind and namespace, so that who may read the one may read the other. Helm looks for
//! `owner=helm` and never sees it; the record owns it, so that the cluster deletes it when Helm deletes the record.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use helm::chart::validate_release_name;
use helm::release::record_name;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::{JSON, Payload, Question, escape};
use crate::{Cluster, Driver, Error};

/// The most that a user's values may be long to be kept as they were typed.
pub const MAX_KEPT_VALUES_BYTES: usize = 256 << 10;

/// The type of the Secret.
const ORIGIN_TYPE: &str = "chartroom/origin.v1";
const FIELD_MANAGER: &str = "chartroom";
const VALUES: &str = "values";
/// Origins that are asked for at once.
const PAGE: &str = "500";
const METADATA: &str = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
const METADATA_LIST: &str = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

/// Where a revision came from. What a cluster gives back was written by whoever may write there: it is shown, never
/// trusted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    pub repository: String,
    pub chart: String,
    pub version: String,
    /// SHA-256 of the archive, in hex.
    pub digest: String,
    /// The user who made the revision.
    pub by: String,
}

/// An origin, and what it is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredOrigin {
    pub namespace: String,
    pub name: String,
    pub revision: i64,
    pub origin: Origin,
    /// When it was written, by the cluster's clock: RFC 3339.
    pub created: String,
}

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    metadata: PageMetadata,
    items: Option<Vec<Item>>,
}

#[derive(Deserialize, Default)]
struct PageMetadata {
    #[serde(default, rename = "continue")]
    next: Option<String>,
}

#[derive(Deserialize)]
struct Item {
    metadata: Metadata,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Metadata {
    uid: String,
    namespace: String,
    creation_timestamp: String,
    labels: BTreeMap<String, String>,
    annotations: BTreeMap<String, String>,
}

impl Cluster {
    /// Keeps where a revision came from and the values as they were typed; its record has to be there. Values longer
    /// than [`MAX_KEPT_VALUES_BYTES`] are left out: the record holds what they say.
    pub async fn keep_origin(
        &self,
        namespace: &str,
        name: &str,
        revision: i64,
        origin: &Origin,
        values: &str,
    ) -> Result<(), Error> {
        let collection = self.record_collection(Some(namespace))?;
        check(name)?;
        let record = record_name(name, revision);
        let question = Question {
            accept: METADATA,
            ..self.origin_question("get", format!("{collection}/{}", escape(&record)))
        };
        let uid = self.ask::<Item>(question).await?.metadata.uid;
        let kept = if values.len() > MAX_KEPT_VALUES_BYTES {
            ""
        } else {
            values
        };
        let (kind, data) = match self.driver {
            Driver::Secrets => ("Secret", STANDARD.encode(kept)),
            Driver::ConfigMaps => ("ConfigMap", kept.to_owned()),
        };
        let object = object_name(name, revision);
        let mut body = json!({
            "apiVersion": "v1", "kind": kind,
            "metadata": {
                "name": object,
                "namespace": namespace,
                "labels": { "owner": "chartroom", "name": name, "version": revision.to_string() },
                "annotations": annotations(origin),
                "ownerReferences": [{ "apiVersion": "v1", "kind": kind, "name": record, "uid": uid }],
            },
            "data": { VALUES: data },
        });
        if let (Driver::Secrets, Some(body)) = (self.driver, body.as_object_mut()) {
            body.insert("type".to_owned(), ORIGIN_TYPE.into());
        }
        let body = serde_json::to_vec(&body).map_err(Error::Encode)?.into();
        // Applied and not created: an answer that was lost is no reason to fail, and an origin of a revision that was
        // deleted and made anew is replaced.
        let question = Question {
            query: &[("fieldManager", FIELD_MANAGER), ("force", "true")],
            payload: Payload::Patch("application/apply-patch+yaml", body),
            ..self.origin_question("patch", format!("{collection}/{}", escape(&object)))
        };
        self.ask::<Value>(question).await.map(drop)
    }

    /// The origins of a namespace, or of all; of one release where it is named. Without the values.
    pub async fn origins(
        &self,
        namespace: Option<&str>,
        name: Option<&str>,
    ) -> Result<Vec<StoredOrigin>, Error> {
        let selector = match name {
            None => "owner=chartroom".to_owned(),
            Some(name) => {
                check(name)?;
                format!("name={name},owner=chartroom")
            }
        };
        let path = self.record_collection(namespace)?;
        let (mut found, mut next) = (Vec::new(), String::new());
        loop {
            let mut query = vec![("labelSelector", selector.as_str()), ("limit", PAGE)];
            if !next.is_empty() {
                query.push(("continue", &next));
            }
            let question = Question {
                namespace,
                query: &query,
                accept: METADATA_LIST,
                ..self.origin_question("list", path.clone())
            };
            let page: Page = self.ask(question).await?;
            found.extend(page.items.into_iter().flatten().filter_map(stored));
            match page.metadata.next.filter(|token| !token.is_empty()) {
                Some(token) => next = token,
                None => return Ok(found),
            }
        }
    }

    /// The values of a revision as they were typed, if that is known.
    pub async fn typed_values(
        &self,
        namespace: &str,
        name: &str,
        revision: i64,
    ) -> Result<Option<String>, Error> {
        check(name)?;
        let collection = self.record_collection(Some(namespace))?;
        let object = object_name(name, revision);
        let question = self.origin_question("get", format!("{collection}/{}", escape(&object)));
        let answer: Value = match self.ask(question).await {
            Err(error) if error.is_not_found() => return Ok(None),
            answer => answer?,
        };
        let Some(text) = answer.pointer("/data/values").and_then(Value::as_str) else {
            return Ok(None);
        };
        let text = match self.driver {
            Driver::ConfigMaps => text.to_owned(),
            Driver::Secrets => match STANDARD.decode(text).map(String::from_utf8) {
                Ok(Ok(text)) => text,
                _ => return Ok(None),
            },
        };
        Ok(Some(text).filter(|text| !text.is_empty()))
    }

    fn origin_question(&self, verb: &'static str, path: String) -> Question<'_> {
        Question {
            verb,
            resource: self.driver.resource(),
            namespace: None,
            path,
            query: &[],
            accept: JSON,
            payload: Payload::Nothing,
        }
    }
}

fn check(name: &str) -> Result<(), Error> {
    validate_release_name(name).map_err(|_| Error::ReleaseName {
        name: name.to_owned(),
    })
}

fn object_name(name: &str, revision: i64) -> String {
    format!("chartroom.origin.v1.{name}.v{revision}")
}

const REPOSITORY: &str = "chartroom/repository";
const CHART: &str = "chartroom/chart";
const VERSION: &str = "chartroom/version";
const DIGEST: &str = "chartroom/digest";
const BY: &str = "chartroom/by";

fn annotations(origin: &Origin) -> BTreeMap<&'static str, &str> {
    BTreeMap::from([
        (REPOSITORY, origin.repository.as_str()),
        (CHART, &origin.chart),
        (VERSION, &origin.version),
        (DIGEST, &origin.digest),
        (BY, &origin.by),
    ])
}

fn stored(item: Item) -> Option<StoredOrigin> {
    let mut metadata = item.metadata;
    let mut taken = |key: &str| metadata.annotations.remove(key).unwrap_or_default();
    let origin = Origin {
        repository: taken(REPOSITORY),
        chart: taken(CHART),
        version: taken(VERSION),
        digest: taken(DIGEST),
        by: taken(BY),
    };
    Some(StoredOrigin {
        name: metadata.labels.remove("name")?,
        revision: metadata.labels.get("version")?.parse().ok()?,
        namespace: metadata.namespace,
        origin,
        created: metadata.creation_timestamp,
    })
}
