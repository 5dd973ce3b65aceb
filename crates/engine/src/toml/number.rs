//! Numbers and dates: how far they reach in the lexer, and the library's checks on them.

use super::lexer::{Kind, LexError, Lexer, State, quote_char};
use crate::datetime::{Time, Zone};
use crate::strconv::{NumberError, parse_float, parse_int, quote};

impl Lexer<'_> {
    /// A value that begins with the digit `first`, which was taken.
    pub(super) fn number_or_date(&mut self, first: char) -> Result<State, LexError> {
        if first == '0' {
            match self.next()? {
                '0'..='9' => {}
                '_' => return self.run(Kind::Integer),
                '.' | 'e' | 'E' => return self.run(Kind::Float),
                'b' => return self.with_base("a binary", |c| matches!(c, '0' | '1')),
                'o' => return self.with_base("an octal", |c| matches!(c, '0'..='7')),
                'x' => return self.with_base("a hexadecimal", |c| c.is_ascii_hexdigit()),
                c => {
                    self.back(c);
                    return Ok(self.emit_value(Kind::Integer));
                }
            }
        }
        loop {
            match self.next()? {
                '0'..='9' => {}
                '-' | ':' => return self.run(Kind::Datetime),
                '_' => return self.run(Kind::Integer),
                '.' | 'e' | 'E' => return self.run(Kind::Float),
                c => {
                    self.back(c);
                    return Ok(self.emit_value(Kind::Integer));
                }
            }
        }
    }

    pub(super) fn signed_number(&mut self) -> Result<State, LexError> {
        let c = self.next()?;
        match c {
            'i' if self.accept('n')? && self.accept('f')? => Ok(self.emit_value(Kind::Float)),
            'n' if self.accept('a')? && self.accept('n')? => Ok(self.emit_value(Kind::Float)),
            'i' | 'n' => Err(self.fail(format!("invalid float: '{}'", self.current()))),
            '.' => Err(self.fail("floats must start with a digit, not '.'")),
            '0'..='9' => {
                let next = self.peek()?;
                if c == '0' && matches!(next, 'b' | 'o' | 'x') {
                    let number = self.current();
                    return Err(self.fail(format!(
                        "cannot use sign with non-decimal numbers: '{number}{next}'"
                    )));
                }
                self.run(Kind::Integer)
            }
            _ => Err(self.fail_at(c, format!("expected a digit but got {}", quote_char(c)))),
        }
    }

    /// The rest of a number or date: any characters that can belong to one, for the parser to check.
    fn run(&mut self, kind: Kind) -> Result<State, LexError> {
        loop {
            let c = self.next()?;
            let belongs = match kind {
                _ if c.is_ascii_digit() => true,
                Kind::Datetime => matches!(c, '-' | ':' | 'T' | 't' | ' ' | '.' | 'Z' | 'z' | '+'),
                Kind::Float => matches!(c, '_' | '.' | '-' | '+' | 'e' | 'E'),
                _ => match c {
                    '.' | 'e' | 'E' => return self.run(Kind::Float),
                    _ => c == '_',
                },
            };
            if !belongs {
                self.back(c);
                return Ok(self.emit_value(kind));
            }
        }
    }

    fn with_base(&mut self, name: &str, is_digit: fn(char) -> bool) -> Result<State, LexError> {
        let first = self.peek()?;
        if !is_digit(first) {
            return Err(self.fail(format!("not {name} number: '{}{first}'", self.current())));
        }
        loop {
            let c = self.next()?;
            if !is_digit(c) && c != '_' {
                self.back(c);
                return Ok(self.emit_value(Kind::Integer));
            }
        }
    }
}

pub(super) fn integer(text: &str) -> Result<i64, String> {
    if !underscores_ok(text) {
        return Err(format!(
            "Invalid integer {}: underscores must be surrounded by digits",
            quoted(text)
        ));
    }
    if has_leading_zero(text) {
        return Err(format!(
            "Invalid integer {}: cannot have leading zeroes",
            quoted(text)
        ));
    }
    match parse_int(text, 0, 64) {
        Ok(n) => Ok(n),
        Err(NumberError::Range(_)) => Err(format!("{text} is out of range for int64")),
        Err(_) => Err(format!("BUG: Expected integer value, but got '{text}'.")),
    }
}

pub(super) fn float(text: &str) -> Result<f64, String> {
    let mut parts = text
        .split(['.', 'e', 'E'])
        .filter(|part| !part.is_empty())
        .peekable();
    let first = parts.peek().copied().unwrap_or_default();
    if !parts.all(underscores_ok) {
        return Err(format!(
            "Invalid float {}: underscores must be surrounded by digits",
            quoted(text)
        ));
    }
    if has_leading_zero(first) {
        return Err(format!(
            "Invalid float {}: cannot have leading zeroes",
            quoted(text)
        ));
    }
    // `1.` and `1.e2` are floats for Go, not for TOML.
    let periods_ok = text
        .match_indices('.')
        .all(|(at, _)| text.as_bytes().get(at + 1).is_some_and(u8::is_ascii_digit));
    if !periods_ok {
        return Err(format!(
            "Invalid float {}: '.' must be followed by one or more digits",
            quoted(text)
        ));
    }
    let plain = text.replace('_', "");
    match plain.as_str() {
        "-nan" => return Ok(-f64::NAN),
        "nan" | "+nan" => return Ok(f64::NAN),
        _ => {}
    }
    match parse_float(&plain) {
        Ok(x) => Ok(x),
        Err(NumberError::Range(_)) => Err(format!("{text} is out of range for float64")),
        Err(_) => Err(format!("Invalid float value: {}", quoted(text))),
    }
}

fn quoted(text: &str) -> String {
    quote(text.as_bytes())
}

fn has_leading_zero(text: &str) -> bool {
    match text.as_bytes() {
        [b'0', b'b' | b'o' | b'x', ..] => false,
        [b'0', _, ..] | [b'-' | b'+', b'0', _, ..] => true,
        _ => false,
    }
}

/// Whether each underscore stands between two digits of any base.
fn underscores_ok(text: &str) -> bool {
    if matches!(text, "nan" | "+nan" | "-nan" | "inf" | "-inf" | "+inf") {
        return true;
    }
    let mut after_digit = false;
    for c in text.chars() {
        if c == '_' && !after_digit {
            return false;
        }
        after_digit = c.is_ascii_hexdigit();
    }
    after_digit
}

/// The layouts of dates, and the name of the zone of those that have none.
const LAYOUTS: [(&str, Option<&str>); 7] = [
    ("2006-01-02T15:04:05.999999999Z07:00", None),
    ("2006-01-02T15:04:05.999999999", Some("datetime-local")),
    ("2006-01-02", Some("date-local")),
    ("15:04:05.999999999", Some("time-local")),
    ("2006-01-02T15:04Z07:00", None),
    ("2006-01-02T15:04", Some("datetime-local")),
    ("15:04", Some("time-local")),
];

/// A date or time; `local` and `local_offset` (in seconds) are the host's zone.
pub(super) fn datetime(text: &str, local: &Zone, local_offset: i32) -> Result<Time, String> {
    let text = text.replace('z', "Z").replace(['t', ' '], "T");
    for (layout, zone_name) in LAYOUTS {
        let zone = zone_name.map_or_else(|| local.clone(), |name| Zone::fixed(name, local_offset));
        if let Ok(time) = Time::parse(layout.as_bytes(), text.as_bytes(), &zone) {
            if misses_leading_zero(&text, layout) {
                break;
            }
            return Ok(time);
        }
    }
    Err(format!("invalid datetime: {}", quoted(&text)))
}

/// Go reads `7:30` as a time, TOML does not: then a separator is not where the layout has it.
fn misses_leading_zero(text: &str, layout: &str) -> bool {
    layout
        .bytes()
        .zip(text.bytes())
        .take_while(|(wanted, _)| !matches!(wanted, b'.' | b'Z'))
        .any(|(wanted, found)| !wanted.is_ascii_digit() && wanted != found)
}
