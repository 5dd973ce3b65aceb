//! Where in a chart's source a template failed: the line, what is before it, and the place in it.

use std::fmt;

use super::TemplateError;
use crate::chart::Chart;

/// Lines shown before the failing one.
const N_BEFORE: usize = 2;
/// Of a longer line only a part is shown, in characters.
const MAX_WIDTH: usize = 160;

/// The lines around a failure. Its text is for terminals: numbered lines with a caret below the place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// The template by its path in the whole tree: `chart/charts/sub/templates/x.yaml`.
    pub template: String,
    /// The failing line, from 1; it is the last of `lines`.
    pub line: usize,
    /// The place in it in bytes, from 0, where it is known.
    pub column: Option<usize>,
    /// Numbers, from 1, and texts.
    pub lines: Vec<(usize, String)>,
    /// What is before the place in the failing line, if that is short enough to point at.
    before: Option<String>,
}

impl Excerpt {
    /// The excerpt, where the place is in a file of the chart: text given to `tpl` has none.
    pub fn of(error: &TemplateError, chart: &Chart) -> Option<Self> {
        let origin = &error.origin;
        let source = template_source(chart, &origin.template)?;
        let lines: Vec<&str> = source.lines().collect();
        let at = origin.line.checked_sub(1)?;
        let line = lines.get(at)?;
        let first = at.saturating_sub(N_BEFORE);
        let before = match origin.column {
            Some(column) => Some(line.get(..column)?.to_owned()),
            None => None,
        };
        let numbered = (first + 1..).zip(lines.get(first..=at)?);
        Some(Self {
            template: origin.template.clone(),
            line: origin.line,
            column: origin.column,
            lines: numbered.map(|(number, line)| (number, shown(line))).collect(),
            before: before.filter(|before| before.chars().count() < MAX_WIDTH),
        })
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number_width = self.line.to_string().len();
        let mut text = format!("{:number_width$} --> {}:{}", "", self.template, self.line);
        if let Some(column) = self.column {
            text.push_str(&format!(":{column}"));
        }
        for (number, line) in &self.lines {
            text.push_str(&format!("\n{number:number_width$} | {line}"));
        }
        if let Some(before) = &self.before {
            // Tabs stay tabs, so that the caret is below its place however wide they are.
            let indent: String = before
                .chars()
                .map(|rune| if rune == '\t' { '\t' } else { ' ' })
                .collect();
            text.push_str(&format!("\n{:number_width$} | {indent}^", ""));
        }
        formatter.write_str(text.trim_end())
    }
}

/// The text of a template by its path in the whole tree: `chart/charts/sub/templates/x.yaml`.
#[must_use]
pub fn template_source(chart: &Chart, path: &str) -> Option<String> {
    let (_, mut path) = path.split_once('/')?;
    let mut chart = chart;
    while let Some(below) = path.strip_prefix("charts/") {
        let (name, rest) = below.split_once('/')?;
        // Under an alias the tree has a name that no loaded chart has.
        let real = chart.metadata.dependencies.iter().flatten();
        let real = real
            .filter(|dependency| dependency.alias == name)
            .map(|dependency| dependency.name.as_str())
            .next()
            .unwrap_or(name);
        chart = chart
            .dependencies
            .iter()
            .find(|subchart| subchart.metadata.name == real)?;
        path = rest;
    }
    let file = chart.templates.iter().rev().find(|file| file.path == path)?;
    Some(String::from_utf8_lossy(&file.data).into_owned())
}

fn shown(line: &str) -> String {
    if line.chars().count() <= MAX_WIDTH {
        return line.to_owned();
    }
    let mut cut: String = line.chars().take(MAX_WIDTH).collect();
    cut.push('…');
    cut
}
