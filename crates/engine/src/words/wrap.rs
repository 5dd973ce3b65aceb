//! Breaking and shortening lines, as Masterminds/goutils does: by bytes.

/// Breaks `text` at spaces into lines of at most `width` bytes, joined by `line_end`. Words that are longer are broken if
/// `break_words`, else they stick out.
#[must_use]
pub fn wrap(text: &[u8], width: i64, line_end: &[u8], break_words: bool) -> Vec<u8> {
    let line_end = if line_end.is_empty() { b"\n" } else { line_end };
    let width = usize::try_from(width).unwrap_or(0).max(1);
    let mut wrapped = Vec::with_capacity(text.len() + text.len() / width * line_end.len());
    let mut rest = text;
    while rest.len() > width {
        if let Some(after) = rest.strip_prefix(b" ") {
            rest = after;
            continue;
        }
        let space = rest
            .get(..=width)
            .unwrap_or(rest)
            .iter()
            .rposition(|byte| *byte == b' ');
        let (line, after) = match space {
            Some(space) => split_around(rest, space),
            None if break_words => rest.split_at_checked(width).unwrap_or((rest, b"")),
            None => match rest.iter().skip(width).position(|byte| *byte == b' ') {
                Some(space) => split_around(rest, width + space),
                None => break,
            },
        };
        wrapped.extend_from_slice(line);
        wrapped.extend_from_slice(line_end);
        rest = after;
    }
    wrapped.extend_from_slice(rest);
    wrapped
}

/// What is before and after the byte at `index`.
fn split_around(text: &[u8], index: usize) -> (&[u8], &[u8]) {
    (
        text.get(..index).unwrap_or_default(),
        text.get(index + 1..).unwrap_or_default(),
    )
}

/// Shortens `text` to `width` bytes around `offset`, with `...` where something is left out.
#[must_use]
pub fn abbreviate(text: &[u8], offset: i64, width: i64) -> Vec<u8> {
    let length = i64::try_from(text.len()).unwrap_or(i64::MAX);
    if text.is_empty() || width < 4 {
        return Vec::new();
    }
    if length <= width {
        return text.to_vec();
    }
    let mut offset = offset.min(length);
    if length.wrapping_sub(offset) < width - 3 {
        offset = length - (width - 3);
    }
    let slice = |start: i64, end: i64| {
        let (start, end) = (
            usize::try_from(start).unwrap_or(0),
            usize::try_from(end).unwrap_or(0),
        );
        text.get(start..end).unwrap_or_default()
    };
    if offset <= 4 {
        return [slice(0, width - 3), b"..."].concat();
    }
    if width < 7 {
        return Vec::new();
    }
    if offset + width - 3 < length {
        return [b"...", abbreviate(slice(offset, length), 0, width - 3).as_slice()].concat();
    }
    [b"...", slice(length - (width - 3), length)].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_spaces() {
        assert_eq!(wrap(b"hello  wide world", 5, b"", false), b"hello\nwide\nworld");
        assert_eq!(wrap(b"abcdefgh ij", 3, b"-", true), b"abc-def-gh-ij");
        assert_eq!(wrap(b"abcdefgh ij", 3, b"", false), b"abcdefgh\nij");
        assert_eq!(wrap(b"", 0, b"", true), b"");
    }

    #[test]
    fn texts_are_shortened() {
        assert_eq!(abbreviate(b"hello world", 0, 5), b"he...");
        assert_eq!(abbreviate(b"1234 5678 9123", 5, 10), b"...5678...");
        assert_eq!(abbreviate(b"1234 5678 9123", 11, 10), b"...78 9123");
        assert_eq!(abbreviate(b"hi", 0, 5), b"hi");
    }
}
