//! Text in XML.

/// Adds text as it stands between elements and in attributes: escaped, and without characters that XML 1.0 has no way to
/// write.
pub(crate) fn push_escaped(out: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'.. => out.push(character),
            _ => {}
        }
    }
}

/// The same as a text of its own.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    push_escaped(&mut out, text);
    out
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn nothing_ends_an_element_or_an_attribute() {
        assert_eq!(
            escaped("</title><script>\"'&\u{0}\u{1b}\u{fffe}ü"),
            "&lt;/title&gt;&lt;script&gt;&quot;&#39;&amp;ü"
        );
    }
}
