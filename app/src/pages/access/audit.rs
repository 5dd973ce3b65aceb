//! `/audit`: who did what, the newest first.

use leptos::prelude::*;
use model::access::{AuditEntry, AuditPage, Outcome};

use super::super::{Page, Request};
use crate::components::relative_time::RelativeTime;
use crate::error::AppError;
use crate::routes::{Links, query_value};

pub(in crate::pages) async fn audit(request: &Request, search: &str) -> Result<Page, AppError> {
    let before = query_value(search, "before").and_then(|text| text.parse().ok());
    let actor = query_value(search, "actor").unwrap_or_default();
    let page = request
        .backend
        .audit()
        .list(
            &request.viewer,
            before,
            Some(actor.trim()).filter(|actor| !actor.is_empty()),
        )
        .await?;
    Ok(show(page, before, actor.trim()))
}

pub(in crate::pages) fn show(page: AuditPage, before: Option<i64>, actor: &str) -> Page {
    let links = Links::here();
    let is_empty = page.entries.is_empty();
    let rows = page.entries.into_iter().map(row).collect_view();
    let older = page.next.map(|next| {
        view! {
            <a class="button" rel="next" href=links.audit(Some(next), actor)>"Older"</a>
        }
    });
    let newest = before.map(|_| {
        view! {
            <a class="button" href=links.audit(None, actor)>"Newest"</a>
        }
    });
    let all = (!actor.is_empty()).then(|| view! { <a href=links.audit(None, "")>"Everybody's"</a> });
    let table = (!is_empty).then(|| {
        view! {
            <div class="table-scroll" tabindex="0">
                <table class="data-table data-table--stacked audit">
                    <thead>
                        <tr>
                            <th scope="col">"When"</th>
                            <th scope="col">"Who"</th>
                            <th scope="col">"What"</th>
                            <th scope="col">"To"</th>
                            <th scope="col">"Outcome"</th>
                            <th scope="col">"Details"</th>
                            <th scope="col">"From"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
    });
    let view = view! {
        <header class="page-header">
            <h1>"Audit log"</h1>
            <p>"What was done and what was tried in vain. Nothing in it can be changed or removed."</p>
        </header>
        <form class="form form--row audit__filter" method="get" action=links.audit(None, "")>
            <div class="field">
                <label for="audit-actor">"Who"</label>
                <input id="audit-actor" name="actor" value=actor.to_owned() placeholder="everybody" autocomplete="off" />
            </div>
            <button class="button">"Show"</button>
            {all}
        </form>
        {is_empty.then(|| view! { <p class="muted section__note">"Nothing yet."</p> })}
        {table}
        <p class="audit__more">{newest} {older}</p>
    };
    let description = "What was done and what was tried in vain.".to_owned();
    Page::new("Audit log", description, links.audit(None, ""), view.into_any())
}

fn row(entry: AuditEntry) -> AnyView {
    let who = match (entry.actor.as_str(), entry.via.as_str()) {
        ("", _) => "a visitor".to_owned(),
        (actor, "session" | "") => actor.to_owned(),
        (_, "command line") => "command line".to_owned(),
        (actor, via) => format!("{actor} ({via})"),
    };
    let status = match entry.outcome {
        Outcome::Done => None,
        Outcome::Refused | Outcome::Failed => Some("danger"),
    };
    view! {
        <tr>
            <td><RelativeTime at=entry.at /></td>
            <td>{who}</td>
            <td><code>{entry.action}</code></td>
            <td class="audit__object">{entry.object}</td>
            <td data-status=status>{entry.outcome.as_str()}</td>
            <td class="data-table__wide">{entry.detail}</td>
            <td data-label="From">{entry.address}</td>
        </tr>
    }
    .into_any()
}
