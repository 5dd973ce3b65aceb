//! The head of an object: the few fields Helm reads from every rendered document.

use std::collections::BTreeMap;

use engine::value::Value;

use super::head_events;
use crate::chart::{DecodeError, decode_yaml};

/// Kind, name and annotations of a rendered document; everything is empty in a document that has none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Head {
    pub api_version: String,
    pub kind: String,
    pub name: String,
    /// Helm itself does not look at it.
    pub namespace: String,
    pub annotations: BTreeMap<String, String>,
}

/// How Go prints the type of the anonymous struct that holds name and annotations.
const METADATA_TYPE: &str =
    r#"struct { Name string "json:\"name\""; Annotations map[string]string "json:\"annotations\"" }"#;

impl Head {
    /// Reads the first YAML document of `text`.
    pub fn parse(text: &str) -> Result<Self, DecodeError> {
        head_events::read(text).map_or_else(|| Self::decode(text), Ok)
    }

    /// Reads it as Helm does, whatever it is.
    fn decode(text: &str) -> Result<Self, DecodeError> {
        let mut head = Self::default();
        let mut annotations = None;
        decode_yaml(text.as_bytes(), "util.SimpleHead", |decoder, map| {
            decoder.fields(
                "SimpleHead",
                map,
                &["apiVersion", "kind", "metadata"],
                |decoder, field, value| match field {
                    "apiVersion" => decoder.string(value, &mut head.api_version),
                    "kind" => decoder.string(value, &mut head.kind),
                    _ => match value {
                        Value::Nil => {}
                        Value::Map(metadata) => {
                            decoder.fields(
                                "",
                                metadata,
                                &["name", "annotations"],
                                |decoder, field, value| match field {
                                    "name" => decoder.string(value, &mut head.name),
                                    _ => decoder.string_map(value, &mut annotations),
                                },
                            );
                            if let Some(Value::String(namespace)) = metadata.get("namespace") {
                                head.namespace = namespace.to_str_lossy().into_owned();
                            }
                        }
                        other => decoder.mismatch(other, METADATA_TYPE),
                    },
                },
            );
        })?;
        head.annotations = annotations.unwrap_or_default();
        Ok(head)
    }
}
