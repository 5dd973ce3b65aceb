//! Two versions of a chart: what must be known before an upgrade first, then part by part what differs.
//!
//! [`parts`] are the tables, [`texts`] what differs line by line. The two are chosen by a plain form, and so are values
//! of the reader's own: they are sent to this page, which answers with itself.

#[cfg(test)]
pub(super) mod gallery;
pub(super) mod parts;
mod texts;

use leptos::prelude::*;
use model::chart::VersionSummary;
use model::review::{ChartComparison, Remark, Weight};

use super::change::fields::text_of_area;
use super::{Page, Request};
use crate::api::{FormOutcome, form_outcome};
use crate::components::form::{FormToken, why_not};
use crate::components::icon::Icon;
use crate::components::notice::Notice;
use crate::error::{AppError, ErrorKind};
use crate::routes::{Links, query_value};

/// Versions that can be chosen; all others have addresses.
const MAX_VERSIONS: usize = 500;

/// Everything the page shows.
pub(super) struct Compare {
    pub repository: String,
    pub name: String,
    /// All versions, the newest first.
    pub versions: Vec<VersionSummary>,
    pub from: String,
    pub to: String,
    /// None where the two are not chosen, or there are none such.
    pub comparison: Option<ChartComparison>,
    /// Why there is none.
    pub problem: Option<AppError>,
    /// The reader's own values.
    pub values: String,
    pub outcome: FormOutcome,
}

pub(super) async fn compare(
    request: &Request,
    repository: &str,
    name: &str,
    versions: Option<(String, String)>,
    search: &str,
) -> Result<Page, AppError> {
    let charts = request.backend.charts();
    let known = match charts.versions(&request.viewer, repository, name).await {
        Ok(known) => known,
        Err(error) => {
            let mut error = AppError::from(error);
            if error.kind == ErrorKind::NotFound {
                let catalog = request.backend.catalog();
                let nearest = catalog.suggest(&request.viewer, repository, name).await;
                error.suggestions = nearest.unwrap_or_default();
            }
            return Err(error);
        }
    };
    let asked = |key| query_value(search, key).filter(|text| !text.trim().is_empty());
    let versions = versions.or_else(|| Some((asked("from")?, asked("to")?)));
    let outcome = form_outcome();
    let mut page = Compare {
        repository: repository.to_owned(),
        name: name.to_owned(),
        from: known
            .get(1)
            .or(known.first())
            .map_or_else(String::new, |one| one.version.clone()),
        to: known.first().map_or_else(String::new, |one| one.version.clone()),
        versions: known,
        comparison: None,
        problem: None,
        values: outcome.typed("values").replace("\r\n", "\n"),
        outcome,
    };
    if let Some((from, to)) = versions {
        let pair = (from.as_str(), to.as_str());
        match charts
            .compare(&request.viewer, repository, name, pair, &page.values)
            .await
        {
            Ok(comparison) => page.comparison = Some(comparison),
            Err(error) => page.problem = Some(error.into()),
        }
        (page.from, page.to) = (from, to);
    }
    Ok(show(page))
}

pub(super) fn show(page: Compare) -> Page {
    let links = Links::here();
    let Compare {
        repository,
        name,
        from,
        to,
        ..
    } = &page;
    let is_chosen = page.comparison.is_some() || page.problem.is_some();
    let (title, heading, canonical) = match is_chosen {
        true => (
            format!("{name}: {from} to {to}"),
            format!("From {from} to {to}"),
            links.chart_compare(repository, name, from, to),
        ),
        false => (
            format!("{name}: compare versions"),
            "Compare two versions".to_owned(),
            links.chart_compare_choice(repository, name),
        ),
    };
    let description = match is_chosen {
        true => format!(
            "What differs between {from} and {to} of the Helm chart {name}: values, what is rendered, rights, images, files."
        ),
        false => format!("Choose two versions of the Helm chart {name} to see what differs between them."),
    };
    let status = page.problem.as_ref().map_or(200, |problem| problem.kind.status());
    let chooser = chooser(&page);
    let problem = page.problem.as_ref().map(|problem| why(&page, problem));
    let failed = why_not(&page.outcome);
    let values = values_form(&page, &canonical);
    let place = breadcrumbs(repository, name);
    let body = page.comparison.map(|comparison| body(comparison, values));
    let view = view! {
        <article class="compare">
            {place}
            <header class="page-header">
                <h1>{heading}</h1>
                {chooser}
            </header>
            {problem}
            {failed}
            {body}
        </article>
    };
    Page {
        status,
        ..Page::new(title, description, canonical, view.into_any())
    }
}

fn breadcrumbs(repository: &str, name: &str) -> AnyView {
    let links = Links::here();
    view! {
        <nav class="breadcrumbs" aria-label="Place">
            <ol>
                <li>
                    <a href=links.charts()>"Charts"</a>
                </li>
                <li>
                    <a href=links.repository_charts(repository)>{repository.to_owned()}</a>
                </li>
                <li>
                    <a href=links.chart(repository, name)>{name.to_owned()}</a>
                </li>
            </ol>
        </nav>
    }
    .into_any()
}

/// Two lists of versions, and the way to see them the other way round.
fn chooser(page: &Compare) -> AnyView {
    let links = Links::here();
    let select = |field: &'static str, label: &'static str, chosen: &str| {
        let id = format!("compare-{field}");
        let known = page
            .versions
            .iter()
            .take(MAX_VERSIONS)
            .map(|one| one.version.clone());
        let mut offered: Vec<String> = known.collect();
        // What was asked for stays chosen, even if there is no such version.
        if !chosen.is_empty() && !offered.iter().any(|one| one == chosen) {
            offered.insert(0, chosen.to_owned());
        }
        let options = offered
            .into_iter()
            .map(|version| {
                let is_chosen = version == chosen;
                view! { <option value=version.clone() selected=is_chosen>{version.clone()}</option> }
            })
            .collect_view();
        view! {
            <div class="field">
                <label for=id.clone()>{label}</label>
                <select id=id name=field>{options}</select>
            </div>
        }
    };
    let other_way = page.comparison.is_some().then(|| {
        let href = links.chart_compare(&page.repository, &page.name, &page.to, &page.from);
        view! { <a href=href>"The other way round"</a> }
    });
    view! {
        <form
            class="form form--row compare__choice"
            method="get"
            action=links.chart_compare_choice(&page.repository, &page.name)
        >
            {select("from", "From", &page.from)}
            {select("to", "To", &page.to)}
            <button class="button">"Compare"</button>
            {other_way}
        </form>
    }
    .into_any()
}

/// Why the two cannot be compared, and what there is instead.
fn why(page: &Compare, problem: &AppError) -> AnyView {
    let known = |version: &str| page.versions.iter().any(|one| one.version == version);
    let missing: Vec<String> = [&page.from, &page.to]
        .into_iter()
        .filter(|version| !known(version))
        .map(|version| format!("\u{201c}{version}\u{201d}"))
        .collect();
    let newest = page.versions.first().map(|one| one.version.clone());
    let text = match (problem.kind, missing.as_slice(), newest) {
        (ErrorKind::NotFound, [one], Some(newest)) => {
            format!(
                "{} has no version {one}. The newest is {newest}; choose above among those that there are.",
                page.name
            )
        }
        (ErrorKind::NotFound, [one, other], Some(newest)) => format!(
            "{} has neither a version {one} nor {other}. The newest is {newest}; choose above among those that there are.",
            page.name
        ),
        _ => crate::components::form::sentence(problem),
    };
    view! { <Notice status="danger">{text}</Notice> }.into_any()
}

fn body(comparison: ChartComparison, values: AnyView) -> AnyView {
    let links = Links::here();
    let backwards = comparison.is_backwards.then(|| {
        let href = links.chart_compare(
            &comparison.repository,
            &comparison.name,
            &comparison.to,
            &comparison.from,
        );
        let text = format!(
            "{} is older than {}: what is told below is a way back. ",
            comparison.to, comparison.from
        );
        view! {
            <Notice status="info">
                {text} <a href=href>"See the way forward"</a> "."
            </Notice>
        }
    });
    let is_same = comparison.from == comparison.to;
    let remarks = remarks(&comparison.remarks, is_same);
    let equal = equal(&comparison);
    view! {
        {backwards}
        <div class="plan">
            {remarks}
            {parts::values(comparison.values)}
            {texts::rendered(comparison.rendered, values)}
            {parts::permissions(comparison.permissions)}
            {parts::images(comparison.images)}
            {parts::crds(comparison.crds)}
            {parts::facts(comparison.facts)}
            {texts::files(comparison.files)}
            {equal}
        </div>
    }
    .into_any()
}

/// What must be known, the weightiest first.
fn remarks(remarks: &[Remark], is_same: bool) -> AnyView {
    let rows = remarks
        .iter()
        .map(|remark| {
            let (status, icon, word) = match remark.weight {
                Weight::High => ("danger", "alert", "Important: "),
                Weight::Medium => ("warn", "alert", "Attention: "),
                Weight::Low => ("info", "info", ""),
            };
            let to = format!("#{}", remark.part.as_str());
            view! {
                <li data-status=status>
                    <Icon name=icon />
                    <span>
                        <span class="visually-hidden">{word}</span>
                        {coded(&remark.text)}
                        " "
                        <a href=to>"Details"</a>
                    </span>
                </li>
            }
        })
        .collect_view();
    let nothing = remarks.is_empty().then(|| {
        let text = match is_same {
            true => "Both are the same version.",
            false => "Nothing stands out. What differs is listed below.",
        };
        view! { <p class="muted section__note">{text}</p> }
    });
    view! {
        <section class="section">
            <header class="section__head">
                <h2>"Before you upgrade"</h2>
            </header>
            <ul class="sentences compare__remarks">{rows}</ul>
            {nothing}
        </section>
    }
    .into_any()
}

/// A sentence whose words between backticks are code.
pub(super) fn coded(text: &str) -> AnyView {
    let parts = text.split('`').enumerate();
    parts
        .map(|(at, part)| match at % 2 {
            0 => part.to_owned().into_any(),
            _ => view! { <code>{part.to_owned()}</code> }.into_any(),
        })
        .collect_view()
        .into_any()
}

/// The parts in which nothing differs, in one line.
fn equal(comparison: &ChartComparison) -> Option<AnyView> {
    let does_render =
        comparison.rendered.before_reason.is_none() && comparison.rendered.after_reason.is_none();
    let has_values = !comparison.values.changes.is_empty() || comparison.values.problem.is_some();
    let parts = [
        (!has_values, "default values"),
        (comparison.permissions.is_empty() && does_render, "rights"),
        (comparison.images.is_empty() && does_render, "images"),
        (comparison.crds.is_empty(), "custom resource definitions"),
        (comparison.facts.is_empty(), "what Chart.yaml says"),
        (comparison.files.changes.is_empty(), "files"),
    ];
    let words: Vec<&str> = parts
        .into_iter()
        .filter(|part| part.0)
        .map(|part| part.1)
        .collect();
    (!words.is_empty()).then(|| {
        let text = format!("The same in both: {}.", words.join(", "));
        view! { <p class="muted">{text}</p> }.into_any()
    })
}

/// Values of the reader's own, for both versions.
fn values_form(page: &Compare, address: &str) -> AnyView {
    let has_values = !page.values.trim().is_empty();
    let to = format!("{address}#rendered");
    let reset = has_values.then(|| {
        view! { <a href=to.clone()>"Use the defaults again"</a> }
    });
    view! {
        <details class="disclosure" id="compare-values" open=has_values>
            <summary>"Render both with values of your own"</summary>
            <form class="form compare__values" method="post" action=to.clone()>
                <FormToken />
                <div class="field">
                    <label for="compare-text">"Values, as YAML"</label>
                    <textarea
                        class="change__text"
                        id="compare-text"
                        name="values"
                        rows="10"
                        spellcheck="false"
                        autocomplete="off"
                        aria-describedby="compare-text-hint"
                        inner_html=text_of_area(&page.values)
                    ></textarea>
                    <p class="field__hint" id="compare-text-hint">
                        "They are laid over the defaults of each version, are sent to this server to render, and are not kept."
                    </p>
                </div>
                <div class="form--row">
                    <button class="button">"Render both"</button>
                    {reset}
                </div>
            </form>
        </details>
    }
    .into_any()
}
