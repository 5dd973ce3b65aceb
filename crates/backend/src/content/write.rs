//! Writes text and its tokens as HTML, one element a line.

use super::highlight::Token;

/// A line that sets a value: where its key stands and what path it sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KeyAnchor {
    /// 0-based.
    pub(super) line: u32,
    /// Byte offset of the key's first character.
    pub(super) start: usize,
    pub(super) path: String,
}

/// Appends `text` with the five characters that mean something in HTML replaced.
pub(super) fn push_escaped(out: &mut String, text: &str) {
    let mut plain = 0;
    for (at, byte) in text.bytes().enumerate() {
        let entity = match byte {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            b'\'' => "&#39;",
            _ => continue,
        };
        out.push_str(&text[plain..at]);
        out.push_str(entity);
        plain = at + 1;
    }
    out.push_str(&text[plain..]);
}

/// Writes tokens without line elements, for code within prose.
pub(super) fn inline(text: &str, tokens: &[Token]) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut at = 0;
    for token in tokens {
        push_escaped(&mut out, &text[at..token.start]);
        push_token(&mut out, token, &text[token.start..token.end], None);
        at = token.end;
    }
    push_escaped(&mut out, &text[at..]);
    out
}

/// Writes one `<span class="line" id="L{n}">` a line, its line feed inside, so that a copied selection keeps its lines.
///
/// `anchors` are in the order of the text; each gives its line a `data-path` and its key an `id`.
pub(super) fn lines(text: &str, tokens: &[Token], anchors: &[KeyAnchor]) -> (String, u32) {
    let mut out = String::with_capacity(text.len() * 3);
    let mut tokens = tokens.iter().peekable();
    let mut anchors = anchors.iter().peekable();
    let mut start = 0;
    let mut n = 0;
    for line in text.split_inclusive('\n') {
        let end = start + line.len();
        let anchor = anchors.next_if(|anchor| anchor.line == n);
        n += 1;
        out.push_str("<span class=\"line\" id=\"L");
        out.push_str(&n.to_string());
        if let Some(anchor) = anchor {
            out.push_str("\" data-path=\"");
            push_escaped(&mut out, &anchor.path);
        }
        out.push_str("\">");
        let mut at = start;
        while let Some(token) = tokens.peek().filter(|token| token.start < end) {
            let from = token.start.max(at);
            let to = token.end.min(end);
            push_escaped(&mut out, &text[at..from]);
            let id = anchor
                .filter(|anchor| anchor.start == token.start)
                .map(|anchor| anchor.path.as_str());
            // The line feed stays outside of the token, so that no element crosses a line's end.
            let shown = text[from..to].trim_end_matches('\n');
            push_token(&mut out, token, shown, id);
            at = from + shown.len();
            if token.end > end {
                break;
            }
            tokens.next();
        }
        push_escaped(&mut out, &text[at..end]);
        out.push_str("</span>");
        start = end;
    }
    (out, n)
}

fn push_token(out: &mut String, token: &Token, text: &str, id: Option<&str>) {
    if text.is_empty() {
        return;
    }
    out.push_str("<span class=\"");
    out.push_str(token.class.name());
    if let Some(id) = id {
        out.push_str("\" id=\"");
        push_escaped(out, id);
    }
    out.push_str("\">");
    push_escaped(out, text);
    out.push_str("</span>");
}
