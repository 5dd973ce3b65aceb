//! TOML, INI and properties: sections, keys, values.

use super::{Class, Token, is_number, quoted_end};

pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end();
        let indent = content.len() - content.trim_start().len();
        let (from, end) = (start + indent, start + content.len());
        if end > from {
            line_tokens(text, from, end, &mut tokens);
        }
        start += line.len();
    }
    tokens
}

fn line_tokens(text: &str, from: usize, end: usize, tokens: &mut Vec<Token>) {
    let line = &text[from..end];
    let mut push = |start: usize, end: usize, class: Class| {
        if end > start {
            tokens.push(Token { start, end, class });
        }
    };
    if line.starts_with(['#', ';']) {
        push(from, end, Class::Comment);
        return;
    }
    if line.starts_with('[') && line.contains(']') {
        push(from, end, Class::Keyword);
        return;
    }
    let Some(equals) = line.find('=') else { return };
    push(from, from + line[..equals].trim_end().len(), Class::Key);
    let mut at = from + equals + 1;
    while at < end {
        let rest = &text[at..end];
        let start = at;
        match rest.chars().next() {
            Some('"' | '\'') => {
                at = quoted_end(text, at, rest.starts_with('"')).min(end);
                push(start, at, Class::Text);
            }
            Some('#') if text[..at].ends_with(' ') => {
                push(at, end, Class::Comment);
                at = end;
            }
            Some(c) if c.is_alphanumeric() || c == '-' => {
                let length = rest
                    .find(|c: char| !c.is_alphanumeric() && !"-._:".contains(c))
                    .unwrap_or(rest.len());
                at += length.max(1);
                let word = &text[start..at];
                if is_number(word) {
                    push(start, at, Class::Number);
                } else if ["true", "false"].contains(&word) {
                    push(start, at, Class::Literal);
                }
            }
            Some(c) => at += c.len_utf8(),
            None => break,
        }
    }
}
