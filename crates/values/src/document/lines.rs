//! Lines of a text: where they begin, end and how far they are indented. Only LF, CR LF and CR break lines here; YAML
//! knows three rarer ones, and an edit that would depend on them fails its check and is made another way.

use std::ops::Range;

fn is_break(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// The first byte of the line that `offset` is on.
pub(crate) fn line_start(text: &str, offset: usize) -> usize {
    let bytes = text.as_bytes();
    let before = bytes.get(..offset.min(bytes.len())).unwrap_or_default();
    before
        .iter()
        .rposition(|byte| is_break(*byte))
        .map_or(0, |at| at + 1)
}

/// The end of the line that `offset` is on, before its line break.
pub(crate) fn line_end(text: &str, offset: usize) -> usize {
    let bytes = text.as_bytes();
    let from = offset.min(bytes.len());
    let rest = bytes.get(from..).unwrap_or_default();
    rest.iter()
        .position(|byte| is_break(*byte))
        .map_or(bytes.len(), |at| from + at)
}

/// The start of the line after the one that `offset` is on; the length of the text if there is none.
pub(crate) fn next_line(text: &str, offset: usize) -> usize {
    let end = line_end(text, offset);
    match text.as_bytes().get(end..).unwrap_or_default() {
        [b'\r', b'\n', ..] => end + 2,
        [_, ..] => end + 1,
        [] => end,
    }
}

/// The line that `offset` is on, without its break.
pub(crate) fn line_at(text: &str, offset: usize) -> Range<usize> {
    line_start(text, offset)..line_end(text, offset)
}

/// The line before the one that begins at `start`.
pub(crate) fn previous_line(text: &str, start: usize) -> Option<Range<usize>> {
    if start == 0 {
        return None;
    }
    let bytes = text.as_bytes();
    let end = match bytes.get(..start).unwrap_or_default() {
        [.., b'\r', b'\n'] => start - 2,
        _ => start - 1,
    };
    Some(line_start(text, end)..end)
}

/// Bytes from the start of the line to `offset`.
pub(crate) fn column(text: &str, offset: usize) -> usize {
    offset - line_start(text, offset)
}

/// Number of spaces a line begins with.
pub(crate) fn indentation(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// The slice, or nothing where the range is not one of the text.
pub(crate) fn slice(text: &str, range: Range<usize>) -> &str {
    text.get(range).unwrap_or_default()
}

/// How the text breaks its lines: as its first line does.
pub(crate) fn newline(text: &str) -> &'static str {
    let end = line_end(text, 0);
    match text.as_bytes().get(end..).unwrap_or_default() {
        [b'\r', b'\n', ..] => "\r\n",
        _ => "\n",
    }
}

/// The comment lines directly above the line that begins at `start` and indented as it is.
pub(crate) fn lines_above(text: &str, start: usize) -> Range<usize> {
    let column = indentation(slice(text, line_at(text, start)));
    let mut first = start;
    while let Some(line) = previous_line(text, first) {
        let content = slice(text, line.clone());
        if indentation(content) != column || !content.trim_start().starts_with('#') {
            break;
        }
        first = line.start;
    }
    first..start
}
