//! Access points of live objects, as tables.

use serde_json::{Value, json};

use super::points;
use crate::manifest::Place;
use crate::resources::look::{Seen, Sight};

fn seen(api_version: &str, kind: &str, name: &str, live: Value) -> Seen {
    Seen {
        place: Place {
            api_version: api_version.to_owned(),
            kind: kind.to_owned(),
            resource: String::new(),
            namespace: Some("shop".to_owned()),
            name: name.to_owned(),
            collection: String::new(),
        },
        sight: Sight::There(live),
    }
}

/// Each as `URL | command | note`.
fn shown(api_version: &str, kind: &str, live: Value) -> Vec<String> {
    points(&[seen(api_version, kind, "web", live)])
        .into_iter()
        .map(|point| {
            assert_eq!(point.object, format!("{kind} shop/web"));
            format!(
                "{} | {} | {}",
                point.url.unwrap_or_default(),
                point.command.unwrap_or_default(),
                point.note
            )
        })
        .collect()
}

#[test]
fn ingresses_have_addresses() {
    let paths = |paths: &[&str]| {
        let paths: Vec<Value> = paths.iter().map(|path| json!({ "path": path })).collect();
        json!({ "paths": paths })
    };
    let ingress = json!({
        "spec": {
            "tls": [{ "hosts": ["shop.example.org", "*.example.net"] }],
            "rules": [
                { "host": "shop.example.org", "http": paths(&["/", "/api(/|$)(.*)"]) },
                { "host": "www.example.net", "http": paths(&["/"]) },
                { "host": "a.b.example.net", "http": paths(&["/"]) },
                { "host": "*.example.net", "http": paths(&["/"]) },
                { "host": "javascript:alert(1)", "http": paths(&["/"]) },
                { "http": paths(&["/any"]) },
            ],
        },
        "status": { "loadBalancer": { "ingress": [{ "ip": "192.0.2.1" }] } },
    });
    assert_eq!(
        shown("networking.k8s.io/v1", "Ingress", ingress.clone()),
        [
            "https://shop.example.org/ |  | ",
            "https://shop.example.org/api |  | ",
            "https://www.example.net/ |  | ",
            "http://a.b.example.net/ |  | ",
            "http://192.0.2.1/any |  | ",
            " |  | every host below example.net",
            " |  | javascript:alert(1) is no host name",
        ]
    );
    let mut waiting = ingress;
    waiting["status"] = json!({});
    waiting["spec"]["tls"] = json!([{ "secretName": "all" }]);
    assert_eq!(
        shown("networking.k8s.io/v1", "Ingress", waiting)[..2],
        [
            "https://shop.example.org/ |  | no address yet",
            "https://shop.example.org/api |  | no address yet",
        ]
    );
    let default = json!({
        "spec": { "defaultBackend": {} },
        "status": { "loadBalancer": { "ingress": [{ "hostname": "lb.example.com" }] } },
    });
    assert_eq!(
        shown("networking.k8s.io/v1", "Ingress", default),
        ["http://lb.example.com/ |  | "]
    );
    assert!(
        shown(
            "example.org/v1",
            "Ingress",
            json!({ "spec": { "defaultBackend": {} } })
        )
        .is_empty()
    );
}

#[test]
fn routes_have_addresses() {
    let route = json!({ "spec": {
        "parentRefs": [{ "name": "outside", "sectionName": "https" }],
        "hostnames": ["shop.example.org", "*.example.net"],
        "rules": [{ "matches": [
            { "path": { "type": "PathPrefix", "value": "/shop" } },
            { "path": { "type": "RegularExpression", "value": "/.*" } },
        ] }],
    } });
    assert_eq!(
        shown("gateway.networking.k8s.io/v1", "HTTPRoute", route),
        [
            "https://shop.example.org/shop |  | through outside",
            " |  | every host below example.net, through outside",
        ]
    );
    assert_eq!(
        shown("gateway.networking.k8s.io/v1", "HTTPRoute", json!({})),
        [" |  | every host name of its listeners, no gateway"]
    );
}

#[test]
fn services_have_addresses_or_commands() {
    let service = |kind: &str, ports: Value, address: Value| {
        shown(
            "v1",
            "Service",
            json!({
                "spec": { "type": kind, "ports": ports },
                "status": { "loadBalancer": { "ingress": address } },
            }),
        )
    };
    let web = || json!([{ "name": "http", "port": 80, "protocol": "TCP" }, { "port": 5432 }, { "port": 53, "protocol": "UDP" }]);
    let forward = "kubectl port-forward --namespace shop service/web";
    assert_eq!(
        service("ClusterIP", web(), json!(null)),
        [
            format!(" | {forward} 8080:80 | http 80/TCP"),
            format!(" | {forward} 5432:5432 | 5432/TCP"),
            " |  | 53/UDP".to_owned(),
        ]
    );
    assert_eq!(
        service("LoadBalancer", web(), json!([{ "ip": "192.0.2.1" }])),
        [
            "http://192.0.2.1/ |  | http 80/TCP of 192.0.2.1",
            " |  | 5432/TCP of 192.0.2.1",
            " |  | 53/UDP of 192.0.2.1",
        ]
    );
    assert_eq!(
        service("LoadBalancer", json!([{ "port": 443 }]), json!([])),
        [format!(" | {forward} 8443:443 | 443/TCP, no address yet")]
    );
    assert_eq!(
        service(
            "LoadBalancer",
            json!([{ "name": "web-https", "port": 9000 }]),
            json!([{ "hostname": "a.org" }])
        ),
        ["https://a.org:9000/ |  | web-https 9000/TCP of a.org"]
    );
    assert_eq!(
        service("NodePort", json!([{ "port": 80, "nodePort": 30080 }]), json!([])),
        [format!(" | {forward} 8080:80 | 80/TCP, port 30080 of every node")]
    );
    assert!(
        service(
            "ClusterIP",
            json!([{ "port": 0 }, { "port": 70000 }, { "port": "80" }]),
            json!([])
        )
        .is_empty()
    );
    let external = json!({ "spec": { "type": "ExternalName", "externalName": "db.example.org", "ports": [{ "port": 80 }] } });
    assert_eq!(
        shown("v1", "Service", external),
        [" |  | stands for db.example.org"]
    );
}

#[test]
fn no_command_holds_what_a_shell_would_read() {
    let live = json!({ "spec": { "ports": [{ "port": 80 }] } });
    for name in ["$(id)", "--kubeconfig=x", "a;b", "a b", ""] {
        let points = points(&[seen("v1", "Service", name, live.clone())]);
        assert_eq!(points[0].command, None, "{name}");
    }
}
