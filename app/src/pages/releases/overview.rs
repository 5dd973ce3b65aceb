//! How a release is: one sentence first, then how to reach it, its objects, and what happened lately.

use leptos::prelude::*;
use model::release::{AccessPoint, ClusterEvent, ReleaseDetail, Resources};

use crate::components::icon::Icon;
use crate::components::mark::Look;
use crate::components::problem::problems;
use crate::components::relative_time::RelativeTime;
use crate::components::resource_tree::ResourceTree;
use crate::components::snippet::Snippet;
use crate::format::{count, size};
use crate::routes::Links;

pub(super) fn overview(release: &ReleaseDetail, resources: Resources) -> AnyView {
    let namespace = release.summary.id.namespace.clone();
    let Resources {
        state,
        summary,
        objects,
        access,
        events,
        problems: missing,
    } = resources;
    let health = state.map(|state| {
        let look = Look::of_resource(state);
        view! {
            <p class="health" data-status=look.status>
                <Icon name=look.icon />
                <span>{summary}</span>
            </p>
        }
    });
    let n_objects = (!objects.is_empty()).then(|| count(objects.len() as u64, "object"));
    let tree = if objects.is_empty() {
        let text = if missing.is_empty() {
            "This release has no objects."
        } else {
            "Its objects could not be looked at."
        };
        view! { <p class="muted section__note">{text}</p> }.into_any()
    } else {
        view! { <ResourceTree resources=objects namespace=namespace /> }.into_any()
    };
    view! {
        <div class="columns">
            <div class="columns__main">
                <section class="release__health" aria-label="Health">
                    {health}
                    {problems(missing, "live")}
                </section>
                {reach(access)}
                <section class="section">
                    <header class="section__head">
                        <h2>"Objects"</h2>
                        <p class="muted">{n_objects}</p>
                    </header>
                    {tree}
                </section>
                {happened(events)}
            </div>
            <aside class="columns__side" aria-label="Facts">{facts(release)}</aside>
        </div>
    }
    .into_any()
}

fn reach(access: Vec<AccessPoint>) -> Option<AnyView> {
    if access.is_empty() {
        return None;
    }
    let rows = access
        .into_iter()
        .map(|point| {
            let link = point.url.filter(|url| is_web(url)).map(|url| {
                view! {
                    <a class="access-point__link" href=url.clone() rel="nofollow noopener noreferrer">
                        {url.clone()}
                        <Icon name="external" />
                    </a>
                }
            });
            let command = point
                .command
                .map(|command| view! { <Snippet label=format!("Reach {}", point.object) text=command /> });
            let name = command
                .is_none()
                .then(|| view! { <span class="muted">{point.object.clone()}</span> });
            let note = (!point.note.is_empty()).then(|| view! { <span class="muted">{point.note}</span> });
            view! {
                <li class="access-point">
                    {link}
                    {command}
                    {(name.is_some() || note.is_some()).then(|| view! { <p>{name} " " {note}</p> })}
                </li>
            }
        })
        .collect_view();
    let section = view! {
        <section class="section">
            <header class="section__head">
                <h2>"How to reach it"</h2>
            </header>
            <ul class="access-points">{rows}</ul>
        </section>
    };
    Some(section.into_any())
}

pub(super) fn is_web(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

fn happened(events: Vec<ClusterEvent>) -> Option<AnyView> {
    if events.is_empty() {
        return None;
    }
    let rows = events
        .into_iter()
        .map(|event| {
            let times = (event.count > 1).then(|| format!(" \u{d7}{}", event.count));
            let (status, icon) = if event.is_warning {
                ("warn", "alert")
            } else {
                ("neutral", "info")
            };
            view! {
                <tr>
                    <td>{event.at.map(|at| view! { <RelativeTime at=at /> })}</td>
                    <td>
                        <span class="mark" data-status=status>
                            <Icon name=icon />
                            {event.reason}
                            {times}
                        </span>
                    </td>
                    <td class="events__object">{event.object}</td>
                    <td class="data-table__wide">{event.message}</td>
                </tr>
            }
        })
        .collect_view();
    let section = view! {
        <section class="section">
            <header class="section__head">
                <h2>"Events"</h2>
            </header>
            <div class="table-scroll" tabindex="0">
                <table class="data-table data-table--stacked events">
                    <thead>
                        <tr>
                            <th scope="col">"When"</th>
                            <th scope="col">"What"</th>
                            <th scope="col">"Object"</th>
                            <th scope="col">"Message"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    };
    Some(section.into_any())
}

fn facts(release: &ReleaseDetail) -> AnyView {
    let summary = &release.summary;
    let source = summary.source.as_ref().map(|source| {
        let note = if source.is_recorded {
            "installed from here"
        } else {
            "the only chart of this name and version in the catalog"
        };
        view! {
            <a href=Links::here().chart(&source.repository, &source.chart)>
                {format!("{}/{}", source.repository, source.chart)}
            </a>
            <span class="facts__note">{note}</span>
        }
        .into_any()
    });
    let digest = release.origin.as_ref().map(|origin| {
        let short = origin.digest.get(..12).unwrap_or(&origin.digest).to_owned();
        view! { <code title=origin.digest.clone()>{short}</code> }.into_any()
    });
    let labels = (!release.labels.is_empty()).then(|| {
        let rows = release
            .labels
            .iter()
            .map(|(key, value)| view! { <li><code>{format!("{key}={value}")}</code></li> })
            .collect_view();
        view! { <ul>{rows}</ul> }.into_any()
    });
    let deployed = release
        .deployed_revision
        .filter(|revision| *revision != summary.revision)
        .map(|revision| revision.into_any());
    let app = Some(summary.app_version.clone()).filter(|app| !app.is_empty());
    let about = Some(release.chart_description.clone()).filter(|text| !text.is_empty());
    let first = release
        .first_deployed
        .map(|at| view! { <RelativeTime at=at /> }.into_any());
    let record = (release.record_size_bytes > 0).then(|| {
        let percent = release.record_size_bytes.saturating_mul(100) / release.record_limit_bytes.max(1);
        format!(
            "{}, {percent}% of what fits",
            size(release.record_size_bytes as u64)
        )
        .into_any()
    });
    view! {
        <dl class="facts">
            {fact("Chart", about.map(IntoAny::into_any))}
            {fact("From", source)}
            {fact("App version", app.map(IntoAny::into_any))}
            {fact("First deployed", first)}
            {fact("Deployed revision", deployed)}
            {fact("Archive", digest)}
            {fact("Labels", labels)}
            {fact("Record", record)}
        </dl>
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
