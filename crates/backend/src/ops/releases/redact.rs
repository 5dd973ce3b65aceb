//! Manifests as they are shown: object by object, and of Secrets only which data are the same.

use helm::Compat;
use helm::manifest::{Head, split_documents};
use helm::release::ReleaseHook;
use helm::values::{Table, Tree};
use model::release::ManifestPart;
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

/// The text of a document, unless there may be a Secret in it.
fn public(text: &str, marks: &Marks) -> String {
    // Spelled in whatever way, the kind has these letters in a row or is written with escapes.
    let may_be_secret = text.contains("Secret") || text.contains('\\') || text.contains("!!binary");
    if !may_be_secret {
        return format!("{}\n", text.trim_end());
    }
    let Ok(value) = engine::yaml::decode(text.as_bytes()) else {
        return "# This document is no YAML and is not shown.\n".to_owned();
    };
    let mut tree = Tree::from_value(&value);
    if !hide(&mut tree, marks, 0) {
        return format!("{}\n", text.trim_end());
    }
    let mut yaml = engine::yaml::encode(&tree.to_value(), usize::MAX).unwrap_or_default();
    yaml.push('\n');
    yaml
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
    use super::*;

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
        // Another process marks otherwise.
        let others = manifest_parts(MANIFEST, &Marks::new().expect("there is randomness"));
        assert_ne!(others, parts);
    }
}
