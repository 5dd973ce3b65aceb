//! Which styles a scalar may be written in.

use crate::yaml::resolve::Dialect;

/// Styles that can carry a text in block context.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Allowed {
    pub(super) plain: bool,
    pub(super) single_quoted: bool,
    pub(super) literal: bool,
    pub(super) multiline: bool,
}

/// LF, CR, NEL, LS, PS.
pub(super) fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

pub(super) fn has_break(text: &str) -> bool {
    text.contains(is_break)
}

/// Whether a character may stand unescaped.
pub(super) fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{A0}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}') && c != '\u{FEFF}'
}

// go: emitterc.go, yaml_emitter_analyze_scalar
pub(super) fn analyze(text: &str, dialect: Dialect) -> Allowed {
    if text.is_empty() {
        return Allowed {
            plain: true,
            single_quoted: true,
            literal: false,
            multiline: false,
        };
    }
    let mut indicator = text.starts_with("---") || text.starts_with("...");
    let mut special = false;
    let mut tab = false;
    let mut multiline = false;
    let (mut break_space, mut space_break) = (false, false);
    let (mut previous_space, mut previous_break) = (false, false);
    let mut preceded_by_blank = true;

    let mut chars = text.chars().peekable();
    let mut is_first = true;
    while let Some(c) = chars.next() {
        let followed_by_blank = chars.peek().is_none_or(|next| matches!(next, ' ' | '\t'));
        indicator |= match c {
            '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@'
            | '`'
                if is_first =>
            {
                true
            }
            '-' | '?' if is_first => followed_by_blank,
            ':' => followed_by_blank,
            '#' => preceded_by_blank,
            _ => false,
        };
        if c == '\t' && dialect == Dialect::V3 {
            tab = true;
        } else if !is_printable(c) {
            special = true;
        }
        if c == ' ' {
            break_space |= previous_break;
            previous_space = true;
            previous_break = false;
        } else if is_break(c) {
            multiline = true;
            space_break |= previous_space;
            previous_space = false;
            previous_break = true;
        } else {
            previous_space = false;
            previous_break = false;
        }
        preceded_by_blank = matches!(c, ' ' | '\t' | '\0') || is_break(c);
        is_first = false;
    }
    let trailing_space = text.ends_with(' ');
    let edge =
        trailing_space || text.starts_with(' ') || text.starts_with(is_break) || text.ends_with(is_break);
    let unquotable = break_space || space_break || special || tab;
    Allowed {
        plain: !(edge || unquotable || multiline || indicator),
        single_quoted: !unquotable,
        literal: !(trailing_space || space_break || special),
        multiline,
    }
}
