//! The facts beside the README: how to install, and what there is to know about this version.

use leptos::prelude::*;
use model::catalog::CatalogQuery;
use model::chart::{ArchiveState, ChartDetail, ChartVersion, Maintainer};

use crate::api::{origin, reachable};
use crate::components::relative_time::RelativeTime;
use crate::components::signature;
use crate::components::snippet::Snippet;
use crate::format::size;
use crate::routes::Links;

/// More than these fold.
const MAX_SHOWN: usize = 5;

#[component]
pub(super) fn Rail(chart: ChartDetail) -> impl IntoView {
    let ChartDetail {
        repository,
        repository_url,
        name,
        version,
        category,
        signature: check,
        ..
    } = chart;
    let install = install(&repository, &reachable(&repository_url), &name, &version);
    let archive = (version.archive == ArchiveState::Ready).then(|| {
        let href = Links::here().archive(&repository, &name, &version.version);
        let file = format!("{name}-{}.tgz", version.version);
        let shown = file.clone();
        // Not a page: the router must not follow it.
        view! {
            <a href=href download=file rel="external nofollow">
                {shown}
            </a>
        }
        .into_any()
    });
    let digest = version.digest.clone().map(|digest| {
        let short = digest.get(..12).unwrap_or(&digest).to_owned();
        view! {
            <code title=digest>{short}</code>
        }
        .into_any()
    });
    let oddities: Vec<_> = version
        .oddities
        .iter()
        .map(|oddity| view! { <li>{oddity.clone()}</li> })
        .collect();
    view! {
        {install}
        <dl class="facts">
            {fact("App version", version.app_version.clone().map(IntoAny::into_any))}
            {fact("Kubernetes", version.kube_version.clone().map(|range| view! { <code>{range}</code> }.into_any()))}
            {fact("License", version.license.clone().map(license))}
            {fact("Category", (!category.is_empty()).then(|| of_category(category)))}
            {fact("Published", version.created.map(|at| view! { <RelativeTime at=at /> }.into_any()))}
            {fact("Archive", archive)}
            {fact("Size", version.size_bytes.map(|bytes| size(bytes).into_any()))}
            {fact("Digest", digest)}
            {fact("Signature", check.map(signature::fact))}
            {fact("Home", version.home.as_deref().map(outside))}
            {fact("Sources", list(version.sources.iter().map(|url| outside(url)).collect()))}
            {fact("Maintainers", list(version.maintainers.into_iter().map(maintainer).collect()))}
            {fact("Images", list(version.images.iter().map(|image| view! { <code>{image.clone()}</code> }.into_any()).collect()))}
            {fact("Keywords", keywords(version.keywords))}
        </dl>
        {embed(&repository, &name)}
        {(!oddities.is_empty())
            .then(|| {
                view! {
                    <details class="oddities">
                        <summary>{format!("{} odd about the archive", if oddities.len() == 1 { "1 thing" } else { "Some things" })}</summary>
                        <ul>{oddities}</ul>
                    </details>
                }
            })}
    }
}

fn install(repository: &str, url: &str, name: &str, version: &ChartVersion) -> Option<AnyView> {
    if url.is_empty() && version.is_library {
        return None;
    }
    // Charts that come with us have no repository elsewhere: helm takes the archive by its address.
    if url.is_empty() {
        let archive = Links::here().archive(repository, name, &version.version);
        let text = format!("helm install my-{name} {}{archive}", origin());
        return Some(view! { <Snippet label="Install the chart" text=text /> }.into_any());
    }
    Some(install_from(repository, url, name, version))
}

fn install_from(repository: &str, url: &str, name: &str, version: &ChartVersion) -> AnyView {
    if version.is_library {
        let text = format!(
            "dependencies:\n  - name: {name}\n    version: {}\n    repository: {url}",
            version.version
        );
        return view! { <Snippet label="Depend on it in Chart.yaml" text=text /> }.into_any();
    }
    if url.starts_with("oci://") {
        let run = format!(
            "helm install my-{name} {url}/{name} \\\n  --version {}",
            version.version
        );
        return view! { <Snippet label="Install the chart" text=run /> }.into_any();
    }
    let add = format!("helm repo add {repository} {url}");
    let run = format!(
        "helm install my-{name} {repository}/{name} \\\n  --version {}",
        version.version
    );
    view! {
        <Snippet label="Add the repository" text=add />
        <Snippet label="Install the chart" text=run />
    }
    .into_any()
}

/// Leads to the other charts with the same.
fn license(license: String) -> AnyView {
    let query = CatalogQuery {
        license: license.clone(),
        ..CatalogQuery::default()
    };
    to_list(&query, license)
}

fn of_category(category: String) -> AnyView {
    let query = CatalogQuery {
        category: category.clone(),
        ..CatalogQuery::default()
    };
    to_list(&query, category)
}

fn to_list(query: &CatalogQuery, label: String) -> AnyView {
    view! { <a href=Links::here().catalog(query)>{label}</a> }.into_any()
}

/// What to write into a README or a page to show this chart there.
fn embed(repository: &str, name: &str) -> AnyView {
    let links = Links::here();
    let page = format!("{}{}", origin(), links.chart(repository, name));
    // Who copies it must not copy what a hostile name would be in a page of their own.
    let shown: String = name
        .chars()
        .filter(|c| c.is_alphanumeric() || "-_.".contains(*c))
        .collect();
    let badge = format!(
        "[![{shown}]({}{})]({page})",
        origin(),
        links.badge(repository, name)
    );
    let card = format!(
        "<a href=\"{page}\"><img src=\"{}{}\" alt=\"{shown}\"></a>",
        origin(),
        links.small_card(repository, name)
    );
    view! {
        <details class="embed">
            <summary>"Show it elsewhere"</summary>
            <Snippet label="Badge for a README" text=badge />
            <Snippet label="Card for a page" text=card />
        </details>
    }
    .into_any()
}

fn fact(name: &'static str, value: Option<AnyView>) -> Option<AnyView> {
    let value = value?;
    Some(
        view! {
            <div>
                <dt>{name}</dt>
                <dd>{value}</dd>
            </div>
        }
        .into_any(),
    )
}

/// A few rows, the rest folded.
fn list(mut rows: Vec<AnyView>) -> Option<AnyView> {
    if rows.is_empty() {
        return None;
    }
    let rest = if rows.len() > MAX_SHOWN + 1 {
        rows.split_off(MAX_SHOWN)
    } else {
        Vec::new()
    };
    let items = |rows: Vec<AnyView>| {
        rows.into_iter()
            .map(|row| view! { <li>{row}</li> })
            .collect_view()
    };
    let n_rest = rest.len();
    let more = (n_rest > 0).then(|| {
        view! {
            <details>
                <summary>{format!("{n_rest} more")}</summary>
                <ul>{items(rest)}</ul>
            </details>
        }
    });
    Some(
        view! {
            <ul>{items(rows)}</ul>
            {more}
        }
        .into_any(),
    )
}

/// A link that leads away; its text leaves out what every address has.
fn outside(url: &str) -> AnyView {
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    let shown = url
        .trim_start_matches("https://")
        .trim_start_matches("http://")
        .trim_start_matches("www.")
        .trim_end_matches('/');
    if !is_web {
        return url.to_owned().into_any();
    }
    view! {
        <a href=url.to_owned() rel="nofollow noopener noreferrer">
            {shown.to_owned()}
        </a>
    }
    .into_any()
}

fn maintainer(maintainer: Maintainer) -> AnyView {
    let Maintainer { name, email, url } = maintainer;
    let web = url.filter(|url| url.starts_with("https://") || url.starts_with("http://"));
    let href = web.or_else(|| {
        email
            .filter(|email| email.contains('@'))
            .map(|email| format!("mailto:{email}"))
    });
    match href {
        Some(href) => view! {
            <a href=href rel="nofollow noopener noreferrer">
                {name}
            </a>
        }
        .into_any(),
        None => name.into_any(),
    }
}

fn keywords(keywords: Vec<String>) -> Option<AnyView> {
    if keywords.is_empty() {
        return None;
    }
    let links = Links::here();
    let rows = keywords
        .into_iter()
        .map(|keyword| {
            let query = CatalogQuery {
                keyword: keyword.clone(),
                ..CatalogQuery::default()
            };
            view! {
                <li>
                    <a class="keyword" href=links.catalog(&query)>
                        {keyword}
                    </a>
                </li>
            }
        })
        .collect_view();
    Some(view! { <ul class="keyword-list">{rows}</ul> }.into_any())
}
