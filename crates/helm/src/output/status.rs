//! One release: `helm status`, and the frame of `helm get all`.

use std::collections::BTreeMap;

use engine::datetime::Zone;
use serde_json::Value;

use super::listing::{description, is_time, last_deployed, rollback_revision, status_word};
use super::node::Node;
use super::time::{ANSIC, format, never};
use super::{Format, objects, print};
use crate::release::{Release, ReleaseHook, ReleaseInfo};
use crate::values::Tree;

/// What `helm status` prints of a revision and its objects, which for a table are tables of the Kubernetes API.
pub fn status(
    release: &Release,
    objects: &BTreeMap<String, Vec<Value>>,
    output: Format,
    local: &Zone,
) -> String {
    shown(release, objects, false, output, local)
}

fn shown(
    release: &Release,
    objects: &BTreeMap<String, Vec<Value>>,
    with_chart: bool,
    output: Format,
    local: &Zone,
) -> String {
    print(output, &release_node(release, objects, with_chart), || {
        let mut text = head(release, "", local);
        if !objects.is_empty() {
            text.push_str("RESOURCES:\n");
            text.push_str(&objects::print(objects));
            text.push('\n');
        }
        text.push_str(&tests(release, local));
        if description(release).eq_ignore_ascii_case("Dry run complete") {
            text.push_str(&rendered(release));
        }
        text.push_str(&notes(release));
        text
    })
}

/// What `helm install` and `helm upgrade` print of the revision they made: with its chart where a program reads it.
pub fn changed(release: &Release, output: Format, local: &Zone) -> String {
    shown(release, &BTreeMap::new(), true, output, local)
}

/// Name to description; `chart` goes before the last line.
pub(super) fn head(release: &Release, chart: &str, local: &Zone) -> String {
    let mut text = format!("NAME: {}\n", release.name);
    if let Some(deployed) = format(last_deployed(release), ANSIC, local) {
        text.push_str(&format!("LAST DEPLOYED: {deployed}\n"));
    }
    text.push_str(&format!(
        "NAMESPACE: {}\nSTATUS: {}\nREVISION: {}\n{chart}DESCRIPTION: {}\n",
        release.namespace,
        status_word(release),
        release.revision,
        description(release),
    ));
    text
}

/// How the tests of the release ran.
pub(super) fn tests(release: &Release, local: &Zone) -> String {
    let is_test = |hook: &&ReleaseHook| hook.events.iter().any(|event| event == "test");
    let mut tests = release.hooks.iter().filter(is_test).peekable();
    if tests.peek().is_none() {
        return "TEST SUITE: None\n".to_owned();
    }
    let mut text = String::new();
    for test in tests {
        let Some(started) = format(test.last_run.started_at.as_deref(), ANSIC, local) else {
            continue;
        };
        let completed = format(test.last_run.completed_at.as_deref(), ANSIC, local);
        text.push_str(&format!(
            "TEST SUITE:     {}\nLast Started:   {started}\nLast Completed: {}\nPhase:          {}\n",
            test.name,
            completed.unwrap_or_else(|| never(ANSIC)),
            test.last_run.phase,
        ));
    }
    text
}

/// Hooks and manifest.
pub(super) fn rendered(release: &Release) -> String {
    format!(
        "HOOKS:\n{}MANIFEST:\n{}\n",
        super::hooks(release),
        release.manifest
    )
}

pub(super) fn notes(release: &Release) -> String {
    match release.info.as_ref().map(|info| info.notes.trim()) {
        Some(notes) if release.info.as_ref().is_some_and(|info| !info.notes.is_empty()) => {
            format!("NOTES:\n{notes}\n")
        }
        _ => String::new(),
    }
}

fn release_node(release: &Release, objects: &BTreeMap<String, Vec<Value>>, with_chart: bool) -> Node {
    let mut fields = Vec::new();
    push_text(&mut fields, "name", &release.name);
    if let Some(info) = &release.info {
        fields.push(("info", info_node(info, objects)));
    }
    let chart = release.chart.as_ref().filter(|_| with_chart);
    if let Some(chart) = chart.and_then(|chart| serde_json::to_value(chart).ok()) {
        fields.push(("chart", Node::json(&chart)));
    }
    if !release.config.is_empty() {
        let config = Tree::from_json(&Value::Object(release.config.clone()));
        fields.push(("config", Node::Value(config.to_value())));
    }
    push_text(&mut fields, "manifest", &release.manifest);
    if !release.hooks.is_empty() {
        fields.push(("hooks", Node::List(release.hooks.iter().map(hook_node).collect())));
    }
    push_int(&mut fields, "version", release.revision);
    push_text(&mut fields, "namespace", &release.namespace);
    push_text(&mut fields, "apply_method", &release.apply_method);
    Node::Struct(fields)
}

fn info_node(info: &ReleaseInfo, objects: &BTreeMap<String, Vec<Value>>) -> Node {
    let mut fields = Vec::new();
    push_time(&mut fields, "first_deployed", info.first_deployed.as_deref());
    push_time(&mut fields, "last_deployed", info.last_deployed.as_deref());
    push_time(&mut fields, "deleted", info.deleted.as_deref());
    push_text(&mut fields, "description", &info.description);
    push_text(&mut fields, "status", info.status.as_str());
    push_int(
        &mut fields,
        "rollback_revision",
        rollback_revision(Some(info)).unwrap_or(0),
    );
    push_text(&mut fields, "notes", &info.notes);
    if !objects.is_empty() {
        let kinds = objects
            .iter()
            .map(|(kind, objects)| (kind.clone(), objects.clone().into()));
        fields.push(("resources", Node::json(&Value::Object(kinds.collect()))));
    }
    Node::Struct(fields)
}

fn hook_node(hook: &ReleaseHook) -> Node {
    let mut fields = Vec::new();
    push_text(&mut fields, "name", &hook.name);
    push_text(&mut fields, "kind", &hook.kind);
    push_text(&mut fields, "path", &hook.path);
    push_text(&mut fields, "manifest", &hook.manifest);
    push_texts(&mut fields, "events", &hook.events);
    let mut run = Vec::new();
    push_time(&mut run, "started_at", hook.last_run.started_at.as_deref());
    push_time(&mut run, "completed_at", hook.last_run.completed_at.as_deref());
    run.push(("phase", Node::text(&hook.last_run.phase)));
    fields.push(("last_run", Node::Struct(run)));
    push_int(&mut fields, "weight", hook.weight);
    push_texts(&mut fields, "delete_policies", &hook.delete_policies);
    push_texts(&mut fields, "output_log_policies", &hook.output_log_policies);
    Node::Struct(fields)
}

type Fields = Vec<(&'static str, Node)>;

fn push_text(fields: &mut Fields, name: &'static str, text: &str) {
    if !text.is_empty() {
        fields.push((name, Node::text(text)));
    }
}

fn push_texts(fields: &mut Fields, name: &'static str, texts: &[String]) {
    if !texts.is_empty() {
        fields.push((name, Node::texts(texts)));
    }
}

fn push_int(fields: &mut Fields, name: &'static str, number: i64) {
    if number != 0 {
        fields.push((name, Node::int(number)));
    }
}

fn push_time(fields: &mut Fields, name: &'static str, time: Option<&str>) {
    if let Some(time) = time.filter(|time| is_time(time)) {
        fields.push((name, Node::text(time)));
    }
}
