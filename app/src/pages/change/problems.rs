//! What did not work, at the top of the page, with the way to where it can be mended.

use leptos::prelude::*;

use super::{Change, Subject};
use crate::components::form::sentence;
use crate::components::notice::Notice;
use crate::components::problem::Roles;
use crate::error::AppError;
use crate::routes::Links;

/// Fields that have a place on the page, and what they are called there.
const FIELDS: [(&str, &str); 9] = [
    ("cluster", "Cluster"),
    ("namespace", "Namespace"),
    ("name", "Name"),
    ("chart", "Chart of the catalog"),
    ("version", "Version of the chart"),
    ("timeout_secs", "Time for each step that waits"),
    ("history_max", "Revisions to keep"),
    ("description", "Description"),
    ("labels", "Labels"),
];

pub(super) fn summary(change: &Change) -> Option<AnyView> {
    let error = change.error.as_ref()?;
    if change.render_problem().is_some() {
        let view = view! {
            <Notice status="danger">
                "The chart does not render with these values. " <a href="#preview">"What is wrong"</a>
            </Notice>
        };
        return Some(view.into_any());
    }
    let operation = error.operation.as_ref().map(|id| {
        let to = Links::here().operation(id);
        view! { " " <a href=to>"How far it is"</a> "." }
    });
    let roles = error
        .role_yaml
        .clone()
        .map(|yaml| view! { <Roles yaml=yaml id="change-roles".to_owned() /> });
    let words = words(change, error);
    let view = view! {
        <Notice status="danger">{words} {operation}</Notice>
        {roles}
    };
    Some(view.into_any())
}

fn words(change: &Change, error: &AppError) -> AnyView {
    if let Some(taken) = &change.taken
        && matches!(change.subject, Subject::Install)
    {
        let id = change.release();
        let links = Links::here();
        let text = format!(
            "Namespace {} has a release {} already: revision {}, {}. Choose another name, or ",
            id.namespace, id.name, taken.revision, taken.status
        );
        let to = links.release_upgrade(&id, None);
        return view! { {text} <a href=to>"upgrade that one"</a> "." }.into_any();
    }
    let field = error.field.as_deref();
    let field = FIELDS.into_iter().find(|(name, _)| Some(*name) == field);
    match field {
        // The chart can only be chosen where it is not known.
        Some(("chart", _)) if change.chart.is_some() => sentence(error).into_any(),
        Some((name, label)) => {
            let message = error.message.strip_prefix(name).unwrap_or(&error.message);
            let message = message.trim_start_matches([':', ' ']).to_owned();
            let to = format!("#change-{name}");
            view! { <a href=to>{label}</a> ": " {message} "." }.into_any()
        }
        None => sentence(error).into_any(),
    }
}
