//! Parts of lists that are few enough to be read whole, and too many to be shown so.

use model::page::Page;

use crate::{Error, Result};

/// Rows of one part.
const PART: usize = 50;

/// Where a part begins.
#[derive(Clone, Copy, Debug)]
pub(super) enum Start<'a> {
    /// After the row of that name, whether it is still there or not; at the first one where the name is empty.
    After(&'a str),
    /// At the part that holds the row of that name.
    With(&'a str),
}

/// One part of rows that each have a name of their own, by name. A cursor is the name that its rows come after.
pub(super) fn by_name<T>(mut rows: Vec<T>, name: impl Fn(&T) -> &str, start: Start<'_>) -> Page<T> {
    // Not as the database sorts, which depends on its language.
    rows.sort_by(|a, b| name(a).cmp(name(b)));
    let total = rows.len();
    let start = match start {
        Start::After("") => 0,
        Start::After(cursor) => rows.partition_point(|row| name(row) <= cursor),
        Start::With(wanted) => rows.partition_point(|row| name(row) < wanted) / PART * PART,
    };
    let end = (start + PART).min(total);
    let name_before = |at: usize| match at.checked_sub(1).and_then(|at| rows.get(at)) {
        Some(row) => name(row).to_owned(),
        None => String::new(),
    };
    let next = (end < total).then(|| name_before(end));
    let previous = (start > 0).then(|| name_before(start.saturating_sub(PART)));
    Page {
        items: rows.drain(start..end).collect(),
        total: total as u64,
        first_position: start as u64 + 1,
        next,
        previous,
    }
}

/// A cursor that no list has given out is refused.
pub(super) fn check_cursor(cursor: &str, is_name: impl Fn(&str) -> bool) -> Result<()> {
    if cursor.is_empty() || is_name(cursor) {
        return Ok(());
    }
    Err(Error::Invalid {
        field: "cursor",
        message: "is not one that a list has given out".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::{Start, by_name};

    #[test]
    fn the_part_with_a_name_is_one_that_a_reader_comes_through() {
        let names: Vec<String> = (0..120).map(|n| format!("u{n:03}")).collect();
        let part = |start| by_name(names.clone(), |name| name.as_str(), start);
        let second = part(Start::With("u077"));
        assert_eq!((second.items.len(), second.first_position), (50, 51));
        assert_eq!(second, part(Start::After("u049")));
        assert_eq!(part(Start::With("a")), part(Start::After("")));
        // Who is past all of them finds the last ones.
        assert_eq!(part(Start::With("z")).first_position, 101);
        let exactly = by_name(names[..100].to_vec(), |name| name.as_str(), Start::With("z"));
        assert_eq!(
            (exactly.items.len(), exactly.previous),
            (0, Some("u049".to_owned()))
        );
    }
}
