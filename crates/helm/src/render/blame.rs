//! Which value an error is about, read from Helm's texts: they name it, though not for machines.

use super::RenderFailure;

/// The value that is to blame for a failed render of the chart `root`, as keys from its values down, where the failure
/// tells.
pub fn blamed_value(root: &str, failure: &RenderFailure) -> Option<Vec<String>> {
    match failure {
        RenderFailure::Schema(report) => in_schema_report(root, report),
        RenderFailure::Template(error) => in_template_error(&error.template, &error.text),
        RenderFailure::Values(_) | RenderFailure::KubeVersion { .. } => None,
    }
}

/// The line, from 1, that an error of a YAML reader names first.
pub fn line_named_in(message: &str) -> Option<usize> {
    let at = message.find("line ")? + "line ".len();
    let digits = message.get(at..)?;
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    digits.get(..end)?.parse().ok()
}

/// The value of the first finding in a schema report.
fn in_schema_report(root: &str, report: &str) -> Option<Vec<String>> {
    let (path, _) = findings_in_schema_report(root, report).into_iter().next()?;
    Some(path).filter(|path| !path.is_empty())
}

/// The findings of a schema report, whose sections begin with a chart's name: each value's path from the root chart's
/// values down, and what is wrong with it. What a finding below explains is left out. `root` is the root chart's name.
#[must_use]
pub fn findings_in_schema_report(root: &str, report: &str) -> Vec<(Vec<String>, String)> {
    let mut chart = root;
    // Each with its indentation, which says what explains what.
    let mut found: Vec<(usize, Vec<String>, String)> = Vec::new();
    for line in report.lines() {
        if let Some((before, rest)) = line.split_once("- at '") {
            let Some((pointer, message)) = rest.split_once('\'') else {
                continue;
            };
            if found.last().is_some_and(|(depth, ..)| *depth < before.len()) {
                found.pop();
            }
            let mut path: Vec<String> = Vec::new();
            if chart != root {
                path.push(chart.to_owned());
            }
            path.extend(pointer.split('/').skip(1).map(unescape));
            let message = message.trim_start_matches([':', ' ']).to_owned();
            found.push((before.len(), path, message));
        } else if let Some(name) = line.strip_suffix(':')
            && !line.starts_with([' ', '-'])
        {
            chart = name;
        }
    }
    found
        .into_iter()
        .map(|(_, path, message)| (path, message))
        .collect()
}

/// A part of a JSON pointer.
fn unescape(part: &str) -> String {
    part.replace("~1", "/").replace("~0", "~")
}

/// The value a failing action reads, if it names one from `.Values` down: `<.Values.image.tag>`.
fn in_template_error(template: &str, message: &str) -> Option<Vec<String>> {
    let (_, action) = message.rsplit_once("at <")?;
    let (_, from_values) = action.split_once(".Values.")?;
    let end = from_values
        .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'))
        .unwrap_or(from_values.len());
    let names = from_values.get(..end)?.split('.').filter(|name| !name.is_empty());
    let path: Vec<String> = subcharts(template).chain(names).map(str::to_owned).collect();
    Some(path).filter(|path| !path.is_empty())
}

/// The names of the subcharts a template lies in, outermost first: their values are below these keys.
fn subcharts(template: &str) -> impl Iterator<Item = &str> {
    let directory = template
        .split_once("/templates/")
        .map_or(template, |(directory, _)| directory);
    directory.split("/charts/").skip(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(keys: &[&str]) -> Option<Vec<String>> {
        Some(keys.iter().map(|key| (*key).to_owned()).collect())
    }

    #[test]
    fn template_errors_name_the_value_they_read() {
        let error = "template: web/charts/db/templates/a.yaml:3:7: executing \"web/charts/db/templates/a.yaml\" at <.Values.auth.user.name>: nil pointer evaluating interface {}.name";
        assert_eq!(
            in_template_error("web/charts/db/templates/a.yaml", error),
            path(&["db", "auth", "user", "name"])
        );
        let required = "execution error at (web/templates/a.yaml:1:3): needed";
        assert_eq!(in_template_error("web/templates/a.yaml", required), None);
    }

    #[test]
    fn schema_reports_name_chart_and_value() {
        let report = "db:\n- at '/auth/a~1b': got string, want integer\n";
        assert_eq!(in_schema_report("web", report), path(&["db", "auth", "a/b"]));
        let root = "web:\n- at '': missing property 'x'\n- at '/y': no\n";
        assert_eq!(in_schema_report("web", root), None);
        let all = "web:\n- at '': missing property 'x'\n- at '/y': oneOf failed\n  - at '/y/0': got null\ndb:\n- at '/z': no\n";
        let finding = |keys: &[&str], message: &str| (path(keys).unwrap_or_default(), message.to_owned());
        assert_eq!(
            findings_in_schema_report("web", all),
            [
                finding(&[], "missing property 'x'"),
                finding(&["y", "0"], "got null"),
                finding(&["db", "z"], "no"),
            ]
        );
    }

    #[test]
    fn yaml_errors_name_a_line() {
        assert_eq!(line_named_in("yaml: line 12: mapping values"), Some(12));
        assert_eq!(line_named_in("yaml: found no line"), None);
    }
}
