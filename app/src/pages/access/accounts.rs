//! `/accounts`: users and their roles, for administrators.

use leptos::prelude::*;
use model::access::{Grant, Role, UserSummary};
use model::page::Page as Part;

use super::super::{Page, Request};
use super::{done, grant_in_words};
use crate::api::{FormOutcome, form_outcome};
use crate::components::form::{Field, FormToken, why_not};
use crate::components::icon::Icon;
use crate::components::pager::Pager;
use crate::components::relative_time::RelativeTime;
use crate::error::AppError;
use crate::format::count;
use crate::routes::{Links, query_value};

pub(in crate::pages) async fn accounts(request: &Request, search: &str) -> Result<Page, AppError> {
    let done_word = query_value(search, "done").unwrap_or_default();
    let cursor = query_value(search, "cursor").unwrap_or_default();
    let outcome = form_outcome();
    // The user that something was done to, or tried to be, stays open.
    let open = match outcome.typed("do").as_str() {
        "" => query_value(search, "name").unwrap_or_default(),
        "create" => String::new(),
        _ => outcome.typed("name"),
    };
    let accounts = request.backend.accounts();
    let users = accounts.users_page(&request.viewer, &cursor, &open).await?;
    Ok(show(users, &done_word, &open, &outcome))
}

pub(in crate::pages) fn show(
    users: Part<UserSummary>,
    done_word: &str,
    open: &str,
    outcome: &FormOutcome,
) -> Page {
    let links = Links::here();
    let said = match done_word {
        _ if outcome.error.is_some() => None,
        "create" => Some("The user was added. Tell them their name and password; they can change it."),
        "disable" => Some("The user was disabled: their sessions ended and their tokens stopped working."),
        "enable" => Some("The user was enabled."),
        "password" => Some("The password was set, and every session of the user ended."),
        "grant" => Some("The role was given."),
        "revoke" => Some("The role was taken away."),
        "identity" => Some("The identity in clusters was set."),
        _ => None,
    };
    let adding = outcome.typed("do") == "create";
    let description = format!("{} and their roles.", count(users.total, "user"));
    let n_items = users.items.len() as u64;
    let step = |cursor: Option<String>| cursor.map(|cursor| links.accounts_from(&cursor));
    let (previous, next) = (step(users.previous), step(users.next));
    let rows = users
        .items
        .into_iter()
        .map(|user| {
            let is_open = !adding && user.name == open;
            user_row(user, is_open)
        })
        .collect_view();
    let view = view! {
        <header class="page-header">
            <h1>"Users"</h1>
            <p>
                "Who may come in, and what they may do. What everybody did is in the "
                <a href=links.audit(None, "")>"audit log"</a> "."
            </p>
            {done(said)}
            {why_not(outcome)}
        </header>
        <ul class="user-rows">{rows}</ul>
        <Pager first=users.first_position n_items=n_items total=users.total previous=previous next=next />
        <details class="disclosure" open=adding>
            <summary>"Add a user"</summary>
            {add_form(outcome, adding)}
        </details>
    };
    Page::new("Users", description, links.accounts(), view.into_any()).answering(outcome)
}

fn user_row(user: UserSummary, is_open: bool) -> AnyView {
    let roles: Vec<_> = user
        .grants
        .iter()
        .map(|grant| {
            let (role, place) = grant_in_words(grant);
            format!("{role} of {place}")
        })
        .collect();
    let roles = if roles.is_empty() {
        "no role".to_owned()
    } else {
        roles.join(", ")
    };
    let seen = match user.last_sign_in {
        Some(at) => view! { "signed in " <RelativeTime at=at /> }.into_any(),
        None => "never signed in".into_any(),
    };
    let links = Links::here();
    let name = user.name.clone();
    view! {
        <li class="user-row">
            <details open=is_open>
                <summary>
                    <span class="user-row__name">{name.clone()}</span>
                    {user.disabled.then(|| view! { <span class="badge" data-status="danger">"disabled"</span> })}
                    <span class="user-row__roles">{roles}</span>
                    <span class="user-row__seen">{seen}</span>
                    <Icon name="down" />
                </summary>
                <div class="user-row__body">
                    {grants(&name, &user.grants)} {identity_form(&user)} {password_form(&name)}
                    {switch(&name, user.disabled)}
                    <p class="user-row__log">
                        <a href=links.audit(None, &name)>"What they did"</a>
                    </p>
                </div>
            </details>
        </li>
    }
    .into_any()
}

fn grants(name: &str, grants: &[Grant]) -> AnyView {
    let held = grants
        .iter()
        .map(|grant| {
            let (role, place) = grant_in_words(grant);
            let label = format!("Take {role} of {place} from {name}");
            view! {
                <li>
                    <span><strong>{role}</strong> " of " {place}</span>
                    <form method="post" action=Links::here().accounts()>
                        <FormToken />
                        <input type="hidden" name="name" value=name.to_owned() />
                        <input type="hidden" name="role" value=grant.role.as_str() />
                        <input type="hidden" name="cluster" value=grant.cluster.clone().unwrap_or_default() />
                        <input type="hidden" name="namespace" value=grant.namespace.clone().unwrap_or_default() />
                        <button class="button" name="do" value="revoke" aria-label=label>"Take away"</button>
                    </form>
                </li>
            }
        })
        .collect_view();
    view! {
        <section>
            <h3>"Roles"</h3>
            <ul class="grants">{held}</ul>
            <form class="form form--row" method="post" action=Links::here().accounts()>
                <FormToken />
                <input type="hidden" name="name" value=name.to_owned() />
                {role_fields(name, "", false)}
                <button class="button" name="do" value="grant">"Give role"</button>
            </form>
        </section>
    }
    .into_any()
}

/// The role and where it holds.
fn role_fields(scope: &str, chosen: &str, is_optional: bool) -> AnyView {
    let id = format!("role-{scope}");
    let options = Role::ALL
        .into_iter()
        .map(|role| {
            let word = role.as_str();
            let is_chosen = word == chosen;
            view! { <option value=word selected=is_chosen>{word}</option> }
        })
        .collect_view();
    view! {
        <div class="field">
            <label for=id.clone()>"Role"</label>
            <select id=id name="role">
                {is_optional.then(|| view! { <option value="">"none yet"</option> })} {options}
            </select>
        </div>
        <Field
            label="Cluster"
            name="cluster"
            id=format!("cluster-{scope}")
            placeholder="all"
            required=false
        />
        <Field
            label="Namespace"
            name="namespace"
            id=format!("namespace-{scope}")
            placeholder="all"
            required=false
        />
    }
    .into_any()
}

fn identity_form(user: &UserSummary) -> AnyView {
    view! {
        <section>
            <h3>"In clusters"</h3>
            <form class="form form--row" method="post" action=Links::here().accounts()>
                <FormToken />
                <input type="hidden" name="name" value=user.name.clone() />
                <Field
                    label="User"
                    name="kubernetes_user"
                    id=format!("identity-user-{}", user.name)
                    value=user.kubernetes_user.clone()
                    required=false
                />
                <Field
                    label="Groups besides chartroom:users"
                    name="kubernetes_groups"
                    id=format!("identity-groups-{}", user.name)
                    value=user.kubernetes_groups.join(" ")
                    placeholder="none"
                    required=false
                />
                <button class="button" name="do" value="identity">"Set"</button>
            </form>
        </section>
    }
    .into_any()
}

fn password_form(name: &str) -> AnyView {
    view! {
        <section>
            <h3>"Password"</h3>
            <form class="form form--row" method="post" action=Links::here().accounts()>
                <FormToken />
                <input type="hidden" name="name" value=name.to_owned() />
                <Field
                    label="New password"
                    name="password"
                    id=format!("password-{name}")
                    kind="password"
                    autocomplete="new-password"
                />
                <button class="button" name="do" value="password">"Set password"</button>
            </form>
        </section>
    }
    .into_any()
}

fn switch(name: &str, disabled: bool) -> AnyView {
    let (word, label, explanation) = if disabled {
        (
            "enable",
            "Enable",
            "They can sign in again, and their tokens work again.",
        )
    } else {
        (
            "disable",
            "Disable",
            "Their sessions end at once and their tokens stop working. It can be undone.",
        )
    };
    let class = if disabled {
        "button"
    } else {
        "button button--danger"
    };
    view! {
        <section>
            <h3>{label}</h3>
            <form class="form form--row" method="post" action=Links::here().accounts()>
                <FormToken />
                <input type="hidden" name="name" value=name.to_owned() />
                <p class="muted">{explanation}</p>
                <button class=class name="do" value=word>{format!("{label} {name}")}</button>
            </form>
        </section>
    }
    .into_any()
}

fn add_form(outcome: &FormOutcome, is_this: bool) -> AnyView {
    let typed = |name: &str| {
        if is_this {
            outcome.typed(name)
        } else {
            String::new()
        }
    };
    view! {
        <form class="form" method="post" action=Links::here().accounts()>
            <FormToken />
            <Field
                label="Name"
                name="name"
                id="add-name".to_owned()
                value=typed("name")
                hint="Lower-case letters, digits, and - . _ @ between them"
            />
            <Field
                label="First password"
                name="password"
                id="add-password".to_owned()
                kind="password"
                autocomplete="new-password"
                hint="At least 12 characters"
            />
            <div class="form form--row">{role_fields("of-new-user", &typed("role"), true)}</div>
            <button class="button button--primary" name="do" value="create">"Add user"</button>
        </form>
    }
    .into_any()
}
