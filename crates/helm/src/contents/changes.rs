//! What a version changes, as its annotation `artifacthub.io/changes` says: a YAML list of sentences, or of maps with a
//! kind, a description and links.
//!
//! The text is a stranger's. It is read as events: nothing is built of what is not asked for, and aliases, which could
//! multiply it, mean nothing here.

use std::collections::BTreeMap;

use engine::yaml::{Event, Parser, Source};

use crate::archive::is_hidden;

/// Changes that are told of one version.
const MAX_CHANGES: usize = 50;
/// Links of one change.
const MAX_LINKS: usize = 4;
/// Bytes of a description; a longer one is cut.
const MAX_DESCRIPTION_BYTES: usize = 600;
/// Bytes of a link's name; a longer one is cut.
const MAX_NAME_BYTES: usize = 80;
/// Bytes of a link's address; a longer one leads nowhere.
const MAX_URL_BYTES: usize = 1_000;
/// How deep an honest list nests, and some more.
const MAX_DEPTH: usize = 12;

/// One thing that a version changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChartChange {
    /// `added`, `changed`, `deprecated`, `removed`, `fixed` or `security`; empty where it says none of these.
    pub kind: &'static str,
    /// One line of text.
    pub description: String,
    /// Names with addresses, which are `http` or `https`; a link without a name has its address for one.
    pub links: Vec<(String, String)>,
}

/// The changes of `artifacthub.io/changes`. A list that is no YAML tells what it tells up to the mistake.
pub fn changes_in_annotations(annotations: &BTreeMap<String, String>) -> Vec<ChartChange> {
    let Some(text) = annotations.get("artifacthub.io/changes") else {
        return Vec::new();
    };
    let source = Source::new(text.as_bytes());
    let mut reader = Reader {
        parser: Parser::with_max_depth(&source, MAX_DEPTH),
        changes: Vec::new(),
    };
    // `None` is the end, or a mistake: what was read until there counts either way.
    let _ = reader.list();
    reader.changes
}

struct Reader<'a> {
    parser: Parser<'a>,
    changes: Vec<ChartChange>,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Option<Event<'a>> {
        Some(self.parser.next_event().ok()??.event)
    }

    fn list(&mut self) -> Option<()> {
        loop {
            match self.next()? {
                Event::StreamStart | Event::DocumentStart { .. } => {}
                Event::SequenceStart { .. } => break,
                _ => return None,
            }
        }
        while self.changes.len() < MAX_CHANGES {
            match self.next()? {
                Event::Scalar { value, .. } => {
                    let description = line(&value, MAX_DESCRIPTION_BYTES);
                    self.keep(ChartChange {
                        description,
                        ..ChartChange::default()
                    });
                }
                Event::MappingStart { .. } => {
                    let mut change = ChartChange::default();
                    let read = self.change(&mut change);
                    self.keep(change);
                    read?;
                }
                Event::SequenceStart { .. } => self.rest()?,
                Event::Alias { .. } => {}
                _ => return None,
            }
        }
        None
    }

    fn keep(&mut self, change: ChartChange) {
        if !change.description.is_empty() {
            self.changes.push(change);
        }
    }

    /// A map, whose beginning has been read.
    fn change(&mut self, change: &mut ChartChange) -> Option<()> {
        while let Some(key) = self.key()? {
            match (key.as_str(), self.next()?) {
                ("kind", Event::Scalar { value, .. }) => change.kind = kind(&value),
                ("description", Event::Scalar { value, .. }) => {
                    change.description = line(&value, MAX_DESCRIPTION_BYTES);
                }
                ("links", Event::SequenceStart { .. }) => self.links(&mut change.links)?,
                (_, other) => self.skip(&other)?,
            }
        }
        Some(())
    }

    fn links(&mut self, links: &mut Vec<(String, String)>) -> Option<()> {
        loop {
            match self.next()? {
                Event::SequenceEnd => return Some(()),
                Event::MappingStart { .. } => {
                    let (mut name, mut url) = (String::new(), String::new());
                    while let Some(key) = self.key()? {
                        match (key.as_str(), self.next()?) {
                            ("name", Event::Scalar { value, .. }) => name = line(&value, MAX_NAME_BYTES),
                            ("url", Event::Scalar { value, .. }) => url = address(&value),
                            (_, other) => self.skip(&other)?,
                        }
                    }
                    if name.is_empty() {
                        name.clone_from(&url);
                    }
                    if !url.is_empty() && links.len() < MAX_LINKS {
                        links.push((name, url));
                    }
                }
                other => self.skip(&other)?,
            }
        }
    }

    /// The next key of a map; none at its end. A key that is no text is one that nobody asks for.
    fn key(&mut self) -> Option<Option<String>> {
        match self.next()? {
            Event::MappingEnd => Some(None),
            Event::Scalar { value, .. } => Some(Some(value.into_owned())),
            other => {
                self.skip(&other)?;
                Some(Some(String::new()))
            }
        }
    }

    /// Passes over a node whose first event is `first`.
    fn skip(&mut self, first: &Event<'_>) -> Option<()> {
        match first {
            Event::SequenceStart { .. } | Event::MappingStart { .. } => self.rest(),
            _ => Some(()),
        }
    }

    /// Passes over the rest of a list or map whose beginning has been read.
    fn rest(&mut self) -> Option<()> {
        let mut depth = 1_usize;
        while depth > 0 {
            match self.next()? {
                Event::SequenceStart { .. } | Event::MappingStart { .. } => depth += 1,
                Event::SequenceEnd | Event::MappingEnd => depth -= 1,
                _ => {}
            }
        }
        Some(())
    }
}

fn kind(text: &str) -> &'static str {
    const KINDS: [&str; 6] = ["added", "changed", "deprecated", "removed", "fixed", "security"];
    let found = KINDS
        .into_iter()
        .find(|kind| text.trim().eq_ignore_ascii_case(kind));
    found.unwrap_or_default()
}

/// One line of at most so many bytes, without characters that hide, reorder or control.
fn line(text: &str, max_bytes: usize) -> String {
    let mut out = String::new();
    let words = text.split(|character: char| character.is_whitespace() || is_hidden(character));
    for word in words.filter(|word| !word.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
        if out.len() > max_bytes {
            out.truncate(out.floor_char_boundary(max_bytes));
            out.push('\u{2026}');
            break;
        }
    }
    out
}

fn address(text: &str) -> String {
    let text = text.trim();
    let is_web = text.starts_with("https://") || text.starts_with("http://");
    let is_fine = is_web
        && text.len() <= MAX_URL_BYTES
        && !text.contains(|character: char| character.is_whitespace() || is_hidden(character));
    if is_fine { text.to_owned() } else { String::new() }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{ChartChange, MAX_CHANGES, changes_in_annotations};

    fn read(text: &str) -> Vec<ChartChange> {
        let annotation = ("artifacthub.io/changes".to_owned(), text.to_owned());
        changes_in_annotations(&BTreeMap::from([annotation]))
    }

    fn change(kind: &'static str, description: &str) -> ChartChange {
        ChartChange {
            kind,
            description: description.to_owned(),
            links: Vec::new(),
        }
    }

    #[test]
    fn sentences_and_maps_are_changes() {
        let text = "\
- Runs as a user of its own
- kind: Fixed
  description: |
    The port of
    the probe
  links:
    - name: Issue 7
      url: https://example.com/7
    - url: http://example.com/8
    - name: nowhere
      url: javascript:alert(1)
- kind: invented
  description: Something
- kind: added
";
        let links = [
            ("Issue 7", "https://example.com/7"),
            ("http://example.com/8", "http://example.com/8"),
        ];
        let fixed = ChartChange {
            links: links
                .map(|(name, url)| (name.to_owned(), url.to_owned()))
                .to_vec(),
            ..change("fixed", "The port of the probe")
        };
        let want = [
            change("", "Runs as a user of its own"),
            fixed,
            change("", "Something"),
        ];
        assert_eq!(read(text), want);
    }

    #[test]
    fn a_mistake_leaves_what_came_before_it() {
        assert_eq!(
            read("- one\n- kind: added\n  description: two\n  links: [\n"),
            [change("", "one"), change("added", "two")]
        );
        for nothing in ["", "text", "a: b", "[", "- [", "!!binary |\n  AA==", "--- >\n"] {
            assert_eq!(read(nothing), [], "{nothing}");
        }
    }

    #[test]
    fn hostile_lists_stay_small() {
        // Anchors that would multiply: an alias means nothing.
        let bomb =
            "- &a [x, x, x, x]\n- &b [*a, *a, *a, *a]\n- [*b, *b, *b, *b]\n- description: *b\n- *a\n- last\n";
        assert_eq!(read(bomb), [change("", "last")]);
        let deep = format!("- first\n- {}x\n- never\n", "[".repeat(10_000));
        assert_eq!(read(&deep), [change("", "first")]);
        let many = "- x\n".repeat(10_000);
        assert_eq!(read(&many).len(), MAX_CHANGES);
        let long = read(&format!("- {}\n", "\u{fc}".repeat(100_000)));
        assert!(long[0].description.len() < 700);
        assert_eq!(
            read("- \"a\\u202eb\\u0007c\\n\\n  d\""),
            [change("", "a b c d")],
            "nothing that reorders, rings or breaks the line"
        );
        let links = "    - url: https://example.com/x\n".repeat(50);
        assert_eq!(
            read(&format!("- description: x\n  links:\n{links}"))[0]
                .links
                .len(),
            4
        );
    }
}
