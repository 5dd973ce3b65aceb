//! PEM as Go's `encoding/pem` writes and reads it.

use super::base64;

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"\n-----END ";
const DASHES: &[u8] = b"-----";
const LINE: usize = 64;

/// A PEM block without headers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pem {
    /// What it says it is: `CERTIFICATE`, `RSA PRIVATE KEY` …
    pub label: Vec<u8>,
    /// What it holds, usually DER.
    pub contents: Vec<u8>,
}

impl Pem {
    /// Writes a block.
    #[must_use]
    pub fn encode(label: &str, contents: &[u8]) -> String {
        let mut text = format!("-----BEGIN {label}-----\n");
        for line in base64::encode(contents).chunks(LINE) {
            text.extend(line.iter().map(|byte| char::from(*byte)));
            text.push('\n');
        }
        text + "-----END " + label + "-----\n"
    }

    /// Finds the first block of `text`; blocks that are not well-formed are skipped.
    #[must_use]
    pub fn decode(text: &[u8]) -> Option<Self> {
        let mut rest = text;
        loop {
            let end = find(rest, END)?;
            let (before, from_end) = rest.split_at_checked(end)?;
            let trailer = from_end.get(END.len()..)?;
            // The last opening line before the closing one, so that an opening line alone does no harm.
            if let Some(begin) = find_last(before, BEGIN)
                && (begin == 0 || before.get(begin - 1) == Some(&b'\n'))
                && let Some(body) = before.get(begin + BEGIN.len()..)
            {
                // The line break before END belongs to it; without it the label's line would have no end.
                let body = rest.get(begin + BEGIN.len()..begin + BEGIN.len() + body.len() + 1)?;
                if let Some(block) = parse(body, trailer) {
                    return Some(block);
                }
            }
            rest = trailer;
        }
    }
}

/// A block from the text after `BEGIN ` up to and with the line break before `END`, and the text after `END `.
fn parse(body: &[u8], trailer: &[u8]) -> Option<Pem> {
    let (label, mut body) = line_of(body);
    let label = label.strip_suffix(DASHES)?;
    loop {
        let (line, next) = line_of(body);
        if body.is_empty() || !line.contains(&b':') {
            break;
        }
        body = next;
    }
    let rest = trailer.strip_prefix(label)?.strip_prefix(DASHES)?;
    if !line_of(rest).0.is_empty() {
        return None;
    }
    let packed: Vec<u8> = body
        .iter()
        .copied()
        .filter(|byte| !matches!(byte, b' ' | b'\t'))
        .collect();
    let contents = base64::decode(&packed).ok()?;
    Some(Pem {
        label: label.to_vec(),
        contents,
    })
}

/// The first line without its end and trailing blanks, and what follows.
fn line_of(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|byte| *byte == b'\n').unwrap_or(text.len());
    let (line, rest) = text.split_at_checked(end).unwrap_or((text, &[]));
    let line = line
        .strip_suffix(b"\r")
        .filter(|_| !rest.is_empty())
        .unwrap_or(line);
    let blanks = line
        .iter()
        .rev()
        .take_while(|byte| matches!(byte, b' ' | b'\t'))
        .count();
    (
        line.get(..line.len() - blanks).unwrap_or(line),
        rest.get(1..).unwrap_or_default(),
    )
}

fn find(text: &[u8], pattern: &[u8]) -> Option<usize> {
    text.windows(pattern.len()).position(|window| window == pattern)
}

fn find_last(text: &[u8], pattern: &[u8]) -> Option<usize> {
    text.windows(pattern.len()).rposition(|window| window == pattern)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trips() {
        for length in [0, 1, 47, 48, 49, 200] {
            let contents = vec![7; length];
            let text = Pem::encode("X KEY", &contents);
            assert!(text.lines().all(|line| line.len() <= 64));
            let block = Pem::decode(text.as_bytes()).unwrap();
            assert_eq!(
                block,
                Pem {
                    label: b"X KEY".to_vec(),
                    contents
                }
            );
        }
    }

    #[test]
    fn finds_a_block_in_other_text() {
        let decode = |text: &str| Pem::decode(text.as_bytes()).map(|block| block.contents);
        assert_eq!(
            decode("intro\n-----BEGIN A-----\nZm9v\n-----END A-----\ntail").as_deref(),
            Some(&b"foo"[..])
        );
        assert_eq!(
            decode("-----BEGIN A-----\r\nProc: 4\r\n\r\nZm 9v\r\n-----END A-----").as_deref(),
            Some(&b"foo"[..])
        );
        assert_eq!(
            decode("-----BEGIN A-----\nx\n-----BEGIN A-----\nZm9v\n-----END A-----").as_deref(),
            Some(&b"foo"[..])
        );
        assert_eq!(
            decode("-----BEGIN A-----\n?\n-----END A-----\n-----BEGIN B-----\nZm9v\n-----END B-----")
                .as_deref(),
            Some(&b"foo"[..])
        );
    }

    #[test]
    fn refuses_what_is_not_a_block() {
        for text in [
            "",
            "foo",
            "-----BEGIN A-----\nZm9v\n",
            "-----BEGIN A-----\nZm9v\n-----END B-----\n",
            "x-----BEGIN A-----\nZm9v\n-----END A-----\n",
            "-----BEGIN A-----\nZm9v\n-----END A----- x\n",
            "-----BEGIN A\nZm9v\n-----END A-----\n",
            "-----BEGIN A-----\nZm9\n-----END A-----\n",
        ] {
            assert_eq!(Pem::decode(text.as_bytes()), None, "{text}");
        }
    }
}
