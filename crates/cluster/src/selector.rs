//! Label selectors as Kubernetes reads them: `a=b`, `a!=b`, `a in (x, y)`, `a notin (x)`, `a`, `!a`, `a>1`, `a<1`.

use std::collections::BTreeMap;

/// Conditions on labels, all of which have to hold; none matches everything.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selector {
    requirements: Vec<(String, Condition)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Condition {
    Exists,
    Absent,
    In(Vec<String>),
    NotIn(Vec<String>),
    Above(i64),
    Below(i64),
}

/// A text that is no selector.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unable to parse requirement: {requirement:?}")]
pub struct SelectorError {
    pub requirement: String,
}

impl Selector {
    /// Reads a selector; nothing but white space is the one that matches everything.
    pub fn parse(text: &str) -> Result<Self, SelectorError> {
        let mut requirements = Vec::new();
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        for part in split_outside_parentheses(text) {
            let requirement = parse_requirement(part.trim()).ok_or_else(|| SelectorError {
                requirement: part.trim().to_owned(),
            })?;
            requirements.push(requirement);
        }
        Ok(Self { requirements })
    }

    /// Whether all conditions hold.
    pub fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        self.requirements.iter().all(|(key, condition)| {
            let value = labels.get(key);
            let number = || value.and_then(|value| value.parse::<i64>().ok());
            match condition {
                Condition::Exists => value.is_some(),
                Condition::Absent => value.is_none(),
                Condition::In(values) => value.is_some_and(|value| values.contains(value)),
                Condition::NotIn(values) => value.is_none_or(|value| !values.contains(value)),
                Condition::Above(limit) => number().is_some_and(|number| number > *limit),
                Condition::Below(limit) => number().is_some_and(|number| number < *limit),
            }
        })
    }
}

fn split_outside_parentheses(text: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    text.split(|character| {
        match character {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        character == ',' && depth == 0
    })
    .collect()
}

fn parse_requirement(text: &str) -> Option<(String, Condition)> {
    if let Some(key) = text.strip_prefix('!') {
        return Some((parse_key(key)?, Condition::Absent));
    }
    // The longer operators first: `!=` ends in `=`.
    for (operator, make) in OPERATORS {
        if let Some((key, value)) = text.split_once(operator) {
            return Some((parse_key(key)?, make(value.trim())?));
        }
    }
    if let Some(listed) = text.strip_suffix(')') {
        let (head, values) = listed.split_once('(')?;
        let (key, operator) = head.trim().rsplit_once(char::is_whitespace)?;
        let values: Option<Vec<String>> = values.split(',').map(|value| parse_value(value.trim())).collect();
        let condition = match operator {
            "in" => Condition::In(values?),
            "notin" => Condition::NotIn(values?),
            _ => return None,
        };
        return Some((parse_key(key)?, condition));
    }
    Some((parse_key(text)?, Condition::Exists))
}

type Operator = (&'static str, fn(&str) -> Option<Condition>);

const OPERATORS: &[Operator] = &[
    ("!=", |value| Some(Condition::NotIn(vec![parse_value(value)?]))),
    ("==", |value| Some(Condition::In(vec![parse_value(value)?]))),
    ("=", |value| Some(Condition::In(vec![parse_value(value)?]))),
    (">", |value| value.parse().ok().map(Condition::Above)),
    ("<", |value| value.parse().ok().map(Condition::Below)),
];

fn is_word(text: &str) -> bool {
    let is_edge = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
    text.len() <= 63
        && is_edge(text.bytes().next())
        && is_edge(text.bytes().next_back())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

fn parse_key(text: &str) -> Option<String> {
    let key = text.trim();
    let (prefix, name) = key.split_once('/').unwrap_or(("a", key));
    (is_word(name) && prefix.split('.').all(is_word)).then(|| key.to_owned())
}

fn parse_value(text: &str) -> Option<String> {
    (text.is_empty() || is_word(text)).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_hold_as_in_kubernetes() {
        let labels = BTreeMap::from([
            ("team".to_owned(), "a".to_owned()),
            ("example.org/size".to_owned(), "3".to_owned()),
        ]);
        for (selector, holds) in [
            ("", true),
            ("team=a", true),
            ("team==b", false),
            ("team!=b,other!=c", true),
            ("team in (x, a), example.org/size>2", true),
            ("team notin (a)", false),
            ("other notin (a)", true),
            ("team", true),
            ("!team", false),
            ("example.org/size<3", false),
        ] {
            assert_eq!(
                Selector::parse(selector).unwrap().matches(&labels),
                holds,
                "{selector}"
            );
        }
        for bad in ["=a", "a=b=c", "a,,b", "a in x", "a(b)", "a b", "a>x", "-a"] {
            assert!(Selector::parse(bad).is_err(), "{bad}");
        }
    }
}
