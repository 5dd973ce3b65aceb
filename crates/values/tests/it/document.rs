//! Edits of small texts, each with the text that must come out.

use helm::values::{Tree, parse_values};
use values::document::{EditError, ReadError};
use values::{Document, Path};

fn tree(yaml: &str) -> Tree {
    let wrapped = parse_values(format!("x: {yaml}").as_bytes()).unwrap();
    wrapped.get("x".as_bytes()).cloned().unwrap_or_default()
}

fn path(text: &str) -> Path {
    text.parse().unwrap()
}

/// An edit as tests write it: `path = value`, `path -`, `path -#` (with its comment), `path[index] + value`.
fn edit(document: &mut Document, edit: &str) -> Result<(), EditError> {
    let made = if let Some((at, value)) = edit.split_once(" = ") {
        document.set(&path(at), &tree(value))
    } else if let Some((at, value)) = edit.split_once(" + ") {
        let (list, index) = at.rsplit_once(':').unwrap();
        document.insert(&path(list), index.parse().unwrap(), &tree(value))
    } else if let Some(at) = edit.strip_suffix(" -#") {
        document.remove_with_comment(&path(at))
    } else {
        document.remove(&path(edit.strip_suffix(" -").unwrap()))
    };
    made.map(|_| ())
}

fn check(name: &str, before: &str, change: &str, after: &str) {
    let mut document = Document::parse(before).unwrap();
    edit(&mut document, change).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(document.text(), after, "{name}");
    assert_eq!(
        *document.values(),
        parse_values(after.as_bytes()).unwrap(),
        "{name}"
    );
}

#[test]
fn scalars_change_where_they_stand() {
    for (name, before, change, after) in [
        ("plain", "a: 1 # one\nb: 2\n", "a = 3", "a: 3 # one\nb: 2\n"),
        ("double quotes stay", "a: \"x\"\n", "a = v", "a: \"v\"\n"),
        ("single quotes stay", "a: 'x'\n", "a = it's", "a: 'it''s'\n"),
        ("quotes fall with the text", "a: \"x\"\n", "a = 5", "a: 5\n"),
        (
            "text that looks like a number",
            "a: x\n",
            "a = \"5\"",
            "a: \"5\"\n",
        ),
        (
            "text that looks like a boolean",
            "a: x\n",
            "a = \"no\"",
            "a: \"no\"\n",
        ),
        ("nothing before", "a:\nb: 2\n", "a = x", "a: x\nb: 2\n"),
        ("nothing but a comment", "a:   # why\n", "a = x", "a: x   # why\n"),
        ("blank behind the colon", "a: \nb: 1\n", "a = x", "a: x\nb: 1\n"),
        ("null", "a: x\n", "a = null", "a: null\n"),
        (
            "value on the next line",
            "a:\n  x\nb: 1\n",
            "a = v",
            "a:\n  v\nb: 1\n",
        ),
        (
            "several lines to one",
            "a: x\n  v\nb: 1\n",
            "a = z",
            "a: z\nb: 1\n",
        ),
        (
            "literal to plain",
            "a: |\n  x\n  v\n\nb: 1\n",
            "a = z",
            "a: z\n\nb: 1\n",
        ),
        (
            "literal keeps its style",
            "a: |\n  x\n  v\nb: 1\n",
            "a = \"x\\nz\\n\"",
            "a: |\n  x\n  z\nb: 1\n",
        ),
        (
            "header comment stays",
            "a: | # script\n  x\nb: 1\n",
            "a = z",
            "a: z # script\nb: 1\n",
        ),
        (
            "text of lines",
            "a: x\n",
            "a = \"p\\n\\nq\"",
            "a: |-\n  p\n\n  q\n",
        ),
        (
            "text with a tab at its start",
            "a: x\n",
            "a = \"\\tp\\nq\"",
            "a: \"\\tp\\nq\"\n",
        ),
        ("CR LF", "a: 1\r\nb: 2\r\n", "a = 3", "a: 3\r\nb: 2\r\n"),
        ("no line break at the end", "a: 1", "a = 3", "a: 3"),
        ("byte order mark", "\u{FEFF}a: 1\n", "a = 3", "\u{FEFF}a: 3\n"),
        ("tab before a comment", "a: 1\t# x\n", "a = 2", "a: 2\t# x\n"),
        (
            "dots in keys",
            "a:\n  b.c/d: 1\n",
            "a.b\\.c/d = 2",
            "a:\n  b.c/d: 2\n",
        ),
        (
            "keys that are numbers",
            "a:\n  8080: x\n",
            "a.8080 = v",
            "a:\n  8080: v\n",
        ),
        ("keys that are booleans", "yes: x\n", "true = v", "yes: v\n"),
        (
            "the last of two equal keys counts",
            "a: 1\na: 2\n",
            "a = 3",
            "a: 1\na: 3\n",
        ),
        (
            "within brackets",
            "a: {b: 1, c: [x, v]}\n",
            "a.c[1] = z",
            "a: {b: 1, c: [x, z]}\n",
        ),
        (
            "quoted within brackets if it must",
            "a: [x]\n",
            "a[0] = p,q",
            "a: [\"p,q\"]\n",
        ),
        (
            "JSON stays JSON",
            "{\"a\": {\"b\": \"x\"}}\n",
            "a.b = v",
            "{\"a\": {\"b\": \"v\"}}\n",
        ),
        (
            "in an item",
            "a:\n- b: 1\n  c: 2\n",
            "a[0].c = 3",
            "a:\n- b: 1\n  c: 3\n",
        ),
        (
            "an item",
            "a:\n  - x # first\n  - v\n",
            "a[0] = z",
            "a:\n  - z # first\n  - v\n",
        ),
        ("keeps an anchor", "a: &x 1\nb: 2\n", "a = 3", "a: &x 3\nb: 2\n"),
        ("drops a tag", "a: !!str 1\n", "a = 3", "a: 3\n"),
        ("behind a document mark", "---\na: 1\n", "a = 3", "---\na: 3\n"),
    ] {
        check(name, before, change, after);
    }
}

#[test]
fn new_keys_go_behind_their_siblings() {
    for (name, before, change, after) in [
        ("top", "a: 1\n", "b = x", "a: 1\nb: x\n"),
        ("top without a last line break", "a: 1", "b = x", "a: 1\nb: x"),
        ("empty text", "", "a.b = 1", "a:\n  b: 1\n"),
        ("only comments", "# c\n", "a = 1", "# c\na: 1\n"),
        ("only comments, no last line break", "# c", "a = 1", "# c\na: 1"),
        ("empty braces", "{}\n", "a.b = 1", "a:\n  b: 1\n"),
        (
            "empty braces and a comment",
            "{} # none\n",
            "a = 1",
            "a: 1 # none\n",
        ),
        ("null at the top", "null\n", "a = 1", "a: 1\n"),
        ("only a document mark", "---\n", "a = 1", "---\na: 1\n"),
        ("byte order mark alone", "\u{FEFF}", "a = 1", "\u{FEFF}a: 1\n"),
        (
            "nested",
            "a:\n  b: 1\n\nc: 2\n",
            "a.d = x",
            "a:\n  b: 1\n  d: x\n\nc: 2\n",
        ),
        (
            "four spaces",
            "a:\n    b: 1\n",
            "a.c.d = 1",
            "a:\n    b: 1\n    c:\n        d: 1\n",
        ),
        (
            "below braces",
            "a: {} # c\nb: 1\n",
            "a.x = 1",
            "a: # c\n  x: 1\nb: 1\n",
        ),
        (
            "below nothing",
            "a:\nb: 1\n",
            "a.x.v = 1",
            "a:\n  x:\n    v: 1\nb: 1\n",
        ),
        (
            "below null with a comment",
            "a: null # c\n",
            "a.x = 1",
            "a: # c\n  x: 1\n",
        ),
        ("into braces", "a: {b: 1}\n", "a.c = x", "a: {b: 1, c: x}\n"),
        (
            "into braces over lines",
            "a: {\n  b: 1, # one\n  c: 2 # two\n}\n",
            "a.d = 3",
            "a: {\n  b: 1, # one\n  c: 2, # two\n  d: 3\n}\n",
        ),
        (
            "behind a block text",
            "a:\n  b: |\n    x\n\nc: 1\n",
            "a.d = 1",
            "a:\n  b: |\n    x\n  d: 1\n\nc: 1\n",
        ),
        (
            "behind a kept block text",
            "a: |+\n  x\n\n",
            "b = 1",
            "a: |+\n  x\n\nb: 1\n",
        ),
        (
            "in an item",
            "a:\n- b: 1\n- c: 2\n",
            "a[0].d = 3",
            "a:\n- b: 1\n  d: 3\n- c: 2\n",
        ),
        (
            "keys that need quotes",
            "a: 1\n",
            "b.true = 1",
            "a: 1\nb:\n  \"true\": 1\n",
        ),
        (
            "a table",
            "a: 1\n",
            "b = {x: [1, {v: z}], w: {}}",
            "a: 1\nb:\n  w: {}\n  x:\n    - 1\n    - v: z\n",
        ),
        (
            "lists as the text has them",
            "a:\n- 1\n",
            "b = [[x, v], []]",
            "a:\n- 1\nb:\n- - x\n  - v\n- []\n",
        ),
        (
            "CR LF",
            "a:\r\n  b: 1\r\n",
            "a.c = 2",
            "a:\r\n  b: 1\r\n  c: 2\r\n",
        ),
    ] {
        check(name, before, change, after);
    }
}

#[test]
fn removing_takes_the_lines_of_the_entry() {
    for (name, before, change, after) in [
        ("first", "a: 1\nb: 2\n", "a -", "b: 2\n"),
        ("last", "a: 1\nb: 2\n", "b -", "a: 1\n"),
        ("last without a line break", "a: 1\nb: 2", "b -", "a: 1"),
        ("only", "a: 1 # x\n", "a -", ""),
        ("only child", "a:\n  b: 1\nc: 2\n", "a.b -", "a: {}\nc: 2\n"),
        (
            "comments within stay",
            "a:\n  # about b\n  b: 1\n  # more\nc: 2\n",
            "a.b -",
            "a: {}\n  # about b\n  # more\nc: 2\n",
        ),
        (
            "comments stay",
            "# one\na: 1\n# two\nb: 2\n",
            "a -",
            "# one\n# two\nb: 2\n",
        ),
        (
            "with its comment",
            "# head\n\n# one\n# more\na: 1\nb: 2\n",
            "a -#",
            "# head\n\nb: 2\n",
        ),
        (
            "a whole mapping",
            "a:\n  b: 1\n  # c\n  d: 2\n\ne: 3\n",
            "a -",
            "\ne: 3\n",
        ),
        ("a block text", "a: |\n  x\n  v\nb: 1\n", "a -", "b: 1\n"),
        ("from braces, first", "a: {b: 1, c: 2}\n", "a.b -", "a: {c: 2}\n"),
        ("from braces, last", "a: {b: 1, c: 2}\n", "a.c -", "a: {b: 1}\n"),
        ("from braces, only", "a: {b: 1}\n", "a.b -", "a: {}\n"),
        ("an item", "a:\n- x\n- v # c\n- z\n", "a[1] -", "a:\n- x\n- z\n"),
        ("the only item", "a:\n- x\nb: 1\n", "a[0] -", "a: []\nb: 1\n"),
        ("an item in brackets", "a: [x, v, z]\n", "a[0] -", "a: [v, z]\n"),
        (
            "first key of an item",
            "a:\n- b: 1\n  c: 2\n",
            "a[0].b -",
            "a:\n- c: 2\n",
        ),
        (
            "first key of an item, comment between",
            "a:\n- b: 1\n  # c\n  c: 2\n",
            "a[0].b -",
            "a:\n-\n  # c\n  c: 2\n",
        ),
        ("all equal keys", "a: 1\nb: 2\na: 3\n", "a -", "b: 2\n"),
        ("nothing", "a: 1\n", "b.c -", "a: 1\n"),
    ] {
        check(name, before, change, after);
    }
}

#[test]
fn items_go_into_lists() {
    for (name, before, change, after) in [
        (
            "at the end",
            "a:\n- x # c\nb: 1\n",
            "a:1 + v",
            "a:\n- x # c\n- v\nb: 1\n",
        ),
        (
            "at the start",
            "a:\n  # about x\n  - x\n",
            "a:0 + v",
            "a:\n  - v\n  # about x\n  - x\n",
        ),
        (
            "between",
            "a:\n- x\n# about v\n- v\n",
            "a:1 + z",
            "a:\n- x\n- z\n# about v\n- v\n",
        ),
        (
            "a mapping",
            "a:\n- x: 1\n",
            "a:1 + {v: 2, x: [3]}",
            "a:\n- x: 1\n- v: 2\n  x:\n  - 3\n",
        ),
        ("into empty brackets", "a: []\n", "a:0 + x", "a:\n  - x\n"),
        ("into brackets", "a: [x]\n", "a:1 + v", "a: [x, v]\n"),
        ("into brackets, first", "a: [x]\n", "a:0 + v", "a: [v, x]\n"),
        (
            "into brackets over lines",
            "a: [\n  x,\n]\n",
            "a:1 + v",
            "a: [\n  x,\n  v,\n]\n",
        ),
        ("where there is none", "b: 1\n", "a:0 + v", "b: 1\na:\n  - v\n"),
        ("nested", "a:\n- - x\n", "a[0]:0 + v", "a:\n- - v\n  - x\n"),
        (
            "behind an item without text",
            "a:\n-\n- x\n",
            "a:1 + v",
            "a:\n-\n- v\n- x\n",
        ),
    ] {
        check(name, before, change, after);
    }
}

#[test]
fn collections_and_scalars_take_each_others_place() {
    for (name, before, change, after) in [
        (
            "mapping to scalar",
            "a: # c\n  b: 1\n\nd: 2\n",
            "a = x",
            "a: x # c\n\nd: 2\n",
        ),
        ("list to scalar", "a:\n- 1\n- 2\nb: 1\n", "a = x", "a: x\nb: 1\n"),
        (
            "scalar to mapping",
            "a: 1 # c\nb: 2\n",
            "a = {x: 1}",
            "a: # c\n  x: 1\nb: 2\n",
        ),
        ("scalar to list", "a: 1\n", "a = [x, v]", "a:\n  - x\n  - v\n"),
        ("mapping to list", "a:\n  b: 1\n", "a = [x]", "a:\n  - x\n"),
        (
            "item to mapping",
            "a:\n- x\n- v\n",
            "a[0] = {p: 1, q: 2}",
            "a:\n- p: 1\n  q: 2\n- v\n",
        ),
        (
            "item to scalar",
            "a:\n- p: 1\n  q: 2 # c\n- v\n",
            "a[0] = x",
            "a:\n- x # c\n- v\n",
        ),
        ("brackets to scalar", "a: [1, 2] # c\n", "a = x", "a: x # c\n"),
        (
            "only what differs",
            "a:\n  # one\n  b: 1\n  # two\n  c: 2\n",
            "a = {b: 1, c: 3, d: 4}",
            "a:\n  # one\n  b: 1\n  # two\n  c: 3\n  d: 4\n",
        ),
        (
            "only the items that differ",
            "a:\n- x # 1\n- v # 2\n- z # 3\n",
            "a = [x, w, z]",
            "a:\n- x # 1\n- w # 2\n- z # 3\n",
        ),
        (
            "items leave from the middle",
            "a:\n- x # 1\n- v # 2\n- z # 3\n",
            "a = [x, z]",
            "a:\n- x # 1\n- z # 3\n",
        ),
        (
            "items join in the middle",
            "a:\n- x # 1\n- z # 3\n",
            "a = [x, v, z]",
            "a:\n- x # 1\n- v\n- z # 3\n",
        ),
    ] {
        check(name, before, change, after);
    }
}

#[test]
fn aliases_and_merge_keys_are_written_out_only_where_they_must() {
    for (name, before, change, after) in [
        (
            "behind an alias",
            "base: &b\n  x: 1\n  v: 2\nuse: *b\n",
            "use.x = 3",
            "base: &b\n  x: 1\n  v: 2\nuse:\n  x: 3\n  v: 2\n",
        ),
        (
            "what has an alias",
            "base: &b\n  x: 1 # one\nuse: *b\n",
            "base.x = 3",
            "base: &b\n  x: 3 # one\nuse:\n  x: 1\n",
        ),
        (
            "over a merged key",
            "base: &b\n  x: 1\nuse:\n  <<: *b\n  z: 0\n",
            "use.x = 3",
            "base: &b\n  x: 1\nuse:\n  <<: *b\n  z: 0\n  x: 3\n",
        ),
        (
            "without a merged key",
            "base: &b\n  x: 1\n  v: 2\nuse:\n  <<: *b\n",
            "use.x -",
            "base: &b\n  x: 1\n  v: 2\nuse:\n  v: 2\n",
        ),
        (
            "what is merged elsewhere",
            "base: &b\n  x: 1\nuse:\n  <<: *b\n",
            "base.x = 2",
            "base: &b\n  x: 2\nuse:\n  x: 1\n",
        ),
        (
            "others are left alone",
            "a: &a 1\nb: *a\nc: 2\n",
            "c = 3",
            "a: &a 1\nb: *a\nc: 3\n",
        ),
        ("an anchor that goes", "a: &a 1\nb: *a\n", "a -", "b: 1\n"),
    ] {
        check(name, before, change, after);
    }
}

#[test]
fn what_cannot_be_edited_is_refused_with_a_reason() {
    for (before, change, reason) in [
        ("a: 1\n", "a.b = 2", "`a` is a number and can have no keys"),
        ("a: [x]\n", "a.b = 2", "`a` is a list and can have no keys"),
        (
            "a: {b: 1}\n",
            "a[0] = 2",
            "`a` is a mapping and can have no items",
        ),
        (
            "a: [x]\n",
            "a[3] = 2",
            "the list `a` has 1 items, none at index 3",
        ),
        (
            "a: 1\n---\nb: 2\n",
            "a = 2",
            "the text holds several documents, separated by ---; join them first",
        ),
        (
            "a: 1\n",
            " = 5",
            "values are a mapping; the whole cannot be a number",
        ),
    ] {
        let mut document = Document::parse(before).unwrap();
        let error = edit(&mut document, change).unwrap_err();
        assert_eq!(error.to_string(), reason);
        assert_eq!(document.text(), before);
    }
    let mut document = Document::parse("a: 1\n").unwrap();
    let error = document
        .set(&path("a"), &Tree::String(b"\xFF"[..].into()))
        .unwrap_err();
    assert_eq!(error, EditError::NotText { path: path("a") });
}

#[test]
fn what_is_no_values_file_is_no_document() {
    assert!(matches!(Document::parse("a: [1\n"), Err(ReadError::Syntax(_))));
    assert!(matches!(Document::parse("- a\n"), Err(ReadError::Values(_))));
    assert!(matches!(
        Document::parse("a: &x [*x]\n"),
        Err(ReadError::Values(_) | ReadError::Syntax(_))
    ));
    let deep = format!("a: {}{}", "[".repeat(300), "]".repeat(300));
    assert!(matches!(Document::parse(&deep), Err(ReadError::Syntax(_))));
    // Each alias is shallow; written out they are deep.
    let mut nested = "a0: &a0 [x]\n".to_owned();
    for level in 1..220 {
        nested.push_str(&format!("a{level}: &a{level} [*a{}]\n", level - 1));
    }
    assert!(matches!(
        Document::parse(&nested),
        Err(ReadError::TooDeep { .. } | ReadError::Values(_))
    ));
    assert!(matches!(
        Document::parse(&"#".repeat(5 << 20)),
        Err(ReadError::TooLarge { .. })
    ));
}

#[test]
fn an_edit_tells_the_one_range_that_changed() {
    let mut document = Document::parse("a: 1 # ä\nb:\n  c: ö\n").unwrap();
    let before = document.text().to_owned();
    let change = document.set(&path("b.c"), &tree("ü")).unwrap();
    assert_eq!(change.apply(&before), document.text());
    assert_eq!(&before[change.range.clone()], "ö");
    assert_eq!(change.text, "ü");
    assert!(document.set(&path("b.c"), &tree("ü")).unwrap().is_none());
}

#[test]
fn a_new_key_can_go_where_another_text_has_it() {
    let like =
        Document::parse("image:\n  registry: a\n  repository: b\n  tag: c\nreplicas: 1\nservice: {}\n")
            .unwrap();
    let mut document = Document::parse("image:\n  tag: x\nservice:\n  type: v\n").unwrap();
    document.set_like(&path("replicas"), &tree("2"), &like).unwrap();
    document.set_like(&path("unknown"), &tree("2"), &like).unwrap();
    assert_eq!(
        document.text(),
        "image:\n  tag: x\nreplicas: 2\nservice:\n  type: v\nunknown: 2\n"
    );
}

#[test]
fn paths_and_places_belong_together() {
    let text = "# head\na: 1 # x\nb:\n  c: [p, q]\n  # about d\n  d: |\n    text\n\n  e:\n    - f: 1\n      g: 2\n    - h\n\nlast: {k: v}\n";
    let document = Document::parse(text).unwrap();
    for (place, want) in [
        ("# head", ""),
        ("a: 1", "a"),
        ("# x", "a"),
        ("b:", "b"),
        ("q]", "b.c[1]"),
        ("# about d", "b"),
        ("d: |", "b.d"),
        ("text", "b.d"),
        ("f: 1", "b.e[0].f"),
        ("g: 2", "b.e[0].g"),
        ("- h", "b.e[1]"),
        ("k: v", "last.k"),
    ] {
        let offset = text.find(place).unwrap();
        assert_eq!(document.path_at(offset).to_string(), want, "{place}");
    }
    let span = document.span_of(&path("b.e[0].g")).unwrap();
    assert_eq!((&text[span.key.unwrap()], &text[span.value]), ("g", "2"));
    assert_eq!(
        &text[document.lines_of(&path("b.d")).unwrap()],
        "  d: |\n    text"
    );
    assert_eq!(document.span_of(&path("b.z")), None);
}

#[test]
fn many_changes_at_once_are_made_in_large_steps_or_refused() {
    let table = |n: usize, value: f64| {
        let entries = (0..n).map(|at| (format!("key{at:05}").as_str().into(), Tree::Float(value)));
        Tree::Table(entries.collect())
    };
    let mut document = Document::parse("# head\n").unwrap();
    document.set(&Path::root(), &table(3_000, 1.0)).unwrap();
    assert!(document.text().starts_with("# head\nkey00000: 1\n"));
    let error = document.set(&Path::root(), &table(3_000, 2.0)).unwrap_err();
    assert_eq!(error, EditError::TooMany { limit: 1_000 });
    let mut document = Document::parse("a:\n  # one\n  key00001: 1\n").unwrap();
    document.set(&path("a"), &table(300, 1.0)).unwrap();
    assert_eq!(document.get(&path("a")), Some(&table(300, 1.0)));
}
