//! The head of the page, who may do it, and where it goes: cluster, namespace, name, version.

use leptos::prelude::*;
use model::install::InstallCluster;

use super::super::releases::breadcrumbs;
use super::fields::{Text, error_line, text_field};
use super::{Change, Permission, Subject};
use crate::components::form::checkbox;
use crate::components::notice::Notice;
use crate::components::problem::Problem;
use crate::components::signature;
use crate::components::snippet::Snippet;
use crate::pages::releases::CONNECT;
use crate::routes::Links;

pub(super) fn head(change: &Change, title: &str) -> AnyView {
    let links = Links::here();
    let description = change
        .chart
        .as_ref()
        .map(|chart| chart.version.description.clone());
    let (place, lead) = match (&change.subject, &change.chart) {
        (Subject::Upgrade { release, .. }, _) => {
            let summary = &release.summary;
            let now = format!(
                "Revision {} is {} {}, {}.",
                summary.revision, summary.chart, summary.chart_version, summary.status
            );
            let differences = differences(change, &summary.chart, &summary.chart_version);
            (
                breadcrumbs(&summary.id, true),
                view! { {now} " " {differences} }.into_any(),
            )
        }
        (Subject::Install, Some(chart)) => {
            let version = chart.version.version.clone();
            let to = links.chart_version(&chart.repository, &chart.name, &version);
            let up = view! {
                <nav class="breadcrumbs" aria-label="Place">
                    <ol>
                        <li>
                            <a href=links.charts()>"Catalog"</a>
                        </li>
                        <li>
                            <a href=links.repository_charts(&chart.repository)>{chart.repository.clone()}</a>
                        </li>
                        <li>
                            <a href=to>{chart.name.clone()}</a>
                        </li>
                    </ol>
                </nav>
            };
            (
                up.into_any(),
                other_versions(change).unwrap_or_else(|| ().into_any()),
            )
        }
        (Subject::Install, None) => (().into_any(), ().into_any()),
    };
    view! {
        {place}
        <header class="page-header change__head">
            <h1>{title.to_owned()}</h1>
            <p>{lead} " " {description}</p>
        </header>
    }
    .into_any()
}

/// The way to what differs between the version that a release has and the one that is chosen.
fn differences(change: &Change, name: &str, current: &str) -> Option<AnyView> {
    let chart = change.chart.as_ref().filter(|chart| chart.name == name)?;
    let chosen = &chart.version.version;
    (chosen != current).then(|| {
        let to = Links::here().chart_compare(&chart.repository, name, current, chosen);
        let text = format!("What differs in {chosen}");
        view! {
            <a href=to>{text}</a>
            "."
        }
        .into_any()
    })
}

/// The version of an installation is part of the address.
fn other_versions(change: &Change) -> Option<AnyView> {
    let chart = change.chart.as_ref()?;
    let links = Links::here();
    let version = &chart.version.version;
    let newest = (*version != chart.latest_version).then(|| {
        let to = links.install(&chart.repository, &chart.name, Some(&chart.latest_version));
        view! {
            ", the newest is "
            <a href=to>{chart.latest_version.clone()}</a>
        }
    });
    Some(view! { "Version " <span class="version">{version.clone()}</span> {newest} "." }.into_any())
}

/// Why it cannot be done, where that is so.
pub(super) fn permission(change: &Change) -> Option<AnyView> {
    let problem = change.start.problem.clone().map(|problem| {
        view! { <Problem problem=problem id="change-problem".to_owned() /> }
    });
    let why = match &change.permission {
        Permission::Given => None,
        Permission::SignedOut => {
            let to = Links::here().sign_in(&change.address());
            Some(
                view! {
                    <Notice status="info">
                        "You can look at what it comes to. To plan and install it, " <a href=to>"sign in"</a> "."
                    </Notice>
                }
                .into_any(),
            )
        }
        Permission::Denied(why) => {
            let why = why.clone();
            Some(view! { <Notice status="info">{why}</Notice> }.into_any())
        }
        Permission::NoCluster => Some(
            view! {
                <Notice status="info">
                    "No cluster is connected, so nothing can be installed from here. You can look at what the chart comes to."
                </Notice>
                <details class="disclosure" id="change-connect">
                    <summary>"Connect a cluster"</summary>
                    <Snippet label="In the configuration file; then start Chartroom anew" text=CONNECT />
                </details>
            }
            .into_any(),
        ),
    };
    let chart = change.chart.as_ref();
    let check = chart.and_then(|chart| chart.signature.as_ref());
    let signature = check.and_then(signature::before_install);
    match (why, problem, signature) {
        (None, None, None) => None,
        (why, problem, signature) => Some(view! { {signature} {why} {problem} }.into_any()),
    }
}

/// Where it goes.
pub(super) fn place(change: &Change) -> AnyView {
    match &change.subject {
        Subject::Install => install_place(change),
        Subject::Upgrade {
            versions, candidates, ..
        } => upgrade_place(change, versions, candidates),
    }
}

fn install_place(change: &Change) -> AnyView {
    let form = &change.form;
    let open: Vec<&InstallCluster> = change
        .start
        .clusters
        .iter()
        .filter(|cluster| cluster.is_open())
        .collect();
    let cluster = match open.as_slice() {
        [] => ().into_any(),
        [one] if one.name == form.cluster => view! {
            <div class="field">
                <span class="field__label">"Cluster"</span>
                <output class="field__fixed">{one.name.clone()}</output>
                <input type="hidden" name="cluster" value=one.name.clone() />
            </div>
        }
        .into_any(),
        several => clusters(several, change),
    };
    let chosen = open.iter().find(|cluster| cluster.name == form.cluster);
    let is_everywhere = chosen.is_some_and(|cluster| cluster.is_everywhere);
    let hint = match chosen {
        Some(cluster) if !cluster.is_everywhere => {
            format!("You may install in {}", cluster.namespaces.join(", "))
        }
        _ => String::new(),
    };
    let namespace = text_field(Text {
        label: "Namespace",
        name: "namespace",
        value: form.namespace.clone(),
        hint,
        error: change.error_at("namespace"),
        list: change.start.namespaces.clone(),
        ..Text::default()
    });
    let name = text_field(Text {
        label: "Name",
        name: "name",
        value: form.name.clone(),
        hint: "Of the release".to_owned(),
        error: change.error_at("name"),
        ..Text::default()
    });
    let create = (is_everywhere || form.create_namespace).then(|| {
        checkbox(
            "create_namespace",
            "Create the namespace if it is not there",
            form.create_namespace,
        )
    });
    view! {
        <div class="form--row change__place">{cluster} {namespace} {name}</div>
        {create.map(|create| view! { <div class="choices change__create">{create}</div> })}
    }
    .into_any()
}

fn clusters(open: &[&InstallCluster], change: &Change) -> AnyView {
    let options = open
        .iter()
        .map(|cluster| {
            let is_chosen = cluster.name == change.form.cluster;
            view! {
                <option value=cluster.name.clone() selected=is_chosen>
                    {cluster.name.clone()}
                </option>
            }
        })
        .collect_view();
    view! {
        <div class="field">
            <label for="change-cluster">"Cluster"</label>
            <select id="change-cluster" name="cluster">{options}</select>
            {error_line("cluster", change.error_at("cluster"))}
        </div>
    }
    .into_any()
}

fn upgrade_place(change: &Change, versions: &[String], candidates: &[String]) -> AnyView {
    let unknown = match (candidates, &change.chart) {
        ([], None) => Some(
            view! {
                <Notice status="warn">
                    "No repository here has a chart with this name, so there is nothing to upgrade to."
                </Notice>
            }
            .into_any(),
        ),
        ([], Some(_)) => None,
        (candidates, _) => Some(charts(candidates, change)),
    };
    let current = match &change.subject {
        Subject::Upgrade { release, .. } => release.summary.chart_version.clone(),
        Subject::Install => String::new(),
    };
    let version = (!versions.is_empty()).then(|| {
        let options = versions
            .iter()
            .map(|version| {
                let is_chosen = change
                    .chart
                    .as_ref()
                    .is_some_and(|chart| chart.version.version == *version);
                let label = match *version == current {
                    true => format!("{version} (installed)"),
                    false => version.clone(),
                };
                view! {
                    <option value=version.clone() selected=is_chosen>
                        {label}
                    </option>
                }
            })
            .collect_view();
        view! {
            <div class="field">
                <label for="change-version">"Version of the chart"</label>
                <select id="change-version" name="version" data-take="change-take">
                    {options}
                </select>
                {error_line("version", change.error_at("version"))}
            </div>
            <button class="button change__take" id="change-take" name="do" value="edit">"Take this one"</button>
        }
    });
    view! { <div class="form--row change__place">{unknown} {version}</div> }.into_any()
}

/// Nothing is recorded of a release that was made elsewhere.
fn charts(candidates: &[String], change: &Change) -> AnyView {
    let options = candidates
        .iter()
        .map(|chart| {
            let is_chosen = *chart == change.form.chart;
            view! {
                <option value=chart.clone() selected=is_chosen>
                    {chart.clone()}
                </option>
            }
        })
        .collect_view();
    view! {
        <div class="field">
            <label for="change-chart">"Chart of the catalog"</label>
            <select id="change-chart" name="chart">
                <option value="">"Choose one"</option>
                {options}
            </select>
            {error_line("chart", change.error_at("chart"))}
            <p class="field__hint">"This release was not made here: say which chart it is of"</p>
        </div>
        <button class="button" name="do" value="edit">"Take this one"</button>
    }
    .into_any()
}
