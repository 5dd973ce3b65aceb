//! A file's text, line by line, as the server highlighted it.

use leptos::prelude::*;

/// The lines with their numbers; `behaviours` makes a number that is clicked the address.
#[component]
pub(crate) fn CodeView(
    /// Safe HTML of lines, from the server.
    html: String,
    n_lines: u32,
    /// What a screen reader calls it.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    // The width of the numbers' column depends on how many digits they have.
    let digits = n_lines.to_string().len();
    view! {
        <div class="code-view" data-digits=digits role="region" aria-label=label tabindex="0">
            <pre>
                <code inner_html=html></code>
            </pre>
        </div>
    }
}
