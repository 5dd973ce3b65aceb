//! Sections of pages that several pages have.

use leptos::prelude::*;

use super::icon::Icon;

/// Warnings, each a sentence; nothing where there are none.
pub(crate) fn warnings(heading: &'static str, warnings: Vec<String>) -> Option<AnyView> {
    if warnings.is_empty() {
        return None;
    }
    let rows = warnings
        .into_iter()
        .map(|warning| {
            view! {
                <li data-status="warn">
                    <Icon name="alert" />
                    <span>{warning}</span>
                </li>
            }
        })
        .collect_view();
    let view = view! {
        <section class="section">
            <header class="section__head">
                <h2>{heading}</h2>
            </header>
            <ul class="sentences">{rows}</ul>
        </section>
    };
    Some(view.into_any())
}

/// Objects of one kind, as rows of a list that can be folded.
pub(crate) fn kind(id: String, label: String, n: usize, is_open: bool, rows: AnyView) -> AnyView {
    view! {
        <details class="kind" id=id open=is_open>
            <summary>
                <Icon name="down" />
                <span>{label}</span>
                <span class="tabs__count">{n}</span>
            </summary>
            <ul class="planned-list">{rows}</ul>
        </details>
    }
    .into_any()
}
