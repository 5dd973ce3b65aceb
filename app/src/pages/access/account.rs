//! `/account`: one's own tokens, sessions, password, and what one may do.

use leptos::prelude::*;
use model::access::{ClusterIdentity, Me, Scope, SessionSummary, TokenSummary};

use super::super::{Page, Request};
use super::{done, grant_in_words, identities};
use crate::api::{FormOutcome, ShownToken, form_outcome};
use crate::components::form::{Field, FormToken, why_not};
use crate::components::relative_time::RelativeTime;
use crate::components::snippet::Snippet;
use crate::error::AppError;
use crate::format::date;
use crate::routes::{Links, query_value};

/// What the page shows.
pub(in crate::pages) struct Account {
    pub(in crate::pages) me: Me,
    pub(in crate::pages) kubernetes_user: String,
    pub(in crate::pages) kubernetes_groups: Vec<String>,
    pub(in crate::pages) tokens: Vec<TokenSummary>,
    pub(in crate::pages) token_max_days: u32,
    pub(in crate::pages) sessions: Vec<SessionSummary>,
    pub(in crate::pages) clusters: Vec<ClusterIdentity>,
}

pub(in crate::pages) async fn account(request: &Request, search: &str) -> Result<Page, AppError> {
    let accounts = request.backend.accounts();
    let viewer = &request.viewer;
    let account = Account {
        tokens: accounts.tokens(viewer).await?,
        sessions: accounts.sessions(viewer).await?,
        clusters: accounts.cluster_identities(viewer).await?,
        me: accounts.me(viewer, None),
        kubernetes_user: viewer.kubernetes_user().unwrap_or_default().to_owned(),
        kubernetes_groups: viewer
            .kubernetes_groups()
            .into_iter()
            .map(str::to_owned)
            .collect(),
        token_max_days: accounts.token_max_days(),
    };
    Ok(show(
        account,
        query_value(search, "done").as_deref(),
        &form_outcome(),
    ))
}

pub(in crate::pages) fn show(account: Account, done_word: Option<&str>, outcome: &FormOutcome) -> Page {
    let links = Links::here();
    let said = done_word
        .filter(|_| outcome.error.is_none())
        .and_then(|word| match word {
            "password" => Some("The password was changed. Every other session ended; tokens still work."),
            "session" => Some("The session ended."),
            "token" => Some("The token was revoked."),
            "cluster-token" => Some("The cluster knows the token; it is used from now on."),
            "cluster-token-forgotten" => Some("The token is forgotten."),
            _ => None,
        });
    let facts = facts(&account);
    let view = view! {
        <header class="page-header">
            <h1>{account.me.name.clone()}</h1>
            <p>"Your tokens, sessions and password."</p>
            {done(said)}
            {why_not(outcome)}
        </header>
        <div class="columns">
            <div class="columns__main">
                {tokens(account.tokens, account.token_max_days, outcome)}
                {identities::clusters(&account.clusters, outcome)} {sessions(account.sessions)} {password()}
            </div>
            <aside class="columns__side" aria-label="What you may do">{facts}</aside>
        </div>
    };
    let description = "Your tokens, sessions and password.".to_owned();
    Page::new("Account", description, links.account(), view.into_any()).answering(outcome)
}

fn facts(account: &Account) -> AnyView {
    let roles = account
        .me
        .grants
        .iter()
        .map(|grant| {
            let (role, place) = grant_in_words(grant);
            view! { <li><strong>{role}</strong>" of "{place}</li> }
        })
        .collect_view();
    let none = account
        .me
        .grants
        .is_empty()
        .then(|| view! { <li class="muted">"None yet. An administrator can give you one."</li> });
    view! {
        <dl class="facts">
            <div>
                <dt>"Roles"</dt>
                <dd>
                    <ul>{roles} {none}</ul>
                </dd>
            </div>
            <div>
                <dt>"In clusters you are"</dt>
                <dd>
                    <code>{account.kubernetes_user.clone()}</code>
                </dd>
            </div>
            <div>
                <dt>"In the groups"</dt>
                <dd>
                    <ul>
                        {account
                            .kubernetes_groups
                            .iter()
                            .map(|group| view! { <li><code>{group.clone()}</code></li> })
                            .collect_view()}
                    </ul>
                </dd>
            </div>
        </dl>
    }
    .into_any()
}

fn tokens(tokens: Vec<TokenSummary>, max_days: u32, outcome: &FormOutcome) -> AnyView {
    let is_empty = tokens.is_empty();
    let rows = tokens.into_iter().map(token_row).collect_view();
    let table = (!is_empty).then(|| {
        view! {
            <div class="table-scroll" tabindex="0">
                <table class="data-table data-table--stacked">
                    <thead>
                        <tr>
                            <th scope="col">"Token"</th>
                            <th scope="col">"Scopes"</th>
                            <th scope="col">"Holds until"</th>
                            <th scope="col">"Last used"</th>
                            <th scope="col"><span class="visually-hidden">"Revoke"</span></th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
    });
    view! {
        <section class="section" id="tokens">
            <header class="section__head">
                <h2>"API tokens"</h2>
            </header>
            {outcome.new_token.clone().map(new_token)}
            {is_empty
                .then(|| {
                    view! {
                        <p class="muted section__note">
                            "A token lets a program act for you, within its scopes, without your password."
                        </p>
                    }
                })}
            {table}
            {token_form(max_days, outcome)}
        </section>
    }
    .into_any()
}

/// The only answer that holds a token's text.
fn new_token(token: ShownToken) -> AnyView {
    view! {
        <div class="new-token">
            <Snippet label=format!("New token {}", token.label) text=token.text />
            <p>
                "Copy it now: it is not shown again. Programs send it as "
                <code>"Authorization: Bearer …"</code>"."
            </p>
        </div>
    }
    .into_any()
}

fn token_row(token: TokenSummary) -> AnyView {
    let scopes: Vec<_> = token.scopes.iter().map(|scope| scope.as_str()).collect();
    let expires = if token.is_expired {
        view! { <span data-status="danger">"ran out "{date(token.expires)}</span> }.into_any()
    } else {
        date(token.expires).into_any()
    };
    let last_used = match token.last_used {
        Some(at) => view! { <RelativeTime at=at /> }.into_any(),
        None => view! { <span class="muted">"never"</span> }.into_any(),
    };
    let name = format!("Revoke {}", token.label);
    view! {
        <tr>
            <td>{token.label} " " <code class="muted">{format!("{}…", token.hint)}</code></td>
            <td>{scopes.join(", ")}</td>
            <td data-label="Holds until">{expires}</td>
            <td data-label="Last used">{last_used}</td>
            <td class="data-table__action">
                <form method="post" action=Links::here().account()>
                    <FormToken />
                    <input type="hidden" name="id" value=token.id.to_string() />
                    <button class="button" name="do" value="revoke-token" aria-label=name>"Revoke"</button>
                </form>
            </td>
        </tr>
    }
    .into_any()
}

fn token_form(max_days: u32, outcome: &FormOutcome) -> AnyView {
    let is_this = outcome.typed("do") == "create-token";
    let chosen: Vec<&str> = outcome
        .typed
        .iter()
        .filter(|(name, _)| name == "scope")
        .map(|(_, value)| value.as_str())
        .collect();
    let scopes = Scope::ALL
        .into_iter()
        .map(|scope| {
            let word = scope.as_str();
            let meaning = match scope {
                Scope::Read => "the catalog",
                Scope::ReadReleases => "releases, without changing them",
                Scope::WriteReleases => "releases, including changing them",
                Scope::WriteCharts => "hosted charts, including uploading and deleting them",
                Scope::Admin => "users, repositories, audit log",
            };
            let is_chosen = chosen.contains(&word);
            view! {
                <label class="choice">
                    <input type="checkbox" name="scope" value=word checked=is_chosen />
                    <span><code>{word}</code> " " <span class="muted">{meaning}</span></span>
                </label>
            }
        })
        .collect_view();
    let days = if is_this {
        outcome.typed("valid_days")
    } else {
        max_days.min(90).to_string()
    };
    view! {
        <details class="disclosure" open=is_this>
            <summary>"New token"</summary>
            <form class="form" method="post" action=Links::here().account()>
                <FormToken />
                <Field
                    label="What it is for"
                    name="label"
                    id="token-label".to_owned()
                    value=outcome.typed("label")
                    placeholder="ci of the shop"
                />
                <fieldset class="choices">
                    <legend>"Scopes"</legend>
                    {scopes}
                </fieldset>
                <Field
                    label="Days it holds"
                    name="valid_days"
                    id="token-days".to_owned()
                    kind="number"
                    value=days
                    hint=format!("At most {max_days}")
                />
                <button class="button button--primary" name="do" value="create-token">"Create token"</button>
            </form>
        </details>
    }
    .into_any()
}

fn sessions(sessions: Vec<SessionSummary>) -> AnyView {
    let rows = sessions.into_iter().map(session_row).collect_view();
    view! {
        <section class="section" id="sessions">
            <header class="section__head">
                <h2>"Sessions"</h2>
            </header>
            <div class="table-scroll" tabindex="0">
                <table class="data-table data-table--stacked">
                    <thead>
                        <tr>
                            <th scope="col">"Browser"</th>
                            <th scope="col">"From"</th>
                            <th scope="col">"Last used"</th>
                            <th scope="col">"Began"</th>
                            <th scope="col"><span class="visually-hidden">"End"</span></th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

fn session_row(session: SessionSummary) -> AnyView {
    let browser = browser_in_words(&session.browser);
    let end = if session.is_current {
        view! { <span class="badge">"This browser"</span> }.into_any()
    } else {
        let name = format!("End the session of {browser}");
        view! {
            <form method="post" action=Links::here().account()>
                <FormToken />
                <input type="hidden" name="id" value=session.id.to_string() />
                <button class="button" name="do" value="end-session" aria-label=name>"End"</button>
            </form>
        }
        .into_any()
    };
    view! {
        <tr>
            <td title=session.browser>{browser}</td>
            <td data-label="From">{session.address}</td>
            <td data-label="Last used"><RelativeTime at=session.last_seen /></td>
            <td data-label="Began"><RelativeTime at=session.created /></td>
            <td class="data-table__action">{end}</td>
        </tr>
    }
    .into_any()
}

/// The name of a browser and its system, out of the long line that browsers call themselves.
fn browser_in_words(text: &str) -> String {
    // In this order: most name others besides themselves, for old reasons.
    let browsers = [
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ];
    let systems = [
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ];
    let find = |list: &[(&str, &'static str)]| {
        list.iter()
            .find(|(mark, _)| text.contains(mark))
            .map(|(_, name)| *name)
    };
    match (find(&browsers), find(&systems)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        _ if text.is_empty() => "Unknown".to_owned(),
        _ => text.chars().take(40).collect(),
    }
}

fn password() -> AnyView {
    view! {
        <section class="section" id="password">
            <header class="section__head">
                <h2>"Password"</h2>
            </header>
            <form class="form" method="post" action=Links::here().account()>
                <FormToken />
                <Field
                    label="Current password"
                    name="current_password"
                    id="current-password".to_owned()
                    kind="password"
                    autocomplete="current-password"
                />
                <Field
                    label="New password"
                    name="new_password"
                    id="new-password".to_owned()
                    kind="password"
                    autocomplete="new-password"
                    hint="At least 12 characters. Every other session ends."
                />
                <button class="button" name="do" value="change-password">"Change password"</button>
            </form>
        </section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::browser_in_words;

    #[test]
    fn browsers_are_named() {
        let rows = [
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36",
                "Chrome on Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 \
                 Safari/537.36 Edg/140.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Firefox on macOS",
            ),
            ("curl/8.14", "curl"),
            ("", "Unknown"),
            ("something else", "something else"),
        ];
        for (text, want) in rows {
            assert_eq!(browser_in_words(text), want);
        }
    }
}
