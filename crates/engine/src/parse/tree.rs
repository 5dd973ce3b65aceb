//! Parsed templates: a file, and each `define` or `block` in it.
//!
//! Every text is read to its end when it is added, since Helm reports what is wrong with templates that nobody calls.
//! The nodes of a body are built when it is first executed: of the libraries that charts bring along, a render calls
//! a few definitions out of hundreds.

use std::sync::{Arc, OnceLock};

use super::node::{List, Node, Position};
use super::{Result, build};
use crate::value::GoStr;

/// The text a tree was parsed from and the name errors give it.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) name: Arc<str>,
    pub(crate) text: GoStr,
}

impl Source {
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
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::super::{When, parse};

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

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        /// Reading a text without keeping nodes says what building them says, and whatever was read can be built.
        #[test]
        fn what_can_be_read_can_be_built(pieces in prop::collection::vec(select(PIECES), 0..30)) {
            let text = pieces.concat();
            let read = parse("t", text.as_str().into(), When::OnFirstUse);
            let built = parse("t", text.as_str().into(), When::Now);
            match (read, built) {
                (Ok(read), Ok(built)) => {
                    prop_assert_eq!(read.len(), built.len());
                    for (read, built) in read.iter().zip(&built) {
                        prop_assert_eq!(&read.name, &built.name);
                        prop_assert_eq!(read.is_empty, built.is_empty);
                        let nodes = [read.nodes(), built.nodes()].map(|nodes| format!("{:?}", nodes.map_err(|e| e.text)));
                        prop_assert_eq!(&nodes[0], &nodes[1], "{}", text);
                        prop_assert!(!nodes[0].starts_with("Err"), "{text}: {}", nodes[0]);
                    }
                }
                (Err(read), Err(built)) => prop_assert_eq!(read.text, built.text),
                (read, built) => prop_assert!(false, "{text}: {read:?} {built:?}"),
            }
        }
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
