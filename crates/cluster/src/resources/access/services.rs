//! Services: the address of a load balancer, the ports of nodes, and the command that forwards a port.

use serde_json::Value;

use super::address::{Scheme, url};
use super::{AccessPoint, MAX_POINTS, balancer_address, list};
use crate::manifest::{Place, text};
use crate::readiness::text_or;
use crate::resources::words::clip;

/// Ports below this are the administrator's, on the machine of whoever forwards one.
const FIRST_FREE_PORT: u16 = 1024;
/// Added to a port below: 80 becomes 8080, 443 becomes 8443.
const FORWARDED_FROM: u16 = 8_000;

struct Port<'s> {
    number: u16,
    name: &'s str,
    protocol: &'s str,
    application: &'s str,
    of_nodes: Option<u16>,
}

impl<'s> Port<'s> {
    fn of(port: &'s Value) -> Option<Self> {
        let number = |field: &str| {
            let number = port.get(field).and_then(Value::as_u64)?;
            u16::try_from(number).ok().filter(|number| *number > 0)
        };
        Some(Self {
            number: number("port")?,
            name: text_or(port, &["name"], ""),
            protocol: text_or(port, &["protocol"], "TCP"),
            application: text_or(port, &["appProtocol"], ""),
            of_nodes: number("nodePort"),
        })
    }

    /// The scheme of a port that browsers can speak to, as far as its names tell.
    fn scheme(&self) -> Option<Scheme> {
        if self.protocol != "TCP" {
            return None;
        }
        let words = [self.application, self.name];
        let is = |word: &str| {
            words.iter().any(|text| {
                let mut parts = text.split(['-', '/', '.']);
                parts.any(|part| part.eq_ignore_ascii_case(word))
            })
        };
        match self.number {
            _ if is("https") => Some(Scheme::Https),
            _ if is("http") => Some(Scheme::Http),
            443 | 8443 => Some(Scheme::Https),
            80 | 8080 => Some(Scheme::Http),
            _ => None,
        }
    }

    /// `http 80/TCP`.
    fn note(&self) -> String {
        let space = if self.name.is_empty() { "" } else { " " };
        format!(
            "{}{space}{}/{}",
            clip(self.name),
            self.number,
            clip(self.protocol)
        )
    }
}

pub(super) fn service(service: &Value, place: &Place, of_object: &str, points: &mut Vec<AccessPoint>) {
    let kind = text_or(service, &["spec", "type"], "ClusterIP");
    if kind == "ExternalName" {
        let name = clip(text(service, "/spec/externalName").unwrap_or_default());
        points.push(AccessPoint {
            object: of_object.to_owned(),
            url: None,
            command: None,
            note: format!("stands for {name}"),
        });
        return;
    }
    let address = (kind == "LoadBalancer")
        .then(|| balancer_address(service))
        .flatten();
    for port in list(service, "/spec/ports").filter_map(Port::of) {
        if points.len() >= MAX_POINTS {
            return;
        }
        let note = port.note();
        let (note, url) = match (kind, address) {
            ("LoadBalancer", None) => (format!("{note}, no address yet"), None),
            ("LoadBalancer", Some(address)) => {
                let url = port
                    .scheme()
                    .and_then(|scheme| url(scheme, address, Some(port.number), "/"));
                (format!("{note} of {}", clip(address)), url)
            }
            ("NodePort", _) => match port.of_nodes {
                Some(of_nodes) => (format!("{note}, port {of_nodes} of every node"), None),
                None => (note, None),
            },
            _ => (note, None),
        };
        points.push(AccessPoint {
            object: of_object.to_owned(),
            url,
            command: match address {
                Some(_) => None,
                None => forwarding(place, &port),
            },
            note,
        });
    }
}

/// The command that makes a port reachable on the machine of whoever runs it.
fn forwarding(place: &Place, port: &Port<'_>) -> Option<String> {
    let (namespace, name, number) = (place.namespace.as_deref()?, &place.name, port.number);
    // Somebody will paste it into a shell.
    if port.protocol != "TCP" || !is_plain(namespace) || !is_plain(name) {
        return None;
    }
    let local = if number < FIRST_FREE_PORT {
        FORWARDED_FROM + number
    } else {
        number
    };
    Some(format!(
        "kubectl port-forward --namespace {namespace} service/{name} {local}:{number}"
    ))
}

/// Whether a name is one of Kubernetes, and so no option and nothing that a shell reads as something else.
fn is_plain(name: &str) -> bool {
    let is_plain =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.');
    !name.is_empty() && !name.starts_with('-') && name.bytes().all(is_plain)
}
