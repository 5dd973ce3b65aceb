//! The flags that set values, common to the commands that render: files first, then what the `--set` family assigns.

use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow, bail};
use clap::Args;
use engine::value::GoStr;
use helm::values::strvals::Assignments;
use helm::values::{Table, Tree, merge_over, parse_values};

use super::charts::read_file;

#[derive(Args)]
pub(super) struct ValueFlags {
    /// Read values from a YAML file, `-` for standard input; later files win
    #[arg(short = 'f', long = "values", value_name = "FILE", value_delimiter = ',')]
    files: Vec<String>,
    /// Set values: key1=val1,key2=val2
    #[arg(long, value_name = "KEY=VALUE", allow_hyphen_values = true)]
    set: Vec<String>,
    /// Set values that stay text: key1=val1,key2=val2
    #[arg(long, value_name = "KEY=VALUE", allow_hyphen_values = true)]
    set_string: Vec<String>,
    /// Set values to the contents of files: key1=path1,key2=path2
    #[arg(long, value_name = "KEY=PATH", allow_hyphen_values = true)]
    set_file: Vec<String>,
    /// Set JSON values: key1=json1,key2=json2, or a whole object
    #[arg(long, value_name = "KEY=JSON", allow_hyphen_values = true)]
    set_json: Vec<String>,
    /// Set one value to a text, taken literally
    #[arg(long, value_name = "KEY=TEXT", allow_hyphen_values = true)]
    set_literal: Vec<String>,
}

impl ValueFlags {
    /// All of them laid over each other, in helm's order.
    pub(super) fn merge(&self) -> Result<Table> {
        let mut values = Table::new();
        for file in &self.files {
            let text = read(file)?;
            let parsed = parse_values(&text).with_context(|| format!("failed to parse {file}"))?;
            merge_over(&mut values, parsed);
        }
        let assignments = Assignments {
            json: self.set_json.clone(),
            set: self.set.clone(),
            string: self.set_string.clone(),
            file: self.set_file.clone(),
            literal: self.set_literal.clone(),
        };
        let applied = assignments.apply(&mut values, &mut |path| {
            let text = read(path).map_err(|error| format!("{error:#}"))?;
            Ok(Tree::String(GoStr::from_bytes(&text)))
        });
        // Its text holds that of its cause already.
        applied.map_err(|error| anyhow!(error.to_string()))?;
        Ok(values)
    }
}

impl ValueFlags {
    /// The same as a text of YAML; one file alone as it was typed, with its comments.
    pub(super) fn text(&self) -> Result<String> {
        let sets = [
            &self.set,
            &self.set_string,
            &self.set_file,
            &self.set_json,
            &self.set_literal,
        ];
        if let [file] = self.files.as_slice()
            && sets.into_iter().all(Vec::is_empty)
        {
            let text = read(file)?;
            parse_values(&text).with_context(|| format!("failed to parse {file}"))?;
            return String::from_utf8(text).with_context(|| format!("failed to parse {file}"));
        }
        let values = self.merge()?;
        if values.is_empty() {
            return Ok(String::new());
        }
        let yaml = engine::yaml::encode(&Tree::Table(values).to_value(), usize::MAX);
        yaml.map_err(|error| anyhow!(error.to_string()))
    }
}

/// A file, or standard input for `-`. Addresses are refused: rendering opens no connection.
fn read(path: &str) -> Result<Vec<u8>> {
    if path.trim() == "-" {
        let mut text = Vec::new();
        std::io::stdin()
            .read_to_end(&mut text)
            .context("reading standard input")?;
        return Ok(text);
    }
    if let Some((scheme, _)) = path.split_once("://")
        && ["http", "https", "oci"].contains(&scheme.to_ascii_lowercase().as_str())
    {
        bail!("values are not fetched from addresses: download {path} and name the file");
    }
    Ok(read_file(Path::new(path))?)
}
