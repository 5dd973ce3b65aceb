//! TOML text to values.
//!
//! Tables can be opened several times and grow from below (`[a.b]` before `[a]`), so they are built apart and become
//! values at the end. Which keys may be given again is decided as in BurntSushi/toml's `parse.go`.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use super::error::DecodeError;
use super::key::dotted;
use super::lexer::{Item, Kind, Lexer};
use super::number;
use super::text::{replace_escapes, strip_escaped_newlines, strip_first_newline};
use crate::datetime::Zone;
use crate::value::{List, Map, Type, Value};

/// How deep tables and arrays may nest. Every part of a key is looked up with all its parents, so long keys are costly.
const MAX_DEPTH: usize = 250;

/// `[]map[string]interface {}`, the type of an array of tables.
const TABLES: Type = Type::Slice(&Type::DICT);

/// `toml.Unmarshal` into a `map[string]interface {}`; times without a zone are `local_offset` seconds from UTC, and
/// times at that offset are in the host's zone `local`.
pub fn decode(text: &[u8], local: &Zone, local_offset: i32) -> Result<Map, DecodeError> {
    let text = match text {
        [0xFF, 0xFE, rest @ ..] | [0xFE, 0xFF, rest @ ..] | [0xEF, 0xBB, 0xBF, rest @ ..] => rest,
        _ => text,
    };
    if text.iter().take(6).any(|b| *b == 0) {
        let problem = "files cannot contain NULL bytes; probably using UTF-16; TOML files must be UTF-8";
        return Err(DecodeError {
            line: 1,
            last_key: String::new(),
            problem: problem.to_owned(),
        });
    }
    let (valid, bad_byte) = match std::str::from_utf8(text) {
        Ok(valid) => (valid, None),
        Err(error) => {
            let (valid, rest) = text.split_at(error.valid_up_to());
            (
                std::str::from_utf8(valid).unwrap_or_default(),
                rest.first().copied(),
            )
        }
    };
    let mut parser = Parser {
        lexer: Lexer::new(valid, bad_byte),
        local,
        local_offset,
        root: Table::default(),
        context: Vec::new(),
        current_key: String::new(),
        line: 0,
        arrays: HashMap::new(),
        implicit: HashSet::new(),
        depth: 0,
    };
    loop {
        let item = parser.next()?;
        if item.kind == Kind::Eof {
            return Ok(to_map(&parser.root));
        }
        parser.top_level(&item)?;
    }
}

type Table = Rc<RefCell<BTreeMap<String, Node>>>;

/// A value that may still grow.
#[derive(Clone)]
enum Node {
    Table(Table),
    /// `[[key]]`
    Tables(Vec<Table>),
    Leaf(Value),
}

fn to_map(table: &Table) -> Map {
    table
        .borrow()
        .iter()
        .map(|(key, node)| (key.as_str(), to_value(node)))
        .collect()
}

fn to_value(node: &Node) -> Value {
    match node {
        Node::Table(table) => Value::Map(to_map(table)),
        Node::Tables(tables) => Value::List(List::typed(
            TABLES,
            tables.iter().map(|table| Value::Map(to_map(table))).collect(),
        )),
        Node::Leaf(value) => value.clone(),
    }
}

struct Parser<'a> {
    lexer: Lexer<'a>,
    local: &'a Zone,
    local_offset: i32,
    root: Table,
    /// The key of the table in which keys are set.
    context: Vec<String>,
    /// The last part of the key being set; empty in table headers.
    current_key: String,
    /// Where the last key began.
    line: usize,
    /// Keys that were given a value, and whether it is an array.
    arrays: HashMap<String, bool>,
    /// Tables that exist only because one below them does.
    implicit: HashSet<String>,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn next(&mut self) -> Result<Item<'a>, DecodeError> {
        self.lexer
            .next_item()
            .map_err(|error| self.error(error.line, error.problem))
    }

    fn error(&self, line: usize, problem: impl Into<String>) -> DecodeError {
        let last_key = match (self.context.as_slice(), self.current_key.as_str()) {
            (context, "") => dotted(context),
            ([], key) => key.to_owned(),
            (context, key) => format!("{}.{key}", dotted(context)),
        };
        DecodeError {
            line,
            last_key,
            problem: problem.into(),
        }
    }

    /// An error about the key last read.
    fn key_error(&self, key: &[String], what: &str) -> DecodeError {
        self.error(self.line, format!("Key '{}' {what}", dotted(key)))
    }

    fn top_level(&mut self, item: &Item<'a>) -> Result<(), DecodeError> {
        match item.kind {
            Kind::Table | Kind::ArrayTable => {
                let is_array = item.kind == Kind::ArrayTable;
                let end = if is_array {
                    Kind::ArrayTableEnd
                } else {
                    Kind::TableEnd
                };
                let key = self.key(end)?;
                self.add_context(&key, is_array)?;
                self.note_type("", false);
                Ok(())
            }
            _ => {
                let outer = self.context.clone();
                self.key_value(None)?;
                self.context = outer;
                self.current_key.clear();
                Ok(())
            }
        }
    }

    /// The parts of a key up to the item `end`.
    fn key(&mut self, end: Kind) -> Result<Vec<String>, DecodeError> {
        let mut key = Vec::new();
        let mut item = self.next()?;
        self.line = item.line;
        while item.kind != end && item.kind != Kind::Eof {
            key.push(self.string(&item)?);
            item = self.next()?;
        }
        if key.len() + self.context.len() > MAX_DEPTH {
            return Err(self.error(item.line, "exceeded max depth"));
        }
        Ok(key)
    }

    /// `key = value`, after the item that announces it; `table` is the inline table it belongs to.
    fn key_value(&mut self, table: Option<&Table>) -> Result<(), DecodeError> {
        let mut key = self.key(Kind::KeyEnd)?;
        self.current_key = key.pop().unwrap_or_default();
        for part in &key {
            let mut implied = self.context.clone();
            implied.push(part.clone());
            self.add_implicit(&implied);
            self.add_context(&implied, false)?;
        }
        let item = self.next()?;
        let value = self.value(&item, false)?;
        let name = self.current_key.clone();
        let is_array = matches!(&value, Node::Leaf(Value::List(_)));
        self.set_value(&name, value.clone())?;
        self.note_type(&name, is_array);
        let Some(table) = table else { return Ok(()) };
        let mut table = Rc::clone(table);
        for part in &key {
            let next = table
                .borrow_mut()
                .entry(part.clone())
                .or_insert_with(new_table)
                .clone();
            let Node::Table(next) = next else {
                let context = self
                    .context
                    .iter()
                    .map(String::as_str)
                    .collect::<Vec<_>>()
                    .join(".");
                let context = crate::strconv::quote(context.as_bytes());
                return Err(self.error(self.line, format!("{context} is not a table")));
            };
            table = next;
        }
        table.borrow_mut().insert(name, value);
        Ok(())
    }

    fn string(&mut self, item: &Item<'a>) -> Result<String, DecodeError> {
        let text = match item.kind {
            Kind::EscapedString => replace_escapes(item.text),
            Kind::MultilineString => replace_escapes(&strip_escaped_newlines(strip_first_newline(item.text))),
            Kind::RawMultilineString => Ok(strip_first_newline(item.text).to_owned()),
            _ => Ok(item.text.to_owned()),
        };
        text.map_err(|problem| self.error(item.line, problem))
    }

    fn value(&mut self, item: &Item<'a>, in_array: bool) -> Result<Node, DecodeError> {
        let value = match item.kind {
            Kind::Bool => Ok(Value::Bool(item.text == "true")),
            Kind::Integer => number::integer(item.text).map(Value::int64),
            Kind::Float => number::float(item.text).map(Value::Float),
            Kind::Datetime => {
                number::datetime(item.text.trim(), self.local, self.local_offset).map(Value::object)
            }
            Kind::Array | Kind::InlineTable => {
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    return Err(self.error(item.line, "exceeded max depth"));
                }
                let node = if item.kind == Kind::Array {
                    self.array()?
                } else {
                    self.inline_table(in_array)?
                };
                self.depth -= 1;
                return Ok(node);
            }
            _ => return self.string(item).map(|text| Node::Leaf(text.into())),
        };
        value
            .map(Node::Leaf)
            .map_err(|problem| self.error(item.line, problem))
    }

    fn array(&mut self) -> Result<Node, DecodeError> {
        let name = self.current_key.clone();
        self.note_type(&name, true);
        let mut items = Vec::new();
        loop {
            let item = self.next()?;
            if item.kind == Kind::ArrayEnd {
                return Ok(Node::Leaf(Value::list(items)));
            }
            let value = self.value(&item, true)?;
            items.push(to_value(&value));
        }
    }

    fn inline_table(&mut self, in_array: bool) -> Result<Node, DecodeError> {
        let table = Table::default();
        let outer_context = self.context.clone();
        let outer_key = std::mem::take(&mut self.current_key);
        self.context.push(outer_key.clone());
        let inner_context = self.context.clone();
        self.add_implicit(&inner_context);
        self.add_context(&inner_context, in_array)?;
        loop {
            let item = self.next()?;
            if item.kind == Kind::InlineTableEnd {
                self.context = outer_context;
                self.current_key = outer_key;
                return Ok(Node::Table(table));
            }
            self.key_value(Some(&table))?;
            self.context.clone_from(&inner_context);
        }
    }

    /// Makes `key` the table in which keys are set, and creates it.
    fn add_context(&mut self, key: &[String], is_array: bool) -> Result<(), DecodeError> {
        let Some((name, parents)) = key.split_last() else {
            return Ok(());
        };
        let mut table = Rc::clone(&self.root);
        for (i, part) in parents.iter().enumerate() {
            let path = parents.get(..=i).unwrap_or_default();
            if !table.borrow().contains_key(part) {
                self.add_implicit(path);
                table.borrow_mut().insert(part.clone(), new_table());
            }
            let next = inner_table(table.borrow().get(part));
            match next {
                Some(next) => table = next,
                None => return Err(self.key_error(path, "was already created as a hash.")),
            }
        }
        self.context = parents.to_vec();
        if is_array {
            let mut table = table.borrow_mut();
            match table
                .entry(name.clone())
                .or_insert_with(|| Node::Tables(Vec::new()))
            {
                Node::Tables(tables) => tables.push(Table::default()),
                _ => return Err(self.key_error(key, "was already created and cannot be used as an array.")),
            }
        } else {
            self.set_value(name, new_table())?;
        }
        self.context.push(name.clone());
        Ok(())
    }

    /// Sets a key of the current table, if it is free or was only implied.
    fn set_value(&mut self, name: &str, value: Node) -> Result<(), DecodeError> {
        let mut table = Rc::clone(&self.root);
        for (i, part) in self.context.iter().enumerate() {
            let next = inner_table(table.borrow().get(part));
            match next {
                Some(next) => table = next,
                None => {
                    let path = self.context.get(..=i).unwrap_or_default();
                    return Err(self.key_error(path, "has already been defined."));
                }
            }
        }
        let mut path = self.context.clone();
        path.push(name.to_owned());
        if table.borrow().contains_key(name) {
            let text = dotted(&path);
            if !self.implicit.remove(&text) {
                return Err(self.key_error(&path, "has already been defined."));
            }
            if self.arrays.get(&text) != Some(&true) {
                return Ok(());
            }
        }
        table.borrow_mut().insert(name.to_owned(), value);
        Ok(())
    }

    fn add_implicit(&mut self, key: &[String]) {
        self.implicit.insert(dotted(key));
    }

    /// Notes whether the key of the current table (the table itself if `name` is empty) is an array.
    fn note_type(&mut self, name: &str, is_array: bool) {
        let mut path = self.context.clone();
        if !name.is_empty() || path.is_empty() {
            path.push(name.to_owned());
        }
        self.arrays.insert(dotted(&path), is_array);
    }
}

fn new_table() -> Node {
    Node::Table(Table::default())
}

/// The table in which keys below `node` are: of an array of tables, the last.
fn inner_table(node: Option<&Node>) -> Option<Table> {
    match node? {
        Node::Table(table) => Some(Rc::clone(table)),
        Node::Tables(tables) => tables.last().cloned(),
        Node::Leaf(_) => None,
    }
}
