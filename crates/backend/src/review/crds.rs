//! Custom resource definitions in `crds/`: which came, went, or serve other versions.

use std::collections::BTreeMap;

use helm::Compat;
use helm::archive::ChartFiles;
use helm::manifest::split_documents;
use helm::values::Tree;
use model::release::ObjectChange;
use model::review::CrdChange;
use serde_json::Value;

use super::object::{at, list};

/// Bytes of definitions that are read of one chart.
const MAX_BYTES: usize = 16 << 20;
/// Definitions that are told.
const MAX_CRDS: usize = 500;

/// What is compared of a definition.
#[derive(Clone, Debug, PartialEq)]
struct Definition {
    kind: String,
    versions: Vec<String>,
    whole: Value,
}

/// The definitions that differ, by name.
pub(crate) fn changes(before: &ChartFiles, after: &ChartFiles) -> Vec<CrdChange> {
    if texts(before).eq(texts(after)) {
        return Vec::new();
    }
    let (mut before, after) = (definitions(before), definitions(after));
    let mut changes = Vec::new();
    for (name, new) in after {
        let old = before.remove(&name);
        if old.as_ref() == Some(&new) {
            continue;
        }
        changes.push(CrdChange {
            name,
            kind: new.kind,
            change: match old {
                Some(_) => ObjectChange::Changed,
                None => ObjectChange::Added,
            },
            before: old.map(|old| old.versions).unwrap_or_default(),
            after: new.versions,
        });
    }
    let gone = before.into_iter().map(|(name, old)| CrdChange {
        name,
        kind: old.kind,
        change: ObjectChange::Removed,
        before: old.versions,
        after: Vec::new(),
    });
    changes.extend(gone);
    changes.truncate(MAX_CRDS);
    changes
}

/// The files of `crds/`, of sub-charts too, by path.
fn texts(files: &ChartFiles) -> impl Iterator<Item = (&str, &[u8])> {
    // Of two files at one path the last counts.
    let by_path: BTreeMap<&str, &[u8]> = files
        .files
        .iter()
        .filter(|file| file.path.starts_with("crds/") || file.path.contains("/crds/"))
        .map(|file| (file.path.as_str(), file.data.as_ref()))
        .collect();
    by_path.into_iter()
}

fn definitions(files: &ChartFiles) -> BTreeMap<String, Definition> {
    let mut left = MAX_BYTES;
    let mut found = BTreeMap::new();
    for (_, bytes) in texts(files) {
        let Some(rest) = left.checked_sub(bytes.len()) else {
            continue;
        };
        left = rest;
        let text = String::from_utf8_lossy(bytes);
        for document in split_documents(&text, Compat::Helm4_3) {
            if let Some((name, definition)) = definition(document.text) {
                found.insert(name, definition);
            }
        }
    }
    found
}

fn definition(text: &str) -> Option<(String, Definition)> {
    if !text.contains("CustomResourceDefinition") {
        return None;
    }
    let whole = Tree::from_value(&engine::yaml::decode(text.as_bytes()).ok()?).to_json();
    if at(&whole, &["kind"]) != "CustomResourceDefinition" {
        return None;
    }
    let word = |path: &[&str]| at(&whole, path).as_str().unwrap_or_default().to_owned();
    let mut versions: Vec<String> = list(at(&whole, &["spec", "versions"]))
        .iter()
        .filter(|version| at(version, &["served"]) != &Value::Bool(false))
        .filter_map(|version| at(version, &["name"]).as_str())
        .map(str::to_owned)
        .collect();
    if versions.is_empty() {
        versions.extend(Some(word(&["spec", "version"])).filter(|version| !version.is_empty()));
    }
    let name = word(&["metadata", "name"]);
    let kind = word(&["spec", "names", "kind"]);
    Some((
        name,
        Definition {
            kind,
            versions,
            whole,
        },
    ))
}

#[cfg(test)]
mod tests {
    use helm::archive::{ArchiveLimits, ChartFiles, Modified, pack};
    use model::release::ObjectChange;

    use super::changes;

    fn files(crds: &[(&str, &str)]) -> ChartFiles {
        let files = crds.iter().map(|(path, text)| (*path, text.as_bytes()));
        let files = files.chain([("Chart.yaml", b"name: c\nversion: 1.0.0\n".as_slice())]);
        let archive = pack("c", files, Modified::default()).expect("it packs");
        ChartFiles::from_bytes(&archive, &ArchiveLimits::default()).expect("it unpacks")
    }

    fn crd(name: &str, versions: &str) -> String {
        format!(
            "kind: CustomResourceDefinition\nmetadata: {{name: {name}}}\nspec:\n  names: {{kind: Gate}}\n  versions: [{versions}]\n"
        )
    }

    #[test]
    fn definitions_are_compared_by_name_wherever_they_are() {
        let (v1, v2) = ("{name: v1}", "{name: v1, served: false}, {name: v2}");
        let same = crd("same", v1);
        let before = files(&[
            ("crds/a.yaml", &format!("{}---\n{same}", crd("gates", v1))),
            ("charts/x/crds/b.yaml", &crd("gone", v1)),
        ]);
        let after = files(&[
            ("crds/moved.yaml", &same),
            ("crds/gates.yaml", &crd("gates", v2)),
            ("crds/notes.txt", "no definition"),
        ]);
        let told: Vec<_> = changes(&before, &after)
            .into_iter()
            .map(|change| {
                (
                    change.name,
                    change.change,
                    change.before.join(","),
                    change.after.join(","),
                )
            })
            .collect();
        let row = |name: &str, change, before: &str, after: &str| {
            (name.to_owned(), change, before.to_owned(), after.to_owned())
        };
        assert_eq!(
            told,
            [
                row("gates", ObjectChange::Changed, "v1", "v2"),
                row("gone", ObjectChange::Removed, "v1", ""),
            ]
        );
        assert!(changes(&before, &before).is_empty());
    }
}
