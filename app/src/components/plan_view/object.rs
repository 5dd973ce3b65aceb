//! Objects of a plan with the fields that change: applied last, there now, there then.

use leptos::prelude::*;
use model::plan::{Conflict, FieldChange, PlannedAction, PlannedObject, Shown};
use serde_json::Value;

use crate::components::icon::Icon;
use crate::format::count;

/// Longer values stand on lines of their own.
const MAX_INLINE: usize = 72;
/// Objects with more fields than these stay folded.
const MAX_OPEN_FIELDS: usize = 12;

/// What the three states of a field are called.
#[derive(Clone, Copy)]
pub(crate) struct Columns {
    pub applied: &'static str,
    pub live: &'static str,
    pub proposed: &'static str,
}

impl Columns {
    pub(crate) const PLAN: Self = Self {
        applied: "Applied last",
        live: "In the cluster",
        proposed: "Will be",
    };
    pub(crate) const DRIFT: Self = Self {
        applied: "The release says",
        live: "In the cluster",
        proposed: "If applied again",
    };
}

/// A list of objects, each unfolding to its fields.
#[component]
pub(crate) fn Objects(
    objects: Vec<PlannedObject>,
    /// The release's own, which is not repeated.
    namespace: String,
    /// Tells this list from others of the page.
    id: String,
    columns: Columns,
) -> impl IntoView {
    let rows = objects
        .into_iter()
        .enumerate()
        .map(|(at, object)| view! { <li>{row(object, &namespace, format!("{id}-{at}"), columns)}</li> })
        .collect_view();
    view! { <ul class="planned-list">{rows}</ul> }
}

fn row(object: PlannedObject, namespace: &str, id: String, columns: Columns) -> AnyView {
    let elsewhere = object
        .namespace
        .as_ref()
        .filter(|own| *own != namespace)
        .map(|own| view! { <span class="muted">{format!("in {own}")}</span> });
    let n_fields = object.fields.len() as u64;
    let facts = (n_fields > 0).then(|| count(n_fields, "field"));
    let title = view! {
        <span class="object__kind">{object.kind.clone()}</span>
        <strong class="object__name">{object.name.clone()}</strong>
        {elsewhere}
        <span class="object__facts">{facts}</span>
    };
    let is_plain = object.fields.is_empty()
        && object.conflicts.is_empty()
        && object.problem.is_none()
        && object.fixed_fields.is_empty();
    if is_plain {
        return view! { <p class="object">{title}</p> }.into_any();
    }
    let is_open = object.fields.len() <= MAX_OPEN_FIELDS && object.action != PlannedAction::Unchanged;
    view! {
        <details class="planned" id=id open=is_open>
            <summary class="object">{title} <Icon name="down" /></summary>
            <div class="planned__body">
                {object.problem.map(|problem| view! { <p class="planned__problem">{problem}</p> })}
                {fixed(&object.fixed_fields)}
                {object.conflicts.iter().map(conflict).collect_view()}
                {fields(object.fields, columns)}
            </div>
        </details>
    }
    .into_any()
}

fn fixed(fields: &[String]) -> Option<AnyView> {
    if fields.is_empty() {
        return None;
    }
    let text = "Fixed once the object is there: ";
    Some(view! { <p class="planned__problem">{text} <code>{fields.join(", ")}</code></p> }.into_any())
}

fn conflict(conflict: &Conflict) -> AnyView {
    let manager = conflict.manager.clone();
    let fields = conflict.fields.join(", ");
    view! { <p class="planned__problem"><strong>{manager}</strong> " also sets " <code>{fields}</code></p> }
        .into_any()
}

fn fields(fields: Vec<FieldChange>, columns: Columns) -> Option<AnyView> {
    if fields.is_empty() {
        return None;
    }
    let rows = fields
        .into_iter()
        .map(|field| field_row(field, columns))
        .collect_view();
    let table = view! {
        <div class="table-scroll" tabindex="0">
            <table class="data-table data-table--stacked fields">
                <thead>
                    <tr>
                        <th scope="col">"Field"</th>
                        <th scope="col">{columns.applied}</th>
                        <th scope="col">{columns.live}</th>
                        <th scope="col">{columns.proposed}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    };
    Some(table.into_any())
}

fn field_row(field: FieldChange, columns: Columns) -> AnyView {
    // Where both are there and differ, somebody else has changed it.
    let is_drifted = field.applied.is_some() && field.live.is_some() && field.applied != field.live;
    let others = is_drifted.then(|| view! { <span class="fields__note">"changed by others"</span> });
    view! {
        <tr>
            <td class="fields__path">
                <code>{breakable(&field.path)}</code>
            </td>
            <td data-label=columns.applied>{value(field.applied.as_ref())}</td>
            <td data-label=columns.live>{value(field.live.as_ref())} {others}</td>
            <td data-label=columns.proposed class="fields__new">
                {value(field.proposed.as_ref())}
            </td>
        </tr>
    }
    .into_any()
}

/// Paths may break before their dots and brackets.
fn breakable(path: &str) -> String {
    path.replace('.', "\u{200b}.").replace('[', "\u{200b}[")
}

fn value(shown: Option<&Shown>) -> AnyView {
    let text = match shown {
        None => return view! { <span class="muted">"not set"</span> }.into_any(),
        Some(Shown::Redacted { same_as_live: true }) => {
            return view! { <span class="muted">"secret, as it is there"</span> }.into_any();
        }
        Some(Shown::Redacted { same_as_live: false }) => {
            return view! { <span class="muted">"secret, another one"</span> }.into_any();
        }
        Some(Shown::Value(value)) => written(value),
    };
    if text.len() > MAX_INLINE || text.contains('\n') {
        return view! { <pre class="fields__long" tabindex="0"><code>{text}</code></pre> }.into_any();
    }
    view! { <code>{text}</code> }.into_any()
}

/// Strings as they are, unless they would be taken for something else.
fn written(value: &Value) -> String {
    match value {
        Value::String(text) if !text.is_empty() && !is_other(text) => text.clone(),
        Value::Object(_) | Value::Array(_) => {
            let short = value.to_string();
            if short.len() <= MAX_INLINE {
                return short;
            }
            serde_json::to_string_pretty(value).unwrap_or(short)
        }
        other => other.to_string(),
    }
}

fn is_other(text: &str) -> bool {
    !matches!(
        serde_json::from_str(text),
        Err(_) | Ok(Value::Object(_) | Value::Array(_))
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::written;

    #[test]
    fn texts_and_numbers_are_told_apart() {
        let rows = [
            (json!("nginx:1.27"), "nginx:1.27"),
            (json!("3"), "\"3\""),
            (json!(3), "3"),
            (json!("true"), "\"true\""),
            (json!(""), "\"\""),
            (json!(null), "null"),
            (json!(["a", "b"]), "[\"a\",\"b\"]"),
        ];
        for (value, want) in rows {
            assert_eq!(written(&value), want);
        }
    }
}
