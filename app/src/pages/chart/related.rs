//! What a chart has to do with others: who depends on it, and what resembles it.

use leptos::prelude::*;
use model::catalog::{ChartSummary, Relations};

use crate::components::chart_icon::ChartIcon;
use crate::format::{count, number};
use crate::routes::Links;

/// Both lists, for the rail; each only where there is something in it.
pub(super) fn beside(name: &str, relations: Relations) -> AnyView {
    let links = Links::here();
    let Relations {
        used_by,
        n_used_by,
        related,
    } = relations;
    let n_more = n_used_by.saturating_sub(used_by.len() as u64);
    let users: Vec<_> = used_by
        .into_iter()
        .map(|user| {
            let about = match (user.range.as_str(), user.is_optional) {
                ("", false) => String::new(),
                ("", true) => "can be switched off".to_owned(),
                (range, false) => format!("takes {range}"),
                (range, true) => format!("takes {range}, can be switched off"),
            };
            row(user.chart, about)
        })
        .collect();
    let users = (!users.is_empty()).then(|| {
        let all = (n_more > 0).then(|| {
            let href = links.search(&format!("dependency:{name}"));
            view! {
                <p>
                    <a href=href>{format!("{} more", number(n_more))}</a>
                </p>
            }
        });
        view! {
            <section class="beside">
                <h2>{format!("Used by {}", count(n_used_by, "chart"))}</h2>
                <ul class="neighbours">{users}</ul>
                {all}
            </section>
        }
    });
    let related: Vec<_> = related
        .into_iter()
        .map(|related| row(related.chart, related.why))
        .collect();
    let related = (!related.is_empty()).then(|| {
        view! {
            <section class="beside">
                <h2>"Related charts"</h2>
                <ul class="neighbours">{related}</ul>
            </section>
        }
    });
    view! {
        {users}
        {related}
    }
    .into_any()
}

/// The name stands alone: a link among words would have to be told from them.
fn row(chart: ChartSummary, about: String) -> AnyView {
    let href = Links::here().chart(&chart.repository, &chart.name);
    let about = match about.as_str() {
        "" => chart.repository,
        about => format!("{} \u{b7} {about}", chart.repository),
    };
    view! {
        <li>
            <ChartIcon icon=chart.icon is_library=chart.is_library size=24 />
            <div>
                <p>
                    <a href=href>{chart.name}</a>
                </p>
                <p class="neighbours__about">{about}</p>
            </div>
        </li>
    }
    .into_any()
}
