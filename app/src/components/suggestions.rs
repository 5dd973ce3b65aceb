//! What a search field shows while somebody types: the options of a list that the keyboard goes through.
//!
//! `frontend/search/suggest.js` fetches it, puts it below the field, and numbers the options.

use leptos::prelude::*;
use model::catalog::ChartSummary;

use super::chart_icon::ChartIcon;
use crate::routes::Links;

/// One option for each chart. An option is a link that Tab passes over: the arrows lead to it.
pub(crate) fn suggestions(charts: Vec<ChartSummary>) -> AnyView {
    let options = charts.into_iter().map(|chart| {
        let href = Links::here().chart(&chart.repository, &chart.name);
        view! {
            <a class="suggestion" role="option" tabindex="-1" href=href>
                <ChartIcon icon=chart.icon is_library=chart.is_library size=24 />
                <span class="suggestion__text">
                    <span class="suggestion__name">{chart.name}</span>
                    " "
                    <span class="suggestion__repository">{chart.repository}</span>
                    " "
                    <span class="suggestion__description">{chart.description}</span>
                </span>
            </a>
        }
    });
    options.collect_view().into_any()
}
