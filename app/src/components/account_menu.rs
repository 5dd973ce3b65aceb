//! Who is signed in, and the way out; or the way in.
//!
//! It is an element that opens by itself, and a form: both work before any script runs, and without one.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::icon::Icon;
use crate::api::visitor;
use crate::routes::{Links, Route};

/// The end of the bar.
#[component]
pub(crate) fn AccountMenu() -> impl IntoView {
    let links = Links::here();
    let visitor = visitor();
    if visitor.name.is_empty() {
        return view! { <SignInLink /> }.into_any();
    }
    let admin = visitor.is_admin.then(|| {
        view! {
            <a href=links.accounts()>"Users"</a>
            <a href=links.audit(None, "")>"Audit log"</a>
        }
    });
    view! {
        <details class="account-menu">
            <summary aria-label="Account">
                <Icon name="user" />
                <span class="account-menu__name">{visitor.name.clone()}</span>
            </summary>
            <div class="account-menu__panel">
                <p>"Signed in as " <strong>{visitor.name}</strong></p>
                <a href=links.account()>"Account"</a>
                {admin}
                <form method="post" action=links.sign_out()>
                    <input type="hidden" name="form_token" value=visitor.form_token />
                    <button>"Sign out"</button>
                </form>
            </div>
        </details>
    }
    .into_any()
}

/// Leads to the form, and from there back to the page that is shown.
#[component]
fn SignInLink() -> impl IntoView {
    let links = Links::here();
    let location = use_location();
    let href = move || {
        let path = location.pathname.get();
        let is_way_in = matches!(
            Route::parse(links.strip(&path).unwrap_or(&path)),
            Route::SignIn | Route::Setup | Route::Home
        );
        if is_way_in {
            return links.sign_in("");
        }
        let search = location.search.get();
        let mark = if search.is_empty() { "" } else { "?" };
        links.sign_in(&format!("{path}{mark}{}", search.trim_start_matches('?')))
    };
    view! {
        <a class="sign-in-link" href=href>
            <Icon name="user" />
            <span>"Sign in"</span>
        </a>
    }
}
