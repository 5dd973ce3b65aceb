//! The documents of a file as objects, read as far as rules look.

use engine::json::DecodeError as JsonError;
use engine::value::{Map, Value};

use crate::chart::{DecodeError, Decoder, decode_yaml};
use crate::values::{ValuesError, split_stream};

/// The few fields that rules look at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Object {
    pub(super) api_version: String,
    pub(super) kind: String,
    pub(super) name: String,
}

/// Every document in turn, `None` for an empty one; the errors are Helm's texts.
pub(super) fn objects(text: &[u8]) -> impl Iterator<Item = Result<Option<Object>, String>> {
    split_stream(text).enumerate().map(|(n_before, document)| {
        let document = document.map_err(|error| match error {
            ValuesError::Separator { rest } => format!("invalid Yaml document separator: {rest}"),
            ValuesError::Yaml { message } => message,
        })?;
        decode(&document).map_err(|error| {
            let as_json = (n_before == 0).then(|| json_problem(text)).flatten();
            as_json.unwrap_or_else(|| error.to_string())
        })
    })
}

/// What begins like JSON is read as JSON first, and that is what Helm complains about.
fn json_problem(text: &[u8]) -> Option<String> {
    let first = text.iter().find(|byte| !byte.is_ascii_whitespace());
    if first != Some(&b'{') {
        return None;
    }
    match engine::json::decode(text).err()? {
        error @ JsonError::Syntax { offset, .. } => Some(format!("json: offset {}: {error}", offset + 1)),
        JsonError::UnexpectedEnd => Some("unexpected EOF".to_owned()),
        JsonError::Type { .. } => None,
    }
}

fn decode(document: &[u8]) -> Result<Option<Object>, DecodeError> {
    let mut object = Object::default();
    let found = decode_yaml(document, "rules.k8sYamlStruct", |decoder, map| {
        fill(decoder, map, &mut object);
    })?;
    Ok(found.map(|()| object))
}

fn fill(decoder: &mut Decoder, map: &Map, object: &mut Object) {
    const FIELDS: [&str; 3] = ["apiVersion", "Kind", "Metadata"];
    decoder.fields(
        "k8sYamlStruct",
        map,
        &FIELDS,
        |decoder, field, value| match field {
            "apiVersion" => decoder.string(value, &mut object.api_version),
            "Kind" => decoder.string(value, &mut object.kind),
            _ => match value {
                Value::Nil => {}
                Value::Map(map) => metadata(decoder, map, object),
                other => decoder.mismatch(other, "rules.k8sYamlMetadata"),
            },
        },
    );
}

fn metadata(decoder: &mut Decoder, map: &Map, object: &mut Object) {
    let mut namespace = String::new();
    decoder.fields(
        "k8sYamlMetadata",
        map,
        &["Namespace", "Name"],
        |decoder, field, value| match field {
            "Namespace" => decoder.string(value, &mut namespace),
            _ => decoder.string(value, &mut object.name),
        },
    );
}
