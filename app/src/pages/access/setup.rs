//! `/setup`: the first user, by the link that the first start prints.

use backend::secret::SecretString;
use leptos::prelude::*;

use super::super::{Page, Request};
use crate::api::{FormOutcome, form_outcome};
use crate::components::form::{Field, FormToken, why_not};
use crate::components::notice::Notice;
use crate::error::AppError;
use crate::routes::{Links, query_value};

pub(in crate::pages) async fn setup(request: &Request, search: &str) -> Result<Page, AppError> {
    let token = query_value(search, "token").unwrap_or_default();
    let checked = request
        .backend
        .accounts()
        .check_setup_link(&SecretString::new(token.as_str()))
        .await;
    Ok(match checked {
        Ok(()) => show(&token, &form_outcome()),
        Err(error) => refuse(error.into()),
    })
}

pub(in crate::pages) fn show(token: &str, outcome: &FormOutcome) -> Page {
    let links = Links::here();
    let view = view! {
        <section class="way-in">
            <h1>"The first user"</h1>
            <p class="way-in__lead">
                "Whoever is made here may do everything: add other users, give them roles, manage repositories."
            </p>
            {why_not(outcome)}
            <form class="form" method="post" action=links.setup(token)>
                <FormToken />
                <input type="hidden" name="token" value=token.to_owned() />
                <Field
                    label="Name"
                    name="name"
                    id="setup-name".to_owned()
                    value=outcome.typed("name")
                    autocomplete="username"
                    hint="Lower-case letters, digits, and - . _ @ between them"
                    autofocus=true
                />
                <Field
                    label="Password"
                    name="password"
                    id="setup-password".to_owned()
                    kind="password"
                    autocomplete="new-password"
                    hint="At least 12 characters"
                />
                <button class="button button--primary">"Create and sign in"</button>
            </form>
        </section>
    };
    let description = "Makes the first user.".to_owned();
    Page::new("Setup", description, links.path("/setup"), view.into_any()).answering(outcome)
}

fn refuse(error: AppError) -> Page {
    let links = Links::here();
    let status = error.kind.status();
    let outcome = FormOutcome {
        error: Some(error),
        ..FormOutcome::default()
    };
    let view = view! {
        <section class="way-in">
            <h1>"The first user"</h1>
            {why_not(&outcome)}
            <Notice status="info">
                "On the server, "<code>"chartroom user add NAME --role admin"</code>" makes a user at any time."
            </Notice>
            <p>
                <a class="button" href=links.sign_in("")>"Sign in"</a>
            </p>
        </section>
    };
    Page {
        status,
        ..Page::new(
            "Setup",
            "Makes the first user.".to_owned(),
            links.path("/setup"),
            view.into_any(),
        )
    }
}
