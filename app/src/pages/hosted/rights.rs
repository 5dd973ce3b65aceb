//! `/repositories/{name}/rights`: who may pull, push and delete here, besides what roles allow.

use leptos::prelude::*;
use model::hosted::{GrantSubject, HostedGrant, HostedRight};
use model::repository::RepositoryAction;

use super::super::{Page, Request};
use super::{decision, up};
use crate::api::{FormOutcome, form_outcome};
use crate::components::form::{Field, FormToken, why_not};
use crate::components::notice::Notice;
use crate::components::relative_time::RelativeTime;
use crate::error::AppError;
use crate::routes::{HostedPage, Links, query_value};

pub(super) async fn ask(request: &Request, name: &str, search: &str) -> Result<Page, AppError> {
    let hosted = request.backend.hosted();
    let tenant = hosted
        .tenant(&request.viewer, name, RepositoryAction::Manage)
        .await?;
    let rights = hosted.rights(&request.viewer, &tenant).await?;
    Ok(show(name, &tenant, rights, &form_outcome(), search))
}

pub(in crate::pages) fn show(
    name: &str,
    tenant: &str,
    rights: Vec<HostedGrant>,
    outcome: &FormOutcome,
    search: &str,
) -> Page {
    let said = match query_value(search, "done").as_deref() {
        _ if outcome.error.is_some() => None,
        Some("granted") => Some("The right was given. It holds from the next request on."),
        Some("revoked") => Some("The right was taken away."),
        _ => None,
    };
    let said = said.map(|said| view! { <Notice status="ok">{said}</Notice> });
    let view = view! {
        <header class="page-header">
            {up(name)}
            <h1>"Who may do what"</h1>
            <p>"Rights of users and groups in this repository. They add up with roles, and none takes another away."</p>
            {said}
            {why_not(outcome)}
        </header>
        <div class="columns">
            <div class="columns__main">
                {held(name, rights)}
                {give(name, tenant, outcome)}
            </div>
            <aside class="columns__side" aria-label="Roles">
                <section class="section">
                    <header class="section__head">
                        <h2>"What roles allow"</h2>
                    </header>
                    <dl class="facts">
                        <div><dt>"viewer"</dt><dd>"pull what is private"</dd></div>
                        <div><dt>"operator"</dt><dd>"push and delete, too"</dd></div>
                        <div><dt>"admin"</dt><dd>"decide about repositories, too"</dd></div>
                    </dl>
                    <p class="muted">
                        "Roles for everything, that is, in every hosted repository. They are given on the page "
                        <a href=Links::here().accounts()>"Users"</a> "."
                    </p>
                </section>
            </aside>
        </div>
    };
    decision(name, HostedPage::Rights, "Rights", view.into_any(), outcome)
}

fn held(name: &str, rights: Vec<HostedGrant>) -> AnyView {
    if rights.is_empty() {
        return view! { <p class="muted">"Nobody has a right here besides what roles allow."</p> }.into_any();
    }
    let rows = rights.into_iter().map(|grant| {
        let right = grant.right.as_str();
        let label = format!("Take {right} from {}", grant.name);
        let subject = match grant.subject {
            GrantSubject::User => None,
            GrantSubject::Group => Some(view! { " " <span class="badge">"group"</span> }),
        };
        view! {
            <tr>
                <td>{grant.name.clone()} {subject}</td>
                <td data-label="May">{right}</td>
                <td data-label="Where">{place(&grant.place)}</td>
                <td data-label="Given"><RelativeTime at=grant.granted /> {format!(" by {}", grant.granted_by)}</td>
                <td class="data-table__action">
                    <form method="post" action=Links::here().hosted(name, HostedPage::Rights)>
                        <FormToken />
                        <input type="hidden" name="id" value=grant.id.to_string() />
                        <button class="button" name="do" value="revoke" aria-label=label>"Take away"</button>
                    </form>
                </td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    view! {
        <div class="table-scroll" tabindex="0">
            <table class="data-table data-table--stacked">
                <thead>
                    <tr>
                        <th scope="col">"Who"</th>
                        <th scope="col">"May"</th>
                        <th scope="col">"Where"</th>
                        <th scope="col">"Given"</th>
                        <th scope="col"><span class="visually-hidden">"Take away"</span></th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// A place in words.
fn place(place: &str) -> String {
    match place {
        "" => "the repository without a tenant".to_owned(),
        "*" => "every hosted repository".to_owned(),
        place => match place.strip_suffix("/*") {
            Some(above) => format!("everything below {above}"),
            None => place.to_owned(),
        },
    }
}

/// The places that cover a tenant, the smallest first.
fn places(tenant: &str) -> Vec<String> {
    let mut places = vec![tenant.to_owned()];
    let mut above = tenant;
    while let Some((next, _)) = above.rsplit_once('/') {
        places.push(format!("{next}/*"));
        above = next;
    }
    places.push("*".to_owned());
    places
}

fn give(name: &str, tenant: &str, outcome: &FormOutcome) -> AnyView {
    let option = |value: String, text: String, chosen: &str| {
        let is_chosen = value == chosen;
        view! { <option value=value selected=is_chosen>{text}</option> }
    };
    let subjects = [(GrantSubject::User, "user"), (GrantSubject::Group, "group")];
    let chosen = outcome.typed("subject");
    let subjects = subjects
        .map(|(subject, text)| option(subject.as_str().to_owned(), text.to_owned(), &chosen))
        .collect_view();
    let chosen = outcome.typed("right");
    let rights = HostedRight::ALL.map(|right| {
        let text = match right {
            HostedRight::Pull => "pull what is private",
            HostedRight::Push => "push, and pull",
            HostedRight::Delete => "delete, and pull",
        };
        option(right.as_str().to_owned(), text.to_owned(), &chosen)
    });
    let rights = rights.collect_view();
    let chosen = outcome.typed("place");
    let places = places(tenant)
        .into_iter()
        .map(|one| option(one.clone(), place(&one), &chosen))
        .collect_view();
    view! {
        <section class="section" id="give">
            <header class="section__head">
                <h2>"Give a right"</h2>
            </header>
            <form class="form form--row" method="post" action=Links::here().hosted(name, HostedPage::Rights)>
                <FormToken />
                <div class="field">
                    <label for="subject">"To a"</label>
                    <select id="subject" name="subject">{subjects}</select>
                </div>
                <Field
                    label="Called"
                    name="who"
                    id="who".to_owned()
                    value=outcome.typed("who")
                />
                <div class="field">
                    <label for="right">"Who may"</label>
                    <select id="right" name="right">{rights}</select>
                </div>
                <div class="field">
                    <label for="place">"In"</label>
                    <select id="place" name="place">{places}</select>
                </div>
                <button class="button button--primary" name="do" value="grant">"Give right"</button>
            </form>
            <p class="field__hint">"The group " <code>"chartroom:users"</code> " is everybody who is signed in."</p>
        </section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::places;

    #[test]
    fn every_place_above_a_tenant_is_offered() {
        assert_eq!(places(""), ["", "*"]);
        assert_eq!(places("org"), ["org", "*"]);
        assert_eq!(
            places("org/team/repo"),
            ["org/team/repo", "org/team/*", "org/*", "*"]
        );
    }
}
