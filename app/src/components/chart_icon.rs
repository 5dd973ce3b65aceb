//! A chart's own icon, or a drawing in its place.

use leptos::prelude::*;

use super::icon::Icon;
use crate::routes::Links;

/// An icon of a size; the name beside it says what it stands for.
#[component]
pub(crate) fn ChartIcon(
    /// Path on our own origin.
    icon: Option<String>,
    is_library: bool,
    /// Pixels of a side.
    #[prop(default = 40)]
    size: u32,
) -> impl IntoView {
    let links = Links::here();
    match icon {
        Some(path) => view! {
            <span class="chart-icon" data-size=size>
                <img src=links.path(&path) alt="" width=size height=size loading="lazy" decoding="async" />
            </span>
        }
        .into_any(),
        None => view! {
            <span class="chart-icon" data-size=size data-drawn="true">
                <Icon name=if is_library { "library" } else { "chart" } />
            </span>
        }
        .into_any(),
    }
}
