//! Prints `docs/configuration.md` from the words and defaults of the structs.

use std::fmt::Write as _;

use backend::secret::MASKED;
use serde_json::Value;

use super::Config;
use super::schema::{Kind, Schema};

const HEAD: &str = "\
# Configuration

<!-- Made by `chartroom config docs`; a test compares. Change the words at the fields, not here. -->

Every setting has a default: `chartroom serve` needs none.
Settings come in layers, later ones win: defaults, a TOML file (`--config FILE`, else `chartroom.toml` where it exists), environment variables, flags.
A key that does not exist is an error that names file and line, or the variable.
`chartroom config check` reads everything and says what is wrong; `chartroom config show` prints the result with secrets masked.

The variable of a setting is `CHARTROOM__SECTION__KEY`, such as `CHARTROOM__SERVER__LISTEN`.
With `_FILE` appended it names a file that holds the value, as mounted secrets do.
Lists and tables are written as TOML: `CHARTROOM__REPOSITORIES='[{ name = \"internal\", url = \"https://charts.example.com\" }]'`.
";

/// The whole document.
pub fn markdown() -> String {
    let schema = Schema::new();
    let defaults = serde_json::to_value(Config::default()).unwrap_or_default();
    let mut out = String::from(HEAD);
    for (section, node) in schema.properties(schema.root()) {
        let is_list = schema.kind(&node) != Kind::Section;
        let heading = if is_list {
            format!("[[{section}]]")
        } else {
            format!("[{section}]")
        };
        push(&mut out, format_args!("\n## `{heading}`\n\n{}\n", words(&node)));
        let keys = if is_list {
            schema.resolve(&node).get("items").cloned().unwrap_or_default()
        } else {
            node
        };
        let defaults = if is_list {
            Value::Null
        } else {
            defaults.get(&section).cloned().unwrap_or_default()
        };
        push(
            &mut out,
            format_args!("\n| key | default | meaning |\n|---|---|---|\n"),
        );
        for (key, node) in schema.properties(&keys) {
            let default = shown_default(&schema, &node, defaults.get(&key));
            let mut meaning = words(&node).replace('\n', " ");
            for (choice, about) in schema.choices(&node) {
                let _ = write!(meaning, "<br>`{choice}`: {about}.");
            }
            push(&mut out, format_args!("| `{key}` | {default} | {meaning} |\n"));
        }
    }
    out
}

fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = out.write_fmt(text);
}

fn words(node: &Value) -> String {
    node.get("description")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .replace('|', "\\|")
}

fn shown_default(schema: &Schema, node: &Value, default: Option<&Value>) -> String {
    match default {
        Some(Value::String(text)) if text.is_empty() || text == MASKED => "empty".to_owned(),
        Some(Value::String(text)) => format!("`{text}`"),
        Some(Value::Array(items)) if items.is_empty() => "none".to_owned(),
        Some(Value::Null) => "none".to_owned(),
        Some(value) => format!("`{value}`"),
        None if schema.kind(node) == Kind::Boolean => "`false`".to_owned(),
        None => "none".to_owned(),
    }
}
