//! `chartroom plan`: what an operation would do, for people and programs. Nothing is changed.

mod words;

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};
use helm::output::Format;
use model::operation::OperationKind;
use model::plan::{Plan, PlannedAction};

use super::releases::OutputFlag;
use super::{Global, changes, terminal};

/// Show what an installation, upgrade, rollback or uninstallation would do, and change nothing
#[derive(Subcommand)]
pub(super) enum Command {
    /// Show what `chartroom install` would do
    Install(Box<Planned<changes::Install>>),
    /// Show what `chartroom upgrade` would do
    Upgrade(Box<Planned<changes::Upgrade>>),
    /// Show what `chartroom rollback` would do
    Rollback(Box<Formatted<changes::Rollback>>),
    /// Show what `chartroom uninstall` would do
    Uninstall(Box<Formatted<changes::Uninstall>>),
}

/// A command that has a format of its own.
#[derive(Args)]
pub(super) struct Planned<C: Args> {
    #[command(flatten)]
    command: C,
    #[command(flatten)]
    exit: ExitFlag,
}

/// A command that prints no release, and gets a format for its plan.
#[derive(Args)]
pub(super) struct Formatted<C: Args> {
    #[command(flatten)]
    planned: Planned<C>,
    #[command(flatten)]
    output: OutputFlag,
}

#[derive(Args)]
struct ExitFlag {
    /// End with 2 if something would change and with 0 if nothing would
    #[arg(long)]
    detailed_exitcode: bool,
}

/// A plan that shows that the operation would fail ends with 1.
pub(super) async fn run(global: &Global, command: Command) -> Result<ExitCode> {
    let (plan, format, exit) = match &command {
        Command::Install(planned) => {
            let command = &planned.command;
            (command.plan(global).await, command.format(), &planned.exit)
        }
        Command::Upgrade(planned) => {
            let command = &planned.command;
            (command.plan(global).await, command.format(), &planned.exit)
        }
        Command::Rollback(formatted) => {
            let planned = &formatted.planned;
            (
                planned.command.plan().await,
                formatted.output.format(),
                &planned.exit,
            )
        }
        Command::Uninstall(formatted) => {
            let planned = &formatted.planned;
            (
                planned.command.plan().await,
                formatted.output.format(),
                &planned.exit,
            )
        }
    };
    let plan = plan?;
    terminal::write(&match format {
        Format::Table => words::plan(&plan),
        Format::Json => {
            let json = serde_json::to_string(&plan).context("writing the plan")?;
            format!("{json}\n")
        }
        Format::Yaml => yaml(&plan)?,
    });
    if plan.is_prevented {
        return Ok(ExitCode::FAILURE);
    }
    Ok(match exit.detailed_exitcode && changes_something(&plan) {
        true => ExitCode::from(2),
        false => ExitCode::SUCCESS,
    })
}

/// Whether anything in the cluster would be another than it is, beside the record of a new revision.
fn changes_something(plan: &Plan) -> bool {
    // A release comes into being, or ceases to be, whatever becomes of its objects.
    let is_whole = matches!(plan.operation, OperationKind::Install | OperationKind::Uninstall);
    let is_change = |action| !matches!(action, PlannedAction::Unchanged);
    is_whole || plan.objects.iter().any(|object| is_change(object.action))
}

fn yaml(plan: &Plan) -> Result<String> {
    let json = serde_json::to_value(plan).context("writing the plan")?;
    let tree = helm::values::Tree::from_json(&json).to_value();
    let yaml = engine::yaml::encode(&tree, usize::MAX);
    Ok(format!(
        "{}\n",
        yaml.map_err(|error| anyhow::anyhow!(error.to_string()))?
    ))
}

#[cfg(test)]
pub(super) mod tests {
    use model::plan::{Plan, PlannedObject};

    use super::*;

    pub(super) fn object(name: &str, action: PlannedAction) -> PlannedObject {
        PlannedObject {
            api_version: "v1".to_owned(),
            kind: "ConfigMap".to_owned(),
            namespace: Some("shop".to_owned()),
            name: name.to_owned(),
            action,
            fixed_fields: Vec::new(),
            fields: Vec::new(),
            conflicts: Vec::new(),
            problem: None,
        }
    }

    pub(super) fn plan(operation: OperationKind, objects: Vec<PlannedObject>) -> Plan {
        Plan {
            hash: "abc".to_owned(),
            operation,
            name: "web".to_owned(),
            namespace: "shop".to_owned(),
            revision: 2,
            from_revision: Some(1),
            objects,
            hooks: Vec::new(),
            notes: String::new(),
            warnings: Vec::new(),
            missing_rights: Vec::new(),
            role_yaml: None,
            manifest: String::new(),
            is_prevented: false,
        }
    }

    #[test]
    fn only_what_changes_counts_as_a_change() {
        use PlannedAction as A;
        for (operation, actions, want) in [
            (OperationKind::Upgrade, &[A::Unchanged, A::Unchanged][..], false),
            (OperationKind::Upgrade, &[A::Unchanged, A::Delete], true),
            (OperationKind::Rollback, &[A::Keep], true),
            (OperationKind::Rollback, &[], false),
            (OperationKind::Install, &[A::Unchanged], true),
            (OperationKind::Uninstall, &[], true),
        ] {
            let objects = actions.iter().map(|action| object("a", *action)).collect();
            assert_eq!(
                changes_something(&plan(operation, objects)),
                want,
                "{operation:?} {actions:?}"
            );
        }
    }
}
