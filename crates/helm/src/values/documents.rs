//! Reading values files: one or more YAML documents, laid over each other.

use super::{Table, merge_over};

/// A values file that cannot be used; the texts are Helm's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValuesError {
    #[error("error reading yaml document: invalid Yaml document separator: {rest}")]
    Separator { rest: String },
    #[error("cannot unmarshal yaml document: {message}")]
    Yaml { message: String },
}

/// Parses a values file.
pub fn parse_values(text: &[u8]) -> Result<Table, ValuesError> {
    let text = text.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(text);
    let mut values = Table::new();
    for document in split_stream(text) {
        merge_over(&mut values, parse_document(&document?)?);
    }
    Ok(values)
}

fn parse_document(document: &[u8]) -> Result<Table, ValuesError> {
    let map = engine::yaml::decode_map(document);
    map.map(|map| super::from_map(&map))
        .map_err(|error| ValuesError::Yaml {
            message: error.to_string(),
        })
}

/// The documents of a stream as the Kubernetes YAML reader cuts them: at lines that begin with `---`.
// A separator before any other line stays in its document, where YAML itself reads it.
pub(crate) fn split_stream(text: &[u8]) -> impl Iterator<Item = Result<Vec<u8>, ValuesError>> {
    let mut left = Some(text);
    // A line, and whether it is the last.
    let mut next_line = move || {
        let text = left?;
        let end = memchr::memchr(b'\n', text);
        left = end.and_then(|end| text.get(end + 1..));
        let line = end.and_then(|end| text.get(..end)).unwrap_or(text);
        Some((line, left.is_none()))
    };
    let mut failed = false;
    std::iter::from_fn(move || {
        let mut document = Vec::new();
        while let Some((line, is_last)) = next_line() {
            if failed {
                return None;
            }
            // What follows the last line break is a line only if it is not empty.
            if line.is_empty() && is_last {
                break;
            }
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if let Some(rest) = line.strip_prefix(b"---") {
                let rest = String::from_utf8_lossy(rest);
                let rest = rest.trim();
                if !rest.is_empty() && !rest.starts_with('#') {
                    failed = true;
                    return Some(Err(ValuesError::Separator {
                        rest: rest.to_owned(),
                    }));
                }
                if !document.is_empty() {
                    return Some(Ok(document));
                }
            }
            document.extend_from_slice(line);
            document.push(b'\n');
        }
        (!document.is_empty()).then_some(Ok(document))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn documents(text: &str) -> Vec<String> {
        split_stream(text.as_bytes())
            .map(|document| String::from_utf8(document.unwrap()).unwrap())
            .collect()
    }

    #[test]
    fn separators_end_documents() {
        assert_eq!(documents("a: 1\r\n---\nb: 2"), ["a: 1\n", "b: 2\n"]);
        assert_eq!(
            documents("---\n# only\n--- # x\na: 1\n"),
            ["---\n# only\n", "a: 1\n"]
        );
        assert_eq!(documents("a: 1\n---\n"), ["a: 1\n"]);
        assert_eq!(documents(""), Vec::<String>::new());
        assert_eq!(documents("\n"), ["\n"]);
    }

    #[test]
    fn text_behind_a_separator_is_refused() {
        let error = split_stream(b"a: 1\n---b: 2\n").find_map(Result::err).unwrap();
        assert_eq!(
            error.to_string(),
            "error reading yaml document: invalid Yaml document separator: b: 2"
        );
    }
}
