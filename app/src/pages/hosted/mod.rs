//! A hosted repository: uploading, what is in it, what was deleted, and who sees it.
//!
//! Everything is a form that works without a script. With one, `frontend/upload/upload.js` takes files that are dropped,
//! says what is odd about each before it is uploaded, and shows how far it is.

mod charts;
#[cfg(test)]
pub(super) mod gallery;
mod retention;
mod rights;
mod upload;
mod webhooks;

use leptos::prelude::*;
use model::hosted::{DeletedVersion, HostedRepository};
use model::repository::{RepositoryAction, RepositorySummary};

use super::{Page, Request};
use crate::api::{FormOutcome, origin};
use crate::components::form::{FormToken, checkbox, why_not};
use crate::components::icon::Icon;
use crate::components::notice::Notice;
use crate::components::relative_time::RelativeTime;
use crate::components::snippet::Snippet;
use crate::error::AppError;
use crate::format::count;
use crate::routes::{HostedPage, Links, query_value};

/// A repository, and what whoever looks may do with it.
struct Place<'a> {
    name: &'a str,
    can: &'a [RepositoryAction],
    hosted: &'a HostedRepository,
}

impl Place<'_> {
    fn can(&self, action: RepositoryAction) -> bool {
        self.can.contains(&action)
    }

    /// Where its forms are posted to.
    fn action(&self) -> String {
        Links::here().repository(self.name)
    }
}

/// What is below the head of its page.
pub(super) fn body(
    summary: &RepositorySummary,
    hosted: &HostedRepository,
    outcome: &FormOutcome,
    search: &str,
) -> AnyView {
    let place = Place {
        name: &summary.name,
        can: &summary.can,
        hosted,
    };
    view! {
        {done(&place, search)}
        {why_not(outcome)}
        {upload::results(&place, &outcome.uploads)}
        {place.can(RepositoryAction::Push).then(|| upload::upload(&place))}
        {charts::charts(&place)}
        {deleted(&place)}
    }
    .into_any()
}

/// A page on which something is decided about a repository.
pub(super) async fn decide(
    request: &Request,
    name: &str,
    page: HostedPage,
    search: &str,
) -> Result<Page, AppError> {
    match page {
        HostedPage::Retention => retention::ask(request, name, search).await,
        HostedPage::Webhooks => webhooks::ask(request, name, search).await,
        HostedPage::Rights => rights::ask(request, name, search).await,
    }
}

fn decision(name: &str, page: HostedPage, title: &str, view: AnyView, outcome: &FormOutcome) -> Page {
    let description = format!("{title} of the hosted repository {name}.");
    let canonical = Links::here().hosted(name, page);
    Page::new(format!("{title} of {name}"), description, canonical, view).answering(outcome)
}

/// The way back to the repository.
fn up(name: &str) -> AnyView {
    let links = Links::here();
    view! {
        <p class="page-header__up">
            <a href=links.repositories()>"Repositories"</a>
            " / "
            <a href=links.repository(name)>{name.to_owned()}</a>
        </p>
    }
    .into_any()
}

/// What is beside it.
pub(super) fn aside(summary: &RepositorySummary, hosted: &HostedRepository) -> AnyView {
    let place = Place {
        name: &summary.name,
        can: &summary.can,
        hosted,
    };
    view! {
        {place.can(RepositoryAction::Manage).then(|| view! { {visibility(&place)} {decisions(place.name)} })}
        {place.can(RepositoryAction::Push).then(|| from_ci(summary))}
    }
    .into_any()
}

/// What was done a moment ago, with the way back where there is one.
fn done(place: &Place<'_>, search: &str) -> Option<AnyView> {
    let text = match query_value(search, "done")?.as_str() {
        "deleted" => return undo(place, &query_value(search, "ids").unwrap_or_default()),
        "restored" => "It is back, as it was.",
        "uploaded" => "Uploaded. Everything is in the index, in the search and on its page.",
        "deprecated" => "The chart is marked as deprecated, in the index, too.",
        "undeprecated" => "The chart is not marked as deprecated any more.",
        "yanked" => "The version is left out of the index. By its exact name it can still be had.",
        "unyanked" => "The version is in the index again.",
        "copied" => return Some(copied(place, &query_value(search, "to")?)),
        "private" => "Private: visitors do not see that it exists.",
        "public" => "Public: whoever may read the catalog sees it.",
        _ => return None,
    };
    Some(view! { <Notice status="ok">{text}</Notice> }.into_any())
}

fn copied(place: &Place<'_>, to: &str) -> AnyView {
    // The address can say anything; only a repository that it could be is named.
    let known = place.hosted.copies_to.iter().find(|name| *name == to);
    let to = known.map(|name| {
        let href = Links::here().repository(name);
        view! { " into " <a href=href>{name.clone()}</a> }
    });
    view! { <Notice status="ok">"Copied byte for byte" {to} "."</Notice> }.into_any()
}

fn undo(place: &Place<'_>, ids: &str) -> Option<AnyView> {
    let ids: Vec<i64> = ids.split(',').filter_map(|id| id.parse().ok()).collect();
    let deleted = place
        .hosted
        .deleted
        .iter()
        .filter(|version| ids.contains(&version.id));
    let deleted: Vec<&DeletedVersion> = deleted.collect();
    let what = match deleted.as_slice() {
        [] => return Some(view! { <Notice status="ok">"Deleted."</Notice> }.into_any()),
        [one] => format!("{} {}", one.name, one.version),
        [first, ..] => format!("{} of {}", count(deleted.len() as u64, "version"), first.name),
    };
    let fields = deleted.iter().map(|version| id_field(version.id)).collect_view();
    let view = view! {
        <form class="notice" data-status="ok" method="post" action=place.action()>
            <FormToken />
            {fields}
            <Icon name="trash" />
            <p>{format!("Deleted {what}. ")}</p>
            <button class="button" name="do" value="restore">
                <Icon name="undo" />
                "Undo"
            </button>
        </form>
    };
    Some(view.into_any())
}

fn id_field(id: i64) -> impl IntoView {
    view! { <input type="hidden" name="id" value=id.to_string() /> }
}

fn deleted(place: &Place<'_>) -> Option<AnyView> {
    let deleted = &place.hosted.deleted;
    if deleted.is_empty() {
        return None;
    }
    let rows = deleted.iter().map(|version| {
        let what = format!("{} {}", version.name, version.version);
        let by = version.deleted_by.as_ref().map(|by| format!(" by {by}"));
        let label = format!("Bring {what} back");
        view! {
            <tr>
                <td>{what}</td>
                <td data-label="Deleted"><RelativeTime at=version.deleted /> {by}</td>
                <td class="data-table__action">
                    <form method="post" action=place.action()>
                        <FormToken />
                        {id_field(version.id)}
                        <button class="button" name="do" value="restore" aria-label=label>"Bring back"</button>
                    </form>
                </td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    let keep = match place.hosted.undo_secs {
        secs if secs % 86_400 == 0 => count(secs / 86_400, "day"),
        secs if secs % 3_600 == 0 => count(secs / 3_600, "hour"),
        secs => count(secs, "second"),
    };
    let view = view! {
        <section class="section" id="deleted">
            <header class="section__head">
                <h2>"Deleted"</h2>
            </header>
            <p class="muted section__note">{format!("What was deleted can come back for {keep}.")}</p>
            <div class="table-scroll" tabindex="0">
                <table class="data-table data-table--stacked">
                    <thead>
                        <tr>
                            <th scope="col">"Version"</th>
                            <th scope="col">"Deleted"</th>
                            <th scope="col"><span class="visually-hidden">"Bring back"</span></th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    };
    Some(view.into_any())
}

fn visibility(place: &Place<'_>) -> AnyView {
    view! {
        <section class="section" id="visibility">
            <header class="section__head">
                <h2>"Who sees it"</h2>
            </header>
            <form class="form" method="post" action=place.action()>
                <FormToken />
                {checkbox("private", "All its charts are private", place.hosted.is_private)}
                <p class="field__hint">
                    "Visitors do not see that private charts exist. Users with the role viewer for everything or a right here, and tokens of theirs, do."
                </p>
                <button class="button" name="do" value="visibility">"Save"</button>
            </form>
        </section>
    }
    .into_any()
}

/// The pages on which the rest is decided.
fn decisions(name: &str) -> AnyView {
    let links = HostedPage::ALL.into_iter().map(|page| {
        let text = match page {
            HostedPage::Rights => "Who may do what",
            HostedPage::Retention => "Retention rules",
            HostedPage::Webhooks => "Webhooks",
        };
        view! { <li><a href=Links::here().hosted(name, page)>{text}</a></li> }
    });
    let links = links.collect_view();
    view! { <ul class="section" aria-label="Decide about this repository">{links}</ul> }.into_any()
}

/// How programs upload.
fn from_ci(summary: &RepositorySummary) -> AnyView {
    let url = format!("{}{}", origin(), summary.url);
    let command = format!("curl --fail -u ci:$TOKEN --data-binary @chart-1.0.0.tgz {url}/api/charts");
    view! {
        <section class="section" id="ci">
            <header class="section__head">
                <h2>"From CI"</h2>
            </header>
            <Snippet label="Upload with a token" text=command />
            <p class="muted">
                "A token with the scope " <code>"charts:write"</code> " is made on the page "
                <a href=format!("{}#tokens", Links::here().account())>"Account"</a> "."
            </p>
        </section>
    }
    .into_any()
}
