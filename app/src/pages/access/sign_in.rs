//! `/sign-in`, and the same form in the place of a page that only users see.
//!
//! What was typed into a form whose session has ended is carried along in hidden fields, each with [`CARRIED`] before its
//! name, and is in its form again afterwards. Fields that are secret are never among them: they are not shown again.

use leptos::prelude::*;

use super::super::{Page, Request};
use crate::api::{FormOutcome, form_outcome};
use crate::components::form::{Field, FormToken, why_not};
use crate::components::notice::Notice;
use crate::error::AppError;
use crate::routes::{Links, query_value};

/// What the names of fields that are carried along begin with.
pub const CARRIED: &str = "carried.";

/// What a field is carried along as.
type Carried = Vec<(String, String)>;

pub(in crate::pages) async fn sign_in(request: &Request, search: &str) -> Result<Page, AppError> {
    let outcome = form_outcome();
    let to = match outcome.typed("to") {
        typed if !typed.is_empty() => typed,
        _ => query_value(search, "to").unwrap_or_default(),
    };
    let is_set_up = request.backend.accounts().is_set_up().await?;
    let carried = outcome
        .typed
        .iter()
        .filter(|(name, _)| name.starts_with(CARRIED))
        .cloned()
        .collect();
    Ok(show(request.viewer.name(), &to, is_set_up, None, carried, &outcome).answering(&outcome))
}

/// In the place of the page at `path`.
pub(in crate::pages) async fn instead(request: &Request, path: &str, search: &str) -> Page {
    let mark = if search.is_empty() || search.starts_with('?') {
        ""
    } else {
        "?"
    };
    // Whether it can be answered decides one sentence, not whether the form is shown.
    let is_set_up = request.backend.accounts().is_set_up().await.unwrap_or(true);
    let typed = form_outcome().typed.into_iter();
    let carried: Carried = typed
        .map(|(name, value)| (format!("{CARRIED}{name}"), value))
        .collect();
    let why = match carried.is_empty() {
        true => "Only users see this page.",
        false => "That is for users. What you have typed is there again when you have signed in.",
    };
    let page = show(
        None,
        &format!("{path}{mark}{search}"),
        is_set_up,
        Some(why),
        carried,
        &FormOutcome::default(),
    );
    Page { status: 401, ..page }
}

pub(in crate::pages) fn show(
    signed_in_as: Option<&str>,
    to: &str,
    is_set_up: bool,
    why: Option<&'static str>,
    carried: Carried,
    outcome: &FormOutcome,
) -> Page {
    let carried = carried
        .into_iter()
        .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
        .collect_view();
    let links = Links::here();
    let no_user = (!is_set_up).then(|| {
        view! {
            <Notice status="info">
                "There is no user yet. The server printed a link that makes the first one when it started; on the server, "
                <code>"chartroom user add NAME --role admin"</code>" does it, too."
            </Notice>
        }
    });
    let already = signed_in_as
        .map(|name| view! { <Notice status="info">{format!("You are signed in as {name}.")}</Notice> });
    let view = view! {
        <section class="way-in">
            <h1>"Sign in"</h1>
            {why.map(|why| view! { <p class="way-in__lead">{why}</p> })}
            {no_user}
            {already}
            {why_not(outcome)}
            <form class="form" method="post" action=links.sign_in("")>
                <FormToken />
                <input type="hidden" name="to" value=to.to_owned() />
                {carried}
                <Field
                    label="Name"
                    name="name"
                    id="sign-in-name".to_owned()
                    value=outcome.typed("name")
                    autocomplete="username"
                    autofocus=true
                />
                <Field
                    label="Password"
                    name="password"
                    id="sign-in-password".to_owned()
                    kind="password"
                    autocomplete="current-password"
                />
                <button class="button button--primary">"Sign in"</button>
            </form>
        </section>
    };
    let description = "Sign in to see and change releases.".to_owned();
    Page::new("Sign in", description, links.sign_in(""), view.into_any())
}
