//! A plan as text, for people at a terminal and for logs.

use model::operation::OperationKind;
use model::plan::{FieldChange, Plan, PlannedAction, PlannedObject, Shown};

/// Values longer than this are cut: a log is no place for a certificate.
const MAX_VALUE_CHARS: usize = 120;

/// Every action with the mark before its objects and the word for them, in the order they are listed.
const ACTIONS: [(PlannedAction, &str, &str); 7] = [
    (PlannedAction::Recreate, "!", "to recreate, which fails"),
    (PlannedAction::Create, "+", "to create"),
    (PlannedAction::Adopt, "^", "to take over"),
    (PlannedAction::Change, "~", "to change"),
    (PlannedAction::Delete, "-", "to delete"),
    (PlannedAction::Keep, "=", "to leave behind"),
    (PlannedAction::Unchanged, " ", "unchanged"),
];

/// All of it.
pub(super) fn plan(plan: &Plan) -> String {
    let mut text = heading(plan);
    for (action, mark, _) in ACTIONS {
        let objects = plan.objects.iter().filter(|object| object.action == action);
        for object in objects {
            let has_problem = object.problem.is_some() || !object.conflicts.is_empty();
            if action != PlannedAction::Unchanged || has_problem {
                object_lines(&mut text, mark, object);
            }
        }
    }
    section(
        &mut text,
        "Hooks, in order:",
        plan.hooks
            .iter()
            .map(|hook| format!("{}: {} {}", hook.event, hook.kind, hook.name)),
    );
    section(
        &mut text,
        "Warnings:",
        plan.warnings.iter().map(|warning| {
            let prevents = if warning.prevents { " (it would fail)" } else { "" };
            format!("{}{prevents}", warning.message)
        }),
    );
    section(&mut text, "Missing rights:", plan.missing_rights.iter().cloned());
    if let Some(role) = &plan.role_yaml {
        text.push_str(&format!("\nThis role would give them:\n{}\n", role.trim_end()));
    }
    text.push_str(&format!("\n{}\n", summary(plan)));
    if plan.is_prevented {
        text.push_str("It would not work as things are.\n");
    } else {
        text.push_str(&format!("To do exactly this: --plan-hash {}\n", plan.hash));
    }
    text
}

fn heading(plan: &Plan) -> String {
    let (name, namespace, revision) = (&plan.name, &plan.namespace, plan.revision);
    let place = format!("{name} in namespace {namespace}");
    match (plan.operation, plan.from_revision) {
        (OperationKind::Install, _) => format!("Install {place}, revision {revision}\n\n"),
        (OperationKind::Uninstall, _) => format!("Uninstall {place}, revision {revision}\n\n"),
        (OperationKind::Rollback, Some(from)) => {
            format!("Roll back {place}: revision {revision} after {from}\n\n")
        }
        (_, Some(from)) => format!("Upgrade {place}: revision {revision} after {from}\n\n"),
        (_, None) => format!("Upgrade {place}: revision {revision}\n\n"),
    }
}

fn object_lines(text: &mut String, mark: &str, object: &PlannedObject) {
    let namespace = object.namespace.as_ref().map(|namespace| format!("{namespace}/"));
    text.push_str(&format!(
        "  {mark} {} {}{}\n",
        object.kind,
        namespace.unwrap_or_default(),
        object.name
    ));
    for field in &object.fields {
        text.push_str(&format!("      {}\n", field_line(field)));
    }
    if !object.fixed_fields.is_empty() {
        text.push_str(&format!(
            "      cannot be changed: {}\n",
            object.fixed_fields.join(", ")
        ));
    }
    for conflict in &object.conflicts {
        let fields = conflict.fields.join(", ");
        text.push_str(&format!("      set by {}: {fields}\n", conflict.manager));
    }
    if let Some(problem) = &object.problem {
        text.push_str(&format!("      {problem}\n"));
    }
}

fn field_line(field: &FieldChange) -> String {
    let path = &field.path;
    match (&field.live, &field.proposed) {
        (Some(Shown::Redacted { .. }), Some(_)) | (_, Some(Shown::Redacted { .. })) => {
            let is_same = matches!(&field.proposed, Some(Shown::Redacted { same_as_live: true }));
            let what = if is_same {
                "(hidden, as it is)"
            } else {
                "(hidden, changes)"
            };
            format!("{path}: {what}")
        }
        (Some(live), Some(proposed)) => format!("{path}: {} -> {}", value(live), value(proposed)),
        (None, Some(proposed)) => format!("{path}: {} is set", value(proposed)),
        (Some(live), None) => format!("{path}: {} goes away", value(live)),
        (None, None) => format!("{path}: no value"),
    }
}

fn value(shown: &Shown) -> String {
    let Shown::Value(value) = shown else {
        return "(hidden)".to_owned();
    };
    let text = value.to_string();
    if text.chars().count() <= MAX_VALUE_CHARS {
        return text;
    }
    let start: String = text.chars().take(MAX_VALUE_CHARS).collect();
    format!("{start}\u{2026}")
}

fn section(text: &mut String, title: &str, lines: impl Iterator<Item = String>) {
    let mut lines = lines.peekable();
    if lines.peek().is_some() {
        text.push_str(&format!("\n{title}\n"));
    }
    for line in lines {
        text.push_str(&format!("  {line}\n"));
    }
}

/// `Plan: 3 to create, 1 to change, 2 unchanged.`
fn summary(plan: &Plan) -> String {
    let counts = ACTIONS.iter().filter_map(|(action, _, words)| {
        let n = plan
            .objects
            .iter()
            .filter(|object| object.action == *action)
            .count();
        (n > 0).then(|| format!("{n} {words}"))
    });
    let counts: Vec<String> = counts.collect();
    match counts.as_slice() {
        [] => "Plan: no objects.".to_owned(),
        counts => format!("Plan: {}.", counts.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use model::plan::{Conflict, PlanWarning, PlannedHook};
    use serde_json::json;

    use super::super::tests::{object, plan as planned};
    use super::*;

    #[test]
    fn a_plan_reads_from_top_to_bottom() {
        let change = |path: &str, live, proposed| FieldChange {
            path: path.to_owned(),
            applied: None,
            live,
            proposed,
        };
        let mut config = object("config", PlannedAction::Change);
        config.fields = vec![
            change(
                "data.a",
                Some(Shown::Value(json!(1))),
                Some(Shown::Value(json!(2))),
            ),
            change("data.b", None, Some(Shown::Value(json!("x")))),
            change("data.c", Some(Shown::Value(json!("y".repeat(200)))), None),
            change(
                "data.d",
                Some(Shown::Redacted { same_as_live: true }),
                Some(Shown::Redacted { same_as_live: false }),
            ),
        ];
        config.conflicts = vec![Conflict {
            manager: "kubectl".to_owned(),
            fields: vec!["data.a".to_owned()],
        }];
        let objects = vec![
            config,
            object("same", PlannedAction::Unchanged),
            object("old", PlannedAction::Delete),
            object("new", PlannedAction::Create),
        ];
        let mut wanted = planned(OperationKind::Upgrade, objects);
        wanted.hooks = vec![PlannedHook {
            event: "pre-upgrade".to_owned(),
            name: "check".to_owned(),
            kind: "Job".to_owned(),
            weight: 0,
            path: "web/templates/check.yaml".to_owned(),
        }];
        wanted.warnings = vec![PlanWarning {
            topic: "deprecated".to_owned(),
            message: "It is old.".to_owned(),
            prevents: false,
        }];
        let text = plan(&wanted);
        let long = format!("\"{}\u{2026}", "y".repeat(119));
        assert_eq!(
            text,
            format!(
                "Upgrade web in namespace shop: revision 2 after 1\n\n  + ConfigMap shop/new\n  ~ ConfigMap shop/config\n      \
                 data.a: 1 -> 2\n      data.b: \"x\" is set\n      data.c: {long} goes away\n      data.d: (hidden, \
                 changes)\n      set by kubectl: data.a\n  - ConfigMap shop/old\n\nHooks, in order:\n  pre-upgrade: Job \
                 check\n\nWarnings:\n  It is old.\n\nPlan: 1 to create, 1 to change, 1 to delete, 1 unchanged.\nTo do \
                 exactly this: --plan-hash abc\n"
            )
        );
        wanted.is_prevented = true;
        assert!(plan(&wanted).ends_with("It would not work as things are.\n"));
    }
}
