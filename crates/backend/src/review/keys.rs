//! Keys of default values: which came, went, hold another type or another default.

use std::collections::HashMap;

use helm::values::{Table, Tree, parse_values};
use model::review::{DefaultValue, ValueChange, ValueChangeKind, ValueChanges};

use super::cut;
use crate::content::value_comments;

/// Keys that are told.
const MAX_CHANGES: usize = 500;
/// Keys below one that came or went whole.
const MAX_BELOW: usize = 50;
/// What is shown of a default, in characters.
const MAX_TEXT: usize = 200;
/// What is shown of a comment.
const MAX_COMMENT: usize = 400;
/// Deeper keys are compared as a whole (attack: a table in a table in a table).
const MAX_DEPTH: usize = 64;
/// Changes that are collected before they are put in order.
const MAX_COLLECTED: usize = 20_000;

/// How the default values of two versions differ.
pub(crate) fn changes(before: &str, after: &str) -> ValueChanges {
    let (old, new) = match (parse_values(before.as_bytes()), parse_values(after.as_bytes())) {
        (Ok(old), Ok(new)) => (old, new),
        (Err(error), _) => return unreadable("older", &error.to_string()),
        (_, Err(error)) => return unreadable("newer", &error.to_string()),
    };
    let mut walk = Walk { changes: Vec::new() };
    walk.tables("", &old, &new, 0);
    let mut changes = walk.changes;
    changes.sort_by(|a, b| (a.change, &a.path).cmp(&(b.change, &b.path)));
    let n_left_out = changes.len().saturating_sub(MAX_CHANGES);
    changes.truncate(MAX_CHANGES);
    if !changes.is_empty() {
        let (old, new) = (value_comments(before), value_comments(after));
        for change in &mut changes {
            change.description = describe(&change.path, &new, &old);
        }
    }
    ValueChanges {
        changes,
        n_left_out,
        problem: None,
    }
}

fn unreadable(which: &str, error: &str) -> ValueChanges {
    ValueChanges {
        problem: Some(format!(
            "The values of the {which} version cannot be read: {}",
            cut(error, MAX_TEXT)
        )),
        ..ValueChanges::default()
    }
}

/// The newer comment; the older one of a key that is gone.
fn describe(path: &str, new: &HashMap<String, String>, old: &HashMap<String, String>) -> String {
    let comment = new
        .get(path)
        .filter(|comment| !comment.is_empty())
        .or_else(|| old.get(path));
    comment.map(|comment| plain(comment, path)).unwrap_or_default()
}

/// A comment without what tools write before it: `@param a.b [type] text`.
fn plain(comment: &str, path: &str) -> String {
    let mut text = comment.trim();
    if let Some(rest) = text
        .strip_prefix("@param ")
        .or_else(|| text.strip_prefix("@extra "))
    {
        text = rest.trim_start();
        text = text.strip_prefix(path).unwrap_or(text).trim_start();
        if let Some((_, rest)) = text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            text = rest.trim_start();
        }
    }
    cut(text, MAX_COMMENT)
}

struct Walk {
    changes: Vec<ValueChange>,
}

impl Walk {
    fn tables(&mut self, path: &str, old: &Table, new: &Table, depth: usize) {
        for (key, value) in new {
            let path = below(path, &key.to_str_lossy());
            match old.get(key) {
                None => self.whole(path, ValueChangeKind::Added, value),
                Some(was) => self.both(path, was, value, depth),
            }
        }
        for (key, value) in old {
            if !new.contains_key(key) {
                self.whole(below(path, &key.to_str_lossy()), ValueChangeKind::Removed, value);
            }
        }
    }

    fn both(&mut self, path: String, old: &Tree, new: &Tree, depth: usize) {
        match (old, new) {
            (Tree::Table(old), Tree::Table(new)) if depth < MAX_DEPTH => {
                self.tables(&path, old, new, depth + 1);
            }
            (old, new) if old == new => {}
            (old, new) => {
                // A key without a default has no type that could change.
                let is_retyped = kind(old) != kind(new) && *old != Tree::Null && *new != Tree::Null;
                let change = match is_retyped {
                    true => ValueChangeKind::Retyped,
                    false => ValueChangeKind::DefaultChanged,
                };
                self.push(change, path, Some(old), Some(new));
            }
        }
    }

    /// A key that came or went, with all that is below it.
    fn whole(&mut self, path: String, change: ValueChangeKind, value: &Tree) {
        let (mut keys, mut n_below) = (Vec::new(), 0);
        leaves(&path, value, 0, &mut keys, &mut n_below);
        match change {
            ValueChangeKind::Added => self.push(change, path, None, Some(value)),
            _ => self.push(change, path, Some(value), None),
        }
        if let Some(last) = self.changes.last_mut() {
            (last.below, last.n_below) = (keys, n_below);
        }
    }

    fn push(&mut self, change: ValueChangeKind, path: String, before: Option<&Tree>, after: Option<&Tree>) {
        if self.changes.len() < MAX_COLLECTED {
            self.changes.push(ValueChange {
                path,
                change,
                before: before.map(shown),
                after: after.map(shown),
                description: String::new(),
                below: Vec::new(),
                n_below: 0,
            });
        }
    }
}

/// The keys below a table that hold no further keys.
fn leaves(path: &str, value: &Tree, depth: usize, keys: &mut Vec<String>, n: &mut usize) {
    let Tree::Table(table) = value else { return };
    for (key, value) in table {
        let path = below(path, &key.to_str_lossy());
        match value {
            Tree::Table(inner) if !inner.is_empty() && depth < MAX_DEPTH => {
                leaves(&path, value, depth + 1, keys, n);
            }
            _ => {
                *n += 1;
                if keys.len() < MAX_BELOW {
                    keys.push(path);
                }
            }
        }
    }
}

/// A path as the values page writes it.
fn below(path: &str, key: &str) -> String {
    let key = cut(key, MAX_TEXT).replace('.', "\\.");
    if path.is_empty() {
        key
    } else {
        format!("{path}.{key}")
    }
}

fn kind(value: &Tree) -> &'static str {
    match value {
        Tree::Null => "nothing",
        Tree::Bool(_) => "boolean",
        Tree::Int(_) | Tree::Float(_) => "number",
        Tree::String(_) => "text",
        Tree::List(_) => "list",
        Tree::Table(_) => "map",
    }
}

fn shown(value: &Tree) -> DefaultValue {
    let text = match value {
        Tree::Table(table) if table.is_empty() => "{}".to_owned(),
        // Its keys are told below it.
        Tree::Table(_) => String::new(),
        other => cut(&other.to_json().to_string(), MAX_TEXT),
    };
    DefaultValue {
        kind: kind(value).to_owned(),
        text,
    }
}

#[cfg(test)]
mod tests {
    use model::review::ValueChangeKind::{Added, DefaultChanged, Removed, Retyped};

    use super::changes;

    #[test]
    fn keys_are_compared_by_path() {
        let before = "\
# -- How many
replicas: 1
# Gone soon
old: {a: 1, b: {c: 2}}
tags: [a]
image: nginx
a.b: x
unset:
same: {x: 1}
";
        let after = "\
# -- How many there are
replicas: 3
tags: [a, b]
## @param image [object] The image
image: {tag: '1'}
a.b: 1
unset: now
same: {x: 1}
new: {}
";
        let found = changes(before, after);
        let told: Vec<_> = found
            .changes
            .iter()
            .map(|change| (change.change, change.path.as_str(), change.description.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                (Removed, "old", "Gone soon"),
                (Retyped, "a\\.b", ""),
                (Retyped, "image", "The image"),
                (DefaultChanged, "replicas", "How many there are"),
                (DefaultChanged, "tags", ""),
                (DefaultChanged, "unset", ""),
                (Added, "new", ""),
            ]
        );
        assert_eq!(found.changes[0].below, ["old.a", "old.b.c"]);
        let replicas = &found.changes[3];
        let texts = (replicas.before.as_ref(), replicas.after.as_ref());
        let texts = (
            texts.0.map(|value| value.text.as_str()),
            texts.1.map(|value| value.text.as_str()),
        );
        assert_eq!(texts, (Some("1"), Some("3")));
        assert!(changes(after, after).changes.is_empty());
    }

    #[test]
    fn any_number_of_keys_and_any_depth_is_told_in_a_bounded_list() {
        let many: String = (0..2_000).map(|number| format!("k{number}: 1\n")).collect();
        let found = changes("", &many);
        assert_eq!(
            (found.changes.len(), found.n_left_out),
            (super::MAX_CHANGES, 1_500)
        );
        let deep = |leaf: &str| format!("{}{leaf}{}", "{a: ".repeat(200), "}".repeat(200));
        let found = changes(&format!("x: {}", deep("1")), &format!("x: {}", deep("2")));
        assert!(found.problem.is_some() || found.changes.len() == 1, "{found:?}");
        assert!(
            changes("a: [", "a: 1")
                .problem
                .is_some_and(|text| text.contains("older"))
        );
        assert!(
            changes("a: 1", "- a")
                .problem
                .is_some_and(|text| text.contains("newer"))
        );
    }
}
