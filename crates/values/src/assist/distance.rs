//! How far two names are from each other.

/// Nobody slips more often in one name.
const FAR: usize = 3;

/// Edits that make one name into the other: a character more, less, another, or two that changed places.
/// Case does not count. Long names are far from everything. Past [`FAR`] it is only told that it is more.
pub(crate) fn distance(a: &str, b: &str) -> usize {
    const MAX_LENGTH: usize = 64;
    let (a, b) = (a.to_lowercase(), b.to_lowercase());
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > FAR || a.len() > MAX_LENGTH {
        return usize::MAX;
    }
    let at = |row: &[usize], index: usize| row.get(index).copied().unwrap_or(usize::MAX / 2);
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut next = Vec::with_capacity(row.len());
        next.push(i + 1);
        for (j, y) in b.iter().enumerate() {
            // So far off the diagonal a way has that many edits already; thousands of names are compared with thousands.
            if i.abs_diff(j) > FAR {
                next.push(usize::MAX / 2);
                continue;
            }
            let replaced = at(&row, j) + usize::from(x != y);
            let mut best = replaced.min(at(&row, j + 1) + 1).min(at(&next, j) + 1);
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x);
            if swapped {
                best = best.min(at(&before, j - 1) + 1);
            }
            next.push(best);
        }
        before = std::mem::replace(&mut row, next);
    }
    at(&row, b.len())
}

#[cfg(test)]
mod tests {
    use super::distance;

    #[test]
    fn names_are_as_far_apart_as_slips_of_the_hand() {
        assert_eq!(distance("replicaCount", "replicacount"), 0);
        assert_eq!(distance("replicaCount", "replicCount"), 1);
        assert_eq!(distance("image", "iamge"), 1);
        assert_eq!(distance("a", "xyz"), 3);
        assert_eq!(distance("a", "abcdefg"), usize::MAX);
        assert_eq!(distance("abcdefgh", "xxabcdefgh"), 2);
        assert!(distance("abcdefgh", "hgfedcba") > 3);
    }
}
