//! A point in time in words, with the exact one on hover.

use leptos::prelude::*;
use model::Timestamp;

use crate::format;

/// `3 days ago`.
#[component]
pub(crate) fn RelativeTime(at: Timestamp) -> impl IntoView {
    let exact = at.to_rfc3339();
    let title = exact.replace('T', " ").replace('Z', " UTC");
    view! { <time datetime=exact title=title>{format::relative(at, format::now())}</time> }
}
