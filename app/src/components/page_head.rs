//! What a page says about itself: its title to everyone, the rest to those who read the document only.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::api::{describe, site};

/// A page's title, description and canonical address.
#[component]
pub fn PageHead(
    /// Without the site's name, which is added.
    #[prop(into)]
    title: String,
    #[prop(into)] description: String,
    /// The path that is this page's proper one.
    canonical: String,
) -> impl IntoView {
    describe(&description, &canonical);
    let name = site().title;
    let title = if title.is_empty() {
        name
    } else {
        format!("{title} · {name}")
    };
    view! { <Title text=title /> }
}
