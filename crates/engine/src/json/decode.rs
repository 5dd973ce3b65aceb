//! JSON text to values.
//!
//! Go checks the whole text before it decodes, so a syntax error leaves nothing behind; a shape that does not fit is
//! noted and decoding goes on. Both are kept: `fromJson` shows what could be read next to the error.

use super::error::DecodeError;
use crate::value::{GoStr, List, Map, Type, Value, decode_rune};

/// How deep arrays and objects may nest (Go: 10000).
const MAX_DEPTH: usize = 1_000;

/// `json.Unmarshal` into an `interface {}`.
pub fn decode(text: &[u8]) -> Result<Value, DecodeError> {
    match read(text)? {
        (_, Some(error)) => Err(error),
        (value, None) => Ok(value),
    }
}

/// `json.Unmarshal` into a `map[string]interface {}` that was empty: what it holds then, and the error.
#[must_use]
pub fn decode_map(text: &[u8]) -> (Map, Option<DecodeError>) {
    match read(text) {
        Err(error) => (Map::new(), Some(error)),
        Ok((Value::Map(map), error)) => (map, error),
        Ok((Value::Nil, None)) => (Map::nil(Type::DICT), None),
        Ok((other, _)) => (Map::new(), Some(wrong_shape(&other, "map[string]interface {}"))),
    }
}

/// `json.Unmarshal` into a `[]interface {}` that was empty: what it holds then, and the error.
#[must_use]
pub fn decode_list(text: &[u8]) -> (List, Option<DecodeError>) {
    match read(text) {
        Err(error) => (List::new(Vec::new()), Some(error)),
        Ok((Value::List(list), error)) => (list, error),
        Ok((Value::Nil, None)) => (List::nil(Type::LIST), None),
        Ok((other, _)) => (List::new(Vec::new()), Some(wrong_shape(&other, "[]interface {}"))),
    }
}

/// The error of decoding `value`, as JSON, into a Go value of type `wanted`.
pub(crate) fn wrong_shape(value: &Value, wanted: &'static str) -> DecodeError {
    let found = match value {
        Value::Bool(_) => "bool",
        Value::String(_) => "string",
        Value::List(_) => "array",
        Value::Map(_) => "object",
        _ => "number",
    };
    DecodeError::Type {
        found: found.to_owned(),
        wanted,
    }
}

/// The value, and the first number that does not fit a float64: it reads as nil.
fn read(text: &[u8]) -> Result<(Value, Option<DecodeError>), DecodeError> {
    let mut reader = Reader {
        text,
        pos: 0,
        overflow: None,
    };
    reader.skip_space();
    let value = reader.value(0)?;
    reader.skip_space();
    if reader.pos < text.len() {
        return Err(reader.unexpected("after top-level value"));
    }
    Ok((value, reader.overflow))
}

struct Reader<'a> {
    text: &'a [u8],
    pos: usize,
    overflow: Option<DecodeError>,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.pos).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.pos += 1;
        }
    }

    fn unexpected(&self, context: impl Into<String>) -> DecodeError {
        match self.peek() {
            Some(found) => DecodeError::Syntax {
                found,
                context: context.into(),
                offset: self.pos,
            },
            None => DecodeError::UnexpectedEnd,
        }
    }

    /// The same inside a word, number or escape, where the text may not end: Go tries a blank there at the end.
    fn unfinished(&self, context: impl Into<String>) -> DecodeError {
        DecodeError::Syntax {
            found: self.peek().unwrap_or(b' '),
            context: context.into(),
            offset: self.pos,
        }
    }

    fn value(&mut self, depth: usize) -> Result<Value, DecodeError> {
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => Ok(Value::String(self.string()?)),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.literal("true", Value::Bool(true)),
            Some(b'f') => self.literal("false", Value::Bool(false)),
            Some(b'n') => self.literal("null", Value::Nil),
            _ => Err(self.unexpected("looking for beginning of value")),
        }
    }

    fn literal(&mut self, word: &str, value: Value) -> Result<Value, DecodeError> {
        for expected in word.bytes() {
            if self.peek() != Some(expected) {
                let expected = char::from(expected);
                return Err(self.unfinished(format!("in literal {word} (expecting '{expected}')")));
            }
            self.pos += 1;
        }
        Ok(value)
    }

    fn open(&mut self, depth: usize) -> Result<(), DecodeError> {
        if depth >= MAX_DEPTH {
            return Err(self.unexpected("exceeded max depth"));
        }
        self.pos += 1;
        self.skip_space();
        Ok(())
    }

    fn object(&mut self, depth: usize) -> Result<Value, DecodeError> {
        self.open(depth)?;
        let map = Map::new();
        if self.peek() == Some(b'}') {
            self.pos += 1;
            return Ok(Value::Map(map));
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
            self.pos += 1;
            self.skip_space();
            let value = self.value(depth + 1)?;
            map.insert(key, value);
            self.skip_space();
            match self.peek() {
                Some(b',') => self.pos += 1,
                Some(b'}') => {
                    self.pos += 1;
                    return Ok(Value::Map(map));
                }
                _ => return Err(self.unexpected("after object key:value pair")),
            }
            self.skip_space();
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value, DecodeError> {
        self.open(depth)?;
        let mut items = Vec::new();
        if self.peek() == Some(b']') {
            self.pos += 1;
            return Ok(Value::list(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.skip_space();
            match self.peek() {
                Some(b',') => self.pos += 1,
                Some(b']') => {
                    self.pos += 1;
                    return Ok(Value::list(items));
                }
                _ => return Err(self.unexpected("after array element")),
            }
            self.skip_space();
        }
    }

    fn string(&mut self) -> Result<GoStr, DecodeError> {
        self.pos += 1;
        let start = self.pos;
        let is_plain = |b: &u8| !matches!(b, b'"' | b'\\' | 0..=0x1F);
        let rest = self.text.get(start..).unwrap_or_default();
        let run = rest.iter().position(|b| !is_plain(b)).unwrap_or(rest.len());
        let head = rest.get(..run).unwrap_or_default();
        self.pos += run;
        if self.peek() == Some(b'"') && std::str::from_utf8(head).is_ok() {
            self.pos += 1;
            return Ok(GoStr::from_bytes(head));
        }
        let mut text = String::new();
        push_valid(&mut text, head);
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.pos += 1;
                    return Ok(text.into());
                }
                Some(b'\\') => self.escape(&mut text)?,
                None | Some(0..=0x1F) => return Err(self.unexpected("in string literal")),
                Some(_) => {
                    let rest = self.text.get(self.pos..).unwrap_or_default();
                    let run = rest.iter().position(|b| !is_plain(b)).unwrap_or(rest.len());
                    push_valid(&mut text, rest.get(..run).unwrap_or_default());
                    self.pos += run;
                }
            }
        }
    }

    fn escape(&mut self, text: &mut String) -> Result<(), DecodeError> {
        self.pos += 1;
        let plain = match self.peek() {
            Some(c @ (b'"' | b'\\' | b'/')) => char::from(c),
            Some(b'b') => '\x08',
            Some(b'f') => '\x0C',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.pos += 1;
                let first = self.hex4()?;
                text.push(self.rune(first)?);
                return Ok(());
            }
            _ => return Err(self.unfinished("in string escape code")),
        };
        self.pos += 1;
        text.push(plain);
        Ok(())
    }

    fn hex4(&mut self) -> Result<u32, DecodeError> {
        let mut value = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|b| char::from(b).to_digit(16));
            let Some(digit) = digit else {
                return Err(self.unfinished("in \\u hexadecimal character escape"));
            };
            value = value * 16 + digit;
            self.pos += 1;
        }
        Ok(value)
    }

    /// The character of an escape whose first half is read; a surrogate without its partner is U+FFFD.
    fn rune(&mut self, first: u32) -> Result<char, DecodeError> {
        if (0xD800..0xDC00).contains(&first) && self.text.get(self.pos..self.pos + 2) == Some(b"\\u") {
            let before = self.pos;
            self.pos += 2;
            let second = self.hex4()?;
            if (0xDC00..0xE000).contains(&second) {
                let code = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.pos = before;
        }
        Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn number(&mut self) -> Result<Value, DecodeError> {
        let start = self.pos;
        if self.peek() == Some(b'-') {
            self.pos += 1;
        }
        match self.peek() {
            Some(b'0') => self.pos += 1,
            Some(b'1'..=b'9') => self.digits(),
            _ => return Err(self.unfinished("in numeric literal")),
        }
        if self.peek() == Some(b'.') {
            self.pos += 1;
            self.some_digits("after decimal point in numeric literal")?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.pos += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.pos += 1;
            }
            self.some_digits("in exponent of numeric literal")?;
        }
        let text = self.text.get(start..self.pos).unwrap_or_default();
        let text = std::str::from_utf8(text).unwrap_or_default();
        match text.parse::<f64>() {
            Ok(x) if x.is_finite() => Ok(Value::Float(x)),
            _ => {
                let error = DecodeError::Type {
                    found: format!("number {text}"),
                    wanted: "float64",
                };
                self.overflow.get_or_insert(error);
                Ok(Value::Nil)
            }
        }
    }

    fn digits(&mut self) {
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.pos += 1;
        }
    }

    fn some_digits(&mut self, context: &str) -> Result<(), DecodeError> {
        if !matches!(self.peek(), Some(b'0'..=b'9')) {
            return Err(self.unfinished(context));
        }
        self.digits();
        Ok(())
    }
}

/// Appends bytes as Go reads them into a string: each invalid one becomes U+FFFD.
fn push_valid(text: &mut String, bytes: &[u8]) {
    match std::str::from_utf8(bytes) {
        Ok(valid) => text.push_str(valid),
        Err(_) => {
            let mut rest = bytes;
            while let Some((rune, width)) = decode_rune(rest) {
                text.push(rune);
                rest = rest.get(width..).unwrap_or_default();
            }
        }
    }
}
