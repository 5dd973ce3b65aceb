//! What an installation page asks besides rendering: is this a release name, what does this `--set` mean.

use helm::values::{Table, Tree, strvals};

/// Whether Helm takes `name` for a release; if not, its words.
pub fn check_release_name(name: &str) -> Result<(), String> {
    helm::chart::validate_release_name(name).map_err(|error| error.to_string())
}

/// The values that `--set`, `--set-string`, `--set-json` or `--set-literal` with `expression` means.
pub fn set_values(flag: &str, expression: &str) -> Result<serde_json::Value, String> {
    let parse = match flag.trim_start_matches("--") {
        "set" => strvals::parse_set,
        "set-string" | "string" => strvals::parse_set_string,
        "set-json" | "json" => strvals::parse_set_json,
        "set-literal" | "literal" => strvals::parse_set_literal,
        _ => return Err(format!("there is no flag {flag}")),
    };
    let mut values = Table::new();
    parse(expression, &mut values).map_err(|error| error.to_string())?;
    Ok(Tree::Table(values).to_json())
}
