//! Comments of a values file as documentation.
//!
//! * helm-docs: `# -- text` above a key, `# key.path -- text` anywhere, `(type)` before the text, `@default -- …`,
//!   `@section -- …`, `@ignored`, `@raw`, `@notationType`;
//! * readme-generator: `## @param path [modifiers] text`, `@extra`, `@skip`, `@section`, `@descriptionStart` …
//!   `@descriptionEnd`;
//! * any other comment directly above a key, or behind its value; what reads like YAML in it is an example.

use std::collections::{BTreeMap, HashSet};

use super::{Field, Type};
use crate::document::lines::{column, line_at, next_line, previous_line, slice};
use crate::document::node::{Content, NodeId};
use crate::{Document, Path};

/// Longer descriptions are cut: they are no descriptions.
const MAX_DESCRIPTION: usize = 4 * 1024;

/// What comments say about one value.
#[derive(Debug, Clone, Default)]
pub(super) struct Note {
    description: Option<String>,
    types: Vec<Type>,
    default: Option<String>,
    section: Option<String>,
    example: Option<String>,
    deprecated: bool,
    /// `@ignored`, `@skip`.
    pub(super) ignored: bool,
    /// By its path, so that it stands for a field even where there is no default.
    pub(super) is_declared: bool,
}

impl Note {
    pub(super) fn describe(&self, field: &mut Field) {
        field.description.clone_from(&self.description);
        if !self.types.is_empty() {
            field.types.clone_from(&self.types);
        }
        field.default_note.clone_from(&self.default);
        if self.section.is_some() {
            field.section.clone_from(&self.section);
        }
        field.example.clone_from(&self.example);
        let text = self.description.as_deref().unwrap_or_default();
        field.deprecated |= self.deprecated || text.to_ascii_lowercase().starts_with("deprecated");
    }
}

#[derive(Debug, Default)]
pub(super) struct Comments {
    notes: BTreeMap<Path, Note>,
    /// `@section` headings of readme-generator, each with where it begins.
    sections: Vec<(usize, String)>,
}

impl Comments {
    pub(super) fn of(document: &Document) -> Self {
        let mut comments = Self::default();
        let mut keyed = Vec::new();
        if let Some(&root) = document.nodes.roots.last() {
            comments.above_keys(document, root, &Path::root(), &mut keyed, 0);
        }
        comments.declared(document);
        comments
    }

    pub(super) fn note(&self, path: &Path) -> Option<&Note> {
        self.notes.get(path)
    }

    pub(super) fn notes(&self) -> impl Iterator<Item = (&Path, &Note)> {
        self.notes.iter()
    }

    pub(super) fn section_at(&self, offset: usize) -> Option<&str> {
        let n_before = self.sections.partition_point(|(start, _)| *start <= offset);
        let (_, title) = self.sections.get(n_before.checked_sub(1)?)?;
        Some(title)
    }

    /// `@param`, `@section` and their like, and helm-docs' comments with a path, wherever they stand.
    fn declared(&mut self, document: &Document) {
        let text = &document.text;
        let inside = lines_of_texts(document);
        let mut at = 0;
        let mut described: Option<Path> = None;
        while at < text.len() {
            let line = slice(text, line_at(text, at));
            let start = at;
            at = next_line(text, at).max(at + 1);
            let Some(comment) = comment_of(line).filter(|_| !inside.contains(&start)) else {
                described = None;
                continue;
            };
            if let Some(rest) = comment.strip_prefix("@section ")
                && !rest.trim_start().starts_with("-- ")
            {
                self.sections.push((start, rest.trim().to_owned()));
            } else if let Some(rest) = strip_any(comment, &["@param ", "@extra "]) {
                self.param(rest, start);
            } else if let Some(rest) = comment.strip_prefix("@skip ") {
                if let Ok(path) = rest.trim().parse::<Path>() {
                    self.notes.entry(path).or_default().ignored = true;
                }
            } else if let Some((path, rest)) = old_style(comment) {
                let note = self.notes.entry(path.clone()).or_default();
                note.is_declared = true;
                note.set_helm_docs(rest);
                described = Some(path);
            } else if let Some(path) = &described {
                let note = self.notes.entry(path.clone()).or_default();
                note.helm_docs_line(comment);
            }
        }
    }

    /// `path [modifiers] text`
    fn param(&mut self, rest: &str, start: usize) {
        let (path, text) = rest
            .trim()
            .split_once(char::is_whitespace)
            .unwrap_or((rest.trim(), ""));
        let Ok(path) = path.parse::<Path>() else { return };
        let section = self.section_at(start).map(str::to_owned);
        let note = self.notes.entry(path).or_default();
        note.is_declared = true;
        let text = text.trim_start();
        let (modifiers, text) = match text.strip_prefix('[').and_then(|text| text.split_once(']')) {
            Some((modifiers, text)) => (modifiers, text.trim()),
            None => ("", text.trim()),
        };
        for modifier in modifiers.split(',').map(str::trim) {
            if let Some(default) = modifier.strip_prefix("default:") {
                note.default = Some(default.trim().to_owned());
            } else if modifier == "nullable" {
                note.types.push(Type::Null);
            } else if modifier == "deprecated" {
                note.deprecated = true;
            } else if let Some(kind) = Type::from_name(modifier) {
                note.types.insert(0, kind);
            }
        }
        // `[nullable]` alone says nothing about what else it is.
        if note.types == [Type::Null] {
            note.types.clear();
        }
        if !text.is_empty() {
            note.description = Some(shorten(text));
        }
        note.section = section;
    }

    fn above_keys(
        &mut self,
        document: &Document,
        node: NodeId,
        at: &Path,
        keyed: &mut Vec<NodeId>,
        depth: usize,
    ) {
        if depth > 100 || document.nodes.is_flow(node) {
            return;
        }
        keyed.push(node);
        for entry in document.nodes.entries(node) {
            let Some(name) = &entry.name else { continue };
            let path = at.join(name.as_str());
            let key = document.nodes.span(entry.key);
            let value = document.nodes.span(entry.value);
            let mut note = note_above(&document.text, key.start);
            if note.description.is_none() && !note.ignored {
                note.description = comment_behind(&document.text, key.end, value.end);
            }
            if note.example.is_none() {
                note.example = example_below(document, entry.value, column(&document.text, key.start));
            }
            self.notes.insert(path.clone(), note);
            self.above_keys(document, entry.value, &path, keyed, depth + 1);
        }
        keyed.pop();
    }
}

impl Note {
    /// The text behind `--`, perhaps with a type in parentheses.
    fn set_helm_docs(&mut self, text: &str) {
        let text = text.trim();
        let typed = text.strip_prefix('(').and_then(|rest| rest.split_once(')'));
        let (kind, text) = match typed {
            Some((name, text)) if !name.contains(' ') => (Some(name), text.trim()),
            _ => (None, text),
        };
        self.types.extend(kind.and_then(Type::from_name));
        self.description = (!text.is_empty()).then(|| shorten(text));
    }

    /// A line that continues a helm-docs comment.
    fn helm_docs_line(&mut self, line: &str) {
        if let Some(default) = line.strip_prefix("@default -- ") {
            self.default = Some(default.trim().to_owned());
        } else if let Some(section) = line.strip_prefix("@section -- ") {
            self.section = Some(section.trim().to_owned());
        } else if line.starts_with("@ignore") {
            self.ignored = true;
        } else if !line.starts_with('@') && !line.trim().is_empty() {
            self.continue_with(line);
        }
    }

    fn continue_with(&mut self, line: &str) {
        let description = self.description.get_or_insert_default();
        if description.len() < MAX_DESCRIPTION {
            if !description.is_empty() {
                description.push('\n');
            }
            description.push_str(line.trim_end());
        }
    }
}

fn note_above(text: &str, key: usize) -> Note {
    let indentation = column(text, key);
    let mut lines = Vec::new();
    let mut start = key - indentation;
    while let Some(line) = previous_line(text, start) {
        let content = slice(text, line.clone());
        let own = content.len() - content.trim_start().len();
        let Some(comment) = comment_of(content).filter(|_| own == indentation) else {
            break;
        };
        lines.push(comment);
        start = line.start;
    }
    lines.reverse();
    let mut note = Note::default();
    // helm-docs takes what follows the last `--`.
    let docs = lines
        .iter()
        .rposition(|line| line.starts_with("-- ") || *line == "--");
    if let Some(first) = docs {
        let mut rest = lines.iter().skip(first);
        note.set_helm_docs(rest.next().map_or("", |line| line.get(2..).unwrap_or_default()));
        for line in rest {
            note.helm_docs_line(line);
        }
        return note;
    }
    note.set_plain(&lines);
    note
}

impl Note {
    fn set_plain(&mut self, lines: &[&str]) {
        let mut example = Vec::new();
        let mut in_schema = false;
        for line in lines {
            if line.starts_with("@schema") {
                // A block of helm-schema is between two such lines; its one-line form has something behind it.
                in_schema = !in_schema && line.trim() == "@schema";
                continue;
            }
            if in_schema {
                continue;
            }
            if line.starts_with("@ignore") {
                self.ignored = true;
            }
            let declares = line.starts_with('@') || old_style(line).is_some();
            let is_rule = !line.chars().any(char::is_alphanumeric);
            if declares || is_rule {
                continue;
            }
            if !example.is_empty() && line.starts_with(' ') || is_yaml(line) {
                example.push(*line);
            } else {
                self.continue_with(line.trim());
            }
        }
        if !example.is_empty() {
            self.example = Some(shorten(&example.join("\n")));
        }
    }
}

/// The comment behind a value on its line.
fn comment_behind(text: &str, key_end: usize, value_end: usize) -> Option<String> {
    let end = value_end.max(key_end);
    if line_at(text, key_end) != line_at(text, end) {
        return None;
    }
    let rest = slice(text, end..line_at(text, end).end);
    let (before, comment) = rest.split_once('#')?;
    if !before.trim_matches([' ', '\t', ':']).is_empty() {
        return None;
    }
    let comment = comment.trim_start_matches(['#', '-']).trim();
    (!comment.is_empty()).then(|| shorten(comment))
}

/// Commented-out YAML below an empty value.
fn example_below(document: &Document, value: NodeId, key_column: usize) -> Option<String> {
    let text = &document.text;
    let is_empty = match &document.nodes.get(value)?.content {
        Content::Mapping { entries, .. } => entries.is_empty(),
        Content::Sequence { items, .. } => items.is_empty(),
        Content::Scalar { value, .. } => value.is_empty() || value == "null" || value == "~",
        Content::Alias { .. } => false,
    };
    if !is_empty {
        return None;
    }
    let mut at = next_line(text, document.nodes.span(value).end);
    let mut lines = Vec::new();
    while at < text.len() {
        let line = slice(text, line_at(text, at));
        let own = line.len() - line.trim_start().len();
        // At the key's own depth it belongs to the next key, unless only deeper keys could own it.
        let Some(comment) = comment_of(line).filter(|_| own > key_column) else {
            break;
        };
        lines.push(comment);
        at = next_line(text, at).max(at + 1);
    }
    lines
        .iter()
        .any(|line| is_yaml(line))
        .then(|| shorten(&lines.join("\n")))
}

/// Whether a comment is YAML that was commented out: `key: value`, `- item`.
fn is_yaml(line: &str) -> bool {
    let line = line.trim();
    if line.starts_with("- ") {
        return true;
    }
    let Some((key, rest)) = line.split_once(':') else {
        return false;
    };
    let is_key = !key.is_empty()
        && key
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | '"' | '\''));
    let is_sentence = matches!(
        key.to_ascii_lowercase().as_str(),
        "ref"
            | "note"
            | "e.g"
            | "eg"
            | "example"
            | "examples"
            | "default"
            | "defaults"
            | "warning"
            | "see"
            | "todo"
            | "http"
            | "https"
            | "important"
            | "allowed"
            | "options"
            | "possible"
    );
    is_key && !is_sentence && (rest.is_empty() || rest.starts_with(' '))
}

/// `a.b -- text`: helm-docs' comment for a path.
fn old_style(comment: &str) -> Option<(Path, &str)> {
    let (path, text) = comment.split_once(" -- ")?;
    let is_path = !path.is_empty() && !path.starts_with('@') && !path.contains(char::is_whitespace);
    let path = path.parse().ok().filter(|_| is_path)?;
    Some((path, text))
}

/// The text of a line that is nothing but a comment, without its marks and one space.
fn comment_of(line: &str) -> Option<&str> {
    let line = line.trim_start().strip_prefix('#')?;
    let line = line.trim_start_matches('#');
    Some(line.strip_prefix(' ').unwrap_or(line).trim_end())
}

fn strip_any<'t>(text: &'t str, prefixes: &[&str]) -> Option<&'t str> {
    prefixes.iter().find_map(|prefix| text.strip_prefix(prefix))
}

fn shorten(text: &str) -> String {
    let mut end = text.len().min(MAX_DESCRIPTION);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default().to_owned()
}

/// The starts of lines within texts of several lines, where `#` is no comment.
fn lines_of_texts(document: &Document) -> HashSet<usize> {
    let mut starts = HashSet::new();
    for id in document.nodes.ids() {
        let Some(node) = document.nodes.get(id) else {
            continue;
        };
        if matches!(node.content, Content::Scalar { .. }) {
            let mut at = next_line(&document.text, node.head);
            while at < node.span.end {
                starts.insert(at);
                at = next_line(&document.text, at).max(at + 1);
            }
        }
    }
    starts
}
