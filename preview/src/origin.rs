//! From a rendered line back to the lines of templates that made it, and to the values that they read.
//!
//! The engine knows it for certain when it is asked to write it down ([`engine::Trace`]); only a click asks.

use engine::{Made, ValuePath, ValueStep};
use helm::chart::Chart;
use serde::{Deserialize, Serialize};
use values::{Path, Segment};

/// Lines of a template shown before and after.
const N_AROUND: usize = 4;
/// Values named, at most.
const MAX_VALUES: usize = 12;

/// What made a rendered line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Origin {
    /// In the template itself, then in what it includes for this line; at least one.
    pub places: Vec<Place>,
    /// The values that were read to write it, as paths from the root chart's values down.
    pub values: Vec<Path>,
    /// The values that decided that it is written, those nearest to it first; without those above.
    pub conditions: Vec<Path>,
}

/// A line of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    pub template: String,
    /// From 1.
    pub line: usize,
    /// The lines around it, each with its number.
    pub excerpt: Vec<(usize, String)>,
}

impl Origin {
    /// Puts into words of values what the engine wrote down for a line of the template at `path`.
    pub(crate) fn of(chart: &Chart, path: &str, made: Made) -> Self {
        let places = made.places.into_iter().map(|(template, line)| Place {
            excerpt: excerpt(chart, &template, line),
            template,
            line,
        });
        let mounts = mounts(path);
        let mut values: Vec<Path> = Vec::new();
        for path in &made.reads {
            add(&mut values, &[], value(path, &mounts));
        }
        let mut conditions = Vec::new();
        for path in &made.conditions {
            add(&mut conditions, &values, value(path, &mounts));
        }
        Self {
            places: places.collect(),
            values,
            conditions,
        }
    }
}

fn add(paths: &mut Vec<Path>, others: &[Path], path: Path) {
    if paths.len() < MAX_VALUES && !paths.contains(&path) && !others.contains(&path) {
        paths.push(path);
    }
}

/// The keys of the sub-charts that a template is in.
fn mounts(path: &str) -> Vec<&str> {
    let directory = path
        .split_once("/templates/")
        .map_or(path, |(directory, _)| directory);
    directory.split("/charts/").skip(1).collect()
}

fn value(path: &ValuePath, mounts: &[&str]) -> Path {
    let segments: Vec<Segment> = path
        .iter()
        .map(|step| match step {
            ValueStep::Key(key) => Segment::Key(key.to_str_lossy().into_owned()),
            ValueStep::Index(index) => Segment::Index(*index),
        })
        .collect();
    // Every sub-chart has a copy of the globals, which are set at the top.
    let is_key = |segment: &Segment, name: &str| matches!(segment, Segment::Key(key) if key == name);
    let n_mounts = segments
        .iter()
        .zip(mounts)
        .take_while(|(segment, mount)| is_key(segment, mount))
        .count();
    let own = match segments.get(n_mounts) {
        Some(first) if is_key(first, "global") => segments.get(n_mounts..),
        _ => Some(segments.as_slice()),
    };
    let own = own.unwrap_or_default().iter();
    own.fold(Path::root(), |path, segment| path.join(segment.clone()))
}

fn excerpt(chart: &Chart, template: &str, line: usize) -> Vec<(usize, String)> {
    let source = helm::render::template_source(chart, template).unwrap_or_default();
    let first = line.saturating_sub(N_AROUND + 1);
    let lines = source.lines().enumerate().skip(first);
    let lines = lines.take(line + N_AROUND - first);
    lines.map(|(at, text)| (at + 1, text.to_owned())).collect()
}
