//! A query's text into chunks: what stands between spaces, or in quotes, with its minus and its `filter:` told apart.

/// A piece of a query.
pub(super) struct Chunk<'t> {
    pub(super) is_excluded: bool,
    /// What stands before a colon.
    pub(super) filter: Option<&'t str>,
    /// What stands after it, or everything; without quotes.
    pub(super) text: &'t str,
    pub(super) is_quoted: bool,
    /// With the filter, without the minus.
    source: &'t str,
}

impl<'t> Chunk<'t> {
    /// The whole of it, for words.
    pub(super) fn whole(&self) -> &'t str {
        if self.filter.is_none() {
            self.text
        } else {
            self.source
        }
    }
}

/// The longest name of a filter.
const MAX_FILTER: usize = 16;

/// The chunks of a text, and whether a quote is left open.
pub(super) fn chunks(text: &str) -> (Vec<Chunk<'_>>, bool) {
    let mut chunks = Vec::new();
    let mut is_open = false;
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return (chunks, is_open);
        }
        let (chunk, after, open) = chunk(rest);
        is_open |= open;
        rest = after;
        if !chunk.text.is_empty() || chunk.filter.is_some() {
            chunks.push(chunk);
        }
    }
}

fn chunk(text: &str) -> (Chunk<'_>, &str, bool) {
    // One minus excludes; two begin an option that somebody pasted.
    let after_minus = text
        .strip_prefix('-')
        .filter(|rest| !rest.is_empty() && !rest.starts_with(['-', ' ']));
    let is_excluded = after_minus.is_some();
    let source = after_minus.unwrap_or(text);
    let name_length = source.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let filter = source
        .split_at_checked(name_length)
        .filter(|(name, rest)| is_name(name) && is_value(rest))
        .map(|(name, _)| name);
    let value = match filter {
        Some(name) => source.get(name.len() + 1..).unwrap_or_default(),
        None => source,
    };
    let start = source.len() - value.len();
    if let Some(quoted) = value.strip_prefix('"') {
        let end = quoted.find('"');
        let text = quoted.get(..end.unwrap_or(quoted.len())).unwrap_or_default();
        let after = end.and_then(|end| quoted.get(end + 1..)).unwrap_or_default();
        let chunk = Chunk {
            is_excluded,
            filter,
            text,
            is_quoted: true,
            source: source.get(..start + 1 + text.len()).unwrap_or_default(),
        };
        return (chunk, after, end.is_none());
    }
    // A quote within a word ends it, so that `a"b c"` is a word and a phrase.
    let end = value
        .find(|c: char| c.is_whitespace() || c == '"')
        .unwrap_or(value.len());
    let (text, after) = value.split_at_checked(end).unwrap_or((value, ""));
    let chunk = Chunk {
        is_excluded,
        filter,
        text,
        is_quoted: false,
        source: source.get(..start + end).unwrap_or_default(),
    };
    (chunk, after, false)
}

/// Whether it may be a filter's name: `k8s` has a digit, but none begins with one.
fn is_name(name: &str) -> bool {
    name.len() <= MAX_FILTER && name.starts_with(|c: char| c.is_ascii_alphabetic())
}

/// Whether what follows a name is a filter's value, and not the rest of an address or of an image's reference.
fn is_value(rest: &str) -> bool {
    rest.strip_prefix(':')
        .is_some_and(|value| !value.starts_with("//"))
}
