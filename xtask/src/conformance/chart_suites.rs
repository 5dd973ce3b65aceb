//! Suites of whole charts: loading, values, dependencies, schema, objects, manifests, warnings.

use std::collections::{BTreeMap, BTreeSet};

use preview::{RenderRequest, Rendering};
use serde_json::{Value, json};

use super::compare::{diff, diff_json};
use super::engine::{Engine, crashed};
use super::open_answers::without_network;
use super::tarball::tarball;
use super::template_suites::{self, templates_of};

pub(crate) fn compare(engine: &mut dyn Engine, case: &Value) -> Option<String> {
    let mut reports = Vec::new();
    let expected = case.get("res").unwrap_or(&Value::Null);
    let rendering = render(engine, case);
    let warnings = rendering.summary.warnings.clone();
    if let Some(release) = case.get("release") {
        let got = match &rendering.summary.problem {
            None => json!({"manifest": rendering.manifest, "notes": rendering.notes}),
            Some(problem) => json!({"err": problem.message}),
        };
        reports.extend(compare_results(release, &got).map(|report| format!("release:\n{report}")));
    }
    reports.extend(compare_results(expected, &templates_as_json(rendering)));
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

fn templates_as_json(rendering: Rendering) -> Value {
    match templates_of(rendering) {
        Ok(templates) => json!({"out": templates}),
        Err(error) => json!({"err": error}),
    }
}

fn render(engine: &mut dyn Engine, case: &Value) -> Rendering {
    let root = case.get("root").and_then(Value::as_str).unwrap_or("chart");
    let files = case.get("files").and_then(Value::as_object);
    let files = files
        .into_iter()
        .flatten()
        .map(|(name, text)| (name.as_str(), text.as_str().unwrap_or_default().as_bytes()));
    let chart = match engine.load(&tarball(root, files)) {
        Ok(chart) => chart,
        Err(error) => return crashed(error),
    };
    let request = RenderRequest {
        values: case.get("values").cloned(),
        ..request(case.get("opts"))
    };
    let rendering = engine.render(chart, &request);
    engine.forget(chart);
    rendering
}

fn request(given: Option<&Value>) -> RenderRequest {
    let request = template_suites::request();
    let Some(given) = given else { return request };
    let flag = |name: &str| given.get(name).and_then(Value::as_bool).unwrap_or(false);
    let versions = given.get("api_versions").and_then(Value::as_array);
    let versions = versions.into_iter().flatten().filter_map(Value::as_str);
    RenderRequest {
        strict: flag("strict"),
        is_upgrade: flag("upgrade"),
        revision: given.get("revision").and_then(Value::as_i64).unwrap_or(1),
        kube_version: given
            .get("kube_version")
            .and_then(Value::as_str)
            .map(str::to_owned),
        extra_api_versions: versions.map(str::to_owned).collect(),
        ..request
    }
}

/// A chart directory with a `.helmignore`, whose template lists the files that are left.
pub(crate) fn compare_ignore_rules(engine: &mut dyn Engine, case: &Value) -> Option<String> {
    const LIST: &str = "{{ range $path, $_ := .Files.Glob \"**\" }}{{ $path }}\n{{ end }}";
    let text = |text: &str| text.to_owned();
    let mut files = BTreeMap::from([
        (
            text("Chart.yaml"),
            text("apiVersion: v2\nname: v\nversion: 0.1.0\n"),
        ),
        (text("templates/t.yaml"), text(LIST)),
    ]);
    let tree = case
        .get("tree")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str);
    files.extend(tree.map(|path| (text(path), text(path))));
    let rules = case.get("rules").and_then(Value::as_str);
    if let Some(rules) = rules.filter(|rules| !rules.is_empty()) {
        files.insert(text(".helmignore"), text(rules));
    }
    let got = match engine.load_directory(files) {
        Ok(chart) => {
            let rendering = engine.render(chart, &template_suites::request());
            engine.forget(chart);
            templates_as_json(rendering)
        }
        Err(error) => json!({"err": error}),
    };
    compare_results(case.get("res").unwrap_or(&Value::Null), &got)
}
