//! Reading an object's head from YAML events, without building the document.
//!
//! Most of a manifest is text nobody asks about, and definitions of resources run to megabytes. Whatever is unusual
//! (anchors, tags, merges, keys that are no text, a syntax error) makes this reader give up, and the decoder that knows
//! all of Go's rules reads the document again; so it never has an opinion of its own.

use std::borrow::Cow;

use engine::yaml::{Event, Parser, Properties, ScalarStyle, Source};

use super::Head;

/// The head, unless the document is out of the ordinary.
pub(super) fn read(text: &str) -> Option<Head> {
    let source = Source::new(text.as_bytes());
    let mut reader = Reader {
        parser: Parser::new(&source),
    };
    let mut head = Head::default();
    reader.expect(&Event::StreamStart)?;
    match reader.next()? {
        // Nothing but comments.
        Event::StreamEnd => return Some(head),
        Event::DocumentStart { .. } => {}
        _ => return None,
    }
    match reader.next()? {
        Event::MappingStart { properties, .. } if is_bare(&properties) => {}
        _ => return None,
    }
    while let Some(key) = reader.key()? {
        match key.as_ref() {
            "apiVersion" => head.api_version = reader.text()?,
            "kind" => head.kind = reader.text()?,
            "metadata" => reader.metadata(&mut head)?,
            other
                if ["apiVersion", "kind", "metadata"]
                    .iter()
                    .any(|name| other.eq_ignore_ascii_case(name)) =>
            {
                return None;
            }
            _ => reader.skip()?,
        }
    }
    // The rest of the document has been read as well: only then is it known to be YAML.
    matches!(reader.next()?, Event::DocumentEnd { .. }).then_some(head)
}

struct Reader<'a> {
    parser: Parser<'a>,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Option<Event<'a>> {
        self.parser
            .next_event()
            .ok()
            .flatten()
            .map(|spanned| spanned.event)
    }

    fn expect(&mut self, event: &Event<'_>) -> Option<()> {
        (self.next()? == *event).then_some(())
    }

    /// The next key of the mapping being read; the inner `None` is its end.
    #[expect(
        clippy::option_option,
        reason = "giving up and reaching the end are different things"
    )]
    fn key(&mut self) -> Option<Option<Cow<'a, str>>> {
        match self.next()? {
            Event::MappingEnd => Some(None),
            Event::Scalar {
                value,
                style,
                properties,
                ..
            } if is_bare(&properties) => is_plain_key(&value, style).then_some(Some(value)),
            _ => None,
        }
    }

    /// A scalar whose text is what a string field would hold.
    fn text(&mut self) -> Option<String> {
        match self.next()? {
            Event::Scalar {
                value,
                style,
                properties,
                ..
            } if is_bare(&properties) => {
                (style != ScalarStyle::Plain || is_string(&value) || is_small_integer(&value))
                    .then(|| value.into_owned())
            }
            _ => None,
        }
    }

    fn metadata(&mut self, head: &mut Head) -> Option<()> {
        // A key given twice counts with its last value.
        *head = Head {
            api_version: std::mem::take(&mut head.api_version),
            kind: std::mem::take(&mut head.kind),
            ..Head::default()
        };
        self.mapping()?;
        while let Some(key) = self.key()? {
            match key.as_ref() {
                "name" => head.name = self.text()?,
                "annotations" => {
                    head.annotations.clear();
                    self.mapping()?;
                    while let Some(key) = self.key()? {
                        let value = self.text()?;
                        head.annotations.insert(key.into_owned(), value);
                    }
                }
                // Helm does not read it: any value will do, only a string is taken.
                "namespace" => match self.next()? {
                    Event::Scalar {
                        value,
                        style,
                        properties,
                        ..
                    } if is_bare(&properties) => {
                        let is_text = style != ScalarStyle::Plain || is_string(&value);
                        head.namespace = if is_text { value.into_owned() } else { return None };
                    }
                    _ => return None,
                },
                other
                    if ["name", "annotations"]
                        .iter()
                        .any(|name| other.eq_ignore_ascii_case(name)) =>
                {
                    return None;
                }
                _ => self.skip()?,
            }
        }
        Some(())
    }

    fn mapping(&mut self) -> Option<()> {
        match self.next()? {
            Event::MappingStart { properties, .. } => is_bare(&properties).then_some(()),
            _ => None,
        }
    }

    /// Passes over one value, of whatever depth, looking only for what would make decoding it fail or differ.
    fn skip(&mut self) -> Option<()> {
        // For each open collection, whether a key comes next; sequences have none.
        let mut open: Vec<Option<bool>> = Vec::new();
        loop {
            let expects_key = matches!(open.last(), Some(Some(true)));
            match self.next()? {
                Event::Scalar {
                    value,
                    style,
                    properties,
                    ..
                } => {
                    let fine = if expects_key {
                        is_plain_key(&value, style)
                    } else {
                        style != ScalarStyle::Plain || !may_be_infinite(&value)
                    };
                    if !fine || !is_bare(&properties) {
                        return None;
                    }
                }
                Event::SequenceStart { properties, .. } if !expects_key && is_bare(&properties) => {
                    open.push(None);
                    continue;
                }
                Event::MappingStart { properties, .. } if !expects_key && is_bare(&properties) => {
                    open.push(Some(true));
                    continue;
                }
                Event::SequenceEnd | Event::MappingEnd => {
                    open.pop();
                }
                _ => return None,
            }
            match open.last_mut() {
                None => return Some(()),
                Some(Some(key)) => *key = !*key,
                Some(None) => {}
            }
        }
    }
}

fn is_bare(properties: &Properties<'_>) -> bool {
    properties.anchor.is_none() && properties.tag.is_none()
}

/// Keys that are strings whatever they look like, or become one without loss.
fn is_plain_key(key: &str, style: ScalarStyle) -> bool {
    style != ScalarStyle::Plain || (key.is_ascii() && is_string(key))
}

/// Whether a plain scalar is a string by YAML 1.1's rules: its first character tells, or it is one of few words.
fn is_string(text: &str) -> bool {
    match text.bytes().next() {
        None | Some(b'+' | b'-' | b'.' | b'~' | b'<' | b'0'..=b'9') => false,
        Some(b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O') => {
            !["y", "n", "yes", "no", "on", "off", "true", "false", "null"]
                .iter()
                .any(|word| text.eq_ignore_ascii_case(word))
        }
        Some(_) => true,
    }
}

/// An integer that reads the same before and after it was a number.
fn is_small_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let canonical = text == "0" || !digits.starts_with('0');
    canonical && (1..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// `.inf` and `.nan` have no place in JSON.
fn may_be_infinite(text: &str) -> bool {
    text.trim_start_matches(['+', '-']).starts_with('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_objects_are_read() {
        let head = read(
            "# comment\napiVersion: apps/v1\nkind: \"Deployment\"\nmetadata:\n  name: a\n  namespace: ns\n  labels: {x: [1, {k: z}]}\n  annotations:\n    helm.sh/hook-weight: -5\n    a/b: |\n      text\nspec:\n  - 1.5\n",
        )
        .unwrap();
        assert_eq!(
            (head.api_version.as_str(), head.kind.as_str()),
            ("apps/v1", "Deployment")
        );
        assert_eq!((head.name.as_str(), head.namespace.as_str()), ("a", "ns"));
        assert_eq!(head.annotations["helm.sh/hook-weight"], "-5");
        assert_eq!(head.annotations["a/b"], "text\n");
        assert_eq!(read("# only a comment\n"), Some(Head::default()));
    }

    #[test]
    fn unusual_documents_are_left_to_the_decoder() {
        for text in [
            "kind: [",
            "kind: &a x",
            "KIND: x",
            "kind: yes",
            "metadata: x",
            "metadata: {name: 1.10}",
            "spec: {a: .inf}",
            "spec: {? [a] : b}",
            "spec: {1: b}",
            "spec: *a",
            "<<: {kind: x}",
            "- a",
            "text",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
