//! How what a release runs is reached: addresses of ingresses, routes and load balancers, commands for the rest.
//!
//! All of it is read from live objects, which may say anything; [`address`] lets nothing through but `http` and `https`
//! with a host that can be one.

mod address;
mod services;

use serde_json::Value;

use self::address::{Scheme, url};
use super::AccessPoint;
use super::look::Seen;
use super::words::{clip, label};
use crate::manifest::text;

/// Ways that are shown.
const MAX_POINTS: usize = 100;

/// The ways to reach the objects, those with an address first.
pub(super) fn points(seen: &[Seen]) -> Vec<AccessPoint> {
    let mut points = Vec::new();
    for object in seen {
        let Some(live) = object.live() else { continue };
        let place = &object.place;
        let of_object = label(&place.kind, place.namespace.as_deref(), &place.name);
        match (place.group(), place.kind.as_str()) {
            ("networking.k8s.io" | "extensions", "Ingress") => ingress(live, &of_object, &mut points),
            ("gateway.networking.k8s.io", "HTTPRoute") => route(live, &of_object, &mut points),
            ("", "Service") => services::service(live, place, &of_object, &mut points),
            _ => {}
        }
        if points.len() >= MAX_POINTS {
            break;
        }
    }
    points.truncate(MAX_POINTS);
    points.sort_by_key(|point| point.url.is_none());
    points
}

fn list<'o>(object: &'o Value, pointer: &str) -> impl Iterator<Item = &'o Value> {
    object
        .pointer(pointer)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

/// The first address that a load balancer has given an object: a name or an IP address.
fn balancer_address(object: &Value) -> Option<&str> {
    list(object, "/status/loadBalancer/ingress").find_map(|address| {
        ["/hostname", "/ip"]
            .into_iter()
            .find_map(|field| text(address, field))
            .filter(|address| !address.is_empty())
    })
}

fn ingress(ingress: &Value, of_object: &str, points: &mut Vec<AccessPoint>) {
    let address = balancer_address(ingress);
    let waiting = if address.is_none() { "no address yet" } else { "" };
    let mut add = |host: &str, path: &str| {
        let scheme = if has_tls(ingress, host) {
            Scheme::Https
        } else {
            Scheme::Http
        };
        let (url, note) = match (host, address) {
            ("", None) => (
                None,
                format!("any host name, path {}; no address yet", clip(path)),
            ),
            ("", Some(address)) => (url(scheme, address, None, path), String::new()),
            (host, _) => (url(scheme, host, None, path), waiting.to_owned()),
        };
        let note = match (&url, note.is_empty()) {
            (None, true) => unusable(host),
            (None, false) if host.starts_with("*.") => format!("{}; {note}", unusable(host)),
            _ => note,
        };
        let point = AccessPoint {
            object: of_object.to_owned(),
            url,
            command: None,
            note,
        };
        if !points.contains(&point) && points.len() < MAX_POINTS {
            points.push(point);
        }
    };
    let mut has_rules = false;
    for rule in list(ingress, "/spec/rules") {
        has_rules = true;
        let host = text(rule, "/host").unwrap_or_default();
        let mut paths = list(rule, "/http/paths").peekable();
        if paths.peek().is_none() {
            add(host, "/");
        }
        for path in paths {
            add(host, text(path, "/path").unwrap_or("/"));
        }
    }
    if !has_rules && ingress.pointer("/spec/defaultBackend").is_some() {
        add("", "/");
    }
}

/// Why there is no address for a host.
fn unusable(host: &str) -> String {
    match host.strip_prefix("*.") {
        Some(domain) => format!("every host below {}", clip(domain)),
        None => format!("{} is no host name", clip(host)),
    }
}

/// Whether the certificates of an ingress are for a host; a part without hosts is for all.
fn has_tls(ingress: &Value, host: &str) -> bool {
    list(ingress, "/spec/tls").any(|tls| {
        let mut hosts = list(tls, "/hosts").filter_map(Value::as_str).peekable();
        hosts.peek().is_none()
            || hosts.any(|of_certificate| match of_certificate.strip_prefix("*.") {
                Some(domain) if of_certificate != host => {
                    host.split_once('.').is_some_and(|(_, rest)| rest == domain)
                }
                _ => of_certificate == host,
            })
    })
}

fn route(route: &Value, of_object: &str, points: &mut Vec<AccessPoint>) {
    // Which listener takes a route is its gateway's business; what the route asks for is a good hint.
    let is_https = list(route, "/spec/parentRefs").any(|parent| {
        let section = text(parent, "/sectionName").unwrap_or_default();
        section.contains("https") || parent.get("port").and_then(Value::as_i64) == Some(443)
    });
    let scheme = if is_https { Scheme::Https } else { Scheme::Http };
    let gateways: Vec<&str> = list(route, "/spec/parentRefs")
        .filter_map(|parent| text(parent, "/name"))
        .collect();
    let through = match gateways.as_slice() {
        [] => "no gateway".to_owned(),
        names => format!("through {}", clip(&names.join(", "))),
    };
    let mut hosts = list(route, "/spec/hostnames")
        .filter_map(Value::as_str)
        .peekable();
    let mut add = |url: Option<String>, note: String| {
        let point = AccessPoint {
            object: of_object.to_owned(),
            url,
            command: None,
            note,
        };
        if !points.contains(&point) && points.len() < MAX_POINTS {
            points.push(point);
        }
    };
    if hosts.peek().is_none() {
        return add(None, format!("every host name of its listeners, {through}"));
    }
    let paths: Vec<&str> = list(route, "/spec/rules")
        .flat_map(|rule| list(rule, "/matches"))
        .filter(|wanted| text(wanted, "/path/type") != Some("RegularExpression"))
        .map(|wanted| text(wanted, "/path/value").unwrap_or("/"))
        .collect();
    let paths = if paths.is_empty() { vec!["/"] } else { paths };
    for host in hosts {
        for path in &paths {
            match url(scheme, host, None, path) {
                Some(url) => add(Some(url), through.clone()),
                None => add(None, format!("{}, {through}", unusable(host))),
            }
        }
    }
}

#[cfg(test)]
mod tests;
