//! Who one is in clusters, as a part of the page of one's account.

use leptos::prelude::*;
use model::access::{ClusterIdentity, ClusterIdentityKind};

use crate::api::FormOutcome;
use crate::components::form::{Field, FormToken};
use crate::components::relative_time::RelativeTime;
use crate::format::date;
use crate::routes::Links;

/// Nothing where there is no cluster that the viewer may see anything of.
pub(super) fn clusters(identities: &[ClusterIdentity], outcome: &FormOutcome) -> Option<AnyView> {
    if identities.is_empty() {
        return None;
    }
    let rows = identities.iter().map(row).collect_view();
    let form = token_form(identities, outcome);
    Some(
        view! {
            <section class="section" id="clusters">
                <header class="section__head">
                    <h2>"Clusters"</h2>
                </header>
                <p class="muted section__note">
                    "A cluster decides by its own rules what you may do there. With a token of yours it is asked with that token and with nothing else."
                </p>
                <div class="table-scroll" tabindex="0">
                    <table class="data-table data-table--stacked">
                        <thead>
                            <tr>
                                <th scope="col">"Cluster"</th>
                                <th scope="col">"You are"</th>
                                <th scope="col">"By"</th>
                                <th scope="col"><span class="visually-hidden">"Forget the token"</span></th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
                {form}
            </section>
        }
        .into_any(),
    )
}

fn row(identity: &ClusterIdentity) -> AnyView {
    let cluster = identity.cluster.clone();
    let (user, by) = match &identity.kind {
        ClusterIdentityKind::Impersonated { user, .. } => (
            view! { <code>{user.clone()}</code> }.into_any(),
            "impersonation".into_any(),
        ),
        ClusterIdentityKind::Token {
            user,
            given,
            expires,
            is_expired,
        } => {
            let until = match (expires, is_expired) {
                (Some(at), true) => {
                    let text = format!("ran out {}", date(*at));
                    view! { ", " <span data-status="danger">{text}</span> }.into_any()
                }
                (Some(at), false) => format!(", until {}", date(*at)).into_any(),
                (None, _) => ().into_any(),
            };
            (
                view! { <code>{user.clone()}</code> }.into_any(),
                view! { "your token, given " <RelativeTime at=*given /> {until} }.into_any(),
            )
        }
        ClusterIdentityKind::TokenNeeded => (
            view! { <span class="muted">"nobody yet"</span> }.into_any(),
            view! { <span data-status="warn">"a token of yours is needed"</span> }.into_any(),
        ),
    };
    let forget = matches!(identity.kind, ClusterIdentityKind::Token { .. }).then(|| {
        let name = format!("Forget the token for {cluster}");
        view! {
            <form method="post" action=Links::here().account()>
                <FormToken />
                <input type="hidden" name="cluster" value=cluster.clone() />
                <button class="button" name="do" value="forget-cluster-token" aria-label=name>"Forget"</button>
            </form>
        }
    });
    view! {
        <tr>
            <td>{cluster}</td>
            <td data-label="You are">{user}</td>
            <td data-label="By">{by}</td>
            <td class="data-table__action">{forget}</td>
        </tr>
    }
    .into_any()
}

fn token_form(identities: &[ClusterIdentity], outcome: &FormOutcome) -> AnyView {
    let is_this = outcome.typed("do") == "give-cluster-token";
    let typed = outcome.typed("cluster");
    // One that cannot be used without is the one that is meant most likely.
    let needed = identities
        .iter()
        .find(|identity| identity.kind == ClusterIdentityKind::TokenNeeded);
    let chosen = if is_this {
        typed.as_str()
    } else {
        needed.map_or("", |identity| identity.cluster.as_str())
    };
    let options = identities
        .iter()
        .map(|identity| {
            let is_chosen = identity.cluster == chosen;
            view! { <option value=identity.cluster.clone() selected=is_chosen>{identity.cluster.clone()}</option> }
        })
        .collect_view();
    let is_open = is_this || needed.is_some();
    view! {
        <details class="disclosure" open=is_open>
            <summary>"Give a token"</summary>
            <form class="form" method="post" action=Links::here().account()>
                <FormToken />
                <div class="field">
                    <label for="token-cluster">"Cluster"</label>
                    <select id="token-cluster" name="cluster">{options}</select>
                </div>
                <Field
                    label="Token"
                    name="token"
                    id="cluster-token".to_owned()
                    kind="password"
                    autocomplete="off"
                    hint="For example what kubectl create token prints. It is kept encrypted until this session ends, and only this browser can open it."
                />
                <button class="button button--primary" name="do" value="give-cluster-token">"Give token"</button>
            </form>
        </details>
    }
    .into_any()
}
