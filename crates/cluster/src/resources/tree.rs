//! Objects of a release with those they own: deployments have replica sets, which have pods.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::look::{Owned, Seen, Sight, owner, uid};
use super::words::{self, Verdict};
use super::{Resource, ResourceState};
use crate::manifest::text;
use crate::readiness::{int_or, text_or, unix_seconds};

/// Owners of owners: CronJob, Job, Pod. A cluster may say anything, circles among it.
const MAX_DEPTH: usize = 3;

/// The objects of the manifest, in its order.
pub(super) fn build(seen: &[Seen], owned: &Owned, reported: &[Value]) -> Vec<Resource> {
    let of_manifest: HashSet<&str> = seen.iter().filter_map(Seen::live).filter_map(uid).collect();
    let mut by_owner: HashMap<&str, Vec<&Value>> = HashMap::new();
    for object in &owned.objects {
        if uid(object).is_some_and(|own| of_manifest.contains(own)) {
            continue;
        }
        if let Some(owner) = owner(object).filter(|_| !is_old(object)) {
            by_owner.entry(owner).or_default().push(object);
        }
    }
    let tree = Tree {
        by_owner,
        claims: owned
            .claims
            .iter()
            .filter(|claim| !uid(claim).is_some_and(|own| of_manifest.contains(own)))
            .collect(),
        reported,
    };
    seen.iter().map(|object| tree.root(object)).collect()
}

/// What a deployment keeps for a rollback, and what nobody runs any more.
fn is_old(object: &Value) -> bool {
    text(object, "/kind") == Some("ReplicaSet")
        && int_or(object, &["spec", "replicas"], 1) == 0
        && int_or(object, &["status", "replicas"], 0) == 0
}

/// Whether a claim was made for a stateful set: `TEMPLATE-SET-NUMBER`.
pub(super) fn is_claim_of(claim: &Value, set: &Value) -> bool {
    let place = |object| (text(object, "/metadata/namespace"), text(object, "/kind"));
    let (namespace, kind) = place(set);
    if kind != Some("StatefulSet") || place(claim).0 != namespace {
        return false;
    }
    let (Some(name), Some(set_name)) = (text(claim, "/metadata/name"), text(set, "/metadata/name")) else {
        return false;
    };
    let templates = set
        .pointer("/spec/volumeClaimTemplates")
        .and_then(Value::as_array);
    templates.into_iter().flatten().any(|template| {
        text(template, "/metadata/name")
            .and_then(|template| name.strip_prefix(template)?.strip_prefix('-'))
            .and_then(|rest| rest.strip_prefix(set_name)?.strip_prefix('-'))
            .is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
    })
}

struct Tree<'a> {
    by_owner: HashMap<&'a str, Vec<&'a Value>>,
    claims: Vec<&'a Value>,
    reported: &'a [Value],
}

impl<'a> Tree<'a> {
    fn root(&self, object: &'a Seen) -> Resource {
        let place = &object.place;
        let absent = |state, message: &str| Resource {
            api_version: place.api_version.clone(),
            kind: place.kind.clone(),
            namespace: place.namespace.clone(),
            name: place.name.clone(),
            state,
            message: message.to_owned(),
            created: None,
            containers: Vec::new(),
            children: Vec::new(),
        };
        match &object.sight {
            Sight::There(live) => self.resource(live, MAX_DEPTH),
            Sight::Missing => absent(ResourceState::Missing, "it is not in the cluster"),
            Sight::Hidden(why) => absent(ResourceState::Unknown, why),
        }
    }

    fn resource(&self, object: &'a Value, depth: usize) -> Resource {
        let mut pods = Vec::new();
        self.collect_pods(object, depth, &mut pods);
        let Verdict { state, message } = words::verdict(object, &pods, self.reported);
        let kind = text_or(object, &["kind"], "");
        Resource {
            api_version: text_or(object, &["apiVersion"], "").to_owned(),
            kind: kind.to_owned(),
            namespace: text(object, "/metadata/namespace").map(str::to_owned),
            name: text_or(object, &["metadata", "name"], "").to_owned(),
            state,
            message,
            created: unix_seconds(text_or(object, &["metadata", "creationTimestamp"], "")),
            containers: if kind == "Pod" {
                words::containers(object)
            } else {
                Vec::new()
            },
            children: if depth == 0 {
                Vec::new()
            } else {
                let children = self.children(object);
                children.map(|child| self.resource(child, depth - 1)).collect()
            },
        }
    }

    fn children(&self, object: &'a Value) -> impl Iterator<Item = &'a Value> {
        let owned = uid(object).and_then(|uid| self.by_owner.get(uid));
        let claims = self.claims.iter().filter(|claim| is_claim_of(claim, object));
        owned.into_iter().flatten().chain(claims).copied()
    }

    fn collect_pods(&self, object: &'a Value, depth: usize, pods: &mut Vec<&'a Value>) {
        if depth == 0 {
            return;
        }
        for child in self.children(object) {
            if text(child, "/kind") == Some("Pod") {
                pods.push(child);
            } else {
                self.collect_pods(child, depth - 1, pods);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::manifest::Place;

    fn object(kind: &str, name: &str, owner: Option<&str>, more: Value) -> Value {
        let mut object = json!({
            "apiVersion": "v1", "kind": kind,
            "metadata": { "name": name, "namespace": "shop", "uid": format!("{kind}-{name}") },
        });
        if let Some(owner) = owner {
            object["metadata"]["ownerReferences"] = json!([
                { "uid": "somebody" }, { "uid": owner, "controller": true },
            ]);
        }
        for (field, value) in more.as_object().unwrap() {
            object[field] = value.clone();
        }
        object
    }

    fn seen(live: Value) -> Seen {
        Seen {
            place: Place {
                api_version: "v1".to_owned(),
                kind: text(&live, "/kind").unwrap().to_owned(),
                resource: String::new(),
                namespace: Some("shop".to_owned()),
                name: text(&live, "/metadata/name").unwrap().to_owned(),
                collection: String::new(),
            },
            sight: Sight::There(live),
        }
    }

    /// `Deployment web (ReplicaSet web-1 (Pod web-1-a))`.
    fn outline(resources: &[Resource]) -> String {
        let outlines: Vec<String> = resources
            .iter()
            .map(|resource| {
                let inner = outline(&resource.children);
                let inner = if inner.is_empty() {
                    inner
                } else {
                    format!(" ({inner})")
                };
                format!("{} {}{inner}", resource.kind, resource.name)
            })
            .collect();
        outlines.join(", ")
    }

    #[test]
    fn objects_have_what_they_own() {
        let none = || json!({});
        let templates = json!({ "spec": { "volumeClaimTemplates": [{ "metadata": { "name": "data" } }] } });
        let seen = [
            seen(object("Deployment", "web", None, none())),
            seen(object("StatefulSet", "db", None, templates)),
            seen(object("CronJob", "nightly", None, none())),
            seen(object("Pod", "alone", Some("Deployment-web"), none())),
        ];
        let owned = Owned {
            objects: vec![
                object(
                    "ReplicaSet",
                    "web-2",
                    Some("Deployment-web"),
                    json!({ "spec": { "replicas": 1 } }),
                ),
                object(
                    "ReplicaSet",
                    "web-1",
                    Some("Deployment-web"),
                    json!({ "spec": { "replicas": 0 } }),
                ),
                object("Job", "nightly-1", Some("CronJob-nightly"), none()),
                object("Pod", "web-2-a", Some("ReplicaSet-web-2"), none()),
                object("Pod", "db-0", Some("StatefulSet-db"), none()),
                object("Pod", "nightly-1-a", Some("Job-nightly-1"), none()),
                object("Pod", "alone", Some("Deployment-web"), none()),
            ],
            claims: vec![
                object("PersistentVolumeClaim", "data-db-0", None, none()),
                object("PersistentVolumeClaim", "data-db-old-0", None, none()),
                object("PersistentVolumeClaim", "data-db-", None, none()),
                object("PersistentVolumeClaim", "other-db-0", None, none()),
            ],
        };
        assert_eq!(
            outline(&build(&seen, &owned, &[])),
            "Deployment web (ReplicaSet web-2 (Pod web-2-a)), \
             StatefulSet db (Pod db-0, PersistentVolumeClaim data-db-0), \
             CronJob nightly (Job nightly-1 (Pod nightly-1-a)), Pod alone"
        );
    }

    #[test]
    fn owners_in_a_circle_end() {
        let seen = [seen(object("Deployment", "web", None, json!({})))];
        let mut circle = object("ReplicaSet", "web-1", Some("Deployment-web"), json!({}));
        circle["metadata"]["uid"] = "Deployment-web".into();
        let own = object("Pod", "own", Some("Pod-own"), json!({}));
        let owned = Owned {
            objects: vec![circle, own],
            claims: Vec::new(),
        };
        assert_eq!(outline(&build(&seen, &owned, &[])), "Deployment web");
    }
}
