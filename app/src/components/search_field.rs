//! The search field: a plain form that works by itself.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::icon::Icon;
use crate::routes::Links;

/// A form that leads to the catalog.
#[component]
pub fn SearchField(
    /// What a screen reader calls it.
    label: &'static str,
    #[prop(into)] value: Signal<String>,
    /// Tells this field from others of the page.
    name: &'static str,
    /// Shows the key that focuses it.
    #[prop(optional)]
    hint: bool,
) -> impl IntoView {
    let links = Links::here();
    let navigate = use_navigate();
    let input = NodeRef::<leptos::html::Input>::new();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if let Some(input) = input.get_untracked() {
            let words = input.value();
            let words = words.trim();
            let to = if words.is_empty() {
                links.charts()
            } else {
                links.search(words)
            };
            navigate(
                &to,
                NavigateOptions {
                    resolve: false,
                    ..Default::default()
                },
            );
        }
    };
    view! {
        <form class="search-field" role="search" method="get" action=links.charts() on:submit=submit>
            <Icon name="search" />
            <input
                node_ref=input
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
