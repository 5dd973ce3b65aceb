//! The schemas of everything that is sent and answered, each once.
//!
//! One type can look differently in both directions: what may be left out when it is sent is there when it is answered.
//! Where it does, what is sent has `Input` behind its name.

use std::collections::BTreeSet;

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::router::endpoint::SchemaOf;

/// Where the schemas of the document are.
const COMPONENTS: &str = "/components/schemas";
/// Where those of what is sent would be, until it is known which of them differ.
const SENT: &str = "/components/sent";

/// Which way something goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    In,
    Out,
}

/// Collects schemas.
pub(super) struct Schemas {
    sent: SchemaGenerator,
    answered: SchemaGenerator,
}

impl Schemas {
    pub(super) fn new() -> Self {
        let settings = |path: &'static str| {
            SchemaSettings::draft2020_12().with(|settings| {
                settings.definitions_path = path.into();
                settings.meta_schema = None;
            })
        };
        Self {
            sent: settings(SENT).for_deserialize().into_generator(),
            answered: settings(COMPONENTS).for_serialize().into_generator(),
        }
    }

    /// The schema of a type, or a reference to it.
    pub(super) fn schema(&mut self, direction: Direction, of: SchemaOf) -> Value {
        let generator = match direction {
            Direction::In => &mut self.sent,
            Direction::Out => &mut self.answered,
        };
        of(generator).to_value()
    }

    /// The fields of a type as parameters of a query string.
    pub(super) fn query_parameters(&mut self, of: SchemaOf) -> Vec<Value> {
        let schema = of(&mut self.sent).to_value();
        let definitions = self.sent.definitions();
        let named = name_of(&schema, SENT).and_then(|name| definitions.get(name));
        let root = named.unwrap_or(&schema);
        let required = root.get("required").and_then(Value::as_array);
        let is_required = |name: &String| {
            required.is_some_and(|required| required.iter().any(|item| item.as_str() == Some(name)))
        };
        let properties = root.get("properties").and_then(Value::as_object);
        let parameter = |(name, schema): (&String, &Value)| {
            let mut schema = without_null(schema);
            let fields = schema.as_object_mut();
            let description = fields.and_then(|schema| schema.remove("description"));
            let mut parameter = json!({
                "name": name,
                "in": "query",
                "required": is_required(name),
                "schema": schema,
            });
            if let Some(description) = description {
                parameter["description"] = description;
            }
            parameter
        };
        properties.into_iter().flatten().map(parameter).collect()
    }

    /// Puts all that `document` refers to into it.
    pub(super) fn complete(mut self, document: &mut Value) {
        let mut sent = self.sent.take_definitions(true);
        let mut components = self.answered.take_definitions(true);
        let differing = differing(&sent, &components);
        rewrite(document, &differing);
        for schema in sent.values_mut() {
            rewrite(schema, &differing);
        }
        for (name, schema) in sent {
            if differing.contains(&name) {
                components.insert(input(&name), schema);
            } else {
                components.entry(name).or_insert(schema);
            }
        }
        // Types whose fields became parameters are schemas of nothing.
        let mut wanted = names(document);
        let mut pending: Vec<String> = wanted.iter().cloned().collect();
        while let Some(name) = pending.pop() {
            let used = components.get(&name).map(names).unwrap_or_default();
            pending.extend(used.into_iter().filter(|name| wanted.insert(name.clone())));
        }
        components.retain(|name, _| wanted.contains(name));
        if let Some(parts) = document.get_mut("components") {
            parts["schemas"] = Value::Object(components);
        }
    }
}

fn input(name: &str) -> String {
    format!("{name}Input")
}

/// The types that look differently in both directions, those among them that hold one.
fn differing(sent: &Map<String, Value>, answered: &Map<String, Value>) -> BTreeSet<String> {
    let mut differing = BTreeSet::new();
    loop {
        let n_known = differing.len();
        for (name, schema) in sent {
            let Some(other) = answered.get(name) else {
                continue;
            };
            let mut schema = schema.clone();
            rewrite(&mut schema, &differing);
            if schema != *other {
                differing.insert(name.clone());
            }
        }
        if differing.len() == n_known {
            return differing;
        }
    }
}

/// The name that a reference leads to.
fn name_of<'a>(schema: &'a Value, path: &str) -> Option<&'a str> {
    let reference = schema.get("$ref")?.as_str()?;
    reference.strip_prefix('#')?.strip_prefix(path)?.strip_prefix('/')
}

/// Makes references to what is sent lead to where it is.
fn rewrite(node: &mut Value, differing: &BTreeSet<String>) {
    if let Some(name) = name_of(node, SENT) {
        let name = match differing.contains(name) {
            true => input(name),
            false => name.to_owned(),
        };
        node["$ref"] = format!("#{COMPONENTS}/{name}").into();
    }
    match node {
        Value::Object(object) => object.values_mut().for_each(|inner| rewrite(inner, differing)),
        Value::Array(items) => items.iter_mut().for_each(|inner| rewrite(inner, differing)),
        _ => {}
    }
}

/// The names of all schemas that are referred to.
fn names(node: &Value) -> BTreeSet<String> {
    let mut found: BTreeSet<String> = name_of(node, COMPONENTS).map(str::to_owned).into_iter().collect();
    match node {
        Value::Object(object) => object.values().for_each(|inner| found.extend(names(inner))),
        Value::Array(items) => items.iter().for_each(|inner| found.extend(names(inner))),
        _ => {}
    }
    found
}

/// A schema for something that is either there or left out: a query string knows no null.
fn without_null(schema: &Value) -> Value {
    let mut schema = schema.clone();
    let Some(fields) = schema.as_object_mut() else {
        return schema;
    };
    if fields.get("default").is_some_and(Value::is_null) {
        fields.remove("default");
    }
    if let Some(Value::Array(types)) = fields.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            fields.insert("type".to_owned(), only);
        }
    }
    let is_null = |option: &Value| option.get("type").is_some_and(|name| name == "null");
    if let Some(Value::Array(options)) = fields.get_mut("anyOf") {
        options.retain(|option| !is_null(option));
        if let [Value::Object(only)] = options.as_slice() {
            let only = only.clone();
            fields.remove("anyOf");
            fields.extend(only);
        }
    }
    schema
}
