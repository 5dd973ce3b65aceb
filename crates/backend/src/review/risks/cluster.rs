//! What belongs to everybody: objects without a namespace, other namespaces, webhooks, definitions.

use std::collections::BTreeMap;

use model::review::{RiskTopic, Weight};
use serde_json::Value;

use super::super::object::{Reviewed, at, list, texts};
use super::super::{count, listed};
use super::{Findings, Hit, Hits};

const TOPIC: RiskTopic = RiskTopic::Cluster;

pub(super) fn look(objects: &[Reviewed], namespace: &str, found: &mut Findings<'_>) {
    shared(objects, found);
    elsewhere(objects, namespace, found);
    definitions(objects, found);
    webhooks(objects, found);
}

fn is_webhook(object: &Reviewed) -> bool {
    object.kind.ends_with("WebhookConfiguration") && object.group() == "admissionregistration.k8s.io"
}

fn is_definition(object: &Reviewed) -> bool {
    object.kind == "CustomResourceDefinition"
}

fn shared(objects: &[Reviewed], found: &mut Findings<'_>) {
    let (mut kinds, mut hits) = (BTreeMap::<&str, usize>::new(), Hits::default());
    let told_apart =
        |object: &Reviewed| is_webhook(object) || is_definition(object) || object.kind == "APIService";
    for object in objects {
        if object.is_cluster_wide() && !told_apart(object) {
            *kinds.entry(&object.kind).or_default() += 1;
            hits.object(object);
        }
    }
    let kinds: Vec<String> = kinds.into_iter().map(|(kind, n)| count(n, kind)).collect();
    found.say(
        ("cluster-objects", TOPIC, Weight::Medium),
        &hits.objects,
        format!(
            "Makes objects that belong to the whole cluster ({}), which rights in a namespace do not allow.",
            listed(&kinds)
        ),
    );
}

fn elsewhere(objects: &[Reviewed], namespace: &str, found: &mut Findings<'_>) {
    let mut hits = Hits::default();
    for object in objects.iter().filter(|object| !object.is_cluster_wide()) {
        if let Some(other) = object.namespace.as_deref().filter(|other| *other != namespace) {
            hits.word(object, object.at(&["metadata", "namespace"]), other);
        }
    }
    found.say(
        ("other-namespaces", TOPIC, Weight::Medium),
        &hits.objects,
        format!(
            "Puts objects into other namespaces than the release's: {}.",
            hits.words()
        ),
    );
}

fn definitions(objects: &[Reviewed], found: &mut Findings<'_>) {
    let mut hits = Hits::default();
    objects
        .iter()
        .filter(|object| is_definition(object))
        .for_each(|object| hits.object(object));
    let n = hits.objects.len();
    found.say(
        ("definitions", TOPIC, Weight::Low),
        &hits.objects,
        format!(
            "Brings {}, which all namespaces share; of those in crds/ Helm neither updates nor removes any.",
            count(n, "custom resource definition")
        ),
    );
}

fn webhooks(objects: &[Reviewed], found: &mut Findings<'_>) {
    let (mut blocking, mut others, mut apis) = (Hits::default(), Hits::default(), Hits::default());
    for object in objects {
        if object.kind == "APIService" && object.at(&["spec", "service"]).is_object() {
            apis.object(object);
        }
        if !is_webhook(object) {
            continue;
        }
        for webhook in object.list(&["webhooks"]) {
            match stops_pods(webhook) {
                true => blocking.field(object, webhook),
                false => others.field(object, webhook),
            }
        }
    }
    let is_blocking = |hit: &Hit| blocking.objects.iter().any(|other| other.title == hit.title);
    others.objects.retain(|hit| !is_blocking(hit));
    let topic = RiskTopic::Webhooks;
    found.say(
        ("webhook-pods", topic, Weight::High),
        &blocking.objects,
        "Every pod of the cluster has to pass its webhook: while that does not answer, no pod starts.",
    );
    found.say(
        ("webhook", topic, Weight::Medium),
        &others.objects,
        "Requests to the cluster pass its webhook, which can refuse them.",
    );
    found.say(
        ("api-service", topic, Weight::Medium),
        &apis.objects,
        "Answers a part of the cluster's API: while it does not run, that part is missing.",
    );
}

/// Whether pods of all namespaces wait for a webhook, and fail without it.
fn stops_pods(webhook: &Value) -> bool {
    let has_selector = |key: &str| {
        let selector = at(webhook, &[key]);
        let is_empty = |part: &Value| match part {
            Value::Object(map) => map.is_empty(),
            Value::Array(list) => list.is_empty(),
            other => other.is_null(),
        };
        !is_empty(at(selector, &["matchLabels"])) || !is_empty(at(selector, &["matchExpressions"]))
    };
    // What says nothing fails: `Fail` is the default of version 1.
    let is_ignored = at(webhook, &["failurePolicy"]) == "Ignore";
    let is_about_pods = list(at(webhook, &["rules"])).iter().any(|rule| {
        let has = |key: &str, wanted: &[&str]| {
            texts(at(rule, &[key]))
                .iter()
                .any(|word| wanted.contains(&word.as_str()))
        };
        has("apiGroups", &["", "*"])
            && has("resources", &["pods", "*", "*/*"])
            && has("operations", &["CREATE", "*"])
    });
    is_about_pods && !is_ignored && !has_selector("namespaceSelector") && !has_selector("objectSelector")
}
