//! Parsed templates: a file, and each `define` or `block` in it.
//!
//! Every text is read to its end when it is added, since Helm reports what is wrong with templates that nobody calls.
//! The nodes of a body are built when it is first executed: of the libraries that charts bring along, a render calls
//! a few definitions out of hundreds.

use std::sync::{Arc, OnceLock};

use super::node::{List, Node, Position};
use super::skim::Body as SkimmedBody;
use super::{Result, build};
use crate::value::GoStr;

/// The text a tree was parsed from and the name errors give it.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) name: Arc<str>,
    pub(crate) text: GoStr,
    /// The bodies that were skimmed while it was read, sorted by where they start.
    bodies: OnceLock<Arc<[SkimmedBody]>>,
}

impl Source {
    pub(crate) fn new(name: &str, text: GoStr) -> Self {
        Self {
            name: name.into(),
            text,
            bodies: OnceLock::new(),
        }
    }

    /// The same text under another name.
    pub(crate) fn under(&self, name: &str) -> Self {
        Self {
            name: name.into(),
            text: self.text.clone(),
            bodies: self.bodies.clone(),
        }
    }

    /// Keeps what reading all of it found, for those who build parts of it.
    pub(super) fn keep_bodies(&self, mut bodies: Vec<SkimmedBody>) {
        if !bodies.is_empty() {
            bodies.sort_unstable_by_key(|body| body.start);
            self.bodies.get_or_init(|| bodies.into());
        }
    }

    /// The body that starts here, if it was skimmed and is long enough to be skipped.
    pub(super) fn body_at(&self, start: usize) -> Option<SkimmedBody> {
        let bodies = self.bodies.get()?;
        let index = bodies.binary_search_by_key(&start, |body| body.start).ok()?;
        bodies.get(index).copied()
    }

    /// Line from 1 and byte column from 0 of a position.
    pub(crate) fn line_and_column(&self, position: Position) -> (usize, usize) {
        let position = usize::try_from(position).unwrap_or(usize::MAX);
        let before = self.text.as_bytes().get(..position).unwrap_or_default();
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        let column = before.iter().rev().take_while(|byte| **byte != b'\n').count();
        (line, column)
    }
}

/// One parsed template.
#[derive(Debug)]
pub(crate) struct Tree {
    pub(crate) name: GoStr,
    pub(crate) source: Arc<Source>,
    /// Whether there is nothing in it but space and definitions: such a tree never replaces another.
    pub(crate) is_empty: bool,
    /// Shared with the trees of equal texts under other names.
    body: Arc<Body>,
}

/// What a tree executes.
#[derive(Debug)]
struct Body {
    part: Part,
    nodes: OnceLock<Nodes>,
}

/// Which part of a text is a body.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part {
    /// All of it, definitions left out.
    File,
    /// From here to its `end`.
    From(usize),
}

/// A body's nodes.
#[derive(Debug)]
pub(crate) struct Nodes {
    pub(crate) root: List,
    /// How many variable slots executing them needs; slot 0 is `$`.
    pub(crate) slots: usize,
}

impl Tree {
    pub(super) fn new(
        name: GoStr,
        source: &Arc<Source>,
        is_empty: bool,
        part: Part,
        nodes: Option<Nodes>,
    ) -> Self {
        Self {
            name,
            source: Arc::clone(source),
            is_empty,
            body: Arc::new(Body {
                part,
                nodes: nodes.map_or_else(OnceLock::new, OnceLock::from),
            }),
        }
    }

    /// Its nodes, built on first use. The text was read before, so that there is nothing left to be wrong with it.
    pub(crate) fn nodes(&self) -> Result<&Nodes> {
        if let Some(nodes) = self.body.nodes.get() {
            return Ok(nodes);
        }
        let nodes = build(&self.source, self.body.part)?;
        Ok(self.body.nodes.get_or_init(|| nodes))
    }

    /// Whether building one has built the other.
    #[cfg(test)]
    pub(crate) fn shares_body(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.body, &other.body)
    }

    /// The same tree as part of a file called otherwise; `name` is the tree's own.
    pub(crate) fn under(&self, name: GoStr, source: &Arc<Source>) -> Self {
        Self {
            name,
            source: Arc::clone(source),
            is_empty: self.is_empty,
            body: Arc::clone(&self.body),
        }
    }
}

/// Whether there is nothing in a list but space.
pub(super) fn is_space(nodes: &[Node], text: &[u8]) -> bool {
    nodes.iter().all(|node| match node {
        Node::Text { span, .. } => {
            let text = span.text(text);
            // Most texts say so with their first letter.
            !text
                .iter()
                .find(|byte| !byte.is_ascii_whitespace())
                .is_some_and(u8::is_ascii_graphic)
                && String::from_utf8_lossy(text).trim().is_empty()
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;
    use proptest::sample::select;

    use super::super::node::List;
    use super::super::skim::{Around, skim};
    use super::super::{Parser, When, parse, read};
    use super::Source;

    /// What templates are made of, right and wrong.
    const PIECES: &[&str] = &[
        "text",
        " ",
        "\n",
        "{{",
        "{{- ",
        "}}",
        " -}}",
        "/* note */",
        "define \"a\"",
        "define `b`",
        "block \"a\" .",
        "template \"a\" $x",
        "if .x",
        "else if",
        "else",
        "with $x := 1",
        "range $i, $x := .x",
        "range $x := 3",
        "break",
        "continue",
        "end",
        "{{end}}",
        "{{define \"c\"}}",
        "{{block \"c\" .}}",
        "{{if .}}",
        "{{range .}}",
        "{{else}}",
        "$",
        "$x",
        "$y := 2",
        "$x = 3",
        ".",
        ".a",
        ".a.b",
        "(.a)",
        "(",
        ")",
        "|",
        ",",
        "print",
        "printf \"%d\" 1",
        "nil",
        "true",
        "nothing",
        "1",
        "0x1p",
        "1+2i",
        "'a'",
        "\"b\"",
        "\"b",
        "`c`",
        "=",
        ":=",
        "{{/* x */}}",
        "\u{e9}",
        "!",
    ];

    /// Mostly right: bodies within each other, with a mistake now and then.
    fn nested() -> impl Strategy<Value = String> {
        let leaf = select(vec![
            "text",
            " \n",
            "\u{a0}",
            "{{ . }}",
            "{{- .a.b.c -}}",
            "{{ $x := .a }}",
            "{{ $y = 2 }}",
            "{{ $x }}",
            "{{ $y.z }}",
            "{{ $.a }}",
            "{{ printf \"%d\" 1 | quote | print (.a).b }}",
            "{{ template \"a\" . }}",
            "{{template `a`}}",
            "{{/* note */}}",
            "{{- /* note */ -}}",
            "{{ print 0644 -1 1.5 1e3 'a' `r` true nil 1_000 +2 }}",
            "{{ \"\u{e9}\\n\" }}",
            "{{ break }}",
            "{{continue}}",
            "{{ .a | 2 }}",
            "{{ .a | }}",
            "{{ $x, $y := .a }}",
            "{{ nothing }}",
            "{{ \"a\".b }}",
            "{{ .a.5 }}",
            "{{ ($x := 1) }}",
            "{{ end }}",
            "{{ else }}",
            "{{ (.a }}",
            "{{ \u{e9} }}",
            "{{ .a }b }}",
            "{{ - }}",
        ]);
        leaf.prop_map(str::to_owned).prop_recursive(4, 40, 6, |inner| {
            let body = prop::collection::vec(inner, 0..6).prop_map(|parts| parts.concat());
            let open = select(vec![
                "{{ if .a }}",
                "{{- if $x := .a -}}",
                "{{with .b}}",
                "{{ range . }}",
                "{{ range $i, $x := .c }}",
                "{{ range $i, $y = .c }}",
                "{{ define \"d\" }}",
                "{{ block \"e\" . }}",
                "{{ if }}",
            ]);
            let middle = select(vec![
                "{{ else }}",
                "{{- else if eq $x 1 }}",
                "{{else with .a}}",
                "",
                "{{else}}x{{else}}",
            ]);
            (open, body.clone(), middle, body).prop_map(|(open, first, middle, second)| {
                format!("{open}{first}{middle}{second}{{{{ end }}}}")
            })
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        /// Skimming a text says what parsing all of it says, and whatever was skimmed can be built.
        #[test]
        fn what_can_be_read_can_be_built(
            text in prop_oneof![
                prop::collection::vec(select(PIECES), 0..30).prop_map(|pieces| pieces.concat()),
                prop::collection::vec(nested(), 0..4).prop_map(|parts| parts.concat()),
            ]
        ) {
            let source = Arc::new(Source::new("t", text.as_str().into()));
            let mut plainly = Parser::new(&source, 0);
            plainly.skims = false;
            let plain = read(plainly, "t", When::Now);
            for when in [When::Now, When::OnFirstUse] {
                let source = Arc::new(Source::new("t", text.as_str().into()));
                match (&plain, read(Parser::new(&source, 0), "t", when)) {
                    (Ok(plain), Ok(skimmed)) => {
                        // What was noted of a body is what skimming it alone says.
                        for body in source.bodies.get().into_iter().flat_map(|bodies| bodies.iter()) {
                            let alone = skim(text.as_bytes(), body.start, Around::Checked, &mut Vec::new());
                            prop_assert_eq!(alone.map(|alone| alone.body), Some(*body), "{}", text);
                        }
                        prop_assert_eq!(plain.len(), skimmed.len());
                        for (plain, skimmed) in plain.iter().zip(&skimmed) {
                            prop_assert_eq!(&plain.name, &skimmed.name);
                            prop_assert_eq!(plain.is_empty, skimmed.is_empty);
                            let (plain, skimmed) = (plain.nodes().unwrap(), skimmed.nodes().unwrap());
                            let shown = [plain, skimmed].map(|nodes| without_ids(&nodes.root));
                            prop_assert_eq!(&shown[0], &shown[1], "{}", text);
                            prop_assert!(!shown[0].contains("Err("), "{text}: {}", shown[0]);
                            prop_assert!(plain.slots <= skimmed.slots);
                        }
                    }
                    (Err(plain), Err(skimmed)) => prop_assert_eq!(&plain.text, &skimmed.text),
                    (plain, skimmed) => prop_assert!(false, "{text}: {plain:?} {skimmed:?}"),
                }
            }
        }
    }

    /// All of it; which numbers nodes have depends on when they are built.
    fn without_ids(root: &List) -> String {
        let shown = format!("{root:?}");
        let mut parts = shown.split(" id: ");
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |shown, part| {
            shown + part.trim_start_matches(|c: char| c.is_ascii_digit())
        })
    }

    /// Go's parser forgets what a body declares at its `end`, not at its `else`.
    #[test]
    fn what_a_body_declares_is_known_to_its_else() {
        for body in ["{{ $x := 1 }}", "{{ ($x := 1) }}"] {
            let after = ["{{ else if eq $x 1 }}{{ end }}", "{{ else }}{{ $x }}{{ end }}"];
            for after in after {
                let text = format!("{{{{ if .a }}}}{body}{after}");
                for when in [When::Now, When::OnFirstUse] {
                    let trees = parse("t", text.as_str().into(), when).unwrap();
                    assert!(trees[0].nodes().is_ok(), "{text}");
                }
            }
            let text = format!("{{{{ if .a }}}}{body}{{{{ end }}}}{{{{ $x }}}}");
            assert!(parse("t", text.as_str().into(), When::Now).is_err(), "{text}");
        }
    }

    /// Ids that are in a tree twice would make errors name the wrong node.
    #[test]
    fn no_two_nodes_have_one_id() {
        let text = "{{ if .a }}{{ if .b }}{{ (.c).d | print 1 (.e) }}{{ else if .f }}{{ range . }}{{ . }}{{ end }}{{ else }}{{.}}{{.}}{{ end }}\
                    {{ with $x := .g }}{{ template \"t\" $x }}{{ end }}{{ else }}{{(.)}}{{ end }}{{ . }}";
        let trees = parse("t", text.into(), When::Now).unwrap();
        let shown = format!("{:?}", trees[0].nodes().unwrap().root);
        let mut ids: Vec<&str> = shown
            .split(" id: ")
            .skip(1)
            .filter_map(|part| part.split(',').next())
            .collect();
        let n_ids = ids.len();
        ids.sort_unstable();
        ids.dedup();
        // A pipeline in parentheses and the operand that it is share one.
        assert_eq!(n_ids - ids.len(), 3, "{shown}");
    }

    #[test]
    fn definitions_that_nobody_calls_are_read_to_their_end() {
        for (body, error) in [
            ("{{ nothing }}", "template: t:1: function \"nothing\" not defined"),
            ("{{ if }}{{ end }}", "template: t:1: missing value for if"),
            ("{{ $x }}", "template: t:1: undefined variable \"$x\""),
            (
                "{{ 1 | 2 }}",
                "template: t:1: non executable command in pipeline stage 2",
            ),
        ] {
            let text = format!("{{{{ define \"a\" }}}}{body}{{{{ end }}}}");
            let read = parse("t", text.as_str().into(), When::OnFirstUse);
            assert_eq!(
                read.map(|trees| trees.len()).map_err(|e| e.text),
                Err(error.to_owned())
            );
        }
    }
}
