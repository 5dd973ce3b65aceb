//! What Helm would have logged: warnings are part of a render's result, in Helm's words.

use engine::value::GoStr;

/// Warnings in the order they arose.
#[derive(Debug, Default)]
pub(crate) struct Warnings(Vec<String>);

impl Warnings {
    pub(crate) fn push(&mut self, text: String) {
        self.0.push(text);
    }

    pub(crate) fn into_inner(self) -> Vec<String> {
        self.0
    }
}

/// A line as Go's `slog` text handler prints it, without time and level.
pub(crate) fn slog_line(message: &str, attributes: &[(&str, &str)]) -> String {
    let mut line = message.to_owned();
    for (key, value) in attributes {
        line.push(' ');
        line.push_str(key);
        line.push('=');
        if needs_quotes(value) {
            line.push_str(&engine::strconv::quote(value.as_bytes()));
        } else {
            line.push_str(value);
        }
    }
    line
}

fn needs_quotes(value: &str) -> bool {
    value.is_empty()
        || GoStr::from(value).runes().any(|(rune, _)| {
            rune.is_ascii_control()
                || matches!(rune, ' ' | '=' | '"' | char::REPLACEMENT_CHARACTER)
                || (!rune.is_ascii() && (rune.is_whitespace() || !engine::strconv::is_print(rune)))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_quoted_when_they_have_to_be() {
        let line = slog_line(
            "m",
            &[
                ("a", "plain/x"),
                ("b", ""),
                ("c", "x y"),
                ("d", "\"q\" is"),
                ("e", "é"),
            ],
        );
        assert_eq!(line, r#"m a=plain/x b="" c="x y" d="\"q\" is" e=é"#);
    }
}
