//! A sentence that a reader must see before the page, with the way on.

use leptos::prelude::*;

use super::icon::Icon;

/// A notice; its status is told by icon and words, too.
#[component]
pub(crate) fn Notice(
    /// `ok`, `info`, `warn` or `danger`.
    status: &'static str,
    children: Children,
) -> impl IntoView {
    let icon = match status {
        "ok" => "check",
        "info" => "info",
        _ => "alert",
    };
    view! {
        <div class="notice" data-status=status role="note">
            <Icon name=icon />
            <p>{children()}</p>
        </div>
    }
}
