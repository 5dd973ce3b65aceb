//! The order of keys: natural, so that `a2` comes before `a10`.
//!
//! go-yaml's comparison is not an order in the strict sense for every set of keys, so the sort must not rely on that:
//! a plain merge sort takes whatever it says.

use crate::value::{GoStr, Value};
use crate::yaml::resolve::Dialect;

pub(super) fn sort(entries: &mut Vec<(GoStr, Value)>, dialect: Dialect) {
    let is_sorted = entries.windows(2).all(|pair| match pair {
        [a, b] => !key_less(&b.0, &a.0, dialect),
        _ => true,
    });
    if !is_sorted {
        *entries = merge_sort(std::mem::take(entries), dialect);
    }
}

fn merge_sort(mut left: Vec<(GoStr, Value)>, dialect: Dialect) -> Vec<(GoStr, Value)> {
    if left.len() < 2 {
        return left;
    }
    let right = left.split_off(left.len() / 2);
    let mut left = merge_sort(left, dialect).into_iter().peekable();
    let mut right = merge_sort(right, dialect).into_iter().peekable();
    let mut merged = Vec::with_capacity(left.len() + right.len());
    loop {
        let take_right = match (left.peek(), right.peek()) {
            (Some(a), Some(b)) => key_less(&b.0, &a.0, dialect),
            (Some(_), None) => false,
            (None, Some(_)) => true,
            (None, None) => return merged,
        };
        merged.extend(if take_right { right.next() } else { left.next() });
    }
}

fn key_less(a: &GoStr, b: &GoStr, dialect: Dialect) -> bool {
    // Where the first difference is between two letters, or one key begins the other, no more is to be known.
    let mut pairs = a.as_bytes().iter().zip(b.as_bytes());
    match pairs.find(|(x, y)| x != y) {
        Some((x, y)) if x.is_ascii_alphabetic() && y.is_ascii_alphabetic() => x < y,
        None => a.len() < b.len(),
        Some(_) => less(&a.to_str_lossy(), &b.to_str_lossy(), dialect),
    }
}

/// Whether `a` comes before `b`.
// go: sorter.go, keyList.Less
fn less(a: &str, b: &str, dialect: Dialect) -> bool {
    let (Some(split), false) = (first_difference(a, b), a == b) else {
        return a.len() < b.len();
    };
    let (prefix, a_rest) = a.split_at_checked(split).unwrap_or((a, ""));
    let b_rest = b.get(split..).unwrap_or_default();
    let (Some(ac), Some(bc)) = (a_rest.chars().next(), b_rest.chars().next()) else {
        return a.len() < b.len();
    };
    let (al, bl) = (ac.is_alphabetic(), bc.is_alphabetic());
    if al && bl {
        return ac < bc;
    }
    if al || bl {
        // v3 puts the end of a number before a letter: `a1-` after `a1b`.
        let after_digit = dialect == Dialect::V3 && prefix.chars().next_back().is_some_and(is_digit);
        return if after_digit { al } else { bl };
    }
    // Zeros count only behind other digits of the same number.
    let in_number = (ac == '0' || bc == '0')
        && prefix
            .chars()
            .rev()
            .take_while(|c| is_digit(*c))
            .any(|c| c != '0');
    let start = i64::from(in_number);
    let (an, a_digits) = number(a_rest, start);
    let (bn, b_digits) = number(b_rest, start);
    if an != bn {
        return an < bn;
    }
    if a_digits != b_digits {
        return a_digits < b_digits;
    }
    ac < bc
}

/// The start of the first character in which the texts differ, if both still have one there.
fn first_difference(a: &str, b: &str) -> Option<usize> {
    let common = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
    let split = (0..=common)
        .rev()
        .find(|i| a.is_char_boundary(*i) && b.is_char_boundary(*i))?;
    (split < a.len() && split < b.len()).then_some(split)
}

/// The number at the start of `text` and how many characters it takes.
fn number(text: &str, start: i64) -> (i64, usize) {
    text.chars()
        .take_while(|c| is_digit(*c))
        .fold((start, 0), |(n, digits), c| {
            let digit = i64::from(c as u32) - i64::from(b'0');
            (n.wrapping_mul(10).wrapping_add(digit), digits + 1)
        })
}

fn is_digit(c: char) -> bool {
    if c.is_ascii() {
        c.is_ascii_digit()
    } else {
        c.is_numeric() && !c.is_alphabetic()
    }
}
