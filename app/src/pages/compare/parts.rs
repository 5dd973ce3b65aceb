//! What differs and is told in rows: values, rights, images, definitions, and what `Chart.yaml` says.

use leptos::prelude::*;
use model::review::{
    ComparisonPart, CrdChange, DefaultValue, FactChange, ImageChange, PermissionChange, ValueChange,
    ValueChangeKind, ValueChanges,
};

use super::super::releases::compare::word;
use crate::components::mark::{Look, Mark};
use crate::components::notice::Notice;
use crate::format::{count, number};

/// A section, where there is something in it.
pub(super) fn section(
    part: ComparisonPart,
    heading: &'static str,
    n: usize,
    noun: &str,
    body: AnyView,
) -> AnyView {
    let facts = (!noun.is_empty()).then(|| view! { <p class="muted">{count(n as u64, noun)}</p> });
    view! {
        <section class="section" id=part.as_str()>
            <header class="section__head">
                <h2>{heading}</h2>
                {facts}
            </header>
            {body}
        </section>
    }
    .into_any()
}

/// A table whose rows become blocks of lines where there is no room.
fn table(heads: &[&'static str], rows: Vec<AnyView>) -> AnyView {
    let heads = heads
        .iter()
        .map(|head| view! { <th scope="col">{*head}</th> })
        .collect_view();
    view! {
        <div class="table-scroll" tabindex="0">
            <table class="data-table data-table--stacked compare__table">
                <thead>
                    <tr>{heads}</tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

pub(super) fn values(values: ValueChanges) -> Option<AnyView> {
    let part = ComparisonPart::Values;
    if let Some(problem) = values.problem {
        let body = view! { <Notice status="warn">{problem}</Notice> }.into_any();
        return Some(section(part, "Default values", 0, "", body));
    }
    if values.changes.is_empty() {
        return None;
    }
    let n = values.changes.len() + values.n_left_out;
    let more = (values.n_left_out > 0).then(|| {
        let text = format!(
            "{} more differ and are not listed.",
            number(values.n_left_out as u64)
        );
        view! { <p class="muted section__note">{text}</p> }
    });
    let rows = values.changes.into_iter().map(value).collect();
    let table = table(&["What", "Key", "Before", "After"], rows);
    let body = view! {
        {table}
        {more}
    };
    Some(section(part, "Default values", n, "key", body.into_any()))
}

fn value(change: ValueChange) -> AnyView {
    let (status, icon, said) = match change.change {
        ValueChangeKind::Removed => ("danger", "minus", "removed"),
        ValueChangeKind::Retyped => ("warn", "alert", "other type"),
        ValueChangeKind::DefaultChanged => ("info", "edit", "other default"),
        ValueChangeKind::Added => ("ok", "add", "added"),
    };
    let below = (change.n_below > 0).then(|| {
        let n_more = change.n_below.saturating_sub(change.below.len());
        let keys = change
            .below
            .into_iter()
            .map(|key| {
                view! {
                    <li>
                        <code>{key}</code>
                    </li>
                }
            })
            .collect_view();
        let more = (n_more > 0)
            .then(|| view! { <li class="muted">{format!("{} more", number(n_more as u64))}</li> });
        view! {
            <details class="compare__below">
                <summary>{count(change.n_below as u64, "key")}" below it"</summary>
                <ul>{keys} {more}</ul>
            </details>
        }
    });
    let is_retyped = change.change == ValueChangeKind::Retyped;
    let description = (!change.description.is_empty())
        .then(|| view! { <span class="compare__description">{change.description}</span> });
    view! {
        <tr>
            <td>
                <Mark look=Look { status, icon } word=said />
            </td>
            <td class="compare__key">
                <code>{change.path}</code>
                {description}
                {below}
            </td>
            {default(change.before, "was", is_retyped)}
            {default(change.after, "is", is_retyped)}
        </tr>
    }
    .into_any()
}

fn default(value: Option<DefaultValue>, label: &'static str, with_type: bool) -> AnyView {
    let Some(value) = value.filter(|value| !value.text.is_empty() || with_type) else {
        return view! { <td></td> }.into_any();
    };
    let text = (!value.text.is_empty()).then(|| view! { <code>{value.text}</code> });
    let kind = with_type.then(|| view! { <span class="compare__description">{value.kind}</span> });
    view! { <td class="compare__default" data-label=label>{text} {kind}</td> }.into_any()
}

pub(super) fn permissions(changes: Vec<PermissionChange>) -> Option<AnyView> {
    if changes.is_empty() {
        return None;
    }
    let n = changes.len();
    let rows = changes.into_iter().map(permission).collect();
    let table = table(&["Rights", "With", "Where"], rows);
    Some(section(
        ComparisonPart::Permissions,
        "Rights in the cluster",
        n,
        "resource",
        table,
    ))
}

fn permission(change: PermissionChange) -> AnyView {
    let verbs = |verbs: Vec<String>, status: &'static str, icon: &'static str, said: &'static str| {
        (!verbs.is_empty()).then(|| {
            let words = match verbs.as_slice() {
                [all] if all == "*" => "everything".to_owned(),
                verbs => verbs.join(", "),
            };
            view! {
                <p>
                    <Mark look=Look { status, icon } word=said />
                    " "
                    {words}
                </p>
            }
        })
    };
    let what = resource(&change.group, &change.resource);
    let names = (!change.names.is_empty()).then(
        || view! { <span class="compare__description">{format!("named {}", change.names.join(", "))}</span> },
    );
    let place = if change.is_cluster_wide {
        "in the whole cluster"
    } else {
        "in its namespace"
    };
    view! {
        <tr>
            <td class="compare__rights">
                {verbs(change.added, "warn", "add", "new")} {verbs(change.removed, "ok", "minus", "no longer")}
            </td>
            <td class="compare__key">
                <code>{what}</code>
                {names}
            </td>
            <td>{place}</td>
        </tr>
    }
    .into_any()
}

/// `deployments.apps`, as `kubectl` writes it.
pub(in crate::pages) fn resource(group: &str, resource: &str) -> String {
    match (group, resource) {
        ("", resource) => resource.to_owned(),
        ("*", "*") => "everything".to_owned(),
        (group, resource) => format!("{resource}.{group}"),
    }
}

pub(super) fn images(changes: Vec<ImageChange>) -> Option<AnyView> {
    if changes.is_empty() {
        return None;
    }
    let n = changes.len();
    let version = |version: Option<String>, label: &'static str| match version {
        None => view! { <td></td> }.into_any(),
        Some(version) => {
            let version = match version.as_str() {
                "" => view! { <span class="muted">"no version"</span> }.into_any(),
                version => view! { <code>{version.to_owned()}</code> }.into_any(),
            };
            view! { <td class="compare__default" data-label=label>{version}</td> }.into_any()
        }
    };
    let rows = changes
        .into_iter()
        .map(|change| {
            view! {
                <tr>
                    <td class="compare__key">
                        <code>{change.name}</code>
                    </td>
                    {version(change.before, "was")}
                    {version(change.after, "is")}
                </tr>
            }
            .into_any()
        })
        .collect();
    let table = table(&["Image", "Before", "After"], rows);
    Some(section(ComparisonPart::Images, "Images", n, "image", table))
}

pub(super) fn crds(changes: Vec<CrdChange>) -> Option<AnyView> {
    if changes.is_empty() {
        return None;
    }
    let n = changes.len();
    let rows = changes
        .into_iter()
        .map(|change| {
            view! {
                <tr>
                    <td>
                        <Mark look=Look::of_change(change.change) word=word(change.change) />
                    </td>
                    <td class="compare__key">
                        <code>{change.name}</code>
                    </td>
                    <td class="compare__default" data-label="served">{change.before.join(", ")}</td>
                    <td class="compare__default" data-label="now">{change.after.join(", ")}</td>
                </tr>
            }
            .into_any()
        })
        .collect();
    let table = table(&["What", "Definition", "Versions before", "Versions after"], rows);
    let heading = "Custom resource definitions";
    Some(section(ComparisonPart::Crds, heading, n, "definition", table))
}

pub(super) fn facts(changes: Vec<FactChange>) -> Option<AnyView> {
    if changes.is_empty() {
        return None;
    }
    let n = changes.len();
    let rows = changes
        .into_iter()
        .map(|change| {
            view! {
                <tr>
                    <td>{change.name}</td>
                    <td class="compare__fact" data-label="was">{change.before}</td>
                    <td class="compare__fact" data-label="is">{change.after}</td>
                </tr>
            }
            .into_any()
        })
        .collect();
    let table = table(&["Field", "Before", "After"], rows);
    Some(section(
        ComparisonPart::Facts,
        "What Chart.yaml says",
        n,
        "field",
        table,
    ))
}
