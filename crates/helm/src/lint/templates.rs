//! Rules about templates: they render, and what they make looks like objects.

use engine::Host;
use engine::value::Value;

use super::object::{Object, objects};
use super::{ChartDirectory, Entry, Findings, LintOptions, Severity, deprecations, names};
use crate::Compat;
use crate::capabilities::Capabilities;
use crate::chart::{Chart, extension};
use crate::manifest::RESOURCE_POLICY_ANNOTATION;
use crate::render::{PreparedChart, RenderFailure, RenderOptions};
use crate::values::Table;

const DIRECTORY: &str = "templates/";

pub(super) fn check(
    directory: &ChartDirectory,
    values: &Table,
    options: &LintOptions,
    host: &dyn Host,
    findings: &mut Findings,
) {
    match &directory.templates {
        Entry::Missing => {
            return findings.add(Severity::Warning, DIRECTORY, "directory does not exist");
        }
        Entry::File(_) => return findings.add(Severity::Error, DIRECTORY, "not a directory"),
        Entry::Unreadable(why) => return findings.add(Severity::Error, DIRECTORY, why),
        Entry::Directory => {}
    }
    let chart = match &directory.chart {
        Ok(chart) => chart,
        Err(error) => return findings.add(Severity::Error, DIRECTORY, error),
    };
    let mut capabilities = Capabilities::of(Compat::Helm4_3);
    if let Some(version) = &options.kube_version {
        capabilities.kube_version = version.clone();
    }
    let render = RenderOptions {
        release_name: "test-release".to_owned(),
        namespace: options.namespace.clone(),
        // Nothing is installed or upgraded.
        revision: 0,
        capabilities,
        lint: true,
        skip_schema_validation: options.skip_schema_validation,
        keep_values: false,
        ..RenderOptions::default()
    };
    let rendered = match PreparedChart::new(chart.clone()).render(values, &render, host) {
        Ok(rendered) => rendered,
        // Helm keeps this to itself.
        Err(error) if matches!(error.failure, RenderFailure::Values(_)) => return,
        Err(error) => return findings.add(Severity::Error, DIRECTORY, error.to_string()),
    };
    let linter = Linter {
        kubernetes: &render.capabilities,
        findings,
    };
    linter.files(chart, |path| {
        let path = format!("{}/{path}", chart.metadata.name);
        rendered.templates.get(&path).map_or("", String::as_str)
    });
}

struct Linter<'l> {
    kubernetes: &'l Capabilities,
    findings: &'l mut Findings,
}

impl Linter<'_> {
    /// Looks at the chart's own templates, until one is no YAML.
    fn files<'t>(mut self, chart: &Chart, rendered: impl Fn(&str) -> &'t str) {
        for file in &chart.templates {
            let extension = extension(&file.path);
            if ![".yaml", ".yml", ".tpl", ".txt"].contains(&extension) {
                let text = format!(
                    "file extension '{extension}' not valid. Valid extensions are .yaml, .yml, .tpl, or .txt"
                );
                self.findings.add(Severity::Error, &file.path, text);
            }
            let is_yaml = [".yaml", ".yml"]
                .iter()
                .any(|yaml| extension.eq_ignore_ascii_case(yaml));
            let text = rendered(&file.path);
            if !is_yaml || text.trim().is_empty() {
                continue;
            }
            if !self.documents(&file.path, text) {
                return;
            }
        }
    }

    fn documents(&mut self, path: &str, text: &str) -> bool {
        self.findings.rule(Severity::Warning, path, illegal_indent(text));
        for object in objects(text.as_bytes()) {
            match object {
                Ok(Some(object)) => self.object(path, text, &object),
                Ok(None) => {}
                Err(error) => {
                    let text = format!("unable to parse YAML: {error}");
                    self.findings.add(Severity::Error, path, text);
                    return false;
                }
            }
        }
        true
    }

    fn object(&mut self, path: &str, text: &str, object: &Object) {
        let findings = &mut *self.findings;
        findings.rule(
            Severity::Warning,
            path,
            names::problem(&object.kind, &object.name),
        );
        let deprecated =
            deprecations::warning(&object.api_version, &object.kind, &self.kubernetes.kube_version);
        findings.rule(Severity::Warning, path, deprecated);
        findings.rule(Severity::Error, path, missing_selector(text, object));
        findings.rule(Severity::Error, path, list_problem(text, object));
    }
}

/// A first line that is indented makes the whole a matter of luck.
fn illegal_indent(text: &str) -> Option<String> {
    let line = text
        .split('\n')
        .map(|line| line.strip_suffix('\r').unwrap_or(line))
        .find(|line| !line.trim().is_empty())?;
    line.starts_with([' ', '\t']).then(|| {
        format!(
            "document starts with an illegal indent: {}, which may cause parsing problems",
            engine::strconv::quote(line.as_bytes())
        )
    })
}

/// Looks for the words anywhere in the file, as Helm does.
fn missing_selector(text: &str, object: &Object) -> Option<String> {
    let has_pods = matches!(
        object.kind.as_str(),
        "Deployment" | "ReplicaSet" | "DaemonSet" | "StatefulSet"
    );
    let selects = text.contains("matchLabels") || text.contains("matchExpressions");
    (has_pods && !selects).then(|| {
        format!(
            "a {} must contain matchLabels or matchExpressions, and {} does not",
            object.kind,
            engine::strconv::quote(object.name.as_bytes())
        )
    })
}

/// The policy counts on objects of a release, and what a List holds is none.
fn list_problem(text: &str, object: &Object) -> Option<String> {
    if object.kind != "List" {
        return None;
    }
    let table = |value: &Value, key: &str| value.as_map()?.get(key);
    let list = engine::yaml::decode(text.as_bytes()).ok()?;
    let Some(Value::List(items)) = table(&list, "items") else {
        return None;
    };
    let is_kept = |item: &Value| {
        let annotations = table(&table(item, "metadata")?, "annotations")?;
        table(&annotations, RESOURCE_POLICY_ANNOTATION)
    };
    items
        .iter()
        .any(|item| is_kept(item).is_some())
        .then(|| format!("annotation '{RESOURCE_POLICY_ANNOTATION}' within List objects are ignored"))
}
