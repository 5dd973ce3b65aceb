//! Cutting rendered text into YAML documents the way Helm does.
//!
//! Helm splits with a regular expression, not with a YAML reader, and charts depend on its side effects:
//! `---apiVersion: v1` is a separator followed by a document. Up to 4.2 it is `(?:^|\s*\n)---\s*`: the white space around
//! a separator is lost, and of two separators in a row the second stays in the document because the first has eaten the
//! line break before it. From 4.3 on it is `(?m)^---[ \t]*`, which keeps what is before the separator.

use crate::Compat;

/// One document of a rendered file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Document<'a> {
    /// The text, without leading white space.
    pub text: &'a str,
    /// The line of the rendered file on which `text` begins, counted from 1.
    pub line: usize,
}

/// The non-blank documents of `rendered`, in order.
pub fn split_documents(rendered: &str, compat: Compat) -> Vec<Document<'_>> {
    let find_separator = match compat {
        Compat::Helm4_2 => find_separator_and_space,
        Compat::Helm4_3 => find_separator,
    };
    let text = rendered.trim_start();
    let mut documents = Vec::new();
    let mut position = Position {
        rendered,
        offset: 0,
        line: 1,
    };
    let mut start = 0;
    while let Some((end, next)) = find_separator(text, start) {
        position.push(&mut documents, text.get(start..end).unwrap_or_default());
        start = next;
    }
    position.push(&mut documents, text.get(start..).unwrap_or_default());
    documents
}

/// Counts lines once, however many documents there are.
struct Position<'a> {
    rendered: &'a str,
    offset: usize,
    line: usize,
}

impl<'a> Position<'a> {
    fn push(&mut self, documents: &mut Vec<Document<'a>>, piece: &'a str) {
        let text = piece.trim_start();
        if text.is_empty() {
            return;
        }
        // `text` is a slice of `rendered`, so the difference of the addresses is its offset.
        let offset = text.as_ptr().addr().saturating_sub(self.rendered.as_ptr().addr());
        let skipped = self
            .rendered
            .as_bytes()
            .get(self.offset..offset)
            .unwrap_or_default();
        self.line += skipped.iter().filter(|byte| **byte == b'\n').count();
        self.offset = offset;
        documents.push(Document {
            text,
            line: self.line,
        });
    }
}

/// The next separator at or after `from`: where it begins and where it ends.
fn find_separator(text: &str, from: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut search = from;
    loop {
        let at = search + text.get(search..)?.find("---")?;
        if at == 0 || bytes.get(at - 1) == Some(&b'\n') {
            let blanks = bytes.get(at + 3..)?.iter();
            let after = blanks.take_while(|byte| matches!(byte, b' ' | b'\t')).count();
            return Some((at, at + 3 + after));
        }
        search = at + 1;
    }
}

/// The same with the white space around it.
fn find_separator_and_space(text: &str, from: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut search = from;
    loop {
        let at = search + text.get(search..)?.find("---")?;
        // The line break has to be part of this match, so it must not belong to the previous one.
        let after_break = at > from && bytes.get(at - 1) == Some(&b'\n');
        if at == 0 || after_break {
            let before = bytes
                .get(from..at)?
                .iter()
                .rev()
                .take_while(|byte| is_regex_space(**byte))
                .count();
            let after = bytes
                .get(at + 3..)?
                .iter()
                .take_while(|byte| is_regex_space(**byte))
                .count();
            return Some((at - before, at + 3 + after));
        }
        search = at + 1;
    }
}

/// `\s` of Go's regular expressions: no vertical tab, nothing beyond ASCII.
fn is_regex_space(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\x0c' | b'\r' | b' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rendered: &str, want: &[(&str, usize)]) {
        check_as(Compat::Helm4_2, rendered, want);
    }

    fn check_as(compat: Compat, rendered: &str, want: &[(&str, usize)]) {
        let got: Vec<_> = split_documents(rendered, compat)
            .iter()
            .map(|document| (document.text, document.line))
            .collect();
        assert_eq!(got, want, "{rendered:?}");
    }

    #[test]
    fn separators_take_the_white_space_around_them() {
        check("\n\na: 1\n\n--- \n\n  b: 2\n", &[("a: 1", 3), ("b: 2\n", 7)]);
        check("---\na: 1", &[("a: 1", 2)]);
        check("a: 1\n---b: 2", &[("a: 1", 1), ("b: 2", 2)]);
    }

    #[test]
    fn the_second_of_two_separators_stays() {
        check("---\n---\na: 1", &[("---\na: 1", 2)]);
        check("a: 1\n---\n---\nb: 2", &[("a: 1", 1), ("---\nb: 2", 3)]);
    }

    #[test]
    fn only_line_starts_separate() {
        check("a: x---y\n ---\nb: 1", &[("a: x---y\n ---\nb: 1", 1)]);
        check("a: 1\n----\nb", &[("a: 1", 1), ("-\nb", 2)]);
    }

    #[test]
    fn helm_4_3_keeps_the_white_space_before_separators() {
        let check = |rendered, want| check_as(Compat::Helm4_3, rendered, want);
        check("\n\na: 1\n\n--- \n\n  b: 2\n", &[("a: 1\n\n", 3), ("b: 2\n", 7)]);
        check("---\n---\na: 1", &[("a: 1", 3)]);
        check("a: 1\n---b: 2", &[("a: 1\n", 1), ("b: 2", 2)]);
        check("a: x---y\n ---\nb: 1", &[("a: x---y\n ---\nb: 1", 1)]);
        check("---\n---", &[]);
    }

    #[test]
    fn blank_documents_vanish() {
        check(" \n", &[]);
        check("---\n---", &[("---", 2)]);
        check("a\n---\n", &[("a", 1)]);
    }
}
