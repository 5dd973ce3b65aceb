//! The grammar, followed as `pkg/strvals/parser.go` and `literal_parser.go` follow it.

use engine::strconv;
use engine::value::GoStr;

use super::super::{Table, Tree};
use super::{ReadFile, StrvalsError};
use crate::schema::{Doc, read_json_prefix};

/// Helm's `MaxIndex`.
const MAX_INDEX: usize = 65_536;
/// Helm's `MaxNestedNameLevel`.
const MAX_NAME_LEVEL: usize = 30;
/// Names and indices within each other.
const MAX_NESTING: usize = 200;
/// List items one expression may add.
const MAX_ITEMS: usize = 1 << 20;

/// What stands behind the equals sign.
pub(super) enum Grammar<'r> {
    Typed,
    Text,
    Json,
    Literal,
    File(ReadFile<'r>),
}

/// Why a part of the grammar ended without a result.
enum Stop {
    /// The expression is over. Helm takes that for success, wherever it happens.
    End,
    Error(StrvalsError),
}

impl From<StrvalsError> for Stop {
    fn from(error: StrvalsError) -> Self {
        Self::Error(error)
    }
}

pub(super) struct Parser<'e, 'r> {
    rest: &'e str,
    grammar: Grammar<'r>,
    items_left: usize,
}

impl<'e, 'r> Parser<'e, 'r> {
    pub(super) fn new(expression: &'e str, grammar: Grammar<'r>) -> Self {
        Self {
            rest: expression,
            grammar,
            items_left: MAX_ITEMS,
        }
    }

    pub(super) fn parse(mut self, values: &mut Table) -> Result<(), StrvalsError> {
        loop {
            match self.key(values, 0, 0) {
                Ok(()) => {}
                Err(Stop::End) => return Ok(()),
                Err(Stop::Error(error)) => return Err(error),
            }
        }
    }

    fn is_literal(&self) -> bool {
        matches!(self.grammar, Grammar::Literal)
    }

    fn next(&mut self) -> Option<char> {
        let mut characters = self.rest.chars();
        let character = characters.next()?;
        self.rest = characters.as_str();
        Some(character)
    }

    /// The text before one of `stops`, and which; `None` at the end. A backslash takes the next character as it is,
    /// except in literals.
    fn until(&mut self, stops: &[char]) -> (String, Option<char>) {
        let mut text = String::new();
        while let Some(character) = self.next() {
            if stops.contains(&character) {
                return (text, Some(character));
            }
            if character == '\\' && !self.is_literal() {
                match self.next() {
                    Some(escaped) => text.push(escaped),
                    None => break,
                }
            } else {
                text.push(character);
            }
        }
        (text, None)
    }

    /// One key and its value. `level` counts dots, `depth` every nesting.
    fn key(&mut self, values: &mut Table, level: usize, depth: usize) -> Result<(), Stop> {
        let stops: &[char] = if self.is_literal() {
            &['=', '[', '.']
        } else {
            &['=', '[', ',', '.']
        };
        let (key, stop) = self.until(stops);
        match stop {
            None if key.is_empty() => Err(Stop::End),
            None => Err(StrvalsError::NoValue { key }.into()),
            Some('[') => {
                let index = self.index()?;
                let existing = values.contains_key(key.as_bytes());
                let mut list = match values.get_mut(key.as_bytes()) {
                    None => Vec::new(),
                    Some(Tree::List(list)) => std::mem::take(list),
                    Some(other) => return Err(conversion(other, "[]interface {}").into()),
                };
                let outcome = self.item(&mut list, index, level, depth + 1);
                if existing || !key.is_empty() {
                    values.insert(key.into(), Tree::List(list));
                }
                outcome
            }
            Some('.') => {
                if level >= MAX_NAME_LEVEL {
                    return Err(StrvalsError::NameTooDeep {
                        limit: MAX_NAME_LEVEL,
                    }
                    .into());
                }
                let existing = values.contains_key(key.as_bytes());
                let mut inner = match values.get_mut(key.as_bytes()) {
                    None => Table::new(),
                    Some(Tree::Table(table)) => std::mem::take(table),
                    Some(other) => return Err(conversion(other, "map[string]interface {}").into()),
                };
                let outcome = self.nested(&mut inner, level + 1, depth + 1);
                let empty = inner.is_empty();
                if existing || !(empty || key.is_empty()) {
                    values.insert(key.as_str().into(), Tree::Table(inner));
                }
                if outcome.is_ok() && empty {
                    return Err(StrvalsError::EmptyMap { key }.into());
                }
                outcome
            }
            Some(',') => Err(StrvalsError::EndsWithComma { key }.into()),
            Some(_) => {
                let (value, end) = self.value()?;
                if !key.is_empty() {
                    values.insert(key.into(), value);
                }
                if end { Err(Stop::End) } else { Ok(()) }
            }
        }
    }

    /// A key inside of another.
    fn nested(&mut self, values: &mut Table, level: usize, depth: usize) -> Result<(), Stop> {
        if depth > MAX_NESTING {
            return Err(StrvalsError::IndicesTooDeep { limit: MAX_NESTING }.into());
        }
        self.key(values, level, depth)
    }

    /// What follows `[`.
    fn index(&mut self) -> Result<i64, Stop> {
        let (text, stop) = self.until(&[']']);
        if stop.is_none() {
            return Err(Stop::End);
        }
        strconv::parse_int(&text, 10, 64).map_err(|error| {
            let reason = match error {
                strconv::NumberError::Syntax => "invalid syntax",
                strconv::NumberError::Range(_) => "value out of range",
            };
            StrvalsError::Index { text, reason }.into()
        })
    }

    /// What follows `]`.
    fn item(&mut self, list: &mut Vec<Tree>, index: i64, level: usize, depth: usize) -> Result<(), Stop> {
        let index = usize::try_from(index).map_err(|_| StrvalsError::NegativeIndex { index })?;
        if depth > MAX_NESTING {
            return Err(StrvalsError::IndicesTooDeep { limit: MAX_NESTING }.into());
        }
        let (text, stop) = self.until(&['[', '.', '=']);
        if !text.is_empty() {
            return Err(StrvalsError::AfterIndex { text }.into());
        }
        match stop {
            None => Err(Stop::End),
            Some('[') => {
                let next = self.index()?;
                let (mut inner, existing) = match list.get_mut(index) {
                    Some(Tree::List(inner)) => (std::mem::take(inner), true),
                    None | Some(Tree::Null) => (Vec::new(), false),
                    Some(other) => return Err(conversion(other, "[]interface {}").into()),
                };
                let outcome = self.item(&mut inner, next, level, depth + 1);
                if existing || outcome.is_ok() {
                    self.set(list, index, Tree::List(inner))?;
                }
                outcome
            }
            Some('.') => {
                let existing = index < list.len();
                let mut inner = match list.get_mut(index) {
                    Some(Tree::Table(table)) => std::mem::take(table),
                    _ => Table::new(),
                };
                let outcome = self.nested(&mut inner, level, depth + 1);
                if existing || outcome.is_ok() {
                    self.set(list, index, Tree::Table(inner))?;
                }
                outcome
            }
            Some(_) => {
                let (value, _) = self.value()?;
                self.set(list, index, value)
            }
        }
    }

    fn set(&mut self, list: &mut Vec<Tree>, index: usize, value: Tree) -> Result<(), Stop> {
        if index > MAX_INDEX {
            return Err(StrvalsError::IndexTooLarge {
                index,
                limit: MAX_INDEX,
            }
            .into());
        }
        if index >= list.len() {
            self.spend(index + 1 - list.len())?;
            list.resize(index + 1, Tree::Null);
        }
        if let Some(item) = list.get_mut(index) {
            *item = value;
        }
        Ok(())
    }

    fn spend(&mut self, items: usize) -> Result<(), Stop> {
        match self.items_left.checked_sub(items) {
            Some(left) => {
                self.items_left = left;
                Ok(())
            }
            None => Err(StrvalsError::TooManyItems { limit: MAX_ITEMS }.into()),
        }
    }

    /// What follows `=`, and whether the expression ended where a value was to begin.
    fn value(&mut self) -> Result<(Tree, bool), Stop> {
        if self.is_literal() {
            return Ok((Tree::String(std::mem::take(&mut self.rest).into()), false));
        }
        if matches!(self.grammar, Grammar::Json) {
            return self.json().map(|value| (value, false));
        }
        if self.rest.is_empty() {
            return Ok((Tree::String(GoStr::default()), true));
        }
        if let Some(list) = self.rest.strip_prefix('{') {
            self.rest = list;
            return self.list().map(|items| (Tree::List(items), false));
        }
        let (text, _) = self.until(&[',']);
        self.convert(text).map(|value| (value, false))
    }

    /// What follows `{`.
    fn list(&mut self) -> Result<Vec<Tree>, Stop> {
        let mut items = Vec::new();
        loop {
            let (text, stop) = self.until(&[',', '}']);
            if stop.is_none() {
                return Err(StrvalsError::OpenList.into());
            }
            self.spend(1)?;
            items.push(self.convert(text)?);
            if stop == Some('}') {
                self.rest = self.rest.strip_prefix(',').unwrap_or(self.rest);
                return Ok(items);
            }
        }
    }

    fn convert(&mut self, text: String) -> Result<Tree, Stop> {
        match &mut self.grammar {
            Grammar::Typed => Ok(typed(text)),
            Grammar::File(read) => read(&text).map_err(|text| StrvalsError::File { text }.into()),
            Grammar::Text | Grammar::Json | Grammar::Literal => Ok(Tree::String(text.into())),
        }
    }

    fn json(&mut self) -> Result<Tree, Stop> {
        if self.skip_empty() {
            return Ok(Tree::Null);
        }
        let (doc, end) = read_json_prefix(self.rest.as_bytes()).map_err(StrvalsError::from)?;
        let value = from_doc(doc)?;
        self.rest = self.rest.get(end..).unwrap_or_default();
        self.skip_empty();
        Ok(value)
    }

    /// Skips white space, and one comma behind it; whether a comma or the end was there.
    fn skip_empty(&mut self) -> bool {
        self.rest = self.rest.trim_start_matches(char::is_whitespace);
        if self.rest.is_empty() {
            return true;
        }
        match self.rest.strip_prefix(',') {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }
}

/// What Go says when a value is not of the type it must be.
fn conversion(found: &Tree, wanted: &'static str) -> StrvalsError {
    let found = match found {
        Tree::Null => "nil",
        Tree::Bool(_) => "bool",
        Tree::Int(_) => "int64",
        Tree::Float(_) => "float64",
        Tree::String(_) => "string",
        Tree::List(_) => "[]interface {}",
        Tree::Table(_) => "map[string]interface {}",
    };
    StrvalsError::Conversion { found, wanted }
}

/// A value of `--set`.
fn typed(text: String) -> Tree {
    // Go folds the long s, too.
    let folded = text.replace('\u{17f}', "s").to_ascii_lowercase();
    match folded.as_str() {
        "true" => return Tree::Bool(true),
        "false" => return Tree::Bool(false),
        "null" => return Tree::Null,
        "0" => return Tree::Int(0),
        _ => {}
    }
    // 0644 is a file mode, not a number.
    match strconv::parse_int(&text, 10, 64) {
        Ok(number) if !text.starts_with('0') => Tree::Int(number),
        _ => Tree::String(text.into()),
    }
}

/// JSON as `encoding/json` decodes it into `interface {}`.
fn from_doc(doc: Doc) -> Result<Tree, StrvalsError> {
    Ok(match doc {
        Doc::Null => Tree::Null,
        Doc::Bool(truth) => Tree::Bool(truth),
        Doc::Number(number) => {
            let text = number.text();
            match text.parse::<f64>() {
                Ok(number) if number.is_finite() => Tree::Float(number),
                _ => return Err(StrvalsError::NumberTooLarge { text }),
            }
        }
        Doc::String(text) => Tree::String(text),
        Doc::Array(items) => Tree::List(items.into_iter().map(from_doc).collect::<Result<_, _>>()?),
        Doc::Object(members) => {
            let members = members
                .into_iter()
                .map(|(key, value)| Ok((key, from_doc(value)?)));
            Tree::Table(members.collect::<Result<_, StrvalsError>>()?)
        }
    })
}
