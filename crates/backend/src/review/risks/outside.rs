//! What reaches out of the cluster or costs something there: addresses, volumes, images.

use std::collections::BTreeSet;

use model::review::{RiskTopic, Weight};
use serde_json::Value;

use super::super::images::split;
use super::super::object::{Reviewed, at};
use super::super::pods::{containers, pod_of};
use super::super::{count, cut, listed};
use super::{Findings, Hits, MAX_WORD_CHARS};

pub(super) fn look(objects: &[Reviewed], found: &mut Findings<'_>) {
    services(objects, found);
    published(objects, found);
    volumes(objects, found);
    images(objects, found);
}

fn services(objects: &[Reviewed], found: &mut Findings<'_>) {
    let (mut balanced, mut node_ports, mut external) = (Hits::default(), Hits::default(), Hits::default());
    for service in objects.iter().filter(|object| object.kind == "Service") {
        let kind = service.at(&["spec", "type"]);
        match kind.as_str() {
            Some("LoadBalancer") => balanced.field(service, kind),
            Some("NodePort") => node_ports.field(service, kind),
            _ => {}
        }
        for address in service.list(&["spec", "externalIPs"]) {
            external.word(service, address, address.as_str().unwrap_or_default());
        }
    }
    let topic = RiskTopic::Network;
    found.say(
        ("load-balancer", topic, Weight::Medium),
        &balanced.objects,
        format!(
            "Asks for {} outside of the cluster, which can be reached from there and may cost money.",
            count(balanced.objects.len(), "load balancer")
        ),
    );
    found.say(
        ("node-port", topic, Weight::Medium),
        &node_ports.objects,
        "Opens a port on every node.",
    );
    found.say(
        ("external-address", topic, Weight::Medium),
        &external.objects,
        format!(
            "Takes traffic for addresses outside of the cluster: {}.",
            external.words()
        ),
    );
}

fn published(objects: &[Reviewed], found: &mut Findings<'_>) {
    let mut hits = Hits::default();
    for object in objects {
        match object.kind.as_str() {
            "Ingress" => {
                for rule in object.list(&["spec", "rules"]) {
                    let host = at(rule, &["host"]);
                    hits.word(object, host, host.as_str().unwrap_or("any host"));
                }
                // One without rules is one, too.
                hits.object(object);
            }
            "HTTPRoute" | "GRPCRoute" | "TLSRoute" => {
                for host in object.list(&["spec", "hostnames"]) {
                    hits.word(object, host, host.as_str().unwrap_or_default());
                }
                hits.object(object);
            }
            "Route" if object.group() == "route.openshift.io" => {
                let host = object.at(&["spec", "host"]);
                hits.word(object, host, host.as_str().unwrap_or_default());
            }
            _ => {}
        }
    }
    let hosts = match hits.words.is_empty() {
        true => String::new(),
        false => format!(" as {}", hits.words()),
    };
    found.say(
        ("published", RiskTopic::Network, Weight::Low),
        &hits.objects,
        format!("Can be reached from outside through the cluster's ingress{hosts}."),
    );
}

fn volumes(objects: &[Reviewed], found: &mut Findings<'_>) {
    let (mut hits, mut classes) = (Hits::default(), BTreeSet::new());
    let (mut n_volumes, mut bytes) = (0_usize, 0.0_f64);
    let mut claim = |spec: &Value, times: usize| {
        n_volumes += times;
        let size = at(spec, &["resources", "requests", "storage"]);
        let size = match size {
            Value::String(text) => quantity(text),
            other => other.as_f64(),
        };
        bytes += size.unwrap_or_default() * times as f64;
        let class = match at(spec, &["storageClassName"]).as_str() {
            None => "the default storage class".to_owned(),
            Some("") => "no storage class".to_owned(),
            Some(name) => format!("the storage class {}", cut(name, MAX_WORD_CHARS)),
        };
        classes.insert(class);
    };
    for object in objects {
        match object.kind.as_str() {
            "PersistentVolumeClaim" => {
                hits.field(object, object.at(&["spec"]));
                claim(object.at(&["spec"]), 1);
            }
            "StatefulSet" => {
                let replicas = object.at(&["spec", "replicas"]).as_u64().unwrap_or(1).min(10_000);
                for template in object.list(&["spec", "volumeClaimTemplates"]) {
                    if replicas > 0 {
                        hits.field(object, template);
                        claim(at(template, &["spec"]), replicas as usize);
                    }
                }
            }
            _ => {}
        }
    }
    let classes: Vec<String> = classes.into_iter().take(super::MAX_WORDS).collect();
    let size = if bytes > 0.0 {
        format!(", {} altogether", binary(bytes))
    } else {
        String::new()
    };
    found.say(
        ("volumes", RiskTopic::Storage, Weight::Low),
        &hits.objects,
        format!(
            "Asks for {}{size}, of {}.",
            count(n_volumes, "volume"),
            listed(&classes)
        ),
    );
}

/// A quantity of Kubernetes in bytes.
fn quantity(text: &str) -> Option<f64> {
    let text = text.trim();
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let factor = match unit {
        "" => 1.0,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        "P" => 1e15,
        "Ki" => 1024.0,
        "Mi" => 1024.0 * 1024.0,
        "Gi" => 1024.0 * 1024.0 * 1024.0,
        "Ti" => 1024.0 * 1024.0 * 1024.0 * 1024.0,
        "Pi" => 1024.0 * 1024.0 * 1024.0 * 1024.0 * 1024.0,
        _ => return None,
    };
    Some(number.parse::<f64>().ok()? * factor)
}

/// `16 GiB`, as volumes are counted.
fn binary(bytes: f64) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
    let (mut amount, mut unit) = (bytes, 0);
    while amount >= 1024.0 && unit + 1 < units.len() {
        amount /= 1024.0;
        unit += 1;
    }
    let amount = format!("{amount:.1}");
    let amount = amount.strip_suffix(".0").unwrap_or(&amount);
    format!("{amount} {}", units.get(unit).unwrap_or(&"B"))
}

fn images(objects: &[Reviewed], found: &mut Findings<'_>) {
    let mut hits = Hits::default();
    for object in objects {
        for container in pod_of(object).into_iter().flat_map(containers) {
            let image = at(container, &["image"]);
            let name = image.as_str().unwrap_or_default().trim();
            let (_, version) = split(name);
            if !name.is_empty() && matches!(version, "" | "latest") {
                hits.word(object, image, name);
            }
        }
    }
    found.say(
        ("moving-images", RiskTopic::Images, Weight::Low),
        &hits.objects,
        format!(
            "Runs images that may be other ones tomorrow, because no version is named: {}.",
            hits.words()
        ),
    );
}
