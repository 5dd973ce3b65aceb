//! Releases as real Helm stored them: read, and written again, they are the same.

use std::path::Path;

use anyhow::{Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::Suite;
use super::compare::diff_json;
use super::engine::Engine;

pub(crate) fn compare(engine: &mut dyn Engine, directory: &Path) -> Result<Option<Suite>> {
    let directory = directory.join("release-records");
    if !directory.is_dir() {
        return Ok(None);
    }
    let mut suite = Suite::new("release-records");
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let Some(name) = name.strip_suffix(".secret.json") else {
            continue;
        };
        let report = compare_record(
            engine,
            &path,
            &path.with_file_name(format!("{name}.decoded.json")),
        )?;
        suite.record(|| name.to_owned(), report);
    }
    Ok(Some(suite))
}

fn compare_record(engine: &mut dyn Engine, secret: &Path, decoded: &Path) -> Result<Option<String>> {
    let read = |path: &Path| -> Result<Value> {
        let text = std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
        Ok(serde_json::from_str(&text)?)
    };
    let (secret, expected) = (read(secret)?, read(decoded)?);
    Ok(check(engine, &secret, &expected).err())
}

fn check(engine: &mut dyn Engine, secret: &Value, expected: &Value) -> Result<(), String> {
    let metadata = |field: &str| {
        secret
            .pointer(&format!("/metadata/{field}"))
            .unwrap_or(&Value::Null)
    };
    let payload = secret
        .pointer("/data/release")
        .and_then(Value::as_str)
        .ok_or("the Secret has no payload")?;
    // The Kubernetes API's own layer of base64.
    let stored = STANDARD.decode(payload).map_err(|error| error.to_string())?;
    let stored = String::from_utf8(stored).map_err(|error| error.to_string())?;
    let moment = ["createdAt", "modifiedAt"].into_iter().find_map(|label| {
        let seconds = metadata("labels").get(label)?.as_str()?.parse().ok()?;
        Some((label, seconds))
    });
    let got = engine.read_release(&stored, moment.ok_or("the Secret has no time label")?)?;
    let labels = serde_json::to_value(got.record_labels).map_err(|error| error.to_string())?;
    let differences = [
        diff_json(expected, &got.release, "read"),
        diff_json(expected, &got.written, "written"),
        diff_json(metadata("name"), &got.record_name.into(), "name"),
        diff_json(metadata("labels"), &labels, "labels"),
    ];
    differences.into_iter().flatten().next().map_or(Ok(()), Err)
}
