//! Beside the values: what they come to, and the chart's defaults.

use std::collections::BTreeMap;

use leptos::prelude::*;
use model::install::{Preview, RenderProblem};
use model::release::ManifestPart;

use super::super::releases::yaml_lines;
use super::{Change, Made};
use crate::components::code_view::CodeView;
use crate::components::icon::Icon;
use crate::components::section;
use crate::format::count;

/// More objects than these begin folded by kind.
const MAX_OPEN_OBJECTS: usize = 40;

pub(super) fn beside(change: &Change) -> AnyView {
    let preview = match &change.made {
        Made::Preview(preview) => Some(preview_section(preview, &change.form.values)),
        _ => None,
    };
    let is_alone = preview.is_none();
    view! { <section class="change__beside" data-beside=true>{preview} {defaults(change, is_alone)}</section> }.into_any()
}

fn defaults(change: &Change, is_alone: bool) -> AnyView {
    let Some(values) = &change.defaults else {
        let text = match &change.chart {
            Some(_) => "This chart has no default values that could be shown.",
            None => "The defaults are shown when it is known which chart this is.",
        };
        return view! { <p class="empty">{text}</p> }.into_any();
    };
    let code = view! {
        <CodeView html=values.html.clone() n_lines=values.n_lines label="The chart's default values" />
    };
    if is_alone {
        return view! {
            <div class="change__pane-head">
                <h2>"The chart's defaults"</h2>
                <p class="muted">{count(values.n_lines.into(), "line")}</p>
            </div>
            <div class="change__defaults">{code}</div>
        }
        .into_any();
    }
    view! {
        <details class="disclosure" id="change-defaults">
            <summary>"The chart's defaults"</summary>
            <div class="change__defaults">{code}</div>
        </details>
    }
    .into_any()
}

fn preview_section(preview: &Preview, values: &str) -> AnyView {
    let problem = preview
        .problem
        .as_ref()
        .map(|problem| problem_view(problem, values));
    let version = format!("For Kubernetes {}", preview.kubernetes_version);
    let left_out = (preview.n_left_out > 0).then(|| {
        let text = format!(
            "{} left out here, because all of them together are too long to be shown.",
            match preview.n_left_out {
                1 => "1 object is".to_owned(),
                n => format!("{n} objects are"),
            }
        );
        view! { <p class="muted section__note">{text}</p> }
    });
    view! {
        <div class="change__pane-head" id="preview">
            <h2>"What it comes to"</h2>
            <p class="muted">{version}</p>
        </div>
        {problem}
        {warnings(&preview.warnings)}
        {objects(&preview.objects)}
        {hooks(&preview.hooks)}
        {left_out}
        {notes(&preview.notes)}
    }
    .into_any()
}

/// Helm's own words, the place in the template, and the place in the values.
fn problem_view(problem: &RenderProblem, values: &str) -> AnyView {
    let last = problem.excerpt.last().map(|line| line.number);
    let excerpt = (!problem.excerpt.is_empty()).then(|| {
        let lines = problem
            .excerpt
            .iter()
            .map(|line| {
                let is_failing = Some(line.number) == last;
                let mark = is_failing.then_some("true");
                view! {
                    <span class="excerpt__line" data-number=line.number data-failing=mark>
                        {format!("{}\n", line.text)}
                    </span>
                }
            })
            .collect_view();
        let template = problem.template.clone().unwrap_or_default();
        view! {
            <figure class="excerpt">
                <figcaption>{template}</figcaption>
                <pre tabindex="0">
                    <code>{lines}</code>
                </pre>
            </figure>
        }
    });
    let typed = problem.values_line.map(|number| {
        let at = (number as usize).saturating_sub(1);
        let text = values.lines().nth(at).unwrap_or_default().to_owned();
        view! {
            <figure class="excerpt">
                <figcaption>"Your values"</figcaption>
                <pre tabindex="0">
                    <code>
                        <span class="excerpt__line" data-number=number data-failing="true">
                            {format!("{text}\n")}
                        </span>
                    </code>
                </pre>
            </figure>
        }
    });
    let value = problem.value.clone().map(|value| {
        let text = match problem.values_line {
            Some(_) => "It is about ",
            None => "It is about a value that you have not set: ",
        };
        view! {
            <p class="section__note">
                {text}
                <code>{value}</code>
            </p>
        }
    });
    let budget = problem.is_over_budget.then(|| {
        view! { <p class="section__note">"The chart asks for more work than a preview may take."</p> }
    });
    view! {
        <section class="render-problem" aria-label="Problem">
            <p class="mark" data-status="danger">
                <Icon name="failed" />
                "It does not render"
            </p>
            <pre class="render-problem__message" tabindex="0">{problem.message.clone()}</pre>
            {excerpt}
            {value}
            {typed}
            {budget}
        </section>
    }
    .into_any()
}

fn warnings(warnings: &[String]) -> Option<AnyView> {
    if warnings.is_empty() {
        return None;
    }
    let rows = warnings
        .iter()
        .map(|warning| {
            view! {
                <li data-status="warn">
                    <Icon name="alert" />
                    <span>{warning.clone()}</span>
                </li>
            }
        })
        .collect_view();
    Some(view! { <ul class="sentences">{rows}</ul> }.into_any())
}

/// By kind in the order of installation, each object unfolding to its YAML.
fn objects(objects: &[ManifestPart]) -> Option<AnyView> {
    if objects.is_empty() {
        return None;
    }
    let mut kinds: Vec<(&str, Vec<(usize, &ManifestPart)>)> = Vec::new();
    let mut place: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, object) in objects.iter().enumerate() {
        let kind = place.entry(object.kind.as_str()).or_insert_with(|| {
            kinds.push((object.kind.as_str(), Vec::new()));
            kinds.len() - 1
        });
        if let Some((_, of_kind)) = kinds.get_mut(*kind) {
            of_kind.push((at, object));
        }
    }
    let is_short = objects.len() <= MAX_OPEN_OBJECTS;
    let groups = kinds
        .into_iter()
        .map(|(kind, of_kind)| {
            let n = of_kind.len();
            let rows = of_kind
                .into_iter()
                .map(|(at, object)| view! { <li>{part(object, &format!("o{at}"))}</li> })
                .collect_view();
            let label = match kind {
                "" => "No kind".to_owned(),
                kind => kind.to_owned(),
            };
            section::kind(
                format!("kind-{}", kind.to_lowercase()),
                label,
                n,
                is_short,
                rows.into_any(),
            )
        })
        .collect_view();
    Some(section(count(objects.len() as u64, "object"), groups.into_any()))
}

fn section(heading: String, content: AnyView) -> AnyView {
    view! {
        <section class="section">
            <header class="section__head">
                <h3>{heading}</h3>
            </header>
            {content}
        </section>
    }
    .into_any()
}

fn hooks(hooks: &[ManifestPart]) -> Option<AnyView> {
    if hooks.is_empty() {
        return None;
    }
    let rows = hooks
        .iter()
        .enumerate()
        .map(|(at, hook)| view! { <li>{part(hook, &format!("h{at}"))}</li> })
        .collect_view();
    let rows = view! { <ul class="planned-list">{rows}</ul> };
    Some(section(count(hooks.len() as u64, "hook"), rows.into_any()))
}

fn part(object: &ManifestPart, id: &str) -> AnyView {
    let (html, n_lines) = yaml_lines(&object.yaml, &format!("{id}-"));
    let name = match object.name.as_str() {
        "" => "(no name)".to_owned(),
        name => name.to_owned(),
    };
    let label = format!("{} {name}", object.kind);
    let kind = (!object.events.is_empty()).then(|| {
        let words = format!("{} ({})", object.kind, object.events.join(", "));
        view! { <span class="object__kind">{words}</span> }
    });
    view! {
        <details class="planned" id=format!("{id}-object")>
            <summary class="object">
                {kind}
                <strong class="object__name">{name}</strong>
                <span class="object__facts">{file_name(&object.path)}</span>
                <Icon name="down" />
            </summary>
            <div class="planned__body">
                <p class="muted manifest__path">{object.path.clone()}</p>
                <CodeView html=html n_lines=n_lines label=label />
            </div>
        </details>
    }
    .into_any()
}

fn file_name(path: &str) -> String {
    path.rsplit('/').next().unwrap_or(path).to_owned()
}

fn notes(notes: &str) -> Option<AnyView> {
    (!notes.trim().is_empty()).then(|| {
        let notes = view! { <pre class="change__notes" tabindex="0">{notes.trim().to_owned()}</pre> };
        section("Notes".to_owned(), notes.into_any())
    })
}
