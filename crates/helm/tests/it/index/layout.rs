//! The many ways to lay out the same YAML.

use super::{read, read_chunks, with_entries};
use helm::index::IndexLimits;

/// Documents that all say: `a` 2.0.0, `a` 1.0.0, `b` 1.0.0.
const LAYOUTS: &[(&str, &str)] = &[
    (
        "as helm writes it",
        "apiVersion: v1\nentries:\n  a:\n  - name: a\n    urls:\n    - u\n    version: 2.0.0\n  - name: a\n    urls:\n    - u\n    version: 1.0.0\n  b:\n  - name: b\n    urls:\n    - u\n    version: 1.0.0\ngenerated: x\n",
    ),
    (
        "dashes indented",
        "apiVersion: v1\nentries:\n    a:\n        - name: a\n          urls: [u]\n          version: 2.0.0\n        - name: a\n          urls: [u]\n          version: 1.0.0\n    b:\n      - name: b\n        urls: [u]\n        version: 1.0.0\ngenerated: x\n",
    ),
    (
        "api version last",
        "entries:\n  a:\n  - name: a\n    urls: [u]\n    version: 2.0.0\n  - name: a\n    urls: [u]\n    version: 1.0.0\n  b:\n  - name: b\n    urls: [u]\n    version: 1.0.0\napiVersion: v1\n",
    ),
    (
        "whole document indented",
        "  apiVersion: v1\n  entries:\n    a:\n    - {name: a, urls: [u], version: 2.0.0}\n    - {name: a, urls: [u], version: 1.0.0}\n    b:\n    - {name: b, urls: [u], version: 1.0.0}\n  generated: x\n",
    ),
    (
        "comments and blank lines anywhere",
        "# head\n\napiVersion: v1 # x\nentries:\n# here\n  a: # the first\n\n# there\n  - name: a\n# in between\n    urls: [u]\n\n    version: 2.0.0\n  # before\n  - name: a\n    urls: [u]\n    version: 1.0.0\n  b:\n  - name: b\n    urls: [u]\n    version: 1.0.0\n# tail\ngenerated: x\n",
    ),
    (
        "quoted keys",
        "\"apiVersion\": v1\n'entries':\n  \"a\":\n  - \"name\": a\n    urls: [u]\n    version: '2.0.0'\n  - name: a\n    urls: [u]\n    version: \"1.0.0\"\n  'b':\n  - name: b\n    urls: [u]\n    version: 1.0.0\ngenerated: x\n",
    ),
    (
        "flow style throughout",
        "{apiVersion: v1, entries: {a: [{name: a, urls: [u], version: 2.0.0}, {name: a, urls: [u],\nversion: 1.0.0}], b: [{name: b, urls: [u], version: 1.0.0}]}, generated: x}\n",
    ),
    (
        "flow style for entries",
        "apiVersion: v1\nentries: {a: [{name: a, urls: [u], version: 2.0.0}, {name: a, urls: [u],\nversion: 1.0.0}], b: [{name: b, urls: [u], version: 1.0.0}]}\ngenerated: x\n",
    ),
    (
        "flow style for entries on the next line",
        "apiVersion: v1\nentries:\n  {a: [{name: a, urls: [u], version: 2.0.0}, {name: a, urls: [u], version: 1.0.0}], b: [{name: b, urls: [u], version: 1.0.0}]}\ngenerated: x\n",
    ),
    (
        "flow style for a chart",
        "apiVersion: v1\nentries:\n  a: [{name: a, urls: [u], version: 2.0.0}, {name: a, urls: [u], version: 1.0.0}]\n  b:\n    [{name: b, urls: [u], version: 1.0.0}]\ngenerated: x\n",
    ),
    (
        "flow style that ignores indentation",
        "apiVersion: v1\nentries:\n  a: [\n{name: a, urls: [u], version: 2.0.0},\n{name: a, urls: [u], version: 1.0.0}\n]\n  b:\n  - {name: b,\nurls: [u],\nversion: 1.0.0}\ngenerated: x\n",
    ),
    (
        "json in yaml clothes",
        "{\"apiVersion\": \"v1\", \"entries\": {\"a\": [{\"name\": \"a\", \"urls\": [\"u\",], \"version\": \"2.0.0\"}, {name: a, urls: ['u'], version: 1.0.0}], \"b\": [{\"name\": \"b\", \"urls\": [\"u\"], \"version\": \"1.0.0\"}]}, \"generated\": \"x\"}",
    ),
    (
        "quoted text that looks like structure",
        "apiVersion: v1\nentries:\n  a:\n  - name: a\n    description: \"x\n  - name: evil\n    version: 9.9.9\n  evil:\n  - name: evil\ngenerated: y\"\n    urls: [u]\n    version: 2.0.0\n  - name: a\n    urls: [u]\n    version: 1.0.0\n  b:\n  - name: b\n    urls: [u]\n    version: 1.0.0\ngenerated: x\n",
    ),
    (
        "block text that looks like structure",
        "apiVersion: v1\nentries:\n  a:\n  - name: a\n    description: |\n      - name: evil\n        version: 9.9.9\n      evil:\n    icon: >-\n     - name: evil\n\n     entries:\n    urls: [u]\n    version: 2.0.0\n  - name: a\n    urls: [u]\n    version: 1.0.0\n  b:\n  - name: b\n    urls: [u]\n    version: 1.0.0\ngenerated: x\n",
    ),
    (
        "anchors and merges",
        "apiVersion: v1\nx: &x\n  urls: [u]\nentries:\n  a:\n  - &first\n    name: a\n    <<: *x\n    version: 2.0.0\n  - <<: *first\n    version: 1.0.0\n  b:\n  - name: b\n    urls: &u [u]\n    version: 1.0.0\ngenerated: x\n",
    ),
    (
        "explicit keys",
        "apiVersion: v1\nentries:\n  ? a\n  : - {name: a, urls: [u], version: 2.0.0}\n    - {name: a, urls: [u], version: 1.0.0}\n  b:\n  - {name: b, urls: [u], version: 1.0.0}\ngenerated: x\n",
    ),
    (
        "tags",
        "apiVersion: v1\nentries: !!map\n  a:\n  - !!map\n    name: a\n    urls: [u]\n    version: !!str 2.0.0\n  - name: a\n    urls: [u]\n    version: 1.0.0\n  b:\n  - name: b\n    urls: [u]\n    version: 1.0.0\ngenerated: x\n",
    ),
    (
        "dash on a line of its own",
        "apiVersion: v1\nentries:\n  a:\n  -\n    name: a\n    urls: [u]\n    version: 2.0.0\n  -\n    name: a\n    urls: [u]\n    version: 1.0.0\n  b:\n  -  name: b\n     urls: [u]\n     version: 1.0.0\ngenerated: x\n",
    ),
    (
        "document markers",
        "---\napiVersion: v1\nentries:\n  a:\n  - {name: a, urls: [u], version: 2.0.0}\n  - {name: a, urls: [u], version: 1.0.0}\n  b:\n  - {name: b, urls: [u], version: 1.0.0}\n---\nentries: {evil: [{name: evil, urls: [u], version: 1.0.0}]}\n",
    ),
    (
        "directives",
        "%YAML 1.1\n--- # x\napiVersion: v1\nentries:\n  a:\n  - {name: a, urls: [u], version: 2.0.0}\n  - {name: a, urls: [u], version: 1.0.0}\n  b:\n  - {name: b, urls: [u], version: 1.0.0}\n...\n",
    ),
    (
        "byte order mark",
        "\u{feff}apiVersion: v1\nentries:\n  a:\n  - {name: a, urls: [u], version: 2.0.0}\n  - {name: a, urls: [u], version: 1.0.0}\n  b:\n  - {name: b, urls: [u], version: 1.0.0}\ngenerated: x\n",
    ),
];

#[test]
fn every_layout_says_the_same() {
    for (name, document) in LAYOUTS {
        let answer = read(document);
        assert_eq!(answer.skipped, Vec::<String>::new(), "{name}");
        assert_eq!(
            answer.versions(),
            ["a 2.0.0", "a 1.0.0", "b 1.0.0"],
            "{name}: {:?}",
            answer.result
        );
        assert!(answer.summary().is_proven_complete, "{name}");
    }
}

#[test]
fn line_ends_do_not_matter() {
    for (name, document) in LAYOUTS {
        for line_end in ["\r\n", "\r"] {
            let document = document.replace('\n', line_end);
            let answer = read(&document);
            assert_eq!(
                answer.versions(),
                ["a 2.0.0", "a 1.0.0", "b 1.0.0"],
                "{name} {line_end:?}: {answer:?}"
            );
        }
    }
}

#[test]
fn chunks_do_not_matter() {
    for (name, document) in LAYOUTS {
        let whole = format!("{:?}", read(document));
        for size in [1, 2, 3, 7, 64] {
            let answer = read_chunks(document.as_bytes().chunks(size), IndexLimits::default());
            assert_eq!(format!("{answer:?}"), whole, "{name} in chunks of {size}");
        }
    }
}

#[test]
fn names_of_every_kind_are_keys() {
    let answer = read(with_entries(
        "  1.10: # a number to YAML\n  - {name: '1.1', urls: [u], version: 1.0.0}\n  a.b-c_d:\n  - {name: a.b-c_d, urls: [u], version: 1.0.0}\n  \"q: x\":\n  - {name: 'q: x', urls: [u], version: 1.0.0}\n",
    ));
    assert_eq!(answer.versions(), ["1.1 1.0.0", "a.b-c_d 1.0.0", "q: x 1.0.0"]);
}
