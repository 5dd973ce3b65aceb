//! Values to TOML: plain keys of a table first, then its tables, each sorted.

use super::error::EncodeError;
use super::key::{write_dotted, write_part, write_quoted};
use crate::strconv::format_float;
use crate::value::{GoStr, List, Object, Value};

const MAX_DEPTH: usize = 1_000;

/// `toml.Encoder.Encode`; fails where the text would be longer than `max_bytes`.
///
/// The result is not text if strings in `value` are not.
pub fn encode(value: &Value, max_bytes: usize) -> Result<GoStr, EncodeError> {
    if matches!(value, Value::Nil) {
        return Err(EncodeError::Nil);
    }
    let mut encoder = Encoder {
        out: Vec::new(),
        max_bytes,
    };
    encoder.node(&mut Vec::new(), value)?;
    Ok(encoder.out.into())
}

/// What the library calls a value's TOML type, as far as layout depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// Nothing is written for it.
    Nil,
    /// `key = value`
    Plain,
    /// `[key]`
    Table,
    /// `[[key]]`
    Tables,
}

struct Encoder {
    out: Vec<u8>,
    max_bytes: usize,
}

impl Encoder {
    fn node(&mut self, key: &mut Vec<GoStr>, value: &Value) -> Result<(), EncodeError> {
        self.check(key.len())?;
        match (layout(value, 0)?, value) {
            (Layout::Tables, Value::List(list)) => self.array_of_tables(key, list),
            (Layout::Table, _) => self.table(key, value),
            (Layout::Nil, Value::Nil | Value::Map(_) | Value::Object(_)) => Ok(()),
            _ => self.key_value(key, value),
        }
    }

    fn check(&self, depth: usize) -> Result<(), EncodeError> {
        if depth > MAX_DEPTH {
            return Err(EncodeError::TooDeep { limit: MAX_DEPTH });
        }
        if self.out.len() > self.max_bytes {
            return Err(EncodeError::TooLarge {
                limit: self.max_bytes,
            });
        }
        Ok(())
    }

    fn array_of_tables(&mut self, key: &mut Vec<GoStr>, list: &List) -> Result<(), EncodeError> {
        if key.is_empty() {
            return Err(EncodeError::NoKey);
        }
        for table in list {
            if table.is_nil() {
                continue;
            }
            self.newline();
            self.indent(key.len());
            self.out.extend_from_slice(b"[[");
            write_dotted(&mut self.out, key);
            self.out.extend_from_slice(b"]]");
            self.newline();
            self.entries(key, table)?;
        }
        Ok(())
    }

    fn table(&mut self, key: &mut Vec<GoStr>, table: &Value) -> Result<(), EncodeError> {
        if key.len() == 1 {
            self.newline();
        }
        if !key.is_empty() {
            self.indent(key.len());
            self.out.push(b'[');
            write_dotted(&mut self.out, key);
            self.out.push(b']');
            self.newline();
        }
        self.entries(key, table)
    }

    fn entries(&mut self, key: &mut Vec<GoStr>, table: &Value) -> Result<(), EncodeError> {
        let (direct, tables) = split(table)?;
        for (name, value) in direct.into_iter().chain(tables) {
            if !value.is_nil() {
                key.push(name);
                self.node(key, &value)?;
                key.pop();
            }
        }
        Ok(())
    }

    fn key_value(&mut self, key: &[GoStr], value: &Value) -> Result<(), EncodeError> {
        let Some(name) = key.last() else {
            return self.element(value, 0);
        };
        self.indent(key.len());
        write_part(&mut self.out, name.as_bytes());
        self.out.extend_from_slice(b" = ");
        self.element(value, key.len())?;
        self.newline();
        Ok(())
    }

    /// A value behind `=` or within brackets.
    fn element(&mut self, value: &Value, depth: usize) -> Result<(), EncodeError> {
        self.check(depth)?;
        match value {
            Value::Nil => return Err(EncodeError::NilElement),
            Value::Bool(b) => self.text(if *b { "true" } else { "false" }),
            Value::Int(_, n) => self.text(&n.to_string()),
            Value::Uint(_, n) => self.text(&n.to_string()),
            Value::Float(x) => self.text(&float(*x, 64)),
            Value::Float32(x) => self.text(&float(f64::from(*x), 32)),
            Value::Complex(..) => return Err(unsupported(value)),
            Value::String(text) => write_quoted(&mut self.out, text.as_bytes()),
            Value::Bytes(_) => self.array(&value.to_items().unwrap_or_default(), depth)?,
            Value::List(list) => self.array(list.as_slice(), depth)?,
            Value::Map(_) => self.inline_table(value, depth)?,
            Value::Object(object) => match simple(object.as_ref()) {
                Some(Simple::Time(text)) => self.text(&text),
                Some(Simple::Text(text)) => write_quoted(&mut self.out, text.as_bytes()),
                Some(Simple::Underlying(value)) => self.element(&value, depth + 1)?,
                None => self.inline_table(value, depth)?,
            },
        }
        Ok(())
    }

    fn array(&mut self, items: &[Value], depth: usize) -> Result<(), EncodeError> {
        self.out.push(b'[');
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                self.text(", ");
            }
            self.element(item, depth + 1)?;
        }
        self.out.push(b']');
        Ok(())
    }

    fn inline_table(&mut self, table: &Value, depth: usize) -> Result<(), EncodeError> {
        let (direct, tables) = split(table)?;
        self.out.push(b'{');
        // The library counts the commas before it leaves nils out, so one may be left over; in structs it counts all
        // fields together.
        let has_tables = !tables.is_empty();
        for (entries, more) in [(direct, has_tables), (tables, false)] {
            let count = entries.len();
            for (i, (name, value)) in entries.into_iter().enumerate() {
                if value.is_nil() {
                    continue;
                }
                write_part(&mut self.out, name.as_bytes());
                self.out.extend_from_slice(b" = ");
                self.element(&value, depth + 1)?;
                if more || i + 1 < count {
                    self.text(", ");
                }
            }
        }
        self.out.push(b'}');
        Ok(())
    }

    fn text(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    /// Nothing at the start of the text.
    fn newline(&mut self) {
        if !self.out.is_empty() {
            self.out.push(b'\n');
        }
    }

    fn indent(&mut self, depth: usize) {
        for _ in 1..depth {
            self.out.extend_from_slice(b"  ");
        }
    }
}

type Entries = Vec<(GoStr, Value)>;

/// The entries of a table: those written as `key = value`, and tables.
fn split(table: &Value) -> Result<(Entries, Entries), EncodeError> {
    let entries: Entries = match table {
        Value::Map(map) => map.entries(),
        Value::Object(object) => {
            let fields = object.fields().into_iter();
            fields
                .filter(|(name, _)| name.starts_with(char::is_uppercase))
                .map(|(name, value)| (GoStr::from_static(name), value))
                .collect()
        }
        _ => Vec::new(),
    };
    let (mut direct, mut tables) = (Vec::new(), Vec::new());
    for (name, value) in entries {
        match layout(&value, 0)? {
            Layout::Table | Layout::Tables => tables.push((name, value)),
            Layout::Nil | Layout::Plain => direct.push((name, value)),
        }
    }
    Ok((direct, tables))
}

fn layout(value: &Value, depth: usize) -> Result<Layout, EncodeError> {
    if depth > MAX_DEPTH {
        return Err(EncodeError::TooDeep { limit: MAX_DEPTH });
    }
    if value.is_nil() {
        return Ok(Layout::Nil);
    }
    Ok(match value {
        Value::Complex(..) => return Err(unsupported(value)),
        Value::Map(_) => Layout::Table,
        Value::List(list) => list_layout(list, depth)?,
        Value::Object(object) => match simple(object.as_ref()) {
            Some(Simple::Underlying(underlying)) => layout(&underlying, depth + 1)?,
            Some(_) => Layout::Plain,
            None if object.ty().is_struct_like() => Layout::Table,
            None => return Err(unsupported(value)),
        },
        _ => Layout::Plain,
    })
}

fn list_layout(list: &List, depth: usize) -> Result<Layout, EncodeError> {
    let mut all_tables = !list.is_empty();
    for item in list {
        match layout(item, depth + 1)? {
            Layout::Nil => return Err(EncodeError::NilElement),
            Layout::Table => {}
            Layout::Plain | Layout::Tables => all_tables = false,
        }
    }
    Ok(if all_tables { Layout::Tables } else { Layout::Plain })
}

enum Simple {
    /// Written without quotes.
    Time(String),
    Text(GoStr),
    Underlying(Value),
}

/// How an object that is no table is written.
fn simple(object: &dyn Object) -> Option<Simple> {
    let name = object.ty().to_string();
    if name == "time.Duration" {
        return Some(Simple::Text(object.string().unwrap_or_default()));
    }
    match object
        .json()
        .and_then(|json| crate::json::decode(json.as_bytes()).ok())
    {
        Some(Value::String(text)) if name == "time.Time" => {
            return Some(Simple::Time(text.to_str_lossy().into_owned()));
        }
        Some(Value::String(text)) => return Some(Simple::Text(text)),
        _ => {}
    }
    object.underlying().map(Simple::Underlying)
}

fn float(x: f64, bits: u32) -> String {
    if x.is_nan() {
        return if x.is_sign_negative() { "-nan" } else { "nan" }.to_owned();
    }
    if x.is_infinite() {
        return if x < 0.0 { "-inf" } else { "inf" }.to_owned();
    }
    let text = format_float(x, 'g', None, bits);
    if text.contains(['e', '.']) {
        text
    } else {
        text + ".0"
    }
}

fn unsupported(value: &Value) -> EncodeError {
    EncodeError::UnsupportedType {
        kind: value.kind().to_string(),
    }
}
