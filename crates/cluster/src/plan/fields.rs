//! What changes in an object, field by field, beside what was applied last.

use serde::Serialize;
use serde_json::Value;

use super::secret::{Public, is_hidden};
use crate::patch::{PatchSchema, differences};
use crate::readiness::go_text;

/// A value, unless it is secret.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shown {
    Value(Value),
    /// Part of a Secret: only whether it is what the cluster has now.
    Redacted {
        same_as_live: bool,
    },
}

/// One field that an operation changes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FieldChange {
    /// As in [`Difference`](crate::patch::Difference).
    pub path: String,
    /// What the release applied last; `None` if it did not set the field.
    pub applied: Option<Shown>,
    /// What is there; where it differs from `applied`, somebody else has changed it.
    pub live: Option<Shown>,
    /// What will be there; `None` if the field goes away.
    pub proposed: Option<Shown>,
}

/// The fields that differ between what is there and what will be.
pub(super) fn changes(
    applied: Option<&Value>,
    live: &Value,
    proposed: &Value,
    schema: Option<&PatchSchema>,
) -> Vec<FieldChange> {
    let [applied, live, proposed] = Public::states([applied, Some(live), Some(proposed)]);
    let (Some(live), Some(proposed)) = (live, proposed) else {
        return Vec::new();
    };
    let found = differences(live.value(), proposed.value(), schema);
    let found = found.into_iter().map(|difference| {
        let now = at(live.value(), &difference.path);
        // A change of order is told by names, which are no value of the field.
        let is_value = difference.old.as_ref() == now;
        let applied = applied
            .as_ref()
            .filter(|_| is_value)
            .and_then(|applied| at(applied.value(), &difference.path));
        let old = difference.old.as_ref();
        FieldChange {
            applied: applied.map(|value| show(value, old)),
            live: old.map(|value| show(value, old)),
            proposed: difference.new.as_ref().map(|value| show(value, old)),
            path: difference.path,
        }
    });
    found.collect()
}

/// What `target` makes of `live` where the API server does not say: what the target sets, and nothing else.
pub(super) fn guessed_changes(
    applied: Option<&Value>,
    live: &Value,
    target: &Value,
    schema: Option<&PatchSchema>,
) -> Vec<FieldChange> {
    let mut proposed = live.clone();
    overlay(&mut proposed, target);
    let mut changes = changes(applied, live, &proposed, schema);
    // What is missing from a list of the target may be a default.
    changes.retain(|change| change.proposed.is_some());
    changes
}

/// Values of a [`Public`] object.
fn show(value: &Value, live: Option<&Value>) -> Shown {
    if holds_hidden(value) {
        return Shown::Redacted {
            same_as_live: live == Some(value),
        };
    }
    Shown::Value(value.clone())
}

fn holds_hidden(value: &Value) -> bool {
    match value {
        Value::Object(fields) => fields.values().any(holds_hidden),
        Value::Array(items) => items.iter().any(holds_hidden),
        _ => is_hidden(value),
    }
}

fn overlay(live: &mut Value, target: &Value) {
    match (live, target) {
        (Value::Object(live), Value::Object(target)) => {
            for (name, value) in target {
                match live.get_mut(name) {
                    Some(inner) => overlay(inner, value),
                    None => {
                        live.insert(name.clone(), value.clone());
                    }
                }
            }
        }
        (live, target) => live.clone_from(target),
    }
}

/// The value at a path of a difference.
fn at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    let mut value = value;
    for step in path.split('/').skip(1) {
        let step = step.replace("~1", "/").replace("~0", "~");
        value = match value {
            Value::Object(fields) => fields.get(&step)?,
            Value::Array(items) => match step.strip_prefix('[').and_then(|name| name.strip_suffix(']')) {
                Some(name) => items.iter().find(|item| is_called(item, name))?,
                None => items.get(step.parse::<usize>().ok()?)?,
            },
            _ => return None,
        };
    }
    Some(value)
}

fn is_called(item: &Value, name: &str) -> bool {
    if !item.is_object() {
        return go_text(item) == name;
    }
    name.split_once('=')
        .and_then(|(key, text)| Some(go_text(item.get(key)?) == text))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn three_states_of_a_field_are_shown() {
        let applied = json!({ "spec": { "replicas": 1, "gone": "x" } });
        let live =
            json!({ "spec": { "replicas": 5, "gone": "x", "defaulted": true }, "status": { "ready": 1 } });
        let proposed = json!({ "spec": { "replicas": 2, "defaulted": true }, "status": {} });
        let value = |value: Value| Some(Shown::Value(value));
        assert_eq!(
            changes(Some(&applied), &live, &proposed, None),
            [
                FieldChange {
                    path: "/spec/gone".to_owned(),
                    applied: value(json!("x")),
                    live: value(json!("x")),
                    proposed: None,
                },
                FieldChange {
                    path: "/spec/replicas".to_owned(),
                    applied: value(json!(1)),
                    live: value(json!(5)),
                    proposed: value(json!(2)),
                },
            ]
        );
        let guessed = guessed_changes(Some(&applied), &live, &json!({ "spec": { "replicas": 2 } }), None);
        assert_eq!(guessed.len(), 1);
        assert_eq!(guessed[0].path, "/spec/replicas");
    }

    #[test]
    fn items_are_found_by_what_a_difference_calls_them() {
        let value = json!({ "containers": [{ "name": "a=b/c", "image": 1 }], "set": ["x=y"], "list": [[0]] });
        assert_eq!(at(&value, "/containers/[name=a=b~1c]/image"), Some(&json!(1)));
        assert_eq!(at(&value, "/set/[x=y]"), Some(&json!("x=y")));
        assert_eq!(at(&value, "/list/0/0"), Some(&json!(0)));
        assert_eq!(at(&value, "/list/1"), None);
        assert_eq!(at(&value, "/containers/[name=other]"), None);
    }

    #[test]
    fn secrets_are_compared_and_never_shown() {
        let secret = |text: &str| json!({ "apiVersion": "v1", "kind": "Secret", "type": "Opaque", "stringData": { "password": text } });
        let changes = changes(Some(&secret("first")), &secret("second"), &secret("third"), None);
        assert_eq!(
            changes,
            [FieldChange {
                path: "/data/password".to_owned(),
                applied: Some(Shown::Redacted { same_as_live: false }),
                live: Some(Shown::Redacted { same_as_live: true }),
                proposed: Some(Shown::Redacted { same_as_live: false }),
            }]
        );
        let new = json!({ "apiVersion": "v1", "kind": "Secret", "type": "Opaque" });
        let text = format!("{:?}", super::changes(None, &new, &secret("third"), None));
        assert!(text.contains("Redacted") && !text.contains("dGhpcmQ"), "{text}");
    }
}
