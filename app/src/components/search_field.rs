//! The search field: a plain form that leads to the catalog and works by itself.
//!
//! Once the application has taken over, `behaviours` follows it without loading the document anew. When somebody first
//! comes to it, the document loads `frontend/search/suggest.js`, which shows below it what `suggestions` writes.

use leptos::prelude::*;

use super::icon::Icon;
use crate::routes::Links;

#[component]
pub(crate) fn SearchField(
    /// What a screen reader calls it.
    label: &'static str,
    /// The words that were searched for.
    #[prop(optional, into)]
    value: Signal<String>,
    /// Tells this field from others of the page.
    name: &'static str,
    /// Shows the key that focuses it.
    #[prop(optional)]
    hint: bool,
) -> impl IntoView {
    let links = Links::here();
    view! {
        <form
            class="search-field"
            role="search"
            method="get"
            action=links.charts()
            aria-label=label
            data-suggest=links.suggestions()
        >
            <Icon name="search" />
            <input
                type="search"
                name="q"
                id=format!("_{name}")
                aria-label=label
                placeholder="Search charts"
                autocomplete="off"
                spellcheck="false"
                value=move || value.get()
                prop:value=move || value.get()
            />
            {hint.then(|| view! { <kbd class="search-field__hint" aria-hidden="true">"/"</kbd> })}
        </form>
    }
}
