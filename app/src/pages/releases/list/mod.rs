//! `/releases`: a table to scan. Everything it shows follows from its address.

mod filters;
mod table;

use leptos::prelude::*;
use model::release::{ClusterPart, ClusterSummary, ReleaseList, ReleaseQuery, ReleaseSort};

use super::super::Page;
use crate::components::pager::Pager;
use crate::components::problem::problems;
use crate::components::snippet::Snippet;
use crate::format::count;
use crate::routes::Links;
use filters::{filters, sorts, statuses};
use table::table;

pub(super) use table::newer;

/// What connects a cluster, for the configuration file.
pub(in crate::pages) const CONNECT: &str =
    "[[clusters]]\nname = \"prod\"\nkubeconfig = \"/etc/chartroom/kubeconfig\"\ncontext = \"prod\"";

/// `clusters` are those of the configuration.
pub(in crate::pages) fn show(query: &ReleaseQuery, list: ReleaseList, clusters: &[ClusterSummary]) -> Page {
    let links = Links::here();
    let description = format!("{} in the clusters.", count(list.n_found as u64, "release"));
    let canonical = links.release_list(&ReleaseQuery {
        page: 1,
        sort: ReleaseSort::default(),
        ..query.clone()
    });
    let body = if clusters.is_empty() {
        no_cluster()
    } else {
        some_cluster(query, list, clusters)
    };
    let view = view! {
        <div class="releases">{body}</div>
    };
    Page::new("Releases", description, canonical, view.into_any()).live(false)
}

fn some_cluster(query: &ReleaseQuery, list: ReleaseList, clusters: &[ClusterSummary]) -> AnyView {
    let n_found = list.n_found as u64;
    let missing = list.clusters.iter().any(|part| !part.problems.is_empty());
    let found = match (n_found, missing) {
        (n, false) => count(n, "release"),
        (n, true) => format!("{}, not all of them", count(n, "release")),
    };
    let form = filters(query, &list, clusters);
    let statuses = statuses(query, &list);
    let parts = parts(&list.clusters);
    let rows = if list.releases.is_empty() {
        nothing(query, missing)
    } else {
        table(&list.releases, clusters.len() > 1 && query.cluster.is_none())
    };
    view! {
        <header class="catalog__head">
            <h1>"Releases"</h1>
            <p class="catalog__count">{found}</p>
            {sorts(query)}
        </header>
        {form}
        {statuses}
        {parts}
        {rows}
        {pager(query, &list)}
        {damaged(&list.clusters)}
    }
    .into_any()
}

fn no_cluster() -> AnyView {
    view! {
        <header class="page-header">
            <h1>"Releases"</h1>
        </header>
        <section class="empty">
            <h2>"No cluster is connected"</h2>
            <p>
                "The catalog works without one. To see and change releases, name a cluster in the configuration and start Chartroom anew. "
                "Within a cluster a service account does; elsewhere a kubeconfig with a context for each cluster."
            </p>
            <Snippet label="In the configuration file" text=CONNECT />
        </section>
    }
    .into_any()
}

/// Why something is missing, cluster by cluster.
fn parts(parts: &[ClusterPart]) -> Option<AnyView> {
    let troubled: Vec<_> = parts.iter().filter(|part| !part.problems.is_empty()).collect();
    if troubled.is_empty() {
        return None;
    }
    let sections = troubled
        .into_iter()
        .enumerate()
        .map(|(at, part)| {
            view! {
                <section class="releases__problem">
                    <h2>{format!("Missing from cluster {}", part.name)}</h2>
                    {problems(part.problems.clone(), &format!("missing-{at}"))}
                </section>
            }
        })
        .collect_view();
    Some(sections.into_any())
}

fn pager(query: &ReleaseQuery, list: &ReleaseList) -> AnyView {
    let n_items = list.releases.len() as u64;
    let to = |page: u32| {
        Links::here().release_list(&ReleaseQuery {
            page,
            ..query.clone()
        })
    };
    let previous = (list.page > 1).then(|| to(list.page - 1));
    let next = (list.page < list.n_pages).then(|| to(list.page + 1));
    // All pages but the last are as long as the first; the last one is counted from its end.
    let first = if list.page >= list.n_pages {
        (list.n_found as u64).saturating_sub(n_items) + 1
    } else {
        u64::from(list.page.saturating_sub(1)) * n_items + 1
    };
    view! { <Pager first=first n_items=n_items total=list.n_found as u64 previous=previous next=next /> }
        .into_any()
}

/// Records that belong into the list and cannot be read.
fn damaged(parts: &[ClusterPart]) -> Option<AnyView> {
    let rows: Vec<_> = parts
        .iter()
        .flat_map(|part| part.damaged.iter().map(move |record| (part, record)))
        .map(|(part, record)| {
            view! {
                <tr>
                    <td class="data-table__wide">{format!("{} in {}", record.name, record.namespace)}</td>
                    <td data-label="Cluster">{part.name.clone()}</td>
                    <td data-label="Revision">{record.revision}</td>
                    <td class="data-table__wide">{record.reason.clone()}</td>
                </tr>
            }
        })
        .collect();
    if rows.is_empty() {
        return None;
    }
    let section = view! {
        <section class="section releases__damaged">
            <header class="section__head">
                <h2>"Records that cannot be read"</h2>
            </header>
            <div class="table-scroll" tabindex="0">
                <table class="data-table data-table--stacked">
                    <thead>
                        <tr>
                            <th scope="col">"Release"</th>
                            <th scope="col">"Cluster"</th>
                            <th scope="col">"Revision"</th>
                            <th scope="col">"Why"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    };
    Some(section.into_any())
}

fn nothing(query: &ReleaseQuery, missing: bool) -> AnyView {
    let links = Links::here();
    let is_narrowed = *query
        != ReleaseQuery {
            sort: query.sort,
            page: query.page,
            ..ReleaseQuery::default()
        };
    if is_narrowed {
        return view! {
            <section class="empty">
                <h2>"No release matches"</h2>
                <p>"Fewer filters find more. Names, charts and namespaces are searched."</p>
                <p class="empty__actions">
                    <a class="button" href=links.releases()>"Show all releases"</a>
                </p>
            </section>
        }
        .into_any();
    }
    let heading = if missing {
        "No release can be shown"
    } else {
        "No release yet"
    };
    view! {
        <section class="empty">
            <h2>{heading}</h2>
            <p>"What helm or Chartroom installs into a cluster that is connected appears here by itself."</p>
            <p class="empty__actions">
                <a class="button" href=links.charts()>"Find a chart"</a>
            </p>
        </section>
    }
    .into_any()
}
