//! The description of the API beside what the API does: every answer of every test is checked against its schema here, by
//! whoever sends a request.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use helm::schema::Schema;
use helm::values::Tree;
use http::Method;
use http::header::{ALLOW, CONTENT_TYPE};
use model::access::{Role, Scope};
use serde_json::{Value, json};

use crate::site::{Answer, PASSWORD, Sent, Site, block_on};

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| server::api_description("", ""));

/// The components, with every object closed: a field that no type has fails a test.
static CLOSED: LazyLock<Value> = LazyLock::new(|| {
    let mut components = DOCUMENT["components"].clone();
    let schemas = components["schemas"].as_object_mut().expect("there are schemas");
    for schema in schemas.values_mut() {
        if schema.get("properties").is_some() && schema.get("additionalProperties").is_none() {
            schema["unevaluatedProperties"] = json!(false);
        }
    }
    components
});

/// The operation of a request, and its address as the description has it.
fn described(method: &Method, path: &str) -> Option<(&'static str, Option<&'static Value>)> {
    let path = path.split('?').next().unwrap_or_default();
    let fits = |template: &str| {
        let (wanted, given) = (template.split('/'), path.split('/'));
        let is_same =
            |(wanted, given): (&str, &str)| wanted == given || wanted.starts_with('{') && !given.is_empty();
        wanted.clone().count() == given.clone().count() && wanted.zip(given).all(is_same)
    };
    let paths = DOCUMENT["paths"].as_object().expect("there are paths");
    // `events` is no name, where both would fit.
    let n_open = |template: &&String| template.matches('{').count();
    let template = paths
        .keys()
        .filter(|template| fits(template))
        .min_by_key(n_open)?;
    let operation = paths[template].get(method.as_str().to_ascii_lowercase());
    Some((template.as_str(), operation))
}

/// Checks an answer of the API; whatever else was asked for is let pass.
#[track_caller]
pub(crate) fn check(method: &Method, path: &str, answer: &Answer) {
    let Some((template, operation)) = described(method, path) else {
        return;
    };
    let what = format!("{method} {path}: {} {}", answer.status, answer.body);
    let Some(operation) = operation else {
        return assert!(matches!(answer.status, 405 | 403), "{what}");
    };
    let response = &operation["responses"][answer.status.to_string()];
    assert!(response.is_object(), "a status that is not described: {what}");
    let response = match response["$ref"].as_str() {
        Some(reference) => DOCUMENT.pointer(&reference[1..]).expect("it leads somewhere"),
        None => response,
    };
    let Some(content) = response["content"].as_object() else {
        return assert_eq!(answer.body, "", "{what}");
    };
    let media_type = answer.header(CONTENT_TYPE).split(';').next().unwrap_or_default();
    let described = content.get(media_type);
    let described = described.unwrap_or_else(|| panic!("{media_type} is not described: {what}"));
    let key = format!("{method} {template} {}", answer.status);
    if media_type != "text/event-stream" {
        return validate(&key, &described["schema"], &answer.json(), &what);
    }
    for data in answer.body.lines().filter_map(|line| line.strip_prefix("data:")) {
        match described.get("x-event-data") {
            Some(schema) => {
                let data = serde_json::from_str(data).unwrap_or_else(|_| panic!("no JSON: {what}"));
                validate(&key, schema, &data, &what);
            }
            None => assert_eq!(data.trim(), "changed", "{what}"),
        }
    }
}

#[track_caller]
fn validate(key: &str, schema: &Value, value: &Value, what: &str) {
    static COMPILED: LazyLock<Mutex<HashMap<String, Arc<Schema>>>> = LazyLock::new(Mutex::default);
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    let compiled = compiled.entry(key.to_owned()).or_insert_with(|| {
        let text = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "allOf": [schema],
            "components": *CLOSED,
        });
        let schema = Schema::compile(text.to_string().as_bytes());
        Arc::new(schema.unwrap_or_else(|error| panic!("{key} has no schema: {error}")))
    });
    let compiled = Arc::clone(compiled);
    if let Err(error) = compiled.validate(&Tree::from_json(value).to_value()) {
        panic!("{what}\n{error}");
    }
}

/// Every operation: method, path, description.
fn operations() -> Vec<(Method, &'static str, &'static Value)> {
    let paths = DOCUMENT["paths"].as_object().expect("there are paths");
    let each = paths.iter().flat_map(|(path, methods)| {
        let methods = methods.as_object().expect("there are methods");
        methods.iter().map(move |(method, operation)| {
            let method = method.to_ascii_uppercase().parse().expect("a method");
            (method, path.as_str(), operation)
        })
    });
    each.collect()
}

/// The addresses that are asked by a method, with their parameters.
pub(crate) fn addresses(method: &Method) -> impl Iterator<Item = &'static str> {
    let wanted = method.clone();
    let asked = operations()
        .into_iter()
        .filter(move |(method, ..)| *method == wanted);
    asked.map(|(_, path, _)| path)
}

/// An address that the operation takes: parameters that must be there are there.
fn address(path: &str, operation: &Value) -> String {
    let mut address = path.to_owned();
    let mut query = Vec::new();
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let name = parameter["name"].as_str().unwrap_or_default();
        let schema = match parameter["schema"]["$ref"].as_str() {
            Some(reference) => DOCUMENT.pointer(&reference[1..]).expect("it leads somewhere"),
            None => &parameter["schema"],
        };
        let value = match schema["type"].as_str() {
            Some("integer") => "1".to_owned(),
            _ => schema
                .pointer("/oneOf/0/const")
                .unwrap_or(&json!("x"))
                .as_str()
                .unwrap_or("x")
                .to_owned(),
        };
        if parameter["in"] == "path" {
            address = address.replace(&format!("{{{name}}}"), &value);
        } else if parameter["required"] == true {
            query.push(format!("{name}={value}"));
        }
    }
    if query.is_empty() {
        address
    } else {
        format!("{address}?{}", query.join("&"))
    }
}

/// Something that the operation takes, and that changes nothing where it is not allowed.
fn body(operation: &Value) -> Value {
    match operation["operationId"].as_str().unwrap_or_default() {
        "planOperation" | "beginOperation" | "simulateOperation" => json!({ "operation": "uninstall" }),
        "addUser" => json!({ "name": "new", "password": PASSWORD }),
        "setVisibility" => json!({ "private": true }),
        "applyRetention" => json!({ "digest": "x" }),
        "createWebhook" | "updateWebhook" => {
            json!({ "url": "https://example.com/", "events": ["chart.pushed"] })
        }
        "grantRight" => json!({ "subject": "user", "name": "x", "right": "pull" }),
        "deprecateChart" | "yankVersion" => json!({ "reason": "x" }),
        "giveGrant" => json!({ "role": "viewer" }),
        "giveClusterToken" => json!({ "token": "x" }),
        "makeToken" => json!({ "label": "x", "scopes": ["read"], "valid_days": 1 }),
        "signIn" => json!({ "name": "nobody", "password": "wrong" }),
        _ => json!({}),
    }
}

#[test]
fn what_is_described_is_there_and_nothing_else() {
    // Routes are made from the same list as the description; one that is written down elsewhere would be in none.
    let elsewhere = include_str!("../../src/router/mod.rs");
    assert_eq!(
        elsewhere.matches("\"/api/v1/").count(),
        1,
        "but for the one that says that there is nothing"
    );
    block_on(async {
        let site = Site::new().await;
        let served = site.send(Sent::get("/api/v1/openapi.json")).await;
        assert_eq!(served.json()["paths"], DOCUMENT["paths"]);
        for (_, path, operation) in operations() {
            let address = address(path, operation);
            let unknown = Sent {
                method: Method::from_bytes(b"PROPFIND").expect("a method that no address knows"),
                origin: Some("http://localhost:8080"),
                ..Sent::get(&address)
            };
            let answer = site.send(unknown).await;
            assert_eq!(answer.status, 405, "{path}: {}", answer.body);
            let mut allowed: Vec<&str> = answer.header(ALLOW).split(',').collect();
            // What is had by GET is had by HEAD.
            allowed.retain(|method| *method != "HEAD");
            allowed.sort_unstable();
            let methods = DOCUMENT["paths"][path].as_object().expect("methods");
            let mut known: Vec<String> = methods.keys().map(|method| method.to_ascii_uppercase()).collect();
            known.sort_unstable();
            assert_eq!(allowed, known, "{path}");
        }
        for path in [
            "/api/v1",
            "/api/v1/nothing",
            "/api/v1/releases/a/b",
            "/api/v1/operations/a/b/c",
        ] {
            let answer = site.send(Sent::get(path)).await;
            assert_eq!(answer.status, 404, "{path}");
            assert_eq!(answer.header(CONTENT_TYPE), "application/problem+json", "{path}");
        }
    });
}

#[test]
fn every_address_takes_whom_its_description_names() {
    block_on(async {
        let site = Site::new().await;
        site.user("root", Some(Role::Admin)).await;
        let session = site.sign_in("root").await;
        let mut tokens = Vec::new();
        for scope in Scope::ALL {
            let wanted = json!({ "label": "test", "scopes": [scope.as_str()], "valid_days": 1 });
            let sent = Sent {
                origin: Some("http://localhost:8080"),
                ..Sent::json(Method::POST, "/api/v1/tokens", &wanted)
            };
            let answer = site.send(sent.with(&session)).await.json();
            let token = answer["data"]["token"].as_str().expect("a token").to_owned();
            tokens.push((scope, token));
        }
        for (method, path, operation) in operations() {
            let id = operation["operationId"].as_str().unwrap_or_default();
            // Streams do not end; who may follow is who may read.
            if id.starts_with("follow") {
                continue;
            }
            let (address, body) = (address(path, operation), body(operation));
            let sent = || Sent {
                origin: Some("http://localhost:8080"),
                ..Sent::json(method.clone(), &address, &body)
            };
            let security = operation["security"].as_array().expect("who may");
            let is_open = security.iter().any(|way| way == &json!({}));
            let nobody = site.send(sent()).await;
            // A wrong password is no missing right.
            let is_refused = nobody.status == 401 && id != "signIn";
            assert_eq!(is_refused, !is_open, "{method} {path}: {}", nobody.body);
            let scopes = security.iter().find_map(|way| way["token"].as_array());
            let is_enough = |scope: Scope| {
                let wider = match scope {
                    Scope::WriteReleases => &["releases:read", "releases:write", "read"][..],
                    Scope::ReadReleases => &["releases:read", "read"],
                    Scope::Read => &["read"],
                    Scope::WriteCharts => &["charts:write", "read"],
                    Scope::Admin => &["admin", "read"],
                };
                is_open
                    || scopes
                        .into_iter()
                        .flatten()
                        .any(|wanted| wider.contains(&wanted.as_str().unwrap_or_default()))
            };
            for (scope, token) in &tokens {
                // Who may see operations is told first that there is none; nobody may end that.
                if id == "cancelOperation" && *scope == Scope::ReadReleases {
                    continue;
                }
                let answer = site.send(sent().by(token)).await;
                let is_refused = matches!(answer.status, 401 | 403) && id != "signIn";
                assert_eq!(
                    is_refused,
                    !is_enough(*scope),
                    "{method} {path} by {scope:?}: {}",
                    answer.body
                );
            }
            let by_session = security.iter().any(|way| way.get("session").is_some()) || is_open;
            assert!(by_session, "{path}");
        }
    });
}

#[test]
fn the_page_about_the_api_shows_all_of_it() {
    block_on(async {
        let site = Site::new().await;
        let page = site.send(Sent::get("/api")).await;
        assert_eq!(page.status, 200);
        for (_, path, operation) in operations() {
            let id = operation["operationId"].as_str().unwrap_or_default();
            assert!(page.body.contains(&format!("id=\"{id}\"")), "{id}");
            assert!(page.body.contains(path), "{path}");
        }
        let schemas = DOCUMENT["components"]["schemas"]
            .as_object()
            .expect("there are schemas");
        for name in schemas.keys() {
            assert!(page.body.contains(&format!("id=\"type-{name}\"")), "{name}");
        }
        // It is one document, whole without a script; what scripts there are are the site's own.
        assert!(!page.body.contains("src=\"http"), "a script of somebody else's");
    });
}
