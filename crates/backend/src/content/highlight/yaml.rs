//! YAML, line by line: enough to colour any file and to know which line sets which key.
//!
//! It follows block scalars, quotes and flow collections over lines. It neither resolves nor validates anything, so a
//! broken file is coloured as far as it makes sense.

use super::{Class, Token, is_number};

/// What a scan found.
pub(crate) struct Scan {
    pub(crate) tokens: Vec<Token>,
    /// Lines that open a sequence item or set a key, in order.
    pub(crate) entries: Vec<Entry>,
}

/// A line of block structure: `- - key:`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// 0-based.
    pub(crate) line: u32,
    /// Columns of the line's sequence dashes.
    pub(crate) dashes: Vec<usize>,
    pub(crate) key: Option<Key>,
}

/// A key of a block mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) column: usize,
    /// Byte offset of its first character.
    pub(crate) start: usize,
    /// Without quotes.
    pub(crate) name: String,
}

/// Scans a whole file.
pub(crate) fn scan(text: &str) -> Scan {
    let mut scanner = Scanner {
        text,
        at: 0,
        line: 0,
        flow: 0,
        scan: Scan {
            tokens: Vec::new(),
            entries: Vec::new(),
        },
    };
    while scanner.at < text.len() {
        scanner.line();
    }
    scanner.scan
}

struct Scanner<'t> {
    text: &'t str,
    at: usize,
    /// Number of the line that `at` is on.
    line: u32,
    /// Open flow collections.
    flow: usize,
    scan: Scan,
}

impl Scanner<'_> {
    fn byte(&self, at: usize) -> u8 {
        self.text.as_bytes().get(at).copied().unwrap_or(b'\n')
    }

    /// Where the line of `at` ends, its line feed and carriage return left out.
    fn line_end(&self, at: usize) -> usize {
        let end = self.text[at..]
            .find('\n')
            .map_or(self.text.len(), |found| at + found);
        if end > at && self.byte(end - 1) == b'\r' {
            end - 1
        } else {
            end
        }
    }

    fn next_line(&mut self) {
        match self.text[self.at..].find('\n') {
            Some(found) => {
                self.at += found + 1;
                self.line += 1;
            }
            None => self.at = self.text.len(),
        }
    }

    /// Goes on behind something that may hold line feeds.
    fn jump(&mut self, to: usize) {
        self.line += self.text[self.at..to]
            .bytes()
            .filter(|byte| *byte == b'\n')
            .count() as u32;
        self.at = to;
    }

    fn push(&mut self, start: usize, end: usize, class: Class) {
        if end > start {
            self.scan.tokens.push(Token { start, end, class });
        }
    }

    fn skip_spaces(&mut self) {
        while matches!(self.byte(self.at), b' ' | b'\t') {
            self.at += 1;
        }
    }

    fn line(&mut self) {
        let start = self.at;
        self.skip_spaces();
        if self.flow > 0 {
            self.value(self.at - start);
            return;
        }
        let mut entry = Entry {
            line: self.line,
            dashes: Vec::new(),
            key: None,
        };
        let mut owner = self.at - start;
        while self.byte(self.at) == b'-' && matches!(self.byte(self.at + 1), b' ' | b'\t' | b'\n' | b'\r') {
            owner = self.at - start;
            entry.dashes.push(owner);
            self.at += 1;
            self.skip_spaces();
        }
        if let Some((end, after)) = self.key_end() {
            owner = self.at - start;
            let name = self.text[self.at..end].trim_matches(['"', '\'']).to_owned();
            entry.key = Some(Key {
                column: owner,
                start: self.at,
                name,
            });
            self.push(self.at, end, Class::Key);
            self.at = after;
        }
        if entry.key.is_some() || !entry.dashes.is_empty() {
            self.scan.entries.push(entry);
        }
        self.value(owner);
    }

    /// Where the key that starts here ends, and where its value may begin.
    fn key_end(&self) -> Option<(usize, usize)> {
        let end = self.line_end(self.at);
        let is_end = |at: usize| at >= end || matches!(self.byte(at), b' ' | b'\t');
        match self.byte(self.at) {
            b'"' | b'\'' => {
                let close = self.quoted_end(self.at).filter(|close| *close <= end)?;
                let colon = close + self.text[close..end].find(|c: char| c != ' ')?;
                (self.byte(colon) == b':' && is_end(colon + 1)).then_some((close, colon + 1))
            }
            b'#' | b'{' | b'[' | b'|' | b'>' | b'&' | b'!' | b'%' | b'@' | b'`' => None,
            _ => {
                let line = &self.text[self.at..end];
                for (offset, _) in line.match_indices(':') {
                    let colon = self.at + offset;
                    if is_end(colon + 1) {
                        let key = line[..offset].trim_end();
                        let is_key = !key.is_empty() && !key.contains(" #");
                        return is_key.then_some((self.at + key.len(), colon + 1));
                    }
                }
                None
            }
        }
    }

    /// Where a quoted scalar ends, over lines; none where it is never closed.
    fn quoted_end(&self, start: usize) -> Option<usize> {
        let quote = self.byte(start);
        let bytes = self.text.as_bytes();
        let mut at = start + 1;
        while let Some(byte) = bytes.get(at) {
            if *byte == b'\\' && quote == b'"' {
                at += 2;
            } else if *byte != quote {
                at += 1;
            } else if quote == b'\'' && bytes.get(at + 1) == Some(&b'\'') {
                at += 2;
            } else {
                return Some(at + 1);
            }
        }
        None
    }

    /// The rest of a line; `owner` is the column of what the value belongs to.
    fn value(&mut self, owner: usize) {
        let mut is_first = true;
        loop {
            self.skip_spaces();
            let end = self.line_end(self.at);
            if self.at >= end {
                self.next_line();
                return;
            }
            match self.byte(self.at) {
                b'#' if self.at == 0 || self.byte(self.at - 1).is_ascii_whitespace() => {
                    self.push(self.at, end, Class::Comment);
                    self.at = end;
                }
                b'"' | b'\'' => {
                    let close = self.quoted_end(self.at).unwrap_or(end);
                    let is_key = self.flow > 0 && self.byte(close) == b':';
                    self.push(self.at, close, if is_key { Class::Key } else { Class::Text });
                    self.jump(close);
                }
                b'{' | b'[' if is_first || self.flow > 0 => {
                    self.flow += 1;
                    self.at += 1;
                }
                b'}' | b']' if self.flow > 0 => {
                    self.flow -= 1;
                    self.at += 1;
                }
                b',' | b':' if self.flow > 0 => self.at += 1,
                b'|' | b'>' if is_first && self.flow == 0 && self.is_block_header(end) => {
                    self.block_scalar(end, owner);
                    return;
                }
                b'&' | b'*' | b'!' => {
                    let word = self.word_end(end);
                    self.push(self.at, word, Class::Literal);
                    self.at = word;
                    // A block scalar may follow a tag or an anchor.
                    continue;
                }
                _ => self.plain(end),
            }
            is_first = false;
        }
    }

    fn word_end(&self, end: usize) -> usize {
        let is_end = |c: char| c.is_whitespace() || (self.flow > 0 && ",]}".contains(c));
        self.text[self.at..end]
            .find(is_end)
            .map_or(end, |found| self.at + found.max(1))
    }

    fn is_block_header(&self, end: usize) -> bool {
        let header = self.text[self.at + 1..end].split('#').next().unwrap_or_default();
        header.trim_end().len() <= 2
            && header
                .trim_end()
                .bytes()
                .all(|byte| byte.is_ascii_digit() || b"+-".contains(&byte))
    }

    /// From its header to the last line that is indented deeper than its owner.
    fn block_scalar(&mut self, end: usize, owner: usize) {
        let header = self.word_end(end);
        self.push(self.at, header, Class::Literal);
        if let Some(comment) = self.text[header..end].find('#') {
            self.push(header + comment, end, Class::Comment);
        }
        self.next_line();
        let start = self.at;
        let mut last = start;
        while self.at < self.text.len() {
            let line_end = self.line_end(self.at);
            let line = &self.text[self.at..line_end];
            let indent = line.len() - line.trim_start_matches(' ').len();
            let is_blank = line.trim().is_empty();
            if !is_blank && indent <= owner {
                // Content at column 0 belongs to a scalar at the document's root only.
                break;
            }
            if !is_blank {
                last = line_end;
            }
            self.next_line();
        }
        if last > start {
            self.push(start, last, Class::Text);
        }
    }

    fn plain(&mut self, end: usize) {
        let text = &self.text[self.at..end];
        let mut stop = text.find(" #").unwrap_or(text.len());
        if self.flow > 0 {
            let in_flow = text.char_indices().find(|(at, c)| match c {
                ',' | ']' | '}' | '{' | '[' => *at > 0,
                ':' => *at > 0 && matches!(text.as_bytes().get(at + 1), None | Some(b' ' | b',' | b'}')),
                _ => false,
            });
            stop = stop.min(in_flow.map_or(text.len(), |(at, _)| at));
        }
        let word = text[..stop].trim_end();
        let stop = self.at
            + if word.is_empty() {
                text.chars().next().map_or(1, char::len_utf8)
            } else {
                word.len()
            };
        let class = if self.flow > 0 && self.byte(stop) == b':' {
            Class::Key
        } else if is_number(word) {
            Class::Number
        } else if is_literal(word) {
            Class::Literal
        } else if word == "---" || word == "..." {
            Class::Comment
        } else {
            Class::Text
        };
        self.push(self.at, stop, class);
        self.at = stop;
    }
}

fn is_literal(word: &str) -> bool {
    let words = ["true", "false", "null", "~", "yes", "no", "on", "off"];
    words.iter().any(|literal| literal.eq_ignore_ascii_case(word))
}
