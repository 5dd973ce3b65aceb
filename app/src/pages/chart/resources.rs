//! What a chart comes to with its default values: what it asks for in words, then its objects with where they come from.

use leptos::prelude::*;
use model::chart::ChartDetail;
use model::install::RenderProblem;
use model::review::{Permission, RenderedChart, RenderedObject, Risk, Weight};

use super::super::compare::{coded, parts::resource};
use super::sourced;
use crate::components::code_view::CodeView;
use crate::components::icon::Icon;
use crate::components::section;
use crate::format::{count, number};
use crate::routes::{ChartRoute, ChartTab, Links};

/// Kinds with more objects begin folded where there are many kinds.
const MAX_OPEN_OBJECTS: usize = 60;
/// Sentences beside the README.
const MAX_BESIDE: usize = 4;

pub(super) fn resources(route: &ChartRoute, chart: &ChartDetail, rendered: RenderedChart) -> AnyView {
    let links = Links::here();
    let version = &chart.version.version;
    let install = links.install(&chart.repository, &chart.name, Some(version));
    if let Some(reason) = rendered.reason {
        return none(
            &reason,
            rendered.problem,
            (!chart.version.is_library).then_some(install),
        );
    }
    let facts = format!(
        "With its default values, for Kubernetes {}.",
        rendered.kubernetes_version.trim_start_matches('v')
    );
    let risks = risks(route, rendered.risks);
    let objects = objects(route, rendered.objects, rendered.n_left_out);
    let warnings = section::warnings("What Helm warns of", rendered.warnings);
    view! {
        <div class="resources">
            <div class="toolbar">
                <p class="toolbar__facts">{facts}</p>
                <a class="button" href=install>"See it with other values"</a>
            </div>
            <div class="columns">
                <div class="columns__main">{objects} {warnings}</div>
                <aside class="columns__side" aria-label="What it asks for">
                    {risks} {permissions(rendered.permissions)} {images(rendered.images)}
                </aside>
            </div>
        </div>
    }
    .into_any()
}

/// Why there is nothing, and what to do about it.
fn none(reason: &str, problem: Option<RenderProblem>, install: Option<String>) -> AnyView {
    let problem = problem.map(|problem| {
        let last = problem.excerpt.last().map(|line| line.number);
        let lines = problem
            .excerpt
            .into_iter()
            .map(|line| {
                let is_failing = (Some(line.number) == last).then_some("true");
                view! {
                    <span class="excerpt__line" data-number=line.number data-failing=is_failing>
                        {format!("{}\n", line.text)}
                    </span>
                }
            })
            .collect::<Vec<_>>();
        let excerpt = (!lines.is_empty()).then(|| {
            view! {
                <figure class="excerpt">
                    <figcaption>{problem.template.unwrap_or_default()}</figcaption>
                    <pre tabindex="0">
                        <code>{lines}</code>
                    </pre>
                </figure>
            }
        });
        view! {
            <section class="render-problem" aria-label="What Helm says">
                <p class="mark" data-status="danger">
                    <Icon name="failed" />
                    "What Helm says"
                </p>
                <pre class="render-problem__message" tabindex="0">{problem.message}</pre>
                {excerpt}
            </section>
        }
    });
    let advice = problem.is_some().then(|| {
        view! { <p>"Many charts want a few values first. Set them, and see what it comes to then."</p> }
    });
    let button = install.filter(|_| problem.is_some()).map(|install| {
        view! {
            <p class="empty__actions">
                <a class="button" href=install>"Set values"</a>
            </p>
        }
    });
    view! {
        <div class="resources resources--none">
            <section class="empty">
                <h2>"No resources with the defaults"</h2>
                <p>{coded(reason)}</p>
                {advice}
                {button}
            </section>
            {problem}
        </div>
    }
    .into_any()
}

fn look(weight: Weight) -> (&'static str, &'static str, &'static str) {
    match weight {
        Weight::High => ("danger", "alert", "High: "),
        Weight::Medium => ("warn", "alert", "Medium: "),
        Weight::Low => ("neutral", "info", "Low: "),
    }
}

fn risks(route: &ChartRoute, risks: Vec<Risk>) -> AnyView {
    let nothing = risks.is_empty().then(|| {
        view! {
            <p class="mark" data-status="ok">
                <Icon name="ok" />
                "Nothing beyond its own namespace."
            </p>
        }
    });
    let rows = risks
        .into_iter()
        .map(|risk| {
            let (status, icon, word) = look(risk.weight);
            let n = risk.objects.len() + risk.n_more;
            let more = (risk.n_more > 0)
                .then(|| view! { <li class="muted">{format!("{} more", number(risk.n_more as u64))}</li> });
            let objects = risk
                .objects
                .into_iter()
                .map(|object| {
                    let place = object.file.map(|file| {
                        let (href, text) = sourced::place(route, &file, object.line);
                        view! { <a href=href>{text}</a> }
                    });
                    view! { <li>{object.title} " " {place}</li> }
                })
                .collect_view();
            view! {
                <li data-status=status>
                    <Icon name=icon />
                    <div>
                        <p>
                            <span class="visually-hidden">{word}</span>
                            {coded(&risk.text)}
                        </p>
                        <details class="risks__objects">
                            <summary>{count(n as u64, "object")}</summary>
                            <ul>{objects} {more}</ul>
                        </details>
                    </div>
                </li>
            }
        })
        .collect_view();
    view! {
        <section class="section" id="asks">
            <header class="section__head">
                <h2>"What it asks for"</h2>
            </header>
            <ul class="risks">{rows}</ul>
            {nothing}
        </section>
    }
    .into_any()
}

/// The weightiest sentences, beside the README.
pub(super) fn asks(route: &ChartRoute, rendered: &RenderedChart) -> Option<AnyView> {
    if rendered.reason.is_some() || rendered.objects.is_empty() {
        return None;
    }
    let href = Links::here().chart_route(&ChartRoute {
        tab: ChartTab::Resources,
        file: None,
        ..route.clone()
    });
    let weighty = rendered.risks.iter().filter(|risk| risk.weight > Weight::Low);
    let n_weighty = weighty.clone().count();
    let rows = weighty
        .take(MAX_BESIDE)
        .map(|risk| {
            let (status, icon, word) = look(risk.weight);
            view! {
                <li data-status=status>
                    <Icon name=icon />
                    <p>
                        <span class="visually-hidden">{word}</span>
                        {coded(&risk.text)}
                    </p>
                </li>
            }
        })
        .collect_view();
    let nothing = (n_weighty == 0).then(|| {
        view! {
            <p class="mark" data-status="ok">
                <Icon name="ok" />
                "Nothing beyond its own namespace."
            </p>
        }
    });
    let n_objects = rendered.objects.len() + rendered.n_left_out;
    let link = match n_weighty.saturating_sub(MAX_BESIDE) {
        0 => format!("All {}", count(n_objects as u64, "resource")),
        n => format!("{} more, and all resources", number(n as u64)),
    };
    let view = view! {
        <section class="asks">
            <h2>"With its defaults"</h2>
            <ul class="risks">{rows}</ul>
            {nothing}
            <p>
                <a href=href>{link}</a>
            </p>
        </section>
    };
    Some(view.into_any())
}

fn permissions(permissions: Vec<Permission>) -> Option<AnyView> {
    if permissions.is_empty() {
        return None;
    }
    let n = permissions.len();
    let rows = permissions
        .into_iter()
        .map(|permission| {
            let verbs = match permission.verbs.as_slice() {
                [all] if all == "*" => "everything".to_owned(),
                verbs => verbs.join(", "),
            };
            let place = if permission.is_cluster_wide {
                "in the whole cluster"
            } else {
                "in its namespace"
            };
            let names = match permission.names.as_slice() {
                [] => String::new(),
                names => format!(" named {}", names.join(", ")),
            };
            view! {
                <li>
                    <code>{resource(&permission.group, &permission.resource)}</code>
                    <span class="muted">{format!("{names}: {verbs}, {place}")}</span>
                </li>
            }
        })
        .collect_view();
    let view = view! {
        <details class="disclosure" id="rights">
            <summary>{format!("All rights ({})", number(n as u64))}</summary>
            <ul class="rights">{rows}</ul>
        </details>
    };
    Some(view.into_any())
}

fn images(images: Vec<String>) -> Option<AnyView> {
    if images.is_empty() {
        return None;
    }
    let rows = images
        .into_iter()
        .map(|image| {
            view! {
                <li>
                    <code>{image}</code>
                </li>
            }
        })
        .collect_view();
    let view = view! {
        <section class="section" id="images">
            <header class="section__head">
                <h2>"Images"</h2>
            </header>
            <ul class="rights">{rows}</ul>
        </section>
    };
    Some(view.into_any())
}

/// By kind, in the order of installation.
fn objects(route: &ChartRoute, objects: Vec<RenderedObject>, n_left_out: usize) -> AnyView {
    let n = objects.len() + n_left_out;
    let is_short = objects.len() <= MAX_OPEN_OBJECTS;
    let has_sources = objects.iter().any(|object| !object.lines.is_empty());
    let mut kinds: Vec<(String, Vec<(usize, RenderedObject)>)> = Vec::new();
    for (at, object) in objects.into_iter().enumerate() {
        match kinds.iter_mut().find(|(kind, _)| *kind == object.kind) {
            Some((_, of_kind)) => of_kind.push((at, object)),
            None => kinds.push((object.kind.clone(), vec![(at, object)])),
        }
    }
    let groups = kinds
        .into_iter()
        .map(|(kind, of_kind)| {
            let n = of_kind.len();
            let id = format!("kind-{}", kind.to_lowercase());
            let label = if kind.is_empty() {
                "No kind".to_owned()
            } else {
                kind
            };
            let rows = of_kind
                .into_iter()
                .map(|(at, object)| view! { <li>{row(route, object, at)}</li> })
                .collect_view();
            section::kind(id, label, n, is_short, rows.into_any())
        })
        .collect_view();
    let left_out = (n_left_out > 0).then(|| {
        let text = format!(
            "{} left out: there are more than a page can show.",
            match n_left_out {
                1 => "1 object is".to_owned(),
                n => format!("{} objects are", number(n as u64)),
            }
        );
        view! { <p class="muted section__note">{text}</p> }
    });
    let nothing = (n == 0).then(|| {
        view! { <p class="muted section__note">"With its default values it makes no object at all."</p> }
    });
    let about_lines = has_sources.then(|| {
        let text = "In a manifest the number of a line leads to the line of the template that wrote it.";
        view! { <p class="muted section__note">{text}</p> }
    });
    view! {
        <section class="section">
            <header class="section__head">
                <h2>"Resources"</h2>
                <p class="muted">{count(n as u64, "object")}</p>
            </header>
            {about_lines}
            {groups}
            {left_out}
            {nothing}
        </section>
    }
    .into_any()
}

fn row(route: &ChartRoute, object: RenderedObject, at: usize) -> AnyView {
    let place = match (object.is_cluster_wide, &object.namespace) {
        (true, _) => Some("whole cluster".to_owned()),
        (false, namespace) => namespace.as_ref().map(|namespace| format!("in {namespace}")),
    };
    let place = place.map(|place| view! { <span class="muted resources__place">{place}</span> });
    let events = (!object.events.is_empty())
        .then(|| view! { <span class="muted resources__place">{object.events.join(", ")}</span> });
    let source = source(route, &object);
    let images = object
        .images
        .iter()
        .map(|image| view! { <code class="resources__image">{image.clone()}</code> })
        .collect_view();
    let name = match object.name.as_str() {
        "" => "(no name)".to_owned(),
        name => name.to_owned(),
    };
    let yaml = (!object.yaml.is_empty()).then(|| {
        let (html, n_lines) = sourced::lines(route, &object, &format!("r{at}-"));
        let label = format!("{} {name}", object.kind);
        view! {
            <details class="resources__yaml" id=format!("resource-{at}")>
                <summary>
                    "Manifest" <span class="visually-hidden">{format!(" of {label}")}</span>
                </summary>
                <CodeView html=html n_lines=n_lines label=label />
            </details>
        }
    });
    view! {
        <div class="resources__row">
            <p class="resources__what">
                <strong class="object__name" title=object.api_version>{name}</strong>
                {place}
                {events}
            </p>
            <p class="resources__source">{source}</p>
            {(!object.images.is_empty()).then(|| view! { <p class="resources__images">{images}</p> })}
            {yaml}
        </div>
    }
    .into_any()
}

/// The template, at the line that wrote the object's kind where that is known.
fn source(route: &ChartRoute, object: &RenderedObject) -> AnyView {
    let Some(file) = &object.file else {
        let path = object
            .path
            .split_once('/')
            .map_or(object.path.as_str(), |(_, path)| path);
        return view! { <span class="muted">{path.to_owned()}</span> }.into_any();
    };
    let (href, text) = sourced::place(route, file, object.line);
    view! { <a href=href>{text}</a> }.into_any()
}
