//! Cleaning the texts of a Chart.yaml before anybody prints them.

/// Turns every white space into a space and drops what cannot be printed.
pub(crate) fn sanitize(text: &mut String) {
    // Almost every text is clean; do not rebuild those.
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return;
    }
    *text = text
        .chars()
        .filter_map(|rune| {
            if rune.is_whitespace() {
                Some(' ')
            } else {
                engine::strconv::is_print(rune).then_some(rune)
            }
        })
        .collect();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_made_printable() {
        for (text, want) in [
            ("plain", "plain"),
            ("d\u{7}esc\t\n", "desc  "),
            ("é\u{a0}\u{200b}☺", "é ☺"),
        ] {
            let mut text = text.to_owned();
            sanitize(&mut text);
            assert_eq!(text, want);
        }
    }
}
