//! The revisions of a release, the newest first, any two of which can be compared.

use leptos::prelude::*;
use model::release::{DamagedRecord, History, ReleaseDetail, ReleaseId, RevisionSummary};

use crate::components::mark::{Look, Mark};
use crate::components::relative_time::RelativeTime;
use crate::format::count;
use crate::routes::{ActionQuery, Links, ReleaseAction, ReleasePage, ReleaseTab};

pub(super) fn history(release: &ReleaseDetail, history: History) -> AnyView {
    let links = Links::here();
    let id = &release.summary.id;
    let damaged = damaged(history.damaged);
    let n_revisions = history.revisions.len();
    let rows = history
        .revisions
        .into_iter()
        .enumerate()
        .map(|(at, revision)| row(release, revision, at))
        .collect_view();
    let can_compare = n_revisions > 1;
    let head = if can_compare {
        view! {
            <button class="button">"Compare the two that are chosen"</button>
        }
        .into_any()
    } else {
        ().into_any()
    };
    view! {
        <form class="history" method="get" action=links.release_page(id, ReleasePage::Compare)>
            <div class="toolbar">
                <p class="toolbar__facts">{count(n_revisions as u64, "revision")}</p>
                {head}
            </div>
            <ol class="timeline" data-compares=can_compare.then_some("true")>{rows}</ol>
        </form>
        {damaged}
    }
    .into_any()
}

fn row(release: &ReleaseDetail, revision: RevisionSummary, at: usize) -> AnyView {
    let id = &release.summary.id;
    let n = revision.revision;
    let by = revision.by.map(|by| format!(" by {by}"));
    let app = (!revision.app_version.is_empty()).then(|| format!("app {}", revision.app_version));
    view! {
        <li class="timeline__item">
            <fieldset class="timeline__choice">
                <legend class="visually-hidden">{format!("Compare revision {n}")}</legend>
                {radio("from", "From", n, at == 1)}
                {radio("to", "To", n, at == 0)}
            </fieldset>
            <div class="timeline__main">
                <p class="timeline__title">
                    <strong>{format!("Revision {n}")}</strong>
                    <Mark look=Look::of_release(&revision.status) word=revision.status />
                </p>
                <p>{revision.description}</p>
                <p class="muted">
                    {revision.chart} " " <span class="version">{revision.chart_version}</span>
                    {app.map(|app| view! { <span class="release-header__fact">{app}</span> })}
                    {revision
                        .updated
                        .map(|at| view! { <span class="release-header__fact"><RelativeTime at=at /> {by}</span> })}
                </p>
                <p class="timeline__links">{links(id, release, n)}</p>
            </div>
        </li>
    }
    .into_any()
}

fn radio(name: &'static str, label: &'static str, revision: i64, is_chosen: bool) -> AnyView {
    view! {
        <label class="choice">
            <input type="radio" name=name value=revision.to_string() checked=is_chosen />
            {label}
        </label>
    }
    .into_any()
}

fn links(id: &ReleaseId, release: &ReleaseDetail, revision: i64) -> AnyView {
    let to = Links::here();
    let tabs = [
        (ReleaseTab::Values, "Values"),
        (ReleaseTab::Manifest, "Manifest"),
        (ReleaseTab::Notes, "Notes"),
    ];
    let tabs = tabs
        .into_iter()
        .map(|(tab, label)| {
            let name = format!("{label} of revision {revision}");
            view! { <a href=to.release_tab(id, tab, Some(revision)) aria-label=name>{label}</a> }
        })
        .collect_view();
    let is_there = Some(revision) == release.deployed_revision;
    let rollback = (release.rights.change && revision != release.summary.revision && !is_there).then(|| {
        let query = ActionQuery {
            revision: Some(revision),
            ..ActionQuery::default()
        };
        let href = to.release_action(id, ReleaseAction::Rollback, &query);
        view! { <a href=href>{format!("Roll back to {revision}")}</a> }
    });
    view! {
        {tabs}
        {rollback}
    }
    .into_any()
}

fn damaged(records: Vec<DamagedRecord>) -> Option<AnyView> {
    if records.is_empty() {
        return None;
    }
    let rows = records
        .into_iter()
        .map(|record| {
            view! {
                <tr>
                    <td>{format!("Revision {}", record.revision)}</td>
                    <td class="data-table__wide">{record.reason}</td>
                </tr>
            }
        })
        .collect_view();
    let section = view! {
        <section class="section releases__damaged">
            <header class="section__head">
                <h2>"Records that cannot be read"</h2>
            </header>
            <div class="table-scroll" tabindex="0">
                <table class="data-table data-table--stacked">
                    <thead>
                        <tr>
                            <th scope="col">"Record"</th>
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
