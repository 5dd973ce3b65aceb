//! The API described as OpenAPI 3.1, from the list of its addresses and from the types that cross the wire.
//!
//! Nothing is written twice: [`document`] reads `router::api` and the types' JSON Schemas.

mod reference;
mod schemas;

use std::collections::BTreeSet;

use http::Method;
use model::access::Scope;
use serde_json::{Map, Value, json};

use crate::http::error::Details;
use crate::router::api::{GROUPS, endpoints};
use crate::router::endpoint::{Access, Answer, Endpoint};
use schemas::{Direction, Schemas};

pub(crate) use reference::reference;

/// The description. `base` is the path that the site lives below, `origin` where it is reached; both may be empty.
pub fn document(origin: &str, base: &str) -> Value {
    let mut schemas = Schemas::new();
    let problem = schemas.schema(Direction::Out, |generator| {
        generator.subschema_for::<Details<'_>>()
    });
    let mut paths = Map::new();
    for endpoint in endpoints() {
        let operation = operation(&endpoint, &mut schemas);
        let methods = paths.entry(endpoint.path).or_insert_with(|| json!({}));
        if let Value::Object(methods) = methods {
            methods.insert(endpoint.method.as_str().to_ascii_lowercase(), operation);
        }
    }
    let tags = GROUPS.map(|(name, description)| json!({ "name": name, "description": description }));
    let server = match (origin, base) {
        ("", "") => "/".to_owned(),
        _ => format!("{origin}{base}"),
    };
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Chartroom",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "The charts of a company, and the releases made of them.",
            "description": "Answers are `{\"data\": …}`, errors are problem documents (RFC 9457). Times are seconds since \
                            1970. What Secrets hold is in no answer.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "servers": [{ "url": server }],
        "tags": tags,
        "paths": paths,
        "components": {
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token of a user, as the page *Account* makes them. Its scopes narrow what the user may do.",
                },
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": crate::access::cookie::NAME,
                    "description": "A user who is signed in, in a browser.",
                },
            },
            "responses": {
                "Problem": {
                    "description": "What went wrong.",
                    "content": { "application/problem+json": { "schema": problem } },
                },
            },
        },
    });
    schemas.complete(&mut document);
    document
}

fn operation(endpoint: &Endpoint, schemas: &mut Schemas) -> Value {
    let mut parameters: Vec<Value> = endpoint
        .path_parameters()
        .into_iter()
        .map(|name| path_parameter(endpoint.path, name))
        .collect();
    if let Some(query) = endpoint.query {
        parameters.extend(schemas.query_parameters(query));
    }
    parameters.extend(endpoint.headers.iter().map(|header| {
        json!({
            "name": header.name,
            "in": "header",
            "description": header.description,
            "schema": { "type": "string" },
        })
    }));
    let mut described = json!({
        "operationId": endpoint.id,
        "summary": endpoint.summary,
        "tags": [endpoint.group],
        "security": security(endpoint.access),
        "responses": responses(endpoint, schemas),
    });
    if !parameters.is_empty() {
        described["parameters"] = parameters.into();
    }
    if let Some(body) = endpoint.body {
        described["requestBody"] = json!({
            "required": true,
            "content": { "application/json": { "schema": schemas.schema(Direction::In, body) } },
        });
    }
    if let Some(media_type) = endpoint.bytes {
        described["requestBody"] = json!({
            "required": true,
            "content": { media_type: { "schema": { "type": "string", "format": "binary" } } },
        });
    }
    described
}

fn path_parameter(path: &str, name: &str) -> Value {
    let description = match name {
        "cluster" => "The cluster's name in this Chartroom.",
        "namespace" => "The namespace.",
        "name" if path.contains("/users/") => "The user's name.",
        "name" if path.contains("/repositories/") => "The repository's name.",
        "repository" => "The repository's name.",
        "chart" => "The chart's name.",
        "id" if path.contains("/deleted/") => "The number of a deleted version.",
        "name" if path.contains("/packages/") => "The chart's name.",
        "version" => "A version of the chart.",
        "name" => "The release's name.",
        "id" if path.contains("/tokens/") => "The token's number.",
        _ => "The operation's id.",
    };
    json!({
        "name": name,
        "in": "path",
        "required": true,
        "description": description,
        "schema": { "type": "string" },
    })
}

fn security(access: Access) -> Value {
    match access {
        Access::Anybody => json!([{}]),
        Access::Catalog => json!([{}, { "token": [Scope::Read.as_str()] }, { "session": [] }]),
        Access::Scope(scope) => json!([{ "token": [scope.as_str()] }, { "session": [] }]),
        Access::Session => json!([{ "session": [] }]),
    }
}

fn responses(endpoint: &Endpoint, schemas: &mut Schemas) -> Value {
    let good = match endpoint.answer {
        Answer::Data { schema, .. } => {
            let data = schemas.schema(Direction::Out, schema);
            let envelope = json!({
                "type": "object",
                "properties": { "data": data },
                "required": ["data"],
                "additionalProperties": false,
            });
            json!({ "content": { "application/json": { "schema": envelope } } })
        }
        Answer::Empty { .. } => json!({}),
        Answer::Events(schema) => {
            let data = schemas.schema(Direction::Out, schema);
            // OpenAPI 3.1 has no word for the items of a stream.
            json!({ "content": { "text/event-stream": { "schema": { "type": "string" }, "x-event-data": data } } })
        }
        Answer::Signals => json!({ "content": { "text/event-stream": { "schema": { "type": "string" } } } }),
        Answer::Document => json!({ "content": { "application/json": { "schema": { "type": "object" } } } }),
    };
    let mut responses = Map::new();
    let status = endpoint.answer.status();
    let mut good = good;
    good["description"] = words(status).into();
    responses.insert(status.to_string(), good);
    if endpoint.is_shared() {
        let known = json!({ "description": "The answer is the one that `If-None-Match` names." });
        responses.insert("304".to_owned(), known);
    }
    for status in problems(endpoint) {
        responses.insert(
            status.to_string(),
            json!({ "$ref": "#/components/responses/Problem" }),
        );
    }
    Value::Object(responses)
}

/// The statuses of all problems of an address, in order.
fn problems(endpoint: &Endpoint) -> BTreeSet<u16> {
    // What is no token for a cluster, and a token that does not hold, are refused everywhere, and what could be a fault of
    // ours can happen everywhere.
    let mut statuses: BTreeSet<u16> = [400, 401, 500].into();
    statuses.extend(endpoint.problems);
    match endpoint.access {
        Access::Anybody => {}
        Access::Catalog => {
            statuses.extend([403, 503]);
        }
        Access::Scope(_) | Access::Session => {
            statuses.extend([403, 503]);
        }
    }
    // Sent by a browser on behalf of another site.
    if endpoint.method != Method::GET {
        statuses.insert(403);
    }
    statuses
}

/// What a good answer with this status is.
fn words(status: u16) -> &'static str {
    match status {
        201 => "It was made.",
        202 => "It was accepted, and goes on in the background.",
        204 => "It was done.",
        _ => "All is well.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_is_described_once_under_a_name_of_its_own() {
        let endpoints = endpoints();
        let ids: BTreeSet<&str> = endpoints.iter().map(|endpoint| endpoint.id).collect();
        assert_eq!(ids.len(), endpoints.len());
        for endpoint in &endpoints {
            assert!(
                GROUPS.iter().any(|(name, _)| *name == endpoint.group),
                "{}",
                endpoint.id
            );
            assert!(!endpoint.summary.ends_with('.'), "{}", endpoint.summary);
            // Only GET is safe to repeat; what has a body is none.
            assert!(
                endpoint.method != Method::GET || endpoint.body.is_none(),
                "{}",
                endpoint.id
            );
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = document("https://charts.example.com", "/a");
        assert_eq!(document["servers"][0]["url"], "https://charts.example.com/a");
        let mut pending = vec![&document];
        let mut n_references = 0;
        while let Some(node) = pending.pop() {
            match node {
                Value::Object(object) => {
                    if let Some(Value::String(reference)) = object.get("$ref") {
                        n_references += 1;
                        let pointer = reference.strip_prefix('#').expect("it stays inside");
                        assert!(document.pointer(pointer).is_some(), "{reference}");
                    }
                    pending.extend(object.values());
                }
                Value::Array(items) => pending.extend(items),
                _ => {}
            }
        }
        assert!(n_references > 100, "{n_references}");
    }
}
