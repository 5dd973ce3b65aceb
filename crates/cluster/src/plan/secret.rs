//! Objects as a plan may compare and show them: what is in a Secret is replaced before anything looks at it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

/// Where kubectl leaves a copy of a whole object.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";
/// What stands for something hidden, before a number that is the same for what is the same.
const HIDDEN: &str = "\u{0}hidden ";

/// An object that holds no secrets: the only thing that differences are made of.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Public(Value);

impl Public {
    pub(super) fn value(&self) -> &Value {
        &self.0
    }

    /// States of one object. Of a Secret it can be told which of them have the same data, and nothing else.
    pub(super) fn states<const N: usize>(states: [Option<&Value>; N]) -> [Option<Self>; N] {
        let mut states = states.map(|state| state.map(without_server_fields));
        let is_secret = states.iter().flatten().any(is_secret);
        if is_secret {
            hide(&mut states);
        }
        states.map(|state| state.map(Self))
    }
}

/// Whether a value stands for something hidden.
pub(super) fn is_hidden(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.starts_with(HIDDEN))
}

/// Whether an object is a Secret.
pub(super) fn is_secret(object: &Value) -> bool {
    object.get("kind").and_then(Value::as_str) == Some("Secret")
        && object.get("apiVersion").and_then(Value::as_str) == Some("v1")
}

/// An object without what the API server writes.
pub(super) fn without_server_fields(object: &Value) -> Value {
    let mut object = object.clone();
    if let Some(fields) = object.as_object_mut() {
        fields.remove("status");
    }
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        for field in [
            "managedFields",
            "resourceVersion",
            "uid",
            "generation",
            "creationTimestamp",
            "selfLink",
        ] {
            metadata.remove(field);
        }
    }
    object
}

fn hide<const N: usize>(states: &mut [Option<Value>; N]) {
    let mut known: Vec<String> = Vec::new();
    for state in states.iter_mut().flatten() {
        if let Some(annotations) = state
            .pointer_mut("/metadata/annotations")
            .and_then(Value::as_object_mut)
        {
            annotations.remove(LAST_APPLIED);
        }
        let data = data_of(state);
        let hidden = data.into_iter().map(|(key, value)| {
            let text = value.to_string();
            let number = known.iter().position(|other| *other == text).unwrap_or_else(|| {
                known.push(text);
                known.len() - 1
            });
            (key, format!("{HIDDEN}{number}").into())
        });
        let hidden: Map<String, Value> = hidden.collect();
        if let Some(fields) = state.as_object_mut() {
            fields.insert("data".to_owned(), Value::Object(hidden));
        }
    }
}

/// Takes the data out of a Secret, as the API server would store it.
fn data_of(secret: &mut Value) -> Map<String, Value> {
    let Some(fields) = secret.as_object_mut() else {
        return Map::new();
    };
    let mut take = |field: &str| match fields.remove(field) {
        Some(Value::Object(entries)) => entries,
        _ => Map::new(),
    };
    let (mut data, texts) = (take("data"), take("stringData"));
    for (key, text) in texts {
        let text = text.as_str().unwrap_or_default();
        data.insert(key, STANDARD.encode(text).into());
    }
    data
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn of_secrets_only_what_is_the_same_can_be_told() {
        let live = json!({
            "apiVersion": "v1", "kind": "Secret", "data": { "a": STANDARD.encode("one"), "b": "eHl6" },
            "metadata": { "uid": "1", "annotations": { LAST_APPLIED: "one", "x": "y" } },
        });
        let wanted =
            json!({ "apiVersion": "v1", "kind": "Secret", "stringData": { "a": "one", "b": "two" } });
        let [live, wanted] = Public::states([Some(&live), Some(&wanted)]).map(Option::unwrap);
        assert_eq!(live.value()["data"]["a"], wanted.value()["data"]["a"]);
        assert_ne!(live.value()["data"]["b"], wanted.value()["data"]["b"]);
        assert_eq!(live.value()["metadata"], json!({ "annotations": { "x": "y" } }));
        let text = format!("{live:?}{wanted:?}");
        for secret in ["one", "two", "eHl6", STANDARD.encode("one").as_str()] {
            assert!(!text.contains(secret), "{text}");
        }
        assert!(is_hidden(&live.value()["data"]["a"]));
    }
}
