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

#[test]
fn items_of_lists_are_moved_with_their_comments() {
    let cases = [
        (
            "ports:\n# first\n- name: a # A\n  port: 1\n\n- name: b\n  # deep\n- name: c\nend: 1\n",
            (0, 2),
            "ports:\n- name: b\n  # deep\n\n- name: c\n# first\n- name: a # A\n  port: 1\nend: 1\n",
        ),
        ("a:\n  - x: 1\n  - x: 2\n", (1, 0), "a:\n  - x: 2\n  - x: 1\n"),
        (
            "a: [{x: 1}, {x: 2}, 3] # c\n",
            (0, 1),
            "a: [{x: 2}, {x: 1}, 3] # c\n",
        ),
        ("a:\n- |\n  one\n- two", (1, 0), "a:\n- two\n- |\n  one"),
        ("a:\n- x: 1\n", (0, 0), "a:\n- x: 1\n"),
        // An anchor stays in front of what shows it.
        (
            "a:\n- &x {b: 1}\n- *x\n- c\n",
            (2, 0),
            "a:\n- c\n- &x {b: 1}\n- *x\n",
        ),
    ];
    for (text, (from, to), want) in cases {
        let list = path(if text.starts_with("ports") { "ports" } else { "a" });
        let mut edited = document(text);
        let change = edited.move_item(&list, from, to).unwrap();
        assert_eq!(edited.text(), want);
        assert_eq!(change.apply(text), want);
    }
    let mut nested = document("a:\n- - 1\n  - 2\n- x\n");
    nested.move_item(&path("a[0]"), 0, 1).unwrap();
    assert_eq!(nested.values(), document("a: [[2, 1], x]\n").values());
    let mut none = document("a: 1\nb: [1]\n");
    assert!(none.move_item(&path("a"), 0, 0).is_err());
    assert!(none.move_item(&path("c"), 0, 0).is_err());
    assert!(none.move_item(&path("b"), 0, 1).is_err());
}

#[test]
fn a_default_list_is_written_out_before_one_of_its_values_is_changed() {
    let defaults =
        document("ports:\n  - name: http # web\n    port: 80\n  - name: admin\n    port: 81\nother: 1\n");
    let mut edited = document("# ours\nother: 2\n");
    let new = Tree::Float(8080.0);
    edited
        .set_field(
            &path("ports[1].port"),
            &new,
            defaults.values(),
            Some(&defaults),
            true,
        )
        .unwrap();
    assert_eq!(
        edited.values(),
        document("ports: [{name: http, port: 80}, {name: admin, port: 8080}]\nother: 2\n").values()
    );
    assert!(edited.text().starts_with("# ours\n"), "{edited}");
    // In a list there is no default to go back to.
    let back = Tree::Float(81.0);
    edited
        .set_field(
            &path("ports[1].port"),
            &back,
            defaults.values(),
            Some(&defaults),
            true,
        )
        .unwrap();
    assert!(edited.text().contains("port: 81\n"), "{edited}");
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

#[test]
fn items_of_lists_of_mappings_are_edited_where_they_stand() {
    let mut random = Random(0x1234_5678_9ABC_DEF1);
    let (mut n_lists, mut n_edits) = (0, 0);
    for archive in charts::archives() {
        let chart = charts::load(&archive);
        let Some(text) = charts::values_text(&chart) else {
            continue;
        };
        let name = archive.file_name().unwrap().to_string_lossy().into_owned();
        let defaults = document(&text);
        let mut paths = Vec::new();
        collect(&Tree::Table(defaults.values().clone()), &Path::root(), &mut paths);
        let is_of_mappings = |path: &&Path| match defaults.get(path) {
            Some(Tree::List(items)) => {
                !items.is_empty() && items.iter().all(|item| item.as_table().is_some())
            }
            _ => false,
        };
        let in_list = |path: &&Path| {
            path.segments()
                .iter()
                .any(|step| matches!(step, Segment::Index(_)))
        };
        let lists: Vec<&Path> = paths
            .iter()
            .filter(is_of_mappings)
            .filter(|path| !in_list(path))
            .collect();
        for list in lists {
            n_lists += 1;
            let Some(Tree::List(items)) = defaults.get(list).cloned() else {
                unreachable!("it was collected as a list");
            };
            // On the file itself, and on overrides that do not set the list yet.
            for before in [defaults.clone(), document("# ours\n")] {
                let mut edited = before.clone();
                let mut wanted = items.clone();
                for _ in 0..4 {
                    let at = random.below(wanted.len().max(1));
                    let kind = random.below(4);
                    let place = list.join(at);
                    edited
                        .own_list(&place, defaults.values(), Some(&defaults))
                        .unwrap();
                    let text = edited.text().to_owned();
                    let lines = edited
                        .lines_of(&place)
                        .map_or(0, |range| text[range].split('\n').count());
                    let made = match kind {
                        0 if !wanted.is_empty() => {
                            wanted.remove(at);
                            edited.remove_with_comment(&place)
                        }
                        1 => {
                            let item = value(&mut random);
                            wanted.insert(at, item.clone());
                            edited.insert(list, at, &item)
                        }
                        2 if !wanted.is_empty() => {
                            let to = random.below(wanted.len());
                            let item = wanted.remove(at);
                            wanted.insert(to, item);
                            edited.move_item(list, at, to)
                        }
                        _ => {
                            let Some(Tree::Table(item)) = wanted.get_mut(at) else {
                                continue;
                            };
                            let keys: Vec<_> = item.keys().cloned().collect();
                            let Some(key) = keys.get(random.below(keys.len().max(1))) else {
                                continue;
                            };
                            let new = value(&mut random);
                            item.insert(key.clone(), new.clone());
                            let place = place.join(key.to_str_lossy().into_owned());
                            let made =
                                edited.set_field(&place, &new, defaults.values(), Some(&defaults), true);
                            let gone = n_gone(&text, edited.text());
                            assert!(gone <= lines.max(1), "{name}: {place}: {gone} lines");
                            made
                        }
                    };
                    let change = made.unwrap_or_else(|error| panic!("{name}: {place}: {error}"));
                    assert_eq!(change.apply(&text), edited.text(), "{name}: {place}");
                    let read = parse_values(edited.text().as_bytes()).unwrap();
                    assert_eq!(
                        get(&read, list),
                        Some(&Tree::List(wanted.clone())),
                        "{name}: {place} {kind}"
                    );
                    // Nothing but the list has changed.
                    let without = |table: &Table| {
                        let mut rest = table.clone();
                        put(&mut rest, list.segments(), &Tree::Null);
                        rest
                    };
                    assert_eq!(without(&read), without(before.values()), "{name}: {place} {kind}");
                    n_edits += 1;
                }
                assert!(
                    before.text() != "# ours\n" || edited.text().starts_with("# ours\n"),
                    "{name}: {list}"
                );
            }
        }
    }
    charts::say(&format!("form: {n_edits} edits of {n_lists} lists of mappings"));
    assert!(n_lists == 0 || n_lists > 100);
}
