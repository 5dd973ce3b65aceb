//! JSON text to [`Doc`], with the words of Go's streaming decoder and without losing digits.

use engine::strconv;
use engine::value::GoStr;

use super::doc::{Doc, Number, Object};

/// How deep a document may nest. Go allows 10000, on stacks that grow.
pub(crate) const MAX_DEPTH: usize = 300;

/// Why text is not JSON, in Go's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// There is nothing but white space.
    #[error("EOF")]
    Empty,
    /// The text ends inside a value.
    #[error("unexpected EOF")]
    UnexpectedEnd,
    /// A character that JSON does not allow there.
    #[error("invalid character {} {context}", quote_byte(*.found))]
    Syntax {
        found: u8,
        context: String,
        offset: usize,
    },
    /// There is more than one value.
    #[error("invalid character after top-level value")]
    Trailing,
    /// Arrays and objects nest too deeply.
    #[error("exceeded max depth")]
    TooDeep,
}

/// Go's `quoteChar`.
fn quote_byte(byte: u8) -> String {
    match byte {
        b'\'' => r"'\''".to_owned(),
        b'"' => "'\"'".to_owned(),
        _ => {
            let quoted = strconv::quote(char::from(byte).to_string().as_bytes());
            format!("'{}'", quoted.get(1..quoted.len() - 1).unwrap_or_default())
        }
    }
}

/// A document that is the whole text.
pub(crate) fn read(text: &[u8]) -> Result<Doc, JsonError> {
    let (doc, end) = read_prefix(text)?;
    match text
        .get(end..)
        .unwrap_or_default()
        .iter()
        .all(|byte| is_space(*byte))
    {
        true => Ok(doc),
        false => Err(JsonError::Trailing),
    }
}

/// The first document of `text`, and where it ends.
pub(crate) fn read_prefix(text: &[u8]) -> Result<(Doc, usize), JsonError> {
    let mut reader = Reader { text, at: 0 };
    reader.skip_space();
    if reader.peek().is_none() {
        return Err(JsonError::Empty);
    }
    let doc = reader.value(0)?;
    Ok((doc, reader.at))
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(is_space) {
            self.at += 1;
        }
    }

    fn unexpected(&self, context: impl Into<String>) -> JsonError {
        match self.peek() {
            Some(found) => JsonError::Syntax {
                found,
                context: context.into(),
                offset: self.at,
            },
            None => JsonError::UnexpectedEnd,
        }
    }

    fn value(&mut self, depth: usize) -> Result<Doc, JsonError> {
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => Ok(Doc::String(self.string()?)),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.literal("true", Doc::Bool(true)),
            Some(b'f') => self.literal("false", Doc::Bool(false)),
            Some(b'n') => self.literal("null", Doc::Null),
            _ => Err(self.unexpected("looking for beginning of value")),
        }
    }

    fn literal(&mut self, word: &str, doc: Doc) -> Result<Doc, JsonError> {
        for expected in word.chars() {
            if self.peek().map(char::from) != Some(expected) {
                return Err(self.unexpected(format!("in literal {word} (expecting '{expected}')")));
            }
            self.at += 1;
        }
        Ok(doc)
    }

    fn open(&mut self, depth: usize) -> Result<(), JsonError> {
        if depth >= MAX_DEPTH {
            return Err(JsonError::TooDeep);
        }
        self.at += 1;
        self.skip_space();
        Ok(())
    }

    fn object(&mut self, depth: usize) -> Result<Doc, JsonError> {
        self.open(depth)?;
        let mut object = Object::new();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Doc::Object(object));
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(self.unexpected("looking for beginning of object key string"));
            }
            let key = self.string()?;
            self.skip_space();
            if self.peek() != Some(b':') {
                return Err(self.unexpected("after object key"));
            }
            self.at += 1;
            self.skip_space();
            let value = self.value(depth + 1)?;
            object.insert(key, value);
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(Doc::Object(object));
                }
                _ => return Err(self.unexpected("after object key:value pair")),
            }
            self.skip_space();
        }
    }

    fn array(&mut self, depth: usize) -> Result<Doc, JsonError> {
        self.open(depth)?;
        let mut items = Vec::new();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Doc::Array(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(Doc::Array(items));
                }
                _ => return Err(self.unexpected("after array element")),
            }
            self.skip_space();
        }
    }

    fn string(&mut self) -> Result<GoStr, JsonError> {
        self.at += 1;
        let mut bytes = Vec::new();
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let run = rest
                .iter()
                .position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f))
                .unwrap_or(rest.len());
            bytes.extend(rest.get(..run).unwrap_or_default());
            self.at += run;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    // What is not UTF-8 becomes U+FFFD, each byte for itself.
                    return Ok(match std::str::from_utf8(&bytes) {
                        Ok(_) => GoStr::from(bytes),
                        Err(_) => GoStr::from(bytes)
                            .runes()
                            .map(|(rune, _)| rune)
                            .collect::<String>()
                            .into(),
                    });
                }
                Some(b'\\') => {
                    let rune = self.escape()?;
                    bytes.extend(rune.encode_utf8(&mut [0; 4]).bytes());
                }
                _ => return Err(self.unexpected("in string literal")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, JsonError> {
        self.at += 1;
        let rune = match self.peek() {
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
            Some(b'b') => '\x08',
            Some(b'f') => '\x0c',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                let first = self.hex4()?;
                return self.rune(first);
            }
            _ => return Err(self.unexpected("in string escape code")),
        };
        self.at += 1;
        Ok(rune)
    }

    fn hex4(&mut self) -> Result<u32, JsonError> {
        let mut number = 0;
        for _ in 0..4 {
            let Some(digit) = self.peek().and_then(|byte| char::from(byte).to_digit(16)) else {
                return Err(self.unexpected("in \\u hexadecimal character escape"));
            };
            number = number * 16 + digit;
            self.at += 1;
        }
        Ok(number)
    }

    /// The character of an escape whose first half is read; a surrogate without its partner is U+FFFD.
    fn rune(&mut self, first: u32) -> Result<char, JsonError> {
        if (0xd800..0xdc00).contains(&first) && self.text.get(self.at..self.at + 2) == Some(b"\\u") {
            let before = self.at;
            self.at += 2;
            let second = self.hex4()?;
            if (0xdc00..0xe000).contains(&second) {
                let code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.at = before;
        }
        Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn number(&mut self) -> Result<Doc, JsonError> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits(),
            _ => return Err(self.unexpected("in numeric literal")),
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.some_digits("after decimal point in numeric literal")?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.some_digits("in exponent of numeric literal")?;
        }
        let text = self.text.get(start..self.at).unwrap_or_default();
        Ok(Doc::Number(Number::Text(GoStr::from(text))))
    }

    fn digits(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
    }

    fn some_digits(&mut self, context: &str) -> Result<(), JsonError> {
        if !self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            return Err(self.unexpected(context));
        }
        self.digits();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_gos() {
        let error = |text: &str| read(text.as_bytes()).unwrap_err().to_string();
        assert_eq!(
            error("not json"),
            "invalid character 'o' in literal null (expecting 'u')"
        );
        assert_eq!(error(""), "EOF");
        assert_eq!(error("  "), "EOF");
        assert_eq!(error("{\"b\":"), "unexpected EOF");
        assert_eq!(error("{} x"), "invalid character after top-level value");
        assert_eq!(
            error("[1,]"),
            "invalid character ']' looking for beginning of value"
        );
        assert_eq!(error("\"\n\""), "invalid character '\\n' in string literal");
        assert_eq!(error("01"), "invalid character after top-level value");
        assert_eq!(error(&"[".repeat(400)), "exceeded max depth");
    }

    #[test]
    fn numbers_keep_their_text() {
        let Ok((Doc::Number(number), 4)) = read_prefix(b" 1.0,") else {
            panic!("not a number")
        };
        assert_eq!(number.text(), "1.0");
    }
}
