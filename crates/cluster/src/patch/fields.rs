//! Who manages which fields: what client-side apply managed is handed to server-side apply.
//!
//! Without it an object would be managed twice by one tool, and a field that leaves a chart would stay in the cluster.
//!
//! go: k8s.io/client-go/util/csaupgrade/upgrade.go, sigs.k8s.io/structured-merge-diff/v6/fieldpath/serialize.go

use std::collections::BTreeMap;

use engine::json::{Escape, format_number, write_string};
use serde_json::{Map, Value, json};

/// The JSON patch (RFC 6902) that makes `ssa_manager` the one that applied what `csa_managers` have updated.
///
/// `None` when nothing is to be done: no such manager, or entries that are not what the API server writes. Unlike the Go
/// code, it makes no patch that would only put the same entries into another order of fields. The patch names the resource
/// version it was made for, so that the API server answers 409 when the object has changed since.
#[must_use]
pub fn upgrade_managed_fields(object: &Value, csa_managers: &[&str], ssa_manager: &str) -> Option<Value> {
    let metadata = object.get("metadata")?;
    let before = metadata.get("managedFields")?.as_array()?;
    let mut entries: Vec<Entry> = before.iter().map(Entry::read).collect::<Option<_>>()?;
    for manager in csa_managers {
        entries = upgrade(entries, manager, ssa_manager)?;
    }
    let after: Vec<Value> = entries.into_iter().map(Entry::write).collect();
    if after == *before {
        return None;
    }
    let version = metadata.get("resourceVersion").and_then(Value::as_str);
    Some(json!([
        { "op": "replace", "path": "/metadata/managedFields", "value": after },
        // "replace" and not "test": the answer is then 409 and not 422.
        { "op": "replace", "path": "/metadata/resourceVersion", "value": version.unwrap_or_default() },
    ]))
}

/// One entry of `managedFields`.
struct Entry {
    manager: String,
    operation: String,
    api_version: String,
    subresource: String,
    /// What is only passed on.
    rest: Map<String, Value>,
    fields: Option<Value>,
}

impl Entry {
    fn read(entry: &Value) -> Option<Self> {
        let entry = entry.as_object()?;
        let text = |name: &str| match entry.get(name) {
            None | Some(Value::Null) => Some(String::new()),
            Some(Value::String(text)) => Some(text.clone()),
            Some(_) => None,
        };
        let mut rest = Map::new();
        for name in ["time", "fieldsType"] {
            let value = text(name)?;
            if !value.is_empty() {
                rest.insert(name.to_owned(), value.into());
            }
        }
        Some(Self {
            manager: text("manager")?,
            operation: text("operation")?,
            api_version: text("apiVersion")?,
            subresource: text("subresource")?,
            rest,
            fields: entry.get("fieldsV1").filter(|fields| !fields.is_null()).cloned(),
        })
    }

    fn write(self) -> Value {
        let mut entry = self.rest;
        for (name, text) in [
            ("manager", self.manager),
            ("operation", self.operation),
            ("apiVersion", self.api_version),
            ("subresource", self.subresource),
        ] {
            if !text.is_empty() {
                entry.insert(name.to_owned(), text.into());
            }
        }
        if let Some(fields) = self.fields {
            entry.insert("fieldsV1".to_owned(), fields);
        }
        Value::Object(entry)
    }

    fn is(&self, manager: &str, operation: &str) -> bool {
        self.manager == manager && self.operation == operation && self.subresource.is_empty()
    }
}

fn upgrade(mut entries: Vec<Entry>, csa_manager: &str, ssa_manager: &str) -> Option<Vec<Entry>> {
    let find =
        |entries: &[Entry], manager, operation| entries.iter().position(|entry| entry.is(manager, operation));
    let Some(target) = find(&entries, ssa_manager, "Apply").or_else(|| find(&entries, csa_manager, "Update"))
    else {
        return Some(entries);
    };
    {
        // Where nothing was applied yet, the newest update counts as applied; the newest is the first.
        let entry = entries.get_mut(target)?;
        ssa_manager.clone_into(&mut entry.manager);
        "Apply".clone_into(&mut entry.operation);
    }
    let version = entries.get(target)?.api_version.clone();
    let same_version = entries
        .iter()
        .find(|entry| entry.is(csa_manager, "Update") && entry.api_version == version);
    let mut fields = FieldSet::read(entries.get(target)?.fields.as_ref()?)?;
    if let Some(other) = same_version {
        fields.add(FieldSet::read(other.fields.as_ref()?)?);
    }
    entries.get_mut(target)?.fields = Some(fields.write());
    entries.retain(|entry| !entry.is(csa_manager, "Update"));
    Some(entries)
}

/// A set of fields as a tree: by what leads to a field, written as Kubernetes writes it.
#[derive(Default)]
struct FieldSet {
    /// Whether the set has this field itself, and not only fields inside of it.
    is_member: bool,
    inner: BTreeMap<String, Self>,
}

impl FieldSet {
    /// `None` when it is not what Kubernetes writes.
    fn read(value: &Value) -> Option<Self> {
        let mut set = Self::default();
        let none = Map::new();
        let fields = match value {
            Value::Null => &none,
            Value::Object(fields) => fields,
            _ => return None,
        };
        for (step, inner) in fields {
            if step == "." {
                set.is_member = true;
                continue;
            }
            let Step::Known(step) = step_of(step)? else {
                continue;
            };
            let inner = Self::read(inner)?;
            set.inner.entry(step).or_default().add(inner);
        }
        // A field that says nothing about what is inside is meant as a whole.
        set.is_member |= set.inner.is_empty();
        Some(set)
    }

    fn add(&mut self, other: Self) {
        self.is_member |= other.is_member;
        for (step, inner) in other.inner {
            self.inner.entry(step).or_default().add(inner);
        }
    }

    fn write(self) -> Value {
        Self::write_inner(self.inner)
    }

    fn write_inner(inner: BTreeMap<String, Self>) -> Value {
        let fields = inner.into_iter().map(|(step, set)| {
            let is_leaf = set.inner.is_empty();
            let mut value = Self::write_inner(set.inner);
            if set.is_member
                && !is_leaf
                && let Some(fields) = value.as_object_mut()
            {
                fields.insert(".".to_owned(), json!({}));
            }
            (step, value)
        });
        Value::Object(fields.collect())
    }
}

enum Step {
    Known(String),
    /// Of a kind that a later version brings: Kubernetes drops it.
    Unknown,
}

/// A step as Kubernetes would write it; `None` when it is none.
fn step_of(step: &str) -> Option<Step> {
    let (kind, rest) = step.split_at_checked(2)?;
    let kind = kind.strip_suffix(':')?;
    let mut written = format!("{kind}:");
    match kind {
        "f" => written.push_str(rest),
        "v" => write_value(&mut written, &serde_json::from_str(rest).ok()?),
        "k" => {
            let key: BTreeMap<String, Value> = serde_json::from_str(rest).ok()?;
            written.push('{');
            for (index, (name, value)) in key.iter().enumerate() {
                if index > 0 {
                    written.push(',');
                }
                write_string(&mut written, name.as_bytes(), Escape::Raw);
                written.push(':');
                write_value(&mut written, value);
            }
            written.push('}');
        }
        "i" => written.push_str(&rest.parse::<i64>().ok()?.to_string()),
        _ => return Some(Step::Unknown),
    }
    Some(Step::Known(written))
}

/// JSON as the library writes it that Kubernetes uses for this: all numbers are floating-point numbers.
fn write_value(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) => out.push_str(&format_number(number.as_f64().unwrap_or_default(), 64)),
        Value::String(text) => write_string(out, text.as_bytes(), Escape::Html),
        Value::Array(list) => {
            out.push('[');
            for (index, item) in list.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_value(out, item);
            }
            out.push(']');
        }
        Value::Object(object) => {
            out.push('{');
            let sorted: BTreeMap<_, _> = object.iter().collect();
            for (index, (name, value)) in sorted.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_string(out, name.as_bytes(), Escape::Html);
                out.push(':');
                write_value(out, value);
            }
            out.push('}');
        }
    }
}
