//! Published charts: every rendered template, the manifest and the notes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use preview::{RenderRequest, Rendering, Stage};
use serde_json::Value;

use super::compare::{diff, diff_masked};
use super::engine::{ChartId, Engine, now};
use super::{Options, Report};

/// Lines (from 0) of a template that Helm itself prints differently every time.
pub(super) type Masks = BTreeMap<String, BTreeSet<usize>>;

pub(crate) fn compare(engine: &mut dyn Engine, options: &Options, report: &mut Report) -> Result<()> {
    let golden = options.directory.join("golden");
    if !golden.is_dir() {
        return Ok(());
    }
    let index = read_json(&golden.join("index.json"))?;
    let mut loaded: Option<(PathBuf, Result<ChartId, String>)> = None;
    for case in index.as_array().map(Vec::as_slice).unwrap_or_default() {
        let text = |field: &str| case.get(field).and_then(Value::as_str).unwrap_or_default();
        let (corpus, chart, name) = (text("corpus"), text("chart"), text("case"));
        let archive = options.directory.join("charts").join(corpus).join(text("tgz"));
        // The cases of a chart follow each other.
        if loaded.as_ref().is_none_or(|(path, _)| *path != archive) {
            if let Some((_, Ok(chart))) = loaded.take() {
                engine.forget(chart);
            }
            let bytes = std::fs::read(&archive).with_context(|| format!("reading {}", archive.display()))?;
            loaded = Some((archive, engine.load(&bytes)));
        }
        let Some((_, loaded)) = &loaded else { continue };
        let files = Case {
            directory: golden.join(corpus).join(chart),
            name,
        };
        files.compare(engine, loaded, case, &format!("{corpus}/{chart}/{name}"), report)?;
    }
    if let Some((_, Ok(chart))) = loaded {
        engine.forget(chart);
    }
    Ok(())
}

/// The files of a case.
pub(super) struct Case<'a> {
    pub(super) directory: PathBuf,
    pub(super) name: &'a str,
}

impl Case<'_> {
    fn compare(
        &self,
        engine: &mut dyn Engine,
        chart: &Result<ChartId, String>,
        index: &Value,
        title: &str,
        report: &mut Report,
    ) -> Result<()> {
        let request = RenderRequest {
            values: self.optional("values.json")?,
            ..request()
        };
        let rendered = match chart {
            Ok(chart) => rendered(engine.render(*chart, &request)),
            Err(error) => Err(error.clone()),
        };
        let expected_error = index.pointer("/error/message").and_then(Value::as_str);
        let rendered = match (rendered, expected_error) {
            (Err(error), Some(expected)) => {
                report.golden.record(|| title.to_owned(), diff(expected, &error));
                return Ok(());
            }
            (Ok(_), Some(expected)) => {
                report.golden.record(
                    || title.to_owned(),
                    Some(format!("- err {expected:?}\n+ rendered")),
                );
                return Ok(());
            }
            (Err(error), None) => {
                report.golden.record(|| title.to_owned(), Some(error));
                if self.optional("release.json")?.is_some() {
                    report
                        .release
                        .record(|| title.to_owned(), Some("did not render".to_owned()));
                }
                return Ok(());
            }
            (Ok(rendered), None) => rendered,
        };
        let masks = self.masks()?;
        let expected = read_json(&self.directory.join(format!("{}.json", self.name)))?;
        let mut problems = compare_templates(&expected, &rendered.templates, &masks);
        problems.extend(compare_warnings(index, &rendered));
        report.golden.record(
            || title.to_owned(),
            (!problems.is_empty()).then(|| problems.join("\n")),
        );
        if let Some(expected) = self.optional("release.json")? {
            report
                .release
                .record(|| title.to_owned(), compare_release(&expected, &rendered, &masks));
        }
        Ok(())
    }

    pub(super) fn optional(&self, suffix: &str) -> Result<Option<Value>> {
        let path = self.directory.join(format!("{}.{suffix}", self.name));
        if path.exists() {
            read_json(&path).map(Some)
        } else {
            Ok(None)
        }
    }

    pub(super) fn masks(&self) -> Result<Masks> {
        let masks = self.optional("mask.json")?.unwrap_or(Value::Null);
        let lines = |lines: &Value| {
            let lines = lines.as_array().into_iter().flatten().filter_map(Value::as_u64);
            lines.filter_map(|line| usize::try_from(line).ok()).collect()
        };
        Ok(masks
            .as_object()
            .into_iter()
            .flatten()
            .map(|(path, value)| (path.clone(), lines(value)))
            .collect())
    }
}

fn compare_warnings(index: &Value, rendered: &Rendering) -> Vec<String> {
    let Some(expected) = index.get("warnings").and_then(Value::as_array) else {
        return Vec::new();
    };
    let got: BTreeSet<&str> = rendered.summary.warnings.iter().map(String::as_str).collect();
    let expected: BTreeSet<&str> = expected.iter().filter_map(Value::as_str).collect();
    let missing = expected.difference(&got).map(|line| format!("-warning {line}"));
    missing
        .chain(got.difference(&expected).map(|line| format!("+warning {line}")))
        .collect()
}

/// A rendering unless it ended before there were templates.
fn rendered(rendering: Rendering) -> Result<Rendering, String> {
    match rendering.summary.problem {
        Some(problem) if problem.stage != Stage::Manifest => Err(problem.message),
        _ => Ok(rendering),
    }
}

/// The oracle's name, namespace and capabilities are the defaults.
fn request() -> RenderRequest {
    RenderRequest {
        unix_millis: now(),
        seed: 1,
        as_helm_4_2: true,
        ..RenderRequest::default()
    }
}

pub(crate) fn read_json(path: &Path) -> Result<Value> {
    let text = std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("reading {}", path.display()))
}

fn compare_templates(expected: &Value, got: &BTreeMap<String, String>, masks: &Masks) -> Vec<String> {
    let expected = expected.as_object();
    let expected: BTreeMap<&str, &str> = expected
        .into_iter()
        .flatten()
        .map(|(path, text)| (path.as_str(), text.as_str().unwrap_or_default()))
        .collect();
    let mut problems = Vec::new();
    for (path, expected) in &expected {
        let masked = |line: usize| masks.get(*path).is_some_and(|lines| lines.contains(&line));
        match got.get(*path) {
            None => problems.push(format!("{path} was not rendered")),
            Some(got) => {
                problems.extend(diff_masked(expected, got, masked).map(|report| format!("{path}\n{report}")));
            }
        }
    }
    let unexpected = got.keys().filter(|path| !expected.contains_key(path.as_str()));
    problems.extend(unexpected.map(|path| format!("{path} should not be rendered")));
    problems
}

/// The masks are about templates; a line of the manifest is masked when the template's line it came from is.
pub(super) fn compare_release(expected: &Value, rendered: &Rendering, masks: &Masks) -> Option<String> {
    let text = |field: &str| expected.get(field).and_then(Value::as_str).unwrap_or_default();
    if let Some(problem) = &rendered.summary.problem {
        return Some(problem.message.clone());
    }
    let mut masked_lines = BTreeSet::new();
    for object in &rendered.summary.objects {
        if let Some(masked) = masks.get(&object.path) {
            let inside = (0..object.n_lines).filter(|offset| masked.contains(&(object.line - 1 + offset)));
            masked_lines.extend(inside.map(|offset| object.manifest_line - 1 + offset));
        }
    }
    let manifest = diff_masked(text("manifest"), &rendered.manifest, |line| {
        masked_lines.contains(&line)
    });
    let notes_path = rendered
        .templates
        .keys()
        .find(|path| path.ends_with("/templates/NOTES.txt") && !path.contains("/charts/"));
    let notes_masks = notes_path.and_then(|path| masks.get(path));
    let notes = diff_masked(text("notes"), &rendered.notes, |line| {
        notes_masks.is_some_and(|lines| lines.contains(&line))
    });
    let reports: Vec<_> = [("manifest", manifest), ("notes", notes)]
        .into_iter()
        .filter_map(|(what, report)| report.map(|report| format!("{what}\n{report}")))
        .collect();
    (!reports.is_empty()).then(|| reports.join("\n"))
}
