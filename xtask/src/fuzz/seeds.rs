//! What mutations begin with: the sample charts, a few lines of our own, and on request a directory of published charts
//! and vectors.

use std::io::Read as _;
use std::path::Path;

use anyhow::Result;
use flate2::read::GzDecoder;
use helm::archive::{ArchiveLimits, ChartFiles, Modified, pack};
use serde_json::Value;

use super::targets::{Kind, Target};
use crate::files::files_below;
use crate::process;

/// Seeds larger than this make mutations rare.
const MAX_BYTES: usize = 16 << 10;
/// Enough variety; more only takes memory.
const MAX_OF_CORPUS: usize = 4_000;

/// The seeds that are always there.
pub(super) fn of_repository(target: &Target) -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> = target.seeds.iter().map(|seed| seed.as_bytes().to_vec()).collect();
    let samples = process::workspace_root().join("samples");
    if target.kind == Kind::Archive {
        for chart in samples.read_dir().into_iter().flatten().flatten() {
            let packed = archive(&chart.path());
            seeds.extend(packed.as_deref().and_then(unpacked));
            seeds.extend(packed);
        }
        return seeds;
    }
    for path in files_below(&samples).unwrap_or_default() {
        if is_of_kind(target.kind, &path.to_string_lossy())
            && let Ok(text) = std::fs::read(&path)
        {
            seeds.push(text);
        }
    }
    seeds.retain(|seed| seed.len() <= MAX_BYTES);
    seeds
}

/// Seeds of a directory with the layout of the conformance data.
pub(super) fn of_corpus(target: &Target, corpus: &Path) -> Result<Vec<Vec<u8>>> {
    let mut seeds = Vec::new();
    for path in files_below(&corpus.join("charts")).unwrap_or_default() {
        if seeds.len() >= MAX_OF_CORPUS {
            break;
        }
        let bytes = std::fs::read(&path)?;
        if target.kind == Kind::Archive {
            seeds.extend(unpacked(&bytes));
            seeds.push(bytes);
        } else if let Ok(chart) = ChartFiles::from_bytes(&bytes, &ArchiveLimits::default()) {
            let files = chart
                .files
                .iter()
                .filter(|file| is_of_kind(target.kind, &file.path));
            // The first few of each chart: charts resemble themselves.
            seeds.extend(files.take(12).map(|file| file.data.to_vec()));
        }
    }
    if target.kind != Kind::Archive {
        for path in files_below(&corpus.join("vectors")).unwrap_or_default() {
            let file: Value = serde_json::from_slice(&std::fs::read(&path)?)?;
            let cases = file.get("cases").and_then(Value::as_array);
            let texts = cases.into_iter().flatten().filter_map(|case| {
                let field = if target.kind == Kind::Assignment {
                    "expr"
                } else {
                    "template"
                };
                case.get(field).and_then(Value::as_str)
            });
            // Neighbours differ in one word.
            seeds.extend(texts.step_by(7).take(500).map(|text| text.as_bytes().to_vec()));
        }
    }
    seeds.retain(|seed| seed.len() <= MAX_BYTES);
    Ok(seeds)
}

fn is_of_kind(kind: Kind, path: &str) -> bool {
    let is_template = path.contains("templates/");
    match kind {
        Kind::Template => is_template,
        Kind::Yaml => path.ends_with(".yaml") && !is_template,
        Kind::Json => path.ends_with(".json"),
        Kind::Archive | Kind::Assignment | Kind::Other => false,
    }
}

fn archive(chart: &Path) -> Option<Vec<u8>> {
    let name = chart.file_name()?.to_string_lossy().into_owned();
    let mut files = Vec::new();
    for path in files_below(chart).ok()? {
        let below = path
            .strip_prefix(chart)
            .ok()?
            .to_string_lossy()
            .replace('\\', "/");
        files.push((below, std::fs::read(&path).ok()?));
    }
    pack(
        &name,
        files.iter().map(|(path, data)| (path.as_str(), data.as_slice())),
        Modified::default(),
    )
    .ok()
}

/// The tar in an archive.
fn unpacked(archive: &[u8]) -> Option<Vec<u8>> {
    let mut tar = Vec::new();
    GzDecoder::new(archive).read_to_end(&mut tar).ok()?;
    Some(tar)
}
