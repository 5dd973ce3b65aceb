//! Paging by links.

use leptos::prelude::*;

use super::icon::Icon;
use crate::format::number;

/// Where a list goes on, before and after.
#[component]
pub(crate) fn Pager(
    first: u64,
    n_items: u64,
    total: u64,
    /// Addresses of the parts around this one.
    previous: Option<String>,
    next: Option<String>,
) -> impl IntoView {
    (previous.is_some() || next.is_some()).then(|| {
        let range = format!(
            "{}\u{2013}{} of {}",
            number(first),
            number(first + n_items.saturating_sub(1)),
            number(total)
        );
        view! {
            <nav class="pager" aria-label="Pages">
                {step(previous, "prev", "Previous")}
                <p class="pager__range">{range}</p>
                {step(next, "next", "Next")}
            </nav>
        }
    })
}

fn step(href: Option<String>, rel: &'static str, words: &'static str) -> AnyView {
    let is_next = rel == "next";
    match href {
        Some(href) => view! {
            <a class="button" rel=rel href=href>
                {(!is_next).then(|| view! { <Icon name="left" /> })}
                {words}
                {is_next.then(|| view! { <Icon name="right" /> })}
            </a>
        }
        .into_any(),
        None => view! { <span class="button" aria-disabled="true">{words}</span> }.into_any(),
    }
}
