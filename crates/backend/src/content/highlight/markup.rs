//! Markdown as source, and diffs.

use super::{Class, Token};

/// Headings, fences and quotes; words stay plain.
pub(super) fn markdown(text: &str) -> Vec<Token> {
    let mut in_fence = false;
    by_line(text, |line| {
        let trimmed = line.trim_start();
        if trimmed.starts_with("```") || trimmed.starts_with("~~~") {
            in_fence = !in_fence;
            return Some(Class::Delimiter);
        }
        if in_fence {
            return Some(Class::Text);
        }
        if line.starts_with('#') {
            return Some(Class::Keyword);
        }
        trimmed.starts_with('>').then_some(Class::Comment)
    })
}

pub(super) fn diff(text: &str) -> Vec<Token> {
    by_line(text, |line| match line.as_bytes() {
        [b'+', b'+', b'+', ..] | [b'-', b'-', b'-', ..] => Some(Class::Comment),
        [b'+', ..] => Some(Class::Added),
        [b'-', ..] => Some(Class::Removed),
        [b'@', b'@', ..] => Some(Class::Keyword),
        _ => None,
    })
}

/// One token for each line that has a class.
fn by_line(text: &str, mut class_of: impl FnMut(&str) -> Option<Class>) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end();
        if let Some(class) = class_of(content)
            && !content.is_empty()
        {
            tokens.push(Token {
                start,
                end: start + content.len(),
                class,
            });
        }
        start += line.len();
    }
    tokens
}
