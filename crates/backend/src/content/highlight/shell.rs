//! Shell commands and console sessions.

use super::{Class, Token, quoted_end};

pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut at = 0;
    // The next word is what is run.
    let mut is_command = true;
    while let Some(first) = text[at..].chars().next() {
        let start = at;
        let is_line_start = start == 0 || text.as_bytes().get(start - 1) == Some(&b'\n');
        let is_after_space = is_line_start || text[..start].ends_with([' ', '\t']);
        let mut push = |end: usize, class: Class| tokens.push(Token { start, end, class });
        match first {
            '\n' | ';' | '|' | '&' => {
                // A line that ends in a backslash goes on.
                is_command = !text[..start].ends_with('\\');
                at += 1;
            }
            '#' if is_after_space => {
                at = text[start..].find('\n').map_or(text.len(), |found| start + found);
                push(at, Class::Comment);
            }
            '$' | '%' if is_line_start && text[start + 1..].starts_with(' ') => {
                at += 1;
                push(at, Class::Delimiter);
            }
            '"' | '\'' => {
                at = quoted_end(text, start, first == '"');
                push(at, Class::Text);
                is_command = false;
            }
            '$' => {
                let rest = &text[start + 1..];
                let length = if rest.starts_with('{') {
                    rest.find(['}', '\n']).map_or(rest.len(), |found| {
                        found + usize::from(rest[found..].starts_with('}'))
                    })
                } else {
                    rest.find(|c: char| !c.is_alphanumeric() && c != '_')
                        .unwrap_or(rest.len())
                };
                at += 1 + length;
                push(at, Class::Variable);
                is_command = false;
            }
            c if c.is_whitespace() => at += c.len_utf8(),
            _ => {
                let is_end = |c: char| c.is_whitespace() || ";|&\"'$".contains(c);
                let length = text[start..].char_indices().skip(1).find(|(_, c)| is_end(*c));
                at = length.map_or(text.len(), |(found, _)| start + found);
                if is_command {
                    // `NAME=value command` sets a variable first.
                    let is_assignment = text[start..at].contains('=');
                    push(
                        at,
                        if is_assignment {
                            Class::Variable
                        } else {
                            Class::Function
                        },
                    );
                    is_command = is_assignment;
                }
            }
        }
    }
    tokens
}
