//! What narrows the list: links with counts, and a form for text and places.

use std::collections::BTreeSet;

use leptos::prelude::*;
use model::release::{ClusterSummary, ReleaseList, ReleaseQuery, ReleaseSort, StatusGroup};

use crate::components::icon::Icon;
use crate::format::number;
use crate::routes::Links;

/// On the first page, with one thing changed.
fn with(query: &ReleaseQuery, change: impl FnOnce(&mut ReleaseQuery)) -> String {
    let mut query = ReleaseQuery {
        page: 1,
        ..query.clone()
    };
    change(&mut query);
    Links::here().release_list(&query)
}

pub(super) fn sorts(query: &ReleaseQuery) -> AnyView {
    let choices = ReleaseSort::ALL.map(|sort| {
        let label = match sort {
            ReleaseSort::Name => "Name",
            ReleaseSort::Updated => "Updated",
            ReleaseSort::Namespace => "Namespace",
        };
        let href = with(query, |query| query.sort = sort);
        view! {
            <a href=href aria-current=(sort == query.sort).then_some("true")>
                {label}
            </a>
        }
    });
    view! {
        <nav class="sort" aria-label="Sort by">
            <span aria-hidden="true">"Sort"</span>
            {choices.into_iter().collect_view()}
        </nav>
    }
    .into_any()
}

/// A plain form: text and places. What is chosen by links stays as it is.
pub(super) fn filters(query: &ReleaseQuery, list: &ReleaseList, clusters: &[ClusterSummary]) -> AnyView {
    let cluster = (clusters.len() > 1).then(|| {
        let names = clusters.iter().map(|cluster| cluster.name.clone());
        choice("cluster", "Cluster", names.collect(), query.cluster.as_deref())
    });
    let namespaces: BTreeSet<String> = list
        .clusters
        .iter()
        .flat_map(|part| part.namespaces.iter().cloned())
        .chain(query.namespace.clone())
        .collect();
    let namespace = choice("namespace", "Namespace", namespaces, query.namespace.as_deref());
    let hidden = [
        ("status", query.status.map(StatusGroup::as_str)),
        ("outdated", query.outdated.then_some("true")),
        (
            "sort",
            (query.sort != ReleaseSort::default()).then(|| query.sort.as_str()),
        ),
    ];
    let hidden = hidden
        .into_iter()
        .filter_map(|(name, value)| {
            value.map(|value| view! { <input type="hidden" name=name value=value /> })
        })
        .collect_view();
    view! {
        <form class="form form--row releases__filter" method="get" action=Links::here().releases()>
            <div class="field">
                <label for="releases-q">"Name, chart or namespace"</label>
                <input id="releases-q" type="search" name="q" value=query.q.clone() autocomplete="off" spellcheck="false" />
            </div>
            {cluster}
            {namespace}
            {hidden}
            <button class="button">"Show"</button>
        </form>
    }
    .into_any()
}

fn choice(
    name: &'static str,
    label: &'static str,
    options: BTreeSet<String>,
    chosen: Option<&str>,
) -> AnyView {
    let id = format!("releases-{name}");
    let options = options
        .into_iter()
        .map(|option| {
            let is_chosen = Some(option.as_str()) == chosen;
            view! {
                <option value=option selected=is_chosen>
                    {option.clone()}
                </option>
            }
        })
        .collect_view();
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <select id=id name=name>
                <option value="">"all"</option>
                {options}
            </select>
        </div>
    }
    .into_any()
}

/// The statuses as links with their counts, and how to undo what else narrows the list.
pub(super) fn statuses(query: &ReleaseQuery, list: &ReleaseList) -> AnyView {
    let total: usize = list.status_counts.iter().map(|(_, n)| n).sum();
    let all = segment(
        "All",
        total,
        query.status.is_none(),
        with(query, |query| query.status = None),
    );
    let groups = StatusGroup::ALL
        .into_iter()
        .filter_map(|group| {
            let n = list
                .status_counts
                .iter()
                .find(|(counted, _)| *counted == group)
                .map_or(0, |(_, n)| *n);
            let is_on = query.status == Some(group);
            (n > 0 || is_on).then(|| {
                segment(
                    group_label(group),
                    n,
                    is_on,
                    with(query, |query| query.status = Some(group)),
                )
            })
        })
        .collect_view();
    let outdated = (list.n_outdated > 0 || query.outdated).then(|| {
        let href = with(query, |query| query.outdated = !query.outdated);
        segment("Newer version", list.n_outdated, query.outdated, href)
    });
    let chips = [
        (
            "text",
            (!query.q.is_empty()).then(|| query.q.clone()),
            with(query, |query| query.q.clear()),
        ),
        (
            "cluster",
            query.cluster.clone(),
            with(query, |query| query.cluster = None),
        ),
        (
            "namespace",
            query.namespace.clone(),
            with(query, |query| query.namespace = None),
        ),
    ];
    let chips: Vec<_> = chips
        .into_iter()
        .filter_map(|(what, value, href)| value.map(|value| chip(what, value, href)))
        .collect();
    view! {
        <nav class="segments" aria-label="Status">
            <ul>{all} {groups}</ul>
            {outdated.map(|outdated| view! { <ul>{outdated}</ul> })}
        </nav>
        {(!chips.is_empty()).then(|| view! { <ul class="chips">{chips}</ul> })}
    }
    .into_any()
}

fn group_label(group: StatusGroup) -> &'static str {
    match group {
        StatusGroup::Deployed => "Deployed",
        StatusGroup::Failed => "Failed",
        StatusGroup::Pending => "Pending",
        StatusGroup::Uninstalled => "Uninstalled",
        StatusGroup::Other => "Other",
    }
}

fn segment(label: &'static str, n: usize, is_on: bool, href: String) -> AnyView {
    view! {
        <li>
            <a href=href aria-current=is_on.then_some("true") data-noscroll=true>
                {label}
                <span class="tabs__count">{number(n as u64)}</span>
            </a>
        </li>
    }
    .into_any()
}

fn chip(what: &'static str, value: String, href: String) -> AnyView {
    let name = format!("Remove filter: {what} {value}");
    view! {
        <li>
            <a class="chip" href=href aria-label=name>
                {format!("{what}: {value}")}
                <Icon name="close" />
            </a>
        </li>
    }
    .into_any()
}
