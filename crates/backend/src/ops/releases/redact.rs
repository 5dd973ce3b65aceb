//! Manifests as they are shown: object by object, and of Secrets only which data are the same.

use helm::Compat;
use helm::manifest::{Head, split_documents};
use helm::release::ReleaseHook;
use helm::values::{Table, Tree};
use model::release::ManifestPart;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::Result;

/// Where kubectl leaves a copy of a whole object.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";
/// The line that Helm puts before each object.
const SOURCE: &str = "# Source: ";

/// Makes marks for secret texts: equal for equal texts, until the process ends, and telling nothing of them.
pub(crate) struct Marks {
    key: [u8; 32],
}

impl Marks {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self {
            key: crate::drawn::bytes()?,
        })
    }

    fn mark(&self, text: &str) -> String {
        let mut hasher = Sha256::new();
        hasher.update(self.key);
        hasher.update(text.as_bytes());
        let digest: [u8; 32] = hasher.finalize().into();
        let [first, second, third, ..] = digest;
        format!("(hidden, mark {first:02x}{second:02x}{third:02x})")
    }
}

/// A manifest as it is, but for what is in Secrets.
pub(super) fn public_manifest(manifest: &str, marks: &Marks) -> String {
    let mut public = String::with_capacity(manifest.len());
    let mut written = 0;
    for document in split_documents(manifest, Compat::Helm4_3) {
        // `text` is a slice of the manifest, so the difference of the addresses is its offset.
        let start = document
            .text
            .as_ptr()
            .addr()
            .saturating_sub(manifest.as_ptr().addr());
        let Some(replacement) = without_secrets(document.text, marks) else {
            continue;
        };
        public.push_str(manifest.get(written..start).unwrap_or_default());
        // The line that says where the document comes from is no part of what is read and written again.
        let source = document
            .text
            .lines()
            .next()
            .filter(|line| line.starts_with(SOURCE));
        if let Some(line) = source {
            public.push_str(line);
            public.push('\n');
        }
        public.push_str(&replacement);
        written = start + document.text.len();
    }
    public.push_str(manifest.get(written..).unwrap_or_default());
    public
}

/// Replaces what is in Secrets of a live object or of a list of them, and takes out tables what is not shown of them.
pub(super) fn hide_in_live(object: &mut Value, marks: &Marks) {
    let Value::Object(fields) = object else { return };
    // A row of a table holds the whole object beside its cells.
    if let Some(Value::Array(rows)) = fields.get_mut("rows") {
        for row in rows {
            if let Value::Object(row) = row {
                row.remove("object");
            }
        }
        return;
    }
    if let Some(Value::Array(items)) = fields.get_mut("items") {
        items.iter_mut().for_each(|item| hide_in_live(item, marks));
        return;
    }
    if fields.get("kind").and_then(Value::as_str) != Some("Secret") {
        return;
    }
    for field in ["data", "stringData"] {
        match fields.get_mut(field) {
            Some(Value::Object(data)) => {
                for value in data.values_mut() {
                    *value = marks.mark(&value.to_string()).into();
                }
            }
            Some(other) => *other = Value::Null,
            None => {}
        }
    }
    let annotations = fields
        .get_mut("metadata")
        .and_then(|metadata| metadata.get_mut("annotations"));
    if let Some(Value::Object(annotations)) = annotations {
        annotations.remove(LAST_APPLIED);
    }
}

/// The objects of a manifest, in their order.
pub(super) fn manifest_parts(manifest: &str, marks: &Marks) -> Vec<ManifestPart> {
    split_documents(manifest, Compat::Helm4_3)
        .into_iter()
        .filter(|document| {
            document
                .text
                .lines()
                .any(|line| !line.starts_with('#') && !line.trim().is_empty())
        })
        .map(|document| part(document.text, "", marks))
        .collect()
}

/// A rendered object that is in no release yet.
pub(crate) fn rendered_part(text: &str, path: &str, events: Vec<String>, marks: &Marks) -> ManifestPart {
    ManifestPart {
        events,
        ..part(text, path, marks)
    }
}

/// A hook.
pub(super) fn hook_part(hook: &ReleaseHook, marks: &Marks) -> ManifestPart {
    ManifestPart {
        events: hook.events.clone(),
        ..part(&hook.manifest, &hook.path, marks)
    }
}

fn part(text: &str, path: &str, marks: &Marks) -> ManifestPart {
    let (source, body) = match text.strip_prefix(SOURCE) {
        Some(rest) => rest.split_once('\n').unwrap_or((rest, "")),
        None => (path, text),
    };
    let head = Head::parse(body).unwrap_or_default();
    ManifestPart {
        kind: head.kind,
        name: head.name,
        path: source.trim().to_owned(),
        events: Vec::new(),
        yaml: public(body, marks),
    }
}

/// The text of a document, without what is in a Secret.
fn public(text: &str, marks: &Marks) -> String {
    without_secrets(text, marks).unwrap_or_else(|| format!("{}\n", text.trim_end()))
}

/// What is shown instead of a document with Secrets in it; nothing if there are none.
fn without_secrets(text: &str, marks: &Marks) -> Option<String> {
    // Spelled in whatever way, the kind has these letters in a row or is written with escapes.
    let may_be_secret = text.contains("Secret") || text.contains('\\') || text.contains("!!binary");
    if !may_be_secret {
        return None;
    }
    let Ok(value) = engine::yaml::decode(text.as_bytes()) else {
        return Some("# This document is no YAML and is not shown.\n".to_owned());
    };
    let mut tree = Tree::from_value(&value);
    if !hide(&mut tree, marks, 0) {
        return None;
    }
    let mut yaml = engine::yaml::encode(&tree.to_value(), usize::MAX).unwrap_or_default();
    yaml.push('\n');
    Some(yaml)
}

/// How deep lists of objects are looked into.
const MAX_DEPTH: usize = 8;

/// Replaces what is in Secrets, also in those of a list; whether there were any.
fn hide(tree: &mut Tree, marks: &Marks, depth: usize) -> bool {
    let Tree::Table(object) = tree else {
        return false;
    };
    if let Some(Tree::List(items)) = object.get_mut(&key("items")) {
        if depth == MAX_DEPTH {
            items.clear();
            return true;
        }
        let mut found = false;
        for item in items {
            found |= hide(item, marks, depth + 1);
        }
        return found;
    }
    if !matches!(object.get(&key("kind")), Some(Tree::String(kind)) if *kind == "Secret") {
        return false;
    }
    for field in ["data", "stringData"] {
        match object.get_mut(&key(field)) {
            Some(Tree::Table(data)) => hide_all(data, marks),
            Some(other) => *other = Tree::Null,
            None => {}
        }
    }
    if let Some(Tree::Table(metadata)) = object.get_mut(&key("metadata"))
        && let Some(Tree::Table(annotations)) = metadata.get_mut(&key("annotations"))
    {
        annotations.remove(&key(LAST_APPLIED));
    }
    true
}

fn hide_all(data: &mut Table, marks: &Marks) {
    for value in data.values_mut() {
        let mark = marks.mark(&value.to_json().to_string());
        *value = Tree::String(key(&mark));
    }
}

fn key(text: &str) -> engine::value::GoStr {
    engine::value::GoStr::from_bytes(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn live_secrets_are_hidden_in_lists_and_tables_too() {
        let marks = Marks::new().expect("there is randomness");
        let secret = json!({
            "kind": "Secret",
            "metadata": { "name": "c", "annotations": { LAST_APPLIED: "swordfish", "kept": "yes" } },
            "data": { "a": "swordfish" },
        });
        let config = json!({ "kind": "ConfigMap", "data": { "a": "plain" } });
        let table = json!({ "kind": "Table", "rows": [{ "cells": ["c", "Opaque", 1], "object": secret }] });
        let list = json!({ "kind": "List", "items": [secret, config] });
        for mut object in [secret.clone(), table, list] {
            hide_in_live(&mut object, &marks);
            let text = object.to_string();
            assert!(!text.contains("swordfish"), "{text}");
            assert!(
                text.contains("Opaque") || text.contains("(hidden, mark "),
                "{text}"
            );
        }
        let mut untouched = config.clone();
        hide_in_live(&mut untouched, &marks);
        assert_eq!(untouched, config);
    }

    const MANIFEST: &str = "---\n# Source: a/templates/b.yaml\nkind: ConfigMap\nmetadata:\n  name: b\ndata:\n  a: Secret to all # kept\n\
        ---\n# Source: a/templates/c.yaml\napiVersion: v1\nkind: Secret\nmetadata:\n  name: c\n  annotations:\n    \
        kubectl.kubernetes.io/last-applied-configuration: swordfish\nstringData:\n  a: swordfish\n  b: swordfish\n  c: pike\n\
        ---\nkind: List\nitems:\n- kind: \"Sec\\u0072et\"\n  data: {a: c3dvcmRmaXNo}\n---\n# only a comment\n";

    #[test]
    fn of_secrets_only_what_is_the_same_is_shown() {
        let marks = Marks::new().expect("there is randomness");
        let parts = manifest_parts(MANIFEST, &marks);
        assert_eq!(parts.len(), 3);
        let [config, secret, list] = parts.as_slice() else {
            panic!("three objects");
        };
        assert_eq!((config.kind.as_str(), config.name.as_str()), ("ConfigMap", "b"));
        assert_eq!(config.path, "a/templates/b.yaml");
        assert!(config.yaml.contains("Secret to all # kept"));
        for part in [secret, list] {
            let text = &part.yaml;
            for hidden in ["swordfish", "pike", "c3dvcmRmaXNo"] {
                assert!(!text.contains(hidden), "{text}");
            }
        }
        let shown: Vec<&str> = secret.yaml.lines().filter(|line| line.contains("mark")).collect();
        let mark = |line: &str| line.split_once(": ").map(|(_, mark)| mark.to_owned());
        assert_eq!(mark(shown[0]), mark(shown[1]));
        assert_ne!(mark(shown[0]), mark(shown[2]));
        // The whole reads the same but for that, to the byte.
        let whole = public_manifest(MANIFEST, &marks);
        for hidden in ["swordfish", "pike", "c3dvcmRmaXNo"] {
            assert!(!whole.contains(hidden), "{whole}");
        }
        let (before, _) = MANIFEST.split_once("apiVersion: v1").expect("the Secret");
        assert!(whole.starts_with(before), "{whole}");
        assert!(whole.ends_with("---\n# only a comment\n"), "{whole}");
        assert_eq!(public_manifest(before, &marks), before);
        // Another process marks otherwise.
        let others = manifest_parts(MANIFEST, &Marks::new().expect("there is randomness"));
        assert_ne!(others, parts);
    }
}
