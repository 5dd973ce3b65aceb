//! Whose an object is: the label and the annotations by which Helm knows what belongs to a release.

use std::collections::BTreeMap;

use futures_util::StreamExt as _;
use serde_json::{Map, Value};

use crate::error::{During as _, Step};
use crate::manifest::ManifestObject;
use crate::{Cluster, Error};

const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
const HELM: &str = "Helm";
const RELEASE_NAME: &str = "meta.helm.sh/release-name";
const RELEASE_NAMESPACE: &str = "meta.helm.sh/release-namespace";

/// Objects that are looked at at the same time.
const AT_ONCE: usize = 8;

/// Marks objects as a release's, over whatever they say themselves.
pub(crate) fn mark(objects: &mut [ManifestObject], release: &str, namespace: &str) {
    for object in objects {
        set(&mut object.value, "labels", MANAGED_BY, HELM);
        set(&mut object.value, "annotations", RELEASE_NAME, release);
        set(&mut object.value, "annotations", RELEASE_NAMESPACE, namespace);
    }
}

fn set(object: &mut Value, field: &str, key: &str, value: &str) {
    let Value::Object(object) = object else { return };
    let metadata = object
        .entry("metadata")
        .or_insert_with(|| Value::Object(Map::new()));
    let Value::Object(metadata) = metadata else { return };
    let entries = metadata.entry(field).or_insert_with(|| Value::Object(Map::new()));
    // `labels:` with nothing below it is null.
    if entries.is_null() {
        *entries = Value::Object(Map::new());
    }
    if let Value::Object(entries) = entries {
        entries.insert(key.to_owned(), value.into());
    }
}

/// Whether a live object belongs to the release; if not, everything that speaks against it.
pub(crate) fn check(live: &Value, release: &str, namespace: &str) -> Result<(), Error> {
    let texts = |field: &str| -> BTreeMap<&str, &str> {
        let entries = live
            .pointer(&format!("/metadata/{field}"))
            .and_then(Value::as_object);
        entries
            .into_iter()
            .flatten()
            .filter_map(|(key, value)| Some((key.as_str(), value.as_str()?)))
            .collect()
    };
    let (labels, annotations) = (texts("labels"), texts("annotations"));
    let problems: Vec<String> = [
        ("label", &labels, MANAGED_BY, HELM),
        ("annotation", &annotations, RELEASE_NAME, release),
        ("annotation", &annotations, RELEASE_NAMESPACE, namespace),
    ]
    .into_iter()
    .filter_map(|(what, entries, key, wanted)| {
        let problem = match entries.get(key) {
            None => format!("missing key {key:?}: must be set to {wanted:?}"),
            Some(found) if *found == wanted => return None,
            Some(found) => format!("key {key:?} must equal {wanted:?}: current value is {found:?}"),
        };
        Some(format!("{what} validation error: {problem}"))
    })
    .collect();
    if problems.is_empty() {
        Ok(())
    } else {
        Err(Error::NotOwned { problems })
    }
}

impl Cluster {
    /// Those of `objects` that are there already, and are the release's own; whose they are does not matter with
    /// `take_ownership`. The first in the manifest's order that is another's is the error.
    pub(crate) async fn existing(
        &self,
        objects: &[ManifestObject],
        release: &str,
        namespace: &str,
        take_ownership: bool,
    ) -> Result<Vec<ManifestObject>, Error> {
        let mut looked_at = futures_util::stream::iter(objects)
            .map(async |object| {
                if object.is_nameless()? {
                    return Ok::<_, Error>(None);
                }
                let description = || object.place.description();
                let live = self.live(object).await.during(|| Step::Inspect {
                    object: description(),
                })?;
                let Some(live) = live else { return Ok(None) };
                if !take_ownership {
                    check(&live, release, namespace).during(|| Step::Import {
                        object: description(),
                    })?;
                }
                Ok(Some(object.clone()))
            })
            .buffered(AT_ONCE)
            .boxed();
        let mut existing = Vec::new();
        while let Some(looked) = looked_at.next().await {
            existing.extend(looked?);
        }
        Ok(existing)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::manifest::Place;

    #[test]
    fn marked_objects_are_the_releases() {
        for metadata in [
            json!({}),
            json!({ "labels": null }),
            json!({ "labels": { MANAGED_BY: "me" } }),
        ] {
            let mut objects = [ManifestObject {
                value: json!({ "metadata": metadata }),
                place: Place {
                    api_version: "v1".to_owned(),
                    kind: "Secret".to_owned(),
                    resource: "secrets".to_owned(),
                    namespace: None,
                    name: "a".to_owned(),
                    collection: String::new(),
                },
            }];
            mark(&mut objects, "web", "shop");
            assert!(check(&objects[0].value, "web", "shop").is_ok());
            assert!(check(&objects[0].value, "web", "other").is_err());
        }
    }

    #[test]
    fn strangers_are_told_apart_with_reasons() {
        let live = json!({ "metadata": { "annotations": { RELEASE_NAME: "other" } } });
        assert_eq!(
            check(&live, "web", "shop").unwrap_err().chain(),
            r#"invalid ownership metadata; label validation error: missing key "app.kubernetes.io/managed-by": must be set to "Helm"; annotation validation error: key "meta.helm.sh/release-name" must equal "web": current value is "other"; annotation validation error: missing key "meta.helm.sh/release-namespace": must be set to "shop""#
        );
    }
}
