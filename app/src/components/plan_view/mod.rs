//! What an operation would do, in plain words first, then object by object.
//!
//! It says and does nothing more: the form that applies the plan belongs to the page around it.

mod object;
mod words;

use leptos::prelude::*;
use model::plan::{Plan, PlannedAction, PlannedHook, PlannedObject};

use super::icon::Icon;
use super::mark::Look;
use super::problem::Roles;
use crate::format::count;

pub(crate) use object::{Columns, Objects};
pub(crate) use words::summary;

/// The order in which groups are read: what can go wrong or be lost first.
const GROUPS: [PlannedAction; 7] = [
    PlannedAction::Recreate,
    PlannedAction::Delete,
    PlannedAction::Change,
    PlannedAction::Adopt,
    PlannedAction::Create,
    PlannedAction::Keep,
    PlannedAction::Unchanged,
];

/// The whole plan.
#[component]
pub(crate) fn PlanView(plan: Plan) -> impl IntoView {
    let summary = summary(&plan);
    let obstacles = obstacles(&plan);
    let warnings = warnings(&plan);
    let groups = groups(plan.objects, &plan.namespace);
    let hooks = (!plan.hooks.is_empty()).then(|| {
        view! {
            <section class="section">
                <header class="section__head">
                    <h2>"Hooks"</h2>
                </header>
                <Hooks hooks=plan.hooks />
            </section>
        }
    });
    view! {
        <div class="plan">
            <p class="plan__summary">{summary}</p>
            {obstacles}
            {warnings}
            {groups}
            {hooks}
            {text("plan-notes", "Notes", plan.notes)}
            {text("plan-manifest", "Manifest that is applied", plan.manifest)}
        </div>
    }
}

/// Hooks in the order in which they run.
#[component]
pub(crate) fn Hooks(hooks: Vec<PlannedHook>) -> impl IntoView {
    let rows = hooks
        .into_iter()
        .map(|hook| {
            view! {
                <tr>
                    <td>{hook.event}</td>
                    <td class="data-table__wide">{hook.kind} " " <strong>{hook.name}</strong></td>
                    <td data-label="Weight">{hook.weight}</td>
                    <td class="data-table__wide muted">{hook.path}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="table-scroll" tabindex="0">
            <table class="data-table data-table--stacked">
                <thead>
                    <tr>
                        <th scope="col">"When"</th>
                        <th scope="col">"What runs"</th>
                        <th scope="col">"Weight"</th>
                        <th scope="col">"Template"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

/// Why the operation would fail, all at once.
fn obstacles(plan: &Plan) -> Option<AnyView> {
    let mut reasons: Vec<String> = plan
        .warnings
        .iter()
        .filter(|warning| warning.prevents)
        .map(|warning| warning.message.clone())
        .collect();
    reasons.extend(plan.objects.iter().filter_map(words::obstacle));
    reasons.extend(plan.missing_rights.iter().cloned());
    if reasons.is_empty() && !plan.is_prevented {
        return None;
    }
    if reasons.is_empty() {
        reasons.push("Whether it would work cannot be known: not everything could be asked.".to_owned());
    }
    let heading = if plan.is_prevented {
        "What stands in the way"
    } else {
        "What may stand in the way"
    };
    let roles = plan
        .role_yaml
        .clone()
        .map(|yaml| view! { <Roles yaml=yaml id="plan-roles".to_owned() /> });
    Some(list(heading, "danger", "failed", reasons, roles.into_any()))
}

fn warnings(plan: &Plan) -> Option<AnyView> {
    let messages: Vec<String> = plan
        .warnings
        .iter()
        .filter(|warning| !warning.prevents)
        .map(|warning| warning.message.clone())
        .collect();
    (!messages.is_empty()).then(|| list("Worth knowing", "warn", "alert", messages, ().into_any()))
}

fn list(
    heading: &'static str,
    status: &'static str,
    icon: &'static str,
    sentences: Vec<String>,
    more: AnyView,
) -> AnyView {
    let rows = sentences
        .into_iter()
        .map(|sentence| {
            view! {
                <li data-status=status>
                    <Icon name=icon />
                    <span>{sentence}</span>
                </li>
            }
        })
        .collect_view();
    view! {
        <section class="section">
            <header class="section__head">
                <h2>{heading}</h2>
            </header>
            <ul class="sentences">{rows}</ul>
            {more}
        </section>
    }
    .into_any()
}

fn groups(objects: Vec<PlannedObject>, namespace: &str) -> Option<AnyView> {
    if objects.is_empty() {
        return None;
    }
    let n_objects = objects.len();
    let groups = GROUPS
        .into_iter()
        .filter_map(|action| {
            let of_group: Vec<_> = objects
                .iter()
                .filter(|object| object.action == action)
                .cloned()
                .collect();
            (!of_group.is_empty()).then(|| group(action, of_group, namespace))
        })
        .collect_view();
    let view = view! {
        <section class="section">
            <header class="section__head">
                <h2>"Objects"</h2>
                <p class="muted">{count(n_objects as u64, "object")}</p>
            </header>
            {groups}
        </section>
    };
    Some(view.into_any())
}

fn group(action: PlannedAction, objects: Vec<PlannedObject>, namespace: &str) -> AnyView {
    let look = Look::of_planned(action);
    let heading = format!("{} ({})", words::heading(action), objects.len());
    let id = format!("plan-{}", words::id(action));
    let rows = view! { <Objects objects=objects namespace=namespace.to_owned() id=id.clone() columns=Columns::PLAN /> };
    if action == PlannedAction::Unchanged {
        return view! {
            <details class="disclosure plan__rest" id=id>
                <summary>{heading}</summary>
                {rows}
            </details>
        }
        .into_any();
    }
    view! {
        <div class="plan__group">
            <h3 class="mark" data-status=look.status>
                <Icon name=look.icon />
                {heading}
            </h3>
            {rows}
        </div>
    }
    .into_any()
}

fn text(id: &'static str, label: &'static str, text: String) -> Option<AnyView> {
    (!text.trim().is_empty()).then(|| {
        view! {
            <details class="disclosure" id=id>
                <summary>{label}</summary>
                <div class="code-view code-view--plain" role="region" aria-label=label tabindex="0">
                    <pre>
                        <code>{text}</code>
                    </pre>
                </div>
            </details>
        }
        .into_any()
    })
}
