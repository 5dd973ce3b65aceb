//! A plan in plain words.

use model::plan::{Plan, PlannedAction, PlannedObject};

use super::GROUPS;
use crate::format::{count, number};

/// `2 objects will be changed, 1 deleted; 1 hook runs. 12 stay as they are.`
pub(crate) fn summary(plan: &Plan) -> String {
    let n = |action: PlannedAction| {
        let objects = plan.objects.iter().filter(|object| object.action == action);
        objects.count() as u64
    };
    let mut clauses: Vec<String> = Vec::new();
    let mut said = "";
    for action in GROUPS {
        let of_action = n(action);
        if of_action == 0 || action == PlannedAction::Unchanged {
            continue;
        }
        let (becomes, auxiliary) = (becomes(action), auxiliary(action));
        clauses.push(if clauses.is_empty() {
            format!("{} {auxiliary} {becomes}", count(of_action, "object"))
        } else if auxiliary == said {
            format!("{} {becomes}", number(of_action))
        } else {
            format!("{} {auxiliary} {becomes}", number(of_action))
        });
        said = auxiliary;
    }
    let mut out = if clauses.is_empty() {
        "No object in the cluster changes".to_owned()
    } else {
        clauses.join(", ")
    };
    match plan.hooks.len() {
        0 => {}
        1 => out.push_str("; 1 hook runs"),
        n => out.push_str(&format!("; {n} hooks run")),
    }
    out.push('.');
    match n(PlannedAction::Unchanged) {
        0 => {}
        1 => out.push_str(" 1 stays as it is."),
        n => out.push_str(&format!(" {} stay as they are.", number(n))),
    }
    out
}

fn auxiliary(action: PlannedAction) -> &'static str {
    match action {
        PlannedAction::Recreate => "would have to be",
        _ => "will be",
    }
}

fn becomes(action: PlannedAction) -> &'static str {
    match action {
        PlannedAction::Create => "created",
        PlannedAction::Change => "changed",
        PlannedAction::Recreate => "recreated",
        PlannedAction::Delete => "deleted",
        PlannedAction::Keep => "left behind in the cluster",
        PlannedAction::Unchanged => "left as they are",
        PlannedAction::Adopt => "taken over",
    }
}

pub(super) fn heading(action: PlannedAction) -> &'static str {
    match action {
        PlannedAction::Create => "Will be created",
        PlannedAction::Change => "Will be changed",
        PlannedAction::Recreate => "Would have to be recreated",
        PlannedAction::Delete => "Will be deleted",
        PlannedAction::Keep => "Leave the release and stay in the cluster",
        PlannedAction::Unchanged => "Stay as they are",
        PlannedAction::Adopt => "Are there already and become part of the release",
    }
}

pub(super) fn id(action: PlannedAction) -> &'static str {
    match action {
        PlannedAction::Create => "create",
        PlannedAction::Change => "change",
        PlannedAction::Recreate => "recreate",
        PlannedAction::Delete => "delete",
        PlannedAction::Keep => "keep",
        PlannedAction::Unchanged => "unchanged",
        PlannedAction::Adopt => "adopt",
    }
}

/// Why an object would make the operation fail.
pub(super) fn obstacle(object: &PlannedObject) -> Option<String> {
    let name = format!("{} {}", object.kind, object.name);
    if let Some(problem) = &object.problem {
        return Some(format!("{name}: {problem}"));
    }
    if !object.fixed_fields.is_empty() {
        let fields = object.fixed_fields.join(", ");
        return Some(format!(
            "{name}: {fields} cannot be changed once it is there; it would have to be deleted first."
        ));
    }
    let managers: Vec<&str> = object
        .conflicts
        .iter()
        .map(|conflict| conflict.manager.as_str())
        .collect();
    (!managers.is_empty()).then(|| {
        format!(
            "{name}: {} set by {}, which would be overruled.",
            fields_are(
                object
                    .conflicts
                    .iter()
                    .map(|conflict| conflict.fields.len())
                    .sum()
            ),
            managers.join(" and ")
        )
    })
}

fn fields_are(n: usize) -> String {
    if n == 1 {
        "1 field is".to_owned()
    } else {
        format!("{n} fields are")
    }
}

#[cfg(test)]
mod tests {
    use model::operation::OperationKind;
    use model::plan::{Plan, PlannedAction, PlannedHook, PlannedObject};

    use super::summary;

    fn plan(actions: &[PlannedAction], n_hooks: usize) -> Plan {
        let object = |action: &PlannedAction| PlannedObject {
            api_version: "v1".to_owned(),
            kind: "Service".to_owned(),
            namespace: None,
            name: "web".to_owned(),
            action: *action,
            fixed_fields: Vec::new(),
            fields: Vec::new(),
            conflicts: Vec::new(),
            problem: None,
        };
        let hook = PlannedHook {
            event: "pre-rollback".to_owned(),
            name: "check".to_owned(),
            kind: "Job".to_owned(),
            weight: 0,
            path: String::new(),
        };
        Plan {
            hash: String::new(),
            operation: OperationKind::Rollback,
            name: "web".to_owned(),
            namespace: "shop".to_owned(),
            revision: 2,
            from_revision: Some(1),
            objects: actions.iter().map(object).collect(),
            hooks: vec![hook; n_hooks],
            notes: String::new(),
            warnings: Vec::new(),
            missing_rights: Vec::new(),
            role_yaml: None,
            manifest: String::new(),
            is_prevented: false,
        }
    }

    #[test]
    fn plans_are_told_in_a_sentence() {
        use PlannedAction::{Change, Create, Delete, Recreate, Unchanged};
        let rows: [(&[PlannedAction], usize, &str); 5] = [
            (
                &[Change, Delete, Change],
                1,
                "1 object will be deleted, 2 changed; 1 hook runs.",
            ),
            (&[Create], 0, "1 object will be created."),
            (
                &[Recreate, Create, Unchanged],
                2,
                "1 object would have to be recreated, 1 will be created; 2 hooks run. 1 stays as it is.",
            ),
            (
                &[Unchanged, Unchanged],
                0,
                "No object in the cluster changes. 2 stay as they are.",
            ),
            (&[], 1, "No object in the cluster changes; 1 hook runs."),
        ];
        for (actions, n_hooks, want) in rows {
            assert_eq!(summary(&plan(actions, n_hooks)), want);
        }
    }
}
