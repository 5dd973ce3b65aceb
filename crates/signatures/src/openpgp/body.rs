//! What a provenance file says: the chart's own description, and the checksum of one archive.

use engine::value::{Map, Value};

use crate::{Archive, Bad};

/// Between the two documents: `---` would be a dash that has to be escaped.
const BETWEEN: &str = "\n...\n";

/// Whether the text is about this archive.
pub(super) fn check(text: &str, archive: &Archive<'_>) -> Result<(), Bad> {
    let body = |problem: String| Bad::Body { problem };
    let mut parts = text.split(BETWEEN);
    let (Some(chart), Some(sums), None) = (parts.next(), parts.next(), parts.next()) else {
        return Err(body("it has not two documents".to_owned()));
    };
    let chart = map(chart, "the first document")?;
    let sums = map(sums, "the second document")?;
    let other = |problem: String| Bad::OtherArchive { problem };
    for (key, want) in [("name", archive.name), ("version", archive.version)] {
        let have = text_of(&chart, key).ok_or_else(|| body(format!("it does not say the chart's {key}")))?;
        if have != want {
            return Err(other(format!(
                "its {key} is \"{}\", not \"{want}\"",
                crate::outcome::shown(&have)
            )));
        }
    }
    let files = sums.get("files");
    let Some(files) = files.as_ref().and_then(Value::as_map) else {
        return Err(body("it has no checksums".to_owned()));
    };
    // Helm writes one. A second would be a second file that somebody signed without having seen it.
    if files.len() != 1 {
        return Err(body(format!("it has {} checksums", files.len())));
    }
    let Some(sum) = text_of(files, archive.file_name) else {
        return Err(other(format!(
            "the file that was signed is not called {}",
            archive.file_name
        )));
    };
    if sum != format!("sha256:{}", hex::encode(archive.sha256)) {
        return Err(other("its checksum differs".to_owned()));
    }
    Ok(())
}

fn map(yaml: &str, what: &str) -> Result<Map, Bad> {
    let value = engine::yaml::decode_strict(yaml.as_bytes()).map_err(|error| Bad::Body {
        problem: format!(
            "{what} is not YAML: {}",
            crate::outcome::shown(&error.to_string())
        ),
    })?;
    match value {
        Value::Map(map) => Ok(map),
        _ => Err(Bad::Body {
            problem: format!("{what} is not a map"),
        }),
    }
}

fn text_of(map: &Map, key: &str) -> Option<String> {
    let value = map.get(key)?;
    std::str::from_utf8(value.as_str()?.as_ref())
        .ok()
        .map(str::to_owned)
}
