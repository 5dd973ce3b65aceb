//! One entry of an index as ready text, and what stands around entries, so that an index that changes in one place is put
//! together and not written anew.
//!
//! [`IndexWriter`](super::IndexWriter) writes a whole index once; this is for whoever keeps one. What it puts together has
//! the very bytes that the writer gives:
//!
//! ```
//! use helm::index::{IndexEntry, IndexFormat, IndexFragment, Opening, Timestamp, index_head, index_tail};
//!
//! let entry = IndexEntry {
//!     chart: "web".to_owned(),
//!     name: "web".to_owned(),
//!     version: "1.0.0".to_owned(),
//!     urls: vec!["charts/web-1.0.0.tgz".to_owned()],
//!     ..IndexEntry::default()
//! };
//! let time = Timestamp { seconds: 0, nanoseconds: 0 };
//! let mut text = index_head(IndexFormat::Yaml, false).into_bytes();
//! Opening::Document.write(IndexFormat::Yaml, "web", &mut text);
//! IndexFragment::new(&entry)?.write(IndexFormat::Yaml, &mut text);
//! text.extend(index_tail(IndexFormat::Yaml, false, time, &[]));
//! assert!(text.starts_with(b"apiVersion: v1\nentries:\n  \"web\":\n  - "));
//! # Ok::<(), helm::index::WriteError>(())
//! ```

use std::io;

use serde_json::Value;

use super::entry::IndexEntry;
use super::fields;
use super::reader::IndexLimits;
use super::timestamp::Timestamp;
use super::write::{IndexFormat, WriteError, to_value, write_scalar, write_yaml};

/// An entry as it stands in an index. Kept as JSON, of which the YAML is made where it is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexFragment {
    json: Box<str>,
}

impl IndexFragment {
    /// Writes an entry down. One that could not be read from an index again is refused.
    pub fn new(entry: &IndexEntry) -> Result<Self, WriteError> {
        fields::check(entry, &IndexLimits::default()).map_err(|source| WriteError::Unusable {
            chart: entry.chart.clone(),
            version: entry.version.clone(),
            source,
        })?;
        Ok(Self::of(&to_value(entry)))
    }

    /// Reads what [`IndexFragment::json`] gave, and lets `urls` take the place of its addresses where there are any.
    pub fn from_json(json: &str, urls: Option<&[String]>) -> Result<Self, WriteError> {
        let mut value: Value = serde_json::from_str(json).map_err(io::Error::from)?;
        if let (Some(urls), Value::Object(fields)) = (urls, &mut value) {
            fields.insert("urls".to_owned(), urls.iter().map(String::as_str).collect());
        }
        Ok(Self::of(&value))
    }

    fn of(value: &Value) -> Self {
        // Copied: what it was written into is up to twice as large, and thousands of these are kept.
        Self {
            json: Box::from(value.to_string().as_str()),
        }
    }

    /// The entry as a JSON object.
    pub fn json(&self) -> &str {
        &self.json
    }

    /// Writes the entry as it stands below its chart.
    pub fn write(&self, format: IndexFormat, out: &mut Vec<u8>) {
        match format {
            IndexFormat::Json => out.extend_from_slice(self.json.as_bytes()),
            IndexFormat::Yaml => {
                // It was JSON when it was made, and writing into memory does not fail.
                let value: Value = serde_json::from_str(&self.json).unwrap_or_default();
                let _ = write_yaml(out, &Value::Array(vec![value]), 2, false);
            }
        }
    }
}

/// What begins with an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// The entries of the document, and their first chart.
    Document,
    /// A chart after another.
    Chart,
    /// Nothing: it is a further version of its chart.
    Version,
}

impl Opening {
    /// Writes what stands in front of an entry of `chart`.
    pub fn write(self, format: IndexFormat, chart: &str, out: &mut Vec<u8>) {
        let before = match (format, self) {
            (IndexFormat::Json, Self::Document) => "",
            (IndexFormat::Json, Self::Chart) => "],",
            (IndexFormat::Json, Self::Version) => ",",
            (IndexFormat::Yaml, _) => "",
        };
        out.extend_from_slice(before.as_bytes());
        if self == Self::Version {
            return;
        }
        match format {
            IndexFormat::Json => out.extend_from_slice(format!("{}:[", Value::from(chart)).as_bytes()),
            IndexFormat::Yaml => {
                out.extend_from_slice(b"  ");
                // Writing into memory does not fail.
                let _ = write_scalar(out, chart);
                out.extend_from_slice(b":\n");
            }
        }
    }
}

/// What stands before the first entry, or before the end of an index without entries.
pub fn index_head(format: IndexFormat, is_empty: bool) -> String {
    let head = match (format, is_empty) {
        (IndexFormat::Json, _) => "{\"apiVersion\":\"v1\",\"entries\":{",
        (IndexFormat::Yaml, true) => "apiVersion: v1\nentries: {}\n",
        (IndexFormat::Yaml, false) => "apiVersion: v1\nentries:\n",
    };
    head.to_owned()
}

/// What stands after the last entry. `generated` is when the index was made.
pub fn index_tail(
    format: IndexFormat,
    is_empty: bool,
    generated: Timestamp,
    server_info: &[(&str, &str)],
) -> Vec<u8> {
    match format {
        IndexFormat::Json => json_tail(is_empty, generated, server_info),
        // Writing into memory does not fail.
        IndexFormat::Yaml => yaml_tail(generated, server_info).unwrap_or_default(),
    }
}

/// Versions of one chart as a JSON list.
pub fn assemble_versions<'f>(versions: impl Iterator<Item = &'f IndexFragment>) -> Vec<u8> {
    let mut out = vec![b'['];
    let mut is_first = true;
    for version in versions {
        if !std::mem::take(&mut is_first) {
            out.push(b',');
        }
        out.extend_from_slice(version.json.as_bytes());
    }
    out.push(b']');
    out
}

fn json_tail(is_empty: bool, generated: Timestamp, server_info: &[(&str, &str)]) -> Vec<u8> {
    let close = if is_empty { "" } else { "]" };
    let generated = Value::from(generated.to_string());
    let mut out = format!("{close}}},\"generated\":{generated}").into_bytes();
    if !server_info.is_empty() {
        let info: serde_json::Map<String, Value> = server_info
            .iter()
            .map(|(key, value)| ((*key).to_owned(), Value::from(*value)))
            .collect();
        out.extend_from_slice(format!(",\"serverInfo\":{}", Value::Object(info)).as_bytes());
    }
    out.extend_from_slice(b"}\n");
    out
}

fn yaml_tail(generated: Timestamp, server_info: &[(&str, &str)]) -> io::Result<Vec<u8>> {
    let mut out = format!("generated: \"{generated}\"\n").into_bytes();
    if !server_info.is_empty() {
        out.extend_from_slice(b"serverInfo:\n");
        for (key, value) in server_info {
            out.extend_from_slice(b"  ");
            write_scalar(&mut out, key)?;
            out.extend_from_slice(b": ");
            write_scalar(&mut out, value)?;
            out.push(b'\n');
        }
    }
    Ok(out)
}
