//! JSON, with the comments and trailing commas that people write into it.

use super::{Class, Token, is_number, quoted_end};

pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let start = at;
        match first {
            '"' => {
                at = quoted_end(text, start, true);
                let is_key = text[at..].trim_start().starts_with(':');
                tokens.push(Token {
                    start,
                    end: at,
                    class: if is_key { Class::Key } else { Class::Text },
                });
            }
            '/' if text[start..].starts_with("//") => {
                at = text[start..].find('\n').map_or(text.len(), |found| start + found);
                tokens.push(Token {
                    start,
                    end: at,
                    class: Class::Comment,
                });
            }
            c if c.is_alphanumeric() || c == '-' => {
                let is_part = |c: char| c.is_alphanumeric() || "+-._".contains(c);
                at = text[start..]
                    .find(|c| !is_part(c))
                    .map_or(text.len(), |found| start + found);
                let class = if is_number(&text[start..at]) {
                    Class::Number
                } else {
                    Class::Literal
                };
                tokens.push(Token {
                    start,
                    end: at,
                    class,
                });
            }
            c => at += c.len_utf8(),
        }
    }
    tokens
}
