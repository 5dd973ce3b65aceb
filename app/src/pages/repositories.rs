//! Where charts come from: all repositories, and one with its history. Both follow what goes on while they are open.

use leptos::prelude::*;
use model::page::Page as Part;
use model::repository::{
    RepositoryDetail, RepositoryKind, RepositorySummary, SkippedEntry, SyncRun, SyncState,
};

use super::{Page, Request, hosted};
use crate::api::{FormOutcome, form_outcome, reachable};
use crate::components::notice::Notice;
use crate::components::pager::Pager;
use crate::components::relative_time::RelativeTime;
use crate::components::repository_state::RepositoryState;
use crate::components::snippet::Snippet;
use crate::error::AppError;
use crate::format::{count, duration, number};
use crate::head::Head;
use crate::routes::{Links, query_value};

pub(super) async fn list(request: &Request, search: &str) -> Result<Page, AppError> {
    let cursor = query_value(search, "cursor").unwrap_or_default();
    let repositories = request.backend.repositories();
    Ok(show_list(repositories.page(&request.viewer, &cursor).await?))
}

pub(super) fn show_list(part: Part<RepositorySummary>) -> Page {
    let links = Links::here();
    let is_busy = part
        .items
        .iter()
        .any(|repository| repository.state.running.is_some());
    let description = format!(
        "{} that the charts come from, and the state of each.",
        count(part.total, "repository")
    );
    let is_empty = part.total == 0;
    let n_items = part.items.len() as u64;
    let step = |cursor: Option<String>| cursor.map(|cursor| links.repositories_from(&cursor));
    let (previous, next) = (step(part.previous), step(part.next));
    let rows = part
        .items
        .into_iter()
        .map(|repository| {
            let href = links.repository(&repository.name);
            let charts = links.repository_charts(&repository.name);
            view! {
                <li class="repository-row">
                    <div>
                        <h2>
                            <a href=href>{repository.name}</a>
                        </h2>
                        <p class="repository-row__url">{source(repository.kind, &repository.url)}</p>
                        {repository.is_private.then(|| view! { <span class="badge">"private"</span> })}
                    </div>
                    <RepositoryState state=repository.state />
                    <p class="repository-row__counts">
                        <a href=charts>{count(repository.n_charts, "chart")}</a>
                        <span>{count(repository.n_versions, "version")}</span>
                    </p>
                </li>
            }
        })
        .collect_view();
    let view = view! {
        <header class="page-header">
            <h1>"Repositories"</h1>
            <p>"Where the charts come from, and how following each of them goes."</p>
        </header>
        <ul class="repository-rows">{rows}</ul>
        <Pager first=part.first_position n_items=n_items total=part.total previous=previous next=next />
        {is_empty
            .then(|| {
                view! {
                    <section class="empty">
                        <h2>"No repository yet"</h2>
                        <p>"Add one on the command line, or name it in the configuration:"</p>
                        <pre>
                            <code>"chartroom repo add NAME URL"</code>
                        </pre>
                    </section>
                }
            })}
    };
    Page::new("Repositories", description, links.repositories(), view.into_any()).live(is_busy)
}

fn source(kind: RepositoryKind, url: &str) -> String {
    match kind {
        RepositoryKind::Samples => "Charts that come with Chartroom".to_owned(),
        RepositoryKind::Synced => url.to_owned(),
        RepositoryKind::Hosted => reachable(url),
    }
}

pub(super) async fn one(request: &Request, name: &str, search: &str) -> Result<Page, AppError> {
    let detail = request.backend.repositories().get(&request.viewer, name).await?;
    Ok(show_one(detail, &form_outcome(), search))
}

pub(super) fn show_one(detail: RepositoryDetail, outcome: &FormOutcome, search: &str) -> Page {
    let links = Links::here();
    let RepositoryDetail {
        summary,
        skipped,
        history,
        hosted,
    } = detail;
    let name = summary.name.clone();
    let state = summary.state.clone();
    let is_busy = state.running.is_some();
    let description = format!(
        "State of the repository {name}: {}.",
        count(summary.n_charts, "chart")
    );
    let add = (summary.kind != RepositoryKind::Samples).then(|| {
        // Helm adds no registries; their charts are named by their whole addresses.
        let (label, text) = match summary.url.starts_with("oci://") {
            true => ("Pull a chart", format!("helm pull {}/CHART", summary.url)),
            false => (
                "Add it to helm",
                format!("helm repo add {name} {}", reachable(&summary.url)),
            ),
        };
        view! { <Snippet label=label text=text /> }
    });
    let canonical = links.repository(&name);
    let is_private = summary.is_private;
    let main = match &hosted {
        Some(hosted) => hosted::body(&summary, hosted, outcome, search),
        None => view! {
            {runs(history)}
            {skipped_entries(skipped, state.n_skipped)}
        }
        .into_any(),
    };
    let aside = hosted.as_ref().map(|hosted| hosted::aside(&summary, hosted));
    let last = if hosted.is_some() {
        "Last change"
    } else {
        "Last synced"
    };
    let view = view! {
        <header class="page-header">
            <p class="page-header__up">
                <a href=links.repositories()>"Repositories"</a>
            </p>
            <h1>{name.clone()}</h1>
            <p class="page-header__url">{source(summary.kind, &summary.url)}</p>
            {hosted.is_none().then(|| view! { <RepositoryState state=state.clone() /> })}
            {is_private.then(|| view! { <span class="badge">"private"</span> })}
        </header>
        {notices(&state)}
        <div class="columns">
            <div class="columns__main">{main}</div>
            <aside class="columns__side" aria-label="Facts">
                <dl class="facts">
                    <div>
                        <dt>"Charts"</dt>
                        <dd>
                            <a href=links.repository_charts(&name)>{number(summary.n_charts)}</a>
                        </dd>
                    </div>
                    {fact("Versions", number(summary.n_versions).into_any())}
                    {state.last_success.map(|at| fact(last, view! { <RelativeTime at=at /> }.into_any()))}
                    {state.next_run.map(|at| fact("Next run", view! { <RelativeTime at=at /> }.into_any()))}
                    {(state.n_archives_pending > 0)
                        .then(|| fact("Archives to fetch", number(state.n_archives_pending).into_any()))}
                    {(state.n_archives_failed > 0)
                        .then(|| fact("Archives not readable", number(state.n_archives_failed).into_any()))}
                </dl>
                {add}
                {aside}
            </aside>
        </div>
    };
    let head = Head::default()
        .with_feed(format!("Updated charts of {name}"), links.repository_feed(&name))
        .with_way(&[("Repositories", links.repositories()), (&name, canonical.clone())]);
    Page::new(name, description, canonical, view.into_any())
        .with_head(head)
        .live(is_busy)
        .answering(outcome)
}

fn fact(name: &'static str, value: AnyView) -> AnyView {
    view! {
        <div>
            <dt>{name}</dt>
            <dd>{value}</dd>
        </div>
    }
    .into_any()
}

fn notices(state: &SyncState) -> AnyView {
    let error = state
        .last_error
        .clone()
        .map(|error| view! { <Notice status="danger">{format!("Last attempt: {error}")}</Notice> });
    let held = state.held.clone().map(|held| {
        let text = format!(
            "The index shrank from {} to {}, so it was not taken over. An operator can accept it on the command line.",
            count(held.n_versions_before, "version"),
            count(held.n_versions_now, "version")
        );
        view! { <Notice status="warn">{text}</Notice> }
    });
    view! {
        {held}
        {error}
    }
    .into_any()
}

fn runs(history: Vec<SyncRun>) -> AnyView {
    if history.is_empty() {
        return view! { <p class="muted">"No sync has finished yet."</p> }.into_any();
    }
    let rows = history
        .into_iter()
        .map(|run| {
            let changes = changes(&run);
            view! {
                <tr>
                    <td>
                        <RelativeTime at=run.started />
                    </td>
                    <td>{duration(run.duration_ms)}</td>
                    <td data-status=run.error.is_some().then_some("danger")>{changes}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="section">
            <header class="section__head">
                <h2>"Runs"</h2>
            </header>
            <div class="table-scroll" tabindex="0">
                <table class="data-table">
                    <thead>
                        <tr>
                            <th scope="col">"Started"</th>
                            <th scope="col">"Took"</th>
                            <th scope="col">"What changed"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

fn changes(run: &SyncRun) -> String {
    if let Some(error) = &run.error {
        return error.clone();
    }
    let parts = [
        (run.n_added, "added"),
        (run.n_changed, "changed"),
        (run.n_yanked, "yanked"),
        (run.n_archives, "archives fetched"),
    ];
    let parts: Vec<_> = parts
        .into_iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, what)| format!("{} {what}", number(n)))
        .collect();
    if parts.is_empty() {
        "Nothing new".to_owned()
    } else {
        parts.join(", ")
    }
}

fn skipped_entries(skipped: Vec<SkippedEntry>, total: u64) -> Option<AnyView> {
    if skipped.is_empty() {
        return None;
    }
    let shown = skipped.len() as u64;
    let rows = skipped
        .into_iter()
        .map(|entry| {
            view! {
                <tr>
                    <td>{format!("{} {}", entry.name, entry.version)}</td>
                    <td>{entry.reason}</td>
                </tr>
            }
        })
        .collect_view();
    let more = (total > shown)
        .then(|| view! { <p class="muted">{format!("The first {shown} of {}.", number(total))}</p> });
    let section = view! {
        <section class="section">
            <header class="section__head">
                <h2>"Left out of the index"</h2>
            </header>
            <div class="table-scroll" tabindex="0">
                <table class="data-table">
                    <thead>
                        <tr>
                            <th scope="col">"Entry"</th>
                            <th scope="col">"Why"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            {more}
        </section>
    };
    Some(section.into_any())
}
