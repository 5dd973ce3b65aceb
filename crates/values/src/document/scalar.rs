//! Scalars and keys as text: the plainest form that Helm reads back as exactly the same.

use engine::yaml::{Dialect, Resolved, ScalarStyle, is_base60, is_timestamp, resolve};

/// How a string is to be written, if its text allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quotes {
    /// None where possible.
    Plain,
    Single,
    Double,
}

impl Quotes {
    /// As the scalar that stood there before.
    pub(crate) fn of(style: Option<ScalarStyle>) -> Self {
        match style {
            Some(ScalarStyle::SingleQuoted) => Self::Single,
            Some(ScalarStyle::DoubleQuoted) => Self::Double,
            _ => Self::Plain,
        }
    }
}

/// A string on one line.
pub(crate) fn string(text: &str, quotes: Quotes, in_flow: bool) -> String {
    match quotes {
        Quotes::Plain if is_plain(text, in_flow) => text.to_owned(),
        Quotes::Single if text.chars().all(is_printable) => format!("'{}'", text.replace('\'', "''")),
        _ => double_quoted(text),
    }
}

/// A key; quoted where it would be read as anything but text.
pub(crate) fn key(text: &str, in_flow: bool, quoted: bool) -> String {
    let quotes = if quoted { Quotes::Double } else { Quotes::Plain };
    string(text, quotes, in_flow)
}

/// A number as YAML writes it: whole numbers without a fraction.
pub(crate) fn number(number: f64) -> String {
    const MAX_EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() <= MAX_EXACT {
        return (number as i64).to_string();
    }
    serde_json::Number::from_f64(number).map_or_else(|| ".nan".to_owned(), |number| number.to_string())
}

/// Whether a text needs no quotes: it reads as text in every YAML that might see it, and holds no punctuation that
/// means something.
fn is_plain(text: &str, in_flow: bool) -> bool {
    let Some(first) = text.chars().next() else {
        return false;
    };
    let reads_as_text = resolve(text, Dialect::V2) == Resolved::Str
        && resolve(text, Dialect::V3) == Resolved::Str
        && !is_base60(text)
        && !is_timestamp(text)
        && !matches!(text, "=" | "<<" | "---" | "...");
    if !reads_as_text || text.starts_with("---") || text.starts_with("...") {
        return false;
    }
    let indicator = matches!(
        first,
        '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`' | '#' | ',' | '[' | ']' | '{' | '}'
    );
    let dash =
        matches!(first, '-' | '?' | ':') && text.chars().nth(1).is_none_or(|second| second == ' ' || in_flow);
    if indicator || dash || text.starts_with(' ') || text.ends_with([' ', ':']) {
        return false;
    }
    if text.contains(": ") || text.contains(" #") || !text.chars().all(is_printable) {
        return false;
    }
    !(in_flow && text.contains([',', '[', ']', '{', '}', '?', ':']))
}

/// Whether a character may stand for itself on a line: no control characters, line breaks, tabs, or what cannot be
/// seen.
fn is_printable(character: char) -> bool {
    !(character.is_control()
        || matches!(
            character,
            '\u{2028}' | '\u{2029}' | '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}'
        ))
}

fn double_quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\0' => quoted.push_str("\\0"),
            other if is_printable(other) => quoted.push(other),
            other => {
                let code = u32::from(other);
                quoted.push_str(&match code {
                    0..=0xFF => format!("\\x{code:02X}"),
                    0x100..=0xFFFF => format!("\\u{code:04X}"),
                    _ => format!("\\U{code:08X}"),
                });
            }
        }
    }
    quoted.push('"');
    quoted
}

/// The header and lines of a text as a literal block (`|`), if it can be one: it has a line break, and nothing that
/// a block would lose. Lines are without indentation.
pub(crate) fn literal(text: &str) -> Option<(&'static str, Vec<&str>)> {
    let body = text.strip_suffix('\n').unwrap_or(text);
    let clean = |c: char| c == '\n' || c == '\t' || is_printable(c);
    // A leading blank would be taken for indentation, and trailing line breaks would swallow blank lines behind the
    // block.
    if !text.contains('\n') || text.starts_with([' ', '\t', '\n']) || body.ends_with(['\n', ' ', '\t']) {
        return None;
    }
    if body.is_empty() || !text.chars().all(clean) {
        return None;
    }
    let header = if body.len() == text.len() { "|-" } else { "|" };
    Some((header, body.split('\n').collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_plain_where_nobody_can_mistake_them() {
        let cases = [
            ("nginx", "nginx"),
            ("nginx:1.27", "nginx:1.27"),
            ("a b", "a b"),
            ("/var/lib", "/var/lib"),
            ("-v", "-v"),
            ("true", "\"true\""),
            ("yes", "\"yes\""),
            ("1.20", "\"1.20\""),
            ("0755", "\"0755\""),
            ("12:30", "\"12:30\""),
            ("2001-01-01", "\"2001-01-01\""),
            ("1.2.3", "1.2.3"),
            ("", "\"\""),
            ("null", "\"null\""),
            ("- a", "\"- a\""),
            ("a: b", "\"a: b\""),
            ("a #b", "\"a #b\""),
            ("tail:", "\"tail:\""),
            ("{{ .Values.x }}", "\"{{ .Values.x }}\""),
            ("tab\there", "\"tab\\there\""),
            ("\u{7}", "\"\\x07\""),
            ("ü", "ü"),
        ];
        for (text, want) in cases {
            assert_eq!(string(text, Quotes::Plain, false), want, "{text:?}");
        }
        assert_eq!(string("a,b", Quotes::Plain, false), "a,b");
        assert_eq!(string("a,b", Quotes::Plain, true), "\"a,b\"");
        assert_eq!(string("it's", Quotes::Single, false), "'it''s'");
        assert_eq!(string("a\nb", Quotes::Single, false), "\"a\\nb\"");
    }

    #[test]
    fn numbers_keep_their_value() {
        for (value, want) in [
            (3.0, "3"),
            (-0.5, "-0.5"),
            (1e21, "1e+21"),
            (9_007_199_254_740_993.0, "9007199254740992"),
        ] {
            assert_eq!(number(value), want);
        }
    }
}
