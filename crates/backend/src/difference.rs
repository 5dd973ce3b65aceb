//! What differs between two texts, line by line, and between the objects of two manifests.

use std::collections::HashMap;
use std::time::Duration;

use model::release::{
    DifferenceLine, Hunk, LineKind, ManifestPart, ObjectChange, ObjectDifference, TextDifference,
};
use similar::{ChangeTag, TextDiff};

/// Equal lines around a difference.
const CONTEXT: usize = 3;
/// Lines of one difference that are shown.
const MAX_LINES: usize = 2_000;
/// Lines of a text that are compared; beyond it no page could show what differs.
const MAX_COMPARED_LINES: usize = 100_000;
/// How long the shortest difference is looked for; after that a longer one does. Texts without a line in common take
/// time by the product of their lengths (attack: two versions of a file that are made so).
const MAX_TIME: Duration = Duration::from_millis(400);

/// What an object is told from others by.
fn key(part: &ManifestPart) -> (&str, &str) {
    (&part.kind, &part.name)
}

/// Which objects differ, in the order of the newer ones, removed ones last; and how many are equal.
pub(crate) fn objects(before: &[ManifestPart], after: &[ManifestPart]) -> (Vec<ObjectDifference>, usize) {
    let mut old: HashMap<(&str, &str), Vec<&ManifestPart>> = HashMap::new();
    // In reverse, so that equal names are taken in their order.
    for part in before.iter().rev() {
        old.entry(key(part)).or_default().push(part);
    }
    let (mut differences, mut n_equal) = (Vec::new(), 0);
    for part in after {
        let was = old.get_mut(&key(part)).and_then(Vec::pop);
        match was {
            Some(was) if was.yaml == part.yaml => n_equal += 1,
            Some(was) => differences.push(object(part, ObjectChange::Changed, &was.yaml, &part.yaml)),
            None => differences.push(object(part, ObjectChange::Added, "", &part.yaml)),
        }
    }
    let is_left = |part: &&ManifestPart| {
        let left = old.get(&key(part));
        left.is_some_and(|left| left.iter().any(|other| std::ptr::eq(*other, *part)))
    };
    for part in before.iter().filter(is_left) {
        differences.push(object(part, ObjectChange::Removed, &part.yaml, ""));
    }
    (differences, n_equal)
}

fn object(part: &ManifestPart, change: ObjectChange, old: &str, new: &str) -> ObjectDifference {
    ObjectDifference {
        kind: part.kind.clone(),
        name: part.name.clone(),
        change,
        text: difference(old, new),
    }
}

/// What differs between two texts, by lines.
pub(crate) fn difference(old: &str, new: &str) -> TextDifference {
    let n_lines = |text: &str| text.lines().count();
    if n_lines(old) + n_lines(new) > MAX_COMPARED_LINES {
        return TextDifference {
            hunks: Vec::new(),
            is_cut: old != new,
        };
    }
    let diff = TextDiff::configure().timeout(MAX_TIME).diff_lines(old, new);
    let mut shown = TextDifference::default();
    let mut n_shown = 0;
    for group in diff.grouped_ops(CONTEXT) {
        let Some(first) = group.first() else { continue };
        let mut hunk = Hunk {
            from_line: first.old_range().start + 1,
            to_line: first.new_range().start + 1,
            lines: Vec::new(),
        };
        for change in group.iter().flat_map(|operation| diff.iter_changes(operation)) {
            if n_shown == MAX_LINES {
                shown.is_cut = true;
                break;
            }
            n_shown += 1;
            hunk.lines.push(DifferenceLine {
                kind: match change.tag() {
                    ChangeTag::Equal => LineKind::Both,
                    ChangeTag::Delete => LineKind::Old,
                    ChangeTag::Insert => LineKind::New,
                },
                text: change.value().trim_end_matches(['\n', '\r']).to_owned(),
            });
        }
        shown.hunks.push(hunk);
        if shown.is_cut {
            break;
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(kind: &str, name: &str, yaml: &str) -> ManifestPart {
        ManifestPart {
            kind: kind.to_owned(),
            name: name.to_owned(),
            path: String::new(),
            events: Vec::new(),
            yaml: yaml.to_owned(),
        }
    }

    #[test]
    fn objects_are_compared_by_what_they_are() {
        let before = [
            part("A", "x", "1\n"),
            part("A", "x", "2\n"),
            part("B", "x", "3\n"),
        ];
        let after = [
            part("A", "x", "1\n"),
            part("C", "y", "4\n"),
            part("A", "x", "5\n"),
        ];
        let (differences, n_equal) = objects(&before, &after);
        assert_eq!(n_equal, 1);
        let told: Vec<_> = differences
            .iter()
            .map(|difference| (difference.kind.as_str(), difference.change))
            .collect();
        let want = [
            ("C", ObjectChange::Added),
            ("A", ObjectChange::Changed),
            ("B", ObjectChange::Removed),
        ];
        assert_eq!(told, want);
        assert_eq!(objects(&before, &before).0, []);
    }

    #[test]
    fn lines_around_a_difference_are_shown() {
        let lines = |middle: &str| format!("1\n2\n3\n4\n{middle}\n6\n7\n8\n9\n");
        let shown = difference(&lines("five"), &lines("5"));
        assert_eq!(shown.hunks.len(), 1);
        assert_eq!((shown.hunks[0].from_line, shown.hunks[0].lines.len()), (2, 8));
        assert_eq!(difference("a\n", "a\n"), TextDifference::default());
        let long: String = (0..3_000).map(|number| format!("{number}\n")).collect();
        let cut = difference("", &long);
        assert!(cut.is_cut && cut.hunks[0].lines.len() == MAX_LINES);
        assert!(difference("", &long.repeat(40)).is_cut);
    }
}
