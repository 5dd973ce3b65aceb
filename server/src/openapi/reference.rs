//! The description in words, for the page about it.

use app::api::reference::{
    ApiEndpoint, ApiField, ApiGroup, ApiReference, ApiShape, ApiType, ApiVariant, ApiWord,
};
use serde_json::{Map, Value};

/// What the page shows of a document that [`document`](super::document) made.
pub(crate) fn reference(document: &Value) -> ApiReference {
    let groups = list(&document["tags"]).iter().map(|tag| {
        let name = text(tag, "name");
        let paths = document["paths"].as_object().into_iter().flatten();
        let endpoints = paths.flat_map(|(path, methods)| {
            let methods = methods.as_object().into_iter().flatten();
            methods.map(move |(method, operation)| (path, method, operation))
        });
        let own = endpoints.filter(|(_, _, operation)| operation["tags"][0] == name);
        ApiGroup {
            endpoints: own
                .map(|(path, method, operation)| endpoint(path, method, operation))
                .collect(),
            description: text(tag, "description"),
            name,
        }
    });
    let schemas = document["components"]["schemas"]
        .as_object()
        .into_iter()
        .flatten();
    ApiReference {
        groups: groups.collect(),
        types: schemas.map(|(name, schema)| type_of(name, schema)).collect(),
    }
}

fn endpoint(path: &str, method: &str, operation: &Value) -> ApiEndpoint {
    let parameters = list(&operation["parameters"]).iter().map(|parameter| ApiField {
        name: text(parameter, "name"),
        place: text(parameter, "in"),
        shape: shape(&parameter["schema"]),
        is_required: parameter["required"] == true,
        description: text(parameter, "description"),
    });
    let responses = operation["responses"].as_object();
    let (good, problems): (Vec<_>, Vec<_>) = responses
        .into_iter()
        .flatten()
        .partition(|(_, response)| response.get("$ref").is_none());
    let (status, response) = good
        .first()
        .copied()
        .map_or(("", &Value::Null), |(status, response)| {
            (status.as_str(), response)
        });
    let body = operation.pointer("/requestBody/content/application~1json/schema");
    ApiEndpoint {
        id: text(operation, "operationId"),
        method: method.to_ascii_uppercase(),
        path: path.to_owned(),
        summary: text(operation, "summary"),
        access: access(&operation["security"]),
        parameters: parameters.collect(),
        body: body.map(shape),
        status: status.to_owned(),
        answer: answer(&response["content"]),
        problems: problems.iter().map(|(status, _)| (*status).clone()).collect(),
    }
}

fn answer(content: &Value) -> Option<ApiShape> {
    if let Some(content) = content.get("application/json") {
        let schema = &content["schema"];
        return Some(
            schema
                .pointer("/properties/data")
                .map_or_else(|| shape(schema), shape),
        );
    }
    let stream = content.get("text/event-stream")?;
    Some(match stream.get("x-event-data") {
        Some(data) => prefixed("server-sent events, each ", data),
        None => said("server-sent events"),
    })
}

fn access(security: &Value) -> String {
    let ways = list(security);
    let is_open = ways.iter().any(|way| way.as_object().is_some_and(Map::is_empty));
    let scope = ways.iter().find_map(|way| way["token"][0].as_str());
    match (is_open, scope) {
        (true, None) => "For anybody.".to_owned(),
        (true, Some(scope)) => {
            format!(
                "For anybody; where the catalog is for users alone, for users and tokens with the scope {scope}."
            )
        }
        (false, Some(scope)) => format!("For users who are signed in, and tokens with the scope {scope}."),
        (false, None) => "For users who are signed in; no token will do.".to_owned(),
    }
}

fn type_of(name: &str, schema: &Value) -> ApiType {
    let alternatives = ["oneOf", "anyOf"]
        .iter()
        .find_map(|key| schema.get(*key)?.as_array());
    let variants = match alternatives {
        Some(alternatives) => alternatives
            .iter()
            .map(|alternative| ApiVariant {
                // Fields that all alternatives have stand in each of them.
                fields: [fields(schema), fields(alternative)].concat(),
                name: label(alternative),
                description: text(alternative, "description"),
                shape: shape(alternative),
            })
            .collect(),
        None => vec![ApiVariant {
            fields: fields(schema),
            shape: shape(schema),
            ..ApiVariant::default()
        }],
    };
    ApiType {
        name: name.to_owned(),
        description: text(schema, "description"),
        variants,
    }
}

/// What tells an alternative from the others: a word, or a field with one.
fn label(schema: &Value) -> String {
    if let Some(word) = schema["const"].as_str() {
        return word.to_owned();
    }
    let fields = schema["properties"].as_object().into_iter().flatten();
    let mut words = fields.filter_map(|(name, field)| Some(format!("{name}: {}", field["const"].as_str()?)));
    words.next().unwrap_or_default()
}

fn fields(schema: &Value) -> Vec<ApiField> {
    let required = list(&schema["required"]);
    let fields = schema["properties"].as_object().into_iter().flatten();
    fields
        .map(|(name, field)| ApiField {
            name: name.clone(),
            place: String::new(),
            shape: shape(field),
            is_required: required.iter().any(|known| known == name),
            description: text(field, "description"),
        })
        .collect()
}

fn shape(schema: &Value) -> ApiShape {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap_or_default();
        return ApiShape(vec![ApiWord::Type(name.to_owned())]);
    }
    if let Some(word) = schema["const"].as_str() {
        return said(&format!("\"{word}\""));
    }
    for key in ["anyOf", "oneOf"] {
        if let Some(alternatives) = schema[key].as_array() {
            return joined(alternatives.iter().map(shape), " or ");
        }
    }
    if let Some(parts) = schema["prefixItems"].as_array() {
        let ApiShape(words) = joined(parts.iter().map(shape), ", ");
        return ApiShape([vec![ApiWord::Text("list of ".to_owned())], words].concat());
    }
    let named: Vec<&str> = match &schema["type"] {
        Value::String(name) => vec![name],
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
        _ => vec!["anything"],
    };
    let shapes = named.into_iter().map(|name| match name {
        "array" => prefixed("list of ", &schema["items"]),
        "object" => match schema
            .get("additionalProperties")
            .filter(|values| values.is_object())
        {
            Some(values) => prefixed("map of ", values),
            None => said("object"),
        },
        "string" => match schema["enum"].as_array() {
            Some(words) => said(
                &words
                    .iter()
                    .map(Value::to_string)
                    .collect::<Vec<_>>()
                    .join(" or "),
            ),
            None => said("text"),
        },
        "integer" | "number" => said("number"),
        "boolean" => said("true or false"),
        "null" => said("nothing"),
        other => said(other),
    });
    joined(shapes, " or ")
}

fn said(text: &str) -> ApiShape {
    ApiShape(vec![ApiWord::Text(text.to_owned())])
}

fn prefixed(prefix: &str, schema: &Value) -> ApiShape {
    let ApiShape(mut words) = shape(schema);
    words.insert(0, ApiWord::Text(prefix.to_owned()));
    ApiShape(words)
}

fn joined(shapes: impl Iterator<Item = ApiShape>, between: &str) -> ApiShape {
    let mut words = Vec::new();
    for ApiShape(next) in shapes {
        if !words.is_empty() {
            words.push(ApiWord::Text(between.to_owned()));
        }
        words.extend(next);
    }
    ApiShape(words)
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn words(schema: &Value) -> String {
        let word = |word: &ApiWord| match word {
            ApiWord::Text(text) | ApiWord::Type(text) => text.clone(),
        };
        shape(schema).0.iter().map(word).collect()
    }

    #[test]
    fn shapes_are_told_in_words() {
        for (schema, want) in [
            (json!({ "type": ["string", "null"] }), "text or nothing"),
            (
                json!({ "type": "array", "items": { "$ref": "#/components/schemas/Plan" } }),
                "list of Plan",
            ),
            (
                json!({ "anyOf": [{ "$ref": "#/a/Origin" }, { "type": "null" }] }),
                "Origin or nothing",
            ),
            (
                json!({ "type": "object", "additionalProperties": { "type": "string" } }),
                "map of text",
            ),
            (json!({ "type": "string", "enum": ["a", "b"] }), "\"a\" or \"b\""),
            (json!(true), "anything"),
        ] {
            assert_eq!(words(&schema), want);
        }
    }

    #[test]
    fn all_that_is_described_is_shown() {
        let document = super::super::document("", "");
        let reference = reference(&document);
        let n_shown: usize = reference.groups.iter().map(|group| group.endpoints.len()).sum();
        assert_eq!(n_shown, crate::router::api::endpoints().len());
        let known: Vec<&str> = reference.types.iter().map(|shown| shown.name.as_str()).collect();
        for endpoint in reference.groups.iter().flat_map(|group| &group.endpoints) {
            let shapes = [&endpoint.body, &endpoint.answer];
            for ApiShape(words) in shapes.into_iter().flatten() {
                for word in words {
                    if let ApiWord::Type(name) = word {
                        assert!(known.contains(&name.as_str()), "{name} of {}", endpoint.id);
                    }
                }
            }
        }
    }
}
