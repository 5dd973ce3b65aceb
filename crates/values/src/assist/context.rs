//! Where in the values an offset is, told from indentation alone: the text need not be YAML.

use std::ops::Range;

use crate::Path;
use crate::document::lines::{line_at, line_start, previous_line, slice};

/// What an offset is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Context {
    /// The mapping that the line's key belongs to. List items are not told apart: all have index 0.
    pub(super) parent: Path,
    /// The key on the line, if its colon is before the offset.
    pub(super) key: Option<String>,
    /// What was typed of a key or value, up to the offset.
    pub(super) prefix: Range<usize>,
    /// Where keys of this mapping begin on their line.
    pub(super) column: usize,
    /// Within a comment or a text of several lines.
    pub(super) in_text: bool,
}

/// A line as a key with what is behind it.
struct Key<'t> {
    /// Where the key begins.
    column: usize,
    name: &'t str,
    behind: &'t str,
    /// Dashes before it, each with its column.
    dashes: Vec<usize>,
}

fn key(line: &str) -> Option<Key<'_>> {
    let mut column = 0;
    let mut dashes = Vec::new();
    let mut rest = line;
    loop {
        let trimmed = rest.trim_start_matches(' ');
        column += rest.len() - trimmed.len();
        rest = trimmed;
        match rest.strip_prefix('-') {
            Some(behind) if behind.is_empty() || behind.starts_with(' ') => {
                dashes.push(column);
                column += 1;
                rest = behind;
            }
            _ => break,
        }
    }
    if rest.starts_with('#') {
        return None;
    }
    let (name, behind) = match rest.split_once(": ") {
        Some((name, behind)) => (name, behind),
        None => match rest.trim_end().strip_suffix(':') {
            Some(name) => (name, ""),
            None => {
                return (!dashes.is_empty()).then_some(Key {
                    column,
                    name: "",
                    behind: rest,
                    dashes,
                });
            }
        },
    };
    let name = name.trim_end().trim_matches(['"', '\'']);
    Some(Key {
        column,
        name,
        behind: behind.trim(),
        dashes,
    })
}

pub(super) fn context(text: &str, offset: usize) -> Context {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let start = line_start(text, offset);
    let line = slice(text, start..offset);
    let blank = line.len() - line.trim_start_matches([' ', '-']).len();
    let mut column = blank;
    let mut own_key = None;
    let mut prefix = start + blank..offset;
    let mut dashes = Vec::new();
    if let Some(found) = key(line) {
        column = found.column;
        dashes = found.dashes;
        if line.contains(": ") || line.trim_end().ends_with(':') && !line.trim_end().ends_with("::") {
            own_key = Some(found.name.to_owned());
            let typed = line.rsplit_once(": ").map_or("", |(_, typed)| typed);
            prefix = offset - typed.trim_start().len()..offset;
        }
    }
    let mut in_text = line.trim_start().starts_with('#') || line.contains(" #");
    // Upwards: every line that is indented less holds what came before.
    let mut names: Vec<Option<String>> = Vec::new();
    let mut limit = column;
    let mut list_at = dashes.first().copied();
    if list_at.is_some() {
        names.push(None);
        limit = list_at.unwrap_or(limit);
    }
    let mut above = previous_line(text, start);
    while let Some(range) = above {
        let content = slice(text, range.clone());
        above = previous_line(text, range.start);
        if content.trim().is_empty() {
            continue;
        }
        let Some(found) = key(content) else {
            continue;
        };
        let first = found.dashes.first().copied();
        // A list may stand in the column of its key.
        let holds = found.column < limit
            || list_at == Some(found.column) && first.is_none() && found.behind.is_empty();
        if holds {
            if names.is_empty() && found.behind.starts_with(['|', '>']) {
                in_text = true;
            }
            if !found.name.is_empty() {
                names.push(Some(found.name.to_owned()));
            }
            limit = found.column;
            list_at = None;
        }
        if let Some(dash) = first
            && dash < limit.max(1)
            && found.column <= limit
            && list_at.is_none()
            && (holds || found.column == limit)
        {
            names.push(None);
            limit = dash;
            list_at = Some(dash);
        }
        if limit == 0 && list_at.is_none() {
            break;
        }
    }
    names.reverse();
    let mut parent = Path::root();
    for name in names {
        parent = match name {
            Some(name) => parent.join(name),
            None => parent.join(0),
        };
    }
    Context {
        parent,
        key: own_key,
        prefix,
        column,
        in_text,
    }
}

/// Keys on the lines of the same mapping as the one at `offset`.
pub(super) fn siblings(text: &str, offset: usize, column: usize) -> Vec<String> {
    let mut found = Vec::new();
    let current = line_at(text, offset);
    let mut add = |range: &Range<usize>| {
        let content = slice(text, range.clone());
        if content.trim().is_empty() || content.trim_start().starts_with('#') {
            return true;
        }
        let Some(key) = key(content) else { return true };
        if key.column < column {
            return false;
        }
        if key.column == column && !key.name.is_empty() {
            found.push(key.name.to_owned());
        }
        // A dash begins another item.
        key.column > column || key.dashes.is_empty()
    };
    let mut above = previous_line(text, current.start);
    while let Some(range) = above {
        if !add(&range) {
            break;
        }
        above = previous_line(text, range.start);
    }
    let mut at = crate::document::lines::next_line(text, current.start);
    while at > current.start && at < text.len() {
        let range = line_at(text, at);
        let is_item =
            key(slice(text, range.clone())).is_some_and(|key| key.column == column && !key.dashes.is_empty());
        if is_item || !add(&range) {
            break;
        }
        at = crate::document::lines::next_line(text, at).max(at + 1);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, parent: &str, key: Option<&str>, prefix: &str) {
        let offset = text.find('^').unwrap();
        let text = text.replace('^', "");
        let context = context(&text, offset);
        assert_eq!(context.parent.to_string(), parent, "{text}");
        assert_eq!(context.key.as_deref(), key, "{text}");
        assert_eq!(&text[context.prefix], prefix, "{text}");
    }

    #[test]
    fn the_place_is_told_from_indentation() {
        check("^", "", None, "");
        check("rep^", "", None, "rep");
        check("a:\n  b^", "a", None, "b");
        check("a:\n  b: 1\n  c:\n    d: 2\n  e^", "a", None, "e");
        check("a:\n  b: 1\nc^", "", None, "c");
        check("a:\n  b: tr^", "a", Some("b"), "tr");
        check("a:\n  b:^", "a", Some("b"), "");
        check("a:\n  # comment\n\n  ^", "a", None, "");
        check("a:\n  - b: 1\n    c^", "a[0]", None, "c");
        check("a:\n- b^", "a[0]", None, "b");
        check("x:\n  a:\n  - b: 1\n    c: 2\n  d^", "x", None, "d");
        check("a:\n\tb [\n  c^", "a", None, "c");
    }
}
