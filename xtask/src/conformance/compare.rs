//! Saying how two answers differ.

use serde_json::Value;

/// What a case came to: a text, or an error's text.
pub(crate) type Answer<T> = Result<T, String>;

/// The difference between two texts, line by line; nothing when they are equal.
pub(crate) fn diff(expected: &str, got: &str) -> Option<String> {
    diff_masked(expected, got, |_| false)
}

/// The same, where lines (counted from 0) that `masked` names may differ.
pub(crate) fn diff_masked(expected: &str, got: &str, masked: impl Fn(usize) -> bool) -> Option<String> {
    if expected == got {
        return None;
    }
    let (mut left, mut right) = (expected.split('\n'), got.split('\n'));
    let mut lines = Vec::new();
    for number in 0.. {
        let (expected, got) = (left.next(), right.next());
        if expected.is_none() && got.is_none() {
            break;
        }
        if expected == got || (masked(number) && expected.is_some() && got.is_some()) {
            continue;
        }
        // Where one side has a line more, everything behind it differs: a few lines show it.
        if lines.len() >= 6 {
            lines.push("…".to_owned());
            break;
        }
        let show =
            |sign: char, line: Option<&str>| line.map(|line| format!("{sign}{}: {line:?}", number + 1));
        lines.extend([show('-', expected), show('+', got)].into_iter().flatten());
    }
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// Compares an answer with `{"out": …}` or `{"err": …}`.
pub(crate) fn compare_text(expected: &Value, got: &Answer<String>) -> Option<String> {
    match (
        expected.get("out").and_then(Value::as_str),
        expected.get("err").and_then(Value::as_str),
        got,
    ) {
        (Some(expected), _, Ok(got)) => diff(expected, got),
        (_, Some(expected), Err(got)) => diff(expected, got),
        (Some(expected), _, Err(got)) => Some(format!("- out {expected:?}\n+ err {got:?}")),
        (_, Some(expected), Ok(got)) => Some(format!("- err {expected:?}\n+ out {got:?}")),
        _ => Some(format!("no expectation in {expected}")),
    }
}

/// The first difference between two JSON values, with the path to it.
pub(crate) fn diff_json(expected: &Value, got: &Value, path: &str) -> Option<String> {
    match (expected, got) {
        (Value::Object(left), Value::Object(right)) => {
            let keys: std::collections::BTreeSet<_> = left.keys().chain(right.keys()).collect();
            keys.into_iter()
                .find_map(|key| match (left.get(key), right.get(key)) {
                    (Some(left), Some(right)) => diff_json(left, right, &format!("{path}.{key}")),
                    (Some(left), None) => Some(format!("-{path}.{key}: {left}")),
                    (None, right) => Some(format!("+{path}.{key}: {}", right.unwrap_or(&Value::Null))),
                })
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => left
            .iter()
            .zip(right)
            .enumerate()
            .find_map(|(index, (left, right))| diff_json(left, right, &format!("{path}[{index}]"))),
        (Value::Number(left), Value::Number(right)) if left.as_f64() == right.as_f64() => None,
        _ if expected == got => None,
        _ => Some(format!("-{path}: {expected}\n+{path}: {got}")),
    }
}
