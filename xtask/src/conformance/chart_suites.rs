//! Suites of whole charts: loading, values, dependencies, schema, objects, manifests, warnings.

use std::collections::BTreeSet;

use helm::capabilities::KubeVersion;
use helm::chart::{Chart, ChartFile};
use helm::render::{PreparedChart, RenderOptions, Rendered};
use helm::values::{Table, Tree};
use serde_json::Value;

use super::compare::{Answer, diff, diff_json};
use super::host::RunningHost;
use super::open_answers::without_network;
use super::tarball::tarball;
use super::template_suites;

pub(crate) fn compare(case: &Value) -> Option<String> {
    let mut reports = Vec::new();
    let expected = case.get("res").unwrap_or(&Value::Null);
    let (got, warnings) = render(case);
    let as_json = match &got {
        Ok(rendered) => serde_json::json!({"out": rendered.templates}),
        Err(error) => serde_json::json!({"err": error}),
    };
    reports.extend(compare_results(expected, &as_json));
    if let Some(release) = case.get("release") {
        let got = got.and_then(|rendered| {
            rendered
                .release(&Default::default())
                .map_err(|error| error.to_string())
        });
        let as_json = match got {
            Ok(release) => serde_json::json!({"manifest": release.manifest, "notes": release.notes}),
            Err(error) => serde_json::json!({"err": error}),
        };
        reports.extend(compare_results(release, &as_json).map(|report| format!("release:\n{report}")));
    }
    // Go walks maps in random order, so only which warnings there are is known.
    let expected = case
        .get("warnings")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let expected: BTreeSet<&str> = expected.iter().filter_map(Value::as_str).collect();
    let warnings: BTreeSet<&str> = warnings.iter().map(String::as_str).collect();
    for (sign, lines) in [
        ('-', expected.difference(&warnings)),
        ('+', warnings.difference(&expected)),
    ] {
        reports.extend(lines.map(|line| format!("{sign}warning {line}")));
    }
    (!reports.is_empty()).then(|| reports.join("\n"))
}

/// Compares texts line by line, everything else as JSON.
fn compare_results(expected: &Value, got: &Value) -> Option<String> {
    if let (Some(expected), Some(got)) = (text_at(expected, "/err"), text_at(got, "/err")) {
        return diff(without_network(expected), without_network(got)).map(|report| format!("/err\n{report}"));
    }
    for path in ["/manifest", "/notes"] {
        if let (Some(expected), Some(got)) = (text_at(expected, path), text_at(got, path))
            && let Some(report) = diff(expected, got)
        {
            return Some(format!("{path}\n{report}"));
        }
    }
    diff_json(expected, got, "")
}

fn text_at<'v>(value: &'v Value, path: &str) -> Option<&'v str> {
    value.pointer(path).and_then(Value::as_str)
}

/// The rendered chart, and all warnings there were even when it failed.
fn render(case: &Value) -> (Answer<Rendered>, Vec<String>) {
    let root = case.get("root").and_then(Value::as_str).unwrap_or("chart");
    let files = case.get("files").and_then(Value::as_object);
    let files = files
        .into_iter()
        .flatten()
        .map(|(name, text)| (name.as_str(), text.as_str().unwrap_or_default().as_bytes()));
    let chart = match Chart::from_archive(&tarball(root, files)) {
        Ok(chart) => chart,
        Err(error) => return (Err(error.to_string()), Vec::new()),
    };
    let options = match options(case.get("opts")) {
        Ok(options) => options,
        Err(error) => return (Err(error), chart.warnings),
    };
    let values = match case.get("values").map(Tree::from_json) {
        Some(Tree::Table(values)) => values,
        _ => Table::new(),
    };
    let mut warnings = chart.warnings.clone();
    match PreparedChart::new(chart).render(&values, &options, &RunningHost::default()) {
        Ok(rendered) => {
            warnings.extend(rendered.warnings.iter().cloned());
            (Ok(rendered), warnings)
        }
        Err(error) => {
            warnings.extend(error.warnings().iter().cloned());
            (Err(error.to_string()), warnings)
        }
    }
}

fn options(given: Option<&Value>) -> Result<RenderOptions, String> {
    let mut options = template_suites::options();
    let Some(given) = given else { return Ok(options) };
    let flag = |name: &str| given.get(name).and_then(Value::as_bool).unwrap_or(false);
    options.strict = flag("strict");
    options.is_upgrade = flag("upgrade");
    options.revision = given.get("revision").and_then(Value::as_i64).unwrap_or(1);
    if let Some(version) = given.get("kube_version").and_then(Value::as_str) {
        options.capabilities.kube_version = KubeVersion::parse(version).map_err(|error| error.to_string())?;
    }
    let versions = given
        .get("api_versions")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    options
        .capabilities
        .api_versions
        .extend(versions.filter_map(Value::as_str).map(str::to_owned));
    Ok(options)
}

/// A chart directory with a `.helmignore`, whose template lists the files that are left.
pub(crate) fn compare_ignore_rules(case: &Value) -> Option<String> {
    const LIST: &str = "{{ range $path, $_ := .Files.Glob \"**\" }}{{ $path }}\n{{ end }}";
    let mut files = vec![
        ChartFile::new("Chart.yaml", "apiVersion: v2\nname: v\nversion: 0.1.0\n"),
        ChartFile::new("templates/t.yaml", LIST),
    ];
    let tree = case
        .get("tree")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str);
    files.extend(tree.map(|path| ChartFile::new(path, path.to_owned())));
    if let Some(rules) = case
        .get("rules")
        .and_then(Value::as_str)
        .filter(|rules| !rules.is_empty())
    {
        files.push(ChartFile::new(".helmignore", rules.to_owned()));
    }
    let got = Chart::from_directory(files)
        .map_err(|error| error.to_string())
        .and_then(|chart| {
            let prepared = PreparedChart::new(chart);
            let rendered = prepared.render(
                &Table::new(),
                &template_suites::options(),
                &RunningHost::default(),
            );
            rendered.map_err(|error| error.to_string())
        });
    let got = match got {
        Ok(rendered) => serde_json::json!({"out": rendered.templates}),
        Err(error) => serde_json::json!({"err": error}),
    };
    compare_results(case.get("res").unwrap_or(&Value::Null), &got)
}
