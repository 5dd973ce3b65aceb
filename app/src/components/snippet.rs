//! Commands to take along.

use leptos::prelude::*;

use super::icon::Icon;

/// A few lines of shell with a button that copies them.
#[component]
pub fn Snippet(
    /// What the lines do.
    #[prop(into)]
    label: String,
    #[prop(into)] text: String,
) -> impl IntoView {
    let copied = RwSignal::new(false);
    let to_copy = text.clone();
    let copy = move |_| copy_text(&to_copy, copied);
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
                    data-copied=move || copied.get().to_string()
                    on:click=copy
                >
                    <Icon name="copy" />
                    <Icon name="check" />
                </button>
            </div>
        </figure>
    }
}

fn copy_text(_text: &str, _copied: RwSignal<bool>) {
    #[cfg(feature = "hydrate")]
    {
        use std::time::Duration;
        // Nothing waits for the answer: where the clipboard is forbidden, the text can still be selected.
        let _ = window().navigator().clipboard().write_text(_text);
        _copied.set(true);
        set_timeout(move || _copied.set(false), Duration::from_millis(1_600));
    }
}
