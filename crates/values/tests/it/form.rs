//! Edits as a form makes them: small cases by hand, and on the values files of real charts.
//!
//! What a form promises is about what values amount to: after an edit the chart sees the new value there and nothing
//! else changed, whatever entries came or went for it; and only lines of that value did.

use helm::values::{Table, Tree, parse_values};
use values::defaults::{coalesce, get};
use values::{Document, Path, Segment};

use crate::charts;
use crate::lossless::{Random, collect, n_gone, value};

fn document(text: &str) -> Document {
    Document::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn path(text: &str) -> Path {
    text.parse().unwrap()
}

#[test]
fn a_value_that_is_the_default_again_needs_no_entry() {
    let defaults = document("a: 1\nb:\n  c: x\n  d: y\nlist: []\n");
    let cases = [
        // Settled: the entry goes, with what is then empty.
        ("b:\n  c: z\n", "b.c", "x", true, ""),
        ("b:\n  c: z\n  e: 1\n", "b.c", "x", true, "b:\n  e: 1\n"),
        ("a: 2\nb:\n  c: z\n", "b.c", "x", true, "a: 2\n"),
        // While somebody types it stays.
        ("b:\n  c: z\n", "b.c", "x", false, "b:\n  c: x\n"),
        // Who wrote a comment meant the entry.
        ("b:\n  c: z # why\n", "b.c", "x", true, "b:\n  c: x # why\n"),
        ("b:\n  # why\n  c: z\n", "b.c", "x", true, "b:\n  # why\n  c: x\n"),
        // Another value is an entry where the defaults have it.
        (
            "a: 2\nlist: [1]\n",
            "b.d",
            "z",
            true,
            "a: 2\nb:\n  d: z\nlist: [1]\n",
        ),
        ("list: [1]\n", "a", "2", true, "list: [1]\na: 2\n"),
        // Nothing was set, and nothing is; what is beside it stays.
        ("b:\n  d: z\n", "b.c", "x", true, "b:\n  d: z\n"),
        ("list: [1]\n", "a", "1", true, "list: [1]\n"),
    ];
    for (text, at, new, settled, want) in cases {
        let mut edited = document(text);
        let new = parse_values(format!("x: {new}").as_bytes()).unwrap();
        let new = &new["x".as_bytes()];
        edited
            .set_field(&path(at), new, defaults.values(), Some(&defaults), settled)
            .unwrap();
        assert_eq!(edited.text(), want, "{text} {at}");
    }
}

#[test]
fn a_reset_leaves_comments() {
    let cases = [
        ("a:\n  b:\n    c: 1\nd: 1\n", "d: 1\n"),
        ("a:\n  # of b\n  b:\n    c: 1\n", "a:\n  # of b\n  b: {}\n"),
        ("# of a\na:\n  b:\n    c: 1\nd: 1\n", "# of a\na: {}\nd: 1\n"),
        ("a:\n  b:\n    c: 1 # of c\n", "a:\n  b: {}\n"),
        ("a: {b: {c: 1}, d: 2}\n", "a: {d: 2}\n"),
    ];
    for (text, want) in cases {
        let mut edited = document(text);
        edited.reset(&path("a.b.c")).unwrap();
        assert_eq!(edited.text(), want, "{text}");
    }
    let mut edited = document("a: 1\n");
    assert!(edited.reset(&path("b.c")).unwrap().is_none());
}

/// A value is put into tables without the crate's help; on a way through a list there is none.
fn put(table: &mut Table, path: &[Segment], value: &Tree) {
    let [Segment::Key(key), rest @ ..] = path else {
        unreachable!("fields are below keys");
    };
    if rest.is_empty() {
        table.insert(key.as_str().into(), value.clone());
        return;
    }
    let inner = table.get_mut(key.as_bytes());
    match inner {
        Some(Tree::Table(inner)) => put(inner, rest, value),
        _ => {
            let mut inner = Table::new();
            put(&mut inner, rest, value);
            table.insert(key.as_str().into(), Tree::Table(inner));
        }
    }
}

/// What a chart gets to see: a null takes a default away.
fn effective(defaults: &Table, overrides: &Table) -> Tree {
    Tree::Table(coalesce(defaults, overrides))
}

#[test]
fn a_form_changes_what_the_chart_sees_there_and_nothing_else() {
    let mut random = Random(0x2545_F491_4F6C_DD1D);
    let (mut n_files, mut n_edits, mut n_resets) = (0, 0, 0);
    for archive in charts::archives() {
        let chart = charts::load(&archive);
        let Some(text) = charts::values_text(&chart) else {
            continue;
        };
        let name = archive.file_name().unwrap().to_string_lossy().into_owned();
        let defaults = document(&text);
        let mut paths = Vec::new();
        collect(&Tree::Table(defaults.values().clone()), &Path::root(), &mut paths);
        // A form has no items of lists, and what holds others is no field.
        paths.retain(|path| {
            let is_table = matches!(defaults.get(path), Some(Tree::Table(table)) if !table.is_empty());
            !is_table && path.segments().iter().all(|step| matches!(step, Segment::Key(_)))
        });
        if paths.is_empty() {
            continue;
        }
        n_files += 1;
        // On the values file itself, and on overrides that grow edit by edit.
        let mut overrides = document("# what we want\n\n");
        for _ in 0..4 {
            let at = &paths[random.below(paths.len())];
            let new = match random.below(3) {
                0 => defaults.get(at).cloned().unwrap_or_default(),
                _ => value(&mut random),
            };
            let settled = random.below(2) == 0;
            for before in [&defaults, &overrides] {
                let mut edited = before.clone();
                let made = edited.set_field(at, &new, defaults.values(), Some(&defaults), settled);
                let change = made.unwrap_or_else(|error| panic!("{name}: {at}: {error}"));
                assert_eq!(change.apply(before.text()), edited.text(), "{name}: {at}");
                let mut wanted = before.values().clone();
                put(&mut wanted, at.segments(), &new);
                let read = parse_values(edited.text().as_bytes()).unwrap();
                assert_eq!(
                    effective(defaults.values(), &read),
                    effective(defaults.values(), &wanted),
                    "{name}: {at}"
                );
                let lines = before
                    .lines_of(at)
                    .map_or(0, |range| before.text()[range].split('\n').count());
                // With it may go what holds nothing else: a line each.
                let most = lines + at.segments().len();
                let gone = n_gone(before.text(), edited.text());
                assert!(gone <= most, "{name}: {at}: {gone} lines instead of {most}");
                n_edits += 1;
            }
            overrides
                .set_field(at, &new, defaults.values(), Some(&defaults), settled)
                .unwrap();
        }
        assert!(overrides.text().starts_with("# what we want\n"), "{name}");
        for at in &paths {
            if overrides.get(at).is_none() {
                continue;
            }
            overrides
                .reset(at)
                .unwrap_or_else(|error| panic!("{name}: {at}: {error}"));
            assert_eq!(overrides.get(at), None, "{name}: {at}");
            n_resets += 1;
        }
        let left = effective(defaults.values(), overrides.values());
        assert_eq!(left, effective(defaults.values(), &Table::new()), "{name}");
        assert!(get(overrides.values(), &Path::root().join("no such key")).is_none());
    }
    charts::say(&format!(
        "form: {n_files} files, {n_edits} edits, {n_resets} resets"
    ));
    assert!(n_files == 0 || n_files > 300);
}
