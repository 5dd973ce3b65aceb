//! Parts of one release: `helm get`.

use std::collections::BTreeMap;

use engine::datetime::Zone;
use serde_json::Value;

use super::listing::{last_deployed, status_word};
use super::node::{Node, yaml};
use super::time::{format, never};
use super::{Format, print, status};
use crate::release::{Release, ReleaseChart, computed_values};
use crate::values::{Tree, TypeMismatch};

/// What `helm get values` prints: the user's values, or with `all` those that templates saw.
pub fn values(release: &Release, output: Format, all: bool) -> Result<String, TypeMismatch> {
    let (title, values) = if all {
        ("COMPUTED VALUES:", computed(release)?)
    } else {
        ("USER-SUPPLIED VALUES:", supplied(release))
    };
    let node = Node::Value(values.to_value());
    Ok(print(output, &node, || {
        format!("{title}\n{}", yaml(&values.to_value()))
    }))
}

/// What `helm get manifest` prints.
pub fn manifest(release: &Release) -> String {
    format!("{}\n", release.manifest)
}

/// What `helm get notes` prints: nothing where there are none.
pub fn notes(release: &Release) -> String {
    match &release.info {
        Some(info) if !info.notes.is_empty() => format!("NOTES:\n{}\n", info.notes),
        _ => String::new(),
    }
}

/// What `helm get hooks` prints.
pub fn hooks(release: &Release) -> String {
    let hooks = release.hooks.iter();
    hooks
        .map(|hook| format!("---\n# Source: {}\n{}\n", hook.path, hook.manifest))
        .collect()
}

/// What `helm get all` prints.
pub fn all(release: &Release, local: &Zone) -> Result<String, TypeMismatch> {
    let chart = release.chart.as_ref();
    let about_chart = format!(
        "CHART: {}\nVERSION: {}\nAPP_VERSION: {}\n",
        chart.map_or("", ReleaseChart::name),
        chart.map_or("", ReleaseChart::version),
        chart.map_or("", ReleaseChart::app_version),
    );
    Ok(format!(
        "{}{}USER-SUPPLIED VALUES:\n{}\nCOMPUTED VALUES:\n{}\n{}{}",
        status::head(release, &about_chart, local),
        status::tests(release, local),
        yaml(&supplied(release).to_value()),
        yaml(&computed(release)?.to_value()),
        status::rendered(release),
        status::notes(release),
    ))
}

fn supplied(release: &Release) -> Tree {
    if release.config.is_empty() {
        // Helm leaves empty values out of the record, and then reads none.
        return Tree::Null;
    }
    Tree::from_json(&Value::Object(release.config.clone()))
}

fn computed(release: &Release) -> Result<Tree, TypeMismatch> {
    Ok(Tree::Table(computed_values(release)?))
}

/// What `helm get metadata` prints; `labels` are those helm shows of the record.
pub fn metadata(
    release: &Release,
    labels: &BTreeMap<String, String>,
    output: Format,
    local: &Zone,
) -> String {
    const RFC3339: &str = "2006-01-02T15:04:05Z07:00";
    let chart = release.chart.as_ref();
    let about = |pointer: &str| chart.and_then(|chart| chart.metadata.get(pointer));
    let annotations = about("annotations")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    let dependencies = about("dependencies")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let deployed = format(last_deployed(release), RFC3339, local).unwrap_or_else(|| never(RFC3339));
    let chart_texts = [
        ("chart", chart.map_or("", ReleaseChart::name)),
        ("version", chart.map_or("", ReleaseChart::version)),
        ("appVersion", chart.map_or("", ReleaseChart::app_version)),
    ];
    let mut fields = vec![("name", Node::text(&release.name))];
    fields.extend(chart_texts.map(|(name, text)| (name, Node::text(text))));
    if !annotations.is_empty() {
        fields.push(("annotations", Node::json(&Value::Object(annotations.clone()))));
    }
    if !labels.is_empty() {
        let labels = labels
            .iter()
            .map(|(label, value)| (label.clone(), value.as_str().into()));
        fields.push(("labels", Node::json(&Value::Object(labels.collect()))));
    }
    if !dependencies.is_empty() {
        fields.push((
            "dependencies",
            Node::List(dependencies.iter().map(dependency).collect()),
        ));
    }
    fields.push(("namespace", Node::text(&release.namespace)));
    fields.push(("revision", Node::int(release.revision)));
    fields.push(("status", Node::text(status_word(release))));
    fields.push(("deployedAt", Node::text(&deployed)));
    if !release.apply_method.is_empty() {
        fields.push(("applyMethod", Node::text(&release.apply_method)));
    }
    print(output, &Node::Struct(fields), || {
        let [(_, name), (_, version), (_, app_version)] = chart_texts;
        let annotations = annotations
            .iter()
            .map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()));
        let labels = labels.iter().map(|(label, value)| format!("{label}={value}"));
        let names = dependencies
            .iter()
            .filter_map(|dependency| dependency.get("name")?.as_str());
        let mut names: Vec<&str> = names.collect();
        names.sort_unstable();
        format!(
            "NAME: {}\nCHART: {name}\nVERSION: {version}\nAPP_VERSION: {app_version}\nANNOTATIONS: {}\nLABELS: {}\n\
             DEPENDENCIES: {}\nNAMESPACE: {}\nREVISION: {}\nSTATUS: {}\nDEPLOYED_AT: {deployed}\nAPPLY_METHOD: {}\n",
            release.name,
            annotations.collect::<Vec<String>>().join(","),
            labels.collect::<Vec<String>>().join(","),
            names.join(","),
            release.namespace,
            release.revision,
            status_word(release),
            apply_method(&release.apply_method),
        )
    })
}

fn apply_method(method: &str) -> String {
    match method {
        "" => "client-side apply (defaulted)".to_owned(),
        "csa" => "client-side apply".to_owned(),
        "ssa" => "server-side apply".to_owned(),
        other => format!("unknown ({})", engine::strconv::quote(other.as_bytes())),
    }
}

/// A dependency with the fields in Go's order.
fn dependency(dependency: &Value) -> Node {
    let fields = crate::chart::DEPENDENCY_FIELDS
        .iter()
        .filter_map(|field| Some((*field, Node::json(dependency.get(*field)?))));
    Node::Struct(fields.collect())
}
