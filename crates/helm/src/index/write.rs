//! Writes an index, version by version, with nothing in it that Helm does not know: one unknown key in a YAML index
//! and Helm refuses the whole repository.

use std::collections::{BTreeMap, HashSet};
use std::io::{self, Write};

use serde_json::{Map, Value};

use super::entry::{ChartKind, IndexDependency, IndexEntry};
use super::fields;
use super::reader::IndexLimits;
use super::skip::SkipReason;
use super::timestamp::Timestamp;

/// Why an index could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    #[error("`{chart}` {version} cannot stand in an index")]
    Unusable {
        chart: String,
        version: String,
        source: SkipReason,
    },
    #[error("the versions of `{chart}` do not follow each other")]
    Scattered { chart: String },
    #[error("writing the index")]
    Write(#[from] io::Error),
}

/// The two formats Helm reads. JSON is several times faster for it, and for everyone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IndexFormat {
    Json,
    /// What Helm writes itself.
    #[default]
    Yaml,
}

/// Writes the versions it is given, all of a chart's in a row and newest first, as Helm expects to find them.
pub struct IndexWriter<W: Write> {
    out: W,
    format: IndexFormat,
    generated: Option<Timestamp>,
    server_info: BTreeMap<String, String>,
    limits: IndexLimits,
    written: HashSet<String>,
    chart: Option<String>,
}

impl<W: Write> IndexWriter<W> {
    pub fn new(out: W, format: IndexFormat) -> Self {
        Self {
            out,
            format,
            generated: None,
            server_info: BTreeMap::new(),
            limits: IndexLimits::default(),
            written: HashSet::new(),
            chart: None,
        }
    }

    /// When the index was made.
    #[must_use]
    pub fn generated(mut self, generated: Timestamp) -> Self {
        self.generated = Some(generated);
        self
    }

    /// ChartMuseum's `serverInfo`, for `helm cm-push`.
    #[must_use]
    pub fn server_info(mut self, server_info: BTreeMap<String, String>) -> Self {
        self.server_info = server_info;
        self
    }

    pub fn entry(&mut self, entry: &IndexEntry) -> Result<(), WriteError> {
        self.entry_under(&entry.chart, entry)
    }

    /// [`IndexWriter::entry`] under another key of `entries`. Helm finds a chart by its key, whatever its name is, and a
    /// key may have a slash in it: `repository/chart` in an index of several repositories.
    pub fn entry_under(&mut self, key: &str, entry: &IndexEntry) -> Result<(), WriteError> {
        fields::check(entry, &self.limits).map_err(|source| WriteError::Unusable {
            chart: entry.chart.clone(),
            version: entry.version.clone(),
            source,
        })?;
        let begins = self.chart.as_deref() != Some(key);
        let first = self.chart.is_none();
        if begins {
            if !self.written.insert(key.to_owned()) {
                return Err(WriteError::Scattered {
                    chart: key.to_owned(),
                });
            }
            self.chart = Some(key.to_owned());
        }
        let value = to_value(entry);
        match self.format {
            IndexFormat::Json => {
                if first {
                    self.out.write_all(b"{\"apiVersion\":\"v1\",\"entries\":{")?;
                }
                if begins {
                    let separator = if first { "" } else { "]," };
                    write!(self.out, "{separator}{}:[", Value::from(key))?;
                } else {
                    self.out.write_all(b",")?;
                }
                serde_json::to_writer(&mut self.out, &value).map_err(io::Error::from)?;
            }
            IndexFormat::Yaml => {
                if first {
                    self.out.write_all(b"apiVersion: v1\nentries:\n")?;
                }
                if begins {
                    self.out.write_all(b"  ")?;
                    write_scalar(&mut self.out, key)?;
                    self.out.write_all(b":\n")?;
                }
                write_yaml(&mut self.out, &Value::Array(vec![value]), 2, false)?;
            }
        }
        Ok(())
    }

    /// Ends the index and returns what it was written to. Without entries it is the valid index of an empty
    /// repository.
    pub fn finish(mut self) -> Result<W, WriteError> {
        let mut rest = Map::new();
        // A time is not optional for Helm; the zero time is what it writes itself for an unknown one.
        let zero = || "0001-01-01T00:00:00Z".to_owned();
        rest.insert(
            "generated".to_owned(),
            self.generated.map_or_else(zero, |time| time.to_string()).into(),
        );
        if !self.server_info.is_empty() {
            let info = self
                .server_info
                .iter()
                .map(|(key, value)| (key.clone(), Value::from(value.as_str())));
            rest.insert("serverInfo".to_owned(), Value::Object(info.collect()));
        }
        match self.format {
            IndexFormat::Json => {
                let open: &[u8] = if self.chart.is_some() {
                    b"]},"
                } else {
                    b"{\"apiVersion\":\"v1\",\"entries\":{},"
                };
                self.out.write_all(open)?;
                let rest = Value::Object(rest).to_string();
                self.out.write_all(rest.trim_start_matches('{').as_bytes())?;
                self.out.write_all(b"\n")?;
            }
            IndexFormat::Yaml => {
                if self.chart.is_none() {
                    self.out.write_all(b"apiVersion: v1\nentries: {}\n")?;
                }
                write_yaml(&mut self.out, &Value::Object(rest), 0, false)?;
            }
        }
        self.out.flush()?;
        Ok(self.out)
    }
}

pub(super) fn to_value(entry: &IndexEntry) -> Value {
    let mut map = Map::new();
    let mut put = |key: &str, value: Value| {
        let empty = match &value {
            Value::Null | Value::Bool(false) => true,
            Value::String(text) => text.is_empty(),
            Value::Array(items) => items.is_empty(),
            Value::Object(fields) => fields.is_empty(),
            Value::Bool(true) | Value::Number(_) => false,
        };
        if !empty {
            map.insert(key.to_owned(), value);
        }
    };
    let texts = |list: &[String]| {
        list.iter()
            .map(|text| Value::from(text.as_str()))
            .collect::<Value>()
    };
    put("name", entry.name.as_str().into());
    put("version", entry.version.as_str().into());
    put("apiVersion", entry.api_version.as_str().into());
    put("appVersion", entry.app_version.as_deref().into());
    put("kubeVersion", entry.kube_version.as_deref().into());
    put("description", entry.description.as_deref().into());
    put("home", entry.home.as_deref().into());
    put("icon", entry.icon.as_deref().into());
    put("condition", entry.condition.as_deref().into());
    put("tags", entry.tags.as_deref().into());
    put("deprecated", entry.deprecated.into());
    put("removed", entry.removed.into());
    put("sources", texts(&entry.sources));
    put("keywords", texts(&entry.keywords));
    put("urls", texts(&entry.urls));
    put("digest", entry.digest.as_deref().into());
    put("created", entry.created.map(|time| time.to_string()).into());
    if entry.kind == ChartKind::Library {
        put("type", entry.kind.as_str().into());
    }
    let annotations = entry
        .annotations
        .iter()
        .map(|(key, value)| (key.clone(), Value::from(value.as_str())));
    put("annotations", Value::Object(annotations.collect()));
    let maintainers = entry.maintainers.iter().map(|maintainer| {
        fields_of([
            ("name", Value::from(maintainer.name.as_str())),
            ("email", maintainer.email.as_deref().into()),
            ("url", maintainer.url.as_deref().into()),
        ])
    });
    put("maintainers", maintainers.collect());
    put(
        "dependencies",
        entry.dependencies.iter().map(dependency).collect(),
    );
    Value::Object(map)
}

fn dependency(dependency: &IndexDependency) -> Value {
    let optional = |text: &Option<String>| Value::from(text.as_deref());
    let tags: Value = dependency
        .tags
        .iter()
        .map(|tag| Value::from(tag.as_str()))
        .collect();
    fields_of([
        ("name", dependency.name.as_str().into()),
        ("version", optional(&dependency.version)),
        (
            "repository",
            dependency.repository.as_deref().unwrap_or_default().into(),
        ),
        ("condition", optional(&dependency.condition)),
        (
            "tags",
            if dependency.tags.is_empty() {
                Value::Null
            } else {
                tags
            },
        ),
        (
            "enabled",
            if dependency.enabled {
                Value::Bool(true)
            } else {
                Value::Null
            },
        ),
        (
            "import-values",
            match dependency.import_values.as_slice() {
                [] => Value::Null,
                values => Value::Array(values.to_vec()),
            },
        ),
        ("alias", optional(&dependency.alias)),
    ])
}

fn fields_of<const N: usize>(fields: [(&str, Value); N]) -> Value {
    let present = fields.into_iter().filter(|(_, value)| !value.is_null());
    Value::Object(present.map(|(key, value)| (key.to_owned(), value)).collect())
}

/// Block style, two spaces a level, lists at the column of their key, as Helm writes its own.
pub(super) fn write_yaml(
    out: &mut impl Write,
    value: &Value,
    indent: usize,
    after_dash: bool,
) -> io::Result<()> {
    let mut spaces = if after_dash { 0 } else { indent };
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (key, value) in fields {
                write!(out, "{:spaces$}", "")?;
                spaces = indent;
                write_scalar(out, key)?;
                out.write_all(b":")?;
                match value {
                    Value::Object(fields) if !fields.is_empty() => {
                        out.write_all(b"\n")?;
                        write_yaml(out, value, indent + 2, false)?;
                    }
                    Value::Array(items) if !items.is_empty() => {
                        out.write_all(b"\n")?;
                        write_yaml(out, value, indent, false)?;
                    }
                    _ => {
                        out.write_all(b" ")?;
                        write_yaml(out, value, indent, true)?;
                    }
                }
            }
            Ok(())
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                write!(out, "{:spaces$}- ", "")?;
                spaces = indent;
                write_yaml(out, item, indent + 2, true)?;
            }
            Ok(())
        }
        Value::Object(_) => out.write_all(b"{}\n"),
        Value::Array(_) => out.write_all(b"[]\n"),
        Value::String(text) => {
            write_scalar(out, text)?;
            out.write_all(b"\n")
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => writeln!(out, "{value}"),
    }
}

/// Text as a plain scalar where that is beyond doubt, else in double quotes.
pub(super) fn write_scalar(out: &mut impl Write, text: &str) -> io::Result<()> {
    let starts_with_letter = text.starts_with(|first: char| first.is_ascii_alphabetic());
    let word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'/');
    let is_word = starts_with_letter && text.len() > 3 && text.bytes().all(word);
    let is_reserved = matches!(text.to_ascii_lowercase().as_str(), "true" | "false" | "null");
    let mut numbers = text.split('.');
    let is_version = numbers.clone().count() == 3
        && numbers.all(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()));
    if (is_word && !is_reserved) || is_version {
        return out.write_all(text.as_bytes());
    }
    out.write_all(b"\"")?;
    // What needs no escape is written in one go: most text is nothing else.
    let mut plain = 0;
    for (at, character) in text.char_indices() {
        if is_plain(character) {
            continue;
        }
        out.write_all(text.as_bytes().get(plain..at).unwrap_or_default())?;
        plain = at + character.len_utf8();
        match character {
            '"' => out.write_all(b"\\\"")?,
            '\\' => out.write_all(b"\\\\")?,
            '\n' => out.write_all(b"\\n")?,
            other => match u32::from(other) {
                code @ ..=0xffff => write!(out, "\\u{code:04x}")?,
                code => write!(out, "\\U{code:08x}")?,
            },
        }
    }
    out.write_all(text.as_bytes().get(plain..).unwrap_or_default())?;
    out.write_all(b"\"")
}

/// Whether a character stands for itself between double quotes.
fn is_plain(character: char) -> bool {
    !matches!(character, '"' | '\\')
        && matches!(character, ' '..='~' | '\u{a1}'..='\u{2027}' | '\u{202f}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}')
}
