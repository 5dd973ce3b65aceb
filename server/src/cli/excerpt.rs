//! Where in a chart's source a template failed: the line, and a caret below the place.

use helm::chart::Chart;
use helm::render::TemplateError;

/// Lines shown before the failing one.
const N_BEFORE: usize = 2;
/// Of a longer line only a part is shown.
const MAX_WIDTH: usize = 160;

/// The excerpt, where the place is in a file of the chart: text given to `tpl` has none.
pub(super) fn of(error: &TemplateError, chart: &Chart) -> Option<String> {
    let origin = &error.origin;
    let source = source(chart, &origin.template)?;
    let lines: Vec<&str> = source.lines().collect();
    let at = origin.line.checked_sub(1)?;
    let line = lines.get(at)?;
    let number_width = origin.line.to_string().len();
    let place = match origin.column {
        Some(column) => format!("{}:{}:{column}", origin.template, origin.line),
        None => format!("{}:{}", origin.template, origin.line),
    };
    let mut excerpt = format!("{:number_width$} --> {place}\n", "");
    let first = at.saturating_sub(N_BEFORE);
    for (number, line) in (first + 1..).zip(lines.get(first..=at)?) {
        excerpt.push_str(&format!("{number:number_width$} | {}\n", shown(line)));
    }
    if let Some(column) = origin.column {
        let before = line.get(..column)?;
        if before.chars().count() < MAX_WIDTH {
            // Tabs stay tabs, so that the caret is below its place however wide they are.
            let indent: String = before
                .chars()
                .map(|rune| if rune == '\t' { '\t' } else { ' ' })
                .collect();
            excerpt.push_str(&format!("{:number_width$} | {indent}^\n", ""));
        }
    }
    Some(excerpt.trim_end().to_owned())
}

/// The text of a template by its path in the whole tree: `chart/charts/sub/templates/x.yaml`.
fn source(chart: &Chart, path: &str) -> Option<String> {
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
