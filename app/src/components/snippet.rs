//! Commands to take along.

use leptos::prelude::*;

use super::icon::Icon;

/// A few lines of shell with a button that copies them, which is `behaviours`' part.
#[component]
pub(crate) fn Snippet(
    /// What the lines do.
    #[prop(into)]
    label: String,
    #[prop(into)] text: String,
) -> impl IntoView {
    let name = format!("Copy: {label}");
    view! {
        <figure class="snippet">
            <figcaption>{label}</figcaption>
            <div class="snippet__body">
                <pre tabindex="0">
                    <code>{text}</code>
                </pre>
                <button
                    class="icon-button"
                    type="button"
                    aria-label=name
                    title="Copy"
                    data-copy=true
                >
                    <Icon name="copy" />
                    <Icon name="check" />
                </button>
            </div>
        </figure>
    }
}
