//! What somebody may have meant.

use super::Snapshot;

/// Names that are offered instead of one that does not exist.
const MAX_SUGGESTIONS: usize = 5;
/// Longer names are compared by their beginnings.
const MAX_COMPARED: usize = 64;

impl Snapshot {
    /// `repository/name` of the charts with the nearest names, nearest first; those of `repository` before others.
    pub(crate) fn suggest(&self, repository: &str, name: &str) -> Vec<String> {
        let wanted: Vec<char> = name.to_lowercase().chars().take(MAX_COMPARED).collect();
        let patience = (wanted.len() / 3).max(2);
        let mut near: Vec<(usize, bool, &str, &str)> = self
            .charts
            .iter()
            .filter_map(|entry| {
                let distance = near(&wanted, &entry.name, patience)?;
                let is_elsewhere = entry.record.repository != repository;
                Some((
                    distance,
                    is_elsewhere,
                    entry.record.name.as_str(),
                    entry.record.repository.as_str(),
                ))
            })
            .collect();
        near.sort_unstable();
        near.into_iter()
            .take(MAX_SUGGESTIONS)
            .map(|(_, _, name, from)| format!("{from}/{name}"))
            .collect()
    }
}

/// How far a name is from the wanted one, where that is not too far.
fn near(wanted: &[char], name: &str, patience: usize) -> Option<usize> {
    let other: Vec<char> = name.chars().take(MAX_COMPARED).collect();
    let distance = distance(wanted, &other);
    if distance <= patience {
        return Some(distance);
    }
    // `postgres` for `postgresql-ha`.
    let is_part =
        wanted.len() >= 3 && (other.starts_with(wanted) || wanted.starts_with(&other) && other.len() >= 3);
    is_part.then_some(patience + 1)
}

/// Edits between two words: insert, delete, replace, swap neighbours (optimal string alignment).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = Vec::with_capacity(b.len() + 1);
        row.push(i + 1);
        for (j, y) in b.iter().enumerate() {
            let replace = last[j] + usize::from(x != y);
            let mut best = replace.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a[i - 1] == *y && *x == b[j - 1] {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = last;
        last = row;
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::distance;

    #[test]
    fn distances_count_edits() {
        let rows = [
            ("", "", 0),
            ("abc", "", 3),
            ("nginx", "ngnix", 1),
            ("redis", "reddis", 1),
            ("a", "b", 1),
        ];
        for (a, b, want) in rows {
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            assert_eq!(distance(&chars(a), &chars(b)), want, "{a} {b}");
            assert_eq!(distance(&chars(b), &chars(a)), want, "{b} {a}");
        }
    }
}
