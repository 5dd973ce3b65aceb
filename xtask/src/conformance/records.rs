//! Releases as real Helm stored them: read, and written again, they are the same.

use std::path::Path;

use anyhow::{Context, Result};
use helm::release;
use serde_json::Value;

use super::Suite;
use super::compare::diff_json;

pub(crate) fn compare(directory: &Path) -> Result<Option<Suite>> {
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
        let report = compare_record(&path, &path.with_file_name(format!("{name}.decoded.json")))?;
        suite.record(|| name.to_owned(), report);
    }
    Ok(Some(suite))
}

fn compare_record(secret: &Path, decoded: &Path) -> Result<Option<String>> {
    let read = |path: &Path| -> Result<Value> {
        let text = std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
        Ok(serde_json::from_str(&text)?)
    };
    let (secret, expected) = (read(secret)?, read(decoded)?);
    Ok(check(&secret, &expected).err())
}

fn check(secret: &Value, expected: &Value) -> Result<(), String> {
    let payload = secret
        .pointer("/data/release")
        .and_then(Value::as_str)
        .ok_or("the Secret has no payload")?;
    let stored = base64_decode(payload).ok_or("the payload is not base64")?;
    let release = release::decode(&stored).map_err(|error| error.to_string())?;
    let same = |release: &release::Release, what: &str| {
        let got = serde_json::to_value(release).map_err(|error| error.to_string())?;
        diff_json(expected, &got, what).map_or(Ok(()), Err)
    };
    same(&release, "read")?;
    let stored = release::encode(&release).map_err(|error| error.to_string())?;
    same(
        &release::decode(stored.as_bytes()).map_err(|error| error.to_string())?,
        "written",
    )?;

    let metadata = |field: &str| {
        secret
            .pointer(&format!("/metadata/{field}"))
            .unwrap_or(&Value::Null)
    };
    let name = release::record_name(&release.name, release.revision);
    diff_json(metadata("name"), &name.into(), "name").map_or(Ok(()), Err)?;
    let moment = ["createdAt", "modifiedAt"].into_iter().find_map(|label| {
        let seconds = metadata("labels").get(label)?.as_str()?.parse().ok()?;
        Some((label, seconds))
    });
    let labels = release::record_labels(&release, moment.ok_or("the Secret has no time label")?);
    let labels = serde_json::to_value(labels).map_err(|error| error.to_string())?;
    diff_json(metadata("labels"), &labels, "labels").map_or(Ok(()), Err)
}

/// The Kubernetes API's own layer of base64.
fn base64_decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut n_bits) = (0_u32, 0);
    for byte in text.bytes().filter(|byte| *byte != b'=') {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(digit);
        n_bits += 6;
        if n_bits >= 8 {
            n_bits -= 8;
            bytes.push(u8::try_from(bits >> n_bits & 0xFF).ok()?);
        }
    }
    Some(bytes)
}
