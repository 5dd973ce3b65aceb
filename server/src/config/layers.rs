//! Reads a [`Config`] from its layers, and says exactly where a mistake is.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize as _;
use toml::{Table, Value};

use super::Config;
use super::schema::{Kind, Schema};

/// What every variable of ours starts with.
const PREFIX: &str = "CHARTROOM__";
/// A variable with this ending names a file that holds the value, as mounted secrets do.
const FILE_SUFFIX: &str = "_FILE";

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("the configuration file {} cannot be read", file.display())]
    Unreadable {
        file: PathBuf,
        #[source]
        source: std::io::Error,
    },
    /// The message of the parser already shows line, column and the line itself.
    #[error("{}, line {line}: {message}", file.display())]
    File {
        file: PathBuf,
        line: usize,
        message: String,
    },
    #[error("the environment variable {variable} names no setting; `chartroom config show` lists them all")]
    UnknownVariable { variable: String },
    #[error("the environment variable {variable}: {message}")]
    Variable { variable: String, message: String },
    #[error("{key} {reason}, not `{value}`")]
    Invalid {
        key: &'static str,
        reason: &'static str,
        value: String,
    },
    #[error("the configuration: {message}")]
    Merged { message: String },
    #[error("the configuration cannot be printed")]
    Unprintable {
        #[source]
        source: toml::ser::Error,
    },
}

/// The layers above the defaults, lowest first.
#[derive(Default)]
pub struct Layers {
    merged: Table,
}

impl Layers {
    /// Adds a TOML file. It is checked by itself first, so that a mistake is reported with its line.
    pub fn file(mut self, file: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(file).map_err(|source| ConfigError::Unreadable {
            file: file.to_owned(),
            source,
        })?;
        let at = |error: toml::de::Error| {
            let before = error.span().map_or(0, |span| span.start.min(text.len()));
            let line = text.get(..before).unwrap_or_default().matches('\n').count() + 1;
            ConfigError::File {
                file: file.to_owned(),
                line,
                message: error.message().to_owned(),
            }
        };
        toml::from_str::<Config>(&text).map_err(at)?;
        let table = toml::from_str::<Table>(&text).map_err(at)?;
        merge(&mut self.merged, table);
        Ok(self)
    }

    /// Adds the variables of ours among `variables`.
    pub fn environment(
        mut self,
        variables: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let schema = Schema::new();
        // In order of name: a message must not depend on the order in which the system lists them.
        let ours: BTreeMap<String, String> = variables.filter(|(name, _)| name.starts_with(PREFIX)).collect();
        for (variable, text) in ours {
            let (path, text) = match known_path(&schema, &variable) {
                Some(path) => (path, text),
                None => {
                    let path = variable
                        .strip_suffix(FILE_SUFFIX)
                        .and_then(|name| known_path(&schema, name));
                    let Some(path) = path else {
                        return Err(ConfigError::UnknownVariable { variable });
                    };
                    let content = std::fs::read_to_string(&text).map_err(|source| ConfigError::Variable {
                        message: format!("reading {text}: {source}"),
                        variable: variable.clone(),
                    })?;
                    (path, content.trim_end_matches(['\r', '\n']).to_owned())
                }
            };
            let value = read_value(&schema, &path, &text).map_err(|message| ConfigError::Variable {
                variable: variable.clone(),
                message,
            })?;
            let mut single = self.merged.clone();
            set(&mut single, &path, value);
            // Checked one by one, so that the message names the variable.
            if let Err(error) = Config::deserialize(Value::Table(single.clone())) {
                return Err(ConfigError::Variable {
                    variable,
                    message: error.message().to_owned(),
                });
            }
            self.merged = single;
        }
        Ok(self)
    }

    /// Sets one key, as a flag does.
    pub fn flag(mut self, path: &[&str], value: Option<String>) -> Self {
        if let Some(value) = value {
            let path: Vec<String> = path.iter().map(|key| (*key).to_owned()).collect();
            set(&mut self.merged, &path, Value::String(value));
        }
        self
    }

    /// The configuration, checked.
    pub fn load(self) -> Result<Config, ConfigError> {
        let config = Config::deserialize(Value::Table(self.merged)).map_err(|error| ConfigError::Merged {
            message: error.message().to_owned(),
        })?;
        config.validate()?;
        Ok(config)
    }
}

/// `CHARTROOM__SERVER__BASE_PATH` to `server.base_path`, if there is such a setting.
fn known_path(schema: &Schema, variable: &str) -> Option<Vec<String>> {
    let path: Vec<String> = variable
        .strip_prefix(PREFIX)?
        .split("__")
        .map(str::to_ascii_lowercase)
        .collect();
    let node = schema.at(&path)?;
    (schema.kind(node) != Kind::Section).then_some(path)
}

/// Reads text as the type that the setting has: a password of digits stays text.
fn read_value(schema: &Schema, path: &[String], text: &str) -> Result<Value, String> {
    let kind = schema.at(path).map_or(Kind::Text, |node| schema.kind(node));
    match kind {
        Kind::Text | Kind::Section => Ok(Value::String(text.to_owned())),
        Kind::Integer => text
            .trim()
            .parse()
            .map(Value::Integer)
            .map_err(|_| format!("`{text}` is not a whole number")),
        Kind::Number => text
            .trim()
            .parse()
            .map(Value::Float)
            .map_err(|_| format!("`{text}` is not a number")),
        Kind::Boolean => match text.trim() {
            "true" | "1" => Ok(Value::Boolean(true)),
            "false" | "0" => Ok(Value::Boolean(false)),
            _ => Err(format!("`{text}` is neither true nor false")),
        },
        Kind::Structured => {
            let mut table = toml::from_str::<Table>(&format!("value = {text}"))
                .map_err(|error| format!("is not TOML: {}", error.message()))?;
            table.remove("value").ok_or_else(|| "is empty".to_owned())
        }
    }
}

fn merge(into: &mut Table, from: Table) {
    for (key, value) in from {
        match (into.get_mut(&key), value) {
            (Some(Value::Table(into)), Value::Table(from)) => merge(into, from),
            (_, value) => {
                into.insert(key, value);
            }
        }
    }
}

fn set(table: &mut Table, path: &[String], value: Value) {
    let Some((last, sections)) = path.split_last() else {
        return;
    };
    let mut open = table;
    for section in sections {
        let entry = open
            .entry(section.clone())
            .or_insert_with(|| Value::Table(Table::new()));
        if !entry.is_table() {
            *entry = Value::Table(Table::new());
        }
        let Value::Table(next) = entry else { return };
        open = next;
    }
    open.insert(last.clone(), value);
}
