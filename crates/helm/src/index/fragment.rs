//! One entry of an index as ready text, so that an index that changes in one place is put together and not written anew.
//!
//! [`IndexWriter`](super::IndexWriter) writes a whole index once; this is for whoever keeps one.

use std::io;

use serde_json::Value;

use super::entry::IndexEntry;
use super::fields;
use super::reader::IndexLimits;
use super::timestamp::Timestamp;
use super::write::{IndexFormat, WriteError, to_value, write_scalar, write_yaml};

/// An entry as it stands in an index, in both formats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexFragment {
    json: Box<str>,
    yaml: Box<str>,
}

impl IndexFragment {
    /// Writes an entry down. One that could not be read from an index again is refused.
    pub fn new(entry: &IndexEntry) -> Result<Self, WriteError> {
        fields::check(entry, &IndexLimits::default()).map_err(|source| WriteError::Unusable {
            chart: entry.chart.clone(),
            version: entry.version.clone(),
            source,
        })?;
        Self::of(&to_value(entry))
    }

    /// Reads what [`IndexFragment::json`] gave, and lets `urls` take the place of its addresses where there are any.
    pub fn from_json(json: &str, urls: Option<&[String]>) -> Result<Self, WriteError> {
        let mut value: Value = serde_json::from_str(json).map_err(io::Error::from)?;
        if let (Some(urls), Value::Object(fields)) = (urls, &mut value) {
            fields.insert("urls".to_owned(), urls.iter().map(String::as_str).collect());
        }
        Self::of(&value)
    }

    fn of(value: &Value) -> Result<Self, WriteError> {
        let mut yaml = Vec::new();
        write_yaml(&mut yaml, &Value::Array(vec![value.clone()]), 2, false)?;
        let yaml = String::from_utf8(yaml).map_err(io::Error::other)?;
        Ok(Self {
            json: value.to_string().into(),
            yaml: yaml.into(),
        })
    }

    /// The entry as a JSON object.
    pub fn json(&self) -> &str {
        &self.json
    }
}

/// Puts an index together. `charts` come with their versions newest first, each chart once.
///
/// Equal arguments give equal bytes.
pub fn assemble<'f, V>(
    format: IndexFormat,
    charts: impl Iterator<Item = (&'f str, V)>,
    generated: Timestamp,
    server_info: &[(&str, &str)],
) -> Vec<u8>
where
    V: Iterator<Item = &'f IndexFragment>,
{
    let mut out = Vec::new();
    match format {
        IndexFormat::Json => json(&mut out, charts, generated, server_info),
        // Writing into memory does not fail.
        IndexFormat::Yaml => yaml(&mut out, charts, generated, server_info).unwrap_or_default(),
    }
    out
}

/// Charts with their versions as a JSON object, as `entries` of an index has them.
pub fn assemble_entries<'f, V>(charts: impl Iterator<Item = (&'f str, V)>) -> Vec<u8>
where
    V: Iterator<Item = &'f IndexFragment>,
{
    let mut out = Vec::new();
    entries(&mut out, charts);
    out
}

/// Versions as a JSON list.
pub fn assemble_versions<'f>(versions: impl Iterator<Item = &'f IndexFragment>) -> Vec<u8> {
    let mut out = Vec::new();
    list(&mut out, versions);
    out
}

fn json<'f, V>(
    out: &mut Vec<u8>,
    charts: impl Iterator<Item = (&'f str, V)>,
    generated: Timestamp,
    server_info: &[(&str, &str)],
) where
    V: Iterator<Item = &'f IndexFragment>,
{
    out.extend_from_slice(b"{\"apiVersion\":\"v1\",\"entries\":");
    entries(out, charts);
    let generated = Value::from(generated.to_string());
    out.extend_from_slice(format!(",\"generated\":{generated}").as_bytes());
    if !server_info.is_empty() {
        let info: serde_json::Map<String, Value> = server_info
            .iter()
            .map(|(key, value)| ((*key).to_owned(), Value::from(*value)))
            .collect();
        out.extend_from_slice(format!(",\"serverInfo\":{}", Value::Object(info)).as_bytes());
    }
    out.extend_from_slice(b"}\n");
}

fn entries<'f, V>(out: &mut Vec<u8>, charts: impl Iterator<Item = (&'f str, V)>)
where
    V: Iterator<Item = &'f IndexFragment>,
{
    out.push(b'{');
    let mut separator = "";
    for (chart, versions) in charts {
        out.extend_from_slice(format!("{separator}{}:", Value::from(chart)).as_bytes());
        list(out, versions);
        separator = ",";
    }
    out.push(b'}');
}

fn list<'f>(out: &mut Vec<u8>, versions: impl Iterator<Item = &'f IndexFragment>) {
    out.push(b'[');
    let mut is_first = true;
    for version in versions {
        if !std::mem::take(&mut is_first) {
            out.push(b',');
        }
        out.extend_from_slice(version.json.as_bytes());
    }
    out.push(b']');
}

fn yaml<'f, V>(
    out: &mut Vec<u8>,
    charts: impl Iterator<Item = (&'f str, V)>,
    generated: Timestamp,
    server_info: &[(&str, &str)],
) -> io::Result<()>
where
    V: Iterator<Item = &'f IndexFragment>,
{
    out.extend_from_slice(b"apiVersion: v1\nentries:");
    let mut is_empty = true;
    for (chart, versions) in charts {
        if std::mem::take(&mut is_empty) {
            out.push(b'\n');
        }
        out.extend_from_slice(b"  ");
        write_scalar(out, chart)?;
        out.extend_from_slice(b":\n");
        versions.for_each(|version| out.extend_from_slice(version.yaml.as_bytes()));
    }
    if is_empty {
        out.extend_from_slice(b" {}\n");
    }
    out.extend_from_slice(format!("generated: \"{generated}\"\n").as_bytes());
    if !server_info.is_empty() {
        out.extend_from_slice(b"serverInfo:\n");
        for (key, value) in server_info {
            out.extend_from_slice(b"  ");
            write_scalar(out, key)?;
            out.extend_from_slice(b": ");
            write_scalar(out, value)?;
            out.push(b'\n');
        }
    }
    Ok(())
}
