//! Texts that nobody would type, and some that people do: nothing panics, and an edit that is made is right.

use helm::values::{Tree, parse_values};
use proptest::prelude::*;
use values::merge::{Defaults, Merge, Version};
use values::overrides::{extract, whole};
use values::{Document, Path, Segment};

/// Texts made of what YAML is made of.
fn yaml() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a", "b: ", "c:", "- ", "\n", "\n  ", "\n    ", "\r\n", "# x", " # y", "[", "]", "{", "}", ", ", "'",
        "\"", "|", ">-", "|+", "\n\n", "&x ", "*x", "<<: ", "!!str ", "1", "true", "~", "---\n", "...\n",
        "\t", "\u{FEFF}", "ü", "? ", ": ", "0x1", "y",
    ]);
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// Values files that can be read, of many shapes.
fn file() -> impl Strategy<Value = String> {
    let scalar = prop::sample::select(vec![
        "1",
        "x",
        "'q'",
        "\"d\"",
        "",
        "~",
        "true",
        "|\n@  text",
        "[1, x]",
        "{p: 1}",
        "[]",
        "{}",
    ]);
    let line = (
        0..3_usize,
        prop::sample::select(vec!["a", "b", "c.d", "1", "y"]),
        scalar,
        any::<bool>(),
    );
    prop::collection::vec(line, 1..8).prop_map(|lines| {
        let mut text = String::new();
        let mut depth = 0;
        let mut open = false;
        for (wanted, key, value, comment) in lines {
            depth = if open { depth + 1 } else { wanted.min(depth) };
            open = value.is_empty();
            let indentation = "  ".repeat(depth);
            let value = value.replace('@', &indentation);
            let comment = if comment && !value.starts_with('|') {
                " # c"
            } else {
                ""
            };
            text.push_str(&format!("{indentation}{key}: {value}{comment}\n"));
        }
        text
    })
}

fn paths(tree: &Tree, at: &Path, found: &mut Vec<Path>) {
    match tree {
        Tree::Table(table) => {
            for (key, value) in table {
                let path = at.join(key.to_str_lossy().into_owned());
                found.push(path.clone());
                paths(value, &path, found);
            }
        }
        Tree::List(items) => {
            for (index, value) in items.iter().enumerate() {
                let path = at.join(Segment::Index(index));
                found.push(path.clone());
                paths(value, &path, found);
            }
        }
        _ => {}
    }
}

fn edit_everywhere(text: &str) {
    let Ok(document) = Document::parse(text) else {
        return;
    };
    let mut all = Vec::new();
    paths(&Tree::Table(document.values().clone()), &Path::root(), &mut all);
    all.push(Path::root().join("new").join("deep"));
    for path in all {
        for value in [
            Tree::Null,
            Tree::Bool(true),
            Tree::String("y\nz".into()),
            Tree::List(vec![Tree::Float(1.0)]),
        ] {
            let mut edited = document.clone();
            if let Ok(change) = edited.set(&path, &value) {
                assert_eq!(change.apply(text), edited.text());
                assert_eq!(edited.get(&path), Some(&value), "{text:?} {path}");
                assert_eq!(*edited.values(), parse_values(edited.text().as_bytes()).unwrap());
            }
        }
        let mut edited = document.clone();
        if edited.remove(&path).is_ok() && matches!(path.segments().last(), Some(Segment::Key(_))) {
            assert_eq!(edited.get(&path), None, "{text:?} {path}");
        }
    }
    for offset in 0..=text.len() {
        let path = document.path_at(offset);
        assert!(
            path.is_root() || document.get(&path).is_some(),
            "{text:?} at {offset}: {path}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_taken_or_refused(text in yaml()) {
        edit_everywhere(&text);
    }

    #[test]
    fn any_file_is_edited_as_meant(text in file()) {
        edit_everywhere(&text);
    }

    #[test]
    fn overrides_and_merges_never_panic(old in file(), new in file(), over in file()) {
        let defaults = (Defaults::of_text(&old), Defaults::of_text(&new));
        if let (Ok(before), Ok(after)) = &defaults
            && let Ok(mut merge) = Merge::new(Version::of(before), Version::of(after), &over)
        {
            for at in 0..merge.findings().len() {
                let _ = merge.choose(at, 0);
            }
            prop_assert!(Document::parse(merge.text()).is_ok());
        }
        let _ = extract(&new, &old);
        let _ = whole(&over, &old);
    }
}

/// Two versions that have nothing but names in common which could all be each other's.
#[test]
fn versions_made_to_be_compared_for_ever_are_told_apart_as_a_whole() {
    let version = |n_values: usize, word: &str| -> String {
        (0..n_values)
            .map(|n| format!("{word}{n:04}{}: 1\n", "x".repeat(40)))
            .collect()
    };
    let overrides = format!("a0000{}: 2\n", "x".repeat(40));
    let change = |n_values: usize| {
        let (old, new) = (version(n_values, "a"), version(n_values, "b"));
        let [old, new] = [&old, &new].map(|text| Defaults::of_text(text).unwrap());
        let merge = Merge::new(Version::of(&old), Version::of(&new), &overrides).unwrap();
        format!("{:?}", merge.findings()[0].change)
    };
    assert!(change(3).starts_with("Renamed"), "{}", change(3));
    assert_eq!(change(1_900), "Removed");
}
