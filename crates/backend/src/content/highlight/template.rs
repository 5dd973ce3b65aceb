//! Go template actions, over whatever text they stand in.

use super::{Class, Token, is_number, quoted_end};

const KEYWORDS: &[&str] = &[
    "if", "else", "end", "range", "with", "define", "template", "block", "break", "continue", "nil", "true",
    "false",
];

/// The tokens of `text`: those of its actions, and between them what `outer` finds in the text with its actions masked.
pub(super) fn over(text: &str, outer: impl Fn(&str) -> Vec<Token>) -> Vec<Token> {
    let actions = actions(text);
    if actions.is_empty() {
        return outer(text);
    }
    // A mask of letters keeps every offset and reads as a plain word; line feeds stay, so lines stay.
    let mut masked = text.as_bytes().to_vec();
    for action in &actions {
        for byte in &mut masked[action.0..action.1] {
            if *byte != b'\n' {
                *byte = b'x';
            }
        }
    }
    let mut around = String::from_utf8(masked)
        .map(|masked| outer(&masked))
        .unwrap_or_default()
        .into_iter()
        .peekable();
    let mut tokens = Vec::new();
    // What of a token is left behind the action that cut it.
    let mut left: Option<Token> = None;
    for (start, end) in actions {
        while let Some(token) = left
            .take()
            .or_else(|| around.next_if(|token| token.start < start))
        {
            if token.end > start {
                push_clipped(&mut tokens, token, token.start, start);
                left = Some(token);
                break;
            }
            tokens.push(token);
        }
        inside(text, start, end, &mut tokens);
        while let Some(token) = around.next_if(|token| token.start < end) {
            left = Some(token);
        }
        left = left
            .filter(|token| token.end > end)
            .map(|token| Token { start: end, ..token });
    }
    tokens.extend(left);
    tokens.extend(around);
    tokens
}

fn push_clipped(tokens: &mut Vec<Token>, token: Token, start: usize, end: usize) {
    if end > start {
        tokens.push(Token { start, end, ..token });
    }
}

/// The actions of a text, from `{{` to `}}`, a comment as a whole.
fn actions(text: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(open) = text[at..].find("{{") {
        let start = at + open;
        let body = text[start + 2..].trim_start_matches('-').trim_start();
        let end = if body.starts_with("/*") {
            text[start..]
                .find("*/")
                .and_then(|close| Some(close + text[start + close..].find("}}")? + 2))
        } else {
            text[start..].find("}}").map(|close| close + 2)
        };
        let Some(end) = end else { break };
        found.push((start, start + end));
        at = start + end;
    }
    found
}

/// The tokens of one action.
fn inside(text: &str, start: usize, end: usize, tokens: &mut Vec<Token>) {
    let bytes = text.as_bytes();
    let mut push = |start: usize, end: usize, class: Class| {
        if end > start {
            tokens.push(Token { start, end, class });
        }
    };
    let is_dash = |at: usize| bytes.get(at) == Some(&b'-');
    let open = start + if is_dash(start + 2) { 3 } else { 2 };
    let close = (end - if is_dash(end - 3) { 3 } else { 2 }).max(open);
    if text[open..close].trim_start().starts_with("/*") {
        push(start, end, Class::Comment);
        return;
    }
    push(start, open, Class::Delimiter);
    let mut at = open;
    while at < close {
        let rest = &text[at..close];
        let Some(first) = rest.chars().next() else { break };
        let word = |is_part: fn(char) -> bool| {
            at + rest
                .char_indices()
                .skip(1)
                .find(|(_, c)| !is_part(*c))
                .map_or(rest.len(), |(offset, _)| offset)
        };
        let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
        let to = match first {
            '"' | '\'' => {
                let to = quoted_end(text, at, true).min(close);
                push(at, to, Class::Text);
                to
            }
            '`' => {
                let to = rest[1..].find('`').map_or(close, |found| at + found + 2);
                push(at, to, Class::Text);
                to
            }
            '$' => {
                let to = word(is_name);
                push(at, to, Class::Variable);
                to
            }
            '.' => {
                let to = word(is_name);
                push(at, to, Class::Key);
                to
            }
            c if c.is_alphanumeric() || c == '_' => {
                let to = word(is_name);
                let name = &text[at..to];
                let class = if KEYWORDS.contains(&name) {
                    Class::Keyword
                } else if is_number(name) {
                    Class::Number
                } else {
                    Class::Function
                };
                push(at, to, class);
                to
            }
            c => at + c.len_utf8(),
        };
        at = to.max(at + 1);
    }
    push(close, end, Class::Delimiter);
}
